#pragma once
/* Disks of machines and the processes on them. Every file below a machine's folder that the product opens, SQLite's and its own, goes
 * through the system calls that disk_calls.c puts itself in front of, so one book holds for all of them: which bytes and which names
 * have not been synced. Nothing is ever synced for real.
 *   a process dies at its N-th write: that write and all later ones of it fail and leave nothing; what it wrote before stays
 *   power is lost: besides, what was not synced is kept, torn (sectors of 512 bytes) or undone by dice; names come and went likewise,
 *   the later ones first
 * A process is a number in whose name code runs (disk_enter); what it opens is its own. */
#include "random.h"
#include "base/err.h"

#define DISK_NOBODY 0

/* root: folder of all machines, made here, removed with all in it at the end. */
void disk_begin(uint64_t seed);
void disk_end(void);
/* Removes what a run in that process left when it failed. */
void disk_clean(int pid);
/* A machine with a folder of its own; its path. */
int disk_machine(const char *name);
const char *disk_path(int machine);
int disk_machines(void); /* they have the numbers 1 to this */
/* From now on what is not synced is noted, so that power may be lost. */
void disk_note(int machine);

int disk_process(int machine, struct dice random); /* random: what getrandom gives it */
int disk_enter(int process); /* gives who ran before */
bool disk_is_dead(int process);
void disk_kill(int process);
/* Dies at the n-th call from now that changes something; 0: never. */
void disk_kill_at(int process, uint64_t n);
/* The clock of the machine is off by that much. */
void disk_set_clock(int machine, int64_t off_ms);
int64_t disk_now_ms(int machine);

/* The files of all processes of the machine must be closed. */
void disk_power_loss(int machine, struct dice *dice);
void disk_set_full(int machine, bool full);
/* Opening, writes and syncs fail by chance; reads never do. */
void disk_set_faulty(int machine, unsigned per_mille);

struct disk_health {
    bool full;
    unsigned faulty;
};
struct disk_health disk_health(int machine);

struct disk_counts {
    uint64_t writes, syncs, undone, torn, names_undone, kills;
};
struct disk_counts disk_counts(void);
/* Nobody's work: it is on the disk at once. Where there is no such file there is none afterwards; to itself:
 * it goes. */
void disk_copy(int from, int to, const char *name);
void disk_drop(const char *path); /* likewise */
uint64_t disk_size(int machine); /* of all its files */
