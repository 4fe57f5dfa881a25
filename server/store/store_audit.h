#pragma once
/* What only verify asks of the tables: lines of history with what stands beside the entry, runs that miss their entry, and rows that
 * belong to nobody. Reads alone. */
#include "server/store/store.h"

/* A line of history: the entry, and the columns that follow from it. */
struct store_line {
    uint32_t kind;
    struct id record;          /* zero: none */
    uint32_t incarnation_seat; /* whose the incarnation is; 0: it is not known */
    struct entry entry;
};
/* The first line after that seq; ERR_NOT_FOUND at the end. ERR_CORRUPT: it can't be read. *seq is set in both other cases. */
enum err store_read_line(struct store *s, uint32_t org, uint64_t after, struct arena *arena, uint64_t *seq, struct store_line *out) MUST_CHECK;

/* An entry whose n no run leads to (rule 3). */
struct store_lost_run { uint32_t org; uint64_t seq; uint32_t seat; uint64_t n; };
/* The first few of them, in the arena. *surplus: how many n runs say beyond what history has. */
enum err store_lost_runs(struct store *s, size_t max, struct arena *arena, struct store_lost_run **out, size_t *count, int64_t *surplus) MUST_CHECK;

/* Forked incarnations (rule 5) whose name does not follow from what they were forked from: each, by its seat. */
typedef void store_on_seat(void *to, uint32_t seat, uint64_t n);
enum err store_wrong_forks(struct store *s, store_on_seat *each, void *to) MUST_CHECK;

/* Tables with rows of an org, a seat, an incarnation or a kind that there is not: the table's name and how many. */
typedef void store_on_table(void *to, const char *table, int64_t rows);
/* Seats behind all that a restore knew of (Jump) are not among them. */
enum err store_strays(struct store *s, store_on_table *each, void *to) MUST_CHECK;

/* Seats that entries tell of and control data do not, by number. */
typedef void store_on_unknown(void *to, uint32_t seat);
enum err store_unknown_seats(struct store *s, store_on_unknown *each, void *to) MUST_CHECK;

/* Lines of `cut` that say another place than the entry in them. */
enum err store_wrong_cuts(struct store *s, int64_t *wrong) MUST_CHECK;
