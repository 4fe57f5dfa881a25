/* See runs.h. A child writes its totals into a pipe at its very end; what it says otherwise goes to a file that is shown if it fails. */
#include "tests/sim/runs.h"
#include "tests/sim/disk.h"
#include "tests/sim/shortest.h"

#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

struct child {
    pid_t pid;
    int pipe, signal;
    uint64_t seed;
    struct run_options o;
    char said[64]; /* a file */
};

/* The world's clock is not this one. */
static int64_t real_ms(void)
{
    struct timespec t = {0, 0};
    (void)syscall(SYS_clock_gettime, CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static void work(uint64_t seed, const struct run_options *o, int to)
{
    struct totals t = {0};
    run_seed(seed, o, &t);
    if (write(to, &t, sizeof t) != (ssize_t)sizeof t)
        abort();
    exit(0); /* leaks are looked for */
}

static void start(struct child *c, uint64_t seed, const struct run_options *o)
{
    static unsigned number;
    int ends[2];
    snprintf(c->said, sizeof c->said, "/tmp/sim-said-%d-%u", (int)getpid(), number++);
    if (pipe(ends) != 0)
        abort();
    fflush(NULL);
    c->seed = seed;
    c->o = *o;
    c->pid = fork();
    if (c->pid < 0)
        abort();
    if (c->pid == 0) {
        int said = open(c->said, O_CREAT | O_TRUNC | O_WRONLY, 0600);
        if (!o->trace && said >= 0) {
            (void)dup2(said, 1);
            (void)dup2(said, 2);
        }
        close(ends[0]);
        (void)prctl(PR_SET_PDEATHSIG, SIGKILL); /* whoever ends this program ends its runs */
        work(seed, o, ends[1]);
    }
    close(ends[1]);
    c->pipe = ends[0];
}

/* True if all went well; t gets what the child did. */
static bool finish(struct child *c, struct totals *t)
{
    int status = 0;
    bool whole = read(c->pipe, t, sizeof *t) == (ssize_t)sizeof *t;
    (void)waitpid(c->pid, &status, 0);
    c->signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
    close(c->pipe);
    disk_clean((int)c->pid);
    c->pid = 0;
    return whole && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

/* The last lines: what failed stands at the end, but for a sanitizer's report, which is long. */
#define LINES_SHOWN 60u
static void show(const struct child *c)
{
    char lines[LINES_SHOWN][1024];
    FILE *f = fopen(c->said, "r");
    unsigned count = 0;
    while (f && fgets(lines[count % LINES_SHOWN], sizeof *lines, f))
        count++;
    for (unsigned i = count > LINES_SHOWN ? count - LINES_SHOWN : 0; i < count; i++)
        printf("  | %s", lines[i % LINES_SHOWN]);
    if (f)
        fclose(f);
}

static bool passes(uint64_t seed, const struct run_options *o)
{
    struct child c;
    struct totals t;
    start(&c, seed, o);
    bool well = finish(&c, &t);
    (void)unlink(c.said);
    return well;
}

/* ---- what is printed of one that failed ---- */

struct failure {
    uint64_t seed;
    const struct run_options *o;
};

static bool passes_with(void *to, unsigned faults)
{
    const struct failure *f = to;
    struct run_options o = *f->o;
    o.faults = faults;
    o.trace = false;
    return passes(f->seed, &o);
}

static void say_enough(void *to, unsigned faults)
{
    const struct failure *f = to;
    printf("  the first %u faults are enough, whether fewer are is being tried: ", faults);
    shortest_command(stdout, f->seed, f->o, faults);
    fflush(stdout);
}

/* told: its plan stands above already. */
static void report(const struct child *c, bool told)
{
    const struct run_options *o = &c->o;
    struct failure f = {c->seed, o};
    const char *signal = c->signal == SIGALRM ? "an event has no end" : c->signal ? strsignal(c->signal) : "";
    printf("seed %llu FAILS%s%s\n", (unsigned long long)c->seed, c->signal ? ": " : "", signal);
    show(c);
    if (o->brief)
        return;
    unsigned faults = run_plan(c->seed, o, told ? 0 : UINT_MAX, stdout);
    fflush(stdout);
    unsigned least = shortest_prefix(faults < o->faults ? faults : o->faults, passes_with, say_enough, &f);
    printf("  the shortest beginning of the plan that fails, %u of %u faults (each shorter one passes):\n", least, faults);
    (void)run_plan(c->seed, o, least, stdout);
    printf("  to see it: ");
    shortest_command(stdout, c->seed, o, least);
    fflush(stdout);
}

int runs_one(uint64_t seed, const struct run_options *o)
{
    struct child c;
    struct totals first, second;
    printf("seed %llu\n", (unsigned long long)seed);
    (void)run_plan(seed, o, UINT_MAX, stdout);
    start(&c, seed, o);
    bool well = finish(&c, &first);
    if (!well)
        report(&c, true);
    (void)unlink(c.said);
    if (!well || o->trace)
        return !well;
    start(&c, seed, o);
    well = finish(&c, &second) && second.hash == first.hash;
    (void)unlink(c.said);
    printf("%s: %llu branch-days, %llu changes, %llu refused on the device, %llu lost by disasters, %llu faults, %llu restores, %llu deaths, %llu events, trace %016llx\n",
           well ? "well" : "THE TRACES DIFFER", (unsigned long long)first.branch_days, (unsigned long long)first.changes, (unsigned long long)first.refused,
           (unsigned long long)first.lost, (unsigned long long)first.faults, (unsigned long long)first.restores, (unsigned long long)first.deaths,
           (unsigned long long)first.events, (unsigned long long)first.hash);
    return !well;
}

static void add(struct totals *to, const struct totals *t)
{
    uint64_t *a = (uint64_t *)to;
    const uint64_t *b = (const uint64_t *)t;
    for (size_t i = 0; i < sizeof *t / sizeof *a; i++)
        a[i] = i < offsetof(struct totals, branches_most) / sizeof *a ? a[i] + b[i] : a[i] > b[i] ? a[i] : b[i];
}

/* Most seeds are small: a minute of them, from 1 on, has no district of a real one's size in it. They come first, so that a slow
 * machine has them, too. */
static struct run_options sized(const struct run_options *o, uint64_t which)
{
    static const struct scale_wish large[] = {{.branches = 50, .seats_a_branch = 2, .days = 1}, {.branches = 10, .seats_a_branch = 1, .days = 1, .records = 100000}};
    struct run_options own = *o;
    if (o->spread && which < sizeof large / sizeof *large)
        own.wish = large[which];
    return own;
}

/* Of all children so far, those of a search for the shortest plan among them. */
static double cpu_seconds(void)
{
    struct rusage u;
    (void)getrusage(RUSAGE_CHILDREN, &u);
    return (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) + (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec) / 1e6;
}

/* The oldest child is waited for: a later one that ends before it waits for its turn. */
int runs_many(const struct seeds *seeds, const struct run_options *o)
{
    struct child children[JOBS_MAX];
    struct totals all = {0};
    uint64_t next = seeds->from, oldest = seeds->from;
    int64_t begun = real_ms(), until = seeds->seconds ? begun + (int64_t)seeds->seconds * 1000 : INT64_MAX;
    unsigned failed = 0;
    while (oldest < next || (next <= seeds->to && real_ms() < until)) {
        while (next - oldest < seeds->jobs && next <= seeds->to && real_ms() < until) {
            struct run_options own = sized(o, next - seeds->from);
            start(&children[next % seeds->jobs], next, &own);
            next++;
        }
        struct child *c = &children[oldest % seeds->jobs];
        struct totals t = {0};
        if (finish(c, &t)) {
            add(&all, &t);
        } else {
            failed++;
            report(c, false);
            until = 0; /* one is enough to work on */
        }
        (void)unlink(c->said);
        oldest++;
    }
    double took = (double)(real_ms() - begun) / 1000, busy = cpu_seconds();
    printf("%s: %llu runs (seeds %llu to %llu) in %.1f s, %.1f s of a core, %llu failed: %llu branch-days (%.1f a second of a core), %llu changes, %llu refused on the device, %llu lost by disasters, "
           "%llu faults, %llu restores, %llu deaths, %llu losses of unsynced bytes and names, %llu events; at most %llu branches, %llu devices, %llu records in one run\n",
           failed ? "FAILED" : "well", (unsigned long long)(oldest - seeds->from), (unsigned long long)seeds->from, (unsigned long long)oldest - 1, took, busy,
           (unsigned long long)failed, (unsigned long long)all.branch_days, (double)all.branch_days / (busy > 0 ? busy : 1), (unsigned long long)all.changes,
           (unsigned long long)all.refused, (unsigned long long)all.lost, (unsigned long long)all.faults, (unsigned long long)all.restores,
           (unsigned long long)all.deaths, (unsigned long long)all.torn, (unsigned long long)all.events, (unsigned long long)all.branches_most, (unsigned long long)all.devices_most,
           (unsigned long long)all.records_most);
    return failed != 0;
}
