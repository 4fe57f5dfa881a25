/* The agent of a device: client/agent/agent_watch.c and dial.c, whose timers and sockets are the world's. */
#include "tests/sim/oracle.h"
#include "tests/sim/oracle_live.h"
#include "tests/sim/seat_inner.h"

#include "base/key_file.h"
#include "base/limits.h"
#include "client/agent/agent_inner.h"
#include "wire/wire.h"

#include <string.h>

#define POLL_MS 250
#define PAUSE_MS_MAX (5 * MINUTE_MS + 1)
#define AT_ONCE_MS 1
#define AT_ONCE_MAX 3
#define SESSIONS_MAX 4 /* of one round that a person asked for */

static void call(struct seat *s);

/* ---- who runs ---- */

static bool is_dead(const struct seat *s)
{
    return disk_is_dead(s->agent);
}

void agent_drop(struct seat *s)
{
    int before = disk_enter(s->agent);
    if (s->line) {
        line_cut(s->line, -1, dice_between(&s->dice, 0, 5000));
        line_close(s->line, SIDE_CLIENT);
    }
    link_destroy(s->link);
    if (s->r)
        replica_close(s->r);
    buf_finish(&s->in);
    s->line = NULL;
    s->link = NULL;
    s->r = NULL;
    s->life++;
    disk_enter(before);
    s->agent = DISK_NOBODY;
}

static void on_restart(void *to, uint64_t life)
{
    struct seat *s = to;
    if (s->life == life && s->agent == DISK_NOBODY && s->staying)
        seat_start(s);
}

void agent_start_after(struct seat *s, int64_t ms)
{
    world_after(ms, on_restart, s, s->life);
}

static void die(struct seat *s)
{
    world_tell("device %u: its agent dies", s->index);
    s->counts.kills++;
    agent_drop(s);
    if (!seat_power_is_lost(s))
        agent_start_after(s, dice_between(&s->dice, MINUTE_MS, HOUR_MS));
}

static void leave(struct seat *s, int before)
{
    if (s->agent != DISK_NOBODY && is_dead(s))
        die(s);
    disk_enter(before);
}

/* ---- the end of a session ---- */

static void on_call(void *to, uint64_t life)
{
    struct seat *s = to;
    if (s->life != life || s->agent == DISK_NOBODY)
        return;
    int before = disk_enter(s->agent);
    call(s);
    leave(s, before);
}

static void stop(struct seat *s)
{
    int before = disk_enter(DISK_NOBODY);
    agent_drop(s);
    disk_enter(before);
}

/* It ends by itself, and somebody, or the system, starts it again: then with the program that is installed. */
static void start_anew(struct seat *s)
{
    stop(s);
    agent_start_after(s, dice_between(&s->dice, MINUTE_MS, HOUR_MS));
}

static void wait_then_call(struct seat *s, enum err why, int64_t asked_ms)
{
    bool at_once = asked_ms == AT_ONCE_MS && s->failures <= AT_ONCE_MAX;
    uint64_t pause = agent_pause_ms(s->failures, asked_ms, dice_draw(&s->dice));
    int64_t asked_for = asked_ms < HOUR_MS ? asked_ms : HOUR_MS;
    if ((int64_t)pause > asked_for + PAUSE_MS_MAX) /* however often it was refused: it is to be heard again when it may be */
        world_fail("device %u: waits for %lld minutes before it calls again", seat_index(s), (long long)((int64_t)pause / MINUTE_MS));
    s->life++;
    s->shut_until_ms = world_now_ms() + (why == ERR_BUSY ? (int64_t)agent_pause_ms(0, asked_ms, 0) : 0);
    if (s->staying)
        world_after(at_once ? 1 : (int64_t)pause, on_call, s, s->life);
    else if (at_once && ++s->sessions < SESSIONS_MAX)
        world_after(1, on_call, s, s->life);
    else
        stop(s);
}

static void wipe(struct seat *s)
{
    struct agent_result result = {0};
    struct buf ca = BUF_INIT;
    CHECK(key_file_read(disk_path(server_machine(s->options.server)), "ca.pem", &ca) == ERR_OK);
    agent_wipe(s->r, link_wipe(s->link), buf_slice(&ca), &result);
    world_tell("device %u: wipe: %s", s->index, result.wiped ? "done" : err_name(result.why));
    s->gone = result.wiped;
    if (s->gone)
        oracle_note_wiped();
    buf_finish(&ca);
    agent_result_finish(&result);
}

static void note_round(struct seat *s)
{
    s->rounds++;
    s->level_ms = world_now_ms();
}

/* why: of the connection. The line is closed and the link looked at for the last time. */
static void end(struct seat *s, enum err why)
{
    struct link *l = s->link;
    enum link_progress p = l ? link_progress(l) : LINK_WORKING;
    bool over = p != LINK_WORKING && p != LINK_LEVEL, welcome = l && link_is_welcome(l);
    int64_t asked = l ? link_retry_after_ms(l) : 0;
    why = over ? (p == LINK_FAILED || p == LINK_PUT_OFF ? link_failure(l) : ERR_OK) : why;
    if (p == LINK_DONE || p == LINK_PUT_OFF)
        note_round(s);
    if (p == LINK_WIPE)
        wipe(s);
    oracle_turn_over(s, why);
    world_tell("device %u: session over: %s", s->index, p == LINK_WIPE ? "wipe" : err_name(why));
    if ((!over && err_class(why) == ERR_CLASS_PEER) || why == ERR_CHAIN) /* a fatal ERROR may say PROTOCOL of a clock that jumped */
        world_fail("device %u says that the server broke the protocol: %s (%s)", s->index, err_name(why), s->r ? replica_detail(s->r) : "");
    line_close(s->line, SIDE_CLIENT);
    link_destroy(l);
    s->line = NULL;
    s->link = NULL;
    s->in.size = 0;
    if (s->gone || is_dead(s))
        return;
    if (why == ERR_CORRUPT) {
        world_tell("device %u: its database is damaged", s->index);
        seat_close_hand(s); /* who opens it next sets it right, alone */
    }
    if (why == ERR_CORRUPT || why == ERR_NEWER) {
        start_anew(s);
        return;
    }
    bool fair = s->was_level || (welcome && err_class(why) == ERR_CLASS_LATER && asked != AT_ONCE_MS);
    s->failures = fair ? 1 : s->failures + 1;
    enum errand was = s->errand;
    s->errand = renew_next(s, p, why, asked);
    s->fresh = s->fresh && p != LINK_DONE;
    if (s->staying || (was == ERRAND_USUAL && s->errand != ERRAND_RENEW_AFTER))
        wait_then_call(s, why, p == LINK_DONE && !s->staying ? 0 : asked);
    else if (was == ERRAND_RENEW_AFTER)
        stop(s);
    else
        world_after(1, on_call, s, ++s->life);
}

static void end_and_bury(struct seat *s, enum err why)
{
    end(s, why);
    if (s->gone)
        stop(s);
}

/* ---- carrying ---- */

static void set_timer(struct seat *s);

static void shrink(struct seat *s, const struct frame *f, struct buf *out)
{
    struct arena arena;
    ProtobufCMessage *m;
    arena_init(&arena, LIMIT_FRAME);
    CHECK(wire_open(frame_descriptor(f->type), f->payload, &arena, &m) == ERR_OK);
    if (f->type == FRAME_PULL)
        ((Wire__Pull *)m)->size_max = s->page_size;
    else
        ((Wire__SnapshotAsk *)m)->size_max = s->page_size;
    CHECK(frame_put(out, f->type, m) == ERR_OK);
    arena_finish(&arena);
}

/* A run has few rows: with pages as large as production asks for none would be cut between two of them. */
static void look_at_what_goes(struct seat *s, struct buf *out)
{
    struct buf less = BUF_INIT;
    struct frame f;
    size_t used = 1;
    for (size_t at = 0; used; at += used) {
        CHECK(frame_take(slice_of(out->data + at, out->size - at), LIMIT_FRAME, &f, &used) == ERR_OK);
        if (used && f.type == FRAME_PUSH) {
            oracle_push_made(s, s->r, f.payload);
            oracle_turn_push(s);
            oracle_live_push(s, f.payload);
        }
        if (used && s->page_size && (f.type == FRAME_PULL || f.type == FRAME_SNAPSHOT_ASK))
            shrink(s, &f, &less);
        else
            buf_append(&less, out->data + at, used);
    }
    out->size = 0;
    buf_append_slice(out, buf_slice(&less));
    buf_finish(&less);
}

static void after(struct seat *s, enum err e)
{
    struct buf *out = link_out(s->link);
    if (is_dead(s))
        return;
    e = e == ERR_OK ? renew_when_due(s) : e;
    look_at_what_goes(s, out);
    world_mix(out->data, out->size);
    line_send(s->line, SIDE_CLIENT, buf_slice(out));
    out->size = 0;
    enum link_progress p = link_progress(s->link);
    if (e == ERR_OK && p == LINK_LEVEL && !s->was_level)
        world_tell("device %u: level", s->index);
    if (e == ERR_OK && p == LINK_LEVEL)
        note_round(s);
    s->was_level = s->was_level || p == LINK_LEVEL;
    if (e != ERR_OK || (p != LINK_WORKING && p != LINK_LEVEL))
        end_and_bury(s, e);
    else {
        set_timer(s);
        oracle_live_step(s);
    }
}

static void on_due(void *to, uint64_t tick)
{
    struct seat *s = to;
    if (s->tick != tick || !s->link)
        return;
    int before = disk_enter(s->agent);
    after(s, link_tick(s->link, seat_now_ms(s)));
    leave(s, before);
}

static void set_timer(struct seat *s)
{
    int64_t due = link_due(s->link), now = seat_now_ms(s);
    s->tick++;
    if (due != INT64_MAX)
        world_after(due > now ? due - now : 1, on_due, s, s->tick);
}

static void on_bytes(void *to, struct slice bytes)
{
    struct seat *s = to;
    size_t at = 0;
    enum err e = ERR_OK;
    int before = disk_enter(s->agent);
    struct link *link = s->link;
    buf_append_slice(&s->in, bytes);
    while (link && s->link == link && !is_dead(s)) {
        struct frame f;
        size_t used;
        e = frame_take(slice_of(s->in.data + at, s->in.size - at), LIMIT_FRAME, &f, &used);
        if (e != ERR_OK)
            world_fail("the server sends what is no frame: %s", err_name(e));
        if (!used)
            break;
        at += used;
        e = link_take(s->link, f.type, f.payload, seat_now_ms(s));
        if (e == ERR_OK && f.type == FRAME_VERDICTS && !is_dead(s)) {
            oracle_verdicts_taken(s, s->r, f.payload);
            oracle_turn_told(s, f.payload);
        }
        after(s, e);
    }
    if (s->link == link && s->in.size)
        buf_consume(&s->in, at);
    leave(s, before);
}

static void on_over(void *to)
{
    struct seat *s = to;
    int before = disk_enter(s->agent);
    s->counts.cut++;
    end_and_bury(s, ERR_CUT);
    leave(s, before);
}

/* ---- calling ---- */

static void on_up(void *to, uint64_t life)
{
    struct seat *s = to;
    if (s->life != life || !s->line)
        return;
    int before = disk_enter(s->agent);
    if (!s->online || !cert_knock(s, s->line)) {
        line_close(s->line, SIDE_SERVER);
        end_and_bury(s, ERR_OFFLINE);
    } else {
        struct link_options options = renew_options(s);
        s->link = link_create(s->r, &options);
        enum err e = renew_begin(s); /* with nothing to ask such a session is over as it begins */
        after(s, e == ERR_OK ? link_start(s->link, seat_now_ms(s)) : e);
    }
    leave(s, before);
}

static void call(struct seat *s)
{
    if (s->staying && world_now_ms() < s->shut_until_ms)
        world_fail("device %u calls a busy server before its time", s->index);
    s->counts.calls++;
    s->was_level = false;
    s->in.size = 0;
    s->line = line_open(dice_make(world_seed(), "line", s->index * UINT64_C(1000000) + s->counts.calls), &s->options.weather);
    line_attach(s->line, SIDE_CLIENT, (struct line_end){on_bytes, on_over, s});
    world_after(3 * s->options.weather.delay_ms + 1, on_up, s, s->life);
}

static bool open_agent(struct seat *s)
{
    s->agent = disk_process(s->machine, dice_make(dice_draw(&s->dice), "agent", 0));
    int before = disk_enter(s->agent);
    enum err e = replica_open(disk_path(s->machine), seat_now_ms(s), &s->r);
    if (e == ERR_OK)
        e = replica_lock_agent(s->r);
    if (e != ERR_OK && !s->faulty && !is_dead(s))
        world_fail("device %u: its agent cannot open the database: %s", s->index, err_name(e));
    if (e == ERR_OK)
        s->data_version = replica_data_version(s->r);
    disk_enter(before);
    if (e != ERR_OK) {
        stop(s);
        agent_start_after(s, dice_between(&s->dice, MINUTE_MS, HOUR_MS));
    }
    return e == ERR_OK;
}

static void begin(struct seat *s, bool staying)
{
    s->staying = staying;
    if (s->gone || !open_agent(s))
        return;
    s->failures = s->sessions = 0;
    s->shut_until_ms = 0;
    int before = disk_enter(s->agent);
    s->errand = ERRAND_USUAL;
    call(s);
    leave(s, before);
}

void seat_start(struct seat *s)
{
    bool staying = s->options.habit == HABIT_ALWAYS || s->options.habit == HABIT_FLAKY;
    if (staying && s->agent == DISK_NOBODY)
        begin(s, true);
}

void seat_stop(struct seat *s)
{
    if (s->agent == DISK_NOBODY || !s->staying)
        return;
    if (s->line)
        line_close(s->line, SIDE_CLIENT); /* it says so */
    s->line = NULL;
    stop(s);
    s->staying = false;
}

void seat_call(struct seat *s)
{
    if (s->agent == DISK_NOBODY) {
        begin(s, false);
        return;
    }
    int before = disk_enter(s->agent);
    if (s->link && link_is_welcome(s->link))
        after(s, link_check(s->link, seat_now_ms(s)));
    else if (!s->line && world_now_ms() >= s->shut_until_ms) {
        s->life++;
        call(s);
    }
    leave(s, before);
}

bool seat_is_staying(const struct seat *s)
{
    return s->staying && !s->gone;
}

bool seat_is_calling(const struct seat *s)
{
    return s->line != NULL;
}

/* ---- four times a second ---- */

static void on_poll(void *to, uint64_t arg)
{
    struct seat *s = to;
    (void)arg;
    s->polling = false;
    if (s->agent == DISK_NOBODY || !s->r)
        return;
    int before = disk_enter(s->agent);
    int64_t version = replica_data_version(s->r);
    bool changed = version != s->data_version;
    s->data_version = version;
    if (changed && replica_is_kept(s->r) == ERR_NEWER && !is_dead(s)) {
        world_tell("device %u: its agent makes way for a newer program", s->index);
        start_anew(s);
    } else if (changed && s->link && link_is_welcome(s->link) && s->staying)
        after(s, link_local_changed(s->link, seat_now_ms(s)));
    leave(s, before);
}

void agent_poll_soon(struct seat *s)
{
    if (s->polling || s->agent == DISK_NOBODY)
        return;
    s->polling = true;
    world_after(POLL_MS, on_poll, s, 0);
}
