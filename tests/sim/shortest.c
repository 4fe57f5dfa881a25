/* See shortest.h. Halving finds one that fails soon; but a plan's longer beginnings may pass where shorter ones fail (what comes later
 * mends what came before), so that only trying all that are shorter proves that none of them does. */
#include "tests/sim/shortest.h"
#include "tests/sim/faults.h"
#include "tests/sim/schema.h"

struct search {
    shortest_passes *passes;
    void *to;
    bool passed[FAULTS_MAX + 1]; /* is known to */
};

static bool fails(struct search *s, unsigned faults)
{
    if (!s->passed[faults])
        s->passed[faults] = s->passes(s->to, faults);
    return !s->passed[faults];
}

static unsigned halve(struct search *s, unsigned high)
{
    for (unsigned low = 0; low < high;) {
        unsigned middle = low + (high - low) / 2;
        if (fails(s, middle))
            high = middle;
        else
            low = middle + 1;
    }
    return high;
}

unsigned shortest_prefix(unsigned high, shortest_passes *passes, void (*enough)(void *to, unsigned faults), void *to)
{
    struct search s = {.passes = passes, .to = to};
    unsigned least = 0;
    high = halve(&s, high);
    if (enough)
        enough(to, high);
    while (least < high && !fails(&s, least))
        least++;
    return least;
}

static void print_wish(FILE *out, const char *name, unsigned wished)
{
    if (wished)
        fprintf(out, " --%s %u", name, wished);
}

void shortest_command(FILE *out, uint64_t seed, const struct run_options *o, unsigned faults)
{
    fprintf(out, "sim%s --seed %llu --faults %u", schema_is_mixed() ? " --versions" : "", (unsigned long long)seed, faults);
    if (o->only)
        fprintf(out, " --only %s", o->only);
    print_wish(out, "branches", o->wish.branches);
    print_wish(out, "seats", o->wish.seats_a_branch);
    print_wish(out, "records", o->wish.records);
    print_wish(out, "days", o->wish.days);
    if (o->plant)
        fprintf(out, " --plant %s", o->plant);
    fputs(" --trace\n", out);
}
