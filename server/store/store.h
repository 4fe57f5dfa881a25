#pragma once
/* The seam to the database: load these keys, commit these writes, read history after, read rows of a snapshot. SQLite is
 * behind it (store_sqlite.c); nothing above knows SQL. One store a thread; one of them writes.
 * Layout (measured: pitfalls of clustering by branch): rows by time-ordered id, history by arrival with UNIQUE(org, seq), an org's
 * counters, digests and measures in one packed row, runs of n per incarnation that point into history. */
#include "server/control/control.h"
#include "sync/accept.h"
#include "sync/intake.h"
#include "table/table.h"

#define STORE_FILE "banyan.db"

/* Of the layout: the file's user_version. 2: a run of n points into its org's log; files with 1 may be so or older. 3: what a restore cut
 * back is kept path by path, and a seq of a given up path may be that of several changes (store_late.h); made of 2 where it is opened. */
#define STORE_VERSION 3

struct store;
enum store_mode { STORE_WRITE, STORE_READ };
enum err store_create(const char *dir) MUST_CHECK;                    /* DIR/banyan.db with all tables */
enum err store_open(const char *dir, enum store_mode mode, struct store **out) MUST_CHECK;
/* A layout that this version does not read is found when it is opened, not in the middle of a push: ERR_OLDER. */
enum err store_check_layout(struct db *db) MUST_CHECK;
/* Is there one? As db_look: before the folder's lock is taken. */
enum err store_look(const char *dir) MUST_CHECK;
void store_close(struct store *s);
struct db *store_db(struct store *s);
const char *store_detail(const struct store *s);

/* ---- load ---- */
/* Adds to scratch what the keys name (known or not). */
enum err store_load(struct store *s, struct scratch *scratch, const struct scratch_keys *keys) MUST_CHECK;
/* A copy, the caller's. A fresh one (epoch as given) if the org has none yet. */
enum err store_load_org(struct store *s, uint32_t org, uint32_t epoch, struct org_state **out) MUST_CHECK;

struct store_incarnation {
    uint64_t row;                     /* 0: not known yet */
    uint32_t seat;
    struct incarnation incarnation;
    bool has_parent;
    struct incarnation parent;
    uint64_t fork_n;
    struct intake_run *runs;          /* ascending; in the arena */
    size_t run_count;
};
enum err store_load_incarnations(struct store *s, uint32_t seat, struct arena *arena, struct store_incarnation **out, size_t *count) MUST_CHECK;
/* The entry that decided n of the incarnation. ERR_NOT_FOUND. */
enum err store_find_processed(struct store *s, uint64_t incarnation_row, uint64_t n, struct arena *arena, uint32_t *org, struct entry *out) MUST_CHECK;

/* ---- commit ---- */
struct store_entry { uint32_t org; uint32_t kind; struct id record; struct entry entry; uint64_t incarnation_row; };
enum err store_begin(struct store *s) MUST_CHECK; /* ERR_NEWER as store_is_kept */
/* ERR_NEWER: a newer program has taken the folder over, and this one may not write to it any more. Of a store that writes. */
enum err store_is_kept(struct store *s) MUST_CHECK;
/* New or known; out->row is set. */
enum err store_put_incarnation(struct store *s, struct store_incarnation *i) MUST_CHECK;
enum err store_put_entry(struct store *s, const struct store_entry *e) MUST_CHECK;     /* history line and its run */
enum err store_put_rows(struct store *s, struct scratch *scratch) MUST_CHECK;          /* the dirty ones */
enum err store_put_org(struct store *s, const struct org_state *state) MUST_CHECK;
enum err store_put_contact(struct store *s, uint32_t seat, int64_t at_ms, const Wire__Report *report, const char *version) MUST_CHECK;
enum err store_commit(struct store *s) MUST_CHECK;
void store_rollback(struct store *s);
/* A fuller copy of an entry that came stripped (rule 25): the line of the same org and seq takes all that it says. */
enum err store_fill_entry(struct store *s, const struct store_entry *e) MUST_CHECK;

/* Rule 6: the n from first to last that are missing will never come; count of them are. at_ms: when it was found out. */
struct store_hole { uint64_t first, last, count; };
enum err store_put_hole(struct store *s, uint32_t seat, uint64_t incarnation_row, const struct store_hole *hole, int64_t at_ms) MUST_CHECK;
/* *last: the end of the hole that n stands in; 0: in none. */
enum err store_find_hole(struct store *s, uint64_t incarnation_row, uint64_t n, uint64_t *last) MUST_CHECK;
/* *first: where the next one behind n begins; 0: there is none. */
enum err store_next_hole(struct store *s, uint64_t incarnation_row, uint64_t n, uint64_t *first) MUST_CHECK;

/* ---- read (any store) ---- */
/* When the newest entry of any org was received; 0: there is none. */
enum err store_newest_ms(struct store *s, int64_t *out) MUST_CHECK;
/* When a seat was heard of last, or that entry was received, whichever is later; 0: neither. */
enum err store_last_heard_ms(struct store *s, int64_t *out) MUST_CHECK;
/* Entries after seq, ascending, until about size_max bytes; in arena. *more: there are further ones. */
enum err store_read_entries(struct store *s, uint32_t org, uint64_t after, size_t size_max, struct arena *arena, struct entry **out, size_t *count, bool *more) MUST_CHECK;
/* Each entry after seq, ascending, to be read or changed where it lies: in arena, which is emptied before each page. Ends with what each
 * answers other than ERR_OK. */
typedef enum err store_on_entry(void *to, uint32_t org, struct entry *e);
enum err store_each_entry(struct store *s, uint32_t org, uint64_t after, struct arena *arena, store_on_entry *each, void *to) MUST_CHECK;
/* The one with that seq; ERR_NOT_FOUND. */
enum err store_read_entry(struct store *s, uint32_t org, uint64_t seq, struct arena *arena, struct entry *out) MUST_CHECK;
enum err store_count_entries(struct store *s, uint32_t org, uint64_t after, uint64_t *out) MUST_CHECK;
/* The chain hash at exactly that seq of the org; ERR_NOT_FOUND if no entry bears it. seq 0: 32 zero bytes. */
enum err store_read_chain(struct store *s, uint32_t org, uint64_t seq, uint8_t chain[CHAIN_SIZE]) MUST_CHECK;
/* The chain hash of the last entry before that seq; 32 zero bytes where there is none. */
enum err store_read_chain_before(struct store *s, uint32_t org, uint64_t seq, uint8_t chain[CHAIN_SIZE]) MUST_CHECK;
/* The newest entries of a record, oldest first: at most max, until about size_max bytes. *cut: there are older ones. */
enum err store_read_record_history(struct store *s, uint32_t org, uint32_t kind, struct id id, size_t max, size_t size_max,
                                   struct arena *arena, struct entry **out, size_t *count, bool *cut) MUST_CHECK;
/* Rows of an org after (kind, id), in order of (kind, id), tombstones too; only_kind 0: all. Until about size_max bytes or
 * LIMIT_REPEATED rows. */
enum err store_read_rows(struct store *s, uint32_t org, uint32_t after_kind, const struct id *after, uint32_t only_kind, size_t size_max,
                         struct arena *arena, struct row **out, size_t *count, bool *more) MUST_CHECK;
enum err store_read_row(struct store *s, uint32_t kind, struct id id, struct arena *arena, struct row *out) MUST_CHECK;
enum err store_find_prefix(struct store *s, uint32_t kind, struct id prefix, unsigned bits, struct id *out, size_t max, size_t *count) MUST_CHECK;
/* Ids of living rows of all orgs whose field (one that make_specs has an index for) holds value, behind `after`, by id. */
enum err store_find_value(struct store *s, uint32_t kind, const char *field, struct cell value, const struct id *after, struct id *out,
                          size_t max, size_t *count) MUST_CHECK;

/* ---- recovery and promise (server/recovery.h decides; here is what is kept) ---- */
bool store_recovering(struct store *s, uint32_t org);
/* The org's last seq when its recovery began: what a client holds after it may be fuller than what others handed back. */
uint64_t store_recovery_from(struct store *s, uint32_t org);
/* All orgs that do not recover yet: after a restore, or rule 35; notes whom each waits for. Off: none recovers (no new epoch). Joins
 * the caller's transaction or makes its own. */
enum err store_set_recovering(struct store *s, bool on) MUST_CHECK;
/* A seat that is known again is waited for, where its orgs recover; its own recovers from now on if nothing of it is here. In the caller's
 * transaction. */
enum err store_recover_seat(struct store *s, uint32_t seat) MUST_CHECK;
/* The same for seats that were taken in again and whose recovery has not begun: the commit failed behind the journal, which has been laid
 * over the tables since. *count: how many. In the caller's transaction. */
enum err store_recover_adopted(struct store *s, size_t *count) MUST_CHECK;
enum err store_end_recovery(struct store *s, uint32_t org) MUST_CHECK;
/* The seat holds nothing of the org (0: of any) that the server lacks. */
enum err store_recovery_heard(struct store *s, uint32_t org, uint32_t seat) MUST_CHECK;
/* The active seats that the org still waits for, ascending. In the arena. */
enum err store_recovery_awaited(struct store *s, uint32_t org, struct arena *arena, uint32_t **out, size_t *count) MUST_CHECK;
/* Orgs in recovery, ascending; all: those too that wait for a seat. In the arena. */
enum err store_recovering_orgs(struct store *s, bool all, struct arena *arena, uint32_t **out, size_t *count) MUST_CHECK;
/* The two newest verified backups' positions per org (rule 24); 0 where there are fewer than two. */
uint64_t store_promise(struct store *s, uint32_t org);
