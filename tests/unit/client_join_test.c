/* Joining against a real server: what is there afterwards, what a refusal leaves, an answer that was lost, a server
 * that is another, two joins at once. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/key_file.h"
#include "base/limits.h"
#include "base/tr.h"
#include "client/agent/agent.h"
#include "client/replica/replica_sync.h"
#include "help_agent.h"
#include "wire/join_code.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

static struct help_agent a;
static struct agent_joined joined;
static struct agent_result result;

static int setup(void **state)
{
    (void)state;
    memset(&joined, 0, sizeof joined);
    memset(&result, 0, sizeof result);
    help_agent_make(&a);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    arena_finish(&joined.arena);
    agent_result_finish(&result);
    help_agent_finish(&a);
    return 0;
}

static enum err join(const char *code)
{
    agent_join(a.folder.path, code, NULL, &joined, &result);
    return result.why;
}

static bool says(const char *what)
{
    return result.text.size > 0 && strstr(buf_c_string(&result.text), what);
}

static void what_is_there_afterwards(void **state)
{
    (void)state;
    struct replica *r;
    struct replica_facts f;
    static const char *const files[] = {"banyan.db", "key.pem", "cert.pem", "ca.pem"};
    const char *code = help_agent_code(&a, ROLES(union_chair));
    help_agent_go(&a);
    assert_int_equal(join(code), ERR_OK);
    assert_int_equal(result.text.size, 0);
    assert_string_equal(joined.seat.person, "林晓岚");
    assert_int_equal(joined.seat.home, a.h.server.branch);
    for (size_t i = 0; i < sizeof files / sizeof *files; i++)
        assert_int_equal(folder_mode(&a.folder, files[i]), 0600);
    assert_int_equal(replica_open(a.folder.path, help_now_ms, &r), ERR_OK);
    assert_int_equal(replica_facts(r, &f), ERR_OK);
    assert_int_equal(f.seat, joined.seat.number);
    assert_int_equal(f.roles, ROLES(union_chair));
    assert_string_equal(f.server, a.address);
    assert_true(f.certificate_ends_ms > help_now_ms); /* the first round was run */
    assert_string_equal(f.district, "青禾区教育工会");
    replica_close(r);
    assert_int_equal(join(code), ERR_EXISTS);
    assert_true(says(a.folder.path));
}

/* Nothing is left of it, the folder itself included. */
static void codes_that_are_refused(void **state)
{
    (void)state;
    char used[600], late[600];
    struct folder other;
    folder_make(&other);
    snprintf(used, sizeof used, "%s", help_agent_code(&a, ROLES(union_chair)));
    snprintf(late, sizeof late, "%s", help_agent_code(&a, ROLES(accountant)));
    help_agent_go(&a);
    agent_join(other.path, used, NULL, &joined, &result);
    assert_int_equal(result.why, ERR_OK);
    assert_int_equal(join(used), ERR_REFUSED);
    assert_true(says(_("This code was used already. Next: ask for a new invitation.")));
    assert_int_not_equal(access(a.folder.path, F_OK), 0);
    help_agent_halt(&a);
    help_now_ms += 8 * INT64_C(86400000);
    help_agent_go(&a);
    assert_int_equal(join(late), ERR_REFUSED);
    assert_true(says(_("This code has expired. Next: ask for a new invitation.")));
    assert_int_not_equal(access(a.folder.path, F_OK), 0);
    folder_remove(&other);
}

static void what_is_no_code_makes_nothing(void **state)
{
    (void)state;
    char code[600];
    snprintf(code, sizeof code, "%s", help_agent_code(&a, ROLES(union_chair)));
    char *digit = strstr(code, "-") + 3;
    *digit = *digit == '7' ? '8' : '7'; /* mistyped */
    assert_int_equal(join(code), ERR_VALUE);
    assert_int_equal(join(""), ERR_VALUE);
    assert_int_equal(folder_count(&a.folder), 0);
}

/* The seat was made, and nobody heard of it: the same key with the same code is the same seat. */
static void a_lost_answer_is_asked_for_again(void **state)
{
    (void)state;
    char code[600];
    snprintf(code, sizeof code, "%s", help_agent_code(&a, ROLES(union_chair)));
    help_agent_go(&a);
    assert_int_equal(join(code), ERR_OK);
    uint32_t seat = joined.seat.number;
    static const char *const files[] = {"banyan.db", "banyan.db-wal", "banyan.db-shm", "cert.pem", "ca.pem"};
    for (size_t i = 0; i < sizeof files / sizeof *files; i++)
        (void)unlink(folder_file(&a.folder, files[i]));
    assert_int_equal(join(code), ERR_OK);
    assert_int_equal(joined.seat.number, seat);
}

/* A code that is refused does not cost the key on which another one may hang. */
static void a_key_of_before_stays(void **state)
{
    (void)state;
    struct folder other;
    char mine[600], used[600];
    folder_make(&other);
    snprintf(mine, sizeof mine, "%s", help_agent_code(&a, ROLES(union_chair)));
    snprintf(used, sizeof used, "%s", help_agent_code(&a, ROLES(accountant)));
    help_agent_go(&a);
    agent_join(other.path, used, NULL, &joined, &result);
    assert_int_equal(result.why, ERR_OK);
    assert_int_equal(join(mine), ERR_OK);
    uint32_t seat = joined.seat.number;
    static const char *const files[] = {"banyan.db", "banyan.db-wal", "banyan.db-shm", "cert.pem", "ca.pem"};
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) /* the answer was lost */
        (void)unlink(folder_file(&a.folder, files[i]));
    assert_int_equal(join(used), ERR_REFUSED);
    assert_true(folder_has(&a.folder, "key.pem"));
    assert_int_equal(join(mine), ERR_OK);
    assert_int_equal(joined.seat.number, seat);
    folder_remove(&other);
}

static const char *changed_code(void (*change)(Wire__JoinCode *code))
{
    static char text[600];
    struct buf out = BUF_INIT;
    struct arena arena;
    Wire__JoinCode *code;
    arena_init(&arena, LIMIT_FRAME_JOIN);
    assert_int_equal(join_code_parse(slice_text(help_agent_code(&a, ROLES(union_chair))), tls_sha256, &arena, &code),
                     ERR_OK);
    change(code);
    join_code_text(code, tls_sha256, &out);
    snprintf(text, sizeof text, "%s", buf_c_string(&out));
    buf_finish(&out);
    arena_finish(&arena);
    return text;
}

static void another_ca(Wire__JoinCode *code)
{
    code->ca_fingerprint.data[3] ^= 1;
}

static void another_secret(Wire__JoinCode *code)
{
    code->secret.data[3] ^= 1;
}

static void nowhere(Wire__JoinCode *code)
{
    code->server = "127.0.0.1:1";
}

static void another_server_gets_no_secret(void **state)
{
    (void)state;
    const char *code = changed_code(another_ca);
    char good[600];
    snprintf(good, sizeof good, "%s", help_agent_code(&a, ROLES(handler)));
    help_agent_go(&a);
    assert_int_equal(join(code), ERR_PIN);
    assert_false(folder_has(&a.folder, "banyan.db"));
    assert_true(folder_has(&a.folder, "key.pem")); /* who fixes the line may use the code again */
    help_agent_halt(&a);
    assert_int_equal(join(changed_code(nowhere)), ERR_OFFLINE);
    assert_false(says("queued")); /* nothing was entered */
    help_agent_go(&a);
    assert_int_equal(join(good), ERR_OK);
}

static void a_code_that_nobody_gave(void **state)
{
    (void)state;
    const char *code = changed_code(another_secret);
    help_agent_go(&a);
    assert_int_equal(join(code), ERR_REFUSED);
    assert_true(says(_("The server does not know this code. Next: check it, or ask for a new invitation.")));
}

static void two_at_once(void **state)
{
    (void)state;
    const char *code = help_agent_code(&a, ROLES(union_chair));
    int other = open(a.folder.path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    assert_int_equal(flock(other, LOCK_EX), 0);
    assert_int_equal(join(code), ERR_LOCKED);
    assert_int_equal(folder_count(&a.folder), 0);
    close(other);
    help_agent_go(&a);
    assert_int_equal(join(code), ERR_OK);
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(what_is_there_afterwards),      T(codes_that_are_refused),
        T(what_is_no_code_makes_nothing), T(a_lost_answer_is_asked_for_again),
        T(a_key_of_before_stays),         T(another_server_gets_no_secret),
        T(a_code_that_nobody_gave),       T(two_at_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
