/* After a restore: is anything missing of all that was ever made here and acknowledged? (rule 6) What others hand over
 * late leaves holes that no later push meets, and who makes nothing more pushes nothing. Asked of each incarnation that
 * was in use here, from the newest WELCOME on that told of another past, until it was answered behind an empty outbox.
 * What is here still goes to be sent; what is not is noted for the person, and given up with the next question.
 * Invariant: each answer moves made_to down or given_up_to up, so that no server keeps this going. */
#include "client/replica/broken.h"
#include "client/replica/outbox.h"
#include "client/replica/replica_missing.h"
#include "client/replica/replica_pull.h"
#include "client/replica/replica_put_back.h"
#include "client/replica/replica_sync.h"

#include <string.h>

#define DUE "missing_due" /* in meta */

enum err missing_begin(struct replica *r)
{
    return replica_meta_put_integer(r, DUE, 1);
}

bool replica_missing_due(struct replica *r)
{
    return replica_meta_integer(r, DUE, 0) != 0;
}

/* ---- the question ---- */

/* In order of their names: any order will do. *any false: there is none behind it. */
static enum err next_incarnation(struct replica *r, struct incarnation *i, bool *any)
{
    struct db_statement *s;
    enum err e =
        sql_ask(r->db, &s, "SELECT incarnation FROM incarnation WHERE incarnation > ?1 ORDER BY incarnation LIMIT 1",
                "b", slice_of(i->bytes, INCARNATION_SIZE));
    if (e == ERR_OK)
        e = db_step(s, any);
    if (e != ERR_OK || !*any)
        return e;
    struct slice name = db_blob(s, 0);
    bool good = name.size == INCARNATION_SIZE;
    if (good)
        memcpy(i->bytes, name.data, INCARNATION_SIZE);
    db_reset(s);
    return good ? ERR_OK : ERR_CORRUPT;
}

/* The last n that was made here under this name. Another than the one in use was left by a fork. */
static enum err made_last(struct replica *r, struct incarnation i, uint64_t *last)
{
    struct incarnation current;
    uint64_t next_n;
    int64_t left;
    enum err e = outbox_current(r, &current, &next_n);
    if (e == ERR_OK)
        e = sql_integer(r->db, 1, &left, "SELECT min(fork_n) FROM incarnation WHERE parent = ?1", "b",
                        slice_of(i.bytes, INCARNATION_SIZE));
    if (e == ERR_OK)
        *last = incarnation_equal(current, i) ? next_n - 1 : (uint64_t)left - 1;
    return e;
}

/* The last n in front of all that waits here. */
static enum err made_to(struct replica *r, struct incarnation i, uint64_t *to)
{
    int64_t waits;
    enum err e = made_last(r, i, to);
    if (e == ERR_OK)
        e = sql_integer(r->db, 0, &waits, "SELECT min(n) FROM outbox WHERE incarnation = ?1 AND seq = 0", "b",
                        slice_of(i.bytes, INCARNATION_SIZE));
    if (e == ERR_OK && waits > 0 && (uint64_t)waits - 1 < *to)
        *to = (uint64_t)waits - 1;
    return e;
}

/* The next one of which there is anything to ask. *any false: there is none. */
static enum err next_made(struct replica *r, struct replica_missing *m, bool *any)
{
    enum err e;
    m->made_to = m->given_up_to = 0;
    do {
        e = next_incarnation(r, &m->of, any);
        if (e == ERR_OK && *any)
            e = made_to(r, m->of, &m->made_to);
    } while (e == ERR_OK && *any && m->made_to == 0);
    return e;
}

enum err replica_missing_next(struct replica *r, struct replica_missing *m, struct arena *arena, Wire__Push *out,
                              bool *any)
{
    enum err e = ERR_OK;
    *any = m->again;
    m->again = false;
    if (*any)
        e = made_to(r, m->of, &m->made_to);
    if (e == ERR_OK && (!*any || m->made_to == 0))
        e = next_made(r, m, any);
    if (e != ERR_OK || !*any)
        return e;
    wire__push__init(out);
    e = push_name(r, m->of, arena, out);
    out->has_made_to = 1;
    out->made_to = m->made_to;
    out->has_trimmed_to = m->given_up_to > 0;
    out->trimmed_to = m->given_up_to;
    return e;
}

enum err replica_missing_end(struct replica *r)
{
    bool waits;
    enum err e = replica_waits(r, 0, &waits);
    if (e != ERR_OK || waits || !replica_missing_due(r))
        return e;
    if ((e = inner_begin(r)) != ERR_OK)
        return e;
    e = replica_meta_put(r, DUE, (struct slice){0});
    return inner_end(r, e == ERR_OK ? pull_let_go(r) : e);
}

/* ---- the answer ---- */

/* What is here of first to last goes to be sent again; of what is not, nobody else will tell the person. */
static enum err take_hole(struct replica *r, struct replica_missing *m, uint64_t first, uint64_t last, int64_t now_ms)
{
    int64_t held;
    struct slice name = slice_of(m->of.bytes, INCARNATION_SIZE);
    enum err e = outbox_forget_between(r, m->of, first, last);
    if (e == ERR_OK)
        e = put_back_missing(r, m->of, first, last + 1);
    if (e == ERR_OK)
        e = sql_integer(r->db, 0, &held,
                        "SELECT EXISTS(SELECT 1 FROM outbox WHERE incarnation = ?1 AND n BETWEEN ?2 AND ?3)", "bii",
                        name, (int64_t)first, (int64_t)last);
    if (e != ERR_OK)
        return e;
    m->given_up_to = held ? 0 : last;
    return held ? ERR_OK : broken_note(r, m->of, first, last, now_ms);
}

enum err replica_missing_take(struct replica *r, struct replica_missing *m, const Wire__Verdicts *v, int64_t now_ms)
{
    uint64_t first = v->stop_n, last = v->stop_last;
    bool gap = v->stop == WIRE__STOP__GAP;
    bool good = v->n_verdict == 0 && (gap || v->stop == WIRE__STOP__STOP_NONE);
    if (!good || (gap && (first <= m->given_up_to || last < first || last > m->made_to)))
        return ERR_PROTOCOL;
    m->again = gap;
    if (!gap)
        return ERR_OK;
    enum err e = inner_begin(r);
    return e == ERR_OK ? inner_end(r, take_hole(r, m, first, last, now_ms)) : e;
}
