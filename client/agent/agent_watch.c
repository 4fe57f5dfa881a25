/* Staying connected: one session after the other, with full jitter between them, until somebody stops it.
 *
 *   CALLING -> UP -> WAITING -> CALLING ...      a session is dialled, lives, and is waited for
 *      `-----------> STOPPING                    a signal, a wipe, a damaged database
 *
 * Local changes are noticed by asking the database four times a second whether another process has committed: cheap, and well
 * within the second that is promised. */
#include "client/agent/agent_inner.h"
#include "client/agent/agent_words.h"
#include "base/clock.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/state.h"
#include "base/tr.h"
#include "show/roles.h"

#include <string.h>

#define POLL_MS 250
#define BACKOFF_FIRST_MS 1000
#define BACKOFF_LAST_MS 300000
#define AT_ONCE_MS 1            /* as a link asks for: another session at once, to renew or to hand over */
#define AT_ONCE_MAX 3           /* sessions in a row: a server that always asks for another one is called with pauses */
#define RETRY_AFTER_MAX_MS 3600000 /* no server keeps a seat away for longer */
#define RENEW_GAP_MS 86400000ll /* between attempts to renew */
#define LOCK_TRIES 5            /* a status may hold the lock for a moment, to see whether somebody else does */

enum watch_state { WATCH_CALLING, WATCH_UP, WATCH_WAITING, WATCH_STOPPING };

static const char *const state_names[] = {"CALLING", "UP", "WAITING", "STOPPING"};
static const uint32_t state_allowed[] = {
    [WATCH_CALLING] = 1u << WATCH_UP | 1u << WATCH_WAITING | 1u << WATCH_STOPPING,
    [WATCH_UP] = 1u << WATCH_WAITING | 1u << WATCH_STOPPING,
    [WATCH_WAITING] = 1u << WATCH_CALLING | 1u << WATCH_STOPPING,
    [WATCH_STOPPING] = 0,
};
static const struct state_table states = {"agent", state_names, state_allowed, 4};

struct watch {
    struct replica *r;
    struct net *net;
    struct net_timer *poll, *wait;
    struct net_signal *signal;
    struct dial *dial;           /* NULL: no session */
    struct dial_files files;
    int state;
    unsigned failures;           /* in a row */
    bool was_level;              /* this session, once */
    int64_t data_version;
    int64_t poke;                /* the last that was seen */
    int64_t poke_covered;        /* this session's round began, or begins again, after that one */
    int64_t poke_done;
    bool checking;               /* a session that was level makes sure that it is */
    int64_t shut_until_ms;       /* a busy server is not called before, whoever asks; by the loop's clock */
    int64_t renew_after_ms;      /* by the loop's clock, too */
    bool renewing_first;         /* the certificate is over: this session renews it */
    bool renewed;                /* a newer program keeps the file */
    struct buf csr;
    role_set roles;              /* as this agent told them last */
    void (*on_line)(void *to, const char *line);
    void *to;
    struct agent_result *result;
    bool said_connected; /* and nothing since */
};

static void say(struct watch *w, const char *line)
{
    w->said_connected = false;
    log_info("agent", "%s", line);
    if (w->on_line)
        w->on_line(w->to, line);
}

/* What others read of it: status shows it, a `sync` beside it waits for it. A full disk is said by what it hinders. */
static void note(struct watch *w, const char *key, int64_t value)
{
    if (replica_meta_put_integer(w->r, key, value) != ERR_OK)
        log_warn("agent", "%s could not be noted: %s", key, replica_detail(w->r));
}

/* To who asked up to `poke`. The sentence comes first: it is read when poke_done says so. */
static void answer_poke(struct watch *w, int64_t poke, enum err failure)
{
    if (poke == w->poke_done)
        return;
    struct slice text = failure == ERR_OK ? (struct slice){0} : buf_slice(&w->result->text);
    if (replica_meta_put(w->r, "poke_text", text) != ERR_OK)
        log_warn("agent", "why it failed could not be noted: %s", replica_detail(w->r));
    note(w, "poke_failure", failure);
    note(w, "poke_done", poke);
    w->poke_done = poke;
}

/* Level, but something still waits, made here or held of what the server lost: it puts that off (recovery, load). Or they were made
 * just now: then it is not over. */
static void answer_level(struct watch *w)
{
    struct replica_status status;
    bool put_off = link_is_put_off(dial_link(w->dial));
    bool waits = (replica_status(w->r, &status) == ERR_OK && status.queued > 0) || link_late_waits(dial_link(w->dial));
    if (w->poke_covered == w->poke_done || (waits && !put_off))
        return;
    w->checking = false;
    w->result->text.size = 0;
    if (waits)
        link_explain_put_off(dial_link(w->dial), &w->result->text);
    answer_poke(w, w->poke_covered, waits ? ERR_BUSY : ERR_OK);
}

/* While this process has the file open nobody can set damage right; and where a newer program keeps it this one has nothing more to
 * do. */
static bool is_over(enum err why)
{
    return why == ERR_CORRUPT || why == ERR_NEWER;
}

/* ---- calling ---- */

static void call(struct watch *w);

static void stop(struct watch *w, const char *cause)
{
    if (w->state == WATCH_STOPPING)
        return;
    state_move(&states, &w->state, WATCH_STOPPING, cause);
    net_timer_disarm(w->poll);
    net_timer_disarm(w->wait);
    if (w->dial)
        dial_hang_up(w->dial);
    else
        net_stop(w->net);
}

uint64_t agent_pause_ms(unsigned failures, int64_t asked_ms, uint64_t random)
{
    uint64_t bound = BACKOFF_FIRST_MS;
    int64_t asked = asked_ms < 0 ? 0 : asked_ms < RETRY_AFTER_MAX_MS ? asked_ms : RETRY_AFTER_MAX_MS;
    for (unsigned i = 1; i < failures && bound < BACKOFF_LAST_MS; i++)
        bound *= 2;
    if (bound > BACKOFF_LAST_MS)
        bound = BACKOFF_LAST_MS;
    return (uint64_t)asked + 1 + random % bound;
}

static void wait_then_call(struct watch *w, int64_t asked_ms)
{
    uint64_t random;
    random_fill(&random, sizeof random);
    uint64_t pause = agent_pause_ms(w->failures, asked_ms, random);
    bool at_once = asked_ms == AT_ONCE_MS && w->failures <= AT_ONCE_MAX;
    state_move(&states, &w->state, WATCH_WAITING, "session ended");
    /* Of a seat that is suspended a person may ask any time whether it still is; a busy server is left alone. */
    w->shut_until_ms = net_now_ms(w->net) + (w->result->why == ERR_BUSY ? (int64_t)agent_pause_ms(0, asked_ms, 0) : 0);
    net_timer_arm(w->wait, at_once ? 1 : pause);
}

static void on_wait_over(void *to)
{
    struct watch *w = to;
    state_move(&states, &w->state, WATCH_CALLING, "time to call");
    call(w);
}

static void on_end(void *to, struct dial *d, const struct dial_end *end)
{
    struct watch *w = to;
    struct link *l = dial_link(d);
    w->dial = NULL;
    agent_ended(w->r, AGENT_ROUND, d, end, w->result);
    if (link_progress(l) == LINK_WIPE && end->why == ERR_OK) {
        agent_wipe(w->r, link_wipe(l), buf_slice(&w->files.ca), w->result);
        if (w->result->wiped) {
            stop(w, "wiped");
            return;
        }
    }
    if (w->state == WATCH_STOPPING) {
        net_stop(w->net);
        return;
    }
    note(w, "connected", 0);
    if (is_over(w->result->why)) {
        stop(w, w->result->why == ERR_NEWER ? "renewed" : "damage");
        return;
    }
    /* A session that was level, or that the network cut, is no failure; one that always ends in the middle by what the server sends
     * or by this disk is, however often it was welcome. */
    bool at_once = link_retry_after_ms(l) == AT_ONCE_MS;
    bool fair = w->was_level || (link_is_welcome(l) && err_class(w->result->why) == ERR_CLASS_LATER && !at_once);
    w->failures = fair ? 1 : w->failures + 1;
    /* A line that was found dead when somebody asked says nothing about the server: he is answered by the next session. */
    bool dead_line = w->checking && w->was_level && err_class(w->result->why) == ERR_CLASS_LATER && link_retry_after_ms(l) == 0;
    if (w->result->why != ERR_OK) {
        if (!dead_line)
            answer_poke(w, replica_meta_integer(w->r, "poke", 0), w->result->why);
        say(w, buf_c_string(&w->result->text));
    }
    w->renewing_first = w->result->why == ERR_CERTIFICATE && at_once;
    wait_then_call(w, dead_line ? AT_ONCE_MS : link_retry_after_ms(l));
}

/* ---- while it is up ---- */

static void ask_renewal(struct watch *w)
{
    Wire__Renew message;
    w->renew_after_ms = net_now_ms(w->net) + RENEW_GAP_MS;
    w->csr.size = 0;
    if (agent_renew_message(replica_dir(w->r), &w->csr, &message) == ERR_OK &&
        link_ask(dial_link(w->dial), FRAME_RENEW, &message.base) == ERR_OK)
        dial_flush(w->dial);
}

/* Rights that another person gave or took away (rule 31). */
static void say_new_roles(struct watch *w)
{
    struct replica_facts f;
    struct buf said = BUF_INIT, labels = BUF_INIT;
    if (replica_facts(w->r, &f) != ERR_OK || f.roles == w->roles)
        return;
    w->roles = f.roles;
    show_role_labels(f.roles, tr_language() == TR_EN ? LANGUAGE_EN : LANGUAGE_ZH, &labels);
    buf_format(&said, _("The roles of this seat were changed; they are now: %s"), buf_c_string(&labels));
    say(w, buf_c_string(&said));
    buf_finish(&labels);
    buf_finish(&said);
}

static void on_moved(void *to, struct dial *d)
{
    struct watch *w = to;
    struct link *l = dial_link(d);
    if (w->state == WATCH_CALLING && link_is_welcome(l)) {
        state_move(&states, &w->state, WATCH_UP, "welcome");
        note(w, "connected", 1);
        if (!w->said_connected) /* a session that was followed by the next at once is nobody's news */
            say(w, _("connected"));
        w->said_connected = true;
        say_new_roles(w);
    }
    if (w->state == WATCH_UP && link_progress(l) == LINK_LEVEL) {
        w->was_level = true;
        answer_level(w);
    }
}

static void on_answer(void *to, enum frame_type type, const ProtobufCMessage *m)
{
    struct watch *w = to;
    struct dial_files fresh;
    if (type != FRAME_RENEWED || agent_take_renewed(w->r, (const Wire__Renewed *)m) != ERR_OK)
        return;
    w->renewing_first = false;
    if (dial_files_read(replica_dir(w->r), &fresh) == ERR_OK) {
        dial_files_finish(&w->files);
        w->files = fresh;
    }
}

static void call(struct watch *w)
{
    struct dial_options options = {.net = w->net, .r = w->r, .files = &w->files, .on_end = on_end, .on_moved = on_moved, .to = w,
                                   .link = {.mode = w->renewing_first ? LINK_RENEW : LINK_WATCH, .version = BANYAN_VERSION,
                                            .on_answer = on_answer, .to = w}};
    w->was_level = w->checking = false;
    w->poke = w->poke_covered = replica_meta_integer(w->r, "poke", 0);
    enum err e = dial_open(&options, &w->dial);
    if (e != ERR_OK)
        agent_failed(w->r, AGENT_ROUND, e, "", w->result);
    if (is_over(e)) {
        stop(w, e == ERR_NEWER ? "renewed" : "damage");
    } else if (e != ERR_OK) {
        w->failures++;
        wait_then_call(w, 0);
    } else if (w->renewing_first) {
        ask_renewal(w);
    }
}

/* ---- four times a second ---- */

/* Somebody asks: now, unless the server has asked for a pause, which is answered at once. */
static void look_at_poke(struct watch *w)
{
    if (w->poke == w->poke_covered)
        return;
    if (w->state == WATCH_UP) {
        w->poke_covered = w->poke;
        w->checking = true;
        dial_check(w->dial);
    } else if (w->state == WATCH_WAITING && net_now_ms(w->net) >= w->shut_until_ms) {
        net_timer_arm(w->wait, 1);
    } else if (w->state == WATCH_WAITING) {
        w->poke_covered = w->poke;
        answer_poke(w, w->poke, w->result->why);
    }
}

/* Before anything more is read: rows do not say all to a program that knows less. */
static bool stop_if_renewed(struct watch *w)
{
    w->renewed = replica_is_kept(w->r) == ERR_NEWER;
    if (w->renewed)
        stop(w, "renewed");
    return w->renewed;
}

static void look(struct watch *w)
{
    int64_t version = replica_data_version(w->r);
    if (version != w->data_version) {
        w->data_version = version;
        if (stop_if_renewed(w))
            return;
        w->poke = replica_meta_integer(w->r, "poke", 0);
        if (w->state == WATCH_UP)
            dial_local_changed(w->dial);
    }
    look_at_poke(w);
}

static void on_poll(void *to)
{
    struct watch *w = to;
    look(w);
    if (w->state == WATCH_STOPPING)
        return;
    net_timer_arm(w->poll, POLL_MS);
    if (w->state == WATCH_UP && w->dial && link_progress(dial_link(w->dial)) == LINK_LEVEL && net_now_ms(w->net) >= w->renew_after_ms &&
        agent_renewal_is_due(w->r, clock_now_ms()))
        ask_renewal(w);
}

static void on_signal(void *to, int number)
{
    (void)number;
    stop(to, "signal");
}

/* ---- all of it ---- */

/* A `status` beside it takes the lock for an instant, to see whether it is free. */
static enum err lock(struct watch *w)
{
    enum err e = ERR_LOCKED;
    for (int i = 0; e == ERR_LOCKED && i < LOCK_TRIES; i++) {
        e = replica_lock_agent(w->r);
        if (e == ERR_LOCKED) {
            net_timer_arm(w->wait, 20);
            net_run(w->net);
        }
    }
    return e;
}

static void on_tried(void *to)
{
    (void)to; /* the loop ran dry: lock tries again */
}

static void run(struct watch *w)
{
    struct replica_facts f;
    w->poll = net_timer_create(w->net, on_poll, w);
    w->wait = net_timer_create(w->net, on_wait_over, w);
    w->signal = net_signal_create(w->net, on_signal, w);
    w->data_version = replica_data_version(w->r);
    w->poke_done = replica_meta_integer(w->r, "poke_done", 0); /* who asked the agent before this one still waits */
    w->roles = replica_facts(w->r, &f) == ERR_OK ? f.roles : 0;
    net_timer_arm(w->poll, POLL_MS);
    call(w);
    net_run(w->net);
    if (w->renewed)
        agent_failed(w->r, AGENT_ROUND, ERR_NEWER, "", w->result);
    if (!w->result->wiped && w->result->why != ERR_NEWER) /* that one's status sees that nobody holds the lock */
        note(w, "connected", 0);
    net_signal_destroy(w->signal);
    net_timer_destroy(w->wait);
    net_timer_destroy(w->poll);
}

void agent_watch(struct replica *r, void (*on_line)(void *to, const char *line), void *to, struct agent_result *result)
{
    struct watch w = {.r = r, .on_line = on_line, .to = to, .result = result, .state = WATCH_CALLING};
    agent_result_finish(result);
    enum err e = dial_files_read(replica_dir(r), &w.files);
    if (e == ERR_OK)
        e = net_create(&w.net);
    if (e == ERR_OK) {
        w.wait = net_timer_create(w.net, on_tried, &w);
        e = lock(&w);
        net_timer_destroy(w.wait);
    }
    if (e == ERR_OK)
        run(&w);
    else
        agent_failed(r, AGENT_ROUND, e, "", result);
    if (e == ERR_OK && !result->wiped && !is_over(result->why))
        agent_result_finish(result); /* stopped by a person: that is its end, whatever the last session met */
    if (w.net)
        net_destroy(w.net);
    if (!result->wiped)
        replica_unlock_agent(r);
    buf_finish(&w.csr);
    dial_files_finish(&w.files);
}
