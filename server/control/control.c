/* Control data in memory: one whole copy a connection, thrown away and read anew when another connection changed it. */
#include "server/control/control_inner.h"

#include "base/limits.h"
#include "sync/org_state.h"
#include "tls/tls.h"

#include <stdlib.h>
#include <string.h>

#define EPOCH_WHOLE ((UINT64_C(1) << SEQ_EPOCH_SHIFT) - 1)

/* Records that the tables lack, in order, within the caller's transaction. */
static enum err lay_over(struct db *db, struct journal *journal, uint64_t after)
{
    bool more = true;
    while (more) {
        uint64_t number = 0;
        uint8_t type = 0;
        struct slice body = {0};
        enum err e = journal_next(journal, after, &number, &type, &body, &more);
        if (e == ERR_OK && more)
            e = store_control_apply(db, number, type, body);
        if (e != ERR_OK)
            return e;
        after = number;
    }
    return ERR_OK;
}

enum err control_replay_here(struct db *db, struct journal *journal)
{
    int64_t applied;
    enum err e = store_meta_get(db, "journal_number", &applied);
    return e == ERR_OK ? lay_over(db, journal, (uint64_t)applied) : e;
}

/* Does the journal go at least as far as the tables? A shorter one is not theirs, or was cut: revoked seats could come back. */
static enum err compare_ends(struct journal *journal, uint64_t applied, bool *behind)
{
    uint64_t number;
    uint8_t type;
    struct slice body;
    bool there = true;
    enum err e = applied > 0 ? journal_next(journal, applied - 1, &number, &type, &body, &there) : ERR_OK;
    if (e == ERR_OK && !there)
        return ERR_CORRUPT;
    return e == ERR_OK ? journal_next(journal, applied, &number, &type, &body, behind) : e;
}

enum err control_replay(struct db *db, struct journal *journal)
{
    int64_t applied;
    bool behind;
    enum err e = store_meta_get(db, "journal_number", &applied);
    if (e == ERR_OK)
        e = compare_ends(journal, (uint64_t)applied, &behind);
    if (e != ERR_OK || !behind)
        return e;
    e = db_begin(db);
    if (e == ERR_OK)
        e = control_replay_here(db, journal);
    if (e == ERR_OK)
        return db_commit(db);
    db_rollback(db);
    return e;
}

/* One view for all tables; inside a transaction there is one already. */
static enum err load(struct db *db, struct control_tables *out)
{
    if (db_in_transaction(db))
        return store_control_load(db, out);
    enum err e = db_begin_read(db);
    if (e != ERR_OK)
        return e;
    e = store_control_load(db, out);
    db_rollback(db); /* ends the view */
    return e;
}

enum err control_reload(struct control *c)
{
    struct control_tables fresh;
    enum err e = load(c->db, &fresh);
    if (e != ERR_OK)
        return e;
    store_control_finish(&c->tables);
    c->tables = fresh;
    return ERR_OK;
}

enum err control_open(struct db *db, struct journal *journal, struct control **out)
{
    enum err e = journal ? control_replay(db, journal) : ERR_OK;
    if (e != ERR_OK)
        return e;
    struct control *c = calloc(1, sizeof *c);
    CHECK(c);
    c->db = db;
    c->journal = journal;
    arena_init(&c->answers, 1u << 20);
    c->data_version = db_data_version(db); /* before what it guards */
    e = control_reload(c);
    if (e != ERR_OK) {
        control_close(c);
        return e;
    }
    *out = c;
    return ERR_OK;
}

void control_close(struct control *c)
{
    if (!c)
        return;
    store_control_finish(&c->tables);
    arena_finish(&c->answers);
    buf_finish(&c->detail);
    free(c);
}

enum err control_refresh(struct control *c, bool *changed)
{
    int64_t version = db_data_version(c->db), generation;
    if (changed)
        *changed = false;
    if (version == c->data_version)
        return ERR_OK;
    enum err e = store_meta_get(c->db, "generation", &generation);
    if (e != ERR_OK)
        return e;
    bool stale = generation != c->tables.generation;
    e = stale ? control_reload(c) : store_control_load_contacts(c->db, &c->tables);
    if (e != ERR_OK)
        return e;
    c->data_version = version;
    if (changed)
        *changed = stale;
    return ERR_OK;
}

int64_t control_generation(const struct control *c)
{
    return c->tables.generation;
}

/* ---- orgs ---- */

static int compare_org(const void *key, const void *org)
{
    uint32_t a = *(const uint32_t *)key, b = ((const struct control_org *)org)->number;
    return a < b ? -1 : a > b;
}

const struct control_org *control_org(const struct control *c, uint32_t number)
{
    return bsearch(&number, c->tables.orgs, c->tables.org_count, sizeof *c->tables.orgs, compare_org);
}

const struct control_org *control_org_by_code(const struct control *c, const char *code)
{
    for (size_t i = 0; i < c->tables.org_count; i++)
        if (strcmp(c->tables.orgs[i].code, code) == 0)
            return &c->tables.orgs[i];
    return NULL;
}

const struct control_org *control_org_at(const struct control *c, size_t index)
{
    return index < c->tables.org_count ? c->tables.listed[index] : NULL;
}

size_t control_org_count(const struct control *c)
{
    return c->tables.org_count;
}

/* Parents have smaller numbers than their children, so the walk ends. */
bool control_seat_is_copied(const struct control_seat *seat, int64_t now_ms)
{
    return seat->copies_ms && seat->state != SEAT_REVOKED && now_ms - seat->copies_ms <= LIMIT_COPIES_DAYS * INT64_C(86400000);
}

bool control_in_subtree(const struct control *c, uint32_t top, uint32_t org)
{
    while (org > top) {
        const struct control_org *o = control_org(c, org);
        if (!o || o->parent >= org)
            return false;
        org = o->parent;
    }
    return org == top && top != 0;
}

bool control_roles_answer(role_set roles)
{
    return (roles & (ROLES(union_chair) | ROLES(district_officer))) != 0;
}

uint32_t control_answers_for(const struct control_seat *seat)
{
    return control_roles_answer(seat->roles) ? seat->org : 0;
}

bool control_may_invite(const struct control *c, uint32_t by_seat, uint32_t org)
{
    const struct control_seat *by = control_seat(c, by_seat);
    return by_seat == 0 || (by && by->state == SEAT_ACTIVE && control_in_subtree(c, control_answers_for(by), org));
}

/* ---- seats ---- */

const struct control_seat *control_seat(const struct control *c, uint32_t number)
{
    return store_control_seat(&c->tables, number);
}

const struct control_seat *control_seat_at(const struct control *c, size_t index)
{
    return index < c->tables.seat_count ? &c->tables.seats[index] : NULL;
}

enum err control_find_invitation(struct control *c, const uint8_t secret[16], struct control_invitation *out)
{
    uint8_t hash[32];
    tls_sha256(slice_of(secret, 16), hash);
    arena_reset(&c->answers);
    return store_control_find_invitation(c->db, slice_of(hash, sizeof hash), &c->answers, out);
}

enum err control_open_invitations(struct control *c, uint32_t org, int64_t now_ms, size_t *out)
{
    struct db_statement *s;
    bool row = true;
    size_t open = 0;
    enum err e = store_control_open_invitations(c->db, org, now_ms, &s);
    while (e == ERR_OK && (e = db_step(s, &row)) == ERR_OK && row)
        if (control_may_invite(c, (uint32_t)db_integer(s, 0), org))
            open += (size_t)db_integer(s, 1);
    if (e == ERR_OK)
        *out = open;
    return e;
}

/* ---- epochs ---- */

const struct control_epoch *control_epoch_at(const struct control *c, size_t index)
{
    return index < c->tables.epoch_count ? &c->tables.epochs[index] : NULL;
}

static int compare_last(const void *key, const void *last)
{
    const struct control_last *a = key, *b = last;
    if (a->epoch != b->epoch)
        return a->epoch < b->epoch ? -1 : 1;
    return a->org < b->org ? -1 : a->org > b->org;
}

static uint32_t parent_of(const struct control *c, uint32_t epoch)
{
    for (size_t i = 0; i < c->tables.epoch_count; i++)
        if (c->tables.epochs[i].epoch == epoch)
            return c->tables.epochs[i].parent;
    return 0;
}

uint32_t control_newest_epoch(const struct control *c)
{
    uint32_t epoch = 1;
    const struct control_epoch *at;
    for (size_t i = 0; (at = control_epoch_at(c, i)); i++)
        epoch = at->epoch;
    return epoch;
}

uint64_t control_epoch_last(const struct control *c, uint32_t epoch, uint32_t org)
{
    struct control_last key = {epoch, org, 0};
    const struct control_last *last = bsearch(&key, c->tables.lasts, c->tables.last_count, sizeof key, compare_last);
    if (last)
        return last->seq;
    uint32_t parent = parent_of(c, epoch);
    return parent ? seq_make(parent, EPOCH_WHOLE) : 0;
}

/* An org that had entries of an older epoch alone when this one began hangs at that epoch: its last seq tells. */
struct lineage control_lineage(const struct control *c, uint32_t org, struct arena *arena)
{
    size_t count = c->tables.epoch_count;
    struct lineage_epoch *list = arena_alloc(arena, (count + 1) * sizeof *list);
    if (!list)
        return (struct lineage){0};
    for (size_t i = 0; i < count; i++) {
        uint64_t last = control_epoch_last(c, c->tables.epochs[i].epoch, org);
        list[i] = (struct lineage_epoch){c->tables.epochs[i].epoch, seq_epoch(last), seq_counter(last)};
    }
    return (struct lineage){list, count};
}

const char *control_address(const struct control *c)
{
    return c->tables.address;
}

const char *control_detail(const struct control *c)
{
    return c->detail.size ? (const char *)c->detail.data : db_detail(c->db);
}
