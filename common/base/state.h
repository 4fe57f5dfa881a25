#pragma once
/* One writer for each state variable: it moves along a table of allowed moves, and the move is logged with its cause. */
#include "base/err.h"
#include <stddef.h>
#include <stdint.h>

struct state_table {
    const char *area;            /* for the log */
    const char *const *names;    /* by state number */
    const uint32_t *allowed;     /* allowed[from] is a set of bits 1u << to */
    size_t count;
};

/* CHECKs that the move is allowed (the table is the code's own promise), then makes it. */
void state_move(const struct state_table *t, int *state, int to, const char *cause);
