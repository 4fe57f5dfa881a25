/* Questions through a session: rows, one record, its history, the board, each within the asker's part of the union and
 * rights. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "help_session.h"

#include "base/limits.h"
#include "membership.pb-c.h"
#include "server/session/session_frames.h"
#include "wire/wire.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MEMBER 1u
#define GROUP 2u
#define ID_NUMBER "110101199003070038"

static int setup(void **state)
{
    static struct help_serving h;
    serving_make(&h);
    *state = &h;
    return 0;
}

static int teardown(void **state)
{
    serving_remove(*state);
    return 0;
}

static Wire__RowsAsk rows_ask(uint32_t kind, const char *code)
{
    Wire__RowsAsk ask = WIRE__ROWS_ASK__INIT;
    ask.has_number = ask.has_kind = 1;
    ask.number = 7;
    ask.kind = kind;
    ask.org_code = (char *)code;
    return ask;
}

static const Wire__Rows *say_rows(struct peer *p, const Wire__RowsAsk *ask)
{
    peer_say(p, FRAME_ROWS_ASK, &ask->base);
    const Wire__Rows *rows = (const Wire__Rows *)peer_expect(p, FRAME_ROWS);
    assert_int_equal(rows->number, 7);
    return rows;
}

static const Record__Member *member_in(struct help_serving *h, const Wire__SnapshotRow *row)
{
    ProtobufCMessage *m;
    assert_int_equal(row->kind, MEMBER);
    assert_int_equal(
        wire_open(&record__member__descriptor, slice_of(row->row.data, row->row.len), &h->server.arena, &m), ERR_OK);
    return (const Record__Member *)m;
}

static void write_member(struct pen *pen, int i, const char *words)
{
    assert_non_null(strstr(push_one(pen, pen_create(pen, i, words)), "APPLIED"));
}

static struct pen pen_in_other(struct help_serving *h)
{
    return pen_of(&h->server, server_add_seat(&h->server, h->server.other, "union_chair"), h->server.other, 3);
}

/* A group whose leader is the member. */
static void write_group(struct pen *pen, int i, int leader)
{
    struct help_server *s = pen->s;
    struct change *c = pen_write(pen, OP_CREATE, GROUP, member_id(i), 0, "name=One");
    struct id id = member_id(leader);
    record_put_name((ProtobufCMessage *)c->patch, "leader_member_id", cell_bytes(arena_copy(&s->arena, id_slice(&id))),
                    &s->arena);
    assert_int_equal(change_pack(c, &s->arena), ERR_OK);
    assert_non_null(strstr(push_one(pen, c), "APPLIED"));
}

/* ---- rows ---- */

static void a_district_officer_lists_a_branch(void **state)
{
    struct help_serving *h = *state;
    struct pen pen = pen_of(&h->server, h->server.chair, h->server.branch, 1), foreign = pen_in_other(h);
    struct peer p;
    Wire__RowsAsk ask = rows_ask(MEMBER, "qh-01");
    write_member(&pen, 1, "name=Li id_number=" ID_NUMBER);
    write_member(&pen, 2, "name=Wang");
    write_member(&foreign, 3, "name=Zhao");
    assert_non_null(strstr(push_one(&pen, pen_write(&pen, OP_REMOVE, MEMBER, member_id(2), S(2), "")), "APPLIED"));
    peer_enter(h, &p, h->officer);
    const Wire__Rows *rows = say_rows(&p, &ask);
    assert_int_equal(rows->org, h->server.branch);
    assert_true(rows->done);
    assert_int_equal(rows->n_row, 1); /* tombstones are no rows */
    const Record__Member *m = member_in(h, rows->row[0]);
    assert_string_equal(m->name, "Li");
    assert_null(m->id_number); /* r: without sensitive fields */
    assert_int_equal(rows->row[0]->seq, S(1));
    ask = rows_ask(MEMBER, "qh-02");
    assert_string_equal(member_in(h, say_rows(&p, &ask)->row[0])->name, "Zhao");
    ask = rows_ask(MEMBER, NULL); /* its own org: the district has no members */
    assert_int_equal(say_rows(&p, &ask)->n_row, 0);
    peer_finish(&p);
}

static void a_foreign_org_does_not_exist(void **state)
{
    struct help_serving *h = *state;
    struct peer p;
    peer_enter(h, &p, h->server.chair);
    static const char *const codes[] = {"qh-02", "no-such", "", "qh-01'"};
    for (size_t i = 0; i < 4; i++) {
        Wire__RowsAsk ask = rows_ask(MEMBER, codes[i]);
        peer_say(&p, FRAME_ROWS_ASK, &ask.base);
        peer_expect_error(&p, 7, "ASK_ORG");
    }
    Wire__RowsAsk ask = rows_ask(MEMBER, NULL);
    ask.has_org = 1;
    ask.org = h->server.other;
    peer_say(&p, FRAME_ROWS_ASK, &ask.base);
    peer_expect_error(&p, 7, "ASK_ORG");
    ask = rows_ask(MEMBER, "qh-01");
    assert_int_equal(say_rows(&p, &ask)->n_row, 0); /* the connection goes on, and the own branch is there */
    peer_finish(&p);
}

static void what_roles_may_not_read(void **state)
{
    struct help_serving *h = *state;
    struct peer p;
    peer_enter(h, &p, server_add_seat(&h->server, 1, "district_finance")); /* sums alone */
    Wire__RowsAsk ask = rows_ask(MEMBER, "qh-01");
    peer_say(&p, FRAME_ROWS_ASK, &ask.base);
    peer_expect_error(&p, 7, "RIGHT");
    ask = rows_ask(4711, "qh-01");
    peer_say(&p, FRAME_ROWS_ASK, &ask.base);
    peer_expect_error(&p, 7, "RIGHT");
    peer_finish(&p);
}

/* What the district issues is the branch's to read. */
static void settings_of_the_org_above(void **state)
{
    struct help_serving *h = *state;
    struct pen pen = pen_of(&h->server, h->officer, 1, 9);
    struct peer p;
    struct id id = member_id(1);
    Wire__RowsAsk ask = rows_ask(h->server.policy, "qinghe");
    assert_string_equal(push_one(&pen, pen_write(&pen, OP_CREATE, h->server.policy, id, 0,
                                                 "rule_code=dues.rate value=5 effective_from=2026-01-01")),
                        "1 APPLIED");
    peer_enter(h, &p, h->server.chair);
    assert_int_equal(say_rows(&p, &ask)->n_row, 1);
    ask = rows_ask(h->server.policy, NULL); /* by its id alone */
    ask.has_id = 1;
    ask.id = (ProtobufCBinaryData){ID_SIZE, id.bytes};
    const Wire__Rows *rows = say_rows(&p, &ask);
    assert_int_equal(rows->n_row, 1);
    assert_int_equal(rows->org, 1);
    peer_finish(&p);
}

static void a_list_by_state_in_pages(void **state)
{
    struct help_serving *h = *state;
    struct pen pen = pen_of(&h->server, h->server.chair, h->server.branch, 1);
    struct peer p;
    char words[9000];
    memset(words, 'x', sizeof words);
    memcpy(words, "name=Li note=", 13);
    words[8000] = 0;
    for (int i = 0; i < 100; i++) /* 800 KiB: four pages */
        write_member(&pen, i, words);
    assert_non_null(strstr(push_one(&pen, pen_write(&pen, OP_ACT, MEMBER, member_id(97),
                                                    server_seq(&h->server, h->server.branch), "!active")),
                           "APPLIED"));
    peer_enter(h, &p, h->officer);
    Wire__RowsAsk ask = rows_ask(MEMBER, "qh-01");
    size_t count = 0, pages = 0;
    const Wire__Rows *rows;
    do {
        rows = say_rows(&p, &ask);
        count += rows->n_row;
        pages++;
        assert_true(rows->n_row > 0);
        assert_int_equal(rows->has_after_id, !rows->done);
        ask.has_after_id = 1;
        ask.after_id = rows->after_id;
    } while (!rows->done);
    assert_int_equal(count, 100);
    assert_true(pages >= 4);
    ask = rows_ask(MEMBER, "qh-01");
    ask.state = "active";
    rows = say_rows(&p, &ask); /* the one that is, found behind pages without any */
    assert_int_equal(rows->n_row, 1);
    assert_memory_equal(rows->row[0]->id.data, member_id(97).bytes, ID_SIZE);
    ask.state = "retained";
    rows = say_rows(&p, &ask);
    assert_int_equal(rows->n_row, 0);
    assert_true(rows->done);
    peer_finish(&p);
}

static void rows_name_what_they_point_to(void **state)
{
    struct help_serving *h = *state;
    struct pen pen = pen_of(&h->server, h->server.chair, h->server.branch, 1);
    struct peer p;
    Wire__RowsAsk ask = rows_ask(GROUP, "qh-01");
    write_member(&pen, 1, "name=Li note=secretive mobile=13800000000");
    write_group(&pen, 50, 1);
    write_group(&pen, 51, 1);
    peer_enter(h, &p, h->officer);
    const Wire__Rows *rows = say_rows(&p, &ask);
    assert_int_equal(rows->n_row, 2);
    assert_int_equal(rows->n_named, 1); /* once, though two name him */
    const Record__Member *m = member_in(h, rows->named[0]);
    assert_string_equal(m->name, "Li");
    assert_null(m->note);
    assert_null(m->mobile);
    peer_finish(&p);
}

static void one_record_by_the_beginning_of_its_id(void **state)
{
    struct help_serving *h = *state;
    struct pen pen = pen_of(&h->server, h->server.chair, h->server.branch, 1), foreign = pen_in_other(h);
    struct peer p;
    struct id id = member_id(90);
    for (int i = 0; i < 40; i++) /* of the same time, and before it in the order of ids */
        write_member(&foreign, i, "name=Zhao");
    write_member(&pen, 90, "name=Li");
    peer_enter(h, &p, h->server.chair);
    Wire__RowsAsk ask = rows_ask(MEMBER, NULL);
    ask.has_id = 1;
    ask.id = (ProtobufCBinaryData){ID_SIZE, id.bytes};
    assert_int_equal(say_rows(&p, &ask)->n_row, 1);
    ask.has_id_bits = 1;
    ask.id_bits = 32; /* all of them begin so; the foreign ones do not exist here */
    const Wire__Rows *rows = say_rows(&p, &ask);
    assert_int_equal(rows->n_row, 1);
    assert_int_equal(rows->org, h->server.branch);
    ask.id_bits = 4711;
    assert_int_equal(say_rows(&p, &ask)->n_row, 1);
    peer_finish(&p);

    peer_enter(h, &p, h->officer);
    ask.id_bits = 32;
    assert_int_equal(say_rows(&p, &ask)->n_row, 16); /* enough to say that it is not one */
    ask.org_code = "qh-01";
    assert_int_equal(say_rows(&p, &ask)->n_row, 1);
    id = member_id(5);
    ask.id_bits = 128;
    assert_int_equal(say_rows(&p, &ask)->n_row, 0); /* it is of the other branch */
    ask.org_code = NULL;
    assert_int_equal(say_rows(&p, &ask)->org, h->server.other);
    peer_finish(&p);
}

static void ids_that_are_none(void **state)
{
    struct help_serving *h = *state;
    for (int which = 0; which < 2; which++) {
        struct peer p;
        Wire__RowsAsk ask = rows_ask(MEMBER, NULL);
        ask.has_id = which == 0;
        ask.has_after_id = which == 1;
        ask.id = ask.after_id = (ProtobufCBinaryData){4, (uint8_t *)"abcd"};
        peer_enter(h, &p, h->server.chair);
        peer_say(&p, FRAME_ROWS_ASK, &ask.base);
        peer_expect_refused(&p, "PROTOCOL");
        peer_finish(&p);
    }
}

/* ---- history ---- */

static Wire__HistoryAsk history_ask(uint32_t org, const struct id *id)
{
    Wire__HistoryAsk ask = WIRE__HISTORY_ASK__INIT;
    ask.has_number = ask.has_org = ask.has_kind = ask.has_id = 1;
    ask.number = 8;
    ask.org = org;
    ask.kind = MEMBER;
    ask.id = (ProtobufCBinaryData){ID_SIZE, (uint8_t *)id->bytes};
    return ask;
}

static void the_history_of_a_record(void **state)
{
    struct help_serving *h = *state;
    struct pen pen = pen_of(&h->server, h->server.chair, h->server.branch, 1);
    struct peer p;
    struct id id = member_id(1);
    write_member(&pen, 1, "name=Li id_number=" ID_NUMBER);
    write_member(&pen, 2, "name=Wang");
    assert_non_null(strstr(push_one(&pen, pen_set(&pen, 1, S(1), "note=x")), "APPLIED"));
    Wire__HistoryAsk ask = history_ask(h->server.branch, &id);
    static const bool sensitive[] = {true, false};
    for (size_t i = 0; i < 2; i++) {
        peer_enter(h, &p, i == 0 ? h->server.chair : h->officer);
        peer_say(&p, FRAME_HISTORY_ASK, &ask.base);
        const Wire__History *a = (const Wire__History *)peer_expect(&p, FRAME_HISTORY);
        assert_int_equal(a->number, 8);
        assert_int_equal(a->n_entry, 2);
        assert_int_equal(a->entry[0]->seq, S(1)); /* oldest first */
        assert_int_equal(a->entry[1]->seq, S(3));
        assert_int_equal(a->n_author, 1);
        assert_string_equal(a->author[0]->person, "张三");
        assert_false(a->cut);
        const Wire__Entry *e = a->entry[0];
        assert_int_equal(e->has_change, sensitive[i]);
        assert_int_equal(memmem(e->effects.data, e->effects.len, ID_NUMBER, strlen(ID_NUMBER)) != NULL, sensitive[i]);
        peer_finish(&p);
    }
}

static void a_history_that_is_not_ones_own(void **state)
{
    struct help_serving *h = *state;
    struct pen foreign = pen_in_other(h);
    struct peer p;
    struct id id = member_id(1);
    write_member(&foreign, 1, "name=Zhao");
    peer_enter(h, &p, h->server.chair);
    Wire__HistoryAsk ask = history_ask(h->server.other, &id);
    peer_say(&p, FRAME_HISTORY_ASK, &ask.base);
    peer_expect_error(&p, 8, "ASK_ORG");
    ask.org = h->server.branch; /* the record is not there */
    peer_say(&p, FRAME_HISTORY_ASK, &ask.base);
    assert_int_equal(((const Wire__History *)peer_expect(&p, FRAME_HISTORY))->n_entry, 0);
    peer_finish(&p);
    peer_enter(h, &p, server_add_seat(&h->server, 1, "district_finance"));
    ask.org = h->server.other;
    peer_say(&p, FRAME_HISTORY_ASK, &ask.base);
    peer_expect_error(&p, 8, "RIGHT");
    ask.id.len = 15;
    peer_say(&p, FRAME_HISTORY_ASK, &ask.base);
    peer_expect_refused(&p, "PROTOCOL");
    peer_finish(&p);
}

static void a_history_that_is_longer_than_a_frame(void **state)
{
    struct help_serving *h = *state;
    struct pen pen = pen_of(&h->server, h->server.chair, h->server.branch, 1);
    struct peer p;
    struct id id = member_id(1);
    char words[20010];
    write_member(&pen, 1, "name=Li");
    memset(words, 'a', sizeof words);
    memcpy(words, "note=", 5);
    words[20000] = 0;
    for (int i = 0; i < 60; i++) { /* 60 x (change + effect) of 20 KB: 2.4 MB */
        words[5 + i] = 'b';
        assert_non_null(
            strstr(push_one(&pen, pen_set(&pen, 1, server_seq(&h->server, h->server.branch), words)), "APPLIED"));
    }
    Wire__HistoryAsk ask = history_ask(h->server.branch, &id);
    peer_enter(h, &p, h->server.chair);
    peer_say(&p, FRAME_HISTORY_ASK, &ask.base);
    const Wire__History *a = (const Wire__History *)peer_expect(&p, FRAME_HISTORY);
    assert_true(a->cut);
    assert_true(a->n_entry > 10 && a->n_entry < 30);
    assert_int_equal(a->entry[a->n_entry - 1]->seq, S(61)); /* the newest are there */
    peer_finish(&p);
}

/* ---- questions without waiting ---- */

static void at_most_so_many_at_once(void **state)
{
    struct help_serving *h = *state;
    struct peer p;
    Wire__Pull pull = WIRE__PULL__INIT;
    pull.has_org = 1;
    pull.org = h->server.branch;
    peer_enter(h, &p, h->server.chair);
    for (int round = 0; round < 2; round++) { /* the next piece has all of them again */
        p.turn++;
        p.together = true;
        for (int i = 0; i < 8; i++)
            peer_say(&p, FRAME_PULL, &pull.base);
        for (int i = 0; i < 8; i++)
            (void)peer_expect(&p, FRAME_ENTRIES);
        p.together = false;
    }
    p.together = true;
    p.turn++;
    for (int i = 0; i < 9; i++)
        peer_say(&p, FRAME_PULL, &pull.base);
    for (int i = 0; i < 8; i++)
        (void)peer_expect(&p, FRAME_ENTRIES);
    peer_expect_refused(&p, "FULL");
    peer_finish(&p);
}

static void one_long_answer_at_once(void **state)
{
    struct help_serving *h = *state;
    struct peer p;
    struct id id = member_id(1);
    Wire__HistoryAsk history = history_ask(h->server.branch, &id);
    Wire__OverviewAsk board = WIRE__OVERVIEW_ASK__INIT;
    Wire__RowsAsk rows = rows_ask(MEMBER, NULL);
    Wire__Ping ping = WIRE__PING__INIT;
    const ProtobufCMessage *const asks[] = {&history.base, &board.base, &rows.base};
    static const enum frame_type types[][2] = {
        {FRAME_HISTORY_ASK, FRAME_HISTORY}, {FRAME_OVERVIEW_ASK, FRAME_OVERVIEW}, {FRAME_ROWS_ASK, FRAME_ROWS}};
    for (size_t i = 0; i < 3; i++) {
        peer_enter(h, &p, h->server.chair);
        peer_say(&p, types[i][0], asks[i]);
        (void)peer_expect(&p, types[i][1]);
        peer_say(&p, types[i][0], asks[i]); /* one after the other as often as one likes */
        (void)peer_expect(&p, types[i][1]);
        p.turn++;
        p.together = true;
        peer_say(&p, types[i][0], asks[i]);
        (void)peer_expect(&p, types[i][1]);
        peer_say(&p, FRAME_PING, &ping.base);
        (void)peer_expect(&p, FRAME_PONG);
        peer_say(&p, types[(i + 1) % 3][0], asks[(i + 1) % 3]);
        peer_expect_refused(&p, "FULL");
        peer_finish(&p);
    }
}

/* 9 pages of members, none of them expelled: the answer says up to where it looked. */
static void a_search_that_goes_on(void **state)
{
    struct help_serving *h = *state;
    struct pen pen = pen_of(&h->server, h->server.chair, h->server.branch, 1);
    struct peer p;
    char words[24020];
    memset(words, 'x', sizeof words);
    memcpy(words, "name=Li note=", 13);
    words[24000] = 0;
    for (int i = 0; i < 100; i++) /* 2.4 MB: ten pages */
        write_member(&pen, i, words);
    peer_enter(h, &p, h->officer);
    Wire__RowsAsk ask = rows_ask(MEMBER, "qh-01");
    ask.state = "expelled";
    const Wire__Rows *rows = say_rows(&p, &ask);
    assert_int_equal(rows->n_row, 0);
    assert_false(rows->done);
    assert_true(rows->has_after_id);
    struct id at = id_from(slice_of(rows->after_id.data, rows->after_id.len));
    assert_true(id_compare(at, member_id(70)) > 0 && id_compare(at, member_id(95)) < 0);
    ask.has_after_id = 1;
    ask.after_id = rows->after_id;
    rows = say_rows(&p, &ask);
    assert_int_equal(rows->n_row, 0);
    assert_true(rows->done);
    peer_finish(&p);
}

/* ---- the board ---- */

static void say_overview(struct peer *p, const char *code)
{
    Wire__OverviewAsk ask = WIRE__OVERVIEW_ASK__INIT;
    ask.has_number = 1;
    ask.number = 9;
    ask.org_code = (char *)code;
    peer_say(p, FRAME_OVERVIEW_ASK, &ask.base);
}

static void boards_by_reach(void **state)
{
    struct help_serving *h = *state;
    struct peer p;
    peer_enter(h, &p, h->officer);
    say_overview(&p, NULL);
    const Wire__Overview *o = (const Wire__Overview *)peer_expect(&p, FRAME_OVERVIEW);
    assert_int_equal(o->number, 9);
    assert_int_equal(o->as_of_ms, NOW_MS);
    assert_string_equal(o->org->code, "qinghe");
    assert_int_equal(o->n_branch, 2);
    say_overview(&p, "qh-02");
    o = (const Wire__Overview *)peer_expect(&p, FRAME_OVERVIEW);
    assert_int_equal(o->n_branch, 1);
    assert_string_equal(o->branch[0]->org->code, "qh-02");
    peer_finish(&p);

    peer_enter(h, &p, h->server.chair);
    say_overview(&p, NULL);
    o = (const Wire__Overview *)peer_expect(&p, FRAME_OVERVIEW);
    assert_int_equal(o->n_branch, 1);
    assert_string_equal(o->org->code, "qh-01");
    say_overview(&p, "qinghe"); /* keeps its settings, but its board is all the branches' */
    peer_expect_error(&p, 9, "ASK_ORG");
    say_overview(&p, "qh-02");
    peer_expect_error(&p, 9, "ASK_ORG");
    peer_finish(&p);
}

/* ---- answers that would not go into a frame, or that the peer's check would refuse ---- */

static void an_answer_that_is_too_long(void **state)
{
    struct help_serving *h = *state;
    struct peer p;
    Wire__Seats seats = WIRE__SEATS__INIT;
    Wire__Seat one = WIRE__SEAT__INIT, **list = calloc(LIMIT_REPEATED + 1, sizeof *list);
    for (size_t i = 0; i <= LIMIT_REPEATED; i++)
        list[i] = &one;
    peer_enter(h, &p, h->server.chair);
    seats.seat = list;
    seats.n_seat = LIMIT_REPEATED + 1;
    session_answer(p.session, 5, FRAME_SEATS, &seats.base);
    peer_expect_error(&p, 5, "TOO_LARGE");
    seats.n_seat = LIMIT_REPEATED;
    session_answer(p.session, 5, FRAME_SEATS, &seats.base);
    (void)peer_expect(&p, FRAME_SEATS);
    char name[600];
    memset(name, 'n', sizeof name);
    name[599] = 0;
    one.person = name; /* 2.4 MB */
    session_answer(p.session, 5, FRAME_SEATS, &seats.base);
    peer_expect_error(&p, 5, "TOO_LARGE");
    peer_finish(&p);
    free(list);
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

/* Roles that this version cannot read are none. The server's own command has none either, and sees all. */
static void a_seat_of_unknown_roles_sees_no_board(void **state)
{
    struct help_serving *h = *state;
    struct peer p;
    uint32_t seat = server_add_seat(&h->server, 1, "district_officer");
    char sql[100];
    snprintf(sql, sizeof sql, "UPDATE seat SET roles='from_a_later_year' WHERE number=%u", seat);
    assert_int_equal(db_exec(store_db(h->server.store), sql), ERR_OK);
    serving_close(h);
    serving_open(h);
    assert_int_equal(control_seat(h->serving.control, seat)->roles, 0);
    peer_enter(h, &p, seat);
    say_overview(&p, NULL);
    peer_expect_error(&p, 9, "RIGHT");
    peer_finish(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(a_district_officer_lists_a_branch),
        T(a_foreign_org_does_not_exist),
        T(what_roles_may_not_read),
        T(settings_of_the_org_above),
        T(a_list_by_state_in_pages),
        T(rows_name_what_they_point_to),
        T(one_record_by_the_beginning_of_its_id),
        T(ids_that_are_none),
        T(the_history_of_a_record),
        T(a_history_that_is_not_ones_own),
        T(a_history_that_is_longer_than_a_frame),
        T(at_most_so_many_at_once),
        T(one_long_answer_at_once),
        T(a_search_that_goes_on),
        T(boards_by_reach),
        T(an_answer_that_is_too_long),
        T(a_seat_of_unknown_roles_sees_no_board),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
