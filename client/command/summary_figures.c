/* See summary_figures.h. Counted by the kinds' own measures, so that a branch reads here what its district's board will show. */
#include "client/command/summary_figures.h"
#include "client/command/member_rows.h"
#include "dues.pb-c.h"
#include "kinds/dues.h"
#include "kinds/figure_period.h"

#include <string.h>

struct counting {
    struct seat *seat;
    struct arena *arena;
    char months[FIGURE_MONTHS_MAX][FIGURE_PERIOD_SIZE];
    size_t month_count;
    struct date first, last;
    int64_t members; /* active now */
    struct summary_gaps *gaps;
};

static void put_gap(struct buf *gaps, struct label label)
{
    buf_format(gaps, "%s%s", gaps->size ? "、" : "", label_in(label, command_language()));
}

static bool lies_in(const struct counting *c, struct date day)
{
    return date_is_valid(day) && date_compare(day, c->first) >= 0 && date_compare(day, c->last) <= 0;
}

/* ---- names that a measure says ---- */

#define TALLY_MAX 8

struct tally {
    const struct counting *counting;
    const char *const *families; /* "joined.", NULL-ended */
    bool by_month;               /* FAMILY.2026-09: of the period's months alone */
    int64_t count[TALLY_MAX];
};

static bool is_month_of(const struct counting *c, const char *month)
{
    for (size_t i = 0; i < c->month_count; i++)
        if (strcmp(c->months[i], month) == 0)
            return true;
    return false;
}

static void on_measure(void *to, const char *name, int64_t delta)
{
    struct tally *t = to;
    for (size_t i = 0; t->families[i]; i++) {
        size_t size = strlen(t->families[i]);
        if (strncmp(name, t->families[i], size) == 0 && (!t->by_month || is_month_of(t->counting, name + size)))
            t->count[i] += delta;
    }
}

/* ---- members ---- */

static int64_t members_on(const struct member_rows *members, const struct member_rows *changes, struct date on, struct arena *arena)
{
    int64_t active = 0;
    for (size_t i = 0; i < members->count; i++) {
        size_t count;
        const struct member_row *rows = member_rows_of(changes, members->list[i].id, &count);
        const ProtobufCMessage **list = count ? arena_alloc(arena, count * sizeof *list) : NULL;
        for (size_t k = 0; list && k < count; k++)
            list[k] = rows[k].row;
        active += dues_was_active(members->list[i].row, list, list ? count : 0, on);
    }
    return active;
}

static enum err add_members(const struct counting *c, struct buf *out)
{
    static const char *const families[] = {"joined.", "in.", "out.", "left.", "expelled.", "deceased.", NULL};
    const struct kind *k = kind_by_name("member");
    struct member_rows members, changes;
    struct tally t = {.counting = c, .families = families, .by_month = true};
    struct date today = seat_today(c->seat), end = date_compare(today, c->last) < 0 ? today : c->last;
    enum err e = member_rows_load(c->seat, "member", NULL, c->arena, &members);
    if (e == ERR_OK)
        e = member_rows_load(c->seat, "membership_change", "member_id", c->arena, &changes);
    if (e != ERR_OK)
        return e;
    for (size_t i = 0; i < members.count; i++)
        k->measure(k, members.list[i].row, 1, on_measure, &t);
    buf_format(out, "会员：%s在籍 %lld 人，本期新入会和转入 %lld 人，转出、退会等 %lld 人。\n", date_compare(end, c->last) < 0 ? "目前" : "期末",
               (long long)members_on(&members, &changes, end, c->arena), (long long)(t.count[0] + t.count[1]),
               (long long)(t.count[2] + t.count[3] + t.count[4] + t.count[5]));
    return ERR_OK;
}

/* The district reads how many members are active on its board as well: it is the measure of what is few. */
static enum err count_active(struct counting *c)
{
    const struct kind *k = kind_by_name("member");
    struct member_rows members;
    enum err e = member_rows_load(c->seat, "member", NULL, c->arena, &members);
    for (size_t i = 0; e == ERR_OK && i < members.count; i++)
        c->members += strcmp(kind_state_of(k, members.list[i].row), "active") == 0;
    return e;
}

/* ---- dues ---- */

/* How many owe for each of the periods that are added up: what one of them has too few of could be found by taking away the others. */
struct owing {
    struct owing_period {
        const char *period;
        size_t people;
    } *list;
    size_t count, capacity;
};

static bool note_owing(struct owing *o, const char *period, struct arena *arena)
{
    size_t i = 0;
    while (i < o->count && strcmp(o->list[i].period, period) != 0)
        i++;
    if (i == o->count) {
        struct owing_period *list = arena_grow(arena, o->list, o->count, &o->capacity, sizeof *list);
        if (!list)
            return false;
        o->list = list;
        o->list[o->count++] = (struct owing_period){.period = period};
    }
    o->list[i].people++;
    return true;
}

static bool are_few(const struct counting *c, const struct owing *o)
{
    bool few = c->members < MEASURE_LEAST;
    for (size_t i = 0; i < o->count; i++)
        few = few || o->list[i].people < MEASURE_LEAST;
    return few;
}

static int64_t paid_for(const struct member_rows *payments, struct id member, const char *period)
{
    size_t count;
    const struct member_row *rows = member_rows_of(payments, member, &count);
    int64_t paid = 0;
    for (size_t i = 0; i < count; i++) {
        const Record__DuesPayment *p = (const Record__DuesPayment *)rows[i].row;
        if (p->period && strcmp(p->period, period) == 0)
            paid += p->amount_fen;
    }
    return paid;
}

static enum err add_dues(const struct counting *c, struct buf *out)
{
    const struct kind *k = kind_by_name("dues_assessment");
    struct member_rows assessments, payments;
    struct dues_period p;
    struct owing owing = {.count = 0};
    int64_t due = 0, paid = 0;
    enum err e = member_rows_load(c->seat, "dues_assessment", "member_id", c->arena, &assessments);
    if (e == ERR_OK)
        e = member_rows_load(c->seat, "dues_payment", "member_id", c->arena, &payments);
    for (size_t i = 0; e == ERR_OK && i < assessments.count; i++) {
        const Record__DuesAssessment *a = (const Record__DuesAssessment *)assessments.list[i].row;
        if (!dues_period_read(a->period, &p) || !lies_in(c, dues_period_first(p)) || !lies_in(c, dues_period_last(p)) ||
            strcmp(kind_state_of(k, assessments.list[i].row), "exempt") == 0)
            continue;
        if (!note_owing(&owing, a->period, c->arena))
            return ERR_MEMORY;
        due += a->amount_due_fen;
        paid += paid_for(&payments, assessments.list[i].member, a->period);
    }
    if (e != ERR_OK || (due == 0 && paid == 0))
        return e;
    if (are_few(c, &owing)) {
        put_gap(&c->gaps->few, k->label);
        return ERR_OK;
    }
    buf_text(out, "会费：本期应缴 ");
    fen_text(due, out);
    buf_text(out, " 元，实缴 ");
    fen_text(paid, out);
    buf_text(out, " 元");
    if (due > 0)
        buf_format(out, "，收缴率 %lld.%lld%%", (long long)((paid * 1000 + due / 2) / due / 10), (long long)((paid * 1000 + due / 2) / due % 10));
    buf_text(out, "。\n");
    return ERR_OK;
}

/* ---- proposals ---- */

struct proposals {
    const struct kind *kind;
    struct tally tally;
};

static bool on_proposal(void *to, const struct replica_row *row)
{
    struct proposals *p = to;
    struct date on;
    struct cell submitted = record_get_name(row->message, "submitted_on");
    if (row->org == p->tally.counting->seat->facts.home && submitted.type == CELL_TEXT && date_read(submitted.bytes, &on) &&
        lies_in(p->tally.counting, on))
        p->kind->measure(p->kind, row->message, 1, on_measure, &p->tally);
    return true;
}

static enum err add_proposals(const struct counting *c, struct buf *out)
{
    static const char *const families[] = {"received.", "filed.", "replied.", "satisfied.", "basically.", "unsatisfied.", NULL};
    struct proposals p = {.kind = kind_by_name("proposal"), .tally = {.counting = c, .families = families}};
    enum err e = replica_scan(c->seat->replica, p.kind->number, c->seat->now_ms, on_proposal, &p);
    const int64_t *n = p.tally.count;
    if (e != ERR_OK || n[0] == 0)
        return e;
    buf_format(out, "提案：收到 %lld 件，立案 %lld 件，已答复 %lld 件", (long long)n[0], (long long)n[1], (long long)n[2]);
    int64_t answers = n[3] + n[4] + n[5];
    bool few = answers > 0 && (answers < MEASURE_LEAST || c->members < MEASURE_LEAST);
    if (few)
        put_gap(&c->gaps->few, kind_field(p.kind, "rating")->label);
    else if (answers > 0)
        buf_format(out, "；反馈满意 %lld 件，基本满意 %lld 件，不满意 %lld 件", (long long)n[3], (long long)n[4], (long long)n[5]);
    buf_text(out, "。\n");
    return ERR_OK;
}

/* ---- all ---- */

static bool may_read(const struct counting *c, const char *kind)
{
    const struct kind *k = kind_by_name(kind);
    bool may = kind_access(k, NULL, c->seat->facts.roles) >= ACCESS_OPEN;
    if (!may)
        put_gap(&c->gaps->hidden, k->label);
    return may;
}

static struct date month_first(const char *month)
{
    struct dues_period p;
    return dues_period_read(month, &p) ? dues_period_first(p) : (struct date){0};
}

enum err summary_figures(struct seat *s, const char *period, struct arena *arena, struct buf *results, struct summary_gaps *gaps)
{
    struct counting c = {.seat = s, .arena = arena, .gaps = gaps};
    c.month_count = figure_months(period, c.months);
    if (!c.month_count)
        return ERR_OK;
    struct date last = month_first(c.months[c.month_count - 1]);
    c.first = month_first(c.months[0]);
    c.last = date_month_end(last.year, last.month);
    enum err e = count_active(&c); /* 0 where members may not be read: then all the rest is few */
    if (e == ERR_OK && may_read(&c, "member"))
        e = add_members(&c, results);
    bool dues = may_read(&c, "dues_assessment");
    if (e == ERR_OK && dues && may_read(&c, "dues_payment"))
        e = add_dues(&c, results);
    if (e == ERR_OK && may_read(&c, "proposal"))
        e = add_proposals(&c, results);
    return e;
}

void summary_gaps_finish(struct summary_gaps *g)
{
    buf_finish(&g->hidden);
    buf_finish(&g->few);
}
