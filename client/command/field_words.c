/* What people write after a command's name, as cells; see field_words.h. */
#include "client/command/field_words.h"
#include "base/text.h"
#include "client/command/branch_rows.h"
#include "client/command/record_find.h"
#include "client/command/word_choice.h"

#include <string.h>

const struct field_rule *field_words_field(const struct kind *k, const char *name, size_t size, int *status)
{
    struct word_choices fields;
    struct buf said = BUF_INIT, next = BUF_INIT;
    char word[128];
    size = text_fit(slice_of(name, size), sizeof word - 1, SIZE_MAX);
    memcpy(word, name, size);
    word[size] = 0;
    word_choices_of_fields(k, &fields);
    size_t found = word_choice_find(&fields, word);
    if (found != WORD_CHOICE_NONE)
        return &k->fields[found];
    buf_format(&said, _("%s has no field %s"), label_in(k->label, command_language()), word);
    word_choice_near(&fields, word, command_language(), &said);
    word_choice_all(&fields, _("Fields"), command_language(), &next);
    buf_text(&next, "\n  ");
    buf_format(&next, _("see: banyan describe %s"), k->name);
    (void)command_say(buf_c_string(&said), buf_c_string(&next)); /* its status is usage here */
    *status = EXIT_USAGE;
    buf_finish(&said);
    buf_finish(&next);
    return NULL;
}

/* One that is not known here may be known to the server. */
static enum err find_reference(struct seat *s, const struct kind *k, const char *text, struct id *out)
{
    return id_parse(text, out) == ERR_OK ? ERR_OK : record_find(s, k, text, out);
}

enum err field_words_value(struct seat *s, const struct field_rule *f, const char *text, struct cell *out)
{
    struct id id;
    if (!f->reference || !*text)
        return f->type == FIELD_REFERENCE ? (*out = (struct cell){.type = CELL_ABSENT}, ERR_OK)
                                          : value_parse(f, text, &s->arena, out);
    enum err e = find_reference(s, kind_by_number(f->reference), text, &id);
    if (e == ERR_OK)
        *out = cell_bytes(arena_copy(&s->arena, id_slice(&id)));
    return e;
}

static void say_choices(const struct kind *k, const struct field_rule *f, struct buf *out)
{
    enum language language = command_language();
    buf_format(out, "%s%s", label_in(f->label, language), language == LANGUAGE_ZH ? "：" : ": ");
    for (size_t i = 0; i < f->codes->count; i++)
        buf_format(out, "%s%s", i == 0 ? "" : language == LANGUAGE_ZH ? "、" : ", ", label_in(f->codes->codes[i].label, language));
    buf_format(out, _("; see: banyan describe %s"), k->name);
}

#define CHOICES_MAX 20 /* more of them fill a screen: describe has them */

/* What would be taken instead, where the refusal itself does not say it. */
static void say_form(const struct kind *k, const struct field_rule *f, enum err e, struct buf *out)
{
    if (f->reference)
        buf_format(out, _("see: banyan list %s"), kind_by_number(f->reference)->name);
    else if (f->codes && f->codes->count <= CHOICES_MAX)
        say_choices(k, f, out);
    else if (f->codes || e == ERR_TOO_LONG)
        refusal_next(k, value_refusal(f, e), command_language(), out);
}

static void say_value(struct seat *s, const struct kind *k, const struct field_rule *f, const char *text, enum err e)
{
    struct buf said = BUF_INIT, next = BUF_INIT;
    const char *arguments[] = {text};
    const char *label = label_in(f->label, command_language());
    const struct kind *other = f->reference ? kind_by_number(f->reference) : NULL;
    const char *near = other && e == ERR_NOT_FOUND ? record_find_near(s, other, text) : NULL;
    if (other && e == ERR_NOT_FOUND)
        buf_format(&said, _("%s: there is no %s called %s here"), label, label_in(other->label, command_language()), text);
    else if (other && e == ERR_AMBIGUOUS)
        buf_format(&said, _("%s: more than one record fits %s; give its number or id"), label, text);
    else
        refusal_text(k, value_refusal(f, e), f->name, arguments, 1, _(err_text(e)), command_language(), &said);
    if (near)
        buf_format(&said, _("; did you mean %s?"), near);
    say_form(k, f, e, &next);
    (void)command_say(buf_c_string(&said), buf_c_string(&next)); /* the caller has the status */
    buf_finish(&said);
    buf_finish(&next);
}

static void add_cleared(struct field_words *w, uint32_t tag)
{
    size_t at = w->cleared_count;
    while (at > 0 && w->cleared[at - 1] > tag)
        at--;
    if (at > 0 && w->cleared[at - 1] == tag)
        return;
    memmove(w->cleared + at + 1, w->cleared + at, (w->cleared_count - at) * sizeof *w->cleared);
    w->cleared[at] = tag;
    w->cleared_count++;
}

static void drop_cleared(struct field_words *w, uint32_t tag)
{
    size_t at = 0;
    while (at < w->cleared_count && w->cleared[at] != tag)
        at++;
    if (at == w->cleared_count)
        return;
    w->cleared_count--;
    memmove(w->cleared + at, w->cleared + at + 1, (w->cleared_count - at) * sizeof *w->cleared);
}

/* Of two words for one field the later counts: a field is set or emptied, never both. */
static void put_value(struct field_words *w, const struct kind *k, const struct field_rule *f, struct cell value,
                      enum field_words_mode mode, struct arena *arena)
{
    uint32_t tag = record_field(k->descriptor, f->name)->id;
    record_put_name(w->patch, f->name, value, arena);
    if (value.type == CELL_ABSENT && mode == FIELD_WORDS_SET)
        add_cleared(w, tag);
    else
        drop_cleared(w, tag);
}

bool field_words_take(struct seat *s, const struct kind *k, const char *word, const struct field_rule **f, struct cell *value,
                      int *status)
{
    const char *equals = strchr(word, '=');
    if (!equals) {
        struct buf said = BUF_INIT;
        buf_format(&said, _("%s is not of the form FIELD=VALUE"), word);
        (void)command_say(buf_c_string(&said), NULL); /* usage */
        buf_finish(&said);
        *status = EXIT_USAGE;
        return false;
    }
    *f = field_words_field(k, word, (size_t)(equals - word), status);
    if (!*f || ((*f)->reference && !record_find_ready(s, kind_by_number((*f)->reference), status)))
        return false;
    enum err e = text_is_clean(slice_text(equals + 1)) ? field_words_value(s, *f, equals + 1, value) : ERR_TEXT;
    if (e == ERR_OK)
        return true;
    *status = EXIT_FAILED;
    if ((*f)->reference && e != ERR_NOT_FOUND && e != ERR_AMBIGUOUS && e != ERR_TEXT)
        *status = command_failed(s, e, equals + 1); /* nothing is wrong with the word: no record can be looked at */
    else
        say_value(s, k, *f, e == ERR_TEXT ? "" : equals + 1, e);
    return false;
}

bool field_words_parse(struct seat *s, const struct kind *k, char *const *words, int count, enum field_words_mode mode,
                       struct field_words *out, int *status)
{
    out->patch = record_new(k->descriptor, &s->arena);
    out->cleared = arena_alloc(&s->arena, (k->field_count + 1) * sizeof *out->cleared);
    out->cleared_count = 0;
    CHECK(out->patch && out->cleared); /* the command's own arena is large enough for its own words */
    for (int i = 0; i < count; i++) {
        const struct field_rule *f;
        struct cell value;
        if (!field_words_take(s, k, words[i], &f, &value, status))
            return false;
        put_value(out, k, f, value, mode, &s->arena);
    }
    return true;
}
