/* banyan overview: the board of all branches below, asked from the server. Its last answer is kept and shown with its age offline. */
#include "base/limits.h"
#include "client/command/command.h"
#include "client/command/pages.h"
#include "show/board.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>

#define ASK_MS 20000

static const struct option_spec options[] = {
    DATA_OPTION,
    {"branch", OPTION_VALUE, "CODE", N_("that branch alone")},
    {"missing", OPTION_VALUE, "KIND=PERIOD", N_("only branches without one: work_plan=2026-1")},
    {"json", OPTION_FLAG, NULL, N_("as JSON")},
    END_OPTION,
};

static void on_overview(void *to, enum frame_type type, const ProtobufCMessage *message)
{
    if (type == FRAME_OVERVIEW)
        pages_add(to, message);
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
    const struct field_rule *f = kind_field(k, "period");
    struct findings found = {.count = 0};
    arena_init(&arena, LIMIT_ARENA);
    bool good = f && value_parse(f, equals + 1, &arena, &period) == ERR_OK && period.type == CELL_TEXT;
    if (good)
        kind_check_value(k, f, period, &found);
    good = good && !findings_block(&found) && snprintf(out, size, "%s.%.*s.", k->name, (int)period.bytes.size, (const char *)period.bytes.data) < (int)size;
    arena_finish(&arena);
    if (!good)
        *status = command_usage(&command_overview, _("--missing is written KIND=PERIOD, for example work_plan=2026-1"));
    return good;
}

/* Keeps the branches that have no record of the kind in the period. */
static void keep_missing(Wire__Overview *o, const char *prefix)
{
    size_t kept = 0;
    for (size_t i = 0; i < o->n_branch; i++) {
        bool has = false;
        for (size_t m = 0; m < o->branch[i]->n_measure; m++)
            has = has || (strncmp(o->branch[i]->measure[m]->name, prefix, strlen(prefix)) == 0 && o->branch[i]->measure[m]->value > 0);
        if (!has)
            o->branch[kept++] = o->branch[i];
    }
    o->n_branch = kept;
}

static int print_overview(struct seat *s, struct slice packed, int64_t age_ms, const struct options *o)
{
    struct buf out = BUF_INIT;
    ProtobufCMessage *m;
    const char *missing = options_get(options, o, "missing");
    enum err e = pages_open(&wire__overview__descriptor, packed, &s->arena, &m);
    if (e != ERR_OK)
        return command_failed(s, e, "overview");
    Wire__Overview *overview = (Wire__Overview *)m;
    char prefix[96];
    int status = EXIT_DONE;
    if (missing && !missing_prefix(missing, prefix, sizeof prefix, &status))
        return status;
    if (missing)
        keep_missing(overview, prefix);
    if (options_get(options, o, "json")) {
        json_t *document = show_overview_json(overview, age_ms);
        show_json(document, &out);
        json_decref(document);
    } else {
        show_overview_text(overview, age_ms, s->now_ms, command_language(), &out);
    }
    command_print(&out);
    return EXIT_DONE;
}

static int check(const struct options *o)
{
    const char *missing = options_get(options, o, "missing");
    char prefix[96];
    int status = EXIT_DONE;
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

const struct command command_overview = {"overview", "[--branch CODE] [--missing KIND=PERIOD] [--json]", N_("the board: all branches below, from the server"), options, run};
