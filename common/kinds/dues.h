#pragma once
/* The arithmetic of dues (rules.md 4.1, rights.md): periods, what a wage makes due, who owes a month, what an account stands at.
 * Pure: records in, numbers out; money in fen, never a fraction. Also what the rules of the dues kinds share. */
#include "kinds/kind.h"

/* ---- periods: 2026-10 a month, 2026-1 (September to January) and 2026-2 (February to August 2027) a term, 2026 a year ---- */
#define DUES_PERIOD_SIZE 8 /* with the final zero */
#define DUES_MONTHS_MAX 12

enum dues_period_kind { DUES_MONTH, DUES_TERM, DUES_YEAR };
struct dues_period {
    enum dues_period_kind kind;
    int year, part; /* part: month, or 1 and 2 of a term; 0 of a year */
};
/* The canonical form alone; false if it is none. */
bool dues_period_read(const char *text, struct dues_period *out);
void dues_period_text(struct dues_period p, char out[DUES_PERIOD_SIZE]);
/* 2026年10月, 2026/10, 202610, 2026学年第一学期, 2026年 to the canonical form, the rest as it is. */
void dues_period_normalise(struct slice written, struct buf *out);
/* The first days of its months, in order. */
size_t dues_period_months(struct dues_period p, struct date out[DUES_MONTHS_MAX]);
struct date dues_period_first(struct dues_period p);
struct date dues_period_last(struct dues_period p);
bool dues_periods_overlap(struct dues_period a, struct dues_period b);

/* ---- what is due ---- */
/* The wage's part below rounding_fen is dropped, then rate_permille of the rest, down to the fen (5,678.90 yuan, 5, 1000: 28.35).
 * False, and out untouched: a negative wage or setting, no rounding, or a sum out of all measure. */
bool dues_of_wage(int64_t wage_fen, int64_t rate_permille, int64_t rounding_fen, int64_t *out) MUST_CHECK;
/* member: record.Member; changes: its record.MembershipChange rows, in any order. Whether the member was active on that day: the
 * last change by then says it; before the first one its from_state does; without any the member's own state: active since
 * state_effective_on, else joined_on; one that was left into on a later day was active before it. Who came from another branch
 * (transferred_in_on) was active here from that day at the earliest, unless a change says otherwise. */
bool dues_was_active(const ProtobufCMessage *member, const ProtobufCMessage *const *changes, size_t count, struct date on);
/* The months of the period on whose first day the member was active. */
size_t dues_months_owed(const ProtobufCMessage *member, const ProtobufCMessage *const *changes, size_t count, struct dues_period p);
/* Of record.DuesStandard rows the one that counts from that day: the newest effective_from by then. NULL: none. */
const ProtobufCMessage *dues_standard_at(const ProtobufCMessage *const *standards, size_t count, struct date on);
/* By that standard: rate and delivered for every month owed, flat once for the period if any month is owed. */
int64_t dues_amount(const ProtobufCMessage *standard, size_t months_owed);

/* ---- what an account stands at ---- */
struct dues_entry {
    struct id id;
    const ProtobufCMessage *payment; /* record.DuesPayment */
};
struct dues_standing {
    const char *state; /* exempt, paid, settled, part_paid, due, arrears */
    int64_t paid_fen, balance_fen; /* balance: what is still owed; negative: paid too much */
};
/* assessment: record.DuesAssessment. due_by: the day by which it is on time. Entries of that member and period, in any order. */
struct dues_standing dues_standing_of(const ProtobufCMessage *assessment, const struct dues_entry *entries, size_t count,
                                      struct date due_by, struct date today);
/* The assessment's due_on, else the last day of its period; then grace_days more. Invalid: no sound period. */
struct date dues_due_by(const ProtobufCMessage *assessment, int64_t grace_days);

/* ---- for the rules: an org's records of one member, as far as they can be looked up ---- */
struct dues_rows {
    struct dues_entry *list; /* of any kind; in the context's arena */
    size_t count;
};
/* All rows of the kind whose member_id is that of m; of those with that period if period is not NULL. */
struct dues_rows dues_rows_of(const struct check_context *c, uint32_t kind, const ProtobufCMessage *m, const char *period);
/* Of payments of one member's period: what they come to; whether any stands that was not taken back. */
int64_t dues_rows_sum(const struct dues_rows *payments);
bool dues_rows_stand(const struct dues_rows *payments);
/* Which of those was taken back, or takes one back. */
bool dues_is_cancelled(const struct dues_entry *entries, size_t count, size_t at);
/* "12.50", in the context's arena; NULL without one. */
const char *dues_yuan(const struct check_context *c, int64_t fen);
bool dues_year_is_closed(const struct check_context *c, int year);
/* Any month of the period lies in a closed year. */
bool dues_period_is_closed(const struct check_context *c, struct dues_period p);
/* Both kinds have it: an account is a member's period. */
extern const struct account dues_account;
field_check dues_check_period;
