/* Order of a backup: database, journal (later than the database, so that it knows all that the copy knows), keys, all in one
 * file that is checked and gets its name last; then the record of it. Before the record nobody's promise moves, so a backup that
 * breaks off costs nothing but its half file. */
#include "server/recovery/backup.h"

#include "server/recovery/backup_parts.h"
#include "server/store/store.h"
#include "server/store/store_cut.h"
#include "server/store/store_parts.h"

#include <limits.h>
#include <stdlib.h>
#include <unistd.h>

struct backup {
    const char *dir, *path;
    struct store *store;
    struct journal *journal;
    struct control *control;
};

static enum err open_all(struct backup *b)
{
    enum err e = store_open(b->dir, STORE_WRITE, &b->store);
    if (e == ERR_OK)
        e = journal_open(b->dir, JOURNAL_OPEN, &b->journal);
    return e == ERR_OK ? control_open(store_db(b->store), b->journal, &b->control) : e;
}

static enum err put_parts(struct backup *b, struct db *copy)
{
    enum err e = db_begin(copy);
    if (e == ERR_OK)
        e = store_parts_create(copy);
    if (e == ERR_OK)
        e = backup_put_journal(b->journal, copy);
    if (e == ERR_OK)
        e = backup_put_keys(b->dir, copy);
    if (e == ERR_OK)
        return db_commit(copy);
    db_rollback(copy);
    return e;
}

static enum err on_fill(void *to, struct db *copy)
{
    return put_parts(to, copy);
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

enum err backup_run(const char *dir, const char *path, int64_t now_ms, struct buf *detail)
{
    struct backup b = {.dir = dir, .path = path};
    enum err e = access(path, F_OK) == 0 ? ERR_EXISTS : open_all(&b);
    if (e == ERR_OK)
        e = db_backup_filled(store_db(b.store), path, on_fill, &b);
    if (e == ERR_OK) {
        e = record(&b, now_ms);
        if (e != ERR_OK)
            (void)unlink(path); /* what is left is told by the failure already */
    }
    if (e != ERR_OK && b.store)
        buf_text(detail, store_detail(b.store));
    control_close(b.control);
    journal_close(b.journal);
    store_close(b.store);
    return e;
}
