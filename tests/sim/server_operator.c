/* What the operator does: each command is a process of its own on the server's machine, beside the one that serves or instead of it. */
#include "tests/sim/server_inner.h"

#include "client/replica/sql.h"
#include "base/clock.h"
#include "server/recovery/backup.h"
#include "server/recovery/erase.h"
#include "server/recovery/erase_plan.h"
#include "server/recovery/recovery.h"
#include "server/recovery/restore.h"
#include "sync/org_state.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define LOOK_SOON_MS 200 /* how soon the serving process sees what another one changed */

/* ---- a command's own files ---- */

enum err desk_open(struct desk *d, struct server *s)
{
    const char *dir = disk_path(s->machine);
    *d = (struct desk){.server = s, .process = disk_process(s->machine, dice_make(dice_draw(&s->dice), "operator", 0))};
    d->before = disk_enter(d->process);
    disk_kill_at(d->process, s->kill_next);
    s->kill_next = 0;
    enum err e = store_open(dir, STORE_WRITE, &d->store);
    if (e == ERR_OK)
        e = journal_open(dir, JOURNAL_OPEN, &d->journal);
    return e == ERR_OK ? control_open(store_db(d->store), d->journal, &d->control) : e;
}

enum err desk_open_at_risk(struct desk *d, struct server *s)
{
    s->kill_next = s->kill_desk_at;
    s->kill_desk_at = 0;
    return desk_open(d, s);
}

void server_kill_desk_at(struct server *s, uint64_t writes, bool power)
{
    s->kill_desk_at = writes;
    s->desk_power = power;
}

static void lose_power_now(struct server *s)
{
    server_lose_power_at(s, 0);
    if (!s->up)
        server_power_is_lost(s);
}

static void on_look_soon(void *to, uint64_t life)
{
    struct server *s = to;
    bool changed = false;
    if (!s->up || s->life != life)
        return;
    int before = server_enter(s);
    if (control_refresh(s->control, &changed) == ERR_OK && changed)
        hub_check_all(s->serving.hub);
    server_leave(s, before);
}

bool desk_close(struct desk *d, enum err e)
{
    struct server *s = d->server;
    bool died;
    if (d->control)
        control_close(d->control);
    if (d->journal)
        journal_close(d->journal);
    if (d->store)
        store_close(d->store);
    disk_enter(d->before);
    died = disk_is_dead(d->process);
    if (died)
        world_tell("a command of the operator dies%s", s->desk_power ? ", and the machine loses power" : "");
    else if (e != ERR_OK && !s->faulty)
        world_fail("a command of the operator fails: %s", err_name(e));
    if (died && s->desk_power)
        lose_power_now(s);
    s->desk_power = s->desk_power && !died;
    world_after(LOOK_SOON_MS, on_look_soon, s, s->life);
    return died;
}

/* ---- making a district ---- */

static enum err make_files(struct server *s, const char *dir)
{
    struct store *store;
    struct journal *journal;
    enum err e = authority_init(dir, "青禾区教育工会", world_now_ms());
    if (e == ERR_OK)
        e = store_create(dir);
    if (e != ERR_OK || (e = store_open(dir, STORE_WRITE, &store)) != ERR_OK)
        return e;
    e = journal_open(dir, JOURNAL_CREATE, &journal);
    if (e == ERR_OK) {
        e = control_init(store_db(store), journal, "青禾区教育工会", "qinghe", "district");
        journal_close(journal);
    }
    store_close(store);
    s->jobs_end = &s->jobs;
    return e;
}

struct server *server_create(struct dice dice, const struct server_options *options)
{
    struct server *s = calloc(1, sizeof *s);
    CHECK(s);
    s->dice = dice;
    s->options = *options;
    s->machine = disk_machine("server");
    s->vault = disk_machine("vault");
    disk_note(s->vault);
    int before = disk_enter(disk_process(s->machine, dice_make(dice_draw(&s->dice), "init", 0)));
    CHECK(make_files(s, disk_path(s->machine)) == ERR_OK);
    disk_enter(before);
    return s;
}

void server_destroy(struct server *s)
{
    server_stop(s);
    free(s);
}

/* One that stays open while many are made: opening files is what takes time. */
static struct desk making;
static bool makes_many;

static enum err making_begin(struct server *s)
{
    if (making.server)
        making.before = disk_enter(making.process);
    return making.server ? ERR_OK : desk_open_at_risk(&making, s);
}

/* True: it died. */
static bool making_end(enum err e)
{
    if (makes_many && e == ERR_OK) {
        disk_enter(making.before);
        return false;
    }
    bool died = desk_close(&making, e);
    making = (struct desk){.server = NULL};
    return died;
}

void server_make_many(struct server *s, bool many)
{
    makes_many = many;
    if (!many && making_begin(s) == ERR_OK)
        (void)making_end(ERR_OK);
}

uint32_t server_add_branch(struct server *s, const char *code)
{
    uint32_t number;
    bool died;
    do {
        number = 0;
        enum err e = making_begin(s);
        const struct control_org *there = e == ERR_OK ? control_org_by_code(making.control, code) : NULL;
        if (there)
            number = there->number; /* the command that died had journalled it */
        else if (e == ERR_OK)
            e = control_add_org(making.control, code, "青禾幼儿园工会", "branch", NULL, &number);
        died = making_end(e);
    } while (died);
    return number;
}

uint32_t server_add_seat(struct server *s, uint32_t org, const char *roles)
{
    uint8_t secret[16] = {0}, key[32] = {1}, serial[16] = {2};
    uint32_t seat = 0, number = ++s->secrets;
    role_set set;
    const char *bad;
    struct control_invitation invitation;
    memcpy(secret, &number, sizeof number);
    CHECK(role_set_parse(roles, &set, &bad) == ERR_OK);
    enum err e = making_begin(s);
    if (e == ERR_OK)
        e = control_add_invitation(making.control, org, "张三", set, secret, world_now_ms() + DAY_MS, 0);
    if (e == ERR_OK)
        e = control_find_invitation(making.control, secret, &invitation);
    if (e == ERR_OK)
        e = control_add_seat(making.control, invitation.number, key, serial, world_now_ms() + 365 * DAY_MS, &seat);
    (void)making_end(e);
    return seat;
}

/* True: the command died. */
static bool set_seat(struct server *s, uint32_t seat, enum seat_state state)
{
    struct desk d;
    enum err e = desk_open_at_risk(&d, s);
    world_tell("seat %u is %s", seat, state == SEAT_REVOKED ? "revoked" : state == SEAT_SUSPENDED ? "suspended" : "let in");
    if (e == ERR_OK && !control_seat(d.control, seat)) /* lost with the journal */
        return desk_close(&d, e);
    if (e == ERR_OK && control_seat(d.control, seat)->state != SEAT_REVOKED)
        e = control_set_seat_state(d.control, seat, state, 0);
    if (e == ERR_OK)
        state = control_seat(d.control, seat)->state; /* once revoked is for ever */
    s->put_out[server_seat_place(seat)] = true;
    s->standing[server_seat_place(seat)] = e == ERR_OK ? (uint8_t)state : 0; /* half of it may be done */
    return desk_close(&d, e);
}

void server_set_seat(struct server *s, uint32_t seat, enum seat_state state)
{
    while (set_seat(s, seat, state))
        ;
}

bool server_was_put_out(const struct server *s, uint32_t seat)
{
    return s->put_out[server_seat_place(seat)];
}

bool server_told_revoked(const struct server *s, uint32_t seat)
{
    return s->standing[server_seat_place(seat)] == SEAT_REVOKED;
}

static enum err note_ends(struct desk *d, const uint32_t *orgs, size_t count, uint64_t *after)
{
    struct org_state *state;
    enum err e = ERR_OK;
    for (size_t i = 0; e == ERR_OK && i < count; i++)
        if ((e = store_load_org(d->store, orgs[i], 1, &state)) == ERR_OK) {
            after[i] = org_state_seq(state);
            org_state_destroy(state);
        }
    return e;
}

bool server_set_roles(struct server *s, uint32_t seat, role_set roles, const uint32_t *orgs, size_t count, uint64_t *after)
{
    const char *refusal = NULL;
    bool other = false, died;
    enum err e;
    do { /* what one that died had journalled is so already */
        struct desk d;
        e = desk_open_at_risk(&d, s);
        if (e == ERR_OK)
            e = note_ends(&d, orgs, count, after);
        const struct control_seat *known = e == ERR_OK ? control_seat(d.control, seat) : NULL;
        bool differs = known && known->state != SEAT_REVOKED && known->roles != roles;
        other = other || differs;
        if (e == ERR_OK && differs)
            e = authority_set_roles(d.control, seat, roles, ROLES_IN_ANY_CASE, 0, disk_now_ms(s->machine), &refusal);
        if (e == ERR_REFUSED)
            world_fail("seat %u cannot have other roles: %s", seat, refusal);
        died = desk_close(&d, e);
    } while (died);
    return other && e == ERR_OK;
}

bool server_seat_is(struct server *s, uint32_t seat, enum seat_state state)
{
    struct desk d;
    enum err e = desk_open(&d, s);
    const struct control_seat *known = e == ERR_OK ? control_seat(d.control, seat) : NULL;
    bool is = known && known->state == state;
    desk_close(&d, e);
    return is;
}

/* ---- erasing ---- */

static enum err erase_by(struct desk *d, struct id member)
{
    struct erase_plan plan;
    struct slice *list = NULL;
    size_t count = 0, gone;
    enum err e = store_begin(d->store);
    if (e != ERR_OK)
        return e;
    e = control_refresh(d->control, NULL);
    if (e == ERR_OK)
        e = erase_plan_make(d->store, member, &plan);
    if (e == ERR_OK) {
        e = erase_plan_pack(&plan, world_now_ms(), "2026-18", random_fill, &list, &count);
        for (size_t i = 0; e == ERR_OK && i < count; i++)
            e = control_add_erasure(d->control, list[i], 0);
        erase_plan_finish(&plan);
    }
    if (e == ERR_OK)
        e = erase_carry_out(d->store, d->control, &gone);
    if (e == ERR_OK)
        return store_commit(d->store);
    store_rollback(d->store);
    return e;
}

bool server_erase(struct server *s, struct id member)
{
    bool done, died;
    if (s->faulty)
        return false; /* the operator waits until the disk is well */
    do {
        struct desk d;
        enum err e = desk_open_at_risk(&d, s);
        if (e == ERR_OK)
            e = erase_by(&d, member);
        done = e == ERR_OK;
        if (done && erase_scrub(d.store) != ERR_OK)
            world_tell("the file is scrubbed later");
        world_tell("a member is erased by law: %s", err_name(e));
        died = desk_close(&d, e);
    } while (died);
    return done;
}

/* ---- backup and restore ---- */

void server_kill_command_at(struct server *s, uint64_t writes, bool power)
{
    s->kill_command_at = writes;
    s->command_power = power;
}

static int command_begin(struct server *s, const char *name)
{
    int process = disk_process(s->machine, dice_make(dice_draw(&s->dice), name, 0));
    if (s->kill_command_at)
        disk_kill_at(process, s->kill_command_at);
    s->kill_command_at = 0;
    return process;
}

/* True: it died. */
static bool command_end(struct server *s, int process)
{
    if (!disk_is_dead(process)) {
        disk_kill_at(process, 0);
        return false;
    }
    world_tell("a command of the operator dies%s", s->command_power ? ", and the machine loses power" : "");
    if (s->command_power)
        lose_power_now(s);
    s->command_power = false;
    return true;
}

/* Nobody writes while a backup runs here, so it ends where the file does. */
static void note_seqs(struct server *s, struct backup *b)
{
    struct db *db;
    struct db_statement *q;
    char path[200];
    bool row;
    int before = disk_enter(DISK_NOBODY);
    memset(b->seqs, 0, sizeof b->seqs);
    snprintf(path, sizeof path, "%.120s/" STORE_FILE, disk_path(s->machine));
    CHECK(db_open(path, DB_SERVER, DB_READ, INT_MAX, &db) == ERR_OK);
    CHECK(sql_ask(db, &q, "SELECT org, max(seq) FROM history GROUP BY org", "") == ERR_OK);
    while (db_step(q, &row) == ERR_OK && row)
        b->seqs[server_org_place((uint32_t)db_integer(q, 0))] = (uint64_t)db_integer(q, 1);
    db_close(db);
    disk_enter(before);
}

uint64_t server_backed_up(const struct server *s, uint32_t org)
{
    if (s->backup_count < 2)
        return 0;
    uint64_t a = s->backups[s->backup_count - 1].seqs[server_org_place(org)], b = s->backups[s->backup_count - 2].seqs[server_org_place(org)];
    return a < b ? a : b;
}

void server_backup(struct server *s)
{
    struct backup *b = &s->backups[s->backup_count];
    struct buf detail = BUF_INIT;
    if (s->backup_count == BACKUPS_MAX)
        return;
    snprintf(b->path, sizeof b->path, "%.120s/backup-%u", disk_path(s->vault), s->backup_count);
    int process = command_begin(s, "backup"), before = disk_enter(process);
    enum err e = backup_run(disk_path(s->machine), b->path, disk_now_ms(s->machine), &detail);
    disk_enter(before);
    buf_finish(&detail);
    if (command_end(s, process)) {
        disk_drop(b->path); /* what is left of it is nobody's backup */
        return;
    }
    if (e != ERR_OK && !s->faulty)
        world_fail("a backup fails: %s", err_name(e));
    if (e != ERR_OK)
        return;
    s->backups_known |= UINT64_C(1) << s->backup_count++;
    b->journal = s->backups_known;
    note_seqs(s, b);
    s->counts.backups++;
    world_tell("backup %u", s->backup_count - 1);
}

bool server_restore(struct server *s, unsigned back, bool *journal_lost)
{
    struct restore_facts facts;
    struct buf detail = BUF_INIT;
    char journal[200];
    if (back >= s->backup_count)
        return false;
    unsigned at = s->backup_count - 1 - back;
    const struct backup *b = &s->backups[at];
    bool lost = *journal_lost || !(s->backups_known >> at & 1); /* another way: it would be refused */
    server_stop(s);
    world_tell("restore of backup %u%s", at, lost ? ", the journal is lost" : "");
    snprintf(journal, sizeof journal, "%.120s/" JOURNAL_NAME, disk_path(s->machine));
    if (lost)
        disk_drop(journal);
    enum err e;
    bool died = false;
    do { /* who sees it fail gives it once more */
        int process = command_begin(s, "restore"), before = disk_enter(process);
        e = restore_run(disk_path(s->machine), b->path, disk_now_ms(s->machine) + died, &facts, &detail);
        disk_enter(before);
        died = command_end(s, process);
    } while (died);
    if (e != ERR_OK)
        world_fail("a restore fails: %s %s", err_name(e), buf_c_string(&detail));
    buf_finish(&detail);
    if (lost) {
        s->backups_known = b->journal;
        server_forget_standing(s);
    }
    s->counts.restores++;
    *journal_lost = lost;
    server_forget_told(s);
    server_start(s);
    return true;
}

static void copy(int from, int to)
{
    static const char *const names[] = {STORE_FILE, STORE_FILE "-wal", JOURNAL_NAME};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        disk_copy(from, to, names[i]);
    disk_copy(to, to, STORE_FILE "-shm");
}

void server_snapshot(struct server *s)
{
    if (!s->shelf)
        s->shelf = disk_machine("snapshot");
    server_stop(s);
    copy(s->machine, s->shelf);
    s->backups_of_snapshot = s->backups_known;
    world_tell("a snapshot of the server's machine");
    server_start(s);
}

bool server_roll_back(struct server *s)
{
    if (!s->shelf)
        return false;
    server_stop(s);
    copy(s->shelf, s->machine);
    s->backups_known = s->backups_of_snapshot;
    server_forget_standing(s);
    world_tell("the server's machine is rolled back");
    server_forget_told(s);
    server_start(s);
    return true;
}

void server_end_recovery(struct server *s)
{
    bool died;
    do {
        struct desk d;
        size_t ended = 0;
        enum err e = desk_open_at_risk(&d, s);
        if (e == ERR_OK)
            e = recovery_end_all(d.store, d.control, &ended);
        world_tell("the operator ends recovery: %zu orgs", ended);
        died = desk_close(&d, e);
    } while (died);
    server_look_at_recovery(s);
}
