/* banyan join, sync, status: the seat and its server. */
#include "client/agent/agent_words.h"
#include "client/agent/key_files.h"
#include "client/command/command.h"
#include "client/command/clock_words.h"
#include "client/command/copies_words.h"
#include "client/command/erased_words.h"
#include "client/command/late_words.h"
#include "client/command/number_words.h"
#include "client/command/returned.h"
#include "show/board.h"
#include "show/roles.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define DAY_MS (24 * 60 * 60 * 1000LL)

/* ---- progress on a terminal ---- */

static void on_progress(void *to, const char *what, uint64_t done, uint64_t total)
{
    (void)to;
    fprintf(stderr, "\r\033[K%s %llu/%llu", _(what), (unsigned long long)done, (unsigned long long)total);
    if (done >= total)
        fputs("\r\033[K", stderr);
}

static struct agent_options contact_options(void)
{
    return (struct agent_options){.on_progress = isatty(STDERR_FILENO) ? on_progress : NULL};
}

/* ---- join ---- */

static const struct option_spec join_options[] = {DATA_OPTION, END_OPTION};

#define CODE_MAX 4096 /* of what is pasted, with room to spare */

static void read_code(struct buf *out)
{
    char line[1024];
    if (isatty(STDIN_FILENO))
        fprintf(stderr, "%s ", _("Code:"));
    /* Mail and chat break long codes into lines; a person who types ends with the line. */
    while (out->size < CODE_MAX && fgets(line, sizeof line, stdin)) {
        buf_text(out, line);
        if (isatty(STDIN_FILENO))
            break;
    }
}

static int run_join(const struct command *c, int argc, char **argv)
{
    struct options o;
    struct buf folder = BUF_INIT, code = BUF_INIT;
    struct agent_result result = {0};
    struct agent_joined joined = {0};
    struct agent_options options = contact_options();
    int status = EXIT_DONE;
    if (!command_parse(c, argc, argv, &o, &status))
        return status;
    if (o.argument_count != 1)
        return command_usage(c, _("a code is needed, or - to read it from standard input"));
    seat_folder(options_get(join_options, &o, "data"), &folder);
    if (strcmp(o.arguments[0], "-") == 0)
        read_code(&code);
    else
        buf_text(&code, o.arguments[0]);
    agent_join(buf_c_string(&folder), buf_c_string(&code), &options, &joined, &result);
    if (result.why == ERR_OK)
        command_tell(_("%s has joined %s (%s) as seat %u\n"), joined.seat.person, joined.seat.home_name, joined.seat.home_code, joined.seat.number);
    /* Whatever class: nobody joined, nothing is half done. */
    status = command_contact(&result) == EXIT_DONE ? EXIT_DONE : EXIT_FAILED;
    arena_finish(&joined.arena);
    buf_finish(&folder);
    buf_finish(&code);
    return status;
}

const struct command command_join = {"join", "- | INVITATION", N_("join a union with a one-time code (read from standard input with -)"), join_options, run_join};

/* ---- sync ---- */

static const struct option_spec sync_options[] = {DATA_OPTION, {"watch", OPTION_FLAG, NULL, N_("stay connected until stopped")}, END_OPTION};

static void on_line(void *to, const char *line)
{
    (void)to;
    fprintf(stderr, "%s\n", line);
}

/* Those that this seat reads of and may not decide: no failure of its own, and nothing that it is asked. */
static void tell_others_conflicts(uint64_t count)
{
    struct buf said = BUF_INIT;
    buf_format(&said, _("%llu in conflict wait for others, who may decide them; see: banyan attention"), (unsigned long long)count);
    command_warn(buf_c_string(&said));
    buf_finish(&said);
}

static int waits(struct seat *s)
{
    struct replica_status status;
    uint64_t refused = 0, conflicts = 0;
    struct buf said = BUF_INIT;
    if (replica_status(s->replica, &status) != ERR_OK)
        return EXIT_DONE;
    if (status.left) /* a duty of the chair's or the district's, no failure of this seat's own changes */
        command_warn(_("what was not taken of a colleague's seat waits for you; see: banyan attention"));
    if (status.rewritten)
        (void)command_say(_("the server's history is another one than it was: its past was rewritten"), _("see: banyan heads"));
    if (attention_waits(s->replica, s->now_ms, &refused, &conflicts) != ERR_OK) { /* nothing is shown now: all that there is */
        refused = status.refused;
        conflicts = status.conflicts;
    }
    if (status.conflicts > conflicts)
        tell_others_conflicts(status.conflicts - conflicts);
    if (!refused && !conflicts)
        return status.rewritten ? EXIT_WAITING : EXIT_DONE;
    buf_format(&said, _("everything was sent; %llu refused and %llu in conflict wait for you"), (unsigned long long)refused,
               (unsigned long long)conflicts);
    (void)command_say(buf_c_string(&said), _("see: banyan attention")); /* its status is 4 here */
    buf_finish(&said);
    return EXIT_WAITING;
}

/* Roles of a newer server give no right here; who has one should know why. */
static void tell_unknown_roles(struct seat *s)
{
    struct replica_facts f;
    struct buf said = BUF_INIT;
    if (replica_facts(s->replica, &f) != ERR_OK || !*f.roles_unknown)
        return;
    buf_format(&said, _("This program does not know the role %s of this seat; what it may do beyond the others has to wait. Next: renew this program."),
               f.roles_unknown);
    command_warn(buf_c_string(&said));
    buf_finish(&said);
}

/* Rights that another person gave or took away (rule 31). */
static void tell_new_roles(struct seat *s)
{
    struct replica_facts now;
    struct buf said = BUF_INIT, labels = BUF_INIT;
    if (replica_facts(s->replica, &now) != ERR_OK || now.roles == s->facts.roles)
        return;
    show_role_labels(now.roles, command_language(), &labels);
    buf_format(&said, _("The roles of this seat were changed; they are now: %s"), buf_c_string(&labels));
    command_warn(buf_c_string(&said));
    buf_finish(&labels);
    buf_finish(&said);
}

/* What went in beside the changes of others is told once (rule 9). */
static void tell_merged(struct seat *s)
{
    struct replica_merged list[MERGED_MAX];
    size_t count = 0;
    if (replica_take_merged(s->replica, &s->arena, list, &count) != ERR_OK)
        return; /* told at the next round */
    for (size_t i = 0; i < count; i++) {
        const struct kind *k = kind_by_number(list[i].kind);
        struct buf name = BUF_INIT, said = BUF_INIT;
        seat_name(s, list[i].kind, list[i].id, &name);
        buf_format(&said, _("merged with what others changed: %s %s"), k ? label_in(k->label, command_language()) : "", buf_c_string(&name));
        command_warn(buf_c_string(&said));
        buf_finish(&name);
        buf_finish(&said);
    }
}

/* What the person alone can make good (rule 6). */
static void tell_broken(int64_t count, struct buf *out)
{
    buf_format(out, _("Lost: %lld changes made on this device, which the server does not have and nobody holds any more. Next: look whether what you entered is there, and enter again what is missing.\n"),
               (long long)count);
}

static void tell_newly_broken(struct seat *s)
{
    struct replica_facts now;
    struct buf said = BUF_INIT;
    if (replica_facts(s->replica, &now) != ERR_OK || now.broken <= s->facts.broken)
        return; /* `status` says it as long as it is so */
    tell_broken(now.broken - s->facts.broken, &said);
    fputs(buf_c_string(&said), stderr);
    buf_finish(&said);
}

static int sync_seat(struct seat *s, const struct kind *k, const struct options *o)
{
    struct agent_result result = {0};
    struct agent_options options = contact_options();
    bool watch = options_get(sync_options, o, "watch");
    struct returned_list before, now;
    bool looked = returned_find(s, &s->arena, &before) == ERR_OK;
    (void)k; /* none is named */
    if (watch)
        agent_watch(s->replica, on_line, NULL, &result);
    else
        agent_round(s->replica, &options, &result);
    bool wiped = result.wiped;
    int status = command_contact(&result);
    if (!wiped) {
        tell_newly_broken(s);
        tell_merged(s);
        if (!watch) /* which has said it when it came */
            tell_new_roles(s);
        erased_tell(s);
        late_tell(s);
        numbers_tell(s);
        copies_tell(s);
        clock_tell(s);
        tell_unknown_roles(s);
        if (looked && returned_find(s, &s->arena, &now) == ERR_OK)
            returned_tell(&before, &now);
    }
    if (status == EXIT_DONE)
        status = waits(s);
    if (status == EXIT_DONE && isatty(STDERR_FILENO) && !watch)
        command_warn(_("everything is sent, and what is new is here"));
    return status;
}

static int run_sync(const struct command *c, int argc, char **argv)
{
    static const struct command_form form = {.problem = N_("sync takes no further words")};
    return command_with_seat(c, argc, argv, &form, sync_seat);
}

const struct command command_sync = {"sync", "[--watch]", N_("send what waits, fetch what is new"), sync_options, run_sync};

/* ---- status ---- */

static const struct option_spec status_options[] = {DATA_OPTION, {"json", OPTION_FLAG, NULL, N_("as JSON")}, END_OPTION};

/* Also those that only a newer program knows. */
static json_t *roles_json(const char *text)
{
    json_t *list = json_array();
    for (const char *word = text; *word;) {
        size_t size = strcspn(word, ",");
        json_array_append_new(list, json_stringn(word, size));
        word += size + (word[size] == ',');
    }
    return list;
}

/* By the server's clock, which alone judges it. */
static int64_t certificate_left_ms(const struct seat *s)
{
    return s->facts.certificate_ends_ms ? s->facts.certificate_ends_ms - (s->now_ms + s->facts.clock_offset_ms) : 0;
}

static json_int_t certificate_days(const struct seat *s)
{
    return certificate_left_ms(s) / DAY_MS;
}

/* As of the last contact, and no longer than it can last. */
static int64_t recovering_until_ms(const struct seat *s)
{
    return s->facts.recovering_until_ms > s->now_ms + s->facts.clock_offset_ms ? s->facts.recovering_until_ms : 0;
}

/* Borrowed until the seat's arena goes. */
static const char *own_key(struct seat *s)
{
    char key[TLS_KEY_TEXT_SIZE];
    bool there = key_files_own_key(replica_dir(s->replica), key) == ERR_OK; /* a damaged folder says so elsewhere */
    const char *text = arena_text(&s->arena, slice_text(there ? key : "-"));
    CHECK(text);
    return text;
}

/* What people are told in words, at once or beside it. Asking for it as a program takes nothing from what they are told once. */
static void add_told(struct seat *s, json_t *document)
{
    struct buf files = BUF_INIT;
    bool damaged = key_files_explain(replica_dir(s->replica), &files);
    json_object_set_new(document, "roles_unknown", roles_json(s->facts.roles_unknown));
    json_object_set_new(document, "key_files", damaged ? json_string(buf_c_string(&files)) : json_null());
    json_object_set_new(document, "clock_changed", json_boolean(s->facts.clock_changed));
    json_object_set_new(document, "erased", erased_untold_json(s));
    json_object_set_new(document, "late", late_untold_json(s));
    buf_finish(&files);
}

static void print_json(struct seat *s, const struct replica_org *org, const struct replica_status *t, const struct replica_lease *lease, struct buf *out)
{
    json_t *document = json_pack(
        "{s:s, s:s, s:I, s:s, s:o, s:s, s:b, s:o, s:I, s:I, s:I, s:I, s:I, s:I, s:o, s:I, s:I, s:I, s:I, s:b, s:b, s:I, s:I, s:I}", "branch", org->code,
        "branch_name", org->name, "seat", (json_int_t)s->facts.seat, "person", s->facts.person, "roles", roles_json(s->facts.roles_text),
        "server", s->facts.server, "connected", t->connected, "last_contact", show_time_json(s->facts.last_contact_ms), "queued",
        (json_int_t)t->queued, "refused", (json_int_t)t->refused, "conflicts", (json_int_t)t->conflicts, "cursor", (json_int_t)t->cursor,
        "certificate_days", certificate_days(s), "lease_days", (json_int_t)lease->days_left, "oldest_queued_at",
        show_time_json(t->oldest_queued_ms), "broken", (json_int_t)s->facts.broken, "kept", (json_int_t)t->kept, "repairs", (json_int_t)s->facts.repairs, "clock_offset_seconds",
        (json_int_t)(s->facts.clock_offset_ms / 1000), "suspended", s->facts.suspended != 0, "ended", s->facts.ended != 0, "revoked",
        (json_int_t)(t->left - t->left_late), "rewritten", (json_int_t)t->rewritten, "readings", (json_int_t)t->readings);
    CHECK(document);
    json_object_set_new(document, "readings_lost_before", show_time_json(replica_readings_lost_ms(s->replica)));
    json_object_set_new(document, "copies", copies_json(s));
    json_object_set_new(document, "renumbered", json_integer((json_int_t)t->renumbered));
    json_object_set_new(document, "late_refused", json_integer((json_int_t)t->left_late));
    add_told(s, document);
    json_object_set_new(document, "recovering_until", show_time_json(recovering_until_ms(s)));
    json_object_set_new(document, "unknown", json_boolean(s->facts.unknown != 0));
    if (s->facts.unknown)
        json_object_set_new(document, "key", json_string(own_key(s)));
    show_json(document, out);
    json_decref(document);
}

static void print_unknown(struct seat *s, struct buf *out)
{
    buf_format(out, _("The district does not know this seat any more: its server was restored from an older backup. Nothing is lost, all of it is on this device. Next: ask the district to take in seat %u again; a new code would not bring it.\n  the key of this device, to compare: %s\n"),
               s->facts.seat, own_key(s));
}

static void print_certificate(const struct seat *s, const struct replica_lease *lease, struct buf *out)
{
    if (certificate_left_ms(s) < 0)
        buf_format(out,
                   _("The certificate of this seat has ended; the next contact with the server renews it. Without the "
                     "server these records can be read for %d more days.\n"),
                   lease->days_left);
    else
        buf_format(out,
                   _("Certificate: %lld days left; without the server these records can be read for %d more days\n"),
                   (long long)certificate_days(s), lease->days_left);
}

static void print_text(struct seat *s, const struct replica_org *org, const struct replica_status *t, const struct replica_lease *lease, struct buf *out)
{
    buf_format(out, "%s  %s (%s)\n", s->facts.person, org->name, org->code);
    buf_format(out, "%s: %s, %s: ", _("Server"), s->facts.server, _("last contact"));
    show_age(s->facts.last_contact_ms, s->now_ms, out);
    buf_format(out, t->connected ? _(" (connected)\n") : "\n");
    if (s->facts.unknown)
        print_unknown(s, out);
    buf_format(out, _("Waiting to be sent: %llu"), (unsigned long long)t->queued);
    if (t->oldest_queued_ms) {
        buf_text(out, _(", the oldest from "));
        show_age(t->oldest_queued_ms, s->now_ms, out);
    }
    buf_format(out, "\n%s: %llu, %s: %llu\n", _("Refused"), (unsigned long long)t->refused, _("in conflict"), (unsigned long long)t->conflicts);
    struct buf files = BUF_INIT;
    if (key_files_explain(replica_dir(s->replica), &files))
        buf_format(out, "%s\n", buf_c_string(&files));
    buf_finish(&files);
    if (recovering_until_ms(s)) {
        agent_explain_put_off(recovering_until_ms(s), out);
        buf_byte(out, '\n');
    }
    if (t->left)
        buf_format(out, _("Seats of colleagues of which changes were not taken: %llu\n"), (unsigned long long)t->left);
    if (t->readings)
        buf_format(out, _("New readings of this branch's sensitive values by others: %llu\n  see: banyan accesses\n"), (unsigned long long)t->readings);
    if (t->rewritten)
        buf_format(out, "%s\n  %s\n", _("The server's history is another one than it was: its past was rewritten."), _("see: banyan heads"));
    copies_text(s, out);
    if (t->renumbered)
        buf_format(out, _("Numbers on paper that are others since the server was restored: %llu\n  see: banyan numbers\n"), (unsigned long long)t->renumbered);
    if (t->refused || t->conflicts || t->left)
        buf_format(out, "  %s\n", _("see: banyan attention"));
    print_certificate(s, lease, out);
    if (lease->warn)
        buf_format(out, "  %s\n", _("connect soon: banyan sync"));
    if (*s->facts.roles_unknown) {
        buf_format(out, _("This program does not know the role %s of this seat; what it may do beyond the others has to wait. Next: renew this program."),
                   s->facts.roles_unknown);
        buf_byte(out, '\n');
    }
    if (s->facts.ended)
        buf_format(out, "%s\n", _("The district has ended this seat: what is entered here is taken no more. Next: ask the district for a new invitation."));
    if (s->facts.suspended)
        buf_format(out, "%s\n", _("This seat is suspended: work is kept here and sent when the chair or the district resumes it."));
    clock_text(s, out);
    if (s->facts.broken)
        tell_broken(s->facts.broken, out);
    if (s->facts.repairs)
        buf_format(out, _("Repairs of this copy so far: %lld\n"), (long long)s->facts.repairs);
}

static int status(struct seat *s, const struct kind *k, const struct options *o)
{
    struct replica_org org;
    struct replica_status t;
    struct replica_lease lease;
    struct buf out = BUF_INIT;
    (void)k; /* none is named */
    enum err e = replica_org(s->replica, s->facts.home, &s->arena, &org);
    if (e == ERR_OK)
        e = replica_status(s->replica, &t);
    if (e == ERR_OK)
        e = replica_lease(s->replica, s->now_ms, &lease);
    if (e != ERR_OK)
        return command_failed(s, e, "status");
    bool json = options_get(status_options, o, "json");
    if (json)
        print_json(s, &org, &t, &lease, &out);
    else
        print_text(s, &org, &t, &lease, &out);
    command_print(&out);
    if (json)
        return EXIT_DONE;
    erased_tell(s); /* an agent that stays connected took it in, and talks to nobody */
    late_tell(s);
    return EXIT_DONE;
}

static int run_status(const struct command *c, int argc, char **argv)
{
    static const struct command_form form = {.problem = N_("status takes no further words")};
    return command_with_seat(c, argc, argv, &form, status);
}

const struct command command_status = {"status", "[--json]", N_("who this seat is, what waits, when it last met its server"), status_options, run_status};
