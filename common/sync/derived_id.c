/* See derived_id.h. Days before 1970 have no milliseconds that fit: such ids lie at zero. */
#include "sync/derived_id.h"
#include "tls/tls.h"
#include <string.h>

#define MS_A_DAY INT64_C(86400000)

static void put_time(struct date day, uint8_t out[6])
{
    int64_t days = date_is_valid(day) ? date_days(day) : 0;
    uint64_t ms = days > 0 ? (uint64_t)(days * MS_A_DAY) : 0;
    for (int i = 0; i < 6; i++)
        out[i] = (uint8_t)(ms >> (40 - 8 * i));
}

bool derived_id(const struct kind *k, uint32_t org, const ProtobufCMessage *row, struct id *out)
{
    struct buf text = BUF_INIT, key = BUF_INIT;
    struct date day = {0};
    uint8_t hash[32];
    struct id id;
    bool whole = k->identity_key && k->identity_key(row, &day, &key);
    buf_text(&text, "banyan record");
    buf_u32(&text, k->number);
    buf_u32(&text, org);
    buf_append_slice(&text, buf_slice(&key));
    tls_sha256(buf_slice(&text), hash);
    buf_finish(&text);
    buf_finish(&key);
    put_time(day, id.bytes);
    memcpy(id.bytes + 6, hash, ID_SIZE - 6);
    id.bytes[6] = (uint8_t)((id.bytes[6] & 0x0f) | 0x80);
    id.bytes[8] = (uint8_t)((id.bytes[8] & 0x3f) | 0x80);
    if (whole)
        *out = id;
    return whole;
}
