/* Entries made, and entries taken as they are (rules 17, 18, 25). */
#include "sync/accept.h"
#include "tests/unit/help_sync.h"
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#define ORG 7u

static struct world w;
static struct scratch *copy;
static struct org_state *state;

static int setup(void **unused)
{
    (void)unused;
    world_init(&w);
    copy = scratch_create(1 << 24);
    state = org_state_create(ORG, 1);
    return 0;
}

static int teardown(void **unused)
{
    (void)unused;
    scratch_destroy(copy);
    org_state_destroy(state);
    world_finish(&w);
    return 0;
}

static enum err take_entry(const struct entry *e)
{
    struct scratch_keys missing = {.count = 0};
    accept_keys(e, 7, copy, &w.arena, &missing);
    for (size_t i = 0; i < missing.count; i++)
        scratch_add_row(copy, &(struct scratch_row){.kind = missing.list[i].kind, .id = missing.list[i].id});
    return accept_verbatim(e, ORG, copy, state, &w.arena);
}

static const char *copied(int record)
{
    struct scratch_row *r = scratch_row(copy, SHEET, rid(record));
    return r ? r->dead ? "removed" : message_text(&w, r->message) : "unknown";
}

static void an_entry_says_all(void **unused)
{
    (void)unused;
    struct effects effects;
    do_create(&w, 0, 1, "name=Li");
    do_set(&w, 3, 1, S(1), "mobile=1");
    const struct entry *e = &w.log[0];
    assert_true(e->seq == S(1) && e->identity.seat == 1 && e->identity.n == 1 && e->verdict == VERDICT_APPLIED &&
                !e->code);
    assert_true(e->salt.size == SALT_SIZE && e->received_ms == 1000 && e->change.size > 0);
    assert_int_equal(effects_open(e->effects, &w.arena, &effects), ERR_OK);
    assert_int_equal(effects.count, 1);
    /* state and number are in it, so that every copy gets them (rule 18) */
    assert_string_equal(message_text(&w, effects.list[0].patch), "member_no=0001 name=Li state=draft");
    e = &w.log[1]; /* rule 3: a refused change has its entry, too */
    assert_true(e->seq == S(2) && e->verdict == VERDICT_REFUSED && e->effects.size == 0 && e->change.size > 0);
    assert_string_equal(e->code, "RIGHT");
    assert_string_equal(e->field, "mobile");
}

static void every_copy_of_the_log_comes_to_the_same(void **unused)
{
    (void)unused;
    do_create(&w, 0, 1, "name=Li note=a mobile=1");
    do_set(&w, 0, 1, S(1), "note=b");
    do_set(&w, 1, 1, S(1), "note=c -mobile");
    do_create(&w, 0, 2, "name=Wu");
    do_remove(&w, 0, 2, S(4));
    for (size_t i = 0; i < w.count; i++)
        assert_int_equal(take_entry(&w.log[i]), ERR_OK);
    assert_string_equal(copied(1), "member_no=0001 name=Li state=draft note=b");
    assert_string_equal(copied(2), "removed");
    assert_true(org_state_equal(state, w.state));
    assert_true(scratch_identity(copy, ORG, S(3))->seat == 2 && scratch_time(copy, ORG, S(3)) == 1002);
    assert_int_equal(org_state_number(state, "sheet.member_no"), 3);
}

static void what_does_not_follow_is_not_taken(void **unused)
{
    (void)unused;
    do_create(&w, 0, 1, "name=Li");
    do_set(&w, 0, 1, S(1), "note=a");
    assert_int_equal(take_entry(&w.log[1]), ERR_CHAIN); /* one is missing before */
    struct entry bent = w.log[0];
    bent.received_ms++;
    assert_int_equal(take_entry(&bent), ERR_CHAIN);
    assert_true(org_state_seq(state) == 0 && org_state_entries(state) == 0);
    assert_int_equal(take_entry(&w.log[0]), ERR_OK);
    assert_int_equal(take_entry(&w.log[0]), ERR_CHAIN); /* twice */
    assert_int_equal(take_entry(&w.log[1]), ERR_OK);
    assert_string_equal(copied(1), "member_no=0001 name=Li state=draft note=a");
}

static void stripped_entries_fill_what_they_can(void **unused)
{
    (void)unused;
    do_create(&w, 0, 1, "name=Li mobile=1");
    do_set(&w, 0, 1, S(1), "mobile=2");
    do_set(&w, 0, 1, S(1), "note=a");
    for (size_t i = 0; i < w.count; i++) {
        struct entry e = w.log[i];
        entry_strip(&e, ROLES(group_leader), &w.arena);
        assert_int_equal(take_entry(&e), ERR_OK);
    }
    assert_string_equal(copied(1), "member_no=0001 name=Li state=draft note=a");
    assert_true(digest_equal(org_state_digest(state, SHEET, CLASS_OPEN), org_state_digest(w.state, SHEET, CLASS_OPEN)));
    assert_memory_equal(org_state_chain(state), org_state_chain(w.state), CHAIN_SIZE);
}

static void a_later_epoch_continues(void **unused)
{
    (void)unused;
    do_create(&w, 0, 1, "name=Li");
    org_state_begin_epoch(w.state, 2);
    do_create(&w, 0, 2, "name=Wu");
    assert_true(w.log[1].seq == seq_make(2, 1));
    assert_string_equal(sheet_row(&w, 2), "member_no=1002 name=Wu state=draft"); /* rule 26 */
    assert_int_equal(take_entry(&w.log[0]), ERR_OK);
    assert_int_equal(take_entry(&w.log[1]), ERR_OK);
    assert_true(org_state_equal(state, w.state));
}

#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
int main(void)
{
    const struct CMUnitTest tests[] = {
        T(an_entry_says_all),
        T(every_copy_of_the_log_comes_to_the_same),
        T(what_does_not_follow_is_not_taken),
        T(stripped_entries_fill_what_they_can),
        T(a_later_epoch_continues),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
