/* One attempt to join: agent_join.c, whose stream is a line of the world. Who was cut, died or was put off tries the same code again in
 * the same folder, as its person would. */
#include "tests/sim/newcomer_inner.h"

#include "base/key_file.h"
#include "base/limits.h"

#include <stdlib.h>

#define JOIN_MS 30000
#define AGAIN_MS_MAX (20 * MINUTE_MS)
#define RESTART_MS_MAX HOUR_MS

static void on_try(void *to, uint64_t life);

void newcomer_try_after(struct newcomer *n, int64_t ms)
{
    world_after(ms, on_try, n, ++n->life);
}

/* ---- the end of an attempt ---- */

void newcomer_drop(struct newcomer *n)
{
    if (n->process == DISK_NOBODY)
        return;
    int before = disk_enter(n->process);
    if (n->line)
        line_close(n->line, SIDE_CLIENT);
    joining_close(n->joining);
    disk_enter(before);
    n->line = NULL;
    n->joining = NULL;
    n->in.size = 0;
    n->process = DISK_NOBODY;
    n->life++;
}

static void die(struct newcomer *n)
{
    world_tell("newcomer %u dies", n->number);
    newcomer_drop(n);
    if (n->power) {
        world_tell("newcomer %u loses power", n->number);
        disk_power_loss(n->machine, &n->dice);
    }
    n->power = false;
    n->kill_at = dice_below(&n->dice, 3) ? 0 : 1 + dice_below(&n->dice, 1u << dice_below(&n->dice, 9));
    (void)newcomer_is_whole(n);
    newcomer_try_after(n, dice_between(&n->dice, MINUTE_MS, RESTART_MS_MAX));
}

static void leave(struct newcomer *n, int before)
{
    if (disk_is_dead(n->process))
        die(n);
    disk_enter(before);
}

static void again(struct newcomer *n, enum err why)
{
    if (disk_is_dead(n->process))
        return; /* leave sees it */
    world_tell("newcomer %u tries again later: %s", n->number, err_name(why));
    newcomer_drop(n);
    disk_set_full(n->machine, false);
    newcomer_try_after(n, dice_between(&n->dice, MINUTE_MS, AGAIN_MS_MAX));
}

#define WRITES_OF_KEEPING 200 /* about: files, then the database, then its name */
#define WRITES_AT_THE_END 30

/* Of three one dies while it keeps what came, half of those where most of it is there. */
static enum err keep(struct newcomer *n)
{
    unsigned from_end = dice_below(&n->dice, dice_below(&n->dice, 2) ? WRITES_AT_THE_END : WRITES_OF_KEEPING);
    if (n->district->scale.trouble && !n->district->quiet && dice_below(&n->dice, 3) == 0)
        disk_kill_at(n->process, WRITES_OF_KEEPING - from_end);
    return joining_keep(n->joining);
}

static void over(struct newcomer *n, enum err why)
{
    enum err refusal = joining_refusal(n->joining, NULL);
    if (refusal == ERR_REFUSED) {
        newcomer_drop(n);
        newcomer_refused(n);
    } else if (refusal != ERR_OK || why != ERR_OK) {
        again(n, refusal != ERR_OK ? refusal : why);
    } else if ((why = keep(n)) != ERR_OK) {
        again(n, why);
    } else if (!disk_is_dead(n->process)) {
        newcomer_drop(n);
        newcomer_is_in(n);
    }
}

/* ---- on the line ---- */

static void on_bytes(void *to, struct slice bytes)
{
    struct newcomer *n = to;
    struct frame f;
    size_t used;
    int before = disk_enter(n->process);
    buf_append_slice(&n->in, bytes);
    CHECK(frame_take(buf_slice(&n->in), LIMIT_FRAME, &f, &used) == ERR_OK);
    if (used) {
        enum err e = joining_take(n->joining, f.type, f.payload, disk_now_ms(n->machine));
        if (e != ERR_OK)
            world_fail("newcomer %u says that the server broke the protocol: %s", n->number, err_name(e));
        if (joining_is_answered(n->joining))
            newcomer_told(n);
        over(n, ERR_OK);
    }
    leave(n, before);
}

static void on_over(void *to)
{
    struct newcomer *n = to;
    int before = disk_enter(n->process);
    over(n, ERR_CUT);
    leave(n, before);
}

static void on_deadline(void *to, uint64_t life)
{
    struct newcomer *n = to;
    if (n->life != life)
        return;
    int before = disk_enter(n->process);
    over(n, ERR_TIMEOUT);
    leave(n, before);
}

static void on_cut(void *to, uint64_t life)
{
    struct newcomer *n = to;
    if (n->life == life && n->line)
        line_cut(n->line, dice_below(&n->dice, 4) ? 10 : -1, dice_between(&n->dice, 0, 5000));
}

/* The CA that the server's chain would end in. */
static void read_ca(struct newcomer *n, struct buf *pem)
{
    int before = disk_enter(DISK_NOBODY);
    CHECK(key_file_read(disk_path(server_machine(n->district->server)), "ca.pem", pem) == ERR_OK);
    disk_enter(before);
}

static void on_up(void *to, uint64_t life)
{
    struct newcomer *n = to;
    struct buf ca = BUF_INIT, frame = BUF_INIT;
    if (n->life != life)
        return;
    int before = disk_enter(n->process);
    if (!server_accept_stranger(n->district->server, n->line)) {
        line_close(n->line, SIDE_SERVER);
        again(n, ERR_OFFLINE);
    } else {
        read_ca(n, &ca);
        newcomer_asks(n);
        CHECK(joining_up(n->joining, buf_slice(&ca), disk_now_ms(n->machine), &frame) == ERR_OK);
        world_mix(frame.data, frame.size);
        line_send(n->line, SIDE_CLIENT, buf_slice(&frame));
    }
    buf_finish(&frame);
    buf_finish(&ca);
    leave(n, before);
}

/* ---- an attempt ---- */

static void call(struct newcomer *n)
{
    n->line = line_open(dice_make(world_seed(), "newcomer's line", n->number * UINT64_C(1000000) + n->life), &n->weather);
    line_attach(n->line, SIDE_CLIENT, (struct line_end){on_bytes, on_over, n});
    world_after(3 * n->weather.delay_ms + 1, on_up, n, n->life);
    world_after(JOIN_MS, on_deadline, n, n->life);
    if (n->district->scale.trouble && !n->district->quiet && dice_below(&n->dice, 3) == 0)
        world_after(dice_between(&n->dice, 0, 8 * n->weather.delay_ms + 40), on_cut, n, n->life);
}

static void begin(struct newcomer *n)
{
    struct buf why = BUF_INIT;
    arena_finish(&n->joined.arena);
    arena_init(&n->joined.arena, LIMIT_ARENA);
    enum err e = joining_open(disk_path(n->machine), buf_c_string(&n->code->text), &n->joined, &n->joining, &why);
    if (e == ERR_VALUE || e == ERR_VERSION)
        world_fail("newcomer %u: its code is no code: %s", n->number, buf_c_string(&why));
    buf_finish(&why);
    if (e == ERR_OK && !disk_is_dead(n->process)) {
        call(n);
    } else if (e == ERR_EXISTS && !disk_is_dead(n->process)) { /* it had joined when it died */
        newcomer_drop(n);
        newcomer_is_in(n);
    } else {
        again(n, e);
    }
}

static void on_try(void *to, uint64_t life)
{
    struct newcomer *n = to;
    if (n->life != life || n->settled)
        return;
    n->process = disk_process(n->machine, dice_make(dice_draw(&n->dice), "join", 0));
    if (n->kill_at && !n->district->quiet)
        disk_kill_at(n->process, n->kill_at);
    n->kill_at = 0;
    int before = disk_enter(n->process);
    begin(n);
    leave(n, before);
}
