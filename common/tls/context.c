/* What all connections of one side share. TLS 1.3 only, the two suites of SHA-256 (with a SHA-384 suite the PSK would
 * be ignored in silence), no tickets, no cache, ALPN on both sides so that another protocol is told apart at once. */
#include "tls/context.h"
#include "tls/parse.h"
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <stdlib.h>
#include <string.h>

static const unsigned char context_alpn[] = "\x08" TLS_ALPN; /* length, then the name */
#define CONTEXT_ALPN_SIZE (sizeof context_alpn - 1)
#define CONTEXT_CHAIN_MAX 8192 /* bytes of certificates that a stranger may send; ours are below 2,000 */

/* OpenSSL asks the selection below only if the client offers protocols at all: one that offers none is refused here. */
static int context_hello(SSL *ssl, int *alert, void *to)
{
    (void)to;
    const unsigned char *data;
    size_t size;
    if (SSL_client_hello_get0_ext(ssl, TLSEXT_TYPE_application_layer_protocol_negotiation, &data, &size) == 1)
        return SSL_CLIENT_HELLO_SUCCESS;
    *alert = SSL_AD_NO_APPLICATION_PROTOCOL;
    return SSL_CLIENT_HELLO_ERROR;
}

static int context_select(SSL *ssl, const unsigned char **out, unsigned char *out_size, const unsigned char *in,
                          unsigned in_size, void *to)
{
    (void)ssl, (void)to;
    unsigned char *chosen;
    if (SSL_select_next_proto(&chosen, out_size, context_alpn, CONTEXT_ALPN_SIZE, in, in_size) !=
        OPENSSL_NPN_NEGOTIATED)
        return SSL_TLSEXT_ERR_ALERT_FATAL;
    *out = chosen;
    return SSL_TLSEXT_ERR_OK;
}

static SSL_CTX *context_base(const SSL_METHOD *method)
{
    SSL_CTX *ctx = SSL_CTX_new(method);
    CHECK(ctx && SSL_CTX_set_min_proto_version(ctx, TLS1_3_VERSION) == 1);
    CHECK(SSL_CTX_set_ciphersuites(ctx, "TLS_AES_128_GCM_SHA256:TLS_CHACHA20_POLY1305_SHA256") == 1);
    CHECK(SSL_CTX_set1_groups_list(ctx, "X25519:P-256") == 1);
    SSL_CTX_set_mode(ctx, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_NO_AUTO_CHAIN);
    SSL_CTX_set_options(ctx, SSL_OP_NO_TICKET);
    SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_verify_depth(ctx, 1); /* the CA issues directly */
    SSL_CTX_set_max_cert_list(ctx, CONTEXT_CHAIN_MAX);
    return ctx;
}

static enum err context_trust(SSL_CTX *ctx, struct slice ca_pem, bool send_it)
{
    X509 *ca = parse_cert(ca_pem);
    if (!ca)
        return ERR_FOREIGN;
    CHECK(X509_STORE_add_cert(SSL_CTX_get_cert_store(ctx), ca) == 1);
    if (send_it)
        CHECK(SSL_CTX_add1_chain_cert(ctx, ca) == 1);
    X509_free(ca);
    return ERR_OK;
}

static enum err context_identify(SSL_CTX *ctx, struct slice cert_pem, struct slice key_pem)
{
    X509 *cert = parse_cert(cert_pem);
    EVP_PKEY *key = parse_key(key_pem);
    bool good = cert && key && SSL_CTX_use_certificate(ctx, cert) == 1 && SSL_CTX_use_PrivateKey(ctx, key) == 1 &&
                SSL_CTX_check_private_key(ctx) == 1;
    ERR_clear_error();
    X509_free(cert);
    EVP_PKEY_free(key);
    return good ? ERR_OK : ERR_FOREIGN;
}

static struct tls_context *context_create(const SSL_METHOD *method, bool is_server)
{
    struct tls_context *c = calloc(1, sizeof *c);
    CHECK(c);
    c->ctx = context_base(method);
    c->is_server = is_server;
    atomic_init(&c->uses, 1);
    return c;
}

enum err tls_context_server(struct slice ca_pem, struct slice cert_pem, struct slice key_pem, tls_psk_find *find,
                            void *to, struct tls_context **out)
{
    struct tls_context *c = context_create(TLS_server_method(), true);
    c->find = find;
    c->find_to = to;
    enum err e = context_identify(c->ctx, cert_pem, key_pem);
    if (!e)
        e = context_trust(c->ctx, ca_pem, true); /* sent too: who joins finds its pin in it */
    if (e) {
        tls_context_destroy(c);
        return e;
    }
    SSL_CTX_set_verify(c->ctx, SSL_VERIFY_PEER, verify_step_server);
    SSL_CTX_set_num_tickets(c->ctx, 0);
    /* Without it a PSK handshake of a context with SSL_VERIFY_PEER dies with alert 80. */
    CHECK(SSL_CTX_set_session_id_context(c->ctx, context_alpn, CONTEXT_ALPN_SIZE) == 1);
    SSL_CTX_set_psk_find_session_callback(c->ctx, psk_find_server);
    SSL_CTX_set_client_hello_cb(c->ctx, context_hello, NULL);
    SSL_CTX_set_alpn_select_cb(c->ctx, context_select, NULL);
    *out = c;
    return ERR_OK;
}

enum err tls_context_client(struct slice ca_pem, struct slice cert_pem, struct slice key_pem, const uint8_t pin[16],
                            struct tls_context **out)
{
    struct tls_context *c = context_create(TLS_client_method(), false);
    c->is_joining = ca_pem.size == 0;
    CHECK(pin || !c->is_joining);
    enum err e = c->is_joining ? ERR_OK : context_trust(c->ctx, ca_pem, false);
    if (!e && cert_pem.size)
        e = context_identify(c->ctx, cert_pem, key_pem);
    if (e) {
        tls_context_destroy(c);
        return e;
    }
    SSL_CTX_set_verify(c->ctx, SSL_VERIFY_PEER, verify_step_client);
    if (c->is_joining) {
        memcpy(c->pin, pin, sizeof c->pin);
        SSL_CTX_set_cert_verify_callback(c->ctx, verify_chain_by_pin, c);
    }
    SSL_CTX_set_psk_use_session_callback(c->ctx, psk_use_client);
    CHECK(SSL_CTX_set_alpn_protos(c->ctx, context_alpn, CONTEXT_ALPN_SIZE) == 0); /* 0 is success here */
    *out = c;
    return ERR_OK;
}

void tls_context_destroy(struct tls_context *c)
{
    if (!c || atomic_fetch_sub(&c->uses, 1) != 1)
        return;
    SSL_CTX_free(c->ctx);
    free(c);
}
