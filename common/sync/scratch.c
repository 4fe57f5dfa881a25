/* Rows by (kind, id), identities by (org, seq), conflicts by record, in hash tables over one arena. Invariant: a row's
 * place in memory never changes while the scratch lives, and nobody changes a row but after scratch_touch. */
#include "sync/scratch_parts.h"
#include "conflict.pb-c.h"
#include <stdlib.h>
#include <string.h>

#define SEQ_KEY 12u

struct seq_node {
    uint8_t key[SEQ_KEY];
    bool loaded, exists;
    unsigned late_at; /* generation in which late was loaded */
    const uint64_t *late;
    size_t late_count;
    struct identity who;
    int64_t received_ms;
    UT_hash_handle hh;
};
struct record_node {
    struct id record;
    bool loaded;
    struct scratch_row **conflicts; /* in the order in which they became known, whatever their state */
    size_t count, capacity;
    UT_hash_handle hh;
};
struct saved_row {
    struct scratch_row *row;
    struct scratch_row before;
};

/* ---- keys ---- */
static bool key_equal(const struct scratch_key *a, const struct scratch_key *b)
{
    if (a->type != b->type)
        return false;
    if (a->type == SCRATCH_IDENTITY || a->type == SCRATCH_LATE)
        return a->org == b->org && a->seq == b->seq;
    if (a->type == SCRATCH_CHILDREN)
        return a->org == b->org && a->kind == b->kind && a->tag == b->tag && cell_equal(a->value, b->value);
    return id_equal(a->id, b->id) && (a->type == SCRATCH_CONFLICTS || a->kind == b->kind);
}

void scratch_keys_add(struct scratch_keys *k, struct scratch_key key)
{
    for (size_t i = 0; i < k->count; i++)
        if (key_equal(&k->list[i], &key))
            return;
    if (k->count < SCRATCH_KEYS_MAX) /* what finds no place is asked for next time */
        k->list[k->count++] = key;
}

static void row_key(uint32_t kind, struct id id, uint8_t out[ROW_KEY_SIZE])
{
    memcpy(out, &kind, 4);
    memcpy(out + 4, id.bytes, ID_SIZE);
}

static void seq_key(uint32_t org, uint64_t seq, uint8_t out[SEQ_KEY])
{
    memcpy(out, &org, 4);
    memcpy(out + 4, &seq, 8);
}

/* ---- life ---- */
struct scratch *scratch_create(size_t cap)
{
    struct scratch *s = calloc(1, sizeof *s);
    CHECK(s);
    arena_init(&s->arena, cap);
    return s;
}

void scratch_destroy(struct scratch *s)
{
    if (!s)
        return;
    struct record_node *r, *next;
    HASH_ITER(hh, s->records, r, next)
    {
        free(r->conflicts);
    }
    children_finish(s);
    HASH_CLEAR(hh, s->rows);
    HASH_CLEAR(hh, s->seqs);
    HASH_CLEAR(hh, s->records);
    free(s->dirty);
    free(s->saved);
    arena_finish(&s->arena);
    free(s);
}

struct arena *scratch_arena(struct scratch *s)
{
    return &s->arena;
}

void *scratch_alloc(struct scratch *s, size_t size)
{
    void *out = arena_alloc(&s->arena, size);
    CHECK(out);
    return out;
}

/* ---- finding ---- */
static struct row_node *find_row(const struct scratch *s, uint32_t kind, struct id id)
{
    uint8_t key[ROW_KEY_SIZE];
    struct row_node *n;
    row_key(kind, id, key);
    HASH_FIND(hh, s->rows, key, ROW_KEY_SIZE, n);
    return n;
}

static struct seq_node *find_seq(const struct scratch *s, uint32_t org, uint64_t seq)
{
    uint8_t key[SEQ_KEY];
    struct seq_node *n;
    seq_key(org, seq, key);
    HASH_FIND(hh, s->seqs, key, SEQ_KEY, n);
    return n;
}

static struct record_node *find_record(const struct scratch *s, struct id record)
{
    struct record_node *n;
    HASH_FIND(hh, s->records, &record, sizeof record, n);
    return n;
}

bool scratch_has(const struct scratch *s, const struct scratch_key *key)
{
    if (key->type == SCRATCH_ROW)
        return find_row(s, key->kind, key->id) != NULL;
    if (key->type == SCRATCH_CONFLICTS) {
        const struct record_node *r = find_record(s, key->id);
        return r && r->loaded;
    }
    if (key->type == SCRATCH_CHILDREN)
        return children_are_loaded(s, key);
    const struct seq_node *q = find_seq(s, key->org, key->seq);
    return q && (key->type == SCRATCH_LATE ? q->late_at == s->late_generation + 1 : q->loaded);
}

struct scratch_row *scratch_row(struct scratch *s, uint32_t kind, struct id id)
{
    struct row_node *n = find_row(s, kind, id);
    return n ? &n->row : NULL;
}

const struct scratch_row *scratch_look(const struct scratch *s, uint32_t kind, struct id id)
{
    const struct row_node *n = find_row(s, kind, id);
    return n ? &n->row : NULL;
}

const struct identity *scratch_identity(const struct scratch *s, uint32_t org, uint64_t seq)
{
    const struct seq_node *n = find_seq(s, org, seq);
    return n && n->exists ? &n->who : NULL;
}

int64_t scratch_time(const struct scratch *s, uint32_t org, uint64_t seq)
{
    const struct seq_node *n = find_seq(s, org, seq);
    return n ? n->received_ms : 0;
}

/* ---- what a loader found ---- */
static struct record_node *record_node(struct scratch *s, struct id record)
{
    struct record_node *n = find_record(s, record);
    if (n)
        return n;
    n = scratch_alloc(s, sizeof *n);
    n->record = record;
    HASH_ADD(hh, s->records, record, sizeof n->record, n);
    return n;
}

static void list_conflict(struct scratch *s, struct scratch_row *row)
{
    struct row_node *node = (struct row_node *)row;
    const Record__Conflict *c = (const Record__Conflict *)row->message;
    if (node->listed || row->kind != KIND_CONFLICT || !c || c->record_id.len != ID_SIZE)
        return;
    struct record_node *r = record_node(s, id_from(slice_of(c->record_id.data, ID_SIZE)));
    if (r->count == r->capacity) {
        size_t capacity = r->capacity ? 2 * r->capacity : 4;
        struct scratch_row **grown = realloc(r->conflicts, capacity * sizeof(struct scratch_row *));
        CHECK(grown);
        r->conflicts = grown;
        r->capacity = capacity;
    }
    r->conflicts[r->count++] = row;
    node->listed = true;
}

void scratch_list(struct scratch *s, struct scratch_row *row)
{
    list_conflict(s, row);
    children_list_row(s, row);
}

void scratch_add_row(struct scratch *s, const struct scratch_row *row)
{
    if (find_row(s, row->kind, row->id))
        return; /* what is here may have changed since */
    struct row_node *n = scratch_alloc(s, sizeof *n);
    n->row = *row;
    n->row.dirty = false;
    row_key(row->kind, row->id, n->key);
    HASH_ADD(hh, s->rows, key, ROW_KEY_SIZE, n);
    scratch_list(s, &n->row);
}

void scratch_add_conflicts_loaded(struct scratch *s, struct id record)
{
    record_node(s, record)->loaded = true;
}

void scratch_add_absent(struct scratch *s, const struct scratch_keys *keys)
{
    for (size_t i = 0; i < keys->count; i++)
        if (keys->list[i].type == SCRATCH_CHILDREN)
            scratch_add_children_loaded(s, &keys->list[i]);
        else
            scratch_add_row(s, &(struct scratch_row){.kind = keys->list[i].kind, .id = keys->list[i].id});
}

static struct seq_node *seq_node(struct scratch *s, uint32_t org, uint64_t seq)
{
    struct seq_node *n = find_seq(s, org, seq);
    if (n)
        return n;
    n = scratch_alloc(s, sizeof *n);
    seq_key(org, seq, n->key);
    HASH_ADD(hh, s->seqs, key, SEQ_KEY, n);
    return n;
}

void scratch_add_identity(struct scratch *s, uint32_t org, uint64_t seq, const struct identity *who)
{
    struct seq_node *n = seq_node(s, org, seq);
    n->loaded = true;
    n->exists = who != NULL;
    if (who)
        n->who = *who;
}

void scratch_add_time(struct scratch *s, uint32_t org, uint64_t seq, int64_t received_ms)
{
    seq_node(s, org, seq)->received_ms = received_ms;
}

void scratch_add_late(struct scratch *s, uint32_t org, uint64_t seq, const uint64_t *old, size_t count)
{
    struct seq_node *n = seq_node(s, org, seq);
    uint64_t *list = scratch_alloc(s, (count + 1) * sizeof *list);
    if (count)
        memcpy(list, old, count * sizeof *list);
    n->late = list;
    n->late_count = count;
    n->late_at = s->late_generation + 1;
}

void scratch_forget_late(struct scratch *s)
{
    s->late_generation++;
}

const uint64_t *scratch_late(const struct scratch *s, uint32_t org, uint64_t seq, size_t *count)
{
    const struct seq_node *n = find_seq(s, org, seq);
    bool known = n && n->late_at == s->late_generation + 1;
    *count = known ? n->late_count : 0;
    return known ? n->late : NULL;
}

/* ---- conflicts of a record ---- */
size_t scratch_conflicts(struct scratch *s, struct id record, struct scratch_row *const **out)
{
    const struct record_node *r = find_record(s, record);
    *out = r ? r->conflicts : NULL;
    return r ? r->count : 0;
}

bool scratch_conflict_is_open(const struct scratch_row *row)
{
    const Record__Conflict *c = (const Record__Conflict *)row->message;
    return c && (!c->state || strcmp(c->state, "open") == 0);
}

bool scratch_conflict_at(struct scratch *s, struct id record, size_t index, struct scratch_row **out)
{
    struct scratch_row *const *list;
    size_t count = scratch_conflicts(s, record, &list);
    for (size_t i = 0; i < count; i++)
        if (scratch_conflict_is_open(list[i]) && index-- == 0) {
            *out = list[i];
            return true;
        }
    return false;
}

/* ---- changes ---- */
static void save_row(struct scratch *s, struct row_node *n)
{
    if (s->saved_count == s->saved_capacity) {
        s->saved_capacity = s->saved_capacity ? 2 * s->saved_capacity : 16;
        s->saved = realloc(s->saved, s->saved_capacity * sizeof *s->saved);
        CHECK(s->saved);
    }
    struct saved_row *at = &s->saved[s->saved_count++];
    *at = (struct saved_row){.row = &n->row, .before = n->row};
    at->before.stamps = stamps_copy(&n->row.stamps, &s->arena);
    n->saved = true;
}

void scratch_touch(struct scratch *s, struct scratch_row *row)
{
    struct row_node *n = (struct row_node *)row;
    if (s->marked && !n->saved)
        save_row(s, n);
    if (row->dirty)
        return;
    if (s->dirty_count == s->dirty_capacity) {
        s->dirty_capacity = s->dirty_capacity ? 2 * s->dirty_capacity : 64;
        s->dirty = realloc(s->dirty, s->dirty_capacity * sizeof(struct scratch_row *));
        CHECK(s->dirty);
    }
    s->dirty[s->dirty_count++] = row;
    row->dirty = true;
}

bool scratch_dirty_at(struct scratch *s, size_t index, struct scratch_row **out)
{
    if (index >= s->dirty_count)
        return false;
    *out = s->dirty[index];
    return true;
}

static void forget_saved(struct scratch *s)
{
    for (size_t i = 0; i < s->saved_count; i++)
        ((struct row_node *)s->saved[i].row)->saved = false;
    s->saved_count = 0;
    s->marked = false;
}

void scratch_mark(struct scratch *s)
{
    CHECK(!s->marked);
    s->marked = true;
    s->dirty_at_mark = s->dirty_count;
}

/* Identities that were added since stay: their seq is not given yet, and whoever gets it writes over them. */
void scratch_back(struct scratch *s)
{
    CHECK(s->marked);
    for (size_t i = 0; i < s->saved_count; i++)
        *s->saved[i].row = s->saved[i].before;
    s->dirty_count = s->dirty_at_mark;
    forget_saved(s);
}

void scratch_release(struct scratch *s)
{
    CHECK(s->marked);
    forget_saved(s);
}
