/* Timers, wakers and signals of a loop; each test ends with a loop that closes clean (net_destroy proves it). */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include "net/stream.h"
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <unistd.h>

struct world {
    struct net *net;
    struct net_timer *first, *second;
    struct net_waker *waker;
    int due_first, due_second, woken, number;
    atomic_int said;
};

static void on_first(void *to)
{
    struct world *w = to;
    w->due_first++;
}

static void on_second(void *to)
{
    struct world *w = to;
    w->due_second++;
    if (w->due_second == 1)
        net_timer_arm(w->second, 1);
}

static void timers(void **state)
{
    (void)state;
    struct world w = {0};
    assert_int_equal(net_create(&w.net), ERR_OK);
    w.first = net_timer_create(w.net, on_first, &w);
    w.second = net_timer_create(w.net, on_second, &w);
    net_timer_arm(w.first, 600000); /* arming again replaces */
    net_timer_arm(w.first, 5);
    net_timer_arm(w.second, 1);
    int64_t before = net_now_ms(w.net);
    net_run(w.net); /* until nothing is left to wait for */
    assert_int_equal(w.due_first, 1);
    assert_int_equal(w.due_second, 2);
    assert_in_range(net_now_ms(w.net) - before, 5, 5000);
    net_timer_arm(w.first, 1);
    net_timer_disarm(w.first);
    net_run(w.net);
    assert_int_equal(w.due_first, 1);
    net_timer_arm(w.first, 600000); /* destroyed while armed */
    net_timer_destroy(w.first);
    net_timer_destroy(w.second);
    net_timer_destroy(NULL);
    net_destroy(w.net);
    net_destroy(NULL);
}

static void on_stop(void *to)
{
    struct world *w = to;
    net_stop(w->net);
}

static void stop(void **state)
{
    (void)state;
    struct world w = {0};
    assert_int_equal(net_create(&w.net), ERR_OK);
    w.first = net_timer_create(w.net, on_first, &w);
    w.second = net_timer_create(w.net, on_stop, &w);
    net_timer_arm(w.first, 600000);
    net_timer_arm(w.second, 0);
    net_run(w.net);
    assert_int_equal(w.due_first, 0);
    net_stop(w.net); /* nobody runs: the end must not stumble over it */
    net_timer_destroy(w.first);
    net_timer_destroy(w.second);
    net_destroy(w.net);
}

#define WAKES 1000

static void *waking_thread(void *to)
{
    struct world *w = to;
    for (int i = 0; i < WAKES; i++) {
        atomic_fetch_add(&w->said, 1);
        net_wake(w->waker);
    }
    return NULL;
}

static void on_wake(void *to)
{
    struct world *w = to;
    w->woken++;
    if (atomic_load(&w->said) == WAKES)
        net_stop(w->net);
}

/* Several wakes may become one, but none is lost: what was noted before the last one is seen. */
static void waker(void **state)
{
    (void)state;
    struct world w = {0};
    pthread_t thread;
    assert_int_equal(net_create(&w.net), ERR_OK);
    w.waker = net_waker_create(w.net, on_wake, &w);
    assert_int_equal(pthread_create(&thread, NULL, waking_thread, &w), 0);
    net_run(w.net);
    pthread_join(thread, NULL);
    assert_in_range(w.woken, 1, WAKES);
    assert_int_equal(atomic_load(&w.said), WAKES);
    net_waker_destroy(w.waker);
    net_destroy(w.net);
}

static void on_signal(void *to, int number)
{
    struct world *w = to;
    w->number = number;
    net_stop(w->net);
}

static void expect_signal(int number)
{
    struct world w = {0};
    assert_int_equal(net_create(&w.net), ERR_OK);
    w.waker = net_waker_create(w.net, on_wake, &w); /* keeps the loop waiting */
    struct net_signal *s = net_signal_create(w.net, on_signal, &w);
    assert_int_equal(kill(getpid(), number), 0);
    net_run(w.net);
    assert_int_equal(w.number, number);
    net_waker_destroy(w.waker);
    net_signal_destroy(s);
    net_destroy(w.net);
}

static void signals(void **state)
{
    (void)state;
    expect_signal(SIGTERM);
    expect_signal(SIGINT);
}

static void signals_keep_nobody_waiting(void **state)
{
    (void)state;
    struct world w = {0};
    assert_int_equal(net_create(&w.net), ERR_OK);
    struct net_signal *s = net_signal_create(w.net, on_signal, &w);
    net_run(w.net);
    net_signal_destroy(s);
    net_signal_destroy(NULL);
    net_destroy(w.net);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(timers),
        cmocka_unit_test(stop),
        cmocka_unit_test(waker),
        cmocka_unit_test(signals),
        cmocka_unit_test(signals_keep_nobody_waiting),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
