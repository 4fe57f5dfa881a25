#pragma once
/* Between the system calls (disk_calls.c), the processes (disk.c) and the book of what is not synced (disk_book.c). */
#include "disk.h"
#include <sys/types.h>

#define DISK_PATH 160
#define DISK_FDS 65536

struct machine {
    char path[DISK_PATH];
    bool note, full;
    unsigned faulty;
    int64_t clock_off_ms;
    struct dice dice;       /* of faults */
    struct name_op *ops;    /* names that came and went and are not synced, oldest first */
    size_t op_count, op_capacity;
};
struct machine *disk_at(int machine);
/* The machine whose file this is; 0: none. */
int disk_of_path(const char *path);
extern int disk_running;

/* ---- may it be done? false: errno says why not ---- */
enum disk_change { DISK_GROWS, DISK_CHANGES, DISK_READS };
bool disk_may(int process, enum disk_change change);
int disk_process_machine(int process);
void disk_random(void *out, size_t size);
extern struct disk_counts disk_count;

/* ---- the book (disk_book.c): called before it is done, all harmless where nothing is noted ---- */
struct file;
/* NULL: not noted (-shm, a machine without a book). made: it was not there. */
struct file *book_file(int machine, int fd, const char *path, bool made);
void book_write(struct file *f, int fd, off_t at, size_t size);
void book_truncate(struct file *f, int fd, off_t size);
void book_synced(struct file *f, int fd);
void book_made(int machine, const char *path, bool folder);
/* In place of unlink and of rename's overwriting: what it held is put aside until the folder is synced. */
int book_unlink(int machine, const char *path);
int book_rename(int machine, const char *from, const char *to);
void book_folder_synced(int machine, const char *folder);
void book_forget(int machine);
/* What stands there now was put there by nobody: what came and went before it is not undone over it. */
void book_forget_name(int machine, const char *path);
void book_lose(int machine, struct dice *dice);

/* ---- the real calls (disk_calls.c) ---- */
void disk_take_random(void);
int real_rename(const char *from, const char *to);
int real_unlink(const char *path);
