/* See amount.h. */
#include "client/print/amount.h"

#include <inttypes.h>
#include <stdio.h>

static uint64_t size_of(int64_t fen)
{
    return fen < 0 ? 0 - (uint64_t)fen : (uint64_t)fen;
}

void amount_figures(int64_t fen, struct buf *out)
{
    char digits[24];
    uint64_t size = size_of(fen);
    int count = snprintf(digits, sizeof digits, "%" PRIu64, size / 100);
    buf_text(out, fen < 0 ? "-" : "");
    for (int i = 0; i < count; i++) {
        if (i > 0 && (count - i) % 3 == 0)
            buf_byte(out, ',');
        buf_byte(out, (uint8_t)digits[i]);
    }
    buf_format(out, ".%02u", (unsigned)(size % 100));
}

static const char *const capitals[] = {"零", "壹", "贰", "叁", "肆", "伍", "陆", "柒", "捌", "玖"};

/* The largest unit, how many of it, and the rest: a 零 where the place below that unit is empty. n > 0; as deep as a number has
 * digits. */
static void whole(uint64_t n, struct buf *out)
{
    static const struct {
        uint64_t size;
        const char *name;
    } units[] = {{100000000, "亿"}, {10000, "万"}, {1000, "仟"}, {100, "佰"}, {10, "拾"}, {1, ""}};
    size_t u = 0;
    while (n < units[u].size)
        u++;
    uint64_t rest = n % units[u].size;
    if (n / units[u].size < 10)
        buf_text(out, capitals[n / units[u].size]);
    else
        whole(n / units[u].size, out);
    buf_text(out, units[u].name);
    if (rest && rest < units[u].size / 10)
        buf_text(out, capitals[0]);
    if (rest)
        whole(rest, out);
}

void amount_capitals(int64_t fen, struct buf *out)
{
    uint64_t size = size_of(fen), yuan = size / 100;
    unsigned jiao = (unsigned)(size / 10 % 10), last = (unsigned)(size % 10);
    buf_text(out, fen < 0 ? "负" : "");
    if (yuan)
        whole(yuan, out);
    else if (!jiao && !last)
        buf_text(out, capitals[0]);
    if (yuan || (!jiao && !last))
        buf_text(out, "元");
    if (!jiao && !last)
        buf_text(out, "整");
    if (jiao)
        buf_format(out, "%s角", capitals[jiao]);
    else if (yuan && last)
        buf_text(out, capitals[0]);
    if (last)
        buf_format(out, "%s分", capitals[last]);
}
