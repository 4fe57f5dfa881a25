/* What restores cut back off a given up path (rule 25), decided as late changes when recovery has ended (rule 27), path by path and page by
 * page. Invariant: a path is dropped only when all of it is decided or known, or can be decided by nobody who has no more of it than is here
 * (what came back stripped after an older restore). Any other path stays whole, as its forks are found from its front. */
#include "server/writer/writer_late.h"

#include "base/log.h"
#include "server/store/store_late.h"
#include "sync/late.h"

#include <string.h>

#define CUT_PAGE (4u << 20)
#define CUT_PAGE_MAX (64u << 20) /* four times what a group can be: LIMIT_GROUP entries of a frame each */

static enum err begin_path(struct step *st, struct cut_walk *c)
{
    c->seq = 0;
    c->left_before = c->late.waiting + c->broken;
    forks_forget(&c->late.forks); /* they hold for one path alone */
    enum err e = store_next_cut_path(st->store, c->org, c->path, &c->path);
    c->more = e == ERR_OK && c->path;
    return e;
}

static enum err end_path(struct step *st, struct cut_walk *c)
{
    bool all = c->late.waiting + c->broken == c->left_before;
    enum err e = all ? store_drop_cut(st->store, c->org, c->path) : ERR_OK;
    return e == ERR_OK ? begin_path(st, c) : e;
}

/* As far as a group is whole; what no page holds whole goes in parts, and is left. */
static enum err read_page(struct step *st, const struct cut_walk *c, struct entry **list, size_t *count, bool *more)
{
    for (size_t size = CUT_PAGE;; size *= 4) {
        enum err e = store_read_cut(st->store, c->org, c->path, c->seq, size, &st->arena, list, count, more);
        size_t whole = e == ERR_OK && *more ? late_whole(*list, *count, &st->arena) : 0;
        if (whole)
            *count = whole;
        if (e != ERR_OK || !*more || whole || size >= CUT_PAGE_MAX)
            return e;
    }
}

/* Who dies before a path's end begins it anew, and what is processed already does nothing. */
enum err cut_step(struct step *st, struct cut_walk *c)
{
    struct entry *list = NULL;
    size_t count = 0;
    bool more = false;
    enum err e = c->path ? ERR_OK : begin_path(st, c);
    if (e != ERR_OK || !c->path)
        return e;
    e = read_page(st, c, &list, &count, &more);
    for (size_t i = 0; i < count && e == ERR_OK; i++)
        c->broken += store_cut_is_broken(&list[i]);
    if (e == ERR_OK && count)
        c->seq = list[count - 1].seq;
    if (e == ERR_OK)
        e = late_decide(st, &c->late, list, count);
    return e == ERR_OK && !more ? end_path(st, c) : e;
}
