/* Records as one JSON list, held against the tree that jansson prints: to the byte the same, of every kind and whatever stands in it. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "show/board.h"
#include "show/rows_json.h"

#include <jansson.h>
#include <string.h>

#define RECORDS_MAX 8

static void same_as_a_tree(const struct kind *k, const struct show_record *list, size_t count)
{
    struct buf tree = BUF_INIT, rows = BUF_INIT;
    struct show_fields fields;
    struct show_rows_json w;
    json_t *all = json_array();
    show_fields_of(k, &fields);
    show_rows_json_begin(&w, &fields, &rows);
    for (size_t i = 0; i < count; i++) {
        json_array_append_new(all, show_record_json(&list[i]));
        show_rows_json_add(&w, &list[i]);
    }
    show_rows_json_end(&w);
    show_json(all, &tree);
    assert_string_equal(buf_c_string(&rows), buf_c_string(&tree));
    json_decref(all);
    buf_finish(&rows);
    buf_finish(&tree);
}

/* The i-th of some odd values of the field's type. */
static struct cell odd_value(const ProtobufCFieldDescriptor *f, size_t i)
{
    static const char *const texts[] = {"", "李四", "\"\\/\b\f\n\r\t\x01\x1f\x7f", "a\xC2\x85z\xE2\x80\xA8", "\xF0\x9F\x8C\xB3",
                                        "half a sign: \xE6\x9D", "plain"};
    static const uint8_t bytes[16] = {1, 2, 0xab, 0xff};
    static const int64_t integers[] = {0, -1, INT64_MAX, INT64_MIN, 10, 1795314600000};
    switch (f->type) {
    case PROTOBUF_C_TYPE_STRING:
        return cell_text(texts[i % (sizeof texts / sizeof *texts)]);
    case PROTOBUF_C_TYPE_BYTES:
        return cell_bytes(slice_of(bytes, i % 3 == 0 ? 16 : i % 3 == 1 ? 5 : 0));
    case PROTOBUF_C_TYPE_BOOL:
        return (struct cell){.type = CELL_BOOL, .integer = (int64_t)(i % 2)};
    default:
        return cell_integer(integers[i % (sizeof integers / sizeof *integers)]);
    }
}

static struct show_record odd_record(const struct kind *k, size_t turn, enum access access, struct arena *arena)
{
    static const char *const sync[] = {"confirmed", "queued", "refused", "conflict"};
    ProtobufCMessage *m = record_new(k->descriptor, arena);
    for (unsigned i = 0; i < k->descriptor->n_fields; i++)
        if ((i + turn) % 5 != 0)
            record_put(m, &k->descriptor->fields[i], odd_value(&k->descriptor->fields[i], i + turn), arena);
    return (struct show_record){.kind = k, .id = {{1, (uint8_t)turn}}, .seq = turn << 40 | 7, .sync = sync[turn % 4], .message = m, .access = access};
}

static void every_kind(void **state)
{
    static const enum access accesses[] = {ACCESS_FULL, ACCESS_OPEN, ACCESS_SUM};
    struct show_record list[RECORDS_MAX];
    struct arena arena;
    size_t count;
    (void)state;
    const struct kind *const *all = kind_all(&count);
    assert_true(count > 20);
    arena_init(&arena, 4u << 20);
    for (size_t k = 0; k < count; k++)
        for (size_t a = 0; a < 3; a++) {
            arena_reset(&arena);
            for (size_t i = 0; i < RECORDS_MAX; i++)
                list[i] = odd_record(all[k], i, accesses[a], &arena);
            same_as_a_tree(all[k], list, RECORDS_MAX);
        }
    arena_finish(&arena);
}

static void what_is_derived(void **state)
{
    (void)state;
    struct arena arena;
    const struct kind *k = kind_by_name("dues_assessment");
    arena_init(&arena, 1u << 20);
    struct show_record r = odd_record(k, 1, ACCESS_FULL, &arena);
    struct derived_value values[2] = {{&k->derived[0], cell_text("arrears")}, {&k->derived[k->derived_count - 1], cell_integer(-1250)}};
    r.derived = values;
    r.derived_count = 2;
    same_as_a_tree(k, &r, 1);
    arena_finish(&arena);
}

static void none_and_one(void **state)
{
    (void)state;
    struct arena arena;
    const struct kind *k = kind_by_name("union_group");
    arena_init(&arena, 1u << 20);
    struct show_record r = odd_record(k, 2, ACCESS_FULL, &arena);
    same_as_a_tree(k, &r, 0);
    same_as_a_tree(k, &r, 1);
    arena_finish(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_kind),
        cmocka_unit_test(what_is_derived),
        cmocka_unit_test(none_and_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
