/* Kinds as people and programs read them: what `describe` says. People who read Chinese are told roles, types, states
 * and fields in Chinese; the names that commands take stand beside what is to be typed. */
#include "base/tr.h"
#include "show/grid.h"
#include "show/record.h"

#include <jansson.h>
#include <string.h>

/* ---- as JSON ---- */

static json_t *codes_json(const struct field_rule *f, enum language language)
{
    json_t *list = json_array();
    for (size_t i = 0; i < f->codes->count; i++)
        json_array_append_new(list, json_pack("{s:s, s:s}", "name", f->codes->codes[i].name, "label",
                                              label_in(f->codes->codes[i].label, language)));
    return list;
}

static json_t *field_json(const struct field_rule *f, enum language language)
{
    json_t *o = json_pack("{s:s, s:s, s:s, s:b, s:b}", "name", f->name, "type", field_type_name(f->type), "label",
                          label_in(f->label, language), "required", (f->flags & FIELD_REQUIRED) != 0, "sensitive",
                          (f->flags & FIELD_SENSITIVE) != 0);
    if (f->codes)
        json_object_set_new(o, "values", codes_json(f, language));
    if (f->reference)
        json_object_set_new(o, "reference", json_string(kind_by_number(f->reference)->name));
    if (f->type == FIELD_FEN)
        json_object_set_new(o, "unit", json_string("fen"));
    if (f->rule.zh)
        json_object_set_new(o, "rule", json_string(label_in(f->rule, language)));
    return o;
}

static json_t *words_json(const char *const *words, size_t max)
{
    json_t *list = json_array();
    for (size_t i = 0; i < max && words[i]; i++)
        json_array_append_new(list, json_string(words[i]));
    return list;
}

typedef bool may_act(const struct kind *k, role_set roles, const char *action);

static json_t *action_roles_json(const struct kind *k, const char *action, may_act *may)
{
    json_t *list = json_array();
    for (int r = 0; r < ROLE_COUNT; r++)
        if (may(k, 1u << r, action))
            json_array_append_new(list, json_string(role_name((enum role)r)));
    return list;
}

/* What is computed where it is read, and so not typed. */
static json_t *derived_json(const struct kind *k, enum language language)
{
    json_t *list = json_array();
    for (size_t i = 0; i < k->derived_count; i++) {
        const struct derived_rule *d = &k->derived[i];
        struct field_rule f = {
            .name = d->name, .label = d->label, .type = d->type, .codes = d->codes, .flags = d->flags};
        json_t *o = json_pack("{s:s, s:s, s:s, s:b}", "name", f.name, "type", field_type_name(f.type), "label",
                              label_in(f.label, language), "sensitive", (f.flags & FIELD_SENSITIVE) != 0);
        if (f.codes)
            json_object_set_new(o, "values", codes_json(&f, language));
        if (f.type == FIELD_FEN)
            json_object_set_new(o, "unit", json_string("fen"));
        json_array_append_new(list, o);
    }
    return list;
}

static json_t *settings_json(enum language language)
{
    json_t *list = json_array();
    size_t count;
    const struct setting_rule *all = setting_all(&count);
    for (size_t i = 0; i < count; i++)
        json_array_append_new(list, json_pack("{s:s, s:s, s:s, s:s, s:s}", "rule_code", all[i].code, "label",
                                              label_in(all[i].label, language), "value", all[i].value, "unit",
                                              label_in(all[i].unit, language), "basis",
                                              label_in(all[i].basis, language)));
    return list;
}

/* Whose records hold the settings that rules read. */
static bool holds_settings(const struct kind *k)
{
    return kind_field(k, "rule_code") != NULL;
}

json_t *show_kind_json(const struct kind *k, enum language language)
{
    json_t *fields = json_array(), *states = json_array(), *actions = json_array();
    for (size_t i = 0; i < k->field_count; i++)
        json_array_append_new(fields, field_json(&k->fields[i], language));
    for (size_t i = 0; i < k->state_count; i++)
        json_array_append_new(states, json_pack("{s:s, s:s}", "name", k->states[i].name, "label",
                                                label_in(k->states[i].label, language)));
    for (size_t i = 0; i < k->action_count; i++) {
        const struct action_rule *a = &k->actions[i];
        json_array_append_new(actions, json_pack("{s:s, s:s, s:o, s:o, s:o, s:o, s:o}", "name", a->name, "label",
                                                 label_in(a->label, language), "from", words_json(a->from, 8), "roles",
                                                 action_roles_json(k, a->name, kind_may_act), "own_roles",
                                                 action_roles_json(k, a->name, kind_may_act_own), "requires",
                                                 words_json(a->required, ACTION_FIELDS), "allows",
                                                 words_json(a->allowed, ACTION_FIELDS)));
    }
    json_t *o = json_pack("{s:s, s:s, s:o, s:o, s:o, s:o}", "kind", k->name, "label", label_in(k->label, language),
                          "fields", fields, "states", states, "actions", actions, "derived", derived_json(k, language));
    if (holds_settings(k))
        json_object_set_new(o, "settings", settings_json(language));
    return o;
}

/* ---- in words ---- */

/* Of a reference its kind. */
static void type_cell(struct grid *g, const struct field_rule *f, enum language language)
{
    static const char *const zh[] = {
        [FIELD_TEXT] = "文字",      [FIELD_LONG_TEXT] = "长文字", [FIELD_DATE] = "日期", [FIELD_CODE] = "选项",
        [FIELD_REFERENCE] = "记录", [FIELD_INTEGER] = "整数",     [FIELD_FEN] = "金额（元）",  [FIELD_BOOL] = "是或否",
        [FIELD_BYTES] = "数据",     [FIELD_TIME_MS] = "时间",
    };
    const struct kind *to = f->reference ? kind_by_number(f->reference) : NULL;
    if (language != LANGUAGE_ZH || (size_t)f->type >= sizeof zh / sizeof *zh)
        grid_cell(g, f->type == FIELD_FEN ? "yuan" : field_type_name(f->type));
    else
        grid_cell(g, to ? label_in(to->label, language) : zh[f->type]);
}

static void state_words(const struct kind *k, const char *name, enum language language, struct buf *out)
{
    const struct state_rule *state = language == LANGUAGE_ZH ? kind_state(k, name) : NULL;
    buf_format(out, " %s", state ? label_in(state->label, language) : name);
}

/* A field that has to be typed: its name is always there. */
static void field_words(const struct kind *k, const char *name, enum language language, struct buf *out)
{
    const struct field_rule *f = language == LANGUAGE_ZH ? kind_field(k, name) : NULL;
    if (f)
        buf_format(out, " %s(%s)", label_in(f->label, language), name);
    else
        buf_format(out, " %s", name);
}

static void role_words(enum role role, enum language language, struct buf *out)
{
    buf_format(out, " %s", language == LANGUAGE_ZH ? label_in(role_label(role), language) : role_name(role));
}

static void marks(const struct field_rule *f, struct buf *out)
{
    if (f->flags & FIELD_REQUIRED)
        buf_format(out, "%s ", _("required"));
    if (f->flags & FIELD_SENSITIVE)
        buf_format(out, "%s ", _("sensitive"));
    if (f->flags & FIELD_IMMUTABLE)
        buf_format(out, "%s ", _("set once"));
    if (f->flags & FIELD_SERVER)
        buf_format(out, "%s ", _("given by the server"));
}

#define CODES_SHOWN 14 /* of a list in text; all are in the JSON */

static void field_row(struct grid *g, const struct field_rule *f, enum language language)
{
    struct buf cell = BUF_INIT;
    grid_cell(g, f->name);
    grid_cell(g, label_in(f->label, language));
    type_cell(g, f, language);
    marks(f, &cell);
    grid_take(g, &cell);
    if (f->rule.zh)
        buf_format(&cell, "%s ", label_in(f->rule, language));
    if (f->type == FIELD_FEN)
        buf_format(&cell, "%s ", f->rule.zh ? _("(in JSON: whole fen)") : _("yuan, like 12.50 (in JSON: whole fen)"));
    for (size_t i = 0; f->codes && i < f->codes->count && i < CODES_SHOWN; i++)
        buf_format(&cell, "%s=%s ", f->codes->codes[i].name, label_in(f->codes->codes[i].label, language));
    if (f->codes && f->codes->count > CODES_SHOWN)
        buf_format(&cell, _("... %zu in all, see --json"), f->codes->count);
    grid_take(g, &cell);
}

/* Roles that may take the step with what they entered themselves, beside those that may anyhow. */
static void own_words(const struct kind *k, const char *action, enum language language, struct buf *out)
{
    bool any = false;
    for (int r = 0; r < ROLE_COUNT; r++) {
        if (!kind_may_act_own(k, 1u << r, action) || kind_may_act(k, 1u << r, action))
            continue;
        if (!any)
            buf_format(out, "  %s:", _("with their own"));
        role_words((enum role)r, language, out);
        any = true;
    }
}

static void action_line(const struct kind *k, const struct action_rule *a, enum language language, struct buf *out)
{
    buf_format(out, "  %s (%s)  %s:", a->name, label_in(a->label, language), _("from"));
    for (size_t i = 0; i < ACTION_STATES && a->from[i]; i++)
        state_words(k, a->from[i], language, out);
    buf_format(out, "  %s:", _("who"));
    for (int r = 0; r < ROLE_COUNT; r++)
        if (kind_may_act(k, 1u << r, a->name))
            role_words((enum role)r, language, out);
    own_words(k, a->name, language, out);
    if (a->required[0])
        buf_format(out, "  %s:", _("needs"));
    for (size_t i = 0; i < ACTION_FIELDS && a->required[i]; i++)
        field_words(k, a->required[i], language, out);
    buf_byte(out, '\n');
}

static void derived_rows(const struct kind *k, enum language language, struct buf *out)
{
    struct grid *g = grid_create(5);
    for (size_t i = 0; i < k->derived_count; i++) {
        const struct derived_rule *d = &k->derived[i];
        struct field_rule f = {
            .name = d->name, .label = d->label, .type = d->type, .codes = d->codes, .flags = d->flags};
        field_row(g, &f, language);
    }
    buf_format(out, "\n%s:\n", _("Computed, not typed"));
    grid_print(g, out);
    grid_destroy(g);
}

static void setting_rows(enum language language, struct buf *out)
{
    struct grid *g = grid_create(4);
    struct buf cell = BUF_INIT;
    size_t count;
    const struct setting_rule *all = setting_all(&count);
    for (size_t i = 0; i < count; i++) {
        grid_cell(g, all[i].code);
        grid_cell(g, label_in(all[i].label, language));
        buf_format(&cell, "%s %s", all[i].value, label_in(all[i].unit, language));
        grid_take(g, &cell);
        grid_cell(g, label_in(all[i].basis, language));
    }
    buf_format(out, "\n%s:\n", _("Settings that rules read, and what holds where nobody set them"));
    grid_print(g, out);
    grid_destroy(g);
}

void show_kind_text(const struct kind *k, enum language language, struct buf *out)
{
    struct grid *g = grid_create(5);
    buf_format(out, "%s (%s)\n\n", k->name, label_in(k->label, language));
    for (size_t i = 0; i < k->field_count; i++)
        field_row(g, &k->fields[i], language);
    grid_print(g, out);
    grid_destroy(g);
    if (k->derived_count)
        derived_rows(k, language, out);
    if (holds_settings(k))
        setting_rows(language, out);
    if (k->state_count)
        buf_format(out, "\n%s:", _("States"));
    for (size_t i = 0; i < k->state_count; i++)
        buf_format(out, " %s (%s)", k->states[i].name, label_in(k->states[i].label, language));
    if (k->action_count)
        buf_format(out, "\n%s:\n", _("Actions"));
    for (size_t i = 0; i < k->action_count; i++)
        action_line(k, &k->actions[i], language, out);
}
