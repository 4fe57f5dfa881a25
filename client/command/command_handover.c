/* banyan handover: an office goes from one person to another (REQ-12). */
#include "client/command/handover_draft.h"
#include "client/command/handover_files.h"

#include <stdlib.h>
#include <string.h>

static const struct option_spec options[] = {DATA_OPTION, {"json", OPTION_FLAG, NULL, N_("show: as JSON")}, END_OPTION};

#define FORM N_("handover takes show or draft with a seat's number, write or take with a file's name")

/* False: said. */
static bool read_seat(const char *word, uint32_t *out)
{
    char *end;
    unsigned long number = strtoul(word, &end, 10);
    bool good = *word >= '0' && *word <= '9' && !*end && number > 0 && number <= UINT32_MAX;
    *out = good ? (uint32_t)number : 0;
    if (!good)
        (void)command_usage(&command_handover, _("a seat is named by its number; see: banyan seat list")); /* the caller's status */
    return good;
}

static int show(struct seat *s, const struct options *o)
{
    struct handover_look look;
    uint32_t seat;
    int status = EXIT_USAGE;
    if (!read_seat(o->arguments[1], &seat) || !handover_look(s, seat, &look, &status))
        return status;
    handover_print(s, &look, options_get(options, o, "json"));
    return EXIT_DONE;
}

static int draft(struct seat *s, const struct options *o)
{
    struct handover_look look;
    uint32_t seat;
    int status = EXIT_USAGE;
    if (!read_seat(o->arguments[1], &seat) || !handover_look(s, seat, &look, &status))
        return status;
    return handover_draft(s, &look, o->arguments + 2, o->argument_count - 2);
}

static int write_file(struct seat *s, const struct options *o)
{
    return handover_write(s, o->arguments[1]);
}

static int take_file(struct seat *s, const struct options *o)
{
    return handover_take_in(s, o->arguments[1]);
}

static const struct word {
    const char *name;
    bool more; /* words follow */
    int (*work)(struct seat *s, const struct options *o);
} words[] = {{"show", false, show}, {"draft", true, draft}, {"write", false, write_file}, {"take", false, take_file}};

static const struct word *find_word(const struct options *o)
{
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strcmp(words[i].name, o->arguments[0]) == 0 && (words[i].more || o->argument_count == 2))
            return &words[i];
    return NULL;
}

static int check(const struct options *o)
{
    return find_word(o) ? EXIT_DONE : command_usage(&command_handover, _(FORM));
}

static int handover(struct seat *s, const struct kind *k, const struct options *o)
{
    (void)k; /* none is named */
    const struct word *word = find_word(o);
    CHECK(word); /* check has found it */
    return word->work(s, o);
}

static int run(const struct command *c, int argc, char **argv)
{
    static const struct command_form form = {.least = 2, .most = -1, .problem = FORM, .check = check};
    return command_with_seat(c, argc, argv, &form, handover);
}

const struct command command_handover = {"handover", "show SEAT [--json] | draft SEAT [FIELD=VALUE ...] | write FILE | take FILE",
                                         N_("who leaves an office: what is open, the record of it, unsent work as a file for the successor"), options, run};
