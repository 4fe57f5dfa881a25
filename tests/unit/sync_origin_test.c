/* What a successor hands in out of a file: its maker's bytes, whole and provable, and what was its maker's before is no other's. */
#include "sync/origin.h"
#include "tests/unit/help_sync.h"
#include "wire/wire.h"
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

static struct world w;
static const struct incarnation OLD = {"oooooooooooooooo"};

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

static struct slice vector(const char *name)
{
    char path[256];
    struct buf out = BUF_INIT;
    unsigned byte;
    snprintf(path, sizeof path, PROTO_DIR "/vectors/%s.hex", name);
    FILE *f = fopen(path, "r");
    assert_non_null(f);
    while (fscanf(f, " %2x", &byte) == 1)
        buf_byte(&out, (uint8_t)byte);
    fclose(f);
    struct slice kept = arena_copy(&w.arena, buf_slice(&out));
    buf_finish(&out);
    return kept;
}

static void the_golden_pair(void **state)
{
    (void)state;
    struct slice made = vector("Change_made"), taken = vector("Change_taken"), out;
    struct incarnation there;
    uint8_t hash[HASH_SIZE];
    for (int i = 0; i < INCARNATION_SIZE; i++)
        there.bytes[i] = (uint8_t)(0xb0 + i);
    assert_int_equal(origin_hand_in(made, 9, there, slice_of("\x30\x45\x02\x21\x00", 5), 6, &w.arena, &out), ERR_OK);
    assert_true(slice_equal(out, taken));
    assert_int_equal(origin_bytes(taken, &w.arena, &out), ERR_OK);
    assert_true(slice_equal(out, made));
    struct change c;
    assert_int_equal(change_open(taken, &w.arena, &c), ERR_OK);
    change_hash(made, hash);
    assert_true(c.n == 6 && c.for_seat == 9 && c.origin.given && c.origin.n == 41 && c.origin.for_seat == 0);
    assert_true(incarnation_equal(c.origin.incarnation, there) && c.origin.signature.size == 5);
    assert_memory_equal(c.origin.hash, hash, HASH_SIZE);
    assert_memory_not_equal(c.hash, hash, HASH_SIZE);
    assert_int_equal(change_open(made, &w.arena, &c), ERR_OK);
    assert_false(c.origin.given);
}

/* Whose program is newer than ours: its fields stand behind ours, and are signed, too. */
static void what_is_not_known_here_goes_along(void **state)
{
    (void)state;
    struct change *c = make_change(&w, 0, SHEET, OP_SET, 5, S(9), "note=x");
    struct buf newer = BUF_INIT;
    struct slice out, back;
    buf_append_slice(&newer, c->bytes);
    buf_append(&newer, "\x8a\x01\x02hi", 5); /* field 17 */
    assert_int_equal(origin_hand_in(buf_slice(&newer), 9, OLD, slice_text("sig"), 300, &w.arena, &out), ERR_OK);
    assert_int_equal(wire_check(&wire__change__descriptor, out), ERR_OK); /* canonical still */
    assert_int_equal(origin_bytes(out, &w.arena, &back), ERR_OK);
    assert_true(slice_equal(back, buf_slice(&newer)));
    buf_finish(&newer);
}

/* Seat 9 had it from 8, and left before it was sent: it stays 8's, with 8's own signature; only the number is the new one's. */
static void handed_on_twice(void **state)
{
    (void)state;
    struct change *c = make_change(&w, 0, SHEET, OP_SET, 5, S(9), "note=x");
    struct slice once, twice, back;
    struct change out;
    assert_int_equal(origin_hand_in(c->bytes, 8, OLD, slice_text("eight"), 70, &w.arena, &once), ERR_OK);
    assert_int_equal(origin_hand_in(once, 9, w.seats[1].incarnation, slice_text("nine"), 3, &w.arena, &twice), ERR_OK);
    assert_int_equal(change_open(twice, &w.arena, &out), ERR_OK);
    assert_true(out.n == 3 && out.for_seat == 8 && out.origin.n == c->n && incarnation_equal(out.origin.incarnation, OLD));
    assert_true(slice_equal(out.origin.signature, slice_text("eight")));
    assert_memory_equal(out.origin.hash, c->hash, HASH_SIZE);
    assert_int_equal(origin_bytes(twice, &w.arena, &back), ERR_OK);
    assert_true(slice_equal(back, c->bytes));
}

static void a_for_seat_of_its_own_comes_back(void **state)
{
    (void)state;
    struct change *c = make_for(&w, make_change(&w, 0, SHEET, OP_SET, 5, S(9), "note=x"), 4);
    struct slice out, back;
    struct change taken;
    assert_int_equal(origin_hand_in(c->bytes, 9, OLD, slice_text("sig"), 70, &w.arena, &out), ERR_OK);
    assert_int_equal(change_open(out, &w.arena, &taken), ERR_OK);
    assert_true(taken.for_seat == 9 && taken.origin.for_seat == 4);
    assert_int_equal(origin_bytes(out, &w.arena, &back), ERR_OK);
    assert_true(slice_equal(back, c->bytes));
}

/* ---- malformed ---- */

static enum err open_with(uint32_t for_seat, const Wire__Origin *origin)
{
    struct change *c = make_change(&w, 0, SHEET, OP_SET, 5, S(9), "note=x"), out;
    ProtobufCMessage *m;
    assert_int_equal(wire_open(&wire__change__descriptor, c->bytes, &w.arena, &m), ERR_OK);
    Wire__Change *change = (Wire__Change *)m;
    change->has_for_seat = for_seat != 0;
    change->for_seat = for_seat;
    change->origin = (Wire__Origin *)origin;
    return change_open(wire_pack_arena(m, &w.arena), &w.arena, &out);
}

static void what_is_no_origin_is_no_change(void **state)
{
    (void)state;
    Wire__Origin good = WIRE__ORIGIN__INIT, bad;
    good.has_incarnation = good.has_n = good.has_signature = 1;
    good.incarnation = (ProtobufCBinaryData){INCARNATION_SIZE, (uint8_t *)OLD.bytes};
    good.n = 1;
    good.signature = (ProtobufCBinaryData){3, (uint8_t *)"sig"};
    assert_int_equal(open_with(9, &good), ERR_OK);
    assert_int_equal(open_with(0, &good), ERR_WIRE);
    bad = good, bad.n = 0;
    assert_int_equal(open_with(9, &bad), ERR_WIRE);
    bad = good, bad.n = UINT64_MAX;
    assert_int_equal(open_with(9, &bad), ERR_WIRE);
    bad = good, bad.has_n = 0;
    assert_int_equal(open_with(9, &bad), ERR_WIRE);
    bad = good, bad.incarnation.len = 15;
    assert_int_equal(open_with(9, &bad), ERR_WIRE);
    bad = good, bad.has_incarnation = 0;
    assert_int_equal(open_with(9, &bad), ERR_WIRE);
    bad = good, bad.signature.len = 0;
    assert_int_equal(open_with(9, &bad), ERR_WIRE);
    struct slice out;
    assert_int_equal(origin_bytes(make_change(&w, 0, SHEET, OP_SET, 5, S(9), "note=x")->bytes, &w.arena, &out), ERR_WIRE);
    assert_int_equal(origin_hand_in(slice_text("none"), 9, OLD, slice_text("sig"), 1, &w.arena, &out), ERR_WIRE);
}

static void what_is_signed(void **state)
{
    (void)state;
    const uint8_t district[DISTRICT_SIZE] = "DDDDDDDDDDDDDDDD", hash[HASH_SIZE] = "HHHHHHHHHHHHHHHH";
    struct buf out = BUF_INIT;
    origin_text(district, 0x01020304, OLD, 5, hash, &out);
    static const char want[] = "banyan handoverDDDDDDDDDDDDDDDD\1\2\3\4oooooooooooooooo\0\0\0\0\0\0\0\5HHHHHHHHHHHHHHHH";
    assert_int_equal(out.size, sizeof want - 1);
    assert_memory_equal(out.data, want, out.size);
    buf_finish(&out);
}

/* ---- deciding: seat 3 (index 2) leaves, seat 1 (index 0) hands in ---- */

static struct change *handed_in(struct change *made)
{
    struct change *c = arena_alloc(&w.arena, sizeof *c);
    struct slice bytes;
    assert_int_equal(origin_hand_in(made->bytes, 3, w.seats[2].incarnation, slice_text("sig"), ++w.seats[0].n, &w.arena, &bytes), ERR_OK);
    assert_int_equal(change_open(bytes, &w.arena, c), ERR_OK);
    return c;
}

static void not_without_its_makers_signature(void **state)
{
    (void)state;
    do_create(&w, 0, 1, "name=a");
    struct change *c = make_change(&w, 2, SHEET, OP_SET, 1, seq_now(&w), "note=x");
    assert_string_equal(take_change(&w, 0, handed_in(c)), "REFUSED FOR_SEAT");
    w.for_seat = (struct decide_for){.of_org = true};
    assert_string_equal(take_change(&w, 0, handed_in(c)), "REFUSED ORIGIN");
    w.for_seat.proven = true;
    assert_string_equal(take_change(&w, 0, handed_in(c)), "APPLIED");
    assert_string_equal(sheet_row(&w, 1), "member_no=0001 name=a state=draft note=x");
}

/* The old seat sent its first change itself; the second was made on top of it, offline, and says the base of before. */
static void on_top_of_what_its_maker_sent_itself(void **state)
{
    (void)state;
    do_create(&w, 0, 1, "name=a note=before");
    uint64_t seen = seq_now(&w);
    w.for_seat = (struct decide_for){.of_org = true, .proven = true};
    struct change *first = make_change(&w, 2, SHEET, OP_SET, 1, seen, "note=first");
    struct change *second = make_change(&w, 2, SHEET, OP_SET, 1, seen, "note=second");
    assert_string_equal(take_change(&w, 2, first), "APPLIED");
    assert_string_equal(take_change(&w, 0, handed_in(second)), "APPLIED");
    assert_string_equal(sheet_row(&w, 1), "member_no=0001 name=a state=draft note=second");
}

static void a_stranger_in_between_still_clashes(void **state)
{
    (void)state;
    do_create(&w, 0, 1, "name=a note=before");
    uint64_t seen = seq_now(&w);
    w.for_seat = (struct decide_for){.of_org = true, .proven = true};
    struct change *c = make_change(&w, 2, SHEET, OP_SET, 1, seen, "note=old");
    do_set(&w, 1, 1, seen, "note=chair");
    assert_string_equal(take_change(&w, 0, handed_in(c)), "CONFLICT");
}

/* What the old seat made later and sent itself is not set back by what it made before. */
static void what_its_maker_did_later_stays(void **state)
{
    (void)state;
    do_create(&w, 0, 1, "name=a note=before");
    uint64_t seen = seq_now(&w);
    w.for_seat = (struct decide_for){.of_org = true, .proven = true};
    struct change *first = make_change(&w, 2, SHEET, OP_SET, 1, seen, "note=first");
    struct change *second = make_change(&w, 2, SHEET, OP_SET, 1, seen, "note=second");
    assert_string_equal(take_change(&w, 2, second), "APPLIED");
    take_change(&w, 0, handed_in(first));
    assert_string_equal(sheet_row(&w, 1), "member_no=0001 name=a state=draft note=second");
    assert_string_equal(sheet_conflicts(&w, 1), "none");
}

/* One after the other, all by the same hand: none clashes with the one before. */
static void several_of_one_file(void **state)
{
    (void)state;
    do_create(&w, 0, 1, "name=a note=before");
    uint64_t seen = seq_now(&w);
    w.for_seat = (struct decide_for){.of_org = true, .proven = true};
    for (int i = 0; i < 3; i++) {
        struct change *c = make_change(&w, 2, SHEET, OP_SET, 1, seen, arena_format(&w.arena, "note=n%d", i));
        assert_string_equal(take_change(&w, 0, handed_in(c)), "APPLIED");
    }
    assert_string_equal(sheet_row(&w, 1), "member_no=0001 name=a state=draft note=n2");
    assert_log_makes_rows(&w);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {
        T(the_golden_pair),
        T(what_is_not_known_here_goes_along),
        T(handed_on_twice),
        T(a_for_seat_of_its_own_comes_back),
        T(what_is_no_origin_is_no_change),
        T(what_is_signed),
        T(not_without_its_makers_signature),
        T(on_top_of_what_its_maker_sent_itself),
        T(a_stranger_in_between_still_clashes),
        T(what_its_maker_did_later_stays),
        T(several_of_one_file),
    };
    return cmocka_run_group_tests_name("sync_origin", tests, NULL, NULL);
}
