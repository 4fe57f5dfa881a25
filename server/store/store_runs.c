/* Incarnations of seats and the n that were processed of each (rule 3): runs that point into the orgs' logs, so that no index over
 * (incarnation, n) is needed. A run grows while n and seq go on together; entries of others in the same log, or one's own in
 * another, break it. What others do in other logs does not: a branch with one seat has one run for ever. */
#include "server/store/store_inner.h"

#include <string.h>

void store_forget_runs(struct store *s)
{
    memset(s->slots, 0, RUN_SLOTS * sizeof *s->slots);
}

static enum err write_run(struct store *s, struct run_slot *slot)
{
    struct db_statement *q;
    if (!slot->dirty)
        return ERR_OK;
    enum err e = db_prepare(s->db,
                            "INSERT INTO run(incarnation, n, org, seq, count) VALUES($1, $2, $3, $4, $5)"
                            " ON CONFLICT(incarnation, n) DO UPDATE SET count=excluded.count",
                            &q);
    if (e != ERR_OK)
        return e;
    db_bind_integer(q, 1, (int64_t)slot->incarnation);
    db_bind_integer(q, 2, (int64_t)slot->n);
    db_bind_integer(q, 3, slot->org);
    db_bind_integer(q, 4, (int64_t)slot->seq);
    db_bind_integer(q, 5, (int64_t)slot->count);
    e = db_run(q);
    if (e == ERR_OK)
        slot->dirty = false;
    return e;
}

enum err store_flush_runs(struct store *s)
{
    enum err e = ERR_OK;
    for (size_t i = 0; i < RUN_SLOTS && e == ERR_OK; i++)
        e = write_run(s, &s->slots[i]);
    return e;
}

/* The newest run of an incarnation that has no slot yet. */
static enum err load_last_run(struct store *s, uint64_t incarnation, struct run_slot *slot)
{
    struct db_statement *q;
    bool row;
    enum err e = db_prepare(s->db, "SELECT n, org, seq, count FROM run WHERE incarnation=$1 ORDER BY n DESC LIMIT 1", &q);
    if (e != ERR_OK)
        return e;
    db_bind_integer(q, 1, (int64_t)incarnation);
    e = db_step(q, &row);
    if (e != ERR_OK)
        return e;
    *slot = (struct run_slot){.incarnation = incarnation};
    if (row) {
        slot->n = (uint64_t)db_integer(q, 0);
        slot->org = (uint32_t)db_integer(q, 1);
        slot->seq = (uint64_t)db_integer(q, 2);
        slot->count = (uint64_t)db_integer(q, 3);
        db_reset(q);
    }
    return ERR_OK;
}

static bool goes_on(const struct run_slot *slot, uint64_t n, uint32_t org, uint64_t seq)
{
    return slot->count > 0 && slot->n + slot->count == n && slot->org == org && slot->seq + slot->count == seq;
}

enum err store_extend_run(struct store *s, uint64_t incarnation, uint64_t n, uint32_t org, uint64_t seq)
{
    struct run_slot *slot = &s->slots[incarnation % RUN_SLOTS];
    enum err e = ERR_OK;
    if (slot->incarnation != incarnation) {
        e = write_run(s, slot);
        if (e == ERR_OK)
            e = load_last_run(s, incarnation, slot);
        if (e != ERR_OK)
            return e;
    }
    if (goes_on(slot, n, org, seq)) {
        slot->count++;
    } else {
        e = write_run(s, slot);
        *slot = (struct run_slot){.incarnation = incarnation, .n = n, .org = org, .seq = seq, .count = 1};
    }
    slot->dirty = true;
    return e;
}

/* ---- incarnations ---- */

static enum err load_runs(struct store *s, struct store_incarnation *i, struct arena *arena)
{
    struct db_statement *q;
    int64_t count;
    bool row = true;
    enum err e = store_ask(s, "SELECT count(*) FROM run WHERE incarnation=$1", (int64_t)i->row, 0, &count);
    if (e == ERR_OK)
        e = db_prepare(s->db, "SELECT n, count FROM run WHERE incarnation=$1 ORDER BY n", &q);
    if (e != ERR_OK)
        return e;
    i->runs = arena_alloc(arena, ((size_t)count + 1) * sizeof *i->runs);
    if (!i->runs)
        return ERR_MEMORY;
    db_bind_integer(q, 1, (int64_t)i->row);
    while (i->run_count < (size_t)count && (e = db_step(q, &row)) == ERR_OK && row) {
        struct intake_run next = {(uint64_t)db_integer(q, 0), (uint64_t)db_integer(q, 1)};
        struct intake_run *last = i->run_count ? &i->runs[i->run_count - 1] : NULL;
        if (last && last->n + last->count == next.n)
            last->count += next.count; /* broken in history only */
        else
            i->runs[i->run_count++] = next;
    }
    db_reset(q);
    return e;
}

static void take_incarnation(struct db_statement *q, uint32_t seat, struct store_incarnation *out)
{
    struct slice bytes = db_blob(q, 1);
    *out = (struct store_incarnation){.row = (uint64_t)db_integer(q, 0), .seat = seat};
    if (bytes.size == INCARNATION_SIZE)
        memcpy(out->incarnation.bytes, bytes.data, INCARNATION_SIZE);
    bytes = db_blob(q, 2);
    out->has_parent = bytes.size == INCARNATION_SIZE;
    if (out->has_parent)
        memcpy(out->parent.bytes, bytes.data, INCARNATION_SIZE);
    out->fork_n = (uint64_t)db_integer(q, 3);
}

enum err store_load_incarnations(struct store *s, uint32_t seat, struct arena *arena, struct store_incarnation **out, size_t *count)
{
    struct db_statement *q;
    int64_t rows;
    size_t found = 0;
    bool row = true;
    enum err e = s->mode == STORE_WRITE ? store_flush_runs(s) : ERR_OK;
    if (e == ERR_OK)
        e = store_ask(s, "SELECT count(*) FROM incarnation WHERE seat=$1", seat, 0, &rows);
    if (e == ERR_OK)
        e = db_prepare(s->db, "SELECT number, incarnation, parent, fork_n FROM incarnation WHERE seat=$1 ORDER BY number", &q);
    if (e != ERR_OK)
        return e;
    struct store_incarnation *list = arena_alloc(arena, ((size_t)rows + 1) * sizeof *list);
    if (!list)
        return ERR_MEMORY;
    db_bind_integer(q, 1, seat);
    while (found < (size_t)rows && (e = db_step(q, &row)) == ERR_OK && row)
        take_incarnation(q, seat, &list[found++]);
    db_reset(q);
    for (size_t i = 0; i < found && e == ERR_OK; i++)
        e = load_runs(s, &list[i], arena);
    if (e != ERR_OK)
        return e;
    *out = list;
    *count = found;
    return ERR_OK;
}

enum err store_put_incarnation(struct store *s, struct store_incarnation *i)
{
    struct db_statement *q;
    bool row;
    enum err e = db_prepare(s->db,
                            "INSERT INTO incarnation(seat, incarnation, parent, fork_n) VALUES($1, $2, $3, $4)"
                            " ON CONFLICT(seat, incarnation) DO UPDATE SET parent=excluded.parent, fork_n=excluded.fork_n RETURNING number",
                            &q);
    if (e != ERR_OK)
        return e;
    db_bind_integer(q, 1, i->seat);
    db_bind_blob(q, 2, slice_of(i->incarnation.bytes, INCARNATION_SIZE));
    if (i->has_parent)
        db_bind_blob(q, 3, slice_of(i->parent.bytes, INCARNATION_SIZE));
    else
        db_bind_null(q, 3);
    db_bind_integer(q, 4, (int64_t)i->fork_n);
    e = db_step(q, &row);
    if (e != ERR_OK)
        return e;
    uint64_t number = row ? (uint64_t)db_integer(q, 0) : 0;
    if (row)
        e = db_step(q, &row); /* to the end: only then is the insert done for every SQL store */
    db_reset(q);
    if (e == ERR_OK)
        i->row = number;
    return e;
}

enum err store_find_processed(struct store *s, uint64_t incarnation_row, uint64_t n, struct arena *arena, uint32_t *org, struct entry *out)
{
    struct db_statement *q;
    bool row;
    enum err e = s->mode == STORE_WRITE ? store_flush_runs(s) : ERR_OK;
    if (e == ERR_OK)
        e = db_prepare(s->db, "SELECT n, org, seq, count FROM run WHERE incarnation=$1 AND n<=$2 ORDER BY n DESC LIMIT 1", &q);
    if (e != ERR_OK)
        return e;
    db_bind_integer(q, 1, (int64_t)incarnation_row);
    db_bind_integer(q, 2, (int64_t)n);
    e = db_step(q, &row);
    if (e != ERR_OK || !row)
        return e == ERR_OK ? ERR_NOT_FOUND : e;
    uint64_t first = (uint64_t)db_integer(q, 0), seq = (uint64_t)db_integer(q, 2), count = (uint64_t)db_integer(q, 3);
    uint32_t log = (uint32_t)db_integer(q, 1);
    db_reset(q);
    if (n >= first + count)
        return ERR_NOT_FOUND;
    e = store_read_entry(s, log, seq + (n - first), arena, out);
    if (e == ERR_OK)
        *org = log;
    return e;
}
