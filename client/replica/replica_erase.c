/* What was erased by law, as the server tells it; see replica_erase.h. Order: an erasure and all that it takes go in
 * one transaction; then the file is scrubbed (db_scrub). What died in between is gone on with at the next round. */
#include "client/replica/replica_erase.h"
#include "client/replica/replica_sync.h"
#include "base/limits.h"
#include "base/log.h"
#include "wire/wire.h"

#include <string.h>

#define LAST "erasures_last"    /* in meta: of the server's list, what came last */
#define SCRUB "erase_rewrite" /* 1: the file is to be scrubbed */
#define TAG_SIZE 4u
#define FROM_BIT 0x80000000u /* of a stored tag: it and every one behind it; tags are below 2^29 */

/* ---- the book ---- */

enum err erase_open(struct replica *r, struct arena *arena, struct erase_book *out)
{
    int64_t any;
    enum err e = sql_integer(r->db, 0, &any, "SELECT EXISTS(SELECT 1 FROM erased)", "");
    if (e == ERR_OK)
        *out = (struct erase_book){r, arena, any != 0, ERR_OK};
    return e;
}

static bool tags_from(struct slice packed, struct arena *arena, struct erased_fields *out)
{
    size_t count = packed.size / TAG_SIZE;
    uint32_t *tags = arena_alloc(arena, (count + 1) * sizeof *tags);
    CHECK(tags);
    for (size_t i = 0; i < count; i++) {
        const uint8_t *at = packed.data + i * TAG_SIZE;
        tags[i] = (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
    }
    *out = (struct erased_fields){tags, count, 0};
    if (count && tags[count - 1] & FROM_BIT) {
        out->count--;
        out->from = tags[count - 1] & ~FROM_BIT;
    }
    return count > 0;
}

static enum err look_up(const struct erase_book *b, uint32_t kind, struct id id, struct erased_fields *out, bool *found)
{
    struct db_statement *s;
    bool row = false;
    enum err e = sql_ask(b->r->db, &s, "SELECT tags FROM erased WHERE kind = ?1 AND id = ?2", "id", (int64_t)kind, &id);
    if (e == ERR_OK)
        e = db_step(s, &row);
    if (e != ERR_OK || !row)
        return e;
    *found = tags_from(db_blob(s, 0), b->arena, out);
    db_reset(s);
    return ERR_OK;
}

static bool find(const void *to, uint32_t kind, struct id id, struct erased_fields *out)
{
    struct erase_book *b = (struct erase_book *)to; /* who asks has it const */
    bool found = false;
    if (!b->any)
        return false;
    enum err e = look_up(b, kind, id, out, &found);
    if (b->failed == ERR_OK)
        b->failed = e;
    return found;
}

struct erasures erase_known(const struct erase_book *b)
{
    return (struct erasures){find, b};
}

/* ---- taking one in ---- */

static enum err put_fields(struct replica *r, const Wire__Erased *one, struct arena *arena)
{
    struct erase_book all = {r, arena, true, ERR_OK};
    struct erased_fields known = {0}, both;
    struct id id = id_from(slice_of(one->id.data, ID_SIZE));
    struct buf packed = BUF_INIT;
    (void)find(&all, one->kind, id, &known);
    if (all.failed != ERR_OK)
        return all.failed;
    both = erased_join(known, erased_of_wire(one), arena);
    for (size_t i = 0; i < both.count; i++)
        buf_u32(&packed, both.tags[i]);
    if (both.from)
        buf_u32(&packed, both.from | FROM_BIT);
    enum err e = sql_run(r->db,
                         "INSERT INTO erased(kind, id, tags) VALUES(?1, ?2, ?3) ON CONFLICT(kind, id) DO UPDATE SET "
                         "tags = excluded.tags",
                         "idb", (int64_t)one->kind, &id, buf_slice(&packed));
    buf_finish(&packed);
    return e;
}

/* *fresh: it was not known. told: nobody here has to be told, there was nothing here before. */
static enum err put_erasure(struct replica *r, const Wire__KnownErasure *known, bool told, bool *fresh)
{
    struct arena arena;
    const Wire__Erasure *x;
    struct slice packed = slice_of(known->erasure.data, known->erasure.len);
    arena_init(&arena, LIMIT_ARENA);
    enum err e = erasure_open(packed, &arena, &x);
    if (e == ERR_OK)
        e = sql_run(r->db,
                    "INSERT INTO erasure(id, org, at_ms, erasure, mac, told, listed) VALUES(?1, ?2, ?3, ?4, ?5, ?6, 1)"
                    " ON CONFLICT(id) DO NOTHING",
                    "biibbi", slice_of(x->id.data, x->id.len), (int64_t)x->org, x->at_ms, packed,
                    slice_of(known->mac.data, known->mac.len), (int64_t)told);
    *fresh = e == ERR_OK && db_changes(r->db) > 0;
    if (e == ERR_OK && !*fresh)
        e = sql_run(r->db, "UPDATE erasure SET listed = 1, mac = ?2 WHERE id = ?1", "bb",
                    slice_of(x->id.data, x->id.len), slice_of(known->mac.data, known->mac.len));
    for (size_t i = 0; e == ERR_OK && *fresh && i < x->n_erased; i++)
        e = put_fields(r, x->erased[i], &arena);
    arena_finish(&arena);
    return e;
}

static enum err take_all(struct replica *r, const Wire__Erasures *answer, size_t *fresh)
{
    int64_t held;
    enum err e = sql_integer(r->db, 0, &held, "SELECT EXISTS(SELECT 1 FROM position WHERE seq > 0)", "");
    for (size_t i = 0; e == ERR_OK && i < answer->n_known; i++) {
        bool one;
        e = put_erasure(r, answer->known[i], !held, &one);
        *fresh += one;
    }
    if (e == ERR_OK && *fresh)
        e = erase_all_held(r);
    if (e == ERR_OK && *fresh)
        e = replica_meta_put_integer(r, SCRUB, 1);
    if (e == ERR_OK && answer->has_last)
        e = replica_meta_put_integer(r, LAST, (int64_t)answer->last);
    return e;
}

enum err replica_take_erasures(struct replica *r, const Wire__Erasures *answer)
{
    size_t fresh = 0;
    enum err e = inner_begin(r);
    if (e == ERR_OK)
        e = inner_end(r, take_all(r, answer, &fresh));
    return e == ERR_OK ? replica_erase_settle(r) : e;
}

/* ---- the file ---- */

/* Where another process reads for long, or a file stays, it is tried again at the next round. */
enum err replica_erase_settle(struct replica *r)
{
    if (r->depth > 0 || replica_meta_integer(r, SCRUB, 0) == 0)
        return ERR_OK;
    enum err left = replica_drop_set_aside(r->dir, "what is erased by law"), e = db_scrub(r->db);
    if (e == ERR_OK && left != ERR_OK)
        return ERR_OK;
    if (e == ERR_OK)
        return replica_meta_put(r, SCRUB, (struct slice){0});
    log_warn("replica", "what was erased may stand in free pages still: %s", err_text(e));
    return e == ERR_CORRUPT ? e : ERR_OK;
}

/* ---- what is known ---- */

enum err replica_erased_sum(struct replica *r, uint8_t out[ERASURE_SUM_SIZE])
{
    struct db_statement *s;
    bool row;
    uint8_t sum[ERASURE_SUM_SIZE] = {0}, hash[ERASURE_SUM_SIZE];
    enum err e = sql_ask(r->db, &s, "SELECT erasure FROM erasure", "");
    while (e == ERR_OK && (e = db_step(s, &row)) == ERR_OK && row) {
        erasure_hash(db_blob(s, 0), hash);
        erasure_add(sum, hash);
    }
    if (e == ERR_OK)
        memcpy(out, sum, sizeof sum);
    return e;
}

enum err replica_ask_erasures(struct replica *r, enum replica_erasures what, struct arena *arena,
                              Wire__ErasuresAsk *out)
{
    struct db_statement *s;
    bool row;
    enum { ERASURES_MAX = 256 };
    wire__erasures_ask__init(out);
    out->has_after = 1;
    out->after = what == REPLICA_ERASURES_FRONT ? 0 : (uint64_t)replica_meta_integer(r, LAST, 0);
    if (what == REPLICA_ERASURES_FRONT)
        return sql_run(r->db, "UPDATE erasure SET listed = 0", "");
    if (what == REPLICA_ERASURES_NEW)
        return ERR_OK;
    out->known = arena_alloc(arena, ERASURES_MAX * sizeof *out->known);
    size_t size = 0;
    enum err e = out->known ? sql_ask(r->db, &s, "SELECT erasure, mac FROM erasure WHERE listed = 0", "") : ERR_MEMORY;
    while (e == ERR_OK && (e = db_step(s, &row)) == ERR_OK && row && out->n_known < ERASURES_MAX &&
           size < LIMIT_PAGE_SIZE) {
        Wire__KnownErasure *m = arena_alloc(arena, sizeof *m);
        struct slice packed = arena_copy(arena, db_blob(s, 0)), mac = arena_copy(arena, db_blob(s, 1));
        if (!m || !packed.data) {
            e = ERR_MEMORY;
            break;
        }
        wire__known_erasure__init(m);
        m->has_erasure = m->has_mac = 1;
        m->erasure = (ProtobufCBinaryData){packed.size, (uint8_t *)packed.data};
        m->mac = (ProtobufCBinaryData){mac.size, (uint8_t *)mac.data};
        out->known[out->n_known++] = m;
        size += packed.size;
    }
    if (e == ERR_OK)
        db_reset(s);
    for (size_t i = 0; e == ERR_OK && i < out->n_known; i++)
        e = sql_run(r->db, "UPDATE erasure SET listed = 1 WHERE erasure = ?1", "b",
                    slice_of(out->known[i]->erasure.data, out->known[i]->erasure.len));
    return e;
}

bool replica_is_erased(struct replica *r, uint32_t kind, struct id id, uint32_t tag)
{
    struct arena arena;
    struct erased_fields f = {0};
    arena_init(&arena, LIMIT_ARENA);
    struct erase_book all = {r, &arena, true, ERR_OK};
    bool erased = find(&all, kind, id, &f) && erased_holds(f, tag);
    arena_finish(&arena);
    return erased;
}

/* ---- told once ---- */

/* take: nobody is told of them any more. */
static enum err untold(struct replica *r, bool take, struct arena *arena, struct replica_erasure out[ERASED_MAX], size_t *count)
{
    struct db_statement *s;
    struct slice ids[ERASED_MAX];
    bool row;
    size_t n = 0;
    enum err e = inner_begin(r);
    if (e != ERR_OK)
        return e;
    e = sql_ask(r->db, &s, "SELECT erasure FROM erasure WHERE told = 0 ORDER BY at_ms LIMIT ?1", "i",
                (int64_t)ERASED_MAX);
    while (e == ERR_OK && (e = db_step(s, &row)) == ERR_OK && row) {
        const Wire__Erasure *x;
        if ((e = erasure_open(arena_copy(arena, db_blob(s, 0)), arena, &x)) != ERR_OK)
            break;
        ids[n] = slice_of(x->id.data, x->id.len);
        out[n++] = (struct replica_erasure){x->org, x->at_ms, x->reason ? x->reason : "", x->n_erased};
    }
    for (size_t i = 0; take && e == ERR_OK && i < n; i++)
        e = sql_run(r->db, "UPDATE erasure SET told = 1 WHERE id = ?1", "b", ids[i]);
    e = inner_end(r, e == ERR_WIRE ? ERR_CORRUPT : e);
    if (e == ERR_OK)
        *count = n;
    return e;
}

enum err replica_take_erased(struct replica *r, struct arena *arena, struct replica_erasure out[ERASED_MAX], size_t *count)
{
    return untold(r, true, arena, out, count);
}

enum err replica_untold_erased(struct replica *r, struct arena *arena, struct replica_erasure out[ERASED_MAX], size_t *count)
{
    return untold(r, false, arena, out, count);
}
