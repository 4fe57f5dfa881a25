/* Heads that clients saw against the logs as they stand: what no look at the database alone can find, if somebody
 * rewrote it with all its hashes. Order: by org and seq, so that the first one that does not fit is the first that was
 * rewritten. */
#include "server/recovery/verify_parts.h"

#include "base/tr.h"

#include <stdlib.h>
#include <string.h>

static int compare_heads(const void *x, const void *y)
{
    const struct verify_head *a = x, *b = y;
    if (a->org != b->org)
        return a->org < b->org ? -1 : 1;
    return a->seq != b->seq ? (a->seq < b->seq ? -1 : 1) : 0;
}

/* fits: it is in the log, or off the path by a restore that everybody was told of. */
static enum err look(struct verify *v, const struct verify_head *h, bool *counts, bool *fits)
{
    uint8_t chain[CHAIN_SIZE];
    arena_reset(&v->arena);
    struct lineage lineage = control_lineage(v->control, h->org, &v->arena);
    *counts = control_org(v->control, h->org) && lineage_holds(&lineage, h->seq) && !store_recovering(v->store, h->org);
    *fits = true;
    if (!*counts)
        return ERR_OK;
    enum err e = store_read_chain(v->store, h->org, h->seq, chain);
    *fits = e == ERR_OK && memcmp(chain, h->chain, CHAIN_SIZE) == 0;
    return e == ERR_NOT_FOUND || e == ERR_CORRUPT ? ERR_OK : e;
}

static void tell(struct verify *v, const struct verify_head *h, uint64_t after)
{
    verify_find(v, "heads", &(struct verify_about){.seq = h->seq},
                _("behind entry %llu and up to entry %llu the log is another one than this server gave out (seen by a "
                  "client at %s): the past was rewritten since"),
                (unsigned long long)after, (unsigned long long)h->seq, *h->seen ? h->seen : "?");
}

enum err verify_heads(struct store *store, struct control *control, struct verify_head *list, size_t count,
                      struct verify_report *report)
{
    struct verify v = {.store = store, .control = control, .report = report};
    uint64_t after = 0;
    bool told = false;
    enum err e = ERR_OK;
    arena_init(&v.arena, 64u << 20);
    if (count)
        qsort(list, count, sizeof *list, compare_heads);
    for (size_t i = 0; e == ERR_OK && i < count; i++) {
        bool counts, fits;
        if (v.org != list[i].org) {
            v = (struct verify){
                .store = store, .control = control, .report = report, .org = list[i].org, .arena = v.arena};
            after = 0;
            told = false;
        }
        report->heads_foreign += !list[i].given; /* anybody can write such a line: no finding */
        if (!list[i].given || told)
            continue;
        e = look(&v, &list[i], &counts, &fits);
        if (e == ERR_OK && !fits)
            tell(&v, &list[i], after);
        told = !fits;
        report->heads += counts;
        if (counts && fits)
            after = list[i].seq;
    }
    arena_finish(&v.arena);
    verify_agree(report);
    return e;
}
