/* What a round brings to the writer: pushes, entries handed back, reports; and the end of a revoked seat. PROTOCOL.md
 * "A round", "Revoked"; rules 4, 25, 32. */
#include "server/session/session_frames.h"
#include "base/limits.h"
#include "base/log.h"
#include "sync/origin.h"

static void put_payload(struct session *s, enum job_type type, struct slice payload, bool proven)
{
    struct job *job = session_job(s, type);
    if (!job)
        return;
    job->proven = proven;
    buf_append_slice(&job->request, payload);
    session_put_job(s, job);
}

/* ---- changes of others in a push: whether those made them is looked at here, where all other sessions wait meanwhile ---- */

struct proofs {
    struct session *s;
    const Wire__Push *push;
    struct tls_seat_keys *keys; /* NULL until the first is asked for */
};

static struct tls_seat_keys *keys_of(struct proofs *p)
{
    if (p->keys)
        return p->keys;
    p->keys = authority_seat_keys(p->s->serving->authority);
    for (size_t i = 0; i < p->push->n_certificate && i < LIMIT_MAKERS_PUSH; i++)
        tls_seat_keys_add(p->keys, slice_of(p->push->certificate[i].data, p->push->certificate[i].len));
    return p->keys;
}

/* Whose maker is not of the sender's org is refused for that, whatever stands in it: no signature is looked at. */
static bool origin_holds(struct proofs *p, uint32_t seat, const struct change_origin *origin)
{
    const struct control_seat *maker = control_seat(p->s->serving->control, seat);
    return maker && maker->org == session_who(p->s)->org &&
           authority_proves_origin(p->s->serving->authority, seat, origin, keys_of(p));
}

/* One that does not hold, or cannot be read, speaks against all of them: no client that looked at the file first sends such. */
static bool origins_hold(struct proofs *p)
{
    bool hold = true;
    for (size_t i = 0; hold && i < p->push->n_sent; i++) {
        struct slice change = slice_of(p->push->sent[i]->change.data, p->push->sent[i]->change.len);
        struct change_origin origin;
        enum err e = origin_find(change, session_arena(p->s), &origin);
        hold = e == ERR_NOT_FOUND || (e == ERR_OK && origin_holds(p, change_for_seat(change), &origin));
    }
    tls_seat_keys_close(p->keys);
    p->keys = NULL;
    return hold;
}

static size_t count_of_others(const Wire__Push *push)
{
    size_t count = 0;
    for (size_t i = 0; i < push->n_sent; i++)
        count += change_for_seat(slice_of(push->sent[i]->change.data, push->sent[i]->change.len)) != 0;
    return count;
}

/* False and cut off: more than the loop may be held by. */
static bool may_prove(struct session *s, size_t count)
{
    if (count == 0)
        return true;
    if (count > LIMIT_ORIGINS_PUSH)
        session_refuse(s, err_name(ERR_PROTOCOL), "a push with too many changes that other seats made", ERR_PROTOCOL);
    else if (++s->proving > LIMIT_PUSHES_IN_FLIGHT)
        session_refuse(s, err_name(ERR_FULL), "too many pushes for other seats at once: wait for the answers", ERR_PROTOCOL);
    else
        return true;
    return false;
}

void session_take_push(struct session *s, const ProtobufCMessage *m, struct slice payload)
{
    const Wire__Push *push = (const Wire__Push *)m;
    struct proofs proofs = {.s = s, .push = push};
    if (push->n_sent > LIMIT_CHANGES_PUSH || push->incarnation.len != INCARNATION_SIZE) {
        session_refuse(s, err_name(ERR_PROTOCOL), "a push over its limit or without its incarnation", ERR_PROTOCOL);
        return;
    }
    size_t others = count_of_others(push);
    if (may_prove(s, others))
        put_payload(s, JOB_PUSH, payload, others > 0 && origins_hold(&proofs)); /* no origin without a for_seat */
}

static bool ends_in_our_head(struct session *s, const Wire__HandBack *back)
{
    const Wire__Entry *last = back->n_entry ? back->entry[back->n_entry - 1] : NULL;
    return last && session_gave_head(s, back->org, last->seq, last->chain, last->head_mac);
}

void session_take_hand_back(struct session *s, const ProtobufCMessage *m, struct slice payload)
{
    const Wire__HandBack *back = (const Wire__HandBack *)m;
    if (!session_keeps(s, back->org)) {
        session_refuse(s, err_name(ERR_PROTOCOL), "entries of an org that this seat does not keep", ERR_PROTOCOL);
        return;
    }
    put_payload(s, JOB_HAND_BACK, payload, ends_in_our_head(s, back));
}

/* The device saw another past than this server has: who holds the key of the heads rewrote it, or the device lies. */
static void tell_rewritten(const struct session *s, const Wire__Report *report)
{
    if (report->rewritten)
        log_error_of(s->seat, "session", "seat %u holds chain heads that the log of org %u contradicts, behind entry %llu and up to entry %llu: banyand verify --heads",
                  s->seat, report->rewritten_org, (unsigned long long)report->rewritten_after, (unsigned long long)report->rewritten_seq);
}

void session_put_contact(struct session *s, const Wire__Report *report, const struct session_heard *hello)
{
    struct job *job = session_job(s, JOB_CONTACT);
    if (!job)
        return;
    for (size_t i = 0; i < hello->count; i++)
        job->heard[job->heard_count++] = hello->orgs[i];
    job->epoch_seen = hello->epoch_seen;
    job->incarnation = s->incarnation;
    job->clock_off_ms = clock_watch_off(&s->serving->clock);
    if (report) {
        tell_rewritten(s, report);
        job->report = arena_alloc(&job->arena, sizeof *job->report);
        CHECK(job->report);
        *job->report = *report; /* numbers alone */
        job->report->base.n_unknown_fields = 0;
        job->report->base.unknown_fields = NULL;
    }
    session_put_job(s, job);
}

/* A revoked seat whose queue is empty has nothing left to give, once what it gave is decided and written. */
void session_take_report(struct session *s, const ProtobufCMessage *m, struct slice payload)
{
    const Wire__Report *report = (const Wire__Report *)m;
    (void)payload;
    session_put_contact(s, report, &(struct session_heard){0});
    if (s->state == SESSION_HANDING_OVER && report->queued == 0 && s->handing == 0)
        session_send_wipe(s);
}
