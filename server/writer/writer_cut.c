/* What restores cut back off a given up path (rule 25), decided as late changes when recovery has ended (rule 27), page by page. */
#include "server/writer/writer_step.h"

#include "server/store/store_late.h"
#include "sync/late.h"

#include <string.h>

#define CUT_PAGE (4u << 20)

/* The table goes when all of the org is decided: who dies before that begins anew, and what is processed already does nothing. */
enum err cut_step(struct step *st, struct cut_walk *c)
{
    struct entry *list;
    size_t count;
    enum err e = store_read_cut(st->store, c->org, &c->seq, c->chain, CUT_PAGE, &st->arena, &list, &count, &c->more);
    size_t whole = e == ERR_OK && c->more ? late_whole(list, count, &st->arena) : count;
    count = e == ERR_OK && whole ? whole : count;
    if (e == ERR_OK && count) {
        c->seq = list[count - 1].seq;
        memcpy(c->chain, list[count - 1].chain, CHAIN_SIZE);
    }
    if (e == ERR_OK)
        e = late_decide(st, &c->late, list, count);
    return e == ERR_OK && !c->more ? store_drop_cut(st->store, c->org) : e;
}
