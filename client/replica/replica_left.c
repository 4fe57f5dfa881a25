/* Revoked seats whose last changes nobody took (rule 32), and seats of which late changes were refused (rule 27), as those who answer for them are told: by each WELCOME what
 * came since the last, and between two of them by the log, where this seat keeps it. Invariant: what WELCOME told up to
 * told_ms is not counted again when the log brings it; and only a change that the log brought as left (left_change) is taken
 * off the count when a successor hands it in: what was never left is no part of it. */
#include "client/replica/replica_inner.h"
#include "base/limits.h"
#include "kinds/refusal.h"
#include "sync/origin.h"
#include "wire.pb-c.h"

#include <string.h>

#define ANSWERING (ROLES(union_chair) | ROLES(district_officer)) /* who is told; rights.md */

static enum err put(struct replica *r, const Wire__Left *m)
{
    return sql_run(
        r->db,
        "INSERT INTO left_seat(seat, person, branch, changes, told_ms, at_ms, done) VALUES(?1, ?2, ?3, ?4, ?5, ?5, 0)"
        " ON CONFLICT(seat) DO UPDATE SET person = excluded.person, branch = excluded.branch, changes = "
        "excluded.changes,"
        " done = CASE WHEN excluded.at_ms > at_ms THEN 0 ELSE done END, told_ms = excluded.told_ms,"
        " at_ms = max(at_ms, excluded.at_ms)",
        "ittii", (int64_t)m->seat, slice_text(m->person ? m->person : ""), slice_text(m->branch ? m->branch : ""),
        (int64_t)m->changes, m->at_ms);
}

/* As told last; of a seat that nobody knows any more: "unknown". A server that does not tell it is an older one. */
static enum err put_state(struct replica *r, const Wire__Left *m)
{
    const char *state = m->state ? m->state : m->person ? "" : "unknown";
    return sql_run(r->db, "INSERT OR REPLACE INTO left_state(seat, state) VALUES(?1, ?2)", "it", (int64_t)m->seat, slice_text(state));
}

static bool answers(role_set roles)
{
    return roles & ANSWERING;
}

static enum err forget(struct replica *r)
{
    enum err e = sql_run(r->db, "DELETE FROM left_seat", "");
    if (e == ERR_OK)
        e = sql_run(r->db, "DELETE FROM left_state", "");
    return e == ERR_OK ? sql_run(r->db, "DELETE FROM left_change", "") : e;
}

enum err left_take(struct replica *r, const Wire__Welcome *w)
{
    const char *bad;
    role_set roles;
    enum err e = ERR_OK;
    if (w->roles && role_set_parse(w->roles, &roles, &bad) == ERR_OK && !answers(roles))
        return forget(r);
    for (size_t i = 0; e == ERR_OK && i < w->n_left; i++) {
        e = put(r, w->left[i]);
        if (e == ERR_OK)
            e = put_state(r, w->left[i]);
    }
    return e;
}

/* A successor handed one of them in: there is one less that somebody may have to enter anew. */
static enum err note_taken(struct replica *r, const struct entry *entry, struct arena *arena)
{
    struct change_origin origin;
    bool accepted = entry->verdict == VERDICT_APPLIED || entry->verdict == VERDICT_MERGED || entry->verdict == VERDICT_CONFLICT;
    int64_t seat = accepted ? change_for_seat(entry->change) : 0;
    enum err e = seat ? origin_find(entry->change, arena, &origin) : ERR_NOT_FOUND;
    if (e == ERR_NOT_FOUND || e == ERR_WIRE)
        return ERR_OK;
    if (e == ERR_OK)
        e = sql_run(r->db, "DELETE FROM left_change WHERE seat = ?1 AND hash = ?2", "ib", seat, slice_of(origin.hash, HASH_SIZE));
    if (e != ERR_OK || db_changes(r->db) == 0)
        return e;
    return sql_run(r->db, "UPDATE left_seat SET changes = changes - 1, done = changes <= 1 OR done WHERE seat = ?1 AND changes > 0", "i", seat);
}

enum err left_note(struct replica *r, const struct entry *entry, struct arena *arena)
{
    struct replica_facts f;
    enum err noted = note_taken(r, entry, arena);
    if (noted != ERR_OK)
        return noted;
    if (entry->verdict != VERDICT_REFUSED || !entry->identity.n || !entry->code ||
        strcmp(entry->code, REFUSAL_SEAT_REVOKED) != 0)
        return ERR_OK;
    enum err e = replica_facts(r, &f);
    if (e != ERR_OK || !answers(f.roles) || entry->identity.seat == f.seat)
        return e;
    e = sql_run(r->db, "INSERT OR IGNORE INTO left_change(seat, hash) VALUES(?1, ?2)", "ib", (int64_t)entry->identity.seat,
                slice_of(entry->identity.hash, HASH_SIZE));
    if (e != ERR_OK || db_changes(r->db) == 0)
        return e; /* it was counted, and is pulled again */
    e = sql_run(r->db, "INSERT OR REPLACE INTO left_state(seat, state) VALUES(?1, 'revoked')", "i", (int64_t)entry->identity.seat);
    if (e != ERR_OK)
        return e;
    struct replica_org home = {.code = ""};
    e = replica_org(r, f.home, arena, &home);
    if (e != ERR_OK && e != ERR_NOT_FOUND)
        return e;
    const char *person = replica_person(r, entry->identity.seat, arena);
    return sql_run(
        r->db,
        "INSERT INTO left_seat(seat, person, branch, changes, told_ms, at_ms, done) VALUES(?1, ?2, ?3, 1, 0, ?4, 0)"
        " ON CONFLICT(seat) DO UPDATE SET changes = changes + 1, at_ms = max(at_ms, excluded.at_ms), done = 0"
        " WHERE excluded.at_ms > told_ms",
        "itti", (int64_t)entry->identity.seat, slice_text(person ? person : ""), slice_text(home.code),
        entry->received_ms);
}

enum err left_newest(struct replica *r, int64_t *out)
{
    return sql_integer(r->db, 0, out, "SELECT max(told_ms) FROM left_seat", "");
}

enum err replica_lefts(struct replica *r, replica_each_left *each, void *to)
{
    struct db_statement *s;
    struct arena arena;
    bool row, go = true;
    arena_init(&arena, LIMIT_ARENA);
    enum err e =
        sql_ask(r->db, &s,
                "SELECT seat, person, branch, changes, at_ms, ifnull((SELECT state FROM left_state s WHERE s.seat = l.seat), '')"
                " FROM left_seat l WHERE NOT done ORDER BY at_ms, seat", "");
    while (e == ERR_OK && go && (e = db_step(s, &row)) == ERR_OK && row) {
        arena_reset(&arena);
        struct replica_left left = {.seat = (uint32_t)db_integer(s, 0),
                                    .person = arena_text(&arena, db_text(s, 1)),
                                    .branch = arena_text(&arena, db_text(s, 2)),
                                    .changes = (uint64_t)db_integer(s, 3),
                                    .at_ms = db_integer(s, 4),
                                    .state = arena_text(&arena, db_text(s, 5))};
        go = each(to, &left);
    }
    if (e == ERR_OK)
        db_reset(s);
    arena_finish(&arena);
    return e;
}

enum err replica_left_done(struct replica *r, uint32_t seat)
{
    enum err e = sql_run(r->db, "UPDATE left_seat SET done = 1 WHERE seat = ?1 AND NOT done", "i", (int64_t)seat);
    if (e == ERR_OK && db_changes(r->db) == 0)
        e = ERR_NOT_FOUND;
    return e;
}
