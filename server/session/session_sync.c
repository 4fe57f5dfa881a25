/* What a round brings to the writer: pushes, entries handed back, reports; and the end of a revoked seat. PROTOCOL.md
 * "A round", "Revoked"; rules 4, 25, 32. */
#include "server/session/session_frames.h"
#include "base/limits.h"
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

#define CERTIFICATES_MAX 16u /* of a push: who left an org lately */

static bool origin_holds(struct session *s, const Wire__Push *push, uint32_t seat, const struct change_origin *origin)
{
    for (size_t i = 0; i < push->n_certificate && i < CERTIFICATES_MAX; i++)
        if (authority_proves_origin(s->serving->authority, seat, origin, slice_of(push->certificate[i].data, push->certificate[i].len)))
            return true;
    return false;
}

/* One that does not hold speaks against all of them: no client that looked at the file first sends such. */
static bool origins_hold(struct session *s, const Wire__Push *push)
{
    for (size_t i = 0; i < push->n_sent; i++) {
        struct slice change = slice_of(push->sent[i]->change.data, push->sent[i]->change.len);
        struct change_origin origin;
        if (origin_find(change, session_arena(s), &origin) && !origin_holds(s, push, change_for_seat(change), &origin))
            return false;
    }
    return true;
}

void session_take_push(struct session *s, const ProtobufCMessage *m, struct slice payload)
{
    const Wire__Push *push = (const Wire__Push *)m;
    if (push->n_sent > LIMIT_CHANGES_PUSH || push->incarnation.len != INCARNATION_SIZE) {
        session_refuse(s, err_name(ERR_PROTOCOL), "a push over its limit or without its incarnation", ERR_PROTOCOL);
        return;
    }
    put_payload(s, JOB_PUSH, payload, origins_hold(s, push));
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

void session_put_contact(struct session *s, const Wire__Report *report, bool level, uint32_t epoch_seen)
{
    struct job *job = session_job(s, JOB_CONTACT);
    if (!job)
        return;
    job->level = level;
    job->epoch_seen = epoch_seen;
    if (report) {
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
    session_put_contact(s, report, false, 0);
    if (s->state == SESSION_HANDING_OVER && report->queued == 0 && s->handing == 0)
        session_send_wipe(s);
}
