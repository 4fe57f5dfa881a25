/* One process a folder. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include "db/db.h"
#include "help_folder.h"
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

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

static enum err try_lock(void)
{
    struct db_lock *lock = NULL;
    enum err e = db_lock_open(folder_file(&dir, "lock"), &lock);
    db_lock_close(lock);
    return e;
}

static int answer_of_child(void)
{
    int status = -1;
    pid_t child = fork();
    if (child == 0)
        _exit((int)try_lock());
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}

static void only_one_holds_it(void **state)
{
    (void)state;
    struct db_lock *lock = NULL;
    mode_t before = umask(0);
    enum err e = db_lock_open(folder_file(&dir, "lock"), &lock);
    umask(before);
    assert_int_equal(e, ERR_OK);
    assert_int_equal(folder_mode(&dir, "lock"), 0600);
    assert_int_equal(answer_of_child(), ERR_LOCKED);
    assert_int_equal(try_lock(), ERR_LOCKED); /* nor a second time here */
    db_lock_close(lock);
    assert_int_equal(answer_of_child(), ERR_OK);
    assert_true(folder_has(&dir, "lock"));
}

static void those_who_share_it_keep_others_out(void **state)
{
    (void)state;
    struct db_lock *one = NULL, *two = NULL, *alone = NULL;
    assert_int_equal(db_lock_share(folder_file(&dir, "lock"), &one), ERR_OK);
    assert_int_equal(db_lock_share(folder_file(&dir, "lock"), &two), ERR_OK);
    db_lock_close(one);
    assert_int_equal(answer_of_child(), ERR_LOCKED);
    db_lock_close(two);
    assert_int_equal(db_lock_open(folder_file(&dir, "lock"), &alone), ERR_OK);
    two = NULL;
    assert_int_equal(db_lock_share(folder_file(&dir, "lock"), &two), ERR_LOCKED);
    assert_null(two);
    db_lock_close(alone);
}

static void a_dead_holder_lets_go(void **state)
{
    (void)state;
    int status, ready[2];
    char byte;
    assert_int_equal(pipe(ready), 0);
    pid_t child = fork();
    if (child == 0) {
        struct db_lock *lock;
        if (db_lock_open(folder_file(&dir, "lock"), &lock) == ERR_OK)
            (void)!write(ready[1], "x", 1);
        for (;;)
            pause();
    }
    assert_int_equal(read(ready[0], &byte, 1), 1);
    assert_int_equal(try_lock(), ERR_LOCKED);
    kill(child, SIGKILL);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(try_lock(), ERR_OK);
    close(ready[0]);
    close(ready[1]);
}

static void the_lock_is_not_inherited_by_programs(void **state)
{
    (void)state;
    int status, done[2];
    struct db_lock *lock = NULL;
    assert_int_equal(pipe(done), 0);
    assert_int_equal(db_lock_open(folder_file(&dir, "lock"), &lock), ERR_OK);
    pid_t child = fork();
    if (child == 0) { /* another program that outlives the lock's holder */
        dup2(done[0], 0);
        close(done[1]);
        execlp("cat", "cat", (char *)NULL);
        _exit(1);
    }
    close(done[0]);
    db_lock_close(lock);
    enum err e = ERR_LOCKED;
    for (int i = 0; i < 2000 && e == ERR_LOCKED; i++, usleep(1000)) /* until the child has become the other program */
        e = try_lock();
    assert_int_equal(e, ERR_OK);
    close(done[1]);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
}

static void no_folder(void **state)
{
    (void)state;
    struct db_lock *lock = NULL;
    assert_int_equal(db_lock_open(folder_file(&dir, "none/lock"), &lock), ERR_NOT_FOUND);
    assert_null(lock);
    db_lock_close(NULL);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        T(only_one_holds_it),
        T(those_who_share_it_keep_others_out),
        T(a_dead_holder_lets_go),
        T(the_lock_is_not_inherited_by_programs),
        T(no_folder),
    };
    return cmocka_run_group_tests_name("db_lock", tests, NULL, NULL);
}
