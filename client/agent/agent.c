/* One round, and questions of commands: a loop that lives as long as they take. See agent.h.
 * A round may take several sessions: a PSK that is no longer taken, a certificate that must be renewed first, a seat that was
 * revoked in mid-session and hands over in the next one. */
#include "client/agent/agent_inner.h"
#include "client/agent/agent_words.h"
#include "client/agent/key_files.h"
#include "base/clock.h"
#include "base/limits.h"
#include "base/tr.h"
#include "net/stream.h"

#include <string.h>

#define SESSIONS_MAX 4      /* of one round */
#define BESIDE_POLL_MS 100
#define BESIDE_MS 60000
#define LOCK_TRIES 5

void agent_result_finish(struct agent_result *result)
{
    buf_finish(&result->text);
    *result = (struct agent_result){0};
}

void agent_failed(struct replica *r, enum agent_errand errand, enum err why, const char *detail, struct agent_result *result)
{
    struct replica_facts f;
    result->why = why == ERR_FRAME_TORN ? ERR_CUT : why; /* here a torn frame is nobody's fault: the line was cut in the middle */
    result->text.size = 0;
    bool of_files = why == ERR_NOT_FOUND || why == ERR_FOREIGN || why == ERR_CERTIFICATE || why == ERR_WIRE || why == ERR_CORRUPT;
    if (of_files && key_files_explain(replica_dir(r), &result->text))
        return;
    agent_explain(errand, why, detail ? detail : "", replica_facts(r, &f) == ERR_OK ? f.server : "", &result->text);
}

void agent_ended(struct replica *r, enum agent_errand errand, struct dial *d, const struct dial_end *end, struct agent_result *result)
{
    const struct link *l = dial_link(d);
    result->why = ERR_OK;
    result->text.size = 0;
    if (end->why != ERR_OK) {
        agent_failed(r, errand, end->why, end->detail, result);
    } else if (link_progress(l) == LINK_FAILED || link_progress(l) == LINK_PUT_OFF) {
        result->why = link_failure(l);
        buf_text(&result->text, link_text(l));
    }
}

/* ---- one session after the other ---- */

struct session_run {
    struct replica *r;
    enum agent_errand errand;
    struct net *net;
    struct net_timer *deadline; /* NULL: none */
    struct dial *dial;          /* NULL: none */
    struct dial_files files;
    struct link_options link;
    enum frame_type ask_type;   /* FRAME_NONE: none */
    ProtobufCMessage *ask;
    link_on_answer *on_answer;
    void *to;
    const struct agent_options *options; /* NULL: the usual */
    struct agent_result *result;
    struct agent_result answer;  /* what an answer said no to */
    enum link_progress progress; /* of the last session */
    bool retry;                  /* the server wants another session at once */
    bool over_time;
};

static void on_end(void *to, struct dial *d, const struct dial_end *end)
{
    struct session_run *s = to;
    s->dial = NULL;
    s->progress = link_progress(dial_link(d));
    agent_ended(s->r, s->errand, d, end, s->result);
    if (s->result->why == ERR_OK && s->answer.why != ERR_OK) {
        agent_result_finish(s->result);
        *s->result = s->answer;
        s->answer = (struct agent_result){0};
    }
    s->retry = end->why == ERR_OK && s->progress == LINK_FAILED && link_retry_after_ms(dial_link(d)) == 1;
    if (end->why == ERR_OK && s->progress == LINK_WIPE) {
        agent_wipe(s->r, link_wipe(dial_link(d)), buf_slice(&s->files.ca), s->result);
        s->retry = s->result->why == ERR_BUSY;
    }
    net_stop(s->net);
}

static void on_deadline(void *to)
{
    struct session_run *s = to;
    s->over_time = true;
    if (s->dial)
        dial_hang_up(s->dial);
}

static void on_answer(void *to, enum frame_type type, const ProtobufCMessage *m)
{
    struct session_run *s = to;
    if (s->deadline) /* a long answer comes in pages: each begins the time anew */
        net_timer_arm(s->deadline, (uint64_t)s->options->deadline_ms);
    if (type == FRAME_ERROR) {
        s->answer.why = ERR_REFUSED;
        s->answer.text.size = 0;
        agent_explain_error((const Wire__Error *)m, &s->answer.text);
    } else if (type == FRAME_RENEWED) {
        s->answer.why = agent_take_renewed(s->r, (const Wire__Renewed *)m);
    } else if (s->on_answer) {
        s->on_answer(s->to, type, m);
    }
}

static void on_progress(void *to, const char *what, uint64_t done, uint64_t total)
{
    struct session_run *s = to;
    if (s->options && s->options->on_progress)
        s->options->on_progress(s->options->to, what, done, total);
}

/* One session, from dial to its end. */
static void run_session(struct session_run *s)
{
    struct dial_options options = {.net = s->net, .r = s->r, .files = &s->files, .link = s->link, .on_end = on_end, .to = s};
    options.link.version = BANYAN_VERSION;
    options.link.on_answer = on_answer;
    options.link.on_progress = on_progress;
    options.link.to = s;
    s->retry = false;
    s->progress = LINK_WORKING;
    enum err e = dial_open(&options, &s->dial);
    if (e == ERR_OK && s->ask_type != FRAME_NONE)
        e = link_ask(dial_link(s->dial), s->ask_type, s->ask);
    if (e != ERR_OK)
        agent_failed(s->r, s->errand, e, "", s->result);
    if (s->dial)
        net_run(s->net);
}

/* RENEW in a session of its own: whatever comes of it, it does not hinder a round. */
static void renew(struct session_run *s, enum link_mode mode)
{
    struct session_run own = *s;
    struct agent_result result = {0};
    struct buf csr = BUF_INIT;
    Wire__Renew message;
    own.link = (struct link_options){.mode = mode};
    own.ask_type = FRAME_RENEW;
    own.ask = &message.base;
    own.result = &result;
    own.answer = (struct agent_result){0};
    own.dial = NULL;
    if (agent_renew_message(replica_dir(s->r), &csr, &message) == ERR_OK) {
        run_session(&own);
        struct dial_files fresh;
        if (dial_files_read(replica_dir(s->r), &fresh) == ERR_OK) {
            dial_files_finish(&s->files);
            s->files = fresh;
        }
    }
    agent_result_finish(&result);
    buf_finish(&csr);
}

static enum err begin(struct session_run *s, struct replica *r, enum agent_errand errand, const struct agent_options *options,
                      struct agent_result *result)
{
    *s = (struct session_run){.r = r, .errand = errand, .result = result, .options = options};
    agent_result_finish(result);
    enum err e = dial_files_read(replica_dir(r), &s->files);
    if (e == ERR_OK && (e = net_create(&s->net)) != ERR_OK)
        dial_files_finish(&s->files);
    if (e != ERR_OK) {
        agent_failed(r, errand, e, "", result);
        return e;
    }
    if (options && options->deadline_ms > 0) {
        s->deadline = net_timer_create(s->net, on_deadline, s);
        net_timer_arm(s->deadline, (uint64_t)options->deadline_ms);
    }
    return ERR_OK;
}

static void end(struct session_run *s)
{
    if (s->over_time && !s->result->wiped && s->progress == LINK_WORKING)
        agent_failed(s->r, s->errand, ERR_TIMEOUT, "", s->result);
    if (s->deadline)
        net_timer_destroy(s->deadline);
    if (s->net)
        net_destroy(s->net);
    agent_result_finish(&s->answer);
    dial_files_finish(&s->files);
}

static void run_round(struct session_run *s)
{
    for (int i = 0; i < SESSIONS_MAX && !s->over_time; i++) {
        run_session(s);
        if (!s->retry)
            break;
        if (s->result->why == ERR_CERTIFICATE)
            renew(s, LINK_RENEW);
    }
    if (s->result->why == ERR_OK && !s->result->wiped && agent_renewal_is_due(s->r, clock_now_ms()))
        renew(s, LINK_ASK);
}

/* ---- beside a running agent ---- */

struct beside {
    struct replica *r;
    struct net *net;
    struct net_timer *timer;
    int64_t poke, give_up_ms;
    bool gone; /* whoever held the lock holds it no more */
    struct agent_result *result;
};

/* What the agent met, in its words if it left any. */
static void agent_said(struct beside *b, enum err failure)
{
    struct arena arena;
    struct slice text;
    arena_init(&arena, LIMIT_FRAME_JOIN);
    agent_failed(b->r, AGENT_ROUND, failure, "", b->result);
    if (replica_meta_get(b->r, "poke_text", &arena, &text) == ERR_OK && text.size > 0) {
        b->result->text.size = 0;
        buf_append_slice(&b->result->text, text);
    }
    arena_finish(&arena);
}

static void on_look(void *to)
{
    struct beside *b = to;
    bool done = replica_meta_integer(b->r, "poke_done", 0) >= b->poke;
    enum err failure = (enum err)replica_meta_integer(b->r, "poke_failure", ERR_OK); /* written before poke_done: read after it */
    if (done && failure != ERR_OK)
        agent_said(b, failure);
    else if (!done && net_now_ms(b->net) >= b->give_up_ms)
        agent_failed(b->r, AGENT_ROUND, ERR_TIMEOUT, "", b->result);
    else if (!done && !replica_agent_runs(b->r))
        b->gone = true;
    else if (!done) {
        net_timer_arm(b->timer, BESIDE_POLL_MS);
        return;
    }
    net_stop(b->net);
}

/* The agent does it; this waits until it says that it has. False: there is none, it stopped or was a `status` that looked. */
static bool wait_for_agent(struct replica *r, const struct agent_options *options, struct agent_result *result)
{
    struct beside b = {.r = r, .result = result};
    enum err e = net_create(&b.net);
    b.poke = replica_meta_integer(r, "poke", 0) + 1;
    if (e == ERR_OK)
        e = replica_meta_put_integer(r, "poke", b.poke);
    if (e != ERR_OK) {
        agent_failed(r, AGENT_ROUND, e, "", result);
    } else {
        b.give_up_ms = net_now_ms(b.net) + (options && options->deadline_ms > 0 ? options->deadline_ms : BESIDE_MS);
        b.timer = net_timer_create(b.net, on_look, &b);
        net_timer_arm(b.timer, BESIDE_POLL_MS);
        net_run(b.net);
        net_timer_destroy(b.timer);
    }
    if (b.net)
        net_destroy(b.net);
    return !b.gone;
}

/* ---- what commands call ---- */

static void round_with(struct replica *r, const struct agent_options *options, bool at_once, struct agent_result *result)
{
    struct session_run s;
    enum err e = replica_lock_agent(r);
    for (int i = 0; e == ERR_LOCKED && i < LOCK_TRIES; i++) {
        if (wait_for_agent(r, options, result))
            return;
        e = replica_lock_agent(r);
    }
    if (e != ERR_OK) {
        agent_failed(r, AGENT_ROUND, e, "", result);
        return;
    }
    if (begin(&s, r, AGENT_ROUND, options, result) == ERR_OK) {
        s.link = (struct link_options){.mode = LINK_ROUND, .snapshot_at_once = at_once};
        run_round(&s);
        end(&s);
    }
    if (!result->wiped)
        replica_unlock_agent(r);
}

void agent_round(struct replica *r, const struct agent_options *options, struct agent_result *result)
{
    round_with(r, options, false, result);
}

void agent_first_round(struct replica *r, const struct agent_options *options, struct agent_result *result)
{
    round_with(r, options, true, result);
}

void agent_ask(struct replica *r, enum frame_type type, ProtobufCMessage *message, const struct agent_options *options,
               link_on_answer *answer, void *to, struct agent_result *result)
{
    struct session_run s;
    if (begin(&s, r, AGENT_QUESTION, options, result) != ERR_OK)
        return;
    s.link = (struct link_options){.mode = LINK_ASK};
    s.ask_type = type;
    s.ask = message;
    s.on_answer = answer;
    s.to = to;
    run_session(&s);
    end(&s);
}
