/* The walk over a table; see roster.h, and roster_reading.h for the parts. */
#include "client/reader/roster_heading.h"
#include "client/reader/roster_reading.h"
#include "client/reader/roster_twice.h"

/* ---- columns ---- */

static void tell_columns(struct roster_reading *r)
{
    for (size_t i = 0; i < r->header; i++)
        roster_find_problem(r, r->table->rows[i].line, SEVERITY_WARN, ROSTER_WHOLE_ROW, ROSTER_ABOVE_HEADER);
    for (size_t i = 0; i < r->roster.column_count; i++) {
        const struct roster_column *c = &r->roster.columns[i];
        if (c->use == ROSTER_UNKNOWN)
            roster_find_problem(r, r->roster.header_line, SEVERITY_WARN, i, ROSTER_UNKNOWN_COLUMN);
        if (c->use == ROSTER_SECOND)
            roster_find_problem(r, r->roster.header_line, SEVERITY_WARN, i, ROSTER_SECOND_COLUMN);
    }
}

/* A column without heading is worth a word only if something stands in it. */
static void tell_nameless(struct roster_reading *r)
{
    for (size_t i = 0; i < r->roster.column_count; i++) {
        bool filled = false;
        for (size_t k = r->header + 1; k < r->table->count && !filled; k++)
            filled = i < r->table->rows[k].count && !roster_is_blank(r->table->rows[k].cells[i]);
        if (r->roster.columns[i].use == ROSTER_NAMELESS && filled)
            roster_find_problem(r, r->roster.header_line, SEVERITY_WARN, i, ROSTER_NAMELESS_COLUMN);
    }
}

/* ---- the whole ---- */

static enum err read_rows(struct roster_reading *r)
{
    r->rows = arena_alloc(r->arena, r->table->count * sizeof *r->rows);
    if (r->rows == NULL)
        return ERR_MEMORY;
    tell_columns(r);
    tell_nameless(r);
    size_t on_table = r->findings.size / sizeof(struct roster_finding);
    for (size_t i = r->header + 1; i < r->table->count; i++) {
        enum err e = roster_read_row(r, i);
        if (e != ERR_OK)
            return e;
    }
    enum err e = roster_find_twice(r->kind, r->rows, r->roster.row_count, r->roster.columns, &r->findings);
    return e != ERR_OK ? e : roster_findings_finish(r, on_table);
}

enum err roster_read(const struct kind *kind, const struct csv_table *table, const struct roster_map *map,
                     size_t map_count, struct arena *arena, struct roster *out, struct roster_fault *fault)
{
    struct roster_column *columns;
    size_t header;
    enum err e = roster_header_find(kind, table, map, map_count, arena, &header, &columns, fault);
    if (e != ERR_OK)
        return e;
    struct roster_reading *r = arena_alloc(arena, sizeof *r); /* too large for a stack */
    if (r == NULL)
        return ERR_MEMORY;
    *r = (struct roster_reading){.kind = kind, .table = table, .arena = arena, .header = header};
    r->roster = (struct roster){
        .header_line = table->rows[header].line, .columns = columns, .column_count = table->rows[header].count};
    e = read_rows(r);
    buf_finish(&r->findings);
    if (e == ERR_OK)
        *out = r->roster;
    return e;
}
