#pragma once
/* Words of which one is meant: fields, states, steps, kinds. By identifier, by label in either language or by another word that
 * people use for it; where it is none, the nearest and all that there are. */
#include "kinds/kind.h"

#define WORD_CHOICES_MAX 128u
struct word_choices {
    struct word_choice {
        const char *name;
        struct label label;
        const char *more; /* other words, separated by '|'; NULL */
    } list[WORD_CHOICES_MAX];
    size_t count;
};
void word_choices_of_fields(const struct kind *k, struct word_choices *out);
void word_choices_of_states(const struct kind *k, struct word_choices *out);
void word_choices_of_actions(const struct kind *k, struct word_choices *out); /* also by the state that it leads to */
void word_choices_of_kinds(struct word_choices *out);

#define WORD_CHOICE_NONE SIZE_MAX
/* Folded; identifiers go before labels, labels before other words. */
size_t word_choice_find(const struct word_choices *c, const char *word);
/* "; did you mean X?", X as people of the language call it; nothing if none is near. */
void word_choice_near(const struct word_choices *c, const char *word, enum language language, struct buf *out);
/* "heading: " and all of them: "name (label) name (label)", in Chinese "label、label". */
void word_choice_all(const struct word_choices *c, const char *heading, enum language language, struct buf *out);
