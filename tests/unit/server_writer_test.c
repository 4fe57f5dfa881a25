/* The writer as clients meet it: rules 3 to 20 over a real database, and what stands after a crash or a full disk. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "help_server.h"

#include "base/limits.h"
#include "server/store/store_cut.h"
#include "wire/wire.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* ---- rule 4: known, forked, too far ---- */

static void test_accept_and_send_again(void **state)
{
    struct help_server *s = *state;
    struct pen p = pen_of(s, s->chair, s->branch, 1);
    struct change *two[] = {pen_create(&p, 1, "name=Li"), pen_set(&p, 1, 0, "note=x")};
    struct entry *entries;
    assert_string_equal(push(&p, two, 2), "1 APPLIED | 2 APPLIED");
    assert_string_equal(row_words(s, 1), "name=Li state=applied note=x");
    assert_int_equal(s->news_count, 1);
    assert_int_equal(s->news[0].org, s->branch);
    assert_int_equal(s->news[0].seq, S(2));

    /* The answer was lost: the same bytes, the same verdicts, nothing else. */
    struct job *job = push_job(&p, two, 2, NULL);
    server_run(s, job);
    assert_string_equal(job_text(s, job), "1 APPLIED | 2 APPLIED");
    assert_int_equal(job_verdicts(s, job)->verdict[0]->seq, S(1));
    assert_int_equal(job_verdicts(s, job)->verdict[1]->seq, S(2));
    job_free_one(job);
    assert_int_equal(s->news_count, 0);
    assert_int_equal(server_entries(s, s->branch, &entries), 2);
    assert_int_equal(entries[1].identity.n, 2);
    assert_int_equal(entries[1].identity.seat, s->chair);
    assert_memory_equal(entries[1].identity.hash, two[1]->hash, HASH_SIZE);
    assert_true(slice_equal(entries[1].change, two[1]->bytes));
    assert_int_equal(entries[1].received_ms, NOW_MS);

    /* And after the server was started anew. */
    server_close(s);
    server_open(s);
    assert_string_equal(push(&p, two, 2), "1 APPLIED | 2 APPLIED");
    assert_string_equal(push_one(&p, pen_set(&p, 1, S(2), "note=y")), "3 APPLIED");
    assert_int_equal(server_seq(s, s->branch), S(3));
}

static void test_gap(void **state)
{
    struct help_server *s = *state;
    struct pen p = pen_of(s, s->chair, s->branch, 1);
    struct change *c[] = {pen_create(&p, 1, "name=Li"), pen_create(&p, 2, "name=Wang"), pen_create(&p, 3, "name=Zhao")};
    assert_string_equal(push_one(&p, c[1]), "GAP 1");
    assert_int_equal(server_seq(s, s->branch), 0);
    assert_string_equal(push_one(&p, c[0]), "1 APPLIED");
    assert_string_equal(push_one(&p, c[2]), "GAP 2");
    assert_string_equal(push(&p, &c[1], 2), "2 APPLIED | 3 APPLIED");
    struct change *all[] = {c[0], c[1], c[2], pen_create(&p, 4, "name=Qian")};
    assert_string_equal(push(&p, all, 4), "1 APPLIED | 2 APPLIED | 3 APPLIED | 4 APPLIED");
    assert_int_equal(server_seq(s, s->branch), S(4));
}

static uint32_t broken_of(struct help_server *s, uint32_t seat)
{
    server_close(s); /* control reads on the writer's connection, whose data_version does not tell */
    server_open(s);
    return control_seat(s->control, seat)->broken;
}

/* Rule 6: what its client holds no longer is said once, and the server goes on behind it. */
static void test_trimmed(void **state)
{
    struct help_server *s = *state;
    struct pen p = pen_of(s, s->chair, s->branch, 1);
    struct change *c[12];
    uint64_t last;
    for (int i = 0; i < 12; i++)
        c[i] = pen_create(&p, i, "name=Li"); /* c[i] has n = i + 1 */
    struct job *contact = job_make(s, JOB_CONTACT, s->chair);
    server_run(s, contact);
    job_free_one(contact);
    assert_string_equal(push_one(&p, c[0]), "1 APPLIED");
    assert_string_equal(push(&p, &c[4], 2), "GAP 2");
    p.trimmed_to = 5;
    assert_string_equal(push(&p, &c[4], 2), "PROTOCOL"); /* not what stands before the first one */
    p.trimmed_to = 4;
    assert_string_equal(push(&p, &c[4], 2), "5 APPLIED | 6 APPLIED"); /* 2, 3 and 4 are lost */
    assert_int_equal(broken_of(s, s->chair), 3);
    assert_string_equal(push(&p, &c[4], 2), "5 APPLIED | 6 APPLIED"); /* its answer was lost */
    assert_int_equal(broken_of(s, s->chair), 3);
    p.trimmed_to = 0;
    assert_string_equal(push_one(&p, c[6]), "7 APPLIED");

    /* Nobody asks for them again, also after a new start: what is missing is what came after. */
    server_close(s);
    server_open(s);
    assert_string_equal(push_one(&p, c[9]), "GAP 8");
    p.trimmed_to = 9;
    assert_string_equal(push_one(&p, c[9]), "10 APPLIED");
    assert_int_equal(broken_of(s, s->chair), 5);
    assert_int_equal(broken_of(s, s->second), 0);
    p.trimmed_to = 10;
    assert_string_equal(push_one(&p, c[10]), "11 APPLIED"); /* nothing is missing there: nothing to say */
    assert_int_equal(broken_of(s, s->chair), 5);
    p.trimmed_to = 0;
    assert_string_equal(push_one(&p, c[2]), "3 APPLIED"); /* found after all: a hole is decided when it comes */
    assert_string_equal(push_one(&p, c[11]), "12 APPLIED");
    assert_int_equal(store_find_hole(s->store, 1, 4, &last), ERR_OK);
    assert_int_equal(last, 4);
    assert_int_equal(store_find_hole(s->store, 1, 5, &last), ERR_OK);
    assert_int_equal(last, 0);
    server_verify(s);
}

/* From the first on, in an incarnation that nobody has heard of; while any org recovers nothing is given up. */
static void test_trimmed_from_the_first(void **state)
{
    struct help_server *s = *state;
    struct pen p = pen_of(s, s->chair, s->branch, 1);
    p.n = 2;
    struct change *third = pen_create(&p, 3, "name=Li");
    p.trimmed_to = 2;
    assert_int_equal(store_set_recovering(s->store, true), ERR_OK);
    server_close(s);
    server_open(s);
    assert_string_equal(push_one(&p, third), "LATER 3");
    assert_int_equal(store_set_recovering(s->store, false), ERR_OK);
    server_close(s);
    server_open(s);
    assert_string_equal(push_one(&p, third), "3 APPLIED");
    struct job *contact = job_make(s, JOB_CONTACT, s->chair);
    server_run(s, contact);
    job_free_one(contact);
    assert_int_equal(broken_of(s, s->chair), 2);
}

static const char *ask_missing(struct pen *p, uint64_t made_to, uint64_t trimmed_to)
{
    struct pen asks = *p;
    asks.made_to = made_to;
    asks.trimmed_to = trimmed_to;
    return push(&asks, NULL, 0);
}

/* After a restore a device asks what is missing; what it gives up stands as lost, once, and nothing that is here or was given up before. */
static void test_asked_what_is_missing(void **state)
{
    struct help_server *s = *state;
    struct pen p = pen_of(s, s->chair, s->branch, 1);
    struct change *c[12];
    for (int i = 0; i < 12; i++)
        c[i] = pen_create(&p, i, "name=Li"); /* c[i] has n = i + 1 */
    struct job *contact = job_make(s, JOB_CONTACT, s->chair);
    server_run(s, contact);
    job_free_one(contact);
    assert_string_equal(ask_missing(&p, 4, 0), "GAP 1 to 4"); /* of an incarnation that nobody knows */
    assert_string_equal(ask_missing(&p, 4, 2), "GAP 3 to 4");
    assert_int_equal(broken_of(s, s->chair), 2);
    p.trimmed_to = 2;
    assert_string_equal(push(&p, &c[2], 2), "3 APPLIED | 4 APPLIED");
    assert_string_equal(ask_missing(&p, 4, 0), "");
    p.trimmed_to = 6;
    assert_string_equal(push_one(&p, c[6]), "7 APPLIED"); /* 5 and 6 are lost */
    p.trimmed_to = 8;
    assert_string_equal(push_one(&p, c[8]), "9 APPLIED"); /* and 8 */
    assert_int_equal(broken_of(s, s->chair), 5);
    assert_string_equal(ask_missing(&p, 9, 9), ""); /* all of it is known */
    assert_string_equal(ask_missing(&p, 12, 9), "GAP 10 to 12");
    assert_string_equal(ask_missing(&p, 12, 12), "");
    assert_string_equal(ask_missing(&p, 12, 12), ""); /* its answer was lost */
    assert_int_equal(broken_of(s, s->chair), 8);
    assert_string_equal(ask_missing(&p, 12, 13), "PROTOCOL");
    assert_string_equal(ask_missing(&p, UINT64_MAX, 0), "PROTOCOL");
    p.trimmed_to = 0;
    assert_string_equal(push_one(&p, c[4]), "5 APPLIED"); /* found after all */
    assert_int_equal(store_set_recovering(s->store, true), ERR_OK);
    server_close(s);
    server_open(s);
    assert_string_equal(ask_missing(&p, 20, 20), "LATER 1");
    assert_int_equal(store_set_recovering(s->store, false), ERR_OK);
    server_close(s);
    server_open(s);
    assert_int_equal(broken_of(s, s->chair), 8);
    server_verify(s);
}

/* Step by step nobody makes more rows than runs. */
static void test_lost_side_by_side_is_one(void **state)
{
    struct help_server *s = *state;
    struct pen p = pen_of(s, s->chair, s->branch, 1);
    uint64_t last, next;
    for (uint64_t n = 1; n <= 20; n++)
        assert_string_equal(ask_missing(&p, n, n), "");
    assert_int_equal(store_find_hole(s->store, 1, 1, &last), ERR_OK);
    assert_int_equal(last, 20);
    assert_int_equal(store_next_hole(s->store, 1, 1, &next), ERR_OK);
    assert_int_equal(next, 0);
}

/* Rule 5: a copied database heals by forking; what stood before in the push stands. */
static void test_forked(void **state)
{
    struct help_server *s = *state;
    struct pen p = pen_of(s, s->chair, s->branch, 1), copy;
    assert_string_equal(push_one(&p, pen_create(&p, 1, "name=Li")), "1 APPLIED");
    copy = p;
    assert_string_equal(push_one(&p, pen_set(&p, 1, S(1), "note=original")), "2 APPLIED");
    struct change *c[] = {pen_set(&copy, 1, S(1), "campus=copy"), pen_set(&copy, 1, S(1), "title=copied")};
    assert_string_equal(push(&copy, c, 2), "FORKED 2");
    assert_int_equal(server_seq(s, s->branch), S(2));

    struct pen fork = copy;
    fork.forked = true;
    fork.parent = copy.incarnation;
    fork.fork_n = 2;
    fork.incarnation = change_fork(copy.incarnation, 2, c[0]->hash);
    assert_string_equal(push_one(&fork, c[1]), "GAP 2"); /* it starts at 2 */
    assert_string_equal(push(&fork, c, 2), "2 APPLIED | 3 REFUSED CODE title");
    assert_string_equal(push(&fork, c, 2), "2 APPLIED | 3 REFUSED CODE title");
    assert_string_equal(row_words(s, 1), "name=Li campus=copy state=applied note=original");

    /* Claims that aren't true. */
    struct change *more = pen_set(&fork, 1, S(3), "note=z");
    struct pen liar = fork;
    liar.incarnation.bytes[0] ^= 1;
    assert_string_equal(push(&liar, c, 2), "PROTOCOL");
    liar = fork;
    liar.fork_n = 3;
    assert_string_equal(push_one(&liar, more), "PROTOCOL"); /* known with another fork_n */
    liar = fork;
    liar.parent.bytes[3] ^= 1;
    assert_string_equal(push_one(&liar, more), "PROTOCOL");
    assert_string_equal(push_one(&fork, more), "4 APPLIED");
    fork.forked = false; /* it need not be said again */
    assert_string_equal(push_one(&fork, pen_set(&fork, 1, S(5), "note=w")), "5 APPLIED");
}

/* Rule 8: changes of an ancestor before the fork are the own; those of the other copy clash. */
static void test_fork_ancestry(void **state)
{
    struct help_server *s = *state;
    struct pen p = pen_of(s, s->chair, s->branch, 1), fork;
    struct change *c[] = {pen_create(&p, 1, "name=Li"), pen_set(&p, 1, 0, "note=a")};
    assert_string_equal(push(&p, c, 2), "1 APPLIED | 2 APPLIED");
    fork = p;
    struct change *own = pen_set(&fork, 1, 0, "note=b"), *others = pen_set(&p, 1, 0, "campus=east");
    assert_string_equal(push_one(&p, others), "3 APPLIED");
    assert_string_equal(push_one(&fork, own), "FORKED 3");
    fork.forked = true;
    fork.parent = p.incarnation;
    fork.fork_n = 3;
    fork.incarnation = change_fork(p.incarnation, 3, own->hash);
    assert_string_equal(push_one(&fork, own), "3 APPLIED"); /* base 0, but note=a was its own */
    assert_string_equal(push_one(&fork, pen_set(&fork, 1, 0, "campus=west")), "4 CONFLICT");
    assert_string_equal(row_words(s, 1), "name=Li campus=east state=applied note=b");
}

/* Rule 4, last sentence: the same change under another incarnation is known. */
static void test_same(void **state)
{
    struct help_server *s = *state;
    struct pen p = pen_of(s, s->chair, s->branch, 1), other = pen_of(s, s->chair, s->branch, 2);
    struct entry *entries;
    struct change *c[] = {pen_create(&p, 1, "name=Li"), pen_set(&p, 1, 0, "birth_date=2199-01-01")};
    assert_string_equal(push(&p, c, 2), "1 APPLIED | 2 REFUSED member.birth_future birth_date");
    struct job *job = push_job(&other, c, 2, NULL);
    server_run(s, job);
    assert_string_equal(job_text(s, job), "1 APPLIED | 2 REFUSED member.birth_future birth_date");
    assert_int_equal(job_verdicts(s, job)->verdict[0]->seq, S(3)); /* of its own entry */
    job_free_one(job);
    assert_int_equal(server_entries(s, s->branch, &entries), 4);
    assert_int_equal(entries[2].verdict, VERDICT_SAME);
    assert_int_equal(entries[2].effects.size, 0);
    assert_memory_equal(entries[2].identity.incarnation.bytes, other.incarnation.bytes, INCARNATION_SIZE);
    assert_string_equal(push(&other, c, 2), "1 APPLIED | 2 REFUSED member.birth_future birth_date"); /* again: the stored verdicts */
    struct pen third = pen_of(s, s->chair, s->branch, 3);
    assert_string_equal(push(&third, c, 2), "1 APPLIED | 2 REFUSED member.birth_future birth_date");
    assert_int_equal(server_seq(s, s->branch), S(6));
    /* Another seat's n is another matter. */
    struct pen stranger = pen_of(s, s->second, s->branch, 1);
    assert_string_equal(push_one(&stranger, c[0]), "1 APPLIED"); /* equal values: without effect */
    assert_int_equal(server_seq(s, s->branch), S(7));
}

/* ---- verdicts ---- */

static void test_refused_is_recorded(void **state)
{
    struct help_server *s = *state;
    struct pen p = pen_of(s, s->chair, s->branch, 1);
    struct entry *entries;
    struct change *c[] = {pen_create(&p, 1, "note=nameless"), pen_create(&p, 1, "name=Li"), pen_set(&p, 9, 5, "note=x"),
                          pen_write(&p, OP_SET, s->policy, member_id(5), 0, "value=3")};
    assert_string_equal(push(&p, c, 4), "1 REFUSED REQUIRED name | 2 APPLIED | 3 REFUSED UNKNOWN_RECORD | 4 REFUSED ORG");
    assert_int_equal(server_entries(s, s->branch, &entries), 4);
    assert_string_equal(entries[0].code, "REQUIRED");
    assert_string_equal(entries[0].field, "name");
    assert_int_equal(entries[0].effects.size, 0);
    assert_int_equal(entries[1].seq, S(2));
    /* Its text is for a client that doesn't know the code. */
    struct job *job = push_job(&p, c, 1, NULL);
    server_run(s, job);
    assert_true(strlen(job_verdicts(s, job)->verdict[0]->refusal->text) > 6);
    job_free_one(job);
}

/* Rule 20: refused before, its entry was lost: recorded as it was, though it would pass now. */
static void test_refused_mark(void **state)
{
    struct help_server *s = *state;
    struct pen p = pen_of(s, s->chair, s->branch, 1);
    struct change *c = pen_create(&p, 1, "name=Li");
    assert_string_equal(push_marked(&p, c, "STATE_MOVED"), "1 REFUSED STATE_MOVED");
    assert_string_equal(row_words(s, 1), "unknown");
    assert_string_equal(push_one(&p, c), "1 REFUSED STATE_MOVED");
    assert_string_equal(push_marked(&p, pen_create(&p, 1, "name=Wang"), "a code that is much longer than any code of this house could ever be"), "PROTOCOL");
    p.n--;
    assert_string_equal(push_one(&p, pen_create(&p, 1, "name=Wang")), "2 APPLIED");
}

/* What a mark says goes into the log, where everybody has to be able to pull it. */
static void test_a_mark_without_end(void **state)
{
    struct help_server *s = *state;
    struct pen p = pen_of(s, s->chair, s->branch, 1);
    struct change *c = pen_create(&p, 1, "name=Li");
    char *text = calloc(1, LIMIT_RECORD + 2), *few[] = {"a", "b", "c", "d"};
    memset(text, 'a', LIMIT_RECORD + 1);
    for (int i = 0; i < 3; i++) {
        struct job *job = push_job(&p, &c, 1, "STATE_MOVED");
        Wire__Push *m = wire__push__unpack(NULL, job->request.size, job->request.data);
        Wire__Refusal *mark = m->sent[0]->refused;
        char *one[] = {text};
        mark->argument = i == 0 ? one : few;
        mark->n_argument = i == 0 ? 1 : i == 1 ? 4 : 3;
        job->request.size = 0;
        wire_pack(&m->base, &job->request);
        server_run(s, job);
        assert_string_equal(job_text(s, job), i < 2 ? "PROTOCOL" : "1 REFUSED STATE_MOVED");
        mark->argument = NULL;
        mark->n_argument = 0;
        wire__push__free_unpacked(m, NULL);
        job_free_one(job);
    }
    free(text);
}

static void test_conflict_names_its_record(void **state)
{
    struct help_server *s = *state;
    struct pen a = pen_of(s, s->chair, s->branch, 1), b = pen_of(s, s->second, s->branch, 2);
    struct row row;
    assert_string_equal(push_one(&a, pen_create(&a, 1, "name=Li")), "1 APPLIED");
    assert_string_equal(push_one(&a, pen_set(&a, 1, S(1), "note=a")), "2 APPLIED");
    assert_string_equal(push_one(&b, pen_set(&b, 1, S(1), "campus=east")), "1 MERGED");
    struct change *c = pen_set(&b, 1, S(1), "note=b");
    struct job *job = push_job(&b, &c, 1, NULL);
    server_run(s, job);
    assert_string_equal(job_text(s, job), "2 CONFLICT");
    const Wire__Verdict *v = job_verdicts(s, job)->verdict[0];
    assert_int_equal(v->n_conflict, 1);
    assert_int_equal(store_read_row(s->store, KIND_CONFLICT, id_from(slice_of(v->conflict[0].data, v->conflict[0].len)), &s->arena, &row), ERR_OK);
    assert_int_equal(row.org, s->branch);
    job_free_one(job);
    job = push_job(&b, &c, 1, NULL); /* stored verdicts name it, too */
    server_run(s, job);
    assert_int_equal(job_verdicts(s, job)->verdict[0]->n_conflict, 1);
    job_free_one(job);
    assert_string_equal(row_words(s, 1), "name=Li campus=east state=applied note=a");
}

/* Where a seat has no business its change is refused, and stands in its own log, which it pulls. */
static void test_foreign_org(void **state)
{
    struct help_server *s = *state;
    struct pen p = pen_of(s, s->chair, s->other, 1), nowhere = p;
    nowhere.org = 999;
    assert_string_equal(push_one(&p, pen_create(&p, 1, "name=Li")), "1 REFUSED ORG");
    nowhere.n = 1;
    assert_string_equal(push_one(&nowhere, pen_create(&nowhere, 1, "name=Li")), "2 REFUSED ORG");
    assert_int_equal(server_seq(s, s->other), 0);
    assert_int_equal(server_seq(s, s->branch), S(2));
    /* The district's seat may write below. */
    uint32_t officer = server_add_seat(s, 1, "district_officer");
    struct pen d = pen_of(s, officer, 1, 3);
    assert_string_equal(push_one(&d, pen_write(&d, OP_CREATE, s->policy, member_id(5), 0,
                                               "rule_code=dues.rate_permille value=5 effective_from=2026-01-01")),
                        "1 APPLIED");
    assert_int_equal(server_seq(s, 1), S(1));
}

/* "n org seq count" of an incarnation's runs; d: the district, b: the branch. */
static const char *runs_text(struct help_server *s, uint64_t incarnation)
{
    struct db_statement *q;
    bool row;
    struct buf b = BUF_INIT;
    assert_int_equal(db_prepare(store_db(s->store), "SELECT n, org, seq, count FROM run WHERE incarnation=$1 ORDER BY n", &q), ERR_OK);
    db_bind_integer(q, 1, (int64_t)incarnation);
    while (db_step(q, &row) == ERR_OK && row)
        buf_format(&b, "%lld %c %lld %lld|", (long long)db_integer(q, 0), db_integer(q, 1) == s->branch ? 'b' : 'd',
                   (long long)(db_integer(q, 2) - (int64_t)S(0)), (long long)db_integer(q, 3));
    const char *text = arena_text(&s->arena, buf_slice(&b));
    buf_finish(&b);
    return text;
}

/* Runs point into logs: another's entry in between, or an own one elsewhere, ends one. 4 stands in the branch's log where it
 * would if 3 did, too. */
static void test_runs_in_two_logs(void **state)
{
    struct help_server *s = *state;
    uint32_t officer = server_add_seat(s, 1, "district_officer");
    struct pen low = pen_of(s, officer, s->branch, 3), high, chair = pen_of(s, s->chair, s->branch, 1);
    struct change *two[] = {pen_set(&low, 1, 0, "note=a"), pen_set(&low, 1, 0, "note=b")};
    struct store_incarnation *list;
    size_t count;
    assert_string_equal(push(&low, two, 2), "1 REFUSED RIGHT | 2 REFUSED RIGHT");
    high = low;
    high.org = 1;
    assert_string_equal(push_one(&high, pen_set(&high, 2, 0, "note=c")), "3 REFUSED ORG");
    assert_string_equal(push_one(&chair, pen_create(&chair, 1, "name=Li")), "1 APPLIED");
    low.n = 3;
    struct change *more[] = {pen_set(&low, 2, 0, "note=d"), pen_set(&low, 2, 0, "note=e")};
    assert_string_equal(push(&low, more, 2), "4 REFUSED RIGHT | 5 REFUSED RIGHT");

    assert_int_equal(store_load_incarnations(s->store, officer, &s->arena, &list, &count), ERR_OK);
    assert_int_equal(count, 1);
    assert_int_equal(list[0].run_count, 1); /* of n alone */
    assert_int_equal(list[0].runs[0].count, 5);
    const char *runs = "1 b 1 2|3 d 1 1|4 b 4 2|";
    assert_string_equal(runs_text(s, list[0].row), runs);
    assert_int_equal(store_begin(s->store), ERR_OK);
    assert_int_equal(store_rebuild_runs(s->store), ERR_OK);
    assert_int_equal(store_commit(s->store), ERR_OK);
    assert_string_equal(runs_text(s, list[0].row), runs);
    for (uint64_t n = 1; n <= 5; n++) {
        uint32_t org;
        struct entry entry;
        assert_int_equal(store_find_processed(s->store, list[0].row, n, &s->arena, &org, &entry), ERR_OK);
        assert_int_equal(entry.identity.n, n);
        assert_int_equal(entry.identity.seat, officer);
        assert_int_equal(org, n == 3 ? 1 : s->branch);
    }
}

static void test_seat_states(void **state)
{
    struct help_server *s = *state;
    struct pen p = pen_of(s, s->chair, s->branch, 1);
    struct change *c[] = {pen_create(&p, 1, "name=Li"), pen_create(&p, 2, "name=Wang"), pen_create(&p, 3, "name=Zhao")};
    assert_string_equal(push_one(&p, c[0]), "1 APPLIED");
    assert_int_equal(control_set_seat_state(s->control, s->chair, SEAT_SUSPENDED, 0), ERR_OK);
    server_close(s);
    server_open(s);
    assert_string_equal(push(&p, c, 2), "1 APPLIED | LATER 2"); /* nothing is lost */
    assert_int_equal(control_set_seat_state(s->control, s->chair, SEAT_ACTIVE, 0), ERR_OK);
    server_close(s);
    server_open(s);
    assert_string_equal(push(&p, c, 2), "1 APPLIED | 2 APPLIED");
    assert_int_equal(control_set_seat_state(s->control, s->chair, SEAT_REVOKED, 0), ERR_OK);
    server_close(s);
    server_open(s);
    assert_string_equal(push(&p, c, 3), "1 APPLIED | 2 APPLIED | 3 REFUSED SEAT_REVOKED"); /* rule 32: kept for the district */
    assert_int_equal(server_seq(s, s->branch), S(3));
    assert_string_equal(row_words(s, 3), "unknown");
}

/* ---- groups (rule 15) ---- */

static void test_group(void **state)
{
    struct help_server *s = *state;
    struct pen p = pen_of(s, s->chair, s->branch, 1);
    struct change *good[] = {pen_create(&p, 1, "name=Li"), pen_create(&p, 2, "name=Wang"), pen_set(&p, 1, 0, "note=x")};
    pen_group(good, 3);
    assert_string_equal(push(&p, good, 2), "1 REFUSED GROUP | 2 REFUSED GROUP"); /* it travels whole in one push */
    assert_string_equal(row_words(s, 1), "unknown");

    p.n = 2;
    struct change *again[] = {pen_create(&p, 1, "name=Li"), pen_create(&p, 2, "name=Wang"), pen_set(&p, 1, 0, "note=x")};
    pen_group(again, 3);
    assert_string_equal(push(&p, again, 3), "3 APPLIED | 4 APPLIED | 5 APPLIED");
    assert_string_equal(push(&p, again, 3), "3 APPLIED | 4 APPLIED | 5 APPLIED");
    assert_string_equal(row_words(s, 1), "name=Li state=applied note=x");

    struct change *bad[] = {pen_create(&p, 3, "name=Zhao"), pen_create(&p, 4, "note=nameless"), pen_create(&p, 5, "name=Qian")};
    pen_group(bad, 3);
    struct change *mixed[] = {bad[0], bad[1], bad[2], pen_create(&p, 6, "name=Sun")};
    assert_string_equal(push(&p, mixed, 4), "6 REFUSED GROUP | 7 REFUSED GROUP | 8 REFUSED GROUP | 9 APPLIED");
    assert_string_equal(row_words(s, 3), "unknown");
    assert_string_equal(row_words(s, 6), "name=Sun state=applied");

    /* FORKED at a member is so at its first. */
    struct pen copy = p;
    copy.n = 5;
    struct change *clash[] = {bad[0], pen_create(&copy, 7, "name=Wu")};
    copy.n = 6;
    clash[1] = pen_create(&copy, 7, "name=Wu");
    pen_group(clash, 2);
    assert_string_equal(push(&copy, clash, 2), "FORKED 6");
}

/* A pull ended in the middle of a group, then a restore took its tail: what is left of it is decided as what it is. */
static void test_rest_of_group(void **state)
{
    struct help_server *s = *state;
    struct pen p = pen_of(s, s->chair, s->branch, 1);
    struct change *c[] = {pen_create(&p, 1, "name=Li"), pen_create(&p, 2, "name=Wang"), pen_create(&p, 3, "name=Zhao")};
    struct entry *entries;
    pen_group(c, 3);
    assert_string_equal(push(&p, c, 3), "1 APPLIED | 2 APPLIED | 3 APPLIED");
    server_entries(s, s->branch, &entries);
    struct help_server restored;
    server_make(&restored); /* a district of the same shape that got back the first two entries only */
    assert_int_equal(store_set_recovering(restored.store, true), ERR_OK);
    server_close(&restored);
    server_open(&restored);
    assert_int_equal(hand_back(&restored, restored.second, restored.branch, entries, 2, false), S(2));
    assert_int_equal(store_set_recovering(restored.store, false), ERR_OK);
    server_close(&restored);
    server_open(&restored);
    p.s = &restored;
    assert_string_equal(push_one(&p, c[2]), "3 APPLIED");
    assert_string_equal(row_words(&restored, 3), "name=Zhao state=applied");
    server_verify(&restored);
    server_remove(&restored);
}

/* By their numbers alone others stand in the places of its first members: it is no rest of theirs. */
static void test_no_rest_of_group(void **state)
{
    struct help_server *s = *state;
    struct pen p = pen_of(s, s->chair, s->branch, 1);
    struct change *c[] = {pen_create(&p, 1, "name=Li"), pen_create(&p, 2, "name=Wang"), pen_create(&p, 3, "name=Zhao")};
    assert_string_equal(push(&p, c, 2), "1 APPLIED | 2 APPLIED");
    pen_group(c, 3);
    assert_string_equal(push_one(&p, c[2]), "3 REFUSED GROUP");
    assert_string_equal(row_words(s, 3), "unknown");
}

/* ---- runs of jobs ---- */

static void test_a_bad_job_falls_alone(void **state)
{
    struct help_server *s = *state;
    struct pen a = pen_of(s, s->chair, s->branch, 1), b = pen_of(s, s->second, s->branch, 2);
    struct change *ca = pen_create(&a, 1, "name=Li"), *cb = pen_create(&b, 2, "name=Wang");
    struct job *jobs[4] = {push_job(&a, &ca, 1, NULL), job_make(s, JOB_PUSH, s->chair), push_job(&b, &cb, 1, NULL),
                           push_job(&b, &cb, 1, NULL)};
    buf_text(&jobs[1]->request, "no push at all");
    jobs[3]->seat = 99; /* no such seat */
    for (int i = 0; i < 3; i++)
        jobs[i]->next = jobs[i + 1];
    server_run(s, jobs[0]);
    assert_string_equal(job_text(s, jobs[0]), "1 APPLIED");
    assert_string_equal(job_text(s, jobs[1]), "WIRE");
    assert_string_equal(job_text(s, jobs[2]), "1 APPLIED");
    assert_string_equal(job_text(s, jobs[3]), "PROTOCOL");
    assert_int_equal(server_seq(s, s->branch), S(2));
    for (int i = 0; i < 4; i++)
        job_free_one(jobs[i]);
}

/* Devices are few; each incarnation more makes every change of the seat dearer. */
/* Each hole makes one more run of numbers, in which every later change is looked for: a peer cannot make them for ever. What it sends
 * without leaving any out is taken still. */
static void test_holes_without_end(void **state)
{
    struct help_server *s = *state;
    struct pen p = pen_of(s, s->chair, s->branch, 1);
    assert_string_equal(push_one(&p, pen_create(&p, 0, "name=Li")), "1 APPLIED");
    for (uint64_t i = 1; i < LIMIT_RUNS; i++) {
        p.n = 2 * i;
        p.trimmed_to = p.n;
        assert_non_null(strstr(push_one(&p, pen_set(&p, 0, S(1), "note=x")), "APPLIED"));
    }
    p.n = 2 * LIMIT_RUNS;
    p.trimmed_to = p.n;
    assert_string_equal(push_one(&p, pen_set(&p, 0, S(1), "note=y")), "SEAT_WORN");
    p.n = 2 * LIMIT_RUNS - 1;
    p.trimmed_to = 0;
    assert_non_null(strstr(push_one(&p, pen_set(&p, 0, S(1), "note=z")), "APPLIED"));
}

static void test_incarnations_without_end(void **state)
{
    struct help_server *s = *state;
    char sql[200];
    struct pen known = pen_of(s, s->chair, s->branch, 1), fresh = pen_of(s, s->chair, s->branch, 2);
    assert_string_equal(push_one(&known, pen_create(&known, 1, "name=Li")), "1 APPLIED");
    snprintf(sql, sizeof sql, "WITH RECURSIVE k(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM k WHERE i<999)"
                              " INSERT INTO incarnation(seat, incarnation) SELECT %u, randomblob(16) FROM k", s->chair);
    assert_int_equal(db_exec(store_db(s->store), sql), ERR_OK);
    server_close(s);
    server_open(s);
    assert_string_equal(push_one(&fresh, pen_create(&fresh, 2, "name=Wu")), "SEAT_WORN");
    assert_string_equal(push_one(&known, pen_set(&known, 1, S(1), "note=x")), "2 APPLIED");
    struct pen other = pen_of(s, s->second, s->branch, 3);
    assert_string_equal(push_one(&other, pen_create(&other, 3, "name=Qi")), "1 APPLIED");
}

/* n without holes, at most so many a push. */
static void test_push_form(void **state)
{
    struct help_server *s = *state;
    struct pen p = pen_of(s, s->chair, s->branch, 1);
    struct change *c[501];
    for (int i = 0; i < 501; i++)
        c[i] = pen_create(&p, i, "name=Li");
    struct change *holes[] = {c[0], c[2]};
    assert_string_equal(push(&p, holes, 2), "PROTOCOL");
    assert_string_equal(push(&p, c, 501), "PROTOCOL");
    assert_string_equal(push(&p, NULL, 0), "");
    assert_int_equal(server_seq(s, s->branch), 0);
    assert_non_null(strstr(push(&p, c, 500), "| 500 APPLIED"));
    assert_int_equal(server_seq(s, s->branch), S(500));
}

static void test_contact(void **state)
{
    struct help_server *s = *state;
    struct job *job = job_make(s, JOB_CONTACT, s->chair);
    Wire__Report report = WIRE__REPORT__INIT;
    struct db *db;
    struct control *reader;
    assert_int_equal(db_open(folder_file(&s->folder, STORE_FILE), DB_SERVER, DB_READ, STORE_VERSION, &db), ERR_OK);
    assert_int_equal(control_open(db, NULL, &reader), ERR_OK);
    report.queued = 7;
    report.refused = 2;
    report.conflicts = 1;
    report.oldest_queued_ms = 1234;
    job->report = &report;
    snprintf(job->version, sizeof job->version, "0.1.0");
    server_run(s, job);
    assert_int_equal(job->failed, ERR_OK);
    assert_int_equal(control_refresh(reader, NULL), ERR_OK);
    const struct control_seat *seat = control_seat(reader, s->chair);
    assert_int_equal(seat->last_contact_ms, NOW_MS);
    assert_int_equal(seat->queued, 7);
    assert_int_equal(seat->refused, 2);
    assert_int_equal(seat->conflicts, 1);
    assert_int_equal(seat->oldest_queued_ms, 1234);
    assert_string_equal(seat->version, "0.1.0");
    job->report = NULL; /* a hello without a report keeps the last one */
    s->now_ms += 5;
    server_run(s, job);
    assert_int_equal(control_refresh(reader, NULL), ERR_OK);
    assert_int_equal(control_seat(reader, s->chair)->queued, 7);
    assert_int_equal(control_seat(reader, s->chair)->last_contact_ms, NOW_MS + 5);
    control_close(reader);
    db_close(db);
    job_free_one(job);
}

/* More than one commit carries: two pushes of each of six seats, 500 changes a push. */
static void test_many_commits(void **state)
{
    struct help_server *s = *state;
    struct pen pens[6];
    struct job *jobs[12];
    struct change *c[500];
    for (int i = 0; i < 6; i++)
        pens[i] = pen_of(s, i % 2 ? s->chair : s->second, s->branch, 10 + i);
    for (int i = 0; i < 12; i++) {
        for (int k = 0; k < 500; k++)
            c[k] = pen_create(&pens[i % 6], i * 500 + k, "name=Li note=x");
        jobs[i] = push_job(&pens[i % 6], c, 500, NULL);
        if (i)
            jobs[i - 1]->next = jobs[i];
    }
    server_run(s, jobs[0]);
    assert_int_equal(s->news_count, 1); /* each org once */
    assert_int_equal(s->news[0].seq, S(6000));
    for (int i = 0; i < 12; i++) {
        const Wire__Verdicts *v = job_verdicts(s, jobs[i]);
        assert_int_equal(v->n_verdict, 500);
        for (int k = 0; k < 500; k++)
            assert_int_equal(v->verdict[k]->seq, S(i * 500 + k + 1));
        job_free_one(jobs[i]);
    }
}

/* ---- the disk ---- */

static void limit_pages(struct help_server *s, int64_t pages)
{
    char sql[64];
    snprintf(sql, sizeof sql, "PRAGMA max_page_count=%lld", (long long)pages);
    assert_int_equal(db_exec(store_db(s->store), sql), ERR_OK);
}

static void test_full_disk(void **state)
{
    struct help_server *s = *state;
    struct pen a = pen_of(s, s->chair, s->branch, 1), b = pen_of(s, s->second, s->other, 2);
    b.org = s->branch;
    struct change *ca[300], *cb = pen_create(&b, 5000, "name=Wang");
    for (int i = 0; i < 300; i++)
        ca[i] = pen_create(&a, i, "name=Li note=a-note-of-some-length-so-that-pages-fill-up");
    assert_string_equal(push_one(&b, cb), "1 APPLIED");
    struct change *cb2 = pen_create(&b, 5001, "name=Zhao");
    struct job *contact = job_make(s, JOB_CONTACT, s->chair);
    server_run(s, contact);
    limit_pages(s, 1); /* not less than it has: no page more */
    struct job *first = push_job(&a, ca, 300, NULL), *second = push_job(&b, &cb2, 1, NULL);
    contact->next = second; /* these need little room or none, but share the commit */
    second->next = first;
    server_run(s, contact);
    assert_int_equal(first->failed, ERR_DISK_FULL);
    assert_int_equal(second->failed, ERR_DISK_FULL);
    assert_int_equal(contact->failed, ERR_DISK_FULL);
    assert_int_equal(first->answer.size + second->answer.size, 0);
    assert_int_equal(s->news_count, 0);
    assert_int_equal(server_seq(s, s->branch), S(1)); /* nothing half done */
    job_free_one(contact);
    assert_string_equal(row_words(s, 0), "unknown");
    job_free_one(first);
    job_free_one(second);
    server_verify(s);
    limit_pages(s, 1 << 30); /* there is room again: it goes on, without a start */
    assert_non_null(strstr(push(&a, ca, 300), "1 APPLIED | 2 APPLIED"));
    assert_string_equal(push_one(&b, cb2), "2 APPLIED");
}

/* A disk that fails while reading makes SQLite end the transaction; what comes after must not be written bit by bit. */
static void test_no_entry_outside_a_transaction(void **state)
{
    struct help_server *s = *state;
    struct pen p = pen_of(s, s->chair, s->branch, 1);
    struct entry *entries;
    assert_string_equal(push_one(&p, pen_create(&p, 1, "name=Li")), "1 APPLIED");
    assert_int_equal(server_entries(s, s->branch, &entries), 1);
    struct store_entry line = {.org = s->branch, .kind = s->member, .record = member_id(1), .entry = entries[0], .incarnation_row = 1};
    line.entry.seq = S(2);
    line.entry.identity.n = 2;
    assert_int_equal(store_put_entry(s->store, &line), ERR_IO);
    assert_int_equal(server_entries(s, s->branch, &entries), 1);
}

/* One damaged row costs those who touch it their push, nobody else. */
static void test_one_damaged_row(void **state)
{
    struct help_server *s = *state;
    struct pen a = pen_of(s, s->chair, s->branch, 1), b = pen_of(s, s->second, s->branch, 2);
    struct change *c = pen_create(&a, 1, "name=Li"), *good = pen_create(&a, 2, "name=Wu"), *bad = pen_set(&b, 1, S(1), "note=x");
    assert_string_equal(push_one(&a, c), "1 APPLIED");
    assert_int_equal(db_exec(store_db(s->store), "UPDATE member SET _extra=x'ff'"), ERR_OK);
    struct job *first = push_job(&a, &good, 1, NULL), *second = push_job(&b, &bad, 1, NULL);
    first->next = second;
    server_run(s, first);
    assert_string_equal(job_text(s, first), "2 APPLIED");
    assert_int_equal(second->failed, ERR_CORRUPT);
    job_free_one(first);
    job_free_one(second);
    assert_int_equal(db_exec(store_db(s->store), "UPDATE member SET _extra=NULL"), ERR_OK);
    assert_string_equal(push_one(&b, bad), "1 APPLIED");
}

/* A job that has to run again, alone, has all of its limit for it: it is opened anew, not once more. */
static void test_run_again_alone(void **state)
{
    struct help_server *s = *state;
    struct pen a = pen_of(s, s->chair, s->branch, 1), b = pen_of(s, s->second, s->branch, 2);
    struct change *first[40], *again[40];
    assert_string_equal(push_one(&a, pen_create(&a, 1, "name=Li")), "1 APPLIED");
    for (int i = 0; i < 80; i++)
        *(i < 40 ? &first[i] : &again[i - 40]) = pen_create(&a, 2 + i, "name=Wu");
    struct job *job = push_job(&a, first, 40, NULL);
    server_run(s, job);
    size_t once = job->arena.used;
    assert_true(once > 0);
    job_free_one(job);

    struct change *bad = pen_set(&b, 1, S(1), "note=x");
    assert_int_equal(db_exec(store_db(s->store), "UPDATE member SET _extra=x'ff' WHERE note IS NULL AND name='Li'"), ERR_OK);
    job = push_job(&a, again, 40, NULL);
    job->arena.cap = once + once / 2;
    job->next = push_job(&b, &bad, 1, NULL);
    server_run(s, job);
    assert_int_equal(job->next->failed, ERR_CORRUPT); /* which broke the commit of both */
    assert_int_equal(job->failed, ERR_OK);
    assert_int_equal(job_verdicts(s, job)->n_verdict, 40);
    job_free_one(job->next);
    job_free_one(job);
    assert_int_equal(db_exec(store_db(s->store), "UPDATE member SET _extra=NULL"), ERR_OK);
}

/* A child pushes and tells each answer through a pipe until it is killed; what was answered must be there. */
static void push_until_killed(struct help_server *s, int out)
{
    struct pen p = pen_of(s, s->chair, s->branch, 1);
    for (int i = 0;; i++) {
        struct change *c[20];
        for (int k = 0; k < 20; k++)
            c[k] = pen_create(&p, i * 20 + k, "name=Li note=x");
        struct job *job = push_job(&p, c, 20, NULL);
        server_run(s, job);
        uint64_t n = job->failed == ERR_OK ? p.n : 0;
        job_free_one(job);
        if (write(out, &n, sizeof n) != sizeof n)
            _exit(1);
    }
}

static void test_killed(void **state)
{
    struct help_server *s = *state;
    for (int round = 0; round < 5; round++) {
        int pipes[2];
        uint64_t n, answered = 0;
        struct pen p = pen_of(s, s->chair, s->branch, 1);
        assert_int_equal(pipe(pipes), 0);
        server_close(s);
        fflush(NULL);
        pid_t child = fork();
        assert_true(child >= 0);
        if (child == 0) {
            close(pipes[0]);
            server_open(s);
            push_until_killed(s, pipes[1]);
        }
        close(pipes[1]);
        /* Some answers, then wherever it stands; the pipe may hold more that were told. */
        for (int i = 0; i < 3 + round * 2; i++)
            if (read(pipes[0], &n, sizeof n) == sizeof n)
                answered = n;
        kill(child, SIGKILL);
        while (read(pipes[0], &n, sizeof n) == sizeof n)
            answered = n;
        close(pipes[0]);
        assert_int_equal(waitpid(child, NULL, 0), child);
        server_open(s);
        assert_true(answered >= 60);
        assert_true(seq_counter(server_seq(s, s->branch)) >= answered);
        assert_int_equal(seq_counter(server_seq(s, s->branch)) % 20, 0); /* whole pushes */
        for (uint64_t i = 0; i < answered; i++)
            assert_string_equal(row_words(s, (int)i), "name=Li state=applied note=x");
        struct change *c = pen_create(&p, 0, "name=Li note=x");
        assert_string_equal(push_one(&p, c), "1 APPLIED"); /* known */
        server_verify(s);
    }
}

/* ---- reading what was written ---- */

static void test_reading(void **state)
{
    bool cut;
    struct help_server *s = *state;
    struct pen p = pen_of(s, s->chair, s->branch, 1);
    struct store *reader;
    struct entry *entries;
    struct row *rows;
    struct id after, found[4];
    uint8_t chain[CHAIN_SIZE], zero[CHAIN_SIZE] = {0};
    uint64_t count64;
    size_t count, seen = 0;
    bool more = true;
    for (int i = 0; i < 50; i++)
        assert_non_null(strstr(push_one(&p, pen_create(&p, i, "name=Li")), "APPLIED"));
    assert_non_null(strstr(push_one(&p, pen_write(&p, OP_REMOVE, s->member, member_id(7), S(50), "")), "51 "));
    assert_non_null(strstr(push_one(&p, pen_set(&p, 8, S(50), "note=x")), "52 APPLIED"));
    assert_int_equal(store_open(s->folder.path, STORE_READ, &reader), ERR_OK);

    assert_int_equal(store_read_entries(reader, s->branch, S(10), 1, &s->arena, &entries, &count, &more), ERR_OK);
    assert_int_equal(count, 1); /* at least one, however small the page */
    assert_int_equal(entries[0].seq, S(11));
    assert_true(more);
    assert_int_equal(store_count_entries(reader, s->branch, S(10), &count64), ERR_OK);
    assert_int_equal(count64, 42);
    assert_int_equal(store_read_chain(reader, s->branch, S(10), chain), ERR_OK);
    assert_true(entry_follows(&entries[0], chain));
    assert_int_equal(store_read_chain(reader, s->branch, 0, chain), ERR_OK);
    assert_memory_equal(chain, zero, CHAIN_SIZE);
    assert_int_equal(store_read_chain(reader, s->branch, S(53), chain), ERR_NOT_FOUND);
    assert_int_equal(store_read_chain(reader, s->other, S(1), chain), ERR_NOT_FOUND);

    more = true;
    for (bool first = true; more; first = false) { /* pages by (kind, id); tombstones, too */
        assert_int_equal(store_read_rows(reader, s->branch, first ? 0 : s->member, first ? NULL : &after, 0, 400, &s->arena, &rows, &count, &more), ERR_OK);
        for (size_t i = 0; i < count; i++, seen++) {
            assert_true(id_equal(rows[i].id, member_id((int)seen)));
            assert_int_equal(rows[i].message == NULL, seen == 7);
        }
        assert_true(count > 0 && (count < 50 || !more));
        after = rows[count - 1].id;
    }
    assert_int_equal(seen, 50);
    assert_int_equal(store_read_rows(reader, s->other, 0, NULL, 0, 400, &s->arena, &rows, &count, &more), ERR_OK);
    assert_int_equal(count, 0);
    assert_false(more);

    assert_int_equal(store_read_record_history(reader, s->branch, s->member, member_id(8), 2, SIZE_MAX, &s->arena, &entries, &count, &cut), ERR_OK);
    assert_int_equal(count, 2);
    assert_false(cut);
    assert_int_equal(entries[0].seq, S(9));
    assert_int_equal(entries[1].seq, S(52));
    assert_int_equal(store_read_record_history(reader, s->branch, s->member, member_id(8), 1, SIZE_MAX, &s->arena, &entries, &count, &cut), ERR_OK);
    assert_int_equal(count, 1);
    assert_true(cut);
    assert_int_equal(entries[0].seq, S(52)); /* the newest is kept */
    assert_int_equal(store_read_record_history(reader, s->branch, s->member, member_id(8), 10, 1, &s->arena, &entries, &count, &cut), ERR_OK);
    assert_int_equal(count, 1);
    assert_true(cut);
    assert_int_equal(store_find_prefix(reader, s->member, member_id(3), 128, found, 4, &count), ERR_OK);
    assert_int_equal(count, 1);
    store_close(reader);
}

/* A plan whose text was rewritten often: whoever asks for its history gets the newest that fit, and memory for no more is taken. */
static void test_a_long_history(void **state)
{
    struct help_server *s = *state;
    struct pen p = pen_of(s, s->chair, s->branch, 1);
    const uint32_t plan = kind_by_name("work_plan")->number;
    char words[LIMIT_TEXT_LONG + 32];
    struct entry *entries;
    struct arena arena;
    size_t count;
    bool cut;
    assert_string_equal(push_one(&p, pen_write(&p, OP_CREATE, plan, member_id(1), 0, "title=Plan period_kind=year period=2026")), "1 APPLIED");
    memset(words, 'a', sizeof words);
    memcpy(words, "goals_text=", 11);
    words[11 + LIMIT_TEXT_LONG] = 0;
    for (uint64_t i = 0; i < 20; i++) {
        words[11] = (char)('a' + i);
        assert_non_null(strstr(push_one(&p, pen_write(&p, OP_SET, plan, member_id(1), S(1 + i), words)), "APPLIED"));
    }
    arena_init(&arena, 16 * LIMIT_TEXT_LONG); /* the whole would take 40 */
    assert_int_equal(store_read_record_history(s->store, s->branch, plan, member_id(1), 1000, 4 * LIMIT_TEXT_LONG, &arena, &entries, &count, &cut), ERR_OK);
    assert_true(cut);
    assert_int_equal(count, 2); /* of two texts each: change and effect */
    assert_int_equal(entries[1].seq, S(21));
    assert_true(arena.used < 8 * LIMIT_TEXT_LONG);
    arena_finish(&arena);
}

/* Rule 13: a set on a removed record makes a conflict that keeps the row as it was, whatever was in memory. */
static void test_removed_row_is_remembered(void **state)
{
    struct help_server *s = *state;
    struct pen a = pen_of(s, s->chair, s->branch, 1), b = pen_of(s, s->second, s->branch, 2);
    struct change *c[] = {pen_create(&a, 1, "name=Li note=x"), pen_set(&a, 1, 0, "campus=east"), pen_write(&a, OP_REMOVE, s->member, member_id(1), 0, "")};
    assert_string_equal(push(&a, c, 3), "1 APPLIED | 2 APPLIED | 3 APPLIED");
    assert_string_equal(row_words(s, 1), "removed");
    server_close(s);
    server_open(s);
    struct change *late = pen_set(&b, 1, S(2), "note=y");
    struct job *job = push_job(&b, &late, 1, NULL);
    struct row row;
    server_run(s, job);
    assert_string_equal(job_text(s, job), "1 CONFLICT");
    ProtobufCBinaryData id = job_verdicts(s, job)->verdict[0]->conflict[0];
    assert_int_equal(store_read_row(s->store, KIND_CONFLICT, id_from(slice_of(id.data, id.len)), &s->arena, &row), ERR_OK);
    struct slice kept = record_get_name(row.message, "row").bytes;
    assert_non_null(memmem(kept.data, kept.size, "east", 4));
    assert_non_null(memmem(kept.data, kept.size, "Li", 2));
    job_free_one(job);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, server_setup, server_teardown)
    const struct CMUnitTest tests[] = {
        T(test_accept_and_send_again), T(test_gap), T(test_trimmed), T(test_trimmed_from_the_first), T(test_asked_what_is_missing), T(test_lost_side_by_side_is_one), T(test_forked), T(test_fork_ancestry), T(test_same), T(test_refused_is_recorded),
        T(test_refused_mark), T(test_a_mark_without_end), T(test_conflict_names_its_record), T(test_foreign_org), T(test_runs_in_two_logs), T(test_seat_states),
        T(test_group), T(test_rest_of_group), T(test_no_rest_of_group), T(test_a_bad_job_falls_alone), T(test_push_form), T(test_incarnations_without_end), T(test_holes_without_end), T(test_contact), T(test_many_commits),
        T(test_full_disk), T(test_no_entry_outside_a_transaction), T(test_one_damaged_row), T(test_run_again_alone), T(test_killed), T(test_reading), T(test_a_long_history), T(test_removed_row_is_remembered),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
