/* See dir.h. From the top down: each level is named durably before the next one is made in it. */
#include "base/dir.h"
#include "base/slice.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static enum err io_error(int number)
{
    switch (number) {
    case ENOSPC:
    case EDQUOT:
        return ERR_DISK_FULL;
    case ENOENT:
    case ENOTDIR:
        return ERR_NOT_FOUND;
    default:
        return ERR_IO;
    }
}

enum err dir_sync(const char *dir)
{
    int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return io_error(errno);
    enum err e = fsync(fd) == 0 ? ERR_OK : io_error(errno);
    (void)close(fd); /* read only */
    return e;
}

/* The folder that holds path's last name. */
static enum err sync_above(const char *path)
{
    struct buf above = BUF_INIT;
    const char *slash = strrchr(path, '/');
    if (!slash)
        buf_text(&above, ".");
    else
        buf_append(&above, path, slash == path ? 1 : (size_t)(slash - path));
    enum err e = dir_sync(buf_c_string(&above));
    buf_finish(&above);
    return e;
}

static enum err make_level(const char *path)
{
    struct stat st;
    if (mkdir(path, 0700) == 0)
        return sync_above(path);
    int number = errno;
    /* Above one's own there may be folders that one may not write in, and that are there. */
    return stat(path, &st) == 0 && S_ISDIR(st.st_mode) ? ERR_OK : io_error(number);
}

enum err dir_make(const char *path)
{
    struct buf at = BUF_INIT;
    enum err e = ERR_OK;
    buf_text(&at, path);
    while (at.size > 1 && at.data[at.size - 1] == '/')
        at.size--;
    char *text = (char *)buf_c_string(&at);
    for (char *slash = *text ? strchr(text + 1, '/') : NULL; e == ERR_OK && slash; slash = strchr(slash + 1, '/')) {
        *slash = 0;
        e = make_level(text);
        *slash = '/';
    }
    if (e == ERR_OK)
        e = make_level(text);
    buf_finish(&at);
    return e;
}
