/* Where second changes with one n went on a given up path (rules 5, 27), as a holder tells it and as it is found. A
 * path has LATE_FORKS_MAX of them at most, told or found, and so have the incarnations of a seat; a frame asks for each
 * of its thousands of entries. So a fork is hashed once, those of one incarnation stand side by side, and each knows
 * whose it was and where those behind it stood when it was asked last. Invariant: ways has one for each of list,
 * ordered by from, within it by when it was found. */
#include "server/writer/writer_late.h"

#include <stdlib.h>
#include <string.h>

static int order(struct incarnation a, struct incarnation b)
{
    return memcmp(a.bytes, b.bytes, sizeof a.bytes);
}

/* Behind all of from; or before them, where it is the first that is not smaller. */
static size_t place_of(const struct late_forks *f, struct incarnation from, bool behind)
{
    size_t low = 0, high = f->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int c = order(f->ways[middle].from, from);
        if (c < 0 || (behind && c == 0))
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static void make_room(struct late_forks *f)
{
    if (f->count < f->capacity)
        return;
    f->capacity = f->capacity ? 2 * f->capacity : 8;
    f->list = realloc(f->list, f->capacity * sizeof *f->list);
    f->ways = realloc(f->ways, f->capacity * sizeof *f->ways);
    CHECK(f->list && f->ways);
}

enum err forks_add(struct late_forks *f, const struct late_fork *fork)
{
    if (f->count == LATE_FORKS_MAX)
        return ERR_FULL;
    make_room(f);
    size_t at = place_of(f, fork->incarnation, true);
    memmove(&f->ways[at + 1], &f->ways[at], (f->count - at) * sizeof *f->ways);
    f->ways[at] = (struct late_way){
        .from = fork->incarnation, .n = fork->n, .into = change_fork(fork->incarnation, fork->n, fork->hash)};
    f->list[f->count++] = *fork;
    return ERR_OK;
}

/* Where the forks of i begin; hint: where they were found before, still or not. */
static size_t first_of(const struct late_forks *f, struct incarnation i, size_t *hint)
{
    size_t at = *hint;
    bool holds = at < f->count && incarnation_equal(f->ways[at].from, i) &&
                 (at == 0 || !incarnation_equal(f->ways[at - 1].from, i));
    if (!holds)
        *hint = place_of(f, i, false);
    return *hint;
}

static bool is_known(struct late_way *w, const struct known_seat *known)
{
    if (w->seat != known->seat && cache_incarnation(known, w->into))
        w->seat = known->seat; /* for as long as the path is looked at: incarnations stay */
    return w->seat == known->seat;
}

/* The first that leads on from i, or NULL. */
static struct late_way *way_from(struct late_forks *f, const struct known_seat *known, struct incarnation i, uint64_t n,
                                 size_t *hint)
{
    for (size_t at = first_of(f, i, hint); at < f->count && incarnation_equal(f->ways[at].from, i); at++)
        if (n >= f->ways[at].n && is_known(&f->ways[at], known))
            return &f->ways[at];
    return NULL;
}

/* It ends: no chain of hashes leads back to where it began. */
struct incarnation forks_follow(struct late_forks *f, const struct known_seat *known, struct incarnation i, uint64_t n)
{
    size_t front = SIZE_MAX;
    struct late_way *w = way_from(f, known, i, n, &front);
    while (w) {
        i = w->into;
        w = way_from(f, known, i, n, &w->next);
    }
    return i;
}

void forks_forget(struct late_forks *f)
{
    f->count = 0;
}

void forks_finish(struct late_forks *f)
{
    free(f->list);
    free(f->ways);
    *f = (struct late_forks){0};
}
