/* banyand overview: the district's board from the database, also while serve runs. */
#include "base/clock.h"
#include "base/limits.h"
#include "base/tr.h"
#include "server/clock_watch.h"
#include "server/command/command.h"
#include "server/disk_trouble.h"
#include "server/overview.h"
#include "server/recovery/erase.h"
#include "server/recovery/verify.h"
#include "server/store/store_control.h"
#include "server/store/store_late.h"
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

/* What nobody else has: a restore cut it off the backup, and it could not be taken (server/writer/writer_cut.c). */
static void tell_cut(struct store *store)
{
    int64_t left = 0;
    if (store_meta_get(store_db(store), STORE_CUT_LEFT, &left) == ERR_OK && left > 0)
        command_say(_("%lld entries that a restore cut back could not be decided yet: they are kept, and looked at again every hour; the server's log says whose"),
                    (long long)left);
}

static void tell_damage(struct store *store)
{
    int64_t found = 0;
    if (store_meta_get(store_db(store), VERIFY_FOUND, &found) == ERR_OK && found > 0)
        command_say(_("the last backup found damage: %lld things do not fit. Next: banyand verify names each, with what to do"), (long long)found);
}

static void tell_disk(const char *dir)
{
    struct buf day = BUF_INIT;
    int64_t since = disk_trouble_since(dir);
    if (since) {
        show_moment(since, &day);
        command_say(_("since %s the server cannot write: the disk is full or failing, and nothing that people send is taken. Next: make room (df), look at the server's log; devices send again by themselves"),
                    buf_c_string(&day));
    }
    buf_finish(&day);
}

/* Who was erased by law was told that nothing stays. */
static void tell_erased(struct store *store)
{
    bool due = false;
    if (erase_scrub_is_due(store, &due) == ERR_OK && due)
        command_say("%s", _("what was erased by law is gone from all records, but its bytes may still stand in unused parts of the database's file: the server wipes them when nobody reads or writes for a moment, and its log says what was in the way"));
}

/* Every time on the board, and what is late by it, hangs on this clock. */
static void tell_clock(struct store *store, int64_t now)
{
    int64_t newest = 0, off = 0, heard = 0;
    struct buf day = BUF_INIT;
    if (store_newest_ms(store, &newest) == ERR_OK && newest - now >= CLOCK_OFF_MS) {
        show_moment(newest, &day);
        command_say(_("this machine's clock stands before the newest record, which was received at %s. If this clock is wrong, set it right and restart the server; if it is right, it stood ahead then, and nothing has to be done: the next record ends this message"), buf_c_string(&day));
    }
    if (store_last_heard_ms(store, &heard) == ERR_OK && heard && now - heard >= CLOCK_SILENCE_MS)
        command_say(_("no seat was heard of for %lld days by this machine's clock; if it stands ahead, nobody is let in: look at it (timedatectl), set it right, restart the server"),
                    (long long)((now - heard) / 86400000));
    if (store_meta_get(store_db(store), CLOCK_OFF, &off) == ERR_OK && off > 0)
        command_say(_("most devices agree that the server's clock is %lld minutes slow: set it right"), (long long)(off / 60000));
    else if (off < 0)
        command_say(_("most devices agree that the server's clock is %lld minutes fast: set it right"), (long long)(-off / 60000));
    buf_finish(&day);
}

static int print(const struct command *c, const struct options *o, struct command_folder *f)
{
    struct arena arena;
    struct buf out = BUF_INIT;
    Wire__Overview overview = WIRE__OVERVIEW__INIT;
    int64_t now = clock_now_ms();
    arena_init(&arena, BOARD_MEMORY);
    struct overview_ask ask = {.org = 1, .today = date_of_ms(now, DATE_CHINA_MINUTES), .now_ms = now};
    enum err e = overview_make(f->store, f->control, &ask, &arena, &overview);
    struct board_figures *figures = e == ERR_OK ? board_figures_make(&overview, "") : NULL;
    if (e == ERR_OK && options_get(c->options, o, "json")) {
        json_t *document = show_overview_json(&overview, figures, -1, tr_language() == TR_EN ? LANGUAGE_EN : LANGUAGE_ZH);
        show_json(document, &out);
        json_decref(document);
    } else if (e == ERR_OK) {
        show_overview_text(&overview, figures, -1, now, tr_language() == TR_EN ? LANGUAGE_EN : LANGUAGE_ZH, &out);
    }
    int status = e == ERR_OK ? EXIT_DONE : command_fail(e, f->dir, store_detail(f->store));
    if (figures)
        board_figures_free(figures);
    command_print(&out);
    if (e == ERR_OK) {
        tell_clock(f->store, now);
        tell_disk(f->dir);
        tell_cut(f->store);
        tell_erased(f->store);
        tell_damage(f->store);
    }
    arena_finish(&arena);
    return status;
}

static int run(const struct command *c, int argc, char **argv)
{
    static const struct command_form form = {COMMAND_READS, N_("--data is needed"), NULL};
    return command_with_folder(c, argc, argv, &form, print);
}

const struct command command_overview = {"overview", "--data DIR [--json]", N_("the district's board"), options, run};
