/* Ids that follow from what a record is about: their form, who may make one, and what comes of two that make the same.
 */
#include "sync/derived_id.h"
#include "tests/unit/help_errand.h"
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#define IS assert_string_equal
#define HERE 7u

static struct world w;

static int setup(void **state)
{
    (void)state;
    world_init(&w);
    errand_register();
    IS(take_change(&w, 0, make_change(&w, 0, RUNNER, OP_CREATE, 1, 0, "name=Li")), "APPLIED");
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    assert_log_makes_rows(&w);
    world_finish(&w);
    return 0;
}

static const char *create(int seat, struct id id, const char *words)
{
    const char *whole = arena_format(&w.arena, "%s entered_by=%d", words, seat + 1);
    return take_change(&w, seat, make_change_id(&w, seat, ORDER, OP_CREATE, id, 0, whole));
}

static struct id of(const char *week)
{
    return errand_id(ORDER, HERE, rid(1), week);
}

/* Worked out with Python's hashlib; 01a05f6a5800 are the milliseconds of 2026-09-02. */
static void the_form_of_an_id(void **state)
{
    (void)state;
    char text[ID_TEXT_SIZE];
    id_text(of("w1"), text);
    IS(text, "01a05f6a-5800-87ff-9a55-d198d2a27cb8");
    assert_false(id_equal(of("w1"), of("w2")));
    assert_false(id_equal(errand_id(ORDER, 8, rid(1), "w1"), of("w1")));
    Errand__Order nothing = ERRAND__ORDER__INIT;
    Errand__Runner runner = ERRAND__RUNNER__INIT;
    struct id id;
    assert_false(derived_id(kind_by_number(ORDER), HERE, &nothing.base, &id));
    assert_false(derived_id(kind_by_number(RUNNER), HERE, &runner.base, &id));
}

static void no_other_id_is_taken(void **state)
{
    (void)state;
    IS(create(0, rid(50), "runner_id=@1 week=w1 amount=5"), "REFUSED IDENTITY");
    IS(create(0, of("w2"), "runner_id=@1 week=w1 amount=5"), "REFUSED IDENTITY");
    IS(create(0, of("w1"), "runner_id=@1 amount=5"), "REFUSED REQUIRED week");
    IS(create(0, of("w1"), "runner_id=@1 week=w1 amount=5"), "APPLIED");
    IS(create(0, of("w1"), "runner_id=@1 week=w2 amount=5"), "REFUSED IDENTITY"); /* known */
    IS(create(0, of("w1"), "amount=6"), "REFUSED IDENTITY");
    struct change *set = make_change_id(&w, 0, ORDER, OP_SET, of("w1"), seq_now(&w), "week=w2");
    IS(take_change(&w, 0, set), "REFUSED IDENTITY"); /* it would be about something else */
    IS(take_change(&w, 0, make_change_id(&w, 0, ORDER, OP_SET, of("w1"), seq_now(&w), "amount=6 week=w1")), "APPLIED");
}

/* Rule 11: equal values do nothing, others clash. */
static void two_that_make_it_apart_make_one(void **state)
{
    (void)state;
    IS(create(0, of("w1"), "runner_id=@1 week=w1 amount=5"), "APPLIED");
    IS(create(1, of("w1"), "runner_id=@1 week=w1 amount=5"), "APPLIED without effect");
    IS(create(1, of("w1"), "runner_id=@1 week=w1 amount=6 note=x"), "CONFLICT");
    const char *row = row_text(&w, ORDER, of("w1"));
    assert_non_null(strstr(row, "week=w1 amount=5 note=x"));
}

static void made_again_after_it_was_removed(void **state)
{
    (void)state;
    IS(create(0, of("w1"), "runner_id=@1 week=w1 amount=5 note=x"), "APPLIED");
    IS(take_change(&w, 0, make_change_id(&w, 0, ORDER, OP_REMOVE, of("w1"), seq_now(&w), "")), "APPLIED");
    uint64_t removed = seq_now(&w);
    assert_non_null(
        strstr(create(1, of("w1"), "runner_id=@1 week=w1 amount=6"), "REFUSED DELETED 1")); /* it has not heard of it */
    struct change *again =
        make_change_id(&w, 1, ORDER, OP_CREATE, of("w1"), removed, "runner_id=@1 week=w1 amount=6 entered_by=2");
    IS(take_change(&w, 1, again), "APPLIED");
    IS(row_text(&w, ORDER, of("w1")) + strlen("runner_id=@1 "),
       "week=w1 amount=6 state=draft no=0002 entered_by=2"); /* nothing of before */
    /* one's own removal is known without a base */
    IS(take_change(&w, 1, make_change_id(&w, 1, ORDER, OP_REMOVE, of("w1"), seq_now(&w), "")), "APPLIED");
    IS(create(1, of("w1"), "runner_id=@1 week=w1 amount=7"), "APPLIED");
    /* kinds that make their ids new are never brought back */
    IS(take_change(&w, 0, make_change(&w, 0, RUNNER, OP_REMOVE, 1, seq_now(&w), "")), "APPLIED");
    struct change *runner = make_change(&w, 0, RUNNER, OP_CREATE, 1, seq_now(&w), "name=Li");
    assert_non_null(strstr(take_change(&w, 0, runner), "REFUSED DELETED 1"));
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {
        T(the_form_of_an_id),
        T(no_other_id_is_taken),
        T(two_that_make_it_apart_make_one),
        T(made_again_after_it_was_removed),
    };
    return cmocka_run_group_tests_name("sync_derived_id", tests, NULL, NULL);
}
