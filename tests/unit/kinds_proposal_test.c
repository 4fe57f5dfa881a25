/* A proposal's way, its rules one by one, its rights, its sums. */
#include "help_books.h"
#include "kinds/proposal.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

enum { P = 10, OTHER = 11, THIRD = 12, LIN = 1, WANG = 2, SHI = 3, CALL = 30, S = 40, R = 50 };

static struct books w;

static int set_up(void **state)
{
    (void)state;
    books_make(&w);
    books_put(&w, "member", LIN, F("name", "林晓岚", "state", "active"));
    books_put(&w, "member", WANG, F("name", "王芳", "state", "active"));
    books_put(&w, "member", SHI, F("name", "石榴", "state", "active"));
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    books_finish(&w);
    return 0;
}

#define REF(n) books_ref(&w, n)
#define TRY(kind, n, action, ...) books_try(&w, kind, n, action, F(__VA_ARGS__))
#define DO(kind, n, action, ...) assert_string_equal(books_do(&w, kind, n, action, F(__VA_ARGS__)), "")

static void a_proposal(unsigned n, const char *state)
{
    books_put(&w, "proposal", n,
              F("title", "关于钢琴定期调音的提案", "reason", "部分班级钢琴多年未调音。", "suggestion", "每学年调音一次。", "category",
                "equipment", "proposer_id", REF(LIN), "entered_by", "7", "state", state));
    if (strcmp(state, "draft") != 0)
        books_put(&w, "proposal", n, F("submitted_on", "2026-10-08"));
}

static void a_support(unsigned n, unsigned member)
{
    char mark[PROPOSAL_MARK_SIZE];
    proposal_text_mark(books_row(&w, "proposal", P), mark);
    books_put(&w, "proposal_support", n, F("proposal_id", REF(P), "member_id", REF(member), "text_mark", mark));
}

static void replies(unsigned n, unsigned proposal, const char *on)
{
    books_put(&w, "proposal_reply", n, F("proposal_id", REF(proposal), "mode", "written", "replied_on", on));
    books_put(&w, "proposal_reply", n + 1, F("proposal_id", REF(proposal), "mode", "face_to_face", "replied_on", on));
}

/* ---- the whole way ---- */

static void test_filed_and_worked_on_twice(void **state)
{
    (void)state;
    DO("proposal", P, NULL, "title", "关于钢琴定期调音的提案", "reason", "多年未调音。", "suggestion", "每年调音。", "proposer_id", REF(LIN),
       "category", "equipment", "entered_by", "1");
    DO("proposal", P, "submitted", "submitted_on", "2026-10-08");
    DO("proposal", P, "collated", );
    DO("proposal", P, "under_review", );
    DO("proposal", P, "filed", "filed_on", "2026-10-15", "decided_on", "2026-10-15");
    assert_true(cell_equal(record_get_name(books_row(&w, "proposal", P), "decision"), cell_text("filed")));
    DO("proposal", P, "assigned", "department", "总务部", "due_on", "2026-12-07", "handler_id", REF(WANG));
    DO("proposal", P, "in_progress", );
    replies(R, P, "2026-10-30");
    DO("proposal", P, "replied", "replied_on", "2026-10-30");
    DO("proposal", P, "rated", "rating", "不满意", "rated_on", "2026-11-02", "rated_by", REF(LIN));
    DO("proposal", P, "reopened", "reopened_on", "2026-11-03");
    DO("proposal", P, "in_progress", );
    assert_string_equal(TRY("proposal", P, "replied", "replied_on", "2026-11-10"), "BLOCK proposal.reply_again replied_on;");
    assert_string_equal(TRY("proposal", P, "replied", ),
                        "BLOCK proposal.handled_again replied_on;BLOCK proposal.reply_again replied_on;");
    DO("proposal_reply", R + 2, NULL, "proposal_id", REF(P), "mode", "written", "replied_on", "2026-11-10");
    DO("proposal", P, "replied", "replied_on", "2026-11-10");
    assert_string_equal(TRY("proposal", P, "rated", "rating", "满意", "rated_on", "2026-11-02"), "BLOCK proposal.handled_again rated_on;");
    DO("proposal", P, "rated", "rating", "满意", "rated_on", "2026-11-12");
    DO("proposal", P, "resulted", "result", "done");
    DO("proposal", P, "closed", );
    DO("proposal", P, "archived", );
    DO("proposal", P, NULL, "award", "nominated");
    DO("proposal", P, NULL, "award", "awarded", "awarded_on", "2026-11-20");
    DO("proposal", P, NULL, "award", "sent");
    assert_string_equal(books_measures(&w, "proposal"),
                        "category.equipment=1;filed.2026=1;implemented.2026=1;received.2026=1;replied.2026=1;reply_days.2026=33;"
                        "satisfied.2026=1;sent.2026=1;state.archived=1;");
}

static void test_through_the_congress(void **state)
{
    (void)state;
    a_proposal(P, "filed");
    DO("proposal", P, "consulting", );
    DO("proposal", P, "to_congress", );
    DO("proposal", P, "adopted", "decided_on", "2026-11-20");
    DO("proposal", P, "in_force", );
    assert_string_equal(TRY("proposal", P, "closed", ), "WARN proposal.unreplied -;");
}

/* ---- the text ---- */

static void test_text_is_its_authors(void **state)
{
    (void)state;
    a_proposal(P, "draft");
    w.roles = ROLES(proposal_group);
    assert_string_equal(TRY("proposal", P, NULL, "title", "关于调音的提案"), "BLOCK proposal.text_author title;");
    assert_string_equal(TRY("proposal", P, NULL, "is_temporary", "是"), "BLOCK proposal.text_author is_temporary;");
    assert_string_equal(TRY("proposal", P, NULL, "call_id", ""), "");
    w.late = true; /* a right that it passed once (rule 27) */
    assert_string_equal(TRY("proposal", P, NULL, "title", "关于调音的提案"), "");
    w.late = false;
    w.for_seat = 7; /* handed in for who entered it */
    assert_string_equal(TRY("proposal", P, NULL, "title", "关于调音的提案"), "");
    w.for_seat = 0, w.seat = 7, w.roles = ROLES(delegate);
    assert_string_equal(TRY("proposal", P, NULL, "title", "关于调音的提案"), "");
    w.seat = 1, w.roles = ROLES(union_chair);
    assert_string_equal(TRY("proposal", P, NULL, "title", "关于调音的提案"), "");
}

static void test_text_is_frozen_by_a_signature(void **state)
{
    (void)state;
    a_proposal(P, "draft");
    a_support(S, WANG);
    w.seat = 7;
    assert_string_equal(TRY("proposal", P, NULL, "suggestion", "每学期调音一次。"), "BLOCK proposal.text_frozen suggestion;");
    assert_string_equal(TRY("proposal", P, NULL, "proposer_id", REF(SHI)), "BLOCK proposal.text_frozen proposer_id;");
    w.late = true, w.seat = 9; /* that is no right */
    assert_string_equal(TRY("proposal", P, NULL, "suggestion", "每学期调音一次。"), "BLOCK proposal.text_frozen suggestion;");
    w.late = false, w.seat = 7;
    assert_string_equal(TRY("proposal", P, "submitted", "submitted_on", "2026-10-08"), "");
    books_put(&w, "proposal_support", S, F("voided_on", "2026-10-10"));
    assert_string_equal(TRY("proposal", P, NULL, "suggestion", "每学期调音一次。"), "");
    w.blind = true; /* nothing can be looked up: nothing is said */
    assert_string_equal(TRY("proposal", P, NULL, "suggestion", "每学期调音一次。"), "");
}

/* FNV-1a over "a" 1f "b" 1f 1f 1f 1f, computed apart. */
static void test_mark_of_the_text(void **state)
{
    (void)state;
    char mark[PROPOSAL_MARK_SIZE], other[PROPOSAL_MARK_SIZE];
    books_put(&w, "proposal", P, F("title", "a", "reason", "b"));
    proposal_text_mark(books_row(&w, "proposal", P), mark);
    assert_string_equal(mark, "6781d825a4d5843d");
    books_put(&w, "proposal", OTHER, F("title", "a", "suggestion", "b"));
    proposal_text_mark(books_row(&w, "proposal", OTHER), other);
    assert_string_not_equal(mark, other);
    books_put(&w, "proposal", P, F("is_temporary", "是"));
    proposal_text_mark(books_row(&w, "proposal", P), other);
    assert_string_not_equal(mark, other);
    books_put(&w, "proposal", P, F("is_temporary", "否", "proposer_id", REF(LIN), "state", "filed"));
    proposal_text_mark(books_row(&w, "proposal", P), other);
    assert_string_equal(mark, other);
}

/* ---- handing in ---- */

static void test_submitting(void **state)
{
    (void)state;
    books_put(&w, "proposal", P, F("title", "提案"));
    assert_string_equal(TRY("proposal", P, "submitted", "submitted_on", "2026-10-08"),
                        "BLOCK proposal.no_proposer proposer_id;WARN proposal.no_reason reason;WARN proposal.no_suggestion suggestion;");
    assert_string_equal(TRY("proposal", P, "submitted", "proposer_id", REF(LIN), "reason", "缘由", "suggestion", "建议"),
                        "BLOCK REQUIRED submitted_on;");
    a_proposal(OTHER, "draft");
    books_put(&w, "proposal_call", CALL, F("session", "五届四次教代会"));
    books_put(&w, "proposal", OTHER, F("call_id", REF(CALL)));
    assert_string_equal(TRY("proposal", OTHER, "submitted", "submitted_on", "2026-10-08"), "WARN proposal.call_closed call_id;");
    books_put(&w, "proposal_call", CALL, F("state", "open"));
    assert_string_equal(TRY("proposal", OTHER, "submitted", "submitted_on", "2026-10-08"), "");
}

static void test_supporters_wanted(void **state)
{
    (void)state;
    a_proposal(P, "draft");
    books_put(&w, "policy_limit", 60,
              F("rule_code", "proposal.seconders", "value", "2", "effective_from", "2026-09-01", "state", "in_force"));
    a_support(S, WANG);
    assert_string_equal(TRY("proposal", P, "submitted", "submitted_on", "2026-10-08"), "WARN proposal.few_supporters -;");
    assert_string_equal(TRY("proposal", P, "submitted", "submitted_on", "2026-08-31"), ""); /* before the setting */
    a_support(S + 1, SHI);
    assert_string_equal(TRY("proposal", P, "submitted", "submitted_on", "2026-10-08"), "");
}

static void test_returning_needs_a_reason_of_its_own(void **state)
{
    (void)state;
    a_proposal(P, "submitted");
    assert_string_equal(TRY("proposal", P, "returned", ), "BLOCK REQUIRED return_reason;");
    DO("proposal", P, "returned", "return_reason", "请写清建议");
    DO("proposal", P, "submitted", "submitted_on", "2026-10-12");
    assert_string_equal(TRY("proposal", P, "returned", ), "BLOCK proposal.return_reason return_reason;");
    assert_string_equal(TRY("proposal", P, "returned", "return_reason", "一事一案"), "");
}

/* ---- merging ---- */

static void test_merging(void **state)
{
    (void)state;
    a_proposal(P, "collated");
    a_proposal(OTHER, "under_review");
    assert_string_equal(TRY("proposal", P, "merged", ), "BLOCK REQUIRED merged_into;");
    assert_string_equal(TRY("proposal", P, "merged", "merged_into", REF(P)), "BLOCK proposal.merge_self merged_into;");
    assert_string_equal(TRY("proposal", P, "merged", "merged_into", REF(99)), "BLOCK REFERENCE merged_into;");
    static const char *const out[] = {"draft", "returned", "withdrawn"};
    for (size_t i = 0; i < 3; i++) {
        a_proposal(THIRD, out[i]);
        assert_string_equal(TRY("proposal", P, "merged", "merged_into", REF(THIRD)), "BLOCK proposal.merge_state merged_into;");
    }
    DO("proposal", P, "merged", "merged_into", REF(OTHER));
    a_proposal(THIRD, "collated");
    assert_string_equal(TRY("proposal", THIRD, "merged", "merged_into", REF(P)), "BLOCK proposal.merge_merged merged_into;");
    assert_string_equal(TRY("proposal", OTHER, "merged", "merged_into", REF(THIRD)), "BLOCK proposal.merge_parent merged_into;");
    assert_string_equal(books_measures(&w, "proposal"), "category.equipment=3;merged.2026=1;received.2026=3;state.collated=1;"
                                                       "state.merged=1;state.under_review=1;");
}

/* ---- replies ---- */

static void test_replied_needs_both_for_all(void **state)
{
    (void)state;
    a_proposal(P, "in_progress");
    a_proposal(OTHER, "merged");
    books_put(&w, "proposal", OTHER, F("merged_into", REF(P)));
    assert_string_equal(TRY("proposal", P, "replied", ), "BLOCK REQUIRED replied_on;BLOCK proposal.reply_written replied_on;"
                                                         "BLOCK proposal.reply_face replied_on;BLOCK proposal.reply_merged replied_on;");
    replies(R, P, "2026-10-30");
    assert_string_equal(TRY("proposal", P, "replied", "replied_on", "2026-10-30"), "BLOCK proposal.reply_merged replied_on;");
    books_put(&w, "proposal_reply", R + 2, F("proposal_id", REF(OTHER), "mode", "written", "replied_on", "2026-10-30"));
    assert_string_equal(TRY("proposal", P, "replied", "replied_on", "2026-10-30"), "BLOCK proposal.reply_merged replied_on;");
    books_put(&w, "proposal_reply", R + 3, F("proposal_id", REF(OTHER), "mode", "face_to_face", "replied_on", "2026-10-30"));
    assert_string_equal(TRY("proposal", P, "replied", "replied_on", "2026-10-30"), "");
    assert_string_equal(TRY("proposal", OTHER, "replied", "replied_on", "2026-10-30"), "");
    assert_string_equal(TRY("proposal", P, "replied", "replied_on", "2026-10-07"), "BLOCK proposal.replied_early replied_on;");
}

/* A day set right is held against the others; nothing else of a step is. */
static void test_days_are_set_right_within_bounds(void **state)
{
    (void)state;
    a_proposal(P, "replied");
    books_put(&w, "proposal", P, F("replied_on", "2026-10-30"));
    assert_string_equal(TRY("proposal", P, NULL, "submitted_on", "2026-10-31"), "BLOCK proposal.replied_early submitted_on;");
    assert_string_equal(TRY("proposal", P, NULL, "submitted_on", "2026-10-30"), "");
    assert_string_equal(TRY("proposal", P, NULL, "replied_on", "2026-10-07"), "BLOCK proposal.replied_early replied_on;");
    books_put(&w, "proposal", P, F("reopened_on", "2026-11-05"));
    assert_string_equal(TRY("proposal", P, NULL, "replied_on", "2026-10-29"), ""); /* the first handling's */
    books_put(&w, "proposal", P, F("replied_on", "2026-11-10"));
    assert_string_equal(TRY("proposal", P, NULL, "replied_on", "2026-11-04"), "BLOCK proposal.handled_again replied_on;");
    assert_string_equal(TRY("proposal", P, NULL, "reopened_on", "2026-11-11"), "BLOCK proposal.handled_again replied_on;");
}

static void test_declined_is_replied_to_as_well(void **state)
{
    (void)state;
    a_proposal(P, "under_review");
    assert_string_equal(TRY("proposal", P, "declined", ), "BLOCK REQUIRED decision_reason;");
    DO("proposal", P, "declined", "decision_reason", "属于个人诉求");
    assert_string_equal(TRY("proposal", P, "replied", "replied_on", "2026-10-20"),
                        "BLOCK proposal.reply_written replied_on;BLOCK proposal.reply_face replied_on;");
    replies(R, P, "2026-10-20");
    DO("proposal", P, "replied", "replied_on", "2026-10-20");
    DO("proposal", P, "rated", "rating", "basically", "rated_on", "2026-10-21");
    DO("proposal", P, "closed", );
    assert_string_equal(books_measures(&w, "proposal"), "basically.2026=1;category.equipment=1;declined.2026=1;received.2026=1;"
                                                       "replied.2026=1;reply_days.2026=12;state.closed=1;");
}

static void test_replies_stand_once_told(void **state)
{
    (void)state;
    a_proposal(P, "draft");
    assert_string_equal(TRY("proposal_reply", R, NULL, "proposal_id", REF(P), "mode", "书面", "replied_on", "2026-10-09"),
                        "BLOCK proposal_reply.draft proposal_id;");
    a_proposal(P, "in_progress");
    assert_string_equal(TRY("proposal_reply", R, NULL, "proposal_id", REF(P), "mode", "书面", "replied_on", "2026-10-01"),
                        "BLOCK proposal_reply.early replied_on;");
    assert_string_equal(TRY("proposal_reply", R, NULL, "proposal_id", REF(P), "mode", "书面", "replied_on", "2026-11-23"),
                        "WARN proposal_reply.future replied_on;");
    replies(R, P, "2026-10-09");
    assert_string_equal(TRY("proposal_reply", R, NULL, "text", "已列入计划"), "");
    books_put(&w, "proposal", P, F("replied_on", "2026-10-30", "state", "replied"));
    assert_string_equal(TRY("proposal_reply", R, NULL, "text", "已列入计划"), "BLOCK proposal_reply.after_replied -;");
    assert_string_equal(TRY("proposal_reply", R + 5, NULL, "proposal_id", REF(P), "mode", "书面", "replied_on", "2026-11-09"), "");
}

/* ---- verdict, result, end ---- */

static void test_reopening(void **state)
{
    (void)state;
    a_proposal(P, "rated");
    books_put(&w, "proposal", P, F("rating", "basically", "rated_on", "2026-11-01", "replied_on", "2026-10-30", "decision", "filed"));
    assert_string_equal(TRY("proposal", P, "reopened", "reopened_on", "2026-11-02"), "BLOCK proposal.reopen_satisfied -;");
    books_put(&w, "proposal", P, F("rating", "unsatisfied"));
    assert_string_equal(TRY("proposal", P, "resulted", "result", "done"), "WARN proposal.reopen_first -;");
    assert_string_equal(TRY("proposal", P, "reopened", ), "BLOCK REQUIRED reopened_on;");
    assert_string_equal(TRY("proposal", P, "reopened", "reopened_on", "2026-11-02"), "");
    books_put(&w, "proposal", P, F("reopened_on", "2026-11-02"));
    assert_string_equal(TRY("proposal", P, "reopened", "reopened_on", "2026-11-20"), "BLOCK proposal.reopen_once -;");
    assert_string_equal(TRY("proposal", P, "resulted", "result", "done"), "");
}

static void test_results_and_closing(void **state)
{
    (void)state;
    a_proposal(P, "rated");
    books_put(&w, "proposal", P, F("rating", "satisfied", "replied_on", "2026-10-30", "decision", "filed"));
    assert_string_equal(TRY("proposal", P, "resulted", ), "BLOCK REQUIRED result;");
    assert_string_equal(TRY("proposal", P, "resulted", "result", "部分落实"), "BLOCK proposal.result_reason result_reason;");
    assert_string_equal(TRY("proposal", P, "resulted", "result", "未能落实"), "BLOCK proposal.result_reason result_reason;");
    assert_string_equal(TRY("proposal", P, "resulted", "result", "未能落实", "result_reason", "经费不足"), "");
    assert_string_equal(TRY("proposal", P, "resulted", "result", "列入计划"), "");
    assert_string_equal(TRY("proposal", P, "closed", ), "BLOCK proposal.result_first -;");
    books_put(&w, "proposal", P, F("decision", "converted"));
    assert_string_equal(TRY("proposal", P, "closed", ), "");
}

static void test_assigning(void **state)
{
    (void)state;
    a_proposal(P, "filed");
    assert_string_equal(TRY("proposal", P, "assigned", "handler_id", REF(WANG)), "BLOCK REQUIRED department;BLOCK REQUIRED due_on;");
    assert_string_equal(TRY("proposal", P, "assigned", "department", "总务部", "due_on", "2026-11-21"),
                        "WARN proposal.no_handler handler_id;WARN proposal.due_past due_on;");
}

static void test_award_goes_step_by_step(void **state)
{
    (void)state;
    a_proposal(P, "rated");
    assert_string_equal(TRY("proposal", P, NULL, "award", "nominated"), "BLOCK proposal.award_state award;");
    assert_string_equal(TRY("proposal", P, NULL, "awarded_on", "2026-11-20"), "BLOCK proposal.award_state award;");
    books_put(&w, "proposal", P, F("state", "closed"));
    assert_string_equal(TRY("proposal", P, NULL, "award", "awarded"), "BLOCK proposal.award_step award;");
    assert_string_equal(TRY("proposal", P, NULL, "award", "sent"), "BLOCK proposal.award_step award;");
    DO("proposal", P, NULL, "award", "nominated");
    DO("proposal", P, NULL, "award", "none");
    DO("proposal", P, NULL, "award", "nominated");
    DO("proposal", P, NULL, "award", "awarded");
    DO("proposal", P, NULL, "award", "sent");
    assert_string_equal(TRY("proposal", P, NULL, "award", "awarded"), "BLOCK proposal.award_step award;");
    const struct field_rule *f = kind_field(kind_by_name("proposal"), "award");
    assert_true(f->flags & FIELD_ALWAYS);
    assert_true(kind_may_set_field(kind_by_name("proposal"), ROLES(proposal_group), f));
    assert_false(kind_may_set_field(kind_by_name("proposal"), ROLES(delegate), f));
}

/* ---- co-signatures ---- */

static void test_signing(void **state)
{
    (void)state;
    char mark[PROPOSAL_MARK_SIZE];
    a_proposal(P, "draft");
    proposal_text_mark(books_row(&w, "proposal", P), mark);
    assert_string_equal(TRY("proposal_support", S, NULL, "proposal_id", REF(P), "member_id", REF(WANG)), "BLOCK REQUIRED text_mark;");
    assert_string_equal(TRY("proposal_support", S, NULL, "proposal_id", REF(P), "member_id", REF(WANG), "text_mark", "0123456789abcdef"),
                        "BLOCK proposal_support.text_changed text_mark;");
    assert_string_equal(TRY("proposal_support", S, NULL, "proposal_id", REF(P), "member_id", REF(LIN), "text_mark", mark),
                        "BLOCK proposal_support.own member_id;");
    assert_string_equal(TRY("proposal_support", S, NULL, "proposal_id", REF(P), "member_id", REF(WANG), "text_mark", mark, "voided_on",
                            "2026-10-09"),
                        "BLOCK proposal_support.void_new voided_on;");
    DO("proposal_support", S, NULL, "proposal_id", REF(P), "member_id", REF(WANG), "text_mark", mark, "signed_on", "2026-10-09");
    assert_string_equal(TRY("proposal_support", S + 1, NULL, "proposal_id", REF(P), "member_id", REF(WANG), "text_mark", mark),
                        "BLOCK proposal_support.twice member_id;");
    assert_string_equal(TRY("proposal_support", S + 1, NULL, "proposal_id", REF(P), "member_id", REF(SHI), "text_mark", mark), "");
    DO("proposal_support", S, NULL, "voided_on", "2026-10-10");
    assert_string_equal(TRY("proposal_support", S + 1, NULL, "proposal_id", REF(P), "member_id", REF(WANG), "text_mark", mark), "");
    assert_string_equal(books_measures(&w, "proposal_support"), "void=1;");
}

static void test_mark_is_filled_in(void **state)
{
    (void)state;
    char mark[PROPOSAL_MARK_SIZE];
    const struct kind *k = kind_by_name("proposal_support");
    a_proposal(P, "draft");
    proposal_text_mark(books_row(&w, "proposal", P), mark);
    books_put(&w, "proposal_support", S, F("proposal_id", REF(P), "member_id", REF(WANG)));
    struct check_context c = books_context(&w, "proposal_support", S);
    k->complete(&c, books_row(&w, "proposal_support", S));
    assert_true(cell_equal(record_get_name(c.after, "text_mark"), cell_text(mark)));
    books_put(&w, "proposal", P, F("title", "另一个案名"));
    k->complete(&c, books_row(&w, "proposal_support", S)); /* what was signed stays */
    assert_true(cell_equal(record_get_name(c.after, "text_mark"), cell_text(mark)));
    books_put(&w, "proposal_support", S + 1, F("proposal_id", REF(99)));
    c = books_context(&w, "proposal_support", S + 1);
    k->complete(&c, books_row(&w, "proposal_support", S + 1));
    assert_int_equal(record_get_name(c.after, "text_mark").type, CELL_ABSENT);
}

static void test_signing_ends_with_the_review(void **state)
{
    (void)state;
    char mark[PROPOSAL_MARK_SIZE];
    static const struct {
        const char *state, *found;
    } cases[] = {{"draft", ""}, {"returned", ""}, {"submitted", ""}, {"collated", ""}, {"under_review", "BLOCK proposal_support.too_late proposal_id;"},
                 {"withdrawn", "BLOCK proposal_support.too_late proposal_id;"}, {"filed", "BLOCK proposal_support.too_late proposal_id;"}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        a_proposal(P, cases[i].state);
        proposal_text_mark(books_row(&w, "proposal", P), mark);
        assert_string_equal(TRY("proposal_support", S, NULL, "proposal_id", REF(P), "member_id", REF(WANG), "text_mark", mark),
                            cases[i].found);
    }
}

static void test_who_voids(void **state)
{
    (void)state;
    a_proposal(P, "submitted");
    a_support(S, WANG);
    w.roles = ROLES(delegate);
    assert_string_equal(TRY("proposal_support", S, NULL, "voided_on", "2026-10-10"), "BLOCK proposal_support.void_right voided_on;");
    w.late = true;
    assert_string_equal(TRY("proposal_support", S, NULL, "voided_on", "2026-10-10"), "");
    w.late = false, w.seat = 7;
    assert_string_equal(TRY("proposal_support", S, NULL, "voided_on", "2026-10-10"), "");
    w.seat = 2, w.roles = ROLES(proposal_group);
    DO("proposal_support", S, NULL, "voided_on", "2026-10-10");
    assert_string_equal(TRY("proposal_support", S, NULL, "voided_on", ""), "BLOCK proposal_support.stays_void voided_on;");
}

/* ---- the rest ---- */

static void test_call(void **state)
{
    (void)state;
    assert_string_equal(TRY("proposal_call", CALL, NULL, "session", "五届四次教代会", "opened_on", "2026-10-20", "closes_on", "2026-10-08"),
                        "BLOCK proposal_call.dates closes_on;");
    books_put(&w, "proposal_call", CALL, F("session", "五届四次教代会"));
    assert_string_equal(TRY("proposal_call", CALL, "open", ), "BLOCK REQUIRED opened_on;BLOCK REQUIRED closes_on;");
    DO("proposal_call", CALL, "open", "opened_on", "2026-09-28", "closes_on", "2026-10-12");
    DO("proposal_call", CALL, "closed", );
    assert_string_equal(books_measures(&w, "proposal_call"), "state.closed=1;");
}

static void test_overdue(void **state)
{
    (void)state;
    a_proposal(P, "submitted"); /* 2026-10-08 + 30 days */
    assert_string_equal(books_derived(&w, "proposal", P), "due_by=2026-11-07;overdue=yes;");
    books_put(&w, "policy_limit", 60,
              F("rule_code", "proposal.reply_days", "value", "60", "effective_from", "2026-01-01", "state", "in_force"));
    assert_string_equal(books_derived(&w, "proposal", P), "due_by=2026-12-07;overdue=no;");
    books_put(&w, "proposal", P, F("state", "in_progress", "due_on", "2026-11-22"));
    assert_string_equal(books_derived(&w, "proposal", P), "due_by=2026-11-22;overdue=no;");
    assert_string_equal(books_measures(&w, "proposal"), "category.equipment=1;due.2026-11-22=1;received.2026=1;state.in_progress=1;");
    books_put(&w, "proposal", P, F("state", "rated", "decision", "filed")); /* the result: 90 days */
    assert_string_equal(books_derived(&w, "proposal", P), "due_by=2027-01-06;overdue=no;");
    books_put(&w, "proposal", P, F("state", "closed"));
    assert_string_equal(books_derived(&w, "proposal", P), "");
    a_proposal(OTHER, "draft");
    assert_string_equal(books_derived(&w, "proposal", OTHER), "");
}

static void test_district_reads_what_was_sent(void **state)
{
    (void)state;
    const struct kind *k = kind_by_name("proposal");
    a_proposal(P, "closed");
    assert_int_equal(k->row_access(books_row(&w, "proposal", P), ROLES(district_officer), ACCESS_SUM), ACCESS_SUM);
    books_put(&w, "proposal", P, F("award", "sent"));
    assert_int_equal(k->row_access(books_row(&w, "proposal", P), ROLES(district_officer), ACCESS_SUM), ACCESS_FULL);
    assert_int_equal(k->row_access(books_row(&w, "proposal", P), ROLES(district_finance), ACCESS_SUM), ACCESS_SUM);
    assert_int_equal(k->row_access(NULL, ROLES(district_officer), ACCESS_SUM), ACCESS_FULL);
    assert_int_equal(k->row_access(NULL, ROLES(handler), ACCESS_FULL), ACCESS_FULL);
}

static void test_own_rights(void **state)
{
    (void)state;
    const struct kind *k = kind_by_name("proposal");
    assert_int_equal(k->own_right_count, 1);
    assert_int_equal(k->own_rights[0].roles, ROLES_BRANCH);
    assert_int_equal(k->own_rights[0].may, RIGHT_SET | RIGHT_REMOVE);
    assert_string_equal(k->own_rights[0].actions[0], "submitted");
    assert_string_equal(k->own_rights[0].actions[1], "withdrawn");
    assert_string_equal(k->own_rights[0].actions[2], "rated");
    assert_null(k->own_rights[0].actions[3]);
    assert_string_equal(kind_field(k, "filing_no")->given_at, "filed");
    assert_null(kind_field(k, "no")->given_at);
    assert_int_equal(kind_field(k, "entered_by")->flags, FIELD_AUTHOR);
}

int main(void)
{
#define T(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        T(test_days_are_set_right_within_bounds),
        T(test_filed_and_worked_on_twice),
        T(test_through_the_congress),
        T(test_text_is_its_authors),
        T(test_text_is_frozen_by_a_signature),
        T(test_mark_of_the_text),
        T(test_submitting),
        T(test_supporters_wanted),
        T(test_returning_needs_a_reason_of_its_own),
        T(test_merging),
        T(test_replied_needs_both_for_all),
        T(test_declined_is_replied_to_as_well),
        T(test_replies_stand_once_told),
        T(test_reopening),
        T(test_results_and_closing),
        T(test_assigning),
        T(test_award_goes_step_by_step),
        T(test_signing),
        T(test_mark_is_filled_in),
        T(test_signing_ends_with_the_review),
        T(test_who_voids),
        T(test_call),
        T(test_overdue),
        T(test_district_reads_what_was_sent),
        T(test_own_rights),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
