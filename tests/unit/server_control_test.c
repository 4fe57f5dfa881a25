/* Control data: journal first, numbers ascending and never reused, what a restore may not bring back. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "help_folder.h"
#include "base/limits.h"
#include "server/control/control.h"
#include "server/store/store_control.h"
#include "sync/org_state.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct place {
    struct folder folder;
    struct db *db;
    struct journal *journal;
    struct control *c;
};

static void open_place(struct place *p, enum db_mode mode)
{
    assert_int_equal(db_open(folder_file(&p->folder, "c.db"), DB_SERVER, mode, 1, &p->db), ERR_OK);
    assert_int_equal(journal_open(p->folder.path, mode == DB_CREATE ? JOURNAL_CREATE : JOURNAL_OPEN, &p->journal), ERR_OK);
    if (mode == DB_CREATE)
        assert_int_equal(control_init(p->db, p->journal, "青禾区教育工会", "qinghe", "district"), ERR_OK);
    assert_int_equal(control_open(p->db, p->journal, &p->c), ERR_OK);
}

static void close_place(struct place *p)
{
    control_close(p->c);
    journal_close(p->journal);
    db_close(p->db);
}

static int setup(void **state)
{
    static struct place place;
    place = (struct place){0};
    folder_make(&place.folder);
    open_place(&place, DB_CREATE);
    *state = &place;
    return 0;
}

static int teardown(void **state)
{
    struct place *p = *state;
    close_place(p);
    folder_remove(&p->folder);
    return 0;
}

/* Empty tables, and the journal. */
static void replay(struct place *p)
{
    close_place(p);
    assert_int_equal(unlink(folder_file(&p->folder, "c.db")), 0);
    assert_int_equal(db_open(folder_file(&p->folder, "c.db"), DB_SERVER, DB_CREATE, 1, &p->db), ERR_OK);
    assert_int_equal(store_control_create(p->db), ERR_OK);
    assert_int_equal(journal_open(p->folder.path, JOURNAL_OPEN, &p->journal), ERR_OK);
    assert_int_equal(control_open(p->db, p->journal, &p->c), ERR_OK);
}

static uint32_t add_branch(struct place *p, const char *code)
{
    uint32_t number = 0;
    assert_int_equal(control_add_org(p->c, code, "青禾幼儿园工会", "branch", NULL, &number), ERR_OK);
    return number;
}

static const uint8_t secret[16] = "a secret of 16 ";
static const uint8_t key[32] = "key hash", serial[16] = "serial";

static uint32_t add_seat(struct place *p, uint32_t org, uint8_t mark)
{
    uint8_t own[16];
    uint32_t seat = 0;
    struct control_invitation invitation;
    memcpy(own, secret, 16);
    own[15] = mark;
    assert_int_equal(control_add_invitation(p->c, org, "李四", ROLES(union_chair) | ROLES(accountant), own, 5000, 0), ERR_OK);
    assert_int_equal(control_find_invitation(p->c, own, &invitation), ERR_OK);
    assert_int_equal(invitation.seat, 0);
    assert_int_equal(control_add_seat(p->c, invitation.number, key, serial, 9000, &seat), ERR_OK);
    return seat;
}

static struct control_stranger stranger(uint32_t seat, uint8_t mark, int64_t at_ms)
{
    struct control_stranger x = {.seat = seat, .certificate_ends_ms = 9000, .org = 2, .last_ms = at_ms};
    x.key_hash[0] = mark;
    x.serial[0] = mark;
    return x;
}

static bool call(struct place *p, uint32_t seat, uint8_t mark, int64_t at_ms)
{
    bool tell;
    struct control_stranger x = stranger(seat, mark, at_ms);
    assert_int_equal(store_control_note_stranger(p->db, &x, &tell), ERR_OK);
    return tell;
}

static size_t noted(struct place *p)
{
    size_t rows;
    assert_int_equal(store_control_count(p->db, "SELECT count(*) FROM stranger", &rows), ERR_OK);
    return rows;
}

static void expect_adopted(struct place *p, uint32_t org)
{
    const struct control_seat *seat = control_seat(p->c, 5);
    assert_non_null(seat);
    assert_string_equal(seat->person, "赵蓉");
    assert_int_equal(seat->org, org);
    assert_int_equal(seat->roles, ROLES(accountant));
    assert_int_equal(seat->state, SEAT_ACTIVE);
    assert_int_equal(seat->key_hash[0], 1);
    assert_int_equal(seat->certificate_ends_ms, 9000);
}

/* Who calls and is unknown: told once a day, bounded, the number never given; taken in again it is what it was, at each replay. */
static void test_strangers(void **state)
{
    struct place *p = *state;
    struct control_jump jump;
    uint32_t org = add_branch(p, "b-01");
    assert_int_equal(add_seat(p, org, 1), 1);
    assert_true(call(p, 5, 1, 1000));
    assert_false(call(p, 5, 1, 86400999));
    assert_true(call(p, 5, 1, 86401000));
    assert_true(call(p, 5, 2, 86401000)); /* another key: another device */
    assert_int_equal(noted(p), 2);
    assert_int_equal(add_seat(p, org, 2), 1001); /* behind it, and behind who was given a number with it */
    assert_int_equal(control_explain_seat(p->c, 1, 0), ERR_OK); /* a known one */
    assert_int_equal(control_jumps(p->c, &jump), ERR_NOT_FOUND);
    assert_int_equal(control_explain_seat(p->c, 5, 0), ERR_OK);
    assert_int_equal(control_explain_seat(p->c, 6, 0), ERR_OK); /* by the same */
    assert_int_equal(control_jumps(p->c, &jump), ERR_OK);
    assert_int_equal(jump.seat_above, 4);
    assert_int_equal(jump.seat_from, 2001);
    assert_true(call(p, 2001, 1, 5)); /* given after another restore, which is lost, too */
    assert_int_equal(add_seat(p, org, 3), 3001);

    struct control_stranger x = stranger(5, 1, 7);
    assert_int_equal(control_adopt_seat(p->c, &x, org, "赵蓉", ROLES(accountant)), ERR_OK);
    assert_int_equal(control_adopt_seat(p->c, &x, org, "赵蓉", ROLES(accountant)), ERR_EXISTS);
    expect_adopted(p, org);
    replay(p);
    expect_adopted(p, org);
    for (uint32_t i = 0; i < LIMIT_STRANGERS + 3; i++)
        (void)call(p, 10000 + i, 1, 10 + i);
    assert_int_equal(noted(p), LIMIT_STRANGERS);
    size_t oldest;
    assert_int_equal(store_control_count(p->db, "SELECT min(seat) FROM stranger", &oldest), ERR_OK);
    assert_int_equal(oldest, 10003);
}

static int64_t told_org(struct place *p)
{
    int64_t org;
    assert_int_equal(store_control_ask(p->db, "SELECT max(org) FROM stranger", &org), ERR_OK);
    return org;
}

/* Of which union a stranger is its own HELLO says, and nothing else. */
static void test_a_branch_that_cannot_be(void **state)
{
    struct place *p = *state;
    struct control_stranger x = stranger(5, 1, 1000);
    struct control_jump jump;
    bool tell;
    add_branch(p, "b-01");
    x.org = UINT32_MAX;
    assert_int_equal(store_control_note_stranger(p->db, &x, &tell), ERR_OK);
    x.org = 2; /* what it says next does not mend it */
    x.last_ms = 2000;
    assert_int_equal(store_control_note_stranger(p->db, &x, &tell), ERR_OK);
    assert_int_equal(control_add_jump(p->c, 0, &jump), ERR_OK); /* a restore; an entry of an unknown seat */
    assert_int_equal(jump.org_from, 101);
    assert_int_equal(add_branch(p, "b-02"), 101);
    assert_int_equal(db_exec(p->db, "UPDATE stranger SET org = 4294967295"), ERR_OK); /* as it was believed before */
    assert_int_equal(add_branch(p, "b-03"), 102);
    x.org = 0; /* RENEW tells none */
    x.last_ms = 3000;
    assert_int_equal(store_control_note_stranger(p->db, &x, &tell), ERR_OK);
    assert_int_equal(told_org(p), UINT32_MAX);
    x.org = 2;
    assert_int_equal(store_control_note_stranger(p->db, &x, &tell), ERR_OK);
    assert_int_equal(told_org(p), 2);
}

/* A device that calls in a loop costs a look, no commit; unless it tells more than is noted. */
static void test_who_called_lately(void **state)
{
    struct place *p = *state;
    struct control_stranger x = stranger(5, 1, 1000), silent = x, other = stranger(5, 2, 1000), liar = x;
    int64_t last_ms = 7;
    bool tell;
    silent.org = 0; /* RENEW, or a device without a position */
    liar.org = UINT32_MAX;
    assert_int_equal(store_control_stranger_called(p->db, &silent, &last_ms), ERR_OK);
    assert_int_equal(last_ms, 0);
    assert_int_equal(store_control_note_stranger(p->db, &silent, &tell), ERR_OK);
    assert_int_equal(store_control_stranger_called(p->db, &silent, &last_ms), ERR_OK);
    assert_int_equal(last_ms, 1000);
    assert_int_equal(store_control_stranger_called(p->db, &liar, &last_ms), ERR_OK);
    assert_int_equal(last_ms, 1000);
    assert_int_equal(store_control_stranger_called(p->db, &x, &last_ms), ERR_OK);
    assert_int_equal(last_ms, 0);
    x.last_ms = 1500;
    assert_int_equal(store_control_note_stranger(p->db, &x, &tell), ERR_OK);
    assert_int_equal(store_control_stranger_called(p->db, &x, &last_ms), ERR_OK);
    assert_int_equal(last_ms, 1500);
    assert_int_equal(store_control_stranger_called(p->db, &silent, &last_ms), ERR_OK);
    assert_int_equal(last_ms, 1500);
    assert_int_equal(store_control_stranger_called(p->db, &other, &last_ms), ERR_OK);
    assert_int_equal(last_ms, 0);
}

/* Who lies again and again moves the next number up to the ceiling once; what it moved raises no ceiling. */
static void test_a_ceiling(void **state)
{
    struct place *p = *state;
    struct control_stranger x = stranger(5, 1, 1000);
    int64_t ceiling;
    bool tell;
    uint32_t next;
    assert_int_equal(store_control_ceiling(p->db, "org", &ceiling), ERR_OK);
    assert_int_equal(ceiling, 1 + 8 * 998 * 100); /* its own, and restores that nobody remembers */
    for (int i = 0; i < 3; i++) {
        x.org = 798400;
        x.last_ms++;
        assert_int_equal(store_control_note_stranger(p->db, &x, &tell), ERR_OK);
        assert_int_equal(told_org(p), 798400);
        assert_int_equal(store_control_next(p->db, "org", &next), ERR_OK);
        assert_int_equal(next, 798501 + i);
        add_branch(p, i == 0 ? "b-01" : i == 1 ? "b-02" : "b-03");
    }
    assert_int_equal(store_control_ceiling(p->db, "org", &ceiling), ERR_OK);
    assert_int_equal(ceiling, 4 + 8 * 998 * 100);
    assert_int_equal(store_control_ceiling(p->db, "seat", &ceiling), ERR_OK);
    assert_int_equal(ceiling, 8 * 998 * 1000);
    assert_true(call(p, 9000000, 1, 5)); /* its certificate says so: it was given */
    assert_int_equal(store_control_ceiling(p->db, "seat", &ceiling), ERR_OK);
    assert_int_equal(ceiling, 9000000);
    assert_int_equal(add_seat(p, 1, 1), 9001001);
}

/* Not "a queue is full": no waiting helps. */
static void test_no_number_left(void **state)
{
    struct place *p = *state;
    uint32_t number;
    assert_int_equal(db_exec(p->db, "INSERT INTO jump(number, at_ms, seat_above, seat_from, org_above, org_from)"
                                    " VALUES(7, 1, 0, 4294967296, 0, 4294967296)"), ERR_OK);
    struct control_jump jump;
    assert_int_equal(control_add_org(p->c, "b-01", "青禾幼儿园工会", "branch", NULL, &number), ERR_FULL);
    assert_non_null(strstr(control_detail(p->c), "no number left"));
    assert_int_equal(control_add_org(p->c, "", "x", "branch", NULL, &number), ERR_VALUE);
    assert_int_equal(control_add_jump(p->c, 5, &jump), ERR_FULL);
    assert_non_null(strstr(control_detail(p->c), "no number left"));
}

/* An org that a restore lost, under its own number. */
static void test_org_again(void **state)
{
    struct place *p = *state;
    struct control_jump jump;
    add_branch(p, "b-01");
    assert_int_equal(control_add_org_again(p->c, "b-02", "x", "branch", NULL, 3), ERR_REFUSED); /* never given */
    assert_int_equal(control_add_jump(p->c, 0, &jump), ERR_OK);
    assert_int_equal(jump.org_from, 101);
    assert_int_equal(control_add_org_again(p->c, "b-02", "x", "branch", NULL, 101), ERR_REFUSED);
    assert_int_equal(control_add_org_again(p->c, "b-02", "x", "branch", NULL, 2), ERR_REFUSED);
    assert_int_equal(control_add_org_again(p->c, "b-02", "x", "branch", NULL, 0), ERR_REFUSED);
    assert_int_equal(control_add_org_again(p->c, "b-04", "x", "branch", NULL, 4), ERR_OK);
    assert_int_equal(control_add_org_again(p->c, "b-03", "x", "branch", NULL, 3), ERR_OK);
    assert_int_equal(control_org_by_code(p->c, "b-04")->number, 4);
    assert_int_equal(control_org_by_code(p->c, "b-03")->number, 3);
    assert_int_equal(add_branch(p, "b-05"), 101);
}

/* Numbers that a restore may have lost are left out, at each replay the same; another restore of the same leaves out others. */
static void test_jump(void **state)
{
    struct place *p = *state;
    struct control_jump jump;
    uint32_t org = add_branch(p, "b-01");
    assert_int_equal(org, 2);
    assert_int_equal(control_jumps(p->c, &jump), ERR_NOT_FOUND);
    assert_int_equal(add_seat(p, org, 1), 1);
    assert_int_equal(add_seat(p, org, 2), 2);
    assert_int_equal(control_add_jump(p->c, 4 * 997 + 2, &jump), ERR_OK); /* 1 + 2 blocks on */
    assert_int_equal(jump.seat_above, 2);
    assert_int_equal(jump.seat_from, 3001);
    assert_int_equal(jump.org_above, 2);
    assert_int_equal(jump.org_from, 301);
    assert_int_equal(add_seat(p, org, 3), 3001);
    assert_int_equal(add_seat(p, org, 4), 3002);
    assert_int_equal(add_branch(p, "b-02"), 301);
    replay(p);
    assert_int_equal(add_seat(p, org, 5), 3003);
    assert_int_equal(add_branch(p, "b-03"), 302);
    assert_int_equal(control_add_jump(p->c, 9 * 997, &jump), ERR_OK); /* to the next block */
    assert_int_equal(jump.seat_above, 3003);
    assert_int_equal(jump.seat_from, 4001);
    assert_int_equal(jump.org_from, 401);
    assert_int_equal(control_jumps(p->c, &jump), ERR_OK);
    assert_int_equal(jump.seat_above, 2);
    assert_int_equal(jump.seat_from, 4001);
    assert_int_equal(jump.org_above, 2);
    assert_int_equal(jump.org_from, 401);
}

static void test_root(void **state)
{
    struct place *p = *state;
    const struct control_org *root = control_org(p->c, 1);
    assert_non_null(root);
    assert_string_equal(root->code, "qinghe");
    assert_string_equal(root->level, "district");
    assert_string_equal(root->state, "active");
    assert_int_equal(root->parent, 0);
    assert_false(root->leaf);
    assert_int_equal(control_epoch_at(p->c, 0)->epoch, 1);
    assert_null(control_epoch_at(p->c, 1));
    assert_int_equal(control_init(p->db, p->journal, "x", "y", "district"), ERR_EXISTS);
}

static void test_orgs(void **state)
{
    struct place *p = *state;
    uint32_t number = 77;
    assert_int_equal(add_branch(p, "b-02"), 2);
    assert_int_equal(add_branch(p, "b-01"), 3);
    assert_string_equal(control_org_at(p->c, 0)->code, "qinghe"); /* root first, then by code */
    assert_string_equal(control_org_at(p->c, 1)->code, "b-01");
    assert_string_equal(control_org_at(p->c, 2)->code, "b-02");
    assert_null(control_org_at(p->c, 3));
    assert_true(control_org_by_code(p->c, "b-01")->leaf);
    assert_true(control_in_subtree(p->c, 1, 3));
    assert_true(control_in_subtree(p->c, 3, 3));
    assert_false(control_in_subtree(p->c, 3, 1));
    assert_false(control_in_subtree(p->c, 2, 3));
    assert_false(control_in_subtree(p->c, 1, 99));

    assert_int_equal(control_add_org(p->c, "b-01", "again", "branch", NULL, &number), ERR_EXISTS);
    assert_non_null(strstr(control_detail(p->c), "b-01"));
    assert_int_equal(control_add_org(p->c, "b-03", "x", "branch", "nowhere", &number), ERR_NOT_FOUND);
    assert_int_equal(control_add_org(p->c, "b-03", "x", "branch", "b-01", &number), ERR_REFUSED);
    assert_int_equal(control_add_org(p->c, "b-03", "x", "city", NULL, &number), ERR_REFUSED);
    assert_int_equal(control_add_org(p->c, "b 03", "x", "branch", NULL, &number), ERR_VALUE);
    assert_int_equal(control_add_org(p->c, "b-03", "", "branch", NULL, &number), ERR_VALUE);
    assert_int_equal(control_add_org(p->c, "b-03", "\xff", "branch", NULL, &number), ERR_VALUE);
    assert_int_equal(control_add_org(p->c, "b-03", "x", "twig", NULL, &number), ERR_VALUE);
    assert_int_equal(number, 77); /* untouched on failure */
    assert_int_equal(add_branch(p, "b-03"), 4);
}

static void test_seats(void **state)
{
    struct place *p = *state;
    uint32_t branch = add_branch(p, "b-01");
    uint32_t seat = add_seat(p, branch, 1), second = add_seat(p, branch, 2), refused = 0;
    struct control_invitation used;
    uint8_t own[16];
    assert_int_equal(seat, 1);
    assert_int_equal(second, 2);
    const struct control_seat *s = control_seat(p->c, seat);
    assert_int_equal(s->org, branch);
    assert_string_equal(s->person, "李四");
    assert_int_equal(s->roles, ROLES(union_chair) | ROLES(accountant));
    assert_int_equal(s->state, SEAT_ACTIVE);
    assert_int_equal(s->generation, 1);
    assert_memory_equal(s->key_hash, key, 32);
    assert_int_equal(s->certificate_ends_ms, 9000);

    memcpy(own, secret, 16);
    own[15] = 1;
    assert_int_equal(control_find_invitation(p->c, own, &used), ERR_OK);
    assert_int_equal(used.seat, seat);
    assert_int_equal(control_add_seat(p->c, used.number, key, serial, 1, &refused), ERR_EXISTS);
    own[0]++;
    assert_int_equal(control_find_invitation(p->c, own, &used), ERR_NOT_FOUND);

    assert_int_equal(control_renew_seat(p->c, seat, key, serial, 12000), ERR_OK);
    assert_int_equal(control_seat(p->c, seat)->generation, 2);
    assert_int_equal(control_set_seat_state(p->c, seat, SEAT_SUSPENDED, second), ERR_OK);
    assert_int_equal(control_set_seat_state(p->c, seat, SEAT_ACTIVE, second), ERR_OK);
    assert_int_equal(control_set_seat_state(p->c, seat, SEAT_ACTIVE, second), ERR_OK); /* twice: nothing */
    assert_int_equal(control_seat(p->c, seat)->generation, 4);
    assert_int_equal(control_set_seat_state(p->c, seat, SEAT_REVOKED, second), ERR_OK);
    assert_int_equal(control_set_seat_state(p->c, seat, SEAT_ACTIVE, second), ERR_REFUSED);
    assert_int_equal(control_renew_seat(p->c, seat, key, serial, 13000), ERR_REFUSED);
    assert_int_equal(control_set_seat_state(p->c, 99, SEAT_ACTIVE, 0), ERR_NOT_FOUND);
    assert_int_equal(control_seat(p->c, seat)->state, SEAT_REVOKED);
}

/* Another connection sees a change at its next refresh, and only then reloads. */
static void test_refresh(void **state)
{
    struct place *p = *state;
    struct db *db;
    struct control *reader;
    bool changed = true;
    assert_int_equal(db_open(folder_file(&p->folder, "c.db"), DB_SERVER, DB_READ, 1, &db), ERR_OK);
    assert_int_equal(control_open(db, NULL, &reader), ERR_OK);
    assert_int_equal(control_refresh(reader, &changed), ERR_OK);
    assert_false(changed);
    add_branch(p, "b-01");
    assert_null(control_org_by_code(reader, "b-01"));
    assert_int_equal(control_refresh(reader, &changed), ERR_OK);
    assert_true(changed);
    assert_non_null(control_org_by_code(reader, "b-01"));
    assert_int_equal(control_refresh(reader, &changed), ERR_OK);
    assert_false(changed);
    assert_int_equal(control_set_address(p->c, "127.0.0.1:7443"), ERR_OK);
    assert_int_equal(control_refresh(reader, &changed), ERR_OK);
    assert_string_equal(control_address(reader), "127.0.0.1:7443");
    control_close(reader);
    db_close(db);
}

static void copy_file(struct place *p, const char *from, const char *to)
{
    char line[512];
    snprintf(line, sizeof line, "cp '%s' '%s'", folder_file(&p->folder, from), folder_file(&p->folder, to));
    assert_int_equal(system(line), 0);
}

/* The tables go back to an old copy; the journal brings back what came later: no revoked seat comes back to life, no number is
 * given twice (rule 33). */
static void test_old_tables(void **state)
{
    struct place *p = *state;
    uint32_t branch = add_branch(p, "b-01"), seat = add_seat(p, branch, 1);
    close_place(p);
    copy_file(p, "c.db", "old.db");
    open_place(p, DB_OPEN);
    assert_int_equal(control_set_seat_state(p->c, seat, SEAT_REVOKED, 0), ERR_OK);
    add_branch(p, "b-02");
    assert_int_equal(add_seat(p, branch, 2), 2);
    assert_int_equal(control_renew_seat(p->c, 2, key, serial, 70000), ERR_OK);
    close_place(p);
    copy_file(p, "old.db", "c.db");
    open_place(p, DB_OPEN);
    assert_int_equal(control_seat(p->c, seat)->state, SEAT_REVOKED);
    assert_int_equal(control_seat(p->c, 2)->certificate_ends_ms, 70000);
    assert_int_equal(control_org_by_code(p->c, "b-02")->number, branch + 1);
    assert_int_equal(add_seat(p, branch, 3), 3);
    assert_int_equal(add_branch(p, "b-03"), branch + 2);
}

/* Other roles are written down first, with who gave them and when; an old copy of the tables does not bring the old ones back. */
static void test_roles(void **state)
{
    struct place *p = *state;
    uint32_t branch = add_branch(p, "b-01"), seat = add_seat(p, branch, 1), second = add_seat(p, branch, 2);
    assert_int_equal(control_seat(p->c, seat)->roles_ms, 0);
    close_place(p);
    copy_file(p, "c.db", "old.db");
    open_place(p, DB_OPEN);
    assert_int_equal(control_set_seat_roles(p->c, seat, ROLES(audit_member) | ROLES(group_leader), second, 7000), ERR_OK);
    assert_int_equal(control_set_seat_roles(p->c, seat, ROLES(audit_member) | ROLES(group_leader), 0, 8000), ERR_OK); /* the same: nothing */
    for (int round = 0; round < 2; round++) {
        const struct control_seat *s = control_seat(p->c, seat);
        assert_int_equal(s->roles, ROLES(audit_member) | ROLES(group_leader));
        assert_int_equal(s->generation, 2); /* keys for reconnecting are dead */
        assert_int_equal(s->roles_by, second);
        assert_int_equal(s->roles_ms, 7000);
        assert_int_equal(control_seat(p->c, second)->roles, ROLES(union_chair) | ROLES(accountant));
        assert_int_equal(control_seat(p->c, second)->roles_ms, 0);
        close_place(p);
        copy_file(p, "old.db", "c.db");
        open_place(p, DB_OPEN);
    }
    assert_int_equal(control_set_seat_roles(p->c, 99, ROLES(delegate), 0, 9000), ERR_NOT_FOUND);
    assert_int_equal(control_set_seat_state(p->c, second, SEAT_REVOKED, 0), ERR_OK);
    assert_int_equal(control_set_seat_roles(p->c, second, ROLES(delegate), 0, 9000), ERR_REFUSED);
}

/* A journal that ends before the tables do is not theirs. */
static void test_short_journal(void **state)
{
    struct place *p = *state;
    struct control *c = NULL;
    copy_file(p, "control.journal", "old.journal");
    add_branch(p, "b-01");
    control_close(p->c);
    journal_close(p->journal);
    copy_file(p, "old.journal", "control.journal");
    assert_int_equal(journal_open(p->folder.path, JOURNAL_OPEN, &p->journal), ERR_OK);
    assert_int_equal(control_open(p->db, p->journal, &c), ERR_CORRUPT);
    p->c = NULL;
}

static void add_epoch(struct place *p, uint32_t epoch, uint32_t parent, uint32_t org, uint64_t seq)
{
    Wire__Position at = WIRE__POSITION__INIT;
    const Wire__Position *list[] = {&at};
    at.org = org;
    at.seq = seq;
    assert_int_equal(control_add_epoch(p->c, epoch, parent, list, 1), ERR_OK);
}

/* Two orgs that left one recovery at different times; an org that was restored past an epoch in which it never had an entry. */
static void test_lineage(void **state)
{
    struct place *p = *state;
    struct arena arena;
    arena_init(&arena, 1u << 20);
    uint32_t a = add_branch(p, "b-01"), b = add_branch(p, "b-02");
    add_epoch(p, 2, 1, a, seq_make(1, 12));
    struct lineage of_a = control_lineage(p->c, a, &arena), of_b = control_lineage(p->c, b, &arena);
    assert_true(lineage_holds(&of_a, seq_make(1, 12)));
    assert_false(lineage_holds(&of_a, seq_make(1, 13)));
    assert_true(lineage_holds(&of_b, seq_make(1, 1000))); /* still recovering: nothing is given up yet */
    add_epoch(p, 2, 1, b, seq_make(1, 5));
    of_b = control_lineage(p->c, b, &arena);
    assert_false(lineage_holds(&of_b, seq_make(1, 6)));
    assert_int_equal(control_epoch_last(p->c, 2, a), seq_make(1, 12));
    add_epoch(p, 3, 2, a, seq_make(1, 10)); /* restored again, before epoch 2 */
    of_a = control_lineage(p->c, a, &arena);
    assert_true(lineage_holds(&of_a, seq_make(1, 10)));
    assert_false(lineage_holds(&of_a, seq_make(1, 11)));
    assert_false(lineage_holds(&of_a, seq_make(2, 1)));
    assert_int_equal(lineage_base(&of_a, seq_make(2, 4)), seq_make(1, 10));
    add_epoch(p, 3, 2, b, 0); /* nothing of b survived */
    of_b = control_lineage(p->c, b, &arena);
    assert_false(lineage_holds(&of_b, seq_make(1, 1)));
    assert_false(lineage_holds(&of_b, seq_make(2, 1)));
    assert_true(lineage_holds(&of_b, seq_make(3, 1)));
    arena_finish(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_root, setup, teardown),
        cmocka_unit_test_setup_teardown(test_orgs, setup, teardown),
        cmocka_unit_test_setup_teardown(test_seats, setup, teardown),
        cmocka_unit_test_setup_teardown(test_refresh, setup, teardown),
        cmocka_unit_test_setup_teardown(test_old_tables, setup, teardown),
        cmocka_unit_test_setup_teardown(test_roles, setup, teardown),
        cmocka_unit_test_setup_teardown(test_short_journal, setup, teardown),
        cmocka_unit_test_setup_teardown(test_lineage, setup, teardown),
        cmocka_unit_test_setup_teardown(test_jump, setup, teardown),
        cmocka_unit_test_setup_teardown(test_strangers, setup, teardown),
        cmocka_unit_test_setup_teardown(test_a_branch_that_cannot_be, setup, teardown),
        cmocka_unit_test_setup_teardown(test_a_ceiling, setup, teardown),
        cmocka_unit_test_setup_teardown(test_who_called_lately, setup, teardown),
        cmocka_unit_test_setup_teardown(test_no_number_left, setup, teardown),
        cmocka_unit_test_setup_teardown(test_org_again, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
