/* What WELCOME says of the logs in which a seat's changes may stand: which epochs survived in each, how far each is
 * safe (rules 24, 26, 27). */
#include "base/limits.h"
#include "server/session/session_hello.h"

#define POSITION_SIZE 24 /* on the wire, at most, without its chain */

static Wire__Position *position_message(struct session *s, uint32_t org, uint64_t seq)
{
    Wire__Position *p = session_make(s, sizeof *p);
    if (!p)
        return NULL;
    wire__position__init(p);
    p->has_org = p->has_seq = 1;
    p->org = org;
    p->seq = seq;
    return p;
}

/* The orgs in whose logs this seat's changes may stand: those that it keeps, and for a district seat all below. Of more
 * than go into one answer the rest are left out: changes there stay acknowledged until the seat says hello to a server
 * nearer by. */
static enum err find_logs(struct hello *h, uint32_t **out, size_t *count)
{
    struct session *s = h->s;
    const struct control *control = s->serving->control;
    const struct control_org *org;
    size_t epochs = 0, n = 0, most = s->org_count;
    while (control_epoch_at(control, epochs))
        epochs++;
    size_t fit = LIMIT_FRAME / 2 / (POSITION_SIZE * (epochs + 1));
    if (h->who->roles & ROLES_DISTRICT)
        most += control_org_count(control);
    most = most < fit ? most : fit;
    most = most < LIMIT_REPEATED ? most : LIMIT_REPEATED;
    uint32_t *list = session_make(s, (most + SESSION_ORGS_MAX) * sizeof *list);
    if (!list)
        return ERR_MEMORY;
    for (; n < s->org_count; n++)
        list[n] = s->orgs[n];
    for (size_t i = 0; (h->who->roles & ROLES_DISTRICT) && n < most && (org = control_org_at(control, i)); i++)
        if (!session_keeps(s, org->number) && control_in_subtree(control, h->who->org, org->number))
            list[n++] = org->number;
    *out = list;
    *count = n;
    return ERR_OK;
}

static enum err add_epoch(struct hello *h, const struct control_epoch *epoch, const uint32_t *logs, size_t count)
{
    struct session *s = h->s;
    Wire__Epoch *m = session_make(s, sizeof *m);
    if (!m)
        return ERR_MEMORY;
    wire__epoch__init(m);
    m->has_epoch = m->has_parent = 1;
    m->epoch = epoch->epoch;
    m->parent = epoch->parent;
    m->last = session_make(s, (count + 1) * sizeof *m->last);
    for (size_t i = 0; m->last && epoch->parent && i < count; i++) {
        m->last[i] = position_message(s, logs[i], control_epoch_last(s->serving->control, epoch->epoch, logs[i]));
        if (!m->last[i])
            return ERR_MEMORY;
        m->n_last++;
    }
    h->welcome.lineage[h->welcome.n_lineage++] = m;
    return m->last ? ERR_OK : ERR_MEMORY;
}

static enum err add_lineage(struct hello *h, const uint32_t *logs, size_t count)
{
    const struct control_epoch *epoch;
    size_t epochs = 0;
    enum err e = ERR_OK;
    while (control_epoch_at(h->s->serving->control, epochs))
        epochs++;
    h->welcome.lineage = session_make(h->s, (epochs + 1) * sizeof *h->welcome.lineage);
    if (!h->welcome.lineage)
        return ERR_MEMORY;
    for (size_t i = 0; e == ERR_OK && (epoch = control_epoch_at(h->s->serving->control, i)); i++)
        e = add_epoch(h, epoch, logs, count);
    return e;
}

/* By it a client can tell of this epoch when we have forgotten it (rule 35). */
static enum err add_epoch_mac(struct hello *h)
{
    uint8_t mac[HEAD_MAC_SIZE];
    authority_epoch_mac(h->s->serving->authority, session_epoch(h->s), mac);
    h->welcome.has_epoch_mac = 1;
    h->welcome.epoch_mac = session_bytes(h->s, slice_of(mac, sizeof mac));
    return h->welcome.epoch_mac.len ? ERR_OK : ERR_MEMORY;
}

/* Of orgs that the seat may write but keeps no copy of: it needs to know when its changes there are safe (rule 24). */
static enum err add_promises(struct hello *h, const uint32_t *logs, size_t count)
{
    struct session *s = h->s;
    Wire__Welcome *w = &h->welcome;
    w->promise = session_make(s, (count + 1) * sizeof *w->promise);
    if (!w->promise)
        return ERR_MEMORY;
    for (size_t i = s->org_count; i < count; i++) {
        w->promise[w->n_promise] = position_message(s, logs[i], store_promise(s->serving->store, logs[i]));
        if (!w->promise[w->n_promise])
            return ERR_MEMORY;
        w->n_promise++;
    }
    return ERR_OK;
}

enum err hello_add_logs(struct hello *h)
{
    uint32_t *logs;
    size_t count;
    enum err e = find_logs(h, &logs, &count);
    if (e == ERR_OK)
        e = add_lineage(h, logs, count);
    if (e == ERR_OK)
        e = add_epoch_mac(h);
    return e == ERR_OK ? add_promises(h, logs, count) : e;
}
