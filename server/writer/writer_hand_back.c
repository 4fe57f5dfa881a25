/* Entries that the server lost and a client kept (rule 25), taken verbatim: same seq, identity, verdict, numbers. Nothing is decided
 * again; n becomes processed. Only while the org recovers, only along the lineage, only where the chain fits link by link. What can't
 * be taken (out of recovery, off the lineage) is left with the client: the answer says where the server stands. What it hands over late,
 * recovery having ended, is decided (writer_hand_over.c), if it is as proven.
 * What is trusted: a chain head with our own mac (job->proven), and every entry that the chain leads back to from there. So each
 * HAND_BACK stands by itself: its last entry bears the mac, the whole of it is one chain, and nothing need be held back until a
 * later one proves it. Of a stripped entry the chain covers its place and entry_hash, not what is left of its content: its effects
 * are taken only as far as the sender can have got them from us (PROTOCOL.md 21). */
#include "server/writer/writer_hand_back.h"

#include "base/limits.h"
#include "base/log.h"
#include "server/recovery/recovery.h"
#include "server/store/store_control.h"
#include "sync/chain.h"
#include "wire/wire.h"

#include <string.h>

/* A change, what it did to its row, what conflicts kept of both: no entry that we made is larger, and every reader has to get it in
 * one frame. */
#define ENTRY_SIZE_MAX (8u * LIMIT_RECORD)

#define DECLINED_AGAIN_MS 3600000 /* somebody has to look at the server first */

static bool is_of_our_size(const struct entry *e)
{
    size_t texts = slice_text(e->code).size + slice_text(e->field).size;
    for (size_t i = 0; i < 3; i++)
        texts += slice_text(e->argument[i]).size;
    bool salted = e->salt.size == SALT_SIZE || e->salt.size == 0;
    return salted && texts <= 2 * LIMIT_RECORD && e->change.size <= LIMIT_RECORD && e->effects.size <= ENTRY_SIZE_MAX;
}

static enum err open_entries(struct hand_back *h, struct job *job)
{
    ProtobufCMessage *m;
    enum err e = wire_open(&wire__hand_back__descriptor, buf_slice(&job->request), &job->arena, &m);
    if (e != ERR_OK)
        return ERR_WIRE;
    const Wire__HandBack *w = (const Wire__HandBack *)m;
    h->wire = w;
    h->org = w->org;
    h->done = w->done == 1;
    h->count = w->n_entry;
    h->entries = arena_alloc(&job->arena, (w->n_entry + 1) * sizeof *h->entries);
    if (!h->entries)
        return ERR_WIRE;
    for (size_t i = 0; i < h->count; i++) {
        struct effects effects;
        e = entry_open(w->entry[i], &job->arena, &h->entries[i]);
        if (e == ERR_OK)
            e = effects_open(h->entries[i].effects, &job->arena, &effects);
        if (e != ERR_OK || !is_of_our_size(&h->entries[i]))
            return ERR_WIRE;
        if (i > 0 && h->entries[i].seq <= h->entries[i - 1].seq)
            return ERR_PROTOCOL;
    }
    return ERR_OK;
}

static bool is_read_whole_by_all(const struct kind *k)
{
    bool whole = k && k->number != KIND_CONFLICT && !k->row_access;
    for (unsigned role = 0; role < ROLE_COUNT && whole; role++)
        whole = kind_access(k, NULL, 1u << role) == ACCESS_FULL;
    return whole;
}

/* Of what every role reads whole nobody was ever given a part: a branch's seat might else make up the district's settings. */
static bool was_never_stripped(const struct entry *e, struct arena *arena)
{
    struct effects effects;
    bool never = effects_open(e->effects, arena, &effects) == ERR_OK && effects.count > 0;
    for (size_t i = 0; i < effects.count && never; i++)
        never = is_read_whole_by_all(effects.list[i].kind);
    return never;
}

/* A stripped entry's hash does not cover what is left of it. Effects that we would never have shown this seat, or not in a stripped
 * entry, it has not from us: the entry keeps its place in the chain, as one that nobody could see. */
static void hide_unseen(struct hand_back *h, struct entry *e)
{
    struct entry seen = *e;
    if (!e->stripped || e->effects.size == 0)
        return;
    entry_strip(&seen, h->roles, &h->st->arena);
    if (slice_equal(seen.effects, e->effects) && !was_never_stripped(e, &h->st->arena))
        return;
    doubt_hide(e);
    h->hidden++;
}

/* Who gave what, for whoever doubts it later. Whole entries alone are an ordinary recovery. */
static void tell_taken(const struct hand_back *h)
{
    if (h->of_others || h->hidden)
        log_line(h->stripped || h->hidden ? LOG_WARN : LOG_INFO, h->seat, "writer", "org %u: seat %u handed back %zu entries that others wrote, %zu of them stripped; effects that it can't have seen: %zu",
                 h->org, h->seat, h->of_others, h->stripped, h->hidden);
}

/* Our mac is on the last one's chain hash; hashes lead back from it to the first, if each follows the one before. */
static bool is_one_chain(const struct hand_back *h)
{
    for (size_t i = 1; i < h->count; i++)
        if (!entry_follows(&h->entries[i], h->entries[i - 1].chain))
            return false;
    return true;
}

static void tell_doubted(const struct hand_back *h)
{
    log_error_of(h->seat, "writer", "org %u: seat %u handed back entries from %llu on and cannot prove that this server gave them: not believed", h->org,
              h->seat, (unsigned long long)h->entries[0].seq);
}

/* *on false: this and what follows can't be taken. */
static enum err take_entry(struct hand_back *h, const struct entry *given, bool *on)
{
    struct known_incarnation *author;
    struct entry mine = *given, *e = &mine;
    hide_unseen(h, e);
    enum err failed = doubt_author(h->st, &h->doubt, e);
    if (failed != ERR_OK)
        return failed;
    if (e->stripped)
        e->change = (struct slice){0}; /* its hash does not cover it */
    h->made = e->change;
    h->whole = !e->stripped;
    struct erasures known = control_erasures(h->st->control);
    h->less = erase_entry(&known, e, &h->st->arena); /* rule 29; its entry_hash was worked out from the whole */
    if (e->seq <= org_state_seq(h->log->state))
        return hand_back_fill(h, e); /* what stands here already is the proof */
    *on = h->proven;
    if (!*on) {
        tell_doubted(h);
        return ERR_OK;
    }
    bool lived = lineage_holds(&h->lineage, e->seq) && (!h->epoch_end || seq_epoch(e->seq) < h->epoch_end);
    *on = lived && entry_follows(e, org_state_chain(h->log->state));
    if (!*on)
        return ERR_OK;
    failed = hand_back_author(h->st, e, &author);
    if (failed != ERR_OK)
        return failed;
    if (author && cache_has(author, e->identity.n)) {
        log_warn("writer", "org %u: entry %llu handed back bears a change that another entry has decided", h->org, (unsigned long long)e->seq);
        *on = false;
        return ERR_OK;
    }
    failed = hand_back_append(h, e, author);
    *on = failed != ERR_FULL; /* what it leaves comes with the next one */
    if (failed == ERR_OK)
        hand_back_count(h, e);
    return *on ? failed : ERR_OK;
}

static enum err take_entries(struct hand_back *h)
{
    bool on = true;
    enum err e = store_meta_get(store_db(h->st->store), RECOVERY_EPOCH, &h->epoch_end);
    h->lineage = control_lineage(h->st->control, h->org, &h->st->arena);
    for (size_t i = 0; i < h->count && on && e == ERR_OK; i++)
        e = take_entry(h, &h->entries[i], &on);
    tell_taken(h);
    if (e == ERR_OK && h->done)
        e = store_recovery_heard(h->st->store, h->org, h->seat);
    return e;
}

/* With neither late_to nor a time it stays with its holder, who goes on; a revoked seat waits with it: it would be wiped. */
static enum err decline(const struct control *control, struct job *job, uint32_t org)
{
    const struct control_seat *seat = control_seat(control, job->seat);
    Wire__Taken taken = WIRE__TAKEN__INIT;
    taken.has_org = 1;
    taken.org = org;
    taken.has_retry_after_ms = seat && seat->state == SEAT_REVOKED;
    taken.retry_after_ms = taken.has_retry_after_ms ? DECLINED_AGAIN_MS : 0;
    log_error_of(job->seat, "writer", "org %u: what seat %u hands over late can't be dealt with: it stays on that device", org, job->seat);
    return step_answer(job, FRAME_TAKEN, &taken.base);
}

bool hand_back_decline(const struct control *control, struct job *job)
{
    ProtobufCMessage *m;
    if (job->type != JOB_HAND_BACK || wire_open(&wire__hand_back__descriptor, buf_slice(&job->request), &job->arena, &m) != ERR_OK)
        return false;
    const Wire__HandBack *w = (const Wire__HandBack *)m;
    return w->late && decline(control, job, w->org) == ERR_OK;
}

enum err hand_back_run(struct step *st, struct job *job)
{
    struct hand_back h = {.st = st};
    Wire__Taken taken = WIRE__TAKEN__INIT;
    const struct control_seat *seat = control_seat(st->control, job->seat);
    enum err e = open_entries(&h, job);
    bool malformed = e == ERR_WIRE || e == ERR_PROTOCOL;
    if (h.wire && (!seat || !control_org(st->control, h.org) || !control_in_subtree(st->control, h.org, seat->org)))
        e = ERR_PROTOCOL; /* a seat keeps its own org's log and those above */
    else if (malformed && h.wire && h.wire->late)
        return decline(st->control, job, h.org);
    if (e == ERR_OK)
        e = cache_org(st->cache, h.org, st->epoch, &h.log);
    if (e != ERR_OK)
        return e;
    h.seat = job->seat;
    h.roles = seat->roles;
    h.proven = job->proven && is_one_chain(&h);
    struct hand_over over = {h.wire, h.log, h.entries, h.count, h.proven, h.seat};
    if (h.wire->late && h.count && !h.proven)
        tell_doubted(&h);
    if (h.wire->late)
        e = hand_over_run(st, &over, &taken);
    else if (h.log->recovering)
        e = take_entries(&h);
    if (e == ERR_PROTOCOL && h.wire->late) /* nothing was touched */
        return decline(st->control, job, h.org);
    if (e != ERR_OK)
        return e;
    taken.has_org = taken.has_seq = 1;
    taken.org = h.org;
    taken.seq = org_state_seq(h.log->state);
    return step_answer(job, FRAME_TAKEN, &taken.base);
}
