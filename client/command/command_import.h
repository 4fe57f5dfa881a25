#pragma once
/* The two ways of `banyan import`: tables of any kind (import_table.c) and plan documents (import_plan.c). Both work in one
 * batch: nothing is written while anything is wrong, or in a dry run. Verdicts go to stdout, a line a row; the sum to stderr. */
#include "client/command/command.h"

struct import_wish {
    const struct kind *kind;
    const char *path;
    const char *name;          /* of the file, without its folder */
    bool dry_run, skip_bad;
    bool replace;              /* a plan document: in the place of the draft that came from it */
    uint32_t part;             /* of a plan document; 0: all that are plans */
    char *const *words;        /* FIELD=VALUE for every record */
    int word_count;
    const struct option_spec *specs;
    const struct options *options; /* for --map */
};
/* Both answer an exit status. text: the file's bytes. */
int import_table(struct seat *s, const struct import_wish *wish, struct slice bytes);
int import_plan(struct seat *s, const struct import_wish *wish, struct slice bytes);
