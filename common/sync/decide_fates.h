#pragma once
/* The fate of each field that a change touches (rule 8), for decide_set.c. */
#include "sync/decide_parts.h"

enum fate { FATE_SAME, FATE_APPLIES, FATE_LEFT, FATE_CLASHES };
struct touched {
    uint32_t tag;
    const struct field_rule *rule; /* NULL: a field of a newer build */
    enum fate fate;
    bool told;                     /* its conflict is written */
};
struct touch {
    struct touched *list;
    size_t count;
    size_t applies, clashes, left;
};

void fates_list(struct deciding *d, struct touch *t);
/* Every field's fate, and how many have each. False: something must be loaded first. */
bool fates_find(struct deciding *d, struct touch *t);
bool fates_share_word(const struct touched *a, const struct touched *b); /* they belong together */
/* Rule 9: MERGED where another seat changed other fields since base. False: something must be loaded first. */
bool fates_others_changed(struct deciding *d, const struct touch *t, bool *out);
