/* See stage.h. Opening a database makes SQLite read its whole schema, which is most of what a run would cost: so the
 * connections stay, and the tables get back what stands in a copy of the file. Now and then all is made anew, and the
 * WAL with it. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "tests/fuzz/stage.h"
#include "tests/fuzz/prove.h"
#include "tests/fuzz/shelf.h"
#include "base/log.h"
#include "db/db.h"
#include "server/recovery/verify.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static struct stage stage;
#define RUNS_A_WAL 200 /* on one WAL */
#define TABLES_MAX 128

static struct shelf *shelf;
static struct folder copy;         /* holds the database as it stands on the shelf */
static char names[TABLES_MAX][64]; /* of its tables */
static size_t named, runs;
static int64_t version; /* of the database as it stands on the shelf */

static uint32_t kind_number(const char *name)
{
    const struct kind *k = kind_by_name(name);
    CHECK(k);
    return k->number;
}

static void expect(const char *verdict)
{
    if (!strstr(verdict, "APPLIED"))
        fprintf(stderr, "stage: %s\n", verdict);
    CHECK(strstr(verdict, "APPLIED"));
}

/* A member on the way from either branch to the other. */
static void fill_transfers(struct pen *chair, struct pen *other)
{
    uint32_t member = chair->s->member;
    expect(push_one(chair, pen_create(chair, 5, "name=leaving state=active mobile=10012345678")));
    expect(push_one(chair, pen_write(chair, OP_ACT, member, member_id(5), S(7),
                                     "!transferred_out to_branch=qh-02 state_effective_on=2026-10-31")));
    expect(push_one(other, pen_create(other, 11, "name=coming state=active mobile=10012345678")));
    expect(push_one(other, pen_write(other, OP_ACT, member, member_id(11), S(2),
                                     "!transferred_out to_branch=qh-01 state_effective_on=2026-10-31")));
}

static void fill(struct stage *s)
{
    struct help_server *server = &s->h.server;
    struct pen chair = pen_of(server, s->seats[STAGE_CHAIR], server->branch, 1);
    struct pen second = pen_of(server, s->seats[STAGE_SECOND], server->branch, 2);
    struct pen other = pen_of(server, s->seats[STAGE_NEIGHBOUR], server->other, 3);
    expect(push_one(&chair, pen_create(&chair, 1, "name=" STAGE_SECRET " note=" STAGE_SECRET)));
    expect(push_one(&chair, pen_create(&chair, 2, "name=" STAGE_SECRET)));
    expect(push_one(&chair,
                    pen_write(&chair, OP_CREATE, kind_number("union_group"), member_id(3), 0, "name=" STAGE_SECRET)));
    expect(push_one(&chair, pen_write(&chair, OP_CREATE, kind_number("work_plan"), member_id(4), 0,
                                      "title=" STAGE_SECRET " period=2026-1 period_kind=term")));
    expect(push_one(&chair, pen_set(&chair, 1, S(1), "note=" STAGE_SECRET "-1")));
    (void)push_one(&second, pen_set(&second, 1, S(1), "note=" STAGE_SECRET "-2")); /* a conflict */
    expect(push_one(&other, pen_create(&other, 10, "name=other")));
    fill_transfers(&chair, &other);
    struct pen gone = pen_of(server, s->seats[STAGE_REVOKED], server->branch, 4);
    const char *verdict = push_one(&gone, pen_set(&gone, 2, S(2), "note=" STAGE_SECRET " mobile=10012345678"));
    CHECK(strstr(verdict, "SEAT_REVOKED")); /* for people to look at */
}

static void make(struct stage *s)
{
    static const char *const roles[STAGE_SEATS] = {
        [STAGE_LEADER] = "group_leader", [STAGE_ACCOUNTANT] = "accountant", [STAGE_AUDITOR] = "audit_member",
        [STAGE_REVOKED] = "union_chair", [STAGE_SUSPENDED] = "union_chair",
    };
    struct help_server *server = &s->h.server;
    serving_make(&s->h);
    log_set_level(LOG_ERROR + 1);
    s->seats[STAGE_CHAIR] = server->chair;
    s->seats[STAGE_SECOND] = server->second;
    s->seats[STAGE_OFFICER] = s->h.officer;
    s->seats[STAGE_NEIGHBOUR] = server_add_seat(server, server->other, "union_chair");
    s->seats[STAGE_DISTRICT_AUDITOR] = server_add_seat(server, 1, "district_auditor");
    for (size_t i = 0; i < STAGE_SEATS; i++)
        if (roles[i])
            s->seats[i] = server_add_seat(server, server->branch, roles[i]);
    prove_prepare(s);
    /* By the loop's connection: the writer does not look for what its own wrote. */
    CHECK(control_set_seat_state(s->h.serving.control, s->seats[STAGE_REVOKED], SEAT_REVOKED, 0) == ERR_OK);
    fill(s);
    CHECK(control_set_seat_state(s->h.serving.control, s->seats[STAGE_SUSPENDED], SEAT_SUSPENDED, 0) == ERR_OK);
    CHECK(control_add_invitation(server->control, server->branch, "石榴", ROLES(union_chair),
                                 (const uint8_t *)STAGE_JOIN_SECRET, NOW_MS + 1000000, 0) == ERR_OK);
}

/* ---- all of it away, and back ---- */

static void put_away(struct stage *s)
{
    serving_close(&s->h);
    server_close(&s->h.server);
}

static void begin_run(struct stage *s)
{
    help_now_ms = s->h.server.now_ms = NOW_MS;
    s->h.queue_max = 64;
    version = db_data_version(store_db(s->h.serving.store));
}

static void attach_copy(struct stage *s)
{
    char sql[300];
    CHECK(snprintf(sql, sizeof sql, "ATTACH '%s' AS copy", folder_file(&copy, STORE_FILE)) < (int)sizeof sql);
    CHECK(db_exec(store_db(s->h.control_store), sql) == ERR_OK);
}

static void take_out(struct stage *s)
{
    shelf_put_back(shelf, &s->h.server.folder);
    server_open(&s->h.server);
    serving_open(&s->h);
    attach_copy(s);
    runs = 0;
    begin_run(s);
}

static void list_tables(struct stage *s)
{
    struct db_statement *st;
    bool row;
    CHECK(db_prepare(store_db(s->h.control_store),
                     "SELECT name FROM main.sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'",
                     &st) == ERR_OK);
    while (db_step(st, &row) == ERR_OK && row) {
        struct slice name = db_text(st, 0);
        CHECK(named < TABLES_MAX && name.size < sizeof names[0]);
        memcpy(names[named++], name.data, name.size);
    }
}

static void remove_at_exit(void)
{
    folder_remove(&stage.h.server.folder);
    folder_remove(&copy);
}

/* ---- what the tables held ---- */

static void run_on(struct db *db, const char *first, const char *table, const char *second, const char *again)
{
    char sql[300];
    struct db_statement *st;
    CHECK(snprintf(sql, sizeof sql, "%s\"%s\"%s\"%s\"", first, table, second, again) < (int)sizeof sql);
    CHECK(db_prepare(db, sql, &st) == ERR_OK && db_run(st) == ERR_OK);
}

/* What is kept in memory of the tables and of the journal goes with them. */
static void rewind_all(struct stage *s)
{
    struct help_server *server = &s->h.server;
    struct db *db = store_db(s->h.control_store);
    writer_destroy(server->writer);
    control_close(server->control);
    control_close(s->h.serving.control);
    journal_close(server->journal);
    journal_close(s->h.journal);
    CHECK(db_begin(db) == ERR_OK);
    for (size_t i = 0; i < named; i++) {
        run_on(db, "DELETE FROM main.", names[i], " -- ", "");
        run_on(db, "INSERT INTO main.", names[i], " SELECT * FROM copy.", names[i]);
    }
    CHECK(db_commit(db) == ERR_OK);
    shelf_put_back_file(shelf, &server->folder, JOURNAL_NAME);
    CHECK(journal_open(server->folder.path, JOURNAL_OPEN, &server->journal) == ERR_OK);
    CHECK(journal_open(server->folder.path, JOURNAL_OPEN, &s->h.journal) == ERR_OK);
    CHECK(control_open(store_db(server->store), server->journal, &server->control) == ERR_OK);
    CHECK(control_open(db, s->h.journal, &s->h.serving.control) == ERR_OK);
    CHECK(writer_create(server->store, server->journal, &server->writer) == ERR_OK);
    begin_run(s);
}

struct stage *stage_get(void)
{
    if (!shelf) {
        setenv("CMOCKA_TEST_ABORT", "1", 1); /* what a test's helper finds wrong ends the run, with its input */
        make(&stage);
        put_away(&stage);
        shelf = shelf_take(&stage.h.server.folder);
        folder_make(&copy);
        shelf_put_back_file(shelf, &copy, STORE_FILE);
        take_out(&stage);
        list_tables(&stage);
        (void)atexit(remove_at_exit);
    }
    return &stage;
}

static bool is_touched(struct stage *s)
{
    return db_data_version(store_db(s->h.serving.store)) != version;
}

void stage_was_touched(struct stage *s)
{
    (void)s;
    version = -1;
}

void stage_reset(struct stage *s)
{
    CHECK(hub_count(s->h.serving.hub) == 0);
    serving_pump(&s->h);
    if (is_touched(s)) {
        if (++runs < RUNS_A_WAL) {
            rewind_all(s);
        } else {
            put_away(s);
            take_out(s);
        }
    }
    help_now_ms = NOW_MS;
    arena_reset(&s->h.server.arena);
}

void stage_verify(struct stage *s)
{
    struct help_server *server = &s->h.server;
    if (!is_touched(s))
        return;
    control_close(server->control); /* it does not look for what its own connection wrote: an erasure, say */
    CHECK(control_open(store_db(server->store), server->journal, &server->control) == ERR_OK);
    server_verify(server);
}
