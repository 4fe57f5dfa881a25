/* Measures: what the kinds count, and how the board names it. */
#include "kinds/period.h"
#include "kinds/rules.h"
#include <stdio.h>
#include <string.h>

#define NAME_SIZE 96

void measure_state(const struct kind *k, const ProtobufCMessage *row, const char *prefix, int64_t sign,
                   measure_emit *emit, void *to)
{
    const struct state_rule *state = kind_state(k, kind_state_of(k, row));
    char name[NAME_SIZE];
    snprintf(name, sizeof name, "%s%s", prefix, state ? state->name : "unknown");
    emit(to, name, sign);
}

void measure_period_state(const struct kind *k, const ProtobufCMessage *row, const char *period, int64_t sign,
                          measure_emit *emit, void *to)
{
    struct period p;
    bool known = period && period_read(slice_text(period), &p);
    char prefix[PERIOD_TEXT_SIZE + 1];
    snprintf(prefix, sizeof prefix, "%s.", known ? period : "none");
    measure_state(k, row, prefix, sign, emit, to);
}

static bool is_in(const char *const *list, const char *name, const char **behind)
{
    for (; list && *list; list++) {
        size_t size = strlen(*list);
        bool family = size == 0 || (*list)[size - 1] == '.';
        if (family ? strncmp(*list, name, size) == 0 : strcmp(*list, name) == 0) {
            *behind = size ? name + size : "";
            return true;
        }
    }
    return false;
}

enum measure_few measure_few(const struct kind *k, const char *rest, const char **behind)
{
    if (is_in(k->few, rest, behind))
        return **behind ? MEASURE_FEW : MEASURE_EVER;
    return is_in(k->answers, rest, behind) ? MEASURE_ANSWERS : MEASURE_OPEN;
}

/* The row that names the measure: its own name, or the family's prefix, or "" for whatever is left. */
static const struct measure_rule *measure_find(const struct kind *k, const char *name)
{
    for (size_t i = 0; i < k->measure_count; i++) {
        const struct measure_rule *m = &k->measures[i];
        size_t size = strlen(m->name);
        bool family = size == 0 || m->name[size - 1] == '.';
        if (strcmp(m->name, name) == 0 || (family && strncmp(m->name, name, size) == 0))
            return m;
        if (m->overdue && strcmp(m->overdue, name) == 0)
            return m;
    }
    return NULL;
}

/* The code of a family that is called as a coded field is ("category."). */
static const struct code *code_of_family(const struct kind *k, const struct measure_rule *m, const char *rest)
{
    for (size_t i = 0; i < k->field_count; i++) {
        size_t size = strlen(k->fields[i].name);
        if (k->fields[i].codes && strncmp(m->name, k->fields[i].name, size) == 0 && strcmp(m->name + size, ".") == 0)
            return code_find(k->fields[i].codes, rest);
    }
    return NULL;
}

/* "2026-1.submitted": the last word is a state's name in every family of states. */
static void rest_text(const struct kind *k, const struct measure_rule *m, const char *rest, enum language language,
                      struct buf *out)
{
    const char *dot = strrchr(rest, '.');
    const struct state_rule *state = k->state_count ? kind_state(k, dot ? dot + 1 : rest) : NULL;
    const struct code *code = state ? NULL : code_of_family(k, m, rest);
    if (!state) {
        buf_text(out, code ? label_in(code->label, language) : rest);
        return;
    }
    if (dot) {
        buf_append(out, rest, (size_t)(dot - rest));
        buf_text(out, " ");
    }
    buf_text(out, label_in(state->label, language));
}

void measure_text(const char *name, enum language language, struct buf *out)
{
    char kind_name[NAME_SIZE];
    const char *dot = strchr(name, '.');
    size_t size = dot ? (size_t)(dot - name) : 0;
    if (size == 0 || size >= sizeof kind_name) {
        buf_text(out, name);
        return;
    }
    memcpy(kind_name, name, size);
    kind_name[size] = '\0';
    const struct kind *k = kind_by_name(kind_name);
    const struct measure_rule *m = k ? measure_find(k, dot + 1) : NULL;
    if (!m) {
        buf_text(out, name);
        return;
    }
    buf_text(out, label_in(m->label, language));
    if (m->overdue && strcmp(m->overdue, dot + 1) == 0) {
        buf_text(out, language == LANGUAGE_ZH ? " · 已逾期" : " · overdue");
    } else if (strcmp(m->name, dot + 1) != 0) {
        buf_text(out, " · ");
        rest_text(k, m, dot + 1 + strlen(m->name), language, out);
    }
}
