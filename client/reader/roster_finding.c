/* What is said about a table, and the sentences for it. */
#include "base/tr.h"
#include "client/reader/roster_reading.h"
#include "kinds/refusal.h"

#include <stdlib.h>
#include <string.h>

void roster_find(struct roster_reading *r, struct roster_finding f)
{
    buf_append(&r->findings, &f, sizeof f);
}

struct roster_finding roster_finding_at(const struct roster_reading *r, uint32_t line, enum severity severity, size_t column)
{
    struct roster_finding f = {.line = line, .severity = severity};
    if (column != ROSTER_WHOLE_ROW) {
        f.column = r->roster.columns[column].heading;
        f.column_number = (uint32_t)column + 1;
        f.field = r->roster.columns[column].field;
    }
    return f;
}

void roster_find_problem(struct roster_reading *r, uint32_t line, enum severity severity, size_t column,
                        enum roster_problem problem)
{
    struct roster_finding f = roster_finding_at(r, line, severity, column);
    f.problem = problem;
    roster_find(r, f);
}

static int by_line(const void *a, const void *b)
{
    const struct roster_finding *x = a, *y = b;
    if (x->line != y->line)
        return x->line < y->line ? -1 : 1;
    if (x->column_number != y->column_number)
        return x->column_number < y->column_number ? -1 : 1;
    return (int)x->problem - (int)y->problem;
}

enum err roster_findings_finish(struct roster_reading *r, size_t on_table)
{
    size_t count = r->findings.size / sizeof(struct roster_finding);
    struct roster_finding *list = arena_alloc(r->arena, r->findings.size);
    if (list == NULL)
        return ERR_MEMORY;
    if (count > 0)
        memcpy(list, r->findings.data, r->findings.size);
    qsort(list + on_table, count - on_table, sizeof *list, by_line);
    size_t at = on_table;
    for (size_t i = 0; i < r->roster.row_count; i++) {
        struct roster_row *row = &r->rows[i];
        while (at < count && list[at].line < row->line)
            at++;
        row->first_finding = at;
        while (at < count && list[at].line == row->line)
            at++;
        row->finding_count = at - row->first_finding;
        r->roster.wrong = r->roster.wrong || row->wrong;
    }
    r->roster.findings = list;
    r->roster.finding_count = count;
    r->roster.rows = r->rows;
    return ERR_OK;
}

/* ---- sentences ---- */

void roster_finding_text(const struct kind *kind, const struct roster_finding *f, enum language language,
                         struct buf *out)
{
    static const char *const texts[] = {
#define X(name, text) text,
        ROSTER_PROBLEM_LIST(X)
#undef X
    };
    if (f->code != NULL) {
        refusal_text(kind, f->code, f->field ? f->field->name : NULL, f->argument, 3, f->code, language, out);
        return;
    }
    const char *text = tr(texts[f->problem]), *mark = strstr(text, "%u");
    if (mark == NULL) {
        buf_text(out, text);
        return;
    }
    buf_append(out, text, (size_t)(mark - text));
    buf_format(out, "%u", f->other_line);
    buf_text(out, mark + 2);
}
