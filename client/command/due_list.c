/* See due_list.h. A kind tells by its dated measure which of its records are open and by when they are due, the same that the
 * district's board counts; arrears follow from assessments and payments (kinds/dues.h). */
#include "client/command/due_list.h"
#include "client/command/member_rows.h"
#include "client/command/owed_months.h"
#include "client/command/returned.h"
#include "client/replica/derive.h"
#include "kinds/dues.h"
#include "dues.pb-c.h"

#include <stdlib.h>
#include <string.h>

#define LIST_ARENA ((size_t)256 << 20)

const char *due_type_name(enum due_type t)
{
    static const char *const names[] = {[DUE_RECORD] = "record", [DUE_ARREARS] = "arrears", [DUE_DOUBLE] = "double", [DUE_MEMBERSHIP] = "membership",
                                        [DUE_CERTIFICATE] = "certificate", [DUE_RETURNED] = "returned"};
    return names[t];
}

static enum err add(struct due_list *d, const struct due_line *line)
{
    struct due_line *list = arena_grow(&d->arena, d->list, d->count, &d->capacity, sizeof *list);
    if (!list)
        return ERR_MEMORY;
    d->list = list;
    d->list[d->count++] = *line;
    return ERR_OK;
}

/* ---- records with a day of their own ---- */

struct dated {
    struct due_list *list;
    struct seat *seat;
    const struct kind *kind;
    struct date today, until, on; /* on: of the row at hand; invalid: none, or done */
    struct id whole;              /* that was loaded last (kind.account) */
    const ProtobufCMessage *whole_row; /* NULL: not here */
    enum err failed;
};

static void on_measure(void *to, const char *name, int64_t delta)
{
    struct dated *d = to;
    struct date on;
    for (size_t i = 0; i < d->kind->measure_count; i++) {
        const struct measure_rule *m = &d->kind->measures[i];
        size_t size = strlen(m->name);
        if (m->overdue && delta > 0 && strncmp(name, m->name, size) == 0 && date_parse(name + size, &on) == ERR_OK)
            d->on = on;
    }
}

/* Measures of several records are told by their full names. */
static void on_account(void *to, const char *name, int64_t delta)
{
    struct dated *d = to;
    size_t size = strlen(d->kind->name);
    if (strncmp(name, d->kind->name, size) == 0 && name[size] == '.')
        on_measure(d, name + size + 1, delta);
}

/* A part is due as its whole stands: an item of a plan, once the plan is adopted. */
static void measure_part(struct dated *d, const ProtobufCMessage *part)
{
    const struct account *a = d->kind->account;
    struct cell by = record_get_name(part, a->by);
    struct replica_row row;
    if (by.type != CELL_BYTES || by.bytes.size != ID_SIZE)
        return;
    if (!d->whole_row || !slice_equal(by.bytes, id_slice(&d->whole))) {
        d->whole = id_from(by.bytes);
        bool here = replica_load(d->seat->replica, a->whole, d->whole, d->seat->now_ms, &d->list->arena, &row) == ERR_OK;
        d->whole_row = here ? row.message : NULL;
    }
    const ProtobufCMessage *rows[] = {part, d->whole_row};
    a->measure(&(struct account_rows){.list = rows, .count = d->whole_row ? 2 : 1}, 1, on_account, d);
}

static bool on_row(void *to, const struct replica_row *row)
{
    struct dated *d = to;
    struct buf name = BUF_INIT;
    if (row->org != d->seat->facts.home)
        return true;
    d->on = (struct date){0};
    if (d->kind->account)
        measure_part(d, row->message);
    else
        d->kind->measure(d->kind, row->message, 1, on_measure, d);
    if (!date_is_valid(d->on) || date_compare(d->on, d->until) > 0)
        return true;
    seat_name(d->seat, d->kind->number, row->id, &name);
    const char *title = arena_text(&d->list->arena, buf_slice(&name));
    buf_finish(&name);
    struct due_line line = {.type = DUE_RECORD, .kind = d->kind, .id = row->id, .on = d->on, .overdue = date_compare(d->on, d->today) < 0,
                            .title = title};
    d->failed = title ? add(d->list, &line) : ERR_MEMORY;
    return d->failed == ERR_OK;
}

static bool has_day(const struct kind *k)
{
    bool dated = false;
    for (size_t i = 0; i < k->measure_count; i++)
        dated = dated || k->measures[i].overdue;
    return dated && k->measure && (!k->account || (k->account->whole && k->account->whole != k->number));
}

static enum err add_records(struct seat *s, struct date today, struct date until, struct due_list *out)
{
    size_t count;
    enum err e = ERR_OK;
    const struct kind *const *all = kind_all(&count);
    for (size_t i = 0; e == ERR_OK && i < count; i++) {
        struct dated d = {.list = out, .seat = s, .kind = all[i], .today = today, .until = until};
        if (!has_day(all[i]) || kind_access(all[i], NULL, s->facts.roles) < ACCESS_OPEN)
            continue;
        e = replica_scan(s->replica, all[i]->number, s->now_ms, on_row, &d);
        if (e == ERR_OK)
            e = d.failed;
    }
    return e;
}

/* ---- dues ---- */

struct books {
    struct seat *seat;
    struct derive *derive;
    struct member_rows members, assessments, payments;
    struct date today, until;
    int64_t lapse_months;
    struct arena scratch; /* of one assessment */
};

/* What is owed of an assessment that should have been paid by now, as `list` shows it; 0: nothing, or not yet. */
static enum err arrears_of(struct books *b, const struct kind *k, const struct member_row *assessment, struct date *by, int64_t *owed)
{
    const struct derived_value *list;
    size_t count;
    int64_t balance = 0;
    bool arrears = false, dated = false;
    struct replica_row row = {.id = assessment->id, .kind = k->number, .org = b->seat->facts.home, .message = assessment->row};
    arena_reset(&b->scratch);
    enum err e = derive_row(b->derive, &row, &b->scratch, &list, &count);
    for (size_t i = 0; e == ERR_OK && i < count; i++) {
        const char *name = list[i].rule->name;
        if (strcmp(name, "state") == 0)
            arrears = slice_equal(list[i].value.bytes, slice_text("arrears"));
        else if (strcmp(name, "balance_fen") == 0)
            balance = list[i].value.integer;
        else if (strcmp(name, "due_by") == 0)
            dated = date_parse((const char *)list[i].value.bytes.data, by) == ERR_OK;
    }
    *owed = arrears && dated ? balance : 0;
    return e;
}

static int by_day(const void *a, const void *b)
{
    const struct due_line *x = a, *y = b;
    int order = date_compare(x->on, y->on);
    if (order == 0)
        order = (int)x->type - (int)y->type;
    return order ? order : id_compare(x->id, y->id);
}

static bool is_active(const struct books *b, struct id member)
{
    size_t count;
    const struct member_row *row = member_rows_of(&b->members, member, &count);
    return row && strcmp(kind_state_of(kind_by_name("member"), row->row), "active") == 0;
}

static const char *title_of(struct books *b, struct id member, struct due_list *out)
{
    struct buf name = BUF_INIT;
    seat_name(b->seat, kind_by_name("member")->number, member, &name);
    const char *title = arena_text(&out->arena, buf_slice(&name));
    buf_finish(&name);
    return title;
}

static enum err add_member(struct books *b, const struct member_row *rows, size_t count, struct due_list *out)
{
    const struct kind *assessments = kind_by_name("dues_assessment"), *members = kind_by_name("member");
    struct owed_months owed = {.count = 0};
    enum err e = ERR_OK;
    const char *title = title_of(b, rows->member, out);
    for (size_t i = 0; e == ERR_OK && title && i < count; i++) {
        struct due_line line = {.type = DUE_ARREARS, .kind = assessments, .id = rows[i].id, .overdue = true, .title = title};
        e = arrears_of(b, assessments, &rows[i], &line.on, &line.amount_fen);
        if (e != ERR_OK || line.amount_fen <= 0)
            continue;
        owed_months_note(&owed, ((const Record__DuesAssessment *)rows[i].row)->period);
        if (date_compare(line.on, b->until) <= 0)
            e = add(out, &line);
    }
    if (e != ERR_OK || !title)
        return title ? e : ERR_MEMORY;
    size_t months = owed_months_in_a_row(&owed);
    if (b->lapse_months <= 0 || months < (size_t)b->lapse_months || !is_active(b, rows->member))
        return ERR_OK;
    struct due_line warning = {.type = DUE_MEMBERSHIP, .kind = members, .id = rows->member, .on = b->today, .title = title, .months = months};
    return add(out, &warning);
}

static bool same(const ProtobufCMessage *a, const ProtobufCMessage *b, const char *field)
{
    return cell_equal(record_get_name(a, field), record_get_name(b, field));
}

/* An earlier payment of the same period, sum and day stands beside this one: either may be a mistake (dues_payment.possible_double). */
static bool is_double(const struct dues_entry *entries, size_t count, size_t at)
{
    const ProtobufCMessage *p = entries[at].payment;
    if (record_get_name(p, "amount_fen").integer <= 0 || dues_is_cancelled(entries, count, at))
        return false;
    for (size_t i = 0; i < at; i++) {
        const ProtobufCMessage *o = entries[i].payment;
        if (same(p, o, "paid_on") && same(p, o, "amount_fen") && same(p, o, "period") && !dues_is_cancelled(entries, count, i))
            return true;
    }
    return false;
}

static enum err add_doubles(struct books *b, const struct member_row *rows, size_t count, struct due_list *out)
{
    const struct kind *k = kind_by_name("dues_payment");
    struct dues_entry *entries = arena_alloc(&out->arena, count * sizeof *entries);
    enum err e = entries ? ERR_OK : ERR_MEMORY;
    for (size_t i = 0; e == ERR_OK && i < count; i++)
        entries[i] = (struct dues_entry){rows[i].id, rows[i].row};
    for (size_t i = 0; e == ERR_OK && i < count; i++) {
        const Record__DuesPayment *p = (const Record__DuesPayment *)rows[i].row;
        struct due_line line = {.type = DUE_DOUBLE, .kind = k, .id = rows[i].id, .amount_fen = p->amount_fen, .period = p->period};
        if (!p->paid_on || date_parse(p->paid_on, &line.on) != ERR_OK || !is_double(entries, count, i))
            continue;
        line.title = title_of(b, rows[i].member, out);
        e = line.title ? add(out, &line) : ERR_MEMORY;
    }
    return e;
}

static enum err add_dues(struct seat *s, struct date today, struct date until, struct due_list *out)
{
    struct books b = {.seat = s, .today = today, .until = until};
    const struct kind *k = kind_by_name("dues_assessment");
    if (!k || kind_access(k, NULL, s->facts.roles) < ACCESS_OPEN)
        return ERR_OK;
    arena_init(&b.scratch, LIST_ARENA);
    enum err e = member_rows_load(s, "member", NULL, &out->arena, &b.members);
    if (e == ERR_OK)
        e = member_rows_load(s, "dues_assessment", "member_id", &out->arena, &b.assessments);
    if (e == ERR_OK)
        e = member_rows_load(s, "dues_payment", "member_id", &out->arena, &b.payments);
    if (e == ERR_OK)
        e = derive_open(s->replica, s->now_ms, &b.derive);
    if (e == ERR_OK)
        e = derive_setting(b.derive, "membership.lapse_months", today, 6, &b.lapse_months);
    for (size_t i = 0, count; e == ERR_OK && i < b.assessments.count; i += count) {
        const struct member_row *rows = member_rows_of(&b.assessments, b.assessments.list[i].member, &count);
        e = add_member(&b, rows, count, out);
    }
    for (size_t i = 0, count; e == ERR_OK && i < b.payments.count; i += count) {
        const struct member_row *rows = member_rows_of(&b.payments, b.payments.list[i].member, &count);
        e = add_doubles(&b, rows, count, out);
    }
    derive_close(b.derive);
    arena_finish(&b.scratch);
    return e;
}

/* ---- all ---- */

/* It has no day of its own: it waits from now on. */
static enum err add_returned(struct seat *s, struct date today, struct due_list *out)
{
    struct returned_list r;
    enum err e = returned_find(s, &out->arena, &r);
    for (size_t i = 0; e == ERR_OK && i < r.count; i++)
        e = add(out, &(struct due_line){.type = DUE_RETURNED, .kind = r.list[i].kind, .id = r.list[i].id, .on = today, .title = r.list[i].title,
                                        .reason = r.list[i].reason});
    return e;
}

static enum err add_certificate(struct seat *s, struct date today, struct date until, struct due_list *out)
{
    if (s->facts.certificate_ends_ms == 0)
        return ERR_OK;
    struct date ends = date_of_ms(s->facts.certificate_ends_ms, DATE_CHINA_MINUTES);
    struct due_line line = {.type = DUE_CERTIFICATE, .on = ends, .overdue = date_compare(ends, today) < 0, .title = s->facts.person};
    return date_compare(ends, until) <= 0 ? add(out, &line) : ERR_OK;
}

enum err due_list_make(struct seat *s, struct date today, struct date until, struct due_list *out)
{
    *out = (struct due_list){0};
    arena_init(&out->arena, LIST_ARENA);
    enum err e = add_records(s, today, until, out);
    if (e == ERR_OK)
        e = add_dues(s, today, until, out);
    if (e == ERR_OK)
        e = add_returned(s, today, out);
    if (e == ERR_OK)
        e = add_certificate(s, today, until, out);
    if (e == ERR_OK && out->count > 1)
        qsort(out->list, out->count, sizeof *out->list, by_day);
    return e;
}

void due_list_finish(struct due_list *d)
{
    arena_finish(&d->arena);
    *d = (struct due_list){0};
}
