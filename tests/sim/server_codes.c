/* Codes and certificates, as the operator gives them and looks at them: each a command of its own. */
#include "tests/sim/server_inner.h"

#include "base/key_file.h"
#include "server/control/authority.h"

#include <string.h>

static enum err give_code(struct desk *d, struct authority *a, uint32_t org, role_set roles, unsigned days, uint32_t by_seat, struct buf *code)
{
    int64_t ends;
    const char *refusal = NULL;
    enum err e = authority_invite(a, d->control, org, "张三", roles, days, "127.0.0.1:1", by_seat, disk_now_ms(d->server->machine), code, &ends, &refusal);
    if (e == ERR_REFUSED)
        world_fail("nobody can be invited to org %u: %s", org, refusal);
    return e;
}

bool server_invite(struct server *s, uint32_t org, const char *roles, unsigned days, uint32_t *by_seat, struct buf *code)
{
    role_set set;
    const char *bad;
    bool died;
    enum err e;
    if (s->faulty)
        return false; /* the operator waits until the disk is well */
    CHECK(role_set_parse(roles, &set, &bad) == ERR_OK);
    do { /* a code that one which died had made is nobody's */
        struct desk d;
        struct authority *a = NULL;
        code->size = 0;
        e = desk_open_at_risk(&d, s);
        if (e == ERR_OK && !control_may_invite(d.control, *by_seat, org))
            *by_seat = 0;
        if (e == ERR_OK)
            e = authority_open(disk_path(s->machine), &a);
        if (e == ERR_OK)
            e = give_code(&d, a, org, set, days, *by_seat, code);
        if (a)
            authority_close(a);
        died = desk_close(&d, e);
        s->counts.codes_of_dead += died;
    } while (died);
    return e == ERR_OK;
}

/* Whoever looks finds the disk well. */
static enum err look_begin(struct desk *d, struct server *s, struct disk_health *health)
{
    *health = disk_health(s->machine);
    server_set_disk(s, false, 0);
    return desk_open(d, s);
}

static void look_end(struct desk *d, enum err e, struct disk_health health)
{
    struct server *s = d->server;
    desk_close(d, e);
    server_set_disk(s, health.full, health.faulty);
}

bool server_find_code(struct server *s, const uint8_t secret[16], struct control_invitation *out, bool *inviter_may)
{
    struct desk d;
    struct disk_health health;
    enum err e = look_begin(&d, s, &health), found = ERR_NOT_FOUND;
    if (e == ERR_OK)
        found = control_find_invitation(d.control, secret, out);
    *inviter_may = found == ERR_OK && control_may_invite(d.control, out->by_seat, out->org);
    out->person = NULL; /* the desk's */
    look_end(&d, e, health);
    return found == ERR_OK;
}

bool server_knows_key(struct server *s, uint32_t seat, const uint8_t key_hash[32], enum seat_state *state)
{
    struct desk d;
    struct disk_health health;
    enum err e = look_begin(&d, s, &health);
    const struct control_seat *known = e == ERR_OK ? control_seat(d.control, seat) : NULL;
    bool is = known && memcmp(known->key_hash, key_hash, sizeof known->key_hash) == 0;
    if (is)
        *state = known->state;
    look_end(&d, e, health);
    return is;
}

/* ---- certificates of long ago ---- */

/* What authority_renew would have given a year before they end. */
static enum err issue_old(struct server *s, int device_machine, uint32_t seat, int64_t ends_ms, struct buf *der)
{
    struct buf key = BUF_INIT, csr = BUF_INIT, ca_key = BUF_INIT, ca = BUF_INIT;
    uint8_t serial[16];
    dice_fill(&s->dice, serial, sizeof serial);
    enum err e = key_file_read(disk_path(device_machine), "key.pem", &key);
    if (e == ERR_OK)
        e = tls_csr_make(buf_slice(&key), "banyan", &csr);
    if (e == ERR_OK)
        e = key_file_read(disk_path(s->machine), "ca.key", &ca_key);
    if (e == ERR_OK)
        e = key_file_read(disk_path(s->machine), "ca.pem", &ca);
    if (e == ERR_OK)
        e = tls_issue(buf_slice(&ca_key), buf_slice(&ca), buf_slice(&csr), slice_of(NULL, 0), TLS_USAGE_SEAT, seat, serial, ends_ms - 365 * DAY_MS, 365, der);
    buf_finish(&key);
    buf_finish(&csr);
    buf_finish(&ca_key);
    buf_finish(&ca);
    return e;
}

bool server_age_certificate(struct server *s, uint32_t seat, int device_machine, int64_t ends_ms)
{
    struct desk d;
    struct tls_cert_facts facts;
    struct buf der = BUF_INIT, pem = BUF_INIT;
    if (s->faulty)
        return false;
    int before = disk_enter(DISK_NOBODY);
    CHECK(issue_old(s, device_machine, seat, ends_ms, &der) == ERR_OK && tls_cert_facts(buf_slice(&der), &facts) == ERR_OK);
    CHECK(tls_cert_to_pem(buf_slice(&der), &pem) == ERR_OK);
    disk_enter(before);
    enum err e = desk_open(&d, s);
    bool known = e == ERR_OK && control_seat(d.control, seat) && control_seat(d.control, seat)->state == SEAT_ACTIVE;
    if (known)
        e = control_renew_seat(d.control, seat, facts.key_hash, facts.serial, facts.ends_ms);
    desk_close(&d, e);
    before = disk_enter(DISK_NOBODY);
    if (known && e == ERR_OK)
        CHECK(key_file_write(disk_path(device_machine), "cert.pem", buf_slice(&pem), KEY_FILE_REPLACE) == ERR_OK);
    disk_enter(before);
    buf_finish(&pem);
    buf_finish(&der);
    return known && e == ERR_OK;
}
