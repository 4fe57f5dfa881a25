/* The store's life, transactions, and orgs' packed rows. Runs of n are gathered in memory within a transaction and written
 * with its commit: one write an incarnation, not one an entry. */
#include "server/store/store_inner.h"

#include "base/limits.h"
#include "kinds/transfer.h"
#include "server/store/store_control.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static enum err path_of(const char *dir, char out[PATH_MAX])
{
    return snprintf(out, PATH_MAX, "%s/" STORE_FILE, dir) < PATH_MAX ? ERR_OK : ERR_TOO_LONG;
}

enum err store_look(const char *dir)
{
    char path[PATH_MAX];
    enum err e = path_of(dir, path);
    return e == ERR_OK ? db_look(path, DB_SERVER) : e;
}

static enum err open_file(const char *dir, enum db_mode mode, struct db **out)
{
    char path[PATH_MAX];
    enum err e = path_of(dir, path);
    return e == ERR_OK ? db_open(path, DB_SERVER, mode, STORE_VERSION, out) : e;
}

static void make_specs(struct store *s, size_t *count)
{
    static const char *const conflict_indexes[] = {"record_id", NULL}, *const moving_indexes[] = {"to_branch", NULL};
    const struct kind *const *kinds = kind_all(count);
    size_t names = 0;
    for (size_t i = 0; i < *count; i++)
        names += kinds[i]->field_count + 1;
    s->specs = calloc(1, *count * sizeof *s->specs + names * sizeof(const char *));
    CHECK(s->specs);
    const char **lookups = (const char **)(s->specs + *count);
    for (size_t i = 0; i < *count; i++) {
        kind_lookups(kinds[i], lookups);
        s->specs[i] = (struct table_spec){.name = kinds[i]->name,
                                          .number = kinds[i]->number,
                                          .descriptor = kinds[i]->descriptor,
                                          .indexes = kinds[i]->number == KIND_CONFLICT   ? conflict_indexes
                                                     : kinds[i]->number == TRANSFER_KIND ? moving_indexes
                                                                                         : NULL,
                                          .lookups = lookups};
        lookups += kinds[i]->field_count + 1;
    }
}

static enum err open_tables(struct store *s)
{
    size_t count;
    enum err e = ERR_OK;
    make_specs(s, &count);
    if (s->mode == STORE_READ)
        e = store_has_layout(s);
    if (e == ERR_OK && s->mode == STORE_READ)
        return table_set_open_read(s->db, s->specs, count, &s->tables);
    if (e == ERR_OK)
        e = store_make_layout(s);
    if (e == ERR_OK)
        e = table_set_open(s->db, s->specs, count, &s->tables);
    return e == ERR_OK ? store_is_kept(s) : e;
}

enum err store_create(const char *dir)
{
    struct db *db;
    struct store *s;
    enum err e = open_file(dir, DB_CREATE, &db);
    if (e != ERR_OK)
        return e;
    db_close(db);
    e = store_open(dir, STORE_WRITE, &s);
    if (e != ERR_OK)
        return e;
    e = db_set_version(s->db, STORE_VERSION);
    store_close(s);
    return e;
}

static enum err open_once(const char *dir, enum store_mode mode, struct store **out, bool *older)
{
    struct store *s = calloc(1, sizeof *s);
    CHECK(s);
    s->mode = mode;
    arena_init(&s->arena, 4 * LIMIT_ARENA);
    enum err e = open_file(dir, mode == STORE_WRITE ? DB_OPEN : DB_READ, &s->db);
    if (e == ERR_OK)
        e = store_renew_layout(s);
    if (e == ERR_OK) {
        e = open_tables(s);
        *older = mode == STORE_READ && e == ERR_NOT_FOUND; /* the file is there, tables or columns are not */
    }
    if (e == ERR_OK && mode == STORE_WRITE) {
        s->slots = calloc(RUN_SLOTS, sizeof *s->slots);
        CHECK(s->slots);
    }
    if (e == ERR_OK)
        e = store_open_sums(s);
    if (e == ERR_OK)
        e = store_open_twins(s, dir);
    if (e != ERR_OK) {
        store_close(s);
        return e;
    }
    *out = s;
    return ERR_OK;
}

/* What only reads renews a folder of an older program, too, as whatever writes does. */
enum err store_open(const char *dir, enum store_mode mode, struct store **out)
{
    struct store *renewing;
    bool older = false;
    enum err e = open_once(dir, mode, out, &older);
    if (!older)
        return e;
    e = open_once(dir, STORE_WRITE, &renewing, &older);
    if (e != ERR_OK)
        return e;
    store_close(renewing);
    return open_once(dir, mode, out, &older);
}

void store_close(struct store *s)
{
    if (!s)
        return;
    if (s->tables)
        table_set_close(s->tables);
    db_close(s->db);
    free(s->specs);
    free(s->slots);
    arena_finish(&s->arena);
    explicit_bzero(s->person_key, sizeof s->person_key);
    free(s);
}

struct db *store_db(struct store *s)
{
    return s->db;
}

const char *store_detail(const struct store *s)
{
    return db_detail(s->db);
}

enum err store_ask(struct store *s, const char *sql, int64_t a, int64_t b, int64_t *out)
{
    struct db_statement *q;
    bool row;
    enum err e = db_prepare(s->db, sql, &q);
    if (e != ERR_OK)
        return e;
    db_bind_integer(q, 1, a);
    if (strstr(sql, "$2"))
        db_bind_integer(q, 2, b);
    e = db_step(q, &row);
    if (e != ERR_OK)
        return e;
    *out = row ? db_integer(q, 0) : 0;
    db_reset(q);
    return ERR_OK;
}

enum err store_order(struct store *s, const char *sql, int64_t a, int64_t b)
{
    struct db_statement *q;
    enum err e = db_prepare(s->db, sql, &q);
    if (e != ERR_OK)
        return e;
    if (strstr(sql, "$1"))
        db_bind_integer(q, 1, a);
    if (strstr(sql, "$2"))
        db_bind_integer(q, 2, b);
    return db_run(q);
}

/* ---- transactions ---- */

enum err store_is_kept(struct store *s)
{
    return db_version(s->db) > STORE_VERSION ? ERR_NEWER : table_set_is_kept(s->tables);
}

enum err store_begin(struct store *s)
{
    CHECK(s->mode == STORE_WRITE);
    store_forget_runs(s);
    enum err e = db_begin(s->db);
    if (e == ERR_OK && (e = store_is_kept(s)) != ERR_OK)
        db_rollback(s->db);
    return e;
}

enum err store_commit(struct store *s)
{
    enum err e = store_flush_runs(s);
    if (e == ERR_OK)
        e = db_commit(s->db);
    if (e != ERR_OK)
        store_rollback(s);
    else
        store_forget_runs(s); /* another process may write runs until the next transaction */
    return e;
}

void store_rollback(struct store *s)
{
    store_forget_runs(s);
    db_rollback(s->db);
}

/* ---- orgs ---- */

enum err store_load_org(struct store *s, uint32_t org, uint32_t epoch, struct org_state **out)
{
    struct db_statement *q;
    bool row;
    enum err e = db_prepare(s->db, "SELECT state FROM org_state WHERE org=$1", &q);
    if (e != ERR_OK)
        return e;
    db_bind_integer(q, 1, org);
    e = db_step(q, &row);
    if (e != ERR_OK)
        return e;
    if (!row) {
        *out = org_state_create(org, epoch);
        return ERR_OK;
    }
    e = org_state_unpack(org, db_blob(q, 0), out);
    db_reset(q);
    return e;
}

enum err store_put_org(struct store *s, const struct org_state *state)
{
    struct db_statement *q;
    struct buf packed = BUF_INIT;
    enum err e = db_prepare(s->db,
                            "INSERT INTO org_state(org, state) VALUES($1, $2) ON CONFLICT(org) DO UPDATE SET state=excluded.state", &q);
    if (e != ERR_OK)
        return e;
    org_state_pack(state, &packed);
    db_bind_integer(q, 1, org_state_org(state));
    db_bind_blob(q, 2, buf_slice(&packed));
    e = db_run(q);
    buf_finish(&packed);
    return e;
}

/* ---- what seats report ---- */

static uint32_t bounded(uint32_t v)
{
    return v > INT32_MAX ? INT32_MAX : v;
}

static enum err put_rewritten(struct store *s, uint32_t seat, uint32_t places)
{
    char name[48];
    int64_t before;
    snprintf(name, sizeof name, STORE_REWRITTEN "%u", seat);
    enum err e = store_meta_get(s->db, name, &before);
    return e == ERR_OK && before != (int64_t)bounded(places) ? store_meta_put(s->db, name, bounded(places)) : e;
}

/* A hello without a report keeps what the last one said. `changed` counts on, so that readers fetch only what is new. */
enum err store_put_contact(struct store *s, uint32_t seat, int64_t at_ms, const Wire__Report *report, const char *version)
{
    static const Wire__Report nothing = WIRE__REPORT__INIT;
    struct db_statement *q;
    int64_t changed;
    const Wire__Report *r = report ? report : &nothing;
    enum err e = store_meta_get(s->db, "contact", &changed);
    if (e == ERR_OK)
        e = store_meta_put(s->db, "contact", ++changed);
    if (e == ERR_OK && report)
        e = put_rewritten(s, seat, report->rewritten);
    if (e == ERR_OK)
        e = db_prepare(s->db,
                       report ? "INSERT INTO contact(seat, at_ms, version, changed, queued, refused, conflicts, oldest_queued_ms)"
                                " VALUES($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT(seat) DO UPDATE SET at_ms=excluded.at_ms,"
                                " version=excluded.version, changed=excluded.changed, queued=excluded.queued, refused=excluded.refused,"
                                " conflicts=excluded.conflicts, oldest_queued_ms=excluded.oldest_queued_ms"
                              : "INSERT INTO contact(seat, at_ms, version, changed) VALUES($1, $2, $3, $4) ON CONFLICT(seat)"
                                " DO UPDATE SET at_ms=excluded.at_ms, version=excluded.version, changed=excluded.changed",
                       &q);
    if (e != ERR_OK)
        return e;
    db_bind_integer(q, 1, seat);
    db_bind_integer(q, 2, at_ms);
    db_bind_text(q, 3, slice_text(version));
    db_bind_integer(q, 4, changed);
    if (report) {
        db_bind_integer(q, 5, bounded(r->queued));
        db_bind_integer(q, 6, bounded(r->refused));
        db_bind_integer(q, 7, bounded(r->conflicts));
        db_bind_integer(q, 8, r->oldest_queued_ms);
    }
    return db_run(q);
}
