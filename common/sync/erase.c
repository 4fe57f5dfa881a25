/* See erase.h. */
#include "sync/erase.h"
#include "base/limits.h"
#include "conflict.pb-c.h"
#include "sync/digest.h"
#include "sync/effect.h"
#include "sync/fields.h"
#include "tls/tls.h"
#include "wire/wire.h"

#include <string.h>

static const struct cell nothing = {.type = CELL_ABSENT};

bool erased_holds(struct erased_fields f, uint32_t tag)
{
    return (f.from && tag >= f.from) || fields_hold(f.tags, f.count, tag);
}

bool erased_any(struct erased_fields f)
{
    return f.count > 0 || f.from > 0;
}

uint32_t erased_unknown_from(const struct kind *k)
{
    return k->descriptor->fields[k->descriptor->n_fields - 1].id + 1;
}

struct erased_fields erased_of_wire(const Wire__Erased *m)
{
    return (struct erased_fields){m->field, m->n_field, m->from};
}

static bool find(const struct erasures *known, uint32_t kind, struct id id, struct erased_fields *out)
{
    *out = (struct erased_fields){0};
    return known->find(known->to, kind, id, out) && erased_any(*out);
}

/* ---- values ---- */

/* Also what a newer program wrote and this one does not know. */
static bool take_out_unknown(struct erased_fields f, ProtobufCMessage *m, struct arena *arena)
{
    ProtobufCMessageUnknownField *kept = arena_alloc(arena, (m->n_unknown_fields + 1u) * sizeof *kept);
    unsigned count = 0, before = m->n_unknown_fields;
    CHECK(kept);
    for (unsigned i = 0; i < before; i++)
        if (!erased_holds(f, m->unknown_fields[i].tag))
            kept[count++] = m->unknown_fields[i];
    m->unknown_fields = count ? kept : NULL;
    m->n_unknown_fields = count;
    return count < before;
}

static bool take_out(struct erased_fields f, ProtobufCMessage *m, struct arena *arena)
{
    bool went = take_out_unknown(f, m, arena);
    for (unsigned i = 0; i < m->descriptor->n_fields; i++) {
        const ProtobufCFieldDescriptor *field = &m->descriptor->fields[i];
        if (!erased_holds(f, field->id) || record_get(m, field).type == CELL_ABSENT)
            continue;
        record_put(m, field, nothing, arena);
        went = true;
    }
    return went;
}

/* Values of a record within its conflict: what can't be read, or is of a kind that is not known here, goes whole. */
static bool take_out_packed(struct erased_fields f, const struct kind *about, ProtobufCMessage *conflict,
                            const char *field, struct arena *arena)
{
    ProtobufCMessage *values;
    struct cell packed = record_get_name(conflict, field);
    struct slice left = {0};
    if (packed.type != CELL_BYTES || packed.bytes.size == 0)
        return false;
    if (about && wire_check(about->descriptor, packed.bytes) == ERR_OK) {
        values = fields_unpack(about->descriptor, packed.bytes, arena);
        CHECK(values);
        if (!take_out(f, values, arena))
            return false;
        left = fields_pack(values, arena);
    }
    record_put_name(conflict, field, cell_bytes(left.size ? left : slice_of("", 0)), arena);
    return true;
}

static bool erase_conflict(struct erased_fields f, ProtobufCMessage *conflict, struct arena *arena)
{
    static const char *const holders[] = {"mine", "theirs",       "mine_sensitive", "theirs_sensitive",
                                          "row",  "row_sensitive"};
    const struct kind *about = kind_by_number((uint32_t)record_get_name(conflict, "record_kind").integer);
    bool went = false;
    for (size_t i = 0; i < sizeof holders / sizeof *holders; i++)
        went |= take_out_packed(f, about, conflict, holders[i], arena);
    return went;
}

/* A conflict record is erased by its own id, or with the record that it names. */
static bool find_conflict(const struct erasures *known, struct id id, const ProtobufCMessage *m,
                          struct erased_fields *out)
{
    if (find(known, KIND_CONFLICT, id, out))
        return true;
    struct cell kind = record_get_name(m, "record_kind"), about = record_get_name(m, "record_id");
    return kind.type == CELL_INTEGER && about.type == CELL_BYTES && about.bytes.size == ID_SIZE &&
           find(known, (uint32_t)kind.integer, id_from(about.bytes), out);
}

bool erase_row(const struct erasures *known, uint32_t kind, struct id id, ProtobufCMessage *message,
               struct arena *arena)
{
    struct erased_fields f;
    if (!message)
        return false;
    if (kind == KIND_CONFLICT)
        return find_conflict(known, id, message, &f) && erase_conflict(f, message, arena);
    return find(known, kind, id, &f) && take_out(f, message, arena);
}

/* ---- a change ---- */

struct erased_fields erase_personal(const struct kind *k, struct arena *arena)
{
    uint32_t *tags = arena_alloc(arena, (k->field_count + 1) * sizeof *tags);
    size_t n = 0;
    CHECK(tags);
    for (unsigned i = 0; i < k->descriptor->n_fields; i++) { /* by tag */
        const struct field_rule *f = kind_field(k, k->descriptor->fields[i].name);
        if (f && (f->flags & FIELD_PERSONAL))
            tags[n++] = k->descriptor->fields[i].id;
    }
    return (struct erased_fields){tags, n, erased_unknown_from(k)};
}

/* Does a field of that type point to a record of somebody who is erased. */
static bool points_to_erased(const struct erasures *known, const struct kind *k, const ProtobufCMessage *m,
                             enum field_type type)
{
    for (size_t i = 0; i < k->field_count; i++) {
        const struct field_rule *f = &k->fields[i];
        bool person = (f->flags & FIELD_PERSON) && f->type == type;
        struct cell other = person ? record_get_name(m, f->name) : nothing;
        struct erased_fields erased;
        if (other.type == CELL_BYTES && other.bytes.size == ID_SIZE &&
            find(known, type == FIELD_BYTES ? k->number : f->reference, id_from(other.bytes), &erased))
            return true;
    }
    return false;
}

bool erase_is_same(const struct erasures *known, const struct kind *k, const ProtobufCMessage *values)
{
    return points_to_erased(known, k, values, FIELD_BYTES);
}

bool erase_follows(const struct erasures *known, const struct kind *k, const ProtobufCMessage *m, struct arena *arena,
                   struct erased_fields *out)
{
    bool follows = erase_is_same(known, k, m) || points_to_erased(known, k, m, FIELD_REFERENCE);
    if (follows)
        *out = erase_personal(k, arena);
    return follows;
}

/* By the change, its row, or for itself. */
static bool find_of_change(const struct erasures *known, const struct change *c, const ProtobufCMessage *row,
                           struct arena *arena, struct erased_fields *out)
{
    return erase_follows(known, c->kind, c->patch, arena, out) ||
           (row && erase_follows(known, c->kind, row, arena, out)) || find(known, c->kind_number, c->id, out);
}

static const uint32_t *clear_less(struct erased_fields f, const uint32_t *cleared, size_t *count, struct arena *arena)
{
    uint32_t *kept = arena_alloc(arena, (*count + 1) * sizeof *kept);
    size_t n = 0;
    CHECK(kept);
    for (size_t i = 0; i < *count; i++)
        if (!erased_holds(f, cleared[i]))
            kept[n++] = cleared[i];
    *count = n;
    return kept;
}

/* Packed anew without what its hashes could be guessed from. */
static void pack_less(struct change *c, struct arena *arena)
{
    struct change_origin origin = c->origin;
    struct slice made = c->made;
    uint8_t hash[HASH_SIZE];
    memcpy(hash, c->hash, sizeof hash);
    c->nonce = (struct slice){0};
    CHECK(change_pack(c, arena) == ERR_OK); /* shorter than it came */
    memcpy(c->hash, hash, sizeof hash);
    c->origin = origin;
    c->made = made;
}

bool erase_change(const struct erasures *known, struct change *c, const ProtobufCMessage *row, struct arena *arena)
{
    struct erased_fields f = {0};
    c->erased = f;
    c->erased_field = NULL;
    c->erased_whole = false;
    if (!c->kind || c->kind_number == KIND_CONFLICT)
        return false;
    if (!find_of_change(known, c, row, arena, &f))
        return false;
    ProtobufCMessage *patch = record_copy(c->patch, arena);
    CHECK(patch);
    const char *first = NULL;
    bool unknown = false;
    for (unsigned i = 0; i < patch->n_unknown_fields; i++)
        unknown |= erased_holds(f, patch->unknown_fields[i].tag);
    for (size_t i = 0; i < c->cleared_count; i++)
        unknown |= !record_field_tag(patch->descriptor, c->cleared[i]) && erased_holds(f, c->cleared[i]);
    for (unsigned i = 0; i < patch->descriptor->n_fields && !first; i++)
        if (erased_holds(f, patch->descriptor->fields[i].id) &&
            (record_get(patch, &patch->descriptor->fields[i]).type != CELL_ABSENT ||
             fields_hold(c->cleared, c->cleared_count, patch->descriptor->fields[i].id)))
            first = patch->descriptor->fields[i].name;
    c->erased = f;
    if (!first && !unknown)
        return false;
    (void)take_out(f, patch, arena); /* or it cleared them alone */
    c->patch = patch;
    c->cleared = clear_less(f, c->cleared, &c->cleared_count, arena);
    bool empty = c->op == OP_SET && record_is_empty(patch) && c->cleared_count == 0;
    c->erased_field = first;
    c->erased_whole = empty || erase_is_same(known, c->kind, c->patch);
    pack_less(c, arena);
    return true;
}

/* ---- an entry ---- */

/* The record that the entry is about tells whose values a conflict record in it holds, where that says it itself no
 * more. */
struct about {
    uint32_t kind;
    struct id id;
};

static bool find_of_effect(const struct erasures *known, const struct effect *e, const struct about *about,
                           struct erased_fields *out)
{
    if (e->kind_number != KIND_CONFLICT)
        return find(known, e->kind_number, e->id, out);
    if (find_conflict(known, e->id, e->patch, out))
        return true;
    struct cell kind = record_get_name(e->patch, "record_kind");
    return kind.type == CELL_INTEGER && (uint32_t)kind.integer == about->kind &&
           find(known, about->kind, about->id, out);
}

static bool erase_effect(const struct erasures *known, struct effect *e, const struct about *about, struct arena *arena)
{
    struct erased_fields f = {0};
    bool went;
    if (!e->kind)
        return false;
    if (!find_of_effect(known, e, about, &f) && !erase_follows(known, e->kind, e->patch, arena, &f))
        return false;
    ProtobufCMessage *patch = record_copy(e->patch, arena);
    CHECK(patch);
    if (e->kind_number == KIND_CONFLICT) {
        went = erase_conflict(f, patch, arena);
    } else {
        size_t cleared = e->cleared_count;
        went = take_out(f, patch, arena);
        e->cleared = clear_less(f, e->cleared, &e->cleared_count, arena);
        went |= e->cleared_count < cleared;
    }
    if (!went)
        return false;
    e->patch = patch;
    e->patch_bytes = fields_pack(patch, arena);
    return true;
}

static struct about about_of(const struct change *c, const struct effects *effects)
{
    if (c->kind)
        return (struct about){c->kind_number, c->id};
    return effects->count ? (struct about){effects->list[0].kind_number, effects->list[0].id} : (struct about){0};
}

bool erase_entry(const struct erasures *known, struct entry *e, struct arena *arena)
{
    struct effects *effects = arena_alloc(arena, sizeof *effects);
    struct change c = {0};
    CHECK(effects);
    bool readable = !e->change.size || change_open(e->change, arena, &c) == ERR_OK;
    if (effects_open(e->effects, arena, effects) != ERR_OK)
        return false; /* a kind's values that this build can't read are not in any row here either */
    bool changed = readable && e->change.size && erase_change(known, &c, NULL, arena);
    struct about about = about_of(&c, effects);
    bool effected = false;
    for (size_t i = 0; i < effects->count; i++)
        effected |= erase_effect(known, &effects->list[i], &about, arena);
    if (!changed && !effected)
        return false;
    e->stripped = true;
    e->salt = (struct slice){0};
    /* The change still has its nonce where nothing of it went: its hash told of nothing that was erased. Its bytes did
     * not go either. */
    e->change = changed ? c.bytes : e->change;
    e->effects = effected ? effects_pack(effects, arena) : e->effects;
    memset(e->argument, 0, sizeof e->argument); /* a rule's reason may quote the value */
    return true;
}

/* ---- erasures ---- */

enum err erasure_open(struct slice packed, struct arena *arena, const Wire__Erasure **out)
{
    ProtobufCMessage *m;
    enum err e = wire_open(&wire__erasure__descriptor, packed, arena, &m);
    if (e != ERR_OK)
        return e;
    const Wire__Erasure *x = (const Wire__Erasure *)m;
    bool good =
        x->id.len == ERASURE_ID_SIZE && x->org && x->n_erased > 0 && slice_text(x->reason).size <= LIMIT_TEXT_SHORT;
    for (size_t i = 0; good && i < x->n_erased; i++) {
        const Wire__Erased *one = x->erased[i];
        good = one->kind && one->id.len == ID_SIZE && erased_any(erased_of_wire(one));
        for (size_t k = 1; good && k < one->n_field; k++)
            good = one->field[k] > one->field[k - 1];
    }
    if (!good)
        return ERR_WIRE;
    *out = x;
    return ERR_OK;
}

static uint64_t read_u64(const uint8_t *at)
{
    uint64_t v = 0;
    for (int i = 0; i < 8; i++)
        v = v << 8 | at[i];
    return v;
}

void erasure_hash(struct slice packed, uint8_t out[ERASURE_SUM_SIZE])
{
    uint8_t whole[32];
    tls_sha256(packed, whole);
    memcpy(out, whole, ERASURE_SUM_SIZE);
}

void erasure_add(uint8_t sum[ERASURE_SUM_SIZE], const uint8_t hash[ERASURE_SUM_SIZE])
{
    for (size_t half = 0; half < ERASURE_SUM_SIZE; half += 8) {
        uint64_t v = read_u64(sum + half) + read_u64(hash + half);
        for (int i = 0; i < 8; i++)
            sum[half + (size_t)i] = (uint8_t)(v >> (56 - 8 * i));
    }
}

struct erased_fields erased_join(struct erased_fields a, struct erased_fields b, struct arena *arena)
{
    uint32_t *tags = arena_alloc(arena, (a.count + b.count + 1) * sizeof *tags);
    size_t i = 0, k = 0, n = 0;
    CHECK(tags);
    while (i < a.count || k < b.count) {
        bool first = k == b.count || (i < a.count && a.tags[i] <= b.tags[k]);
        uint32_t tag = first ? a.tags[i++] : b.tags[k++];
        if (n == 0 || tags[n - 1] != tag)
            tags[n++] = tag;
    }
    bool sooner = a.from && (!b.from || a.from < b.from);
    return (struct erased_fields){tags, n, sooner ? a.from : b.from};
}
