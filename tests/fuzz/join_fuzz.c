/* The way in: `u8 how`, then a certificate request. It comes as a JOIN from a stranger with the right secret, or is the
 * whole JOIN, or a RENEW; and everything that reads certificates reads it as one. A seat that is made is made whole,
 * and a code that was not used up is good still. */
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/stage.h"
#include "base/limits.h"
#include "wire/wire.h"
#include <stdlib.h>
#include <string.h>

enum how { HOW_JOIN, HOW_WHOLE, HOW_RENEW, HOW_CERTIFICATE, HOW_COUNT };

static void look_at_certificate(struct slice bytes)
{
    struct tls_cert_facts facts;
    struct buf out = BUF_INIT;
    uint8_t hash[32];
    if (tls_cert_facts(bytes, &facts) == ERR_OK)
        CHECK(facts.usage == TLS_USAGE_SERVER || facts.usage == TLS_USAGE_SEAT);
    if (tls_csr_key_hash(bytes, hash) == ERR_OK)
        CHECK(hash[0] || hash[1] || hash[2] || hash[3]);
    if (tls_cert_to_pem(bytes, &out) == ERR_OK)
        CHECK(out.size > 0);
    out.size = 0;
    if (tls_cert_to_der(bytes, &out) == ERR_OK)
        CHECK(out.size > 0);
    (void)tls_verify_signature(bytes, slice_text("text"), bytes);
    buf_finish(&out);
}

static struct buf join_of(struct slice csr)
{
    Wire__Join join = WIRE__JOIN__INIT;
    struct buf out = BUF_INIT;
    join.has_protocol = join.has_secret = join.has_csr = 1;
    join.protocol = 1;
    join.secret = (ProtobufCBinaryData){16, (uint8_t *)STAGE_JOIN_SECRET};
    join.csr = (ProtobufCBinaryData){csr.size, (uint8_t *)csr.data};
    wire_pack(&join.base, &out);
    return out;
}

static struct buf renew_of(struct slice csr)
{
    Wire__Renew renew = WIRE__RENEW__INIT;
    struct buf out = BUF_INIT;
    renew.has_csr = 1;
    renew.csr = (ProtobufCBinaryData){csr.size, (uint8_t *)csr.data};
    wire_pack(&renew.base, &out);
    return out;
}

static size_t seats_of(struct stage *s)
{
    size_t count = 0;
    CHECK(control_refresh(s->h.server.control, NULL) == ERR_OK);
    while (control_seat_at(s->h.server.control, count))
        count++;
    return count;
}

static bool says(const struct peer *p, enum frame_type type)
{
    struct frame frame;
    size_t used = 0;
    return frame_take(buf_slice(&p->frames), LIMIT_FRAME, &frame, &used) == ERR_OK && used && frame.type == type;
}

static void say(struct stage *s, enum how how, struct slice bytes)
{
    struct peer p;
    struct control_invitation invitation;
    size_t before = seats_of(s);
    struct buf payload = how == HOW_JOIN ? join_of(bytes) : how == HOW_RENEW ? renew_of(bytes) : BUF_INIT;
    if (how == HOW_WHOLE)
        buf_append_slice(&payload, bytes);
    peer_open(&s->h, &p, how == HOW_RENEW ? TLS_PEER_CERTIFICATE_EXPIRED : TLS_PEER_NOBODY,
              how == HOW_RENEW ? s->seats[STAGE_CHAIR] : 0);
    if (payload.size < p.frame_limit)
        session_take(p.session, how == HOW_RENEW ? FRAME_RENEW : FRAME_JOIN, buf_slice(&payload));
    bool joined = says(&p, FRAME_JOINED);
    CHECK(seats_of(s) == before + joined);
    CHECK(control_find_invitation(s->h.server.control, (const uint8_t *)STAGE_JOIN_SECRET, &invitation) == ERR_OK);
    CHECK((invitation.seat != 0) == joined);
    peer_finish(&p);
    buf_finish(&payload);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0)
        return 0;
    struct stage *s = stage_get();
    struct slice bytes = slice_of(data + 1, size - 1);
    uint8_t *exact = exact_copy(bytes);
    enum how how = data[0] % HOW_COUNT;
    if (how == HOW_CERTIFICATE)
        look_at_certificate(slice_of(exact, bytes.size));
    else
        say(s, how, slice_of(exact, bytes.size));
    free(exact);
    stage_reset(s);
    return 0;
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t size_max, unsigned seed)
{
    if (size > 1 && data[0] % HOW_COUNT == HOW_WHOLE && seed % 2)
        return 1 + mutate_message(&wire__join__descriptor, data + 1, size - 1, size_max - 1, seed / 2);
    return LLVMFuzzerMutate(data, size, size_max);
}
