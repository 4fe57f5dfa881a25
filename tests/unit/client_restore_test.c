/* A server that lost the end of its logs, and the devices that hold it (rules 24-28, 35): one scenario each. What random schedules
 * (client_schedule_test.c) found stands here by name. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "client/replica/outbox.h"
#include "client/replica/replica_inner.h"
#include "help_district.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct district d;

static int setup(void **state)
{
    (void)state;
    district_make(&d);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    district_remove(&d);
    return 0;
}

/* A seat of the other kindergarten, which may end its recovery before the first. */
static struct device *neighbour(void)
{
    return device_join(&d, d.server.other, "union_chair");
}

/* Nothing was taken anew by a digest, nothing was missed that this device no longer held. */
static void expect_untouched(struct device *v)
{
    struct replica_facts f;
    device_expect_level(v);
    assert_int_equal(replica_facts(v->r, &f), ERR_OK);
    assert_int_equal(f.repairs, 0);
    assert_int_equal(f.broken, 0);
}


/* Rule 25: a server that was restored from an older backup gets back what its seats had pulled. */
static void clients_heal_a_restored_server(void **state)
{
    (void)state;
    struct device *a = device_chair(&d), *b = device_second(&d);
    struct id one = device_add(a, "name=李梅");
    device_sync(a, -1);
    device_sync(b, -1);
    district_backup(&d, "one");
    struct id two = device_add(a, "name=甲");
    assert_int_equal(device_set(b, one, "note=x"), ERR_OK);
    device_sync(a, -1);
    device_sync(b, -1);
    device_sync(a, -1);
    assert_int_equal(server_seq(&d.server, d.server.branch), S(3));
    district_restore(&d, "one");
    assert_int_equal(server_seq(&d.server, d.server.branch), S(1));
    struct id three = device_add(a, "name=乙"); /* people work on */
    assert_int_equal(device_sync(a, -1), LINK_PUT_OFF);
    assert_int_equal(server_seq(&d.server, d.server.branch), S(3));
    assert_int_equal(device_status(a).queued, 1);
    device_sync(b, -1);
    district_end_recovery(&d);
    assert_int_equal(device_sync(a, -1), LINK_DONE);
    assert_int_equal(device_sync(b, -1), LINK_DONE);
    assert_int_equal(server_seq(&d.server, d.server.branch), seq_make(2, 1));
    struct device *both[] = {a, b};
    for (int i = 0; i < 2; i++) {
        assert_string_equal(device_words(both[i], one), "name=李梅 note=x");
        assert_string_equal(device_words(both[i], two), "name=甲");
        assert_string_equal(device_words(both[i], three), "name=乙");
        device_expect_level(both[i]);
    }
    server_verify(&d.server);
}

/* Rule 27: who comes late, after the epoch has moved on, goes back to what is common; what was entered here is sent again. */
static void a_late_holder_loses_nothing_of_its_own(void **state)
{
    (void)state;
    struct device *a = device_chair(&d), *b = device_second(&d);
    struct id one = device_add(a, "name=李梅");
    device_sync(a, -1);
    device_sync(b, -1);
    district_backup(&d, "one");
    struct id two = device_add(a, "name=甲"), three = device_add(a, "name=乙");
    assert_int_equal(device_set(a, two, "note=1"), ERR_OK);
    device_sync(a, -1);
    device_expect_level(a);
    district_restore(&d, "one");
    device_sync(b, -1);
    district_end_recovery(&d);
    assert_int_equal(device_set(b, one, "note=x"), ERR_OK);
    assert_int_equal(device_sync(b, -1), LINK_DONE);
    assert_int_equal(server_seq(&d.server, d.server.branch), seq_make(2, 1));
    assert_int_equal(device_sync(a, -1), LINK_DONE);
    assert_int_equal(device_sync(b, -1), LINK_DONE);
    struct device *both[] = {a, b};
    for (int i = 0; i < 2; i++) {
        assert_string_equal(device_words(both[i], one), "name=李梅 note=x");
        assert_string_equal(device_words(both[i], two), "name=甲 note=1");
        assert_string_equal(device_words(both[i], three), "name=乙");
        device_expect_level(both[i]);
    }
    server_verify(&d.server);
}

/* Rule 24: what two verified backups hold need not be kept, but for the last of it: it proves what follows (rule 27). */
static void the_promise_trims_what_is_kept(void **state)
{
    (void)state;
    struct device *a = device_chair(&d);
    for (int i = 0; i < 5; i++)
        device_add(a, "name=李梅");
    device_sync(a, -1);
    assert_int_equal(device_status(a).kept, 5);
    district_backup(&d, "one");
    district_backup(&d, "two");
    device_add(a, "name=王芳");
    district_close_server(&d);
    server_close(&d.server);
    server_open(&d.server);
    district_open_server(&d);
    device_sync(a, -1);
    assert_int_equal(device_status(a).kept, 2);
    struct device *b = device_second(&d); /* a newcomer needs no more than that, either */
    assert_int_equal(device_sync(b, -1), LINK_DONE);
    assert_int_equal(device_status(b).kept, 2);
    assert_int_equal(device_rows(b, d.server.member), 6);
    device_expect_level(a);
    device_expect_level(b);
}

/* The promise may be told before the entries that it has passed come: what was the last of it then is let go when they do. */
static void of_what_the_promise_passed_one_stays(void **state)
{
    (void)state;
    struct device *a = device_chair(&d), *b = device_second(&d);
    for (int i = 0; i < 5; i++) {
        device_add(a, "name=李梅");
        device_sync(a, -1);
        if (i == 2)
            device_sync(b, -1);
    }
    assert_int_equal(device_status(b).kept, 3);
    district_backup(&d, "one");
    district_backup(&d, "two");
    device_add(a, "name=王芳");
    district_close_server(&d);
    server_close(&d.server);
    server_open(&d.server);
    district_open_server(&d);
    device_sync(a, -1);
    device_sync(b, -1);
    assert_int_equal(device_status(b).kept, 2);
    device_expect_level(b);
}

/* Rule 25: also who stood in an epoch that the server has forgotten holds what came before it, and is asked for that. */
static void a_holder_of_a_forgotten_epoch_hands_back_what_came_before(void **state)
{
    (void)state;
    struct device *a = device_chair(&d), *b = device_second(&d), *n = neighbour();
    struct id one = device_add(a, "name=李梅");
    device_sync(a, -1);
    device_sync(b, -1);
    device_sync(n, -1);
    district_backup(&d, "one");
    struct id two = device_add(a, "name=甲");
    device_sync(a, -1);
    device_sync(b, -1);
    district_restore(&d, "one");
    device_sync(a, -1);
    device_sync(b, -1);
    device_sync(n, -1); /* all have come: epoch 2 */
    struct id three = device_add(a, "name=乙");
    assert_int_equal(device_sync(a, -1), LINK_DONE);
    assert_int_equal(device_sync(b, -1), LINK_DONE);
    assert_int_equal(server_seq(&d.server, d.server.branch), seq_make(2, 1));
    district_restore_without_journal(&d, "one");
    assert_int_equal(server_seq(&d.server, d.server.branch), S(1));
    device_sync(n, -1); /* tells that there was an epoch 2; its own org recovers no longer, in epoch 3 */
    device_sync(a, -1);
    assert_int_equal(server_seq(&d.server, d.server.branch), S(2));
    device_sync(b, -1);
    assert_int_equal(device_sync(a, -1), LINK_DONE);
    assert_int_equal(device_sync(b, -1), LINK_DONE);
    assert_int_equal(server_seq(&d.server, d.server.branch), seq_make(3, 1));
    struct device *both[] = {a, b};
    for (int i = 0; i < 2; i++) {
        assert_string_equal(device_words(both[i], one), "name=李梅");
        assert_string_equal(device_words(both[i], two), "name=甲");
        assert_string_equal(device_words(both[i], three), "name=乙");
        expect_untouched(both[i]);
    }
    server_verify(&d.server);
}

/* Rule 26: where other orgs have ended recovery in a number that a forgotten epoch bore, who stands in that one says so in time. */
static void a_forgotten_epoch_is_told_of_while_others_have_ended(void **state)
{
    (void)state;
    struct device *a = device_chair(&d), *b = device_second(&d), *n = neighbour();
    device_add(a, "name=李梅");
    device_sync(a, -1);
    device_sync(b, -1);
    device_sync(n, -1);
    district_backup(&d, "one");
    district_restore(&d, "one");
    district_end_recovery(&d); /* epoch 2, of which the neighbour never hears */
    struct id two = device_add(a, "name=甲");
    assert_int_equal(device_sync(a, -1), LINK_DONE);
    assert_int_equal(device_status(a).cursor, seq_make(2, 1));
    district_restore_without_journal(&d, "one");
    device_sync(n, -1); /* its org waits for nobody else: epoch 2 again */
    device_sync(a, -1);
    device_sync(b, -1);
    assert_int_equal(device_sync(a, -1), LINK_DONE);
    assert_int_equal(device_sync(b, -1), LINK_DONE);
    assert_int_equal(server_seq(&d.server, d.server.branch), seq_make(3, 1));
    assert_string_equal(device_words(b, two), "name=甲");
    expect_untouched(a);
    expect_untouched(b);
    server_verify(&d.server);
}

/* Rule 6: what the server misses stands in the kept log, though the outbox has let it go. */
static void what_the_server_misses_comes_from_the_kept_log(void **state)
{
    (void)state;
    struct replica_facts f;
    struct device *a = device_chair(&d), *b = device_second(&d);
    struct id one = device_add(a, "name=李梅");
    device_sync(a, -1);
    device_sync(b, -1);
    district_backup(&d, "one");
    district_restore(&d, "one");
    district_end_recovery(&d);
    struct id two = device_add(a, "name=甲");
    assert_int_equal(device_sync(a, -1), LINK_DONE);
    assert_int_equal(device_status(a).cursor, seq_make(2, 1));
    district_restore_without_journal(&d, "one");
    district_end_recovery(&d); /* nobody had told that there was an epoch 2: its numbers are given again */
    struct id other = device_add(b, "name=丙");
    assert_int_equal(device_sync(b, -1), LINK_DONE);
    assert_int_equal(device_status(b).cursor, seq_make(2, 1));
    struct id three = device_add(a, "name=乙");
    assert_int_equal(device_sync(a, -1), LINK_DONE);
    assert_int_equal(device_sync(b, -1), LINK_DONE);
    assert_int_equal(device_sync(a, -1), LINK_DONE);
    struct device *both[] = {a, b};
    for (int i = 0; i < 2; i++) {
        assert_string_equal(device_words(both[i], one), "name=李梅");
        assert_string_equal(device_words(both[i], two), "name=甲");
        assert_string_equal(device_words(both[i], three), "name=乙");
        assert_string_equal(device_words(both[i], other), "name=丙");
        device_expect_level(both[i]);
    }
    assert_int_equal(server_seq(&d.server, d.server.branch), seq_make(2, 3));
    assert_int_equal(replica_facts(a->r, &f), ERR_OK);
    assert_int_equal(f.broken, 0);
    server_verify(&d.server);
}

/* Rule 23: recovery ends under a session that was about to hand back. Its next hello sorts that out, not distrust. */
static void recovery_ends_under_a_session(void **state)
{
    (void)state;
    struct device *a = device_chair(&d), *s = device_second(&d);
    device_add(a, "name=李梅");
    device_sync(a, -1);
    device_sync(s, -1);
    struct device *b = device_clone(a);
    district_backup(&d, "one");
    struct id two = device_add(b, "name=甲");
    device_sync(b, -1);
    assert_int_equal(device_status(b).cursor, S(2));
    district_restore(&d, "one");
    device_sync(s, -1);
    struct id three = device_add(a, "name=乙"); /* the same seat, and nothing to hand back: with its hello all have come */
    device_begin(a, LINK_ROUND, -1, NULL, NULL);
    device_begin(b, LINK_ROUND, -1, NULL, NULL);
    district_pump(&d);
    device_end(a);
    device_end(b);
    assert_int_equal(server_seq(&d.server, d.server.branch), seq_make(2, 1));
    for (int i = 0; i < 2; i++) {
        assert_int_equal(device_sync(b, -1), LINK_DONE);
        assert_int_equal(device_sync(a, -1), LINK_DONE);
    }
    struct device *both[] = {a, b};
    for (int i = 0; i < 2; i++) {
        assert_string_equal(device_words(both[i], two), "name=甲");
        assert_string_equal(device_words(both[i], three), "name=乙");
        expect_untouched(both[i]);
    }
    server_verify(&d.server);
}

/* Rule 24: the promise is about the server's own history. Who holds another one under the same numbers lets nothing go. */
static void a_promise_of_another_history_trims_nothing(void **state)
{
    (void)state;
    struct replica_facts f;
    struct device *a = device_chair(&d), *b = device_second(&d);
    device_add(a, "name=李梅");
    device_sync(a, -1);
    device_sync(b, -1);
    district_snapshot(&d, "before");
    struct id two = device_add(a, "name=甲");
    device_sync(a, -1);
    district_roll_back(&d, "before");
    struct id other = device_add(b, "name=丙");
    device_sync(b, -1);
    assert_int_equal(device_status(b).cursor, S(2));
    district_backup(&d, "one");
    district_backup(&d, "two");
    struct id three = device_add(a, "name=乙");
    for (int i = 0; i < 2; i++) {
        assert_int_equal(device_sync(a, -1), LINK_DONE);
        assert_int_equal(device_sync(b, -1), LINK_DONE);
    }
    struct device *both[] = {a, b};
    for (int i = 0; i < 2; i++) {
        assert_string_equal(device_words(both[i], two), "name=甲");
        assert_string_equal(device_words(both[i], three), "name=乙");
        assert_string_equal(device_words(both[i], other), "name=丙");
        device_expect_level(both[i]);
        assert_int_equal(replica_facts(both[i]->r, &f), ERR_OK);
        assert_int_equal(f.broken, 0);
    }
}

/* The control journal went with the disk, and epochs are given again: what lies before the last common seq is a past that this device
 * never held. Rule 23: it holds every entry between promise and cursor all the same. */
static void a_past_that_was_never_held_is_fetched(void **state)
{
    (void)state;
    int64_t kept = 0, all = 0;
    struct device *a = device_chair(&d), *b = device_second(&d);
    device_add(a, "name=李梅");
    device_sync(a, -1);
    device_sync(b, -1);
    district_backup(&d, "one");
    for (int i = 0; i < 2; i++) { /* epochs 2 and 3, both behind entry 1 */
        district_restore(&d, "one");
        district_end_recovery(&d);
    }
    struct id old = device_add(a, "name=甲");
    device_sync(a, -1);
    district_restore_without_journal(&d, "one");
    district_end_recovery(&d); /* epoch 2 again */
    struct id two = device_add(b, "name=乙");
    device_add(b, "name=丙");
    device_sync(b, -1);
    district_backup(&d, "two");
    for (int i = 0; i < 2; i++) { /* epochs 3, again, and 4, behind the second of epoch 2 */
        district_restore(&d, "two");
        district_end_recovery(&d);
    }
    for (int i = 0; i < 2; i++)
        device_sync(a, -1);
    assert_string_equal(device_words(a, old), "name=甲");
    assert_string_equal(device_words(a, two), "name=乙");
    device_expect_level(a);
    assert_int_equal(sql_integer(a->r->db, 0, &kept, "SELECT count(*) FROM kept WHERE org = ?1", "i", (int64_t)d.server.branch), ERR_OK);
    assert_int_equal(sql_integer(store_db(d.reader), 0, &all, "SELECT count(*) FROM history WHERE org = ?1", "i", (int64_t)d.server.branch), ERR_OK);
    assert_int_equal(all, 4); /* 李梅, 乙, 丙, and 甲 once more */
    assert_int_equal(kept, all);
}

/* Rule 5: a copy's fork, pulled here and lost by the server, is sent on as the fork that it is. */
static void a_fork_of_a_copy_is_sent_on(void **state)
{
    (void)state;
    struct entry *entries;
    struct device *a = device_chair(&d);
    device_add(a, "name=李梅");
    device_sync(a, -1);
    struct device *b = device_clone(a);
    district_backup(&d, "one");
    struct id two = device_add(a, "name=甲"), three = device_add(b, "name=乙");
    device_sync(a, -1);
    device_sync(b, -1); /* forked at its second */
    device_sync(a, -1);
    assert_int_equal(device_status(a).cursor, S(3));
    district_restore(&d, "one");
    district_end_recovery(&d);
    struct device *both[] = {a, b};
    for (int i = 0; i < 2; i++)
        assert_int_equal(device_sync(both[i], -1), LINK_DONE);
    assert_int_equal(device_sync(a, -1), LINK_DONE);
    for (int i = 0; i < 2; i++) {
        assert_string_equal(device_words(both[i], two), "name=甲");
        assert_string_equal(device_words(both[i], three), "name=乙");
        expect_untouched(both[i]);
    }
    assert_int_equal(server_entries(&d.server, d.server.branch, &entries), 3); /* once each */
    server_verify(&d.server);
}

/* Until the server has answered a change, and not a frame longer: it is acknowledged, its entry not pulled. */
static void push_alone(struct device *v)
{
    int64_t acked = 0;
    for (int frames = 1; frames < 20 && !acked; frames++) {
        device_sync(v, frames);
        assert_int_equal(sql_integer(v->r->db, 0, &acked, "SELECT count(*) FROM outbox WHERE state = 1", ""), ERR_OK);
    }
    assert_int_equal(acked, 1);
}

/* Rule 27: answered, and then the seq that was named is one that a restore has given up: the change is sent again. */
static void an_acknowledgement_that_a_restore_took(void **state)
{
    (void)state;
    struct entry *entries;
    struct device *a = device_chair(&d), *b = device_second(&d);
    device_add(a, "name=李梅");
    device_sync(a, -1);
    device_sync(b, -1);
    district_backup(&d, "before");
    struct id two = device_add(a, "name=甲");
    push_alone(a);
    district_restore(&d, "before");
    district_end_recovery(&d);
    device_add(b, "name=乙"); /* the new path goes on: its seqs are all higher than the one that was named */
    assert_int_equal(device_sync(b, -1), LINK_DONE);
    assert_int_equal(device_sync(a, -1), LINK_DONE);
    assert_int_equal(device_sync(b, -1), LINK_DONE);
    assert_int_equal(device_status(a).queued, 0);
    assert_string_equal(device_words(b, two), "name=甲");
    assert_int_equal(server_entries(&d.server, d.server.branch, &entries), 3);
    expect_untouched(a);
    expect_untouched(b);
}

/* Rule 35: the file was rolled back, and nobody's cursor tells. What was acknowledged since is sent again. */
static void an_acknowledgement_that_was_rolled_back(void **state)
{
    (void)state;
    struct device *a = device_chair(&d), *b = device_second(&d);
    device_add(a, "name=李梅");
    device_sync(a, -1);
    device_sync(b, -1);
    district_snapshot(&d, "before");
    struct id two = device_add(a, "name=甲");
    push_alone(a);
    district_roll_back(&d, "before");
    assert_int_equal(server_seq(&d.server, d.server.branch), S(1));
    assert_int_equal(device_sync(a, -1), LINK_DONE);
    assert_int_equal(device_sync(b, -1), LINK_DONE);
    assert_string_equal(device_words(b, two), "name=甲");
    expect_untouched(a);
    expect_untouched(b);
}

/* The same after another change has got its seq. */
static void an_acknowledgement_whose_seq_was_given_again(void **state)
{
    (void)state;
    struct device *a = device_chair(&d), *b = device_second(&d);
    device_add(a, "name=李梅");
    device_sync(a, -1);
    device_sync(b, -1);
    district_snapshot(&d, "before");
    struct id two = device_add(a, "name=甲");
    push_alone(a);
    district_roll_back(&d, "before");
    struct id other = device_add(b, "name=乙");
    assert_int_equal(device_sync(b, -1), LINK_DONE);
    assert_int_equal(device_status(b).cursor, S(2));
    assert_int_equal(device_sync(a, -1), LINK_DONE);
    assert_int_equal(device_sync(b, -1), LINK_DONE);
    struct device *both[] = {a, b};
    for (int i = 0; i < 2; i++) {
        assert_string_equal(device_words(both[i], two), "name=甲");
        assert_string_equal(device_words(both[i], other), "name=乙");
        expect_untouched(both[i]);
    }
}

/* An answer that names a seq at which the entry of another stands here: a past that the server has forgotten.
 * Believed, the change would be forgotten and sent again at once, and so on for ever. */
static void an_answer_at_the_seq_of_another(void **state)
{
    (void)state;
    struct device *a = device_chair(&d), *b = device_second(&d);
    struct incarnation i;
    struct replica_answer answer;
    uint64_t next;
    device_add(a, "name=李梅");
    device_sync(a, -1);
    device_sync(b, -1);
    device_add(b, "name=乙");
    device_sync(b, -1);
    device_sync(a, -1);
    device_add(a, "name=甲");
    assert_int_equal(outbox_current(a->r, &i, &next), ERR_OK);
    Wire__Verdict one = WIRE__VERDICT__INIT, *list[] = {&one};
    Wire__Verdicts v = WIRE__VERDICTS__INIT;
    one.has_n = one.has_type = one.has_seq = 1;
    one.n = next - 1;
    one.type = WIRE__VERDICT_TYPE__APPLIED;
    one.seq = S(2); /* of b */
    v.has_incarnation = 1;
    v.incarnation = (ProtobufCBinaryData){INCARNATION_SIZE, i.bytes};
    v.n_verdict = 1;
    v.verdict = list;
    assert_int_equal(replica_take_verdicts(a->r, &v, d.now_ms, &answer), ERR_OK);
    assert_int_equal(answer.misfit, d.server.branch);
    assert_int_equal(answer.decided, 0);
    assert_int_equal(device_status(a).queued, 1);
    assert_int_equal(replica_distrust(a->r, answer.misfit), ERR_OK); /* as the link does */
    assert_int_equal(replica_take_verdicts(a->r, &v, d.now_ms, &answer), ERR_OK);
    assert_int_equal(answer.misfit, 0);
    assert_int_equal(answer.decided, 1);
}

int main(void)
{
#define SCENARIO(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {
        SCENARIO(clients_heal_a_restored_server),
        SCENARIO(a_late_holder_loses_nothing_of_its_own),
        SCENARIO(the_promise_trims_what_is_kept),
        SCENARIO(of_what_the_promise_passed_one_stays),
        SCENARIO(a_holder_of_a_forgotten_epoch_hands_back_what_came_before),
        SCENARIO(a_forgotten_epoch_is_told_of_while_others_have_ended),
        SCENARIO(what_the_server_misses_comes_from_the_kept_log),
        SCENARIO(recovery_ends_under_a_session),
        SCENARIO(a_promise_of_another_history_trims_nothing),
        SCENARIO(a_past_that_was_never_held_is_fetched),
        SCENARIO(a_fork_of_a_copy_is_sent_on),
        SCENARIO(an_acknowledgement_that_a_restore_took),
        SCENARIO(an_acknowledgement_that_was_rolled_back),
        SCENARIO(an_acknowledgement_whose_seq_was_given_again),
        SCENARIO(an_answer_at_the_seq_of_another),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
