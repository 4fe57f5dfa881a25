/* Rows: the confirmed version, what waits over it, and what is shown (rule 19).
 * Invariant: a record with changes in the replay has its confirmed version in `shadow` and the shown one in its kind's table; one
 * without has no shadow. Rows of foreign orgs stand in `seen` alone and are never written into the kinds' tables. */
#include "client/replica/outbox.h"
#include "base/limits.h"
#include "sync/replay.h"
#include "wire/wire.h"

enum err rows_held(struct replica *r, uint32_t org, bool *held)
{
    int64_t found;
    enum err e = sql_integer(r->db, 0, &found, "SELECT held FROM org WHERE number = ?1", "i", (int64_t)org);
    if (e == ERR_OK)
        *held = found != 0;
    return e;
}

/* ---- confirmed ---- */

/* From shadow or seen. *found false: there is none. */
static enum err read_packed(struct replica *r, const char *sql, const struct kind *k, struct id id, struct arena *arena,
                            struct confirmed *out, bool *found)
{
    struct db_statement *s;
    enum err e = sql_ask(r->db, &s, sql, "di", &id, (int64_t)k->number);
    if (e == ERR_OK)
        e = db_step(s, found);
    if (e != ERR_OK || !*found)
        return e;
    struct confirmed c = {.org = (uint32_t)db_integer(s, 0), .seq = (uint64_t)db_integer(s, 1), .dead = db_integer(s, 2) != 0};
    if (!db_is_null(s, 3)) {
        ProtobufCMessage *m;
        e = wire_open(k->descriptor, db_blob(s, 3), arena, &m);
        if (e == ERR_OK)
            c.message = m;
        else if (e == ERR_WIRE)
            e = ERR_CORRUPT;
    }
    db_reset(s);
    if (e == ERR_OK)
        *out = c;
    return e;
}

enum err rows_confirmed(struct replica *r, const struct kind *k, struct id id, struct arena *arena, struct confirmed *out)
{
    struct row row;
    bool found;
    enum err e = read_packed(r, "SELECT org, seq, dead, row FROM shadow WHERE id = ?1 AND kind = ?2", k, id, arena, out, &found);
    if (e != ERR_OK || found)
        return e;
    e = table_load(r->tables, k->number, id, arena, &row);
    if (e == ERR_OK) {
        *out = (struct confirmed){.org = row.org, .seq = row.seq, .dead = !row.message, .message = row.message};
        return ERR_OK;
    }
    if (e != ERR_NOT_FOUND)
        return e;
    e = read_packed(r, "SELECT org, seq, 0, row FROM seen WHERE id = ?1 AND kind = ?2", k, id, arena, out, &found);
    if (e == ERR_OK && !found)
        *out = (struct confirmed){0};
    return e;
}

static enum err lay_over(struct replica *r, struct id id, const struct confirmed *c, struct arena *arena, ProtobufCMessage **shown,
                         size_t *waiting)
{
    struct change *changes;
    enum err e = outbox_waiting(r, id, c->seq, arena, &changes, waiting);
    if (e != ERR_OK)
        return e;
    ProtobufCMessage *m = c->message;
    for (size_t i = 0; i < *waiting; i++)
        m = replay_over(&changes[i], m, arena);
    *shown = m;
    return ERR_OK;
}

enum err rows_shown(struct replica *r, const struct kind *k, struct id id, struct arena *arena, struct confirmed *confirmed,
                    ProtobufCMessage **shown)
{
    size_t waiting;
    enum err e = rows_confirmed(r, k, id, arena, confirmed);
    return e == ERR_OK ? lay_over(r, id, confirmed, arena, shown, &waiting) : e;
}

/* ---- writing ---- */

static enum err save_shadow(struct replica *r, const struct kind *k, struct id id, const struct confirmed *c)
{
    struct db_statement *s;
    struct buf packed = BUF_INIT;
    enum err e = sql_ask(r->db, &s, "INSERT INTO shadow(id, kind, org, seq, dead, row) VALUES(?1, ?2, ?3, ?4, ?5, ?6)"
                                    " ON CONFLICT(id) DO UPDATE SET kind = excluded.kind, org = excluded.org, seq = excluded.seq,"
                                    " dead = excluded.dead, row = excluded.row", "diiii", &id, (int64_t)k->number, (int64_t)c->org,
                         (int64_t)c->seq, (int64_t)c->dead);
    if (e != ERR_OK)
        return e;
    if (c->message) {
        wire_pack(c->message, &packed);
        db_bind_blob(s, 6, buf_slice(&packed));
    }
    e = db_run(s);
    buf_finish(&packed);
    return e;
}

static enum err save_table(struct replica *r, const struct kind *k, struct id id, const struct confirmed *c, ProtobufCMessage *shown)
{
    if (!shown && !c->dead)
        return table_erase(r->tables, k->number, id);
    struct row row = {.id = id, .kind = k->number, .org = c->org, .seq = c->seq, .message = shown};
    return table_save(r->tables, &row);
}

enum err rows_write(struct replica *r, const struct kind *k, struct id id, const struct confirmed *c, struct arena *arena)
{
    ProtobufCMessage *shown;
    size_t waiting;
    enum err e = lay_over(r, id, c, arena, &shown, &waiting);
    if (e == ERR_OK && waiting > 0)
        e = save_shadow(r, k, id, c);
    else if (e == ERR_OK)
        e = sql_run(r->db, "DELETE FROM shadow WHERE id = ?1", "d", &id);
    return e == ERR_OK ? save_table(r, k, id, c, shown) : e;
}

enum err rows_replay(struct replica *r, uint32_t kind, struct id id)
{
    const struct kind *k = kind_by_number(kind);
    struct confirmed c;
    struct arena arena;
    bool held = true;
    if (!k)
        return ERR_OK;
    arena_init(&arena, LIMIT_ARENA);
    enum err e = rows_confirmed(r, k, id, &arena, &c);
    if (e == ERR_OK && c.org)
        e = rows_held(r, c.org, &held);
    if (e == ERR_OK && held)
        e = rows_write(r, k, id, &c, &arena);
    arena_finish(&arena);
    return e;
}
