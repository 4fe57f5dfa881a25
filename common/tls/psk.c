/* Reconnecting by a pre-shared key. What is found here proves nothing yet: only a session that was resumed with it does
 * (SSL_session_reused); an identity that is not good answers "go on without", so that certificates follow in the same
 * connection. External PSKs of SHA-256 only: any suite that both sides offer takes them. */
#include "tls/context.h"
#include <openssl/crypto.h>
#include <openssl/ssl.h>

static SSL_SESSION *psk_session(SSL *ssl, const uint8_t key[32])
{
    static const unsigned char aes_128_gcm_sha256[2] = {0x13, 0x01};
    const SSL_CIPHER *cipher = SSL_CIPHER_find(ssl, aes_128_gcm_sha256);
    SSL_SESSION *s = SSL_SESSION_new();
    CHECK(cipher && s && SSL_SESSION_set1_master_key(s, key, 32) == 1 && SSL_SESSION_set_cipher(s, cipher) == 1 &&
          SSL_SESSION_set_protocol_version(s, TLS1_3_VERSION) == 1);
    return s;
}

int psk_find_server(struct ssl_st *ssl, const unsigned char *identity, size_t size, struct ssl_session_st **out)
{
    struct tls *t = SSL_get_app_data(ssl);
    uint8_t key[32];
    uint32_t seat = 0;
    *out = NULL;
    t->psk_seat = 0;
    if (t->context->find && t->context->find(t->context->find_to, (struct slice){identity, size}, key, &seat)) {
        t->psk_seat = seat;
        *out = psk_session(ssl, key);
        OPENSSL_cleanse(key, sizeof key);
    }
    return 1;
}

int psk_use_client(struct ssl_st *ssl, const struct evp_md_st *md, const unsigned char **identity, size_t *size,
                   struct ssl_session_st **out)
{
    (void)md; /* set after a retry request only; our key is of SHA-256, as all our suites are */
    struct tls *t = SSL_get_app_data(ssl);
    *identity = NULL;
    *size = 0;
    *out = NULL;
    if (t->psk_identity.size) {
        *identity = t->psk_identity.data;
        *size = t->psk_identity.size;
        *out = psk_session(ssl, t->psk_key);
    }
    return 1;
}
