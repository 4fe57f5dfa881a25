/* See dues_step.h. */
#include "client/command/dues_step.h"
#include "client/command/dues_received.h"
#include "dues.pb-c.h"
#include "kinds/dues.h"

#include <string.h>

static bool is_step(const struct kind *k, const struct replica_change *change, const char *kind, const char *action)
{
    return strcmp(k->name, kind) == 0 && strcmp(change->action, action) == 0;
}

/* ---- due again ---- */

static enum err empty(struct replica_change *c, const struct kind *k, const char *field, struct arena *arena)
{
    uint32_t tag = record_field(k->descriptor, field)->id;
    uint32_t *cleared = arena_alloc(arena, (c->cleared_count + 1) * sizeof *cleared);
    if (!cleared)
        return ERR_MEMORY;
    for (size_t i = 0; i < c->cleared_count; i++) {
        if (c->cleared[i] == tag)
            return ERR_OK;
        cleared[i] = c->cleared[i];
    }
    cleared[c->cleared_count++] = tag;
    c->cleared = cleared;
    return ERR_OK;
}

bool dues_step_fill(struct seat *s, const struct kind *k, struct replica_change *change, int *status)
{
    static const char field[] = "exempt_reason";
    struct replica_row row;
    if (!is_step(k, change, "dues_assessment", "due") || (change->patch && record_get_name(change->patch, field).type != CELL_ABSENT))
        return true;
    enum err e = replica_load(s->replica, k->number, change->id, s->now_ms, &s->arena, &row);
    if (e == ERR_NOT_FOUND) /* the step itself says so */
        return true;
    if (e == ERR_OK && record_get_name(row.message, field).type != CELL_ABSENT)
        e = empty(change, k, field, &s->arena);
    if (e != ERR_OK)
        *status = command_failed(s, e, k->name);
    return e == ERR_OK;
}

/* ---- the books of a year ---- */

struct closing {
    struct seat *seat;
    struct dues_period year;
    struct date on;         /* closed_on; invalid: the step itself says so */
    bool reported;          /* the year's statement is here, and says what was received */
    int64_t reported_fen;
    bool drafted;           /* ... and may still be brought up to date */
};

static bool on_report(void *to, const struct replica_row *row)
{
    struct closing *c = to;
    const Record__DuesUsageReport *m = (const Record__DuesUsageReport *)row->message;
    struct dues_period p;
    bool of_year = row->org == c->seat->facts.home && dues_period_read(m->period, &p) && p.kind == DUES_YEAR && p.year == c->year.year;
    if (!of_year || !m->has_received_fen)
        return true;
    c->reported = true;
    c->reported_fen = m->received_fen;
    c->drafted = strcmp(kind_state_of(kind_by_name("dues_usage_report"), row->message), "drafted") == 0;
    return false;
}

static void put_early(const struct closing *c, struct buf *out)
{
    struct date today = seat_today(c->seat), last = dues_period_last(c->year);
    char on[DATE_TEXT_SIZE], end[DATE_TEXT_SIZE];
    date_text(c->on, on);
    date_text(last, end);
    if (date_compare(c->on, today) > 0)
        buf_format(out, _("\n  closed_on %s is still to come"), on);
    if (date_compare(today, last) < 0 || date_compare(c->on, last) < 0)
        buf_format(out, _("\n  the year ends on %s: what is received until then could not be entered any more"), end);
}

static void put_difference(const struct closing *c, const struct dues_received *received, struct buf *out)
{
    struct buf said = BUF_INIT, paid = BUF_INIT;
    if (!c->reported || c->reported_fen == received->fen)
        return;
    fen_text(c->reported_fen, &said);
    fen_text(received->fen, &paid);
    buf_format(out, _("\n  the statement on the use of dues says that %s yuan were received, the year's payments come to %s yuan"), buf_c_string(&said),
               buf_c_string(&paid));
    if (c->drafted)
        buf_format(out, _(" (banyan add dues_usage_report --from %d brings it up to date)"), c->year.year);
    buf_finish(&said);
    buf_finish(&paid);
}

static enum err look(struct closing *c, struct id id, const struct kind *k, bool *open)
{
    struct replica_row row;
    struct replica *r = c->seat->replica;
    enum err e = replica_load(r, k->number, id, c->seat->now_ms, &c->seat->arena, &row);
    *open = e == ERR_OK && strcmp(kind_state_of(k, row.message), "open") == 0 &&
            dues_period_read(((const Record__DuesYear *)row.message)->year, &c->year);
    return e == ERR_OK && *open ? replica_scan(r, kind_by_name("dues_usage_report")->number, c->seat->now_ms, on_report, c) : e;
}

static bool say(const struct closing *c, const struct buf *reasons, int *status)
{
    struct buf said = BUF_INIT;
    buf_format(&said, _("the books of %d never open again once they are closed, and:"), c->year.year);
    buf_append_slice(&said, buf_slice(reasons));
    *status = command_say(buf_c_string(&said), _("wait, or put that right first; or, to close them all the same, add --yes"));
    buf_finish(&said);
    return false;
}

static bool ask_closing(struct seat *s, const struct kind *k, const struct replica_change *change, int *status)
{
    struct closing c = {.seat = s};
    struct dues_received received = {0};
    struct buf reasons = BUF_INIT;
    bool open = false, goes_on = true;
    struct cell on = change->patch ? record_get_name(change->patch, "closed_on") : (struct cell){.type = CELL_ABSENT};
    if (on.type != CELL_TEXT || date_parse((const char *)on.bytes.data, &c.on) != ERR_OK)
        return true;
    enum err e = look(&c, change->id, k, &open);
    if (e == ERR_OK && open)
        e = dues_received_in(s, c.year.year, &received);
    if (e == ERR_OK && open) {
        put_early(&c, &reasons);
        put_difference(&c, &received, &reasons);
    } else if (e != ERR_OK && e != ERR_NOT_FOUND) { /* not here: the step itself says so */
        *status = command_failed(s, e, k->name);
        goes_on = false;
    }
    if (reasons.size)
        goes_on = say(&c, &reasons, status);
    buf_finish(&reasons);
    return goes_on;
}

/* ---- the statement of a year ---- */

/* A year of which no payment is here was kept elsewhere. */
static bool is_another_sum(struct seat *s, const Record__DuesUsageReport *m, int year, struct dues_received *received, enum err *e)
{
    *e = dues_received_in(s, year, received);
    return *e == ERR_OK && received->payments + received->reversals > 0 && m->has_received_fen && m->received_fen != received->fen;
}

static int say_other_sum(const Record__DuesUsageReport *m, int year, const struct dues_received *received)
{
    struct buf stated = BUF_INIT, paid = BUF_INIT, said = BUF_INIT, next = BUF_INIT;
    fen_text(m->received_fen, &stated);
    fen_text(received->fen, &paid);
    buf_format(&said, _("the statement says that %s yuan were received in %d, the payments of that year on this device come to %s yuan"),
               buf_c_string(&stated), year, buf_c_string(&paid));
    buf_format(&next, _("sync first; then have the accountant bring it up to date: banyan add dues_usage_report --from %d (once it was audited,"
                        " send it back before that: banyan act dues_usage_report ID drafted). If it is right as it stands, add --yes"), year);
    int status = command_say(buf_c_string(&said), buf_c_string(&next));
    buf_finish(&next);
    buf_finish(&said);
    buf_finish(&paid);
    buf_finish(&stated);
    return status;
}

static bool ask_statement(struct seat *s, const struct kind *k, const struct replica_change *change, int *status)
{
    struct replica_row row;
    struct dues_received received;
    struct dues_period p;
    enum err e = replica_load(s->replica, k->number, change->id, s->now_ms, &s->arena, &row);
    const Record__DuesUsageReport *m = e == ERR_OK ? (const Record__DuesUsageReport *)row.message : NULL;
    bool leads = m && kind_step_leads_from(kind_action(k, change->action), kind_state_of(k, row.message));
    if (e == ERR_NOT_FOUND || (m && (!leads || !dues_period_read(m->period, &p))))
        return true; /* the step itself says so */
    bool other = m && is_another_sum(s, m, p.year, &received, &e);
    if (e != ERR_OK)
        *status = command_failed(s, e, k->name);
    else if (other)
        *status = say_other_sum(m, p.year, &received);
    return e == ERR_OK && !other;
}

bool dues_step_ask(struct seat *s, const struct kind *k, const struct replica_change *change, bool yes, int *status)
{
    if (!yes && is_step(k, change, "dues_year", "closed"))
        return ask_closing(s, k, change, status);
    if (!yes && (is_step(k, change, "dues_usage_report", "audited") || is_step(k, change, "dues_usage_report", "published")))
        return ask_statement(s, k, change, status);
    return true;
}
