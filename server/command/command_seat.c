/* banyand seat: list, revoke, suspend, resume, roles. A serving process sees the change at the seat's next message. */
#include "base/clock.h"
#include "base/limits.h"
#include "base/tr.h"
#include "server/command/command.h"
#include "server/command/command_adopt.h"
#include "server/command/seat_words.h"
#include "server/control/authority.h"
#include "server/control/messages.h"
#include "show/board.h"
#include "show/roles.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct option_spec options[] = {
    {"data", OPTION_VALUE, "DIR", N_("the district's folder")},
    {"json", OPTION_FLAG, NULL, N_("list: as JSON")},
    {"role", OPTION_VALUE, "ROLE[,ROLE]", N_("roles, adopt: all that the seat has from now on")},
    {"branch", OPTION_VALUE, "CODE", N_("adopt: whose seat it was")},
    {"name", OPTION_VALUE, "NAME", N_("adopt: the person's name")},
    {"key", OPTION_VALUE, "DIGITS", N_("adopt: of which device, where several called")},
    {"yes", OPTION_FLAG, NULL, N_("roles: also where nobody is left then who answers for the seats; adopt: the key was compared")},
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
        e = command_strangers_json(f, document);
        show_json(document, &out);
        json_decref(document);
    } else if (e == ERR_OK) {
        show_seats_text(&seats, clock_now_ms(), tr_language() == TR_EN ? LANGUAGE_EN : LANGUAGE_ZH, &out);
        e = command_strangers_text(f, &out);
    }
    command_print(&out);
    arena_finish(&arena);
    return e == ERR_OK ? EXIT_DONE : command_fail(e, f->dir, "");
}

static const struct control_seat *find_seat(const struct command_folder *f, const char *word)
{
    uint32_t number;
    return command_number(word, &number) ? control_seat(f->control, number) : NULL;
}

static int change(struct command_folder *f, const char *word, enum seat_state state)
{
    const struct control_seat *seat = find_seat(f, word);
    if (!seat)
        return command_fail(ERR_REFUSED, word, seat_words("SEAT_UNKNOWN"));
    if (seat->state == SEAT_REVOKED && state != SEAT_REVOKED)
        return command_fail(ERR_REFUSED, word, seat_words("SEAT_REVOKED"));
    uint32_t queued = seat->queued, number = seat->number;
    char *person = strdup(seat->person); /* control's own text is gone with its next write */
    CHECK(person);
    enum err e = control_set_seat_state(f->control, number, state, 0);
    if (e == ERR_OK && state == SEAT_REVOKED)
        fprintf(stderr, _("%s (seat %u) is revoked; that seat last reported %u changes that it had not sent\n"), person, number, queued);
    free(person);
    if (e != ERR_OK)
        return command_fail(e, word, control_detail(f->control));
    return EXIT_DONE;
}

/* ---- other roles ---- */

static bool roles_asked(const struct options *o, role_set *roles)
{
    const char *text = options_get(options, o, "role"), *bad = NULL;
    struct buf said = BUF_INIT;
    if (text && role_set_parse(text, roles, &bad) == ERR_OK)
        return true;
    if (text)
        show_roles_wrong(bad, tr_language() == TR_EN ? LANGUAGE_EN : LANGUAGE_ZH, &said);
    else
        buf_text(&said, seat_words("INVITE_ROLES"));
    (void)command_usage(&command_seat, buf_c_string(&said)); /* the caller's status */
    buf_finish(&said);
    return false;
}

static int change_roles(const struct options *o, struct command_folder *f)
{
    const char *word = o->arguments[1], *refusal = NULL;
    const struct control_seat *seat = find_seat(f, word);
    struct buf labels = BUF_INIT;
    role_set roles;
    if (!roles_asked(o, &roles))
        return EXIT_USAGE;
    if (!seat)
        return command_fail(ERR_REFUSED, word, seat_words("SEAT_UNKNOWN"));
    uint32_t number = seat->number;
    enum roles_consent consent = options_get(options, o, "yes") ? ROLES_IN_ANY_CASE : ROLES_IF_ONE_IS_LEFT;
    enum err e = authority_set_roles(f->control, number, roles, consent, 0, clock_now_ms(), &refusal);
    if (e != ERR_OK)
        return command_fail(e, word, refusal ? seat_words(refusal) : control_detail(f->control));
    seat = control_seat(f->control, number);
    show_role_labels(seat->roles, tr_language() == TR_EN ? LANGUAGE_EN : LANGUAGE_ZH, &labels);
    fprintf(stderr, _("%s (seat %u) now has these roles: %s. That device is told at its next contact, at once if it is connected\n"), seat->person, number,
            buf_c_string(&labels));
    buf_finish(&labels);
    return EXIT_DONE;
}

static int adopt(const struct options *o, struct command_folder *f)
{
    struct adopt_words w = {.seat = o->arguments[1],
                            .branch = options_get(options, o, "branch"),
                            .name = options_get(options, o, "name"),
                            .key = options_get(options, o, "key"),
                            .yes = options_get(options, o, "yes")};
    if (!w.branch || !w.name)
        return command_usage(&command_seat, _("adopt needs --branch, --name and --role"));
    return roles_asked(o, &w.roles) ? command_adopt(f, &w) : EXIT_USAGE;
}

static bool is_about_adopting(const struct options *o)
{
    return o->argument_count == 2 && strcmp(o->arguments[0], "adopt") == 0;
}

static bool is_about_roles(const struct options *o)
{
    return o->argument_count == 2 && strcmp(o->arguments[0], "roles") == 0;
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
    if (change_asked(o) || is_about_roles(o) || is_about_adopting(o))
        return true;
    *access = COMMAND_READS;
    return o->argument_count == 1 && strcmp(o->arguments[0], "list") == 0;
}

static int list_or_change(const struct command *c, const struct options *o, struct command_folder *f)
{
    const struct seat_change *asked = change_asked(o);
    (void)c;
    if (is_about_roles(o))
        return change_roles(o, f);
    if (is_about_adopting(o))
        return adopt(o, f);
    return asked ? change(f, o->arguments[1], asked->state) : list(o, f);
}

static int run(const struct command *c, int argc, char **argv)
{
    static const struct command_form form = {COMMAND_WRITES, N_("seat takes list, or revoke, suspend, resume, roles or adopt with a seat's number, and --data DIR"),
                                             is_known};
    return command_with_folder(c, argc, argv, &form, list_or_change);
}

const struct command command_seat = {"seat", "list --data DIR [--json] | revoke --data DIR SEAT | suspend --data DIR SEAT | resume --data DIR SEAT | roles --data DIR SEAT --role ROLE[,ROLE] [--yes] | adopt --data DIR SEAT --branch CODE --name NAME --role ROLE[,ROLE] [--key DIGITS] [--yes]",
                                     N_("the seats: list, revoke, suspend, resume, other roles, take in again what a restore lost"), options, run};
