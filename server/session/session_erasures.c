/* What was erased by law, told to every seat that it concerns (rule 29; PROTOCOL.md "Erasing"): of its own org, of
 * those above and of all below, whose rows it may have seen. Invariant: whoever knows the same erasures comes to the
 * same sum. */
#include "server/session/session_frames.h"
#include "base/limits.h"
#include "base/log.h"
#include "wire/wire.h"

#include <string.h>

static bool is_nothing(const uint8_t sum[ERASURE_SUM_SIZE])
{
    static const uint8_t none[ERASURE_SUM_SIZE];
    return memcmp(sum, none, ERASURE_SUM_SIZE) == 0;
}

/* Every frame asks: it is worked out once for control data as they stand. */
static void sum_up(struct session *s)
{
    const struct control_seat *who = session_who(s);
    int64_t generation = control_generation(s->serving->control);
    if (generation == s->erased_generation)
        return;
    control_erased_sum(s->serving->control, who ? who->org : 0, s->erased);
    s->erased_generation = generation;
}

ProtobufCBinaryData session_erased(struct session *s)
{
    sum_up(s);
    if (is_nothing(s->erased))
        return (ProtobufCBinaryData){0};
    return session_bytes(s, slice_of(s->erased, sizeof s->erased));
}

void session_tell_erased(struct session *s)
{
    uint8_t before[ERASURE_SUM_SIZE];
    Wire__News news = WIRE__NEWS__INIT;
    if (s->state != SESSION_OPEN || !s->watching || !session_who(s))
        return;
    memcpy(before, s->erased, sizeof before);
    sum_up(s);
    if (memcmp(before, s->erased, sizeof before) == 0)
        return;
    news.has_erased = 1;
    news.erased = (ProtobufCBinaryData){sizeof s->erased, s->erased};
    session_send(s, FRAME_NEWS, &news.base);
}

/* ---- listed ---- */

static enum err add_known(struct session *s, Wire__Erasures *answer, const struct control_erasure *x)
{
    uint8_t mac[HEAD_MAC_SIZE];
    Wire__KnownErasure *m = session_make(s, sizeof *m);
    if (!m)
        return ERR_MEMORY;
    wire__known_erasure__init(m);
    authority_erasure_mac(s->serving->authority, x->packed, mac);
    m->has_erasure = m->has_mac = 1;
    m->erasure = session_bytes(s, x->packed);
    m->mac = session_bytes(s, slice_of(mac, sizeof mac));
    answer->known[answer->n_known++] = m;
    answer->last = x->number;
    return m->erasure.len && m->mac.len ? ERR_OK : ERR_MEMORY;
}

static enum err list(struct session *s, uint64_t after, Wire__Erasures *answer)
{
    const struct control_erasure *x;
    size_t size = 0;
    enum err e = ERR_OK;
    answer->known = session_make(s, LIMIT_REPEATED * sizeof *answer->known);
    answer->last = after;
    answer->done = 1;
    for (size_t i = 0; answer->known && e == ERR_OK && (x = control_erasure_at(s->serving->control, i)); i++) {
        if (x->number <= after || !control_erasure_concerns(s->serving->control, x, session_who(s)->org))
            continue;
        size += x->packed.size + 32;
        if (answer->n_known == LIMIT_REPEATED || (answer->n_known && size > LIMIT_PAGE_SIZE)) {
            answer->done = 0;
            break;
        }
        e = add_known(s, answer, x);
    }
    return answer->known ? e : ERR_MEMORY;
}

/* ---- brought back ---- */

/* The seat holds what this server made once and a restore lost with its journal. What it cannot prove is left out. */
static size_t keep_proven(struct session *s, Wire__ErasuresAsk *ask)
{
    size_t kept = 0;
    for (size_t i = 0; i < ask->n_known; i++) {
        uint8_t right[HEAD_MAC_SIZE];
        Wire__KnownErasure *one = ask->known[i];
        authority_erasure_mac(s->serving->authority, slice_of(one->erasure.data, one->erasure.len), right);
        if (authority_is_mac(slice_of(one->mac.data, one->mac.len), right))
            ask->known[kept++] = one;
    }
    if (kept < ask->n_known)
        log_error_of(s->seat, "session", "seat %u brings erasures and cannot prove that this server made them: not believed",
                  s->seat);
    return kept;
}

static void put_erasures(struct session *s, const Wire__ErasuresAsk *ask)
{
    struct job *job = session_job(s, JOB_ERASE);
    if (!job)
        return;
    wire_pack(&ask->base, &job->request);
    session_put_job(s, job);
}

void session_take_erasures(struct session *s, const ProtobufCMessage *m, struct slice payload)
{
    Wire__ErasuresAsk ask = *(const Wire__ErasuresAsk *)m;
    Wire__Erasures answer = WIRE__ERASURES__INIT;
    (void)payload;
    ask.n_known = keep_proven(s, &ask);
    if (ask.n_known) {
        put_erasures(s, &ask); /* answered by the writer, once it is on the disk */
        return;
    }
    enum err e = list(s, ask.after, &answer);
    if (e != ERR_OK) {
        session_fail(s, "erasures", e);
        return;
    }
    answer.has_last = answer.has_done = 1;
    answer.erased = session_erased(s);
    answer.has_erased = answer.erased.len > 0;
    session_send(s, FRAME_ERASURES, &answer.base);
}
