/* Addresses as people write them. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include "net/life.h"
#include <string.h>
#include <sys/socket.h>

static void expect(const char *text, const char *host, const char *port)
{
    char h[ADDRESS_HOST] = "untouched", p[6] = "-";
    enum err e = address_split(text, h, p);
    assert_int_equal(e, host ? ERR_OK : ERR_VALUE);
    assert_string_equal(h, host ? host : "untouched");
    assert_string_equal(p, host ? port : "-");
}

static void split(void **state)
{
    (void)state;
    expect("127.0.0.1:7443", "127.0.0.1", "7443");
    expect("[::1]:0", "::1", "0");
    expect("union.example.cn:65535", "union.example.cn", "65535");
    expect("h:00001", "h", "00001");
    const char *wrong[] = {"",      "host",  ":1",     "host:",  "host:x", "host:65536", "host:-1", "host:123456",
                           "::1:1", "[::1]", "[::1]1", "[::1:1", "[]:1",   "host:1 ",    "[a]b:1"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        expect(wrong[i], NULL, NULL);
    char text[ADDRESS_HOST + 3]; /* host of 255 is the longest */
    memset(text, 'a', sizeof text);
    memcpy(text + ADDRESS_HOST, ":1", 3);
    expect(text, NULL, NULL);
    char h[ADDRESS_HOST], p[6];
    assert_int_equal(address_split(text + 1, h, p), ERR_OK);
    assert_int_equal(strlen(h), 255);
}

static void numeric(void **state)
{
    (void)state;
    struct sockaddr_storage a;
    char text[80];
    assert_true(address_numeric("127.0.0.1", "7443", &a));
    address_text((struct sockaddr *)&a, text, sizeof text);
    assert_string_equal(text, "127.0.0.1:7443");
    assert_int_equal(address_port((struct sockaddr *)&a), 7443);
    assert_true(address_numeric("::1", "1", &a));
    address_text((struct sockaddr *)&a, text, sizeof text);
    assert_string_equal(text, "[::1]:1");
    assert_int_equal(address_port((struct sockaddr *)&a), 1);
    assert_false(address_numeric("localhost", "1", &a));
    assert_false(address_numeric("127.0.0.256", "1", &a));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(split), cmocka_unit_test(numeric)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
