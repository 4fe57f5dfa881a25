/* The authority's files and its own certificates; see authority.h. */
#include "server/control/authority_inner.h"
#include "base/clock.h"
#include "base/key_file.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/text.h"

#include <stdlib.h>
#include <string.h>

#define NAME_CHARACTERS_MAX 64 /* X.520's bound; the union's own name may be longer */
#define SECRET_SIZE 32
static const char *const secrets[] = {"psk.master", "head.key"};

void authority_forget(struct buf *secret)
{
    if (secret->data)
        explicit_bzero(secret->data, secret->capacity);
    buf_finish(secret);
}

/* ---- making ---- */

static enum err make_ca(const char *name, int64_t now_ms, struct buf *key, struct buf *pem)
{
    struct slice whole = slice_text(name);
    struct buf fits = BUF_INIT;
    buf_append(&fits, name, text_fit(whole, whole.size, NAME_CHARACTERS_MAX));
    enum err e = tls_ca_make(buf_c_string(&fits), now_ms, key, pem);
    buf_finish(&fits);
    return e;
}

static enum err issue_server(struct slice ca_key, struct slice ca_pem, struct slice key, int64_t now_ms,
                             struct buf *pem)
{
    struct buf der = BUF_INIT;
    uint8_t serial[16];
    random_fill(serial, sizeof serial);
    enum err e = tls_issue(ca_key, ca_pem, slice_of(NULL, 0), key, TLS_USAGE_SERVER, 0, serial, now_ms,
                           LIMIT_CERTIFICATE_DAYS, &der);
    if (e == ERR_OK)
        e = tls_cert_to_pem(buf_slice(&der), pem);
    buf_finish(&der);
    return e;
}

/* Random bytes that nobody else ever sees. */
static enum err make_secret(const char *dir, const char *name)
{
    uint8_t fresh[SECRET_SIZE];
    random_fill(fresh, sizeof fresh);
    enum err e = key_file_write(dir, name, slice_of(fresh, sizeof fresh), KEY_FILE_NEW);
    explicit_bzero(fresh, sizeof fresh);
    return e;
}

static enum err write_all(const char *dir, const struct authority *a)
{
    const struct {
        const char *name;
        struct slice bytes;
    } files[] = {
        {"ca.key", buf_slice(&a->ca_key)},
        {"ca.pem", buf_slice(&a->ca_pem)},
        {"server.key", buf_slice(&a->server_key)},
        {"server.pem", buf_slice(&a->server_pem)},
    };
    enum err e = ERR_OK;
    for (size_t i = 0; e == ERR_OK && i < sizeof files / sizeof *files; i++)
        e = key_file_write(dir, files[i].name, files[i].bytes, KEY_FILE_NEW);
    for (size_t i = 0; e == ERR_OK && i < sizeof secrets / sizeof *secrets; i++)
        e = make_secret(dir, secrets[i]);
    return e;
}

static void forget_files(struct authority *a)
{
    authority_forget(&a->ca_key);
    authority_forget(&a->server_key);
    buf_finish(&a->ca_pem);
    buf_finish(&a->server_pem);
}

enum err authority_init(const char *dir, const char *name, int64_t now_ms)
{
    struct authority a = {0};
    enum err e = make_ca(name, now_ms, &a.ca_key, &a.ca_pem);
    if (e == ERR_OK)
        e = tls_key_make(&a.server_key);
    if (e == ERR_OK)
        e = issue_server(buf_slice(&a.ca_key), buf_slice(&a.ca_pem), buf_slice(&a.server_key), now_ms, &a.server_pem);
    if (e == ERR_OK)
        e = write_all(dir, &a);
    forget_files(&a);
    return e;
}

/* ---- opening ---- */

/* A missing one is made anew, also by an old folder's first start: every PSK falls back to certificates then, and no
 * chain head given before is believed any more. Of two processes that make it, the first's counts. */
static enum err read_secret(const char *dir, const char *name, struct buf *out)
{
    enum err e = key_file_read(dir, name, out);
    if (e == ERR_NOT_FOUND) {
        log_info("authority", "%s is not there: made anew", name);
        e = make_secret(dir, name);
        if (e == ERR_OK || e == ERR_EXISTS)
            e = key_file_read(dir, name, out);
    }
    return e == ERR_OK && out->size != SECRET_SIZE ? ERR_CORRUPT : e;
}

static enum err load_secrets(struct authority *a)
{
    struct buf master = BUF_INIT, head = BUF_INIT;
    enum err e = read_secret(a->dir, "psk.master", &master);
    if (e == ERR_OK)
        e = read_secret(a->dir, "head.key", &head);
    if (e == ERR_OK) {
        authority_take_master(a, buf_slice(&master));
        e = authority_take_head_key(a, buf_slice(&head));
    }
    authority_forget(&master);
    authority_forget(&head);
    return e;
}

enum err authority_open(const char *dir, struct authority **out)
{
    struct authority *a = calloc(1, sizeof *a);
    CHECK(a);
    a->dir = strdup(dir);
    CHECK(a->dir);
    enum err e = key_file_read(dir, "ca.key", &a->ca_key);
    if (e == ERR_OK)
        e = key_file_read(dir, "ca.pem", &a->ca_pem);
    if (e == ERR_OK)
        e = key_file_read(dir, "server.key", &a->server_key);
    if (e == ERR_OK)
        e = key_file_read(dir, "server.pem", &a->server_pem);
    if (e == ERR_OK)
        e = load_secrets(a);
    if (e != ERR_OK) {
        authority_close(a);
        return e;
    }
    *out = a;
    return ERR_OK;
}

void authority_close(struct authority *a)
{
    if (!a)
        return;
    forget_files(a);
    authority_forget_often(a);
    free(a->dir);
    explicit_bzero(a, sizeof *a);
    free(a);
}

enum err authority_tls(struct authority *a, struct control *control, struct tls_context **out)
{
    a->control = control;
    return tls_context_server(buf_slice(&a->ca_pem), buf_slice(&a->server_pem), buf_slice(&a->server_key),
                              authority_find_psk, a, out);
}

/* ---- the server's own certificate ---- */

static enum err server_ends(const struct authority *a, int64_t *ends_ms)
{
    struct tls_cert_facts facts;
    struct buf der = BUF_INIT;
    enum err e = tls_cert_to_der(buf_slice(&a->server_pem), &der);
    if (e == ERR_OK)
        e = tls_cert_facts(buf_slice(&der), &facts);
    if (e == ERR_OK)
        *ends_ms = facts.ends_ms;
    buf_finish(&der);
    return e == ERR_CERTIFICATE ? ERR_FOREIGN : e; /* it is our own file */
}

/* Or it was made while this clock stood ahead: devices whose clock is right would find it not valid yet. A day is left to clocks. */
static bool is_fresh(int64_t ends_ms, int64_t now_ms)
{
    int64_t left_ms = ends_ms - now_ms;
    return left_ms >= (int64_t)LIMIT_RENEW_DAYS * AUTHORITY_DAY_MS && left_ms <= ((int64_t)LIMIT_CERTIFICATE_DAYS + 1) * AUTHORITY_DAY_MS;
}

enum err authority_keep_fresh(struct authority *a, int64_t now_ms, bool *renewed)
{
    int64_t ends_ms;
    struct buf pem = BUF_INIT;
    enum err e = server_ends(a, &ends_ms);
    if (renewed)
        *renewed = false;
    if (e != ERR_OK || is_fresh(ends_ms, now_ms))
        return e;
    e = issue_server(buf_slice(&a->ca_key), buf_slice(&a->ca_pem), buf_slice(&a->server_key), now_ms, &pem);
    if (e == ERR_OK)
        e = key_file_write(a->dir, "server.pem", buf_slice(&pem), KEY_FILE_REPLACE);
    if (e != ERR_OK) {
        buf_finish(&pem);
        return e;
    }
    log_info("authority", "the server's certificate was renewed");
    buf_finish(&a->server_pem);
    a->server_pem = pem;
    if (renewed)
        *renewed = true;
    return ERR_OK;
}
