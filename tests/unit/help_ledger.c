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

struct seen {
    size_t change; /* index in saved */
    unsigned token;
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
    buf_finish(&l->before);
    buf_finish(&l->seen);
    *l = (struct ledger){.lost = 0};
}

/* The token that begins here, or 0. */
static unsigned token_at(struct slice text, size_t at)
{
    char digits[TOKEN_SIZE] = {0};
    if (at + TOKEN_SIZE > text.size || text.data[at] != 't')
        return 0;
    memcpy(digits, text.data + at + 1, TOKEN_SIZE - 1);
    return strspn(digits, "0123456789") == TOKEN_SIZE - 1 ? (unsigned)atoi(digits) : 0;
}

static void collect_tokens(struct buf *to, struct slice text)
{
    for (size_t at = 0; at < text.size; at++) {
        unsigned token = token_at(text, at);
        if (token)
            buf_append(to, &token, sizeof token);
    }
}

void ledger_before(struct ledger *l, struct slice text)
{
    collect_tokens(&l->before, text);
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
        if (known)
            continue;
        for (size_t at = 0; at < l->before.size; at += sizeof(unsigned)) {
            struct seen seen = {.change = saved_count(l)};
            memcpy(&seen.token, l->before.data + at, sizeof seen.token);
            buf_append(&l->seen, &seen, sizeof seen);
        }
        buf_append(&l->saved, &one, sizeof one);
    }
    l->before.size = 0;
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

/* ---- seen ---- */

/* What became of the changes, by index in saved. */
struct fate {
    bool accepted, refused;
    struct buf wrote; /* tokens */
};

struct fates {
    struct fate *list;
    size_t count;
    struct buf live; /* tokens */
    const struct ledger *ledger;
};

static bool has_token(const struct buf *list, unsigned token)
{
    for (size_t at = 0; at < list->size; at += sizeof token)
        if (memcmp(list->data + at, &token, sizeof token) == 0)
            return true;
    return false;
}

static void add_live(struct buf *live, struct db *db, const char *sql)
{
    struct db_statement *s;
    bool row;
    assert_int_equal(sql_ask(db, &s, sql, ""), ERR_OK);
    while (db_step(s, &row) == ERR_OK && row)
        collect_tokens(live, db_blob(s, 0));
}

static void find_fate(struct ledger *l, struct db *db, size_t index, struct fate *out)
{
    struct db_statement *s;
    bool row;
    assert_int_equal(sql_ask(db, &s, "SELECT verdict, change FROM history WHERE hash = ?1 AND verdict <> 5", "b",
                             slice_of(saved_at(l, index)->hash, HASH_SIZE)),
                     ERR_OK);
    while (db_step(s, &row) == ERR_OK && row) {
        out->accepted |= db_integer(s, 0) != VERDICT_REFUSED;
        out->refused |= db_integer(s, 0) == VERDICT_REFUSED;
        collect_tokens(&out->wrote, db_blob(s, 1));
    }
}

#define DEPTH_MAX 6
static bool is_covered(const struct fates *f, unsigned token, unsigned depth)
{
    const struct buf *seen = &f->ledger->seen;
    if (has_token(&f->live, token))
        return true;
    for (size_t at = 0; at < seen->size; at += sizeof(struct seen)) {
        struct seen one;
        memcpy(&one, seen->data + at, sizeof one);
        const struct fate *by = &f->list[one.change];
        if (one.token != token)
            continue;
        if (by->accepted)
            return true;
        for (size_t i = 0; by->refused && depth < DEPTH_MAX && i < by->wrote.size; i += sizeof token) {
            unsigned next;
            memcpy(&next, by->wrote.data + i, sizeof next);
            if (is_covered(f, next, depth + 1))
                return true;
        }
    }
    return false;
}

void ledger_expect_seen(struct ledger *l, struct district *d)
{
    static const char *const texts[] = {"SELECT note FROM member", "SELECT campus FROM member", "SELECT other_text FROM work_plan",
                                        "SELECT basis FROM policy_limit", "SELECT mine FROM conflict", "SELECT theirs FROM conflict",
                                        "SELECT row FROM conflict", "SELECT mine_sensitive FROM conflict", "SELECT theirs_sensitive FROM conflict",
                                        "SELECT row_sensitive FROM conflict"};
    struct fates f = {.count = saved_count(l), .live = BUF_INIT, .ledger = l};
    struct db *db = store_db(d->reader);
    unsigned wrong = 0;
    f.list = calloc(f.count + 1, sizeof *f.list);
    assert_non_null(f.list);
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        add_live(&f.live, db, texts[i]);
    for (size_t i = 0; i < f.count; i++)
        find_fate(l, db, i, &f.list[i]);
    for (size_t i = 0; i < f.count; i++)
        for (size_t at = 0; f.list[i].accepted && at < f.list[i].wrote.size; at += sizeof(unsigned)) {
            unsigned token;
            memcpy(&token, f.list[i].wrote.data + at, sizeof token);
            if (is_covered(&f, token, 0))
                continue;
            print_error("t%05u of seat %u was accepted, then written over unseen\n", token, saved_at(l, i)->seat);
            wrong++;
        }
    for (size_t i = 0; i < f.count; i++)
        buf_finish(&f.list[i].wrote);
    buf_finish(&f.live);
    free(f.list);
    assert_int_equal(wrong, 0);
}
