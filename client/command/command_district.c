/* banyan overview, invite, seat: what is asked from the server. The board's last answer is kept and shown with its age offline. */
#include "base/limits.h"
#include "client/command/command.h"
#include "client/command/pages.h"
#include "show/board.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ASK_MS 20000

/* ---- overview ---- */

static const struct option_spec overview_options[] = {
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
    const char *missing = options_get(overview_options, o, "missing");
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
    if (options_get(overview_options, o, "json")) {
        json_t *document = show_overview_json(overview, age_ms);
        show_json(document, &out);
        json_decref(document);
    } else {
        show_overview_text(overview, age_ms, s->now_ms, command_language(), &out);
    }
    command_print(&out);
    return EXIT_DONE;
}

static int overview(struct seat *s, const struct options *o)
{
    const char *branch = options_get(overview_options, o, "branch");
    struct agent_result result = {0};
    struct agent_options options = {.deadline_ms = ASK_MS};
    struct buf key = BUF_INIT, packed = BUF_INIT;
    struct slice kept;
    int64_t at, age = -1;
    int status = EXIT_DONE;
    Wire__OverviewAsk ask = WIRE__OVERVIEW_ASK__INIT;
    ask.org_code = (char *)branch;
    buf_format(&key, "board %s", branch ? branch : "");
    agent_ask(s->replica, FRAME_OVERVIEW_ASK, &ask.base, &options, on_overview, &packed, &result);
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

static int run_overview(const struct command *c, int argc, char **argv)
{
    struct options o;
    struct seat s;
    int status = EXIT_DONE;
    if (!command_parse(c, argc, argv, &o, &status))
        return status;
    if (o.argument_count)
        return command_usage(c, _("overview takes no further words"));
    if (!seat_open(options_get(overview_options, &o, "data"), &s, &status))
        return status;
    status = overview(&s, &o);
    seat_close(&s);
    return status;
}

const struct command command_overview = {"overview", "[--branch CODE] [--missing KIND=PERIOD] [--json]", N_("the board: all branches below, from the server"), overview_options, run_overview};

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

static int invite(struct seat *s, const struct options *o)
{
    struct agent_result result = {0};
    struct agent_options options = {.deadline_ms = ASK_MS};
    struct buf code = BUF_INIT;
    const char *days = options_get(invite_options, o, "days");
    Wire__InviteAsk ask = WIRE__INVITE_ASK__INIT;
    ask.roles = (char *)options_get(invite_options, o, "role");
    ask.person = (char *)options_get(invite_options, o, "name");
    ask.org_code = (char *)options_get(invite_options, o, "branch");
    ask.has_days = days != NULL;
    ask.days = days ? (uint32_t)strtoul(days, NULL, 10) : 0;
    agent_ask(s->replica, FRAME_INVITE_ASK, &ask.base, &options, on_invited, &code, &result);
    int status = command_contact(&result);
    if (status == EXIT_DONE)
        command_print(&code);
    buf_finish(&code);
    return status == EXIT_DONE ? EXIT_DONE : EXIT_FAILED;
}

static int run_invite(const struct command *c, int argc, char **argv)
{
    struct options o;
    struct seat s;
    role_set roles;
    const char *bad;
    int status = EXIT_DONE;
    if (!command_parse(c, argc, argv, &o, &status))
        return status;
    const char *role = options_get(invite_options, &o, "role");
    if (!role || !options_get(invite_options, &o, "name") || o.argument_count)
        return command_usage(c, _("--role and --name are needed"));
    if (role_set_parse(role, &roles, &bad) != ERR_OK) {
        struct buf said = BUF_INIT;
        if (bad && role_nearest(bad))
            buf_format(&said, _("an unknown role; did you mean %s?"), role_nearest(bad));
        else
            buf_text(&said, bad ? _("an unknown role") : _("these roles cannot be held together"));
        status = command_usage(c, buf_c_string(&said));
        buf_finish(&said);
        return status;
    }
    if (!seat_open(options_get(invite_options, &o, "data"), &s, &status))
        return status;
    status = invite(&s, &o);
    seat_close(&s);
    return status;
}

const struct command command_invite = {"invite", "--role ROLE[,ROLE] --name NAME [--branch CODE] [--days N]", N_("print a one-time code by which a colleague's device joins"), invite_options, run_invite};

/* ---- seat ---- */

static const struct option_spec seat_options[] = {DATA_OPTION, {"json", OPTION_FLAG, NULL, N_("list: as JSON")}, END_OPTION};

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

static void tell_seat(const Wire__Seat *seat, Wire__SeatAction action)
{
    if (action == WIRE__SEAT_ACTION__SEAT_REVOKE)
        fprintf(stderr, _("%s is revoked; that seat last reported %u changes that it had not sent\n"), seat->person,
                seat->report ? seat->report->queued : 0);
    else if (action == WIRE__SEAT_ACTION__SEAT_SUSPEND)
        fprintf(stderr, _("%s is suspended until you resume the seat; what is entered there is kept\n"), seat->person);
    else
        fprintf(stderr, _("%s may work again\n"), seat->person);
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
    if (ask->action == WIRE__SEAT_ACTION__SEAT_LIST || json)
        print_seats(s, seats, json);
    else if (seats->n_seat == 1)
        tell_seat(seats->seat[0], ask->action);
    return EXIT_DONE;
}

static int run_seat(const struct command *c, int argc, char **argv)
{
    static const struct { const char *word; Wire__SeatAction action; } words[] = {
        {"list", WIRE__SEAT_ACTION__SEAT_LIST}, {"revoke", WIRE__SEAT_ACTION__SEAT_REVOKE},
        {"suspend", WIRE__SEAT_ACTION__SEAT_SUSPEND}, {"resume", WIRE__SEAT_ACTION__SEAT_RESUME}};
    struct options o;
    struct seat s;
    Wire__SeatAsk ask = WIRE__SEAT_ASK__INIT;
    char *end = NULL;
    size_t which = 0;
    int status = EXIT_DONE;
    if (!command_parse(c, argc, argv, &o, &status))
        return status;
    while (which < 4 && (!o.argument_count || strcmp(words[which].word, o.arguments[0]) != 0))
        which++;
    if (which == 4 || o.argument_count != (which == 0 ? 1 : 2))
        return command_usage(c, _("seat takes list, or revoke, suspend or resume with a seat's number"));
    ask.has_action = 1;
    ask.action = words[which].action;
    ask.has_seat = which > 0;
    ask.seat = which ? (uint32_t)strtoul(o.arguments[1], &end, 10) : 0;
    if (which && (*end || !ask.seat))
        return command_usage(c, _("a seat is named by its number; see: banyan seat list"));
    if (!seat_open(options_get(seat_options, &o, "data"), &s, &status))
        return status;
    status = ask_seats(&s, &ask, options_get(seat_options, &o, "json"));
    seat_close(&s);
    return status;
}

const struct command command_seat = {"seat", "list [--json] | revoke SEAT | suspend SEAT | resume SEAT", N_("the seats of the own branch (chair) or of all below (district)"), seat_options, run_seat};
