/* Asks after a restore what of this device's changes the server misses (replica_missing.c): in front of what waits to
 * be sent, so that each hole is told as it is, and once more behind it. Not while anything recovers or has to be handed
 * over yet: it may be in there. */
#include "client/agent/link_inner.h"

void link_missing_find(struct link *l)
{
    l->missing_due = replica_missing_due(l->r);
    l->missing_behind = false;
    l->missing = (struct replica_missing){.made_to = 0};
}

static bool may_ask(const struct link *l)
{
    bool may = l->missing_due && l->pushes == 0 && !l->put_off && !link_late_waits(l);
    for (size_t i = 0; i < l->org_count; i++)
        may = may && !l->orgs[i].recovering;
    return may;
}

enum err link_missing_ask(struct link *l, bool behind, int64_t now_ms, bool *sent)
{
    Wire__Push push;
    bool any = false;
    if (now_ms >= l->missing_after_ms)
        l->missing_after_ms = 0;
    *sent = false;
    if (l->missing_after_ms || behind != l->missing_behind || !may_ask(l))
        return ERR_OK;
    arena_reset(&l->arena);
    enum err e = replica_missing_next(l->r, &l->missing, &l->arena, &push, &any);
    if (e == ERR_OK && any) {
        *sent = l->missing_asked = true;
        l->pushes++;
        link_await(l, now_ms);
        return link_send(l, FRAME_PUSH, &push.base, now_ms);
    }
    if (e == ERR_OK)
        e = replica_missing_end(l->r);
    if (e != ERR_OK)
        return e;
    link_missing_find(l);
    l->missing_behind = !behind;
    l->missing_due = l->missing_due && !behind;
    return ERR_OK;
}

/* The server said it of pushes, and the question was one. With nothing to send nobody has to be told. */
static enum err put_off_pushes(struct link *l)
{
    bool waits;
    enum err e = replica_waits(l->r, 0, &waits);
    if (e == ERR_OK && waits) {
        l->put_off = true;
        l->push_after_ms = l->missing_after_ms;
    }
    return e;
}

enum err link_missing_take(struct link *l, const Wire__Verdicts *v, int64_t now_ms)
{
    l->missing_asked = false;
    l->pushes--;
    if (v->stop == WIRE__STOP__LATER) {
        l->missing_after_ms = now_ms + (v->retry_after_ms ? v->retry_after_ms : LINK_PUT_OFF_MS);
        return put_off_pushes(l);
    }
    return replica_missing_take(l->r, &l->missing, v, now_ms);
}
