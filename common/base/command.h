#pragma once
/* What the two programs have in common: subcommands with their options and words, --help and --version, an unknown word with
 * the nearest right one, exit statuses, what is said on stderr ("banyan: SENTENCE"), and an answer that could not be written. */
#include "base/options.h"

enum { EXIT_DONE = 0, EXIT_FAILED = 1, EXIT_USAGE = 2 }; /* cli.md; the client has more of them */

/* A command gets its own words (argv[0] is its name) and answers an exit status. */
struct command {
    const char *name;
    const char *usage; /* after "banyan NAME " */
    const char *help;  /* msgid: one line */
    const struct option_spec *options;
    int (*run)(const struct command *c, int argc, char **argv);
};
struct program {
    const char *name;
    const char *about; /* msgid: one line */
    const struct command *const *commands;
    size_t command_count;
    const char *const *lasting; /* commands whose work stands even if their answer does not arrive; NULL-ended */
    void (*explain)(const struct command *c, struct buf *out); /* more for its --help: what its words stand for; NULL */
};
/* A program's main: language, signals, the subcommand; answers its exit status. */
int command_main(const struct program *p, int argc, char **argv);

/* Parses; prints --help (status 0 in *status) or the problem (2). False: the command is over with *status. */
bool command_parse(const struct command *c, int argc, char **argv, struct options *out, int *status);
/* Wrong usage: says the problem and the usage; returns EXIT_USAGE. */
int command_usage(const struct command *c, const char *problem);
/* "banyan: SENTENCE" on stderr. */
void command_warn(const char *sentence);
void command_print(struct buf *out); /* to stdout, and empties it; a reader that has seen enough is no failure */
bool command_output_lost(void);      /* what was printed did not reach stdout (disk full ...) */
