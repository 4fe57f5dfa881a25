/* Entries that the server lost and a client kept (rule 25), taken verbatim: same seq, identity, verdict, numbers. Nothing is decided
 * again; n becomes processed. Only while the org recovers, only along the lineage, only where the chain fits link by link. What can't
 * be taken (out of recovery, off the lineage) is left with the client: the answer says where the server stands. What it hands over late,
 * recovery having ended, is decided (writer_hand_over.c), if it is as proven.
 * What is trusted: a chain head with our own mac (job->proven), and every entry that the chain leads back to from there. So each
 * HAND_BACK stands by itself: its last entry bears the mac, the whole of it is one chain, and nothing need be held back until a
 * later one proves it. Of a stripped entry the chain covers its place and entry_hash, not what is left of its content: its effects
 * are taken only as far as the sender can have got them from us (PROTOCOL.md 21). */
#include "server/writer/writer_step.h"

#include "base/limits.h"
#include "base/log.h"
#include "server/recovery/recovery.h"
#include "server/store/store_control.h"
#include "sync/accept.h"
#include "sync/chain.h"
#include "sync/derived_id.h"
#include "wire/wire.h"

#include <string.h>

struct hand_back {
    struct step *st;
    uint32_t org;
    struct known_org *log;
    struct lineage lineage;
    int64_t epoch_end; /* what this recovery ends in, if other orgs' has ended: the org has no entry of it yet; else 0 */
    struct entry *entries;
    size_t count;
    bool done;
    const Wire__HandBack *wire;
    bool proven;   /* all of it is what we gave once */
    uint32_t seat; /* who hands back */
    role_set roles;
    struct slice made; /* the change of the entry at hand, as it came */
    bool whole;        /* the entry at hand, as it came: its hash covers what it says */
    bool less;         /* erased values have gone from it */
    size_t followed;   /* erasures that it has brought */
    struct doubt doubt;
    size_t of_others, stripped, hidden; /* taken: entries that it did not write; of those, how many we can't check; without effects */
};

/* A change, what it did to its row, what conflicts kept of both: no entry that we made is larger, and every reader has to get it in
 * one frame. */
#define ENTRY_SIZE_MAX (8u * LIMIT_RECORD)

#define DECLINED_AGAIN_MS 3600000 /* somebody has to look at the server first */

#define FOLLOWED_MAX 64u /* erasures that one HAND_BACK may bring: each reads control data anew */

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

/* The record that the line stands for: the change's; of a stripped entry what its first effect names. */
static void name_record(const struct entry *e, struct arena *arena, struct store_entry *line)
{
    struct change change;
    struct effects effects;
    if (e->change.size && change_open(e->change, arena, &change) == ERR_OK) {
        line->kind = change.kind_number;
        line->record = change.id;
    } else if (e->effects.size && effects_open(e->effects, arena, &effects) == ERR_OK && effects.count) {
        line->kind = effects.list[0].kind_number;
        line->record = effects.list[0].id;
    }
}

/* The author's incarnation, where the entry tells; its parent comes with its next push. */
static enum err find_incarnation(struct step *st, const struct entry *e, struct known_incarnation **out)
{
    struct known_seat *seat;
    *out = NULL;
    if (e->identity.n == 0)
        return ERR_OK;
    enum err failed = cache_seat(st->cache, e->identity.seat, &seat);
    if (failed != ERR_OK)
        return failed;
    *out = cache_incarnation(seat, e->identity.incarnation);
    if (!*out) /* its first entry here */
        failed = control_explain_seat(st->control, e->identity.seat, st->now_ms);
    if (failed != ERR_OK)
        return failed;
    struct store_incarnation about = {.seat = e->identity.seat, .incarnation = e->identity.incarnation};
    return *out ? ERR_OK : cache_put_incarnation(st->cache, seat, &about, out);
}

static enum err load_rows(struct step *st, uint32_t org, const struct entry *e)
{
    struct scratch_keys missing = {.count = 0};
    for (;;) {
        accept_keys(e, org, st->scratch, &st->arena, &missing);
        if (missing.count == 0)
            return ERR_OK;
        enum err failed = step_load(st, &missing);
        if (failed != ERR_OK)
            return failed;
    }
}

/* By what it was: what was erased from a change is of its identity still. */
static enum err note_taken(struct hand_back *h, struct store_entry line)
{
    line.entry.change = h->made;
    return cache_note_taken(h->st->cache, &line);
}

/* Of a stripped entry the chain does not cover what it says: it is believed where the record's id says the same. */
static bool is_sure(const struct hand_back *h, const struct effect *e)
{
    struct id made;
    return h->whole || (derived_id(e->kind, h->org, e->patch, &made) && id_equal(made, e->id));
}

static bool is_of_this_org(const struct hand_back *h, const struct effect *e)
{
    const struct scratch_row *row = scratch_look(h->st->scratch, e->kind_number, e->id);
    return row && (row->seq == 0 || row->org == h->org);
}

/* Of a proven entry alone, its rows loaded: an erasure is for good. ERR_FULL: this hand-back has brought as many as may be. */
static enum err follow_persons(struct hand_back *h, const struct entry *e)
{
    struct effects effects;
    struct erased_fields all, before;
    struct erasures known = control_erasures(h->st->control);
    enum err failed = control_erases_anything(h->st->control) ? effects_open(e->effects, &h->st->arena, &effects) : ERR_NOT_FOUND;
    for (size_t i = 0; failed == ERR_OK && i < effects.count; i++) {
        const struct effect *x = &effects.list[i];
        if (!x->kind || !erase_follows(&known, x->kind, x->patch, &h->st->arena, &all) || known.find(known.to, x->kind_number, x->id, &before))
            continue;
        if (!h->less && !erase_is_same(&known, x->kind, x->patch))
            continue; /* it is about the person, and says nothing that has to go */
        if (!is_sure(h, x) || !is_of_this_org(h, x))
            continue;
        struct followed record = {.org = h->org, .kind = x->kind_number, .id = x->id, .fields = all};
        failed = h->followed++ < FOLLOWED_MAX ? follow_now(h->st, &record) : ERR_FULL;
    }
    return failed == ERR_NOT_FOUND ? ERR_OK : failed;
}

static enum err append(struct hand_back *h, const struct entry *e, struct known_incarnation *author)
{
    struct step *st = h->st;
    struct store_entry line = {.org = h->org, .entry = *e, .incarnation_row = author ? author->about.row : 0};
    enum err failed = load_rows(st, h->org, e);
    if (failed == ERR_OK)
        failed = follow_persons(h, e);
    if (failed == ERR_OK)
        failed = accept_verbatim(e, h->org, st->scratch, h->log->state, &st->arena);
    if (failed != ERR_OK)
        return failed == ERR_WIRE || failed == ERR_CHAIN ? ERR_BUG : failed; /* looked at before */
    name_record(e, &st->arena, &line);
    cache_touch(st->cache, h->log);
    failed = store_put_entry(st->store, &line);
    if (failed == ERR_OK)
        failed = note_taken(h, line);
    if (failed == ERR_OK && author)
        cache_processed(author, e->identity.n);
    st->changes++;
    return failed;
}

static bool is_fuller(const struct entry *mine, const struct entry *theirs)
{
    if (!mine->stripped)
        return false;
    return !theirs->stripped || theirs->effects.size > mine->effects.size || (mine->identity.n == 0 && theirs->identity.n > 0);
}

static void count_taken(struct hand_back *h, const struct entry *e)
{
    bool of_other = e->identity.n == 0 || e->identity.seat != h->seat;
    h->of_others += of_other;
    h->stripped += of_other && e->stripped;
}

/* An entry that the server has: a fuller copy fills what a stripped one left out. */
static enum err fill(struct hand_back *h, const struct entry *e)
{
    struct entry mine;
    struct known_incarnation *author;
    uint8_t before[CHAIN_SIZE];
    struct step *st = h->st;
    enum err failed = store_read_entry(st->store, h->org, e->seq, &st->arena, &mine);
    if (failed == ERR_NOT_FOUND || (failed == ERR_OK && !is_fuller(&mine, e)))
        return ERR_OK;
    if (failed == ERR_OK)
        failed = store_read_chain_before(st->store, h->org, e->seq, before);
    if (failed != ERR_OK)
        return failed;
    if (memcmp(mine.chain, e->chain, CHAIN_SIZE) != 0 || !entry_follows(e, before))
        return ERR_OK; /* of another path */
    failed = find_incarnation(st, e, &author);
    if (failed != ERR_OK)
        return failed;
    struct store_entry line = {.org = h->org, .entry = *e, .incarnation_row = author ? author->about.row : 0};
    count_taken(h, e);
    name_record(e, &st->arena, &line);
    failed = load_rows(st, h->org, e);
    if (failed == ERR_OK)
        failed = follow_persons(h, e);
    if (failed == ERR_FULL)
        return ERR_OK; /* it stays as it is */
    if (failed == ERR_OK)
        failed = fill_rows_from(st, e, h->org, h->log->state);
    if (failed == ERR_OK)
        failed = store_fill_entry(st->store, &line);
    if (failed == ERR_OK)
        failed = note_taken(h, line);
    if (failed == ERR_OK && author)
        cache_processed(author, e->identity.n);
    cache_touch(st->cache, h->log);
    st->changes++;
    return failed;
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
        return fill(h, e); /* what stands here already is the proof */
    *on = h->proven;
    if (!*on) {
        tell_doubted(h);
        return ERR_OK;
    }
    bool lived = lineage_holds(&h->lineage, e->seq) && (!h->epoch_end || seq_epoch(e->seq) < h->epoch_end);
    *on = lived && entry_follows(e, org_state_chain(h->log->state));
    if (!*on)
        return ERR_OK;
    failed = find_incarnation(h->st, e, &author);
    if (failed != ERR_OK)
        return failed;
    if (author && cache_has(author, e->identity.n)) {
        log_warn("writer", "org %u: entry %llu handed back bears a change that another entry has decided", h->org, (unsigned long long)e->seq);
        *on = false;
        return ERR_OK;
    }
    failed = append(h, e, author);
    *on = failed != ERR_FULL; /* what it leaves comes with the next one */
    if (failed == ERR_OK)
        count_taken(h, e);
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
