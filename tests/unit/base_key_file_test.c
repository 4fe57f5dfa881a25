/* Small secret files: whole or not there, 0600, never in the place of another. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/key_file.h"
#include "help_folder.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int setup(void **state)
{
    static struct folder dir;
    folder_make(&dir);
    *state = &dir;
    return 0;
}

static int teardown(void **state)
{
    folder_remove(*state);
    return 0;
}

static void assert_holds(struct folder *dir, const char *name, const char *text)
{
    struct buf out = BUF_INIT;
    assert_int_equal(key_file_read(dir->path, name, &out), ERR_OK);
    assert_string_equal(buf_c_string(&out), text);
    assert_int_equal(out.size, strlen(text));
    buf_finish(&out);
}

static void written_and_read_back(void **state)
{
    struct folder *dir = *state;
    umask(0); /* the mode is the file's own word */
    assert_int_equal(key_file_write(dir->path, "ca.key", slice_text("secret"), KEY_FILE_NEW), ERR_OK);
    assert_holds(dir, "ca.key", "secret");
    assert_int_equal(folder_mode(dir, "ca.key"), 0600);
    assert_int_equal(folder_count(dir), 1); /* no .part is left */
}

static void an_old_one_is_replaced_only_if_asked(void **state)
{
    struct folder *dir = *state;
    assert_int_equal(key_file_write(dir->path, "f", slice_text("old"), KEY_FILE_REPLACE),
                     ERR_OK); /* none there: fine, too */
    assert_int_equal(key_file_write(dir->path, "f", slice_text("new"), KEY_FILE_NEW), ERR_EXISTS);
    assert_holds(dir, "f", "old");
    assert_int_equal(key_file_write(dir->path, "f", slice_text("new"), KEY_FILE_REPLACE), ERR_OK);
    assert_holds(dir, "f", "new");
    assert_int_equal(folder_mode(dir, "f"), 0600);
    assert_int_equal(folder_count(dir), 1);
}

static void what_a_dead_run_left_is_no_hindrance(void **state)
{
    struct folder *dir = *state;
    FILE *part = fopen(folder_file(dir, "f.part"), "w");
    fputs("half", part);
    fclose(part);
    assert_int_equal(key_file_write(dir->path, "f", slice_text("whole"), KEY_FILE_NEW), ERR_OK);
    assert_holds(dir, "f", "whole");
    assert_false(folder_has(dir, "f.part"));
}

static void what_is_not_there(void **state)
{
    struct folder *dir = *state;
    struct buf out = BUF_INIT;
    buf_text(&out, "kept");
    assert_int_equal(key_file_read(dir->path, "none", &out), ERR_NOT_FOUND);
    assert_int_equal(key_file_read("/nowhere/at/all", "f", &out), ERR_NOT_FOUND);
    assert_int_equal(key_file_write("/nowhere/at/all", "f", slice_text("x"), KEY_FILE_NEW), ERR_NOT_FOUND);
    assert_string_equal(buf_c_string(&out), "kept");
    buf_finish(&out);
}

static void reading_appends_and_failing_leaves_nothing(void **state)
{
    struct folder *dir = *state;
    struct buf out = BUF_INIT, big = BUF_INIT;
    buf_reserve(&big, KEY_FILE_SIZE_MAX + 1);
    memset(big.data, 'x', KEY_FILE_SIZE_MAX + 1);
    big.size = KEY_FILE_SIZE_MAX;
    assert_int_equal(key_file_write(dir->path, "fits", buf_slice(&big), KEY_FILE_NEW), ERR_OK);
    big.size = KEY_FILE_SIZE_MAX + 1;
    assert_int_equal(key_file_write(dir->path, "big", buf_slice(&big), KEY_FILE_NEW), ERR_OK);
    buf_text(&out, "ab");
    assert_int_equal(key_file_read(dir->path, "big", &out), ERR_TOO_LONG);
    assert_int_equal(out.size, 2);
    assert_int_equal(mkdir(folder_file(dir, "folder"), 0700), 0);
    assert_int_equal(key_file_read(dir->path, "folder", &out), ERR_IO); /* opens, but can't be read */
    assert_int_equal(rmdir(folder_file(dir, "folder")), 0);
    assert_int_equal(out.size, 2);
    assert_int_equal(key_file_read(dir->path, "fits", &out), ERR_OK);
    assert_int_equal(out.size, KEY_FILE_SIZE_MAX + 2);
    assert_memory_equal(out.data, "abxx", 4);
    buf_finish(&out);
    buf_finish(&big);
}

static void empty_and_binary(void **state)
{
    struct folder *dir = *state;
    static const uint8_t bytes[] = {0, 255, 10, 13, 0};
    struct buf out = BUF_INIT;
    assert_int_equal(key_file_write(dir->path, "none", slice_of(NULL, 0), KEY_FILE_NEW), ERR_OK);
    assert_int_equal(key_file_read(dir->path, "none", &out), ERR_OK);
    assert_int_equal(out.size, 0);
    assert_int_equal(key_file_write(dir->path, "bytes", slice_of(bytes, sizeof bytes), KEY_FILE_NEW), ERR_OK);
    assert_int_equal(key_file_read(dir->path, "bytes", &out), ERR_OK);
    assert_true(slice_equal(buf_slice(&out), slice_of(bytes, sizeof bytes)));
    buf_finish(&out);
}

static void a_path_that_is_too_long(void **state)
{
    (void)state;
    struct buf dir = BUF_INIT, out = BUF_INIT;
    for (int i = 0; i < 5000; i++)
        buf_byte(&dir, 'd');
    assert_int_equal(key_file_read(buf_c_string(&dir), "f", &out), ERR_TOO_LONG);
    assert_int_equal(key_file_write(buf_c_string(&dir), "f", slice_text("x"), KEY_FILE_NEW), ERR_TOO_LONG);
    buf_finish(&dir);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(written_and_read_back, setup, teardown),
        cmocka_unit_test_setup_teardown(an_old_one_is_replaced_only_if_asked, setup, teardown),
        cmocka_unit_test_setup_teardown(what_a_dead_run_left_is_no_hindrance, setup, teardown),
        cmocka_unit_test_setup_teardown(what_is_not_there, setup, teardown),
        cmocka_unit_test_setup_teardown(reading_appends_and_failing_leaves_nothing, setup, teardown),
        cmocka_unit_test_setup_teardown(empty_and_binary, setup, teardown),
        cmocka_unit_test(a_path_that_is_too_long),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
