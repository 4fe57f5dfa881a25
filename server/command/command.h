#pragma once
/* The server's subcommands: one file each, named command_NAME.c. What they have in common with the client's: base/command.h. */
#include "base/command.h"
#include "base/tr.h"
#include "server/control/authority.h"
#include "server/store/store.h"

const struct command *const *command_all(size_t *count);

extern const struct command command_init, command_serve, command_branch, command_invite, command_seat, command_overview,
    command_verify, command_backup, command_restore, command_recovered, command_duplicates, command_erase;

/* command_warn with a format. */
void command_say(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* Says a failure for people, with what to do next; returns EXIT_FAILED, or EXIT_USAGE for ERR_USAGE. detail may be NULL or "". */
int command_fail(enum err e, const char *subject, const char *detail);

/* The same for a folder that could not be opened: where a district's database is there, and a file that belongs to it is not, that
 * file is named, and nobody is told to make a new district there. */
int command_fail_folder(enum err e, const char *dir, const char *detail);

/* A whole number as people write it, and nothing else. */
bool command_number(const char *word, uint32_t *out);

/* The data folder of a command that works while serve runs. */
struct command_folder {
    const char *dir;
    struct store *store;
    struct journal *journal;
    struct control *control;
};
enum command_access { COMMAND_READS, COMMAND_WRITES }; /* to control data */
/* False: said. */
bool command_open_folder(const char *dir, enum command_access access, struct command_folder *out);
void command_close_folder(struct command_folder *f);
/* A command that works in the folder that --data names: parses, looks whether the words fit, and only then opens the folder, works,
 * closes. */
struct command_form {
    enum command_access access;
    const char *problem; /* msgid: what is said where the words do not fit, or without --data */
    /* May ask for another access than the form's. NULL: no words besides options. */
    bool (*fits)(const struct options *o, enum command_access *access);
};
/* Answers an exit status. */
typedef int command_work(const struct command *c, const struct options *o, struct command_folder *f);
int command_with_folder(const struct command *c, int argc, char **argv, const struct command_form *form, command_work *work);
