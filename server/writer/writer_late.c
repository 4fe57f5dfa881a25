/* Rule 27: entries of a path that a restore gave up, which a holder hands over after recovery has ended, or which a
 * restore cut back. They can't be verbatim any more: each is decided as a late change of its author, under its own
 * identity, so that the author's own re-send is known, and so is the next holder's copy. What was refused is recorded
 * refused; a second change with one n goes, with all later ones of its incarnation on that path, where rule 5 would
 * have sent it. Order: an entry before what it became (table late), which later bases are judged by (rule 8). Handed
 * over again nothing is decided again: a fork is found where it was, and a place is noted once. */
#include "server/writer/writer_late.h"

#include "base/limits.h"
#include "base/log.h"
#include "kinds/refusal.h"
#include "server/store/store_late.h"

static enum err note(struct step *st, struct late *l, const struct late_one *o, const struct author *a,
                     const struct entry *became)
{
    bool refuses = became && became->verdict == VERDICT_REFUSED && o->entry->verdict != VERDICT_REFUSED;
    scratch_forget_late(st->scratch);
    l->refused += refuses;
    return store_put_late(st->store, l->org, o->entry->seq, a->incarnation->about.row, o->entry->identity.n,
                          refuses ? became->seq : 0);
}

/* As it was. Where it stood in a holder's hands alone, without field and arguments: no hash covers these. What was
 * erased from the change the reason may quote. */
static enum err record_refused(struct step *st, const struct late *l, struct late_one *o, struct entry *out)
{
    const struct entry *e = o->entry;
    struct decision d = {
        .verdict = VERDICT_REFUSED, .code = e->code ? e->code : REFUSAL_GROUP, .field = l->trusted ? e->field : NULL};
    bool less = o->change.bytes.data != o->change.made.data;
    for (size_t i = 0; i < 3 && l->trusted && !less; i++)
        d.argument[i] = e->argument[i];
    return author_record(st, &o->author, &o->change, &d, out);
}

static void leave(struct late *l, size_t count)
{
    l->left += count;
    l->waiting += count;
}

static enum err record_same(struct step *st, struct late_one *o, struct entry *out)
{
    struct decision d = {.verdict = VERDICT_SAME};
    return author_record(st, &o->author, &o->change, &d, out);
}

/* A change of a record that is not here is no verdict's matter yet: who handed over the record's beginning in part
 * alone, or not at all, came before somebody who has it whole, its author perhaps. What a restore cut back nobody
 * brings again. */
static enum err find_record(struct step *st, const struct late *l, const struct late_one *run, size_t at, bool *here)
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

/* *e as late_decide: not known elsewhere. SAME is no verdict of its own: what it is the same as may have been refused.
 */
static enum err decide_new(struct step *st, struct late *l, struct late_one *o, struct entry *became, bool *left)
{
    bool here = true;
    enum verdict was = o->entry->verdict;
    enum err e = was == VERDICT_REFUSED || was == VERDICT_SAME ? ERR_OK : find_record(st, l, o, 0, &here);
    *left = e == ERR_OK && (!here || was == VERDICT_SAME);
    if (e != ERR_OK || *left)
        return e;
    if (o->change.grouped)
        o->change.group_position = o->change.group_size = 1; /* the others are decided */
    return was == VERDICT_REFUSED ? record_refused(st, l, o, became)
                                  : author_decide(st, &o->author, &o->change, 1, became);
}

static enum err decide_one(struct step *st, struct late *l, struct late_one *o)
{
    bool left = false;
    struct entry same, became;
    enum err e = author_find_same(st, &o->author, &o->change, &same);
    if (e == ERR_OK)
        e = record_same(st, o, &became);
    else if (e == ERR_NOT_FOUND)
        e = decide_new(st, l, o, &became, &left);
    if (e == ERR_OK && left)
        leave(l, 1);
    if (e != ERR_OK || left)
        return e;
    l->decided++;
    return note(st, l, o, &o->author, &became);
}

/* Members side by side that are new: all or none (rule 15). */
static enum err decide_run(struct step *st, struct late *l, struct late_one *run, size_t count)
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
        leave(l, e == ERR_OK ? count : 0);
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

/* Nothing of the group is missing but what is decided already. */
static enum err is_whole(struct step *st, const struct late_one *run, size_t count, bool *whole)
{
    const struct change *first = &run[0].change;
    enum member member = MEMBER_YES;
    enum err e = ERR_OK;
    *whole = first->group_position <= first->n && first->group_size <= LIMIT_GROUP;
    for (uint64_t i = 1; i <= first->group_size && *whole && e == ERR_OK; i++)
        if (i < first->group_position || i >= first->group_position + count) {
            e = author_holds_member(st, &run[0].author, first->n + i - first->group_position, first->group, &member);
            *whole = member == MEMBER_YES;
        }
    return e;
}

/* It may stand or fall with others. */
static bool is_member(const struct late_one *o)
{
    return o->change.grouped && o->entry->verdict != VERDICT_REFUSED && o->entry->verdict != VERDICT_SAME;
}

static bool goes_on(const struct late_one *a, const struct late_one *b)
{
    return b->state == LATE_NEW && is_member(b) && id_equal(a->change.group, b->change.group) &&
           b->change.n == a->change.n + 1 && b->change.group_position == a->change.group_position + 1 &&
           a->entry->identity.seat == b->entry->identity.seat &&
           incarnation_equal(a->author.about.incarnation, b->author.about.incarnation);
}

/* From a member that is new; *count: how many entries this dealt with. */
static enum err take_group(struct step *st, struct late *l, struct late_one *first, const struct entry *entries,
                           size_t max, size_t *count)
{
    struct late_one *run = arena_alloc(&st->arena, LIMIT_GROUP * sizeof *run);
    size_t n = 1;
    bool whole = false;
    enum err e = ERR_OK;
    CHECK(run);
    run[0] = *first;
    while (n < max && n < LIMIT_GROUP && e == ERR_OK) {
        e = late_look(st, l, &entries[n], &run[n]);
        if (e != ERR_OK || !goes_on(&run[n - 1], &run[n]))
            break;
        n++;
    }
    *count = n;
    if (e == ERR_OK)
        e = is_whole(st, run, n, &whole);
    if (e == ERR_OK && !whole)
        leave(l, n);
    return e == ERR_OK && whole ? decide_run(st, l, run, n) : e;
}

static enum err take(struct step *st, struct late *l, const struct entry *entries, size_t max, size_t *count)
{
    struct late_one o;
    *count = 1;
    enum err e = late_look(st, l, entries, &o);
    if (e != ERR_OK)
        return e;
    l->left += o.state == LATE_LEFT;
    l->waiting += o.state == LATE_LEFT && late_is_bound(l, entries);
    l->hidden += o.state == LATE_LEFT && entries->identity.n == 0;
    l->known += o.state == LATE_KNOWN;
    if (o.state == LATE_KNOWN && o.author.incarnation)
        return note(st, l, &o, &o.author, NULL);
    if (o.state != LATE_NEW)
        return ERR_OK;
    if (is_member(&o))
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
    forks_finish(&l->forks);
}
