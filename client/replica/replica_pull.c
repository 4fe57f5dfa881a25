/* Entries of the log as they come (rules 19, 20, 22): kept, matched with the outbox by identity, applied to confirmed rows, and
 * the cursor with them in one transaction.
 * Invariant: what is held of the log is one chain from the promise on; what was applied never runs ahead of what is held. */
#include "client/replica/heads.h"
#include "client/replica/kept.h"
#include "client/replica/outbox.h"
#include "client/replica/replica_erase.h"
#include "client/replica/past.h"
#include "client/replica/replica_pull.h"
#include "client/replica/replica_sync.h"
#include "base/limits.h"

#include <string.h>

/* A conflict record of which this seat may see nothing still moves its state: that says nothing about a record that it has. */
static bool is_fragment(const struct effect *x, const struct confirmed *c)
{
    return x->kind_number == KIND_CONFLICT && !c->message && record_get_name(x->patch, "record_kind").type == CELL_ABSENT;
}

static enum err apply_effect(struct replica *r, uint32_t org, uint64_t seq, const struct effect *x, struct arena *arena)
{
    struct confirmed c;
    if (!x->kind)
        return ERR_OK; /* its rows come by a snapshot when a build knows the kind */
    enum err e = rows_confirmed(r, x->kind, x->id, arena, &c);
    if (e != ERR_OK || c.seq >= seq || is_fragment(x, &c))
        return e;
    struct confirmed now = {.org = org, .seq = seq, .dead = x->life == LIFE_TOMBSTONE};
    now.message = effect_over(x, c.message, arena);
    return rows_write(r, x->kind, x->id, &now, arena);
}

enum err pull_apply(struct replica *r, uint32_t org, const struct entry *entry, struct arena *arena)
{
    struct effects *effects = arena_alloc(arena, sizeof *effects);
    if (!effects)
        return ERR_MEMORY;
    enum err e = effects_open(entry->effects, arena, effects);
    for (size_t i = 0; e == ERR_OK && i < effects->count; i++)
        e = apply_effect(r, org, entry->seq, &effects->list[i], arena);
    return e;
}

/* One's own entry: the change has arrived, whatever was heard of it (rule 20). */
static enum err match_own(struct replica *r, const struct entry *entry, uint32_t seat, struct arena *arena, struct outbox_entry *out,
                          bool *found)
{
    *found = false;
    if (entry->identity.seat != seat)
        return ERR_OK;
    enum err e = outbox_find(r, entry->identity.incarnation, entry->identity.n, arena, out);
    if (e == ERR_NOT_FOUND)
        return ERR_OK;
    if (e != ERR_OK)
        return e;
    /* Another copy of this database used the number: the change here gives it up at once, or there would be no room for that one if
     * it had to be put back. */
    if (!slice_equal(out->hash, slice_of(entry->identity.hash, HASH_SIZE)))
        return out->seq == 0 ? outbox_fork(r, entry->identity.incarnation, entry->identity.n) : ERR_OK;
    *found = true;
    return outbox_drop(r, out->local);
}

/* One's own, of a kind that this seat reads no longer (rule 31): the log does not say what was refused, the outbox does. */
static bool is_hidden_refusal(const struct entry *entry)
{
    return entry->verdict == VERDICT_REFUSED && entry->change.size == 0 && entry->code;
}

static enum err take_one(struct replica *r, struct position *p, const struct entry *entry, bool apply, uint32_t seat, int64_t now_ms,
                         struct arena *arena)
{
    struct outbox_entry own;
    bool found;
    enum err e = match_own(r, entry, seat, arena, &own, &found);
    if (e == ERR_OK && apply)
        e = pull_apply(r, p->org, entry, arena);
    if (e == ERR_OK && found)
        e = rows_replay(r, own.kind, own.id);
    if (e == ERR_OK)
        e = left_note(r, entry, arena);
    if (e == ERR_OK && entry->identity.seat == seat)
        e = found && is_hidden_refusal(entry) ? refusal_note(r, &own, refusal_pack(entry->code, entry->field, NULL, entry->argument, arena), now_ms)
                                              : refusal_of_entry(r, p->org, entry, now_ms);
    return e;
}

/* Moves what is held, and with it the cursor, unless entries are only being filled in up to a snapshot's seq. */
static enum err advance(struct position *p, const struct entry *entry, bool *apply)
{
    if (p->log_chain_known && !entry_follows(entry, p->log_chain))
        return ERR_CHAIN;
    p->log_seq = entry->seq;
    memcpy(p->log_chain, entry->chain, CHAIN_SIZE);
    p->log_chain_known = true;
    *apply = true;
    if (p->snap == SNAP_LOG) {
        if (entry->seq == p->snap_seq && memcmp(entry->chain, p->snap_chain, CHAIN_SIZE) != 0)
            return ERR_CHAIN;
        *apply = entry->seq > p->snap_seq;
        if (entry->seq < p->snap_seq)
            return ERR_OK;
        p->snap = SNAP_NONE;
    }
    p->seq = entry->seq;
    memcpy(p->chain, entry->chain, CHAIN_SIZE);
    p->chain_known = true;
    return ERR_OK;
}

/* Rule 29, once the chain has been followed: nothing of it is kept or applied. */
static enum err less(struct replica *r, const Wire__Entry *came, struct entry *entry, struct arena *arena,
                     const Wire__Entry **out)
{
    struct erase_book book;
    *out = came;
    enum err e = erase_open(r, arena, &book);
    if (e != ERR_OK || !book.any)
        return e;
    struct erasures known = erase_known(&book);
    if (!erase_entry(&known, entry, arena) || book.failed != ERR_OK)
        return book.failed;
    *out = kept_less(entry, came, arena);
    return ERR_OK;
}

/* What the promise has passed, but for the last of it. Not while it is to be asked what the server misses: it may have an entry of one's own
 * without what stands in it, as others handed it back, and then the whole one is here alone. */
static enum err let_go(struct replica *r, struct position *p)
{
    bool dropped = false;
    if (replica_missing_due(r))
        return ERR_OK;
    enum err e = kept_drop_to(r, p->org, p->promise, &dropped);
    p->trimmed = p->trimmed || dropped;
    return e;
}

static enum err take_list(struct replica *r, struct position *p, const Wire__Entries *entries, uint32_t seat, int64_t now_ms,
                          struct arena *arena)
{
    enum err e = ERR_OK;
    for (size_t i = 0; e == ERR_OK && i < entries->n_entry; i++) {
        struct entry entry;
        bool apply;
        arena_reset(arena);
        e = entry_open(entries->entry[i], arena, &entry);
        if (e != ERR_OK || entry.seq <= p->log_seq)
            continue; /* held already */
        e = advance(p, &entry, &apply);
        const Wire__Entry *kept = NULL;
        if (e == ERR_OK)
            e = less(r, entries->entry[i], &entry, arena, &kept);
        if (e == ERR_OK && entry.seq >= p->promise)
            e = kept_put(r, p->org, kept, &entry);
        else
            p->trimmed = true;
        if (e == ERR_OK && entry.seq == p->promise) /* the promise came before it: another stayed as the last that it passed */
            e = let_go(r, p);
        if (e == ERR_OK)
            e = take_one(r, p, &entry, apply, seat, now_ms, arena);
    }
    return e;
}

enum err pull_promise(struct replica *r, struct position *p, uint64_t promise)
{
    if (promise <= p->promise)
        return ERR_OK;
    p->promise = promise;
    return let_go(r, p);
}

enum err pull_let_go(struct replica *r)
{
    int64_t org = 0;
    enum err e = ERR_OK;
    do {
        struct position p;
        e = sql_integer(r->db, 0, &org, "SELECT min(org) FROM position WHERE org > ?1", "i", org);
        if (e == ERR_OK && org && (e = position_load(r, (uint32_t)org, &p)) == ERR_OK && (e = let_go(r, &p)) == ERR_OK)
            e = position_save(r, &p);
    } while (e == ERR_OK && org);
    return e;
}

/* The last that came: entries lead to it from all that was seen before. */
static enum err note_head(struct replica *r, const struct position *p, ProtobufCBinaryData mac, int64_t now_ms)
{
    enum err e = heads_put(r, p->org, p->log_seq, mac);
    return e == ERR_OK ? past_note(r, p->org, p->log_seq, p->log_chain, mac, now_ms) : e;
}

enum err replica_take_entries(struct replica *r, const Wire__Entries *entries, int64_t now_ms)
{
    struct replica_facts f;
    struct position p;
    struct arena arena;
    enum err e = replica_facts(r, &f);
    if (e == ERR_OK)
        e = inner_begin(r);
    if (e != ERR_OK)
        return e;
    arena_init(&arena, LIMIT_ARENA);
    e = position_load(r, entries->org, &p);
    if (e == ERR_NOT_FOUND)
        e = ERR_PROTOCOL;
    if (e != ERR_OK || p.snap == SNAP_WANTED || (p.snap == SNAP_ROWS && p.snap_kind == 0))
        goto done; /* rows first: entries that come before are asked for again */
    e = replica_meet(r, (const Wire__Author *const *)entries->author, entries->n_author);
    uint64_t held = p.log_seq;
    if (e == ERR_OK)
        e = take_list(r, &p, entries, f.seat, now_ms, &arena);
    if (e == ERR_OK && entries->n_entry > 0 && entries->entry[entries->n_entry - 1]->seq == p.log_seq)
        e = note_head(r, &p, entries->entry[entries->n_entry - 1]->head_mac, now_ms);
    /* A promise is about the server's history: what is held is of it if new entries follow. */
    if (e == ERR_OK && entries->has_promise && p.log_seq > held)
        e = pull_promise(r, &p, entries->promise);
    if (e == ERR_OK)
        e = position_save(r, &p);
    if (e == ERR_OK)
        e = position_settle(r, p.org, p.seq, p.promise);
done:
    arena_finish(&arena);
    return inner_end(r, e);
}

/* Entries bear the macs that they came with, unless the server gave none then: what it said of this head since may prove them all. */
static enum err prove_last(struct replica *r, uint32_t org, Wire__Entry *last, struct arena *arena)
{
    struct slice mac;
    enum err e = heads_get(r, org, last->seq, arena, &mac);
    if (e == ERR_OK && mac.size > 0) {
        last->has_head_mac = 1;
        last->head_mac = (ProtobufCBinaryData){mac.size, (uint8_t *)mac.data};
    }
    return e;
}

enum err replica_hand_back(struct replica *r, uint32_t org, uint64_t after, size_t size_max, struct arena *arena,
                           Wire__HandBack *out, uint64_t *last)
{
    Wire__Entry **list;
    size_t count;
    bool more;
    enum err e = kept_read(r, org, after, size_max, arena, &list, &count, &more);
    if (e != ERR_OK)
        return e;
    wire__hand_back__init(out);
    out->has_org = 1;
    out->org = org;
    out->n_entry = count;
    out->entry = list;
    out->has_done = 1;
    out->done = !more;
    *last = count > 0 ? list[count - 1]->seq : after;
    return count > 0 ? prove_last(r, org, list[count - 1], arena) : ERR_OK;
}
