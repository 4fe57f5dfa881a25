/* Two and three changes that people made apart, on the same base, in every order in which they may arrive. What the
 * verdicts, the row and the conflicts are was worked out by hand from rules 8 to 13. */
#include "tests/unit/help_sync.h"
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

struct made {
    enum op op;
    const char *words;
};
struct expected {
    const char *verdicts, *row, *conflicts;
};

/* Change i is made by seat i (all may write), on the record as created by seat 0 at seq 1, or on nothing. */
static void run_order(const char *start, const struct made *made, size_t count, const int *order,
                      const struct expected *e)
{
    struct world w;
    struct change *c[3];
    struct buf verdicts = BUF_INIT;
    world_init(&w);
    w.seats[2].roles = w.seats[1].roles;
    if (start)
        assert_string_equal(do_create(&w, 3, 1, start), "APPLIED");
    for (size_t i = 0; i < count; i++)
        c[i] = make_change(&w, (int)i, SHEET, made[i].op, 1, start ? S(1) : 0, made[i].words);
    for (size_t i = 0; i < count; i++) {
        buf_text(&verdicts, i ? ", " : "");
        buf_text(&verdicts, take_change(&w, order[i], c[order[i]]));
    }
    assert_string_equal(buf_c_string(&verdicts), e->verdicts);
    assert_string_equal(sheet_row(&w, 1), e->row);
    assert_string_equal(sheet_conflicts(&w, 1), e->conflicts);
    assert_log_makes_rows(&w);
    buf_finish(&verdicts);
    world_finish(&w);
}

static void run_pair(const char *start, const struct made *made, const struct expected expected[2])
{
    static const int orders[2][2] = {{0, 1}, {1, 0}};
    for (int i = 0; i < 2; i++)
        run_order(start, made, 2, orders[i], &expected[i]);
}

/* Orders: 012 021 102 120 201 210. */
static void run_three(const char *start, const struct made *made, const struct expected expected[6])
{
    static const int orders[6][3] = {{0, 1, 2}, {0, 2, 1}, {1, 0, 2}, {1, 2, 0}, {2, 0, 1}, {2, 1, 0}};
    for (int i = 0; i < 6; i++)
        run_order(start, made, 3, orders[i], &expected[i]);
}

#define HEAD "member_no=0001 name=Li "

static void pair_of_one_field(void **state)
{
    (void)state;
    static const struct made made[] = {{OP_SET, "note=a"}, {OP_SET, "note=b"}};
    run_pair("name=Li", made,
             (struct expected[]){
                 {"APPLIED, CONFLICT", HEAD "state=draft note=a", "open note: mine note=b by 2, theirs note=a by 1"},
                 {"APPLIED, CONFLICT", HEAD "state=draft note=b", "open note: mine note=a by 1, theirs note=b by 2"},
             });
}

static void pair_of_two_fields(void **state)
{
    (void)state;
    static const struct made made[] = {{OP_SET, "note=a"}, {OP_SET, "campus=b"}};
    static const struct expected both = {"APPLIED, MERGED", HEAD "campus=b state=draft note=a", "none"};
    run_pair("name=Li", made, (struct expected[]){both, both});
}

static void pair_of_set_and_emptied(void **state)
{
    (void)state;
    static const struct made made[] = {{OP_SET, "note=a"}, {OP_SET, "-note"}};
    run_pair("name=Li note=n", made,
             (struct expected[]){
                 {"APPLIED, CONFLICT", HEAD "state=draft note=a", "open note: mine  -note by 2, theirs note=a by 1"},
                 {"APPLIED, CONFLICT", HEAD "state=draft", "open note: mine note=a by 1, theirs  by 2"},
             });
}

static void pair_of_act_and_set(void **state)
{
    (void)state;
    static const struct made made[] = {{OP_ACT, "!submitted joined_on=d"}, {OP_SET, "campus=b"}};
    run_pair("name=Li", made,
             (struct expected[]){
                 {"APPLIED, MERGED", HEAD "campus=b joined_on=d state=submitted", "none"},
                 {"APPLIED, APPLIED", HEAD "campus=b joined_on=d state=submitted", "none"},
             });
}

static void pair_of_acts(void **state)
{
    (void)state;
    static const struct made made[] = {{OP_ACT, "!submitted joined_on=d"}, {OP_ACT, "!submitted joined_on=e"}};
    run_pair("name=Li", made,
             (struct expected[]){
                 {"APPLIED, REFUSED STATE_MOVED state submitted 1 1001", HEAD "joined_on=d state=submitted", "none"},
                 {"APPLIED, REFUSED STATE_MOVED state submitted 2 1001", HEAD "joined_on=e state=submitted", "none"},
             });
}

static void pair_of_remove_and_set(void **state)
{
    (void)state;
    static const struct made made[] = {{OP_REMOVE, ""}, {OP_SET, "note=b"}};
    run_pair("name=Li", made,
             (struct expected[]){
                 {"APPLIED, CONFLICT", "removed", "open *: mine note=b by 2, theirs  by 1, was " HEAD "state=draft"},
                 {"APPLIED, REFUSED CHANGED_SINCE 2 1001", HEAD "state=draft note=b", "none"},
             });
}

static void pair_of_removes(void **state)
{
    (void)state;
    static const struct made made[] = {{OP_REMOVE, ""}, {OP_REMOVE, ""}};
    static const struct expected one = {"APPLIED, APPLIED without effect", "removed", "none"};
    run_pair("name=Li", made, (struct expected[]){one, one});
}

static void pair_of_creates(void **state)
{
    (void)state;
    static const struct made made[] = {{OP_CREATE, "name=Li note=a"}, {OP_CREATE, "name=Li note=b campus=c"}};
    run_pair(NULL, made,
             (struct expected[]){
                 {"APPLIED, CONFLICT", HEAD "campus=c state=draft note=a",
                  "open note: mine note=b by 2, theirs note=a by 1"},
                 {"APPLIED, CONFLICT", HEAD "campus=c state=draft note=b",
                  "open note: mine note=a by 1, theirs note=b by 2"},
             });
}

static void three_of_one_field(void **state)
{
    (void)state;
    static const struct made made[] = {{OP_SET, "note=a"}, {OP_SET, "note=b"}, {OP_SET, "note=c"}};
#define THREE(x, xs, y, ys, z, zs)                                                                                     \
    {"APPLIED, CONFLICT, CONFLICT", HEAD "state=draft note=" x,                                                        \
     "open note: mine note=" y " by " ys ", theirs note=" x " by " xs " | open note: mine note=" z " by " zs           \
     ", theirs note=" x " by " xs}
    run_three("name=Li", made,
              (struct expected[]){
                  THREE("a", "1", "b", "2", "c", "3"),
                  THREE("a", "1", "c", "3", "b", "2"),
                  THREE("b", "2", "a", "1", "c", "3"),
                  THREE("b", "2", "c", "3", "a", "1"),
                  THREE("c", "3", "a", "1", "b", "2"),
                  THREE("c", "3", "b", "2", "a", "1"),
              });
}

static void three_of_three_fields(void **state)
{
    (void)state;
    static const struct made made[] = {{OP_SET, "note=a"}, {OP_SET, "campus=b"}, {OP_SET, "-sex mobile=1"}};
    static const struct expected all = {"APPLIED, MERGED, MERGED", HEAD "mobile=1 campus=b state=draft note=a", "none"};
    run_three("name=Li sex=1", made, (struct expected[]){all, all, all, all, all, all});
}

static void three_act_set_set(void **state)
{
    (void)state;
    static const struct made made[] = {
        {OP_ACT, "!submitted joined_on=d"}, {OP_SET, "note=b"}, {OP_SET, "note=c campus=c"}};
#define ROW_B HEAD "campus=c joined_on=d state=submitted note=b"
#define ROW_C HEAD "campus=c joined_on=d state=submitted note=c"
#define CLASH_B "open note: mine note=c by 3, theirs note=b by 2"
#define CLASH_C "open note: mine note=b by 2, theirs note=c by 3"
    run_three("name=Li", made,
              (struct expected[]){
                  {"APPLIED, MERGED, CONFLICT", ROW_B, CLASH_B},
                  {"APPLIED, MERGED, CONFLICT", ROW_C, CLASH_C},
                  {"APPLIED, APPLIED, CONFLICT", ROW_B, CLASH_B},
                  {"APPLIED, CONFLICT, APPLIED", ROW_B, CLASH_B},
                  {"APPLIED, APPLIED, CONFLICT", ROW_C, CLASH_C},
                  {"APPLIED, CONFLICT, APPLIED", ROW_C, CLASH_C},
              });
}

static void three_remove_set_act(void **state)
{
    (void)state;
    static const struct made made[] = {{OP_REMOVE, ""}, {OP_SET, "note=b"}, {OP_ACT, "!submitted joined_on=d"}};
#define DELETED_B "open *: mine note=b by 2, theirs  by 1, was " HEAD "state=draft"
#define BOTH HEAD "joined_on=d state=submitted note=b"
    run_three("name=Li", made,
              (struct expected[]){
                  {"APPLIED, CONFLICT, REFUSED STATE_MOVED state removed 1 1001", "removed", DELETED_B},
                  {"APPLIED, REFUSED STATE_MOVED state removed 1 1001, CONFLICT", "removed", DELETED_B},
                  {"APPLIED, REFUSED CHANGED_SINCE 2 1001, APPLIED", BOTH, "none"},
                  {"APPLIED, APPLIED, REFUSED CHANGED_SINCE 3 1002", BOTH, "none"},
                  {"APPLIED, REFUSED CHANGED_SINCE 3 1001, MERGED", BOTH, "none"},
                  {"APPLIED, MERGED, REFUSED CHANGED_SINCE 2 1002", BOTH, "none"},
              });
}

static void three_creates(void **state)
{
    (void)state;
    static const struct made made[] = {
        {OP_CREATE, "name=Li"}, {OP_CREATE, "name=Li campus=b"}, {OP_CREATE, "name=Li campus=c"}};
#define MADE_B HEAD "campus=b state=draft"
#define MADE_C HEAD "campus=c state=draft"
#define OVER_B "open campus: mine campus=c by 3, theirs campus=b by 2"
#define OVER_C "open campus: mine campus=b by 2, theirs campus=c by 3"
    run_three(NULL, made,
              (struct expected[]){
                  {"APPLIED, MERGED, CONFLICT", MADE_B, OVER_B},
                  {"APPLIED, MERGED, CONFLICT", MADE_C, OVER_C},
                  {"APPLIED, APPLIED without effect, CONFLICT", MADE_B, OVER_B},
                  {"APPLIED, CONFLICT, APPLIED without effect", MADE_B, OVER_B},
                  {"APPLIED, APPLIED without effect, CONFLICT", MADE_C, OVER_C},
                  {"APPLIED, CONFLICT, APPLIED without effect", MADE_C, OVER_C},
              });
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pair_of_one_field),
        cmocka_unit_test(pair_of_two_fields),
        cmocka_unit_test(pair_of_set_and_emptied),
        cmocka_unit_test(pair_of_act_and_set),
        cmocka_unit_test(pair_of_acts),
        cmocka_unit_test(pair_of_remove_and_set),
        cmocka_unit_test(pair_of_removes),
        cmocka_unit_test(pair_of_creates),
        cmocka_unit_test(three_of_one_field),
        cmocka_unit_test(three_of_three_fields),
        cmocka_unit_test(three_act_set_set),
        cmocka_unit_test(three_remove_set_act),
        cmocka_unit_test(three_creates),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
