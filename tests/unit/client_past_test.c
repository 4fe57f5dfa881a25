/* Chain heads as witnesses: which are kept over days, weeks and months, and how a rewriting is found among them. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/limits.h"
#include "client/replica/past.h"
#include "client/replica/replica_sync.h"
#include "help_folder.h"

#include <stdlib.h>
#include <string.h>

#define ORG 3u
#define DAY INT64_C(86400000)
#define FIRST_DAY (INT64_C(210) * 86400000 * 100) /* 2027-07-01: a week and a month of the thinning begin there */
#define EACH_HOURS 4
#define A_DAY (24 / EACH_HOURS)

static struct folder folder;
static struct replica *r;

static int setup(void **state)
{
    struct replica_seat s = {.number = 7,
                             .person = "林晓岚",
                             .roles = "union_chair",
                             .home = ORG,
                             .home_code = "QH001",
                             .home_name = "青禾区小苗圃幼儿园工会",
                             .home_level = "branch",
                             .district = "青禾区教育工会",
                             .server = "127.0.0.1:7443"};
    (void)state;
    folder_make(&folder);
    assert_int_equal(replica_create(folder.path, &s, FIRST_DAY), ERR_OK);
    assert_int_equal(replica_open(folder.path, FIRST_DAY, &r), ERR_OK);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    replica_close(r);
    folder_remove(&folder);
    return 0;
}

/* ---- heads ---- */

/* Of that seq on a path: the server's first, or the one that it was rewritten to. */
static void chain_of(uint64_t seq, char path, uint8_t out[CHAIN_SIZE])
{
    memset(out, path, CHAIN_SIZE);
    memcpy(out, &seq, sizeof seq);
}

static void note(uint64_t seq, char path, int64_t now_ms)
{
    uint8_t chain[CHAIN_SIZE];
    chain_of(seq, path, chain);
    assert_int_equal(past_note(r, ORG, seq, chain, (ProtobufCBinaryData){0}, now_ms), ERR_OK);
}

struct seqs {
    uint64_t list[128];
    size_t count;
};

static bool add_seq(void *to, const struct replica_head *h)
{
    struct seqs *s = to;
    assert_true(s->count < 128);
    s->list[s->count++] = h->seq;
    return true;
}

static struct seqs held(void)
{
    struct seqs s = {.count = 0};
    assert_int_equal(replica_heads(r, add_seq, &s), ERR_OK);
    return s;
}

/* The server's answer to what replica_past_next asked: its entry at that seq, on that path; 0: it has none. */
static void answer(uint64_t seq, char path, int64_t now_ms)
{
    Wire__Entries m = WIRE__ENTRIES__INIT;
    Wire__Entry entry = WIRE__ENTRY__INIT, *list[] = {&entry};
    uint8_t chain[CHAIN_SIZE];
    chain_of(seq, path, chain);
    entry.seq = seq;
    entry.chain = (ProtobufCBinaryData){CHAIN_SIZE, chain};
    m.n_entry = path != 0;
    m.entry = list;
    assert_int_equal(replica_past_take(r, ORG, seq, &m, now_ms), ERR_OK);
}

static size_t rewritings(struct replica_rewriting *out)
{
    size_t count;
    assert_int_equal(replica_rewritings(r, out, 8, &count), ERR_OK);
    return count;
}

/* ---- thinning ---- */

/* A head each four hours for 400 days, the n-th has seq n + 1. Kept are of 14 days the first (386 to 399), of the weeks of half a year
 * before them (their first days 224, 231 ... 385: 24), of each month of 30 days the first that was kept of its weeks, and the newest 8,
 * of which one is the first of day 399. */
static void expect_thinned(void)
{
    static const unsigned months[] = {0, 35, 63, 91, 126, 154, 182, 210};
    struct seqs all = held();
    size_t at = 0;
    assert_int_equal(all.count, 8 + 24 + 14 + 7);
    for (size_t i = 0; i < 8; i++)
        assert_int_equal(all.list[at++], months[i] * A_DAY + 1);
    for (unsigned day = 224; day <= 385; day += 7)
        assert_int_equal(all.list[at++], day * A_DAY + 1);
    for (unsigned day = 386; day <= 398; day++)
        assert_int_equal(all.list[at++], day * A_DAY + 1);
    for (unsigned n = 400 * A_DAY - 8; n < 400 * A_DAY; n++)
        assert_int_equal(all.list[at++], n + 1);
}

static void note_400_days(bool doubted)
{
    assert_int_equal(replica_batch_begin(r), ERR_OK);
    for (unsigned n = 0; n < 400 * A_DAY; n++) {
        note(n + 1, 'a', FIRST_DAY + (int64_t)n * EACH_HOURS * 3600000);
        if (doubted)
            assert_int_equal(past_doubt(r, ORG), ERR_OK);
    }
    assert_int_equal(replica_batch_commit(r), ERR_OK);
}

static void days_weeks_months(void **state)
{
    (void)state;
    note_400_days(false);
    expect_thinned();
}

/* A server that never answers for them must not have them pile up. */
static void doubted_ones_are_thinned_too(void **state)
{
    (void)state;
    note_400_days(true);
    expect_thinned();
}

/* An older head that was asked for is thinned out before the answer comes: that proves nothing against anybody. */
static void an_answer_about_none_that_is_held(void **state)
{
    struct replica_rewriting list[8];
    uint64_t seq = 0;
    (void)state;
    note(1, 'a', FIRST_DAY);
    note(2, 'a', FIRST_DAY + 1000);
    assert_int_equal(past_doubt(r, ORG), ERR_OK);
    assert_int_equal(replica_past_next(r, ORG, FIRST_DAY + 1000, &seq), ERR_OK);
    assert_int_equal(seq, 2);
    for (uint64_t n = 3; n <= 12; n++)
        note(n, 'a', FIRST_DAY + (int64_t)n * 1000);
    answer(2, 'a', FIRST_DAY + 20000);
    assert_int_equal(rewritings(list), 0);
    assert_int_equal(held().count, 1 + 8); /* the first of the day, and the newest */
}

/* ---- a rewriting ---- */

/* Heads at 10, 20 ... 70; from 35 on the log is another one. Asked: the newest, then half of what is left, until one fits. */
static size_t find_rewriting(int64_t now_ms, struct replica_rewriting *out)
{
    uint64_t seq;
    unsigned asked = 0;
    while (replica_past_next(r, ORG, now_ms, &seq) == ERR_OK) {
        answer(seq, seq < 35 ? 'a' : 'b', now_ms);
        assert_true(++asked <= 4); /* 70, 30, 50, 40 or less */
    }
    return rewritings(out);
}

static void the_stretch_is_found(void **state)
{
    struct replica_rewriting list[8];
    (void)state;
    for (uint64_t n = 10; n <= 70; n += 10)
        note(n, 'a', FIRST_DAY + (int64_t)n * 1000);
    assert_int_equal(past_doubt(r, ORG), ERR_OK);
    assert_int_equal(find_rewriting(FIRST_DAY + DAY, list), 1);
    assert_int_equal(list[0].after, 30);
    assert_int_equal(list[0].seq, 40);
    assert_int_equal(list[0].seen_ms, FIRST_DAY + 40000);
    assert_false(list[0].noted);
}

/* Years later the head that proves it is there still, though far from all that were contradicted. */
static void the_proof_stays(void **state)
{
    struct replica_rewriting list[8];
    (void)state;
    for (uint64_t n = 10; n <= 70; n += 10)
        note(n, 'a', FIRST_DAY + (int64_t)n * 1000);
    assert_int_equal(past_doubt(r, ORG), ERR_OK);
    assert_int_equal(find_rewriting(FIRST_DAY + DAY, list), 1);
    assert_int_equal(replica_rewritings_noted(r, FIRST_DAY + DAY), ERR_OK);
    for (uint64_t n = 100; n < 130; n++)
        note(n, 'b', FIRST_DAY + 1000 * DAY + (int64_t)n);
    struct seqs all = held();
    assert_int_equal(all.count, 2 + 1 + 8);
    assert_int_equal(all.list[0], 10); /* the first of its month */
    assert_int_equal(all.list[1], 40);
    assert_int_equal(all.list[2], 100);
    assert_int_equal(rewritings(list), 1);
    assert_true(list[0].noted);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {
        T(days_weeks_months),    T(doubted_ones_are_thinned_too), T(an_answer_about_none_that_is_held),
        T(the_stretch_is_found), T(the_proof_stays),
    };
    return cmocka_run_group_tests_name("client_past", tests, NULL, NULL);
}
