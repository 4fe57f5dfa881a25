/* Rule 27: entries of a path that a restore gave up, which a holder hands over after recovery has ended, or which a restore cut back.
 * They can't be verbatim any more: each is decided as a late change of its author, under its own identity, so that the author's own
 * re-send is known, and so is the next holder's copy. What was refused is recorded refused; a second change with one n goes, with all
 * later ones of its incarnation on that path, where rule 5 would have sent it. Order: an entry before what it became (table late),
 * which later bases are judged by (rule 8). Invariant: handed over twice it does nothing. */
#include "server/writer/writer_step.h"

#include "base/limits.h"
#include "base/log.h"
#include "kinds/refusal.h"
#include "server/store/store_late.h"

#include <stdlib.h>
#include <string.h>

enum state { LATE_NEW, LATE_KNOWN, LATE_LEFT };

struct one {
    const struct entry *entry;
    struct author author;
    struct change change; /* where it is new */
    enum state state;
};

/* ---- forks (rules 5, 27) ---- */

static enum err add_fork(struct late_forks *f, const struct late_fork *fork)
{
    if (f->count == INCARNATIONS_MAX)
        return ERR_FULL;
    if (f->count == f->capacity) {
        f->capacity = f->capacity ? 2 * f->capacity : 8;
        f->list = realloc(f->list, f->capacity * sizeof *f->list);
        CHECK(f->list);
    }
    f->list[f->count++] = *fork;
    return ERR_OK;
}

/* Where n of the incarnation goes by the forks of this path. What a holder tells of earlier frames counts only if it is recorded. */
static struct incarnation follow_forks(const struct late_forks *f, const struct known_seat *known, struct incarnation i, uint64_t n)
{
    for (size_t at = 0; at < f->count;) {
        const struct late_fork *fork = &f->list[at++];
        struct incarnation into;
        if (!incarnation_equal(fork->incarnation, i) || n < fork->n)
            continue;
        into = change_fork(i, fork->n, fork->hash);
        if (!cache_incarnation(known, into))
            continue;
        i = into;
        at = 0;
    }
    return i;
}

static enum err begin_fork(struct step *st, struct late *l, struct known_seat *known, struct incarnation i, const struct identity *who)
{
    struct late_fork fork = {.incarnation = i, .n = who->n};
    struct known_incarnation *into;
    memcpy(fork.hash, who->hash, HASH_SIZE);
    struct store_incarnation about = {
        .seat = who->seat, .incarnation = change_fork(i, who->n, who->hash), .has_parent = true, .parent = i, .fork_n = who->n};
    enum err e = add_fork(&l->forks, &fork);
    return e == ERR_OK ? cache_put_incarnation(st->cache, known, &about, &into) : e;
}

/* ---- whose it is, and whether it is known ---- */

/* Of a seat that went with the control journal: nobody is left who could say more of it than its entries do. */
static const struct control_seat *seat_of(struct step *st, const struct late *l, uint32_t number)
{
    const struct control_seat *seat = control_seat(st->control, number);
    if (seat)
        return seat;
    struct control_seat *gone = arena_alloc(&st->arena, sizeof *gone);
    CHECK(gone);
    *gone = (struct control_seat){.number = number, .org = l->org, .state = SEAT_REVOKED};
    return gone;
}

/* Entries don't bear it; the first change of a fork proves it (rule 5). What its ancestor wrote is no other's (rule 8). */
static void find_parent(const struct known_seat *known, const struct identity *who, struct store_incarnation *about)
{
    for (size_t i = 0; i < known->count && !about->has_parent; i++) {
        struct incarnation parent = known->list[i]->about.incarnation;
        about->has_parent = incarnation_equal(change_fork(parent, who->n, who->hash), about->incarnation);
        about->parent = parent;
        about->fork_n = about->has_parent ? who->n : 0;
    }
}

static void name_author(struct step *st, const struct late *l, const struct entry *e, struct known_seat *known, struct incarnation i,
                        struct author *a)
{
    *a = (struct author){.seat = seat_of(st, l, e->identity.seat), .known = known, .proven = true, .late_org = l->org, .late_ms = e->received_ms};
    a->about = (struct store_incarnation){.seat = e->identity.seat, .incarnation = i};
    a->incarnation = cache_incarnation(known, i);
    if (a->incarnation)
        a->about = a->incarnation->about;
    else
        find_parent(known, &e->identity, &a->about);
    a->ancestry = author_ancestry(st, known, a->incarnation ? NULL : &a->about);
}

static enum err find_place(struct step *st, struct late *l, struct one *o)
{
    struct known_seat *known;
    const struct identity *who = &o->entry->identity;
    enum err e = cache_seat(st->cache, who->seat, &known);
    if (e != ERR_OK)
        return e;
    for (struct incarnation i = who->incarnation;;) {
        struct entry stored;
        uint32_t org;
        i = follow_forks(&l->forks, known, i, who->n);
        const struct known_incarnation *here = cache_incarnation(known, i);
        bool full = !here && known->count >= INCARNATIONS_MAX;
        if (full || !here || !cache_has(here, who->n)) {
            o->state = full ? LATE_LEFT : LATE_NEW;
            name_author(st, l, o->entry, known, i, &o->author);
            return ERR_OK;
        }
        e = store_find_processed(st->store, here->about.row, who->n, &st->arena, &org, &stored);
        if (e != ERR_OK)
            return e == ERR_NOT_FOUND ? ERR_CORRUPT : e;
        if (memcmp(stored.identity.hash, who->hash, HASH_SIZE) == 0) {
            o->state = LATE_KNOWN;
            name_author(st, l, o->entry, known, i, &o->author);
            return ERR_OK;
        }
        e = known->count < INCARNATIONS_MAX ? begin_fork(st, l, known, i, who) : ERR_FULL;
        if (e == ERR_FULL)
            o->state = LATE_LEFT;
        if (e != ERR_OK)
            return e == ERR_FULL ? ERR_OK : e;
    }
}

/* What came stripped can't be decided; its author's own device has it whole. */
static enum err open_change(struct step *st, const struct late *l, struct one *o)
{
    const struct entry *e = o->entry;
    struct erasures known = control_erasures(st->control);
    bool bound = e->change.size && (!e->stripped || l->trusted);
    enum err failed = bound ? change_open(e->change, &st->arena, &o->change) : ERR_WIRE;
    if (failed == ERR_WIRE || (failed == ERR_OK && (o->change.n != e->identity.n || (e->verdict != VERDICT_REFUSED && o->change.org != l->org)))) {
        o->state = LATE_LEFT;
        return ERR_OK;
    }
    if (failed != ERR_OK)
        return failed;
    memcpy(o->change.hash, e->identity.hash, HASH_SIZE); /* values may have been erased from it since it was made */
    (void)erase_change(&known, &o->change, &st->arena);  /* rule 29 */
    return ERR_OK;
}

static enum err look(struct step *st, struct late *l, const struct entry *entry, struct one *o)
{
    uint8_t chain[CHAIN_SIZE];
    *o = (struct one){.entry = entry, .state = LATE_LEFT};
    if (entry->identity.n == 0)
        return ERR_OK; /* nobody could see whose it was */
    enum err e = l->trusted ? ERR_NOT_FOUND : store_read_chain(st->store, l->org, entry->seq, chain);
    if (e == ERR_OK && memcmp(chain, entry->chain, CHAIN_SIZE) == 0) {
        o->state = LATE_KNOWN; /* it stands on the line */
        return ERR_OK;
    }
    if (e == ERR_OK || e == ERR_NOT_FOUND)
        e = find_place(st, l, o);
    return e == ERR_OK && o->state == LATE_NEW ? open_change(st, l, o) : e;
}

/* ---- deciding ---- */

static enum err note(struct step *st, struct late *l, const struct one *o, const struct author *a, const struct entry *became)
{
    bool refuses = became && became->verdict == VERDICT_REFUSED && o->entry->verdict != VERDICT_REFUSED;
    scratch_forget_late(st->scratch);
    l->refused += refuses;
    return store_put_late(st->store, l->org, o->entry->seq, a->incarnation->about.row, o->entry->identity.n, refuses ? became->seq : 0);
}

/* As it was; what was erased from the change the reason may quote. */
static enum err record_refused(struct step *st, struct one *o, struct entry *out)
{
    const struct entry *e = o->entry;
    struct decision d = {.verdict = VERDICT_REFUSED, .code = e->code ? e->code : REFUSAL_GROUP, .field = e->field};
    bool less = o->change.bytes.data != o->change.made.data;
    for (size_t i = 0; i < 3 && !less; i++)
        d.argument[i] = e->argument[i];
    return author_record(st, &o->author, &o->change, &d, out);
}

static enum err record_same(struct step *st, struct one *o, struct entry *out)
{
    struct decision d = {.verdict = VERDICT_SAME};
    return author_record(st, &o->author, &o->change, &d, out);
}

/* A change of a record that is not here is no verdict's matter yet: who handed over the record's beginning in part alone, or not at all, came
 * before somebody who has it whole, its author perhaps. What a restore cut back nobody brings again. */
static enum err find_record(struct step *st, const struct late *l, const struct one *run, size_t at, bool *here)
{
    const struct change *c = &run[at].change;
    struct scratch_keys missing = {.count = 0};
    struct scratch_key key = {.type = SCRATCH_ROW, .kind = c->kind_number, .id = c->id};
    *here = l->trusted || c->op == OP_CREATE || !c->kind;
    for (size_t i = 0; i < at && !*here; i++)
        *here = run[i].change.op == OP_CREATE && id_equal(run[i].change.id, c->id);
    if (*here)
        return ERR_OK;
    if (!scratch_has(st->scratch, &key)) {
        scratch_keys_add(&missing, key);
        enum err e = step_load(st, &missing);
        if (e != ERR_OK)
            return e;
    }
    const struct scratch_row *row = scratch_look(st->scratch, c->kind_number, c->id);
    *here = row && (row->message || row->dead);
    return ERR_OK;
}

static enum err decide_one(struct step *st, struct late *l, struct one *o)
{
    bool here = true;
    struct entry same, became;
    enum err e = author_find_same(st, &o->author, &o->change, &same);
    if (e == ERR_OK) {
        e = record_same(st, o, &became);
    } else if (e == ERR_NOT_FOUND) {
        e = o->entry->verdict == VERDICT_REFUSED ? ERR_OK : find_record(st, l, o, 0, &here);
        if (e != ERR_OK || !here) {
            l->left += e == ERR_OK;
            return e;
        }
        if (o->change.grouped)
            o->change.group_position = o->change.group_size = 1; /* the others are decided */
        e = o->entry->verdict == VERDICT_REFUSED ? record_refused(st, o, &became) : author_decide(st, &o->author, &o->change, 1, &became);
    }
    l->decided += e == ERR_OK;
    return e == ERR_OK ? note(st, l, o, &o->author, &became) : e;
}

/* Members side by side that are new: all or none (rule 15). */
static enum err decide_run(struct step *st, struct late *l, struct one *run, size_t count)
{
    struct entry same, became[LIMIT_GROUP];
    struct change members[LIMIT_GROUP];
    enum err e = author_find_same(st, &run[0].author, &run[0].change, &same);
    if (e != ERR_NOT_FOUND) {
        for (size_t i = 0; i < count && e == ERR_OK; i++)
            e = decide_one(st, l, &run[i]);
        return e;
    }
    bool here = true;
    e = ERR_OK;
    for (size_t i = 0; i < count && e == ERR_OK && here; i++)
        e = find_record(st, l, run, i, &here);
    if (e != ERR_OK || !here) {
        l->left += e == ERR_OK ? count : 0;
        return e;
    }
    for (size_t i = 0; i < count; i++) {
        members[i] = run[i].change;
        members[i].group_position = (uint32_t)i + 1;
        members[i].group_size = (uint32_t)count;
    }
    e = author_decide(st, &run[0].author, members, count, became);
    for (size_t i = 0; i < count && e == ERR_OK; i++)
        e = note(st, l, &run[i], &run[0].author, &became[i]);
    l->decided += e == ERR_OK ? count : 0;
    return e;
}

static bool all_processed(const struct author *a, uint64_t from, uint64_t count)
{
    for (uint64_t i = 0; i < count; i++)
        if (!a->incarnation || !cache_has(a->incarnation, from + i))
            return false;
    return true;
}

/* Nothing of the group is missing but what is decided already. */
static bool is_whole(const struct one *run, size_t count)
{
    const struct change *first = &run[0].change, *last = &run[count - 1].change;
    uint64_t before = first->group_position - 1, behind = last->group_size - last->group_position;
    return before < first->n && all_processed(&run[0].author, first->n - before, before) && all_processed(&run[0].author, last->n + 1, behind);
}

static bool goes_on(const struct one *a, const struct one *b)
{
    return b->state == LATE_NEW && b->change.grouped && id_equal(a->change.group, b->change.group) && b->change.n == a->change.n + 1 &&
           b->change.group_position == a->change.group_position + 1 && b->entry->verdict != VERDICT_REFUSED &&
           incarnation_equal(a->author.about.incarnation, b->author.about.incarnation);
}

/* From a member that is new; *count: how many entries this dealt with. */
static enum err take_group(struct step *st, struct late *l, struct one *first, const struct entry *entries, size_t max, size_t *count)
{
    struct one *run = arena_alloc(&st->arena, LIMIT_GROUP * sizeof *run);
    size_t n = 1;
    enum err e = ERR_OK;
    CHECK(run);
    run[0] = *first;
    while (n < max && n < LIMIT_GROUP && e == ERR_OK) {
        e = look(st, l, &entries[n], &run[n]);
        if (e != ERR_OK || !goes_on(&run[n - 1], &run[n]))
            break;
        n++;
    }
    *count = n;
    if (e == ERR_OK && !is_whole(run, n)) {
        l->left += n;
        return ERR_OK;
    }
    return e == ERR_OK ? decide_run(st, l, run, n) : e;
}

static enum err take(struct step *st, struct late *l, const struct entry *entries, size_t max, size_t *count)
{
    struct one o;
    *count = 1;
    enum err e = look(st, l, entries, &o);
    if (e != ERR_OK)
        return e;
    l->left += o.state == LATE_LEFT;
    l->hidden += o.state == LATE_LEFT && entries->identity.n == 0;
    l->known += o.state == LATE_KNOWN;
    if (o.state == LATE_KNOWN && o.author.incarnation)
        return note(st, l, &o, &o.author, NULL);
    if (o.state != LATE_NEW)
        return ERR_OK;
    if (o.change.grouped && o.entry->verdict != VERDICT_REFUSED)
        return take_group(st, l, &o, entries, max, count);
    return decide_one(st, l, &o);
}

enum err late_decide(struct step *st, struct late *l, const struct entry *entries, size_t count)
{
    enum err e = ERR_OK;
    for (size_t i = 0, n; i < count && e == ERR_OK; i += n)
        e = take(st, l, &entries[i], count - i, &n);
    return e;
}

void late_finish(struct late *l)
{
    free(l->forks.list);
    l->forks = (struct late_forks){0};
}
