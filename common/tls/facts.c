/* What a certificate of this house says. A certificate that our CA did not shape (both usages, none, a subject that is
 * not "seat N") has no facts, even if it is well formed and signed. */
#include "tls/facts.h"
#include "tls/parse.h"
#include <openssl/err.h>
#include <openssl/x509v3.h>
#include <string.h>
#include <time.h>

/* "seat N", N without sign, blanks or leading zero: one spelling for each seat. */
static bool facts_seat(const X509 *cert, uint32_t *out)
{
    const X509_NAME *name = X509_get_subject_name(cert);
    if (X509_NAME_entry_count(name) != 1 || X509_NAME_get_index_by_NID(name, NID_commonName, -1) != 0)
        return false;
    const ASN1_STRING *text = X509_NAME_ENTRY_get_data(X509_NAME_get_entry(name, 0));
    const uint8_t *at = ASN1_STRING_get0_data(text);
    int size = ASN1_STRING_length(text);
    if (size < 6 || size > 15 || memcmp(at, "seat ", 5) != 0 || at[5] == '0')
        return false;
    uint64_t n = 0;
    for (int i = 5; i < size; i++) {
        if (at[i] < '0' || at[i] > '9')
            return false;
        n = n * 10 + (uint64_t)(at[i] - '0');
    }
    if (n > UINT32_MAX)
        return false;
    *out = (uint32_t)n;
    return true;
}

static bool facts_usage(X509 *cert, enum tls_usage *out)
{
    if (!(X509_get_extension_flags(cert) & EXFLAG_XKUSAGE))
        return false;
    uint32_t usage = X509_get_extended_key_usage(cert);
    if (usage != XKU_SSL_SERVER && usage != XKU_SSL_CLIENT)
        return false;
    *out = usage == XKU_SSL_SERVER ? TLS_USAGE_SERVER : TLS_USAGE_SEAT;
    return true;
}

static bool facts_time(const ASN1_TIME *t, int64_t *ms)
{
    struct tm tm;
    if (ASN1_TIME_to_tm(t, &tm) != 1)
        return false;
    *ms = (int64_t)timegm(&tm) * 1000;
    return true;
}

static bool facts_serial(const X509 *cert, uint8_t out[16])
{
    BIGNUM *n = ASN1_INTEGER_to_BN(X509_get0_serialNumber(cert), NULL);
    bool fits = n && !BN_is_negative(n) && BN_bn2binpad(n, out, 16) == 16;
    BN_free(n);
    return fits;
}

static void facts_key_hash(X509_PUBKEY *key, uint8_t out[32])
{
    uint8_t *der = NULL;
    int size = i2d_X509_PUBKEY(key, &der);
    CHECK(size > 0);
    tls_sha256((struct slice){der, (size_t)size}, out);
    OPENSSL_free(der);
}

enum err facts_of(struct x509_st *cert, struct tls_cert_facts *out)
{
    struct tls_cert_facts f = {0};
    bool good = facts_usage(cert, &f.usage) && (f.usage == TLS_USAGE_SERVER || facts_seat(cert, &f.seat)) &&
                facts_time(X509_get0_notBefore(cert), &f.starts_ms) &&
                facts_time(X509_get0_notAfter(cert), &f.ends_ms) && facts_serial(cert, f.serial);
    ERR_clear_error();
    if (!good)
        return ERR_CERTIFICATE;
    facts_key_hash(X509_get_X509_PUBKEY(cert), f.key_hash);
    *out = f;
    return ERR_OK;
}

enum err tls_cert_facts(struct slice der, struct tls_cert_facts *out)
{
    X509 *cert = parse_cert(der);
    enum err e = cert ? facts_of(cert, out) : ERR_CERTIFICATE;
    X509_free(cert);
    return e;
}

enum err tls_csr_key_hash(struct slice csr_der, uint8_t out[32])
{
    X509_REQ *csr = parse_csr(csr_der);
    if (!csr)
        return ERR_CERTIFICATE;
    facts_key_hash(X509_REQ_get_X509_PUBKEY(csr), out);
    X509_REQ_free(csr);
    return ERR_OK;
}

enum err tls_key_hash(struct slice key_pem, uint8_t out[32])
{
    EVP_PKEY *key = parse_key(key_pem);
    X509_PUBKEY *half = NULL;
    if (!key)
        return ERR_FOREIGN;
    CHECK(X509_PUBKEY_set(&half, key) == 1);
    facts_key_hash(half, out);
    X509_PUBKEY_free(half);
    EVP_PKEY_free(key);
    return ERR_OK;
}
