/* See dues.h. Every sum is of integers of fen; what cannot be a sum is refused, never cut. */
#include "kinds/dues.h"
#include "dues.pb-c.h"
#include "kinds/rules.h"
#include "membership.pb-c.h"
#include <stdlib.h>
#include <string.h>

static bool is(const char *a, const char *b)
{
    return a && strcmp(a, b) == 0;
}

/* ---- what is due ---- */

bool dues_of_wage(int64_t wage_fen, int64_t rate_permille, int64_t rounding_fen, int64_t *out)
{
    int64_t product;
    if (wage_fen < 0 || rate_permille < 0 || rounding_fen <= 0)
        return false;
    if (__builtin_mul_overflow(wage_fen - wage_fen % rounding_fen, rate_permille, &product))
        return false;
    *out = product / 1000;
    return true;
}

/* b goes on from where a came to, on the same day. */
static bool follows(const Record__MembershipChange *a, const Record__MembershipChange *b)
{
    return is(b->from_state, a->to_state ? a->to_state : "");
}

/* The last change by the day, or NULL; *first: the earliest of all. */
static const Record__MembershipChange *change_at(const ProtobufCMessage *const *changes, size_t count, struct date on,
                                                const Record__MembershipChange **first)
{
    const Record__MembershipChange *last = NULL;
    struct date last_on = {0}, first_on = {0};
    *first = NULL;
    for (size_t i = 0; i < count; i++) {
        const Record__MembershipChange *one = (const Record__MembershipChange *)changes[i];
        struct date at = check_date(changes[i], "effective_on");
        if (!date_is_valid(at))
            continue;
        int before_first = *first ? date_compare(at, first_on) : -1, after_last = last ? date_compare(at, last_on) : 1;
        if (before_first < 0 || (before_first == 0 && follows(one, *first))) {
            *first = one;
            first_on = at;
        }
        if (date_compare(at, on) <= 0 && (after_last > 0 || (after_last == 0 && follows(last, one)))) {
            last = one;
            last_on = at;
        }
    }
    return last;
}

static bool had_come(const ProtobufCMessage *member, const char *field, struct date on)
{
    struct date came = check_date(member, field);
    return !date_is_valid(came) || date_compare(came, on) <= 0;
}

/* Who came from another branch joined there: what was before the day of coming is owed there. */
static bool had_joined(const ProtobufCMessage *member, struct date on)
{
    return had_come(member, "joined_on", on) && had_come(member, "transferred_in_on", on);
}

bool dues_was_active(const ProtobufCMessage *member, const ProtobufCMessage *const *changes, size_t count,
                     struct date on)
{
    const Record__Member *m = (const Record__Member *)member;
    const Record__MembershipChange *first, *last = change_at(changes, count, on, &first);
    if (last)
        return is(last->to_state, "active");
    if (first)
        return is(first->from_state, "active") && had_joined(member, on);
    /* Without a ledger the record alone tells: who left, or had the membership retained, after that day was active on it. */
    if (is(kind_state_of(&kind_member, member), "active"))
        return had_come(member, m->state_effective_on ? "state_effective_on" : "joined_on", on) && had_come(member, "transferred_in_on", on);
    struct date left = check_date(member, "state_effective_on");
    const char *state = kind_state_of(&kind_member, member);
    bool was_retained = m->retained_reason && !is(state, "retained"); /* a retired member who died owed nothing before either */
    bool was_in = !is(state, "applied") && !was_retained;
    return was_in && date_is_valid(left) && date_compare(left, on) > 0 && had_joined(member, on);
}

size_t dues_months_owed(const ProtobufCMessage *member, const ProtobufCMessage *const *changes, size_t count,
                        struct dues_period p)
{
    struct date months[DUES_MONTHS_MAX];
    size_t all = dues_period_months(p, months), owed = 0;
    for (size_t i = 0; i < all; i++)
        owed += dues_was_active(member, changes, count, months[i]);
    return owed;
}

const ProtobufCMessage *dues_standard_at(const ProtobufCMessage *const *standards, size_t count, struct date on)
{
    const ProtobufCMessage *best = NULL;
    struct date best_from = {0};
    for (size_t i = 0; i < count; i++) {
        struct date from = check_date(standards[i], "effective_from");
        bool counts = date_is_valid(from) && date_compare(from, on) <= 0;
        if (counts && (!best || date_compare(from, best_from) > 0)) {
            best = standards[i];
            best_from = from;
        }
    }
    return best;
}

int64_t dues_amount(const ProtobufCMessage *standard, size_t months_owed)
{
    const Record__DuesStandard *s = (const Record__DuesStandard *)standard;
    int64_t amount = s->has_amount_fen ? s->amount_fen : 0;
    if (months_owed == 0)
        return 0;
    return is(s->mode, "flat") ? amount : amount * (int64_t)months_owed;
}

/* ---- what an account stands at ---- */

static const Record__DuesPayment *payment(const struct dues_entry *e)
{
    return (const Record__DuesPayment *)e->payment;
}

static bool reverses(const Record__DuesPayment *p, struct id id)
{
    return p->has_reverses_id && p->reverses_id.len == ID_SIZE &&
           id_equal(id_from(slice_of(p->reverses_id.data, p->reverses_id.len)), id);
}

/* A payment and the one that took it back are as if neither had been. */
bool dues_is_cancelled(const struct dues_entry *entries, size_t count, size_t at)
{
    const Record__DuesPayment *p = payment(&entries[at]);
    for (size_t i = 0; i < count; i++)
        if (i != at && (reverses(payment(&entries[i]), entries[at].id) || reverses(p, entries[i].id)))
            return true;
    return false;
}

/* The day of the payment that made the due sum whole; invalid: none did. */
static struct date whole_on(const struct dues_entry *entries, size_t count, int64_t due)
{
    struct date day = {0};
    int64_t sum = 0;
    for (bool more = true; more && sum < due;) {
        struct date next = {0};
        int64_t on_day = 0;
        for (size_t i = 0; i < count; i++) {
            struct date on = check_date(entries[i].payment, "paid_on");
            bool later = !date_is_valid(day) || date_compare(on, day) > 0;
            if (!date_is_valid(on) || !later || dues_is_cancelled(entries, count, i))
                continue;
            if (!date_is_valid(next) || date_compare(on, next) < 0) {
                next = on;
                on_day = 0;
            }
            if (date_compare(on, next) == 0)
                on_day += payment(&entries[i])->amount_fen;
        }
        more = date_is_valid(next);
        day = more ? next : day;
        sum += on_day;
    }
    return sum >= due ? day : (struct date){0};
}

static const char *state_name(int64_t due, int64_t paid, struct date whole, struct date due_by, struct date today)
{
    bool late = date_is_valid(due_by) && date_is_valid(today) && date_compare(today, due_by) > 0;
    if (paid >= due) {
        bool settled = date_is_valid(whole) && date_is_valid(due_by) && date_compare(whole, due_by) > 0;
        return settled ? "settled" : "paid";
    }
    if (late)
        return "arrears";
    return paid > 0 ? "part_paid" : "due";
}

struct dues_standing dues_standing_of(const ProtobufCMessage *assessment, const struct dues_entry *entries,
                                      size_t count, struct date due_by, struct date today)
{
    const Record__DuesAssessment *a = (const Record__DuesAssessment *)assessment;
    bool exempt = is(a->state, "exempt");
    int64_t due = exempt || !a->has_amount_due_fen ? 0 : a->amount_due_fen, paid = 0;
    for (size_t i = 0; i < count; i++)
        paid += payment(&entries[i])->amount_fen;
    struct date whole = due > 0 ? whole_on(entries, count, due) : (struct date){0};
    return (struct dues_standing){exempt ? "exempt" : state_name(due, paid, whole, due_by, today), paid, due - paid};
}

struct date dues_due_by(const ProtobufCMessage *assessment, int64_t grace_days)
{
    struct dues_period p;
    struct date day = check_date(assessment, "due_on");
    if (date_is_valid(day))
        return day;
    if (!dues_period_read(((const Record__DuesAssessment *)assessment)->period, &p))
        return (struct date){0};
    day = dues_period_last(p);
    bool sound = grace_days > 0 && grace_days <= 3660;
    return sound ? date_of_ms((date_days(day) + grace_days) * INT64_C(86400000), 0) : day;
}
