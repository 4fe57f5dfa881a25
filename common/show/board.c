/* The board and the seats, in words and as JSON; see board.h. What came from a server may lack anything: it is shown as
 * empty. */
#include "show/board.h"
#include "base/limits.h"
#include "base/date.h"
#include "base/text.h"
#include "base/tr.h"
#include "show/board_figures.h"
#include "show/grid.h"
#include "show/roles.h"

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
    int64_t minutes = ms / 60000 + DATE_CHINA_MINUTES;
    date_text(date_of_ms(ms, DATE_CHINA_MINUTES), day);
    buf_format(out, "%s %02d:%02d", day, (int)(minutes / 60 % 24), (int)(minutes % 60));
}

/* ---- overview ---- */

static json_t *measures_json(Wire__Measure *const *list, size_t count)
{
    json_t *o = json_object();
    for (size_t i = 0; i < count; i++)
        if (list[i]->name)
            json_object_set_new(o, list[i]->name, json_integer(list[i]->value));
    return o;
}

/* A report or org that is not there: nothing waits, no name. */
static Wire__Report report_of(const Wire__Report *there)
{
    return there ? *there : (Wire__Report)WIRE__REPORT__INIT;
}

static Wire__Org org_of(const Wire__Org *there)
{
    Wire__Org org = there ? *there : (Wire__Org)WIRE__ORG__INIT;
    org.code = org.code ? org.code : (char *)"";
    org.name = org.name ? org.name : (char *)"";
    return org;
}

/* By name, so that no measure of theirs is taken for zero; of a kind that this build does not know the number alone. */
static void add_withheld(json_t *to, const uint32_t *kinds, size_t count)
{
    json_t *list = count ? json_array() : NULL;
    for (size_t i = 0; i < count; i++) {
        const struct kind *k = kind_by_number(kinds[i]);
        json_array_append_new(list, k ? json_string(k->name) : json_integer(kinds[i]));
    }
    if (list)
        json_object_set_new(to, "suppressed", list);
}

static const char *awaited_person(const Wire__Recovery *r, size_t i)
{
    return i < r->n_person ? r->person[i] : "?";
}

/* Only where the org recovers. */
static void add_recovery(json_t *to, const Wire__Recovery *r)
{
    json_t *seats = r ? json_array() : NULL;
    for (size_t i = 0; r && i < r->n_seat; i++)
        json_array_append_new(seats, json_pack("{s:I, s:s}", "id", (json_int_t)r->seat[i], "name", awaited_person(r, i)));
    if (r)
        json_object_set_new(to, "recovery", json_pack("{s:o, s:o, s:I, s:o}", "since", show_time_json(r->since_ms), "until", show_time_json(r->until_ms),
                                                      "awaited", (json_int_t)r->awaited, "seats", seats));
}

static json_t *branch_json(const Wire__OverviewBranch *b, const struct board_figures *figures)
{
    Wire__Report report = report_of(b->report);
    Wire__Org org = org_of(b->org);
    json_t *measures = measures_json(b->measure, b->n_measure);
    if (figures)
        board_figures_add_json(figures, board_figures_row(figures, b), measures);
    json_t *row = json_pack("{s:s, s:s, s:o, s:I, s:o, s:I, s:I, s:I, s:I, s:I, s:o}", "code", org.code, "name", org.name, "last_contact",
                     show_time_json(b->last_contact_ms), "queued", (json_int_t)report.queued, "oldest_queued_at",
                     show_time_json(report.oldest_queued_ms), "refused", (json_int_t)report.refused, "conflicts",
                     (json_int_t)report.conflicts, "broken", (json_int_t)report.broken, "rewritten", (json_int_t)report.rewritten, "copies", (json_int_t)report.copies, "measures", measures);
    add_withheld(row, b->withheld, b->n_withheld);
    add_recovery(row, b->recovery);
    return row;
}

json_t *show_overview_json(const Wire__Overview *o, const struct board_figures *figures, int64_t age_ms, enum language language)
{
    Wire__Org org = org_of(o->org);
    json_t *branches = json_array(), *totals = measures_json(o->total, o->n_total);
    for (size_t i = 0; i < o->n_branch; i++)
        json_array_append_new(branches, branch_json(o->branch[i], figures));
    if (figures)
        board_figures_add_json(figures, board_figures_totals(figures), totals);
    json_t *all = json_pack("{s:o, s:s, s:s, s:o, s:o}", "as_of", show_time_json(o->as_of_ms), "org", org.code,
                            "org_name", org.name, "totals", totals, "branches", branches);
    add_withheld(all, o->withheld, o->n_withheld);
    add_recovery(all, o->recovery);
    if (figures)
        json_object_set_new(all, "figures", board_figures_json(figures, language));
    if (age_ms >= 0)
        json_object_set_new(all, "age_seconds", json_integer(age_ms / 1000));
    return all;
}

static int64_t measure_of(const Wire__OverviewBranch *b, const char *name)
{
    for (size_t i = 0; i < b->n_measure; i++)
        if (b->measure[i]->name && strcmp(b->measure[i]->name, name) == 0)
            return b->measure[i]->value;
    return 0;
}

int64_t show_overdue(const Wire__OverviewBranch *b)
{
    return measure_of(b, "plan_item.overdue") + measure_of(b, "proposal.overdue");
}

int64_t show_arrears(const Wire__OverviewBranch *b)
{
    return measure_of(b, "dues_assessment.arrears");
}

static void age_cell(struct grid *g, int64_t then_ms, int64_t now_ms)
{
    struct buf cell = BUF_INIT;
    show_age(then_ms, now_ms, &cell);
    grid_take(g, &cell);
}

static void branch_cells(struct grid *g, const Wire__OverviewBranch *b, int64_t now_ms)
{
    static const char *const measures[] = {"member.state.active", "work_plan.total", "plan_item.state.done"};
    Wire__Report report = report_of(b->report);
    Wire__Org org = org_of(b->org);
    grid_cell(g, org.code);
    grid_cell(g, org.name);
    age_cell(g, b->last_contact_ms, now_ms);
    grid_format(g, "%u", report.queued);
    if (report.oldest_queued_ms)
        age_cell(g, report.oldest_queued_ms, now_ms);
    else
        grid_cell(g, "-");
    grid_format(g, "%u/%u", report.refused, report.conflicts);
    for (size_t i = 0; i < sizeof measures / sizeof *measures; i++)
        grid_format(g, "%lld", (long long)measure_of(b, measures[i]));
    grid_format(g, "%lld", (long long)show_overdue(b));
    int64_t arrears = show_arrears(b);
    if (arrears == 0 && board_figures_withheld(b->withheld, b->n_withheld, "dues_assessment.arrears"))
        grid_cell(g, "-");
    else
        grid_format(g, "%lld", (long long)arrears);
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
        buf_format(out, "%s · %.*s · %s", label_in(k->label, language), (int)(name + size - tail - dot - 1), dot + 1,
                   _("branches without one"));
    else
        measure_text(name, language, out);
}

/* How many stand in a stored state that is shown to nobody so: what an assessment of dues comes to follows from its payments (derived
 * "state"), and "due: 22" would read as 22 who owe. */
static bool is_inner_state(const char *name)
{
    const char *dot = strchr(name, '.');
    char word[64];
    if (!dot || strncmp(dot + 1, "state.", 6) != 0 || snprintf(word, sizeof word, "%.*s", (int)(dot - name), name) >= (int)sizeof word)
        return false;
    const struct kind *k = kind_by_name(word);
    for (size_t i = 0; k && i < k->derived_count; i++)
        if (strcmp(k->derived[i].name, "state") == 0)
            return true;
    return false;
}

static void totals_text(const Wire__Overview *o, enum language language, struct buf *out)
{
    struct grid *g = grid_create(2);
    struct buf cell = BUF_INIT;
    for (size_t i = 0; i < o->n_total; i++) {
        const char *name = o->total[i]->name ? o->total[i]->name : "";
        if (is_inner_state(name))
            continue;
        total_label(name, language, &cell);
        grid_take(g, &cell);
        grid_format(g, "%lld", (long long)o->total[i]->value);
    }
    grid_print(g, out);
    grid_destroy(g);
}

/* Who adds up must know what is not in the sums. */
static void withheld_text(const Wire__Overview *o, enum language language, struct buf *out)
{
    for (size_t i = 0; i < o->n_withheld; i++) {
        const struct kind *k = kind_by_number(o->withheld[i]);
        if (k)
            buf_format(out, _("%s: the totals leave out branches with so few members or answers that single people could be told.\n"),
                       label_in(k->label, language));
    }
}

static void broken_text(const Wire__OverviewBranch *b, struct buf *out)
{
    Wire__Report report = report_of(b->report);
    Wire__Org org = org_of(b->org);
    struct buf line = BUF_INIT;
    if (report.broken) {
        buf_format(&line, _("%s %s: %u changes that were made there are lost: no device holds them any more. Next: ask there what is missing here, and let it be entered again.\n"),
                   org.code, org.name, report.broken);
        text_put_line(out, slice_of(line.data, line.size - 1)); /* others chose the name */
        buf_byte(out, '\n');
    }
    if (report.rewritten) {
        line.size = 0;
        buf_format(&line, _("%s %s: %u devices there saw another history than this server has now. Next: banyan heads there says which part; the server's operator runs banyand verify --heads.\n"),
                   org.code, org.name, report.rewritten);
        text_put_line(out, slice_of(line.data, line.size - 1));
        buf_byte(out, '\n');
    }
    if (report.copies) {
        line.size = 0;
        buf_format(&line, _("%s %s: of %u seats there two copies of the data are in use, or an old copy was put back. Next: banyan seat list there says of which.\n"),
                   org.code, org.name, report.copies);
        text_put_line(out, slice_of(line.data, line.size - 1));
        buf_byte(out, '\n');
    }
    buf_finish(&line);
}

/* ---- recovery ---- */

static void recovery_line(const Wire__Org *there, const Wire__Recovery *r, struct buf *out)
{
    Wire__Org org = org_of(there);
    struct buf line = BUF_INIT;
    buf_format(&line, "  %s %s: ", org.code, org.name);
    if (r->awaited == 0)
        buf_text(&line, _("all have been heard, it ends in a moment"));
    for (size_t i = 0; i < r->n_seat; i++)
        buf_format(&line, _("%s%s (seat %u)"), i ? ", " : "", awaited_person(r, i), r->seat[i]);
    if (r->awaited > r->n_seat)
        buf_format(&line, _(" and %u more"), r->awaited - (unsigned)r->n_seat);
    text_put_line(out, buf_slice(&line)); /* others chose the names */
    buf_byte(out, '\n');
    buf_finish(&line);
}

/* The time is the same for all: one restore began it. */
static void recovery_text(const Wire__Overview *o, struct buf *out)
{
    const Wire__Recovery *any = o->recovery;
    struct buf since = BUF_INIT, until = BUF_INIT;
    for (size_t i = 0; !any && i < o->n_branch; i++)
        any = o->branch[i]->recovery;
    if (!any)
        return;
    if (any->since_ms) {
        show_moment(any->since_ms, &since);
        show_moment(any->until_ms, &until);
        buf_format(out, _("The server is collecting from the devices what a restore lost, since %s, until %s at the latest. Until then these take no changes, which wait on the devices. They wait for:\n"),
                   buf_c_string(&since), buf_c_string(&until));
    } else {
        buf_text(out, _("The server has to collect from the devices what a restore lost, a day at most once it serves. Until then these take no changes, which wait on the devices. They wait for:\n"));
    }
    if (o->recovery)
        recovery_line(o->org, o->recovery, out);
    for (size_t i = 0; i < o->n_branch; i++)
        if (o->branch[i]->recovery)
            recovery_line(o->branch[i]->org, o->branch[i]->recovery, out);
    buf_text(out, _("  Next: banyan sync on these devices. A seat that does not come back: seat revoke. To end it at once, without what they hold: banyand recovered on the server.\n"));
    buf_finish(&since);
    buf_finish(&until);
}

void show_overview_text(const Wire__Overview *o, const struct board_figures *figures, int64_t age_ms, int64_t now_ms, enum language language,
                        struct buf *out)
{
    Wire__Org org = org_of(o->org);
    text_put_line(out, slice_text(org.name));
    buf_format(out, " (%s)  ", org.code);
    show_moment(o->as_of_ms, out);
    buf_byte(out, '\n');
    if (age_ms >= 0) {
        buf_text(out, _("The server cannot be reached; this is its last answer, from "));
        show_age(now_ms - age_ms, now_ms, out);
        buf_byte(out, '\n');
    }
    buf_byte(out, '\n');
    const char *const heads[] = {
        _("Code"),    _("Branch"), _("Last contact"), _("Queued"), _("Oldest"), _("Refused/conflicts"),
        _("Members"), _("Plans"),  _("Items done"),   _("Overdue work"), _("Owing dues")};
    struct grid *g = grid_create(sizeof heads / sizeof *heads);
    for (size_t i = 0; i < sizeof heads / sizeof *heads; i++)
        grid_cell(g, heads[i]);
    for (size_t i = 0; i < o->n_branch; i++)
        branch_cells(g, o->branch[i], now_ms);
    grid_print(g, out);
    grid_destroy(g);
    for (size_t i = 0; i < o->n_branch; i++)
        broken_text(o->branch[i], out);
    recovery_text(o, out);
    buf_byte(out, '\n');
    if (figures) {
        board_figures_text(figures, language, out);
        buf_byte(out, '\n');
    }
    totals_text(o, language, out);
    withheld_text(o, language, out);
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

static json_t *seat_json(const Wire__Seat *m)
{
    Wire__Report report = report_of(m->report);
    json_t *o = json_pack("{s:I, s:s?, s:s?, s:o, s:s?, s:o, s:I, s:o, s:I, s:I, s:s?}", "id", (json_int_t)m->number, "name",
                     m->person, "branch", m->branch, "roles", roles_json(m->roles), "state", m->state, "last_contact",
                     show_time_json(m->last_contact_ms), "queued", (json_int_t)report.queued, "oldest_queued_at",
                     show_time_json(report.oldest_queued_ms), "broken", (json_int_t)report.broken, "rewritten", (json_int_t)report.rewritten, "version", m->version);
    if (m->copies_ms)
        json_object_set_new(o, "copies_at", show_time_json(m->copies_ms));
    if (m->roles_ms) { /* else they are those of its invitation */
        json_object_set_new(o, "roles_at", show_time_json(m->roles_ms));
        json_object_set_new(o, "roles_by", json_integer(m->roles_by));
        if (m->roles_by_person)
            json_object_set_new(o, "roles_by_name", json_string(m->roles_by_person));
    }
    return o;
}

void show_copies(uint32_t seat, const char *person, int64_t at_ms, struct buf *out)
{
    struct buf line = BUF_INIT, when = BUF_INIT;
    show_moment(at_ms, &when);
    buf_format(&line, _("Seat %u, %s: two copies of its data are in use, or an old copy was put back (last seen %s). Next: ask the person; if not all of these devices are known, revoke the seat (seat revoke %u) and invite the person again."),
               seat, person ? person : "?", buf_c_string(&when), seat);
    text_put_line(out, buf_slice(&line)); /* others chose the name */
    buf_finish(&when);
    buf_finish(&line);
}

static void copies_text(const Wire__Seat *m, int64_t now_ms, struct buf *out)
{
    if (!m->copies_ms || now_ms - m->copies_ms > LIMIT_COPIES_DAYS * INT64_C(86400000) || (m->state && strcmp(m->state, "revoked") == 0))
        return;
    show_copies(m->number, m->person, m->copies_ms, out);
    buf_byte(out, '\n');
}

json_t *show_seats_json(const Wire__Seats *s)
{
    json_t *list = json_array();
    for (size_t i = 0; i < s->n_seat; i++)
        json_array_append_new(list, seat_json(s->seat[i]));
    return list;
}

/* Roles that are not those of the invitation: since when, by whom. */
static void changed_roles_text(const Wire__Seat *m, struct buf *out)
{
    if (!m->roles_ms)
        return;
    buf_text(out, " (");
    show_moment(m->roles_ms, out);
    buf_format(out, " %s)", m->roles_by == 0 ? _("the server's operator") : m->roles_by_person ? m->roles_by_person : "?");
}

static void roles_cell(struct grid *g, const Wire__Seat *m, enum language language)
{
    struct buf cell = BUF_INIT, unknown = BUF_INIT;
    role_set roles = role_set_known(m->roles ? m->roles : "", &unknown);
    show_role_labels(roles, language, &cell);
    if (unknown.size > 0) /* of a newer server */
        buf_format(&cell, "%s%s", cell.size ? " " : "", buf_c_string(&unknown));
    buf_finish(&unknown);
    changed_roles_text(m, &cell);
    grid_take(g, &cell);
}

static const char *seat_state(const char *name)
{
    static const char *const known[] = {N_("active"), N_("suspended"), N_("revoked")};
    for (size_t i = 0; name && i < sizeof known / sizeof *known; i++)
        if (strcmp(name, known[i]) == 0)
            return _(known[i]);
    return name; /* of a newer server */
}

void show_seats_text(const Wire__Seats *s, int64_t now_ms, enum language language, struct buf *out)
{
    const char *const heads[] = {_("Seat"),  _("Person"),       _("Branch"), _("Roles"),
                                 _("State"), _("Last contact"), _("Queued")};
    struct grid *g = grid_create(sizeof heads / sizeof *heads);
    for (size_t i = 0; i < sizeof heads / sizeof *heads; i++)
        grid_cell(g, heads[i]);
    for (size_t i = 0; i < s->n_seat; i++) {
        const Wire__Seat *m = s->seat[i];
        grid_format(g, "%u", m->number);
        grid_cell(g, m->person);
        grid_cell(g, m->branch);
        roles_cell(g, m, language);
        grid_cell(g, seat_state(m->state));
        age_cell(g, m->last_contact_ms, now_ms);
        grid_format(g, "%u", report_of(m->report).queued);
    }
    grid_print(g, out);
    grid_destroy(g);
    for (size_t i = 0; i < s->n_seat; i++)
        copies_text(s->seat[i], now_ms, out);
}
