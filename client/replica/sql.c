/* Binding by a word of types; see sql.h. */
#include "client/replica/sql.h"

#include <stdarg.h>

static void bind_one(struct db_statement *s, int at, char type, va_list *values)
{
    switch (type) {
    case 'i':
        db_bind_integer(s, at, va_arg(*values, int64_t));
        break;
    case 'b':
        db_bind_blob(s, at, va_arg(*values, struct slice));
        break;
    case 't':
        db_bind_text(s, at, va_arg(*values, struct slice));
        break;
    case 'd':
        db_bind_id(s, at, va_arg(*values, const struct id *));
        break;
    default:
        CHECK(type == 'n');
        db_bind_null(s, at);
    }
}

static enum err ask(struct db *db, struct db_statement **out, const char *sql, const char *types, va_list *values)
{
    struct db_statement *s;
    enum err e = db_prepare(db, sql, &s);
    if (e != ERR_OK)
        return e;
    for (int at = 1; types[at - 1]; at++)
        bind_one(s, at, types[at - 1], values);
    *out = s;
    return ERR_OK;
}

enum err sql_ask(struct db *db, struct db_statement **out, const char *sql, const char *types, ...)
{
    va_list values;
    va_start(values, types);
    enum err e = ask(db, out, sql, types, &values);
    va_end(values);
    return e;
}

enum err sql_run(struct db *db, const char *sql, const char *types, ...)
{
    struct db_statement *s;
    va_list values;
    va_start(values, types);
    enum err e = ask(db, &s, sql, types, &values);
    if (e == ERR_OK)
        e = db_run(s);
    va_end(values);
    return e;
}

enum err sql_integer(struct db *db, int64_t otherwise, int64_t *out, const char *sql, const char *types, ...)
{
    struct db_statement *s;
    bool row = false;
    va_list values;
    va_start(values, types);
    enum err e = ask(db, &s, sql, types, &values);
    if (e == ERR_OK)
        e = db_step(s, &row);
    va_end(values);
    if (e != ERR_OK)
        return e;
    *out = row && !db_is_null(s, 0) ? db_integer(s, 0) : otherwise;
    db_reset(s);
    return ERR_OK;
}
