/* banyan list, show, export: rows for people, for programs and for spreadsheets. */
#include "client/command/branch_rows.h"
#include "client/command/erased_words.h"
#include "client/command/export_rows.h"
#include "client/command/incoming.h"
#include "client/command/member_ties.h"
#include "client/command/proposal_parts.h"
#include "client/command/record_find.h"
#include "show/board.h"
#include "show/fields.h"
#include "show/grid.h"
#include "show/rows_json.h"

#include <jansson.h>
#include <string.h>

static const struct option_spec options[] = {
    DATA_OPTION,
    {"state", OPTION_VALUE, "STATE", N_("only records in that state")},
    {"branch", OPTION_VALUE, "CODE", N_("records of a branch below, asked from the server")},
    {"incoming", OPTION_FLAG, NULL, N_("member: those whom other branches transferred out to this one, asked from the server")},
    {"json", OPTION_FLAG, NULL, N_("as JSON")},
    {"csv", OPTION_FLAG, NULL, N_("as CSV for programs (for a spreadsheet: banyan export)")},
    {"whole", OPTION_FLAG, NULL, N_("sensitive fields unmasked, for roles that may read them")},
    END_OPTION,
};

#define COLUMNS_MAX 24 /* of a list on a terminal */

struct output {
    struct seat *seat;
    const struct kind *kind;
    struct show_fields fields;
    size_t columns[COLUMNS_MAX]; /* of fields */
    size_t column_count;
    enum value_mask mask;
    struct show_rows_json json;
    struct grid *grid;
    size_t count;
};

static void on_json(void *to, const struct show_record *row)
{
    struct output *o = to;
    show_rows_json_add(&o->json, row);
    o->count++;
}

/* Looked up once for all rows. */
static void find_columns(struct output *o)
{
    show_fields_of(o->kind, &o->fields);
    for (const char *const *name = o->kind->columns; name && *name && o->column_count < COLUMNS_MAX; name++) {
        const struct field_rule *f = show_fields_find(&o->fields, *name);
        if (f)
            o->columns[o->column_count++] = (size_t)(f - o->fields.list);
    }
}

static const char *sync_mark(const char *sync)
{
    return strcmp(sync, "confirmed") == 0  ? " "
           : strcmp(sync, "queued") == 0   ? _("waits")
           : strcmp(sync, "refused") == 0  ? _("refused")
                                           : _("conflict");
}

static void on_grid(void *to, const struct show_record *row)
{
    struct output *o = to;
    struct buf cell = BUF_INIT;
    char id[ID_TEXT_SIZE];
    id_text(row->id, id);
    grid_cell(o->grid, id);
    grid_cell(o->grid, sync_mark(row->sync));
    for (size_t i = 0; i < o->column_count; i++) {
        const struct field_rule *f = &o->fields.list[o->columns[i]];
        cell.size = 0;
        show_field_at(row, &o->fields, o->columns[i], command_language(), o->mask, seat_name, o->seat, &cell);
        if (!cell.size && show_is_pending(row, f))
            buf_text(&cell, _("(pending)"));
        for (size_t b = 0; b < cell.size; b++)
            if (cell.data[b] == '\n')
                cell.data[b] = ' ';
        grid_cell(o->grid, buf_c_string(&cell));
    }
    buf_finish(&cell);
    o->count++;
}

static void grid_heads(struct output *o)
{
    o->grid = grid_create(o->column_count + 2);
    grid_cell(o->grid, "id");
    grid_cell(o->grid, " ");
    for (size_t i = 0; i < o->column_count; i++)
        grid_cell(o->grid, label_in(o->fields.list[o->columns[i]].label, command_language()));
}

static void say_age(int64_t age_ms, int64_t now_ms)
{
    struct buf said = BUF_INIT;
    if (age_ms < 0)
        return;
    buf_text(&said, _("the server cannot be reached; this is its last answer, from "));
    show_age(now_ms - age_ms, now_ms, &said);
    command_warn(buf_c_string(&said));
    buf_finish(&said);
}

/* The district's own folder is all but empty: what it looks for is in the branches. */
static const char *nothing_next(struct seat *s, const struct row_wish *wish)
{
    bool looks_away = (s->facts.roles & ROLES_DISTRICT) && !s->branch && wish->kind->owner == OWNER_BRANCH;
    return looks_away ? _("records of a branch: add --branch CODE; banyan overview lists the codes") : NULL;
}

static int list_to(struct seat *s, const struct row_wish *wish, const struct options *o)
{
    struct output out = {.seat = s, .kind = wish->kind, .mask = options_get(options, o, "whole") ? VALUE_WHOLE : VALUE_MASKED};
    struct buf text = BUF_INIT;
    int64_t age;
    int status = EXIT_DONE;
    bool json = options_get(options, o, "json");
    find_columns(&out);
    if (json)
        show_rows_json_begin(&out.json, &out.fields, &text);
    else
        grid_heads(&out);
    bool listed = row_list(s, wish, json ? on_json : on_grid, &out, &age, &status);
    if (json)
        show_rows_json_end(&out.json);
    if (listed) {
        say_age(age, s->now_ms);
        if (!json && out.count)
            grid_print(out.grid, &text);
        else if (!json)
            (void)command_say(_("there are none"), nothing_next(s, wish)); /* that is no failure */
        command_print(&text);
    }
    if (!json)
        grid_destroy(out.grid);
    buf_finish(&text);
    return status;
}

static int list(struct seat *s, const struct kind *k, const struct options *o)
{
    struct row_wish wish = {.kind = k, .state = options_get(options, o, "state"), .filters = o->arguments + 1, .filter_count = o->argument_count - 1,
                            .names = !options_get(options, o, "json")};
    if (options_get(options, o, "incoming"))
        return incoming_print(s, options_get(options, o, "json"));
    if (kind_access(k, NULL, s->facts.roles) < ACCESS_OPEN)
        return command_say(_("this seat's roles may not read these records"), _("their sums stand in: banyan overview"));
    return options_get(options, o, "csv") ? export_rows(s, &wish, NULL) : list_to(s, &wish, o);
}

static int check_list(const struct options *o)
{
    bool both = options_get(options, o, "json") && options_get(options, o, "csv");
    bool alone = strcmp(o->arguments[0], "member") == 0 && o->argument_count == 1 && !options_get(options, o, "csv") &&
                 !options_get(options, o, "state") && !options_get(options, o, "branch");
    if (options_get(options, o, "incoming") && !alone)
        return command_usage(&command_list, _("--incoming goes with member alone, and with --json"));
    return both ? command_usage(&command_list, _("either --json or --csv")) : EXIT_DONE;
}

static int run_list(const struct command *c, int argc, char **argv)
{
    static const struct command_form form = {.least = 1, .most = -1, .problem = N_("a kind is needed"), .first = COMMAND_FIRST_KIND, .check = check_list};
    return command_with_seat(c, argc, argv, &form, list);
}

static const struct option_spec show_options[] = {
    DATA_OPTION,
    {"branch", OPTION_VALUE, "CODE", N_("records of a branch below, asked from the server")},
    {"json", OPTION_FLAG, NULL, N_("as JSON")},
    {"whole", OPTION_FLAG, NULL, N_("sensitive fields unmasked, for roles that may read them")},
    END_OPTION,
};

/* What holds a member of the own branch, for who looks at one. */
static enum err ties_of(struct seat *s, const struct kind *k, const struct replica_row *row, struct member_ties *out, bool *any)
{
    *any = strcmp(k->name, "member") == 0 && row->org == s->facts.home && kind_access(kind_by_name("dues_assessment"), NULL, s->facts.roles) >= ACCESS_OPEN;
    return *any ? member_ties_find(s, row->id, out) : ERR_OK;
}

static int show(struct seat *s, const struct kind *k, const struct options *o)
{
    struct id id;
    struct replica_row row;
    struct proposal_parts parts;
    struct member_ties ties;
    bool tied;
    struct buf out = BUF_INIT;
    int status = EXIT_DONE;
    if (!record_find_or_say(s, k, o->arguments[1], &id, &status))
        return status;
    enum err e = replica_load(s->replica, k->number, id, s->now_ms, &s->arena, &row);
    if (e == ERR_OK)
        e = proposal_parts_load(s, k, id, &parts);
    if (e == ERR_OK)
        e = ties_of(s, k, &row, &ties, &tied);
    if (e != ERR_OK)
        return command_failed(s, e, o->arguments[1]);
    if (s->branch && !options_get(show_options, o, "json"))
        branch_rows_ask_named(s, k);
    struct show_record record = row_list_record(s, k, &row);
    if (record.access < ACCESS_OPEN)
        return command_say(_("this seat's roles may not read these records"), NULL);
    if (options_get(show_options, o, "json")) {
        json_t *document = show_record_json(&record);
        proposal_parts_json(s, &parts, document);
        if (tied)
            member_ties_json(&ties, document);
        erased_json(s, k, id, document);
        show_json(document, &out);
        json_decref(document);
    } else {
        show_record_text(&record, command_language(), options_get(show_options, o, "whole") ? VALUE_WHOLE : VALUE_MASKED, seat_name, s, &out);
        proposal_parts_text(s, &parts, &out);
        if (tied)
            member_ties_text(&ties, &out);
        erased_text(s, k, id, &out);
    }
    command_print(&out);
    return EXIT_DONE;
}

static int run_show(const struct command *c, int argc, char **argv)
{
    static const struct command_form form = {.least = 2, .most = 2, .problem = N_("a kind and an id are needed"), .first = COMMAND_FIRST_KIND};
    return command_with_seat(c, argc, argv, &form, show);
}

const struct command command_list = {"list", "KIND [FIELD=VALUE ...] [--state S] [--branch CODE] [--json|--csv] | member --incoming", N_("list records"), options, run_list};
const struct command command_show = {"show", "KIND ID [--branch CODE] [--json]", N_("show one record"), show_options, run_show};
