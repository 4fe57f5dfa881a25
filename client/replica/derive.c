/* See derive.h. Invariant: nothing derived is stored; a row that is not of an org held here is derived without looking
 * anything up. */
#include "client/replica/derive.h"
#include "base/limits.h"
#include "base/tr.h"
#include "client/replica/replica_look.h"

#include <stdlib.h>
#include <string.h>

#define VALUES_MAX 32

struct derive {
    struct replica *r;
    struct replica_facts facts;
    struct date today;
    struct arena arena; /* of what holds for all rows, and of one org */
    struct scratch *scratch;
    const uint32_t *held, *above;
    size_t held_count, above_count;
    uint32_t org; /* that above is of; 0: none yet */
    bool leaf;
    enum err failed; /* in a look-up */
};

/* What one row's derive said. */
struct said {
    const struct kind *kind;
    struct arena *arena;
    struct derived_value list[VALUES_MAX];
    size_t count;
    bool full; /* the arena */
};

enum err derive_open(struct replica *r, int64_t now_ms, struct derive **out)
{
    struct derive *d = calloc(1, sizeof *d);
    CHECK(d);
    d->r = r;
    arena_init(&d->arena, LIMIT_ARENA);
    d->scratch = scratch_create(LOOKED_UP_MAX);
    enum err e = replica_facts(r, &d->facts);
    if (e == ERR_OK)
        e = look_held(r, &d->arena, &d->held, &d->held_count);
    if (e != ERR_OK) {
        derive_close(d);
        return e;
    }
    d->today = date_of_ms(now_ms + d->facts.clock_offset_ms, DATE_CHINA_MINUTES);
    *out = d;
    return ERR_OK;
}

void derive_close(struct derive *d)
{
    if (!d)
        return;
    scratch_destroy(d->scratch);
    arena_finish(&d->arena);
    free(d);
}

static enum lookup_need load_now(void *to, const struct scratch_key *key)
{
    struct derive *d = to;
    enum err e = look_load(d->r, d->scratch, key);
    d->failed = d->failed == ERR_OK ? e : d->failed;
    return e == ERR_OK ? LOOKUP_HERE : LOOKUP_LATER;
}

/* Rows come org by org: an own seat has one, a district asks for one branch at a time. */
static enum err find_org(struct derive *d, uint32_t org)
{
    int64_t branch;
    if (d->org == org)
        return ERR_OK;
    enum err e =
        sql_integer(d->r->db, 1, &branch, "SELECT level = 'branch' FROM org WHERE number = ?1", "i", (int64_t)org);
    if (e == ERR_OK)
        e = look_above(d->r, org, d->facts.home, &d->arena, &d->above, &d->above_count);
    d->leaf = branch != 0;
    d->org = e == ERR_OK ? org : 0;
    return e;
}

static struct cell copied(struct cell value, struct arena *arena, bool *full)
{
    if (value.type != CELL_TEXT && value.type != CELL_BYTES)
        return value;
    struct slice copy = {(const uint8_t *)arena_text(arena, value.bytes), value.bytes.size};
    *full = *full || !copy.data;
    return (struct cell){.type = value.type, .bytes = copy};
}

/* The last that is said of a name counts; what the kind does not declare is not shown. */
static void on_value(void *to, const char *name, struct cell value)
{
    struct said *s = to;
    size_t at = 0;
    const struct derived_rule *rule = NULL;
    for (size_t i = 0; i < s->kind->derived_count && !rule; i++)
        rule = strcmp(s->kind->derived[i].name, name) == 0 ? &s->kind->derived[i] : NULL;
    while (at < s->count && s->list[at].rule != rule)
        at++;
    if (!rule || at == VALUES_MAX)
        return;
    s->list[at] = (struct derived_value){rule, copied(value, s->arena, &s->full)};
    s->count = at == s->count ? at + 1 : s->count;
}

/* What rules look up, seen from the org that find_org found. */
static struct lookup lookup_of(struct derive *d)
{
    return (struct lookup){.scratch = d->scratch,
                           .org = d->org,
                           .leaf = d->leaf,
                           .above = d->above,
                           .above_count = d->above_count,
                           .held = d->held,
                           .held_count = d->held_count,
                           .roles = d->facts.roles,
                           .need = load_now,
                           .to = d};
}

/* Once with what can be looked up; where that is not all here, what it says without. */
static void say(struct derive *d, const struct replica_row *row, struct said *said)
{
    struct check_context c = {.kind = said->kind,
                              .id = row->id,
                              .after = row->message,
                              .seat = d->facts.seat,
                              .roles = d->facts.roles,
                              .today = d->today,
                              .arena = said->arena};
    struct lookup l = lookup_of(d);
    lookup_into(&l, &c);
    said->kind->derive(&c, on_value, said);
    if (!l.blind)
        return;
    c.children = NULL;
    said->count = 0;
    said->kind->derive(&c, on_value, said);
}

enum err derive_row(struct derive *d, const struct replica_row *row, struct arena *arena,
                    const struct derived_value **out, size_t *count)
{
    struct said said = {.kind = kind_by_number(row->kind), .arena = arena, .count = 0};
    *out = NULL;
    *count = 0;
    if (!said.kind || !said.kind->derive)
        return ERR_OK;
    d->failed = find_org(d, row->org);
    if (d->failed != ERR_OK)
        return d->failed;
    say(d, row, &said);
    struct derived_value *list = arena_alloc(arena, (said.count + 1) * sizeof *list);
    if (d->failed == ERR_OK && (said.full || !list))
        d->failed = ERR_MEMORY;
    if (d->failed != ERR_OK)
        return d->failed;
    memcpy(list, said.list, said.count * sizeof *list);
    *out = list;
    *count = said.count;
    return ERR_OK;
}

enum err derive_setting(struct derive *d, const char *rule_code, struct date on, int64_t fallback, int64_t *out)
{
    struct arena arena;
    d->failed = find_org(d, d->facts.home);
    if (d->failed != ERR_OK)
        return d->failed;
    arena_init(&arena, LIMIT_ARENA);
    struct check_context c = {.today = on, .arena = &arena};
    struct lookup l = lookup_of(d);
    lookup_into(&l, &c);
    int64_t value = setting_integer(&c, rule_code, on, fallback);
    arena_finish(&arena);
    if (d->failed != ERR_OK)
        return d->failed;
    if (l.blind) /* what is shipped may not be what holds here */
        return inner_fail(d->r, ERR_BUSY, _("The district's settings have not all arrived on this device yet. Next: banyan sync"));
    *out = value;
    return ERR_OK;
}
