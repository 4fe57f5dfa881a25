/* banyan attention, resolve, retry, discard: what waits for a person, and the three ways on. */
#include "client/command/attention_left.h"
#include "client/command/attention_rewritten.h"
#include "client/command/clock_words.h"
#include "client/command/erased_words.h"
#include "client/command/command.h"
#include "client/command/field_words.h"
#include "client/command/number_words.h"
#include "kinds/refusal.h"
#include "show/board.h"
#include "show/roles.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>

/* ---- attention ---- */

static const struct option_spec attention_options[] = {DATA_OPTION, {"json", OPTION_FLAG, NULL, N_("as JSON")}, END_OPTION};

struct output {
    struct seat *seat;
    json_t *json;
    struct buf text;
    size_t count;
};

static bool is_removed(const struct attention_entry *a)
{
    return a->type == ATTENTION_CONFLICT && strcmp(a->code, "DELETED") == 0;
}

/* The server says why in a sentence, but for what was heard of by the log alone. */
static void unknown_rule(const struct attention_entry *a, struct buf *out)
{
    if (a->text && *a->text)
        buf_text(out, a->text);
    else
        buf_format(out, _("a rule refuses it that this program does not know yet (%s); renew the program, and it says why"), a->code);
}

static void entry_sentence(const struct attention_entry *a, struct buf *out)
{
    size_t count = 0;
    while (count < 3 && a->argument[count])
        count++;
    if (a->type == ATTENTION_REFUSAL && !refusal_is_known(a->kind, a->code))
        unknown_rule(a, out);
    else if (a->type == ATTENTION_REFUSAL)
        refusal_text(a->kind, a->code, a->field, a->argument, count, a->code, command_language(), out);
    else if (is_removed(a))
        buf_text(out, a->whose == ATTENTION_WHOSE_STANDING  ? _("you removed this record while somebody was changing it")
                      : a->whose == ATTENTION_WHOSE_OTHERS ? _("one person removed this record while another was changing it")
                                                           : _("somebody removed this record while you were changing it"));
    else
        buf_text(out, a->whose == ATTENTION_WHOSE_OTHERS ? _("two people changed the same field apart")
                                                         : _("somebody changed the same field while you were changing it"));
}

static json_t *field_values(const struct attention_entry *a, const struct attention_field *f)
{
    return json_pack("{s:o, s:o, s:s?, s:o, s:s?}", "mine", show_cell_json(f->field, f->mine), "theirs", show_cell_json(f->field, f->theirs),
                     "by", f->theirs_by, "at", show_time_json(f->theirs_at_ms), "mine_by", a->mine_by);
}

static json_t *fields_json(const struct attention_entry *a)
{
    json_t *o = json_object();
    for (size_t i = 0; i < a->field_count; i++)
        json_object_set_new(o, a->fields[i].field->name, field_values(a, &a->fields[i]));
    return o;
}

/* Is the record in a state from which the step that was refused is taken? */
static bool step_is_open(struct seat *s, const struct attention_entry *a)
{
    const struct action_rule *step = a->kind && a->action ? kind_action(a->kind, a->action) : NULL;
    struct replica_row row;
    if (!step || replica_load(s->replica, a->kind_number, a->record, s->now_ms, &s->arena, &row) != ERR_OK)
        return false;
    return kind_step_leads_from(step, kind_state_of(a->kind, row.message));
}

static bool may_now(const struct seat *s, const struct attention_entry *a)
{
    static const enum right rights[] = {[OP_CREATE] = RIGHT_ADD, [OP_SET] = RIGHT_SET, [OP_REMOVE] = RIGHT_REMOVE};
    if (!a->kind)
        return false;
    return a->op == OP_ACT ? kind_may_act(a->kind, s->facts.roles, a->action)
                           : a->op <= OP_REMOVE && kind_may(a->kind, s->facts.roles, rights[a->op]);
}

/* How it may be sent again with any hope. */
static enum retrying { RETRY_NOT, RETRY_AS_IT_IS, RETRY_WITH_VALUES } retrying(struct seat *s, const struct attention_entry *a)
{
    switch (refusal_way(a->code)) {
    case REFUSAL_WAY_NONE:
        return RETRY_NOT;
    case REFUSAL_WAY_RIGHT:
        return may_now(s, a) ? RETRY_AS_IT_IS : RETRY_NOT;
    case REFUSAL_WAY_STATE:
        return step_is_open(s, a) ? RETRY_AS_IT_IS : RETRY_NOT;
    case REFUSAL_WAY_AGAIN:
        return RETRY_AS_IT_IS;
    case REFUSAL_WAY_VALUES:
        break;
    }
    return RETRY_WITH_VALUES;
}

/* How who reads it chooses the value that came later, and the one that stands. */
static const char *later_option(const struct attention_entry *a)
{
    return a->whose == ATTENTION_WHOSE_LATER ? "--mine" : a->whose == ATTENTION_WHOSE_STANDING ? "--theirs" : "--later";
}

static const char *standing_option(const struct attention_entry *a)
{
    return a->whose == ATTENTION_WHOSE_LATER ? "--theirs" : a->whose == ATTENTION_WHOSE_STANDING ? "--mine" : "--stands";
}

static json_t *next_json(struct seat *s, const struct attention_entry *a, const char *id)
{
    json_t *list = json_array();
    if (a->type == ATTENTION_REFUSAL) {
        enum retrying how = retrying(s, a);
        if (how != RETRY_NOT)
            json_array_append_new(list, json_sprintf(how == RETRY_AS_IT_IS ? "banyan retry %s" : "banyan retry %s FIELD=VALUE", id));
        json_array_append_new(list, json_sprintf("banyan discard %s", id));
    } else if (a->may_resolve) {
        json_array_append_new(list, json_sprintf("banyan resolve %s %s", id, later_option(a)));
        json_array_append_new(list, json_sprintf("banyan resolve %s %s", id, standing_option(a)));
        json_array_append_new(list, json_sprintf("banyan resolve %s FIELD=VALUE", id));
    }
    return list;
}

static bool on_json(void *to, const struct attention_entry *a)
{
    struct output *o = to;
    struct buf sentence = BUF_INIT;
    char id[ID_TEXT_SIZE], record[ID_TEXT_SIZE];
    id_text(a->id, id);
    id_text(a->record, record);
    entry_sentence(a, &sentence);
    json_array_append_new(o->json, json_pack("{s:s, s:s, s:s?, s:s, s:s, s:s?, s:s, s:o, s:o, s:o}", "id", id, "type",
                                             a->type == ATTENTION_REFUSAL ? "refusal" : "conflict", "kind", a->kind ? a->kind->name : NULL,
                                             "record", record, "code", a->code, "field", a->field, "text", buf_c_string(&sentence), "fields",
                                             fields_json(a), "next", next_json(o->seat, a, id), "at", show_time_json(a->at_ms)));
    buf_finish(&sentence);
    o->count++;
    return true;
}

static const char *value_words(struct seat *s, const struct attention_field *f, struct cell value, struct buf *out)
{
    if (value.type == CELL_ABSENT)
        return _("(empty)");
    if (f->field->type == FIELD_REFERENCE && value.type == CELL_BYTES && value.bytes.size == ID_SIZE)
        seat_name(s, f->field->reference, id_from(value.bytes), out);
    if (out->size)
        return buf_c_string(out);
    value_text(f->field, value, command_language(), f->field->flags & FIELD_SENSITIVE ? VALUE_MASKED : VALUE_WHOLE, out);
    return buf_c_string(out);
}

static const char *person(struct seat *s, uint32_t seat, const char *name)
{
    const char *known = seat ? replica_person_title(s->replica, seat, &s->arena) : name;
    return known ? known : _("somebody");
}

/* To who wrote neither value: both with their persons; to who wrote what came later and what stands, too. */
static void print_both(struct seat *s, const struct attention_entry *a, const struct attention_field *f, const char *later, const char *stands,
                       struct buf *out)
{
    const char *label = label_in(f->field->label, command_language());
    if (is_removed(a))
        buf_format(out, _("  %s: entered by %s: %s\n"), label, person(s, a->mine_seat, a->mine_by), later);
    else
        buf_format(out, _("  %s: entered by %s: %s  what stands now, by %s: %s\n"), label, person(s, a->mine_seat, a->mine_by), later,
                   person(s, f->theirs_seat, f->theirs_by), stands);
}

static void print_field(struct seat *s, const struct attention_entry *a, const struct attention_field *f, struct buf *out)
{
    const char *by = f->theirs_seat ? replica_person_title(s->replica, f->theirs_seat, &s->arena) : f->theirs_by;
    struct buf mine_text = BUF_INIT, theirs_text = BUF_INIT;
    const char *label = label_in(f->field->label, command_language());
    const char *mine = value_words(s, f, f->mine, &mine_text), *theirs = value_words(s, f, f->theirs, &theirs_text);
    bool conflict = a->type == ATTENTION_CONFLICT;
    if (conflict && (a->whose == ATTENTION_WHOSE_OTHERS || (!is_removed(a) && f->theirs_seat == s->facts.seat)))
        print_both(s, a, f, mine, theirs, out);
    else if (!conflict || (is_removed(a) && a->whose == ATTENTION_WHOSE_LATER))
        buf_format(out, _("  %s: mine: %s\n"), label, mine);
    else if (is_removed(a))
        buf_format(out, _("  %s: theirs: %s\n"), label, theirs);
    else if (by)
        buf_format(out, _("  %s: mine: %s  theirs (%s): %s\n"), label, mine, by, theirs);
    else
        buf_format(out, _("  %s: mine: %s  theirs: %s\n"), label, mine, theirs);
    buf_finish(&mine_text);
    buf_finish(&theirs_text);
}

/* A record that comes back begins at its kind's first state (rule 13); who decides should know. */
static void print_restore(const struct attention_entry *a, const char *id, const char *way, struct buf *out)
{
    if (a->kind && a->kind->state_count)
        buf_format(out, _("  bring the record back, with the change, as “%s”: banyan resolve %s %s\n"),
                   label_in(a->kind->states[0].label, command_language()), id, way);
    else
        buf_format(out, _("  bring the record back, with the change: banyan resolve %s %s\n"), id, way);
}

/* The one that a rule named, if it was among those that were sent. */
static const char *field_to_mend(const struct attention_entry *a)
{
    for (size_t i = 0; a->field && i < a->field_count; i++)
        if (strcmp(a->fields[i].field->name, a->field) == 0)
            return a->field;
    return a->field_count ? a->fields[0].field->name : _("FIELD");
}

/* A line a way, each to be copied as it stands but for FIELD=VALUE. */
static void print_next(struct seat *s, const struct attention_entry *a, const char *id, struct buf *out)
{
    const char *field = field_to_mend(a);
    if (a->type == ATTENTION_REFUSAL) {
        enum retrying how = retrying(s, a);
        if (how == RETRY_AS_IT_IS)
            buf_format(out, _("  send it again: banyan retry %s\n"), id);
        else if (how == RETRY_WITH_VALUES)
            buf_format(out, _("  with another value: banyan retry %s %s=...\n"), id, field);
        buf_format(out, _("  give it up: banyan discard %s\n"), id);
    } else if (!a->may_resolve) {
        buf_format(out, "  %s\n", _("nothing for you to do: this seat may not decide it; the chair or a committee member can"));
    } else if (is_removed(a)) {
        print_restore(a, id, later_option(a), out);
        buf_format(out, _("  leave it removed: banyan resolve %s %s\n"), id, standing_option(a));
    } else if (a->field_count == 0 && a->kind && erased_name(s, a->kind, a->record)) {
        buf_format(out, _("  what it was about was erased by law; end it: banyan resolve %s %s\n"), id, standing_option(a));
    } else if (a->whose == ATTENTION_WHOSE_OTHERS) {
        buf_format(out, _("  use what %s entered: banyan resolve %s --later\n"), person(s, a->mine_seat, a->mine_by), id);
        buf_format(out, _("  keep what stands now: banyan resolve %s --stands\n"), id);
        buf_format(out, _("  use another value: banyan resolve %s %s=...\n"), id, field);
    } else {
        buf_format(out, _("  use mine: banyan resolve %s --mine\n"), id);
        buf_format(out, _("  use theirs: banyan resolve %s --theirs\n"), id);
        buf_format(out, _("  use another value: banyan resolve %s %s=...\n"), id, field);
    }
    buf_byte(out, '\n');
}

/* Done rightly when it was done, and refused by the roles of now. */
static void print_roles_then(const struct seat *s, const struct attention_entry *a, struct buf *out)
{
    struct buf then = BUF_INIT, unknown = BUF_INIT, on = BUF_INIT;
    bool older = s->facts.roles_changed_ms && a->mine_at_ms && a->mine_at_ms < s->facts.roles_changed_ms;
    if (!older || strcmp(a->code, "RIGHT") != 0)
        return;
    show_role_labels(role_set_known(s->facts.roles_before, &unknown), command_language(), &then);
    show_moment(s->facts.roles_changed_ms, &on);
    buf_format(out, _("  It was entered when this seat's roles were: %s. They were changed (%s) before it was sent, and the roles of now count.\n"),
               buf_c_string(&then), buf_c_string(&on));
    buf_finish(&then);
    buf_finish(&unknown);
    buf_finish(&on);
}

static bool on_text(void *to, const struct attention_entry *a)
{
    struct output *o = to;
    char id[ID_TEXT_SIZE];
    struct buf name = BUF_INIT;
    id_text(a->id, id);
    if (a->removed_name)
        buf_text(&name, a->removed_name);
    else
        seat_name(o->seat, a->kind_number, a->record, &name);
    buf_format(&o->text, "%s  %s %s\n  ", id, a->kind ? label_in(a->kind->label, command_language()) : "", buf_c_string(&name));
    buf_finish(&name);
    entry_sentence(a, &o->text);
    buf_byte(&o->text, '\n');
    for (size_t i = 0; i < a->field_count; i++)
        print_field(o->seat, a, &a->fields[i], &o->text);
    if (a->type == ATTENTION_REFUSAL) {
        struct buf next = BUF_INIT;
        print_roles_then(o->seat, a, &o->text);
        if (strcmp(a->code, "STATE_MOVED") == 0)
            refusal_step(a->kind, a->action, a->argument[0], command_language(), &next);
        if (next.size)
            buf_text(&next, "\n  ");
        refusal_next(a->kind, a->code, command_language(), &next);
        if (next.size)
            buf_format(&o->text, "  %s\n", buf_c_string(&next));
        buf_finish(&next);
    }
    print_next(o->seat, a, id, &o->text);
    o->count++;
    return true;
}

static bool on_left(void *to, const struct replica_left *left)
{
    struct output *o = to;
    if (o->json)
        json_array_append_new(o->json, attention_left_json(left));
    else
        attention_left_text(left, replica_seat_roles(o->seat->replica, left->seat, &o->seat->arena), &o->text);
    o->count++;
    return true;
}

static int attention(struct seat *s, const struct kind *k, const struct options *o)
{
    bool json = options_get(attention_options, o, "json");
    struct output out = {.seat = s, .json = json ? json_array() : NULL};
    enum err e = attention_each(s->replica, s->now_ms, json ? on_json : on_text, &out);
    (void)k; /* none is named */
    if (e == ERR_OK)
        e = replica_lefts(s->replica, on_left, &out);
    if (e == ERR_OK)
        e = attention_rewritten(s, out.json, &out.text, &out.count);
    if (e == ERR_OK)
        e = numbers_attention(s, out.json, &out.text, &out.count);
    if (e == ERR_OK && json)
        show_json(out.json, &out.text);
    else if (e == ERR_OK && !out.count)
        command_warn(_("nothing waits for you"));
    command_print(&out.text);
    json_decref(out.json);
    if (e != ERR_OK)
        return command_failed(s, e, "attention");
    clock_tell(s); /* an agent that stays connected measured it, and talks to nobody */
    return out.count ? EXIT_WAITING : EXIT_DONE;
}

static int run_attention(const struct command *c, int argc, char **argv)
{
    static const struct command_form form = {.problem = N_("attention takes no further words")};
    return command_with_seat(c, argc, argv, &form, attention);
}

const struct command command_attention = {"attention", "[--json]", N_("what waits for a person: refusals and conflicts"), attention_options, run_attention};

/* ---- resolve, retry, discard ---- */

static const struct option_spec plain_options[] = {DATA_OPTION, END_OPTION};
static const struct option_spec resolve_options[] = {
    DATA_OPTION,
    {"mine", OPTION_FLAG, NULL, N_("my value is to stand")},
    {"theirs", OPTION_FLAG, NULL, N_("the other's value stays")},
    {"later", OPTION_FLAG, NULL, N_("the value that came later is to stand, whoever entered it")},
    {"stands", OPTION_FLAG, NULL, N_("what stands now stays, whoever entered it")},
    END_OPTION,
};

/* An entry that the first word names, the words after it as values of its record's kind, and what became of it. */
struct ending {
    struct seat *seat;
    const struct command *command;
    struct attention_entry entry;
    struct field_words words;
    struct replica_outcome outcome;
};

static int no_entry(const char *word, enum err e)
{
    struct buf said = BUF_INIT;
    buf_format(&said, e == ERR_AMBIGUOUS ? _("more than one entry begins with %s") : _("nothing that waits has the id %s"), word);
    int status = command_say(buf_c_string(&said), _("see: banyan attention"));
    buf_finish(&said);
    return status;
}

static bool open_entry(struct ending *x, const struct options *o, int *status)
{
    struct id id;
    enum attention_type type;
    enum err e = attention_find(x->seat->replica, o->arguments[0], &id, &type);
    if (e == ERR_OK)
        e = attention_get(x->seat->replica, id, &x->seat->arena, &x->entry);
    if (e == ERR_NOT_FOUND || e == ERR_AMBIGUOUS || e == ERR_VALUE)
        *status = no_entry(o->arguments[0], e);
    else if (e != ERR_OK)
        *status = command_failed(x->seat, e, x->command->name);
    else if (!x->entry.kind)
        *status = command_say(_("this record is of a kind that this version does not know; update the program"), NULL);
    else
        return field_words_parse(x->seat, x->entry.kind, o->arguments + 1, o->argument_count - 1, FIELD_WORDS_SET, &x->words, status);
    return false;
}

static int end_entry(const struct ending *x, enum err e)
{
    bool resolves = x->command == &command_resolve;
    if (e == ERR_OK) {
        command_warnings(x->entry.kind, &x->outcome.warnings);
        command_note(_("saved on this device; banyan sync sends it"));
        return EXIT_DONE;
    }
    if (e == ERR_REFUSED)
        return command_refused(x->entry.kind, &x->outcome);
    if (e == ERR_USAGE)
        return command_say(resolves ? _("this is a refusal, not a conflict") : _("this is a conflict, not a refusal"),
                           resolves ? _("use: banyan retry, or banyan discard") : _("use: banyan resolve"));
    return command_failed(x->seat, e, x->command->name);
}

#define RESOLVE_FORM N_("an id and one of --mine, --theirs, --later, --stands or FIELD=VALUE are needed")

static const struct {
    const char *option;
    enum attention_choice choice;
} choices[] = {{"mine", ATTENTION_MINE}, {"theirs", ATTENTION_THEIRS}, {"later", ATTENTION_LATER}, {"stands", ATTENTION_STANDS}};

static enum attention_choice choice_of(const struct options *o, int *count)
{
    enum attention_choice found = ATTENTION_VALUES;
    *count = 0;
    for (size_t i = 0; i < sizeof choices / sizeof *choices; i++)
        if (options_get(resolve_options, o, choices[i].option)) {
            found = choices[i].choice;
            ++*count;
        }
    return found;
}

static int check_resolve(const struct options *o)
{
    int ways;
    (void)choice_of(o, &ways);
    ways += o->argument_count > 1;
    return ways == 1 ? EXIT_DONE : command_usage(&command_resolve, _(RESOLVE_FORM));
}

static int resolve(struct seat *s, const struct kind *k, const struct options *o)
{
    struct ending x = {.seat = s, .command = &command_resolve};
    int status = EXIT_DONE, ways;
    enum attention_choice choice = choice_of(o, &ways);
    (void)k; /* none is named */
    if (!open_entry(&x, o, &status))
        return status;
    if (x.entry.type == ATTENTION_CONFLICT && x.entry.overtaken && (choice == ATTENTION_MINE || choice == ATTENTION_THEIRS))
        return command_say(_("somebody has changed it since: none of the two values is yours any more"), _("see: banyan attention"));
    return end_entry(&x, attention_resolve(s->replica, x.entry.id, choice, x.words.patch, x.words.cleared, x.words.cleared_count, s->now_ms,
                                           &s->arena, &x.outcome));
}

static int retry(struct seat *s, const struct kind *k, const struct options *o)
{
    struct ending x = {.seat = s, .command = &command_retry};
    int status = EXIT_DONE;
    (void)k; /* none is named */
    if (!open_entry(&x, o, &status))
        return status;
    return end_entry(&x, attention_retry(s->replica, x.entry.id, x.words.patch, x.words.cleared, x.words.cleared_count, s->now_ms, &s->arena, &x.outcome));
}

static int discard(struct seat *s, const struct kind *k, const struct options *o)
{
    struct ending x = {.seat = s, .command = &command_discard};
    uint32_t seat;
    int status = EXIT_DONE;
    (void)k; /* none is named */
    if (attention_left_id(o->arguments[0], &seat)) {
        enum err e = replica_left_done(s->replica, seat);
        return e == ERR_OK ? EXIT_DONE : e == ERR_NOT_FOUND ? no_entry(o->arguments[0], e) : command_failed(s, e, "discard");
    }
    return open_entry(&x, o, &status) ? end_entry(&x, attention_discard(s->replica, x.entry.id)) : status;
}

static int run_resolve(const struct command *c, int argc, char **argv)
{
    static const struct command_form form = {.least = 1, .most = -1, .problem = RESOLVE_FORM, .check = check_resolve};
    return command_with_seat(c, argc, argv, &form, resolve);
}

static int run_retry(const struct command *c, int argc, char **argv)
{
    static const struct command_form form = {.least = 1, .most = -1, .problem = N_("an id is needed")};
    return command_with_seat(c, argc, argv, &form, retry);
}

static int run_discard(const struct command *c, int argc, char **argv)
{
    static const struct command_form form = {.least = 1, .most = 1, .problem = N_("an id is needed")};
    return command_with_seat(c, argc, argv, &form, discard);
}

const struct command command_resolve = {"resolve", "ID --mine | --theirs | --later | --stands | FIELD=VALUE ...", N_("end a conflict"), resolve_options, run_resolve};
const struct command command_retry = {"retry", "ID [FIELD=VALUE ...]", N_("send a refused change again, with other values"), plain_options, run_retry};
const struct command command_discard = {"discard", "ID", N_("give a refused change up"), plain_options, run_discard};
