/* Control data after a restore that lost some of them: numbers that are left out, and seats that begin again under their own. */
#include "server/control/control_inner.h"

#include "journal.pb-c.h"

enum err control_add_jump(struct control *c, int64_t now_ms, struct control_jump *out)
{
    struct change_of_control change;
    struct control_jump jump;
    Journal__Jump m = JOURNAL__JUMP__INIT;
    enum err e = control_begin(c, &change);
    if (e != ERR_OK)
        return e;
    e = store_control_plan_jump(c->db, now_ms, &jump);
    if (e != ERR_OK)
        return control_give_up(&change, e);
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

enum err control_jumps(const struct control *c, struct control_jump *out)
{
    return store_control_jumps(c->db, out);
}
