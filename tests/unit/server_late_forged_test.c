/* Rule 27 on the server: what of entries that are handed over, or back, is believed; and nothing is written by what is not. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "help_late.h"
#include "server/store/store_control.h"
#include "sync/late.h"

#include <string.h>
#include <time.h>

/* What nobody can prove is not decided; nor is the first entry of a frame whose content the chain does not cover. */
static void test_what_is_not_proven(void **state)
{
    struct help_server *s = *state;
    struct pen p = pen_of(s, s->chair, s->branch, 1);
    struct entry *kept, forged[2];
    server_backup(s, "b1");
    push_one(&p, pen_create(&p, 0, "name=Li"));
    push_one(&p, pen_create(&p, 1, "name=Wang"));
    push_one(&p, pen_create(&p, 2, "name=Wu"));
    server_entries(s, s->branch, &kept);
    server_restore(s, "b1");
    server_end_recovery(s);
    late_run(s, s->second, false, kept, 3, NULL, NULL, 0);
    assert_true(server_seq(s, s->branch) == 0);
    forged[0] = kept[1];
    forged[0].change = kept[0].change;
    forged[1] = kept[2];
    late_run(s, s->second, true, forged, 2, kept[0].chain, NULL, 0); /* each frame by itself: its first does not hash to it */
    assert_string_equal(row_words(s, 0), "unknown");
    assert_string_equal(row_words(s, 1), "unknown");
    assert_string_equal(row_words(s, 2), "name=Wu state=applied");
    forged[0] = kept[1];
    forged[0].stripped = true;
    late_run(s, s->second, true, forged, 2, kept[0].chain, NULL, 0); /* stripped: its change is not covered */
    assert_string_equal(row_words(s, 1), "unknown");
    late_run(s, s->second, true, &kept[1], 1, kept[0].chain, NULL, 0);
    assert_string_equal(row_words(s, 1), "name=Wang state=applied");
    assert_string_equal(push_one(&p, pen_create(&p, 3, "name=Sun")), "4 APPLIED"); /* n 1 is a hole */
    late_hand_over(s, s->second, kept, 3);
    assert_string_equal(late_log(s, N(1)), "chair 3 APPLIED | chair 2 APPLIED | chair 4 APPLIED | chair 1 APPLIED");
}

/* An entry that says SAME says no verdict of its own: what it is the same as was refused. Handed over without that one it is not
 * decided free of the rights that refused it. */
static void test_same_as_a_refused_one(void **state)
{
    struct help_server *s = *state;
    uint32_t leader = server_add_seat(s, s->branch, "group_leader"); /* reads members, adds none (rights.md) */
    struct pen q = pen_of(s, leader, s->branch, 7), copy = pen_of(s, leader, s->branch, 8);
    struct entry *kept;
    server_backup(s, "b1");
    struct change *c = pen_create(&q, 0, "name=Li");
    assert_string_equal(push_one(&q, c), "1 REFUSED RIGHT");
    copy.n = 1;
    assert_string_equal(push_one(&copy, c), "1 REFUSED RIGHT"); /* as its clone sends it: recorded SAME (rule 4) */
    assert_int_equal(server_entries(s, s->branch, &kept), 2);
    assert_int_equal(kept[1].verdict, VERDICT_SAME);
    server_restore(s, "b1");
    server_end_recovery(s);
    late_run(s, leader, true, &kept[1], 1, kept[0].chain, NULL, 0);
    assert_string_equal(row_words(s, 0), "unknown");
}

static int64_t incarnations_of(struct help_server *s, uint32_t seat)
{
    return late_count(s, arena_format(&s->arena, "SELECT count(*) FROM incarnation WHERE seat=%u", seat));
}

/* The chain does not cover whose a stripped entry is, nor its seq: nothing is written by that. No restore is needed: entries that stand on
 * the line will do, the first of them told under another seq. */
static void test_a_forged_fork(void **state)
{
    struct help_server *s = *state;
    struct pen p = pen_of(s, s->chair, s->branch, 1), q = pen_of(s, s->second, s->branch, 2);
    struct entry *kept, forged[2];
    push_one(&p, pen_create(&p, 0, "name=Li"));
    push_one(&q, pen_create(&q, 1, "name=Wang")); /* 1:2, the victim's n 1 */
    push_one(&p, pen_create(&p, 2, "name=Wu"));
    push_one(&p, pen_create(&p, 3, "name=Sun"));
    server_entries(s, s->branch, &kept);
    forged[0] = kept[2];
    forged[0].stripped = true;
    forged[0].seq = S(1); /* not 1:3 */
    forged[0].identity = kept[1].identity;
    forged[1] = kept[3];
    assert_int_equal(incarnations_of(s, s->second), 1);
    for (int i = 0; i < 1000; i++) { /* INCARNATIONS_MAX */
        memcpy(forged[0].identity.hash, &i, sizeof i);
        late_run(s, s->chair, true, forged, 2, kept[1].chain, NULL, 0);
    }
    int64_t count = incarnations_of(s, s->second);
    struct pen fresh = pen_of(s, s->second, s->branch, 9); /* a restored device, a clone */
    const char *answer = push_one(&fresh, pen_create(&fresh, 5, "name=Zhao"));
    assert_string_equal(answer, "1 APPLIED");
    assert_int_equal(count, 1);
}

/* In recovery whose a stripped entry is has to be believed, or its author would send all of it again; but so half of a seat's incarnations
 * can begin at most, and what it brings itself finds its place. */
static void test_whose_it_is_said_to_be(void **state)
{
    struct help_server *s = *state;
    struct pen p = pen_of(s, s->chair, s->branch, 1);
    struct entry *kept, *now;
    server_backup(s, "b1");
    for (int i = 0; i < 3; i++)
        push_one(&p, pen_create(&p, i, "name=Li"));
    server_entries(s, s->branch, &kept);
    server_restore(s, "b1");
    assert_int_equal(db_exec(store_db(s->store), arena_format(&s->arena,
        "WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM c WHERE i<499) INSERT INTO incarnation(seat, incarnation) SELECT %u, CAST(printf('%%016d', i) AS BLOB) FROM c",
        s->second)), ERR_OK);
    for (int i = 0; i < 2; i++) {
        kept[i].stripped = true;
        kept[i].effects = kept[i].change = (struct slice){0};
        kept[i].identity = (struct identity){.seat = s->second, .incarnation = {{(uint8_t)(200 + i)}}, .n = 1};
    }
    assert_true(hand_back(s, s->chair, s->branch, kept, 3, true) == S(3));
    assert_int_equal(incarnations_of(s, s->second), 500); /* of INCARNATIONS_MAX 1000 */
    assert_int_equal(server_entries(s, s->branch, &now), 3);
    assert_true(now[0].identity.n == 1 && now[1].identity.n == 0 && now[2].identity.n == 3);
    server_end_recovery(s);
    struct pen fresh = pen_of(s, s->second, s->branch, 9);
    assert_string_equal(push_one(&fresh, pen_create(&fresh, 5, "name=Zhao")), "1 APPLIED");
}

/* Rule 8, last sentence, from a stripped entry's own word: who was away overwrites what it never saw. */
static void test_a_forged_place(void **state)
{
    struct help_server *s = *state;
    struct pen p = pen_of(s, s->chair, s->branch, 1), q = pen_of(s, s->second, s->branch, 2);
    struct entry *kept, *now, forged[2];
    push_one(&p, pen_create(&p, 0, "name=Li"));
    server_backup(s, "b1");
    push_one(&p, pen_set(&p, 0, S(1), "campus=a")); /* 1:2 */
    push_one(&p, pen_set(&p, 0, S(2), "campus=b")); /* 1:3 */
    struct change *away = pen_set(&q, 0, S(3), "note=mine"); /* made on the old path, not sent */
    server_entries(s, s->branch, &kept);
    server_restore(s, "b1");
    server_end_recovery(s);
    p.n = 1;
    assert_string_equal(push_one(&p, pen_set(&p, 0, S(1), "note=theirs")), "2 APPLIED"); /* after the restore: q can't have seen it */
    server_entries(s, s->branch, &now);
    uint32_t liar = server_add_seat(s, s->branch, "group_leader");
    forged[0] = kept[1];
    forged[0].stripped = true;
    forged[0].identity = now[1].identity;
    forged[1] = kept[2];
    late_run(s, liar, true, forged, 2, kept[0].chain, NULL, 0);
    const char *answer = push_one(&q, away);
    assert_non_null(strstr(answer, "1 CONFLICT"));
    assert_string_equal(row_words(s, 0), "name=Li campus=b state=applied note=theirs");
}

static uint32_t next_seat(struct help_server *s)
{
    uint32_t next;
    assert_int_equal(store_control_next(store_db(s->store), "seat", &next), ERR_OK);
    return next;
}

/* Whose a stripped entry is no hash covers: numbers of seats begin behind the highest that was seen. */
static void said_to_be_of(struct entry *e, uint32_t seat)
{
    e->stripped = true;
    e->effects = e->change = (struct slice){0};
    e->identity = (struct identity){.seat = seat, .incarnation = {{200}}, .n = 1};
}

/* One word of it, and nobody could be given a seat any more. */
static void test_a_seat_that_cannot_be(void **state)
{
    struct help_server *s = *state;
    struct pen p = pen_of(s, s->chair, s->branch, 1);
    struct entry *kept, *now;
    server_backup(s, "b1");
    for (int i = 0; i < 2; i++)
        push_one(&p, pen_create(&p, i, "name=Li"));
    server_entries(s, s->branch, &kept);
    server_restore(s, "b1");
    uint32_t next = next_seat(s);
    said_to_be_of(&kept[0], UINT32_MAX);
    assert_true(hand_back(s, s->second, s->branch, kept, 2, true) == S(2));
    assert_int_equal(next_seat(s), next);
    assert_int_equal(server_entries(s, s->branch, &now), 2);
    assert_true(now[0].identity.n == 0 && now[1].identity.n == 2); /* nobody could see whose it was */
    assert_int_equal(db_exec(store_db(s->store), "INSERT INTO incarnation(seat, incarnation) VALUES(4294967295, x'00')"), ERR_OK); /* believed before */
    assert_int_equal(next_seat(s), next);
    assert_int_equal(db_exec(store_db(s->store), "DELETE FROM incarnation WHERE seat=4294967295"), ERR_OK); /* else a finding */
}

/* One that can be is believed and left out; but no more of them than are kept of those that call. */
static void test_seats_that_nobody_knows(void **state)
{
    struct help_server *s = *state;
    struct pen p = pen_of(s, s->chair, s->branch, 1);
    struct entry *kept, *now;
    server_backup(s, "b1");
    for (int i = 0; i < 3; i++)
        push_one(&p, pen_create(&p, i, "name=Li"));
    server_entries(s, s->branch, &kept);
    server_restore(s, "b1");
    for (int i = 0; i < 998; i++)
        assert_int_equal(db_exec(store_db(s->store), arena_format(&s->arena,
            "INSERT INTO incarnation(seat, incarnation) VALUES(%d, CAST(printf('%%016d', 1) AS BLOB))", 2000 + i)), ERR_OK);
    for (int i = 0; i < 3; i++)
        said_to_be_of(&kept[i], 4000 + (uint32_t)i);
    assert_true(hand_back(s, s->second, s->branch, kept, 3, true) == S(3));
    assert_int_equal(server_entries(s, s->branch, &now), 3);
    assert_true(now[0].identity.seat == 4000 && now[1].identity.seat == 4001 && now[2].identity.n == 0); /* of LIMIT_STRANGERS 1000 */
    assert_true(next_seat(s) > 4001);
}

enum { OLD = 1000, TOLD = 1000 };

/* Entries that stand here, stripped, each told under the seq of the one before it: looked for along each fork that the frame tells. */
static struct entry *pushed_and_moved(struct help_server *s, uint8_t before[CHAIN_SIZE], struct incarnation *made_by)
{
    struct pen p = pen_of(s, s->chair, s->branch, 1);
    struct change *list[100];
    struct entry *kept, *forged = arena_alloc(&s->arena, OLD * sizeof *forged);
    for (int i = 0; i < OLD; i += 100) {
        for (int j = 0; j < 100; j++)
            list[j] = pen_create(&p, i + j, "name=Li");
        push(&p, list, 100);
    }
    assert_int_equal(server_entries(s, s->branch, &kept), OLD);
    for (int i = 1; i < OLD; i++) {
        forged[i - 1] = kept[i];
        forged[i - 1].stripped = i < OLD - 1;
        if (!forged[i - 1].stripped)
            continue;
        forged[i - 1].seq = kept[i - 1].seq;
        forged[i - 1].change = forged[i - 1].effects = (struct slice){0};
    }
    memcpy(before, kept[0].chain, CHAIN_SIZE);
    *made_by = kept[0].identity.incarnation;
    return forged;
}

/* Of this process alone: others keep the machine busy. */
static int64_t late_took(struct help_server *s, const struct entry *list, const uint8_t *before, Wire__LateFork **forks, size_t count)
{
    clock_t from = clock();
    late_run(s, s->second, true, list, OLD - 1, before, forks, count);
    return (int64_t)(clock() - from) * 1000 / CLOCKS_PER_SEC;
}

static void expect_cheap(struct help_server *s, const struct entry *list, const uint8_t *before, Wire__LateFork **forks)
{
    int64_t without = late_took(s, list, before, NULL, 0), with = late_took(s, list, before, forks, TOLD);
    print_message("%d entries: %d ms without forks, %d ms with %d\n", OLD, (int)without, (int)with, TOLD);
    assert_true(with < 5 * without + 100);
}

/* Nothing of it is recorded, and no restore is needed. */
static void test_forks_that_are_not(void **state)
{
    struct help_server *s = *state;
    uint8_t before[CHAIN_SIZE];
    struct incarnation from;
    const struct entry *forged = pushed_and_moved(s, before, &from);
    Wire__LateFork **forks = arena_alloc(&s->arena, TOLD * sizeof *forks);
    for (int i = 0; i < TOLD; i++) {
        struct late_fork f = {.incarnation = from, .n = 1};
        memcpy(f.hash, &i, sizeof i);
        forks[i] = late_fork_wire(&f, &s->arena);
    }
    expect_cheap(s, forged, before, forks);
}

/* Forks that are, as many as a seat can begin, each of the one before, and told from the last to the first. */
static void test_forks_of_forks(void **state)
{
    struct help_server *s = *state;
    uint8_t before[CHAIN_SIZE];
    struct incarnation from;
    struct entry *forged = pushed_and_moved(s, before, &from);
    Wire__LateFork **forks = arena_alloc(&s->arena, TOLD * sizeof *forks);
    struct incarnation at = {{7}};
    for (int i = 0; i < OLD - 2; i++) {
        forged[i].identity.seat = s->second;
        forged[i].identity.incarnation = at;
    }
    for (int i = 0; i < TOLD; i++) {
        struct late_fork f = {.incarnation = at, .n = 1};
        struct store_incarnation row = {.seat = s->second, .has_parent = true, .parent = at, .fork_n = 1};
        at = row.incarnation = change_fork(at, 1, f.hash);
        assert_int_equal(store_put_incarnation(s->store, &row), ERR_OK);
        forks[TOLD - 1 - i] = late_fork_wire(&f, &s->arena);
    }
    expect_cheap(s, forged, before, forks);
}

#define T(f) cmocka_unit_test_setup_teardown(f, server_setup, server_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(test_what_is_not_proven),
        T(test_same_as_a_refused_one),
        T(test_a_forged_fork),
        T(test_whose_it_is_said_to_be),
        T(test_a_forged_place),
        T(test_a_seat_that_cannot_be),
        T(test_seats_that_nobody_knows),
        T(test_forks_that_are_not),
        T(test_forks_of_forks),
    };
    return cmocka_run_group_tests_name("server_late_forged", tests, NULL, NULL);
}
