/* The CA at work: what it issues, what it refuses, and what can be read back from a certificate. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include "help_tls.h"
#include <openssl/evp.h>
#include <openssl/x509.h>
#include <string.h>

#define NOW_MS 1767225600000 /* 2026-01-01 00:00:00 UTC */
#define DAY_MS 86400000

static const uint8_t serial[16] = {0xff, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};

struct ca {
    struct buf key, cert;
};

static struct ca ca_make(const char *name)
{
    struct ca ca = {0};
    assert_int_equal(tls_ca_make(name, NOW_MS, &ca.key, &ca.cert), ERR_OK);
    return ca;
}

static void ca_finish(struct ca *ca)
{
    buf_finish(&ca->key);
    buf_finish(&ca->cert);
}

static enum err ca_issue(const struct ca *ca, struct slice csr, struct slice key, enum tls_usage usage, uint32_t seat,
                         struct buf *der)
{
    return tls_issue(buf_slice(&ca->key), buf_slice(&ca->cert), csr, key, usage, seat, serial, NOW_MS, 365, der);
}

static void seat_from_request(void **state)
{
    (void)state;
    struct ca ca = ca_make("青禾区教育工会");
    struct buf key = BUF_INIT, csr = BUF_INIT, der = BUF_INIT;
    uint8_t hash[32];
    struct tls_cert_facts f;
    assert_int_equal(tls_key_make(&key), ERR_OK);
    assert_int_equal(tls_csr_make(buf_slice(&key), "seat 1", &csr), ERR_OK); /* what it asks to be is not heard */
    assert_in_range(csr.size, 100, 1024);
    assert_int_equal(tls_csr_key_hash(buf_slice(&csr), hash), ERR_OK);
    assert_int_equal(ca_issue(&ca, buf_slice(&csr), (struct slice){0}, TLS_USAGE_SEAT, 4294967295u, &der), ERR_OK);
    assert_int_equal(tls_cert_facts(buf_slice(&der), &f), ERR_OK);
    assert_int_equal(f.seat, 4294967295u);
    assert_int_equal(f.usage, TLS_USAGE_SEAT);
    assert_int_equal(f.starts_ms, NOW_MS - 2LL * DAY_MS);
    assert_int_equal(f.ends_ms, NOW_MS + 365LL * DAY_MS);
    assert_memory_equal(f.serial, serial, 16);
    assert_memory_equal(f.key_hash, hash, 32);
    memset(hash, 0, sizeof hash);
    assert_int_equal(tls_key_hash(buf_slice(&key), hash), ERR_OK);
    assert_memory_equal(f.key_hash, hash, 32);
    assert_int_equal(tls_key_hash(buf_slice(&csr), hash), ERR_FOREIGN);
    buf_finish(&key);
    buf_finish(&csr);
    buf_finish(&der);
    ca_finish(&ca);
}

static void server_from_key(void **state)
{
    (void)state;
    struct ca ca = ca_make("District");
    struct buf key = BUF_INIT, der = BUF_INIT, pem = BUF_INIT, again = BUF_INIT;
    struct tls_cert_facts f;
    assert_int_equal(tls_key_make(&key), ERR_OK);
    assert_int_equal(ca_issue(&ca, (struct slice){0}, buf_slice(&key), TLS_USAGE_SERVER, 0, &der), ERR_OK);
    assert_int_equal(tls_cert_facts(buf_slice(&der), &f), ERR_OK);
    assert_int_equal(f.usage, TLS_USAGE_SERVER);
    assert_int_equal(f.seat, 0);
    assert_int_equal(tls_cert_to_pem(buf_slice(&der), &pem), ERR_OK);
    assert_memory_equal(pem.data, "-----BEGIN CERTIFICATE-----", 27);
    assert_int_equal(tls_cert_to_der(buf_slice(&pem), &again), ERR_OK);
    assert_true(slice_equal(buf_slice(&der), buf_slice(&again)));
    assert_int_equal(tls_cert_facts(buf_slice(&ca.cert), &f), ERR_CERTIFICATE); /* the CA itself is neither */
    buf_finish(&key);
    buf_finish(&der);
    buf_finish(&pem);
    buf_finish(&again);
    ca_finish(&ca);
}

/* Every byte of a request counts: wherever one is changed, no certificate comes of it. */
static void changed_request(void **state)
{
    (void)state;
    struct ca ca = ca_make("District");
    struct buf key = BUF_INIT, csr = BUF_INIT, der = BUF_INIT;
    assert_int_equal(tls_key_make(&key), ERR_OK);
    assert_int_equal(tls_csr_make(buf_slice(&key), "x", &csr), ERR_OK);
    for (size_t i = 0; i < csr.size; i++) {
        csr.data[i] ^= 1;
        assert_int_equal(ca_issue(&ca, buf_slice(&csr), (struct slice){0}, TLS_USAGE_SEAT, 1, &der), ERR_CERTIFICATE);
        csr.data[i] ^= 1;
        assert_int_equal(
            ca_issue(&ca, (struct slice){csr.data, i + (i == 0)}, (struct slice){0}, TLS_USAGE_SEAT, 1, &der),
            ERR_CERTIFICATE);
    }
    buf_byte(&csr, 0); /* something behind it */
    assert_int_equal(ca_issue(&ca, buf_slice(&csr), (struct slice){0}, TLS_USAGE_SEAT, 1, &der), ERR_CERTIFICATE);
    assert_int_equal(der.size, 0);
    buf_finish(&key);
    buf_finish(&csr);
    buf_finish(&der);
    ca_finish(&ca);
}

static void request_of_another_kind_of_key(void **state)
{
    (void)state;
    struct ca ca = ca_make("District");
    EVP_PKEY *keys[] = {EVP_RSA_gen(1024), EVP_EC_gen("P-384")};
    for (size_t i = 0; i < 2; i++) {
        uint8_t *csr = NULL;
        struct buf der = BUF_INIT;
        X509_REQ *r = X509_REQ_new();
        X509_REQ_set_pubkey(r, keys[i]);
        assert_true(X509_REQ_sign(r, keys[i], EVP_sha256()) > 0);
        int size = i2d_X509_REQ(r, &csr);
        assert_true(size > 0);
        assert_int_equal(ca_issue(&ca, (struct slice){csr, (size_t)size}, (struct slice){0}, TLS_USAGE_SEAT, 1, &der),
                         ERR_CERTIFICATE);
        OPENSSL_free(csr);
        X509_REQ_free(r);
        EVP_PKEY_free(keys[i]);
        buf_finish(&der);
    }
    ca_finish(&ca);
}

static void what_is_not_a_key(void **state)
{
    (void)state;
    struct ca ca = ca_make("District"), other = ca_make("Other");
    struct buf out = BUF_INIT, csr = BUF_INIT;
    struct slice junk = {(const uint8_t *)"-----BEGIN PRIVATE KEY-----\nAAAA\n", 33};
    assert_int_equal(tls_csr_make(junk, "x", &out), ERR_FOREIGN);
    assert_int_equal(ca_issue(&ca, (struct slice){0}, junk, TLS_USAGE_SERVER, 0, &out), ERR_FOREIGN);
    assert_int_equal(tls_sign(junk, junk, &out), ERR_FOREIGN);
    assert_int_equal(tls_cert_to_der(junk, &out), ERR_CERTIFICATE);
    assert_int_equal(tls_cert_to_pem((struct slice){0}, &out), ERR_CERTIFICATE);
    assert_int_equal(tls_csr_make(buf_slice(&ca.key), "x", &csr), ERR_OK);
    assert_int_equal(tls_issue(buf_slice(&other.key), buf_slice(&ca.cert), buf_slice(&csr), (struct slice){0},
                               TLS_USAGE_SEAT, 1, serial, NOW_MS, 1, &out),
                     ERR_FOREIGN); /* the key is not of that CA */
    assert_int_equal(out.size, 0);
    buf_finish(&csr);
    buf_finish(&out);
    ca_finish(&ca);
    ca_finish(&other);
}

static void names(void **state)
{
    (void)state;
    struct buf key = BUF_INIT, cert = BUF_INIT;
    char text[66];
    memset(text, 'a', sizeof text);
    text[65] = 0;
    assert_int_equal(tls_ca_make(text, NOW_MS, &key, &cert), ERR_VALUE);
    assert_int_equal(tls_ca_make("", NOW_MS, &key, &cert), ERR_VALUE);
    assert_int_equal(tls_ca_make("\xff", NOW_MS, &key, &cert), ERR_VALUE);
    assert_int_equal(key.size + cert.size, 0);
    text[64] = 0;
    assert_int_equal(tls_ca_make(text, NOW_MS, &key, &cert), ERR_OK);
    buf_finish(&key);
    buf_finish(&cert);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(seat_from_request), cmocka_unit_test(server_from_key),
        cmocka_unit_test(changed_request),   cmocka_unit_test(request_of_another_kind_of_key),
        cmocka_unit_test(what_is_not_a_key), cmocka_unit_test(names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
