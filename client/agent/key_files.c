/* See key_files.h. */
#include "client/agent/key_files.h"

#include "base/key_file.h"
#include "base/tr.h"

#include <string.h>

/* facts: NULL of the CA's, which is no seat's. */
static enum err read_certificate(const char *dir, const char *name, struct tls_cert_facts *facts)
{
    struct buf pem = BUF_INIT, der = BUF_INIT;
    enum err e = key_file_read(dir, name, &pem);
    if (e == ERR_OK)
        e = tls_cert_to_der(buf_slice(&pem), &der);
    if (e == ERR_OK && facts)
        e = tls_cert_facts(buf_slice(&der), facts);
    buf_finish(&pem);
    buf_finish(&der);
    return e;
}

/* Of the certificate, if there is one to compare with. */
static bool is_key(const char *dir, const struct tls_cert_facts *of)
{
    struct buf pem = BUF_INIT;
    uint8_t hash[32];
    bool good = key_file_read(dir, "key.pem", &pem) == ERR_OK && tls_key_hash(buf_slice(&pem), hash) == ERR_OK &&
                (!of || memcmp(hash, of->key_hash, sizeof hash) == 0);
    if (pem.data)
        explicit_bzero(pem.data, pem.capacity);
    buf_finish(&pem);
    return good;
}

bool key_files_explain(const char *dir, struct buf *out)
{
    struct tls_cert_facts facts;
    bool ca = read_certificate(dir, "ca.pem", NULL) == ERR_OK, cert = read_certificate(dir, "cert.pem", &facts) == ERR_OK;
    bool key = is_key(dir, cert ? &facts : NULL);
    if (ca && cert && key)
        return false;
    buf_format(out, _("Missing or damaged in %s:%s%s%s. Without it this device cannot prove to the server who it is; what is kept here can still be read. "), dir,
               ca ? "" : " ca.pem", cert ? "" : " cert.pem", key ? "" : " key.pem");
    if (cert && key)
        buf_text(out, _("Next: copy ca.pem from a colleague's folder, where it is the same, then banyan sync."));
    else
        buf_text(out, _("Next: put the file back from a copy of this folder, if there is one. If not, write out what is here, unsent too, with banyan export, "
                        "ask the chair or the district to revoke this seat and for a new invitation, join in another folder (--data), and import it there."));
    return true;
}

enum err key_files_fit(struct slice key_pem, struct slice ca_pem, struct slice cert)
{
    uint8_t own[32];
    struct tls_cert_facts facts;
    struct slice issued;
    enum err e = tls_key_hash(key_pem, own);
    if (e == ERR_OK)
        e = tls_cert_facts(cert, &facts);
    if (e != ERR_OK)
        return e;
    if (memcmp(own, facts.key_hash, sizeof own) != 0)
        return ERR_PROTOCOL;
    struct tls_seat_keys *keys = tls_seat_keys_open(ca_pem);
    tls_seat_keys_add(keys, cert);
    bool good = tls_seat_keys_find(keys, facts.seat, &issued);
    tls_seat_keys_close(keys);
    return good ? ERR_OK : ERR_CERTIFICATE;
}

enum err key_files_own_key(const char *dir, char out[TLS_KEY_TEXT_SIZE])
{
    struct tls_cert_facts facts;
    enum err e = read_certificate(dir, "cert.pem", &facts);
    if (e == ERR_OK)
        tls_key_text(facts.key_hash, out);
    return e;
}
