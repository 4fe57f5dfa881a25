#pragma once
/* Control data: orgs, seats, invitations, epochs, backups. Kept in tables beside the records and, before that, in the control
 * journal; read whole into memory (a city: 2,000 orgs, 11,000 seats) by each thread that needs it and refreshed when another
 * connection changed it, so that a revoke acts on a live connection at its next message.
 * Every writing function appends to the journal, syncs, then commits to the tables; a restore replays the journal. */
#include "db/db.h"
#include "kinds/kind.h"
#include "server/control/journal.h"
#include "sync/decide.h"
#include "sync/erase.h"

struct control_org {
    uint32_t number;       /* root: 1 */
    uint32_t parent;       /* root: 0 */
    const char *code, *name, *level, *state; /* state: functions.md SM-BRANCH */
    bool leaf;             /* level branch */
};
struct control_seat {
    uint32_t number;
    uint32_t org;
    const char *person;
    role_set roles;
    enum seat_state state;
    uint32_t generation;   /* counted up by revoke, suspend, renew, other roles: PSKs of older ones are dead */
    uint8_t key_hash[32];  /* of its current public key */
    uint8_t serial[16];    /* of its current certificate */
    int64_t certificate_ends_ms;
    int64_t roles_ms;      /* when its roles were changed last; 0: they are those of its invitation */
    uint32_t roles_by;     /* by which seat; 0: the operator */
    /* what it reported last; not journalled */
    int64_t last_contact_ms;
    uint32_t queued, refused, conflicts;
    int64_t oldest_queued_ms;
    uint32_t broken;       /* what the server found out itself: changes that nobody holds any more (rule 6) */
    uint32_t rewritten;    /* of its own report: where the past is another one than it saw */
    int64_t copies_ms;     /* found out by the server: when two copies of its database were last seen in use; 0: never */
    const char *version;
};
/* Lately enough to be told, and of a seat that is let in. */
bool control_seat_is_copied(const struct control_seat *seat, int64_t now_ms);
struct control_epoch { uint32_t epoch, parent; }; /* last surviving seq per org: control_epoch_last */

struct control;
/* Loads over db (kept; must outlive). journal may be NULL for readers. */
enum err control_open(struct db *db, struct journal *journal, struct control **out) MUST_CHECK;
void control_close(struct control *c);
/* Makes the tables in a new database; root org with number 1. */
enum err control_init(struct db *db, struct journal *journal, const char *name, const char *code, const char *level) MUST_CHECK;
/* Reloads if another connection changed control data (PRAGMA data_version, then a generation number). *changed may be NULL. */
enum err control_refresh(struct control *c, bool *changed) MUST_CHECK;
/* Counts up with every change of what is in memory here, but for contacts. 0: there is nothing yet. */
int64_t control_generation(const struct control *c);
/* Lays journal records over the tables that came later than what the tables have (after a restore). */
enum err control_replay(struct db *db, struct journal *journal) MUST_CHECK;

/* Borrowed until the next refresh or write. NULL if unknown. */
const struct control_org *control_org(const struct control *c, uint32_t number);
const struct control_org *control_org_by_code(const struct control *c, const char *code);
const struct control_org *control_org_at(const struct control *c, size_t index); /* root first, then by code; NULL at the end */
bool control_in_subtree(const struct control *c, uint32_t top, uint32_t org);     /* org is top or below it */
bool control_roles_answer(role_set roles); /* for the seats of their org */
/* The org with whose subtree's seats its roles let it deal: the chair's own branch, the officer's subtree. 0: none. */
uint32_t control_answers_for(const struct control_seat *seat);
/* May it have others join there: it is active and answers for that org. by_seat 0: the operator, who always may. */
bool control_may_invite(const struct control *c, uint32_t by_seat, uint32_t org);
const struct control_seat *control_seat(const struct control *c, uint32_t number);
const struct control_seat *control_seat_at(const struct control *c, size_t index);
const struct control_epoch *control_epoch_at(const struct control *c, size_t index); /* ascending; [0] is epoch 1 */
uint32_t control_newest_epoch(const struct control *c); /* 1 before any restore */
uint64_t control_epoch_last(const struct control *c, uint32_t epoch, uint32_t org);  /* last surviving seq of its parent for the org */
struct lineage control_lineage(const struct control *c, uint32_t org, struct arena *arena);

/* The number that a new org would get: those from there on were never given. */
enum err control_next_org(struct control *c, uint32_t *out) MUST_CHECK;
/* Writing. detail of a refusal (code taken, unknown parent ...): control_detail. */
enum err control_add_org(struct control *c, const char *code, const char *name, const char *level, const char *parent_code, uint32_t *number) MUST_CHECK;
/* One that a restore lost, under its own number: one that is free, and that no org will be given. ERR_REFUSED with its detail otherwise. */
enum err control_add_org_again(struct control *c, const char *code, const char *name, const char *level, const char *parent_code, uint32_t number) MUST_CHECK;
/* secret: 16 random bytes; only its hash is kept. ends_ms. */
enum err control_add_invitation(struct control *c, uint32_t org, const char *person, role_set roles, const uint8_t secret[16], int64_t ends_ms, uint32_t by_seat) MUST_CHECK;
struct control_invitation { uint32_t number, org; const char *person; role_set roles; int64_t ends_ms; uint32_t seat; /* that used it, 0: none */
                            uint32_t by_seat; /* 0: the operator */ };
enum err control_find_invitation(struct control *c, const uint8_t secret[16], struct control_invitation *out) MUST_CHECK; /* ERR_NOT_FOUND */
/* Codes of that org that nobody has used yet and that are good at now_ms; those of who may invite there no longer never are. */
enum err control_open_invitations(struct control *c, uint32_t org, int64_t now_ms, size_t *out) MUST_CHECK;
/* The invitation is used up and the seat exists in one step. */
enum err control_add_seat(struct control *c, uint32_t invitation, const uint8_t key_hash[32], const uint8_t serial[16], int64_t certificate_ends_ms, uint32_t *seat) MUST_CHECK;
enum err control_renew_seat(struct control *c, uint32_t seat, const uint8_t key_hash[32], const uint8_t serial[16], int64_t certificate_ends_ms) MUST_CHECK;
enum err control_set_seat_state(struct control *c, uint32_t seat, enum seat_state state, uint32_t by_seat) MUST_CHECK;
/* The roles that it has from now on, those that may go together and to its org: authority.h asks. The same once more: nothing. */
enum err control_set_seat_roles(struct control *c, uint32_t seat, role_set roles, uint32_t by_seat, int64_t at_ms) MUST_CHECK;
/* parent: the epoch that was left, last: its last surviving seq per org. A second call with the same epoch adds orgs whose
 * recovery ended later. An org that isn't named (it recovers still, or is younger) has left nothing of the parent. Writing
 * functions called inside a transaction of db are part of it: the caller commits, then refreshes. */
enum err control_add_epoch(struct control *c, uint32_t epoch, uint32_t parent, const Wire__Position *const *last, size_t count) MUST_CHECK;
/* Sensitive values of an org's records are about to be given to a seat that is not of it (PROTOCOL.md "Readings"): at_ms, who, in which
 * roles, of which record (zero: of several), how many, which fields. */
struct control_reading {
    uint64_t number; /* given when it is added */
    uint32_t org;
    int64_t at_ms;
    uint32_t seat;
    const char *roles, *fields; /* separated by commas */
    uint32_t kind;
    struct id id;
    uint32_t records;
};
enum err control_add_reading(struct control *c, const struct control_reading *reading) MUST_CHECK;
/* ---- after a restore with the backup's own journal: what was made since that backup nobody here knows ---- */
struct control_jump {
    int64_t at_ms;
    uint32_t seat_above, seat_from; /* numbers behind the first and before the second may have been given: they are left out */
    uint32_t org_above, org_from;
};
/* Journalled, so that it is the same at each replay. */
enum err control_add_jump(struct control *c, int64_t now_ms, struct control_jump *out) MUST_CHECK;
/* All such restores in one: the lowest above, the highest from. ERR_NOT_FOUND: there was none. */
enum err control_jumps(const struct control *c, struct control_jump *out) MUST_CHECK;
/* A seat of which the control data know nothing: with a certificate of this district's CA its device called, or its entries came back. */
struct control_stranger {
    uint32_t seat;
    uint8_t key_hash[32], serial[16]; /* of the certificate */
    int64_t certificate_ends_ms;
    uint32_t org;                     /* its own, as its hello told; 0: it has told none */
    uint32_t queued;                  /* changes that it had not sent */
    int64_t first_ms, last_ms;        /* of its calls; 0: it never called, others handed back its entries */
};
/* All of them, by seat; of one number there may be two keys. */
enum err control_strangers(const struct control *c, struct arena *arena, struct control_stranger **out, size_t *count) MUST_CHECK;
/* Such a seat begins again, under its own number and with the key of its certificate. ERR_EXISTS: the number is known. Who may be what
 * is authority.h's. */
enum err control_adopt_seat(struct control *c, const struct control_stranger *x, uint32_t org, const char *person, role_set roles) MUST_CHECK;
/* A seat of that number is unknown here: where no restore explains it, one that nobody noticed does (a machine was rolled
 * back), and from now on numbers are left out for it. */
enum err control_explain_seat(struct control *c, uint32_t seat, int64_t now_ms) MUST_CHECK;
/* What a verified backup holds (rule 24): seq and chain hash of every org. */
struct control_position { uint32_t org; uint64_t seq; uint8_t chain[32]; };
enum err control_add_backup(struct control *c, const char *path, int64_t at_ms, const struct control_position *at, size_t count) MUST_CHECK;
/* ---- erasures (rule 29); all in memory, like the rest ---- */
struct control_erasure {
    uint64_t number;      /* in the journal: later ones are higher */
    uint8_t id[ERASURE_ID_SIZE];
    uint32_t org;
    struct slice packed;  /* wire.Erasure, as it was made */
    uint8_t hash[ERASURE_SUM_SIZE];
    bool done;            /* rows and history hold nothing of it any more */
};
const struct control_erasure *control_erasure_at(const struct control *c, size_t index); /* by number; NULL at the end */
/* What is erased of any record; good until the next refresh or write. */
struct erasures control_erasures(const struct control *c);
bool control_erases_anything(const struct control *c);
/* What a seat of that org is told of: erasures of its org, of those above and of all below. sum: of them (erase.h). */
bool control_erasure_concerns(const struct control *c, const struct control_erasure *x, uint32_t home);
void control_erased_sum(const struct control *c, uint32_t home, uint8_t sum[ERASURE_SUM_SIZE]);
/* packed: a wire.Erasure. One with that id is there already: ERR_OK, nothing happens. ERR_WIRE. Rows and history are recovery/erase.h's. */
enum err control_add_erasure(struct control *c, struct slice packed, uint32_t by_seat) MUST_CHECK;
/* All that stand here are carried out: in the caller's transaction. */
enum err control_erasures_done(struct control *c) MUST_CHECK;
size_t control_org_count(const struct control *c);
/* Not journalled, not synced with care: what a hello or report said. Written by the writer with its next commit. */
const char *control_detail(const struct control *c);
/* Address that invitations name (host:port); kept by serve. */
const char *control_address(const struct control *c);
enum err control_set_address(struct control *c, const char *host_port) MUST_CHECK;
