/* Tables follow descriptors: made, migrated, refused, left alone. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include "help_table.h"
#include "wire/wire.h"
#include <stdio.h>
#include <string.h>

static struct sample s;

static int set_up(void **state)
{
    (void)state;
    sample_make(&s, &sample_old);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    sample_remove(&s);
    return 0;
}

static void the_layout(void **state)
{
    (void)state;
    assert_int_equal(sample_number(&s, "SELECT count(*) FROM pragma_table_info('sample')"), 5 + 4);
    assert_int_equal(
        sample_number(&s, "SELECT count(*) FROM pragma_table_info('sample') WHERE"
                          " name='id' AND type='BLOB' AND pk=1 AND \"notnull\"=1 OR name='_org' AND type='INTEGER'"
                          " OR name='name' AND type='TEXT' OR name='ref' AND type='BLOB'"
                          " OR name='amount' AND type='INTEGER' OR name='flag' AND type='INTEGER'"),
        6);
    assert_int_equal(sample_number(&s, "SELECT wr FROM pragma_table_list('sample')"), 1); /* WITHOUT ROWID */
    assert_int_equal(sample_number(&s, "SELECT count(*) FROM pragma_index_list('sample') WHERE origin='c'"), 1);
    assert_int_equal(sample_number(&s, "SELECT count(*) FROM pragma_index_list('other') WHERE origin='c'"), 2);
    assert_int_equal(
        sample_number(&s, "SELECT count(*) FROM pragma_index_info('other.name') WHERE name='name' AND seqno=0"), 1);
}

static void no_write_lock_where_nothing_is_missing(void **state)
{
    (void)state;
    struct db *other;
    struct table_set *set = NULL;
    assert_int_equal(db_open(folder_file(&s.dir, "a.db"), DB_CLIENT, DB_OPEN, 1, &other), ERR_OK);
    assert_int_equal(db_exec(other, "PRAGMA busy_timeout=0"), ERR_OK);
    assert_int_equal(db_begin(s.db), ERR_OK);
    assert_int_equal(table_set_open(other, s.specs, 2, &set), ERR_OK);
    table_set_close(set);
    struct table_spec newer[] = {sample_new, sample_other};
    set = NULL;
    assert_int_equal(table_set_open(other, newer, 2, &set), ERR_BUSY);
    assert_null(set);
    db_rollback(s.db);
    db_close(other);
}

/* ---- migration ---- */

static struct slice packed_new(const char *remark)
{
    TableSample__New m = TABLE_SAMPLE__NEW__INIT;
    m.name = "name";
    m.remark = (char *)remark;
    m.has_weight = m.has_seal = 1;
    m.weight = -5;
    return wire_pack_arena(&m.base, &s.arena);
}

static void save_packed(unsigned n, struct slice packed)
{
    assert_int_equal(table_save_packed(s.set, SAMPLE, sample_id(n), 2, n, packed), ERR_OK);
}

static struct row load(unsigned n)
{
    struct row row = {0};
    assert_int_equal(table_load(s.set, SAMPLE, sample_id(n), &s.arena, &row), ERR_OK);
    return row;
}

static void extra_moves_into_new_columns(void **state)
{
    (void)state;
    TableSample__Old old = TABLE_SAMPLE__OLD__INIT;
    struct row stamped = {.id = sample_id(9000), .kind = SAMPLE, .org = 3, .seq = 8, .message = &old.base};
    stamped.stamps = slice_of("\1\2", 2);
    assert_int_equal(db_begin(s.db), ERR_OK);
    for (unsigned n = 1; n <= 600; n++) /* more than two pages of the walk */
        save_packed(n, packed_new("remark"));
    assert_int_equal(table_save(s.set, &stamped), ERR_OK); /* without extra */
    assert_int_equal(db_commit(s.db), ERR_OK);
    assert_int_equal(sample_number(&s, "SELECT count(*) FROM sample WHERE _extra IS NOT NULL"), 600);

    sample_reopen(&s, &sample_new);
    assert_int_equal(sample_number(&s, "SELECT count(*) FROM sample WHERE _extra IS NOT NULL"), 0);
    assert_int_equal(sample_number(&s, "SELECT count(*) FROM sample WHERE remark='remark' AND weight=-5 AND seal=x''"),
                     600);
    assert_int_equal(sample_number(&s, "SELECT count(*) FROM sample WHERE remark IS NULL AND _stamps=x'0102'"), 1);
    struct row row = load(600);
    assert_true(slice_equal(wire_pack_arena(row.message, &s.arena), packed_new("remark")));
    assert_int_equal(row.seq, 600);
    assert_int_equal(row.org, 2);
}

static void a_failed_migration_changes_nothing(void **state)
{
    (void)state;
    struct table_set *set = NULL;
    struct table_spec newer[] = {sample_new, sample_other};
    save_packed(1, packed_new("remark"));
    /* the second step fails: no index can have the name of a table */
    assert_int_equal(db_exec(s.db, "DROP INDEX \"other.name\"; CREATE TABLE \"other.name\"(a)"), ERR_OK);
    assert_int_not_equal(table_set_open(s.db, newer, 2, &set), ERR_OK);
    assert_null(set);
    assert_false(db_in_transaction(s.db));
    assert_int_equal(sample_number(&s, "SELECT count(*) FROM pragma_table_info('sample')"), 5 + 4);
    assert_int_equal(sample_number(&s, "SELECT count(*) FROM sample WHERE _extra IS NOT NULL"), 1);
    assert_int_equal(db_exec(s.db, "DROP TABLE \"other.name\""), ERR_OK);
    assert_int_equal(table_set_open(s.db, newer, 2, &set), ERR_OK);
    table_set_close(set);
    assert_int_equal(sample_number(&s, "SELECT weight FROM sample"), -5);
}

/* Well formed is all that could be said of the field when it came; now it has a type. */
static void a_value_that_never_was_one_is_dropped(void **state)
{
    (void)state;
    save_packed(1, slice_of("\x2a\x02\xff\xfe\x38\x09", 6)); /* remark is no UTF-8; weight 9 */
    save_packed(2, slice_of("\x28\x05\x38\x09", 4));         /* remark as a number; weight 9 */
    sample_reopen(&s, &sample_new);
    assert_int_equal(
        sample_number(&s, "SELECT count(*) FROM sample WHERE remark IS NULL AND weight=9 AND _extra IS NULL"), 2);
}

static void a_damaged_extra_is_said(void **state)
{
    (void)state;
    struct row row;
    save_packed(1, packed_new("remark"));
    assert_int_equal(db_exec(s.db, "UPDATE sample SET _extra=x'2a7f00'"), ERR_OK); /* longer than it is */
    assert_int_equal(table_load(s.set, SAMPLE, sample_id(1), &s.arena, &row), ERR_CORRUPT);
}

static void columns_of_a_newer_build_survive(void **state)
{
    (void)state;
    sample_reopen(&s, &sample_new);
    save_packed(1, packed_new("kept"));
    sample_reopen(&s, &sample_old); /* back to the older one */
    TableSample__Old m = TABLE_SAMPLE__OLD__INIT;
    m.name = "changed";
    struct row row = {.id = sample_id(1), .kind = SAMPLE, .org = 2, .seq = 5, .message = &m.base};
    assert_int_equal(table_save(s.set, &row), ERR_OK);
    assert_int_equal(table_save_packed(s.set, SAMPLE, sample_id(1), 2, 6, slice_of("\x18\x07", 2)), ERR_OK);
    assert_int_equal(sample_number(&s, "SELECT count(*) FROM sample WHERE remark='kept' AND weight=-5 AND amount=7"),
                     1);
}

/* The older build took a newer value in, which its column does not know of: the newer build reads the newer value. */
static void extra_goes_before_the_column(void **state)
{
    (void)state;
    sample_reopen(&s, &sample_new);
    save_packed(1, packed_new("before"));
    sample_reopen(&s, &sample_old);
    save_packed(1, packed_new("after"));
    sample_reopen(&s, &sample_new);
    struct row row = load(1);
    assert_string_equal(((TableSample__New *)row.message)->remark, "after");
    assert_int_equal(table_save(s.set, &row), ERR_OK);
    assert_int_equal(sample_number(&s, "SELECT count(*) FROM sample WHERE remark='after' AND _extra IS NULL"), 1);
}

static void an_index_is_added_later(void **state)
{
    (void)state;
    static const char *const fields[] = {"name", "amount", NULL};
    struct table_spec spec = {"sample", SAMPLE, &table_sample__old__descriptor, fields, NULL};
    sample_reopen(&s, &spec);
    assert_int_equal(sample_number(&s, "SELECT count(*) FROM pragma_index_list('sample') WHERE origin='c'"), 3);
}

/* A database of a build whose kind was not found by that field: the index is made when the file is opened, over the rows that are
 * there; a reader waits for it. */
static void a_lookup_is_added_later(void **state)
{
    (void)state;
    static const char *const fields[] = {"ref", NULL};
    struct table_spec specs[] = {{"sample", SAMPLE, &table_sample__old__descriptor, NULL, fields}, sample_other};
    struct db *reader;
    struct table_set *set = NULL;
    assert_int_equal(db_open(folder_file(&s.dir, "a.db"), DB_CLIENT, DB_READ, 1, &reader), ERR_OK);
    assert_int_equal(table_set_open_read(reader, specs, 2, &set), ERR_NOT_FOUND);
    sample_reopen(&s, &specs[0]);
    assert_int_equal(sample_number(&s, "SELECT count(*) FROM pragma_index_list('sample') WHERE name='sample._org.ref'"), 1);
    assert_int_equal(sample_number(&s, "SELECT count(*) FROM pragma_index_info('sample._org.ref')"), 3); /* _org, ref, id */
    assert_int_equal(table_set_open_read(reader, specs, 2, &set), ERR_OK);
    table_set_close(set);
    db_close(reader);
}

/* ---- readers ---- */

static void a_reader_never_migrates(void **state)
{
    (void)state;
    struct db *reader;
    struct table_set *set = NULL;
    struct table_spec newer[] = {sample_new, sample_other};
    struct row row;
    save_packed(1, packed_new("remark"));
    assert_int_equal(db_open(folder_file(&s.dir, "a.db"), DB_CLIENT, DB_READ, 1, &reader), ERR_OK);
    assert_int_equal(table_set_open_read(reader, newer, 2, &set), ERR_NOT_FOUND);
    assert_null(set);
    assert_int_equal(table_set_open_read(reader, s.specs, 2, &set), ERR_OK);
    assert_int_equal(table_load(set, SAMPLE, sample_id(1), &s.arena, &row), ERR_OK);
    assert_int_equal(row.seq, 1);
    assert_int_not_equal(table_save(set, &row), ERR_OK);
    table_set_close(set);
    db_close(reader);
}

/* ---- what can't be a table ---- */

static enum err open_one(const char *name, const ProtobufCMessageDescriptor *d, const char *const *indexes)
{
    struct table_set *set = NULL;
    struct table_spec spec = {name, 1, d, indexes, NULL};
    enum err e = table_set_open(s.db, &spec, 1, &set);
    table_set_close(set);
    return e;
}

static void bad_specs(void **state)
{
    (void)state;
    static const char *const none[] = {"no_such", NULL};
    const ProtobufCMessageDescriptor *d = &table_sample__other__descriptor;
    assert_int_equal(open_one("tombstone", d, NULL), ERR_BUG);
    assert_int_equal(open_one("sqlite_x", d, NULL), ERR_BUG);
    assert_int_equal(open_one("a\"b", d, NULL), ERR_BUG);
    assert_int_equal(open_one("", d, NULL), ERR_BUG);
    assert_int_equal(open_one("x", d, none), ERR_BUG);
    assert_int_equal(open_one("x", &table_sample__wrong__descriptor, NULL), ERR_BUG);
    assert_int_equal(open_one("x", &table_sample__wrong_type__descriptor, NULL), ERR_BUG);
    assert_int_equal(open_one("x", &table_sample__wrong_label__descriptor, NULL), ERR_BUG);
    assert_int_equal(open_one("x", d, NULL), ERR_OK);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        T(the_layout),
        T(no_write_lock_where_nothing_is_missing),
        T(extra_moves_into_new_columns),
        T(a_failed_migration_changes_nothing),
        T(a_value_that_never_was_one_is_dropped),
        T(a_damaged_extra_is_said),
        T(columns_of_a_newer_build_survive),
        T(extra_goes_before_the_column),
        T(an_index_is_added_later),
        T(a_lookup_is_added_later),
        T(a_reader_never_migrates),
        T(bad_specs),
    };
    return cmocka_run_group_tests_name("table_schema", tests, NULL, NULL);
}
