/* Control data against the control journal, which is written first (rule 33): its records are laid over empty tables,
 * as a restore does, and what comes out has to be what stands in the database. Each backup in it also says where the
 * logs were and what their chain hashes were then: a past that was rewritten since, with all its hashes, contradicts
 * that. */
#include "server/recovery/verify_parts.h"

#include "base/tr.h"
#include "journal.pb-c.h"
#include "server/control/journal.h"
#include "server/store/store_control.h"

#include <stdio.h>
#include <string.h>

/* A table that follows from the journal alone. key: the first columns, by which rows are ordered. */
struct table {
    const char *name;
    size_t key_count;
    const char *columns[12];
};
static const struct table tables[] = {
    {"org", 1, {"number", "code", "name", "level", "parent", "state"}},
    {"invitation", 1, {"number", "org", "person", "roles", "secret_hash", "ends_ms", "by_seat", "seat"}},
    {"seat",
     1,
     {"number", "org", "person", "roles", "state", "generation", "key_hash", "serial", "certificate_ends_ms",
      "invitation", "by_seat"}},
    {"epoch", 1, {"epoch", "parent"}},
    {"epoch_last", 2, {"epoch", "org", "seq"}},
    {"backup", 1, {"number", "path", "at_ms"}},
    {"jump", 1, {"number", "at_ms", "seat_above", "seat_from", "org_above", "org_from"}},
    {"reading", 1, {"number", "org", "at_ms", "seat", "roles", "kind", "record", "records", "fields"}},
    {"erasure", 1, {"number", "id", "org", "erasure", "by_seat"}},
    {"backup_position", 2, {"org", "backup", "seq", "chain"}},
};

/* ---- one table ---- */

static enum err ask_rows(struct db *db, const struct table *t, struct db_statement **q)
{
    struct buf sql = BUF_INIT;
    buf_text(&sql, "SELECT ");
    for (size_t i = 0; t->columns[i]; i++)
        buf_format(&sql, "%s%s", i ? ", " : "", t->columns[i]);
    buf_format(&sql, " FROM %s ORDER BY 1%s", t->name, t->key_count > 1 ? ", 2" : "");
    enum err e = db_prepare(db, buf_c_string(&sql), q);
    buf_finish(&sql);
    return e;
}

static int compare_keys(const struct table *t, struct db_statement *a, struct db_statement *b)
{
    for (size_t i = 0; i < t->key_count; i++)
        if (db_integer(a, (int)i) != db_integer(b, (int)i))
            return db_integer(a, (int)i) < db_integer(b, (int)i) ? -1 : 1;
    return 0;
}

/* "seat 3": the row by its key; name: the table's, or what people call it. */
static const char *row_words(struct verify *v, const struct table *t, const char *name, struct db_statement *q)
{
    const char *words = t->key_count == 1 ? arena_format(&v->arena, "%s %lld", name, (long long)db_integer(q, 0))
                                          : arena_format(&v->arena, "%s %lld, %lld", name,
                                                         (long long)db_integer(q, 0), (long long)db_integer(q, 1));
    CHECK(words);
    return words;
}

/* Keys, serials and hashes are no words for people. */
static const char *value_words(struct verify *v, const char *column, struct db_statement *q, int at)
{
    static const char *const bytes[] = {"id", "record", "erasure", "serial", "chain"};
    if (strstr(column, "hash"))
        return NULL;
    for (size_t i = 0; i < sizeof bytes / sizeof *bytes; i++)
        if (strcmp(column, bytes[i]) == 0)
            return NULL;
    const char *text = arena_text(&v->arena, db_text(q, at));
    CHECK(text);
    return text;
}

static void compare_columns(struct verify *v, const struct table *t, struct db_statement *kept,
                            struct db_statement *made)
{
    for (size_t i = t->key_count; t->columns[i]; i++) {
        int at = (int)i;
        if (db_is_null(kept, at) == db_is_null(made, at) && slice_equal(db_blob(kept, at), db_blob(made, at)))
            continue;
        struct verify_about about = {.record = row_words(v, t, t->name, kept), .name = t->columns[i]};
        const char *words = row_words(v, t, verify_words(t->name), kept), *column = verify_words(t->columns[i]);
        bool roles = strcmp(t->columns[i], "roles") == 0;
        about.stored = value_words(v, t->columns[i], kept, at);
        about.expected = value_words(v, t->columns[i], made, at);
        if (about.stored)
            verify_find(v, "control", &about, _("%s: %s is “%s”, the control journal says “%s”"), words, column,
                        roles ? verify_roles_words(about.stored, &v->arena) : about.stored,
                        roles ? verify_roles_words(about.expected, &v->arena) : about.expected);
        else
            verify_find(v, "control", &about, _("%s: %s is not what the control journal says"), words,
                        column);
    }
}

/* Both by key, side by side. */
static enum err compare_table(struct verify *v, const struct table *t, struct db *journalled)
{
    struct db_statement *kept, *made;
    bool more_kept, more_made;
    enum err e = ask_rows(store_db(v->store), t, &kept);
    if (e == ERR_OK)
        e = ask_rows(journalled, t, &made);
    if (e == ERR_OK)
        e = db_step(kept, &more_kept);
    if (e == ERR_OK)
        e = db_step(made, &more_made);
    while (e == ERR_OK && (more_kept || more_made)) {
        arena_reset(&v->arena);
        int order = !more_kept ? 1 : !more_made ? -1 : compare_keys(t, kept, made);
        if (order < 0)
            verify_find(v, "control", &(struct verify_about){.name = t->name},
                        _("%s stands here, and the control journal does not know it"), row_words(v, t, verify_words(t->name), kept));
        else if (order > 0)
            verify_find(v, "control", &(struct verify_about){.name = t->name},
                        _("%s is missing, the control journal has it"), row_words(v, t, verify_words(t->name), made));
        else
            compare_columns(v, t, kept, made);
        if (order <= 0)
            e = db_step(kept, &more_kept);
        if (e == ERR_OK && order >= 0)
            e = db_step(made, &more_made);
    }
    return e;
}

/* ---- where backups were ---- */

static enum err check_position(struct verify *v, const Journal__Backup *m, const Journal__Last *at)
{
    uint8_t chain[CHAIN_SIZE];
    char when[TIME_TEXT_SIZE];
    struct lineage lineage = control_lineage(v->control, at->org, &v->arena);
    if (at->seq == 0 || at->chain.len != CHAIN_SIZE || !lineage_holds(&lineage, at->seq) ||
        store_recovering(v->store, at->org))
        return ERR_OK; /* a path that a restore gave up, or that is still coming back */
    enum err e = store_read_chain(v->store, at->org, at->seq, chain);
    if (e != ERR_OK && e != ERR_NOT_FOUND)
        return e == ERR_CORRUPT ? ERR_OK : e;
    v->org = at->org;
    time_text(m->at_ms, when);
    struct verify_about about = {.seq = at->seq};
    if (e == ERR_NOT_FOUND)
        verify_find(v, "backup", &about, _("entry %llu stood in the backup of %s and is not here"),
                    (unsigned long long)at->seq, when);
    else if (memcmp(chain, at->chain.data, CHAIN_SIZE) != 0)
        verify_find(v, "backup", &about,
                    _("up to entry %llu the log is another one than in the backup of %s: the past was rewritten since"),
                    (unsigned long long)at->seq, when);
    v->org = 0;
    return ERR_OK;
}

static enum err check_backup(struct verify *v, struct slice body)
{
    Journal__Backup *m = journal__backup__unpack(NULL, body.size, body.data);
    enum err e = m ? ERR_OK : ERR_CORRUPT;
    for (size_t i = 0; e == ERR_OK && i < m->n_at; i++) {
        arena_reset(&v->arena);
        e = check_position(v, m, m->at[i]);
    }
    journal__backup__free_unpacked(m, NULL);
    return e;
}

/* ---- the journal ---- */

/* Up to what the tables have: a record is written before them. */
static enum err lay(struct verify *v, struct journal *journal, struct db *made, uint64_t last)
{
    uint64_t at = 0;
    bool more = true;
    enum err e = store_control_create(made);
    if (e == ERR_OK)
        e = db_begin(made);
    while (e == ERR_OK && at < last) {
        struct slice body;
        uint8_t type;
        e = journal_next(journal, at, &at, &type, &body, &more);
        if (e != ERR_OK || !more)
            break;
        e = store_control_apply(made, at, type, body);
        if (e == ERR_OK && type == CONTROL_BACKUP)
            e = check_backup(v, body);
    }
    if (e == ERR_OK)
        e = db_commit(made);
    if (e == ERR_OK && at < last)
        verify_find(v, "control", &(struct verify_about){.journal_lost = true}, _("the control journal ends at record %llu, the database has %llu"),
                    (unsigned long long)at, (unsigned long long)last);
    return e;
}

static enum err compare_tables(struct verify *v, struct journal *journal, struct db *made)
{
    int64_t last;
    enum err e = store_meta_get(store_db(v->store), "journal_number", &last);
    if (e == ERR_OK)
        e = lay(v, journal, made, (uint64_t)last);
    for (size_t i = 0; i < sizeof tables / sizeof *tables && e == ERR_OK; i++)
        e = compare_table(v, &tables[i], made);
    return e;
}

enum err verify_control(struct verify *v, struct journal *journal)
{
    struct db *made = NULL;
    v->org = 0;
    v->of_org = 0;
    enum err e = db_open_memory(DB_SERVER, &made);
    if (e == ERR_OK)
        e = db_begin_read(store_db(v->store));
    if (e == ERR_OK)
        e = compare_tables(v, journal, made);
    if (e == ERR_CORRUPT) {
        verify_find(v, "control", &(struct verify_about){.journal_lost = true}, _("the control journal can't be read to its end"));
        e = ERR_OK;
    }
    db_rollback(store_db(v->store));
    db_close(made);
    return e;
}
