#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/limits.h"
#include "base/log.h"
#include "base/state.h"
#include <stdio.h>
#include <stdlib.h>
#include <signal.h>
#include <fcntl.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

/* stderr of what step does, in a child so that an abort can be looked at too. */
static int said_by(void (*step)(void), char *out, size_t size)
{
    int ends[2], status;
    assert_int_equal(pipe(ends), 0);
    pid_t child = fork();
    if (child == 0) {
        signal(SIGABRT, SIG_DFL);
        setrlimit(RLIMIT_CORE, &(struct rlimit){0});
        dup2(ends[1], STDERR_FILENO);
        close(ends[0]);
        step();
        _exit(0);
    }
    close(ends[1]);
    size_t at = 0;
    for (ssize_t got; at < size - 1 && (got = read(ends[0], out + at, size - 1 - at)) > 0;)
        at += (size_t)got;
    out[at] = 0;
    close(ends[0]);
    assert_int_equal(waitpid(child, &status, 0), child);
    return status;
}

static void say_three(void)
{
    log_debug("net", "not heard");
    log_info("net", "peer %d of %s", 7, "青禾区");
    log_error("db", "two\nlines\x1b[2J");
}

static void a_line_has_time_level_area_message(void **state)
{
    (void)state;
    char said[4096];
    assert_int_equal(said_by(say_three, said, sizeof said), 0);
    assert_null(strstr(said, "not heard"));
    char *first = said, *second = strchr(said, '\n');
    assert_non_null(second);
    *second++ = 0;
    assert_int_equal(first[4], '-');
    assert_int_equal(first[10], 'T');
    assert_int_equal(first[19], 'Z'); /* whole seconds */
    assert_string_equal(first + 20, " info net: peer 7 of 青禾区");
    assert_string_equal(second + 20, " error db: two lines [2J\n");
}

static void say_long(void)
{
    char text[5000];
    memset(text, 'x', sizeof text - 1);
    text[sizeof text - 1] = 0;
    log_set_level(LOG_DEBUG);
    log_debug("a", "%s", text);
}

static void a_long_line_is_cut_and_ended(void **state)
{
    (void)state;
    char said[8192];
    assert_int_equal(said_by(say_long, said, sizeof said), 0);
    size_t size = strlen(said);
    assert_in_range(size, 1000, 1100);
    assert_int_equal(said[size - 1], '\n');
    assert_ptr_equal(strchr(said, '\n'), said + size - 1);
}

/* Two sorts of lines in a loop: each has its burst, and what was left out is told, at once by the next of its sort or when asked. */
static void say_in_a_loop(void)
{
    for (unsigned i = 0; i < 1000; i++)
        log_info("net", "peer %u was cut off", i);
    log_warn("net", "another sort");
    log_tell_left_out();
    log_tell_left_out();
}

static void lines_in_a_loop_are_bounded_and_counted(void **state)
{
    (void)state;
    static char said[1u << 16];
    size_t lines = 0;
    assert_int_equal(said_by(say_in_a_loop, said, sizeof said), 0);
    for (const char *at = said; (at = strchr(at, '\n')); at++)
        lines++;
    assert_int_equal(lines, LIMIT_LOG_BURST + 2); /* of a loop of less than LIMIT_LOG_EACH_MS */
    assert_non_null(strstr(said, "net: peer 99 was cut off\n"));
    assert_null(strstr(said, "peer 100 "));
    assert_non_null(strstr(said, " warn net: another sort\n"));
    assert_non_null(strstr(said, " warn net: 900 such lines were left out: peer %u was cut off\n"));
}

/* The 101st line of one seat is left out, the first of another is not; each is told of for itself. */
static void one_seat_in_a_loop(void)
{
    for (uint32_t seat = 7; seat <= 9; seat++)
        for (unsigned i = 0; i < (seat == 7 ? 500 : 2); i++)
            log_error_of(seat, "session", "seat %u is not believed, %u", seat, i);
    log_tell_left_out();
}

static void one_seat_silences_no_other(void **state)
{
    (void)state;
    static char said[1u << 16];
    assert_int_equal(said_by(one_seat_in_a_loop, said, sizeof said), 0);
    assert_non_null(strstr(said, "seat 7 is not believed, 99\n"));
    assert_null(strstr(said, "seat 7 is not believed, 100\n"));
    assert_non_null(strstr(said, "seat 8 is not believed, 1\n"));
    assert_non_null(strstr(said, "seat 9 is not believed, 1\n"));
    assert_non_null(strstr(said, " warn session: 400 such lines of seat 7 were left out: seat %u is not believed, %u\n"));
}

/* More sorts than are told apart: each line is written or counted. */
static void many_seats(void)
{
    for (uint32_t seat = 1; seat <= 5000; seat++)
        log_warn_of(seat, "net", "seat %u", seat);
}

static void more_seats_than_gates_are_no_harm(void **state)
{
    (void)state;
    static char said[1u << 19];
    size_t lines = 0;
    assert_int_equal(said_by(many_seats, said, sizeof said), 0);
    for (const char *at = said; (at = strchr(at, '\n')); at++)
        lines++;
    assert_int_equal(lines, 5000); /* a gate is given away three times, far below the burst */
}

enum { DOOR_SHUT, DOOR_OPEN, DOOR_GONE };
static const char *const door_names[] = {"SHUT", "OPEN", "GONE"};
static const uint32_t door_allowed[] = {1u << DOOR_OPEN, 1u << DOOR_SHUT | 1u << DOOR_GONE, 0};
static const struct state_table doors = {"door", door_names, door_allowed, 3};

static void move_twice(void)
{
    log_set_level(LOG_DEBUG);
    int door = DOOR_SHUT;
    state_move(&doors, &door, DOOR_OPEN, "knocked");
    state_move(&doors, &door, DOOR_GONE, "fire");
    _exit(door == DOOR_GONE ? 0 : 1);
}

static void allowed_moves_are_made_and_logged(void **state)
{
    (void)state;
    char said[4096];
    assert_int_equal(said_by(move_twice, said, sizeof said), 0);
    assert_non_null(strstr(said, " debug door: SHUT -> OPEN (knocked)\n"));
    assert_non_null(strstr(said, " debug door: OPEN -> GONE (fire)\n"));
}

static void move_wrongly(void)
{
    int door = DOOR_SHUT;
    state_move(&doors, &door, DOOR_GONE, "magic");
}

static void stay(void)
{
    int door = DOOR_OPEN;
    state_move(&doors, &door, DOOR_OPEN, "nothing");
}

static void move_nowhere(void)
{
    int door = DOOR_SHUT;
    state_move(&doors, &door, 3, "off the table");
}

static void other_moves_abort(void **state)
{
    (void)state;
    char said[4096];
    int status = said_by(move_wrongly, said, sizeof said);
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
    assert_non_null(strstr(said, "no way from SHUT to GONE (magic)"));
    assert_true(WIFSIGNALED(said_by(stay, said, sizeof said)));
    assert_true(WIFSIGNALED(said_by(move_nowhere, said, sizeof said)));
}

/* A district whose seats come and go, 100 lines each and more; then something that nobody has said before. */
static void say_something_new(void)
{
    int out = dup(STDERR_FILENO), nowhere = open("/dev/null", O_WRONLY);
    dup2(nowhere, STDERR_FILENO);
    for (uint32_t seat = 1; seat <= 2500; seat++)
        for (unsigned i = 0; i < LIMIT_LOG_BURST + 1; i++)
            log_info_of(seat, "listener", "seat %u: closed", seat);
    dup2(out, STDERR_FILENO);
    log_error("writer", "the disk is full");
}

static void what_is_new_is_heard(void **state)
{
    (void)state;
    char said[4096];
    assert_int_equal(said_by(say_something_new, said, sizeof said), 0);
    assert_non_null(strstr(said, "the disk is full"));
}

/* More seats than gates, a few of them noisy: one that is new gets a gate that is ready, and what is left out is told by its own name. */
static void one_more_seat(void)
{
    for (uint32_t seat = 1; seat <= 2500; seat++)
        for (unsigned i = 0; i < (seat % 100 ? 1 : LIMIT_LOG_BURST + 1); i++)
            log_info_of(seat, "listener", "seat %u: closed", seat);
    for (unsigned i = 0; i < LIMIT_LOG_BURST + 1; i++)
        log_error_of(3000, "writer", "seat %u is not believed, %u", 3000u, i);
    log_tell_left_out();
}

static void one_more_seat_is_heard(void **state)
{
    (void)state;
    static char said[1u << 20];
    assert_int_equal(said_by(one_more_seat, said, sizeof said), 0);
    assert_non_null(strstr(said, "seat 3000 is not believed, 98\n")); /* the gate had written one line */
    assert_null(strstr(said, "seat 3000 is not believed, 100\n"));
    assert_non_null(strstr(said, "lines of seat 3000 were left out: seat %u is not believed, %u\n"));
    assert_non_null(strstr(said, " warn listener: 1 such lines of seat 100 were left out: seat %u: closed\n"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_new_is_heard),
        cmocka_unit_test(one_more_seat_is_heard),
        cmocka_unit_test(a_line_has_time_level_area_message),
        cmocka_unit_test(a_long_line_is_cut_and_ended),
        cmocka_unit_test(lines_in_a_loop_are_bounded_and_counted),
        cmocka_unit_test(one_seat_silences_no_other),
        cmocka_unit_test(more_seats_than_gates_are_no_harm),
        cmocka_unit_test(allowed_moves_are_made_and_logged),
        cmocka_unit_test(other_moves_abort),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
