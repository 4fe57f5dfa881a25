/* Pre-shared keys for reconnecting (architecture 6). Nothing is kept per seat: the identity says, sealed, whose it is
 * and until when, and the key is derived from that. Invariant: an identity is good only while the seat is active and
 * nothing of it was counted up or renewed since; in every doubt the peer falls back to certificates, in the same
 * connection. */
#include "server/control/authority_inner.h"
#include "base/clock.h"
#include "base/limits.h"

#include <string.h>

#define PSK_PLAIN 32 /* seat u32 | generation u32 | serial 16 | expiry u64 */

void authority_take_master(struct authority *a, struct slice master)
{
    tls_hmac_sha256(master, slice_text("psk identity"), a->identity_key);
    tls_hmac_sha256(master, slice_text("psk key"), a->psk_key);
}

static void derive(const struct authority *a, struct slice plain, uint8_t key[32])
{
    tls_hmac_sha256(slice_of(a->psk_key, sizeof a->psk_key), plain, key);
}

static uint64_t read_be(const uint8_t *at, unsigned size)
{
    uint64_t v = 0;
    while (size-- > 0)
        v = v << 8 | *at++;
    return v;
}

void authority_psk(struct authority *a, const struct control_seat *seat, int64_t now_ms, struct buf *identity,
                   uint8_t key[32], int64_t *expires_ms)
{
    uint8_t nonce[12];
    struct buf plain = BUF_INIT;
    int64_t ends = now_ms + (int64_t)LIMIT_PSK_DAYS * AUTHORITY_DAY_MS;
    *expires_ms = ends < seat->certificate_ends_ms ? ends : seat->certificate_ends_ms;
    buf_u32(&plain, seat->number);
    buf_u32(&plain, seat->generation);
    buf_append(&plain, seat->serial, sizeof seat->serial);
    buf_u64(&plain, (uint64_t)*expires_ms);
    CHECK(plain.size == PSK_PLAIN);
    random_fill(nonce, sizeof nonce);
    tls_seal(a->identity_key, nonce, buf_slice(&plain), identity);
    derive(a, buf_slice(&plain), key);
    buf_finish(&plain);
}

static bool is_good(const struct control_seat *seat, const uint8_t *plain)
{
    return seat && seat->state == SEAT_ACTIVE && seat->generation == read_be(plain + 4, 4) &&
           memcmp(seat->serial, plain + 8, sizeof seat->serial) == 0 &&
           (int64_t)read_be(plain + 24, 8) > clock_now_ms();
}

/* In memory only: whoever asks is not authenticated yet. */
bool authority_find_psk(void *to, struct slice identity, uint8_t key[32], uint32_t *seat)
{
    struct authority *a = to;
    struct buf plain = BUF_INIT;
    bool good = false;
    if (tls_unseal(a->identity_key, identity, &plain) == ERR_OK && plain.size == PSK_PLAIN) {
        uint32_t number = (uint32_t)read_be(plain.data, 4);
        good = is_good(control_seat(a->control, number), plain.data);
        if (good) {
            derive(a, buf_slice(&plain), key);
            *seat = number;
        }
    }
    buf_finish(&plain);
    return good;
}
