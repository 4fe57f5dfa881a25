/* Whose key a certificate says it is: of this CA's certificates alone, and each is looked at once. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include "help_tls.h"
#include "base/clock.h"
#include <time.h>

static struct help_district ours, other;
static struct tls_seat_keys *keys;
static struct buf signature;

static int setup(void **state)
{
    (void)state;
    help_district_make(&ours, "青禾区教育工会");
    help_district_make(&other, "别的区");
    keys = tls_seat_keys_open(buf_slice(&ours.ca_cert));
    signature = (struct buf)BUF_INIT;
    assert_int_equal(tls_sign(buf_slice(&ours.seat_key), slice_text("text"), &signature), ERR_OK);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    tls_seat_keys_close(keys);
    buf_finish(&signature);
    help_district_finish(&ours);
    help_district_finish(&other);
    return 0;
}

static bool is_signed(uint32_t seat, const char *text)
{
    return tls_seat_keys_signed(keys, seat, slice_text(text), buf_slice(&signature));
}

static void of_a_seat_of_this_ca(void **state)
{
    (void)state;
    struct slice cert = {0};
    assert_false(tls_seat_keys_find(keys, HELP_SEAT, &cert));
    tls_seat_keys_add(keys, buf_slice(&ours.server_cert)); /* no seat's */
    tls_seat_keys_add(keys, slice_text("none"));
    tls_seat_keys_add(keys, (struct slice){0});
    tls_seat_keys_add(keys, buf_slice(&other.seat_cert)); /* the same seat's, as another CA says */
    assert_false(tls_seat_keys_find(keys, HELP_SEAT, &cert));
    assert_false(is_signed(HELP_SEAT, "text"));
    tls_seat_keys_add(keys, buf_slice(&ours.seat_cert));
    assert_true(tls_seat_keys_find(keys, HELP_SEAT, &cert));
    assert_true(slice_equal(cert, buf_slice(&ours.seat_cert)));
    assert_true(is_signed(HELP_SEAT, "text"));
    assert_false(is_signed(HELP_SEAT, "other text"));
    assert_false(is_signed(HELP_SEAT + 1, "text"));
    assert_false(tls_seat_keys_signed(keys, HELP_SEAT, slice_text("text"), (struct slice){0}));
}

static void changed_anywhere_it_is_no_seat_s(void **state)
{
    (void)state;
    struct buf der = BUF_INIT;
    assert_int_equal(tls_cert_to_der(buf_slice(&ours.seat_cert), &der), ERR_OK);
    for (size_t at = 0; at < der.size; at += 7) {
        struct tls_seat_keys *k = tls_seat_keys_open(buf_slice(&ours.ca_cert));
        struct slice cert;
        der.data[at] ^= 1;
        tls_seat_keys_add(k, buf_slice(&der));
        assert_false(tls_seat_keys_find(k, HELP_SEAT, &cert));
        tls_seat_keys_close(k);
        der.data[at] ^= 1;
    }
    buf_finish(&der);
}

static void no_more_than_sixteen(void **state)
{
    (void)state;
    struct slice cert;
    for (unsigned i = 0; i < TLS_SEAT_KEYS_MAX; i++)
        tls_seat_keys_add(keys, buf_slice(&other.seat_cert));
    tls_seat_keys_add(keys, buf_slice(&ours.seat_cert));
    assert_false(tls_seat_keys_find(keys, HELP_SEAT, &cert));
}

static void without_a_ca_nothing_holds(void **state)
{
    (void)state;
    struct slice cert;
    struct tls_seat_keys *k = tls_seat_keys_open(slice_text("none"));
    tls_seat_keys_add(k, buf_slice(&ours.seat_cert));
    assert_false(tls_seat_keys_find(k, HELP_SEAT, &cert));
    tls_seat_keys_close(k);
}

static clock_t time_of(size_t signatures)
{
    clock_t began = clock();
    for (size_t i = 0; i < signatures; i++)
        assert_true(is_signed(HELP_SEAT, "text"));
    return clock() - began;
}

/* Fifteen that are in front of it, and its own, cost their chains once: were they checked for each signature, it would be sixteen times
 * what a signature costs and more. In processor time: other work on this machine does not count. */
static void decoys_cost_once(void **state)
{
    (void)state;
    for (unsigned i = 1; i < TLS_SEAT_KEYS_MAX; i++)
        tls_seat_keys_add(keys, buf_slice(&other.seat_cert));
    tls_seat_keys_add(keys, buf_slice(&ours.seat_cert));
    (void)time_of(1); /* the chains */
    clock_t behind_decoys = time_of(100);
    tls_seat_keys_close(keys);
    keys = tls_seat_keys_open(buf_slice(&ours.ca_cert));
    tls_seat_keys_add(keys, buf_slice(&ours.seat_cert));
    (void)time_of(1);
    clock_t alone = time_of(100);
    print_message("100 signatures: %.1f ms, behind decoys %.1f ms\n", 1e3 * (double)alone / CLOCKS_PER_SEC,
                  1e3 * (double)behind_decoys / CLOCKS_PER_SEC);
    assert_true(behind_decoys < 4 * alone + CLOCKS_PER_SEC / 50);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {T(of_a_seat_of_this_ca), T(changed_anywhere_it_is_no_seat_s), T(no_more_than_sixteen),
                                       T(without_a_ca_nothing_holds), T(decoys_cost_once)};
    return cmocka_run_group_tests_name("tls_seat_keys", tests, NULL, NULL);
}
