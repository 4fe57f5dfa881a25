/* See account.h. Invariant: what an account adds to the sums is what its measure says of all its rows as they stand;
 * each change takes out what it said of them before and puts in what it says of them after. */
#include "sync/account.h"
#include "sync/carry.h"
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

/* ---- what must be here ---- */
static bool named_id(const struct account *a, const ProtobufCMessage *part, struct id *out)
{
    struct cell by = part ? record_get_name(part, a->by) : (struct cell){.type = CELL_ABSENT};
    bool named = by.type == CELL_BYTES && by.bytes.size == ID_SIZE;
    if (named)
        *out = id_from(by.bytes);
    return named;
}

/* The row that `by` names: the whole, or who the account is about. */
static void named_keys(const struct account *a, uint32_t kind, const ProtobufCMessage *part,
                       const struct scratch *scratch, struct scratch_keys *missing)
{
    struct scratch_key key = {.type = SCRATCH_ROW, .kind = kind};
    if (kind && named_id(a, part, &key.id) && !scratch_has(scratch, &key))
        scratch_keys_add(missing, key);
}

/* Of each kind but the whole the rows that have it in `by`. */
static void sets_keys(const struct account *a, uint32_t org, struct cell by, const struct scratch *scratch,
                      struct scratch_keys *missing)
{
    for (const uint32_t *number = a->kinds; *number && by.type != CELL_ABSENT; number++) {
        const struct kind *other = *number == a->whole ? NULL : kind_by_number(*number);
        struct scratch_key key = other ? lookup_key(other, org, a->by, by) : (struct scratch_key){.type = SCRATCH_ROW};
        if (other && !scratch_has(scratch, &key))
            scratch_keys_add(missing, key);
    }
}

/* Of a kind that accounts are about. Who was never there is not gone; who was erased does not come back by being removed. */
static bool is_gone(const struct kind *k, struct row_side row)
{
    return k->concerns && row.exists && (row.dead || k->gone(row.message));
}

void account_keys(const struct kind *k, uint32_t org, const struct id *id, struct row_side side,
                  const struct scratch *scratch, struct scratch_keys *missing)
{
    const struct account *a = k->account;
    const ProtobufCMessage *row = side.message;
    if (is_gone(k, side))
        sets_keys(k->concerns, org, cell_bytes(id_slice(id)), scratch, missing);
    if (!a || !row)
        return;
    if (a->whole == k->number) {
        sets_keys(a, org, cell_bytes(id_slice(id)), scratch, missing);
        return;
    }
    named_keys(a, a->whole ? a->whole : a->about, row, scratch, missing);
    if (!a->whole)
        sets_keys(a, org, record_get_name(row, a->by), scratch, missing);
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

/* Who the account is about is gone (account_rows.gone). */
static bool is_about_gone(const struct scratch *scratch, const struct account *a, uint32_t org, struct cell by)
{
    if (!a->about || by.type != CELL_BYTES || by.bytes.size != ID_SIZE)
        return false;
    const struct scratch_row *row = scratch_look(scratch, a->about, id_from(by.bytes));
    return row && row->org == org && is_gone(kind_by_number(a->about), carry_side(row));
}

/* An account on one side of a change: what stands in it besides the others (NULL: nothing), and whether who it is about is gone. */
struct side {
    const ProtobufCMessage *row;
    bool gone;
};

static struct rows rows_of(const struct scratch *scratch, const struct account *a, uint32_t org, struct id id,
                           const struct place *place, const ProtobufCMessage *row)
{
    struct rows rows = others_at(scratch, a, org, id, place);
    if (row)
        add_row(&rows, row);
    return rows;
}

/* One account, as it was, then as it is; id: of the row that changes. */
static void turn(const struct scratch *scratch, const struct account *a, uint32_t org, struct id id,
                 const struct place *place, struct side before, struct side after, on_account *each, void *to)
{
    struct rows was = rows_of(scratch, a, org, id, place, before.row), is = rows_of(scratch, a, org, id, place, after.row);
    each(to, a, &(struct account_rows){was.list, was.count, before.gone}, &(struct account_rows){is.list, is.count, after.gone});
    free(was.list);
    free(is.list);
}

/* By one of its rows; who it is about stays as it is. */
static void turn_row(const struct scratch *scratch, const struct account *a, uint32_t org, struct id id,
                     const struct place *place, const ProtobufCMessage *before, const ProtobufCMessage *after,
                     on_account *each, void *to)
{
    bool gone = is_about_gone(scratch, a, org, place->by);
    turn(scratch, a, org, id, place, (struct side){before, gone}, (struct side){after, gone}, each, to);
}

static struct account_rows pair(const ProtobufCMessage *part, const ProtobufCMessage *whole,
                                const ProtobufCMessage *room[2])
{
    size_t count = 0;
    if (part)
        room[count++] = part;
    if (part && whole)
        room[count++] = whole;
    return (struct account_rows){.list = room, .count = count};
}

static const ProtobufCMessage *whole_of(const struct scratch *scratch, const struct account *a, uint32_t org,
                                        const ProtobufCMessage *part)
{
    struct id id;
    const struct scratch_row *row = named_id(a, part, &id) ? scratch_look(scratch, a->whole, id) : NULL;
    return row && row->org == org ? row->message : NULL;
}

/* Each part as it stands, with the whole before and after. */
static void each_part(const struct scratch *scratch, const struct account *a, uint32_t org, struct id whole,
                      const ProtobufCMessage *before, const ProtobufCMessage *after, on_account *each, void *to)
{
    for (const uint32_t *number = a->kinds; *number; number++) {
        const struct kind *k = *number == a->whole ? NULL : kind_by_number(*number);
        if (!k)
            continue;
        struct scratch_key key = lookup_key(k, org, a->by, cell_bytes(id_slice(&whole)));
        const struct scratch_set *set = scratch_children(scratch, &key);
        const struct scratch_row *row;
        for (size_t at = 0; (row = scratch_child(set, &at));) {
            const ProtobufCMessage *was[2], *is[2];
            struct account_rows then = pair(row->message, before, was), now = pair(row->message, after, is);
            each(to, a, &then, &now);
        }
    }
}

static bool is_among(const struct cell *keys, size_t count, struct cell key)
{
    for (size_t i = 0; i < count; i++)
        if (cell_equal(keys[i], key))
            return true;
    return false;
}

/* All accounts of who went, or came back. */
static void each_about(const struct scratch *scratch, const struct account *a, uint32_t org, struct id id, bool went,
                       on_account *each, void *to)
{
    struct place place = {.by = cell_bytes(id_slice(&id)), .stands = true};
    struct cell *done = NULL;
    size_t count = 0;
    for (const uint32_t *number = a->kinds; *number; number++) {
        const struct kind *k = kind_by_number(*number);
        if (!k)
            continue;
        struct scratch_key key = lookup_key(k, org, a->by, place.by);
        const struct scratch_row *row;
        for (size_t at = 0; (row = scratch_child(scratch_children(scratch, &key), &at));) {
            place.key = record_get_name(row->message, a->key);
            if (place.key.type == CELL_ABSENT || is_among(done, count, place.key))
                continue;
            turn(scratch, a, org, (struct id){{0}}, &place, (struct side){NULL, !went}, (struct side){NULL, went}, each, to);
            done = realloc(done, (count + 1) * sizeof *done);
            CHECK(done);
            done[count++] = place.key;
        }
    }
    free(done);
}

static void one_part(const struct scratch *scratch, const struct account *a, uint32_t org,
                     const ProtobufCMessage *before, const ProtobufCMessage *after, on_account *each, void *to)
{
    const ProtobufCMessage *was[2], *is[2];
    struct account_rows then = pair(before, whole_of(scratch, a, org, before), was);
    struct account_rows now = pair(after, whole_of(scratch, a, org, after), is);
    each(to, a, &then, &now);
}

static void each_account(const struct scratch *scratch, const struct kind *k, uint32_t org, struct id id,
                         struct row_side was, struct row_side is, on_account *each, void *to)
{
    const struct account *a = k->account;
    const ProtobufCMessage *before = was.message, *after = is.message;
    if (is_gone(k, was) != is_gone(k, is))
        each_about(scratch, k->concerns, org, id, is_gone(k, is), each, to);
    if (!a)
        return;
    if (a->whole && a->whole == k->number) {
        each_part(scratch, a, org, id, before, after, each, to);
        return;
    }
    if (a->whole) {
        one_part(scratch, a, org, before, after, each, to);
        return;
    }
    struct place left = place_of(a, before), came = place_of(a, after);
    if (same_place(&left, &came)) {
        turn_row(scratch, a, org, id, &left, before, after, each, to);
        return;
    }
    if (left.stands)
        turn_row(scratch, a, org, id, &left, before, NULL, each, to);
    if (came.stands)
        turn_row(scratch, a, org, id, &came, NULL, after, each, to);
}

static void put_in(void *to, const struct account *a, const struct account_rows *before,
                   const struct account_rows *after)
{
    org_state_account(to, a, before, after);
}

void account_change(struct org_state *state, const struct scratch *scratch, const struct kind *k, uint32_t org,
                    struct id id, struct row_side before, struct row_side after)
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
                             uint32_t org, struct id id, struct row_side before, struct row_side after)
{
    struct counting c = {.state = state, .measures = org_state_measures(state)};
    each_account(scratch, k, org, id, before, after, count, &c);
    return c.measures;
}
