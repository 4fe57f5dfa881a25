/* What the server's subcommands share; see command.h. */
#include "server/command/command.h"
#include "base/tr.h"
#include "server/control/journal.h"

#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const struct command *const commands[] = {
    &command_init,     &command_serve,  &command_branch, &command_invite,  &command_seat,
    &command_overview, &command_verify, &command_backup, &command_duplicates, &command_restore, &command_recovered, &command_erase,
};

const struct command *const *command_all(size_t *count)
{
    *count = sizeof commands / sizeof *commands;
    return commands;
}

void command_say(const char *format, ...)
{
    va_list list;
    fputs("banyand: ", stderr);
    va_start(list, format);
    vfprintf(stderr, format, list);
    va_end(list);
    fputc('\n', stderr);
}

static const char *next_step(enum err e)
{
    switch (e) {
    case ERR_NOT_FOUND:
        return _("check the folder given with --data, or make a new district there with: banyand init");
    case ERR_FOREIGN:
        return _("choose another folder with --data; this one is left as it is");
    case ERR_NEWER:
        return _("update this program, or use the one that wrote the folder");
    case ERR_OLDER:
        return _("use the program that wrote the folder; it is left as it is");
    case ERR_CORRUPT:
        return _("restore the newest backup: banyand restore --data DIR FILE");
    case ERR_DISK_FULL:
        return _("make room on the disk and try again; nothing was half written");
    case ERR_LOCKED:
        return _("stop the other process first");
    case ERR_EXISTS:
        return _("choose another name, or go on with what is there");
    default:
        return NULL;
    }
}

bool command_number(const char *word, uint32_t *out)
{
    char *end;
    unsigned long number = strtoul(word, &end, 10);
    bool is = *word >= '0' && *word <= '9' && !*end && number <= UINT32_MAX;
    if (is)
        *out = (uint32_t)number;
    return is;
}

static const char *sentence(enum err e)
{
    switch (e) {
    case ERR_NOT_FOUND:
        return _("there is no district here");
    case ERR_FOREIGN:
        return _("this folder holds a file that is not Banyan's");
    case ERR_NEWER:
        return _("this folder was written by a newer version of Banyan");
    case ERR_OLDER:
        return _("this folder was written by an older version of Banyan, in a layout that this one does not read");
    case ERR_CORRUPT:
        return _("the database is damaged");
    case ERR_DISK_FULL:
        return _("the disk is full");
    case ERR_LOCKED:
        return _("another process uses this folder");
    case ERR_EXISTS:
        return _("it exists already");
    case ERR_IO:
        return _("a file could not be read or written");
    case ERR_BUSY:
        return _("the database is busy; try again");
    default:
        return _(err_text(e));
    }
}

int command_fail(enum err e, const char *subject, const char *detail)
{
    const char *next = next_step(e);
    command_say("%s: %s%s%s%s", subject, sentence(e), detail && *detail ? " (" : "", detail && *detail ? detail : "",
                detail && *detail ? ")" : "");
    if (next)
        fprintf(stderr, "  %s\n", next);
    return e == ERR_USAGE ? EXIT_USAGE : EXIT_FAILED;
}

/* Of a folder with a database: the first of its files that is not there; NULL. */
static const char *missing_file(const char *dir)
{
    static const char *const names[] = {JOURNAL_NAME, "ca.key", "ca.pem", "server.key", "server.pem"};
    char path[PATH_MAX];
    if (store_look(dir) != ERR_OK)
        return NULL;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (snprintf(path, sizeof path, "%s/%s", dir, names[i]) < (int)sizeof path && access(path, F_OK) != 0)
            return names[i];
    return NULL;
}

/* The control journal without the database: a district, and nobody is to make another one over it. */
static bool has_lost_database(const char *dir)
{
    char path[PATH_MAX];
    return store_look(dir) == ERR_NOT_FOUND && snprintf(path, sizeof path, "%s/" JOURNAL_NAME, dir) < (int)sizeof path && access(path, F_OK) == 0;
}

int command_fail_folder(enum err e, const char *dir, const char *detail)
{
    if (e == ERR_NOT_FOUND && has_lost_database(dir)) {
        command_say(_("%s: the database (%s) is missing, and the control journal is here"), dir, STORE_FILE);
        fprintf(stderr, "  %s\n", _("restore the newest backup into this folder: banyand restore --data DIR FILE (handbook, section 4)"));
        return EXIT_FAILED;
    }
    const char *missing = e == ERR_NOT_FOUND ? missing_file(dir) : NULL;
    if (!missing)
        return command_fail(e, dir, detail);
    if (strcmp(missing, JOURNAL_NAME) == 0)
        command_say(_("%s: the control journal (%s) is missing: without it branches, seats and revocations can't be kept"),
                    dir, missing);
    else
        command_say(_("%s: the district's file %s is missing"), dir, missing);
    fprintf(stderr, "  %s\n",
            _("put it back from the newest backup: banyand restore --data DIR FILE (handbook, section 4)"));
    return EXIT_FAILED;
}

void command_close_folder(struct command_folder *f)
{
    if (f->control)
        control_close(f->control);
    if (f->journal)
        journal_close(f->journal);
    if (f->store)
        store_close(f->store);
}

bool command_open_folder(const char *dir, enum command_access access, struct command_folder *out)
{
    struct command_folder f = {.dir = dir};
    enum err e = store_open(dir, access == COMMAND_WRITES ? STORE_WRITE : STORE_READ, &f.store);
    if (e == ERR_OK && access == COMMAND_WRITES)
        e = journal_open(dir, JOURNAL_OPEN, &f.journal);
    if (e == ERR_OK)
        e = control_open(store_db(f.store), f.journal, &f.control);
    if (e != ERR_OK) {
        (void)command_fail_folder(e, dir, f.store ? store_detail(f.store) : ""); /* said; the caller has its status */
        command_close_folder(&f);
        return false;
    }
    *out = f;
    return true;
}

int command_with_folder(const struct command *c, int argc, char **argv, const struct command_form *form, command_work *work)
{
    struct options o;
    struct command_folder f;
    enum command_access access = form->access;
    int status;
    if (!command_parse(c, argc, argv, &o, &status))
        return status;
    const char *dir = options_get(c->options, &o, "data");
    if (!dir || !(form->fits ? form->fits(&o, &access) : o.argument_count == 0))
        return command_usage(c, _(form->problem));
    if (!command_open_folder(dir, access, &f))
        return EXIT_FAILED;
    status = work(c, &o, &f);
    command_close_folder(&f);
    return status;
}
