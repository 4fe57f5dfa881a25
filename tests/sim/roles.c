/* See roles.h. */
#include "tests/sim/roles.h"

#include "tests/sim/district.h"
#include "tests/sim/schema.h"
#include "tests/sim/seat_inner.h"

#include "base/limits.h"
#include "client/replica/kept.h"
#include "client/replica/replica_inner.h"

#include <stdlib.h>
#include <string.h>

/* From behind those seqs on the seat had these roles; in an org that came later, always. */
struct given {
    uint32_t seat;
    role_set before, roles;
    uint32_t orgs[BRANCHES_MAX + 1];
    uint64_t after[BRANCHES_MAX + 1];
    size_t count;
    struct given *older;
};

struct role_changes {
    struct given *newest;
};

static const char *const offices[] = {"committee_member", "accountant", "audit_member", "union_chair", "group_leader", "delegate", "union_chair,accountant",
                                      "handler,group_leader"};
static const char *const district_offices[] = {"district_finance", "district_officer", "district_auditor", "district_officer,district_finance"};

role_set roles_parse(const char *text)
{
    role_set roles = 0;
    const char *bad;
    CHECK(role_set_parse(text, &roles, &bad) == ERR_OK);
    return roles;
}

/* ---- the fault ---- */

struct election {
    struct district *district;
    unsigned device;
    const char *office;
};

static void note(struct district *d, struct given *g)
{
    if (!d->roles)
        d->roles = calloc(1, sizeof *d->roles);
    CHECK(d->roles);
    g->older = d->roles->newest;
    d->roles->newest = g;
}

static struct given *make_given(const struct seat_options *o, const char *office)
{
    struct given *g = calloc(1, sizeof *g);
    CHECK(g);
    g->seat = o->number;
    g->before = roles_parse(o->roles);
    g->roles = roles_parse(office);
    return g;
}

/* The person knows, whatever the device says. */
static void tell(struct district *d, uint32_t seat, const char *office)
{
    world_tell("seat %u is %s now", seat, office);
    for (unsigned i = 0; i < d->device_count; i++)
        if (seat_options(d->devices[i])->number == seat)
            d->devices[i]->options.roles = office;
    district_roles_given(d);
}

void roles_taken_in(struct district *d, const struct seat *s, const char *office)
{
    note(d, make_given(seat_options(s), office));
    tell(d, seat_options(s)->number, office);
}

/* False: nothing came of it. */
static bool give(struct district *d, const struct seat_options *o, const char *office)
{
    struct given *g = make_given(o, office);
    g->orgs[0] = 1;
    g->count = d->scale.branches + 1;
    memcpy(g->orgs + 1, d->branches, d->scale.branches * sizeof *g->orgs);
    bool given = server_set_roles(d->server, g->seat, g->roles, g->orgs, g->count, g->after);
    if (given)
        note(d, g);
    else
        free(g);
    return given;
}

static void on_elected(void *to, uint64_t arg)
{
    struct election *e = to;
    struct district *d = e->district;
    const struct seat_options *o = seat_options(d->devices[e->device]);
    (void)arg;
    if (!d->quiet && give(d, o, e->office))
        tell(d, o->number, e->office);
    free(e);
}

/* Of three elections one is in the district's own office, where others than its first have joined. */
static unsigned elected(const struct district *d, unsigned device, uint64_t number)
{
    for (unsigned i = 0; number % 3 == 0 && i < d->device_count; i++) {
        unsigned at = (device + i) % d->device_count;
        if (at != 0 && seat_options(d->devices[at])->org == 1 && !seat_is_gone(d->devices[at]))
            return at;
    }
    return device;
}

const char *roles_other(const struct seat *s, uint64_t number)
{
    if (seat_options(s)->org == 1)
        return district_offices[number / 3 % (sizeof district_offices / sizeof *district_offices)];
    return offices[number % (sizeof offices / sizeof *offices)];
}

void roles_happen(struct district *d, unsigned device, uint64_t number)
{
    device = elected(d, device, number);
    if (device == 0)
        return; /* the first of the district: nobody else answers for it */
    struct election *e = malloc(sizeof *e);
    CHECK(e);
    *e = (struct election){d, device, roles_other(d->devices[device], number)};
    if (!seat_is_gone(d->devices[device]))
        seat_call(d->devices[device]);
    world_after((int64_t)(number * 131 % 3000), on_elected, e, 0);
}

void roles_finish(struct district *d)
{
    while (d->roles && d->roles->newest) {
        struct given *g = d->roles->newest;
        d->roles->newest = g->older;
        free(g);
    }
    free(d->roles);
    d->roles = NULL;
}

bool roles_were_changed(const struct district *d, uint32_t seat)
{
    for (const struct given *g = d->roles ? d->roles->newest : NULL; g; g = g->older)
        if (g->seat == seat)
            return true;
    return false;
}

/* The newest device: a number that was given before the journal was lost may be given once more. */
role_set roles_given(const struct district *d, uint32_t seat)
{
    for (unsigned i = d->device_count; i-- > 0;)
        if (seat_options(d->devices[i])->number == seat)
            return roles_parse(seat_options(d->devices[i])->roles);
    return 0;
}

static uint64_t given_after(const struct given *g, uint32_t org)
{
    for (size_t i = 0; i < g->count; i++)
        if (g->orgs[i] == org)
            return g->after[i];
    return 0;
}

role_set roles_at(const struct district *d, uint32_t seat, uint32_t org, uint64_t seq)
{
    role_set roles = roles_given(d, seat);
    for (const struct given *g = d->roles ? d->roles->newest : NULL; g; g = g->older)
        if (g->seat == seat && seq <= given_after(g, org))
            roles = g->before;
    return roles;
}

/* ---- what a device holds ---- */

bool roles_told(const struct district *d, struct seat *s, role_set *out)
{
    struct replica_facts f;
    struct replica *r = seat_look(s);
    if (!r) {
        *out = roles_parse(seat_options(s)->roles);
        return !roles_were_changed(d, seat_options(s)->number);
    }
    CHECK(replica_facts(r, &f) == ERR_OK);
    *out = f.roles;
    seat_look_end(s);
    return true;
}

static int64_t counted(struct replica *r, const char *sql)
{
    int64_t n = 0;
    CHECK(sql_integer(r->db, 0, &n, sql, "") == ERR_OK);
    return n;
}

#define NOT_WAITING "NOT EXISTS (SELECT 1 FROM outbox o WHERE o.id = t.id AND o.state < 2)"

/* Rows that are shown because of what waits to be sent are the device's own words. */
static void expect_kind(struct seat *s, struct replica *r, const struct kind *k, role_set roles)
{
    struct buf sql = BUF_INIT;
    enum access access = kind_access(k, NULL, roles);
    if (access < ACCESS_OPEN) {
        buf_format(&sql, "SELECT (SELECT count(*) FROM \"%s\" t WHERE " NOT_WAITING ") + (SELECT count(*) FROM shadow WHERE kind = %u AND row IS NOT NULL)"
                         " + (SELECT count(*) FROM seen WHERE kind = %u)", k->name, k->number, k->number);
        int64_t rows = counted(r, buf_c_string(&sql));
        if (rows)
            world_fail("device %u holds %lld rows of %s, which its roles do not give it", seat_index(s), (long long)rows, k->name);
    }
    for (size_t i = 0; access == ACCESS_OPEN && i < k->field_count; i++) {
        if (!(k->fields[i].flags & FIELD_SENSITIVE))
            continue;
        sql.size = 0;
        buf_format(&sql, "SELECT count(*) FROM \"%s\" t WHERE \"%s\" IS NOT NULL AND " NOT_WAITING, k->name, k->fields[i].name);
        if (counted(r, buf_c_string(&sql)))
            world_fail("device %u holds %s of a %s, which its roles do not give it", seat_index(s), k->fields[i].name, k->name);
    }
    buf_finish(&sql);
}

/* What entry_strip would take away from one that came stripped: by what the server knows, for it was the server that stripped it. */
static void expect_kept(struct seat *s, struct replica *r, role_set roles)
{
    struct db_statement *q;
    struct arena arena;
    bool row;
    arena_init(&arena, LIMIT_ARENA);
    schema_entered(DISK_NOBODY);
    CHECK(sql_ask(r->db, &q, "SELECT entry FROM kept", "") == ERR_OK);
    while (db_step(q, &row) == ERR_OK && row) {
        struct entry e, stripped;
        arena_reset(&arena);
        CHECK(kept_open(db_blob(q, 0), &arena, &e) == ERR_OK);
        stripped = e;
        entry_strip(&stripped, roles, &arena);
        if (stripped.change.size != e.change.size || stripped.effects.size != e.effects.size)
            world_fail("device %u keeps entry %llu with more than its roles give it", seat_index(s), (unsigned long long)e.seq);
    }
    schema_entered(s->hand);
    arena_finish(&arena);
}

void roles_expect_rows(struct seat *s)
{
    size_t count;
    struct replica_facts f;
    struct replica *r = seat_look(s);
    const struct kind *const *kinds = kind_all(&count);
    if (!r)
        return;
    CHECK(replica_facts(r, &f) == ERR_OK);
    if (schema_is_mixed()) { /* what comes because of a role that the device does not know is taken as it comes */
        struct buf unknown = BUF_INIT;
        schema_entered(DISK_NOBODY);
        f.roles = role_set_known(f.roles_text, &unknown);
        schema_entered(s->hand);
        buf_finish(&unknown);
    }
    for (size_t i = 0; i < count; i++)
        if (kinds[i]->number != KIND_CONFLICT) /* its rights are those of what it is about */
            expect_kind(s, r, kinds[i], f.roles);
    expect_kept(s, r, f.roles);
    seat_look_end(s);
}

void roles_expect(struct district *d)
{
    for (unsigned i = 0; i < d->device_count; i++) {
        struct seat *s = d->devices[i];
        const struct control_seat *known = control_seat(server_control(d->server), seat_options(s)->number);
        role_set told;
        if (seat_is_gone(s) || known->state != SEAT_ACTIVE || !roles_told(d, s, &told))
            continue;
        if (told != known->roles)
            world_fail("device %u was told roles %x, and its seat has %x", i, told, known->roles);
        struct replica *r = seat_look(s);
        if (r && counted(r, "SELECT count(*) FROM unseen") + counted(r, "SELECT count(*) FROM meta WHERE key = 'scrub'"))
            world_fail("device %u still waits for what new roles let it read, or is not cleaned of what they do not", i);
        if (r)
            seat_look_end(s);
    }
}
