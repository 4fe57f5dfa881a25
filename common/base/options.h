#pragma once
/* A command's words: options anywhere among the arguments, --name VALUE or --name=VALUE, -- ends them (getopt_long's
 * permutation; a name may be cut short as long as one alone begins so). An unknown option is refused with the nearest
 * right one named. Of one that is given twice the last counts. */
#include "base/slice.h"

enum option_type { OPTION_FLAG, OPTION_VALUE };
struct option_spec {
    const char *name; /* without the hyphens; NULL ends the list */
    enum option_type type;
    const char *value; /* what help calls the value: "DIR" */
    const char *help;  /* msgid */
};
#define OPTIONS_MAX 24
#define OPTIONS_GIVEN 64
struct options {
    const char *values[OPTIONS_MAX]; /* by index of the spec; flags: ""; NULL: not given */
    char **arguments;                /* the others, borrowed from argv */
    int argument_count;
    /* Every one as it came, for options that may be given several times; over OPTIONS_GIVEN is wrong usage. */
    struct {
        int index;
        const char *value;
    } given[OPTIONS_GIVEN];
    int given_count;
};
/* argv[0] is the command's name. ERR_USAGE with a sentence in problem. Reorders argv. */
enum err options_parse(const struct option_spec *specs, int argc, char **argv, struct options *out,
                       struct buf *problem) MUST_CHECK;
/* NULL: not given. CHECKs the name. */
const char *options_get(const struct option_spec *specs, const struct options *o, const char *name);
/* The nth value (from 0) of an option that may be given several times; NULL: there are no more. */
const char *options_nth(const struct option_spec *specs, const struct options *o, const char *name, int nth);
/* Appends a usage line with what stands for the reader's own words (KIND, FILE ...) in the reader's language. */
void options_words(const char *usage, struct buf *out);
/* Lines for --help. */
void options_help(const struct option_spec *specs, struct buf *out);
