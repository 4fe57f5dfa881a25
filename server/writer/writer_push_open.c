/* A push as it came: its form, and who sends it (rules 1, 5). */
#include "server/writer/writer_push.h"

#include "base/limits.h"
#include "base/log.h"
#include "wire/wire.h"

#include <string.h>

#define MARK_CODE_SIZE_MAX 64u

/* What the server may have said of a change: no more than three arguments, which may quote it. It goes into the log, and every
 * reader has to get it in one frame. */
static bool mark_is_good(const Wire__Refusal *r)
{
    size_t code = slice_text(r->code).size, size = slice_text(r->field).size;
    for (size_t i = 0; i < r->n_argument; i++)
        size += strlen(r->argument[i]);
    return code > 0 && code <= MARK_CODE_SIZE_MAX && r->n_argument <= 3 && size <= LIMIT_RECORD;
}

/* The hash that it was made with may differ from its bytes' where something of its record was erased by law, which the sender may have
 * taken out; nowhere else, or a seat could write what no copy of its change proves. */
static bool take_hash(const Wire__Sent *sent, struct change *c)
{
    if (sent->hash.len != HASH_SIZE)
        return false;
    if (!erased_any(c->erased))
        return memcmp(c->hash, sent->hash.data, HASH_SIZE) == 0;
    memcpy(c->hash, sent->hash.data, HASH_SIZE);
    return true;
}

static enum err open_changes(struct push *p, struct job *job)
{
    const Wire__Push *w = p->wire;
    struct erasures known = control_erasures(p->st->control);
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
        if (i == 0 && w->has_trimmed_to && w->trimmed_to != p->changes[0].n - 1)
            return ERR_PROTOCOL;
        if (sent->refused && !mark_is_good(sent->refused))
            return ERR_PROTOCOL;
        (void)erase_change(&known, &p->changes[i], NULL, &p->st->arena); /* rule 29: nothing of it is decided or kept */
        if (sent->has_hash && !take_hash(sent, &p->changes[i]))
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

struct ancestry author_ancestry(struct step *st, const struct known_seat *seat, const struct store_incarnation *more)
{
    struct ancestor *list = arena_alloc(&st->arena, (seat->count + 1) * sizeof *list);
    CHECK(list);
    for (size_t i = 0; i < seat->count; i++) {
        const struct store_incarnation *about = &seat->list[i]->about;
        list[i] = (struct ancestor){about->incarnation, about->fork_n, about->parent, about->has_parent};
    }
    size_t count = seat->count;
    if (more)
        list[count++] = (struct ancestor){more->incarnation, more->fork_n, more->parent, more->has_parent};
    return (struct ancestry){list, count};
}

static enum err find_author(struct push *p, struct job *job)
{
    struct author *a = &p->author;
    bool proved;
    a->proven = job->proven;
    a->seat = control_seat(p->st->control, job->seat);
    if (!a->seat)
        return ERR_PROTOCOL;
    enum err e = cache_seat(p->st->cache, job->seat, &a->known);
    if (e != ERR_OK)
        return e;
    a->about = (struct store_incarnation){.seat = job->seat};
    memcpy(a->about.incarnation.bytes, p->wire->incarnation.data, INCARNATION_SIZE);
    a->incarnation = cache_incarnation(a->known, a->about.incarnation);
    if (!a->incarnation && a->known->count >= INCARNATIONS_MAX) {
        log_error_of(job->seat, "writer",
                     "seat %u has more than %u copies of its data, more than anybody makes: nothing is taken of a further one; have its handover"
                     " file written, revoke the seat and invite the person anew",
                     job->seat, INCARNATIONS_MAX);
        return ERR_SEAT_WORN;
    }
    e = check_fork(p, a->incarnation, &proved);
    /* Taken back verbatim, it was recorded without its parent (entries don't bear it). */
    if (e == ERR_OK && a->incarnation && proved)
        e = cache_put_incarnation(p->st->cache, a->known, &a->about, &a->incarnation);
    if (e == ERR_OK)
        a->ancestry = author_ancestry(p->st, a->known, a->incarnation ? NULL : &a->about);
    return e;
}

enum err push_open(struct push *p, struct job *job)
{
    ProtobufCMessage *m;
    enum err e = wire_open(&wire__push__descriptor, buf_slice(&job->request), &job->arena, &m);
    if (e == ERR_OK) {
        p->wire = (const Wire__Push *)m;
        e = open_changes(p, job);
    }
    if (e == ERR_OK)
        e = find_author(p, job);
    return e == ERR_MEMORY ? ERR_WIRE : e; /* its arena's cap is its peer's limit */
}
