/* banyand duplicates: members who may be one person, by the marks of their ID numbers (store_twins.h): which branches have them, and
 * under which record. The number itself is shown to nobody. */
#include "base/limits.h"
#include "base/tr.h"
#include "server/command/command.h"
#include "server/store/store_twins.h"
#include "show/board.h"
#include "show/grid.h"

#include <jansson.h>

static const struct option_spec options[] = {
    {"data", OPTION_VALUE, "DIR", N_("the district's folder")},
    {"json", OPTION_FLAG, NULL, N_("as JSON")},
    {NULL, OPTION_FLAG, NULL, NULL},
};

#define PERSONS_MAX 2000 /* of a list that people read; a city has fewer */

struct found {
    struct store_twin *list;
    size_t count;
    bool more;
};

static void put_json(const struct found *found, const struct control *control, struct buf *out)
{
    json_t *all = json_array(), *person = NULL;
    for (size_t i = 0; i < found->count; i++) {
        const struct store_twin *t = &found->list[i];
        const struct control_org *org = control_org(control, t->org);
        char id[ID_TEXT_SIZE];
        id_text(t->member, id);
        if (i == 0 || t->person != found->list[i - 1].person) {
            person = json_array();
            json_array_append_new(all, person);
        }
        json_array_append_new(person, json_pack("{s:s?, s:s?, s:s}", "branch", org ? org->code : NULL, "branch_name", org ? org->name : NULL,
                                                "member", id));
    }
    show_json(all, out);
    json_decref(all);
}

static void put_grid(const struct found *found, const struct control *control, struct buf *out)
{
    struct grid *g = grid_create(4);
    grid_cell(g, _("person"));
    grid_cell(g, _("branch"));
    grid_cell(g, "");
    grid_cell(g, _("record"));
    for (size_t i = 0; i < found->count; i++) {
        const struct store_twin *t = &found->list[i];
        const struct control_org *org = control_org(control, t->org);
        char id[ID_TEXT_SIZE];
        id_text(t->member, id);
        grid_format(g, "%zu", t->person + 1);
        grid_cell(g, org ? org->code : NULL);
        grid_cell(g, org ? org->name : NULL);
        grid_cell(g, id);
    }
    grid_print(g, out);
    grid_destroy(g);
}

static int print(const struct command *c, const struct options *o, struct command_folder *f)
{
    bool json = options_get(c->options, o, "json");
    struct found found = {0};
    struct arena arena;
    struct buf out = BUF_INIT;
    arena_init(&arena, LIMIT_ARENA);
    enum err e = store_twins(f->store, PERSONS_MAX, &arena, &found.list, &found.count, &found.more);
    if (e == ERR_OK && json)
        put_json(&found, f->control, &out);
    else if (e == ERR_OK && found.count)
        put_grid(&found, f->control, &out);
    int status = e == ERR_OK ? EXIT_DONE : command_fail(e, f->dir, store_detail(f->store));
    command_print(&out);
    if (e == ERR_OK && found.count == 0 && !json)
        command_say("%s", _("no ID number stands twice"));
    if (found.more)
        command_say("%s", _("there are more"));
    arena_finish(&arena);
    return status;
}

static int run(const struct command *c, int argc, char **argv)
{
    static const struct command_form form = {COMMAND_READS, N_("--data is needed"), NULL};
    return command_with_folder(c, argc, argv, &form, print);
}

const struct command command_duplicates = {"duplicates", "--data DIR [--json]", N_("members who may stand twice, by their ID numbers"), options, run};
