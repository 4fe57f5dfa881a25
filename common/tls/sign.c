/* Signatures outside the handshake (ECDSA P-256 over SHA-256, DER), and sealing with AES-256-GCM. */
#include "tls/parse.h"
#include "tls/sign.h"
#include "tls/tls.h"
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/x509.h>

#define SEAL_NONCE 12
#define SEAL_TAG 16

enum err tls_sign(struct slice key_pem, struct slice text, struct buf *signature)
{
    EVP_PKEY *key = parse_key(key_pem);
    if (!key)
        return ERR_FOREIGN;
    uint8_t out[512];
    size_t size = sizeof out;
    EVP_MD_CTX *c = EVP_MD_CTX_new();
    bool made = c && EVP_DigestSignInit(c, NULL, EVP_sha256(), NULL, key) == 1 &&
                EVP_DigestSign(c, out, &size, text.data, text.size) == 1;
    if (made)
        buf_append(signature, out, size);
    ERR_clear_error();
    EVP_MD_CTX_free(c);
    EVP_PKEY_free(key);
    return made ? ERR_OK : ERR_FOREIGN;
}

bool sign_holds(X509 *cert, struct slice text, struct slice signature)
{
    EVP_PKEY *key = cert && signature.size ? X509_get0_pubkey(cert) : NULL;
    EVP_MD_CTX *c = key ? EVP_MD_CTX_new() : NULL;
    bool good = c && EVP_DigestVerifyInit(c, NULL, EVP_sha256(), NULL, key) == 1 &&
                EVP_DigestVerify(c, signature.data, signature.size, text.data, text.size) == 1;
    ERR_clear_error();
    EVP_MD_CTX_free(c);
    return good;
}

bool tls_verify_signature(struct slice cert_pem, struct slice text, struct slice signature)
{
    X509 *cert = parse_cert(cert_pem);
    bool good = sign_holds(cert, text, signature);
    X509_free(cert);
    return good;
}

void tls_seal(const uint8_t key[32], const uint8_t nonce[12], struct slice plain, struct buf *out)
{
    EVP_CIPHER_CTX *c = EVP_CIPHER_CTX_new();
    int size = 0, rest = 0;
    CHECK(c && plain.size <= INT32_MAX - 64);
    buf_append(out, nonce, SEAL_NONCE);
    buf_reserve(out, plain.size + SEAL_TAG);
    uint8_t *at = out->data + out->size;
    CHECK(EVP_EncryptInit_ex2(c, EVP_aes_256_gcm(), key, nonce, NULL) == 1);
    if (plain.size)
        CHECK(EVP_EncryptUpdate(c, at, &size, plain.data, (int)plain.size) == 1);
    CHECK(EVP_EncryptFinal_ex(c, at + size, &rest) == 1 && (size_t)(size + rest) == plain.size);
    CHECK(EVP_CIPHER_CTX_ctrl(c, EVP_CTRL_AEAD_GET_TAG, SEAL_TAG, at + plain.size) == 1);
    out->size += plain.size + SEAL_TAG;
    EVP_CIPHER_CTX_free(c);
}

enum err tls_unseal(const uint8_t key[32], struct slice sealed, struct buf *plain)
{
    if (sealed.size < SEAL_NONCE + SEAL_TAG || sealed.size > INT32_MAX)
        return ERR_VALUE;
    size_t inner = sealed.size - SEAL_NONCE - SEAL_TAG;
    const uint8_t *text = sealed.data + SEAL_NONCE;
    int size = 0, rest = 0;
    EVP_CIPHER_CTX *c = EVP_CIPHER_CTX_new();
    CHECK(c && EVP_DecryptInit_ex2(c, EVP_aes_256_gcm(), key, sealed.data, NULL) == 1);
    CHECK(EVP_CIPHER_CTX_ctrl(c, EVP_CTRL_AEAD_SET_TAG, SEAL_TAG, (void *)(uintptr_t)(text + inner)) == 1);
    buf_reserve(plain, inner + 1);
    uint8_t *at = plain->data + plain->size;
    /* What is decrypted lies behind plain's size until the tag has proved it. */
    bool good = (!inner || EVP_DecryptUpdate(c, at, &size, text, (int)inner) == 1) &&
                EVP_DecryptFinal_ex(c, at + size, &rest) == 1;
    if (good)
        plain->size += inner;
    ERR_clear_error();
    EVP_CIPHER_CTX_free(c);
    return good ? ERR_OK : ERR_VALUE;
}
