/* See board.h. */
#include "show/board.h"
#include "base/date.h"
#include "base/tr.h"
#include "show/grid.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

void show_json(const struct json_t *document, struct buf *out)
{
    char *text = json_dumps(document, JSON_INDENT(1) | JSON_ENCODE_ANY);
    CHECK(text);
    buf_text(out, text);
    buf_byte(out, '\n');
    free(text);
}

json_t *show_time_json(int64_t ms)
{
    char text[TIME_TEXT_SIZE];
    if (ms == 0)
        return json_null();
    time_text(ms, text);
    return json_string(text);
}

void show_age(int64_t then_ms, int64_t now_ms, struct buf *out)
{
    long long minutes = (now_ms - then_ms) / 60000;
    if (then_ms == 0)
        buf_text(out, _("never"));
    else if (minutes < 1)
        buf_text(out, _("just now"));
    else if (minutes < 120)
        buf_format(out, _("%lld minutes ago"), minutes);
    else if (minutes < 48 * 60)
        buf_format(out, _("%lld hours ago"), minutes / 60);
    else
        buf_format(out, _("%lld days ago"), minutes / (24 * 60));
}

void show_moment(int64_t ms, struct buf *out)
{
    char day[DATE_TEXT_SIZE];
    int64_t minutes = ms / 60000 + 8 * 60;
    date_text(date_of_ms(ms, 8 * 60), day);
    buf_format(out, "%s %02d:%02d", day, (int)(minutes / 60 % 24), (int)(minutes % 60));
}

/* ---- overview ---- */

static json_t *measures_json(Wire__Measure *const *list, size_t count)
{
    json_t *o = json_object();
    for (size_t i = 0; i < count; i++)
        json_object_set_new(o, list[i]->name, json_integer(list[i]->value));
    return o;
}

static json_t *branch_json(const Wire__OverviewBranch *b)
{
    return json_pack("{s:s, s:s?, s:o, s:I, s:o, s:I, s:I, s:o}", "code", b->org->code, "name", b->org->name, "last_contact",
                     show_time_json(b->last_contact_ms), "queued", (json_int_t)b->report->queued, "oldest_queued_at",
                     show_time_json(b->report->oldest_queued_ms), "refused", (json_int_t)b->report->refused, "conflicts",
                     (json_int_t)b->report->conflicts, "measures", measures_json(b->measure, b->n_measure));
}

json_t *show_overview_json(const Wire__Overview *o, int64_t age_ms)
{
    json_t *branches = json_array();
    for (size_t i = 0; i < o->n_branch; i++)
        json_array_append_new(branches, branch_json(o->branch[i]));
    json_t *all = json_pack("{s:o, s:s, s:s?, s:o, s:o}", "as_of", show_time_json(o->as_of_ms), "org", o->org->code, "org_name",
                            o->org->name, "totals", measures_json(o->total, o->n_total), "branches", branches);
    if (age_ms >= 0)
        json_object_set_new(all, "age_seconds", json_integer(age_ms / 1000));
    return all;
}

static const Wire__Measure *find(Wire__Measure *const *list, size_t count, const char *name)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(list[i]->name, name) == 0)
            return list[i];
    return NULL;
}

static void number_cell(struct grid *g, const Wire__OverviewBranch *b, const char *measure)
{
    char text[32];
    const Wire__Measure *m = find(b->measure, b->n_measure, measure);
    snprintf(text, sizeof text, "%lld", (long long)(m ? m->value : 0));
    grid_cell(g, text);
}

static void branch_cells(struct grid *g, const Wire__OverviewBranch *b, int64_t now_ms)
{
    struct buf cell = BUF_INIT;
    grid_cell(g, b->org->code);
    grid_cell(g, b->org->name ? b->org->name : "");
    show_age(b->last_contact_ms, now_ms, &cell);
    grid_cell(g, buf_c_string(&cell));
    buf_finish(&cell);
    buf_format(&cell, "%u", b->report->queued);
    grid_cell(g, buf_c_string(&cell));
    buf_finish(&cell);
    if (b->report->oldest_queued_ms)
        show_age(b->report->oldest_queued_ms, now_ms, &cell);
    else
        buf_text(&cell, "-");
    grid_cell(g, buf_c_string(&cell));
    buf_finish(&cell);
    buf_format(&cell, "%u/%u", b->report->refused, b->report->conflicts);
    grid_cell(g, buf_c_string(&cell));
    buf_finish(&cell);
    number_cell(g, b, "member.state.active");
    number_cell(g, b, "work_plan.total");
    number_cell(g, b, "plan_item.state.done");
    number_cell(g, b, "plan_item.overdue");
}

/* "work_plan.2026-1.missing" is not of the kind's own measures: the board counts the branches that have none. */
static void total_label(const char *name, enum language language, struct buf *out)
{
    static const char missing[] = ".missing";
    size_t size = strlen(name), tail = sizeof missing - 1;
    const char *dot = strchr(name, '.');
    char kind[64];
    const struct kind *k = NULL;
    if (dot && size > tail && strcmp(name + size - tail, missing) == 0 && dot < name + size - tail &&
        snprintf(kind, sizeof kind, "%.*s", (int)(dot - name), name) < (int)sizeof kind)
        k = kind_by_name(kind);
    if (k)
        buf_format(out, "%s · %.*s · %s", label_in(k->label, language), (int)(name + size - tail - dot - 1), dot + 1, _("branches without one"));
    else
        measure_text(name, language, out);
}

static void totals_text(const Wire__Overview *o, enum language language, struct buf *out)
{
    struct grid *g = grid_create(2);
    struct buf cell = BUF_INIT;
    for (size_t i = 0; i < o->n_total; i++) {
        total_label(o->total[i]->name, language, &cell);
        grid_cell(g, buf_c_string(&cell));
        buf_finish(&cell);
        buf_format(&cell, "%lld", (long long)o->total[i]->value);
        grid_cell(g, buf_c_string(&cell));
        buf_finish(&cell);
    }
    grid_print(g, out);
    grid_destroy(g);
}

void show_overview_text(const Wire__Overview *o, int64_t age_ms, int64_t now_ms, enum language language, struct buf *out)
{
    buf_format(out, "%s (%s)  ", o->org->name ? o->org->name : "", o->org->code);
    show_moment(o->as_of_ms, out);
    buf_byte(out, '\n');
    if (age_ms >= 0) {
        buf_text(out, _("The server cannot be reached; this is its last answer, from "));
        show_age(now_ms - age_ms, now_ms, out);
        buf_byte(out, '\n');
    }
    buf_byte(out, '\n');
    const char *const heads[] = {_("Code"), _("Branch"), _("Last contact"), _("Queued"), _("Oldest"), _("Refused/conflicts"),
                                 _("Members"), _("Plans"), _("Items done"), _("Overdue")};
    struct grid *g = grid_create(sizeof heads / sizeof *heads);
    for (size_t i = 0; i < sizeof heads / sizeof *heads; i++)
        grid_cell(g, heads[i]);
    for (size_t i = 0; i < o->n_branch; i++)
        branch_cells(g, o->branch[i], now_ms);
    grid_print(g, out);
    grid_destroy(g);
    buf_byte(out, '\n');
    totals_text(o, language, out);
}

/* ---- seats ---- */

static json_t *roles_json(const char *text)
{
    json_t *list = json_array();
    while (text && *text) {
        size_t size = strcspn(text, ",");
        json_array_append_new(list, json_stringn(text, size));
        text += size + (text[size] == ',');
    }
    return list;
}

json_t *show_seats_json(const Wire__Seats *s)
{
    json_t *list = json_array();
    for (size_t i = 0; i < s->n_seat; i++) {
        const Wire__Seat *m = s->seat[i];
        json_array_append_new(list, json_pack("{s:I, s:s?, s:s?, s:o, s:s?, s:o, s:I, s:o, s:s?}", "id", (json_int_t)m->number,
                                              "name", m->person, "branch", m->branch, "roles", roles_json(m->roles), "state",
                                              m->state, "last_contact", show_time_json(m->last_contact_ms), "queued",
                                              (json_int_t)m->report->queued, "oldest_queued_at",
                                              show_time_json(m->report->oldest_queued_ms), "version", m->version));
    }
    return list;
}

static void roles_cell(struct grid *g, const char *text, enum language language)
{
    role_set roles;
    const char *bad;
    struct buf cell = BUF_INIT;
    if (!text || role_set_parse(text, &roles, &bad) != ERR_OK)
        roles = 0;
    for (int r = 0; r < ROLE_COUNT; r++)
        if (roles & 1u << r)
            buf_format(&cell, "%s%s", cell.size ? " " : "", label_in(role_label((enum role)r), language));
    grid_cell(g, buf_c_string(&cell));
    buf_finish(&cell);
}

void show_seats_text(const Wire__Seats *s, int64_t now_ms, enum language language, struct buf *out)
{
    const char *const heads[] = {_("Seat"), _("Person"), _("Branch"), _("Roles"), _("State"), _("Last contact"), _("Queued")};
    struct grid *g = grid_create(sizeof heads / sizeof *heads);
    struct buf cell = BUF_INIT;
    for (size_t i = 0; i < sizeof heads / sizeof *heads; i++)
        grid_cell(g, heads[i]);
    for (size_t i = 0; i < s->n_seat; i++) {
        const Wire__Seat *m = s->seat[i];
        buf_format(&cell, "%u", m->number);
        grid_cell(g, buf_c_string(&cell));
        buf_finish(&cell);
        grid_cell(g, m->person ? m->person : "");
        grid_cell(g, m->branch ? m->branch : "");
        roles_cell(g, m->roles, language);
        grid_cell(g, strcmp(m->state, "active") == 0 ? _("active") : strcmp(m->state, "suspended") == 0 ? _("suspended") : _("revoked"));
        show_age(m->last_contact_ms, now_ms, &cell);
        grid_cell(g, buf_c_string(&cell));
        buf_finish(&cell);
        buf_format(&cell, "%u", m->report->queued);
        grid_cell(g, buf_c_string(&cell));
        buf_finish(&cell);
    }
    grid_print(g, out);
    grid_destroy(g);
}
