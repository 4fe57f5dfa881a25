/* Members on their way from one branch to another, through sessions: who waits, whose file is given out, and to whom not. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "help_session.h"

#include "membership.pb-c.h"
#include "server/session/session_frames.h"
#include "sync/derived_id.h"
#include "wire/wire.h"

#include <stdio.h>
#include <string.h>

#define MEMBER 1u

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

static const struct id *no_id;

static void say(struct peer *p, const struct id *one, const struct id *after)
{
    Wire__TransferAsk ask = WIRE__TRANSFER_ASK__INIT;
    ask.has_number = 1;
    ask.number = 11;
    ask.has_id = one != NULL;
    ask.id = (ProtobufCBinaryData){one ? ID_SIZE : 0, one ? (uint8_t *)one->bytes : NULL};
    ask.has_after_id = after != NULL;
    ask.after_id = (ProtobufCBinaryData){after ? ID_SIZE : 0, after ? (uint8_t *)after->bytes : NULL};
    peer_say(p, FRAME_TRANSFER_ASK, &ask.base);
}

static const Wire__Transfers *ask(struct peer *p, const struct id *one, const struct id *after)
{
    say(p, one, after);
    const Wire__Transfers *answer = (const Wire__Transfers *)peer_expect(p, FRAME_TRANSFERS);
    assert_int_equal(answer->number, 11);
    return answer;
}

static const Record__Member *file_in(struct help_serving *h, const Wire__Transfer *t)
{
    ProtobufCMessage *m;
    assert_int_equal(wire_open(&record__member__descriptor, slice_of(t->file.data, t->file.len), &h->server.arena, &m), ERR_OK);
    return (const Record__Member *)m;
}

static struct pen pen_in_other(struct help_serving *h)
{
    return pen_of(&h->server, server_add_seat(&h->server, h->server.other, "union_chair"), h->server.other, 3);
}

/* Member i of the other branch, sent to the branch of that code. */
static void send_away(struct pen *pen, int i, const char *words, const char *to, uint64_t base)
{
    char act[64];
    snprintf(act, sizeof act, "!transferred_out to_branch=%s state_effective_on=2026-10-31", to);
    assert_non_null(strstr(push_one(pen, pen_create(pen, i, words)), "APPLIED"));
    assert_non_null(strstr(push_one(pen, pen_write(pen, OP_ACT, MEMBER, member_id(i), base, act)), "APPLIED"));
}

/* Nobody could take over who is sent to a branch that there is not. */
static void no_such_branch(void **state)
{
    struct help_serving *h = *state;
    struct pen away = pen_in_other(h);
    assert_non_null(strstr(push_one(&away, pen_create(&away, 1, "name=Li state=active")), "APPLIED"));
    struct change *c = pen_write(&away, OP_ACT, MEMBER, member_id(1), S(1), "!transferred_out to_branch=qh-77 state_effective_on=2026-10-31");
    assert_non_null(strstr(push_one(&away, c), "REFUSED member.to_branch"));
}

static struct change *take_over_as(struct help_serving *h, struct pen *pen, struct id from, const char *words)
{
    Record__Member like = RECORD__MEMBER__INIT;
    struct id id;
    like.has_from_member = 1;
    like.from_member = (ProtobufCBinaryData){ID_SIZE, from.bytes};
    assert_true(derived_id(kind_by_number(MEMBER), h->server.branch, &like.base, &id));
    struct change *c = pen_write(pen, OP_CREATE, MEMBER, id, 0, words);
    record_put_name((ProtobufCMessage *)c->patch, "from_member", cell_bytes(arena_copy(&h->server.arena, id_slice(&from))), &h->server.arena);
    assert_int_equal(change_pack(c, &h->server.arena), ERR_OK);
    return c;
}

static struct change *take_over(struct help_serving *h, struct pen *pen, struct id from)
{
    return take_over_as(h, pen, from, "name=Li state=active from_branch=qh-02");
}

static void who_waits_and_the_file(void **state)
{
    struct help_serving *h = *state;
    struct pen away = pen_in_other(h);
    struct peer p;
    struct id one = member_id(1);
    send_away(&away, 1, "name=Li state=active mobile=10012345678 note=x campus=y", "qh-01", S(1));
    server_add_branch(&h->server, "qh-03");
    send_away(&away, 2, "name=Wang state=active", "qh-03", S(3));
    assert_non_null(strstr(push_one(&away, pen_create(&away, 3, "name=Zhao state=active")), "APPLIED"));
    peer_enter(h, &p, h->server.chair);
    const Wire__Transfers *list = ask(&p, no_id, no_id);
    assert_int_equal(list->n_transfer, 1);
    assert_true(list->done);
    assert_string_equal(list->transfer[0]->from->code, "qh-02");
    assert_string_equal(list->transfer[0]->left_on, "2026-10-31");
    assert_string_equal(file_in(h, list->transfer[0])->name, "Li");
    assert_null(file_in(h, list->transfer[0])->mobile); /* comes with the file alone */
    assert_int_equal(ask(&p, no_id, &one)->n_transfer, 0);  /* behind it */
    const Wire__Transfers *file = ask(&p, &one, no_id);
    assert_int_equal(file->n_transfer, 1);
    assert_string_equal(file_in(h, file->transfer[0])->mobile, "10012345678");
    assert_null(file_in(h, file->transfer[0])->note);
    assert_null(file_in(h, file->transfer[0])->campus);
    for (int i = 2; i <= 4; i++) {
        struct id other = member_id(i);
        say(&p, &other, no_id);
        peer_expect_error(&p, 11, "TRANSFER_UNKNOWN");
    }
    peer_finish(&p);
}

static void who_may_not_ask(void **state)
{
    struct help_serving *h = *state;
    struct pen away = pen_in_other(h);
    struct id one = member_id(1);
    send_away(&away, 1, "name=Li state=active", "qh-01", S(1));
    uint32_t seats[] = {h->officer, server_add_seat(&h->server, h->server.branch, "accountant"),
                        server_add_seat(&h->server, h->server.branch, "group_leader")};
    for (size_t i = 0; i < 3; i++) {
        struct peer p;
        peer_enter(h, &p, seats[i]);
        say(&p, no_id, no_id);
        peer_expect_error(&p, 11, "RIGHT");
        say(&p, &one, no_id);
        peer_expect_error(&p, 11, "RIGHT");
        peer_finish(&p);
    }
    struct peer own; /* the branch that sent it away is not the one that takes it */
    peer_enter(h, &own, away.seat);
    say(&own, &one, no_id);
    peer_expect_error(&own, 11, "TRANSFER_UNKNOWN");
    peer_finish(&own);
}

static void once_alone(void **state)
{
    struct help_serving *h = *state;
    struct pen away = pen_in_other(h), pen = pen_of(&h->server, h->server.chair, h->server.branch, 1);
    struct peer p;
    struct id one = member_id(1);
    send_away(&away, 1, "name=Li state=active", "qh-01", S(1));
    assert_non_null(strstr(push_one(&pen, take_over(h, &pen, one)), "APPLIED"));
    peer_enter(h, &p, h->server.chair);
    assert_int_equal(ask(&p, no_id, no_id)->n_transfer, 0);
    say(&p, &one, no_id);
    peer_expect_error(&p, 11, "TRANSFER_TAKEN");
    assert_non_null(strstr(push_one(&away, pen_write(&away, OP_ACT, MEMBER, one, S(2), "!active")), "member.taken_over"));
    peer_finish(&p);
}

static void taken_back(void **state)
{
    struct help_serving *h = *state;
    struct pen away = pen_in_other(h), pen = pen_of(&h->server, h->server.chair, h->server.branch, 1);
    struct peer p;
    struct id one = member_id(1);
    send_away(&away, 1, "name=Li state=active", "qh-01", S(1));
    assert_non_null(strstr(push_one(&away, pen_write(&away, OP_ACT, MEMBER, one, S(2), "!active")), "APPLIED"));
    peer_enter(h, &p, h->server.chair);
    assert_int_equal(ask(&p, no_id, no_id)->n_transfer, 0);
    say(&p, &one, no_id);
    peer_expect_error(&p, 11, "TRANSFER_BACK");
    assert_non_null(strstr(push_one(&pen, take_over(h, &pen, one)), "member.taken_back"));
    peer_finish(&p);
}

/* The id must follow from the record that it says it came from. */
static void another_id_is_refused(void **state)
{
    struct help_serving *h = *state;
    struct pen away = pen_in_other(h), pen = pen_of(&h->server, h->server.chair, h->server.branch, 1);
    struct id one = member_id(1);
    send_away(&away, 1, "name=Li state=active", "qh-01", S(1));
    struct change *c = take_over(h, &pen, one);
    c->id = member_id(77);
    assert_int_equal(change_pack(c, &h->server.arena), ERR_OK);
    assert_non_null(strstr(push_one(&pen, c), "IDENTITY"));
}

/* Whoever knows an id has no claim by it. */
static void who_was_not_sent_here(void **state)
{
    struct help_serving *h = *state;
    struct pen away = pen_in_other(h), pen = pen_of(&h->server, h->server.chair, h->server.branch, 1);
    server_add_branch(&h->server, "qh-03");
    send_away(&away, 1, "name=Li state=active", "qh-03", S(1));
    assert_non_null(strstr(push_one(&pen, take_over(h, &pen, member_id(1))), "member.not_sent"));
    assert_non_null(strstr(push_one(&pen, take_over(h, &pen, member_id(88))), "member.not_sent")); /* nobody has that id */
    assert_non_null(strstr(push_one(&away, pen_create(&away, 2, "name=Wang state=active")), "APPLIED"));
    assert_non_null(strstr(push_one(&away, pen_write(&away, OP_ACT, MEMBER, member_id(2), S(3), "!withdrawn")), "APPLIED"));
    assert_non_null(strstr(push_one(&pen, take_over(h, &pen, member_id(2))), "member.not_sent"));
    assert_non_null(strstr(push_one(&pen, pen_create(&pen, 3, "name=Zhao state=active")), "APPLIED"));
    struct change *home = pen_write(&pen, OP_ACT, MEMBER, member_id(3), S(1), "!transferred_out to_branch=qh-01");
    assert_non_null(strstr(push_one(&pen, home), "REFUSED member.to_own_branch"));
    assert_non_null(strstr(push_one(&pen, take_over(h, &pen, member_id(3))), "member.taken_back"));
}

static void from_which_branch(void **state)
{
    struct help_serving *h = *state;
    struct pen away = pen_in_other(h), pen = pen_of(&h->server, h->server.chair, h->server.branch, 1);
    struct id one = member_id(1);
    send_away(&away, 1, "name=Li state=active", "qh-01", S(1));
    assert_non_null(strstr(push_one(&pen, take_over_as(h, &pen, one, "name=Li state=active from_branch=qh-09")), "member.from_branch"));
    assert_non_null(strstr(push_one(&pen, take_over_as(h, &pen, one, "name=Li state=active")), "member.from_branch"));
    struct change *c = take_over(h, &pen, one);
    assert_non_null(strstr(push_one(&pen, c), "APPLIED"));
    assert_non_null(strstr(push_one(&pen, pen_write(&pen, OP_SET, MEMBER, c->id, S(1), "from_branch=qh-09")), "member.from_branch"));
    assert_non_null(strstr(push_one(&pen, pen_write(&pen, OP_SET, MEMBER, c->id, S(1), "campus=x")), "APPLIED"));
}

int main(void)
{
#define T(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
    const struct CMUnitTest tests[] = {
        T(who_waits_and_the_file), T(who_may_not_ask), T(once_alone), T(taken_back), T(another_id_is_refused),
        T(who_was_not_sent_here), T(from_which_branch), T(no_such_branch),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
