/* What a push is told: verdicts with their reasons, stored ones as they were decided, wherever that was (rule 4). */
#include "server/writer/writer_push.h"

#include "server/store/store_taken.h"

#include <string.h>

/* ---- answers ---- */

/* With a sentence, for clients that do not know the code. */
static Wire__Refusal *refusal_message(const struct entry *e, const struct kind *kind, struct arena *arena)
{
    struct buf text = BUF_INIT;
    Wire__Refusal *r = entry_refusal(e, arena);
    refusal_text(kind, e->code, e->field, (const char *const *)r->argument, r->n_argument, e->code, LANGUAGE_ZH, &text);
    r->text = arena_text(arena, buf_slice(&text));
    buf_finish(&text);
    return r;
}

static void name_conflicts(const struct entry *e, struct arena *arena, Wire__Verdict *v)
{
    struct effects effects;
    if (e->verdict != VERDICT_CONFLICT || effects_open(e->effects, arena, &effects) != ERR_OK)
        return;
    v->conflict = arena_alloc(arena, (effects.count + 1) * sizeof *v->conflict);
    CHECK(v->conflict);
    for (size_t i = 0; i < effects.count; i++) {
        if (effects.list[i].kind_number != KIND_CONFLICT)
            continue;
        struct slice id = arena_copy(arena, id_slice(&effects.list[i].id));
        v->conflict[v->n_conflict++] = (ProtobufCBinaryData){id.size, (uint8_t *)id.data};
    }
}

void push_answer(struct push *p, const struct change *change, uint64_t seq, const struct entry *decided)
{
    struct arena *arena = &p->st->arena;
    Wire__Verdict *v = arena_alloc(arena, sizeof *v);
    CHECK(v && p->answer.n_verdict < p->count);
    wire__verdict__init(v);
    v->has_n = v->has_type = v->has_seq = 1;
    v->n = change->n;
    v->type = (Wire__VerdictType)decided->verdict;
    v->seq = seq;
    if (decided->verdict == VERDICT_REFUSED && decided->code)
        v->refusal = refusal_message(decided, change->kind, arena);
    name_conflicts(decided, arena, v);
    p->answer.verdict[p->answer.n_verdict++] = v;
}

void push_stop(struct push *p, Wire__Stop why, uint64_t n)
{
    p->answer.has_stop = p->answer.has_stop_n = 1;
    p->answer.stop = why;
    p->answer.stop_n = n;
    p->answer.has_retry_after_ms = why == WIRE__STOP__LATER;
    p->answer.retry_after_ms = STEP_RETRY_MS;
}

/* ---- known already ---- */

static enum err find_under(struct step *st, const struct known_seat *seat, const struct known_incarnation *but, uint64_t n,
                           const uint8_t hash[HASH_SIZE], struct entry *out)
{
    for (size_t i = 0; i < seat->count; i++) {
        const struct known_incarnation *other = seat->list[i];
        struct entry entry;
        uint32_t org;
        if (other == but || !cache_has(other, n))
            continue;
        enum err e = store_find_processed(st->store, other->about.row, n, &st->arena, &org, &entry);
        if (e != ERR_OK)
            return e;
        if (entry.verdict != VERDICT_SAME && memcmp(entry.identity.hash, hash, HASH_SIZE) == 0) {
            *out = entry;
            return ERR_OK;
        }
    }
    return ERR_NOT_FOUND;
}

static enum err find_taken(struct step *st, const struct known_seat *seat, uint64_t n, const uint8_t hash[HASH_SIZE], struct entry *out)
{
    return seat->taken ? store_find_taken(st->store, seat->seat, n, hash, &st->arena, out) : ERR_NOT_FOUND;
}

/* Only who is of the same org and shows the maker's signature is told what became of the maker's change. */
static bool may_hand_in(const struct step *st, const struct author *a, const struct change *change)
{
    const struct control_seat *maker = change->origin.given ? control_seat(st->control, change->for_seat) : NULL;
    return maker && a->proven && maker->org == a->seat->org;
}

static enum err find_made(struct step *st, const struct change *change, struct entry *out)
{
    const struct change_origin *origin = &change->origin;
    struct known_seat *maker;
    enum err e = cache_seat(st->cache, change->for_seat, &maker);
    if (e == ERR_OK)
        e = find_under(st, maker, NULL, origin->n, origin->hash, out);
    if (e == ERR_NOT_FOUND || (e == ERR_OK && out->verdict == VERDICT_REFUSED))
        e = find_taken(st, maker, origin->n, origin->hash, out);
    return e;
}

enum err author_find_same(struct step *st, const struct author *a, const struct change *change, struct entry *out)
{
    enum err e = find_under(st, a->known, a->incarnation, change->n, change->hash, out);
    if (e == ERR_NOT_FOUND)
        e = find_taken(st, a->known, change->n, change->hash, out);
    if (e == ERR_NOT_FOUND && may_hand_in(st, a, change))
        e = find_made(st, change, out);
    return e;
}

enum err push_find_same(struct push *p, const struct change *change, struct entry *out)
{
    return author_find_same(p->st, &p->author, change, out);
}

static enum err answer_same(struct push *p, const struct change *change, uint64_t seq)
{
    struct entry first;
    enum err e = push_find_same(p, change, &first);
    if (e == ERR_NOT_FOUND) /* a restore took the first one: as accepted as can be told */
        first = (struct entry){.verdict = VERDICT_SAME};
    else if (e != ERR_OK)
        return e;
    push_answer(p, change, seq, &first);
    return ERR_OK;
}

enum err push_find_stored(struct push *p, const struct change *change, struct entry *out, bool *forked)
{
    uint32_t org;
    enum err e = store_find_processed(p->st->store, p->author.incarnation->about.row, change->n, &p->st->arena, &org, out);
    if (e == ERR_OK)
        *forked = memcmp(out->identity.hash, change->hash, HASH_SIZE) != 0;
    return e == ERR_NOT_FOUND ? ERR_CORRUPT : e;
}

enum err push_answer_stored(struct push *p, const struct change *change)
{
    struct entry stored;
    bool forked;
    enum err e = push_find_stored(p, change, &stored, &forked);
    if (e != ERR_OK)
        return e;
    if (stored.verdict == VERDICT_SAME)
        return answer_same(p, change, stored.seq);
    push_answer(p, change, stored.seq, &stored);
    return ERR_OK;
}
