/* banyan due: what is due this month, and what is overdue. Works without a network. */
#include "client/command/due_list.h"
#include "client/command/returned.h"
#include "kinds/dues.h"
#include "show/board.h"
#include "show/grid.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>

static const struct option_spec options[] = {DATA_OPTION, {"json", OPTION_FLAG, NULL, N_("as JSON")}, END_OPTION};

static json_t *line_json(const struct due_line *l)
{
    char on[DATE_TEXT_SIZE], id[ID_TEXT_SIZE];
    date_text(l->on, on);
    json_t *o = json_pack("{s:s, s:s, s:b, s:s}", "type", due_type_name(l->type), "due_on", on, "overdue", (int)l->overdue, "title", l->title);
    if (l->kind) {
        id_text(l->id, id);
        json_object_set_new(o, "kind", json_string(l->kind->name));
        json_object_set_new(o, "id", json_string(id));
    }
    if (l->type == DUE_RETURNED)
        json_object_set_new(o, "reason", l->reason ? json_string(l->reason) : json_null());
    if (l->type == DUE_ARREARS)
        json_object_set_new(o, "owed_fen", json_integer(l->amount_fen));
    if (l->type == DUE_DOUBLE) {
        json_object_set_new(o, "amount_fen", json_integer(l->amount_fen));
        json_object_set_new(o, "period", json_string(l->period));
    }
    if (l->type == DUE_MEMBERSHIP)
        json_object_set_new(o, "months", json_integer((json_int_t)l->months));
    return o;
}

static void print_json(const struct due_list *d, struct buf *out)
{
    json_t *list = json_array();
    for (size_t i = 0; i < d->count; i++)
        json_array_append_new(list, line_json(&d->list[i]));
    show_json(list, out);
    json_decref(list);
}

static void say_returned(struct grid *g, const struct due_line *l)
{
    struct buf said = BUF_INIT;
    buf_format(&said, "%s  %s%s", l->title, l->reason ? l->reason : "", l->reason ? "  " : "");
    returned_next(&(struct returned){l->kind, l->id, l->title, l->reason}, &said);
    grid_take(g, &said);
}

static void say_what(struct grid *g, const struct due_line *l)
{
    char id[ID_TEXT_SIZE];
    struct buf yuan = BUF_INIT;
    fen_text(l->amount_fen, &yuan);
    switch (l->type) {
    case DUE_RECORD:
        grid_cell(g, label_in(l->kind->label, command_language()));
        grid_cell(g, l->title);
        break;
    case DUE_ARREARS:
        grid_cell(g, _("dues in arrears"));
        grid_format(g, "%s  %s", l->title, buf_c_string(&yuan));
        break;
    case DUE_DOUBLE:
        id_text(l->id, id);
        grid_cell(g, _("possible double payment"));
        grid_format(g, _("%s  %s  %s twice on this day: if one is a mistake, take it back (reverses_id=%s)"), l->title,
                    l->period ? l->period : "", buf_c_string(&yuan), id);
        break;
    case DUE_MEMBERSHIP:
        grid_cell(g, _("membership"));
        grid_format(g, _("%s has not paid for %zu months in a row: talk first, then the committee decides"), l->title, l->months);
        break;
    case DUE_RETURNED:
        grid_format(g, _("%s sent back"), label_in(l->kind->label, command_language()));
        say_returned(g, l);
        break;
    case DUE_CERTIFICATE:
        grid_cell(g, _("certificate"));
        grid_cell(g, _("this seat's certificate ends: banyan sync renews it"));
        break;
    }
    buf_finish(&yuan);
}

static void print_text(const struct due_list *d, struct buf *out)
{
    struct grid *g = grid_create(4);
    for (size_t i = 0; i < d->count; i++) {
        const struct due_line *l = &d->list[i];
        char on[DATE_TEXT_SIZE];
        date_text(l->on, on);
        grid_cell(g, on);
        grid_cell(g, l->overdue ? _("overdue") : "");
        say_what(g, l);
    }
    grid_print(g, out);
    grid_destroy(g);
    if (d->count == 0)
        buf_format(out, "%s\n", _("nothing is due"));
}

/* The last day of the month that is asked for; else of this one. */
static bool read_until(const struct options *o, struct date today, struct date *out)
{
    struct buf text = BUF_INIT;
    struct dues_period p;
    *out = date_month_end(today.year, today.month);
    if (o->argument_count == 0)
        return true;
    dues_period_normalise(slice_text(o->arguments[0]), &text);
    bool good = dues_period_read(buf_c_string(&text), &p);
    if (good)
        *out = dues_period_last(p);
    buf_finish(&text);
    return good;
}

static int run(const struct command *c, int argc, char **argv)
{
    struct options o;
    struct seat s;
    struct date until;
    struct due_list due;
    struct buf out = BUF_INIT;
    int status = EXIT_DONE;
    if (!command_parse(c, argc, argv, &o, &status))
        return status;
    if (o.argument_count > 1)
        return command_usage(c, _("one month at most"));
    if (!seat_open(options_get(options, &o, "data"), &s, &status))
        return status;
    struct date today = seat_today(&s);
    if (!read_until(&o, today, &until)) {
        seat_close(&s);
        return command_usage(c, _("write a month as 2026-10, a term as 2026-1 or 2026-2, a year as 2026"));
    }
    enum err e = due_list_make(&s, today, until, &due);
    if (e != ERR_OK)
        status = command_failed(&s, e, "due");
    else if (options_get(options, &o, "json"))
        print_json(&due, &out);
    else
        print_text(&due, &out);
    due_list_finish(&due);
    command_print(&out);
    seat_close(&s);
    return status;
}

const struct command command_due = {"due", "[MONTH] [--json]", N_("what is due this month, and what is overdue"), options, run};
