/* What WELCOME says of the seat itself: who it is, whose names it will meet, by what it may come again (rule 31). */
#include "base/limits.h"
#include "server/session/session_hello.h"

#include <string.h>

#define AUTHORS_MAX 1000 /* of 512 bytes at most, which leaves half of the frame; the rest come with their entries */

enum err hello_add_authors(struct hello *h)
{
    const struct control_seat *who;
    struct session *s = h->s;
    Wire__Welcome *w = &h->welcome;
    w->author = session_make(s, AUTHORS_MAX * sizeof *w->author);
    for (size_t i = 0; w->author && (who = control_seat_at(s->serving->control, i)) && w->n_author < AUTHORS_MAX; i++)
        if (session_keeps(s, who->org))
            session_add_author(s, w->author, &w->n_author, who->number);
    return w->author ? ERR_OK : ERR_MEMORY;
}

/* Of the certificate that it shows: the books may know another (an old copy of the device, a restore of the server). 0: it shows none. */
static int64_t certificate_ends_ms(const struct hello *h)
{
    struct session *s = h->s;
    struct tls_cert_facts facts;
    if (s->peer != TLS_PEER_CERTIFICATE)
        return 0;
    bool told = s->out->certificate && s->out->certificate(s->to, &facts) == ERR_OK;
    return told ? facts.ends_ms : h->who->certificate_ends_ms;
}

/* Only to a peer that has shown its certificate: a PSK is never renewed by itself (architecture 6). */
enum err hello_add_psk(struct hello *h)
{
    struct session *s = h->s;
    struct buf identity = BUF_INIT;
    uint8_t key[32];
    if (s->peer != TLS_PEER_CERTIFICATE || h->who->state != SEAT_ACTIVE)
        return ERR_OK;
    Wire__Psk *psk = session_make(s, sizeof *psk);
    if (!psk)
        return ERR_MEMORY;
    struct control_seat shown = *h->who;
    shown.certificate_ends_ms = certificate_ends_ms(h);
    wire__psk__init(psk);
    psk->has_identity = psk->has_key = psk->has_expires_ms = 1;
    authority_psk(s->serving->authority, &shown, s->serving->now_ms(), &identity, key, &psk->expires_ms);
    psk->identity = session_bytes(s, buf_slice(&identity));
    psk->key = session_bytes(s, slice_of(key, sizeof key));
    explicit_bzero(key, sizeof key);
    buf_finish(&identity);
    h->welcome.psk = psk;
    return psk->identity.len && psk->key.len ? ERR_OK : ERR_MEMORY;
}

enum err hello_add_seat(struct hello *h)
{
    struct buf roles = BUF_INIT;
    Wire__Welcome *w = &h->welcome;
    role_set_text(h->who->roles, &roles);
    w->has_protocol = w->has_now_ms = w->has_seat = w->has_home = w->has_lease_days = w->has_changes_max = 1;
    w->protocol = 1;
    w->version = (char *)BANYAN_VERSION;
    w->now_ms = h->s->serving->now_ms();
    w->seat = h->who->number;
    w->person = (char *)h->who->person;
    w->roles = arena_text(session_arena(h->s), buf_slice(&roles));
    w->home = h->who->org;
    w->state = h->who->state == SEAT_REVOKED ? (char *)"revoked" : (char *)"active";
    w->certificate_ends_ms = certificate_ends_ms(h);
    w->has_certificate_ends_ms = w->certificate_ends_ms > 0;
    w->lease_days = LIMIT_LEASE_DAYS;
    w->changes_max = LIMIT_CHANGES_PUSH;
    buf_finish(&roles);
    w->erased = session_erased(h->s);
    w->has_erased = w->erased.len > 0;
    return w->roles ? ERR_OK : ERR_MEMORY;
}
