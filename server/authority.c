/* See authority.h. Invariant: a certificate leaves this file only for a seat that control has written down. */
#include "server/authority.h"
#include "base/clock.h"
#include "base/key_file.h"
#include "base/limits.h"
#include "base/log.h"
#include "wire/join_code.h"
#include "wire/wire.h"

#include <stdlib.h>
#include <string.h>

#define DAY_MS (24 * 60 * 60 * 1000LL)

struct authority {
    char *dir;
    struct buf ca_key, ca_pem, server_key, server_pem;
    uint8_t identity_key[32]; /* seals PSK identities */
    uint8_t psk_key[32];      /* PSKs are derived under it */
    struct control *control;  /* of the thread that runs the TLS context */
};

/* ---- files ---- */

static enum err issue_server(struct slice ca_key, struct slice ca_pem, struct slice key, int64_t now_ms, struct buf *pem)
{
    struct buf der = BUF_INIT;
    uint8_t serial[16];
    random_fill(serial, sizeof serial);
    enum err e = tls_issue(ca_key, ca_pem, slice_of(NULL, 0), key, TLS_USAGE_SERVER, 0, serial, now_ms,
                           LIMIT_CERTIFICATE_DAYS, &der);
    if (e == ERR_OK)
        e = tls_cert_to_pem(buf_slice(&der), pem);
    buf_finish(&der);
    return e;
}

enum err authority_init(const char *dir, const char *name, int64_t now_ms)
{
    struct buf ca_key = BUF_INIT, ca_pem = BUF_INIT, key = BUF_INIT, pem = BUF_INIT;
    uint8_t master[32];
    random_fill(master, sizeof master);
    enum err e = tls_ca_make(name, now_ms, &ca_key, &ca_pem);
    if (e == ERR_OK)
        e = tls_key_make(&key);
    if (e == ERR_OK)
        e = issue_server(buf_slice(&ca_key), buf_slice(&ca_pem), buf_slice(&key), now_ms, &pem);
    if (e == ERR_OK)
        e = key_file_write(dir, "ca.key", buf_slice(&ca_key), KEY_FILE_NEW);
    if (e == ERR_OK)
        e = key_file_write(dir, "ca.pem", buf_slice(&ca_pem), KEY_FILE_NEW);
    if (e == ERR_OK)
        e = key_file_write(dir, "server.key", buf_slice(&key), KEY_FILE_NEW);
    if (e == ERR_OK)
        e = key_file_write(dir, "server.pem", buf_slice(&pem), KEY_FILE_NEW);
    if (e == ERR_OK)
        e = key_file_write(dir, "psk.master", slice_of(master, sizeof master), KEY_FILE_NEW);
    buf_finish(&ca_key);
    buf_finish(&ca_pem);
    buf_finish(&key);
    buf_finish(&pem);
    return e;
}

/* A missing master is made anew: every PSK falls back to certificates, in the same connection. */
static enum err load_master(struct authority *a)
{
    struct buf master = BUF_INIT;
    enum err e = key_file_read(a->dir, "psk.master", &master);
    if (e == ERR_NOT_FOUND) {
        uint8_t fresh[32];
        random_fill(fresh, sizeof fresh);
        buf_append(&master, fresh, sizeof fresh);
        e = key_file_write(a->dir, "psk.master", buf_slice(&master), KEY_FILE_NEW);
    }
    if (e == ERR_OK && master.size != 32)
        e = ERR_CORRUPT;
    if (e == ERR_OK) {
        tls_hmac_sha256(buf_slice(&master), slice_text("psk identity"), a->identity_key);
        tls_hmac_sha256(buf_slice(&master), slice_text("psk key"), a->psk_key);
    }
    buf_finish(&master);
    return e;
}

enum err authority_open(const char *dir, struct authority **out)
{
    struct authority *a = calloc(1, sizeof *a);
    CHECK(a);
    a->dir = strdup(dir);
    CHECK(a->dir);
    enum err e = key_file_read(dir, "ca.key", &a->ca_key);
    if (e == ERR_OK)
        e = key_file_read(dir, "ca.pem", &a->ca_pem);
    if (e == ERR_OK)
        e = key_file_read(dir, "server.key", &a->server_key);
    if (e == ERR_OK)
        e = key_file_read(dir, "server.pem", &a->server_pem);
    if (e == ERR_OK)
        e = load_master(a);
    if (e != ERR_OK) {
        authority_close(a);
        return e;
    }
    *out = a;
    return ERR_OK;
}

void authority_close(struct authority *a)
{
    if (!a)
        return;
    buf_finish(&a->ca_key);
    buf_finish(&a->ca_pem);
    buf_finish(&a->server_key);
    buf_finish(&a->server_pem);
    free(a->dir);
    explicit_bzero(a, sizeof *a);
    free(a);
}

enum err authority_keep_fresh(struct authority *a, int64_t now_ms)
{
    struct tls_cert_facts facts;
    struct buf der = BUF_INIT, pem = BUF_INIT;
    enum err e = tls_cert_to_der(buf_slice(&a->server_pem), &der);
    if (e == ERR_OK)
        e = tls_cert_facts(buf_slice(&der), &facts);
    if (e == ERR_OK && facts.ends_ms - now_ms < (int64_t)LIMIT_RENEW_DAYS * DAY_MS) {
        e = issue_server(buf_slice(&a->ca_key), buf_slice(&a->ca_pem), buf_slice(&a->server_key), now_ms, &pem);
        if (e == ERR_OK)
            e = key_file_write(a->dir, "server.pem", buf_slice(&pem), KEY_FILE_REPLACE);
        if (e == ERR_OK) {
            log_info("authority", "the server's certificate was renewed");
            buf_finish(&a->server_pem);
            a->server_pem = pem;
            pem = BUF_INIT;
        }
    }
    buf_finish(&der);
    buf_finish(&pem);
    return e;
}

/* ---- pre-shared keys ---- */

#define PSK_PLAIN 32 /* seat u32 | generation u32 | serial 16 | expiry u64 */

static void derive_psk(const struct authority *a, struct slice plain, uint8_t key[32])
{
    tls_hmac_sha256(slice_of(a->psk_key, 32), plain, key);
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
    int64_t ends = now_ms + (int64_t)LIMIT_PSK_DAYS * DAY_MS;
    *expires_ms = ends < seat->certificate_ends_ms ? ends : seat->certificate_ends_ms;
    buf_u32(&plain, seat->number);
    buf_u32(&plain, seat->generation);
    buf_append(&plain, seat->serial, 16);
    buf_u64(&plain, (uint64_t)*expires_ms);
    random_fill(nonce, sizeof nonce);
    tls_seal(a->identity_key, nonce, buf_slice(&plain), identity);
    derive_psk(a, buf_slice(&plain), key);
    buf_finish(&plain);
}

/* In memory only: whoever asks is not authenticated yet. Falls back to certificates in every doubt. */
static bool find_psk(void *to, struct slice identity, uint8_t key[32], uint32_t *seat)
{
    struct authority *a = to;
    struct buf plain = BUF_INIT;
    bool good = false;
    if (tls_unseal(a->identity_key, identity, &plain) == ERR_OK && plain.size == PSK_PLAIN) {
        const struct control_seat *s = control_seat(a->control, (uint32_t)read_be(plain.data, 4));
        good = s && s->state == SEAT_ACTIVE && s->generation == (uint32_t)read_be(plain.data + 4, 4) &&
               memcmp(s->serial, plain.data + 8, 16) == 0 && (int64_t)read_be(plain.data + 24, 8) > clock_now_ms();
        if (good) {
            derive_psk(a, buf_slice(&plain), key);
            *seat = s->number;
        }
    }
    buf_finish(&plain);
    return good;
}

enum err authority_tls(struct authority *a, struct control *control, struct tls_context **out)
{
    a->control = control;
    return tls_context_server(buf_slice(&a->ca_pem), buf_slice(&a->server_pem), buf_slice(&a->server_key), find_psk, a, out);
}

/* ---- invitations and seats ---- */

static const char *roles_fit(const struct control_org *org, role_set roles)
{
    if (roles == 0)
        return "INVITE_ROLES";
    if (org->leaf && (roles & ROLES_DISTRICT))
        return "INVITE_DISTRICT_ROLE";
    if (!org->leaf && (roles & ROLES_BRANCH))
        return "INVITE_BRANCH_ROLE";
    return NULL;
}

enum err authority_invite(struct authority *a, struct control *control, uint32_t org, const char *person, role_set roles,
                          unsigned days, const char *server, uint32_t by_seat, int64_t now_ms, struct buf *out,
                          int64_t *ends_ms, const char **refusal)
{
    const struct control_org *o = control_org(control, org);
    uint8_t fingerprint[32], secret[16];
    struct buf der = BUF_INIT, address = BUF_INIT;
    *refusal = !o ? "INVITE_ORG" : roles_fit(o, roles);
    if (!*refusal && (days < 1 || days > LIMIT_INVITE_DAYS))
        *refusal = "INVITE_DAYS";
    if (!*refusal && (!person || !*person || strlen(person) > LIMIT_TEXT_SHORT))
        *refusal = "INVITE_PERSON";
    if (*refusal)
        return ERR_REFUSED;
    random_fill(secret, sizeof secret);
    buf_text(&address, server); /* most often control's own: gone with its next write */
    int64_t ends = now_ms + days * DAY_MS;
    enum err e = tls_cert_to_der(buf_slice(&a->ca_pem), &der);
    if (e == ERR_OK)
        e = control_add_invitation(control, org, person, roles, secret, ends, by_seat);
    if (e == ERR_OK) {
        Wire__JoinCode code = WIRE__JOIN_CODE__INIT;
        tls_sha256(buf_slice(&der), fingerprint);
        code.has_version = code.has_ca_fingerprint = code.has_secret = code.has_ends_ms = 1;
        code.version = 1;
        code.server = (char *)buf_c_string(&address);
        code.ca_fingerprint = (ProtobufCBinaryData){16, fingerprint};
        code.secret = (ProtobufCBinaryData){16, secret};
        code.ends_ms = ends;
        join_code_text(&code, tls_sha256, out);
        *ends_ms = ends;
    }
    explicit_bzero(secret, sizeof secret);
    buf_finish(&address);
    buf_finish(&der);
    return e;
}

static enum err issue_seat(struct authority *a, struct slice csr, uint32_t seat, const uint8_t serial[16], int64_t now_ms,
                           struct buf *cert_der)
{
    return tls_issue(buf_slice(&a->ca_key), buf_slice(&a->ca_pem), csr, slice_of(NULL, 0), TLS_USAGE_SEAT, seat, serial, now_ms,
                     LIMIT_CERTIFICATE_DAYS, cert_der);
}

/* Renews for a key: the first certificate and every later one are made and written down the same way. */
static enum err certify(struct authority *a, struct control *control, uint32_t seat, struct slice csr,
                        const uint8_t key_hash[32], int64_t now_ms, struct buf *cert_der)
{
    uint8_t serial[16];
    struct tls_cert_facts facts;
    random_fill(serial, sizeof serial);
    enum err e = issue_seat(a, csr, seat, serial, now_ms, cert_der);
    if (e == ERR_OK)
        e = tls_cert_facts(buf_slice(cert_der), &facts);
    if (e == ERR_OK)
        e = control_renew_seat(control, seat, key_hash, facts.serial, facts.ends_ms);
    return e;
}

static const char *invitation_refusal(const struct control *control, const struct control_invitation *i, int64_t now_ms,
                                      const uint8_t key_hash[32])
{
    if (i->seat) {
        const struct control_seat *seat = control_seat(control, i->seat);
        bool same = seat && seat->state == SEAT_ACTIVE && memcmp(seat->key_hash, key_hash, 32) == 0;
        return same ? NULL : "JOIN_USED";
    }
    return i->ends_ms <= now_ms ? "JOIN_EXPIRED" : NULL;
}

enum err authority_join(struct authority *a, struct control *control, const Wire__Join *join, int64_t now_ms,
                        struct buf *cert_der, uint32_t *seat, const char **refusal)
{
    struct control_invitation invitation;
    uint8_t key_hash[32], serial[16];
    struct slice csr = slice_of(join->csr.data, join->csr.len);
    *refusal = NULL;
    if (join->secret.len != 16 || control_find_invitation(control, join->secret.data, &invitation) != ERR_OK)
        *refusal = "JOIN_UNKNOWN";
    else if (tls_csr_key_hash(csr, key_hash) != ERR_OK)
        *refusal = "JOIN_CSR";
    else
        *refusal = invitation_refusal(control, &invitation, now_ms, key_hash);
    if (*refusal)
        return ERR_REFUSED;
    if (invitation.seat) {
        *seat = invitation.seat;
        return certify(a, control, invitation.seat, csr, key_hash, now_ms, cert_der);
    }
    /* The seat's number stands in its certificate, so it must exist before it is certified: written down with the ending of a
     * certificate that nobody has seen yet, then issued and written down again. */
    random_fill(serial, sizeof serial);
    enum err e = control_add_seat(control, invitation.number, key_hash, serial, now_ms, seat);
    if (e == ERR_OK)
        e = certify(a, control, *seat, csr, key_hash, now_ms, cert_der);
    return e;
}

enum err authority_renew(struct authority *a, struct control *control, uint32_t seat, struct slice csr_der, int64_t now_ms,
                         struct buf *cert_der, const char **refusal)
{
    uint8_t key_hash[32];
    const struct control_seat *s = control_seat(control, seat);
    *refusal = !s || s->state == SEAT_REVOKED          ? "SEAT_REVOKED"
               : s->state == SEAT_SUSPENDED            ? "SEAT_SUSPENDED"
               : tls_csr_key_hash(csr_der, key_hash)   ? "JOIN_CSR"
                                                       : NULL;
    if (*refusal)
        return ERR_REFUSED;
    return certify(a, control, seat, csr_der, key_hash, now_ms, cert_der);
}

enum err authority_wipe(struct authority *a, uint32_t seat, int64_t at_ms, struct buf *signature)
{
    struct buf text = BUF_INIT;
    buf_format(&text, "banyan wipe %u %lld", seat, (long long)at_ms);
    enum err e = tls_sign(buf_slice(&a->ca_key), buf_slice(&text), signature);
    buf_finish(&text);
    return e;
}
