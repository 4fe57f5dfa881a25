/* For tests: kill -9 just before the KILL_AT-th call that changes something on a disk, by LD_PRELOAD. Of a process that lives to its
 * end, the number of such calls goes to the file KILL_COUNT. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>

static atomic_long calls;

static void step(void)
{
    const char *at = getenv("KILL_AT");
    if (atomic_fetch_add(&calls, 1) + 1 == (at ? strtol(at, NULL, 10) : 0))
        kill(getpid(), SIGKILL);
}

__attribute__((destructor)) static void tell(void)
{
    const char *path = getenv("KILL_COUNT");
    FILE *f = path ? fopen(path, "w") : NULL;
    if (f) {
        fprintf(f, "%ld", atomic_load(&calls));
        fclose(f);
    }
}

#define NEXT(type, name) ((type)dlsym(RTLD_NEXT, name))

ssize_t pwrite(int fd, const void *data, size_t size, off_t at)
{
    step();
    return NEXT(ssize_t (*)(int, const void *, size_t, off_t), "pwrite")(fd, data, size, at);
}

ssize_t pwrite64(int fd, const void *data, size_t size, off64_t at)
{
    step();
    return NEXT(ssize_t (*)(int, const void *, size_t, off64_t), "pwrite64")(fd, data, size, at);
}

int fsync(int fd)
{
    step();
    return NEXT(int (*)(int), "fsync")(fd);
}

int fdatasync(int fd)
{
    step();
    return NEXT(int (*)(int), "fdatasync")(fd);
}

int rename(const char *from, const char *to)
{
    step();
    return NEXT(int (*)(const char *, const char *), "rename")(from, to);
}

int renameat2(int from_dir, const char *from, int to_dir, const char *to, unsigned flags)
{
    step();
    return NEXT(int (*)(int, const char *, int, const char *, unsigned), "renameat2")(from_dir, from, to_dir, to, flags);
}

int link(const char *from, const char *to)
{
    step();
    return NEXT(int (*)(const char *, const char *), "link")(from, to);
}

int unlink(const char *path)
{
    step();
    return NEXT(int (*)(const char *), "unlink")(path);
}

int truncate(const char *path, off_t size)
{
    step();
    return NEXT(int (*)(const char *, off_t), "truncate")(path, size);
}

int ftruncate(int fd, off_t size)
{
    step();
    return NEXT(int (*)(int, off_t), "ftruncate")(fd, size);
}

int ftruncate64(int fd, off64_t size)
{
    step();
    return NEXT(int (*)(int, off64_t), "ftruncate64")(fd, size);
}

int mkdir(const char *path, mode_t mode)
{
    step();
    return NEXT(int (*)(const char *, mode_t), "mkdir")(path, mode);
}
