/* Files around SQLite: made 0600 whatever the umask, named only when whole, durable when named.
 * Invariant: a database's main file is never opened here while a connection of this process may have it open, since
 * closing any descriptor of a file drops the process's POSIX locks on it, SQLite's own among them. */
#include "db/handle.h"
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum err db_file_error(int system_error)
{
    switch (system_error) {
    case ENOENT:
    case ENOTDIR:
        return ERR_NOT_FOUND;
    case EEXIST:
        return ERR_EXISTS;
    case ENOSPC:
    case EDQUOT:
    case EFBIG:
        return ERR_DISK_FULL;
    case ENOMEM:
        return ERR_MEMORY;
    default:
        return ERR_IO;
    }
}

enum err db_file_size(const char *path, int64_t *size)
{
    struct stat st;
    if (stat(path, &st) != 0)
        return db_file_error(errno);
    if (!S_ISREG(st.st_mode))
        return ERR_FOREIGN;
    *size = st.st_size;
    return ERR_OK;
}

/* The header as the file format gives it: the magic, the application_id at 68. */
enum err db_look(const char *path, enum db_role role)
{
    static const uint8_t magic[16] = "SQLite format 3";
    uint8_t head[100] = {0};
    int64_t size;
    enum err e = db_file_size(path, &size);
    if (e != ERR_OK)
        return e;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return db_file_error(errno);
    ssize_t got = pread(fd, head, sizeof head, 0);
    close(fd);
    if (got < 0)
        return db_file_error(errno);
    if (memcmp(head, magic, got < (ssize_t)sizeof magic ? (size_t)got : sizeof magic) != 0)
        return ERR_FOREIGN;
    uint32_t id = (uint32_t)head[68] << 24 | (uint32_t)head[69] << 16 | (uint32_t)head[70] << 8 | head[71];
    return got < (ssize_t)sizeof head ? ERR_CORRUPT : id == (uint32_t)role ? ERR_OK : ERR_FOREIGN;
}

enum err db_file_make(const char *path)
{
    int fd = open(path, O_CREAT | O_EXCL | O_RDWR | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0)
        return db_file_error(errno);
    enum err e = fchmod(fd, 0600) == 0 ? ERR_OK : db_file_error(errno); /* a umask may have taken our own rights away */
    close(fd);
    return e;
}

static enum err sync_opened(const char *path, int flags)
{
    int fd = open(path, flags | O_CLOEXEC);
    if (fd < 0)
        return db_file_error(errno);
    enum err e = fsync(fd) == 0 ? ERR_OK : db_file_error(errno);
    close(fd);
    return e;
}

enum err db_file_sync(const char *path)
{
    return sync_opened(path, O_RDONLY);
}

static enum err sync_folder_of(const char *path)
{
    char *copy = strdup(path);
    CHECK(copy != NULL);
    enum err e = sync_opened(dirname(copy), O_RDONLY | O_DIRECTORY);
    free(copy);
    return e;
}

enum err db_file_publish(const char *from, const char *to)
{
    bool done = renameat2(AT_FDCWD, from, AT_FDCWD, to, RENAME_NOREPLACE) == 0;
    if (!done && errno != EINVAL && errno != ENOSYS)
        return db_file_error(errno);
    if (!done) { /* a file system without that flag (exFAT sticks): the folder's lock keeps others out meanwhile */
        if (access(to, F_OK) == 0)
            return ERR_EXISTS;
        if (rename(from, to) != 0)
            return db_file_error(errno);
    }
    return sync_folder_of(to);
}

void db_file_tighten(const char *path)
{
    struct stat st;
    if (stat(path, &st) == 0 && (st.st_mode & 077) != 0)
        (void)!chmod(path, st.st_mode & 0700); /* only its owner may; a reader of somebody else's file goes on */
}

void db_file_drop(const char *path)
{
    static const char *const ends[] = {"", "-wal", "-shm", "-journal"};
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
        struct buf name = BUF_INIT;
        buf_format(&name, "%s%s", path, ends[i]);
        unlink(buf_c_string(&name));
        buf_finish(&name);
    }
}
