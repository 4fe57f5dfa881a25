/* Rule 27 on the server: entries of a path that a restore gave up, handed over when recovery has ended, and decided. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "help_late.h"

#include "server/store/store_refused.h"

#include <string.h>

/* What a colleague wrote whose device is lost is there once, under its name; its own re-send and another holder's copy are known. */
static void test_a_lost_colleague(void **state)
{
    struct help_server *s = *state;
    struct pen p = pen_of(s, s->chair, s->branch, 1), q = pen_of(s, s->second, s->branch, 2);
    struct entry *kept;
    push_one(&p, pen_create(&p, 0, "name=Li"));
    server_backup(s, "b1");
    struct change *c[] = {pen_create(&q, 1, "name=Wang"), pen_set(&q, 0, S(1), "note=x"), pen_set(&q, 1, S(2), "note=y")};
    assert_string_equal(push(&q, c, 3), "1 APPLIED | 2 APPLIED | 3 APPLIED");
    server_entries(s, s->branch, &kept);
    server_restore(s, "b1");
    const Wire__Taken *later = late_run(s, s->chair, true, &kept[1], 3, NULL, NULL, 0);
    assert_true(later->has_retry_after_ms && !later->has_late_to); /* recovering: the way is HAND_BACK without late */
    server_end_recovery(s);
    late_hand_over(s, s->chair, &kept[1], 3);
    assert_string_equal(late_log(s, N(1)), "second 1 APPLIED | second 2 APPLIED | second 3 APPLIED");
    assert_string_equal(row_words(s, 0), "name=Li state=applied note=x");
    assert_string_equal(row_words(s, 1), "name=Wang state=applied note=y");
    late_hand_over(s, s->chair, &kept[1], 3);
    late_run(s, s->second, true, &kept[2], 2, kept[1].chain, NULL, 0); /* another holder, another stretch */
    assert_string_equal(push(&q, c, 3), "1 APPLIED | 2 APPLIED | 3 APPLIED");
    assert_true(server_seq(s, s->branch) == N(3));
}

/* Base as it was: what others wrote since is not overwritten, both values stand in a conflict. */
static void test_a_clash(void **state)
{
    struct help_server *s = *state;
    struct pen p = pen_of(s, s->chair, s->branch, 1), q = pen_of(s, s->second, s->branch, 2);
    struct entry *kept;
    push_one(&p, pen_create(&p, 0, "name=Li"));
    server_backup(s, "b1");
    push_one(&q, pen_set(&q, 0, S(1), "note=old"));
    server_entries(s, s->branch, &kept);
    server_restore(s, "b1");
    server_end_recovery(s);
    assert_string_equal(push_one(&p, pen_set(&p, 0, S(1), "note=new")), "2 APPLIED");
    late_hand_over(s, s->chair, &kept[1], 1);
    assert_string_equal(late_log(s, N(1)), "chair 2 APPLIED | second 1 CONFLICT");
    assert_string_equal(row_words(s, 0), "name=Li state=applied note=new");
}

/* Rule 8, last sentence: who saw the colleague's value on the old path overwrites it knowingly. */
static void test_seen_on_the_old_path(void **state)
{
    struct help_server *s = *state;
    struct pen p = pen_of(s, s->chair, s->branch, 1), q = pen_of(s, s->second, s->branch, 2);
    struct entry *kept;
    push_one(&p, pen_create(&p, 0, "name=Li"));
    server_backup(s, "b1");
    push_one(&q, pen_set(&q, 0, S(1), "note=a"));                   /* 1:2 */
    push_one(&q, pen_set(&q, 0, S(2), "campus=east"));              /* 1:3 */
    struct change *seen = pen_set(&p, 0, S(2), "note=b");           /* made there, never sent */
    struct change *unseen = pen_set(&p, 0, S(2), "campus=west");    /* campus was not seen: 1:3 */
    server_entries(s, s->branch, &kept);
    server_restore(s, "b1");
    server_end_recovery(s);
    late_hand_over(s, s->second, &kept[1], 2);
    assert_string_equal(push_one(&p, seen), "2 MERGED");
    assert_non_null(strstr(push_one(&p, unseen), "3 CONFLICT"));
    assert_string_equal(row_words(s, 0), "name=Li campus=east state=applied note=b");
}

/* However often restores gave it up since. */
static void test_seen_many_restores_ago(void **state)
{
    struct help_server *s = *state;
    struct pen p = pen_of(s, s->chair, s->branch, 1), q = pen_of(s, s->second, s->branch, 2);
    struct entry *kept;
    push_one(&p, pen_create(&p, 0, "name=Li"));
    server_backup(s, "b1");
    push_one(&q, pen_set(&q, 0, S(1), "note=a")); /* 1:2 */
    struct change *seen = pen_set(&p, 0, S(2), "note=b");
    server_entries(s, s->branch, &kept);
    server_restore(s, "b1");
    server_end_recovery(s);
    late_hand_over(s, s->second, &kept[1], 1);
    assert_int_equal(db_exec(store_db(s->store), "WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM c WHERE i<100)"
                                                 " INSERT INTO late SELECT org, seq+100+i, incarnation, n, 0 FROM late, c"), ERR_OK);
    assert_string_equal(push_one(&p, seen), "2 APPLIED");
    assert_string_equal(row_words(s, 0), "name=Li state=applied note=b");
}

static bool wants_any(void *to, uint32_t seat, uint32_t org)
{
    (void)to;
    (void)seat;
    (void)org;
    return true;
}

/* Who answers for the author is told while it has not been here since: its device may be lost. Then of what it can't see any more: when its
 * seat is revoked, whatever they were told of others since; when its seat went with the control journal. */
static void expect_found_by_the_district(struct help_server *s)
{
    struct store_refused_seat *list;
    size_t count;
    int64_t later = s->now_ms + 1000, oldest = s->now_ms - 1000;
    assert_int_equal(store_read_refused_seats(s->store, 0, 0, wants_any, NULL, &s->arena, &list, &count), ERR_OK);
    assert_true(count == 1 && list[0].seat == s->second && list[0].changes == 1 && list[0].org == s->branch);
    server_contact(s, s->second, false);
    assert_int_equal(store_read_refused_seats(s->store, 0, 0, wants_any, NULL, &s->arena, &list, &count), ERR_OK);
    assert_int_equal(count, 0);
    assert_int_equal(control_set_seat_state(s->control, s->second, SEAT_REVOKED, 0), ERR_OK);
    assert_int_equal(store_read_refused_seats(s->store, later, oldest, wants_any, NULL, &s->arena, &list, &count), ERR_OK);
    assert_true(count == 1 && list[0].seat == s->second && list[0].changes == 1);
    assert_int_equal(store_read_refused_seats(s->store, 0, later, wants_any, NULL, &s->arena, &list, &count), ERR_OK);
    assert_int_equal(count, 0); /* too long ago */
    assert_int_equal(db_exec(store_db(s->store), arena_format(&s->arena, "UPDATE seat SET number=900 WHERE number=%u", s->second)), ERR_OK);
    assert_int_equal(store_read_refused_seats(s->store, 0, 0, wants_any, NULL, &s->arena, &list, &count), ERR_OK);
    assert_true(count == 1 && list[0].seat == s->second && list[0].org == s->branch);
    assert_int_equal(db_exec(store_db(s->store), arena_format(&s->arena, "UPDATE seat SET number=%u WHERE number=900", s->second)), ERR_OK);
}

/* A step is not judged by where it may begin, but by who moved the state meanwhile; that is refused, and found by the district. */
static void test_steps(void **state)
{
    struct help_server *s = *state;
    struct pen p = pen_of(s, s->chair, s->branch, 1), q = pen_of(s, s->second, s->branch, 2);
    struct entry *kept;
    push_one(&p, pen_create(&p, 0, "name=Li"));
    push_one(&p, pen_create(&p, 1, "name=Wang"));
    server_backup(s, "b1");
    assert_string_equal(push_one(&q, pen_write(&q, OP_ACT, s->member, member_id(0), S(1), "!active")), "1 APPLIED");
    assert_string_equal(push_one(&q, pen_write(&q, OP_ACT, s->member, member_id(1), S(2), "!active")), "2 APPLIED");
    server_entries(s, s->branch, &kept);
    server_restore(s, "b1");
    server_end_recovery(s);
    assert_string_equal(push_one(&p, pen_write(&p, OP_ACT, s->member, member_id(0), S(1), "!withdrawn")), "3 APPLIED");
    late_hand_over(s, s->chair, &kept[2], 2);
    assert_string_equal(late_log(s, N(1)), "chair 3 APPLIED | second 1 REFUSED STATE_MOVED | second 2 APPLIED");
    expect_found_by_the_district(s);
}

static void test_refused_stays_refused(void **state)
{
    struct help_server *s = *state;
    struct pen p = pen_of(s, s->chair, s->branch, 1), q = pen_of(s, s->second, s->branch, 2);
    struct entry *kept, *now;
    server_backup(s, "b1");
    struct change *early = pen_set(&q, 7, 0, "note=x");
    assert_string_equal(push_one(&q, early), "1 REFUSED UNKNOWN_RECORD");
    server_entries(s, s->branch, &kept);
    server_restore(s, "b1");
    server_end_recovery(s);
    push_one(&p, pen_create(&p, 7, "name=Li"));
    kept[0].field = "note";
    kept[0].argument[0] = "a holder's own words"; /* no hash covers them */
    late_hand_over(s, s->chair, kept, 1);
    server_entries(s, s->branch, &now);
    assert_true(now[1].verdict == VERDICT_REFUSED && !now[1].field && !now[1].argument[0]);
    assert_string_equal(late_log(s, N(2)), "second 1 REFUSED UNKNOWN_RECORD");
    assert_string_equal(push_one(&q, early), "1 REFUSED UNKNOWN_RECORD");
}

/* Rights that it had passed are not asked again: the seat is revoked since. */
static void test_of_a_revoked_seat(void **state)
{
    struct help_server *s = *state;
    struct pen q = pen_of(s, s->second, s->branch, 2);
    struct entry *kept;
    server_backup(s, "b1");
    push_one(&q, pen_create(&q, 0, "name=Li"));
    server_entries(s, s->branch, &kept);
    server_restore(s, "b1");
    server_end_recovery(s);
    assert_int_equal(control_set_seat_state(s->control, s->second, SEAT_REVOKED, 0), ERR_OK);
    late_hand_over(s, s->chair, kept, 1);
    assert_string_equal(late_log(s, N(1)), "second 1 APPLIED");
}

/* Two copies of one database: the second change n goes, with what follows on its path, where rule 5 would have sent it. */
static void test_a_fork(void **state)
{
    struct help_server *s = *state;
    struct pen q = pen_of(s, s->second, s->branch, 2), copy;
    struct entry *kept;
    push_one(&q, pen_create(&q, 0, "name=Li"));
    server_backup(s, "b1");
    copy = q;
    struct change *c[] = {pen_create(&q, 1, "name=Wang"), pen_create(&q, 2, "name=Wu")};
    push(&q, c, 2); /* n 2 and 3 */
    server_entries(s, s->branch, &kept);
    server_restore(s, "b1");
    server_end_recovery(s);
    assert_string_equal(push_one(&copy, pen_create(&copy, 5, "name=Sun")), "2 APPLIED");
    const Wire__Taken *taken = late_run(s, s->chair, true, &kept[1], 1, NULL, NULL, 0);
    assert_int_equal(taken->n_fork, 1);
    assert_int_equal(taken->fork[0]->n, 2);
    assert_memory_equal(taken->fork[0]->incarnation.data, q.incarnation.bytes, INCARNATION_SIZE);
    assert_memory_equal(taken->fork[0]->hash.data, c[0]->hash, HASH_SIZE);
    taken = late_run(s, s->chair, true, &kept[2], 1, kept[1].chain, taken->fork, 1); /* the next portion: n 3 goes along */
    assert_int_equal(taken->n_fork, 0);
    struct incarnation into = change_fork(q.incarnation, 2, c[0]->hash);
    struct entry *now;
    assert_int_equal(server_entries(s, s->branch, &now), 4);
    assert_true(incarnation_equal(now[2].identity.incarnation, into) && incarnation_equal(now[3].identity.incarnation, into));
    assert_int_equal(now[3].identity.n, 3);
    assert_string_equal(push(&q, c, 2), "FORKED 2"); /* its own device comes after all */
    q.forked = true;
    q.parent = q.incarnation;
    q.fork_n = 2;
    q.incarnation = into;
    assert_string_equal(push(&q, c, 2), "2 APPLIED | 3 APPLIED");
    assert_true(server_seq(s, s->branch) == N(3));
}

/* A fork of before: its first entry tells what it was forked from, whose values are its own. */
static void test_a_fork_of_before(void **state)
{
    struct help_server *s = *state;
    struct pen q = pen_of(s, s->second, s->branch, 2), fork;
    struct entry *kept;
    push_one(&q, pen_create(&q, 0, "name=Li"));
    push_one(&q, pen_set(&q, 0, S(1), "note=a"));
    server_backup(s, "b1");
    fork = q;
    struct change *own = pen_set(&fork, 0, S(1), "note=b");
    push_one(&q, pen_create(&q, 1, "name=Wang")); /* n 3 is taken */
    fork.forked = true;
    fork.parent = q.incarnation;
    fork.fork_n = 3;
    fork.incarnation = change_fork(q.incarnation, 3, own->hash);
    assert_string_equal(push_one(&fork, own), "3 APPLIED");
    server_entries(s, s->branch, &kept);
    server_restore(s, "b1");
    server_end_recovery(s);
    late_hand_over(s, s->chair, &kept[2], 2);
    assert_string_equal(late_log(s, N(1)), "second 3 APPLIED | second 3 APPLIED");
    assert_string_equal(row_words(s, 0), "name=Li state=applied note=b");
    assert_string_equal(push_one(&fork, pen_set(&fork, 0, S(1), "note=c")), "4 APPLIED");
}

/* Two paths in one hand-over, by one holder: what was found of one holds for that path alone. */
static void test_forks_of_two_paths(void **state)
{
    struct help_server *s = *state;
    struct pen q = pen_of(s, s->second, s->branch, 2), one = q, two = q;
    struct entry *kept, *later;
    server_backup(s, "b1");
    struct change *a = pen_create(&one, 0, "name=Li"), *b = pen_create(&two, 1, "name=Wang");
    assert_string_equal(push_one(&one, a), "1 APPLIED"); /* path 1 */
    server_entries(s, s->branch, &kept);
    server_restore(s, "b1");
    server_end_recovery(s);
    assert_string_equal(push_one(&two, b), "1 APPLIED"); /* path 2 */
    struct change *own = pen_set(&two, 1, N(1), "note=a");
    assert_string_equal(push_one(&two, own), "2 APPLIED");
    struct change *next = pen_set(&two, 1, N(1), "note=b"); /* base as of what it waited behind (rule 2); not sent yet */
    server_entries(s, s->branch, &later);
    server_restore(s, "b1");
    server_end_recovery(s);
    assert_string_equal(push_one(&two, b), "1 APPLIED");
    const Wire__Taken *t = late_run(s, s->chair, true, kept, 1, NULL, NULL, 0);
    assert_int_equal(t->n_fork, 1);
    t = late_run(s, s->chair, true, later, 2, NULL, t->fork, 1); /* of the other path */
    assert_int_equal(t->n_fork, 0);
    struct change *all[] = {b, own, next};
    assert_string_equal(push(&two, all, 3), "1 APPLIED | 2 APPLIED | 3 APPLIED"); /* over its own value */
}

/* All or none: a part of a group alone is left, whole it stands. */
static void test_a_group(void **state)
{
    struct help_server *s = *state;
    struct pen q = pen_of(s, s->second, s->branch, 2);
    struct entry *kept;
    server_backup(s, "b1");
    struct change *c[] = {pen_create(&q, 0, "name=Li"), pen_create(&q, 1, "name=Wang")};
    pen_group(c, 2);
    assert_string_equal(push(&q, c, 2), "1 APPLIED | 2 APPLIED");
    server_entries(s, s->branch, &kept);
    server_restore(s, "b1");
    server_end_recovery(s);
    const Wire__Taken *part = late_run(s, s->chair, true, kept, 1, NULL, NULL, 0);
    assert_true(server_seq(s, s->branch) == 0);
    assert_true(part->late_to == S(1) && part->late_left == 1 && part->late_decided == 0); /* the holder's person is told, and goes on */
    late_hand_over(s, s->chair, kept, 2);
    assert_string_equal(late_log(s, N(1)), "second 1 APPLIED | second 2 APPLIED");
}

/* What can't be dealt with, by whosever fault, stays with its holder, and neither ends the session nor holds up what was made there; only a
 * revoked seat waits with it, which is wiped else. */
static void test_what_cannot_be_dealt_with(void **state)
{
    struct help_server *s = *state;
    struct pen p = pen_of(s, s->chair, s->branch, 1), q = pen_of(s, s->second, s->branch, 2);
    struct entry *kept;
    server_backup(s, "b1");
    push_one(&q, pen_create(&q, 0, "name=Li"));
    push_one(&q, pen_create(&q, 1, "name=Wang"));
    server_entries(s, s->branch, &kept);
    server_restore(s, "b1");
    server_end_recovery(s);
    struct entry wrong[] = {kept[1], kept[0]}; /* not ascending */
    const Wire__Taken *taken = late_run(s, s->chair, true, wrong, 2, NULL, NULL, 0);
    assert_true(!taken->has_late_to && !taken->has_retry_after_ms && taken->org == s->branch);
    assert_int_equal(db_exec(store_db(s->store), "CREATE TEMP TRIGGER refuse BEFORE INSERT ON late BEGIN SELECT RAISE(ABORT, 'no'); END"), ERR_OK);
    taken = late_run(s, s->chair, true, kept, 2, NULL, NULL, 0);
    assert_true(!taken->has_late_to && !taken->has_retry_after_ms);
    assert_true(server_seq(s, s->branch) == 0);
    assert_string_equal(push_one(&p, pen_create(&p, 2, "name=Wu")), "1 APPLIED");
    assert_int_equal(control_set_seat_state(s->control, s->second, SEAT_REVOKED, 0), ERR_OK);
    server_close(s);
    server_open(s);
    assert_int_equal(db_exec(store_db(s->store), "CREATE TEMP TRIGGER refuse BEFORE INSERT ON late BEGIN SELECT RAISE(ABORT, 'no'); END"), ERR_OK);
    taken = late_run(s, s->second, true, kept, 2, NULL, NULL, 0);
    assert_true(!taken->has_late_to && taken->has_retry_after_ms && taken->retry_after_ms > 0);
    assert_int_equal(db_exec(store_db(s->store), "DROP TRIGGER refuse"), ERR_OK);
    taken = late_hand_over(s, s->chair, kept, 2);
    assert_int_equal(taken->late_decided, 2);
}

/* A member of a group whose first n another change has: it does not stand alone. */
static void test_half_a_group(void **state)
{
    struct help_server *s = *state;
    struct pen q = pen_of(s, s->second, s->branch, 2), copy = q;
    struct entry *kept;
    server_backup(s, "b1");
    struct change *c[] = {pen_create(&q, 0, "name=Li"), pen_create(&q, 1, "name=Wang")};
    pen_group(c, 2);
    assert_string_equal(push(&q, c, 2), "1 APPLIED | 2 APPLIED");
    server_entries(s, s->branch, &kept);
    server_restore(s, "b1");
    server_end_recovery(s);
    assert_string_equal(push_one(&copy, pen_create(&copy, 5, "name=Sun")), "1 APPLIED");
    late_run(s, s->chair, true, &kept[1], 1, kept[0].chain, NULL, 0);
    assert_string_equal(row_words(s, 1), "unknown");
    late_hand_over(s, s->chair, kept, 2);
    assert_string_equal(row_words(s, 0), "name=Li state=applied");
    assert_string_equal(row_words(s, 1), "name=Wang state=applied");
}

/* Who comes first has the record's beginning not at all: what was done to it waits for who has, and is not refused for good. */
static void test_its_beginning_comes_later(void **state)
{
    struct help_server *s = *state;
    struct pen p = pen_of(s, s->chair, s->branch, 1), q = pen_of(s, s->second, s->branch, 2);
    struct entry *kept;
    server_backup(s, "b1");
    push_one(&p, pen_create(&p, 0, "name=Li"));
    struct change *own = pen_set(&q, 0, S(1), "note=x");
    push_one(&q, own);
    struct change *both[] = {pen_set(&q, 0, S(2), "campus=east"), pen_create(&q, 1, "name=Wang")};
    pen_group(both, 2);
    assert_string_equal(push(&q, both, 2), "2 APPLIED | 3 APPLIED");
    server_entries(s, s->branch, &kept);
    server_restore(s, "b1");
    server_end_recovery(s);
    const Wire__Taken *taken = late_run(s, s->second, true, &kept[1], 3, kept[0].chain, NULL, 0);
    assert_true(server_seq(s, s->branch) == 0 && taken->late_left == 3 && taken->late_decided == 0);
    taken = late_hand_over(s, s->chair, kept, 4);
    assert_true(taken->late_decided == 4 && taken->late_refused == 0);
    assert_string_equal(late_log(s, N(1)), "chair 1 APPLIED | second 1 APPLIED | second 2 APPLIED | second 3 APPLIED");
    assert_string_equal(row_words(s, 0), "name=Li campus=east state=applied note=x");
}

/* Rule 29: what was erased comes in by no way. */
static void test_erased_meanwhile(void **state)
{
    struct help_server *s = *state;
    struct pen p = pen_of(s, s->chair, s->branch, 1), q = pen_of(s, s->second, s->branch, 2);
    struct entry *kept, *now;
    push_one(&p, pen_create(&p, 0, "name=Li"));
    server_backup(s, "b1");
    push_one(&q, pen_set(&q, 0, S(1), "note=private"));
    push_one(&q, pen_create(&q, 1, "name=Wang"));
    server_entries(s, s->branch, &kept);
    server_restore(s, "b1");
    server_end_recovery(s);
    late_erase(s, 0);
    late_hand_over(s, s->chair, &kept[1], 2);
    assert_string_equal(late_log(s, N(1)), "second 1 REFUSED ERASED | second 2 APPLIED");
    size_t count = server_entries(s, s->branch, &now);
    for (size_t i = 0; i < count; i++)
        assert_null(memmem(now[i].change.data, now[i].change.size, "private", 7));
    late_hand_over(s, s->chair, &kept[1], 2); /* known by the hash that it was made with */
    assert_true(server_seq(s, s->branch) == N(2));
}

static struct change *with(struct help_server *s, struct change *c, const char *field, struct cell value)
{
    ProtobufCMessage *m = record_copy(c->patch, &s->arena);
    record_put_name(m, field, value, &s->arena);
    c->patch = m;
    assert_int_equal(change_pack(c, &s->arena), ERR_OK);
    return c;
}

static struct cell of_id(struct help_server *s, struct id id)
{
    return cell_bytes(arena_copy(&s->arena, id_slice(&id)));
}

/* Whose group it is, is a right (rights.md), though a kind's rule asks for it: a payment that passed it is not refused because the group
 * has another leader since. */
static void test_a_right_within_a_rule(void **state)
{
    struct help_server *s = *state;
    uint32_t leader = server_add_seat(s, s->branch, "group_leader"), next = server_add_seat(s, s->branch, "group_leader");
    uint32_t group = kind_by_name("union_group")->number, pay = kind_by_name("dues_payment")->number;
    struct pen p = pen_of(s, s->chair, s->branch, 1), q = pen_of(s, leader, s->branch, 2);
    struct entry *kept;
    assert_string_equal(push_one(&p, with(s, pen_write(&p, OP_CREATE, group, member_id(50), 0, "name=G"), "leader_seat", cell_integer(leader))), "1 APPLIED");
    struct change *member = with(s, pen_create(&p, 1, "name=Li state=active joined_on=2026-01-01"), "group_id", of_id(s, member_id(50)));
    assert_string_equal(push_one(&p, member), "2 APPLIED");
    server_backup(s, "b1");
    struct change *paid = pen_write(&q, OP_CREATE, pay, member_id(60), 0, "period=2026-10 paid_on=2026-10-15 method=cash");
    paid = with(s, with(s, paid, "member_id", of_id(s, member_id(1))), "amount_fen", cell_integer(2000));
    assert_string_equal(push_one(&q, paid), "1 APPLIED");
    server_entries(s, s->branch, &kept);
    server_restore(s, "b1");
    server_end_recovery(s);
    assert_string_equal(push_one(&p, with(s, pen_write(&p, OP_SET, group, member_id(50), S(1), ""), "leader_seat", cell_integer(next))), "3 APPLIED");
    late_hand_over(s, s->chair, &kept[2], 1);
    assert_string_equal(late_log(s, N(2)), "second 1 APPLIED");
}

#define T(f) cmocka_unit_test_setup_teardown(f, server_setup, server_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(test_a_lost_colleague),
        T(test_a_clash),
        T(test_seen_on_the_old_path),
        T(test_seen_many_restores_ago),
        T(test_steps),
        T(test_refused_stays_refused),
        T(test_of_a_revoked_seat),
        T(test_a_fork),
        T(test_a_fork_of_before),
        T(test_forks_of_two_paths),
        T(test_a_group),
        T(test_what_cannot_be_dealt_with),
        T(test_half_a_group),
        T(test_its_beginning_comes_later),
        T(test_erased_meanwhile),
        T(test_a_right_within_a_rule),
    };
    return cmocka_run_group_tests_name("server_late", tests, NULL, NULL);
}
