#pragma once
/* Sums by name, in the order of names: what a board adds up. In an arena, which must outlive it. */
#include "base/arena.h"
#include "wire.pb-c.h"

struct sums {
    Wire__Measure **list; /* ascending by name */
    size_t count, capacity;
    size_t next; /* behind the last that was added to: where the one that comes next in order stands, if it is there */
    struct arena *arena;
    enum err failed; /* ERR_MEMORY once it is over the arena's cap; adding goes on in vain */
};

void sums_init(struct sums *s, struct arena *arena);
void sums_add(struct sums *s, const char *name, int64_t value); /* name is copied when it is new */
/* The same for a part that several orgs share and none of them shows (Measure.pooled). */
void sums_add_pooled(struct sums *s, const char *name, int64_t value);
int64_t sums_value(const struct sums *s, const char *name); /* 0: there is none */
/* Where the first name stands that is not before `name`; count if there is none. */
size_t sums_from(const struct sums *s, const char *name);
