/* UUIDv7: 48 bits of milliseconds, then version and variant over random bits. As text lower case 8-4-4-4-12. */
#include "base/id.h"
#include <string.h>

#define DIGITS (2u * ID_SIZE)
#define PREFIX_DIGITS_LEAST 4u

struct id id_make(int64_t now_ms, const uint8_t random[10])
{
    uint64_t ms = now_ms > 0 ? (uint64_t)now_ms : 0;
    struct id id;
    for (int i = 0; i < 6; i++)
        id.bytes[i] = (uint8_t)(ms >> (40 - 8 * i));
    memcpy(id.bytes + 6, random, 10);
    id.bytes[6] = 0x70 | (id.bytes[6] & 0x0f);
    id.bytes[8] = 0x80 | (id.bytes[8] & 0x3f);
    return id;
}

struct id id_from(struct slice s)
{
    CHECK(s.size == ID_SIZE);
    struct id id;
    memcpy(id.bytes, s.data, ID_SIZE);
    return id;
}

struct slice id_slice(const struct id *id)
{
    return slice_of(id->bytes, ID_SIZE);
}

bool id_equal(struct id a, struct id b)
{
    return id_compare(a, b) == 0;
}

bool id_is_zero(struct id a)
{
    return id_equal(a, (struct id){0});
}

int id_compare(struct id a, struct id b)
{
    int order = memcmp(a.bytes, b.bytes, ID_SIZE);
    return (order > 0) - (order < 0);
}

void id_text(struct id id, char out[ID_TEXT_SIZE])
{
    static const char hex[] = "0123456789abcdef";
    for (int i = 0; i < ID_SIZE; i++) {
        if (i == 4 || i == 6 || i == 8 || i == 10)
            *out++ = '-';
        *out++ = hex[id.bytes[i] >> 4];
        *out++ = hex[id.bytes[i] & 15];
    }
    *out = 0;
}

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

/* Hex digits with hyphens only where id_text puts them: after 8, 12, 16 and 20 digits, none twice. */
static enum err read_digits(const char *text, struct id *out, size_t *digits)
{
    struct id id = {0};
    size_t n = 0;
    for (const char *at = text; *at; at++) {
        bool hyphen_place = n == 8 || n == 12 || n == 16 || n == 20;
        if (*at == '-' && hyphen_place && at[-1] != '-')
            continue;
        int digit = hex_digit(*at);
        if (digit < 0 || n == DIGITS)
            return ERR_VALUE;
        id.bytes[n / 2] |= (uint8_t)(n % 2 ? digit : digit << 4);
        n++;
    }
    *out = id;
    *digits = n;
    return ERR_OK;
}

enum err id_parse(const char *text, struct id *out)
{
    struct id id;
    size_t digits;
    if (read_digits(text, &id, &digits) != ERR_OK || digits != DIGITS)
        return ERR_VALUE;
    *out = id;
    return ERR_OK;
}

enum err id_parse_prefix(const char *text, struct id *out, unsigned *bits)
{
    struct id id;
    size_t digits;
    if (read_digits(text, &id, &digits) != ERR_OK || digits < PREFIX_DIGITS_LEAST)
        return ERR_VALUE;
    *out = id;
    *bits = (unsigned)(4 * digits);
    return ERR_OK;
}

bool id_has_prefix(struct id id, struct id prefix, unsigned bits)
{
    if (bits > 8 * ID_SIZE)
        return false;
    unsigned whole = bits / 8;
    if (memcmp(id.bytes, prefix.bytes, whole) != 0)
        return false;
    if (bits % 8 == 0)
        return true;
    unsigned shift = 8 - bits % 8;
    return id.bytes[whole] >> shift == prefix.bytes[whole] >> shift;
}
