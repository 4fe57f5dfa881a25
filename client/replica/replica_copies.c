/* Seats of whose data two copies are in use, as WELCOME tells them anew each time: this one, and those that it answers for. Who was told of one
 * is told again a day later, while it goes on. */
#include "client/replica/replica_inner.h"
#include "base/clock.h"
#include "base/limits.h"

#define DAY "86400000"

enum err copies_take(struct replica *r, const Wire__Welcome *w)
{
    enum err e = sql_run(r->db, "UPDATE seat_copies SET there = 0", "");
    for (size_t i = 0; e == ERR_OK && i < w->n_copies; i++) {
        const Wire__Copies *m = w->copies[i];
        e = sql_run(r->db,
                    "INSERT INTO seat_copies(seat, person, branch, at_ms, told_ms, there) VALUES(?1, ?2, ?3, ?4, 0, 1) ON CONFLICT(seat) DO UPDATE SET"
                    " person = excluded.person, branch = excluded.branch, at_ms = excluded.at_ms, there = 1",
                    "itti", (int64_t)m->seat, slice_text(m->person ? m->person : ""), slice_text(m->branch ? m->branch : ""), clock_sane_ms(m->at_ms));
    }
    return e == ERR_OK ? sql_run(r->db, "DELETE FROM seat_copies WHERE NOT there", "") : e;
}

enum err replica_copies(struct replica *r, replica_each_copies *each, void *to)
{
    struct db_statement *s;
    struct arena arena;
    bool row, go = true;
    enum err e = db_prepare_own(r->db, "SELECT seat, person, branch, at_ms, at_ms - told_ms >= " DAY " FROM seat_copies ORDER BY at_ms, seat", &s);
    if (e != ERR_OK)
        return e;
    arena_init(&arena, LIMIT_ARENA);
    while (go && (e = db_step(s, &row)) == ERR_OK && row) {
        arena_reset(&arena);
        struct replica_copied x = {.seat = (uint32_t)db_integer(s, 0), .at_ms = db_integer(s, 3), .fresh = db_integer(s, 4) != 0};
        x.person = arena_text(&arena, db_text(s, 1));
        x.branch = arena_text(&arena, db_text(s, 2));
        go = each(to, &x);
    }
    arena_finish(&arena);
    db_finish(s);
    return e;
}

enum err replica_copies_told(struct replica *r)
{
    return sql_run(r->db, "UPDATE seat_copies SET told_ms = at_ms WHERE at_ms - told_ms >= " DAY, "");
}
