/* One push: its changes in order, each processed already (the stored verdict), new (decided), forked or too far ahead (rule 4).
 * FORKED, GAP and LATER end the push; what came before stands. A group stands or falls as a whole (rule 15). */
#include "server/writer/writer_push.h"

#include "base/limits.h"
#include "kinds/refusal.h"

#include <string.h>

/* ---- one change or one group ---- */

struct segment {
    size_t first, count;
    enum intake intake[LIMIT_GROUP];
    bool forked;
    uint64_t missing; /* first, where there is a gap */
    bool gap;
    size_t undecided;
};

static size_t segment_size(const struct push *p, size_t first)
{
    size_t count = 1;
    if (!p->changes[first].grouped)
        return 1;
    while (first + count < p->count && count < LIMIT_GROUP && p->changes[first + count].grouped &&
           id_equal(p->changes[first + count].group, p->changes[first].group))
        count++;
    return count;
}

static void look_at_runs(struct push *p)
{
    const struct known_incarnation *known = p->author.incarnation;
    const struct store_incarnation *about = known ? &known->about : &p->author.about;
    /* A fork that isn't proved yet starts where it claims, so that the answer asks for its first change. */
    uint64_t fork_n = about->has_parent ? about->fork_n : known ? 0 : p->wire->fork_n;
    uint64_t start = fork_n ? fork_n - 1 : 0;
    p->runs = (struct incarnation_runs){about->runs, about->run_count, start > p->hole.last ? start : p->hole.last};
}

/* Rule 4 for each member; one that follows an undecided member is undecided, too. */
static enum err look_at_segment(struct push *p, struct segment *s)
{
    for (size_t i = 0; i < s->count; i++) {
        const struct change *change = &p->changes[s->first + i];
        struct entry stored;
        bool forked = false;
        enum err e = ERR_OK;
        s->intake[i] = intake_of(&p->runs, change->n, &s->missing);
        if (s->intake[i] == INTAKE_GAP && i > 0 && s->intake[i - 1] == INTAKE_DECIDE)
            s->intake[i] = INTAKE_DECIDE;
        if (s->intake[i] == INTAKE_PROCESSED)
            e = push_find_stored(p, change, &stored, &forked);
        if (e != ERR_OK)
            return e;
        s->forked |= forked;
        s->gap |= s->intake[i] == INTAKE_GAP;
        s->undecided += s->intake[i] == INTAKE_DECIDE;
    }
    return s->gap ? push_missing(p, &s->missing) : ERR_OK;
}

/* Is a part of a group all that is left of it, the members before it being processed? A client numbers a group's members one after the
 * other. Of one that came back without its content its number has to do. */
static enum err is_rest_of_group(const struct push *p, const struct change *first, size_t count, bool *rest)
{
    uint32_t before = first->group_position - 1;
    enum err e = ERR_OK;
    *rest = p->author.incarnation && before > 0 && before + count == first->group_size && before < first->n;
    for (uint32_t i = 1; i <= before && *rest && e == ERR_OK; i++) {
        enum member member;
        e = cache_has(p->author.incarnation, first->n - i)
                ? author_holds_member(p->st, &p->author, first->n - i, first->group, &member)
                : ERR_NOT_FOUND;
        *rest = e == ERR_OK && member != MEMBER_NO;
    }
    return e == ERR_NOT_FOUND ? ERR_OK : e;
}

static enum err decide_new(struct push *p, const struct change *changes, size_t count)
{
    struct entry *entries = arena_alloc(&p->st->arena, count * sizeof *entries);
    struct change members[LIMIT_GROUP];
    bool rest = false;
    CHECK(entries && count <= LIMIT_GROUP);
    memcpy(members, changes, count * sizeof *members);
    enum err e = changes[0].grouped ? is_rest_of_group(p, &changes[0], count, &rest) : ERR_OK;
    if (e != ERR_OK)
        return e;
    if (rest)
        for (size_t i = 0; i < count; i++) {
            members[i].group_position = (uint32_t)i + 1;
            members[i].group_size = (uint32_t)count;
        }
    e = author_decide(p->st, &p->author, members, count, entries);
    for (size_t i = 0; i < count && e == ERR_OK; i++)
        push_answer(p, &changes[i], entries[i].seq, &entries[i]);
    return e;
}

static enum err record_same(struct push *p, const struct change *change, const struct entry *first)
{
    struct entry entry;
    struct decision d = {.verdict = VERDICT_SAME};
    enum err e = author_record(p->st, &p->author, change, &d, &entry);
    if (e == ERR_OK)
        push_answer(p, change, entry.seq, first);
    return e;
}

/* Rule 20: it was refused before, its entry was lost: recorded as it was, not decided anew. */
static enum err record_refused(struct push *p, const struct change *change, const Wire__Refusal *mark)
{
    struct entry entry;
    struct decision d = {.verdict = VERDICT_REFUSED, .code = REFUSAL_GROUP};
    if (mark) {
        d.code = mark->code;
        d.field = mark->field;
        bool less = change->bytes.data != change->made.data; /* what was erased from it the reason may quote */
        for (size_t i = 0; i < mark->n_argument && i < 3 && !less; i++)
            d.argument[i] = mark->argument[i];
    }
    enum err e = author_record(p->st, &p->author, change, &d, &entry);
    if (e == ERR_OK)
        push_answer(p, change, entry.seq, &entry);
    return e;
}

static bool any_marked(const struct push *p, size_t first, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (p->wire->sent[first + i]->refused)
            return true;
    return false;
}

/* Undecided members from first on. A group that was decided whole under another incarnation is so here; members of a group of
 * which one was refused were refused with it. */
static enum err take_new(struct push *p, size_t first, size_t count)
{
    struct entry same;
    enum err e = push_find_same(p, &p->changes[first], &same);
    if (e != ERR_OK && e != ERR_NOT_FOUND)
        return e;
    bool marked = any_marked(p, first, count);
    if (e == ERR_NOT_FOUND && !marked)
        return decide_new(p, &p->changes[first], count);
    for (size_t i = first; i < first + count; i++) {
        e = push_find_same(p, &p->changes[i], &same);
        if (e == ERR_OK)
            e = record_same(p, &p->changes[i], &same);
        else if (e == ERR_NOT_FOUND && marked)
            e = record_refused(p, &p->changes[i], p->wire->sent[i]->refused);
        else if (e == ERR_NOT_FOUND)
            e = decide_new(p, &p->changes[i], 1);
        if (e != ERR_OK)
            return e;
    }
    return ERR_OK;
}

static enum err answer_segment(struct push *p, const struct segment *s)
{
    enum err e = ERR_OK;
    for (size_t i = 0; i < s->count && e == ERR_OK;) {
        size_t run = 1;
        if (s->intake[i] == INTAKE_PROCESSED) {
            e = push_answer_stored(p, &p->changes[s->first + i]);
        } else {
            while (i + run < s->count && s->intake[i + run] == INTAKE_DECIDE)
                run++;
            e = take_new(p, s->first + i, run);
        }
        i += run;
    }
    return e;
}

/* *on false: the push ends here. */
static enum err take_segment(struct push *p, struct segment *s, bool *on)
{
    struct known_org *log;
    const struct change *first = &p->changes[s->first];
    look_at_runs(p);
    enum err e = look_at_segment(p, s);
    if (e == ERR_OK)
        e = author_org(p->st, &p->author, first, &log);
    if (e != ERR_OK)
        return e;
    *on = false;
    if (s->forked) {
        push_stop(p, WIRE__STOP__FORKED, first->n);
    } else if ((s->undecided && (log->recovering || p->author.seat->state == SEAT_SUSPENDED)) || (s->gap && p->st->recovering)) {
        /* A gap in recovery may be what other orgs' seats hand back yet (rule 26). */
        push_stop(p, WIRE__STOP__LATER, first->n);
    } else if (s->gap) {
        push_stop(p, WIRE__STOP__GAP, s->missing);
    } else {
        *on = true;
        e = answer_segment(p, s);
        if (e == ERR_OK)
            e = push_note_hole(p);
    }
    return e;
}

enum err push_run(struct step *st, struct job *job)
{
    struct push p = {.st = st};
    bool on = true;
    enum err e = push_open(&p, job);
    if (e != ERR_OK)
        return e;
    wire__verdicts__init(&p.answer);
    p.answer.has_incarnation = 1;
    p.answer.incarnation = p.wire->incarnation;
    p.answer.verdict = arena_alloc(&st->arena, (p.count + 1) * sizeof *p.answer.verdict);
    CHECK(p.answer.verdict);
    look_at_runs(&p);
    e = p.count == 0 && p.wire->has_made_to ? push_tell_missing(&p) : push_find_hole(&p);
    for (size_t i = 0; i < p.count && on && e == ERR_OK;) {
        struct segment s = {.first = i, .count = segment_size(&p, i)};
        e = take_segment(&p, &s, &on);
        i += s.count;
    }
    return e == ERR_OK ? step_answer(job, FRAME_VERDICTS, &p.answer.base) : e;
}
