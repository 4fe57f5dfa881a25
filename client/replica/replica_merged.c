/* Records in which a change made here met changes of others and went in beside them (verdict MERGED): kept until a person was
 * told (rule 9), also where an agent did the round that nobody watched. A packed list, the newest MERGED_MAX of them. */
#include "client/replica/replica_inner.h"
#include "client/replica/replica_sync.h"

#include <string.h>

#define MERGED_KEY "merged"
#define MERGED_SIZE (4 + ID_SIZE) /* kind, id */

static void pack(uint32_t kind, struct id id, uint8_t out[MERGED_SIZE])
{
    for (int i = 0; i < 4; i++)
        out[i] = (uint8_t)(kind >> (24 - 8 * i));
    memcpy(out + 4, id.bytes, ID_SIZE);
}

/* The list as it stands; empty if there is none. */
static enum err read_list(struct replica *r, struct arena *arena, struct slice *out)
{
    *out = (struct slice){0};
    enum err e = replica_meta_get(r, MERGED_KEY, arena, out);
    return e == ERR_NOT_FOUND ? ERR_OK : e;
}

enum err replica_merged_note(struct replica *r, uint32_t kind, struct id id, struct arena *arena)
{
    uint8_t item[MERGED_SIZE];
    struct slice list;
    struct buf more = BUF_INIT;
    enum err e = read_list(r, arena, &list);
    if (e != ERR_OK)
        return e;
    pack(kind, id, item);
    for (size_t at = 0; at + MERGED_SIZE <= list.size; at += MERGED_SIZE)
        if (memcmp(list.data + at, item, MERGED_SIZE) == 0)
            return ERR_OK;
    size_t over = list.size >= MERGED_MAX * MERGED_SIZE ? MERGED_SIZE : 0;
    buf_append(&more, list.data + over, list.size - over);
    buf_append(&more, item, MERGED_SIZE);
    e = replica_meta_put(r, MERGED_KEY, buf_slice(&more));
    buf_finish(&more);
    return e;
}

static size_t unpack(struct slice list, struct replica_merged out[MERGED_MAX])
{
    size_t count = 0;
    for (size_t at = 0; at + MERGED_SIZE <= list.size && count < MERGED_MAX; at += MERGED_SIZE, count++) {
        const uint8_t *p = list.data + at;
        out[count].kind = (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
        out[count].id = id_from(slice_of(p + 4, ID_SIZE));
    }
    return count;
}

/* One transaction: what an agent notes meanwhile is told the next time. */
enum err replica_take_merged(struct replica *r, struct arena *arena, struct replica_merged out[MERGED_MAX], size_t *count)
{
    struct slice list = {0};
    enum err e = inner_begin(r);
    if (e != ERR_OK)
        return e;
    e = read_list(r, arena, &list);
    if (e == ERR_OK && list.size)
        e = replica_meta_put(r, MERGED_KEY, (struct slice){0});
    e = inner_end(r, e);
    if (e == ERR_OK)
        *count = unpack(list, out);
    return e;
}
