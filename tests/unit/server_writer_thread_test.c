/* The writer on its own thread: jobs go in from the loop, come back to it with their answers, news after them. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "help_server.h"

#include "base/limits.h"
#include "server/writer/writer_thread.h"

#include <stdlib.h>
#include <string.h>

struct world {
    struct help_server s;
    struct net *net;
    struct net_timer *watchdog;
    struct writer_thread *writer;
    size_t done, wanted, refused;
    struct buf verdicts;
    uint64_t news;
    bool news_before_answers, timed_out;
};

static void on_done(void *to, struct job *job)
{
    struct world *w = to;
    w->done++;
    w->refused += job->failed != ERR_OK;
    if (job->failed == ERR_OK && job->type == JOB_PUSH)
        buf_format(&w->verdicts, "%s\n", job_text(&w->s, job));
    job_free_one(job);
    if (w->done == w->wanted)
        net_stop(w->net);
}

static void on_news(void *to, uint32_t org, uint64_t seq)
{
    struct world *w = to;
    assert_int_equal(org, w->s.branch);
    assert_true(seq > w->news);
    w->news = seq;
    w->news_before_answers |= w->done == 0;
}

static void on_watchdog(void *to)
{
    struct world *w = to;
    w->timed_out = true;
    net_stop(w->net);
}

static void start(struct world *w)
{
    memset(w, 0, sizeof *w);
    server_make(&w->s);
    assert_int_equal(net_create(&w->net), ERR_OK);
    w->watchdog = net_timer_create(w->net, on_watchdog, w);
    assert_int_equal(writer_thread_start(w->s.folder.path, w->net, on_done, on_news, w, &w->writer), ERR_OK);
}

static void run(struct world *w, size_t jobs)
{
    w->wanted = jobs;
    net_timer_arm(w->watchdog, 60000);
    if (w->done < w->wanted)
        net_run(w->net);
    net_timer_disarm(w->watchdog);
    assert_false(w->timed_out);
    assert_int_equal(w->done, jobs);
}

static void finish(struct world *w)
{
    writer_thread_stop(w->writer);
    net_timer_destroy(w->watchdog);
    net_destroy(w->net); /* CHECKs that the loop closes clean */
    buf_finish(&w->verdicts);
    server_verify(&w->s);
    server_remove(&w->s);
}

static void test_jobs_come_back_in_order(void **state)
{
    (void)state;
    struct world w;
    start(&w);
    struct pen p = pen_of(&w.s, w.s.chair, w.s.branch, 1);
    struct buf expected = BUF_INIT;
    for (int i = 0; i < 40; i++) {
        struct change *c = pen_create(&p, i, "name=Li");
        assert_int_equal(writer_thread_put(w.writer, push_job(&p, &c, 1, NULL)), ERR_OK);
        buf_format(&expected, "%d APPLIED\n", i + 1);
    }
    run(&w, 40);
    assert_string_equal(buf_c_string(&w.verdicts), buf_c_string(&expected));
    buf_finish(&expected);
    finish(&w);
    assert_int_equal(w.news, S(40));
    assert_false(w.news_before_answers);
}

/* What was put is finished before the thread stops. */
static void test_stop_finishes(void **state)
{
    (void)state;
    struct world w;
    start(&w);
    struct pen p = pen_of(&w.s, w.s.chair, w.s.branch, 1);
    for (int i = 0; i < 20; i++) {
        struct change *c = pen_create(&p, i, "name=Li");
        assert_int_equal(writer_thread_put(w.writer, push_job(&p, &c, 1, NULL)), ERR_OK);
    }
    finish(&w);
    assert_int_equal(w.done, 20);
    assert_int_equal(w.refused, 0);
}

static void test_full_queue(void **state)
{
    (void)state;
    struct world w;
    size_t put = 0;
    start(&w);
    struct job *refused = NULL;
    while (!refused && put < 20 * LIMIT_WRITER_QUEUE) {
        struct job *job = job_make(&w.s, JOB_CONTACT, w.s.chair);
        if (writer_thread_put(w.writer, job) == ERR_OK)
            put++;
        else
            refused = job;
    }
    assert_non_null(refused); /* the job is still ours */
    assert_true(put >= LIMIT_WRITER_QUEUE);
    job_free_one(refused);
    run(&w, put);
    assert_int_equal(w.refused, 0);
    finish(&w);
}

/* Few jobs may weigh much. What is too much is given back before it is looked at. */
static void test_heavy_queue(void **state)
{
    (void)state;
    struct world w;
    start(&w);
    struct job *heavy = job_make(&w.s, JOB_PUSH, w.s.chair);
    buf_reserve(&heavy->request, LIMIT_WRITER_BYTES + 1);
    memset(heavy->request.data, 0xff, LIMIT_WRITER_BYTES + 1);
    heavy->request.size = LIMIT_WRITER_BYTES + 1;
    assert_int_equal(writer_thread_put(w.writer, heavy), ERR_FULL); /* the job is still ours */
    heavy->request.size = LIMIT_WRITER_BYTES;
    assert_int_equal(writer_thread_put(w.writer, heavy), ERR_OK);
    run(&w, 1);
    assert_int_equal(w.refused, 1); /* no push at all */

    /* Place that was taken is free again. */
    heavy = job_make(&w.s, JOB_PUSH, w.s.chair);
    buf_reserve(&heavy->request, LIMIT_WRITER_BYTES);
    memset(heavy->request.data, 0xff, LIMIT_WRITER_BYTES);
    heavy->request.size = LIMIT_WRITER_BYTES;
    assert_int_equal(writer_thread_put(w.writer, heavy), ERR_OK);
    run(&w, 2);
    finish(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_jobs_come_back_in_order),
        cmocka_unit_test(test_stop_finishes),
        cmocka_unit_test(test_full_queue),
        cmocka_unit_test(test_heavy_queue),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
