/* See verify.h. What stands for the whole district first, then org by org, each in one view of history, rows and state;
 * then what only all logs together can tell, and control data. */
#include "server/recovery/verify_parts.h"

#include "base/tr.h"
#include "server/store/store_erase.h"
#include "server/store/store_twins.h"

#include <stdlib.h>

/* ---- the whole ---- */

static void tell_stray(void *to, const char *table, int64_t rows)
{
    verify_find(to, "database", &(struct verify_about){.name = table},
                _("table %s: %lld rows belong to a union, seat or device that there is not"), table, (long long)rows);
}

static void note_unknown(void *to, uint32_t seat)
{
    struct verify_report *r = ((struct verify *)to)->report;
    if (r->unknown_count == r->unknown_capacity) {
        r->unknown_capacity = r->unknown_capacity ? 2 * r->unknown_capacity : 16;
        r->unknown_seats = realloc(r->unknown_seats, r->unknown_capacity * sizeof *r->unknown_seats);
        CHECK(r->unknown_seats);
    }
    r->unknown_seats[r->unknown_count++] = seat;
}

/* Where no restore explains them they are findings already. */
static enum err note_unknown_seats(struct verify *v)
{
    struct control_jump jump;
    enum err e = control_jumps(v->control, &jump);
    if (e != ERR_OK)
        return e == ERR_NOT_FOUND ? ERR_OK : e;
    return store_unknown_seats(v->store, note_unknown, v);
}

static void tell_fork(void *to, uint32_t seat, uint64_t n)
{
    verify_find(to, "runs", NULL,
                _("seat %u: what one of its devices was copied from (at change %llu) does not fit its name"), seat,
                (unsigned long long)n);
}

static enum err check_runs(struct verify *v)
{
    struct store_lost_run *lost;
    size_t count;
    int64_t surplus;
    arena_reset(&v->arena);
    enum err e = store_lost_runs(v->store, VERIFY_FINDINGS_MAX + 1, &v->arena, &lost, &count, &surplus);
    for (size_t i = 0; e == ERR_OK && i < count; i++) {
        v->org = lost[i].org;
        verify_find(
            v, "runs", &(struct verify_about){.name = "run", .seq = lost[i].seq},
            _("change %llu of seat %u was decided by entry %llu, and nothing leads there: it could be decided twice"),
            (unsigned long long)lost[i].n, lost[i].seat, (unsigned long long)lost[i].seq);
    }
    v->org = 0;
    if (e == ERR_OK && surplus > 0)
        verify_find(v, "runs", &(struct verify_about){.name = "run", .history_lost = true},
                    _("%lld more changes are said to be decided than there are entries"), (long long)surplus);
    return e == ERR_OK ? store_wrong_forks(v->store, tell_fork, v) : e;
}

static enum err check_persons(struct verify *v)
{
    int64_t wrong = 0;
    enum err e = store_check_twins(v->store, &wrong);
    if (e == ERR_OK && wrong)
        verify_find(v, "persons", &(struct verify_about){.name = "person"},
                    _("%lld marks of ID numbers are not those of the members"), (long long)wrong);
    return e;
}

static enum err check_cuts(struct verify *v)
{
    int64_t wrong = 0;
    enum err e = store_wrong_cuts(v->store, &wrong);
    if (e == ERR_OK && wrong)
        verify_find(v, "database", &(struct verify_about){.name = "cut"},
                    _("%lld entries that a restore set aside are not those that they are said to be"),
                    (long long)wrong);
    return e;
}

/* Where a page is damaged any of these may come to it, too: it was told. */
static enum err check_whole(struct verify *v)
{
    enum err (*const checks[])(struct verify *) = {check_runs, check_persons, check_cuts, note_unknown_seats};
    v->org = 0;
    v->of_org = 0;
    enum err e = db_integrity(store_db(v->store));
    if (e == ERR_CORRUPT) {
        verify_find(v, "database", NULL, "%s", store_detail(v->store));
        e = ERR_OK;
    }
    if (e == ERR_OK)
        e = store_strays(v->store, tell_stray, v);
    for (size_t i = 0; i < sizeof checks / sizeof *checks && (e == ERR_OK || e == ERR_CORRUPT); i++)
        e = checks[i](v);
    return e == ERR_CORRUPT ? ERR_OK : e;
}

/* ---- an org ---- */

/* Erasures (rule 29): is anything left of what was erased. */
static enum err check_erased(struct verify *v)
{
    struct erasures known = control_erasures(v->control);
    int64_t entries = 0;
    enum err e = control_erases_anything(v->control) ? store_check_erased(v->store, v->org, &known, &entries) : ERR_OK;
    if (e == ERR_OK && entries)
        verify_find(v, "erased", NULL, _("%lld entries hold values that were erased by law"), (long long)entries);
    return e;
}

static enum err check_folded(struct verify *v)
{
    struct fold fold;
    enum err e = fold_org(v->store, v->org, 0, &fold);
    if (e == ERR_CORRUPT) {
        verify_find(v, "chain", NULL, _("history can't be read: %s"), store_detail(v->store));
        return ERR_OK;
    }
    if (e != ERR_OK)
        return e;
    v->report->entries += fold.entries;
    if (fold.broken)
        verify_find(v, "entry", &(struct verify_about){.seq = fold.broken_seq},
                    _("what entry %llu did to its records can't be read"), (unsigned long long)fold.broken_seq);
    else
        e = verify_rows(v, &fold);
    if (e == ERR_OK && !fold.broken)
        e = verify_state(v, &fold);
    fold_finish(&fold);
    return e;
}

static enum err check_org(struct verify *v, uint32_t org)
{
    bool whole = false;
    v->org = org;
    v->of_org = 0;
    enum err e = db_begin_read(store_db(v->store)); /* one view of history, rows and state */
    if (e != ERR_OK)
        return e;
    e = verify_history(v, &whole);
    if (e == ERR_OK && whole) /* what follows a broken link can't be told: its rows would all differ */
        e = check_folded(v);
    if (e == ERR_OK && whole)
        e = check_erased(v);
    db_rollback(store_db(v->store));
    v->report->orgs++;
    return e;
}

/* ---- all ---- */

static enum err check_all(struct verify *v, struct journal *journal)
{
    const struct control_org *org;
    enum err e = control_refresh(v->control, NULL);
    if (e == ERR_OK)
        e = check_whole(v);
    for (size_t i = 0; e == ERR_OK && (org = control_org_at(v->control, i)); i++)
        e = check_org(v, org->number);
    if (e == ERR_OK)
        e = verify_taken(v);
    return e == ERR_OK && journal ? verify_control(v, journal) : e;
}

enum err verify_folder(struct store *store, struct control *control, struct journal *journal, struct verify_report *out)
{
    struct verify_report report = {0};
    struct verify v = {.store = store, .control = control, .report = &report};
    arena_init(&v.arena, 256u << 20);
    arena_init(&v.kept, 256u << 20);
    enum err e = check_all(&v, journal);
    arena_finish(&v.arena);
    arena_finish(&v.kept);
    verify_agree(&report);
    if (e != ERR_OK) {
        verify_report_finish(&report);
        return e;
    }
    *out = report;
    return ERR_OK;
}

enum err verify_run(struct store *store, struct control *control, struct verify_report *out)
{
    return verify_folder(store, control, NULL, out);
}
