/* See options.h. */
#include "base/options.h"
#include "base/text.h"
#include "base/tr.h"

#include <getopt.h>
#include <string.h>

#define LONG_FIRST 256 /* what getopt_long answers for the spec at index 0; below are characters */

static void unknown(const struct option_spec *specs, const char *word, size_t size, struct buf *problem)
{
    const char *names[OPTIONS_MAX + 1];
    char bare[64];
    size_t count = 0;
    for (; specs[count].name; count++)
        names[count] = specs[count].name;
    names[count] = NULL;
    size = text_fit(slice_of(word, size), sizeof bare - 1, SIZE_MAX);
    memcpy(bare, word, size);
    bare[size] = 0;
    const char *near = text_nearest(bare, names);
    if (near)
        buf_format(problem, _("unknown option --%s; did you mean --%s?"), bare, near);
    else
        buf_format(problem, _("unknown option --%s; see --help"), bare);
}

/* After '?': optopt names a short option, or the flag that was given a value; of an unknown long one it is 0. */
static void say_wrong(const struct option_spec *specs, char *const *argv, struct buf *problem)
{
    char letter = (char)optopt;
    if (optopt >= LONG_FIRST) {
        buf_format(problem, _("option --%s takes no value"), specs[optopt - LONG_FIRST].name);
    } else if (optopt) {
        unknown(specs, &letter, 1, problem);
    } else {
        const char *word = argv[optind - 1];
        word += strspn(word, "-");
        unknown(specs, word, strcspn(word, "="), problem);
    }
}

static int index_of(const struct option_spec *specs, const char *name)
{
    for (int i = 0; specs[i].name; i++)
        if (strcmp(specs[i].name, name) == 0)
            return i;
    return -1;
}

enum err options_parse(const struct option_spec *specs, int argc, char **argv, struct options *out, struct buf *problem)
{
    struct option longs[OPTIONS_MAX + 1] = {{0}};
    struct options found = {0};
    int given;
    for (int i = 0; specs[i].name; i++) {
        CHECK(i < OPTIONS_MAX);
        longs[i] = (struct option){specs[i].name, specs[i].type == OPTION_VALUE ? required_argument : no_argument, NULL,
                                   LONG_FIRST + i};
    }
    optind = 0; /* glibc: start afresh */
    opterr = 0;
    while ((given = getopt_long(argc, argv, ":", longs, NULL)) != -1) {
        int index = given - LONG_FIRST;
        if (given == ':') {
            buf_format(problem, _("option %s needs a value"), argv[optind - 1]);
            return ERR_USAGE;
        }
        if (given == '?') {
            say_wrong(specs, argv, problem);
            return ERR_USAGE;
        }
        if (found.given_count == OPTIONS_GIVEN) {
            buf_text(problem, _("too many options"));
            return ERR_USAGE;
        }
        found.values[index] = optarg ? optarg : "";
        found.given[found.given_count].index = index;
        found.given[found.given_count++].value = found.values[index];
    }
    found.arguments = argv + optind;
    found.argument_count = argc - optind;
    *out = found;
    return ERR_OK;
}

const char *options_get(const struct option_spec *specs, const struct options *o, const char *name)
{
    int index = index_of(specs, name);
    CHECK(index >= 0);
    return o->values[index];
}

const char *options_nth(const struct option_spec *specs, const struct options *o, const char *name, int nth)
{
    int index = index_of(specs, name);
    CHECK(index >= 0);
    for (int i = 0; i < o->given_count; i++)
        if (o->given[i].index == index && nth-- == 0)
            return o->given[i].value;
    return NULL;
}

/* What stands for a word of the reader's, in usage lines. */
static const char *const placeholders[] = {N_("ACTION"), N_("ADDR"), N_("BY"),    N_("CODE"), N_("COLUMN"), N_("COMMAND"), N_("DIR"),
                                           N_("FIELD"),  N_("FILE"), N_("HOST"),  N_("INVITATION"), N_("ID"),   N_("KIND"),   N_("LEVEL"),   N_("MONTH"),
                                           N_("N"),      N_("NAME"), N_("PERIOD"), N_("PORT"), N_("ROLE"),   N_("S"),       N_("SEAT"),
                                           N_("STATE"),  N_("TEXT"),  N_("VALUE")};

void options_words(const char *usage, struct buf *out)
{
    while (*usage) {
        size_t size = strspn(usage, "ABCDEFGHIJKLMNOPQRSTUVWXYZ");
        const char *word = NULL;
        for (size_t i = 0; size && i < sizeof placeholders / sizeof *placeholders; i++)
            if (strlen(placeholders[i]) == size && memcmp(placeholders[i], usage, size) == 0)
                word = placeholders[i];
        size += size == 0;
        if (word)
            buf_text(out, _(word));
        else
            buf_append(out, usage, size);
        usage += size;
    }
}

void options_help(const struct option_spec *specs, struct buf *out)
{
    for (; specs->name; specs++) {
        size_t start = out->size;
        buf_format(out, "  --%s%s", specs->name, specs->value ? " " : "");
        if (specs->value)
            options_words(specs->value, out);
        for (size_t at = text_columns(slice_of(out->data + start, out->size - start)); at < 26; at++)
            buf_byte(out, ' ');
        buf_format(out, " %s\n", _(specs->help));
    }
}
