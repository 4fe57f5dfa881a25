#pragma once
/* A seat's device: a machine with its folder, the agent that keeps it connected (or a person who calls `sync` now and then), the
 * commands that a person gives. Agent and commands are processes of their own on the same files, as in life. What the agent does is
 * client/agent/agent_watch.c's, with the world's lines in place of sockets. */
#include "disk.h"
#include "line.h"
#include "client/replica/replica.h"

struct server;
struct seat;

/* How a device gets to the network (scale.md 6). */
enum habit { HABIT_ALWAYS, HABIT_FLAKY, HABIT_DAILY, HABIT_WEEKLY };

struct seat_options {
    struct server *server;
    uint32_t number, org;
    const char *org_code, *level, *roles;
    enum habit habit;
    struct weather weather;
};
/* index: among all devices of the run. The database is there when it returns. */
struct seat *seat_create(unsigned index, const struct seat_options *options);
/* A device on that machine that has joined by itself. */
struct seat *seat_adopt(unsigned index, const struct seat_options *options, int machine);
void seat_retire(struct seat *s); /* nothing of it happens any more but what is on its way */
void seat_destroy(struct seat *s);
const struct seat_options *seat_options(const struct seat *s);
unsigned seat_index(const struct seat *s);
int seat_machine(const struct seat *s);
bool seat_is_gone(const struct seat *s); /* lost for ever, or wiped */

/* ---- the agent ---- */
void seat_start(struct seat *s);        /* stays connected, if that is its habit; else nothing */
void seat_stop(struct seat *s);         /* the PC is switched off, orderly */
void seat_call(struct seat *s);         /* `sync`: somebody asks, now: the agent that runs, or a round of its own */
void seat_set_online(struct seat *s, bool online);
void seat_set_weather(struct seat *s, const struct weather *weather);
/* Cuts the line that is up, if there is one. Each side is told after so long; -1: never. */
void seat_cut(struct seat *s, int64_t client_told_ms, int64_t server_told_ms);
bool seat_is_calling(const struct seat *s);
/* An agent that nobody stopped: it runs, or will be started again. Nobody has to call it. */
bool seat_is_staying(const struct seat *s);
/* Whole rounds so far: all sent, all pulled. */
uint64_t seat_rounds(const struct seat *s);
int64_t seat_level_ms(const struct seat *s); /* when it was level last; 0: never */

/* ---- commands ---- */
/* The database as a command has it open, entered as its process; NULL: it cannot be opened now. Each begin has its end. */
struct replica *seat_begin(struct seat *s);
void seat_end(struct seat *s);
int64_t seat_now_ms(const struct seat *s); /* of the device's own clock */
/* Asks the server for another branch's rows of a kind; what it answered is kept as seen, and r is the command's, entered as its process,
 * while on_seen runs. Nothing where it cannot be asked; one question at a time. org_code must live. */
#define ASK_SEEN_MAX 64
typedef void seat_on_seen(void *to, struct replica *r, const struct id *seen, size_t count);
void seat_ask(struct seat *s, const char *org_code, uint32_t kind, seat_on_seen *on_seen, void *to);
/* Asks for a code (`banyan invite`); false: not now, another question is under way. Where an answer comes: code is what was told, the
 * callback's to take, or refusal says why not; where none comes nothing is called. */
struct seat_invite {
    const char *org_code; /* NULL: the home; must live, as roles */
    const char *roles;
    unsigned days;
    uint64_t question;    /* the asker's */
    void (*on_answer)(void *to, uint64_t question, struct buf *code, const char *refusal);
    void *to;
};
bool seat_ask_invite(struct seat *s, const struct seat_invite *invite);
/* Cuts the line of a question that is under way, as seat_cut. */
void seat_ask_cut(struct seat *s, int64_t client_told_ms, int64_t server_told_ms);
/* For who looks at what stands there, without a process. NULL: gone, or it cannot be opened. Closed by the next event of the seat. */
struct replica *seat_look(struct seat *s);
void seat_look_end(struct seat *s);

/* A newer program is about to be installed: nothing runs that was begun before, but for an agent that nobody has ended, where it goes on. */
void seat_renew_begin(struct seat *s, bool agent_goes_on);

/* ---- disasters ---- */
void seat_kill_agent_at(struct seat *s, uint64_t writes);   /* 0: now */
void seat_kill_command_at(struct seat *s, uint64_t writes); /* the command that is given next, at that write */
void seat_set_disk(struct seat *s, bool full, unsigned faulty_per_mille); /* for a while; false, 0: well again */
/* In the middle of that write of the agent, or of the command that is given next. */
void seat_lose_power_at(struct seat *s, uint64_t writes);
void seat_lose(struct seat *s);         /* for ever */
void seat_keep_copy(struct seat *s);    /* its files, as they are */
bool seat_put_copy_back(struct seat *s); /* false: there is none */
struct seat *seat_clone(struct seat *s, unsigned index);

struct seat_counts {
    unsigned calls, asks, cut, kills, lives; /* lives: how often its disk was not what it had been any more */
    unsigned renewals;                 /* of its certificate */
    int64_t lost_ms;                   /* when it was lost; 0: it was not */
};
struct seat_counts seat_counts(const struct seat *s);
