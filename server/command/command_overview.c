/* banyand overview: the district's board from the database, also while serve runs. */
#include "base/clock.h"
#include "base/limits.h"
#include "base/tr.h"
#include "server/command/command.h"
#include "server/overview.h"
#include "show/board.h"
#include "show/board_figures.h"

#include <jansson.h>

static const struct option_spec options[] = {
    {"data", OPTION_VALUE, "DIR", N_("the district's folder")},
    {"json", OPTION_FLAG, NULL, N_("as JSON")},
    {NULL, OPTION_FLAG, NULL, NULL},
};

/* A city's 2,000 branches take 20 MiB. */
#define BOARD_MEMORY (32u * LIMIT_ARENA)

static int run(const struct command *c, int argc, char **argv)
{
    struct options o;
    struct command_folder f;
    struct arena arena;
    struct buf out = BUF_INIT;
    Wire__Overview overview = WIRE__OVERVIEW__INIT;
    int status;
    if (!command_parse(c, argc, argv, &o, &status))
        return status;
    const char *dir = options_get(options, &o, "data");
    if (!dir || o.argument_count)
        return command_usage(c, _("--data is needed"));
    if (!command_open(dir, COMMAND_READS, &f))
        return EXIT_FAILED;
    int64_t now = clock_now_ms();
    arena_init(&arena, BOARD_MEMORY);
    struct overview_ask ask = {.org = 1, .today = date_of_ms(now, DATE_CHINA_MINUTES), .now_ms = now};
    enum err e = overview_make(f.store, f.control, &ask, &arena, &overview);
    struct board_figures *figures = e == ERR_OK ? board_figures_make(&overview, "") : NULL;
    if (e == ERR_OK && options_get(options, &o, "json")) {
        json_t *document = show_overview_json(&overview, figures, -1, tr_language() == TR_EN ? LANGUAGE_EN : LANGUAGE_ZH);
        show_json(document, &out);
        json_decref(document);
    } else if (e == ERR_OK) {
        show_overview_text(&overview, figures, -1, now, tr_language() == TR_EN ? LANGUAGE_EN : LANGUAGE_ZH, &out);
    }
    status = e == ERR_OK ? EXIT_DONE : command_fail(e, dir, store_detail(f.store));
    if (figures)
        board_figures_free(figures);
    command_print(&out);
    arena_finish(&arena);
    command_close(&f);
    return status;
}

const struct command command_overview = {"overview", "--data DIR [--json]", N_("the district's board"), options, run};
