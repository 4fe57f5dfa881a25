#pragma once
/* Inside of a link: its state, shared by link.c (frames in), link_round.c (what to do next) and link_ask.c.
 * Every request that is under way is a field; nothing is asked twice. */
#include "client/agent/link.h"
#include "client/replica/replica_sync.h"

enum link_state { LINK_NEW, LINK_AWAIT_WELCOME, LINK_IN_ROUND, LINK_AT_LEVEL, LINK_OVER };

#define LINK_ORGS_MAX 8
#define LINK_ASKS_MAX 16
#define LINK_PAGES_MAX 4096u        /* of one answer: a GiB of full ones. A server that goes round would never end */
#define LINK_REQUEST_MS 60000       /* for an answer to one request */
#define LINK_PATIENCE_MS 300000     /* the same, of a server that answers pings meanwhile: then it is at fault */
#define LINK_CHECK_MS 10000         /* for the first answer to a check: a person waits */
#define LINK_REPORT_MS 300000       /* heartbeat: what waits here, even if nothing changes */
#define LINK_DIGEST_MS 3600000      /* between comparisons while watching */
#define LINK_PUT_OFF_MS 30000       /* LATER without a time */
#define LINK_TRIES 3                /* comparisons and repairs of one org in one round */
#define LINK_IDLE_MAX 16            /* answers in a row that moved nothing though they should have */

struct link_org {
    uint32_t number;
    uint64_t head;          /* the org's last seq as far as known */
    uint64_t from;          /* where this device stood when entries began to come: progress counts from here; 0: none are coming */
    bool stale;             /* pull once, whatever head says: something was pushed */
    bool hand_back;
    uint64_t hand_back_after;
    bool late;              /* entries of a given up path are to be handed over (rule 27) */
    struct replica_late_place late_at; /* dealt with up to there, of a path that is under way */
    struct replica_late_portion late_sent;
    uint64_t late_left;     /* of that path */
    bool recovering;
    bool compared;          /* digests of this round are done with */
    unsigned tries;
    unsigned distrusts;
};

struct link_ask {
    enum frame_type type;
    uint32_t number;
    struct buf message;     /* packed */
    unsigned pages;         /* that came */
};

struct link {
    struct replica *r;
    struct link_options options;
    int state;
    enum link_progress progress;
    struct buf out;
    struct arena arena;     /* of the frame at hand */
    struct link_org orgs[LINK_ORGS_MAX];
    size_t org_count;
    size_t changes_max;
    bool revoked;

    /* requests under way */
    unsigned pushes;        /* in flight */
    unsigned draining;      /* of those, sent before a stop: their own stops say nothing new */
    int64_t pushed_to;      /* local order of the last change in flight */
    bool await_page, await_entries, await_digests, await_taken, await_wipe, await_ask, await_erasures, await_past;
    bool taken_late;        /* await_taken: for such entries */
    struct buf late_forks;  /* struct late_fork, of the path at hand */
    int64_t late_due_ms;    /* the server recovers: not before */
    bool late_unknown;      /* the server does not know what that is */
    bool missing_due;       /* what a restore took of this device's changes is to be asked (rule 6) */
    bool missing_behind;    /* of what was there before the queue was sent it is known */
    bool missing_asked;     /* the push under way is that question */
    int64_t missing_after_ms; /* the server recovers: not before; 0: at once */
    struct replica_missing missing;
    bool erasures_due;      /* the server knows others than this device (rule 29) */
    enum replica_erasures erasures; /* what is asked next */
    bool erasures_front;    /* a listing from the front has begun */
    unsigned erasures_asked; /* in a row, without coming level */
    struct replica_cursor asked;
    uint32_t entries_org, digests_org, taken_org; /* of those requests: they may be under way together */
    uint32_t past_org;      /* of await_past: the PULL is for one chain hash */
    uint64_t past_seq;
    bool at_once;           /* a snapshot's transaction is open */
    size_t portion;         /* bytes of a request or an answer */
    unsigned portions;      /* whole ones that got through in this session */
    size_t push_size;       /* of the last push, about */

    /* what else moves things */
    int64_t now_ms;         /* as it was told last; 0: never */
    int64_t push_after_ms;  /* LATER: not before */
    bool put_off;
    bool check;             /* all orgs are to be pulled once more before this is level */
    int64_t answer_due_ms;  /* of the oldest request, or of a ping since which nothing came; 0: none */
    bool await_pong;
    int64_t patience_ms;    /* what pings and news do not put off */
    unsigned idle;          /* answers in a row that moved nothing */
    int64_t ping_due_ms, report_due_ms, digest_due_ms;
    Wire__Report reported;
    bool report_known;

    struct link_ask asks[LINK_ASKS_MAX];
    size_t ask_count;
    uint32_t ask_number;

    /* results */
    enum err failure;
    struct buf text;
    int64_t retry_after_ms;
    struct buf wipe, psk;
    bool welcome;
};

void link_move(struct link *l, enum link_state to, const char *cause);
enum err link_send(struct link *l, enum frame_type type, const ProtobufCMessage *message, int64_t now_ms) MUST_CHECK;
void link_over(struct link *l, enum link_progress how, enum err why, const char *text, int64_t retry_after_ms);
struct link_org *link_org_of(struct link *l, uint32_t number); /* NULL */
/* The time is what a PC's clock says: it may be set. */
void link_note_time(struct link *l, int64_t now_ms);
/* A request is under way from now on. */
void link_await(struct link *l, int64_t now_ms);
/* The server's sum of erasures; *level: this device knows the same. Else they are due. */
enum err link_compare_erased(struct link *l, ProtobufCBinaryData sum, bool *level) MUST_CHECK;
enum err link_take_erasures(struct link *l, const Wire__Erasures *answer) MUST_CHECK;
enum err link_ask_erasures(struct link *l, int64_t now_ms, bool *asked) MUST_CHECK;
/* link_late.c. Is there anything of the org to be handed over? */
enum err link_late_find(struct link *l, struct link_org *o) MUST_CHECK;
enum err link_late_hand_over(struct link *l, int64_t now_ms, bool *sent) MUST_CHECK;
/* Something made here waits that may have been made on top of what is not handed over yet. */
enum err link_late_blocks(struct link *l, bool *blocks) MUST_CHECK;
enum err link_late_taken(struct link *l, struct link_org *o, const Wire__Taken *taken, int64_t now_ms) MUST_CHECK;
/* link_missing.c: is anything to be asked? The question that is due in front of the queue, or behind it; its answer. */
void link_missing_find(struct link *l);
enum err link_missing_ask(struct link *l, bool behind, int64_t now_ms, bool *sent) MUST_CHECK;
enum err link_missing_take(struct link *l, const Wire__Verdicts *v, int64_t now_ms) MUST_CHECK;
/* What an answer did. ERR_PROTOCOL: too many in a row did nothing, and the same would be asked again and again. */
enum err link_moved(struct link *l, bool moved) MUST_CHECK;
/* Does the next thing that can be done; afterwards something is under way, a timer is named, or the round is over (rule 34). */
enum err link_advance(struct link *l, int64_t now_ms) MUST_CHECK;
/* link_portion.c: what the sessions before met; an answer came (its size, or that of the push that it is to); the
 * session is over. */
void link_portion_begin(struct link *l);
void link_portion_through(struct link *l, size_t size);
void link_portion_end(struct link *l);
/* link_ask.c */
enum err link_send_ask(struct link *l, int64_t now_ms) MUST_CHECK;
enum err link_take_answer(struct link *l, enum frame_type type, const ProtobufCMessage *m, int64_t now_ms) MUST_CHECK;
bool link_is_answer(const struct link *l, enum frame_type type, const ProtobufCMessage *m);
