/* banyan kinds, describe: what the union knows, from the rules' tables alone; needs no seat. */
#include "client/command/command.h"
#include "show/board.h"
#include "show/grid.h"

#include <jansson.h>

static const struct option_spec options[] = {DATA_OPTION, {"json", OPTION_FLAG, NULL, N_("as JSON")}, END_OPTION};

static int run_kinds(const struct command *c, int argc, char **argv)
{
    struct options o;
    struct buf out = BUF_INIT;
    size_t count;
    int status = EXIT_DONE;
    if (!command_parse(c, argc, argv, &o, &status))
        return status;
    if (o.argument_count)
        return command_usage(c, _("kinds takes no further words"));
    const struct kind *const *all = kind_all(&count);
    if (options_get(options, &o, "json")) {
        json_t *list = json_array();
        for (size_t i = 0; i < count; i++)
            json_array_append_new(list, json_pack("{s:s, s:s}", "kind", all[i]->name, "label", label_in(all[i]->label, command_language())));
        show_json(list, &out);
        json_decref(list);
    } else {
        struct grid *g = grid_create(2);
        for (size_t i = 0; i < count; i++) {
            grid_cell(g, all[i]->name);
            grid_cell(g, label_in(all[i]->label, command_language()));
        }
        grid_print(g, &out);
        grid_destroy(g);
    }
    command_print(&out);
    return EXIT_DONE;
}

static int run_describe(const struct command *c, int argc, char **argv)
{
    struct options o;
    struct buf out = BUF_INIT;
    int status = EXIT_DONE;
    if (!command_parse(c, argc, argv, &o, &status))
        return status;
    if (o.argument_count != 1)
        return command_usage(c, _("describe takes one kind"));
    const struct kind *k = command_kind(o.arguments[0], &status);
    if (!k)
        return status;
    if (options_get(options, &o, "json")) {
        json_t *document = show_kind_json(k, command_language());
        show_json(document, &out);
        json_decref(document);
    } else {
        show_kind_text(k, command_language(), &out);
    }
    command_print(&out);
    return EXIT_DONE;
}

const struct command command_kinds = {"kinds", "[--json]", N_("the kinds of records"), options, run_kinds};
const struct command command_describe = {"describe", "KIND [--json]", N_("a kind's fields, states and actions, with who may"), options, run_describe};
