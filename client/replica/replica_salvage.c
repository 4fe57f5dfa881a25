/* A damaged file: set aside, and what can be read is carried over (lessons 26), while nobody else has it open (replica_hold.c).
 * Order: the new file is made whole and synced under another name first; then the damaged one is moved aside, its WAL
 * after it; then the new one takes its place. So a new file without the damaged one is whole: whoever opens the folder next after a
 * crash in between takes the last steps (replica_salvage_finish). */
#include "client/replica/outbox.h"
#include "client/replica/replica_sync.h"
#include "base/clock.h"
#include "base/dir.h"
#include "base/limits.h"
#include "base/log.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define ASIDE REPLICA_FILE ".damaged"

/* What a new file needs of the old one. Positions, entries of the line and rows come again from the server. */
static const struct {
    const char *table, *columns;
    bool needed, rowids;
} carried[] = {
    {"meta", "key, value", true, false},
    {"org", "number, parent, code, name, level, state, held", true, true},
    {"incarnation", "incarnation, parent, fork_n", true, true},
    {"outbox", "local, incarnation, n, org, kind, id, grp, made_ms, bytes, hash, state, seq, refusal", false, true},
    {"attention", "id, hash, org, kind, record, grp, n, bytes, refusal, at_ms", false, true},
    {"handled", "hash", false, false},
    {"taken_in", "hash", false, false},
    {"person", "seat, name", false, true},
    {"person_roles", "seat, roles", false, false},
    {"late_entry", "path, seq, org, entry, dealt", false, false}, /* the server has it no more (rule 27) */
    {"erasure", "id, org, at_ms, erasure, mac, told, listed", false, false},
    {"erased", "kind, id, tags", false, false},
    {"seen_head", "org, seq, chain, mac, at_ms, state, now_chain, now_mac", false, false},
    {"number_was", "kind, id, field, number, org, at_ms, told, noted", false, false},
    {"rewritten", "org, seq, seen_ms, after, after_ms, found_ms, noted_ms", false, false},
};

static void quote_literal(struct buf *out, const char *text)
{
    buf_byte(out, '\'');
    for (; *text; text++) {
        if (*text == '\'')
            buf_byte(out, '\'');
        buf_byte(out, (uint8_t)*text);
    }
    buf_byte(out, '\'');
}

/* No damage: what it hinders can be done later, and nothing may be left out because of it. */
static bool is_passing(enum err e)
{
    return e == ERR_DISK_FULL || e == ERR_MEMORY || e == ERR_BUSY;
}

static enum err copy_range(struct db *db, size_t i, int64_t from, int64_t to)
{
    struct buf sql = BUF_INIT;
    buf_format(&sql, "INSERT OR IGNORE INTO main.%s(%s) SELECT %s FROM damaged.%s WHERE rowid BETWEEN ?1 AND ?2", carried[i].table,
               carried[i].columns, carried[i].columns, carried[i].table);
    enum err e = sql_run(db, buf_c_string(&sql), "ii", from, to);
    buf_finish(&sql);
    return e;
}

/* Halved until what cannot be read stands alone, so that a damaged page costs what stands on it and no more than that. */
static enum err copy_halves(struct db *db, size_t i, int64_t from, int64_t to)
{
    enum err e = from > to ? ERR_OK : copy_range(db, i, from, to);
    if (is_passing(e))
        return e;
    if (e == ERR_OK || from == to)
        return ERR_OK;
    int64_t middle = from + (to - from) / 2;
    e = copy_halves(db, i, from, middle);
    return e == ERR_OK ? copy_halves(db, i, middle + 1, to) : e;
}

/* One end of a table's rowids; where even that cannot be found, what was made here is within the bound. */
static int64_t end_of(struct db *db, size_t i, const char *which, int64_t otherwise)
{
    struct buf sql = BUF_INIT;
    int64_t found;
    buf_format(&sql, "SELECT %s(rowid) FROM damaged.%s", which, carried[i].table);
    if (sql_integer(db, 0, &found, buf_c_string(&sql), "") != ERR_OK)
        found = otherwise;
    buf_finish(&sql);
    return found;
}

#define ROWIDS_MAX (1 << 16) /* changes that wait at once are far fewer */

/* From both ends, as far as it goes: a table without rowids is read in the order of its key. */
static void copy_ends(struct db *db, size_t i)
{
    const char *const orders[] = {"ASC", "DESC"};
    struct buf sql = BUF_INIT;
    for (int o = 0; o < 2; o++)
        for (int64_t limit = 4096; limit > 0; limit /= 4) {
            sql.size = 0;
            buf_format(&sql, "INSERT OR IGNORE INTO main.%s(%s) SELECT %s FROM damaged.%s ORDER BY 1 %s LIMIT %lld", carried[i].table,
                       carried[i].columns, carried[i].columns, carried[i].table, orders[o], (long long)limit);
            if (db_exec(db, buf_c_string(&sql)) == ERR_OK)
                break;
        }
    buf_finish(&sql);
}

static enum err carry(struct db *db, size_t i, int64_t *count)
{
    struct buf sql = BUF_INIT;
    buf_format(&sql, "INSERT OR IGNORE INTO main.%s(%s) SELECT %s FROM damaged.%s", carried[i].table, carried[i].columns,
               carried[i].columns, carried[i].table);
    enum err e = db_exec(db, buf_c_string(&sql));
    if (e != ERR_OK && !is_passing(e) && !carried[i].rowids)
        copy_ends(db, i);
    else if (e != ERR_OK && !is_passing(e) && copy_halves(db, i, end_of(db, i, "min", -ROWIDS_MAX), end_of(db, i, "max", ROWIDS_MAX)) != ERR_OK)
        e = ERR_DISK_FULL;
    sql.size = 0;
    buf_format(&sql, "SELECT count(*) FROM main.%s", carried[i].table);
    if (sql_integer(db, 0, count, buf_c_string(&sql), "") != ERR_OK)
        *count = 0;
    buf_finish(&sql);
    if (is_passing(e))
        return e;
    return *count > 0 || !carried[i].needed ? ERR_OK : e != ERR_OK ? ERR_CORRUPT : ERR_OK;
}

static enum err carry_all(struct db *db, const char *damaged)
{
    struct buf sql = BUF_INIT;
    enum err e;
    buf_text(&sql, "ATTACH ");
    quote_literal(&sql, damaged);
    buf_text(&sql, " AS damaged");
    e = db_exec(db, buf_c_string(&sql));
    buf_finish(&sql);
    for (size_t i = 0; e == ERR_OK && i < sizeof carried / sizeof *carried; i++) {
        int64_t count;
        e = carry(db, i, &count);
        log_warn("replica", "carried %lld rows of %s out of the damaged file", (long long)count, carried[i].table);
    }
    /* The numbers may have run on in pages that are lost: never give one twice. */
    if (e == ERR_OK)
        e = db_exec(db, "UPDATE main.meta SET value = CAST(max(CAST(value AS INTEGER), (SELECT ifnull(max(n), 0) + 1 FROM main.outbox WHERE"
                        " incarnation = (SELECT value FROM main.meta WHERE key = 'incarnation'))) AS TEXT) WHERE key = 'next_n'");
    /* The log comes anew: what fitted the lost one is looked for again (past.h). */
    if (e == ERR_OK)
        e = db_exec(db, "UPDATE main.seen_head SET state = 0 WHERE state = 1");
    return e == ERR_OK ? db_exec(db, "DETACH damaged") : e; /* before anybody looks for tables by name */
}

static enum err aside_name(const char *dir, struct buf *out)
{
    for (int i = 1; i < 1000; i++) {
        out->size = 0;
        buf_format(out, "%s/" ASIDE "-%d", dir, i);
        if (access(buf_c_string(out), F_OK) != 0 && errno == ENOENT)
            return ERR_OK;
    }
    return ERR_EXISTS;
}

/* Each pending record is shown again as soon as its rows come; until then it is shown from its own change. */
static enum err replay_all(struct replica *r)
{
    struct db_statement *s;
    struct buf list = BUF_INIT;
    bool row;
    struct waiting { struct id id; uint32_t kind, org; } w;
    enum err e = sql_ask(r->db, &s, "SELECT DISTINCT id, kind, org FROM outbox WHERE state < 2", "");
    while (e == ERR_OK && (e = db_step(s, &row)) == ERR_OK && row) {
        w = (struct waiting){db_id(s, 0), (uint32_t)db_integer(s, 1), (uint32_t)db_integer(s, 2)};
        buf_append(&list, &w, sizeof w);
    }
    for (size_t at = 0; e == ERR_OK && at < list.size; at += sizeof w) {
        struct arena arena;
        bool held;
        memcpy(&w, list.data + at, sizeof w);
        const struct kind *k = kind_by_number(w.kind);
        struct confirmed none = {.org = w.org};
        arena_init(&arena, LIMIT_ARENA);
        e = rows_held(r, w.org, &held);
        if (e == ERR_OK && k && held)
            e = rows_write(r, k, w.id, &none, &arena);
        arena_finish(&arena);
    }
    buf_finish(&list);
    return e;
}

/* Without the name under which changes are numbered none could be made: it goes on under a new one. */
static enum err keep_numbering(struct replica *r)
{
    struct incarnation i;
    uint64_t next;
    enum err e = outbox_current(r, &i, &next);
    if (e != ERR_CORRUPT)
        return e;
    r->fill(i.bytes, sizeof i.bytes);
    return outbox_begin_incarnation(r, i);
}

/* What it must have to take the other's place. ERR_CORRUPT: it has not, and the damaged file stays where it is. */
static enum err check_new(struct replica *r)
{
    struct replica_facts f;
    enum err e = replica_facts(r, &f);
    return e == ERR_OK ? keep_numbering(r) : e;
}

static enum err make_new(const char *at, const char *damaged)
{
    struct replica *r = calloc(1, sizeof *r);
    if (!r)
        return ERR_MEMORY;
    r->fill = random_fill;
    r->facts_stale = true;
    arena_init(&r->facts_arena, LIMIT_FRAME);
    enum err e = db_open(at, DB_CLIENT, DB_CREATE, REPLICA_VERSION, &r->db);
    if (e == ERR_OK)
        e = schema_create(r->db);
    if (e == ERR_OK)
        e = carry_all(r->db, damaged);
    if (e == ERR_OK)
        e = check_new(r);
    if (e == ERR_OK)
        e = schema_specs(r);
    if (e == ERR_OK)
        e = table_set_open(r->db, r->specs, r->spec_count, &r->tables);
    if (e == ERR_OK)
        e = replay_all(r);
    if (e == ERR_OK)
        e = replica_meta_put_integer(r, "salvaged", 1);
    if (e == ERR_OK)
        e = inner_all_in_file(r->db);
    replica_close(r);
    return e;
}

static void move_with_wal(const char *from, const char *to)
{
    static const char *const suffixes[] = {"-wal", "-shm"};
    struct buf a = BUF_INIT, b = BUF_INIT;
    for (int i = 0; i < 2; i++) {
        a.size = b.size = 0;
        buf_format(&a, "%s%s", from, suffixes[i]);
        buf_format(&b, "%s%s", to, suffixes[i]);
        (void)rename(buf_c_string(&a), buf_c_string(&b)); /* there may be none */
    }
    buf_finish(&a);
    buf_finish(&b);
}

/* The damaged file is out of the way; its WAL must be, too, before another file bears its name. */
static enum err give_place(const char *dir, const char *half, const char *path, const char *aside)
{
    move_with_wal(path, aside);
    enum err e = rename(half, path) == 0 ? ERR_OK : ERR_IO;
    return e == ERR_OK ? dir_sync(dir) : e;
}

struct salvage_names {
    struct buf path, making, half, aside; /* half of it is done where `half` is there: it is whole */
};

static void names_finish(struct salvage_names *n)
{
    buf_finish(&n->path);
    buf_finish(&n->making);
    buf_finish(&n->half);
    buf_finish(&n->aside);
}

static void names_make(const char *dir, struct salvage_names *n)
{
    *n = (struct salvage_names){BUF_INIT, BUF_INIT, BUF_INIT, BUF_INIT};
    buf_format(&n->path, "%s/" REPLICA_FILE, dir);
    buf_format(&n->making, "%s/" REPLICA_FILE ".salvaging", dir);
    buf_format(&n->half, "%s/" REPLICA_FILE ".salvaged", dir);
}

static bool is_cut_short(struct salvage_names *n)
{
    return access(buf_c_string(&n->path), F_OK) != 0 && errno == ENOENT && access(buf_c_string(&n->half), F_OK) == 0;
}

enum err replica_salvage_finish(const char *dir)
{
    struct salvage_names n;
    struct db_lock *lock = NULL;
    names_make(dir, &n);
    enum err e = is_cut_short(&n) ? hold_alone(dir, &lock) : ERR_NOT_FOUND;
    if (e == ERR_OK && is_cut_short(&n)) { /* still, and nobody else is at it */
        log_warn("replica", "%s takes the place of the damaged file, as a crash hindered before", buf_c_string(&n.half));
        e = aside_name(dir, &n.aside);
        if (e == ERR_OK)
            e = give_place(dir, buf_c_string(&n.half), buf_c_string(&n.path), buf_c_string(&n.aside));
    }
    db_lock_close(lock);
    names_finish(&n);
    return e;
}

/* Whole before it bears a name by which it could be taken for that. */
static enum err make_half(const char *dir, struct salvage_names *n)
{
    const char *making = buf_c_string(&n->making), *half = buf_c_string(&n->half);
    inner_unlink(making); /* of an attempt that was cut short: its WAL would be taken for the new file's */
    inner_unlink(half);
    enum err e = make_new(making, buf_c_string(&n->path));
    if (e == ERR_OK && rename(making, half) != 0)
        e = ERR_IO;
    if (e == ERR_OK)
        e = dir_sync(dir);
    if (e != ERR_OK)
        inner_unlink(making);
    return e;
}

static enum err salvage(const char *dir, struct salvage_names *n)
{
    const char *path = buf_c_string(&n->path), *half = buf_c_string(&n->half);
    enum err e = aside_name(dir, &n->aside);
    if (e != ERR_OK)
        return e;
    const char *aside = buf_c_string(&n->aside);
    log_error("replica", "%s is damaged; carrying over what can be read", path);
    e = make_half(dir, n);
    if (e == ERR_OK && rename(path, aside) != 0)
        e = ERR_IO;
    if (e != ERR_OK)
        return e;
    log_warn("replica", "the damaged file is kept as %s", aside);
    return give_place(dir, half, path, aside);
}

enum err replica_salvage(const char *dir, uint64_t inode)
{
    struct db_lock *lock = NULL;
    struct salvage_names n;
    struct stat st;
    names_make(dir, &n);
    enum err e = hold_alone(dir, &lock);
    if (e == ERR_OK && stat(buf_c_string(&n.path), &st) != 0)
        e = ERR_CORRUPT;
    /* Another file stands there by now: somebody else was faster. Of an empty one SQLite would delete the WAL, in which everything
     * may still stand. */
    if (e == ERR_OK && st.st_ino == inode)
        e = st.st_size > 0 ? salvage(dir, &n) : ERR_CORRUPT;
    db_lock_close(lock);
    names_finish(&n);
    return e;
}

/* ---- what was set aside ---- */

static enum err drop_file(const char *dir, const char *name, const char *held)
{
    struct buf path = BUF_INIT;
    buf_format(&path, "%s/%s", dir, name);
    enum err e = unlink(buf_c_string(&path)) == 0 || errno == ENOENT ? ERR_OK : ERR_IO;
    buf_finish(&path);
    if (e == ERR_OK)
        log_warn("replica", "%s was set aside when the database was damaged, and may hold %s: deleted", name, held);
    else
        log_error("replica", "%s may hold %s, and cannot be deleted: delete it by hand", name, held);
    return e;
}

enum err replica_drop_set_aside(const char *dir, const char *held)
{
    enum err e = ERR_OK;
    DIR *d = opendir(dir);
    if (!d)
        return ERR_IO;
    for (struct dirent *f; (f = readdir(d));)
        if (strncmp(f->d_name, ASIDE, strlen(ASIDE)) == 0 && drop_file(dir, f->d_name, held) != ERR_OK)
            e = ERR_IO;
    closedir(d);
    return e;
}
