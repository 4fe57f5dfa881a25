/* See erase.h. */
#include "server/recovery/erase.h"

#include "base/limits.h"
#include "base/log.h"
#include "server/store/store_control.h"
#include "server/store/store_erase.h"

/* In meta: counts erasures that were carried out, and up to which of them the file was scrubbed. A number, not a mark that is taken
 * away: another process may carry one out while this one scrubs. Older programs wrote 1, and 0 when it was done. */
#define CARRIED_OUT "erase_rewrite"
#define SCRUBBED "erase_scrubbed"

bool erase_is_due(const struct control *control)
{
    const struct control_erasure *x;
    for (size_t i = 0; (x = control_erasure_at(control, i)); i++)
        if (!x->done)
            return true;
    return false;
}

/* The first of an org that was not carried out: its log is gone through once. */
static bool is_first(const struct control *control, const struct control_erasure *one)
{
    const struct control_erasure *x;
    for (size_t i = 0; (x = control_erasure_at(control, i)) != one; i++)
        if (!x->done && x->org == one->org)
            return false;
    return true;
}

static enum err carry_out_one(struct store *store, const struct control *control, const struct control_erasure *one,
                              size_t *count)
{
    struct arena arena;
    const Wire__Erasure *x;
    struct erasures known = control_erasures(control);
    arena_init(&arena, LIMIT_ARENA);
    enum err e = erasure_open(one->packed, &arena, &x);
    if (e == ERR_OK && is_first(control, one))
        e = store_erase_history(store, one->org, &known, count);
    if (e == ERR_OK)
        e = store_erase_values(store, x, control_newest_epoch(control), &known, count);
    arena_finish(&arena);
    return e;
}

static enum err count_carried_out(struct db *db)
{
    int64_t before;
    enum err e = store_meta_get(db, CARRIED_OUT, &before);
    return e == ERR_OK ? store_meta_put(db, CARRIED_OUT, before + 1) : e;
}

enum err erase_carry_out(struct store *store, struct control *control, size_t *count)
{
    const struct control_erasure *x;
    enum err e = ERR_OK;
    *count = 0;
    if (!erase_is_due(control))
        return ERR_OK;
    for (size_t i = 0; e == ERR_OK && (x = control_erasure_at(control, i)); i++)
        if (!x->done)
            e = carry_out_one(store, control, x, count);
    if (e == ERR_OK)
        e = count_carried_out(store_db(store));
    if (e == ERR_OK)
        e = control_erasures_done(control);
    if (e == ERR_OK)
        log_info("erase", "carried out by law: %zu rows and entries", *count);
    return e;
}

static enum err look_what_is_due(struct db *db, int64_t *carried_out, bool *due)
{
    int64_t scrubbed;
    enum err e = store_meta_get(db, CARRIED_OUT, carried_out);
    if (e == ERR_OK)
        e = store_meta_get(db, SCRUBBED, &scrubbed);
    if (e == ERR_OK)
        *due = *carried_out != scrubbed;
    return e;
}

enum err erase_scrub_is_due(struct store *store, bool *due)
{
    int64_t carried_out;
    return look_what_is_due(store_db(store), &carried_out, due);
}

static enum err note_scrubbed(struct db *db, int64_t carried_out)
{
    enum err e = db_begin(db);
    if (e != ERR_OK)
        return e;
    e = store_meta_put(db, SCRUBBED, carried_out);
    if (e == ERR_OK)
        return db_commit(db);
    db_rollback(db);
    return e;
}

enum err erase_scrub_turn(struct store *store, struct erase_scrub *s, int64_t pages, bool *more)
{
    struct db *db = store_db(store);
    enum err e = ERR_OK;
    bool due = true;
    if (s->walk.next == 0) {
        s->walk = (struct db_scrub){0};
        e = look_what_is_due(db, &s->carried_out, &due);
    }
    *more = false;
    if (e != ERR_OK || !due)
        return e;
    e = db_scrub_turn(db, &s->walk, pages, more);
    return e == ERR_OK && !*more ? note_scrubbed(db, s->carried_out) : e;
}

enum err erase_scrub(struct store *store)
{
    struct db *db = store_db(store);
    int64_t carried_out;
    bool due;
    enum err e = look_what_is_due(db, &carried_out, &due);
    if (e == ERR_OK && due && (e = db_scrub(db)) == ERR_OK)
        e = note_scrubbed(db, carried_out);
    return e;
}

enum err erase_settle(struct store *store, struct control *control)
{
    size_t count;
    enum err e = ERR_OK;
    if (erase_is_due(control)) {
        e = store_begin(store);
        if (e == ERR_OK && (e = control_refresh(control, NULL)) == ERR_OK)
            e = erase_carry_out(store, control, &count);
        if (e == ERR_OK)
            e = store_commit(store);
        else
            store_rollback(store);
        if (e == ERR_OK)
            e = control_refresh(control, NULL);
    }
    return e == ERR_OK ? erase_scrub(store) : e;
}
