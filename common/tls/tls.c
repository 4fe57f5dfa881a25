/* One connection. Bytes come in by tls_feed and go out by the caller's bufs; between two calls nothing is borrowed and,
 * unless a record is half there, nothing is held. Invariant: after a failure OpenSSL is not called again for it, since
 * its state is undefined then. */
#include "tls/tls.h"
#include "tls/context.h"
#include "tls/parse.h"
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <stdlib.h>
#include <string.h>

#define TLS_RECORD 16384u /* plain bytes of a record at most (RFC 8446 5.1) */

static struct tls *tls_create(struct tls_context *c)
{
    struct tls *t = calloc(1, sizeof *t);
    CHECK(t);
    t->context = c;
    t->detail = "";
    atomic_fetch_add(&c->uses, 1);
    t->ssl = SSL_new(c->ctx);
    CHECK(t->ssl);
    SSL_set_app_data(t->ssl, t);
    BIO *b = bio_create(t);
    SSL_set_bio(t->ssl, b, b);
    return t;
}

struct tls *tls_create_server(struct tls_context *c)
{
    CHECK(c->is_server);
    struct tls *t = tls_create(c);
    SSL_set_accept_state(t->ssl);
    return t;
}

struct tls *tls_create_client(struct tls_context *c, struct slice psk_identity, struct slice psk_key)
{
    CHECK(!c->is_server && (psk_identity.size == 0 || psk_key.size == 32));
    struct tls *t = tls_create(c);
    SSL_set_connect_state(t->ssl);
    if (psk_identity.size) {
        buf_append_slice(&t->psk_identity, psk_identity);
        memcpy(t->psk_key, psk_key.data, sizeof t->psk_key);
    }
    return t;
}

static void tls_forget_psk(struct tls *t)
{
    OPENSSL_cleanse(t->psk_key, sizeof t->psk_key);
    buf_finish(&t->psk_identity);
}

void tls_destroy(struct tls *t)
{
    if (!t)
        return;
    SSL_free(t->ssl);
    tls_forget_psk(t);
    tls_context_destroy(t->context);
    free(t);
}

static enum err tls_fail(struct tls *t, enum err e, const char *detail)
{
    t->failed = e;
    t->detail = detail;
    return e;
}

/* A call of OpenSSL did not succeed: does it want more bytes, or is it over? */
static enum err tls_judge(struct tls *t, int result)
{
    int why = SSL_get_error(t->ssl, result);
    if (why == SSL_ERROR_WANT_READ)
        return ERR_OK;
    if (why == SSL_ERROR_ZERO_RETURN) {
        t->has_ended = true;
        return ERR_OK;
    }
    detail_from_queue(t);
    return t->failed;
}

static enum err tls_shake(struct tls *t)
{
    const unsigned char *protocol;
    unsigned size;
    int result = SSL_do_handshake(t->ssl);
    if (result != 1)
        return tls_judge(t, result);
    SSL_get0_alpn_selected(t->ssl, &protocol, &size);
    if (size != strlen(TLS_ALPN) || memcmp(protocol, TLS_ALPN, size) != 0)
        return tls_fail(t, ERR_TLS, TLS_NOT_SPOKEN);
    t->is_up = true;
    tls_forget_psk(t);
    return ERR_OK;
}

static enum err tls_read(struct tls *t, struct buf *plain)
{
    for (;;) {
        size_t n = 0;
        buf_reserve(plain, TLS_RECORD);
        int result = SSL_read_ex(t->ssl, plain->data + plain->size, plain->capacity - plain->size - 1, &n);
        if (result != 1)
            return tls_judge(t, result);
        plain->size += n;
    }
}

enum err tls_feed(struct tls *t, struct slice in, struct buf *plain, struct buf *cipher)
{
    if (t->failed || t->has_ended)
        return t->failed;
    ERR_clear_error();
    t->in = in;
    t->cipher = cipher;
    enum err e = t->is_up ? ERR_OK : tls_shake(t);
    if (!e && t->is_up)
        e = tls_read(t, plain);
    t->in = (struct slice){0};
    t->cipher = NULL;
    return e;
}

enum err tls_write(struct tls *t, struct slice plain, struct buf *cipher)
{
    size_t written = 0;
    if (t->failed)
        return t->failed;
    if (!t->is_up)
        return ERR_PROTOCOL;
    if (!plain.size)
        return ERR_OK;
    ERR_clear_error();
    t->cipher = cipher;
    int result = SSL_write_ex(t->ssl, plain.data, plain.size, &written);
    t->cipher = NULL;
    if (result == 1)
        return ERR_OK;
    detail_from_queue(t);
    return t->failed;
}

void tls_close_notify(struct tls *t, struct buf *cipher)
{
    if (t->failed || !t->is_up)
        return;
    ERR_clear_error();
    t->cipher = cipher;
    SSL_shutdown(t->ssl); /* its answer is about the peer's half, which nobody waits for */
    t->cipher = NULL;
    ERR_clear_error();
}

bool tls_is_up(const struct tls *t)
{
    return t->is_up;
}

bool tls_has_ended(const struct tls *t)
{
    return t->has_ended;
}

bool tls_is_inside_record(const struct tls *t)
{
    return SSL_has_pending(t->ssl) == 1 || strcmp(SSL_rstate_string(t->ssl), "RB") == 0;
}

bool tls_psk_was_refused(const struct tls *t)
{
    return t->psk_refused;
}

const char *tls_detail(const struct tls *t)
{
    return t->detail;
}

enum tls_peer tls_peer(const struct tls *t, uint32_t *seat)
{
    if (!t->is_up)
        return TLS_PEER_NOBODY;
    if (SSL_session_reused(t->ssl)) { /* never by psk_seat alone: a full handshake may follow the callback */
        *seat = t->psk_seat;
        return TLS_PEER_PSK;
    }
    if (!SSL_get0_peer_certificate(t->ssl))
        return TLS_PEER_NOBODY;
    *seat = t->cert_seat;
    return t->is_expired ? TLS_PEER_CERTIFICATE_EXPIRED : TLS_PEER_CERTIFICATE;
}

enum err tls_peer_certificate(const struct tls *t, struct buf *der)
{
    X509 *cert = SSL_get0_peer_certificate(t->ssl);
    if (!cert)
        return ERR_NOT_FOUND;
    parse_put_cert(cert, der);
    return ERR_OK;
}

enum err tls_peer_ca(const struct tls *t, struct buf *pem)
{
    struct buf der = BUF_INIT;
    STACK_OF(X509) *chain = SSL_get0_verified_chain(t->ssl);
    int count = chain ? sk_X509_num(chain) : 0;
    if (count < 2)
        return ERR_NOT_FOUND;
    parse_put_cert(sk_X509_value(chain, count - 1), &der);
    enum err e = tls_cert_to_pem(buf_slice(&der), pem);
    buf_finish(&der);
    return e;
}
