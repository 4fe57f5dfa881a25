/* verify names what differs, and where it begins. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/tr.h"
#include "help_server.h"

#include "server/recovery/verify.h"

#include "server/control/control.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int setup(void **state)
{
    static struct help_server s;
    server_make(&s);
    struct pen p = pen_of(&s, s.chair, s.branch, 1);
    for (int i = 0; i < 8; i++)
        assert_non_null(strstr(push_one(&p, pen_create(&p, i, "name=Li note=x")), "APPLIED"));
    assert_string_equal(push_one(&p, pen_set(&p, 3, S(8), "note=y")), "9 APPLIED");
    assert_string_equal(push_one(&p, pen_write(&p, OP_REMOVE, s.member, member_id(4), S(9), "")), "10 APPLIED");
    *state = &s;
    return 0;
}

static int teardown(void **state)
{
    server_remove(*state);
    return 0;
}

/* Findings as "what text" lines after sql has damaged the database. */
static const char *after(struct help_server *s, const char *sql)
{
    struct verify_report report;
    struct buf b = BUF_INIT;
    assert_int_equal(db_exec(store_db(s->store), sql), ERR_OK);
    assert_int_equal(verify_run(s->store, s->control, &report), ERR_OK);
    for (size_t i = 0; i < report.count; i++) {
        assert_int_equal(report.list[i].org, strstr(report.list[i].text, "more changes") ? 0 : s->branch);
        assert_non_null(report.list[i].next);
        buf_format(&b, "%s %s\n", report.list[i].what, report.list[i].text);
    }
    verify_report_finish(&report);
    const char *text = arena_text(&s->arena, buf_slice(&b));
    buf_finish(&b);
    return text;
}

static void test_whole(void **state)
{
    struct help_server *s = *state;
    struct verify_report report;
    assert_int_equal(verify_run(s->store, s->control, &report), ERR_OK);
    assert_int_equal(report.count, 0);
    assert_int_equal(report.orgs, 3);
    assert_int_equal(report.entries, 10);
    assert_int_equal(report.rows, 8); /* a tombstone is one */
    verify_report_finish(&report);
}

/* Which of the hashes it is, as far as what comes behind still knows. */
static void test_broken_link(void **state)
{
    struct help_server *s = *state;
    const char *link = "chain entry 1099511627781 (number 5 of epoch 1, received 2026-11-23T02:13:20Z, seat 1) does not follow the one before it";
    const char *text = after(s, "UPDATE history SET change=x'00' WHERE seq=(1<<40)+5");
    assert_non_null(strstr(text, link));
    assert_non_null(strstr(text, ": the change in it, or the change's hash, is another one\n"));
    assert_ptr_equal(strchr(text, '\n')[1], 0); /* the first alone */
}

static void test_broken_content(void **state)
{
    const char *text = after(*state, "UPDATE history SET salt=x'00112233445566778899aabbccddeeff' WHERE seq=(1<<40)+5");
    assert_non_null(strstr(text, "entry 1099511627781 "));
    assert_non_null(strstr(text, "its content (effects, salt, author, verdict or time) is another one, the log goes on from its chain hash\n"));
}

static void test_broken_chain_hash(void **state)
{
    const char *text = after(*state, "UPDATE history SET chain=x'00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff' WHERE seq=(1<<40)+5");
    assert_non_null(strstr(text, "entry 1099511627781 "));
    assert_non_null(strstr(text, "its chain hash is not the one that the log goes on from\n"));
    text = after(*state, "UPDATE history SET chain=x'00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff' WHERE seq=(1<<40)+10");
    assert_non_null(strstr(text, "entry 1099511627781 ")); /* still the first */
}

static void test_broken_last(void **state)
{
    const char *text = after(*state, "UPDATE history SET chain=x'00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff' WHERE seq=(1<<40)+10");
    assert_non_null(strstr(text, "entry 1099511627786 "));
    assert_non_null(strstr(text, "its chain hash is not the one that the log goes on from\n"));
}

static void test_missing_entry(void **state)
{
    const char *text = after(*state, "DELETE FROM history WHERE seq BETWEEN (1<<40)+5 AND (1<<40)+6");
    assert_non_null(strstr(text, "chain entry 1099511627783 "));
    assert_non_null(strstr(text, ": 2 entries after entry 1099511627780 are missing\n"));
}

static void test_unreadable(void **state)
{
    assert_string_equal(after(*state, "UPDATE history SET verdict=77 WHERE seq=(1<<40)+5"), "chain entry 1099511627781 can't be read\n");
}

/* With its own hash in place of the content anything could stand in an entry: such are the server's only after a loss. */
static void test_hollow_entry(void **state)
{
    struct help_server *s = *state;
    struct entry *list;
    char sql[256], *at = sql;
    server_entries(s, s->branch, &list);
    at += snprintf(sql, sizeof sql, "UPDATE history SET entry_hash=x'");
    for (int i = 0; i < 32; i++)
        at += snprintf(at, 3, "%02x", list[8].entry_hash[i]);
    snprintf(at, 64, "', salt=NULL WHERE seq=(1<<40)+9");
    const char *text = after(s, sql);
    assert_non_null(strstr(text, "entry entry 1099511627785 "));
    assert_non_null(strstr(text, "has no content of its own that its hash vouches for, though nothing was restored or erased since\n"));
}

/* Columns beside the entry, which no hash covers. */
static void test_columns(void **state)
{
    assert_non_null(strstr(after(*state, "UPDATE history SET kind=2 WHERE seq=(1<<40)+5"), "is filed under another record than it is about\n"));
    assert_non_null(strstr(after(*state, "UPDATE incarnation SET seat=2"), "the device that it came from is said to be seat 2's\n"));
}

/* The record by its name, the field, both values. */
static void test_changed_row(void **state)
{
    const char *text = after(*state, "UPDATE member SET note='z' WHERE note='y'");
    assert_non_null(strstr(text, "rows member Li ("));
    assert_non_null(strstr(text, "): note is \u201cz\u201d, history says \u201cy\u201d (entry 1099511627785)\n"));
    assert_ptr_equal(strchr(text, '\n')[1], 0); /* that alone */
}

static void test_changed_sensitive(void **state)
{
    const char *text = after(*state, "UPDATE member SET mobile='13912345678' WHERE note='y'");
    assert_non_null(strstr(text, ": mobile is not what history says (entry 1099511627780); it is sensitive, neither value is shown\n"));
    assert_null(strstr(text, "139"));
}

static void test_changed_stamps(void **state)
{
    const char *text = after(*state, "UPDATE member SET _stamps=(SELECT _stamps FROM member WHERE note='y') WHERE note='x' AND _seq=(1<<40)+2");
    assert_non_null(strstr(text, "the writers of its fields are not those that history names\n"));
}

static void test_lost_and_foreign_rows(void **state)
{
    const char *text = after(*state, "DELETE FROM member WHERE note='y'");
    assert_non_null(strstr(text, "rows member Li ("));
    assert_non_null(strstr(text, " is missing\n"));
    text = after(*state, "INSERT INTO tombstone(id, kind, _org, _seq) SELECT x'000102030405060708090a0b0c0d0e0f', kind, _org, _seq FROM tombstone");
    assert_non_null(strstr(text, "member 00010203-0405-0607-0809-0a0b0c0d0e0f stands here, and history does not know it\n"));
}

static void test_living_and_removed(void **state)
{
    const char *text = after(*state, "INSERT INTO tombstone(id, kind, _org, _seq) SELECT id, 1, _org, _seq FROM member WHERE note='y'");
    assert_non_null(strstr(text, "is noted as removed besides, history has it living\n"));
}

static void test_state(void **state)
{
    struct help_server *s = *state;
    struct org_state *kept;
    assert_int_equal(store_load_org(s->store, s->branch, 1, &kept), ERR_OK);
    struct kind const *k = kind_by_name("member");
    ProtobufCMessage *m = record_new(k->descriptor, &s->arena);
    record_put_name(m, "name", cell_text("Li"), &s->arena); /* without one it would be counted as erased */
    record_put_name(m, "state", cell_text("active"), &s->arena);
    org_state_row(kept, k, member_id(99), (struct row_side){0}, (struct row_side){.exists = true, .seq = S(1), .message = m});
    assert_int_equal(store_begin(s->store), ERR_OK);
    assert_int_equal(store_put_org(s->store, kept), ERR_OK);
    assert_int_equal(store_commit(s->store), ERR_OK);
    org_state_destroy(kept);
    const char *text = after(s, "SELECT 1");
    assert_non_null(strstr(text, "state 9 rows counted, history makes 8\n"));
    assert_non_null(strstr(text, "state the digest of member (open fields) is "));
    assert_non_null(strstr(text, "measure the measure member.state.active is 1, the records make 0\n"));
}

static void test_runs(void **state)
{
    assert_non_null(strstr(after(*state, "UPDATE run SET seq=seq+1"),
                           "runs change 1 of seat 1 was decided by entry 1099511627777, and nothing leads there: it could be decided twice\n"));
    assert_non_null(strstr(after(*state, "DELETE FROM run"), "runs change 10 of seat 1 was decided by entry 1099511627786,"));
}

/* A run may not say more than there is either: n that never came would be taken for decided. */
static void test_surplus_run(void **state)
{
    struct verify_report report;
    struct help_server *s = *state;
    assert_int_equal(db_exec(store_db(s->store), "UPDATE run SET count=count+1"), ERR_OK);
    assert_int_equal(verify_run(s->store, s->control, &report), ERR_OK);
    assert_int_equal(report.count, 1);
    assert_string_equal(report.list[0].text, "1 more changes are said to be decided than there are entries");
    verify_report_finish(&report);
}

static void test_number(void **state)
{
    struct help_server *s = *state;
    struct org_state *kept;
    assert_int_equal(store_load_org(s->store, s->branch, 1, &kept), ERR_OK);
    org_state_number_seen(kept, "member.member_no", 100);
    assert_int_equal(store_begin(s->store), ERR_OK);
    assert_int_equal(store_put_org(s->store, kept), ERR_OK);
    assert_int_equal(store_commit(s->store), ERR_OK);
    org_state_destroy(kept);
    assert_string_equal(after(s, "SELECT 1"), "state the last number of member.member_no is 100, history gave 8\n");
}

/* ---- control data, from the journal ---- */

/* What verify_folder finds after sql, of the whole alone. */
static const char *folder_after(struct help_server *s, const char *sql)
{
    struct verify_report report;
    struct buf b = BUF_INIT;
    assert_int_equal(db_exec(store_db(s->store), sql), ERR_OK);
    assert_int_equal(verify_folder(s->store, s->control, s->journal, &report), ERR_OK);
    for (size_t i = 0; i < report.count; i++)
        buf_format(&b, "%s %s\n", report.list[i].what, report.list[i].text);
    verify_report_finish(&report);
    const char *text = arena_text(&s->arena, buf_slice(&b));
    buf_finish(&b);
    return text;
}

static void test_control(void **state)
{
    assert_string_equal(folder_after(*state, "SELECT 1"), "");
    assert_string_equal(folder_after(*state, "UPDATE seat SET roles='union_chair,audit_member' WHERE number=2"),
                        "control seat 2: roles is \u201cunion_chair,audit_member\u201d, the control journal says \u201cunion_chair\u201d\n");
}

static void test_control_rows(void **state)
{
    assert_string_equal(folder_after(*state, "UPDATE seat SET key_hash=x'00' WHERE number=2"), "control seat 2: key_hash is not what the control journal says\n");
    assert_non_null(strstr(folder_after(*state, "INSERT INTO seat SELECT 9, org, person, roles, state, generation, key_hash, serial, certificate_ends_ms,"
                                                " invitation, by_seat FROM seat WHERE number=1"),
                           "control seat 9 stands here, and the control journal does not know it\n"));
    assert_non_null(strstr(folder_after(*state, "DELETE FROM invitation WHERE number=1"), "control invitation 1 is missing, the control journal has it\n"));
}

/* A seat of entries that control data do not know: damage, but behind what a restore knew of it is who that restore lost. */
static void test_unknown_seat(void **state)
{
    struct help_server *s = *state;
    struct verify_report report;
    struct control_jump jump;
    const char *made = "INSERT INTO incarnation(seat, incarnation) VALUES(77, x'01')";
    assert_string_equal(folder_after(s, made), "database table incarnation: 1 rows belong to a union, seat or device that there is not\n");
    assert_int_equal(control_add_jump(s->control, s->now_ms, &jump), ERR_OK);
    assert_int_equal(verify_folder(s->store, s->control, s->journal, &report), ERR_OK);
    assert_int_equal(report.count, 0);
    assert_int_equal(report.unknown_count, 1);
    assert_int_equal(report.unknown_seats[0], 77);
    verify_report_finish(&report);
    assert_non_null(strstr(folder_after(s, "UPDATE jump SET seat_above=77"), "table incarnation: 1 rows belong to a union, seat or device that there is not\n"));
}

/* As many seats as a city has: none of those that a restore lost is kept from whoever looks; of findings so many are shown, and the rest counted. */
static void test_nothing_is_cut_off_in_silence(void **state)
{
    struct help_server *s = *state;
    struct verify_report report;
    struct control_jump jump;
    struct control_stranger *strangers;
    size_t count;
    assert_int_equal(db_exec(store_db(s->store), "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n WHERE i<2500)"
                                                 " INSERT INTO incarnation(seat, incarnation, fork_n) SELECT 10000+i, CAST(i AS BLOB), i<=130 FROM n"), ERR_OK);
    assert_int_equal(control_add_jump(s->control, s->now_ms, &jump), ERR_OK);
    assert_int_equal(verify_folder(s->store, s->control, s->journal, &report), ERR_OK);
    assert_int_equal(report.unknown_count, 2500);
    assert_int_equal(report.unknown_seats[2499], 12500);
    assert_int_equal(report.count, VERIFY_FINDINGS_MAX);
    assert_int_equal(report.left_out, 30);
    verify_report_finish(&report);
    assert_int_equal(control_strangers(s->control, &s->arena, &strangers, &count), ERR_OK);
    assert_int_equal(count, 2500);
    assert_int_equal(strangers[2499].seat, 12500);
    assert_int_equal(db_exec(store_db(s->store), "DELETE FROM incarnation WHERE seat>10000"), ERR_OK);
}

static void test_control_journal_short(void **state)
{
    const char *text = folder_after(*state, "UPDATE meta SET value=value+3 WHERE name='journal_number'");
    assert_non_null(strstr(text, "control the control journal ends at record "));
}

/* A backup has seen where the log was: with all its hashes worked out anew it is another one. */
static void test_backup_position(void **state)
{
    struct help_server *s = *state;
    struct control_position at = {.org = s->branch, .seq = S(4)};
    struct entry *list;
    server_entries(s, s->branch, &list);
    memcpy(at.chain, list[3].chain, CHAIN_SIZE);
    assert_int_equal(control_add_backup(s->control, "/b/1", NOW_MS, &at, 1), ERR_OK);
    assert_string_equal(folder_after(s, "SELECT 1"), "");
    at.chain[0] ^= 1;
    assert_int_equal(control_add_backup(s->control, "/b/2", NOW_MS, &at, 1), ERR_OK);
    assert_string_equal(folder_after(s, "SELECT 1"), "backup up to entry 1099511627780 the log is another one than in the backup of 2026-11-23T02:13:20Z:"
                                                     " the past was rewritten since\n");
}

static void test_reference(void **state)
{
    struct help_server *s = *state;
    struct pen p = pen_of(s, s->chair, s->branch, 1);
    struct arena *arena = &s->arena;
    p.n = 10;
    const struct kind *group = kind_by_name("union_group");
    assert_string_equal(push_one(&p, pen_write(&p, OP_CREATE, group->number, member_id(50), 0, "name=first")), "11 APPLIED");
    struct change *c = pen_set(&p, 1, S(11), "");
    ProtobufCMessage *patch = record_new(c->kind->descriptor, arena);
    struct id id = member_id(50);
    record_put_name(patch, "group_id", cell_bytes(arena_copy(arena, id_slice(&id))), arena);
    c->patch = patch;
    assert_int_equal(change_pack(c, arena), ERR_OK);
    assert_string_equal(push_one(&p, c), "12 APPLIED");
    assert_string_equal(after(s, "SELECT 1"), "");
    const char *text = after(s, "DELETE FROM union_group");
    assert_non_null(strstr(text, "what its group_id points to is missing here, and history has it\n"));
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {
        T(test_whole), T(test_broken_link), T(test_broken_content), T(test_broken_chain_hash), T(test_broken_last), T(test_missing_entry),
        T(test_unreadable), T(test_hollow_entry), T(test_columns), T(test_changed_row), T(test_changed_sensitive), T(test_changed_stamps),
        T(test_lost_and_foreign_rows), T(test_living_and_removed), T(test_state), T(test_number), T(test_runs), T(test_surplus_run),
        T(test_control), T(test_control_rows), T(test_unknown_seat), T(test_nothing_is_cut_off_in_silence), T(test_control_journal_short), T(test_backup_position), T(test_reference)};
    setenv("BANYAN_LANG", "en", 1); /* identifiers stand in English findings alone */
    tr_init();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
