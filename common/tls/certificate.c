/* The district's CA at work: makes keys, its own certificate, requests and the certificates of server and seats. All
 * keys are ECDSA P-256: what a request brings of another kind is refused before its signature is looked at (a 16,384
 * bit RSA key is work for the server and none for the asker). The subject of a certificate is the CA's word, never the
 * request's. */
#include "tls/parse.h"
#include "tls/tls.h"
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <string.h>

#define CERTIFICATE_CA_DAYS (30u * 365u + 8u)
#define CERTIFICATE_DAY_S 86400
#define CERTIFICATE_EARLY_DAYS 2 /* clocks of devices are wrong */

enum err tls_key_make(struct buf *key_pem)
{
    EVP_PKEY *key = EVP_EC_gen("P-256");
    BIO *b = BIO_new(BIO_s_mem());
    CHECK(key && b && PEM_write_bio_PKCS8PrivateKey(b, key, NULL, NULL, 0, NULL, NULL) == 1);
    parse_put(b, key_pem);
    BIO_free(b);
    EVP_PKEY_free(key);
    return ERR_OK;
}

/* One to 64 characters of UTF-8 (X.520's bound). */
static enum err certificate_put_name(X509_NAME *name, const char *text)
{
    bool put = X509_NAME_add_entry_by_NID(name, NID_commonName, MBSTRING_UTF8, (const uint8_t *)text, -1, -1, 0) == 1;
    ERR_clear_error();
    return put ? ERR_OK : ERR_VALUE;
}

static void certificate_put_serial(X509 *cert, const uint8_t serial[16])
{
    BIGNUM *n = BN_bin2bn(serial, 16, NULL);
    CHECK(n && BN_to_ASN1_INTEGER(n, X509_get_serialNumber(cert)));
    BN_free(n);
}

static void certificate_put_times(X509 *cert, int64_t now_ms, unsigned days)
{
    time_t now = (time_t)(now_ms / 1000);
    CHECK(ASN1_TIME_adj(X509_getm_notBefore(cert), now, -CERTIFICATE_EARLY_DAYS, 0));
    CHECK(ASN1_TIME_adj(X509_getm_notAfter(cert), now, (int)days, 0));
}

static void certificate_extend(X509 *cert, X509 *issuer, int nid, const char *value)
{
    X509V3_CTX context;
    X509V3_set_ctx(&context, issuer, cert, NULL, NULL, 0);
    X509_EXTENSION *e = X509V3_EXT_conf_nid(NULL, &context, nid, value);
    CHECK(e && X509_add_ext(cert, e, -1) == 1);
    X509_EXTENSION_free(e);
}

static X509 *certificate_new(EVP_PKEY *key, const uint8_t serial[16], int64_t now_ms, unsigned days)
{
    X509 *cert = X509_new();
    CHECK(cert && X509_set_version(cert, X509_VERSION_3) == 1 && X509_set_pubkey(cert, key) == 1);
    certificate_put_serial(cert, serial);
    certificate_put_times(cert, now_ms, days);
    return cert;
}

enum err tls_ca_make(const char *name, int64_t now_ms, struct buf *key_pem, struct buf *cert_pem)
{
    struct buf pem = BUF_INIT;
    uint8_t hash[32];
    enum err e = tls_key_make(&pem);
    if (e)
        return e;
    EVP_PKEY *key = parse_key(buf_slice(&pem));
    CHECK(key);
    tls_sha256(buf_slice(&pem), hash); /* a serial that nobody can guess and that needs no argument */
    X509 *cert = certificate_new(key, hash, now_ms, CERTIFICATE_CA_DAYS);
    e = certificate_put_name(X509_get_subject_name(cert), name);
    if (e)
        goto out;
    CHECK(X509_set_issuer_name(cert, X509_get_subject_name(cert)) == 1);
    certificate_extend(cert, cert, NID_basic_constraints, "critical,CA:TRUE,pathlen:0");
    certificate_extend(cert, cert, NID_key_usage, "critical,keyCertSign,digitalSignature");
    certificate_extend(cert, cert, NID_subject_key_identifier, "hash");
    CHECK(X509_sign(cert, key, EVP_sha256()) > 0);
    BIO *b = BIO_new(BIO_s_mem());
    CHECK(b && PEM_write_bio_X509(b, cert) == 1);
    parse_put(b, cert_pem);
    BIO_free(b);
    buf_append_slice(key_pem, buf_slice(&pem));
out:
    X509_free(cert);
    EVP_PKEY_free(key);
    OPENSSL_cleanse(pem.data, pem.size);
    buf_finish(&pem);
    return e;
}

/* The key that a certificate is wanted for: of a request that proves to hold it, or the caller's own. */
static enum err certificate_subject_key(struct slice csr_der, struct slice key_pem, EVP_PKEY **out)
{
    EVP_PKEY *key = NULL;
    if (!csr_der.size) {
        key = parse_key(key_pem);
        if (!key)
            return ERR_FOREIGN;
    } else {
        X509_REQ *csr = parse_csr(csr_der);
        key = csr ? X509_REQ_get_pubkey(csr) : NULL;
        bool good = key && parse_is_p256(key) && X509_REQ_verify(csr, key) == 1;
        ERR_clear_error();
        X509_REQ_free(csr);
        if (!good) {
            EVP_PKEY_free(key);
            return ERR_CERTIFICATE;
        }
    }
    *out = key;
    return ERR_OK;
}

static X509 *certificate_leaf(EVP_PKEY *key, X509 *ca, enum tls_usage usage, uint32_t seat, const uint8_t serial[16],
                              int64_t now_ms, unsigned days)
{
    char name[32] = "server";
    X509 *cert = certificate_new(key, serial, now_ms, days);
    if (usage == TLS_USAGE_SEAT)
        snprintf(name, sizeof name, "seat %u", seat);
    CHECK(certificate_put_name(X509_get_subject_name(cert), name) == ERR_OK);
    CHECK(X509_set_issuer_name(cert, X509_get_subject_name(ca)) == 1);
    certificate_extend(cert, ca, NID_basic_constraints, "critical,CA:FALSE");
    certificate_extend(cert, ca, NID_key_usage, "critical,digitalSignature");
    certificate_extend(cert, ca, NID_ext_key_usage, usage == TLS_USAGE_SEAT ? "clientAuth" : "serverAuth");
    certificate_extend(cert, ca, NID_subject_key_identifier, "hash");
    certificate_extend(cert, ca, NID_authority_key_identifier, "keyid:always");
    return cert;
}

enum err tls_issue(struct slice ca_key_pem, struct slice ca_cert_pem, struct slice csr_der, struct slice key_pem,
                   enum tls_usage usage, uint32_t seat, const uint8_t serial[16], int64_t now_ms, unsigned days,
                   struct buf *cert_der)
{
    CHECK((usage == TLS_USAGE_SEAT) == (seat != 0));
    EVP_PKEY *key = NULL;
    EVP_PKEY *ca_key = parse_key(ca_key_pem);
    X509 *ca = parse_cert(ca_cert_pem);
    enum err e = ca_key && ca && X509_check_private_key(ca, ca_key) == 1 ? ERR_OK : ERR_FOREIGN;
    ERR_clear_error();
    if (!e)
        e = certificate_subject_key(csr_der, key_pem, &key);
    if (e)
        goto out;
    X509 *cert = certificate_leaf(key, ca, usage, seat, serial, now_ms, days);
    CHECK(X509_sign(cert, ca_key, EVP_sha256()) > 0);
    parse_put_cert(cert, cert_der);
    X509_free(cert);
out:
    EVP_PKEY_free(key);
    X509_free(ca);
    EVP_PKEY_free(ca_key);
    return e;
}

enum err tls_csr_make(struct slice key_pem, const char *name, struct buf *csr_der)
{
    EVP_PKEY *key = parse_key(key_pem);
    if (!key)
        return ERR_FOREIGN;
    X509_REQ *csr = X509_REQ_new();
    CHECK(csr && X509_REQ_set_version(csr, X509_REQ_VERSION_1) == 1 && X509_REQ_set_pubkey(csr, key) == 1);
    enum err e = certificate_put_name(X509_REQ_get_subject_name(csr), name);
    if (e)
        goto out;
    CHECK(X509_REQ_sign(csr, key, EVP_sha256()) > 0);
    BIO *b = BIO_new(BIO_s_mem());
    CHECK(b && i2d_X509_REQ_bio(b, csr) == 1);
    parse_put(b, csr_der);
    BIO_free(b);
out:
    X509_REQ_free(csr);
    EVP_PKEY_free(key);
    return e;
}
