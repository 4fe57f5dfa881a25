/* What the server says (PROTOCOL.md "A round"): every frame is taken only where a request for it is under way, but for NEWS, ERROR
 * and PONG. What follows from it is link_round.c's. */
#include "client/agent/link_inner.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/tr.h"
#include "sync/org_state.h"
#include "wire/wire.h"

#include <string.h>

/* The server has less than this client holds, or another log, and doesn't recover: it never gave that, or can't know that it did. */
static enum err fall_back(struct link *l, const Wire__Head *h)
{
    struct replica_cursor c;
    bool differs = false;
    enum err e = replica_cursor(l->r, h->org->number, &c);
    if (e == ERR_NOT_FOUND)
        return ERR_OK;
    if (e == ERR_OK)
        e = replica_head_differs(l->r, h, &differs);
    if (e != ERR_OK || h->recovering || (c.log_seq <= h->seq && !differs))
        return e;
    log_error("link", "org %u: the server does not know entry %llu as it is here; taking the rows again", c.org, (unsigned long long)c.log_seq);
    return replica_distrust(l->r, c.org);
}

static enum err take_heads(struct link *l, const Wire__Welcome *w)
{
    bool sync = l->options.mode == LINK_ROUND || l->options.mode == LINK_WATCH;
    if (w->n_head > LINK_ORGS_MAX)
        return ERR_PROTOCOL;
    for (size_t i = 0; i < w->n_head; i++) {
        const Wire__Head *h = w->head[i];
        if (!h->org || !h->org->number || link_org_of(l, h->org->number))
            return ERR_PROTOCOL;
        l->orgs[l->org_count++] =
            (struct link_org){.number = h->org->number, .head = h->seq, .recovering = h->recovering != 0,
                              .hand_back = h->has_hand_back_after, .hand_back_after = h->hand_back_after};
        enum err e = sync ? link_late_find(l, &l->orgs[l->org_count - 1]) : ERR_OK;
        if (e == ERR_OK && sync && !l->revoked)
            e = fall_back(l, h);
        if (e == ERR_OK && sync && !l->revoked)
            e = replica_choose(l->r, h);
        if (e != ERR_OK)
            return e;
    }
    return ERR_OK;
}

#define GREETED_ANEW "greeted_anew" /* in meta: the last session ended by take_misfit */

/* After a WELCOME that says of no org that it recovers. */
static enum err forget_greeting(struct link *l)
{
    for (size_t i = 0; i < l->org_count; i++)
        if (l->orgs[i].recovering)
            return ERR_OK;
    return replica_meta_integer(l->r, GREETED_ANEW, 0) ? replica_meta_put(l->r, GREETED_ANEW, (struct slice){0}) : ERR_OK;
}

static enum err take_welcome(struct link *l, const Wire__Welcome *w, int64_t now_ms)
{
    if (l->state != LINK_AWAIT_WELCOME)
        return ERR_PROTOCOL;
    if (w->protocol != 1) {
        link_over(l, LINK_FAILED, ERR_VERSION, _("The server speaks another version of the protocol. Next: renew this program."), 0);
        return ERR_OK;
    }
    enum err e = replica_welcome(l->r, w, now_ms);
    if (e != ERR_OK)
        return e;
    l->welcome = true;
    l->answer_due_ms = 0;
    l->revoked = w->state && strcmp(w->state, "revoked") == 0;
    l->changes_max = w->changes_max;
    l->digest_due_ms = now_ms;
    if (w->psk) {
        l->psk.size = 0;
        wire_pack(&w->psk->base, &l->psk);
    }
    bool level;
    e = take_heads(l, w);
    if (e == ERR_OK)
        e = forget_greeting(l);
    if (e == ERR_OK)
        e = link_compare_erased(l, w->erased, &level);
    if (e == ERR_OK)
        e = replica_erase_settle(l->r);
    if (e != ERR_OK)
        return e;
    link_missing_find(l);
    link_move(l, LINK_IN_ROUND, "welcome");
    if (l->revoked && l->options.mode == LINK_ASK)
        link_over(l, LINK_FAILED, ERR_REFUSED, _("The district has ended this seat. Next: banyan sync hands over what it has."), 0);
    return ERR_OK;
}

/* History that does not fit: once an org and session it is fetched anew; after that the server is at fault. */
static enum err distrust(struct link *l, struct link_org *o)
{
    if (!o || o->distrusts++ > 0)
        return ERR_CHAIN;
    log_error("link", "org %u: history does not fit its hashes; taking the rows again", o->number);
    return replica_distrust(l->r, o->number);
}

static enum err take_verdicts(struct link *l, Wire__Verdicts *v, int64_t now_ms)
{
    struct replica_answer answer;
    if (l->pushes == 0)
        return ERR_PROTOCOL;
    if (l->missing_asked)
        return link_missing_take(l, v, now_ms);
    l->pushes--;
    bool drained = l->draining > 0;
    if (drained) {
        l->draining--;
        if (v->stop != WIRE__STOP__LATER || now_ms < l->push_after_ms)
            v->stop = WIRE__STOP__STOP_NONE; /* it tells again what the stop before it told; but when to come again as of now */
    }
    enum err e = replica_take_verdicts(l->r, v, now_ms, &answer);
    if (e == ERR_OK && answer.misfit)
        e = distrust(l, link_org_of(l, answer.misfit));
    if (e != ERR_OK)
        return e;
    for (size_t i = 0; i < l->org_count; i++)
        l->orgs[i].stale = l->orgs[i].stale || v->n_verdict > 0;
    if (answer.stop != REPLICA_GO_ON)
        l->draining = l->pushes;
    if (!drained && (e = link_moved(l, answer.stop == REPLICA_LATER || answer.decided > 0)) != ERR_OK)
        return e;
    if (answer.stop == REPLICA_LATER) {
        l->put_off = true;
        l->push_after_ms = now_ms + (v->retry_after_ms ? v->retry_after_ms : LINK_PUT_OFF_MS);
    }
    if (l->pushes == 0)
        l->pushed_to = INT64_MIN; /* what is unacknowledged now is sent again, from the front */
    return ERR_OK;
}

/* Of an org that recovered at WELCOME: recovery may have ended under this session, before this device could hand back what it holds.
 * What is given up, the next WELCOME tells (rules 23, 27). If that leads here again it is no such thing. */
static enum err take_misfit(struct link *l, struct link_org *o)
{
    if (!o->recovering || replica_meta_integer(l->r, GREETED_ANEW, 0))
        return distrust(l, o);
    log_info("link", "org %u: other entries than ours; recovery may have ended: once more from the start", o->number);
    enum err e = replica_meta_put_integer(l->r, GREETED_ANEW, 1);
    if (e == ERR_OK)
        link_over(l, LINK_FAILED, ERR_CUT, _("The server has just finished collecting what it had lost. Nothing of this device is lost. Next: banyan sync once more."), 1);
    return e;
}

/* Of those that are new to this device; a seq itself is no count (it has its epoch in front). */
static void tell_entries(struct link *l, struct link_org *o, uint64_t at, uint64_t count)
{
    bool goes_on = o->from && o->from >> SEQ_EPOCH_SHIFT == at >> SEQ_EPOCH_SHIFT;
    if (!goes_on)
        o->from = at - count;
    uint64_t total = o->head > at && o->head >> SEQ_EPOCH_SHIFT == at >> SEQ_EPOCH_SHIFT ? o->head - o->from : at - o->from;
    if (l->options.on_progress)
        l->options.on_progress(l->options.to, N_("changes received"), at - o->from, total);
    if (at >= o->head)
        o->from = 0;
}

static enum err take_entries(struct link *l, const Wire__Entries *entries, int64_t now_ms)
{
    struct replica_cursor before = {0}, c;
    struct link_org *o = link_org_of(l, entries->org);
    if (l->await_past && entries->org == l->past_org) {
        l->await_past = false;
        return replica_past_take(l->r, l->past_org, l->past_seq, entries, now_ms);
    }
    if (!l->await_entries || !o || entries->org != l->entries_org)
        return ERR_PROTOCOL;
    l->await_entries = false;
    o->stale = false;
    enum err e = replica_cursor(l->r, o->number, &before);
    if (e == ERR_OK)
        e = replica_take_entries(l->r, entries, now_ms);
    if (e == ERR_CHAIN)
        return take_misfit(l, o);
    if (e == ERR_OK)
        e = replica_cursor(l->r, o->number, &c);
    if (e != ERR_OK)
        return e;
    if (entries->head > o->head)
        o->head = entries->head;
    if (entries->n_entry == 0 && c.filling)
        return distrust(l, o); /* the snapshot's own seq is not in the log */
    if (entries->n_entry == 0 && entries->head > c.log_seq)
        return ERR_PROTOCOL; /* it would be asked again and again */
    e = link_moved(l, c.log_seq > before.log_seq || c.snapshot || c.log_seq >= o->head);
    if (e == ERR_OK && entries->n_entry > 0)
        tell_entries(l, o, c.log_seq, entries->n_entry);
    return e;
}

static enum err end_at_once(struct link *l)
{
    struct replica_cursor c;
    enum err e = replica_cursor(l->r, l->asked.org, &c);
    if (e != ERR_OK || c.snapshot)
        return e;
    l->at_once = false;
    return replica_snapshot_end(l->r);
}

static enum err take_page(struct link *l, const Wire__SnapshotPage *page, int64_t now_ms)
{
    if (!l->await_page || page->org != l->asked.org)
        return ERR_PROTOCOL;
    l->await_page = false;
    if (l->options.snapshot_at_once && !l->at_once) {
        enum err e = replica_snapshot_begin(l->r);
        if (e != ERR_OK)
            return e;
        l->at_once = true;
    }
    enum err e = replica_take_page(l->r, &l->asked, page, now_ms);
    if (e == ERR_OK && l->options.on_progress)
        l->options.on_progress(l->options.to, N_("records received"), l->asked.brought + page->n_row, page->total);
    return e == ERR_OK && l->at_once ? end_at_once(l) : e;
}

static enum err take_digests(struct link *l, const Wire__Digests *d)
{
    struct link_org *o = link_org_of(l, d->org);
    bool level;
    unsigned repairs;
    if (!l->await_digests || !o || d->org != l->digests_org)
        return ERR_PROTOCOL;
    l->await_digests = false;
    bool same;
    enum err e = link_compare_erased(l, d->erased, &same);
    if (e == ERR_OK && !same) { /* its rows hold less than ours, or the other way round */
        o->compared = ++o->tries >= LINK_TRIES;
        return ERR_OK;
    }
    if (e == ERR_OK)
        e = replica_compare(l->r, d, &level, &repairs);
    if (e != ERR_OK)
        return e;
    o->tries++;
    o->compared = (level && repairs == 0) || o->tries >= LINK_TRIES;
    o->stale = o->stale || !level;
    if (d->seq > o->head)
        o->head = d->seq;
    if (level && repairs > 0 && o->compared)
        log_error("link", "org %u: rows still differ after %u repairs", o->number, o->tries - 1);
    return ERR_OK;
}

static enum err take_taken(struct link *l, const Wire__Taken *taken, int64_t now_ms)
{
    struct link_org *o = link_org_of(l, taken->org);
    if (!l->await_taken || !o || taken->org != l->taken_org)
        return ERR_PROTOCOL;
    l->await_taken = false;
    if (l->taken_late) {
        if (taken->seq > o->head)
            o->head = taken->seq;
        return link_late_taken(l, o, taken, now_ms);
    }
    /* It took less than it was sent: nobody gains by sending more. */
    if (taken->seq < o->hand_back_after)
        o->hand_back = false;
    o->head = taken->seq;
    return ERR_OK;
}

static enum err take_news(struct link *l, const Wire__News *news)
{
    bool level;
    struct link_org *o = link_org_of(l, news->org);
    if (o && news->seq > o->head)
        o->head = news->seq;
    return news->has_erased ? link_compare_erased(l, news->erased, &level) : ERR_OK;
}

/* The answer to what a seat says that knows itself revoked and has nothing left to hand over; never anything else. */
static enum err take_wipe(struct link *l, struct slice payload)
{
    if (!l->await_wipe)
        return ERR_PROTOCOL;
    buf_append_slice(&l->wipe, payload);
    link_over(l, LINK_WIPE, ERR_OK, "", 0);
    return ERR_OK;
}

/* ---- ERROR ---- */

#define UNKNOWN_AGAIN_MS 600000 /* the district takes the seat in by hand */

static const struct {
    const char *code;
    enum err why;
    int64_t retry_ms;
} endings[] = {
    {"SEAT_SUSPENDED", ERR_REFUSED, 60000}, {"SEAT_REVOKED", ERR_CUT, 1},   {"SEAT_ROLES", ERR_CUT, 1},
    {"CERTIFICATE_EXPIRED", ERR_CERTIFICATE, 1}, {"VERSION", ERR_VERSION, 3600000}, {"SEAT_WORN", ERR_REFUSED, 3600000}, {"BUSY", ERR_BUSY, LINK_PUT_OFF_MS},
    {"SERVER", ERR_BUSY, LINK_PUT_OFF_MS}, {"SERVER_DISK", ERR_BUSY, LINK_PUT_OFF_MS},
};

static const char *ending_text(const char *code)
{
    if (strcmp(code, "SEAT_SUSPENDED") == 0)
        return _("The district has suspended this seat. What was entered stays here. Next: ask the district.");
    if (strcmp(code, "SEAT_REVOKED") == 0)
        return _("The district has ended this seat; it hands over what it has.");
    if (strcmp(code, "SEAT_ROLES") == 0)
        return _("The roles of this seat were changed just now; the next contact brings what they let it read.");
    if (strcmp(code, "CERTIFICATE_EXPIRED") == 0)
        return _("The certificate of this seat has expired; it is being renewed.");
    if (strcmp(code, "SEAT_WORN") == 0)
        return _("the server takes nothing more that is made on this device, whose data was copied or put back too often. Nothing is lost. Next: banyan handover write FILE; ask the chair or the district to revoke this seat and to invite you anew; there: banyan handover take FILE");
    if (strcmp(code, "VERSION") == 0)
        return _("The server speaks another version of the protocol. Next: renew this program.");
    if (strcmp(code, "SERVER_DISK") == 0)
        return _("The server cannot write to its disk, which is full or failing. What was entered stays here and is sent when it can. Next: tell whoever runs the district's server.");
    return _("The server is busy. Next: try again later.");
}

/* A certificate of the district's CA brought it so far: the seat was there, and went with the server's control data. */
static enum err take_unknown(struct link *l, int64_t retry_ms)
{
    struct replica_facts f;
    struct buf text = BUF_INIT;
    enum err e = replica_meta_put_integer(l->r, "unknown", 1);
    if (e == ERR_OK)
        e = replica_facts(l->r, &f);
    if (e == ERR_OK) {
        buf_format(&text, _("The district does not know this seat any more: its server was restored from a backup that is older than the seat. Nothing is lost, all of it is on this device, and work goes on here. Next: ask the district to take in seat %u again; a new code would not bring it."),
                   f.seat);
        link_over(l, LINK_FAILED, ERR_CERTIFICATE, buf_c_string(&text), retry_ms);
    }
    buf_finish(&text);
    return e;
}

static enum err take_fatal(struct link *l, const Wire__Error *error)
{
    const char *code = error->code ? error->code : "";
    enum err e = ERR_OK;
    log_warn("link", "the server ended the session: %s", code);
    if (strcmp(code, "SEAT_SUSPENDED") == 0)
        e = replica_meta_put_integer(l->r, "suspended", 1);
    /* A revoked seat is heard once more to hand over, but not with a certificate that has expired besides. */
    if (strcmp(code, "SEAT_REVOKED") == 0 && !link_is_welcome(l)) {
        e = replica_meta_put_integer(l->r, "ended", 1);
        link_over(l, LINK_FAILED, ERR_CERTIFICATE, _("The district has ended this seat. Next: ask the district for a new invitation."), 600000);
        return e;
    }
    if (strcmp(code, "SEAT_UNKNOWN") == 0)
        return take_unknown(l, error->retry_after_ms ? (int64_t)error->retry_after_ms : UNKNOWN_AGAIN_MS);
    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++)
        if (strcmp(code, endings[i].code) == 0) {
            link_over(l, LINK_FAILED, endings[i].why, ending_text(code),
                      error->retry_after_ms ? (int64_t)error->retry_after_ms : endings[i].retry_ms);
            return e;
        }
    link_over(l, LINK_FAILED, ERR_PROTOCOL, error->text ? error->text : code, error->retry_after_ms);
    return e;
}

/* ---- in ---- */

static enum err dispatch(struct link *l, enum frame_type type, ProtobufCMessage *m, struct slice payload, int64_t now_ms)
{
    switch (type) {
    case FRAME_WELCOME:
        return take_welcome(l, (const Wire__Welcome *)m, now_ms);
    case FRAME_VERDICTS:
        link_portion_through(l, l->push_size);
        return take_verdicts(l, (Wire__Verdicts *)m, now_ms);
    case FRAME_ENTRIES:
        link_portion_through(l, payload.size);
        return take_entries(l, (const Wire__Entries *)m, now_ms);
    case FRAME_SNAPSHOT_PAGE:
        link_portion_through(l, payload.size);
        return take_page(l, (const Wire__SnapshotPage *)m, now_ms);
    case FRAME_DIGESTS:
        return take_digests(l, (const Wire__Digests *)m);
    case FRAME_TAKEN:
        return take_taken(l, (const Wire__Taken *)m, now_ms);
    case FRAME_NEWS:
        return take_news(l, (const Wire__News *)m);
    case FRAME_ERASURES:
        return link_take_erasures(l, (const Wire__Erasures *)m);
    case FRAME_WIPE:
        return take_wipe(l, payload);
    case FRAME_PONG:
        return ERR_OK;
    case FRAME_ERROR:
        return take_fatal(l, (const Wire__Error *)m);
    default:
        return ERR_PROTOCOL;
    }
}

enum err link_take(struct link *l, enum frame_type type, struct slice payload, int64_t now_ms)
{
    ProtobufCMessage *m;
    if (l->state == LINK_OVER)
        return ERR_OK;
    arena_reset(&l->arena);
    enum err e = wire_open(frame_descriptor(type), payload, &l->arena, &m);
    if (e != ERR_OK)
        return e;
    link_note_time(l, now_ms);
    l->await_pong = false; /* whatever comes, the line is alive */
    if (type != FRAME_PONG && type != FRAME_NEWS)
        l->patience_ms = now_ms + LINK_PATIENCE_MS;
    int64_t due = now_ms + LINK_REQUEST_MS;
    l->answer_due_ms = !l->answer_due_ms ? 0 : due < l->patience_ms ? due : l->patience_ms;
    e = link_is_answer(l, type, m) ? link_take_answer(l, type, m, now_ms) : dispatch(l, type, m, payload, now_ms);
    return e == ERR_OK ? link_advance(l, now_ms) : e;
}
