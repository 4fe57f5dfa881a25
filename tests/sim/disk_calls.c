/* The product's system calls, each in front of the real one: who calls (the process that opened the file, or that runs), whether it may
 * (disk_may), what the book has to know. Files outside of machines are let through. */
#include "tests/sim/disk_inner.h"
#include "tests/sim/world.h"

#define OPENSSL_SUPPRESS_DEPRECATED
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <openssl/rand.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

struct descriptor {
    int machine, process;
    struct file *file;
    char *folder; /* its path; NULL: a file */
};
static struct descriptor fds[DISK_FDS];

#define NEXT(type, name) ((type)dlsym(RTLD_NEXT, name))

static struct descriptor *of_machine(int fd)
{
    return fd >= 0 && fd < DISK_FDS && fds[fd].machine ? &fds[fd] : NULL;
}

/* SQLite hands a descriptor that it could not close yet, because of another's locks, to the next connection to that file, which may be
 * another process's than the one that opened it and has died (seed 60025): who runs on that machine is asked. */
static bool may(const struct descriptor *d, enum disk_change change)
{
    int who = disk_process_machine(disk_running) == d->machine ? disk_running : d->process;
    return disk_running == DISK_NOBODY || disk_may(who, change);
}

/* ---- open and close ---- */

static void opened(int fd, const char *path, int machine, bool made)
{
    struct stat st;
    CHECK(fd < DISK_FDS);
    fds[fd] = (struct descriptor){.machine = machine, .process = disk_running};
    if (fstat(fd, &st) == 0 && S_ISDIR(st.st_mode)) {
        fds[fd].folder = strdup(path);
        return;
    }
    fds[fd].file = book_file(machine, fd, path, made);
    if (made)
        book_made(machine, path, false);
}

typedef int real_open(const char *, int, ...);

static int open_by(real_open *real, const char *path, int flags, mode_t mode)
{
    int machine = disk_of_path(path);
    struct stat st;
    bool made = machine && (flags & O_CREAT) && lstat(path, &st) != 0;
    if (machine && !disk_may(disk_running, made ? DISK_GROWS : DISK_READS))
        return -1;
    int fd = real(path, flags, mode);
    if (fd >= 0 && machine)
        opened(fd, path, machine, made);
    return fd;
}

int open(const char *path, int flags, ...)
{
    va_list args;
    va_start(args, flags);
    mode_t mode = flags & O_CREAT ? va_arg(args, mode_t) : 0;
    va_end(args);
    static real_open *real;
    if (!real)
        real = NEXT(real_open *, "open");
    return open_by(real, path, flags, mode);
}

int open64(const char *path, int flags, ...)
{
    va_list args;
    va_start(args, flags);
    mode_t mode = flags & O_CREAT ? va_arg(args, mode_t) : 0;
    va_end(args);
    static real_open *real;
    if (!real)
        real = NEXT(real_open *, "open64");
    return open_by(real, path, flags, mode);
}

int close(int fd)
{
    static int (*real)(int);
    if (!real)
        real = NEXT(int (*)(int), "close");
    if (of_machine(fd)) {
        free(fds[fd].folder);
        fds[fd] = (struct descriptor){0};
    }
    return real(fd);
}

/* ---- bytes ---- */

static ssize_t pwrite_by(ssize_t (*real)(int, const void *, size_t, off_t), int fd, const void *data, size_t size, off_t at)
{
    struct descriptor *d = of_machine(fd);
    if (d && !may(d, DISK_GROWS))
        return -1;
    if (d)
        book_write(d->file, fd, at, size);
    return real(fd, data, size, at);
}

ssize_t pwrite(int fd, const void *data, size_t size, off_t at)
{
    static ssize_t (*real)(int, const void *, size_t, off_t);
    if (!real)
        real = NEXT(ssize_t (*)(int, const void *, size_t, off_t), "pwrite");
    return pwrite_by(real, fd, data, size, at);
}

ssize_t pwrite64(int fd, const void *data, size_t size, off64_t at)
{
    static ssize_t (*real)(int, const void *, size_t, off_t);
    if (!real)
        real = NEXT(ssize_t (*)(int, const void *, size_t, off_t), "pwrite64");
    return pwrite_by(real, fd, data, size, at);
}

ssize_t write(int fd, const void *data, size_t size)
{
    static ssize_t (*real)(int, const void *, size_t);
    struct descriptor *d = of_machine(fd);
    if (!real)
        real = NEXT(ssize_t (*)(int, const void *, size_t), "write");
    if (d && !may(d, DISK_GROWS))
        return -1;
    if (d)
        book_write(d->file, fd, lseek(fd, 0, SEEK_CUR), size);
    return real(fd, data, size);
}

static int truncate_by(const char *name, int fd, off_t size)
{
    struct descriptor *d = of_machine(fd);
    if (d && !may(d, DISK_CHANGES))
        return -1;
    if (d)
        book_truncate(d->file, fd, size);
    return NEXT(int (*)(int, off_t), name)(fd, size);
}

int ftruncate(int fd, off_t size)
{
    return truncate_by("ftruncate", fd, size);
}

int ftruncate64(int fd, off64_t size)
{
    return truncate_by("ftruncate64", fd, size);
}

static int sync_by(const char *name, int fd)
{
    struct descriptor *d = of_machine(fd);
    if (!d)
        return NEXT(int (*)(int), name)(fd);
    if (!may(d, DISK_CHANGES))
        return -1;
    disk_count.syncs++;
    if (d->folder)
        book_folder_synced(d->machine, d->folder);
    else
        book_synced(d->file, fd);
    return 0;
}

int fsync(int fd)
{
    return sync_by("fsync", fd);
}

int fdatasync(int fd)
{
    return sync_by("fdatasync", fd);
}

/* All processes of the run are one to the kernel: locks of bytes, which belong to processes, never stand in anybody's way there, and
 * SQLite keeps its own account of them within a process. */
static int control(const char *name, int fd, int command, void *argument)
{
    if (!of_machine(fd) || (command != F_SETLK && command != F_GETLK && command != F_SETLKW))
        return NEXT(int (*)(int, int, ...), name)(fd, command, argument);
    if (command == F_GETLK)
        ((struct flock *)argument)->l_type = F_UNLCK;
    return 0;
}

int fcntl(int fd, int command, ...)
{
    va_list args;
    va_start(args, command);
    void *argument = va_arg(args, void *);
    va_end(args);
    return control("fcntl", fd, command, argument);
}

int fcntl64(int fd, int command, ...)
{
    va_list args;
    va_start(args, command);
    void *argument = va_arg(args, void *);
    va_end(args);
    return control("fcntl64", fd, command, argument);
}

/* ---- names ---- */

int real_rename(const char *from, const char *to)
{
    return NEXT(int (*)(const char *, const char *), "rename")(from, to);
}

int real_unlink(const char *path)
{
    return NEXT(int (*)(const char *), "unlink")(path);
}

int rename(const char *from, const char *to)
{
    int machine = disk_of_path(to);
    if (!machine)
        return real_rename(from, to);
    return disk_may(disk_running, DISK_CHANGES) ? book_rename(machine, from, to) : -1;
}

int renameat2(int from_dir, const char *from, int to_dir, const char *to, unsigned flags)
{
    struct stat st;
    int machine = disk_of_path(to);
    if (!machine)
        return (int)syscall(SYS_renameat2, from_dir, from, to_dir, to, flags);
    if ((flags & RENAME_NOREPLACE) && lstat(to, &st) == 0) {
        errno = EEXIST;
        return -1;
    }
    return rename(from, to);
}

int link(const char *from, const char *to)
{
    int machine = disk_of_path(to);
    if (machine && !disk_may(disk_running, DISK_CHANGES))
        return -1;
    int failed = NEXT(int (*)(const char *, const char *), "link")(from, to);
    if (machine && !failed)
        book_made(machine, to, false);
    return failed;
}

int unlink(const char *path)
{
    int machine = disk_of_path(path);
    if (!machine)
        return real_unlink(path);
    return disk_may(disk_running, DISK_CHANGES) ? book_unlink(machine, path) : -1;
}

/* A machine's own folder is what its disk hangs on: nobody on it can take it away. */
int rmdir(const char *path)
{
    int machine = disk_of_path(path);
    if (machine && disk_running != DISK_NOBODY && strcmp(path, disk_path(machine)) == 0) {
        errno = EBUSY;
        return -1;
    }
    return NEXT(int (*)(const char *), "rmdir")(path);
}

int mkdir(const char *path, mode_t mode)
{
    int machine = disk_of_path(path);
    if (machine && !disk_may(disk_running, DISK_GROWS))
        return -1;
    int failed = NEXT(int (*)(const char *, mode_t), "mkdir")(path, mode);
    if (machine && !failed)
        book_made(machine, path, true);
    return failed;
}

/* ---- time and chance ---- */

static int64_t now_of_runner(void)
{
    return disk_now_ms(disk_process_machine(disk_running));
}

int clock_gettime(clockid_t which, struct timespec *out)
{
    int64_t ms = which == CLOCK_REALTIME || which == CLOCK_REALTIME_COARSE ? now_of_runner() : world_now_ms();
    out->tv_sec = ms / 1000;
    out->tv_nsec = ms % 1000 * 1000000;
    return 0;
}

time_t time(time_t *out)
{
    time_t now = (time_t)(now_of_runner() / 1000);
    if (out)
        *out = now;
    return now;
}

int gettimeofday(struct timeval *restrict out, void *restrict zone)
{
    int64_t ms = now_of_runner();
    (void)zone;
    out->tv_sec = ms / 1000;
    out->tv_usec = ms % 1000 * 1000;
    return 0;
}

/* One thread: who sleeps waits for something that nobody does meanwhile. */
int usleep(useconds_t us)
{
    (void)us;
    return 0;
}

int nanosleep(const struct timespec *wanted, struct timespec *left)
{
    (void)wanted;
    (void)left;
    return 0;
}

ssize_t getrandom(void *out, size_t size, unsigned flags)
{
    (void)flags;
    disk_random(out, size);
    return (ssize_t)size;
}

/* OpenSSL asks the kernel without libc. */
static int fill(unsigned char *out, int size)
{
    disk_random(out, (size_t)size);
    return 1;
}

static int status(void)
{
    return 1;
}

void disk_take_random(void)
{
    static const RAND_METHOD method = {.bytes = fill, .pseudorand = fill, .status = status};
    (void)RAND_set_rand_method(&method);
}
