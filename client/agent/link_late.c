/* Entries of paths that a restore gave up, handed over once recovery has ended (rule 27): before anything made here is sent, which may
 * have been made on top of them. Path by path, and a path portion by portion: all of it goes only when the last is answered, so that who
 * is cut off begins the path anew. */
#include "client/agent/link_inner.h"
#include "base/log.h"

enum err link_late_find(struct link *l, struct link_org *o)
{
    o->late_at = (struct replica_late_place){.path = 0};
    return replica_late_any(l->r, o->number, &o->late);
}

static size_t fork_count(const struct link *l)
{
    return l->late_forks.size / sizeof(struct late_fork);
}

static enum err add_forks(struct link *l, Wire__HandBack *back)
{
    const struct late_fork *list = (const struct late_fork *)l->late_forks.data;
    back->fork = arena_alloc(&l->arena, (fork_count(l) + 1) * sizeof *back->fork);
    if (!back->fork)
        return ERR_MEMORY;
    for (size_t i = 0; i < fork_count(l); i++)
        if (!(back->fork[back->n_fork++] = late_fork_wire(&list[i], &l->arena)))
            return ERR_MEMORY;
    return ERR_OK;
}

/* The server has dealt with the path, or nothing of it can go there; head: where its log stands. The next one has forks of its own. */
static enum err end_path(struct link *l, struct link_org *o, uint64_t head)
{
    enum err e = replica_late_end(l->r, o->number, &o->late_sent.to, head, (const struct late_fork *)l->late_forks.data, fork_count(l));
    if (e == ERR_OK)
        e = replica_late_note(l->r, &(struct replica_late_told){.left = o->late_left});
    l->late_forks.size = o->late_left = 0;
    return e == ERR_OK ? link_late_find(l, o) : e;
}

static enum err send_entries(struct link *l, struct link_org *o, Wire__HandBack *back, int64_t now_ms)
{
    enum err e = add_forks(l, back);
    if (e != ERR_OK)
        return e;
    l->taken_org = o->number;
    l->await_taken = l->taken_late = true;
    log_info("link", "org %u: handing over %zu entries of a past that was given up", o->number, back->n_entry);
    link_await(l, now_ms);
    return link_send(l, FRAME_HAND_BACK, &back->base, now_ms);
}

static enum err send_portion(struct link *l, struct link_org *o, int64_t now_ms, bool *sent)
{
    Wire__HandBack back;
    enum err e = ERR_OK;
    while (e == ERR_OK && o->late && !*sent) {
        if (o->late_at.path == 0)
            l->late_forks.size = o->late_left = 0;
        e = replica_hand_over(l->r, o->number, &o->late_at, l->portion, fork_count(l), &l->arena, &back, &o->late_sent);
        if (e != ERR_OK)
            break;
        o->late_left += o->late_sent.passed;
        *sent = back.n_entry > 0;
        if (o->late_sent.to.path == 0)
            o->late = false;
        else if (*sent)
            e = send_entries(l, o, &back, now_ms);
        else
            e = end_path(l, o, o->head);
    }
    return e;
}

enum err link_late_hand_over(struct link *l, int64_t now_ms, bool *sent)
{
    *sent = false;
    for (size_t i = 0; i < l->org_count && now_ms >= l->late_due_ms; i++) {
        enum err e = l->orgs[i].late ? send_portion(l, &l->orgs[i], now_ms, sent) : ERR_OK;
        if (e != ERR_OK || *sent)
            return e;
    }
    return ERR_OK;
}

bool link_late_waits(const struct link *l)
{
    bool waits = false;
    for (size_t i = 0; i < l->org_count; i++)
        waits = waits || l->orgs[i].late;
    return waits;
}

enum err link_late_blocks(struct link *l, bool *blocks)
{
    enum err e = ERR_OK;
    *blocks = false;
    for (size_t i = 0; i < l->org_count && e == ERR_OK && !*blocks; i++)
        if (l->orgs[i].late)
            e = replica_waits(l->r, l->orgs[i].number, blocks);
    return e;
}

static enum err keep_forks(struct link *l, const Wire__Taken *taken)
{
    enum err e = fork_count(l) + taken->n_fork <= LATE_FORKS_MAX ? ERR_OK : ERR_PROTOCOL;
    for (size_t i = 0; i < taken->n_fork && e == ERR_OK; i++) {
        struct late_fork fork;
        e = late_fork_open(taken->fork[i], &fork);
        if (e == ERR_OK)
            buf_append(&l->late_forks, &fork, sizeof fork);
    }
    return e;
}

/* What is new is counted once, whoever begins anew; what was left is left each time, and told with the path's end. */
static enum err note_outcome(struct link *l, struct link_org *o, const Wire__Taken *taken)
{
    o->late_left += taken->late_left;
    return replica_late_note(l->r, &(struct replica_late_told){.decided = taken->late_decided, .refused = taken->late_refused});
}

/* Recovery has begun anew, or the server knows of no such things: then they stay here, and hinder nothing. */
static enum err put_off(struct link *l, struct link_org *o, const Wire__Taken *taken, int64_t now_ms)
{
    o->late_at = (struct replica_late_place){.path = 0};
    o->late = taken->has_retry_after_ms;
    l->late_unknown = l->late_unknown || !o->late;
    l->late_due_ms = now_ms + (taken->retry_after_ms ? taken->retry_after_ms : LINK_PUT_OFF_MS);
    return ERR_OK;
}

enum err link_late_taken(struct link *l, struct link_org *o, const Wire__Taken *taken, int64_t now_ms)
{
    l->taken_late = false;
    if (!taken->has_late_to)
        return put_off(l, o, taken, now_ms);
    if (taken->late_to <= o->late_at.seq || taken->late_to > o->late_sent.to.seq)
        return ERR_PROTOCOL;
    enum err e = keep_forks(l, taken);
    o->late_at = (struct replica_late_place){o->late_sent.to.path, taken->late_to};
    o->stale = true;
    if (e == ERR_OK)
        e = note_outcome(l, o, taken);
    bool last = o->late_sent.ends && taken->late_to >= o->late_sent.to.seq;
    return e == ERR_OK && last ? end_path(l, o, taken->seq) : e;
}
