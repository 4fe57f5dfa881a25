/* banyan numbers: numbers that the server gave (receipts, members, proposals) and that are others since it was restored. Paper bears the
 * old ones; a person looks up which is which, corrects or notes it there, and says so. */
#include "client/command/command.h"
#include "client/command/number_words.h"
#include "show/board.h"
#include "show/grid.h"

#include <jansson.h>

static const struct option_spec options[] = {
    DATA_OPTION,
    {"json", OPTION_FLAG, NULL, N_("as JSON")},
    {"noted", OPTION_FLAG, NULL, N_("take note of all of them: status and attention remind of them no longer")},
    END_OPTION,
};

struct listing {
    struct seat *seat;
    json_t *list;
    struct grid *grid;
    size_t count, waiting;
};

static bool add_json(void *to, const struct replica_number *x)
{
    struct listing *l = to;
    l->waiting += !x->noted;
    json_array_append_new(l->list, number_json(x));
    return true;
}

static bool add_row(void *to, const struct replica_number *x)
{
    struct listing *l = to;
    const struct kind *k = kind_by_number(x->kind);
    const struct field_rule *f = k ? kind_field(k, x->field) : NULL;
    struct buf cell = BUF_INIT;
    l->count++;
    l->waiting += !x->noted;
    grid_cell(l->grid, x->was);
    grid_cell(l->grid, x->now);
    grid_cell(l->grid, f ? label_in(f->label, command_language()) : x->field);
    show_moment(x->at_ms, &cell);
    grid_take(l->grid, &cell);
    number_record(l->seat, x, &cell);
    grid_take(l->grid, &cell);
    return true;
}

static enum err put_words(struct listing *l, struct buf *out)
{
    const char *const heads[] = {_("on paper"), _("is now"), _("number"), _("restored on"), _("of")};
    l->grid = grid_create(sizeof heads / sizeof *heads);
    for (size_t i = 0; i < sizeof heads / sizeof *heads; i++)
        grid_cell(l->grid, heads[i]);
    enum err e = replica_numbers(l->seat->replica, l->seat->now_ms, add_row, l);
    if (l->count)
        grid_print(l->grid, out);
    else
        buf_format(out, "%s\n", _("No number that this device saw is another one now."));
    if (l->waiting)
        buf_format(out, "%s\n", _("Next: write the number of now on the paper, or print it anew; who quotes the old one is looked up here. banyan numbers --noted ends the reminder."));
    grid_destroy(l->grid);
    return e;
}

static int numbers(struct seat *s, const struct kind *k, const struct options *o)
{
    struct listing l = {.seat = s};
    struct buf out = BUF_INIT;
    (void)k; /* none is named */
    enum err e = options_get(options, o, "noted") ? replica_numbers_noted(s->replica) : ERR_OK;
    if (e == ERR_OK && options_get(options, o, "json")) {
        l.list = json_array();
        e = replica_numbers(s->replica, s->now_ms, add_json, &l);
        show_json(l.list, &out);
        json_decref(l.list);
    } else if (e == ERR_OK) {
        e = put_words(&l, &out);
    }
    if (e != ERR_OK) {
        buf_finish(&out);
        return command_failed(s, e, "numbers");
    }
    command_print(&out);
    return l.waiting ? EXIT_WAITING : EXIT_DONE;
}

static int run(const struct command *c, int argc, char **argv)
{
    static const struct command_form form = {.problem = N_("numbers takes no further words")};
    return command_with_seat(c, argc, argv, &form, numbers);
}

const struct command command_numbers = {"numbers", "[--json] [--noted]",
                                        N_("numbers on paper (receipts, members) that are others since the server was restored"), options, run};
