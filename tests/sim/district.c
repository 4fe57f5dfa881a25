/* Making a district from the seed; see district.h. */
#include "tests/sim/district.h"

#include "tests/sim/erase.h"
#include "tests/sim/newcomer.h"
#include "tests/sim/oracle.h"
#include "tests/sim/oracle_live.h"
#include "tests/sim/people.h"
#include "tests/sim/roles.h"
#include "tests/sim/stock.h"

#include "base/limits.h"

#include <stdio.h>
#include <stdlib.h>

/* ---- scale: most runs are small, a few are as large as a district ---- */

static unsigned draw_size(struct dice *d)
{
    static const struct {
        unsigned low, high, weight;
    } sizes[] = {{1, 1, 25}, {2, 3, 40}, {4, 8, 25}, {9, 20, 8}, {21, 50, 2}};
    unsigned at = dice_below(d, 100);
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        if (at < sizes[i].weight)
            return (unsigned)dice_between(d, sizes[i].low, sizes[i].high);
        at -= sizes[i].weight;
    }
    return 1;
}

/* By dice of its own. One server of four is soon busy. Two at least: who reports and pushes in one go puts two jobs, and beside
 * one place his own first would put off his second each time (seed 60004). */
static size_t draw_queue(uint64_t seed)
{
    struct dice d = dice_make(seed, "queue", 0);
    return dice_below(&d, 4) ? LIMIT_WRITER_QUEUE : 2 + dice_below(&d, 5);
}

/* 10 to 100,000 records in all, most runs with few. */
static unsigned draw_stock(struct dice *d)
{
    static const struct {
        int64_t low, high;
        unsigned per_mille;
    } sizes[] = {{100, 1000, 120}, {1000, 10000, 25}, {10000, 99000, 3}};
    unsigned at = dice_below(d, 1000);
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        if (at < sizes[i].per_mille)
            return (unsigned)dice_between(d, sizes[i].low, sizes[i].high);
        at -= sizes[i].per_mille;
    }
    return 0;
}

#define BY_HAND 10 /* of a branch: what people enter at first at most, where records are wished for */

static void wish(unsigned *drawn, unsigned wished)
{
    *drawn = wished ? wished : *drawn;
}

struct scale scale_draw(uint64_t seed, const struct scale_wish *wished)
{
    struct dice d = dice_make(seed, "scale", 0);
    static const unsigned a_day[] = {3, 10, 20, 50}, wal[] = {30, 300, 16384}, trouble[] = {0, 1, 1, 2, 2, 2, 3, 3, 4};
    struct scale s = {.branches = draw_size(&d)};
    s.seats_a_branch = s.branches > 20 ? 2 : 2 + dice_below(&d, 4);
    s.days = s.branches > 8 ? 1 + dice_below(&d, 2) : 1 + dice_below(&d, s.branches > 3 ? 4 : 10);
    s.records = s.branches * (2 + dice_below(&d, 10));
    s.sittings_a_day = a_day[dice_below(&d, 4)];
    bool like_life = dice_below(&d, 3) == 0;
    s.habits[HABIT_FLAKY] = like_life ? 200 : dice_below(&d, 400);
    s.habits[HABIT_DAILY] = like_life ? 60 : dice_below(&d, 300);
    s.habits[HABIT_WEEKLY] = like_life ? 20 : dice_below(&d, 100);
    s.backup_hours = 3 + dice_below(&d, 22);
    s.wal_pages_max = wal[dice_below(&d, 3)];
    s.commit_ms_max = dice_below(&d, 4) ? 10 : 2000;
    s.delay_ms_max = dice_below(&d, 4) ? 100 : 3000;
    s.trouble = trouble[dice_below(&d, 9)];
    s.same_record = dice_below(&d, 5) ? 50 : 600;
    s.stock = draw_stock(&d);
    s.queue_max = draw_queue(seed);
    wish(&s.branches, wished->branches);
    wish(&s.seats_a_branch, wished->seats_a_branch);
    wish(&s.days, wished->days);
    if (wished->records) {
        s.records = wished->records < s.branches * BY_HAND ? wished->records : s.branches * BY_HAND;
        s.stock = wished->records - s.records;
    }
    return s;
}

void scale_print(const struct scale *s)
{
    printf("  %u branches of %u seats, %u days, %u records at first and %u entered, %.1f sittings a day, trouble %u, flaky %u daily %u weekly %u per mille, WAL %lld, backups each %u h, "
           "commit %lld ms, queue %zu, delay %lld ms, same record %u per mille\n",
           s->branches, s->seats_a_branch, s->days, s->stock, s->records, s->sittings_a_day / 10.0, s->trouble, s->habits[HABIT_FLAKY], s->habits[HABIT_DAILY],
           s->habits[HABIT_WEEKLY], (long long)s->wal_pages_max, s->backup_hours, (long long)s->commit_ms_max, s->queue_max, (long long)s->delay_ms_max, s->same_record);
}

/* ---- making it ---- */

static void on_recovered(void *to);
static void on_backup(void *to, uint64_t hours);

static enum habit draw_habit(const struct scale *s, struct dice *d)
{
    unsigned at = dice_below(d, 1000);
    for (enum habit h = HABIT_FLAKY; h <= HABIT_WEEKLY; h++) {
        if (at < s->habits[h])
            return h;
        at -= s->habits[h];
    }
    return HABIT_ALWAYS;
}

static struct weather draw_weather(const struct scale *s, enum habit habit, struct dice *d)
{
    struct weather w = {.delay_ms = dice_between(d, 1, s->delay_ms_max), .pieces_max = 1 + dice_below(d, 4)};
    w.jitter_ms = dice_between(d, 0, 2 * w.delay_ms);
    w.cut_per_mille = habit == HABIT_FLAKY ? 5 : 0;
    return w;
}

struct seat *district_add(struct district *d, struct seat *device)
{
    CHECK(d->device_count < DEVICES_MAX);
    return d->devices[d->device_count++] = device;
}

static void add_seat(struct district *d, uint32_t org, const char *code, const char *level, const char *roles, struct dice *dice)
{
    struct seat_options o = {.server = d->server, .org = org, .org_code = code, .level = level, .roles = roles};
    o.number = server_add_seat(d->server, org, roles);
    o.habit = draw_habit(&d->scale, dice);
    o.weather = draw_weather(&d->scale, o.habit, dice);
    district_add(d, seat_create(d->device_count, &o));
}

static const char *make_code(struct district *d)
{
    static char codes[BRANCHES_MAX][16];
    CHECK(d->founded < BRANCHES_MAX);
    char *code = codes[d->founded++];
    snprintf(code, sizeof codes[0], "QH-%03u", d->founded);
    return code;
}

void district_know(struct district *d, struct branch b)
{
    unsigned at = d->scale.branches++;
    for (; at > 0 && d->branches[at - 1] > b.org; at--) {
        d->branches[at] = d->branches[at - 1];
        d->codes[at] = d->codes[at - 1];
    }
    d->branches[at] = b.org;
    d->codes[at] = b.code;
}

void district_forget(struct district *d, unsigned at)
{
    d->lost[d->lost_count++] = (struct branch){d->branches[at], d->codes[at]};
    for (unsigned i = at; i + 1 < d->scale.branches; i++) {
        d->branches[i] = d->branches[i + 1];
        d->codes[i] = d->codes[i + 1];
    }
    d->scale.branches--;
}

uint32_t district_found(struct district *d)
{
    if (d->founded == BRANCHES_MAX || server_has_trouble(d->server))
        return 0;
    struct branch b = {.code = make_code(d)};
    b.org = server_add_branch(d->server, b.code);
    world_tell("branch %s is founded: org %u", b.code, b.org);
    district_know(d, b);
    return b.org;
}

static void add_branch(struct district *d, struct dice *dice)
{
    static const char *const roles[] = {"union_chair", "accountant", "committee_member", "union_chair,accountant", "audit_member"};
    const char *code = make_code(d);
    uint32_t org = server_add_branch(d->server, code);
    district_know(d, (struct branch){org, code});
    for (unsigned i = 0; i < d->scale.seats_a_branch; i++)
        add_seat(d, org, code, "branch", roles[i % 5], dice);
}

/* What is years old stands in backups: no device is asked to keep its entries (rule 24). */
static void stock(struct district *d, const uint32_t *founders)
{
    unsigned left = d->scale.stock;
    for (unsigned i = 0; i < d->scale.branches; i++) {
        unsigned part = left / (d->scale.branches - i);
        if (part)
            stock_org(d->server, d->branches[i], founders[i], part);
        left -= part;
    }
    server_backup(d->server);
    server_backup(d->server);
}

struct district *district_create(const struct scale *scale)
{
    struct district *d = calloc(1, sizeof *d);
    CHECK(d && scale->branches <= BRANCHES_MAX);
    d->scale = *scale;
    d->dice = dice_make(world_seed(), "oracle", 0);
    struct dice dice = dice_make(world_seed(), "district", 0);
    struct server_options options = {.commit_ms_max = scale->commit_ms_max, .wal_pages_max = scale->wal_pages_max, .queue_max = scale->queue_max};
    d->server = server_create(dice_make(world_seed(), "server", 0), &options);
    server_make_many(d->server, true);
    add_seat(d, 1, "qinghe", "district", "district_officer", &dice);
    d->scale.branches = 0;
    for (unsigned i = 0; i < scale->branches; i++)
        add_branch(d, &dice);
    d->founders = d->device_count;
    uint32_t founders[BRANCHES_MAX];
    for (unsigned i = 0; scale->stock && i < scale->branches; i++)
        founders[i] = server_add_seat(d->server, d->branches[i], "union_chair,accountant");
    server_make_many(d->server, false);
    if (scale->stock)
        stock(d, founders);
    for (int m = 1; scale->trouble && m <= disk_machines(); m++)
        disk_note(m);
    server_on_recovered(d->server, on_recovered, d);
    server_start(d->server);
    world_after(dice_between(&dice, 0, DAY_MS), on_backup, d, scale->backup_hours);
    for (unsigned i = 0; i < d->device_count; i++)
        seat_start(d->devices[i]);
    return d;
}

/* What is on its way arrives first: events hold what they bring. */
void district_destroy(struct district *d)
{
    for (unsigned i = 0; i < d->device_count; i++)
        seat_retire(d->devices[i]);
    server_stop(d->server);
    (void)world_run(world_now_ms() + DAY_MS, NULL, NULL);
    for (unsigned i = 0; i < d->device_count; i++)
        seat_destroy(d->devices[i]);
    newcomer_finish(d);
    server_destroy(d->server);
    ledger_finish(&d->ledger);
    roles_finish(d);
    erase_finish(d);
    free(d);
}

struct seat *district_clone(struct district *d, struct seat *of)
{
    if (d->device_count == DEVICES_MAX || seat_is_gone(of))
        return NULL;
    struct seat *s = district_add(d, seat_clone(of, d->device_count));
    people_add(d->people, s);
    return s;
}

static void on_backup(void *to, uint64_t hours)
{
    struct district *d = to;
    if (d->quiet)
        return;
    server_backup(d->server);
    world_after((int64_t)hours * HOUR_MS, on_backup, d, hours);
}

/* ---- disasters ---- */

static bool everybody(const struct district *d, const struct seat *s)
{
    (void)d;
    (void)s;
    return true;
}

/* Had a whole round since the server was lost: what it keeps was handed back. */
static bool was_heard(const struct district *d, const struct seat *s)
{
    return seat_rounds(s) > d->heard[seat_index(s)];
}

/* What tells who stands off the line, and what proves it, are there. */
static bool comes_late(const struct district *d)
{
    return !d->journal_lost && !d->rolled_back;
}

void district_server_lost(struct district *d, bool journal_lost)
{
    oracle_live_path_left();
    d->disasters++;
    d->server_lost = true;
    d->journal_lost = journal_lost || (d->recovering && d->journal_lost);
    d->rows_anew = d->rows_anew || journal_lost;
    d->recovering = true;
    oracle_note_lost(d);
    for (unsigned i = 0; i < d->device_count; i++)
        d->heard[i] = seat_rounds(d->devices[i]);
    if (d->rolled_back)
        ledger_strike(&d->ledger, d, everybody, false);
    else
        ledger_strike_intact(&d->ledger, d, everybody);
    if (journal_lost)
        newcomer_journal_lost(d);
}

void district_server_rolled_back(struct district *d)
{
    oracle_live_two_pasts();
    d->disasters++;
    d->rolled_back = d->server_lost = d->journal_lost = d->rows_anew = true;
    d->recovering = false;
    ledger_strike(&d->ledger, d, NULL, false);
    newcomer_journal_lost(d);
}

void district_device_lost(struct district *d)
{
    bool recovering = server_is_up(d->server) ? server_is_recovering(d->server) : d->recovering;
    d->disasters++;
    ledger_strike(&d->ledger, d, recovering ? everybody : NULL, comes_late(d));
}

/* What they do not give goes from kept entries, too (rule 31), and then it can't be decided late. */
void district_roles_given(struct district *d)
{
    bool recovering = server_is_up(d->server) ? server_is_recovering(d->server) : d->recovering;
    ledger_strike(&d->ledger, d, recovering ? everybody : NULL, comes_late(d));
}

static void on_recovered(void *to)
{
    struct district *d = to;
    oracle_live_path_left();
    d->recovering = false;
    oracle_expect_waited(d);
    ledger_strike(&d->ledger, d, d->journal_lost ? NULL : was_heard, comes_late(d));
}
