/* See fields.h. */
#include "show/fields.h"
#include <string.h>

static const struct derived_rule *derived_of(const struct kind *k, const char *name)
{
    for (size_t i = 0; i < k->derived_count; i++)
        if (strcmp(k->derived[i].name, name) == 0)
            return &k->derived[i];
    return NULL;
}

static struct field_rule as_field(const struct derived_rule *d)
{
    return (struct field_rule){
        .name = d->name, .label = d->label, .type = d->type, .flags = d->flags, .codes = d->codes};
}

void show_fields_of(const struct kind *k, struct show_fields *out)
{
    out->count = 0;
    CHECK(k->field_count + k->derived_count <= SHOW_FIELDS_MAX);
    for (size_t i = 0; i < k->field_count; i++) {
        const struct derived_rule *d = derived_of(k, k->fields[i].name);
        out->stored[out->count] = record_field(k->descriptor, k->fields[i].name);
        out->list[out->count++] = d ? as_field(d) : k->fields[i];
    }
    for (size_t i = 0; i < k->derived_count; i++)
        if (!kind_field(k, k->derived[i].name)) {
            out->stored[out->count] = NULL;
            out->list[out->count++] = as_field(&k->derived[i]);
        }
}

const struct field_rule *show_fields_find(const struct show_fields *fields, const char *name)
{
    for (size_t i = 0; i < fields->count; i++)
        if (strcmp(fields->list[i].name, name) == 0 || strcmp(fields->list[i].label.zh, name) == 0)
            return &fields->list[i];
    return NULL;
}
