/* Finding a code by what a person wrote: identifier, label or alias, without regard to width, case and spaces, and with
 * the leading zero that spreadsheets drop ("1" for nationality "01"). */
#include "kinds/rules.h"
#include "base/text.h"
#include <ctype.h>
#include <string.h>

const struct code *code_find(const struct code_list *list, const char *name)
{
    for (size_t i = 0; i < list->count; i++)
        if (strcmp(list->codes[i].name, name) == 0)
            return &list->codes[i];
    return NULL;
}

/* Folded width, lower case, no spaces at all. */
static void word_key(struct slice word, struct buf *out)
{
    struct buf folded = BUF_INIT;
    text_fold(word, &folded);
    for (size_t i = 0; i < folded.size; i++)
        if (!isspace(folded.data[i]))
            buf_byte(out, (uint8_t)tolower(folded.data[i]));
    buf_finish(&folded);
}

static bool word_is(struct slice key, struct slice word)
{
    struct buf other = BUF_INIT;
    word_key(word, &other);
    bool same = slice_equal(key, buf_slice(&other));
    buf_finish(&other);
    return same;
}

static bool alias_is(struct slice key, const char *aliases)
{
    for (const char *at = aliases; at && *at;) {
        size_t size = strcspn(at, "|");
        if (word_is(key, slice_of(at, size)))
            return true;
        at += size + (at[size] == '|');
    }
    return false;
}

/* As it stands, without folding: what nearly every cell of a roster is. */
static bool code_is_exactly(const struct code *c, const char *word)
{
    if (strcmp(c->name, word) == 0 || strcmp(c->label.zh, word) == 0)
        return true;
    size_t size = strlen(word);
    for (const char *at = c->aliases; at && *at;) {
        size_t alias = strcspn(at, "|");
        if (alias == size && memcmp(at, word, size) == 0)
            return true;
        at += alias + (at[alias] == '|');
    }
    return false;
}

static bool is_name_without_zero(struct slice key, const char *name)
{
    return name[0] == '0' && name[1] != '\0' && slice_equal(key, slice_text(name + 1));
}

static bool code_is(struct slice key, const struct code *c)
{
    return word_is(key, slice_text(c->name)) || word_is(key, slice_text(c->label.zh)) ||
           word_is(key, slice_text(c->label.en)) || alias_is(key, c->aliases) || is_name_without_zero(key, c->name);
}

const struct code *code_match(const struct code_list *list, const char *word)
{
    for (size_t i = 0; i < list->count && *word; i++)
        if (code_is_exactly(&list->codes[i], word))
            return &list->codes[i];
    struct buf key = BUF_INIT;
    word_key(slice_text(word), &key);
    const struct code *found = NULL;
    for (size_t i = 0; i < list->count && !found && key.size > 0; i++)
        if (code_is(buf_slice(&key), &list->codes[i]))
            found = &list->codes[i];
    buf_finish(&key);
    return found;
}
