/* Machines and processes; see disk.h. */
#include "tests/sim/disk_inner.h"
#include "tests/sim/schema.h"
#include "tests/sim/world.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct process {
    int machine;
    bool dead;
    uint64_t left; /* calls until it dies; 0: it lives */
    struct dice random;
};

static struct machine *machines; /* numbers from 1 */
static struct process *processes;
static int machine_count, process_count;
static char root[DISK_PATH / 2];
static struct dice nobody;
int disk_running = DISK_NOBODY;
struct disk_counts disk_count;

/* ---- machines ---- */

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *at)
{
    (void)st;
    (void)at;
    return type == FTW_DP ? rmdir(path) : real_unlink(path);
}

static void root_of(int pid)
{
    const char *base = getenv("TMPDIR");
    snprintf(root, sizeof root, "%.40s/banyan-sim-%d", base ? base : access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp", pid);
}

void disk_clean(int pid)
{
    root_of(pid);
    (void)nftw(root, remove_one, 16, FTW_DEPTH | FTW_PHYS);
    *root = 0;
}

void disk_begin(uint64_t seed)
{
    root_of((int)getpid());
    (void)nftw(root, remove_one, 16, FTW_DEPTH | FTW_PHYS); /* of a run that was killed */
    CHECK(mkdir(root, 0700) == 0);
    disk_take_random();
    nobody = dice_make(seed, "nobody", 0);
}

void disk_end(void)
{
    for (int i = 1; i <= machine_count; i++)
        book_forget(i);
    (void)nftw(root, remove_one, 16, FTW_DEPTH | FTW_PHYS);
    free(machines);
    free(processes);
}

int disk_machine(const char *name)
{
    machines = realloc(machines, (size_t)(machine_count + 2) * sizeof *machines);
    CHECK(machines);
    struct machine *m = &machines[++machine_count];
    *m = (struct machine){.dice = dice_make(world_seed(), "disk", (uint64_t)machine_count)};
    CHECK(snprintf(m->path, sizeof m->path, "%s/%s", root, name) < DISK_PATH);
    CHECK(mkdir(m->path, 0700) == 0);
    return machine_count;
}

struct machine *disk_at(int machine)
{
    CHECK(machine > 0 && machine <= machine_count);
    return &machines[machine];
}

int disk_machines(void)
{
    return machine_count;
}

const char *disk_path(int machine)
{
    return disk_at(machine)->path;
}

void disk_note(int machine)
{
    disk_at(machine)->note = true;
}

static bool lies_on(const char *path, int machine)
{
    size_t size = strlen(machines[machine].path);
    return strncmp(path, machines[machine].path, size) == 0 && (path[size] == '/' || path[size] == 0);
}

int disk_of_path(const char *path)
{
    static int last; /* most come from the same one again */
    if (!*root || strncmp(path, root, strlen(root)) != 0)
        return 0;
    if (last && last <= machine_count && lies_on(path, last))
        return last;
    for (int i = 1; i <= machine_count; i++)
        if (lies_on(path, i))
            return last = i;
    return 0;
}

void disk_set_clock(int machine, int64_t off_ms)
{
    disk_at(machine)->clock_off_ms = off_ms;
}

int64_t disk_now_ms(int machine)
{
    return world_now_ms() + (machine ? disk_at(machine)->clock_off_ms : 0);
}

void disk_set_full(int machine, bool full)
{
    disk_at(machine)->full = full;
}

void disk_set_faulty(int machine, unsigned per_mille)
{
    disk_at(machine)->faulty = per_mille;
}

struct disk_health disk_health(int machine)
{
    return (struct disk_health){disk_at(machine)->full, disk_at(machine)->faulty};
}

/* ---- processes ---- */

int disk_process(int machine, struct dice random)
{
    processes = realloc(processes, (size_t)(process_count + 2) * sizeof *processes);
    CHECK(processes);
    processes[++process_count] = (struct process){.machine = machine, .random = random};
    schema_started(process_count, machine);
    return process_count;
}

int disk_enter(int process)
{
    int before = disk_running;
    disk_running = process;
    schema_entered(process);
    return before;
}

bool disk_is_dead(int process)
{
    return process != DISK_NOBODY && processes[process].dead;
}

void disk_kill(int process)
{
    disk_count.kills += !processes[process].dead;
    processes[process].dead = true;
}

void disk_kill_at(int process, uint64_t n)
{
    processes[process].left = n;
}

int disk_process_machine(int process)
{
    return process == DISK_NOBODY ? 0 : processes[process].machine;
}

static bool fails(int error)
{
    errno = error;
    return false;
}

bool disk_may(int process, enum disk_change change)
{
    if (process == DISK_NOBODY)
        return true;
    struct process *p = &processes[process];
    struct machine *m = disk_at(p->machine);
    if (p->dead)
        return change == DISK_READS || fails(EIO);
    if (change != DISK_READS && p->left && --p->left == 0) {
        disk_kill(process);
        return fails(EIO);
    }
    if (change == DISK_GROWS && m->full)
        return fails(ENOSPC);
    if (m->faulty && dice_chance(&m->dice, m->faulty))
        return fails(EIO);
    disk_count.writes += change != DISK_READS;
    return true;
}

void disk_random(void *out, size_t size)
{
    dice_fill(disk_running == DISK_NOBODY ? &nobody : &processes[disk_running].random, out, size);
}

void disk_power_loss(int machine, struct dice *dice)
{
    for (int i = 1; i <= process_count; i++)
        processes[i].dead = processes[i].dead || processes[i].machine == machine;
    int before = disk_enter(DISK_NOBODY);
    book_lose(machine, dice);
    disk_enter(before);
}

struct disk_counts disk_counts(void)
{
    return disk_count;
}

void disk_copy(int from_machine, int to_machine, const char *name)
{
    char from[256], to[256], bytes[65536];
    ssize_t got;
    int before = disk_enter(DISK_NOBODY);
    snprintf(from, sizeof from, "%.120s/%s", disk_path(from_machine), name);
    snprintf(to, sizeof to, "%.120s/%s", disk_path(to_machine), name);
    int in = from_machine == to_machine ? -1 : open(from, O_RDONLY | O_CLOEXEC);
    (void)unlink(to);
    book_forget_name(to_machine, to);
    if (in >= 0) {
        int out = open(to, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
        CHECK(out >= 0);
        while ((got = read(in, bytes, sizeof bytes)) > 0)
            CHECK(write(out, bytes, (size_t)got) == got);
        close(in);
        close(out);
    }
    disk_enter(before);
}

void disk_drop(const char *path)
{
    int before = disk_enter(DISK_NOBODY);
    (void)unlink(path);
    disk_enter(before);
}

static uint64_t total;
static int add_size(const char *path, const struct stat *st, int type)
{
    (void)path;
    total += type == FTW_F ? (uint64_t)st->st_size : 0;
    return 0;
}

uint64_t disk_size(int machine)
{
    total = 0;
    (void)ftw(disk_at(machine)->path, add_size, 16);
    return total;
}
