/* Order of a restore: take the backup's journal out of it, judge both journals, make the new database whole under another name (copied, checked, laid over by the
 * journal, cut back, in recovery), put the journal in place, then swap the database. Whatever fails or dies before the swap leaves
 * the folder's database as it was; afterwards the restore is done. */
#include "server/recovery/restore.h"

#include "base/limits.h"
#include "base/tr.h"
#include "server/recovery/backup_parts.h"
#include "server/recovery/erase.h"
#include "server/writer/fold.h"
#include "server/recovery/recovery.h"
#include "server/recovery/restore_newer.h"
#include "server/recovery/restore_rows.h"
#include "server/store/store_cut.h"
#include "server/store/store_parts.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define WORK "restoring"               /* a folder within dir, gone afterwards */
#define BACKUP_JOURNAL "backup.journal" /* in it: the backup's */

struct restore {
    const char *dir, *path;
    int64_t now_ms;
    struct db *backup;
    char work[PATH_MAX];
    bool take_journal; /* the backup's */
    struct restore_facts facts;
    struct buf *detail;
};

/* ---- files ---- */

static enum err io_error(void)
{
    return errno == ENOSPC || errno == EDQUOT ? ERR_DISK_FULL : errno == ENOENT ? ERR_NOT_FOUND : ERR_IO;
}

#define PATH_SIZE (PATH_MAX + 320) /* a folder's path and a name within it */

static const char *in(const char *folder, const char *name, char out[PATH_SIZE])
{
    snprintf(out, PATH_SIZE, "%s/%s", folder, name);
    return out;
}

static void clear_work(const struct restore *r)
{
    char path[PATH_SIZE];
    DIR *d = opendir(r->work);
    if (!d)
        return;
    for (struct dirent *f; (f = readdir(d));)
        if (f->d_name[0] != '.')
            (void)unlink(in(r->work, f->d_name, path)); /* rmdir tells whether it all went */
    closedir(d);
    (void)rmdir(r->work);
}

static enum err make_folders(struct restore *r)
{
    if (snprintf(r->work, sizeof r->work, "%s/" WORK, r->dir) >= (int)sizeof r->work)
        return ERR_TOO_LONG;
    if (mkdir(r->dir, 0700) != 0 && errno != EEXIST)
        return io_error();
    clear_work(r); /* of a run that died */
    return mkdir(r->work, 0700) == 0 ? ERR_OK : io_error();
}

static enum err sync_folder(const char *dir)
{
    int folder = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (folder < 0)
        return io_error();
    enum err e = fsync(folder) == 0 ? ERR_OK : io_error();
    close(folder);
    return e;
}

/* ---- which journal ---- */

/* Walks both; *longer: 1 a, -1 b, 0 the same. ERR_FOREIGN where they tell of different districts or pasts. */
static enum err compare_journals(struct journal *a, struct journal *b, int *longer, uint64_t *same)
{
    uint64_t number = 0;
    struct buf kept = BUF_INIT;
    enum err e = ERR_OK;
    *longer = 0;
    for (bool more_a = true, more_b = true; e == ERR_OK && more_a && more_b;) {
        uint64_t at_a = 0, at_b = 0;
        uint8_t type_a = 0, type_b = 0;
        struct slice body = {0};
        e = journal_next(a, number, &at_a, &type_a, &body, &more_a);
        kept.size = 0;
        if (e == ERR_OK && more_a)
            buf_append_slice(&kept, body);
        if (e == ERR_OK)
            e = journal_next(b, number, &at_b, &type_b, &body, &more_b);
        if (e == ERR_OK && more_a && more_b && (type_a != type_b || !slice_equal(buf_slice(&kept), body)))
            e = ERR_FOREIGN;
        else
            *same = number + 1;
        *longer = more_a && !more_b ? 1 : more_b && !more_a ? -1 : 0;
        number++;
    }
    buf_finish(&kept);
    return e;
}

static enum err open_backup_journal(struct restore *r, struct journal **out)
{
    char path[PATH_SIZE];
    return journal_open_copy(in(r->work, BACKUP_JOURNAL, path), out);
}

static enum err take_backup_journal(struct restore *r, struct journal **out)
{
    char path[PATH_SIZE];
    enum err e = backup_take_journal(r->backup, in(r->work, BACKUP_JOURNAL, path));
    return e == ERR_OK ? open_backup_journal(r, out) : e;
}

static enum err choose_journal(struct restore *r)
{
    struct journal *own = NULL, *copy = NULL;
    int longer = 0;
    uint64_t same = 0;
    enum err e = journal_open(r->dir, JOURNAL_READ, &own);
    if (e == ERR_OK || e == ERR_NOT_FOUND) {
        enum err of_copy = take_backup_journal(r, &copy);
        if (e == ERR_NOT_FOUND || of_copy != ERR_NOT_FOUND)
            e = of_copy; /* with a journal of its own the folder may do without the copy */
    }
    if (e == ERR_OK && own && copy)
        e = compare_journals(own, copy, &longer, &same);
    if (e == ERR_OK && longer > 0)
        e = restore_newer_find(own, same - 1, &r->facts.newer);
    r->take_journal = copy && (!own || longer < 0);
    r->facts.journal_kept = own && !r->take_journal;
    if (e == ERR_FOREIGN && same > 0)
        buf_text(r->detail, _("since this backup the folder was restored from an older one, and their control journals went different ways: move "
                              "the folder away and restore into an empty one, with the keys and certificates of the old"));
    else if (e == ERR_FOREIGN)
        buf_text(r->detail, _("the folder's control journal is not that of this backup: it belongs to another district"));
    if (e == ERR_CORRUPT)
        buf_text(r->detail, _("a control journal is damaged; move the folder's control.journal away if the backup's copy is to be taken"));
    journal_close(own);
    journal_close(copy);
    return e;
}

/* As its own tables name it; "?" where they do not. */
static void put_district(struct db *backup, struct buf *out)
{
    struct db_statement *q;
    bool row = false;
    if (db_prepare(backup, "SELECT name, code FROM org WHERE number=1", &q) == ERR_OK && db_step(q, &row) == ERR_OK && row)
        buf_format(out, "%.*s (%.*s)", (int)db_text(q, 0).size, (const char *)db_text(q, 0).data, (int)db_text(q, 1).size, (const char *)db_text(q, 1).data);
    else
        buf_byte(out, '?');
    if (row)
        db_reset(q);
}

/* Journals of districts begin alike: by them it may look like another past of this one. */
static enum err refuse_other_district(struct restore *r)
{
    bool foreign;
    struct buf name = BUF_INIT;
    enum err e = backup_is_foreign(r->backup, r->dir, &foreign);
    if (e != ERR_OK || !foreign)
        return e;
    put_district(r->backup, &name);
    buf_format(r->detail, _("this is the backup of another district, %s; the folder's keys are not its keys. Next: name a backup of this district, or restore into an empty folder"),
               buf_c_string(&name));
    buf_finish(&name);
    return ERR_FOREIGN;
}

/* The journal that the new database is laid over with, in the work folder: the folder's own stays untouched until the swap. */
static enum err prepare_journal(struct restore *r)
{
    char path[PATH_SIZE];
    struct journal *j;
    enum err e = r->take_journal ? open_backup_journal(r, &j) : journal_open(r->dir, JOURNAL_READ, &j);
    if (e != ERR_OK)
        return e;
    e = journal_copy(j, in(r->work, JOURNAL_NAME, path));
    journal_close(j);
    return e;
}

/* ---- the database ---- */

static enum err copy_database(struct restore *r)
{
    char path[PATH_SIZE];
    enum err e = db_backup(r->backup, in(r->work, STORE_FILE, path)); /* checks the copy */
    if (e != ERR_OK)
        buf_text(r->detail, db_detail(r->backup));
    return e;
}

/* Everything from first on goes; the rows are what is left of the history. */
static enum err cut_org(struct restore *r, struct store *store, uint32_t org, uint64_t first, uint64_t last)
{
    struct fold fold;
    enum err e = store_cut_entries(store, org, first, &r->facts.cut);
    if (e == ERR_OK)
        e = store_erase_rows(store, org);
    if (e == ERR_OK && last > 0) {
        e = fold_org(store, org, last, &fold);
        if (e != ERR_OK)
            return e;
        e = fold.broken ? ERR_CORRUPT : store_put_rows(store, fold.scratch);
        if (e == ERR_OK)
            e = store_put_org(store, fold.state);
        fold_finish(&fold);
    }
    return e;
}

static enum err cut_back(struct restore *r, struct store *store, struct control *control, struct arena *arena)
{
    uint32_t *orgs;
    size_t count, cut = 0;
    enum err e = store_orgs_with_history(store, arena, &orgs, &count);
    for (size_t i = 0; i < count && e == ERR_OK; i++) {
        uint64_t first, last;
        struct lineage lineage = control_lineage(control, orgs[i], arena);
        e = store_first_off(store, orgs[i], &lineage, &first, &last);
        if (e == ERR_OK && first) {
            e = cut_org(r, store, orgs[i], first, last);
            cut++;
        }
    }
    return e == ERR_OK && cut ? store_rebuild_runs(store) : e;
}

static enum err begin_recovery(struct restore *r, struct store *store, struct control *control)
{
    struct arena arena;
    uint32_t *orgs;
    size_t erased;
    arena_init(&arena, 1u << 30);
    enum err e = store_begin(store);
    if (e == ERR_OK)
        e = cut_back(r, store, control, &arena);
    if (e == ERR_OK)
        e = erase_carry_out(store, control, &erased); /* rule 29: before anybody is served */
    if (e == ERR_OK)
        e = store_set_recovering(store, false); /* of a backup that was taken in recovery */
    if (e == ERR_OK)
        e = store_set_recovering(store, true);
    if (e == ERR_OK)
        e = store_recovering_orgs(store, true, &arena, &orgs, &r->facts.orgs);
    if (e == ERR_OK)
        e = store_commit(store);
    else
        store_rollback(store);
    arena_finish(&arena);
    return e;
}

static enum err prepare_database(struct restore *r)
{
    struct store *store = NULL;
    struct journal *journal = NULL;
    struct control *control = NULL;
    enum err e = copy_database(r);
    if (e == ERR_OK)
        e = store_open(r->work, STORE_WRITE, &store);
    if (e == ERR_OK)
        e = store_parts_drop(store_db(store));
    if (e == ERR_OK)
        e = journal_open(r->work, JOURNAL_OPEN, &journal);
    if (e == ERR_OK)
        e = control_open(store_db(store), journal, &control); /* lays the journal over the tables */
    if (e == ERR_OK && r->take_journal)
        e = control_add_jump(control, r->now_ms, &r->facts.jump); /* before anybody can be given a number */
    if (e == ERR_OK)
        e = restore_rows(store, control, &r->facts.mended);
    if (e == ERR_OK)
        e = begin_recovery(r, store, control);
    if (e == ERR_OK)
        e = erase_scrub(store);
    if (e == ERR_FULL && control)
        buf_text(r->detail, control_detail(control));
    if (e != ERR_OK && store && r->detail->size == 0)
        buf_text(r->detail, store_detail(store));
    control_close(control);
    journal_close(journal);
    store_close(store); /* the last connection: the WAL goes into the file */
    return e;
}

/* ---- the swap ---- */

/* N of the newest "banyan.db.before-N" in the folder; 0: none. */
static int64_t newest_aside(const struct restore *r)
{
    int64_t newest = 0;
    DIR *d = opendir(r->dir);
    for (struct dirent *f; d && (f = readdir(d));) {
        long long n;
        int end = 0;
        if (sscanf(f->d_name, STORE_FILE ".before-%lld%n", &n, &end) == 1 && !f->d_name[end] && n > newest)
            newest = n;
    }
    if (d)
        closedir(d);
    return newest;
}

static bool is_there(const struct restore *r, const char *name)
{
    char path[PATH_SIZE];
    struct stat st;
    return lstat(in(r->dir, name, path), &st) == 0;
}

/* A WAL whose database is not there: a run died when that had been set aside. It goes where its database is. */
static int64_t number_aside(const struct restore *r)
{
    char name[64];
    int64_t before = newest_aside(r);
    snprintf(name, sizeof name, STORE_FILE ".before-%lld-wal", (long long)before);
    bool of_it = before && !is_there(r, STORE_FILE) && is_there(r, STORE_FILE "-wal") && !is_there(r, name);
    return of_it ? before : r->now_ms;
}

/* The old database with its WAL: SQLite finds the two together under the new name. The database first, each step on the disk
 * before the next: where this dies in between there is none that could be served without its WAL, and with it without the last
 * acknowledged commits. It is moved as it is, not checkpointed before: it may be the damaged one that is restored from, and
 * opening it would write into the only copy. */
static enum err set_old_aside(struct restore *r)
{
    static const char *const sides[] = {"", "-wal", "-shm"};
    char from[PATH_SIZE], to[PATH_SIZE], name[64];
    int64_t number = number_aside(r);
    enum err e = ERR_OK;
    for (size_t i = 0; e == ERR_OK && i < 3; i++) {
        snprintf(name, sizeof name, STORE_FILE "%s", sides[i]);
        in(r->dir, name, from);
        snprintf(name, sizeof name, STORE_FILE ".before-%lld%s", (long long)number, sides[i]);
        in(r->dir, name, to);
        if (rename(from, to) == 0)
            e = sync_folder(r->dir);
        else if (errno != ENOENT)
            e = io_error();
    }
    return e;
}

static enum err move_in(struct restore *r, const char *name)
{
    char from[PATH_SIZE], to[PATH_SIZE];
    return rename(in(r->work, name, from), in(r->dir, name, to)) == 0 ? ERR_OK : io_error();
}

/* The journal first: a journal that is longer than its tables is laid over them, the other way round is damage. */
static enum err swap(struct restore *r)
{
    enum err e = r->take_journal ? move_in(r, JOURNAL_NAME) : ERR_OK;
    if (e == ERR_OK)
        e = sync_folder(r->dir);
    if (e == ERR_OK)
        e = set_old_aside(r);
    if (e == ERR_OK)
        e = move_in(r, STORE_FILE);
    return e == ERR_OK ? sync_folder(r->dir) : e;
}

static enum err restore_keys(struct restore *r)
{
    enum err e = backup_take_keys(r->backup, r->dir);
    r->facts.head_key_lost = !is_there(r, "head.key");
    return e == ERR_NOT_FOUND ? ERR_OK : e; /* a folder that has its own does without */
}

static enum err restore_locked(struct restore *r)
{
    enum err e = make_folders(r);
    if (e != ERR_OK)
        return e;
    e = refuse_other_district(r);
    if (e == ERR_OK)
        e = choose_journal(r);
    if (e == ERR_OK)
        e = prepare_journal(r);
    if (e == ERR_OK)
        e = prepare_database(r);
    if (e == ERR_OK)
        e = restore_keys(r);
    db_close(r->backup); /* before the swap: it may be the very file that is set aside */
    r->backup = NULL;
    if (e == ERR_OK)
        e = swap(r);
    clear_work(r);
    return e;
}

enum err restore_run(const char *dir, const char *path, int64_t now_ms, struct restore_facts *facts, struct buf *detail)
{
    struct restore r = {.dir = dir, .path = path, .now_ms = now_ms, .detail = detail};
    struct db_lock *lock = NULL;
    char lock_path[PATH_SIZE];
    if (strlen(dir) + 64 > PATH_MAX)
        return ERR_TOO_LONG;
    enum err e = db_open(path, DB_SERVER, DB_READ, STORE_VERSION, &r.backup); /* first: for what is no backup no folder is made */
    if (e == ERR_OK)
        e = store_check_layout(r.backup);
    if (e == ERR_OK && mkdir(dir, 0700) != 0 && errno != EEXIST)
        e = io_error();
    if (e == ERR_OK)
        e = db_lock_open(in(dir, "serve.lock", lock_path), &lock);
    if (e == ERR_OK)
        e = restore_locked(&r);
    db_lock_close(lock);
    db_close(r.backup);
    if (e == ERR_OK)
        *facts = r.facts;
    return e;
}
