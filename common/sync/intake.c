/* Rule 4. The server holds runs of n that it has processed; a hole between runs (rule 27) is decided when it comes. */
#include "sync/intake.h"

uint64_t intake_hole(const struct incarnation_runs *r, uint64_t from)
{
    uint64_t next = from > r->start ? from : r->start + 1;
    for (size_t i = 0; i < r->count; i++) {
        if (r->runs[i].n > next)
            break;
        if (r->runs[i].n + r->runs[i].count > next)
            next = r->runs[i].n + r->runs[i].count;
    }
    return next;
}

enum intake intake_of(const struct incarnation_runs *r, uint64_t n, uint64_t *first_missing)
{
    uint64_t top = r->start;
    for (size_t i = 0; i < r->count; i++) {
        uint64_t end = r->runs[i].n + r->runs[i].count; /* behind the last */
        if (n >= r->runs[i].n && n < end)
            return INTAKE_PROCESSED;
        if (end > top + 1)
            top = end - 1;
    }
    if (n <= top + 1)
        return INTAKE_DECIDE;
    *first_missing = intake_hole(r, 0);
    return INTAKE_GAP;
}
