#pragma once
/* The board, seats and orgs as people and programs read them: the same from banyand and from banyan (cli.md "JSON
 * shapes"). */
#include "base/slice.h"
#include "kinds/kind.h"
#include "wire.pb-c.h"

struct json_t;
/* One JSON document with a final newline. The json_t stays the caller's. */
void show_json(const struct json_t *document, struct buf *out);
struct board_figures;
/* figures: of o as it came (board_figures.h); o may show fewer branches since, in any order;
 * NULL: without. age_ms < 0: as of now; else the answer is that old
 * (told in both forms). The caller frees with json_decref. */
struct json_t *show_overview_json(const Wire__Overview *o, const struct board_figures *figures, int64_t age_ms, enum language language);
void show_overview_text(const Wire__Overview *o, const struct board_figures *figures, int64_t age_ms, int64_t now_ms, enum language language,
                        struct buf *out);
/* What is late in a branch: items of plans and answers to proposals; and members who still owe dues that were due. Two sums, since
 * one is work to be done and the other money to be collected. */
int64_t show_overdue(const Wire__OverviewBranch *b);
int64_t show_arrears(const Wire__OverviewBranch *b);
/* A line a branch for a spreadsheet: what the board shows, the figures, every measure that a branch has. */
void show_overview_csv(const Wire__Overview *o, const struct board_figures *figures, enum language language, struct buf *out);
struct json_t *show_seats_json(const Wire__Seats *s);
void show_seats_text(const Wire__Seats *s, int64_t now_ms, enum language language, struct buf *out);
/* That two copies of a seat's data are in use, and what to do: copies get stolen, and whoever works with two loses sight of which is which. */
void show_copies(uint32_t seat, const char *person, int64_t at_ms, struct buf *out);
struct json_t *show_time_json(int64_t ms);                       /* RFC 3339; null for 0 */
void show_age(int64_t then_ms, int64_t now_ms, struct buf *out); /* "3 minutes ago", "never" for 0 */
void show_moment(int64_t ms, struct buf *out);                   /* "2026-11-22 10:11", as clocks in China show it */
