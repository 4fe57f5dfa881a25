#pragma once
/* Inside of the replica, shared by the files that make it up. Nothing outside client/replica*, outbox, kept, attention includes
 * this. Tables of its own (replica_schema.c) beside those of the kinds (common/table):
 *   shadow     confirmed version of a record that has changes that wait     outbox     changes, exact bytes, until rule 20 ends them
 *   kept       log entries as pulled (rule 24)                               position   where an org stands, snapshot's progress
 *   attention  refused changes until a person ends them                      handled    refusals that a person ended already
 *   seen       rows of foreign orgs as they were answered                    lineage    epochs as WELCOME told them
 *   head_mac   what proves chain heads (heads.h)                            left_seat, left_state, left_change  what seats left
 *   unseen     kinds of which new roles read more than is here yet (replica_roles.c)
 *   reading    who else was given sensitive values of this branch (replica_reading.c)
 *   seen_head, rewritten  chain heads as witnesses, and what they contradict (past.h)
 *   broken     changes that nobody holds any more (broken.h)                taken_in   changes out of others' files (handover.h)
 *   erasure, erased  what is erased by law (replica_erase.h)
 *   seat_copies  seats of whose data two copies are in use (replica_copies.c)
 *   number_was  numbers on paper that a restore may have changed (replica_numbers.h) */
#include "client/replica/replica.h"
#include "client/replica/sql.h"
#include "sync/decide.h"
#include "table/table.h"

#define REPLICA_VERSION 1
#define REPLICA_FILE "banyan.db"

struct replica {
    char *dir;
    struct db *db;
    struct table_spec *specs;
    size_t spec_count;
    struct table_set *tables;
    struct buf detail;
    struct arena facts_arena;
    struct replica_facts facts;
    bool facts_stale;
    int64_t data_version;
    void (*fill)(void *out, size_t size);
    bool (*clock)(struct clock_base *out); /* replica_clock.c; NULL: not asked */
    struct db_lock *agent;
    struct db_lock *held; /* replica_hold.c; NULL while it is made under another name */
    uint64_t inode;       /* of the file that was opened */
    int64_t id_ms;   /* of the last id that was made here, and its place within that millisecond */
    unsigned id_place;
    unsigned depth;  /* of transactions that are open in one another */
    bool broken;     /* something in the open transaction failed: it cannot be committed */
};

/* ---- the difference of the clocks (replica_clock.c) ---- */
enum err inner_clock_measured(struct replica *r, int64_t offset_ms) MUST_CHECK;
void inner_clock_read(struct replica *r, struct replica_facts *f);

/* ---- transactions: a batch of a command may be around ---- */
enum err inner_begin(struct replica *r) MUST_CHECK;
/* failed ERR_OK: commits (if it is the outermost), else rolls back all. Gives failed, or the commit's own failure. */
enum err inner_end(struct replica *r, enum err failed) MUST_CHECK;

enum err inner_fail(struct replica *r, enum err e, const char *sentence); /* notes the detail, gives e */
/* Takes the WAL into the file, before that alone is given its name: what a full disk keeps in the WAL would stay behind. */
enum err inner_all_in_file(struct db *db) MUST_CHECK;
void inner_unlink(const char *path); /* a database that may be there, with what stands beside it */
enum err inner_suspect(struct replica *r, enum err e); /* gives e; of ERR_CORRUPT the next to open looks at the whole file */
/* Those that one process makes are in the order of making, so that lists keep the order of the file that was imported. */
struct id inner_id(struct replica *r, int64_t now_ms);
enum err replica_merged_note(struct replica *r, uint32_t kind, struct id id, struct arena *arena) MUST_CHECK;
enum err inner_lease(struct replica *r, int64_t now_ms) MUST_CHECK; /* ERR_LEASE with its sentence, or ERR_OK */

/* ---- the folder (replica_hold.c) ---- */
/* Held by all that have the file open, with others; alone by who gives its name to another file. Both wait a while. ERR_LOCKED. */
enum err hold_with_others(const char *dir, struct db_lock **out) MUST_CHECK;
enum err hold_alone(const char *dir, struct db_lock **out) MUST_CHECK;
/* False: the file that this replica has open bears the name no longer. Certain only within a write transaction. */
bool hold_is_here(const struct replica *r);

/* ---- the schema (replica_schema.c) ---- */
enum err schema_create(struct db *db) MUST_CHECK;
enum err schema_specs(struct replica *r) MUST_CHECK;
/* What a file of an older build lacks: tables, and a snapshot is marked of kinds that this build knows and that one did not. */
enum err schema_renew(struct replica *r) MUST_CHECK;

/* ---- rows (replica_rows.c) ---- */
struct confirmed {
    uint32_t org;
    uint64_t seq;               /* 0: never confirmed */
    bool dead;                  /* a tombstone */
    ProtobufCMessage *message;  /* NULL: dead or unknown */
};
/* The confirmed version: shadow, table row or seen row. Unknown: seq 0, no message. */
enum err rows_confirmed(struct replica *r, const struct kind *k, struct id id, struct arena *arena, struct confirmed *out) MUST_CHECK;
/* The shown message (NULL: none): confirmed and what waits. */
enum err rows_shown(struct replica *r, const struct kind *k, struct id id, struct arena *arena, struct confirmed *confirmed,
                    ProtobufCMessage **shown) MUST_CHECK;
/* Writes what a record is now: confirmed as given, changes that wait over it (rule 19). */
enum err rows_write(struct replica *r, const struct kind *k, struct id id, const struct confirmed *confirmed, struct arena *arena) MUST_CHECK;
/* The same after the outbox changed. */
enum err rows_replay(struct replica *r, uint32_t kind, struct id id) MUST_CHECK;
/* True if the org's records are kept here. */
enum err rows_held(struct replica *r, uint32_t org, bool *held) MUST_CHECK;

/* ---- history (replica_read.c) ---- */
/* A record's entries that are held here, oldest first. The arena is reset for each; go: false once the caller had enough. */
enum err inner_each_entry(struct replica *r, struct id id, replica_each_entry *each, void *to, struct arena *arena, bool *go) MUST_CHECK;

/* ---- what new roles read anew (replica_roles.c) ---- */
/* Its rows have come: all of the org. */
enum err roles_seen(struct replica *r, uint32_t org) MUST_CHECK;
/* ERR_BUSY with its sentence, before they have (rule 31). */
enum err roles_may_change(struct replica *r, uint32_t org, const struct kind *k) MUST_CHECK;
/* Of what was deleted, because it may be read no longer, nothing is to be left in the file, nor in one that was set aside. What cannot be
 * done now (somebody reads in it) is done at the next call. Outside a transaction. */
void roles_scrub(struct replica *r);

/* ---- what revoked seats left (replica_left.c) ---- */
enum err left_take(struct replica *r, const Wire__Welcome *w) MUST_CHECK;
/* An entry that was pulled: what a revoked seat left, or what a successor has handed in of that. */
enum err left_note(struct replica *r, const struct entry *entry, struct arena *arena) MUST_CHECK;
enum err left_newest(struct replica *r, int64_t *out) MUST_CHECK; /* that WELCOME told of; 0: none */

/* ---- readings (replica_reading.c) ---- */
enum err reading_take(struct replica *r, const Wire__Welcome *w) MUST_CHECK;
enum err reading_told(struct replica *r, uint64_t *number, int64_t *at_ms) MUST_CHECK; /* the last that the server told; 0: none */

/* ---- copies in use (replica_copies.c) ---- */
enum err copies_take(struct replica *r, const Wire__Welcome *w) MUST_CHECK;

/* ---- changes (replica_change.c) ---- */
/* As replica_change_group, but with no base over base_max[i] (NULL: none): what is sent again still says what the person saw. */
enum err change_again(struct replica *r, const struct replica_change *changes, const uint64_t *base_max, size_t count, int64_t now_ms,
                      struct arena *arena, struct replica_outcome *out) MUST_CHECK;

/* What the ladder says to changes that were made on another device and are handed in here, a group whole, before they are written. *refused: the
 * first reason, if there is one that can be known here: what is missing or older on this device alone is none. */
struct decision;
enum err change_judge(struct replica *r, const struct change *changes, size_t count, int64_t now_ms, struct arena *arena, struct decision *refused,
                      bool *found) MUST_CHECK;

/* ---- positions (replica_position.c) ---- */
enum snap { SNAP_NONE, SNAP_WANTED, SNAP_ROWS, SNAP_LOG };
struct position {
    uint32_t org;
    uint64_t seq;
    uint8_t chain[CHAIN_SIZE];
    bool chain_known;
    uint64_t log_seq;
    uint8_t log_chain[CHAIN_SIZE];
    bool log_chain_known;
    uint64_t promise;
    bool trimmed;               /* entries were let go, or never fetched */
    enum snap snap;
    uint32_t snap_kind;         /* a repair of one kind; 0: all */
    uint64_t snap_seq;
    uint8_t snap_chain[CHAIN_SIZE];
    uint32_t snap_at_kind;
    struct id snap_at_id;
    bool snap_marked;           /* rows that come are marked, so that those that do not come can go */
};
/* ERR_NOT_FOUND. */
enum err position_load(struct replica *r, uint32_t org, struct position *out) MUST_CHECK;
enum err position_save(struct replica *r, const struct position *p) MUST_CHECK;
enum err lineage_load(struct replica *r, uint32_t org, struct arena *arena, struct lineage *out) MUST_CHECK;
/* Does the entry of another change than that of this hash stand at seq in the kept log? */
enum err position_is_of_other(struct replica *r, uint32_t org, uint64_t seq, struct slice hash, bool *other) MUST_CHECK;
/* replica_fall_back.c. Where the server gave up what is held of the org's log: back to what both have. before: the lineage as it was told
 * last time. */
enum err fall_back_check(struct replica *r, uint32_t org, uint32_t seat, const struct lineage *before) MUST_CHECK;
/* The entry at seq is lost here: what follows comes again. */
enum err fall_back_before(struct replica *r, uint32_t org, uint64_t seq) MUST_CHECK;
/* Rule 20: what the cursor or the promise has passed leaves the outbox. */
enum err position_settle(struct replica *r, uint32_t org, uint64_t cursor, uint64_t promise) MUST_CHECK;

/* ---- attention of refused changes (attention_refusal.c) ---- */
struct outbox_entry;
enum err refusal_note(struct replica *r, const struct outbox_entry *entry, struct slice refusal, int64_t now_ms) MUST_CHECK;
/* An accepted entry of one's own ends it; a refused one that nobody handled stands in it. */
enum err refusal_of_entry(struct replica *r, uint32_t org, const struct entry *entry, int64_t now_ms) MUST_CHECK;
/* Puts names in place of seats among a refusal's arguments. */
void refusal_persons(struct replica *r, const char *code, const char *argument[3], struct arena *arena);
struct slice refusal_pack(const char *code, const char *field, const char *text, const char *const argument[3], struct arena *arena);
