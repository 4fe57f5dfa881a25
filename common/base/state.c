/* A state moves here and nowhere else. The table is data, so that a test can walk it and a reader can draw it. */
#include "base/state.h"
#include "base/log.h"

void state_move(const struct state_table *t, int *state, int to, const char *cause)
{
    int from = *state;
    CHECK(t->count <= 32);
    CHECK(from >= 0 && (size_t)from < t->count);
    CHECK(to >= 0 && (size_t)to < t->count);
    if (!(t->allowed[from] & UINT32_C(1) << to))
        log_error(t->area, "no way from %s to %s (%s)", t->names[from], t->names[to], cause);
    CHECK(t->allowed[from] & UINT32_C(1) << to);
    *state = to;
    log_debug(t->area, "%s -> %s (%s)", t->names[from], t->names[to], cause);
}
