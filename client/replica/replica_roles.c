/* Rights that change (rule 31): what may no longer be read goes, in rows and in kept entries; all rows are asked for again, since
 * some may be read anew. What waits to be sent stays and will be refused. */
#include "client/replica/replica_pull.h"
#include "base/limits.h"
#include "base/log.h"
#include "wire/wire.h"

static enum err strip_kept(struct replica *r, role_set roles)
{
    struct arena arena;
    enum err e = ERR_OK;
    int64_t org = 0, seq = 0;
    bool more = true;
    arena_init(&arena, LIMIT_ARENA);
    while (e == ERR_OK && more) {
        struct db_statement *s;
        ProtobufCMessage *m;
        struct entry entry;
        struct buf packed = BUF_INIT;
        arena_reset(&arena);
        e = sql_ask(r->db, &s, "SELECT org, seq, entry FROM kept WHERE (org, seq) > (?1, ?2) ORDER BY org, seq LIMIT 1", "ii", org, seq);
        if (e == ERR_OK)
            e = db_step(s, &more);
        if (e != ERR_OK || !more)
            break;
        org = db_integer(s, 0);
        seq = db_integer(s, 1);
        e = wire_open(&wire__entry__descriptor, db_blob(s, 2), &arena, &m);
        db_reset(s);
        if (e == ERR_OK)
            e = entry_open((const Wire__Entry *)m, &arena, &entry);
        if (e != ERR_OK)
            break;
        entry_strip(&entry, roles, &arena);
        wire_pack(&entry_wire(&entry, &arena)->base, &packed);
        e = sql_run(r->db, "UPDATE kept SET entry = ?3 WHERE org = ?1 AND seq = ?2", "iib", org, seq, buf_slice(&packed));
        buf_finish(&packed);
    }
    arena_finish(&arena);
    return e;
}

/* Rows go or lose their sensitive fields; the snapshot that follows brings what may be read now. Conflict records go altogether:
 * their rights hang on the record's kind, and they come again. */
static enum err strip_kind(struct replica *r, const struct kind *k, role_set before, role_set after)
{
    bool loses = kind_access(k, NULL, after) < kind_access(k, NULL, before) || k->number == KIND_CONFLICT;
    struct buf sql = BUF_INIT;
    if (!loses)
        return ERR_OK;
    buf_format(&sql, "DELETE FROM \"%s\"", k->name);
    enum err e = db_exec(r->db, buf_c_string(&sql));
    buf_finish(&sql);
    if (e == ERR_OK)
        e = sql_run(r->db, "DELETE FROM tombstone WHERE kind = ?1", "i", (int64_t)k->number);
    if (e == ERR_OK)
        e = sql_run(r->db, "DELETE FROM shadow WHERE kind = ?1", "i", (int64_t)k->number);
    if (e == ERR_OK)
        e = sql_run(r->db, "DELETE FROM seen WHERE kind = ?1", "i", (int64_t)k->number);
    return e;
}

enum err roles_take(struct replica *r, role_set before, const char *text)
{
    const char *bad;
    role_set after;
    size_t count;
    if (!text || role_set_parse(text, &after, &bad) != ERR_OK || after == before)
        return ERR_OK;
    const struct kind *const *kinds = kind_all(&count);
    log_info("replica", "roles are now %s", text);
    enum err e = ERR_OK;
    for (size_t i = 0; e == ERR_OK && i < count; i++)
        e = strip_kind(r, kinds[i], before, after);
    if (e == ERR_OK)
        e = strip_kept(r, after);
    if (e == ERR_OK)
        e = sql_run(r->db, "DELETE FROM answer", "");
    return e == ERR_OK ? sql_run(r->db, "UPDATE position SET snap = 1, snap_kind = 0 WHERE seq > 0 OR snap > 0", "") : e;
}
