/* "Did you mean ...": Damerau-Levenshtein distance by code points, neighbours swapped count one (optimal string alignment).
 * Near is a third of the word, at least one. */
#include "base/text.h"

#define LONGEST 64u

struct word {
    uint32_t at[LONGEST];
    size_t size;
};

static bool word_from(const char *text, struct word *out)
{
    struct slice s = slice_text(text);
    out->size = 0;
    for (size_t at = 0; at < s.size;) {
        if (out->size == LONGEST)
            return false;
        out->at[out->size++] = text_next(s, &at);
    }
    return true;
}

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* d[i][j]: from the first i of a to the first j of b. */
static size_t distance(const struct word *a, const struct word *b)
{
    size_t d[LONGEST + 1][LONGEST + 1];
    for (size_t i = 0; i <= a->size; i++)
        d[i][0] = i;
    for (size_t j = 0; j <= b->size; j++)
        d[0][j] = j;
    for (size_t i = 1; i <= a->size; i++) {
        for (size_t j = 1; j <= b->size; j++) {
            size_t change = d[i - 1][j - 1] + (a->at[i - 1] != b->at[j - 1]);
            d[i][j] = least(least(d[i - 1][j], d[i][j - 1]) + 1, change);
            bool swapped = i > 1 && j > 1 && a->at[i - 1] == b->at[j - 2] && a->at[i - 2] == b->at[j - 1];
            if (swapped)
                d[i][j] = least(d[i][j], d[i - 2][j - 2] + 1);
        }
    }
    return d[a->size][b->size];
}

const char *text_nearest(const char *word, const char *const *names)
{
    struct word wanted, name;
    if (!word_from(word, &wanted))
        return NULL;
    size_t near = wanted.size / 3 ? wanted.size / 3 : 1;
    const char *best = NULL;
    size_t best_distance = near + 1;
    for (; *names; names++) {
        if (!word_from(*names, &name))
            continue;
        size_t d = distance(&wanted, &name);
        if (d < best_distance) {
            best = *names;
            best_distance = d;
        }
    }
    return best;
}
