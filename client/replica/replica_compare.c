/* Digests (rule 30): what the server says of its rows against the confirmed rows here. A difference repairs the kind. */
#include "client/replica/replica_pull.h"
#include "client/replica/replica_sync.h"
#include "base/limits.h"
#include "base/log.h"
#include "sync/digest.h"
#include "wire/wire.h"

#include <stdlib.h>
#include <string.h>

#define SUMS_MAX 256 /* two classes of 64 kinds, and of the conflicts about them */

struct sums {
    struct { uint32_t scope; enum field_class class; struct digest_sum sum; } list[SUMS_MAX];
    size_t count;
};

static struct digest_sum *sum_of(struct sums *s, uint32_t scope, enum field_class class)
{
    for (size_t i = 0; i < s->count; i++)
        if (s->list[i].scope == scope && s->list[i].class == class)
            return &s->list[i].sum;
    if (s->count == SUMS_MAX)
        return NULL;
    s->list[s->count].scope = scope;
    s->list[s->count].class = class;
    s->list[s->count].sum = (struct digest_sum){{0, 0}};
    return &s->list[s->count++].sum;
}

static enum err add_row(struct sums *s, const struct kind *k, struct id id, uint64_t seq, const ProtobufCMessage *m)
{
    uint32_t scope = digest_scope(k, m);
    struct digest_sum *open = sum_of(s, scope, CLASS_OPEN), *sensitive = sum_of(s, scope, CLASS_SENSITIVE);
    if (!open || !sensitive)
        return ERR_FULL;
    digest_add(open, digest_row(k, id, seq, m, CLASS_OPEN));
    digest_add(sensitive, digest_row(k, id, seq, m, CLASS_SENSITIVE));
    return ERR_OK;
}

/* ---- confirmed rows: the tables, but where a shadow stands the shadow ---- */

static int compare_ids(const void *a, const void *b)
{
    return id_compare(*(const struct id *)a, *(const struct id *)b);
}

static enum err sum_shadows(struct replica *r, uint32_t org, struct sums *s, struct buf *ids)
{
    struct db_statement *st;
    struct arena arena;
    bool row;
    arena_init(&arena, LIMIT_ARENA);
    enum err e = sql_ask(r->db, &st, "SELECT id, kind, seq, dead, row FROM shadow WHERE org = ?1 ORDER BY id", "i", (int64_t)org);
    while (e == ERR_OK && (e = db_step(st, &row)) == ERR_OK && row) {
        ProtobufCMessage *m = NULL;
        struct id id = db_id(st, 0);
        const struct kind *k = kind_by_number((uint32_t)db_integer(st, 1));
        uint64_t seq = (uint64_t)db_integer(st, 2);
        buf_append(ids, &id, sizeof id);
        if (!k || seq == 0)
            continue; /* never confirmed */
        arena_reset(&arena);
        if (!db_is_null(st, 4))
            e = wire_open(k->descriptor, db_blob(st, 4), &arena, &m);
        if (e == ERR_OK && (m || db_integer(st, 3)))
            e = add_row(s, k, id, seq, m);
    }
    if (e == ERR_OK)
        db_reset(st);
    arena_finish(&arena);
    return e == ERR_WIRE ? ERR_CORRUPT : e;
}

static enum err sum_table(struct replica *r, uint32_t org, uint32_t kind, const struct buf *shadows, struct sums *s)
{
    struct table_cursor *cursor;
    struct arena arena;
    const struct kind *k = kind_by_number(kind);
    enum err e = table_scan(r->tables, kind, org, NULL, TABLE_LIVING | TABLE_DEAD, &cursor);
    if (e != ERR_OK)
        return e;
    arena_init(&arena, LIMIT_ARENA);
    for (;;) {
        struct row row;
        bool more;
        arena_reset(&arena);
        e = table_next(cursor, &arena, &row, &more);
        if (e != ERR_OK || !more)
            break;
        bool shadowed = shadows->size > 0 &&
                        bsearch(&row.id, shadows->data, shadows->size / sizeof(struct id), sizeof(struct id), compare_ids);
        if (!shadowed && (e = add_row(s, k, row.id, row.seq, row.message)) != ERR_OK)
            break;
    }
    arena_finish(&arena);
    table_scan_close(cursor);
    return e;
}

static enum err sum_all(struct replica *r, uint32_t org, struct sums *s)
{
    struct buf shadows = BUF_INIT;
    enum err e = sum_shadows(r, org, s, &shadows);
    for (size_t i = 0; e == ERR_OK && i < r->spec_count; i++)
        e = sum_table(r, org, r->specs[i].number, &shadows, s);
    buf_finish(&shadows);
    return e;
}

/* ---- against the server's ---- */

static uint32_t kind_of_scope(uint32_t scope)
{
    return scope >= KIND_CONFLICT << 16 ? KIND_CONFLICT : scope;
}

static bool reads(uint32_t scope, enum field_class class, role_set roles)
{
    uint32_t number = scope >= KIND_CONFLICT << 16 ? scope & 0xffff : scope;
    const struct kind *k = kind_by_number(number);
    enum access access = k ? kind_access(k, NULL, roles) : ACCESS_NONE;
    return access == ACCESS_FULL || (access == ACCESS_OPEN && class == CLASS_OPEN);
}

static const Wire__Digest *digest_of(const Wire__Digests *d, uint32_t scope, enum field_class class)
{
    for (size_t i = 0; i < d->n_digest; i++)
        if (d->digest[i]->scope == scope && d->digest[i]->class_ == (uint32_t)class)
            return d->digest[i];
    return NULL;
}

static enum err differ(struct replica *r, uint32_t org, uint32_t scope, enum field_class class, unsigned *repairs)
{
    log_warn("replica", "org %u: rows of kind %u (scope %u, class %d) differ from the server's; taking them again", org,
             kind_of_scope(scope), scope, (int)class);
    enum err e = sql_run(r->db, "INSERT OR IGNORE INTO repair(org, kind) VALUES(?1, ?2)", "ii", (int64_t)org, (int64_t)kind_of_scope(scope));
    if (e == ERR_OK && db_changes(r->db) > 0)
        ++*repairs;
    return e;
}

/* A server that knows other fields of the kind sums other values: nothing to compare until one of the two is updated. */
static bool knows_otherwise(const Wire__Digest *x)
{
    const ProtobufCMessageDescriptor *d = kind_by_number(kind_of_scope(x->scope))->descriptor;
    return x->has_fields && x->fields != d->fields[d->n_fields - 1].id;
}

static enum err compare(struct replica *r, const Wire__Digests *d, struct sums *s, role_set roles, unsigned *repairs)
{
    enum err e = ERR_OK;
    for (size_t i = 0; e == ERR_OK && i < d->n_digest; i++) {
        const Wire__Digest *x = d->digest[i];
        uint8_t here[16];
        enum field_class class = (enum field_class)x->class_;
        if (!kind_by_number(kind_of_scope(x->scope)) || !reads(x->scope, class, roles) || knows_otherwise(x))
            continue;
        struct digest_sum *sum = sum_of(s, x->scope, class);
        digest_bytes(sum ? *sum : (struct digest_sum){{0, 0}}, here);
        if (!slice_equal(slice_of(here, 16), slice_of(x->sum.data, x->sum.len)))
            e = differ(r, d->org, x->scope, class, repairs);
    }
    /* And the other way round: rows here of which the server has none. */
    for (size_t i = 0; e == ERR_OK && i < s->count; i++) {
        bool any = !digest_equal(s->list[i].sum, (struct digest_sum){{0, 0}});
        if (any && reads(s->list[i].scope, s->list[i].class, roles) && !digest_of(d, s->list[i].scope, s->list[i].class))
            e = differ(r, d->org, s->list[i].scope, s->list[i].class, repairs);
    }
    return e;
}

enum err replica_compare(struct replica *r, const Wire__Digests *d, bool *level, unsigned *repairs)
{
    struct replica_facts f;
    struct position p;
    struct sums *sums = calloc(1, sizeof *sums);
    if (!sums)
        return ERR_MEMORY;
    *level = false;
    *repairs = 0;
    enum err e = replica_facts(r, &f);
    if (e == ERR_OK)
        e = inner_begin(r);
    if (e != ERR_OK)
        goto done;
    e = position_load(r, d->org, &p);
    if (e == ERR_OK && p.seq == d->seq && p.snap == SNAP_NONE) {
        *level = true;
        e = sum_all(r, d->org, sums);
        if (e == ERR_OK)
            e = compare(r, d, sums, f.roles, repairs);
        if (e == ERR_OK && *repairs > 0)
            e = page_next_repair(r, &p);
        if (e == ERR_OK && *repairs > 0)
            e = position_save(r, &p);
        if (e == ERR_OK && *repairs > 0)
            e = replica_meta_put_integer(r, "repairs", f.repairs + *repairs);
    } else if (e == ERR_NOT_FOUND) {
        e = ERR_OK;
    }
    e = inner_end(r, e);
done:
    free(sums);
    return e;
}
