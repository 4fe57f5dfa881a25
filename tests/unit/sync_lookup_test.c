/* Records found by a field's value: sets in a scratch, and rules that look at several records. */
#include "sync/carry.h"
#include "sync/fields.h"
#include "sync/lookup.h"
#include "tests/unit/help_errand.h"
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>
#include <string.h>

#define IS assert_string_equal
#define HERE 7u /* the world's org */

static struct world w;
static struct scratch *s;

static int setup(void **state)
{
    (void)state;
    world_init(&w);
    errand_register();
    s = scratch_create((size_t)1 << 30);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    assert_log_makes_rows(&w);
    scratch_destroy(s);
    world_finish(&w);
    return 0;
}

/* ---- sets ---- */
static struct scratch_key by_week(const char *week)
{
    return lookup_key(kind_by_number(ORDER), HERE, "week", cell_text(week));
}

/* "1 4 5": numbers of the rows in the set, ascending. */
static const char *members(const struct scratch_key *key)
{
    const struct scratch_set *set = scratch_children(s, key);
    struct scratch_row *row;
    struct buf b = BUF_INIT;
    for (unsigned i = 0; i < 100; i++)
        for (size_t at = 0; (row = scratch_child(set, &at));)
            if (id_equal(row->id, rid((int)i)))
                buf_format(&b, "%s%u", b.size ? " " : "", i);
    const char *out = arena_text(&w.arena, buf_slice(&b));
    buf_finish(&b);
    return out ? out : "";
}

static void add(int record, uint32_t org, const char *words)
{
    struct change *c = make_change(&w, 0, ORDER, OP_CREATE, record, 0, words);
    ProtobufCMessage *m = record_copy(c->patch, scratch_arena(s));
    scratch_add_row(s, &(struct scratch_row){.kind = ORDER, .id = rid(record), .org = org, .seq = 1, .message = m});
}

static void carry(int record, const char *words, enum life life)
{
    struct change *c = make_change(&w, 0, ORDER, OP_SET, record, 0, words);
    struct effects e = {.count = 1};
    struct identity who = {.seat = 1, .n = c->n};
    e.list[0] = (struct effect){.kind_number = ORDER,
                                .kind = c->kind,
                                .id = c->id,
                                .patch = c->patch,
                                .patch_bytes = c->patch_bytes,
                                .cleared = c->cleared,
                                .cleared_count = c->cleared_count,
                                .life = life};
    carry_effects(&e, HERE, 2, &who, 1000, s, NULL);
}

static void a_set_is_known_once_it_was_loaded(void **state)
{
    (void)state;
    struct scratch_key one = by_week("w1"), two = by_week("w2");
    assert_null(scratch_children(s, &one));
    add(1, HERE, "week=w1");
    assert_false(scratch_has(s, &one)); /* there may be others */
    add(2, HERE, "week=w1");
    add(3, 8, "week=w1"); /* another org's */
    add(4, HERE, "week=w2");
    add(5, HERE, "note=x");
    scratch_add_children_loaded(s, &one);
    assert_true(scratch_has(s, &one) && !scratch_has(s, &two));
    IS(members(&one), "1 2");
    struct scratch_key other = one;
    other.org = 8;
    IS(members(&other), "3");
    scratch_add_children_loaded(s, &two);
    IS(members(&two), "4");
    struct scratch_key empty = by_week("w9");
    scratch_add_children_loaded(s, &empty);
    IS(members(&empty), "");
}

static void a_set_follows_its_rows(void **state)
{
    (void)state;
    struct scratch_key one = by_week("w1"), two = by_week("w2");
    add(1, HERE, "week=w1");
    add(2, HERE, "week=w1");
    scratch_add_row(s, &(struct scratch_row){.kind = ORDER, .id = rid(3)}); /* not known yet */
    scratch_add_children_loaded(s, &one);
    scratch_add_children_loaded(s, &two);
    carry(3, "week=w1", LIFE_KEEP);
    IS(members(&one), "1 2 3");
    carry(1, "week=w2", LIFE_KEEP);
    carry(2, "note=x", LIFE_KEEP);
    IS(members(&one), "2 3");
    IS(members(&two), "1");
    carry(1, "week=w1", LIFE_KEEP); /* and back: once */
    IS(members(&one), "1 2 3");
    IS(members(&two), "");
    carry(2, "", LIFE_TOMBSTONE);
    carry(3, "-week", LIFE_KEEP);
    IS(members(&one), "1");
    carry(2, "week=w2", LIFE_REVIVE);
    IS(members(&two), "2");
}

static void a_set_goes_back_to_the_mark(void **state)
{
    (void)state;
    struct scratch_key one = by_week("w1"), two = by_week("w2");
    add(1, HERE, "week=w1");
    scratch_add_row(s, &(struct scratch_row){.kind = ORDER, .id = rid(2)});
    scratch_add_children_loaded(s, &one);
    scratch_add_children_loaded(s, &two);
    scratch_mark(s);
    carry(1, "week=w2", LIFE_KEEP);
    carry(2, "week=w1", LIFE_KEEP);
    IS(members(&one), "2");
    IS(members(&two), "1");
    scratch_back(s);
    IS(members(&one), "1");
    IS(members(&two), "");
    carry(2, "week=w2", LIFE_KEEP);
    IS(members(&one), "1");
    IS(members(&two), "2");
}

/* Ten thousand rows in a thousand sets, each moved three times: every row is listed once a value, whatever the set's
 * size. */
static void many_rows_in_many_sets(void **state)
{
    (void)state;
    enum { ROWS = 10000, WEEKS = 1000 };
    char words[32];
    size_t listed = 0, moved = 0;
    struct scratch_row *row;
    for (int i = 0; i < ROWS; i++) {
        snprintf(words, sizeof words, "week=w%d", i % WEEKS);
        add(i, HERE, words);
    }
    for (int round = 1; round <= 3; round++)
        for (int i = 0; i < ROWS; i += 10) {
            snprintf(words, sizeof words, "week=w%d", (i + round) % WEEKS);
            carry(i, words, LIFE_KEEP);
        }
    for (int i = 0; i < WEEKS; i++) {
        snprintf(words, sizeof words, "w%d", i);
        struct scratch_key key = by_week(words);
        size_t count = 0;
        for (size_t at = 0; (row = scratch_child(scratch_children(s, &key), &at));)
            count++;
        listed += count;
        moved += i % 10 == 3 ? count - 10 : 0;
    }
    assert_int_equal(listed, ROWS);
    assert_int_equal(moved, 1000); /* 100 weeks that got 10 each */
}

/* ---- rules ---- */
static const char *deliver(int record, const char *words)
{
    return take_change(&w, 0, make_change(&w, 0, DELIVERY, OP_CREATE, record, 0, words));
}

static struct id order_of(int runner)
{
    return errand_id(ORDER, HERE, rid(runner), "w1");
}

static void order_things(void)
{
    IS(take_change(&w, 0, make_change(&w, 0, RUNNER, OP_CREATE, 1, 0, "name=Li")), "APPLIED");
    IS(take_change(&w, 0, make_change(&w, 0, RUNNER, OP_CREATE, 2, 0, "name=Wu")), "APPLIED");
    IS(take_change(
           &w, 0,
           make_change_id(&w, 0, ORDER, OP_CREATE, order_of(1), 0, "runner_id=@1 week=w1 amount=10 entered_by=1")),
       "APPLIED");
    IS(take_change(
           &w, 0,
           make_change_id(&w, 0, ORDER, OP_CREATE, order_of(2), 0, "runner_id=@2 week=w1 amount=5 entered_by=1")),
       "APPLIED");
}

static void a_rule_sees_the_other_records(void **state)
{
    (void)state;
    order_things();
    IS(deliver(21, "runner_id=@1 week=w1 amount=6"), "APPLIED");
    IS(deliver(22, "runner_id=@1 week=w1 amount=5"), "REFUSED delivery.more amount");
    IS(deliver(22, "runner_id=@1 week=w1 amount=4"), "APPLIED");
    IS(deliver(23, "runner_id=@2 week=w1 amount=5"), "APPLIED");
    IS(deliver(24, "runner_id=@1 week=w2 amount=99"), "APPLIED"); /* nobody ordered it: that only warns */
    /* itself is seen as it was: 6 become 5, and then 7 are too many */
    IS(take_change(&w, 0, make_change(&w, 0, DELIVERY, OP_SET, 21, seq_now(&w), "amount=5")), "APPLIED");
    IS(take_change(&w, 0, make_change(&w, 0, DELIVERY, OP_SET, 21, seq_now(&w), "amount=7")),
       "REFUSED delivery.more amount");
    /* what was removed counts no more */
    IS(take_change(&w, 0, make_change(&w, 0, DELIVERY, OP_REMOVE, 22, seq_now(&w), "")), "APPLIED");
    IS(take_change(&w, 0, make_change(&w, 0, DELIVERY, OP_SET, 21, seq_now(&w), "amount=7")), "APPLIED");
}

static void members_of_a_group_see_those_before(void **state)
{
    (void)state;
    order_things();
    struct change *both[2] = {make_change(&w, 0, DELIVERY, OP_CREATE, 21, 0, "runner_id=@1 week=w1 amount=6"),
                              make_change(&w, 0, DELIVERY, OP_CREATE, 22, 0, "runner_id=@1 week=w1 amount=5")};
    make_group(&w, both, 2);
    IS(take_group(&w, 0, both, 2), "REFUSED GROUP 2 delivery.more amount");
    IS(row_text(&w, DELIVERY, rid(21)), "unknown");
    struct change *more[2] = {make_change_id(&w, 0, ORDER, OP_SET, order_of(1), seq_now(&w), "amount=11"),
                              make_change(&w, 0, DELIVERY, OP_CREATE, 23, 0, "runner_id=@1 week=w1 amount=11")};
    make_group(&w, more, 2);
    IS(take_group(&w, 0, more, 2), "APPLIED");
    IS(deliver(24, "runner_id=@1 week=w1 amount=1"), "REFUSED delivery.more amount");
}

static void custom_of(int record, uint32_t org, const char *words)
{
    struct change *c = make_change(&w, 0, CUSTOM, OP_CREATE, record, 0, words);
    struct arena *a = scratch_arena(w.db);
    ProtobufCMessage *m = fields_unpack(c->kind->descriptor, c->patch_bytes, a);
    scratch_add_row(w.db, &(struct scratch_row){.kind = CUSTOM, .id = rid(record), .org = org, .seq = 1, .message = m});
}

static void customs_of_the_orgs_above_the_nearest_first(void **state)
{
    (void)state;
    order_things();
    w.above[0] = 3; /* the district */
    w.above[1] = 1; /* the city */
    w.above_count = 2;
    custom_of(31, 1, "code=most value=4");
    custom_of(32, 5, "code=most value=1"); /* of another district */
    custom_of(33, 1, "code=least value=1");
    IS(deliver(21, "runner_id=@1 week=w1 amount=5"), "REFUSED delivery.most amount");
    IS(deliver(21, "runner_id=@1 week=w1 amount=4"), "APPLIED");
    custom_of(34, 3, "code=most value=5");
    IS(deliver(22, "runner_id=@1 week=w1 amount=5"), "APPLIED");
    w.above_count = 0;
    IS(deliver(23, "runner_id=@2 week=w9 amount=9"), "APPLIED");
}

/* ---- what a client has not ---- */
static enum lookup_need nothing_is_loaded(void *to, const struct scratch_key *key)
{
    (void)key;
    ++*(size_t *)to;
    return LOOKUP_LATER;
}

static const char *findings_of(struct lookup *l, const char *words)
{
    struct change *c = make_change(&w, 0, DELIVERY, OP_CREATE, 21, 0, words);
    struct check_context check = {.kind = c->kind, .id = c->id, .after = c->patch, .arena = &w.arena};
    struct findings found;
    struct buf b = BUF_INIT;
    l->scratch = w.db;
    l->org = HERE;
    l->leaf = true;
    lookup_check(l, &check, &found);
    for (size_t i = 0; i < found.count; i++)
        buf_format(&b, "%s%s", i ? " " : "", found.list[i].code);
    const char *out = b.size ? arena_text(&w.arena, buf_slice(&b)) : "none";
    buf_finish(&b);
    return out;
}

static void rules_are_silent_where_not_all_is_here(void **state)
{
    (void)state;
    static const uint32_t own[] = {HERE, 3}, other[] = {3}, *const above = own + 1;
    size_t asked = 0;
    const char *more = "runner_id=@1 week=w1 amount=11";
    struct lookup l = {
        .above = above, .above_count = 1, .need = nothing_is_loaded, .to = &asked, .roles = ROLES(union_chair)};
    order_things();
    const struct scratch_key keys[] = {
        lookup_key(kind_by_number(ORDER), HERE, "runner_id", cell_bytes(slice_of(rid(1).bytes, ID_SIZE))),
        lookup_key(kind_by_number(DELIVERY), HERE, "runner_id", cell_bytes(slice_of(rid(1).bytes, ID_SIZE))),
        lookup_key(kind_by_number(CUSTOM), 3, "code", cell_text("most"))};
    for (size_t i = 0; i < 3; i++)
        scratch_add_children_loaded(w.db, &keys[i]);
    IS(findings_of(&l, more), "delivery.more"); /* the server */
    l.held = own;
    l.held_count = 2;
    IS(findings_of(&l, more), "delivery.more");
    l.held = other;
    l.held_count = 1;
    IS(findings_of(&l, more), "none"); /* the branch's rows are not here */
    assert_true(l.blind);
    l.held = own;
    l.held_count = 2;
    l.roles = ROLES(group_leader); /* may not read orders */
    IS(findings_of(&l, more), "none");
    assert_int_equal(asked, 0);
    l.roles = ROLES(union_chair);
    IS(findings_of(&l, "runner_id=@2 week=w1 amount=11"), "delivery.not_ordered"); /* asked for, not loaded: none yet */
    assert_true(asked == 2 && !l.blind);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {
        T(a_set_is_known_once_it_was_loaded),
        T(a_set_follows_its_rows),
        T(a_set_goes_back_to_the_mark),
        T(many_rows_in_many_sets),
        T(a_rule_sees_the_other_records),
        T(members_of_a_group_see_those_before),
        T(customs_of_the_orgs_above_the_nearest_first),
        T(rules_are_silent_where_not_all_is_here),
    };
    return cmocka_run_group_tests_name("sync_lookup", tests, NULL, NULL);
}
