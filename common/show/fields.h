#pragma once
/* The fields of a kind as they are shown: its own and those that are derived (kinds/kind.h), one list for all forms. */
#include "kinds/kind.h"

#define SHOW_FIELDS_MAX 128
struct show_fields {
    struct field_rule list[SHOW_FIELDS_MAX]; /* the kind's in its order, one that a derived field is shown in place of
                                              * as that; then derived ones with names of their own */
    const ProtobufCFieldDescriptor *stored[SHOW_FIELDS_MAX]; /* where the value stands in a message; NULL: derived alone */
    size_t count;
};
void show_fields_of(const struct kind *k, struct show_fields *out);
/* By name or Chinese label; NULL. */
const struct field_rule *show_fields_find(const struct show_fields *fields, const char *name);
