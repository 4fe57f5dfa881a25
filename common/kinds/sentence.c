/* Filling in sentences. Words are looked up in the kind's own tables, so that people read labels, not identifiers; a
 * word that no table knows is shown as it came. */
#include "kinds/sentence.h"
#include "base/text.h"
#include "base/date.h"
#include "kinds/rules.h"
#include <stdlib.h>
#include <string.h>

static const char *argument(const struct sentence_words *w, size_t at)
{
    const char *text = at < w->argument_count ? w->arguments[at] : NULL;
    return text && *text ? text : NULL;
}

static const char *field_word(const struct sentence_words *w)
{
    const struct field_rule *f = w->kind && w->field ? kind_field(w->kind, w->field) : NULL;
    return f ? label_in(f->label, w->language) : w->field;
}

/* The name that commands take, where people read another. */
static const char *identifier_word(const struct sentence_words *w)
{
    const char *label = field_word(w);
    return w->kind && w->field && kind_field(w->kind, w->field) && strcmp(label, w->field) != 0 ? w->field : NULL;
}

static const char *form_word(const struct sentence_words *w)
{
    const struct field_rule *f = w->kind && w->field ? kind_field(w->kind, w->field) : NULL;
    static const struct label forms[] = {
        [FIELD_DATE] = L("如 2026-09-01、2026/9/1、2026年9月1日", "like 2026-09-01 or 2026/9/1"),
        [FIELD_INTEGER] = L("写整数", "a whole number"),
        [FIELD_FEN] = L("以元为单位，如 12.50", "yuan, like 12.50"),
        [FIELD_BOOL] = L("写“是”或“否”", "yes or no"),
    };
    if (f && !f->rule.zh && (size_t)f->type < COUNT(forms) && forms[f->type].zh)
        return label_in(forms[f->type], w->language);
    return f ? label_in(f->rule, w->language) : NULL;
}

static const char *state_word(const struct sentence_words *w)
{
    static const struct label removed = L("已删除", "removed");
    const char *name = argument(w, 0);
    const struct state_rule *s = name && w->kind ? kind_state(w->kind, name) : NULL;
    if (!s && name && strcmp(name, "removed") == 0)
        return label_in(removed, w->language);
    return s ? label_in(s->label, w->language) : name;
}

static const char *step_word(const struct sentence_words *w)
{
    static const struct {
        const char *name;
        struct label label;
    } steps[] = {{"add", L("添加", "add")}, {"set", L("修改", "change")}, {"remove", L("删除", "remove")}};
    const char *name = argument(w, 0);
    const struct action_rule *a = name && w->kind ? kind_action(w->kind, name) : NULL;
    if (a)
        return label_in(a->label, w->language);
    for (size_t i = 0; name && i < COUNT(steps); i++)
        if (strcmp(steps[i].name, name) == 0)
            return label_in(steps[i].label, w->language);
    return name;
}

static const char *kind_word(const struct sentence_words *w)
{
    const char *name = argument(w, 0);
    const struct kind *k = name ? kind_by_name(name) : NULL;
    return k ? label_in(k->label, w->language) : name;
}

/* NULL: not known. */
static const char *word_of(const struct sentence_words *w, char mark)
{
    switch (mark) {
    case 'f':
        return field_word(w);
    case 'i':
        return identifier_word(w);
    case 'r':
        return form_word(w);
    case 'k':
        return w->kind ? label_in(w->kind->label, w->language) : NULL;
    case 'n':
        return w->kind ? w->kind->name : NULL;
    case 's':
        return state_word(w);
    case 'a':
        return step_word(w);
    case 'g':
        return kind_word(w);
    default:
        return mark >= '1' && mark <= '9' ? argument(w, (size_t)(mark - '1')) : NULL;
    }
}

static bool role_may(const struct kind *k, role_set role, const char *what, const struct field_rule *f)
{
    static const struct {
        const char *name;
        enum right right;
    } rights[] = {{"add", RIGHT_ADD}, {"set", RIGHT_SET}, {"remove", RIGHT_REMOVE}};
    for (size_t i = 0; i < COUNT(rights); i++)
        if (strcmp(rights[i].name, what) == 0)
            return f && f->who ? (f->who & role) != 0 : kind_may(k, role, rights[i].right);
    return kind_may_act(k, role, what);
}

/* False: nobody may, or it is not known who. */
static bool roles_write(const struct sentence_words *w, struct buf *out)
{
    const char *what = argument(w, 0);
    const struct field_rule *f = w->kind && w->field ? kind_field(w->kind, w->field) : NULL;
    size_t count = 0;
    for (int r = 0; w->kind && what && w->kind->number != KIND_CONFLICT && r < ROLE_COUNT; r++)
        if (role_may(w->kind, 1u << r, what, f))
            buf_format(out, "%s%s", count++ ? w->language == LANGUAGE_ZH ? "、" : ", " : "", label_in(role_label((enum role)r), w->language));
    return count > 0;
}

static bool all_digits(const char *text)
{
    return text[strspn(text, "0123456789")] == '\0';
}

static void who_write(const char *who, enum language language, struct buf *out)
{
    if (all_digits(who))
        buf_text(out, language == LANGUAGE_ZH ? "席位 " : "seat ");
    buf_text(out, who);
}

/* In Beijing time, which is the clock on every wall of the country. */
static void time_write(const char *when, struct buf *out)
{
    char date[DATE_TEXT_SIZE];
    if (!all_digits(when) || strlen(when) > 14) {
        buf_text(out, when);
        return;
    }
    int64_t ms = strtoll(when, NULL, 10);
    int64_t minute = ms / 60000 + DATE_CHINA_MINUTES;
    date_text(date_of_ms(ms, DATE_CHINA_MINUTES), date);
    buf_format(out, "%s %02d:%02d", date, (int)(minute / 60 % 24), (int)(minute % 60));
}

/* The steps that bring the field. False: none does. */
static bool steps_write(const struct sentence_words *w, struct buf *out)
{
    size_t count = 0;
    bool zh = w->language == LANGUAGE_ZH;
    for (size_t i = 0; w->kind && w->field && i < w->kind->action_count; i++) {
        const struct action_rule *a = &w->kind->actions[i];
        if (kind_step_brings(a, w->field))
            buf_format(out, zh ? "%s%s（%s）" : "%s%s (%s)", count++ ? zh ? "、" : ", " : "", label_in(a->label, w->language), a->name);
    }
    return count > 0;
}

/* The mark at at[1] of at[0] == '%', written out; false if the word is not known. *size gets the bytes of the mark. */
static bool mark_write(const char *at, size_t left, const struct sentence_words *w, struct buf *out, size_t *size)
{
    bool with_digit = left > 2 && (at[1] == 'w' || at[1] == 't');
    const char *word = with_digit ? argument(w, (size_t)(at[2] - '1')) : word_of(w, at[1]);
    *size = with_digit ? 3 : 2;
    if (at[1] == 'm')
        return roles_write(w, out);
    if (at[1] == 'p')
        return steps_write(w, out);
    if (!word)
        return false;
    if (with_digit && at[1] == 'w')
        who_write(word, w->language, out);
    else if (with_digit)
        time_write(word, out);
    else
        text_put_line(out, slice_text(word)); /* a peer may have chosen it */
    return true;
}

/* False if a word was not known; out then holds the rest all the same. */
static bool part_write(const char *part, size_t size, const struct sentence_words *w, struct buf *out)
{
    bool whole = true;
    for (size_t i = 0, mark; i < size; i += mark) {
        mark = 1;
        if (part[i] != '%' || i + 1 == size)
            buf_byte(out, (uint8_t)part[i]);
        else
            whole = mark_write(part + i, size - i, w, out, &mark) && whole;
    }
    return whole;
}

/* The first alternative that is known in full, or nothing. */
static void bracket_write(const char *inside, size_t size, const struct sentence_words *w, struct buf *out)
{
    for (size_t at = 0; at <= size;) {
        const char *bar = memchr(inside + at, '|', size - at);
        size_t part = bar ? (size_t)(bar - inside) - at : size - at;
        size_t before = out->size;
        if (part_write(inside + at, part, w, out))
            return;
        out->size = before;
        at += part + 1;
    }
}

void sentence_write(const char *template, const struct sentence_words *words, struct buf *out)
{
    for (const char *at = template; *at;) {
        size_t plain = strcspn(at, "[");
        (void)part_write(at, plain, words, out); /* a hole outside brackets stays empty */
        at += plain;
        if (*at != '[')
            continue;
        size_t inside = strcspn(at, "]");
        bracket_write(at + 1, inside - 1, words, out);
        at += inside + (at[inside] == ']');
    }
}
