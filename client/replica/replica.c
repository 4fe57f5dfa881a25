/* A seat's folder: making it, opening it, what it says of itself. */
#include "client/replica/outbox.h"
#include "client/replica/replica_sync.h"
#include "base/clock.h"
#include "base/dir.h"
#include "base/limits.h"
#include "base/tr.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define DAY_MS 86400000ll

static void file_path(const char *dir, const char *name, struct buf *out)
{
    buf_format(out, "%s/%s", dir, name);
    (void)buf_c_string(out); /* for its final zero */
}

/* ---- making one ---- */

static enum err fill_facts(struct replica *r, const struct replica_seat *seat, int64_t now_ms)
{
    struct incarnation i;
    enum err e = ERR_OK;
    const struct { const char *key, *value; } texts[] = {
        {"person", seat->person}, {"roles", seat->roles}, {"server", seat->server}, {"district", seat->district}};
    const struct { const char *key; int64_t value; } numbers[] = {
        {"seat", seat->number}, {"home", seat->home}, {"last_contact_ms", now_ms}};
    for (size_t n = 0; e == ERR_OK && n < sizeof texts / sizeof *texts; n++)
        e = replica_meta_put(r, texts[n].key, slice_text(texts[n].value));
    for (size_t n = 0; e == ERR_OK && n < sizeof numbers / sizeof *numbers; n++)
        e = replica_meta_put_integer(r, numbers[n].key, numbers[n].value);
    if (e == ERR_OK)
        e = sql_run(r->db, "INSERT INTO org(number, parent, code, name, level, state, held) VALUES(?1, 0, ?2, ?3, ?4, 'active', 1)",
                    "ittt", (int64_t)seat->home, slice_text(seat->home_code), slice_text(seat->home_name), slice_text(seat->home_level));
    if (e == ERR_OK)
        e = sql_run(r->db, "INSERT INTO person(seat, name) VALUES(?1, ?2)", "it", (int64_t)seat->number, slice_text(seat->person));
    r->fill(i.bytes, sizeof i.bytes);
    return e == ERR_OK ? outbox_begin_incarnation(r, i) : e;
}

enum err inner_all_in_file(struct db *db)
{
    int64_t frames, left;
    enum err e = db_checkpoint(db, &frames, &left);
    return e == ERR_OK && left > 0 ? ERR_BUSY : e;
}

/* The file comes to be under another name, so that a torn `join` leaves nothing that looks like a seat. */
static enum err create_at(const char *path, const char *dir, const struct replica_seat *seat, int64_t now_ms)
{
    struct replica *r = calloc(1, sizeof *r);
    if (!r)
        return ERR_MEMORY;
    r->fill = random_fill;
    r->dir = strdup(dir);
    CHECK(r->dir);
    arena_init(&r->facts_arena, LIMIT_FRAME);
    enum err e = db_open(path, DB_CLIENT, DB_CREATE, REPLICA_VERSION, &r->db);
    if (e == ERR_OK) {
        e = inner_begin(r);
        if (e == ERR_OK) {
            e = schema_create(r->db);
            if (e == ERR_OK)
                e = fill_facts(r, seat, now_ms);
            e = inner_end(r, e);
        }
    }
    if (e == ERR_OK)
        e = inner_all_in_file(r->db);
    replica_close(r);
    return e;
}

void inner_unlink(const char *path)
{
    struct buf other = BUF_INIT;
    (void)unlink(path); /* it may not be there */
    for (int i = 0; i < 2; i++) {
        other.size = 0;
        buf_format(&other, "%s%s", path, i ? "-shm" : "-wal");
        (void)unlink(buf_c_string(&other));
    }
    buf_finish(&other);
}

/* Durable when it returns: the code that gave the seat cannot be used by another key. */
static enum err create_named(const char *dir, const struct replica_seat *seat, int64_t now_ms)
{
    struct buf path = BUF_INIT, half = BUF_INIT;
    file_path(dir, REPLICA_FILE, &path);
    file_path(dir, REPLICA_FILE ".new", &half);
    const char *at = buf_c_string(&path), *half_at = buf_c_string(&half);
    enum err e = access(at, F_OK) == 0 ? ERR_EXISTS : ERR_OK;
    if (e == ERR_OK) {
        inner_unlink(half_at);
        e = create_at(half_at, dir, seat, now_ms);
        if (e == ERR_OK && rename(half_at, at) != 0)
            e = ERR_IO;
        inner_unlink(half_at);
    }
    if (e == ERR_OK)
        e = dir_sync(dir);
    buf_finish(&half);
    buf_finish(&path);
    return e;
}

enum err replica_create(const char *dir, const struct replica_seat *seat, int64_t now_ms)
{
    struct db_lock *hold;
    enum err e = dir_make(dir);
    if (e != ERR_OK)
        return e;
    e = replica_settle(dir);
    if (e != ERR_NOT_FOUND)
        return e == ERR_OK ? ERR_EXISTS : e;
    e = hold_alone(dir, &hold);
    if (e != ERR_OK)
        return e;
    e = create_named(dir, seat, now_ms);
    if (e == ERR_OK)
        replica_forget_ended(dir);
    db_lock_close(hold);
    return e;
}

/* ---- opening one ---- */

static enum err open_tables(struct replica *r)
{
    enum err e = schema_specs(r);
    if (e == ERR_OK)
        e = table_set_open(r->db, r->specs, r->spec_count, &r->tables);
    if (e == ERR_OK)
        e = table_set_is_kept(r->tables);
    if (e == ERR_OK)
        e = schema_renew(r);
    return e;
}

static enum err open_at(const char *dir, const char *path, struct replica **out)
{
    struct replica_facts facts;
    struct replica *r = calloc(1, sizeof *r);
    if (!r)
        return ERR_MEMORY;
    r->fill = random_fill;
    r->facts_stale = true;
    r->dir = strdup(dir);
    CHECK(r->dir);
    arena_init(&r->facts_arena, LIMIT_FRAME);
    enum err e = db_open(path, DB_CLIENT, DB_OPEN, REPLICA_VERSION, &r->db);
    if (e == ERR_OK)
        e = open_tables(r);
    if (e == ERR_OK)
        e = replica_facts(r, &facts);
    if (e != ERR_OK) {
        replica_close(r);
        return e;
    }
    *out = r;
    return ERR_OK;
}

/* The whole file is looked at once a day, and after anybody met damage in it. */
static bool is_to_check(struct replica *r, int64_t now_ms, const char *suspect)
{
    int64_t checked = replica_meta_integer(r, "checked_ms", 0);
    return access(suspect, F_OK) == 0 || now_ms - checked >= DAY_MS || checked > now_ms;
}

static enum err check_whole(struct replica *r, int64_t now_ms, const char *suspect)
{
    if (!is_to_check(r, now_ms, suspect))
        return ERR_OK;
    enum err e = db_integrity(r->db);
    if (e == ERR_OK)
        e = replica_meta_put_integer(r, "checked_ms", now_ms);
    return e == ERR_CORRUPT ? e : ERR_OK; /* on a full disk it is looked at again next time, and all can still be read */
}

static enum err open_checked(const char *dir, const char *path, const char *suspect, int64_t now_ms, struct replica **out)
{
    struct replica *r;
    enum err e = open_at(dir, path, &r);
    if (e != ERR_OK)
        return e;
    e = check_whole(r, now_ms, suspect);
    if (e == ERR_OK)
        *out = r;
    else
        replica_close(r);
    return e;
}

/* inode: of the file that was tried. Held before it is opened, so that the name stays with that file. */
static enum err open_held(const char *dir, const char *path, const char *suspect, int64_t now_ms, struct replica **out, uint64_t *inode)
{
    struct db_lock *held;
    struct stat st = {0};
    enum err e = hold_with_others(dir, &held);
    if (e != ERR_OK)
        return e;
    (void)stat(path, &st); /* opening says what is wrong */
    *inode = st.st_ino;
    e = open_checked(dir, path, suspect, now_ms, out);
    if (e != ERR_OK) {
        db_lock_close(held);
        return e;
    }
    (*out)->held = held;
    (*out)->inode = st.st_ino;
    return ERR_OK;
}

enum err replica_settle(const char *dir)
{
    struct buf path = BUF_INIT;
    enum err e = replica_wipe_finish(dir);
    file_path(dir, REPLICA_FILE, &path);
    if (e == ERR_OK && access(buf_c_string(&path), F_OK) != 0 && errno == ENOENT)
        e = replica_salvage_finish(dir);
    buf_finish(&path);
    return e;
}

enum err replica_open(const char *dir, int64_t now_ms, struct replica **out)
{
    struct buf path = BUF_INIT, suspect = BUF_INIT;
    uint64_t inode = 0;
    file_path(dir, REPLICA_FILE, &path);
    file_path(dir, REPLICA_FILE ".suspect", &suspect);
    const char *at = buf_c_string(&path), *suspect_at = buf_c_string(&suspect);
    enum err e = replica_settle(dir);
    if (e == ERR_OK) {
        e = open_held(dir, at, suspect_at, now_ms, out, &inode);
        if (e == ERR_CORRUPT && (e = replica_salvage(dir, inode)) == ERR_OK)
            e = open_held(dir, at, suspect_at, now_ms, out, &inode);
        if (e == ERR_OK) {
            (void)unlink(suspect_at); /* there may be none */
            roles_scrub(*out);
        }
    }
    buf_finish(&suspect);
    buf_finish(&path);
    return e;
}

enum err inner_suspect(struct replica *r, enum err e)
{
    if (e != ERR_CORRUPT)
        return e;
    struct buf path = BUF_INIT;
    file_path(r->dir, REPLICA_FILE ".suspect", &path);
    int fd = open(buf_c_string(&path), O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
    if (fd >= 0)
        close(fd);
    buf_finish(&path);
    return inner_fail(r, e, _("The database on this device is damaged. Next: give the command again; what can be read is then carried over."));
}

void replica_close(struct replica *r)
{
    if (!r)
        return;
    replica_unlock_agent(r);
    if (r->depth > 0)
        db_rollback(r->db);
    if (r->tables)
        table_set_close(r->tables);
    if (r->db)
        db_close(r->db);
    db_lock_close(r->held); /* only now: closing still touches the files */
    arena_finish(&r->facts_arena);
    buf_finish(&r->detail);
    free(r->specs);
    free(r->dir);
    free(r);
}

const char *replica_dir(const struct replica *r)
{
    return r->dir;
}

const char *replica_detail(const struct replica *r)
{
    return r->detail.size ? buf_c_string((struct buf *)&r->detail) : "";
}

void replica_set_random(struct replica *r, void (*fill)(void *out, size_t size))
{
    r->fill = fill ? fill : random_fill;
}

static bool has_certificate(const char *dir)
{
    struct buf path = BUF_INIT;
    buf_format(&path, "%s/cert.pem", dir);
    bool found = access(buf_c_string(&path), F_OK) == 0;
    buf_finish(&path);
    return found;
}

void replica_explain(enum err why, const char *dir, struct buf *out)
{
    switch (why) {
    case ERR_NOT_FOUND:
        if (replica_is_ended(dir))
            buf_format(out, _("The district has ended the seat that was in %s; what it still had was handed over, its data here are destroyed. Next: ask for a new invitation, then banyan join -"),
                       dir);
        else if (has_certificate(dir))
            buf_format(out, _("The database banyan.db in %s is gone, though the keys of its seat are there. What was sent is on the server; what was not sent is in no other place. Next: put banyan.db back from a copy of this folder, if there is one; it then catches up by itself. If not, ask the chair or the district to revoke this seat and for a new invitation, then banyan join - with another folder (--data). If you were just joining: banyan join - with the same code again."),
                       dir);
        else
            buf_format(out, _("Nobody has joined in %s yet. Next: banyan join -"), dir);
        break;
    case ERR_FOREIGN:
        buf_format(out, _("The database in %s is not one of this program. Next: choose another folder with --data."), dir);
        break;
    case ERR_NEWER:
        buf_format(out, _("The database in %s was made by a newer version. Next: renew this program."), dir);
        break;
    case ERR_CORRUPT:
        buf_format(out, _("The database in %s is damaged and could not be repaired; it was left as it is. Next: ask the district for help."), dir);
        break;
    case ERR_LOCKED:
        buf_format(out, _("Another process uses %s. Next: stop it, or wait until it has finished."), dir);
        break;
    case ERR_DISK_FULL:
        buf_format(out, _("The disk that holds %s is full. Next: make room, then try again."), dir);
        break;
    case ERR_EXISTS:
        buf_format(out, _("Somebody has joined in %s already. Next: choose another folder with --data."), dir);
        break;
    default:
        buf_format(out, "%s: %s", dir, _(err_text(why)));
    }
}
