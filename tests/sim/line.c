/* See line.h. A line lives until both ends have gone and nothing travels in it any more. */
#include "tests/sim/line.h"
#include "tests/sim/world.h"

#include <stdlib.h>
#include <string.h>

struct way {
    int64_t free_ms; /* the last byte that was sent arrives then */
    size_t in_flight;
};

struct line {
    struct dice dice;
    struct weather weather;
    struct line_end ends[2];
    bool here[2]; /* attached and not closed */
    bool attached[2];
    bool gone[2]; /* closed for good: nothing is told to it any more */
    struct way ways[2]; /* by sender */
    bool cut;
    int64_t cut_ms;
    unsigned travelling;
};

struct piece {
    struct line *line;
    enum side from;
    size_t size;
    uint8_t bytes[];
};

static unsigned cuts;

struct line *line_open(struct dice dice, const struct weather *weather)
{
    struct line *l = calloc(1, sizeof *l);
    CHECK(l);
    l->dice = dice;
    l->weather = *weather;
    return l;
}

void line_attach(struct line *l, enum side side, struct line_end end)
{
    l->ends[side] = end;
    l->here[side] = l->attached[side] = true;
}

void line_weather(struct line *l, const struct weather *weather)
{
    l->weather = *weather;
}

static void free_if_over(struct line *l)
{
    if (!l->travelling && l->gone[SIDE_CLIENT] && l->gone[SIDE_SERVER])
        free(l);
}

static int64_t arrival(struct line *l, enum side from, size_t size)
{
    struct way *way = &l->ways[from];
    int64_t at = world_now_ms() + l->weather.delay_ms + dice_between(&l->dice, 0, l->weather.jitter_ms);
    at = at > way->free_ms ? at : way->free_ms;
    if (l->weather.bytes_per_ms)
        at += (int64_t)size / l->weather.bytes_per_ms;
    way->free_ms = at;
    return at - world_now_ms();
}

static void on_arrival(void *to, uint64_t arg)
{
    struct piece *p = to;
    struct line *l = p->line;
    enum side side = p->from == SIDE_CLIENT ? SIDE_SERVER : SIDE_CLIENT;
    (void)arg;
    l->ways[p->from].in_flight -= p->size;
    if (!l->cut && l->here[side] && dice_chance(&l->dice, l->weather.cut_per_mille))
        line_cut(l, dice_between(&l->dice, 0, 2000), dice_between(&l->dice, 0, 2000));
    if (!l->cut && l->here[side])
        l->ends[side].on_bytes(l->ends[side].to, slice_of(p->bytes, p->size));
    free(p);
    l->travelling--;
    free_if_over(l);
}

static void send_piece(struct line *l, enum side from, struct slice bytes)
{
    struct piece *p = malloc(sizeof *p + bytes.size);
    CHECK(p);
    p->line = l;
    p->from = from;
    p->size = bytes.size;
    memcpy(p->bytes, bytes.data, bytes.size);
    l->travelling++;
    l->ways[from].in_flight += bytes.size;
    world_after(arrival(l, from, bytes.size), on_arrival, p, 0);
}

void line_send(struct line *l, enum side from, struct slice bytes)
{
    if (l->cut)
        return;
    unsigned pieces = 1 + dice_below(&l->dice, l->weather.pieces_max);
    for (; bytes.size; pieces -= pieces > 1) {
        size_t size = pieces > 1 ? 1 + dice_below(&l->dice, (unsigned)bytes.size) : bytes.size;
        send_piece(l, from, slice_of(bytes.data, size));
        bytes = slice_of(bytes.data + size, bytes.size - size);
    }
}

size_t line_in_flight(const struct line *l, enum side from)
{
    return l->ways[from].in_flight;
}

/* arg: the side to be told. */
static void on_over(void *to, uint64_t arg)
{
    struct line *l = to;
    if (l->here[arg]) {
        l->here[arg] = false;
        l->ends[arg].on_over(l->ends[arg].to);
    }
    l->travelling--;
    free_if_over(l);
}

static void tell_over(struct line *l, enum side side, int64_t in_ms)
{
    l->travelling++;
    world_after(in_ms, on_over, l, side);
}

void line_close(struct line *l, enum side side)
{
    enum side other = side == SIDE_CLIENT ? SIDE_SERVER : SIDE_CLIENT;
    if (l->gone[side])
        return;
    l->here[side] = false;
    l->gone[side] = true;
    if (!l->attached[other])
        l->gone[other] = true; /* nobody ever came */
    if (!l->cut && !l->gone[other])
        tell_over(l, other, arrival(l, side, 0));
    free_if_over(l);
}

void line_cut(struct line *l, int64_t client_told_ms, int64_t server_told_ms)
{
    if (l->cut)
        return;
    cuts++;
    l->cut = true;
    l->cut_ms = world_now_ms();
    if (client_told_ms >= 0 && l->here[SIDE_CLIENT])
        tell_over(l, SIDE_CLIENT, client_told_ms);
    if (server_told_ms >= 0 && l->here[SIDE_SERVER])
        tell_over(l, SIDE_SERVER, server_told_ms);
}

int64_t line_dead_ms(const struct line *l)
{
    return l->cut ? world_now_ms() - l->cut_ms : 0;
}

unsigned line_cuts(void)
{
    return cuts;
}
