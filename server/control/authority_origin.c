/* Changes that a successor hands in for somebody (PROTOCOL.md "Handing over"): that the seat they name made them is said by its
 * signature and by the certificate that this CA gave it, however long ago. */
#include "server/control/authority_inner.h"
#include "sync/origin.h"

struct tls_seat_keys *authority_seat_keys(const struct authority *a)
{
    return tls_seat_keys_open(buf_slice(&a->ca_pem));
}

bool authority_proves_origin(const struct authority *a, uint32_t seat, const struct change_origin *origin, struct tls_seat_keys *keys)
{
    struct buf text = BUF_INIT;
    origin_text(a->district, seat, origin->incarnation, origin->n, origin->hash, &text);
    bool proves = tls_seat_keys_signed(keys, seat, buf_slice(&text), origin->signature);
    buf_finish(&text);
    return proves;
}
