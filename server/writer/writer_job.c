/* What one job does within a commit. Pushes and what is handed back have files of their own. */
#include "server/writer/writer_step.h"

#include "base/log.h"
#include "server/clock_watch.h"
#include "server/recovery/recovery.h"
#include "server/store/store_control.h"

#include <stdio.h>

static enum err note_epoch(struct step *st, const struct job *job)
{
    int64_t seen;
    if (!job->epoch_seen)
        return ERR_OK;
    enum err e = store_meta_get(store_db(st->store), RECOVERY_EPOCH_SEEN, &seen);
    return e == ERR_OK && seen < job->epoch_seen ? store_meta_put(store_db(st->store), RECOVERY_EPOCH_SEEN, job->epoch_seen) : e;
}

static bool is_another(int64_t off, int64_t kept)
{
    int64_t apart = off - kept;
    return (off == 0) != (kept == 0) || apart > CLOCK_OFF_MS || apart < -CLOCK_OFF_MS;
}

/* For whoever looks at the board from another process. */
static enum err note_clock(struct step *st, const struct job *job)
{
    int64_t kept;
    enum err e = store_meta_get(store_db(st->store), CLOCK_OFF, &kept);
    return e == ERR_OK && is_another(job->clock_off_ms, kept) ? store_meta_put(store_db(st->store), CLOCK_OFF, job->clock_off_ms) : e;
}

/* A database leaves an incarnation for good when it is told FORKED (rule 5). One that comes back after another means that a copy of the
 * database is in use beside it, or was put back. */
static enum err note_copies(struct step *st, const struct job *job)
{
    struct db *db = store_db(st->store);
    char is[48], before[48], copies[48];
    int64_t now = 0, earlier = 0;
    snprintf(is, sizeof is, STORE_INCARNATION "%u", job->seat);
    snprintf(before, sizeof before, STORE_INCARNATION_BEFORE "%u", job->seat);
    snprintf(copies, sizeof copies, STORE_COPIES "%u", job->seat);
    enum err e = job->incarnation ? store_meta_get(db, is, &now) : ERR_OK;
    if (e != ERR_OK || now == job->incarnation)
        return e;
    e = store_meta_get(db, before, &earlier);
    if (e == ERR_OK && earlier == job->incarnation) {
        log_error("writer", "seat %u: two copies of its database are in use: banyan seat list", job->seat);
        e = store_meta_put(db, copies, st->now_ms);
    }
    if (e == ERR_OK && now)
        e = store_meta_put(db, before, now);
    return e == ERR_OK ? store_meta_put(db, is, job->incarnation) : e;
}

static enum err take_contact(struct step *st, const struct job *job)
{
    enum err e = note_copies(st, job);
    if (e == ERR_OK)
        e = store_put_contact(st->store, job->seat, st->now_ms, job->report, job->version);
    if (e == ERR_OK)
        e = note_epoch(st, job);
    if (e == ERR_OK)
        e = note_clock(st, job);
    for (size_t i = 0; e == ERR_OK && st->recovering && i < job->heard_count; i++)
        e = store_recovery_heard(st->store, job->heard[i], job->seat);
    return e;
}

/* Recorded first, given then: nobody reads and stays unrecorded, whatever dies between. Who asks in a loop does not fill the journal. */
static enum err take_reading(struct step *st, struct job *job)
{
    bool known = false;
    enum err e = store_control_reading_known(store_db(st->store), job->reading, &known);
    if (e == ERR_OK && !known)
        e = control_add_reading(st->control, job->reading);
    if (e == ERR_OK)
        buf_append_slice(&job->answer, buf_slice(&job->request));
    return e;
}

/* It may have been taken in since it was refused. */
static enum err note_stranger(struct step *st, const struct job *job)
{
    const struct control_stranger *x = job->stranger;
    bool tell = false;
    if (control_seat(st->control, x->seat))
        return ERR_OK;
    enum err e = control_explain_seat(st->control, x->seat, st->now_ms);
    if (e == ERR_OK)
        e = store_control_note_stranger(store_db(st->store), x, &tell);
    if (e == ERR_OK && tell)
        log_warn_of(x->seat, "writer",
                    "seat %u calls with a certificate of this district, and is not known here since a restore: banyand seat list says how to"
                    " take it in again; until then nothing is lost on its device, and nothing of it comes in",
                    x->seat);
    return e;
}

static enum err begin_recovery(struct step *st, const struct job *job)
{
    enum err e = store_set_recovering(st->store, true);
    if (e == ERR_OK)
        e = recovery_begun_by(st->store, job->seat, st->now_ms);
    return e == ERR_OK ? note_epoch(st, job) : e;
}

/* What a job opened when a commit failed is opened again when it runs alone: its peer's limit is for once. Not a CONTACT's, whose
 * report lives there. */
static void forget_opened(struct job *job)
{
    if (job->type == JOB_PUSH || job->type == JOB_HAND_BACK || job->type == JOB_ERASE)
        arena_reset(&job->arena);
}

enum err job_run(struct step *st, struct job *job)
{
    forget_opened(job);
    switch (job->type) {
    case JOB_PUSH:
        return push_run(st, job);
    case JOB_HAND_BACK:
        return hand_back_run(st, job);
    case JOB_CONTACT:
        return take_contact(st, job);
    case JOB_READING:
        return take_reading(st, job);
    case JOB_STRANGER:
        return note_stranger(st, job);
    case JOB_BEGIN_RECOVERY:
        st->begin_recovery = true;
        return begin_recovery(st, job);
    case JOB_END_RECOVERY:
    case JOB_ERASE: /* begins a commit of its own: run_jobs */
        return ERR_OK; /* every commit looks what is due */
    }
    return ERR_BUG;
}
