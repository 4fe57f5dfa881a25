/* The control journal's file. What is appended is whole, synced and in place before journal_append answers; what a crash left
 * half written at the end is cut off by the next append, under the lock, and never read.
 *
 *   u32 BE size of body | u8 type | u64 BE number | body | first 8 bytes of SHA-256 of all before in the record
 *
 * Numbers count from 1 without holes, so that a record out of place is found as well as a damaged one. Readers and writers of
 * other processes may stand at any record: each holds (offset, number) of the one that it read last. */
#include "server/control/journal.h"

#include "base/limits.h"
#include "tls/tls.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define HEAD_SIZE 13u
#define SUM_SIZE 8u

struct journal {
    int file;
    enum journal_mode mode;
    uint64_t number; /* the record that ends at offset */
    off_t offset;
    struct buf record; /* the one read last */
};

static uint64_t read_be(const uint8_t *at, size_t size)
{
    uint64_t v = 0;
    for (size_t i = 0; i < size; i++)
        v = v << 8 | at[i];
    return v;
}

static enum err io_error(void)
{
    return errno == ENOSPC || errno == EDQUOT || errno == EFBIG ? ERR_DISK_FULL : ERR_IO;
}

static enum err lock(struct journal *j, int how)
{
    while (flock(j->file, how) != 0)
        if (errno != EINTR)
            return ERR_IO;
    return ERR_OK;
}

static void unlock(struct journal *j)
{
    (void)flock(j->file, LOCK_UN); /* cannot fail on an open file; closing would let go, too */
}

/* Reads size bytes at offset; *whole false where the file ends before. */
static enum err read_at(int file, off_t offset, uint8_t *out, size_t size, bool *whole)
{
    size_t got = 0;
    while (got < size) {
        ssize_t n = pread(file, out + got, size - got, offset + (off_t)got);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return ERR_IO;
        if (n == 0)
            break;
        got += (size_t)n;
    }
    *whole = got == size;
    return ERR_OK;
}

static enum err write_at(int file, off_t offset, struct slice bytes)
{
    size_t put = 0;
    while (put < bytes.size) {
        ssize_t n = pwrite(file, bytes.data + put, bytes.size - put, offset + (off_t)put);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return io_error();
        put += (size_t)n;
    }
    return ERR_OK;
}

static enum err sync_folder(const char *dir)
{
    int folder = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (folder < 0)
        return ERR_IO;
    enum err e = fsync(folder) == 0 ? ERR_OK : ERR_IO;
    close(folder);
    return e;
}

static size_t record_size(const struct journal *j)
{
    return HEAD_SIZE + (size_t)read_be(j->record.data, 4) + SUM_SIZE;
}

static bool sum_is_right(struct slice record)
{
    uint8_t sum[32];
    tls_sha256(slice_of(record.data, record.size - SUM_SIZE), sum);
    return memcmp(record.data + record.size - SUM_SIZE, sum, SUM_SIZE) == 0;
}

/* Is a record that is not sound the torn end of a crash, or damage? Appends are synced one by one, so nothing stands after a
 * torn one but, where the file grew before its data came, zeros. */
static enum err judge_tail(struct journal *j, uint64_t size)
{
    struct stat facts;
    uint8_t block[4096];
    if (fstat(j->file, &facts) != 0)
        return ERR_IO;
    if ((uint64_t)(facts.st_size - j->offset) <= size)
        return ERR_OK;
    for (off_t at = j->offset; at < facts.st_size;) {
        bool whole;
        size_t part = (size_t)(facts.st_size - at) < sizeof block ? (size_t)(facts.st_size - at) : sizeof block;
        enum err e = read_at(j->file, at, block, part, &whole);
        if (e != ERR_OK)
            return e;
        for (size_t i = 0; i < part; i++)
            if (block[i] != 0)
                return ERR_CORRUPT;
        at += (off_t)part;
    }
    return ERR_OK;
}

/* Reads the record at j->offset into j->record. *more false where no whole, sound record stands. */
static enum err read_record(struct journal *j, bool *more)
{
    uint8_t head[HEAD_SIZE];
    enum err e = read_at(j->file, j->offset, head, sizeof head, more);
    if (e != ERR_OK || !*more)
        return e;
    size_t size = HEAD_SIZE + (size_t)read_be(head, 4) + SUM_SIZE;
    if (size > LIMIT_JOURNAL_RECORD + HEAD_SIZE + SUM_SIZE || read_be(head + 5, 8) != j->number + 1) {
        *more = false;
        return judge_tail(j, size);
    }
    j->record.size = 0;
    buf_reserve(&j->record, size);
    e = read_at(j->file, j->offset, j->record.data, size, more);
    if (e != ERR_OK || !*more)
        return e;
    j->record.size = size;
    if (sum_is_right(buf_slice(&j->record)))
        return ERR_OK;
    *more = false;
    return judge_tail(j, size);
}

/* Steps to the end of the last sound record. */
static enum err walk_to_end(struct journal *j)
{
    bool more = true;
    while (more) {
        enum err e = read_record(j, &more);
        if (e != ERR_OK)
            return e;
        if (more) {
            j->offset += (off_t)record_size(j);
            j->number++;
        }
    }
    return ERR_OK;
}

static enum err open_file(const char *path, enum journal_mode mode, struct journal **out)
{
    struct stat facts;
    int flags = (mode == JOURNAL_READ ? O_RDONLY : O_RDWR) | (mode == JOURNAL_CREATE ? O_CREAT | O_EXCL : 0) | O_CLOEXEC;
    int file = open(path, flags, 0600);
    if (file < 0)
        return errno == EEXIST ? ERR_EXISTS : errno == ENOENT ? ERR_NOT_FOUND : io_error();
    struct journal *j = calloc(1, sizeof *j);
    CHECK(j);
    j->file = file;
    j->mode = mode;
    enum err e = fstat(file, &facts) == 0 && S_ISREG(facts.st_mode) ? ERR_OK : ERR_FOREIGN;
    if (e == ERR_OK)
        e = lock(j, LOCK_SH);
    if (e == ERR_OK) {
        e = walk_to_end(j); /* finds damage now, not when a revoke has to be written */
        unlock(j);
    }
    if (e != ERR_OK) {
        journal_close(j);
        return e;
    }
    *out = j;
    return ERR_OK;
}

enum err journal_open(const char *dir, enum journal_mode mode, struct journal **out)
{
    struct buf path = BUF_INIT;
    struct journal *j;
    buf_format(&path, "%s/" JOURNAL_NAME, dir);
    enum err e = open_file(buf_c_string(&path), mode, &j);
    buf_finish(&path);
    if (e == ERR_OK && mode == JOURNAL_CREATE && (e = sync_folder(dir)) != ERR_OK)
        journal_close(j);
    if (e == ERR_OK)
        *out = j;
    return e;
}

enum err journal_open_copy(const char *path, struct journal **out)
{
    return open_file(path, JOURNAL_READ, out);
}

void journal_close(struct journal *j)
{
    if (!j)
        return;
    close(j->file);
    buf_finish(&j->record);
    free(j);
}

static void put_record(struct buf *out, uint8_t type, uint64_t number, struct slice body)
{
    uint8_t sum[32];
    buf_u32(out, (uint32_t)body.size);
    buf_byte(out, type);
    buf_u64(out, number);
    buf_append_slice(out, body);
    tls_sha256(buf_slice(out), sum);
    buf_append(out, sum, SUM_SIZE);
}

/* Under the lock: others may have appended since, and a crash may have left a torn end. A failed append is taken back, so that
 * a full disk leaves no half record. */
static enum err append_locked(struct journal *j, uint8_t type, struct slice body)
{
    struct buf record = BUF_INIT;
    enum err e = walk_to_end(j);
    if (e == ERR_OK && ftruncate(j->file, j->offset) != 0)
        e = io_error();
    if (e == ERR_OK) {
        put_record(&record, type, j->number + 1, body);
        e = write_at(j->file, j->offset, buf_slice(&record));
        if (e == ERR_OK && fdatasync(j->file) != 0)
            e = io_error();
        if (e != ERR_OK && ftruncate(j->file, j->offset) != 0)
            e = ERR_IO;
    }
    if (e == ERR_OK) {
        j->offset += (off_t)record.size;
        j->number++;
    }
    buf_finish(&record);
    return e;
}

enum err journal_append(struct journal *j, uint8_t type, struct slice body, uint64_t *number)
{
    CHECK(j->mode != JOURNAL_READ && body.size <= LIMIT_JOURNAL_RECORD);
    enum err e = lock(j, LOCK_EX);
    if (e != ERR_OK)
        return e;
    e = append_locked(j, type, body);
    unlock(j);
    if (e == ERR_OK)
        *number = j->number;
    return e;
}

enum err journal_next(struct journal *j, uint64_t after, uint64_t *number, uint8_t *type, struct slice *body, bool *more)
{
    enum err e = ERR_OK;
    bool found = true;
    if (j->number > after) {
        j->number = 0;
        j->offset = 0;
    }
    while (e == ERR_OK && found && j->number <= after) {
        e = read_record(j, &found);
        if (e == ERR_OK && found) {
            j->offset += (off_t)record_size(j);
            j->number++;
        }
    }
    if (e != ERR_OK)
        return e;
    *more = found;
    if (found) {
        *number = j->number;
        *type = j->record.data[4];
        *body = slice_of(j->record.data + HEAD_SIZE, j->record.size - HEAD_SIZE - SUM_SIZE);
    }
    return ERR_OK;
}

/* What stands before the end of a whole record never changes: only the look for that end is under the lock. */
enum err journal_read(struct journal *j, uint64_t at, size_t size_max, struct buf *out)
{
    bool whole = true;
    enum err e = lock(j, LOCK_SH);
    if (e == ERR_OK) {
        e = walk_to_end(j);
        unlock(j);
    }
    uint64_t left = e == ERR_OK && at < (uint64_t)j->offset ? (uint64_t)j->offset - at : 0;
    size_t size = left < size_max ? (size_t)left : size_max;
    if (e != ERR_OK || size == 0)
        return e;
    buf_reserve(out, size);
    e = read_at(j->file, (off_t)at, out->data + out->size, size, &whole);
    if (e == ERR_OK && !whole)
        e = ERR_IO;
    if (e == ERR_OK)
        out->size += size;
    return e;
}

static enum err copy_bytes(struct journal *j, int to)
{
    uint8_t block[65536];
    off_t at = 0;
    while (at < j->offset) {
        bool whole;
        size_t size = (size_t)(j->offset - at) < sizeof block ? (size_t)(j->offset - at) : sizeof block;
        enum err e = read_at(j->file, at, block, size, &whole);
        if (e == ERR_OK && !whole)
            e = ERR_IO;
        if (e == ERR_OK)
            e = write_at(to, at, slice_of(block, size));
        if (e != ERR_OK)
            return e;
        at += (off_t)size;
    }
    return fsync(to) == 0 ? ERR_OK : io_error();
}

enum err journal_copy(struct journal *j, const char *path)
{
    int to = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (to < 0)
        return errno == EEXIST ? ERR_EXISTS : io_error();
    enum err e = lock(j, LOCK_SH);
    if (e == ERR_OK) {
        e = walk_to_end(j);
        if (e == ERR_OK)
            e = copy_bytes(j, to);
        unlock(j);
    }
    if (close(to) != 0 && e == ERR_OK)
        e = io_error();
    if (e != ERR_OK)
        (void)unlink(path); /* half a copy helps nobody; the failure is told already */
    return e;
}
