/* See standing.h. */
#include "server/session/standing.h"
#include "base/log.h"

#include <string.h>

/* An entry that we have under its seq, with another chain hash: two histories under one number. Nothing heals that but
 * the rows taken anew, which the client does when the chain does not fit; the operator should know. */
static enum standing compare_chain(const Wire__Position *at, const uint8_t chain[CHAIN_SIZE])
{
    if (at->chain.len == CHAIN_SIZE && memcmp(chain, at->chain.data, CHAIN_SIZE) == 0)
        return STANDS_HERE;
    if (at->has_chain)
        log_error("standing", "a seat holds another entry %llu of org %u than this database",
                  (unsigned long long)at->seq, at->org);
    return STANDS_ELSEWHERE;
}

static enum err last_seq(struct store *store, uint32_t org, uint64_t *out)
{
    struct org_state *state;
    enum err e = store_load_org(store, org, 1, &state);
    if (e != ERR_OK)
        return e;
    *out = org_state_seq(state);
    org_state_destroy(state);
    return ERR_OK;
}

/* Would the seq be one of the present path? An epoch that is newer than all that we know was ours, too, before the
 * control journal was rolled back. */
static enum err was_ours(const struct control *control, uint32_t org, uint64_t seq, struct arena *arena, bool *ours)
{
    uint32_t epoch = seq_epoch(seq), newest = control_newest_epoch(control);
    struct lineage lineage = control_lineage(control, org, arena);
    if (lineage.count == 0)
        return ERR_MEMORY; /* there is always a first epoch */
    *ours = epoch > newest || lineage_holds(&lineage, seq);
    return ERR_OK;
}

enum err standing_find(struct store *store, const struct control *control, uint32_t org, const Wire__Position *at,
                       bool proven, struct arena *arena, enum standing *out)
{
    uint8_t chain[CHAIN_SIZE];
    uint64_t last;
    bool ours;
    if (!at || at->seq == 0) {
        *out = STANDS_HERE;
        return ERR_OK;
    }
    enum err e = store_read_chain(store, org, at->seq, chain);
    if (e == ERR_OK)
        *out = compare_chain(at, chain);
    if (e != ERR_NOT_FOUND)
        return e;
    e = last_seq(store, org, &last);
    if (e == ERR_OK)
        e = was_ours(control, org, at->seq, arena, &ours);
    if (e == ERR_OK)
        *out = at->seq <= last || !ours       ? STANDS_ELSEWHERE
               : !proven                      ? STANDS_UNPROVEN
               : store_recovering(store, org) ? STANDS_AHEAD
                                              : STANDS_NOWHERE;
    return e;
}
