/* Who wrote a field, seen from a change (rule 8). The identity stands in the history entry of the stamp's seq; only
 * what is newer than the base has to be looked up. */
#include "sync/decide_parts.h"

/* Rule 8: (incarnation, n) is the change's own, or an ancestor of it before the fork. */
static bool is_ancestor(const struct decide_context *c, struct incarnation a, uint64_t n)
{
    struct incarnation mine = c->incarnation;
    for (size_t step = 0; step <= c->ancestry.count; step++) {
        if (incarnation_equal(a, mine))
            return true;
        const struct ancestor *link = NULL;
        for (size_t i = 0; i < c->ancestry.count && !link; i++)
            if (incarnation_equal(c->ancestry.list[i].incarnation, mine))
                link = &c->ancestry.list[i];
        if (!link || !link->has_parent)
            return false;
        if (incarnation_equal(a, link->parent))
            return n < link->fork_n;
        mine = link->parent;
    }
    return false;
}

enum writer decide_writer(struct deciding *d, uint64_t stamp, uint64_t base, const struct identity **who)
{
    *who = NULL;
    if (stamp <= base)
        return WRITER_SEEN;
    if (!decide_need(d, (struct scratch_key){.type = SCRATCH_IDENTITY, .org = d->change->org, .seq = stamp}))
        return WRITER_NOT_LOADED;
    const struct identity *found = *who = scratch_identity(d->scratch, d->change->org, stamp);
    if (!found || found->seat != d->c->seat.number || !is_ancestor(d->c, found->incarnation, found->n))
        return WRITER_OTHER;
    bool later = incarnation_equal(found->incarnation, d->c->incarnation) && found->n > d->change->n;
    return later ? WRITER_OWN_LATER : WRITER_OWN;
}

uint64_t decide_stamp(const struct scratch_row *row, uint32_t tag)
{
    for (size_t i = 0; i < row->stamps.count; i++)
        if (row->stamps.pairs[i].tag == tag)
            return row->stamps.pairs[i].seq;
    return fields_present(row->message, tag) ? row->stamps.first : 0;
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
