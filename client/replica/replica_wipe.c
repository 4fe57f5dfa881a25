/* The end of a seat (rule 32): rows, log, outbox and keys are destroyed, nothing is kept.
 * Order: with the write lock in hand, that nothing waits to be sent; a mark, durable; every file; the mark. So what was said to be
 * saved is handed over before, and a crash in between leaves a mark: whoever comes to the folder next goes on
 * (replica_wipe_finish). Who has the mark locked is at work. */
#include "client/replica/replica_inner.h"
#include "client/replica/replica_sync.h"
#include "base/dir.h"
#include "base/log.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define MARK "banyan.wipe"
#define ENDED "banyan.ended" /* the mark of a wipe that is done: whoever comes here is told what became of the seat */

static bool is_ours(const char *name)
{
    static const char *const names[] = {"ca.pem", "cert.pem", "key.pem", "ca.pem.part", "cert.pem.part", "key.pem.part"};
    if (strncmp(name, REPLICA_FILE, strlen(REPLICA_FILE)) == 0)
        return true; /* with -wal, -shm, .damaged-N */
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strcmp(name, names[i]) == 0)
            return true;
    return false;
}

static bool ends_with(const char *name, const char *end)
{
    size_t size = strlen(name), tail = strlen(end);
    return size >= tail && strcmp(name + size - tail, end) == 0;
}

/* Emptied before it is unlinked: another process may still have it open. What that one has mapped (the WAL's index, no data of
 * people) stays whole under it, or it would die of a bus error. */
static enum err destroy_file(const char *dir, const char *name)
{
    struct buf path = BUF_INIT;
    enum err e = ERR_OK;
    buf_format(&path, "%s/%s", dir, name);
    if (!ends_with(name, "-shm") && truncate(buf_c_string(&path), 0) != 0 && errno != ENOENT)
        e = ERR_IO;
    if (unlink(buf_c_string(&path)) != 0 && errno != ENOENT)
        e = ERR_IO;
    buf_finish(&path);
    return e;
}

static enum err destroy_all(const char *path)
{
    enum err e = ERR_OK;
    DIR *dir = opendir(path);
    if (!dir)
        return ERR_IO;
    for (struct dirent *entry; (entry = readdir(dir));)
        if (is_ours(entry->d_name)) {
            enum err failed = destroy_file(path, entry->d_name);
            e = e == ERR_OK ? failed : e;
        }
    closedir(dir);
    enum err synced = dir_sync(path);
    return e == ERR_OK ? synced : e;
}

/* ---- the mark ---- */

/* Locked; -1: it could not be made or is not there. *e: ERR_LOCKED where somebody is at work. */
static int take_mark(const char *path, int flags, enum err *e)
{
    struct stat st;
    *e = ERR_OK;
    int fd = open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW | flags, 0600);
    if (fd < 0) {
        *e = errno == ENOENT ? ERR_OK : ERR_IO; /* a mark that can't be looked at may be there */
        return -1;
    }
    if (flock(fd, LOCK_EX | LOCK_NB) != 0)
        *e = ERR_LOCKED;
    else if (fstat(fd, &st) == 0 && st.st_nlink > 0)
        return fd;
    close(fd); /* of a wipe that is done */
    return -1;
}

static void ended_path(const char *dir, struct buf *out)
{
    buf_format(out, "%s/" ENDED, dir);
}

static enum err mark_ended(const char *dir, const char *mark)
{
    struct buf ended = BUF_INIT;
    ended_path(dir, &ended);
    enum err e = rename(mark, buf_c_string(&ended)) == 0 ? ERR_OK : ERR_IO;
    buf_finish(&ended);
    return e;
}

bool replica_is_ended(const char *dir)
{
    struct buf ended = BUF_INIT;
    ended_path(dir, &ended);
    bool found = access(buf_c_string(&ended), F_OK) == 0;
    buf_finish(&ended);
    return found;
}

void replica_forget_ended(const char *dir)
{
    struct buf ended = BUF_INIT;
    ended_path(dir, &ended);
    (void)unlink(buf_c_string(&ended)); /* while somebody has joined here nobody looks for it */
    buf_finish(&ended);
}

static enum err destroy_marked(const char *dir, const char *mark, int fd)
{
    enum err e = destroy_all(dir);
    if (e == ERR_OK && fd >= 0)
        e = mark_ended(dir, mark);
    if (e == ERR_OK)
        e = dir_sync(dir);
    if (fd >= 0)
        close(fd);
    return e;
}

/* ---- all of it ---- */

/* With the write lock: what others save from now on they find gone, what they saved before is counted here. Of a file that cannot
 * be read nothing can be handed over. */
static enum err nothing_waits(struct replica *r)
{
    bool waits = false;
    enum err e = inner_begin(r);
    if (e != ERR_OK && e != ERR_CORRUPT && e != ERR_FOREIGN)
        return e;
    bool begun = e == ERR_OK;
    if (!hold_is_here(r))
        return ERR_IO; /* another did it, and the folder may be another seat's by now */
    if (begun)
        e = replica_waits(r, 0, &waits);
    if (begun && ((e != ERR_OK && e != ERR_CORRUPT) || waits))
        return inner_end(r, e == ERR_OK ? ERR_BUSY : e); /* rolled back, whatever the reason */
    return ERR_OK;
}

enum err replica_wipe(struct replica *r, bool *begun)
{
    struct buf mark = BUF_INIT;
    enum err e = nothing_waits(r), marked;
    if (e != ERR_OK)
        return e;
    buf_format(&mark, "%s/" MARK, r->dir);
    /* A full disk does not hinder it: then it is done without. */
    int fd = take_mark(buf_c_string(&mark), O_CREAT, &marked);
    if (fd < 0 || dir_sync(r->dir) != ERR_OK)
        log_warn("replica", "wiping without a mark: a crash now would leave it half done");
    *begun = true;
    e = destroy_marked(r->dir, buf_c_string(&mark), fd);
    if (r->tables)
        table_set_close(r->tables);
    r->tables = NULL;
    db_close(r->db); /* with its transaction, in which nothing was written */
    r->db = NULL;
    r->depth = 0;
    buf_finish(&mark);
    return e;
}

enum err replica_wipe_finish(const char *dir)
{
    struct buf mark = BUF_INIT;
    enum err e;
    buf_format(&mark, "%s/" MARK, dir);
    int fd = take_mark(buf_c_string(&mark), 0, &e);
    if (fd >= 0) {
        log_warn("replica", "this seat was ended: its data are destroyed, as a crash hindered before");
        e = destroy_marked(dir, buf_c_string(&mark), fd);
    }
    buf_finish(&mark);
    return e;
}
