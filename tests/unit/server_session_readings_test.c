/* Which readings a chair is told: in the journal's order, whatever the server's clock did, and again from the first where the one that
 * it was told last is of another journal. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "help_server.h"

#include "server/store/store_control.h"

#include <stdio.h>
#include <string.h>

#define TEN_DAYS 864000000LL

static void add(struct help_server *s, uint32_t org, int64_t at_ms, const char *fields)
{
    struct control_reading r = {.org = org, .at_ms = at_ms, .seat = s->second, .roles = "union_chair", .kind = s->member,
                                .id = {{1}}, .records = 1, .fields = fields};
    assert_int_equal(control_add_reading(s->control, &r), ERR_OK);
}

/* The fields of those that are told, a blank behind each; *last: number of the last. */
static const char *told(struct help_server *s, uint64_t after, int64_t after_ms, size_t max, uint64_t *last)
{
    static char out[128];
    struct db_statement *q;
    bool row;
    size_t size = 0;
    *out = 0;
    assert_int_equal(store_control_readings(store_db(s->store), s->branch, after, after_ms, max, &q), ERR_OK);
    while (db_step(q, &row) == ERR_OK && row) {
        *last = (uint64_t)db_integer(q, 0);
        struct slice fields = db_text(q, 7);
        size += (size_t)snprintf(out + size, sizeof out - size, "%.*s ", (int)fields.size, (const char *)fields.data);
    }
    return out;
}

static void a_clock_that_was_set_back(void **state)
{
    struct help_server *s = *state;
    uint64_t last = 0;
    add(s, s->branch, s->now_ms + TEN_DAYS, "ahead");
    assert_string_equal(told(s, 0, 0, 256, &last), "ahead ");
    add(s, s->other, s->now_ms, "elsewhere");
    add(s, s->branch, s->now_ms, "set_right");
    add(s, s->branch, s->now_ms + 1, "after");
    assert_string_equal(told(s, last, s->now_ms + TEN_DAYS, 1, &last), "set_right ");
    assert_string_equal(told(s, last, s->now_ms, 256, &last), "after ");
    assert_string_equal(told(s, last, s->now_ms + 1, 256, &last), "");
}

static void a_journal_that_numbers_again(void **state)
{
    struct help_server *s = *state;
    uint64_t last = 0, same;
    add(s, s->branch, s->now_ms, "one");
    add(s, s->branch, s->now_ms + 5, "two");
    assert_string_equal(told(s, 0, 0, 256, &last), "one two ");
    same = last;
    assert_string_equal(told(s, same, s->now_ms + 4, 256, &last), "one two ");       /* the number is of another reading */
    assert_string_equal(told(s, same + 30, s->now_ms + 5, 256, &last), "one two "); /* nothing has it yet */
    add(s, s->other, s->now_ms + 9, "elsewhere");
    assert_string_equal(told(s, same + 1, s->now_ms + 9, 256, &last), "one two "); /* of another branch */
}

/* The answer goes each time. */
static void ask(struct help_server *s, int64_t at_ms, uint8_t record, const char *fields)
{
    struct job *job = job_make(s, JOB_READING, s->second);
    job->reading = arena_alloc(&job->arena, sizeof *job->reading);
    *job->reading = (struct control_reading){.org = s->branch, .at_ms = at_ms, .seat = s->second, .roles = arena_text(&job->arena, slice_text("union_chair")),
                                             .kind = s->member, .id = {{record}}, .records = 1, .fields = arena_text(&job->arena, slice_text(fields))};
    buf_text(&job->request, "the answer");
    server_run(s, job);
    assert_int_equal(job->failed, ERR_OK);
    assert_string_equal(buf_c_string(&job->answer), "the answer");
    job_free_one(job);
}

static void who_asks_in_a_loop_does_not_fill_the_journal(void **state)
{
    struct help_server *s = *state;
    uint64_t last = 0;
    int64_t before = 0, after = 0;
    assert_int_equal(store_meta_get(store_db(s->store), "generation", &before), ERR_OK);
    for (int64_t i = 0; i < 50; i++)
        ask(s, s->now_ms + i, 1, "mobile");
    assert_string_equal(told(s, 0, 0, 256, &last), "mobile ");
    ask(s, s->now_ms, 1, "mobile,birth_date");
    ask(s, s->now_ms, 2, "id_number");
    ask(s, s->now_ms + 86400000, 1, "mobile"); /* the next day */
    assert_string_equal(told(s, 0, 0, 256, &last), "mobile mobile,birth_date id_number mobile ");
    assert_int_equal(store_meta_get(store_db(s->store), "generation", &after), ERR_OK);
    assert_int_equal(after, before); /* nobody reads all of control again for it */
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, server_setup, server_teardown)
    const struct CMUnitTest tests[] = {T(a_clock_that_was_set_back), T(a_journal_that_numbers_again),
                                       T(who_asks_in_a_loop_does_not_fill_the_journal)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
