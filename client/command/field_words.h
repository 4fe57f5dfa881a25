#pragma once
/* FIELD=VALUE words of a command: names (or Chinese labels) looked up, values parsed as people write them, references
 * found by id, number, ID number or unique name. */
#include "client/command/command.h"

struct field_words {
    ProtobufCMessage *patch;
    uint32_t *cleared; /* tags, ascending */
    size_t cleared_count;
};
/* FIELD= empties the field in SET; in ADD, where nothing was there, it says nothing. Of two words for one field the
 * later counts. False: said, with the nearest name of an unknown field; *status is set. */
enum field_words_mode { FIELD_WORDS_ADD, FIELD_WORDS_SET };
bool field_words_parse(struct seat *s, const struct kind *k, char *const *words, int count, enum field_words_mode mode,
                       struct field_words *out, int *status);
/* One word: which field, which value (absent: empty). False: said, with the form that is wanted; *status is set. */
bool field_words_take(struct seat *s, const struct kind *k, const char *word, const struct field_rule **f, struct cell *value,
                      int *status);
/* The field that a word names, or NULL and said. */
const struct field_rule *field_words_field(const struct kind *k, const char *name, size_t size, int *status);
/* Parses one value for a field, references too. ERR_NOT_FOUND, ERR_AMBIGUOUS for references; ERR_VALUE ... otherwise.
 */
enum err field_words_value(struct seat *s, const struct field_rule *f, const char *text, struct cell *out);
