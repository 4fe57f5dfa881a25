/* Walks, searches, counts. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include "help_table.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct sample s;

/* Ids 1 to 30 of the kind: org 2 where n is even, else 3; dead where n is a multiple of 3. And a few of another kind.
 */
#define LAST 30u

static bool is_dead(unsigned n)
{
    return n % 3 == 0;
}

static uint32_t org_of(unsigned n)
{
    return n % 2 == 0 ? 2 : 3;
}

static void fill(void)
{
    char name[16];
    TableSample__Old m = TABLE_SAMPLE__OLD__INIT;
    TableSample__Other other = TABLE_SAMPLE__OTHER__INIT;
    assert_int_equal(db_begin(s.db), ERR_OK);
    for (unsigned i = 0; i < LAST; i++) {
        unsigned n = i * 7 % LAST + 1; /* in no order */
        snprintf(name, sizeof name, "name %u", n % 4);
        m.name = name;
        m.has_amount = n % 2;
        m.amount = n;
        struct row row = {.id = sample_id(n), .kind = SAMPLE, .org = org_of(n), .seq = 100 + n};
        row.message = is_dead(n) ? NULL : &m.base;
        assert_int_equal(table_save(s.set, &row), ERR_OK);
    }
    other.name = "name 1";
    struct row row = {.id = sample_id(1000), .kind = OTHER, .org = 2, .seq = 1, .message = &other.base};
    assert_int_equal(table_save(s.set, &row), ERR_OK);
    row = (struct row){.id = sample_id(1001), .kind = OTHER, .org = 2, .seq = 2};
    assert_int_equal(table_save(s.set, &row), ERR_OK);
    assert_int_equal(db_commit(s.db), ERR_OK);
}

static int set_up(void **state)
{
    (void)state;
    sample_make(&s, &sample_old);
    fill();
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    sample_remove(&s);
    return 0;
}

static bool is_wanted(unsigned n, uint32_t org, unsigned which)
{
    return (org == 0 || org_of(n) == org) && (which & (is_dead(n) ? TABLE_DEAD : TABLE_LIVING)) != 0;
}

static unsigned next_wanted(unsigned after, uint32_t org, unsigned which)
{
    unsigned n = after + 1;
    while (n <= LAST && !is_wanted(n, org, which))
        n++;
    return n;
}

static void check_row(const struct row *row, unsigned n)
{
    assert_true(id_equal(row->id, sample_id(n)));
    assert_int_equal(row->kind, SAMPLE);
    assert_int_equal(row->org, org_of(n));
    assert_int_equal(row->seq, 100 + n);
    if (is_dead(n)) {
        assert_null(row->message);
        return;
    }
    TableSample__Old *m = (TableSample__Old *)row->message;
    assert_int_equal(m->has_amount, n % 2);
    assert_int_equal(m->amount, m->has_amount ? n : 0);
}

/* Takes at most max rows after n; answers the last one's number, or 0 at the end. */
static unsigned walk_page(uint32_t org, unsigned which, unsigned n, unsigned max)
{
    struct table_cursor *c = NULL;
    struct row row;
    bool more = true;
    struct id after = sample_id(n);
    assert_int_equal(table_scan(s.set, SAMPLE, org, n == 0 ? NULL : &after, which, &c), ERR_OK);
    memset(&after, 0xff, sizeof after); /* the cursor keeps its own */
    for (; max > 0; max--) {
        assert_int_equal(table_next(c, &s.arena, &row, &more), ERR_OK);
        n = next_wanted(n, org, which);
        assert_int_equal(more, n <= LAST);
        if (!more)
            break;
        check_row(&row, n);
    }
    if (!more) {
        assert_int_equal(table_next(c, &s.arena, &row, &more), ERR_OK); /* the end stays the end */
        assert_false(more);
    }
    table_scan_close(c);
    return more ? n : 0;
}

static void walks_in_pages_of_all_sizes(void **state)
{
    (void)state;
    static const uint32_t orgs[] = {0, 2, 3, 4};
    for (size_t o = 0; o < 4; o++)
        for (unsigned which = TABLE_LIVING; which <= (TABLE_LIVING | TABLE_DEAD); which++)
            for (unsigned size = 1; size <= 31; size += 5) {
                unsigned n = 0, pages = 0;
                do {
                    arena_reset(&s.arena);
                    n = walk_page(orgs[o], which, n, size);
                } while (n != 0 && ++pages < 100);
                assert_true(pages < 100);
            }
}

/* Two walks of the same kind at once, and loads in between, do not disturb each other. */
static void walks_are_apart(void **state)
{
    (void)state;
    struct table_cursor *a, *b;
    struct row row, loaded;
    bool more;
    assert_int_equal(table_scan(s.set, SAMPLE, 0, NULL, TABLE_LIVING, &a), ERR_OK);
    for (unsigned n = next_wanted(0, 0, TABLE_LIVING); n <= 10; n = next_wanted(n, 0, TABLE_LIVING)) {
        assert_int_equal(table_next(a, &s.arena, &row, &more), ERR_OK);
        check_row(&row, n);
        assert_int_equal(table_scan(s.set, SAMPLE, 0, NULL, TABLE_LIVING, &b), ERR_OK);
        assert_int_equal(table_next(b, &s.arena, &row, &more), ERR_OK);
        check_row(&row, 1);
        assert_int_equal(table_load(s.set, SAMPLE, sample_id(20), &s.arena, &loaded), ERR_OK);
        table_scan_close(b);
    }
    table_scan_close(a);
    table_scan_close(NULL);
}

static void a_row_that_did_not_fit_comes_again(void **state)
{
    (void)state;
    struct table_cursor *c;
    struct arena small;
    struct row row;
    bool more = false;
    arena_init(&small, 128);
    assert_int_equal(table_scan(s.set, SAMPLE, 0, NULL, TABLE_LIVING, &c), ERR_OK);
    for (unsigned n = 1; n <= LAST; n = next_wanted(n, 0, TABLE_LIVING)) {
        enum err e = table_next(c, &small, &row, &more);
        if (e != ERR_OK) {
            assert_int_equal(e, ERR_MEMORY);
            arena_reset(&small);
            assert_int_equal(table_next(c, &small, &row, &more), ERR_OK);
        }
        assert_true(more);
        check_row(&row, n);
    }
    table_scan_close(c);
    arena_finish(&small);
}

static void walks_use_the_indexes(void **state)
{
    (void)state;
    static const char *const plans[] = {
        "EXPLAIN QUERY PLAN SELECT * FROM \"sample\" WHERE \"id\">x'' AND \"_org\"=2 ORDER BY \"id\"",
        "EXPLAIN QUERY PLAN SELECT \"id\" FROM \"tombstone\" WHERE \"id\">x'' AND \"kind\"=201 AND \"_org\"=2 ORDER BY "
        "\"id\"",
        "EXPLAIN QUERY PLAN SELECT \"id\" FROM \"other\" WHERE \"name\" IS 'x' ORDER BY \"id\"",
    };
    static const char *const wanted[] = {"sample._org (_org=? AND id>?)", "tombstone._org (_org=? AND kind=? AND id>?)",
                                         "other.name (name=?)"};
    for (size_t i = 0; i < 3; i++) {
        struct db_statement *statement;
        bool row = false;
        assert_int_equal(db_prepare(s.db, plans[i], &statement), ERR_OK);
        assert_int_equal(db_step(statement, &row), ERR_OK);
        assert_true(row);
        struct slice text = db_text(statement, 3);
        assert_non_null(memmem(text.data, text.size, wanted[i], strlen(wanted[i])));
        assert_int_equal(db_step(statement, &row), ERR_OK);
        assert_false(row); /* no sorting */
    }
}

static void unknown_kind(void **state)
{
    (void)state;
    struct table_cursor *c = NULL;
    uint64_t count;
    size_t found;
    struct id id;
    assert_int_equal(table_scan(s.set, 9, 0, NULL, TABLE_LIVING, &c), ERR_NOT_FOUND);
    assert_null(c);
    assert_int_equal(table_count(s.set, 9, 0, TABLE_LIVING, &count), ERR_NOT_FOUND);
    assert_int_equal(table_find(s.set, 9, "name", cell_text("x"), &id, 1, &found), ERR_NOT_FOUND);
    assert_int_equal(table_find_prefix(s.set, 9, sample_id(1), 128, &id, NULL, 1, &found), ERR_NOT_FOUND);
}

static void finds_by_value(void **state)
{
    (void)state;
    struct id ids[40];
    size_t count = 99;
    /* n % 4 == 1 and alive: 1 5 13 17 25 29 */
    static const unsigned ones[] = {1, 5, 13, 17, 25, 29};
    assert_int_equal(table_find(s.set, SAMPLE, "name", cell_text("name 1"), ids, 40, &count), ERR_OK);
    assert_int_equal(count, 6);
    for (size_t i = 0; i < 6; i++)
        assert_true(id_equal(ids[i], sample_id(ones[i])));
    assert_int_equal(table_find(s.set, SAMPLE, "name", cell_text("name 1"), ids, 2, &count), ERR_OK);
    assert_int_equal(count, 2);
    assert_int_equal(table_find(s.set, SAMPLE, "name", cell_text("name"), ids, 40, &count), ERR_OK);
    assert_int_equal(count, 0);
    assert_int_equal(table_find(s.set, SAMPLE, "amount", cell_integer(17), ids, 40, &count), ERR_OK);
    assert_int_equal(count, 1);
    assert_int_equal(table_find(s.set, SAMPLE, "amount", (struct cell){0}, ids, 40, &count), ERR_OK);
    assert_int_equal(count, 10); /* 10 even ones live */
    assert_int_equal(table_find(s.set, OTHER, "name", cell_text("name 1"), ids, 40, &count), ERR_OK);
    assert_int_equal(count, 1);
    count = 99;
    assert_int_equal(table_find(s.set, SAMPLE, "no_such", cell_text("x"), ids, 40, &count), ERR_BUG);
    assert_int_equal(count, 99);
}

/* However many: one more than the first room for them, as many, and one less. */
static void finds_all(void **state)
{
    (void)state;
    TableSample__Old m = TABLE_SAMPLE__OLD__INIT;
    struct id *ids = NULL;
    size_t count;
    m.name = "many";
    for (unsigned n = 1; n <= 257; n++) {
        struct row row = {.id = sample_id(2000 + n), .kind = SAMPLE, .org = 2, .seq = 200 + n, .message = &m.base};
        assert_int_equal(table_save(s.set, &row), ERR_OK);
        if (n < 255)
            continue;
        assert_int_equal(table_find_all(s.set, SAMPLE, "name", cell_text("many"), &ids, &count), ERR_OK);
        assert_int_equal(count, n);
        assert_true(id_equal(ids[n - 1], sample_id(2000 + n)));
        free(ids);
    }
    assert_int_equal(table_find_all(s.set, SAMPLE, "name", cell_text("none"), &ids, &count), ERR_OK);
    assert_int_equal(count, 0);
    free(ids);
    assert_int_equal(table_find_all(s.set, SAMPLE, "no_such", cell_text("x"), &ids, &count), ERR_BUG);
    assert_null(ids);
}

static void finds_by_prefix(void **state)
{
    (void)state;
    struct id ids[64];
    uint32_t kinds[64];
    size_t count;
    /* 16 to 31 begin with the same 124 bits */
    assert_int_equal(table_find_prefix(s.set, SAMPLE, sample_id(23), 124, ids, NULL, 64, &count), ERR_OK);
    assert_int_equal(count, 15); /* 16 to 30, living and dead */
    assert_int_equal(table_find_prefix(s.set, 0, sample_id(0), 16, ids, kinds, 64, &count), ERR_OK);
    assert_int_equal(count, LAST + 2);
    size_t others = 0;
    for (size_t i = 0; i < count; i++)
        others += kinds[i] == OTHER;
    assert_int_equal(others, 2);
    assert_int_equal(table_find_prefix(s.set, OTHER, sample_id(0), 16, ids, kinds, 64, &count), ERR_OK);
    assert_int_equal(count, 2);
    assert_int_equal(table_find_prefix(s.set, 0, sample_id(9), 128, ids, kinds, 64, &count), ERR_OK);
    assert_int_equal(count, 1);
    assert_int_equal(kinds[0], SAMPLE);
    assert_true(id_equal(ids[0], sample_id(9)));
    assert_int_equal(table_find_prefix(s.set, 0, sample_id(31), 128, ids, kinds, 64, &count), ERR_OK);
    assert_int_equal(count, 0);
    assert_int_equal(table_find_prefix(s.set, 0, sample_id(0), 16, ids, kinds, 3, &count), ERR_OK);
    assert_int_equal(count, 3);
    assert_int_equal(table_find_prefix(s.set, 0, sample_id(0), 0, ids, NULL, 64, &count), ERR_OK);
    assert_int_equal(count, LAST + 2);
}

static void counts(void **state)
{
    (void)state;
    uint64_t count;
    assert_int_equal(table_count(s.set, SAMPLE, 0, TABLE_LIVING, &count), ERR_OK);
    assert_int_equal(count, 20);
    assert_int_equal(table_count(s.set, SAMPLE, 0, TABLE_DEAD, &count), ERR_OK);
    assert_int_equal(count, 10);
    assert_int_equal(table_count(s.set, SAMPLE, 2, TABLE_LIVING | TABLE_DEAD, &count), ERR_OK);
    assert_int_equal(count, 15);
    assert_int_equal(table_count(s.set, SAMPLE, 3, TABLE_DEAD, &count), ERR_OK);
    assert_int_equal(count, 5); /* 3 9 15 21 27 */
    assert_int_equal(table_count(s.set, OTHER, 0, TABLE_LIVING | TABLE_DEAD, &count), ERR_OK);
    assert_int_equal(count, 2);
}

/* "name 1" have 1, 5, 13, 17, 25, 29 of org 3; 9 and 21 are dead. */
static void living_rows_of_an_org_by_a_value(void **state)
{
    (void)state;
    static const unsigned expected[] = {1, 5, 13, 17, 25, 29};
    struct table_cursor *c;
    struct row row;
    bool more;
    assert_int_equal(table_scan_value(s.set, SAMPLE, 3, "name", cell_text("name 1"), &c), ERR_OK);
    for (size_t i = 0; i < 6; i++) {
        assert_int_equal(table_next(c, &s.arena, &row, &more), ERR_OK);
        assert_true(more && id_equal(row.id, sample_id(expected[i])) && row.org == 3 && row.seq == 100 + expected[i]);
    }
    assert_int_equal(table_next(c, &s.arena, &row, &more), ERR_OK);
    assert_false(more);
    table_scan_close(c);
    assert_int_equal(table_scan_value(s.set, SAMPLE, 2, "name", cell_text("name 1"), &c), ERR_OK); /* odd numbers are org 3's */
    assert_int_equal(table_next(c, &s.arena, &row, &more), ERR_OK);
    assert_false(more);
    table_scan_close(c);
    assert_int_equal(table_scan_value(s.set, SAMPLE, 2, "no_such", cell_text("x"), &c), ERR_BUG);
    assert_int_equal(table_scan_value(s.set, 99, 2, "name", cell_text("x"), &c), ERR_NOT_FOUND);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        T(walks_in_pages_of_all_sizes),
        T(walks_are_apart),
        T(living_rows_of_an_org_by_a_value),
        T(a_row_that_did_not_fit_comes_again),
        T(walks_use_the_indexes),
        T(unknown_kind),
        T(finds_by_value),
        T(finds_all),
        T(finds_by_prefix),
        T(counts),
    };
    return cmocka_run_group_tests_name("table_scan", tests, NULL, NULL);
}
