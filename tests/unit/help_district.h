#pragma once
/* A server's core and some devices in one process: real sessions and a real writer on one side, real links and replicas on the other,
 * frames carried by hand, so that a session can be cut after any of them. */
#include "base/limits.h"
#include "client/agent/link.h"
#include "client/replica/replica_sync.h"
#include "help_server.h"
#include "server/hub.h"

struct device {
    struct district *d;
    struct folder folder;
    uint32_t seat;
    struct replica *r;
    struct link *l;           /* NULL: no session */
    struct session *s;
    struct buf in;            /* frames for the link */
    size_t in_at;
    int frames_left;          /* until the line is cut; -1: never */
    bool cut;
    unsigned refusals;        /* fatal ERRORs that the server sent */
    enum err failure;         /* what link_take or link_start said */
    bool gone;                /* lost or wiped: nobody uses it any more */
};

#define DEVICES_MAX 8
struct district {
    struct help_server server;
    struct authority *authority; /* as every district has one: macs of chain heads are its */
    struct store *reader;
    struct journal *journal;
    struct control *control;
    struct hub *hub;
    struct serving serving;
    struct job *jobs, **jobs_end;
    struct device devices[DEVICES_MAX];
    size_t count;
    uint64_t sessions;
    int64_t now_ms;
};

void district_make(struct district *d);
void district_remove(struct district *d);
void district_open_server(struct district *d);  /* after the server's files were changed */
void district_close_server(struct district *d);
/* Backup and restore of the server; in recovery until every seat has come or the operator ends it (rules 24-26). */
void district_backup(struct district *d, const char *name);
void district_restore(struct district *d, const char *name);
void district_end_recovery(struct district *d);
/* The same while sessions are up. */
void district_end_recovery_beside(struct district *d);
/* As restore, but the folder's control journal went with the disk: the backup's own is taken. */
void district_restore_without_journal(struct district *d, const char *name);
/* ERR_FOREIGN, and nothing is done: since that backup the journal went another way. */
enum err district_try_restore(struct district *d, const char *name);
/* Database and journal as they are now, as a machine's snapshot takes them; and put back behind the server's back (rule 35). */
void district_snapshot(struct district *d, const char *name);
void district_roll_back(struct district *d, const char *name);
void district_set_seat(struct district *d, uint32_t seat, enum seat_state state);
/* Looks again at control data that the test wrote. */
void district_refresh(struct district *d);

struct device *device_make(struct district *d, uint32_t seat, uint32_t org, const char *org_code, const char *level, const char *roles);
/* Of a seat that joins only now. */
struct device *device_join(struct district *d, uint32_t org, const char *roles);
/* Of the branch's two chairs, who are there from the start. */
struct device *device_chair(struct district *d);
struct device *device_second(struct district *d);
/* Another device with the same files. */
struct device *device_clone(struct device *of);
void device_copy(struct device *of, struct folder *to);        /* its files, as they are now */
void device_put_back(struct device *to, const struct folder *from);

/* A session: begins, runs until nothing moves, ends. frames: cut after that many (both ways together); -1: never.
 * Gives how the link stands. */
enum link_progress device_sync(struct device *v, int frames);
void device_begin(struct device *v, enum link_mode mode, int frames, link_on_answer *on_answer, void *to);
void device_end(struct device *v);
/* Carries frames and runs jobs until nothing moves any more. */
void district_pump(struct district *d);
/* Once round: all that the links have to say, the jobs, the answers. False: nothing moved. */
bool district_turn(struct district *d);

/* ---- what a person does ---- */
/* words: "field=value -cleared !action". *made: the record; may be NULL. */
enum err device_change(struct device *v, const char *kind, enum op op, struct id id, const char *words, struct id *made);
struct id device_add(struct device *v, const char *words);              /* a member; must be accepted */
enum err device_set(struct device *v, struct id id, const char *words);
enum err device_act(struct device *v, struct id id, const char *words); /* "!state field=value" */
enum err device_remove(struct device *v, struct id id);
const char *device_words(struct device *v, struct id id);               /* shown: "name=Li note=x", by tag, state and number left out; "none" */
const char *device_state(struct device *v, struct id id);
struct replica_status device_status(struct device *v);
/* Nothing waits to be sent, and every confirmed row is the server's: by digest of every org. */
void device_expect_level(struct device *v);
size_t device_rows(struct device *v, uint32_t kind);
