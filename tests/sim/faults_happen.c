/* What a fault does to its district, and how it ends. */
#include "tests/sim/erase.h"
#include "tests/sim/faults.h"
#include "tests/sim/newcomer.h"
#include "tests/sim/oracle.h"
#include "tests/sim/roles.h"
#include "tests/sim/schema.h"

static unsigned device_of(const struct district *d, uint64_t number)
{
    return (unsigned)(number % d->device_count);
}

/* ---- ends of what lasts ---- */

static void on_online(void *to, uint64_t device)
{
    struct district *d = to;
    seat_set_online(d->devices[device], true);
}

/* A power cut of the district is over, or its provider's trouble: every PC starts, everybody asks. */
static void on_all_back(void *to, uint64_t arg)
{
    struct district *d = to;
    (void)arg;
    if (d->quiet)
        return;
    for (unsigned i = 0; i < d->device_count; i++) {
        seat_set_online(d->devices[i], true);
        seat_start(d->devices[i]);
        seat_call(d->devices[i]);
    }
}

static void on_fine(void *to, uint64_t device)
{
    static const struct weather fine = {.delay_ms = 20, .jitter_ms = 30, .pieces_max = 2};
    struct district *d = to;
    seat_set_weather(d->devices[device], &fine);
}

static void on_disk_well(void *to, uint64_t device)
{
    struct district *d = to;
    seat_set_disk(d->devices[device], false, 0);
}

static void on_server_disk_well(void *to, uint64_t arg)
{
    struct district *d = to;
    (void)arg;
    server_set_disk(d->server, false, 0);
}

static void on_clock_right(void *to, uint64_t machine)
{
    (void)to;
    disk_set_clock((int)machine, 0);
}

static void on_let_in(void *to, uint64_t seat)
{
    struct district *d = to;
    if (server_seat_is(d->server, (uint32_t)seat, SEAT_SUSPENDED))
        server_set_seat(d->server, (uint32_t)seat, SEAT_ACTIVE);
}

void faults_end(struct district *d)
{
    on_server_disk_well(d, 0);
    server_kill_desk_at(d->server, 0, false);
    on_clock_right(d, (uint64_t)server_machine(d->server));
    for (unsigned i = 0; i < d->device_count; i++) {
        on_fine(d, i);
        on_online(d, i);
        on_disk_well(d, i);
        on_clock_right(d, (uint64_t)seat_machine(d->devices[i]));
        on_let_in(d, seat_options(d->devices[i])->number);
    }
}

/* ---- lines ---- */

static void spoil(struct district *d, const struct fault *f, unsigned device)
{
    struct weather bad = {.delay_ms = 400, .jitter_ms = 3000, .pieces_max = 8, .cut_per_mille = 15};
    if (f->type == FAULT_SLOW)
        bad = (struct weather){.delay_ms = 200, .jitter_ms = 100, .bytes_per_ms = 1, .pieces_max = 4};
    seat_set_weather(d->devices[device], &bad);
    world_after(f->lasts_ms, on_fine, d, device);
}

static void of_line(struct district *d, const struct fault *f, unsigned device)
{
    struct seat *s = d->devices[device];
    if (f->type == FAULT_CUT)
        seat_cut(s, (int64_t)(f->number * 7 % 3000), (int64_t)(f->number * 13 % 5000));
    else if (f->type == FAULT_HALF_OPEN)
        seat_cut(s, f->number % 2 ? -1 : 0, f->number % 2 ? 0 : -1);
    else if (f->type == FAULT_ALL_CUT)
        for (unsigned i = 0; i < d->device_count; i++)
            seat_cut(d->devices[i], 0, 0);
    else if (f->type == FAULT_ALL_AT_ONCE) {
        for (unsigned i = 0; i < d->device_count; i++)
            seat_set_online(d->devices[i], false);
        world_after(f->lasts_ms, on_all_back, d, 0);
    } else if (f->type != FAULT_OFFLINE)
        spoil(d, f, device);
    else {
        seat_set_online(s, false);
        world_after(f->lasts_ms, on_online, d, device);
    }
}

/* ---- the server ---- */

static void restore(struct district *d, const struct fault *f, bool journal_lost)
{
    server_set_disk(d->server, false, 0);
    oracle_note_numbers(d);
    if (server_restore(d->server, (unsigned)(f->number % 2), &journal_lost)) {
        oracle_expect_on_line(d);
        district_server_lost(d, journal_lost);
    }
}

static void roll_back(struct district *d, const struct fault *f)
{
    server_set_disk(d->server, false, 0);
    oracle_note_operator(); /* the machine that is put back may not recover */
    if (f->number % 2 && server_roll_back(d->server))
        district_server_rolled_back(d);
    else
        server_snapshot(d->server);
}

static void of_server(struct district *d, const struct fault *f)
{
    struct server *s = d->server;
    switch (f->type) {
    case FAULT_SERVER_KILL:
        server_kill_at(s, f->number);
        break;
    case FAULT_SERVER_POWER:
        server_lose_power_at(s, f->number);
        break;
    case FAULT_SERVER_FULL:
    case FAULT_SERVER_IO:
        server_set_disk(s, f->type == FAULT_SERVER_FULL, f->type == FAULT_SERVER_IO ? 5 : 0);
        world_after(f->lasts_ms / 4, on_server_disk_well, d, 0);
        break;
    case FAULT_SERVER_CLOCK:
        disk_set_clock(server_machine(s), ((int64_t)(f->number % 5) - 2) * HOUR_MS);
        world_after(f->lasts_ms, on_clock_right, d, (uint64_t)server_machine(s));
        break;
    case FAULT_BACKUP_KILL:
        server_kill_command_at(s, f->number, f->device % 2);
        server_backup(s);
        break;
    case FAULT_RECOVERED:
        if (d->recovering) {
            oracle_note_operator();
            server_end_recovery(s);
        }
        break;
    case FAULT_ROLL_BACK:
        roll_back(d, f);
        break;
    default:
        if (f->type == FAULT_RESTORE_KILL)
            server_kill_command_at(s, f->number, f->device % 2);
        restore(d, f, f->type == FAULT_RESTORE_ALL);
    }
}

/* ---- devices and their seats ---- */

static void lose(struct district *d, unsigned device)
{
    unsigned left = 0;
    for (unsigned i = 0; i < d->device_count; i++)
        left += !seat_is_gone(d->devices[i]);
    if (left < 3 || device == 0)
        return;
    seat_lose(d->devices[device]);
    district_device_lost(d);
}

static void of_seat(struct district *d, const struct fault *f, unsigned device)
{
    uint32_t seat = seat_options(d->devices[device])->number;
    if (device == 0)
        return; /* the district's own */
    if (f->type == FAULT_REVOKE) {
        server_set_seat(d->server, seat, SEAT_REVOKED);
        oracle_note_revoked(d, seat);
        return;
    }
    if (!server_seat_is(d->server, seat, SEAT_ACTIVE))
        return;
    server_set_seat(d->server, seat, SEAT_SUSPENDED);
    world_after(f->lasts_ms, on_let_in, d, seat);
}

/* By days; of five one by months or years: its battery is empty, or somebody mistook the year. */
static int64_t clock_off_ms(uint64_t number)
{
    int64_t off = (int64_t)(number % 61) - 30;
    return off * (number % 5 == 4 ? 61 : 1) * DAY_MS;
}

static void of_device(struct district *d, const struct fault *f, unsigned device)
{
    struct seat *s = d->devices[device];
    switch (f->type) {
    case FAULT_AGENT_KILL:
        seat_kill_agent_at(s, f->number);
        break;
    case FAULT_COMMAND_KILL:
        seat_kill_command_at(s, f->number);
        break;
    case FAULT_DEVICE_POWER:
        seat_lose_power_at(s, f->number);
        break;
    case FAULT_DEVICE_FULL:
    case FAULT_DEVICE_IO:
        seat_set_disk(s, f->type == FAULT_DEVICE_FULL, f->type == FAULT_DEVICE_IO ? 10 : 0);
        world_after(f->lasts_ms, on_disk_well, d, device);
        break;
    case FAULT_CLOCK:
        disk_set_clock(seat_machine(s), clock_off_ms(f->number));
        world_after(f->lasts_ms, on_clock_right, d, (uint64_t)seat_machine(s));
        break;
    case FAULT_KEEP_COPY:
        if (!seat_is_gone(s))
            seat_keep_copy(s);
        break;
    case FAULT_PUT_COPY_BACK:
        if (seat_put_copy_back(s))
            district_device_lost(d);
        break;
    case FAULT_CLONE:
        if (device != 0)
            (void)district_clone(d, s);
        break;
    default:
        lose(d, device);
    }
}

void fault_happens(struct district *d, const struct fault *f)
{
    unsigned device = device_of(d, f->device);
    if (f->type == FAULT_ERASE)
        erase_happens(d, f->number);
    else if (f->type == FAULT_RENEW)
        schema_renew_device(d->devices[device], f->number % 2);
    else if (f->type == FAULT_SERVER_RENEW)
        schema_renew_server(d);
    else if (f->type == FAULT_JOIN)
        newcomer_happens(d, f);
    else if (f->type == FAULT_CERTIFICATE)
        newcomer_ages(d, f);
    else if (f->type == FAULT_OPERATOR_KILL)
        server_kill_desk_at(d->server, f->number, f->device == 0);
    else if (f->type == FAULT_BRANCH)
        newcomer_founds(d, f);
    else if (f->type <= FAULT_ALL_AT_ONCE)
        of_line(d, f, device);
    else if (f->type <= FAULT_SERVER_IO || (f->type >= FAULT_SERVER_CLOCK && f->type <= FAULT_ROLL_BACK))
        of_server(d, f);
    else if (f->type == FAULT_ROLES)
        roles_happen(d, device, f->number);
    else if (f->type == FAULT_REVOKE || f->type == FAULT_SUSPEND)
        of_seat(d, f, device);
    else
        of_device(d, f, device);
}
