/* Keys of seats; see tls.h. A certificate is parsed once, when it is added, and its chain is checked once, when its seat is first
 * asked for: what a check costs (about a millisecond) is paid by certificate and not by signature. */
#include "tls/facts.h"
#include "tls/parse.h"
#include "tls/sign.h"
#include "tls/tls.h"
#include <openssl/err.h>
#include <openssl/x509v3.h>
#include <stdlib.h>

#define CERTIFICATE_SIZE_MAX 4096u /* ours are below 1 KiB; what is larger was made to cost something */

enum standing { UNSEEN, ISSUED, FOREIGN };
struct seat_key {
    X509 *cert;
    struct slice bytes;
    uint32_t seat; /* as it says */
    enum standing standing;
};
struct tls_seat_keys {
    X509 *ca; /* NULL: not to be read, so nothing is of it */
    struct seat_key list[TLS_SEAT_KEYS_MAX];
    size_t count;
};

struct tls_seat_keys *tls_seat_keys_open(struct slice ca_pem)
{
    struct tls_seat_keys *k = calloc(1, sizeof *k);
    CHECK(k);
    k->ca = parse_cert(ca_pem);
    return k;
}

void tls_seat_keys_close(struct tls_seat_keys *k)
{
    if (!k)
        return;
    for (size_t i = 0; i < k->count; i++)
        X509_free(k->list[i].cert);
    X509_free(k->ca);
    free(k);
}

void tls_seat_keys_add(struct tls_seat_keys *k, struct slice bytes)
{
    struct tls_cert_facts facts;
    X509 *cert = k->count < TLS_SEAT_KEYS_MAX && bytes.size <= CERTIFICATE_SIZE_MAX ? parse_cert(bytes) : NULL;
    if (!cert || facts_of(cert, &facts) != ERR_OK || facts.usage != TLS_USAGE_SEAT) {
        X509_free(cert);
        return;
    }
    k->list[k->count++] = (struct seat_key){.cert = cert, .bytes = bytes, .seat = facts.seat};
}

static bool is_issued(const struct tls_seat_keys *k, X509 *cert)
{
    bool good = k->ca && X509_check_issued(k->ca, cert) == X509_V_OK && X509_verify(cert, X509_get0_pubkey(k->ca)) == 1;
    ERR_clear_error();
    return good;
}

static const struct seat_key *find(struct tls_seat_keys *k, uint32_t seat)
{
    for (size_t i = 0; i < k->count; i++) {
        struct seat_key *one = &k->list[i];
        if (one->seat != seat)
            continue;
        if (one->standing == UNSEEN)
            one->standing = is_issued(k, one->cert) ? ISSUED : FOREIGN;
        if (one->standing == ISSUED)
            return one;
    }
    return NULL;
}

bool tls_seat_keys_find(struct tls_seat_keys *k, uint32_t seat, struct slice *out)
{
    const struct seat_key *one = find(k, seat);
    if (one)
        *out = one->bytes;
    return one;
}

bool tls_seat_keys_signed(struct tls_seat_keys *k, uint32_t seat, struct slice text, struct slice signature)
{
    const struct seat_key *one = find(k, seat);
    return one && sign_holds(one->cert, text, signature);
}
