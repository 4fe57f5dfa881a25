/* SHA-256 and HMAC-SHA-256. The chain hashes every entry, so the algorithm is fetched from the provider once: a fetch
 * by name costs more than hashing 300 bytes. Neither can fail but for lack of memory. */
#include "tls/tls.h"
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <pthread.h>

static pthread_once_t hash_once = PTHREAD_ONCE_INIT;
static EVP_MD *hash_sha256;

static void hash_fetch(void)
{
    hash_sha256 = EVP_MD_fetch(NULL, "SHA256", NULL);
    CHECK(hash_sha256);
}

static const EVP_MD *hash_md(void)
{
    CHECK(pthread_once(&hash_once, hash_fetch) == 0);
    return hash_sha256;
}

void tls_sha256(struct slice in, uint8_t out[32])
{
    CHECK(EVP_Digest(in.size ? (const void *)in.data : "", in.size, out, NULL, hash_md(), NULL) == 1);
}

void tls_hmac_sha256(struct slice key, struct slice in, uint8_t out[32])
{
    const uint8_t nothing = 0; /* HMAC takes a NULL key for "the one from before" */
    unsigned size = 32;
    CHECK(key.size <= INT32_MAX);
    CHECK(HMAC(hash_md(), key.size ? key.data : &nothing, (int)key.size, in.size ? in.data : &nothing, in.size, out,
               &size));
    CHECK(size == 32);
}

void tls_key_text(const uint8_t key_hash[32], char out[TLS_KEY_TEXT_SIZE])
{
    for (size_t i = 0, at = 0; i < 4; i++, at += 5)
        (void)snprintf(out + at, TLS_KEY_TEXT_SIZE - at, "%02x%02x", key_hash[2 * i], key_hash[2 * i + 1]);
    out[4] = out[9] = out[14] = ' ';
}
