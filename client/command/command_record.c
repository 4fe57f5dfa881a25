/* banyan add, set, act, remove: one change by a person, saved on this device when the command ends with 0. */
#include "client/command/command.h"
#include "client/command/act_companions.h"
#include "client/command/add_from.h"
#include "client/command/dues_step.h"
#include "client/command/field_words.h"
#include "client/command/item_due.h"
#include "client/command/member_step.h"
#include "client/command/member_ties.h"
#include "client/command/record_find.h"
#include "client/command/record_parts.h"
#include "client/command/similar.h"
#include "client/command/step_fields.h"
#include "client/command/twins.h"
#include "client/command/word_choice.h"

#include <string.h>

static const struct option_spec add_options[] = {
    DATA_OPTION,
    {"from", OPTION_VALUE, "ID|YEAR", N_("make a draft of what is here: a work_plan from the last one, a work_summary from its plan, a dues_usage_report from a year's payments; or take a member over whom another branch transferred out")},
    END_OPTION,
};
static const struct option_spec step_options[] = {
    DATA_OPTION,
    {"branch", OPTION_VALUE, "CODE", N_("a record of a branch below, looked up at the server")},
    {"yes", OPTION_FLAG, NULL, N_("a member goes although dues are owed, a group is led or a proposal is open; the books of a year are closed early, or against its statement; a statement is audited or published against the payments")},
    END_OPTION,
};
static const struct option_spec options[] = {
    DATA_OPTION,
    {"branch", OPTION_VALUE, "CODE", N_("a record of a branch below, looked up at the server")},
    END_OPTION,
};

/* Saves one change, with those that go with a step; says what is wrong with it. */
static int save(struct seat *s, const struct kind *k, const struct replica_change *change, struct replica_outcome *o)
{
    struct replica_change group[1 + COMPANIONS_MAX] = {*change};
    size_t companions = 0;
    enum err e = change->op == OP_ACT ? act_companions(s, k, &group[0], group + 1, &companions, o) : ERR_OK;
    if (e == ERR_OK)
        e = replica_change_group(s->replica, group, 1 + companions, s->now_ms, &s->arena, o);
    if (e == ERR_REFUSED)
        return command_refused_step(k, o, change->op == OP_ACT ? change->action : NULL);
    if (e != ERR_OK)
        return command_failed(s, e, k->name);
    if (change->op != OP_CREATE && !o->changed)
        command_warn(_("nothing to change: it is so already"));
    command_warnings(k, &o->warnings);
    twins_warn(s, k, change->patch, change->op == OP_CREATE ? o->id : change->id);
    return EXIT_DONE;
}

static int add(struct seat *s, const struct kind *k, const struct options *o)
{
    struct field_words words;
    struct replica_outcome outcome;
    struct buf out = BUF_INIT;
    char id[ID_TEXT_SIZE];
    int status = EXIT_DONE;
    const char *from = options_get(add_options, o, "from");
    add_from_draft *draft = from ? add_from_find(k, &status) : NULL;
    if (from && !draft)
        return status;
    if (!field_words_parse(s, k, o->arguments + 1, o->argument_count - 1, FIELD_WORDS_ADD, &words, &status))
        return status;
    if (draft)
        return draft(s, from, &words);
    item_due_fill(s, k, words.patch, &s->arena);
    struct replica_change change = {.op = OP_CREATE, .kind = k->number, .patch = words.patch};
    status = save(s, k, &change, &outcome);
    if (status != EXIT_DONE)
        return status;
    id_text(outcome.id, id);
    buf_format(&out, "%s\n", id);
    command_print(&out);
    similar_say(s, k, outcome.id, words.patch);
    return EXIT_DONE;
}

static int set(struct seat *s, const struct kind *k, const struct options *o)
{
    struct field_words words;
    struct replica_outcome outcome;
    struct replica_change change = {.op = OP_SET, .kind = k->number};
    int status = EXIT_DONE;
    if (!record_find_or_say(s, k, o->arguments[1], &change.id, &status) ||
        !field_words_parse(s, k, o->arguments + 2, o->argument_count - 2, FIELD_WORDS_SET, &words, &status))
        return status;
    change.patch = words.patch;
    change.cleared = words.cleared;
    change.cleared_count = words.cleared_count;
    status = save(s, k, &change, &outcome);
    if (status == EXIT_DONE && outcome.changed)
        command_note(_("saved on this device; banyan sync sends it"));
    return status;
}

/* What was done with them would be lost with their plan. */
static int say_busy(const struct kind *k, struct id id, const struct record_parts *parts)
{
    struct buf said = BUF_INIT, next = BUF_INIT;
    enum language language = command_language();
    char text[ID_TEXT_SIZE];
    id_text(id, text);
    buf_format(&said, _("%zu of its %s are under way or done: the %s stays"), parts->busy, label_in(parts->kind->label, language), label_in(k->label, language));
    buf_format(&next, _("see: banyan list %s plan_id=%s"), parts->kind->name, text);
    int status = command_say(buf_c_string(&said), buf_c_string(&next));
    buf_finish(&said);
    buf_finish(&next);
    return status;
}

/* A word that names it: a wrong number is seen at once. */
static void say_removed(const struct kind *k, const char *name, const struct record_parts *parts)
{
    struct buf said = BUF_INIT;
    buf_format(&said, _("removed: %s %s"), label_in(k->label, command_language()), name);
    if (parts->count)
        buf_format(&said, _(", with %zu %s"), parts->count, label_in(parts->kind->label, command_language()));
    command_warn(buf_c_string(&said));
    buf_finish(&said);
}

static int drop(struct seat *s, const struct kind *k, const struct options *o)
{
    struct replica_outcome outcome = {0};
    struct record_parts parts;
    const struct kind *refused = k;
    struct id id;
    int status = EXIT_DONE;
    struct buf name = BUF_INIT;
    if (!record_find_or_say(s, k, o->arguments[1], &id, &status))
        return status;
    if (!member_ties_ask(s, k, id, NULL, options_get(step_options, o, "yes"), &status))
        return status;
    enum err e = record_parts_find(s, k, id, &parts);
    if (e == ERR_OK && parts.busy)
        return say_busy(k, id, &parts);
    seat_name(s, k->number, id, &name);
    if (e == ERR_OK)
        e = record_parts_remove(s, k, id, &parts, &refused, &outcome);
    if (e == ERR_REFUSED)
        status = command_refused(refused, &outcome);
    else if (e != ERR_OK)
        status = command_failed(s, e, k->name);
    else
        say_removed(k, buf_c_string(&name), &parts);
    buf_finish(&name);
    return status;
}

/* ---- act ---- */

static int say_action(const struct kind *k, const struct word_choices *actions, const char *word)
{
    struct buf said = BUF_INIT, next = BUF_INIT;
    buf_format(&said, _("%s has no action %s"), label_in(k->label, command_language()), word);
    word_choice_near(actions, word, command_language(), &said);
    word_choice_all(actions, _("Actions"), command_language(), &next);
    buf_text(&next, "\n  ");
    buf_format(&next, _("see: banyan describe %s"), k->name);
    (void)command_say(buf_c_string(&said), buf_c_string(&next)); /* usage */
    buf_finish(&said);
    buf_finish(&next);
    return EXIT_USAGE;
}

/* Words before the first FIELD=VALUE: ids, and the action last. */
static int plain_words(const struct options *o)
{
    int count = 1;
    while (count < o->argument_count && !strchr(o->arguments[count], '='))
        count++;
    return count;
}

/* Which records, before anything is written: those of a branch are asked for over the network. NULL: said. */
static struct id *act_on(struct seat *s, const struct kind *k, char *const *words, int count, int *status)
{
    struct id *ids = arena_alloc(&s->arena, (size_t)count * sizeof *ids);
    CHECK(ids); /* as many as a command line has words */
    for (int i = 0; i < count; i++)
        if (!record_find_or_say(s, k, words[i], &ids[i], status))
            return NULL;
    return ids;
}

static int act_each(struct seat *s, const struct kind *k, const struct action_rule *action, const struct field_words *words,
                    const struct id *ids, int count, bool yes)
{
    int status = EXIT_DONE;
    enum err e = replica_batch_begin(s->replica);
    if (e != ERR_OK)
        return command_failed(s, e, k->name);
    for (int i = 0; status == EXIT_DONE && i < count; i++) {
        struct replica_outcome outcome;
        struct replica_change change = {.op = OP_ACT, .kind = k->number, .id = ids[i], .patch = words->patch, .cleared = words->cleared,
                                        .cleared_count = words->cleared_count, .action = action->name};
        if (member_ties_ask(s, k, ids[i], action->name, yes, &status) && dues_step_ask(s, k, &change, yes, &status) &&
            member_step_fill(s, k, &change, &status) && dues_step_fill(s, k, &change, &status))
            status = save(s, k, &change, &outcome);
    }
    if (status != EXIT_DONE) {
        replica_batch_rollback(s->replica);
        return status;
    }
    e = replica_batch_commit(s->replica);
    if (e != ERR_OK)
        return command_failed(s, e, k->name);
    command_note(_("saved on this device; banyan sync sends it"));
    return EXIT_DONE;
}

static int act(struct seat *s, const struct kind *k, const struct options *o)
{
    struct field_words words;
    int plain = plain_words(o), status = EXIT_DONE;
    if (plain < 3)
        return command_usage(&command_act, _("an id and an action are needed"));
    struct word_choices actions;
    word_choices_of_actions(k, &actions);
    size_t action = word_choice_find(&actions, o->arguments[plain - 1]);
    if (action == WORD_CHOICE_NONE)
        return say_action(k, &actions, o->arguments[plain - 1]);
    if (!field_words_parse(s, k, o->arguments + plain, o->argument_count - plain, FIELD_WORDS_SET, &words, &status) ||
        !step_fields_fit(k, &k->actions[action], &words, &status))
        return status;
    const struct id *ids = act_on(s, k, o->arguments + 1, plain - 2, &status);
    return ids ? act_each(s, k, &k->actions[action], &words, ids, plain - 2, options_get(step_options, o, "yes")) : status;
}

/* ---- all four ---- */

/* A draft needs no word of its own. */
static int has_words(const struct options *o)
{
    return o->argument_count > 1 || options_get(add_options, o, "from") ? EXIT_DONE : command_usage(&command_add, _("more words are needed"));
}

static int run_add(const struct command *c, int argc, char **argv)
{
    static const struct command_form form = {.least = 1, .most = -1, .problem = N_("more words are needed"), .first = COMMAND_FIRST_KIND, .check = has_words};
    return command_with_seat(c, argc, argv, &form, add);
}

static int run_set(const struct command *c, int argc, char **argv)
{
    static const struct command_form form = {.least = 3, .most = -1, .problem = N_("more words are needed"), .first = COMMAND_FIRST_KIND};
    return command_with_seat(c, argc, argv, &form, set);
}

static int run_act(const struct command *c, int argc, char **argv)
{
    static const struct command_form form = {.least = 3, .most = -1, .problem = N_("an id and an action are needed"), .first = COMMAND_FIRST_KIND};
    return command_with_seat(c, argc, argv, &form, act);
}

static int run_remove(const struct command *c, int argc, char **argv)
{
    static const struct command_form form = {.least = 2, .most = 2, .problem = N_("a kind and an id are needed"), .first = COMMAND_FIRST_KIND};
    return command_with_seat(c, argc, argv, &form, drop);
}

const struct command command_add = {"add", "KIND FIELD=VALUE ... | KIND --from ID|YEAR [FIELD=VALUE ...]", N_("add a record; prints its id"), add_options, run_add};
const struct command command_set = {"set", "KIND ID FIELD=VALUE ... [--branch CODE]", N_("change fields of a record (FIELD= empties)"), options, run_set};
const struct command command_act = {"act", "KIND ID ... ACTION [FIELD=VALUE ...] [--yes] [--branch CODE]", N_("move records a step on in their workflow"), step_options, run_act};
const struct command command_remove = {"remove", "KIND ID [--yes] [--branch CODE]", N_("remove a record"), step_options, run_remove};
