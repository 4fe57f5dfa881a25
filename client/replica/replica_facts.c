/* What the folder says of itself and of those around it: orgs, persons, the lease, answers that were kept, the status. */
#include "client/replica/replica_numbers.h"
#include "client/replica/replica_sync.h"
#include "base/limits.h"
#include "base/tr.h"

#define DAY_MS 86400000ll

/* ---- orgs and persons ---- */

#define ORG_COLUMNS "SELECT number, parent, code, name, level, state, held FROM org WHERE "

static enum err org_read(struct db_statement *s, struct arena *arena, struct replica_org *out)
{
    bool row;
    enum err e = db_step(s, &row);
    if (e != ERR_OK)
        return e;
    if (!row)
        return ERR_NOT_FOUND;
    struct replica_org org = {
        .number = (uint32_t)db_integer(s, 0), .parent = (uint32_t)db_integer(s, 1),
        .code = arena_text(arena, db_text(s, 2)), .name = arena_text(arena, db_text(s, 3)),
        .level = arena_text(arena, db_text(s, 4)), .state = arena_text(arena, db_text(s, 5)), .held = db_integer(s, 6) != 0};
    db_reset(s);
    if (!org.code || !org.name || !org.level || !org.state)
        return ERR_MEMORY;
    *out = org;
    return ERR_OK;
}

enum err replica_org(struct replica *r, uint32_t number, struct arena *arena, struct replica_org *out)
{
    struct db_statement *s;
    enum err e = sql_ask(r->db, &s, ORG_COLUMNS "number = ?1", "i", (int64_t)number);
    return e == ERR_OK ? org_read(s, arena, out) : e;
}

enum err replica_org_by_code(struct replica *r, const char *code, struct arena *arena, struct replica_org *out)
{
    struct db_statement *s;
    enum err e = sql_ask(r->db, &s, ORG_COLUMNS "code = ?1 AND code <> ''", "t", slice_text(code));
    return e == ERR_OK ? org_read(s, arena, out) : e;
}

const char *replica_person(struct replica *r, uint32_t seat, struct arena *arena)
{
    struct db_statement *s;
    bool row;
    if (sql_ask(r->db, &s, "SELECT name FROM person WHERE seat = ?1", "i", (int64_t)seat) != ERR_OK || db_step(s, &row) != ERR_OK || !row)
        return NULL;
    const char *name = arena_text(arena, db_text(s, 0));
    db_reset(s);
    return name;
}

const char *replica_seat_roles(struct replica *r, uint32_t seat, struct arena *arena)
{
    struct db_statement *s;
    bool row, zh = tr_language() == TR_ZH;
    struct buf text = BUF_INIT, unknown = BUF_INIT;
    if (sql_ask(r->db, &s, "SELECT roles FROM person_roles WHERE seat = ?1", "i", (int64_t)seat) != ERR_OK || db_step(s, &row) != ERR_OK || !row)
        return NULL;
    const char *roles = arena_text(arena, db_text(s, 0)), *words = NULL;
    db_reset(s);
    role_set known = role_set_known(roles ? roles : "", &unknown);
    for (int i = 0; i < ROLE_COUNT; i++)
        if (known & 1u << i)
            buf_format(&text, "%s%s", text.size ? zh ? "、" : ", " : "", label_in(role_label((enum role)i), zh ? LANGUAGE_ZH : LANGUAGE_EN));
    if (text.size)
        words = arena_text(arena, buf_slice(&text));
    buf_finish(&text);
    buf_finish(&unknown);
    return words;
}

const char *replica_person_title(struct replica *r, uint32_t seat, struct arena *arena)
{
    const char *name = replica_person(r, seat, arena), *roles = name ? replica_seat_roles(r, seat, arena) : NULL;
    return roles ? arena_format(arena, tr_language() == TR_ZH ? "%s（%s）" : "%s (%s)", name, roles) : name;
}

/* A server of before tells no roles: what was told stays. */
static enum err meet(struct replica *r, const Wire__Author *author)
{
    enum err e = ERR_OK;
    if (author->person)
        e = sql_run(r->db, "INSERT INTO person(seat, name) VALUES(?1, ?2) ON CONFLICT(seat) DO UPDATE SET name = excluded.name", "it",
                    (int64_t)author->seat, slice_text(author->person));
    if (e == ERR_OK && author->roles)
        e = sql_run(r->db, "INSERT INTO person_roles(seat, roles) VALUES(?1, ?2) ON CONFLICT(seat) DO UPDATE SET roles = excluded.roles", "it",
                    (int64_t)author->seat, slice_text(author->roles));
    return e;
}

enum err replica_meet(struct replica *r, const Wire__Author *const *authors, size_t count)
{
    enum err e = inner_begin(r);
    if (e != ERR_OK)
        return e;
    for (size_t i = 0; e == ERR_OK && i < count; i++)
        e = meet(r, authors[i]);
    return inner_end(r, e);
}

/* ---- lease ---- */

enum err replica_lease(struct replica *r, int64_t now_ms, struct replica_lease *out)
{
    struct replica_facts f;
    enum err e = replica_facts(r, &f);
    if (e != ERR_OK)
        return e;
    int64_t away = now_ms + f.clock_offset_ms - f.last_contact_ms; /* last_contact_ms is by the server's clock */
    int64_t days = away <= 0 ? 0 : away / DAY_MS;
    int64_t left = (int64_t)LIMIT_LEASE_DAYS - days;
    *out = (struct replica_lease){.days_left = left > 0 ? (int)left : 0,
                                  .warn = days >= (int64_t)LIMIT_LEASE_WARN_DAYS,
                                  .hidden = left <= 0};
    return ERR_OK;
}

enum err inner_lease(struct replica *r, int64_t now_ms)
{
    struct replica_lease lease;
    enum err e = replica_lease(r, now_ms, &lease);
    if (e != ERR_OK)
        return e;
    if (!lease.hidden)
        return ERR_OK;
    return inner_fail(r, ERR_LEASE, _("This device has not reached its server for 120 days: its records are hidden until it has. "
                                      "What was entered is still here. Next: connect to the network, then banyan sync; if it did reach it "
                                      "since then, this device's clock is wrong: compare it with a phone"));
}

/* ---- answers and status ---- */

enum err replica_put_answer(struct replica *r, const char *key, struct slice bytes, int64_t now_ms)
{
    return sql_run(r->db, "INSERT INTO answer(key, at_ms, bytes) VALUES(?1, ?2, ?3)"
                          " ON CONFLICT(key) DO UPDATE SET at_ms = excluded.at_ms, bytes = excluded.bytes", "tib",
                   slice_text(key), now_ms, bytes);
}

enum err replica_get_answer(struct replica *r, const char *key, int64_t now_ms, struct arena *arena, struct slice *bytes, int64_t *at_ms)
{
    struct db_statement *s;
    bool row;
    enum err e = inner_lease(r, now_ms);
    if (e == ERR_OK)
        e = sql_ask(r->db, &s, "SELECT at_ms, bytes FROM answer WHERE key = ?1", "t", slice_text(key));
    if (e == ERR_OK)
        e = db_step(s, &row);
    if (e != ERR_OK)
        return e;
    if (!row)
        return ERR_NOT_FOUND;
    struct slice found = db_blob(s, 1), held = arena_copy(arena, found);
    if (held.size == found.size) {
        *at_ms = db_integer(s, 0);
        *bytes = held;
    } else {
        e = ERR_MEMORY;
    }
    db_reset(s);
    return e;
}

enum err replica_status(struct replica *r, struct replica_status *out)
{
    struct replica_facts f;
    int64_t queued, oldest, refused, conflicts, cursor, kept, left, left_late, rewritten, readings, renumbered;
    enum err e = replica_facts(r, &f);
    if (e == ERR_OK)
        e = sql_integer(r->db, 0, &queued, "SELECT count(*) FROM outbox WHERE state = 0", "");
    if (e == ERR_OK)
        e = sql_integer(r->db, 0, &oldest, "SELECT min(made_ms) FROM outbox WHERE state = 0", "");
    if (e == ERR_OK) /* a refused group is one thing to a person */
        e = sql_integer(r->db, 0, &refused, "SELECT count(DISTINCT ifnull(grp, id)) FROM attention", "");
    if (e == ERR_OK)
        e = sql_integer(r->db, 0, &conflicts, "SELECT count(*) FROM conflict WHERE state = 'open'", "");
    if (e == ERR_OK)
        e = sql_integer(r->db, 0, &cursor, "SELECT seq FROM position WHERE org = ?1", "i", (int64_t)f.home);
    if (e == ERR_OK)
        e = sql_integer(r->db, 0, &kept, "SELECT count(*) FROM kept", "");
    if (e == ERR_OK)
        e = sql_integer(r->db, 0, &left, "SELECT count(*) FROM left_seat WHERE NOT done", "");
    if (e == ERR_OK)
        e = sql_integer(r->db, 0, &left_late, "SELECT count(*) FROM left_seat l JOIN left_state s ON s.seat = l.seat WHERE NOT done AND s.state NOT IN ('revoked', '')", "");
    if (e == ERR_OK)
        e = sql_integer(r->db, 0, &rewritten, "SELECT count(*) FROM rewritten WHERE noted_ms = 0", "");
    if (e == ERR_OK)
        e = sql_integer(r->db, 0, &readings, "SELECT count(*) FROM reading WHERE NOT noted", "");
    if (e == ERR_OK)
        e = numbers_waiting(r, &renumbered);
    if (e != ERR_OK)
        return e;
    *out = (struct replica_status){
        .connected = replica_meta_integer(r, "connected", 0) != 0 && (r->agent || replica_agent_runs(r)),
        .queued = (uint64_t)queued, .oldest_queued_ms = oldest, .refused = (uint64_t)refused,
        .conflicts = (uint64_t)conflicts, .cursor = (uint64_t)cursor, .kept = (uint64_t)kept, .left = (uint64_t)left, .left_late = (uint64_t)left_late, .rewritten = (uint64_t)rewritten, .readings = (uint64_t)readings,
        .renumbered = (uint64_t)renumbered};
    return ERR_OK;
}
