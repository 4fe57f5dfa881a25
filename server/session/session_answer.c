/* How a session answers, and how it hands work to the writer.
 * Invariant: whatever goes wrong is told in one of three ways: an ERROR that ends the request, one that ends the
 * connection by the peer's fault, or one that says no more than that the server has a problem. */
#include "server/session/session_frames.h"
#include "base/limits.h"
#include "base/log.h"

#include <stdlib.h>
#include <string.h>

/* Requests of one session that may wait for the writer, so that nobody fills its queue alone: pushes, and what a client
 * says beside them (hello, reports, entries handed back). */
#define JOBS_MAX (LIMIT_PUSHES_IN_FLIGHT + 6u)

struct arena *session_arena(struct session *s)
{
    return &s->serving->arena;
}

void *session_make(struct session *s, size_t size)
{
    return arena_alloc(session_arena(s), size);
}

ProtobufCBinaryData session_bytes(struct session *s, struct slice bytes)
{
    struct slice held = arena_copy(session_arena(s), bytes);
    return (ProtobufCBinaryData){held.size, (uint8_t *)held.data};
}

/* ---- answers ---- */

void session_send(struct session *s, enum frame_type type, const ProtobufCMessage *message)
{
    if (s->state == SESSION_CLOSING)
        return;
    enum err e = s->out->send(s->to, type, message);
    if (e != ERR_OK && e != ERR_CUT)
        log_warn_of(s->seat, "session", "seat %u: %s not sent: %s", s->seat, frame_name(type), err_text(e));
}

/* What the peer's wire check would refuse is not sent. */
static bool repeats_too_much(const ProtobufCMessage *m)
{
    for (unsigned i = 0; i < m->descriptor->n_fields; i++) {
        const ProtobufCFieldDescriptor *f = &m->descriptor->fields[i];
        if (f->label == PROTOBUF_C_LABEL_REPEATED &&
            *(const size_t *)((const uint8_t *)m + f->quantifier_offset) > LIMIT_REPEATED)
            return true;
    }
    return false;
}

void session_answer(struct session *s, uint32_t number, enum frame_type type, const ProtobufCMessage *message)
{
    if (!repeats_too_much(message) && protobuf_c_message_get_packed_size(message) < LIMIT_FRAME) {
        session_send(s, type, message);
        return;
    }
    log_warn_of(s->seat, "session", "seat %u: %s would not go into one frame", s->seat, frame_name(type));
    session_answer_error(s, number, "TOO_LARGE", "the answer is too long: ask for a part of it", NULL);
}

void session_answer_error(struct session *s, uint32_t number, const char *code, const char *text, const char *field)
{
    Wire__Error error = WIRE__ERROR__INIT;
    error.has_number = 1;
    error.number = number;
    error.code = (char *)code;
    error.text = (char *)text;
    error.field = (char *)field;
    session_send(s, FRAME_ERROR, &error.base);
}

void session_refuse(struct session *s, const char *code, const char *text, enum err why)
{
    if (s->state == SESSION_CLOSING)
        return;
    log_info_of(s->seat, "session", "seat %u cut off: %s", s->seat, code);
    session_move(s, SESSION_CLOSING, code);
    s->out->refuse(s->to, code, text, why);
}

void session_fail(struct session *s, const char *where, enum err e)
{
    if (err_class(e) == ERR_CLASS_PEER || err_class(e) == ERR_CLASS_REFUSED) {
        session_refuse(s, err_name(e), err_text(e), e);
        return;
    }
    const char *detail = store_detail(s->serving->store);
    log_error_of(s->seat, "session", "seat %u: %s: %s%s%s%s", s->seat, where, err_text(e), *detail ? " (" : "", detail, *detail ? ")" : "");
    if (s->seat && (e == ERR_DISK_FULL || e == ERR_IO))
        session_refuse(s, "SERVER_DISK", "the server can't write to its disk; try again later", ERR_BUSY);
    else
        session_refuse(s, "SERVER", "the server has a problem of its own; try again later", ERR_BUSY);
}

void session_end(struct session *s, const char *cause)
{
    if (s->state == SESSION_CLOSING)
        return;
    session_move(s, SESSION_CLOSING, cause);
    s->out->close(s->to);
}

/* ---- jobs for the writer ---- */

struct job *session_job(struct session *s, enum job_type type)
{
    if (s->jobs >= JOBS_MAX) {
        session_refuse(s, err_name(ERR_FULL), "too many requests in flight", ERR_PROTOCOL);
        return NULL;
    }
    struct job *job = calloc(1, sizeof *job);
    CHECK(job);
    job->type = type;
    job->session = s->id;
    job->seat = s->seat;
    arena_init(&job->arena, LIMIT_ARENA);
    memcpy(job->version, s->version, sizeof job->version);
    return job;
}

void job_free(struct job *job)
{
    buf_finish(&job->request);
    buf_finish(&job->answer);
    arena_finish(&job->arena);
    free(job);
}

static bool is_handing(enum job_type type)
{
    return type == JOB_PUSH || type == JOB_HAND_BACK;
}

void session_answer_read(struct session *s, enum frame_type type, const ProtobufCMessage *message, const struct control_reading *reading)
{
    struct job *job = session_job(s, JOB_READING);
    if (!job)
        return;
    job->reading = arena_alloc(&job->arena, sizeof *job->reading);
    CHECK(job->reading);
    *job->reading = *reading;
    job->reading->roles = arena_text(&job->arena, slice_text(reading->roles));
    job->reading->fields = arena_text(&job->arena, slice_text(reading->fields));
    CHECK(job->reading->roles && job->reading->fields);
    if (frame_put(&job->request, type, message) == ERR_OK) {
        session_put_job(s, job);
        return;
    }
    job_free(job); /* a member's file is far below a frame */
    session_fail(s, "reading", ERR_TOO_LONG);
}

void session_put_job(struct session *s, struct job *job)
{
    bool handing = is_handing(job->type); /* once put it is the writer's */
    enum err e = s->serving->put_job(s->serving->put_to, job);
    if (e != ERR_OK) {
        job_free(job);
        session_refuse(s, "BUSY", "the server is busy; try again later", e);
        return;
    }
    s->jobs++;
    s->handing += handing;
}

void session_job_done(struct session *s, struct job *job)
{
    CHECK(s->jobs > 0);
    s->jobs--;
    s->handing -= is_handing(job->type);
    if (job->failed != ERR_OK)
        session_fail(s, "writer", job->failed);
    else if (job->answer.size > 0 && s->state != SESSION_CLOSING)
        (void)s->out->send_packed(s->to, buf_slice(&job->answer)); /* a cut peer asks again */
    job_free(job);
}
