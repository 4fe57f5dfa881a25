/* See key_files.h. */
#include "client/agent/key_files.h"

#include "base/key_file.h"
#include "base/tr.h"
#include "tls/tls.h"

#include <string.h>

static bool is_certificate(const char *dir, const char *name, struct tls_cert_facts *facts)
{
    struct buf pem = BUF_INIT, der = BUF_INIT;
    bool good = key_file_read(dir, name, &pem) == ERR_OK && tls_cert_to_der(buf_slice(&pem), &der) == ERR_OK &&
                (!facts || tls_cert_facts(buf_slice(&der), facts) == ERR_OK);
    buf_finish(&pem);
    buf_finish(&der);
    return good;
}

/* Of the certificate, if there is one to compare with. */
static bool is_key(const char *dir, const struct tls_cert_facts *of)
{
    struct buf pem = BUF_INIT, csr = BUF_INIT;
    uint8_t hash[32];
    bool good = key_file_read(dir, "key.pem", &pem) == ERR_OK && tls_csr_make(buf_slice(&pem), "banyan", &csr) == ERR_OK &&
                (!of || (tls_csr_key_hash(buf_slice(&csr), hash) == ERR_OK && memcmp(hash, of->key_hash, sizeof hash) == 0));
    if (pem.data)
        explicit_bzero(pem.data, pem.capacity);
    buf_finish(&pem);
    buf_finish(&csr);
    return good;
}

bool key_files_explain(const char *dir, struct buf *out)
{
    struct tls_cert_facts facts;
    bool ca = is_certificate(dir, "ca.pem", NULL), cert = is_certificate(dir, "cert.pem", &facts), key = is_key(dir, cert ? &facts : NULL);
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
