#pragma once
/* What the writer knows of orgs and of seats' incarnations, kept in memory from commit to commit. Invariant: it says what the
 * database says, plus what the transaction under way has done; whenever those may part (rollback, another process wrote) all
 * of it is dropped and read anew. */
#include "server/store/store.h"

#include <uthash.h>

struct known_org {
    uint32_t org;
    struct org_state *state;
    bool recovering;
    bool dirty;
    UT_hash_handle hh;
};

struct known_incarnation {
    struct store_incarnation about; /* runs: its own, on the heap */
    size_t run_capacity;
};

struct known_seat {
    uint32_t seat;
    struct known_incarnation **list; /* in the order in which they began */
    struct known_incarnation **by;   /* the same, by their bytes: a frame may ask for one in thousands of ways */
    size_t count, capacity;
    bool taken; /* another seat has handed in some of its changes (store_taken.h) */
    UT_hash_handle hh;
};

struct writer_cache;
struct writer_cache *cache_create(struct store *store);
void cache_destroy(struct writer_cache *c);
void cache_drop(struct writer_cache *c);
/* Keeps memory bounded: drops all when there is too much. Between transactions only. */
void cache_trim(struct writer_cache *c);

/* epoch: for an org without entries. */
enum err cache_org(struct writer_cache *c, uint32_t org, uint32_t epoch, struct known_org **out) MUST_CHECK;
void cache_touch(struct writer_cache *c, struct known_org *org);
/* Orgs touched since the last settle; false at the end. */
bool cache_touched_at(const struct writer_cache *c, size_t index, struct known_org **out);
/* What was touched is committed. */
void cache_settle(struct writer_cache *c);

enum err cache_seat(struct writer_cache *c, uint32_t seat, struct known_seat **out) MUST_CHECK;
struct known_incarnation *cache_incarnation(const struct known_seat *seat, struct incarnation incarnation); /* NULL */
/* Writes it (again, if its parent has become known) and keeps it. */
enum err cache_put_incarnation(struct writer_cache *c, struct known_seat *seat, const struct store_incarnation *about,
                               struct known_incarnation **out) MUST_CHECK;
/* The entry may take in another seat's change: noted with the entry, in the database and here. */
enum err cache_note_taken(struct writer_cache *c, const struct store_entry *line) MUST_CHECK;
/* n is processed from now on. */
void cache_processed(struct known_incarnation *i, uint64_t n);
bool cache_has(const struct known_incarnation *i, uint64_t n);
