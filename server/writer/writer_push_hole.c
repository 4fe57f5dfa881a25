/* A client that was told GAP and holds what is missing no longer says so with its next push (rule 6: "trimmed up to
 * m"). The server takes the later start and says what is lost: here, to the operator; by a count, to the district.
 * While any org recovers nothing is given up: what is missing may yet be handed back.
 * After a restore a client also asks, without sending anything, what of all that it ever made is missing: entries that
 * came in late (rule 27) leave holes behind which its next n fits, and who makes nothing more meets none. */
#include "server/writer/writer_push.h"

#include "base/limits.h"
#include "base/log.h"

enum err push_missing(struct push *p, uint64_t *n)
{
    uint64_t lost = 0, missing = intake_hole(&p->runs, *n);
    enum err e = ERR_OK;
    while (p->author.incarnation &&
           (e = store_find_hole(p->st->store, p->author.incarnation->about.row, missing, &lost)) == ERR_OK && lost)
        missing = intake_hole(&p->runs, lost + 1);
    if (e == ERR_OK)
        *n = missing;
    return e;
}

/* How many n of [first, last] no run holds. */
static uint64_t count_missing(const struct incarnation_runs *r, uint64_t first, uint64_t last)
{
    uint64_t missing = last - first + 1;
    for (size_t i = 0; i < r->count; i++) {
        uint64_t from = r->runs[i].n > first ? r->runs[i].n : first, end = r->runs[i].n + r->runs[i].count;
        uint64_t to = end - 1 < last ? end - 1 : last;
        missing -= from <= to ? to - from + 1 : 0;
    }
    return missing;
}

enum err push_find_hole(struct push *p)
{
    uint64_t first, last = p->wire->trimmed_to;
    if (!p->wire->has_trimmed_to || p->count == 0 || p->st->recovering ||
        intake_of(&p->runs, p->changes[0].n, &first) != INTAKE_GAP)
        return ERR_OK;
    if (p->runs.count >= LIMIT_RUNS) {
        log_error_of(p->author.seat->number, "writer",
                     "seat %u left out numbers %u times, more than a device does: nothing is taken of it any more; have its handover file"
                     " written, revoke the seat and invite the person anew",
                     p->author.seat->number, LIMIT_RUNS);
        return ERR_SEAT_WORN;
    }
    enum err e = push_missing(p, &first);
    if (e != ERR_OK)
        return e;
    p->hole = (struct store_hole){
        .first = first, .last = last, .count = first <= last ? count_missing(&p->runs, first, last) : 0};
    return ERR_OK;
}

static enum err note(struct push *p, struct store_hole *h)
{
    log_error(
        "writer",
        "promise broken: %llu changes of seat %u, of %llu to %llu, never arrived, and its device no longer holds them",
        (unsigned long long)h->count, p->author.seat->number, (unsigned long long)h->first,
        (unsigned long long)h->last);
    return store_put_hole(p->st->store, p->author.seat->number, p->author.incarnation->about.row, h, p->st->now_ms);
}

enum err push_note_hole(struct push *p)
{
    enum err e = p->hole.count ? note(p, &p->hole) : ERR_OK;
    p->hole.count = 0; /* told once */
    return e;
}

/* ---- asked what is missing ---- */

/* The end of the hole that begins at first: up to what is here, or what is known to be lost. */
static enum err hole_end(const struct push *p, uint64_t first, uint64_t *last)
{
    uint64_t lost = 0;
    for (size_t i = 0; i < p->runs.count; i++)
        if (p->runs.runs[i].n > first && p->runs.runs[i].n <= *last)
            *last = p->runs.runs[i].n - 1;
    const struct known_incarnation *known = p->author.incarnation;
    enum err e = known ? store_next_hole(p->st->store, known->about.row, first, &lost) : ERR_OK;
    if (e == ERR_OK && lost && lost <= *last)
        *last = lost - 1;
    return e;
}

/* An incarnation that no backup had heard of has its place with what is lost of it. */
static enum err note_given_up(struct push *p, uint64_t first, uint64_t last)
{
    struct store_hole hole = {first, last, last - first + 1};
    enum err e = ERR_OK;
    if (!p->author.incarnation)
        e = cache_put_incarnation(p->st->cache, p->author.known, &p->author.about, &p->author.incarnation);
    return e == ERR_OK ? note(p, &hole) : e;
}

enum err push_tell_missing(struct push *p)
{
    const Wire__Push *w = p->wire;
    uint64_t first = w->has_fork_n ? w->fork_n : 1, last = w->made_to;
    if (w->made_to > INT64_MAX || w->trimmed_to > w->made_to)
        return ERR_PROTOCOL;
    if (p->st->recovering) {
        push_stop(p, WIRE__STOP__LATER, first);
        return ERR_OK;
    }
    enum err e = push_missing(p, &first);
    while (e == ERR_OK && first <= w->made_to && first <= w->trimmed_to) {
        last = w->trimmed_to;
        e = hole_end(p, first, &last);
        if (e == ERR_OK)
            e = note_given_up(p, first, last);
        first = last + 1;
        if (e == ERR_OK)
            e = push_missing(p, &first);
    }
    last = w->made_to;
    if (e != ERR_OK || first > last)
        return e;
    e = hole_end(p, first, &last);
    push_stop(p, WIRE__STOP__GAP, first);
    p->answer.has_stop_last = 1;
    p->answer.stop_last = last;
    return e;
}
