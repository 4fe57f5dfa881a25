#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/err.h"
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

static void names_classes_and_sentences(void **state)
{
    (void)state;
    assert_int_equal(ERR_OK, 0);
    assert_string_equal(err_name(ERR_DISK_FULL), "DISK_FULL");
    assert_string_equal(err_text(ERR_DISK_FULL), "the disk is full");
    assert_int_equal(err_class(ERR_WIRE), ERR_CLASS_PEER);
    assert_int_equal(err_class(ERR_FRAME_TOO_LARGE), ERR_CLASS_PEER);
    assert_int_equal(err_class(ERR_VALUE), ERR_CLASS_REFUSED);
    assert_int_equal(err_class(ERR_BUSY), ERR_CLASS_LATER);
    assert_int_equal(err_class(ERR_CORRUPT), ERR_CLASS_SELF);
}

static void every_error_has_its_own_name_and_a_sentence(void **state)
{
    (void)state;
    for (int i = 0; i <= ERR_BUG; i++) {
        assert_true(strlen(err_text(i)) > 1);
        for (int j = 0; j < i; j++)
            assert_string_not_equal(err_name(i), err_name(j));
    }
}

static void a_number_from_nowhere_is_a_bug(void **state)
{
    (void)state;
    assert_string_equal(err_name((enum err)9999), "BUG");
    assert_int_equal(err_class((enum err)-1), ERR_CLASS_SELF);
}

static void a_failed_check_names_its_place_and_aborts(void **state)
{
    (void)state;
    int pipe_ends[2];
    assert_int_equal(pipe(pipe_ends), 0);
    pid_t child = fork();
    if (child == 0) {
        signal(SIGABRT, SIG_DFL); /* cmocka catches it */
        setrlimit(RLIMIT_CORE, &(struct rlimit){0});
        dup2(pipe_ends[1], STDERR_FILENO);
        CHECK(1 + 1 == 3);
        _exit(0);
    }
    close(pipe_ends[1]);
    char said[512] = {0};
    ssize_t size = read(pipe_ends[0], said, sizeof said - 1);
    close(pipe_ends[0]);
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
    assert_true(size > 0);
    assert_non_null(strstr(said, "1 + 1 == 3"));
    assert_non_null(strstr(said, "base_err_test.c:"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_classes_and_sentences),
        cmocka_unit_test(every_error_has_its_own_name_and_a_sentence),
        cmocka_unit_test(a_number_from_nowhere_is_a_bug),
        cmocka_unit_test(a_failed_check_names_its_place_and_aborts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
