/* banyan assess: the dues run of a month, a term or a year. What is known stays as it is: a later run adds newcomers alone. Wages
 * come from the accountant's sheet, are used here, and go no further. */
#include "client/command/assess_say.h"
#include "client/replica/derive.h"
#include "base/key_file.h"
#include "base/limits.h"
#include "show/board.h"

#include <jansson.h>
#include <string.h>

static const struct option_spec options[] = {
    DATA_OPTION,
    {"wages", OPTION_VALUE, "FILE.csv", N_("a sheet of wages: what is due is computed from it; wages are not kept")},
    {"yes", OPTION_FLAG, NULL, N_("a period that begins later than next month, or overlaps with one that was assessed")},
    {"dry-run", OPTION_FLAG, NULL, N_("say what would be done, write nothing")},
    {"json", OPTION_FLAG, NULL, N_("as JSON")},
    END_OPTION,
};

static int refused(const struct assess_run *r, enum err e)
{
    return e == ERR_REFUSED ? command_refused(r->refused_kind, &r->refused) : command_failed(r->seat, e, "assess");
}

/* ---- the sheet of wages ---- */

static void say_finding(const struct roster_finding *f)
{
    struct buf text = BUF_INIT;
    roster_finding_text(&wages_sheet, f, command_language(), &text);
    assess_say_line(f->line, buf_c_string(&text));
    buf_finish(&text);
}

/* The line that named the member before; 0: none. Two wages for one member: which of them counts is for a person to say. */
static uint32_t line_before(const struct assess_run *r, struct id member)
{
    for (size_t i = 0; i < r->named_count; i++)
        if (id_equal(r->named[i].member, member))
            return r->named[i].line;
    return 0;
}

/* One row. False: said. */
static bool take_row(struct assess_run *r, const struct roster_row *row, enum err *e)
{
    struct wages_row wages;
    struct id member;
    if (!wages_row_read(row, &wages)) {
        assess_say_line(row->line, _("a wage and whose it is are needed"));
        return false;
    }
    enum err found = assess_find(r, &wages, &member);
    if (found != ERR_OK) {
        struct buf said = BUF_INIT;
        const char *who = wages.name ? wages.name : wages.member_no ? wages.member_no : _("this ID number");
        buf_format(&said, found == ERR_AMBIGUOUS ? _("more than one member is called %s: add the member number") : _("there is no member called %s"), who);
        assess_say_line(row->line, buf_c_string(&said));
        buf_finish(&said);
        return false;
    }
    uint32_t before = line_before(r, member);
    if (before) {
        struct buf said = BUF_INIT;
        buf_format(&said, _("the same member as in line %u"), before);
        assess_say_line(row->line, buf_c_string(&said));
        buf_finish(&said);
        return false;
    }
    *e = assess_wage(r, member, row->line, wages.wage_fen);
    return true;
}

/* Nothing is written while a row is wrong: half a sheet would be half a run. */
static int take_rows(struct assess_run *r, const struct roster *sheet)
{
    size_t wrong = 0;
    r->named = arena_alloc(r->arena, (sheet->row_count + 1) * sizeof *r->named);
    enum err e = r->named ? ERR_OK : ERR_MEMORY;
    for (size_t i = 0; i < sheet->finding_count; i++)
        if (sheet->findings[i].severity == SEVERITY_BLOCK)
            say_finding(&sheet->findings[i]);
    for (size_t i = 0; e == ERR_OK && i < sheet->row_count; i++)
        wrong += sheet->rows[i].wrong || !take_row(r, &sheet->rows[i], &e);
    if (e != ERR_OK)
        return refused(r, e);
    return wrong ? command_say(_("nothing was written, because rows of the sheet are wrong"), _("mend the sheet and run it again")) : EXIT_DONE;
}

static int read_wages(struct assess_run *r, const char *path)
{
    struct buf bytes = BUF_INIT, said = BUF_INIT;
    struct csv_table table;
    struct roster sheet;
    struct roster_fault fault;
    struct arena arena;
    int status;
    arena_init(&arena, CSV_READ_ARENA + ROSTER_ARENA);
    enum err e = key_file_read(path[0] == '/' ? "" : ".", path, &bytes);
    if (e == ERR_OK && bytes.size > LIMIT_IMPORT_FILE)
        e = ERR_TOO_LONG;
    if (e == ERR_OK)
        e = csv_read(buf_slice(&bytes), &arena, &table);
    enum err headings = e == ERR_OK ? roster_read(&wages_sheet, &table, NULL, 0, &arena, &sheet, &fault) : ERR_OK;
    if (e != ERR_OK || headings != ERR_OK) {
        buf_format(&said, "%s: %s", path, e == ERR_NOT_FOUND   ? _("there is no such file")
                                          : e == ERR_TOO_LONG ? _("the file is larger than 8 MiB")
                                          : e == ERR_TEXT     ? _("this is neither UTF-8 nor GB18030 text; save it as CSV UTF-8 from the spreadsheet")
                                          : e != ERR_OK       ? _("the file cannot be read")
                                                              : _("no line names a column of wages and one of members"));
        status = command_say(buf_c_string(&said), headings != ERR_OK ? _("the first line should say: name, wage (or 姓名,计费工资)") : NULL);
    } else {
        status = take_rows(r, &sheet);
    }
    arena_finish(&arena);
    buf_finish(&bytes);
    buf_finish(&said);
    return status;
}

/* ---- what came of it ---- */

static json_t *lines_json(const struct assess_run *r)
{
    static const char *const verdicts[] = {[ASSESS_ADDED] = "added", [ASSESS_KNOWN] = "known", [ASSESS_NO_STANDARD] = "no_standard",
                                           [ASSESS_NOT_OWING] = "not_owing"};
    json_t *list = json_array();
    for (size_t i = 0; i < r->line_count; i++) {
        const struct assess_line *l = &r->lines[i];
        char id[ID_TEXT_SIZE];
        id_text(l->member, id);
        json_array_append_new(list, json_pack("{s:s, s:s, s:s, s:I, s:I, s:s?, s:o}", "member_id", id, "name", l->name, "verdict", verdicts[l->verdict],
                                              "months", (json_int_t)l->months, "amount_due_fen", (json_int_t)l->amount_fen, "mode", l->mode, "sheet_fen",
                                              l->named ? json_integer(l->named->month_fen * (json_int_t)l->months) : json_null()));
    }
    return list;
}

static void print_json(const struct assess_run *r, bool dry, struct buf *out)
{
    json_t *all = json_pack("{s:s, s:b, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:o}", "period", r->period_text, "dry_run", (int)dry, "added",
                            (json_int_t)r->count[ASSESS_ADDED], "known", (json_int_t)r->count[ASSESS_KNOWN], "no_standard",
                            (json_int_t)r->count[ASSESS_NO_STANDARD], "not_owing", (json_int_t)r->count[ASSESS_NOT_OWING], "added_fen",
                            (json_int_t)r->added_fen, "total_fen", (json_int_t)r->all_fen, "standards", (json_int_t)r->standards_written,
                            "members", lines_json(r));
    show_json(all, out);
    json_decref(all);
}

static void print_text(const struct assess_run *r, struct buf *out)
{
    struct buf yuan = BUF_INIT;
    for (size_t i = 0; i < r->line_count; i++) {
        const struct assess_line *l = &r->lines[i];
        yuan.size = 0;
        fen_text(l->amount_fen, &yuan);
        if (l->verdict == ASSESS_ADDED || l->verdict == ASSESS_KNOWN)
            buf_format(out, "%s  %s%s\n", l->name, buf_c_string(&yuan), l->verdict == ASSESS_KNOWN ? _("  (known already)") : "");
        else if (l->verdict == ASSESS_NO_STANDARD)
            buf_format(out, l->begins_later ? _("%s  no standard yet: the one there is begins later\n") : _("%s  no standard\n"), l->name);
    }
    yuan.size = 0;
    fen_text(r->added_fen, &yuan);
    buf_format(out, _("%s: %zu added, %s yuan; %zu known already\n"), r->period_text, r->count[ASSESS_ADDED], buf_c_string(&yuan), r->count[ASSESS_KNOWN]);
    buf_finish(&yuan);
}

/* 2026-1 is no January, and a run over five months is not taken back by one word. */
static void say_term(const struct assess_run *r)
{
    struct buf said = BUF_INIT;
    char first[DATE_TEXT_SIZE], last[DATE_TEXT_SIZE];
    if (r->period.kind == DUES_MONTH)
        return;
    date_text(dues_period_first(r->period), first);
    date_text(dues_period_last(r->period), last);
    if (r->period.kind == DUES_TERM)
        buf_format(&said, _("%s is a whole term, %s to %s; a month is written with two digits: %d-%02d"), r->period_text, first, last, r->period.year,
                   r->period.part);
    else
        buf_format(&said, _("%s is a whole year, %s to %s; a month is written with two digits: %d-%02d"), r->period_text, first, last, r->period.year, 1);
    buf_text(&said, " (");
    assess_put_period(r->period, &said);
    buf_byte(&said, ')');
    command_warn(buf_c_string(&said));
    buf_finish(&said);
}

/* By whose word the sums are: each member's newest standard by then, so many of each mode. */
static void say_standards(const struct assess_run *r)
{
    const struct code_list *modes = kind_field(kind_by_name("dues_standard"), "mode")->codes;
    struct buf said = BUF_INIT;
    buf_format(&said, _("by each member's own standard in effect on the first day of %s:"), r->period_text);
    for (size_t m = 0; m < modes->count; m++) {
        size_t count = 0;
        for (size_t i = 0; i < r->line_count; i++)
            count += r->lines[i].mode && strcmp(r->lines[i].mode, modes->codes[m].name) == 0;
        if (count)
            buf_format(&said, " %s %zu", label_in(modes->codes[m].label, command_language()), count);
    }
    if (r->count[ASSESS_ADDED])
        command_warn(buf_c_string(&said));
    buf_finish(&said);
}

static void say_without(const struct assess_run *r)
{
    struct buf said = BUF_INIT;
    size_t later = 0, without = r->count[ASSESS_NO_STANDARD];
    for (size_t i = 0; i < r->line_count; i++)
        later += r->lines[i].begins_later;
    buf_format(&said, _("%zu members have no standard of dues: nothing was assessed for them"), without);
    if (later)
        buf_format(&said, _(" (%zu never had one, %zu have one that begins later)"), without - later, later);
    else
        buf_text(&said, _(" (none was ever entered, and no sheet of wages named them)"));
    (void)command_say(buf_c_string(&said), _("banyan add dues_standard member_id=NAME mode=flat amount_fen=10.00 effective_from=DATE, or --wages FILE.csv; then run it again"));
    buf_finish(&said);
}

static int sum_up(const struct assess_run *r, bool json, bool dry)
{
    struct buf out = BUF_INIT;
    if (json)
        print_json(r, dry, &out);
    else
        print_text(r, &out);
    command_print(&out);
    if (dry)
        command_warn(_("a dry run: nothing was written"));
    say_term(r);
    say_standards(r);
    assess_say_sheet(r);
    if (r->count[ASSESS_NO_STANDARD])
        say_without(r);
    return EXIT_DONE;
}

/* ---- the run ---- */

static int run_period(struct assess_run *r, const char *wages, bool json, bool dry, bool yes)
{
    struct date first = dues_period_first(r->period);
    struct derive *d = NULL;
    enum err e = derive_open(r->seat->replica, r->seat->now_ms, &d);
    if (e == ERR_OK)
        e = derive_setting(d, "dues.rate_permille", first, 5, &r->rate_permille);
    if (e == ERR_OK)
        e = derive_setting(d, "dues.rounding_fen", first, 1000, &r->rounding_fen);
    derive_close(d);
    if (e == ERR_OK)
        e = replica_batch_begin(r->seat->replica);
    if (e != ERR_OK)
        return command_failed(r->seat, e, "assess");
    int status = wages ? read_wages(r, wages) : EXIT_DONE;
    if (status == EXIT_DONE && (e = assess_all(r)) != ERR_OK)
        status = refused(r, e);
    if (status == EXIT_DONE && r->twice)
        status = assess_say_overlaps(r, !dry && !yes);
    if (status != EXIT_DONE || dry)
        replica_batch_rollback(r->seat->replica);
    else if ((e = replica_batch_commit(r->seat->replica)) != ERR_OK)
        status = command_failed(r->seat, e, "assess");
    return status == EXIT_DONE ? sum_up(r, json, dry) : status;
}

/* A year typed wrong would charge everybody for months that nobody looks at yet. */
static bool begins_soon(const struct seat *s, struct dues_period p)
{
    struct date today = seat_today(s), first = dues_period_first(p);
    return first.year * 12 + first.month <= today.year * 12 + today.month + 1;
}

static int say_late(const char *period)
{
    struct buf said = BUF_INIT, next = BUF_INIT;
    buf_format(&said, _("%s begins later than next month: nothing was assessed"), period);
    buf_format(&next, _("see that the year is right; if it is meant so: banyan assess %s --yes"), period);
    int status = command_say(buf_c_string(&said), buf_c_string(&next));
    buf_finish(&said);
    buf_finish(&next);
    return status;
}

#define RUN_ARENA ((size_t)512 << 20) /* rows of some thousand members through some years */

static int run(const struct command *c, int argc, char **argv)
{
    struct options o;
    struct seat s;
    struct buf text = BUF_INIT;
    struct dues_period period;
    struct assess_run r;
    struct arena arena;
    int status = EXIT_DONE;
    if (!command_parse(c, argc, argv, &o, &status))
        return status;
    if (o.argument_count != 1)
        return command_usage(c, _("a period is needed"));
    dues_period_normalise(slice_text(o.arguments[0]), &text);
    if (!dues_period_read(buf_c_string(&text), &period)) {
        buf_finish(&text);
        return command_usage(c, _("write a month as 2026-10, a term as 2026-1 or 2026-2, a year as 2026"));
    }
    if (!seat_open(options_get(options, &o, "data"), &s, &status)) {
        buf_finish(&text);
        return status;
    }
    if (!begins_soon(&s, period) && !options_get(options, &o, "yes") && !options_get(options, &o, "dry-run")) {
        status = say_late(buf_c_string(&text));
        seat_close(&s);
        buf_finish(&text);
        return status;
    }
    arena_init(&arena, RUN_ARENA);
    enum err e = assess_begin(&r, &s, period, buf_c_string(&text), &arena);
    status = e == ERR_OK ? run_period(&r, options_get(options, &o, "wages"), options_get(options, &o, "json"), options_get(options, &o, "dry-run"),
                                      options_get(options, &o, "yes"))
                         : command_failed(&s, e, "assess");
    arena_finish(&arena);
    seat_close(&s);
    buf_finish(&text);
    return status;
}

const struct command command_assess = {"assess", "PERIOD [--wages FILE.csv] [--yes] [--dry-run] [--json]", N_("the dues run of a month, a term or a year"), options, run};
