/* Members of a group that come apart from the rest of it: is what was decided under a number one of them. */
#include "server/writer/writer_step.h"

enum err author_holds_member(struct step *st, const struct author *a, uint64_t n, struct id group, enum member *out)
{
    struct entry stored;
    struct change c;
    uint32_t org;
    *out = MEMBER_NO;
    if (!a->incarnation || !cache_has(a->incarnation, n))
        return ERR_OK;
    enum err e = store_find_processed(st->store, a->incarnation->about.row, n, &st->arena, &org, &stored);
    if (e != ERR_OK)
        return e == ERR_NOT_FOUND ? ERR_CORRUPT : e;
    e = stored.change.size ? change_open(stored.change, &st->arena, &c) : ERR_WIRE;
    if (e == ERR_WIRE)
        *out = MEMBER_UNTOLD;
    else if (e == ERR_OK && c.grouped && id_equal(c.group, group))
        *out = MEMBER_YES;
    return e == ERR_WIRE ? ERR_OK : e;
}
