#include "conflict.pb-c.h"
#include "sync/carry.h"
#include "tests/unit/help_sync.h"
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

static struct world w; /* for its kinds and its ways to make messages */
static struct scratch *s;

static int setup(void **state)
{
    (void)state;
    world_init(&w);
    s = scratch_create(1 << 24);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    scratch_destroy(s);
    world_finish(&w);
    return 0;
}

static void keys_once_each_and_never_too_many(void **state)
{
    (void)state;
    struct scratch_keys keys = {.count = 0};
    scratch_keys_add(&keys, (struct scratch_key){.type = SCRATCH_ROW, .kind = 1, .id = rid(1)});
    scratch_keys_add(&keys, (struct scratch_key){.type = SCRATCH_ROW, .kind = 1, .id = rid(1)});
    scratch_keys_add(&keys, (struct scratch_key){.type = SCRATCH_ROW, .kind = 2, .id = rid(1)});
    scratch_keys_add(&keys, (struct scratch_key){.type = SCRATCH_CONFLICTS, .id = rid(1)});
    scratch_keys_add(&keys, (struct scratch_key){.type = SCRATCH_CONFLICTS, .kind = 9, .id = rid(1)});
    scratch_keys_add(&keys, (struct scratch_key){.type = SCRATCH_IDENTITY, .org = 7, .seq = 1});
    scratch_keys_add(&keys, (struct scratch_key){.type = SCRATCH_IDENTITY, .org = 7, .seq = 1, .id = rid(4)});
    assert_int_equal(keys.count, 4);
    for (uint64_t i = 2; i < 200; i++)
        scratch_keys_add(&keys, (struct scratch_key){.type = SCRATCH_IDENTITY, .org = 7, .seq = i});
    assert_int_equal(keys.count, SCRATCH_KEYS_MAX);
}

static void what_was_loaded_is_known(void **state)
{
    (void)state;
    struct scratch_key row = {.type = SCRATCH_ROW, .kind = SHEET, .id = rid(1)},
                       who = {.type = SCRATCH_IDENTITY, .org = 7, .seq = 3};
    struct scratch_key list = {.type = SCRATCH_CONFLICTS, .id = rid(1)};
    struct identity identity = {.seat = 4, .n = 5};
    assert_true(!scratch_has(s, &row) && !scratch_has(s, &who) && !scratch_has(s, &list) &&
                !scratch_row(s, SHEET, rid(1)));
    scratch_add_row(s, &(struct scratch_row){.kind = SHEET, .id = rid(1), .seq = 9});
    scratch_add_row(s, &(struct scratch_row){.kind = SHEET, .id = rid(1), .seq = 10}); /* what is here stays */
    scratch_add_conflicts_loaded(s, rid(1));
    scratch_add_time(s, 7, 3, 1234);
    assert_false(scratch_has(s, &who)); /* a time alone says not who */
    scratch_add_identity(s, 7, 3, NULL);
    assert_true(scratch_has(s, &row) && scratch_has(s, &who) && scratch_has(s, &list));
    assert_true(scratch_row(s, SHEET, rid(1))->seq == 9 && !scratch_row(s, SLIP, rid(1)));
    assert_null(scratch_identity(s, 7, 3));
    scratch_add_identity(s, 7, 3, &identity);
    assert_true(scratch_identity(s, 7, 3)->seat == 4 && scratch_time(s, 7, 3) == 1234 && scratch_time(s, 8, 3) == 0);
}

static void carry(int record, uint64_t seq, const char *words, enum life life)
{
    struct change *c = make_change(&w, 0, SHEET, OP_SET, record, 0, words);
    struct effects e = {.count = 1};
    struct identity who = {.seat = 1, .n = c->n};
    e.list[0] = (struct effect){.kind_number = SHEET,
                                .kind = c->kind,
                                .id = c->id,
                                .patch = c->patch,
                                .patch_bytes = c->patch_bytes,
                                .cleared = c->cleared,
                                .cleared_count = c->cleared_count,
                                .life = life};
    carry_effects(&e, 7, seq, &who, 1000, s, NULL);
}

static void carried_effects_stamp_what_they_touch(void **state)
{
    (void)state;
    struct scratch_row *row;
    scratch_add_row(s, &(struct scratch_row){.kind = SHEET, .id = rid(1)});
    carry(1, 10, "name=Li note=a", LIFE_KEEP);
    carry(1, 11, "campus=c -note", LIFE_KEEP);
    row = scratch_row(s, SHEET, rid(1));
    assert_string_equal(message_text(&w, row->message), "name=Li campus=c");
    assert_true(row->seq == 11 && row->org == 7 && row->stamps.first == 10 && row->stamps.count == 2);
    assert_true(stamps_get(&row->stamps, 15) == 11 && stamps_get(&row->stamps, 21) == 11 &&
                stamps_get(&row->stamps, 2) == 10);
    carry(1, 12, "", LIFE_TOMBSTONE);
    assert_true(row->dead && !row->message && row->seq == 12);
    assert_string_equal(message_text(&w, row->removed), "name=Li campus=c");
    carry(1, 13, "name=Wu", LIFE_REVIVE);
    assert_true(!row->dead && row->stamps.first == 13 && row->stamps.count == 0 && !row->removed);
    assert_string_equal(message_text(&w, row->message), "name=Wu");
}

static void dirty_rows_in_order(void **state)
{
    (void)state;
    struct scratch_row *row;
    for (int i = 1; i <= 3; i++)
        scratch_add_row(s, &(struct scratch_row){.kind = SHEET, .id = rid(i)});
    carry(3, 1, "name=a", LIFE_KEEP);
    carry(1, 2, "name=a", LIFE_KEEP);
    carry(3, 3, "name=b", LIFE_KEEP);
    assert_true(scratch_dirty_at(s, 0, &row) && id_equal(row->id, rid(3)));
    assert_true(scratch_dirty_at(s, 1, &row) && id_equal(row->id, rid(1)));
    assert_false(scratch_dirty_at(s, 2, &row));
}

static void back_to_the_mark(void **state)
{
    (void)state;
    struct scratch_row *row;
    for (int i = 1; i <= 2; i++)
        scratch_add_row(s, &(struct scratch_row){.kind = SHEET, .id = rid(i)});
    carry(1, 1, "name=a note=a", LIFE_KEEP);
    carry(1, 2, "note=b", LIFE_KEEP);
    scratch_mark(s);
    carry(1, 3, "note=c campus=c", LIFE_KEEP);
    carry(1, 4, "", LIFE_TOMBSTONE);
    carry(2, 5, "name=b", LIFE_KEEP);
    scratch_add_row(s, &(struct scratch_row){.kind = SHEET, .id = rid(3)}); /* loaded meanwhile: stays */
    scratch_back(s);
    row = scratch_row(s, SHEET, rid(1));
    assert_string_equal(message_text(&w, row->message), "name=a note=b");
    assert_true(!row->dead && row->seq == 2 && row->stamps.count == 1 && stamps_get(&row->stamps, 21) == 2 &&
                row->dirty);
    row = scratch_row(s, SHEET, rid(2));
    assert_true(!row->message && row->seq == 0 && !row->dirty);
    assert_non_null(scratch_row(s, SHEET, rid(3)));
    assert_false(scratch_dirty_at(s, 1, &row));
    scratch_mark(s); /* and once more, kept this time */
    carry(2, 5, "name=b", LIFE_KEEP);
    scratch_release(s);
    assert_true(scratch_dirty_at(s, 1, &row) && id_equal(row->id, rid(2)));
}

static void conflicts_of_a_record(void **state)
{
    (void)state;
    struct scratch_row *row;
    do_create(&w, 0, 1, "name=Li note=a sex=1");
    do_set(&w, 0, 1, S(1), "note=b sex=2");
    do_set(&w, 1, 1, S(1), "note=c sex=3");
    assert_true(scratch_conflict_at(w.db, rid(1), 0, &row) &&
                strcmp(((Record__Conflict *)row->message)->field, "sex") == 0);
    assert_true(scratch_conflict_at(w.db, rid(1), 1, &row) &&
                strcmp(((Record__Conflict *)row->message)->field, "note") == 0);
    assert_false(scratch_conflict_at(w.db, rid(1), 2, &row) || scratch_conflict_at(w.db, rid(2), 0, &row));
    take_change(&w, 0, make_change_id(&w, 0, KIND_CONFLICT, OP_ACT, conflict_at(&w, 1, 0)->id, S(3), "!resolved"));
    assert_true(scratch_conflict_at(w.db, rid(1), 0, &row) &&
                strcmp(((Record__Conflict *)row->message)->field, "note") == 0);
    assert_false(scratch_conflict_at(w.db, rid(1), 1, &row)); /* the open ones alone */
}

#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
int main(void)
{
    const struct CMUnitTest tests[] = {
        T(keys_once_each_and_never_too_many),
        T(what_was_loaded_is_known),
        T(carried_effects_stamp_what_they_touch),
        T(dirty_rows_in_order),
        T(back_to_the_mark),
        T(conflicts_of_a_record),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
