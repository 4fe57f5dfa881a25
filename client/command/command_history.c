/* banyan history: who changed what in a record and when. Asks the server; offline it tells what this device holds. */
#include "client/command/record_find.h"
#include "show/board.h"
#include "sync/chain.h"
#include "sync/effect.h"
#include "base/limits.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

static const struct option_spec options[] = {
    DATA_OPTION,
    {"branch", OPTION_VALUE, "CODE", N_("a record of a branch below")},
    {"json", OPTION_FLAG, NULL, N_("as JSON")},
    END_OPTION,
};

struct timeline {
    struct seat *seat;
    const struct kind *kind;
    struct id id;
    ProtobufCMessage *now;   /* the record as it was before the next entry */
    enum access access;
    json_t *list;
    bool complete;
    bool asked;              /* the server answered */
    bool words;              /* the list is for people: values as words, times of the clock on the wall */
};

/* A value as it is shown in a list; "" if there is none. */
static json_t *value_words(struct timeline *t, const struct field_rule *f, const ProtobufCMessage *message)
{
    struct show_record record = {.kind = t->kind, .id = t->id, .message = message, .access = t->access};
    struct buf text = BUF_INIT;
    if (message)
        show_field(&record, f, command_language(), VALUE_MASKED, seat_name, t->seat, &text);
    json_t *words = json_string(buf_c_string(&text));
    buf_finish(&text);
    return words;
}

/* What differs between two versions, by field. */
static json_t *changed_json(struct timeline *t, const ProtobufCMessage *before, const ProtobufCMessage *after)
{
    json_t *o = json_object();
    for (size_t i = 0; i < t->kind->field_count; i++) {
        const struct field_rule *f = &t->kind->fields[i];
        struct cell a = before ? record_get_name(before, f->name) : (struct cell){.type = CELL_ABSENT};
        struct cell b = after ? record_get_name(after, f->name) : (struct cell){.type = CELL_ABSENT};
        bool hidden = t->access != ACCESS_FULL && (f->flags & FIELD_SENSITIVE);
        if (!hidden && !cell_equal(a, b))
            json_object_set_new(o, f->name, t->words ? json_pack("[o, o]", value_words(t, f, before), value_words(t, f, after))
                                                     : json_pack("[o, o]", show_cell_json(f, a), show_cell_json(f, b)));
    }
    return o;
}

static const char *action_of(struct slice change_bytes, struct arena *arena)
{
    struct change c;
    if (!change_bytes.size || change_open(change_bytes, arena, &c) != ERR_OK)
        return NULL;
    return c.op == OP_ACT ? c.action : c.op == OP_REMOVE ? "remove" : NULL;
}

static json_t *time_words(int64_t ms)
{
    struct buf text = BUF_INIT;
    show_moment(ms, &text);
    json_t *words = json_string(buf_c_string(&text));
    buf_finish(&text);
    return words;
}

static void add_line(struct timeline *t, uint64_t seq, int64_t at_ms, uint32_t seat, uint32_t for_seat, const char *action,
                     ProtobufCMessage *after)
{
    json_t *line = json_pack("{s:I, s:o, s:I, s:s?, s:o}", "seq", (json_int_t)seq, "at",
                             t->words ? time_words(at_ms) : show_time_json(at_ms), "seat", (json_int_t)seat, "person", replica_person(t->seat->replica, seat, &t->seat->arena), "changed", changed_json(t, t->now, after));
    if (for_seat) {
        json_object_set_new(line, "for_seat", json_integer(for_seat));
        json_object_set_new(line, "for_person", json_pack("s?", replica_person(t->seat->replica, for_seat, &t->seat->arena)));
    }
    if (action)
        json_object_set_new(line, "action", json_string(action));
    json_array_append_new(t->list, line);
    t->now = after;
}

static void add_entry(struct timeline *t, const struct entry *e)
{
    struct effects effects;
    ProtobufCMessage *after = t->now;
    if (e->verdict == VERDICT_REFUSED || e->verdict == VERDICT_SAME || effects_open(e->effects, &t->seat->arena, &effects) != ERR_OK)
        return;
    bool touched = false;
    for (size_t i = 0; i < effects.count; i++)
        if (effects.list[i].kind_number == t->kind->number && id_equal(effects.list[i].id, t->id)) {
            after = effect_over(&effects.list[i], after, &t->seat->arena);
            touched = true;
        }
    if (touched)
        add_line(t, e->seq, e->received_ms, e->identity.seat, change_for_seat(e->change), action_of(e->change, &t->seat->arena), after);
}

static bool on_held(void *to, uint32_t org, const struct entry *entry, const struct change *pending)
{
    struct timeline *t = to;
    (void)org;
    if (entry)
        add_entry(t, entry);
    if (!pending)
        return true;
    ProtobufCMessage *after = t->now ? record_copy(t->now, &t->seat->arena) : record_new(t->kind->descriptor, &t->seat->arena);
    if (pending->op == OP_REMOVE)
        after = NULL;
    else if (after && pending->patch)
        record_overlay(after, pending->patch, pending->cleared, pending->cleared_count, &t->seat->arena);
    if (after && pending->action)
        record_put_name(after, "state", cell_text(pending->action), &t->seat->arena);
    add_line(t, 0, pending->made_ms, t->seat->facts.seat, pending->for_seat, pending->action, after);
    return true;
}

static void on_history(void *to, enum frame_type type, const ProtobufCMessage *message)
{
    struct timeline *t = to;
    if (type != FRAME_HISTORY)
        return;
    const Wire__History *h = (const Wire__History *)message;
    t->asked = replica_meet(t->seat->replica, (const Wire__Author *const *)h->author, h->n_author) == ERR_OK;
    for (size_t i = 0; i < h->n_entry; i++) {
        struct entry entry;
        if (entry_open(h->entry[i], &t->seat->arena, &entry) == ERR_OK) {
            /* The message dies with the call: its bytes are copied into the command's arena. */
            entry.effects = arena_copy(&t->seat->arena, entry.effects);
            entry.change = arena_copy(&t->seat->arena, entry.change);
            add_entry(t, &entry);
        }
    }
}

static bool on_pending(void *to, uint32_t org, const struct entry *entry, const struct change *pending)
{
    return entry ? true : on_held(to, org, NULL, pending);
}

static enum err collect(struct timeline *t, const struct replica_row *row)
{
    struct agent_result result = {0};
    struct agent_options ask_options = {.deadline_ms = 10000};
    bool complete;
    Wire__HistoryAsk ask = WIRE__HISTORY_ASK__INIT;
    ask.has_org = ask.has_kind = ask.has_id = 1;
    ask.org = row->org;
    ask.kind = t->kind->number;
    ask.id = (ProtobufCBinaryData){ID_SIZE, t->id.bytes};
    if (row->seq)
        agent_ask(t->seat->replica, FRAME_HISTORY_ASK, &ask.base, &ask_options, on_history, t, &result);
    agent_result_finish(&result);
    if (t->asked) {
        t->complete = true;
        return replica_history(t->seat->replica, t->kind->number, t->id, t->seat->now_ms, on_pending, t, &complete);
    }
    return replica_history(t->seat->replica, t->kind->number, t->id, t->seat->now_ms, on_held, t, &t->complete);
}

/* ---- printing ---- */

static void print_change(struct timeline *t, const char *field, const json_t *pair, struct buf *out)
{
    const struct field_rule *f = kind_field(t->kind, field);
    const char *before = json_string_value(json_array_get(pair, 0)), *after = json_string_value(json_array_get(pair, 1));
    buf_format(out, "    %s: ", label_in(f->label, command_language()));
    if (*before)
        buf_format(out, "%s -> ", before);
    buf_format(out, "%s\n", *after ? after : _("(empty)"));
}

static const char *action_words(const struct timeline *t, const char *action)
{
    const struct action_rule *rule = kind_action(t->kind, action);
    return rule ? label_in(rule->label, command_language()) : strcmp(action, "remove") == 0 ? _("removed") : action;
}

/* Whose change it is, where somebody else handed it in. */
static void print_for(const json_t *line, struct buf *out)
{
    const char *person = json_string_value(json_object_get(line, "for_person"));
    json_int_t seat = json_integer_value(json_object_get(line, "for_seat"));
    struct buf name = BUF_INIT;
    if (!seat)
        return;
    if (person)
        buf_text(&name, person);
    else
        buf_format(&name, _("seat %lld"), (long long)seat);
    buf_byte(out, ' ');
    buf_format(out, _("(for %s)"), buf_c_string(&name));
    buf_finish(&name);
}

static void print_line(struct timeline *t, json_t *line, struct buf *out)
{
    const char *at = json_string_value(json_object_get(line, "at")), *person = json_string_value(json_object_get(line, "person"));
    const char *action = json_string_value(json_object_get(line, "action")), *field;
    json_t *pair;
    buf_format(out, "%s  ", at);
    if (person)
        buf_text(out, person);
    else
        buf_format(out, _("seat %lld"), (long long)json_integer_value(json_object_get(line, "seat")));
    print_for(line, out);
    if (action)
        buf_format(out, "  %s", action_words(t, action));
    buf_format(out, "%s\n", json_integer_value(json_object_get(line, "seq")) == 0 ? _("  (waits to be sent)") : "");
    json_object_foreach(json_object_get(line, "changed"), field, pair)
        print_change(t, field, pair, out);
}

static void print(struct timeline *t, bool json, struct buf *out)
{
    if (json) {
        if (!t->complete) {
            /* The shape is an array; that older lines are missing is told on stderr and in every line. */
            for (size_t i = 0; i < json_array_size(t->list); i++)
                json_object_set_new(json_array_get(t->list, i), "complete", json_false());
        }
        show_json(t->list, out);
        return;
    }
    for (size_t i = 0; i < json_array_size(t->list); i++)
        print_line(t, json_array_get(t->list, i), out);
}

static int history(struct seat *s, const struct kind *k, const struct options *o)
{
    struct timeline t = {.seat = s, .kind = k, .words = !options_get(options, o, "json")};
    struct replica_row row;
    struct buf out = BUF_INIT;
    int status = EXIT_DONE;
    if (!record_find_or_say(s, k, o->arguments[1], &t.id, &status))
        return status;
    enum err e = replica_load(s->replica, k->number, t.id, s->now_ms, &s->arena, &row);
    if (e == ERR_NOT_FOUND) {
        row = (struct replica_row){.org = s->facts.home, .seq = 1}; /* removed: its history is still there */
        e = ERR_OK;
    }
    t.access = kind_access(k, row.message, s->facts.roles);
    t.list = json_array();
    if (e == ERR_OK)
        e = collect(&t, &row);
    if (e != ERR_OK)
        status = command_failed(s, e, o->arguments[1]);
    else
        print(&t, !t.words, &out);
    if (e == ERR_OK && !t.complete)
        command_warn(_("the server cannot be reached: older changes may be missing here"));
    json_decref(t.list);
    command_print(&out);
    return status;
}

static int run(const struct command *c, int argc, char **argv)
{
    static const struct command_form form = {.least = 2, .most = 2, .problem = N_("a kind and an id are needed"), .first = COMMAND_FIRST_KIND};
    return command_with_seat(c, argc, argv, &form, history);
}

const struct command command_history = {"history", "KIND ID [--branch CODE] [--json]", N_("who changed a record, what and when"), options, run};
