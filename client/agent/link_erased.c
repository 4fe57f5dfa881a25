/* What was erased by law, between the two (rule 29; PROTOCOL.md "Erasing"): both compare a sum; where it differs the
 * server's list is asked for, from where it was left, then from the front; what it lacks then the server has lost, and
 * is brought back. */
#include "client/agent/link_inner.h"
#include "base/log.h"

#include <string.h>

#define ASKED_MAX 64u /* answers in a row: pages, too */

enum err link_compare_erased(struct link *l, ProtobufCBinaryData sum, bool *level)
{
    uint8_t mine[16], theirs[16] = {0};
    enum err e = replica_erased_sum(l->r, mine);
    if (e != ERR_OK)
        return e;
    if (sum.len == sizeof theirs)
        memcpy(theirs, sum.data, sizeof theirs);
    *level = memcmp(mine, theirs, sizeof mine) == 0;
    if (*level)
        l->erasures_asked = 0;
    else if (!l->erasures_due && l->erasures_asked < ASKED_MAX) {
        l->erasures_due = true;
        l->erasures = REPLICA_ERASURES_NEW;
    }
    return ERR_OK;
}

enum err link_ask_erasures(struct link *l, int64_t now_ms, bool *asked)
{
    Wire__ErasuresAsk ask;
    *asked = l->await_erasures;
    if (*asked || !l->erasures_due)
        return ERR_OK;
    enum err e = replica_ask_erasures(l->r, l->erasures, &l->arena, &ask);
    if (e != ERR_OK)
        return e;
    if (l->erasures == REPLICA_ERASURES_BACK && ask.n_known == 0) {
        log_error("link", "the server knows erasures that it does not list");
        l->erasures_due = false;
        l->erasures_asked = ASKED_MAX; /* no more in this session */
        return ERR_OK;
    }
    l->await_erasures = *asked = true;
    l->erasures_asked++;
    link_await(l, now_ms);
    return link_send(l, FRAME_ERASURES_ASK, &ask.base, now_ms);
}

/* What is asked after an answer that left the two different. */
static void go_on(struct link *l, const Wire__Erasures *answer)
{
    if (l->erasures == REPLICA_ERASURES_BACK)
        return; /* the rest of it; when there is none, that is said */
    if (!answer->done)
        l->erasures = l->erasures == REPLICA_ERASURES_FRONT ? REPLICA_ERASURES_NEW : l->erasures; /* behind what came */
    else if (l->erasures_front)
        l->erasures = REPLICA_ERASURES_BACK;
    else
        l->erasures = REPLICA_ERASURES_FRONT;
    l->erasures_front = l->erasures_front || l->erasures == REPLICA_ERASURES_FRONT;
    if (l->erasures_asked >= ASKED_MAX)
        l->erasures_due = false;
}

enum err link_take_erasures(struct link *l, const Wire__Erasures *answer)
{
    bool level;
    if (!l->await_erasures)
        return ERR_PROTOCOL;
    l->await_erasures = false;
    enum err e = replica_take_erasures(l->r, answer);
    if (e == ERR_OK)
        e = link_compare_erased(l, answer->erased, &level);
    if (e != ERR_OK)
        return e;
    if (level && answer->done) {
        l->erasures_due = l->erasures_front = false;
        return ERR_OK;
    }
    go_on(l, answer);
    return ERR_OK;
}
