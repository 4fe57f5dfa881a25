/* banyand seat: list, revoke, suspend, resume. A serving process sees the change at the seat's next message. */
#include "base/clock.h"
#include "base/limits.h"
#include "base/tr.h"
#include "server/command/command.h"
#include "server/control/messages.h"
#include "show/board.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct option_spec options[] = {
    {"data", OPTION_VALUE, "DIR", N_("the district's folder")},
    {"json", OPTION_FLAG, NULL, N_("list: as JSON")},
    {NULL, OPTION_FLAG, NULL, NULL},
};

static int list(const struct options *o, struct command_folder *f)
{
    struct buf out = BUF_INIT;
    struct arena arena;
    Wire__Seats seats = WIRE__SEATS__INIT;
    struct seats_ask ask = {.top = 1};
    arena_init(&arena, 8 * LIMIT_ARENA);
    enum err e = message_seats(f->control, &ask, &arena, &seats);
    if (e == ERR_OK && options_get(options, o, "json")) {
        json_t *document = show_seats_json(&seats);
        show_json(document, &out);
        json_decref(document);
    } else if (e == ERR_OK) {
        show_seats_text(&seats, clock_now_ms(), tr_language() == TR_EN ? LANGUAGE_EN : LANGUAGE_ZH, &out);
    }
    command_print(&out);
    arena_finish(&arena);
    return e == ERR_OK ? EXIT_DONE : command_fail(e, f->dir, "");
}

static int change(struct command_folder *f, const char *word, enum seat_state state)
{
    char *end;
    unsigned long number = strtoul(word, &end, 10);
    const struct control_seat *seat = *end ? NULL : control_seat(f->control, (uint32_t)number);
    if (!seat)
        return command_fail(ERR_REFUSED, word, _("there is no such seat; see: banyand seat list"));
    if (seat->state == SEAT_REVOKED && state != SEAT_REVOKED)
        return command_fail(ERR_REFUSED, word, _("this seat was revoked; invite the person again"));
    uint32_t queued = seat->queued;
    char *person = strdup(seat->person); /* control's own text is gone with its next write */
    CHECK(person);
    enum err e = control_set_seat_state(f->control, seat->number, state, 0);
    if (e == ERR_OK && state == SEAT_REVOKED)
        fprintf(stderr, _("%s (seat %lu) is revoked; that seat last reported %u changes that it had not sent\n"), person, number, queued);
    free(person);
    if (e != ERR_OK)
        return command_fail(e, word, control_detail(f->control));
    return EXIT_DONE;
}

static int run(const struct command *c, int argc, char **argv)
{
    static const struct { const char *word; enum seat_state state; } changes[] = {
        {"revoke", SEAT_REVOKED}, {"suspend", SEAT_SUSPENDED}, {"resume", SEAT_ACTIVE}};
    struct options o;
    struct command_folder f;
    int status;
    if (!command_parse(c, argc, argv, &o, &status))
        return status;
    const char *dir = options_get(options, &o, "data"), *what = o.argument_count ? o.arguments[0] : "";
    bool lists = strcmp(what, "list") == 0 && o.argument_count == 1;
    size_t which = 0;
    while (which < 3 && strcmp(changes[which].word, what) != 0)
        which++;
    if (!dir || (!lists && (which == 3 || o.argument_count != 2)))
        return command_usage(c, _("seat takes list, or revoke, suspend or resume with a seat's number, and --data DIR"));
    if (!command_open(dir, lists ? COMMAND_READS : COMMAND_WRITES, &f))
        return EXIT_FAILED;
    status = lists ? list(&o, &f) : change(&f, o.arguments[1], changes[which].state);
    command_close(&f);
    return status;
}

const struct command command_seat = {"seat", "list --data DIR [--json] | revoke --data DIR SEAT | suspend --data DIR SEAT | resume --data DIR SEAT",
                                     N_("the seats: list, revoke, suspend, resume"), options, run};
