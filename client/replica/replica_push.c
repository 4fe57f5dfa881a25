/* What is sent and what the server said to it (rules 4-6, 20). */
#include "client/replica/broken.h"
#include "client/replica/handover.h"
#include "client/replica/kept.h"
#include "client/replica/outbox.h"
#include "client/replica/replica_missing.h"
#include "client/replica/replica_put_back.h"
#include "client/replica/replica_sync.h"
#include "base/limits.h"
#include "base/log.h"
#include "wire/wire.h"

#include <string.h>

/* ---- the next push ---- */

struct gathering {
    Wire__Push *push;
    struct arena *arena;
    size_t max, size, size_max;
    uint64_t next_n;
    size_t whole;        /* how many changes end at a group's edge */
    struct id group;     /* of the last one, zero: none */
    struct handover_makers makers;
    int64_t last, whole_last;
};

static ProtobufCBinaryData data_of(struct slice s)
{
    return (ProtobufCBinaryData){s.size, (uint8_t *)s.data};
}

/* Where values were erased from it since it was made it goes under the hash of then (rule 29). */
static void name_made(Wire__Sent *sent, struct slice bytes, struct slice made)
{
    uint8_t hash[HASH_SIZE];
    change_hash(bytes, hash);
    sent->has_hash = made.size == HASH_SIZE && memcmp(hash, made.data, HASH_SIZE) != 0;
    sent->hash = data_of(made);
}

static enum err add_sent(struct gathering *g, struct slice bytes, struct slice refusal, struct slice made)
{
    ProtobufCMessage *m;
    Wire__Sent *sent = arena_alloc(g->arena, sizeof *sent);
    if (!sent)
        return ERR_MEMORY;
    wire__sent__init(sent);
    sent->has_change = 1;
    sent->change = data_of(bytes);
    name_made(sent, bytes, made);
    if (refusal.size > 0) {
        enum err e = wire_open(&wire__refusal__descriptor, refusal, g->arena, &m);
        if (e != ERR_OK)
            return e == ERR_WIRE ? ERR_CORRUPT : e;
        sent->refused = (Wire__Refusal *)m;
    }
    g->push->sent[g->push->n_sent++] = sent;
    g->size += bytes.size;
    return ERR_OK;
}

/* A group alone is far below what a push holds for others: it is counted all the same where it is not cut. */
static bool is_room(struct gathering *g, struct slice bytes)
{
    bool proved = handover_count(&g->makers, bytes);
    return g->push->n_sent == 0 || (proved && g->push->n_sent < g->max && g->size + bytes.size <= g->size_max);
}

/* Rows: n, bytes, refusal, grp, local, hash. Groups are whole in one push (rule 15): what stands at the edge waits for the next one,
 * unless it is the only one. */
static enum err gather(struct gathering *g, struct db_statement *s)
{
    bool row;
    enum err e;
    while ((e = db_step(s, &row)) == ERR_OK && row) {
        uint64_t n = (uint64_t)db_integer(s, 0);
        struct id group = db_id(s, 3);
        bool edge = id_is_zero(group) || !id_equal(group, g->group);
        if (edge) {
            g->whole = g->push->n_sent;
            g->whole_last = g->last;
        }
        bool cut = !is_room(g, db_blob(s, 1)) && (edge || g->whole > 0);
        if (n != g->next_n || cut || g->push->n_sent >= LIMIT_CHANGES_PUSH)
            break;
        struct slice bytes = arena_copy(g->arena, db_blob(s, 1)), refusal = arena_copy(g->arena, db_blob(s, 2)), made = arena_copy(g->arena, db_blob(s, 5));
        int64_t local = db_integer(s, 4);
        e = bytes.data && made.data ? add_sent(g, bytes, refusal, made) : ERR_MEMORY;
        if (e != ERR_OK)
            break;
        g->group = group;
        g->last = local;
        g->next_n = n + 1;
    }
    if (e != ERR_OK)
        return e;
    if (row && db_integer(s, 0) == (int64_t)g->next_n && !id_is_zero(db_id(s, 3)) && id_equal(db_id(s, 3), g->group) && g->whole > 0) {
        g->push->n_sent = g->whole;
        g->last = g->whole_last;
    }
    db_reset(s);
    return ERR_OK;
}

enum err push_name(struct replica *r, struct incarnation i, struct arena *arena, Wire__Push *out)
{
    struct incarnation parent;
    uint64_t fork_n;
    bool forked;
    enum err e = outbox_parent(r, i, &forked, &parent, &fork_n);
    if (e != ERR_OK)
        return e;
    struct slice name = arena_copy(arena, slice_of(i.bytes, INCARNATION_SIZE));
    out->has_incarnation = 1;
    out->incarnation = data_of(name);
    out->has_parent = out->has_fork_n = forked;
    if (forked) {
        out->parent = data_of(arena_copy(arena, slice_of(parent.bytes, INCARNATION_SIZE)));
        out->fork_n = fork_n;
    }
    return name.data ? ERR_OK : ERR_MEMORY;
}

static enum err say_what_is_lost(struct replica *r, struct incarnation i, uint64_t first, Wire__Push *out)
{
    bool lost;
    enum err e = broken_ends_before(r, i, first, &lost);
    if (e != ERR_OK)
        return e;
    out->has_trimmed_to = lost;
    out->trimmed_to = first - 1;
    return ERR_OK;
}

enum err replica_next_push(struct replica *r, int64_t after, size_t changes_max, size_t size_max, struct arena *arena,
                           Wire__Push *out, int64_t *last)
{
    struct db_statement *s;
    struct incarnation i;
    struct gathering g = {.push = out, .arena = arena, .size_max = size_max, .last = after, .whole_last = after};
    bool row;
    wire__push__init(out);
    g.max = changes_max > 0 && changes_max < LIMIT_CHANGES_PUSH ? changes_max : LIMIT_CHANGES_PUSH;
    out->sent = arena_alloc(arena, LIMIT_CHANGES_PUSH * sizeof *out->sent);
    if (!out->sent)
        return ERR_MEMORY;
    enum err e = sql_ask(r->db, &s, "SELECT incarnation, n FROM outbox WHERE seq = 0 AND local > ?1 ORDER BY local LIMIT 1", "i", after);
    if (e == ERR_OK)
        e = db_step(s, &row);
    if (e != ERR_OK || !row)
        return e;
    struct slice name = db_blob(s, 0);
    if (name.size != INCARNATION_SIZE)
        e = ERR_CORRUPT;
    else
        memcpy(i.bytes, name.data, INCARNATION_SIZE);
    g.next_n = (uint64_t)db_integer(s, 1);
    db_reset(s);
    if (e == ERR_OK)
        e = push_name(r, i, arena, out);
    if (e == ERR_OK)
        e = say_what_is_lost(r, i, g.next_n, out);
    if (e == ERR_OK)
        e = sql_ask(r->db, &s, "SELECT n, bytes, refusal, grp, local, hash FROM outbox WHERE incarnation = ?1 AND n >= ?2 AND seq = 0"
                               " ORDER BY n", "bi", slice_of(i.bytes, INCARNATION_SIZE), (int64_t)g.next_n);
    if (e == ERR_OK)
        e = gather(&g, s);
    *last = g.last;
    return e == ERR_OK ? handover_prove(r, arena, out) : e;
}

enum err replica_waits(struct replica *r, uint32_t org, bool *waits)
{
    int64_t found = 0;
    enum err e = sql_integer(r->db, 0, &found, "SELECT EXISTS(SELECT 1 FROM outbox WHERE seq = 0 AND (?1 = 0 OR org = ?1))", "i", (int64_t)org);
    if (e == ERR_OK)
        *waits = found != 0;
    return e;
}

/* ---- verdicts ---- */

static enum err take_refused(struct replica *r, const struct outbox_entry *entry, const Wire__Verdict *v, int64_t now_ms)
{
    struct buf refusal = BUF_INIT;
    Wire__Refusal none = WIRE__REFUSAL__INIT;
    wire_pack(v->refusal ? &v->refusal->base : &none.base, &refusal);
    enum err e = outbox_refuse(r, entry->local, v->seq, buf_slice(&refusal));
    if (e == ERR_OK)
        e = rows_replay(r, entry->kind, entry->id); /* it leaves the replay at once */
    if (e == ERR_OK)
        e = refusal_note(r, entry, buf_slice(&refusal), now_ms);
    buf_finish(&refusal);
    return e;
}

static enum err take_verdict(struct replica *r, struct incarnation i, const Wire__Verdict *v, int64_t now_ms, struct arena *arena,
                             struct replica_answer *out)
{
    struct outbox_entry entry;
    bool other = false;
    if (!v->has_n || !v->has_type || v->seq == 0 || v->seq > INT64_MAX)
        return ERR_PROTOCOL;
    enum err e = outbox_find(r, i, v->n, arena, &entry);
    if (e == ERR_NOT_FOUND)
        return ERR_OK; /* its entry was pulled before, or another copy of this answer */
    if (e == ERR_OK)
        e = position_is_of_other(r, entry.org, v->seq, entry.hash, &other);
    if (e != ERR_OK)
        return e;
    if (other) {
        out->misfit = entry.org;
        return ERR_OK;
    }
    out->decided += entry.seq == 0;
    if (v->type == WIRE__VERDICT_TYPE__REFUSED)
        return take_refused(r, &entry, v, now_ms);
    if (v->type == WIRE__VERDICT_TYPE__MERGED && entry.state == OUTBOX_WAITING)
        e = replica_merged_note(r, entry.kind, entry.id, arena);
    if (e != ERR_OK)
        return e;
    return outbox_acknowledge(r, entry.local, v->seq);
}

/* Of orgs that are kept here an acknowledged change ends when the cursor is there already (rule 20, "also if it was already"). */
static enum err settle_all(struct replica *r)
{
    struct db_statement *s;
    struct position list[16];
    size_t count = 0;
    bool row;
    enum err e = sql_ask(r->db, &s, "SELECT org, seq, promise FROM position WHERE snap = 0 OR snap_kind > 0", "");
    while (e == ERR_OK && (e = db_step(s, &row)) == ERR_OK && row && count < 16)
        list[count++] = (struct position){.org = (uint32_t)db_integer(s, 0), .seq = (uint64_t)db_integer(s, 1),
                                          .promise = (uint64_t)db_integer(s, 2)};
    if (e == ERR_OK)
        db_reset(s);
    for (size_t i = 0; e == ERR_OK && i < count; i++)
        e = position_settle(r, list[i].org, list[i].seq, list[i].promise);
    return e;
}

/* GAP: the server lacks n. What is here is sent again, also what stands in the kept log alone: the server has forgotten it, and a line
 * of its past that WELCOME could not name, since its journal went, too. What is here no longer is said with it (rule 6). */
static enum err take_gap(struct replica *r, struct incarnation i, uint64_t n, int64_t now_ms)
{
    uint64_t first, fork_n;
    struct incarnation parent;
    bool forked, found = false;
    enum err e = outbox_back_to(r, i, n, &first);
    if (e != ERR_OK || first == n)
        return e;
    if (first == 0)
        return inner_fail(r, ERR_PROTOCOL, "the server misses changes that this device never made");
    e = put_back_missing(r, i, n, first);
    if (e == ERR_OK)
        e = outbox_back_to(r, i, n, &first);
    if (e != ERR_OK || first == n)
        return e;
    e = outbox_parent(r, i, &forked, &parent, &fork_n);
    if (e == ERR_OK && !forked)
        e = put_back_parent(r, i, first, &found);
    if (e != ERR_OK || found)
        return e; /* it begins there: the next push says so */
    return broken_note(r, i, n, first - 1, now_ms);
}

/* The other copy's entry may have been pulled before: then it has been done. */
static enum err fork(struct replica *r, struct incarnation i, uint64_t n)
{
    enum err e = outbox_fork(r, i, n);
    return e == ERR_NOT_FOUND ? ERR_OK : e;
}

static enum err take_stop(struct replica *r, struct incarnation i, const Wire__Verdicts *v, int64_t now_ms, enum replica_stop *stop)
{
    *stop = REPLICA_AGAIN;
    switch (v->stop) {
    case WIRE__STOP__FORKED:
        log_warn("replica", "another copy of this database sent change %llu first: going on under a new incarnation",
                 (unsigned long long)v->stop_n);
        return fork(r, i, v->stop_n);
    case WIRE__STOP__GAP:
        return take_gap(r, i, v->stop_n, now_ms);
    case WIRE__STOP__LATER:
        *stop = REPLICA_LATER;
        return ERR_OK;
    default:
        *stop = REPLICA_GO_ON;
        return ERR_OK;
    }
}

enum err replica_take_verdicts(struct replica *r, const Wire__Verdicts *v, int64_t now_ms, struct replica_answer *out)
{
    struct incarnation i;
    struct arena arena;
    struct replica_answer answer = {.stop = REPLICA_GO_ON};
    if (v->incarnation.len != INCARNATION_SIZE)
        return ERR_PROTOCOL;
    memcpy(i.bytes, v->incarnation.data, INCARNATION_SIZE);
    enum err e = inner_begin(r);
    if (e != ERR_OK)
        return e;
    arena_init(&arena, LIMIT_ARENA);
    for (size_t at = 0; e == ERR_OK && at < v->n_verdict; at++) {
        arena_reset(&arena);
        e = take_verdict(r, i, v->verdict[at], now_ms, &arena, &answer);
    }
    if (e == ERR_OK)
        e = take_stop(r, i, v, now_ms, &answer.stop);
    if (e == ERR_NOT_FOUND)
        e = ERR_PROTOCOL;
    if (e == ERR_OK && v->n_verdict > 0 && v->stop != WIRE__STOP__LATER && replica_meta_integer(r, "recovering_until_ms", 0))
        e = replica_meta_put_integer(r, "recovering_until_ms", 0); /* it has ended under this session */
    if (e == ERR_OK)
        e = settle_all(r);
    arena_finish(&arena);
    e = inner_end(r, e);
    if (e == ERR_OK)
        *out = answer;
    return e;
}
