/* A question of a command (`list --branch`): a process of its own with a session of its own, beside the agent. What comes is kept as
 * seen, so that the person can act on it. client/agent/agent.c's agent_ask, with the world's lines. */
#include "tests/sim/seat_inner.h"

#include "base/limits.h"

#include <stdio.h>
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
    struct seat_invite invite; /* roles NULL: it is no such question */
    struct buf code;
    char refusal[32];
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
    buf_finish(&a->code);
    disk_enter(before);
    free(a);
}

/* The command is over, and its person acts: as nobody's process. */
static void tell_inviter(const struct seat_invite *invite, struct buf *code, const char *refusal)
{
    int before = disk_enter(DISK_NOBODY);
    invite->on_answer(invite->to, invite->question, code, refusal[0] ? refusal : NULL);
    disk_enter(before);
}

/* What was seen is acted on while the command lives. */
static void end(struct ask *a, bool answered)
{
    struct seat *s = a->seat;
    struct seat_invite invite = a->invite;
    struct buf code = a->code;
    char refusal[sizeof a->refusal];
    memcpy(refusal, a->refusal, sizeof refusal);
    a->code = (struct buf)BUF_INIT;
    answered = answered && !disk_is_dead(a->process);
    if (answered && a->on_seen)
        a->on_seen(a->to, a->r, a->seen, a->seen_count);
    ask_drop(s);
    agent_poll_soon(s);
    if (answered && (code.size || refusal[0]))
        tell_inviter(&invite, &code, refusal);
    buf_finish(&code);
}

/* ---- carrying ---- */

static void take_invited(struct ask *a, enum frame_type type, const ProtobufCMessage *m)
{
    if (a->code.size || a->refusal[0])
        world_fail("device %u: one question for a code is answered twice", a->seat->index);
    if (type == FRAME_INVITED)
        buf_text(&a->code, ((const Wire__Invited *)m)->code);
    else if (type == FRAME_ERROR)
        snprintf(a->refusal, sizeof a->refusal, "%s", ((const Wire__Error *)m)->code);
}

static void on_answer(void *to, enum frame_type type, const ProtobufCMessage *m)
{
    struct ask *a = to;
    if (a->invite.roles) {
        take_invited(a, type, m);
        return;
    }
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

static enum err put_question(struct ask *a)
{
    Wire__RowsAsk rows = WIRE__ROWS_ASK__INIT;
    Wire__InviteAsk invite = WIRE__INVITE_ASK__INIT;
    if (a->invite.roles) {
        invite.roles = (char *)a->invite.roles;
        invite.person = "张三";
        invite.org_code = (char *)a->invite.org_code;
        invite.has_days = 1;
        invite.days = a->invite.days;
        return link_ask(a->link, FRAME_INVITE_ASK, &invite.base);
    }
    rows.org_code = (char *)a->org_code;
    rows.has_kind = 1;
    rows.kind = a->kind;
    return link_ask(a->link, FRAME_ROWS_ASK, &rows.base);
}

static void on_up(void *to, uint64_t tick)
{
    struct seat *s = to;
    struct ask *a = s->ask;
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
        if (e == ERR_OK)
            e = put_question(a);
        (void)after(a, e);
    }
    disk_enter(before);
}

static bool begin(struct seat *s, const struct ask *about)
{
    if (s->gone || s->ask)
        return false;
    struct ask *a = malloc(sizeof *a);
    CHECK(a);
    *a = *about;
    a->seat = s;
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
    return e == ERR_OK;
}

void seat_ask(struct seat *s, const char *org_code, uint32_t kind, seat_on_seen *on_seen, void *to)
{
    (void)begin(s, &(struct ask){.org_code = org_code, .kind = kind, .on_seen = on_seen, .to = to});
}

bool seat_ask_invite(struct seat *s, const struct seat_invite *invite)
{
    return begin(s, &(struct ask){.invite = *invite});
}

void seat_ask_cut(struct seat *s, int64_t client_told_ms, int64_t server_told_ms)
{
    if (s->ask && s->ask->line)
        line_cut(s->ask->line, client_told_ms, server_told_ms);
}
