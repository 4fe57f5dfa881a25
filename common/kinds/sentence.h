#pragma once
/* Sentences with holes: a template and the words to fill in. A sentence never shows an unfilled hole.
 * %f label of the field, %i its name where that differs   %k label of the kind   %n its name for commands   %r what is said of the field's form
 * %1 %2 %3 the arguments as they are   %s %a %g the first argument as a state, an action or right, a kind: its label
 * %m who may do what the first argument says (a step or right): the roles, by label
 * %p the steps that bring the field
 * %w1 %w2 %w3 an argument as who it was (a seat's number, or a name)   %t1 %t2 %t3 as a time (ms since 1970, or a text)
 * [ ] leaves out what is in it if a word is not known; [ a | b ] says b then. Not nested. */
#include "kinds/kind.h"

struct sentence_words {
    const struct kind *kind; /* NULL: not known */
    const char *field;       /* name; NULL */
    const char *const *arguments;
    size_t argument_count;
    enum language language;
};
void sentence_write(const char *template, const struct sentence_words *words, struct buf *out);
