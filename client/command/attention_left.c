/* See attention_left.h. */
#include "client/command/attention_left.h"
#include "base/tr.h"
#include "show/board.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#define FRONT "seat-"

static bool is_late(const struct replica_left *left)
{
    return *left->state && strcmp(left->state, "revoked") != 0;
}

/* By how the seat stands; "" and what a newer server says leave it open. */
static void sentence(const struct replica_left *left, struct buf *out)
{
    unsigned long long n = left->changes;
    if (strcmp(left->state, "revoked") == 0)
        buf_format(out, _("%llu changes of this seat were not taken: it is revoked"), n);
    else if (strcmp(left->state, "active") == 0)
        buf_format(out, _("%llu changes of this seat, which others handed over after a restore, were not taken; it has not been here since"), n);
    else if (strcmp(left->state, "suspended") == 0)
        buf_format(out, _("%llu changes of this seat, which others handed over after a restore, were not taken; it is suspended"), n);
    else if (strcmp(left->state, "unknown") == 0)
        buf_format(out, _("%llu changes of this seat were not taken; since a restore nobody knows it any more"), n);
    else
        buf_format(out, _("%llu changes of this seat were not taken: it is revoked, or has not been here since"), n);
}

json_t *attention_left_json(const struct replica_left *left)
{
    struct buf said = BUF_INIT;
    sentence(left, &said);
    json_t *o = json_pack("{s:o, s:s, s:I, s:s, s:s, s:s, s:s, s:{}, s:[o, o], s:o}", "id",
                          json_sprintf(FRONT "%u", left->seat), "type", is_late(left) ? "late_refused" : "revoked", "seat", (json_int_t)left->seat,
                          "person", left->person, "branch", left->branch, "code", is_late(left) ? "LATE_REFUSED" : "SEAT_REVOKED", "text",
                          buf_c_string(&said), "fields", "next", json_sprintf("banyan seat refused %u", left->seat),
                          json_sprintf("banyan discard " FRONT "%u", left->seat), "at", show_time_json(left->at_ms));
    buf_finish(&said);
    return o;
}

void attention_left_text(const struct replica_left *left, const char *roles, struct buf *out)
{
    buf_format(out, *left->branch ? FRONT "%u  %s (%s)" : FRONT "%u  %s%s", left->seat, left->person, left->branch);
    buf_format(out, "%s%s\n  ", roles ? "  " : "", roles ? roles : "");
    sentence(left, out);
    buf_format(out, _("\n  which they are: banyan seat refused %u\n"), left->seat);
    buf_format(out, "  %s\n", _("if that device's handover file is there, a successor takes it in: banyan handover take FILE"));
    buf_format(out, _("  when what is still needed has been entered anew: banyan discard seat-%u\n\n"), left->seat);
}

bool attention_left_id(const char *word, uint32_t *seat)
{
    char *end;
    size_t front = sizeof FRONT - 1;
    if (strncmp(word, FRONT, front) != 0)
        return false;
    unsigned long number = strtoul(word + front, &end, 10);
    *seat = *end || end == word + front || number > UINT32_MAX ? 0 : (uint32_t)number; /* 0: nobody's */
    return true;
}
