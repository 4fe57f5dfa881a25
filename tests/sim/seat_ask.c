/* A question of a command (`list --branch`): a process of its own with a session of its own, beside the agent. What comes is kept as
 * seen, so that the person can act on it. client/agent/agent.c's agent_ask, with the world's lines. */
#include "tests/sim/seat_inner.h"

#include "base/limits.h"

#include <stdlib.h>
#include <string.h>

struct ask {
    struct seat *seat;
    int process;
    struct replica *r;
    struct link *link;
    struct line *line;
    struct buf in;
    uint32_t kind;
    const char *org_code;
    struct id seen[ASK_SEEN_MAX];
    size_t seen_count;
    seat_on_seen *on_seen;
    void *to;
};

/* ---- the end ---- */

void ask_drop(struct seat *s)
{
    struct ask *a = s->ask;
    if (!a)
        return;
    int before = disk_enter(a->process);
    s->ask = NULL;
    line_close(a->line, SIDE_CLIENT);
    link_destroy(a->link);
    if (a->r)
        replica_close(a->r);
    buf_finish(&a->in);
    disk_enter(before);
    free(a);
}

/* What was seen is acted on while the command lives. */
static void end(struct ask *a, bool answered)
{
    struct seat *s = a->seat;
    if (answered && !disk_is_dead(a->process))
        a->on_seen(a->to, a->r, a->seen, a->seen_count);
    ask_drop(s);
    agent_poll_soon(s);
}

/* ---- carrying ---- */

static void on_answer(void *to, enum frame_type type, const ProtobufCMessage *m)
{
    struct ask *a = to;
    const Wire__Rows *rows = (const Wire__Rows *)m;
    if (type != FRAME_ROWS || replica_see(a->r, rows, seat_now_ms(a->seat)) != ERR_OK)
        return;
    for (size_t i = 0; i < rows->n_row && a->seen_count < ASK_SEEN_MAX; i++)
        a->seen[a->seen_count++] = id_from(slice_of(rows->row[i]->id.data, rows->row[i]->id.len));
}

static void on_due(void *to, uint64_t tick);

/* False: it is over, and a is gone. */
static bool after(struct ask *a, enum err e)
{
    struct buf *out = link_out(a->link);
    world_mix(out->data, out->size);
    line_send(a->line, SIDE_CLIENT, buf_slice(out));
    out->size = 0;
    enum link_progress p = link_progress(a->link);
    if (e != ERR_OK || p != LINK_WORKING) {
        end(a, e == ERR_OK && p == LINK_DONE);
        return false;
    }
    int64_t due = link_due(a->link), now = seat_now_ms(a->seat);
    if (due != INT64_MAX)
        world_after(due > now ? due - now : 1, on_due, a->seat, ++a->seat->ask_tick);
    return true;
}

static void on_due(void *to, uint64_t tick)
{
    struct seat *s = to;
    if (!s->ask || s->ask_tick != tick)
        return;
    int before = disk_enter(s->ask->process);
    (void)after(s->ask, link_tick(s->ask->link, seat_now_ms(s)));
    disk_enter(before);
}

static void on_bytes(void *to, struct slice bytes)
{
    struct ask *a = to;
    struct seat *s = a->seat;
    size_t used = 1, at = 0;
    int before = disk_enter(a->process);
    buf_append_slice(&a->in, bytes);
    while (a && used) {
        struct frame f;
        enum err e = frame_take(slice_of(a->in.data + at, a->in.size - at), LIMIT_FRAME, &f, &used);
        CHECK(e == ERR_OK);
        at += used;
        if (used && !after(a, link_take(a->link, f.type, f.payload, seat_now_ms(s))))
            a = NULL;
    }
    if (a)
        buf_consume(&a->in, at);
    disk_enter(before);
}

static void on_over(void *to)
{
    end(to, false);
}

/* ---- asking ---- */

static void on_up(void *to, uint64_t tick)
{
    struct seat *s = to;
    struct ask *a = s->ask;
    Wire__RowsAsk rows = WIRE__ROWS_ASK__INIT;
    if (!a || s->ask_tick != tick)
        return;
    int before = disk_enter(a->process);
    if (!s->online || !cert_knock(s, a->line)) {
        line_close(a->line, SIDE_SERVER);
        end(a, false);
    } else {
        struct link_options options = {.mode = LINK_ASK, .version = "sim", .on_answer = on_answer, .to = a};
        a->link = link_create(a->r, &options);
        enum err e = link_start(a->link, seat_now_ms(s));
        rows.org_code = (char *)a->org_code;
        rows.has_kind = 1;
        rows.kind = a->kind;
        if (e == ERR_OK)
            e = link_ask(a->link, FRAME_ROWS_ASK, &rows.base);
        (void)after(a, e);
    }
    disk_enter(before);
}

void seat_ask(struct seat *s, const char *org_code, uint32_t kind, seat_on_seen *on_seen, void *to)
{
    if (s->gone || s->ask)
        return;
    struct ask *a = calloc(1, sizeof *a);
    CHECK(a);
    *a = (struct ask){.seat = s, .org_code = org_code, .kind = kind, .on_seen = on_seen, .to = to};
    a->process = disk_process(s->machine, dice_make(dice_draw(&s->dice), "ask", 0));
    a->line = line_open(dice_make(world_seed(), "ask", s->index * UINT64_C(1000000) + s->ask_tick), &s->options.weather);
    line_attach(a->line, SIDE_CLIENT, (struct line_end){on_bytes, on_over, a});
    s->ask = a;
    s->counts.asks++;
    int before = disk_enter(a->process);
    enum err e = replica_open(disk_path(s->machine), seat_now_ms(s), &a->r);
    disk_enter(before);
    if (e != ERR_OK)
        ask_drop(s);
    else
        world_after(3 * s->options.weather.delay_ms + 1, on_up, s, ++s->ask_tick);
}
