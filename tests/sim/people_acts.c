/* What a person does with one command, by the roles of the seat. */
#include "tests/sim/people_inner.h"
#include "tests/sim/schema.h"

#include "base/limits.h"
#include "client/replica/attention.h"
#include "wire/record.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- what ---- */

static const struct id none = {{0}};

/* Every text bears it, so that it can be told where it came from (oracle_rights.c). */
static unsigned org_of(const struct person *p)
{
    return seat_options(p->seat)->org;
}

void person_adds_member(struct person *p, struct replica *r)
{
    char words[96];
    unsigned token = ++p->token;
    snprintf(words, sizeof words, "name=q%03u-n%u-%u%s", org_of(p), p->index, token, dice_below(&p->dice, 2) ? " state=active joined_on=2026-09-01" : "");
    person_changes(p, r, "member", OP_CREATE, none, words);
}

static void set_member(struct person *p, struct replica *r)
{
    static const char *const fields[] = {"note", "campus", "mobile"};
    char words[96];
    struct pick m = {.left = 0};
    unsigned field = dice_below(&p->dice, 3), empty = dice_below(&p->dice, 5);
    if (!person_picks(p, r, "member", &m))
        return;
    if (!empty)
        snprintf(words, sizeof words, "-%s", fields[field]);
    else if (field == 2)
        snprintf(words, sizeof words, "mobile=139%02u%06u", p->index % 100, ++p->token);
    else
        snprintf(words, sizeof words, "%s=q%03u-t%u-%u", fields[field], org_of(p), p->index, ++p->token);
    person_changes(p, r, "member", OP_SET, m.id, words);
}

/* Two members at once, the one that everybody likes to change behind another: what is refused for it takes that one along. */
static void set_two(struct person *p, struct replica *r)
{
    char words[96];
    struct pick a = {.left = 0}, b = {.left = 0};
    if (!person_picks(p, r, "member", &a) || !person_takes(p, r, "member", &b) || id_equal(a.id, b.id))
        return;
    snprintf(words, sizeof words, "note=q%03u-t%u-%u", org_of(p), p->index, ++p->token);
    person_changes_both(p, r, "member", OP_SET, (const struct id[]){a.id, b.id}, words);
}

static void act_member(struct person *p, struct replica *r)
{
    static const char *const actions[] = {"!active", "!retained retained_reason=study", "!withdrawn", "!deceased"};
    struct pick m = {.left = 0};
    if (person_picks(p, r, "member", &m))
        person_changes(p, r, "member", OP_ACT, m.id, actions[dice_below(&p->dice, 4)]);
}

static void remove_member(struct person *p, struct replica *r)
{
    struct pick m = {.left = 0};
    if (person_picks(p, r, "member", &m))
        person_changes(p, r, "member", OP_REMOVE, m.id, "");
}

static bool leaves(const struct action_rule *action, const char *state)
{
    for (const char *const *from = action->from; *from; from++)
        if (strcmp(*from, state) == 0)
            return true;
    return false;
}

/* What a step asks for, in a person's words. */
static void put_required(const struct kind *k, const struct action_rule *action, char *words, size_t size)
{
    snprintf(words, size, "!%s", action->name);
    for (size_t i = 0; i < ACTION_FIELDS && action->required[i]; i++) {
        const struct field_rule *f = kind_field(k, action->required[i]);
        const char *value = f->type == FIELD_DATE ? "2026-11-20" : f->type == FIELD_CODE ? f->codes->codes[0].name : "按程序";
        if (f->type != FIELD_REFERENCE)
            snprintf(words + strlen(words), size - strlen(words), " %s=%s", f->name, value);
    }
}

/* The record's next step, mostly one that its state allows. */
static void step(struct person *p, struct replica *r, const char *kind, const struct pick *m)
{
    const struct kind *k = kind_by_name(kind);
    const struct action_rule *chosen = &k->actions[dice_below(&p->dice, (unsigned)k->action_count)];
    unsigned from = dice_below(&p->dice, (unsigned)k->action_count);
    char words[240];
    for (size_t i = 0; dice_below(&p->dice, 20) && i < k->action_count; i++) {
        const struct action_rule *next = &k->actions[(from + i) % k->action_count];
        if (leaves(next, m->text)) {
            chosen = next;
            break;
        }
    }
    put_required(k, chosen, words, sizeof words);
    person_changes(p, r, kind, OP_ACT, m->id, words);
}

static void plan(struct person *p, struct replica *r)
{
    static const char *const periods[] = {"period_kind=term period=2026-1", "period_kind=term period=2026-2", "period_kind=year period=2026"};
    char words[96];
    struct pick m = {.field = "state"};
    unsigned what = dice_below(&p->dice, 9);
    if (what == 0 || !person_picks(p, r, "work_plan", &m)) {
        snprintf(words, sizeof words, "title=q%03u-t%u-%u period_kind=term period=2026-1", org_of(p), p->index, ++p->token);
        person_changes(p, r, "work_plan", OP_CREATE, none, words);
    } else if (what < 3) {
        snprintf(words, sizeof words, "other_text=q%03u-t%u-%u", org_of(p), p->index, ++p->token);
        person_changes(p, r, "work_plan", OP_SET, m.id, words);
    } else if (what == 3) {
        person_changes(p, r, "work_plan", OP_SET, m.id, periods[dice_below(&p->dice, 3)]);
    } else {
        step(p, r, "work_plan", &m);
    }
}

/* Two that work on the dues mean the same months, mostly. */
static unsigned month(struct person *p)
{
    return dice_below(&p->dice, 4) ? 9 : 1 + dice_below(&p->dice, 12);
}

static void assess(struct person *p, struct replica *r)
{
    char words[160];
    struct pick m = {.left = dice_below(&p->dice, 2) ? 0 : dice_below(&p->dice, 30)};
    if (!person_takes(p, r, "member", &m))
        return;
    snprintf(words, sizeof words, "member_id=@%s period=2026-%02u amount_due_fen=#%u", person_hex(m.id), month(p), 500 + 100 * dice_below(&p->dice, 5));
    person_changes(p, r, "dues_assessment", OP_CREATE, none, words);
}

/* One that is made again has the same id: it follows from member and period. */
static void remove_assessment(struct person *p, struct replica *r)
{
    struct pick a = {.left = dice_below(&p->dice, 2) ? 0 : dice_below(&p->dice, 30)};
    if (person_takes(p, r, "dues_assessment", &a))
        person_changes(p, r, "dues_assessment", OP_REMOVE, a.id, "");
}

static void pay(struct person *p, struct replica *r)
{
    char words[160];
    struct pick m = {.left = 0};
    if (!person_picks(p, r, "member", &m))
        return;
    snprintf(words, sizeof words, "member_id=@%s period=2026-%02u amount_fen=#%u paid_on=2026-11-%02u", person_hex(m.id), month(p),
             100 + 100 * dice_below(&p->dice, 9), 1 + dice_below(&p->dice, 20));
    person_changes(p, r, "dues_payment", OP_CREATE, none, words);
}

/* Takes a payment back. */
static void reverse(struct person *p, struct replica *r)
{
    char words[240];
    struct pick m = {.field = "amount_fen"};
    struct arena a;
    struct replica_row row;
    if (!person_picks(p, r, "dues_payment", &m))
        return;
    arena_init(&a, LIMIT_ARENA);
    if (replica_load(r, kind_by_name("dues_payment")->number, m.id, seat_now_ms(p->seat), &a, &row) == ERR_OK) {
        struct cell member = record_get_name(row.message, "member_id"), period = record_get_name(row.message, "period");
        snprintf(words, sizeof words, "member_id=@%s period=%.*s paid_on=2026-11-21 reason=错录", person_hex(id_from(member.bytes)), (int)period.bytes.size,
                 (const char *)period.bytes.data);
        snprintf(words + strlen(words), sizeof words - strlen(words), " amount_fen=#%lld reverses_id=@%s", -atoll(m.text), person_hex(m.id));
        person_changes(p, r, "dues_payment", OP_CREATE, none, words);
    }
    arena_finish(&a);
}

static void proposal(struct person *p, struct replica *r)
{
    char words[96];
    struct pick m = {.field = "state"};
    unsigned what = dice_below(&p->dice, 8);
    if (what < 2 || !person_picks(p, r, "proposal", &m)) {
        snprintf(words, sizeof words, "title=q%03u-t%u-%u reason=a%u", org_of(p), p->index, p->token, p->token + 1);
        p->token++;
        person_changes(p, r, "proposal", OP_CREATE, none, words);
    } else if (what < 4) {
        snprintf(words, sizeof words, "suggestion=q%03u-t%u-%u", org_of(p), p->index, ++p->token);
        person_changes(p, r, "proposal", OP_SET, m.id, words);
    } else {
        step(p, r, "proposal", &m);
    }
}

static void limit(struct person *p, struct replica *r)
{
    char words[96];
    struct pick m = {.left = 0};
    unsigned what = dice_below(&p->dice, 5);
    if (what < 2 || !person_picks(p, r, "policy_limit", &m)) {
        snprintf(words, sizeof words, "rule_code=dues.r%u_%u value=5 effective_from=2026-01-01", p->index, ++p->token);
        person_changes(p, r, "policy_limit", OP_CREATE, none, words);
    } else if (what < 4) {
        snprintf(words, sizeof words, "%s=q001-t%u-%u", schema_is_mixed() && dice_below(&p->dice, 2) ? AHEAD_REMARK : "basis", p->index, ++p->token);
        person_changes(p, r, "policy_limit", OP_SET, m.id, words);
    } else {
        person_changes(p, r, "policy_limit", OP_ACT, m.id, "!in_force");
    }
}

void person_says_something(struct person *p, struct replica *r)
{
    if (seat_options(p->seat)->org == 1)
        limit(p, r);
    else if (strstr(seat_options(p->seat)->roles, "union_chair"))
        person_adds_member(p, r);
}

/* ---- what the district looks at ---- */

/* An officer reads a branch's plans and answers one that was handed in. */
static void on_plans(void *to, struct replica *r, const struct id *seen, size_t count)
{
    struct person *p = to;
    for (size_t i = 0; i < count; i++) {
        struct arena a;
        struct replica_row row;
        arena_init(&a, LIMIT_ARENA);
        enum err e = replica_load(r, kind_by_name("work_plan")->number, seen[i], seat_now_ms(p->seat), &a, &row);
        bool answered = e == ERR_OK && strcmp(kind_state_of(kind_by_name("work_plan"), row.message), "submitted") == 0;
        arena_finish(&a);
        if (answered) {
            person_changes(p, r, "work_plan", OP_ACT, seen[i], dice_below(&p->dice, 2) ? "!acknowledged" : "!returned return_reason=改");
            return;
        }
    }
}

static void look_at_plans(struct person *p, struct replica *r)
{
    (void)r;
    seat_ask(p->seat, p->district->codes[dice_below(&p->dice, p->district->scale.branches)], kind_by_name("work_plan")->number, on_plans, p);
}

/* ---- what waits for the person ---- */

static bool take_one(void *to, const struct attention_entry *e)
{
    *(struct attention_entry *)to = *e;
    return false;
}

static void attend(struct person *p, struct replica *r)
{
    struct attention_entry e = {.id = {{0}}};
    struct arena a;
    struct replica_outcome o = {0};
    int64_t now = seat_now_ms(p->seat);
    if (attention_each(r, now, take_one, &e) != ERR_OK || id_is_zero(e.id))
        return;
    arena_init(&a, LIMIT_ARENA);
    int64_t mark = ledger_mark(r);
    enum err done = attention_get(r, e.id, &a, &e);
    bool refusal = e.type == ATTENTION_REFUSAL, first = dice_below(&p->dice, 2);
    if (done == ERR_OK && refusal)
        done = first ? attention_discard(r, e.id) : attention_retry(r, e.id, NULL, NULL, 0, now, &a, &o);
    else if (done == ERR_OK)
        done = attention_resolve(r, e.id, first ? ATTENTION_MINE : ATTENTION_THEIRS, NULL, NULL, 0, now, &a, &o);
    person_is_told(p, r, done, mark, refusal ? first ? "discard" : "retry" : first ? "resolve with mine" : "resolve with theirs");
    arena_finish(&a);
}

/* ---- one command ---- */

typedef void act(struct person *p, struct replica *r);

void person_acts(struct person *p, struct replica *r)
{
    static act *const of_chair[] = {person_adds_member, set_member, set_member, set_two, act_member, remove_member, plan, proposal, attend, attend};
    static act *const of_member[] = {person_adds_member, set_member, set_member, set_member, set_two, remove_member, proposal, plan, attend};
    static act *const of_accountant[] = {assess, assess, assess, pay, pay, pay, reverse, remove_assessment, proposal, attend};
    static act *const of_others[] = {proposal, proposal, attend, set_member};
    static act *const of_district[] = {limit, limit, limit, look_at_plans, look_at_plans, attend};
    const char *roles = seat_options(p->seat)->roles;
    act *chosen;
    if (schema_is_mixed() && dice_below(&p->dice, 4) == 0) {
        person_uses_news(p, r);
        return;
    }
    if (strncmp(roles, "district", 8) == 0)
        chosen = of_district[dice_below(&p->dice, 6)];
    else if (strstr(roles, "union_chair") && !(strstr(roles, "accountant") && dice_below(&p->dice, 2)))
        chosen = of_chair[dice_below(&p->dice, 10)];
    else if (strstr(roles, "committee_member"))
        chosen = of_member[dice_below(&p->dice, 9)];
    else if (strstr(roles, "accountant"))
        chosen = of_accountant[dice_below(&p->dice, 10)];
    else
        chosen = of_others[dice_below(&p->dice, 4)];
    chosen(p, r);
}
