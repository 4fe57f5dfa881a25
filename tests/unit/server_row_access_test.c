/* Kinds of which a role may read some records and not others (row_access): lists, one record, its history. An order
 * that is marked "sent" is the district's to read, others are sums. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "help_errand.h"
#include "help_session.h"
#include "sync/effect.h"
#include "wire/wire.h"

#include <string.h>

static struct help_serving h;
static struct pen pen;
static struct id runner, sent, kept;

static struct id order(const char *week, const char *mark)
{
    struct arena *arena = &h.server.arena;
    struct id id = errand_id(ORDER, h.server.branch, runner, week);
    const char *words = arena_format(arena, "week=%s%s", week, mark);
    struct change *c = pen_write(&pen, OP_CREATE, ORDER, id, 0, words);
    record_put_name((ProtobufCMessage *)c->patch, "runner_id", cell_bytes(arena_copy(arena, id_slice(&runner))), arena);
    record_put_name((ProtobufCMessage *)c->patch, "entered_by", cell_integer(pen.seat), arena);
    assert_int_equal(change_pack(c, arena), ERR_OK);
    assert_non_null(strstr(push_one(&pen, c), "APPLIED"));
    return id;
}

static int setup(void **state)
{
    (void)state;
    kind_register_extra(NULL);
    errand_register();
    serving_make(&h);
    pen = pen_of(&h.server, h.server.chair, h.server.branch, 1);
    runner = member_id(1);
    assert_non_null(strstr(push_one(&pen, pen_write(&pen, OP_CREATE, RUNNER, runner, 0, "name=Li")), "APPLIED"));
    sent = order("w1", "");
    kept = order("w2", " mark=draft");
    assert_non_null(strstr(
        push_one(&pen, pen_write(&pen, OP_SET, ORDER, sent, server_seq(&h.server, h.server.branch), "mark=sent")),
        "APPLIED"));
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    serving_remove(&h);
    kind_register_extra(NULL);
    return 0;
}

static Wire__RowsAsk rows_ask(struct id *id)
{
    Wire__RowsAsk ask = WIRE__ROWS_ASK__INIT;
    ask.has_number = ask.has_kind = 1;
    ask.number = 7;
    ask.kind = ORDER;
    ask.org_code = "qh-01";
    ask.has_id = id != NULL;
    if (id)
        ask.id = (ProtobufCBinaryData){ID_SIZE, id->bytes};
    return ask;
}

static const Wire__Rows *say_rows(struct peer *p, struct id *id)
{
    Wire__RowsAsk ask = rows_ask(id);
    peer_say(p, FRAME_ROWS_ASK, &ask.base);
    return (const Wire__Rows *)peer_expect(p, FRAME_ROWS);
}

static void say_history(struct peer *p, struct id *id)
{
    Wire__HistoryAsk ask = WIRE__HISTORY_ASK__INIT;
    ask.has_number = ask.has_org = ask.has_kind = ask.has_id = 1;
    ask.number = 8;
    ask.org = h.server.branch;
    ask.kind = ORDER;
    ask.id = (ProtobufCBinaryData){ID_SIZE, id->bytes};
    peer_say(p, FRAME_HISTORY_ASK, &ask.base);
}

static void a_list_holds_what_may_be_read(void **state)
{
    (void)state;
    struct peer p;
    peer_enter(&h, &p, h.officer);
    const Wire__Rows *rows = say_rows(&p, NULL);
    assert_int_equal(rows->n_row, 1);
    assert_memory_equal(rows->row[0]->id.data, sent.bytes, ID_SIZE);
    ProtobufCMessage *m;
    assert_int_equal(wire_open(&errand__order__descriptor, slice_of(rows->row[0]->row.data, rows->row[0]->row.len),
                               &h.server.arena, &m),
                     ERR_OK);
    assert_string_equal(((const Errand__Order *)m)->week, "w1");
    assert_int_equal(say_rows(&p, &sent)->n_row, 1);
    assert_int_equal(say_rows(&p, &kept)->n_row, 0);
    peer_finish(&p);
    peer_enter(&h, &p, h.server.second);
    assert_int_equal(say_rows(&p, NULL)->n_row, 2); /* the branch reads its own */
    peer_finish(&p);
}

/* The whole of it, from before it was marked too. */
static void the_history_of_what_may_be_read(void **state)
{
    (void)state;
    struct peer p;
    struct entry e;
    struct effects effects;
    peer_enter(&h, &p, h.officer);
    say_history(&p, &sent);
    const Wire__History *history = (const Wire__History *)peer_expect(&p, FRAME_HISTORY);
    assert_int_equal(history->n_entry, 2);
    assert_int_equal(entry_open(history->entry[0], &h.server.arena, &e), ERR_OK);
    assert_int_equal(effects_open(e.effects, &h.server.arena, &effects), ERR_OK);
    assert_string_equal(((const Errand__Order *)effects.list[0].patch)->week, "w1");
    assert_true(e.change.size > 0 && !e.stripped);
    say_history(&p, &kept);
    peer_expect_error(&p, 8, "RIGHT");
    peer_finish(&p);
}

/* What was marked and then removed is told no more. */
static void a_removed_record_is_told_by_the_table(void **state)
{
    (void)state;
    struct peer p;
    struct change *c = pen_write(&pen, OP_REMOVE, ORDER, sent, server_seq(&h.server, h.server.branch), "");
    assert_non_null(strstr(push_one(&pen, c), "APPLIED"));
    peer_enter(&h, &p, h.officer);
    say_history(&p, &sent);
    peer_expect_error(&p, 8, "RIGHT");
    assert_int_equal(say_rows(&p, NULL)->n_row, 0);
    peer_finish(&p);
}

static void who_may_read_none_asks_in_vain(void **state)
{
    (void)state;
    struct peer p;
    peer_enter(&h, &p, server_add_seat(&h.server, 1, "district_finance"));
    Wire__RowsAsk ask = rows_ask(NULL);
    peer_say(&p, FRAME_ROWS_ASK, &ask.base);
    peer_expect_error(&p, 7, "RIGHT");
    peer_finish(&p);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {
        T(a_list_holds_what_may_be_read),
        T(the_history_of_what_may_be_read),
        T(a_removed_record_is_told_by_the_table),
        T(who_may_read_none_asks_in_vain),
    };
    return cmocka_run_group_tests_name("server_row_access", tests, NULL, NULL);
}
