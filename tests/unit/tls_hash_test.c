/* SHA-256 and HMAC-SHA-256 against the published vectors (FIPS 180-4, RFC 4231). */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include "tls/tls.h"
#include <stdio.h>
#include <string.h>

static void expect_hex(const uint8_t hash[32], const char *hex)
{
    char text[65];
    for (size_t i = 0; i < 32; i++)
        snprintf(text + 2 * i, 3, "%02x", hash[i]);
    assert_string_equal(text, hex);
}

static void sha256_vectors(void **state)
{
    (void)state;
    uint8_t out[32];
    tls_sha256((struct slice){0}, out);
    expect_hex(out, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    tls_sha256((struct slice){(const uint8_t *)"abc", 3}, out);
    expect_hex(out, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

static void hmac_vectors(void **state)
{
    (void)state;
    uint8_t out[32], long_key[131];
    tls_hmac_sha256((struct slice){(const uint8_t *)"Jefe", 4},
                    (struct slice){(const uint8_t *)"what do ya want for nothing?", 28}, out);
    expect_hex(out, "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
    memset(long_key, 0xaa, sizeof long_key); /* longer than a block: hashed first */
    const char *text = "Test Using Larger Than Block-Size Key - Hash Key First";
    tls_hmac_sha256((struct slice){long_key, sizeof long_key}, (struct slice){(const uint8_t *)text, strlen(text)},
                    out);
    expect_hex(out, "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
}

static void hmac_of_nothing(void **state)
{
    (void)state;
    uint8_t out[32];
    tls_hmac_sha256((struct slice){0}, (struct slice){0}, out);
    expect_hex(out, "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sha256_vectors),
        cmocka_unit_test(hmac_vectors),
        cmocka_unit_test(hmac_of_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
