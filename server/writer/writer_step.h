#pragma once
/* Inside of the writer: one commit under way, shared by the files that carry out jobs (writer_job.c, writer_push*.c, writer_decide.c,
 * writer_hand_back.c, writer_doubt.c, writer_fill.c, writer_hand_over.c, writer_late*.c) and what a restore cut back (writer_cut.c). A job's function parses and judges all that its peer may have made wrong before it touches
 * anything: an error of class PEER ends that job alone, any other rolls the whole commit back. */
#include "server/writer/writer.h"
#include "server/writer/writer_cache.h"
#include "sync/late.h"
#include "wire/frame.h"

#define STEP_CAP ((size_t)4 << 30) /* arenas of a commit; decide and scratch abort over theirs, so what goes in is bounded instead */
#define STEP_MEMORY_MAX (128u << 20) /* what the jobs of a commit may have taken when another one joins */
#define INCARNATIONS_MAX LATE_FORKS_MAX /* of a seat: one a device, clone or restored file. Every new change is looked for in all of them (rule 4) */
#define STEP_RETRY_MS 10000 /* after LATER, and to who hands over late where the org recovers; the client adds its jitter */
#define STEP_BYTES_MAX (4u << 20) /* of requests in one commit */

struct step {
    struct store *store;
    struct control *control;
    struct writer_cache *cache;
    struct scratch *scratch;
    struct arena arena;
    int64_t now_ms;
    void (*random)(void *out, size_t size);
    uint8_t salts[64][SALT_SIZE]; /* drawn together: one by one they cost a system call each */
    size_t salt_count;
    uint32_t epoch;      /* the newest */
    bool recovering;     /* some org is */
    bool begin_recovery; /* a job asked for it: after the commit everything known is read anew */
    size_t changes;      /* decided in this commit */
    struct followed *followed; /* at the end of the commit (writer_follow.c) */
};

/* Loads until nothing is missing that the keys name. */
enum err step_load(struct step *st, struct scratch_keys *missing) MUST_CHECK;
/* A frame for the job's answer. */
enum err step_answer(struct job *job, enum frame_type type, const ProtobufCMessage *message) MUST_CHECK;

/* writer_push.c */
enum err push_run(struct step *st, struct job *job) MUST_CHECK;

/* writer_decide.c: changes of one push, decided and recorded. */
struct author {
    const struct control_seat *seat;
    struct known_seat *known;
    struct known_incarnation *incarnation; /* NULL until its first change is recorded */
    struct store_incarnation about;        /* what to record then */
    struct ancestry ancestry;
    bool proven;                           /* origins in this push hold */
    uint32_t late_org;                     /* of changes that were handed over late (rule 27): the org in whose log they stood; else 0 */
    int64_t late_ms;                       /* and when they were received there */
};
/* Of all incarnations of the seat that are known; more: one that is not recorded yet, or NULL. */
struct ancestry author_ancestry(struct step *st, const struct known_seat *seat, const struct store_incarnation *more);
/* Where the change's entry goes: the org that it names or, where the seat has no business there, the seat's own. */
enum err author_org(struct step *st, const struct author *a, const struct change *change, struct known_org **out) MUST_CHECK;
/* Decides count changes (more than one: a group) and records them. */
enum err author_decide(struct step *st, struct author *a, const struct change *changes, size_t count, struct entry *out) MUST_CHECK;
/* Records a verdict that stands already: SAME, or REFUSED as it was before (rules 4, 20). */
enum err author_record(struct step *st, struct author *a, const struct change *change, const struct decision *d, struct entry *out) MUST_CHECK;

/* The entry that decided the same change elsewhere, as push_find_same says. ERR_NOT_FOUND. */
enum err author_find_same(struct step *st, const struct author *a, const struct change *change, struct entry *out) MUST_CHECK;

/* writer_late.c: entries of a path that a restore gave up, each decided as a late change of its author (rule 27). */
struct late_forks { /* of one path */
    struct late_fork *list; /* in the order in which they were found */
    struct late_way { struct incarnation from, into; uint64_t n; uint32_t seat; size_t next; } *ways; /* writer_forks.c */
    size_t count, capacity;
};
struct late {
    uint32_t org;
    struct late_forks forks; /* heap, the caller's */
    bool trusted;            /* the entries were kept here: what erasures left of a change is good, too */
    size_t decided, known, left; /* counts: of new entries; processed before; not taken */
    size_t refused;              /* of the decided: accepted once, and refused now */
    size_t hidden;               /* of those left: whose holder may not even know whose they are */
    size_t waiting;              /* of those left: what has a whole change, which may be taken yet (its group, its seat, a newer build) */
};
/* Entries that the server gave once, ascending, of an org that does not recover; those that the log has are passed over. A group of which
 * a part is missing here is left. */
enum err late_decide(struct step *st, struct late *late, const struct entry *entries, size_t count) MUST_CHECK;
void late_finish(struct late *late);

/* writer_cut.c: the next page of what was cut back of an org, within a commit; more: there are further ones. */
struct cut_walk {
    uint32_t org;
    uint64_t path, seq; /* where it is; 0: at the front */
    struct late late;
    size_t broken;      /* entries that can't be read */
    size_t left_before; /* late.waiting + broken when the path began */
    bool more;
};
enum err cut_step(struct step *st, struct cut_walk *c) MUST_CHECK;

/* writer_hand_over.c */
struct hand_over {
    const Wire__HandBack *wire;
    struct known_org *log;
    const struct entry *entries; /* opened */
    size_t count;
    bool proven; /* one chain, and its last hash is one that we gave */
    uint32_t seat;
};
enum err hand_over_run(struct step *st, const struct hand_over *h, Wire__Taken *taken) MUST_CHECK;

/* writer_job.c: all but erasures, which begin a commit of their own. What it answers is good once that is on the disk. */
enum err job_run(struct step *st, struct job *job) MUST_CHECK;

/* writer_doubt.c: what a stripped entry says that no hash covers. doubt: of one frame, all zero at its front. */
struct doubt { bool asked; int64_t highest, unknown; };
/* Hides an entry whose author can't be who it says. */
enum err doubt_author(struct step *st, struct doubt *d, struct entry *e) MUST_CHECK;
/* It keeps its place in the chain, as one that nobody could see. */
void doubt_hide(struct entry *e);

/* writer_group.c: is what was decided as n of the author's incarnation a member of that group? By n alone it could be another change, of a
 * copy that went on. Untold: it came back without its content, or is of a newer build. */
enum member { MEMBER_NO, MEMBER_YES, MEMBER_UNTOLD };
enum err author_holds_member(struct step *st, const struct author *a, uint64_t n, struct id group, enum member *out) MUST_CHECK;

/* writer_follow.c: a record of an erased person, or about one, that no erasure names. In the arena. */
struct followed {
    uint32_t org, kind;
    struct id id;
    struct erased_fields fields; /* all that is personal in it */
    struct followed *next;
};
/* Erased, too: written to the journal. Control data are read anew: nothing of them may be held. */
enum err follow_now(struct step *st, const struct followed *record) MUST_CHECK;
/* The same at the end of the commit, for who holds control data. */
void follow_later(struct step *st, const struct followed *record);
enum err follow_all(struct step *st) MUST_CHECK;

/* writer_hand_back.c */
enum err hand_back_run(struct step *st, struct job *job) MUST_CHECK;
/* A HAND_BACK that is late and failed by itself, rolled back: answered so that it stays with its holder and hinders nothing (PROTOCOL.md 21).
 * False: the job is none. */
bool hand_back_decline(const struct control *control, struct job *job);

/* writer_fill.c: what a fuller copy of an entry adds to the rows; all rows that it names are in scratch. */
enum err fill_rows_from(struct step *st, const struct entry *fuller, uint32_t org, struct org_state *state) MUST_CHECK;
