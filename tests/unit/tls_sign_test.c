/* Signatures by the CA's key and sealed identities: good ones pass, a changed bit anywhere does not. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include "help_tls.h"
#include <string.h>

static void signatures(void **state)
{
    (void)state;
    struct buf key = BUF_INIT, cert = BUF_INIT, other_key = BUF_INIT, other_cert = BUF_INIT, sig = BUF_INIT;
    struct slice text = slice_text("banyan wipe 7 1767225600000");
    assert_int_equal(tls_ca_make("A", 1767225600000, &key, &cert), ERR_OK);
    assert_int_equal(tls_ca_make("B", 1767225600000, &other_key, &other_cert), ERR_OK);
    assert_int_equal(tls_sign(buf_slice(&key), text, &sig), ERR_OK);
    assert_true(tls_verify_signature(buf_slice(&cert), text, buf_slice(&sig)));
    assert_false(tls_verify_signature(buf_slice(&other_cert), text, buf_slice(&sig)));
    assert_false(tls_verify_signature(buf_slice(&cert), slice_text("banyan wipe 8 1767225600000"), buf_slice(&sig)));
    assert_false(tls_verify_signature(buf_slice(&cert), text, (struct slice){0}));
    assert_false(tls_verify_signature((struct slice){0}, text, buf_slice(&sig)));
    for (size_t i = 0; i < sig.size; i++) {
        sig.data[i] ^= 0x10;
        assert_false(tls_verify_signature(buf_slice(&cert), text, buf_slice(&sig)));
        sig.data[i] ^= 0x10;
    }
    buf_finish(&key);
    buf_finish(&cert);
    buf_finish(&other_key);
    buf_finish(&other_cert);
    buf_finish(&sig);
}

static void seals(void **state)
{
    (void)state;
    uint8_t key[32] = {1, 2, 3}, nonce[12] = {9};
    struct buf sealed = BUF_INIT, plain = BUF_INIT;
    buf_text(&plain, "before ");
    tls_seal(key, nonce, slice_text("seat 7"), &sealed);
    assert_int_equal(sealed.size, 12 + 6 + 16);
    assert_memory_equal(sealed.data, nonce, 12);
    assert_int_equal(tls_unseal(key, buf_slice(&sealed), &plain), ERR_OK);
    assert_string_equal(buf_c_string(&plain), "before seat 7");
    for (size_t i = 0; i < sealed.size; i++) {
        sealed.data[i] ^= 1;
        assert_int_equal(tls_unseal(key, buf_slice(&sealed), &plain), ERR_VALUE);
        sealed.data[i] ^= 1;
        assert_int_equal(tls_unseal(key, (struct slice){sealed.data, i}, &plain), ERR_VALUE);
    }
    key[31] = 1;
    assert_int_equal(tls_unseal(key, buf_slice(&sealed), &plain), ERR_VALUE);
    assert_int_equal(plain.size, 13);
    buf_finish(&sealed);
    tls_seal(key, nonce, (struct slice){0}, &sealed);
    assert_int_equal(sealed.size, 28);
    assert_int_equal(tls_unseal(key, buf_slice(&sealed), &plain), ERR_OK);
    assert_int_equal(plain.size, 13);
    buf_finish(&sealed);
    buf_finish(&plain);
}

/* AES-256-GCM, test case 14 of the GCM specification (zero key, nonce and block), against the outside world. */
static void seal_vector(void **state)
{
    (void)state;
    static const uint8_t zero[32],
        expected[32] = {0xce, 0xa7, 0x40, 0x3d, 0x4d, 0x60, 0x6b, 0x6e, 0x07, 0x4e, 0xc5, 0xd3, 0xba, 0xf3, 0x9d, 0x18,
                        0xd0, 0xd1, 0xc8, 0xa7, 0x99, 0x99, 0x6b, 0xf0, 0x26, 0x5b, 0x98, 0xb5, 0xd4, 0x8a, 0xb9, 0x19};
    struct buf sealed = BUF_INIT;
    tls_seal(zero, zero, (struct slice){zero, 16}, &sealed);
    assert_int_equal(sealed.size, 44);
    assert_memory_equal(sealed.data + 12, expected, 32);
    buf_finish(&sealed);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(signatures),
        cmocka_unit_test(seals),
        cmocka_unit_test(seal_vector),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
