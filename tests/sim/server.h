#pragma once
/* The server: a machine, the process that serves on it (production's sessions, hub, writer core and store; the threads and the network
 * are the world's), and the operator's commands beside it, each a process of its own. A process that died is started again after a
 * while, as systemd does. */
#include "disk.h"
#include "line.h"
#include "server/store/store.h"

struct server;

struct server_options {
    int64_t commit_ms_max;  /* a commit takes so long at most */
    size_t queue_max;       /* jobs that wait for the writer; production: LIMIT_WRITER_QUEUE */
    int64_t wal_pages_max;  /* where the checkpointer begins; production: LIMIT_WAL_PAGES */
};
struct server *server_create(struct dice dice, const struct server_options *options);
void server_destroy(struct server *s);
int server_machine(const struct server *s);

/* ---- the process that serves ---- */
void server_start(struct server *s);
bool server_is_up(const struct server *s);
/* A connection has arrived; false: nobody listens. */
bool server_accept(struct server *s, struct line *line, uint32_t seat);
/* The same of who shows that certificate (DER), and by the listener's rules whose it is. */
bool server_accept_certificate(struct server *s, struct line *line, struct slice der);
/* ... and of who shows none. */
bool server_accept_stranger(struct server *s, struct line *line);
unsigned server_connections(const struct server *s);
void server_kill_at(struct server *s, uint64_t writes); /* 0: now */
void server_lose_power_at(struct server *s, uint64_t writes); /* in the middle of that write, so that something is not synced */
void server_set_disk(struct server *s, bool full, unsigned faulty_per_mille); /* for a while; false, 0: well again */
void server_stop(struct server *s);                     /* orderly; stays down until server_start */
/* For who looks at what stands. */
struct store *server_store(struct server *s);
struct control *server_control(struct server *s);
bool server_is_recovering(struct server *s);
/* Does it put everybody off for a reason of its own: recovery, or its disk? */
bool server_has_trouble(struct server *s);
/* Did it ever have an entry in a stripped copy alone? Whoever pulled it then takes the rows anew once a fuller one has come. */
bool server_was_stripped(const struct server *s);
/* Called when the last org's recovery has ended. */
void server_on_recovered(struct server *s, void (*on_recovered)(void *to), void *to);

/* ---- the operator ---- */
uint32_t server_add_branch(struct server *s, const char *code);
uint32_t server_add_seat(struct server *s, uint32_t org, const char *roles);
/* Many of them follow, until false is said: one command makes them all. */
void server_make_many(struct server *s, bool many);
void server_set_seat(struct server *s, uint32_t seat, enum seat_state state);
/* False: there is no such seat any more, or it has these already. after: of each of those orgs the last seq that was decided by those of before. */
bool server_set_roles(struct server *s, uint32_t seat, role_set roles, const uint32_t *orgs, size_t count, uint64_t *after);
bool server_seat_is(struct server *s, uint32_t seat, enum seat_state state);
/* Was the command that revoked the seat done, for all that the operator saw, and nothing lost since that the district's journal does not
 * hold? */
bool server_told_revoked(const struct server *s, uint32_t seat);
/* Was it ever suspended or revoked? */
bool server_was_put_out(const struct server *s, uint32_t seat);
void server_backup(struct server *s);
/* The last seq of the org that both of the two newest backups hold; 0: there are not two. */
uint64_t server_backed_up(const struct server *s, uint32_t org);
/* A member's person by law (rule 29), while it serves. False: nothing came of it. */
struct id;
bool server_erase(struct server *s, struct id member);
/* ---- server_codes.c ---- */
/* A code for a seat of org, by a seat that may invite there, else by the operator; *by_seat says whom. False: the disk fails. */
bool server_invite(struct server *s, uint32_t org, const char *roles, unsigned days, uint32_t *by_seat, struct buf *code);
/* What became of the code. False: it is not known. */
struct control_invitation;
bool server_find_code(struct server *s, const uint8_t secret[16], struct control_invitation *out, bool *inviter_may);
/* Is the seat known with that key, and what is it? */
bool server_knows_key(struct server *s, uint32_t seat, const uint8_t key_hash[32], enum seat_state *state);
/* The certificate of the seat, whose key lies on the device's machine, is one that ends then: it was given long ago. */
bool server_age_certificate(struct server *s, uint32_t seat, int device_machine, int64_t ends_ms);

/* ---- server_adopt.c: what a restore lost with the journal ---- */
/* Seats that the server does not know and that have called. Returns how many; list: so many at most. */
struct control_stranger;
size_t server_strangers(struct server *s, struct control_stranger *list, size_t max);
/* Such a seat begins again (banyand seat adopt). kill_at: the command dies at that write; 0: it lives. False: it died, or the disk
 * fails; then it is given once more. */
struct adoption;
bool server_adopt(struct server *s, const struct adoption *a, uint64_t kill_at);
/* Is the org known? */
bool server_has_org(struct server *s, uint32_t org);
/* One that was lost, under its own number (banyand branch add --number), in a command that may die as well. */
bool server_add_branch_again(struct server *s, const char *code, uint32_t org, uint64_t kill_at);

/* The next backup or restore dies at that write; power: with its machine. */
void server_kill_command_at(struct server *s, uint64_t writes, bool power);
/* The same of the next command of the operator that changes anything else (a seat, roles, an erasure, a code, a branch, the end of
 * recovery). He sees it fail, and gives it once more. */
void server_kill_desk_at(struct server *s, uint64_t writes, bool power);
/* The back-th backup from the newest on (0: the newest). journal_lost: it went with the disk, or had to, since it
 * went another way since that backup. False: there is none. */
bool server_restore(struct server *s, unsigned back, bool *journal_lost);
/* Database and journal as a machine's snapshot takes them; and put back by somebody who knows nothing of restore (rule 35). */
void server_snapshot(struct server *s);
bool server_roll_back(struct server *s);
void server_end_recovery(struct server *s);

struct server_counts {
    unsigned starts, deaths, power_losses, backups, restores, jobs;
    unsigned codes_of_dead; /* commands that died, each of which may have made a code that nobody was told */
};
struct server_counts server_counts(const struct server *s);
