#include "server/writer/fold.h"

#include "base/limits.h"
#include "sync/accept.h"

#include <string.h>

#define FOLD_CAP ((size_t)16 << 30) /* an upper bound for one org's rows, not what is taken */
#define PAGE_SIZE (1u << 20)

static enum err fold_entry(struct fold *f, uint32_t org, const struct entry *e, struct arena *arena)
{
    struct scratch_keys missing = {.count = 0};
    do {
        scratch_add_absent(f->scratch, &missing); /* nothing was there before the first entry */
        missing.count = 0;
        accept_keys(e, org, f->scratch, arena, &missing);
    } while (missing.count);
    enum err failed = accept_verbatim(e, org, f->scratch, f->state, arena);
    if (failed == ERR_CHAIN || failed == ERR_WIRE) {
        f->broken = true;
        f->broken_seq = e->seq;
        return ERR_OK;
    }
    f->entries += failed == ERR_OK;
    return failed;
}

static enum err fold_page(struct store *store, uint32_t org, uint64_t last, struct fold *f, uint64_t *after, bool *more, struct arena *arena)
{
    struct entry *list;
    size_t count;
    enum err e = store_read_entries(store, org, *after, PAGE_SIZE, arena, &list, &count, more);
    for (size_t i = 0; i < count && e == ERR_OK && !f->broken; i++) {
        if (last && list[i].seq > last) {
            *more = false;
            break;
        }
        if (!f->state)
            f->state = org_state_create(org, seq_epoch(list[i].seq));
        *after = list[i].seq;
        e = fold_entry(f, org, &list[i], arena);
    }
    return e;
}

enum err fold_org(struct store *store, uint32_t org, uint64_t last, struct fold *out)
{
    struct fold f = {.scratch = scratch_create(FOLD_CAP)};
    struct arena arena;
    uint64_t after = 0;
    bool more = true;
    enum err e = ERR_OK;
    arena_init(&arena, 256u << 20);
    while (more && e == ERR_OK && !f.broken) {
        arena_reset(&arena);
        e = fold_page(store, org, last, &f, &after, &more, &arena);
    }
    arena_finish(&arena);
    if (!f.state)
        f.state = org_state_create(org, 1);
    if (e != ERR_OK) {
        fold_finish(&f);
        return e;
    }
    *out = f;
    return ERR_OK;
}

void fold_finish(struct fold *f)
{
    scratch_destroy(f->scratch);
    org_state_destroy(f->state);
    *f = (struct fold){0};
}
