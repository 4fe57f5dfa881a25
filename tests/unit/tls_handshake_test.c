/* Every way in which two sides may meet, in memory: who is let in, as whom, and what is said to those who are not. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include "help_tls.h"
#include "base/clock.h"
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <string.h>

#define DAY_MS 86400000LL

struct side {
    struct tls *tls;
    struct buf plain, out; /* what it heard, what it wants sent */
    enum err err;
};

struct pair {
    struct side server, client;
};

static struct help_district home, elsewhere;

static int make_districts(void **state)
{
    (void)state;
    help_district_make(&home, "青禾区");
    help_district_make(&elsewhere, "青禾区"); /* the same name does not make it the same district */
    return 0;
}

static int finish_districts(void **state)
{
    (void)state;
    help_district_finish(&home);
    help_district_finish(&elsewhere);
    return 0;
}

static void side_feed(struct side *s, struct slice in)
{
    enum err e = tls_feed(s->tls, in, &s->plain, &s->out);
    if (e)
        s->err = e;
}

static void side_finish(struct side *s)
{
    tls_destroy(s->tls);
    buf_finish(&s->plain);
    buf_finish(&s->out);
}

/* Carries bytes until nobody has any. at_once: how many bytes a feed brings. */
static void pair_run(struct pair *p, size_t at_once)
{
    side_feed(&p->client, (struct slice){0});
    for (int turn = 0; turn < 20 && (p->client.out.size || p->server.out.size); turn++) {
        struct side *from = turn % 2 ? &p->server : &p->client, *to = turn % 2 ? &p->client : &p->server;
        struct buf flight = from->out;
        from->out = BUF_INIT;
        for (size_t at = 0; at < flight.size; at += at_once)
            side_feed(to, (struct slice){flight.data + at, flight.size - at < at_once ? flight.size - at : at_once});
        buf_finish(&flight);
    }
}

static struct pair pair_make(struct tls_context *server, struct tls_context *client, struct slice identity,
                             struct slice key)
{
    struct pair p = {0};
    p.server.tls = tls_create_server(server);
    p.client.tls = tls_create_client(client, identity, key);
    tls_context_destroy(server); /* they live on in their connections */
    tls_context_destroy(client);
    return p;
}

static struct pair pair_meet(struct tls_context *server, struct tls_context *client)
{
    struct pair p = pair_make(server, client, (struct slice){0}, (struct slice){0});
    pair_run(&p, SIZE_MAX / 2);
    return p;
}

static void pair_finish(struct pair *p)
{
    side_finish(&p->server);
    side_finish(&p->client);
}

static void expect_peer(const struct side *s, enum tls_peer peer, uint32_t seat)
{
    uint32_t got = 0;
    assert_int_equal(s->err, ERR_OK);
    assert_true(tls_is_up(s->tls));
    assert_int_equal(tls_peer(s->tls, &got), peer);
    assert_int_equal(got, seat);
}

static void expect_failed(const struct side *s, enum err e, const char *detail)
{
    uint32_t seat = 99;
    assert_string_equal(tls_detail(s->tls), detail);
    assert_int_equal(s->err, e);
    if (!tls_is_up(s->tls))
        assert_int_equal(tls_peer(s->tls, &seat), TLS_PEER_NOBODY);
}

/* Text of size bytes one way, through records cut anywhere. */
static void expect_text(struct side *from, struct side *to, size_t size)
{
    uint8_t *text = test_malloc(size);
    for (size_t i = 0; i < size; i++)
        text[i] = (uint8_t)(i * 31 + size);
    to->plain.size = 0;
    assert_int_equal(tls_write(from->tls, (struct slice){text, size}, &from->out), ERR_OK);
    assert_true(from->out.size > size);
    for (size_t at = 0; at < from->out.size; at += 1000) {
        size_t n = from->out.size - at < 1000 ? from->out.size - at : 1000;
        assert_int_equal(tls_feed(to->tls, (struct slice){from->out.data + at, n}, &to->plain, &to->out), ERR_OK);
    }
    from->out.size = 0;
    assert_int_equal(to->plain.size, size);
    assert_memory_equal(to->plain.data, text, size);
    test_free(text);
}

static struct tls_context *context_seat_of(const struct help_district *trusts, struct slice cert, struct slice key)
{
    struct tls_context *c = NULL;
    assert_int_equal(tls_context_client(buf_slice(&trusts->ca_cert), cert, key, NULL, &c), ERR_OK);
    return c;
}

static struct tls_context *context_joining(const struct help_district *pinned)
{
    struct tls_context *c = NULL;
    uint8_t pin[16];
    help_pin(pinned, pin);
    assert_int_equal(tls_context_client((struct slice){0}, (struct slice){0}, (struct slice){0}, pin, &c), ERR_OK);
    return c;
}

/* A server whose certificate is of the CA, but otherwise as told. */
static struct tls_context *context_server_of(enum tls_usage usage, uint32_t seat, int64_t now_ms, unsigned days)
{
    struct tls_context *c = NULL;
    struct buf cert = BUF_INIT;
    help_issue(&home, buf_slice(&home.server_key), usage, seat, now_ms, days, &cert);
    assert_int_equal(
        tls_context_server(buf_slice(&home.ca_cert), buf_slice(&cert), buf_slice(&home.server_key), NULL, NULL, &c),
        ERR_OK);
    buf_finish(&cert);
    return c;
}

static struct tls_context *context_seat_made(enum tls_usage usage, uint32_t seat, int64_t now_ms, unsigned days)
{
    struct buf cert = BUF_INIT;
    help_issue(&home, buf_slice(&home.seat_key), usage, seat, now_ms, days, &cert);
    struct tls_context *c = context_seat_of(&home, buf_slice(&cert), buf_slice(&home.seat_key));
    buf_finish(&cert);
    return c;
}

static void mutual(void **state)
{
    (void)state;
    struct pair p = pair_meet(help_context_server(&home, NULL, NULL), help_context_seat(&home));
    struct buf der = BUF_INIT, seat_der = BUF_INIT;
    expect_peer(&p.server, TLS_PEER_CERTIFICATE, HELP_SEAT);
    expect_peer(&p.client, TLS_PEER_CERTIFICATE, 0);
    assert_int_equal(tls_peer_certificate(p.server.tls, &der), ERR_OK);
    assert_int_equal(tls_cert_to_der(buf_slice(&home.seat_cert), &seat_der), ERR_OK);
    assert_true(slice_equal(buf_slice(&der), buf_slice(&seat_der)));
    assert_string_equal(tls_detail(p.server.tls), "");
    expect_text(&p.client, &p.server, 1);
    expect_text(&p.server, &p.client, 300);
    expect_text(&p.client, &p.server, 100000);
    assert_int_equal(tls_write(p.client.tls, (struct slice){0}, &p.client.out), ERR_OK);
    assert_int_equal(p.client.out.size, 0);
    buf_finish(&der);
    buf_finish(&seat_der);
    pair_finish(&p);
}

static void write_before_up(void **state)
{
    (void)state;
    struct pair p = pair_make(help_context_server(&home, NULL, NULL), help_context_seat(&home), (struct slice){0},
                              (struct slice){0});
    assert_int_equal(tls_write(p.client.tls, slice_text("early"), &p.client.out), ERR_PROTOCOL);
    assert_int_equal(p.client.out.size, 0);
    pair_finish(&p);
}

static void orderly_end(void **state)
{
    (void)state;
    struct pair p = pair_meet(help_context_server(&home, NULL, NULL), help_context_seat(&home));
    tls_close_notify(p.client.tls, &p.client.out);
    assert_true(p.client.out.size > 0);
    assert_false(tls_has_ended(p.server.tls));
    side_feed(&p.server, buf_slice(&p.client.out));
    assert_int_equal(p.server.err, ERR_OK);
    assert_true(tls_has_ended(p.server.tls));
    assert_int_equal(tls_write(p.server.tls, slice_text("last"), &p.server.out), ERR_OK); /* our half is still open */
    pair_finish(&p);
}

/* ---- reconnecting by PSK ---- */
struct book { /* what the server knows */
    const char *identity;
    uint8_t key[32];
    int asked;
};

static bool book_find(void *to, struct slice identity, uint8_t key[32], uint32_t *seat)
{
    struct book *b = to;
    b->asked++;
    if (!b->identity || !slice_equal(identity, slice_text(b->identity)))
        return false;
    memcpy(key, b->key, 32);
    *seat = 42;
    return true;
}

static struct pair pair_psk(struct book *b, struct tls_context *client, const char *identity, uint8_t first_byte)
{
    uint8_t key[32] = {first_byte};
    struct pair p =
        pair_make(help_context_server(&home, book_find, b), client, slice_text(identity), slice_of(key, 32));
    pair_run(&p, SIZE_MAX / 2);
    return p;
}

static void psk(void **state)
{
    (void)state;
    struct book b = {"sealed", {1}, 0};
    struct pair p = pair_psk(&b, help_context_seat(&home), "sealed", 1);
    struct buf der = BUF_INIT;
    assert_int_equal(b.asked, 1);
    expect_peer(&p.server, TLS_PEER_PSK, 42);
    expect_peer(&p.client, TLS_PEER_PSK, 0);
    assert_int_equal(tls_peer_certificate(p.server.tls, &der), ERR_NOT_FOUND);
    expect_text(&p.client, &p.server, 5000);
    expect_text(&p.server, &p.client, 5000);
    pair_finish(&p);
}

/* Unknown, revoked, of an older master: certificates follow in the same connection, and they alone say who it is. */
static void psk_unknown(void **state)
{
    (void)state;
    struct book b = {"another", {1}, 0};
    struct pair p = pair_psk(&b, help_context_seat(&home), "sealed", 1);
    assert_int_equal(b.asked, 1);
    expect_peer(&p.server, TLS_PEER_CERTIFICATE, HELP_SEAT);
    expect_peer(&p.client, TLS_PEER_CERTIFICATE, 0);
    expect_text(&p.client, &p.server, 10);
    pair_finish(&p);
}

static void psk_wrong_key(void **state)
{
    (void)state;
    struct book b = {"sealed", {1}, 0};
    struct pair p = pair_psk(&b, help_context_seat(&home), "sealed", 2);
    expect_failed(&p.server, ERR_TLS, "the pre-shared key is wrong");
    expect_failed(&p.client, ERR_TLS, "the other side refused the pre-shared key");
    assert_true(tls_psk_was_refused(p.client.tls));
    assert_false(tls_is_up(p.client.tls));
    pair_finish(&p);
}

/* Without a certificate an unknown PSK gets as far as a joiner: nobody. */
static void psk_unknown_without_certificate(void **state)
{
    (void)state;
    struct book b = {NULL, {0}, 0};
    struct pair p = pair_psk(&b, context_seat_of(&home, (struct slice){0}, (struct slice){0}), "sealed", 1);
    expect_peer(&p.server, TLS_PEER_NOBODY, 0);
    pair_finish(&p);
}

/* The server's certificate is not looked at in a PSK session, but its own PSK is: a false server does not know the key.
 */
static void psk_at_a_false_server(void **state)
{
    (void)state;
    struct book b = {NULL, {0}, 0};
    uint8_t key[32] = {1};
    struct pair p = pair_make(help_context_server(&elsewhere, book_find, &b), help_context_seat(&home),
                              slice_text("sealed"), slice_of(key, 32));
    pair_run(&p, SIZE_MAX / 2);
    expect_failed(&p.client, ERR_CERTIFICATE, "certificate of another authority");
    assert_false(tls_is_up(p.client.tls));
    pair_finish(&p);
}

/* ---- joining ---- */
static void join_with_pin(void **state)
{
    (void)state;
    struct pair p = pair_meet(help_context_server(&home, NULL, NULL), context_joining(&home));
    struct buf ca = BUF_INIT;
    expect_peer(&p.server, TLS_PEER_NOBODY, 0);
    expect_peer(&p.client, TLS_PEER_CERTIFICATE, 0);
    assert_int_equal(tls_peer_ca(p.client.tls, &ca), ERR_OK);
    assert_true(slice_equal(buf_slice(&ca), buf_slice(&home.ca_cert)));
    expect_text(&p.client, &p.server, 900);
    buf_finish(&ca);
    pair_finish(&p);
}

static void join_with_wrong_pin(void **state)
{
    (void)state;
    struct pair p = pair_meet(help_context_server(&home, NULL, NULL), context_joining(&elsewhere));
    expect_failed(&p.client, ERR_PIN, "the server is not the one that the code names");
    assert_false(tls_is_up(p.client.tls));
    assert_int_equal(p.server.err, ERR_CERTIFICATE); /* it is told */
    pair_finish(&p);
}

/* The pinned CA is public: showing it does not help a server whose own certificate it did not sign. */
static void join_with_borrowed_ca(void **state)
{
    (void)state;
    struct tls_context *c = NULL;
    assert_int_equal(tls_context_server(buf_slice(&home.ca_cert), buf_slice(&elsewhere.server_cert),
                                        buf_slice(&elsewhere.server_key), NULL, NULL, &c),
                     ERR_OK);
    struct pair p = pair_meet(c, context_joining(&home));
    expect_failed(&p.client, ERR_CERTIFICATE, "certificate of another authority");
    pair_finish(&p);
}

/* The fingerprint of the server's own certificate is none of a CA. */
static void join_with_pin_of_leaf(void **state)
{
    (void)state;
    struct help_district d = home;
    d.ca_cert = home.server_cert;
    struct pair p = pair_meet(help_context_server(&home, NULL, NULL), context_joining(&d));
    assert_int_equal(p.client.err, ERR_CERTIFICATE);
    assert_false(tls_is_up(p.client.tls));
    pair_finish(&p);
}

static void join_before_the_certificate_begins(void **state)
{
    (void)state;
    struct pair p =
        pair_meet(context_server_of(TLS_USAGE_SERVER, 0, clock_now_ms() + 10 * DAY_MS, 365), context_joining(&home));
    expect_failed(&p.client, ERR_CERTIFICATE, "certificate is not yet valid");
    pair_finish(&p);
}

static void join_at_a_seat(void **state)
{
    (void)state;
    struct pair p = pair_meet(context_server_of(TLS_USAGE_SEAT, 7, clock_now_ms(), 365), context_joining(&home));
    expect_failed(&p.client, ERR_CERTIFICATE, "certificate is for another purpose");
    pair_finish(&p);
}

/* ---- certificates that are not good ---- */
static void seat_of_another_district(void **state)
{
    (void)state;
    struct pair p = pair_meet(help_context_server(&home, NULL, NULL),
                              context_seat_of(&home, buf_slice(&elsewhere.seat_cert), buf_slice(&elsewhere.seat_key)));
    expect_failed(&p.server, ERR_CERTIFICATE, "certificate of another authority");
    assert_false(tls_is_up(p.server.tls));
    assert_int_equal(p.client.err, ERR_CERTIFICATE); /* by an alert, after it thought itself up */
    assert_memory_equal(tls_detail(p.client.tls), "the other side does not", 23);
    pair_finish(&p);
}

static void server_of_another_district(void **state)
{
    (void)state;
    struct pair p = pair_meet(help_context_server(&elsewhere, NULL, NULL), help_context_seat(&home));
    expect_failed(&p.client, ERR_CERTIFICATE, "certificate of another authority");
    assert_int_equal(p.server.err, ERR_CERTIFICATE);
    assert_false(tls_is_up(p.client.tls));
    pair_finish(&p);
}

static void seat_expired(void **state)
{
    (void)state;
    struct pair p = pair_meet(help_context_server(&home, NULL, NULL),
                              context_seat_made(TLS_USAGE_SEAT, 7, clock_now_ms() - 30 * DAY_MS, 29));
    expect_peer(&p.server, TLS_PEER_CERTIFICATE_EXPIRED, 7);
    expect_text(&p.client, &p.server, 100); /* its renewal */
    pair_finish(&p);
}

/* Expired forgives one thing only. */
static void seat_expired_and_of_another_district(void **state)
{
    (void)state;
    struct buf cert = BUF_INIT;
    help_issue(&elsewhere, buf_slice(&elsewhere.seat_key), TLS_USAGE_SEAT, 7, clock_now_ms() - 30 * DAY_MS, 29, &cert);
    struct pair p = pair_meet(help_context_server(&home, NULL, NULL),
                              context_seat_of(&home, buf_slice(&cert), buf_slice(&elsewhere.seat_key)));
    assert_int_equal(p.server.err, ERR_CERTIFICATE);
    assert_false(tls_is_up(p.server.tls));
    buf_finish(&cert);
    pair_finish(&p);
}

/* The seat's own end is forgiven, its authority's is not. */
static void authority_expired(void **state)
{
    (void)state;
    struct help_district old = home;
    struct buf cert = BUF_INIT;
    struct tls_context *c = NULL;
    old.ca_key = old.ca_cert = BUF_INIT;
    assert_int_equal(tls_ca_make("Old", clock_now_ms() - 40 * 365 * DAY_MS, &old.ca_key, &old.ca_cert), ERR_OK);
    help_issue(&old, buf_slice(&home.seat_key), TLS_USAGE_SEAT, 7, clock_now_ms(), 365, &cert);
    assert_int_equal(tls_context_server(buf_slice(&old.ca_cert), buf_slice(&home.server_cert),
                                        buf_slice(&home.server_key), NULL, NULL, &c),
                     ERR_OK);
    struct pair p = pair_meet(c, context_seat_of(&home, buf_slice(&cert), buf_slice(&home.seat_key)));
    expect_failed(&p.server, ERR_CERTIFICATE, "certificate has expired");
    assert_false(tls_is_up(p.server.tls));
    pair_finish(&p);
    buf_finish(&cert);
    buf_finish(&old.ca_key);
    buf_finish(&old.ca_cert);
}

static void server_certificate_as_expired_seat(void **state)
{
    (void)state;
    struct pair p = pair_meet(help_context_server(&home, NULL, NULL),
                              context_seat_made(TLS_USAGE_SERVER, 0, clock_now_ms() - 30 * DAY_MS, 29));
    expect_failed(&p.server, ERR_CERTIFICATE, "certificate is for another purpose");
    pair_finish(&p);
}

/* Issued while the server's clock stood ahead: it may renew, as an expired one. */
static void seat_not_yet_valid(void **state)
{
    (void)state;
    struct pair p = pair_meet(help_context_server(&home, NULL, NULL),
                              context_seat_made(TLS_USAGE_SEAT, 7, clock_now_ms() + 10 * DAY_MS, 29));
    expect_peer(&p.server, TLS_PEER_CERTIFICATE_EXPIRED, 7);
    expect_text(&p.client, &p.server, 100); /* its renewal */
    pair_finish(&p);
}

static void server_not_yet_valid(void **state)
{
    (void)state;
    struct pair p =
        pair_meet(context_server_of(TLS_USAGE_SERVER, 0, clock_now_ms() + 10 * DAY_MS, 365), help_context_seat(&home));
    expect_failed(&p.client, ERR_CERTIFICATE, "certificate is not yet valid");
    pair_finish(&p);
}

static void server_expired(void **state)
{
    (void)state;
    struct pair p =
        pair_meet(context_server_of(TLS_USAGE_SERVER, 0, clock_now_ms() - 400 * DAY_MS, 365), help_context_seat(&home));
    expect_failed(&p.client, ERR_CERTIFICATE, "certificate has expired");
    assert_false(tls_is_up(p.client.tls));
    pair_finish(&p);
}

static void seat_certificate_as_server(void **state)
{
    (void)state;
    struct pair p = pair_meet(context_server_of(TLS_USAGE_SEAT, 7, clock_now_ms(), 365), help_context_seat(&home));
    expect_failed(&p.client, ERR_CERTIFICATE, "certificate is for another purpose");
    pair_finish(&p);
}

static void server_certificate_as_seat(void **state)
{
    (void)state;
    struct pair p = pair_meet(help_context_server(&home, NULL, NULL),
                              context_seat_of(&home, buf_slice(&home.server_cert), buf_slice(&home.server_key)));
    expect_failed(&p.server, ERR_CERTIFICATE, "certificate is for another purpose");
    pair_finish(&p);
}

static void contexts_that_do_not_fit(void **state)
{
    (void)state;
    struct tls_context *c = NULL;
    assert_int_equal(tls_context_server(buf_slice(&home.ca_cert), buf_slice(&home.server_cert),
                                        buf_slice(&home.seat_key), NULL, NULL, &c),
                     ERR_FOREIGN);
    assert_int_equal(tls_context_server((struct slice){0}, buf_slice(&home.server_cert), buf_slice(&home.server_key),
                                        NULL, NULL, &c),
                     ERR_FOREIGN);
    assert_int_equal(
        tls_context_client(slice_text("junk"), buf_slice(&home.seat_cert), buf_slice(&home.seat_key), NULL, &c),
        ERR_FOREIGN);
    assert_null(c);
}

/* ---- other protocols and torn bytes ---- */
static void expect_refused_bytes(const char *bytes, const char *detail)
{
    struct tls_context *c = help_context_server(&home, NULL, NULL);
    struct side s = {.tls = tls_create_server(c)};
    side_feed(&s, slice_text(bytes));
    expect_failed(&s, ERR_TLS, detail);
    enum err again = tls_feed(s.tls, slice_text(bytes), &s.plain, &s.out);
    assert_int_equal(again, ERR_TLS); /* and it stays so */
    side_finish(&s);
    tls_context_destroy(c);
}

static void not_tls(void **state)
{
    (void)state;
    expect_refused_bytes("GET / HTTP/1.1\r\nHost: a\r\n\r\n", "what came is HTTP, not TLS");
    expect_refused_bytes("SSH-2.0-OpenSSH_9.2p1 Debian\r\n", "what came is not TLS");
    expect_refused_bytes("{\"hello\": \"is there anybody\"}\n", "what came is not TLS");
}

/* A client of another protocol, straight from OpenSSL: offers max at most, and alpn (length-prefixed) if any. */
static void expect_refused_client(int version, const char *alpn, const char *detail, int alert)
{
    struct tls_context *c = help_context_server(&home, NULL, NULL);
    struct side s = {.tls = tls_create_server(c)};
    SSL_CTX *ctx = SSL_CTX_new(TLS_client_method());
    SSL_CTX_set_max_proto_version(ctx, version);
    if (alpn)
        SSL_CTX_set_alpn_protos(ctx, (const unsigned char *)alpn, (unsigned)strlen(alpn));
    SSL *ssl = SSL_new(ctx);
    BIO *in = BIO_new(BIO_s_mem()), *out = BIO_new(BIO_s_mem());
    SSL_set_bio(ssl, in, out);
    SSL_set_connect_state(ssl);
    SSL_do_handshake(ssl);
    char *data;
    long size = BIO_get_mem_data(out, &data);
    assert_true(size > 0);
    side_feed(&s, slice_of(data, (size_t)size));
    expect_failed(&s, ERR_TLS, detail);
    assert_int_equal(s.out.size, 7); /* one alert in the clear: type 21, fatal */
    assert_int_equal(s.out.data[0], 21);
    assert_int_equal(s.out.data[5], 2);
    assert_int_equal(s.out.data[6], alert);
    SSL_free(ssl);
    SSL_CTX_free(ctx);
    side_finish(&s);
    tls_context_destroy(c);
}

static void another_protocol(void **state)
{
    (void)state;
    const char *detail = "the other side does not speak banyan/1";
    expect_refused_client(TLS1_3_VERSION, NULL, detail, 120);
    expect_refused_client(TLS1_3_VERSION, "\x02h2\x08http/1.1", detail, 120);
    expect_refused_client(TLS1_3_VERSION,
                          "\x08"
                          "banyan/2",
                          detail, 120);
    expect_refused_client(TLS1_2_VERSION,
                          "\x08"
                          "banyan/1",
                          "the other side speaks another version of TLS", 70);
}

/* A server that takes no notice of ALPN: the client does. */
static void server_without_protocol(void **state)
{
    (void)state;
    struct tls_context *c = help_context_seat(&home);
    struct side s = {.tls = tls_create_client(c, (struct slice){0}, (struct slice){0})};
    SSL_CTX *ctx = SSL_CTX_new(TLS_server_method());
    BIO *cert_in = BIO_new_mem_buf(home.server_cert.data, (int)home.server_cert.size);
    BIO *key_in = BIO_new_mem_buf(home.server_key.data, (int)home.server_key.size);
    X509 *cert = PEM_read_bio_X509(cert_in, NULL, NULL, NULL);
    EVP_PKEY *key = PEM_read_bio_PrivateKey(key_in, NULL, NULL, NULL);
    SSL_CTX_use_certificate(ctx, cert);
    SSL_CTX_use_PrivateKey(ctx, key);
    SSL *ssl = SSL_new(ctx);
    BIO *in = BIO_new(BIO_s_mem()), *out = BIO_new(BIO_s_mem());
    SSL_set_bio(ssl, in, out);
    SSL_set_accept_state(ssl);
    side_feed(&s, (struct slice){0});
    BIO_write(in, s.out.data, (int)s.out.size);
    SSL_do_handshake(ssl);
    char *data;
    long size = BIO_get_mem_data(out, &data);
    side_feed(&s, slice_of(data, (size_t)size));
    expect_failed(&s, ERR_TLS, "the other side does not speak banyan/1");
    assert_false(tls_is_up(s.tls));
    SSL_free(ssl);
    SSL_CTX_free(ctx);
    X509_free(cert);
    EVP_PKEY_free(key);
    BIO_free(cert_in);
    BIO_free(key_in);
    side_finish(&s);
    tls_context_destroy(c);
}

/* Both handshakes, fed a byte at a time: no boundary matters. */
static void byte_by_byte(void **state)
{
    (void)state;
    struct book b = {"sealed", {1}, 0};
    uint8_t key[32] = {1};
    for (int with_psk = 0; with_psk < 2; with_psk++) {
        struct pair p = pair_make(help_context_server(&home, book_find, &b), help_context_seat(&home),
                                  slice_text(with_psk ? "sealed" : ""), slice_of(key, 32));
        pair_run(&p, 1);
        expect_peer(&p.server, with_psk ? TLS_PEER_PSK : TLS_PEER_CERTIFICATE, with_psk ? 42 : HELP_SEAT);
        expect_text(&p.client, &p.server, 20000);
        pair_finish(&p);
    }
}

/* A flight that stops after any number of bytes leaves a side that waits: neither up, nor failed, nor leaking. */
static void torn_everywhere(void **state)
{
    (void)state;
    struct tls_context *sc = help_context_server(&home, NULL, NULL), *cc = help_context_seat(&home);
    struct side c = {.tls = tls_create_client(cc, (struct slice){0}, (struct slice){0})},
                first = {.tls = tls_create_server(sc)};
    side_feed(&c, (struct slice){0});
    for (size_t n = 0; n < c.out.size; n++) {
        struct side s = {.tls = tls_create_server(sc)};
        side_feed(&s, (struct slice){c.out.data, n});
        assert_int_equal(s.err, ERR_OK);
        assert_int_equal(s.out.size, 0);
        assert_int_equal(tls_is_inside_record(s.tls), n > 0);
        side_finish(&s);
    }
    side_feed(&first, buf_slice(&c.out));
    for (size_t n = 0; n < first.out.size; n++) { /* the server's flight, cut: one client, fed on */
        side_feed(&c, (struct slice){first.out.data + n, 1});
        assert_int_equal(c.err, ERR_OK);
        assert_int_equal(tls_is_up(c.tls), n + 1 == first.out.size);
    }
    side_finish(&c);
    side_finish(&first);
    tls_context_destroy(sc);
    tls_context_destroy(cc);
}

/* Inside a record from its first byte to the one before its last. */
static void torn_record(void **state)
{
    (void)state;
    struct pair p = pair_meet(help_context_server(&home, NULL, NULL), help_context_seat(&home));
    assert_false(tls_is_inside_record(p.server.tls));
    assert_int_equal(tls_write(p.client.tls, slice_text("0123456789"), &p.client.out), ERR_OK);
    assert_int_equal(p.client.out.size, 5 + 10 + 1 + 16); /* head, text, inner type, tag */
    for (size_t n = 0; n < p.client.out.size; n++) {
        side_feed(&p.server, (struct slice){p.client.out.data + n, 1});
        assert_int_equal(tls_is_inside_record(p.server.tls), n + 1 < p.client.out.size);
        assert_int_equal(p.server.plain.size, n + 1 < p.client.out.size ? 0 : 10);
    }
    pair_finish(&p);
}

/* Every byte of a record is covered by its tag, but for the two of the old version number (RFC 8446 5.2). */
static void changed_record(void **state)
{
    (void)state;
    for (size_t i = 0; i < 5 + 4 + 1 + 16; i++) {
        struct pair p = pair_meet(help_context_server(&home, NULL, NULL), help_context_seat(&home));
        assert_int_equal(tls_write(p.client.tls, slice_text("0123"), &p.client.out), ERR_OK);
        p.client.out.data[i] ^= 1;
        side_feed(&p.server, buf_slice(&p.client.out));
        if (i == 3 || i == 4) /* longer or shorter: it may wait for more */
            assert_int_equal(p.server.plain.size, 0);
        else
            assert_int_equal(p.server.err, ERR_TLS);
        assert_int_equal(p.server.plain.size, 0);
        pair_finish(&p);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(mutual),
        cmocka_unit_test(write_before_up),
        cmocka_unit_test(orderly_end),
        cmocka_unit_test(psk),
        cmocka_unit_test(psk_unknown),
        cmocka_unit_test(psk_wrong_key),
        cmocka_unit_test(psk_unknown_without_certificate),
        cmocka_unit_test(psk_at_a_false_server),
        cmocka_unit_test(join_with_pin),
        cmocka_unit_test(join_with_wrong_pin),
        cmocka_unit_test(join_with_borrowed_ca),
        cmocka_unit_test(join_with_pin_of_leaf),
        cmocka_unit_test(join_before_the_certificate_begins),
        cmocka_unit_test(join_at_a_seat),
        cmocka_unit_test(seat_of_another_district),
        cmocka_unit_test(server_of_another_district),
        cmocka_unit_test(seat_expired),
        cmocka_unit_test(seat_expired_and_of_another_district),
        cmocka_unit_test(authority_expired),
        cmocka_unit_test(server_certificate_as_expired_seat),
        cmocka_unit_test(seat_not_yet_valid),
        cmocka_unit_test(server_not_yet_valid),
        cmocka_unit_test(server_expired),
        cmocka_unit_test(seat_certificate_as_server),
        cmocka_unit_test(server_certificate_as_seat),
        cmocka_unit_test(contexts_that_do_not_fit),
        cmocka_unit_test(not_tls),
        cmocka_unit_test(another_protocol),
        cmocka_unit_test(server_without_protocol),
        cmocka_unit_test(byte_by_byte),
        cmocka_unit_test(torn_everywhere),
        cmocka_unit_test(torn_record),
        cmocka_unit_test(changed_record),
    };
    return cmocka_run_group_tests(tests, make_districts, finish_districts);
}
