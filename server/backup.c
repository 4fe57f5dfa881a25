/* Order of a backup: database (checked), journal (later than the database, so that it knows all that the copy knows), keys; the
 * record last, when everything is on the disk. Before the record nobody's promise moves, so a backup that breaks off costs
 * nothing but its half files. */
#include "server/backup.h"

#include "base/key_file.h"
#include "base/limits.h"
#include "journal.pb-c.h"
#include "server/store.h"
#include "server/store_cut.h"
#include "wire/wire.h"

#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char *const KEY_FILES[] = {"ca.key", "ca.pem", "server.key", "server.pem"};
#define KEY_COUNT (sizeof KEY_FILES / sizeof *KEY_FILES)

/* ---- keys ---- */

/* A path as folder and name, for key_file. */
static void split(const char *path, char folder[PATH_MAX], char name[PATH_MAX])
{
    char copy[PATH_MAX];
    snprintf(copy, sizeof copy, "%s", path);
    snprintf(folder, PATH_MAX, "%s", dirname(copy));
    snprintf(copy, sizeof copy, "%s", path);
    snprintf(name, PATH_MAX, "%s", basename(copy));
}

enum err backup_write_keys(const char *dir, const char *path)
{
    struct buf bytes[KEY_COUNT] = {BUF_INIT}, packed = BUF_INIT;
    Journal__KeyFile files[KEY_COUNT], *list[KEY_COUNT];
    Journal__Keys keys = JOURNAL__KEYS__INIT;
    char folder[PATH_MAX], name[PATH_MAX];
    enum err e = ERR_OK;
    for (size_t i = 0; i < KEY_COUNT && e == ERR_OK; i++) {
        e = key_file_read(dir, KEY_FILES[i], &bytes[i]);
        if (e == ERR_NOT_FOUND) { /* a folder that was made without an authority */
            e = ERR_OK;
            continue;
        }
        list[keys.n_file] = &files[i];
        journal__key_file__init(&files[i]);
        files[i].name = (char *)KEY_FILES[i];
        files[i].has_bytes = 1;
        files[i].bytes = (ProtobufCBinaryData){bytes[i].size, bytes[i].data};
        keys.n_file++;
    }
    keys.file = list;
    wire_pack(&keys.base, &packed);
    split(path, folder, name);
    if (e == ERR_OK)
        e = key_file_write(folder, name, buf_slice(&packed), KEY_FILE_NEW);
    for (size_t i = 0; i < KEY_COUNT; i++) {
        if (bytes[i].data)
            explicit_bzero(bytes[i].data, bytes[i].capacity);
        buf_finish(&bytes[i]);
    }
    if (packed.data)
        explicit_bzero(packed.data, packed.capacity);
    buf_finish(&packed);
    return e;
}

static bool is_key_file(const char *name)
{
    for (size_t i = 0; i < KEY_COUNT; i++)
        if (strcmp(name, KEY_FILES[i]) == 0)
            return true;
    return false;
}

static enum err put_keys(const Journal__Keys *keys, const char *dir)
{
    enum err e = ERR_OK;
    for (size_t i = 0; i < keys->n_file && e == ERR_OK; i++) {
        const Journal__KeyFile *f = keys->file[i];
        if (!f->name || !is_key_file(f->name))
            return ERR_FOREIGN;
        e = key_file_write(dir, f->name, slice_of(f->bytes.data, f->bytes.len), KEY_FILE_NEW);
        if (e == ERR_EXISTS)
            e = ERR_OK; /* what the folder has is its own */
    }
    return e;
}

enum err backup_read_keys(const char *path, const char *dir)
{
    struct buf packed = BUF_INIT;
    struct arena arena;
    ProtobufCMessage *m;
    char folder[PATH_MAX], name[PATH_MAX];
    split(path, folder, name);
    arena_init(&arena, 1u << 20);
    enum err e = key_file_read(folder, name, &packed);
    if (e == ERR_OK)
        e = wire_open(&journal__keys__descriptor, buf_slice(&packed), &arena, &m);
    if (e == ERR_OK)
        e = put_keys((const Journal__Keys *)m, dir);
    arena_finish(&arena);
    if (packed.data)
        explicit_bzero(packed.data, packed.capacity);
    buf_finish(&packed);
    return e == ERR_WIRE ? ERR_FOREIGN : e;
}

/* ---- the backup ---- */

struct backup {
    const char *dir, *path;
    char journal_path[PATH_MAX], keys_path[PATH_MAX];
    struct store *store;
    struct journal *journal;
    struct control *control;
    bool copied, journal_copied, keys_copied;
};

static enum err name_files(struct backup *b)
{
    if (snprintf(b->journal_path, PATH_MAX, "%s.journal", b->path) >= PATH_MAX || snprintf(b->keys_path, PATH_MAX, "%s.keys", b->path) >= PATH_MAX)
        return ERR_TOO_LONG;
    bool there = access(b->path, F_OK) == 0 || access(b->journal_path, F_OK) == 0 || access(b->keys_path, F_OK) == 0;
    return there ? ERR_EXISTS : ERR_OK;
}

static enum err open_all(struct backup *b)
{
    enum err e = store_open(b->dir, STORE_WRITE, &b->store);
    if (e == ERR_OK)
        e = journal_open(b->dir, JOURNAL_OPEN, &b->journal);
    return e == ERR_OK ? control_open(store_db(b->store), b->journal, &b->control) : e;
}

static enum err copy_files(struct backup *b)
{
    enum err e = db_backup(store_db(b->store), b->path);
    b->copied = e == ERR_OK;
    if (e == ERR_OK)
        e = journal_copy(b->journal, b->journal_path);
    b->journal_copied = e == ERR_OK;
    if (e == ERR_OK && b->copied)
        e = backup_write_keys(b->dir, b->keys_path);
    b->keys_copied = e == ERR_OK;
    return e;
}

/* From the copy itself: it alone knows what it holds. */
static enum err record(struct backup *b, int64_t now_ms)
{
    struct db *copy;
    struct arena arena;
    struct control_position *at;
    size_t count;
    char whole[PATH_MAX];
    enum err e = db_open(b->path, DB_SERVER, DB_READ, INT_MAX, &copy);
    if (e != ERR_OK)
        return e;
    arena_init(&arena, 1u << 30);
    e = store_positions(copy, &arena, &at, &count);
    db_close(copy);
    if (e == ERR_OK)
        e = control_add_backup(b->control, realpath(b->path, whole) ? whole : b->path, now_ms, at, count);
    arena_finish(&arena);
    return e;
}

static void remove_files(struct backup *b)
{
    char side[PATH_MAX + 8];
    if (b->copied)
        (void)unlink(b->path); /* as below: what is left is told by the failure already */
    for (int i = 0; b->copied && i < 2; i++) {
        snprintf(side, sizeof side, "%s%s", b->path, i ? "-wal" : "-shm");
        (void)unlink(side);
    }
    if (b->journal_copied)
        (void)unlink(b->journal_path);
    if (b->keys_copied)
        (void)unlink(b->keys_path);
}

enum err backup_run(const char *dir, const char *path, int64_t now_ms, struct buf *detail)
{
    struct backup b = {.dir = dir, .path = path};
    enum err e = name_files(&b);
    if (e == ERR_OK)
        e = open_all(&b);
    if (e == ERR_OK)
        e = copy_files(&b);
    if (e == ERR_OK)
        e = record(&b, now_ms);
    if (e != ERR_OK) {
        if (b.store)
            buf_text(detail, store_detail(b.store));
        remove_files(&b);
    }
    control_close(b.control);
    journal_close(b.journal);
    store_close(b.store);
    return e;
}
