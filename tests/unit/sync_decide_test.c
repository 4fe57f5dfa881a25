/* Rules 7 to 14 of sync.md, one named test each, with verdicts, rows and conflicts worked out by hand. */
#include "tests/unit/help_sync.h"
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#define IS assert_string_equal

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
    assert_log_makes_rows(&w);
    world_finish(&w);
    return 0;
}

static void rule_07_seat_state_comes_first(void **state)
{
    (void)state;
    w.seats[0].state = SEAT_REVOKED;
    w.org.in_subtree = false;
    IS(do_create(&w, 0, 1, "name=Li"), "REFUSED SEAT_REVOKED");
    w.seats[0].state = SEAT_SUSPENDED;
    IS(do_create(&w, 0, 1, "name=Li"), "REFUSED SEAT_SUSPENDED");
    IS(sheet_row(&w, 1), "unknown");
}

static void rule_07_org_of_seat_and_kind(void **state)
{
    (void)state;
    w.org.in_subtree = false;
    IS(do_create(&w, 0, 1, "name=Li"), "REFUSED ORG");
    w.org.in_subtree = true;
    w.org.leaf = false; /* the sheet belongs to branches */
    IS(do_create(&w, 0, 1, "name=Li"), "REFUSED ORG");
}

static void rule_07_a_row_has_one_org(void **state)
{
    (void)state;
    IS(do_create(&w, 0, 1, "name=Li"), "APPLIED");
    scratch_row(w.db, SHEET, rid(1))->org = 8;
    IS(do_set(&w, 0, 1, S(1), "note=a"), "REFUSED ORG");
    scratch_row(w.db, SHEET, rid(1))->org = 7;
}

static void rule_07_rights_of_roles(void **state)
{
    (void)state;
    IS(do_create(&w, 0, 1, "name=Li"), "APPLIED");
    w.seats[3].roles = ROLES(audit_member); /* sees sums */
    IS(do_set(&w, 3, 1, S(1), "note=a"), "REFUSED RIGHT");
    w.seats[3].roles = ROLES(accountant); /* adds, does not set */
    IS(do_set(&w, 3, 1, S(1), "note=a"), "REFUSED RIGHT set");
    IS(do_set(&w, 3, 1, S(1), "#57=a"), "REFUSED RIGHT set");
    IS(do_set(&w, 3, 1, S(1), "-#57"), "REFUSED RIGHT set");
    IS(do_create(&w, 3, 2, "name=Wu"), "APPLIED");
    IS(do_remove(&w, 2, 1, S(1)), "REFUSED RIGHT remove");
    IS(do_act(&w, 2, 1, S(1), "!approved"), "REFUSED RIGHT approved");
    IS(do_act(&w, 0, 1, S(1), "!flown"), "REFUSED UNKNOWN_ACTION flown");
    IS(sheet_row(&w, 1), "member_no=0001 name=Li state=draft");
}

static void rule_07_rights_of_fields(void **state)
{
    (void)state;
    IS(do_create(&w, 3, 1, "name=Li mobile=1"), "REFUSED RIGHT mobile add"); /* who writes a field may read it */
    IS(do_create(&w, 3, 1, "name=Li"), "APPLIED");
    IS(do_set(&w, 3, 1, S(2), "-mobile"), "REFUSED RIGHT mobile set");
    IS(do_set(&w, 2, 1, S(2), "employment_type=x"), "REFUSED RIGHT employment_type set"); /* the chair's alone */
    IS(do_set(&w, 0, 1, S(2), "employment_type=x mobile=1"), "APPLIED");
    IS(sheet_row(&w, 1), "member_no=0001 name=Li mobile=1 employment_type=x state=draft");
}

/* A field that no build here knows may be anything: one's own writers' field beside it, or a step, gives no right to it. */
static void rule_07_rights_of_unknown_fields(void **state)
{
    (void)state;
    IS(do_create(&w, 0, 1, "name=Li #57=a"), "APPLIED");
    w.seats[3].roles = ROLES(delegate); /* acts and sets its own field, nothing else: see sheet_rights */
    IS(do_set(&w, 3, 1, S(1), "sex=1"), "APPLIED");
    IS(do_set(&w, 3, 1, S(1), "sex=2 #57=b"), "REFUSED RIGHT set");
    IS(do_set(&w, 3, 1, S(1), "sex=2 -#57"), "REFUSED RIGHT set");
    IS(do_act(&w, 3, 1, S(1), "!submitted joined_on=2026-01-01 #57=b"), "REFUSED RIGHT set");
    IS(do_act(&w, 3, 1, S(1), "!submitted joined_on=2026-01-01 -#57"), "REFUSED RIGHT set");
    IS(do_act(&w, 3, 1, S(1), "!submitted joined_on=2026-01-01"), "APPLIED");
    IS(sheet_row(&w, 1), "member_no=0001 name=Li sex=1 joined_on=2026-01-01 state=submitted #57=a");
}

static void rule_07_form(void **state)
{
    (void)state;
    IS(do_create(&w, 0, 1, "name=Li member_no=7"), "REFUSED SERVER_FIELD member_no");
    IS(do_create(&w, 0, 1, "name=Li joined_on=d"), "REFUSED SIDE_FIELD joined_on");
    IS(do_create(&w, 0, 1, "name=Li state=submitted"), "REFUSED STATE_FIELD state");
    IS(do_create(&w, 0, 1, "name=Li state=nowhere"), "REFUSED STATE_FIELD state");
    IS(do_create(&w, 0, 1, "name=Li -note"), "REFUSED FORM");
    IS(do_create(&w, 0, 1, "name=Li state=draft"), "APPLIED");
    IS(do_create(&w, 0, 2, "name=Wu state=approved state_effective_on=d"), "APPLIED"); /* import of what already is */
    IS(do_set(&w, 0, 1, S(7), "state=approved"), "REFUSED STATE_FIELD state");
    IS(do_set(&w, 0, 1, S(7), "-state"), "REFUSED STATE_FIELD state");
    IS(do_set(&w, 0, 1, S(7), "retained_reason=r"), "REFUSED SIDE_FIELD retained_reason");
    IS(take_change(&w, 0, make_change(&w, 0, SHEET, OP_REMOVE, 1, S(7), "note=a")), "REFUSED FORM");
    IS(take_change(&w, 0, make_change(&w, 0, SHEET, OP_ERASE, 1, S(7), "")), "REFUSED RIGHT");
    IS(sheet_row(&w, 2), "member_no=0002 name=Wu state=approved state_effective_on=d");
}

static void rule_07_immutable_fields(void **state)
{
    (void)state;
    IS(do_create(&w, 0, 1, "name=Li"), "APPLIED");
    IS(do_set(&w, 0, 1, S(1), "title=a"), "APPLIED"); /* once */
    IS(do_set(&w, 0, 1, S(2), "title=b note=n"), "REFUSED IMMUTABLE_FIELD title");
    IS(do_set(&w, 0, 1, S(2), "-title"), "REFUSED IMMUTABLE_FIELD title");
    IS(do_set(&w, 1, 1, S(1), "title=b"), "REFUSED IMMUTABLE_FIELD title"); /* no conflict that nobody could resolve */
    IS(do_set(&w, 0, 1, S(2), "title=a note=n"), "APPLIED");
    IS(sheet_row(&w, 1), "member_no=0001 name=Li title=a state=draft note=n");
}

static void rule_07_unknown_kind(void **state)
{
    (void)state;
    struct change *c = make_change(&w, 0, SHEET, OP_CREATE, 1, 0, "name=Li");
    c->kind = NULL;
    c->kind_number = 777;
    c->patch = NULL;
    IS(take_change(&w, 0, c), "REFUSED UNKNOWN_KIND");
}

static void rule_07_the_kinds_rules_on_the_result(void **state)
{
    (void)state;
    IS(do_create(&w, 0, 1, "note=a"), "REFUSED REQUIRED name");
    IS(do_create(&w, 0, 1, "name=Li note=Xa"), "REFUSED sheet.note note Xa");
    IS(do_create(&w, 0, 1, "name=Li note=Wa"), "APPLIED"); /* warnings do not hinder */
    IS(do_set(&w, 0, 1, S(3), "-name"), "REFUSED REQUIRED name");
    IS(do_set(&w, 0, 1, S(3), "group_id=@9"), "REFUSED REFERENCE group_id sheet");
    IS(do_create(&w, 0, 9, "name=Wu"), "APPLIED");
    IS(do_set(&w, 0, 1, S(3), "group_id=@9"), "APPLIED");
    IS(do_remove(&w, 0, 9, S(6)), "APPLIED");
    IS(do_create(&w, 0, 3, "name=He group_id=@9"),
       "REFUSED REFERENCE group_id sheet"); /* a tombstone is nothing to point to */
}

static void rule_07_fields_of_a_newer_client_are_kept(void **state)
{
    (void)state;
    IS(do_create(&w, 0, 1, "name=Li #57=a"), "APPLIED");
    IS(do_set(&w, 1, 1, S(1), "note=n"), "APPLIED");
    IS(sheet_row(&w, 1), "member_no=0001 name=Li state=draft note=n #57=a");
    IS(do_set(&w, 0, 1, S(1), "#57=b #58=c"), "MERGED");
    IS(do_set(&w, 1, 1, S(2), "#57=d"), "CONFLICT");
    IS(sheet_row(&w, 1), "member_no=0001 name=Li state=draft note=n #57=b #58=c");
    IS(sheet_conflicts(&w, 1), "open #57: mine {#57=d} by 2, theirs {#57=b} by 1");
    IS(do_set(&w, 0, 1, S(4), "-#57"), "APPLIED");
    IS(sheet_row(&w, 1), "member_no=0001 name=Li state=draft note=n #58=c");
}

static void rule_08_what_was_seen_does_not_clash(void **state)
{
    (void)state;
    IS(do_create(&w, 0, 1, "name=Li note=a"), "APPLIED");
    IS(do_set(&w, 1, 1, S(1), "note=b"), "APPLIED");
    IS(do_set(&w, 0, 1, S(2), "note=c"), "APPLIED");
    IS(sheet_row(&w, 1), "member_no=0001 name=Li state=draft note=c");
    IS(sheet_conflicts(&w, 1), "none");
}

static void rule_08_equal_values_do_not_clash(void **state)
{
    (void)state;
    IS(do_create(&w, 0, 1, "name=Li note=a"), "APPLIED");
    IS(do_set(&w, 0, 1, S(1), "note=b"), "APPLIED");
    IS(do_set(&w, 1, 1, S(1), "note=b"), "APPLIED without effect");
    assert_true(stamps_get(&scratch_row(w.db, SHEET, rid(1))->stamps, 21) ==
                S(2)); /* the first writer stays its author */
}

static void rule_08_own_changes_do_not_clash(void **state)
{
    (void)state;
    IS(do_create(&w, 0, 1, "name=Li"), "APPLIED");
    IS(do_set(&w, 0, 1, 0, "note=a"), "APPLIED"); /* the base is that of the pending create */
    IS(do_set(&w, 0, 1, 0, "note=b"), "APPLIED");
    memset(w.seats[0].incarnation.bytes, 'Z',
           INCARNATION_SIZE); /* another device of the same person: unseen is unseen */
    IS(do_set(&w, 0, 1, S(1), "note=c"), "CONFLICT");
}

static void rule_08_ancestors_before_the_fork_are_own(void **state)
{
    (void)state;
    struct incarnation old = w.seats[0].incarnation, new;
    memset(new.bytes, 'F', INCARNATION_SIZE);
    IS(do_create(&w, 0, 1, "name=Li"), "APPLIED");  /* n 1 */
    IS(do_set(&w, 0, 1, 0, "note=a"), "APPLIED");   /* n 2 */
    IS(do_set(&w, 0, 1, 0, "campus=a"), "APPLIED"); /* n 3, of the other copy */
    w.seats[0].incarnation = new;
    w.seats[0].ancestors[0] = (struct ancestor){.incarnation = new, .fork_n = 3, .parent = old, .has_parent = true};
    w.seats[0].ancestor_count = 1;
    w.seats[0].n = 2;
    IS(do_set(&w, 0, 1, 0, "note=b"), "APPLIED");    /* n 3 here: note was written by n 2, its own */
    IS(do_set(&w, 0, 1, 0, "campus=b"), "CONFLICT"); /* campus by n 3 of the other line */
    IS(sheet_row(&w, 1), "member_no=0001 name=Li campus=a state=draft note=b");
}

static void rule_08_another_seat_with_the_same_incarnation_is_another(void **state)
{
    (void)state;
    IS(do_create(&w, 0, 1, "name=Li note=a"), "APPLIED");
    IS(do_set(&w, 0, 1, S(1), "note=b"), "APPLIED");
    w.seats[1].incarnation = w.seats[0].incarnation; /* a database that was carried to somebody else's device */
    w.seats[1].n = 2;
    IS(do_set(&w, 1, 1, S(1), "note=c"), "CONFLICT");
}

static void rule_08_a_later_own_value_is_left_alone(void **state)
{
    (void)state;
    IS(do_create(&w, 0, 1, "name=Li"), "APPLIED");
    w.seats[0].n = 4;
    IS(do_set(&w, 0, 1, S(1), "note=late"), "APPLIED"); /* n 5 */
    w.seats[0].n = 2;
    IS(do_set(&w, 0, 1, S(1), "note=early campus=c"), "APPLIED"); /* n 3, from a hole (rule 27) */
    IS(sheet_row(&w, 1), "member_no=0001 name=Li campus=c state=draft note=late");
    IS(sheet_conflicts(&w, 1), "none");
}

static void rule_08_fields_together_clash_together(void **state)
{
    (void)state;
    IS(do_create(&w, 0, 1, "name=Li post=p work_start_on=1"), "APPLIED");
    IS(do_set(&w, 0, 1, S(1), "post=q"), "APPLIED");
    /* the other half of what belongs together, and a field of its own */
    IS(do_set(&w, 1, 1, S(1), "work_start_on=2 note=n"), "CONFLICT");
    IS(sheet_row(&w, 1), "member_no=0001 name=Li post=q work_start_on=1 state=draft note=n");
    IS(sheet_conflicts(&w, 1), "open post: mine work_start_on=2 by 2, theirs post=q work_start_on=1 by 1");
    assert_int_equal(w.last[0].conflict_count, 1);
    /* together they make one record, and a later half joins the first */
    IS(do_set(&w, 1, 1, S(1), "post=r"), "CONFLICT");
    IS(sheet_conflicts(&w, 1), "open post: mine post=r work_start_on=2 by 2, theirs post=q work_start_on=1 by 1");
}

static void rule_08_equal_halves_are_told_with_the_other(void **state)
{
    (void)state;
    IS(do_create(&w, 0, 1, "name=Li post=p work_start_on=1"), "APPLIED");
    IS(do_set(&w, 0, 1, S(1), "post=q"), "APPLIED");
    IS(do_set(&w, 1, 1, S(1), "post=s work_start_on=1"), "CONFLICT");
    IS(sheet_conflicts(&w, 1), "open post: mine post=s work_start_on=1 by 2, theirs post=q work_start_on=1 by 1");
    IS(do_set(&w, 2, 1, S(1), "post=q work_start_on=1"), "APPLIED without effect");
}

static void rule_08_a_base_on_an_abandoned_path(void **state)
{
    (void)state;
    static const struct lineage_epoch epochs[] = {{1, 0, 0}, {2, 1, 1}};
    IS(do_create(&w, 0, 1, "name=Li note=a campus=a"), "APPLIED"); /* 1:1 */
    w.lineage = (struct lineage){epochs, 2};
    org_state_begin_epoch(w.state, 2);
    IS(do_set(&w, 0, 1, S(1), "note=b"), "APPLIED"); /* 2:1 */
    /* The other had seen 1:2 .. 1:9, which a restore gave up: that counts as 1:1 */
    IS(do_set(&w, 1, 1, S(9), "note=c"), "CONFLICT");
    IS(do_set(&w, 1, 1, S(9), "campus=c"), "MERGED");
    IS(sheet_row(&w, 1), "member_no=0001 name=Li campus=c state=draft note=b");
}

/* Entry 1:2 was handed over late and is 2:1 now: who had seen it there writes over it; who had not, clashes. */
static void rule_08_seen_on_an_abandoned_path(void **state)
{
    (void)state;
    static const struct lineage_epoch epochs[] = {{1, 0, 0}, {2, 1, 1}};
    uint64_t old = S(2);
    IS(do_create(&w, 0, 1, "name=Li note=a"), "APPLIED"); /* 1:1 */
    w.lineage = (struct lineage){epochs, 2};
    org_state_begin_epoch(w.state, 2);
    IS(do_set(&w, 0, 1, S(1), "note=b"), "APPLIED"); /* 2:1 */
    scratch_add_late(w.db, w.org.number, seq_make(2, 1), &old, 1);
    IS(do_set(&w, 1, 1, S(1), "note=c"), "CONFLICT"); /* its base is on the line: it had seen no more */
    IS(do_set(&w, 1, 1, S(2), "note=d"), "APPLIED");
    IS(do_set(&w, 2, 1, S(9), "note=e"), "CONFLICT"); /* what stands now is 2:4, which nobody saw there */
}

static void rule_27_rights_and_form_are_not_asked_again(void **state)
{
    (void)state;
    IS(do_create(&w, 0, 1, "name=Li"), "APPLIED");
    w.seats[3].roles = ROLES(audit_member);
    w.seats[3].state = SEAT_REVOKED;
    IS(do_set(&w, 3, 1, S(1), "note=a"), "REFUSED SEAT_REVOKED");
    w.late = true;
    w.org.in_subtree = false;
    IS(do_set(&w, 3, 1, S(1), "note=a"), "APPLIED");
    IS(do_set(&w, 3, 9, 0, "note=a"), "REFUSED UNKNOWN_RECORD"); /* rules 8 to 16 hold */
    IS(do_set(&w, 1, 1, S(1), "note=b"), "CONFLICT");
}

static void rule_27_a_late_step_is_judged_by_who_moved_the_state(void **state)
{
    (void)state;
    IS(do_create(&w, 0, 1, "name=Li"), "APPLIED");
    w.late = true;
    IS(do_act(&w, 0, 1, S(1), "!approved"), "APPLIED"); /* draft is not where it begins */
    IS(do_act(&w, 1, 1, S(1), "!draft"), "REFUSED STATE_MOVED state approved 1 1001");
    IS(do_act(&w, 1, 1, S(1), "!approved"), "APPLIED without effect");
    IS(do_act(&w, 1, 1, S(2), "!draft"), "APPLIED"); /* seen */
}

static void rule_09_merged_where_another_seat_changed_other_fields(void **state)
{
    (void)state;
    IS(do_create(&w, 0, 1, "name=Li note=a campus=a"), "APPLIED");
    IS(do_set(&w, 0, 1, S(1), "note=b"), "APPLIED");
    IS(do_set(&w, 1, 1, S(1), "campus=b"), "MERGED");
    IS(do_set(&w, 1, 1, S(3), "campus=c"), "APPLIED"); /* all seen */
    IS(do_act(&w, 0, 1, S(3), "!submitted joined_on=d"), "APPLIED");
    IS(do_set(&w, 1, 1, S(4), "sex=1"), "MERGED"); /* the state moved */
    IS(sheet_row(&w, 1), "member_no=0001 name=Li sex=1 campus=c joined_on=d state=submitted note=b");
}

static void rule_09_both_values_are_kept(void **state)
{
    (void)state;
    IS(do_create(&w, 0, 1, "name=Li note=a campus=a"), "APPLIED");
    IS(do_set(&w, 0, 1, S(1), "note=b campus=b sex=1"), "APPLIED");
    IS(do_set(&w, 1, 1, S(1), "note=c -campus education=e"), "CONFLICT"); /* what does not clash applies */
    IS(sheet_row(&w, 1), "member_no=0001 name=Li sex=1 education=e campus=b state=draft note=b");
    IS(sheet_conflicts(&w, 1),
       "open campus: mine  -campus by 2, theirs campus=b by 1 | open note: mine note=c by 2, theirs note=b by 1");
    assert_int_equal(w.last[0].conflict_count, 2);
    assert_true(id_equal(w.last[0].conflicts[1], conflict_at(&w, 1, 1)->id));
    IS(message_text(&w, conflict_at(&w, 1, 1)->message) + strlen("record_kind=900 record_id=@1 field=note"),
       " mine=@-1 theirs=@-1 mine_seat=2 theirs_seat=1 mine_at_ms=1002 theirs_at_ms=1001 incarnation=@66 n=1 "
       "base_seq=1099511627777 theirs_seq=1099511627778 state=open");
}

static void rule_09_the_record_is_known_by_what_made_it(void **state)
{
    (void)state;
    /* SHA-256(id | "note" | incarnation "BBBB..." | n 1), computed apart from this program, shaped as UUID 8 */
    static const uint8_t expected[ID_SIZE] = {0x48, 0x6c, 0xfe, 0x3d, 0x11, 0xed, 0x89, 0x25,
                                              0xbc, 0xb2, 0xe8, 0x4b, 0x92, 0x71, 0xb8, 0x1f};
    IS(do_create(&w, 0, 1, "name=Li note=a"), "APPLIED");
    IS(do_set(&w, 0, 1, S(1), "note=b"), "APPLIED");
    IS(do_set(&w, 1, 1, S(1), "note=c"), "CONFLICT");
    assert_memory_equal(conflict_at(&w, 1, 0)->id.bytes, expected, ID_SIZE);
}

static void rule_09_conflicts_carry_the_class_of_their_field(void **state)
{
    (void)state;
    IS(do_create(&w, 0, 1, "name=Li mobile=1"), "APPLIED");
    IS(do_set(&w, 0, 1, S(1), "mobile=2"), "APPLIED");
    IS(do_set(&w, 1, 1, S(1), "mobile=3"), "CONFLICT");
    IS(sheet_conflicts(&w, 1), "open mobile: mine {mobile=3} by 2, theirs {mobile=2} by 1");
}

static void rule_09_a_later_value_replaces_mine(void **state)
{
    (void)state;
    IS(do_create(&w, 0, 1, "name=Li note=a"), "APPLIED");
    IS(do_set(&w, 0, 1, S(1), "note=b"), "APPLIED");
    IS(do_set(&w, 1, 1, S(1), "note=c"), "CONFLICT");
    IS(do_set(&w, 1, 1, S(1), "note=d"), "CONFLICT"); /* same base, still open: in its place */
    IS(sheet_conflicts(&w, 1), "open note: mine note=d by 2, theirs note=b by 1");
    IS(do_set(&w, 0, 1, S(3), "note=e"), "APPLIED");
    IS(do_set(&w, 1, 1, S(1), "-note"), "CONFLICT"); /* and what stands is told anew */
    IS(sheet_conflicts(&w, 1), "open note: mine  -note by 2, theirs note=e by 1");
    IS(do_set(&w, 1, 1, S(4), "note=f"), "CONFLICT"); /* another base: it had seen something else */
    IS(sheet_conflicts(&w, 1),
       "open note: mine  -note by 2, theirs note=e by 1 | open note: mine note=f by 2, theirs note=e by 1");
    IS(do_set(&w, 2, 1, S(1), "note=g"), "CONFLICT"); /* another device: never in the place of somebody's value */
    assert_string_equal(strrchr(sheet_conflicts(&w, 1), '|'), "| open note: mine note=g by 3, theirs note=e by 1");
}

static void rule_09_an_earlier_value_does_not_replace_a_later_one(void **state)
{
    (void)state;
    IS(do_create(&w, 0, 1, "name=Li note=a"), "APPLIED");
    IS(do_set(&w, 0, 1, S(1), "note=b"), "APPLIED");
    w.seats[1].n = 4;
    IS(do_set(&w, 1, 1, S(1), "note=late"), "CONFLICT");
    w.seats[1].n = 2;
    IS(do_set(&w, 1, 1, S(1), "note=early"), "CONFLICT");
    IS(sheet_conflicts(&w, 1),
       "open note: mine note=late by 2, theirs note=b by 1 | open note: mine note=early by 2, theirs note=b by 1");
}

static void rule_09_not_after_it_was_resolved(void **state)
{
    (void)state;
    IS(do_create(&w, 0, 1, "name=Li note=a"), "APPLIED");
    IS(do_set(&w, 0, 1, S(1), "note=b"), "APPLIED");
    IS(do_set(&w, 1, 1, S(1), "note=c"), "CONFLICT");
    IS(take_change(&w, 0, make_change_id(&w, 0, KIND_CONFLICT, OP_ACT, conflict_at(&w, 1, 0)->id, S(3), "!resolved")),
       "APPLIED");
    IS(do_set(&w, 1, 1, S(1), "note=d"), "CONFLICT");
    IS(sheet_conflicts(&w, 1),
       "resolved note: mine note=c by 2, theirs note=b by 1 | open note: mine note=d by 2, theirs note=b by 1");
}

static void rule_09_not_after_it_was_resolved_in_the_same_batch(void **state)
{
    (void)state;
    IS(do_create(&w, 0, 1, "name=Li note=a"), "APPLIED");
    IS(do_set(&w, 0, 1, S(1), "note=b"), "APPLIED");
    IS(do_set(&w, 1, 1, S(1), "note=c"), "CONFLICT");
    struct id first = conflict_at(&w, 1, 0)->id;
    IS(take_change(&w, 0, make_change_id(&w, 0, KIND_CONFLICT, OP_ACT, first, S(3), "!resolved")), "APPLIED");
    /* decided on rows of which the resolved one is still in memory */
    const struct change *c = make_change(&w, 1, SHEET, OP_SET, 1, S(1), "note=d");
    struct decide_context context = {
        .seat = {2, ROLES(union_chair), SEAT_ACTIVE}, .org = w.org, .incarnation = w.seats[1].incarnation, .seq = S(5)};
    struct scratch_keys missing = {.count = 0};
    scratch_add_conflicts_loaded(w.db, rid(1));
    decide(&context, c, w.db, &w.arena, w.last, &missing);
    assert_int_equal(missing.count, 1); /* the new conflict's row: another id */
    assert_true(missing.list[0].type == SCRATCH_ROW && !id_equal(missing.list[0].id, first));
}

static void rule_09_a_value_that_could_never_stand_is_refused(void **state)
{
    (void)state;
    char big[700];
    memset(big, 'a', sizeof big);
    memcpy(big, "campus=", 7);
    big[sizeof big - 1] = 0;
    IS(do_create(&w, 0, 1, "name=Li"), "APPLIED");
    IS(do_set(&w, 0, 1, S(1), "campus=b"), "APPLIED");
    IS(do_set(&w, 1, 1, S(1), big), "REFUSED TOO_LONG campus");
    IS(do_set(&w, 1, 1, S(2), big), "REFUSED TOO_LONG campus 170");
    IS(sheet_conflicts(&w, 1), "none");
}

static size_t open_conflicts(int record)
{
    size_t count = 0;
    struct scratch_row *row;
    while (scratch_conflict_at(w.db, rid(record), count, &row))
        count++;
    return count;
}

static void rule_09_only_so_many_are_open(void **state)
{
    char words[32];
    (void)state;
    IS(do_create(&w, 0, 1, "name=Li note=a"), "APPLIED");
    IS(do_set(&w, 0, 1, S(1), "note=b"), "APPLIED");
    for (int i = 0; i < 200; i++) { /* as many devices that had seen the first */
        w.seats[1].incarnation.bytes[0] = (uint8_t)i;
        w.seats[1].incarnation.bytes[1] = 0xee;
        snprintf(words, sizeof words, "note=c%d", i);
        IS(do_set(&w, 1, 1, S(1), words), "CONFLICT");
    }
    assert_int_equal(open_conflicts(1), 200);
    IS(do_set(&w, 1, 1, S(1), "note=d"), "CONFLICT"); /* into its own, which is open */
    assert_int_equal(open_conflicts(1), 200);
    w.seats[1].incarnation.bytes[1] = 0xef;
    IS(do_set(&w, 1, 1, S(1), "note=e"), "REFUSED CONFLICTS 200");
    IS(do_set(&w, 1, 1, S(1), "note=f mobile=1"), "REFUSED CONFLICTS 200"); /* nothing of it applies */
    IS(sheet_row(&w, 1), "member_no=0001 name=Li state=draft note=b");
    IS(do_set(&w, 1, 1, S(1), "mobile=1"), "MERGED"); /* what does not clash is not hindered */
    struct scratch_row *row = conflict_at(&w, 1, 7);
    struct change *end = make_change_id(&w, 0, KIND_CONFLICT, OP_ACT, row->id, row->seq, "!resolved");
    IS(take_change(&w, 0, end), "APPLIED");
    IS(do_set(&w, 1, 1, S(1), "note=g"), "CONFLICT");
    assert_int_equal(open_conflicts(1), 200);
}

static void rule_09_only_so_many_of_one_change(void **state)
{
    char words[32];
    (void)state;
    IS(do_create(&w, 0, 1, "name=Li note=a mobile=1"), "APPLIED");
    IS(do_set(&w, 0, 1, S(1), "note=b mobile=2"), "APPLIED");
    for (int i = 0; i < 199; i++) {
        w.seats[1].incarnation.bytes[0] = (uint8_t)i;
        snprintf(words, sizeof words, "note=c%d", i);
        IS(do_set(&w, 1, 1, S(1), words), "CONFLICT");
    }
    w.seats[1].incarnation.bytes[0] = 199;
    IS(do_set(&w, 1, 1, S(1), "note=d mobile=3"), "REFUSED CONFLICTS 200"); /* would be two more */
    assert_int_equal(open_conflicts(1), 199);
    IS(do_set(&w, 1, 1, S(1), "note=d"), "CONFLICT");
}

static void rule_10_act_is_whole_or_nothing(void **state)
{
    (void)state;
    IS(do_create(&w, 0, 1, "name=Li"), "APPLIED");
    IS(do_act(&w, 0, 1, S(1), "!submitted"), "REFUSED REQUIRED joined_on");
    IS(do_act(&w, 0, 1, S(1), "!submitted joined_on=d campus=c"), "REFUSED FORM campus");
    IS(do_act(&w, 0, 1, S(1), "!submitted joined_on=d state=approved"), "REFUSED FORM state");
    IS(do_act(&w, 0, 1, S(1), "!submitted joined_on=d note=Xn"), "REFUSED sheet.note note Xn");
    IS(do_act(&w, 0, 1, S(1), "!submitted joined_on=d note=n"), "APPLIED");
    IS(sheet_row(&w, 1), "member_no=0001 name=Li joined_on=d state=submitted note=n");
}

static void rule_10_the_same_step_twice(void **state)
{
    (void)state;
    IS(do_create(&w, 0, 1, "name=Li"), "APPLIED");
    IS(do_act(&w, 0, 1, S(1), "!submitted joined_on=d"), "APPLIED");
    IS(do_act(&w, 1, 1, S(1), "!submitted joined_on=d"), "APPLIED without effect");
    IS(do_act(&w, 1, 1, S(1), "!submitted joined_on=e"), "REFUSED STATE_MOVED state submitted 1 1001");
    IS(do_act(&w, 1, 1, S(2), "!submitted joined_on=e"), "REFUSED STATE_MOVED state submitted 1 1001");
    IS(sheet_row(&w, 1), "member_no=0001 name=Li joined_on=d state=submitted");
}

static void rule_10_the_state_has_moved(void **state)
{
    (void)state;
    IS(do_create(&w, 0, 1, "name=Li"), "APPLIED");
    IS(do_act(&w, 0, 1, S(1), "!approved"), "REFUSED STATE_MOVED state draft 1 1000");
    IS(do_act(&w, 0, 1, S(1), "!submitted joined_on=d"), "APPLIED");
    IS(do_act(&w, 1, 1, S(3), "!approved"), "APPLIED");
    IS(do_act(&w, 0, 1, S(3), "!submitted joined_on=d"), "REFUSED STATE_MOVED state approved 2 1003");
    IS(do_act(&w, 0, 1, S(3), "!draft"), "APPLIED"); /* approved is in the from-list: rule 10 asks no more */
}

static void rule_10_a_field_that_may_also_be_set_is_not_overwritten_unseen(void **state)
{
    (void)state;
    IS(do_create(&w, 0, 1, "name=Li"), "APPLIED");
    IS(do_set(&w, 0, 1, S(1), "note=a"), "APPLIED");
    IS(do_act(&w, 1, 1, S(1), "!submitted joined_on=d note=b"), "REFUSED CHANGED_SINCE note 1 1001");
    IS(do_act(&w, 1, 1, S(1), "!submitted joined_on=d note=a"), "APPLIED");
}

static void rule_10_not_editable_in_that_state(void **state)
{
    (void)state;
    IS(do_create(&w, 0, 1, "name=Li state=approved"), "APPLIED");
    IS(do_set(&w, 0, 1, S(1), "note=a"), "REFUSED NOT_EDITABLE approved");
    IS(do_set(&w, 0, 1, S(1), "name=Li"), "APPLIED without effect");
}

static void rule_11_create_of_a_known_id(void **state)
{
    (void)state;
    IS(do_create(&w, 0, 1, "name=Li note=a"), "APPLIED");
    IS(do_create(&w, 1, 1, "name=Li note=a"), "APPLIED without effect");
    IS(do_create(&w, 1, 1, "name=Li campus=c"), "MERGED"); /* a field that nobody wrote has no stamp */
    IS(do_create(&w, 1, 1, "name=Li note=b sex=1"), "CONFLICT");
    IS(sheet_row(&w, 1), "member_no=0001 name=Li sex=1 campus=c state=draft note=a");
    IS(sheet_conflicts(&w, 1), "open note: mine note=b by 2, theirs note=a by 1");
    w.seats[3].roles = ROLES(accountant); /* may add, may not set */
    IS(do_create(&w, 3, 1, "name=Li note=c"), "REFUSED RIGHT set");
    IS(do_create(&w, 1, 1, "name=Li state=approved"), "REFUSED STATE_MOVED state draft 1 1000");
    /* what came with the state of a new record is moved by a step alone, one's own too */
    IS(do_create(&w, 0, 2, "name=Wu state=approved state_effective_on=2026-01-01"), "APPLIED");
    IS(do_create(&w, 0, 2, "name=Wu state=approved state_effective_on=2026-02-02"), "REFUSED SIDE_FIELD state_effective_on");
    IS(do_create(&w, 0, 2, "name=Wu state=approved state_effective_on=2026-01-01 note=n"), "REFUSED NOT_EDITABLE approved");
}

static void rule_11_create_has_seen_nothing(void **state)
{
    (void)state;
    IS(do_create(&w, 0, 1, "name=Li note=a"), "APPLIED");
    IS(take_change(&w, 1, make_change(&w, 1, SHEET, OP_CREATE, 1, S(1), "name=Li note=b")),
       "CONFLICT"); /* whatever base it says */
    IS(sheet_row(&w, 1), "member_no=0001 name=Li state=draft note=a");
}

static void rule_12_append_only(void **state)
{
    (void)state;
    IS(take_change(&w, 0, make_change(&w, 0, SLIP, OP_CREATE, 1, 0, "name=a")), "APPLIED");
    IS(take_change(&w, 1, make_change(&w, 1, SLIP, OP_CREATE, 1, 0, "name=a")), "APPLIED without effect");
    IS(take_change(&w, 1, make_change(&w, 1, SLIP, OP_CREATE, 1, 0, "name=b")), "REFUSED EXISTS");
    IS(take_change(&w, 0, make_change(&w, 0, SLIP, OP_SET, 1, S(1), "name=b")), "REFUSED IMMUTABLE");
    IS(take_change(&w, 0, make_change(&w, 0, SLIP, OP_REMOVE, 1, S(1), "")), "REFUSED IMMUTABLE");
    IS(row_text(&w, SLIP, rid(1)), "name=a");
}

static void rule_13_remove(void **state)
{
    (void)state;
    IS(do_create(&w, 0, 1, "name=Li note=a"), "APPLIED");
    IS(do_set(&w, 1, 1, S(1), "note=b"), "APPLIED");
    IS(do_remove(&w, 0, 1, S(1)), "REFUSED CHANGED_SINCE 2 1001");
    IS(do_set(&w, 0, 1, S(2), "note=c"), "APPLIED");
    IS(do_remove(&w, 0, 1, S(2)), "APPLIED"); /* newer than its base is only what it wrote itself */
    IS(sheet_row(&w, 1), "removed");
    IS(do_remove(&w, 1, 1, S(1)), "APPLIED without effect");
    IS(do_act(&w, 1, 1, S(1), "!submitted joined_on=d"), "REFUSED STATE_MOVED state removed 1 1004");
    IS(do_create(&w, 1, 1, "name=Li"), "REFUSED DELETED 1 1004");
    IS(do_set(&w, 1, 1, S(5), ""), "APPLIED without effect");
    IS(sheet_row(&w, 1), "removed");
}

static void rule_13_an_earlier_remove_of_one_who_changed_it_later(void **state)
{
    (void)state;
    IS(do_create(&w, 0, 1, "name=Li"), "APPLIED");
    w.seats[0].n = 4;
    IS(do_set(&w, 0, 1, S(1), "note=late"), "APPLIED");
    w.seats[0].n = 2;
    IS(do_remove(&w, 0, 1, S(1)), "REFUSED CHANGED_SINCE 1 1001");
}

static void rule_13_set_on_a_tombstone_collects(void **state)
{
    (void)state;
    IS(do_create(&w, 0, 1, "name=Li note=a mobile=1"), "APPLIED");
    IS(do_remove(&w, 0, 1, S(1)), "APPLIED");
    IS(do_set(&w, 1, 1, S(1), "note=b"), "CONFLICT");
    IS(sheet_conflicts(&w, 1),
       "open *: mine note=b by 2, theirs  by 1, was member_no=0001 name=Li state=draft note=a {mobile=1}");
    IS(do_set(&w, 1, 1, S(1), "-campus sex=1"), "CONFLICT"); /* a further field: the same record */
    IS(sheet_conflicts(&w, 1), "open *: mine sex=1 note=b -campus by 2, theirs  by 1, was member_no=0001 name=Li "
                               "state=draft note=a {mobile=1}");
    IS(do_set(&w, 1, 1, S(1), "campus=c"), "CONFLICT"); /* one that it holds already: a conflict of its own */
    IS(strchr(sheet_conflicts(&w, 1), '|'),
       "| open *: mine campus=c by 2, theirs  by 1, was member_no=0001 name=Li state=draft note=a {mobile=1}");
    IS(do_set(&w, 2, 1, S(1), "education=e"), "CONFLICT"); /* another device, another one */
    IS(strrchr(sheet_conflicts(&w, 1), '|'),
       "| open *: mine education=e by 3, theirs  by 1, was member_no=0001 name=Li state=draft note=a {mobile=1}");
    IS(sheet_row(&w, 1), "removed");
}

static void rule_13_a_sensitive_field_moves_what_was_collected(void **state)
{
    (void)state;
    IS(do_create(&w, 0, 1, "name=Li"), "APPLIED");
    IS(do_remove(&w, 0, 1, S(1)), "APPLIED");
    IS(do_set(&w, 1, 1, S(1), "note=b"), "CONFLICT");
    IS(do_set(&w, 1, 1, S(1), "mobile=2"), "CONFLICT");
    IS(sheet_conflicts(&w, 1),
       "open *: mine {mobile=2 note=b} by 2, theirs  by 1, was member_no=0001 name=Li state=draft");
}

static void rule_14_unknown_records(void **state)
{
    (void)state;
    IS(do_set(&w, 0, 1, 0, "note=a"), "REFUSED UNKNOWN_RECORD");
    IS(do_act(&w, 0, 1, 0, "!submitted joined_on=d"), "REFUSED UNKNOWN_RECORD");
    IS(do_remove(&w, 0, 1, 0), "REFUSED UNKNOWN_RECORD");
    IS(sheet_row(&w, 1), "unknown");
}

static void rule_18_numbers_are_given_at_acceptance(void **state)
{
    (void)state;
    IS(do_create(&w, 0, 1, "name=Li"), "APPLIED");
    IS(do_create(&w, 0, 2, "note=a"), "REFUSED REQUIRED name"); /* takes no number */
    IS(do_create(&w, 0, 3, "name=Wu"), "APPLIED");
    IS(sheet_row(&w, 1), "member_no=0001 name=Li state=draft");
    IS(sheet_row(&w, 3), "member_no=0002 name=Wu state=draft");
    org_state_begin_epoch(w.state, 2); /* rule 26 */
    IS(do_create(&w, 0, 4, "name=He"), "APPLIED");
    IS(sheet_row(&w, 4), "member_no=1003 name=He state=draft");
}

#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
int main(void)
{
    const struct CMUnitTest tests[] = {
        T(rule_07_seat_state_comes_first),
        T(rule_07_org_of_seat_and_kind),
        T(rule_07_a_row_has_one_org),
        T(rule_07_rights_of_roles),
        T(rule_07_rights_of_fields),
        T(rule_07_rights_of_unknown_fields),
        T(rule_07_form),
        T(rule_07_immutable_fields),
        T(rule_07_unknown_kind),
        T(rule_07_the_kinds_rules_on_the_result),
        T(rule_07_fields_of_a_newer_client_are_kept),
        T(rule_08_what_was_seen_does_not_clash),
        T(rule_08_equal_values_do_not_clash),
        T(rule_08_own_changes_do_not_clash),
        T(rule_08_ancestors_before_the_fork_are_own),
        T(rule_08_another_seat_with_the_same_incarnation_is_another),
        T(rule_08_a_later_own_value_is_left_alone),
        T(rule_08_fields_together_clash_together),
        T(rule_08_equal_halves_are_told_with_the_other),
        T(rule_08_a_base_on_an_abandoned_path),
        T(rule_08_seen_on_an_abandoned_path),
        T(rule_27_rights_and_form_are_not_asked_again),
        T(rule_27_a_late_step_is_judged_by_who_moved_the_state),
        T(rule_09_merged_where_another_seat_changed_other_fields),
        T(rule_09_both_values_are_kept),
        T(rule_09_the_record_is_known_by_what_made_it),
        T(rule_09_conflicts_carry_the_class_of_their_field),
        T(rule_09_a_later_value_replaces_mine),
        T(rule_09_an_earlier_value_does_not_replace_a_later_one),
        T(rule_09_not_after_it_was_resolved),
        T(rule_09_not_after_it_was_resolved_in_the_same_batch),
        T(rule_09_a_value_that_could_never_stand_is_refused),
        T(rule_09_only_so_many_are_open),
        T(rule_09_only_so_many_of_one_change),
        T(rule_10_act_is_whole_or_nothing),
        T(rule_10_the_same_step_twice),
        T(rule_10_the_state_has_moved),
        T(rule_10_a_field_that_may_also_be_set_is_not_overwritten_unseen),
        T(rule_10_not_editable_in_that_state),
        T(rule_11_create_of_a_known_id),
        T(rule_11_create_has_seen_nothing),
        T(rule_12_append_only),
        T(rule_13_remove),
        T(rule_13_an_earlier_remove_of_one_who_changed_it_later),
        T(rule_13_set_on_a_tombstone_collects),
        T(rule_13_a_sensitive_field_moves_what_was_collected),
        T(rule_14_unknown_records),
        T(rule_18_numbers_are_given_at_acceptance),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
