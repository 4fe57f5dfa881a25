/* Rows from this device or from the server; see row_list.h. Invariant: rows are shown as this device has them, so that
 * what waits here is on top of what a server answered. */
#include "client/command/row_list.h"
#include "base/limits.h"
#include "client/command/branch_rows.h"
#include "client/command/field_words.h"
#include "client/command/word_choice.h"
#include "client/replica/derive.h"
#include "show/fields.h"

#include <string.h>

#define FILTERS_MAX 16

struct filter {
    const struct field_rule *field;
    struct cell value;
};
struct walk {
    struct seat *seat;
    const struct row_wish *wish;
    struct show_fields fields;
    struct derive *derive;
    struct arena arena;      /* of what is derived of one row */
    enum err failed;         /* in deriving */
    size_t gone;             /* rows of persons who were erased */
    const char *state;       /* as stored; NULL: any */
    const char *shown_state; /* as derived; NULL: any */
    struct filter filters[FILTERS_MAX];
    size_t filter_count;
    row_list_each *each;
    void *to;
};

static struct show_record record_of(struct seat *s, const struct kind *k, const struct replica_row *row)
{
    return (struct show_record){.kind = k,
                                .id = row->id,
                                .seq = row->seq,
                                .sync = replica_sync_name(row->sync),
                                .message = row->message,
                                .access = kind_access(k, row->message, s->facts.roles)};
}

struct show_record row_list_record(struct seat *s, const struct kind *k, const struct replica_row *row)
{
    struct show_record record = record_of(s, k, row);
    struct derive *d = NULL;
    enum err e = k->derived_count ? derive_open(s->replica, s->now_ms, &d) : ERR_OK;
    if (d)
        e = derive_row(d, row, &s->arena, &record.derived, &record.derived_count);
    if (e != ERR_OK)
        command_warn(_("what is computed of this record cannot be shown"));
    derive_close(d);
    return record;
}

/* A value that no record can have finds none: that is a slip, and said. */
static bool is_possible(const struct kind *k, const struct filter *f, int *status)
{
    struct findings found = {.count = 0};
    struct buf said = BUF_INIT, next = BUF_INIT;
    if (f->value.type != CELL_ABSENT)
        kind_check_value(k, f->field, f->value, &found);
    const struct finding *wrong = findings_block(&found);
    if (!wrong)
        return true;
    refusal_text(k, wrong->code, wrong->field, wrong->argument, 2, wrong->code, command_language(), &said);
    refusal_next(k, wrong->code, command_language(), &next);
    *status = command_say(buf_c_string(&said), buf_c_string(&next));
    buf_finish(&said);
    buf_finish(&next);
    return false;
}

/* FIELD=VALUE of a field that is computed; what is no such field or value is left to the words of the kind. */
static bool take_derived(struct walk *w, const char *word, struct filter *out)
{
    const char *equals = strchr(word, '=');
    char name[128];
    size_t size = equals ? (size_t)(equals - word) : sizeof name;
    if (size >= sizeof name)
        return false;
    memcpy(name, word, size);
    name[size] = 0;
    const struct field_rule *f = show_fields_find(&w->fields, name);
    bool derived = false;
    for (size_t i = 0; f && i < w->wish->kind->derived_count; i++)
        derived = derived || strcmp(w->wish->kind->derived[i].name, f->name) == 0;
    if (!derived || value_parse(f, equals + 1, &w->seat->arena, &out->value) != ERR_OK)
        return false;
    out->field = f;
    return true;
}

static bool take_filters(struct walk *w, int *status)
{
    for (int i = 0; i < w->wish->filter_count; i++) {
        struct filter *f = &w->filters[w->filter_count];
        if (w->filter_count == FILTERS_MAX) {
            *status = EXIT_USAGE;
            (void)command_say(_("too many conditions"), NULL); /* usage */
            return false;
        }
        if (take_derived(w, w->wish->filters[i], f)) {
            w->filter_count++;
            continue;
        }
        if (!field_words_take(w->seat, w->wish->kind, w->wish->filters[i], &f->field, &f->value, status) ||
            !is_possible(w->wish->kind, f, status))
            return false;
        w->filter_count++;
    }
    return true;
}

static bool wanted(const struct walk *w, const struct show_record *row)
{
    const char *state = kind_state_of(w->wish->kind, row->message);
    if (w->state && (!state || strcmp(state, w->state) != 0))
        return false;
    if (w->shown_state && !cell_equal(show_value(row, "state"), cell_text(w->shown_state)))
        return false;
    for (size_t i = 0; i < w->filter_count; i++)
        if (!cell_equal(show_value(row, w->filters[i].field->name), w->filters[i].value))
            return false;
    return true;
}

static bool on_row(void *to, const struct replica_row *row)
{
    struct walk *w = to;
    struct show_record record = record_of(w->seat, w->wish->kind, row);
    if (w->wish->kind->gone && w->wish->kind->gone(row->message)) {
        w->gone++;
        return true;
    }
    if (w->derive) {
        arena_reset(&w->arena);
        w->failed = derive_row(w->derive, row, &w->arena, &record.derived, &record.derived_count);
    }
    if (w->failed == ERR_OK && wanted(w, &record))
        w->each(w->to, &record);
    return w->failed == ERR_OK;
}

/* ---- the state ---- */

/* By name or label, as a step is; NULL and said. */
static const char *find_state(const struct kind *k, const char *word)
{
    struct word_choices states;
    struct buf said = BUF_INIT, next = BUF_INIT;
    word_choices_of_states(k, &states);
    size_t found = word_choice_find(&states, word);
    if (found != WORD_CHOICE_NONE)
        return k->states[found].name;
    buf_format(&said, _("%s has no state %s"), label_in(k->label, command_language()), word);
    word_choice_near(&states, word, command_language(), &said);
    word_choice_all(&states, _("States"), command_language(), &next);
    (void)command_say(buf_c_string(&said), buf_c_string(&next)); /* usage */
    buf_finish(&said);
    buf_finish(&next);
    return NULL;
}

/* A state that is computed (kind.derived), by name or label; NULL: none of those. */
static const char *find_shown_state(const struct walk *w, const char *word)
{
    const struct field_rule *f = word ? show_fields_find(&w->fields, "state") : NULL;
    const struct code *code = NULL;
    for (size_t i = 0; f && i < w->wish->kind->derived_count; i++)
        if (strcmp(w->wish->kind->derived[i].name, "state") == 0)
            code = code_match(f->codes, word);
    return code ? code->name : NULL;
}

static bool list_rows(struct walk *w, int64_t *age_ms, int *status)
{
    struct seat *s = w->seat;
    const struct kind *k = w->wish->kind;
    enum err e = k->derived_count ? derive_open(s->replica, s->now_ms, &w->derive) : ERR_OK;
    struct slice ids;
    if (e == ERR_OK && s->branch) {
        if (!branch_rows_ask(s, k, &ids, age_ms, status))
            return false;
        if (w->wish->names && *age_ms < 0)
            branch_rows_ask_named(s, k);
        branch_rows_each(s, k, on_row, w);
    } else if (e == ERR_OK) {
        e = replica_scan(s->replica, k->number, s->now_ms, on_row, w);
    }
    e = e == ERR_OK ? w->failed : e;
    if (e != ERR_OK)
        *status = command_failed(s, e, k->name);
    return e == ERR_OK;
}

/* Rule 29: not counted any more, and no line of a roster. */
static void say_gone(const struct kind *k, size_t count)
{
    struct buf said = BUF_INIT;
    buf_format(&said, _("not listed: %zu %s whose data were erased by law (what stays of one: banyan show %s ID)"), count,
               label_in(k->label, command_language()), k->name);
    command_note(buf_c_string(&said));
    buf_finish(&said);
}

bool row_list(struct seat *s, const struct row_wish *wish, row_list_each *each, void *to, int64_t *age_ms, int *status)
{
    struct walk w = {.seat = s, .wish = wish, .each = each, .to = to};
    *age_ms = -1;
    show_fields_of(wish->kind, &w.fields);
    w.shown_state = find_shown_state(&w, wish->state);
    w.state = wish->state && !w.shown_state ? find_state(wish->kind, wish->state) : NULL;
    if (wish->state && !w.state && !w.shown_state) {
        *status = EXIT_USAGE;
        return false;
    }
    if (!take_filters(&w, status))
        return false;
    arena_init(&w.arena, LIMIT_ARENA);
    bool listed = list_rows(&w, age_ms, status);
    derive_close(w.derive);
    arena_finish(&w.arena);
    if (listed && w.gone)
        say_gone(wish->kind, w.gone);
    return listed;
}
