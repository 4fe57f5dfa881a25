#pragma once
/* Shared by newcomer.c (what must hold), newcomer_invite.c (who is invited) and newcomer_call.c (one device that tries a code). */
#include "newcomer.h"
#include "district.h"
#include "client/agent/joining.h"
#include "server/control/control.h"

struct newcomer;
struct ticket {
    struct district *district;
    struct buf text;
    uint8_t secret[16];
    uint32_t org, by_seat;
    const char *roles;
    int64_t ends_ms;
    uint32_t seat;            /* that JOINED named; 0: nobody was told of any */
    struct newcomer *taker;   /* who was told so; NULL: nobody */
    bool lost;                /* the server may have forgotten it, or whom it let in */
    bool from_device;         /* INVITED told it */
    bool revoked;             /* its seat was, before its device had heard of it */
    struct ticket *older;
};

struct newcomer {
    struct district *district;
    struct ticket *code;
    unsigned number;
    struct dice dice;
    struct weather weather;
    int machine, process;     /* process: DISK_NOBODY: nobody tries just now */
    struct joining *joining;
    struct agent_joined joined; /* of this attempt */
    struct arena arena;       /* seat */
    struct replica_seat seat; /* as JOINED said last */
    uint8_t key_hash[32];     /* of the key that asked first */
    bool has_asked;
    struct line *line;
    struct buf in;
    uint64_t life;            /* counts attempts: events of older ones mean nothing */
    uint64_t kill_at;         /* the next attempt dies at that write; 0: it lives */
    bool power;               /* ... and the machine with it */
    bool settled;
    struct seat *device;      /* what it became; NULL: nothing */
    struct newcomer *older;
};

struct newcomers {
    struct newcomer *newest;
    struct ticket *codes;
    unsigned count, invited;
    struct wish *wishes;      /* newcomer_invite.c */
    unsigned waiting;         /* who is to be invited, and has no code yet */
    unsigned asked;           /* INVITE_ASKs, whatever came of them */
    int64_t codes_before;     /* the last invitation's number, when nobody had been invited yet */
};

/* ---- newcomer_call.c ---- */
void newcomer_try_after(struct newcomer *n, int64_t ms);
void newcomer_drop(struct newcomer *n); /* whatever is under way */

/* ---- newcomer_invite.c ---- */
void newcomer_expect_asked_for(struct district *d);
void newcomer_wishes_finish(struct newcomers *all);

/* ---- newcomer.c ---- */
struct fault;
struct newcomer *newcomer_add(struct district *d, struct ticket *c, const struct fault *f);
void newcomer_asks(struct newcomer *n);     /* JOIN is about to go */
void newcomer_told(struct newcomer *n);     /* JOINED came */
void newcomer_refused(struct newcomer *n);  /* for ever */
void newcomer_is_in(struct newcomer *n);    /* the folder is a seat */
/* What lies in its folder is a seat with key, certificate and CA that belong together, or no seat. True: it is one. */
bool newcomer_is_whole(struct newcomer *n);
