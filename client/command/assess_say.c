/* See assess_say.h. */
#include "client/command/assess_say.h"

#include <string.h>

void assess_say_line(uint32_t line, const char *text)
{
    struct buf said = BUF_INIT;
    buf_format(&said, _("line %u: "), line);
    buf_text(&said, text);
    command_warn(buf_c_string(&said));
    buf_finish(&said);
}

/* Why a member owes nothing for the period, as far as the member's own record tells. */
static void put_why(const struct assess_run *r, const struct assess_line *l, struct buf *out)
{
    struct date months[DUES_MONTHS_MAX], on;
    size_t count = dues_period_months(r->period, months);
    const struct kind *k = kind_by_name("member");
    const char *state = kind_state_of(k, l->row);
    struct cell joined = record_get_name(l->row, "joined_on"), came = record_get_name(l->row, "transferred_in_on"),
                since = record_get_name(l->row, "state_effective_on");
    const struct state_rule *rule = state ? kind_state(k, state) : NULL;
    if (joined.type == CELL_TEXT && date_parse((const char *)joined.bytes.data, &on) == ERR_OK && date_compare(on, months[count - 1]) > 0)
        buf_format(out, _("joined on %s, later than the first day of the month"), (const char *)joined.bytes.data);
    else if (came.type == CELL_TEXT && date_parse((const char *)came.bytes.data, &on) == ERR_OK && date_compare(on, months[count - 1]) > 0)
        buf_format(out, _("came from another branch on %s, later than the first day of the month"), (const char *)came.bytes.data);
    else if (rule && since.type == CELL_TEXT)
        buf_format(out, _("“%s” since %s"), label_in(rule->label, command_language()), (const char *)since.bytes.data);
    else
        buf_format(out, _("now “%s”, and not active on the first day of the month"), rule ? label_in(rule->label, command_language()) : "");
}

static void say_left_out(const struct assess_run *r, const struct assess_line *l)
{
    struct buf said = BUF_INIT;
    buf_format(&said, _("%s: left out, nothing is owed for %s: "), l->name, r->period_text);
    put_why(r, l, &said);
    assess_say_line(l->named->line, buf_c_string(&said));
    buf_finish(&said);
}

static void say_stays(const struct assess_run *r, const struct assess_line *l)
{
    struct buf said = BUF_INIT, old = BUF_INIT, new = BUF_INIT;
    char id[ID_TEXT_SIZE];
    int64_t by_sheet = l->named->month_fen * (int64_t)l->months;
    if (by_sheet == l->amount_fen || l->months == 0)
        return;
    id_text(l->assessment, id);
    fen_text(l->amount_fen, &old);
    fen_text(by_sheet, &new);
    buf_format(&said, _("%s: assessed %s yuan for %s already, by this sheet it would be %s; the assessment and the standard stay as they are"), l->name,
               buf_c_string(&old), r->period_text, buf_c_string(&new));
    buf_byte(&said, '\n');
    buf_format(&said, _("  to assess it anew: banyan remove dues_assessment %s, then run this again"), id);
    assess_say_line(l->named->line, buf_c_string(&said));
    buf_finish(&said);
    buf_finish(&old);
    buf_finish(&new);
}

static void say_changed(const struct assess_run *r, const struct assess_line *l)
{
    struct buf said = BUF_INIT, old = BUF_INIT, new = BUF_INIT;
    char from[DATE_TEXT_SIZE];
    const struct code *mode = code_find(kind_field(kind_by_name("dues_standard"), "mode")->codes, l->named->was_mode ? l->named->was_mode : "");
    date_text(dues_period_first(r->period), from);
    fen_text(l->named->was_fen, &old);
    fen_text(l->named->month_fen, &new);
    buf_format(&said, _("%s: the standard was %s yuan (%s), from %s on it is %s by this sheet"), l->name, buf_c_string(&old),
               mode ? label_in(mode->label, command_language()) : "", from, buf_c_string(&new));
    assess_say_line(l->named->line, buf_c_string(&said));
    buf_finish(&said);
    buf_finish(&old);
    buf_finish(&new);
}

void assess_say_sheet(const struct assess_run *r)
{
    for (size_t i = 0; i < r->line_count; i++) {
        const struct assess_line *l = &r->lines[i];
        if (l->named && l->named->changed)
            say_changed(r, l);
        if (l->named && l->verdict == ASSESS_NOT_OWING)
            say_left_out(r, l);
        else if (l->named && l->verdict == ASSESS_KNOWN)
            say_stays(r, l);
    }
}

void assess_put_period(struct dues_period p, struct buf *out)
{
    struct date months[DUES_MONTHS_MAX];
    size_t count = dues_period_months(p, months);
    if (p.kind == DUES_YEAR)
        buf_format(out, _("the whole year %d, %zu months"), p.year, count);
    else if (p.kind == DUES_TERM)
        buf_format(out, p.part == 1 ? _("first term of the school year %d, %zu months") : _("second term of the school year %d, %zu months"), p.year, count);
    else
        buf_format(out, _("the month %d of %d"), p.part, p.year);
}

int assess_say_overlaps(const struct assess_run *r, bool asks)
{
    struct buf said = BUF_INIT, next = BUF_INIT, yuan = BUF_INIT;
    char text[DUES_PERIOD_SIZE];
    int status = EXIT_DONE;
    buf_format(&said, _("%zu members have been assessed for periods that overlap with %s ("), r->twice, r->period_text);
    assess_put_period(r->period, &said);
    buf_text(&said, _("); they would owe the same months twice:"));
    for (size_t i = 0; i < r->overlap_count; i++) {
        const struct assess_overlap *o = &r->overlaps[i];
        yuan.size = 0;
        fen_text(o->fen, &yuan);
        dues_period_text(o->period, text);
        buf_format(&said, "\n  %s (", text);
        assess_put_period(o->period, &said);
        buf_format(&said, _("): %zu members, %s yuan"), o->members, buf_c_string(&yuan));
    }
    buf_format(&next, _("nothing was assessed; if both are to be owed: banyan assess %s --yes"), r->period_text);
    if (asks)
        status = command_say(buf_c_string(&said), buf_c_string(&next));
    else
        command_warn(buf_c_string(&said));
    buf_finish(&said);
    buf_finish(&next);
    buf_finish(&yuan);
    return status;
}
