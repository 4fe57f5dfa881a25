/* When people sit down; see people.h. */
#include "tests/sim/people_inner.h"

#include <stdlib.h>

struct people {
    struct district *district;
    struct person persons[DEVICES_MAX];
    unsigned count;
};

/* ms into the day: 12 to 14 h carries 40 % of it, 16:30 to 18 h 25 %, the rest lies between 8 and 20 h. */
static int64_t time_of_day(struct dice *d)
{
    unsigned part = dice_below(d, 100);
    if (part < 40)
        return dice_between(d, 12 * HOUR_MS, 14 * HOUR_MS);
    return part < 65 ? dice_between(d, 16 * HOUR_MS + 30 * MINUTE_MS, 18 * HOUR_MS) : dice_between(d, 8 * HOUR_MS, 20 * HOUR_MS);
}

/* The PC is switched off, unless somebody sat down again since. */
static void on_leave(void *to, uint64_t sitting)
{
    struct person *p = to;
    if (p->sittings == sitting && !p->district->quiet)
        seat_stop(p->seat);
}

static void on_command(void *to, uint64_t left)
{
    struct person *p = to;
    if (p->district->quiet || seat_is_gone(p->seat))
        return;
    p->sittings++;
    seat_start(p->seat);
    struct replica *r = seat_begin(p->seat);
    if (r) {
        person_acts(p, r);
        seat_end(p->seat);
    }
    if (left <= 1)
        world_after(dice_between(&p->dice, 0, dice_below(&p->dice, 20) ? 10 * MINUTE_MS : 12 * HOUR_MS), on_leave, p, ++p->sittings);
    if (left > 1)
        world_after(dice_between(&p->dice, 2 * SECOND_MS, 2 * MINUTE_MS), on_command, p, left - 1);
    else if (dice_below(&p->dice, 4) == 0)
        seat_call(p->seat);
}

/* A new day: how often somebody sits down today, and when. */
static void on_day(void *to, uint64_t day)
{
    struct person *p = to;
    if (p->district->quiet || seat_is_gone(p->seat))
        return;
    unsigned rate = p->district->scale.sittings_a_day;
    unsigned sittings = rate / 10 + (dice_below(&p->dice, 10) < rate % 10);
    for (unsigned i = 0; i < sittings; i++)
        world_after(time_of_day(&p->dice), on_command, p, 1 + dice_below(&p->dice, 6));
    world_after(DAY_MS, on_day, p, day + 1);
}

/* The shared PC of a branch that connects once a day or a week. */
static void on_rare_call(void *to, uint64_t days)
{
    struct person *p = to;
    if (p->district->quiet || seat_is_gone(p->seat))
        return;
    seat_call(p->seat);
    world_after((int64_t)days * DAY_MS + dice_between(&p->dice, -2 * HOUR_MS, 2 * HOUR_MS), on_rare_call, p, days);
}

void people_add(struct people *people, struct seat *seat)
{
    struct person *p = &people->persons[people->count];
    *p = (struct person){.district = people->district, .seat = seat, .index = people->count};
    p->dice = dice_make(world_seed(), "person", people->count++);
    enum habit habit = seat_options(seat)->habit;
    world_after(0, on_day, p, 0);
    world_after(dice_between(&p->dice, 10 * MINUTE_MS, 2 * HOUR_MS), on_leave, p, 0); /* all begin connected */
    if (habit == HABIT_DAILY || habit == HABIT_WEEKLY)
        world_after(dice_between(&p->dice, 0, DAY_MS), on_rare_call, p, habit == HABIT_DAILY ? 1 : 3 + dice_below(&p->dice, 5));
}

struct people *people_begin(struct district *d)
{
    struct people *p = calloc(1, sizeof *p);
    CHECK(p);
    p->district = d;
    d->people = p;
    for (unsigned i = 0; i < d->device_count; i++)
        people_add(p, d->devices[i]);
    return p;
}

void people_say_last(struct people *p)
{
    for (unsigned i = 0; i < p->count; i++) {
        struct person *one = &p->persons[i];
        struct replica *r = seat_begin(one->seat);
        if (r) {
            person_says_something(one, r);
            seat_end(one->seat);
        }
    }
}

void people_end(struct people *p)
{
    free(p);
}

void people_found(struct people *p, unsigned records)
{
    for (unsigned i = 0; i < records; i++) {
        struct person *one = &p->persons[i % p->count];
        struct replica *r = seat_begin(one->seat);
        if (r) {
            person_adds_member(one, r);
            seat_end(one->seat);
        }
    }
}
