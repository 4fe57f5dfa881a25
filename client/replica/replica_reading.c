/* Readings as WELCOME tells them to a branch's chair: kept here, so that they are seen without a network. A server that
 * was restored may number from before again; what is here is not overwritten. */
#include "client/replica/replica_inner.h"
#include "client/replica/replica_sync.h"
#include "base/clock.h"

#define LOST "readings_lost_ms" /* in meta */

static struct slice text_of(const char *text)
{
    return slice_text(text ? text : "");
}

static enum err put(struct replica *r, const Wire__Reading *m)
{
    const Wire__Org *org = m->org;
    return sql_run(
        r->db,
        "INSERT INTO reading(number, at_ms, seat, person, roles, branch, branch_name, kind, id, records, fields)"
        " VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11) ON CONFLICT(at_ms, number) DO NOTHING",
        "iiittttibit", (int64_t)m->number, m->at_ms, (int64_t)m->seat, text_of(m->person), text_of(m->roles),
        text_of(org ? org->code : NULL), text_of(org ? org->name : NULL), (int64_t)m->kind,
        slice_of(m->id.data, m->id.len), (int64_t)m->records, text_of(m->fields));
}

/* Where the server goes on with the next WELCOME: its own order, whatever its clock did. */
static enum err put_told(struct replica *r, const Wire__Reading *m)
{
    return sql_run(r->db, "INSERT OR REPLACE INTO reading_told(one, number, at_ms) VALUES(1, ?1, ?2)", "ii", (int64_t)m->number, m->at_ms);
}

enum err reading_take(struct replica *r, const Wire__Welcome *w)
{
    enum err e = ERR_OK;
    for (size_t i = 0; e == ERR_OK && i < w->n_reading; i++)
        e = put(r, w->reading[i]);
    if (e == ERR_OK && w->n_reading > 0)
        e = put_told(r, w->reading[w->n_reading - 1]);
    if (e == ERR_OK && w->has_readings_lost_ms)
        e = replica_meta_put_integer(r, LOST, clock_sane_ms(w->readings_lost_ms));
    return e;
}

enum err reading_told(struct replica *r, uint64_t *number, int64_t *at_ms)
{
    int64_t n = 0;
    enum err e = sql_integer(r->db, 0, &n, "SELECT number FROM reading_told", "");
    if (e == ERR_OK)
        e = sql_integer(r->db, 0, at_ms, "SELECT at_ms FROM reading_told", "");
    if (e == ERR_OK)
        *number = (uint64_t)n;
    return e;
}

static const char *column_text(struct db_statement *s, int column, struct arena *arena)
{
    const char *text = arena_text(arena, db_text(s, column));
    CHECK(text); /* some lines of a few hundred bytes, emptied between them */
    return text;
}

enum err replica_readings(struct replica *r, replica_each_reading *each, void *to)
{
    struct db_statement *s;
    struct arena arena;
    bool row, on = true;
    enum err e = db_prepare_own(r->db,
                                "SELECT number, at_ms, seat, person, roles, branch, branch_name, kind, id, records, "
                                "fields, noted FROM reading ORDER BY at_ms, number",
                                &s);
    if (e != ERR_OK)
        return e;
    arena_init(&arena, 1u << 20);
    while (on && (e = db_step(s, &row)) == ERR_OK && row) {
        arena_reset(&arena);
        struct replica_reading x = {.number = (uint64_t)db_integer(s, 0),
                                    .at_ms = db_integer(s, 1),
                                    .seat = (uint32_t)db_integer(s, 2),
                                    .kind = (uint32_t)db_integer(s, 7),
                                    .id = db_id(s, 8),
                                    .records = (uint64_t)db_integer(s, 9),
                                    .noted = db_integer(s, 11) != 0};
        x.person = column_text(s, 3, &arena);
        x.roles = column_text(s, 4, &arena);
        x.branch = column_text(s, 5, &arena);
        x.branch_name = column_text(s, 6, &arena);
        x.fields = column_text(s, 10, &arena);
        on = each(to, &x);
    }
    arena_finish(&arena);
    db_finish(s);
    return e;
}

enum err replica_readings_noted(struct replica *r)
{
    return sql_run(r->db, "UPDATE reading SET noted = 1 WHERE NOT noted", "");
}

int64_t replica_readings_lost_ms(struct replica *r)
{
    return replica_meta_integer(r, LOST, 0);
}
