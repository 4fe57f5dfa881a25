/* What of a plan was erased before: see erase_plan.h. */
#include "server/recovery/erase_plan.h"

static struct erased_fields without(struct erased_fields f, struct erased_fields known, struct arena *arena)
{
    uint32_t *tags = arena_alloc(arena, (f.count + 1) * sizeof *tags);
    size_t count = 0;
    CHECK(tags);
    for (size_t i = 0; i < f.count; i++)
        if (!erased_holds(known, f.tags[i]))
            tags[count++] = f.tags[i];
    bool covered = known.from && known.from <= f.from;
    if (count == 0 && f.count > 0 && f.from > 0 && !covered)
        tags[count++] = f.tags[0]; /* programs of before `from` take no erasure of a record that names no tag */
    return (struct erased_fields){tags, count, covered ? 0 : f.from};
}

size_t erase_plan_leave_known(struct erase_plan *p, const struct control *control)
{
    struct erasures known = control_erasures(control);
    size_t left = 0, before = p->count;
    for (size_t i = 0; i < before; i++) {
        struct erase_record r = p->list[i];
        struct erased_fields f = {0};
        if (known.find(known.to, r.kind, r.id, &f))
            r.fields = without(r.fields, f, &p->arena);
        if (erased_any(r.fields))
            p->list[left++] = r;
    }
    p->count = left;
    return before - left;
}

enum err erase_plan_look(struct erase_plan *p, struct store *store)
{
    struct arena arena;
    enum err e = ERR_OK;
    arena_init(&arena, 64u << 20);
    for (size_t i = 0; e == ERR_OK && i < p->count; i++) {
        struct row row = {0};
        arena_reset(&arena);
        e = store_read_row(store, p->list[i].kind, p->list[i].id, &arena, &row);
        p->list[i].in_log_alone = e == ERR_NOT_FOUND || !row.message;
        p->in_log_alone += p->list[i].in_log_alone;
        e = e == ERR_NOT_FOUND ? ERR_OK : e;
    }
    arena_finish(&arena);
    return e;
}

bool erase_plan_decision(const struct control *control, struct id member, struct arena *arena, const Wire__Erasure **out)
{
    const struct control_erasure *x;
    for (size_t i = 0; (x = control_erasure_at(control, i)); i++) {
        const Wire__Erasure *m;
        if (erasure_open(x->packed, arena, &m) != ERR_OK)
            continue;
        for (size_t k = 0; k < m->n_erased; k++)
            if (id_equal(id_from(slice_of(m->erased[k]->id.data, ID_SIZE)), member)) {
                *out = m;
                return true;
            }
    }
    return false;
}
