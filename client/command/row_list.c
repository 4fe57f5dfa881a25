/* Rows from this device or from the server; see row_list.h. Invariant: rows are shown as this device has them, so that
 * what waits here is on top of what a server answered. */
#include "client/command/row_list.h"
#include "base/text.h"
#include "client/command/branch_rows.h"
#include "client/command/field_words.h"

#include <string.h>

#define FILTERS_MAX 16

struct filter {
    const struct field_rule *field;
    struct cell value;
};
struct walk {
    struct seat *seat;
    const struct row_wish *wish;
    const char *state; /* NULL: any */
    struct filter filters[FILTERS_MAX];
    size_t filter_count;
    row_list_each *each;
    void *to;
};

struct show_record row_list_record(struct seat *s, const struct kind *k, const struct replica_row *row)
{
    return (struct show_record){.kind = k,
                                .id = row->id,
                                .seq = row->seq,
                                .sync = replica_sync_name(row->sync),
                                .message = row->message,
                                .access = kind_access(k, row->message, s->facts.roles)};
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

static bool take_filters(struct walk *w, int *status)
{
    for (int i = 0; i < w->wish->filter_count; i++) {
        struct filter *f = &w->filters[w->filter_count];
        if (w->filter_count == FILTERS_MAX) {
            *status = EXIT_USAGE;
            (void)command_say(_("too many conditions"), NULL); /* usage */
            return false;
        }
        if (!field_words_take(w->seat, w->wish->kind, w->wish->filters[i], &f->field, &f->value, status) ||
            !is_possible(w->wish->kind, f, status))
            return false;
        w->filter_count++;
    }
    return true;
}

static bool wanted(const struct walk *w, const struct replica_row *row)
{
    const char *state = kind_state_of(w->wish->kind, row->message);
    if (w->state && (!state || strcmp(state, w->state) != 0))
        return false;
    for (size_t i = 0; i < w->filter_count; i++)
        if (!cell_equal(record_get_name(row->message, w->filters[i].field->name), w->filters[i].value))
            return false;
    return true;
}

static bool on_row(void *to, const struct replica_row *row)
{
    struct walk *w = to;
    if (wanted(w, row)) {
        struct show_record record = row_list_record(w->seat, w->wish->kind, row);
        w->each(w->to, &record);
    }
    return true;
}

/* ---- the state ---- */

/* By name or label, as a step is. */
static const char *find_state(const struct kind *k, const char *word)
{
    for (size_t i = 0; i < k->state_count; i++)
        if (strcmp(k->states[i].name, word) == 0 || strcmp(k->states[i].label.zh, word) == 0)
            return k->states[i].name;
    return NULL;
}

static void say_state(const struct kind *k, const char *word)
{
    const char *names[64];
    struct buf said = BUF_INIT, next = BUF_INIT;
    size_t count = 0;
    for (; count < k->state_count && count < 63; count++)
        names[count] = k->states[count].name;
    names[count] = NULL;
    const char *near = text_nearest(word, names);
    if (near)
        buf_format(&said, _("%s has no state %s; did you mean %s?"), k->name, word, near);
    else
        buf_format(&said, _("%s has no state %s"), k->name, word);
    buf_format(&next, "%s:", _("States"));
    for (size_t i = 0; i < k->state_count; i++)
        buf_format(&next, " %s (%s)", k->states[i].name, label_in(k->states[i].label, command_language()));
    (void)command_say(buf_c_string(&said), buf_c_string(&next)); /* usage */
    buf_finish(&said);
    buf_finish(&next);
}

bool row_list(struct seat *s, const struct row_wish *wish, row_list_each *each, void *to, int64_t *age_ms, int *status)
{
    struct walk w = {.seat = s, .wish = wish, .each = each, .to = to};
    *age_ms = -1;
    w.state = wish->state ? find_state(wish->kind, wish->state) : NULL;
    if (wish->state && !w.state) {
        say_state(wish->kind, wish->state);
        *status = EXIT_USAGE;
        return false;
    }
    if (!take_filters(&w, status))
        return false;
    if (s->branch) {
        struct slice ids;
        if (!branch_rows_ask(s, wish->kind, &ids, age_ms, status))
            return false;
        branch_rows_each(s, wish->kind, on_row, &w);
        return true;
    }
    enum err e = replica_scan(s->replica, wish->kind->number, s->now_ms, on_row, &w);
    if (e == ERR_OK)
        return true;
    *status = command_failed(s, e, wish->kind->name);
    return false;
}
