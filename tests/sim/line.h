#pragma once
/* A connection as two streams of bytes: delay, bandwidth, pieces of any size, cuts between any two pieces (so in mid-frame), ends that
 * are told late or never. Each line has a delay of its own, so connections overtake each other; bytes of one never do. */
#include "random.h"
#include "base/slice.h"

enum side { SIDE_CLIENT, SIDE_SERVER };

struct weather {
    int64_t delay_ms, jitter_ms;
    int64_t bytes_per_ms;  /* 0: no limit */
    unsigned pieces_max;   /* that what is sent at once comes in */
    unsigned cut_per_mille; /* of pieces */
};

struct line;
struct line_end {
    void (*on_bytes)(void *to, struct slice bytes);
    void (*on_over)(void *to); /* closed by the other side, or cut; once; never from within a call of this line */
    void *to;
};

struct line *line_open(struct dice dice, const struct weather *weather);
void line_attach(struct line *l, enum side side, struct line_end end);
void line_weather(struct line *l, const struct weather *weather); /* from now on */
void line_send(struct line *l, enum side from, struct slice bytes);
size_t line_in_flight(const struct line *l, enum side from);
/* Orderly: what was sent before arrives, then the other side is told. This side hears nothing any more. */
void line_close(struct line *l, enum side side);
/* What travels is lost. Each side is told after so many ms; -1: never. */
void line_cut(struct line *l, int64_t client_told_ms, int64_t server_told_ms);
int64_t line_dead_ms(const struct line *l); /* for so long; 0: it is not cut */
unsigned line_cuts(void); /* in this process, so far */
