/* See faults.h. */
#include "tests/sim/faults.h"

#include <stdlib.h>

static const char *const names[] = {
#define X(name, text) #name,
    FAULT_LIST(X)
#undef X
};
static const char *const texts[] = {
#define X(name, text) text,
    FAULT_LIST(X)
#undef X
};

const char *fault_name(enum fault_type t)
{
    return names[t];
}

/* How often each comes beside the others. */
static const unsigned weights[FAULT_TYPES] = {
    [FAULT_CUT] = 10, [FAULT_HALF_OPEN] = 5, [FAULT_OFFLINE] = 6, [FAULT_STORM] = 4, [FAULT_SLOW] = 2, [FAULT_ALL_CUT] = 1,
};

/* ---- drawing ---- */

static enum fault_type draw_type(struct dice *d)
{
    unsigned total = 0, at;
    for (unsigned i = 0; i < FAULT_TYPES; i++)
        total += weights[i];
    at = dice_below(d, total);
    for (unsigned i = 0; i < FAULT_TYPES; i++) {
        if (at < weights[i])
            return i;
        at -= weights[i];
    }
    return FAULT_CUT;
}

static int compare(const void *a, const void *b)
{
    int64_t x = ((const struct fault *)a)->at_ms, y = ((const struct fault *)b)->at_ms;
    return (x > y) - (x < y);
}

void plan_draw(struct plan *p, uint64_t seed, const struct scale *scale)
{
    static const unsigned a_day[] = {0, 2, 6, 15, 40}; /* of the whole run */
    struct dice d = dice_make(seed, "faults", 0);
    unsigned devices = scale->branches * scale->seats_a_branch + 1;
    *p = (struct plan){.count = scale->days * a_day[scale->trouble]};
    p->count = p->count < FAULTS_MAX ? p->count : FAULTS_MAX;
    for (unsigned i = 0; i < p->count; i++)
        p->list[i] = (struct fault){.at_ms = dice_between(&d, 0, scale->days * DAY_MS - 1), .type = draw_type(&d), .device = dice_below(&d, devices),
                                    .lasts_ms = dice_between(&d, MINUTE_MS, dice_below(&d, 10) ? 6 * HOUR_MS : 3 * DAY_MS),
                                    .number = 1 + dice_below(&d, 1u << dice_below(&d, 8))};
    qsort(p->list, p->count, sizeof *p->list, compare);
}

void plan_print(const struct plan *p, FILE *to)
{
    for (unsigned i = 0; i < p->count; i++) {
        const struct fault *f = &p->list[i];
        fprintf(to, "  %3u day %lld %02lld:%02lld %s (%s), device %u, %lld min, number %llu\n", i + 1, (long long)(f->at_ms / DAY_MS),
                (long long)(f->at_ms / HOUR_MS % 24), (long long)(f->at_ms / MINUTE_MS % 60), names[f->type], texts[f->type], f->device,
                (long long)(f->lasts_ms / MINUTE_MS), (unsigned long long)f->number);
    }
}

/* ---- happening ---- */

struct happening {
    struct plan *plan;
    struct district *district;
    const struct fault *fault;
};

static void on_online(void *to, uint64_t device)
{
    struct district *d = to;
    seat_set_online(d->devices[device], true);
}

static struct weather fine;
static void on_fine(void *to, uint64_t device)
{
    struct district *d = to;
    seat_set_weather(d->devices[device], &fine);
}

static void spoil(struct district *d, const struct fault *f, unsigned device)
{
    struct weather bad = {.delay_ms = 400, .jitter_ms = 3000, .pieces_max = 8, .cut_per_mille = 15};
    if (f->type == FAULT_SLOW)
        bad = (struct weather){.delay_ms = 200, .jitter_ms = 100, .bytes_per_ms = 1, .pieces_max = 4};
    fine = (struct weather){.delay_ms = 20, .jitter_ms = 30, .pieces_max = 2};
    seat_set_weather(d->devices[device], &bad);
    world_after(f->lasts_ms, on_fine, d, device);
}

static void happen(struct district *d, const struct fault *f)
{
    unsigned device = f->device % d->device_count;
    struct seat *s = d->devices[device];
    switch (f->type) {
    case FAULT_CUT:
        seat_cut(s, (int64_t)(f->number * 7 % 3000), (int64_t)(f->number * 13 % 5000));
        break;
    case FAULT_HALF_OPEN:
        seat_cut(s, f->number % 2 ? -1 : 0, f->number % 2 ? 0 : -1);
        break;
    case FAULT_OFFLINE:
        seat_set_online(s, false);
        world_after(f->lasts_ms, on_online, d, device);
        break;
    case FAULT_STORM:
    case FAULT_SLOW:
        spoil(d, f, device);
        break;
    case FAULT_ALL_CUT:
        for (unsigned i = 0; i < d->device_count; i++)
            seat_cut(d->devices[i], 0, 0);
        break;
    case FAULT_TYPES:
        break;
    }
}

static void on_fault(void *to, uint64_t arg)
{
    struct happening *h = to;
    (void)arg;
    if (!h->district->quiet) {
        world_tell("fault: %s, device %u", names[h->fault->type], h->fault->device);
        h->plan->done[h->fault->type]++;
        happen(h->district, h->fault);
    }
    free(h);
}

void plan_begin(struct plan *p, struct district *d, unsigned first)
{
    for (unsigned i = 0; i < p->count && i < first; i++) {
        struct happening *h = malloc(sizeof *h);
        CHECK(h);
        *h = (struct happening){p, d, &p->list[i]};
        world_after(p->list[i].at_ms, on_fault, h, 0);
    }
}
