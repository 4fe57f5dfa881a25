/* Changes that a successor hands in for somebody (PROTOCOL.md "Handing over"): that the seat they name made them is said by its
 * signature and by the certificate that this CA gave it, however long ago. */
#include "server/control/authority_inner.h"
#include "sync/origin.h"

bool authority_proves_origin(const struct authority *a, uint32_t seat, const struct change_origin *origin, struct slice certificate)
{
    struct buf text = BUF_INIT;
    uint32_t whose;
    if (!tls_cert_is_seat_of(buf_slice(&a->ca_pem), certificate, &whose) || whose != seat)
        return false;
    origin_text(a->district, seat, origin->incarnation, origin->n, origin->hash, &text);
    bool proves = tls_verify_signature(certificate, buf_slice(&text), origin->signature);
    buf_finish(&text);
    return proves;
}
