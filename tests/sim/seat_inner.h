#pragma once
/* Shared by seat.c (files, commands, disasters) and seat_agent.c. */
#include "seat.h"
#include "server.h"
#include "world.h"
#include "client/agent/link.h"
#include "client/replica/replica_sync.h"

enum errand { ERRAND_USUAL, ERRAND_RENEW_FIRST, ERRAND_RENEW_AFTER };

struct seat {
    struct seat_options options;
    unsigned index;
    struct dice dice;
    int machine, shelf;       /* shelf: where its copy lies; 0: there is none */
    bool gone, online, faulty;
    int64_t level_ms;
    uint64_t rounds;
    struct seat_counts counts;

    /* ---- the agent's ---- */
    bool staying;             /* watches; else rounds when it is called */
    int agent;                /* its process; DISK_NOBODY: it does not run */
    struct replica *r;
    struct link *link;        /* NULL: no session */
    struct line *line;
    struct buf in;
    uint64_t life;            /* counts agents and their sessions: events of older ones mean nothing */
    uint64_t tick;            /* counts timers */
    unsigned failures, sessions; /* sessions: of this round */
    int64_t shut_until_ms;    /* a busy server is not called before, whoever asks */
    bool was_level, polling;
    uint32_t page_size;       /* what it asks for at once; 0: as production does */
    int64_t data_version;

    /* ---- its certificate, where it has joined by itself; the others are believed ---- */
    struct buf cert;          /* DER; empty: it has none */
    enum errand errand;       /* of the session at hand */
    int64_t renew_after_ms;   /* not tried before */
    bool fresh;               /* no round yet */

    /* ---- the commands' ---- */
    int hand;
    struct replica *hand_r;
    uint64_t kill_hand_at;
    bool power;               /* the next death of a process is that of the machine */
    struct ask *ask;          /* a question under way; NULL: none */
    uint64_t ask_tick;
    int before;               /* who ran before seat_begin */
};

/* ---- seat.c ---- */
void seat_close_hand(struct seat *s);
/* A process has died and has no files open any more: was it the power? True: all others died, too. */
bool seat_power_is_lost(struct seat *s);

/* ---- seat_ask.c ---- */
void ask_drop(struct seat *s);

/* ---- seat_agent.c ---- */
/* The agent is gone without a word, by its process's death. */
void agent_drop(struct seat *s);
void agent_start_after(struct seat *s, int64_t ms);
/* A command has ended: what it wrote is found soon. */
void agent_poll_soon(struct seat *s);

/* ---- seat_renew.c ---- */
void cert_load(struct seat *s);
bool cert_knock(struct seat *s, struct line *line); /* false: nobody opens */
struct link_options renew_options(struct seat *s);
enum err renew_begin(struct seat *s) MUST_CHECK;    /* what the errand asks for first */
enum err renew_when_due(struct seat *s) MUST_CHECK; /* of a session that is level */
/* What the session after this one is for; at_once: it follows at once. */
enum errand renew_next(struct seat *s, enum link_progress p, enum err why, int64_t asked_ms);
