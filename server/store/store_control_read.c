/* Control data from the tables into memory, whole: a city has 2,000 orgs and 11,000 seats. */
#include "server/store/store_control.h"
#include "base/limits.h"

#include <stdlib.h>
#include <string.h>

#define TABLES_CAP (512u << 20)

enum err store_control_ask(struct db *db, const char *sql, int64_t *out)
{
    struct db_statement *s;
    bool row;
    enum err e = db_prepare(db, sql, &s);
    if (e == ERR_OK)
        e = db_step(s, &row);
    if (e != ERR_OK)
        return e;
    *out = db_integer(s, 0);
    db_reset(s);
    return ERR_OK;
}

enum err store_control_count(struct db *db, const char *sql, size_t *out)
{
    int64_t count;
    enum err e = store_control_ask(db, sql, &count);
    if (e == ERR_OK)
        *out = (size_t)count;
    return e;
}

/* Rows of size, one more than counted, so that an empty table has an array, too. */
static void *room_for(struct control_tables *t, size_t count, size_t size)
{
    void *rows = arena_alloc(&t->arena, (count + 1) * size);
    CHECK(rows);
    return rows;
}

static const char *text_of(struct control_tables *t, struct db_statement *s, int column)
{
    char *text = arena_text(&t->arena, db_text(s, column));
    CHECK(text);
    return text;
}

static enum err load_orgs(struct db *db, struct control_tables *t)
{
    struct db_statement *s;
    bool row = true;
    size_t count, i = 0;
    enum err e = store_control_count(db, "SELECT count(*) FROM org", &count);
    if (e == ERR_OK)
        e = db_prepare(db, "SELECT number, parent, code, name, level, state FROM org ORDER BY number", &s);
    if (e != ERR_OK)
        return e;
    t->orgs = room_for(t, count, sizeof *t->orgs);
    while ((e = db_step(s, &row)) == ERR_OK && row && i < count) {
        struct control_org *o = &t->orgs[i++];
        o->number = (uint32_t)db_integer(s, 0);
        o->parent = (uint32_t)db_integer(s, 1);
        o->code = text_of(t, s, 2);
        o->name = text_of(t, s, 3);
        o->level = text_of(t, s, 4);
        o->state = text_of(t, s, 5);
        o->leaf = strcmp(o->level, "branch") == 0;
    }
    t->org_count = i;
    return e;
}

static int compare_listed(const void *a, const void *b)
{
    const struct control_org *x = *(const struct control_org *const *)a, *y = *(const struct control_org *const *)b;
    if ((x->parent == 0) != (y->parent == 0))
        return x->parent == 0 ? -1 : 1;
    return strcmp(x->code, y->code);
}

static void list_orgs(struct control_tables *t)
{
    t->listed = room_for(t, t->org_count, sizeof *t->listed);
    for (size_t i = 0; i < t->org_count; i++)
        t->listed[i] = &t->orgs[i];
    qsort(t->listed, t->org_count, sizeof *t->listed, compare_listed);
}

static void copy_bytes(uint8_t *out, size_t size, struct slice from)
{
    if (from.size == size)
        memcpy(out, from.data, size);
}

static void read_roles_by(const char *text, struct control_seat *seat)
{
    char *end;
    seat->roles_by = (uint32_t)strtoul(text, &end, 10);
    seat->roles_ms = strtoll(end, NULL, 10);
}

static enum err load_seats(struct db *db, struct control_tables *t)
{
    struct db_statement *s;
    bool row = true;
    size_t count, i = 0;
    enum err e = store_control_count(db, "SELECT count(*) FROM seat", &count);
    if (e == ERR_OK)
        e = db_prepare(db,
                       "SELECT number, org, person, roles, state, generation, key_hash, serial, certificate_ends_ms,"
                       " (SELECT value FROM meta WHERE name = '" STORE_ROLES_BY "' || number) FROM seat ORDER BY number",
                       &s);
    if (e != ERR_OK)
        return e;
    t->seats = room_for(t, count, sizeof *t->seats);
    while ((e = db_step(s, &row)) == ERR_OK && row && i < count) {
        struct control_seat *seat = &t->seats[i++];
        const char *bad;
        seat->number = (uint32_t)db_integer(s, 0);
        seat->org = (uint32_t)db_integer(s, 1);
        seat->person = text_of(t, s, 2);
        if (role_set_parse(text_of(t, s, 3), &seat->roles, &bad) != ERR_OK)
            seat->roles = 0; /* a role that this version doesn't know gives no rights */
        seat->state = (enum seat_state)db_integer(s, 4);
        seat->generation = (uint32_t)db_integer(s, 5);
        copy_bytes(seat->key_hash, sizeof seat->key_hash, db_blob(s, 6));
        copy_bytes(seat->serial, sizeof seat->serial, db_blob(s, 7));
        seat->certificate_ends_ms = db_integer(s, 8);
        if (!db_is_null(s, 9))
            read_roles_by(text_of(t, s, 9), seat);
        seat->version = "";
    }
    t->seat_count = i;
    return e;
}

static int compare_number(const void *key, const void *seat)
{
    uint32_t a = *(const uint32_t *)key, b = ((const struct control_seat *)seat)->number;
    return a < b ? -1 : a > b;
}

struct control_seat *store_control_seat(const struct control_tables *t, uint32_t number)
{
    return bsearch(&number, t->seats, t->seat_count, sizeof *t->seats, compare_number);
}

/* The same version text is not copied again at every report. */
static void set_version(struct control_tables *t, struct control_seat *seat, struct slice version)
{
    if (!slice_equal(slice_text(seat->version), version)) {
        const char *text = arena_text(&t->arena, version);
        seat->version = text ? text : "";
    }
}

enum err store_control_load_contacts(struct db *db, struct control_tables *t)
{
    struct db_statement *s;
    bool row = true;
    int64_t contact;
    enum err e = store_meta_get(db, "contact", &contact);
    if (e != ERR_OK || contact == t->contact)
        return e;
    e = db_prepare(db,
                   "SELECT seat, at_ms, queued, refused, conflicts, oldest_queued_ms, version,"
                   " (SELECT value FROM meta WHERE name = '" STORE_BROKEN "' || seat),"
                   " (SELECT value FROM meta WHERE name = '" STORE_REWRITTEN "' || seat),"
                   " (SELECT value FROM meta WHERE name = '" STORE_COPIES "' || seat) FROM contact WHERE changed > $1", &s);
    if (e != ERR_OK)
        return e;
    db_bind_integer(s, 1, t->contact);
    while ((e = db_step(s, &row)) == ERR_OK && row) {
        struct control_seat *seat = store_control_seat(t, (uint32_t)db_integer(s, 0));
        if (!seat)
            continue;
        seat->last_contact_ms = db_integer(s, 1);
        seat->queued = (uint32_t)db_integer(s, 2);
        seat->refused = (uint32_t)db_integer(s, 3);
        seat->conflicts = (uint32_t)db_integer(s, 4);
        seat->oldest_queued_ms = db_integer(s, 5);
        set_version(t, seat, db_text(s, 6));
        seat->broken = (uint32_t)db_integer(s, 7);
        seat->rewritten = (uint32_t)db_integer(s, 8);
        seat->copies_ms = db_integer(s, 9);
    }
    if (e == ERR_OK)
        t->contact = contact;
    return e;
}

static enum err load_epochs(struct db *db, struct control_tables *t)
{
    struct db_statement *s;
    bool row = true;
    size_t count, i = 0;
    enum err e = store_control_count(db, "SELECT count(*) FROM epoch", &count);
    if (e == ERR_OK)
        e = db_prepare(db, "SELECT epoch, parent FROM epoch ORDER BY epoch", &s);
    if (e != ERR_OK)
        return e;
    t->epochs = room_for(t, count, sizeof *t->epochs);
    while ((e = db_step(s, &row)) == ERR_OK && row && i < count)
        t->epochs[i++] = (struct control_epoch){(uint32_t)db_integer(s, 0), (uint32_t)db_integer(s, 1)};
    t->epoch_count = i;
    return e;
}

static enum err load_lasts(struct db *db, struct control_tables *t)
{
    struct db_statement *s;
    bool row = true;
    size_t count, i = 0;
    enum err e = store_control_count(db, "SELECT count(*) FROM epoch_last", &count);
    if (e == ERR_OK)
        e = db_prepare(db, "SELECT epoch, org, seq FROM epoch_last ORDER BY epoch, org", &s);
    if (e != ERR_OK)
        return e;
    t->lasts = room_for(t, count, sizeof *t->lasts);
    while ((e = db_step(s, &row)) == ERR_OK && row && i < count)
        t->lasts[i++] = (struct control_last){(uint32_t)db_integer(s, 0), (uint32_t)db_integer(s, 1), (uint64_t)db_integer(s, 2)};
    t->last_count = i;
    return e;
}

static enum err load_address(struct db *db, struct control_tables *t)
{
    struct buf text = BUF_INIT;
    enum err e = store_meta_text(db, "address", &text);
    t->address = arena_text(&t->arena, buf_slice(&text));
    buf_finish(&text);
    return e;
}

enum err store_control_load(struct db *db, struct control_tables *out)
{
    struct control_tables t = {0};
    arena_init(&t.arena, TABLES_CAP);
    enum err e = store_meta_get(db, "generation", &t.generation);
    if (e == ERR_OK)
        e = load_orgs(db, &t);
    if (e == ERR_OK)
        e = load_seats(db, &t);
    if (e == ERR_OK)
        e = store_control_load_contacts(db, &t);
    if (e == ERR_OK)
        e = load_epochs(db, &t);
    if (e == ERR_OK)
        e = load_lasts(db, &t);
    if (e == ERR_OK)
        e = store_control_load_erasures(db, &t);
    if (e == ERR_OK)
        e = load_address(db, &t);
    if (e != ERR_OK) {
        arena_finish(&t.arena);
        return e;
    }
    list_orgs(&t);
    *out = t;
    return ERR_OK;
}

void store_control_finish(struct control_tables *t)
{
    arena_finish(&t->arena);
    *t = (struct control_tables){0};
}

/* ---- invitations are asked for one by one ---- */

static enum err take_invitation(struct db_statement *s, struct arena *arena, struct control_invitation *out)
{
    bool row;
    const char *bad;
    struct control_invitation i = {0};
    enum err e = db_step(s, &row);
    if (e != ERR_OK)
        return e;
    if (!row)
        return ERR_NOT_FOUND;
    i.number = (uint32_t)db_integer(s, 0);
    i.org = (uint32_t)db_integer(s, 1);
    char *person = arena_text(arena, db_text(s, 2));
    char *roles = arena_text(arena, db_text(s, 3));
    i.person = person;
    i.ends_ms = db_integer(s, 4);
    i.seat = (uint32_t)db_integer(s, 5);
    i.by_seat = (uint32_t)db_integer(s, 6);
    db_reset(s);
    if (!person || !roles)
        return ERR_MEMORY;
    if (role_set_parse(roles, &i.roles, &bad) != ERR_OK)
        return ERR_NEWER;
    *out = i;
    return ERR_OK;
}

#define INVITATION "SELECT number, org, person, roles, ends_ms, seat, by_seat FROM invitation WHERE "

enum err store_control_find_invitation(struct db *db, struct slice secret_hash, struct arena *arena, struct control_invitation *out)
{
    struct db_statement *s;
    enum err e = db_prepare(db, INVITATION "secret_hash=$1", &s);
    if (e != ERR_OK)
        return e;
    db_bind_blob(s, 1, secret_hash);
    return take_invitation(s, arena, out);
}

enum err store_control_invitation(struct db *db, uint32_t number, struct arena *arena, struct control_invitation *out)
{
    struct db_statement *s;
    enum err e = db_prepare(db, INVITATION "number=$1", &s);
    if (e != ERR_OK)
        return e;
    db_bind_integer(s, 1, number);
    return take_invitation(s, arena, out);
}

enum err store_control_open_invitations(struct db *db, uint32_t org, int64_t now_ms, struct db_statement **out)
{
    struct db_statement *s;
    enum err e = db_prepare(db, "SELECT by_seat, count(*) FROM invitation WHERE org=$1 AND seat=0 AND ends_ms>$2 GROUP BY by_seat", &s);
    if (e != ERR_OK)
        return e;
    db_bind_integer(s, 1, org);
    db_bind_integer(s, 2, now_ms);
    *out = s;
    return ERR_OK;
}

enum err store_control_readings(struct db *db, uint32_t org, uint64_t after, int64_t after_ms, size_t max, struct db_statement **out)
{
    struct db_statement *s;
    enum err e = db_prepare(db,
                            "SELECT number, at_ms, seat, roles, kind, record, records, fields FROM reading WHERE org=$1"
                            " AND number>ifnull((SELECT number FROM reading WHERE number=$2 AND org=$1 AND at_ms=$3), 0)"
                            " ORDER BY number LIMIT $4",
                            &s);
    if (e != ERR_OK)
        return e;
    db_bind_integer(s, 1, org);
    db_bind_integer(s, 2, (int64_t)after);
    db_bind_integer(s, 3, after_ms);
    db_bind_integer(s, 4, (int64_t)max);
    *out = s;
    return ERR_OK;
}

enum err store_control_reading_known(struct db *db, const struct control_reading *r, bool *known)
{
    struct db_statement *s;
    bool row;
    enum err e = db_prepare(db,
                            "SELECT 1 FROM reading WHERE record=$1 AND seat=$2 AND at_ms>$3 AND at_ms<=$4 AND org=$5 AND kind=$6"
                            " AND roles=$7 AND fields=$8 LIMIT 1",
                            &s);
    if (e != ERR_OK)
        return e;
    db_bind_blob(s, 1, id_is_zero(r->id) ? slice_of(NULL, 0) : id_slice(&r->id));
    db_bind_integer(s, 2, r->seat);
    db_bind_integer(s, 3, r->at_ms - LIMIT_READING_MS);
    db_bind_integer(s, 4, r->at_ms);
    db_bind_integer(s, 5, r->org);
    db_bind_integer(s, 6, r->kind);
    db_bind_text(s, 7, slice_text(r->roles));
    db_bind_text(s, 8, slice_text(r->fields));
    e = db_step(s, &row);
    if (e != ERR_OK)
        return e;
    *known = row;
    db_reset(s);
    return ERR_OK;
}
