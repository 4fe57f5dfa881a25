/* Macs of what the server gave out and may have to believe again when its own memory is gone (PROTOCOL.md "The chain"):
 *   head   HMAC-SHA-256(head.key, "banyan head"  | district | u32 org | u64 seq | chain), first 16 bytes
 *   epoch  HMAC-SHA-256(head.key, "banyan epoch" | district | u32 epoch), first 16 bytes
 *   erasure  HMAC-SHA-256(head.key, "banyan erasure" | district | its bytes), first 16 bytes
 * The labels keep the two apart, the district (its CA's fingerprint) keeps a key that was carried elsewhere from
 * speaking there. */
#include "server/control/authority_inner.h"

#include <string.h>

enum err authority_take_head_key(struct authority *a, struct slice key)
{
    struct buf der = BUF_INIT;
    uint8_t fingerprint[32];
    CHECK(key.size == sizeof a->head_key);
    enum err e = tls_cert_to_der(buf_slice(&a->ca_pem), &der);
    if (e == ERR_OK) {
        tls_sha256(buf_slice(&der), fingerprint);
        memcpy(a->district, fingerprint, sizeof a->district);
        memcpy(a->head_key, key.data, sizeof a->head_key);
    }
    buf_finish(&der);
    return e == ERR_CERTIFICATE ? ERR_FOREIGN : e; /* it is our own file */
}

static void begin(const struct authority *a, const char *label, struct buf *text)
{
    buf_text(text, label);
    buf_append(text, a->district, sizeof a->district);
}

static void finish(const struct authority *a, struct buf *text, uint8_t out[HEAD_MAC_SIZE])
{
    uint8_t whole[32];
    tls_hmac_sha256(slice_of(a->head_key, sizeof a->head_key), buf_slice(text), whole);
    memcpy(out, whole, HEAD_MAC_SIZE);
    buf_finish(text);
}

void authority_head_mac(const struct authority *a, uint32_t org, uint64_t seq, const uint8_t chain[CHAIN_SIZE],
                        uint8_t out[HEAD_MAC_SIZE])
{
    struct buf text = BUF_INIT;
    begin(a, "banyan head", &text);
    buf_u32(&text, org);
    buf_u64(&text, seq);
    buf_append(&text, chain, CHAIN_SIZE);
    finish(a, &text, out);
}

void authority_epoch_mac(const struct authority *a, uint32_t epoch, uint8_t out[HEAD_MAC_SIZE])
{
    struct buf text = BUF_INIT;
    begin(a, "banyan epoch", &text);
    buf_u32(&text, epoch);
    finish(a, &text, out);
}

void authority_erasure_mac(const struct authority *a, struct slice packed, uint8_t out[HEAD_MAC_SIZE])
{
    struct buf text = BUF_INIT;
    begin(a, "banyan erasure", &text);
    buf_append_slice(&text, packed);
    finish(a, &text, out);
}

bool authority_is_mac(struct slice mac, const uint8_t right[HEAD_MAC_SIZE])
{
    uint8_t differs = 0;
    if (mac.size != HEAD_MAC_SIZE)
        return false;
    for (size_t i = 0; i < HEAD_MAC_SIZE; i++)
        differs |= mac.data[i] ^ right[i];
    return differs == 0;
}
