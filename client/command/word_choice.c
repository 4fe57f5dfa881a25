/* See word_choice.h. */
#include "client/command/word_choice.h"
#include "base/text.h"
#include "base/tr.h"

#include <string.h>

/* ---- what there is ---- */

static void add(struct word_choices *c, const char *name, struct label label, const char *more)
{
    if (c->count < WORD_CHOICES_MAX)
        c->list[c->count++] = (struct word_choice){.name = name, .label = label, .more = more};
}

void word_choices_of_fields(const struct kind *k, struct word_choices *out)
{
    out->count = 0;
    for (size_t i = 0; i < k->field_count; i++)
        add(out, k->fields[i].name, k->fields[i].label, k->fields[i].columns);
}

static const char *state_aliases(const struct kind *k, const char *name)
{
    const struct field_rule *f = kind_field(k, "state");
    const struct code *code = f && f->codes ? code_find(f->codes, name) : NULL;
    return code ? code->aliases : NULL;
}

void word_choices_of_states(const struct kind *k, struct word_choices *out)
{
    out->count = 0;
    for (size_t i = 0; i < k->state_count; i++)
        add(out, k->states[i].name, k->states[i].label, state_aliases(k, k->states[i].name));
}

void word_choices_of_actions(const struct kind *k, struct word_choices *out)
{
    out->count = 0;
    for (size_t i = 0; i < k->action_count; i++) {
        const struct state_rule *state = kind_state(k, k->actions[i].name);
        add(out, k->actions[i].name, k->actions[i].label, state ? state->label.zh : NULL);
    }
}

void word_choices_of_kinds(struct word_choices *out)
{
    size_t count;
    const struct kind *const *all = kind_all(&count);
    out->count = 0;
    for (size_t i = 0; i < count; i++)
        add(out, all[i]->name, all[i]->label, NULL);
}

/* ---- which one is meant ---- */

/* The words of a choice in their order: identifier, labels, others. False: there are no more. */
static bool word_at(const struct word_choice *c, size_t at, struct slice *out)
{
    const char *const first[] = {c->name, c->label.zh, c->label.en};
    if (at < 3) {
        *out = slice_text(first[at]);
        return true;
    }
    const char *more = c->more;
    for (at -= 3; more && at > 0; at--) {
        more = strchr(more, '|');
        more = more ? more + 1 : NULL;
    }
    if (!more || !*more)
        return false;
    *out = slice_of(more, strcspn(more, "|"));
    return true;
}

size_t word_choice_find(const struct word_choices *c, const char *word)
{
    struct buf folded = BUF_INIT;
    struct slice one;
    size_t best = WORD_CHOICE_NONE, best_rank = SIZE_MAX;
    text_fold(slice_text(word), &folded);
    for (size_t i = 0; folded.size && i < c->count; i++)
        for (size_t rank = 0; rank < best_rank && word_at(&c->list[i], rank, &one); rank++)
            if (slice_equal(one, buf_slice(&folded))) {
                best = i;
                best_rank = rank;
            }
    buf_finish(&folded);
    return best;
}

/* ---- the nearest ---- */

#define WORDS_MAX 1024u

struct words {
    const char *list[WORDS_MAX + 1];
    size_t choice[WORDS_MAX];
    size_t count;
};

static void collect(const struct word_choices *c, struct arena *arena, struct words *out)
{
    struct slice one;
    for (size_t i = 0; i < c->count; i++)
        for (size_t at = 0; out->count < WORDS_MAX && word_at(&c->list[i], at, &one); at++) {
            const char *word = one.size ? arena_text(arena, one) : NULL;
            if (!word)
                continue;
            out->choice[out->count] = i;
            out->list[out->count++] = word;
        }
    out->list[out->count] = NULL;
}

/* By its letters, else one of which the word is a part, or that is a part of the word. */
static size_t nearest(const struct words *w, const char *word)
{
    const char *near = text_nearest(word, w->list);
    for (size_t i = 0; i < w->count; i++)
        if (near == w->list[i])
            return w->choice[i];
    for (size_t i = 0; text_codepoints(slice_text(word)) >= 2 && i < w->count; i++)
        if (strstr(w->list[i], word) || (text_codepoints(slice_text(w->list[i])) >= 2 && strstr(word, w->list[i])))
            return w->choice[i];
    return WORD_CHOICE_NONE;
}

void word_choice_near(const struct word_choices *c, const char *word, enum language language, struct buf *out)
{
    struct arena arena;
    arena_init(&arena, 1u << 20);
    struct words *words = arena_alloc(&arena, sizeof *words); /* too large for a stack */
    CHECK(words);
    collect(c, &arena, words);
    size_t near = nearest(words, word);
    if (near != WORD_CHOICE_NONE)
        buf_format(out, _("; did you mean %s?"), language == LANGUAGE_ZH ? c->list[near].label.zh : c->list[near].name);
    arena_finish(&arena);
}

void word_choice_all(const struct word_choices *c, const char *heading, enum language language, struct buf *out)
{
    buf_format(out, "%s%s", heading, language == LANGUAGE_ZH ? "：" : ": ");
    for (size_t i = 0; i < c->count; i++)
        if (language == LANGUAGE_ZH)
            buf_format(out, "%s%s", i ? "、" : "", c->list[i].label.zh);
        else
            buf_format(out, "%s%s (%s)", i ? " " : "", c->list[i].name, c->list[i].label.en);
}
