/* See month.h. */
#include "kinds/month.h"
#include "base/text.h"

#include <string.h>

/* The number that s is, in digits or, with its unit (九 alone may be anything), in Chinese; 0: none, or over 99. */
static int number_of(struct slice s, bool unit)
{
    static const char *const words[] = {"一", "二", "三", "四", "五", "六", "七", "八", "九", "十", "十一", "十二"};
    int number = 0;
    for (size_t i = 0; unit && i < sizeof words / sizeof *words; i++)
        if (slice_equal(s, slice_text(words[i])))
            return (int)i + 1;
    for (size_t i = 0; i < s.size; i++) {
        if (s.data[i] < '0' || s.data[i] > '9' || s.size > 2)
            return 0;
        number = number * 10 + s.data[i] - '0';
    }
    return number;
}

static bool cut_start(struct slice *s, const char *word)
{
    size_t size = strlen(word);
    if (s->size <= size || memcmp(s->data, word, size) != 0)
        return false;
    *s = slice_of(s->data + size, s->size - size);
    return true;
}

static bool cut_end(struct slice *s, const char *word)
{
    size_t size = strlen(word);
    if (s->size <= size || memcmp(s->data + s->size - size, word, size) != 0)
        return false;
    s->size -= size;
    return true;
}

static void put(int number, struct slice as_it_is, struct buf *out)
{
    if (number)
        buf_format(out, "%d", number);
    else
        buf_append_slice(out, as_it_is);
}

void month_normalise(struct slice written, struct buf *out)
{
    struct buf folded = BUF_INIT;
    text_fold(written, &folded);
    struct slice s = buf_slice(&folded);
    bool unit = cut_end(&s, "月份") || cut_end(&s, "月");
    put(unit && slice_equal(s, slice_text("元")) ? 1 : number_of(s, unit), buf_slice(&folded), out);
    buf_finish(&folded);
}

void quarter_normalise(struct slice written, struct buf *out)
{
    struct buf folded = BUF_INIT;
    text_fold(written, &folded);
    struct slice s = buf_slice(&folded);
    bool letter = cut_start(&s, "Q") || cut_start(&s, "q"), unit = !letter && (cut_end(&s, "季度") || cut_end(&s, "季"));
    if (unit)
        (void)cut_start(&s, "第");
    put(number_of(s, unit), buf_slice(&folded), out);
    buf_finish(&folded);
}
