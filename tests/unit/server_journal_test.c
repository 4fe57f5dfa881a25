/* The control journal: what was appended is there, in order; a torn end goes, damage in the middle is told. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "help_folder.h"
#include "server/control/journal.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
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

static struct journal *open_as(enum journal_mode mode)
{
    struct journal *j = NULL;
    assert_int_equal(journal_open(folder.path, mode, &j), ERR_OK);
    return j;
}

static void append(struct journal *j, uint8_t type, const char *text, uint64_t expected)
{
    uint64_t number = 0;
    assert_int_equal(journal_append(j, type, slice_text(text), &number), ERR_OK);
    assert_int_equal(number, expected);
}

/* Reads the record after `after`; its text must be as given, NULL: the end. */
static void expect(struct journal *j, uint64_t after, uint8_t type, const char *text)
{
    uint64_t number = 0;
    uint8_t got = 0;
    struct slice body = {0};
    bool more = true;
    assert_int_equal(journal_next(j, after, &number, &got, &body, &more), ERR_OK);
    assert_int_equal(more, text != NULL);
    if (!text)
        return;
    assert_int_equal(number, after + 1);
    assert_int_equal(got, type);
    assert_true(slice_equal(body, slice_text(text)));
}

static void make_three(void)
{
    struct journal *j = open_as(JOURNAL_CREATE);
    append(j, 1, "one", 1);
    append(j, 2, "", 2);
    append(j, 3, "three", 3);
    journal_close(j);
}

static void test_append_and_read(void **state)
{
    (void)state;
    make_three();
    struct journal *j = open_as(JOURNAL_OPEN);
    expect(j, 0, 1, "one");
    expect(j, 1, 2, "");
    expect(j, 2, 3, "three");
    expect(j, 3, 0, NULL);
    expect(j, 0, 1, "one"); /* back again */
    append(j, 4, "four", 4);
    expect(j, 3, 4, "four");
    journal_close(j);
    assert_int_equal(folder_mode(&folder, "control.journal"), 0600);
    /* size u32, type, number u64, body, 8 of the sum: "one" is 24 bytes */
    struct stat facts;
    assert_int_equal(stat(folder_file(&folder, "control.journal"), &facts), 0);
    assert_int_equal(facts.st_size, 24 + 21 + 26 + 25);
}

static void test_create_twice_and_none(void **state)
{
    (void)state;
    struct journal *j = NULL;
    assert_int_equal(journal_open(folder.path, JOURNAL_OPEN, &j), ERR_NOT_FOUND);
    make_three();
    assert_int_equal(journal_open(folder.path, JOURNAL_CREATE, &j), ERR_EXISTS);
    assert_null(j);
}

static void test_torn_tail(void **state)
{
    (void)state;
    for (int cut = 1; cut < 26; cut++) { /* anywhere within "three" */
        make_three();
        assert_int_equal(truncate(folder_file(&folder, "control.journal"), 71 - cut), 0);
        struct journal *j = open_as(JOURNAL_OPEN);
        expect(j, 1, 2, "");
        expect(j, 2, 0, NULL);
        append(j, 5, "again", 3);
        expect(j, 2, 5, "again");
        expect(j, 3, 0, NULL);
        journal_close(j);
        assert_int_equal(unlink(folder_file(&folder, "control.journal")), 0);
    }
}

/* The file grew before its data came: zeros. */
static void test_zero_tail(void **state)
{
    (void)state;
    make_three();
    assert_int_equal(truncate(folder_file(&folder, "control.journal"), 71 + 500), 0);
    struct journal *j = open_as(JOURNAL_OPEN);
    append(j, 5, "again", 4);
    expect(j, 3, 5, "again");
    journal_close(j);
}

static void flip(off_t at)
{
    uint8_t byte;
    int file = open(folder_file(&folder, "control.journal"), O_RDWR);
    assert_int_equal(pread(file, &byte, 1, at), 1);
    byte ^= 0x10;
    assert_int_equal(pwrite(file, &byte, 1, at), 1);
    close(file);
}

static void test_damage_in_the_middle(void **state)
{
    (void)state;
    for (off_t at = 4; at < 45; at++) { /* sizes aside (0..3, 24..27): they may hide where the record ends */
        struct journal *j = NULL;
        if (at >= 24 && at < 28)
            continue;
        make_three();
        flip(at);
        assert_int_equal(journal_open(folder.path, JOURNAL_OPEN, &j), ERR_CORRUPT);
        assert_int_equal(unlink(folder_file(&folder, "control.journal")), 0);
    }
}

static void test_copy(void **state)
{
    (void)state;
    make_three();
    struct journal *j = open_as(JOURNAL_OPEN), *copy = NULL;
    assert_int_equal(journal_copy(j, folder_file(&folder, "copy")), ERR_OK);
    assert_int_equal(journal_copy(j, folder_file(&folder, "copy")), ERR_EXISTS);
    append(j, 4, "later", 4);
    journal_close(j);
    assert_int_equal(journal_open_copy(folder_file(&folder, "copy"), &copy), ERR_OK);
    expect(copy, 2, 3, "three");
    expect(copy, 3, 0, NULL);
    journal_close(copy);
}

/* The file's bytes piece by piece; what a crash left half written is not among them. */
static void test_bytes(void **state)
{
    (void)state;
    uint8_t file[100];
    struct buf read = BUF_INIT;
    make_three();
    int fd = open(folder_file(&folder, "control.journal"), O_RDWR | O_APPEND);
    assert_int_equal(pread(fd, file, sizeof file, 0), 71);
    assert_int_equal(write(fd, "torn", 4), 4);
    close(fd);
    struct journal *j = open_as(JOURNAL_READ);
    for (uint64_t at = 0; at <= 71; at += 30) /* 30, 30, 11 */
        assert_int_equal(journal_read(j, at, 30, &read), ERR_OK);
    assert_int_equal(read.size, 71);
    assert_memory_equal(read.data, file, 71);
    assert_int_equal(journal_read(j, 71, 30, &read), ERR_OK);
    assert_int_equal(journal_read(j, 500, 30, &read), ERR_OK);
    assert_int_equal(read.size, 71);
    journal_close(j);
    buf_finish(&read);
}

/* Numbers stay without holes whoever appends. */
static void test_two_processes(void **state)
{
    (void)state;
    make_three();
    fflush(NULL);
    pid_t child = fork();
    assert_true(child >= 0);
    struct journal *j = NULL;
    enum err e = journal_open(folder.path, JOURNAL_OPEN, &j);
    for (int i = 0; i < 50 && e == ERR_OK; i++) {
        uint64_t number;
        e = journal_append(j, child ? 10 : 11, slice_text("x"), &number);
    }
    journal_close(j);
    if (child == 0)
        _exit(e == ERR_OK ? 0 : 1);
    int status;
    assert_int_equal(e, ERR_OK);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    j = open_as(JOURNAL_READ);
    int of[2] = {0, 0};
    for (uint64_t after = 3; after < 103; after++) {
        uint64_t number;
        uint8_t type;
        struct slice body;
        bool more;
        assert_int_equal(journal_next(j, after, &number, &type, &body, &more), ERR_OK);
        assert_true(more);
        of[type - 10]++;
    }
    expect(j, 103, 0, NULL);
    assert_int_equal(of[0], 50);
    assert_int_equal(of[1], 50);
    journal_close(j);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_append_and_read, setup, teardown),
        cmocka_unit_test_setup_teardown(test_create_twice_and_none, setup, teardown),
        cmocka_unit_test_setup_teardown(test_torn_tail, setup, teardown),
        cmocka_unit_test_setup_teardown(test_zero_tail, setup, teardown),
        cmocka_unit_test_setup_teardown(test_damage_in_the_middle, setup, teardown),
        cmocka_unit_test_setup_teardown(test_copy, setup, teardown),
        cmocka_unit_test_setup_teardown(test_bytes, setup, teardown),
        cmocka_unit_test_setup_teardown(test_two_processes, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
