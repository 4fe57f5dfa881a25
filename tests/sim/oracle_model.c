/* The server's history told by the model: every verdict is what rules 8 to 14 say, and what came through is what they let through. A
 * refusal that rules 7 or 15 explain (rights, form, a kind's rules, a group) comes before or after those and is taken as it is. */
#include "tests/sim/erase.h"
#include "tests/sim/oracle_late.h"
#include "tests/sim/oracle_model.h"
#include "tests/sim/oracle_parts.h"
#include "tests/sim/oracle_values.h"
#include "tests/sim/roles.h"

#include "base/limits.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const names[] = {"APPLIED", "MERGED", "CONFLICT", "REFUSED"};

static bool is_of_the_model(const char *code)
{
    static const char *const codes[] = {"STATE_MOVED", "CHANGED_SINCE", "DELETED", "EXISTS", "IMMUTABLE", "UNKNOWN_RECORD"};
    for (size_t i = 0; code && i < sizeof codes / sizeof *codes; i++)
        if (strcmp(code, codes[i]) == 0)
            return true;
    return false;
}

/* What of the change came through: its fields in the effect on its record. */
static bool came_through(const struct effects *effects, const struct change *c, uint32_t tag)
{
    const ProtobufCFieldDescriptor *f = record_field_tag(c->kind->descriptor, tag);
    for (size_t i = 0; i < effects->count; i++) {
        const struct effect *e = &effects->list[i];
        if (!id_equal(e->id, c->id) || !e->patch)
            continue;
        if (record_get(e->patch, f).type != CELL_ABSENT)
            return true;
        for (size_t j = 0; j < e->cleared_count; j++)
            if (e->cleared[j] == tag)
                return true;
    }
    return false;
}

/* All entries with an effect on the record, or about it. */
static void say_history(struct district *d, uint32_t org, struct id id)
{
    struct arena arena;
    struct entry *list;
    size_t count;
    bool more;
    arena_init(&arena, 1u << 30);
    CHECK(store_read_entries(server_store(d->server), org, 0, SIZE_MAX, &arena, &list, &count, &more) == ERR_OK);
    for (size_t i = 0; i < count; i++) {
        struct change c = {.n = 0};
        struct effects effects = {.count = 0};
        bool about = list[i].change.size && change_open(list[i].change, &arena, &c) == ERR_OK && id_equal(c.id, id);
        if (list[i].effects.size)
            CHECK(effects_open(list[i].effects, &arena, &effects) == ERR_OK);
        for (size_t j = 0; j < effects.count && !about; j++)
            about = id_equal(effects.list[j].id, id);
        if (about)
            printf("  seq %llu seat %u incarnation %02x n %llu base %llu op %d %s group %u/%u: verdict %d %s\n", (unsigned long long)list[i].seq, list[i].identity.seat,
                   list[i].identity.incarnation.bytes[0], (unsigned long long)list[i].identity.n, (unsigned long long)c.base, c.op, c.action ? c.action : "",
                   c.group_position, c.group_size, list[i].verdict, list[i].code ? list[i].code : "");
    }
    arena_finish(&arena);
}

static bool applies(const struct foresight *f, uint32_t tag)
{
    for (size_t i = 0; i < f->apply_count; i++)
        if (f->applies[i] == tag)
            return true;
    return false;
}

/* A refusal without a code: whichever it was where it came from. */
static bool is_foretold(const struct entry *e, const struct foresight *f)
{
    enum foretold real = (enum foretold)(e->verdict - VERDICT_APPLIED);
    bool refused = real == FORETOLD_REFUSED;
    if (refused && !is_of_the_model(e->code))
        return true;
    return real == f->verdict && (!refused || !f->code || strcmp(e->code, f->code) == 0);
}

/* 0: it is so; else the field that came through, or did not, though the rules say otherwise. */
static uint32_t other_field(const struct entry *e, const struct change *c, const struct effects *effects, const struct foresight *f)
{
    if (e->verdict == VERDICT_REFUSED || c->op != OP_SET)
        return 0;
    for (size_t i = 0; i < f->apply_count; i++)
        if (!came_through(effects, c, f->applies[i]))
            return f->applies[i];
    for (unsigned i = 0; i < c->kind->descriptor->n_fields; i++) {
        uint32_t tag = c->kind->descriptor->fields[i].id;
        if (change_touches(c, tag) && came_through(effects, c, tag) && !applies(f, tag))
            return tag;
    }
    return 0;
}

static void compare(struct district *d, uint32_t org, const struct entry *e, const struct change *c, const struct effects *effects, const struct foresight *f)
{
    enum foretold real = (enum foretold)(e->verdict - VERDICT_APPLIED);
    if (!is_foretold(e, f)) {
        say_history(d, org, c->id);
        world_fail("org %u, seq %llu: change %llu of seat %u (%s of a %s, base %llu) is %s %s by the server and %s %s by the rules", org,
                   (unsigned long long)e->seq, (unsigned long long)e->identity.n, e->identity.seat,
                   c->op == OP_CREATE ? "create" : c->op == OP_SET ? "set" : c->op == OP_ACT ? "act" : "remove", c->kind->name,
                   (unsigned long long)c->base, names[real], e->code ? e->code : "", names[f->verdict], f->code ? f->code : "");
    }
    uint32_t tag = other_field(e, c, effects, f);
    if (tag)
        world_fail("org %u, seq %llu: field %u of a %s came %s through", org, (unsigned long long)e->seq, tag, c->kind->name, applies(f, tag) ? "not" : "");
}

/* ---- restores (rules 8, 26): what a base means where the path on which it was taken was left ---- */

/* Does the org's history go through that epoch, and up to where? What went before each epoch its last surviving seq tells, which may be
 * of an epoch long before. */
static bool is_on_path(struct control *c, uint32_t org, uint32_t epoch, uint64_t *bound)
{
    *bound = UINT64_MAX;
    for (uint32_t at = control_newest_epoch(c); at != epoch; at = (uint32_t)(*bound >> 40)) {
        if (at <= 1)
            return false;
        *bound = control_epoch_last(c, at, org);
    }
    return true;
}

/* "A base on a path that a restore gave up counts as the last seq of that path that survived." */
static uint64_t base_now(struct district *d, uint32_t org, uint64_t base)
{
    struct control *c = server_control(d->server);
    uint64_t bound;
    while (base >> 40 && !is_on_path(c, org, (uint32_t)(base >> 40), &bound))
        base = control_epoch_last(c, (uint32_t)(base >> 40), org); /* the whole epoch was left */
    return base >> 40 && base > bound ? bound : base;
}

/* ---- what was handed over late (rule 27) ---- */

/* Of a change that is to be told: as it may have come, as far as the world knows. */
struct coming {
    uint32_t org;
    uint64_t base, base_now; /* as it was sent, and as it counts */
    bool again;              /* there were two restores: what the server had kept of late ones the second may have taken */
    bool doubtful_seen;      /* of what nobody can tell whether it had been handed over by then */
    bool any_doubt;          /* somebody asked that */
};

static bool was_seen(void *to, const uint8_t hash[HASH_SIZE])
{
    struct coming *k = to;
    if (!oracle_late_stood(k->org, hash, k->base_now, k->base))
        return false;
    bool certain = !k->again && oracle_late_how(hash) == LATE_ALONE; /* what it became, and where it had stood, are one commit */
    k->any_doubt = k->any_doubt || !certain;
    return certain || k->doubtful_seen;
}

/* Each way in which it may have come and been judged: one of them has to be what the server did, and is told in *f. False: of several
 * doubts each may have another answer. */
static bool compare_late(struct district *d, struct model *m, const struct entry *e, const struct change *c, const struct effects *effects, struct coming *k,
                         struct foresight *f)
{
    enum late_how how = oracle_late_how(e->identity.hash);
    for (unsigned way = 0; way < 4; way++) {
        bool late = way & 1;
        if ((late && how == LATE_NEVER) || (!late && how == LATE_ALONE))
            continue;
        struct circumstances now = {.late = late, .was_refused = late && oracle_late_was_refused(e->identity.hash), .seen = was_seen, .to = k};
        k->doubtful_seen = way & 2;
        model_foretell(m, e, c, &now, f);
        if (is_foretold(e, f) && !other_field(e, c, effects, f))
            return true;
    }
    if (!k->any_doubt)
        compare(d, k->org, e, c, effects, f);
    return false;
}

/* ---- groups (rules 15, 16): members stand one behind the other, and share one fate ---- */

struct group {
    struct id id;
    uint32_t position, size; /* of the member that came last; 0: none is open */
    bool refused, unknown;   /* unknown: a change that nobody can read any more may have been a member */
    struct id records[LIMIT_GROUP]; /* of the members so far */
};

static void expect_member(struct group *g, uint32_t org, const struct entry *e, const struct change *c)
{
    bool refused = e->verdict == VERDICT_REFUSED, first = g->position == 0;
    if (!c || (g->unknown && c->grouped && c->group_position > 1)) {
        g->position = 0;
        g->unknown = true;
        return;
    }
    g->unknown = false;
    bool follows = c->grouped && c->group_position == g->position + 1 && (first || (id_equal(c->group, g->id) && refused == g->refused));
    if (!first && !follows)
        world_fail("org %u, seq %llu: the group of before ends at %u of %u", org, (unsigned long long)e->seq, g->position, g->size);
    if (!c->grouped)
        return;
    if (!follows)
        world_fail("org %u, seq %llu: a group begins with its member %u", org, (unsigned long long)e->seq, c->group_position);
    if (e->verdict == VERDICT_CONFLICT)
        world_fail("org %u, seq %llu: a member of a group is a conflict", org, (unsigned long long)e->seq);
    g->id = c->group;
    g->size = c->group_size;
    g->refused = refused;
    g->records[(c->group_position - 1) % LIMIT_GROUP] = c->id;
    g->position = c->group_position < c->group_size ? c->group_position : 0;
}

/* Has a member before it changed the same record, on the scratch that nobody else sees? */
static bool is_touched(const struct group *g, const struct change *c)
{
    for (uint32_t i = 0; i + 1 < c->group_position && i < (uint32_t)LIMIT_GROUP; i++)
        if (id_equal(g->records[i], c->id))
            return true;
    return false;
}

static const struct circumstances usual;

/* Of a refused one its culprit is looked at: "which" and "why" stand in each entry. */
static void compare_member(struct district *d, struct model *m, uint32_t org, const struct entry *e, const struct change *c,
                           const struct effects *effects, const struct group *g)
{
    struct foresight f;
    struct entry culprit = *e;
    const char *which = e->argument[0], *why = e->argument[1];
    bool refused = e->verdict == VERDICT_REFUSED;
    if (refused && (strcmp(e->code, "GROUP") != 0 || !which || !why || strtoul(which, NULL, 10) != c->group_position || is_touched(g, c)))
        return;
    model_foretell(m, e, c, &usual, &f);
    if (!refused && f.verdict == FORETOLD_CONFLICT && model_is_dead(m, c->id))
        return; /* rule 13: a group that ends the conflict about it restores a record */
    if (refused && strcmp(why, "CONFLICT") == 0)
        culprit.verdict = VERDICT_CONFLICT;
    else if (refused)
        culprit.code = why;
    compare(d, org, &culprit, c, effects, &f);
}

/* Rule 7 comes before all that the model tells. What comes before it refuses, too. */
static void compare_right(struct district *d, struct model *m, uint32_t org, const struct entry *e, const struct change *c)
{
    role_set roles = roles_at(d, e->identity.seat, org, e->seq);
    enum model_right right = roles ? model_right(c, roles, model_made(m, c->id, e->identity.seat)) : MODEL_NOT_TOLD; /* no person's seat */
    bool refused = e->verdict == VERDICT_REFUSED, by_right = refused && e->code && strcmp(e->code, "RIGHT") == 0;
    if ((right == MODEL_MAY_NOT && (!refused || is_of_the_model(e->code))) || (right == MODEL_MAY && by_right)) {
        say_history(d, org, c->id);
        world_fail("org %u, seq %llu: change %llu of seat %u with roles %x on a %s is %s, though by rule 7 it may%s", org, (unsigned long long)e->seq,
                   (unsigned long long)e->identity.n, e->identity.seat, roles, c->kind->name, refused ? e->code : "let in", right == MODEL_MAY ? "" : " not");
    }
}

static void tell(struct district *d, struct model *m, uint32_t org, const struct entry *e, struct group *g, struct arena *arena)
{
    struct change c;
    struct effects effects = {.count = 0};
    struct foresight f;
    if (e->effects.size)
        CHECK(effects_open(e->effects, arena, &effects) == ERR_OK);
    bool known = e->verdict != VERDICT_SAME && e->change.size && change_open(e->change, arena, &c) == ERR_OK && c.kind;
    bool less = known && erase_took(d, c.kind_number, c.id); /* what is told of it is not what was sent */
    if (known && !less)
        values_expect_entry(m, org, e, &c, &effects);
    uint64_t base = known ? c.base : 0;
    if (known)
        c.base = base_now(d, org, base);
    struct coming k = {.org = org, .base = base, .base_now = known ? c.base : 0, .again = control_newest_epoch(server_control(d->server)) > 2};
    bool elsewhere = d->server_lost && known && (oracle_late_how(e->identity.hash) != LATE_NEVER || base != c.base);
    less = less || (elsewhere && c.grouped && oracle_late_any(org)); /* what is left of a group may stand alone */
    if (e->verdict != VERDICT_SAME)
        expect_member(g, org, e, known && !less ? &c : NULL);
    if (known && c.grouped && !less)
        compare_member(d, m, org, e, &c, &effects, g);
    if (known && !c.grouped && !less) {
        if (!d->server_lost) /* seqs and roles go one beside the other only where the past stands */
            compare_right(d, m, org, e, &c);
        bool told = true;
        if (elsewhere) {
            told = compare_late(d, m, e, &c, &effects, &k, &f);
        } else {
            model_foretell(m, e, &c, &usual, &f);
            compare(d, org, e, &c, &effects, &f);
        }
        if (told && e->verdict == VERDICT_CONFLICT)
            values_expect_kept(org, e, &c, &effects, &f);
    }
    model_take(m, e, &effects);
}

static void tell_org(struct district *d, struct model *m, uint32_t org)
{
    struct arena arena, of_entry;
    struct group group = {.position = 0};
    uint64_t after = 0;
    bool more = true;
    arena_init(&arena, 64u << 20);
    arena_init(&of_entry, LIMIT_ARENA);
    while (more) {
        struct entry *list;
        size_t count;
        arena_reset(&arena);
        CHECK(store_read_entries(server_store(d->server), org, after, LIMIT_PAGE_SIZE, &arena, &list, &count, &more) == ERR_OK);
        for (size_t i = 0; i < count; i++) {
            arena_reset(&of_entry);
            tell(d, m, org, &list[i], &group, &of_entry);
            after = list[i].seq;
        }
    }
    values_expect_rows(d, m, org);
    arena_finish(&of_entry);
    arena_finish(&arena);
}

static void know_forks(struct district *d, struct model *m)
{
    struct db_statement *q;
    bool row;
    CHECK(sql_ask(store_db(server_store(d->server)), &q, "SELECT incarnation, parent, fork_n FROM incarnation WHERE parent IS NOT NULL", "") == ERR_OK);
    while (db_step(q, &row) == ERR_OK && row) {
        struct incarnation i, parent;
        memcpy(i.bytes, db_blob(q, 0).data, sizeof i.bytes);
        memcpy(parent.bytes, db_blob(q, 1).data, sizeof parent.bytes);
        model_incarnation(m, i, parent, (uint64_t)db_integer(q, 2));
    }
}

static bool has_none(struct district *d, uint32_t org, const char *sql)
{
    int64_t any = 0;
    CHECK(sql_integer(store_db(server_store(d->server)), 0, &any, sql, "i", (int64_t)org) == ERR_OK);
    return !any;
}

/* Its history is what was decided in turn. Of a stripped entry nobody knows what it did. */
static bool is_verbatim(struct district *d, uint32_t org)
{
    return has_none(d, org, "SELECT EXISTS(SELECT 1 FROM taken WHERE org = ?1)") &&
           has_none(d, org, "SELECT EXISTS(SELECT 1 FROM history WHERE org = ?1 AND entry_hash IS NOT NULL)");
}

void oracle_expect_model(struct district *d)
{
    if (d->rows_anew)
        return; /* with the journal went what old numbers meant */
    struct model *m = model_create();
    know_forks(d, m);
    for (unsigned i = 0; i <= d->scale.branches; i++) {
        uint32_t org = i ? d->branches[i - 1] : 1;
        if (is_verbatim(d, org))
            tell_org(d, m, org);
    }
    model_destroy(m);
}
