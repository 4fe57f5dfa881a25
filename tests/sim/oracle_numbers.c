/* Numbers that people quote (rules 18, 26): once somebody may have read that a member has number 12, nobody else ever
 * gets it, restores included; but where the control journal was lost, too, and with it the epochs. */
#include "tests/sim/oracle_parts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <uthash.h>

static struct given {
    char key[96]; /* table, org, number */
    struct id id;
    UT_hash_handle hh;
} * given;

static void note(const char *key, struct id id)
{
    struct given *g;
    HASH_FIND_STR(given, key, g);
    if (g && !id_equal(g->id, id))
        world_fail("a number was given to two records: %s", key);
    if (g)
        return;
    g = calloc(1, sizeof *g);
    CHECK(g);
    snprintf(g->key, sizeof g->key, "%s", key);
    g->id = id;
    HASH_ADD_STR(given, key, g);
}

static void note_column(struct db *db, const char *table, const char *sql)
{
    struct db_statement *q;
    bool row;
    CHECK(sql_ask(db, &q, sql, "") == ERR_OK);
    while (db_step(q, &row) == ERR_OK && row) {
        char key[96];
        struct slice number = db_text(q, 2);
        snprintf(key, sizeof key, "%s of org %lld: %.*s", table, (long long)db_integer(q, 0), (int)number.size,
                 (const char *)number.data);
        note(key, db_id(q, 1));
    }
}

static void forget(void)
{
    struct given *g, *next;
    HASH_ITER(hh, given, g, next)
    {
        HASH_DEL(given, g);
        free(g);
    }
}

void oracle_note_numbers(struct district *d)
{
    if (!server_is_up(d->server))
        return;
    int before = disk_enter(DISK_NOBODY);
    struct db *db = store_db(server_store(d->server));
    if (d->rows_anew)
        forget();
    note_column(db, "member_no", "SELECT _org, id, member_no FROM member WHERE member_no IS NOT NULL");
    note_column(db, "receipt_no",
                "SELECT _org, id, CAST(receipt_no AS TEXT) FROM dues_payment WHERE receipt_no IS NOT NULL");
    note_column(db, "no", "SELECT _org, id, CAST(no AS TEXT) FROM proposal WHERE no IS NOT NULL");
    disk_enter(before);
}

void oracle_expect_numbers(struct district *d)
{
    oracle_note_numbers(d);
    forget();
}
