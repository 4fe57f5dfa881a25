/* `banyan add work_summary --from PLAN`: what became of a plan (PLN-07), drafted from its items and the period's records: what was done,
 * month by month, what was not and why, what goes on. In Chinese, as records are; a person works it over. One summary a plan. Of an
 * item's title, evidence or reason QUOTE_MAX signs (code points) are quoted, so that a year's items fit into one record. */
#include "client/command/add_from.h"
#include "base/text.h"
#include "client/command/member_rows.h"
#include "client/command/summary_figures.h"
#include "client/reader/plan_reader.h"
#include "kinds/figure_period.h"
#include "plans.pb-c.h"

#include <stdlib.h>
#include <string.h>

#define PARAGRAPH_MAX 16000u /* three of them and the figures are one record (LIMIT_RECORD) */
#define QUOTE_MAX 80u        /* see above */

struct entry {
    const Record__PlanItem *item;
    const char *state;
    struct id id;
    int order;           /* its month's place in the period; later ones, then none, at the end */
    const char *heading; /* 九月 */
};
struct drafting {
    struct seat *seat;
    struct arena *arena;
    struct replica_row plan;
    const char *period;
    struct entry *entries; /* by month, then place in the plan */
    size_t count;
};

/* ---- the plan's items ---- */

static const char *month_name(int month)
{
    static const char *const names[] = {"一月", "二月", "三月", "四月", "五月", "六月", "七月", "八月", "九月", "十月", "十一月", "十二月"};
    return month >= 1 && month <= 12 ? names[month - 1] : "";
}

#define ORDER_NONE 200

static void place(struct entry *e, const char (*months)[FIGURE_PERIOD_SIZE], size_t month_count)
{
    static const char *const quarters[] = {"第一季度", "第二季度", "第三季度", "第四季度"};
    const Record__PlanItem *m = e->item;
    struct date due, actual;
    bool is_due = m->due_on && date_parse(m->due_on, &due) == ERR_OK, is_actual = m->actual_on && date_parse(m->actual_on, &actual) == ERR_OK;
    bool quarter = !m->has_month && m->has_quarter && m->quarter >= 1 && m->quarter <= 4;
    int month = m->has_month ? (int)m->month : quarter ? (int)m->quarter * 3 - 2 : is_actual ? actual.month : is_due ? due.month : 0;
    e->order = month ? 100 + 2 * month : ORDER_NONE;
    for (size_t i = 0; i < month_count; i++)
        if (atoi(months[i] + 5) == month)
            e->order = 2 * (int)i;
    e->order += quarter;
    e->heading = quarter ? quarters[m->quarter - 1] : month ? month_name(month) : "其他时间";
}

static int by_place(const void *a, const void *b)
{
    const struct entry *x = a, *y = b;
    if (x->order != y->order)
        return x->order < y->order ? -1 : 1;
    if (x->item->position != y->item->position)
        return x->item->position < y->item->position ? -1 : 1;
    return id_compare(x->id, y->id);
}

static enum err load_items(struct drafting *d)
{
    char months[FIGURE_MONTHS_MAX][FIGURE_PERIOD_SIZE];
    size_t month_count = figure_months(d->period, months), count = 0;
    struct member_rows rows;
    enum err e = member_rows_load(d->seat, "plan_item", "plan_id", d->arena, &rows);
    const struct member_row *of_plan = e == ERR_OK ? member_rows_of(&rows, d->plan.id, &count) : NULL;
    d->entries = e == ERR_OK ? arena_alloc(d->arena, (count + 1) * sizeof *d->entries) : NULL;
    if (e != ERR_OK || !d->entries)
        return e != ERR_OK ? e : ERR_MEMORY;
    for (; d->count < count; d->count++) {
        struct entry *entry = &d->entries[d->count];
        *entry = (struct entry){.item = (const Record__PlanItem *)of_plan[d->count].row, .id = of_plan[d->count].id,
                                .state = kind_state_of(kind_by_name("plan_item"), of_plan[d->count].row)};
        place(entry, (const char (*)[FIGURE_PERIOD_SIZE])months, month_count);
    }
    if (d->count > 1)
        qsort(d->entries, d->count, sizeof *d->entries, by_place);
    return ERR_OK;
}

static bool is_in(const struct entry *e, const char *state)
{
    return strcmp(e->state, state) == 0;
}

static size_t count_in(const struct drafting *d, const char *state)
{
    size_t n = 0;
    for (size_t i = 0; i < d->count; i++)
        n += is_in(&d->entries[i], state);
    return n;
}

/* ---- paragraphs ---- */

/* On one line, and not more of it than a summary quotes. */
static void quote(const char *text, struct buf *out)
{
    struct slice all = slice_text(text);
    size_t size = text_fit(all, all.size, QUOTE_MAX);
    for (size_t i = 0; i < size; i++)
        buf_byte(out, text[i] == '\n' || text[i] == '\r' ? ' ' : (uint8_t)text[i]);
    if (size < all.size)
        buf_text(out, "……");
}

static void put_day(const char *day, bool year, struct buf *out)
{
    struct date d;
    if (!day || date_parse(day, &d) != ERR_OK)
        return;
    if (year)
        buf_format(out, "%d年", d.year);
    buf_format(out, "%d月%d日", d.month, d.day);
}

/* False: the paragraph is full, and says so once. */
static bool has_room(struct buf *out, size_t left)
{
    if (out->size < PARAGRAPH_MAX)
        return true;
    buf_format(out, "（另有 %zu 项，见计划。）\n", left);
    return false;
}

static void put_done(const struct entry *e, struct buf *out)
{
    quote(e->item->title, out);
    if (e->item->actual_on || e->item->evidence) {
        buf_text(out, "（");
        put_day(e->item->actual_on, false, out);
        buf_text(out, e->item->actual_on ? "完成" : "");
        buf_text(out, e->item->actual_on && e->item->evidence ? "；" : "");
        if (e->item->evidence)
            quote(e->item->evidence, out);
        buf_text(out, "）");
    }
    buf_text(out, "\n");
}

static void write_done(const struct drafting *d, struct buf *out)
{
    const char *heading = "";
    size_t done = count_in(d, "done"), told = 0, cancelled = count_in(d, "cancelled");
    buf_format(out, "本期计划 %zu 项，完成 %zu 项", d->count, done);
    if (cancelled)
        buf_format(out, "，取消 %zu 项", cancelled);
    buf_text(out, "。\n");
    for (size_t i = 0; i < d->count; i++) {
        const struct entry *e = &d->entries[i];
        if (!is_in(e, "done"))
            continue;
        if (!has_room(out, done - told))
            return;
        if (strcmp(heading, e->heading) != 0)
            buf_format(out, "%s：\n", e->heading);
        heading = e->heading;
        put_done(e, out);
        told++;
    }
}

static void put_reason(const struct entry *e, struct buf *out)
{
    if (!e->item->reason)
        return;
    buf_text(out, "，原因：");
    quote(e->item->reason, out);
}

static void write_shortcomings(const struct drafting *d, struct buf *out)
{
    size_t open = d->count - count_in(d, "done") - count_in(d, "doing"), told = 0;
    for (size_t i = 0; i < d->count; i++) {
        const struct entry *e = &d->entries[i];
        if (is_in(e, "done") || is_in(e, "doing"))
            continue;
        if (!has_room(out, open - told++))
            return;
        quote(e->item->title, out);
        if (is_in(e, "postponed")) {
            buf_text(out, "：延期到 ");
            put_day(e->item->due_on, true, out);
            put_reason(e, out);
        } else if (is_in(e, "cancelled")) {
            buf_text(out, "：取消");
            put_reason(e, out);
        } else {
            buf_text(out, "：尚未开始");
            if (e->order < ORDER_NONE)
                buf_format(out, "（原定%s）", e->heading);
        }
        buf_text(out, "。\n");
    }
}

static void write_next(const struct drafting *d, struct buf *out)
{
    size_t open = d->count - count_in(d, "done") - count_in(d, "cancelled"), told = 0;
    for (size_t i = 0; i < d->count; i++) {
        const struct entry *e = &d->entries[i];
        if (is_in(e, "done") || is_in(e, "cancelled"))
            continue;
        if (!has_room(out, open - told++))
            return;
        buf_text(out, is_in(e, "doing") ? "继续做好：" : "开展：");
        quote(e->item->title, out);
        if (is_in(e, "postponed")) {
            buf_text(out, "（");
            put_day(e->item->due_on, true, out);
            buf_text(out, "前）");
        }
        buf_text(out, "\n");
    }
}

/* ---- the summary ---- */

static void put_text(const struct drafting *d, ProtobufCMessage *p, const char *field, struct buf *text)
{
    while (text->size && text->data[text->size - 1] == '\n')
        text->size--;
    if (text->size)
        record_put_name(p, field, cell_text(buf_c_string(text)), d->arena);
    text->size = 0;
}

static enum err make(struct drafting *d, const ProtobufCMessage *given, ProtobufCMessage **out, struct summary_gaps *gaps)
{
    ProtobufCMessage *p = record_new(&record__work_summary__descriptor, d->arena);
    struct buf text = BUF_INIT;
    if (!p)
        return ERR_MEMORY;
    record_put_name(p, "plan_id", cell_bytes(id_slice(&d->plan.id)), d->arena);
    record_put_name(p, "period", cell_text(d->period), d->arena);
    record_put_name(p, "period_kind", record_get_name(d->plan.message, "period_kind"), d->arena);
    write_done(d, &text);
    put_text(d, p, "done_text", &text);
    write_shortcomings(d, &text);
    put_text(d, p, "shortcomings_text", &text);
    write_next(d, &text);
    put_text(d, p, "next_text", &text);
    enum err e = summary_figures(d->seat, d->period, d->arena, &text, gaps);
    put_text(d, p, "results_text", &text);
    record_overlay(p, given, NULL, 0, d->arena);
    buf_finish(&text);
    *out = p;
    return e;
}

static int say_known(struct id known)
{
    struct buf said = BUF_INIT, next = BUF_INIT;
    char id[ID_TEXT_SIZE];
    id_text(known, id);
    buf_format(&said, _("this plan is summed up already: %s"), id);
    buf_format(&next, _("see: banyan show work_summary %s; to change it: banyan set work_summary %s done_text=..."), id, id);
    int status = command_say(buf_c_string(&said), buf_c_string(&next));
    buf_finish(&said);
    buf_finish(&next);
    return status;
}

static void say(const struct drafting *d, struct summary_gaps *gaps)
{
    struct buf said = BUF_INIT;
    buf_format(&said, _("drafted from %zu items of the plan (%zu done, %zu postponed, %zu cancelled) and the records of %s; read it through and add honours_text"),
               d->count, count_in(d, "done"), count_in(d, "postponed"), count_in(d, "cancelled"), d->period);
    command_warn(buf_c_string(&said));
    said.size = 0;
    if (gaps->hidden.size) {
        buf_format(&said, _("not in it, since this seat may not read them: %s"), buf_c_string(&gaps->hidden));
        command_warn(buf_c_string(&said));
    }
    said.size = 0;
    if (gaps->few.size) {
        buf_format(&said, _("not in it, since fewer than %d members or answers stand behind it and the district reads it: %s"), MEASURE_LEAST,
                   buf_c_string(&gaps->few));
        command_warn(buf_c_string(&said));
    }
    buf_finish(&said);
}

static int draft(struct drafting *d, const ProtobufCMessage *given)
{
    struct summary_gaps gaps = {BUF_INIT, BUF_INIT};
    struct replica_change change = {.op = OP_CREATE, .kind = kind_by_name("work_summary")->number};
    ProtobufCMessage *patch = NULL;
    struct id known;
    size_t count = 0;
    enum err e = replica_find_value(d->seat->replica, change.kind, "plan_id", cell_bytes(id_slice(&d->plan.id)), d->seat->now_ms, &known, 1, &count);
    if (e == ERR_OK && count)
        return say_known(known);
    if (e == ERR_OK || e == ERR_NOT_FOUND)
        e = load_items(d);
    if (e == ERR_OK)
        e = make(d, given, &patch, &gaps);
    change.id = replica_new_id(d->seat->replica, d->seat->now_ms + d->seat->facts.clock_offset_ms);
    change.patch = patch;
    int status = e == ERR_OK ? add_from_save(d->seat, &change, 1, d->arena) : command_failed(d->seat, e, "work_summary");
    if (status == EXIT_DONE) {
        add_from_print(change.id);
        say(d, &gaps);
    }
    summary_gaps_finish(&gaps);
    return status;
}

int draft_work_summary(struct seat *s, const char *from, const struct field_words *words)
{
    struct arena arena;
    struct drafting d = {.seat = s, .arena = &arena};
    int status = EXIT_DONE;
    if (!add_from_load(s, kind_by_name("work_plan"), from, &d.plan, &status))
        return status;
    struct cell period = record_get_name(d.plan.message, "period");
    d.period = period.type == CELL_TEXT ? (const char *)period.bytes.data : "";
    arena_init(&arena, PLAN_READ_ARENA);
    status = draft(&d, words->patch);
    arena_finish(&arena);
    return status;
}
