/* The frames of a sync round: hello, push, pull, snapshot, digest, hand back, report. PROTOCOL.md "A round"; sync rules 22-30.
 * Invariant: rows and entries leave only through entry_strip and kind_strip with the seat's own roles. */
#include "base/limits.h"
#include "base/log.h"
#include "server/messages.h"
#include "server/session_frames.h"
#include "wire/wire.h"

#include <stdio.h>
#include <string.h>

static uint32_t newest_epoch(const struct control *c)
{
    const struct control_epoch *e, *last = NULL;
    for (size_t i = 0; (e = control_epoch_at(c, i)); i++)
        last = e;
    return last ? last->epoch : 1;
}

static enum err load_org(struct session *s, uint32_t org, struct org_state **out)
{
    return store_load_org(s->serving->store, org, newest_epoch(s->serving->control), out);
}

/* A seat keeps its own org's rows and those of the orgs above, which issue what all below may read. */
static void find_orgs(struct session *s, const struct control_seat *who)
{
    uint32_t number = who->org;
    s->org_count = 0;
    while (number && s->org_count < SESSION_ORGS_MAX) {
        const struct control_org *org = control_org(s->serving->control, number);
        if (!org)
            break;
        s->orgs[s->org_count++] = number;
        number = org->parent;
    }
}

static void *make(struct session *s, size_t size)
{
    return arena_alloc(session_arena(s), size);
}

static const Wire__Position *position_of(const Wire__Hello *hello, uint32_t org)
{
    for (size_t i = 0; i < hello->n_position; i++)
        if (hello->position[i]->org == org)
            return hello->position[i];
    return NULL;
}

/* What the client's position in an org asks of us (rules 25, 27, 35). */
enum standing { STANDS_HERE, STANDS_AHEAD, STANDS_ELSEWHERE, STANDS_NOWHERE };

static enum standing standing_of(struct session *s, uint32_t org, uint64_t head, const Wire__Position *at)
{
    uint8_t chain[CHAIN_SIZE];
    if (!at || at->seq == 0)
        return STANDS_HERE;
    if (store_read_chain(s->serving->store, org, at->seq, chain) == ERR_OK)
        return at->chain.len == CHAIN_SIZE && memcmp(chain, at->chain.data, CHAIN_SIZE) == 0 ? STANDS_HERE : STANDS_ELSEWHERE;
    if (store_recovering(s->serving->store, org))
        return at->seq > head ? STANDS_AHEAD : STANDS_ELSEWHERE;
    struct lineage lineage = control_lineage(s->serving->control, org, session_arena(s));
    return lineage_holds(&lineage, at->seq) ? STANDS_NOWHERE : STANDS_ELSEWHERE;
}

static void begin_recovery(struct session *s, uint32_t org, uint64_t seq)
{
    log_error("session", "seat %u has entry %llu of org %u that this database never gave: its file was rolled back; recovering",
              s->seat, (unsigned long long)seq, org);
    session_put_job(s, session_job(s, JOB_BEGIN_RECOVERY));
}

static enum err head_message(struct session *s, uint32_t number, const Wire__Hello *hello, Wire__Head **out)
{
    struct org_state *state;
    const Wire__Position *at = position_of(hello, number);
    Wire__Head *head = make(s, sizeof *head);
    if (!head)
        return ERR_MEMORY;
    enum err e = load_org(s, number, &state);
    if (e != ERR_OK)
        return e;
    wire__head__init(head);
    head->org = message_org(control_org(s->serving->control, number), session_arena(s));
    head->has_seq = head->has_chain = head->has_promise = head->has_rows = head->has_entries = head->has_recovering = 1;
    head->seq = org_state_seq(state);
    struct slice chain = arena_copy(session_arena(s), slice_of(org_state_chain(state), CHAIN_SIZE));
    head->chain = (ProtobufCBinaryData){chain.size, (uint8_t *)chain.data};
    head->rows = org_state_rows(state);
    head->entries = org_state_entries(state);
    head->promise = store_promise(s->serving->store, number);
    org_state_destroy(state);

    enum standing standing = standing_of(s, number, head->seq, at);
    if (standing == STANDS_NOWHERE)
        begin_recovery(s, number, at->seq);
    head->recovering = standing == STANDS_NOWHERE || store_recovering(s->serving->store, number);
    head->has_hand_back_after = standing == STANDS_NOWHERE || standing == STANDS_AHEAD;
    head->hand_back_after = head->seq;
    if (standing == STANDS_HERE && at && at->seq > 0)
        e = at->seq == head->seq ? (head->entries = 0, ERR_OK)
                                 : store_count_entries(s->serving->store, number, at->seq, &head->entries);
    *out = head;
    return e;
}

static Wire__Position *position_message(struct session *s, uint32_t org, uint64_t seq)
{
    Wire__Position *p = make(s, sizeof *p);
    if (!p)
        return NULL;
    wire__position__init(p);
    p->has_org = p->has_seq = 1;
    p->org = org;
    p->seq = seq;
    return p;
}

static bool add_lineage(struct session *s, Wire__Welcome *w)
{
    struct control *c = s->serving->control;
    size_t count = 0;
    while (control_epoch_at(c, count))
        count++;
    w->lineage = make(s, (count + 1) * sizeof *w->lineage);
    for (size_t i = 0; w->lineage && i < count; i++) {
        const struct control_epoch *epoch = control_epoch_at(c, i);
        Wire__Epoch *m = make(s, sizeof *m);
        if (!m)
            return false;
        wire__epoch__init(m);
        m->has_epoch = m->has_parent = 1;
        m->epoch = epoch->epoch;
        m->parent = epoch->parent;
        m->last = make(s, SESSION_ORGS_MAX * sizeof *m->last);
        for (size_t o = 0; m->last && o < s->org_count; o++)
            if ((m->last[m->n_last] = position_message(s, s->orgs[o], control_epoch_last(c, epoch->epoch, s->orgs[o]))))
                m->n_last++;
        w->lineage[w->n_lineage++] = m;
    }
    return w->lineage != NULL;
}

void session_add_author(struct session *s, Wire__Author **list, size_t *count, uint32_t seat)
{
    const struct control_seat *who = control_seat(s->serving->control, seat);
    for (size_t i = 0; i < *count; i++)
        if (list[i]->seat == seat)
            return;
    Wire__Author *m = who ? make(s, sizeof *m) : NULL;
    if (!m)
        return;
    wire__author__init(m);
    m->has_seat = 1;
    m->seat = seat;
    m->person = (char *)who->person;
    list[(*count)++] = m;
}

#define AUTHORS_MAX 1000 /* of 512 bytes at most, which leaves half of the frame; the rest come with their entries */

static bool add_authors(struct session *s, Wire__Welcome *w)
{
    const struct control_seat *who;
    w->author = make(s, AUTHORS_MAX * sizeof *w->author);
    for (size_t i = 0; w->author && (who = control_seat_at(s->serving->control, i)) && w->n_author < AUTHORS_MAX; i++)
        if (session_keeps(s, who->org))
            session_add_author(s, w->author, &w->n_author, who->number);
    return w->author != NULL;
}

/* A district seat writes records of branches whose rows it keeps no copy of: it needs to know when those are safe (rule 24). */
static bool add_promises(struct session *s, const struct control_seat *who, Wire__Welcome *w)
{
    const struct control_org *org;
    size_t count = 0;
    if (!(who->roles & ROLES_DISTRICT))
        return true;
    while (control_org_at(s->serving->control, count))
        count++;
    w->promise = make(s, (count + 1) * sizeof *w->promise);
    /* More than a message may repeat are left out: their changes stay acknowledged until another hello tells. */
    for (size_t i = 0; w->promise && w->n_promise < LIMIT_REPEATED && (org = control_org_at(s->serving->control, i)); i++)
        if (!session_keeps(s, org->number) && control_in_subtree(s->serving->control, who->org, org->number)) {
            Wire__Position *p = position_message(s, org->number, store_promise(s->serving->store, org->number));
            if (!p)
                return false;
            w->promise[w->n_promise++] = p;
        }
    return w->promise != NULL;
}

static void add_psk(struct session *s, const struct control_seat *who, Wire__Welcome *w)
{
    struct buf identity = BUF_INIT;
    uint8_t key[32];
    if (s->peer != TLS_PEER_CERTIFICATE || who->state != SEAT_ACTIVE)
        return;
    Wire__Psk *psk = make(s, sizeof *psk);
    if (!psk)
        return;
    wire__psk__init(psk);
    psk->has_identity = psk->has_key = psk->has_expires_ms = 1;
    authority_psk(s->serving->authority, who, s->serving->now_ms(), &identity, key, &psk->expires_ms);
    struct slice held = arena_copy(session_arena(s), buf_slice(&identity));
    struct slice held_key = arena_copy(session_arena(s), slice_of(key, sizeof key));
    psk->identity = (ProtobufCBinaryData){held.size, (uint8_t *)held.data};
    psk->key = (ProtobufCBinaryData){held_key.size, (uint8_t *)held_key.data};
    explicit_bzero(key, sizeof key);
    buf_finish(&identity);
    w->psk = psk;
}

static void fill_seat(struct session *s, const struct control_seat *who, Wire__Welcome *w)
{
    struct buf roles = BUF_INIT;
    role_set_text(who->roles, &roles);
    w->has_protocol = w->has_now_ms = w->has_seat = w->has_home = w->has_certificate_ends_ms = w->has_lease_days = w->has_changes_max = 1;
    w->protocol = 1;
    w->version = (char *)BANYAN_VERSION;
    w->now_ms = s->serving->now_ms();
    w->seat = who->number;
    w->person = (char *)who->person;
    w->roles = arena_text(session_arena(s), buf_slice(&roles));
    w->home = who->org;
    w->state = who->state == SEAT_REVOKED ? (char *)"revoked" : (char *)"active";
    w->certificate_ends_ms = who->certificate_ends_ms;
    w->lease_days = LIMIT_LEASE_DAYS;
    w->changes_max = LIMIT_CHANGES_PUSH;
    buf_finish(&roles);
}

/* Requests of one session that may wait for the writer: two pushes, and what a client says beside them. */
#define JOBS_MAX (LIMIT_PUSHES_IN_FLIGHT + 6u)

/* False and cut off if too much of this session waits already: nobody may fill the writer's queue alone. */
static bool has_room(struct session *s)
{
    if (s->jobs < JOBS_MAX)
        return true;
    session_refuse(s, err_name(ERR_FULL), "too many requests in flight", ERR_PROTOCOL);
    return false;
}

/* level: a hello that was asked for no entries. */
static void put_contact(struct session *s, const Wire__Report *report, bool level)
{
    if (!has_room(s))
        return;
    struct job *job = session_job(s, JOB_CONTACT);
    job->level = level;
    if (report) {
        job->report = arena_alloc(&job->arena, sizeof *job->report);
        CHECK(job->report);
        *job->report = *report;
        job->report->base.n_unknown_fields = 0;
        job->report->base.unknown_fields = NULL;
    }
    session_put_job(s, job);
}

static bool hello_is_good(struct session *s, const Wire__Hello *hello)
{
    if (hello->protocol != 1) {
        session_refuse(s, err_name(ERR_VERSION), "this server speaks protocol version 1", ERR_VERSION);
        return false;
    }
    if (hello->incarnation.len != INCARNATION_SIZE || hello->n_position > 16) {
        session_refuse(s, err_name(ERR_PROTOCOL), "a hello without its incarnation", ERR_PROTOCOL);
        return false;
    }
    return true;
}

/* Recovery waits no longer for a seat that has nothing to hand back (rule 26). */
static bool is_level(const Wire__Welcome *w)
{
    for (size_t i = 0; i < w->n_head; i++)
        if (w->head[i]->has_hand_back_after)
            return false;
    return true;
}

void session_take_hello(struct session *s, const Wire__Hello *hello)
{
    const struct control_seat *who = session_who(s);
    Wire__Welcome w = WIRE__WELCOME__INIT;
    Wire__Head *heads[SESSION_ORGS_MAX];
    if (!hello_is_good(s, hello))
        return;
    snprintf(s->version, sizeof s->version, "%s", hello->version ? hello->version : "");
    find_orgs(s, who);
    fill_seat(s, who, &w);
    w.head = heads;
    for (size_t i = 0; i < s->org_count; i++) {
        enum err e = head_message(s, s->orgs[i], hello, &heads[i]);
        if (e != ERR_OK) {
            session_fail(s, "hello", e);
            return;
        }
        w.n_head++;
    }
    if (!add_lineage(s, &w) || !add_promises(s, who, &w) || !add_authors(s, &w)) {
        session_fail(s, "hello", ERR_MEMORY);
        return;
    }
    add_psk(s, who, &w);
    s->watching = hello->watch == 1;
    put_contact(s, hello->report, is_level(&w));
    if (s->state == SESSION_CLOSING)
        return;
    session_move(s, who->state == SEAT_REVOKED ? SESSION_HANDING_OVER : SESSION_OPEN, "hello");
    session_send(s, FRAME_WELCOME, &w.base);
}

/* ---- to the writer ---- */

static void put_payload(struct session *s, enum job_type type, struct slice payload)
{
    if (!has_room(s))
        return;
    struct job *job = session_job(s, type);
    buf_append_slice(&job->request, payload);
    session_put_job(s, job);
}

void session_take_push(struct session *s, const Wire__Push *push, struct slice payload)
{
    if (push->n_sent > LIMIT_CHANGES_PUSH || push->incarnation.len != INCARNATION_SIZE) {
        session_refuse(s, err_name(ERR_PROTOCOL), "a push over its limit or without its incarnation", ERR_PROTOCOL);
        return;
    }
    put_payload(s, JOB_PUSH, payload);
}

void session_take_hand_back(struct session *s, const Wire__HandBack *back, struct slice payload)
{
    if (!session_keeps(s, back->org)) {
        session_refuse(s, err_name(ERR_PROTOCOL), "entries of an org that this seat does not keep", ERR_PROTOCOL);
        return;
    }
    put_payload(s, JOB_HAND_BACK, payload);
}

void session_take_report(struct session *s, const Wire__Report *report)
{
    if (s->state == SESSION_HANDING_OVER && report->queued == 0) {
        session_send_wipe(s);
        return;
    }
    put_contact(s, report, false);
}

/* ---- reading ---- */

static size_t page_size(uint32_t asked)
{
    return asked > 0 && asked < LIMIT_PAGE_SIZE ? asked : LIMIT_PAGE_SIZE;
}

/* False and answered if the seat does not keep the org. */
static bool keeps_or_refuse(struct session *s, uint32_t org)
{
    if (session_keeps(s, org))
        return true;
    session_refuse(s, "ORG", "not an org whose records this seat keeps", ERR_PROTOCOL);
    return false;
}

void session_take_pull(struct session *s, const Wire__Pull *pull)
{
    struct org_state *state;
    struct entry *entries;
    size_t count;
    bool more;
    Wire__Entries answer = WIRE__ENTRIES__INIT;
    if (!keeps_or_refuse(s, pull->org))
        return;
    role_set roles = session_who(s)->roles;
    enum err e = load_org(s, pull->org, &state);
    if (e != ERR_OK) {
        session_fail(s, "pull", e);
        return;
    }
    answer.has_org = answer.has_head = answer.has_promise = 1;
    answer.org = pull->org;
    answer.head = org_state_seq(state);
    answer.promise = store_promise(s->serving->store, pull->org);
    org_state_destroy(state);
    e = store_read_entries(s->serving->store, pull->org, pull->after, page_size(pull->size_max), session_arena(s), &entries, &count, &more);
    if (e == ERR_OK && (!(answer.entry = make(s, (count + 1) * sizeof *answer.entry)) ||
                        !(answer.author = make(s, (count + 1) * sizeof *answer.author))))
        e = ERR_MEMORY;
    for (size_t i = 0; e == ERR_OK && i < count; i++) {
        entry_strip(&entries[i], roles, session_arena(s));
        if (entries[i].identity.n) /* of an author no more is told than the entry tells this reader */
            session_add_author(s, answer.author, &answer.n_author, entries[i].identity.seat);
        answer.entry[answer.n_entry++] = entry_wire(&entries[i], session_arena(s));
    }
    if (e != ERR_OK)
        session_fail(s, "pull", e);
    else
        session_send(s, FRAME_ENTRIES, &answer.base);
}

/* A row as this seat may see it, or NULL where it may not see it at all. */
Wire__SnapshotRow *session_row_message(struct session *s, const struct row *row, role_set roles)
{
    const struct kind *k = kind_by_number(row->kind);
    enum access access = k ? kind_access(k, row->message, roles) : ACCESS_NONE;
    if (access < ACCESS_OPEN)
        return NULL;
    Wire__SnapshotRow *m = make(s, sizeof *m);
    if (!m)
        return NULL;
    wire__snapshot_row__init(m);
    m->has_kind = m->has_id = m->has_seq = 1;
    m->kind = row->kind;
    struct slice id = arena_copy(session_arena(s), id_slice(&row->id));
    m->id = (ProtobufCBinaryData){id.size, (uint8_t *)id.data};
    m->seq = row->seq;
    if (row->message) {
        (void)kind_strip(k, row->message, access, session_arena(s)); /* whether anything went does not matter here */
        struct slice packed = wire_pack_arena(row->message, session_arena(s));
        m->has_row = 1;
        m->row = (ProtobufCBinaryData){packed.size, (uint8_t *)packed.data};
    }
    return m;
}

/* Rows of one page; goes on where a whole page held nothing that this seat may see, so that a peer always gets a row to go on
 * from, or the end. */
static enum err fill_page(struct session *s, const Wire__SnapshotAsk *ask, const struct id *after, Wire__SnapshotPage *page)
{
    role_set roles = session_who(s)->roles;
    uint32_t kind = ask->after_kind;
    struct id last;
    bool more = true;
    if (after)
        last = *after;
    while (more && page->n_row == 0) {
        struct row *rows;
        size_t count;
        enum err e = store_read_rows(s->serving->store, ask->org, kind, after ? &last : NULL, ask->only_kind,
                                     page_size(ask->size_max), session_arena(s), &rows, &count, &more);
        if (e == ERR_OK && !(page->row = make(s, (count + 1) * sizeof *page->row)))
            e = ERR_MEMORY;
        if (e != ERR_OK)
            return e;
        for (size_t i = 0; i < count; i++)
            if ((page->row[page->n_row] = session_row_message(s, &rows[i], roles)))
                page->n_row++;
        if (count > 0) {
            kind = rows[count - 1].kind;
            last = rows[count - 1].id;
            after = &last;
        }
    }
    page->done = !more;
    return ERR_OK;
}

void session_take_snapshot(struct session *s, const Wire__SnapshotAsk *ask)
{
    struct org_state *state;
    struct id after;
    Wire__SnapshotPage page = WIRE__SNAPSHOT_PAGE__INIT;
    if (!keeps_or_refuse(s, ask->org))
        return;
    bool resumed = ask->after_id.len == ID_SIZE;
    if (resumed)
        after = id_from(slice_of(ask->after_id.data, ask->after_id.len));
    enum err e = load_org(s, ask->org, &state);
    if (e != ERR_OK) {
        session_fail(s, "snapshot", e);
        return;
    }
    page.has_org = page.has_seq = page.has_chain = page.has_done = page.has_total = 1;
    page.org = ask->org;
    page.seq = org_state_seq(state); /* before the rows: they may only be newer */
    struct slice chain = arena_copy(session_arena(s), slice_of(org_state_chain(state), CHAIN_SIZE));
    page.chain = (ProtobufCBinaryData){chain.size, (uint8_t *)chain.data};
    page.total = org_state_rows(state);
    org_state_destroy(state);
    e = fill_page(s, ask, resumed ? &after : NULL, &page);
    if (e != ERR_OK)
        session_fail(s, "snapshot", e);
    else
        session_send(s, FRAME_SNAPSHOT_PAGE, &page.base);
}

static bool reads_class(uint32_t scope, enum field_class class, role_set roles)
{
    const struct kind *k = kind_by_number(scope >= KIND_CONFLICT << 16 ? scope & 0xffff : scope);
    enum access access = k ? kind_access(k, NULL, roles) : ACCESS_NONE;
    return access == ACCESS_FULL || (access == ACCESS_OPEN && class == CLASS_OPEN);
}

static Wire__Digest *digest_message(struct session *s, uint32_t scope, enum field_class class, struct digest_sum sum)
{
    struct buf packed = BUF_INIT;
    Wire__Digest *m = make(s, sizeof *m);
    if (!m)
        return NULL;
    buf_u64(&packed, sum.lane[0]);
    buf_u64(&packed, sum.lane[1]);
    struct slice held = arena_copy(session_arena(s), buf_slice(&packed));
    buf_finish(&packed);
    wire__digest__init(m);
    m->has_scope = m->has_class_ = m->has_sum = 1;
    m->scope = scope;
    m->class_ = class;
    m->sum = (ProtobufCBinaryData){held.size, (uint8_t *)held.data};
    return m;
}

void session_take_digest(struct session *s, const Wire__DigestAsk *ask)
{
    struct org_state *state;
    uint32_t scope;
    enum field_class class;
    struct digest_sum sum;
    Wire__Digests answer = WIRE__DIGESTS__INIT;
    if (!keeps_or_refuse(s, ask->org))
        return;
    enum err e = load_org(s, ask->org, &state);
    if (e != ERR_OK) {
        session_fail(s, "digest", e);
        return;
    }
    size_t count = 0;
    while (org_state_digest_at(state, count, &scope, &class, &sum))
        count++;
    answer.has_org = answer.has_seq = 1;
    answer.org = ask->org;
    answer.seq = org_state_seq(state);
    answer.digest = make(s, (count + 1) * sizeof *answer.digest);
    role_set roles = session_who(s)->roles;
    for (size_t i = 0; answer.digest && org_state_digest_at(state, i, &scope, &class, &sum); i++)
        if (reads_class(scope, class, roles) && (answer.digest[answer.n_digest] = digest_message(s, scope, class, sum)))
            answer.n_digest++;
    org_state_destroy(state);
    if (!answer.digest)
        session_fail(s, "digest", ERR_MEMORY);
    else
        session_send(s, FRAME_DIGESTS, &answer.base);
}
