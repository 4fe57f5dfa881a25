/* See record_find.h. */
#include "client/command/record_find.h"
#include "base/text.h"
#include "client/command/branch_rows.h"

#include <string.h>

#define FOUND_MAX 16

struct value_search {
    const char *field;
    struct cell value;
    struct id found[FOUND_MAX];
    size_t count;
};

static bool has_value(void *to, const struct replica_row *row)
{
    struct value_search *v = to;
    if (cell_equal(record_get_name(row->message, v->field), v->value))
        v->found[v->count++] = row->id;
    return v->count < FOUND_MAX;
}

static enum err find_value(struct seat *s, const struct kind *k, struct value_search *v)
{
    if (!branch_rows_apply(s, k))
        return replica_find_value(s->replica, k->number, v->field, v->value, s->now_ms, v->found, FOUND_MAX, &v->count);
    branch_rows_each(s, k, has_value, v);
    return ERR_OK;
}

/* ---- who has left ---- */

bool record_find_has_left(const struct kind *k, const ProtobufCMessage *row)
{
    const char *now = strcmp(k->name, "member") == 0 ? kind_state_of(k, row) : NULL;
    const struct state_rule *state = now ? kind_state(k, now) : NULL;
    return state && (state->flags & STATE_END);
}

/* Where as many fit as are looked for there may be more of them: it stays as it is. */
static enum err leave_out_who_left(struct seat *s, const struct kind *k, struct value_search *v)
{
    struct id here[FOUND_MAX];
    size_t count = 0;
    for (size_t i = 0; i < v->count; i++) {
        struct replica_row row;
        enum err e = replica_load(s->replica, k->number, v->found[i], s->now_ms, &s->arena, &row);
        if (e != ERR_OK)
            return e;
        if (!record_find_has_left(k, row.message))
            here[count++] = v->found[i];
    }
    if (count && v->count < FOUND_MAX) {
        memcpy(v->found, here, count * sizeof *here);
        v->count = count;
    }
    return ERR_OK;
}

/* ---- by what people call it ---- */

static bool has_name(const char *const *names, const char *name)
{
    for (; names && *names; names++)
        if (strcmp(*names, name) == 0)
            return true;
    return false;
}

bool record_find_is_naming(const struct kind *k, const struct field_rule *f)
{
    return has_name(k->naming, f->name);
}

static bool calls(const struct kind *k, const struct field_rule *f)
{
    bool period = strcmp(f->name, "period") == 0; /* there is one plan of a term, most of the time */
    return !f->reference && (period || has_name(k->naming, f->name) || has_name(k->identity, f->name) || (f->flags & FIELD_SERVER));
}

static enum err find_called(struct seat *s, const struct kind *k, const char *word, struct id *out)
{
    enum err answer = ERR_NOT_FOUND;
    for (size_t i = 0; i < k->field_count; i++) {
        const struct field_rule *f = &k->fields[i];
        struct value_search v = {.field = f->name};
        if (!calls(k, f) || value_parse(f, word, &s->arena, &v.value) != ERR_OK || v.value.type == CELL_ABSENT)
            continue;
        enum err e = find_value(s, k, &v);
        if (v.count > 1 && e == ERR_OK)
            e = leave_out_who_left(s, k, &v);
        if (e != ERR_OK && e != ERR_NOT_FOUND)
            return e;
        if (v.count > 1)
            answer = ERR_AMBIGUOUS;
        if (v.count == 1) {
            *out = v.found[0];
            return ERR_OK;
        }
    }
    return answer;
}

static enum err find_prefix(struct seat *s, const struct kind *k, const char *word, struct id *out)
{
    struct slice ids = branch_rows_asked(s, k);
    struct id prefix, id;
    unsigned bits;
    size_t count = 0;
    uint32_t kind;
    if (!branch_rows_apply(s, k) || id_parse(word, &id) == ERR_OK)
        return replica_find(s->replica, k->number, word, out, &kind);
    if (id_parse_prefix(word, &prefix, &bits) != ERR_OK)
        return ERR_NOT_FOUND;
    for (size_t at = 0; at + ID_SIZE <= ids.size; at += ID_SIZE)
        if (id_has_prefix(id_from(slice_of(ids.data + at, ID_SIZE)), prefix, bits) && count++ == 0)
            id = id_from(slice_of(ids.data + at, ID_SIZE));
    if (count == 1)
        *out = id;
    return count == 1 ? ERR_OK : count ? ERR_AMBIGUOUS : ERR_NOT_FOUND;
}

enum err record_find(struct seat *s, const struct kind *k, const char *word, struct id *out)
{
    enum err e = id_parse(word, out) == ERR_OK ? ERR_NOT_FOUND : find_called(s, k, word, out);
    if (e != ERR_NOT_FOUND)
        return e;
    e = find_prefix(s, k, word, out);
    return e == ERR_VALUE ? ERR_NOT_FOUND : e;
}

bool record_find_ready(struct seat *s, const struct kind *k, int *status)
{
    struct slice ids;
    int64_t age_ms;
    bool before = branch_rows_asked(s, k).size > 0;
    if (!branch_rows_apply(s, k))
        return true;
    if (!branch_rows_ask(s, k, &ids, &age_ms, status))
        return false;
    if (age_ms >= 0 && !before)
        command_warn(_("the server cannot be reached; this is what it answered last"));
    return true;
}

/* ---- the nearest ---- */

struct names {
    struct seat *seat;
    const struct kind *kind;
    struct buf list; /* of const char * */
};

static bool add_names(void *to, const struct replica_row *row)
{
    struct names *n = to;
    for (const char *const *field = n->kind->naming; field && *field; field++) {
        struct cell value = record_get_name(row->message, *field);
        const char *name = value.type == CELL_TEXT ? arena_text(&n->seat->arena, value.bytes) : NULL;
        if (name)
            buf_append(&n->list, &name, sizeof name);
    }
    return true;
}

const char *record_find_near(struct seat *s, const struct kind *k, const char *word)
{
    struct names n = {.seat = s, .kind = k};
    static const char *const end = NULL;
    enum err e = ERR_OK;
    if (branch_rows_apply(s, k))
        branch_rows_each(s, k, add_names, &n);
    else
        e = replica_scan(s->replica, k->number, s->now_ms, add_names, &n);
    buf_append(&n.list, &end, sizeof end);
    const char *const *names = (const char *const *)(const void *)n.list.data;
    const char *near = e == ERR_OK ? text_nearest(word, names) : NULL;
    for (; e == ERR_OK && !near && *word && *names; names++)
        near = strstr(*names, word) ? *names : NULL;
    buf_finish(&n.list);
    return near;
}

/* ---- for commands ---- */

static void nothing_called(struct seat *s, const struct kind *k, const char *word, struct buf *said)
{
    const char *label = label_in(k->label, command_language()), *near = record_find_near(s, k, word);
    if (s->branch)
        buf_format(said, _("there is no %s with the id, number or name %s in branch %s"), label, word, s->branch);
    else
        buf_format(said, _("there is no %s with the id, number or name %s on this device"), label, word);
    if (near)
        buf_format(said, _("; did you mean %s?"), near);
}

static void where_to_look(struct seat *s, const struct kind *k, struct buf *next)
{
    if (branch_rows_apply(s, k))
        buf_format(next, _("see: banyan list %s --branch %s"), k->name, s->branch);
    else if ((s->facts.roles & ROLES_DISTRICT) && k->owner == OWNER_BRANCH)
        buf_format(next, _("records of a branch: add --branch CODE; see: banyan list %s --branch CODE"), k->name);
    else
        buf_format(next, _("see: banyan list %s"), k->name);
}

static int say_not_found(struct seat *s, const struct kind *k, const char *word, enum err e)
{
    struct buf said = BUF_INIT, next = BUF_INIT;
    int status;
    if (e == ERR_NOT_FOUND)
        nothing_called(s, k, word, &said);
    else if (e == ERR_AMBIGUOUS)
        buf_format(&said, _("more than one %s is meant by %s; give its number, or more of its id"), label_in(k->label, command_language()), word);
    where_to_look(s, k, &next);
    if (said.size)
        status = command_say(buf_c_string(&said), buf_c_string(&next));
    else
        status = command_failed(s, e, word);
    buf_finish(&said);
    buf_finish(&next);
    return status;
}

bool record_find_or_say(struct seat *s, const struct kind *k, const char *word, struct id *out, int *status)
{
    struct id id;
    bool one = branch_rows_apply(s, k) && id_parse(word, &id) == ERR_OK;
    if (!(one ? branch_rows_ask_one(s, k, id, status) : record_find_ready(s, k, status)))
        return false;
    enum err e = record_find(s, k, word, out);
    if (e != ERR_OK)
        *status = say_not_found(s, k, word, e);
    return e == ERR_OK;
}
