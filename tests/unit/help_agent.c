#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "help_agent.h"

#include "base/clock.h"
#include "base/log.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define LOOK_MS 5

/* Certificates are judged by the system's clock: they are made anew for today. */
static void make_today(struct help_serving *h)
{
    static const char *const files[] = {"ca.key", "ca.pem", "server.key", "server.pem", "psk.master", "head.key"};
    serving_close(h);
    for (size_t i = 0; i < sizeof files / sizeof *files; i++)
        assert_int_equal(unlink(folder_file(&h->server.folder, files[i])), 0);
    help_now_ms = clock_now_ms();
    assert_int_equal(authority_init(h->server.folder.path, "青禾区教育工会", help_now_ms), ERR_OK);
    serving_open(h);
}

static void on_look(void *to)
{
    struct help_agent *a = to;
    serving_pump(&a->h);
    if (a->step)
        a->step(a);
    if (atomic_load(&a->stop))
        net_stop(a->net);
    net_timer_arm(a->look, LOOK_MS);
}

void help_agent_make(struct help_agent *a)
{
    uint16_t port;
    memset(a, 0, sizeof *a);
    serving_make(&a->h);
    make_today(&a->h);
    folder_make(&a->folder);
    assert_int_equal(net_create(&a->net), ERR_OK);
    assert_int_equal(authority_tls(a->h.serving.authority, a->h.serving.control, &a->tls), ERR_OK);
    assert_int_equal(listener_open(a->net, "127.0.0.1:0", a->tls, &a->h.serving, &port, &a->listener), ERR_OK);
    snprintf(a->address, sizeof a->address, "127.0.0.1:%u", port);
    assert_int_equal(control_set_address(a->h.serving.control, a->address), ERR_OK);
    a->look = net_timer_create(a->net, on_look, a);
}

static void *run(void *to)
{
    struct help_agent *a = to;
    net_timer_arm(a->look, LOOK_MS);
    net_run(a->net);
    return NULL;
}

void help_agent_go(struct help_agent *a)
{
    atomic_store(&a->stop, false);
    assert_int_equal(pthread_create(&a->thread, NULL, run, a), 0);
    a->runs = true;
}

void help_agent_halt(struct help_agent *a)
{
    if (!a->runs)
        return;
    atomic_store(&a->stop, true);
    assert_int_equal(pthread_join(a->thread, NULL), 0);
    a->runs = false;
}

static void stop_when_closed(struct help_agent *a)
{
    if (listener_connections(a->listener) == 0)
        net_stop(a->net);
}

void help_agent_finish(struct help_agent *a)
{
    help_agent_halt(a);
    listener_close(a->listener);
    a->step = stop_when_closed;
    atomic_store(&a->stop, false);
    net_timer_arm(a->look, 0);
    net_run(a->net);
    listener_destroy(a->listener);
    net_timer_destroy(a->look);
    net_destroy(a->net);
    tls_context_destroy(a->tls);
    serving_remove(&a->h);
    folder_remove(&a->folder);
}

const char *help_agent_code(struct help_agent *a, role_set roles)
{
    static char code[600];
    struct buf text = BUF_INIT;
    const char *refusal;
    int64_t ends;
    assert_int_equal(authority_invite(a->h.serving.authority, a->h.serving.control, a->h.server.branch, "林晓岚", roles,
                                      7, a->address, 0, help_now_ms, &text, &ends, &refusal),
                     ERR_OK);
    snprintf(code, sizeof code, "%s", buf_c_string(&text));
    buf_finish(&text);
    return code;
}

void help_agent_stop_watch(void)
{
    kill(getpid(), SIGTERM);
}
