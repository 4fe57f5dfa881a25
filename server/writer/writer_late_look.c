/* Rule 27: whose an entry of a given up path is, under which incarnation it goes, and whether it is processed already.
 * Invariant: by an entry whose hash does not cover what it says of itself nothing is written, neither an incarnation
 * nor a place (PROTOCOL.md 21). */
#include "server/writer/writer_late.h"

#include <string.h>

/* ---- forks (rules 5, 27) ---- */

static enum err begin_fork(struct step *st, struct late *l, struct known_seat *known, struct incarnation i,
                           const struct identity *who)
{
    struct late_fork fork = {.incarnation = i, .n = who->n};
    struct known_incarnation *into;
    memcpy(fork.hash, who->hash, HASH_SIZE);
    struct store_incarnation about = {.seat = who->seat,
                                      .incarnation = change_fork(i, who->n, who->hash),
                                      .has_parent = true,
                                      .parent = i,
                                      .fork_n = who->n};
    enum err e = forks_add(&l->forks, &fork);
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

/* Entries don't bear it; the first change of a fork proves it (rule 5). What its ancestor wrote is no other's (rule 8).
 */
static void find_parent(const struct known_seat *known, const struct identity *who, struct store_incarnation *about)
{
    for (size_t i = 0; i < known->count && !about->has_parent; i++) {
        struct incarnation parent = known->list[i]->about.incarnation;
        about->has_parent = incarnation_equal(change_fork(parent, who->n, who->hash), about->incarnation);
        about->parent = parent;
        about->fork_n = about->has_parent ? who->n : 0;
    }
}

static void name_author(struct step *st, const struct late *l, const struct entry *e, struct known_seat *known,
                        struct incarnation i, struct author *a)
{
    *a = (struct author){.seat = seat_of(st, l, e->identity.seat),
                         .known = known,
                         .proven = true,
                         .late_org = l->org,
                         .late_ms = e->received_ms};
    a->about = (struct store_incarnation){.seat = e->identity.seat, .incarnation = i};
    a->incarnation = cache_incarnation(known, i);
    if (a->incarnation)
        a->about = a->incarnation->about;
    else
        find_parent(known, &e->identity, &a->about);
    a->ancestry = author_ancestry(st, known, a->incarnation ? NULL : &a->about);
}

/* Of what is processed under that incarnation. */
static enum err is_same(struct step *st, const struct known_incarnation *here, const struct identity *who, bool *same)
{
    struct entry stored;
    uint32_t org;
    enum err e = store_find_processed(st->store, here->about.row, who->n, &st->arena, &org, &stored);
    if (e == ERR_OK)
        *same = memcmp(stored.identity.hash, who->hash, HASH_SIZE) == 0;
    return e == ERR_NOT_FOUND ? ERR_CORRUPT : e;
}

static enum err find_place(struct step *st, struct late *l, struct late_one *o)
{
    struct known_seat *known;
    const struct identity *who = &o->entry->identity;
    enum err e = cache_seat(st->cache, who->seat, &known);
    bool same = false;
    for (struct incarnation i = who->incarnation; e == ERR_OK;) {
        i = forks_follow(&l->forks, known, i, who->n);
        const struct known_incarnation *here = cache_incarnation(known, i);
        bool full = known->count >= INCARNATIONS_MAX;
        bool fresh = !here || !cache_has(here, who->n);
        if (!fresh)
            e = is_same(st, here, who, &same);
        if (e == ERR_OK && (fresh || same)) {
            o->state = !fresh ? LATE_KNOWN : !here && full ? LATE_LEFT : LATE_NEW;
            name_author(st, l, o->entry, known, i, &o->author);
            break;
        }
        if (e == ERR_OK)
            e = full ? ERR_FULL : begin_fork(st, l, known, i, who);
        if (e == ERR_FULL)
            return ERR_OK; /* it is left */
    }
    return e;
}

/* As it says itself. That is told, and nothing comes of it. */
static enum err is_told_known(struct step *st, struct late *l, struct late_one *o)
{
    struct known_seat *known;
    bool same = false;
    const struct identity *who = &o->entry->identity;
    enum err e = cache_seat(st->cache, who->seat, &known);
    if (e != ERR_OK)
        return e;
    const struct known_incarnation *here =
        cache_incarnation(known, forks_follow(&l->forks, known, who->incarnation, who->n));
    if (here && cache_has(here, who->n))
        e = is_same(st, here, who, &same);
    if (e == ERR_OK && same)
        o->state = LATE_KNOWN;
    return e;
}

bool late_is_bound(const struct late *l, const struct entry *e)
{
    return e->change.size && (!e->stripped || l->trusted);
}

/* *opened false: of a newer build, or not what we would have made. */
static enum err open_change(struct step *st, const struct late *l, struct late_one *o, bool *opened)
{
    const struct entry *e = o->entry;
    struct erasures known = control_erasures(st->control);
    enum err failed = change_open(e->change, &st->arena, &o->change);
    *opened =
        failed == ERR_OK && o->change.n == e->identity.n && (e->verdict == VERDICT_REFUSED || o->change.org == l->org);
    if (!*opened)
        return failed == ERR_WIRE ? ERR_OK : failed;
    memcpy(o->change.hash, e->identity.hash, HASH_SIZE); /* values may have been erased from it since it was made */
    (void)erase_change(&known, &o->change, NULL, &st->arena);  /* rule 29 */
    return ERR_OK;
}

static enum err stands_on_the_line(struct step *st, const struct late *l, const struct entry *e, bool *stands)
{
    uint8_t chain[CHAIN_SIZE];
    *stands = false;
    if (l->trusted)
        return ERR_OK; /* it was cut off the line */
    enum err failed = store_read_chain(st->store, l->org, e->seq, chain);
    *stands = failed == ERR_OK && memcmp(chain, e->chain, CHAIN_SIZE) == 0;
    return failed == ERR_NOT_FOUND ? ERR_OK : failed;
}

enum err late_look(struct step *st, struct late *l, const struct entry *entry, struct late_one *o)
{
    bool stands, opened;
    *o = (struct late_one){.entry = entry, .state = LATE_LEFT};
    if (entry->identity.n == 0)
        return ERR_OK; /* nobody could see whose it was */
    enum err e = stands_on_the_line(st, l, entry, &stands);
    if (e == ERR_OK && stands)
        o->state = LATE_KNOWN;
    if (e != ERR_OK || stands)
        return e;
    opened = late_is_bound(l, entry);
    if (opened)
        e = open_change(st, l, o, &opened);
    if (e != ERR_OK)
        return e;
    return opened ? find_place(st, l, o) : is_told_known(st, l, o);
}
