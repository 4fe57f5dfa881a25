/* Of an org that recovers (rule 26): since when, until when at the latest, for whom. */
#include "server/overview_parts.h"

#include "server/recovery/recovery.h"

#define SEATS_TOLD 16 /* by name; of the others how many they are */

static enum err add_seats(const struct overview_view *v, uint32_t *seats, size_t count, struct arena *arena, Wire__Recovery *to)
{
    to->seat = seats;
    to->person = arena_alloc(arena, (SEATS_TOLD + 1) * sizeof *to->person);
    if (!to->person)
        return ERR_MEMORY;
    for (; to->n_seat < count && to->n_seat < SEATS_TOLD; to->n_seat++) {
        const struct control_seat *seat = control_seat(v->control, seats[to->n_seat]);
        to->person[to->n_seat] = (char *)(seat ? seat->person : "");
    }
    to->n_person = to->n_seat;
    return ERR_OK;
}

enum err overview_recovery(const struct overview_view *v, uint32_t org, struct arena *arena, Wire__Recovery **out)
{
    struct recovery_times times;
    uint32_t *seats;
    size_t count;
    if (!store_recovering(v->store, org))
        return ERR_OK;
    Wire__Recovery *m = arena_alloc(arena, sizeof *m);
    enum err e = m ? recovery_times(v->store, &times) : ERR_MEMORY;
    if (e == ERR_OK)
        e = store_recovery_awaited(v->store, org, arena, &seats, &count);
    if (e != ERR_OK)
        return e;
    wire__recovery__init(m);
    m->has_since_ms = m->has_until_ms = times.since_ms != 0;
    m->has_awaited = 1;
    m->since_ms = times.since_ms;
    m->until_ms = times.until_ms;
    m->awaited = (uint32_t)count;
    e = add_seats(v, seats, count, arena, m);
    if (e == ERR_OK)
        *out = m;
    return e;
}
