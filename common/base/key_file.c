/* See key_file.h. Order of writing: the bytes, fsync, the name, fsync of the folder. Secrets don't stay in buffers
 * here. */
#include "base/key_file.h"
#include "base/dir.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static enum err io_error(int number)
{
    switch (number) {
    case ENOSPC:
    case EDQUOT:
        return ERR_DISK_FULL;
    case ENOENT:
        return ERR_NOT_FOUND;
    case EEXIST:
        return ERR_EXISTS;
    default:
        return ERR_IO;
    }
}

static enum err path_of(const char *dir, const char *name, const char *suffix, char out[PATH_MAX])
{
    int size = snprintf(out, PATH_MAX, "%s/%s%s", dir, name, suffix);
    return size > 0 && size < PATH_MAX ? ERR_OK : ERR_TOO_LONG;
}

/* ---- reading ---- */

static enum err read_whole(int fd, struct buf *out)
{
    uint8_t chunk[4096];
    enum err e = ERR_OK;
    size_t before = out->size;
    for (;;) {
        ssize_t got = read(fd, chunk, sizeof chunk);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            e = io_error(errno);
        else if (out->size - before + (size_t)got > KEY_FILE_SIZE_MAX)
            e = ERR_TOO_LONG;
        if (e != ERR_OK || got == 0)
            break;
        buf_append(out, chunk, (size_t)got);
    }
    explicit_bzero(chunk, sizeof chunk);
    if (e != ERR_OK && out->size > before) {
        explicit_bzero(out->data + before, out->size - before);
        out->size = before;
    }
    return e;
}

enum err key_file_read(const char *dir, const char *name, struct buf *out)
{
    char path[PATH_MAX];
    enum err e = path_of(dir, name, "", path);
    if (e != ERR_OK)
        return e;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return io_error(errno);
    e = read_whole(fd, out);
    (void)close(fd); /* read only: nothing to lose */
    return e;
}

/* ---- writing ---- */

static enum err write_whole(int fd, struct slice bytes)
{
    size_t at = 0;
    while (at < bytes.size) {
        ssize_t put = write(fd, bytes.data + at, bytes.size - at);
        if (put < 0 && errno != EINTR)
            return io_error(errno);
        at += put > 0 ? (size_t)put : 0;
    }
    return fsync(fd) == 0 ? ERR_OK : io_error(errno);
}

static enum err write_part(const char *part, struct slice bytes)
{
    (void)unlink(part); /* of a run that was cut off */
    int fd = open(part, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0)
        return io_error(errno);
    enum err e = write_whole(fd, bytes);
    if (close(fd) != 0 && e == ERR_OK)
        e = io_error(errno);
    return e;
}

/* A link never takes another's place: of two that make the same new file one is told. Memory sticks know no links. */
static enum err give_name(const char *part, const char *path, enum key_file_mode mode)
{
    if (mode == KEY_FILE_NEW && link(part, path) == 0)
        return ERR_OK;
    if (mode == KEY_FILE_NEW && errno != EPERM && errno != EOPNOTSUPP)
        return io_error(errno);
    return rename(part, path) == 0 ? ERR_OK : io_error(errno);
}

enum err key_file_write(const char *dir, const char *name, struct slice bytes, enum key_file_mode mode)
{
    char path[PATH_MAX], part[PATH_MAX];
    enum err e = path_of(dir, name, "", path);
    if (e == ERR_OK)
        e = path_of(dir, name, ".part", part);
    if (e == ERR_OK && mode == KEY_FILE_NEW && access(path, F_OK) == 0)
        e = ERR_EXISTS; /* before anything is written */
    if (e != ERR_OK)
        return e;
    e = write_part(part, bytes);
    if (e == ERR_OK)
        e = give_name(part, path, mode);
    if (mode == KEY_FILE_NEW || e != ERR_OK)
        (void)unlink(part); /* a renamed one is gone already */
    return e == ERR_OK ? dir_sync(dir) : e;
}
