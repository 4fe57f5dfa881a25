/* A peer with a certificate of this district's CA whose seat the control data do not know: a restore lost them. It is refused as ever
 * (SEAT_UNKNOWN), and noted, so that whoever runs the district learns of it and can take it in again (banyand seat adopt). */
#include "server/session/session_frames.h"
#include "server/store/store_control.h"
#include "wire/wire.h"

#include <string.h>

#define NOTE_AGAIN_MS 60000 /* a device that calls in a loop costs a look, no commit */

/* A seat keeps its own org's rows and those of the orgs above, which have smaller numbers. */
static uint32_t home_of(const Wire__Hello *hello)
{
    uint32_t home = 0;
    for (size_t i = 0; i < hello->n_position; i++)
        home = hello->position[i]->org > home ? hello->position[i]->org : home;
    return home;
}

static void read_hello(struct session *s, struct slice payload, struct control_stranger *x)
{
    ProtobufCMessage *m;
    arena_reset(session_arena(s));
    if (wire_open(frame_descriptor(FRAME_HELLO), payload, session_arena(s), &m) != ERR_OK)
        return; /* who it is its certificate says */
    x->org = home_of((const Wire__Hello *)m);
    x->queued = ((const Wire__Hello *)m)->report ? ((const Wire__Hello *)m)->report->queued : 0;
}

static bool was_noted_lately(struct session *s, const struct control_stranger *x)
{
    int64_t last_ms;
    return store_control_stranger_called(store_db(s->serving->store), x, &last_ms) == ERR_OK && last_ms > 0 &&
           last_ms <= x->last_ms && x->last_ms - last_ms < NOTE_AGAIN_MS;
}

void session_note_stranger(struct session *s, enum frame_type type, struct slice payload)
{
    struct tls_cert_facts facts;
    /* One whose clock is behind says HELLO with a certificate that has ended. */
    bool awaited = s->state == SESSION_AWAIT_HELLO || s->state == SESSION_AWAIT_RENEW;
    bool first = awaited && (type == FRAME_HELLO || type == FRAME_RENEW);
    if (!first || session_who(s) || !s->out->certificate || s->out->certificate(s->to, &facts) != ERR_OK || facts.seat == 0 || facts.seat != s->seat)
        return;
    struct control_stranger x = {.seat = facts.seat, .certificate_ends_ms = facts.ends_ms, .last_ms = s->serving->now_ms()};
    memcpy(x.key_hash, facts.key_hash, sizeof x.key_hash);
    memcpy(x.serial, facts.serial, sizeof x.serial);
    if (type == FRAME_HELLO)
        read_hello(s, payload, &x);
    struct job *job = was_noted_lately(s, &x) ? NULL : session_job(s, JOB_STRANGER);
    if (!job)
        return;
    job->stranger = arena_alloc(&job->arena, sizeof *job->stranger);
    CHECK(job->stranger);
    *job->stranger = x;
    session_put_job(s, job);
}
