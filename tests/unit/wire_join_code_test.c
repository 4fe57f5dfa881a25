/* Codes as people type them: round trip, every way of writing, every way of mistyping. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "tls/tls.h"
#include "wire/join_code.h"
#include "wire/wire.h"

#include <ctype.h>
#include <string.h>

static struct arena arena;
static uint8_t fingerprint[16], secret[16];

static int setup(void **state)
{
    (void)state;
    arena_init(&arena, 1u << 20);
    for (uint8_t i = 0; i < 16; i++) {
        fingerprint[i] = (uint8_t)(i * 17);
        secret[i] = (uint8_t)(255 - i);
    }
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    arena_finish(&arena);
    return 0;
}

static Wire__JoinCode code_to(const char *server)
{
    Wire__JoinCode code = WIRE__JOIN_CODE__INIT;
    code.has_version = code.has_ca_fingerprint = code.has_secret = code.has_ends_ms = 1;
    code.version = 1;
    code.server = (char *)server;
    code.ca_fingerprint = (ProtobufCBinaryData){16, fingerprint};
    code.secret = (ProtobufCBinaryData){16, secret};
    code.ends_ms = 1795400000000;
    return code;
}

static void write_code(const char *server, struct buf *out)
{
    Wire__JoinCode code = code_to(server);
    join_code_text(&code, tls_sha256, out);
}

static enum err parse(const char *text, Wire__JoinCode **out)
{
    return join_code_parse(slice_text(text), tls_sha256, &arena, out);
}

static void assert_is_it(const char *text, const char *server)
{
    Wire__JoinCode *got;
    assert_int_equal(parse(text, &got), ERR_OK);
    assert_string_equal(got->server, server);
    assert_memory_equal(got->ca_fingerprint.data, fingerprint, 16);
    assert_memory_equal(got->secret.data, secret, 16);
    assert_int_equal(got->ends_ms, 1795400000000);
}

/* The encoding alone, worked out by hand: a "hash" of zeros, and a message whose bytes are known. */
static void zero_hash(struct slice in, uint8_t out[32])
{
    (void)in;
    memset(out, 0, 32);
}

static void the_form(void **state)
{
    (void)state;
    Wire__JoinCode code = WIRE__JOIN_CODE__INIT;
    struct buf out = BUF_INIT;
    code.has_version = 1;
    code.version = 1;
    join_code_text(&code, zero_hash, &out);
    /* 08 01 00 00: 00001 00000 00000 10000 00000 00000 00(000) */
    assert_string_equal(buf_c_string(&out), "BANYAN-100G0-00");
    buf_finish(&out);
}

static void there_and_back(void **state)
{
    (void)state;
    static const char *const servers[] = {"a:1", "qinghe.example:7443", "[2001:db8::1]:7443", "192.168.10.20:65535",
                                          "union.青禾.example:7443"};
    for (size_t i = 0; i < sizeof servers / sizeof *servers; i++) {
        struct buf out = BUF_INIT;
        write_code(servers[i], &out);
        assert_int_equal(strncmp(buf_c_string(&out), "BANYAN-", 7), 0);
        assert_is_it(buf_c_string(&out), servers[i]);
        buf_finish(&out);
    }
}

static void as_people_write_it(void **state)
{
    (void)state;
    struct buf out = BUF_INIT, other = BUF_INIT;
    write_code("qinghe.example:7443", &out);
    const char *text = buf_c_string(&out);
    buf_text(&other, " \t\r\n");
    for (const char *c = text; *c; c++) { /* small letters, spaces for hyphens, lines broken */
        char put = (char)tolower((unsigned char)*c);
        buf_byte(&other, put == '-' ? ' ' : (uint8_t)put);
        if ((c - text) % 40 == 39)
            buf_text(&other, "\r\n");
    }
    buf_text(&other, " \n");
    assert_is_it(buf_c_string(&other), "qinghe.example:7443");
    buf_finish(&other);
    for (const char *c = text; *c; c++) /* no hyphens at all; O for 0, I and l for 1 */
        if (*c != '-')
            buf_byte(&other, c < text + 7 ? (uint8_t)*c
                             : *c == '0'  ? 'O'
                             : *c == '1'  ? (c - text) % 2 ? 'I' : 'l'
                                          : (uint8_t)*c);
    assert_is_it(buf_c_string(&other), "qinghe.example:7443");
    buf_finish(&other);
    buf_finish(&out);
}

static void mistyped(void **state)
{
    (void)state;
    static const char all[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
    struct buf out = BUF_INIT;
    Wire__JoinCode *got = NULL;
    write_code("qinghe.example:7443", &out);
    char *text = (char *)buf_c_string(&out);
    size_t wrong = 0, passed = 0;
    for (size_t i = 7; i < out.size; i++) { /* every single digit wrong */
        char right = text[i];
        for (const char *c = all; right != '-' && *c; c++) {
            if (*c == right)
                continue;
            text[i] = *c;
            wrong++;
            passed += parse(text, &got) == ERR_OK;
        }
        text[i] = right;
    }
    assert_true(wrong > 3000);
    assert_true(passed <= 1); /* two check bytes: 1 in 65,536; the last digit has bits that carry nothing */
    for (size_t i = 7; i + 1 < out.size; i++) { /* neighbours swapped */
        if (text[i] == text[i + 1] || text[i] == '-' || text[i + 1] == '-')
            continue;
        char kept = text[i];
        text[i] = text[i + 1];
        text[i + 1] = kept;
        assert_int_equal(parse(text, &got), ERR_VALUE);
        text[i + 1] = text[i];
        text[i] = kept;
    }
    buf_finish(&out);
}

static void no_code_at_all(void **state)
{
    (void)state;
    Wire__JoinCode *got = NULL;
    struct buf out = BUF_INIT;
    static const char *const texts[] = {"",
                                        "BANYAN",
                                        "BANYAN-",
                                        "BANYAN-0",
                                        "BANYAN-00000",
                                        "BANYAM-00000-00000",
                                        "https://example",
                                        "BANYAN-UUUUU",
                                        "BANYAN-*****",
                                        "banyan",
                                        "B",
                                        "-----",
                                        "BANYAN-00000-00000-00000-00000",
                                        "7ANYAN-00000"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        assert_int_equal(parse(texts[i], &got), ERR_VALUE);
    write_code("qinghe.example:7443", &out);
    for (size_t size = 0; size < out.size; size++) /* cut short anywhere */
        assert_int_equal(join_code_parse(slice_of(out.data, size), tls_sha256, &arena, &got), ERR_VALUE);
    buf_text(&out, "-00000");
    assert_int_equal(join_code_parse(buf_slice(&out), tls_sha256, &arena, &got), ERR_VALUE);
    buf_finish(&out);
    for (int i = 0; i < 2000; i++)
        buf_byte(&out, ' ');
    assert_int_equal(join_code_parse(buf_slice(&out), tls_sha256, &arena, &got), ERR_VALUE);
    assert_null(got);
    buf_finish(&out);
}

/* Spare bits of the last digit belong to nothing; a code has one way to be written. */
static void spare_bits(void **state)
{
    (void)state;
    Wire__JoinCode *got = NULL;
    struct buf out = BUF_INIT;
    for (size_t more = 0; more < 5; more++) { /* a server name of each length modulo five bytes */
        char server[] = "s.example:1234567";
        server[12 + more] = 0;
        write_code(server, &out);
        char *last = (char *)buf_c_string(&out) + out.size - 1;
        static const char all[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
        char right = *last;
        for (const char *c = all; *c; c++) {
            *last = *c;
            assert_int_equal(parse((char *)out.data, &got), *c == right ? ERR_OK : ERR_VALUE);
        }
        buf_finish(&out);
    }
}

static void of_a_newer_program(void **state)
{
    (void)state;
    Wire__JoinCode code = code_to("a:1"), *got = NULL;
    struct buf out = BUF_INIT;
    code.version = 2;
    code.secret.len = 12; /* whatever else it may hold */
    join_code_text(&code, tls_sha256, &out);
    assert_int_equal(parse(buf_c_string(&out), &got), ERR_VERSION);
    buf_finish(&out);
}

static void codes_without_what_they_need(void **state)
{
    (void)state;
    Wire__JoinCode *got = NULL;
    for (int lack = 0; lack < 4; lack++) {
        Wire__JoinCode code = code_to("a:1");
        struct buf out = BUF_INIT;
        if (lack == 0)
            code.server = NULL;
        if (lack == 1)
            code.ca_fingerprint.len = 15;
        if (lack == 2)
            code.has_secret = 0;
        if (lack == 3)
            code.has_version = 0;
        join_code_text(&code, tls_sha256, &out);
        assert_int_equal(parse(buf_c_string(&out), &got), ERR_VALUE);
        buf_finish(&out);
    }
}

/* Checked, but no message: what is inside is judged like every byte from outside. */
static void a_good_sum_over_nonsense(void **state)
{
    (void)state;
    static const char digits[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
    static const uint8_t nonsense[] = {0x08, 0x01, 0x08,
                                       0x01, 0x00, 0x00}; /* a field twice, then two check bytes by zero_hash */
    Wire__JoinCode *got = NULL;
    char text[] = "BANYAN-0000000000";
    for (size_t i = 0; i < 10; i++) {
        unsigned bits = 0;
        for (size_t b = 0; b < 5; b++) {
            size_t at = i * 5 + b;
            bits = bits << 1 | (at < 48 ? nonsense[at / 8] >> (7 - at % 8) & 1u : 0);
        }
        text[7 + i] = digits[bits];
    }
    assert_int_equal(join_code_parse(slice_text(text), zero_hash, &arena, &got), ERR_VALUE);
    assert_null(got);
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(the_form),
        T(there_and_back),
        T(as_people_write_it),
        T(mistyped),
        T(no_code_at_all),
        T(spare_bits),
        T(of_a_newer_program),
        T(codes_without_what_they_need),
        T(a_good_sum_over_nonsense),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
