/* banyan invite, seat: who works here, asked from the server. */
#include "base/limits.h"
#include "client/command/command.h"
#include "client/command/pages.h"
#include "client/command/seat_refused.h"
#include "show/board.h"
#include "show/roles.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ASK_MS 20000

/* ---- invite ---- */

static const struct option_spec invite_options[] = {
    DATA_OPTION,
    {"role", OPTION_VALUE, "ROLE[,ROLE]", N_("union_chair, committee_member, accountant ...")},
    {"name", OPTION_VALUE, "NAME", N_("the person's name")},
    {"branch", OPTION_VALUE, "CODE", N_("whose seat; default: the own branch")},
    {"days", OPTION_VALUE, "N", N_("how long the code is good; default 7")},
    END_OPTION,
};

static void on_invited(void *to, enum frame_type type, const ProtobufCMessage *message)
{
    if (type == FRAME_INVITED)
        buf_format(to, "%s\n", ((const Wire__Invited *)message)->code);
}

static bool roles_good(const struct command *c, const char *text)
{
    role_set roles;
    const char *bad;
    struct buf said = BUF_INIT;
    if (role_set_parse(text, &roles, &bad) == ERR_OK)
        return true;
    show_roles_wrong(bad, command_language(), &said);
    (void)command_usage(c, buf_c_string(&said)); /* the caller's status */
    buf_finish(&said);
    return false;
}

static bool days_good(const char *text, uint32_t *out)
{
    char *end;
    unsigned long days = strtoul(text, &end, 10);
    bool good = *text >= '0' && *text <= '9' && !*end && days >= 1 && days <= LIMIT_INVITE_DAYS;
    *out = good ? (uint32_t)days : 0;
    if (!good)
        (void)command_usage(&command_invite, _("--days is 1 to 30")); /* the caller's status */
    return good;
}

static int check_invite(const struct options *o)
{
    const char *role = options_get(invite_options, o, "role"), *days = options_get(invite_options, o, "days");
    uint32_t count;
    if (!role || !options_get(invite_options, o, "name"))
        return command_usage(&command_invite, _("--role and --name are needed"));
    return roles_good(&command_invite, role) && (!days || days_good(days, &count)) ? EXIT_DONE : EXIT_USAGE;
}

static int invite(struct seat *s, const struct kind *k, const struct options *o)
{
    const char *days = options_get(invite_options, o, "days");
    struct agent_result result = {0};
    struct agent_options options = {.deadline_ms = ASK_MS};
    struct buf code = BUF_INIT;
    Wire__InviteAsk ask = WIRE__INVITE_ASK__INIT;
    (void)k; /* none is named */
    ask.roles = (char *)options_get(invite_options, o, "role");
    ask.person = (char *)options_get(invite_options, o, "name");
    ask.org_code = (char *)options_get(invite_options, o, "branch");
    ask.has_days = days && days_good(days, &ask.days);
    agent_ask(s->replica, FRAME_INVITE_ASK, &ask.base, &options, on_invited, &code, &result);
    int status = command_contact(&result);
    if (status == EXIT_DONE)
        command_print(&code);
    buf_finish(&code);
    return status == EXIT_DONE ? EXIT_DONE : EXIT_FAILED;
}

static int run_invite(const struct command *c, int argc, char **argv)
{
    static const struct command_form form = {.problem = N_("--role and --name are needed"), .check = check_invite};
    return command_with_seat(c, argc, argv, &form, invite);
}

const struct command command_invite = {"invite", "--role ROLE[,ROLE] --name NAME [--branch CODE] [--days N]", N_("print a one-time code by which a colleague's device joins"), invite_options, run_invite};

/* ---- seat ---- */

static const struct option_spec seat_options[] = {
    DATA_OPTION,
    {"json", OPTION_FLAG, NULL, N_("list, refused: as JSON")},
    {"yes", OPTION_FLAG, NULL, N_("roles: also where nobody is left then who answers for the seats")},
    END_OPTION,
};

#define SEAT_FORM N_("seat takes list, or revoke, suspend, resume or refused with a seat's number, or roles with a number and its roles")

static void on_seats(void *to, enum frame_type type, const ProtobufCMessage *message)
{
    if (type == FRAME_SEATS)
        pages_add(to, message);
}

static void print_seats(struct seat *s, const Wire__Seats *seats, bool json)
{
    struct buf out = BUF_INIT;
    if (json) {
        json_t *document = show_seats_json(seats);
        show_json(document, &out);
        json_decref(document);
    } else {
        show_seats_text(seats, s->now_ms, command_language(), &out);
    }
    command_print(&out);
}

static void tell_revoked(const Wire__Seat *seat)
{
    unsigned queued = seat->report ? seat->report->queued : 0;
    command_tell(_("%s is revoked; that seat last reported %u changes that it had not sent\n"), seat->person, queued);
    if (queued)
        command_tell(_("once that device has been connected again, what it had not sent is listed by: banyan seat refused %u\n"), seat->number);
}

static void tell_roles(const Wire__Seat *seat)
{
    struct buf labels = BUF_INIT, unknown = BUF_INIT;
    show_role_labels(role_set_known(seat->roles ? seat->roles : "", &unknown), command_language(), &labels);
    command_tell(_("%s (seat %u) now has these roles: %s. That device is told at its next contact, at once if it is connected\n"), seat->person, seat->number,
                 buf_c_string(&labels));
    buf_finish(&unknown);
    buf_finish(&labels);
}

static void tell_seat(const Wire__Seat *seat, Wire__SeatAction action)
{
    if (action == WIRE__SEAT_ACTION__SEAT_ROLES)
        tell_roles(seat);
    else if (action == WIRE__SEAT_ACTION__SEAT_REVOKE)
        tell_revoked(seat);
    else if (action == WIRE__SEAT_ACTION__SEAT_SUSPEND)
        command_tell(_("%s is suspended until you resume the seat; what is entered there is kept\n"), seat->person);
    else
        command_tell(_("%s may work again\n"), seat->person);
}

static int ask_seats(struct seat *s, Wire__SeatAsk *ask, bool json)
{
    struct agent_result result = {0};
    struct agent_options options = {.deadline_ms = ASK_MS};
    struct buf pages = BUF_INIT;
    ProtobufCMessage *m;
    agent_ask(s->replica, FRAME_SEAT_ASK, &ask->base, &options, on_seats, &pages, &result);
    int status = command_contact(&result) == EXIT_DONE ? EXIT_DONE : EXIT_FAILED;
    enum err e = status == EXIT_DONE ? pages_open(&wire__seats__descriptor, buf_slice(&pages), &s->arena, &m) : ERR_OK;
    buf_finish(&pages);
    if (e != ERR_OK)
        return command_failed(s, e, "seat");
    if (status != EXIT_DONE)
        return status;
    const Wire__Seats *seats = (const Wire__Seats *)m;
    if (ask->action == WIRE__SEAT_ACTION__SEAT_REFUSED)
        seat_refused_print(s, seats, json);
    else if (ask->action == WIRE__SEAT_ACTION__SEAT_LIST || json)
        print_seats(s, seats, json);
    else if (seats->n_seat == 1)
        tell_seat(seats->seat[0], ask->action);
    return EXIT_DONE;
}

/* False: said. */
static bool read_words(const struct options *o, Wire__SeatAsk *ask)
{
    static const struct { const char *word; Wire__SeatAction action; size_t arguments; } words[] = {
        {"list", WIRE__SEAT_ACTION__SEAT_LIST, 1}, {"revoke", WIRE__SEAT_ACTION__SEAT_REVOKE, 2},
        {"suspend", WIRE__SEAT_ACTION__SEAT_SUSPEND, 2}, {"resume", WIRE__SEAT_ACTION__SEAT_RESUME, 2},
        {"refused", WIRE__SEAT_ACTION__SEAT_REFUSED, 2}, {"roles", WIRE__SEAT_ACTION__SEAT_ROLES, 3}};
    static const size_t count = sizeof words / sizeof *words;
    char *end = NULL;
    size_t which = 0;
    while (which < count && strcmp(words[which].word, o->arguments[0]) != 0)
        which++;
    if (which == count || (size_t)o->argument_count != words[which].arguments) {
        (void)command_usage(&command_seat, _(SEAT_FORM)); /* the caller's status */
        return false;
    }
    ask->has_action = 1;
    ask->action = words[which].action;
    ask->has_seat = which > 0;
    ask->seat = which ? (uint32_t)strtoul(o->arguments[1], &end, 10) : 0;
    bool good = !which || (!*end && ask->seat);
    if (!good)
        (void)command_usage(&command_seat, _("a seat is named by its number; see: banyan seat list")); /* the caller's status */
    if (!good || ask->action != WIRE__SEAT_ACTION__SEAT_ROLES)
        return good;
    ask->roles = (char *)o->arguments[2];
    ask->has_confirmed = options_get(seat_options, o, "yes") != NULL;
    ask->confirmed = ask->has_confirmed ? 1 : 0;
    return roles_good(&command_seat, ask->roles);
}

static int check_seat(const struct options *o)
{
    Wire__SeatAsk ask = WIRE__SEAT_ASK__INIT;
    return read_words(o, &ask) ? EXIT_DONE : EXIT_USAGE;
}

static int seat(struct seat *s, const struct kind *k, const struct options *o)
{
    Wire__SeatAsk ask = WIRE__SEAT_ASK__INIT;
    (void)k; /* none is named */
    return read_words(o, &ask) ? ask_seats(s, &ask, options_get(seat_options, o, "json")) : EXIT_USAGE;
}

static int run_seat(const struct command *c, int argc, char **argv)
{
    static const struct command_form form = {.least = 1, .most = 3, .problem = SEAT_FORM, .check = check_seat};
    return command_with_seat(c, argc, argv, &form, seat);
}

const struct command command_seat = {"seat", "list [--json] | revoke SEAT | suspend SEAT | resume SEAT | refused SEAT [--json] | roles SEAT ROLE[,ROLE] [--yes]", N_("the seats of the own branch (chair) or of all below (district)"), seat_options, run_seat};
