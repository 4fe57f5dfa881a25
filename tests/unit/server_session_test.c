/* Sessions: who may say what and when, hello and welcome, the way to the writer, standing that changes in mid-session,
 * the end of a revoked seat (rules 24-27, 31, 32, 35). */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "help_session.h"

#include "base/limits.h"
#include "server/recovery/recovery.h"
#include "server/store/store_control.h"
#include "sync/origin.h"
#include "wire/wire.h"

#include <stdio.h>
#include <string.h>

static int setup(void **state)
{
    static struct help_serving h;
    serving_make(&h);
    *state = &h;
    return 0;
}

static int teardown(void **state)
{
    serving_remove(*state);
    return 0;
}

static const Wire__Head *head_of(const Wire__Welcome *w, uint32_t org)
{
    for (size_t i = 0; i < w->n_head; i++)
        if (w->head[i]->org->number == org)
            return w->head[i];
    fail_msg("no head of org %u", org);
    return NULL;
}

static void say_push(struct peer *p, struct pen *pen, struct change **list, size_t count)
{
    struct job *job = push_job(pen, list, count, NULL);
    p->deadline_ms = 0;
    session_take(p->session, FRAME_PUSH, buf_slice(&job->request));
    job_free_one(job);
}

static void say_report(struct peer *p, uint32_t queued)
{
    Wire__Report report = WIRE__REPORT__INIT;
    report.has_queued = 1;
    report.queued = queued;
    peer_tell(p, FRAME_REPORT, &report.base);
}

/* Writes members into the branch, past the session. */
static void write_members(struct help_serving *h, struct pen *pen, int from, int to)
{
    (void)h;
    for (int i = from; i < to; i++)
        assert_non_null(
            strstr(push_one(pen, pen_create(pen, i, "name=Li id_number=110101199003070038 note=x")), "APPLIED"));
}

static struct entry *entry_at(struct help_serving *h, uint32_t org, size_t index)
{
    struct entry *list;
    size_t count = server_entries(&h->server, org, &list);
    assert_true(index < count);
    return &list[index];
}

/* ---- order ---- */

static void limits_go_by_who_the_peer_is(void **state)
{
    struct help_serving *h = *state;
    static const struct {
        enum tls_peer peer;
        size_t limit;
    } cases[] = {{TLS_PEER_NOBODY, LIMIT_FRAME_JOIN},
                 {TLS_PEER_CERTIFICATE_EXPIRED, LIMIT_FRAME_JOIN},
                 {TLS_PEER_CERTIFICATE, LIMIT_FRAME},
                 {TLS_PEER_PSK, LIMIT_FRAME}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct peer p;
        peer_open(h, &p, cases[i].peer, cases[i].peer == TLS_PEER_NOBODY ? 0 : h->server.chair);
        assert_int_equal(p.frame_limit, cases[i].limit);
        assert_int_equal(p.deadline_ms, LIMIT_HELLO_MS);
        assert_false(session_is_open(p.session));
        peer_finish(&p);
    }
    assert_int_equal(hub_count(h->serving.hub), 0);
}

/* Every frame in every state in which it has no business ends the connection, with the reason of that state. */
static void out_of_turn(void **state)
{
    struct help_serving *h = *state;
    static const struct {
        enum tls_peer peer;
        bool hello;
        enum frame_type may[3];
        const char *code;
    } cases[] = {
        {TLS_PEER_NOBODY, false, {FRAME_JOIN}, "NOT_JOINED"},
        {TLS_PEER_CERTIFICATE_EXPIRED, false, {FRAME_RENEW}, "CERTIFICATE_EXPIRED"},
        {TLS_PEER_CERTIFICATE, false, {FRAME_HELLO}, "PROTOCOL"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        for (int type = FRAME_NONE + 1; type < FRAME_TYPES; type++) {
            struct peer p;
            if ((enum frame_type)type == cases[i].may[0])
                continue;
            peer_open(h, &p, cases[i].peer, cases[i].peer == TLS_PEER_NOBODY ? 0 : h->server.chair);
            session_take(p.session, (enum frame_type)type, slice_of(NULL, 0));
            peer_expect_refused(&p, cases[i].code);
            peer_finish(&p);
        }
    static const enum frame_type not_open[] = {FRAME_HELLO, FRAME_JOIN, FRAME_WELCOME, FRAME_VERDICTS,
                                               FRAME_NEWS,  FRAME_WIPE, FRAME_ERROR,   FRAME_PONG};
    for (size_t i = 0; i < sizeof not_open / sizeof *not_open; i++) {
        struct peer p;
        peer_enter(h, &p, h->server.chair);
        session_take(p.session, not_open[i], slice_of(NULL, 0));
        peer_expect_refused(&p, "PROTOCOL");
        session_take(p.session, FRAME_PING, slice_of(NULL, 0)); /* nothing is heard any more */
        peer_expect_nothing(&p);
        peer_finish(&p);
    }
}

static void ping_and_the_deadline_of_an_idle_peer(void **state)
{
    struct help_serving *h = *state;
    struct peer p;
    Wire__Ping ping = WIRE__PING__INIT;
    peer_enter(h, &p, h->server.chair);
    assert_int_equal(p.deadline_ms, LIMIT_IDLE_MS);
    peer_say(&p, FRAME_PING, &ping.base);
    assert_int_equal(((const Wire__Pong *)peer_expect(&p, FRAME_PONG))->now_ms, NOW_MS);
    assert_int_equal(p.deadline_ms, LIMIT_IDLE_MS);
    peer_finish(&p);
}

static void a_malformed_frame(void **state)
{
    struct help_serving *h = *state;
    struct peer p;
    peer_enter(h, &p, h->server.chair);
    session_take(p.session, FRAME_PULL, slice_of("\x08\x01\x08\x01", 4)); /* the same field twice */
    peer_expect_refused(&p, "WIRE");
    assert_int_equal(p.why, ERR_WIRE);
    peer_finish(&p);
}

/* ---- hello ---- */

static void welcome_says_who_one_is(void **state)
{
    struct help_serving *h = *state;
    struct peer p;
    peer_open(h, &p, TLS_PEER_CERTIFICATE, h->server.chair);
    const Wire__Welcome *w = peer_hello(&p);
    assert_int_equal(w->protocol, 1);
    assert_string_equal(w->version, BANYAN_VERSION);
    assert_int_equal(w->now_ms, NOW_MS);
    assert_int_equal(w->seat, h->server.chair);
    assert_string_equal(w->person, "张三");
    assert_string_equal(w->roles, "union_chair");
    assert_int_equal(w->home, h->server.branch);
    assert_string_equal(w->state, "active");
    assert_int_equal(w->lease_days, LIMIT_LEASE_DAYS);
    assert_int_equal(w->changes_max, LIMIT_CHANGES_PUSH);
    assert_int_equal(w->n_promise, 0); /* a branch seat writes nowhere else */
    assert_true(session_is_open(p.session));
    assert_int_equal(w->n_head, 2); /* its own org first, then what it reads above */
    assert_int_equal(w->head[0]->org->number, h->server.branch);
    assert_string_equal(w->head[0]->org->code, "qh-01");
    assert_string_equal(w->head[0]->org->level, "branch");
    assert_int_equal(w->head[1]->org->number, 1);
    assert_int_equal(w->head[0]->seq, 0);
    assert_int_equal(w->head[0]->entries, 0);
    assert_false(w->head[0]->recovering);
    assert_int_equal(w->n_lineage, 1);
    assert_int_equal(w->lineage[0]->epoch, 1);
    assert_int_equal(w->lineage[0]->parent, 0);
    assert_int_equal(w->n_author, 3); /* two chairs of the branch, the district's officer */
    peer_finish(&p);
}

static void the_version_and_the_contact_are_kept(void **state)
{
    struct help_serving *h = *state;
    struct peer p;
    uint8_t incarnation[INCARNATION_SIZE] = {1};
    Wire__Hello hello = WIRE__HELLO__INIT;
    Wire__Report report = WIRE__REPORT__INIT;
    hello.has_protocol = hello.has_incarnation = 1;
    hello.protocol = 1;
    hello.version = "1.2 (榕榕榕榕榕榕榕榕榕榕榕榕)"; /* longer than what is kept of it: cut between two characters */
    hello.incarnation = (ProtobufCBinaryData){INCARNATION_SIZE, incarnation};
    report.has_queued = report.has_oldest_queued_ms = report.has_refused = report.has_conflicts = 1;
    report.queued = 5;
    report.oldest_queued_ms = NOW_MS - 1000;
    report.refused = 2;
    report.conflicts = 1;
    hello.report = &report;
    help_now_ms = NOW_MS + 77;
    peer_open(h, &p, TLS_PEER_CERTIFICATE, h->server.chair);
    peer_say(&p, FRAME_HELLO, &hello.base);
    (void)peer_expect(&p, FRAME_WELCOME);
    assert_int_equal(control_refresh(h->serving.control, NULL), ERR_OK);
    const struct control_seat *seat = control_seat(h->serving.control, h->server.chair);
    assert_int_equal(seat->last_contact_ms, NOW_MS + 77);
    assert_int_equal(seat->queued, 5);
    assert_int_equal(seat->oldest_queued_ms, NOW_MS - 1000);
    assert_int_equal(seat->refused, 2);
    assert_int_equal(seat->conflicts, 1);
    assert_string_equal(seat->version, "1.2 (榕榕榕榕榕榕榕榕"); /* 5 + 8 x 3 = 29 of 31 bytes */
    peer_finish(&p);
}

static void a_hello_that_is_none(void **state)
{
    struct help_serving *h = *state;
    uint8_t incarnation[INCARNATION_SIZE] = {1};
    Wire__Position position = WIRE__POSITION__INIT, *positions[17];
    for (size_t i = 0; i < 17; i++)
        positions[i] = &position;
    for (int wrong = 0; wrong < 4; wrong++) {
        struct peer p;
        Wire__Hello hello = WIRE__HELLO__INIT;
        hello.has_protocol = wrong != 0;
        hello.protocol = wrong == 1 ? 2 : 1;
        hello.has_incarnation = 1;
        hello.incarnation = (ProtobufCBinaryData){wrong == 2 ? 15 : 16, incarnation};
        hello.n_position = wrong == 3 ? 17 : 0;
        hello.position = positions;
        if (wrong == 0)
            hello.protocol = 0;
        peer_open(h, &p, TLS_PEER_CERTIFICATE, h->server.chair);
        peer_say(&p, FRAME_HELLO, &hello.base);
        peer_expect_refused(&p, wrong < 2 ? "VERSION" : "PROTOCOL");
        peer_finish(&p);
    }
}

static void positions_level_and_behind(void **state)
{
    struct help_serving *h = *state;
    struct pen pen = pen_of(&h->server, h->server.chair, h->server.branch, 1);
    struct peer p;
    write_members(h, &pen, 0, 5);
    peer_open(h, &p, TLS_PEER_CERTIFICATE, h->server.chair);
    const Wire__Head *head = head_of(peer_hello(&p), h->server.branch); /* new: all of it */
    assert_int_equal(head->seq, S(5));
    assert_int_equal(head->entries, 5);
    assert_int_equal(head->rows, 5);
    assert_memory_equal(head->chain.data, entry_at(h, h->server.branch, 4)->chain, CHAIN_SIZE);
    assert_false(head->has_hand_back_after);
    peer_finish(&p);

    peer_open(h, &p, TLS_PEER_CERTIFICATE, h->server.chair); /* two behind */
    head =
        head_of(peer_hello_at(&p, h->server.branch, S(3), entry_at(h, h->server.branch, 2)->chain), h->server.branch);
    assert_int_equal(head->entries, 2);
    assert_false(head->recovering);
    peer_finish(&p);

    peer_open(h, &p, TLS_PEER_CERTIFICATE, h->server.chair); /* level */
    head =
        head_of(peer_hello_at(&p, h->server.branch, S(5), entry_at(h, h->server.branch, 4)->chain), h->server.branch);
    assert_int_equal(head->entries, 0);
    assert_false(head->recovering);
    assert_false(head->has_hand_back_after);
    peer_finish(&p);
    assert_false(store_recovering(h->server.store, h->server.branch));
}

/* Rule 35: an entry that was never given. */
static void a_position_that_was_never_given_begins_recovery(void **state)
{
    struct help_serving *h = *state;
    struct pen pen = pen_of(&h->server, h->server.chair, h->server.branch, 1);
    struct peer p;
    uint8_t chain[CHAIN_SIZE] = {9};
    write_members(h, &pen, 0, 3);
    peer_open(h, &p, TLS_PEER_CERTIFICATE, h->server.chair);
    const Wire__Welcome *w = peer_hello_at(&p, h->server.branch, S(8), chain);
    const Wire__Head *head = head_of(w, h->server.branch);
    assert_true(head->recovering);
    assert_true(head->has_hand_back_after);
    assert_int_equal(head->hand_back_after, S(3));
    assert_true(head_of(w, 1)->recovering); /* the file is one: all orgs of it recover */
    assert_false(head_of(w, 1)->has_hand_back_after);
    assert_true(store_recovering(h->server.store, h->server.branch));
    assert_true(store_recovering(h->server.store, 1));
    peer_finish(&p);

    /* Whoever comes now with nothing more than we have is not waited for; the first one still is. */
    peer_open(h, &p, TLS_PEER_CERTIFICATE, h->server.second);
    head =
        head_of(peer_hello_at(&p, h->server.branch, S(3), entry_at(h, h->server.branch, 2)->chain), h->server.branch);
    assert_true(head->recovering);
    assert_false(head->has_hand_back_after);
    peer_finish(&p);
    assert_true(store_recovering(h->server.store, h->server.branch));
}

/* Beyond what is there, while it recovers: asked from what survived on, even where others handed back before (fuller
 * copies). */
static void ahead_while_recovering(void **state)
{
    struct help_serving *h = *state;
    struct pen pen = pen_of(&h->server, h->server.chair, h->server.branch, 1);
    struct peer p;
    uint8_t chain[CHAIN_SIZE] = {9};
    write_members(h, &pen, 0, 2);
    assert_int_equal(store_set_recovering(h->server.store, true), ERR_OK);
    peer_open(h, &p, TLS_PEER_CERTIFICATE, h->server.chair);
    const Wire__Head *head = head_of(peer_hello_at(&p, h->server.branch, S(4), chain), h->server.branch);
    assert_int_equal(head->hand_back_after, S(2));
    assert_int_equal(head->entries, 0); /* nothing for it to fetch */
    peer_finish(&p);

    /* As if others had handed 3 and 4 back: the log grew while it recovers. */
    assert_int_equal(store_set_recovering(h->server.store, false), ERR_OK);
    write_members(h, &pen, 2, 4);
    assert_int_equal(store_begin(h->server.store), ERR_OK);
    assert_int_equal(store_set_recovering(h->server.store, true), ERR_OK);
    assert_int_equal(
        db_exec(store_db(h->server.store), "UPDATE recovery SET from_seq = from_seq - 2 WHERE from_seq > 0"), ERR_OK);
    assert_int_equal(store_commit(h->server.store), ERR_OK);
    assert_int_equal(store_recovery_from(h->server.store, h->server.branch), S(2));
    peer_open(h, &p, TLS_PEER_CERTIFICATE, h->server.second);
    head =
        head_of(peer_hello_at(&p, h->server.branch, S(4), entry_at(h, h->server.branch, 3)->chain), h->server.branch);
    assert_true(head->has_hand_back_after);
    assert_int_equal(head->hand_back_after, S(2));
    peer_finish(&p);
}

/* Two histories under one number: told to the operator, healed by the client; nobody else is stopped. */
static void another_chain_under_the_same_number(void **state)
{
    struct help_serving *h = *state;
    struct pen pen = pen_of(&h->server, h->server.chair, h->server.branch, 1);
    struct peer p;
    uint8_t chain[CHAIN_SIZE] = {9};
    write_members(h, &pen, 0, 3);
    peer_open(h, &p, TLS_PEER_CERTIFICATE, h->server.chair);
    const Wire__Head *head = head_of(peer_hello_at(&p, h->server.branch, S(2), chain), h->server.branch);
    assert_false(head->recovering);
    assert_false(head->has_hand_back_after);
    assert_int_equal(head->entries, 3);
    peer_finish(&p);
}

static void begin_epoch_2(struct help_serving *h)
{
    size_t ended;
    assert_int_equal(store_set_recovering(h->server.store, true), ERR_OK);
    assert_int_equal(recovery_end_all(h->server.store, h->server.control, &ended), ERR_OK);
    assert_int_equal(ended, 3);
}

/* Rule 27: what a restore gave up is told by the lineage; it begins no new recovery. */
static void a_position_of_an_epoch_that_was_given_up(void **state)
{
    struct help_serving *h = *state;
    struct pen pen = pen_of(&h->server, h->server.chair, h->server.branch, 1);
    struct peer p;
    uint8_t chain[CHAIN_SIZE] = {9};
    write_members(h, &pen, 0, 3);
    begin_epoch_2(h);
    peer_open(h, &p, TLS_PEER_CERTIFICATE, h->server.chair);
    const Wire__Welcome *w = peer_hello_at(&p, h->server.branch, S(7), chain);
    assert_false(head_of(w, h->server.branch)->recovering);
    assert_int_equal(w->n_lineage, 2);
    assert_int_equal(w->lineage[1]->epoch, 2);
    assert_int_equal(w->lineage[1]->parent, 1);
    assert_int_equal(w->lineage[1]->n_last, 2); /* of the orgs that it keeps */
    assert_int_equal(w->lineage[1]->last[0]->org, h->server.branch);
    assert_int_equal(w->lineage[1]->last[0]->seq, S(3));
    assert_int_equal(w->lineage[1]->last[1]->seq, 0);
    peer_finish(&p);
    assert_false(store_recovering(h->server.store, h->server.branch));
}

/* The machine's whole disk was put back, journal and all: only clients know the epoch. Recovery must end in a later
 * one. */
static void an_epoch_that_only_clients_know(void **state)
{
    struct help_serving *h = *state;
    struct pen pen = pen_of(&h->server, h->server.chair, h->server.branch, 1);
    struct peer p;
    uint8_t chain[CHAIN_SIZE] = {9};
    size_t ended;
    write_members(h, &pen, 0, 3);
    peer_open(h, &p, TLS_PEER_CERTIFICATE, h->server.chair);
    assert_true(head_of(peer_hello_at(&p, h->server.branch, seq_make(4, 2), chain), h->server.branch)->recovering);
    peer_finish(&p);
    assert_int_equal(recovery_end_all(h->server.store, h->server.control, &ended), ERR_OK);
    peer_open(h, &p, TLS_PEER_CERTIFICATE, h->server.chair);
    const Wire__Welcome *w = peer_hello_at(&p, h->server.branch, seq_make(4, 2), chain);
    assert_int_equal(w->lineage[w->n_lineage - 1]->epoch, 5);
    assert_int_equal(w->lineage[w->n_lineage - 1]->parent, 1);
    assert_false(head_of(w, h->server.branch)->recovering); /* given up now, not unknown */
    peer_finish(&p);

    /* One that claims to know the far future without a proof is wrong, and uses no epochs up. */
    peer_open(h, &p, TLS_PEER_CERTIFICATE, h->server.chair);
    assert_false(
        head_of(peer_hello_with(&p, h->server.branch, seq_make(8000000, 2), chain, (ProtobufCBinaryData){0}), h->server.branch)
            ->recovering);
    peer_finish(&p);
}

/* The epoch alone, by a seat that holds no entry of it: proven, it begins a recovery that ends in a later one; made up it does not. */
static void an_epoch_told_with_and_without_its_mac(void **state)
{
    struct help_serving *h = *state;
    uint8_t incarnation[INCARNATION_SIZE] = {7}, mac[HEAD_MAC_SIZE];
    int64_t seen;
    authority_epoch_mac(h->serving.authority, 6, mac);
    for (int proven = 0; proven < 2; proven++) {
        struct peer p;
        Wire__Hello hello = WIRE__HELLO__INIT;
        hello.has_protocol = hello.has_incarnation = hello.has_epoch = hello.has_epoch_mac = 1;
        hello.protocol = 1;
        hello.incarnation = (ProtobufCBinaryData){INCARNATION_SIZE, incarnation};
        hello.epoch = proven ? 6 : 7; /* the mac of another epoch is none */
        hello.epoch_mac = (ProtobufCBinaryData){HEAD_MAC_SIZE, mac};
        peer_open(h, &p, TLS_PEER_CERTIFICATE, h->server.chair);
        peer_say(&p, FRAME_HELLO, &hello.base);
        const Wire__Welcome *w = (const Wire__Welcome *)peer_expect(&p, FRAME_WELCOME);
        assert_int_equal(head_of(w, h->server.branch)->recovering, proven);
        assert_int_equal(store_meta_get(store_db(h->server.store), RECOVERY_EPOCH_SEEN, &seen), ERR_OK);
        assert_int_equal(seen, proven ? 6 : 0);
        peer_finish(&p);
    }
}

/* Rule 35 without the proof: a lie, or an older client; nobody's work stops, and the client is told where the log ends. */
static void a_position_that_is_not_proven_begins_nothing(void **state)
{
    struct help_serving *h = *state;
    struct pen pen = pen_of(&h->server, h->server.chair, h->server.branch, 1);
    struct peer p;
    uint8_t chain[CHAIN_SIZE] = {9}, other[CHAIN_SIZE] = {8};
    write_members(h, &pen, 0, 3);
    const uint8_t *last = entry_at(h, h->server.branch, 2)->chain;
    ProtobufCBinaryData cut = serving_mac(h, h->server.branch, S(8), chain);
    cut.len--;
    const ProtobufCBinaryData wrong[] = {
        {0},
        {HEAD_MAC_SIZE, chain},                              /* made up */
        cut,
        serving_mac(h, h->server.branch, S(3), last),        /* a true one, of another entry */
        serving_mac(h, h->server.branch, S(7), chain),       /* of another seq */
        serving_mac(h, h->server.branch, S(8), other),       /* of another history */
        serving_mac(h, 1, S(8), chain),                      /* of another org */
    };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        peer_open(h, &p, TLS_PEER_CERTIFICATE, h->server.chair);
        const Wire__Head *head = head_of(peer_hello_with(&p, h->server.branch, S(8), chain, wrong[i]), h->server.branch);
        assert_false(head->recovering);
        assert_false(head->has_hand_back_after);
        assert_int_equal(head->seq, S(3));
        assert_int_equal(head->entries, 3);
        assert_false(store_recovering(h->server.store, h->server.branch));
        peer_finish(&p);
    }
    /* Nor is it asked for entries, or waited for, while the org recovers. */
    assert_int_equal(store_set_recovering(h->server.store, true), ERR_OK);
    server_close(&h->server);
    server_open(&h->server);
    peer_open(h, &p, TLS_PEER_CERTIFICATE, h->server.second);
    (void)peer_hello(&p);
    peer_finish(&p);
    assert_true(store_recovering(h->server.store, h->server.branch)); /* the chair has not come */
    peer_open(h, &p, TLS_PEER_CERTIFICATE, h->server.chair);
    assert_false(head_of(peer_hello_with(&p, h->server.branch, S(8), chain, wrong[1]), h->server.branch)->has_hand_back_after);
    peer_finish(&p);
    assert_false(store_recovering(h->server.store, h->server.branch));
}

static void hello_that_is_put_off(struct help_serving *h, uint32_t seat, uint64_t seq)
{
    uint8_t incarnation[INCARNATION_SIZE] = {7}, chain[CHAIN_SIZE] = {9};
    Wire__Hello hello = WIRE__HELLO__INIT;
    Wire__Position position = WIRE__POSITION__INIT, *positions[] = {&position};
    struct peer p;
    hello.has_protocol = hello.has_incarnation = position.has_org = position.has_seq = 1;
    hello.protocol = 1;
    hello.incarnation = (ProtobufCBinaryData){INCARNATION_SIZE, incarnation};
    hello.n_position = 1;
    hello.position = positions;
    position.org = h->server.branch;
    position.seq = seq;
    position.has_chain = position.has_head_mac = 1;
    position.chain = (ProtobufCBinaryData){CHAIN_SIZE, chain};
    position.head_mac = serving_mac(h, h->server.branch, seq, chain);
    peer_open(h, &p, TLS_PEER_CERTIFICATE, seat);
    peer_say(&p, FRAME_HELLO, &hello.base);
    peer_expect_nothing(&p);
    peer_expect_refused(&p, "BUSY");
    peer_finish(&p);
}

/* One seat's word stops everybody's writing: once an hour. */
static void recovery_does_not_begin_again_at_once(void **state)
{
    struct help_serving *h = *state;
    struct peer p;
    uint8_t chain[CHAIN_SIZE] = {9};
    size_t ended;
    help_now_ms = NOW_MS;
    peer_open(h, &p, TLS_PEER_CERTIFICATE, h->server.chair);
    assert_true(head_of(peer_hello_at(&p, h->server.branch, S(8), chain), h->server.branch)->recovering);
    peer_finish(&p);
    assert_int_equal(recovery_end_all(h->server.store, h->server.control, &ended), ERR_OK);

    help_now_ms = NOW_MS + 59 * 60000; /* an entry of the new epoch that was never given */
    hello_that_is_put_off(h, h->server.chair, seq_make(2, 8));
    assert_false(store_recovering(h->server.store, h->server.branch));

    /* Another one may: the file may have been rolled back indeed. */
    peer_open(h, &p, TLS_PEER_CERTIFICATE, h->server.second);
    assert_true(head_of(peer_hello_at(&p, h->server.branch, seq_make(2, 8), chain), h->server.branch)->recovering);
    peer_finish(&p);
    assert_int_equal(recovery_end_all(h->server.store, h->server.control, &ended), ERR_OK);

    help_now_ms = NOW_MS + 60 * 60000;
    peer_open(h, &p, TLS_PEER_CERTIFICATE, h->server.chair);
    assert_true(head_of(peer_hello_at(&p, h->server.branch, seq_make(3, 8), chain), h->server.branch)->recovering);
    peer_finish(&p);
    help_now_ms = NOW_MS;
}

static void a_revoked_seat_stops_nobody(void **state)
{
    struct help_serving *h = *state;
    struct peer p;
    uint8_t chain[CHAIN_SIZE] = {9};
    assert_int_equal(control_set_seat_state(h->server.control, h->server.second, SEAT_REVOKED, 0), ERR_OK);
    peer_open(h, &p, TLS_PEER_CERTIFICATE, h->server.second);
    const Wire__Head *head = head_of(peer_hello_at(&p, h->server.branch, S(8), chain), h->server.branch);
    assert_false(head->recovering);
    assert_false(head->has_hand_back_after);
    assert_false(store_recovering(h->server.store, h->server.branch));
    peer_finish(&p);
}

/* A district seat keeps no branch's rows, but writes there: it needs lineage and promise of all below. */
static void a_district_seat_hears_of_all_logs_below(void **state)
{
    struct help_serving *h = *state;
    struct peer p;
    begin_epoch_2(h);
    peer_open(h, &p, TLS_PEER_CERTIFICATE, h->officer);
    const Wire__Welcome *w = peer_hello(&p);
    assert_int_equal(w->n_head, 1);
    assert_int_equal(w->head[0]->org->number, 1);
    assert_int_equal(w->n_promise, 2);
    assert_int_equal(w->promise[0]->org, h->server.branch);
    assert_int_equal(w->promise[1]->org, h->server.other);
    assert_int_equal(w->lineage[0]->n_last, 0); /* the first epoch hangs at nothing */
    assert_int_equal(w->lineage[1]->n_last, 3);
    assert_int_equal(w->lineage[1]->last[2]->org, h->server.other);
    peer_finish(&p);
}

static void add_backup(struct help_serving *h, uint64_t seq, const uint8_t *chain)
{
    struct control_position at = {.org = h->server.branch, .seq = seq};
    memcpy(at.chain, chain, CHAIN_SIZE);
    assert_int_equal(control_add_backup(h->server.control, "/backup", NOW_MS, &at, 1), ERR_OK);
}

static void the_promise_is_what_two_backups_hold(void **state)
{
    struct help_serving *h = *state;
    struct pen pen = pen_of(&h->server, h->server.chair, h->server.branch, 1);
    struct peer p;
    write_members(h, &pen, 0, 4);
    add_backup(h, S(2), entry_at(h, h->server.branch, 1)->chain);
    peer_open(h, &p, TLS_PEER_CERTIFICATE, h->server.chair);
    assert_int_equal(head_of(peer_hello(&p), h->server.branch)->promise, 0); /* one backup is none */
    peer_finish(&p);
    add_backup(h, S(4), entry_at(h, h->server.branch, 3)->chain);
    peer_open(h, &p, TLS_PEER_CERTIFICATE, h->server.chair);
    assert_int_equal(head_of(peer_hello(&p), h->server.branch)->promise, S(2));
    peer_finish(&p);
    peer_open(h, &p, TLS_PEER_CERTIFICATE, h->officer);
    assert_int_equal(peer_hello(&p)->promise[0]->seq, S(2));
    peer_finish(&p);
}

static void a_psk_goes_to_certificates_alone(void **state)
{
    struct help_serving *h = *state;
    struct peer p;
    peer_open(h, &p, TLS_PEER_PSK, h->server.chair);
    assert_null(peer_hello(&p)->psk);
    peer_finish(&p);
    peer_open(h, &p, TLS_PEER_CERTIFICATE, h->server.chair);
    const Wire__Welcome *w = peer_hello(&p);
    assert_non_null(w->psk);
    assert_int_equal(w->psk->key.len, 32);
    assert_true(w->psk->identity.len > 32);
    /* never beyond the certificate, which ends at NOW_MS for seats made by hand */
    assert_int_equal(w->psk->expires_ms, w->certificate_ends_ms);
    peer_finish(&p);
    assert_int_equal(control_set_seat_state(h->server.control, h->server.second, SEAT_REVOKED, 0), ERR_OK);
    peer_open(h, &p, TLS_PEER_CERTIFICATE, h->server.second);
    assert_null(peer_hello(&p)->psk);
    peer_finish(&p);
}

/* The books may say another end than the certificate that is there (one copy of a device, a restore): the certificate's own is what has to be
 * renewed. Who comes by a PSK shows none, and keeps what it was told. */
static void a_certificate_s_own_end(void **state)
{
    struct help_serving *h = *state;
    struct peer p;
    const int64_t own = NOW_MS - 1000; /* the books: NOW_MS */
    peer_open(h, &p, TLS_PEER_CERTIFICATE, h->server.chair);
    p.certificate_ends_ms = own;
    const Wire__Welcome *w = peer_hello(&p);
    assert_true(w->has_certificate_ends_ms && w->certificate_ends_ms == own);
    assert_true(w->psk->expires_ms == own);
    peer_finish(&p);
    peer_open(h, &p, TLS_PEER_PSK, h->server.chair);
    assert_false(peer_hello(&p)->has_certificate_ends_ms);
    peer_finish(&p);
}

/* ---- to the writer ---- */

static void a_push_gets_its_verdicts(void **state)
{
    struct help_serving *h = *state;
    struct pen pen = pen_of(&h->server, h->server.chair, h->server.branch, 1);
    struct peer p;
    peer_enter(h, &p, h->server.chair);
    struct change *two[] = {pen_create(&pen, 1, "name=Li"), pen_create(&pen, 2, "name=")};
    say_push(&p, &pen, two, 2);
    peer_expect_nothing(&p); /* not before it is on the disk */
    serving_pump(h);
    const Wire__Verdicts *v = (const Wire__Verdicts *)peer_expect(&p, FRAME_VERDICTS);
    assert_int_equal(v->n_verdict, 2);
    assert_int_equal(v->verdict[0]->type, WIRE__VERDICT_TYPE__APPLIED);
    assert_int_equal(v->verdict[0]->seq, S(1));
    assert_int_equal(v->verdict[1]->type, WIRE__VERDICT_TYPE__REFUSED);
    assert_string_equal(v->verdict[1]->refusal->field, "name");
    (void)peer_expect(&p, FRAME_NEWS); /* after the verdicts */
    peer_expect_nothing(&p);
    peer_finish(&p);
}

static void a_push_over_its_limits(void **state)
{
    struct help_serving *h = *state;
    struct peer p;
    Wire__Sent sent = WIRE__SENT__INIT, *list[LIMIT_CHANGES_PUSH + 1];
    uint8_t incarnation[INCARNATION_SIZE] = {1};
    for (size_t i = 0; i <= LIMIT_CHANGES_PUSH; i++)
        list[i] = &sent;
    for (int wrong = 0; wrong < 2; wrong++) {
        Wire__Push push = WIRE__PUSH__INIT;
        push.has_incarnation = 1;
        push.incarnation = (ProtobufCBinaryData){wrong ? 15 : 16, incarnation};
        push.n_sent = wrong ? 0 : LIMIT_CHANGES_PUSH + 1;
        push.sent = list;
        peer_enter(h, &p, h->server.chair);
        peer_say(&p, FRAME_PUSH, &push.base);
        peer_expect_refused(&p, "PROTOCOL");
        peer_finish(&p);
    }
}

/* ---- changes of others in a push ---- */

/* Sent in its place: what other made, handed in by the pen's seat, with a signature that is none. text: of the patch, unread here. */
static Wire__Sent *add_taken(struct help_serving *h, Wire__Push *push, struct pen *pen, uint32_t maker, struct slice patch)
{
    Wire__Change made = WIRE__CHANGE__INIT;
    Wire__Sent *sent = arena_alloc(&h->server.arena, sizeof *sent);
    struct id id = member_id(1);
    struct slice out;
    made.has_n = made.has_org = made.has_kind = made.has_id = made.has_op = made.has_patch = 1;
    made.n = ++pen->n, made.org = h->server.branch, made.kind = h->server.member, made.op = WIRE__OP__CREATE;
    made.id = (ProtobufCBinaryData){ID_SIZE, id.bytes};
    made.patch = (ProtobufCBinaryData){patch.size, (uint8_t *)patch.data};
    assert_int_equal(origin_hand_in(wire_pack_arena(&made.base, &h->server.arena), maker, pen->incarnation, slice_text("no signature"), pen->n,
                                    &h->server.arena, &out), ERR_OK);
    wire__sent__init(sent);
    sent->has_change = 1;
    sent->change = (ProtobufCBinaryData){out.size, (uint8_t *)out.data};
    push->sent[push->n_sent++] = sent;
    return sent;
}

static Wire__Push *push_of(struct help_serving *h, struct pen *pen)
{
    Wire__Push *push = arena_alloc(&h->server.arena, sizeof *push);
    wire__push__init(push);
    push->has_incarnation = 1;
    push->incarnation = (ProtobufCBinaryData){INCARNATION_SIZE, pen->incarnation.bytes};
    push->sent = arena_alloc(&h->server.arena, (LIMIT_ORIGINS_PUSH + 1) * sizeof *push->sent);
    return push;
}

static void of_others_no_more_than_the_loop_bears(void **state)
{
    struct help_serving *h = *state;
    for (unsigned more = 0; more < 2; more++) {
        struct pen pen = pen_of(&h->server, h->server.chair, h->server.branch, 1);
        struct peer p;
        Wire__Push *push = push_of(h, &pen);
        for (unsigned i = 0; i < LIMIT_ORIGINS_PUSH + more; i++)
            (void)add_taken(h, push, &pen, h->server.second, (struct slice){0});
        peer_enter(h, &p, h->server.chair);
        peer_tell(&p, FRAME_PUSH, &push->base);
        assert_int_equal(p.refused, more);
        assert_int_equal(h->job_count, !more);
        if (more)
            assert_string_equal(p.code, "PROTOCOL");
        else
            assert_false(h->jobs->proven);
        peer_finish(&p);
        serving_pump(h);
    }
}

static void of_others_two_pushes_a_turn(void **state)
{
    struct help_serving *h = *state;
    struct pen pen = pen_of(&h->server, h->server.chair, h->server.branch, 1);
    struct peer p;
    Wire__Push *push = push_of(h, &pen);
    (void)add_taken(h, push, &pen, h->server.second, (struct slice){0});
    peer_enter(h, &p, h->server.chair);
    for (int i = 0; i < 4; i++) /* one at a time, as many as the writer lets wait */
        peer_say(&p, FRAME_PUSH, &push->base);
    assert_false(p.refused);
    p.together = true;
    p.turn++;
    peer_say(&p, FRAME_PUSH, &push->base);
    peer_say(&p, FRAME_PUSH, &push->base);
    assert_false(p.refused);
    peer_say(&p, FRAME_PUSH, &push->base);
    assert_true(p.refused);
    assert_string_equal(p.code, "FULL");
    peer_finish(&p);
}

/* However little memory is left when its origin is looked at: what cannot be read is not proven. */
static void an_origin_that_cannot_be_read_proves_nothing(void **state)
{
    struct help_serving *h = *state;
    struct slice patch = {arena_alloc(&h->server.arena, 60000), 60000};
    size_t refused = 0, taken = 0;
    memset((void *)patch.data, 0, patch.size);
    for (size_t cap = 40000; cap < 400000; cap += 10000) {
        struct pen pen = pen_of(&h->server, h->server.chair, h->server.branch, 1);
        struct peer p;
        Wire__Push *push = push_of(h, &pen);
        (void)add_taken(h, push, &pen, h->server.second, patch);
        peer_enter(h, &p, h->server.chair);
        arena_finish(&h->serving.arena);
        arena_init(&h->serving.arena, cap);
        peer_tell(&p, FRAME_PUSH, &push->base);
        refused += p.refused;
        taken += h->job_count == 1;
        if (h->jobs)
            assert_false(h->jobs->proven);
        peer_finish(&p);
        arena_finish(&h->serving.arena);
        arena_init(&h->serving.arena, 32u << 20);
        serving_pump(h);
    }
    assert_true(refused > 0 && taken > 0); /* from too little for the frame to more than enough */
}

/* Nobody fills the writer's queue alone, whatever the frames are. */
static void too_much_in_flight(void **state)
{
    struct help_serving *h = *state;
    struct pen pen = pen_of(&h->server, h->server.chair, h->server.branch, 1);
    struct peer p;
    struct change *one = pen_create(&pen, 1, "name=Li");
    peer_enter(h, &p, h->server.chair);
    for (int i = 0; i < 8; i++)
        say_push(&p, &pen, &one, 1);
    assert_false(p.refused);
    serving_pump(h);
    for (int i = 0; i < 8; i++)
        say_report(&p, 1);
    assert_false(p.refused);
    say_report(&p, 1);
    assert_true(p.refused);
    assert_string_equal(p.code, "FULL");
    assert_int_equal(h->job_count, 8);
    serving_pump(h); /* answers to a peer that was cut off go nowhere */
    peer_finish(&p);
}

static void the_writer_s_queue_is_full(void **state)
{
    struct help_serving *h = *state;
    struct pen pen = pen_of(&h->server, h->server.chair, h->server.branch, 1);
    struct peer p;
    struct change *one = pen_create(&pen, 1, "name=Li");
    peer_enter(h, &p, h->server.chair);
    h->queue_max = 0;
    say_push(&p, &pen, &one, 1);
    peer_expect_refused(&p, "BUSY");
    peer_finish(&p);
    peer_open(h, &p, TLS_PEER_CERTIFICATE, h->server.chair);
    Wire__Hello hello = WIRE__HELLO__INIT;
    uint8_t incarnation[INCARNATION_SIZE] = {1};
    hello.has_protocol = hello.has_incarnation = 1;
    hello.protocol = 1;
    hello.incarnation = (ProtobufCBinaryData){INCARNATION_SIZE, incarnation};
    peer_say(&p, FRAME_HELLO, &hello.base);
    peer_expect_refused(&p, "BUSY");
    peer_finish(&p);
}

static void a_push_that_the_writer_cannot_read(void **state)
{
    struct help_serving *h = *state;
    struct peer p;
    Wire__Push push = WIRE__PUSH__INIT;
    Wire__Sent sent = WIRE__SENT__INIT, *list[] = {&sent};
    uint8_t incarnation[INCARNATION_SIZE] = {1};
    push.has_incarnation = 1;
    push.incarnation = (ProtobufCBinaryData){16, incarnation};
    sent.has_change = 1;
    sent.change = (ProtobufCBinaryData){3, (uint8_t *)"\x08\x01\xff"};
    push.n_sent = 1;
    push.sent = list;
    peer_enter(h, &p, h->server.chair);
    peer_say(&p, FRAME_PUSH, &push.base);
    peer_expect_refused(&p, "WIRE");
    peer_finish(&p);
}

static void an_answer_for_a_session_that_has_gone(void **state)
{
    struct help_serving *h = *state;
    struct pen pen = pen_of(&h->server, h->server.chair, h->server.branch, 1);
    struct peer p;
    struct change *one = pen_create(&pen, 1, "name=Li");
    peer_enter(h, &p, h->server.chair);
    say_push(&p, &pen, &one, 1);
    peer_finish(&p);
    serving_pump(h);
    assert_string_equal(row_words(&h->server, 1), "name=Li state=applied"); /* what was decided stands */
}

static void handing_back_a_foreign_org(void **state)
{
    struct help_serving *h = *state;
    struct peer p;
    Wire__HandBack back = WIRE__HAND_BACK__INIT;
    back.has_org = 1;
    back.org = h->server.other;
    peer_enter(h, &p, h->server.chair);
    peer_say(&p, FRAME_HAND_BACK, &back.base);
    peer_expect_refused(&p, "PROTOCOL");
    peer_finish(&p);
}

/* Rule 25 through the session: what a restored district lacks comes back as it was, and nobody waits for that seat any
 * more. */
static void handing_back(void **state)
{
    struct help_serving *h = *state;
    static struct help_serving restored; /* of the same shape, but empty */
    struct pen pen = pen_of(&h->server, h->server.chair, h->server.branch, 1);
    struct peer p;
    struct entry *kept;
    Wire__HandBack back = WIRE__HAND_BACK__INIT;
    Wire__Entry *entries[3];
    write_members(h, &pen, 0, 3);
    assert_int_equal(server_entries(&h->server, h->server.branch, &kept), 3);
    for (size_t i = 0; i < 3; i++)
        entries[i] = entry_wire(&kept[i], &h->server.arena);
    serving_make(&restored);
    assert_int_equal(store_set_recovering(restored.server.store, true), ERR_OK);
    server_close(&restored.server);
    server_open(&restored.server);
    peer_open(&restored, &p, TLS_PEER_CERTIFICATE, restored.server.chair);
    const Wire__Head *head =
        head_of(peer_hello_at(&p, restored.server.branch, S(3), kept[2].chain), restored.server.branch);
    assert_true(head->has_hand_back_after);
    assert_int_equal(head->hand_back_after, 0);
    back.has_org = back.has_done = 1;
    back.org = restored.server.branch;
    back.n_entry = 3;
    back.entry = entries;
    peer_say(&p, FRAME_HAND_BACK, &back.base); /* without its mac, with another's, and with a part that has none of its own */
    assert_int_equal(((const Wire__Taken *)peer_expect(&p, FRAME_TAKEN))->seq, 0);
    entries[2]->has_head_mac = 1;
    entries[2]->head_mac = serving_mac(h, restored.server.branch, S(3), kept[2].chain);
    peer_say(&p, FRAME_HAND_BACK, &back.base);
    assert_int_equal(((const Wire__Taken *)peer_expect(&p, FRAME_TAKEN))->seq, 0);
    entries[2]->head_mac = serving_mac(&restored, restored.server.branch, S(3), kept[2].chain);
    back.n_entry = 2;
    peer_say(&p, FRAME_HAND_BACK, &back.base);
    assert_int_equal(((const Wire__Taken *)peer_expect(&p, FRAME_TAKEN))->seq, 0);
    back.n_entry = 3;
    back.done = 1;
    peer_say(&p, FRAME_HAND_BACK, &back.base);
    assert_int_equal(((const Wire__Taken *)peer_expect(&p, FRAME_TAKEN))->seq, S(3));
    assert_int_equal(((const Wire__News *)peer_expect(&p, FRAME_NEWS))->seq, S(3));
    assert_string_equal(row_words(&restored.server, 2), "name=Li id_number=110101199003070038 state=applied note=x");
    assert_true(
        store_recovering(restored.server.store, restored.server.branch)); /* the other chair has not said hello */
    peer_finish(&p);
    peer_enter(&restored, &p, restored.server.second); /* it holds nothing of the branch */
    assert_false(store_recovering(restored.server.store, restored.server.branch));
    peer_finish(&p);
    serving_remove(&restored);
}

/* ---- standing ---- */

static void suspended_and_revoked_at_the_next_frame(void **state)
{
    struct help_serving *h = *state;
    static const struct {
        enum seat_state to;
        const char *code;
    } cases[] = {{SEAT_SUSPENDED, "SEAT_SUSPENDED"}, {SEAT_REVOKED, "SEAT_REVOKED"}};
    for (size_t i = 0; i < 2; i++) {
        struct peer p, q;
        Wire__Ping ping = WIRE__PING__INIT;
        assert_int_equal(control_set_seat_state(h->server.control, h->server.second, SEAT_ACTIVE, 0), ERR_OK);
        peer_enter(h, &p, h->server.second);
        peer_enter(h, &q, h->server.second);
        assert_int_equal(control_set_seat_state(h->server.control, h->server.second, cases[i].to, 0),
                         ERR_OK); /* another process */
        peer_say(&p, FRAME_PING, &ping.base);
        peer_expect_refused(&p, cases[i].code);
        assert_int_equal(p.why, ERR_REFUSED);
        peer_expect_refused(&q, cases[i].code); /* the same look finds the others, too */
        peer_finish(&p);
        peer_finish(&q);
    }
}

static void a_suspended_seat_may_not_say_hello(void **state)
{
    struct help_serving *h = *state;
    struct peer p;
    assert_int_equal(control_set_seat_state(h->server.control, h->server.second, SEAT_SUSPENDED, 0), ERR_OK);
    peer_open(h, &p, TLS_PEER_CERTIFICATE, h->server.second);
    session_take(p.session, FRAME_HELLO, slice_of(NULL, 0));
    peer_expect_refused(&p, "SEAT_SUSPENDED");
    peer_finish(&p);
    peer_open(h, &p, TLS_PEER_CERTIFICATE, 4711);
    session_take(p.session, FRAME_HELLO, slice_of(NULL, 0));
    peer_expect_refused(&p, "SEAT_UNKNOWN");
    peer_finish(&p);
}

/* Rule 32: hands over, is refused all the same, then gets the order to wipe, signed by the CA. */
static void a_revoked_seat_hands_over(void **state)
{
    struct help_serving *h = *state;
    struct pen pen = pen_of(&h->server, h->server.second, h->server.branch, 2);
    struct peer p;
    struct buf ca = BUF_INIT;
    char text[64];
    assert_int_equal(control_set_seat_state(h->serving.control, h->server.second, SEAT_REVOKED, 0), ERR_OK);
    peer_open(h, &p, TLS_PEER_CERTIFICATE, h->server.second);
    assert_string_equal(peer_hello(&p)->state, "revoked");
    assert_true(session_is_open(p.session));

    struct change *one = pen_create(&pen, 1, "name=Li");
    say_push(&p, &pen, &one, 1);
    say_report(&p, 0); /* too early: what it gave is not decided yet */
    peer_expect_nothing(&p);
    serving_pump(h);
    const Wire__Verdicts *v = (const Wire__Verdicts *)peer_expect(&p, FRAME_VERDICTS);
    assert_int_equal(v->verdict[0]->type, WIRE__VERDICT_TYPE__REFUSED);
    assert_string_equal(v->verdict[0]->refusal->code, "SEAT_REVOKED");
    assert_string_equal(row_words(&h->server, 1), "unknown");
    peer_expect_nothing(&p); /* it hears no news, and was not wiped */

    say_report(&p, 3); /* something waits yet */
    peer_expect_nothing(&p);
    help_now_ms = NOW_MS + 5;
    say_report(&p, 0);
    const Wire__Wipe *wipe = (const Wire__Wipe *)peer_expect(&p, FRAME_WIPE);
    assert_int_equal(wipe->seat, h->server.second);
    assert_int_equal(wipe->at_ms, NOW_MS + 5);
    snprintf(text, sizeof text, "banyan wipe %u %lld", wipe->seat, (long long)wipe->at_ms);
    FILE *file = fopen(folder_file(&h->server.folder, "ca.pem"), "r");
    buf_reserve(&ca, 4096);
    ca.size = fread(ca.data, 1, 4096, file);
    fclose(file);
    struct slice signature = slice_of(wipe->signature.data, wipe->signature.len);
    assert_true(tls_verify_signature(buf_slice(&ca), slice_text(text), signature));
    text[strlen(text) - 1]++;
    assert_false(tls_verify_signature(buf_slice(&ca), slice_text(text), signature));
    serving_pump(h);
    assert_int_equal(control_refresh(h->serving.control, NULL), ERR_OK);
    assert_int_equal(control_seat(h->serving.control, h->server.second)->queued, 0); /* its last report is kept, too */
    buf_finish(&ca);

    Wire__Pull pull = WIRE__PULL__INIT;
    pull.has_org = 1;
    pull.org = h->server.branch;
    peer_say(&p, FRAME_PULL, &pull.base); /* and reads nothing */
    peer_expect_refused(&p, "PROTOCOL");
    peer_finish(&p);
}

/* A database that can't be read is our own trouble: nothing of it is told, and no recovery begins. */
static void a_database_that_fails(void **state)
{
    struct help_serving *h = *state;
    struct peer p;
    uint8_t chain[CHAIN_SIZE] = {9}, incarnation[INCARNATION_SIZE] = {7};
    Wire__Hello hello = WIRE__HELLO__INIT;
    Wire__Position position = WIRE__POSITION__INIT, *positions[] = {&position};
    hello.has_protocol = hello.has_incarnation = 1;
    hello.protocol = 1;
    hello.incarnation = (ProtobufCBinaryData){INCARNATION_SIZE, incarnation};
    position.has_org = position.has_seq = position.has_chain = 1;
    position.org = h->server.branch;
    position.seq = S(8);
    position.chain = (ProtobufCBinaryData){CHAIN_SIZE, chain};
    hello.n_position = 1;
    hello.position = positions;
    assert_int_equal(db_exec(store_db(h->server.store), "ALTER TABLE history RENAME TO gone"), ERR_OK);
    peer_open(h, &p, TLS_PEER_CERTIFICATE, h->server.chair);
    peer_say(&p, FRAME_HELLO, &hello.base);
    peer_expect_refused(&p, "SERVER");
    assert_int_equal(h->job_count, 0);
    peer_finish(&p);
    assert_int_equal(db_exec(store_db(h->server.store), "ALTER TABLE gone RENAME TO history"), ERR_OK);
    assert_false(store_recovering(h->server.store, h->server.branch));
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(limits_go_by_who_the_peer_is),
        T(out_of_turn),
        T(ping_and_the_deadline_of_an_idle_peer),
        T(a_malformed_frame),
        T(welcome_says_who_one_is),
        T(the_version_and_the_contact_are_kept),
        T(a_hello_that_is_none),
        T(positions_level_and_behind),
        T(a_position_that_was_never_given_begins_recovery),
        T(ahead_while_recovering),
        T(another_chain_under_the_same_number),
        T(a_position_of_an_epoch_that_was_given_up),
        T(an_epoch_that_only_clients_know),
        T(an_epoch_told_with_and_without_its_mac),
        T(a_position_that_is_not_proven_begins_nothing),
        T(a_revoked_seat_stops_nobody),
        T(recovery_does_not_begin_again_at_once),
        T(a_district_seat_hears_of_all_logs_below),
        T(the_promise_is_what_two_backups_hold),
        T(a_psk_goes_to_certificates_alone),
        T(a_certificate_s_own_end),
        T(a_push_gets_its_verdicts),
        T(a_push_over_its_limits),
        T(of_others_no_more_than_the_loop_bears),
        T(of_others_two_pushes_a_turn),
        T(an_origin_that_cannot_be_read_proves_nothing),
        T(too_much_in_flight),
        T(the_writer_s_queue_is_full),
        T(a_push_that_the_writer_cannot_read),
        T(an_answer_for_a_session_that_has_gone),
        T(handing_back_a_foreign_org),
        T(handing_back),
        T(suspended_and_revoked_at_the_next_frame),
        T(a_suspended_seat_may_not_say_hello),
        T(a_revoked_seat_hands_over),
        T(a_database_that_fails),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
