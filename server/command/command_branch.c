/* banyand branch: the orgs below the root. */
#include "base/key_file.h"
#include "base/limits.h"
#include "base/tr.h"
#include "server/command/command.h"
#include "server/command/orgs_file.h"
#include "show/board.h"
#include "show/grid.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>

static const struct option_spec options[] = {
    {"data", OPTION_VALUE, "DIR", N_("the district's folder")},
    {"code", OPTION_VALUE, "CODE", N_("add: the branch's code")},
    {"name", OPTION_VALUE, "NAME", N_("add: the branch's name")},
    {"parent", OPTION_VALUE, "CODE", N_("add: the org above it; default: the root")},
    {"level", OPTION_VALUE, "LEVEL", N_("add: branch (default), or district, city, province")},
    {"number", OPTION_VALUE, "N", N_("add: a branch that a restore lost, made again under its own number (banyand seat list tells it)")},
    {"yes", OPTION_FLAG, NULL, N_("add: that number, although no device has named it")},
    {"json", OPTION_FLAG, NULL, N_("list: as JSON")},
    {NULL, OPTION_FLAG, NULL, NULL},
};

struct branch_words {
    const char *code, *name, *parent, *level;
};

/* Has a device of a lost seat called that names it as its branch? named: the numbers that were named, for people. */
static enum err look_for_number(struct command_folder *f, uint32_t number, bool *found, struct buf *named)
{
    struct control_stranger *list;
    struct arena arena;
    size_t count = 0;
    arena_init(&arena, LIMIT_ARENA);
    enum err e = control_strangers(f->control, &arena, &list, &count);
    *found = false;
    for (size_t i = 0; i < count && e == ERR_OK; i++) {
        *found = *found || list[i].org == number;
        if (list[i].org && !control_org(f->control, list[i].org))
            buf_format(named, _("%s%u (seat %u)"), named->size ? ", " : "", list[i].org, list[i].seat);
    }
    arena_finish(&arena);
    return e;
}

/* A number stays with its branch for ever, and the branch in the district. */
static enum err demand_named(struct command_folder *f, uint32_t number)
{
    bool found = false;
    struct buf named = BUF_INIT;
    enum err e = look_for_number(f, number, &found, &named);
    if (e == ERR_OK && !found) {
        command_say(_("no device of a branch with the number %u has called, and a branch that is made with a wrong number can't be taken away again. Devices named: %s"), number,
                    named.size ? buf_c_string(&named) : _("none"));
        fprintf(stderr, "  %s\n", _("let such a person run banyan sync and look at banyand seat list; if the number is right all the same, give this command once more with --yes"));
        e = ERR_REFUSED;
    }
    buf_finish(&named);
    return e;
}

/* *said: why not. */
static enum err add_again(const struct options *o, struct command_folder *f, const struct branch_words *w, uint32_t number, bool *said)
{
    uint32_t next = 0;
    enum err e = control_next_org(f->control, &next);
    bool free_number = e == ERR_OK && number && number < next && !control_org(f->control, number); /* else it is refused in any case */
    if (free_number && !options_get(options, o, "yes"))
        e = demand_named(f, number);
    *said = e == ERR_REFUSED;
    return e == ERR_OK ? control_add_org_again(f->control, w->code, w->name, w->level, w->parent, number) : e;
}

static int add(const struct command *c, const struct options *o, struct command_folder *f)
{
    struct branch_words w = {options_get(options, o, "code"), options_get(options, o, "name"), options_get(options, o, "parent"), options_get(options, o, "level")};
    const char *again = options_get(options, o, "number");
    uint32_t number;
    bool said = false;
    enum err e;
    if (!w.code || !w.name || o->argument_count != 1)
        return command_usage(c, _("add needs --code and --name"));
    w.level = w.level ? w.level : N_("branch");
    if (!again)
        e = control_add_org(f->control, w.code, w.name, w.level, w.parent, &number);
    else if (command_number(again, &number))
        e = add_again(o, f, &w, number, &said);
    else
        return command_usage(c, _("--number is a whole number"));
    return e == ERR_OK ? EXIT_DONE : said ? EXIT_FAILED : command_fail(e, w.code, control_detail(f->control));
}

static json_t *list_json(const struct control *control)
{
    const struct control_org *org;
    json_t *list = json_array();
    for (size_t i = 0; (org = control_org_at(control, i)); i++) {
        const struct control_org *parent = control_org(control, org->parent);
        json_array_append_new(list, json_pack("{s:s, s:s, s:s, s:s?, s:s}", "code", org->code, "name", org->name, "level",
                                              org->level, "parent", parent ? parent->code : NULL, "state", org->state));
    }
    return list;
}

static void list_text(const struct control *control, struct buf *out)
{
    const struct control_org *org;
    struct grid *g = grid_create(5);
    grid_cell(g, _("Code"));
    grid_cell(g, _("Name"));
    grid_cell(g, _("Level"));
    grid_cell(g, _("Above"));
    grid_cell(g, _("State"));
    for (size_t i = 0; (org = control_org_at(control, i)); i++) {
        const struct control_org *parent = control_org(control, org->parent);
        grid_cell(g, org->code);
        grid_cell(g, org->name);
        grid_cell(g, _(org->level)); /* marked as sentences in command_init.c */
        grid_cell(g, parent ? parent->code : "-");
        grid_cell(g, _(org->state));
    }
    grid_print(g, out);
    grid_destroy(g);
}

static int list(const struct options *o, struct command_folder *f)
{
    struct buf out = BUF_INIT;
    if (options_get(options, o, "json")) {
        json_t *document = list_json(f->control);
        show_json(document, &out);
        json_decref(document);
    } else {
        list_text(f->control, &out);
    }
    command_print(&out);
    return EXIT_DONE;
}

static int import(const struct command *c, const struct options *o, struct command_folder *f)
{
    struct buf problems = BUF_INIT;
    size_t added = 0;
    if (o->argument_count != 2)
        return command_usage(c, _("import needs a file"));
    enum err e = orgs_file_import(f->control, o->arguments[1], &added, &problems);
    if (problems.size)
        fputs(buf_c_string(&problems), stderr);
    buf_finish(&problems);
    if (e != ERR_OK)
        return command_fail(e, o->arguments[1], control_detail(f->control));
    fprintf(stderr, _("%zu branches added\n"), added);
    return EXIT_DONE;
}

static bool says(const struct options *o, const char *word)
{
    return o->argument_count && strcmp(o->arguments[0], word) == 0;
}

static bool is_known(const struct options *o, enum command_access *access)
{
    if (says(o, "list"))
        *access = COMMAND_READS;
    return says(o, "add") || says(o, "import") || says(o, "list");
}

static int branch(const struct command *c, const struct options *o, struct command_folder *f)
{
    return says(o, "add") ? add(c, o, f) : says(o, "import") ? import(c, o, f) : list(o, f);
}

static int run(const struct command *c, int argc, char **argv)
{
    static const struct command_form form = {COMMAND_WRITES, N_("branch takes add, import or list, and --data DIR"), is_known};
    return command_with_folder(c, argc, argv, &form, branch);
}

const struct command command_branch = {"branch", "add --data DIR --code CODE --name NAME [--parent CODE] [--number N [--yes]] | import --data DIR FILE.csv | list --data DIR [--json]",
                                       N_("the branches: add, import, list"), options, run};
