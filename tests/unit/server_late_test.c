/* Rule 27 on the server: entries of a path that a restore gave up, handed over when recovery has ended, and what restores cut back. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "help_recovery.h"

#include "server/store/store_control.h"
#include "server/store/store_late.h"
#include "server/store/store_refused.h"
#include "wire/wire.h"

#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define N(counter) seq_make(2, counter)

static const Wire__Taken *run_late(struct help_server *s, uint32_t seat, bool proven, const struct entry *list, size_t count,
                                   const uint8_t *before, Wire__LateFork **forks, size_t fork_count)
{
    Wire__HandBack m = WIRE__HAND_BACK__INIT;
    m.has_org = m.has_late = m.has_done = m.late = m.done = 1;
    m.org = s->branch;
    m.fork = forks;
    m.n_fork = fork_count;
    m.has_chain_before = before != NULL;
    m.chain_before = (ProtobufCBinaryData){before ? CHAIN_SIZE : 0, (uint8_t *)before};
    return hand_back_with(s, seat, proven, &m, list, count);
}

static const Wire__Taken *hand_over(struct help_server *s, uint32_t seat, const struct entry *list, size_t count)
{
    const Wire__Taken *taken = run_late(s, seat, true, list, count, NULL, NULL, 0);
    assert_true(taken->late_to == list[count - 1].seq);
    return taken;
}

/* The branch's log from seq on, as "second 1 APPLIED | chair 3 REFUSED CODE". */
static const char *log_from(struct help_server *s, uint64_t from)
{
    static const char *const verdicts[] = {"?", "APPLIED", "MERGED", "CONFLICT", "REFUSED", "SAME"};
    struct entry *list;
    struct buf b = BUF_INIT;
    size_t count = server_entries(s, s->branch, &list);
    for (size_t i = 0; i < count; i++)
        if (list[i].seq >= from)
            buf_format(&b, "%s%s %llu %s%s%s", b.size ? " | " : "", list[i].identity.seat == s->chair ? "chair" : "second",
                       (unsigned long long)list[i].identity.n, verdicts[list[i].verdict], list[i].code ? " " : "", list[i].code ? list[i].code : "");
    const char *text = arena_text(&s->arena, buf_slice(&b));
    buf_finish(&b);
    return text;
}

static int64_t count_of(struct help_server *s, const char *sql)
{
    int64_t count;
    assert_int_equal(store_control_ask(store_db(s->store), sql, &count), ERR_OK);
    return count;
}

/* Entries that restores cut back, and that wait to be decided. */
static int64_t still_cut(struct help_server *s)
{
    return count_of(s, "SELECT count(*) FROM cut");
}

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
    const Wire__Taken *later = run_late(s, s->chair, true, &kept[1], 3, NULL, NULL, 0);
    assert_true(later->has_retry_after_ms && !later->has_late_to); /* recovering: the way is HAND_BACK without late */
    server_end_recovery(s);
    hand_over(s, s->chair, &kept[1], 3);
    assert_string_equal(log_from(s, N(1)), "second 1 APPLIED | second 2 APPLIED | second 3 APPLIED");
    assert_string_equal(row_words(s, 0), "name=Li state=applied note=x");
    assert_string_equal(row_words(s, 1), "name=Wang state=applied note=y");
    hand_over(s, s->chair, &kept[1], 3);
    run_late(s, s->second, true, &kept[2], 2, kept[1].chain, NULL, 0); /* another holder, another stretch */
    assert_string_equal(push(&q, c, 3), "1 APPLIED | 2 APPLIED | 3 APPLIED");
    assert_true(server_seq(s, s->branch) == N(3));
}

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
    run_late(s, s->second, false, kept, 3, NULL, NULL, 0);
    assert_true(server_seq(s, s->branch) == 0);
    forged[0] = kept[1];
    forged[0].change = kept[0].change;
    forged[1] = kept[2];
    run_late(s, s->second, true, forged, 2, kept[0].chain, NULL, 0); /* each frame by itself: its first does not hash to it */
    assert_string_equal(row_words(s, 0), "unknown");
    assert_string_equal(row_words(s, 1), "unknown");
    assert_string_equal(row_words(s, 2), "name=Wu state=applied");
    forged[0] = kept[1];
    forged[0].stripped = true;
    run_late(s, s->second, true, forged, 2, kept[0].chain, NULL, 0); /* stripped: its change is not covered */
    assert_string_equal(row_words(s, 1), "unknown");
    run_late(s, s->second, true, &kept[1], 1, kept[0].chain, NULL, 0);
    assert_string_equal(row_words(s, 1), "name=Wang state=applied");
    assert_string_equal(push_one(&p, pen_create(&p, 3, "name=Sun")), "4 APPLIED"); /* n 1 is a hole */
    hand_over(s, s->second, kept, 3);
    assert_string_equal(log_from(s, N(1)), "chair 3 APPLIED | chair 2 APPLIED | chair 4 APPLIED | chair 1 APPLIED");
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
    hand_over(s, s->chair, &kept[1], 1);
    assert_string_equal(log_from(s, N(1)), "chair 2 APPLIED | second 1 CONFLICT");
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
    hand_over(s, s->second, &kept[1], 2);
    assert_string_equal(push_one(&p, seen), "2 MERGED");
    assert_non_null(strstr(push_one(&p, unseen), "3 CONFLICT"));
    assert_string_equal(row_words(s, 0), "name=Li campus=east state=applied note=b");
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
    hand_over(s, s->chair, &kept[2], 2);
    assert_string_equal(log_from(s, N(1)), "chair 3 APPLIED | second 1 REFUSED STATE_MOVED | second 2 APPLIED");
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
    hand_over(s, s->chair, kept, 1);
    server_entries(s, s->branch, &now);
    assert_true(now[1].verdict == VERDICT_REFUSED && !now[1].field && !now[1].argument[0]);
    assert_string_equal(log_from(s, N(2)), "second 1 REFUSED UNKNOWN_RECORD");
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
    hand_over(s, s->chair, kept, 1);
    assert_string_equal(log_from(s, N(1)), "second 1 APPLIED");
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
    const Wire__Taken *taken = run_late(s, s->chair, true, &kept[1], 1, NULL, NULL, 0);
    assert_int_equal(taken->n_fork, 1);
    assert_int_equal(taken->fork[0]->n, 2);
    assert_memory_equal(taken->fork[0]->incarnation.data, q.incarnation.bytes, INCARNATION_SIZE);
    assert_memory_equal(taken->fork[0]->hash.data, c[0]->hash, HASH_SIZE);
    taken = run_late(s, s->chair, true, &kept[2], 1, kept[1].chain, taken->fork, 1); /* the next portion: n 3 goes along */
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
    hand_over(s, s->chair, &kept[2], 2);
    assert_string_equal(log_from(s, N(1)), "second 3 APPLIED | second 3 APPLIED");
    assert_string_equal(row_words(s, 0), "name=Li state=applied note=b");
    assert_string_equal(push_one(&fork, pen_set(&fork, 0, S(1), "note=c")), "4 APPLIED");
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
    run_late(s, s->chair, true, kept, 1, NULL, NULL, 0);
    assert_true(server_seq(s, s->branch) == 0);
    hand_over(s, s->chair, kept, 2);
    assert_string_equal(log_from(s, N(1)), "second 1 APPLIED | second 2 APPLIED");
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
    const Wire__Taken *taken = run_late(s, s->second, true, &kept[1], 3, kept[0].chain, NULL, 0);
    assert_true(server_seq(s, s->branch) == 0 && taken->late_left == 3 && taken->late_decided == 0);
    taken = hand_over(s, s->chair, kept, 4);
    assert_true(taken->late_decided == 4 && taken->late_refused == 0);
    assert_string_equal(log_from(s, N(1)), "chair 1 APPLIED | second 1 APPLIED | second 2 APPLIED | second 3 APPLIED");
    assert_string_equal(row_words(s, 0), "name=Li campus=east state=applied note=x");
}

static void erase(struct help_server *s, int record)
{
    struct erase_plan plan;
    assert_int_equal(erase_plan_make(s->store, member_id(record), &plan), ERR_OK);
    carry_out_erasure(s->store, s->control, &plan, s->now_ms, "2026-17");
    erase_plan_finish(&plan);
    server_close(s);
    server_open(s);
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
    erase(s, 0);
    hand_over(s, s->chair, &kept[1], 2);
    assert_string_equal(log_from(s, N(1)), "second 1 REFUSED ERASED | second 2 APPLIED");
    size_t count = server_entries(s, s->branch, &now);
    for (size_t i = 0; i < count; i++)
        assert_null(memmem(now[i].change.data, now[i].change.size, "private", 7));
    hand_over(s, s->chair, &kept[1], 2); /* known by the hash that it was made with */
    assert_true(server_seq(s, s->branch) == N(2));
}

/* Rule 25: a backup that ends on a given up path is cut back; what was cut is decided when recovery ends, before anything else. */
static void test_what_was_cut_back(void **state)
{
    struct help_server *s = *state;
    struct pen p = pen_of(s, s->chair, s->branch, 1), q = pen_of(s, s->second, s->branch, 2);
    push_one(&p, pen_create(&p, 0, "name=Li"));
    server_backup(s, "b1");
    struct change *lost = pen_create(&q, 1, "name=Wang");
    push_one(&q, lost);
    server_backup(s, "b2");
    server_restore(s, "b1");
    server_end_recovery(s); /* epoch 2 */
    push_one(&p, pen_set(&p, 0, S(1), "note=new"));
    server_restore(s, "b2"); /* 1:2 is cut back */
    assert_string_equal(row_words(s, 1), "unknown");
    server_end_recovery(s);
    assert_string_equal(push_one(&q, pen_set(&q, 1, S(2), "note=on-it")), "2 APPLIED");
    assert_string_equal(row_words(s, 1), "name=Wang state=applied note=on-it");
    assert_string_equal(log_from(s, seq_make(3, 1)), "second 1 APPLIED | second 2 APPLIED");
    assert_string_equal(push_one(&q, lost), "1 APPLIED");
    assert_true(server_seq(s, s->branch) == seq_make(3, 2));
}

/* ---- who dies over what was cut back ---- */

#define LONG 24000 /* bytes of a note: an entry has it twice, 4 MiB of them are a page (writer_cut.c) */
#define MANY 120

static unsigned draws;

/* Salts are drawn 64 at a time: the third time is in the second page. */
static void die_in_the_second_page(void *out, size_t size)
{
    help_random(out, size);
    if (++draws == 3)
        _exit(0);
}

static void serve_and_die(struct help_server *s)
{
    int status;
    server_close(s);
    pid_t child = fork();
    if (child == 0) {
        server_open(s);
        writer_run(s->writer, NULL, s->now_ms, die_in_the_second_page, s->news, 64, &s->news_count);
        _exit(1); /* it went on */
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    server_open(s);
}

/* Page by page, each a commit of its own: who dies between two begins anew, loses nothing and decides nothing twice. */
static void test_a_death_between_pages(void **state)
{
    struct help_server *s = *state;
    struct pen p = pen_of(s, s->chair, s->branch, 1), q = pen_of(s, s->second, s->branch, 2);
    char *words = arena_alloc(&s->arena, LONG + 16);
    struct change *first = NULL;
    memcpy(words, "name=Li note=", 13);
    memset(words + 13, 'a', LONG);
    words[13 + LONG] = '\0';
    push_one(&p, pen_create(&p, 0, "name=Li"));
    server_backup(s, "b1");
    for (int i = 1; i <= MANY; i++) {
        struct change *c = pen_create(&q, i, words);
        first = first ? first : c;
        push_one(&q, c);
    }
    server_backup(s, "b2");
    server_restore(s, "b1");
    server_end_recovery(s); /* epoch 2 */
    push_one(&p, pen_set(&p, 0, S(1), "note=new"));
    server_restore(s, "b2");
    assert_int_equal(still_cut(s), MANY);
    server_end_recovery(s); /* epoch 3 */
    serve_and_die(s);
    uint64_t done = server_seq(s, s->branch);
    assert_true(done > seq_make(3, 64) && done < seq_make(3, MANY)); /* a page is on the disk, and no more */
    assert_int_equal(still_cut(s), MANY);
    server_run(s, NULL);
    assert_int_equal(still_cut(s), 0);
    assert_true(server_seq(s, s->branch) == seq_make(3, MANY));
    assert_string_equal(push_one(&q, first), "1 APPLIED");
    assert_string_equal(push_one(&q, pen_set(&q, MANY, S(MANY + 1), "note=b")), "121 APPLIED"); /* its base is known, too (rule 8) */
    assert_true(server_seq(s, s->branch) == seq_make(3, MANY + 1));
}

/* ---- what is believed, and what holds together ---- */

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
    run_late(s, leader, true, &kept[1], 1, kept[0].chain, NULL, 0);
    assert_string_equal(row_words(s, 0), "unknown");
}

static int64_t incarnations_of(struct help_server *s, uint32_t seat)
{
    return count_of(s, arena_format(&s->arena, "SELECT count(*) FROM incarnation WHERE seat=%u", seat));
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
        run_late(s, s->chair, true, forged, 2, kept[1].chain, NULL, 0);
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
    run_late(s, liar, true, forged, 2, kept[0].chain, NULL, 0);
    const char *answer = push_one(&q, away);
    assert_non_null(strstr(answer, "1 CONFLICT"));
    assert_string_equal(row_words(s, 0), "name=Li campus=b state=applied note=theirs");
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
    run_late(s, s->chair, true, &kept[1], 1, kept[0].chain, NULL, 0);
    assert_string_equal(row_words(s, 1), "unknown");
    hand_over(s, s->chair, kept, 2);
    assert_string_equal(row_words(s, 0), "name=Li state=applied");
    assert_string_equal(row_words(s, 1), "name=Wang state=applied");
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
    const Wire__Taken *t = run_late(s, s->chair, true, kept, 1, NULL, NULL, 0);
    assert_int_equal(t->n_fork, 1);
    t = run_late(s, s->chair, true, later, 2, NULL, t->fork, 1); /* of the other path */
    assert_int_equal(t->n_fork, 0);
    struct change *all[] = {b, own, next};
    assert_string_equal(push(&two, all, 3), "1 APPLIED | 2 APPLIED | 3 APPLIED"); /* over its own value */
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
    hand_over(s, s->chair, &kept[2], 1);
    assert_string_equal(log_from(s, N(2)), "second 1 APPLIED");
}

static int64_t cut_left(struct help_server *s)
{
    int64_t left;
    assert_int_equal(store_meta_get(store_db(s->store), STORE_CUT_LEFT, &left), ERR_OK);
    return left;
}

/* As a restore would, whose path had that seq. */
static void put_cut(struct help_server *s, int64_t path, struct entry e, uint64_t seq)
{
    struct db_statement *q;
    e.seq = seq;
    assert_int_equal(db_prepare(store_db(s->store), "INSERT INTO cut(org, path, seq, chain, entry) VALUES($1, $2, $3, $4, $5)", &q), ERR_OK);
    db_bind_integer(q, 1, s->branch);
    db_bind_integer(q, 2, path);
    db_bind_integer(q, 3, (int64_t)seq);
    db_bind_blob(q, 4, slice_of(e.chain, CHAIN_SIZE));
    db_bind_blob(q, 5, wire_pack_arena(&entry_wire(&e, &s->arena)->base, &s->arena));
    assert_int_equal(db_run(q), ERR_OK);
}

/* One row that can't be read is one org's trouble. */
static void test_one_bad_row(void **state)
{
    struct help_server *s = *state;
    uint32_t other = server_add_seat(s, s->other, "union_chair");
    struct pen p = pen_of(s, s->chair, s->branch, 1), q = pen_of(s, s->second, s->branch, 2), o = pen_of(s, other, s->other, 3);
    struct entry *kept;
    push_one(&p, pen_create(&p, 0, "name=Li"));
    push_one(&o, pen_create(&o, 10, "name=Qian"));
    server_backup(s, "b1");
    push_one(&q, pen_create(&q, 1, "name=Wang"));
    push_one(&o, pen_create(&o, 11, "name=Zhou"));
    server_entries(s, s->branch, &kept);
    server_backup(s, "b2");
    server_restore(s, "b1");
    server_end_recovery(s);
    push_one(&p, pen_set(&p, 0, S(1), "note=new"));
    server_restore(s, "b2");
    assert_int_equal(still_cut(s), 2);
    assert_true(s->branch < s->other);
    assert_int_equal(db_exec(store_db(s->store), arena_format(&s->arena, "UPDATE cut SET entry=x'ff' WHERE org=%u", s->branch)), ERR_OK);
    server_end_recovery(s);
    server_run(s, NULL);
    assert_string_equal(row_words(s, 11), "name=Zhou state=applied");
    assert_true(still_cut(s) == 1 && cut_left(s) == 1); /* it is kept, and told */
    assert_int_equal(db_exec(store_db(s->store), "DELETE FROM cut"), ERR_OK);
    put_cut(s, 1, kept[1], S(2)); /* as a program that reads it finds it */
    server_run(s, NULL);
    assert_int_equal(still_cut(s), 1);
    s->now_ms += 3600000; /* an hour */
    server_run(s, NULL);
    assert_string_equal(row_words(s, 1), "name=Wang state=applied");
    assert_true(still_cut(s) == 0 && cut_left(s) == 0);
}

/* What is erased may stand in a row that nobody can read: it goes, and erasing goes on. */
static void test_an_erasure_over_a_bad_row(void **state)
{
    struct help_server *s = *state;
    struct pen p = pen_of(s, s->chair, s->branch, 1), q = pen_of(s, s->second, s->branch, 2);
    struct entry *kept;
    push_one(&p, pen_create(&p, 0, "name=Li"));
    server_backup(s, "b1");
    push_one(&q, pen_set(&q, 0, S(1), "note=private"));
    server_entries(s, s->branch, &kept);
    server_restore(s, "b1");
    assert_int_equal(db_exec(store_db(s->store), arena_format(&s->arena, "INSERT INTO cut VALUES(%u, 1, 5, x'01', x'ff')", s->branch)), ERR_OK);
    put_cut(s, 2, kept[1], S(2));
    erase(s, 0);
    assert_int_equal(still_cut(s), 1);
    server_end_recovery(s);
    server_run(s, NULL);
    assert_int_equal(server_entries(s, s->branch, &kept), 2);
    assert_null(memmem(kept[1].change.data, kept[1].change.size, "private", 7));
    assert_null(strstr(row_words(s, 0), "private"));
}

/* Numbers of seqs are given twice where a control journal was lost: each past by itself, groups whole, and each keeps its place. */
static void test_one_seq_of_two_pasts(void **state)
{
    struct help_server *s = *state;
    struct pen pens[2] = {pen_of(s, s->chair, s->branch, 1), pen_of(s, s->second, s->branch, 2)};
    struct entry *kept[2];
    server_backup(s, "b1");
    for (int i = 0; i < 2; i++) {
        struct change *c[] = {pen_create(&pens[i], 2 * i, "name=Li"), pen_create(&pens[i], 2 * i + 1, "name=Wang")};
        pen_group(c, 2);
        assert_string_equal(push(&pens[i], c, 2), "1 APPLIED | 2 APPLIED");
        server_entries(s, s->branch, &kept[i]);
        server_restore(s, "b1");
        if (i == 0)
            server_end_recovery(s);
    }
    for (int i = 0; i < 4; i++)
        put_cut(s, 1 + i / 2, kept[i / 2][i % 2], S(1 + i % 2));
    server_end_recovery(s);
    server_run(s, NULL);
    for (int i = 0; i < 4; i++)
        assert_string_equal(row_words(s, i), i % 2 ? "name=Wang state=applied" : "name=Li state=applied");
    assert_int_equal(still_cut(s), 0);
    assert_int_equal(count_of(s, "SELECT count(*) FROM late WHERE seq=(1<<40)+1"), 2);
}

/* A folder of layout 2 is made one of layout 3 when it is opened; nothing of both tables is lost. */
static void test_the_layout_of_before(void **state)
{
    struct help_server *s = *state;
    assert_int_equal(db_exec(store_db(s->store),
                             "DROP TABLE late; DROP TABLE cut;"
                             "CREATE TABLE late(org INTEGER NOT NULL, seq INTEGER NOT NULL, incarnation INTEGER NOT NULL, n INTEGER NOT NULL,"
                             " refused INTEGER NOT NULL, PRIMARY KEY(org, seq)) WITHOUT ROWID;"
                             "CREATE TABLE cut(org INTEGER NOT NULL, seq INTEGER NOT NULL, chain BLOB NOT NULL, entry BLOB NOT NULL,"
                             " PRIMARY KEY(org, seq, chain)) WITHOUT ROWID;"
                             "INSERT INTO late VALUES(2, 7, 1, 3, 0); INSERT INTO late VALUES(2, 8, 1, 4, 9);"
                             "INSERT INTO cut VALUES(2, 5, x'01', x'0a'); INSERT INTO cut VALUES(2, 5, x'02', x'0b'); INSERT INTO cut VALUES(2, 6, x'03', x'0c');"
                             "PRAGMA user_version=2"), ERR_OK);
    server_close(s);
    server_open(s);
    assert_int_equal(count_of(s, "PRAGMA user_version"), 3);
    assert_int_equal(count_of(s, "SELECT sum(seq*100 + n*10 + refused) FROM late"), 700 + 30 + 800 + 40 + 9);
    assert_int_equal(count_of(s, "SELECT count(*) FROM cut WHERE path=1 AND (seq=5 AND chain=x'01' AND entry=x'0a' OR seq=6)"), 2);
    assert_int_equal(count_of(s, "SELECT count(*) FROM cut WHERE path=2 AND seq=5 AND chain=x'02' AND entry=x'0b'"), 1);
    assert_int_equal(db_exec(store_db(s->store), "DELETE FROM cut; DELETE FROM late"), ERR_OK);
}

#define T(f) cmocka_unit_test_setup_teardown(f, server_setup, server_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(test_a_lost_colleague), T(test_what_is_not_proven), T(test_a_clash), T(test_seen_on_the_old_path), T(test_steps),
        T(test_refused_stays_refused), T(test_of_a_revoked_seat), T(test_a_fork), T(test_a_fork_of_before), T(test_a_group), T(test_its_beginning_comes_later), T(test_erased_meanwhile),
        T(test_what_was_cut_back), T(test_a_death_between_pages), T(test_same_as_a_refused_one), T(test_a_forged_fork), T(test_a_forged_place),
        T(test_half_a_group), T(test_forks_of_two_paths), T(test_whose_it_is_said_to_be), T(test_a_right_within_a_rule),
        T(test_one_bad_row), T(test_one_seq_of_two_pasts), T(test_an_erasure_over_a_bad_row), T(test_the_layout_of_before),
    };
    return cmocka_run_group_tests_name("server_late", tests, NULL, NULL);
}
