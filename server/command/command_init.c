/* banyand init: database, control journal, CA and server certificate of a new district. All or nothing: what was made is taken
 * away again where a later step fails. */
#include "base/clock.h"
#include "base/tr.h"
#include "server/command/command.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const struct option_spec options[] = {
    {"data", OPTION_VALUE, "DIR", N_("the district's folder")},
    {"name", OPTION_VALUE, "NAME", N_("the union's name")},
    {"code", OPTION_VALUE, "CODE", N_("its code; default: ROOT")},
    {"level", OPTION_VALUE, "LEVEL", N_("nation, province, city or district (default)")},
    {"host", OPTION_VALUE, "HOST", N_("name or address that clients dial")},
    {NULL, OPTION_FLAG, NULL, NULL},
};
static const char *const levels[] = {N_("nation"), N_("province"), N_("city"), N_("district"), NULL};
static const char *const made[] = {"banyan.db", "banyan.db-wal", "banyan.db-shm", "control.journal", "ca.key", "ca.pem", "server.key", "server.pem", "psk.master", "head.key", "person.key"};

static void take_away(const char *dir)
{
    char path[PATH_MAX];
    for (size_t i = 0; i < sizeof made / sizeof *made; i++)
        if (snprintf(path, sizeof path, "%s/%s", dir, made[i]) < (int)sizeof path)
            (void)unlink(path); /* may not have been made yet */
}

/* With the folders above it, as far as they are missing. */
static enum err make_folder(const char *dir)
{
    char path[PATH_MAX];
    if (snprintf(path, sizeof path, "%s", dir) >= (int)sizeof path)
        return ERR_TOO_LONG;
    for (char *at = path + 1; *at; at++) {
        if (*at != '/')
            continue;
        *at = 0;
        (void)mkdir(path, 0700); /* there already, or the last one says why not */
        *at = '/';
    }
    if (mkdir(path, 0700) == 0 || errno == EEXIST)
        return ERR_OK;
    return errno == ENOSPC ? ERR_DISK_FULL : ERR_IO;
}

static enum err fill(const char *dir, const char *name, const char *code, const char *level, const char *host)
{
    struct store *store = NULL;
    struct journal *journal = NULL;
    struct control *control = NULL;
    enum err e = store_open(dir, STORE_WRITE, &store);
    if (e == ERR_OK)
        e = journal_open(dir, JOURNAL_CREATE, &journal);
    if (e == ERR_OK)
        e = control_init(store_db(store), journal, name, code, level);
    if (e == ERR_OK)
        e = control_open(store_db(store), journal, &control);
    if (e == ERR_OK)
        e = control_set_address(control, host);
    if (e == ERR_OK)
        e = authority_init(dir, name, clock_now_ms());
    if (control)
        control_close(control);
    if (journal)
        journal_close(journal);
    store_close(store);
    return e;
}

static int run(const struct command *c, int argc, char **argv)
{
    struct options o;
    int status;
    if (!command_parse(c, argc, argv, &o, &status))
        return status;
    const char *dir = options_get(options, &o, "data"), *name = options_get(options, &o, "name");
    const char *code = options_get(options, &o, "code"), *level = options_get(options, &o, "level");
    const char *host = options_get(options, &o, "host");
    bool known = false;
    for (size_t i = 0; level && levels[i]; i++)
        known = known || strcmp(level, levels[i]) == 0;
    if (!dir || !name || !host || o.argument_count)
        return command_usage(c, _("--data, --name and --host are needed"));
    if (level && !known)
        return command_usage(c, _("--level is nation, province, city or district"));
    enum err e = make_folder(dir);
    if (e == ERR_OK)
        e = store_create(dir);
    if (e != ERR_OK)
        return command_fail(e, dir, "");
    e = fill(dir, name, code ? code : "ROOT", level ? level : "district", host);
    if (e != ERR_OK) {
        take_away(dir);
        return command_fail(e, dir, "");
    }
    return EXIT_DONE;
}

const struct command command_init = {"init", "--data DIR --name NAME [--code CODE] [--level LEVEL] --host HOST",
                                     N_("make a new district: database, certificates, control journal"), options, run};
