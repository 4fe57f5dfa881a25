/* See late.h. Members of a group stand side by side in the log: they were decided in one commit, with consecutive seqs. */
#include "sync/late.h"

size_t late_whole(const struct entry *list, size_t count, struct arena *arena)
{
    struct change last;
    const struct entry *e = count ? &list[count - 1] : NULL;
    if (!e || e->verdict == VERDICT_REFUSED || e->change.size == 0 || change_open(e->change, arena, &last) != ERR_OK)
        return count;
    if (!last.grouped || last.group_position >= last.group_size)
        return count;
    return last.group_position < count ? count - last.group_position : 0;
}
