/* What is a change and what is not; its bytes, its hash, the fork of an incarnation. */
#include "tests/unit/help_sync.h"
#include "base/limits.h"
#include "membership.pb-c.h"
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

static void packed_and_opened_again(void **state)
{
    (void)state;
    struct change c = *make_change(&w, 0, SHEET, OP_ACT, 5, S(9), "!submitted joined_on=d -note");
    assert_true(c.n == 1 && c.org == 7 && c.kind_number == SHEET && c.kind && c.base == S(9) && c.op == OP_ACT &&
                c.made_ms == 1000);
    struct id id = rid(5);
    assert_memory_equal(c.id.bytes, id.bytes, ID_SIZE);
    assert_string_equal(c.action, "submitted");
    assert_string_equal(message_text(&w, c.patch), "joined_on=d");
    assert_true(c.cleared_count == 1 && c.cleared[0] == 21 && !c.grouped);
    uint8_t hash[HASH_SIZE];
    change_hash(c.bytes, hash);
    assert_memory_equal(hash, c.hash, HASH_SIZE);
}

static void for_whom_it_is_handed_in(void **state)
{
    (void)state;
    struct change *c = make_change(&w, 0, SHEET, OP_SET, 5, S(9), "note=x");
    assert_true(c->for_seat == 0 && change_for_seat(c->bytes) == 0);
    uint8_t before[HASH_SIZE];
    memcpy(before, c->hash, HASH_SIZE);
    make_for(&w, c, 4000000000u); /* packs and opens it */
    assert_true(c->for_seat == 4000000000u && change_for_seat(c->bytes) == 4000000000u);
    assert_memory_not_equal(c->hash, before, HASH_SIZE);
    assert_int_equal(change_for_seat(slice_of(c->bytes.data, c->bytes.size - 2)), 0); /* cut */
    assert_int_equal(change_for_seat((struct slice){0}), 0);                          /* stripped */
}

/* A change as bytes, with one thing wrong. */
static Wire__Change good(void)
{
    static uint8_t id[ID_SIZE] = {1}, group[ID_SIZE] = {2};
    static uint8_t patch[] = {0x12, 2, 'L', 'i'}; /* name=Li */
    Wire__Change m = WIRE__CHANGE__INIT;
    m.has_n = m.has_org = m.has_kind = m.has_id = m.has_op = m.has_patch = 1;
    m.has_group = m.has_group_position = m.has_group_size = 1;
    m.n = 1;
    m.org = 7;
    m.kind = SHEET;
    m.id = (ProtobufCBinaryData){sizeof id, id};
    m.op = WIRE__OP__SET;
    m.patch = (ProtobufCBinaryData){sizeof patch, patch};
    m.group = (ProtobufCBinaryData){sizeof group, group};
    m.group_position = 2;
    m.group_size = 2;
    return m;
}

static enum err opened(const Wire__Change *m)
{
    struct change out = {.n = 77};
    enum err e = change_open(wire_pack_arena(&m->base, &w.arena), &w.arena, &out);
    assert_true(e == ERR_OK || out.n == 77); /* untouched on failure */
    return e;
}

static void each_fault_is_found(void **state)
{
    (void)state;
    Wire__Change m = good();
    assert_int_equal(opened(&m), ERR_OK);
#define FAULT(change)                                                                                                  \
    m = good();                                                                                                        \
    change;                                                                                                            \
    assert_int_equal(opened(&m), ERR_WIRE)
    uint32_t twice[] = {3, 3}, zero[] = {0}, set[] = {2};
    uint8_t bad_patch[] = {0x12, 9, 'L'}, zero_id[ID_SIZE] = {0};
    FAULT(m.has_n = 0);
    FAULT(m.n = 0);
    FAULT(m.has_org = 0);
    FAULT(m.has_kind = 0);
    FAULT(m.has_id = 0);
    FAULT(m.id.len = 15);
    FAULT(m.id.data = zero_id);
    FAULT(m.has_op = 0);
    FAULT(m.op = 6);
    FAULT(m.op = WIRE__OP__OP_NONE);
    FAULT(m.op = WIRE__OP__ACT);   /* without its action */
    FAULT(m.action = "submitted"); /* of what is no act */
    FAULT(m.group.len = 4);
    FAULT(m.group_position = 0);
    FAULT(m.group_position = 3);
    FAULT(m.group_size = LIMIT_GROUP + 1);
    FAULT(m.has_group = 0);
    FAULT((m.cleared = twice, m.n_cleared = 2));
    FAULT((m.cleared = zero, m.n_cleared = 1));
    FAULT((m.cleared = set, m.n_cleared = 1)); /* set and emptied at once */
    uint32_t many[LIMIT_CHANGE_FIELDS + 1];
    for (uint32_t i = 0; i <= LIMIT_CHANGE_FIELDS; i++)
        many[i] = 100 + i;
    FAULT((m.cleared = many, m.n_cleared = LIMIT_CHANGE_FIELDS + 1));
    FAULT((m.patch.data = bad_patch, m.patch.len = 3));
    FAULT((m.has_base_seq = 1, m.base_seq = UINT64_MAX));
}

static void an_unknown_kind_travels_untouched(void **state)
{
    (void)state;
    Wire__Change m = good();
    struct change out;
    m.kind = 12345;
    struct slice bytes = wire_pack_arena(&m.base, &w.arena);
    assert_int_equal(change_open(bytes, &w.arena, &out), ERR_OK);
    assert_null(out.kind);
    assert_null(out.patch);
    assert_true(out.patch_bytes.size == 4 && out.bytes.data == bytes.data);
}

static void over_the_limit(void **state)
{
    (void)state;
    struct change c = *make_change(&w, 0, SHEET, OP_SET, 1, 0, "name=Li");
    ProtobufCMessage *big = record_new(c.kind->descriptor, &w.arena);
    char *text = arena_alloc(&w.arena, LIMIT_RECORD + 1);
    memset(text, 'a', LIMIT_RECORD);
    record_put_name(big, "note", cell_text(text), &w.arena);
    c.patch = big;
    struct slice before = c.bytes;
    assert_int_equal(change_pack(&c, &w.arena), ERR_TOO_LONG);
    assert_true(c.bytes.data == before.data);
    uint8_t *zeros = arena_alloc(&w.arena, LIMIT_RECORD + 1);
    assert_int_equal(change_open(slice_of(zeros, LIMIT_RECORD + 1), &w.arena, &c), ERR_WIRE);
    assert_int_equal(change_open(slice_of(zeros, 10), &w.arena, &c), ERR_WIRE);
}

static void what_a_change_touches(void **state)
{
    (void)state;
    struct change *c = make_change(&w, 0, SHEET, OP_SET, 1, 0, "name=Li -note #57=a");
    assert_true(change_touches(c, 2) && change_touches(c, 21) && change_touches(c, 57));
    assert_false(change_touches(c, 3) || change_touches(c, 18));
    c = make_change(&w, 0, SHEET, OP_ACT, 1, 0, "!draft");
    assert_true(change_touches(c, 18)); /* the state */
}

static void the_fork_of_an_incarnation(void **state)
{
    (void)state;
    /* SHA-256 of 16 x 'A', n 3 as u64 BE, 16 x 0x07, computed apart from this program */
    static const uint8_t expected[INCARNATION_SIZE] = {0x45, 0xec, 0x84, 0x8c, 0x22, 0xde, 0x34, 0x87,
                                                       0xfa, 0x7b, 0x98, 0xb3, 0xc7, 0x2a, 0x34, 0xb3};
    struct incarnation old;
    uint8_t hash[HASH_SIZE];
    memset(old.bytes, 'A', sizeof old.bytes);
    memset(hash, 7, sizeof hash);
    struct incarnation new = change_fork(old, 3, hash);
    assert_memory_equal(new.bytes, expected, sizeof expected);
    assert_true(incarnation_equal(new, change_fork(old, 3, hash)));
    assert_false(incarnation_equal(new, change_fork(old, 4, hash)) || incarnation_equal(new, old));
}

static void packed_in_canonical_order(void **state)
{
    (void)state;
    /* a field between those that are known here (a gap in some message) must not go behind them: tag 57 behind 58 */
    struct change *c = make_change(&w, 0, SHEET, OP_SET, 1, 0, "#58=b #57=a note=n");
    assert_string_equal(message_text(&w, c->patch), "note=n #57=a #58=b");
    assert_int_equal(wire_check(c->kind->descriptor, c->patch_bytes), ERR_OK);
}

#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
int main(void)
{
    const struct CMUnitTest tests[] = {
        T(packed_and_opened_again),
        T(for_whom_it_is_handed_in),
        T(each_fault_is_found),
        T(an_unknown_kind_travels_untouched),
        T(over_the_limit),
        T(what_a_change_touches),
        T(the_fork_of_an_incarnation),
        T(packed_in_canonical_order),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
