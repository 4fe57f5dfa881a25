/* Values as people write them, to cells and back to text. What is stored is canonical: codes by identifier, dates
 * YYYY-MM-DD, money in fen, numbers in ASCII digits. Text keeps its own punctuation: only full-width letters, digits
 * and spaces fold. */
#include "base/limits.h"
#include "base/text.h"
#include "kinds/rules.h"
#include <string.h>

/* ---- reading ---- */

static bool is_wide_letter(uint32_t c)
{
    return (c >= 0xff10 && c <= 0xff19) || (c >= 0xff21 && c <= 0xff3a) || (c >= 0xff41 && c <= 0xff5a);
}

static bool is_space(uint8_t c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* Letters and digits folded, lines and wide spaces to spaces, trimmed. */
static void fold_short(struct slice text, struct buf *out)
{
    size_t at = 0, from = out->size;
    for (uint32_t c = text_next(text, &at); c != 0; c = text_next(text, &at)) {
        if (is_wide_letter(c))
            c -= 0xfee0;
        else if (c == '\n' || c == '\r' || c == '\t' || c == 0x3000 || c == 0xa0)
            c = ' ';
        if (c != ' ' || out->size > from)
            text_put(out, c);
    }
    while (out->size > from && out->data[out->size - 1] == ' ')
        out->size--;
}

static struct slice trimmed(struct slice s)
{
    while (s.size > 0 && is_space(s.data[0]))
        s = slice_of(s.data + 1, s.size - 1);
    while (s.size > 0 && is_space(s.data[s.size - 1]))
        s.size--;
    return s;
}

static enum err put_text(struct slice text, size_t limit, struct arena *arena, struct cell *out)
{
    if (text.size > limit)
        return ERR_TOO_LONG;
    char *copy = arena_text(arena, text);
    if (!copy)
        return ERR_MEMORY;
    *out = (struct cell){.type = CELL_TEXT, .bytes = slice_of(copy, text.size)};
    return ERR_OK;
}

static enum err parse_text(const struct field_rule *f, struct slice text, struct arena *arena, struct cell *out)
{
    if (f->type == FIELD_LONG_TEXT)
        return put_text(trimmed(text), LIMIT_TEXT_LONG, arena, out);
    struct buf folded = BUF_INIT;
    if (f->normalise)
        f->normalise(text, &folded);
    else
        fold_short(text, &folded);
    enum err e = ERR_VALUE; /* nothing but characters that do not count */
    if (folded.size > 0)
        e = put_text(buf_slice(&folded), LIMIT_TEXT_SHORT, arena, out);
    buf_finish(&folded);
    return e;
}

static enum err parse_code(const struct field_rule *f, const char *text, struct arena *arena, struct cell *out)
{
    const struct code *c = f->codes ? code_match(f->codes, text) : NULL;
    return c ? put_text(slice_text(c->name), LIMIT_TEXT_SHORT, arena, out) : ERR_VALUE;
}

/* Spreadsheets add midnight to a date. */
static size_t without_midnight(const char *text)
{
    static const char *const midnights[] = {" 00:00:00", " 0:00:00", " 00:00", " 0:00"};
    size_t size = strlen(text);
    for (size_t i = 0; i < COUNT(midnights); i++) {
        size_t tail = strlen(midnights[i]);
        if (size > tail && strcmp(text + size - tail, midnights[i]) == 0)
            return size - tail;
    }
    return size;
}

static enum err parse_date(char *folded, struct arena *arena, struct cell *out)
{
    struct date date;
    char text[DATE_TEXT_SIZE];
    folded[without_midnight(folded)] = '\0';
    enum err e = date_parse(folded, &date);
    if (e)
        return e;
    date_text(date, text);
    return put_text(slice_text(text), LIMIT_TEXT_SHORT, arena, out);
}

/* Decimal digits with thousands' commas, at most `decimals` after the point, in units of the last of them. */
static enum err parse_decimal(const char *text, unsigned decimals, int64_t *out)
{
    bool minus = *text == '-';
    text += minus || *text == '+';
    int64_t value = 0;
    unsigned after = 0;
    bool point = false, any = false;
    for (; *text; text++) {
        if (*text == ',' && any && !point)
            continue;
        if (*text == '.' && !point && decimals) {
            point = true;
            continue;
        }
        if (*text < '0' || *text > '9' || (point && after == decimals))
            return ERR_VALUE;
        after += point;
        any = true;
        if (__builtin_mul_overflow(value, 10, &value) || __builtin_add_overflow(value, *text - '0', &value))
            return ERR_VALUE;
    }
    for (; after < decimals; after++)
        if (__builtin_mul_overflow(value, 10, &value))
            return ERR_VALUE;
    if (!any)
        return ERR_VALUE;
    *out = minus ? -value : value;
    return ERR_OK;
}

static enum err parse_integer(const struct field_rule *f, const char *folded, struct cell *out)
{
    struct buf normal = BUF_INIT;
    int64_t value;
    if (f->normalise)
        f->normalise(slice_text(folded), &normal);
    enum err e = parse_decimal(f->normalise ? buf_c_string(&normal) : folded, 0, &value);
    buf_finish(&normal);
    if (!e)
        *out = cell_integer(value);
    return e;
}

/* 12.50, ￥5,200.00, 10元 */
static enum err parse_fen(char *folded, struct cell *out)
{
    static const char *const signs[] = {"¥", "￥"};
    static const char unit[] = "元";
    size_t size = strlen(folded);
    if (size >= sizeof unit - 1 && strcmp(folded + size - (sizeof unit - 1), unit) == 0)
        folded[size - (sizeof unit - 1)] = '\0';
    for (size_t i = 0; i < COUNT(signs); i++)
        if (strncmp(folded, signs[i], strlen(signs[i])) == 0)
            folded += strlen(signs[i]);
    int64_t value;
    enum err e = parse_decimal(folded, 2, &value);
    if (!e)
        *out = cell_integer(value);
    return e;
}

static enum err parse_bool(const char *folded, struct cell *out)
{
    static const char *const yes[] = {"是", "有", "true", "yes", "1", "√"};
    static const char *const no[] = {"否", "无", "false", "no", "0", "×"};
    for (size_t i = 0; i < COUNT(yes); i++) {
        bool is_yes = strcmp(folded, yes[i]) == 0;
        if (is_yes || strcmp(folded, no[i]) == 0) {
            *out = (struct cell){.type = CELL_BOOL, .integer = is_yes};
            return ERR_OK;
        }
    }
    return ERR_VALUE;
}

static enum err parse_folded(const struct field_rule *f, const char *text, char *folded, struct arena *arena,
                             struct cell *out)
{
    switch (f->type) {
    case FIELD_TEXT:
    case FIELD_LONG_TEXT:
        return parse_text(f, slice_text(text), arena, out);
    case FIELD_CODE:
        return parse_code(f, folded, arena, out);
    case FIELD_DATE:
        return parse_date(folded, arena, out);
    case FIELD_INTEGER:
        return parse_integer(f, folded, out);
    case FIELD_FEN:
        return parse_fen(folded, out);
    case FIELD_BOOL:
        return parse_bool(folded, out);
    case FIELD_REFERENCE:
        return ERR_BUG;
    case FIELD_BYTES:
    case FIELD_TIME_MS:
        break; /* the server's own fields: nobody writes them */
    }
    return ERR_VALUE;
}

enum err value_parse(const struct field_rule *f, const char *text, struct arena *arena, struct cell *out)
{
    struct buf folded = BUF_INIT;
    if (!text_is_clean(slice_text(text)))
        return ERR_TEXT;
    text_fold(slice_text(text), &folded);
    enum err e = ERR_OK;
    if (folded.size == 0)
        *out = (struct cell){.type = CELL_ABSENT};
    else {
        buf_byte(&folded, 0);
        e = parse_folded(f, text, (char *)folded.data, arena, out);
    }
    buf_finish(&folded);
    return e;
}

const char *value_refusal(const struct field_rule *f, enum err e)
{
    if (e == ERR_TOO_LONG)
        return REFUSAL_TOO_LONG;
    return f->type == FIELD_CODE ? REFUSAL_CODE : REFUSAL_VALUE;
}
