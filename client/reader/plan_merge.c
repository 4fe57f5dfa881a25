/* See plan_merge.h. Surer signs go first, over the whole plan: an item never loses its own record to one that is only like it. */
#include "client/reader/plan_merge.h"
#include "client/reader/glyph.h"

#include <stdlib.h>
#include <string.h>

#define LIKE_PERCENT 40 /* of pairs of neighbouring signs that two titles share */
#define SIGNS_MAX 256   /* of a title that are compared */
#define COUPLES_MAX 100000u /* that are compared; a plan has some dozens of items, and few of them are left by then */

struct merge {
    const struct plan_item *items;
    size_t count;
    const struct plan_known_item *known;
    size_t known_count;
    size_t *match;
    bool *taken; /* of known */
};

static void pair(struct merge *m, size_t item, size_t known)
{
    m->match[item] = known;
    m->taken[known] = true;
}

static bool same_when(const struct plan_when *w, const struct plan_known_item *k)
{
    return w->month == k->month && w->month_to == k->month_to && w->quarter == k->quarter;
}

/* ---- signs ---- */

static bool same_title_and_when(const struct plan_item *item, const struct plan_known_item *known)
{
    return strcmp(item->title, known->title) == 0 && same_when(&item->when, known);
}

static bool same_title(const struct plan_item *item, const struct plan_known_item *known)
{
    return strcmp(item->title, known->title) == 0;
}

static bool same_place(const struct plan_item *item, const struct plan_known_item *known)
{
    return !known->worked_on && item->position == known->position && same_when(&item->when, known);
}

static void pair_all(struct merge *m, bool (*is_same)(const struct plan_item *, const struct plan_known_item *))
{
    for (size_t i = 0; i < m->count; i++)
        for (size_t k = 0; m->match[i] == PLAN_MERGE_NONE && k < m->known_count; k++)
            if (!m->taken[k] && is_same(&m->items[i], &m->known[k]))
                pair(m, i, k);
}

/* ---- titles that are like each other ---- */

struct signs {
    uint32_t at[SIGNS_MAX];
    size_t count;
};

static struct signs signs_of(const char *title)
{
    struct signs s = {.count = 0};
    for (struct glyphs g = glyphs_of(slice_text(title)); s.count < SIGNS_MAX && glyph_peek(&g) != 0;) {
        uint32_t sign = glyph_next(&g);
        if (!glyph_is_space(sign))
            s.at[s.count++] = sign;
    }
    return s;
}

/* Percent of the neighbouring pairs of both that both have (Dice). */
static size_t likeness(const char *a_title, const char *b_title)
{
    struct signs a = signs_of(a_title), b = signs_of(b_title);
    bool used[SIGNS_MAX] = {false};
    size_t shared = 0;
    if (a.count < 2 || b.count < 2)
        return 0;
    for (size_t i = 0; i + 1 < a.count; i++)
        for (size_t k = 0; k + 1 < b.count; k++)
            if (!used[k] && a.at[i] == b.at[k] && a.at[i + 1] == b.at[k + 1]) {
                used[k] = true;
                shared++;
                break;
            }
    return 200 * shared / (a.count + b.count - 2);
}

/* Among equals the one under the same month, then the nearest place. */
static size_t fitness(const struct merge *m, size_t item, size_t known)
{
    const struct plan_item *i = &m->items[item];
    const struct plan_known_item *k = &m->known[known];
    size_t like = likeness(i->title, k->title);
    size_t apart = i->position > k->position ? i->position - k->position : k->position - i->position;
    return like < LIKE_PERCENT ? 0 : like * 1000 + (same_when(&i->when, k) ? 500 : 0) + (apart < 499 ? 499 - apart : 0);
}

struct couple {
    size_t item, known, fits;
};

static int fitter_first(const void *a, const void *b)
{
    const struct couple *x = a, *y = b;
    if (x->fits != y->fits)
        return x->fits > y->fits ? -1 : 1;
    return (x->item > y->item) - (x->item < y->item);
}

static void add_couples(struct merge *m, struct buf *out)
{
    size_t looked_at = 0;
    for (size_t i = 0; i < m->count; i++)
        for (size_t k = 0; m->match[i] == PLAN_MERGE_NONE && k < m->known_count; k++) {
            if (m->taken[k] || m->known[k].worked_on)
                continue;
            if (++looked_at > COUPLES_MAX)
                return;
            struct couple c = {i, k, fitness(m, i, k)};
            if (c.fits > 0)
                buf_append(out, &c, sizeof c);
        }
}

/* The two that are most alike first. */
static void pair_alike(struct merge *m)
{
    struct buf couples = BUF_INIT;
    add_couples(m, &couples);
    struct couple *list = (struct couple *)(void *)couples.data;
    size_t count = couples.size / sizeof *list;
    if (count > 0)
        qsort(list, count, sizeof *list, fitter_first);
    for (size_t i = 0; i < count; i++)
        if (m->match[list[i].item] == PLAN_MERGE_NONE && !m->taken[list[i].known])
            pair(m, list[i].item, list[i].known);
    buf_finish(&couples);
}

enum err plan_merge(const struct plan_item *items, size_t count, const struct plan_known_item *known, size_t known_count,
                    struct arena *arena, size_t *match)
{
    struct merge m = {.items = items, .count = count, .known = known, .known_count = known_count, .match = match};
    m.taken = arena_alloc(arena, known_count + 1);
    if (!m.taken)
        return ERR_MEMORY;
    for (size_t i = 0; i < count; i++)
        match[i] = PLAN_MERGE_NONE;
    pair_all(&m, same_title_and_when);
    pair_all(&m, same_title);
    pair_alike(&m);
    pair_all(&m, same_place);
    return ERR_OK;
}
