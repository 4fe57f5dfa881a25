/* banyan overview: the board of all branches below, asked from the server. Its last answer is kept and shown with its age offline. */
#include "base/limits.h"
#include "client/command/command.h"
#include "client/command/new_file.h"
#include "client/command/pages.h"
#include "kinds/dues.h"
#include "show/board.h"
#include "show/board_figures.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ASK_MS 20000

static const struct option_spec options[] = {
    DATA_OPTION,
    {"branch", OPTION_VALUE, "CODE", N_("that branch alone")},
    {"missing", OPTION_VALUE, "KIND=PERIOD", N_("only branches without one: work_plan=2026-1")},
    {"period", OPTION_VALUE, "PERIOD", N_("figures of that month, term or year instead of the present ones")},
    {"sort", OPTION_VALUE, "BY", N_("silent: longest without contact first; unsent: oldest unsent first; overdue: most overdue items of plans and proposals first; arrears: most members who owe dues first")},
    {"json", OPTION_FLAG, NULL, N_("as JSON")},
    {"csv", OPTION_VALUE, "FILE", N_("into a file for a spreadsheet")},
    END_OPTION,
};

static void on_overview(void *to, enum frame_type type, const ProtobufCMessage *message)
{
    if (type == FRAME_OVERVIEW)
        pages_add(to, message);
}

/* Its records are counted by period and state ("work_plan.2026-1.submitted"), so that a branch without any is seen. */
static bool is_counted_by_period(const struct kind *k)
{
    bool whole = false;
    for (size_t i = 0; i < k->measure_count; i++)
        whole = whole || !*k->measures[i].name;
    return whole && kind_field(k, "period");
}

static int say_what_can_be_missing(void)
{
    size_t count;
    struct buf said = BUF_INIT;
    const struct kind *const *all = kind_all(&count);
    buf_text(&said, _("--missing takes a period of one of these:"));
    for (size_t i = 0; i < count; i++)
        if (is_counted_by_period(all[i]))
            buf_format(&said, " %s", all[i]->name);
    int status = command_usage(&command_overview, buf_c_string(&said));
    buf_finish(&said);
    return status;
}

static int say_no_period(const struct kind *k, const struct field_rule *f, const char *word)
{
    struct buf said = BUF_INIT;
    const char *rule = f ? label_in(f->rule, command_language()) : NULL;
    buf_format(&said, _("--missing: %s is no period of %s"), word, label_in(k->label, command_language()));
    if (rule && *rule)
        buf_format(&said, command_language() == LANGUAGE_ZH ? "；%s" : "; %s", rule);
    int status = command_usage(&command_overview, buf_c_string(&said));
    buf_finish(&said);
    return status;
}

/* KIND=PERIOD as the board's measures are named: "work_plan.2026-1.". False: said, *status is set. A kind or period that is none
 * would make every branch look late. */
static bool missing_prefix(const char *wish, char *out, size_t size, int *status)
{
    char word[64];
    const char *equals = strchr(wish, '=');
    struct arena arena;
    struct cell period;
    if (!equals || (size_t)(equals - wish) >= sizeof word) {
        *status = command_usage(&command_overview, _("--missing is written KIND=PERIOD, for example work_plan=2026-1"));
        return false;
    }
    snprintf(word, sizeof word, "%.*s", (int)(equals - wish), wish);
    const struct kind *k = command_kind(word, status);
    if (!k)
        return false;
    if (!is_counted_by_period(k)) {
        *status = say_what_can_be_missing();
        return false;
    }
    const struct field_rule *f = kind_field(k, "period");
    struct findings found = {.count = 0};
    arena_init(&arena, LIMIT_ARENA);
    bool good = f && value_parse(f, equals + 1, &arena, &period) == ERR_OK && period.type == CELL_TEXT;
    if (good)
        kind_check_value(k, f, period, &found);
    good = good && !findings_block(&found) && snprintf(out, size, "%s.%.*s.", k->name, (int)period.bytes.size, (const char *)period.bytes.data) < (int)size;
    arena_finish(&arena);
    if (!good)
        *status = say_no_period(k, f, equals + 1);
    return good;
}

/* Keeps the branches that have no record of the kind in the period. */
static void keep_missing(Wire__Overview *o, const char *prefix)
{
    size_t kept = 0;
    for (size_t i = 0; i < o->n_branch; i++) {
        bool has = false;
        for (size_t m = 0; m < o->branch[i]->n_measure; m++) {
            const Wire__Measure *measure = o->branch[i]->measure[m];
            has = has || (measure->name && strncmp(measure->name, prefix, strlen(prefix)) == 0 && measure->value > 0);
        }
        if (!has && figure_counts(o->branch[i]->org ? o->branch[i]->org->state : NULL))
            o->branch[kept++] = o->branch[i];
    }
    o->n_branch = kept;
}

/* ---- order ---- */

/* Never is longest ago. */
static int by_silence(const void *a, const void *b)
{
    const Wire__OverviewBranch *x = *(Wire__OverviewBranch *const *)a, *y = *(Wire__OverviewBranch *const *)b;
    return (x->last_contact_ms > y->last_contact_ms) - (x->last_contact_ms < y->last_contact_ms);
}

static int64_t unsent_since(const Wire__OverviewBranch *b)
{
    return b->report && b->report->oldest_queued_ms ? b->report->oldest_queued_ms : INT64_MAX;
}

static int by_unsent(const void *a, const void *b)
{
    int64_t x = unsent_since(*(Wire__OverviewBranch *const *)a), y = unsent_since(*(Wire__OverviewBranch *const *)b);
    return (x > y) - (x < y);
}

static int by_overdue(const void *a, const void *b)
{
    int64_t x = show_overdue(*(Wire__OverviewBranch *const *)a), y = show_overdue(*(Wire__OverviewBranch *const *)b);
    return (x < y) - (x > y);
}

static int by_arrears(const void *a, const void *b)
{
    int64_t x = show_arrears(*(Wire__OverviewBranch *const *)a), y = show_arrears(*(Wire__OverviewBranch *const *)b);
    return (x < y) - (x > y);
}

static const struct {
    const char *name, *word; /* msgid: by either */
    int (*order)(const void *, const void *);
} orders[] = {{"silent", N_("silent"), by_silence}, {"unsent", N_("unsent"), by_unsent}, {"overdue", N_("overdue"), by_overdue}, {"arrears", N_("arrears"), by_arrears}};

/* False: no such order. */
static bool sort_by(Wire__Overview *o, const char *name)
{
    for (size_t i = 0; i < sizeof orders / sizeof *orders; i++)
        if (strcmp(orders[i].name, name) == 0 || strcmp(_(orders[i].word), name) == 0) {
            if (o && o->n_branch > 1)
                qsort(o->branch, o->n_branch, sizeof *o->branch, orders[i].order);
            return true;
        }
    return false;
}

/* ---- the answer ---- */

static int write_csv(const Wire__Overview *o, const struct board_figures *figures, const char *path)
{
    struct buf page = BUF_INIT;
    show_overview_csv(o, figures, command_language(), &page);
    int status = new_file_write(path, buf_slice(&page));
    buf_finish(&page);
    return status;
}

/* A period as people write it: 2026年10月. What is none stays as it is. */
static const char *period_of(const char *text, struct arena *arena)
{
    struct buf written = BUF_INIT;
    dues_period_normalise(slice_text(text), &written);
    const char *kept = arena_text(arena, buf_slice(&written));
    buf_finish(&written);
    return kept ? kept : text;
}

static int print_overview(struct seat *s, struct slice packed, int64_t age_ms, const struct options *o)
{
    struct buf out = BUF_INIT;
    ProtobufCMessage *m;
    const char *missing = options_get(options, o, "missing"), *period = options_get(options, o, "period"), *sort = options_get(options, o, "sort"),
               *csv = options_get(options, o, "csv");
    enum err e = pages_open(&wire__overview__descriptor, packed, &s->arena, &m);
    if (e != ERR_OK)
        return command_failed(s, e, "overview");
    Wire__Overview *overview = (Wire__Overview *)m;
    char prefix[96];
    int status = EXIT_DONE;
    if (missing && !missing_prefix(missing, prefix, sizeof prefix, &status))
        return status;
    struct board_figures *figures = board_figures_make(overview, period ? period_of(period, &s->arena) : ""); /* of all, whichever are shown */
    if (missing)
        keep_missing(overview, prefix);
    if (sort)
        sort_by(overview, sort);
    if (csv) {
        status = write_csv(overview, figures, csv);
    } else if (options_get(options, o, "json")) {
        json_t *document = show_overview_json(overview, figures, age_ms, command_language());
        show_json(document, &out);
        json_decref(document);
    } else {
        if (missing) /* they were asked for, nothing else */
            overview->n_total = overview->n_withheld = 0;
        show_overview_text(overview, missing ? NULL : figures, age_ms, s->now_ms, command_language(), &out);
    }
    board_figures_free(figures);
    command_print(&out);
    return status;
}

static int check(const struct options *o)
{
    const char *missing = options_get(options, o, "missing"), *period = options_get(options, o, "period"), *sort = options_get(options, o, "sort");
    char prefix[96];
    int status = EXIT_DONE;
    if (sort && !sort_by(NULL, sort))
        return command_usage(&command_overview, _("--sort takes silent, unsent, overdue or arrears"));
    struct arena arena;
    arena_init(&arena, LIMIT_ARENA);
    bool taken = !period || board_figures_take(period_of(period, &arena));
    arena_finish(&arena);
    if (!taken)
        return command_usage(&command_overview, _("write a month as 2026-10, a term as 2026-1 or 2026-2, a year as 2026"));
    return !missing || missing_prefix(missing, prefix, sizeof prefix, &status) ? EXIT_DONE : status;
}

static int overview(struct seat *s, const struct kind *k, const struct options *o)
{
    const char *branch = options_get(options, o, "branch");
    struct agent_result result = {0};
    struct agent_options within = {.deadline_ms = ASK_MS};
    struct buf key = BUF_INIT, packed = BUF_INIT;
    struct slice kept;
    int64_t at, age = -1;
    int status = EXIT_DONE;
    (void)k; /* none is named */
    Wire__OverviewAsk ask = WIRE__OVERVIEW_ASK__INIT;
    ask.org_code = (char *)branch;
    buf_format(&key, "board %s", branch ? branch : "");
    agent_ask(s->replica, FRAME_OVERVIEW_ASK, &ask.base, &within, on_overview, &packed, &result);
    if (result.why == ERR_OK && packed.size) {
        enum err e = replica_put_answer(s->replica, buf_c_string(&key), buf_slice(&packed), s->now_ms);
        status = e == ERR_OK ? print_overview(s, buf_slice(&packed), age, o) : command_failed(s, e, "overview");
        agent_result_finish(&result);
    } else if (err_class(result.why) == ERR_CLASS_LATER &&
               replica_get_answer(s->replica, buf_c_string(&key), s->now_ms, &s->arena, &kept, &at) == ERR_OK) {
        status = print_overview(s, kept, s->now_ms - at, o);
        agent_result_finish(&result);
    } else {
        status = command_contact(&result) == EXIT_DONE ? EXIT_DONE : EXIT_FAILED;
    }
    buf_finish(&key);
    buf_finish(&packed);
    return status;
}

static int run(const struct command *c, int argc, char **argv)
{
    static const struct command_form form = {.problem = N_("overview takes no further words"), .check = check};
    return command_with_seat(c, argc, argv, &form, overview);
}

const struct command command_overview = {"overview", "[--branch CODE] [--missing KIND=PERIOD] [--period PERIOD] [--sort BY] [--json|--csv FILE]", N_("the board: all branches below, from the server"), options, run};
