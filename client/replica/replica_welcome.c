/* Hello and WELCOME: who this seat is now, what it may read, which epochs survived (rules 26, 27, 31).
 * Order within the one transaction: facts and orgs, lineage, acknowledgements that it gave up, positions off the path, rights. */
#include "client/replica/heads.h"
#include "client/replica/kept.h"
#include "client/replica/outbox.h"
#include "client/replica/past.h"
#include "client/replica/replica_missing.h"
#include "client/replica/replica_numbers.h"
#include "client/replica/replica_pull.h"
#include "client/replica/replica_put_back.h"
#include "client/replica/replica_sync.h"
#include "base/clock.h"
#include "base/limits.h"
#include "base/log.h"
#include "sync/org_state.h"
#include "wire/wire.h"

#include <string.h>

/* ---- hello ---- */

static enum err prove(struct replica *r, Wire__Position *p, struct arena *arena)
{
    struct slice mac;
    enum err e = heads_get(r, p->org, p->seq, arena, &mac);
    if (e != ERR_OK)
        return e;
    p->has_head_mac = mac.size > 0;
    p->head_mac = (ProtobufCBinaryData){mac.size, (uint8_t *)mac.data};
    return ERR_OK;
}

static enum err hello_positions(struct replica *r, struct arena *arena, Wire__Hello *hello)
{
    struct db_statement *s;
    bool row;
    enum { POSITIONS_MAX = 16 };
    hello->position = arena_alloc(arena, POSITIONS_MAX * sizeof *hello->position);
    if (!hello->position)
        return ERR_MEMORY;
    enum err e = sql_ask(r->db, &s, "SELECT p.org, p.log_seq, p.log_chain FROM position p JOIN org o ON o.number = p.org AND o.held", "");
    while (e == ERR_OK && (e = db_step(s, &row)) == ERR_OK && row && hello->n_position < POSITIONS_MAX) {
        Wire__Position *p = arena_alloc(arena, sizeof *p);
        struct slice chain = arena_copy(arena, db_blob(s, 2));
        if (!p)
            return ERR_MEMORY;
        wire__position__init(p);
        p->has_org = p->has_seq = 1;
        p->org = (uint32_t)db_integer(s, 0);
        p->seq = (uint64_t)db_integer(s, 1);
        p->has_chain = chain.size == CHAIN_SIZE;
        p->chain = (ProtobufCBinaryData){chain.size, (uint8_t *)chain.data};
        hello->position[hello->n_position++] = p;
    }
    if (e == ERR_OK)
        db_reset(s);
    for (size_t i = 0; e == ERR_OK && i < hello->n_position; i++)
        e = prove(r, hello->position[i], arena);
    return e;
}

/* The first of them; the server's log wants to name one. */
static enum err report_past(struct replica *r, Wire__Report *report)
{
    struct replica_rewriting first;
    size_t count;
    int64_t all;
    enum err e = replica_rewritings(r, &first, 1, &count);
    if (e == ERR_OK)
        e = sql_integer(r->db, 0, &all, "SELECT count(*) FROM rewritten", "");
    if (e != ERR_OK || count == 0)
        return e;
    report->has_rewritten = report->has_rewritten_org = report->has_rewritten_after = report->has_rewritten_seq = 1;
    report->rewritten = (uint32_t)all;
    report->rewritten_org = first.org;
    report->rewritten_after = first.after;
    report->rewritten_seq = first.seq;
    return ERR_OK;
}

enum err replica_report(struct replica *r, enum replica_waiting what, struct arena *arena, Wire__Report *report)
{
    struct replica_status status;
    uint64_t others = 0;
    (void)arena;
    enum err e = replica_status(r, &status);
    if (e == ERR_OK && what == REPLICA_WAITING_ALL)
        e = late_count(r, &others);
    if (e != ERR_OK)
        return e;
    wire__report__init(report);
    report->has_queued = report->has_refused = report->has_conflicts = 1;
    report->queued = (uint32_t)(status.queued + others);
    report->refused = (uint32_t)status.refused;
    report->conflicts = (uint32_t)status.conflicts;
    report->has_oldest_queued_ms = status.oldest_queued_ms > 0;
    report->oldest_queued_ms = status.oldest_queued_ms;
    return report_past(r, report);
}

enum err replica_hello(struct replica *r, struct arena *arena, Wire__Hello *hello)
{
    struct incarnation i;
    uint64_t n;
    int64_t epoch = 0;
    enum err e = outbox_current(r, &i, &n);
    if (e == ERR_OK)
        e = sql_integer(r->db, 0, &epoch, "SELECT max(epoch) FROM lineage WHERE org = 0", "");
    struct slice mac = {0};
    if (e == ERR_OK)
        e = left_newest(r, &hello->left_ms);
    hello->has_left_ms = hello->left_ms > 0;
    if (e == ERR_OK)
        e = reading_told(r, &hello->reading_number, &hello->reading_ms);
    hello->has_reading_ms = hello->has_reading_number = hello->reading_number > 0;
    if (e == ERR_OK && (e = replica_meta_get(r, "epoch_mac", arena, &mac)) == ERR_NOT_FOUND)
        e = ERR_OK;
    if (e != ERR_OK)
        return e;
    hello->has_epoch = epoch > 0;
    hello->epoch = (uint32_t)epoch;
    hello->has_epoch_mac = mac.size > 0;
    hello->epoch_mac = (ProtobufCBinaryData){mac.size, (uint8_t *)mac.data};
    struct slice incarnation = arena_copy(arena, slice_of(i.bytes, INCARNATION_SIZE));
    hello->report = arena_alloc(arena, sizeof *hello->report);
    hello->kind = arena_alloc(arena, r->spec_count * sizeof *hello->kind);
    if (!incarnation.data || !hello->report || !hello->kind)
        return ERR_MEMORY;
    hello->has_protocol = hello->has_incarnation = 1;
    hello->protocol = 1;
    hello->incarnation = (ProtobufCBinaryData){incarnation.size, (uint8_t *)incarnation.data};
    for (size_t k = 0; k < r->spec_count; k++)
        hello->kind[hello->n_kind++] = r->specs[k].number;
    e = hello_positions(r, arena, hello);
    return e == ERR_OK ? replica_report(r, REPLICA_WAITING_ALL, arena, hello->report) : e;
}

/* ---- facts and orgs ---- */

static enum err put_text(struct replica *r, const char *key, const char *value)
{
    return value ? replica_meta_put(r, key, slice_text(value)) : ERR_OK;
}

/* What was entered by other roles is refused with these: the person should know why. */
static enum err note_roles(struct replica *r, const char *roles, int64_t at_ms)
{
    struct replica_facts f;
    enum err e = replica_facts(r, &f);
    if (e != ERR_OK || !roles || strcmp(f.roles_text, roles) == 0)
        return e;
    e = replica_meta_put(r, "roles_before", slice_text(f.roles_text));
    return e == ERR_OK ? replica_meta_put_integer(r, "roles_changed_ms", at_ms) : e;
}

#define RECOVERY_MS_MAX (INT64_C(24) * 3600000) /* rule 26; a server of before tells no time */

/* Of the home: a branch's seat sends nothing to the district's own log, which waits for all branches. */
static enum err note_recovery(struct replica *r, const Wire__Welcome *w, int64_t server_ms)
{
    int64_t until = 0;
    for (size_t i = 0; i < w->n_head; i++) {
        const Wire__Head *h = w->head[i];
        if (h->org && h->org->number == w->home && h->recovering)
            until = h->has_recovering_until_ms ? clock_sane_ms(h->recovering_until_ms) : server_ms + RECOVERY_MS_MAX;
    }
    return replica_meta_put_integer(r, "recovering_until_ms", until);
}

static enum err take_facts(struct replica *r, const Wire__Welcome *w, int64_t now_ms)
{
    int64_t server_ms = w->has_now_ms ? clock_sane_ms(w->now_ms) : now_ms;
    enum err e = put_text(r, "person", w->person);
    if (e == ERR_OK)
        e = note_roles(r, w->roles, server_ms);
    if (e == ERR_OK)
        e = put_text(r, "roles", w->roles);
    if (e == ERR_OK && w->home)
        e = replica_meta_put_integer(r, "home", w->home);
    if (e == ERR_OK && w->has_certificate_ends_ms)
        e = replica_meta_put_integer(r, "certificate_ends_ms", clock_sane_ms(w->certificate_ends_ms));
    if (e == ERR_OK && w->has_now_ms)
        e = inner_clock_measured(r, server_ms - now_ms);
    if (e == ERR_OK)
        e = note_recovery(r, w, server_ms);
    if (e == ERR_OK)
        e = replica_meta_put_integer(r, "last_contact_ms", server_ms);
    if (e == ERR_OK)
        e = replica_meta_put(r, "ended", (struct slice){0});
    if (e == ERR_OK)
        e = replica_meta_put(r, "unknown", (struct slice){0});
    return e == ERR_OK ? replica_meta_put(r, "suspended", (struct slice){0}) : e;
}

static enum err take_org(struct replica *r, const Wire__Org *o)
{
    return sql_run(r->db, "INSERT INTO org(number, parent, code, name, level, state, held) VALUES(?1, ?2, ?3, ?4, ?5, ?6, 1)"
                          " ON CONFLICT(number) DO UPDATE SET parent = excluded.parent, code = excluded.code, name = excluded.name,"
                          " level = excluded.level, state = excluded.state, held = 1", "iitttt", (int64_t)o->number, (int64_t)o->parent,
                   slice_text(o->code), slice_text(o->name), slice_text(o->level), slice_text(o->state));
}

/* All that is kept of an org; what waits to be sent stays and will be refused (rule 31). */
static enum err drop_org(struct replica *r, uint32_t org)
{
    struct position all = {.org = org, .snap_seq = INT64_MAX};
    static const char *const tables[] = {"DELETE FROM kept WHERE org = ?1", "DELETE FROM late_entry WHERE org = ?1", "DELETE FROM repair WHERE org = ?1",
                                         "DELETE FROM position WHERE org = ?1", "DELETE FROM head_mac WHERE org = ?1",
                                         "DELETE FROM seen_head WHERE org = ?1", "DELETE FROM number_was WHERE org = ?1"};
    enum err e = sql_run(r->db, "DELETE FROM brought WHERE org = ?1", "i", (int64_t)org);
    if (e == ERR_OK)
        e = page_remove_rest(r, &all);
    for (size_t i = 0; e == ERR_OK && i < sizeof tables / sizeof *tables; i++)
        e = sql_run(r->db, tables[i], "i", (int64_t)org);
    return e;
}

static enum err take_orgs(struct replica *r, const Wire__Welcome *w)
{
    int64_t gone = 1;
    enum err e = sql_run(r->db, "UPDATE org SET held = 0", "");
    for (size_t i = 0; e == ERR_OK && i < w->n_head; i++)
        e = w->head[i]->org ? take_org(r, w->head[i]->org) : ERR_PROTOCOL;
    while (e == ERR_OK && gone) {
        e = sql_integer(r->db, 0, &gone, "SELECT p.org FROM position p LEFT JOIN org o ON o.number = p.org WHERE o.held IS NOT 1 LIMIT 1", "");
        if (e == ERR_OK && gone)
            e = drop_org(r, (uint32_t)gone);
    }
    return e;
}

/* ---- lineage ---- */

static enum err take_lineage(struct replica *r, const Wire__Welcome *w)
{
    const char *put = "INSERT INTO lineage(org, epoch, parent, last) VALUES(?1, ?2, ?3, ?4) ON CONFLICT(org, epoch) DO NOTHING";
    int64_t before, now;
    enum err e = sql_integer(r->db, 0, &before, "SELECT max(epoch) FROM lineage", "");
    if (e == ERR_OK)
        e = sql_run(r->db, "DELETE FROM lineage", "");
    if (e == ERR_OK)
        e = replica_meta_put(r, "epoch_mac", slice_of(w->epoch_mac.data, w->epoch_mac.len));
    for (size_t i = 0; e == ERR_OK && i < w->n_lineage; i++) {
        const Wire__Epoch *x = w->lineage[i];
        e = sql_run(r->db, put, "iiii", (int64_t)0, (int64_t)x->epoch, (int64_t)x->parent, (int64_t)0);
        for (size_t o = 0; e == ERR_OK && o < x->n_last; o++)
            e = sql_run(r->db, put, "iiii", (int64_t)x->last[o]->org, (int64_t)x->epoch, (int64_t)x->parent, (int64_t)x->last[o]->seq);
    }
    if (e == ERR_OK)
        e = sql_integer(r->db, 0, &now, "SELECT max(epoch) FROM lineage", "");
    return e == ERR_OK && now != before ? missing_begin(r) : e;
}

/* ---- all of it ---- */

static enum err take_promises(struct replica *r, const Wire__Welcome *w)
{
    enum err e = ERR_OK;
    for (size_t i = 0; e == ERR_OK && i < w->n_promise; i++)
        e = position_settle(r, w->promise[i]->org, 0, w->promise[i]->seq);
    return e;
}

/* The lineage of each head's org as it was told last time. */
static enum err load_lineages(struct replica *r, const Wire__Welcome *w, struct arena *arena, struct lineage **out)
{
    struct lineage *list = arena_alloc(arena, (w->n_head + 1) * sizeof *list);
    enum err e = list ? ERR_OK : ERR_MEMORY;
    for (size_t i = 0; e == ERR_OK && i < w->n_head; i++)
        e = w->head[i]->org ? lineage_load(r, w->head[i]->org->number, arena, &list[i]) : ERR_PROTOCOL;
    *out = list;
    return e;
}

static enum err take(struct replica *r, const Wire__Welcome *w, const struct replica_facts *before, int64_t now_ms, struct arena *arena)
{
    struct lineage *lineages;
    enum err e = load_lineages(r, w, arena, &lineages);
    if (e == ERR_OK)
        e = take_facts(r, w, now_ms);
    if (e == ERR_OK && w->n_head > 0)
        e = take_orgs(r, w);
    if (e == ERR_OK)
        e = replica_meet(r, (const Wire__Author *const *)w->author, w->n_author);
    if (e == ERR_OK)
        e = take_lineage(r, w);
    if (e == ERR_OK)
        e = outbox_forget(r);
    for (size_t i = 0; e == ERR_OK && i < w->n_head; i++)
        e = outbox_forget_after(r, w->head[i]->org->number, w->head[i]->seq);
    for (size_t i = 0; e == ERR_OK && i < w->n_head; i++)
        e = fall_back_check(r, w->head[i]->org->number, before->seat, &lineages[i]);
    if (e == ERR_OK)
        e = roles_take(r, before->roles, w->roles);
    if (e == ERR_OK)
        e = left_take(r, w);
    if (e == ERR_OK)
        e = reading_take(r, w);
    if (e == ERR_OK)
        e = copies_take(r, w);
    return e == ERR_OK ? take_promises(r, w) : e;
}

enum err replica_welcome(struct replica *r, const Wire__Welcome *w, int64_t now_ms)
{
    struct replica_facts before;
    struct arena arena;
    enum err e = replica_facts(r, &before);
    if (e != ERR_OK)
        return e;
    if (w->seat != before.seat)
        return inner_fail(r, ERR_PROTOCOL, "the server takes this seat for another one");
    e = inner_begin(r);
    if (e != ERR_OK)
        return e;
    arena_init(&arena, LIMIT_ARENA);
    e = take(r, w, &before, now_ms, &arena);
    arena_finish(&arena);
    e = inner_end(r, e);
    if (e == ERR_OK)
        roles_scrub(r);
    return e;
}
