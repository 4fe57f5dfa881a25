/* Seats that control data do not know, as a restore leaves them behind: their devices call with a certificate of this district's CA, or
 * others hand back their entries. Observations, as contacts are: not journalled, and bounded. A row stays when its seat is taken in
 * again; who is known is none of them any more. */
#include "server/store/store_control.h"

#include "base/limits.h"

#include <string.h>

#define TELL_AGAIN_MS INT64_C(86400000)

static enum err look(struct db *db, const struct control_stranger *x, bool *known, int64_t *told_ms)
{
    struct db_statement *s;
    enum err e = db_prepare(db, "SELECT told_ms FROM stranger WHERE seat=$1 AND key_hash=$2", &s);
    if (e != ERR_OK)
        return e;
    db_bind_integer(s, 1, x->seat);
    db_bind_blob(s, 2, slice_of(x->key_hash, sizeof x->key_hash));
    e = db_step(s, known);
    if (e != ERR_OK || !*known)
        return e;
    *told_ms = db_integer(s, 0);
    db_reset(s);
    return ERR_OK;
}

/* Who called longest ago gives way. */
static enum err keep_few(struct db *db)
{
    struct db_statement *s;
    enum err e = db_prepare(db,
                            "DELETE FROM stranger WHERE (seat, key_hash) IN"
                            " (SELECT seat, key_hash FROM stranger ORDER BY last_ms DESC, seat LIMIT -1 OFFSET $1)",
                            &s);
    if (e != ERR_OK)
        return e;
    db_bind_integer(s, 1, LIMIT_STRANGERS);
    return db_run(s);
}

/* As it told; 0: none, or one that can't be. */
static enum err believed_org(struct db *db, const struct control_stranger *x, uint32_t *out)
{
    int64_t highest;
    enum err e = store_control_ceiling(db, "org", &highest);
    if (e == ERR_OK)
        *out = x->org <= highest ? x->org : 0;
    return e;
}

enum err store_control_note_stranger(struct db *db, const struct control_stranger *x, bool *tell)
{
    struct db_statement *s;
    bool known = false;
    uint32_t org = 0;
    int64_t told_ms = 0;
    enum err e = look(db, x, &known, &told_ms);
    if (e == ERR_OK)
        e = believed_org(db, x, &org);
    if (e != ERR_OK)
        return e;
    bool due = !known || x->last_ms - told_ms >= TELL_AGAIN_MS || x->last_ms < told_ms;
    e = db_prepare(db,
                   "INSERT INTO stranger(seat, key_hash, serial, certificate_ends_ms, org, queued, first_ms, last_ms, told_ms)"
                   " VALUES($1, $2, $3, $4, $5, $6, $7, $7, $8) ON CONFLICT(seat, key_hash) DO UPDATE SET serial=excluded.serial,"
                   " certificate_ends_ms=excluded.certificate_ends_ms, last_ms=excluded.last_ms, told_ms=excluded.told_ms,"
                   " queued=CASE WHEN excluded.org>0 THEN excluded.queued ELSE queued END,"
                   " org=CASE WHEN excluded.org>0 THEN excluded.org ELSE org END",
                   &s);
    if (e != ERR_OK)
        return e;
    db_bind_integer(s, 1, x->seat);
    db_bind_blob(s, 2, slice_of(x->key_hash, sizeof x->key_hash));
    db_bind_blob(s, 3, slice_of(x->serial, sizeof x->serial));
    db_bind_integer(s, 4, x->certificate_ends_ms);
    db_bind_integer(s, 5, org);
    db_bind_integer(s, 6, x->queued);
    db_bind_integer(s, 7, x->last_ms);
    db_bind_integer(s, 8, due ? x->last_ms : told_ms);
    e = db_run(s);
    if (e == ERR_OK && !known)
        e = keep_few(db);
    if (e == ERR_OK)
        *tell = due;
    return e;
}

enum err store_control_stranger_called(struct db *db, const struct control_stranger *x, int64_t *last_ms)
{
    struct db_statement *s;
    uint32_t org = 0;
    bool row;
    enum err e = believed_org(db, x, &org);
    if (e == ERR_OK)
        e = db_prepare(db, "SELECT last_ms FROM stranger WHERE seat=$1 AND key_hash=$2 AND (org>0 OR $3=0)", &s);
    if (e != ERR_OK)
        return e;
    db_bind_integer(s, 1, x->seat);
    db_bind_blob(s, 2, slice_of(x->key_hash, sizeof x->key_hash));
    db_bind_integer(s, 3, org);
    e = db_step(s, &row);
    if (e != ERR_OK)
        return e;
    *last_ms = row ? db_integer(s, 0) : 0;
    if (row)
        db_reset(s);
    return ERR_OK;
}

static void take(struct db_statement *s, struct control_stranger *out)
{
    struct slice key = db_blob(s, 1), serial = db_blob(s, 2);
    *out = (struct control_stranger){.seat = (uint32_t)db_integer(s, 0),
                                     .certificate_ends_ms = db_integer(s, 3),
                                     .org = (uint32_t)db_integer(s, 4),
                                     .queued = (uint32_t)db_integer(s, 5),
                                     .first_ms = db_integer(s, 6),
                                     .last_ms = db_integer(s, 7)};
    if (key.size == sizeof out->key_hash)
        memcpy(out->key_hash, key.data, key.size);
    if (serial.size == sizeof out->serial)
        memcpy(out->serial, serial.data, serial.size);
}

#define WHERE_UNKNOWN " WHERE seat>0 AND seat NOT IN (SELECT number FROM seat)"
/* Those of whom entries alone are here, too; incarnation is the store's. */
#define STRANGERS                                                                                                          \
    "SELECT seat, key_hash, serial, certificate_ends_ms, org, queued, first_ms, last_ms FROM stranger" WHERE_UNKNOWN       \
    " UNION ALL SELECT DISTINCT seat, x'', x'', 0, 0, 0, 0, 0 FROM incarnation" WHERE_UNKNOWN                              \
    " AND seat NOT IN (SELECT seat FROM stranger)"

static enum err count_strangers(struct db *db, size_t *out)
{
    struct db_statement *s;
    bool row;
    enum err e = db_prepare(db, "SELECT count(*) FROM (" STRANGERS ")", &s);
    if (e == ERR_OK)
        e = db_step(s, &row);
    if (e != ERR_OK)
        return e;
    *out = (size_t)db_integer(s, 0);
    db_reset(s);
    return ERR_OK;
}

enum err store_control_strangers(struct db *db, struct arena *arena, struct control_stranger **out, size_t *count)
{
    struct db_statement *s;
    bool row = true;
    size_t max, found = 0;
    enum err e = count_strangers(db, &max);
    struct control_stranger *list = e == ERR_OK ? arena_alloc(arena, (max + 1) * sizeof *list) : NULL;
    if (e == ERR_OK)
        e = list ? db_prepare(db, STRANGERS " ORDER BY 1, 8", &s) : ERR_MEMORY;
    while (e == ERR_OK && found < max && (e = db_step(s, &row)) == ERR_OK && row)
        take(s, &list[found++]);
    if (e != ERR_OK)
        return e;
    db_reset(s);
    *out = list;
    *count = found;
    return ERR_OK;
}
