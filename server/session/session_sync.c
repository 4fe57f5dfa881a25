/* What a round brings to the writer: pushes, entries handed back, reports; and the end of a revoked seat. PROTOCOL.md
 * "A round", "Revoked"; rules 4, 25, 32. */
#include "server/session/session_frames.h"
#include "base/limits.h"

static void put_payload(struct session *s, enum job_type type, struct slice payload, bool proven)
{
    struct job *job = session_job(s, type);
    if (!job)
        return;
    job->proven = proven;
    buf_append_slice(&job->request, payload);
    session_put_job(s, job);
}

void session_take_push(struct session *s, const ProtobufCMessage *m, struct slice payload)
{
    const Wire__Push *push = (const Wire__Push *)m;
    if (push->n_sent > LIMIT_CHANGES_PUSH || push->incarnation.len != INCARNATION_SIZE) {
        session_refuse(s, err_name(ERR_PROTOCOL), "a push over its limit or without its incarnation", ERR_PROTOCOL);
        return;
    }
    put_payload(s, JOB_PUSH, payload, false);
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
