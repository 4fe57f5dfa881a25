#pragma once
/* The client's subcommands, a file each or a file a family, named command_NAME.c: they parse and print, nothing else. What they
 * have in common with the server's: base/command.h. */
#include "base/command.h"
#include "base/tr.h"
#include "client/agent/agent.h"
#include "client/replica/attention.h"
#include "show/record.h"

enum { EXIT_OFFLINE = 3, EXIT_WAITING = 4 }; /* cli.md */

const struct command *const *command_all(size_t *count);

extern const struct command command_join, command_kinds, command_describe, command_add, command_set, command_act, command_remove,
    command_list, command_show, command_history, command_import, command_export, command_invite, command_seat, command_sync,
    command_status, command_assess, command_due, command_print_page, command_attention, command_resolve, command_retry, command_discard, command_overview, command_handover, command_heads, command_accesses, command_numbers;

/* Every command takes --data; DATA_OPTION stands first in its list. */
#define DATA_OPTION {"data", OPTION_VALUE, "DIR", N_("the seat's folder; else BANYAN_DATA, else the data folder of this account")}
#define END_OPTION {NULL, OPTION_FLAG, NULL, NULL}

/* What the words of a usage line stand for, and an example, for --help. */
void command_explain(const struct command *c, struct buf *out);
/* "banyan: SENTENCE", then the next step on a line of its own; either may be NULL or "". Returns EXIT_FAILED. */
int command_say(const char *sentence, const char *next);
/* A line of good news on stderr, the format with its line end. Names in it are others': nothing in them moves the cursor. */
void command_tell(const char *format, ...) __attribute__((format(printf, 1, 2)));
void command_note(const char *sentence); /* as command_warn, at a terminal alone: a script sees by the status that it is done */
enum language command_language(void);

/* What a command works with: an open replica, its facts, an arena for the command's life. */
struct seat {
    struct replica *replica;
    struct replica_facts facts;
    struct arena arena;
    int64_t now_ms;
    const char *branch;                    /* records are looked up in that branch below (branch_rows.h); NULL: on this device */
    const struct branch_rows *branch_rows; /* what it was asked for */
    bool branch_away;                      /* the server did not answer when it was asked for that */
};
/* dir: of --data, may be NULL. False: said, *status is set. */
bool seat_open(const char *dir, struct seat *out, int *status);
void seat_close(struct seat *s);
struct date seat_today(const struct seat *s); /* by the server's clock, as far as known */
void seat_folder(const char *given, struct buf *out); /* where a seat's data are: --data, BANYAN_DATA, XDG */

/* A command that works on a seat: parses, wants at least `least` words and at most `most`, the first of them a kind where it says
 * so, checks them, and only then opens the seat, looks at --branch, works, closes. */
struct command_form {
    int least, most;     /* words besides options; most < 0: any number */
    const char *problem; /* msgid: what is said if they are too few or too many */
    enum command_first { COMMAND_FIRST_WORD, COMMAND_FIRST_KIND } first;
    int (*check)(const struct options *o); /* EXIT_DONE, or what is wrong is said; NULL */
};
/* k: NULL where the form names none. Answers an exit status. */
typedef int command_work(struct seat *s, const struct kind *k, const struct options *o);
int command_with_seat(const struct command *c, int argc, char **argv, const struct command_form *form, command_work *work);

/* The kind by its name; NULL and said (with the nearest name) otherwise, *status is EXIT_USAGE. */
const struct kind *command_kind(const char *name, int *status);
/* A failure of the replica, said. */
int command_failed(struct seat *s, enum err e, const char *subject);
/* A refusal by a rule or right, said with its next step. */
int command_refused(const struct kind *k, const struct replica_outcome *o);
/* The same of a step (NULL: of no step): a step that is not open says from where it is. */
int command_refused_step(const struct kind *k, const struct replica_outcome *o, const char *action);
void command_warnings(const struct kind *k, const struct findings *f);
/* After a contact with the server: says why it failed; the status for it (3 for class LATER, else 1). Frees the result. */
int command_contact(struct agent_result *result);
/* Names of records for lists: show_name with the seat as its argument. */
void seat_name(void *seat, uint32_t kind, struct id id, struct buf *out);
