#pragma once
/* The tables of control data, behind control.h: what stands in them is what the control journal says, laid over record by
 * record; journal_number in meta tells how far. All SQL of control data stands in store_control.c and store_control_read.c.
 * Every function that writes runs in the caller's transaction. */
#include "server/control/control.h"

enum control_record {
    CONTROL_ORG = 1,        /* journal.proto: Org */
    CONTROL_INVITATION = 2,
    CONTROL_SEAT = 3,
    CONTROL_RENEWAL = 4,
    CONTROL_SEAT_STATE = 5,
    CONTROL_EPOCH = 6,
    CONTROL_BACKUP = 7,
    CONTROL_ERASURE = 8,
    CONTROL_SEAT_ROLES = 9,
    CONTROL_READING = 10,
    CONTROL_JUMP = 11,
    CONTROL_ADOPTION = 12
};

/* All tables that the house adds to those of the kinds, if they aren't there. */
enum err store_control_create(struct db *db) MUST_CHECK;
extern const char store_control_tables[]; /* the statements, each with IF NOT EXISTS */
/* One journal record. ERR_NEWER for a type that this version doesn't know. */
enum err store_control_apply(struct db *db, uint64_t number, uint8_t type, struct slice body) MUST_CHECK;

/* Of the table `cut`. path: counts the times that an org was cut back; its entries are one path that was given up. */
#define STORE_CUT_COLUMNS                                                                                                              \
    "org INTEGER NOT NULL, path INTEGER NOT NULL, seq INTEGER NOT NULL, chain BLOB NOT NULL, entry BLOB NOT NULL, PRIMARY KEY(org, path, seq)"
/* In meta, by seat: how many of its changes never arrived and are held no longer (rule 6). */
#define STORE_BROKEN "broken_by_"
/* In meta, by seat: in how many places it says that the past is another one than it saw (PROTOCOL.md "Heads"). */
#define STORE_REWRITTEN "rewritten_by_"

/* In meta, by seat: the first 8 bytes of the incarnation that it said last, and of the one before; when an earlier one came back. */
#define STORE_INCARNATION "incarnation_of_"
#define STORE_INCARNATION_BEFORE "incarnation_before_"
#define STORE_COPIES "copies_of_"

/* In meta, by seat: who changed its roles last, and when: "SEAT MS". */
#define STORE_ROLES_BY "roles_by_"

/* In meta, by seat: it was taken in again, and its recovery (store_recover_seat) has not begun yet. */
#define STORE_ADOPTED "adopted_"

/* A number or text of the house. A name that was never put: *out 0, text empty. */
enum err store_meta_get(struct db *db, const char *name, int64_t *out) MUST_CHECK;
enum err store_meta_put(struct db *db, const char *name, int64_t v) MUST_CHECK;
enum err store_meta_text(struct db *db, const char *name, struct buf *out) MUST_CHECK;
enum err store_meta_put_text(struct db *db, const char *name, const char *text) MUST_CHECK;
/* Other connections reload what they hold in memory. */
enum err store_control_changed(struct db *db) MUST_CHECK;

struct control_reading;
/* Does one of the same seat in the same roles, of the same record and fields, stand there from the LIMIT_READING_MS before it? */
enum err store_control_reading_known(struct db *db, const struct control_reading *reading, bool *known) MUST_CHECK;

/* Of an org, after that one, by number: number, at_ms, seat, roles, kind, record, records, fields. From the first on where there is none
 * of that number and time: another journal's number says nothing. The caller steps to the end. */
enum err store_control_readings(struct db *db, uint32_t org, uint64_t after, int64_t after_ms, size_t max, struct db_statement **out) MUST_CHECK;

/* ---- all of it in memory ---- */
/* What is erased of one record. */
struct control_erased {
    uint32_t kind;
    struct id id;
    struct erased_fields fields;
};
struct control_last {
    uint32_t epoch, org;
    uint64_t seq;
};
struct control_tables {
    struct arena arena;
    int64_t generation, contact;     /* of what was read */
    struct control_org *orgs;        /* by number */
    const struct control_org **listed; /* root first, then by code */
    size_t org_count;
    struct control_seat *seats;      /* by number */
    size_t seat_count;
    struct control_epoch *epochs;    /* ascending */
    size_t epoch_count;
    struct control_last *lasts;      /* by epoch, org */
    size_t last_count;
    struct control_erasure *erasures; /* by number */
    size_t erasure_count;
    struct control_erased *erased;    /* by kind, id; each once */
    size_t erased_count;
    char *address;
};
/* Into a fresh one; a failure leaves nothing to finish. */
enum err store_control_load(struct db *db, struct control_tables *out) MUST_CHECK;
void store_control_finish(struct control_tables *t);
/* What a statement that asks for one number, and has always a row, answers; the second: of things that are counted. */
enum err store_control_ask(struct db *db, const char *sql, int64_t *out) MUST_CHECK;
enum err store_control_count(struct db *db, const char *sql, size_t *out) MUST_CHECK;
/* store_control_erasures.c: a part of it. */
enum err store_control_load_erasures(struct db *db, struct control_tables *t) MUST_CHECK;
/* What is erased of that record; NULL: nothing. */
const struct control_erased *store_control_erased(const struct control_tables *t, uint32_t kind, struct id id);
/* What seats reported since t was read. */
enum err store_control_load_contacts(struct db *db, struct control_tables *t) MUST_CHECK;
struct control_seat *store_control_seat(const struct control_tables *t, uint32_t number);
enum err store_control_find_invitation(struct db *db, struct slice secret_hash, struct arena *arena, struct control_invitation *out) MUST_CHECK;
enum err store_control_invitation(struct db *db, uint32_t number, struct arena *arena, struct control_invitation *out) MUST_CHECK;
/* Codes of that org that nobody has used yet and whose time is not over at now_ms: by_seat, how many. The caller steps to the end. */
enum err store_control_open_invitations(struct db *db, uint32_t org, int64_t now_ms, struct db_statement **out) MUST_CHECK;
/* The erasure of that number was carried out on rows and history. */
enum err store_control_erasure_done(struct db *db, uint64_t number) MUST_CHECK;
/* ---- store_strangers.c: seats that a restore lost ---- */
/* One called at its last_ms. *tell: it is the first call, or the first since a day. Its union is as it told it last; one that can't be
 * (store_control_ceiling) was not told. */
enum err store_control_note_stranger(struct db *db, const struct control_stranger *x, bool *tell) MUST_CHECK;
/* When it called last, if no less is noted of it than x tells; 0: it is to be noted. */
enum err store_control_stranger_called(struct db *db, const struct control_stranger *x, int64_t *last_ms) MUST_CHECK;
/* By seat. */
enum err store_control_strangers(struct db *db, struct arena *arena, struct control_stranger **out, size_t *count) MUST_CHECK;

/* ---- store_numbers.c: which numbers are free ---- */
/* The next number of the table ("org", "seat", "invitation"): behind all that were given here, that a restore left out (Jump), and that
 * entries or devices were seen with. ERR_FULL: there is none left. */
enum err store_control_next(struct db *db, const char *table, uint32_t *out) MUST_CHECK;
/* No number above it can have been given to a seat or an org (table: "seat", "org"), here or in a past that restores lost: who tells of a
 * higher one is not believed. It does not hang on what was told before. */
enum err store_control_ceiling(struct db *db, const char *table, int64_t *out) MUST_CHECK;
struct control_jump;
/* What a restore at now_ms leaves out, by what the tables know. seat: one that is unknown and shall be explained by it, or 0. */
enum err store_control_plan_jump(struct db *db, int64_t now_ms, uint32_t seat, struct control_jump *out) MUST_CHECK;
/* All of them laid over each other: *above the lowest, *from the highest; ERR_NOT_FOUND where there was no such restore. */
enum err store_control_jumps(struct db *db, struct control_jump *out) MUST_CHECK;
