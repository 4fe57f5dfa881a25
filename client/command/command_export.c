/* banyan export, and list --csv: rows as a spreadsheet takes them, with Chinese headings that import understands again.
 * Sensitive fields stand in it whole where the seat's roles may read them: a file is asked for on purpose. */
#include "client/command/export_rows.h"
#include "client/command/new_file.h"
#include "csv/csv_writer.h"
#include "show/fields.h"

#include <string.h>

static const struct option_spec options[] = {
    DATA_OPTION,
    {"state", OPTION_VALUE, "STATE", N_("only records in that state")},
    {"branch", OPTION_VALUE, "CODE", N_("records of a branch below, asked from the server")},
    END_OPTION,
};

struct sheet {
    struct seat *seat;
    struct show_fields fields;
    struct csv_writer csv;
    size_t count;
    bool sensitive; /* some column is */
};

/* What a spreadsheet is to take as a number or date is written as it is, all else as text. */
static void write_cell(struct csv_writer *w, const struct field_rule *f, struct slice value)
{
    if (f->type == FIELD_INTEGER || f->type == FIELD_FEN || f->type == FIELD_DATE || f->type == FIELD_TIME_MS)
        csv_write_plain(w, value);
    else
        csv_write_text(w, value);
}

static void on_row(void *to, const struct show_record *row)
{
    struct sheet *s = to;
    s->count++;
    struct buf cell = BUF_INIT;
    char id[ID_TEXT_SIZE];
    id_text(row->id, id);
    csv_write_plain(&s->csv, slice_text(id));
    for (size_t i = 0; i < s->fields.count; i++) {
        const struct field_rule *f = &s->fields.list[i];
        if (f->type == FIELD_BYTES || (s->seat && kind_access(row->kind, NULL, s->seat->facts.roles) < ACCESS_FULL && (f->flags & FIELD_SENSITIVE)))
            continue;
        cell.size = 0;
        show_field_at(row, &s->fields, i, command_language(), VALUE_WHOLE, seat_name, s->seat, &cell);
        write_cell(&s->csv, f, buf_slice(&cell));
    }
    buf_finish(&cell);
    csv_end_row(&s->csv);
}

static void write_heads(struct sheet *s, const struct kind *k)
{
    csv_write_plain(&s->csv, slice_text("id"));
    for (size_t i = 0; i < s->fields.count; i++) {
        const struct field_rule *f = &s->fields.list[i];
        if (f->type == FIELD_BYTES || (kind_access(k, NULL, s->seat->facts.roles) < ACCESS_FULL && (f->flags & FIELD_SENSITIVE)))
            continue;
        s->sensitive = s->sensitive || (f->flags & FIELD_SENSITIVE);
        csv_write_plain(&s->csv, slice_text(label_in(f->label, command_language())));
    }
    csv_end_row(&s->csv);
}

static int say_written(const struct sheet *sheet, const char *path, int status)
{
    struct buf said = BUF_INIT;
    if (status != EXIT_DONE)
        return status;
    buf_format(&said, _("%zu records are in %s"), sheet->count, path);
    if (sheet->count && sheet->sensitive)
        buf_text(&said, _("; it holds ID numbers or phones in full: keep it where nobody else reads it"));
    command_warn(buf_c_string(&said));
    buf_finish(&said);
    return EXIT_DONE;
}

int export_rows(struct seat *s, const struct row_wish *wish, const char *path)
{
    struct buf out = BUF_INIT;
    struct sheet sheet = {.seat = s, .csv = csv_begin(&out, path ? CSV_FOR_SPREADSHEETS : CSV_FOR_PROGRAMS)};
    int64_t age;
    int status = EXIT_DONE;
    show_fields_of(wish->kind, &sheet.fields);
    write_heads(&sheet, wish->kind);
    if (row_list(s, wish, on_row, &sheet, &age, &status)) {
        if (age >= 0)
            command_warn(_("the server cannot be reached; these are the rows that it answered last"));
        if (path)
            status = say_written(&sheet, path, new_file_write(path, buf_slice(&out)));
        else
            command_print(&out);
    }
    buf_finish(&out);
    return status;
}

static int export(struct seat *s, const struct kind *k, const struct options *o)
{
    struct row_wish wish = {.kind = k, .state = options_get(options, o, "state"), .filters = o->arguments + 2, .filter_count = o->argument_count - 2, .names = true};
    if (kind_access(k, NULL, s->facts.roles) < ACCESS_OPEN)
        return command_say(_("this seat's roles may not read these records"), NULL);
    return export_rows(s, &wish, o->arguments[1]);
}

static int run(const struct command *c, int argc, char **argv)
{
    static const struct command_form form = {.least = 2, .most = -1, .problem = N_("a kind and a file are needed"), .first = COMMAND_FIRST_KIND};
    return command_with_seat(c, argc, argv, &form, export);
}

const struct command command_export = {"export", "KIND FILE.csv [FIELD=VALUE ...] [--state S] [--branch CODE]", N_("write records into a file for a spreadsheet"), options, run};
