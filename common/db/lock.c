/* One process a folder: flock on a file in it. The kernel lets go when the process dies, however it dies.
 * The file itself stays: removing it would let two processes hold locks on two files of one name. */
#include "db/handle.h"
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

struct db_lock {
    int fd;
};

/* Root's look at somebody's folder must not leave a lock there that its owner cannot open (as SQLite does with its WAL). */
static enum err give_to_owner(const char *path, int fd)
{
    struct stat st;
    char *copy = strdup(path);
    CHECK(copy != NULL);
    bool good = stat(dirname(copy), &st) == 0 && (st.st_uid == 0 || fchown(fd, st.st_uid, st.st_gid) == 0);
    free(copy);
    return good ? ERR_OK : db_file_error(errno);
}

static enum err lock_fd(const char *path, int fd, int how)
{
    enum err e = geteuid() == 0 ? give_to_owner(path, fd) : ERR_OK;
    if (e != ERR_OK)
        return e;
    if (fchmod(fd, 0600) != 0)
        return db_file_error(errno);
    while (flock(fd, how | LOCK_NB) != 0) {
        if (errno == EWOULDBLOCK)
            return ERR_LOCKED;
        if (errno != EINTR)
            return db_file_error(errno);
    }
    return ERR_OK;
}

static enum err lock_open(const char *path, int how, struct db_lock **out)
{
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0)
        return db_file_error(errno);
    enum err e = lock_fd(path, fd, how);
    if (e != ERR_OK) {
        close(fd);
        return e;
    }
    struct db_lock *lock = malloc(sizeof *lock);
    CHECK(lock != NULL);
    lock->fd = fd;
    *out = lock;
    return ERR_OK;
}

enum err db_lock_open(const char *path, struct db_lock **out)
{
    return lock_open(path, LOCK_EX, out);
}

enum err db_lock_share(const char *path, struct db_lock **out)
{
    return lock_open(path, LOCK_SH, out);
}

void db_lock_close(struct db_lock *lock)
{
    if (lock == NULL)
        return;
    close(lock->fd);
    free(lock);
}
