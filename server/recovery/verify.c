#include "server/recovery/verify.h"

#include "base/limits.h"
#include "base/tr.h"
#include "server/writer/fold.h"
#include "server/store/store_cut.h"
#include "server/store/store_erase.h"
#include "server/store/store_taken.h"
#include "server/store/store_twins.h"
#include "wire/wire.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct verify {
    struct store *store;
    struct control *control;
    struct verify_report *report;
    uint32_t org;
    size_t of_org; /* findings so far */
    struct arena arena;
};

__attribute__((format(printf, 3, 4))) static void find(struct verify *v, const char *what, const char *format, ...)
{
    struct verify_report *r = v->report;
    char text[512];
    va_list arguments;
    if (v->of_org++ >= VERIFY_FINDINGS_MAX)
        return;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    if (r->count == r->capacity) {
        r->capacity = r->capacity ? 2 * r->capacity : 16;
        r->list = realloc(r->list, r->capacity * sizeof *r->list);
        CHECK(r->list);
    }
    char *copy = strdup(text);
    CHECK(copy);
    r->list[r->count++] = (struct verify_finding){v->org, what, copy};
}

void verify_report_finish(struct verify_report *r)
{
    for (size_t i = 0; i < r->count; i++)
        free(r->list[i].text);
    free(r->list);
    *r = (struct verify_report){0};
}

/* ---- rows ---- */

static const char *kind_word(uint32_t number)
{
    const struct kind *k = kind_by_number(number);
    return k ? k->name : "?";
}

static bool same_message(const ProtobufCMessage *a, const ProtobufCMessage *b, struct arena *arena)
{
    if (!a || !b)
        return !a && !b;
    return slice_equal(wire_pack_arena(a, arena), wire_pack_arena(b, arena));
}

static bool same_stamps(const struct scratch_row *folded, const struct row *row, struct arena *arena)
{
    return !row->message || slice_equal(stamps_pack(&folded->stamps, arena), row->stamps);
}

static void compare_row(struct verify *v, const struct scratch_row *folded, const struct row *row)
{
    char id[ID_TEXT_SIZE];
    id_text(folded->id, id);
    if (row->org != folded->org)
        find(v, "rows", _("%s %s belongs to another union"), kind_word(folded->kind), id);
    else if (!row->message != folded->dead)
        find(v, "rows", _("%s %s: removed here, living there"), kind_word(folded->kind), id);
    else if (row->seq != folded->seq)
        find(v, "rows", _("%s %s: seq %llu, history says %llu"), kind_word(folded->kind), id, (unsigned long long)row->seq,
             (unsigned long long)folded->seq);
    else if (!same_message(row->message, folded->message, &v->arena))
        find(v, "rows", _("%s %s: other values than history says"), kind_word(folded->kind), id);
    else if (!same_stamps(folded, row, &v->arena))
        find(v, "rows", _("%s %s: other writers of its fields than history says"), kind_word(folded->kind), id);
}

static enum err check_reference(struct verify *v, const struct scratch_row *row, const struct field_rule *f)
{
    struct row target;
    char id[ID_TEXT_SIZE];
    struct cell value = record_get_name(row->message, f->name);
    if (value.type != CELL_BYTES || value.bytes.size != ID_SIZE)
        return ERR_OK;
    enum err e = store_read_row(v->store, f->reference, id_from(value.bytes), &v->arena, &target);
    if (e != ERR_NOT_FOUND)
        return e;
    id_text(row->id, id);
    find(v, "reference", _("%s %s: its %s points to nothing"), kind_word(row->kind), id, f->name);
    return ERR_OK;
}

static enum err check_references(struct verify *v, const struct scratch_row *row)
{
    const struct kind *k = kind_by_number(row->kind);
    enum err e = ERR_OK;
    for (size_t i = 0; k && row->message && i < k->field_count && e == ERR_OK; i++)
        if (k->fields[i].type == FIELD_REFERENCE && k->fields[i].reference)
            e = check_reference(v, row, &k->fields[i]);
    return e;
}

static enum err check_rows(struct verify *v, struct fold *fold)
{
    struct scratch_row *folded;
    uint64_t rows, here = 0;
    enum err e = ERR_OK;
    for (size_t i = 0; e == ERR_OK && scratch_dirty_at(fold->scratch, i, &folded); i++) {
        struct row row;
        char id[ID_TEXT_SIZE];
        if (!folded->message && !folded->dead)
            continue;
        here++;
        arena_reset(&v->arena);
        e = store_read_row(v->store, folded->kind, folded->id, &v->arena, &row);
        if (e == ERR_OK) {
            compare_row(v, folded, &row);
            e = check_references(v, folded);
        } else if (e == ERR_NOT_FOUND) {
            id_text(folded->id, id);
            find(v, "rows", _("%s %s is missing"), kind_word(folded->kind), id);
            e = ERR_OK;
        }
    }
    if (e == ERR_OK)
        e = store_count_rows(v->store, v->org, &rows);
    if (e == ERR_OK && rows != here)
        find(v, "rows", _("%llu records stand here, history knows %llu"), (unsigned long long)rows, (unsigned long long)here);
    v->report->rows += here;
    return e;
}

/* ---- the packed state ---- */

/* Everything that either side names must be the same on the other; epoch and numbers can't be told from entries alone. */
static void compare_sums(struct verify *v, const struct org_state *a, const struct org_state *b, const char *where)
{
    uint32_t scope;
    enum field_class class;
    struct digest_sum sum;
    const char *name;
    int64_t value;
    for (size_t i = 0; org_state_digest_at(a, i, &scope, &class, &sum); i++)
        if (!digest_equal(sum, org_state_digest(b, scope, class)))
            find(v, "state", _("digest of %s (%s) differs (%s)"), kind_word(scope & 0xffff), class == CLASS_OPEN ? "open" : "sensitive", where);
    for (size_t i = 0; org_state_measure_at(a, i, &name, &value); i++)
        if (org_state_measure(b, name) != value)
            find(v, "state", _("measure %s: %lld against %lld (%s)"), name, (long long)value, (long long)org_state_measure(b, name), where);
}

static enum err check_state(struct verify *v, const struct fold *fold)
{
    struct org_state *kept;
    enum err e = store_load_org(v->store, v->org, 1, &kept);
    if (e != ERR_OK)
        return e;
    if (org_state_seq(kept) != org_state_seq(fold->state))
        find(v, "state", _("last seq %llu, history ends at %llu"), (unsigned long long)org_state_seq(kept), (unsigned long long)org_state_seq(fold->state));
    else if (memcmp(org_state_chain(kept), org_state_chain(fold->state), CHAIN_SIZE) != 0)
        find(v, "chain", _("the chain hash kept is not that of the last entry"));
    if (org_state_rows(kept) != org_state_rows(fold->state))
        find(v, "state", _("%llu rows counted, history makes %llu"), (unsigned long long)org_state_rows(kept), (unsigned long long)org_state_rows(fold->state));
    if (org_state_entries(kept) != org_state_entries(fold->state))
        find(v, "state", _("%llu entries counted, history has %llu"), (unsigned long long)org_state_entries(kept),
             (unsigned long long)org_state_entries(fold->state));
    compare_sums(v, fold->state, kept, "kept");
    compare_sums(v, kept, fold->state, "history");
    org_state_destroy(kept);
    return ERR_OK;
}

/* ---- erasures (rule 29) ---- */

static enum err check_erased(struct verify *v)
{
    struct erasures known = control_erasures(v->control);
    int64_t entries = 0;
    enum err e = control_erases_anything(v->control) ? store_check_erased(v->store, v->org, &known, &entries) : ERR_OK;
    if (e == ERR_OK && entries)
        find(v, "erased", _("%lld entries hold values that were erased by law"), (long long)entries);
    return e;
}

/* ---- all ---- */

static enum err check_org(struct verify *v, uint32_t org)
{
    struct fold fold;
    v->org = org;
    v->of_org = 0;
    enum err e = db_begin_read(store_db(v->store)); /* one view of history, rows and state */
    if (e != ERR_OK)
        return e;
    e = fold_org(v->store, org, 0, &fold);
    if (e == ERR_OK) {
        v->report->entries += fold.entries;
        if (fold.broken) /* what follows a broken link can't be told: its rows would all differ */
            find(v, "chain", _("entry %llu does not follow the one before it"), (unsigned long long)fold.broken_seq);
        else
            e = check_rows(v, &fold);
        if (e == ERR_OK && !fold.broken)
            e = check_state(v, &fold);
        if (e == ERR_OK)
            e = check_erased(v);
        fold_finish(&fold);
    } else if (e == ERR_CORRUPT) {
        find(v, "chain", _("history can't be read: %s"), store_detail(v->store));
        e = ERR_OK;
    }
    db_rollback(store_db(v->store));
    v->report->orgs++;
    return e;
}

static enum err check_whole(struct verify *v)
{
    int64_t wrong;
    v->org = 0;
    v->of_org = 0;
    enum err e = db_integrity(store_db(v->store));
    if (e == ERR_CORRUPT) {
        find(v, "database", _("%s"), store_detail(v->store));
        e = ERR_OK;
    }
    if (e == ERR_OK)
        e = store_check_runs(v->store, &wrong);
    if (e == ERR_OK && wrong)
        find(v, "runs", _("%lld runs of changes point to the wrong entries"), (long long)wrong);
    int64_t marks = 0;
    if (e == ERR_OK)
        e = store_check_twins(v->store, &marks);
    if (e == ERR_OK && marks)
        find(v, "persons", _("%lld marks of ID numbers are not those of the members"), (long long)marks);
    if (e == ERR_OK)
        e = store_check_taken(v->store, &wrong);
    if (e == ERR_OK && wrong)
        find(v, "runs", _("%lld changes are said to be taken in by entries that are not there"), (long long)wrong);
    return e;
}

enum err verify_run(struct store *store, struct control *control, struct verify_report *out)
{
    struct verify_report report = {0};
    struct verify v = {.store = store, .control = control, .report = &report};
    const struct control_org *org;
    enum err e = control_refresh(control, NULL);
    arena_init(&v.arena, 256u << 20);
    if (e == ERR_OK)
        e = check_whole(&v);
    for (size_t i = 0; e == ERR_OK && (org = control_org_at(control, i)); i++)
        e = check_org(&v, org->number);
    arena_finish(&v.arena);
    if (e != ERR_OK) {
        verify_report_finish(&report);
        return e;
    }
    *out = report;
    return ERR_OK;
}
