/* See member_rows.h. */
#include "client/command/member_rows.h"
#include "client/command/record_find.h"
#include "wire/wire.h"

#include <stdlib.h>

struct loading {
    struct member_rows *rows;
    const struct kind *kind;
    const char *field;
    uint32_t org;
};

static enum err keep(struct member_rows *rows, struct id member, const struct replica_row *row)
{
    ProtobufCMessage *copy;
    struct member_row *list = arena_grow(rows->arena, rows->list, rows->count, &rows->capacity, sizeof *list);
    if (!list)
        return ERR_MEMORY;
    rows->list = list;
    enum err e = wire_copy(row->message, rows->arena, &copy);
    if (e == ERR_OK)
        rows->list[rows->count++] = (struct member_row){member, row->id, copy};
    return e;
}

static bool on_row(void *to, const struct replica_row *row)
{
    struct loading *l = to;
    struct id member = row->id;
    if (row->org != l->org || (!l->field && l->kind->gone && l->kind->gone(row->message)))
        return true;
    if (l->field) {
        struct cell value = record_get_name(row->message, l->field);
        if (value.type != CELL_BYTES || value.bytes.size != ID_SIZE)
            return true;
        member = id_from(value.bytes);
    }
    l->rows->failed = keep(l->rows, member, row);
    return l->rows->failed == ERR_OK;
}

static int by_member(const void *a, const void *b)
{
    const struct member_row *x = a, *y = b;
    int order = id_compare(x->member, y->member);
    return order ? order : id_compare(x->id, y->id);
}

enum err member_rows_load(struct seat *s, const char *kind, const char *field, struct arena *arena, struct member_rows *out)
{
    const struct kind *k = kind_by_name(kind);
    CHECK(k);
    *out = (struct member_rows){.arena = arena};
    struct loading l = {.rows = out, .kind = k, .field = field, .org = s->facts.home};
    enum err e = replica_scan(s->replica, k->number, s->now_ms, on_row, &l);
    if (e == ERR_OK)
        e = out->failed;
    if (e == ERR_OK && out->count > 1)
        qsort(out->list, out->count, sizeof *out->list, by_member);
    return e;
}

const struct member_row *member_rows_of(const struct member_rows *rows, struct id member, size_t *count)
{
    size_t low = 0, high = rows->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (id_compare(rows->list[middle].member, member) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    size_t end = low;
    while (end < rows->count && id_equal(rows->list[end].member, member))
        end++;
    *count = end - low;
    return *count ? &rows->list[low] : NULL;
}

size_t member_rows_called(const struct member_rows *members, const char *field, struct cell value, const struct member_row **out)
{
    const struct kind *k = kind_by_name("member");
    const struct member_row *gone = NULL;
    size_t here = 0, left = 0;
    for (size_t i = 0; i < members->count; i++) {
        const struct member_row *member = &members->list[i];
        if (!cell_equal(record_get_name(member->row, field), value))
            continue;
        bool has_left = record_find_has_left(k, member->row);
        *(has_left ? &gone : out) = member;
        here += !has_left;
        left += has_left;
    }
    if (!here && left)
        *out = gone;
    return here ? here : left;
}
