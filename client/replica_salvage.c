/* The end of a file: damaged (set aside, what can be read is carried over, lessons 26) or wiped (nothing is kept, rule 32).
 * Order of a salvage: the new file is made whole and synced under another name first; then the damaged one is moved aside; then
 * the new one takes its place. A crash in between leaves the damaged file or the new one, never nothing. */
#include "client/outbox.h"
#include "client/replica_sync.h"
#include "base/log.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* What a new file needs of the old one. Positions, kept entries and rows come again from the server. */
static const struct {
    const char *table, *columns;
    bool needed;
} carried[] = {
    {"meta", "key, value", true},
    {"org", "number, parent, code, name, level, state, held", true},
    {"incarnation", "incarnation, parent, fork_n", true},
    {"outbox", "local, incarnation, n, org, kind, id, grp, made_ms, bytes, hash, state, seq, refusal", false},
    {"attention", "id, hash, org, kind, record, grp, n, bytes, refusal, at_ms", false},
    {"handled", "hash", false},
    {"person", "seat, name", false},
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

/* Row by row, so that a damaged page costs what stands on it and no more than that. */
static enum err carry(struct db *db, size_t i, int64_t *count)
{
    struct buf sql = BUF_INIT;
    buf_format(&sql, "INSERT OR IGNORE INTO main.%s(%s) SELECT %s FROM damaged.%s", carried[i].table, carried[i].columns,
               carried[i].columns, carried[i].table);
    enum err e = db_exec(db, buf_c_string(&sql));
    if (e != ERR_OK) { /* as far as it goes, from the other end too */
        const char *const orders[] = {"ASC", "DESC"};
        for (int o = 0; o < 2; o++)
            for (int64_t limit = 4096; limit > 0; limit /= 4) {
                sql.size = 0;
                buf_format(&sql, "INSERT OR IGNORE INTO main.%s(%s) SELECT %s FROM damaged.%s ORDER BY 1 %s LIMIT %lld", carried[i].table,
                           carried[i].columns, carried[i].columns, carried[i].table, orders[o], (long long)limit);
                if (db_exec(db, buf_c_string(&sql)) == ERR_OK)
                    break;
            }
    }
    sql.size = 0;
    buf_format(&sql, "SELECT count(*) FROM main.%s", carried[i].table);
    if (sql_integer(db, 0, count, buf_c_string(&sql), "") != ERR_OK)
        *count = 0;
    buf_finish(&sql);
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
    return e == ERR_OK ? db_exec(db, "DETACH damaged") : e; /* before anybody looks for tables by name */
}

static enum err aside_name(const char *dir, struct buf *out)
{
    for (int i = 1; i < 1000; i++) {
        out->size = 0;
        buf_format(out, "%s/" REPLICA_FILE ".damaged-%d", dir, i);
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
        arena_init(&arena, 1u << 20);
        e = rows_held(r, w.org, &held);
        if (e == ERR_OK && k && held)
            e = rows_write(r, k, w.id, &none, &arena);
        arena_finish(&arena);
    }
    buf_finish(&list);
    return e;
}

static enum err make_new(const char *half, const char *damaged)
{
    struct replica *r = calloc(1, sizeof *r);
    if (!r)
        return ERR_MEMORY;
    enum err e = db_open(half, DB_CLIENT, DB_CREATE, REPLICA_VERSION, &r->db);
    if (e == ERR_OK)
        e = schema_create(r->db);
    if (e == ERR_OK)
        e = carry_all(r->db, damaged);
    if (e == ERR_OK)
        e = schema_specs(r);
    if (e == ERR_OK)
        e = table_set_open(r->db, r->specs, r->spec_count, &r->tables);
    if (e == ERR_OK)
        e = replay_all(r);
    if (e == ERR_OK)
        e = replica_meta_put_integer(r, "salvaged", 1);
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

static void sync_folder(const char *dir)
{
    int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd >= 0) {
        (void)fsync(fd); /* what cannot be synced here was synced by SQLite as a file */
        close(fd);
    }
}

enum err replica_salvage(const char *dir, int64_t now_ms)
{
    struct db_lock *lock = NULL;
    struct buf path = BUF_INIT, half = BUF_INIT, aside = BUF_INIT, lock_path = BUF_INIT;
    (void)now_ms;
    buf_format(&path, "%s/" REPLICA_FILE, dir);
    buf_format(&half, "%s/" REPLICA_FILE ".salvaged", dir);
    buf_format(&lock_path, "%s/agent.lock", dir);
    enum err e = db_lock_open(buf_c_string(&lock_path), &lock);
    if (e == ERR_OK)
        e = aside_name(dir, &aside);
    if (e == ERR_OK) {
        log_error("replica", "%s is damaged; carrying over what can be read", buf_c_string(&path));
        (void)unlink(buf_c_string(&half)); /* of an attempt that was cut short */
        e = make_new(buf_c_string(&half), buf_c_string(&path));
    }
    if (e == ERR_OK && rename(buf_c_string(&path), buf_c_string(&aside)) != 0)
        e = ERR_IO;
    if (e == ERR_OK) {
        move_with_wal(buf_c_string(&path), buf_c_string(&aside));
        if (rename(buf_c_string(&half), buf_c_string(&path)) != 0)
            e = ERR_IO;
        sync_folder(dir);
        log_warn("replica", "the damaged file is kept as %s", buf_c_string(&aside));
    }
    if (lock)
        db_lock_close(lock);
    buf_finish(&path);
    buf_finish(&half);
    buf_finish(&aside);
    buf_finish(&lock_path);
    return e;
}

/* ---- wipe ---- */

static bool is_ours(const char *name)
{
    static const char *const names[] = {"ca.pem", "cert.pem", "key.pem"};
    if (strncmp(name, REPLICA_FILE, strlen(REPLICA_FILE)) == 0)
        return true; /* with -wal, -shm, .damaged-N */
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strcmp(name, names[i]) == 0)
            return true;
    return false;
}

/* Emptied before it is unlinked: another process may still have it open. */
static enum err destroy_file(const char *dir, const char *name)
{
    struct buf path = BUF_INIT;
    enum err e = ERR_OK;
    buf_format(&path, "%s/%s", dir, name);
    if (truncate(buf_c_string(&path), 0) != 0 && errno != ENOENT)
        e = ERR_IO;
    if (unlink(buf_c_string(&path)) != 0 && errno != ENOENT)
        e = ERR_IO;
    buf_finish(&path);
    return e;
}

enum err replica_wipe(struct replica *r)
{
    enum err e = ERR_OK;
    DIR *dir = opendir(r->dir);
    if (!dir)
        return ERR_IO;
    if (r->tables)
        table_set_close(r->tables);
    r->tables = NULL;
    db_close(r->db);
    r->db = NULL;
    for (struct dirent *entry; (entry = readdir(dir));)
        if (is_ours(entry->d_name)) {
            enum err failed = destroy_file(r->dir, entry->d_name);
            e = e == ERR_OK ? failed : e;
        }
    closedir(dir);
    sync_folder(r->dir);
    return e;
}
