/* See assess_run.h. */
#include "client/command/assess_run.h"
#include "dues.pb-c.h"

#include <stdlib.h>
#include <string.h>

enum err assess_begin(struct assess_run *r, struct seat *s, struct dues_period period, const char *text, struct arena *arena)
{
    *r = (struct assess_run){.seat = s, .period = period, .period_text = text, .arena = arena};
    enum err e = member_rows_load(s, "member", NULL, arena, &r->members);
    if (e == ERR_OK)
        e = member_rows_load(s, "membership_change", "member_id", arena, &r->changes);
    if (e == ERR_OK)
        e = member_rows_load(s, "dues_standard", "member_id", arena, &r->standards);
    if (e == ERR_OK)
        e = member_rows_load(s, "dues_assessment", "member_id", arena, &r->assessments);
    return e;
}

/* ---- wages ---- */

enum err assess_find(const struct assess_run *r, const struct wages_row *row, struct id *out)
{
    const struct {
        const char *field, *text;
    } ways[] = {{"member_no", row->member_no}, {"id_number", row->id_number}, {"name", row->name}};
    for (size_t i = 0; i < sizeof ways / sizeof *ways; i++) {
        const struct member_row *found;
        bool said = ways[i].text && *ways[i].text;
        size_t count = said ? member_rows_called(&r->members, ways[i].field, cell_text(ways[i].text), &found) : 0;
        if (count == 1)
            *out = found->id;
        if (count)
            return count == 1 ? ERR_OK : ERR_AMBIGUOUS;
    }
    return ERR_NOT_FOUND;
}

static enum err write_one(struct assess_run *r, const struct kind *k, struct replica_change *change)
{
    struct replica_outcome outcome;
    change->kind = k->number;
    enum err e = replica_change(r->seat->replica, change, r->seat->now_ms, r->arena, &outcome);
    if (e == ERR_REFUSED) {
        r->refused = outcome;
        r->refused_kind = k;
    }
    return e;
}

/* The row of the standard that counts from the period's first day; NULL: none. */
static const struct member_row *standard_of(const struct assess_run *r, struct id member)
{
    size_t count;
    const struct member_row *rows = member_rows_of(&r->standards, member, &count);
    const ProtobufCMessage **list = count ? arena_alloc(r->arena, count * sizeof *list) : NULL;
    for (size_t i = 0; list && i < count; i++)
        list[i] = rows[i].row;
    const ProtobufCMessage *best = list ? dues_standard_at(list, count, dues_period_first(r->period)) : NULL;
    for (size_t i = 0; best && i < count; i++)
        if (rows[i].row == best)
            return &rows[i];
    return NULL;
}

static ProtobufCMessage *new_standard(const struct kind *k, struct id member, int64_t amount, const char *from, struct arena *arena)
{
    ProtobufCMessage *m = record_new(k->descriptor, arena);
    struct id *id = arena_alloc(arena, sizeof *id);
    if (!m || !id)
        return NULL;
    *id = member; /* bytes are borrowed */
    record_put_name(m, "member_id", cell_bytes(id_slice(id)), arena);
    record_put_name(m, "mode", cell_text("rate"), arena);
    record_put_name(m, "amount_fen", cell_integer(amount), arena);
    record_put_name(m, "effective_from", cell_text(from), arena);
    return m;
}

/* ---- assessments that are here ---- */

static const struct member_row *assessment_of(const struct assess_run *r, struct id member)
{
    size_t count;
    const struct member_row *rows = member_rows_of(&r->assessments, member, &count);
    for (size_t i = 0; i < count; i++)
        if (cell_equal(record_get_name(rows[i].row, "period"), cell_text(r->period_text)))
            return &rows[i];
    return NULL;
}

enum err assess_wage(struct assess_run *r, struct id member, uint32_t line, int64_t wage_fen)
{
    const struct kind *k = kind_by_name("dues_standard");
    const struct member_row *now = standard_of(r, member);
    char from[DATE_TEXT_SIZE];
    int64_t amount;
    if (!dues_of_wage(wage_fen, r->rate_permille, r->rounding_fen, &amount))
        return ERR_VALUE;
    struct assess_named *named = &r->named[r->named_count++];
    *named = (struct assess_named){.member = member, .line = line, .month_fen = amount};
    if (assessment_of(r, member))
        return ERR_OK;
    date_text(dues_period_first(r->period), from);
    const Record__DuesStandard *s = now ? (const Record__DuesStandard *)now->row : NULL;
    if (s && s->has_amount_fen && s->amount_fen == amount && s->mode && strcmp(s->mode, "rate") == 0)
        return ERR_OK;
    if (s) {
        named->changed = true;
        named->was_fen = s->amount_fen;
        named->was_mode = s->mode;
    }
    bool same_day = s && s->effective_from && strcmp(s->effective_from, from) == 0;
    ProtobufCMessage *patch = same_day ? record_new(k->descriptor, r->arena) : new_standard(k, member, amount, from, r->arena);
    if (!patch)
        return ERR_MEMORY;
    struct replica_change change = {.op = same_day ? OP_SET : OP_CREATE, .patch = patch};
    if (same_day) {
        change.id = now->id;
        record_put_name(patch, "mode", cell_text("rate"), r->arena);
        record_put_name(patch, "amount_fen", cell_integer(amount), r->arena);
    }
    enum err e = write_one(r, k, &change);
    r->standards_written += e == ERR_OK;
    return e;
}

/* ---- assessments ---- */

static size_t months_owed(const struct assess_run *r, const struct member_row *member)
{
    size_t count;
    const struct member_row *rows = member_rows_of(&r->changes, member->id, &count);
    const ProtobufCMessage **list = count ? arena_alloc(r->arena, count * sizeof *list) : NULL;
    for (size_t i = 0; list && i < count; i++)
        list[i] = rows[i].row;
    return dues_months_owed(member->row, list, list ? count : 0, r->period);
}

static enum err write_assessment(struct assess_run *r, const struct member_row *member, int64_t amount)
{
    const struct kind *k = kind_by_name("dues_assessment");
    ProtobufCMessage *m = record_new(k->descriptor, r->arena);
    if (!m)
        return ERR_MEMORY;
    record_put_name(m, "member_id", cell_bytes(id_slice(&member->id)), r->arena);
    record_put_name(m, "period", cell_text(r->period_text), r->arena);
    record_put_name(m, "amount_due_fen", cell_integer(amount), r->arena);
    struct replica_change change = {.op = OP_CREATE, .patch = m};
    return write_one(r, k, &change);
}

static int by_member(const void *a, const void *b)
{
    return id_compare(((const struct assess_named *)a)->member, ((const struct assess_named *)b)->member);
}

static const struct assess_named *named_of(const struct assess_run *r, struct id member)
{
    struct assess_named key = {.member = member};
    return r->named_count ? bsearch(&key, r->named, r->named_count, sizeof key, by_member) : NULL;
}

static struct assess_overlap *overlap_of(struct assess_run *r, struct dues_period p)
{
    size_t at = r->overlap_count;
    for (size_t i = 0; i < r->overlap_count; i++) {
        struct dues_period o = r->overlaps[i].period;
        if (o.kind == p.kind && o.year == p.year && o.part == p.part)
            return &r->overlaps[i];
    }
    if (at == ASSESS_OVERLAPS)
        return NULL;
    for (; at > 0 && date_compare(dues_period_first(p), dues_period_first(r->overlaps[at - 1].period)) < 0; at--)
        r->overlaps[at] = r->overlaps[at - 1];
    r->overlap_count++;
    r->overlaps[at] = (struct assess_overlap){.period = p};
    return &r->overlaps[at];
}

/* As the rule of a single assessment warns (dues_assessment.overlap): a month beside its term would be owed twice. */
static void note_overlaps(struct assess_run *r, struct id member)
{
    size_t count;
    bool any = false;
    const struct member_row *rows = member_rows_of(&r->assessments, member, &count);
    for (size_t i = 0; i < count; i++) {
        const Record__DuesAssessment *a = (const Record__DuesAssessment *)rows[i].row;
        struct dues_period p;
        if (!dues_period_read(a->period, &p) || !dues_periods_overlap(p, r->period))
            continue;
        struct assess_overlap *o = overlap_of(r, p);
        if (o) {
            o->members++;
            o->fen += a->amount_due_fen;
        }
        any = true;
    }
    r->twice += any;
}

static enum err assess_one(struct assess_run *r, const struct member_row *member, struct assess_line *line)
{
    const struct member_row *known = assessment_of(r, member->id);
    struct cell name = record_get_name(member->row, "name");
    *line = (struct assess_line){.member = member->id, .name = name.type == CELL_TEXT ? (const char *)name.bytes.data : "",
                                 .months = months_owed(r, member), .row = member->row, .named = named_of(r, member->id)};
    const struct member_row *standard = standard_of(r, member->id);
    if (known) {
        line->verdict = ASSESS_KNOWN;
        line->assessment = known->id;
        line->amount_fen = record_get_name(known->row, "amount_due_fen").integer;
    } else if (line->months == 0) {
        line->verdict = ASSESS_NOT_OWING;
    } else if (!standard) {
        size_t later;
        line->verdict = ASSESS_NO_STANDARD;
        (void)member_rows_of(&r->standards, member->id, &later);
        line->begins_later = later > 0;
    } else {
        line->mode = ((const Record__DuesStandard *)standard->row)->mode;
        line->amount_fen = dues_amount(standard->row, line->months);
        enum err e = write_assessment(r, member, line->amount_fen);
        if (e != ERR_OK)
            return e;
        r->added_fen += line->amount_fen;
        note_overlaps(r, member->id);
    }
    r->count[line->verdict]++;
    r->all_fen += line->amount_fen;
    return ERR_OK;
}

static int by_name(const void *a, const void *b)
{
    const struct assess_line *x = a, *y = b;
    int order = strcmp(x->name, y->name);
    return order ? order : id_compare(x->member, y->member);
}

enum err assess_all(struct assess_run *r)
{
    enum err e = r->standards_written ? member_rows_load(r->seat, "dues_standard", "member_id", r->arena, &r->standards) : ERR_OK;
    r->lines = arena_alloc(r->arena, (r->members.count + 1) * sizeof *r->lines);
    if (!r->lines)
        return ERR_MEMORY;
    if (r->named_count > 1)
        qsort(r->named, r->named_count, sizeof *r->named, by_member);
    for (; e == ERR_OK && r->line_count < r->members.count; r->line_count += e == ERR_OK)
        e = assess_one(r, &r->members.list[r->line_count], &r->lines[r->line_count]);
    if (e == ERR_OK && r->line_count > 1)
        qsort(r->lines, r->line_count, sizeof *r->lines, by_name);
    return e;
}
