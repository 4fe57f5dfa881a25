/* What of an entry each reader gets (rules 22, 31). */
#include "sync/chain.h"
#include "tests/unit/help_sync.h"
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

#define FULL ROLES(union_chair)
#define OPEN ROLES(group_leader)
#define SUM ROLES(audit_member)

/* The entry as the reader gets it: "whole", "nothing", or its effects. The chain holds in any case. */
static const char *seen(size_t index, role_set roles)
{
    static const uint8_t none[CHAIN_SIZE] = {0};
    struct entry e = w.log[index];
    struct effects effects;
    entry_strip(&e, roles, &w.arena);
    assert_true(entry_follows(&e, index ? w.log[index - 1].chain : none));
    assert_true(e.seq == w.log[index].seq);
    if (!e.stripped) {
        assert_true(slice_equal(e.change, w.log[index].change) && slice_equal(e.effects, w.log[index].effects));
        return "whole";
    }
    assert_true(e.change.size == 0 && e.salt.size == 0);
    for (int i = 0; i < 3; i++)
        assert_null(e.argument[i]);
    if (e.identity.n == 0) {
        assert_true(e.effects.size == 0 && e.identity.seat == 0 && e.received_ms == 0 && !e.code && !e.field);
        return "nothing";
    }
    assert_int_equal(effects_open(e.effects, &w.arena, &effects), ERR_OK);
    const char *out = "parts";
    for (size_t i = 0; i < effects.count; i++)
        out = arena_format(&w.arena, "%s %u[%s]-%u", out, (unsigned)effects.list[i].kind_number,
                           message_text(&w, effects.list[i].patch), (unsigned)effects.list[i].cleared_count);
    return out;
}

static void sensitive_fields_stay_out(void **state)
{
    (void)state;
    do_create(&w, 0, 1, "name=Li mobile=1");
    do_set(&w, 0, 1, S(1), "note=a");
    do_set(&w, 0, 1, S(2), "-mobile campus=c");
    do_set(&w, 0, 1, S(3), "mobile=2");
    do_set(&w, 0, 1, S(4), "#57=x note=b");
    for (size_t i = 0; i < w.count; i++) {
        assert_string_equal(seen(i, FULL), "whole");
        assert_string_equal(seen(i, SUM), "nothing");
        assert_string_equal(seen(i, 0), "nothing");
    }
    assert_string_equal(seen(0, OPEN), "parts 900[member_no=0001 name=Li state=draft]-0");
    assert_string_equal(seen(1, OPEN), "whole"); /* nothing in it that the reader may not see */
    assert_string_equal(seen(2, OPEN), "parts 900[campus=c]-0");
    assert_string_equal(seen(3, OPEN), "parts 900[]-0");       /* the row's seq moves, and the open digest with it */
    assert_string_equal(seen(4, OPEN), "parts 900[note=b]-0"); /* what is not known may be sensitive */
}

static void refused_changes_are_judged_by_themselves(void **state)
{
    (void)state;
    do_create(&w, 0, 1, "mobile=1");     /* REQUIRED name */
    do_create(&w, 0, 1, "note=Xsecret"); /* the rule quotes the value */
    assert_string_equal(seen(0, FULL), "whole");
    assert_string_equal(seen(0, OPEN), "parts");
    assert_string_equal(seen(0, SUM), "nothing");
    assert_string_equal(seen(1, OPEN), "whole");
    assert_string_equal(seen(1, SUM), "nothing");
}

static void conflicts_go_with_their_record(void **state)
{
    (void)state;
    do_create(&w, 0, 1, "name=Li mobile=1 note=a");
    do_set(&w, 0, 1, S(1), "mobile=2 note=b");
    do_set(&w, 1, 1, S(1), "mobile=3 note=c campus=d");
    assert_string_equal(seen(2, FULL), "whole");
    assert_string_equal(seen(2, SUM), "nothing");
    const char *open = seen(2, OPEN);
    assert_non_null(strstr(open, "parts 900[campus=d]-0 100["));
    assert_null(strstr(open, "sensitive"));
    assert_non_null(strstr(open, "field=note mine="));
    struct change *act = make_change_id(&w, 0, KIND_CONFLICT, OP_ACT, conflict_at(&w, 1, 0)->id, S(3), "!resolved");
    assert_string_equal(take_change(&w, 0, act), "APPLIED");
    assert_string_equal(seen(3, FULL), "whole");
    assert_string_equal(seen(3, OPEN), "whole");
    assert_string_equal(seen(3, SUM), "nothing"); /* who does not hear of the conflict does not hear of its end */
}

static void stripped_twice_is_stripped_once(void **state)
{
    (void)state;
    do_create(&w, 0, 1, "name=Li mobile=1");
    struct entry once = w.log[0], twice;
    entry_strip(&once, OPEN, &w.arena);
    twice = once;
    entry_strip(&twice, OPEN, &w.arena);
    assert_true(twice.stripped && slice_equal(once.effects, twice.effects) && twice.identity.n == once.identity.n);
    entry_strip(&twice, FULL, &w.arena); /* what is gone does not come back */
    assert_true(twice.stripped && slice_equal(once.effects, twice.effects));
    entry_strip(&twice, SUM, &w.arena);
    assert_true(twice.stripped && twice.effects.size == 0 && twice.identity.n == 0);
}

static void what_one_may_not_see_goes_and_the_rest_stays(void **state)
{
    (void)state;
    struct effects effects, slip, out;
    do_create(&w, 0, 1, "name=Li");
    take_change(&w, 0, make_change(&w, 0, SLIP, OP_CREATE, 2, 0, "name=a"));
    struct entry e = w.log[0];
    assert_int_equal(effects_open(e.effects, &w.arena, &effects), ERR_OK);
    assert_int_equal(effects_open(w.log[1].effects, &w.arena, &slip), ERR_OK);
    effects.list[effects.count++] = slip.list[0];
    e.effects = effects_pack(&effects, &w.arena);
    entry_strip(&e, FULL, &w.arena);
    assert_false(e.stripped);
    entry_strip(&e, OPEN, &w.arena); /* reads sheets, no slips */
    assert_true(e.stripped && e.change.size == 0);
    assert_int_equal(effects_open(e.effects, &w.arena, &out), ERR_OK);
    assert_true(out.count == 1 && out.list[0].kind_number == SHEET);
}

static void a_kind_that_is_not_known_is_hidden(void **state)
{
    (void)state;
    do_create(&w, 0, 1, "name=Li");
    kind_register_extra(NULL);
    assert_string_equal(seen(0, FULL), "nothing");
}

#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
int main(void)
{
    const struct CMUnitTest tests[] = {
        T(sensitive_fields_stay_out),
        T(refused_changes_are_judged_by_themselves),
        T(conflicts_go_with_their_record),
        T(stripped_twice_is_stripped_once),
        T(what_one_may_not_see_goes_and_the_rest_stays),
        T(a_kind_that_is_not_known_is_hidden),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
