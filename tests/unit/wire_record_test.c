#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/limits.h"
#include "sample.pb-c.h"
#include "wire/record.h"
#include "wire/wire.h"
#include <string.h>

static struct arena arena;

static int open_arena(void **state)
{
    (void)state;
    arena_init(&arena, LIMIT_ARENA);
    return 0;
}

static int close_arena(void **state)
{
    (void)state;
    arena_finish(&arena);
    return 0;
}

static ProtobufCMessage *opened(const ProtobufCMessageDescriptor *d, const char *bytes, size_t size)
{
    ProtobufCMessage *m = NULL;
    assert_int_equal(wire_open(d, slice_of(bytes, size), &arena, &m), ERR_OK);
    return m;
}

#define OLD(literal) opened(&sample__old__descriptor, literal, sizeof(literal) - 1)

static void assert_packs(const ProtobufCMessage *m, const char *bytes, size_t size)
{
    struct slice packed = wire_pack_arena(m, &arena);
    assert_int_equal(packed.size, size);
    assert_memory_equal(packed.data, bytes, size);
}

#define PACKS(m, literal) assert_packs(m, literal, sizeof(literal) - 1)

static void cells_compare_by_type_and_value(void **state)
{
    (void)state;
    struct cell absent = {0}, yes = {.type = CELL_BOOL, .integer = 1};
    assert_true(cell_equal(cell_text("a"), cell_text("a")));
    assert_false(cell_equal(cell_text("a"), cell_text("b")));
    assert_false(cell_equal(cell_text("a"), cell_bytes(slice_text("a"))));
    assert_false(cell_equal(cell_text(""), absent));
    assert_true(cell_equal(cell_text(NULL), absent));
    assert_true(cell_equal(absent, (struct cell){0}));
    assert_true(cell_equal(cell_integer(-1), cell_integer(-1)));
    assert_false(cell_equal(cell_integer(1), yes));
    assert_false(cell_equal(cell_integer(1), cell_integer(2)));
    assert_true(cell_equal(cell_bytes(slice_text("")), cell_bytes(slice_text(NULL))));
    assert_false(cell_equal(cell_bytes(slice_text("")), absent));
}

static void fields_are_put_and_got(void **state)
{
    (void)state;
    ProtobufCMessage *m = record_new(&sample__old__descriptor, &arena);
    assert_true(record_is_empty(m));
    assert_int_equal(record_get_name(m, "name").type, CELL_ABSENT);
    assert_int_equal(record_get_name(m, "no_such").type, CELL_ABSENT);
    char text[] = "青禾";
    record_put_name(m, "name", cell_text(text), &arena);
    text[0] = 'x'; /* text is copied */
    uint8_t blob[] = {0, 255};
    record_put_name(m, "blob", cell_bytes(slice_of(blob, 2)), &arena);
    record_put_name(m, "number", cell_integer(0), &arena);
    record_put_name(m, "flag", (struct cell){.type = CELL_BOOL, .integer = 1}, &arena);
    assert_true(cell_equal(record_get_name(m, "name"), cell_text("青禾")));
    assert_ptr_equal(record_get_name(m, "blob").bytes.data, blob); /* bytes are borrowed */
    assert_true(cell_equal(record_get_name(m, "number"), cell_integer(0)));
    assert_int_equal(record_get_name(m, "flag").type, CELL_BOOL);
    assert_int_equal(record_get_name(m, "flag").integer, 1);
    PACKS(m, "\x0a\x06\xe9\x9d\x92\xe7\xa6\xbe\x12\x02\x00\xff\x18\x00\x20\x01");
    static const char *const names[] = {"name", "blob", "number", "flag"};
    record_put_name(m, "number", cell_integer(7), &arena);
    for (size_t i = 0; i < 4; i++) {
        assert_false(record_is_empty(m));
        record_put_name(m, names[i], (struct cell){0}, &arena);
        assert_int_equal(record_get_name(m, names[i]).type, CELL_ABSENT);
    }
    assert_true(record_is_empty(m));
    PACKS(m, "");
    const Sample__Old *old = (const Sample__Old *)m; /* who looks at the member alone sees that there is none */
    assert_true(!old->name && !old->blob.data && old->blob.len == 0 && old->number == 0 && !old->flag);
}

static void text_from_the_middle_of_bytes(void **state)
{
    (void)state;
    ProtobufCMessage *m = record_new(&sample__old__descriptor, &arena);
    struct cell part = {.type = CELL_TEXT, .bytes = slice_of("abcdef", 3)};
    record_put_name(m, "name", part, &arena);
    assert_true(cell_equal(record_get_name(m, "name"), cell_text("abc")));
}

static void presence_of_empty_values(void **state)
{
    (void)state;
    ProtobufCMessage *m = OLD("\x0a\x00\x12\x00\x18\x00\x20\x00");
    assert_int_equal(record_get_name(m, "name").type, CELL_TEXT);
    assert_int_equal(record_get_name(m, "blob").type, CELL_BYTES);
    assert_int_equal(record_get_name(m, "number").type, CELL_INTEGER);
    assert_int_equal(record_get_name(m, "flag").type, CELL_BOOL);
    assert_int_equal(record_get_name(m, "flag").integer, 0);
    assert_false(record_is_empty(m));
}

static void fields_by_name_and_tag(void **state)
{
    (void)state;
    const ProtobufCMessageDescriptor *d = &sample__old__descriptor;
    assert_string_equal(record_field_tag(d, 3)->name, "number");
    assert_null(record_field_tag(d, 5));
    assert_null(record_field_tag(d, 0));
    assert_int_equal(record_field(d, "flag")->id, 4);
    assert_null(record_field(d, "Flag"));
}

static void a_copy_is_apart(void **state)
{
    (void)state;
    ProtobufCMessage *m = OLD("\x0a\x01x\x18\x07\x2a\x01r"); /* name, number, unknown 5 */
    ProtobufCMessage *copy = record_copy(m, &arena);
    record_put_name(copy, "name", cell_text("y"), &arena);
    record_put_name(copy, "number", (struct cell){0}, &arena);
    uint32_t tag = 5;
    record_overlay(copy, record_new(&sample__old__descriptor, &arena), &tag, 1, &arena);
    PACKS(copy, "\x0a\x01y");
    PACKS(m, "\x0a\x01x\x18\x07\x2a\x01r");
    struct arena tiny;
    arena_init(&tiny, 32);
    assert_null(record_new(&sample__old__descriptor, &tiny));
    assert_null(record_copy(m, &tiny));
    arena_finish(&tiny);
}

static void overlay_replaces_and_empties(void **state)
{
    (void)state;
    ProtobufCMessage *m = OLD("\x0a\x01x\x12\x01z\x18\x07\x20\x01");
    static const uint32_t cleared[] = {2, 4, 77};
    record_overlay(m, OLD("\x0a\x02yy\x18\x00"), cleared, 3, &arena);
    PACKS(m, "\x0a\x02yy\x18\x00");
    record_overlay(m, OLD(""), NULL, 0, &arena);
    PACKS(m, "\x0a\x02yy\x18\x00");
    record_overlay(m, OLD("\x12\x00\x20\x00"), NULL, 0, &arena); /* present, though empty */
    PACKS(m, "\x0a\x02yy\x12\x00\x18\x00\x20\x00");
}

static void overlay_of_fields_that_this_build_does_not_know(void **state)
{
    (void)state;
    /* 5 and 7 in the row; the patch brings 6, another 7 and empties 5 */
    ProtobufCMessage *m = OLD("\x0a\x01x\x2a\x01r\x3a\x01p");
    uint32_t cleared = 5;
    record_overlay(m, OLD("\x30\x09\x3a\x01q"), &cleared, 1, &arena);
    PACKS(m, "\x0a\x01x\x30\x09\x3a\x01q");
    record_overlay(m, OLD("\x2a\x01s"), NULL, 0, &arena); /* 5 goes before 6 and 7 */
    PACKS(m, "\x0a\x01x\x2a\x01s\x30\x09\x3a\x01q");
    struct slice packed = wire_pack_arena(m, &arena);
    assert_int_equal(wire_check(&sample__old__descriptor, packed), ERR_OK);
    const Sample__New *newer =
        (const Sample__New *)opened(&sample__new__descriptor, (const char *)packed.data, packed.size);
    assert_string_equal(newer->colour, "s");
    assert_int_equal(newer->size, 9);
    assert_int_equal(newer->other.data[0], 'q');
    static const uint32_t all[] = {1, 5, 6, 7};
    record_overlay(m, OLD(""), all, 4, &arena);
    assert_true(record_is_empty(m));
    record_overlay(m, OLD("\x2a\x01s"), NULL, 0, &arena);
    assert_false(record_is_empty(m)); /* an unknown field is a field */
}

/* What an older build lays together is what a newer one would: every pair of patches, in both orders. */
static void old_and_new_builds_agree(void **state)
{
    (void)state;
    static const struct {
        const char *bytes;
        size_t size;
    } patches[] = {{"\x0a\x01x", 3}, {"\x2a\x01r\x30\x05", 5}, {"\x18\x07\x3a\x00", 4}, {"\x2a\x01z", 3}, {"", 0}};
    static const uint32_t cleared[] = {1, 6};
    for (size_t i = 0; i < 25; i++) {
        ProtobufCMessage *m[2];
        for (int build = 0; build < 2; build++) {
            const ProtobufCMessageDescriptor *d = build ? &sample__new__descriptor : &sample__old__descriptor;
            m[build] = opened(d, patches[i / 5].bytes, patches[i / 5].size);
            record_overlay(m[build], opened(d, patches[i % 5].bytes, patches[i % 5].size), cleared, i % 2 ? 2 : 0, &arena);
        }
        assert_true(slice_equal(wire_pack_arena(m[0], &arena), wire_pack_arena(m[1], &arena)));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cells_compare_by_type_and_value),
        cmocka_unit_test(fields_are_put_and_got),
        cmocka_unit_test(text_from_the_middle_of_bytes),
        cmocka_unit_test(presence_of_empty_values),
        cmocka_unit_test(fields_by_name_and_tag),
        cmocka_unit_test(a_copy_is_apart),
        cmocka_unit_test(overlay_replaces_and_empties),
        cmocka_unit_test(overlay_of_fields_that_this_build_does_not_know),
        cmocka_unit_test(old_and_new_builds_agree),
    };
    return cmocka_run_group_tests(tests, open_arena, close_arena);
}
