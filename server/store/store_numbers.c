/* Which numbers of seats, orgs and invitations are free. A number is given once: it stands on entries, in certificates,
 * in devices. After a restore with the backup's journal nobody here knows which were given since that backup, so the
 * next ones begin far behind: a number of the lost past is either never given again, or given back to whom it was
 * (Adoption). How far hangs on the time of the restore: two restores of the same backup do not begin at the same
 * number. Invitations' numbers stay within the journal; nobody outside ever learns one. What others tell of the lost
 * past moves the next number only up to a ceiling, which hangs on nothing that was told: whoever lies, the numbers do
 * not run out, and no restore is refused for it. */
#include "server/store/store_control.h"

#include <stdio.h>
#include <string.h>

#define SEATS_LEFT_OUT 1000
#define ORGS_LEFT_OUT 100
#define SPREAD 997         /* at most so many times as many */
#define RESTORES_UNKNOWN 8 /* each on what the one before it had made, and all of them lost with their journals */

static int64_t block_of(const char *table)
{
    return strcmp(table, "org") == 0 ? ORGS_LEFT_OUT : SEATS_LEFT_OUT;
}

/* The first number of the block behind n. */
static int64_t behind(int64_t n, int64_t block, int64_t times)
{
    return (n / block + times) * block + 1;
}

/* A restore moves the next number by SPREAD blocks at most, the highest that was seen by one more. Whom a certificate
 * names was given its number, however high. */
enum err store_control_ceiling(struct db *db, const char *table, int64_t *out)
{
    char sql[96];
    int64_t known, restores, certified = 0;
    snprintf(sql, sizeof sql, "SELECT count(*) FROM %s", table);
    enum err e = store_control_ask(db, sql, &known);
    if (e == ERR_OK)
        e = store_control_ask(db, "SELECT count(*) FROM jump", &restores);
    if (e == ERR_OK && strcmp(table, "seat") == 0)
        e = store_control_ask(db, "SELECT coalesce(max(seat), 0) FROM stranger", &certified);
    if (e != ERR_OK)
        return e;
    int64_t counted = known + (restores + RESTORES_UNKNOWN) * (SPREAD + 1) * block_of(table);
    *out = counted > certified ? counted : certified;
    return ERR_OK;
}

static enum err ask_up_to(struct db *db, const char *sql, int64_t ceiling, int64_t *out)
{
    struct db_statement *s;
    bool row;
    enum err e = db_prepare(db, sql, &s);
    if (e != ERR_OK)
        return e;
    db_bind_integer(s, 1, ceiling);
    e = db_step(s, &row);
    if (e != ERR_OK)
        return e;
    *out = db_integer(s, 0);
    db_reset(s);
    return ERR_OK;
}

/* The highest that anybody was seen with and that control data do not know, of those that can have been given; 0: none.
 */
static enum err ask_seen(struct db *db, const char *table, int64_t *out)
{
    int64_t there, ceiling, on_entries = 0;
    *out = 0;
    if (strcmp(table, "org") != 0 && strcmp(table, "seat") != 0)
        return ERR_OK;
    enum err e = store_control_ceiling(db, table, &ceiling);
    if (e != ERR_OK)
        return e;
    if (strcmp(table, "org") == 0)
        return ask_up_to(
            db, "SELECT coalesce(max(org), 0) FROM stranger WHERE org <= $1 AND org NOT IN (SELECT number FROM org)",
            ceiling, out);
    e = ask_up_to(
        db, "SELECT coalesce(max(seat), 0) FROM stranger WHERE seat <= $1 AND seat NOT IN (SELECT number FROM seat)",
        ceiling, out);
    if (e == ERR_OK)
        e = store_control_ask(db, "SELECT count(*) FROM sqlite_master WHERE name='incarnation'", &there);
    if (e == ERR_OK && there) /* else control data alone, without a store */
        e = ask_up_to(
            db,
            "SELECT coalesce(max(seat), 0) FROM incarnation WHERE seat <= $1 AND seat NOT IN (SELECT number FROM seat)",
            ceiling, &on_entries);
    *out = on_entries > *out ? on_entries : *out;
    return e;
}

enum err store_control_next(struct db *db, const char *table, uint32_t *out)
{
    char sql[96];
    int64_t next, seen, from = 0;
    bool jumps = strcmp(table, "invitation") != 0;
    snprintf(sql, sizeof sql, "SELECT coalesce(max(number), 0) + 1 FROM %s", table);
    enum err e = store_control_ask(db, sql, &next);
    snprintf(sql, sizeof sql, "SELECT coalesce(max(%s_from), 0) FROM jump", table);
    if (e == ERR_OK && jumps)
        e = store_control_ask(db, sql, &from);
    if (e == ERR_OK)
        e = ask_seen(db, table, &seen);
    if (e != ERR_OK)
        return e;
    next = next < from ? from : next;
    if (seen >= next) /* others that were given with it were not seen */
        next = behind(seen, block_of(table), 1);
    if (next > UINT32_MAX)
        return ERR_FULL;
    *out = (uint32_t)next;
    return ERR_OK;
}

enum err store_control_plan_jump(struct db *db, int64_t now_ms, uint32_t unknown, struct control_jump *out)
{
    uint32_t seat, org;
    int64_t times = 1 + (now_ms > 0 ? now_ms % SPREAD : 0);
    enum err e = store_control_next(db, "seat", &seat);
    if (e == ERR_OK)
        e = store_control_next(db, "org", &org);
    if (e != ERR_OK)
        return e;
    int64_t seat_from = behind(seat - 1, SEATS_LEFT_OUT, times), org_from = behind(org - 1, ORGS_LEFT_OUT, times);
    if (seat_from > UINT32_MAX || org_from > UINT32_MAX)
        return ERR_FULL;
    *out = (struct control_jump){.at_ms = now_ms, .seat_from = (uint32_t)seat_from, .org_from = (uint32_t)org_from};
    int64_t seat_above, org_above;
    e = store_control_ask(db, "SELECT coalesce(max(number), 0) FROM seat", &seat_above);
    if (e == ERR_OK)
        e = store_control_ask(db, "SELECT coalesce(max(number), 0) FROM org", &org_above);
    if (e != ERR_OK)
        return e;
    out->seat_above = unknown && unknown <= seat_above ? unknown - 1 : (uint32_t)seat_above;
    out->org_above = (uint32_t)org_above;
    return ERR_OK;
}

enum err store_control_jumps(struct db *db, struct control_jump *out)
{
    struct db_statement *s;
    bool row;
    enum err e = db_prepare(
        db, "SELECT max(at_ms), min(seat_above), max(seat_from), min(org_above), max(org_from) FROM jump", &s);
    if (e == ERR_OK)
        e = db_step(s, &row);
    if (e != ERR_OK)
        return e;
    bool any = !db_is_null(s, 0);
    if (any)
        *out = (struct control_jump){.at_ms = db_integer(s, 0),
                                     .seat_above = (uint32_t)db_integer(s, 1),
                                     .seat_from = (uint32_t)db_integer(s, 2),
                                     .org_above = (uint32_t)db_integer(s, 3),
                                     .org_from = (uint32_t)db_integer(s, 4)};
    db_reset(s);
    return any ? ERR_OK : ERR_NOT_FOUND;
}
