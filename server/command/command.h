#pragma once
/* The server's subcommands: one file each, named command_NAME.c. A command gets its own words (argv[0] is its name) and answers
 * an exit status: 0 done, 1 failed with nothing half done, 2 wrong usage (cli.md). */
#include "base/options.h"
#include "base/tr.h"
#include "server/control/authority.h"
#include "server/store/store.h"

enum { EXIT_DONE = 0, EXIT_FAILED = 1, EXIT_USAGE = 2 };

struct command {
    const char *name;
    const char *usage;  /* after "banyand NAME " */
    const char *help;   /* msgid: one line */
    const struct option_spec *options;
    int (*run)(const struct command *c, int argc, char **argv);
};
const struct command *const *command_all(size_t *count);

extern const struct command command_init, command_serve, command_branch, command_invite, command_seat, command_overview,
    command_verify, command_backup, command_restore, command_recovered;

/* Parses; prints --help (status 0 in *status) or the problem (2). False: the command is over with *status. */
bool command_parse(const struct command *c, int argc, char **argv, struct options *out, int *status);
/* "banyand: SENTENCE" on stderr. */
void command_say(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* Says a failure for people, with what to do next; returns EXIT_FAILED, or EXIT_USAGE for ERR_USAGE. detail may be NULL or "". */
int command_fail(enum err e, const char *subject, const char *detail);
int command_usage(const struct command *c, const char *problem);
void command_print(struct buf *out); /* to stdout, and empties it */
bool command_output_lost(void); /* what was printed did not reach stdout (disk full ...) */

/* The data folder of a command that works while serve runs. dir NULL: the usage was wrong (said). */
struct command_folder {
    const char *dir;
    struct store *store;
    struct journal *journal;
    struct control *control;
};
/* Opens for writing control data, or for reading alone; says what is wrong. */
enum command_access { COMMAND_READS, COMMAND_WRITES };
bool command_open(const char *dir, enum command_access access, struct command_folder *out);
void command_close(struct command_folder *f);
