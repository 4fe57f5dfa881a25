/* What several dues records make together: looked up for a rule, and counted for the board. */
#include "dues.pb-c.h"
#include "kinds/dues.h"
#include "kinds/rules.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- looked up ---- */

struct gathering {
    const char *period; /* NULL: all */
    struct dues_entry *list; /* NULL: they are counted alone */
    size_t count;
};

static bool gather(void *to, struct id id, const ProtobufCMessage *row)
{
    struct gathering *g = to;
    if (g->period && !cell_equal(record_get_name(row, "period"), cell_text(g->period)))
        return true;
    if (g->list)
        g->list[g->count] = (struct dues_entry){id, row};
    g->count++;
    return true;
}

/* Counted first: of however many a rule sees all (LIMIT_CHILDREN bounds them), and no room is left behind in an arena that many
 * changes share. */
struct dues_rows dues_rows_of(const struct check_context *c, uint32_t kind, const ProtobufCMessage *m,
                              const char *period)
{
    struct gathering g = {.period = period};
    struct cell member = record_get_name(m, "member_id");
    if (!c->arena || member.type != CELL_BYTES)
        return (struct dues_rows){NULL, 0};
    check_children(c, kind, "member_id", member, gather, &g);
    g.list = arena_alloc(c->arena, (g.count + 1) * sizeof *g.list);
    CHECK(g.list);
    g.count = 0;
    check_children(c, kind, "member_id", member, gather, &g);
    return (struct dues_rows){g.list, g.count};
}

int64_t dues_rows_sum(const struct dues_rows *payments)
{
    int64_t sum = 0;
    for (size_t i = 0; i < payments->count; i++)
        sum += ((const Record__DuesPayment *)payments->list[i].payment)->amount_fen;
    return sum;
}

bool dues_rows_stand(const struct dues_rows *payments)
{
    for (size_t i = 0; i < payments->count; i++)
        if (!dues_is_cancelled(payments->list, payments->count, i))
            return true;
    return false;
}

const char *dues_yuan(const struct check_context *c, int64_t fen)
{
    struct buf text = BUF_INIT;
    fen_text(fen, &text);
    const char *kept = c->arena ? arena_text(c->arena, buf_slice(&text)) : NULL;
    buf_finish(&text);
    return kept;
}

struct closing {
    bool closed;
};

static bool note_closed(void *to, struct id id, const ProtobufCMessage *row)
{
    (void)id;
    struct closing *closing = to;
    closing->closed = strcmp(kind_state_of(&kind_dues_year, row), "closed") == 0;
    return !closing->closed;
}

bool dues_year_is_closed(const struct check_context *c, int year)
{
    struct closing closing = {false};
    char text[DUES_PERIOD_SIZE];
    dues_period_text((struct dues_period){DUES_YEAR, year, 0}, text);
    check_children(c, KIND_DUES_YEAR, "year", cell_text(text), note_closed, &closing);
    return closing.closed;
}

bool dues_period_is_closed(const struct check_context *c, struct dues_period p)
{
    int first = dues_period_first(p).year, last = dues_period_last(p).year;
    return dues_year_is_closed(c, first) || (last != first && dues_year_is_closed(c, last));
}

/* ---- counted ---- */

struct count {
    const struct account_rows *rows;
    int64_t sign;
    measure_emit *emit;
    void *to;
    char period[DUES_PERIOD_SIZE]; /* in its canonical form, or "none" */
};

static void add(const struct count *c, const char *family, const char *rest, int64_t amount)
{
    char name[96];
    snprintf(name, sizeof name, "%s%s", family, rest);
    c->emit(c->to, name, c->sign * amount);
}

static bool is_payment(const ProtobufCMessage *m)
{
    return m->descriptor == &record__dues_payment__descriptor;
}

static int64_t amount_of(const ProtobufCMessage *m)
{
    return ((const Record__DuesPayment *)m)->amount_fen;
}

static const char *day_of(const ProtobufCMessage *m)
{
    const char *day = ((const Record__DuesPayment *)m)->paid_on;
    return day ? day : "";
}

static int by_sum_and_day(const void *a, const void *b)
{
    const ProtobufCMessage *x = *(const ProtobufCMessage *const *)a, *y = *(const ProtobufCMessage *const *)b;
    if (amount_of(x) != amount_of(y))
        return amount_of(x) < amount_of(y) ? -1 : 1;
    return strcmp(day_of(x), day_of(y));
}

/* Payments of one sum on one day beyond the first, less what was taken back, but never below none: in the sums of a branch it would
 * hide another member's. Rows have no ids here: which of them a reversal means does not matter to the number. Sorted,
 * since a peer may send thousands of one period. */
static int64_t possible_doubles(const struct account_rows *rows)
{
    const ProtobufCMessage **list = malloc((rows->count + 1) * sizeof *list);
    size_t count = 0;
    int64_t doubles = 0, reversed = 0;
    CHECK(list);
    for (size_t i = 0; i < rows->count; i++)
        if (is_payment(rows->list[i]))
            list[count++] = rows->list[i];
    if (count > 1)
        qsort(list, count, sizeof *list, by_sum_and_day);
    for (size_t i = 0; i < count; i++) {
        doubles += i > 0 && amount_of(list[i]) > 0 && by_sum_and_day(&list[i - 1], &list[i]) == 0;
        reversed += amount_of(list[i]) < 0;
    }
    free(list);
    return doubles > reversed ? doubles - reversed : 0;
}

/* By the day itself: what is counted in a commit knows no settings, so that the board's arrears begin without the days of grace
 * (dues.grace_days) that a branch's own list gives; its label says so. */
static void count_owing(const struct count *c, const ProtobufCMessage *assessment, int64_t owed)
{
    struct date due_by = dues_due_by(assessment, 0);
    char day[DATE_TEXT_SIZE];
    if (!date_is_valid(due_by))
        return;
    date_text(due_by, day);
    add(c, "dues_assessment.owing.", day, 1);
    add(c, "dues_assessment.owing_fen.", day, owed);
}

/* What was assessed and paid stays in the books of the period; but nobody owes it whose data were erased (rule 29), or who was
 * removed: in the branch's register there is nobody who could pay. */
static void count_assessed(const struct count *c, const ProtobufCMessage *assessment, int64_t paid)
{
    const Record__DuesAssessment *a = (const Record__DuesAssessment *)assessment;
    if (strcmp(kind_state_of(&kind_dues_assessment, assessment), "exempt") == 0) {
        add(c, "dues_assessment.exempt.", c->period, 1);
        add(c, "dues_payment.unassessed_fen.", c->period, paid);
        return;
    }
    add(c, "dues_assessment.members.", c->period, 1);
    add(c, "dues_assessment.assessed_fen.", c->period, a->amount_due_fen);
    add(c, "dues_assessment.paid_fen.", c->period, paid);
    add(c, "dues_assessment.paid_up.", c->period, paid >= a->amount_due_fen);
    if (paid > a->amount_due_fen)
        add(c, "dues_assessment.surplus_fen.", c->period, paid - a->amount_due_fen);
    if (paid < a->amount_due_fen && !c->rows->gone)
        count_owing(c, assessment, a->amount_due_fen - paid);
}

static void measure(const struct account_rows *rows, int64_t sign, measure_emit *emit, void *to)
{
    struct count c = {rows, sign, emit, to, "none"};
    const ProtobufCMessage *assessment = NULL;
    struct dues_period p;
    int64_t paid = 0;
    for (size_t i = 0; i < rows->count; i++) {
        if (is_payment(rows->list[i]))
            paid += amount_of(rows->list[i]);
        else
            assessment = rows->list[i]; /* one of a member's period: its id follows from both */
        struct cell period = record_get_name(rows->list[i], "period");
        if (period.type == CELL_TEXT && dues_period_read((const char *)period.bytes.data, &p))
            dues_period_text(p, c.period);
    }
    if (assessment)
        count_assessed(&c, assessment, paid);
    else if (paid)
        add(&c, "dues_payment.unassessed_fen.", c.period, paid);
    int64_t doubles = possible_doubles(rows);
    if (doubles)
        add(&c, "dues_payment.", "possible_doubles", doubles);
}

static const uint32_t kinds[] = {KIND_DUES_ASSESSMENT, KIND_DUES_PAYMENT, 0};
const struct account dues_account = {
    .name = "dues", .kinds = kinds, .by = "member_id", .key = "period", .about = KIND_MEMBER, .measure = measure};
