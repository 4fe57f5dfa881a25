/* See new_file.h. */
#include "client/command/new_file.h"
#include "client/command/command.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

/* 0, or what went wrong. */
static int write_all(int fd, struct slice bytes)
{
    for (size_t at = 0; at < bytes.size;) {
        ssize_t put = write(fd, bytes.data + at, bytes.size - at);
        if (put < 0 && errno == EINTR)
            continue;
        if (put <= 0)
            return put < 0 ? errno : EIO;
        at += (size_t)put;
    }
    return 0;
}

static const char *reason(int number)
{
    switch (number) {
    case EEXIST:
        return _("there is a file of that name already");
    case ENOSPC:
        return _("the disk is full");
    case ENOENT:
    case ENOTDIR:
        return _("there is no such folder");
    case EACCES:
    case EPERM:
    case EROFS:
        return _("nothing may be written there");
    default:
        return strerror(number);
    }
}

int new_file_write(const char *path, struct slice bytes)
{
    struct buf said = BUF_INIT;
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    int number = fd < 0 ? errno : write_all(fd, bytes);
    if (fd >= 0 && close(fd) != 0 && number == 0)
        number = errno;
    if (number == 0)
        return EXIT_DONE;
    if (fd >= 0)
        (void)unlink(path);
    buf_format(&said, "%s: %s", path, reason(number));
    int status = command_say(buf_c_string(&said), number == EEXIST ? _("choose another name") : NULL);
    buf_finish(&said);
    return status;
}
