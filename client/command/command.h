#pragma once
/* The client's subcommands, a file each or a file a family, named command_NAME.c: they parse and print, nothing else. A command
 * gets its own words (argv[0] is its name) and answers an exit status (cli.md). */
#include "base/options.h"
#include "base/tr.h"
#include "client/agent/agent.h"
#include "client/replica/attention.h"
#include "show/record.h"

enum { EXIT_DONE = 0, EXIT_FAILED = 1, EXIT_USAGE = 2, EXIT_OFFLINE = 3, EXIT_WAITING = 4 };

struct command {
    const char *name;
    const char *usage;  /* after "banyan NAME " */
    const char *help;   /* msgid: one line */
    const struct option_spec *options;
    int (*run)(const struct command *c, int argc, char **argv);
};
const struct command *const *command_all(size_t *count);

extern const struct command command_join, command_kinds, command_describe, command_add, command_set, command_act, command_remove,
    command_list, command_show, command_history, command_import, command_export, command_invite, command_seat, command_sync,
    command_status, command_print_page, command_attention, command_resolve, command_retry, command_discard, command_overview;

/* Every command takes --data; DATA_OPTION stands first in its list. */
#define DATA_OPTION {"data", OPTION_VALUE, "DIR", N_("the seat's folder; else BANYAN_DATA, else the data folder of this account")}
#define END_OPTION {NULL, OPTION_FLAG, NULL, NULL}

/* Parses; prints --help (status 0 in *status) or the problem (2). False: the command is over with *status. */
bool command_parse(const struct command *c, int argc, char **argv, struct options *out, int *status);
int command_usage(const struct command *c, const char *problem);
/* "banyan: SENTENCE", then the next step on a line of its own; either may be NULL or "". Returns EXIT_FAILED. */
int command_say(const char *sentence, const char *next);
void command_warn(const char *sentence);
void command_print(struct buf *out); /* to stdout, and empties it */
bool command_output_lost(void); /* what was printed did not reach stdout (disk full ...) */
enum language command_language(void);

/* What a command works with: an open replica, its facts, an arena for the command's life. */
struct seat {
    struct replica *replica;
    struct replica_facts facts;
    struct arena arena;
    int64_t now_ms;
    const char *branch;                    /* records are looked up in that branch below (branch_rows.h); NULL: on this device */
    const struct branch_rows *branch_rows; /* what it was asked for */
};
/* dir: of --data, may be NULL. False: said, *status is set. */
bool seat_open(const char *dir, struct seat *out, int *status);
void seat_close(struct seat *s);
void seat_folder(const char *given, struct buf *out); /* where a seat's data are: --data, BANYAN_DATA, XDG */

/* The kind by its name; NULL and said (with the nearest name) otherwise, *status is EXIT_USAGE. */
const struct kind *command_kind(const char *name, int *status);
/* A failure of the replica, said. */
int command_failed(struct seat *s, enum err e, const char *subject);
/* A refusal by a rule or right, said with its next step. */
int command_refused(const struct kind *k, const struct replica_outcome *o);
void command_warnings(const struct kind *k, const struct findings *f);
/* After a contact with the server: says why it failed; the status for it (3 for class LATER, else 1). Frees the result. */
int command_contact(struct agent_result *result);
/* Names of records for lists: show_name with the seat as its argument. */
void seat_name(void *seat, uint32_t kind, struct id id, struct buf *out);
