/* banyan handover: an office goes from one person to another (REQ-12). */
#include "client/command/handover_files.h"

#include <string.h>

static const struct option_spec options[] = {DATA_OPTION, END_OPTION};

#define FORM N_("handover takes write or take with a file's name")

static const struct word {
    const char *name;
    int (*work)(struct seat *s, const char *what);
} words[] = {
    {"write", handover_write},
    {"take", handover_take_in},
};

static const struct word *find_word(const struct options *o)
{
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strcmp(words[i].name, o->arguments[0]) == 0)
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
    return find_word(o)->work(s, o->arguments[1]);
}

static int run(const struct command *c, int argc, char **argv)
{
    static const struct command_form form = {.least = 2, .most = 2, .problem = FORM, .check = check};
    return command_with_seat(c, argc, argv, &form, handover);
}

const struct command command_handover = {"handover", "write FILE | take FILE", N_("who leaves an office hands its unsent work to the successor"), options, run};
