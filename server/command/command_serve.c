/* banyand serve: the serving process. The loop's thread does TLS, frames and reading; the writer has a thread of its own.
 * Order of going down: the port, the connections (flushed), the writer (finishes what it has), the files. */
#include "base/clock.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/tr.h"
#include "server/command/command.h"
#include "server/hub.h"
#include "server/listener.h"
#include "server/writer/writer_thread.h"
#include "show/board.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#define LOOK_MS 200      /* how soon a change by another process is seen without any frame */
#define GOING_DOWN_MS 20
#define TELL_MS 60000    /* how often what the log left out is told */
#define FRESH_MS (10 * 60 * 1000LL) /* how often the server looks at its own certificate: the clock may have been set meanwhile */

static const struct option_spec options[] = {
    {"data", OPTION_VALUE, "DIR", N_("the district's folder")},
    {"listen", OPTION_VALUE, "ADDR:PORT", N_("default 0.0.0.0:7443; port 0 picks one")},
    {"announce", OPTION_VALUE, "HOST:PORT", N_("what clients should dial, where it differs")},
    {NULL, OPTION_FLAG, NULL, NULL},
};

struct serve {
    struct serving serving;
    struct db_lock *lock;
    struct store *control_store; /* the loop's own writing connection: joins, invitations, revokes */
    struct journal *journal;
    struct net *net;
    struct tls_context *tls;
    struct writer_thread *writer;
    struct listener *listener;
    struct net_timer *timer;
    struct net_signal *signal;
    int64_t fresh_due_ms, tell_due_ms; /* of the loop's clock */
    bool going_down, renewed;
};

static enum err put_job(void *to, struct job *job)
{
    return writer_thread_put(((struct serve *)to)->writer, job);
}

static void on_done(void *to, struct job *job)
{
    struct session *session = hub_find(((struct serve *)to)->serving.hub, job->session);
    if (session)
        session_job_done(session, job);
    else
        job_free(job); /* its peer has gone; what was decided stands, and is told again when it is sent again */
}

static void on_news(void *to, uint32_t org, uint64_t seq)
{
    hub_news(((struct serve *)to)->serving.hub, org, seq);
}

static void on_control_changed(void *to)
{
    hub_check_all(((struct serve *)to)->serving.hub);
}

static void look(struct serve *s)
{
    bool changed = false;
    enum err e = control_refresh(s->serving.control, &changed);
    if (e != ERR_OK)
        log_error("serve", "control: %s", err_text(e));
    else if (changed)
        hub_check_all(s->serving.hub);
}

/* Connections that live keep the context that they began with; it counts its users. */
static void use_fresh(struct serve *s)
{
    struct tls_context *fresh;
    enum err e = authority_tls(s->serving.authority, s->serving.control, &fresh);
    if (e != ERR_OK) {
        log_error("serve", "the renewed certificate is not in use: %s", err_text(e));
        return;
    }
    listener_use(s->listener, fresh);
    tls_context_destroy(s->tls);
    s->tls = fresh;
}

/* A server may run for more than a year. */
static void keep_fresh(struct serve *s)
{
    bool renewed;
    int64_t now = net_now_ms(s->net);
    if (now < s->fresh_due_ms)
        return;
    s->fresh_due_ms = now + FRESH_MS;
    enum err e = authority_keep_fresh(s->serving.authority, clock_now_ms(), &renewed);
    if (e != ERR_OK)
        log_error("serve", "the server's certificate could not be renewed: %s", err_text(e));
    else if (renewed)
        use_fresh(s);
}

static void tell_left_out(struct serve *s)
{
    int64_t now = net_now_ms(s->net);
    if (now < s->tell_due_ms)
        return;
    s->tell_due_ms = now + TELL_MS;
    log_tell_left_out();
}

static void go_down(struct serve *s)
{
    s->going_down = true;
    listener_close(s->listener);
    net_timer_arm(s->timer, 0);
}

/* A command of a newer program has been given on this folder: who starts this one again starts that one. */
static bool is_renewed(struct serve *s)
{
    s->renewed = store_is_kept(s->control_store) == ERR_NEWER;
    if (s->renewed)
        log_error("serve", "%s", _("a newer version of Banyan has taken over this folder: going down; start the newer one"));
    return s->renewed;
}

static void on_timer(void *to)
{
    struct serve *s = to;
    if (s->going_down && listener_connections(s->listener) == 0) {
        net_stop(s->net);
        return;
    }
    if (!s->going_down && is_renewed(s)) {
        go_down(s);
        return;
    }
    if (!s->going_down) {
        look(s);
        keep_fresh(s);
        tell_left_out(s);
    }
    net_timer_arm(s->timer, s->going_down ? GOING_DOWN_MS : LOOK_MS);
}

static void on_signal(void *to, int number)
{
    struct serve *s = to;
    if (s->going_down)
        return;
    log_info("serve", "signal %d: going down", number);
    go_down(s);
}

/* ---- up and down ---- */

/* The lock before anything is opened for writing: a restore may be under way. A folder that is no district gets no lock file. */
static enum err open_files(struct serve *s, const char *dir)
{
    char path[PATH_MAX];
    if (snprintf(path, sizeof path, "%s/serve.lock", dir) >= (int)sizeof path)
        return ERR_TOO_LONG;
    enum err e = store_look(dir);
    if (e == ERR_OK)
        e = db_lock_open(path, &s->lock);
    if (e == ERR_OK)
        e = store_open(dir, STORE_WRITE, &s->control_store);
    if (e == ERR_OK)
        e = store_open(dir, STORE_READ, &s->serving.store);
    if (e == ERR_OK)
        e = journal_open(dir, JOURNAL_OPEN, &s->journal);
    if (e == ERR_OK)
        e = control_open(store_db(s->control_store), s->journal, &s->serving.control);
    if (e == ERR_OK)
        e = authority_open(dir, &s->serving.authority);
    if (e == ERR_OK)
        e = authority_keep_fresh(s->serving.authority, clock_now_ms(), NULL);
    if (e == ERR_OK)
        e = authority_tls(s->serving.authority, s->serving.control, &s->tls);
    return e;
}

/* host of the address kept (or of --host at init), with the port that is served now. */
static void announced(const char *kept, uint16_t port, struct buf *out)
{
    const char *colon = strrchr(kept, ':');
    bool has_port = colon && strchr(colon, ']') == NULL && strchr(kept, ':') == colon;
    bool bracketed = colon && kept[0] == '[' && strchr(kept, ']') == colon - 1;
    size_t size = has_port || bracketed ? (size_t)(colon - kept) : strlen(kept);
    buf_format(out, "%.*s:%u", (int)size, kept, port);
}

static enum err keep_address(struct serve *s, const char *announce, uint16_t port)
{
    struct buf address = BUF_INIT;
    const char *kept = control_address(s->serving.control);
    if (announce)
        buf_text(&address, announce);
    else
        announced(kept ? kept : "127.0.0.1", port, &address);
    enum err e = ERR_OK;
    if (!kept || strcmp(kept, buf_c_string(&address)) != 0)
        e = control_set_address(s->serving.control, buf_c_string(&address));
    buf_finish(&address);
    return e;
}

/* What is received now would stand before what was received then. */
static void look_at_clock(const struct serve *s)
{
    int64_t newest;
    struct buf day = BUF_INIT;
    if (store_newest_ms(s->serving.store, &newest) != ERR_OK || newest - clock_now_ms() < CLOCK_OFF_MS)
        return;
    show_moment(newest, &day);
    log_error("clock", "this server's clock stands before its newest record, which was received at %s. If this clock is wrong, set it right and start again. If it is right, it "
              "stood ahead when that was received: nothing has to be done, the next record ends this message", buf_c_string(&day));
    buf_finish(&day);
}

/* Years ahead, it lets nobody in: all certificates have ended, and its own is of a time to come. Each device says so, and here nobody. */
static void look_at_silence(const struct serve *s)
{
    int64_t heard;
    struct buf day = BUF_INIT;
    if (store_last_heard_ms(s->serving.store, &heard) != ERR_OK || heard == 0 || clock_now_ms() - heard < CLOCK_SILENCE_MS)
        return;
    show_moment(heard, &day);
    log_warn("clock", "no seat was heard of since %s, which is %lld days before this server's clock. If the clock stands ahead, nobody is let in: set it right and start again",
             buf_c_string(&day), (long long)((clock_now_ms() - heard) / 86400000));
    buf_finish(&day);
}

/* A terminal's usual 1,024 files are for programs that do not serve; what the machine allows is for us. */
static void take_all_files(void)
{
    struct rlimit files;
    if (getrlimit(RLIMIT_NOFILE, &files) != 0)
        return;
    files.rlim_cur = files.rlim_max;
    (void)setrlimit(RLIMIT_NOFILE, &files); /* the listener goes by what it finds */
}

static enum err open_network(struct serve *s, const char *dir, const char *listen, uint16_t *port)
{
    enum err e = net_create(&s->net);
    if (e == ERR_OK)
        e = writer_thread_start(dir, s->net, on_done, on_news, s, &s->writer);
    if (e != ERR_OK)
        return e;
    s->timer = net_timer_create(s->net, on_timer, s);
    s->signal = net_signal_create(s->net, on_signal, s);
    net_timer_arm(s->timer, LOOK_MS);
    take_all_files();
    return listener_open(s->net, listen, s->tls, &s->serving, port, &s->listener);
}

static void close_all(struct serve *s)
{
    if (s->writer)
        writer_thread_stop(s->writer);
    if (s->timer)
        net_timer_destroy(s->timer);
    if (s->signal)
        net_signal_destroy(s->signal);
    listener_destroy(s->listener);
    if (s->net)
        net_destroy(s->net);
    hub_destroy(s->serving.hub);
    tls_context_destroy(s->tls);
    authority_close(s->serving.authority);
    if (s->serving.control)
        control_close(s->serving.control);
    if (s->journal)
        journal_close(s->journal);
    if (s->serving.store)
        store_close(s->serving.store);
    if (s->control_store)
        store_close(s->control_store);
    if (s->lock)
        db_lock_close(s->lock);
    arena_finish(&s->serving.arena);
}

static int fail(struct serve *s, enum err e, const char *dir, const char *listen)
{
    if (s->tls && e == ERR_EXISTS) {
        command_say(_("%s is in use by another program"), listen);
        fprintf(stderr, "  %s\n", _("choose another port with --listen, or stop that program"));
        return EXIT_FAILED;
    }
    if (e == ERR_LOCKED) {
        command_say(_("%s is served already by another process"), dir);
        fprintf(stderr, "  %s\n", _("stop it first; two servers on one folder are not possible"));
        return EXIT_FAILED;
    }
    const char *detail = s->control_store ? store_detail(s->control_store) : "";
    return s->tls ? command_fail(e, listen, detail) : command_fail_folder(e, dir, detail);
}

static int run(const struct command *c, int argc, char **argv)
{
    struct options o;
    struct serve s = {0};
    uint16_t port = 0;
    int status = EXIT_DONE;
    if (!command_parse(c, argc, argv, &o, &status))
        return status;
    const char *dir = options_get(options, &o, "data"), *listen = options_get(options, &o, "listen");
    if (!dir || o.argument_count)
        return command_usage(c, _("--data is needed"));
    if (!listen)
        listen = "0.0.0.0:7443";
    arena_init(&s.serving.arena, 4 * LIMIT_ARENA);
    s.serving.hub = hub_create();
    s.serving.now_ms = clock_now_ms;
    s.serving.put_job = put_job;
    s.serving.put_to = &s;
    s.serving.control_changed = on_control_changed;
    enum err e = open_files(&s, dir);
    if (e == ERR_OK)
        e = open_network(&s, dir, listen, &port);
    if (e == ERR_OK)
        e = keep_address(&s, options_get(options, &o, "announce"), port);
    if (e == ERR_OK) {
        look_at_clock(&s);
        look_at_silence(&s);
        const char *colon = strrchr(listen, ':');
        printf("ready %.*s:%u\n", (int)(colon ? colon - listen : 0), listen, port);
        fflush(stdout);
    } else {
        status = fail(&s, e, dir, listen);
        if (s.listener)
            listener_close(s.listener);
    }
    if (e == ERR_OK)
        net_run(s.net);
    if (s.renewed)
        status = EXIT_FAILED; /* systemd starts it anew */
    close_all(&s);
    log_tell_left_out();
    return status;
}

const struct command command_serve = {"serve", "--data DIR [--listen ADDR:PORT] [--announce HOST:PORT]",
                                      N_("serve the district's clients, in the foreground"), options, run};
