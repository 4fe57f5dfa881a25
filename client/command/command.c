/* What the client's subcommands share; see command.h. */
#include "client/command/command.h"
#include "client/command/erased_words.h"
#include "client/command/branch_rows.h"
#include "base/clock.h"
#include "base/limits.h"
#include "base/text.h"
#include "client/command/word_choice.h"
#include "kinds/refusal.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const struct command *const commands[] = {
    &command_join,   &command_status,    &command_sync,    &command_kinds, &command_describe, &command_add,      &command_set,
    &command_act,    &command_remove,    &command_list,    &command_show,  &command_history,  &command_import,   &command_export,
    &command_assess, &command_due, &command_print_page, &command_attention, &command_resolve, &command_retry,  &command_discard, &command_overview, &command_invite, &command_seat, &command_heads, &command_accesses, &command_numbers, &command_handover,
};

const struct command *const *command_all(size_t *count)
{
    *count = sizeof commands / sizeof *commands;
    return commands;
}

enum language command_language(void)
{
    return tr_language() == TR_EN ? LANGUAGE_EN : LANGUAGE_ZH;
}

int command_say(const char *sentence, const char *next)
{
    if (sentence && *sentence)
        command_warn(sentence);
    if (next && *next)
        fprintf(stderr, "  %s\n", next);
    return EXIT_FAILED;
}

void command_tell(const char *format, ...)
{
    struct buf line = BUF_INIT;
    char *text;
    va_list arguments;
    va_start(arguments, format);
    int size = vasprintf(&text, format, arguments);
    va_end(arguments);
    CHECK(size > 0);
    text_put_line(&line, slice_of(text, (size_t)size - 1));
    fprintf(stderr, "%s\n", buf_c_string(&line));
    buf_finish(&line);
    free(text);
}

void command_note(const char *sentence)
{
    if (isatty(STDERR_FILENO))
        command_warn(sentence);
}

static const struct {
    const char *name, *example; /* msgid */
} examples[] = {
    {"join", N_("banyan join -        then paste the code")},
    {"add", N_("banyan add member name=... sex=... mobile=... group_id=...        banyan add work_plan --from LAST_YEARS_ID")},
    {"set", N_("banyan set member NAME post=teacher mobile=...")},
    {"act", N_("banyan act member NAME active        banyan act work_plan TITLE submitted")},
    {"remove", N_("banyan remove union_group NAME")},
    {"list", N_("banyan list member state=active post=teacher        banyan list plan_item month=9")},
    {"show", N_("banyan show member NAME")},
    {"history", N_("banyan history member NAME")},
    {"import", N_("banyan import member roster.csv --dry-run        banyan import work_plan plan.txt period=2026-1        banyan import dues_payment payroll.csv period=2026-10 method=payroll paid_on=2026-10-15")},
    {"export", N_("banyan export member members.csv")},
    {"overview", N_("banyan overview --missing work_plan=2026-1")},
    {"invite", N_("banyan invite --role committee_member --name NAME")},
};

static void explain_words(const char *usage, struct buf *out)
{
    if (strstr(usage, "KIND "))
        buf_format(out, "\n  %s\n", _("KIND: one of banyan kinds, by name or label"));
    if (strstr(usage, "KIND ") && strstr(usage, "ID"))
        buf_format(out, "  %s\n", _("ID: a record's number, its name if nobody else has it, or the beginning of its id"));
    if (strstr(usage, "FIELD=VALUE") && strstr(usage, "KIND"))
        buf_format(out, "  %s\n", _("FIELD, STATE, ACTION: by name or label; banyan describe KIND lists them. Dates: 2026-09-01, 2026/9/1; money in yuan: 12.50"));
    if (strstr(usage, "ID --mine") || strcmp(usage, "ID") == 0 || strncmp(usage, "ID [", 4) == 0)
        buf_format(out, "\n  %s\n", _("ID: of an entry that banyan attention shows, or its beginning"));
}

void command_explain(const struct command *c, struct buf *out)
{
    explain_words(c->usage, out);
    for (size_t i = 0; i < sizeof examples / sizeof *examples; i++)
        if (strcmp(examples[i].name, c->name) == 0)
            buf_format(out, "\n  %s  %s\n", _("For example:"), _(examples[i].example));
}

/* ---- the seat ---- */

void seat_folder(const char *given, struct buf *out)
{
    const char *environment = getenv("BANYAN_DATA"), *xdg = getenv("XDG_DATA_HOME"), *home = getenv("HOME");
    if (given)
        buf_text(out, given);
    else if (environment && *environment)
        buf_text(out, environment);
    else if (xdg && *xdg)
        buf_format(out, "%s/banyan", xdg);
    else
        buf_format(out, "%s/.local/share/banyan", home ? home : ".");
}

bool seat_open(const char *dir, struct seat *out, int *status)
{
    struct buf folder = BUF_INIT, text = BUF_INIT;
    struct seat s = {.now_ms = clock_now_ms()};
    seat_folder(dir, &folder);
    arena_init(&s.arena, 64u << 20); /* a command's own life; lists are printed row by row */
    enum err e = replica_open(buf_c_string(&folder), s.now_ms, &s.replica);
    if (e == ERR_OK)
        replica_set_clock(s.replica, clock_base);
    if (e == ERR_OK)
        e = replica_facts(s.replica, &s.facts);
    if (e != ERR_OK) {
        replica_explain(e, buf_c_string(&folder), &text);
        *status = command_say(buf_c_string(&text), NULL);
        seat_close(&s);
    } else {
        *out = s;
    }
    buf_finish(&folder);
    buf_finish(&text);
    return e == ERR_OK;
}

struct date seat_today(const struct seat *s)
{
    return date_of_ms(s->now_ms + s->facts.clock_offset_ms, DATE_CHINA_MINUTES);
}

void seat_close(struct seat *s)
{
    if (s->replica)
        replica_close(s->replica);
    arena_finish(&s->arena);
}

static bool has_option(const struct command *c, const char *name)
{
    const struct option_spec *o = c->options;
    while (o->name && strcmp(o->name, name) != 0)
        o++;
    return o->name != NULL;
}

int command_with_seat(const struct command *c, int argc, char **argv, const struct command_form *form, command_work *work)
{
    struct options o;
    struct seat s;
    const struct kind *k = NULL;
    int status = EXIT_DONE;
    if (!command_parse(c, argc, argv, &o, &status))
        return status;
    if (o.argument_count < form->least || (form->most >= 0 && o.argument_count > form->most))
        return command_usage(c, _(form->problem));
    if (form->first == COMMAND_FIRST_KIND && !(k = command_kind(o.arguments[0], &status)))
        return status;
    if (form->check && (status = form->check(&o)) != EXIT_DONE)
        return status;
    if (!seat_open(options_get(c->options, &o, "data"), &s, &status))
        return status;
    if (k && has_option(c, "branch"))
        branch_rows_look(&s, options_get(c->options, &o, "branch"));
    status = work(&s, k, &o);
    seat_close(&s);
    return status;
}

void seat_name(void *seat, uint32_t kind, struct id id, struct buf *out)
{
    struct seat *s = seat;
    struct replica_row row;
    struct arena arena;
    const struct kind *k = kind_by_number(kind);
    arena_init(&arena, LIMIT_ARENA);
    const char *person = kind == SHOW_SEAT ? replica_person(s->replica, show_seat_of(id), &arena) : NULL;
    if (person)
        buf_text(out, person);
    if (k && replica_load(s->replica, kind, id, s->now_ms, &arena, &row) == ERR_OK && row.message)
        for (size_t i = 0; k->naming && k->naming[i]; i++) {
            struct cell value = record_get_name(row.message, k->naming[i]);
            if (value.type == CELL_TEXT && value.bytes.size) {
                buf_append_slice(out, value.bytes);
                if (i > 0 && erased_name(s, k, id))
                    buf_text(out, _(" (erased by law)"));
                break;
            }
        }
    arena_finish(&arena);
}

/* ---- words ---- */

const struct kind *command_kind(const char *name, int *status)
{
    struct word_choices kinds;
    struct buf said = BUF_INIT, next = BUF_INIT;
    size_t count;
    const struct kind *const *all = kind_all(&count);
    word_choices_of_kinds(&kinds);
    size_t found = word_choice_find(&kinds, name);
    if (found != WORD_CHOICE_NONE)
        return all[found];
    buf_format(&said, _("there is no kind of record called %s"), name);
    word_choice_near(&kinds, name, command_language(), &said);
    word_choice_all(&kinds, _("Kinds"), command_language(), &next);
    buf_text(&next, "\n  ");
    buf_text(&next, _("see: banyan kinds"));
    (void)command_say(buf_c_string(&said), buf_c_string(&next)); /* usage */
    buf_finish(&said);
    buf_finish(&next);
    *status = EXIT_USAGE;
    return NULL;
}

int command_failed(struct seat *s, enum err e, const char *subject)
{
    const char *detail = replica_detail(s->replica);
    struct buf said = BUF_INIT;
    if (e == ERR_DISK_FULL)
        buf_format(&said, "%s: %s", subject, _("the disk is full; make room and try again, nothing was half written"));
    else if (err_class(e) == ERR_CLASS_SELF && e != ERR_CORRUPT && detail && *detail) /* the database's own words */
        buf_format(&said, "%s: %s (%s)", subject, _(err_text(e)), detail);
    else if (detail && *detail)
        buf_text(&said, detail);
    else
        buf_format(&said, "%s: %s", subject, _(err_text(e)));
    int status = command_say(buf_c_string(&said), NULL);
    buf_finish(&said);
    return status;
}

static size_t argument_count(const char *const arguments[3])
{
    size_t count = 0;
    while (count < 3 && arguments[count])
        count++;
    return count;
}

int command_refused(const struct kind *k, const struct replica_outcome *o)
{
    return command_refused_step(k, o, NULL);
}

int command_refused_step(const struct kind *k, const struct replica_outcome *o, const char *action)
{
    struct buf said = BUF_INIT, next = BUF_INIT;
    if (action && strcmp(o->code, REFUSAL_STATE_MOVED) == 0)
        refusal_step(k, action, o->argument[0], command_language(), &next);
    if (next.size)
        buf_text(&next, "\n  ");
    refusal_text(k, o->code, o->field, o->argument, argument_count(o->argument), o->code, command_language(), &said);
    refusal_next(k, o->code, command_language(), &next);
    int status = command_say(buf_c_string(&said), buf_c_string(&next));
    buf_finish(&said);
    buf_finish(&next);
    return status;
}

void command_warnings(const struct kind *k, const struct findings *f)
{
    struct buf said = BUF_INIT;
    for (size_t i = 0; i < f->count; i++) {
        const struct finding *w = &f->list[i];
        buf_text(&said, _("please check: "));
        refusal_text(k, w->code, w->field, w->argument, argument_count(w->argument), w->code, command_language(), &said);
        command_warn(buf_c_string(&said));
        buf_finish(&said);
    }
}

int command_contact(struct agent_result *result)
{
    /* A second agent is no round that was cut off. */
    bool later = err_class(result->why) == ERR_CLASS_LATER && result->why != ERR_LOCKED;
    int status = result->why == ERR_OK ? EXIT_DONE : later ? EXIT_OFFLINE : EXIT_FAILED;
    if (result->why != ERR_OK)
        (void)command_say(result->text.size ? buf_c_string(&result->text) : _(err_text(result->why)), NULL);
    agent_result_finish(result);
    return status;
}
