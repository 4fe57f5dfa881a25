/* See store_refused.h. */
#include "server/store/store_refused.h"
#include "base/limits.h"
#include "server/store/store_inner.h"

#define REFUSED_MAX LIMIT_REPEATED
/* A successor has handed it in since (store_taken.h). */
#define NOT_TAKEN " AND NOT EXISTS(SELECT 1 FROM taken t WHERE t.seat=history.seat AND t.n=history.n AND t.hash=history.hash)"

/* Of a seat that is revoked: what was refused for that. And what was refused when somebody else handed it over late (rule 27), where its
 * author will not see it, or has not yet: its seat is revoked, went with the control journal, or has not been here since. Columns by history. */
#define REFUSED_OF(columns, more)                                                                                                  \
    "SELECT " columns " FROM history WHERE code='SEAT_REVOKED'" more NOT_TAKEN " UNION ALL SELECT " columns                        \
    " FROM late CROSS JOIN history ON history.org=late.org AND history.seq=late.refused"                                           \
    " LEFT JOIN seat ON seat.number=history.seat LEFT JOIN contact ON contact.seat=history.seat WHERE late.refused>0"              \
    " AND history.code<>'SEAT_REVOKED' AND (seat.number IS NULL OR seat.state=" REVOKED                                            \
    " OR contact.seat IS NULL OR contact.at_ms<history.received_ms)" more NOT_TAKEN
#define REVOKED "3" /* SEAT_REVOKED */
_Static_assert(SEAT_REVOKED == 3, "as the text says");

static bool take(struct db_statement *q, struct arena *arena, struct store_refused *out)
{
    struct slice change = db_blob(q, 3);
    struct slice code = db_text(q, 4);
    *out = (struct store_refused){.org = (uint32_t)db_integer(q, 0),
                                  .seq = (uint64_t)db_integer(q, 1),
                                  .received_ms = db_integer(q, 2),
                                  .change = arena_copy(arena, change),
                                  .code = arena_text(arena, code)};
    return out->change.size == change.size && out->code;
}

static enum err ask(struct store *s, const struct store_refused_place *after, struct db_statement **out)
{
    enum err e = db_prepare(s->db,
                            REFUSED_OF("history.org, history.seq, received_ms, change, code",
                                       " AND history.seat=$1 AND (history.org, history.seq)>($2, $3)") " ORDER BY 1, 2",
                            out);
    if (e != ERR_OK)
        return e;
    db_bind_integer(*out, 1, after->seat);
    db_bind_integer(*out, 2, after->org);
    db_bind_integer(*out, 3, (int64_t)after->seq);
    return ERR_OK;
}

enum err store_read_refused(struct store *s, const struct store_refused_place *after, size_t size_max, store_wants_seat *wants, void *to,
                            struct arena *arena, struct store_refused **out, size_t *count, bool *more)
{
    struct db_statement *q;
    bool row = false;
    size_t n = 0, size = 0;
    struct store_refused *list = arena_alloc(arena, REFUSED_MAX * sizeof *list);
    if (!list)
        return ERR_MEMORY;
    enum err e = ask(s, after, &q);
    while (e == ERR_OK && (e = db_step(q, &row)) == ERR_OK && row) {
        if (!wants(to, after->seat, (uint32_t)db_integer(q, 0)))
            continue;
        size += 64 + db_blob(q, 3).size;
        if (n == REFUSED_MAX || (n > 0 && size > size_max))
            break;
        if (!take(q, arena, &list[n++]))
            e = ERR_MEMORY;
    }
    if (e != ERR_OK)
        return e;
    db_reset(q);
    *out = list;
    *count = n;
    *more = row;
    return ERR_OK;
}

enum err store_read_refused_seats(struct store *s, int64_t after_ms, int64_t oldest_ms, store_wants_seat *wants, void *to,
                                  struct arena *arena, struct store_refused_seat **out, size_t *count)
{
    struct db_statement *q;
    bool row = false;
    size_t n = 0;
    struct store_refused_seat *list = arena_alloc(arena, STORE_REFUSED_SEATS * sizeof *list);
    if (!list)
        return ERR_MEMORY;
    enum err e = db_prepare(s->db,
                            "SELECT seat, count(*), max(received_ms) AS newest, max(org) FROM ("
                            REFUSED_OF("history.seat AS seat, history.org AS org, received_ms, history.code<>'SEAT_REVOKED' AS was_late", "")
                            ") GROUP BY seat HAVING (newest>$1 OR max(was_late)) AND newest>$2 ORDER BY newest, seat",
                            &q);
    if (e != ERR_OK)
        return e;
    db_bind_integer(q, 1, after_ms);
    db_bind_integer(q, 2, oldest_ms);
    while (n < STORE_REFUSED_SEATS && (e = db_step(q, &row)) == ERR_OK && row)
        if (wants(to, (uint32_t)db_integer(q, 0), (uint32_t)db_integer(q, 3)))
            list[n++] = (struct store_refused_seat){.seat = (uint32_t)db_integer(q, 0),
                                                    .org = (uint32_t)db_integer(q, 3),
                                                    .changes = (uint32_t)db_integer(q, 1),
                                                    .newest_ms = db_integer(q, 2)};
    if (e != ERR_OK)
        return e;
    db_reset(q);
    *out = list;
    *count = n;
    return ERR_OK;
}
