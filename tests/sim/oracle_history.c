/* The history as a whole: groups stand or fall together (rule 15), what clashed is kept (rule 9), what a person was
 * told is refused stays so (rule 20), and a revoked seat brings nothing in any more (rule 32). */
#include "tests/sim/oracle_parts.h"

#include "base/limits.h"
#include "sync/chain.h"
#include "sync/org_state.h"

#include <stdlib.h>
#include <string.h>
#include <uthash.h>

/* ---- revoked seats ---- */

static struct revoked {
    uint32_t seat, org;
    uint64_t seq; /* of the org when it was revoked */
} revoked[4096];
static size_t revoked_count;

static void note_revoked(struct district *d, uint32_t seat, uint32_t org)
{
    struct org_state *state;
    if (revoked_count == sizeof revoked / sizeof *revoked ||
        store_load_org(server_store(d->server), org, 1, &state) != ERR_OK)
        return;
    revoked[revoked_count++] = (struct revoked){seat, org, org_state_seq(state)};
    org_state_destroy(state);
}

void oracle_note_revoked(struct district *d, uint32_t seat)
{
    if (!server_is_up(d->server) || !server_told_revoked(d->server, seat))
        return;
    int before = disk_enter(DISK_NOBODY);
    note_revoked(d, seat, 1);
    for (unsigned i = 0; i < d->scale.branches; i++)
        note_revoked(d, seat, d->branches[i]);
    disk_enter(before);
}

static void expect_nothing_of_revoked(struct district *d)
{
    for (size_t i = 0; !d->server_lost && i < revoked_count; i++) {
        int64_t accepted = 0;
        CHECK(sql_integer(store_db(server_store(d->server)), 0, &accepted,
                          "SELECT count(*) FROM history WHERE org = ?1 AND seq > ?2 AND seat = ?3 AND verdict < 4",
                          "iii", (int64_t)revoked[i].org, (int64_t)revoked[i].seq, (int64_t)revoked[i].seat) == ERR_OK);
        if (accepted)
            world_fail("%lld changes of seat %u were accepted after it was revoked", (long long)accepted,
                       revoked[i].seat);
    }
}

/* ---- what a person was told is refused ---- */

static struct told {
    uint8_t hash[HASH_SIZE];
    uint32_t seat;
    UT_hash_handle hh;
} * told;

void oracle_note_refused(uint32_t seat, struct slice hash)
{
    struct told *t;
    HASH_FIND(hh, told, hash.data, HASH_SIZE, t);
    if (t || hash.size != HASH_SIZE)
        return;
    t = calloc(1, sizeof *t);
    CHECK(t);
    memcpy(t->hash, hash.data, HASH_SIZE);
    t->seat = seat;
    HASH_ADD(hh, told, hash, HASH_SIZE, t);
}

/* The only device of its seat, and it never lost what it knew. */
static bool is_one_memory(const struct district *d, uint32_t seat)
{
    unsigned devices = 0;
    for (unsigned i = 0; i < d->device_count; i++)
        if (seat_options(d->devices[i])->number == seat) {
            devices++;
            if (seat_is_gone(d->devices[i]) || seat_counts(d->devices[i]).lives)
                return false;
        }
    return devices == 1;
}

static void expect_refused(struct district *d, const struct entry *e)
{
    struct told *t;
    HASH_FIND(hh, told, e->identity.hash, HASH_SIZE, t);
    /* Where numbers are given twice an entry of its own may be taken for another path's. */
    if (t && !d->rows_anew && t->seat == e->identity.seat && e->verdict < VERDICT_REFUSED && is_one_memory(d, t->seat))
        world_fail("change %llu of seat %u was told as refused, and stands in the history, accepted",
                   (unsigned long long)e->identity.n, t->seat);
}

/* ---- groups ---- */

struct group {
    struct id id;
    uint32_t seat;
    bool accepted, refused;
    UT_hash_handle hh;
};

static void expect_whole(struct group **all, const struct entry *e, const struct change *c)
{
    struct group *g;
    HASH_FIND(hh, *all, &c->group, sizeof c->group, g);
    if (!g) {
        g = calloc(1, sizeof *g);
        CHECK(g);
        g->id = c->group;
        g->seat = e->identity.seat;
        HASH_ADD(hh, *all, id, sizeof g->id, g);
    }
    g->accepted = g->accepted || e->verdict < VERDICT_REFUSED;
    g->refused = g->refused || e->verdict == VERDICT_REFUSED;
    if (g->accepted && g->refused && g->seat == e->identity.seat)
        world_fail("change %llu of seat %u: of its group some were accepted and some refused",
                   (unsigned long long)e->identity.n, e->identity.seat);
}

/* ---- conflicts ---- */

static void expect_kept(uint32_t org, const struct entry *e, struct arena *arena)
{
    struct effects effects = {.count = 0};
    size_t conflicts = 0;
    if (e->verdict != VERDICT_CONFLICT || e->stripped)
        return;
    if (e->effects.size)
        CHECK(effects_open(e->effects, arena, &effects) == ERR_OK);
    for (size_t i = 0; i < effects.count; i++)
        conflicts += effects.list[i].kind_number == KIND_CONFLICT;
    if (conflicts == 0)
        world_fail("org %u, seq %llu: a conflict, and no record keeps both values", org,
                   (unsigned long long)(e->seq & 0xffffffffff));
}

/* ---- all of it ---- */

static void look_at_org(struct district *d, uint32_t org, struct group **groups)
{
    struct arena arena;
    uint64_t after = 0;
    bool more = true;
    arena_init(&arena, 64u << 20);
    while (more) {
        struct entry *list;
        size_t count;
        arena_reset(&arena);
        CHECK(store_read_entries(server_store(d->server), org, after, LIMIT_PAGE_SIZE, &arena, &list, &count, &more) ==
              ERR_OK);
        for (size_t i = 0; i < count; i++) {
            struct change c;
            after = list[i].seq;
            if (list[i].verdict == VERDICT_SAME)
                continue;
            expect_refused(d, &list[i]);
            expect_kept(org, &list[i], &arena);
            /* After a restore what is left of a group may be decided alone (rule 20: the mark of each goes with it). */
            if (!d->server_lost && list[i].change.size && change_open(list[i].change, &arena, &c) == ERR_OK &&
                c.grouped)
                expect_whole(groups, &list[i], &c);
        }
    }
    arena_finish(&arena);
}

void oracle_expect_history(struct district *d)
{
    struct group *groups = NULL, *g, *next;
    struct told *t, *after;
    look_at_org(d, 1, &groups);
    for (unsigned i = 0; i < d->scale.branches; i++)
        look_at_org(d, d->branches[i], &groups);
    HASH_ITER(hh, groups, g, next)
    {
        HASH_DEL(groups, g);
        free(g);
    }
    HASH_ITER(hh, told, t, after)
    {
        HASH_DEL(told, t);
        free(t);
    }
    expect_nothing_of_revoked(d);
}
