#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/limits.h"
#include "sample.pb-c.h"
#include "wire.pb-c.h"
#include "wire/wire.h"
#include <stdlib.h>
#include <string.h>

/* Bytes from hex digits, blanks between them, in memory of exactly their size: reading beyond is seen. */
static struct slice from_hex(const char *hex)
{
    uint8_t *out = malloc(strlen(hex) / 2 + 1);
    size_t digits = 0;
    for (; *hex; hex++) {
        if (*hex == ' ')
            continue;
        unsigned digit = *hex <= '9' ? *hex - '0' : *hex - 'a' + 10;
        if (digits % 2 == 0)
            out[digits / 2] = 0;
        out[digits / 2] |= (uint8_t)(digits % 2 ? digit : digit << 4);
        digits++;
    }
    assert_int_equal(digits % 2, 0);
    return slice_of(realloc(out, digits ? digits / 2 : 1), digits / 2);
}

static enum err check_hex(const ProtobufCMessageDescriptor *d, const char *hex)
{
    struct slice bytes = from_hex(hex);
    enum err e = wire_check(d, bytes);
    free((void *)(uintptr_t)bytes.data);
    return e;
}

#define GOOD(d, hex) assert_int_equal(check_hex(&d##__descriptor, hex), ERR_OK)
#define BAD(d, hex) assert_int_equal(check_hex(&d##__descriptor, hex), ERR_WIRE)

static void strings_are_clean_text(void **state)
{
    (void)state;
    GOOD(wire__refusal, "0a 03 e99d92");    /* code: 青 */
    GOOD(wire__refusal, "0a 00");           /* empty, present */
    BAD(wire__refusal, "0a 03 61 00 62");   /* zero byte: protobuf-c would drop what is behind it */
    BAD(wire__refusal, "0a 01 00");
    BAD(wire__refusal, "0a 02 e99d");       /* torn UTF-8 */
    BAD(wire__refusal, "0a 02 c080");       /* zero, not in its shortest form */
    BAD(wire__refusal, "0a 03 eda080");     /* surrogate */
    BAD(wire__refusal, "22 01 61 22 01 ff"); /* in a list */
    GOOD(wire__psk, "0a 02 00ff");          /* bytes may hold anything */
}

static void tags_ascend(void **state)
{
    (void)state;
    GOOD(wire__ping, "");
    GOOD(wire__pull, "08 01 10 02 18 03");
    BAD(wire__pull, "10 02 08 01");
    BAD(wire__pull, "08 01 08 01");               /* twice */
    BAD(wire__pull, "08 01 10 02 08 01");
    GOOD(wire__hello, "40 01 40 02 40 01");       /* kind: a list is a run */
    BAD(wire__hello, "40 01 38 01 40 02");        /* and only one */
    BAD(wire__hello, "3200 3200");                /* report twice: protobuf-c merges */
    BAD(wire__sent, "1200 1200");
    BAD(wire__refusal, "0a0161 0a0161");
}

static void wire_types_are_as_declared(void **state)
{
    (void)state;
    BAD(wire__pull, "0a 01 01");                  /* org as bytes */
    BAD(wire__pull, "0d 01000000");               /* as 32 bit */
    BAD(wire__pull, "09 0100000000000000");       /* as 64 bit */
    BAD(wire__refusal, "08 01");                  /* string as varint */
    BAD(wire__sent, "10 01");                     /* message as varint */
    GOOD(sample__scalars, "08 01");               /* bool */
    BAD(sample__scalars, "0a 01 01");             /* as bytes: protobuf-c takes it */
    BAD(sample__scalars, "0d 01000000");
    GOOD(sample__scalars, "3d 01020304 41 0102030405060708");
    BAD(sample__scalars, "38 01");                /* fixed32 as varint */
    BAD(sample__scalars, "42 08 0102030405060708");
    BAD(wire__pull, "0b 0c");                     /* groups */
    BAD(wire__pull, "0c");
    BAD(wire__pull, "0e 01");                     /* types that don't exist */
    BAD(wire__pull, "0f 01");
    BAD(wire__pull, "00 01");                     /* tag 0 */
    BAD(wire__pull, "02 00");
}

static void packed_runs(void **state)
{
    (void)state;
    GOOD(wire__change, "42 03 01 ac02");          /* cleared: 1, 300 */
    BAD(wire__change, "40 01");                   /* not packed */
    BAD(wire__change, "42 01 01 42 01 02");       /* in two pieces */
    BAD(wire__change, "42 00");                   /* empty: it would vanish */
    BAD(wire__change, "42 02 01 ac");             /* torn varint */
    BAD(wire__change, "42 02 8100");              /* not the shortest */
    BAD(wire__change, "42 05 8080808010");        /* 2^32 */
    GOOD(wire__change, "42 05 ffffffff0f");
    BAD(wire__hello, "42 01 01");                 /* kind is not declared packed */
    GOOD(sample__scalars, "62 08 0102030405060708");
    BAD(sample__scalars, "62 07 01020304050607");
    BAD(sample__scalars, "62 00");
    GOOD(sample__scalars, "72 02 0001");
    BAD(sample__scalars, "72 02 0002");           /* bool 2 */
}

static void numbers_are_in_range(void **state)
{
    (void)state;
    GOOD(sample__scalars, "20 ffffffff0f");              /* uint32: 2^32 - 1 */
    BAD(sample__scalars, "20 8080808010");               /* 2^32 */
    BAD(sample__scalars, "20 ffffffffffffffffff01");
    BAD(sample__scalars, "08 02");                       /* bool 2 */
    GOOD(sample__scalars, "48 07");                      /* enum */
    GOOD(sample__scalars, "48 63");                      /* 99, of a newer peer */
    GOOD(sample__scalars, "48 ffffffff07");              /* 2^31 - 1 */
    BAD(sample__scalars, "48 8080808008");               /* 2^31 */
    BAD(sample__scalars, "48 8080808010");               /* 2^32: protobuf-c makes it 0, a known value */
    BAD(sample__scalars, "48 ffffffffffffffffff01");     /* -1 */
    GOOD(sample__scalars, "10 ffffffff07");              /* int32: 2^31 - 1 */
    BAD(sample__scalars, "10 8080808008");
    GOOD(sample__scalars, "10 80808080f8ffffffff01");    /* -2^31 */
    BAD(sample__scalars, "10 fffffffff7ffffffff01");     /* -2^31 - 1 */
    GOOD(sample__scalars, "18 ffffffff0f");              /* sint32: -2^31 */
    BAD(sample__scalars, "18 8080808010");
    GOOD(sample__scalars, "28 ffffffffffffffffff01");    /* int64: -1 */
    GOOD(sample__scalars, "30 ffffffffffffffffff01");    /* uint64: 2^64 - 1 */
    BAD(sample__scalars, "30 ffffffffffffffffff02");     /* 2^64 and more */
    BAD(sample__scalars, "30 ffffffffffffffffff8100");   /* eleven bytes */
    BAD(sample__scalars, "30 8080808080808080808001");
}

static void varints_are_in_their_shortest_form(void **state)
{
    (void)state;
    BAD(wire__pull, "08 8100");
    BAD(wire__pull, "08 8000");
    BAD(wire__pull, "8800 01");           /* tag */
    BAD(wire__refusal, "0a 8100 61");     /* length */
    BAD(wire__pull, "10 ffffffffffffffff8000");
    GOOD(wire__pull, "08 00");            /* zero, present */
}

static void lengths_are_exact_wherever_it_is_cut(void **state)
{
    (void)state;
    BAD(wire__refusal, "0a 02 61");
    BAD(wire__refusal, "0a ffffffffffffffffff01 61");
    BAD(wire__refusal, "0a ffffffff0f 61");
    BAD(wire__push, "12 04 1202 0a01");   /* sent { refused { code is cut */
    GOOD(wire__push, "12 05 1203 0a0161");
    /* org 1, entry {seq 1, refusal {code "a", argument "b"}, received_ms -1, salt}, head 300: good only where a field ends */
    struct slice whole = from_hex("0801 1217 0801 3a06 0a0161 220162 40ffffffffffffffffff01 5a00 18ac02");
    static const size_t ends[] = {0, 2, 27};
    for (size_t size = 0; size <= whole.size; size++) {
        uint8_t *cut = malloc(size ? size : 1);
        memcpy(cut, whole.data, size);
        bool good = size == whole.size;
        for (size_t i = 0; i < 3; i++)
            good = good || size == ends[i];
        assert_int_equal(wire_check(&wire__entries__descriptor, slice_of(cut, size)), good ? ERR_OK : ERR_WIRE);
        free(cut);
    }
    free((void *)(uintptr_t)whole.data);
}

static void unknown_fields_of_a_newer_peer(void **state)
{
    (void)state;
    GOOD(wire__ping, "08 01 10 ffffffffffffffffff01 19 0102030405060708 22 02 00ff 2d 01020304");
    GOOD(wire__ping, "12 00 12 00");              /* perhaps a list */
    GOOD(wire__ping, "f8ffffff0f 01");            /* the largest tag: 2^29 - 1 */
    BAD(wire__ping, "8080808010 01");             /* 2^29 */
    BAD(wire__ping, "10 01 08 01");               /* order holds for them too */
    BAD(wire__ping, "18 01 10 01");
    BAD(wire__ping, "10 01 18 01 10 01");
    BAD(wire__ping, "13 14");                     /* group */
    BAD(wire__ping, "12 02 00");
    BAD(wire__ping, "10 8100");
    BAD(wire__ping, "15 010203");
    BAD(wire__ping, "11 01020304050607");
    BAD(wire__ping, "16");
}

static void depth_is_bounded(void **state)
{
    (void)state;
    GOOD(sample__depth1, "0a06 0a04 0a02 1001");  /* a leaf in the fourth */
    GOOD(sample__depth2, "0a06 0a04 0a02 0801");
    BAD(sample__depth1, "0a08 0a06 0a04 0a02 0801");
    BAD(sample__depth1, "0a06 0a04 0a02 0a00");   /* five deep, though empty */
}

static void repeat(struct buf *out, const char *bytes, size_t size, size_t times)
{
    for (size_t i = 0; i < times; i++)
        buf_append(out, bytes, size);
}

static enum err check_repeated(const ProtobufCMessageDescriptor *d, const char *bytes, size_t size, size_t times)
{
    struct buf b = BUF_INIT;
    repeat(&b, bytes, size, times);
    enum err e = wire_check(d, buf_slice(&b));
    buf_finish(&b);
    return e;
}

static enum err check_packed(size_t count)
{
    struct buf b = BUF_INIT;
    buf_byte(&b, 0x42);
    wire_put_varint(&b, count);
    repeat(&b, "\x01", 1, count);
    enum err e = wire_check(&wire__change__descriptor, buf_slice(&b));
    buf_finish(&b);
    return e;
}

static enum err check_unknown_tags(size_t count)
{
    struct buf b = BUF_INIT;
    for (size_t i = 0; i < count; i++) {
        wire_put_varint(&b, (2 + i) << 3);
        buf_byte(&b, 1);
    }
    enum err e = wire_check(&wire__ping__descriptor, buf_slice(&b));
    buf_finish(&b);
    return e;
}

static void counts_are_bounded(void **state)
{
    (void)state;
    size_t most = LIMIT_REPEATED;
    assert_int_equal(check_repeated(&wire__hello__descriptor, "\x40\x01", 2, most), ERR_OK);
    assert_int_equal(check_repeated(&wire__hello__descriptor, "\x40\x01", 2, most + 1), ERR_WIRE);
    assert_int_equal(check_repeated(&wire__push__descriptor, "\x12\x00", 2, most + 1), ERR_WIRE);
    assert_int_equal(check_repeated(&wire__refusal__descriptor, "\x22\x00", 2, most + 1), ERR_WIRE);
    assert_int_equal(check_repeated(&wire__ping__descriptor, "\x10\x01", 2, most), ERR_OK); /* unknown */
    assert_int_equal(check_repeated(&wire__ping__descriptor, "\x10\x01", 2, most + 1), ERR_WIRE);
    assert_int_equal(check_packed(most), ERR_OK);
    assert_int_equal(check_packed(most + 1), ERR_WIRE);
    assert_int_equal(check_unknown_tags(most), ERR_OK);
    assert_int_equal(check_unknown_tags(most + 1), ERR_WIRE);
}

/* Random bytes, and good bytes with one changed: whatever passes must unpack and pack to the very same bytes. */
static void what_passes_is_canonical(void **state)
{
    (void)state;
    struct slice seeds[] = {
        from_hex("0801 1217 0801 3a06 0a0161 220162 40ffffffffffffffffff01 5a00 18ac02"),
        from_hex("0801 12020001 18ac02"),
        from_hex("0a03616263 1204 0a020801 1a00"),
    };
    const ProtobufCMessageDescriptor *descriptors[] = {&wire__entries__descriptor, &wire__push__descriptor,
                                                       &wire__change__descriptor, &sample__scalars__descriptor};
    uint32_t seed = 20261122, passed = 0;
    struct arena arena;
    arena_init(&arena, LIMIT_ARENA);
    for (int round = 0; round < 40000; round++) {
        uint8_t bytes[40];
        struct slice from = seeds[round % 3];
        memcpy(bytes, from.data, from.size);
        for (int change = 0; change < 1 + round % 2; change++) {
            seed = seed * 1664525u + 1013904223u;
            bytes[(seed >> 8) % from.size] = (uint8_t)(seed >> 24);
        }
        struct slice s = slice_of(bytes, from.size);
        const ProtobufCMessageDescriptor *d = descriptors[seed >> 5 & 3];
        ProtobufCMessage *m = NULL;
        arena_reset(&arena);
        if (wire_open(d, s, &arena, &m) != ERR_OK)
            continue;
        struct buf again = BUF_INIT;
        wire_pack(m, &again);
        assert_true(slice_equal(buf_slice(&again), s)); /* unknown tags are above all known ones (wire_proto_test) */
        passed++;
        buf_finish(&again);
    }
    assert_true(passed > 1000);
    arena_finish(&arena);
    for (int i = 0; i < 3; i++)
        free((void *)(uintptr_t)seeds[i].data);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(strings_are_clean_text),
        cmocka_unit_test(tags_ascend),
        cmocka_unit_test(wire_types_are_as_declared),
        cmocka_unit_test(packed_runs),
        cmocka_unit_test(numbers_are_in_range),
        cmocka_unit_test(varints_are_in_their_shortest_form),
        cmocka_unit_test(lengths_are_exact_wherever_it_is_cut),
        cmocka_unit_test(unknown_fields_of_a_newer_peer),
        cmocka_unit_test(depth_is_bounded),
        cmocka_unit_test(counts_are_bounded),
        cmocka_unit_test(what_passes_is_canonical),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
