#pragma once
/* The one writer: takes what waits, decides it change by change, commits once for all, answers (rules 3-17, group commit).
 * writer_run is synchronous and without threads, sockets or a clock: the simulator calls it by itself. writer_thread.h runs it on
 * a thread of its own for the server. */
#include "server/store/store.h"

enum job_type { JOB_PUSH, JOB_HAND_BACK, JOB_CONTACT, JOB_BEGIN_RECOVERY /* rule 35 */, JOB_END_RECOVERY, JOB_ERASE /* rule 29 */, JOB_READING,
                JOB_STRANGER };

#define JOB_ORGS_MAX 6 /* a branch and the five levels above it */

/* One request for the writer, made by a session; the session's until it is handed over, then the writer's until it is done. */
struct job {
    enum job_type type;
    uint64_t session;              /* whose it is; the answer finds its way by it */
    uint32_t seat;
    struct buf request;            /* PUSH, HAND_BACK: the frame's payload as received (it passed wire_open in the loop thread). ERASE: an
                                    * ErasuresAsk with those erasures alone that this server made and has lost */
    struct control_reading *reading; /* READING: what is to be on the disk before the answer goes; in arena. request: the answer as a frame */
    struct control_stranger *stranger; /* STRANGER: a seat that is unknown here calls; in arena. Needs no answer */
    bool proven;                   /* HAND_BACK: its last entry's chain hash is one that this server gave (its mac is right). PUSH: all
                                    * origins in it bear the signature of the seat that they name */
    Wire__Report *report;          /* CONTACT; in arena */
    uint32_t heard[JOB_ORGS_MAX];  /* CONTACT, at a hello: orgs that recover and of which the seat was not asked for entries (no
                                    * hand_back_after), so that they wait for it no more. A HAND_BACK with done says so by itself (rule 26) */
    size_t heard_count;
    uint32_t epoch_seen;           /* CONTACT, BEGIN_RECOVERY: an epoch newer than ours that the seat knows, or 0; recovery ends in a
                                    * later one (rule 26) */
    int64_t clock_off_ms;          /* CONTACT: clock_watch_off */
    int64_t incarnation;           /* CONTACT: the first 8 bytes of what the hello said; 0: not known */
    char version[32];
    struct arena arena;
    /* the answer */
    struct buf answer;             /* whole frames, packed: VERDICTS, TAKEN or ERASURES; empty for CONTACT */
    enum err failed;               /* ERR_OK, or why nothing was done (PEER: malformed; SELF: disk ...) */
    struct job *next;
};

/* CONTACT, BEGIN_RECOVERY and END_RECOVERY need no answer; END_RECOVERY (a timer's, every minute or so) ends what is due. */
struct writer_news { uint32_t org; uint64_t seq; };

struct writer;
enum err writer_create(struct store *store, struct journal *journal, struct writer **out) MUST_CHECK;
void writer_destroy(struct writer *w);
const struct control *writer_control(const struct writer *w); /* as of its last run */
/* Runs all jobs (at most LIMIT_GROUP_COMMIT changes are decided a commit; the rest follows in further commits) at now_ms.
 * random: fills salts. news gets the orgs that advanced, each once, up to max: control_org_count(writer_control) is enough.
 * A job that its peer made wrong fails alone; where the disk fails (DISK_FULL, IO) all of a commit fail, nothing of them is done,
 * and the next run begins from what is on the disk. */
void writer_run(struct writer *w, struct job *jobs, int64_t now_ms, void (*random)(void *out, size_t size),
                struct writer_news *news, size_t max, size_t *news_count);
/* Something takes turns (writer_scrub.h), the next of which is due: to be run again soon, also without jobs. */
bool writer_goes_on(const struct writer *w);
/* Why commits take nothing: the disk's failures; ERR_OK: one has taken changes since, or none failed. */
enum err writer_trouble(const struct writer *w);
