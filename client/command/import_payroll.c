/* Payments of dues from a pay office's sheet; see import_inner.h. A payment that came in once is known again by member, period, sum and
 * day, so that the same sheet twice adds nothing: payments are never removed, and a double would have to be taken back. One that was
 * taken back is none, and a sheet brings it in again; every such row is pointed out. */
#include "client/command/import_inner.h"
#include "dues.pb-c.h"

#include <string.h>

/* What a row of this file was taken for. */
struct payroll_taken {
    struct id member;
    const char *period, *paid_on;
    int64_t amount_fen;
    uint32_t line;
};

/* ---- the sheet ---- */

static int say_lacking(const struct import *m, const char *field, const char *next)
{
    struct buf said = BUF_INIT;
    buf_format(&said, _("%s: neither a column nor a FIELD=VALUE says: %s"), m->wish->name,
               label_in(kind_field(&payroll_sheet, field)->label, command_language()));
    int status = command_say(buf_c_string(&said), next);
    buf_finish(&said);
    return status;
}

static bool is_given(const struct import *m, const char *field)
{
    return record_get_name(m->constants, field).type != CELL_ABSENT || payroll_has_column(m->roster, field);
}

/* What every row needs is asked for once, not row by row. */
static int check_columns(const struct import *m)
{
    if (!is_given(m, "amount_fen"))
        return say_lacking(m, "amount_fen", _("the column of dues is called 会费, or: --map amount_fen=COLUMN"));
    if (!is_given(m, "member_id") && !payroll_has_column(m->roster, "member_no") && !payroll_has_column(m->roster, "id_number"))
        return say_lacking(m, "member_id", _("the column of names is called 姓名, or: --map member_id=COLUMN"));
    if (!is_given(m, "period"))
        return say_lacking(m, "period", _("add the month: period=2026-10"));
    if (!is_given(m, "paid_on"))
        return say_lacking(m, "paid_on", _("add the day on which the dues were kept back: paid_on=2026-10-15"));
    return EXIT_DONE;
}

bool import_payroll_begin(struct import *m, struct import_payroll *p, const struct csv_table *table, int *status)
{
    struct arena *arena = &m->seat->arena;
    *p = (struct import_payroll){.table = table};
    *status = check_columns(m);
    if (*status != EXIT_DONE)
        return false;
    enum err e = member_rows_load(m->seat, "member", NULL, arena, &p->members);
    if (e == ERR_OK)
        e = member_rows_load(m->seat, "dues_payment", "member_id", arena, &p->payments);
    p->taken = e == ERR_OK ? arena_alloc(arena, (m->roster->row_count + 1) * sizeof *p->taken) : NULL;
    if (!p->taken) {
        *status = command_failed(m->seat, e != ERR_OK ? e : ERR_MEMORY, m->wish->name);
        return false;
    }
    m->payroll = p;
    return true;
}

/* ---- who ---- */

static const struct {
    const char *sheet, *member;
} ways[] = {{"member_no", "member_no"}, {"id_number", "id_number"}, {"member_id", "name"}};
#define WAYS (sizeof ways / sizeof *ways)

bool import_payroll_names(const struct field_rule *f)
{
    bool names = false;
    for (size_t way = 0; way < WAYS; way++)
        names = names || strcmp(f->name, ways[way].sheet) == 0;
    return names;
}

/* The cell as members' records write it. */
static struct cell wanted(struct import *m, const struct roster_row *row, size_t way)
{
    const struct roster_cell *cell = payroll_cell(row, ways[way].sheet);
    struct cell value = {.type = CELL_ABSENT};
    if (cell && value_parse(kind_field(kind_by_name("member"), ways[way].member), cell->written, &m->row_arena, &value) != ERR_OK)
        value = cell_text(cell->written);
    return value;
}

static void say_cell(struct import *m, const struct roster_row *row, size_t way, struct buf *what)
{
    struct buf said = BUF_INIT;
    const struct roster_cell *cell = payroll_cell(row, ways[way].sheet);
    buf_text(&said, _("wrong: "));
    buf_append_slice(&said, buf_slice(what));
    import_verdict(m, row->line, cell ? label_in(cell->field->label, command_language()) : NULL, buf_c_string(&said));
    buf_finish(&said);
}

static const char *who_of(const struct roster_row *row)
{
    const struct roster_cell *name = payroll_cell(row, "member_id"), *number = payroll_cell(row, "member_no");
    return name ? name->written : number ? number->written : _("this ID number");
}

/* A number that is another's, or a name that the number does not bear: one of them is miscopied. */
static bool agrees(struct import *m, const struct roster_row *row, const struct member_row *member)
{
    for (size_t way = 0; way < WAYS; way++) {
        struct cell mine = wanted(m, row, way), theirs = record_get_name(member->row, ways[way].member);
        if (mine.type != CELL_ABSENT && theirs.type != CELL_ABSENT && !cell_equal(mine, theirs)) {
            struct cell name = record_get_name(member->row, "name");
            struct buf what = BUF_INIT;
            buf_format(&what, _("the row means %s, whose record says something else here"),
                       name.type == CELL_TEXT ? (const char *)name.bytes.data : who_of(row));
            say_cell(m, row, way, &what);
            buf_finish(&what);
            return false;
        }
    }
    return true;
}

static const struct member_row *find_member(struct import *m, const struct roster_row *row)
{
    const struct member_row *member = NULL;
    size_t way = 0, count = 0;
    for (; way < WAYS && count == 0; way++) {
        struct cell value = wanted(m, row, way);
        count = value.type == CELL_ABSENT ? 0 : member_rows_called(&m->payroll->members, ways[way].member, value, &member);
    }
    if (count == 1)
        return agrees(m, row, member) ? member : NULL;
    struct buf what = BUF_INIT;
    buf_format(&what, count ? _("more than one member is called %s: add the member number") : _("there is no member called %s"), who_of(row));
    say_cell(m, row, count ? way - 1 : WAYS - 1, &what);
    buf_finish(&what);
    return NULL;
}

/* `export` writes members by id. */
static bool is_id(const struct roster_row *row, struct id *out)
{
    const struct roster_cell *cell = payroll_cell(row, "member_id");
    return cell && id_parse(cell->written, out) == ERR_OK;
}

bool import_payroll_row(struct import *m, const struct roster_row *row, ProtobufCMessage *patch, bool *idle)
{
    const struct roster_cell *dues = payroll_cell(row, "amount_fen");
    bool names = payroll_cell(row, "member_id") || payroll_cell(row, "member_no") || payroll_cell(row, "id_number");
    struct id id;
    *idle = payroll_has_column(m->roster, "amount_fen") && (!dues || dues->value.integer == 0);
    if (*idle) {
        import_verdict(m, row->line, NULL, _("no dues in this row: left out"));
        m->payroll->idle++;
        return false;
    }
    if (!names && record_get_name(m->constants, "member_id").type != CELL_ABSENT)
        return true;
    bool by_id = is_id(row, &id);
    const struct member_row *member = by_id ? NULL : find_member(m, row);
    if (!by_id && !member)
        return false;
    id = by_id ? id : member->id;
    record_put_name(patch, "member_id", cell_bytes(arena_copy(&m->row_arena, id_slice(&id))), &m->row_arena);
    return true;
}

/* ---- known ---- */

static bool is_taken_back(const struct member_row *payments, size_t count, struct id id)
{
    for (size_t i = 0; i < count; i++) {
        struct cell reverses = record_get_name(payments[i].row, "reverses_id");
        if (reverses.type == CELL_BYTES && slice_equal(reverses.bytes, id_slice(&id)))
            return true;
    }
    return false;
}

static bool is_text(const char *a, const char *b)
{
    return a && b && strcmp(a, b) == 0;
}

/* On another day: the sheet may have come in under a wrong one. */
static void say_day(struct import *m, const struct roster_row *row, const char *day, bool back)
{
    struct buf said = BUF_INIT;
    buf_format(&said, back ? _("please check: this was paid on %s and taken back; it is added again")
                           : _("please check: the same sum for this period was paid on %s already"), day);
    import_verdict(m, row->line, NULL, buf_c_string(&said));
    buf_finish(&said);
}

static enum err find_payment(struct import *m, const struct roster_row *row, const Record__DuesPayment *p, struct id member, struct id *out)
{
    size_t count;
    const struct member_row *rows = member_rows_of(&m->payroll->payments, member, &count);
    const char *other_day = NULL;
    bool back = false;
    for (size_t i = 0; i < count; i++) {
        const Record__DuesPayment *known = (const Record__DuesPayment *)rows[i].row;
        if (known->has_reverses_id || known->amount_fen != p->amount_fen || !is_text(known->period, p->period))
            continue;
        bool same_day = is_text(known->paid_on, p->paid_on);
        if (is_taken_back(rows, count, rows[i].id)) {
            back = back || same_day;
        } else if (same_day) {
            *out = rows[i].id;
            return ERR_OK;
        } else {
            other_day = known->paid_on;
        }
    }
    if (other_day)
        say_day(m, row, other_day, false);
    if (back)
        say_day(m, row, p->paid_on, true);
    return ERR_NOT_FOUND;
}

static bool is_twice(struct import *m, const struct roster_row *row, const Record__DuesPayment *p, struct id member)
{
    struct import_payroll *payroll = m->payroll;
    for (size_t i = 0; i < payroll->taken_count; i++) {
        const struct payroll_taken *t = &payroll->taken[i];
        if (!id_equal(t->member, member) || t->amount_fen != p->amount_fen || !is_text(t->period, p->period) || !is_text(t->paid_on, p->paid_on))
            continue;
        struct roster_finding f = {.line = row->line, .problem = ROSTER_TWICE, .other_line = t->line};
        struct buf said = BUF_INIT;
        buf_text(&said, _("wrong: "));
        roster_finding_text(m->sheet, &f, command_language(), &said);
        import_verdict(m, row->line, NULL, buf_c_string(&said));
        buf_finish(&said);
        return true;
    }
    return false;
}

enum err import_payroll_known(struct import *m, const struct roster_row *row, const ProtobufCMessage *patch, struct replica_row *out)
{
    const Record__DuesPayment *p = (const Record__DuesPayment *)patch;
    struct arena *arena = &m->seat->arena;
    struct id known;
    if (row->has_id && replica_load(m->seat->replica, m->kind->number, row->id, m->seat->now_ms, &m->row_arena, out) == ERR_OK)
        return ERR_OK;
    if (!p->has_member_id || p->member_id.len != ID_SIZE || p->has_reverses_id)
        return ERR_NOT_FOUND;
    struct id member = id_from(slice_of(p->member_id.data, p->member_id.len));
    if (is_twice(m, row, p, member))
        return ERR_EXISTS;
    m->payroll->taken[m->payroll->taken_count++] =
        (struct payroll_taken){.member = member, .amount_fen = p->amount_fen, .line = row->line,
                               .period = p->period ? arena_text(arena, slice_text(p->period)) : NULL,
                               .paid_on = p->paid_on ? arena_text(arena, slice_text(p->paid_on)) : NULL};
    enum err e = find_payment(m, row, p, member, &known);
    return e == ERR_OK ? replica_load(m->seat->replica, m->kind->number, known, m->seat->now_ms, &m->row_arena, out) : e;
}

/* ---- totals ---- */

/* A payment that is wrong is not easily taken back: where the sheet's total is another, a person looks first. */
void import_payroll_totals(struct import *m)
{
    size_t count;
    const struct payroll_total *totals = payroll_totals(m->payroll->table, m->roster, &m->seat->arena, &count);
    for (size_t i = 0; totals && i < count; i++) {
        struct buf said = BUF_INIT, sheet = BUF_INIT, rows = BUF_INIT;
        bool same = totals[i].said_fen == totals[i].rows_fen;
        fen_text(totals[i].said_fen, &sheet);
        fen_text(totals[i].rows_fen, &rows);
        if (same)
            buf_format(&said, _("the sheet's total is that of its rows: %s"), buf_c_string(&rows));
        else
            buf_format(&said, _("wrong: the sheet's total is %s, its rows add up to %s"), buf_c_string(&sheet), buf_c_string(&rows));
        import_verdict(m, totals[i].line, NULL, buf_c_string(&said));
        m->wrong += !same;
        buf_finish(&said);
        buf_finish(&sheet);
        buf_finish(&rows);
    }
}
