#pragma once
/* The plan of a run: every fault with its time, drawn from the seed before the run begins, so that it can be printed, and cut short to
 * find the shortest one that still fails. */
#include "district.h"
#include <stdio.h>

#define FAULT_LIST(X)                                                                                                  \
    X(CUT, 10, "the line is cut")                                                                                      \
    X(HALF_OPEN, 5, "the line dies and one side is not told")                                                          \
    X(OFFLINE, 6, "no network for a while")                                                                            \
    X(STORM, 4, "a bad line for a while: delays, small pieces, cuts")                                                  \
    X(SLOW, 2, "a slow peer for a while")                                                                              \
    X(ALL_CUT, 1, "all lines are cut at once")                                                                         \
    X(ALL_AT_ONCE, 1, "nobody has a network for a while; then all come back in the same moment")                       \
    X(SERVER_KILL, 8, "the server dies at its N-th write from now")                                                    \
    X(SERVER_POWER, 4, "the server loses power in its N-th write from now")                                                                       \
    X(SERVER_FULL, 2, "the server's disk is full for a while")                                                         \
    X(SERVER_IO, 2, "the server's disk fails now and then")                                                            \
    X(AGENT_KILL, 6, "an agent dies at its N-th write from now")                                                       \
    X(COMMAND_KILL, 6, "the next command dies at its N-th write")                                                      \
    X(DEVICE_POWER, 5, "a device loses power in the N-th write from now of its agent or of its next command")                                                                         \
    X(DEVICE_FULL, 3, "a device's disk is full for a while")                                                           \
    X(DEVICE_IO, 3, "a device's disk fails now and then")                                                              \
    X(CLOCK, 3, "a device's clock is off by days for a while")                                                         \
    X(SERVER_CLOCK, 1, "the server's clock is off for a while")                                                        \
    X(BACKUP_KILL, 2, "a backup dies at its N-th write")                                                               \
    X(RESTORE_KILL, 2, "a restore dies, or its machine loses power, at its N-th write, and is given once more")         \
    X(RESTORE, 3, "the server is restored from one of its two newest backups")                                         \
    X(RESTORE_ALL, 1, "the same, and the control journal is lost, too")                                                \
    X(RECOVERED, 3, "the operator ends recovery")                                                                      \
    X(ROLL_BACK, 1, "a snapshot of the server's machine is taken, or put back")                                        \
    X(KEEP_COPY, 4, "a device's files are copied away")                                                                \
    X(PUT_COPY_BACK, 4, "a device's old copy is put back")                                                             \
    X(CLONE, 2, "a device is cloned and both go on")                                                                   \
    X(LOSE, 1, "a device is lost for ever")                                                                            \
    X(REVOKE, 2, "a seat is revoked")                                                                                  \
    X(SUSPEND, 3, "a seat is suspended for a while")                                                                   \
    X(ROLES, 4, "a seat is given other roles in the middle of a round")                                                \
    X(ERASE, 0, "a member is erased by law")\
    X(RENEW, 0, "a device's program is renewed")                                                                       \
    X(SERVER_RENEW, 0, "the server's program is renewed")                                                              \
    X(JOIN, 0, "somebody joins, and may die at the N-th write")                                                        \
    X(CERTIFICATE, 0, "a certificate ends soon, or has ended")                                                         \
    X(BRANCH, 0, "a branch is founded, and people of it join")                                                         \
    X(OPERATOR_KILL, 0, "the operator's next command dies, or its machine loses power, at its N-th write, and is given once more")

enum fault_type {
#define X(name, weight, text) FAULT_##name,
    FAULT_LIST(X)
#undef X
        FAULT_TYPES
};
const char *fault_name(enum fault_type t);

struct fault {
    int64_t at_ms; /* since the beginning */
    enum fault_type type;
    unsigned device;
    int64_t lasts_ms;
    uint64_t number; /* writes until death, which backup ... */
};

#define FAULTS_MAX 512
struct plan {
    struct fault list[FAULTS_MAX];
    unsigned count;
    unsigned done[FAULT_TYPES];
};
/* only: names with commas, and no other faults are drawn; NULL: all. */
void plan_draw(struct plan *p, uint64_t seed, const struct scale *scale, const char *only);
void plan_print(const struct plan *p, unsigned first, FILE *to); /* the first so many */
/* The first so many of them happen when their time comes. */
void plan_begin(struct plan *p, struct district *d, unsigned first);

/* faults_happen.c */
void fault_happens(struct district *d, const struct fault *f);
/* All that lasts ends now: lines, disks, clocks, suspensions. */
void faults_end(struct district *d);
