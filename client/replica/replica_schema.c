/* The replica's own tables. The kinds' tables are common/table's. A migration may add to these; it never touches the outbox
 * (lessons 20). */
#include "client/replica/replica_inner.h"

#include <stdlib.h>
#include <string.h>

static const char *const tables[] = {
    "CREATE TABLE meta(key TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID",
    "CREATE TABLE org(number INTEGER PRIMARY KEY, parent INTEGER NOT NULL, code TEXT NOT NULL, name TEXT NOT NULL,"
    " level TEXT NOT NULL, state TEXT NOT NULL, held INTEGER NOT NULL)",
    "CREATE TABLE position(org INTEGER PRIMARY KEY, seq INTEGER NOT NULL, chain BLOB NOT NULL, log_seq INTEGER NOT NULL,"
    " log_chain BLOB NOT NULL, promise INTEGER NOT NULL, trimmed INTEGER NOT NULL, snap INTEGER NOT NULL, snap_kind INTEGER NOT NULL,"
    " snap_seq INTEGER NOT NULL, snap_chain BLOB NOT NULL, snap_at_kind INTEGER NOT NULL, snap_at_id BLOB NOT NULL,"
    " snap_marked INTEGER NOT NULL)",
    "CREATE TABLE repair(org INTEGER NOT NULL, kind INTEGER NOT NULL, PRIMARY KEY(org, kind)) WITHOUT ROWID",
    "CREATE TABLE brought(org INTEGER NOT NULL, id BLOB NOT NULL, PRIMARY KEY(org, id)) WITHOUT ROWID",
    "CREATE TABLE lineage(org INTEGER NOT NULL, epoch INTEGER NOT NULL, parent INTEGER NOT NULL, last INTEGER NOT NULL,"
    " PRIMARY KEY(org, epoch)) WITHOUT ROWID",
    "CREATE TABLE kept(org INTEGER NOT NULL, seq INTEGER NOT NULL, id BLOB NOT NULL, entry BLOB NOT NULL, PRIMARY KEY(org, seq))"
    " WITHOUT ROWID",
    "CREATE INDEX kept_record ON kept(id)",
    "CREATE TABLE shadow(id BLOB PRIMARY KEY, kind INTEGER NOT NULL, org INTEGER NOT NULL, seq INTEGER NOT NULL, dead INTEGER NOT NULL,"
    " row BLOB) WITHOUT ROWID",
    "CREATE TABLE seen(id BLOB PRIMARY KEY, kind INTEGER NOT NULL, org INTEGER NOT NULL, seq INTEGER NOT NULL, row BLOB NOT NULL,"
    " at_ms INTEGER NOT NULL) WITHOUT ROWID",
    "CREATE TABLE incarnation(incarnation BLOB PRIMARY KEY, parent BLOB, fork_n INTEGER)",
    "CREATE TABLE outbox(local INTEGER PRIMARY KEY, incarnation BLOB NOT NULL, n INTEGER NOT NULL, org INTEGER NOT NULL,"
    " kind INTEGER NOT NULL, id BLOB NOT NULL, grp BLOB, made_ms INTEGER NOT NULL, bytes BLOB NOT NULL, hash BLOB NOT NULL,"
    " state INTEGER NOT NULL, seq INTEGER NOT NULL, refusal BLOB, UNIQUE(incarnation, n))",
    "CREATE INDEX outbox_record ON outbox(id)",
    "CREATE TABLE attention(id BLOB PRIMARY KEY, hash BLOB NOT NULL UNIQUE, org INTEGER NOT NULL, kind INTEGER NOT NULL,"
    " record BLOB NOT NULL, grp BLOB, n INTEGER NOT NULL, bytes BLOB NOT NULL, refusal BLOB NOT NULL, at_ms INTEGER NOT NULL)",
    "CREATE INDEX attention_record ON attention(record)",
    "CREATE TABLE handled(hash BLOB PRIMARY KEY) WITHOUT ROWID",
    "CREATE TABLE person(seat INTEGER PRIMARY KEY, name TEXT NOT NULL)",
    "CREATE TABLE answer(key TEXT PRIMARY KEY, at_ms INTEGER NOT NULL, bytes BLOB NOT NULL) WITHOUT ROWID",
};

/* Tables that files made before them lack; an older program leaves them alone. */
static const char *const later_tables[] = {
    "CREATE TABLE IF NOT EXISTS head_mac(org INTEGER PRIMARY KEY, seq INTEGER NOT NULL, mac BLOB NOT NULL)",
    "CREATE TABLE IF NOT EXISTS left_seat(seat INTEGER PRIMARY KEY, person TEXT NOT NULL, branch TEXT NOT NULL, changes INTEGER NOT NULL,"
    " told_ms INTEGER NOT NULL, at_ms INTEGER NOT NULL, done INTEGER NOT NULL)",
    "CREATE TABLE IF NOT EXISTS left_state(seat INTEGER PRIMARY KEY, state TEXT NOT NULL)",
    "CREATE TABLE IF NOT EXISTS left_change(seat INTEGER NOT NULL, hash BLOB NOT NULL, PRIMARY KEY(seat, hash)) WITHOUT ROWID",
    "CREATE TABLE IF NOT EXISTS broken(incarnation BLOB NOT NULL, first INTEGER NOT NULL, last INTEGER NOT NULL, at_ms INTEGER NOT NULL,"
    " PRIMARY KEY(incarnation, last)) WITHOUT ROWID",
    "CREATE TABLE IF NOT EXISTS person_roles(seat INTEGER PRIMARY KEY, roles TEXT NOT NULL)",
    "CREATE TABLE IF NOT EXISTS taken_in(hash BLOB PRIMARY KEY) WITHOUT ROWID",
    "CREATE TABLE IF NOT EXISTS unseen(org INTEGER NOT NULL, kind INTEGER NOT NULL, PRIMARY KEY(org, kind)) WITHOUT ROWID",
    "CREATE TABLE IF NOT EXISTS erasure(id BLOB PRIMARY KEY, org INTEGER NOT NULL, at_ms INTEGER NOT NULL, erasure BLOB NOT NULL,"
    " mac BLOB NOT NULL, told INTEGER NOT NULL, listed INTEGER NOT NULL) WITHOUT ROWID",
    "CREATE TABLE IF NOT EXISTS erased(kind INTEGER NOT NULL, id BLOB NOT NULL, tags BLOB NOT NULL, PRIMARY KEY(kind, id)) WITHOUT ROWID",
    "CREATE TABLE IF NOT EXISTS reading(number INTEGER NOT NULL, at_ms INTEGER NOT NULL, seat INTEGER NOT NULL, person TEXT NOT NULL,"
    " roles TEXT NOT NULL, branch TEXT NOT NULL, branch_name TEXT NOT NULL, kind INTEGER NOT NULL, id BLOB NOT NULL, records INTEGER NOT NULL,"
    " fields TEXT NOT NULL, noted INTEGER NOT NULL DEFAULT 0, PRIMARY KEY(at_ms, number)) WITHOUT ROWID",
    /* Not carried out of a damaged file: the server tells all of them once more. */
    "CREATE TABLE IF NOT EXISTS reading_told(one INTEGER PRIMARY KEY CHECK(one = 1), number INTEGER NOT NULL, at_ms INTEGER NOT NULL)",
    "CREATE TABLE IF NOT EXISTS late_entry(path INTEGER NOT NULL, seq INTEGER NOT NULL, org INTEGER NOT NULL, entry BLOB NOT NULL,"
    " dealt INTEGER NOT NULL DEFAULT 0, PRIMARY KEY(path, seq)) WITHOUT ROWID",
    "CREATE INDEX IF NOT EXISTS late_entry_of ON late_entry(org, dealt)",
    "CREATE TABLE IF NOT EXISTS seen_head(org INTEGER NOT NULL, seq INTEGER NOT NULL, chain BLOB NOT NULL, mac BLOB NOT NULL,"
    " at_ms INTEGER NOT NULL, state INTEGER NOT NULL, now_chain BLOB NOT NULL DEFAULT x'', now_mac BLOB NOT NULL DEFAULT x'',"
    " PRIMARY KEY(org, seq, chain)) WITHOUT ROWID",
    "CREATE TABLE IF NOT EXISTS rewritten(org INTEGER NOT NULL, seq INTEGER NOT NULL, seen_ms INTEGER NOT NULL, after INTEGER NOT NULL,"
    " after_ms INTEGER NOT NULL, found_ms INTEGER NOT NULL, noted_ms INTEGER NOT NULL DEFAULT 0, PRIMARY KEY(org, seq)) WITHOUT ROWID",
    /* Told anew with each WELCOME. */
    "CREATE TABLE IF NOT EXISTS seat_copies(seat INTEGER PRIMARY KEY, person TEXT NOT NULL, branch TEXT NOT NULL, at_ms INTEGER NOT NULL,"
    " told_ms INTEGER NOT NULL, there INTEGER NOT NULL)",
    "CREATE TABLE IF NOT EXISTS number_was(kind INTEGER NOT NULL, id BLOB NOT NULL, field TEXT NOT NULL, number TEXT NOT NULL,"
    " org INTEGER NOT NULL, at_ms INTEGER NOT NULL, told TEXT NOT NULL DEFAULT '', noted TEXT NOT NULL DEFAULT '',"
    " PRIMARY KEY(kind, id, field, number)) WITHOUT ROWID",
    /* What was answered and not settled yet is asked for with every frame, however long the queue behind it is. */
    "CREATE INDEX IF NOT EXISTS outbox_answered ON outbox(org, seq) WHERE seq > 0",
};

static enum err run_all(struct db *db, const char *const *list, size_t count)
{
    enum err e = ERR_OK;
    for (size_t i = 0; e == ERR_OK && i < count; i++)
        e = db_exec(db, list[i]);
    return e;
}

static enum err make_later(struct db *db)
{
    return run_all(db, later_tables, sizeof later_tables / sizeof *later_tables);
}

enum err schema_create(struct db *db)
{
    enum err e = run_all(db, tables, sizeof tables / sizeof *tables);
    if (e == ERR_OK)
        e = make_later(db);
    return e == ERR_OK ? db_set_version(db, REPLICA_VERSION) : e;
}

/* Import and references look records up by these; what waits for a person is looked up by its record. */
static const char *const *indexes_of(const struct kind *k)
{
    static const char *const of_conflict[] = {"record_id", NULL};
    return k->number == KIND_CONFLICT ? of_conflict : k->identity;
}

enum err schema_specs(struct replica *r)
{
    size_t count, names = 0;
    const struct kind *const *kinds = kind_all(&count);
    for (size_t i = 0; i < count; i++)
        names += kinds[i]->field_count + 1;
    r->specs = calloc(1, count * sizeof *r->specs + names * sizeof(const char *)); /* the names of lookups behind the specs */
    if (!r->specs)
        return ERR_MEMORY;
    const char **lookups = (const char **)(r->specs + count);
    for (size_t i = 0; i < count; i++) {
        kind_lookups(kinds[i], lookups);
        r->specs[i] = (struct table_spec){kinds[i]->name, kinds[i]->number, kinds[i]->descriptor, indexes_of(kinds[i]), lookups};
        lookups += kinds[i]->field_count + 1;
    }
    r->spec_count = count;
    return ERR_OK;
}

/* Kinds known before, as "1,2,100"; this build's own list in list. */
static void known_kinds(const struct replica *r, struct buf *list)
{
    for (size_t i = 0; i < r->spec_count; i++)
        buf_format(list, "%s%u", i ? "," : "", r->specs[i].number);
}

static bool in_list(const char *list, uint32_t number)
{
    while (*list) {
        char *end;
        if (strtoul(list, &end, 10) == number)
            return true;
        list = *end ? end + 1 : end;
    }
    return false;
}

/* Entries of a kind that the build before did not know were kept with their effects skipped: its rows come by a repair. */
static enum err take_new_kinds(struct replica *r)
{
    struct buf list = BUF_INIT, before = BUF_INIT;
    struct db_statement *s;
    bool row;
    known_kinds(r, &list);
    enum err e = sql_ask(r->db, &s, "SELECT value FROM meta WHERE key = 'kinds'", "");
    if (e == ERR_OK)
        e = db_step(s, &row);
    if (e == ERR_OK && row) {
        buf_append_slice(&before, db_blob(s, 0));
        db_reset(s);
    }
    bool same = e == ERR_OK && row && slice_equal(buf_slice(&before), buf_slice(&list));
    if (e != ERR_OK || same)
        goto done;
    e = inner_begin(r);
    if (e != ERR_OK)
        goto done;
    for (size_t i = 0; e == ERR_OK && row && i < r->spec_count; i++)
        if (!in_list(buf_c_string(&before), r->specs[i].number))
            e = sql_run(r->db, "INSERT OR IGNORE INTO repair(org, kind) SELECT org, ?1 FROM position WHERE seq > 0", "i",
                        (int64_t)r->specs[i].number);
    if (e == ERR_OK)
        e = sql_run(r->db, "INSERT INTO meta(key, value) VALUES('kinds', ?1) ON CONFLICT(key) DO UPDATE SET value = excluded.value",
                    "b", buf_slice(&list));
    e = inner_end(r, e);
done:
    buf_finish(&before);
    buf_finish(&list);
    return e;
}

enum err schema_renew(struct replica *r)
{
    enum err e = make_later(r->db); /* writes nothing where all is there */
    return e == ERR_OK ? take_new_kinds(r) : e;
}
