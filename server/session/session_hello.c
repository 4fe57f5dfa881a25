/* HELLO and WELCOME: where the client stands in each org's log, what it may keep, which epochs survived, what it should
 * hand back. PROTOCOL.md "A round"; rules 24-27, 31, 35. Order: all standings first, since one entry that we never gave
 * puts every org in recovery; then the heads that say so. */
#include "server/session/session_frames.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/text.h"
#include "server/control/messages.h"
#include "server/session/standing.h"
#include "server/recovery/recovery.h"

#include <stdio.h>
#include <string.h>

#define POSITIONS_MAX 16
#define AUTHORS_MAX 1000 /* of 512 bytes at most, which leaves half of the frame; the rest come with their entries */
#define POSITION_SIZE 24 /* on the wire, at most, without its chain */

struct hello {
    struct session *s;
    const Wire__Hello *wire;
    const struct control_seat *who;
    Wire__Welcome welcome;
    Wire__Head *heads[SESSION_ORGS_MAX];
    enum standing standings[SESSION_ORGS_MAX];
    bool rolled_back; /* some org STANDS_NOWHERE: recovery begins with this hello */
    bool asks;        /* for entries, in some head */
    uint32_t epoch_seen;
};

/* ---- where it stands ---- */

static const Wire__Position *position_of(const Wire__Hello *hello, uint32_t org)
{
    for (size_t i = 0; i < hello->n_position; i++)
        if (hello->position[i]->org == org)
            return hello->position[i];
    return NULL;
}

static enum err find_standings(struct hello *h)
{
    struct session *s = h->s;
    for (size_t i = 0; i < s->org_count; i++) {
        const Wire__Position *at = position_of(h->wire, s->orgs[i]);
        enum err e =
            standing_find(s->serving->store, s->serving->control, s->orgs[i], at, session_arena(s), &h->standings[i]);
        if (e != ERR_OK)
            return e;
        if (h->standings[i] != STANDS_NOWHERE)
            continue;
        h->rolled_back = h->who->state != SEAT_REVOKED; /* which may not stop the others' work any more */
        log_error("session", "seat %u has entry %llu of org %u that this database never gave: its file was rolled back",
                  s->seat, (unsigned long long)at->seq, s->orgs[i]);
    }
    return ERR_OK;
}

/* An epoch that the client knows and we don't any more: our control journal was rolled back, by hand or to a backup's. Recovery
 * must end in a later one (rule 26), or two histories would bear the same numbers. 0: none. */
static uint32_t epoch_seen(const struct hello *h)
{
    uint32_t ours = session_epoch(h->s), newest = h->wire->has_epoch ? h->wire->epoch : 0;
    for (size_t i = 0; i < h->s->org_count; i++) {
        const Wire__Position *at = position_of(h->wire, h->s->orgs[i]);
        bool ahead = h->standings[i] == STANDS_NOWHERE || h->standings[i] == STANDS_AHEAD;
        if (ahead && seq_epoch(at->seq) > newest)
            newest = seq_epoch(at->seq);
    }
    return newest > ours && newest - ours <= STANDING_EPOCHS_LOST ? newest : 0;
}

/* Rule 35: also a client without an entry of the lost epoch tells that there was one. */
static void notice_lost_epoch(struct hello *h)
{
    struct session *s = h->s;
    h->epoch_seen = epoch_seen(h);
    if (!h->epoch_seen || h->rolled_back || h->who->state == SEAT_REVOKED || s->org_count == 0 ||
        store_recovering(s->serving->store, s->orgs[0]))
        return;
    h->rolled_back = true;
    log_error("session", "seat %u knows epoch %u, which this database never began: its file was rolled back", s->seat, h->epoch_seen);
}

/* ---- heads ---- */

/* In recovery a client hands back all that it holds beyond what survived, even where others did before: its copies may
 * be fuller (rule 25). Who stands off the line goes back to the last seq on it first, and may hold what came before that. */
static void ask_back(struct hello *h, Wire__Head *head, uint32_t org, const Wire__Position *at)
{
    uint64_t survived = h->rolled_back ? head->seq : store_recovery_from(h->s->serving->store, org);
    if (!head->recovering || !at || at->seq <= survived)
        return;
    head->has_hand_back_after = 1;
    head->hand_back_after = survived;
    h->asks = true;
}

static enum err count_behind(struct session *s, Wire__Head *head, uint32_t org, const Wire__Position *at,
                             enum standing standing)
{
    if (!at || at->seq == 0 || standing == STANDS_ELSEWHERE)
        return ERR_OK; /* all of them */
    if (at->seq < head->seq)
        return store_count_entries(s->serving->store, org, at->seq, &head->entries);
    head->entries = 0;
    return ERR_OK;
}

static enum err add_head(struct hello *h, size_t index)
{
    struct session *s = h->s;
    struct org_state *state;
    uint32_t org = s->orgs[index];
    const Wire__Position *at = position_of(h->wire, org);
    Wire__Head *head = session_make(s, sizeof *head);
    if (!head)
        return ERR_MEMORY;
    enum err e = store_load_org(s->serving->store, org, session_epoch(s), &state);
    if (e != ERR_OK)
        return e;
    wire__head__init(head);
    head->has_seq = head->has_chain = head->has_promise = head->has_rows = head->has_entries = head->has_recovering = 1;
    head->seq = org_state_seq(state);
    head->chain = session_bytes(s, slice_of(org_state_chain(state), CHAIN_SIZE));
    head->rows = org_state_rows(state);
    head->entries = org_state_entries(state);
    org_state_destroy(state);
    head->org = message_org(control_org(s->serving->control, org), session_arena(s));
    head->promise = store_promise(s->serving->store, org);
    head->recovering = h->rolled_back || store_recovering(s->serving->store, org);
    ask_back(h, head, org, at);
    h->heads[index] = head;
    h->welcome.n_head = index + 1;
    return head->org && head->chain.len ? count_behind(s, head, org, at, h->standings[index]) : ERR_MEMORY;
}

static enum err add_heads(struct hello *h)
{
    enum err e = ERR_OK;
    h->welcome.head = h->heads;
    for (size_t i = 0; e == ERR_OK && i < h->s->org_count; i++)
        e = add_head(h, i);
    return e;
}

/* ---- lineage and promises ---- */

static Wire__Position *position_message(struct session *s, uint32_t org, uint64_t seq)
{
    Wire__Position *p = session_make(s, sizeof *p);
    if (!p)
        return NULL;
    wire__position__init(p);
    p->has_org = p->has_seq = 1;
    p->org = org;
    p->seq = seq;
    return p;
}

/* The orgs in whose logs this seat's changes may stand: those that it keeps, and for a district seat all below. Of more
 * than go into one answer the rest are left out: changes there stay acknowledged until the seat says hello to a server
 * nearer by. */
static enum err find_logs(struct hello *h, uint32_t **out, size_t *count)
{
    struct session *s = h->s;
    const struct control *control = s->serving->control;
    const struct control_org *org;
    size_t epochs = 0, n = 0, most = s->org_count;
    while (control_epoch_at(control, epochs))
        epochs++;
    size_t fit = LIMIT_FRAME / 2 / (POSITION_SIZE * (epochs + 1));
    if (h->who->roles & ROLES_DISTRICT)
        most += control_org_count(control);
    most = most < fit ? most : fit;
    most = most < LIMIT_REPEATED ? most : LIMIT_REPEATED;
    uint32_t *list = session_make(s, (most + SESSION_ORGS_MAX) * sizeof *list);
    if (!list)
        return ERR_MEMORY;
    for (; n < s->org_count; n++)
        list[n] = s->orgs[n];
    for (size_t i = 0; (h->who->roles & ROLES_DISTRICT) && n < most && (org = control_org_at(control, i)); i++)
        if (!session_keeps(s, org->number) && control_in_subtree(control, h->who->org, org->number))
            list[n++] = org->number;
    *out = list;
    *count = n;
    return ERR_OK;
}

static enum err add_epoch(struct hello *h, const struct control_epoch *epoch, const uint32_t *logs, size_t count)
{
    struct session *s = h->s;
    Wire__Epoch *m = session_make(s, sizeof *m);
    if (!m)
        return ERR_MEMORY;
    wire__epoch__init(m);
    m->has_epoch = m->has_parent = 1;
    m->epoch = epoch->epoch;
    m->parent = epoch->parent;
    m->last = session_make(s, (count + 1) * sizeof *m->last);
    for (size_t i = 0; m->last && epoch->parent && i < count; i++) {
        m->last[i] = position_message(s, logs[i], control_epoch_last(s->serving->control, epoch->epoch, logs[i]));
        if (!m->last[i])
            return ERR_MEMORY;
        m->n_last++;
    }
    h->welcome.lineage[h->welcome.n_lineage++] = m;
    return m->last ? ERR_OK : ERR_MEMORY;
}

static enum err add_lineage(struct hello *h, const uint32_t *logs, size_t count)
{
    const struct control_epoch *epoch;
    size_t epochs = 0;
    enum err e = ERR_OK;
    while (control_epoch_at(h->s->serving->control, epochs))
        epochs++;
    h->welcome.lineage = session_make(h->s, (epochs + 1) * sizeof *h->welcome.lineage);
    if (!h->welcome.lineage)
        return ERR_MEMORY;
    for (size_t i = 0; e == ERR_OK && (epoch = control_epoch_at(h->s->serving->control, i)); i++)
        e = add_epoch(h, epoch, logs, count);
    return e;
}

/* Of orgs that the seat may write but keeps no copy of: it needs to know when its changes there are safe (rule 24). */
static enum err add_promises(struct hello *h, const uint32_t *logs, size_t count)
{
    struct session *s = h->s;
    Wire__Welcome *w = &h->welcome;
    w->promise = session_make(s, (count + 1) * sizeof *w->promise);
    if (!w->promise)
        return ERR_MEMORY;
    for (size_t i = s->org_count; i < count; i++) {
        w->promise[w->n_promise] = position_message(s, logs[i], store_promise(s->serving->store, logs[i]));
        if (!w->promise[w->n_promise])
            return ERR_MEMORY;
        w->n_promise++;
    }
    return ERR_OK;
}

/* ---- the seat itself ---- */

static enum err add_authors(struct hello *h)
{
    const struct control_seat *who;
    struct session *s = h->s;
    Wire__Welcome *w = &h->welcome;
    w->author = session_make(s, AUTHORS_MAX * sizeof *w->author);
    for (size_t i = 0; w->author && (who = control_seat_at(s->serving->control, i)) && w->n_author < AUTHORS_MAX; i++)
        if (session_keeps(s, who->org))
            session_add_author(s, w->author, &w->n_author, who->number);
    return w->author ? ERR_OK : ERR_MEMORY;
}

/* Only to a peer that has shown its certificate: a PSK is never renewed by itself (architecture 6). */
static enum err add_psk(struct hello *h)
{
    struct session *s = h->s;
    struct buf identity = BUF_INIT;
    uint8_t key[32];
    if (s->peer != TLS_PEER_CERTIFICATE || h->who->state != SEAT_ACTIVE)
        return ERR_OK;
    Wire__Psk *psk = session_make(s, sizeof *psk);
    if (!psk)
        return ERR_MEMORY;
    wire__psk__init(psk);
    psk->has_identity = psk->has_key = psk->has_expires_ms = 1;
    authority_psk(s->serving->authority, h->who, s->serving->now_ms(), &identity, key, &psk->expires_ms);
    psk->identity = session_bytes(s, buf_slice(&identity));
    psk->key = session_bytes(s, slice_of(key, sizeof key));
    explicit_bzero(key, sizeof key);
    buf_finish(&identity);
    h->welcome.psk = psk;
    return psk->identity.len && psk->key.len ? ERR_OK : ERR_MEMORY;
}

static enum err add_seat(struct hello *h)
{
    struct buf roles = BUF_INIT;
    Wire__Welcome *w = &h->welcome;
    role_set_text(h->who->roles, &roles);
    w->has_protocol = w->has_now_ms = w->has_seat = w->has_home = w->has_certificate_ends_ms = w->has_lease_days =
        w->has_changes_max = 1;
    w->protocol = 1;
    w->version = (char *)BANYAN_VERSION;
    w->now_ms = h->s->serving->now_ms();
    w->seat = h->who->number;
    w->person = (char *)h->who->person;
    w->roles = arena_text(session_arena(h->s), buf_slice(&roles));
    w->home = h->who->org;
    w->state = h->who->state == SEAT_REVOKED ? (char *)"revoked" : (char *)"active";
    w->certificate_ends_ms = h->who->certificate_ends_ms;
    w->lease_days = LIMIT_LEASE_DAYS;
    w->changes_max = LIMIT_CHANGES_PUSH;
    buf_finish(&roles);
    return w->roles ? ERR_OK : ERR_MEMORY;
}

/* ---- hello ---- */

static bool is_good(struct session *s, const Wire__Hello *hello)
{
    const char *wrong = hello->incarnation.len != INCARNATION_SIZE ? "a hello without its incarnation"
                        : hello->n_position > POSITIONS_MAX        ? "a hello with too many positions"
                                                                   : NULL;
    if (hello->protocol != 1)
        session_refuse(s, err_name(ERR_VERSION), "this server speaks protocol version 1", ERR_VERSION);
    else if (wrong)
        session_refuse(s, err_name(ERR_PROTOCOL), wrong, ERR_PROTOCOL);
    return s->state != SESSION_CLOSING;
}

/* A seat keeps its own org's rows and those of the orgs above, which issue what all below may read. */
static void find_orgs(struct session *s, uint32_t number)
{
    const struct control_org *org;
    s->org_count = 0;
    while (s->org_count < SESSION_ORGS_MAX && (org = control_org(s->serving->control, number))) {
        s->orgs[s->org_count++] = number;
        number = org->parent;
    }
}

static enum err make_welcome(struct hello *h)
{
    uint32_t *logs;
    size_t count;
    enum err e = add_seat(h);
    if (e == ERR_OK)
        e = find_standings(h);
    if (e == ERR_OK) {
        notice_lost_epoch(h);
        e = add_heads(h);
    }
    if (e == ERR_OK)
        e = find_logs(h, &logs, &count);
    if (e == ERR_OK)
        e = add_lineage(h, logs, count);
    if (e == ERR_OK)
        e = add_promises(h, logs, count);
    if (e == ERR_OK)
        e = add_authors(h);
    return e == ERR_OK ? add_psk(h) : e;
}

/* Put off, not let in: if the file was rolled back once more within the hour, what it would write now would take the
 * lost entries' numbers. Other seats can begin recovery meanwhile. */
static bool may_begin_recovery(struct hello *h)
{
    struct session *s = h->s;
    bool lately = false;
    enum err e = recovery_begun_lately(s->serving->store, s->seat, s->serving->now_ms(), &lately);
    if (e != ERR_OK) {
        session_fail(s, "hello", e);
    } else if (lately) {
        log_error(
            "session",
            "seat %u would begin recovery again within an hour: put off; if it is alone with that, look at this seat",
            s->seat);
        session_refuse(s, "BUSY", "the server is busy; try again later", ERR_BUSY);
    }
    return e == ERR_OK && !lately;
}

static void put_begin_recovery(struct hello *h)
{
    struct job *job = session_job(h->s, JOB_BEGIN_RECOVERY);
    if (!job)
        return;
    job->epoch_seen = h->epoch_seen;
    session_put_job(h->s, job);
}

void session_take_hello(struct session *s, const ProtobufCMessage *m, struct slice payload)
{
    struct hello h = {.s = s, .wire = (const Wire__Hello *)m, .who = session_who(s), .welcome = WIRE__WELCOME__INIT};
    (void)payload;
    if (!is_good(s, h.wire))
        return;
    struct slice version = slice_text(h.wire->version);
    snprintf(s->version, sizeof s->version, "%.*s", (int)text_fit(version, sizeof s->version - 1, SIZE_MAX),
             h.wire->version ? h.wire->version : "");
    find_orgs(s, h.who->org);
    enum err e = make_welcome(&h);
    if (e != ERR_OK) {
        session_fail(s, "hello", e);
        return;
    }
    if (h.rolled_back && !may_begin_recovery(&h))
        return;
    if (h.rolled_back)
        put_begin_recovery(&h);
    session_put_contact(s, h.wire->report, !h.asks, h.epoch_seen);
    if (s->state == SESSION_CLOSING)
        return;
    s->watching = h.wire->watch == 1;
    session_move(s, h.who->state == SEAT_REVOKED ? SESSION_HANDING_OVER : SESSION_OPEN, "hello");
    session_send(s, FRAME_WELCOME, &h.welcome.base);
}
