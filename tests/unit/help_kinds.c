#include "help_kinds.h"
#include "help_kinds_several.h"
#include "kinds/refusal.h"
#include "show/fields.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

static struct cell parse(const struct field_rule *f, const char *text, struct arena *arena)
{
    struct cell cell;
    if (f->type == FIELD_REFERENCE) {
        struct id *id = arena_alloc(arena, sizeof *id);
        assert_non_null(id);
        assert_int_equal(id_parse(text, id), ERR_OK);
        return cell_bytes(id_slice(id));
    }
    enum err e = value_parse(f, text, arena, &cell);
    if (e)
        fail_msg("%s=%s: %s", f->name, text, err_name(e));
    return cell;
}

ProtobufCMessage *help_record(const struct kind *k, struct arena *arena, const char *const *at)
{
    ProtobufCMessage *m = record_new(k->descriptor, arena);
    assert_non_null(m);
    for (; at && *at; at += 2) {
        const struct field_rule *f = kind_field(k, at[0]);
        if (!f)
            fail_msg("%s has no field %s", k->name, at[0]);
        record_put_name(m, at[0], parse(f, at[1], arena), arena);
    }
    return m;
}

/* ---- the walk ---- */

struct walk {
    const struct kind *kind;
    struct buf *problems;
};

static void __attribute__((format(printf, 2, 3))) problem(const struct walk *w, const char *format, ...)
{
    char line[512];
    va_list list;
    va_start(list, format);
    vsnprintf(line, sizeof line, format, list);
    va_end(list);
    buf_format(w->problems, "%s: %s\n", w->kind->name ? w->kind->name : "?", line);
}

static bool is_empty(const char *text)
{
    return !text || !*text;
}

static bool same(const char *a, const char *b)
{
    return a && b && strcmp(a, b) == 0;
}

static void walk_label(const struct walk *w, struct label l, const char *what, const char *name)
{
    if (is_empty(l.zh) || is_empty(l.en))
        problem(w, "%s %s has no label in both languages", what, name);
}

/* -- fields -- */

static bool type_fits(enum field_type t, ProtobufCType wire)
{
    switch (t) {
    case FIELD_TEXT:
    case FIELD_LONG_TEXT:
    case FIELD_DATE:
    case FIELD_CODE:
        return wire == PROTOBUF_C_TYPE_STRING;
    case FIELD_REFERENCE:
    case FIELD_BYTES:
        return wire == PROTOBUF_C_TYPE_BYTES;
    case FIELD_BOOL:
        return wire == PROTOBUF_C_TYPE_BOOL;
    default:
        return wire == PROTOBUF_C_TYPE_INT64;
    }
}

static void walk_descriptor(const struct walk *w)
{
    const ProtobufCMessageDescriptor *d = w->kind->descriptor;
    for (unsigned i = 0; i < d->n_fields; i++) {
        const ProtobufCFieldDescriptor *f = &d->fields[i];
        if (!kind_field(w->kind, f->name))
            problem(w, "field %s of the message has no row", f->name);
        if (f->label != PROTOBUF_C_LABEL_OPTIONAL || f->default_value)
            problem(w, "field %s is not plainly optional", f->name);
    }
}

static bool column_is(const char *columns, const char *word, size_t size)
{
    for (const char *at = columns; at && *at;) {
        size_t other = strcspn(at, "|");
        if (other == size && memcmp(at, word, size) == 0)
            return true;
        at += other + (at[other] == '|');
    }
    return false;
}

/* A heading must lead to one field alone. */
static void walk_columns(const struct walk *w, size_t index)
{
    const struct field_rule *f = &w->kind->fields[index];
    for (const char *at = f->columns; at && *at;) {
        size_t size = strcspn(at, "|");
        if (size == 0)
            problem(w, "field %s has an empty heading", f->name);
        for (size_t i = 0; i < w->kind->field_count; i++)
            if (i != index && column_is(w->kind->fields[i].columns, at, size))
                problem(w, "heading %.*s leads to %s and %s", (int)size, at, f->name, w->kind->fields[i].name);
        at += size + (at[size] == '|');
    }
}

static void walk_alias(const struct walk *w, const struct code_list *list, const struct code *c, const char *word,
                       size_t size)
{
    char text[128];
    snprintf(text, sizeof text, "%.*s", (int)size, word);
    const struct code *found = code_match(list, text);
    if (found != c)
        problem(w, "%s: \"%s\" of %s finds %s", list->name, text, c->name, found ? found->name : "nothing");
}

static void walk_codes(const struct walk *w, const struct code_list *list)
{
    if (is_empty(list->name) || is_empty(list->standard) || list->count == 0)
        problem(w, "a code list without name, standard or codes");
    for (size_t i = 0; i < list->count; i++) {
        const struct code *c = &list->codes[i];
        walk_label(w, c->label, list->name, c->name);
        if (code_find(list, c->name) != c)
            problem(w, "%s: code %s stands twice", list->name, c->name);
        walk_alias(w, list, c, c->name, strlen(c->name));
        walk_alias(w, list, c, c->label.zh, strlen(c->label.zh));
        for (const char *at = c->aliases; at && *at;) {
            size_t size = strcspn(at, "|");
            walk_alias(w, list, c, at, size);
            at += size + (at[size] == '|');
        }
    }
}

static void walk_field(const struct walk *w, size_t index)
{
    const struct field_rule *f = &w->kind->fields[index];
    const ProtobufCFieldDescriptor *d = record_field(w->kind->descriptor, f->name);
    if (!d)
        problem(w, "row %s has no field in the message", f->name);
    else if (!type_fits(f->type, d->type))
        problem(w, "row %s is of another type than its field", f->name);
    if (kind_field(w->kind, f->name) != f)
        problem(w, "two rows for %s", f->name);
    walk_label(w, f->label, "field", f->name);
    if (!f->rule.zh != !f->rule.en)
        problem(w, "field %s says its form in one language", f->name);
    if (f->type == FIELD_CODE && !f->codes)
        problem(w, "field %s has no codes", f->name);
    if (f->type != FIELD_CODE && f->codes)
        problem(w, "field %s has codes and is none", f->name);
    if ((f->type == FIELD_REFERENCE) != (f->reference != 0) || (f->reference && !kind_by_number(f->reference)))
        problem(w, "field %s refers to no kind", f->name);
    if (f->min > f->max)
        problem(w, "field %s has an empty range", f->name);
    if ((f->flags & FIELD_REQUIRED) && (f->flags & (FIELD_SERVER | FIELD_SIDE)))
        problem(w, "field %s is required but nobody may fill it in", f->name);
    if (f->normalise && f->type != FIELD_TEXT && f->type != FIELD_INTEGER)
        problem(w, "field %s is normalised but neither short text nor integer", f->name);
    if (f->codes)
        walk_codes(w, f->codes);
    walk_columns(w, index);
}

static void walk_names(const struct walk *w, const char *const *names, const char *what)
{
    if (!names) {
        problem(w, "no list of %s fields", what);
        return;
    }
    for (; *names; names++)
        if (!kind_field(w->kind, *names))
            problem(w, "%s names %s, which is no field", what, *names);
}

/* A list shows what is computed too. */
static void walk_columns_shown(const struct walk *w)
{
    struct show_fields fields;
    show_fields_of(w->kind, &fields);
    if (!w->kind->columns)
        problem(w, "no list of %s fields", "columns");
    for (const char *const *name = w->kind->columns; name && *name; name++)
        if (!show_fields_find(&fields, *name))
            problem(w, "%s names %s, which is no field", "columns", *name);
}

/* -- states and actions -- */

static void walk_state_field(const struct walk *w)
{
    const struct kind *k = w->kind;
    const struct field_rule *f = kind_field(k, "state");
    if (k->state_count == 0) {
        if (f || k->action_count)
            problem(w, "a state field or actions, but no states");
        return;
    }
    if (!f || f->type != FIELD_CODE || !f->codes || f->codes->count != k->state_count) {
        problem(w, "the field state does not list the states");
        return;
    }
    for (size_t i = 0; i < k->state_count; i++) {
        const struct code *c = &f->codes->codes[i];
        const struct state_rule *s = &k->states[i];
        if (!same(c->name, s->name) || !same(c->label.zh, s->label.zh) || !same(c->label.en, s->label.en))
            problem(w, "state %s differs from its code %s", s->name, c->name);
    }
}

static bool is_reachable(const struct kind *k, size_t state)
{
    const struct action_rule *a = kind_action(k, k->states[state].name);
    return state == 0 || (k->states[state].flags & STATE_ENTRY) || (a && a->from[0]);
}

static bool list_holds(const char *const *list, size_t size, const char *word)
{
    for (size_t i = 0; i < size && list[i]; i++)
        if (strcmp(list[i], word) == 0)
            return true;
    return false;
}

static void walk_side_field(const struct walk *w, const struct action_rule *a, const char *name)
{
    const struct field_rule *f = kind_field(w->kind, name);
    if (!f)
        problem(w, "action %s takes %s, which is no field", a->name, name);
    else if (strcmp(name, "state") == 0 || (f->flags & (FIELD_SERVER | FIELD_IMMUTABLE)))
        problem(w, "action %s takes %s, which nobody sets", a->name, name);
}

static void walk_action(const struct walk *w, const struct action_rule *a)
{
    if (!kind_state(w->kind, a->name))
        problem(w, "action %s leads to no state", a->name);
    if (kind_action(w->kind, a->name) != a)
        problem(w, "two actions %s", a->name);
    walk_label(w, a->label, "action", a->name);
    for (size_t i = 0; i < 8 && a->from[i]; i++)
        if (!kind_state(w->kind, a->from[i]))
            problem(w, "action %s comes from %s, which is no state", a->name, a->from[i]);
    if (a->from[7])
        problem(w, "action %s: its from-list has no end", a->name);
    for (size_t i = 0; i < ACTION_FIELDS && a->allowed[i]; i++)
        walk_side_field(w, a, a->allowed[i]);
    const struct field_rule *given = a->gives ? kind_field(w->kind, a->gives) : NULL;
    if (a->gives && (!given || !(given->flags & FIELD_SIDE) || !given->codes || !code_find(given->codes, a->name)))
        problem(w, "action %s gives %s, which cannot take it", a->name, a->gives);
    for (size_t i = 0; i < ACTION_FIELDS && a->required[i]; i++)
        if (!list_holds(a->allowed, ACTION_FIELDS, a->required[i]))
            problem(w, "action %s requires %s but does not allow it", a->name, a->required[i]);
}

static bool is_side_of_some(const struct kind *k, const char *field)
{
    for (size_t i = 0; i < k->action_count; i++)
        if (list_holds(k->actions[i].allowed, ACTION_FIELDS, field) || same(k->actions[i].gives, field))
            return true;
    return false;
}

static void walk_states(const struct walk *w)
{
    const struct kind *k = w->kind;
    walk_state_field(w);
    for (size_t i = 0; i < k->state_count; i++) {
        walk_label(w, k->states[i].label, "state", k->states[i].name);
        if (kind_state(k, k->states[i].name) != &k->states[i])
            problem(w, "two states %s", k->states[i].name);
        if (!is_reachable(k, i))
            problem(w, "state %s is never reached", k->states[i].name);
    }
    for (size_t i = 0; i < k->action_count; i++)
        walk_action(w, &k->actions[i]);
    for (size_t i = 0; i < k->field_count; i++)
        if ((k->fields[i].flags & FIELD_SIDE) && !is_side_of_some(k, k->fields[i].name))
            problem(w, "field %s is set by actions alone, but none takes it", k->fields[i].name);
    for (size_t i = 0; i < k->field_count; i++)
        if ((k->fields[i].flags & FIELD_MENDED) && (!(k->fields[i].flags & FIELD_SIDE) || k->fields[i].type != FIELD_DATE))
            problem(w, "field %s is mended, but is no step's date", k->fields[i].name);
}

/* -- rights -- */

static void walk_right(const struct walk *w, const struct right_rule *r)
{
    if (r->roles == 0 || r->roles >> ROLE_COUNT)
        problem(w, "a right of no role");
    if ((r->may || r->actions) && r->access != ACCESS_FULL)
        problem(w, "a role may write what it may not read");
    if (w->kind->append_only && (r->may & (RIGHT_SET | RIGHT_REMOVE)))
        problem(w, "append-only, but a role may set or remove");
    for (const char *const *a = r->actions; a && *a; a++)
        if (strcmp(*a, "*") != 0 && !kind_action(w->kind, *a))
            problem(w, "a right names %s, which is no action", *a);
}

static void walk_rights(const struct walk *w)
{
    const struct kind *k = w->kind;
    role_set seen = 0;
    for (size_t i = 0; i < k->right_count; i++) {
        walk_right(w, &k->rights[i]);
        if (seen & k->rights[i].roles)
            problem(w, "a role has two rows of rights");
        seen |= k->rights[i].roles;
    }
    for (size_t i = 0; i < k->action_count; i++)
        if (!kind_may_act(k, (1u << ROLE_COUNT) - 1, k->actions[i].name) &&
            !kind_may_act_own(k, (1u << ROLE_COUNT) - 1, k->actions[i].name))
            problem(w, "nobody may do %s", k->actions[i].name);
    for (size_t i = 0; i < k->field_count; i++)
        if (k->fields[i].who >> ROLE_COUNT)
            problem(w, "field %s names an unknown role", k->fields[i].name);
}

/* -- what several records make, what is derived -- */

static void walk_own_rights(const struct walk *w)
{
    const struct kind *k = w->kind;
    bool has_author = false;
    for (size_t i = 0; i < k->own_right_count; i++)
        walk_right(w, &k->own_rights[i]);
    for (size_t i = 0; i < k->field_count; i++)
        has_author |= (k->fields[i].flags & FIELD_AUTHOR) != 0 && k->fields[i].type == FIELD_INTEGER;
    if (k->own_right_count && !has_author)
        problem(w, "rights of one's own records, but no field says whose they are");
}

static void walk_derived(const struct walk *w)
{
    const struct kind *k = w->kind;
    if (!k->derive != !k->derived_count)
        problem(w, "derived fields declared but not computed, or computed but not declared");
    for (size_t i = 0; i < k->derived_count; i++) {
        const struct derived_rule *d = &k->derived[i];
        walk_label(w, d->label, "derived field", d->name);
        if ((d->type == FIELD_CODE) != (d->codes != NULL))
            problem(w, "derived field %s has codes and is none, or lacks them", d->name);
        if (d->codes)
            walk_codes(w, d->codes);
    }
}

/* Both kinds of an account name each other, and its rows can be found. */
static void walk_account(const struct walk *w)
{
    const struct account *a = w->kind->account;
    bool listed = false;
    for (const uint32_t *number = a ? a->kinds : NULL; number && *number; number++) {
        const struct kind *k = kind_by_number(*number);
        const struct field_rule *by = k ? kind_field(k, a->by) : NULL, *key = k && a->key ? kind_field(k, a->key) : NULL;
        listed |= k == w->kind;
        if (!k || k->account != a)
            problem(w, "account %s names a kind that does not know it", a->name);
        bool whole = *number == a->whole, found = by && by->type == FIELD_REFERENCE && (by->flags & FIELD_LOOKUP);
        if ((!whole && !found) || (!whole && a->whole && by->reference != a->whole) || (!a->whole && (!key || key->type != FIELD_TEXT)))
            problem(w, "account %s: its rows cannot be found", a->name);
    }
    const struct kind *about = a && a->about ? kind_by_number(a->about) : NULL;
    if (a && a->about && (!about || about->concerns != a || !about->gone))
        problem(w, "account %s is about a kind that does not know it", a->name);
    if (w->kind->concerns && w->kind->concerns->about != w->kind->number)
        problem(w, "account %s is about another kind", w->kind->concerns->name);
    if (a && !listed)
        problem(w, "account %s does not name the kind", a->name);
}

static void walk_several(const struct walk *w)
{
    const struct kind *k = w->kind;
    walk_own_rights(w);
    walk_derived(w);
    walk_account(w);
    const struct field_rule *similar = k->similar ? kind_field(k, k->similar) : NULL;
    if (k->similar && (!similar || similar->type != FIELD_TEXT))
        problem(w, "resemblance is asked of %s, which is no short text", k->similar);
    for (size_t i = 0; i < k->field_count; i++)
        if (k->fields[i].given_at && (!(k->fields[i].flags & FIELD_SERVER) || !kind_action(k, k->fields[i].given_at)))
            problem(w, "field %s is given at %s, which is no action", k->fields[i].name, k->fields[i].given_at);
}

/* -- measures -- */

struct emitted {
    const struct walk *walk;
    int64_t sum;
    unsigned count;
};

static bool measure_is_declared(const struct kind *k, const char *name)
{
    for (size_t i = 0; i < k->measure_count; i++) {
        size_t size = strlen(k->measures[i].name);
        bool family = size == 0 || k->measures[i].name[size - 1] == '.';
        if (strcmp(k->measures[i].name, name) == 0 || (family && strncmp(k->measures[i].name, name, size) == 0))
            return true;
    }
    return false;
}

static void on_measure(void *to, const char *name, int64_t delta)
{
    struct emitted *e = to;
    e->sum += delta;
    e->count++;
    if (!measure_is_declared(e->walk->kind, name))
        problem(e->walk, "measure %s is not declared", name);
}

static void walk_measure_row(const struct walk *w, const ProtobufCMessage *row)
{
    struct emitted e = {.walk = w};
    w->kind->measure(w->kind, row, 1, on_measure, &e);
    if (e.count == 0 || e.sum <= 0)
        problem(w, "a row that no measure counts");
    w->kind->measure(w->kind, row, -1, on_measure, &e);
    if (e.sum != 0)
        problem(w, "a row that comes and goes leaves %d in the measures", (int)e.sum);
}

static void walk_measures(const struct walk *w, struct arena *arena)
{
    const struct kind *k = w->kind;
    for (size_t i = 0; i < k->measure_count; i++)
        walk_label(w, k->measures[i].label, "measure", k->measures[i].name);
    if (!k->measure != !k->measure_count)
        problem(w, "measures declared but not counted, or counted but not declared");
    if (!k->measure)
        return;
    ProtobufCMessage *row = record_new(k->descriptor, arena);
    walk_measure_row(w, row);
    for (size_t i = 0; i < k->state_count; i++) {
        record_put_name(row, "state", cell_text(k->states[i].name), arena);
        walk_measure_row(w, row);
    }
}

/* -- sentences -- */

static void walk_sentence(const struct walk *w, const char *code, struct buf *text)
{
    const char *s = buf_c_string(text);
    if (text->size == 0 || strpbrk(s, "%[]|") || strstr(s, "no such sentence"))
        problem(w, "the sentence of %s: \"%s\"", code, s);
    buf_finish(text);
}

static void walk_code(const struct walk *w, const char *code, const char *field, const char *const *arguments,
                      size_t count)
{
    for (enum language l = LANGUAGE_ZH; l <= LANGUAGE_EN; l++) {
        struct buf text = BUF_INIT;
        refusal_text(w->kind, code, field, arguments, count, "no such sentence", l, &text);
        walk_sentence(w, code, &text);
        refusal_next(w->kind, code, l, &text);
        walk_sentence(w, code, &text);
    }
}

static void walk_texts(const struct walk *w)
{
    const struct kind *k = w->kind;
    size_t prefix = strlen(k->name);
    for (size_t i = 0; i < k->text_count; i++) {
        const struct rule_text *t = &k->texts[i];
        bool general = false; /* its own way out of what is refused of all kinds */
        for (const char *const *code = refusal_codes(); *code; code++)
            general = general || strcmp(t->code, *code) == 0;
        if (!general && (strncmp(t->code, k->name, prefix) != 0 || t->code[prefix] != '.'))
            problem(w, "code %s does not begin with the kind's name", t->code);
        for (size_t j = 0; j < i; j++)
            if (strcmp(t->code, k->texts[j].code) == 0)
                problem(w, "two sentences for %s", t->code);
        walk_label(w, t->text, "sentence", t->code);
        walk_label(w, t->next, "next step", t->code);
        if (is_empty(t->source))
            problem(w, "%s has no source", t->code);
        walk_code(w, t->code, k->fields[0].name, NULL, 0);
    }
}

static void walk_findings(const struct walk *w, const struct findings *f)
{
    for (size_t i = 0; i < f->count; i++) {
        const struct finding *one = &f->list[i];
        const struct field_rule *rule = one->field ? kind_field(w->kind, one->field) : NULL;
        if (one->field && !rule)
            problem(w, "finding %s names %s, which is no field", one->code, one->field);
        if (rule && (rule->flags & FIELD_SENSITIVE) && (one->argument[0] || one->argument[1] || one->argument[2]))
            problem(w, "finding %s tells a sensitive value", one->code);
        walk_code(w, one->code, one->field, one->argument, 3);
    }
}

/* Values that some check will not like: each finding that comes of them must have its sentences. */
static const char *const odd_texts[] = {"",
                                        " ",
                                        "x",
                                        "0",
                                        "123456789012345",
                                        "\x1b[2J",
                                        "2999-12-31",
                                        "1800-01-01",
                                        "99010119850612002X",
                                        "11010519491231002X",
                                        "none.such",
                                        "é",
                                        "12345678901234567890"};
static const int64_t odd_integers[] = {INT64_MIN, -1, 0, 1, 13, INT64_MAX};

static const ProtobufCMessage *none_related(const void *to, uint32_t kind, struct id id)
{
    (void)to, (void)kind, (void)id;
    return NULL;
}

static void probe(const struct walk *w, const ProtobufCMessage *m, const char *action, struct arena *arena)
{
    struct findings found = {.count = 0};
    struct check_context c = {.kind = w->kind,
                              .after = m,
                              .action = action,
                              .related = none_related,
                              .today = {2026, 11, 22},
                              .arena = arena};
    kind_check_result(&c, &found);
    walk_findings(w, &found);
}

static size_t odd_cells(enum field_type t, struct cell cells[16])
{
    size_t count = 0;
    if (type_fits(t, PROTOBUF_C_TYPE_STRING))
        for (size_t i = 0; i < sizeof odd_texts / sizeof odd_texts[0]; i++)
            cells[count++] = cell_text(odd_texts[i]);
    else if (type_fits(t, PROTOBUF_C_TYPE_INT64))
        for (size_t i = 0; i < sizeof odd_integers / sizeof odd_integers[0]; i++)
            cells[count++] = cell_integer(odd_integers[i]);
    else if (type_fits(t, PROTOBUF_C_TYPE_BYTES))
        for (size_t i = 0; i < 2; i++)
            cells[count++] = cell_bytes(slice_of(odd_texts[12], i ? ID_SIZE : 3));
    return count;
}

static void walk_probes(const struct walk *w, struct arena *arena)
{
    const struct kind *k = w->kind;
    struct cell cells[16];
    for (size_t i = 0; i < k->field_count; i++) {
        size_t count = odd_cells(k->fields[i].type, cells);
        for (size_t j = 0; j < count; j++) {
            struct findings found = {.count = 0};
            ProtobufCMessage *m = record_new(k->descriptor, arena);
            record_put_name(m, k->fields[i].name, cells[j], arena);
            kind_check_value(k, &k->fields[i], cells[j], &found);
            walk_findings(w, &found);
            probe(w, m, NULL, arena);
        }
    }
    for (size_t i = 0; i < k->action_count; i++)
        probe(w, record_new(k->descriptor, arena), k->actions[i].name, arena);
}

static bool fields_are_whole(const struct walk *w)
{
    const struct kind *k = w->kind;
    for (size_t i = 0; i < k->field_count; i++) {
        const ProtobufCFieldDescriptor *d = record_field(k->descriptor, k->fields[i].name);
        if (!d || !type_fits(k->fields[i].type, d->type))
            return false;
    }
    return true;
}

void help_kinds_walk(const struct kind *k, struct buf *problems)
{
    struct walk w = {k, problems};
    struct arena arena;
    if (is_empty(k->name) || k->number == 0 || k->number > 0xffff || !k->descriptor || k->field_count == 0) {
        problem(&w, "no name, number, message or fields");
        return;
    }
    arena_init(&arena, 4u << 20);
    walk_label(&w, k->label, "kind", k->name);
    walk_descriptor(&w);
    for (size_t i = 0; i < k->field_count; i++)
        walk_field(&w, i);
    walk_names(&w, k->naming, "naming");
    walk_columns_shown(&w);
    walk_names(&w, k->identity, "identity");
    walk_states(&w);
    walk_rights(&w);
    walk_several(&w);
    walk_texts(&w);
    /* These fill rows by the rules: without a field behind every rule they would run into CHECKs. */
    if (fields_are_whole(&w)) {
        walk_measures(&w, &arena);
        walk_probes(&w, &arena);
        help_kinds_walk_several(k, problems);
    }
    arena_finish(&arena);
}

void help_kinds_walk_all(struct buf *problems)
{
    size_t count;
    const struct kind *const *all = kind_all(&count);
    for (size_t i = 0; i < count; i++) {
        struct walk w = {all[i], problems};
        help_kinds_walk(all[i], problems);
        for (size_t j = 0; j < i; j++)
            if (all[j]->number == all[i]->number || strcmp(all[j]->name, all[i]->name) == 0)
                problem(&w, "number or name is taken by %s", all[j]->name);
    }
}
