/* See store_erase.h. */
#include "server/store/store_erase.h"

#include "base/log.h"
#include "server/store/store_inner.h"
#include "sync/account.h"
#include "sync/carry.h"
#include "wire/wire.h"

#define SCRATCH_CAP ((size_t)4 << 30) /* an upper bound; a person's records are few */

/* ---- the log ---- */

static void bind_or_null(struct db_statement *q, int at, struct slice bytes)
{
    if (bytes.size)
        db_bind_blob(q, at, bytes);
    else
        db_bind_null(q, at);
}

struct log {
    struct store *store;
    const struct erasures *known;
    struct arena arena;
    size_t *count; /* of entries that lose something */
};

static enum err put_back(struct store *s, uint32_t org, const struct entry *e)
{
    struct db_statement *q;
    enum err failed = db_prepare(
        s->db,
        "UPDATE history SET salt=NULL, arguments=NULL, entry_hash=$1, effects=$2, change=$3 WHERE org=$4 AND seq=$5",
        &q);
    if (failed != ERR_OK)
        return failed;
    db_bind_blob(q, 1, slice_of(e->entry_hash, sizeof e->entry_hash));
    bind_or_null(q, 2, e->effects);
    bind_or_null(q, 3, e->change);
    db_bind_integer(q, 4, org);
    db_bind_integer(q, 5, (int64_t)e->seq);
    return db_run(q);
}

static enum err count_holding(void *to, uint32_t org, struct entry *e)
{
    struct log *l = to;
    (void)org;
    *l->count += erase_entry(l->known, e, &l->arena);
    return ERR_OK;
}

static enum err erase_holding(void *to, uint32_t org, struct entry *e)
{
    struct log *l = to;
    if (!erase_entry(l->known, e, &l->arena))
        return ERR_OK;
    ++*l->count;
    return put_back(l->store, org, e);
}

static enum err walk(struct store *s, uint32_t org, const struct erasures *known, store_on_entry *each, size_t *count)
{
    struct log l = {.store = s, .known = known, .count = count};
    arena_init(&l.arena, 256u << 20);
    enum err e = store_each_entry(s, org, 0, &l.arena, each, &l);
    arena_finish(&l.arena);
    return e;
}

/* ---- what a restore cut off ---- */

struct cut_line {
    int64_t path, seq;
};

static enum err next_cut(struct store *s, uint32_t org, struct cut_line *at, struct arena *arena, struct slice *packed,
                         bool *more)
{
    struct db_statement *q;
    enum err e = db_prepare(
        s->db, "SELECT path, seq, entry FROM cut WHERE org=$1 AND (path, seq)>($2, $3) ORDER BY path, seq LIMIT 1",
        &q);
    if (e != ERR_OK)
        return e;
    db_bind_integer(q, 1, org);
    db_bind_integer(q, 2, at->path);
    db_bind_integer(q, 3, at->seq);
    e = db_step(q, more);
    if (e != ERR_OK || !*more)
        return e;
    at->path = db_integer(q, 0);
    at->seq = db_integer(q, 1);
    *packed = arena_copy(arena, db_blob(q, 2));
    db_reset(q);
    return ERR_OK;
}

static enum err put_cut(struct store *s, uint32_t org, const struct cut_line *at, const struct entry *entry,
                        struct arena *arena)
{
    struct db_statement *q;
    enum err e = db_prepare(s->db, "UPDATE cut SET entry=$1 WHERE org=$2 AND path=$3 AND seq=$4", &q);
    if (e != ERR_OK)
        return e;
    struct slice packed = wire_pack_arena(&entry_wire(entry, arena)->base, arena);
    db_bind_blob(q, 1, packed);
    db_bind_integer(q, 2, org);
    db_bind_integer(q, 3, at->path);
    db_bind_integer(q, 4, at->seq);
    return db_run(q);
}

/* Nobody can say what of it was erased. */
static enum err drop_cut(struct store *s, uint32_t org, const struct cut_line *at)
{
    struct db_statement *q;
    enum err e = db_prepare(s->db, "DELETE FROM cut WHERE org=$1 AND path=$2 AND seq=$3", &q);
    if (e != ERR_OK)
        return e;
    db_bind_integer(q, 1, org);
    db_bind_integer(q, 2, at->path);
    db_bind_integer(q, 3, at->seq);
    log_error("store", "org %u: an entry that a restore had cut back can't be read; it goes, as it may hold what is erased", org);
    return db_run(q);
}

static enum err erase_cut(struct store *s, uint32_t org, const struct erasures *known, size_t *count)
{
    struct cut_line at = {0};
    struct arena arena;
    bool more = true;
    enum err e = ERR_OK;
    arena_init(&arena, 64u << 20);
    while (more && e == ERR_OK) {
        struct slice packed;
        ProtobufCMessage *m;
        struct entry entry;
        arena_reset(&arena);
        e = next_cut(s, org, &at, &arena, &packed, &more);
        if (e != ERR_OK || !more)
            break;
        e = wire_open(&wire__entry__descriptor, packed, &arena, &m);
        if (e == ERR_OK)
            e = entry_open((const Wire__Entry *)m, &arena, &entry);
        if (e == ERR_WIRE) {
            e = drop_cut(s, org, &at);
        } else if (e == ERR_OK && erase_entry(known, &entry, &arena)) {
            ++*count;
            e = put_cut(s, org, &at, &entry, &arena);
        }
    }
    arena_finish(&arena);
    return e;
}

enum err store_erase_history(struct store *s, uint32_t org, const struct erasures *known, size_t *count)
{
    enum err e = walk(s, org, known, erase_holding, count);
    return e == ERR_OK ? erase_cut(s, org, known, count) : e;
}

/* ---- rows ---- */

static enum err load(struct store *s, struct scratch *scratch, struct scratch_keys *missing)
{
    enum err e = missing->count ? store_load(s, scratch, missing) : ERR_OK;
    missing->count = 0;
    return e;
}

/* As the log says it now: nobody wrote what is erased. True if anybody had. */
static bool forget_writers(struct stamps *stamps, const struct erasures *known, uint32_t kind, struct id id)
{
    struct erased_fields f = {0};
    size_t n = 0, before = stamps->count;
    if (kind == KIND_CONFLICT || !known->find(known->to, kind, id, &f))
        return false;
    for (size_t i = 0; i < before; i++)
        if (!erased_holds(f, stamps->pairs[i].tag))
            stamps->pairs[n++] = stamps->pairs[i];
    stamps->count = n;
    return n < before;
}

struct rows {
    struct store *store;
    struct scratch *scratch;
    struct org_state *state;
    uint32_t org;
    const struct erasures *known;
    size_t count;
};

static enum err load_account(struct rows *r, const struct kind *k, const struct scratch_row *row,
                             const ProtobufCMessage *after)
{
    struct scratch_keys missing = {.count = 0};
    do {
        enum err e = load(r->store, r->scratch, &missing);
        if (e != ERR_OK)
            return e;
        account_keys(k, r->org, &row->id, carry_side(row), r->scratch, &missing);
        account_keys(k, r->org, &row->id, (struct row_side){.exists = true, .message = after}, r->scratch, &missing);
    } while (missing.count);
    return ERR_OK;
}

static enum err erase_one(struct rows *r, struct scratch_row *row)
{
    struct arena *arena = scratch_arena(r->scratch);
    const struct kind *k = kind_by_number(row->kind);
    if (!k || !row->message || row->org != r->org)
        return ERR_OK;
    ProtobufCMessage *after = record_copy(row->message, arena);
    CHECK(after);
    struct stamps stamps = stamps_copy(&row->stamps, arena);
    bool values = erase_row(r->known, row->kind, row->id, after, arena);
    if (!forget_writers(&stamps, r->known, row->kind, row->id) && !values)
        return ERR_OK;
    enum err e = load_account(r, k, row, after);
    if (e != ERR_OK)
        return e;
    struct row_side before = carry_side(row);
    scratch_touch(r->scratch, row);
    row->message = after;
    row->stamps = stamps;
    scratch_list(r->scratch, row);
    org_state_row(r->state, k, row->id, before, carry_side(row));
    account_change(r->state, r->scratch, k, r->org, row->id, before, carry_side(row));
    r->count++;
    return ERR_OK;
}

static enum err erase_with_conflicts(struct rows *r, const Wire__Erased *one)
{
    struct scratch_keys missing = {.count = 0};
    struct scratch_row *const *list;
    struct id id = id_from(slice_of(one->id.data, ID_SIZE));
    scratch_keys_add(&missing, (struct scratch_key){.type = SCRATCH_ROW, .kind = one->kind, .id = id});
    scratch_keys_add(&missing, (struct scratch_key){.type = SCRATCH_CONFLICTS, .id = id});
    enum err e = kind_by_number(one->kind) ? load(r->store, r->scratch, &missing) : ERR_OK;
    struct scratch_row *row = e == ERR_OK ? scratch_row(r->scratch, one->kind, id) : NULL;
    if (row)
        e = erase_one(r, row);
    size_t count = e == ERR_OK ? scratch_conflicts(r->scratch, id, &list) : 0;
    for (size_t i = 0; i < count && e == ERR_OK; i++) {
        e = erase_one(r, list[i]);
        count = scratch_conflicts(r->scratch, id, &list);
    }
    return e;
}

enum err store_erase_values(struct store *s, const Wire__Erasure *x, uint32_t epoch, const struct erasures *known,
                            size_t *count)
{
    struct rows r = {.store = s, .scratch = scratch_create(SCRATCH_CAP), .org = x->org, .known = known};
    enum err e = store_load_org(s, x->org, epoch, &r.state);
    for (size_t i = 0; i < x->n_erased && e == ERR_OK; i++)
        e = erase_with_conflicts(&r, x->erased[i]);
    if (e == ERR_OK)
        e = store_put_rows(s, r.scratch);
    if (e == ERR_OK && r.count)
        e = store_put_org(s, r.state);
    *count += r.count;
    org_state_destroy(r.state);
    scratch_destroy(r.scratch);
    return e;
}

/* ---- asked ---- */

enum err store_check_erased(struct store *s, uint32_t org, const struct erasures *known, int64_t *wrong)
{
    size_t count = 0;
    enum err e = walk(s, org, known, count_holding, &count);
    if (e == ERR_OK)
        *wrong = (int64_t)count;
    return e;
}

enum err store_each_record_logged(struct store *s, uint32_t kind, store_each_record *each, void *to)
{
    struct db_statement *q;
    bool row = true;
    enum err e =
        db_prepare_own(s->db, "SELECT DISTINCT org, record FROM history WHERE kind=$1 AND record IS NOT NULL", &q);
    if (e != ERR_OK)
        return e;
    db_bind_integer(q, 1, kind);
    while (e == ERR_OK && (e = db_step(q, &row)) == ERR_OK && row)
        e = each(to, (uint32_t)db_integer(q, 0), db_id(q, 1));
    db_finish(q);
    return e;
}
