#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "help_session.h"

#include "base/log.h"
#include "wire/wire.h"

#include <stdio.h>
#include <string.h>

int64_t help_now_ms;

static int64_t now_ms(void)
{
    return help_now_ms;
}

/* ---- the serving side ---- */

static enum err put_job(void *to, struct job *job)
{
    struct help_serving *h = to;
    if (h->job_count >= h->queue_max)
        return ERR_FULL;
    if (!h->jobs)
        h->jobs_end = &h->jobs;
    job->next = NULL;
    *h->jobs_end = job;
    h->jobs_end = &job->next;
    h->job_count++;
    return ERR_OK;
}

static void control_changed(void *to)
{
    struct help_serving *h = to;
    h->control_changes++;
    hub_check_all(h->serving.hub);
}

void serving_pump(struct help_serving *h)
{
    while (h->jobs) {
        struct job *job = h->jobs;
        h->jobs = NULL;
        h->job_count = 0;
        h->server.now_ms = help_now_ms;
        server_run(&h->server, job);
        while (job) {
            struct job *next = job->next;
            struct session *session = hub_find(h->serving.hub, job->session);
            if (session)
                session_job_done(session, job);
            else
                job_free(job);
            job = next;
        }
        for (size_t i = 0; i < h->server.news_count; i++)
            hub_news(h->serving.hub, h->server.news[i].org, h->server.news[i].seq);
    }
}

void serving_open(struct help_serving *h)
{
    const char *dir = h->server.folder.path;
    assert_int_equal(store_open(dir, STORE_READ, &h->serving.store), ERR_OK);
    assert_int_equal(store_open(dir, STORE_WRITE, &h->control_store), ERR_OK);
    assert_int_equal(journal_open(dir, JOURNAL_OPEN, &h->journal), ERR_OK);
    assert_int_equal(control_open(store_db(h->control_store), h->journal, &h->serving.control), ERR_OK);
    assert_int_equal(authority_open(dir, &h->serving.authority), ERR_OK);
    h->serving.hub = hub_create();
    arena_init(&h->serving.arena, 32u << 20);
    h->serving.now_ms = now_ms;
    h->serving.put_job = put_job;
    h->serving.put_to = h;
    h->serving.control_changed = control_changed;
}

void serving_close(struct help_serving *h)
{
    serving_pump(h);
    if (hub_count(h->serving.hub) == 0) /* else a test has failed half way: let it say where */
        hub_destroy(h->serving.hub);
    authority_close(h->serving.authority);
    control_close(h->serving.control);
    journal_close(h->journal);
    store_close(h->control_store);
    store_close(h->serving.store);
    arena_finish(&h->serving.arena);
}

void serving_make(struct help_serving *h)
{
    memset(h, 0, sizeof *h);
    log_set_level(LOG_ERROR);
    help_now_ms = NOW_MS;
    server_make(&h->server);
    h->officer = server_add_seat(&h->server, 1, "district_officer");
    assert_int_equal(control_set_address(h->server.control, "qinghe.example:7443"), ERR_OK);
    assert_int_equal(authority_init(h->server.folder.path, "青禾区教育工会", NOW_MS), ERR_OK);
    h->queue_max = 64;
    serving_open(h);
}

void serving_remove(struct help_serving *h)
{
    serving_close(h);
    server_remove(&h->server);
}

/* ---- a peer ---- */

static enum err out_send(void *to, enum frame_type type, const ProtobufCMessage *message)
{
    struct peer *p = to;
    assert_false(p->closed);
    p->sends++;
    return frame_put(&p->frames, type, message);
}

static enum err out_send_packed(void *to, struct slice frames)
{
    struct peer *p = to;
    assert_false(p->closed);
    p->sends++;
    p->packed = frames.data;
    buf_append_slice(&p->frames, frames);
    return ERR_OK;
}

static void out_refuse(void *to, const char *code, const char *text, enum err why)
{
    struct peer *p = to;
    assert_false(p->refused);
    assert_true(*text);
    p->refused = p->closed = true;
    p->why = why;
    snprintf(p->code, sizeof p->code, "%s", code);
}

static void out_limit(void *to, size_t size_max)
{
    ((struct peer *)to)->frame_limit = size_max;
}

static void out_deadline(void *to, uint64_t in_ms)
{
    ((struct peer *)to)->deadline_ms = in_ms;
}

static void out_close(void *to)
{
    ((struct peer *)to)->closed = true;
}

static uint64_t out_turn(void *to)
{
    struct peer *p = to;
    return p->together ? p->turn : ++p->turn;
}

static enum err out_certificate(void *to, struct tls_cert_facts *facts)
{
    struct peer *p = to;
    if (!p->certificate_ends_ms)
        return ERR_NOT_FOUND;
    *facts = (struct tls_cert_facts){.ends_ms = p->certificate_ends_ms};
    return ERR_OK;
}

static const struct session_out out = {
    .send = out_send,
    .send_packed = out_send_packed,
    .refuse = out_refuse,
    .limit_frame = out_limit,
    .deadline = out_deadline,
    .close = out_close,
    .turn = out_turn,
    .certificate = out_certificate,
};

void peer_open(struct help_serving *h, struct peer *p, enum tls_peer as, uint32_t seat)
{
    *p = (struct peer){.h = h};
    p->session = session_open(&h->serving, ++h->last_session, as, seat, &out, p);
}

void peer_finish(struct peer *p)
{
    session_close(p->session);
    buf_finish(&p->frames);
}

void peer_tell(struct peer *p, enum frame_type type, const ProtobufCMessage *m)
{
    struct buf payload = BUF_INIT;
    p->deadline_ms = 0; /* a deadline is over with the frame that it waited for */
    wire_pack(m, &payload);
    session_take(p->session, type, buf_slice(&payload));
    buf_finish(&payload);
}

void peer_say(struct peer *p, enum frame_type type, const ProtobufCMessage *m)
{
    peer_tell(p, type, m);
    serving_pump(p->h);
}

const ProtobufCMessage *peer_expect(struct peer *p, enum frame_type type)
{
    struct frame frame;
    size_t used;
    ProtobufCMessage *m;
    if (p->refused)
        print_error("refused: %s\n", p->code);
    struct slice rest = slice_of(p->frames.data + p->at, p->frames.size - p->at);
    assert_int_equal(frame_take(rest, 1u << 20, &frame, &used), ERR_OK);
    assert_true(used > 0);
    p->at += used;
    assert_string_equal(frame_name(frame.type), frame_name(type));
    assert_int_equal(wire_open(frame_descriptor(type), frame.payload, &p->h->server.arena, &m), ERR_OK);
    return m;
}

void peer_expect_nothing(struct peer *p)
{
    assert_int_equal(p->at, p->frames.size);
}

void peer_expect_refused(struct peer *p, const char *code)
{
    assert_true(p->refused);
    assert_string_equal(p->code, code);
    peer_expect_nothing(p);
}

void peer_expect_error(struct peer *p, uint32_t number, const char *code)
{
    const Wire__Error *error = (const Wire__Error *)peer_expect(p, FRAME_ERROR);
    assert_string_equal(error->code, code);
    assert_int_equal(error->number, number);
    assert_false(error->fatal);
    assert_false(p->refused);
}

ProtobufCBinaryData serving_mac(struct help_serving *h, uint32_t org, uint64_t seq, const uint8_t *chain)
{
    uint8_t *mac = arena_alloc(&h->server.arena, HEAD_MAC_SIZE);
    authority_head_mac(h->serving.authority, org, seq, chain, mac);
    return (ProtobufCBinaryData){HEAD_MAC_SIZE, mac};
}

const Wire__Welcome *peer_hello_at(struct peer *p, uint32_t org, uint64_t seq, const uint8_t *chain)
{
    return peer_hello_with(p, org, seq, chain, chain ? serving_mac(p->h, org, seq, chain) : (ProtobufCBinaryData){0});
}

const Wire__Welcome *peer_hello_with(struct peer *p, uint32_t org, uint64_t seq, const uint8_t *chain, ProtobufCBinaryData mac)
{
    uint8_t incarnation[INCARNATION_SIZE] = {7};
    Wire__Hello hello = WIRE__HELLO__INIT;
    Wire__Position position = WIRE__POSITION__INIT, *positions[] = {&position};
    hello.has_protocol = hello.has_incarnation = hello.has_watch = 1;
    hello.protocol = 1;
    hello.version = "0.1.0";
    hello.incarnation = (ProtobufCBinaryData){INCARNATION_SIZE, incarnation};
    hello.watch = 1;
    position.has_org = position.has_seq = 1;
    position.org = org;
    position.seq = seq;
    position.has_chain = chain != NULL;
    position.chain = (ProtobufCBinaryData){CHAIN_SIZE, (uint8_t *)chain};
    position.has_head_mac = mac.len > 0;
    position.head_mac = mac;
    hello.n_position = org != 0;
    hello.position = positions;
    peer_say(p, FRAME_HELLO, &hello.base);
    return (const Wire__Welcome *)peer_expect(p, FRAME_WELCOME);
}

const Wire__Welcome *peer_hello(struct peer *p)
{
    return peer_hello_at(p, 0, 0, NULL);
}

void peer_enter(struct help_serving *h, struct peer *p, uint32_t seat)
{
    peer_open(h, p, TLS_PEER_CERTIFICATE, seat);
    (void)peer_hello(p);
}
