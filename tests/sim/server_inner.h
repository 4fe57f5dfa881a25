#pragma once
/* Shared by server.c (the process that serves), server_door.c (its connections), server_operator.c (commands beside it). */
#include "server.h"
#include "world.h"
#include "server/control/authority.h"
#include "server/hub.h"
#include "server/serving.h"

#define ORGS_MAX 128
#define BACKUPS_MAX 64
#define SEATS_MAX 1024

struct door;
struct backup {
    char path[160];
    uint64_t journal; /* backups that its control journal knows, as bits */
    uint64_t seqs[ORGS_MAX]; /* by place of the org: its last */
};

struct server {
    struct dice dice;
    struct server_options options;
    struct server_counts counts;
    int machine, vault, shelf, process; /* shelf: a snapshot of the machine; 0: there is none */
    uint64_t life;             /* counts processes: events of an older one mean nothing */
    uint64_t kill_command_at;  /* the next of the operator that takes long; 0: it lives */
    bool command_power;
    uint64_t kill_desk_at, kill_next; /* the next of the operator's that changes something; the one that begins now */
    bool desk_power;           /* and its machine loses power */
    bool power;                /* its next death is that of the machine */
    bool up, stopped, faulty;  /* faulty: its disk is made to fail now */
    struct store *reader, *control_store, *writer_store;
    struct journal *journal, *writer_journal;
    struct control *control;
    struct authority *authority;
    struct writer *writer;
    struct db *drain;
    struct serving serving;
    struct job *jobs, **jobs_end;
    size_t job_count, job_bytes;
    bool writer_due;
    struct door *doors;
    uint64_t sessions;
    uint64_t told[ORGS_MAX];   /* by place of the org: the last seq that anybody was told of */
    struct backup backups[BACKUPS_MAX];
    unsigned backup_count;
    uint64_t backups_of_snapshot;
    uint64_t backups_known;    /* to the folder's journal */
    uint8_t standing[SEATS_MAX]; /* by place of the seat: what the operator was told it is; 0: not known for certain */
    bool put_out[SEATS_MAX];
    uint32_t secrets;
    bool was_stripped;         /* some entry was ever had in a stripped copy alone */
    bool recovering;           /* when it was looked at last */
    void (*on_recovered)(void *to);
    void *to;
};

/* ---- server.c ---- */
/* Below ORGS_MAX and SEATS_MAX. */
unsigned server_org_place(uint32_t org);
unsigned server_seat_place(uint32_t seat);
/* Runs as the serving process; leave looks whether it died. */
int server_enter(struct server *s);
void server_leave(struct server *s, int before);
/* Of the machine, and of the disk with the backups, which hangs on the same plug. */
void server_power_is_lost(struct server *s);
/* Looks whether recovery has begun or ended. */
void server_look_at_recovery(struct server *s);
/* What was told counts no more: a restore, a rolled back file. */
void server_forget_told(struct server *s);

/* Journals were lost: what was said of seats may be, too. */
void server_forget_standing(struct server *s);

/* ---- server_door.c ---- */
void doors_close(struct server *s); /* the process is gone; its peers find out in time */

/* ---- server_operator.c: a command's own files ---- */
struct desk {
    struct server *server;
    int process, before;
    struct store *store;
    struct journal *journal;
    struct control *control;
};
enum err desk_open(struct desk *d, struct server *s) MUST_CHECK;
/* One that changes something: it dies if that was wished (server_kill_desk_at). */
enum err desk_open_at_risk(struct desk *d, struct server *s) MUST_CHECK;
/* An error that nothing explains ends the run. True: the command has died; who sees that gives it once more. */
bool desk_close(struct desk *d, enum err e);

/* ---- server_queues.c ---- */
void queues_expect_job(const struct server *s, const struct job *job);
void queues_expect_answer(uint32_t seat, enum frame_type type, size_t size);
void queues_expect_waiting(uint32_t seat, size_t bytes);
