/* Rule 6 after a restore of an older backup than the promise counts on: what was acknowledged and is nowhere any more
 * is told, to its author's device and to the district, however the rest came back, and nothing else is. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "client/replica/replica_inner.h"
#include "client/replica/replica_missing.h"
#include "client/replica/replica_pull.h"
#include "client/replica/replica_sync.h"
#include "help_district.h"
#include "kinds/rules.h"

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

static int64_t broken_of(struct device *v)
{
    struct replica_facts f;
    assert_int_equal(replica_facts(v->r, &f), ERR_OK);
    return f.broken;
}

static uint32_t told_to_district(struct device *v)
{
    district_refresh(&d);
    return control_seat(d.control, v->seat)->broken;
}

static uint64_t left_of(struct device *v)
{
    struct replica_late_told told;
    assert_int_equal(replica_take_late_told(v->r, &told), ERR_OK);
    return told.left;
}

static void add_members(struct device *v, int from, int to)
{
    static const char *const names[] = {"name=一", "name=二", "name=三", "name=四", "name=五", "name=六", "name=七"};
    for (int i = from; i <= to; i++)
        device_add(v, names[i - 1]);
    device_sync(v, -1);
}

/* Both newest backups hold three changes of b, of which the last stays on its device, to prove what follows it; three
 * more are with both devices. All backups but the first are gone. */
static void lose_two_of_six(struct device *a, struct device *b)
{
    device_add(a, "name=李梅");
    device_sync(a, -1);
    device_sync(b, -1);
    district_backup(&d, "old");
    add_members(b, 1, 3);
    device_sync(a, -1);
    district_backup(&d, "new1");
    district_backup(&d, "new2");
    device_sync(b, -1);
    device_sync(a, -1);
    add_members(b, 4, 6);
    device_sync(a, -1);
    district_restore(&d, "old");
    district_end_recovery(&d);
}

static void expect_two_told(struct device *a, struct device *b)
{
    assert_int_equal(broken_of(b), 2);
    assert_int_equal(broken_of(a), 0);
    assert_int_equal(told_to_district(b), 2);
    assert_int_equal(told_to_district(a), 0);
    assert_int_equal(device_rows(a, KIND_MEMBER), 5); /* the first one, and the last four */
    assert_int_equal(left_of(a) + left_of(b), 0);     /* nobody is asked to enter again what is there */
    device_expect_level(a);
    device_expect_level(b);
}

/* The hole is made by what others hand over late: when its author comes the next number fits. */
static void a_hole_behind_late_entries(void **state)
{
    (void)state;
    struct device *a = device_chair(&d), *b = device_second(&d);
    lose_two_of_six(a, b);
    assert_int_equal(device_sync(a, -1), LINK_DONE);
    assert_int_equal(device_sync(b, -1), LINK_DONE);
    assert_int_equal(device_sync(a, -1), LINK_DONE);
    expect_two_told(a, b);
    add_members(b, 7, 7);
    device_sync(b, -1);
    assert_int_equal(broken_of(b), 2); /* once */
    assert_int_equal(told_to_district(b), 2);
}

static void its_author_comes_first(void **state)
{
    (void)state;
    struct device *a = device_chair(&d), *b = device_second(&d);
    lose_two_of_six(a, b);
    assert_int_equal(device_sync(b, -1), LINK_DONE);
    assert_int_equal(device_sync(a, -1), LINK_DONE);
    expect_two_told(a, b);
}

/* Cut off after any frame, and something new is made meanwhile. */
static void cut_off_anywhere(void **state)
{
    for (int frames = 1; frames < 24; frames++) {
        if (frames > 1) {
            assert_int_equal(teardown(state), 0);
            assert_int_equal(setup(state), 0);
        }
        struct device *a = device_chair(&d), *b = device_second(&d);
        lose_two_of_six(a, b);
        device_sync(a, -1);
        device_sync(b, frames);
        assert_int_equal(device_sync(b, -1), LINK_DONE);
        device_sync(a, -1);
        expect_two_told(a, b);
    }
}

/* Nobody hands over anything behind it, and its author sends nothing more. */
static void nothing_comes_behind_it(void **state)
{
    (void)state;
    struct device *a = device_chair(&d), *b = device_second(&d);
    district_backup(&d, "old");
    add_members(b, 1, 3); /* no backup that is left has heard of the device */
    district_backup(&d, "new1");
    district_backup(&d, "new2");
    device_sync(b, -1);
    device_sync(b, -1);
    district_restore(&d, "old");
    district_end_recovery(&d);
    assert_int_equal(device_sync(b, -1), LINK_DONE);
    assert_int_equal(broken_of(b), 2);
    assert_int_equal(told_to_district(b), 2);
    add_members(b, 4, 4);
    device_sync(a, -1);
    assert_int_equal(device_rows(a, KIND_MEMBER), 2);
    assert_int_equal(broken_of(b), 2);
    assert_int_equal(told_to_district(b), 2);
}

/* A second restore, of the backup of before anything was told: it is told to the district once more, on the device it
 * is known. */
static void told_anew_after_another_restore(void **state)
{
    (void)state;
    struct device *a = device_chair(&d), *b = device_second(&d);
    lose_two_of_six(a, b);
    device_sync(a, -1);
    device_sync(b, -1);
    district_restore(&d, "old");
    district_end_recovery(&d);
    device_sync(a, -1);
    device_sync(b, -1);
    device_sync(a, -1);
    expect_two_told(a, b);
}

/* While anything recovers nothing is given up: it may be handed back yet. */
static void not_while_anything_recovers(void **state)
{
    (void)state;
    struct device *b = device_second(&d);
    add_members(b, 1, 1);
    district_backup(&d, "old");
    add_members(b, 2, 3);
    district_backup(&d, "new1");
    district_backup(&d, "new2");
    device_sync(b, -1);
    district_restore(&d, "old");
    device_sync(b, -1);
    assert_int_equal(broken_of(b), 0);
    district_end_recovery(&d);
    device_sync(b, -1);
    assert_int_equal(broken_of(b), 1);
}

/* Who has called is asked for no more by the orgs of which it had nothing to hand back. */
static void who_has_called_is_not_awaited(void **state)
{
    (void)state;
    uint32_t *seats;
    size_t count;
    struct device *a = device_chair(&d);
    device_second(&d);
    add_members(a, 1, 1);
    district_backup(&d, "old");
    add_members(a, 2, 2);
    district_restore(&d, "old");
    assert_int_equal(device_sync(a, -1), LINK_DONE); /* hands back to its branch */
    uint32_t orgs[] = {1, d.server.branch};
    for (int i = 0; i < 2; i++) {
        assert_int_equal(store_recovery_awaited(d.server.store, orgs[i], &d.server.arena, &seats, &count), ERR_OK);
        for (size_t at = 0; at < count; at++)
            assert_int_not_equal(seats[at], a->seat);
    }
    district_end_recovery(&d);
}

/* Nor is what two backups hold let go before it was asked: the server may have it as others handed it back, without what stands in it. */
static void what_is_to_be_asked_is_not_let_go(void **state)
{
    (void)state;
    struct device *b = device_second(&d);
    struct position p;
    add_members(b, 1, 5);
    device_sync(b, -1);
    assert_int_equal(device_status(b).kept, 5);
    assert_int_equal(missing_begin(b->r), ERR_OK);
    assert_int_equal(position_load(b->r, d.server.branch, &p), ERR_OK);
    assert_int_equal(pull_promise(b->r, &p, p.log_seq - 1), ERR_OK);
    assert_int_equal(position_save(b->r, &p), ERR_OK);
    assert_int_equal(device_status(b).kept, 5);
    assert_int_equal(replica_missing_end(b->r), ERR_OK);
    assert_int_equal(device_status(b).kept, 2);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {
        T(a_hole_behind_late_entries), T(its_author_comes_first),          T(cut_off_anywhere),
        T(nothing_comes_behind_it),    T(told_anew_after_another_restore), T(not_while_anything_recovers), T(what_is_to_be_asked_is_not_let_go), T(who_has_called_is_not_awaited)};
    return cmocka_run_group_tests_name("client_lost", tests, NULL, NULL);
}
