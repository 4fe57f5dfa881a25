#include "wire/join_code.h"
#include "wire/wire.h"

#include <string.h>

static const char digits[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
static const char prefix[] = "BANYAN";

static void put_base32(struct slice in, struct buf *out)
{
    uint32_t bits = 0;
    unsigned held = 0, written = 0;
    for (size_t i = 0; i < in.size || held > 0; i++) {
        if (i < in.size) {
            bits = bits << 8 | in.data[i];
            held += 8;
        } else {
            bits <<= 5 - held; /* the last digit is filled up with zero bits */
            held = 5;
        }
        while (held >= 5) {
            if (written++ % 5 == 0)
                buf_byte(out, '-');
            held -= 5;
            buf_byte(out, (uint8_t)digits[bits >> held & 31]);
        }
    }
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

static bool is_gap(uint8_t c)
{
    return c == '-' || c == ' ' || c == '\t' || c == '\r' || c == '\n';
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
        bits = bits << 5 | (uint32_t)digit;
        held += 5;
        if (held >= 8) {
            held -= 8;
            buf_byte(out, (uint8_t)(bits >> held));
        }
        bits &= 0xff;
    }
    return true;
}

/* After the prefix, in either case, with white space before it. */
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

void join_code_text(const Wire__JoinCode *code, join_code_sha256 *sha256, struct buf *out)
{
    struct buf packed = BUF_INIT;
    uint8_t hash[32];
    wire_pack(&code->base, &packed);
    sha256(buf_slice(&packed), hash);
    buf_append(&packed, hash, 2);
    buf_text(out, prefix);
    put_base32(buf_slice(&packed), out);
    buf_finish(&packed);
}

static enum err open_packed(struct slice packed, join_code_sha256 *sha256, struct arena *arena, Wire__JoinCode **out)
{
    uint8_t hash[32];
    ProtobufCMessage *m;
    if (packed.size < 3)
        return ERR_VALUE;
    struct slice body = slice_of(packed.data, packed.size - 2);
    sha256(body, hash);
    if (memcmp(hash, packed.data + body.size, 2) != 0)
        return ERR_VALUE;
    enum err e = wire_open(&wire__join_code__descriptor, body, arena, &m);
    if (e != ERR_OK)
        return ERR_VALUE;
    Wire__JoinCode *code = (Wire__JoinCode *)m;
    if (code->has_version && code->version != 1)
        return ERR_VERSION;
    if (!code->server || code->ca_fingerprint.len != 16 || code->secret.len != 16)
        return ERR_VALUE;
    *out = code;
    return ERR_OK;
}

enum err join_code_parse(struct slice text, join_code_sha256 *sha256, struct arena *arena, Wire__JoinCode **out)
{
    struct buf packed = BUF_INIT;
    struct slice rest;
    enum err e = ERR_VALUE;
    if (text.size < 1024 && skip_prefix(text, &rest) && take_base32(rest, &packed))
        e = open_packed(buf_slice(&packed), sha256, arena, out);
    buf_finish(&packed);
    return e;
}
