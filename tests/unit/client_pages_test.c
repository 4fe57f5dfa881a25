/* Answers kept in pages: put together again in order, each field once; what was not kept so is found out. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/limits.h"
#include "client/command/pages.h"
#include "wire.pb-c.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void add_seats(struct buf *kept, uint32_t first, uint32_t count)
{
    Wire__Seats page = WIRE__SEATS__INIT;
    Wire__Seat *list = calloc(count + 1, sizeof *list), **pointers = calloc(count + 1, sizeof *pointers);
    for (uint32_t i = 0; i < count; i++) {
        wire__seat__init(&list[i]);
        list[i].has_number = 1;
        list[i].number = first + i;
        pointers[i] = &list[i];
    }
    page.has_number = 1;
    page.number = first;
    page.seat = pointers;
    page.n_seat = count;
    pages_add(kept, &page.base);
    free(list);
    free(pointers);
}

static void more_than_one_message_may_hold(void **state)
{
    (void)state;
    struct buf kept = BUF_INIT;
    struct arena arena;
    ProtobufCMessage *m;
    arena_init(&arena, 4 * LIMIT_ARENA);
    add_seats(&kept, 1, 4000);
    add_seats(&kept, 4001, 1);
    add_seats(&kept, 4002, 0);
    add_seats(&kept, 4002, 3000);
    assert_int_equal(pages_open(&wire__seats__descriptor, buf_slice(&kept), &arena, &m), ERR_OK);
    const Wire__Seats *all = (const Wire__Seats *)m;
    assert_int_equal(all->number, 1); /* the first page's */
    assert_int_equal(all->n_seat, 7001);
    for (uint32_t i = 0; i < 7001; i++)
        assert_int_equal(all->seat[i]->number, i + 1);
    arena_finish(&arena);
    buf_finish(&kept);
}

static void totals_and_branches_are_joined_apart(void **state)
{
    (void)state;
    struct buf kept = BUF_INIT;
    struct arena arena;
    ProtobufCMessage *m;
    Wire__Measure one = WIRE__MEASURE__INIT, two = WIRE__MEASURE__INIT, *first[] = {&one}, *second[] = {&two};
    Wire__OverviewBranch branch = WIRE__OVERVIEW_BRANCH__INIT, *branches[] = {&branch, &branch};
    Wire__Overview page = WIRE__OVERVIEW__INIT;
    one.name = "a";
    two.name = "b";
    branch.has_last_contact_ms = 1;
    branch.last_contact_ms = 7;
    page.has_as_of_ms = 1;
    page.as_of_ms = 5;
    page.n_total = 1;
    page.total = first;
    pages_add(&kept, &page.base);
    page.as_of_ms = 6;
    page.total = second;
    page.n_branch = 2;
    page.branch = branches;
    pages_add(&kept, &page.base);
    arena_init(&arena, LIMIT_ARENA);
    assert_int_equal(pages_open(&wire__overview__descriptor, buf_slice(&kept), &arena, &m), ERR_OK);
    const Wire__Overview *o = (const Wire__Overview *)m;
    assert_int_equal(o->as_of_ms, 5);
    assert_int_equal(o->n_total, 2);
    assert_string_equal(o->total[0]->name, "a");
    assert_string_equal(o->total[1]->name, "b");
    assert_int_equal(o->n_branch, 2);
    assert_int_equal(o->branch[1]->last_contact_ms, 7);
    arena_finish(&arena);
    buf_finish(&kept);
}

static void what_was_not_kept_so(void **state)
{
    (void)state;
    struct buf kept = BUF_INIT;
    struct arena arena, small;
    ProtobufCMessage *m = NULL;
    arena_init(&arena, LIMIT_ARENA);
    assert_int_equal(pages_open(&wire__seats__descriptor, slice_of(NULL, 0), &arena, &m), ERR_CORRUPT);
    add_seats(&kept, 1, 3);
    size_t first = kept.size;
    add_seats(&kept, 4, 3);
    for (size_t size = 1; size < kept.size; size++) {
        enum err e = pages_open(&wire__seats__descriptor, slice_of(kept.data, size), &arena, &m);
        assert_int_equal(e, size == first ? ERR_OK : ERR_CORRUPT);
    }
    arena_init(&small, 200);
    assert_int_equal(pages_open(&wire__seats__descriptor, buf_slice(&kept), &small, &m), ERR_MEMORY);
    arena_finish(&small);
    arena_finish(&arena);
    buf_finish(&kept);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(more_than_one_message_may_hold),
        cmocka_unit_test(totals_and_branches_are_joined_apart),
        cmocka_unit_test(what_was_not_kept_so),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
