/* Control data after a restore that lost some of them: numbers that are left out, and seats that begin again under their own. */
#include "server/control/control_inner.h"

#include "journal.pb-c.h"

static enum err add_jump(struct control *c, int64_t now_ms, uint32_t unknown, struct control_jump *out)
{
    struct change_of_control change;
    struct control_jump jump;
    Journal__Jump m = JOURNAL__JUMP__INIT;
    enum err e = control_begin(c, &change);
    if (e != ERR_OK)
        return e;
    e = store_control_plan_jump(c->db, now_ms, unknown, &jump);
    if (e != ERR_OK)
        return control_give_up(&change, control_explain_full(c, e));
    m.has_at_ms = m.has_seat_above = m.has_seat_from = m.has_org_above = m.has_org_from = 1;
    m.at_ms = jump.at_ms;
    m.seat_above = jump.seat_above;
    m.seat_from = jump.seat_from;
    m.org_above = jump.org_above;
    m.org_from = jump.org_from;
    e = control_finish(&change, CONTROL_JUMP, &m.base);
    if (e == ERR_OK)
        *out = jump;
    return e;
}

enum err control_add_jump(struct control *c, int64_t now_ms, struct control_jump *out)
{
    return add_jump(c, now_ms, 0, out);
}

enum err control_jumps(const struct control *c, struct control_jump *out)
{
    return store_control_jumps(c->db, out);
}

enum err control_explain_seat(struct control *c, uint32_t seat, int64_t now_ms)
{
    struct control_jump jump;
    if (control_seat(c, seat))
        return ERR_OK;
    enum err e = control_jumps(c, &jump);
    if (e == ERR_NOT_FOUND || (e == ERR_OK && seat <= jump.seat_above))
        e = add_jump(c, now_ms, seat, &jump);
    return e;
}

enum err control_strangers(const struct control *c, struct arena *arena, struct control_stranger **out, size_t *count)
{
    return store_control_strangers(c->db, arena, out, count);
}

enum err control_adopt_seat(struct control *c, const struct control_stranger *x, uint32_t org, const char *person, role_set roles)
{
    struct change_of_control change;
    struct buf words = BUF_INIT;
    Journal__Adoption m = JOURNAL__ADOPTION__INIT;
    enum err e = control_begin(c, &change);
    if (e != ERR_OK)
        return e;
    if (control_seat(c, x->seat))
        return control_give_up(&change, ERR_EXISTS);
    role_set_text(roles, &words);
    m.has_number = m.has_org = m.has_key_hash = m.has_serial = m.has_certificate_ends_ms = 1;
    m.number = x->seat;
    m.org = org;
    m.person = (char *)person;
    m.roles = (char *)buf_c_string(&words);
    m.key_hash = (ProtobufCBinaryData){sizeof x->key_hash, (uint8_t *)x->key_hash};
    m.serial = (ProtobufCBinaryData){sizeof x->serial, (uint8_t *)x->serial};
    m.certificate_ends_ms = x->certificate_ends_ms;
    e = control_finish(&change, CONTROL_ADOPTION, &m.base);
    buf_finish(&words);
    return e;
}
