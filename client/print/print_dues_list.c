/* The dues of a month, term or year as the list that goes round to be signed (FIN-01, FIN-02): a line a member, by groups,
 * with what is due, paid and still owed; the sums to the fen and in capital numerals.
 * Invariant: due - paid = balance in each line; of all, due - paid = owed - paid too much.
 * An exempt member's due counts as nothing, money that came in without an assessment has a line of its own. */
#include "client/print/amount.h"
#include "client/print/print_inner.h"
#include "base/tr.h"
#include "show/fields.h"

#include <stdlib.h>
#include <string.h>

/* What one record says of a member's period. */
struct part {
    struct id member;
    struct slice period;
    bool is_payment;
    int64_t due, paid;
    const char *state;
    struct slice day; /* on which money came, YYYY-MM-DD; empty */
};

/* A member's line: all its parts. */
struct line {
    struct id member;
    int64_t due, paid;
    const char *state; /* the least settled of its periods */
    struct slice day;  /* the last */
    struct slice number, name, group;
    struct id group_id;
};

struct dues {
    struct printing *p;
    struct print_rows assessments, payments, members, groups;
    struct part *parts;
    struct line *lines;
    size_t part_count, line_count;
};

/* ---- what was assessed and paid ---- */

static int64_t whole(struct cell value)
{
    return value.type == CELL_INTEGER ? value.integer : 0;
}

static struct id id_in(const ProtobufCMessage *row, const char *field)
{
    struct cell value = record_get_name(row, field);
    return value.type == CELL_BYTES && value.bytes.size == ID_SIZE ? id_from(value.bytes) : (struct id){{0}};
}

/* From the one that most needs to be seen; of states that a newer build knows the first stands for all. */
static const char *const states[] = {"arrears", "part_paid", "due", "unassessed", "settled", "paid", "exempt"};

static size_t rank(const char *state)
{
    size_t i = 0;
    while (i < sizeof states / sizeof *states && strcmp(states[i], state) != 0)
        i++;
    return i < sizeof states / sizeof *states ? i : 0;
}

static const char *state_in(struct cell value)
{
    for (size_t i = 0; value.type == CELL_TEXT && i < sizeof states / sizeof *states; i++)
        if (slice_equal(value.bytes, slice_text(states[i])))
            return states[i];
    return states[0];
}

/* due is what is owed and what was paid together: nothing of an exempt one. */
static struct part part_of_assessment(struct printing *p, const struct print_rows *rows, size_t i)
{
    struct show_record r = print_row(p, rows->kind, rows->list[i].id, rows->list[i].row);
    int64_t paid = whole(show_value(&r, "paid_fen")), balance = whole(show_value(&r, "balance_fen"));
    return (struct part){.member = id_in(r.message, "member_id"),
                         .period = record_get_name(r.message, "period").bytes,
                         .due = paid + balance,
                         .paid = paid,
                         .state = state_in(show_value(&r, "state"))};
}

static int by_id(const void *a, const void *b)
{
    return id_compare(*(const struct id *)a, *(const struct id *)b);
}

/* A payment and the one that took it back: their days are none on which money came that stayed. */
static size_t cancelled_ids(const struct print_rows *payments, struct id *out)
{
    size_t count = 0;
    for (size_t i = 0; i < payments->count; i++)
        if (record_get_name(payments->list[i].row, "reverses_id").type == CELL_BYTES) {
            out[count++] = payments->list[i].id;
            out[count++] = id_in(payments->list[i].row, "reverses_id");
        }
    if (count > 1)
        qsort(out, count, sizeof *out, by_id);
    return count;
}

static struct part part_of_payment(const struct print_kept *row, bool cancelled)
{
    struct cell day = record_get_name(row->row, "paid_on");
    return (struct part){.member = id_in(row->row, "member_id"),
                         .period = record_get_name(row->row, "period").bytes,
                         .is_payment = true,
                         .paid = whole(record_get_name(row->row, "amount_fen")),
                         .state = "unassessed",
                         .day = cancelled ? slice_of(NULL, 0) : day.bytes};
}

static int by_member(const void *a, const void *b)
{
    const struct part *x = a, *y = b;
    int order = id_compare(x->member, y->member);
    if (order == 0)
        order = slice_compare(x->period, y->period);
    return order ? order : (int)x->is_payment - (int)y->is_payment;
}

static bool take_parts(struct dues *d)
{
    size_t room = d->assessments.count + d->payments.count + 1;
    struct id *cancelled = arena_alloc(&d->payments.arena, 2 * room * sizeof *cancelled);
    d->parts = arena_alloc(&d->payments.arena, room * sizeof *d->parts);
    d->lines = arena_alloc(&d->payments.arena, room * sizeof *d->lines);
    if (!cancelled || !d->parts || !d->lines)
        return false;
    size_t count = cancelled_ids(&d->payments, cancelled);
    for (size_t i = 0; i < d->assessments.count; i++)
        d->parts[d->part_count++] = part_of_assessment(d->p, &d->assessments, i);
    for (size_t i = 0; i < d->payments.count; i++) {
        const struct print_kept *row = &d->payments.list[i];
        d->parts[d->part_count++] = part_of_payment(row, count && bsearch(&row->id, cancelled, count, sizeof row->id, by_id));
    }
    if (d->part_count > 1)
        qsort(d->parts, d->part_count, sizeof *d->parts, by_member);
    return true;
}

/* An assessment counts what was paid on it already: its payments, which follow it, add their days alone. */
static void add_part(struct line *line, const struct part *part, bool assessed)
{
    if (!part->is_payment || !assessed) {
        line->due += part->due;
        line->paid += part->paid;
        line->state = rank(part->state) < rank(line->state) ? part->state : line->state;
    }
    if (part->day.size && slice_compare(part->day, line->day) > 0)
        line->day = part->day;
}

static void take_lines(struct dues *d)
{
    bool assessed = false;
    for (size_t i = 0; i < d->part_count; i++) {
        const struct part *part = &d->parts[i], *last = i ? &d->parts[i - 1] : NULL;
        bool same = last && id_equal(last->member, part->member);
        assessed = !part->is_payment || (assessed && same && slice_equal(last->period, part->period));
        if (!same)
            d->lines[d->line_count++] = (struct line){.member = part->member, .state = "exempt"};
        add_part(&d->lines[d->line_count - 1], part, assessed);
    }
}

/* ---- who ---- */

/* Kept rows begin with their id, and come by it. */
static const struct print_kept *find(const struct print_rows *rows, struct id id)
{
    return rows->count ? bsearch(&id, rows->list, rows->count, sizeof *rows->list, by_id) : NULL;
}

static void name_lines(struct dues *d)
{
    for (size_t i = 0; i < d->line_count; i++) {
        struct line *line = &d->lines[i];
        const struct print_kept *member = find(&d->members, line->member);
        const struct print_kept *group = member ? find(&d->groups, id_in(member->row, "group_id")) : NULL;
        line->number = member ? record_get_name(member->row, "member_no").bytes : slice_of(NULL, 0);
        line->name = member ? record_get_name(member->row, "name").bytes : slice_of(NULL, 0);
        line->group_id = group ? group->id : (struct id){{0}};
        line->group = group ? record_get_name(group->row, "name").bytes : slice_of(NULL, 0);
    }
}

/* Numbers count up: a shorter one comes first. Those without come last. */
static int number_order(struct slice a, struct slice b)
{
    if (a.size == 0 || b.size == 0)
        return (a.size == 0) - (b.size == 0);
    return a.size != b.size ? (a.size < b.size ? -1 : 1) : slice_compare(a, b);
}

static int by_group(const void *a, const void *b)
{
    const struct line *x = a, *y = b;
    if ((x->group.size == 0) != (y->group.size == 0))
        return x->group.size == 0 ? 1 : -1;
    int order = id_compare(x->group_id, y->group_id); /* as the groups were formed */
    if (order == 0)
        order = number_order(x->number, y->number);
    return order ? order : id_compare(x->member, y->member);
}

/* ---- the page ---- */

static void state_words(const struct dues *d, const char *state, struct buf *out)
{
    struct show_fields fields;
    show_fields_of(d->assessments.kind, &fields);
    const struct field_rule *f = show_fields_find(&fields, "state");
    const struct code *code = f && f->codes ? code_find(f->codes, state) : NULL;
    buf_text(out, code ? label_in(code->label, d->p->s->language) : _("not assessed"));
}

static void put_line(const struct dues *d, const struct line *line, size_t position)
{
    struct page *page = &d->p->page;
    struct buf text = BUF_INIT;
    page_list_row(page);
    buf_format(&text, "%zu", position);
    page_list_cell(page, PAGE_CENTRE, buf_slice(&text));
    page_list_cell(page, PAGE_CENTRE, line->number);
    page_list_cell(page, PAGE_CENTRE, line->name);
    page_list_cell(page, PAGE_CENTRE, line->group);
    print_figures(d->p, line->due);
    print_figures(d->p, line->paid);
    print_figures(d->p, line->due - line->paid);
    text.size = 0;
    state_words(d, line->state, &text);
    page_list_cell(page, PAGE_CENTRE, buf_slice(&text));
    page_list_cell(page, PAGE_CENTRE, line->day);
    page_list_cell(page, PAGE_CENTRE, slice_of(NULL, 0)); /* for a hand */
    buf_finish(&text);
}

static void put_words(struct printing *p, const char *label, int64_t fen)
{
    struct buf text = BUF_INIT;
    amount_capitals(fen, &text);
    page_list_total(&p->page, label, 4);
    page_list_words(&p->page, 6, buf_slice(&text));
    buf_finish(&text);
}

/* What some owe and what others paid too much are two sums: one is collected, the other given back. */
static void put_balance(struct printing *p, const char *label, int64_t fen)
{
    page_list_total(&p->page, label, 6);
    print_figures(p, fen);
    page_list_words(&p->page, 3, slice_of(NULL, 0));
}

static void put_totals(const struct dues *d)
{
    struct buf text = BUF_INIT;
    int64_t due = 0, paid = 0, owed = 0;
    for (size_t i = 0; i < d->line_count; i++) {
        due += d->lines[i].due;
        paid += d->lines[i].paid;
        owed += d->lines[i].due > d->lines[i].paid ? d->lines[i].due - d->lines[i].paid : 0;
    }
    buf_format(&text, _("Total: %zu members"), d->line_count);
    page_list_total(&d->p->page, buf_c_string(&text), 4);
    print_figures(d->p, due);
    print_figures(d->p, paid);
    page_list_words(&d->p->page, 4, slice_of(NULL, 0));
    put_balance(d->p, _("Owed in all"), owed);
    put_balance(d->p, _("Paid too much in all"), owed - (due - paid));
    put_words(d->p, _("Due in all, in capital numerals"), due);
    put_words(d->p, _("Paid in all, in capital numerals"), paid);
    buf_finish(&text);
}

static void put_page(const struct dues *d, const char *period, struct buf *out)
{
    struct printing *p = d->p;
    const struct page_column columns[] = {
        {_("No."), 6, PAGE_CENTRE},        {_("Member number"), 8, PAGE_CENTRE}, {print_label(p, d->members.kind, "name"), 12, PAGE_CENTRE},    {_("Group"), 12, PAGE_CENTRE},
        {_("Due (yuan)"), 10, PAGE_RIGHT}, {_("Paid (yuan)"), 10, PAGE_RIGHT},   {_("Owed (yuan)"), 10, PAGE_RIGHT}, {_("State"), 9, PAGE_CENTRE},
        {_("Paid on"), 12, PAGE_CENTRE},   {_("Signature"), 11, PAGE_CENTRE},
    };
    struct buf words = BUF_INIT, title = BUF_INIT;
    print_period_words(p, period, &words);
    buf_format(&title, _("List of dues: %s"), buf_c_string(&words));
    printing_begin(p, p->s, out, PAGE_PORTRAIT, buf_c_string(&title));
    page_title(&p->page, buf_c_string(&title));
    words.size = 0;
    buf_format(&words, _("%d / %d / %d"), p->s->today.year, p->s->today.month, p->s->today.day);
    page_line(&p->page, p->s->branch, buf_c_string(&words));
    page_list_begin(&p->page, columns, sizeof columns / sizeof *columns);
    for (size_t i = 0; i < d->line_count; i++)
        put_line(d, &d->lines[i], i + 1);
    put_totals(d);
    page_list_end(&p->page);
    page_note(&p->page, _("Owed = due less paid. Exempt members owe nothing; a sum below zero was paid too much or without an assessment."));
    page_signatures(&p->page, (const char *const[]){_("Prepared by: "), _("Checked by: "), _("Chair: "), _("Date: "), NULL});
    buf_finish(&words);
    buf_finish(&title);
}

bool print_dues_list(struct printing *p, const char *period, struct buf *out)
{
    struct dues d = {.p = p};
    struct cell any = {.type = CELL_ABSENT};
    print_rows_collect(&d.assessments, p, "dues_assessment", NULL, any);
    print_rows_collect(&d.payments, p, "dues_payment", NULL, any);
    print_rows_collect(&d.members, p, "member", NULL, any);
    print_rows_collect(&d.groups, p, "union_group", NULL, any);
    print_rows_within(&d.assessments, period);
    print_rows_within(&d.payments, period);
    p->cut = !take_parts(&d) || p->cut;
    take_lines(&d);
    name_lines(&d);
    if (d.line_count > 1)
        qsort(d.lines, d.line_count, sizeof *d.lines, by_group);
    if (d.line_count)
        put_page(&d, period, out);
    print_rows_finish(&d.assessments);
    print_rows_finish(&d.payments);
    print_rows_finish(&d.members);
    print_rows_finish(&d.groups);
    return d.line_count > 0;
}
