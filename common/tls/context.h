#pragma once
/* What the files of this room share about a context and a connection. */
#include "base/tr.h"
#include "tls/tls.h"
#include <stdatomic.h>

struct bio_st;
struct evp_md_st;
struct ssl_ctx_st;
struct ssl_session_st;
struct ssl_st;
struct x509_store_ctx_st;

#define TLS_ALPN "banyan/1"
#define TLS_NOT_SPOKEN N_("the other side does not speak banyan/1") /* TLS_ALPN; a msgid is not put together */

struct tls_context {
    struct ssl_ctx_st *ctx;
    atomic_int uses; /* the owner and every connection: a context may be replaced under living connections */
    bool is_server;
    bool is_joining; /* client: the CA is not known, only its fingerprint */
    uint8_t pin[16];
    tls_psk_find *find;
    void *find_to;
};

struct tls {
    struct ssl_st *ssl;
    struct tls_context *context;
    struct slice in;    /* what the own BIO may read; empty outside tls_feed */
    struct buf *cipher; /* where it writes; NULL outside a call */
    enum err failed;    /* once set, it stays */
    const char *detail; /* static storage */
    bool is_up;
    bool has_ended;  /* the peer said close_notify */
    bool is_expired; /* the peer's certificate is good but for its end, or its beginning */
    bool psk_refused;
    uint32_t psk_seat; /* what the identity said; counts only if the session was resumed with it */
    uint32_t cert_seat;
    struct buf psk_identity; /* client, until the handshake is over */
    uint8_t psk_key[32];
};

/* bio.c: an endless pipe over t->in and t->cipher. */
struct bio_st *bio_create(struct tls *t);

/* verify.c: OpenSSL's callbacks. */
int verify_step_server(int good, struct x509_store_ctx_st *store);
int verify_step_client(int good, struct x509_store_ctx_st *store);
int verify_chain_by_pin(struct x509_store_ctx_st *store, void *context);

/* psk.c */
int psk_find_server(struct ssl_st *ssl, const unsigned char *identity, size_t size, struct ssl_session_st **out);
int psk_use_client(struct ssl_st *ssl, const struct evp_md_st *md, const unsigned char **identity, size_t *size,
                   struct ssl_session_st **out);

/* detail.c: sets t->failed and t->detail from what OpenSSL left in its queue, unless a callback did. */
void detail_from_queue(struct tls *t);
const char *detail_of_verify(int x509_error);
