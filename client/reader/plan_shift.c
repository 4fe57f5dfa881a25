/* See plan_shift.h. */
#include "client/reader/plan_shift.h"
#include "base/text.h"

#include <string.h>

struct period plan_shift_period(struct period p, int years)
{
    p.year += years;
    return p;
}

struct date plan_shift_date(struct date d, int years)
{
    struct date moved = {(int16_t)(d.year + years), d.month, d.day}, end = date_month_end(moved.year, d.month);
    bool was_end = date_compare(d, date_month_end(d.year, d.month)) == 0;
    return was_end || moved.day > end.day ? end : moved;
}

/* ---- numbers in a title ---- */

#define SCRIPTS 5
#define DIGITS_MAX 4

static const uint32_t scripts[SCRIPTS][10] = {
    {'0', '1', '2', '3', '4', '5', '6', '7', '8', '9'},
    {U'０', U'１', U'２', U'３', U'４', U'５', U'６', U'７', U'８', U'９'},
    {U'〇', U'一', U'二', U'三', U'四', U'五', U'六', U'七', U'八', U'九'},
    {U'零', U'一', U'二', U'三', U'四', U'五', U'六', U'七', U'八', U'九'},
    {U'○', U'一', U'二', U'三', U'四', U'五', U'六', U'七', U'八', U'九'},
};

static bool digit_of(uint32_t c, int script, int *out)
{
    for (int i = 0; i < 10; i++)
        if (scripts[script][i] == c) {
            *out = i;
            return true;
        }
    return false;
}

struct number {
    int script, value;
    size_t digits, end; /* end: where the text goes on */
};

/* The longest run of digits of one script from `at` on; of two scripts that share signs the one that reads more of it. */
static bool number_at(struct slice text, size_t at, struct number *out)
{
    *out = (struct number){.digits = 0};
    for (int script = 0; script < SCRIPTS; script++) {
        struct number n = {.script = script, .end = at};
        size_t next = at;
        int digit;
        for (uint32_t c = text_next(text, &next); c && digit_of(c, script, &digit); c = text_next(text, &next)) {
            if (n.digits++ < DIGITS_MAX)
                n.value = n.value * 10 + digit;
            n.end = next;
        }
        if (n.digits > out->digits)
            *out = n;
    }
    return out->digits > 0;
}

static bool is_range(uint32_t c)
{
    static const uint32_t signs[] = {'-', '~', '/', U'–', U'—', U'－', U'～', U'至', U'到', U'／', 0};
    size_t i = 0;
    while (signs[i] && signs[i] != c)
        i++;
    return signs[i] != 0;
}

static bool goes_on(struct slice text, size_t at, const char *with)
{
    size_t size = strlen(with);
    return text.size - at >= size && memcmp(text.data + at, with, size) == 0;
}

/* The second term lies in the year after the one that names it; of the first one that year ends a range (2025-2026, 2025-26学年). */
static bool is_of_period(struct slice text, const struct number *n, uint32_t before, struct period was)
{
    bool term = was.kind == PERIOD_TERM, range = is_range(before);
    if (n->digits == 2)
        return range && n->value == (was.year + 1) % 100 && goes_on(text, n->end, "学年");
    return n->digits == 4 && (n->value == was.year || (n->value == was.year + 1 && (range || (term && was.part == 2))));
}

static void put_number(const struct number *n, int years, struct buf *out)
{
    int value = n->value + years;
    int divisor = n->digits == 4 ? 1000 : 10;
    for (; divisor > 0; divisor /= 10)
        text_put(out, scripts[n->script][value / divisor % 10]);
}

/* out may be NULL. Whether any year of the period was there. */
static bool shift(struct slice text, struct period was, int years, struct buf *out)
{
    bool found = false;
    uint32_t before = 0;
    struct number n;
    for (size_t at = 0; at < text.size;) {
        size_t next = at;
        uint32_t c = text_next(text, &next);
        bool number = number_at(text, at, &n), moved = number && is_of_period(text, &n, before, was);
        found = found || moved;
        next = number ? n.end : next;
        if (out && moved)
            put_number(&n, years, out);
        else if (out)
            buf_append(out, text.data + at, next - at);
        before = c == ' ' || c == U'　' ? before : c;
        at = next;
    }
    return found;
}

void plan_shift_title(struct slice title, struct period was, int years, struct buf *out)
{
    (void)shift(title, was, years, out);
}

bool plan_shift_is_dated(struct slice text, struct period was)
{
    return shift(text, was, 0, NULL);
}
