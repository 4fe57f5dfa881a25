#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/limits.h"
#include "wire.pb-c.h"
#include "wire/wire.h"
#include <string.h>

static void a_message_comes_out_as_it_went_in(void **state)
{
    (void)state;
    struct arena arena;
    arena_init(&arena, LIMIT_ARENA);
    uint32_t cleared[] = {3, 300};
    uint8_t id[16] = {1, 2, 3};
    Wire__Change change = WIRE__CHANGE__INIT;
    change.has_n = change.has_base_seq = change.has_op = change.has_id = change.has_patch = 1;
    change.n = 1;
    change.base_seq = 0; /* zero is present */
    change.op = WIRE__OP__SET;
    change.id = (ProtobufCBinaryData){16, id};
    change.cleared = cleared;
    change.n_cleared = 2;
    change.action = "";
    struct buf packed = BUF_INIT;
    buf_text(&packed, "before");
    wire_pack(&change.base, &packed);
    struct slice bytes = slice_of(packed.data + 6, packed.size - 6);
    struct slice in_arena = wire_pack_arena(&change.base, &arena);
    assert_true(slice_equal(bytes, in_arena));
    ProtobufCMessage *out = NULL;
    assert_int_equal(wire_open(&wire__change__descriptor, bytes, &arena, &out), ERR_OK);
    buf_finish(&packed); /* strings and bytes are copies */
    const Wire__Change *got = (const Wire__Change *)out;
    assert_true(got->has_base_seq && got->base_seq == 0);
    assert_false(got->has_org);
    assert_int_equal(got->op, WIRE__OP__SET);
    assert_memory_equal(got->id.data, id, 16);
    assert_true(got->has_patch);
    assert_int_equal(got->patch.len, 0);
    assert_int_equal(got->n_cleared, 2);
    assert_int_equal(got->cleared[1], 300);
    assert_string_equal(got->action, "");
    assert_false(got->has_group);
    arena_finish(&arena);
}

static void unknown_fields_are_kept(void **state)
{
    (void)state;
    struct arena arena;
    arena_init(&arena, 4096);
    static const uint8_t bytes[] = {0x08, 0x05, 0x12, 0x02, 0xff, 0x00, 0x1d, 1, 2, 3, 4};
    ProtobufCMessage *out = NULL;
    assert_int_equal(wire_open(&wire__ping__descriptor, slice_of(bytes, sizeof bytes), &arena, &out), ERR_OK);
    assert_int_equal(out->n_unknown_fields, 2);
    struct slice again = wire_pack_arena(out, &arena);
    assert_true(slice_equal(again, slice_of(bytes, sizeof bytes)));
    arena_finish(&arena);
}

static void failure_leaves_the_output(void **state)
{
    (void)state;
    struct arena arena;
    arena_init(&arena, 64);
    ProtobufCMessage *out = (ProtobufCMessage *)&arena, *same = out;
    assert_int_equal(wire_open(&wire__ping__descriptor, slice_text("\x08"), &arena, &out), ERR_WIRE);
    assert_ptr_equal(out, same);
    assert_int_equal(wire_open(&wire__welcome__descriptor, slice_text("\x08\x01"), &arena, &out), ERR_MEMORY);
    assert_ptr_equal(out, same);
    Wire__Error error = WIRE__ERROR__INIT;
    error.text = "a text that is longer than the sixty-four bytes that this arena will give";
    assert_null(wire_pack_arena(&error.base, &arena).data);
    Wire__Ping empty = WIRE__PING__INIT;
    assert_non_null(wire_pack_arena(&empty.base, &arena).data);
    arena_finish(&arena);
}

/* count times head, size of inner, inner, as far as a frame goes. */
static void fill(struct buf *b, uint8_t key, struct slice inner, size_t count)
{
    for (size_t i = 0; i < count && b->size + inner.size + 6 < LIMIT_FRAME; i++) {
        buf_byte(b, key);
        wire_put_varint(b, inner.size);
        buf_append_slice(b, inner);
    }
}

/* A frame full of small things: refused by the check or by the cap, and never dearer than the cap. */
static void assert_bounded(const ProtobufCMessageDescriptor *d, struct buf *b)
{
    struct arena arena;
    arena_init(&arena, LIMIT_ARENA);
    ProtobufCMessage *out = NULL;
    enum err e = wire_open(d, buf_slice(b), &arena, &out);
    assert_true(e == ERR_WIRE || e == ERR_MEMORY);
    assert_null(out);
    assert_true(arena.used <= LIMIT_ARENA);
    arena_finish(&arena);
    buf_finish(b);
}

static void hostile_lists_are_refused_by_their_count(void **state)
{
    (void)state;
    struct buf b = BUF_INIT;
    fill(&b, 0x12, slice_text(""), SIZE_MAX); /* push.sent */
    assert_bounded(&wire__push__descriptor, &b);
    fill(&b, 0x22, slice_text(""), SIZE_MAX); /* refusal.argument */
    assert_bounded(&wire__refusal__descriptor, &b);
    fill(&b, 0x7a, slice_text(""), SIZE_MAX); /* unknown */
    assert_bounded(&wire__ping__descriptor, &b);
    fill(&b, 0x32, slice_text(""), SIZE_MAX); /* hello.report again and again */
    assert_bounded(&wire__hello__descriptor, &b);
    while (b.size + 2 < LIMIT_FRAME)
        buf_append(&b, "\x40\x01", 2); /* hello.kind */
    assert_bounded(&wire__hello__descriptor, &b);
    buf_append(&b, "\x42\xf0\xff\x3f", 4); /* change.cleared, a MiB of ones */
    for (size_t i = 0; i < 0xffff0; i++)
        buf_byte(&b, 1);
    assert_bounded(&wire__change__descriptor, &b);
}

/* Every count within the limit: only the cap stands here. An empty entry costs 250 bytes of struct for two bytes of wire. */
static void hostile_nesting_is_refused_by_the_cap(void **state)
{
    (void)state;
    struct buf inner = BUF_INIT, outer = BUF_INIT;
    fill(&inner, 0x22, slice_text(""), LIMIT_REPEATED); /* measures of a branch */
    fill(&outer, 0x2a, buf_slice(&inner), SIZE_MAX);
    assert_true(outer.size > LIMIT_FRAME / 2);
    assert_int_equal(wire_check(&wire__overview__descriptor, buf_slice(&outer)), ERR_OK);
    assert_bounded(&wire__overview__descriptor, &outer);
    buf_finish(&inner);
    struct buf refusal = BUF_INIT;
    fill(&refusal, 0x22, slice_text(""), LIMIT_REPEATED); /* arguments */
    fill(&inner, 0x12, buf_slice(&refusal), 1);           /* of sent.refused */
    fill(&outer, 0x12, buf_slice(&inner), SIZE_MAX);
    assert_int_equal(wire_check(&wire__push__descriptor, buf_slice(&outer)), ERR_OK);
    assert_bounded(&wire__push__descriptor, &outer);
    buf_finish(&inner);
    buf_finish(&refusal);
}

static void an_honest_push_is_cheap(void **state)
{
    (void)state;
    struct buf change = BUF_INIT, sent = BUF_INIT, push = BUF_INIT;
    buf_append(&change, "\x3a\xac\x02", 3); /* a patch of 300 bytes */
    for (int i = 0; i < 300; i++)
        buf_byte(&change, 'x');
    fill(&sent, 0x0a, buf_slice(&change), 1);
    fill(&push, 0x12, buf_slice(&sent), LIMIT_CHANGES_PUSH);
    struct arena arena;
    arena_init(&arena, LIMIT_ARENA);
    ProtobufCMessage *out = NULL;
    assert_int_equal(wire_open(&wire__push__descriptor, buf_slice(&push), &arena, &out), ERR_OK);
    assert_int_equal(((Wire__Push *)out)->n_sent, LIMIT_CHANGES_PUSH);
    assert_true(arena.used < 4 * push.size);
    arena_finish(&arena);
    buf_finish(&change);
    buf_finish(&sent);
    buf_finish(&push);
}

static void fields_one_by_one(void **state)
{
    (void)state;
    static const uint8_t bytes[] = {0x08, 0xac, 0x02, 0x12, 0x02, 'a', 'b', 0x19, 1, 2, 3, 4, 5, 6, 7, 8, 0x25, 9, 8, 7, 6};
    struct slice s = slice_of(bytes, sizeof bytes);
    struct wire_field f;
    size_t at = 0;
    assert_true(wire_next(s, &at, &f));
    assert_true(f.tag == 1 && f.type == 0 && f.varint == 300 && f.raw.data == bytes && f.raw.size == 3);
    assert_true(wire_next(s, &at, &f));
    assert_true(f.tag == 2 && f.type == 2 && f.data.data == bytes + 5 && f.data.size == 2 && f.raw.size == 4);
    assert_true(wire_next(s, &at, &f));
    assert_true(f.tag == 3 && f.type == 1 && f.data.size == 8 && f.raw.size == 9);
    assert_true(wire_next(s, &at, &f));
    assert_true(f.tag == 4 && f.type == 5 && f.data.size == 4 && f.data.data[0] == 9);
    assert_int_equal(at, sizeof bytes);
    assert_false(wire_next(s, &at, &f));
    assert_int_equal(f.tag, 4);
    at = 0; /* malformed: it stays where it is */
    assert_false(wire_next(slice_of("\x0a\x05x", 3), &at, &f));
    assert_int_equal(at, 0);
}

static void assert_varint(uint64_t v, const char *bytes, size_t size)
{
    struct buf b = BUF_INIT;
    wire_put_varint(&b, v);
    assert_int_equal(b.size, size);
    assert_memory_equal(b.data, bytes, size);
    uint64_t again = ~v;
    size_t at = 0;
    assert_true(wire_varint(buf_slice(&b), &at, &again));
    assert_true(again == v && at == size);
    at = 0;
    assert_false(wire_varint(slice_of(b.data, size - 1), &at, &again));
    assert_int_equal(at, 0);
    buf_finish(&b);
}

static void varints(void **state)
{
    (void)state;
    assert_varint(0, "\x00", 1);
    assert_varint(127, "\x7f", 1);
    assert_varint(128, "\x80\x01", 2);
    assert_varint(300, "\xac\x02", 2);
    assert_varint(UINT64_C(1) << 63, "\x80\x80\x80\x80\x80\x80\x80\x80\x80\x01", 10);
    assert_varint(UINT64_MAX, "\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", 10);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_message_comes_out_as_it_went_in),
        cmocka_unit_test(unknown_fields_are_kept),
        cmocka_unit_test(failure_leaves_the_output),
        cmocka_unit_test(hostile_lists_are_refused_by_their_count),
        cmocka_unit_test(hostile_nesting_is_refused_by_the_cap),
        cmocka_unit_test(an_honest_push_is_cheap),
        cmocka_unit_test(fields_one_by_one),
        cmocka_unit_test(varints),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
