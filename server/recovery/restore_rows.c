/* See restore_rows.h. */
#include "server/recovery/restore_rows.h"

#include "server/recovery/verify.h"
#include "server/store/store_control.h"
#include "server/store/store_cut.h"
#include "server/writer/fold.h"

/* Numbers in entries without their content are not known to the history: what was given stays given. */
static void keep_numbers(const struct org_state *kept, struct org_state *made)
{
    const char *name;
    int64_t last;
    for (size_t i = 0; org_state_number_at(kept, i, &name, &last); i++)
        org_state_number_seen(made, name, last);
}

static enum err put_fold(struct store *store, uint32_t org, bool stripped, struct fold *fold)
{
    struct org_state *kept;
    if (stripped && store_load_org(store, org, 1, &kept) == ERR_OK) { /* where it can't be read nothing of it is known */
        keep_numbers(kept, fold->state);
        org_state_destroy(kept);
    }
    enum err e = fold->broken ? ERR_CORRUPT : store_erase_rows(store, org);
    if (e == ERR_OK)
        e = store_put_rows(store, fold->scratch);
    return e == ERR_OK ? store_put_org(store, fold->state) : e;
}

static enum err work_out(struct store *store, uint32_t org, bool stripped)
{
    struct fold fold;
    enum err e = fold_org(store, org, 0, &fold);
    if (e != ERR_OK)
        return e;
    e = put_fold(store, org, stripped, &fold);
    fold_finish(&fold);
    return e;
}

static enum err work_out_all(struct store *store, const struct verify_report *r, size_t *orgs)
{
    uint32_t last = 0;
    enum err e = ERR_OK;
    *orgs = 0;
    for (size_t i = 0; i < r->count && e == ERR_OK; i++) {
        uint32_t org = r->list[i].org;
        if (org == 0 || org == last || !verify_history_is_right(&r->list[i]))
            continue;
        e = work_out(store, org, r->stripped > 0);
        last = org;
        *orgs += 1;
    }
    return e == ERR_OK && *orgs ? store_rebuild_runs(store) : e;
}

enum err restore_rows(struct store *store, struct control *control, size_t *orgs)
{
    struct verify_report report;
    size_t count = 0;
    if (verify_run(store, control, &report) != ERR_OK) {
        *orgs = 0; /* a restore goes on with what can be read, and verify says the same of it afterwards */
        return ERR_OK;
    }
    enum err e = store_begin(store);
    if (e == ERR_OK) {
        e = work_out_all(store, &report, &count);
        if (e == ERR_OK)
            e = store_meta_put(store_db(store), VERIFY_FOUND, 0); /* of before */
        if (e == ERR_OK)
            e = store_commit(store);
        else
            store_rollback(store);
    }
    verify_report_finish(&report);
    if (e == ERR_OK)
        *orgs = count;
    return e;
}
