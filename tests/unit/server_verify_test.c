/* verify names what differs, and where it begins. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "help_server.h"

#include "server/recovery/verify.h"

#include <stdio.h>
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
        assert_int_equal(report.list[i].org, strcmp(report.list[i].what, "runs") ? s->branch : 0);
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

static void test_broken_link(void **state)
{
    const char *text = after(*state, "UPDATE history SET change=x'00' WHERE seq=(1<<40)+5");
    assert_string_equal(text, "chain entry 1099511627781 does not follow the one before it\n");
}

static void test_missing_entry(void **state)
{
    const char *text = after(*state, "DELETE FROM history WHERE seq=(1<<40)+5");
    assert_non_null(strstr(text, "chain entry 1099511627782 does not follow the one before it\n"));
    assert_non_null(strstr(text, "runs "));
}

static void test_changed_row(void **state)
{
    const char *text = after(*state, "UPDATE member SET note='z' WHERE note='y'");
    assert_non_null(strstr(text, "rows member "));
    assert_non_null(strstr(text, "other values than history says\n"));
    assert_ptr_equal(strchr(text, '\n')[1], 0); /* that alone */
}

static void test_lost_and_foreign_rows(void **state)
{
    const char *text = after(*state, "DELETE FROM member WHERE note='y'");
    assert_non_null(strstr(text, " is missing\n"));
    assert_non_null(strstr(text, "rows 7 records stand here, history knows 8\n"));
    text = after(*state, "INSERT INTO tombstone(id, kind, _org, _seq) SELECT x'00', kind, _org, _seq FROM tombstone");
    assert_non_null(strstr(text, " is missing\n"));
}

static void test_state(void **state)
{
    struct help_server *s = *state;
    struct org_state *kept;
    assert_int_equal(store_load_org(s->store, s->branch, 1, &kept), ERR_OK);
    struct kind const *k = kind_by_name("member");
    ProtobufCMessage *m = record_new(k->descriptor, &s->arena);
    record_put_name(m, "state", cell_text("active"), &s->arena);
    org_state_row(kept, k, member_id(99), (struct row_side){0}, (struct row_side){.exists = true, .seq = S(1), .message = m});
    assert_int_equal(store_begin(s->store), ERR_OK);
    assert_int_equal(store_put_org(s->store, kept), ERR_OK);
    assert_int_equal(store_commit(s->store), ERR_OK);
    org_state_destroy(kept);
    const char *text = after(s, "SELECT 1");
    assert_non_null(strstr(text, "state 9 rows counted, history makes 8\n"));
    assert_non_null(strstr(text, "state digest of member (open) differs"));
    assert_non_null(strstr(text, "state measure member.state.active"));
}

static void test_runs(void **state)
{
    assert_non_null(strstr(after(*state, "UPDATE run SET seq=seq+1"), "runs "));
    assert_non_null(strstr(after(*state, "DELETE FROM run"), "runs 10 runs"));
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
    assert_non_null(strstr(text, "its group_id points to nothing\n"));
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {T(test_whole), T(test_broken_link), T(test_missing_entry), T(test_changed_row),
                                       T(test_lost_and_foreign_rows), T(test_state), T(test_runs), T(test_reference)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
