/* Conflict records (rules 9, 13): both values, until somebody decides. Invariant: a value that clashed stands in
 * exactly one open conflict record until a person ends it; only a later value of the same device with the same base
 * replaces it there, and only one about a removed record collects further fields. */
#include "base/limits.h"
#include "conflict.pb-c.h"
#include "sync/decide_parts.h"
#include "tls/tls.h"
#include "wire/wire.h"
#include <stdlib.h>
#include <string.h>

const char *decide_field_name(const struct kind *k, uint32_t tag, struct arena *arena)
{
    const ProtobufCFieldDescriptor *field = record_field_tag(k->descriptor, tag);
    if (field)
        return field->name;
    const char *name = arena_format(arena, "#%u", (unsigned)tag);
    CHECK(name);
    return name;
}

bool decide_field_is_sensitive(const struct kind *k, uint32_t tag)
{
    const ProtobufCFieldDescriptor *field = record_field_tag(k->descriptor, tag);
    const struct field_rule *f = field ? kind_field(k, field->name) : NULL;
    return !f || (f->flags & FIELD_SENSITIVE);
}

/* SHA-256 of record, field, incarnation, n, shaped as a UUID of version 8: the same in every copy, however often
 * decided. */
static struct id conflict_id(const struct deciding *d, const char *field)
{
    struct buf b = BUF_INIT;
    uint8_t hash[32];
    buf_append(&b, d->change->id.bytes, ID_SIZE);
    buf_text(&b, field);
    buf_append(&b, d->c->incarnation.bytes, INCARNATION_SIZE);
    buf_u64(&b, d->change->n);
    tls_sha256(buf_slice(&b), hash);
    buf_finish(&b);
    hash[6] = (uint8_t)((hash[6] & 0x0f) | 0x80);
    hash[8] = (uint8_t)((hash[8] & 0x3f) | 0x80);
    return id_from(slice_of(hash, ID_SIZE));
}

/* ---- what a conflict record holds of "mine" ---- */
struct mine {
    ProtobufCMessage *values;
    uint32_t *cleared; /* ascending is not needed: names are written in this order */
    size_t cleared_count;
};

static uint32_t tag_of_name(const struct kind *k, const char *name, size_t size)
{
    char text[64];
    if (size >= sizeof text)
        return 0;
    memcpy(text, name, size);
    text[size] = 0;
    if (text[0] == '#')
        return (uint32_t)strtoul(text + 1, NULL, 10);
    const ProtobufCFieldDescriptor *field = record_field(k->descriptor, text);
    return field ? field->id : 0;
}

static struct slice mine_packed(const Record__Conflict *c)
{
    ProtobufCBinaryData packed = c->has_mine_sensitive ? c->mine_sensitive : c->mine;
    return c->has_mine || c->has_mine_sensitive ? slice_of(packed.data, packed.len) : (struct slice){0};
}

/* The tag that the text at *at names; *at is moved behind it. 0 where it names none. */
static uint32_t next_cleared(const struct kind *k, const char **at)
{
    size_t size = strcspn(*at, ",");
    uint32_t tag = tag_of_name(k, *at, size);
    *at += size + ((*at)[size] == ',');
    return tag;
}

/* A conflict record that came back from a client (rule 25) may hold anything: what is no message of the kind counts as
 * empty. */
static struct mine mine_of(struct deciding *d, const Record__Conflict *c)
{
    size_t room = 1;
    for (const char *at = c->mine_cleared; at && *at; at++)
        room += *at == ',';
    struct mine m = {.cleared = decide_alloc(d, room * sizeof *m.cleared)};
    struct slice packed = mine_packed(c);
    bool sound = packed.size > 0 && wire_check(d->kind->descriptor, packed) == ERR_OK;
    m.values = sound ? fields_unpack(d->kind->descriptor, packed, d->arena) : record_new(d->kind->descriptor, d->arena);
    CHECK(m.values);
    for (const char *at = c->mine_cleared; at && *at;) {
        uint32_t tag = next_cleared(d->kind, &at);
        if (tag)
            m.cleared[m.cleared_count++] = tag;
    }
    return m;
}

static struct cell standing_of(struct deciding *d, const Record__Conflict *c, const char *field)
{
    ProtobufCBinaryData packed = c->has_theirs_sensitive ? c->theirs_sensitive : c->theirs;
    struct slice bytes = c->has_theirs || c->has_theirs_sensitive ? slice_of(packed.data, packed.len) : (struct slice){0};
    bool sound = bytes.size > 0 && wire_check(d->kind->descriptor, bytes) == ERR_OK;
    const ProtobufCMessage *values = sound ? fields_unpack(d->kind->descriptor, bytes, d->arena) : NULL;
    return values ? record_get_name(values, field) : (struct cell){0};
}

bool decide_is_offered(struct deciding *d, const char *field)
{
    const Record__Conflict *c = (const Record__Conflict *)d->resolves->message;
    const ProtobufCFieldDescriptor *at = record_field(d->kind->descriptor, field);
    struct cell wish = record_get(d->change->patch, at);
    struct mine mine = mine_of(d, c);
    bool is_mine = wish.type == CELL_ABSENT ? fields_hold(mine.cleared, mine.cleared_count, at->id)
                                            : cell_equal(wish, record_get(mine.values, at));
    return is_mine || cell_equal(wish, standing_of(d, c, field));
}

/* Without unpacking it: there may be many, and every change looks at all of them. */
static bool mine_holds_any(const struct kind *k, const Record__Conflict *c, const struct clash *clash)
{
    struct slice packed = mine_packed(c);
    struct wire_field f;
    for (size_t at = 0; wire_next(packed, &at, &f);)
        if (fields_hold(clash->mine_tags, clash->mine_count, f.tag))
            return true;
    for (const char *at = c->mine_cleared; at && *at;)
        if (fields_hold(clash->mine_tags, clash->mine_count, next_cleared(k, &at)))
            return true;
    return false;
}

/* ---- is there one that this value belongs to? ---- */
/* The n of the change that wrote what stands in it as "mine"; false if it must be loaded first. */
static bool mine_written_by(struct deciding *d, const struct scratch_row *row, uint64_t *n)
{
    static const char *const names[] = {"mine", "mine_sensitive", "mine_cleared"};
    const struct kind *k = kind_by_number(KIND_CONFLICT);
    uint64_t newest = 0;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        uint64_t stamp = decide_stamp(row, record_field(k->descriptor, names[i])->id);
        newest = stamp > newest ? stamp : newest;
    }
    if (!decide_need(d, (struct scratch_key){.type = SCRATCH_IDENTITY, .org = d->change->org, .seq = newest}))
        return false;
    const struct identity *who = scratch_identity(d->scratch, d->change->org, newest);
    *n = who ? who->n : UINT64_MAX;
    return true;
}

static bool is_of_incarnation(const struct deciding *d, const Record__Conflict *c, const char *field)
{
    return c->has_incarnation && c->incarnation.len == INCARNATION_SIZE && c->field && strcmp(c->field, field) == 0 &&
           memcmp(c->incarnation.data, d->c->incarnation.bytes, INCARNATION_SIZE) == 0;
}

/* Rule 9: while it is open, with the same base as sent, and only a later value. Rule 13: what it does not hold already.
 */
static bool takes_value(struct deciding *d, const struct scratch_row *row, const struct clash *clash, bool *takes)
{
    const Record__Conflict *c = (const Record__Conflict *)row->message;
    uint64_t n;
    *takes = false;
    if (!scratch_conflict_is_open(row) || !is_of_incarnation(d, c, clash->field))
        return true;
    if (strcmp(clash->field, "*") == 0) {
        *takes = !mine_holds_any(d->kind, c, clash);
        return true;
    }
    if ((uint64_t)c->base_seq != d->change->base)
        return true;
    if (!mine_written_by(d, row, &n))
        return false;
    *takes = n < d->change->n;
    return true;
}

/* Of several the oldest: the answer must not hang on the order of loading. */
static bool find_open(struct deciding *d, const struct clash *clash, struct scratch_row **out)
{
    struct scratch_row *const *list;
    bool loaded = true, takes;
    *out = NULL;
    if (!decide_need(d, (struct scratch_key){.type = SCRATCH_CONFLICTS, .id = d->change->id}))
        return false;
    size_t count = scratch_conflicts(d->scratch, d->change->id, &list);
    for (size_t i = 0; i < count; i++) {
        loaded &= takes_value(d, list[i], clash, &takes);
        if (takes && (!*out || list[i]->stamps.first < (*out)->stamps.first ||
                      (list[i]->stamps.first == (*out)->stamps.first && id_compare(list[i]->id, (*out)->id) < 0)))
            *out = list[i];
    }
    return loaded;
}

/* ---- writing it ---- */
static struct mine join_mine(struct deciding *d, const Record__Conflict *old, const struct clash *clash)
{
    const struct change *c = d->change;
    Record__Conflict none = RECORD__CONFLICT__INIT;
    struct mine m = mine_of(d, old ? old : &none), out = m;
    const ProtobufCMessage *values = fields_pick(c->patch, clash->mine_tags, clash->mine_count, d->arena);
    record_overlay(out.values, values, c->cleared, c->cleared_count, d->arena);
    out.cleared = decide_alloc(d, (m.cleared_count + clash->mine_count + 1) * sizeof *out.cleared);
    out.cleared_count = 0;
    for (size_t i = 0; i < m.cleared_count; i++)
        if (!fields_hold(clash->mine_tags, clash->mine_count, m.cleared[i]))
            out.cleared[out.cleared_count++] = m.cleared[i];
    for (size_t i = 0; i < clash->mine_count; i++)
        if (fields_hold(c->cleared, c->cleared_count, clash->mine_tags[i]))
            out.cleared[out.cleared_count++] = clash->mine_tags[i];
    return out;
}

static char *cleared_names(struct deciding *d, const struct mine *m)
{
    struct buf b = BUF_INIT;
    for (size_t i = 0; i < m->cleared_count; i++) {
        buf_text(&b, i ? "," : "");
        buf_text(&b, decide_field_name(d->kind, m->cleared[i], d->arena));
    }
    char *out = b.size ? arena_text(d->arena, buf_slice(&b)) : NULL;
    buf_finish(&b);
    return out;
}

static ProtobufCBinaryData binary(struct slice s)
{
    return (ProtobufCBinaryData){.len = s.size, .data = (uint8_t *)s.data};
}

static void put_row_before(struct deciding *d, Record__Conflict *out)
{
    if (!d->row->removed)
        return;
    size_t count = 0, max = d->kind->descriptor->n_fields;
    uint32_t *open = decide_alloc(d, (max + 1) * sizeof *open);
    for (unsigned i = 0; i < max; i++)
        if (!decide_field_is_sensitive(d->kind, d->kind->descriptor->fields[i].id))
            open[count++] = d->kind->descriptor->fields[i].id;
    ProtobufCMessage *rest = record_copy(d->row->removed, d->arena);
    CHECK(rest);
    for (size_t i = 0; i < count; i++)
        record_put(rest, record_field_tag(d->kind->descriptor, open[i]), (struct cell){.type = CELL_ABSENT}, d->arena);
    struct slice sensitive = fields_pack(rest, d->arena);
    out->has_row = 1;
    out->row = binary(fields_pack(fields_pick(d->row->removed, open, count, d->arena), d->arena));
    out->has_row_sensitive = sensitive.size > 0;
    out->row_sensitive = binary(sensitive);
}

/* What only a new record says: who clashed with what, for good. */
static void put_head(struct deciding *d, const struct clash *clash, Record__Conflict *out)
{
    out->has_record_id = out->has_incarnation = out->has_n = out->has_base_seq = 1;
    out->record_id = binary(slice_of(d->change->id.bytes, ID_SIZE));
    out->field = (char *)clash->field;
    out->incarnation = binary(slice_of(d->c->incarnation.bytes, INCARNATION_SIZE));
    out->n = (int64_t)d->change->n;
    out->base_seq = (int64_t)d->change->base;
    out->state = (char *)"open";
    if (strcmp(clash->field, "*") == 0)
        put_row_before(d, out);
}

/* What stands in the fields that clashed, and in those that an earlier value of the same record named. */
static struct slice theirs_of(struct deciding *d, const struct clash *clash, const struct mine *mine)
{
    const uint32_t *named;
    size_t count = fields_touched(mine->values, mine->cleared, mine->cleared_count, d->arena, &named);
    uint32_t *tags = decide_alloc(d, (count + clash->theirs_count + 1) * sizeof *tags);
    memcpy(tags, named, count * sizeof *tags);
    for (size_t i = 0; i < clash->theirs_count; i++)
        tags[count++] = clash->theirs_tags[i];
    return fields_pack(fields_pick(d->row->message, tags, count, d->arena), d->arena);
}

static void put_values(struct deciding *d, const struct clash *clash, const struct mine *values, bool sensitive,
                       Record__Conflict *out)
{
    struct slice mine = fields_pack(values->values, d->arena), theirs = {0};
    bool told = d->row->message != NULL;
    if (told)
        theirs = theirs_of(d, clash, values);
    out->has_mine = !sensitive;
    out->mine = binary(mine);
    out->has_mine_sensitive = sensitive;
    out->mine_sensitive = binary(mine);
    out->has_theirs = told && !sensitive;
    out->theirs = binary(theirs);
    out->has_theirs_sensitive = told && sensitive;
    out->theirs_sensitive = binary(theirs);
}

static void put_authors(struct deciding *d, const struct clash *clash, Record__Conflict *out)
{
    int64_t theirs_at_ms = scratch_time(d->scratch, d->change->org, clash->theirs_seq);
    out->has_record_kind = 1; /* always: by it a reader's rights are told */
    out->record_kind = d->kind->number;
    out->has_mine_seat = 1;
    out->mine_seat = d->c->seat.number;
    out->has_mine_at_ms = d->change->made_ms != 0;
    out->mine_at_ms = d->change->made_ms;
    out->has_theirs_seat = clash->theirs != NULL;
    out->theirs_seat = clash->theirs ? clash->theirs->seat : 0;
    out->has_theirs_at_ms = theirs_at_ms != 0;
    out->theirs_at_ms = theirs_at_ms;
    out->has_theirs_seq = 1;
    out->theirs_seq = (int64_t)clash->theirs_seq;
}

/* Fields of the old version that the new one does not have. */
static size_t emptied(struct deciding *d, const Record__Conflict *old, const Record__Conflict *new,
                      const uint32_t **out)
{
    static const char *const names[] = {"mine",       "theirs",      "mine_sensitive", "theirs_sensitive",
                                        "mine_at_ms", "theirs_seat", "theirs_at_ms",   "mine_cleared"};
    uint32_t *tags = decide_alloc(d, sizeof names / sizeof names[0] * sizeof *tags);
    size_t count = 0;
    for (size_t i = 0; old && i < sizeof names / sizeof names[0]; i++) {
        uint32_t tag = record_field(old->base.descriptor, names[i])->id;
        if (fields_present(&old->base, tag) && !fields_present(&new->base, tag))
            tags[count++] = tag;
    }
    *out = tags;
    return count;
}

static bool write_conflict(struct deciding *d, const struct clash *clash, const struct scratch_row *old_row,
                           struct id id)
{
    const Record__Conflict *old = old_row ? (const Record__Conflict *)old_row->message : NULL;
    Record__Conflict *out = decide_alloc(d, sizeof *out);
    const uint32_t *cleared;
    record__conflict__init(out);
    if (!old)
        put_head(d, clash, out);
    struct mine mine = join_mine(d, old, clash);
    out->mine_cleared = cleared_names(d, &mine);
    put_values(d, clash, &mine, clash->sensitive || (old && old->has_mine_sensitive), out);
    put_authors(d, clash, out);
    size_t cleared_count = emptied(d, old, out, &cleared);
    const struct kind *k = kind_by_number(KIND_CONFLICT);
    CHECK(k);
    return decide_effect(d, k, id, LIFE_KEEP, &out->base, cleared, cleared_count) != NULL;
}

/* ---- how many there may be ---- */
static bool makes_conflict(struct deciding *d, const struct effect *e)
{
    const struct scratch_row *row =
        e->kind_number == KIND_CONFLICT ? scratch_row(d->scratch, e->kind_number, e->id) : NULL;
    return row && !row->message;
}

/* Those of the record, with what this change has made so far. */
static size_t count_open(struct deciding *d)
{
    struct scratch_row *const *list;
    size_t count = scratch_conflicts(d->scratch, d->change->id, &list), open = 0;
    for (size_t i = 0; i < count; i++)
        open += scratch_conflict_is_open(list[i]);
    for (size_t i = 0; i < d->out->effects.count; i++)
        open += makes_conflict(d, &d->out->effects.list[i]);
    return open;
}

/* Rules 8 to 16 hold as they are: what is over the limit is refused like what any rule refuses. It consumes its n,
 * stands in the history with its values and in its author's attention (rules 3, 7, 20), and overwrites nothing; it may
 * be sent anew once a person has ended some of them. A limit of two in the executable model of the rules, over the same
 * random schedules with cuts, clones and restores, breaks none of them. Entries that were accepted once are not decided
 * by it again: those that come back after a restore are taken as they are (rule 25). */
static bool has_room(struct deciding *d)
{
    if (count_open(d) < LIMIT_CONFLICTS_OPEN)
        return true;
    const char *most = arena_format(d->arena, "%u", LIMIT_CONFLICTS_OPEN);
    CHECK(most);
    return decide_refuse(d, REFUSAL_CONFLICTS, NULL, most, NULL, NULL);
}

bool decide_conflict(struct deciding *d, const struct clash *clash)
{
    struct scratch_row *open;
    if (!find_open(d, clash, &open))
        return false;
    struct id id = open ? open->id : conflict_id(d, clash->field);
    if (!decide_need_row(d, KIND_CONFLICT, id) || (!open && !has_room(d)))
        return false;
    struct decision *out = d->out;
    if (out->conflict_count < sizeof out->conflicts / sizeof out->conflicts[0])
        out->conflicts[out->conflict_count++] = id;
    return write_conflict(d, clash, open, id);
}
