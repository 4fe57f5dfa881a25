/* A short sorted list of names with numbers: an org's measures and counters. */
#include "sync/org_state_parts.h"
#include <stdlib.h>
#include <string.h>

static bool named_find(const struct named_values *v, const char *name, size_t *at)
{
    size_t low = 0, high = v->count;
    if (high > 0 && strcmp(v->list[high - 1].name, name) < 0) /* a packed list comes in order */
        low = high;
    while (low < high) {
        size_t middle = (low + high) / 2;
        int order = strcmp(v->list[middle].name, name);
        if (order == 0) {
            *at = middle;
            return true;
        }
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    *at = low;
    return false;
}

int64_t named_get(const struct named_values *v, const char *name)
{
    size_t at;
    return named_find(v, name, &at) ? v->list[at].value : 0;
}

static void named_insert(struct named_values *v, size_t at, const char *name, int64_t value)
{
    if (v->count == v->capacity) {
        size_t capacity = v->capacity ? 2 * v->capacity : 8;
        struct named_value *grown = realloc(v->list, capacity * sizeof *grown);
        CHECK(grown);
        v->list = grown;
        v->capacity = capacity;
    }
    char *copy = strdup(name);
    CHECK(copy);
    memmove(v->list + at + 1, v->list + at, (v->count - at) * sizeof *v->list);
    v->list[at] = (struct named_value){.name = copy, .value = value};
    v->count++;
}

static void named_remove(struct named_values *v, size_t at)
{
    free(v->list[at].name);
    memmove(v->list + at, v->list + at + 1, (v->count - at - 1) * sizeof *v->list);
    v->count--;
}

void named_add(struct named_values *v, const char *name, int64_t delta)
{
    size_t at;
    if (delta == 0)
        return;
    if (!named_find(v, name, &at)) {
        named_insert(v, at, name, delta);
        return;
    }
    /* Sums wrap rather than overflow: a row that goes takes out exactly what it brought. */
    v->list[at].value = (int64_t)((uint64_t)v->list[at].value + (uint64_t)delta);
    if (v->list[at].value == 0)
        named_remove(v, at);
}

void named_finish(struct named_values *v)
{
    for (size_t i = 0; i < v->count; i++)
        free(v->list[i].name);
    free(v->list);
    *v = (struct named_values){0};
}

bool named_equal(const struct named_values *a, const struct named_values *b)
{
    if (a->count != b->count)
        return false;
    for (size_t i = 0; i < a->count; i++)
        if (a->list[i].value != b->list[i].value || strcmp(a->list[i].name, b->list[i].name) != 0)
            return false;
    return true;
}
