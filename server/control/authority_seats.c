/* Seats from invitation to end: one-time codes, certificates for the keys that devices make, the order to wipe. See
 * authority.h. Invariant: a certificate leaves this file only for a seat that control has written down, and a code is
 * used up only by a key that gets one. */
#include "server/control/authority_inner.h"
#include "base/clock.h"
#include "base/limits.h"
#include "base/text.h"
#include "wire/join_code.h"

#include <string.h>

#define SECRET_SIZE 16
#define FINGERPRINT_SIZE 16

/* ---- inviting ---- */

static const char *roles_refusal(const struct control_org *org, role_set roles)
{
    if (roles == 0)
        return "INVITE_ROLES";
    if (org->leaf && (roles & ROLES_DISTRICT))
        return "INVITE_DISTRICT_ROLE";
    if (!org->leaf && (roles & ROLES_BRANCH))
        return "INVITE_BRANCH_ROLE";
    return NULL;
}

const char *authority_refusal(const struct control_org *org, const char *person, role_set roles, unsigned days)
{
    if (!org)
        return "INVITE_ORG";
    if (days < 1 || days > LIMIT_INVITE_DAYS)
        return "INVITE_DAYS";
    if (!person || !*person || strlen(person) > LIMIT_TEXT_SHORT || !text_is_line(slice_text(person)))
        return "INVITE_PERSON";
    return roles_refusal(org, roles);
}

static enum err code_text(const struct authority *a, const char *server, const uint8_t secret[SECRET_SIZE],
                          int64_t ends_ms, struct buf *out)
{
    struct buf der = BUF_INIT;
    uint8_t fingerprint[32];
    Wire__JoinCode code = WIRE__JOIN_CODE__INIT;
    enum err e = tls_cert_to_der(buf_slice(&a->ca_pem), &der);
    if (e != ERR_OK)
        return e;
    tls_sha256(buf_slice(&der), fingerprint);
    code.has_version = code.has_ca_fingerprint = code.has_secret = code.has_ends_ms = 1;
    code.version = 1;
    code.server = (char *)server;
    code.ca_fingerprint = (ProtobufCBinaryData){FINGERPRINT_SIZE, fingerprint};
    code.secret = (ProtobufCBinaryData){SECRET_SIZE, (uint8_t *)secret};
    code.ends_ms = ends_ms;
    join_code_text(&code, tls_sha256, out);
    buf_finish(&der);
    return ERR_OK;
}

/* The code is made first: server is most often control's own text, which is gone with control's next write. */
enum err authority_invite(struct authority *a, struct control *control, uint32_t org, const char *person,
                          role_set roles, unsigned days, const char *server, uint32_t by_seat, int64_t now_ms,
                          struct buf *out, int64_t *ends_ms, const char **refusal)
{
    uint8_t secret[SECRET_SIZE];
    struct buf code = BUF_INIT;
    int64_t ends = now_ms + days * AUTHORITY_DAY_MS;
    size_t open = 0;
    CHECK(server);
    *refusal = authority_refusal(control_org(control, org), person, roles, days);
    if (*refusal)
        return ERR_REFUSED;
    enum err e = control_open_invitations(control, org, now_ms, &open);
    if (e == ERR_OK && open >= LIMIT_INVITES_OPEN) {
        *refusal = "INVITE_MANY";
        return ERR_REFUSED;
    }
    random_fill(secret, sizeof secret);
    if (e == ERR_OK)
        e = code_text(a, server, secret, ends, &code);
    if (e == ERR_OK)
        e = control_add_invitation(control, org, person, roles, secret, ends, by_seat);
    if (e == ERR_OK) {
        buf_append_slice(out, buf_slice(&code));
        *ends_ms = ends;
    }
    explicit_bzero(secret, sizeof secret);
    authority_forget(&code);
    return e;
}

/* ---- other roles ---- */

static bool is_last_to_answer(const struct control *control, const struct control_seat *seat)
{
    const struct control_seat *other;
    for (size_t i = 0; (other = control_seat_at(control, i)); i++)
        if (other != seat && other->org == seat->org && other->state == SEAT_ACTIVE && control_answers_for(other))
            return false;
    return control_answers_for(seat) != 0;
}

static const char *change_refusal(const struct control *control, uint32_t number, role_set roles, enum roles_consent consent)
{
    const struct control_seat *seat = control_seat(control, number);
    if (!seat)
        return "SEAT_UNKNOWN";
    if (seat->state == SEAT_REVOKED)
        return "SEAT_REVOKED";
    const char *refusal = roles_refusal(control_org(control, seat->org), roles);
    if (!refusal && consent == ROLES_IF_ONE_IS_LEFT && !control_roles_answer(roles) && is_last_to_answer(control, seat))
        refusal = "SEAT_LAST";
    return refusal;
}

enum err authority_set_roles(struct control *control, uint32_t seat, role_set roles, enum roles_consent consent, uint32_t by_seat,
                             int64_t now_ms, const char **refusal)
{
    *refusal = change_refusal(control, seat, roles, consent);
    return *refusal ? ERR_REFUSED : control_set_seat_roles(control, seat, roles, by_seat, now_ms);
}

/* ---- certificates ---- */

static enum err issue(const struct authority *a, struct slice csr, uint32_t seat, int64_t now_ms, struct buf *cert_der)
{
    uint8_t serial[16];
    random_fill(serial, sizeof serial);
    return tls_issue(buf_slice(&a->ca_key), buf_slice(&a->ca_pem), csr, slice_of(NULL, 0), TLS_USAGE_SEAT, seat, serial,
                     now_ms, LIMIT_CERTIFICATE_DAYS, cert_der);
}

/* The first certificate and every later one are made and written down the same way. ERR_CERTIFICATE: the request is
 * none. */
static enum err certify(const struct authority *a, struct control *control, uint32_t seat, struct slice csr,
                        int64_t now_ms, struct buf *cert_der)
{
    struct buf der = BUF_INIT;
    struct tls_cert_facts facts;
    enum err e = issue(a, csr, seat, now_ms, &der);
    if (e == ERR_OK)
        e = tls_cert_facts(buf_slice(&der), &facts);
    if (e == ERR_OK)
        e = control_renew_seat(control, seat, facts.key_hash, facts.serial, facts.ends_ms);
    if (e == ERR_OK)
        buf_append_slice(cert_der, buf_slice(&der));
    buf_finish(&der);
    return e;
}

/* Would this request get a certificate? It is asked before the code is used up: signatures are checked by issuing
 * alone. */
static bool is_request(const struct authority *a, struct slice csr, int64_t now_ms, uint8_t key_hash[32])
{
    struct buf trial = BUF_INIT;
    bool is = tls_csr_key_hash(csr, key_hash) == ERR_OK && issue(a, csr, 1, now_ms, &trial) == ERR_OK;
    buf_finish(&trial);
    return is;
}

/* ---- joining ---- */

/* What a seat gave out that may invite there no longer, a thief with its key perhaps, lets nobody in. The same key may ask again:
 * its first answer was lost. */
static const char *invitation_refusal(const struct control *control, const struct control_invitation *i, int64_t now_ms,
                                      const uint8_t key_hash[32])
{
    if (!i->seat)
        return i->ends_ms <= now_ms || !control_may_invite(control, i->by_seat, i->org) ? "JOIN_EXPIRED" : NULL;
    const struct control_seat *seat = control_seat(control, i->seat);
    bool same = seat && seat->state == SEAT_ACTIVE && memcmp(seat->key_hash, key_hash, sizeof seat->key_hash) == 0;
    return same ? NULL : "JOIN_USED";
}

/* The seat's number stands in its certificate, so the seat must be there before it is certified: written down with a
 * certificate that has ended already, which nobody has. */
static enum err add_seat(struct control *control, uint32_t invitation, const uint8_t key_hash[32], int64_t now_ms,
                         uint32_t *seat)
{
    uint8_t serial[16];
    random_fill(serial, sizeof serial);
    return control_add_seat(control, invitation, key_hash, serial, now_ms, seat);
}

enum err authority_join(struct authority *a, struct control *control, const Wire__Join *join, int64_t now_ms,
                        struct buf *cert_der, uint32_t *seat, const char **refusal)
{
    struct control_invitation invitation;
    uint8_t key_hash[32];
    struct slice csr = slice_of(join->csr.data, join->csr.len);
    enum err e = join->secret.len == SECRET_SIZE ? control_find_invitation(control, join->secret.data, &invitation)
                                                 : ERR_NOT_FOUND;
    if (e != ERR_OK && e != ERR_NOT_FOUND)
        return e;
    *refusal = e == ERR_NOT_FOUND                      ? "JOIN_UNKNOWN"
               : !is_request(a, csr, now_ms, key_hash) ? "JOIN_CSR"
                                                       : invitation_refusal(control, &invitation, now_ms, key_hash);
    if (*refusal)
        return ERR_REFUSED;
    uint32_t number = invitation.seat;
    if (number && authority_certifies_often(a, number, now_ms)) {
        *refusal = "BUSY";
        return ERR_REFUSED;
    }
    e = number ? ERR_OK : add_seat(control, invitation.number, key_hash, now_ms, &number);
    if (e == ERR_OK)
        e = certify(a, control, number, csr, now_ms, cert_der);
    if (e == ERR_OK)
        *seat = number;
    return e;
}

/* ---- renewing and the end ---- */

enum err authority_renew(struct authority *a, struct control *control, uint32_t seat, struct slice csr_der,
                         int64_t now_ms, struct buf *cert_der, const char **refusal)
{
    const struct control_seat *s = control_seat(control, seat);
    *refusal = !s || s->state == SEAT_REVOKED                 ? "SEAT_REVOKED"
               : s->state == SEAT_SUSPENDED                   ? "SEAT_SUSPENDED"
               : authority_certifies_often(a, seat, now_ms) ? "BUSY"
                                                              : NULL;
    if (*refusal)
        return ERR_REFUSED;
    enum err e = certify(a, control, seat, csr_der, now_ms, cert_der);
    if (e != ERR_CERTIFICATE)
        return e;
    *refusal = "JOIN_CSR";
    return ERR_REFUSED;
}

enum err authority_wipe(struct authority *a, uint32_t seat, int64_t at_ms, struct buf *signature)
{
    struct buf text = BUF_INIT;
    buf_format(&text, "banyan wipe %u %lld", seat, (long long)at_ms);
    enum err e = tls_sign(buf_slice(&a->ca_key), buf_slice(&text), signature);
    buf_finish(&text);
    return e;
}
