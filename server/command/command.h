#pragma once
/* The server's subcommands: one file each, named command_NAME.c. What they have in common with the client's: base/command.h. */
#include "base/command.h"
#include "base/tr.h"
#include "server/control/authority.h"
#include "server/store/store.h"

const struct command *const *command_all(size_t *count);

extern const struct command command_init, command_serve, command_branch, command_invite, command_seat, command_overview,
    command_verify, command_backup, command_restore, command_recovered, command_duplicates;

/* command_warn with a format. */
void command_say(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* Says a failure for people, with what to do next; returns EXIT_FAILED, or EXIT_USAGE for ERR_USAGE. detail may be NULL or "". */
int command_fail(enum err e, const char *subject, const char *detail);

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
