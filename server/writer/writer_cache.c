#include "server/writer/writer_cache.h"

#include "base/limits.h"
#include "server/store/store_taken.h"

#include <stdlib.h>
#include <string.h>

#define CACHE_ENTRIES_MAX 20000u /* a city's orgs and seats; some KiB each */

struct writer_cache {
    struct store *store;
    struct known_org *orgs;
    struct known_seat *seats;
    struct known_org **touched;
    size_t touched_count, touched_capacity;
    struct arena arena; /* of one load */
};

struct writer_cache *cache_create(struct store *store)
{
    struct writer_cache *c = calloc(1, sizeof *c);
    CHECK(c);
    c->store = store;
    arena_init(&c->arena, 1u << 30);
    return c;
}

static void drop_seat(struct known_seat *seat)
{
    for (size_t i = 0; i < seat->count; i++) {
        free(seat->list[i]->about.runs);
        free(seat->list[i]);
    }
    free(seat->list);
    free(seat->by);
    free(seat);
}

void cache_drop(struct writer_cache *c)
{
    struct known_org *org, *next_org;
    struct known_seat *seat, *next_seat;
    HASH_ITER(hh, c->orgs, org, next_org) {
        HASH_DEL(c->orgs, org);
        org_state_destroy(org->state);
        free(org);
    }
    HASH_ITER(hh, c->seats, seat, next_seat) {
        HASH_DEL(c->seats, seat);
        drop_seat(seat);
    }
    c->touched_count = 0;
}

void cache_destroy(struct writer_cache *c)
{
    if (!c)
        return;
    cache_drop(c);
    free(c->touched);
    arena_finish(&c->arena);
    free(c);
}

void cache_trim(struct writer_cache *c)
{
    if (HASH_COUNT(c->orgs) + HASH_COUNT(c->seats) > CACHE_ENTRIES_MAX)
        cache_drop(c);
}

/* ---- orgs ---- */

enum err cache_org(struct writer_cache *c, uint32_t org, uint32_t epoch, struct known_org **out)
{
    struct known_org *known;
    struct org_state *state;
    HASH_FIND(hh, c->orgs, &org, sizeof org, known);
    if (known) {
        *out = known;
        return ERR_OK;
    }
    /* In recovery an org that the backup does not know gets its entries of older epochs back first. */
    enum err e = store_load_org(c->store, org, store_recovering(c->store, org) ? 1 : epoch, &state);
    if (e != ERR_OK)
        return e;
    known = calloc(1, sizeof *known);
    CHECK(known);
    known->org = org;
    known->state = state;
    known->recovering = store_recovering(c->store, org);
    HASH_ADD(hh, c->orgs, org, sizeof known->org, known);
    *out = known;
    return ERR_OK;
}

void cache_touch(struct writer_cache *c, struct known_org *org)
{
    if (org->dirty)
        return;
    org->dirty = true;
    if (c->touched_count == c->touched_capacity) {
        c->touched_capacity = c->touched_capacity ? 2 * c->touched_capacity : 256;
        c->touched = realloc(c->touched, c->touched_capacity * sizeof *c->touched);
        CHECK(c->touched);
    }
    c->touched[c->touched_count++] = org;
}

bool cache_touched_at(const struct writer_cache *c, size_t index, struct known_org **out)
{
    if (index >= c->touched_count)
        return false;
    *out = c->touched[index];
    return true;
}

void cache_settle(struct writer_cache *c)
{
    for (size_t i = 0; i < c->touched_count; i++)
        c->touched[i]->dirty = false;
    c->touched_count = 0;
}

/* ---- seats' incarnations ---- */

/* Of the first that is not smaller. */
static size_t place_of(const struct known_seat *seat, struct incarnation is)
{
    size_t low = 0, high = seat->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (memcmp(seat->by[middle]->about.incarnation.bytes, is.bytes, INCARNATION_SIZE) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static struct known_incarnation *add_incarnation(struct known_seat *seat, const struct store_incarnation *about)
{
    struct known_incarnation *i = calloc(1, sizeof *i);
    CHECK(i);
    i->about = *about;
    i->run_capacity = about->run_count + 4;
    i->about.runs = calloc(i->run_capacity, sizeof *i->about.runs);
    CHECK(i->about.runs);
    if (about->run_count)
        memcpy(i->about.runs, about->runs, about->run_count * sizeof *about->runs);
    if (seat->count == seat->capacity) {
        seat->capacity = seat->capacity ? 2 * seat->capacity : 2;
        seat->list = realloc(seat->list, seat->capacity * sizeof *seat->list);
        seat->by = realloc(seat->by, seat->capacity * sizeof *seat->by);
        CHECK(seat->list && seat->by);
    }
    size_t at = place_of(seat, i->about.incarnation);
    memmove(&seat->by[at + 1], &seat->by[at], (seat->count - at) * sizeof *seat->by);
    seat->by[at] = i;
    seat->list[seat->count++] = i;
    return i;
}

enum err cache_seat(struct writer_cache *c, uint32_t seat, struct known_seat **out)
{
    struct known_seat *known;
    struct store_incarnation *list;
    size_t count;
    HASH_FIND(hh, c->seats, &seat, sizeof seat, known);
    if (known) {
        *out = known;
        return ERR_OK;
    }
    arena_reset(&c->arena);
    bool taken = false;
    enum err e = store_load_incarnations(c->store, seat, &c->arena, &list, &count);
    if (e == ERR_OK)
        e = store_any_taken(c->store, seat, &taken);
    if (e != ERR_OK)
        return e;
    known = calloc(1, sizeof *known);
    CHECK(known);
    known->seat = seat;
    known->taken = taken;
    for (size_t i = 0; i < count; i++)
        add_incarnation(known, &list[i]);
    HASH_ADD(hh, c->seats, seat, sizeof known->seat, known);
    *out = known;
    return ERR_OK;
}

struct known_incarnation *cache_incarnation(const struct known_seat *seat, struct incarnation incarnation)
{
    size_t at = place_of(seat, incarnation);
    bool there = at < seat->count && incarnation_equal(seat->by[at]->about.incarnation, incarnation);
    return there ? seat->by[at] : NULL;
}

enum err cache_put_incarnation(struct writer_cache *c, struct known_seat *seat, const struct store_incarnation *about,
                               struct known_incarnation **out)
{
    struct store_incarnation fresh = *about;
    struct known_incarnation *known = cache_incarnation(seat, about->incarnation);
    enum err e = store_put_incarnation(c->store, &fresh);
    if (e != ERR_OK)
        return e;
    if (known) {
        known->about.has_parent = fresh.has_parent;
        known->about.parent = fresh.parent;
        known->about.fork_n = fresh.fork_n;
    } else {
        known = add_incarnation(seat, &fresh);
    }
    *out = known;
    return ERR_OK;
}

enum err cache_note_taken(struct writer_cache *c, const struct store_entry *line)
{
    struct known_seat *known;
    uint32_t seat;
    enum err e = store_note_taken(c->store, line, &seat);
    if (e != ERR_OK || !seat)
        return e;
    e = cache_seat(c, seat, &known);
    if (e == ERR_OK)
        known->taken = true;
    return e;
}

bool cache_has(const struct known_incarnation *i, uint64_t n)
{
    for (size_t k = i->about.run_count; k > 0; k--) {
        const struct intake_run *r = &i->about.runs[k - 1];
        if (n >= r->n)
            return n < r->n + r->count;
    }
    return false;
}

static void insert_run(struct known_incarnation *i, size_t at, uint64_t n)
{
    if (i->about.run_count == i->run_capacity) {
        i->run_capacity = i->run_capacity ? 2 * i->run_capacity : 8;
        i->about.runs = realloc(i->about.runs, i->run_capacity * sizeof *i->about.runs);
        CHECK(i->about.runs);
    }
    memmove(&i->about.runs[at + 1], &i->about.runs[at], (i->about.run_count - at) * sizeof *i->about.runs);
    i->about.runs[at] = (struct intake_run){n, 1};
    i->about.run_count++;
}

void cache_processed(struct known_incarnation *i, uint64_t n)
{
    size_t at = i->about.run_count;
    while (at > 0 && i->about.runs[at - 1].n > n)
        at--;
    struct intake_run *before = at > 0 ? &i->about.runs[at - 1] : NULL;
    if (before && n < before->n + before->count)
        return;
    if (before && before->n + before->count == n)
        before->count++;
    else
        insert_run(i, at++, n);
    /* A hole was filled: what stands on both sides is one run now. */
    if (at < i->about.run_count && i->about.runs[at].n == n + 1) {
        i->about.runs[at - 1].count += i->about.runs[at].count;
        memmove(&i->about.runs[at], &i->about.runs[at + 1], (i->about.run_count - at - 1) * sizeof *i->about.runs);
        i->about.run_count--;
    }
}
