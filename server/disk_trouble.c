/* See disk_trouble.h. The file: a number of ms, and blanks. */
#include "server/disk_trouble.h"

#include "base/log.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define SIZE 32

struct disk_trouble {
    int file;         /* -1: there is none */
    int64_t since_ms; /* as it stands in it */
};

static int open_file(const char *dir, int how)
{
    char path[PATH_MAX];
    if (snprintf(path, sizeof path, "%s/" DISK_TROUBLE_FILE, dir) >= (int)sizeof path)
        return -1;
    return open(path, how | O_CLOEXEC, 0600);
}

static int64_t read_since(int file)
{
    char text[SIZE + 1] = {0};
    ssize_t size = file < 0 ? 0 : pread(file, text, SIZE, 0);
    long long since = size > 0 ? strtoll(text, NULL, 10) : 0;
    return since > 0 ? since : 0;
}

static void put(struct disk_trouble *t, int64_t since_ms)
{
    char text[SIZE + 1];
    snprintf(text, sizeof text, "%-*lld", SIZE, (long long)since_ms);
    if (t->file < 0 || pwrite(t->file, text, SIZE, 0) != SIZE || fdatasync(t->file) != 0)
        log_warn("disk", "whether this server can write is not known to its board: " DISK_TROUBLE_FILE " can't be written");
    t->since_ms = since_ms;
}

struct disk_trouble *disk_trouble_open(const char *dir)
{
    struct disk_trouble *t = calloc(1, sizeof *t);
    CHECK(t);
    t->file = open_file(dir, O_RDWR | O_CREAT);
    t->since_ms = read_since(t->file);
    put(t, t->since_ms); /* takes its room now */
    return t;
}

void disk_trouble_close(struct disk_trouble *t)
{
    if (t && t->file >= 0)
        close(t->file);
    free(t);
}

void disk_trouble_note(struct disk_trouble *t, enum err e, int64_t now_ms)
{
    if ((e != ERR_OK) == (t->since_ms != 0))
        return;
    put(t, e == ERR_OK ? 0 : now_ms);
    if (e == ERR_OK)
        log_info("disk", "this server can write again");
    else
        log_error("disk", "this server can't write: %s. Devices keep what they have and are told so; make room, it goes on by itself", err_text(e));
}

int64_t disk_trouble_since(const char *dir)
{
    int file = open_file(dir, O_RDONLY);
    int64_t since = read_since(file);
    if (file >= 0)
        close(file);
    return since;
}
