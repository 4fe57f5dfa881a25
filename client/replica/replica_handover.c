/* See handover.h. */
#include "client/replica/handover.h"
#include "client/replica/outbox.h"
#include "client/replica/replica_erase.h"
#include "client/replica/replica_sync.h"
#include "base/limits.h"
#include "sync/origin.h"

#include <stdio.h>
#include <string.h>

#define CERTIFICATE_KEY "handover_certificate "
#define KEY_SIZE 48

/* ---- what goes into a file ---- */

/* What was refused stays in front of the person until it is sent again or given up, in the outbox or, once its entry was pulled, in
 * attention alone: there it is older than all that waits. */
#define UNSENT                                                                                                                             \
    " FROM (SELECT local, incarnation, n, bytes, hash FROM outbox WHERE state < 2 OR hash IN (SELECT hash FROM attention)"                \
    " UNION ALL SELECT n - (SELECT ifnull(max(n), 0) + 1 FROM attention) + ifnull((SELECT min(local) FROM outbox), 0), NULL, n, bytes, hash" \
    " FROM attention WHERE hash NOT IN (SELECT hash FROM outbox))"

static enum err read_change(struct db_statement *s, struct arena *arena, struct handover_change *out)
{
    struct change_origin origin;
    struct slice incarnation = db_blob(s, 0), hash = db_blob(s, 3);
    *out = (struct handover_change){.n = (uint64_t)db_integer(s, 1), .bytes = arena_copy(arena, db_blob(s, 2))};
    if (!out->bytes.data)
        return ERR_MEMORY;
    if (hash.size != HASH_SIZE || (incarnation.size && incarnation.size != INCARNATION_SIZE))
        return ERR_CORRUPT;
    memcpy(out->hash, hash.data, HASH_SIZE);
    if (incarnation.size)
        memcpy(out->incarnation.bytes, incarnation.data, INCARNATION_SIZE);
    enum err e = origin_find(out->bytes, arena, &origin);
    out->has_origin = e == ERR_OK;
    return e == ERR_NOT_FOUND ? ERR_OK : e == ERR_WIRE ? ERR_CORRUPT : e;
}

enum err handover_unsent(struct replica *r, struct arena *arena, struct handover_change **out, size_t *count)
{
    struct db_statement *s;
    int64_t found;
    bool row;
    size_t n = 0;
    enum err e = inner_begin(r); /* so that both questions see the same */
    if (e != ERR_OK)
        return e;
    struct handover_change *list = NULL;
    e = sql_integer(r->db, 0, &found, "SELECT count(*)" UNSENT, "");
    if (e == ERR_OK && !(list = arena_alloc(arena, ((size_t)found + 1) * sizeof *list)))
        e = ERR_MEMORY;
    if (e == ERR_OK)
        e = sql_ask(r->db, &s, "SELECT incarnation, n, bytes, hash" UNSENT " ORDER BY local", "");
    while (e == ERR_OK && (e = db_step(s, &row)) == ERR_OK && row && n < (size_t)found) {
        e = read_change(s, arena, &list[n]);
        n++;
    }
    e = inner_end(r, e);
    if (e != ERR_OK)
        return e;
    *out = list;
    *count = n;
    return ERR_OK;
}

/* ---- certificates of who made what was taken in ---- */

static const char *certificate_key(uint32_t seat, char out[KEY_SIZE])
{
    snprintf(out, KEY_SIZE, CERTIFICATE_KEY "%u", seat);
    return out;
}

/* False: there is no room for one more. */
static bool add_maker(struct handover_makers *m, uint32_t seat)
{
    size_t at = 0;
    while (at < m->count && m->seats[at] != seat)
        at++;
    if (at == LIMIT_MAKERS_PUSH)
        return false;
    m->seats[at] = seat;
    m->count += at == m->count;
    return true;
}

bool handover_count(struct handover_makers *m, struct slice bytes)
{
    uint32_t seat = change_for_seat(bytes);
    return !seat || (add_maker(m, seat) && ++m->changes <= LIMIT_ORIGINS_PUSH);
}

static enum err load_certificates(struct replica *r, const struct handover_makers *m, struct arena *arena, ProtobufCBinaryData **out, size_t *count)
{
    ProtobufCBinaryData *list = arena_alloc(arena, (m->count + 1) * sizeof *list);
    size_t n = 0;
    enum err e = list ? ERR_OK : ERR_MEMORY;
    for (size_t i = 0; e == ERR_OK && i < m->count; i++) {
        char key[KEY_SIZE];
        struct slice der;
        e = replica_meta_get(r, certificate_key(m->seats[i], key), arena, &der);
        if (e == ERR_OK)
            list[n++] = (ProtobufCBinaryData){der.size, (uint8_t *)der.data};
        else if (e == ERR_NOT_FOUND)
            e = ERR_OK; /* the server will say that it is not proved */
    }
    if (e != ERR_OK)
        return e;
    *out = list;
    *count = n;
    return ERR_OK;
}

enum err handover_certificates(struct replica *r, const struct handover_change *list, size_t count, struct arena *arena,
                               ProtobufCBinaryData **out, size_t *found)
{
    struct handover_makers m = {.count = 0};
    for (size_t i = 0; i < count; i++) {
        uint32_t seat = change_for_seat(list[i].bytes);
        if (seat && (!add_maker(&m, seat) || m.count == LIMIT_MAKERS_PUSH)) /* the seat's own is one of those of the file */
            return ERR_FULL;
    }
    return load_certificates(r, &m, arena, out, found);
}

enum err handover_prove(struct replica *r, struct arena *arena, Wire__Push *push)
{
    struct handover_makers m = {.count = 0};
    for (size_t i = 0; i < push->n_sent; i++)
        if (!handover_count(&m, slice_of(push->sent[i]->change.data, push->sent[i]->change.len)))
            return ERR_BUG; /* it was gathered by the same count */
    return m.count ? load_certificates(r, &m, arena, &push->certificate, &push->n_certificate) : ERR_OK;
}

/* ---- what is taken in ---- */

static enum err write_row(struct replica *r, const struct change *c, struct arena *arena)
{
    struct confirmed confirmed;
    bool held;
    enum err e = rows_held(r, c->org, &held);
    if (e != ERR_OK || !held || !c->kind)
        return e;
    e = rows_confirmed(r, c->kind, c->id, arena, &confirmed);
    if (e != ERR_OK)
        return e;
    if (!confirmed.org)
        confirmed.org = c->org;
    return rows_write(r, c->kind, c->id, &confirmed, arena);
}

/* Its bytes here, as n. ERR_TOO_LONG: with its origin over LIMIT_RECORD. */
static enum err hand_in(const struct handover_given *given, uint32_t seat, uint64_t n, struct arena *arena, struct slice *out)
{
    return origin_hand_in(given->bytes, seat, given->incarnation, given->signature, n, arena, out);
}

/* Nothing is decided here: its maker's device did, and the server will, by the rights of who hands it in. */
static enum err take_one(struct replica *r, uint32_t seat, const struct handover_given *given, struct arena *arena)
{
    char key[KEY_SIZE];
    struct incarnation current;
    struct slice bytes;
    struct change c;
    struct erase_book book;
    uint64_t n;
    enum err e = outbox_current(r, &current, &n);
    if (e == ERR_OK)
        e = hand_in(given, seat, n, arena, &bytes);
    if (e == ERR_OK)
        e = change_open(bytes, arena, &c);
    if (e == ERR_OK)
        e = erase_open(r, arena, &book);
    if (e == ERR_OK) {
        struct erasures known = erase_known(&book);
        (void)erase_change(&known, &c, NULL, arena); /* rule 29: the file is older than what was erased since */
        e = book.failed;
    }
    if (e == ERR_OK)
        e = outbox_put(r, &c);
    if (e == ERR_OK)
        e = replica_meta_put(r, certificate_key(given->seat, key), given->certificate);
    if (e == ERR_OK)
        e = sql_run(r->db, "INSERT INTO taken_in(hash) VALUES(?1)", "b", slice_of(given->hash, HASH_SIZE));
    return e == ERR_OK ? write_row(r, &c, arena) : e;
}

/* How many from the first of list on succeed or fail together: a group's changes follow each other. *large: one of them is too large,
 * whatever its n will be. */
static enum err look_at_unit(uint32_t seat, const struct handover_given *list, size_t count, struct arena *arena, size_t *unit, bool *large)
{
    struct change first, c;
    struct slice bytes;
    size_t n = 0;
    bool over = false;
    enum err e = change_open(list->bytes, arena, &first);
    for (; e == ERR_OK && n < count; n++) {
        if (n > 0 && (e = change_open(list[n].bytes, arena, &c)) != ERR_OK)
            break;
        if (n > 0 && !(first.grouped && c.grouped && id_equal(first.group, c.group)))
            break;
        e = hand_in(&list[n], seat, INT64_MAX, arena, &bytes);
        over = over || e == ERR_TOO_LONG;
        e = e == ERR_TOO_LONG ? ERR_OK : e;
    }
    if (e != ERR_OK)
        return e;
    *unit = n;
    *large = over;
    return ERR_OK;
}

struct taking {
    uint32_t seat; /* whose file it is */
    int64_t now_ms;
    struct arena *arena; /* of what is told */
};

static enum err leave_out(const struct handover_given *given, size_t count, struct arena *arena, struct handover_taken *done)
{
    struct change c;
    enum err e = done->too_large ? ERR_OK : change_open(given->bytes, arena, &c);
    if (e == ERR_OK && !done->too_large) {
        done->kind = c.kind_number;
        done->id = c.id;
    }
    done->too_large += count;
    return e;
}

static enum err note_refused(const struct change *c, const struct decision *no, struct arena *arena, struct handover_taken *done)
{
    done->refused_kind = c->kind;
    done->code = arena_text(arena, slice_text(no->code));
    done->field = no->field ? arena_text(arena, slice_text(no->field)) : NULL;
    done->action = c->action ? arena_text(arena, slice_text(c->action)) : NULL;
    bool whole = done->code && (done->field || !no->field) && (done->action || !c->action);
    for (size_t i = 0; i < 3 && no->argument[i]; i++) {
        done->argument[i] = arena_text(arena, slice_text(no->argument[i]));
        whole = whole && done->argument[i];
    }
    return whole ? ERR_OK : ERR_MEMORY;
}

/* What can be known here is said here (the server's word counts): a person who may not take it in finds another who may. */
static enum err judge_unit(struct replica *r, const struct taking *t, const struct handover_given *list, size_t count, struct arena *arena,
                           struct handover_taken *done)
{
    struct decision no;
    struct slice bytes;
    bool found = false;
    struct change *changes = arena_alloc(arena, count * sizeof *changes);
    enum err e = changes ? ERR_OK : ERR_MEMORY;
    for (size_t i = 0; e == ERR_OK && i < count; i++) {
        e = hand_in(&list[i], t->seat, 1 + i, arena, &bytes);
        if (e == ERR_OK)
            e = change_open(bytes, arena, &changes[i]);
    }
    if (e == ERR_OK)
        e = change_judge(r, changes, count, t->now_ms, arena, &no, &found);
    if (e == ERR_OK && found && !done->refused)
        e = note_refused(&changes[0], &no, t->arena, done);
    done->refused += found ? count : 0;
    return e;
}

static enum err take_unit(struct replica *r, const struct taking *t, const struct handover_given *list, size_t count, struct arena *arena,
                          struct handover_taken *done)
{
    int64_t before = 0;
    enum err e = sql_integer(r->db, 0, &before, "SELECT EXISTS(SELECT 1 FROM taken_in WHERE hash = ?1)", "b", slice_of(list->hash, HASH_SIZE));
    if (e == ERR_OK && !before)
        e = judge_unit(r, t, list, count, arena, done);
    for (size_t i = 0; e == ERR_OK && i < count; i++) {
        int64_t known;
        arena_reset(arena);
        e = sql_integer(r->db, 0, &known, "SELECT EXISTS(SELECT 1 FROM taken_in WHERE hash = ?1)", "b", slice_of(list[i].hash, HASH_SIZE));
        if (e == ERR_OK && !known)
            e = take_one(r, t->seat, &list[i], arena);
        done->known += known != 0;
        done->taken += known == 0;
    }
    return e;
}

enum err handover_take(struct replica *r, uint32_t seat, const struct handover_given *list, size_t count, int64_t now_ms, struct arena *told,
                       struct handover_taken *out)
{
    struct handover_taken done = {0};
    struct taking t = {seat, now_ms, told};
    struct arena arena;
    enum err e = inner_begin(r);
    if (e != ERR_OK)
        return e;
    arena_init(&arena, LIMIT_ARENA);
    for (size_t i = 0, unit = 0; e == ERR_OK && i < count; i += unit) {
        bool large;
        arena_reset(&arena);
        e = look_at_unit(seat, &list[i], count - i, &arena, &unit, &large);
        if (e == ERR_OK && large)
            e = leave_out(&list[i], unit, &arena, &done);
        else if (e == ERR_OK)
            e = take_unit(r, &t, &list[i], unit, &arena, &done);
    }
    arena_finish(&arena);
    e = inner_end(r, e);
    if (e == ERR_OK)
        *out = done;
    return e;
}
