/* See replica_look.h. The kinds' tables hold rows as they are shown, so that a set is one walk over an index. */
#include "client/replica/replica_look.h"

#include <stdlib.h>
#include <string.h>

/* ---- rows ---- */

static enum err load_row(struct replica *r, struct scratch *scratch, const struct scratch_key *key)
{
    const struct kind *k = kind_by_number(key->kind);
    struct scratch_row row = {.kind = key->kind, .id = key->id};
    struct confirmed c = {0};
    enum err e = k ? rows_shown(r, k, key->id, scratch_arena(scratch), &c, &row.message) : ERR_OK;
    if (e != ERR_OK)
        return e;
    row.org = c.org;
    row.seq = c.seq;
    row.dead = !row.message && c.dead;
    scratch_add_row(scratch, &row);
    return ERR_OK;
}

/* All of them, those that are over too: the scratch tells them apart. */
static enum err load_conflicts(struct replica *r, struct scratch *scratch, struct id record)
{
    struct id *ids;
    size_t count;
    enum err e = table_find_all(r->tables, KIND_CONFLICT, "record_id", cell_bytes(id_slice(&record)), &ids, &count);
    for (size_t i = 0; e == ERR_OK && i < count; i++) {
        struct scratch_key key = {.type = SCRATCH_ROW, .kind = KIND_CONFLICT, .id = ids[i]};
        if (!scratch_has(scratch, &key))
            e = load_row(r, scratch, &key);
    }
    free(ids);
    if (e == ERR_OK)
        scratch_add_conflicts_loaded(scratch, record);
    return e;
}

static enum err load_children(struct replica *r, struct scratch *scratch, const struct scratch_key *key)
{
    struct table_cursor *c;
    bool more = true;
    const struct kind *k = kind_by_number(key->kind);
    const ProtobufCFieldDescriptor *field = k ? record_field_tag(k->descriptor, key->tag) : NULL;
    if (!field)
        return ERR_BUG;
    enum err e = table_scan_value(r->tables, key->kind, key->org, field->name, key->value, &c);
    if (e != ERR_OK)
        return e;
    while (e == ERR_OK && more) {
        struct row row;
        e = table_next(c, scratch_arena(scratch), &row, &more);
        if (e == ERR_OK && more)
            scratch_add_row(
                scratch, &(struct scratch_row){
                             .kind = row.kind, .id = row.id, .org = row.org, .seq = row.seq, .message = row.message});
    }
    table_scan_close(c);
    if (e == ERR_OK)
        scratch_add_children_loaded(scratch, key);
    return e;
}

enum err look_load(struct replica *r, struct scratch *scratch, const struct scratch_key *key)
{
    if (scratch_has(scratch, key))
        return ERR_OK;
    switch (key->type) {
    case SCRATCH_ROW:
        return load_row(r, scratch, key);
    case SCRATCH_CONFLICTS:
        return load_conflicts(r, scratch, key->id);
    case SCRATCH_CHILDREN:
        return load_children(r, scratch, key);
    case SCRATCH_IDENTITY: /* stamps stay with the server */
        scratch_add_identity(scratch, key->org, key->seq, NULL);
        return ERR_OK;
    case SCRATCH_LATE:
        scratch_add_late(scratch, key->org, key->seq, NULL, 0);
        return ERR_OK;
    }
    return ERR_BUG;
}

/* ---- orgs ---- */

#define ORGS_MAX 64 /* an own org and those above it: a tree has five levels */

static enum err read_orgs(struct db_statement *s, uint32_t *list, size_t *count)
{
    bool row = true;
    enum err e = ERR_OK;
    while (*count < ORGS_MAX && (e = db_step(s, &row)) == ERR_OK && row)
        list[(*count)++] = (uint32_t)db_integer(s, 0);
    if (e == ERR_OK)
        db_reset(s);
    return e;
}

enum err look_held(struct replica *r, struct arena *arena, const uint32_t **out, size_t *count)
{
    struct db_statement *s;
    size_t found = 0;
    uint32_t *list = arena_alloc(arena, ORGS_MAX * sizeof *list);
    if (!list)
        return ERR_MEMORY;
    enum err e = sql_ask(r->db, &s,
                         "SELECT o.number FROM org o LEFT JOIN position p ON p.org = o.number"
                         " WHERE o.held = 1 AND coalesce(p.snap, ?1) NOT IN (?2, ?3)",
                         "iii", (int64_t)SNAP_NONE, (int64_t)SNAP_WANTED, (int64_t)SNAP_ROWS);
    if (e == ERR_OK)
        e = read_orgs(s, list, &found);
    if (e != ERR_OK)
        return e;
    *out = list;
    *count = found;
    return ERR_OK;
}

#define UPWARD                                                                                                         \
    "WITH RECURSIVE up(number, parent, steps) AS (SELECT number, parent, 0 FROM org WHERE number = ?1 UNION ALL"       \
    " SELECT o.number, o.parent, steps + 1 FROM org o JOIN up ON o.number = up.parent WHERE steps < 16)"               \
    " SELECT number FROM up ORDER BY steps"

enum err look_above(struct replica *r, uint32_t org, uint32_t home, struct arena *arena, const uint32_t **out,
                    size_t *count)
{
    struct db_statement *s;
    size_t found = 0;
    uint32_t *list = arena_alloc(arena, ORGS_MAX * sizeof *list);
    if (!list)
        return ERR_MEMORY;
    enum err e = sql_ask(r->db, &s, UPWARD, "i", (int64_t)org);
    if (e == ERR_OK)
        e = read_orgs(s, list, &found);
    bool known = found > 0;
    if (e == ERR_OK && !known) {
        e = sql_ask(r->db, &s, UPWARD, "i", (int64_t)home);
        if (e == ERR_OK)
            e = read_orgs(s, list, &found);
    }
    if (e != ERR_OK)
        return e;
    *out = known ? list + 1 : list; /* without the org itself */
    *count = known ? found - 1 : found;
    return ERR_OK;
}

/* ---- codes ---- */

enum err look_own(struct replica *r, uint32_t org, struct arena *arena, struct look_own *out)
{
    struct replica_org own;
    enum err e = replica_org(r, org, arena, &own);
    *out = (struct look_own){org, e == ERR_OK ? own.code : NULL};
    return e == ERR_NOT_FOUND ? ERR_OK : e;
}

static const char *code_of(const void *to, uint32_t org)
{
    const struct look_own *own = to;
    return org == own->number ? own->code : NULL;
}

static uint32_t number_of(const void *to, const char *code)
{
    const struct look_own *own = to;
    return own->code && strcmp(own->code, code) == 0 ? own->number : ORG_UNKNOWN;
}

struct org_codes look_codes(const struct look_own *own)
{
    return (struct org_codes){code_of, number_of, own};
}
