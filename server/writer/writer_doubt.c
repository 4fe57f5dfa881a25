/* Whose a stripped entry is said to be. No hash covers it: the chain goes on by entry_hash alone. It is believed, or
 * who wrote the entry would send all of it again; but a lie must not cost anybody else anything for good. So half of a
 * seat's incarnations are left for what it sends itself, a seat that control data do not know must be one that can have
 * been given (store_control_ceiling: numbers begin behind the highest that was seen), and no more of those are believed
 * than are kept of strangers that call. */
#include "server/writer/writer_step.h"

#include "base/limits.h"
#include "server/store/store_control.h"

#include <string.h>

void doubt_hide(struct entry *e)
{
    struct entry hidden = {.seq = e->seq, .stripped = true};
    memcpy(hidden.chain, e->chain, CHAIN_SIZE);
    memcpy(hidden.entry_hash, e->entry_hash, sizeof hidden.entry_hash);
    *e = hidden;
}

/* Once a frame. */
static enum err ask(struct step *st, struct doubt *d)
{
    struct db *db = store_db(st->store);
    if (d->asked)
        return ERR_OK;
    enum err e = store_control_ceiling(db, "seat", &d->highest);
    if (e == ERR_OK)
        e = store_control_ask(
            db, "SELECT count(DISTINCT seat) FROM incarnation WHERE seat NOT IN (SELECT number FROM seat)",
            &d->unknown);
    d->asked = e == ERR_OK;
    return e;
}

/* Of a seat that has no incarnation here yet. */
static enum err believe_stranger(struct step *st, struct doubt *d, uint32_t seat, bool *believed)
{
    enum err e = ask(st, d);
    if (e != ERR_OK)
        return e;
    *believed = seat <= d->highest && d->unknown < LIMIT_STRANGERS;
    d->unknown += *believed;
    return ERR_OK;
}

enum err doubt_author(struct step *st, struct doubt *d, struct entry *e)
{
    struct known_seat *seat;
    bool believed = true;
    if (!e->stripped || e->identity.n == 0)
        return ERR_OK;
    enum err failed = cache_seat(st->cache, e->identity.seat, &seat);
    if (failed != ERR_OK || cache_incarnation(seat, e->identity.incarnation))
        return failed;
    if (seat->count == 0 && !control_seat(st->control, e->identity.seat))
        failed = believe_stranger(st, d, e->identity.seat, &believed);
    if (failed == ERR_OK && (!believed || seat->count >= INCARNATIONS_MAX / 2))
        doubt_hide(e);
    return failed;
}
