/* Frames and time into a link; see link.h. What to do next is link_round.c's.
 *
 *   NEW -> AWAIT_WELCOME -> IN_ROUND <-> AT_LEVEL (watch)
 *     `-> IN_ROUND (renew)        `----------`----> OVER
 *
 * Invariant: a frame is taken only where a request for it is under way, but for NEWS, ERROR and PONG. */
#include "client/agent/link_inner.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/state.h"
#include "base/text.h"
#include "base/tr.h"
#include "wire/wire.h"

#include <stdlib.h>
#include <string.h>

#define WORDS_MAX 1000 /* bytes of why it ended */

static const char *const state_names[] = {"NEW", "AWAIT_WELCOME", "IN_ROUND", "AT_LEVEL", "OVER"};
static const uint32_t state_allowed[] = {
    [LINK_NEW] = 1u << LINK_AWAIT_WELCOME | 1u << LINK_IN_ROUND | 1u << LINK_OVER,
    [LINK_AWAIT_WELCOME] = 1u << LINK_IN_ROUND | 1u << LINK_OVER,
    [LINK_IN_ROUND] = 1u << LINK_AT_LEVEL | 1u << LINK_OVER,
    [LINK_AT_LEVEL] = 1u << LINK_IN_ROUND | 1u << LINK_OVER,
    [LINK_OVER] = 0,
};
static const struct state_table states = {"link", state_names, state_allowed, 5};

void link_move(struct link *l, enum link_state to, const char *cause)
{
    state_move(&states, &l->state, to, cause);
}

/* ---- life ---- */

struct link *link_create(struct replica *r, const struct link_options *options)
{
    struct link *l = calloc(1, sizeof *l);
    CHECK(l);
    l->r = r;
    l->options = *options;
    l->pushed_to = INT64_MIN;
    arena_init(&l->arena, LIMIT_ARENA);
    link_portion_begin(l);
    return l;
}

void link_destroy(struct link *l)
{
    if (!l)
        return;
    if (l->at_once)
        replica_snapshot_drop(l->r);
    link_portion_end(l);
    for (size_t i = 0; i < l->ask_count; i++)
        buf_finish(&l->asks[i].message);
    buf_finish(&l->out);
    buf_finish(&l->text);
    buf_finish(&l->late_forks);
    buf_finish(&l->wipe);
    buf_finish(&l->psk);
    arena_finish(&l->arena);
    free(l);
}

struct link_org *link_org_of(struct link *l, uint32_t number)
{
    for (size_t i = 0; i < l->org_count; i++)
        if (l->orgs[i].number == number)
            return &l->orgs[i];
    return NULL;
}

enum err link_send(struct link *l, enum frame_type type, const ProtobufCMessage *message, int64_t now_ms)
{
    enum err e = frame_put(&l->out, type, message);
    l->ping_due_ms = now_ms + LIMIT_PING_MS;
    return e;
}

static void move_by(int64_t *at, int64_t by)
{
    if (*at > 0)
        *at += by;
}

/* What is due forward of a clock that was set back would be due as much later, days perhaps: it moves with the clock. Of one that was
 * set forward all is due at once, which a PC that slept wants anyway: its line is dead. */
void link_note_time(struct link *l, int64_t now_ms)
{
    int64_t by = now_ms - l->now_ms;
    if (l->now_ms && by < 0) {
        move_by(&l->answer_due_ms, by);
        move_by(&l->patience_ms, by);
        move_by(&l->ping_due_ms, by);
        move_by(&l->report_due_ms, by);
        move_by(&l->digest_due_ms, by);
        move_by(&l->push_after_ms, by);
        move_by(&l->late_due_ms, by);
        move_by(&l->missing_after_ms, by);
    }
    l->now_ms = now_ms;
}

void link_await(struct link *l, int64_t now_ms)
{
    l->answer_due_ms = now_ms + LINK_REQUEST_MS;
    l->patience_ms = now_ms + LINK_PATIENCE_MS;
}

enum err link_moved(struct link *l, bool moved)
{
    l->idle = moved ? 0 : l->idle + 1;
    return l->idle > LINK_IDLE_MAX ? ERR_PROTOCOL : ERR_OK;
}

void link_over(struct link *l, enum link_progress how, enum err why, const char *text, int64_t retry_after_ms)
{
    if (l->state == LINK_OVER)
        return;
    link_move(l, LINK_OVER, err_name(why));
    l->progress = how;
    l->failure = why;
    l->retry_after_ms = retry_after_ms;
    struct slice words = slice_text(text);
    l->text.size = 0;
    text_put_line(&l->text, slice_of(words.data, text_fit(words, WORDS_MAX, WORDS_MAX))); /* the server's own, perhaps */
}

enum err link_start(struct link *l, int64_t now_ms)
{
    Wire__Hello hello = WIRE__HELLO__INIT;
    l->now_ms = now_ms;
    l->report_due_ms = now_ms + LINK_REPORT_MS;
    l->ping_due_ms = now_ms + LIMIT_PING_MS;
    if (l->options.mode == LINK_RENEW) {
        link_move(l, LINK_IN_ROUND, "renew");
        return link_advance(l, now_ms);
    }
    enum err e = replica_hello(l->r, &l->arena, &hello);
    if (e != ERR_OK)
        return e;
    l->reported = *hello.report;
    l->report_known = true;
    hello.version = (char *)l->options.version;
    hello.has_sent_ms = 1;
    hello.sent_ms = now_ms;
    hello.has_watch = 1;
    hello.watch = l->options.mode == LINK_WATCH;
    link_move(l, LINK_AWAIT_WELCOME, "start");
    link_await(l, now_ms);
    return link_send(l, FRAME_HELLO, &hello.base, now_ms);
}

enum err link_local_changed(struct link *l, int64_t now_ms)
{
    link_note_time(l, now_ms);
    return link_advance(l, now_ms);
}

/* ---- time ---- */

enum err link_tick(struct link *l, int64_t now_ms)
{
    if (l->state == LINK_OVER)
        return ERR_OK;
    link_note_time(l, now_ms);
    if (l->answer_due_ms && now_ms >= l->answer_due_ms) {
        link_over(l, LINK_FAILED, ERR_TIMEOUT, _("The server does not answer. Next: try again later."), 0);
        return ERR_OK;
    }
    if (l->welcome && now_ms >= l->ping_due_ms) {
        Wire__Ping ping = WIRE__PING__INIT;
        ping.has_sent_ms = 1;
        ping.sent_ms = now_ms;
        if (!l->answer_due_ms)
            link_await(l, now_ms);
        l->await_pong = true;
        enum err e = link_send(l, FRAME_PING, &ping.base, now_ms);
        if (e != ERR_OK)
            return e;
    }
    return link_advance(l, now_ms);
}

static void earlier(int64_t *due, int64_t at)
{
    if (at > 0 && at < *due)
        *due = at;
}

int64_t link_due(const struct link *l)
{
    int64_t due = INT64_MAX;
    if (l->state == LINK_OVER)
        return due;
    earlier(&due, l->answer_due_ms);
    if (!l->welcome)
        return due;
    earlier(&due, l->ping_due_ms);
    if (l->options.mode == LINK_WATCH && !l->answer_due_ms) { /* what waits behind a request is due when that is answered */
        earlier(&due, l->report_due_ms);
        earlier(&due, l->digest_due_ms);
        earlier(&due, l->put_off ? l->push_after_ms : 0);
        earlier(&due, link_late_waits(l) ? l->late_due_ms : 0);
        earlier(&due, l->missing_after_ms);
    }
    return due;
}

/* ---- facts ---- */

struct buf *link_out(struct link *l)
{
    return &l->out;
}

enum link_progress link_progress(const struct link *l)
{
    return l->progress;
}

enum err link_failure(const struct link *l)
{
    return l->failure;
}

const char *link_text(const struct link *l)
{
    return l->text.size ? buf_c_string((struct buf *)&l->text) : "";
}

int64_t link_retry_after_ms(const struct link *l)
{
    return l->retry_after_ms;
}

struct slice link_wipe(const struct link *l)
{
    return buf_slice(&l->wipe);
}

bool link_is_put_off(const struct link *l)
{
    return l->put_off || link_late_waits(l);
}

bool link_is_welcome(const struct link *l)
{
    return l->welcome;
}

struct slice link_psk(const struct link *l)
{
    return buf_slice(&l->psk);
}
