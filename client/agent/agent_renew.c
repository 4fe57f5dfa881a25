/* Certificates renew by themselves, over the same key, long before they end; an expired one may still only do that. Whether it has
 * ended the server says (CERTIFICATE_EXPIRED): this clock may be wrong. And the end: a signed order to wipe. */
#include "client/agent/agent_inner.h"
#include "client/agent/agent_words.h"
#include "client/agent/key_files.h"
#include "base/key_file.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/tr.h"
#include "tls/tls.h"
#include "wire/wire.h"

#include <string.h>

#define DAY_MS 86400000ll

bool agent_renewal_is_due(struct replica *r, int64_t now_ms)
{
    struct replica_facts f;
    return replica_facts(r, &f) == ERR_OK && f.certificate_ends_ms > 0 &&
           f.certificate_ends_ms - (now_ms + f.clock_offset_ms) < LIMIT_RENEW_DAYS * DAY_MS;
}

enum err agent_renew_message(const char *dir, struct buf *csr, Wire__Renew *out)
{
    struct buf key = BUF_INIT;
    enum err e = key_file_read(dir, "key.pem", &key);
    if (e == ERR_OK)
        e = tls_csr_make(buf_slice(&key), "banyan", csr);
    if (key.data)
        explicit_bzero(key.data, key.capacity);
    buf_finish(&key);
    if (e != ERR_OK)
        return e;
    wire__renew__init(out);
    out->has_csr = 1;
    out->csr = (ProtobufCBinaryData){csr->size, csr->data};
    return ERR_OK;
}

static enum err check_fits(const char *dir, struct slice cert)
{
    struct buf key = BUF_INIT, ca = BUF_INIT;
    enum err e = key_file_read(dir, "key.pem", &key);
    if (e == ERR_OK)
        e = key_file_read(dir, "ca.pem", &ca);
    if (e == ERR_OK)
        e = key_files_fit(buf_slice(&key), buf_slice(&ca), cert);
    if (key.data)
        explicit_bzero(key.data, key.capacity);
    buf_finish(&key);
    buf_finish(&ca);
    return e;
}

enum err agent_take_renewed(struct replica *r, const Wire__Renewed *renewed)
{
    struct replica_facts f;
    struct tls_cert_facts cert;
    struct buf pem = BUF_INIT;
    struct slice der = slice_of(renewed->certificate.data, renewed->certificate.len);
    enum err e = replica_facts(r, &f);
    if (e == ERR_OK)
        e = tls_cert_facts(der, &cert);
    if (e == ERR_OK && cert.seat != f.seat)
        e = ERR_CERTIFICATE;
    if (e == ERR_OK)
        e = check_fits(replica_dir(r), der);
    if (e == ERR_OK)
        e = tls_cert_to_pem(der, &pem);
    if (e == ERR_OK)
        e = key_file_write(replica_dir(r), "cert.pem", buf_slice(&pem), KEY_FILE_REPLACE);
    if (e == ERR_OK)
        e = replica_meta_put(r, "psk", (struct slice){0}); /* it was bound to the old one */
    if (e == ERR_OK)
        e = replica_meta_put_integer(r, "certificate_ends_ms", cert.ends_ms);
    buf_finish(&pem);
    log_info("agent", "certificate renewed: %s", err_text(e));
    return e;
}

void agent_wipe(struct replica *r, struct slice payload, struct slice ca_pem, struct agent_result *result)
{
    struct arena arena;
    struct replica_facts f;
    struct buf text = BUF_INIT;
    ProtobufCMessage *m;
    bool begun = false;
    arena_init(&arena, LIMIT_FRAME_JOIN);
    enum err e = replica_facts(r, &f);
    if (e == ERR_OK)
        e = wire_open(&wire__wipe__descriptor, payload, &arena, &m);
    if (e == ERR_OK) {
        const Wire__Wipe *wipe = (const Wire__Wipe *)m;
        buf_format(&text, "banyan wipe %u %lld", wipe->seat, (long long)wipe->at_ms);
        bool good = wipe->seat == f.seat &&
                    tls_verify_signature(ca_pem, buf_slice(&text), slice_of(wipe->signature.data, wipe->signature.len));
        e = good ? replica_wipe(r, &begun) : ERR_CERTIFICATE;
    }
    buf_finish(&text);
    arena_finish(&arena);
    result->wiped = begun; /* the replica is closed, whatever became of its files */
    if (begun && e != ERR_OK) {
        result->why = e;
        result->text.size = 0;
        buf_format(&result->text, _("The district has ended this seat, but not all of its data could be destroyed. Next: remove the folder %s by hand."),
                   replica_dir(r));
        return;
    }
    if (e == ERR_BUSY) { /* somebody still entered something: in another session it is handed over, too */
        agent_failed(r, AGENT_ROUND, e, "something is still being entered on this device", result);
        return;
    }
    if (e != ERR_OK) {
        agent_failed(r, AGENT_ROUND, e, e == ERR_CERTIFICATE ? "an order to wipe that the district's CA did not sign" : "", result);
        return;
    }
    log_warn("agent", "the district has ended this seat: its local data are destroyed");
    result->why = ERR_REFUSED;
    result->text.size = 0;
    buf_text(&result->text, _("The district has ended this seat. What it still had was handed over; the data on this device are destroyed."));
}
