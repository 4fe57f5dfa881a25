/* What a person does with one command. What the device itself refuses is no news; what it says is saved is noted. */
#include "tests/sim/people_inner.h"

#include "base/limits.h"
#include "client/replica/attention.h"
#include "wire/record.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- giving it ---- */

static void put_hex(ProtobufCMessage *patch, const char *name, const char *hex, struct arena *a)
{
    uint8_t bytes[ID_SIZE] = {0};
    for (size_t i = 0; i < ID_SIZE && hex[2 * i]; i++) {
        unsigned byte = 0;
        (void)sscanf(hex + 2 * i, "%2x", &byte);
        bytes[i] = (uint8_t)byte;
    }
    record_put_name(patch, name, cell_bytes(arena_copy(a, slice_of(bytes, ID_SIZE))), a);
}

/* "name=Li amount_fen=#500 member_id=@0190... -note !active" */
static void fill(ProtobufCMessage *patch, const char *words, uint32_t *cleared, size_t *count, const char **action, struct arena *a)
{
    char *copy = arena_text(a, slice_text(words)), *rest = NULL;
    for (char *word = strtok_r(copy, " ", &rest); word; word = strtok_r(NULL, " ", &rest)) {
        char *value = strchr(word, '=');
        if (word[0] == '!')
            *action = word + 1;
        else if (word[0] == '-')
            cleared[(*count)++] = record_field(patch->descriptor, word + 1)->id;
        if (!value)
            continue;
        *value++ = 0;
        if (*value == '@')
            put_hex(patch, word, value + 1, a);
        else if (*value == '#')
            record_put_name(patch, word, cell_integer(strtoll(value + 1, NULL, 10)), a);
        else
            record_put_name(patch, word, cell_text(value), a);
    }
}

static void judge(struct person *p, struct replica *r, enum err e, int64_t mark, const char *what)
{
    struct district *d = p->district;
    world_tell("device %u: %s: %s", seat_index(p->seat), what, err_name(e));
    if (e == ERR_OK) {
        ledger_note(&d->ledger, seat_options(p->seat)->number, r, mark);
        d->changes++;
    }
    d->refused += e == ERR_REFUSED;
    enum err_class class = err_class(e);
    if (e != ERR_OK && class != ERR_CLASS_REFUSED && class != ERR_CLASS_LATER && e != ERR_IO && e != ERR_DISK_FULL && e != ERR_CORRUPT)
        world_fail("device %u: %s: %s (%s)", seat_index(p->seat), what, err_name(e), replica_detail(r));
}

static void change(struct person *p, struct replica *r, const char *kind, enum op op, struct id id, const char *words)
{
    struct arena a;
    struct replica_outcome o = {0};
    const struct kind *k = kind_by_name(kind);
    uint32_t cleared[16];
    struct replica_change c = {.op = op, .kind = k->number, .id = id, .cleared = cleared};
    char what[160];
    arena_init(&a, LIMIT_ARENA);
    ProtobufCMessage *patch = record_new(k->descriptor, &a);
    fill(patch, words, cleared, &c.cleared_count, &c.action, &a);
    c.patch = patch;
    int64_t mark = ledger_mark(r);
    enum err e = replica_change(r, &c, seat_now_ms(p->seat), &a, &o);
    snprintf(what, sizeof what, "%s %s %.80s%s%s", op == OP_CREATE ? "add" : op == OP_SET ? "set" : op == OP_ACT ? "act" : "remove", kind, words,
             e == ERR_REFUSED ? " " : "", e == ERR_REFUSED && o.code ? o.code : "");
    judge(p, r, e, mark, what);
    arena_finish(&a);
}

/* ---- which record ---- */

struct pick {
    struct id id;
    unsigned left;
    bool found;
    char text[64]; /* what the caller wants to know of it */
    const char *field;
};

static bool pick_row(void *to, const struct replica_row *row)
{
    struct pick *p = to;
    p->id = row->id;
    p->found = true;
    if (p->field) {
        struct cell c = record_get_name(row->message, p->field);
        *p->text = 0;
        if (c.type == CELL_TEXT)
            snprintf(p->text, sizeof p->text, "%.*s", (int)(c.bytes.size < 60 ? c.bytes.size : 60), (const char *)c.bytes.data);
        else if (c.type == CELL_INTEGER)
            snprintf(p->text, sizeof p->text, "%lld", (long long)c.integer);
    }
    return p->left-- > 0;
}

static bool any(struct person *p, struct replica *r, const char *kind, struct pick *out)
{
    bool liked = dice_chance(&p->dice, p->district->scale.same_record);
    out->left = liked ? 0 : dice_below(&p->dice, 30);
    out->found = false;
    enum err e = replica_scan(r, kind_by_name(kind)->number, seat_now_ms(p->seat), pick_row, out);
    return e == ERR_OK && out->found;
}

static const char *hex(struct id id)
{
    static char text[2 * ID_SIZE + 1];
    for (size_t i = 0; i < ID_SIZE; i++)
        snprintf(text + 2 * i, 3, "%02x", id.bytes[i]);
    return text;
}

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
    change(p, r, "member", OP_CREATE, none, words);
}

static void set_member(struct person *p, struct replica *r)
{
    static const char *const fields[] = {"note", "campus", "mobile"};
    char words[96];
    struct pick m = {.left = 0};
    unsigned field = dice_below(&p->dice, 3), empty = dice_below(&p->dice, 5);
    if (!any(p, r, "member", &m))
        return;
    if (!empty)
        snprintf(words, sizeof words, "-%s", fields[field]);
    else if (field == 2)
        snprintf(words, sizeof words, "mobile=139%02u%06u", p->index % 100, ++p->token);
    else
        snprintf(words, sizeof words, "%s=q%03u-t%u-%u", fields[field], org_of(p), p->index, ++p->token);
    change(p, r, "member", OP_SET, m.id, words);
}

static void act_member(struct person *p, struct replica *r)
{
    static const char *const actions[] = {"!active", "!retained retained_reason=study", "!withdrawn", "!deceased"};
    struct pick m = {.left = 0};
    if (any(p, r, "member", &m))
        change(p, r, "member", OP_ACT, m.id, actions[dice_below(&p->dice, 4)]);
}

static void remove_member(struct person *p, struct replica *r)
{
    struct pick m = {.left = 0};
    if (any(p, r, "member", &m))
        change(p, r, "member", OP_REMOVE, m.id, "");
}

static void plan(struct person *p, struct replica *r)
{
    static const char *const actions[] = {"!discussed", "!adopted adopted_on=2026-09-01 adopted_by=大会", "!submitted submitted_on=2026-09-02"};
    char words[96];
    struct pick m = {.left = 0};
    unsigned what = dice_below(&p->dice, 5);
    if (what == 0 || !any(p, r, "work_plan", &m)) {
        snprintf(words, sizeof words, "title=q%03u-t%u-%u period_kind=term period=2026-1", org_of(p), p->index, ++p->token);
        change(p, r, "work_plan", OP_CREATE, none, words);
    } else if (what < 3) {
        snprintf(words, sizeof words, "other_text=q%03u-t%u-%u", org_of(p), p->index, ++p->token);
        change(p, r, "work_plan", OP_SET, m.id, words);
    } else {
        change(p, r, "work_plan", OP_ACT, m.id, actions[dice_below(&p->dice, 3)]);
    }
}

static void assess(struct person *p, struct replica *r)
{
    char words[160];
    struct pick m = {.left = 0};
    if (!any(p, r, "member", &m))
        return;
    snprintf(words, sizeof words, "member_id=@%s period=2026-%02u amount_due_fen=#%u", hex(m.id), 1 + dice_below(&p->dice, 12), 500 + 100 * dice_below(&p->dice, 5));
    change(p, r, "dues_assessment", OP_CREATE, none, words);
}

static void pay(struct person *p, struct replica *r)
{
    char words[160];
    struct pick m = {.left = 0};
    if (!any(p, r, "member", &m))
        return;
    snprintf(words, sizeof words, "member_id=@%s period=2026-%02u amount_fen=#%u paid_on=2026-11-%02u", hex(m.id), 1 + dice_below(&p->dice, 12),
             100 + 100 * dice_below(&p->dice, 9), 1 + dice_below(&p->dice, 20));
    change(p, r, "dues_payment", OP_CREATE, none, words);
}

/* Takes a payment back. */
static void reverse(struct person *p, struct replica *r)
{
    char words[240];
    struct pick m = {.field = "amount_fen"};
    struct arena a;
    struct replica_row row;
    if (!any(p, r, "dues_payment", &m))
        return;
    arena_init(&a, LIMIT_ARENA);
    if (replica_load(r, kind_by_name("dues_payment")->number, m.id, seat_now_ms(p->seat), &a, &row) == ERR_OK) {
        struct cell member = record_get_name(row.message, "member_id"), period = record_get_name(row.message, "period");
        snprintf(words, sizeof words, "member_id=@%s period=%.*s paid_on=2026-11-21 reason=错录", hex(id_from(member.bytes)), (int)period.bytes.size,
                 (const char *)period.bytes.data);
        snprintf(words + strlen(words), sizeof words - strlen(words), " amount_fen=#%lld reverses_id=@%s", -atoll(m.text), hex(m.id));
        change(p, r, "dues_payment", OP_CREATE, none, words);
    }
    arena_finish(&a);
}

static void proposal(struct person *p, struct replica *r)
{
    static const char *const actions[] = {"!submitted submitted_on=2026-11-20", "!collated", "!under_review", "!filed filed_on=2026-11-21", "!withdrawn",
                                          "!assigned department=总务 due_on=2026-12-20", "!in_progress", "!replied replied_on=2026-11-22"};
    char words[96];
    struct pick m = {.left = 0};
    unsigned what = dice_below(&p->dice, 8);
    if (what < 2 || !any(p, r, "proposal", &m)) {
        snprintf(words, sizeof words, "title=q%03u-t%u-%u reason=a%u", org_of(p), p->index, p->token, p->token + 1);
        p->token++;
        change(p, r, "proposal", OP_CREATE, none, words);
    } else if (what < 4) {
        snprintf(words, sizeof words, "suggestion=q%03u-t%u-%u", org_of(p), p->index, ++p->token);
        change(p, r, "proposal", OP_SET, m.id, words);
    } else {
        change(p, r, "proposal", OP_ACT, m.id, actions[dice_below(&p->dice, 8)]);
    }
}

static void limit(struct person *p, struct replica *r)
{
    char words[96];
    struct pick m = {.left = 0};
    unsigned what = dice_below(&p->dice, 5);
    if (what < 2 || !any(p, r, "policy_limit", &m)) {
        snprintf(words, sizeof words, "rule_code=dues.r%u_%u value=5 effective_from=2026-01-01", p->index, ++p->token);
        change(p, r, "policy_limit", OP_CREATE, none, words);
    } else if (what < 4) {
        snprintf(words, sizeof words, "basis=q001-t%u-%u", p->index, ++p->token);
        change(p, r, "policy_limit", OP_SET, m.id, words);
    } else {
        change(p, r, "policy_limit", OP_ACT, m.id, "!in_force");
    }
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
    judge(p, r, done, mark, refusal ? first ? "discard" : "retry" : first ? "resolve with mine" : "resolve with theirs");
    arena_finish(&a);
}

/* ---- one command ---- */

typedef void act(struct person *p, struct replica *r);

void person_acts(struct person *p, struct replica *r)
{
    static act *const of_chair[] = {person_adds_member, set_member, set_member, act_member, remove_member, plan, proposal, attend, attend};
    static act *const of_member[] = {person_adds_member, set_member, set_member, set_member, remove_member, proposal, plan, attend};
    static act *const of_accountant[] = {assess, assess, pay, pay, pay, reverse, proposal, attend};
    static act *const of_others[] = {proposal, proposal, attend, set_member};
    static act *const of_district[] = {limit, limit, limit, attend};
    const char *roles = seat_options(p->seat)->roles;
    act *chosen;
    if (strncmp(roles, "district", 8) == 0)
        chosen = of_district[dice_below(&p->dice, 4)];
    else if (strstr(roles, "union_chair"))
        chosen = of_chair[dice_below(&p->dice, 9)];
    else if (strstr(roles, "committee_member"))
        chosen = of_member[dice_below(&p->dice, 8)];
    else if (strstr(roles, "accountant"))
        chosen = of_accountant[dice_below(&p->dice, 8)];
    else
        chosen = of_others[dice_below(&p->dice, 4)];
    chosen(p, r);
}
