/* Rows from this device or from the server; see row_list.h. Invariant: rows are shown as this device has them, so that
 * what waits here is on top of what a server answered. */
#include "client/command/row_list.h"
#include "base/limits.h"
#include "base/text.h"
#include "client/command/field_words.h"
#include "wire/wire.h"

#include <stdlib.h>
#include <string.h>

#define FILTERS_MAX 16
#define ASK_MS 20000 /* for the server's answer, connecting included */

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

static bool take_filters(struct walk *w, int *status)
{
    for (int i = 0; i < w->wish->filter_count; i++) {
        const char *word = w->wish->filters[i], *equals = strchr(word, '=');
        if (!equals || w->filter_count == FILTERS_MAX) {
            *status = EXIT_USAGE;
            (void)command_say(equals ? _("too many conditions") : _("a condition is written FIELD=VALUE"),
                              NULL); /* usage */
            return false;
        }
        struct filter *f = &w->filters[w->filter_count];
        f->field = field_words_field(w->wish->kind, word, (size_t)(equals - word), status);
        if (!f->field)
            return false;
        enum err e = field_words_value(w->seat, f->field, equals + 1, &f->value);
        if (e != ERR_OK) {
            struct buf said = BUF_INIT;
            buf_format(&said, _("%s is no value of %s"), equals + 1, label_in(f->field->label, command_language()));
            *status = command_say(buf_c_string(&said), NULL);
            buf_finish(&said);
            return false;
        }
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

/* ---- from the server ---- */

/* Ids of the rows that were answered, as they came: what a later, offline list shows again. */
struct fetched {
    struct seat *seat;
    struct buf ids;
    enum err failed;
};

static void on_rows(void *to, enum frame_type type, const ProtobufCMessage *message)
{
    struct fetched *f = to;
    if (type != FRAME_ROWS || f->failed != ERR_OK)
        return;
    const Wire__Rows *rows = (const Wire__Rows *)message;
    f->failed = replica_see(f->seat->replica, rows, f->seat->now_ms);
    for (size_t i = 0; i < rows->n_row; i++)
        if (rows->row[i]->id.len == ID_SIZE)
            buf_append(&f->ids, rows->row[i]->id.data, ID_SIZE);
}

static void show_fetched(struct walk *w, struct slice ids)
{
    struct arena arena;
    arena_init(&arena, LIMIT_ARENA);
    for (size_t at = 0; at + ID_SIZE <= ids.size; at += ID_SIZE) {
        struct replica_row row;
        if (replica_load(w->seat->replica, w->wish->kind->number, id_from(slice_of(ids.data + at, ID_SIZE)),
                         w->seat->now_ms, &arena, &row) == ERR_OK)
            (void)on_row(w, &row); /* every row is shown */
        arena_reset(&arena);
    }
    arena_finish(&arena);
}

static void name_answer(struct buf *key, const struct row_wish *wish)
{
    buf_format(key, "list %s %s", wish->kind->name, wish->branch);
}

/* What was answered last, where the server cannot be reached. */
static bool from_kept(struct walk *w, const char *key, int64_t *age_ms)
{
    struct slice kept;
    int64_t at;
    if (replica_get_answer(w->seat->replica, key, w->seat->now_ms, &w->seat->arena, &kept, &at) != ERR_OK)
        return false;
    *age_ms = w->seat->now_ms - at;
    show_fetched(w, kept);
    return true;
}

static bool from_server(struct walk *w, int64_t *age_ms, int *status)
{
    struct fetched fetched = {.seat = w->seat};
    struct agent_result result = {0};
    struct agent_options options = {.deadline_ms = ASK_MS};
    struct buf key = BUF_INIT;
    bool shown = false;
    Wire__RowsAsk ask = WIRE__ROWS_ASK__INIT;
    ask.org_code = (char *)w->wish->branch;
    ask.has_kind = 1;
    ask.kind = w->wish->kind->number;
    name_answer(&key, w->wish);
    agent_ask(w->seat->replica, FRAME_ROWS_ASK, &ask.base, &options, on_rows, &fetched, &result);
    enum err e = fetched.failed;
    if (result.why == ERR_OK && e == ERR_OK) {
        e = replica_put_answer(w->seat->replica, buf_c_string(&key), buf_slice(&fetched.ids), w->seat->now_ms);
        shown = e == ERR_OK;
        if (shown)
            show_fetched(w, buf_slice(&fetched.ids));
    } else if (err_class(result.why) == ERR_CLASS_LATER) {
        shown = from_kept(w, buf_c_string(&key), age_ms);
    }
    if (!shown) {
        if (result.why != ERR_OK)
            (void)command_contact(&result); /* said; its status 3 is sync's alone */
        else
            (void)command_failed(w->seat, e, w->wish->kind->name); /* said */
        *status = EXIT_FAILED;
    }
    agent_result_finish(&result);
    buf_finish(&fetched.ids);
    buf_finish(&key);
    return shown;
}

static bool is_own(struct seat *s, const char *branch)
{
    struct replica_org org;
    return replica_org_by_code(s->replica, branch, &s->arena, &org) == ERR_OK && org.held;
}

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
    if (wish->branch && !is_own(s, wish->branch))
        return from_server(&w, age_ms, status);
    enum err e = replica_scan(s->replica, wish->kind->number, s->now_ms, on_row, &w);
    if (e == ERR_OK)
        return true;
    *status = command_failed(s, e, wish->kind->name);
    return false;
}

bool row_list_fetch(struct seat *s, const struct kind *k, const char *branch, const char *word, int *status)
{
    struct fetched fetched = {.seat = s};
    struct agent_result result = {0};
    struct agent_options options = {.deadline_ms = ASK_MS};
    struct id id;
    unsigned bits;
    Wire__RowsAsk ask = WIRE__ROWS_ASK__INIT;
    if (id_parse_prefix(word, &id, &bits) != ERR_OK)
        return true; /* no id: the search on this device says so */
    ask.org_code = (char *)branch;
    ask.has_kind = ask.has_id = ask.has_id_bits = 1;
    ask.kind = k->number;
    ask.id = (ProtobufCBinaryData){ID_SIZE, id.bytes};
    ask.id_bits = bits;
    agent_ask(s->replica, FRAME_ROWS_ASK, &ask.base, &options, on_rows, &fetched, &result);
    bool good =
        result.why == ERR_OK || err_class(result.why) == ERR_CLASS_LATER; /* offline: what was seen last will do */
    if (result.why != ERR_OK && good)
        command_warn(_("the server cannot be reached; this is what it answered last"));
    if (good)
        agent_result_finish(&result);
    else
        *status = command_contact(&result) == EXIT_DONE ? EXIT_DONE : EXIT_FAILED; /* status 3 is sync's alone */
    buf_finish(&fetched.ids);
    return good;
}
