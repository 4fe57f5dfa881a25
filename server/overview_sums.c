/* See overview_sums.h. A board has some hundred names: they come in order from each org, so that most are found or go
 * to the end. */
#include "server/overview_sums.h"

#include <string.h>

void sums_init(struct sums *s, struct arena *arena)
{
    *s = (struct sums){.arena = arena};
}

size_t sums_from(const struct sums *s, const char *name)
{
    size_t low = 0, high = s->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (strcmp(s->list[middle]->name, name) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static bool make_room(struct sums *s)
{
    if (s->count < s->capacity)
        return true;
    size_t capacity = s->capacity ? s->capacity * 2 : 32;
    Wire__Measure **list = arena_alloc(s->arena, capacity * sizeof *list);
    if (!list)
        return false;
    if (s->count)
        memcpy(list, s->list, s->count * sizeof *list);
    s->list = list;
    s->capacity = capacity;
    return true;
}

static Wire__Measure *find(const struct sums *s, const char *name, size_t *at)
{
    if (s->next < s->count && strcmp(s->list[s->next]->name, name) == 0) {
        *at = s->next;
        return s->list[*at];
    }
    *at = s->count == 0 || strcmp(s->list[s->count - 1]->name, name) < 0 ? s->count : sums_from(s, name);
    return *at < s->count && strcmp(s->list[*at]->name, name) == 0 ? s->list[*at] : NULL;
}

int64_t sums_value(const struct sums *s, const char *name)
{
    size_t at;
    const Wire__Measure *m = find(s, name, &at);
    return m ? m->value : 0;
}

void sums_add_pooled(struct sums *s, const char *name, int64_t value)
{
    size_t at;
    sums_add(s, name, value);
    Wire__Measure *m = find(s, name, &at);
    if (!m)
        return; /* failed */
    m->has_pooled = 1;
    m->pooled += value;
}

void sums_add(struct sums *s, const char *name, int64_t value)
{
    size_t at;
    Wire__Measure *m = find(s, name, &at);
    s->next = at + 1;
    if (m) {
        m->value += value;
        return;
    }
    m = arena_alloc(s->arena, sizeof *m);
    char *text = arena_text(s->arena, slice_text(name));
    if (!m || !text || !make_room(s)) {
        s->failed = ERR_MEMORY;
        return;
    }
    wire__measure__init(m);
    m->name = text;
    m->has_value = 1;
    m->value = value;
    memmove(s->list + at + 1, s->list + at, (s->count - at) * sizeof *s->list);
    s->list[at] = m;
    s->count++;
}
