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

static const struct seat_change {
    const char *word;
    enum seat_state state;
} changes[] = {{"revoke", SEAT_REVOKED}, {"suspend", SEAT_SUSPENDED}, {"resume", SEAT_ACTIVE}, {NULL, SEAT_ACTIVE}};

/* NULL: it is about none. */
static const struct seat_change *change_asked(const struct options *o)
{
    const struct seat_change *found = changes;
    while (o->argument_count == 2 && found->word && strcmp(found->word, o->arguments[0]) != 0)
        found++;
    return o->argument_count == 2 && found->word ? found : NULL;
}

static bool is_known(const struct options *o, enum command_access *access)
{
    if (change_asked(o))
        return true;
    *access = COMMAND_READS;
    return o->argument_count == 1 && strcmp(o->arguments[0], "list") == 0;
}

static int list_or_change(const struct command *c, const struct options *o, struct command_folder *f)
{
    const struct seat_change *asked = change_asked(o);
    (void)c;
    return asked ? change(f, o->arguments[1], asked->state) : list(o, f);
}

static int run(const struct command *c, int argc, char **argv)
{
    static const struct command_form form = {COMMAND_WRITES, N_("seat takes list, or revoke, suspend or resume with a seat's number, and --data DIR"),
                                             is_known};
    return command_with_folder(c, argc, argv, &form, list_or_change);
}

const struct command command_seat = {"seat", "list --data DIR [--json] | revoke --data DIR SEAT | suspend --data DIR SEAT | resume --data DIR SEAT",
                                     N_("the seats: list, revoke, suspend, resume"), options, run};
