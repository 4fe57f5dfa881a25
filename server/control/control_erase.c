/* Erasures in control data (rule 29): in the journal first, like all of it, so that no restore brings back what they
 * took. */
#include "server/control/control_inner.h"

#include "base/limits.h"
#include "journal.pb-c.h"

#include <string.h>

const struct control_erasure *control_erasure_at(const struct control *c, size_t index)
{
    return index < c->tables.erasure_count ? &c->tables.erasures[index] : NULL;
}

bool control_erases_anything(const struct control *c)
{
    return c->tables.erasure_count > 0;
}

static bool find(const void *to, uint32_t kind, struct id id, struct erased_fields *out)
{
    const struct control *c = to;
    const struct control_erased *found = store_control_erased(&c->tables, kind, id);
    if (found)
        *out = found->fields;
    return found != NULL;
}

struct erasures control_erasures(const struct control *c)
{
    return (struct erasures){find, c};
}

bool control_erasure_concerns(const struct control *c, const struct control_erasure *x, uint32_t home)
{
    return control_in_subtree(c, home, x->org) || control_in_subtree(c, x->org, home);
}

void control_erased_sum(const struct control *c, uint32_t home, uint8_t sum[ERASURE_SUM_SIZE])
{
    memset(sum, 0, ERASURE_SUM_SIZE);
    for (size_t i = 0; i < c->tables.erasure_count; i++)
        if (control_erasure_concerns(c, &c->tables.erasures[i], home))
            erasure_add(sum, c->tables.erasures[i].hash);
}

static bool is_known(const struct control *c, ProtobufCBinaryData id)
{
    for (size_t i = 0; i < c->tables.erasure_count; i++)
        if (memcmp(c->tables.erasures[i].id, id.data, ERASURE_ID_SIZE) == 0)
            return true;
    return false;
}

enum err control_add_erasure(struct control *c, struct slice packed, uint32_t by_seat)
{
    struct change_of_control change;
    Journal__Erasure m = JOURNAL__ERASURE__INIT;
    const Wire__Erasure *x;
    struct arena arena;
    arena_init(&arena, LIMIT_ARENA);
    enum err e = erasure_open(packed, &arena, &x);
    if (e == ERR_OK)
        e = control_begin(c, &change);
    if (e == ERR_OK && is_known(c, x->id)) {
        e = control_give_up(&change, ERR_OK);
    } else if (e == ERR_OK) {
        m.has_erasure = m.has_by_seat = 1;
        m.erasure = (ProtobufCBinaryData){packed.size, (uint8_t *)packed.data};
        m.by_seat = by_seat;
        e = control_finish(&change, CONTROL_ERASURE, &m.base);
    }
    arena_finish(&arena);
    return e;
}

enum err control_erasures_done(struct control *c)
{
    enum err e = ERR_OK;
    for (size_t i = 0; i < c->tables.erasure_count && e == ERR_OK; i++)
        if (!c->tables.erasures[i].done)
            e = store_control_erasure_done(c->db, c->tables.erasures[i].number);
    if (e == ERR_OK)
        e = store_control_changed(c->db);
    c->data_version = -1; /* whatever becomes of the transaction: the next refresh looks */
    return e == ERR_OK ? control_reload(c) : e;
}
