/* PEM and DER in and out. Invariant: no call leaves entries in OpenSSL's error queue. */
#include "tls/parse.h"
#include "tls/tls.h"
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <string.h>

/* OpenSSL would ask the terminal for the passphrase of an encrypted key. */
static int parse_no_passphrase(char *out, int size, int writing, void *to)
{
    (void)out, (void)size, (void)writing, (void)to;
    return -1;
}

static BIO *parse_open(struct slice bytes)
{
    if (bytes.size > INT32_MAX)
        return NULL;
    BIO *b = BIO_new_mem_buf(bytes.size ? (const void *)bytes.data : "", (int)bytes.size);
    CHECK(b);
    return b;
}

static bool parse_looks_like_pem(struct slice bytes)
{
    return bytes.size && memmem(bytes.data, bytes.size, "-----BEGIN", 10);
}

struct x509_st *parse_cert(struct slice bytes)
{
    X509 *cert = NULL;
    if (parse_looks_like_pem(bytes)) {
        BIO *b = parse_open(bytes);
        cert = b ? PEM_read_bio_X509(b, NULL, parse_no_passphrase, NULL) : NULL;
        BIO_free(b);
    } else if (bytes.size && bytes.size <= INT32_MAX) {
        const uint8_t *at = bytes.data;
        cert = d2i_X509(NULL, &at, (long)bytes.size);
        if (cert && at != bytes.data + bytes.size) {
            X509_free(cert);
            cert = NULL;
        }
    }
    ERR_clear_error();
    return cert;
}

struct evp_pkey_st *parse_key(struct slice pem)
{
    BIO *b = parse_open(pem);
    EVP_PKEY *key = b ? PEM_read_bio_PrivateKey(b, NULL, parse_no_passphrase, NULL) : NULL;
    BIO_free(b);
    ERR_clear_error();
    return key;
}

struct X509_req_st *parse_csr(struct slice der)
{
    if (!der.size || der.size > INT32_MAX)
        return NULL;
    const uint8_t *at = der.data;
    X509_REQ *csr = d2i_X509_REQ(NULL, &at, (long)der.size);
    if (csr && at != der.data + der.size) {
        X509_REQ_free(csr);
        csr = NULL;
    }
    ERR_clear_error();
    return csr;
}

bool parse_is_p256(struct evp_pkey_st *key)
{
    char group[32] = "";
    bool is = EVP_PKEY_get_base_id(key) == EVP_PKEY_EC &&
              EVP_PKEY_get_utf8_string_param(key, OSSL_PKEY_PARAM_GROUP_NAME, group, sizeof group, NULL) == 1 &&
              strcmp(group, SN_X9_62_prime256v1) == 0;
    ERR_clear_error();
    return is;
}

void parse_put(struct bio_st *memory, struct buf *out)
{
    char *data = NULL;
    long size = BIO_get_mem_data(memory, &data);
    CHECK(size >= 0);
    buf_append(out, data, (size_t)size);
}

void parse_put_cert(struct x509_st *cert, struct buf *out)
{
    int size = i2d_X509(cert, NULL);
    CHECK(size > 0);
    buf_reserve(out, (size_t)size);
    uint8_t *at = out->data + out->size;
    CHECK(i2d_X509(cert, &at) == size);
    out->size += (size_t)size;
}

enum err tls_cert_to_pem(struct slice der, struct buf *pem)
{
    X509 *cert = parse_cert(der);
    if (!cert)
        return ERR_CERTIFICATE;
    BIO *b = BIO_new(BIO_s_mem());
    CHECK(b && PEM_write_bio_X509(b, cert) == 1);
    parse_put(b, pem);
    BIO_free(b);
    X509_free(cert);
    return ERR_OK;
}

enum err tls_cert_to_der(struct slice pem, struct buf *der)
{
    X509 *cert = parse_cert(pem);
    if (!cert)
        return ERR_CERTIFICATE;
    parse_put_cert(cert, der);
    X509_free(cert);
    return ERR_OK;
}
