/* Joining: a key made on this device, the server pinned by the code, a certificate for the key, the seat's folder.
 * Order: the key is written before anything is sent, so that a lost answer can be asked for again with the same code and key; the
 * database comes last, so that a folder is a seat only when all of it is there. */
#include "client/agent/agent_inner.h"
#include "client/agent/agent_words.h"
#include "base/clock.h"
#include "base/dir.h"
#include "base/key_file.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/tr.h"
#include "wire/join_code.h"
#include "wire/wire.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#define JOIN_MS 30000

struct joining {
    struct net *net;
    struct net_timer *deadline;
    struct stream *stream;
    const char *dir;
    const Wire__JoinCode *code;
    struct buf key, csr, ca, cert;
    struct agent_joined *out;
    struct agent_result *result;
    int64_t server_now_ms;
    bool answered;           /* JOINED came */
    bool made_key;           /* in this run: no code of before hangs on it */
    bool refused;            /* the server said no */
};

/* ---- the answer ---- */

static char *keep(struct joining *j, const char *text)
{
    char *kept = arena_text(&j->out->arena, slice_text(text ? text : ""));
    CHECK(kept); /* a frame of LIMIT_FRAME_JOIN fits */
    return kept;
}

static enum err take_joined(struct joining *j, const Wire__Joined *m)
{
    struct tls_cert_facts facts;
    struct slice der = slice_of(m->certificate.data, m->certificate.len);
    enum err e = tls_cert_facts(der, &facts);
    if (e != ERR_OK)
        return e;
    if (facts.seat != m->seat || !m->seat || !m->home || !m->home->number)
        return ERR_PROTOCOL;
    e = tls_peer_ca(stream_tls(j->stream), &j->ca);
    if (e == ERR_OK)
        e = tls_cert_to_pem(der, &j->cert);
    if (e != ERR_OK)
        return e;
    j->out->seat = (struct replica_seat){
        .number = m->seat, .person = keep(j, m->person), .roles = keep(j, m->roles), .home = m->home->number,
        .home_code = keep(j, m->home->code), .home_name = keep(j, m->home->name), .home_level = keep(j, m->home->level),
        .district = keep(j, m->district), .server = keep(j, m->server && *m->server ? m->server : j->code->server)};
    j->server_now_ms = m->has_now_ms ? m->now_ms : clock_now_ms();
    j->answered = true;
    return ERR_OK;
}

static void take_frame(struct joining *j, enum frame_type type, struct slice payload)
{
    struct arena arena;
    ProtobufCMessage *m;
    arena_init(&arena, LIMIT_ARENA);
    enum err e = type == FRAME_JOINED || type == FRAME_ERROR ? wire_open(frame_descriptor(type), payload, &arena, &m) : ERR_PROTOCOL;
    if (e == ERR_OK && type == FRAME_JOINED) {
        e = take_joined(j, (const Wire__Joined *)m);
    } else if (e == ERR_OK) {
        const Wire__Error *error = (const Wire__Error *)m;
        j->refused = error->code && strncmp(error->code, "JOIN_", 5) == 0;
        j->result->why = j->refused ? ERR_REFUSED : ERR_BUSY;
        j->result->text.size = 0;
        agent_explain_error(error, &j->result->text);
    }
    arena_finish(&arena);
    stream_close(j->stream, e, "");
}

/* ---- callbacks ---- */

static void on_up(void *to)
{
    struct joining *j = to;
    Wire__Join join = WIRE__JOIN__INIT;
    join.has_protocol = join.has_secret = join.has_csr = join.has_sent_ms = 1;
    join.protocol = 1;
    join.secret = j->code->secret;
    join.csr = (ProtobufCBinaryData){j->csr.size, j->csr.data};
    join.sent_ms = clock_now_ms();
    enum err e = stream_send(j->stream, FRAME_JOIN, &join.base);
    if (e != ERR_OK)
        stream_close(j->stream, e, "");
}

static void on_frame(void *to, enum frame_type type, struct slice payload)
{
    struct joining *j = to;
    if (!j->answered && j->result->why == ERR_OK)
        take_frame(j, type, payload);
}

static void on_closed(void *to, enum err why, const char *detail)
{
    struct joining *j = to;
    j->stream = NULL;
    if (!j->answered && j->result->why == ERR_OK) {
        j->result->why = why == ERR_OK ? ERR_CUT : why;
        agent_explain(AGENT_QUESTION, j->result->why, detail, j->code->server, &j->result->text);
    }
    net_stop(j->net);
}

static void on_deadline(void *to)
{
    struct joining *j = to;
    if (j->stream)
        stream_close(j->stream, ERR_TIMEOUT, "");
}

/* ---- steps ---- */

/* One join at a time in a folder: two would take each other's key and certificate. The folder itself is what is locked, so that
 * nothing is left in it where nobody joins. -1: *e says why. */
static int take_folder(const char *dir, enum err *e)
{
    *e = dir_make(dir);
    int fd = *e == ERR_OK ? open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
    if (fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) == 0 && access(dir, W_OK) == 0)
        return fd;
    if (*e == ERR_OK)
        *e = fd >= 0 && errno == EWOULDBLOCK ? ERR_LOCKED : ERR_IO;
    if (fd >= 0)
        close(fd);
    return -1;
}

static enum err make_key(struct joining *j)
{
    enum err e = key_file_read(j->dir, "key.pem", &j->key);
    if (e == ERR_NOT_FOUND) {
        j->made_key = true;
        e = tls_key_make(&j->key);
        if (e == ERR_OK)
            e = key_file_write(j->dir, "key.pem", buf_slice(&j->key), KEY_FILE_NEW);
    }
    return e == ERR_OK ? tls_csr_make(buf_slice(&j->key), "banyan", &j->csr) : e;
}

static enum err call_server(struct joining *j)
{
    static const struct stream_events events = {.on_up = on_up, .on_frame = on_frame, .on_closed = on_closed};
    struct tls_context *tls;
    struct slice none = {0};
    enum err e = tls_context_client(none, none, none, j->code->ca_fingerprint.data, &tls);
    if (e != ERR_OK)
        return e;
    if ((e = net_create(&j->net)) == ERR_OK) {
        j->deadline = net_timer_create(j->net, on_deadline, j);
        net_timer_arm(j->deadline, JOIN_MS);
        e = stream_connect(j->net, j->code->server, tls, none, none, &events, j, &j->stream);
        if (e == ERR_OK)
            net_run(j->net);
        net_timer_destroy(j->deadline);
        net_destroy(j->net);
    }
    tls_context_destroy(tls);
    return e;
}

static enum err keep_all(struct joining *j)
{
    enum err e = key_file_write(j->dir, "ca.pem", buf_slice(&j->ca), KEY_FILE_REPLACE);
    if (e == ERR_OK)
        e = key_file_write(j->dir, "cert.pem", buf_slice(&j->cert), KEY_FILE_REPLACE);
    return e == ERR_OK ? replica_create(j->dir, &j->out->seat, j->server_now_ms) : e;
}

static void drop_key(struct joining *j)
{
    struct buf path = BUF_INIT;
    buf_format(&path, "%s/key.pem", j->dir);
    (void)unlink(buf_c_string(&path)); /* if it stays it is used again */
    (void)rmdir(j->dir);               /* only if nothing else is in it */
    buf_finish(&path);
}

/* ERR_EXISTS: somebody has joined there. */
static enum err must_be_free(const char *dir)
{
    enum err e = replica_settle(dir);
    return e == ERR_NOT_FOUND ? ERR_OK : e == ERR_OK ? ERR_EXISTS : e;
}

/* The seat is there; that its rows are not yet is no failure of joining. */
static void first_round(const char *dir, const struct agent_options *options)
{
    struct replica *r;
    struct agent_result result = {0};
    enum err e = replica_open(dir, clock_now_ms(), &r);
    if (e == ERR_OK) {
        agent_first_round(r, options, &result);
        e = result.why;
        replica_close(r);
    }
    if (e != ERR_OK)
        log_warn("join", "the first round could not be finished: %s", err_text(e));
    agent_result_finish(&result);
}

static enum err join(struct joining *j)
{
    enum err e;
    int folder = take_folder(j->dir, &e);
    if (folder < 0)
        return e;
    e = must_be_free(j->dir);
    if (e == ERR_OK)
        e = make_key(j);
    if (e == ERR_OK)
        e = call_server(j);
    if (e == ERR_OK && j->answered)
        e = keep_all(j);
    if (j->refused && j->made_key)
        drop_key(j);
    close(folder);
    return e;
}

static void explain_code(enum err e, struct buf *out)
{
    if (e == ERR_VERSION)
        buf_text(out, _("This code was made by a newer program. Next: renew this one."));
    else
        buf_text(out, _("This is no code of an invitation, or it was mistyped. Next: copy the whole code and try again."));
}

static bool is_whole(const Wire__JoinCode *code)
{
    return code->server && code->ca_fingerprint.len == 16 && code->secret.len == 16;
}

void agent_join(const char *dir, const char *text, const struct agent_options *options, struct agent_joined *out,
                struct agent_result *result)
{
    struct joining j = {.dir = dir, .out = out, .result = result};
    struct arena arena;
    Wire__JoinCode *code;
    agent_result_finish(result);
    arena_finish(&out->arena);
    arena_init(&out->arena, LIMIT_ARENA);
    arena_init(&arena, LIMIT_FRAME_JOIN);
    enum err e = join_code_parse(slice_text(text), tls_sha256, &arena, &code);
    if (e == ERR_OK && !is_whole(code))
        e = ERR_VALUE;
    if (e != ERR_OK) {
        explain_code(e, &result->text);
    } else if ((e = must_be_free(dir)) != ERR_OK) {
        replica_explain(e, dir, &result->text);
    } else {
        j.code = code;
        e = join(&j);
        if (e != ERR_OK && result->text.size == 0)
            replica_explain(e, dir, &result->text);
    }
    result->why = result->why == ERR_OK ? e : result->why;
    if (result->why == ERR_OK)
        first_round(dir, options);
    if (j.key.data)
        explicit_bzero(j.key.data, j.key.capacity);
    buf_finish(&j.key);
    buf_finish(&j.csr);
    buf_finish(&j.ca);
    buf_finish(&j.cert);
    arena_finish(&arena);
}
