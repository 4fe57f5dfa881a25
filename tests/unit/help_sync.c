#include "tests/unit/help_sync.h"
#include "conflict.pb-c.h"
#include "sync/fields.h"
#include "tests/unit/help_sync_kinds.h"
#include "wire/wire.h"
#include <stdarg.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SCRATCH_CAP ((size_t)1 << 30)
#define ORG 7u

void world_init(struct world *w)
{
    static const role_set roles[] = {ROLES(union_chair), ROLES(union_chair), ROLES(committee_member),
                                     ROLES(group_leader)};
    register_test_kinds();
    memset(w, 0, sizeof *w);
    arena_init(&w->arena, SCRATCH_CAP);
    w->db = scratch_create(SCRATCH_CAP);
    w->state = org_state_create(ORG, 1);
    w->log = calloc(WORLD_LOG, sizeof *w->log);
    assert_non_null(w->log);
    for (int i = 0; i < 4; i++) {
        w->seats[i] = (struct world_seat){.number = (uint32_t)i + 1, .roles = roles[i], .state = SEAT_ACTIVE};
        memset(w->seats[i].incarnation.bytes, 'A' + i, INCARNATION_SIZE);
    }
    w->org = (struct decide_org){.number = ORG, .leaf = true, .in_subtree = true, .own = true};
    w->now_ms = 1000;
}

void world_finish(struct world *w)
{
    scratch_destroy(w->db);
    org_state_destroy(w->state);
    arena_finish(&w->arena);
    free(w->log);
    kind_register_extra(NULL);
}

struct id rid(int i)
{
    struct id id = {{0x01, 0x90, 0, 0, 0, 0, 0x70, 0, 0x80}};
    id.bytes[12] = (uint8_t)((unsigned)i >> 24);
    id.bytes[13] = (uint8_t)((unsigned)i >> 16);
    id.bytes[14] = (uint8_t)((unsigned)i >> 8);
    id.bytes[15] = (uint8_t)i;
    return id;
}

/* ---- making changes ---- */
static void put_unknown(struct world *w, ProtobufCMessage *m, uint32_t tag, const char *value)
{
    ProtobufCMessageUnknownField *u = arena_alloc(&w->arena, (m->n_unknown_fields + 1) * sizeof *u);
    struct buf b = BUF_INIT;
    if (m->n_unknown_fields)
        memcpy(u, m->unknown_fields, m->n_unknown_fields * sizeof *u);
    wire_put_varint(&b, strlen(value));
    buf_text(&b, value);
    struct slice data = arena_copy(&w->arena, buf_slice(&b));
    buf_finish(&b);
    u[m->n_unknown_fields++] = (ProtobufCMessageUnknownField){
        .tag = tag, .wire_type = PROTOBUF_C_WIRE_TYPE_LENGTH_PREFIXED, .len = data.size, .data = (uint8_t *)data.data};
    m->unknown_fields = u;
}

static void put_word(struct world *w, ProtobufCMessage *m, char *word)
{
    char *value = strchr(word, '=');
    assert_non_null(value);
    *value++ = 0;
    if (word[0] == '#') {
        put_unknown(w, m, (uint32_t)atoi(word + 1), value);
    } else if (value[0] == '@') {
        struct id id = rid(atoi(value + 1));
        record_put_name(m, word, cell_bytes(arena_copy(&w->arena, slice_of(id.bytes, ID_SIZE))), &w->arena);
    } else {
        const ProtobufCFieldDescriptor *f = record_field(m->descriptor, word);
        assert_non_null(f);
        bool text = f->type == PROTOBUF_C_TYPE_STRING;
        record_put(m, f, text ? cell_text(value) : cell_integer(atoll(value)), &w->arena);
    }
}

static int tag_order(const void *a, const void *b)
{
    return *(const uint32_t *)a < *(const uint32_t *)b ? -1 : 1;
}

static void fill_words(struct world *w, struct change *c, const char *words)
{
    ProtobufCMessage *m = record_new(c->kind->descriptor, &w->arena);
    uint32_t *cleared = arena_alloc(&w->arena, 32 * sizeof *cleared);
    char *text = arena_text(&w->arena, slice_text(words)), *rest = NULL;
    for (char *word = strtok_r(text, " ", &rest); word; word = strtok_r(NULL, " ", &rest)) {
        if (word[0] == '!')
            c->action = word + 1;
        else if (word[0] == '-')
            cleared[c->cleared_count++] =
                word[1] == '#' ? (uint32_t)atoi(word + 2) : record_field(c->kind->descriptor, word + 1)->id;
        else
            put_word(w, m, word);
    }
    qsort(cleared, c->cleared_count, sizeof *cleared, tag_order);
    c->cleared = cleared;
    c->patch = m;
}

/* As it comes off the wire. */
static void repack(struct world *w, struct change *c)
{
    struct change out;
    assert_int_equal(change_pack(c, &w->arena), ERR_OK);
    assert_int_equal(change_open(c->bytes, &w->arena, &out), ERR_OK);
    assert_memory_equal(out.hash, c->hash, HASH_SIZE);
    *c = out;
}

struct change *make_change_id(struct world *w, int seat, uint32_t kind, enum op op, struct id id, uint64_t base,
                              const char *words)
{
    struct change *c = arena_alloc(&w->arena, sizeof *c);
    *c = (struct change){.n = ++w->seats[seat].n,
                         .org = ORG,
                         .kind_number = kind,
                         .kind = kind_by_number(kind),
                         .id = id,
                         .base = base,
                         .op = op,
                         .made_ms = w->now_ms};
    fill_words(w, c, words);
    repack(w, c);
    return c;
}

struct change *make_change(struct world *w, int seat, uint32_t kind, enum op op, int record, uint64_t base,
                           const char *words)
{
    return make_change_id(w, seat, kind, op, rid(record), base, words);
}

struct change *make_for(struct world *w, struct change *c, uint32_t for_seat)
{
    c->for_seat = for_seat;
    repack(w, c);
    return c;
}

void make_group(struct world *w, struct change **members, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        members[i]->grouped = true;
        members[i]->group = rid((int)members[0]->n + 100000);
        members[i]->group_position = (uint32_t)i + 1;
        members[i]->group_size = (uint32_t)count;
        repack(w, members[i]);
    }
}

/* ---- loading and committing ---- */
static void load_row(struct world *w, struct scratch *to, uint32_t kind, struct id id)
{
    struct scratch_row *row = scratch_row(w->db, kind, id), copy = {.kind = kind, .id = id};
    if (row) {
        copy = *row;
        struct slice stamps = stamps_pack(&row->stamps, scratch_arena(to));
        assert_int_equal(stamps_unpack(stamps, scratch_arena(to), &copy.stamps), ERR_OK);
        if (row->message)
            copy.message = fields_unpack(row->message->descriptor, fields_pack(row->message, scratch_arena(to)),
                                         scratch_arena(to));
    }
    scratch_add_row(to, &copy);
}

static void load(struct world *w, struct scratch *to, const struct scratch_keys *keys)
{
    for (size_t i = 0; i < keys->count; i++) {
        const struct scratch_key *k = &keys->list[i];
        struct scratch_row *const *list;
        assert_false(scratch_has(to, k));
        if (k->type == SCRATCH_ROW)
            load_row(w, to, k->kind, k->id);
        if (k->type == SCRATCH_IDENTITY) {
            scratch_add_identity(to, k->org, k->seq, scratch_identity(w->db, k->org, k->seq));
            scratch_add_time(to, k->org, k->seq, scratch_time(w->db, k->org, k->seq));
        }
        if (k->type == SCRATCH_LATE) {
            size_t count;
            const uint64_t *old = scratch_late(w->db, k->org, k->seq, &count);
            scratch_add_late(to, k->org, k->seq, old, count);
        }
        if (k->type == SCRATCH_CHILDREN) {
            const struct scratch_set *set = scratch_children(w->db, k);
            const struct scratch_row *row;
            for (size_t at = 0; (row = scratch_child(set, &at));)
                load_row(w, to, row->kind, row->id);
            scratch_add_children_loaded(to, k);
        }
        if (k->type == SCRATCH_CONFLICTS) {
            size_t count = scratch_conflicts(w->db, k->id, &list);
            for (size_t j = 0; j < count; j++)
                if (scratch_conflict_is_open(list[j]))
                    load_row(w, to, KIND_CONFLICT, list[j]->id);
            scratch_add_conflicts_loaded(to, k->id);
        }
    }
}

static void commit(struct world *w, struct scratch *from)
{
    struct scratch_row *row;
    for (size_t i = 0; scratch_dirty_at(from, i, &row); i++) {
        struct scratch_row *known = scratch_row(w->db, row->kind, row->id);
        struct scratch_row copy = *row;
        struct arena *a = scratch_arena(w->db);
        copy.dirty = false;
        if (row->message)
            copy.message = fields_unpack(row->message->descriptor, fields_pack(row->message, a), a);
        if (row->removed)
            copy.removed = fields_unpack(row->removed->descriptor, fields_pack(row->removed, a), a);
        assert_int_equal(stamps_unpack(stamps_pack(&row->stamps, a), a, &copy.stamps), ERR_OK);
        if (known) {
            *known = copy;
            scratch_list(w->db, known);
        } else {
            scratch_add_row(w->db, &copy);
        }
    }
}

static struct decide_context context_of(struct world *w, int seat, size_t ahead)
{
    const struct world_seat *s = &w->seats[seat];
    return (struct decide_context){.seat = {.number = s->number, .roles = s->roles, .state = s->state},
                                   .for_seat = w->for_seat,
                                   .org = w->org,
                                   .above = w->above,
                                   .above_count = w->above_count,
                                   .incarnation = s->incarnation,
                                   .ancestry = {s->ancestors, s->ancestor_count},
                                   .lineage = w->lineage,
                                   .late = w->late,
                                   .today = {2026, 11, 21},
                                   .received_ms = w->now_ms,
                                   .seq = org_state_next(w->state) + ahead,
                                   .numbers = w->state};
}

static void accept_one(struct world *w, int seat, struct scratch *scratch, const struct change *c,
                       const struct decision *d)
{
    uint8_t salt[SALT_SIZE] = {0x5a};
    struct identity who = {.seat = w->seats[seat].number, .incarnation = w->seats[seat].incarnation, .n = c->n};
    memcpy(who.hash, c->hash, HASH_SIZE);
    assert_true(w->count < WORLD_LOG);
    struct entry *e = &w->log[w->count++];
    accept_decision(d, c, &who, w->now_ms++, salt, scratch, w->state, &w->arena, e);
    scratch_add_identity(w->db, ORG, e->seq, &who);
    scratch_add_time(w->db, ORG, e->seq, e->received_ms);
}

static const char *verdict_text(struct world *w, const struct decision *d)
{
    static const char *const names[] = {"?", "APPLIED", "MERGED", "CONFLICT", "REFUSED", "SAME"};
    struct buf b = BUF_INIT;
    buf_text(&b, names[d->verdict]);
    if (d->verdict == VERDICT_REFUSED) {
        assert_int_equal(d->effects.count, 0);
        buf_format(&b, " %s", d->code);
        if (d->field)
            buf_format(&b, " %s", d->field);
        for (int i = 0; i < 3; i++)
            if (d->argument[i])
                buf_format(&b, " %s", d->argument[i]);
    } else {
        assert_null(d->code);
        if (d->effects.count == 0)
            buf_text(&b, " without effect");
    }
    const char *out = arena_text(&w->arena, buf_slice(&b));
    buf_finish(&b);
    return out;
}

const char *take_group(struct world *w, int seat, struct change **members, size_t count)
{
    struct decide_context contexts[16];
    struct change list[16];
    struct scratch *scratch = scratch_create(SCRATCH_CAP);
    struct scratch_keys missing;
    bool group = members[0]->grouped;
    for (size_t i = 0; i < count; i++) {
        contexts[i] = context_of(w, seat, i);
        list[i] = *members[i];
    }
    for (w->rounds = 0;; w->rounds++) {
        assert_true(w->rounds < 10);
        missing.count = 0;
        if (group)
            decide_group(contexts, list, count, scratch, &w->arena, w->last, &missing);
        else
            decide(contexts, list, scratch, &w->arena, w->last, &missing);
        if (missing.count == 0)
            break;
        load(w, scratch, &missing);
    }
    struct scratch_row *dirty;
    assert_false(scratch_dirty_at(scratch, 0, &dirty)); /* deciding changes nothing */
    for (size_t i = 0; i < count; i++)
        accept_one(w, seat, scratch, list + i, &w->last[i]);
    commit(w, scratch);
    scratch_destroy(scratch);
    return verdict_text(w, &w->last[0]);
}

const char *take_change(struct world *w, int seat, struct change *c)
{
    return take_group(w, seat, &c, 1);
}

const char *do_create(struct world *w, int seat, int record, const char *words)
{
    return take_change(w, seat, make_change(w, seat, SHEET, OP_CREATE, record, 0, words));
}

const char *do_set(struct world *w, int seat, int record, uint64_t base, const char *words)
{
    return take_change(w, seat, make_change(w, seat, SHEET, OP_SET, record, base, words));
}

const char *do_act(struct world *w, int seat, int record, uint64_t base, const char *words)
{
    return take_change(w, seat, make_change(w, seat, SHEET, OP_ACT, record, base, words));
}

const char *do_remove(struct world *w, int seat, int record, uint64_t base)
{
    return take_change(w, seat, make_change(w, seat, SHEET, OP_REMOVE, record, base, ""));
}

uint64_t seq_now(const struct world *w)
{
    return org_state_seq(w->state);
}

/* ---- telling what is there ---- */
static void put_message(struct buf *b, const ProtobufCMessage *m)
{
    const char *gap = "";
    for (unsigned i = 0; i < m->descriptor->n_fields; i++) {
        struct cell c = record_get(m, &m->descriptor->fields[i]);
        if (c.type == CELL_ABSENT)
            continue;
        buf_format(b, "%s%s=", gap, m->descriptor->fields[i].name);
        gap = " ";
        if (c.type == CELL_TEXT)
            buf_append_slice(b, c.bytes);
        else if (c.type == CELL_BYTES)
            buf_format(b, "@%d", c.bytes.size == ID_SIZE ? c.bytes.data[15] : -1);
        else
            buf_format(b, "%lld", (long long)c.integer);
    }
    for (unsigned i = 0; i < m->n_unknown_fields; i++) {
        const ProtobufCMessageUnknownField *u = &m->unknown_fields[i];
        buf_format(b, "%s#%u=%.*s", gap, (unsigned)u->tag, (int)u->len - 1, (const char *)u->data + 1);
        gap = " ";
    }
}

static const char *text_of(struct world *w, struct buf *b)
{
    const char *out = arena_text(&w->arena, buf_slice(b));
    buf_finish(b);
    return out;
}

const char *message_text(struct world *w, const ProtobufCMessage *m)
{
    struct buf b = BUF_INIT;
    if (m)
        put_message(&b, m);
    return m ? text_of(w, &b) : "none";
}

const char *row_text(struct world *w, uint32_t kind, struct id id)
{
    struct scratch_row *r = scratch_row(w->db, kind, id);
    if (!r || (!r->message && !r->dead))
        return "unknown";
    return r->dead ? "removed" : message_text(w, r->message);
}

const char *sheet_row(struct world *w, int record)
{
    return row_text(w, SHEET, rid(record));
}

static void put_packed(struct buf *b, const struct kind *k, protobuf_c_boolean has, ProtobufCBinaryData data,
                       const char *open, const char *close)
{
    struct arena a;
    if (!has)
        return;
    arena_init(&a, 1 << 20);
    buf_text(b, open);
    put_message(b, fields_unpack(k->descriptor, slice_of(data.data, data.len), &a));
    buf_text(b, close);
    arena_finish(&a);
}

static void put_conflict(struct buf *b, const Record__Conflict *c)
{
    const struct kind *k = kind_by_number((uint32_t)c->record_kind);
    buf_format(b, "%s %s: mine ", c->state, c->field);
    put_packed(b, k, c->has_mine, c->mine, "", "");
    put_packed(b, k, c->has_mine_sensitive, c->mine_sensitive, "{", "}");
    if (c->mine_cleared)
        buf_format(b, " -%s", c->mine_cleared);
    buf_format(b, " by %d, theirs ", (int)c->mine_seat);
    put_packed(b, k, c->has_theirs, c->theirs, "", "");
    put_packed(b, k, c->has_theirs_sensitive, c->theirs_sensitive, "{", "}");
    buf_format(b, " by %d", (int)c->theirs_seat);
    put_packed(b, k, c->has_row, c->row, ", was ", "");
    put_packed(b, k, c->has_row_sensitive, c->row_sensitive, " {", "}");
}

const char *sheet_conflicts(struct world *w, int record)
{
    struct scratch_row *const *list;
    struct buf b = BUF_INIT;
    size_t count = scratch_conflicts(w->db, rid(record), &list);
    for (size_t i = 0; i < count; i++) {
        buf_text(&b, i ? " | " : "");
        put_conflict(&b, (const Record__Conflict *)list[i]->message);
    }
    if (count == 0)
        return "none";
    return text_of(w, &b);
}

struct scratch_row *conflict_at(struct world *w, int record, size_t index)
{
    struct scratch_row *const *list;
    assert_true(index < scratch_conflicts(w->db, rid(record), &list));
    return list[index];
}

/* ---- the log makes the rows ---- */
static void assert_same_row(struct world *w, struct scratch *again, const struct effect *e)
{
    struct scratch_row *a = scratch_row(w->db, e->kind_number, e->id), *b = scratch_row(again, e->kind_number, e->id);
    assert_non_null(a);
    assert_non_null(b);
    assert_true(a->seq == b->seq && a->dead == b->dead && a->org == b->org);
    assert_string_equal(message_text(w, a->message), message_text(w, b->message));
    struct slice x = stamps_pack(&a->stamps, &w->arena), y = stamps_pack(&b->stamps, &w->arena);
    assert_true(slice_equal(x, y));
}

void assert_log_makes_rows(struct world *w)
{
    struct scratch *again = scratch_create(SCRATCH_CAP);
    struct org_state *state = org_state_create(ORG, 1);
    struct effects effects;
    for (size_t i = 0; i < w->count; i++) {
        struct scratch_keys missing = {.count = 0};
        do {
            scratch_add_absent(again, &missing);
            missing.count = 0;
            accept_keys(&w->log[i], ORG, again, &w->arena, &missing);
        } while (missing.count);
        assert_int_equal(accept_verbatim(&w->log[i], ORG, again, state, &w->arena), ERR_OK);
    }
    for (size_t i = 0; i < w->count; i++) {
        assert_int_equal(effects_open(w->log[i].effects, &w->arena, &effects), ERR_OK);
        for (size_t j = 0; j < effects.count; j++)
            assert_same_row(w, again, &effects.list[j]);
    }
    assert_true(org_state_equal(state, w->state));
    org_state_destroy(state);
    scratch_destroy(again);
}
