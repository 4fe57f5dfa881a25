/* Who wrote a field, seen from a change (rule 8). The identity stands in the history entry of the stamp's seq; only
 * what is newer than the base has to be looked up. */
#include "sync/decide_parts.h"

/* Rule 8: (a, n) is mine, or an ancestor of it before the fork. */
static bool is_ancestor(const struct ancestry *ancestry, struct incarnation mine, struct incarnation a, uint64_t n)
{
    for (size_t step = 0; step <= ancestry->count; step++) {
        if (incarnation_equal(a, mine))
            return true;
        const struct ancestor *link = NULL;
        for (size_t i = 0; i < ancestry->count && !link; i++)
            if (incarnation_equal(ancestry->list[i].incarnation, mine))
                link = &ancestry->list[i];
        if (!link || !link->has_parent)
            return false;
        if (incarnation_equal(a, link->parent))
            return n < link->fork_n;
        mine = link->parent;
    }
    return false;
}

/* The change numbered n of mine, seen from it: who wrote what another of the same seat's stands in. */
static enum writer writer_of(const struct identity *found, const struct ancestry *ancestry, struct incarnation mine, uint64_t n)
{
    if (!is_ancestor(ancestry, mine, found->incarnation, found->n))
        return WRITER_OTHER;
    return incarnation_equal(found->incarnation, mine) && found->n > n ? WRITER_OWN_LATER : WRITER_OWN;
}

/* Rule 8, last sentence: the base lies on a path that was given up, and whose stamp that is stood on it before the base: its entry was
 * handed over late, and has another seq now. */
static enum writer writer_seen_there(struct deciding *d, uint64_t stamp)
{
    const struct change *c = d->change;
    size_t count;
    if (c->base == 0 || lineage_holds(&d->c->lineage, c->base))
        return WRITER_OTHER;
    if (!decide_need(d, (struct scratch_key){.type = SCRATCH_LATE, .org = c->org, .seq = stamp}))
        return WRITER_NOT_LOADED;
    const uint64_t *old = scratch_late(d->scratch, c->org, stamp, &count);
    for (size_t i = 0; i < count; i++)
        if (lineage_leads(&d->c->lineage, old[i], c->base))
            return WRITER_SEEN;
    return WRITER_OTHER;
}

static enum writer writer_by(struct deciding *d, const struct identity *found)
{
    const struct change *c = d->change;
    if (found && found->seat == d->c->seat.number)
        return writer_of(found, &d->c->ancestry, d->c->incarnation, c->n);
    if (found && c->origin.given && found->seat == c->for_seat)
        return writer_of(found, &d->c->for_seat.ancestry, c->origin.incarnation, c->origin.n);
    return WRITER_OTHER;
}

/* Handed in out of a file: what its maker's device sent itself before it was revoked the change was made on top of (its base is the one
 * before that), so it is no other's. */
enum writer decide_writer(struct deciding *d, uint64_t stamp, uint64_t base, const struct identity **who)
{
    const struct change *c = d->change;
    *who = NULL;
    if (stamp <= base)
        return WRITER_SEEN;
    if (!decide_need(d, (struct scratch_key){.type = SCRATCH_IDENTITY, .org = c->org, .seq = stamp}))
        return WRITER_NOT_LOADED;
    *who = scratch_identity(d->scratch, c->org, stamp);
    enum writer w = writer_by(d, *who);
    return w == WRITER_OTHER ? writer_seen_there(d, stamp) : w;
}

uint64_t decide_stamp(const struct scratch_row *row, uint32_t tag)
{
    for (size_t i = 0; i < row->stamps.count; i++)
        if (row->stamps.pairs[i].tag == tag)
            return row->stamps.pairs[i].seq;
    return fields_present(row->message, tag) ? row->stamps.first : 0;
}

bool decide_newest_unseen(struct deciding *d, const struct scratch_row *row, uint32_t other_than, uint64_t *out)
{
    const struct identity *who;
    bool loaded = true;
    *out = 0;
    for (size_t i = 0; i <= row->stamps.count; i++) {
        bool first = i == row->stamps.count;
        uint64_t stamp = first ? row->stamps.first : row->stamps.pairs[i].seq;
        if (!first && other_than && row->stamps.pairs[i].tag == other_than)
            continue;
        enum writer w = decide_writer(d, stamp, d->base, &who);
        loaded = loaded && w != WRITER_NOT_LOADED;
        if ((w == WRITER_OTHER || w == WRITER_OWN_LATER) && stamp > *out)
            *out = stamp;
    }
    return loaded;
}

bool decide_author(struct deciding *d, uint64_t seq, const char **seat, const char **when)
{
    *seat = *when = NULL;
    if (!decide_need(d, (struct scratch_key){.type = SCRATCH_IDENTITY, .org = d->change->org, .seq = seq}))
        return false;
    const struct identity *who = scratch_identity(d->scratch, d->change->org, seq);
    int64_t at_ms = scratch_time(d->scratch, d->change->org, seq);
    if (who)
        CHECK((*seat = arena_format(d->arena, "%u", (unsigned)who->seat)));
    if (at_ms)
        CHECK((*when = arena_format(d->arena, "%lld", (long long)at_ms)));
    return true;
}
