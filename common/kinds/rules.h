#pragma once
/* What the rules files of this room share: the kinds that registry.c lists, the code lists, small helps for checks.
 * Nobody outside the room includes this. */
#include "kinds/kind.h"
#include "kinds/refusal.h"

#define COUNT(list) (sizeof(list) / sizeof((list)[0]))
#define L(zh_text, en_text) {zh_text, en_text}
#define CODES(list_name, list_standard, list) {list_name, list_standard, list, COUNT(list)}

extern const struct kind kind_member, kind_union_group, kind_policy_limit, kind_work_plan, kind_plan_item, kind_conflict;
extern const struct kind kind_proposal, kind_proposal_support, kind_proposal_reply, kind_proposal_call;
extern const struct kind kind_dues_standard, kind_dues_assessment, kind_dues_payment, kind_dues_year, kind_dues_usage_report;
extern const struct kind kind_dues_usage_line, kind_membership_change, kind_branch_union, kind_work_summary, kind_handover;
extern const struct kind kind_committee_meeting;
extern const struct account plan_account; /* of plans and their items */

enum kind_number {
    KIND_MEMBER = 1,
    KIND_UNION_GROUP = 2,
    KIND_WORK_PLAN = 3,
    KIND_PLAN_ITEM = 4,
    KIND_POLICY_LIMIT = 5,
    KIND_PROPOSAL = 6,
    KIND_PROPOSAL_SUPPORT = 7,
    KIND_PROPOSAL_REPLY = 8,
    KIND_PROPOSAL_CALL = 9,
    KIND_DUES_STANDARD = 10,
    KIND_DUES_ASSESSMENT = 11,
    KIND_DUES_PAYMENT = 12,
    KIND_DUES_YEAR = 13,
    KIND_DUES_USAGE_REPORT = 14,
    KIND_DUES_USAGE_LINE = 15,
    KIND_WORK_SUMMARY = 16,
    KIND_HANDOVER = 17,
    KIND_MEMBERSHIP_CHANGE = 18,
    KIND_BRANCH_UNION = 19,
    KIND_COMMITTEE_MEETING = 20
};

extern const struct code_list codes_sex, codes_ethnicity, codes_education, codes_political_status, codes_id_type;
extern const struct code_list codes_post, codes_title, codes_employment_type, codes_retained_reason, codes_membership;
extern const struct code_list codes_period_kind, codes_plan_state, codes_plan_item_state, codes_policy_state, codes_conflict_state;
extern const struct code_list codes_proposal_category, codes_proposal_decision, codes_proposal_result, codes_proposal_rating;
extern const struct code_list codes_proposal_award, codes_proposal_state, codes_reply_mode, codes_call_eligible, codes_call_state;
extern const struct code_list codes_dues_mode, codes_dues_assessment_state, codes_dues_standing, codes_dues_method, codes_dues_year_state;
extern const struct code_list codes_dues_report_state, codes_expense_category, codes_ownership, codes_union_type, codes_branch_state;
extern const struct code_list codes_summary_state, codes_role, codes_handover_state;

/* {"*", NULL}: every action of the kind. */
extern const char *const rights_all_actions[];

/* True if the field's value differs between before and after (or before is none): what stood already is not judged anew, so
 * that a rule that came later never blocks a change of something else. */
bool check_changed(const struct check_context *c, const char *field);
/* It may have been said, and nobody may keep it. */
bool check_erased(const struct check_context *c, const char *field);
/* Blocks by a right that no table tells (rights.md: whose group, who entered it): not what passed it once. */
void check_right(const struct check_context *c, const char *code, const char *field, struct findings *out);
/* check_form.c: type, limits, stored form. */
void check_form(const struct check_context *c, const struct field_rule *f, struct cell value, struct findings *out);
bool check_is_blank(struct slice text); /* of clean text */
/* A stored date, YYYY-MM-DD and nothing else. */
bool check_date_cell(struct cell value, struct date *out);
/* The date in a field of the message; an invalid date if absent or malformed. */
struct date check_date(const ProtobufCMessage *m, const char *field);
/* As check_context.children; does nothing where there is nothing to look up in. */
void check_children(const struct check_context *c, uint32_t kind, const char *field, struct cell value, kind_each *each, void *to);
/* measure.c: emits "PREFIX" + the record's state. */
void measure_state(const struct kind *k, const ProtobufCMessage *row, const char *prefix, int64_t sign, measure_emit *emit, void *to);
/* "PERIOD." + state: the period (NULL: none) in the form that kinds/period.h lets pass, else "none". */
void measure_period_state(const struct kind *k, const ProtobufCMessage *row, const char *period, int64_t sign, measure_emit *emit, void *to);
/* A return_reason given for an earlier return does not do for this one. */
bool check_reason_is_old(const struct check_context *c);
