/* What a link does next (rule 34): one ladder, walked from the top after every frame and every tick. The first rung that has
 * something to do does it; a rung whose request is under way stops the walk.
 *   erasures -> hand back -> missing -> push -> missing -> (wipe, if revoked) -> the past -> rows and log, org by org -> digests -> report -> level
 * Order: what was made here goes first, since it exists nowhere else, and one pull afterwards brings one's own entries together
 * with the others'. */
#include "client/agent/agent_words.h"
#include "client/agent/link_inner.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/tr.h"

#include <string.h>

enum step { STEP_NOTHING, STEP_WAIT };

static enum err send_request(struct link *l, enum frame_type type, const ProtobufCMessage *m, int64_t now_ms)
{
    link_await(l, now_ms);
    return link_send(l, type, m, now_ms);
}

/* ---- hand back (rule 25), hand over (rule 27) ---- */

static enum err step_hand_back(struct link *l, int64_t now_ms, enum step *step)
{
    Wire__HandBack back;
    uint64_t last;
    if (l->await_taken) {
        *step = STEP_WAIT;
        return ERR_OK;
    }
    for (size_t i = 0; i < l->org_count; i++) {
        struct link_org *o = &l->orgs[i];
        if (!o->hand_back)
            continue;
        enum err e = replica_hand_back(l->r, o->number, o->hand_back_after, l->portion, &l->arena, &back, &last);
        if (e != ERR_OK)
            return e;
        if (back.done)
            o->hand_back = false;
        o->hand_back_after = last;
        l->taken_org = o->number;
        l->await_taken = true;
        *step = STEP_WAIT;
        log_info("link", "org %u: handing back %zu entries after a restore", o->number, back.n_entry);
        return send_request(l, FRAME_HAND_BACK, &back.base, now_ms);
    }
    bool sent;
    enum err e = link_late_hand_over(l, now_ms, &sent);
    *step = sent ? STEP_WAIT : STEP_NOTHING;
    return e;
}

/* ---- push ---- */

static enum err send_pushes(struct link *l, int64_t now_ms)
{
    while (l->pushes < LIMIT_PUSHES_IN_FLIGHT && l->draining == 0) {
        Wire__Push push;
        int64_t last = l->pushed_to;
        arena_reset(&l->arena);
        enum err e = replica_next_push(l->r, l->pushed_to, l->changes_max, l->portion, &l->arena, &push, &last);
        if (e != ERR_OK || push.n_sent == 0)
            return e;
        size_t before = l->out.size;
        e = send_request(l, FRAME_PUSH, &push.base, now_ms);
        if (e != ERR_OK)
            return e;
        l->push_size = l->out.size - before;
        l->pushes++;
        l->pushed_to = last;
    }
    return ERR_OK;
}

static enum err step_push(struct link *l, int64_t now_ms, enum step *step)
{
    if (l->put_off && now_ms >= l->push_after_ms && l->options.mode == LINK_WATCH)
        l->put_off = false;
    bool blocks = false;
    enum err e = l->put_off ? ERR_OK : link_late_blocks(l, &blocks);
    if (blocks) {
        l->put_off = true;
        l->push_after_ms = l->late_due_ms > now_ms ? l->late_due_ms : now_ms + LINK_PUT_OFF_MS;
    }
    if (e == ERR_OK && !l->put_off)
        e = send_pushes(l, now_ms);
    if (l->pushes > 0)
        *step = STEP_WAIT;
    return e;
}

static enum err step_missing(struct link *l, bool behind, int64_t now_ms, enum step *step)
{
    bool sent;
    enum err e = link_missing_ask(l, behind, now_ms, &sent);
    *step = sent || l->missing_asked ? STEP_WAIT : STEP_NOTHING;
    return e;
}

/* ---- the end of a revoked seat (rule 32) ---- */

static enum err send_report(struct link *l, const Wire__Report *report, int64_t now_ms)
{
    l->reported = *report;
    l->report_known = true;
    l->report_due_ms = now_ms + LINK_REPORT_MS;
    return link_send(l, FRAME_REPORT, &report->base, now_ms);
}

/* Until both may be tried again, what was made here and what is handed over. */
static int64_t put_off_ms(const struct link *l, int64_t now_ms)
{
    int64_t push = l->put_off ? l->push_after_ms : 0, late = link_late_waits(l) ? l->late_due_ms : 0;
    int64_t due = push > late ? push : late;
    return due > now_ms ? due - now_ms : 1;
}

static enum replica_waiting waiting(const struct link *l)
{
    return l->late_unknown ? REPLICA_WAITING_QUEUE : REPLICA_WAITING_ALL;
}

static enum err step_revoked(struct link *l, int64_t now_ms, enum step *step)
{
    Wire__Report report;
    if (!l->revoked)
        return ERR_OK;
    *step = STEP_WAIT;
    if (link_is_put_off(l)) { /* what it holds of others, too, may be nowhere else (rule 27) */
        link_over(l, LINK_PUT_OFF, ERR_BUSY, _("The server cannot take what this seat hands over yet. Next: try again later."),
                  put_off_ms(l, now_ms));
        return ERR_OK;
    }
    if (l->await_wipe)
        return ERR_OK;
    l->await_wipe = true;
    link_await(l, now_ms);
    enum err e = replica_report(l->r, waiting(l), &l->arena, &report);
    return e == ERR_OK ? send_report(l, &report, now_ms) : e;
}

/* ---- the past (past.h) ---- */

/* Before rows and log: what they bring takes the place of what was, and would say nothing against it any more. */
static enum err step_past(struct link *l, int64_t now_ms, enum step *step)
{
    Wire__Pull pull = WIRE__PULL__INIT;
    uint64_t seq;
    *step = l->await_past ? STEP_WAIT : STEP_NOTHING;
    if (l->await_entries || l->await_page)
        return ERR_OK; /* answers to PULL are told apart by there being one */
    for (size_t i = 0; i < l->org_count && *step == STEP_NOTHING; i++) {
        struct link_org *o = &l->orgs[i];
        enum err e = o->recovering ? ERR_NOT_FOUND : replica_past_next(l->r, o->number, now_ms, &seq);
        if (e == ERR_NOT_FOUND)
            continue;
        if (e != ERR_OK)
            return e;
        pull.has_org = pull.has_after = pull.has_size_max = 1;
        pull.org = l->past_org = o->number;
        l->past_seq = seq;
        pull.after = seq - 1;
        pull.size_max = 1;
        l->await_past = true;
        *step = STEP_WAIT;
        return send_request(l, FRAME_PULL, &pull.base, now_ms);
    }
    return ERR_OK;
}

/* ---- rows and log ---- */

static enum err ask_page(struct link *l, const struct replica_cursor *c, int64_t now_ms)
{
    Wire__SnapshotAsk ask = WIRE__SNAPSHOT_ASK__INIT;
    l->asked = *c;
    ask.has_org = ask.has_size_max = 1;
    ask.org = c->org;
    ask.size_max = (uint32_t)l->portion;
    ask.has_only_kind = c->snapshot_kind != 0;
    ask.only_kind = c->snapshot_kind;
    ask.has_after_kind = ask.has_after_id = c->after_kind != 0;
    ask.after_kind = c->after_kind;
    ask.after_id = (ProtobufCBinaryData){ID_SIZE, l->asked.after_id.bytes};
    l->await_page = true;
    return send_request(l, FRAME_SNAPSHOT_ASK, &ask.base, now_ms);
}

static enum err ask_entries(struct link *l, const struct replica_cursor *c, int64_t now_ms)
{
    Wire__Pull pull = WIRE__PULL__INIT;
    pull.has_org = pull.has_after = pull.has_size_max = 1;
    pull.org = l->entries_org = c->org;
    pull.after = c->log_seq;
    pull.size_max = (uint32_t)l->portion;
    l->await_entries = true;
    return send_request(l, FRAME_PULL, &pull.base, now_ms);
}

static enum err step_read(struct link *l, int64_t now_ms, enum step *step)
{
    struct replica_cursor c;
    *step = l->await_page || l->await_entries ? STEP_WAIT : STEP_NOTHING;
    for (size_t i = 0; i < l->org_count && *step == STEP_NOTHING; i++) {
        struct link_org *o = &l->orgs[i];
        enum err e = replica_cursor(l->r, o->number, &c);
        if (e != ERR_OK)
            return e;
        bool behind = c.filling || o->stale || o->head > c.log_seq;
        if (!c.snapshot && !behind)
            continue;
        *step = STEP_WAIT;
        return c.snapshot ? ask_page(l, &c, now_ms) : ask_entries(l, &c, now_ms);
    }
    return ERR_OK;
}

/* ---- digests (rule 30) ---- */

static enum err step_compare(struct link *l, int64_t now_ms, enum step *step)
{
    *step = l->await_digests ? STEP_WAIT : STEP_NOTHING;
    if (now_ms < l->digest_due_ms || *step == STEP_WAIT)
        return ERR_OK;
    for (size_t i = 0; i < l->org_count; i++) {
        struct link_org *o = &l->orgs[i];
        if (o->compared || o->recovering)
            continue;
        Wire__DigestAsk ask = WIRE__DIGEST_ASK__INIT;
        ask.has_org = 1;
        ask.org = l->digests_org = o->number;
        l->await_digests = true;
        *step = STEP_WAIT;
        return send_request(l, FRAME_DIGEST_ASK, &ask.base, now_ms);
    }
    l->digest_due_ms = now_ms + LINK_DIGEST_MS;
    for (size_t i = 0; i < l->org_count; i++) {
        l->orgs[i].compared = false;
        l->orgs[i].tries = 0;
    }
    return ERR_OK;
}

/* ---- report ---- */

static bool same_report(const Wire__Report *a, const Wire__Report *b)
{
    return a->queued == b->queued && a->oldest_queued_ms == b->oldest_queued_ms && a->refused == b->refused && a->conflicts == b->conflicts &&
           a->rewritten == b->rewritten;
}

/* What waits here is told outside the queue, so that the district sees a branch that is stuck (lessons 22). */
static enum err step_report(struct link *l, int64_t now_ms)
{
    Wire__Report report;
    enum err e = replica_report(l->r, waiting(l), &l->arena, &report);
    if (e != ERR_OK)
        return e;
    bool told = l->report_known && same_report(&report, &l->reported);
    if (!told || now_ms >= l->report_due_ms)
        return send_report(l, &report, now_ms);
    return ERR_OK;
}

/* ---- the ladder ---- */

void link_explain_put_off(const struct link *l, struct buf *out)
{
    if (!l->put_off && link_late_waits(l))
        buf_text(out, _("The server is still collecting from all devices what it lost, a day at most; this device holds some of that, which it "
                        "hands over then. Next: banyan sync later."));
    else
        agent_explain_put_off(replica_meta_integer(l->r, "recovering_until_ms", 0), out);
}

static void over_put_off(struct link *l, int64_t now_ms)
{
    struct buf words = BUF_INIT;
    link_explain_put_off(l, &words);
    link_over(l, LINK_PUT_OFF, ERR_BUSY, buf_c_string(&words), put_off_ms(l, now_ms));
    buf_finish(&words);
}

static void reach_level(struct link *l, int64_t now_ms)
{
    if (!l->await_pong)
        l->answer_due_ms = 0;
    if (l->options.mode == LINK_WATCH) {
        if (l->state != LINK_AT_LEVEL)
            link_move(l, LINK_AT_LEVEL, "nothing left to do");
        l->progress = LINK_LEVEL;
        return;
    }
    if (link_is_put_off(l))
        over_put_off(l, now_ms);
    else
        link_over(l, LINK_DONE, ERR_OK, "", 0);
}

/* First of all: what is handed back or sent afterwards holds nothing that was erased (rule 29). */
static enum err step_erase(struct link *l, int64_t now_ms, enum step *step)
{
    bool asked = false;
    enum err e = l->revoked ? ERR_OK : link_ask_erasures(l, now_ms, &asked);
    *step = asked ? STEP_WAIT : STEP_NOTHING;
    return e;
}

static enum err walk(struct link *l, int64_t now_ms, enum step *step)
{
    enum err e = step_erase(l, now_ms, step);
    if (e == ERR_OK && *step == STEP_NOTHING)
        e = step_hand_back(l, now_ms, step);
    if (e == ERR_OK && *step == STEP_NOTHING)
        e = step_missing(l, false, now_ms, step);
    if (e == ERR_OK && *step == STEP_NOTHING)
        e = step_push(l, now_ms, step);
    if (e == ERR_OK && *step == STEP_NOTHING)
        e = step_missing(l, true, now_ms, step);
    if (e == ERR_OK && *step == STEP_NOTHING)
        e = step_revoked(l, now_ms, step);
    if (e == ERR_OK && *step == STEP_NOTHING)
        e = step_past(l, now_ms, step);
    if (e == ERR_OK && *step == STEP_NOTHING)
        e = step_read(l, now_ms, step);
    if (e == ERR_OK && *step == STEP_NOTHING)
        e = step_compare(l, now_ms, step);
    if (e == ERR_OK && *step == STEP_NOTHING)
        e = step_report(l, now_ms);
    return e;
}

/* Only where nothing is under way: an answer that comes then was asked for after the check was. */
static void begin_check(struct link *l)
{
    l->check = false;
    for (size_t i = 0; i < l->org_count; i++)
        l->orgs[i].stale = true;
}

enum err link_check(struct link *l, int64_t now_ms)
{
    if (l->state != LINK_IN_ROUND && l->state != LINK_AT_LEVEL)
        return ERR_OK; /* its first round has not begun, or it is over */
    link_note_time(l, now_ms);
    l->check = true;
    enum err e = link_advance(l, now_ms);
    if (e == ERR_OK && l->answer_due_ms > now_ms + LINK_CHECK_MS)
        l->answer_due_ms = now_ms + LINK_CHECK_MS;
    return e;
}

enum err link_advance(struct link *l, int64_t now_ms)
{
    enum step step = STEP_NOTHING;
    if (l->state != LINK_IN_ROUND && l->state != LINK_AT_LEVEL)
        return ERR_OK;
    enum err e = link_send_ask(l, now_ms);
    if (e != ERR_OK)
        return e;
    if (l->options.mode == LINK_ASK || l->options.mode == LINK_RENEW) {
        if (l->ask_count == 0)
            link_over(l, LINK_DONE, ERR_OK, "", 0);
        return ERR_OK;
    }
    e = walk(l, now_ms, &step);
    if (e == ERR_OK && step == STEP_NOTHING && l->check && l->state != LINK_OVER) {
        begin_check(l);
        e = walk(l, now_ms, &step);
    }
    if (e != ERR_OK || l->state == LINK_OVER)
        return e;
    if (step == STEP_NOTHING && l->ask_count == 0)
        reach_level(l, now_ms);
    else if (l->state == LINK_AT_LEVEL) {
        link_move(l, LINK_IN_ROUND, "something to do");
        l->progress = LINK_WORKING;
    }
    return ERR_OK;
}
