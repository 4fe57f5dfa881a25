/* Statements: prepared once and kept by their text, bound, stepped, read.
 * A bind can't fail in the caller's face: its code waits in the statement and is answered by db_step. */
#include "db/handle.h"
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static uint32_t text_hash(const char *text) /* FNV-1a */
{
    uint32_t h = 2166136261u;
    for (; *text != 0; text++)
        h = (h ^ (uint8_t)*text) * 16777619u;
    return h;
}

static bool says(const struct db_statement *s, const char *sql)
{
    return strcmp(sqlite3_sql(s->raw), sql) == 0;
}

/* A literal comes again from the same place and is found without a hash; a text made anew, by its hash. */
static struct db_statement *cached(struct db *db, const char *sql, uint32_t *hash)
{
    for (size_t i = 0; i < db->cache_count; i++)
        if (db->cache[i]->said == sql && says(db->cache[i], sql))
            return db->cache[i];
    *hash = text_hash(sql);
    for (size_t i = 0; i < db->cache_count; i++)
        if (db->cache[i]->hash == *hash && says(db->cache[i], sql))
            return db->cache[i];
    return NULL;
}

static void cache_add(struct db *db, struct db_statement *s)
{
    if (db->cache_count == db->cache_capacity) {
        db->cache_capacity = db->cache_capacity == 0 ? 32 : db->cache_capacity * 2;
        db->cache = realloc(db->cache, db->cache_capacity * sizeof *db->cache);
        CHECK(db->cache != NULL);
    }
    db->cache[db->cache_count++] = s;
}

/* SQLite numbers $1 $2 ... by their first appearance, not by what they say: a text where the two differ is wrong code. */
static bool numbered_as_said(struct sqlite3_stmt *raw)
{
    int count = sqlite3_bind_parameter_count(raw);
    for (int i = 1; i <= count; i++) {
        const char *name = sqlite3_bind_parameter_name(raw, i);
        if (name != NULL && name[0] == '$' && atoi(name + 1) != i)
            return false;
    }
    return true;
}

static enum err prepare(struct db *db, const char *sql, unsigned flags, struct db_statement **out)
{
    struct sqlite3_stmt *raw = NULL;
    const char *rest = "";
    int code = sqlite3_prepare_v3(db->raw, sql, -1, flags, &raw, &rest);
    if (code != SQLITE_OK)
        return db_error(db, code);
    if (raw == NULL || *rest != 0) {
        sqlite3_finalize(raw);
        return db_error_said(db, ERR_BUG, "not one statement");
    }
    if (!numbered_as_said(raw)) {
        sqlite3_finalize(raw);
        return db_error_said(db, ERR_BUG, "$ parameters out of order");
    }
    struct db_statement *s = calloc(1, sizeof *s);
    CHECK(s != NULL);
    s->db = db;
    s->raw = raw;
    *out = s;
    return ERR_OK;
}

enum err db_prepare(struct db *db, const char *sql, struct db_statement **out)
{
    uint32_t hash = 0;
    struct db_statement *s = cached(db, sql, &hash);
    if (s == NULL) {
        enum err e = prepare(db, sql, SQLITE_PREPARE_PERSISTENT, &s);
        if (e != ERR_OK)
            return e;
        s->hash = hash;
        cache_add(db, s);
    }
    s->said = sql;
    db_reset(s);
    sqlite3_clear_bindings(s->raw);
    *out = s;
    return ERR_OK;
}

enum err db_prepare_own(struct db *db, const char *sql, struct db_statement **out)
{
    enum err e = prepare(db, sql, 0, out);
    if (e == ERR_OK)
        (*out)->own = true;
    return e;
}

enum err db_borrow(struct db *db, const char *sql, struct db_statement **out)
{
    uint32_t hash = 0;
    struct db_statement *s = cached(db, sql, &hash);
    if (s != NULL && s->lent)
        return db_prepare_own(db, sql, out);
    enum err e = db_prepare(db, sql, out);
    if (e == ERR_OK)
        (*out)->lent = true;
    return e;
}

void db_give_back(struct db_statement *s)
{
    if (s == NULL)
        return;
    if (s->own) {
        db_finish(s);
        return;
    }
    s->lent = false;
    db_reset(s);
    sqlite3_clear_bindings(s->raw);
}

void db_finish(struct db_statement *s)
{
    if (s == NULL)
        return;
    sqlite3_finalize(s->raw);
    free(s);
}

void db_cache_finish(struct db *db)
{
    for (size_t i = 0; i < db->cache_count; i++)
        db_finish(db->cache[i]);
    free(db->cache);
    db->cache = NULL;
    db->cache_count = db->cache_capacity = 0;
}

/* ---- bind ---- */

static void bound(struct db_statement *s, int code)
{
    if (code != SQLITE_OK && s->bind_code == SQLITE_OK)
        s->bind_code = code;
}

void db_bind_integer(struct db_statement *s, int at, int64_t v)
{
    bound(s, sqlite3_bind_int64(s->raw, at, v));
}

/* A NULL pointer would bind NULL: empty bytes and texts point at an empty string instead. */
void db_bind_blob(struct db_statement *s, int at, struct slice v)
{
    const void *data = v.size == 0 ? (const void *)"" : v.data;
    bound(s, sqlite3_bind_blob64(s->raw, at, data, v.size, SQLITE_STATIC));
}

void db_bind_text(struct db_statement *s, int at, struct slice v)
{
    const char *data = v.size == 0 ? "" : (const char *)v.data;
    bound(s, sqlite3_bind_text64(s->raw, at, data, v.size, SQLITE_STATIC, SQLITE_UTF8));
}

void db_bind_id(struct db_statement *s, int at, const struct id *id)
{
    bound(s, sqlite3_bind_blob(s->raw, at, id->bytes, ID_SIZE, SQLITE_STATIC));
}

void db_bind_null(struct db_statement *s, int at)
{
    bound(s, sqlite3_bind_null(s->raw, at));
}

/* ---- step ---- */

void db_reset(struct db_statement *s)
{
    sqlite3_reset(s->raw); /* repeats the code that db_step answered already */
    s->bind_code = SQLITE_OK;
}

static enum err failed(struct db_statement *s, int code)
{
    enum err e = db_error(s->db, code);
    db_reset(s);
    return e;
}

enum err db_step(struct db_statement *s, bool *row)
{
    if (s->bind_code != SQLITE_OK)
        return failed(s, s->bind_code);
    int code = sqlite3_step(s->raw);
    if (code != SQLITE_ROW && code != SQLITE_DONE)
        return failed(s, code);
    if (code == SQLITE_DONE)
        db_reset(s);
    *row = code == SQLITE_ROW;
    return ERR_OK;
}

enum err db_run(struct db_statement *s)
{
    bool row = false;
    enum err e = db_step(s, &row);
    if (e == ERR_OK && row) /* a pragma that answers */
        db_reset(s);
    return e;
}

/* ---- read ---- */

bool db_is_null(struct db_statement *s, int column)
{
    return sqlite3_column_type(s->raw, column) == SQLITE_NULL;
}

int64_t db_integer(struct db_statement *s, int column)
{
    return sqlite3_column_int64(s->raw, column);
}

/* The pointer first, then the size: asking for the pointer may convert. */
struct slice db_blob(struct db_statement *s, int column)
{
    const void *data = sqlite3_column_blob(s->raw, column);
    return slice_of(data, (size_t)sqlite3_column_bytes(s->raw, column));
}

struct slice db_text(struct db_statement *s, int column)
{
    const void *data = sqlite3_column_text(s->raw, column);
    return slice_of(data, (size_t)sqlite3_column_bytes(s->raw, column));
}

struct id db_id(struct db_statement *s, int column)
{
    struct slice bytes = db_blob(s, column);
    return bytes.size == ID_SIZE ? id_from(bytes) : (struct id){0};
}

/* ---- one answer ---- */

static enum err ask(struct db *db, const char *sql, struct db_statement **out)
{
    struct db_statement *s;
    bool row = false;
    enum err e = db_prepare_own(db, sql, &s);
    if (e != ERR_OK)
        return e;
    e = db_step(s, &row);
    if (e == ERR_OK && !row)
        e = ERR_NOT_FOUND;
    if (e != ERR_OK) {
        db_finish(s);
        return e;
    }
    *out = s;
    return ERR_OK;
}

enum err db_ask_integer(struct db *db, const char *sql, int64_t *out)
{
    struct db_statement *s;
    enum err e = ask(db, sql, &s);
    if (e != ERR_OK)
        return e;
    *out = db_integer(s, 0);
    db_finish(s);
    return ERR_OK;
}

enum err db_ask_text(struct db *db, const char *sql, char *out, size_t size)
{
    struct db_statement *s;
    enum err e = ask(db, sql, &s);
    if (e != ERR_OK)
        return e;
    struct slice text = db_text(s, 0);
    snprintf(out, size, "%.*s", (int)text.size, text.size == 0 ? "" : (const char *)text.data);
    db_finish(s);
    return ERR_OK;
}
