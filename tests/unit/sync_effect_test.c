/* Effects travel and change rows; fields by tag, known or not. */
#include "sync/effect.h"
#include "sync/fields.h"
#include "tests/unit/help_sync.h"
#include "wire/wire.h"
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

static struct world w;

static int setup(void **state)
{
    (void)state;
    world_init(&w);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    world_finish(&w);
    return 0;
}

static struct effect effect_of(const char *words, enum life life)
{
    struct change *c = make_change(&w, 0, SHEET, OP_SET, 1, 0, words);
    return (struct effect){.kind_number = SHEET,
                           .kind = c->kind,
                           .id = rid(1),
                           .patch = c->patch,
                           .patch_bytes = c->patch_bytes,
                           .cleared = c->cleared,
                           .cleared_count = c->cleared_count,
                           .life = life};
}

static void packed_and_opened(void **state)
{
    (void)state;
    struct effects e = {.count = 3}, out;
    e.list[0] = effect_of("name=Li -note #57=a", LIFE_KEEP);
    e.list[1] = effect_of("", LIFE_TOMBSTONE);
    e.list[2] = effect_of("name=Wu", LIFE_REVIVE);
    e.list[2].kind_number = 12345; /* not known to whoever opens it */
    struct slice bytes = effects_pack(&e, &w.arena);
    assert_int_equal(effects_open(bytes, &w.arena, &out), ERR_OK);
    assert_int_equal(out.count, 3);
    assert_string_equal(message_text(&w, out.list[0].patch), "name=Li #57=a");
    assert_true(out.list[0].cleared_count == 1 && out.list[0].cleared[0] == 21 && out.list[0].life == LIFE_KEEP);
    assert_true(out.list[1].life == LIFE_TOMBSTONE && record_is_empty(out.list[1].patch));
    assert_null(out.list[2].kind);
    assert_null(out.list[2].patch);
    assert_true(slice_equal(out.list[2].patch_bytes, e.list[2].patch_bytes));
    assert_true(slice_equal(effects_pack(&out, &w.arena), bytes));
    assert_int_equal(effects_pack(&(struct effects){.count = 0}, &w.arena).size, 0);
    assert_int_equal(effects_open((struct slice){0}, &w.arena, &out), ERR_OK);
    assert_int_equal(out.count, 0);
}

static void malformed(void **state)
{
    (void)state;
    struct effects e = {.count = 1}, out = {.count = 77};
    e.list[0] = effect_of("name=Li", (enum life)3);
    assert_int_equal(effects_open(effects_pack(&e, &w.arena), &w.arena, &out), ERR_WIRE);
    e.list[0] = effect_of("name=Li", LIFE_KEEP);
    e.list[0].patch_bytes.size--;
    assert_int_equal(effects_open(effects_pack(&e, &w.arena), &w.arena, &out), ERR_WIRE);
    assert_int_equal(effects_open(slice_of("\xff", 1), &w.arena, &out), ERR_WIRE);
    assert_int_equal(out.count, 77);
}

static void laid_over_a_row(void **state)
{
    (void)state;
    struct effect e = effect_of("name=Li note=a", LIFE_KEEP);
    ProtobufCMessage *row = effect_over(&e, NULL, &w.arena), *next;
    assert_string_equal(message_text(&w, row), "name=Li note=a");
    e = effect_of("campus=c -note", LIFE_KEEP);
    next = effect_over(&e, row, &w.arena);
    assert_string_equal(message_text(&w, next), "name=Li campus=c");
    assert_string_equal(message_text(&w, row), "name=Li note=a"); /* the row before stays */
    e = effect_of("name=Wu", LIFE_REVIVE);
    assert_string_equal(message_text(&w, effect_over(&e, row, &w.arena)), "name=Wu");
    e = effect_of("", LIFE_TOMBSTONE);
    assert_null(effect_over(&e, row, &w.arena));
}

static void fields_by_tag(void **state)
{
    (void)state;
    const ProtobufCMessage *a = make_change(&w, 0, SHEET, OP_SET, 1, 0, "name=Li note=a #57=x")->patch;
    const ProtobufCMessage *b = make_change(&w, 0, SHEET, OP_SET, 1, 0, "name=Li note=b #57=y")->patch;
    const uint32_t cleared[] = {3, 99}, picked[] = {21, 57}, *tags;
    assert_true(fields_present(a, 57) && fields_present(a, 2) && !fields_present(a, 3) && !fields_present(a, 58) &&
                !fields_present(NULL, 2));
    assert_true(fields_equal(a, b, 2) && fields_equal(a, b, 3) && fields_equal(a, b, 58) &&
                fields_equal(NULL, NULL, 2));
    assert_false(fields_equal(a, b, 21) || fields_equal(a, b, 57) || fields_equal(a, NULL, 2) ||
                 fields_equal(NULL, a, 57));
    assert_int_equal(fields_touched(a, cleared, 2, &w.arena, &tags), 5);
    assert_true(tags[0] == 2 && tags[1] == 3 && tags[2] == 21 && tags[3] == 57 && tags[4] == 99);
    assert_string_equal(message_text(&w, fields_pick(a, picked, 2, &w.arena)), "note=a #57=x");
    assert_string_equal(message_text(&w, a), "name=Li note=a #57=x");
}

#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
int main(void)
{
    const struct CMUnitTest tests[] = {T(packed_and_opened), T(malformed), T(laid_over_a_row), T(fields_by_tag)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
