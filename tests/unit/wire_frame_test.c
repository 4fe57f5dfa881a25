#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/limits.h"
#include "wire/frame.h"
#include "wire/wire.h"
#include <string.h>

/* Sets every field of a message, messages inside too, each to another value; lists get two elements. */
static ProtobufCMessage *filled(const ProtobufCMessageDescriptor *d, struct arena *arena, uint32_t *counter);

static void fill_value(const ProtobufCFieldDescriptor *field, void *at, struct arena *arena, uint32_t *counter)
{
    uint32_t v = ++*counter;
    switch (field->type) {
    case PROTOBUF_C_TYPE_UINT32:
        *(uint32_t *)at = v;
        break;
    case PROTOBUF_C_TYPE_UINT64:
    case PROTOBUF_C_TYPE_INT64:
        *(uint64_t *)at = (uint64_t)v << 40;
        break;
    case PROTOBUF_C_TYPE_ENUM: {
        const ProtobufCEnumDescriptor *e = field->descriptor;
        *(int *)at = e->values[v % e->n_values].value;
        break;
    }
    case PROTOBUF_C_TYPE_STRING:
        *(char **)at = arena_format(arena, "第%u段", v);
        break;
    case PROTOBUF_C_TYPE_BYTES: {
        char *bytes = arena_format(arena, "%u", v);
        *(ProtobufCBinaryData *)at = (ProtobufCBinaryData){v % 4, (uint8_t *)bytes};
        break;
    }
    case PROTOBUF_C_TYPE_MESSAGE:
        *(ProtobufCMessage **)at = filled(field->descriptor, arena, counter);
        break;
    default:
        fail_msg("type %d of %s: teach the test", field->type, field->name);
    }
}

static size_t value_size(ProtobufCType type)
{
    switch (type) {
    case PROTOBUF_C_TYPE_UINT32:
    case PROTOBUF_C_TYPE_ENUM:
        return 4;
    case PROTOBUF_C_TYPE_BYTES:
        return sizeof(ProtobufCBinaryData);
    default:
        return 8;
    }
}

static ProtobufCMessage *filled(const ProtobufCMessageDescriptor *d, struct arena *arena, uint32_t *counter)
{
    uint8_t *m = arena_alloc(arena, d->sizeof_message);
    protobuf_c_message_init(d, m);
    for (unsigned i = 0; i < d->n_fields; i++) {
        const ProtobufCFieldDescriptor *f = &d->fields[i];
        if (f->label == PROTOBUF_C_LABEL_REPEATED) {
            size_t size = value_size(f->type);
            uint8_t *list = arena_alloc(arena, 2 * size);
            fill_value(f, list, arena, counter);
            fill_value(f, list + size, arena, counter);
            *(size_t *)(m + f->quantifier_offset) = 2;
            *(void **)(m + f->offset) = list;
            continue;
        }
        fill_value(f, m + f->offset, arena, counter);
        if (f->type != PROTOBUF_C_TYPE_STRING && f->type != PROTOBUF_C_TYPE_MESSAGE)
            *(protobuf_c_boolean *)(m + f->quantifier_offset) = 1;
    }
    return (ProtobufCMessage *)m;
}

static void every_type_goes_through_full_and_empty(void **state)
{
    (void)state;
    uint32_t counter = 0;
    for (enum frame_type type = 1; type < FRAME_TYPES; type++) {
        struct arena arena;
        arena_init(&arena, LIMIT_ARENA);
        const ProtobufCMessageDescriptor *d = frame_descriptor(type);
        assert_non_null(d);
        ProtobufCMessage *empty = arena_alloc(&arena, d->sizeof_message);
        protobuf_c_message_init(d, empty);
        ProtobufCMessage *sent[2] = {filled(d, &arena, &counter), empty};
        for (int i = 0; i < 2; i++) {
            struct buf out = BUF_INIT, again = BUF_INIT;
            struct frame frame;
            size_t used;
            assert_int_equal(frame_put(&out, type, sent[i]), ERR_OK);
            assert_int_equal(frame_take(buf_slice(&out), LIMIT_FRAME, &frame, &used), ERR_OK);
            assert_int_equal(used, out.size);
            assert_int_equal(frame.type, type);
            ProtobufCMessage *got = NULL;
            assert_int_equal(wire_open(d, frame.payload, &arena, &got), ERR_OK);
            assert_int_equal(frame_put(&again, type, got), ERR_OK);
            assert_true(slice_equal(buf_slice(&again), buf_slice(&out)));
            if (i == 0) /* nothing was left out: as many fields as the descriptor has */
                assert_true(out.size >= FRAME_HEAD + 2 * d->n_fields);
            else
                assert_int_equal(out.size, FRAME_HEAD);
            buf_finish(&out);
            buf_finish(&again);
        }
        arena_finish(&arena);
    }
}

static void names_and_numbers(void **state)
{
    (void)state;
    assert_int_equal(FRAME_TYPES, 37);
    assert_string_equal(frame_name(FRAME_HELLO), "HELLO");
    assert_string_equal(frame_name(FRAME_ERROR), "ERROR");
    assert_int_equal(FRAME_ERROR, 32);
    assert_ptr_equal(frame_descriptor(FRAME_SNAPSHOT_PAGE), &wire__snapshot_page__descriptor);
    assert_string_equal(frame_name(0), "?");
    assert_string_equal(frame_name(37), "?");
    assert_null(frame_descriptor(0));
    assert_null(frame_descriptor(255));
}

/* PING {sent_ms: 5}: size 3 = type and two bytes. */
static const uint8_t ping[] = {0, 0, 0, 3, 30, 0x08, 0x05};

static void the_bytes_of_a_frame(void **state)
{
    (void)state;
    struct buf out = BUF_INIT;
    Wire__Ping message = WIRE__PING__INIT;
    message.has_sent_ms = 1;
    message.sent_ms = 5;
    buf_text(&out, "before");
    assert_int_equal(frame_put(&out, FRAME_PING, &message.base), ERR_OK);
    assert_int_equal(out.size, 6 + sizeof ping);
    assert_memory_equal(out.data + 6, ping, sizeof ping);
    buf_finish(&out);
}

static void torn_at_every_byte_it_waits(void **state)
{
    (void)state;
    for (size_t size = 0; size < sizeof ping; size++) {
        struct frame frame = {.type = FRAME_WIPE};
        size_t used = 99;
        uint8_t *exact = test_malloc(size ? size : 1); /* reading beyond is seen */
        memcpy(exact, ping, size);
        assert_int_equal(frame_take(slice_of(exact, size), LIMIT_FRAME, &frame, &used), ERR_OK);
        assert_int_equal(used, 0);
        assert_int_equal(frame.type, FRAME_WIPE);
        assert_null(frame.payload.data);
        test_free(exact);
    }
}

static void frames_are_taken_one_after_the_other(void **state)
{
    (void)state;
    struct buf in = BUF_INIT;
    static const uint8_t pong[] = {0, 0, 0, 1, 31};
    buf_append(&in, ping, sizeof ping);
    buf_append(&in, pong, sizeof pong);
    buf_append(&in, ping, 6); /* torn */
    struct frame frame;
    size_t used;
    assert_int_equal(frame_take(buf_slice(&in), LIMIT_FRAME, &frame, &used), ERR_OK);
    assert_int_equal(used, 7);
    assert_int_equal(frame.type, FRAME_PING);
    assert_int_equal(frame.payload.size, 2);
    assert_ptr_equal(frame.payload.data, in.data + 5);
    buf_consume(&in, used);
    assert_int_equal(frame_take(buf_slice(&in), LIMIT_FRAME, &frame, &used), ERR_OK);
    assert_int_equal(used, 5);
    assert_int_equal(frame.type, FRAME_PONG);
    assert_int_equal(frame.payload.size, 0);
    buf_consume(&in, used);
    assert_int_equal(frame_take(buf_slice(&in), LIMIT_FRAME, &frame, &used), ERR_OK);
    assert_int_equal(used, 0);
    buf_finish(&in);
}

static enum err take(const char *bytes, size_t size, size_t size_max)
{
    struct frame frame = {.type = FRAME_WIPE};
    size_t used = 99;
    enum err e = frame_take(slice_of(bytes, size), size_max, &frame, &used);
    if (e != ERR_OK) {
        assert_int_equal(used, 99);
        assert_int_equal(frame.type, FRAME_WIPE);
    }
    return e;
}

static void too_large_is_refused_by_its_size_alone(void **state)
{
    (void)state;
    assert_int_equal(take("\x00\x10\x00\x01", 4, LIMIT_FRAME), ERR_FRAME_TOO_LARGE);
    assert_int_equal(take("\x00\x10\x00\x00", 4, LIMIT_FRAME), ERR_OK); /* 1 MiB is awaited */
    assert_int_equal(take("\x00\x00\x20\x01", 4, LIMIT_FRAME_JOIN), ERR_FRAME_TOO_LARGE);
    assert_int_equal(take("\x00\x00\x20\x00", 4, LIMIT_FRAME_JOIN), ERR_OK);
    assert_int_equal(take("\xFF\xFF\xFF\xFF", 4, LIMIT_FRAME), ERR_FRAME_TOO_LARGE);
    assert_int_equal(take("GET / HTTP/1.1\r\n", 16, LIMIT_FRAME), ERR_FRAME_TOO_LARGE);
    assert_int_equal(take("\x16\x03\x01\x02\x00", 5, LIMIT_FRAME), ERR_FRAME_TOO_LARGE); /* TLS inside of TLS */
}

static void an_unknown_type_is_refused_before_its_payload_comes(void **state)
{
    (void)state;
    assert_int_equal(take("\x00\x00\x10\x00\x25", 5, LIMIT_FRAME), ERR_FRAME_TYPE);
    assert_int_equal(take("\x00\x00\x10\x00\x00", 5, LIMIT_FRAME), ERR_FRAME_TYPE);
    assert_int_equal(take("\x00\x00\x10\x00\xFF", 5, LIMIT_FRAME), ERR_FRAME_TYPE);
    assert_int_equal(take("\x00\x00\x00\x00", 4, LIMIT_FRAME), ERR_FRAME_TYPE); /* no type at all */
}

static void what_would_be_too_large_is_not_sent(void **state)
{
    (void)state;
    struct buf out = BUF_INIT, text = BUF_INIT;
    buf_reserve(&text, LIMIT_FRAME);
    memset(text.data, 'x', LIMIT_FRAME);
    text.size = LIMIT_FRAME - 1 - 4; /* type, tag, size of three bytes: 1 MiB together */
    Wire__Error message = WIRE__ERROR__INIT;
    message.text = (char *)(uintptr_t)buf_c_string(&text);
    assert_int_equal(frame_put(&out, FRAME_ERROR, &message.base), ERR_OK);
    assert_int_equal(out.size, 4 + LIMIT_FRAME);
    size_t before = out.size;
    text.data[text.size] = 'x';
    text.size++;
    message.text = (char *)(uintptr_t)buf_c_string(&text);
    assert_int_equal(frame_put(&out, FRAME_ERROR, &message.base), ERR_FRAME_TOO_LARGE);
    assert_int_equal(out.size, before);
    buf_finish(&out);
    buf_finish(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_type_goes_through_full_and_empty),
        cmocka_unit_test(names_and_numbers),
        cmocka_unit_test(the_bytes_of_a_frame),
        cmocka_unit_test(torn_at_every_byte_it_waits),
        cmocka_unit_test(frames_are_taken_one_after_the_other),
        cmocka_unit_test(too_large_is_refused_by_its_size_alone),
        cmocka_unit_test(an_unknown_type_is_refused_before_its_payload_comes),
        cmocka_unit_test(what_would_be_too_large_is_not_sent),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
