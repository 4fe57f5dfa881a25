#pragma once
/* Inside of writer_late*.c: one entry of a path that was given up, looked at. */
#include "server/writer/writer_step.h"

struct late_one {
    const struct entry *entry;
    struct author author; /* where it is new; or known, and its own hash says whose it is */
    struct change change; /* where it is new */
    enum late_state { LATE_NEW, LATE_KNOWN, LATE_LEFT } state;
};

/* writer_late_look.c: whose it is, and whether it is known. *o is valid until the step's end. Nothing is written but
 * the fork that a second change with one n begins, where its hash covers both. */
enum err late_look(struct step *st, struct late *l, const struct entry *entry, struct late_one *o) MUST_CHECK;
/* Does the hash cover whose it is, and where it stood? Of a stripped entry it does not; of what was kept here, whole
 * once, we know. */
bool late_is_bound(const struct late *l, const struct entry *e);

/* writer_forks.c. ERR_FULL: the path has as many as may be. */
enum err forks_add(struct late_forks *f, const struct late_fork *fork) MUST_CHECK;
/* Where n of the incarnation goes by the forks of this path. What a holder tells of earlier frames counts only if it is
 * recorded: known has that incarnation. */
struct incarnation forks_follow(struct late_forks *f, const struct known_seat *known, struct incarnation i, uint64_t n);
void forks_forget(struct late_forks *f); /* another path begins */
void forks_finish(struct late_forks *f);
