/* What is not synced: of each file the sectors as they were when it last was, and how long it was then; of each machine the names that
 * came and went since their folder was. Kept per inode, since an open file has no name of its own.
 * Invariant: writing back all noted sectors and the old size gives the file as it was synced last; undoing all names, the last first,
 * gives the folders as they were. */
#include "tests/sim/disk_inner.h"
#include "tests/sim/world.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <uthash.h>

#define SECTOR 512

struct sector {
    off_t number;
    size_t size; /* shorter at the end of the file */
    UT_hash_handle hh;
    uint8_t bytes[SECTOR];
};

struct file {
    ino_t inode;
    int machine;
    off_t synced_size;
    struct sector *sectors;
    UT_hash_handle hh;
};

enum name_change { NAME_MADE, NAME_FOLDER, NAME_GONE, NAME_MOVED };
struct name_op {
    enum name_change change;
    char path[DISK_PATH], from[DISK_PATH], grave[DISK_PATH]; /* from: MOVED; grave: what path held before, "" */
};

static struct file *files;
static unsigned graves;

/* ---- bytes ---- */

static void forget_sectors(struct file *f)
{
    struct sector *s, *next;
    HASH_ITER(hh, f->sectors, s, next) {
        HASH_DEL(f->sectors, s);
        free(s);
    }
}

static void forget_file(struct file *f)
{
    forget_sectors(f);
    HASH_DEL(files, f);
    free(f);
}

struct file *book_file(int machine, int fd, const char *path, bool made)
{
    struct stat st;
    struct file *f = NULL;
    size_t size = strlen(path);
    if (!disk_at(machine)->note || (size > 4 && strcmp(path + size - 4, "-shm") == 0) || fstat(fd, &st) != 0 || !S_ISREG(st.st_mode))
        return NULL;
    HASH_FIND(hh, files, &st.st_ino, sizeof st.st_ino, f);
    if (f && made) { /* the number was another file's, which is gone */
        forget_file(f);
        f = NULL;
    }
    if (disk_running == DISK_NOBODY) /* what nobody writes is there at once */
        return NULL;
    if (f)
        return f;
    f = calloc(1, sizeof *f);
    CHECK(f);
    f->inode = st.st_ino;
    f->machine = machine;
    f->synced_size = made ? 0 : st.st_size;
    HASH_ADD(hh, files, inode, sizeof f->inode, f);
    return f;
}

static void note_sector(struct file *f, int fd, off_t number)
{
    struct sector *s;
    HASH_FIND(hh, f->sectors, &number, sizeof number, s);
    if (s || number * SECTOR >= f->synced_size)
        return;
    s = calloc(1, sizeof *s);
    CHECK(s);
    s->number = number;
    off_t left = f->synced_size - number * SECTOR;
    s->size = left < SECTOR ? (size_t)left : SECTOR;
    ssize_t got = pread(fd, s->bytes, s->size, number * SECTOR); /* shorter where it was cut since: noted then */
    CHECK(got >= 0);
    HASH_ADD(hh, f->sectors, number, sizeof s->number, s);
}

void book_write(struct file *f, int fd, off_t at, size_t size)
{
    if (!f || disk_running == DISK_NOBODY)
        return;
    for (off_t n = at / SECTOR; size && n <= (at + (off_t)size - 1) / SECTOR; n++)
        note_sector(f, fd, n);
}

void book_truncate(struct file *f, int fd, off_t size)
{
    if (f && size < f->synced_size)
        book_write(f, fd, size, (size_t)(f->synced_size - size));
}

void book_synced(struct file *f, int fd)
{
    struct stat st;
    if (!f || fstat(fd, &st) != 0)
        return;
    forget_sectors(f);
    f->synced_size = st.st_size;
}

/* ---- names ---- */

static struct name_op *new_op(int machine, enum name_change change, const char *path)
{
    struct machine *m = disk_at(machine);
    if (m->op_count == m->op_capacity) {
        m->op_capacity = m->op_capacity ? 2 * m->op_capacity : 32;
        m->ops = realloc(m->ops, m->op_capacity * sizeof *m->ops);
        CHECK(m->ops);
    }
    struct name_op *op = &m->ops[m->op_count++];
    *op = (struct name_op){.change = change};
    CHECK(snprintf(op->path, DISK_PATH, "%s", path) < DISK_PATH);
    return op;
}

void book_made(int machine, const char *path, bool folder)
{
    if (disk_at(machine)->note && disk_running != DISK_NOBODY)
        (void)new_op(machine, folder ? NAME_FOLDER : NAME_MADE, path);
}

/* What path holds goes aside, if it is there. */
static void bury(int machine, const char *path, char grave[DISK_PATH])
{
    char root[DISK_PATH];
    snprintf(root, sizeof root, "%s", disk_at(machine)->path);
    *strrchr(root, '/') = 0;
    CHECK(snprintf(grave, DISK_PATH, "%.120s/gone-%u", root, ++graves) < DISK_PATH);
    if (real_rename(path, grave) != 0)
        *grave = 0;
}

int book_unlink(int machine, const char *path)
{
    struct stat st;
    if (!disk_at(machine)->note || disk_running == DISK_NOBODY)
        return real_unlink(path);
    if (lstat(path, &st) != 0)
        return -1;
    struct name_op *op = new_op(machine, NAME_GONE, path);
    bury(machine, path, op->grave);
    return *op->grave ? 0 : -1;
}

int book_rename(int machine, const char *from, const char *to)
{
    struct stat st;
    if (!disk_at(machine)->note || disk_running == DISK_NOBODY)
        return real_rename(from, to);
    if (lstat(from, &st) != 0)
        return -1;
    struct name_op *op = new_op(machine, NAME_MOVED, to);
    snprintf(op->from, DISK_PATH, "%s", from);
    bury(machine, to, op->grave);
    return real_rename(from, to);
}

static void empty_grave(const struct name_op *op)
{
    struct stat st;
    struct file *f = NULL;
    if (!*op->grave || lstat(op->grave, &st) != 0)
        return;
    HASH_FIND(hh, files, &st.st_ino, sizeof st.st_ino, f);
    (void)f; /* it may be open still: the book of its bytes stays until the number is used anew */
    (void)real_unlink(op->grave);
}

static bool lies_in(const char *path, const char *folder)
{
    size_t size = strlen(folder);
    return strncmp(path, folder, size) == 0 && path[size] == '/' && strchr(path + size + 1, '/') == NULL;
}

void book_folder_synced(int machine, const char *folder)
{
    struct machine *m = disk_at(machine);
    size_t kept = 0;
    for (size_t i = 0; i < m->op_count; i++) {
        if (lies_in(m->ops[i].path, folder))
            empty_grave(&m->ops[i]);
        else
            m->ops[kept++] = m->ops[i];
    }
    m->op_count = kept;
}

void book_forget_name(int machine, const char *path)
{
    struct machine *m = disk_at(machine);
    size_t kept = 0;
    for (size_t i = 0; i < m->op_count; i++) {
        if (strcmp(m->ops[i].path, path) == 0 || strcmp(m->ops[i].from, path) == 0)
            empty_grave(&m->ops[i]);
        else
            m->ops[kept++] = m->ops[i];
    }
    m->op_count = kept;
}

void book_forget(int machine)
{
    struct machine *m = disk_at(machine);
    struct file *f, *next;
    for (size_t i = 0; i < m->op_count; i++)
        empty_grave(&m->ops[i]);
    HASH_ITER(hh, files, f, next)
        if (f->machine == machine)
            forget_file(f);
    free(m->ops);
    m->ops = NULL;
    m->op_count = m->op_capacity = 0;
}

/* ---- power is lost ---- */

static void undo_name(const struct name_op *op)
{
    switch (op->change) {
    case NAME_MADE:
        (void)real_unlink(op->path);
        break;
    case NAME_FOLDER:
        (void)rmdir(op->path);
        break;
    case NAME_MOVED:
        (void)real_rename(op->path, op->from);
        /* fallthrough */
    case NAME_GONE:
        if (*op->grave)
            (void)real_rename(op->grave, op->path);
        break;
    }
    disk_count.names_undone++;
}

static void undo_sector(int fd, const struct sector *s)
{
    CHECK(pwrite(fd, s->bytes, s->size, s->number * SECTOR) == (ssize_t)s->size);
}

enum loss { LOSS_NOTHING, LOSS_ALL, LOSS_TORN, LOSS_WAYS };

/* The file as it may be found afterwards. */
static void lose_bytes(struct file *f, int fd, off_t size, struct dice *dice)
{
    static const uint8_t zeros[SECTOR];
    struct sector *s, *next;
    enum loss loss = dice_below(dice, LOSS_WAYS);
    off_t end = loss == LOSS_NOTHING ? size : loss == LOSS_ALL ? f->synced_size : dice_between(dice, f->synced_size, size);
    if (loss == LOSS_TORN && size < f->synced_size && dice_below(dice, 2))
        end = size;
    if (size != end)
        CHECK(ftruncate(fd, end) == 0);
    HASH_ITER(hh, f->sectors, s, next)
        if (loss == LOSS_ALL || (loss == LOSS_TORN && dice_below(dice, 2)))
            if (s->number * SECTOR < end)
                undo_sector(fd, s);
    for (off_t at = (f->synced_size + SECTOR - 1) / SECTOR * SECTOR; loss == LOSS_TORN && at + SECTOR <= end; at += SECTOR)
        if (dice_below(dice, 3) == 0) /* the name of the place was written, not what stands there */
            CHECK(pwrite(fd, zeros, SECTOR, at) == SECTOR);
    disk_count.undone += loss == LOSS_ALL;
    disk_count.torn += loss == LOSS_TORN;
}

static void lose_file(const char *path, struct dice *dice)
{
    struct stat st;
    struct file *f = NULL;
    if (lstat(path, &st) != 0 || !S_ISREG(st.st_mode))
        return;
    HASH_FIND(hh, files, &st.st_ino, sizeof st.st_ino, f);
    if (!f || (!f->sectors && st.st_size == f->synced_size))
        return;
    int fd = open(path, O_RDWR | O_CLOEXEC);
    CHECK(fd >= 0);
    lose_bytes(f, fd, st.st_size, dice);
    close(fd);
}

static void lose_in(const char *folder, struct dice *dice)
{
    struct dirent **list;
    char path[DISK_PATH + 32];
    struct stat st;
    int count = scandir(folder, &list, NULL, alphasort);
    for (int i = 0; i < count; i++) {
        const char *name = list[i]->d_name;
        size_t size = strlen(name);
        CHECK(snprintf(path, sizeof path, "%s/%.100s", folder, name) < (int)sizeof path);
        if (strcmp(name, ".") != 0 && strcmp(name, "..") != 0 && lstat(path, &st) == 0) {
            if (S_ISDIR(st.st_mode))
                lose_in(path, dice);
            else if (size > 4 && strcmp(name + size - 4, "-shm") == 0)
                (void)real_unlink(path); /* what is mapped is nobody's any more */
            else
                lose_file(path, dice);
        }
        free(list[i]);
    }
    if (count >= 0)
        free(list);
}

void book_lose(int machine, struct dice *dice)
{
    struct machine *m = disk_at(machine);
    size_t stay = dice_below(dice, (unsigned)m->op_count + 1);
    while (m->op_count > stay)
        undo_name(&m->ops[--m->op_count]);
    lose_in(m->path, dice);
    book_forget(machine);
}
