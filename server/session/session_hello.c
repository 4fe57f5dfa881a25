/* HELLO: where the client stands in each org's log, whether its word begins recovery, whether it may come in.
 * PROTOCOL.md "A round"; rules 25-27, 35. What is answered: session_hello.h. Invariant: no claim to hold what we don't
 * have is believed but by the mac that we gave with it, so that no seat can stop the others' work. */
#include "server/session/session_hello.h"
#include "base/log.h"
#include "base/text.h"
#include "server/recovery/recovery.h"
#include "server/store/store_control.h"

#include <string.h>

#define POSITIONS_MAX 16

/* ---- where it stands ---- */

const Wire__Position *hello_position(const struct hello *h, uint32_t org)
{
    for (size_t i = 0; i < h->wire->n_position; i++)
        if (h->wire->position[i]->org == org)
            return h->wire->position[i];
    return NULL;
}

/* Said loudly where it matters: the file may have been rolled back, and this seat alone may know. */
static void tell_standing(const struct hello *h, uint32_t org, const Wire__Position *at, enum standing standing)
{
    unsigned long long seq = at ? at->seq : 0;
    if (standing == STANDS_NOWHERE)
        log_error("session",
                  "seat %u has entry %llu of org %u, which this server gave and its database no longer has: its file "
                  "was rolled back",
                  h->s->seat, seq, org);
    if (standing == STANDS_UNPROVEN)
        log_error("session",
                  "seat %u says that it has entry %llu of org %u, beyond all that is here, and cannot prove that this "
                  "server gave it: not believed",
                  h->s->seat, seq, org);
}

static enum err find_standings(struct hello *h)
{
    struct session *s = h->s;
    for (size_t i = 0; i < s->org_count; i++) {
        const Wire__Position *at = hello_position(h, s->orgs[i]);
        bool proven = at && session_gave_head(s, at->org, at->seq, at->chain, at->head_mac);
        enum err e = standing_find(s->serving->store, s->serving->control, s->orgs[i], at, proven, session_arena(s),
                                   &h->standings[i]);
        if (e != ERR_OK)
            return e;
        tell_standing(h, s->orgs[i], at, h->standings[i]);
        if (h->standings[i] == STANDS_NOWHERE)
            h->rolled_back = h->who->state != SEAT_REVOKED; /* which may not stop the others' work any more */
    }
    return ERR_OK;
}

/* The newest that the client was told of, if it can prove that it was. */
static uint32_t epoch_told(const struct hello *h)
{
    uint8_t right[HEAD_MAC_SIZE];
    authority_epoch_mac(h->s->serving->authority, h->wire->epoch, right);
    return authority_is_mac(slice_of(h->wire->epoch_mac.data, h->wire->epoch_mac.len), right) ? h->wire->epoch : 0;
}

/* Of an org that recovers yet nothing of the epoch is given that the first orgs have ended in: whoever stands there
 * stands in a forgotten one of the same number. */
static bool is_before_ours(const struct hello *h, uint32_t org, uint32_t epoch)
{
    int64_t begun;
    struct store *store = h->s->serving->store;
    return store_recovering(store, org) && store_meta_get(store_db(store), RECOVERY_EPOCH, &begun) == ERR_OK &&
           begun > 0 && epoch >= begun;
}

/* An epoch that the client knows and we don't any more: our control journal was rolled back, by hand or to a backup's.
 * Recovery must end in a later one (rule 26), or two histories would bear the same numbers. 0: none. */
static uint32_t epoch_seen(const struct hello *h)
{
    uint32_t ours = session_epoch(h->s), newest = epoch_told(h);
    bool forgotten = newest > ours;
    for (size_t i = 0; i < h->s->org_count; i++) {
        const Wire__Position *at = hello_position(h, h->s->orgs[i]);
        uint32_t epoch = at ? seq_epoch(at->seq) : 0;
        bool ahead = h->standings[i] == STANDS_NOWHERE || h->standings[i] == STANDS_AHEAD;
        if (!ahead || (epoch <= ours && !is_before_ours(h, h->s->orgs[i], epoch)))
            continue;
        forgotten = true;
        newest = epoch > newest ? epoch : newest;
    }
    return forgotten ? newest : 0;
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
    log_error_of(s->seat, "session", "seat %u knows epoch %u, which this database never began: its file was rolled back", s->seat,
              h->epoch_seen);
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
    enum err e = hello_add_seat(h);
    if (e == ERR_OK)
        e = find_standings(h);
    if (e == ERR_OK) {
        notice_lost_epoch(h);
        e = hello_add_heads(h);
    }
    if (e == ERR_OK)
        e = hello_add_logs(h);
    if (e == ERR_OK)
        e = hello_add_authors(h);
    if (e == ERR_OK)
        e = session_add_left(h->s, h->wire->left_ms, &h->welcome);
    if (e == ERR_OK)
        e = session_add_readings(h->s, h->wire, &h->welcome);
    if (e == ERR_OK)
        e = session_add_copies(h->s, &h->welcome);
    return e == ERR_OK ? hello_add_psk(h) : e;
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

/* Others will read it. */
static void note_version(struct session *s, struct slice version)
{
    struct buf line = BUF_INIT;
    text_put_line(&line, slice_of(version.data, text_fit(version, sizeof s->version - 1, SIZE_MAX)));
    size_t size = text_fit(buf_slice(&line), sizeof s->version - 1, SIZE_MAX);
    memset(s->version, 0, sizeof s->version);
    if (size)
        memcpy(s->version, line.data, size);
    buf_finish(&line);
}

static void note_clock(struct session *s, const Wire__Hello *hello)
{
    struct clock_watch *w = &s->serving->clock;
    if (!clock_watch_note(w, s->seat, hello->sent_ms, s->serving->now_ms()))
        return;
    long long minutes = (long long)(clock_watch_off(w) / 60000);
    if (minutes)
        log_error("clock", "most devices agree that this server's clock is %lld minutes %s: set it right", minutes < 0 ? -minutes : minutes,
                  minutes < 0 ? "fast" : "slow");
    else
        log_info("clock", "devices and this server's clock agree again");
}

void session_take_hello(struct session *s, const ProtobufCMessage *m, struct slice payload)
{
    struct hello h = {.s = s, .wire = (const Wire__Hello *)m, .who = session_who(s), .welcome = WIRE__WELCOME__INIT};
    (void)payload;
    if (!is_good(s, h.wire))
        return;
    note_version(s, slice_text(h.wire->version));
    note_clock(s, h.wire);
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
    memcpy(&s->incarnation, h.wire->incarnation.data, sizeof s->incarnation); /* it has its 16 bytes: checked above */
    session_put_contact(s, h.wire->report, &(struct session_heard){h.heard, h.heard_count, h.epoch_seen});
    if (s->state == SESSION_CLOSING)
        return;
    s->watching = h.wire->watch == 1;
    s->roles = h.who->roles;
    session_move(s, h.who->state == SEAT_REVOKED ? SESSION_HANDING_OVER : SESSION_OPEN, "hello");
    session_send(s, FRAME_WELCOME, &h.welcome.base);
}
