/* See late.h. Members of a group stand side by side in the log: they were decided in one commit, with consecutive seqs.
 */
#include "sync/late.h"

#include <string.h>

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

enum err late_fork_open(const Wire__LateFork *m, struct late_fork *out)
{
    struct late_fork fork = {.n = m->n};
    if (m->incarnation.len != INCARNATION_SIZE || m->hash.len != HASH_SIZE || m->n == 0)
        return ERR_PROTOCOL;
    memcpy(fork.incarnation.bytes, m->incarnation.data, INCARNATION_SIZE);
    memcpy(fork.hash, m->hash.data, HASH_SIZE);
    *out = fork;
    return ERR_OK;
}

Wire__LateFork *late_fork_wire(const struct late_fork *fork, struct arena *arena)
{
    Wire__LateFork *m = arena_alloc(arena, sizeof *m);
    struct slice incarnation = arena_copy(arena, slice_of(fork->incarnation.bytes, INCARNATION_SIZE));
    struct slice hash = arena_copy(arena, slice_of(fork->hash, HASH_SIZE));
    if (!m || incarnation.size != INCARNATION_SIZE || hash.size != HASH_SIZE)
        return NULL;
    wire__late_fork__init(m);
    m->has_incarnation = m->has_n = m->has_hash = 1;
    m->incarnation = (ProtobufCBinaryData){incarnation.size, (uint8_t *)incarnation.data};
    m->hash = (ProtobufCBinaryData){hash.size, (uint8_t *)hash.data};
    m->n = fork->n;
    return m;
}
