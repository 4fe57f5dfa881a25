/* Rows: what goes in comes out, by message and by packed bytes; living, dead, erased; what another build's fields go
 * through. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include "help_table.h"
#include "wire/wire.h"
#include <stdio.h>
#include <string.h>

static struct sample s;

static int set_up(void **state)
{
    (void)state;
    sample_make(&s, &sample_old);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    sample_remove(&s);
    return 0;
}

static void save(struct id id, uint32_t org, uint64_t seq, ProtobufCMessage *m)
{
    struct row row = {.id = id, .kind = SAMPLE, .org = org, .seq = seq, .message = m};
    assert_int_equal(table_save(s.set, &row), ERR_OK);
}

static struct row load(struct id id)
{
    struct row row = {0};
    assert_int_equal(table_load(s.set, SAMPLE, id, &s.arena, &row), ERR_OK);
    return row;
}

static TableSample__Old *loaded(struct id id)
{
    struct row row = load(id);
    assert_non_null(row.message);
    return (TableSample__Old *)row.message;
}

/* ---- presence ---- */

static void zero_and_empty_are_not_absent(void **state)
{
    (void)state;
    TableSample__Old m = TABLE_SAMPLE__OLD__INIT;
    save(sample_id(1), 2, 1, &m.base); /* nothing at all */
    m.name = "";
    m.has_ref = m.has_amount = m.has_flag = 1;
    save(sample_id(2), 2, 2, &m.base);

    TableSample__Old *none = loaded(sample_id(1)), *empty = loaded(sample_id(2));
    assert_null(none->name);
    assert_false(none->has_ref || none->has_amount || none->has_flag);
    assert_string_equal(empty->name, "");
    assert_true(empty->has_ref);
    assert_int_equal(empty->ref.len, 0);
    assert_true(empty->has_amount);
    assert_int_equal(empty->amount, 0);
    assert_true(empty->has_flag);
    assert_false(empty->flag);
    assert_int_equal(
        sample_number(&s, "SELECT count(*) FROM sample WHERE name IS NULL AND ref IS NULL AND amount IS NULL"), 1);
    assert_int_equal(sample_number(&s, "SELECT count(*) FROM sample WHERE name='' AND ref=x'' AND amount=0 AND flag=0"),
                     1);
}

static void values_and_house_columns(void **state)
{
    (void)state;
    static uint8_t bytes[] = {0, 1, 255, 0};
    TableSample__Old m = TABLE_SAMPLE__OLD__INIT;
    m.name = "青禾区第三幼儿园";
    m.has_ref = m.has_amount = m.has_flag = 1;
    m.ref = (ProtobufCBinaryData){4, bytes};
    m.amount = INT64_MIN;
    m.flag = 1;
    struct row row = {.id = sample_id(7), .kind = SAMPLE, .org = 4294967295u, .seq = INT64_MAX, .message = &m.base};
    row.stamps = slice_of("\x01\x00\x02", 3);
    assert_int_equal(table_save(s.set, &row), ERR_OK);

    struct row back = load(sample_id(7));
    assert_true(id_equal(back.id, sample_id(7)));
    assert_int_equal(back.kind, SAMPLE);
    assert_int_equal(back.org, 4294967295u);
    assert_true(back.seq == INT64_MAX);
    assert_true(slice_equal(back.stamps, slice_of("\x01\x00\x02", 3)));
    TableSample__Old *old = (TableSample__Old *)back.message;
    assert_string_equal(old->name, "青禾区第三幼儿园");
    assert_int_equal(old->ref.len, 4);
    assert_memory_equal(old->ref.data, bytes, 4);
    assert_true(old->amount == INT64_MIN);
    assert_true(old->flag);
}

static void a_save_replaces_and_empties(void **state)
{
    (void)state;
    TableSample__Old m = TABLE_SAMPLE__OLD__INIT;
    m.name = "before";
    m.has_amount = 1;
    m.amount = 5;
    save(sample_id(1), 2, 1, &m.base);
    m.name = NULL;
    m.amount = 6;
    save(sample_id(1), 2, 9, &m.base);
    struct row row = load(sample_id(1));
    assert_int_equal(row.seq, 9);
    assert_null(((TableSample__Old *)row.message)->name);
    assert_int_equal(((TableSample__Old *)row.message)->amount, 6);
    assert_int_equal(sample_number(&s, "SELECT count(*) FROM sample"), 1);
}

static void a_record_may_move_to_another_org(void **state)
{
    (void)state;
    uint64_t count = 99;
    TableSample__Old m = TABLE_SAMPLE__OLD__INIT;
    m.name = "a";
    save(sample_id(1), 2, 1, &m.base);
    m.name = "b";
    save(sample_id(1), 3, 2, &m.base);
    struct row row = load(sample_id(1));
    assert_int_equal(row.org, 3);
    assert_string_equal(((TableSample__Old *)row.message)->name, "b");
    assert_int_equal(table_count(s.set, SAMPLE, 2, TABLE_LIVING, &count), ERR_OK);
    assert_int_equal(count, 0);
    assert_int_equal(table_count(s.set, SAMPLE, 3, TABLE_LIVING, &count), ERR_OK);
    assert_int_equal(count, 1);
}

/* ---- life ---- */

static void bury(struct id id, uint64_t seq)
{
    struct row row = {.id = id, .kind = SAMPLE, .org = 2, .seq = seq};
    assert_int_equal(table_save(s.set, &row), ERR_OK);
}

static void life_death_and_return(void **state)
{
    (void)state;
    struct row row = {.org = 77};
    TableSample__Old m = TABLE_SAMPLE__OLD__INIT;
    assert_int_equal(table_load(s.set, SAMPLE, sample_id(1), &s.arena, &row), ERR_NOT_FOUND);
    assert_int_equal(row.org, 77); /* untouched */
    save(sample_id(1), 2, 1, &m.base);
    bury(sample_id(1), 5);
    row = load(sample_id(1));
    assert_null(row.message);
    assert_int_equal(row.seq, 5);
    assert_int_equal(row.org, 2);
    assert_int_equal(row.kind, SAMPLE);
    assert_int_equal(sample_number(&s, "SELECT count(*) FROM sample"), 0);
    bury(sample_id(1), 6); /* once more */
    assert_int_equal(load(sample_id(1)).seq, 6);
    save(sample_id(1), 2, 7, &m.base);
    assert_non_null(load(sample_id(1)).message);
    assert_int_equal(sample_number(&s, "SELECT count(*) FROM tombstone"), 0);
    bury(sample_id(1), 8);
    assert_int_equal(table_save_packed(s.set, SAMPLE, sample_id(1), 2, 9, (struct slice){0}), ERR_OK);
    assert_non_null(load(sample_id(1)).message);
    assert_int_equal(sample_number(&s, "SELECT count(*) FROM tombstone"), 0);
}

static void erasing_leaves_nothing(void **state)
{
    (void)state;
    struct row row;
    TableSample__Old m = TABLE_SAMPLE__OLD__INIT;
    save(sample_id(1), 2, 1, &m.base);
    bury(sample_id(2), 2);
    save(sample_id(3), 2, 3, &m.base);
    assert_int_equal(table_erase(s.set, SAMPLE, sample_id(1)), ERR_OK);
    assert_int_equal(table_erase(s.set, SAMPLE, sample_id(2)), ERR_OK);
    assert_int_equal(table_erase(s.set, SAMPLE, sample_id(9)), ERR_OK); /* never was */
    assert_int_equal(table_load(s.set, SAMPLE, sample_id(1), &s.arena, &row), ERR_NOT_FOUND);
    assert_int_equal(table_load(s.set, SAMPLE, sample_id(2), &s.arena, &row), ERR_NOT_FOUND);
    assert_int_equal(table_load(s.set, SAMPLE, sample_id(3), &s.arena, &row), ERR_OK);
}

/* A peer chooses its ids: one may be dead in one kind and alive in another. */
static void kinds_do_not_bury_each_other(void **state)
{
    (void)state;
    TableSample__Other other = TABLE_SAMPLE__OTHER__INIT;
    bury(sample_id(1), 5);
    struct row row = {.id = sample_id(1), .kind = OTHER, .org = 2, .seq = 6, .message = &other.base};
    assert_int_equal(table_save(s.set, &row), ERR_OK);
    assert_int_equal(load(sample_id(1)).seq, 5);
    row.message = NULL;
    row.seq = 7;
    assert_int_equal(table_save(s.set, &row), ERR_OK);
    assert_int_equal(load(sample_id(1)).seq, 5);
    assert_int_equal(table_erase(s.set, OTHER, sample_id(1)), ERR_OK);
    assert_int_equal(load(sample_id(1)).seq, 5);
}

static void unknown_kinds_and_numbers(void **state)
{
    (void)state;
    TableSample__Old m = TABLE_SAMPLE__OLD__INIT;
    struct row row = {.id = sample_id(1), .kind = 999, .org = 2, .seq = 1, .message = &m.base};
    assert_int_equal(table_save(s.set, &row), ERR_NOT_FOUND);
    assert_int_equal(table_load(s.set, 999, sample_id(1), &s.arena, &row), ERR_NOT_FOUND);
    assert_int_equal(table_erase(s.set, 999, sample_id(1)), ERR_NOT_FOUND);
    assert_int_equal(table_save_packed(s.set, 999, sample_id(1), 2, 1, (struct slice){0}), ERR_NOT_FOUND);
    row.kind = SAMPLE;
    row.seq = (uint64_t)INT64_MAX + 1;
    assert_int_equal(table_save(s.set, &row), ERR_VALUE);
    assert_int_equal(table_save_packed(s.set, SAMPLE, sample_id(1), 2, UINT64_MAX, (struct slice){0}), ERR_VALUE);
    assert_int_equal(sample_number(&s, "SELECT count(*) FROM sample"), 0);
}

static void a_small_arena_is_said(void **state)
{
    (void)state;
    char text[400];
    struct arena small;
    struct row row = {.org = 77};
    memset(text, 'x', sizeof text - 1);
    text[sizeof text - 1] = 0;
    TableSample__Old m = TABLE_SAMPLE__OLD__INIT;
    save(sample_id(2), 2, 1, &m.base);
    m.has_ref = 1;
    m.ref = (ProtobufCBinaryData){sizeof text, (uint8_t *)text};
    save(sample_id(3), 2, 1, &m.base);
    m.name = text;
    save(sample_id(1), 2, 1, &m.base);
    arena_init(&small, 256);
    assert_int_equal(table_load(s.set, SAMPLE, sample_id(1), &small, &row), ERR_MEMORY);
    assert_int_equal(table_load(s.set, SAMPLE, sample_id(3), &small, &row), ERR_MEMORY);
    assert_int_equal(row.org, 77);
    arena_reset(&small);
    assert_int_equal(table_load(s.set, SAMPLE, sample_id(2), &small, &row), ERR_OK);
    arena_finish(&small);
}

/* ---- transactions ---- */

static void saves_join_the_transaction(void **state)
{
    (void)state;
    TableSample__Old m = TABLE_SAMPLE__OLD__INIT;
    assert_int_equal(db_begin(s.db), ERR_OK);
    save(sample_id(1), 2, 1, &m.base);
    bury(sample_id(2), 2);
    assert_true(db_in_transaction(s.db));
    db_rollback(s.db);
    assert_int_equal(sample_number(&s, "SELECT (SELECT count(*) FROM sample) + (SELECT count(*) FROM tombstone)"), 0);
}

static void a_failed_save_leaves_no_transaction(void **state)
{
    (void)state;
    static char text[100000];
    memset(text, 'x', sizeof text - 1);
    TableSample__Old m = TABLE_SAMPLE__OLD__INIT;
    m.name = text;
    struct row row = {.id = sample_id(1), .kind = SAMPLE, .org = 2, .seq = 1, .message = &m.base};
    assert_int_equal(db_exec(s.db, "PRAGMA max_page_count=16"), ERR_OK);
    assert_int_equal(table_save(s.set, &row), ERR_DISK_FULL);
    assert_false(db_in_transaction(s.db));
    m.name = "short";
    assert_int_equal(table_save(s.set, &row), ERR_OK);
}

/* ---- fields of a newer build ---- */

static struct slice packed_new(struct arena *arena)
{
    TableSample__New m = TABLE_SAMPLE__NEW__INIT;
    m.name = "名";
    m.has_amount = m.has_weight = m.has_seal = 1;
    m.amount = -3;
    m.remark = "later";
    m.weight = -1;
    m.seal = (ProtobufCBinaryData){2, (uint8_t *)"\0s"};
    return wire_pack_arena(&m.base, arena);
}

static void unknown_fields_come_back(void **state)
{
    (void)state;
    ProtobufCMessage *m;
    struct slice packed = packed_new(&s.arena);
    assert_int_equal(wire_open(&table_sample__old__descriptor, packed, &s.arena, &m), ERR_OK);
    assert_int_equal(m->n_unknown_fields, 3);
    save(sample_id(1), 2, 1, m);
    assert_true(slice_equal(wire_pack_arena(&loaded(sample_id(1))->base, &s.arena), packed));
    assert_int_equal(sample_number(&s, "SELECT length(_extra) FROM sample"), 7 + 11 + 5);
}

static void unknown_fields_out_of_order_are_sorted(void **state)
{
    (void)state;
    ProtobufCMessage *m;
    struct slice packed = packed_new(&s.arena);
    assert_int_equal(wire_open(&table_sample__old__descriptor, packed, &s.arena, &m), ERR_OK);
    ProtobufCMessageUnknownField first = m->unknown_fields[0];
    m->unknown_fields[0] = m->unknown_fields[2];
    m->unknown_fields[2] = first;
    save(sample_id(1), 2, 1, m);
    assert_true(slice_equal(wire_pack_arena(&loaded(sample_id(1))->base, &s.arena), packed));
}

/* ---- straight from the wire ---- */

static void packed_equals_unpacked(void **state)
{
    (void)state;
    static uint8_t ref[] = {9, 0};
    ProtobufCMessage *m;
    TableSample__Old full = TABLE_SAMPLE__OLD__INIT, empty = TABLE_SAMPLE__OLD__INIT, none = TABLE_SAMPLE__OLD__INIT;
    full.name = "全";
    full.has_ref = full.has_amount = full.has_flag = 1;
    full.ref = (ProtobufCBinaryData){2, ref};
    full.amount = -1;
    full.flag = 1;
    empty.name = "";
    empty.has_ref = empty.has_amount = empty.has_flag = 1;
    const struct slice packed[] = {wire_pack_arena(&full.base, &s.arena), wire_pack_arena(&empty.base, &s.arena),
                                   wire_pack_arena(&none.base, &s.arena), packed_new(&s.arena)};
    for (unsigned i = 0; i < 4; i++) {
        assert_int_equal(wire_open(&table_sample__old__descriptor, packed[i], &s.arena, &m), ERR_OK);
        save(sample_id(10 + i), 2, 3, m);
        assert_int_equal(table_save_packed(s.set, SAMPLE, sample_id(20 + i), 2, 3, packed[i]), ERR_OK);
        struct row back = load(sample_id(20 + i));
        assert_int_equal(back.org, 2);
        assert_int_equal(back.seq, 3);
        assert_int_equal(back.stamps.size, 0);
        assert_true(slice_equal(wire_pack_arena(back.message, &s.arena), packed[i]));
    }
    assert_int_equal(
        sample_number(&s, "SELECT count(*) FROM sample a JOIN sample b ON a.name IS b.name AND a.ref IS b.ref AND"
                          " a.amount IS b.amount AND a.flag IS b.flag AND a._extra IS b._extra AND"
                          " typeof(a.name)=typeof(b.name) AND typeof(a.ref)=typeof(b.ref) AND a.id<b.id"),
        4);
}

static void a_packed_save_replaces(void **state)
{
    (void)state;
    struct slice packed = packed_new(&s.arena);
    assert_int_equal(table_save_packed(s.set, SAMPLE, sample_id(1), 2, 3, packed), ERR_OK);
    assert_int_equal(table_save_packed(s.set, SAMPLE, sample_id(1), 2, 4, slice_of("\x18\x07", 2)), ERR_OK);
    TableSample__Old *m = loaded(sample_id(1));
    assert_null(m->name);
    assert_int_equal(m->amount, 7);
    assert_int_equal(m->base.n_unknown_fields, 0);
}

/* They should have passed wire_check; if not, nothing is saved. */
static void unchecked_bytes_are_refused(void **state)
{
    (void)state;
    const struct slice bad[] = {
        slice_of("\x0a\x05hi", 4),       /* cut off */
        slice_of("\x18\x01\x0a\x00", 4), /* tags descend */
        slice_of("\x08\x01", 2),         /* name as a number */
        slice_of("\x18\x01\x18\x02", 4), /* twice */
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_int_equal(table_save_packed(s.set, SAMPLE, sample_id(1), 2, 3, bad[i]), ERR_WIRE);
    assert_int_equal(sample_number(&s, "SELECT count(*) FROM sample"), 0);
    assert_false(db_in_transaction(s.db));
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        T(zero_and_empty_are_not_absent),
        T(values_and_house_columns),
        T(a_save_replaces_and_empties),
        T(a_record_may_move_to_another_org),
        T(life_death_and_return),
        T(erasing_leaves_nothing),
        T(kinds_do_not_bury_each_other),
        T(unknown_kinds_and_numbers),
        T(a_small_arena_is_said),
        T(saves_join_the_transaction),
        T(a_failed_save_leaves_no_transaction),
        T(unknown_fields_come_back),
        T(unknown_fields_out_of_order_are_sorted),
        T(packed_equals_unpacked),
        T(a_packed_save_replaces),
        T(unchecked_bytes_are_refused),
    };
    return cmocka_run_group_tests_name("table_rows", tests, NULL, NULL);
}
