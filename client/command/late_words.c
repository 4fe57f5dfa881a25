/* See late_words.h. They are mostly others', who are told of conflicts and refusals themselves, or those who answer for them. */
#include "client/command/late_words.h"
#include "base/tr.h"

#include <jansson.h>

static void tell_decided(const struct replica_late_told *t, struct buf *out)
{
    if (t->refused)
        buf_format(out, _("the server had lost changes in a restore, and this device handed them over: %llu were taken up again, %llu of them are refused now"),
                   (unsigned long long)t->decided, (unsigned long long)t->refused);
    else
        buf_format(out, _("the server had lost changes in a restore, and this device handed them over: %llu were taken up again"),
                   (unsigned long long)t->decided);
}

void late_tell(struct seat *s)
{
    struct replica_late_told told;
    struct buf said = BUF_INIT;
    if (replica_take_late_told(s->replica, &told) != ERR_OK)
        return; /* told at the next round */
    if (told.decided) {
        tell_decided(&told, &said);
        command_warn(buf_c_string(&said));
    }
    if (told.left) {
        said.size = 0;
        buf_format(&said, _("%llu entries that this device held from before a restore were not taken from it: it holds them or what they belong to only in part, or they cannot be proved. Next: let the devices of their authors sync; what is missing then has to be entered again"),
                   (unsigned long long)told.left);
        command_warn(buf_c_string(&said));
    }
    buf_finish(&said);
}

json_t *late_untold_json(struct seat *s)
{
    struct replica_late_told told;
    replica_late_untold(s->replica, &told);
    return json_pack("{s:I, s:I, s:I}", "taken_up", (json_int_t)told.decided, "refused", (json_int_t)told.refused, "left", (json_int_t)told.left);
}
