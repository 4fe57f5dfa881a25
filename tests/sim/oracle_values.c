/* See oracle_values.h. The chain of a value: change (here) effect (here) row of the server (oracle_rows) row of a
 * device. What the model itself takes are effects; were they not held against the changes, it would believe whatever
 * the server made of them. */
#include "tests/sim/oracle_values.h"

#include "tests/sim/erase.h"
#include "tests/sim/oracle_parts.h"

#include "base/limits.h"
#include "client/replica/sql.h"
#include "conflict.pb-c.h"
#include "sync/fields.h"

#include <string.h>

static bool is_cleared(const struct change *c, uint32_t tag)
{
    for (size_t i = 0; i < c->cleared_count; i++)
        if (c->cleared[i] == tag)
            return true;
    return false;
}

static void fail(uint32_t org, const struct entry *e, const struct change *c, const ProtobufCFieldDescriptor *f,
                 const char *where)
{
    world_fail("org %u, seq %llu: %s of a %s %s is not what change %llu of seat %u says", org,
               (unsigned long long)e->seq, f->name, c->kind->name, where, (unsigned long long)e->identity.n,
               e->identity.seat);
}

/* values: the kind's message. What the change does not say of is of no interest here. */
static void expect_said(uint32_t org, const struct entry *e, const struct change *c, const ProtobufCMessage *values,
                        const char *where)
{
    for (unsigned i = 0; i < c->kind->descriptor->n_fields; i++) {
        const ProtobufCFieldDescriptor *f = &c->kind->descriptor->fields[i];
        struct cell said = record_get(c->patch, f), there = record_get(values, f);
        bool differs = there.type != CELL_ABSENT && said.type != CELL_ABSENT && !cell_equal(there, said);
        if (differs || (there.type != CELL_ABSENT && is_cleared(c, f->id)))
            fail(org, e, c, f, where);
    }
}

/* NULL: it holds none. */
static ProtobufCMessage *opened(const struct kind *k, bool has, ProtobufCBinaryData packed, struct arena *arena)
{
    return has ? fields_unpack(k->descriptor, slice_of(packed.data, packed.len), arena) : NULL;
}

static void expect_stood(const struct model *m, uint32_t org, const struct entry *e, const struct change *c,
                         const ProtobufCMessage *theirs)
{
    for (unsigned i = 0; i < c->kind->descriptor->n_fields; i++) {
        const ProtobufCFieldDescriptor *f = &c->kind->descriptor->fields[i];
        struct cell there = record_get(theirs, f);
        if (there.type != CELL_ABSENT && !model_holds(m, c->id, f->id, there))
            world_fail("org %u, seq %llu: a conflict about a %s says of %s what did not stand there", org,
                       (unsigned long long)e->seq, c->kind->name, f->name);
    }
}

static void expect_conflict(const struct model *m, uint32_t org, const struct entry *e, const struct change *c,
                            const Record__Conflict *x)
{
    struct arena arena;
    arena_init(&arena, LIMIT_ARENA);
    const ProtobufCMessage *mine[] = {opened(c->kind, x->has_mine, x->mine, &arena),
                                      opened(c->kind, x->has_mine_sensitive, x->mine_sensitive, &arena)};
    const ProtobufCMessage *theirs[] = {opened(c->kind, x->has_theirs, x->theirs, &arena),
                                        opened(c->kind, x->has_theirs_sensitive, x->theirs_sensitive, &arena)};
    for (int i = 0; i < 2; i++) {
        if (mine[i])
            expect_said(org, e, c, mine[i], "in a conflict");
        if (theirs[i])
            expect_stood(m, org, e, c, theirs[i]);
    }
    arena_finish(&arena);
}

void values_expect_entry(const struct model *m, uint32_t org, const struct entry *e, const struct change *c,
                         const struct effects *effects)
{
    if (e->verdict == VERDICT_REFUSED || e->verdict == VERDICT_SAME)
        return;
    for (size_t i = 0; i < effects->count; i++) {
        const struct effect *f = &effects->list[i];
        if (!f->patch)
            continue;
        if (id_equal(f->id, c->id))
            expect_said(org, e, c, f->patch, "in its record");
        else if (e->verdict == VERDICT_CONFLICT && f->kind_number == KIND_CONFLICT)
            expect_conflict(m, org, e, c, (const Record__Conflict *)f->patch);
    }
}

/* ---- what clashed is in some conflict ---- */

static bool is_named(const char *names, const char *name)
{
    size_t size = strlen(name);
    for (const char *at = names; at && *at; at += strcspn(at, ","), at += *at == ',')
        if (strcspn(at, ",") == size && memcmp(at, name, size) == 0)
            return true;
    return false;
}

static bool is_kept(const struct change *c, const ProtobufCFieldDescriptor *f, const Record__Conflict *x,
                    struct arena *arena)
{
    const ProtobufCMessage *mine = opened(c->kind, x->has_mine_sensitive || x->has_mine,
                                          x->has_mine_sensitive ? x->mine_sensitive : x->mine, arena);
    return is_cleared(c, f->id) ? is_named(x->mine_cleared, f->name)
                                : mine && cell_equal(record_get(mine, f), record_get(c->patch, f));
}

void values_expect_kept(uint32_t org, const struct entry *e, const struct change *c, const struct effects *effects,
                        const struct foresight *f)
{
    struct arena arena;
    arena_init(&arena, LIMIT_ARENA);
    for (size_t i = 0; i < f->clash_count; i++) {
        const ProtobufCFieldDescriptor *field = record_field_tag(c->kind->descriptor, f->clashes[i]);
        bool kept = false;
        for (size_t j = 0; j < effects->count && !kept; j++)
            kept = effects->list[j].kind_number == KIND_CONFLICT && effects->list[j].patch &&
                   is_kept(c, field, (const Record__Conflict *)effects->list[j].patch, &arena);
        if (!kept)
            fail(org, e, c, field, "in any conflict");
    }
    arena_finish(&arena);
}

/* ---- rows ---- */

static struct cell column(struct db_statement *q, int at, const ProtobufCFieldDescriptor *f)
{
    if (db_is_null(q, at))
        return (struct cell){.type = CELL_ABSENT};
    if (f->type == PROTOBUF_C_TYPE_STRING)
        return (struct cell){.type = CELL_TEXT, .bytes = db_text(q, at)};
    if (f->type == PROTOBUF_C_TYPE_BYTES)
        return (struct cell){.type = CELL_BYTES, .bytes = db_blob(q, at)};
    return (struct cell){.type = f->type == PROTOBUF_C_TYPE_BOOL ? CELL_BOOL : CELL_INTEGER,
                         .integer = db_integer(q, at)};
}

static void expect_kind(struct district *d, const struct model *m, uint32_t org, const struct kind *k)
{
    struct db_statement *q;
    struct buf sql = BUF_INIT;
    bool row;
    /* A conflict holds values of the record that it is about. */
    buf_format(&sql, "SELECT id, %s", k->number == KIND_CONFLICT ? "record_kind, record_id" : "0, id");
    for (unsigned i = 0; i < k->descriptor->n_fields; i++)
        buf_format(&sql, ", \"%s\"", k->descriptor->fields[i].name);
    buf_format(&sql, " FROM \"%s\" WHERE _org = ?1 ORDER BY id", k->name);
    CHECK(sql_ask(store_db(server_store(d->server)), &q, buf_c_string(&sql), "i", (int64_t)org) == ERR_OK);
    while (db_step(q, &row) == ERR_OK && row) {
        struct id id = db_id(q, 0);
        bool erased = erase_took(d, k->number == KIND_CONFLICT ? (uint32_t)db_integer(q, 1) : k->number, db_id(q, 2));
        for (unsigned i = 0; !erased && i < k->descriptor->n_fields; i++) {
            const ProtobufCFieldDescriptor *f = &k->descriptor->fields[i];
            if (!model_holds(m, id, f->id, column(q, 3 + (int)i, f)))
                world_fail("org %u: %s of a %s of the server's is not what its history says", org, f->name, k->name);
        }
    }
    buf_finish(&sql);
}

void values_expect_rows(struct district *d, const struct model *m, uint32_t org)
{
    size_t count;
    const struct kind *const *kinds = kind_all(&count);
    for (size_t i = 0; i < count; i++)
        expect_kind(d, m, org, kinds[i]);
}
