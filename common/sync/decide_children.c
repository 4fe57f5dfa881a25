/* Records that belong to others (FIELD_LOOKUP, FIELD_PART): no whole goes before its parts, and not so many belong to
 * one that looking at all of them, as the kinds' rules and the sums do, would cost more than a change may. */
#include "base/limits.h"
#include "sync/decide_parts.h"
#include "sync/lookup.h"

/* ---- a whole and its parts ---- */
bool decide_has_no_parts(struct deciding *d)
{
    struct lookup l;
    decide_lookup(d, &l);
    const struct kind *part = lookup_part(&l, d->kind, d->change->id);
    if (d->missing->count > 0)
        return false;
    return !part || decide_refuse(d, REFUSAL_PARTS, NULL, part->name, NULL, NULL);
}

/* ---- so many belong to one ---- */
struct siblings {
    size_t count, size;
};

static struct siblings siblings_of(struct deciding *d, const struct scratch_key *key, bool sized)
{
    struct siblings s = {0};
    const struct scratch_set *set = scratch_children(d->scratch, key);
    const struct scratch_row *row;
    for (size_t at = 0; (row = scratch_child(set, &at));) {
        if (id_equal(row->id, d->change->id))
            continue;
        s.count++;
        s.size += sized ? protobuf_c_message_get_packed_size(row->message) : 0;
    }
    return s;
}

static bool has_room(struct deciding *d, const struct field_rule *f, const ProtobufCMessage *before,
                     const ProtobufCMessage *after)
{
    struct cell value = record_get_name(after, f->name);
    size_t size = protobuf_c_message_get_packed_size(after);
    bool comes = value.type != CELL_ABSENT && (!before || !cell_equal(record_get_name(before, f->name), value));
    bool grows = value.type != CELL_ABSENT && size > LIMIT_CHILD_SMALL &&
                 (!before || size > protobuf_c_message_get_packed_size(before));
    if (!comes && !grows)
        return true;
    struct scratch_key key = lookup_key(d->kind, d->change->org, f->name, value);
    if (!decide_need(d, key))
        return false;
    struct siblings s = siblings_of(d, &key, grows);
    if ((!comes || s.count < LIMIT_CHILDREN) && (!grows || s.size + size <= LIMIT_CHILDREN_SIZE))
        return true;
    const char *most = arena_format(d->arena, "%u", LIMIT_CHILDREN);
    CHECK(most);
    return decide_refuse(d, REFUSAL_CHILDREN, f->name, most, NULL, NULL);
}

bool decide_children_stay_few(struct deciding *d, const ProtobufCMessage *before, const ProtobufCMessage *after)
{
    bool all = true;
    for (size_t i = 0; !d->c->held && d->out->verdict != VERDICT_REFUSED && i < d->kind->field_count; i++)
        if (d->kind->fields[i].flags & FIELD_LOOKUP)
            all &= has_room(d, &d->kind->fields[i], before, after);
    return all;
}

/* ---- seen with what it belongs to ---- */
static const struct field_rule *field_of_whole(const struct kind *k, const struct kind *whole)
{
    for (size_t i = 0; i < k->field_count; i++)
        if (k->fields[i].reference == whole->number && (k->fields[i].flags & FIELD_LOOKUP))
            return &k->fields[i];
    return NULL;
}

bool decide_newest_unseen_of(struct deciding *d, const struct kind *k, uint64_t *out)
{
    const struct field_rule *f = field_of_whole(k, d->kind);
    CHECK(f);
    struct scratch_key key = lookup_key(k, d->change->org, f->name, cell_bytes(id_slice(&d->change->id)));
    const struct scratch_row *row;
    bool loaded = true;
    *out = 0;
    if (!decide_need(d, key))
        return false;
    for (size_t at = 0; (row = scratch_child(scratch_children(d->scratch, &key), &at));) {
        uint64_t newest;
        loaded = decide_newest_unseen(d, row, 0, &newest) && loaded;
        *out = newest > *out ? newest : *out;
    }
    return loaded;
}
