/* What a seat may do with records that it entered itself, marks on what is closed, numbers that come with a step, and
 * records that nobody sets. Seats: 0 and 1 are chairs, 2 is a committee member, who may add orders and handle its own.
 */
#include "tests/unit/help_errand.h"
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#define IS assert_string_equal
#define HERE 7u
#define HAS(text, part) assert_non_null(strstr(text, part))

static struct world w;

static int setup(void **state)
{
    (void)state;
    world_init(&w);
    errand_register();
    IS(take_change(&w, 0, make_change(&w, 0, RUNNER, OP_CREATE, 1, 0, "name=Li")), "APPLIED");
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    assert_log_makes_rows(&w);
    world_finish(&w);
    return 0;
}

static struct id of(const char *week)
{
    return errand_id(ORDER, HERE, rid(1), week);
}

static const char *create(int seat, const char *week, const char *more)
{
    const char *words = arena_format(&w.arena, "runner_id=@1 week=%s %s", week, more);
    return take_change(&w, seat, make_change_id(&w, seat, ORDER, OP_CREATE, of(week), 0, words));
}

static const char *change(int seat, enum op op, const char *week, const char *words)
{
    return take_change(&w, seat, make_change_id(&w, seat, ORDER, op, of(week), seq_now(&w), words));
}

static const char *row(const char *week)
{
    return row_text(&w, ORDER, of(week)) + strlen("runner_id=@1 ");
}

/* ---- who entered it ---- */
static void who_enters_a_record_stands_in_it(void **state)
{
    (void)state;
    IS(create(2, "w1", ""), "REFUSED REQUIRED entered_by");
    IS(create(2, "w1", "entered_by=1"), "REFUSED SERVER_FIELD entered_by");
    IS(create(2, "w1", "entered_by=0"), "REFUSED SERVER_FIELD entered_by");
    IS(create(2, "w1", "entered_by=3"), "APPLIED");
    IS(change(0, OP_SET, "w1", "entered_by=1"), "REFUSED IMMUTABLE_FIELD entered_by");
    IS(change(0, OP_SET, "w1", "-entered_by"), "REFUSED IMMUTABLE_FIELD entered_by");
    IS(create(0, "w1", "entered_by=1"), "APPLIED without effect"); /* made apart: whoever was first */
    IS(create(0, "w1", "entered_by=1 amount=4"), "MERGED");
    IS(row("w1"), "week=w1 amount=4 state=draft no=0001 entered_by=3");
}

/* ---- own rights ---- */
static void own_records_may_be_handled(void **state)
{
    (void)state;
    IS(create(2, "w1", "entered_by=3 amount=1"), "APPLIED");
    IS(create(0, "w2", "entered_by=1 amount=1"), "APPLIED");
    IS(change(2, OP_SET, "w1", "amount=2"), "APPLIED");
    IS(change(2, OP_SET, "w2", "amount=2"), "REFUSED RIGHT set");
    IS(change(2, OP_SET, "w9", "amount=2"), "REFUSED RIGHT set"); /* no such record is its own */
    IS(change(2, OP_ACT, "w2", "!filed"), "REFUSED RIGHT filed");
    IS(change(2, OP_REMOVE, "w2", ""), "REFUSED RIGHT remove");
    IS(change(2, OP_ACT, "w1", "!filed"), "APPLIED");
    IS(change(2, OP_ACT, "w1", "!draft"), "REFUSED RIGHT draft"); /* a step that own rights do not name */
    IS(change(0, OP_ACT, "w1", "!draft"), "APPLIED");
    IS(change(2, OP_REMOVE, "w1", ""), "APPLIED");
    IS(change(2, OP_REMOVE, "w1", ""), "APPLIED without effect"); /* it was its own */
    IS(change(3, OP_SET, "w2", "amount=2"), "REFUSED RIGHT");     /* who may not read may not set */
}

/* A field's own writers are not widened: of one's own record, too, the note is the chair's. */
static void own_rights_do_not_pass_a_fields_writers(void **state)
{
    (void)state;
    IS(create(2, "w1", "entered_by=3"), "APPLIED");
    IS(change(2, OP_SET, "w1", "note=x"), "REFUSED RIGHT note set");
    IS(change(2, OP_SET, "w1", "amount=2 note=x"), "REFUSED RIGHT note set");
    IS(change(0, OP_SET, "w1", "note=x"), "APPLIED");
}

static void own_rights_in_a_group_with_the_record_itself(void **state)
{
    (void)state;
    struct change *both[2] = {make_change_id(&w, 2, ORDER, OP_CREATE, of("w1"), 0, "runner_id=@1 week=w1 entered_by=3"),
                              make_change_id(&w, 2, ORDER, OP_ACT, of("w1"), 0, "!filed")};
    make_group(&w, both, 2);
    IS(take_group(&w, 2, both, 2), "APPLIED");
    HAS(row("w1"), "state=filed");
}

/* Rule 16: who may set one's own may choose between what stands and what clashed. */
static void a_conflict_of_ones_own_record(void **state)
{
    (void)state;
    struct id mine = of("w1"), theirs = of("w2");
    IS(create(2, "w1", "entered_by=3 amount=1"), "APPLIED");
    uint64_t seen = seq_now(&w);
    IS(create(0, "w2", "entered_by=1 amount=1"), "APPLIED");
    uint64_t seen_other = seq_now(&w);
    IS(change(0, OP_SET, "w1", "amount=2"), "APPLIED");
    IS(change(0, OP_SET, "w2", "amount=2"), "APPLIED");
    IS(take_change(&w, 2, make_change_id(&w, 2, ORDER, OP_SET, mine, seen, "amount=3")), "CONFLICT");
    struct id first = w.last[0].conflicts[0];
    IS(take_change(&w, 1, make_change_id(&w, 1, ORDER, OP_SET, theirs, seen_other, "amount=3")), "CONFLICT");
    struct id second = w.last[0].conflicts[0];
    IS(take_change(&w, 2, make_change_id(&w, 2, KIND_CONFLICT, OP_ACT, second, seq_now(&w), "!resolved")),
       "REFUSED RIGHT resolved");
    struct change *both[2] = {make_change_id(&w, 2, ORDER, OP_SET, mine, seq_now(&w), "amount=3"),
                              make_change_id(&w, 2, KIND_CONFLICT, OP_ACT, first, seq_now(&w), "!resolved")};
    make_group(&w, both, 2);
    IS(take_group(&w, 2, both, 2), "APPLIED");
    HAS(row("w1"), "amount=3");
}

/* Rule 13: a restored record keeps who entered it. */
static void a_restored_record_keeps_who_entered_it(void **state)
{
    (void)state;
    IS(create(2, "w1", "entered_by=3 amount=1"), "APPLIED");
    uint64_t seen = seq_now(&w);
    IS(change(0, OP_REMOVE, "w1", ""), "APPLIED");
    IS(take_change(&w, 2, make_change_id(&w, 2, ORDER, OP_SET, of("w1"), seen, "amount=3")), "CONFLICT");
    struct id conflict = w.last[0].conflicts[0];
    struct change *both[2] = {
        make_change_id(&w, 0, ORDER, OP_SET, of("w1"), seq_now(&w), "runner_id=@1 week=w1 amount=3 entered_by=3"),
        make_change_id(&w, 0, KIND_CONFLICT, OP_ACT, conflict, seq_now(&w), "!resolved")};
    make_group(&w, both, 2);
    IS(take_group(&w, 0, both, 2), "APPLIED");
    IS(row("w1"), "week=w1 amount=3 state=draft no=0001 entered_by=3");
}

/* ---- handed in for another seat ---- */
static const char *create_for(int seat, uint32_t for_seat, const char *week, const char *more)
{
    const char *words = arena_format(&w.arena, "runner_id=@1 week=%s %s", week, more);
    struct change *c = make_change_id(&w, seat, ORDER, OP_CREATE, of(week), 0, words);
    return take_change(&w, seat, make_for(&w, c, for_seat));
}

static void handed_in_for_a_seat_of_the_org(void **state)
{
    (void)state;
    IS(create_for(2, 4, "w1", "entered_by=4"), "REFUSED FOR_SEAT"); /* not one of the org's */
    w.for_seat = (struct decide_for){.of_org = true};
    IS(create_for(2, 4, "w1", "entered_by=4"), "APPLIED");
    assert_int_equal(w.log[w.count - 1].identity.seat, 3);
    assert_int_equal(change_for_seat(w.log[w.count - 1].change), 4);
    IS(create_for(2, 4, "w2", "entered_by=3"), "APPLIED"); /* the sender's own */
    IS(create_for(2, 4, "w3", "entered_by=1"), "REFUSED SERVER_FIELD entered_by");
    IS(create(2, "w3", "entered_by=4"),
       "REFUSED SERVER_FIELD entered_by"); /* it says so in the change, or not at all */
}

/* What a seat entered is another's to handle once it is revoked, in its name; while it works it handles it itself. */
static void what_a_revoked_seat_entered(void **state)
{
    (void)state;
    w.for_seat = (struct decide_for){.of_org = true};
    IS(create_for(2, 4, "w1", "entered_by=4 amount=1"), "APPLIED");
    IS(change(2, OP_SET, "w1", "amount=2"), "REFUSED RIGHT set");
    struct change *c = make_change_id(&w, 2, ORDER, OP_SET, of("w1"), seq_now(&w), "amount=2");
    IS(take_change(&w, 2, make_for(&w, c, 4)), "REFUSED RIGHT set");
    w.for_seat.revoked = true;
    c = make_change_id(&w, 2, ORDER, OP_SET, of("w1"), seq_now(&w), "amount=2");
    IS(take_change(&w, 2, make_for(&w, c, 4)), "APPLIED");
    c = make_change_id(&w, 2, ORDER, OP_ACT, of("w1"), seq_now(&w), "!filed");
    IS(take_change(&w, 2, make_for(&w, c, 4)), "APPLIED");
    IS(change(2, OP_SET, "w1", "amount=3"), "REFUSED RIGHT set"); /* not in its own name */
    c = make_change_id(&w, 2, ORDER, OP_SET, of("w1"), seq_now(&w), "amount=3");
    IS(take_change(&w, 2, make_for(&w, c, 1)), "REFUSED RIGHT set"); /* nor in that of somebody who did not enter it */
}

/* ---- marks ---- */
static void a_mark_goes_on_what_is_closed(void **state)
{
    (void)state;
    IS(create(0, "w1", "entered_by=1 amount=1"), "APPLIED");
    IS(change(0, OP_ACT, "w1", "!filed"), "APPLIED");
    IS(change(0, OP_SET, "w1", "amount=2"), "REFUSED NOT_EDITABLE filed");
    IS(change(0, OP_SET, "w1", "mark=seen amount=2"), "REFUSED NOT_EDITABLE filed");
    IS(change(0, OP_SET, "w1", "mark=seen amount=1"), "APPLIED"); /* the amount stands already */
    IS(change(0, OP_SET, "w1", "-mark"), "APPLIED");
    IS(change(0, OP_REMOVE, "w1", ""), "REFUSED NOT_EDITABLE filed");
}

/* ---- numbers ---- */
static void a_number_comes_with_its_step_and_once(void **state)
{
    (void)state;
    IS(create(0, "w1", "entered_by=1"), "APPLIED");
    IS(create(0, "w2", "entered_by=1"), "APPLIED");
    IS(create(0, "w3", "entered_by=1 filed_no=7"), "REFUSED SERVER_FIELD filed_no");
    IS(row("w1"), "week=w1 state=draft no=0001 entered_by=1");
    IS(change(0, OP_ACT, "w2", "!filed"), "APPLIED");
    IS(change(0, OP_ACT, "w1", "!filed"), "APPLIED");
    IS(row("w1"), "week=w1 state=filed no=0001 filed_no=0002 entered_by=1");
    IS(row("w2"), "week=w2 state=filed no=0002 filed_no=0001 entered_by=1");
    IS(change(0, OP_ACT, "w1", "!draft"), "APPLIED");
    IS(change(0, OP_ACT, "w1", "!filed"), "APPLIED");
    IS(row("w1"), "week=w1 state=filed no=0001 filed_no=0002 entered_by=1"); /* keeps it */
    IS(create(0, "w3", "entered_by=1 state=filed"), "APPLIED");              /* made in that state */
    IS(row("w3"), "week=w3 state=filed no=0003 filed_no=0003 entered_by=1");
    /* teardown: an entry taken verbatim brings its numbers, and the counter is the same */
}

/* ---- records that nobody sets ---- */
static struct id tally_of(const char *week)
{
    return errand_id(TALLY, HERE, rid(1), week);
}

static const char *tally(int seat, const char *more)
{
    const char *words = arena_format(&w.arena, "runner_id=@1 week=w1 entered_by=%d %s", seat + 1, more);
    return take_change(&w, seat, make_change_id(&w, seat, TALLY, OP_CREATE, tally_of("w1"), 0, words));
}

static void two_tallies_clash_and_who_may_add_chooses(void **state)
{
    (void)state;
    IS(tally(2, "amount=5"), "APPLIED");
    IS(tally(0, "amount=5"), "APPLIED without effect");
    IS(tally(2, "amount=6"), "REFUSED RIGHT amount set"); /* its own: to add it again is no way to set it */
    IS(tally(0, "amount=6 note=x"), "CONFLICT");
    struct id conflict = w.last[0].conflicts[0];
    HAS(row_text(&w, TALLY, tally_of("w1")), "amount=5 note=x");
    IS(tally(0, "note=y"), "REFUSED RIGHT note set");
    struct change *set = make_change_id(&w, 2, TALLY, OP_SET, tally_of("w1"), seq_now(&w), "amount=6");
    IS(take_change(&w, 2, set), "REFUSED RIGHT set");
    /* another field is not what the conflict is about */
    struct change *more[2] = {make_change_id(&w, 2, TALLY, OP_SET, tally_of("w1"), seq_now(&w), "amount=6 note=z"),
                              make_change_id(&w, 2, KIND_CONFLICT, OP_ACT, conflict, seq_now(&w), "!resolved")};
    make_group(&w, more, 2);
    IS(take_group(&w, 2, more, 2), "REFUSED GROUP 1 RIGHT note");
    /* neither is a third value, and emptying it is one */
    static const char *const others[] = {"amount=7", "amount=0", "-amount"};
    for (size_t i = 0; i < 3; i++) {
        struct change *third[2] = {make_change_id(&w, 2, TALLY, OP_SET, tally_of("w1"), seq_now(&w), others[i]),
                                   make_change_id(&w, 2, KIND_CONFLICT, OP_ACT, conflict, seq_now(&w), "!resolved")};
        make_group(&w, third, 2);
        IS(take_group(&w, 2, third, 2), "REFUSED GROUP 1 RIGHT amount");
    }
    struct change *both[2] = {make_change_id(&w, 2, TALLY, OP_SET, tally_of("w1"), seq_now(&w), "amount=6"),
                              make_change_id(&w, 2, KIND_CONFLICT, OP_ACT, conflict, seq_now(&w), "!resolved")};
    make_group(&w, both, 2);
    IS(take_group(&w, 2, both, 2), "APPLIED");
    HAS(row_text(&w, TALLY, tally_of("w1")), "amount=6 note=x");
    /* the conflict is over: so is the right */
    struct change *late[2] = {make_change_id(&w, 2, TALLY, OP_SET, tally_of("w1"), seq_now(&w), "amount=7"),
                              make_change_id(&w, 2, KIND_CONFLICT, OP_ACT, conflict, seq_now(&w), "!resolved")};
    make_group(&w, late, 2);
    IS(take_group(&w, 2, late, 2), "REFUSED GROUP 1 RIGHT");
}

/* The value that stands may be given again, as `resolve --theirs` of a newer program might. */
static void what_stands_is_one_of_the_two(void **state)
{
    (void)state;
    IS(tally(2, "amount=5"), "APPLIED");
    IS(tally(0, "amount=6"), "CONFLICT");
    struct id conflict = w.last[0].conflicts[0];
    struct change *both[2] = {make_change_id(&w, 1, TALLY, OP_SET, tally_of("w1"), seq_now(&w), "amount=5"),
                              make_change_id(&w, 1, KIND_CONFLICT, OP_ACT, conflict, seq_now(&w), "!resolved")};
    make_group(&w, both, 2);
    assert_null(strstr(take_group(&w, 1, both, 2), "REFUSED"));
    HAS(row_text(&w, TALLY, tally_of("w1")), "amount=5");
}

static void what_a_conflict_of_a_tally_leaves_may_stay(void **state)
{
    (void)state;
    IS(tally(2, "amount=5"), "APPLIED");
    IS(tally(0, "amount=6"), "CONFLICT");
    struct id conflict = w.last[0].conflicts[0];
    IS(take_change(&w, 3, make_change_id(&w, 3, KIND_CONFLICT, OP_ACT, conflict, seq_now(&w), "!resolved")),
       "REFUSED RIGHT resolved");
    IS(take_change(&w, 1, make_change_id(&w, 1, KIND_CONFLICT, OP_ACT, conflict, seq_now(&w), "!resolved")), "APPLIED");
    HAS(row_text(&w, TALLY, tally_of("w1")), "amount=5");
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {
        T(who_enters_a_record_stands_in_it),
        T(own_records_may_be_handled),
        T(own_rights_do_not_pass_a_fields_writers),
        T(own_rights_in_a_group_with_the_record_itself),
        T(a_conflict_of_ones_own_record),
        T(a_restored_record_keeps_who_entered_it),
        T(handed_in_for_a_seat_of_the_org),
        T(what_a_revoked_seat_entered),
        T(a_mark_goes_on_what_is_closed),
        T(a_number_comes_with_its_step_and_once),
        T(two_tallies_clash_and_who_may_add_chooses),
        T(what_stands_is_one_of_the_two),
        T(what_a_conflict_of_a_tally_leaves_may_stay),
    };
    return cmocka_run_group_tests_name("sync_own", tests, NULL, NULL);
}
