#pragma once
/* The local database of one seat (architecture: one SQLite file, DIR/banyan.db): what is shown, what waits to be sent, what is
 * known of the log. This header is what commands need; replica_sync.h is what the protocol needs; attention.h what waits for a
 * person.
 * Invariants: shown row = confirmed version + changes that wait, in order (rule 19); a change is durable with its row before
 * anybody is told that it is saved (rule 21); the exact bytes of a change are made once (rule 1).
 * Several processes may have the file open (WAL); one of them at a time is the agent (replica_lock_agent).
 * Strings and rows given out live in the arena that was passed, or until the next call that changes the replica.
 * A failure's sentence for people, in their language: replica_detail. */
#include "base/arena.h"
#include "base/id.h"
#include "kinds/kind.h"
#include "sync/change.h"
#include "wire.pb-c.h"

struct replica;
struct db;

/* ---- a folder ---- */
/* What `join` knows of a new seat. */
struct replica_seat {
    uint32_t number;
    const char *person;
    const char *roles;    /* "union_chair,accountant" */
    uint32_t home;        /* number of its org */
    const char *home_code, *home_name, *home_level;
    const char *district; /* the root's name */
    const char *server;   /* host:port */
};
/* Makes DIR/banyan.db (0600; DIR 0700 if it is not there). ERR_EXISTS if there is one. */
enum err replica_create(const char *dir, const struct replica_seat *seat, int64_t now_ms) MUST_CHECK;
/* ERR_NOT_FOUND: nobody has joined here. ERR_FOREIGN, ERR_NEWER: as db_open. A damaged file is set aside as
 * banyan.db.damaged-N, what can be read of outbox, attention and facts is carried into a new one, and the rows come again by a
 * snapshot (ERR_LOCKED while an agent runs; ERR_CORRUPT if not even the facts can be read). */
enum err replica_open(const char *dir, int64_t now_ms, struct replica **out) MUST_CHECK;
void replica_close(struct replica *r);
const char *replica_dir(const struct replica *r);
const char *replica_detail(const struct replica *r);
/* Sentence about why a folder could not be opened (replica_open gives no object to ask), in out. */
void replica_explain(enum err why, const char *dir, struct buf *out);
/* For tests alone: where ids, incarnations and groups come from; NULL: random_fill. */
void replica_set_random(struct replica *r, void (*fill)(void *out, size_t size));

/* Where it is told whether the wall clock was set since its difference was measured; clock_base in the programs. Without it
 * (NULL, as after opening) the difference is held to be what it was. */
struct clock_base;
void replica_set_clock(struct replica *r, bool (*base)(struct clock_base *out));

/* ---- facts ---- */
struct replica_facts {
    uint32_t seat;
    const char *person;
    const char *roles_text;    /* as the server gave them */
    role_set roles;            /* those that this build knows: only they give rights here */
    const char *roles_unknown; /* the others, of a newer server, with commas; "" */
    const char *roles_before;  /* as they were until roles_changed_ms, by the server's clock; "", 0: they never changed */
    int64_t roles_changed_ms;
    uint32_t home;
    bool above;                /* home is no branch: a district seat */
    const char *server;
    const char *district;
    int64_t last_contact_ms;   /* 0: never */
    int64_t clock_offset_ms;   /* the server's clock minus this device's, as far as known; replica_clock.c */
    int64_t clock_measured_ms; /* as it was at the last contact */
    bool clock_changed;        /* the device's clock was set since, or may have been: the machine was started again */
    int64_t certificate_ends_ms; /* 0: not known */
    int64_t suspended;         /* 1: the server says that the seat is suspended */
    int64_t unknown;           /* 1: that it knows no such seat: a restore lost it, and it can be taken in again */
    int64_t ended;             /* 1: that it is revoked, and what it had could not be handed over */
    int64_t recovering_until_ms; /* by the server's clock: until when at the latest the home takes no changes, as of the last contact; 0: it does */
    int64_t repairs;           /* kinds that had to be repaired by a digest so far (rule 30) */
    int64_t broken;            /* changes that the server missed and this device no longer held (rule 6) */
};
/* Read afresh if another process changed the file. */
enum err replica_facts(struct replica *r, struct replica_facts *out) MUST_CHECK;

struct replica_org {
    uint32_t number, parent;
    const char *code, *name, *level, *state;
    bool held;                 /* its records are kept here */
};
/* ERR_NOT_FOUND. */
enum err replica_org(struct replica *r, uint32_t number, struct arena *arena, struct replica_org *out) MUST_CHECK;
enum err replica_org_by_code(struct replica *r, const char *code, struct arena *arena, struct replica_org *out) MUST_CHECK;
/* Name of a seat's person, as far as known here; NULL otherwise. */
const char *replica_person(struct replica *r, uint32_t seat, struct arena *arena);
const char *replica_seat_roles(struct replica *r, uint32_t seat, struct arena *arena); /* "会计、工会委员"; NULL: not known */
/* The person with the seat's roles, as far as known: "陈晨（会计）", in people's language. */
const char *replica_person_title(struct replica *r, uint32_t seat, struct arena *arena);

/* ---- lease: hidden after LIMIT_LEASE_DAYS without the server ---- */
struct replica_lease {
    int days_left;             /* 0: over */
    bool warn;                 /* fewer than LIMIT_LEASE_DAYS - LIMIT_LEASE_WARN_DAYS are left */
    bool hidden;               /* reading records gives ERR_LEASE; outbox, status and sync go on */
};
enum err replica_lease(struct replica *r, int64_t now_ms, struct replica_lease *out) MUST_CHECK;

/* ---- reading records: ERR_LEASE while hidden ---- */
enum replica_sync { REPLICA_CONFIRMED, REPLICA_QUEUED, REPLICA_REFUSED, REPLICA_CONFLICT };
const char *replica_sync_name(enum replica_sync s); /* "confirmed" ... */

struct replica_row {
    struct id id;
    uint32_t kind;
    uint32_t org;
    uint64_t seq;              /* of the confirmed version; 0 while there is none */
    enum replica_sync sync;
    const ProtobufCMessage *message;
};
/* The shown row; also of a foreign org if it was seen (replica_see). now_ms is for the lease.
 * ERR_NOT_FOUND: unknown or removed. */
enum err replica_load(struct replica *r, uint32_t kind, struct id id, int64_t now_ms, struct arena *arena, struct replica_row *out) MUST_CHECK;
/* Every living shown row of a kind, by id. row lives during the call; false stops. Rows that were only seen are left out. */
typedef bool replica_each(void *to, const struct replica_row *row);
enum err replica_scan(struct replica *r, uint32_t kind, int64_t now_ms, replica_each *each, void *to) MUST_CHECK;
/* An id by its shortest unambiguous prefix. kind 0: any. Seen rows too. ERR_NOT_FOUND, ERR_AMBIGUOUS, ERR_VALUE. */
enum err replica_find(struct replica *r, uint32_t kind, const char *prefix, struct id *out, uint32_t *kind_out) MUST_CHECK;
/* Ids of living rows whose field equals value (references by number, ID number, name; import). At most max. */
enum err replica_find_value(struct replica *r, uint32_t kind, const char *field, struct cell value, int64_t now_ms, struct id *out,
                            size_t max, size_t *count) MUST_CHECK;
enum err replica_count(struct replica *r, uint32_t kind, uint64_t *out) MUST_CHECK; /* living rows of held orgs */

/* Entries of a record's history that this device holds, oldest first; then its changes that wait (entry NULL).
 * complete: nothing of it was ever let go, so this is all. */
struct entry;
typedef bool replica_each_entry(void *to, uint32_t org, const struct entry *entry, const struct change *pending);
enum err replica_history(struct replica *r, uint32_t kind, struct id id, int64_t now_ms, replica_each_entry *each, void *to,
                         bool *complete) MUST_CHECK;

/* ---- changing records ---- */
struct replica_change {
    enum op op;                      /* CREATE SET ACT REMOVE */
    uint32_t kind;
    struct id id;                    /* create: zero: made here */
    uint32_t org;                    /* 0: the record's, or of a new one the seat's own */
    const ProtobufCMessage *patch;   /* fields that are set (act: side fields); NULL: none */
    const uint32_t *cleared;         /* tags, ascending */
    size_t cleared_count;
    const char *action;              /* act */
    uint32_t for_seat;               /* handed in for that seat of the same org (a handover); 0: one's own */
};
/* What became of it. Strings are static or live in the arena. */
struct replica_outcome {
    struct id id;
    uint64_t n;
    bool changed;                    /* false: set to what already stands; nothing was written */
    const char *code, *field;        /* ERR_REFUSED: why (refusal_text, refusal_next) */
    const char *argument[3];
    struct findings warnings;        /* what the rules warn about; the change was saved nonetheless */
};
/* Checks rights and rules as the server would, then writes row, shadow and outbox in one transaction; durable when it returns
 * ERR_OK (outside a batch). ERR_REFUSED: out says why, nothing is written. ERR_NOT_FOUND: no such record here.
 * ERR_LEASE while hidden. */
enum err replica_change(struct replica *r, const struct replica_change *change, int64_t now_ms, struct arena *arena,
                        struct replica_outcome *out) MUST_CHECK;
/* An id for a record that is still to be made, where others of its group point to it. now_ms: by the server's clock. */
struct id replica_new_id(struct replica *r, int64_t now_ms);
/* Several that succeed or fail together, everywhere (rule 15); at most LIMIT_GROUP. */
enum err replica_change_group(struct replica *r, const struct replica_change *changes, size_t count, int64_t now_ms,
                              struct arena *arena, struct replica_outcome *out) MUST_CHECK;
/* A batch: replica_change in between sees what came before; all is durable at the commit, nothing is written after a
 * rollback (dry run). A refused change in between leaves the batch as it was. */
enum err replica_batch_begin(struct replica *r) MUST_CHECK;
enum err replica_batch_commit(struct replica *r) MUST_CHECK;
void replica_batch_rollback(struct replica *r);

/* ---- what the server was asked for ---- */
/* Rows of foreign orgs as they were answered: kept, so that `act` works on them offline (base = the seq that was seen). */
enum err replica_see(struct replica *r, const Wire__Rows *rows, int64_t now_ms) MUST_CHECK;
/* Names of seats (history, seat list). */
enum err replica_meet(struct replica *r, const Wire__Author *const *authors, size_t count) MUST_CHECK;
/* The last answer under a key ("overview", "list work_plan QH001"), to be shown with its age when offline. ERR_NOT_FOUND. */
enum err replica_put_answer(struct replica *r, const char *key, struct slice bytes, int64_t now_ms) MUST_CHECK;
enum err replica_get_answer(struct replica *r, const char *key, int64_t now_ms, struct arena *arena, struct slice *bytes, int64_t *at_ms) MUST_CHECK;

/* ---- status ---- */
struct replica_status {
    bool connected;            /* an agent runs and its session is up */
    uint64_t queued;           /* changes that no server has acknowledged, without refused ones */
    int64_t oldest_queued_ms;  /* 0: none */
    uint64_t refused;          /* in attention */
    uint64_t conflicts;        /* open ones that this seat may see */
    uint64_t cursor;           /* of the home org */
    uint64_t kept;             /* log entries held for a restore */
    uint64_t readings;         /* of sensitive values by others, not looked at yet */
    uint64_t rewritten;        /* places where the server's past is another one than it was, of which nobody has taken note yet */
    uint64_t renumbered;       /* numbers on paper that are others now, of which nobody has taken note yet (replica_numbers) */
    uint64_t left;             /* seats of which changes that were not taken wait for somebody (replica_lefts) */
    uint64_t left_late;        /* of them those that are not revoked: what others handed over of them late was refused */
};
enum err replica_status(struct replica *r, struct replica_status *out) MUST_CHECK;

/* ---- the past: chain heads that the server gave, and what it says now (PROTOCOL.md "Heads") ---- */
struct replica_head {
    uint32_t org;
    uint64_t seq;
    struct slice chain, mac;         /* mac empty: the server gave none */
    int64_t at_ms;                   /* when it was seen first */
    bool contradicted;
    struct slice now_chain, now_mac; /* what the server said of that seq then; empty: it was not asked for this one, or has no such entry */
};
typedef bool replica_each_head(void *to, const struct replica_head *head); /* head lives during the call; false stops */
enum err replica_heads(struct replica *r, replica_each_head *each, void *to) MUST_CHECK; /* by org and seq */
/* The server's log is another one than it gave: somewhere behind entry `after` (0: from its first on) and up to entry seq. */
struct replica_rewriting {
    uint32_t org;
    uint64_t after, seq;
    int64_t after_ms, seen_ms; /* when those two were seen here as they were; 0: never */
    int64_t found_ms;
    bool noted;                /* a person has taken note: it is told on, and waits for nobody */
};
#define REWRITINGS_MAX 64
enum err replica_rewritings(struct replica *r, struct replica_rewriting *out, size_t max, size_t *count) MUST_CHECK; /* as found */
enum err replica_rewritings_noted(struct replica *r, int64_t now_ms) MUST_CHECK;

/* ---- numbers that the server gave and that are others now: it was restored, and gave the records new ones (rules 18, 27) ---- */
struct replica_number {
    uint32_t kind;
    struct id id;
    const char *field;      /* its name */
    const char *was, *now;
    int64_t at_ms;          /* when the restore was found here, by the server's clock */
    bool told;              /* replica_numbers_told since it is what it is now */
    bool noted;             /* a person has taken note: it waits for nobody */
};
typedef bool replica_each_number(void *to, const struct replica_number *number); /* lives during the call; false stops */
enum err replica_numbers(struct replica *r, int64_t now_ms, replica_each_number *each, void *to) MUST_CHECK; /* as found; ERR_LEASE while hidden */
enum err replica_numbers_told(struct replica *r) MUST_CHECK;  /* all that there are now */
enum err replica_numbers_noted(struct replica *r) MUST_CHECK;

/* ---- readings: who is not of this branch and was given sensitive values of its records ---- */
struct replica_reading {
    uint64_t number;
    int64_t at_ms;
    uint32_t seat;
    const char *person, *roles, *branch, *branch_name, *fields; /* branch: code; roles, fields: separated by commas */
    uint32_t kind;
    struct id id;     /* zero: of several */
    uint64_t records;
    bool noted;       /* it was shown before */
};
typedef bool replica_each_reading(void *to, const struct replica_reading *reading); /* lives during the call; false stops */
enum err replica_readings(struct replica *r, replica_each_reading *each, void *to) MUST_CHECK; /* oldest first */
/* A restore lost the server's record of readings, and what it has of before this time is not whole; 0: it never did, as far as this seat was told. */
int64_t replica_readings_lost_ms(struct replica *r);
enum err replica_readings_noted(struct replica *r) MUST_CHECK;

/* ---- two copies of one database in use, or an old one put back: of this seat, and of those that it answers for ---- */
struct replica_copied {
    uint32_t seat;
    const char *person, *branch; /* branch: code */
    int64_t at_ms;               /* when the server saw it last */
    bool fresh;                  /* nobody was told within the last day */
};
typedef bool replica_each_copies(void *to, const struct replica_copied *copied); /* lives during the call; false stops */
enum err replica_copies(struct replica *r, replica_each_copies *each, void *to) MUST_CHECK; /* as of the last contact, oldest first */
enum err replica_copies_told(struct replica *r) MUST_CHECK;

/* ---- what seats left (rules 27, 32) ---- */
/* A seat that this one answers for was revoked, and what it had not sent by then was not taken, or what others handed over of it late (rule
 * 27): somebody may have to enter it anew. Until replica_left_done; what comes later is told again. */
struct replica_left {
    uint32_t seat;
    const char *person, *branch; /* branch: code; "" where it is not known */
    uint64_t changes;
    int64_t at_ms; /* when the newest of them came */
    const char *state; /* of the seat, when that was told: "active", "suspended", "revoked"; "unknown": nobody knows it any more; "": not told */
};
typedef bool replica_each_left(void *to, const struct replica_left *left); /* left lives during the call; false stops */
enum err replica_lefts(struct replica *r, replica_each_left *each, void *to) MUST_CHECK;
enum err replica_left_done(struct replica *r, uint32_t seat) MUST_CHECK; /* ERR_NOT_FOUND */

/* ---- merged (rule 9) ---- */
/* Records in which this seat's changes went in beside those of others since the last time that somebody asked, oldest first. */
#define MERGED_MAX 32u
struct replica_merged {
    uint32_t kind;
    struct id id;
};
enum err replica_take_merged(struct replica *r, struct arena *arena, struct replica_merged out[MERGED_MAX], size_t *count) MUST_CHECK;

/* ---- handed over after a restore (rule 27) ---- */
/* What this device held of changes that the server had lost in a restore, handed over since the last time that somebody asked. */
struct replica_late_told {
    uint64_t decided; /* the server did not know them; they have a verdict now */
    uint64_t refused; /* of those: refused now */
    uint64_t left;    /* could not be taken from this device; their authors' own may bring them */
};
enum err replica_take_late_told(struct replica *r, struct replica_late_told *out) MUST_CHECK;
void replica_late_untold(struct replica *r, struct replica_late_told *out); /* what that will give */

/* ---- this device's clock ---- */
/* The difference from the server's of which people were told last; 0: of none, or it was right since. */
int64_t replica_clock_told(struct replica *r);
enum err replica_clock_note_told(struct replica *r, int64_t difference_ms) MUST_CHECK;

/* ---- erased by law (rule 29) ---- */
/* Is that field of the record erased? */
bool replica_is_erased(struct replica *r, uint32_t kind, struct id id, uint32_t tag);
/* What was erased since the last time that somebody asked, oldest first; not what was before this seat had any records.
 * What is more than one answer holds comes with the next; *count 0: no more. */
#define ERASED_MAX 16u
struct replica_erasure {
    uint32_t org;
    int64_t at_ms;
    const char *reason; /* the decision */
    size_t records;
};
enum err replica_take_erased(struct replica *r, struct arena *arena, struct replica_erasure out[ERASED_MAX], size_t *count) MUST_CHECK;
/* The first of what the next call of that will give. */
enum err replica_untold_erased(struct replica *r, struct arena *arena, struct replica_erasure out[ERASED_MAX], size_t *count) MUST_CHECK;
