/* command_main with a small program of its own, each time in a child process: what it says, where, and its exit status. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/command.h"
#include "base/tr.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static const struct option_spec none[] = {{"times", OPTION_VALUE, "N", N_("as JSON")}, {NULL, OPTION_FLAG, NULL, NULL}};

static int say(const struct command *c, int argc, char **argv)
{
    struct options o;
    struct buf out = BUF_INIT;
    int status = EXIT_DONE;
    if (!command_parse(c, argc, argv, &o, &status))
        return status;
    if (o.argument_count != 1)
        return command_usage(c, "one word");
    buf_format(&out, "said %s\n", o.arguments[0]);
    command_print(&out);
    assert_int_equal(out.size, 0);
    return strcmp(o.arguments[0], "no") == 0 ? EXIT_FAILED : EXIT_DONE;
}

static void explain(const struct command *c, struct buf *out)
{
    buf_format(out, "explained: %s\n", c->usage);
}

static const struct command speak = {"speak", "WORD", "speaks", none, say}, keep = {"keep", "WORD", "keeps", none, say};
static const struct command *const both[] = {&speak, &keep};
static const char *const lasting[] = {"keep", NULL};
static const struct program program = {"tester", "about it", both, 2, lasting, explain};

static char out[4000], err[4000];

static void take(int fd, char *text)
{
    ssize_t n = pread(fd, text, 3999, 0);
    text[n < 0 ? 0 : n] = 0;
}

/* to: where stdout goes; NULL: into out. */
static int run(const char *to, const char *words)
{
    char line[200], *argv[16] = {"tester"};
    int argc = 1, status, o = fileno(tmpfile()), e = fileno(tmpfile());
    snprintf(line, sizeof line, "%s", words);
    for (char *word = strtok(line, " "); word; word = strtok(NULL, " "))
        argv[argc++] = word;
    fflush(stdout);
    pid_t child = fork();
    if (child == 0) {
        setenv("BANYAN_LANG", "en", 1);
        dup2(to ? open(to, O_WRONLY) : o, 1);
        dup2(e, 2);
        status = command_main(&program, argc, argv);
        fflush(stderr);
        _exit(status);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    take(o, out);
    take(e, err);
    close(o);
    close(e);
    return WEXITSTATUS(status);
}

static void runs_the_command(void **state)
{
    (void)state;
    assert_int_equal(run(NULL, "speak hello"), EXIT_DONE);
    assert_string_equal(out, "said hello\n");
    assert_string_equal(err, "");
    assert_int_equal(run(NULL, "speak no"), EXIT_FAILED);
    assert_int_equal(run(NULL, "speak"), EXIT_USAGE);
    assert_string_equal(out, "");
    assert_string_equal(err, "tester: one word\n  tester speak WORD\n");
}

static void wrong_words_name_the_nearest(void **state)
{
    (void)state;
    assert_int_equal(run(NULL, "spaek hello"), EXIT_USAGE);
    assert_string_equal(err, "tester: unknown command spaek; did you mean speak?\n");
    assert_int_equal(run(NULL, "sing"), EXIT_USAGE);
    assert_string_equal(err, "tester: unknown command sing; see tester --help\n");
    assert_int_equal(run(NULL, "--hepl"), EXIT_USAGE);
    assert_string_equal(err, "tester: unknown command --hepl; did you mean --help?\n");
    assert_int_equal(run(NULL, "speak x --tmies 3"), EXIT_USAGE);
    assert_non_null(strstr(err, "did you mean --times?"));
    assert_string_equal(out, "");
}

static void help_and_version(void **state)
{
    (void)state;
    assert_int_equal(run(NULL, ""), EXIT_USAGE);
    assert_string_equal(out, "");
    assert_non_null(strstr(err, "about it"));
    for (int i = 0; i < 2; i++) {
        assert_int_equal(run(NULL, i ? "--help" : "help"), EXIT_DONE);
        assert_non_null(strstr(out, "  tester speak      speaks\n  tester keep       keeps\n"));
        assert_non_null(strstr(out, "tester COMMAND --help"));
        assert_string_equal(err, "");
    }
    assert_int_equal(run(NULL, "speak a b --help"), EXIT_DONE);
    assert_non_null(strstr(out, "tester speak WORD\n\nspeaks\n"));
    assert_non_null(strstr(out, "--times N"));
    assert_non_null(strstr(out, "explained: WORD\n"));
    assert_int_equal(run(NULL, "help speak"), EXIT_DONE);
    assert_non_null(strstr(out, "tester speak WORD\n\nspeaks\n"));
    assert_int_equal(run(NULL, "speak -h"), EXIT_DONE);
    assert_non_null(strstr(out, "tester speak WORD\n\nspeaks\n"));
    assert_int_equal(run(NULL, "help spaek"), EXIT_USAGE);
    assert_non_null(strstr(err, "did you mean speak?"));
    assert_int_equal(run(NULL, "-h"), EXIT_DONE);
    assert_non_null(strstr(out, "tester COMMAND --help"));
    assert_int_equal(run(NULL, "speak -- --help"), EXIT_DONE); /* a word like any other */
    assert_string_equal(out, "said --help\n");
    assert_int_equal(run(NULL, "--version"), EXIT_DONE);
    assert_string_equal(out, "tester " BANYAN_VERSION "\n");
}

static void an_answer_that_was_lost(void **state)
{
    (void)state;
    assert_int_equal(run("/dev/full", "speak hello"), EXIT_FAILED);
    assert_non_null(strstr(err, "could not be written"));
    assert_int_equal(run("/dev/full", "keep hello"), EXIT_DONE); /* what was saved stays saved */
    assert_non_null(strstr(err, "could not be written"));
    assert_int_equal(run("/dev/full", "--version"), EXIT_FAILED);
    assert_int_equal(run("/dev/full", "speak"), EXIT_USAGE); /* nothing to write */
}

/* A file that is opened where stdout was closed must not get what is printed. */
static void a_stream_that_was_closed(void **state)
{
    (void)state;
    int status;
    pid_t child = fork();
    if (child == 0) {
        char *argv[] = {"tester", "speak", "hello", NULL};
        close(1);
        status = command_main(&program, 3, argv);
        _exit(status == EXIT_FAILED && open("/dev/null", O_WRONLY) > 2 ? 7 : 8);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(WEXITSTATUS(status), 7);
}

static void a_reader_that_has_seen_enough(void **state)
{
    (void)state;
    int ends[2], status;
    assert_int_equal(pipe(ends), 0);
    close(ends[0]);
    pid_t child = fork();
    if (child == 0) {
        char *argv[] = {"tester", "speak", "hello", NULL};
        dup2(ends[1], 1);
        _exit(command_main(&program, 3, argv));
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), EXIT_DONE);
    close(ends[1]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(runs_the_command), cmocka_unit_test(wrong_words_name_the_nearest),
                                       cmocka_unit_test(help_and_version), cmocka_unit_test(an_answer_that_was_lost),
                                       cmocka_unit_test(a_stream_that_was_closed), cmocka_unit_test(a_reader_that_has_seen_enough)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
