#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/arena.h"
#include <string.h>

static void memory_is_zeroed_aligned_and_apart(void **state)
{
    (void)state;
    struct arena a;
    arena_init(&a, 1 << 20);
    uint8_t *first = arena_alloc(&a, 5);
    memset(first, 0xee, 5);
    for (size_t size = 0; size < 3000; size += 7) {
        uint8_t *p = arena_alloc(&a, size);
        assert_non_null(p);
        assert_int_equal((uintptr_t)p % 16, 0);
        for (size_t i = 0; i < size; i++)
            assert_int_equal(p[i], 0);
        memset(p, 0xee, size);
    }
    for (int i = 0; i < 5; i++)
        assert_int_equal(first[i], 0xee);
    arena_finish(&a);
}

static void over_the_cap_it_answers_null(void **state)
{
    (void)state;
    struct arena a;
    arena_init(&a, 1000); /* room for 62 of 16 bytes */
    int count = 0;
    while (arena_alloc(&a, 16))
        count++;
    assert_int_equal(count, 62);
    assert_null(arena_alloc(&a, 1));
    assert_null(arena_alloc(&a, SIZE_MAX));
    assert_true(a.used <= a.cap);
    assert_null(arena_text(&a, slice_text("long")));
    assert_null(arena_format(&a, "%d", 7));
    assert_null(arena_copy(&a, slice_text("x")).data);
    arena_finish(&a);
    arena_init(&a, 0);
    assert_null(arena_alloc(&a, 0));
    arena_finish(&a);
}

static void blocks_of_any_mix_stay_under_the_cap(void **state)
{
    (void)state;
    struct arena a;
    arena_init(&a, 1 << 20);
    size_t given = 0;
    uint32_t seed = 1;
    for (int i = 0; i < 20000; i++) {
        seed = seed * 1664525u + 1013904223u;
        size_t size = seed >> 16 & 0x3fff;
        void *p = arena_alloc(&a, size);
        if (p)
            given += size;
        assert_true(given <= a.used && a.used <= a.cap);
    }
    assert_true(given > (1 << 20) * 3 / 4); /* the tails left behind don't eat it up */
    arena_finish(&a);
}

static void reset_gives_all_of_it_again_zeroed(void **state)
{
    (void)state;
    struct arena a;
    arena_init(&a, 100000);
    for (int round = 0; round < 3; round++) {
        for (int i = 0; i < 90; i++) {
            uint8_t *p = arena_alloc(&a, 1000);
            assert_non_null(p);
            assert_int_equal(p[999], 0);
            memset(p, 0xee, 1000);
        }
        arena_reset(&a);
        assert_int_equal(a.used, 0);
    }
    arena_finish(&a);
}

static void copies_texts_and_formats(void **state)
{
    (void)state;
    struct arena a;
    arena_init(&a, 4096);
    char source[] = "青禾区";
    struct slice copy = arena_copy(&a, slice_text(source));
    char *text = arena_text(&a, slice_of(source, 3));
    source[0] = 'x';
    assert_memory_equal(copy.data, "青禾区", 9);
    assert_int_equal(copy.size, 9);
    assert_string_equal(text, "青");
    assert_string_equal(arena_text(&a, slice_text("")), "");
    assert_string_equal(arena_format(&a, "%s/%d", "a", 12), "a/12");
    struct slice empty = arena_copy(&a, slice_text(""));
    assert_null(empty.data);
    assert_int_equal(empty.size, 0);
    arena_finish(&a);
}

static void lists_grow_by_doubling(void **state)
{
    (void)state;
    struct arena a;
    uint32_t *list = NULL;
    size_t capacity = 0, count = 0;
    arena_init(&a, 4096);
    for (; count < 300; count++) {
        list = arena_grow(&a, list, count, &capacity, sizeof *list);
        assert_non_null(list);
        list[count] = (uint32_t)count;
    }
    assert_int_equal(capacity, 512); /* 64, 128, 256, 512 of 4 bytes: 3,840 in all */
    for (size_t i = 0; i < count; i++)
        assert_int_equal(list[i], i);
    assert_null(arena_grow(&a, list, 512, &capacity, sizeof *list));
    assert_int_equal(capacity, 512);
    capacity = SIZE_MAX / 4;
    assert_null(arena_grow(&a, list, capacity, &capacity, 16)); /* so many bytes cannot be counted */
    arena_finish(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(memory_is_zeroed_aligned_and_apart),
        cmocka_unit_test(over_the_cap_it_answers_null),
        cmocka_unit_test(blocks_of_any_mix_stay_under_the_cap),
        cmocka_unit_test(reset_gives_all_of_it_again_zeroed),
        cmocka_unit_test(copies_texts_and_formats),
        cmocka_unit_test(lists_grow_by_doubling),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
