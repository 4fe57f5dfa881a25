/* banyand backup, restore, recovered: what keeps a district's records through the loss of a machine. */
#include "base/clock.h"
#include "base/tr.h"
#include "server/recovery/backup.h"
#include "server/command/command.h"
#include "server/recovery/recovery.h"
#include "server/recovery/restore.h"
#include "server/recovery/verify.h"
#include "server/store/store_control.h"
#include "show/board.h"

#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <unistd.h>

static const struct option_spec options[] = {{"data", OPTION_VALUE, "DIR", N_("the district's folder")}, {NULL, OPTION_FLAG, NULL, NULL}};

/* The folder, which is not opened here, and the file; NULL: over, with *status. */
static const char *words(const struct command *c, int argc, char **argv, const char **file, int *status)
{
    struct options o;
    if (!command_parse(c, argc, argv, &o, status))
        return NULL;
    const char *dir = options_get(options, &o, "data");
    if (!dir || o.argument_count != 1) {
        *status = command_usage(c, _("--data DIR and one file are needed"));
        return NULL;
    }
    *file = o.arguments[0];
    return dir;
}

/* No such folder for the copy: told of what was to be written, not of the district. */
static int fail_backup(enum err e, const char *dir, const char *file, const char *detail)
{
    char folder[PATH_MAX];
    if (e == ERR_EXISTS || e == ERR_DISK_FULL)
        return command_fail(e, file, detail);
    snprintf(folder, sizeof folder, "%s", file);
    if (e != ERR_NOT_FOUND || access(dirname(folder), F_OK) == 0 || store_look(dir) != ERR_OK)
        return command_fail_folder(e, dir, detail);
    command_say(_("%s: the backup can't be written, there is no folder %s"), file, folder);
    fprintf(stderr, "  %s\n", _("make that folder, or name another file"));
    return EXIT_FAILED;
}

static enum err look_for_damage(struct command_folder *f, size_t *found)
{
    struct verify_report report;
    int64_t before;
    enum err e = verify_folder(f->store, f->control, f->journal, &report);
    if (e != ERR_OK)
        return e;
    *found = report.count;
    verify_report_finish(&report);
    e = store_meta_get(store_db(f->store), VERIFY_FOUND, &before);
    return e == ERR_OK && before != (int64_t)*found ? store_meta_put(store_db(f->store), VERIFY_FOUND, (int64_t)*found) : e;
}

/* What a backup carries a restore brings back, and who looks once a week may look behind the last good one. */
static int tell_damage(const char *dir, const char *file)
{
    struct command_folder f;
    size_t found = 0;
    if (!command_open_folder(dir, COMMAND_WRITES, &f))
        return EXIT_FAILED;
    enum err e = look_for_damage(&f, &found);
    if (e != ERR_OK)
        (void)command_fail(e, dir, store_detail(f.store)); /* said; the status is below */
    else if (found)
        command_say(_("%s is written, but what it was made of is damaged: %zu things do not fit. Next: banyand verify --data %s names each, with what to do; keep older backups until then"),
                    file, found, dir);
    command_close_folder(&f);
    return e == ERR_OK && found == 0 ? EXIT_DONE : EXIT_FAILED;
}

static int run_backup(const struct command *c, int argc, char **argv)
{
    const char *file = NULL;
    int status = EXIT_DONE;
    struct buf detail = BUF_INIT;
    const char *dir = words(c, argc, argv, &file, &status);
    if (!dir)
        return status;
    enum err e = backup_run(dir, file, clock_now_ms(), &detail);
    if (e != ERR_OK)
        status = fail_backup(e, dir, file, buf_c_string(&detail));
    else
        status = tell_damage(dir, file);
    buf_finish(&detail);
    return status;
}

static int refuse_file(const char *file, const char *why, const char *next)
{
    command_say("%s: %s", file, why);
    fprintf(stderr, "  %s\n", next);
    return EXIT_FAILED;
}

/* Without a detail it is the file itself that does not do, not the folder. */
static int fail_restore(enum err e, const char *dir, const char *file, const char *detail)
{
    const char *another = _("name a file that banyand backup wrote; nothing was changed");
    bool is_there = access(file, F_OK) == 0;
    if (e == ERR_NOT_FOUND && !is_there)
        return refuse_file(file, _("there is no such file"), another);
    if (e == ERR_NOT_FOUND)
        return refuse_file(dir, _("the folder that it would be in is not there"), _("make that folder, or name another with --data"));
    if (e == ERR_FOREIGN && !*detail)
        return refuse_file(file, _("this is no backup of a district"), another);
    if (e == ERR_CORRUPT && !*detail)
        return refuse_file(file, _("this is no backup of a district, or a damaged one"), another);
    return command_fail(e, e == ERR_LOCKED ? dir : file, detail);
}

/* What is lost with the control data, and the next steps in their order. */
static void say_restored(const struct restore_facts *facts)
{
    fprintf(stderr, _("restored; %zu unions are in recovery: start banyand serve, and what the clients hold comes back as they connect\n"), facts->orgs);
    if (!facts->journal_kept) {
        fprintf(stderr, "%s\n", _("the control journal is the backup's: seats revoked or suspended since, roles changed since and erasures are not known here. Next: banyand seat list, before banyand serve; give again what was given since the backup"));
        fprintf(stderr, _("seats that joined since, branches, codes that were given out and who read what are not known here either; none of their numbers is given again: the next seat gets %u, the next branch %u\n"),
                facts->jump.seat_from, facts->jump.org_from);
        fprintf(stderr, "%s\n", _("  after banyand serve, as such devices call: banyand seat list names them; first make their branches again (banyand branch add --number), then take them in (banyand seat adopt), and only then give out new codes (handbook, section 4)"));
    }
    if (facts->newer.count) {
        struct buf day = BUF_INIT;
        show_moment(facts->newer.at_ms, &day);
        fprintf(stderr, _("this is not the newest backup: %zu were made after it, the last at %s (%s). What the two newest hold is on no device any more and does not come back from there\n"),
                facts->newer.count, buf_c_string(&day), facts->newer.path);
        fprintf(stderr, "%s\n", _("  Next: if a newer one can still be read, restore it now, before banyand serve"));
        buf_finish(&day);
    }
    if (facts->head_key_lost)
        fprintf(stderr, "%s\n", _("neither the folder nor the backup has head.key: what clients hand back cannot be checked and is not taken; each seat sends its own changes again. Next: put the old head.key here before banyand serve, if you have it"));
    if (facts->mended)
        fprintf(stderr, _("the records of %zu unions were not what their history says, and were worked out anew from it. Next: find out who can write to the folder or to its backups\n"), facts->mended);
    if (facts->cut)
        fprintf(stderr, _("%zu entries stood on an abandoned path and were set aside\n"), facts->cut);
}

static int run_restore(const struct command *c, int argc, char **argv)
{
    const char *file = NULL;
    int status = EXIT_DONE;
    struct buf detail = BUF_INIT;
    struct restore_facts facts;
    const char *dir = words(c, argc, argv, &file, &status);
    if (!dir)
        return status;
    enum err e = restore_run(dir, file, clock_now_ms(), &facts, &detail);
    if (e != ERR_OK) {
        status = fail_restore(e, dir, file, buf_c_string(&detail));
    } else {
        say_restored(&facts);
    }
    buf_finish(&detail);
    return status;
}

static const char data_needed[] = N_("--data is needed");

static int end_recovery(const struct command *c, const struct options *o, struct command_folder *f)
{
    size_t ended = 0;
    (void)c;
    (void)o;
    enum err e = recovery_end_all(f->store, f->control, &ended);
    if (e != ERR_OK)
        return command_fail(e, f->dir, store_detail(f->store));
    fprintf(stderr, _("recovery ended for %zu unions\n"), ended);
    return EXIT_DONE;
}

static int run_recovered(const struct command *c, int argc, char **argv)
{
    static const struct command_form form = {COMMAND_WRITES, data_needed, NULL};
    return command_with_folder(c, argc, argv, &form, end_recovery);
}

const struct command command_backup = {"backup", "--data DIR FILE", N_("copy the district into a file while it is served, and check the copy"), options, run_backup};
const struct command command_restore = {"restore", "--data DIR FILE", N_("put a backup back; clients then bring what came after it"), options, run_restore};
const struct command command_recovered = {"recovered", "--data DIR", N_("end recovery without waiting for the remaining seats"), options, run_recovered};
