/* See number_words.h. */
#include "client/command/number_words.h"
#include "base/limits.h"
#include "show/board.h"

#include <jansson.h>
#include <string.h>

static const char *field_label(const struct kind *k, const char *name)
{
    const struct field_rule *f = k ? kind_field(k, name) : NULL;
    return f ? label_in(f->label, command_language()) : name;
}

/* A receipt has no name but its number: whose it is, and for when. */
static void whose(struct seat *s, const struct kind *k, const ProtobufCMessage *row, struct buf *out)
{
    size_t before = out->size;
    for (size_t i = 0; i < k->field_count && out->size == before; i++) {
        struct cell value = record_get_name(row, k->fields[i].name);
        if (k->fields[i].type == FIELD_REFERENCE && value.type == CELL_BYTES && value.bytes.size == ID_SIZE)
            seat_name(s, k->fields[i].reference, id_from(value.bytes), out);
    }
    struct cell period = record_get_name(row, "period");
    if (period.type == CELL_TEXT)
        buf_format(out, "%s%.*s", out->size > before ? " " : "", (int)period.bytes.size, (const char *)period.bytes.data);
}

void number_record(struct seat *s, const struct replica_number *x, struct buf *out)
{
    const struct kind *k = kind_by_number(x->kind);
    struct replica_row row;
    struct arena arena;
    arena_init(&arena, LIMIT_ARENA);
    buf_format(out, "%s ", k ? label_in(k->label, command_language()) : "?");
    if (k && k->naming && k->naming[0] && strcmp(k->naming[0], x->field) != 0)
        seat_name(s, x->kind, x->id, out);
    else if (k && replica_load(s->replica, x->kind, x->id, s->now_ms, &arena, &row) == ERR_OK)
        whose(s, k, row.message, out);
    arena_finish(&arena);
}

void number_sentence(struct seat *s, const struct replica_number *x, struct buf *out)
{
    const struct kind *k = kind_by_number(x->kind);
    struct buf name = BUF_INIT;
    number_record(s, x, &name);
    buf_format(out, _("%s %s of %s is now %s"), field_label(k, x->field), x->was, buf_c_string(&name), x->now);
    buf_finish(&name);
}

json_t *number_json(const struct replica_number *x)
{
    const struct kind *k = kind_by_number(x->kind);
    char id[ID_TEXT_SIZE];
    id_text(x->id, id);
    return json_pack("{s:s?, s:s, s:s, s:s, s:s, s:b, s:o}", "kind", k ? k->name : NULL, "id", id, "field", x->field, "was", x->was, "now", x->now,
                     "noted", x->noted, "at", show_time_json(x->at_ms));
}

/* ---- told once ---- */

#define LINES_MAX 16 /* of them; the rest is counted */

struct telling {
    struct seat *seat;
    size_t count;
};

static bool tell_one(void *to, const struct replica_number *x)
{
    struct telling *t = to;
    struct buf said = BUF_INIT;
    if (x->told || t->count++ >= LINES_MAX)
        return true;
    number_sentence(t->seat, x, &said);
    command_warn(buf_c_string(&said));
    buf_finish(&said);
    return true;
}

void numbers_tell(struct seat *s)
{
    struct telling t = {.seat = s};
    struct buf more = BUF_INIT;
    if (replica_numbers(s->replica, s->now_ms, tell_one, &t) != ERR_OK || !t.count)
        return; /* status and attention say it as long as it is so */
    if (t.count > LINES_MAX)
        buf_format(&more, _("and %zu more numbers. "), t.count - LINES_MAX);
    buf_text(&more, _("The server was restored, and gave new numbers; what is on paper bears the old ones. Next: banyan numbers"));
    command_warn(buf_c_string(&more));
    buf_finish(&more);
    enum err e = replica_numbers_told(s->replica);
    (void)e; /* told once more, then */
}

/* ---- attention ---- */

struct entries {
    struct seat *seat;
    json_t *list;
    struct buf *text;
    size_t *count;
};

static json_t *entry_json(const struct replica_number *x, const char *said)
{
    const struct kind *k = kind_by_number(x->kind);
    char id[ID_TEXT_SIZE];
    id_text(x->id, id);
    return json_pack("{s:o, s:s, s:s?, s:s, s:s, s:s, s:s, s:{s:{s:s, s:s}}, s:[s, s], s:o}", "id", json_sprintf("number-%s-%s", x->was, id), "type",
                     "renumbered", "kind", k ? k->name : NULL, "record", id, "code", "RENUMBERED", "field", x->field, "text", said, "fields",
                     x->field, "was", x->was, "now", x->now, "next", "banyan numbers", "banyan numbers --noted", "at", show_time_json(x->at_ms));
}

static bool add_entry(void *to, const struct replica_number *x)
{
    struct entries *a = to;
    struct buf said = BUF_INIT;
    if (x->noted)
        return true;
    number_sentence(a->seat, x, &said);
    if (a->list)
        json_array_append_new(a->list, entry_json(x, buf_c_string(&said)));
    else
        buf_format(a->text, _("%s (the server was restored)\n  see: banyan numbers\n\n"), buf_c_string(&said));
    buf_finish(&said);
    ++*a->count;
    return true;
}

enum err numbers_attention(struct seat *s, json_t *list, struct buf *out, size_t *count)
{
    struct entries a = {s, list, out, count};
    return replica_numbers(s->replica, s->now_ms, add_entry, &a);
}
