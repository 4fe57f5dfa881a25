/* See account.h. Invariant: what an account adds to the sums is what its measure says of all its rows as they stand;
 * each change takes out what it said of them before and puts in what it says of them after. */
#include "sync/account.h"
#include "sync/lookup.h"
#include <stdlib.h>

/* ---- which account a row stands in ---- */
struct place {
    struct cell by, key;
    bool stands; /* it has both */
};

static struct place place_of(const struct account *a, const ProtobufCMessage *row)
{
    struct place p = {.stands = false};
    if (!row)
        return p;
    p.by = record_get_name(row, a->by);
    p.key = record_get_name(row, a->key);
    p.stands = p.by.type != CELL_ABSENT && p.key.type != CELL_ABSENT;
    return p;
}

static bool same_place(const struct place *x, const struct place *y)
{
    return x->stands && y->stands && cell_equal(x->by, y->by) && cell_equal(x->key, y->key);
}

void account_keys(const struct kind *k, uint32_t org, const ProtobufCMessage *row, const struct scratch *scratch,
                  struct scratch_keys *missing)
{
    const struct account *a = k->account;
    struct cell by = a && row ? record_get_name(row, a->by) : (struct cell){.type = CELL_ABSENT};
    for (const uint32_t *number = a && by.type != CELL_ABSENT ? a->kinds : NULL; number && *number; number++) {
        const struct kind *other = kind_by_number(*number);
        struct scratch_key key = other ? lookup_key(other, org, a->by, by) : (struct scratch_key){.type = SCRATCH_ROW};
        if (other && !scratch_has(scratch, &key))
            scratch_keys_add(missing, key);
    }
}

/* ---- the rows of an account ---- */
struct rows {
    const ProtobufCMessage **list;
    size_t count, capacity;
};

static void add_row(struct rows *rows, const ProtobufCMessage *row)
{
    if (rows->count == rows->capacity) {
        rows->capacity = rows->capacity ? 2 * rows->capacity : 16;
        rows->list = realloc(rows->list, rows->capacity * sizeof *rows->list);
        CHECK(rows->list);
    }
    rows->list[rows->count++] = row;
}

static void add_others(const struct scratch *scratch, const struct account *a, const struct kind *k, uint32_t org,
                       struct id id, const struct place *place, struct rows *rows)
{
    struct scratch_key key = lookup_key(k, org, a->by, place->by);
    const ProtobufCFieldDescriptor *field = record_field(k->descriptor, a->key);
    const struct scratch_set *set = scratch_children(scratch, &key);
    const struct scratch_row *row;
    CHECK(field);
    for (size_t at = 0; (row = scratch_child(set, &at));)
        if (!id_equal(row->id, id) && cell_equal(record_get(row->message, field), place->key))
            add_row(rows, row->message);
}

/* All that stand there but the row of that id, which is laid in by the caller. */
static struct rows others_at(const struct scratch *scratch, const struct account *a, uint32_t org, struct id id,
                             const struct place *place)
{
    struct rows rows = {.list = NULL};
    for (const uint32_t *number = a->kinds; *number; number++)
        if (kind_by_number(*number))
            add_others(scratch, a, kind_by_number(*number), org, id, place, &rows);
    return rows;
}

/* ---- what a change does ---- */
typedef void on_account(void *to, const struct account *a, const struct account_rows *before,
                        const struct account_rows *after);

/* One account: with the row as it was, then as it is; NULL: it does not stand there. */
static void turn(const struct scratch *scratch, const struct account *a, uint32_t org, struct id id,
                 const struct place *place, const ProtobufCMessage *before, const ProtobufCMessage *after,
                 on_account *each, void *to)
{
    struct rows was = others_at(scratch, a, org, id, place), is = others_at(scratch, a, org, id, place);
    if (before)
        add_row(&was, before);
    if (after)
        add_row(&is, after);
    each(to, a, &(struct account_rows){was.list, was.count}, &(struct account_rows){is.list, is.count});
    free(was.list);
    free(is.list);
}

static void each_account(const struct scratch *scratch, const struct kind *k, uint32_t org, struct id id,
                         const ProtobufCMessage *before, const ProtobufCMessage *after, on_account *each, void *to)
{
    const struct account *a = k->account;
    if (!a)
        return;
    struct place left = place_of(a, before), came = place_of(a, after);
    if (same_place(&left, &came)) {
        turn(scratch, a, org, id, &left, before, after, each, to);
        return;
    }
    if (left.stands)
        turn(scratch, a, org, id, &left, before, NULL, each, to);
    if (came.stands)
        turn(scratch, a, org, id, &came, NULL, after, each, to);
}

static void put_in(void *to, const struct account *a, const struct account_rows *before,
                   const struct account_rows *after)
{
    org_state_account(to, a, before, after);
}

void account_change(struct org_state *state, const struct scratch *scratch, const struct kind *k, uint32_t org,
                    struct id id, const ProtobufCMessage *before, const ProtobufCMessage *after)
{
    each_account(scratch, k, org, id, before, after, put_in, state);
}

struct counting {
    const struct org_state *state;
    size_t measures;
};

/* Two accounts are counted apart: that is not less than there would be by more than they share. */
static void count(void *to, const struct account *a, const struct account_rows *before,
                  const struct account_rows *after)
{
    struct counting *c = to;
    c->measures += org_state_account_with(c->state, a, before, after);
    c->measures -= org_state_measures(c->state);
}

size_t account_measures_with(const struct org_state *state, const struct scratch *scratch, const struct kind *k,
                             uint32_t org, struct id id, const ProtobufCMessage *before, const ProtobufCMessage *after)
{
    struct counting c = {.state = state, .measures = org_state_measures(state)};
    each_account(scratch, k, org, id, before, after, count, &c);
    return c.measures;
}
