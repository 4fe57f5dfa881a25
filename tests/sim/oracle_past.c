/* Nobody is told that the server's past was rewritten where nobody rewrote it (PROTOCOL.md 16, "The past"): a false alarm of that sort ends
 * all trust in the true one. What a restore gives up every device hears of by the epochs; numbers may be given twice, with other
 * chains, where epochs were lost with the journal, or where somebody put the machine back behind the server's back: that is a past
 * rewritten, whoever did it. */
#include "tests/sim/oracle_parts.h"

static int64_t places(struct replica *r)
{
    int64_t count = 0;
    CHECK(sql_integer(r->db, 0, &count, "SELECT count(*) FROM rewritten", "") == ERR_OK);
    return count;
}

static void say_places(const struct seat *s, struct replica *r)
{
    struct db_statement *q;
    bool row;
    CHECK(sql_ask(r->db, &q, "SELECT org, after, seq, found_ms FROM rewritten", "") == ERR_OK);
    while (db_step(q, &row) == ERR_OK && row)
        world_tell("device %u: org %lld was rewritten behind %lld.%lld, up to %lld.%lld, found at %lld", seat_index(s), (long long)db_integer(q, 0),
                   (long long)(db_integer(q, 1) >> 40), (long long)(db_integer(q, 1) & 0xffffffffff), (long long)(db_integer(q, 2) >> 40),
                   (long long)(db_integer(q, 2) & 0xffffffffff), (long long)db_integer(q, 3));
}

void oracle_expect_past(struct district *d)
{
    for (unsigned i = 0; !d->rows_anew && i < d->device_count; i++) {
        struct seat *s = d->devices[i];
        struct replica *r = seat_look(s);
        if (!r)
            continue;
        if (places(r)) {
            say_places(s, r);
            world_fail("device %u says that the past was rewritten, and nobody did", i);
        }
        seat_look_end(s);
    }
}

/* In the end all have reported: where devices say nothing the board must not. */
void oracle_expect_past_told(struct district *d)
{
    const struct control_seat *told;
    oracle_expect_past(d);
    for (size_t i = 0; !d->rows_anew && (told = control_seat_at(server_control(d->server), i)); i++)
        if (told->rewritten)
            world_fail("the board says that seat %u found %u places rewritten, and nobody rewrote any", told->number, told->rewritten);
}
