/* See joining.h. Invariant: nothing is sent before the key is on the disk, and no database is made before certificate
 * and CA are. */
#include "client/agent/joining.h"
#include "client/agent/agent_words.h"
#include "client/agent/key_files.h"
#include "client/replica/replica_sync.h"
#include "base/clock.h"
#include "base/dir.h"
#include "base/key_file.h"
#include "base/limits.h"
#include "base/tr.h"
#include "tls/tls.h"
#include "wire/join_code.h"
#include "wire/wire.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#define NO_FOLDER (-1)

struct joining {
    const char *dir;
    int folder;         /* its lock */
    struct arena arena; /* the code */
    Wire__JoinCode *code;
    struct buf key, csr, ca, cert;
    struct agent_joined *out;
    int64_t server_now_ms;
    bool answered;    /* JOINED came */
    bool made_key;    /* in this run: no code of before hangs on it */
    enum err refusal; /* the server said no */
    bool for_ever;    /* ... to this code */
    struct buf refusal_text;
};

/* ---- the code ---- */

static void explain_code(enum err e, struct buf *out)
{
    if (e == ERR_VERSION)
        buf_text(out, _("This code was made by a newer program. Next: renew this one."));
    else
        buf_text(out,
                 _("This is no code of an invitation, or it was mistyped. Next: copy the whole code and try again."));
}

static bool is_whole(const Wire__JoinCode *code)
{
    return code->server && code->ca_fingerprint.len == 16 && code->secret.len == 16;
}

static enum err read_code(struct joining *j, const char *text, struct buf *why)
{
    enum err e = join_code_parse(slice_text(text), tls_sha256, &j->arena, &j->code);
    if (e == ERR_OK && !is_whole(j->code))
        e = ERR_VALUE;
    if (e != ERR_OK)
        explain_code(e, why);
    return e;
}

/* ---- the folder ---- */

/* One join at a time in a folder: two would take each other's key and certificate. The folder itself is what is locked,
 * so that nothing is left in it where nobody joins. */
static enum err take_folder(struct joining *j)
{
    enum err e = dir_make(j->dir);
    int fd = e == ERR_OK ? open(j->dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
    if (fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) == 0 && access(j->dir, W_OK) == 0) {
        j->folder = fd;
        return ERR_OK;
    }
    if (e == ERR_OK)
        e = fd >= 0 && errno == EWOULDBLOCK ? ERR_LOCKED : ERR_IO;
    if (fd >= 0)
        close(fd);
    return e;
}

/* ERR_EXISTS: somebody has joined there. */
static enum err must_be_free(const char *dir)
{
    enum err e = replica_settle(dir);
    return e == ERR_NOT_FOUND ? ERR_OK : e == ERR_OK ? ERR_EXISTS : e;
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

static void drop_key(struct joining *j)
{
    struct buf path = BUF_INIT;
    buf_format(&path, "%s/key.pem", j->dir);
    (void)unlink(buf_c_string(&path)); /* if it stays it is used again */
    (void)rmdir(j->dir);               /* only if nothing else is in it */
    buf_finish(&path);
}

/* Asked once more when nobody else can join there any more. */
static enum err begin(struct joining *j, const char *text, struct buf *why)
{
    enum err e = read_code(j, text, why);
    if (e == ERR_OK)
        e = must_be_free(j->dir);
    if (e == ERR_OK)
        e = take_folder(j);
    if (e == ERR_OK)
        e = must_be_free(j->dir);
    return e == ERR_OK ? make_key(j) : e;
}

enum err joining_open(const char *dir, const char *text, struct agent_joined *out, struct joining **out_j,
                      struct buf *why)
{
    struct joining *j = calloc(1, sizeof *j);
    if (!j)
        return ERR_MEMORY;
    j->dir = dir;
    j->folder = NO_FOLDER;
    j->out = out;
    arena_init(&j->arena, LIMIT_FRAME_JOIN);
    enum err e = begin(j, text, why);
    if (e == ERR_OK)
        *out_j = j;
    else
        joining_close(j);
    return e;
}

const char *joining_server(const struct joining *j)
{
    return j->code->server;
}

const uint8_t *joining_pin(const struct joining *j)
{
    return j->code->ca_fingerprint.data;
}

/* ---- asking ---- */

enum err joining_up(struct joining *j, struct slice ca_pem, int64_t now_ms, struct buf *frame)
{
    Wire__Join join = WIRE__JOIN__INIT;
    join.has_protocol = join.has_secret = join.has_csr = join.has_sent_ms = 1;
    join.protocol = 1;
    join.secret = j->code->secret;
    join.csr = (ProtobufCBinaryData){j->csr.size, j->csr.data};
    join.sent_ms = now_ms;
    j->ca.size = 0;
    buf_append_slice(&j->ca, ca_pem);
    return frame_put(frame, FRAME_JOIN, &join.base);
}

/* ---- the answer ---- */

static char *keep(struct joining *j, const char *text)
{
    char *kept = arena_text(&j->out->arena, slice_text(text ? text : ""));
    CHECK(kept); /* a frame of LIMIT_FRAME_JOIN fits */
    return kept;
}

static enum err take_joined(struct joining *j, const Wire__Joined *m, int64_t now_ms)
{
    struct tls_cert_facts facts;
    struct slice der = slice_of(m->certificate.data, m->certificate.len);
    enum err e = tls_cert_facts(der, &facts);
    if (e != ERR_OK)
        return e;
    if (facts.seat != m->seat || !m->seat || !m->home || !m->home->number)
        return ERR_PROTOCOL;
    e = key_files_fit(buf_slice(&j->key), buf_slice(&j->ca), der); /* else the code would be used up for a folder that is none */
    if (e != ERR_OK)
        return e;
    j->cert.size = 0;
    e = tls_cert_to_pem(der, &j->cert);
    if (e != ERR_OK)
        return e;
    j->out->seat = (struct replica_seat){.number = m->seat,
                                         .person = keep(j, m->person),
                                         .roles = keep(j, m->roles),
                                         .home = m->home->number,
                                         .home_code = keep(j, m->home->code),
                                         .home_name = keep(j, m->home->name),
                                         .home_level = keep(j, m->home->level),
                                         .district = keep(j, m->district),
                                         .server = keep(j, m->server && *m->server ? m->server : j->code->server)};
    j->server_now_ms = m->has_now_ms ? clock_sane_ms(m->now_ms) : now_ms;
    j->answered = true;
    return ERR_OK;
}

static void take_error(struct joining *j, const Wire__Error *error)
{
    j->for_ever = error->code && strncmp(error->code, "JOIN_", 5) == 0;
    j->refusal = j->for_ever ? ERR_REFUSED : ERR_BUSY;
    agent_explain_error(error, &j->refusal_text);
}

enum err joining_take(struct joining *j, enum frame_type type, struct slice payload, int64_t now_ms)
{
    struct arena arena;
    ProtobufCMessage *m;
    if (j->answered || j->refusal != ERR_OK)
        return ERR_OK;
    arena_init(&arena, LIMIT_ARENA);
    enum err e = type == FRAME_JOINED || type == FRAME_ERROR ? wire_open(frame_descriptor(type), payload, &arena, &m)
                                                             : ERR_PROTOCOL;
    if (e == ERR_OK && type == FRAME_JOINED)
        e = take_joined(j, (const Wire__Joined *)m, now_ms);
    else if (e == ERR_OK)
        take_error(j, (const Wire__Error *)m);
    arena_finish(&arena);
    return e;
}

bool joining_is_answered(const struct joining *j)
{
    return j->answered;
}

enum err joining_refusal(const struct joining *j, struct buf *text)
{
    if (text && j->refusal != ERR_OK) {
        text->size = 0;
        buf_append_slice(text, buf_slice(&j->refusal_text));
    }
    return j->refusal;
}

/* ---- the end ---- */

enum err joining_keep(struct joining *j)
{
    CHECK(j->answered);
    enum err e = key_file_write(j->dir, "ca.pem", buf_slice(&j->ca), KEY_FILE_REPLACE);
    if (e == ERR_OK)
        e = key_file_write(j->dir, "cert.pem", buf_slice(&j->cert), KEY_FILE_REPLACE);
    return e == ERR_OK ? replica_create(j->dir, &j->out->seat, j->server_now_ms) : e;
}

void joining_close(struct joining *j)
{
    if (!j)
        return;
    if (j->for_ever && j->made_key)
        drop_key(j);
    if (j->folder != NO_FOLDER)
        close(j->folder);
    if (j->key.data)
        explicit_bzero(j->key.data, j->key.capacity);
    buf_finish(&j->key);
    buf_finish(&j->csr);
    buf_finish(&j->ca);
    buf_finish(&j->cert);
    buf_finish(&j->refusal_text);
    arena_finish(&j->arena);
    free(j);
}
