/* load -> decide -> accept, for changes that are new (rules 7-18). What decide lacks it names; it is loaded, and asked again. */
#include "server/writer/writer_step.h"

#include "base/limits.h"
#include "sync/accept.h"
#include "sync/lookup.h"

#include <string.h>

#define LOAD_ROUNDS_MAX 256
#define ORGS_ABOVE_MAX 15u /* a nation's tree has five levels */

enum err step_load(struct step *st, struct scratch_keys *missing)
{
    enum err e = store_load(st->store, st->scratch, missing);
    for (size_t i = 0; e == ERR_OK && i < missing->count; i++)
        if (!scratch_has(st->scratch, &missing->list[i]))
            e = ERR_BUG; /* asking again would never end */
    missing->count = 0;
    return e;
}

enum err author_org(struct step *st, const struct author *a, const struct change *change, struct known_org **out)
{
    if (a->late_org)
        return cache_org(st->cache, a->late_org, st->epoch, out);
    bool reached = control_org(st->control, change->org) && control_in_subtree(st->control, a->seat->org, change->org);
    return cache_org(st->cache, reached ? change->org : a->seat->org, st->epoch, out);
}

static struct decide_org facts_of_org(const struct step *st, const struct author *a, uint32_t number)
{
    const struct control_org *org = control_org(st->control, number);
    return (struct decide_org){
        .number = number,
        .leaf = org && org->leaf,
        .in_subtree = org && control_in_subtree(st->control, a->seat->org, number),
        .own = a->seat->org == number,
    };
}

/* Orgs above it, the nearest first. */
static size_t orgs_above(struct step *st, uint32_t number, const uint32_t **out)
{
    const struct control_org *org = control_org(st->control, number);
    uint32_t *list = arena_alloc(&st->arena, ORGS_ABOVE_MAX * sizeof *list);
    size_t count = 0;
    CHECK(list);
    for (; org && org->parent && count < ORGS_ABOVE_MAX; org = control_org(st->control, org->parent))
        list[count++] = org->parent;
    *out = list;
    return count;
}

static enum err facts_of_for(struct step *st, const struct author *a, const struct change *change, struct decide_for *out)
{
    const struct control_seat *other = change->for_seat ? control_seat(st->control, change->for_seat) : NULL;
    bool of_org = other && other->org == a->seat->org;
    struct known_seat *known;
    *out = (struct decide_for){.of_org = of_org, .revoked = of_org && other->state == SEAT_REVOKED, .proven = a->proven};
    if (!of_org || !change->origin.given)
        return ERR_OK;
    enum err e = cache_seat(st->cache, change->for_seat, &known);
    if (e == ERR_OK)
        out->ancestry = author_ancestry(st, known, NULL);
    return e;
}

static const char *code_of_org(const void *to, uint32_t number)
{
    const struct control_org *org = control_org(to, number);
    return org ? org->code : NULL;
}

static uint32_t org_of_code(const void *to, const char *code)
{
    const struct control_org *org = control_org_by_code(to, code);
    return org ? org->number : 0;
}

static struct decide_context context_of(struct step *st, const struct author *a, const struct change *change, const struct known_org *log)
{
    return (struct decide_context){
        .seat = {.number = a->seat->number, .roles = a->seat->roles, .state = a->late_org ? SEAT_ACTIVE : a->seat->state},
        .late = a->late_org != 0,
        .org = facts_of_org(st, a, change->org),
        .incarnation = a->about.incarnation,
        .ancestry = a->ancestry,
        .lineage = control_lineage(st->control, log->org, &st->arena),
        .today = date_of_ms(a->late_org ? a->late_ms : st->now_ms, DATE_CHINA_MINUTES),
        .received_ms = st->now_ms,
        .seq = org_state_next(log->state),
        .numbers = log->state,
    };
}

static void next_salt(struct step *st, uint8_t out[SALT_SIZE])
{
    if (st->salt_count == 0) {
        st->random(st->salts, sizeof st->salts);
        st->salt_count = sizeof st->salts / SALT_SIZE;
    }
    memcpy(out, st->salts[--st->salt_count], SALT_SIZE);
}

static enum err record(struct step *st, struct author *a, struct known_org *log, const struct change *change, const struct decision *d, struct entry *out)
{
    uint8_t salt[SALT_SIZE];
    struct identity who = {.seat = a->seat->number, .incarnation = a->about.incarnation, .n = change->n};
    enum err e = ERR_OK;
    if (!a->incarnation)
        e = cache_put_incarnation(st->cache, a->known, &a->about, &a->incarnation);
    if (e != ERR_OK)
        return e;
    memcpy(who.hash, change->hash, HASH_SIZE);
    next_salt(st, salt);
    accept_decision(d, change, &who, st->now_ms, salt, st->scratch, log->state, &st->arena, out);
    cache_touch(st->cache, log);
    struct store_entry line = {log->org, change->kind_number, change->id, *out, a->incarnation->about.row};
    e = store_put_entry(st->store, &line);
    if (e == ERR_OK && change->origin.given) {
        line.entry.change = change->made; /* what was erased from it is of its identity still */
        e = cache_note_taken(st->cache, &line);
    }
    if (e == ERR_OK)
        cache_processed(a->incarnation, change->n);
    st->changes++;
    return e;
}

enum err author_record(struct step *st, struct author *a, const struct change *change, const struct decision *d, struct entry *out)
{
    struct known_org *log;
    enum err e = author_org(st, a, change, &log);
    return e == ERR_OK ? record(st, a, log, change, d, out) : e;
}

static void ask(struct step *st, const struct decide_context *contexts, const struct change *changes, size_t count,
                struct decision *out, struct scratch_keys *missing)
{
    if (changes[0].grouped)
        decide_group(contexts, changes, count, st->scratch, &st->arena, out, missing);
    else
        decide(contexts, changes, st->scratch, &st->arena, out, missing);
}

/* By the row alone it could not be told any more when the row has gone. */
static void follow_row(struct step *st, const struct erasures *known, struct change *c, const struct scratch_row *row, struct erased_fields all)
{
    struct erased_fields before;
    if (erase_change(known, c, row->message, &st->arena) && !known->find(known->to, c->kind_number, c->id, &before))
        follow_later(st, &(struct followed){.org = row->org, .kind = c->kind_number, .id = c->id, .fields = all});
}

/* Rule 29: what is said of a record that is about a person who is erased, and came to be afterwards: its row tells. */
static enum err erase_by_rows(struct step *st, struct change *changes, size_t count)
{
    struct erasures known = control_erasures(st->control);
    struct scratch_keys missing = {.count = 0};
    enum err e = ERR_OK;
    if (!control_erases_anything(st->control))
        return ERR_OK;
    for (size_t i = 0; i < count; i++)
        if (changes[i].kind && changes[i].op != OP_CREATE)
            scratch_keys_add(&missing, (struct scratch_key){.type = SCRATCH_ROW, .kind = changes[i].kind_number, .id = changes[i].id});
    if (missing.count)
        e = step_load(st, &missing);
    for (size_t i = 0; i < count && e == ERR_OK; i++) {
        struct change *c = &changes[i];
        struct erased_fields f;
        const struct scratch_row *row = c->kind && c->op != OP_CREATE ? scratch_look(st->scratch, c->kind_number, c->id) : NULL;
        if (row && row->message && !c->erased_whole && erase_follows(&known, c->kind, row->message, &st->arena, &f))
            follow_row(st, &known, c, row, f);
    }
    return e;
}

enum err author_decide(struct step *st, struct author *a, const struct change *made, size_t count, struct entry *out)
{
    struct known_org *log;
    struct decide_context contexts[LIMIT_GROUP];
    struct scratch_keys missing = {.count = 0};
    struct decision *decisions = arena_alloc(&st->arena, count * sizeof *decisions);
    struct change *changes = arena_alloc(&st->arena, count * sizeof *changes);
    CHECK(decisions && changes && count <= LIMIT_GROUP);
    memcpy(changes, made, count * sizeof *changes);
    enum err e = erase_by_rows(st, changes, count);
    if (e == ERR_OK)
        e = author_org(st, a, &changes[0], &log);
    if (e != ERR_OK)
        return e;
    struct org_codes codes = {code_of_org, org_of_code, st->control};
    contexts[0] = context_of(st, a, &changes[0], log);
    contexts[0].codes = &codes;
    contexts[0].above_count = orgs_above(st, changes[0].org, &contexts[0].above);
    for (size_t i = 0; i < count; i++) {
        contexts[i] = contexts[0];
        contexts[i].seq += i;
        if ((e = facts_of_for(st, a, &changes[i], &contexts[i].for_seat)) != ERR_OK)
            return e;
    }
    if (changes[0].kind) /* what decide would ask for first, of one change as of a group */
        scratch_keys_add(&missing, (struct scratch_key){.type = SCRATCH_ROW, .kind = changes[0].kind_number, .id = changes[0].id});
    if (missing.count && (e = step_load(st, &missing)) != ERR_OK)
        return e;
    for (size_t round = 0;; round++) {
        ask(st, contexts, changes, count, decisions, &missing);
        if (missing.count == 0)
            break;
        e = round < LOAD_ROUNDS_MAX ? step_load(st, &missing) : ERR_BUG;
        if (e != ERR_OK)
            return e;
    }
    for (size_t i = 0; i < count && e == ERR_OK; i++)
        e = record(st, a, log, &changes[i], &decisions[i], &out[i]);
    return e;
}
