/* Checks on the result of a change: the fields' forms, what is required, references, moves' side fields, then the
 * kind's own. Invariant: only what the change touches is judged (a rule that came later never blocks a change of
 * something else), but for what is required. */
#include "base/text.h"
#include "kinds/rules.h"
#include <string.h>

void findings_add(struct findings *f, enum severity s, const char *code, const char *field, const char *a0,
                  const char *a1)
{
    struct finding new = {s, code, field, {a0, a1, NULL}};
    if (f->count < FINDINGS_MAX) {
        f->list[f->count++] = new;
        return;
    }
    /* Full: what blocks must not be lost for warnings. */
    for (size_t i = 0; s == SEVERITY_BLOCK && i < FINDINGS_MAX; i++) {
        if (f->list[i].severity == SEVERITY_WARN) {
            f->list[i] = new;
            return;
        }
    }
}

void check_right(const struct check_context *c, const char *code, const char *field, struct findings *out)
{
    if (!c->late)
        findings_add(out, SEVERITY_BLOCK, code, field, NULL, NULL);
}

const struct finding *findings_block(const struct findings *f)
{
    for (size_t i = 0; i < f->count; i++)
        if (f->list[i].severity == SEVERITY_BLOCK)
            return &f->list[i];
    return NULL;
}

bool check_changed(const struct check_context *c, const char *field)
{
    return !c->before || !cell_equal(record_get_name(c->before, field), record_get_name(c->after, field));
}

bool check_erased(const struct check_context *c, const char *field)
{
    const ProtobufCFieldDescriptor *d = record_field(c->kind->descriptor, field);
    for (size_t i = 0; d && i < c->erased_count; i++)
        if (c->erased[i] == d->id)
            return true;
    return false;
}

bool check_reason_is_old(const struct check_context *c)
{
    return c->before && strcmp(kind_state_of(c->kind, c->before), "returned") != 0 &&
           record_get_name(c->after, "return_reason").type != CELL_ABSENT && !check_changed(c, "return_reason");
}

struct date check_date(const ProtobufCMessage *m, const char *field)
{
    struct date date = {0};
    return check_date_cell(record_get_name(m, field), &date) ? date : (struct date){0};
}

void check_children(const struct check_context *c, uint32_t kind, const char *field, struct cell value, kind_each *each,
                    void *to)
{
    if (c->children)
        c->children(c->related_to, kind, field, value, each, to);
}

/* The form first: a field's own check may rely on it. */
static void check_value(const struct check_context *c, const struct field_rule *f, struct cell value,
                        struct findings *out)
{
    struct findings form = {.count = 0};
    check_form(c, f, value, &form);
    if (form.count == 0 && f->check)
        f->check(c, f->name, value, &form);
    for (size_t i = 0; i < form.count; i++)
        findings_add(out, form.list[i].severity, form.list[i].code, form.list[i].field, form.list[i].argument[0],
                     form.list[i].argument[1]);
}

void kind_check_value(const struct kind *k, const struct field_rule *f, struct cell value, struct findings *out)
{
    struct check_context c = {.kind = k};
    if (value.type == CELL_ABSENT)
        return;
    check_value(&c, f, value, out);
}

/* ---- the result ---- */

static bool is_missing(struct cell value)
{
    return value.type == CELL_ABSENT ||
           (value.type == CELL_TEXT && text_is_clean(value.bytes) && check_is_blank(value.bytes));
}

static void check_reference(const struct check_context *c, const struct field_rule *f, struct cell value,
                            struct findings *out)
{
    if (!c->related || value.bytes.size != ID_SIZE || c->related(c->related_to, f->reference, id_from(value.bytes)))
        return;
    const struct kind *to = kind_by_number(f->reference);
    findings_add(out, SEVERITY_BLOCK, REFUSAL_REFERENCE, f->name, to ? to->name : NULL, NULL);
}

static void check_new_value(const struct check_context *c, const struct field_rule *f, struct cell value,
                            struct findings *out)
{
    size_t before = out->count;
    struct date day;
    check_value(c, f, value, out);
    if ((f->flags & FIELD_PAST) && out->count == before && check_date_cell(value, &day) && date_is_valid(c->today) &&
        date_compare(day, c->today) > 0)
        findings_add(out, SEVERITY_WARN, REFUSAL_FUTURE, f->name, NULL, NULL);
    if (f->type == FIELD_REFERENCE && value.type == CELL_BYTES)
        check_reference(c, f, value, out);
}

/* Rows stand in the order of the message, so that most need no search. NULL: no such field (a test fails on that). */
static const ProtobufCFieldDescriptor *field_of_row(const struct kind *k, size_t row)
{
    const ProtobufCMessageDescriptor *d = k->descriptor;
    if (row < d->n_fields && strcmp(d->fields[row].name, k->fields[row].name) == 0)
        return &d->fields[row];
    return record_field(d, k->fields[row].name);
}

static void check_field(const struct check_context *c, const struct field_rule *f, struct cell before,
                        struct cell value, struct findings *out)
{
    bool was_set = before.type != CELL_ABSENT;
    if ((f->flags & FIELD_REQUIRED) && is_missing(value))
        findings_add(out, SEVERITY_BLOCK, REFUSAL_REQUIRED, f->name, NULL, NULL);
    else if (c->before && cell_equal(before, value))
        return;
    else if ((f->flags & FIELD_IMMUTABLE) && was_set)
        findings_add(out, SEVERITY_BLOCK, REFUSAL_IMMUTABLE_FIELD, f->name, NULL, NULL);
    else if (value.type != CELL_ABSENT)
        check_new_value(c, f, value, out);
}

static void check_side_fields(const struct check_context *c, struct findings *out)
{
    const struct action_rule *a = c->action ? kind_action(c->kind, c->action) : NULL;
    for (size_t i = 0; a && i < ACTION_FIELDS && a->required[i]; i++)
        if (is_missing(record_get_name(c->after, a->required[i])))
            findings_add(out, SEVERITY_BLOCK, REFUSAL_REQUIRED, a->required[i], NULL, NULL);
}

void kind_check_result(const struct check_context *c, struct findings *out)
{
    for (size_t i = 0; i < c->kind->field_count; i++) {
        const ProtobufCFieldDescriptor *d = field_of_row(c->kind, i);
        if (d)
            check_field(c, &c->kind->fields[i], c->before ? record_get(c->before, d) : (struct cell){0},
                        record_get(c->after, d), out);
    }
    check_side_fields(c, out);
    if (c->kind->check)
        c->kind->check(c, out);
}
