#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "help_ledger.h"

#include "client/replica/replica_inner.h"
#include "wire/wire.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct saved {
    uint8_t hash[HASH_SIZE];
    uint64_t n;
    uint32_t seat;
    bool lost;
};

/* Hashes, sorted once all are there. */
struct holders {
    struct buf list;
};

static struct saved *saved_at(struct ledger *l, size_t i)
{
    return (struct saved *)(void *)(l->saved.data + i * sizeof(struct saved));
}

static size_t saved_count(const struct ledger *l)
{
    return l->saved.size / sizeof(struct saved);
}

void ledger_finish(struct ledger *l)
{
    buf_finish(&l->saved);
    *l = (struct ledger){.lost = 0};
}

void ledger_note(struct ledger *l, struct device *v)
{
    struct db_statement *s;
    bool row;
    assert_int_equal(sql_ask(v->r->db, &s, "SELECT hash, n FROM outbox", ""), ERR_OK);
    while (db_step(s, &row) == ERR_OK && row) {
        struct slice hash = db_blob(s, 0);
        struct saved one = {.n = (uint64_t)db_integer(s, 1), .seat = v->seat};
        bool known = false;
        for (size_t i = 0; i < saved_count(l) && !known; i++)
            known = memcmp(saved_at(l, i)->hash, hash.data, HASH_SIZE) == 0;
        memcpy(one.hash, hash.data, HASH_SIZE);
        if (!known)
            buf_append(&l->saved, &one, sizeof one);
    }
}

/* ---- who holds what ---- */

static int compare(const void *a, const void *b)
{
    return memcmp(a, b, HASH_SIZE);
}

static bool holds(const struct holders *h, const uint8_t *hash)
{
    return h->list.size && bsearch(hash, h->list.data, h->list.size / HASH_SIZE, HASH_SIZE, compare);
}

static void add_of(struct holders *h, struct db *db, const char *sql)
{
    struct db_statement *s;
    bool row;
    assert_int_equal(sql_ask(db, &s, sql, ""), ERR_OK);
    while (db_step(s, &row) == ERR_OK && row)
        if (db_blob(s, 0).size == HASH_SIZE)
            buf_append_slice(&h->list, db_blob(s, 0));
}

static void add_kept(struct holders *h, struct device *v, bool of_others)
{
    struct db_statement *s;
    struct arena arena;
    bool row;
    arena_init(&arena, LIMIT_ARENA);
    assert_int_equal(sql_ask(v->r->db, &s, "SELECT entry FROM kept", ""), ERR_OK);
    while (db_step(s, &row) == ERR_OK && row) {
        ProtobufCMessage *m;
        struct entry e;
        arena_reset(&arena);
        assert_int_equal(wire_open(&wire__entry__descriptor, db_blob(s, 0), &arena, &m), ERR_OK);
        assert_int_equal(entry_open((const Wire__Entry *)m, &arena, &e), ERR_OK);
        if (of_others || (e.identity.seat == v->seat && e.change.size > 0))
            buf_append(&h->list, e.identity.hash, HASH_SIZE);
    }
    arena_finish(&arena);
}

void ledger_strike(struct ledger *l, struct district *d, unsigned others)
{
    struct holders h = {.list = BUF_INIT};
    add_of(&h, store_db(d->reader), "SELECT hash FROM history");
    for (size_t i = 0; i < d->count; i++) {
        if (d->devices[i].gone)
            continue;
        add_of(&h, d->devices[i].r->db, "SELECT hash FROM outbox");
        add_kept(&h, &d->devices[i], others >> i & 1);
    }
    if (h.list.size)
        qsort(h.list.data, h.list.size / HASH_SIZE, HASH_SIZE, compare);
    for (size_t i = 0; i < saved_count(l); i++) {
        struct saved *s = saved_at(l, i);
        if (s->lost || holds(&h, s->hash))
            continue;
        s->lost = true;
        l->lost++;
    }
    buf_finish(&h.list);
}

/* ---- in the end ---- */

static size_t times_in_history(struct district *d, const struct saved *s)
{
    int64_t count = 0;
    assert_int_equal(sql_integer(store_db(d->reader), 0, &count,
                                 "SELECT count(*) FROM history WHERE seat = ?1 AND n = ?2 AND hash = ?3 AND verdict <> 5", "iib", (int64_t)s->seat,
                                 (int64_t)s->n, slice_of(s->hash, HASH_SIZE)),
                     ERR_OK);
    return (size_t)count;
}

void ledger_expect(struct ledger *l, struct district *d)
{
    unsigned wrong = 0;
    for (size_t i = 0; i < saved_count(l); i++) {
        const struct saved *s = saved_at(l, i);
        size_t times = times_in_history(d, s);
        if (times == 1 || (times == 0 && s->lost))
            continue;
        print_error("change %llu of seat %u (%02x%02x%02x%02x) stands %zu times in the history\n", (unsigned long long)s->n, s->seat, s->hash[0],
                    s->hash[1], s->hash[2], s->hash[3], times);
        wrong++;
    }
    assert_int_equal(wrong, 0);
}
