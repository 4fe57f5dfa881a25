/* Reading periods: one canonical form is stored, several are understood. */
#include "kinds/period.h"
#include "base/text.h"
#include <string.h>

#define YEAR_MIN 1950
#define YEAR_MAX 2150

static bool is_digit(uint8_t c)
{
    return c >= '0' && c <= '9';
}

/* The four digits at the start of s; 0 if there are none or the year is out of all likelihood. */
static int year_at(struct slice s)
{
    if (s.size < 4 || !is_digit(s.data[0]) || !is_digit(s.data[1]) || !is_digit(s.data[2]) || !is_digit(s.data[3]))
        return 0;
    int year = (s.data[0] - '0') * 1000 + (s.data[1] - '0') * 100 + (s.data[2] - '0') * 10 + (s.data[3] - '0');
    return year >= YEAR_MIN && year <= YEAR_MAX ? year : 0;
}

static bool part_of(struct period *p, enum period_kind kind, uint8_t digit, int parts)
{
    p->kind = kind;
    p->part = digit - '0';
    return p->part >= 1 && p->part <= parts;
}

bool period_read(struct slice text, struct period *out)
{
    struct period p = {PERIOD_YEAR, year_at(text), 0};
    const uint8_t *rest = text.data + 4;
    bool good = p.year != 0;
    if (good && text.size == 6 && rest[0] == '-')
        good = part_of(&p, PERIOD_TERM, rest[1], 2);
    else if (good && text.size == 7 && memcmp(rest, "-H", 2) == 0)
        good = part_of(&p, PERIOD_HALF_YEAR, rest[2], 2);
    else if (good && text.size == 7 && memcmp(rest, "-Q", 2) == 0)
        good = part_of(&p, PERIOD_QUARTER, rest[2], 4);
    else
        good = good && text.size == 4;
    if (good)
        *out = p;
    return good;
}

const char *period_kind_name(enum period_kind kind)
{
    static const char *const names[] = {"term", "year", "half_year", "quarter"};
    CHECK((size_t)kind < sizeof names / sizeof names[0]);
    return names[kind];
}

static bool starts_with(struct slice s, const char *text, size_t *size)
{
    *size = strlen(text);
    return s.size >= *size && memcmp(s.data, text, *size) == 0;
}

/* Words after the year and what they stand for. 上学期 and 下学期 are not among them: regions read them differently. */
static const struct {
    const char *word;
    const char *suffix;
} words[] = {
    {"学年第一学期", "-1"},
    {"学年第二学期", "-2"},
    {"学年第1学期", "-1"},
    {"学年第2学期", "-2"},
    {"学年度第一学期", "-1"},
    {"学年度第二学期", "-2"},
    {"年上半年", "-H1"},
    {"年下半年", "-H2"},
    {"年第一季度", "-Q1"},
    {"年第二季度", "-Q2"},
    {"年第三季度", "-Q3"},
    {"年第四季度", "-Q4"},
    {"年秋季学期", "-1"},
    {"-1", "-1"},
    {"-2", "-2"},
    {"年度", ""},
    {"年", ""},
};

/* "-2027" or "—2027" after 2026: the academic year in full. Gives how many bytes that takes, 0 if it is not so. */
static size_t next_year_size(struct slice rest, int year)
{
    static const char *const dashes[] = {"-", "—", "–", "~", "至"};
    for (size_t i = 0; i < sizeof dashes / sizeof dashes[0]; i++) {
        size_t dash;
        if (starts_with(rest, dashes[i], &dash) && year_at(slice_of(rest.data + dash, rest.size - dash)) == year + 1)
            return dash + 4;
    }
    return 0;
}

/* NULL if the words are not known. */
static const char *suffix_of(struct slice rest)
{
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        if (slice_equal(rest, slice_text(words[i].word)))
            return words[i].suffix;
    return NULL;
}

void period_normalise(struct slice written, struct buf *out)
{
    struct buf folded = BUF_INIT;
    text_fold(written, &folded);
    for (size_t i = 0; i < folded.size; i++)
        if (folded.data[i] == 'h' || folded.data[i] == 'q')
            folded.data[i] = (uint8_t)(folded.data[i] - 'a' + 'A');
    struct slice s = buf_slice(&folded);
    int year = year_at(s);
    const char *suffix = NULL;
    if (year) {
        struct slice rest = slice_of(s.data + 4, s.size - 4);
        size_t skip = next_year_size(rest, year);
        suffix = suffix_of(slice_of(rest.data + skip, rest.size - skip));
    }
    if (suffix)
        buf_format(out, "%04d%s", year, suffix);
    else
        buf_append_slice(out, s);
    buf_finish(&folded);
}
