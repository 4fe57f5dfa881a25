/* Small facts beside the records, and transactions that a batch may be around. */
#include "client/replica/replica_inner.h"
#include "client/replica/replica_sync.h"
#include "base/tr.h"

#include <stdlib.h>
#include <string.h>

enum err inner_begin(struct replica *r)
{
    if (r->depth == 0) {
        enum err e = db_begin(r->db);
        if (e != ERR_OK)
            return inner_fail(r, e, db_detail(r->db));
        if (r->held && !hold_is_here(r)) { /* nothing may be written to a file that nobody will open again */
            db_rollback(r->db);
            return inner_fail(r, ERR_IO, _("The data of this seat are no longer in this folder. Nothing was saved. Next: banyan status"));
        }
        e = r->tables ? table_set_is_kept(r->tables) : ERR_OK;
        if (e != ERR_OK) {
            db_rollback(r->db);
            return inner_fail(r, e, e == ERR_NEWER ? _("A newer version of this program keeps the data of this seat now. Nothing was saved. Next: give the command again with it.") : db_detail(r->db));
        }
        r->broken = false;
    }
    r->depth++;
    return ERR_OK;
}

enum err inner_end(struct replica *r, enum err failed)
{
    CHECK(r->depth > 0);
    r->depth--;
    if (failed != ERR_OK)
        r->broken = true;
    if (r->depth > 0)
        return failed;
    r->facts_stale = true;
    if (r->broken) {
        db_rollback(r->db);
        return inner_suspect(r, failed == ERR_OK ? ERR_IO : failed); /* something within failed, and its caller went on */
    }
    enum err e = db_commit(r->db);
    return e == ERR_OK ? ERR_OK : inner_fail(r, e, db_detail(r->db));
}

enum err inner_fail(struct replica *r, enum err e, const char *sentence)
{
    r->detail.size = 0;
    buf_text(&r->detail, sentence && *sentence ? sentence : err_text(e));
    return e;
}

/* A clock set back by more than that is followed; the server takes ids that are up to five minutes ahead. */
#define ID_AHEAD_MS 60000

struct id inner_id(struct replica *r, int64_t now_ms)
{
    uint8_t random[10];
    r->fill(random, sizeof random);
    /* RFC 9562, 6.2: the first 12 bits count within a millisecond, from a random start; what runs over takes the next one. */
    bool again = now_ms <= r->id_ms && r->id_ms - now_ms < ID_AHEAD_MS;
    r->id_place = again ? r->id_place + 1 : (unsigned)(random[0] << 8 | random[1]) & 0x3ff;
    r->id_ms = again ? r->id_ms : now_ms;
    if (r->id_place > 0xfff) {
        r->id_place = 0;
        r->id_ms++;
    }
    random[0] = (uint8_t)(r->id_place >> 8);
    random[1] = (uint8_t)r->id_place;
    return id_make(r->id_ms, random);
}

struct id replica_new_id(struct replica *r, int64_t now_ms)
{
    return inner_id(r, now_ms);
}

enum err replica_batch_begin(struct replica *r)
{
    return inner_begin(r);
}

enum err replica_batch_commit(struct replica *r)
{
    return inner_end(r, r->broken ? ERR_IO : ERR_OK);
}

void replica_batch_rollback(struct replica *r)
{
    if (r->depth > 0) {
        enum err e = inner_end(r, ERR_REFUSED);
        CHECK(e == ERR_REFUSED);
    }
}

enum err replica_meta_get(struct replica *r, const char *key, struct arena *arena, struct slice *out)
{
    struct db_statement *s;
    bool row;
    enum err e = sql_ask(r->db, &s, "SELECT value FROM meta WHERE key = ?1", "t", slice_text(key));
    if (e == ERR_OK)
        e = db_step(s, &row);
    if (e != ERR_OK)
        return e;
    if (!row)
        return ERR_NOT_FOUND;
    struct slice found = db_blob(s, 0), held = arena_copy(arena, found);
    bool over = held.size != found.size;
    db_reset(s);
    if (over)
        return ERR_MEMORY;
    *out = held;
    return ERR_OK;
}

enum err replica_meta_put(struct replica *r, const char *key, struct slice value)
{
    r->facts_stale = true;
    if (value.size == 0)
        return sql_run(r->db, "DELETE FROM meta WHERE key = ?1", "t", slice_text(key));
    return sql_run(r->db, "INSERT INTO meta(key, value) VALUES(?1, ?2) ON CONFLICT(key) DO UPDATE SET value = excluded.value"
                          " WHERE value IS NOT excluded.value", "tb", slice_text(key), value);
}

int64_t replica_meta_integer(struct replica *r, const char *key, int64_t otherwise)
{
    int64_t value = otherwise;
    if (sql_integer(r->db, otherwise, &value, "SELECT CAST(value AS INTEGER) FROM meta WHERE key = ?1", "t", slice_text(key)) != ERR_OK)
        return otherwise;
    return value;
}

enum err replica_meta_put_integer(struct replica *r, const char *key, int64_t value)
{
    struct buf text = BUF_INIT;
    buf_format(&text, "%lld", (long long)value); /* as text, so that a report tool can read it */
    enum err e = replica_meta_put(r, key, buf_slice(&text));
    buf_finish(&text);
    return e;
}

enum err replica_is_kept(struct replica *r)
{
    return table_set_is_kept(r->tables);
}

int64_t replica_data_version(struct replica *r)
{
    return db_data_version(r->db);
}

/* ---- facts ---- */

static const char *fact_text(struct replica *r, const char *key)
{
    struct slice value;
    if (replica_meta_get(r, key, &r->facts_arena, &value) != ERR_OK)
        return "";
    const char *text = arena_text(&r->facts_arena, value);
    return text ? text : "";
}

static enum err facts_read(struct replica *r)
{
    struct replica_facts f = {0};
    struct buf unknown = BUF_INIT;
    int64_t leaf;
    arena_reset(&r->facts_arena);
    f.seat = (uint32_t)replica_meta_integer(r, "seat", 0);
    f.person = fact_text(r, "person");
    f.roles_text = fact_text(r, "roles");
    f.roles_before = fact_text(r, "roles_before");
    f.roles_changed_ms = replica_meta_integer(r, "roles_changed_ms", 0);
    f.home = (uint32_t)replica_meta_integer(r, "home", 0);
    f.server = fact_text(r, "server");
    f.district = fact_text(r, "district");
    f.last_contact_ms = replica_meta_integer(r, "last_contact_ms", 0);
    inner_clock_read(r, &f);
    f.certificate_ends_ms = replica_meta_integer(r, "certificate_ends_ms", 0);
    f.suspended = replica_meta_integer(r, "suspended", 0);
    f.unknown = replica_meta_integer(r, "unknown", 0);
    f.ended = replica_meta_integer(r, "ended", 0);
    f.repairs = replica_meta_integer(r, "repairs", 0);
    f.recovering_until_ms = replica_meta_integer(r, "recovering_until_ms", 0);
    f.broken = replica_meta_integer(r, "broken", 0);
    if (f.seat == 0 || f.home == 0)
        return inner_fail(r, ERR_CORRUPT, "the seat's facts are missing");
    f.roles = role_set_known(f.roles_text, &unknown);
    f.roles_unknown = arena_text(&r->facts_arena, buf_slice(&unknown));
    buf_finish(&unknown);
    if (!f.roles_unknown)
        return ERR_MEMORY;
    enum err e = sql_integer(r->db, 1, &leaf, "SELECT level = 'branch' FROM org WHERE number = ?1", "i", (int64_t)f.home);
    if (e != ERR_OK)
        return e;
    f.above = !leaf;
    r->facts = f;
    r->facts_stale = false;
    return ERR_OK;
}

enum err replica_facts(struct replica *r, struct replica_facts *out)
{
    int64_t version = db_data_version(r->db);
    if (r->facts_stale || version != r->data_version) {
        r->data_version = version;
        enum err e = facts_read(r);
        if (e != ERR_OK)
            return e;
    }
    *out = r->facts;
    return ERR_OK;
}
