/* See replica_put_back.h. Order: newest first, each in front of all, so that the order in which they were made stays. */
#include "client/replica/replica_put_back.h"
#include "client/replica/kept.h"
#include "client/replica/outbox.h"
#include "base/limits.h"

#include <string.h>

static bool is_own_change(const struct entry *entry, uint32_t seat)
{
    return entry->identity.seat == seat && entry->verdict != VERDICT_SAME && entry->change.size > 0;
}

/* A folder that was set back to an old copy may have numbered new changes like entries of its own that it pulled again. */
static enum err fork_if_taken(struct replica *r, const struct entry *entry, struct arena *arena)
{
    struct outbox_entry mine;
    enum err e = outbox_find(r, entry->identity.incarnation, entry->identity.n, arena, &mine);
    if (e == ERR_NOT_FOUND)
        return ERR_OK;
    if (e != ERR_OK || mine.seq > 0 || slice_equal(mine.hash, slice_of(entry->identity.hash, HASH_SIZE)))
        return e;
    return outbox_fork(r, entry->identity.incarnation, entry->identity.n);
}

/* Before both stand in the outbox. Oldest first: a fork takes all that follow along. */
static enum err fork_what_is_taken(struct replica *r, uint32_t org, uint64_t after, uint32_t seat)
{
    struct arena arena;
    int64_t seq = (int64_t)after;
    enum err e = ERR_OK;
    arena_init(&arena, LIMIT_ARENA);
    while (e == ERR_OK) {
        struct entry entry;
        arena_reset(&arena);
        e = sql_integer(r->db, 0, &seq, "SELECT min(seq) FROM kept WHERE org = ?1 AND seq > ?2", "ii", (int64_t)org, seq);
        if (e != ERR_OK || seq == 0)
            break;
        e = kept_load(r, org, (uint64_t)seq, &arena, &entry);
        if (e == ERR_OK && is_own_change(&entry, seat))
            e = fork_if_taken(r, &entry, &arena);
    }
    arena_finish(&arena);
    return e;
}

/* Which of them. */
struct wanted {
    uint32_t seat;
    const struct incarnation *incarnation; /* NULL: any */
    uint64_t from, to;
};

static bool is_wanted(const struct wanted *w, const struct entry *entry)
{
    const struct identity *who = &entry->identity;
    return is_own_change(entry, w->seat) && (!w->incarnation || incarnation_equal(*w->incarnation, who->incarnation)) && who->n >= w->from &&
           who->n < w->to;
}

static enum err put_back(struct replica *r, uint32_t org, uint64_t after, const struct wanted *w)
{
    struct arena arena;
    int64_t seq = INT64_MAX;
    enum err e = ERR_OK;
    arena_init(&arena, LIMIT_ARENA);
    while (e == ERR_OK) {
        struct entry entry;
        arena_reset(&arena);
        e = sql_integer(r->db, 0, &seq, "SELECT max(seq) FROM kept WHERE org = ?1 AND seq > ?2 AND seq < ?3", "iii", (int64_t)org,
                        (int64_t)after, seq);
        if (e != ERR_OK || seq == 0)
            break;
        e = kept_load(r, org, (uint64_t)seq, &arena, &entry);
        if (e == ERR_OK && is_wanted(w, &entry))
            e = outbox_put_back(r, &entry, org);
    }
    arena_finish(&arena);
    return e;
}

enum err put_back_own(struct replica *r, uint32_t org, uint64_t after, uint32_t seat)
{
    struct wanted all = {.seat = seat, .to = UINT64_MAX};
    enum err e = fork_what_is_taken(r, org, after, seat);
    return e == ERR_OK ? put_back(r, org, after, &all) : e;
}

enum err put_back_missing(struct replica *r, struct incarnation i, uint64_t from, uint64_t to)
{
    struct replica_facts f;
    int64_t org = 0;
    enum err e = replica_facts(r, &f);
    while (e == ERR_OK) {
        struct wanted missing = {f.seat, &i, from, to};
        e = sql_integer(r->db, 0, &org, "SELECT min(org) FROM kept WHERE org > ?1", "i", org);
        if (e != ERR_OK || org == 0)
            break;
        e = put_back(r, (uint32_t)org, 0, &missing);
    }
    return e;
}

/* ---- forks of a copy ---- */

/* Incarnations that this database has had, or has changes of. */
static enum err own_incarnations(struct replica *r, struct buf *out)
{
    struct db_statement *s;
    bool row;
    enum err e = sql_ask(r->db, &s, "SELECT incarnation FROM incarnation UNION SELECT incarnation FROM outbox", "");
    while (e == ERR_OK && (e = db_step(s, &row)) == ERR_OK && row)
        if (db_blob(s, 0).size == INCARNATION_SIZE)
            buf_append_slice(out, db_blob(s, 0));
    if (e == ERR_OK)
        db_reset(s);
    return e;
}

/* And those of the seat in the kept log. */
static enum err kept_incarnations(struct replica *r, uint32_t seat, struct buf *out)
{
    struct db_statement *s;
    struct arena arena;
    bool row;
    arena_init(&arena, LIMIT_ARENA);
    enum err e = sql_ask(r->db, &s, "SELECT entry FROM kept", "");
    while (e == ERR_OK && (e = db_step(s, &row)) == ERR_OK && row) {
        struct entry entry;
        arena_reset(&arena);
        if (kept_open(db_blob(s, 0), &arena, &entry) == ERR_OK && entry.identity.seat == seat)
            buf_append(out, entry.identity.incarnation.bytes, INCARNATION_SIZE);
    }
    if (e == ERR_OK)
        db_reset(s);
    arena_finish(&arena);
    return e;
}

static bool find_parent(const struct buf *list, struct incarnation i, uint64_t n, const uint8_t hash[HASH_SIZE], struct incarnation *out)
{
    for (size_t at = 0; at < list->size; at += INCARNATION_SIZE) {
        struct incarnation parent;
        memcpy(parent.bytes, list->data + at, INCARNATION_SIZE);
        if (incarnation_equal(change_fork(parent, n, hash), i)) {
            *out = parent;
            return true;
        }
    }
    return false;
}

enum err put_back_parent(struct replica *r, struct incarnation i, uint64_t n, bool *found)
{
    struct replica_facts f;
    struct outbox_entry first;
    struct incarnation parent;
    struct arena arena;
    struct buf list = BUF_INIT;
    arena_init(&arena, LIMIT_ARENA);
    *found = false;
    enum err e = replica_facts(r, &f);
    if (e == ERR_OK)
        e = outbox_find(r, i, n, &arena, &first);
    if (e == ERR_OK)
        e = own_incarnations(r, &list);
    if (e == ERR_OK)
        e = kept_incarnations(r, f.seat, &list);
    if (e == ERR_OK && first.hash.size == HASH_SIZE && find_parent(&list, i, n, first.hash.data, &parent)) {
        *found = true;
        e = outbox_put_parent(r, i, parent, n);
    }
    buf_finish(&list);
    arena_finish(&arena);
    return e;
}
