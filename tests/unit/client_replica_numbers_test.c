/* Numbers on paper beside a restore: which are remembered, which are forgotten, and by whom they may be seen. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "client/replica/replica_numbers.h"
#include "client/replica/replica_sync.h"
#include "help_folder.h"

#include <stdlib.h>
#include <string.h>

#define NOW 1795400000000
#define ORG 3u

static struct folder folder;
static struct replica *r;

static int setup(void **state)
{
    struct replica_seat s = {.number = 7, .person = "林晓岚", .roles = "accountant", .home = ORG, .home_code = "QH001",
                             .home_name = "青禾区小苗圃幼儿园工会", .home_level = "branch", .district = "青禾区教育工会", .server = "127.0.0.1:7443"};
    (void)state;
    folder_make(&folder);
    assert_int_equal(replica_create(folder.path, &s, NOW), ERR_OK);
    assert_int_equal(replica_open(folder.path, NOW, &r), ERR_OK);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    replica_close(r);
    folder_remove(&folder);
    return 0;
}

static void row(const char *kind, char id, int64_t seq, const char *field, const char *number)
{
    struct buf sql = BUF_INIT;
    struct id key;
    memset(&key, id, sizeof key);
    buf_format(&sql, "INSERT OR REPLACE INTO \"%s\"(id, _org, _seq, _stamps, _extra, \"%s\") VALUES(?1, %u, ?2, x'', x'', ?3)", kind, field, ORG);
    assert_int_equal(sql_run(r->db, buf_c_string(&sql), "dit", &key, seq, number ? slice_text(number) : slice_text("")), ERR_OK);
    buf_finish(&sql);
}

static bool put(void *to, const struct replica_number *x)
{
    buf_format(to, "%s %s>%s%s%s; ", x->field, x->was, x->now, x->told ? " told" : "", x->noted ? " noted" : "");
    return true;
}

static void expect(const char *all, int64_t waiting)
{
    struct buf said = BUF_INIT;
    int64_t waits = -1;
    assert_int_equal(replica_numbers(r, NOW, put, &said), ERR_OK);
    assert_string_equal(buf_c_string(&said), all);
    assert_int_equal(numbers_waiting(r, &waits), ERR_OK);
    assert_int_equal(waits, waiting);
    buf_finish(&said);
}

/* What stood before the restore's end keeps its number, what has none has none to be told of, and what is gone is told when it is back. */
static void only_what_was_given_up(void **state)
{
    (void)state;
    row("dues_payment", 1, 4, "receipt_no", "0001");
    row("dues_payment", 2, 5, "receipt_no", "0002");
    row("dues_payment", 3, 6, "receipt_no", NULL);
    row("member", 4, 7, "member_no", "0031");
    assert_int_equal(numbers_note(r, ORG, 4, NOW), ERR_OK);
    expect("", 0);
    row("dues_payment", 1, 10, "receipt_no", "1001"); /* not looked at: it stands on the line that survived */
    assert_int_equal(sql_run(r->db, "DELETE FROM dues_payment WHERE receipt_no = '0002'", ""), ERR_OK);
    row("member", 4, 11, "member_no", "0031");
    assert_int_equal(numbers_settle(r, ORG), ERR_OK);
    row("member", 4, 12, "member_no", "1032"); /* settled: the restore has not changed it */
    expect("", 0);
    row("dues_payment", 2, 13, "receipt_no", "");
    expect("", 0); /* entered again here: it has none yet */
    row("dues_payment", 2, 14, "receipt_no", "1002");
    expect("receipt_no 0002>1002; ", 1);
}

static void told_and_noted_until_it_changes_again(void **state)
{
    (void)state;
    row("dues_payment", 2, 5, "receipt_no", "0002");
    assert_int_equal(numbers_note(r, ORG, 0, NOW), ERR_OK);
    row("dues_payment", 2, 14, "receipt_no", "1002");
    assert_int_equal(replica_numbers_told(r), ERR_OK);
    expect("receipt_no 0002>1002 told; ", 1);
    assert_int_equal(replica_numbers_noted(r), ERR_OK);
    expect("receipt_no 0002>1002 told noted; ", 0);
    assert_int_equal(numbers_note(r, ORG, 0, NOW + 1), ERR_OK);
    row("dues_payment", 2, 24, "receipt_no", "2002");
    expect("receipt_no 0002>2002; receipt_no 1002>2002; ", 2);
    row("dues_payment", 2, 34, "receipt_no", "0002"); /* the first path after all */
    expect("receipt_no 1002>0002; ", 1);
}

/* Who may not read payments any more keeps none of their numbers. */
static void a_role_that_was_taken_away(void **state)
{
    int64_t left = -1;
    Wire__Welcome w = WIRE__WELCOME__INIT;
    (void)state;
    row("dues_payment", 2, 5, "receipt_no", "0002");
    row("member", 4, 7, "member_no", "0031");
    assert_int_equal(numbers_note(r, ORG, 0, NOW), ERR_OK);
    w.has_protocol = w.has_seat = 1;
    w.protocol = 1;
    w.seat = 7;
    w.roles = "committee_member";
    assert_int_equal(replica_welcome(r, &w, NOW), ERR_OK);
    assert_int_equal(sql_integer(r->db, -1, &left, "SELECT count(*) FROM number_was WHERE field = 'member_no'", ""), ERR_OK);
    assert_int_equal(left, 1);
    bool reads = kind_access(kind_by_name("dues_payment"), NULL, ROLES(committee_member)) >= ACCESS_OPEN;
    assert_int_equal(sql_integer(r->db, -1, &left, "SELECT count(*) FROM number_was WHERE field = 'receipt_no'", ""), ERR_OK);
    assert_int_equal(left, reads);
    w.roles = "";
    assert_int_equal(replica_welcome(r, &w, NOW), ERR_OK);
    assert_int_equal(sql_integer(r->db, -1, &left, "SELECT count(*) FROM number_was", ""), ERR_OK);
    assert_int_equal(left, 0);
}

#define SCENARIO(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {SCENARIO(only_what_was_given_up), SCENARIO(told_and_noted_until_it_changes_again), SCENARIO(a_role_that_was_taken_away)};
    return cmocka_run_group_tests_name("client_replica_numbers", tests, NULL, NULL);
}
