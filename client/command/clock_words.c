/* See clock_words.h. */
#include "client/command/clock_words.h"
#include "show/board.h"

#include <stdio.h>

#define OFF_MS INT64_C(300000)

static bool is_off(int64_t ms)
{
    return ms > OFF_MS || ms < -OFF_MS;
}

static void put_length(int64_t ms, struct buf *out)
{
    long long minutes = (ms < 0 ? -ms : ms) / 60000;
    if (minutes >= 24 * 60)
        buf_format(out, _("%lld days %lld hours"), minutes / (24 * 60), minutes / 60 % 24);
    else if (minutes >= 60)
        buf_format(out, _("%lld hours %lld minutes"), minutes / 60, minutes % 60);
    else
        buf_format(out, _("%lld minutes"), minutes);
}

/* What it should show is told, too: "off by 3 hours" says not which way. Of a clock that may be another one than was measured nothing
 * is claimed. */
void clock_text(const struct seat *s, struct buf *out)
{
    int64_t off = s->facts.clock_offset_ms;
    struct buf right = BUF_INIT, length = BUF_INIT;
    if (!is_off(off))
        return;
    put_length(s->facts.clock_changed ? s->facts.clock_measured_ms : off, &length);
    show_moment(s->now_ms + off, &right);
    if (s->facts.clock_changed)
        buf_format(out, _("At the last sync this device's clock and the server's differed by %s; this one may have been set since. To check it again: banyan sync\n"), buf_c_string(&length));
    else
        buf_format(out, _("This device's clock and the server's differ by %s: the server's says that it is %s now. Next: compare with a phone. If this device is wrong, set it right; if it is right, tell the district that the server's clock is wrong.\n"), buf_c_string(&length), buf_c_string(&right));
    buf_finish(&right);
    buf_finish(&length);
}

void clock_tell(struct seat *s)
{
    struct replica_facts now;
    struct buf said = BUF_INIT;
    int64_t told = replica_clock_told(s->replica);
    if (replica_facts(s->replica, &now) != ERR_OK)
        return; /* the next command tells it */
    s->facts = now; /* a round has measured it anew */
    int64_t off = is_off(now.clock_offset_ms) && !now.clock_changed ? now.clock_offset_ms : 0;
    if (off ? !is_off(off - told) && told : !told)
        return;
    clock_text(s, &said);
    if (replica_clock_note_told(s->replica, off) == ERR_OK && off)
        fputs(buf_c_string(&said), stderr);
    buf_finish(&said);
}
