#include "client/reader/roster_twice.h"
#include <stdlib.h>
#include <string.h>

/* A row's value of one field. Sorted by value, then line, those that stand twice are neighbours. */
struct entry {
    struct slice value;
    struct roster_row *row;
    const struct roster_cell *cell; /* NULL: the record's id */
};

static int by_value(const void *a, const void *b)
{
    const struct entry *x = a, *y = b;
    int order = slice_compare(x->value, y->value);
    if (order != 0)
        return order;
    return x->row->line < y->row->line ? -1 : x->row->line > y->row->line;
}

static const struct roster_cell *cell_of(const struct roster_row *row, const char *field)
{
    for (size_t i = 0; i < row->cell_count; i++)
        if (strcmp(row->cells[i].field->name, field) == 0)
            return &row->cells[i];
    return NULL;
}

/* What is compared: text as parsed, references as written. Empty for wrong values. */
static struct slice value_of(const struct roster_cell *cell)
{
    if (cell == NULL || cell->wrong)
        return (struct slice){0};
    return cell->value.type == CELL_TEXT ? cell->value.bytes : slice_text(cell->written);
}

/* Some field before this one in the identity differs: 王芳 and 王芳 with two ID numbers are two persons. */
static bool told_apart(const struct kind *kind, const struct roster_row *a, const struct roster_row *b, size_t identity)
{
    for (size_t i = 0; i < identity; i++) {
        struct slice x = value_of(cell_of(a, kind->identity[i])), y = value_of(cell_of(b, kind->identity[i]));
        if (x.size > 0 && y.size > 0 && !slice_equal(x, y))
            return true;
    }
    return a->has_id && b->has_id && !id_equal(a->id, b->id);
}

static void tell(const struct entry *second, const struct entry *first, bool certain,
                 const struct roster_column *columns, struct buf *findings)
{
    struct roster_finding f = {.line = second->row->line,
                               .severity = certain ? SEVERITY_BLOCK : SEVERITY_WARN,
                               .problem = certain ? ROSTER_TWICE : ROSTER_PERHAPS_TWICE,
                               .other_line = first->row->line};
    if (second->cell != NULL) {
        f.column = columns[second->cell->column].heading;
        f.column_number = second->cell->column + 1;
        f.field = second->cell->field;
    }
    buf_append(findings, &f, sizeof f);
    second->row->wrong = second->row->wrong || certain;
}

static void compare(const struct kind *kind, struct entry *entries, size_t count, size_t identity, bool certain,
                    const struct roster_column *columns, struct buf *findings)
{
    if (count > 0)
        qsort(entries, count, sizeof *entries, by_value);
    for (size_t i = 1, first = 0; i < count; i++) {
        if (!slice_equal(entries[i].value, entries[first].value)) {
            first = i;
            continue;
        }
        if (certain || !told_apart(kind, entries[i].row, entries[first].row, identity))
            tell(&entries[i], &entries[first], certain, columns, findings);
    }
}

enum err roster_find_twice(const struct kind *kind, struct roster_row *rows, size_t count,
                           const struct roster_column *columns, struct buf *findings)
{
    struct entry *entries = calloc(count + 1, sizeof *entries);
    if (entries == NULL)
        return ERR_MEMORY;
    size_t n = 0;
    for (size_t i = 0; i < count; i++)
        if (rows[i].has_id)
            entries[n++] = (struct entry){slice_of(rows[i].id.bytes, ID_SIZE), &rows[i], NULL};
    compare(kind, entries, n, 0, true, columns, findings);
    for (size_t k = 0; kind->identity != NULL && kind->identity[k] != NULL; k++) {
        n = 0;
        for (size_t i = 0; i < count; i++) {
            const struct roster_cell *cell = cell_of(&rows[i], kind->identity[k]);
            if (value_of(cell).size > 0)
                entries[n++] = (struct entry){value_of(cell), &rows[i], cell};
        }
        compare(kind, entries, n, k, k == 0, columns, findings);
    }
    free(entries);
    return ERR_OK;
}
