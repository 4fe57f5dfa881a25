/* One push: its changes in order, each processed already (the stored verdict), new (decided), forked or too far ahead (rule 4).
 * FORKED, GAP and LATER end the push; what came before stands. A group stands or falls as a whole (rule 15). */
#include "server/writer_step.h"

#include "base/limits.h"
#include "kinds/refusal.h"
#include "sync/intake.h"
#include "wire/wire.h"

#include <string.h>

#define RETRY_MS 10000 /* after LATER; the client adds its jitter */
#define MARK_CODE_SIZE_MAX 64u

struct push {
    struct step *st;
    const Wire__Push *wire;
    struct change *changes;
    size_t count;
    struct author author;
    struct incarnation_runs runs; /* as of the change at hand */
    Wire__Verdicts answer;
};

/* ---- form: what the peer may have made wrong ---- */

static enum err open_changes(struct push *p, struct job *job)
{
    const Wire__Push *w = p->wire;
    if (w->incarnation.len != INCARNATION_SIZE || w->n_sent > LIMIT_CHANGES_PUSH || (w->has_parent != w->has_fork_n))
        return ERR_PROTOCOL;
    p->changes = arena_alloc(&job->arena, (w->n_sent + 1) * sizeof *p->changes);
    if (!p->changes)
        return ERR_MEMORY;
    for (size_t i = 0; i < w->n_sent; i++) {
        const Wire__Sent *sent = w->sent[i];
        enum err e = change_open(slice_of(sent->change.data, sent->change.len), &job->arena, &p->changes[i]);
        if (e != ERR_OK)
            return e;
        if (i > 0 && p->changes[i].n != p->changes[i - 1].n + 1)
            return ERR_PROTOCOL;
        if (sent->refused && (!sent->refused->code || !sent->refused->code[0] || strlen(sent->refused->code) > MARK_CODE_SIZE_MAX))
            return ERR_PROTOCOL;
    }
    p->count = w->n_sent;
    return ERR_OK;
}

/* The hash of the incarnation's change fork_n: in this push, or recorded. ERR_NOT_FOUND: neither. */
static enum err hash_at_fork(struct push *p, const struct known_incarnation *known, uint64_t fork_n, uint8_t out[HASH_SIZE])
{
    struct entry entry;
    uint32_t org;
    if (p->count && fork_n >= p->changes[0].n && fork_n - p->changes[0].n < p->count) {
        memcpy(out, p->changes[fork_n - p->changes[0].n].hash, HASH_SIZE);
        return ERR_OK;
    }
    if (!known)
        return ERR_NOT_FOUND;
    enum err e = store_find_processed(p->st->store, known->about.row, fork_n, &p->st->arena, &org, &entry);
    if (e == ERR_OK)
        memcpy(out, entry.identity.hash, HASH_SIZE);
    return e;
}

/* Rule 5: an incarnation that says it was forked must be what its parent and first change make. Whether the parent is known
 * does not matter: ancestry counts among the seat's own changes only, and a restore may have taken the parent away. */
static enum err check_fork(struct push *p, const struct known_incarnation *known, bool *proved)
{
    uint8_t hash[HASH_SIZE];
    struct incarnation parent;
    *proved = false;
    if (!p->wire->has_parent)
        return ERR_OK;
    if (p->wire->parent.len != INCARNATION_SIZE || p->wire->fork_n == 0 || p->wire->fork_n > INT64_MAX)
        return ERR_PROTOCOL;
    if (!known && p->count && p->changes[0].n < p->wire->fork_n)
        return ERR_PROTOCOL;
    memcpy(parent.bytes, p->wire->parent.data, INCARNATION_SIZE);
    if (known && known->about.has_parent)
        return incarnation_equal(known->about.parent, parent) && known->about.fork_n == p->wire->fork_n ? ERR_OK : ERR_PROTOCOL;
    enum err e = hash_at_fork(p, known, p->wire->fork_n, hash);
    if (e == ERR_NOT_FOUND)
        return ERR_OK; /* its first change is missing: GAP says so, and the proof comes with it */
    if (e != ERR_OK)
        return e;
    *proved = incarnation_equal(change_fork(parent, p->wire->fork_n, hash), p->author.about.incarnation);
    if (*proved) {
        p->author.about.has_parent = true;
        p->author.about.parent = parent;
        p->author.about.fork_n = p->wire->fork_n;
    }
    return *proved ? ERR_OK : ERR_PROTOCOL;
}

static enum err list_ancestry(struct push *p)
{
    struct author *a = &p->author;
    struct ancestor *list = arena_alloc(&p->st->arena, (a->known->count + 1) * sizeof *list);
    CHECK(list);
    for (size_t i = 0; i < a->known->count; i++) {
        const struct store_incarnation *about = &a->known->list[i]->about;
        list[i] = (struct ancestor){about->incarnation, about->fork_n, about->parent, about->has_parent};
    }
    size_t count = a->known->count;
    if (!a->incarnation)
        list[count++] = (struct ancestor){a->about.incarnation, a->about.fork_n, a->about.parent, a->about.has_parent};
    a->ancestry = (struct ancestry){list, count};
    return ERR_OK;
}

static enum err find_author(struct push *p, struct job *job)
{
    struct author *a = &p->author;
    bool proved;
    a->seat = control_seat(p->st->control, job->seat);
    if (!a->seat)
        return ERR_PROTOCOL;
    enum err e = cache_seat(p->st->cache, job->seat, &a->known);
    if (e != ERR_OK)
        return e;
    a->about = (struct store_incarnation){.seat = job->seat};
    memcpy(a->about.incarnation.bytes, p->wire->incarnation.data, INCARNATION_SIZE);
    a->incarnation = cache_incarnation(a->known, a->about.incarnation);
    e = check_fork(p, a->incarnation, &proved);
    /* Taken back verbatim, it was recorded without its parent (entries don't bear it). */
    if (e == ERR_OK && a->incarnation && proved)
        e = cache_put_incarnation(p->st->cache, a->known, &a->about, &a->incarnation);
    return e == ERR_OK ? list_ancestry(p) : e;
}

/* ---- answers ---- */

static Wire__Refusal *refusal_message(const struct entry *e, const struct kind *kind, struct arena *arena)
{
    struct buf text = BUF_INIT;
    Wire__Refusal *r = arena_alloc(arena, sizeof *r);
    char **arguments = arena_alloc(arena, 3 * sizeof *arguments);
    CHECK(r && arguments);
    wire__refusal__init(r);
    r->code = (char *)e->code;
    r->field = (char *)e->field;
    for (size_t i = 0; i < 3; i++) {
        arguments[i] = (char *)(e->argument[i] ? e->argument[i] : "");
        if (e->argument[i])
            r->n_argument = i + 1;
    }
    r->argument = arguments;
    refusal_text(kind, e->code, e->field, (const char *const *)arguments, r->n_argument, e->code, LANGUAGE_ZH, &text);
    r->text = arena_text(arena, buf_slice(&text));
    buf_finish(&text);
    return r;
}

static void name_conflicts(const struct entry *e, struct arena *arena, Wire__Verdict *v)
{
    struct effects effects;
    if (e->verdict != VERDICT_CONFLICT || effects_open(e->effects, arena, &effects) != ERR_OK)
        return;
    v->conflict = arena_alloc(arena, (effects.count + 1) * sizeof *v->conflict);
    CHECK(v->conflict);
    for (size_t i = 0; i < effects.count; i++) {
        if (effects.list[i].kind_number != KIND_CONFLICT)
            continue;
        struct slice id = arena_copy(arena, id_slice(&effects.list[i].id));
        v->conflict[v->n_conflict++] = (ProtobufCBinaryData){id.size, (uint8_t *)id.data};
    }
}

/* seq is that of the entry of this incarnation; the verdict is that of the change, wherever it was decided. */
static void answer(struct push *p, const struct change *change, uint64_t seq, const struct entry *decided)
{
    struct arena *arena = &p->st->arena;
    Wire__Verdict *v = arena_alloc(arena, sizeof *v);
    CHECK(v && p->answer.n_verdict < p->count);
    wire__verdict__init(v);
    v->has_n = v->has_type = v->has_seq = 1;
    v->n = change->n;
    v->type = (Wire__VerdictType)decided->verdict;
    v->seq = seq;
    if (decided->verdict == VERDICT_REFUSED && decided->code)
        v->refusal = refusal_message(decided, change->kind, arena);
    name_conflicts(decided, arena, v);
    p->answer.verdict[p->answer.n_verdict++] = v;
}

static void stop(struct push *p, Wire__Stop why, uint64_t n)
{
    p->answer.has_stop = p->answer.has_stop_n = 1;
    p->answer.stop = why;
    p->answer.stop_n = n;
    p->answer.has_retry_after_ms = why == WIRE__STOP__LATER;
    p->answer.retry_after_ms = RETRY_MS;
}

/* ---- known already ---- */

/* The entry that decided the change under another incarnation of the seat (rule 4, last sentence). ERR_NOT_FOUND. */
static enum err find_same(struct push *p, const struct change *change, struct entry *out)
{
    const struct known_seat *seat = p->author.known;
    for (size_t i = 0; i < seat->count; i++) {
        const struct known_incarnation *other = seat->list[i];
        struct entry entry;
        uint32_t org;
        if (other == p->author.incarnation || !cache_has(other, change->n))
            continue;
        enum err e = store_find_processed(p->st->store, other->about.row, change->n, &p->st->arena, &org, &entry);
        if (e != ERR_OK)
            return e;
        if (entry.verdict != VERDICT_SAME && memcmp(entry.identity.hash, change->hash, HASH_SIZE) == 0) {
            *out = entry;
            return ERR_OK;
        }
    }
    return ERR_NOT_FOUND;
}

static enum err answer_same(struct push *p, const struct change *change, uint64_t seq)
{
    struct entry first;
    enum err e = find_same(p, change, &first);
    if (e == ERR_NOT_FOUND) /* a restore took the first one: as accepted as can be told */
        first = (struct entry){.verdict = VERDICT_SAME};
    else if (e != ERR_OK)
        return e;
    answer(p, change, seq, &first);
    return ERR_OK;
}

/* *forked: another change bears this n. */
static enum err find_stored(struct push *p, const struct change *change, struct entry *out, bool *forked)
{
    uint32_t org;
    enum err e = store_find_processed(p->st->store, p->author.incarnation->about.row, change->n, &p->st->arena, &org, out);
    if (e == ERR_OK)
        *forked = memcmp(out->identity.hash, change->hash, HASH_SIZE) != 0;
    return e == ERR_NOT_FOUND ? ERR_CORRUPT : e;
}

static enum err answer_stored(struct push *p, const struct change *change)
{
    struct entry stored;
    bool forked;
    enum err e = find_stored(p, change, &stored, &forked);
    if (e != ERR_OK)
        return e;
    if (stored.verdict == VERDICT_SAME)
        return answer_same(p, change, stored.seq);
    answer(p, change, stored.seq, &stored);
    return ERR_OK;
}

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
    p->runs = (struct incarnation_runs){about->runs, about->run_count, fork_n ? fork_n - 1 : 0};
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
            e = find_stored(p, change, &stored, &forked);
        if (e != ERR_OK)
            return e;
        s->forked |= forked;
        s->gap |= s->intake[i] == INTAKE_GAP;
        s->undecided += s->intake[i] == INTAKE_DECIDE;
    }
    return ERR_OK;
}

/* Is a part of a group all that is left of it, the members before it being processed? They are told apart by their numbers:
 * a client numbers a group's members one after the other. */
static bool is_rest_of_group(const struct push *p, const struct change *first, size_t count)
{
    uint32_t before = first->group_position - 1;
    if (!p->author.incarnation || before == 0 || before + count != first->group_size || before >= first->n)
        return false;
    for (uint32_t i = 1; i <= before; i++)
        if (!cache_has(p->author.incarnation, first->n - i))
            return false;
    return true;
}

static enum err decide_new(struct push *p, const struct change *changes, size_t count)
{
    struct entry *entries = arena_alloc(&p->st->arena, count * sizeof *entries);
    struct change members[LIMIT_GROUP];
    CHECK(entries && count <= LIMIT_GROUP);
    memcpy(members, changes, count * sizeof *members);
    if (changes[0].grouped && is_rest_of_group(p, &changes[0], count))
        for (size_t i = 0; i < count; i++) {
            members[i].group_position = (uint32_t)i + 1;
            members[i].group_size = (uint32_t)count;
        }
    enum err e = author_decide(p->st, &p->author, members, count, entries);
    for (size_t i = 0; i < count && e == ERR_OK; i++)
        answer(p, &changes[i], entries[i].seq, &entries[i]);
    return e;
}

static enum err record_same(struct push *p, const struct change *change, const struct entry *first)
{
    struct entry entry;
    struct decision d = {.verdict = VERDICT_SAME};
    enum err e = author_record(p->st, &p->author, change, &d, &entry);
    if (e == ERR_OK)
        answer(p, change, entry.seq, first);
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
        for (size_t i = 0; i < mark->n_argument && i < 3; i++)
            d.argument[i] = mark->argument[i];
    }
    enum err e = author_record(p->st, &p->author, change, &d, &entry);
    if (e == ERR_OK)
        answer(p, change, entry.seq, &entry);
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
    enum err e = find_same(p, &p->changes[first], &same);
    if (e != ERR_OK && e != ERR_NOT_FOUND)
        return e;
    bool marked = any_marked(p, first, count);
    if (e == ERR_NOT_FOUND && !marked)
        return decide_new(p, &p->changes[first], count);
    for (size_t i = first; i < first + count; i++) {
        e = find_same(p, &p->changes[i], &same);
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
            e = answer_stored(p, &p->changes[s->first + i]);
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
        stop(p, WIRE__STOP__FORKED, first->n);
    } else if ((s->undecided && (log->recovering || p->author.seat->state == SEAT_SUSPENDED)) || (s->gap && p->st->recovering)) {
        /* A gap in recovery may be what other orgs' seats hand back yet (rule 26). */
        stop(p, WIRE__STOP__LATER, first->n);
    } else if (s->gap) {
        stop(p, WIRE__STOP__GAP, s->missing);
    } else {
        *on = true;
        e = answer_segment(p, s);
    }
    return e;
}

enum err push_run(struct step *st, struct job *job)
{
    struct push p = {.st = st};
    ProtobufCMessage *m;
    bool on = true;
    enum err e = wire_open(&wire__push__descriptor, buf_slice(&job->request), &job->arena, &m);
    if (e != ERR_OK)
        return e == ERR_MEMORY ? ERR_WIRE : e; /* its arena's cap is its peer's limit */
    p.wire = (const Wire__Push *)m;
    e = open_changes(&p, job);
    if (e == ERR_OK)
        e = find_author(&p, job);
    if (e != ERR_OK)
        return e == ERR_MEMORY ? ERR_WIRE : e;
    wire__verdicts__init(&p.answer);
    p.answer.has_incarnation = 1;
    p.answer.incarnation = p.wire->incarnation;
    p.answer.verdict = arena_alloc(&st->arena, (p.count + 1) * sizeof *p.answer.verdict);
    CHECK(p.answer.verdict);
    for (size_t i = 0; i < p.count && on && e == ERR_OK;) {
        struct segment s = {.first = i, .count = segment_size(&p, i)};
        e = take_segment(&p, &s, &on);
        i += s.count;
    }
    return e == ERR_OK ? step_answer(job, FRAME_VERDICTS, &p.answer.base) : e;
}
