/* What an import says of a table and of its rows; see import_inner.h. */
#include "client/command/import_inner.h"

void import_verdict(struct import *m, uint32_t line, const char *field, const char *text)
{
    buf_format(&m->out, _("line %u: "), line);
    if (field)
        buf_format(&m->out, "%s: ", field);
    buf_format(&m->out, "%s\n", text);
}

static void say_finding(struct import *m, const struct roster_finding *f)
{
    struct buf text = BUF_INIT;
    const char *label = f->column ? f->column : f->field ? label_in(f->field->label, command_language()) : NULL;
    buf_text(&text, f->severity == SEVERITY_BLOCK ? _("wrong: ") : _("please check: "));
    roster_finding_text(m->sheet, f, command_language(), &text);
    import_verdict(m, f->line, label, buf_c_string(&text));
    buf_finish(&text);
}

void import_say_row(struct import *m, const struct roster_row *row)
{
    for (size_t i = 0; i < row->finding_count; i++)
        say_finding(m, &m->roster->findings[row->first_finding + i]);
}

void import_say_refusal(struct import *m, uint32_t line, const struct replica_outcome *o)
{
    struct buf text = BUF_INIT;
    size_t count = 0;
    const struct field_rule *f = o->field ? kind_field(m->kind, o->field) : NULL;
    while (count < 3 && o->argument[count])
        count++;
    buf_text(&text, _("wrong: "));
    refusal_text(m->kind, o->code, o->field, o->argument, count, o->code, command_language(), &text);
    import_verdict(m, line, f ? label_in(f->label, command_language()) : NULL, buf_c_string(&text));
    buf_finish(&text);
}

void import_say_warnings(struct import *m, uint32_t line, const struct findings *found)
{
    struct buf text = BUF_INIT;
    for (size_t i = 0; i < found->count; i++) {
        const struct finding *w = &found->list[i];
        const struct field_rule *f = w->field ? kind_field(m->kind, w->field) : NULL;
        size_t count = 0;
        while (count < 3 && w->argument[count])
            count++;
        buf_text(&text, _("please check: "));
        refusal_text(m->kind, w->code, w->field, w->argument, count, w->code, command_language(), &text);
        import_verdict(m, line, f ? label_in(f->label, command_language()) : NULL, buf_c_string(&text));
        buf_finish(&text);
    }
}

/* A pay sheet is mostly columns that are none of the union's. */
static void say_left_out(struct import *m)
{
    struct buf said = BUF_INIT;
    for (size_t i = 0; i < m->roster->column_count; i++)
        if (m->roster->columns[i].use == ROSTER_UNKNOWN)
            buf_format(&said, "%s%s", said.size ? ", " : _("not read, and kept nowhere: "), m->roster->columns[i].heading);
    if (said.size)
        import_verdict(m, m->roster->header_line, NULL, buf_c_string(&said));
    buf_finish(&said);
}

void import_say_table(struct import *m)
{
    if (m->payroll)
        say_left_out(m);
    for (size_t i = 0; i < m->roster->finding_count; i++) {
        bool of_row = false;
        for (size_t r = 0; r < m->roster->row_count; r++)
            of_row = of_row || (i >= m->roster->rows[r].first_finding && i < m->roster->rows[r].first_finding + m->roster->rows[r].finding_count);
        if (!of_row && !(m->payroll && m->roster->findings[i].problem == ROSTER_UNKNOWN_COLUMN))
            say_finding(m, &m->roster->findings[i]);
    }
}
