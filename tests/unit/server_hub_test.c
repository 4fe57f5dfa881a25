/* News: who hears, and that one packed frame serves all (rule 22). */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "help_session.h"

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

static void who_hears(void **state)
{
    struct help_serving *h = *state;
    struct peer a, b, far, district, silent, stranger;
    uint8_t incarnation[INCARNATION_SIZE] = {1};
    Wire__Hello hello = WIRE__HELLO__INIT;
    hello.has_protocol = hello.has_incarnation = 1; /* and no watch */
    hello.protocol = 1;
    hello.incarnation = (ProtobufCBinaryData){INCARNATION_SIZE, incarnation};
    uint32_t other = server_add_seat(&h->server, h->server.other, "union_chair");
    peer_enter(h, &a, h->server.chair);
    peer_enter(h, &b, h->server.second);
    peer_enter(h, &far, other);
    peer_enter(h, &district, h->officer);
    peer_open(h, &silent, TLS_PEER_CERTIFICATE, h->server.second);
    peer_say(&silent, FRAME_HELLO, &hello.base);
    (void)peer_expect(&silent, FRAME_WELCOME);
    peer_open(h, &stranger, TLS_PEER_CERTIFICATE, h->server.second);
    assert_int_equal(hub_count(h->serving.hub), 6);

    hub_news(h->serving.hub, h->server.branch, S(5));
    const Wire__News *news = (const Wire__News *)peer_expect(&a, FRAME_NEWS);
    assert_int_equal(news->org, h->server.branch);
    assert_int_equal(news->seq, S(5));
    (void)peer_expect(&b, FRAME_NEWS);
    assert_non_null(a.packed);
    assert_ptr_equal(a.packed, b.packed);                              /* packed once */
    struct peer *const deaf[] = {&far, &district, &silent, &stranger}; /* the district keeps no branch's rows */
    for (size_t i = 0; i < 4; i++)
        peer_expect_nothing(deaf[i]);

    hub_news(h->serving.hub, 1, S(9)); /* what the district issues is everybody's */
    struct peer *const all[] = {&a, &b, &far, &district};
    for (size_t i = 0; i < 4; i++)
        assert_int_equal(((const Wire__News *)peer_expect(all[i], FRAME_NEWS))->org, 1);
    peer_expect_nothing(&silent);

    struct peer *const peers[] = {&a, &b, &far, &district, &silent, &stranger};
    for (size_t i = 0; i < 6; i++) {
        uint64_t id = session_id(peers[i]->session);
        assert_ptr_equal(hub_find(h->serving.hub, id), peers[i]->session);
        peer_finish(peers[i]);
        assert_null(hub_find(h->serving.hub, id));
    }
    assert_int_equal(hub_count(h->serving.hub), 0);
    hub_news(h->serving.hub, 1, S(10)); /* nobody there */
}

/* What one seat pushes the others of its branch hear of, within the same commit's answer. */
static void a_push_is_heard(void **state)
{
    struct help_serving *h = *state;
    struct pen pen = pen_of(&h->server, h->server.chair, h->server.branch, 1);
    struct peer a, b;
    peer_enter(h, &a, h->server.chair);
    peer_enter(h, &b, h->server.second);
    struct change *one = pen_create(&pen, 1, "name=Li");
    struct job *job = push_job(&pen, &one, 1, NULL);
    session_take(a.session, FRAME_PUSH, buf_slice(&job->request));
    job_free_one(job);
    serving_pump(h);
    (void)peer_expect(&a, FRAME_VERDICTS);
    assert_int_equal(((const Wire__News *)peer_expect(&b, FRAME_NEWS))->seq, S(1));
    peer_finish(&a);
    peer_finish(&b);
}

static void everybody_looks_at_his_standing(void **state)
{
    struct help_serving *h = *state;
    struct peer a, b;
    peer_enter(h, &a, h->server.chair);
    peer_enter(h, &b, h->server.second);
    assert_int_equal(control_set_seat_state(h->server.control, h->server.second, SEAT_SUSPENDED, 0), ERR_OK);
    hub_check_all(h->serving.hub);
    assert_false(b.refused); /* control is as old as its last refresh */
    assert_int_equal(control_refresh(h->serving.control, NULL), ERR_OK);
    hub_check_all(h->serving.hub);
    peer_expect_refused(&b, "SEAT_SUSPENDED");
    assert_false(a.refused);
    peer_finish(&a);
    peer_finish(&b);
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {T(who_hears), T(a_push_is_heard), T(everybody_looks_at_his_standing)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
