#include "server/store/store_control.h"

#include "base/limits.h"
#include "journal.pb-c.h"
#include "sync/erase.h"
#include "wire/wire.h"

#include <stdio.h>
#include <string.h>

/* meta: journal_number (applied up to), generation (of control data), contact (of what seats reported), address, and whatever
 * other modules keep there. recovery, awaited: server/recovery.c. cut: what a restore took off an abandoned path (rule 25); an
 * entry as packed Wire__Entry, for rule 27. */
const char store_control_tables[] =
    "CREATE TABLE IF NOT EXISTS meta(name TEXT PRIMARY KEY, value) WITHOUT ROWID;"
    "CREATE TABLE IF NOT EXISTS org(number INTEGER PRIMARY KEY, code TEXT NOT NULL UNIQUE, name TEXT NOT NULL, level TEXT NOT NULL,"
    " parent INTEGER NOT NULL, state TEXT NOT NULL);"
    "CREATE TABLE IF NOT EXISTS invitation(number INTEGER PRIMARY KEY, org INTEGER NOT NULL, person TEXT NOT NULL, roles TEXT NOT NULL,"
    " secret_hash BLOB NOT NULL UNIQUE, ends_ms INTEGER NOT NULL, by_seat INTEGER NOT NULL, seat INTEGER NOT NULL DEFAULT 0);"
    "CREATE TABLE IF NOT EXISTS seat(number INTEGER PRIMARY KEY, org INTEGER NOT NULL, person TEXT NOT NULL, roles TEXT NOT NULL,"
    " state INTEGER NOT NULL, generation INTEGER NOT NULL, key_hash BLOB NOT NULL, serial BLOB NOT NULL, certificate_ends_ms INTEGER NOT NULL,"
    " invitation INTEGER NOT NULL, by_seat INTEGER NOT NULL DEFAULT 0);"
    "CREATE TABLE IF NOT EXISTS contact(seat INTEGER PRIMARY KEY, at_ms INTEGER NOT NULL, queued INTEGER NOT NULL DEFAULT 0,"
    " refused INTEGER NOT NULL DEFAULT 0, conflicts INTEGER NOT NULL DEFAULT 0, oldest_queued_ms INTEGER NOT NULL DEFAULT 0,"
    " version TEXT NOT NULL DEFAULT '', changed INTEGER NOT NULL);"
    "CREATE INDEX IF NOT EXISTS contact_changed ON contact(changed);"
    "CREATE TABLE IF NOT EXISTS epoch(epoch INTEGER PRIMARY KEY, parent INTEGER NOT NULL);"
    "CREATE TABLE IF NOT EXISTS epoch_last(epoch INTEGER NOT NULL, org INTEGER NOT NULL, seq INTEGER NOT NULL, PRIMARY KEY(epoch, org)) WITHOUT ROWID;"
    "CREATE TABLE IF NOT EXISTS backup(number INTEGER PRIMARY KEY, path TEXT NOT NULL, at_ms INTEGER NOT NULL);"
    "CREATE TABLE IF NOT EXISTS backup_position(org INTEGER NOT NULL, backup INTEGER NOT NULL, seq INTEGER NOT NULL, chain BLOB NOT NULL,"
    " PRIMARY KEY(org, backup)) WITHOUT ROWID;"
    "CREATE TABLE IF NOT EXISTS recovery(org INTEGER PRIMARY KEY, from_seq INTEGER NOT NULL);"
    "CREATE TABLE IF NOT EXISTS awaited(org INTEGER NOT NULL, seat INTEGER NOT NULL, PRIMARY KEY(org, seat)) WITHOUT ROWID;"
    "CREATE TABLE IF NOT EXISTS cut(" STORE_CUT_COLUMNS ") WITHOUT ROWID;"
    "CREATE TABLE IF NOT EXISTS erasure(number INTEGER PRIMARY KEY, id BLOB NOT NULL UNIQUE, org INTEGER NOT NULL, erasure BLOB NOT NULL,"
    " by_seat INTEGER NOT NULL, done INTEGER NOT NULL DEFAULT 0);"
    "CREATE TABLE IF NOT EXISTS reading(number INTEGER PRIMARY KEY, org INTEGER NOT NULL, at_ms INTEGER NOT NULL, seat INTEGER NOT NULL,"
    " roles TEXT NOT NULL, kind INTEGER NOT NULL, record BLOB NOT NULL, records INTEGER NOT NULL, fields TEXT NOT NULL);"
    "CREATE TABLE IF NOT EXISTS jump(number INTEGER PRIMARY KEY, at_ms INTEGER NOT NULL, seat_above INTEGER NOT NULL, seat_from INTEGER NOT NULL,"
    " org_above INTEGER NOT NULL, org_from INTEGER NOT NULL);"
    "CREATE TABLE IF NOT EXISTS stranger(seat INTEGER NOT NULL, key_hash BLOB NOT NULL, serial BLOB NOT NULL, certificate_ends_ms INTEGER NOT NULL,"
    " org INTEGER NOT NULL, queued INTEGER NOT NULL, first_ms INTEGER NOT NULL, last_ms INTEGER NOT NULL, told_ms INTEGER NOT NULL,"
    " PRIMARY KEY(seat, key_hash)) WITHOUT ROWID;"
    "DROP INDEX IF EXISTS reading_org;"
    "CREATE INDEX IF NOT EXISTS reading_of ON reading(org, number);"
    "CREATE INDEX IF NOT EXISTS reading_again ON reading(record, seat, at_ms);";

enum err store_control_create(struct db *db)
{
    return db_exec(db, store_control_tables);
}

/* ---- meta ---- */

enum err store_meta_get(struct db *db, const char *name, int64_t *out)
{
    struct db_statement *s;
    bool row;
    enum err e = db_prepare(db, "SELECT value FROM meta WHERE name=$1", &s);
    if (e != ERR_OK)
        return e;
    db_bind_text(s, 1, slice_text(name));
    e = db_step(s, &row);
    if (e != ERR_OK)
        return e;
    *out = row ? db_integer(s, 0) : 0;
    db_reset(s);
    return ERR_OK;
}

#define PUT_META "INSERT INTO meta(name, value) VALUES($1, $2) ON CONFLICT(name) DO UPDATE SET value=excluded.value"

enum err store_meta_put(struct db *db, const char *name, int64_t v)
{
    struct db_statement *s;
    enum err e = db_prepare(db, PUT_META, &s);
    if (e != ERR_OK)
        return e;
    db_bind_text(s, 1, slice_text(name));
    db_bind_integer(s, 2, v);
    return db_run(s);
}

enum err store_meta_text(struct db *db, const char *name, struct buf *out)
{
    struct db_statement *s;
    bool row;
    enum err e = db_prepare(db, "SELECT value FROM meta WHERE name=$1", &s);
    if (e != ERR_OK)
        return e;
    db_bind_text(s, 1, slice_text(name));
    e = db_step(s, &row);
    if (e == ERR_OK && row) {
        buf_append_slice(out, db_text(s, 0));
        db_reset(s);
    }
    return e;
}

enum err store_meta_put_text(struct db *db, const char *name, const char *text)
{
    struct db_statement *s;
    enum err e = db_prepare(db, PUT_META, &s);
    if (e != ERR_OK)
        return e;
    db_bind_text(s, 1, slice_text(name));
    db_bind_text(s, 2, slice_text(text));
    return db_run(s);
}

enum err store_control_changed(struct db *db)
{
    int64_t generation;
    enum err e = store_meta_get(db, "generation", &generation);
    return e == ERR_OK ? store_meta_put(db, "generation", generation + 1) : e;
}

/* ---- one record of the journal over the tables ---- */

static struct slice bytes_of(ProtobufCBinaryData d)
{
    return slice_of(d.data, d.len);
}

static enum err apply_org(struct db *db, const Journal__Org *m)
{
    struct db_statement *s;
    enum err e = db_prepare(db,
                            "INSERT INTO org(number, code, name, level, parent, state) VALUES($1, $2, $3, $4, $5, $6)"
                            " ON CONFLICT(number) DO UPDATE SET code=excluded.code, name=excluded.name, level=excluded.level,"
                            " parent=excluded.parent, state=excluded.state",
                            &s);
    if (e != ERR_OK)
        return e;
    db_bind_integer(s, 1, m->number);
    db_bind_text(s, 2, slice_text(m->code));
    db_bind_text(s, 3, slice_text(m->name));
    db_bind_text(s, 4, slice_text(m->level));
    db_bind_integer(s, 5, m->parent);
    db_bind_text(s, 6, slice_text(m->state));
    return db_run(s);
}

static enum err apply_invitation(struct db *db, const Journal__Invitation *m)
{
    struct db_statement *s;
    enum err e = db_prepare(db,
                            "INSERT INTO invitation(number, org, person, roles, secret_hash, ends_ms, by_seat)"
                            " VALUES($1, $2, $3, $4, $5, $6, $7) ON CONFLICT(number) DO NOTHING",
                            &s);
    if (e != ERR_OK)
        return e;
    db_bind_integer(s, 1, m->number);
    db_bind_integer(s, 2, m->org);
    db_bind_text(s, 3, slice_text(m->person));
    db_bind_text(s, 4, slice_text(m->roles));
    db_bind_blob(s, 5, bytes_of(m->secret_hash));
    db_bind_integer(s, 6, m->ends_ms);
    db_bind_integer(s, 7, m->by_seat);
    return db_run(s);
}

static enum err apply_seat(struct db *db, const Journal__Seat *m)
{
    struct db_statement *s;
    enum err e = db_prepare(db,
                            "INSERT INTO seat(number, org, person, roles, state, generation, key_hash, serial, certificate_ends_ms, invitation)"
                            " SELECT $1, org, person, roles, $2, 1, $3, $4, $5, number FROM invitation WHERE number=$6"
                            " ON CONFLICT(number) DO NOTHING",
                            &s);
    if (e != ERR_OK)
        return e;
    db_bind_integer(s, 1, m->number);
    db_bind_integer(s, 2, SEAT_ACTIVE);
    db_bind_blob(s, 3, bytes_of(m->key_hash));
    db_bind_blob(s, 4, bytes_of(m->serial));
    db_bind_integer(s, 5, m->certificate_ends_ms);
    db_bind_integer(s, 6, m->invitation);
    e = db_run(s);
    if (e == ERR_OK)
        e = db_prepare(db, "UPDATE invitation SET seat=$1 WHERE number=$2", &s);
    if (e != ERR_OK)
        return e;
    db_bind_integer(s, 1, m->number);
    db_bind_integer(s, 2, m->invitation);
    return db_run(s);
}

static enum err apply_renewal(struct db *db, const Journal__Renewal *m)
{
    struct db_statement *s;
    enum err e = db_prepare(db,
                            "UPDATE seat SET key_hash=$1, serial=$2, certificate_ends_ms=$3, generation=generation+1 WHERE number=$4", &s);
    if (e != ERR_OK)
        return e;
    db_bind_blob(s, 1, bytes_of(m->key_hash));
    db_bind_blob(s, 2, bytes_of(m->serial));
    db_bind_integer(s, 3, m->certificate_ends_ms);
    db_bind_integer(s, 4, m->seat);
    return db_run(s);
}

static enum err apply_seat_state(struct db *db, const Journal__SeatState *m)
{
    struct db_statement *s;
    enum err e = db_prepare(db, "UPDATE seat SET state=$1, by_seat=$2, generation=generation+1 WHERE number=$3", &s);
    if (e != ERR_OK)
        return e;
    db_bind_integer(s, 1, m->state);
    db_bind_integer(s, 2, m->by_seat);
    db_bind_integer(s, 3, m->seat);
    return db_run(s);
}

static enum err note_roles_by(struct db *db, const Journal__SeatRoles *m)
{
    char name[32], text[48];
    snprintf(name, sizeof name, STORE_ROLES_BY "%u", m->seat);
    snprintf(text, sizeof text, "%u %lld", m->by_seat, (long long)m->at_ms);
    return store_meta_put_text(db, name, text);
}

static enum err apply_seat_roles(struct db *db, const Journal__SeatRoles *m)
{
    struct db_statement *s;
    enum err e = db_prepare(db, "UPDATE seat SET roles=$1, generation=generation+1 WHERE number=$2", &s);
    if (e != ERR_OK)
        return e;
    db_bind_text(s, 1, slice_text(m->roles));
    db_bind_integer(s, 2, m->seat);
    e = db_run(s);
    return e == ERR_OK ? note_roles_by(db, m) : e;
}

/* A later record wins: an ending whose commit failed left no seq of the epoch in those orgs, and they may have got more back since. */
static enum err apply_epoch(struct db *db, const Journal__Epoch *m)
{
    struct db_statement *s;
    enum err e = db_prepare(db, "INSERT INTO epoch(epoch, parent) VALUES($1, $2) ON CONFLICT(epoch) DO NOTHING", &s);
    if (e != ERR_OK)
        return e;
    db_bind_integer(s, 1, m->epoch);
    db_bind_integer(s, 2, m->parent);
    e = db_run(s);
    for (size_t i = 0; i < m->n_last && e == ERR_OK; i++) {
        e = db_prepare(db, "INSERT INTO epoch_last(epoch, org, seq) VALUES($1, $2, $3)"
                           " ON CONFLICT(epoch, org) DO UPDATE SET seq=excluded.seq", &s);
        if (e != ERR_OK)
            return e;
        db_bind_integer(s, 1, m->epoch);
        db_bind_integer(s, 2, m->last[i]->org);
        db_bind_integer(s, 3, (int64_t)m->last[i]->seq);
        e = db_run(s);
    }
    return e;
}

/* Only the two newest count for the promise (rule 24); older positions go. */
static enum err apply_backup(struct db *db, uint64_t number, const Journal__Backup *m)
{
    struct db_statement *s;
    enum err e = db_prepare(db, "INSERT INTO backup(number, path, at_ms) VALUES($1, $2, $3) ON CONFLICT(number) DO NOTHING", &s);
    if (e != ERR_OK)
        return e;
    db_bind_integer(s, 1, (int64_t)number);
    db_bind_text(s, 2, slice_text(m->path));
    db_bind_integer(s, 3, m->at_ms);
    e = db_run(s);
    for (size_t i = 0; i < m->n_at && e == ERR_OK; i++) {
        e = db_prepare(db, "INSERT INTO backup_position(org, backup, seq, chain) VALUES($1, $2, $3, $4) ON CONFLICT(org, backup) DO NOTHING", &s);
        if (e != ERR_OK)
            return e;
        db_bind_integer(s, 1, m->at[i]->org);
        db_bind_integer(s, 2, (int64_t)number);
        db_bind_integer(s, 3, (int64_t)m->at[i]->seq);
        db_bind_blob(s, 4, bytes_of(m->at[i]->chain));
        e = db_run(s);
    }
    if (e == ERR_OK)
        e = db_exec(db, "DELETE FROM backup_position WHERE backup NOT IN (SELECT number FROM backup ORDER BY number DESC LIMIT 2)");
    return e;
}

/* Rows and history follow in a commit of whoever has them (recovery/erase.h); until then it is not done. One that clients brought
 * back after a loss may be known already. */
static enum err apply_erasure(struct db *db, uint64_t number, const Journal__Erasure *m)
{
    struct db_statement *s;
    struct arena arena;
    const Wire__Erasure *x;
    arena_init(&arena, LIMIT_ARENA);
    enum err e = erasure_open(bytes_of(m->erasure), &arena, &x);
    if (e == ERR_OK)
        e = db_prepare(db, "INSERT INTO erasure(number, id, org, erasure, by_seat) VALUES($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING", &s);
    if (e == ERR_OK) {
        db_bind_integer(s, 1, (int64_t)number);
        db_bind_blob(s, 2, bytes_of(x->id));
        db_bind_integer(s, 3, x->org);
        db_bind_blob(s, 4, bytes_of(m->erasure));
        db_bind_integer(s, 5, m->by_seat);
        e = db_run(s);
    }
    arena_finish(&arena);
    return e == ERR_WIRE ? ERR_CORRUPT : e;
}

enum err store_control_erasure_done(struct db *db, uint64_t number)
{
    struct db_statement *s;
    enum err e = db_prepare(db, "UPDATE erasure SET done=1 WHERE number=$1", &s);
    if (e != ERR_OK)
        return e;
    db_bind_integer(s, 1, (int64_t)number);
    return db_run(s);
}

static enum err apply_reading(struct db *db, uint64_t number, const Journal__Reading *m)
{
    struct db_statement *s;
    enum err e = db_prepare(db,
                            "INSERT INTO reading(number, org, at_ms, seat, roles, kind, record, records, fields)"
                            " VALUES($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT(number) DO NOTHING",
                            &s);
    if (e != ERR_OK)
        return e;
    db_bind_integer(s, 1, (int64_t)number);
    db_bind_integer(s, 2, m->org);
    db_bind_integer(s, 3, m->at_ms);
    db_bind_integer(s, 4, m->seat);
    db_bind_text(s, 5, slice_text(m->roles));
    db_bind_integer(s, 6, m->kind);
    db_bind_blob(s, 7, bytes_of(m->id));
    db_bind_integer(s, 8, m->records);
    db_bind_text(s, 9, slice_text(m->fields));
    return db_run(s);
}

static enum err apply_jump(struct db *db, uint64_t number, const Journal__Jump *m)
{
    struct db_statement *s;
    enum err e = db_prepare(db,
                            "INSERT INTO jump(number, at_ms, seat_above, seat_from, org_above, org_from) VALUES($1, $2, $3, $4, $5, $6)"
                            " ON CONFLICT(number) DO NOTHING",
                            &s);
    if (e != ERR_OK)
        return e;
    db_bind_integer(s, 1, (int64_t)number);
    db_bind_integer(s, 2, m->at_ms);
    db_bind_integer(s, 3, m->seat_above);
    db_bind_integer(s, 4, m->seat_from);
    db_bind_integer(s, 5, m->org_above);
    db_bind_integer(s, 6, m->org_from);
    return db_run(s);
}

/* Journal first: where the commit behind it failed, the seat is known all the same, and what it holds is waited for yet. */
static enum err owe_recovery(struct db *db, uint32_t seat)
{
    char name[sizeof STORE_ADOPTED + 16];
    snprintf(name, sizeof name, STORE_ADOPTED "%u", seat);
    return store_meta_put(db, name, seat);
}

/* As a join's, but for the invitation, which is lost. */
static enum err apply_adoption(struct db *db, const Journal__Adoption *m)
{
    struct db_statement *s;
    enum err e = db_prepare(db,
                            "INSERT INTO seat(number, org, person, roles, state, generation, key_hash, serial, certificate_ends_ms, invitation)"
                            " VALUES($1, $2, $3, $4, $5, 1, $6, $7, $8, 0) ON CONFLICT(number) DO NOTHING",
                            &s);
    if (e != ERR_OK)
        return e;
    db_bind_integer(s, 1, m->number);
    db_bind_integer(s, 2, m->org);
    db_bind_text(s, 3, slice_text(m->person));
    db_bind_text(s, 4, slice_text(m->roles));
    db_bind_integer(s, 5, SEAT_ACTIVE);
    db_bind_blob(s, 6, bytes_of(m->key_hash));
    db_bind_blob(s, 7, bytes_of(m->serial));
    db_bind_integer(s, 8, m->certificate_ends_ms);
    e = db_run(s);
    return e == ERR_OK && db_changes(db) > 0 ? owe_recovery(db, m->number) : e;
}

static enum err apply_message(struct db *db, uint64_t number, uint8_t type, const ProtobufCMessage *m)
{
    switch (type) {
    case CONTROL_ORG:
        return apply_org(db, (const Journal__Org *)m);
    case CONTROL_INVITATION:
        return apply_invitation(db, (const Journal__Invitation *)m);
    case CONTROL_SEAT:
        return apply_seat(db, (const Journal__Seat *)m);
    case CONTROL_RENEWAL:
        return apply_renewal(db, (const Journal__Renewal *)m);
    case CONTROL_SEAT_STATE:
        return apply_seat_state(db, (const Journal__SeatState *)m);
    case CONTROL_SEAT_ROLES:
        return apply_seat_roles(db, (const Journal__SeatRoles *)m);
    case CONTROL_EPOCH:
        return apply_epoch(db, (const Journal__Epoch *)m);
    case CONTROL_ERASURE:
        return apply_erasure(db, number, (const Journal__Erasure *)m);
    case CONTROL_READING:
        return apply_reading(db, number, (const Journal__Reading *)m);
    case CONTROL_JUMP:
        return apply_jump(db, number, (const Journal__Jump *)m);
    case CONTROL_ADOPTION:
        return apply_adoption(db, (const Journal__Adoption *)m);
    default:
        return apply_backup(db, number, (const Journal__Backup *)m);
    }
}

enum err store_control_apply(struct db *db, uint64_t number, uint8_t type, struct slice body)
{
    static const ProtobufCMessageDescriptor *const shapes[] = {
        NULL, &journal__org__descriptor, &journal__invitation__descriptor, &journal__seat__descriptor, &journal__renewal__descriptor,
        &journal__seat_state__descriptor, &journal__epoch__descriptor, &journal__backup__descriptor, &journal__erasure__descriptor,
        &journal__seat_roles__descriptor, &journal__reading__descriptor, &journal__jump__descriptor, &journal__adoption__descriptor};
    if (type == 0 || type >= sizeof shapes / sizeof *shapes)
        return ERR_NEWER;
    struct arena arena;
    arena_init(&arena, LIMIT_JOURNAL_RECORD * 4u);
    ProtobufCAllocator allocator = wire_allocator(&arena);
    /* Our own bytes, under the journal's checksum; LIMIT_REPEATED of wire_open would bound the number of orgs. */
    ProtobufCMessage *m = protobuf_c_message_unpack(shapes[type], &allocator, body.size, body.data);
    enum err e = m ? apply_message(db, number, type, m) : ERR_CORRUPT;
    arena_finish(&arena);
    if (e == ERR_OK)
        e = store_meta_put(db, "journal_number", (int64_t)number);
    return e == ERR_OK && type != CONTROL_READING ? store_control_changed(db) : e; /* readings are in nobody's memory */
}
