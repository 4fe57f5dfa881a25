/* Marks of ID numbers: made with the row, gone with it, told apart by the key; counted by org and listed by person. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "help_server.h"

#include "server/store/store_twins.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define NUMBER "id_number=110101199003070038"

static int setup(void **state)
{
    static struct help_server s;
    server_make(&s);
    *state = &s;
    return 0;
}

static int teardown(void **state)
{
    server_remove(*state);
    return 0;
}

struct counts {
    struct help_server *s;
    int64_t own, other, all;
};

static void on_count(void *to, uint32_t org, int64_t members)
{
    struct counts *c = to;
    c->own += org == c->s->branch ? members : 0;
    c->other += org == c->s->other ? members : 0;
    c->all += members;
}

static void expect_reach(struct help_server *s, enum store_twin_reach reach, int64_t own, int64_t other)
{
    struct counts c = {.s = s};
    assert_int_equal(store_count_twins(s->store, reach, on_count, &c), ERR_OK);
    assert_int_equal(c.own, own);
    assert_int_equal(c.other, other);
    assert_int_equal(c.all, own + other);
}

static void expect(struct help_server *s, int64_t own, int64_t other)
{
    expect_reach(s, TWINS_ANYWHERE, own, other);
}

static void expect_sound(struct help_server *s)
{
    int64_t wrong = -1;
    assert_int_equal(store_check_twins(s->store, &wrong), ERR_OK);
    assert_int_equal(wrong, 0);
}

static void done(struct pen *p, struct change *c)
{
    assert_non_null(strstr(push_one(p, c), "APPLIED"));
}

static struct pen pen_in_other(struct help_server *s)
{
    return pen_of(s, server_add_seat(s, s->other, "union_chair"), s->other, 3);
}

static void test_who_counts(void **state)
{
    struct help_server *s = *state;
    struct pen p = pen_of(s, s->chair, s->branch, 1), q = pen_in_other(s);
    done(&p, pen_create(&p, 1, "name=Li state=active " NUMBER));
    done(&p, pen_create(&p, 2, "name=Wang state=active"));
    expect(s, 0, 0);
    done(&q, pen_create(&q, 3, "name=Li state=retained id_type=111 " NUMBER)); /* the type that is meant where none is given */
    expect(s, 1, 1);
    done(&q, pen_create(&q, 4, "name=Li " NUMBER)); /* who has only applied */
    done(&q, pen_create(&q, 5, "name=Li state=active id_type=414 " NUMBER)); /* a passport of that number */
    expect(s, 1, 1);
    expect_reach(s, TWINS_WITHIN, 0, 0);
    done(&p, pen_set(&p, 2, S(2), NUMBER)); /* twice in one branch */
    expect(s, 2, 1);
    expect_reach(s, TWINS_WITHIN, 2, 0);
    expect_sound(s);
}

static void test_what_ends_it(void **state)
{
    struct help_server *s = *state;
    struct pen p = pen_of(s, s->chair, s->branch, 1), q = pen_in_other(s);
    done(&p, pen_create(&p, 1, "name=Li state=active " NUMBER));
    done(&q, pen_create(&q, 2, "name=Li state=active " NUMBER));
    done(&p, pen_set(&p, 1, S(1), "-id_number"));
    expect(s, 0, 0);
    done(&p, pen_set(&p, 1, S(2), NUMBER));
    expect(s, 1, 1);
    done(&q, pen_write(&q, OP_ACT, s->member, member_id(2), S(1), "!withdrawn"));
    expect(s, 0, 0);
    done(&q, pen_create(&q, 3, "name=Li state=active " NUMBER));
    expect(s, 1, 1);
    done(&p, pen_write(&p, OP_REMOVE, s->member, member_id(1), S(3), ""));
    expect(s, 0, 0);
    expect_sound(s);
}

static void test_the_list(void **state)
{
    struct help_server *s = *state;
    struct pen p = pen_of(s, s->chair, s->branch, 1), q = pen_in_other(s);
    struct store_twin *list;
    size_t count;
    bool more;
    for (int i = 1; i <= 3; i++)
        done(&p, pen_create(&p, i, "name=Li state=active " NUMBER));
    done(&q, pen_create(&q, 4, "name=Wang state=active id_number=990101198506120024"));
    done(&p, pen_create(&p, 5, "name=Wang state=active id_number=990101198506120024"));
    assert_int_equal(store_twins(s->store, 10, &s->arena, &list, &count, &more), ERR_OK);
    assert_int_equal(count, 5);
    assert_false(more);
    size_t of[2] = {0, 0};
    for (size_t i = 0; i < count; i++) {
        assert_true(list[i].person < 2);
        assert_true(i == 0 || list[i].person == list[i - 1].person || list[i].person == list[i - 1].person + 1);
        of[list[i].person]++;
        assert_int_equal(list[i].org, id_equal(list[i].member, member_id(4)) ? s->other : s->branch);
    }
    assert_int_equal(of[0] + of[1], 5);
    assert_true(of[0] == 2 || of[0] == 3);
    assert_int_equal(store_twins(s->store, 1, &s->arena, &list, &count, &more), ERR_OK);
    assert_true(more); /* all of the first person's */
    assert_true(count == 2 || count == 3);
}

static void test_another_key(void **state)
{
    struct help_server *s = *state;
    struct pen p = pen_of(s, s->chair, s->branch, 1), q = pen_in_other(s);
    done(&p, pen_create(&p, 1, "name=Li state=active " NUMBER));
    done(&q, pen_create(&q, 2, "name=Li state=active " NUMBER));
    server_close(s);
    assert_int_equal(unlink(folder_file(&s->folder, "person.key")), 0);
    server_open(s);
    expect(s, 1, 1);
    expect_sound(s);
    assert_int_equal(access(folder_file(&s->folder, "person.key"), R_OK), 0);
    assert_int_equal(db_exec(store_db(s->store), "UPDATE person SET mark=x'00' WHERE org=1 OR org>1"), ERR_OK);
    int64_t wrong = 0;
    assert_int_equal(store_check_twins(s->store, &wrong), ERR_OK);
    assert_true(wrong > 0);
}

int main(void)
{
#define T(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
    const struct CMUnitTest tests[] = {T(test_who_counts), T(test_what_ends_it), T(test_the_list), T(test_another_key)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
