/* The path of epochs that a restore left standing (rules 8, 26, 27). Each epoch but the first hangs at a counter of its
 * parent; what a parent gave out behind that counter is abandoned. */
#include "sync/decide.h"
#include "sync/org_state.h"

#define WHOLE UINT64_MAX

static const struct lineage_epoch *epoch_of(const struct lineage *l, uint32_t epoch)
{
    for (size_t i = 0; i < l->count; i++)
        if (l->list[i].epoch == epoch)
            return &l->list[i];
    return NULL;
}

static uint32_t newest_epoch(const struct lineage *l)
{
    uint32_t newest = 0;
    for (size_t i = 0; i < l->count; i++)
        if (l->list[i].epoch > newest)
            newest = l->list[i].epoch;
    return newest;
}

/* How far the epoch belongs to the newest path: false if not at all. */
static bool survives(const struct lineage *l, uint32_t epoch, uint64_t *last)
{
    uint32_t at = newest_epoch(l);
    uint64_t limit = WHOLE;
    for (size_t step = 0; step <= l->count && at; step++) {
        if (at == epoch) {
            *last = limit;
            return true;
        }
        const struct lineage_epoch *e = epoch_of(l, at);
        if (!e || e->parent >= at)
            return false;
        limit = e->last_counter;
        at = e->parent;
    }
    return false;
}

uint64_t lineage_base(const struct lineage *l, uint64_t base)
{
    if (base == 0 || l->count == 0)
        return base;
    uint32_t epoch = seq_epoch(base);
    uint64_t counter = seq_counter(base), last;
    for (size_t step = 0; step <= l->count && epoch; step++) {
        if (survives(l, epoch, &last))
            return seq_make(epoch, counter < last ? counter : last);
        const struct lineage_epoch *e = epoch_of(l, epoch);
        if (!e || e->parent >= epoch)
            return 0; /* an epoch that was never given */
        counter = e->last_counter;
        epoch = e->parent;
    }
    return 0;
}

bool lineage_holds(const struct lineage *l, uint64_t seq)
{
    uint64_t last;
    if (l->count == 0)
        return true;
    return survives(l, seq_epoch(seq), &last) && seq_counter(seq) <= last;
}

bool lineage_leads(const struct lineage *l, uint64_t seq, uint64_t to)
{
    uint32_t epoch = seq_epoch(to);
    uint64_t counter = seq_counter(to);
    for (size_t step = 0; step <= l->count && epoch; step++) {
        if (seq_epoch(seq) == epoch)
            return seq_counter(seq) <= counter;
        const struct lineage_epoch *e = epoch_of(l, epoch);
        if (!e || e->parent >= epoch)
            return false;
        counter = e->last_counter;
        epoch = e->parent;
    }
    return false;
}
