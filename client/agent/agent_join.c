/* Joining on the network: joining.h on a stream that is pinned to the CA of the code, with a deadline, and the first
 * round after it. */
#include "client/agent/agent_inner.h"
#include "client/agent/joining.h"
#include "base/clock.h"
#include "base/limits.h"
#include "base/log.h"

#define JOIN_MS 30000

struct call {
    struct joining *joining;
    struct net *net;
    struct net_timer *deadline;
    struct stream *stream; /* NULL: over */
    struct agent_result *result;
};

/* ---- callbacks ---- */

static void on_up(void *to)
{
    struct call *c = to;
    struct buf ca = BUF_INIT, frame = BUF_INIT;
    enum err e = tls_peer_ca(stream_tls(c->stream), &ca);
    if (e == ERR_OK)
        e = joining_up(c->joining, buf_slice(&ca), clock_now_ms(), &frame);
    if (e == ERR_OK)
        e = stream_send_packed(c->stream, buf_slice(&frame));
    if (e != ERR_OK)
        stream_close(c->stream, e, "");
    buf_finish(&frame);
    buf_finish(&ca);
}

static void on_frame(void *to, enum frame_type type, struct slice payload)
{
    struct call *c = to;
    stream_close(c->stream, joining_take(c->joining, type, payload, clock_now_ms()), "");
}

static void on_closed(void *to, enum err why, const char *detail)
{
    struct call *c = to;
    c->stream = NULL;
    c->result->why = joining_refusal(c->joining, &c->result->text);
    if (!joining_is_answered(c->joining) && c->result->why == ERR_OK) {
        c->result->why = why == ERR_OK ? ERR_CUT : why;
        agent_explain(AGENT_QUESTION, c->result->why, detail, joining_server(c->joining), &c->result->text);
    }
    net_stop(c->net);
}

static void on_deadline(void *to)
{
    struct call *c = to;
    if (c->stream)
        stream_close(c->stream, ERR_TIMEOUT, "");
}

/* ---- steps ---- */

static enum err call_server(struct call *c)
{
    static const struct stream_events events = {.on_up = on_up, .on_frame = on_frame, .on_closed = on_closed};
    struct tls_context *tls;
    struct slice none = {0};
    enum err e = tls_context_client(none, none, none, joining_pin(c->joining), &tls);
    if (e != ERR_OK)
        return e;
    if ((e = net_create(&c->net)) == ERR_OK) {
        c->deadline = net_timer_create(c->net, on_deadline, c);
        net_timer_arm(c->deadline, JOIN_MS);
        e = stream_connect(c->net, joining_server(c->joining), tls, none, none, &events, c, &c->stream);
        if (e == ERR_OK)
            net_run(c->net);
        net_timer_destroy(c->deadline);
        net_destroy(c->net);
    }
    tls_context_destroy(tls);
    return e;
}

/* The seat is there; that its rows are not yet is no failure of joining. */
static void first_round(const char *dir, const struct agent_options *options)
{
    struct replica *r;
    struct agent_result result = {0};
    enum err e = replica_open(dir, clock_now_ms(), &r);
    if (e == ERR_OK) {
        agent_first_round(r, options, &result);
        e = result.why;
        replica_close(r);
    }
    if (e != ERR_OK)
        log_warn("join", "the first round could not be finished: %s", err_text(e));
    agent_result_finish(&result);
}

void agent_join(const char *dir, const char *text, const struct agent_options *options, struct agent_joined *out,
                struct agent_result *result)
{
    struct call c = {.result = result};
    agent_result_finish(result);
    arena_finish(&out->arena);
    arena_init(&out->arena, LIMIT_ARENA);
    enum err e = joining_open(dir, text, out, &c.joining, &result->text);
    if (e == ERR_OK)
        e = call_server(&c);
    if (e == ERR_OK && joining_is_answered(c.joining))
        e = joining_keep(c.joining);
    joining_close(c.joining);
    if (e != ERR_OK && result->text.size == 0)
        replica_explain(e, dir, &result->text);
    result->why = result->why == ERR_OK ? e : result->why;
    if (result->why == ERR_OK)
        first_round(dir, options);
}
