#pragma once
/* The replica as the protocol needs it (link.h and the agent around it call these; commands have replica.h): what to send, what
 * came. Each function that takes something from the server does it in one transaction, cursor included (rule 22). ERR_CHAIN:
 * history that does not fit. */
#include "client/replica/replica.h"
#include "sync/late.h"
#include "wire/frame.h"

/* One agent a folder (DIR/agent.lock). ERR_LOCKED. Released with the replica or by unlock. */
enum err replica_lock_agent(struct replica *r) MUST_CHECK;
void replica_unlock_agent(struct replica *r);
bool replica_agent_runs(struct replica *r); /* another process holds the lock */

/* Small facts beside the records (connected, psk, poke ...). ERR_NOT_FOUND. */
enum err replica_meta_get(struct replica *r, const char *key, struct arena *arena, struct slice *out) MUST_CHECK;
enum err replica_meta_put(struct replica *r, const char *key, struct slice value) MUST_CHECK; /* empty: forgets it */
int64_t replica_meta_integer(struct replica *r, const char *key, int64_t otherwise);
enum err replica_meta_put_integer(struct replica *r, const char *key, int64_t value) MUST_CHECK;
/* Differs from what it was before after another process (or connection) committed something. */
int64_t replica_data_version(struct replica *r);
/* ERR_NEWER: a newer program keeps the file now; this one may not write to it, and reads less than is there. */
enum err replica_is_kept(struct replica *r) MUST_CHECK;

/* ---- hello and welcome ---- */
/* Incarnation, positions, report and kinds into hello, in the arena. */
enum err replica_hello(struct replica *r, struct arena *arena, Wire__Hello *hello) MUST_CHECK;
/* What of what waits here is told: the queue, or with it what is to be handed over after a restore (rule 27), which waits as the queue does. */
enum replica_waiting { REPLICA_WAITING_QUEUE, REPLICA_WAITING_ALL };
enum err replica_report(struct replica *r, enum replica_waiting what, struct arena *arena, Wire__Report *report) MUST_CHECK;
/* Facts, orgs, roles (what may no longer be read goes, rule 31), lineage: acknowledgements that it gave up are forgotten, a
 * cursor that is not on it goes back to the last common seq (rule 27). Orgs that are no longer in the heads go. */
enum err replica_welcome(struct replica *r, const Wire__Welcome *welcome, int64_t now_ms) MUST_CHECK;

/* History that does not fit its hashes though the lineage says nothing: back to the promise, rows again; counted as a repair. */
enum err replica_distrust(struct replica *r, uint32_t org) MUST_CHECK;

/* ---- orgs of a round ---- */
struct replica_cursor {
    uint32_t org;
    uint64_t seq;          /* applied up to here */
    uint64_t log_seq;      /* entries held up to here: pull after it */
    bool snapshot;         /* rows are to be asked for (wanted, or not finished) */
    uint32_t snapshot_kind; /* of a repair: this kind alone; else 0 */
    uint32_t after_kind;   /* resume after */
    struct id after_id;
    uint64_t brought;      /* rows that came before that */
    bool filling;          /* rows are here, entries up to the snapshot's seq are still missing */
};
enum err replica_cursor(struct replica *r, uint32_t org, struct replica_cursor *out) MUST_CHECK; /* ERR_NOT_FOUND */
/* Rule 23: chooses between log and rows, by what WELCOME said. */
enum err replica_choose(struct replica *r, const Wire__Head *head) MUST_CHECK;

/* ---- pulling ---- */
enum err replica_take_entries(struct replica *r, const Wire__Entries *entries, int64_t now_ms) MUST_CHECK;
/* asked: what the page was asked after; a page that does not fit what stands here now is left out. */
enum err replica_take_page(struct replica *r, const struct replica_cursor *asked, const Wire__SnapshotPage *page, int64_t now_ms) MUST_CHECK;
/* All pages in one transaction (join): begin, pages, end. */
enum err replica_snapshot_begin(struct replica *r) MUST_CHECK;
enum err replica_snapshot_end(struct replica *r) MUST_CHECK;
void replica_snapshot_drop(struct replica *r);

/* ---- the past (past.h) ---- */
/* A seq of the org at which the server is to be asked for its chain hash: PULL after the seq before it, of one entry. ERR_NOT_FOUND:
 * there is none now. Not while the org recovers: the server may lack what it will have. */
enum err replica_past_next(struct replica *r, uint32_t org, int64_t now_ms, uint64_t *seq) MUST_CHECK;
/* What it answered. */
enum err replica_past_take(struct replica *r, uint32_t org, uint64_t seq, const Wire__Entries *answer, int64_t now_ms) MUST_CHECK;
/* WELCOME names another chain hash at the seq up to which the log is held. */
enum err replica_head_differs(struct replica *r, const Wire__Head *head, bool *differs) MUST_CHECK;

/* ---- pushing ---- */
/* The next changes of one incarnation, n ascending without holes, after local order `after` (INT64_MIN: from the
 * front): at most LIMIT_CHANGES_PUSH or changes_max, and size_max bytes of changes; groups whole, and never none. count
 * 0: nothing waits. *last: local order of the last. */
enum err replica_next_push(struct replica *r, int64_t after, size_t changes_max, size_t size_max, struct arena *arena,
                           Wire__Push *out, int64_t *last) MUST_CHECK;
/* What a stop asks of the link. */
enum replica_stop { REPLICA_GO_ON, REPLICA_AGAIN, REPLICA_LATER };
/* What came of VERDICTS. decided: how many changes that waited here; verdicts may be about others. misfit: an org in
 * whose history here another change's entry stands where a verdict says that one of ours does; 0: none. That change
 * waits on: two pasts, one of which is gone. */
struct replica_answer {
    enum replica_stop stop;
    size_t decided;
    uint32_t misfit;
};
/* Acknowledges and refuses; FORKED moves to the next incarnation (rule 5), GAP sends from there (rule 6). */
enum err replica_take_verdicts(struct replica *r, const Wire__Verdicts *verdicts, int64_t now_ms,
                               struct replica_answer *out) MUST_CHECK;

/* Changes of that org wait here to be sent; 0: of any. */
enum err replica_waits(struct replica *r, uint32_t org, bool *waits) MUST_CHECK;

/* ---- what a restore took (rule 6) ---- */
struct replica_missing {
    struct incarnation of; /* all zero: none was asked of yet */
    bool again;            /* of this one once more */
    uint64_t made_to;      /* asked up to there */
    uint64_t given_up_to;  /* held here no longer, and said so */
};
bool replica_missing_due(struct replica *r);
/* The next question, a push without changes, in the arena. *any false: there is none; replica_missing_end. Not while changes are under way. */
enum err replica_missing_next(struct replica *r, struct replica_missing *m, struct arena *arena, Wire__Push *out, bool *any) MUST_CHECK;
/* Its answer, other than LATER. */
enum err replica_missing_take(struct replica *r, struct replica_missing *m, const Wire__Verdicts *verdicts, int64_t now_ms) MUST_CHECK;
/* All was asked: over, where nothing waits to be sent; else once more behind it. */
enum err replica_missing_end(struct replica *r) MUST_CHECK;

/* ---- handing back (rule 25) ---- */
/* Kept entries after `after`, ascending, about size_max bytes; done where there are no more. */
enum err replica_hand_back(struct replica *r, uint32_t org, uint64_t after, size_t size_max, struct arena *arena,
                           Wire__HandBack *out, uint64_t *last) MUST_CHECK;

/* ---- handing over what a restore gave up (rule 27) ---- */
struct replica_late_place {
    int64_t path; /* 0: none is chosen yet */
    uint64_t seq; /* up to there */
};
struct replica_late_portion {
    struct replica_late_place to;
    uint64_t passed; /* entries that no frame holds, or that can't be read here: not in it */
    bool ends;       /* the path, with this portion: what is found of forks holds for no other */
};
enum err replica_late_any(struct replica *r, uint32_t org, bool *any) MUST_CHECK;
/* Entries behind `after` that were set aside, of one path, groups whole where a frame holds them, about size_max bytes; room is left for so
 * many forks. Path by path, oldest first. portion->to.path 0: nothing waits. */
enum err replica_hand_over(struct replica *r, uint32_t org, const struct replica_late_place *after, size_t size_max, size_t forks, struct arena *arena,
                           Wire__HandBack *out, struct replica_late_portion *portion) MUST_CHECK;
/* Noted for whoever is told next (replica_take_late_told). */
enum err replica_late_note(struct replica *r, const struct replica_late_told *more) MUST_CHECK;
/* The server, whose log stands at head, has dealt with all of the path up to there, and named where n was taken by another change. */
enum err replica_late_end(struct replica *r, uint32_t org, const struct replica_late_place *to, uint64_t head, const struct late_fork *forks,
                          size_t count) MUST_CHECK;

/* ---- agreement (rule 30) ---- */
/* Compares with the confirmed rows as of digests->seq. *level false: the cursor is elsewhere, nothing was compared.
 * A difference marks the kind for repair, is counted and logged; *repairs gets how many. */
enum err replica_compare(struct replica *r, const Wire__Digests *digests, bool *level, unsigned *repairs) MUST_CHECK;

/* ---- erasing by law (rule 29) ---- */
/* Of all erasures that are known here, to be compared with the server's. */
enum err replica_erased_sum(struct replica *r, uint8_t out[16]) MUST_CHECK;
/* What is new behind what came last; all from the front; what a listing from the front lacked, for a server that has lost it. */
enum replica_erasures { REPLICA_ERASURES_NEW, REPLICA_ERASURES_FRONT, REPLICA_ERASURES_BACK };
enum err replica_ask_erasures(struct replica *r, enum replica_erasures what, struct arena *arena, Wire__ErasuresAsk *out) MUST_CHECK;
/* Takes them in, and out of all that is held here. */
enum err replica_take_erasures(struct replica *r, const Wire__Erasures *answer) MUST_CHECK;
/* Writes the file anew where that is due still. */
enum err replica_erase_settle(struct replica *r) MUST_CHECK;

/* ---- the end ---- */
/* What replica_open does with a damaged file, if it is still that one: aside, and what can be read into a new one. ERR_LOCKED while
 * anybody has it open. */
enum err replica_salvage(const char *dir, uint64_t inode) MUST_CHECK;
/* Takes the last steps of a salvage that a crash cut short. ERR_NOT_FOUND: there is none. */
enum err replica_salvage_finish(const char *dir) MUST_CHECK;
/* Deletes what salvages set aside: it holds all that the database did then. held: what of that has to go, for the log. All of the files
 * are tried. ERR_IO: one stays, or the folder cannot be read. */
enum err replica_drop_set_aside(const char *dir, const char *held) MUST_CHECK;
/* Destroys rows, log, outbox, key: keeps nothing (rule 32), and waits for nobody but who is writing right now. ERR_BUSY: something
 * waits to be sent after all, or somebody writes; nothing was touched. *begun: r can only be closed from now on, whatever is
 * returned. */
enum err replica_wipe(struct replica *r, bool *begun) MUST_CHECK;
/* Goes on with a wipe that a crash cut short. ERR_OK: done, or there was none. */
enum err replica_wipe_finish(const char *dir) MUST_CHECK;
/* A seat was here, and its data were destroyed because it had been revoked; until somebody joins here again. */
bool replica_is_ended(const char *dir);
void replica_forget_ended(const char *dir);
/* Ends what a crash cut short in the folder, wipe or salvage. ERR_NOT_FOUND: nobody has joined there. */
enum err replica_settle(const char *dir) MUST_CHECK;
