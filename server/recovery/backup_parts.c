/* The journal goes in as the bytes of its file, cut into blocks; the keys as one packed message. Secrets don't stay in buffers. */
#include "server/recovery/backup_parts.h"

#include "base/key_file.h"
#include "base/limits.h"
#include "journal.pb-c.h"
#include "server/store/store_parts.h"
#include "wire/wire.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#define PART_JOURNAL JOURNAL_NAME
#define PART_KEYS "keys"

/* ---- the journal ---- */

enum err backup_put_journal(struct journal *j, struct db *copy)
{
    struct buf block = BUF_INIT;
    uint64_t at = 0;
    enum err e = ERR_OK;
    do {
        block.size = 0;
        e = journal_read(j, at, LIMIT_BACKUP_BLOCK, &block);
        if (e == ERR_OK && (block.size || at == 0)) /* an empty journal is one, too */
            e = store_part_put(copy, PART_JOURNAL, at, buf_slice(&block));
        at += block.size;
    } while (e == ERR_OK && block.size == LIMIT_BACKUP_BLOCK);
    buf_finish(&block);
    return e;
}

static enum err io_error(void)
{
    return errno == ENOSPC || errno == EDQUOT || errno == EFBIG ? ERR_DISK_FULL : errno == EEXIST ? ERR_EXISTS : ERR_IO;
}

static enum err write_whole(int file, struct slice bytes)
{
    for (size_t put = 0; put < bytes.size;) {
        ssize_t n = write(file, bytes.data + put, bytes.size - put);
        if (n < 0 && errno != EINTR)
            return io_error();
        put += n > 0 ? (size_t)n : 0;
    }
    return ERR_OK;
}

static enum err write_blocks(struct db *backup, int file)
{
    struct buf block = BUF_INIT;
    uint64_t at = 0;
    enum err e = ERR_OK;
    do {
        block.size = 0;
        e = store_part_get(backup, PART_JOURNAL, at, &block);
        if (e == ERR_OK)
            e = write_whole(file, buf_slice(&block));
        at += block.size;
    } while (e == ERR_OK && block.size);
    buf_finish(&block);
    return e == ERR_NOT_FOUND && at > 0 ? ERR_OK : e; /* behind the last block */
}

enum err backup_take_journal(struct db *backup, const char *path)
{
    int file = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (file < 0)
        return io_error();
    enum err e = write_blocks(backup, file);
    if (close(file) != 0 && e == ERR_OK)
        e = io_error();
    if (e != ERR_OK)
        (void)unlink(path); /* half of it helps nobody; the failure is told */
    return e;
}

/* ---- the keys ---- */

static const char *const KEY_FILES[] = {"ca.key", "ca.pem", "server.key", "server.pem", "head.key", "person.key"};
#define KEY_COUNT (sizeof KEY_FILES / sizeof *KEY_FILES)
#define KEYS_ARENA (2u * KEY_COUNT * KEY_FILE_SIZE_MAX)

static void finish_secret(struct buf *b)
{
    if (b->data)
        explicit_bzero(b->data, b->capacity);
    buf_finish(b);
}

enum err backup_put_keys(const char *dir, struct db *copy)
{
    struct buf bytes[KEY_COUNT] = {BUF_INIT}, packed = BUF_INIT;
    Journal__KeyFile files[KEY_COUNT], *list[KEY_COUNT];
    Journal__Keys keys = JOURNAL__KEYS__INIT;
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
    if (e == ERR_OK)
        e = store_part_put(copy, PART_KEYS, 0, buf_slice(&packed));
    for (size_t i = 0; i < KEY_COUNT; i++)
        finish_secret(&bytes[i]);
    finish_secret(&packed);
    return e;
}

static bool is_key_file(const char *name)
{
    for (size_t i = 0; i < KEY_COUNT; i++)
        if (strcmp(name, KEY_FILES[i]) == 0)
            return true;
    return false;
}

static enum err put_files(const Journal__Keys *keys, const char *dir)
{
    enum err e = ERR_OK;
    for (size_t i = 0; i < keys->n_file && e == ERR_OK; i++) {
        const Journal__KeyFile *f = keys->file[i];
        if (!f->name || !is_key_file(f->name))
            return ERR_CORRUPT;
        e = key_file_write(dir, f->name, slice_of(f->bytes.data, f->bytes.len), KEY_FILE_NEW);
        if (e == ERR_EXISTS)
            e = ERR_OK; /* what the folder has is its own */
    }
    return e;
}

/* *m lives in the arena. */
static enum err open_keys(struct db *backup, struct buf *packed, struct arena *arena, const Journal__Keys **out)
{
    ProtobufCMessage *m;
    enum err e = store_part_get(backup, PART_KEYS, 0, packed);
    if (e == ERR_OK)
        e = wire_open(&journal__keys__descriptor, buf_slice(packed), arena, &m);
    if (e == ERR_OK)
        *out = (const Journal__Keys *)m;
    return e == ERR_WIRE ? ERR_CORRUPT : e;
}

enum err backup_take_keys(struct db *backup, const char *dir)
{
    struct buf packed = BUF_INIT;
    struct arena arena;
    const Journal__Keys *keys;
    arena_init(&arena, KEYS_ARENA);
    enum err e = open_keys(backup, &packed, &arena, &keys);
    if (e == ERR_OK)
        e = put_files(keys, dir);
    arena_finish(&arena);
    finish_secret(&packed);
    return e;
}

static bool is_other_authority(const Journal__Keys *keys, struct slice ca)
{
    bool other = false;
    for (size_t i = 0; i < keys->n_file; i++)
        if (keys->file[i]->name && strcmp(keys->file[i]->name, "ca.pem") == 0)
            other = !slice_equal(slice_of(keys->file[i]->bytes.data, keys->file[i]->bytes.len), ca);
    return other;
}

enum err backup_is_foreign(struct db *backup, const char *dir, bool *foreign)
{
    struct buf packed = BUF_INIT, ca = BUF_INIT;
    struct arena arena;
    const Journal__Keys *keys;
    arena_init(&arena, KEYS_ARENA);
    *foreign = false;
    enum err e = key_file_read(dir, "ca.pem", &ca);
    if (e == ERR_OK)
        e = open_keys(backup, &packed, &arena, &keys);
    if (e == ERR_OK)
        *foreign = is_other_authority(keys, buf_slice(&ca));
    buf_finish(&ca);
    arena_finish(&arena);
    finish_secret(&packed);
    return e == ERR_NOT_FOUND ? ERR_OK : e;
}
