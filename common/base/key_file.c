#include "base/key_file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <unistd.h>

static enum err io_error(int number)
{
    if (number == ENOSPC || number == EDQUOT)
        return ERR_DISK_FULL;
    if (number == ENOENT)
        return ERR_NOT_FOUND;
    return number == EEXIST ? ERR_EXISTS : ERR_IO;
}

static enum err path_of(const char *dir, const char *name, const char *suffix, char out[PATH_MAX])
{
    int size = snprintf(out, PATH_MAX, "%s/%s%s", dir, name, suffix);
    return size > 0 && size < PATH_MAX ? ERR_OK : ERR_TOO_LONG;
}

enum err key_file_read(const char *dir, const char *name, struct buf *out)
{
    char path[PATH_MAX];
    uint8_t chunk[4096];
    enum err e = path_of(dir, name, "", path);
    if (e != ERR_OK)
        return e;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return io_error(errno);
    ssize_t got;
    while ((got = read(fd, chunk, sizeof chunk)) > 0)
        buf_append(out, chunk, (size_t)got);
    e = got < 0 ? io_error(errno) : ERR_OK;
    (void)close(fd); /* read only: nothing to lose */
    return e;
}

static enum err write_all(int fd, struct slice bytes)
{
    size_t at = 0;
    while (at < bytes.size) {
        ssize_t put = write(fd, bytes.data + at, bytes.size - at);
        if (put < 0)
            return io_error(errno);
        at += (size_t)put;
    }
    return fsync(fd) == 0 ? ERR_OK : io_error(errno);
}

static enum err sync_folder(const char *dir)
{
    int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return io_error(errno);
    enum err e = fsync(fd) == 0 ? ERR_OK : io_error(errno);
    (void)close(fd); /* read only */
    return e;
}

enum err key_file_write(const char *dir, const char *name, struct slice bytes, enum key_file_mode mode)
{
    char path[PATH_MAX], part[PATH_MAX];
    enum err e = path_of(dir, name, "", path);
    if (e == ERR_OK)
        e = path_of(dir, name, ".part", part);
    if (e != ERR_OK)
        return e;
    if (mode == KEY_FILE_NEW && access(path, F_OK) == 0)
        return ERR_EXISTS;
    (void)unlink(part); /* of a run that was cut off */
    int fd = open(part, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0)
        return io_error(errno);
    e = write_all(fd, bytes);
    if (close(fd) != 0 && e == ERR_OK)
        e = io_error(errno);
    if (e == ERR_OK && rename(part, path) != 0)
        e = io_error(errno);
    if (e == ERR_OK)
        return sync_folder(dir);
    (void)unlink(part); /* the failure is told already */
    return e;
}
