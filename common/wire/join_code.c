/* See join_code.h. Invariant: a code has one way to be written, but for case, gaps and look-alikes: the last digit's
 * spare bits are zero, and the check covers all the rest. The secret stays in no buffer of this file. */
#include "wire/join_code.h"
#include "wire/wire.h"

#include <string.h>

#define TEXT_SIZE_MAX 1024u /* a code with a long host name has some 200 characters */
#define CHECK_SIZE 2u
#define DIGIT_BITS 5u
#define GROUP 5u

static const char digits[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"; /* Crockford's: without I, L, O, U */
static const char prefix[] = "BANYAN";

static void forget(struct buf *b)
{
    if (b->data)
        explicit_bzero(b->data, b->capacity);
    buf_finish(b);
}

/* ---- writing ---- */

/* The last digit is filled up with zero bits. */
static unsigned digit_at(struct slice bytes, size_t index)
{
    unsigned value = 0;
    for (size_t bit = index * DIGIT_BITS; bit < (index + 1) * DIGIT_BITS; bit++)
        value = value << 1 | (bit / 8 < bytes.size ? bytes.data[bit / 8] >> (7 - bit % 8) & 1u : 0);
    return value;
}

static void put_base32(struct slice in, struct buf *out)
{
    size_t count = (in.size * 8 + DIGIT_BITS - 1) / DIGIT_BITS;
    for (size_t i = 0; i < count; i++) {
        if (i % GROUP == 0)
            buf_byte(out, '-');
        buf_byte(out, (uint8_t)digits[digit_at(in, i)]);
    }
}

void join_code_text(const Wire__JoinCode *code, join_code_sha256 *sha256, struct buf *out)
{
    struct buf packed = BUF_INIT;
    uint8_t hash[32];
    wire_pack(&code->base, &packed);
    sha256(buf_slice(&packed), hash);
    buf_append(&packed, hash, CHECK_SIZE);
    buf_text(out, prefix);
    put_base32(buf_slice(&packed), out);
    forget(&packed);
}

/* ---- reading ---- */

static bool is_gap(uint8_t c)
{
    return c == '-' || c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static int digit_of(uint8_t c)
{
    if (c >= 'a' && c <= 'z')
        c = (uint8_t)(c - 'a' + 'A');
    if (c == 'O')
        c = '0';
    if (c == 'I' || c == 'L')
        c = '1';
    const char *at = c ? strchr(digits, c) : NULL;
    return at ? (int)(at - digits) : -1;
}

static bool take_base32(struct slice in, struct buf *out)
{
    uint32_t bits = 0;
    unsigned held = 0;
    for (size_t i = 0; i < in.size; i++) {
        if (is_gap(in.data[i]))
            continue;
        int digit = digit_of(in.data[i]);
        if (digit < 0)
            return false;
        bits = bits << DIGIT_BITS | (uint32_t)digit;
        held += DIGIT_BITS;
        if (held >= 8) {
            held -= 8;
            buf_byte(out, (uint8_t)(bits >> held));
            bits &= (1u << held) - 1;
        }
    }
    return held < DIGIT_BITS && bits == 0;
}

/* What stands behind the prefix, which may come in either case and behind white space. */
static bool skip_prefix(struct slice text, struct slice *rest)
{
    size_t at = 0;
    while (at < text.size && is_gap(text.data[at]))
        at++;
    for (size_t i = 0; prefix[i]; i++, at++)
        if (at >= text.size || (text.data[at] & ~0x20) != prefix[i])
            return false;
    *rest = slice_of(text.data + at, text.size - at);
    return true;
}

static enum err open_packed(struct slice packed, join_code_sha256 *sha256, struct arena *arena, Wire__JoinCode **out)
{
    uint8_t hash[32];
    ProtobufCMessage *m;
    if (packed.size <= CHECK_SIZE)
        return ERR_VALUE;
    struct slice body = slice_of(packed.data, packed.size - CHECK_SIZE);
    sha256(body, hash);
    if (memcmp(hash, packed.data + body.size, CHECK_SIZE) != 0 ||
        wire_open(&wire__join_code__descriptor, body, arena, &m) != ERR_OK)
        return ERR_VALUE;
    Wire__JoinCode *code = (Wire__JoinCode *)m;
    if (code->version > 1)
        return ERR_VERSION;
    if (code->version != 1 || !code->server || code->ca_fingerprint.len != 16 || code->secret.len != 16)
        return ERR_VALUE;
    *out = code;
    return ERR_OK;
}

enum err join_code_parse(struct slice text, join_code_sha256 *sha256, struct arena *arena, Wire__JoinCode **out)
{
    struct buf packed = BUF_INIT;
    struct slice rest;
    enum err e = ERR_VALUE;
    if (text.size < TEXT_SIZE_MAX && skip_prefix(text, &rest) && take_base32(rest, &packed))
        e = open_packed(buf_slice(&packed), sha256, arena, out);
    forget(&packed);
    return e;
}
