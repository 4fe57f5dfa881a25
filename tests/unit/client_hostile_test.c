/* A server that says what makes no sense (link_fuzz found these): the device keeps what it has, and goes on with a sane one. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/tr.h"
#include "help_district.h"
#include "wire/wire.h"

static struct district d;
static struct device *device;

static int setup(void **state)
{
    (void)state;
    district_make(&d);
    device = device_make(&d, d.server.chair, d.server.branch, "qh-01", "branch", "union_chair");
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    district_remove(&d);
    return 0;
}

/* A WELCOME that says this time and no more, to a device that has said hello. */
static enum err welcome_at(int64_t now_ms, int64_t certificate_ends_ms)
{
    struct buf payload = BUF_INIT;
    Wire__Welcome w = WIRE__WELCOME__INIT;
    Wire__Org org = WIRE__ORG__INIT;
    Wire__Head head = WIRE__HEAD__INIT, *heads[] = {&head};
    org.has_number = org.has_parent = head.has_seq = w.has_home = w.has_seat = 1;
    w.seat = device->seat;
    org.number = w.home = d.server.branch;
    org.parent = 1;
    org.code = "qh-01";
    org.name = org.level = "branch";
    head.org = &org;
    w.head = heads;
    w.n_head = 1;
    w.has_protocol = w.has_now_ms = w.has_certificate_ends_ms = 1;
    w.protocol = 1;
    w.now_ms = now_ms;
    w.certificate_ends_ms = certificate_ends_ms;
    wire_pack(&w.base, &payload);
    device_begin(device, LINK_WATCH, 0, NULL, NULL);
    enum err e = link_take(device->l, FRAME_WELCOME, buf_slice(&payload), d.now_ms);
    device_end(device);
    buf_finish(&payload);
    return e;
}

static void times_that_no_clock_shows(void **state)
{
    (void)state;
    static const int64_t times[] = {INT64_MIN, INT64_MAX, -1, 0};
    struct replica_facts facts;
    struct replica_lease lease;
    struct id id = device_add(device, "name=石榴");
    for (size_t i = 0; i < sizeof times / sizeof *times; i++) {
        assert_int_equal(welcome_at(times[i], times[sizeof times / sizeof *times - 1 - i]), ERR_OK);
        assert_int_equal(replica_facts(device->r, &facts), ERR_OK);
        assert_true(facts.clock_offset_ms > -300000000000000 && facts.clock_offset_ms < 300000000000000); /* the years 1 to 9999 */
        assert_int_equal(replica_lease(device->r, d.now_ms, &lease), ERR_OK);
    }
    assert_int_equal(device_sync(device, -1), LINK_DONE);
    assert_string_equal(device_words(device, id), "name=石榴");
    device_expect_level(device);
}

/* A server of another protocol, told by WELCOME or by ERROR: the session is over with a sentence, and what waits stays queued. */
static void another_protocol_is_said(void **state)
{
    (void)state;
    static const uint32_t numbers[] = {0, 2, UINT32_MAX};
    struct id id = device_add(device, "name=石榴");
    for (size_t i = 0; i < 4; i++) {
        Wire__Welcome w = WIRE__WELCOME__INIT;
        Wire__Error refused = WIRE__ERROR__INIT;
        struct buf payload = BUF_INIT;
        w.has_protocol = w.has_seat = w.has_now_ms = refused.has_fatal = refused.fatal = 1;
        w.protocol = i < 3 ? numbers[i] : 1;
        w.seat = device->seat;
        w.now_ms = d.now_ms;
        refused.code = "VERSION";
        wire_pack(i < 3 ? &w.base : &refused.base, &payload);
        device_begin(device, LINK_ROUND, 0, NULL, NULL);
        assert_int_equal(link_take(device->l, i < 3 ? FRAME_WELCOME : FRAME_ERROR, buf_slice(&payload), d.now_ms), ERR_OK);
        assert_int_equal(link_progress(device->l), LINK_FAILED);
        assert_int_equal(link_failure(device->l), ERR_VERSION);
        assert_string_equal(link_text(device->l), _("The server speaks another version of the protocol. Next: renew this program."));
        device_end(device);
        buf_finish(&payload);
        assert_int_equal(device_status(device).queued, 1);
    }
    assert_int_equal(device_sync(device, -1), LINK_DONE);
    assert_string_equal(device_words(device, id), "name=石榴");
    device_expect_level(device);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(times_that_no_clock_shows, setup, teardown),
        cmocka_unit_test_setup_teardown(another_protocol_is_said, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
