/* Rules that look at several records, over real databases on both sides: what a device knows it says at once, what it
 * cannot know the server says. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "client/replica/attention.h"
#include "help_district.h"
#include "help_errand.h"

#include <string.h>

#define IS assert_string_equal

static struct district d;
static struct arena arena;
static struct id refs[8]; /* records of the test, by number */

static int setup(void **state)
{
    (void)state;
    kind_register_extra(NULL);
    errand_register();
    arena_init(&arena, 4 * LIMIT_ARENA);
    district_make(&d);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    server_verify(&d.server);
    district_remove(&d);
    arena_finish(&arena);
    kind_register_extra(NULL);
    return 0;
}

/* "saved", "saved CODE" with a warning, "refused CODE FIELD", or the error's name. refs[at] is the record. */
static const char *write_down(struct device *v, enum op op, uint32_t kind, int at, const char *words)
{
    struct replica_outcome o = {0};
    struct replica_change c = {
        .op = op, .kind = kind, .id = refs[at], .patch = errand_message(kind, words, refs, &arena)};
    enum err e = replica_change(v->r, &c, d.now_ms, &arena, &o);
    if (e == ERR_REFUSED)
        return arena_format(&arena, "refused %s %s", o.code, o.field ? o.field : "-");
    if (e != ERR_OK)
        return err_name(e);
    refs[at] = o.id;
    return o.warnings.count ? arena_format(&arena, "saved %s", o.warnings.list[0].code) : o.changed ? "saved" : "same";
}

static const char *add(struct device *v, uint32_t kind, int at, const char *words)
{
    refs[at] = (struct id){{0}};
    return write_down(v, OP_CREATE, kind, at, words);
}

static void order_things(struct device *v)
{
    IS(add(v, RUNNER, 1, "name=Li"), "saved");
    IS(add(v, ORDER, 2, "runner_id=@1 week=w1 amount=10"), "saved");
}

/* ---- both sides look the same things up ---- */

static void said_at_once_what_is_known(void **state)
{
    (void)state;
    struct device *a = device_chair(&d);
    order_things(a);
    IS(add(a, DELIVERY, 3, "runner_id=@1 week=w1 amount=6"), "saved");
    IS(add(a, DELIVERY, 4, "runner_id=@1 week=w1 amount=5"), "refused delivery.more amount");
    IS(add(a, DELIVERY, 4, "runner_id=@1 week=w2 amount=5"), "saved delivery.not_ordered");
    assert_int_equal(device_sync(a, -1), LINK_DONE);
    IS(add(a, DELIVERY, 5, "runner_id=@1 week=w1 amount=5"),
       "refused delivery.more amount"); /* what is confirmed counts as well */
    IS(write_down(a, OP_SET, DELIVERY, 3, "amount=5"), "saved");
    IS(add(a, DELIVERY, 5, "runner_id=@1 week=w1 amount=5"), "saved");
    assert_int_equal(device_sync(a, -1), LINK_DONE);
    assert_int_equal(device_status(a).refused, 0);
    device_expect_level(a);
}

static void a_batch_sees_what_it_wrote(void **state)
{
    (void)state;
    struct device *a = device_chair(&d);
    assert_int_equal(replica_batch_begin(a->r), ERR_OK);
    order_things(a);
    IS(add(a, DELIVERY, 3, "runner_id=@1 week=w1 amount=6"), "saved");
    IS(add(a, DELIVERY, 4, "runner_id=@1 week=w1 amount=5"), "refused delivery.more amount");
    assert_int_equal(replica_batch_commit(a->r), ERR_OK);
    assert_int_equal(device_sync(a, -1), LINK_DONE); /* one push, one commit */
    assert_int_equal(device_status(a).refused, 0);
    assert_int_equal(device_rows(a, DELIVERY), 1);
}

static void the_server_knows_what_others_did(void **state)
{
    (void)state;
    struct device *a = device_chair(&d), *b = device_second(&d);
    order_things(a);
    assert_int_equal(device_sync(a, -1), LINK_DONE);
    assert_int_equal(device_sync(b, -1), LINK_DONE);
    IS(add(a, DELIVERY, 3, "runner_id=@1 week=w1 amount=6"), "saved");
    IS(add(b, DELIVERY, 4, "runner_id=@1 week=w1 amount=5"), "saved"); /* apart */
    assert_int_equal(device_sync(a, -1), LINK_DONE);
    assert_int_equal(device_sync(b, -1), LINK_DONE);
    assert_int_equal(device_status(b).refused, 1);
    assert_int_equal(device_rows(b, DELIVERY), 1);
    IS(add(b, DELIVERY, 4, "runner_id=@1 week=w1 amount=4"), "saved");
    assert_int_equal(device_sync(b, -1), LINK_DONE);
    assert_int_equal(device_sync(a, -1), LINK_DONE);
    assert_int_equal(device_rows(a, DELIVERY), 2);
    device_expect_level(a);
    device_expect_level(b);
}

static void customs_of_the_district(void **state)
{
    (void)state;
    struct device *a = device_chair(&d);
    struct device *above = device_join(&d, 1, "district_officer");
    IS(add(above, CUSTOM, 7, "code=most value=5"), "saved");
    assert_int_equal(device_sync(above, -1), LINK_DONE);
    order_things(a);
    IS(add(a, DELIVERY, 3, "runner_id=@1 week=w1 amount=6"), "saved"); /* it has not heard of it */
    assert_int_equal(device_sync(a, -1), LINK_DONE);
    assert_int_equal(device_status(a).refused, 1); /* the server has */
    IS(add(a, DELIVERY, 4, "runner_id=@1 week=w1 amount=6"), "refused delivery.most amount");
    IS(add(a, DELIVERY, 4, "runner_id=@1 week=w1 amount=5"), "saved");
}

/* ---- records that there are once ---- */

static void two_devices_make_one_record(void **state)
{
    (void)state;
    struct device *a = device_chair(&d), *b = device_second(&d);
    order_things(a);
    assert_int_equal(device_sync(a, -1), LINK_DONE);
    assert_int_equal(device_sync(b, -1), LINK_DONE);
    IS(add(a, ORDER, 4, "runner_id=@1 week=w3 amount=7"), "saved");
    IS(add(b, ORDER, 5, "runner_id=@1 week=w3 amount=7"), "saved");
    IS(add(a, ORDER, 6, "runner_id=@1 week=w4 amount=7"), "saved");
    IS(add(b, ORDER, 7, "runner_id=@1 week=w4 amount=8"), "saved");
    assert_true(id_equal(refs[4], refs[5]) && id_equal(refs[6], refs[7]));
    IS(add(a, ORDER, 7, "runner_id=@1 week=w3 amount=7"), "same"); /* already here */
    IS(add(a, ORDER, 7, "runner_id=@1 week=w3 amount=9"), "refused EXISTS -");
    assert_int_equal(device_sync(a, -1), LINK_DONE);
    assert_int_equal(device_sync(b, -1), LINK_DONE);
    assert_int_equal(device_sync(a, -1), LINK_DONE);
    assert_int_equal(device_rows(a, ORDER), 3);
    assert_int_equal(device_rows(b, ORDER), 3);
    assert_int_equal(device_status(b).refused, 0);
    assert_int_equal(device_status(b).conflicts, 1); /* 7 or 8 in week 4 */
    device_expect_level(a);
    device_expect_level(b);
}

static void added_again_after_it_was_removed(void **state)
{
    (void)state;
    struct device *a = device_chair(&d), *b = device_second(&d);
    order_things(a);
    IS(write_down(a, OP_REMOVE, ORDER, 2, ""), "saved");
    IS(add(a, ORDER, 3, "runner_id=@1 week=w1 amount=11"), "saved"); /* nothing was sent yet */
    assert_true(id_equal(refs[2], refs[3]));
    assert_int_equal(device_sync(a, -1), LINK_DONE);
    IS(write_down(a, OP_REMOVE, ORDER, 2, ""), "saved");
    assert_int_equal(device_sync(a, -1), LINK_DONE);
    assert_int_equal(device_rows(a, ORDER), 0);
    assert_int_equal(device_sync(b, -1), LINK_DONE);
    IS(add(b, ORDER, 3, "runner_id=@1 week=w1 amount=12"), "saved"); /* it knows of the removal */
    assert_int_equal(device_sync(b, -1), LINK_DONE);
    assert_int_equal(device_sync(a, -1), LINK_DONE);
    assert_int_equal(device_status(a).refused + device_status(b).refused, 0);
    assert_int_equal(device_rows(a, ORDER), 1);
    device_expect_level(a);
    device_expect_level(b);
}

/* ---- under both names ---- */

struct found {
    uint32_t seat, for_seat;
};

static bool on_entry(void *to, uint32_t org, const struct entry *entry, const struct change *pending)
{
    struct found *f = to;
    (void)org;
    if (entry)
        *f = (struct found){entry->identity.seat, change_for_seat(entry->change)};
    else
        *f = (struct found){0, pending->for_seat};
    return true;
}

static struct found found_in(struct device *v, int at)
{
    struct found f = {0};
    bool complete;
    assert_int_equal(replica_history(v->r, ORDER, refs[at], d.now_ms, on_entry, &f, &complete), ERR_OK);
    return f;
}

static void handed_in_for_who_has_left(void **state)
{
    (void)state;
    struct device *a = device_chair(&d);
    uint32_t left = server_add_seat(&d.server, d.server.branch, "committee_member"),
             stranger = server_add_seat(&d.server, d.server.other, "union_chair");
    assert_int_equal(control_set_seat_state(d.server.control, left, SEAT_REVOKED, 0), ERR_OK);
    district_refresh(&d);
    order_things(a);
    struct replica_outcome o = {0};
    struct replica_change c = {.op = OP_CREATE,
                               .kind = ORDER,
                               .for_seat = left,
                               .patch = errand_message(ORDER, "runner_id=@1 week=w5 amount=1", refs, &arena)};
    assert_int_equal(replica_change(a->r, &c, d.now_ms, &arena, &o), ERR_OK);
    refs[3] = o.id;
    struct found waiting = found_in(a, 3);
    assert_int_equal(waiting.for_seat, left);
    c.for_seat = stranger;
    c.patch = errand_message(ORDER, "runner_id=@1 week=w6 amount=1", refs, &arena);
    assert_int_equal(replica_change(a->r, &c, d.now_ms, &arena, &o), ERR_OK); /* whose seat that is the server knows */
    assert_int_equal(device_sync(a, -1), LINK_DONE);
    assert_int_equal(device_status(a).refused, 1);
    struct device *b = device_second(&d);
    assert_int_equal(device_sync(b, -1), LINK_DONE);
    struct found seen = found_in(a, 3);
    assert_int_equal(seen.seat, d.server.chair);
    assert_int_equal(seen.for_seat, left);
    assert_non_null(replica_person(a->r, left, &arena));
    struct replica_row row;
    assert_int_equal(replica_load(b->r, ORDER, refs[3], d.now_ms, &arena, &row), ERR_OK);
    assert_int_equal(((const Errand__Order *)row.message)->entered_by, left);
    device_expect_level(a);
    device_expect_level(b);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {
        T(said_at_once_what_is_known), T(a_batch_sees_what_it_wrote),  T(the_server_knows_what_others_did),
        T(customs_of_the_district),    T(two_devices_make_one_record), T(added_again_after_it_was_removed),
        T(handed_in_for_who_has_left),
    };
    return cmocka_run_group_tests_name("client_errand", tests, NULL, NULL);
}
