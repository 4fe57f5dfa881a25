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
