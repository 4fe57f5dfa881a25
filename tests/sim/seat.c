/* Files, commands and disasters of a device; see seat.h. */
#include "tests/sim/seat_inner.h"
#include "tests/sim/schema.h"

#include "client/replica/replica_inner.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define RESTART_MS_MAX (2 * HOUR_MS) /* somebody switches it on again */

/* ---- life ---- */

static struct seat *make_on(unsigned index, const struct seat_options *options, int machine)
{
    struct seat *s = calloc(1, sizeof *s);
    CHECK(s);
    s->options = *options;
    s->index = index;
    s->dice = dice_make(world_seed(), "device", index);
    s->machine = machine;
    s->online = true;
    s->page_size = dice_below(&s->dice, 2) ? 200 + dice_below(&s->dice, 4000) : 0;
    return s;
}

static struct seat *make(unsigned index, const struct seat_options *options)
{
    char name[32];
    snprintf(name, sizeof name, "device-%u", index);
    return make_on(index, options, disk_machine(name));
}

struct seat *seat_adopt(unsigned index, const struct seat_options *options, int machine)
{
    struct seat *s = make_on(index, options, machine);
    s->fresh = true;
    cert_load(s);
    return s;
}

struct seat *seat_create(unsigned index, const struct seat_options *options)
{
    struct seat *s = make(index, options);
    struct replica_seat about = {.number = options->number, .person = "张三", .roles = options->roles, .home = options->org,
                                 .home_code = options->org_code, .home_name = "青禾幼儿园工会", .home_level = options->level,
                                 .district = "青禾区教育工会", .server = "127.0.0.1:1"};
    int before = disk_enter(disk_process(s->machine, dice_make(dice_draw(&s->dice), "join", 0)));
    CHECK(replica_create(disk_path(s->machine), &about, world_now_ms()) == ERR_OK);
    disk_enter(before);
    return s;
}

void seat_close_hand(struct seat *s)
{
    if (!s->hand_r)
        return;
    int before = disk_enter(s->hand);
    replica_close(s->hand_r);
    s->hand_r = NULL;
    disk_enter(before);
}

void seat_retire(struct seat *s)
{
    ask_drop(s);
    seat_close_hand(s);
    s->gone = true;
    s->staying = false;
    if (s->agent != DISK_NOBODY)
        agent_drop(s);
}

void seat_destroy(struct seat *s)
{
    seat_close_hand(s);
    if (s->agent != DISK_NOBODY)
        agent_drop(s);
    buf_finish(&s->cert);
    free(s);
}

const struct seat_options *seat_options(const struct seat *s)
{
    return &s->options;
}

unsigned seat_index(const struct seat *s)
{
    return s->index;
}

int seat_machine(const struct seat *s)
{
    return s->machine;
}

bool seat_is_gone(const struct seat *s)
{
    return s->gone;
}

uint64_t seat_rounds(const struct seat *s)
{
    return s->rounds;
}

int64_t seat_level_ms(const struct seat *s)
{
    return s->level_ms;
}

int64_t seat_now_ms(const struct seat *s)
{
    return disk_now_ms(s->machine);
}

struct seat_counts seat_counts(const struct seat *s)
{
    return s->counts;
}

/* ---- the line ---- */

void seat_set_online(struct seat *s, bool online)
{
    s->online = online;
    if (!online)
        seat_cut(s, dice_between(&s->dice, 0, 5000), dice_below(&s->dice, 2) ? -1 : 5000);
}

void seat_set_weather(struct seat *s, const struct weather *weather)
{
    s->options.weather = *weather;
    if (s->line)
        line_weather(s->line, weather);
}

void seat_cut(struct seat *s, int64_t client_told_ms, int64_t server_told_ms)
{
    if (s->line)
        line_cut(s->line, client_told_ms, server_told_ms);
}

static void kill_all(struct seat *s)
{
    ask_drop(s);
    if (s->agent != DISK_NOBODY) {
        disk_kill(s->agent);
        agent_drop(s);
    }
    if (s->hand_r) {
        disk_kill(s->hand);
        seat_close_hand(s);
    }
}

bool seat_power_is_lost(struct seat *s)
{
    if (!s->power)
        return false;
    world_tell("device %u loses power", s->index);
    s->power = false;
    kill_all(s);
    disk_power_loss(s->machine, &s->dice);
    agent_start_after(s, dice_between(&s->dice, MINUTE_MS, RESTART_MS_MAX));
    return true;
}

/* ---- commands ---- */

static void open_hand(struct seat *s)
{
    s->hand = disk_process(s->machine, dice_make(dice_draw(&s->dice), "command", 0));
    int before = disk_enter(s->hand);
    enum err e = replica_open(disk_path(s->machine), seat_now_ms(s), &s->hand_r);
    disk_enter(before);
    if (e != ERR_OK && !s->faulty && !disk_is_dead(s->hand) && e != ERR_LOCKED)
        world_fail("device %u: a command cannot open the database: %s", s->index, err_name(e));
}

struct replica *seat_begin(struct seat *s)
{
    if (s->gone)
        return NULL;
    if (!s->hand_r)
        open_hand(s);
    if (!s->hand_r)
        return NULL;
    if (s->kill_hand_at)
        disk_kill_at(s->hand, s->kill_hand_at);
    s->kill_hand_at = 0;
    s->before = disk_enter(s->hand);
    return s->hand_r;
}

void seat_end(struct seat *s)
{
    disk_enter(s->before);
    bool died = disk_is_dead(s->hand);
    s->counts.kills += died;
    if (died || dice_below(&s->dice, 40) == 0)
        seat_close_hand(s);
    if (died && seat_power_is_lost(s))
        return;
    agent_poll_soon(s);
}

struct replica *seat_look(struct seat *s)
{
    if (s->gone)
        return NULL;
    if (s->hand_r && !s->faulty) {
        s->before = disk_enter(DISK_NOBODY);
        schema_entered(s->hand);
        return s->hand_r;
    }
    seat_close_hand(s);
    bool faulty = s->faulty;
    struct disk_health health = disk_health(s->machine);
    seat_set_disk(s, false, 0);
    open_hand(s);
    seat_set_disk(s, health.full, health.faulty);
    s->faulty = faulty;
    if (s->hand_r) {
        s->before = disk_enter(DISK_NOBODY);
        schema_entered(s->hand);
    }
    return s->hand_r;
}

void seat_look_end(struct seat *s)
{
    disk_enter(s->before);
    if (s->faulty)
        seat_close_hand(s);
}

void seat_renew_begin(struct seat *s, bool agent_goes_on)
{
    ask_drop(s);
    if (!agent_goes_on)
        seat_stop(s);
    if (s->agent != DISK_NOBODY && !agent_goes_on)
        agent_drop(s);
    seat_close_hand(s);
}

/* ---- disasters ---- */

void seat_kill_agent_at(struct seat *s, uint64_t writes)
{
    if (s->agent == DISK_NOBODY)
        return;
    if (writes) {
        disk_kill_at(s->agent, writes);
        return;
    }
    disk_kill(s->agent);
    agent_drop(s);
    agent_start_after(s, dice_between(&s->dice, MINUTE_MS, HOUR_MS));
}

void seat_kill_command_at(struct seat *s, uint64_t writes)
{
    s->kill_hand_at = writes;
}

void seat_set_disk(struct seat *s, bool full, unsigned faulty_per_mille)
{
    disk_set_full(s->machine, full);
    disk_set_faulty(s->machine, faulty_per_mille);
    s->faulty = full || faulty_per_mille;
}

void seat_lose_power_at(struct seat *s, uint64_t writes)
{
    s->power = true;
    s->kill_hand_at = writes;
    if (s->agent != DISK_NOBODY)
        disk_kill_at(s->agent, writes);
}

void seat_lose(struct seat *s)
{
    world_tell("device %u is lost", s->index);
    kill_all(s);
    s->gone = true;
    s->counts.lost_ms = world_now_ms();
}

/* ---- copies ---- */

static void copy_files(int from, int to)
{
    disk_copy(from, to, REPLICA_FILE);
    disk_copy(from, to, REPLICA_FILE "-wal");
    disk_copy(from, to, "key.pem"); /* who was made without joining has none of these */
    disk_copy(from, to, "cert.pem");
    disk_copy(from, to, "ca.pem");
    disk_copy(to, to, REPLICA_FILE "-shm"); /* it goes: what it says is of the files that were here */
}

void seat_keep_copy(struct seat *s)
{
    char name[32];
    snprintf(name, sizeof name, "shelf-%u", s->index);
    if (!s->shelf)
        s->shelf = disk_machine(name);
    copy_files(s->machine, s->shelf);
}

bool seat_put_copy_back(struct seat *s)
{
    if (!s->shelf || s->gone)
        return false;
    kill_all(s);
    copy_files(s->shelf, s->machine);
    cert_load(s);
    s->counts.lives++;
    agent_start_after(s, dice_between(&s->dice, MINUTE_MS, RESTART_MS_MAX));
    return true;
}

struct seat *seat_clone(struct seat *s, unsigned index)
{
    struct seat *other = make(index, &s->options);
    copy_files(s->machine, other->machine);
    schema_copy(s->machine, other->machine);
    cert_load(other);
    return other;
}
