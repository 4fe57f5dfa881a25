/* A person's change (rules 2, 21): decided here by the very ladder that the server uses, on the shown row, then written: row,
 * shadow and outbox in one transaction. What the server would refuse is refused at once.
 * Invariant: a refused change writes nothing and takes no n. */
#include "client/replica/outbox.h"
#include "client/replica/replica_erase.h"
#include "client/replica/replica_look.h"
#include "base/limits.h"
#include "base/tr.h"
#include "kinds/refusal.h"
#include "sync/derived_id.h"
#include "sync/replay.h"

#include <stdlib.h>
#include <string.h>

struct making {
    struct replica *r;
    struct replica_facts facts;
    struct arena *arena;
    struct scratch *scratch;
    int64_t made_ms; /* by the server's clock, as far as known */
    struct decide_context context;
    struct look_own own;
    struct org_codes codes;
    struct change change[LIMIT_GROUP];
    bool known[LIMIT_GROUP]; /* made anew though it is here: by an id that follows from what it is about */
    const uint64_t *base_max; /* of changes that are sent again; NULL: none */
    size_t count;
};

static enum err load_missing(struct making *m, const struct scratch_keys *missing)
{
    enum err e = ERR_OK;
    for (size_t i = 0; e == ERR_OK && i < missing->count; i++)
        e = look_load(m->r, m->scratch, &missing->list[i]);
    return e;
}

/* ---- from what a person asked for to a change ---- */

/* Who enters a record stands in it (FIELD_AUTHOR); what somebody wrote there is the ladder's to judge. */
static enum err put_author(struct making *m, struct change *c)
{
    const struct field_rule *f = c->op == OP_CREATE ? kind_author_field(c->kind) : NULL;
    if (!f || record_get_name(c->patch, f->name).type != CELL_ABSENT)
        return ERR_OK;
    ProtobufCMessage *patch = record_copy(c->patch, m->arena);
    if (!patch)
        return ERR_MEMORY;
    record_put_name(patch, f->name, cell_integer(c->for_seat ? c->for_seat : m->facts.seat), m->arena);
    c->patch = patch;
    return ERR_OK;
}

static const ProtobufCMessage *shown_row(const void *to, uint32_t kind, struct id id)
{
    struct making *m = *(struct making *const *)to;
    const struct kind *k = kind_by_number(kind);
    struct confirmed confirmed;
    ProtobufCMessage *shown = NULL;
    return k && rows_shown(m->r, k, id, m->arena, &confirmed, &shown) == ERR_OK ? shown : NULL;
}

static enum err complete(struct making *m, struct change *c)
{
    if (c->op != OP_CREATE || !c->kind->complete)
        return ERR_OK;
    ProtobufCMessage *patch = record_copy(c->patch, m->arena);
    if (!patch)
        return ERR_MEMORY;
    c->kind->complete(&(struct check_context){.kind = c->kind, .related = shown_row, .related_to = &m, .arena = m->arena}, patch);
    c->patch = patch;
    return ERR_OK;
}

static void make_id(struct making *m, const struct replica_change *asked, struct change *c)
{
    if (c->op != OP_CREATE || !id_is_zero(c->id))
        return;
    if (!derived_id(c->kind, asked->org ? asked->org : m->facts.home, c->patch, &c->id))
        c->id = inner_id(m->r, m->made_ms); /* also where a field is missing: the ladder says which */
}

/* Of a new one: its id follows from what it is about. */
static bool id_follows(const struct change *c)
{
    struct id id;
    return derived_id(c->kind, 0, c->patch, &id);
}

/* Where it belongs: the record's org, or of a new one the seat's own. */
static enum err find_org(struct making *m, const struct replica_change *asked, struct change *c)
{
    struct confirmed confirmed = {0};
    ProtobufCMessage *shown;
    struct arena temporary;
    arena_init(&temporary, LIMIT_ARENA);
    enum err e = rows_shown(m->r, c->kind, c->id, &temporary, &confirmed, &shown);
    /* In a group a set may restore what was removed (rule 13): that is the ladder's to say. */
    if (e == ERR_OK && asked->op != OP_CREATE && !shown && m->count == 1)
        e = inner_fail(m->r, ERR_NOT_FOUND, confirmed.dead ? _("This record was removed.") : _("There is no such record on this device."));
    m->known[c - m->change] = asked->op == OP_CREATE && shown;
    if (e == ERR_OK && m->known[c - m->change] && !id_follows(c))
        e = ERR_EXISTS;
    c->org = asked->org ? asked->org : confirmed.org ? confirmed.org : m->facts.home;
    arena_finish(&temporary);
    return e;
}

/* Of a set only what differs from what is shown: what a person did not change must not clash with what others did. */
static enum err trim_equal(struct making *m, struct change *c)
{
    struct confirmed confirmed;
    ProtobufCMessage *shown;
    enum err e = rows_shown(m->r, c->kind, c->id, m->arena, &confirmed, &shown);
    if (e != ERR_OK || !shown)
        return e;
    ProtobufCMessage *patch = record_copy(c->patch, m->arena);
    uint32_t *cleared = arena_alloc(m->arena, (c->cleared_count + 1) * sizeof *cleared);
    if (!patch || !cleared)
        return ERR_MEMORY;
    for (unsigned i = 0; i < patch->descriptor->n_fields; i++) {
        const ProtobufCFieldDescriptor *f = &patch->descriptor->fields[i];
        if (cell_equal(record_get(patch, f), record_get(shown, f)))
            record_put(patch, f, (struct cell){.type = CELL_ABSENT}, m->arena);
    }
    size_t count = 0;
    for (size_t i = 0; i < c->cleared_count; i++) {
        const ProtobufCFieldDescriptor *f = record_field_tag(shown->descriptor, c->cleared[i]);
        if (!f || record_get(shown, f).type != CELL_ABSENT)
            cleared[count++] = c->cleared[i];
    }
    c->patch = patch;
    c->cleared = cleared;
    c->cleared_count = count;
    return ERR_OK;
}

static enum err set_base(struct making *m, struct change *c)
{
    struct change *waiting = NULL;
    struct confirmed confirmed;
    size_t count;
    if (c->op == OP_CREATE && !id_follows(c))
        return ERR_OK; /* 0: new */
    enum err e = rows_confirmed(m->r, c->kind, c->id, m->arena, &confirmed);
    if (e == ERR_OK && c->op == OP_CREATE) {
        c->base = confirmed.dead ? confirmed.seq : 0; /* made again: the person knows that it was removed */
        return ERR_OK;
    }
    if (e == ERR_OK)
        e = outbox_waiting(m->r, c->id, confirmed.seq, m->arena, &waiting, &count);
    if (e == ERR_OK)
        c->base = replay_base(confirmed.seq, waiting, count, c->op, c->patch, c->cleared, c->cleared_count);
    return e;
}

/* Rule 29: a person is told, where the server would drop what is erased by law and take the rest. */
static enum err look_at_erased(struct making *m, struct change *c)
{
    struct erase_book book;
    enum err e = erase_open(m->r, m->arena, &book);
    if (e != ERR_OK || !book.any)
        return e;
    struct erasures known = erase_known(&book);
    c->erased_whole = erase_change(&known, c, NULL, m->arena);
    return book.failed;
}

static enum err prepare(struct making *m, const struct replica_change *asked, uint64_t n, size_t at)
{
    struct change *c = &m->change[at];
    *c = (struct change){.n = n, .kind_number = asked->kind, .kind = kind_by_number(asked->kind), .id = asked->id, .op = asked->op,
                         .patch = asked->patch, .cleared = asked->cleared, .cleared_count = asked->cleared_count,
                         .action = asked->op == OP_ACT ? asked->action : NULL, .made_ms = m->made_ms, .for_seat = asked->for_seat};
    if (!c->kind || asked->op == OP_ERASE)
        return ERR_USAGE;
    uint8_t nonce[NONCE_SIZE];
    m->r->fill(nonce, sizeof nonce);
    c->nonce = arena_copy(m->arena, slice_of(nonce, sizeof nonce));
    if (!c->patch && !(c->patch = record_new(c->kind->descriptor, m->arena)))
        return ERR_MEMORY;
    enum err e = complete(m, c);
    make_id(m, asked, c);
    if (e == ERR_OK)
        e = put_author(m, c);
    if (e == ERR_OK)
        e = find_org(m, asked, c);
    if (e == ERR_OK && (c->op != OP_CREATE || id_follows(c)))
        e = roles_may_change(m->r, c->org, c->kind);
    if (e == ERR_OK && c->op == OP_SET)
        e = trim_equal(m, c);
    if (e == ERR_OK)
        e = set_base(m, c);
    if (e == ERR_OK && m->base_max && m->base_max[at] < c->base)
        c->base = m->base_max[at];
    return e == ERR_OK ? look_at_erased(m, c) : e;
}

/* ---- deciding ---- */

/* Where the changes belong, and what of it is here: all of a group go to one org. */
static enum err org_facts(struct making *m)
{
    int64_t branch, held;
    struct decide_context *c = &m->context;
    uint32_t number = m->change[0].org;
    enum err e = sql_integer(m->r->db, 1, &branch, "SELECT level = 'branch' FROM org WHERE number = ?1", "i", (int64_t)number);
    if (e == ERR_OK)
        e = sql_integer(m->r->db, 0, &held, "SELECT held FROM org WHERE number = ?1", "i", (int64_t)number);
    if (e == ERR_OK)
        e = look_above(m->r, number, m->facts.home, m->arena, &c->above, &c->above_count);
    if (e == ERR_OK)
        e = look_held(m->r, m->arena, &c->held, &c->held_count);
    if (e == ERR_OK)
        e = look_own(m->r, number, m->arena, &m->own);
    m->codes = look_codes(&m->own);
    c->codes = &m->codes;
    /* Held orgs are the own one and those above it; what is not held can only have been seen below. */
    if (e == ERR_OK)
        c->org = (struct decide_org){.number = number, .leaf = branch != 0, .own = number == m->facts.home,
                                     .in_subtree = number == m->facts.home || !held};
    return e;
}

#define ROUNDS_MAX 256 /* of a group: its members ask one after the other */

static enum err decide_these(struct making *m, const struct change *changes, size_t count, struct decision *out)
{
    struct decide_context contexts[LIMIT_GROUP];
    for (size_t i = 0; i < count; i++) {
        contexts[i] = m->context;
        contexts[i].seq = 1 + i;
    }
    for (int round = 0; round < ROUNDS_MAX; round++) {
        struct scratch_keys missing = {.count = 0};
        if (changes[0].grouped)
            decide_group(contexts, changes, count, m->scratch, m->arena, out, &missing);
        else
            decide(&contexts[0], &changes[0], m->scratch, m->arena, out, &missing);
        if (missing.count == 0)
            return ERR_OK;
        enum err e = load_missing(m, &missing);
        if (e != ERR_OK)
            return e;
    }
    return inner_fail(m->r, ERR_BUG, "a decision that never has all it needs");
}

/* What is wrong with the first of a group by itself is the better reason: the others go along with it. */
static enum err decide_all(struct making *m, struct decision *out)
{
    enum err e = decide_these(m, m->change, m->count, out);
    if (e != ERR_OK || m->count == 1 || out[0].verdict != VERDICT_REFUSED)
        return e;
    struct change first = m->change[0];
    struct decision alone;
    first.grouped = false;
    e = decide_these(m, &first, 1, &alone);
    if (e == ERR_OK && alone.verdict == VERDICT_REFUSED)
        out[0] = alone;
    return e;
}

static enum lookup_need load_now(void *to, const struct scratch_key *key)
{
    struct making *m = to;
    return look_load(m->r, m->scratch, key) == ERR_OK ? LOOKUP_HERE : LOOKUP_LATER;
}

/* The ladder says what blocks; what a rule only warns about is found again here. */
static enum err collect_warnings(struct making *m, const struct change *c, struct replica_outcome *out)
{
    struct confirmed confirmed;
    ProtobufCMessage *before;
    struct findings all = {.count = 0};
    enum err e = rows_shown(m->r, c->kind, c->id, m->arena, &confirmed, &before);
    if (e != ERR_OK)
        return e;
    const ProtobufCMessage *after = replay_over(c, before, m->arena);
    if (!after)
        return ERR_OK;
    const struct decide_context *d = &m->context;
    struct check_context check = {.kind = c->kind, .id = c->id, .before = before, .after = after, .action = c->action,
                                  .seat = d->seat.number, .for_seat = c->for_seat, .roles = d->seat.roles, .today = d->today,
                                  .arena = m->arena};
    struct lookup l = {.scratch = m->scratch, .org = c->org, .leaf = d->org.leaf, .above = d->above, .above_count = d->above_count,
                       .held = d->held, .held_count = d->held_count, .codes = d->codes, .roles = d->seat.roles, .need = load_now, .to = m};
    lookup_check(&l, &check, &all);
    for (size_t i = 0; i < all.count && out->warnings.count < FINDINGS_MAX; i++)
        if (all.list[i].severity == SEVERITY_WARN)
            out->warnings.list[out->warnings.count++] = all.list[i];
    return ERR_OK;
}

static enum err refused(struct making *m, const struct decision *d, struct replica_outcome *out)
{
    struct buf sentence = BUF_INIT;
    out->code = d->code;
    out->field = d->field;
    memcpy(out->argument, d->argument, sizeof out->argument);
    refusal_persons(m->r, d->code, out->argument, m->arena);
    size_t count = 0;
    while (count < 3 && d->argument[count])
        count++;
    refusal_text(m->change[0].kind, d->code, d->field, d->argument, count, d->code,
                 tr_language() == TR_ZH ? LANGUAGE_ZH : LANGUAGE_EN, &sentence);
    enum err e = inner_fail(m->r, ERR_REFUSED, buf_c_string(&sentence));
    buf_finish(&sentence);
    return e;
}

/* Set on what was removed meanwhile conflicts with the removal, here and on the server; the server alone makes conflicts. */
static enum err judge(struct making *m, const struct decision *list, struct replica_outcome *out, bool *effect)
{
    *effect = false;
    for (size_t i = 0; i < m->count; i++) {
        if (list[i].verdict == VERDICT_REFUSED)
            return refused(m, &list[i], out);
        if (list[i].verdict == VERDICT_CONFLICT || (m->known[i] && list[i].effects.count > 0)) {
            struct decision no = {.verdict = VERDICT_REFUSED, .code = m->known[i] ? REFUSAL_EXISTS : REFUSAL_DELETED};
            return refused(m, &no, out);
        }
        *effect = *effect || list[i].effects.count > 0;
    }
    return ERR_OK;
}

/* ---- writing ---- */

static enum err write_row(struct making *m, const struct change *c)
{
    struct confirmed confirmed;
    bool held;
    enum err e = rows_held(m->r, c->org, &held);
    if (e != ERR_OK || !held)
        return e;
    e = rows_confirmed(m->r, c->kind, c->id, m->arena, &confirmed);
    if (e != ERR_OK)
        return e;
    if (!confirmed.org)
        confirmed.org = c->org;
    return rows_write(m->r, c->kind, c->id, &confirmed, m->arena);
}

/* All are packed before the first is written: too long is said before anything stands. */
static enum err write_all(struct making *m)
{
    enum err e = ERR_OK;
    for (size_t i = 0; e == ERR_OK && i < m->count; i++)
        e = change_pack(&m->change[i], m->arena);
    for (size_t i = 0; e == ERR_OK && i < m->count; i++) {
        e = outbox_put(m->r, &m->change[i]);
        if (e == ERR_OK)
            e = write_row(m, &m->change[i]);
    }
    return e;
}

/* ---- all of it ---- */

static enum err make(struct making *m, const struct replica_change *asked, struct replica_outcome *out)
{
    struct incarnation incarnation;
    struct decision *decisions = arena_alloc(m->arena, m->count * sizeof *decisions);
    struct id group = m->count > 1 ? inner_id(m->r, m->made_ms) : (struct id){{0}};
    uint64_t n;
    bool effect;
    if (!decisions)
        return ERR_MEMORY;
    enum err e = outbox_current(m->r, &incarnation, &n);
    for (size_t i = 0; e == ERR_OK && i < m->count; i++) {
        e = prepare(m, &asked[i], n + i, i);
        m->change[i].grouped = m->count > 1;
        if (m->count > 1) {
            m->change[i].group = group;
            m->change[i].group_position = (uint32_t)i + 1;
            m->change[i].group_size = (uint32_t)m->count;
        }
    }
    if (e != ERR_OK)
        return e;
    m->context.incarnation = incarnation;
    out->id = m->change[0].id;
    e = org_facts(m);
    if (e == ERR_OK)
        e = decide_all(m, decisions);
    if (e == ERR_OK)
        e = judge(m, decisions, out, &effect);
    if (e == ERR_OK)
        e = collect_warnings(m, &m->change[0], out);
    if (e != ERR_OK || !effect)
        return e;
    out->n = n;
    out->changed = true;
    return write_all(m);
}

static void begin_making(struct making *m, int64_t now_ms)
{
    m->made_ms = now_ms + m->facts.clock_offset_ms;
    m->scratch = scratch_create(LOOKED_UP_MAX);
    m->context = (struct decide_context){.for_seat = {true, true}, .seat = {.number = m->facts.seat, .roles = m->facts.roles, .state = SEAT_ACTIVE},
                                         .today = date_of_ms(m->made_ms, DATE_CHINA_MINUTES), .received_ms = m->made_ms, .seq = 1};
}

enum err change_again(struct replica *r, const struct replica_change *changes, const uint64_t *base_max, size_t count, int64_t now_ms,
                      struct arena *arena, struct replica_outcome *out)
{
    struct replica_outcome outcome = {0};
    CHECK(count > 0 && count <= LIMIT_GROUP);
    struct making *m = calloc(1, sizeof *m);
    if (!m)
        return ERR_MEMORY;
    *m = (struct making){.r = r, .arena = arena, .base_max = base_max, .count = count};
    enum err e = inner_lease(r, now_ms);
    if (e == ERR_OK)
        e = inner_begin(r); /* from here on nobody else can change what is looked at */
    if (e == ERR_OK) {
        bool before = r->broken;
        e = replica_facts(r, &m->facts);
        begin_making(m, now_ms);
        if (e == ERR_OK)
            e = make(m, changes, &outcome);
        e = inner_end(r, e);
        /* What was said no to wrote nothing: a batch around it goes on. */
        if (r->depth > 0 && err_class(e) == ERR_CLASS_REFUSED)
            r->broken = before;
        scratch_destroy(m->scratch);
    }
    if (e == ERR_OK || e == ERR_REFUSED)
        *out = outcome;
    free(m);
    return e;
}

enum err replica_change_group(struct replica *r, const struct replica_change *changes, size_t count, int64_t now_ms,
                              struct arena *arena, struct replica_outcome *out)
{
    return change_again(r, changes, NULL, count, now_ms, arena, out);
}

enum err replica_change(struct replica *r, const struct replica_change *change, int64_t now_ms, struct arena *arena,
                        struct replica_outcome *out)
{
    return replica_change_group(r, change, 1, now_ms, arena, out);
}

/* ---- what others made ---- */

static bool is_of_what_is_here(const char *code)
{
    return code && (strcmp(code, REFUSAL_UNKNOWN_RECORD) == 0 || strcmp(code, REFUSAL_STATE_MOVED) == 0 || strcmp(code, REFUSAL_CHANGED_SINCE) == 0 ||
                    strcmp(code, REFUSAL_EXISTS) == 0);
}

static enum err judge_these(struct making *m, struct decision *refused, bool *found)
{
    struct decision *list = arena_alloc(m->arena, m->count * sizeof *list);
    enum err e = list ? org_facts(m) : ERR_MEMORY;
    if (e == ERR_OK)
        e = decide_all(m, list);
    for (size_t i = 0; e == ERR_OK && !*found && i < m->count; i++) {
        *found = list[i].verdict == VERDICT_REFUSED && !is_of_what_is_here(list[i].code);
        if (*found)
            *refused = list[i];
    }
    return e;
}

enum err change_judge(struct replica *r, const struct change *changes, size_t count, int64_t now_ms, struct arena *arena, struct decision *refused,
                      bool *found)
{
    *found = false;
    if (count == 0 || count > LIMIT_GROUP || !changes[0].kind)
        return ERR_OK; /* of a newer program, whose rules are not known here */
    struct making *m = calloc(1, sizeof *m);
    if (!m)
        return ERR_MEMORY;
    *m = (struct making){.r = r, .arena = arena, .count = count};
    memcpy(m->change, changes, count * sizeof *changes);
    enum err e = replica_facts(r, &m->facts);
    begin_making(m, now_ms);
    m->context.for_seat.proven = true; /* its signature was looked at */
    if (e == ERR_OK)
        e = judge_these(m, refused, found);
    scratch_destroy(m->scratch);
    free(m);
    return e;
}
