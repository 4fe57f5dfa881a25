/* Who is believed. OpenSSL has built and checked the chain (signatures, times, CA flags, purpose); here stands what
 * this house adds: usage must be said in the certificate, an expired seat gets in marked (it may only renew, the
 * caller's duty), and a client that joins knows its CA by the fingerprint alone. Host names are not looked at: a
 * district's CA issues for one server only, so its word is the name. */
#include "tls/context.h"
#include "tls/facts.h"
#include "tls/parse.h"
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <string.h>

static struct tls *verify_connection(X509_STORE_CTX *store)
{
    SSL *ssl = X509_STORE_CTX_get_ex_data(store, SSL_get_ex_data_X509_STORE_CTX_idx());
    CHECK(ssl);
    return SSL_get_app_data(ssl);
}

static int verify_refuse(X509_STORE_CTX *store, struct tls *t, enum err e, int x509_error, const char *detail)
{
    X509_STORE_CTX_set_error(store, x509_error);
    t->failed = e;
    t->detail = detail;
    return 0;
}

/* The peer's own certificate, good so far: does it say that it is for this? */
static int verify_leaf(X509_STORE_CTX *store, struct tls *t, enum tls_usage usage)
{
    struct tls_cert_facts facts;
    if (facts_of(X509_STORE_CTX_get_current_cert(store), &facts) != ERR_OK || facts.usage != usage)
        return verify_refuse(store, t, ERR_CERTIFICATE, X509_V_ERR_INVALID_PURPOSE,
                             detail_of_verify(X509_V_ERR_INVALID_PURPOSE));
    t->cert_seat = facts.seat;
    return 1;
}

static int verify_step(int good, X509_STORE_CTX *store, enum tls_usage usage, bool may_be_expired)
{
    struct tls *t = verify_connection(store);
    int error = X509_STORE_CTX_get_error(store);
    bool is_leaf = X509_STORE_CTX_get_error_depth(store) == 0;
    bool is_out_of_time = error == X509_V_ERR_CERT_HAS_EXPIRED || error == X509_V_ERR_CERT_NOT_YET_VALID;
    if (!good && may_be_expired && is_leaf && is_out_of_time) { /* the server's clock may have stood ahead when it issued it */
        X509_STORE_CTX_set_error(store, X509_V_OK);
        t->is_expired = true;
        return 1; /* asked again below, with good == 1, once the rest of the leaf is checked */
    }
    if (!good)
        return verify_refuse(store, t, ERR_CERTIFICATE, error, detail_of_verify(error));
    return is_leaf ? verify_leaf(store, t, usage) : 1;
}

int verify_step_server(int good, struct x509_store_ctx_st *store)
{
    return verify_step(good, store, TLS_USAGE_SEAT, true);
}

int verify_step_client(int good, struct x509_store_ctx_st *store)
{
    return verify_step(good, store, TLS_USAGE_SERVER, false);
}

static X509 *verify_pinned(X509_STORE_CTX *store, const uint8_t pin[16])
{
    STACK_OF(X509) *sent = X509_STORE_CTX_get0_untrusted(store);
    for (int i = 0; i < sk_X509_num(sent); i++) {
        uint8_t hash[32];
        unsigned size = sizeof hash;
        X509 *cert = sk_X509_value(sent, i);
        if (X509_digest(cert, EVP_sha256(), hash, &size) == 1 && memcmp(hash, pin, 16) == 0)
            return cert;
    }
    return NULL;
}

/* Joining: of what the server sent, the certificate with the fingerprint is the only root; then all as usual (that it
 * is a self-signed CA and signs the leaf included). */
int verify_chain_by_pin(struct x509_store_ctx_st *store, void *context)
{
    struct tls_context *c = context;
    struct tls *t = verify_connection(store);
    X509 *root = verify_pinned(store, c->pin);
    if (!root)
        return verify_refuse(store, t, ERR_PIN, X509_V_ERR_CERT_UNTRUSTED,
                             "the server is not the one that the code names");
    STACK_OF(X509) *roots = sk_X509_new_null();
    CHECK(roots && sk_X509_push(roots, root) > 0);
    X509_STORE_CTX_set0_trusted_stack(store, roots);
    int good = X509_verify_cert(store);
    sk_X509_free(roots);
    if (good != 1 && !t->failed)
        return verify_refuse(store, t, ERR_CERTIFICATE, X509_STORE_CTX_get_error(store),
                             detail_of_verify(X509_STORE_CTX_get_error(store)));
    return good == 1;
}
