/* How much goes into one request or one answer. A line that is cut again and again lets nothing great through, and what
 * did not come whole begins anew: so a session in which no portion got through leaves the half to the next one, down to
 * what a few records need, and eight in a row that did get through are followed by greater ones. Known to the replica,
 * since each session is a new link. */
#include "client/agent/link_inner.h"
#include "base/limits.h"
#include "base/log.h"

#define PORTION_KEY "portion" /* in meta: bytes; absent: the greatest */
#define PORTION_LEAST 4096u
#define PORTION_MOST LIMIT_PAGE_SIZE
#define PORTION_RUN 8u /* before it grows */

void link_portion_begin(struct link *l)
{
    int64_t noted = replica_meta_integer(l->r, PORTION_KEY, PORTION_MOST);
    l->portion = noted < PORTION_LEAST ? PORTION_LEAST : noted > PORTION_MOST ? PORTION_MOST : (size_t)noted;
}

void link_portion_through(struct link *l, size_t size)
{
    if (size < l->portion / 2) /* says nothing about greater ones */
        return;
    l->portions++;
    if (l->portions % PORTION_RUN == 0 && l->portion < PORTION_MOST)
        l->portion = l->portion * 2 < PORTION_MOST ? l->portion * 2 : PORTION_MOST;
}

void link_portion_end(struct link *l)
{
    bool under_way = l->await_page || l->await_entries || l->await_taken || l->pushes > 0;
    if (l->progress == LINK_WIPE) /* there is no replica any more */
        return;
    if (under_way && l->portions == 0 && l->portion > PORTION_LEAST)
        l->portion = l->portion / 2 > PORTION_LEAST ? l->portion / 2 : PORTION_LEAST;
    if (replica_meta_integer(l->r, PORTION_KEY, PORTION_MOST) == (int64_t)l->portion)
        return;
    enum err e = l->portion < PORTION_MOST ? replica_meta_put_integer(l->r, PORTION_KEY, (int64_t)l->portion)
                                           : replica_meta_put(l->r, PORTION_KEY, (struct slice){0});
    if (e != ERR_OK)
        log_warn("link", "the size of a portion could not be noted: %s", err_text(e));
}
