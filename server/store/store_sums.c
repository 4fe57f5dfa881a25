/* Digests and measures follow the program: what one before left (a field was added to a kind, a sum to its measures) is counted anew
 * from the rows, before anybody is told of them and before a change takes out of a sum what never went in. */
#include "base/log.h"
#include "server/store/store_control.h"
#include "server/store/store_inner.h"
#include "sync/org_state.h"
#include "sync/recount.h"

#include <stdio.h>
#include <stdlib.h>

#define MARK "sums"
#define PAGE_SIZE (1u << 20)

static void mark_text(char out[2 * SUMS_MARK_SIZE + 1])
{
    uint8_t mark[SUMS_MARK_SIZE];
    sums_mark(mark);
    for (size_t i = 0; i < sizeof mark; i++)
        snprintf(out + 2 * i, 3, "%02x", mark[i]);
}

static enum err is_counted(struct store *s, bool *out)
{
    char mark[2 * SUMS_MARK_SIZE + 1];
    struct buf kept = BUF_INIT;
    mark_text(mark);
    enum err e = store_meta_text(s->db, MARK, &kept);
    if (e == ERR_OK)
        *out = slice_equal(buf_slice(&kept), slice_text(mark));
    buf_finish(&kept);
    return e;
}

static enum err lay_in(struct store *s, struct recount *r, uint32_t org)
{
    struct id after = {{0}};
    uint32_t after_kind = 0;
    bool more = true;
    enum err e = ERR_OK;
    while (e == ERR_OK && more) {
        struct row *list;
        size_t count;
        e = store_read_rows(s, org, after_kind, after_kind ? &after : NULL, 0, PAGE_SIZE, scratch_arena(r->scratch), &list, &count, &more);
        for (size_t i = 0; e == ERR_OK && i < count; i++)
            recount_row(r, list[i].kind, list[i].id, list[i].seq, list[i].message);
        if (e == ERR_OK && count) {
            after = list[count - 1].id;
            after_kind = list[count - 1].kind;
        }
    }
    return e;
}

static enum err count_org(struct store *s, uint32_t org)
{
    struct org_state *state;
    enum err e = store_load_org(s, org, 1, &state);
    if (e != ERR_OK)
        return e;
    struct recount r = recount_begin(org);
    e = lay_in(s, &r, org);
    if (e == ERR_OK) {
        recount_end(&r, state);
        e = store_put_org(s, state);
    } else {
        recount_drop(&r);
    }
    org_state_destroy(state);
    return e;
}

static enum err list_orgs(struct store *s, uint32_t **out, size_t *count)
{
    struct db_statement *q;
    int64_t most;
    bool row;
    enum err e = store_ask(s, "SELECT count(*) FROM org_state WHERE org > $1", 0, 0, &most);
    if (e == ERR_OK)
        e = db_prepare(s->db, "SELECT org FROM org_state ORDER BY org", &q);
    if (e != ERR_OK)
        return e;
    *out = calloc((size_t)most + 1, sizeof **out);
    CHECK(*out);
    for (*count = 0; (e = db_step(q, &row)) == ERR_OK && row;)
        (*out)[(*count)++] = (uint32_t)db_integer(q, 0);
    return e;
}

static enum err count_all(struct store *s)
{
    uint32_t *orgs = NULL;
    size_t count = 0;
    enum err e = list_orgs(s, &orgs, &count);
    for (size_t i = 0; e == ERR_OK && i < count; i++)
        e = count_org(s, orgs[i]);
    if (e == ERR_OK && count)
        log_info("store", "the sums of %zu orgs are counted anew by this program", count);
    free(orgs);
    return e;
}

enum err store_open_sums(struct store *s)
{
    bool done = true;
    char mark[2 * SUMS_MARK_SIZE + 1];
    enum err e = s->mode == STORE_WRITE ? is_counted(s, &done) : ERR_OK;
    if (e != ERR_OK || done)
        return e;
    e = store_begin(s);
    if (e != ERR_OK)
        return e;
    e = is_counted(s, &done); /* another process may have been faster */
    if (e == ERR_OK && !done)
        e = count_all(s);
    mark_text(mark);
    if (e == ERR_OK && !done)
        e = store_meta_put_text(s->db, MARK, mark);
    if (e == ERR_OK)
        return store_commit(s);
    store_rollback(s);
    return e;
}
