#pragma once
/* TLS 1.3 as bytes in, bytes out: no sockets, no clock of its own; the caller owns buffers, loop and time. Both sides
 * are authenticated by the district's CA, or by a PSK derived from it; a client that joins has no certificate yet. No
 * OpenSSL type leaves this room. */
#include "base/arena.h"
#include "base/slice.h"

/* ---- keys and certificates (certificate.c, facts.c, sign.c): PEM or DER in bufs; ECDSA P-256 ----
 * What the house itself keeps (a key, its own certificate) and cannot be read is ERR_FOREIGN, what a peer sent is
 * ERR_CERTIFICATE. Names have 1 to 64 characters (ERR_VALUE). Wherever a certificate goes in, PEM and DER will do. */
enum err tls_key_make(struct buf *key_pem) MUST_CHECK;
/* A CA of that name, valid 30 years. */
enum err tls_ca_make(const char *name, int64_t now_ms, struct buf *key_pem, struct buf *cert_pem) MUST_CHECK;
enum tls_usage { TLS_USAGE_SERVER, TLS_USAGE_SEAT };
/* Issues for a CSR (DER; its signature is checked; ERR_CERTIFICATE) or, with csr empty, for a key in PEM. seat: the
 * number, 0 for the server. serial: 16 random bytes. Valid from two days before now_ms (clocks are wrong) to now_ms +
 * days. Out: DER. */
enum err tls_issue(struct slice ca_key_pem, struct slice ca_cert_pem, struct slice csr_der, struct slice key_pem,
                   enum tls_usage usage, uint32_t seat, const uint8_t serial[16], int64_t now_ms, unsigned days,
                   struct buf *cert_der) MUST_CHECK;
enum err tls_csr_make(struct slice key_pem, const char *name, struct buf *csr_der) MUST_CHECK;
enum err tls_cert_to_pem(struct slice der, struct buf *pem) MUST_CHECK;
enum err tls_cert_to_der(struct slice pem, struct buf *der) MUST_CHECK;
struct tls_cert_facts {
    uint32_t seat;
    enum tls_usage usage;
    int64_t starts_ms, ends_ms;
    uint8_t serial[16];
    uint8_t key_hash[32];
};
enum err tls_cert_facts(struct slice der, struct tls_cert_facts *out) MUST_CHECK;
enum err tls_csr_key_hash(struct slice csr_der, uint8_t out[32]) MUST_CHECK;
enum err tls_key_hash(struct slice key_pem, uint8_t out[32]) MUST_CHECK; /* the same, of the key itself */
void tls_sha256(struct slice in, uint8_t out[32]);
/* What people compare of a key: "3f2a 91c0 77aa 0b1c", the first 8 bytes of its hash. */
#define TLS_KEY_TEXT_SIZE 20
void tls_key_text(const uint8_t key_hash[32], char out[TLS_KEY_TEXT_SIZE]);
void tls_hmac_sha256(struct slice key, struct slice in, uint8_t out[32]);
enum err tls_sign(struct slice key_pem, struct slice text, struct buf *signature) MUST_CHECK;
bool tls_verify_signature(struct slice cert_pem, struct slice text, struct slice signature);
/* Certificates that a peer or a file brings (seat_keys.c), and what their seats signed. Their time is not looked at: they say whose key
 * it is, not that it still opens a connection. At most TLS_SEAT_KEYS_MAX chain checks in all, one signature check a call. */
#define TLS_SEAT_KEYS_MAX 16u
struct tls_seat_keys;
struct tls_seat_keys *tls_seat_keys_open(struct slice ca_pem);
void tls_seat_keys_close(struct tls_seat_keys *k); /* NULL: nothing */
/* Borrows the bytes. What is no seat's certificate, or one too many, is left out. */
void tls_seat_keys_add(struct tls_seat_keys *k, struct slice cert);
/* The first that the CA issued to the seat; false: none. */
bool tls_seat_keys_find(struct tls_seat_keys *k, uint32_t seat, struct slice *cert);
/* By the key of that one. */
bool tls_seat_keys_signed(struct tls_seat_keys *k, uint32_t seat, struct slice text, struct slice signature);
/* Seals and opens the PSK identity under the master (AES-256-GCM; out is nonce, text, tag), so that seats cannot be
 * followed on the wire. Opening what was not sealed with this key is ERR_VALUE. */
void tls_seal(const uint8_t key[32], const uint8_t nonce[12], struct slice plain, struct buf *out);
enum err tls_unseal(const uint8_t key[32], struct slice sealed, struct buf *plain) MUST_CHECK;

/* ---- contexts ---- */
struct tls_context;
/* In memory only: the peer is not authenticated yet. Fills key and *seat for a PSK identity that is good; false: fall
 * back to certificates in the same connection. Called in whatever thread feeds the connection. */
typedef bool tls_psk_find(void *to, struct slice identity, uint8_t key[32], uint32_t *seat);
enum err tls_context_server(struct slice ca_pem, struct slice cert_pem, struct slice key_pem, tls_psk_find *find,
                            void *to, struct tls_context **out) MUST_CHECK;
/* ca_pem empty: joining; then the server's chain must end in a CA whose fingerprint (first 16 of SHA-256 over DER) is
 * pin, else pin may be NULL. cert_pem and key_pem empty: without a certificate. Validity goes by the system's clock. A
 * context may be destroyed while connections of it live. */
enum err tls_context_client(struct slice ca_pem, struct slice cert_pem, struct slice key_pem, const uint8_t pin[16],
                            struct tls_context **out) MUST_CHECK;
void tls_context_destroy(struct tls_context *c);

/* ---- one connection ---- */
struct tls; /* heap; holds no I/O buffers while idle */
struct tls *tls_create_server(struct tls_context *c);
/* psk_identity and psk_key empty: without. */
struct tls *tls_create_client(struct tls_context *c, struct slice psk_identity, struct slice psk_key);
void tls_destroy(struct tls *t);
/* Feeds what came from the peer, all of it; appends plain text to plain and what must go to the peer to cipher. Also
 * drives the handshake: call once with an empty slice to start a client. ERR_TLS, ERR_PIN, ERR_CERTIFICATE: send cipher
 * (an alert), then close. */
enum err tls_feed(struct tls *t, struct slice in, struct buf *plain, struct buf *cipher) MUST_CHECK;
enum err tls_write(struct tls *t, struct slice plain, struct buf *cipher) MUST_CHECK;
void tls_close_notify(struct tls *t, struct buf *cipher);
bool tls_is_up(const struct tls *t);
bool tls_has_ended(const struct tls *t);        /* the peer said close_notify: nothing more will come */
bool tls_is_inside_record(const struct tls *t); /* the peer owes the rest of a record */
/* The server knows our PSK identity with another key (after a restore, say): drop it, dial once more with certificates.
 */
bool tls_psk_was_refused(const struct tls *t);
/* Of a failure, for people: a sentence of detail.c ("certificate has expired"), a msgid; "" without failure. */
const char *tls_detail(const struct tls *t);

/* Who the peer is, once up. By a PSK only if the session really was resumed with it. */
enum tls_peer { TLS_PEER_NOBODY, TLS_PEER_CERTIFICATE, TLS_PEER_CERTIFICATE_EXPIRED, TLS_PEER_PSK };
enum tls_peer tls_peer(const struct tls *t, uint32_t *seat);
/* The peer's certificate, DER; ERR_NOT_FOUND after a PSK handshake. */
enum err tls_peer_certificate(const struct tls *t, struct buf *der) MUST_CHECK;
/* The CA that the server's chain ended in (joining), PEM. */
enum err tls_peer_ca(const struct tls *t, struct buf *pem) MUST_CHECK;
