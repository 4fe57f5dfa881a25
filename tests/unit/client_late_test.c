/* Rule 27 from end to end: devices that come when recovery has ended and hold what others wrote on the path that was given up. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "client/replica/replica_inner.h"
#include "help_district.h"

#include <string.h>

static struct district d;

static int setup(void **state)
{
    (void)state;
    district_make(&d);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    server_verify(&d.server);
    district_remove(&d);
    return 0;
}

static struct device *third(void)
{
    uint32_t seat = server_add_seat(&d.server, d.server.branch, "union_chair");
    district_refresh(&d);
    return device_make(&d, seat, d.server.branch, "qh-01", "branch", "union_chair");
}

/* How often the seat's accepted changes stand in the branch's log. */
static size_t entries_of(uint32_t seat)
{
    struct entry *list;
    size_t found = 0, count = server_entries(&d.server, d.server.branch, &list);
    for (size_t i = 0; i < count; i++)
        found += list[i].identity.seat == seat && list[i].verdict != VERDICT_SAME;
    return found;
}

static int64_t set_aside(struct device *v)
{
    int64_t count;
    assert_int_equal(sql_integer(v->r->db, 0, &count, "SELECT count(*) FROM late_kept", ""), ERR_OK);
    return count;
}

/* b's device is gone; what a and c hold of it, overlapping stretches, stands once, whoever comes first and wherever the line breaks. */
static void a_lost_colleague(void **state)
{
    (void)state;
    struct device *a = device_chair(&d), *b = device_second(&d), *c = third();
    struct id one = device_add(a, "name=李梅");
    device_sync(a, -1);
    device_sync(b, -1);
    district_backup(&d, "one");
    struct id two = device_add(b, "name=甲");
    assert_int_equal(device_set(b, one, "note=x"), ERR_OK);
    device_sync(b, -1);
    device_sync(c, -1); /* holds two of them */
    assert_int_equal(device_set(b, two, "note=y"), ERR_OK);
    device_sync(b, -1);
    device_sync(a, -1); /* holds three */
    assert_int_equal(device_set(a, two, "campus=east"), ERR_OK); /* on top of what is lost, not sent yet */
    district_restore(&d, "one");
    district_end_recovery(&d);
    for (int frames = 1; frames < 6; frames++) /* cut off again and again */
        device_sync(c, frames);
    assert_int_equal(device_sync(c, -1), LINK_DONE);
    assert_int_equal(entries_of(d.server.second), 2);
    for (int frames = 1; frames < 6; frames++)
        device_sync(a, frames);
    assert_int_equal(device_sync(a, -1), LINK_DONE);
    assert_int_equal(device_sync(c, -1), LINK_DONE);
    assert_int_equal(entries_of(d.server.second), 3);
    assert_int_equal(set_aside(a) + set_aside(c), 0);
    struct device *both[] = {a, c};
    for (int i = 0; i < 2; i++) {
        assert_string_equal(device_words(both[i], one), "name=李梅 note=x");
        assert_string_equal(device_words(both[i], two), "name=甲 campus=east note=y");
        device_expect_level(both[i]);
    }
    assert_int_equal(device_sync(b, -1), LINK_DONE); /* it is found after all: its own are known */
    assert_int_equal(entries_of(d.server.second), 3);
    device_expect_level(b);
}

/* Two restores, one after the other: what was set aside at the first waits while the second recovers. */
static void two_restores(void **state)
{
    (void)state;
    struct device *a = device_chair(&d), *b = device_second(&d);
    struct id one = device_add(a, "name=李梅");
    device_sync(a, -1);
    device_sync(b, -1);
    district_backup(&d, "one");
    assert_int_equal(device_set(b, one, "note=x"), ERR_OK);
    device_sync(b, -1);
    device_sync(a, -1);
    district_restore(&d, "one");
    district_end_recovery(&d);
    district_restore(&d, "one");
    assert_int_equal(device_sync(a, -1), LINK_DONE); /* nothing made here waits for it */
    assert_int_equal(set_aside(a), 2); /* with the one before, which proves it */
    struct id two = device_add(a, "name=甲");
    assert_int_equal(device_sync(a, -1), LINK_PUT_OFF);
    district_end_recovery(&d);
    assert_int_equal(device_sync(a, -1), LINK_DONE);
    assert_int_equal(entries_of(d.server.second), 1);
    assert_string_equal(device_words(a, one), "name=李梅 note=x");
    assert_string_equal(device_words(a, two), "name=甲");
    assert_int_equal(set_aside(a), 0);
    device_expect_level(a);
}

/* The server had dealt with it, and is restored again before anybody pulled what came of it. */
static void restored_again_before_it_was_pulled(void **state)
{
    (void)state;
    struct device *a = device_chair(&d), *b = device_second(&d);
    struct id one = device_add(a, "name=李梅");
    device_sync(a, -1);
    device_sync(b, -1);
    district_backup(&d, "one");
    assert_int_equal(device_set(b, one, "note=x"), ERR_OK);
    device_sync(b, -1);
    device_sync(a, -1);
    size_t decided = 0;
    for (int frames = 1; frames < 16; frames++) { /* cut off behind each of them, also behind the answer */
        district_restore(&d, "one");
        district_end_recovery(&d);
        device_sync(a, frames);
        decided += entries_of(d.server.second);
    }
    assert_true(decided > 1); /* it was there, and went with the next restore */
    assert_int_equal(device_sync(a, -1), LINK_DONE);
    assert_int_equal(entries_of(d.server.second), 1);
    assert_string_equal(device_words(a, one), "name=李梅 note=x");
    assert_int_equal(set_aside(a), 0);
    device_expect_level(a);
}

/* The colleague's device is a copy of an older state that went on by itself: both of its pasts stand. */
static void a_copy_that_went_on(void **state)
{
    (void)state;
    struct device *a = device_chair(&d), *b = device_second(&d);
    struct id one = device_add(b, "name=李梅");
    device_sync(b, -1);
    struct device *copy = device_clone(b);
    device_sync(a, -1);
    district_backup(&d, "one");
    assert_int_equal(device_set(b, one, "note=b"), ERR_OK);
    struct id two = device_add(b, "name=甲");
    device_sync(b, -1);
    device_sync(a, -1);
    district_restore(&d, "one");
    district_end_recovery(&d);
    assert_int_equal(device_set(copy, one, "campus=east"), ERR_OK);
    assert_int_equal(device_sync(copy, -1), LINK_DONE);
    assert_int_equal(device_sync(a, -1), LINK_DONE);
    assert_string_equal(device_words(a, one), "name=李梅 campus=east note=b");
    assert_string_equal(device_words(a, two), "name=甲");
    assert_int_equal(entries_of(d.server.second), 4);
    assert_int_equal(device_sync(b, -1), LINK_DONE);
    assert_int_equal(device_sync(copy, -1), LINK_DONE);
    assert_int_equal(entries_of(d.server.second), 4);
    device_expect_level(b);
    device_expect_level(copy);
    struct id three = device_add(b, "name=乙");
    assert_int_equal(device_sync(b, -1), LINK_DONE);
    assert_int_equal(device_sync(a, -1), LINK_DONE);
    assert_string_equal(device_words(a, three), "name=乙");
}

/* Rule 32: who is revoked hands over what it holds of others, too, before it is wiped. */
static void a_revoked_holder(void **state)
{
    (void)state;
    struct device *a = device_chair(&d), *b = device_second(&d), *c = third();
    struct id one = device_add(b, "name=李梅");
    district_backup(&d, "none");
    device_sync(b, -1);
    device_sync(a, -1);
    district_restore(&d, "none");
    district_end_recovery(&d);
    assert_int_equal(control_set_seat_state(d.server.control, d.server.chair, SEAT_REVOKED, 0), ERR_OK);
    district_refresh(&d);
    assert_int_equal(device_sync(a, -1), LINK_WIPE);
    assert_int_equal(device_sync(c, -1), LINK_DONE);
    assert_string_equal(device_words(c, one), "name=李梅");
    assert_int_equal(entries_of(d.server.second), 1);
}

#define SCENARIO(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        SCENARIO(a_lost_colleague), SCENARIO(two_restores), SCENARIO(restored_again_before_it_was_pulled), SCENARIO(a_copy_that_went_on), SCENARIO(a_revoked_holder),
    };
    return cmocka_run_group_tests_name("client_late", tests, NULL, NULL);
}
