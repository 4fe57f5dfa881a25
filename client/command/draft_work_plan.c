/* `banyan add work_plan --from ID`: the plan of a period drawn up anew for the next one of its kind (PLN-01). Texts are taken over as
 * they stand, items are planned again; what became of them stays with the old plan. */
#include "client/command/add_from.h"
#include "client/command/member_rows.h"
#include "client/reader/plan_reader.h"
#include "client/reader/plan_shift.h"
#include "plans.pb-c.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct drafting {
    struct seat *seat;
    struct arena *arena;
    struct replica_row from;
    const ProtobufCMessage *given; /* FIELD=VALUE words */
    struct period was, is;
    bool same_part;                /* of the year: only then do days move with the years */
    struct id id;                  /* of the new plan */
    ProtobufCMessage *plan;
    char source[sizeof "work_plan " + ID_TEXT_SIZE];
    struct replica_change *changes;
    size_t count;
    size_t cancelled, undated, left; /* items left out, items that lost their day, items whose person in charge has left */
};

static const char *text_of(const ProtobufCMessage *m, const char *field)
{
    struct cell value = record_get_name(m, field);
    return value.type == CELL_TEXT ? (const char *)value.bytes.data : "";
}

static int years(const struct drafting *d)
{
    return d->is.year - d->was.year;
}

/* ---- the plan ---- */

static void find_periods(struct drafting *d)
{
    struct cell given = record_get_name(d->given, "period");
    if (!period_read(slice_text(text_of(d->from.message, "period")), &d->was))
        d->was = (struct period){PERIOD_YEAR, seat_today(d->seat).year - 1, 0}; /* of a newer build: a period= is needed then */
    d->is = plan_shift_period(d->was, 1);
    if (given.type == CELL_TEXT)
        (void)period_read(given.bytes, &d->is); /* else the rules refuse it */
    d->same_part = d->is.kind == d->was.kind && d->is.part == d->was.part;
}

static enum err make_plan(struct drafting *d)
{
    static const char *const taken[] = {"guiding_text", "goals_text", "measures_text", "other_text"};
    char period[PERIOD_TEXT_SIZE], id[ID_TEXT_SIZE];
    struct buf title = BUF_INIT;
    ProtobufCMessage *p = record_new(&record__work_plan__descriptor, d->arena);
    if (!p)
        return ERR_MEMORY;
    for (size_t i = 0; i < sizeof taken / sizeof *taken; i++)
        record_put_name(p, taken[i], record_get_name(d->from.message, taken[i]), d->arena);
    plan_shift_title(slice_text(text_of(d->from.message, "title")), d->was, years(d), &title);
    record_put_name(p, "title", cell_text(buf_c_string(&title)), d->arena);
    plan_period_text(d->is, period);
    record_put_name(p, "period", cell_text(period), d->arena);
    record_put_name(p, "period_kind", cell_text(period_kind_name(d->is.kind)), d->arena);
    id_text(d->from.id, id);
    snprintf(d->source, sizeof d->source, "work_plan %s", id);
    record_put_name(p, "source_name", cell_text(d->source), d->arena);
    record_overlay(p, d->given, NULL, 0, d->arena);
    buf_finish(&title);
    d->plan = p;
    return ERR_OK;
}

/* ---- a plan of that period that is here already ---- */

struct search {
    const struct drafting *drafting;
    struct id other; /* one of the period; the same draft rather than any */
    struct buf title;
    enum { NONE, OF_PERIOD, OF_SOURCE, THE_SAME } found;
};

static bool look_at(void *to, const struct replica_row *row)
{
    struct search *s = to;
    const struct drafting *d = s->drafting;
    if (row->org != d->seat->facts.home || strcmp(text_of(row->message, "period"), text_of(d->plan, "period")) != 0)
        return true;
    bool source = strcmp(text_of(row->message, "source_name"), d->source) == 0;
    bool title = strcmp(text_of(row->message, "title"), text_of(d->plan, "title")) == 0;
    int found = !source ? OF_PERIOD : title ? THE_SAME : OF_SOURCE;
    if (found > (int)s->found) {
        s->found = found;
        s->other = row->id;
        s->title.size = 0;
        buf_text(&s->title, text_of(row->message, "title"));
    }
    return true;
}

/* The same draft made twice would be planned and counted twice; under a title of its own it is meant. False: said. */
static bool is_new(struct drafting *d, int *status)
{
    struct search s = {.drafting = d};
    struct buf said = BUF_INIT, next = BUF_INIT;
    char id[ID_TEXT_SIZE];
    enum err e = replica_scan(d->seat->replica, d->from.kind, d->seat->now_ms, look_at, &s);
    id_text(s.other, id);
    if (e != ERR_OK) {
        *status = command_failed(d->seat, e, "work_plan");
    } else if (s.found == THE_SAME) {
        buf_format(&said, _("a draft for %s from this plan is here already: %s  %s"), text_of(d->plan, "period"), id, buf_c_string(&s.title));
        buf_format(&next, _("see: banyan show work_plan %s; for another one beside it: title=..., or period=..."), id);
        *status = command_say(buf_c_string(&said), buf_c_string(&next));
    } else if (s.found != NONE) {
        buf_format(&said, _("please check: a plan for %s is here already: %s  %s"), text_of(d->plan, "period"), id, buf_c_string(&s.title));
        command_warn(buf_c_string(&said));
    }
    buf_finish(&s.title);
    buf_finish(&said);
    buf_finish(&next);
    return e == ERR_OK && s.found != THE_SAME;
}

/* ---- its items ---- */

static bool is_gone(struct drafting *d, struct id member)
{
    const struct kind *k = kind_by_name("member");
    struct replica_row row;
    if (replica_load(d->seat->replica, k->number, member, d->seat->now_ms, d->arena, &row) != ERR_OK)
        return true;
    const struct state_rule *state = kind_state(k, kind_state_of(k, row.message));
    return state && (state->flags & STATE_END);
}

static struct plan_when when_of(const Record__PlanItem *m)
{
    return (struct plan_when){.month = m->has_month ? (int)m->month : 0, .month_to = m->has_month_to ? (int)m->month_to : 0,
                              .quarter = m->has_quarter ? (int)m->quarter : 0};
}

/* Into another part of the year only the month goes along, if it lies there. */
static bool due_of(const struct drafting *d, const Record__PlanItem *m, struct date *out)
{
    struct plan_when when = when_of(m);
    struct date was;
    if (!m->due_on || date_parse(m->due_on, &was) != ERR_OK)
        return false;
    if (!d->same_part)
        return plan_item_due(d->is, &when, out);
    *out = plan_shift_date(was, years(d));
    return true;
}

static enum err add_item(struct drafting *d, const ProtobufCMessage *old)
{
    static const char *const taken[] = {"position", "month", "month_to", "quarter", "title", "category"};
    const Record__PlanItem *m = (const Record__PlanItem *)old;
    const struct kind *k = kind_by_name("plan_item");
    struct date due;
    char text[DATE_TEXT_SIZE];
    if (strcmp(kind_state_of(k, old), "cancelled") == 0) {
        d->cancelled++;
        return ERR_OK;
    }
    ProtobufCMessage *p = record_new(k->descriptor, d->arena);
    if (!p)
        return ERR_MEMORY;
    record_put_name(p, "plan_id", cell_bytes(id_slice(&d->id)), d->arena);
    for (size_t i = 0; i < sizeof taken / sizeof *taken; i++)
        record_put_name(p, taken[i], record_get_name(old, taken[i]), d->arena);
    if (due_of(d, m, &due)) {
        date_text(due, text);
        record_put_name(p, "due_on", cell_text(text), d->arena);
    } else {
        d->undated += m->due_on != NULL;
    }
    if (m->has_owner_id && m->owner_id.len == ID_SIZE) {
        bool gone = is_gone(d, id_from(slice_of(m->owner_id.data, m->owner_id.len)));
        d->left += gone;
        if (!gone)
            record_put_name(p, "owner_id", record_get_name(old, "owner_id"), d->arena);
    }
    d->changes[d->count++] = (struct replica_change){.op = OP_CREATE, .kind = k->number, .patch = p};
    return ERR_OK;
}

static int by_position(const void *a, const void *b)
{
    const struct member_row *x = a, *y = b;
    int64_t p = ((const Record__PlanItem *)x->row)->position, q = ((const Record__PlanItem *)y->row)->position;
    return p != q ? (p < q ? -1 : 1) : id_compare(x->id, y->id);
}

static enum err make_items(struct drafting *d)
{
    struct member_rows items;
    size_t count;
    enum err e = member_rows_load(d->seat, "plan_item", "plan_id", d->arena, &items);
    const struct member_row *of_plan = e == ERR_OK ? member_rows_of(&items, d->from.id, &count) : NULL;
    struct member_row *sorted = of_plan ? arena_alloc(d->arena, count * sizeof *sorted) : NULL;
    count = of_plan ? count : 0;
    d->changes = arena_alloc(d->arena, (count + 1) * sizeof *d->changes);
    if (e == ERR_OK && (!d->changes || (of_plan && !sorted)))
        e = ERR_MEMORY;
    if (e != ERR_OK)
        return e;
    d->changes[d->count++] = (struct replica_change){.op = OP_CREATE, .kind = d->from.kind, .id = d->id, .patch = d->plan};
    if (count) {
        memcpy(sorted, of_plan, count * sizeof *sorted);
        qsort(sorted, count, sizeof *sorted, by_position);
    }
    for (size_t i = 0; e == ERR_OK && i < count; i++)
        e = add_item(d, sorted[i].row);
    return e;
}

/* ---- what is told ---- */

static void say_dated_texts(const struct drafting *d)
{
    static const char *const texts[] = {"guiding_text", "goals_text", "measures_text", "other_text"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct buf said = BUF_INIT;
        struct cell text = record_get_name(d->plan, texts[i]);
        if (years(d) && text.type == CELL_TEXT && plan_shift_is_dated(text.bytes, d->was)) {
            buf_format(&said, _("please check: “%s” was taken over as it stands and names the old year"),
                       label_in(kind_field(kind_by_name("work_plan"), texts[i])->label, command_language()));
            command_warn(buf_c_string(&said));
        }
        buf_finish(&said);
    }
}

static void say(const struct drafting *d)
{
    struct buf said = BUF_INIT;
    buf_format(&said, _("drafted: %s  %s, %zu items planned again, %zu cancelled ones left out"), text_of(d->plan, "period"),
               text_of(d->plan, "title"), d->count - 1, d->cancelled);
    command_warn(buf_c_string(&said));
    said.size = 0;
    if (d->left) {
        buf_format(&said, _("please check: %zu items had a person in charge who has left; nobody is named there now"), d->left);
        command_warn(buf_c_string(&said));
        said.size = 0;
    }
    if (d->undated) {
        buf_format(&said, _("please check: %zu items are of months outside %s; they have no day now"), d->undated, text_of(d->plan, "period"));
        command_warn(buf_c_string(&said));
    }
    say_dated_texts(d);
    buf_finish(&said);
}

static int draft(struct drafting *d)
{
    int status = EXIT_DONE;
    find_periods(d);
    d->id = replica_new_id(d->seat->replica, d->seat->now_ms + d->seat->facts.clock_offset_ms);
    enum err e = make_plan(d);
    if (e == ERR_OK && !is_new(d, &status))
        return status;
    if (e == ERR_OK)
        e = make_items(d);
    if (e != ERR_OK)
        return command_failed(d->seat, e, "work_plan");
    status = add_from_save(d->seat, d->changes, d->count, d->arena);
    if (status != EXIT_DONE)
        return status;
    add_from_print(d->id);
    say(d);
    return EXIT_DONE;
}

int draft_work_plan(struct seat *s, const char *from, const struct field_words *words)
{
    struct arena arena;
    struct drafting d = {.seat = s, .arena = &arena, .given = words->patch};
    int status = EXIT_DONE;
    if (!add_from_load(s, kind_by_name("work_plan"), from, &d.from, &status))
        return status;
    arena_init(&arena, PLAN_READ_ARENA);
    status = draft(&d);
    arena_finish(&arena);
    return status;
}
