/* What the board knows of a server that can't write: since when, until it can. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "help_folder.h"
#include "server/disk_trouble.h"

#include <sys/stat.h>

static struct folder dir;

static int set_up(void **state)
{
    (void)state;
    folder_make(&dir);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    folder_remove(&dir);
    return 0;
}

static int64_t size(void)
{
    struct stat st;
    assert_int_equal(stat(folder_file(&dir, DISK_TROUBLE_FILE), &st), 0);
    return st.st_size;
}

/* The first failure counts, not the last; the file never grows. */
static void test_since(void **state)
{
    (void)state;
    assert_int_equal(disk_trouble_since(dir.path), 0); /* no server ever ran */
    struct disk_trouble *t = disk_trouble_open(dir.path);
    int64_t room = size();
    assert_true(room > 0);
    disk_trouble_note(t, ERR_OK, 1000);
    assert_int_equal(disk_trouble_since(dir.path), 0);
    disk_trouble_note(t, ERR_DISK_FULL, 1763841000000);
    disk_trouble_note(t, ERR_IO, 1763841000001);
    assert_int_equal(disk_trouble_since(dir.path), 1763841000000);
    disk_trouble_close(t);
    assert_int_equal(disk_trouble_since(dir.path), 1763841000000); /* the server has gone, the disk is as it was */
    t = disk_trouble_open(dir.path);
    assert_int_equal(disk_trouble_since(dir.path), 1763841000000);
    disk_trouble_note(t, ERR_OK, 1763841000002);
    assert_int_equal(disk_trouble_since(dir.path), 0);
    assert_int_equal(size(), room);
    disk_trouble_close(t);
}

/* Where nothing can be made nothing fails but the word. */
static void test_no_folder(void **state)
{
    (void)state;
    struct disk_trouble *t = disk_trouble_open(folder_file(&dir, "nowhere"));
    disk_trouble_note(t, ERR_DISK_FULL, 5);
    disk_trouble_close(t);
    assert_int_equal(disk_trouble_since(folder_file(&dir, "nowhere")), 0);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
    const struct CMUnitTest tests[] = {T(test_since), T(test_no_folder)};
    return cmocka_run_group_tests_name("server_disk_trouble", tests, NULL, NULL);
}
