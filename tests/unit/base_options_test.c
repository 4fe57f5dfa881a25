/* Options of a command: where they may stand, what is refused and how. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/options.h"
#include "base/tr.h"

#include <stdlib.h>
#include <string.h>

static const struct option_spec specs[] = {
    {"data", OPTION_VALUE, "DIR", "the folder"},
    {"json", OPTION_FLAG, NULL, "as JSON"},
    {"dry-run", OPTION_FLAG, NULL, "change nothing"},
    {"map", OPTION_VALUE, "FIELD=COLUMN", "take a field from a column"},
    {NULL, OPTION_FLAG, NULL, NULL},
};
#define WORDS_MAX 80

static struct options parsed;
static struct buf problem;
static char *words[WORDS_MAX];

/* "add member name=Li": split at blanks. */
static enum err parse(const char *line)
{
    static char copy[600];
    int count = 0;
    strncpy(copy, line, sizeof copy - 1);
    for (char *word = strtok(copy, " "); word && count < WORDS_MAX - 1; word = strtok(NULL, " "))
        words[count++] = word;
    words[count] = NULL;
    problem.size = 0;
    return options_parse(specs, count, words, &parsed, &problem);
}

static const char *get(const char *name)
{
    return options_get(specs, &parsed, name);
}

static int setup(void **state)
{
    (void)state;
    setenv("BANYAN_LANG", "en", 1);
    tr_init();
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    buf_finish(&problem);
    return 0;
}

static void none_at_all(void **state)
{
    (void)state;
    assert_int_equal(parse("status"), ERR_OK);
    assert_null(get("data"));
    assert_null(get("json"));
    assert_int_equal(parsed.argument_count, 0);
}

static void anywhere_among_the_arguments(void **state)
{
    (void)state;
    static const char *const lines[] = {"add --data /x member --json name=Li", "add --json member name=Li --data=/x",
                                        "add member name=Li --data /x --json"};
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(parse(lines[i]), ERR_OK);
        assert_string_equal(get("data"), "/x");
        assert_string_equal(get("json"), "");
        assert_null(get("dry-run"));
        assert_int_equal(parsed.argument_count, 2);
        assert_string_equal(parsed.arguments[0], "member");
        assert_string_equal(parsed.arguments[1], "name=Li");
    }
}

static void what_is_no_option(void **state)
{
    (void)state;
    assert_int_equal(parse("join - --json"), ERR_OK); /* standard input */
    assert_int_equal(parsed.argument_count, 1);
    assert_string_equal(parsed.arguments[0], "-");
    assert_int_equal(parse("add -- --json -x"), ERR_OK);
    assert_null(get("json"));
    assert_int_equal(parsed.argument_count, 2);
    assert_string_equal(parsed.arguments[0], "--json");
    assert_int_equal(parse("add --data --json"), ERR_OK); /* a value may look like anything */
    assert_string_equal(get("data"), "--json");
    assert_int_equal(parse("add --data= member"), ERR_OK);
    assert_string_equal(get("data"), "");
}

static void given_again(void **state)
{
    (void)state;
    assert_int_equal(parse("import --map a=b --data /x --map c=d --data /y --json --json"), ERR_OK);
    assert_string_equal(get("data"), "/y");
    assert_string_equal(get("map"), "c=d");
    assert_string_equal(options_nth(specs, &parsed, "map", 0), "a=b");
    assert_string_equal(options_nth(specs, &parsed, "map", 1), "c=d");
    assert_null(options_nth(specs, &parsed, "map", 2));
    assert_string_equal(options_nth(specs, &parsed, "data", 1), "/y");
    assert_null(options_nth(specs, &parsed, "dry-run", 0));
    assert_int_equal(parse("status"), ERR_OK); /* nothing stays from the time before */
    assert_null(options_nth(specs, &parsed, "map", 0));
}

static void wrong(const char *line, const char *sentence)
{
    struct options before;
    memset(&parsed, 7, sizeof parsed);
    memcpy(&before, &parsed, sizeof before);
    assert_int_equal(parse(line), ERR_USAGE);
    assert_string_equal(buf_c_string(&problem), sentence);
    assert_memory_equal(&parsed, &before, sizeof parsed); /* untouched */
    memset(&parsed, 0, sizeof parsed);
}

static void what_is_refused(void **state)
{
    (void)state;
    wrong("list --jsno", "unknown option --jsno; did you mean --json?");
    wrong("list --jsno=1 member", "unknown option --jsno; did you mean --json?");
    wrong("list member --dryrun", "unknown option --dryrun; did you mean --dry-run?");
    wrong("list --somethingelse", "unknown option --somethingelse; see --help");
    wrong("list member --data", "option --data needs a value");
    wrong("list --json=yes", "option --json takes no value");
    wrong("list -x member", "unknown option --x; see --help");
    wrong("list -xyz member", "unknown option --x; see --help"); /* never the command's own name */
    wrong("list member -j", "unknown option --j; see --help");
}

/* A long unknown word is cut between two characters, and the sentence stays text. */
static void a_long_unknown_word(void **state)
{
    (void)state;
    struct buf line = BUF_INIT;
    buf_text(&line, "list --a");
    for (int i = 0; i < 40; i++)
        buf_text(&line, "榕");
    assert_int_equal(parse(buf_c_string(&line)), ERR_USAGE);
    struct buf expected = BUF_INIT;
    buf_text(&expected, "unknown option --a");
    for (int i = 0; i < 20; i++) /* 1 + 20 x 3 = 61 of 63 bytes */
        buf_text(&expected, "榕");
    buf_text(&expected, "; see --help");
    assert_string_equal(buf_c_string(&problem), buf_c_string(&expected));
    buf_finish(&line);
    buf_finish(&expected);
}

static void more_than_are_counted(void **state)
{
    (void)state;
    struct buf line = BUF_INIT;
    buf_text(&line, "list");
    for (int i = 0; i < OPTIONS_GIVEN; i++)
        buf_text(&line, " --json");
    assert_int_equal(parse(buf_c_string(&line)), ERR_OK);
    buf_text(&line, " --json");
    assert_int_equal(parse(buf_c_string(&line)), ERR_USAGE);
    assert_string_equal(buf_c_string(&problem), "too many options");
    buf_finish(&line);
}

static void help(void **state)
{
    (void)state;
    struct buf out = BUF_INIT;
    options_help(specs, &out);
    assert_string_equal(buf_c_string(&out), "  --data DIR               the folder\n"
                                            "  --json                   as JSON\n"
                                            "  --dry-run                change nothing\n"
                                            "  --map FIELD=COLUMN       take a field from a column\n");
    buf_finish(&out);
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(none_at_all),     T(anywhere_among_the_arguments), T(what_is_no_option),     T(given_again),
        T(what_is_refused), T(a_long_unknown_word),          T(more_than_are_counted), T(help),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
