/* Folders made with what is missing above them. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/dir.h"
#include "help_folder.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

static struct folder folder;

static int setup(void **state)
{
    (void)state;
    folder_make(&folder);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    folder_remove(&folder);
    return 0;
}

static unsigned mode(const char *name)
{
    struct stat st;
    assert_int_equal(stat(folder_file(&folder, name), &st), 0);
    assert_true(S_ISDIR(st.st_mode));
    return st.st_mode & 0777;
}

static void what_is_missing_above_is_made(void **state)
{
    (void)state;
    assert_int_equal(dir_make(folder_file(&folder, "a/b//c/")), ERR_OK);
    assert_int_equal(mode("a"), 0700);
    assert_int_equal(mode("a/b"), 0700);
    assert_int_equal(mode("a/b/c"), 0700);
    assert_int_equal(dir_make(folder_file(&folder, "a/b/c")), ERR_OK); /* there already */
    assert_int_equal(dir_make("/"), ERR_OK);
    assert_int_equal(rmdir(folder_file(&folder, "a/b/c")), 0);
    assert_int_equal(rmdir(folder_file(&folder, "a/b")), 0);
    assert_int_equal(rmdir(folder_file(&folder, "a")), 0);
}

static void relative_to_where_one_is(void **state)
{
    (void)state;
    char before[256];
    assert_non_null(getcwd(before, sizeof before));
    assert_int_equal(chdir(folder.path), 0);
    assert_int_equal(dir_make("x"), ERR_OK);
    assert_int_equal(mode("x"), 0700);
    assert_int_equal(rmdir("x"), 0);
    assert_int_equal(chdir(before), 0);
}

static void a_file_in_the_way(void **state)
{
    (void)state;
    int fd = open(folder_file(&folder, "file"), O_CREAT | O_WRONLY, 0600);
    assert_true(fd >= 0);
    close(fd);
    assert_int_not_equal(dir_make(folder_file(&folder, "file")), ERR_OK);
    assert_int_not_equal(dir_make(folder_file(&folder, "file/below")), ERR_OK);
    assert_int_equal(dir_sync(folder_file(&folder, "none")), ERR_NOT_FOUND);
    assert_int_equal(dir_sync(folder.path), ERR_OK);
    assert_int_not_equal(dir_make(""), ERR_OK);
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {T(what_is_missing_above_is_made), T(relative_to_where_one_is),
                                       T(a_file_in_the_way)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
