/* See dues_received.h. */
#include "client/command/dues_received.h"
#include "dues.pb-c.h"

struct adding {
    uint32_t org;
    int year;
    struct dues_received sum;
};

static bool on_payment(void *to, const struct replica_row *row)
{
    struct adding *a = to;
    const Record__DuesPayment *m = (const Record__DuesPayment *)row->message;
    struct date on;
    if (row->org != a->org || !m->paid_on || date_parse(m->paid_on, &on) != ERR_OK || on.year != a->year)
        return true;
    a->sum.fen += m->amount_fen;
    a->sum.payments += !m->has_reverses_id;
    a->sum.reversals += m->has_reverses_id != 0;
    return true;
}

enum err dues_received_in(struct seat *s, int year, struct dues_received *out)
{
    struct adding a = {.org = s->facts.home, .year = year};
    enum err e = replica_scan(s->replica, kind_by_name("dues_payment")->number, s->now_ms, on_payment, &a);
    if (e == ERR_OK)
        *out = a.sum;
    return e;
}
