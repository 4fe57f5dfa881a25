/* A server that does not keep its side: whatever it sends, a link either moves on or ends, and somebody tries again (rule 34). */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/limits.h"
#include "client/agent/link.h"
#include "client/replica/outbox.h"
#include "client/replica/replica_sync.h"
#include "help_folder.h"
#include "wire/wire.h"

#include <string.h>

#define NOW 1795400000000
#define HOME 3

static struct folder folder;
static struct replica *r;
static struct link *l;
static uint32_t changes_max; /* that WELCOME tells; 0: nothing */

static int setup(void **state)
{
    (void)state;
    struct replica_seat s = {.number = 7, .person = "林晓岚", .roles = "union_chair", .home = HOME, .home_code = "QH001",
                             .home_name = "第一幼儿园工会", .home_level = "branch", .district = "青禾区教育工会", .server = "127.0.0.1:7443"};
    folder_make(&folder);
    changes_max = 0;
    assert_int_equal(replica_create(folder.path, &s, NOW), ERR_OK);
    assert_int_equal(replica_open(folder.path, NOW, &r), ERR_OK);
    l = link_create(r, &(struct link_options){.mode = LINK_WATCH, .version = "test"});
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    link_destroy(l);
    replica_close(r);
    folder_remove(&folder);
    return 0;
}

static enum err take(enum frame_type type, const ProtobufCMessage *m, int64_t now_ms)
{
    struct buf packed = BUF_INIT;
    wire_pack(m, &packed);
    enum err e = link_take(l, type, buf_slice(&packed), now_ms);
    buf_finish(&packed);
    link_out(l)->size = 0;
    return e;
}

/* WELCOME with so many heads of the same org, at seq, with that many rows. */
static enum err welcome(size_t heads, uint64_t seq, uint64_t rows)
{
    Wire__Welcome w = WIRE__WELCOME__INIT;
    Wire__Head head = WIRE__HEAD__INIT, *list[2] = {&head, &head};
    Wire__Org org = WIRE__ORG__INIT;
    Wire__Epoch epoch = WIRE__EPOCH__INIT, *epochs[] = {&epoch};
    assert_int_equal(link_start(l, NOW), ERR_OK);
    org.has_number = org.has_parent = 1;
    org.number = HOME;
    org.parent = 1;
    org.code = "QH001";
    org.name = "第一幼儿园工会";
    org.level = "branch";
    org.state = "active";
    head.org = &org;
    head.has_seq = head.has_rows = 1;
    head.seq = seq;
    head.rows = rows;
    epoch.has_epoch = 1;
    epoch.epoch = 1;
    w.has_protocol = w.has_seat = 1;
    w.protocol = 1;
    w.seat = 7;
    w.n_head = heads;
    w.head = list;
    w.n_lineage = 1;
    w.lineage = epochs;
    w.has_changes_max = changes_max > 0;
    w.changes_max = changes_max;
    return take(FRAME_WELCOME, &w.base, NOW);
}

static void pongs_are_no_answer(void **state)
{
    (void)state;
    Wire__Ping pong = WIRE__PING__INIT;
    assert_int_equal(welcome(1, 5, 0), ERR_OK); /* PULL is under way */
    int64_t now = NOW;
    for (int i = 0; i < 20 && link_progress(l) == LINK_WORKING; i++) {
        now += 30000;
        assert_int_equal(link_tick(l, now), ERR_OK);
        if (link_progress(l) == LINK_WORKING)
            assert_int_equal(take(FRAME_PONG, &pong.base, now), ERR_OK);
    }
    assert_int_equal(link_progress(l), LINK_FAILED);
    assert_int_equal(link_failure(l), ERR_TIMEOUT);
    assert_int_equal(now, NOW + 300000);
}

static void a_head_without_entries_ends(void **state)
{
    (void)state;
    Wire__Entries none = WIRE__ENTRIES__INIT;
    none.has_org = none.has_head = 1;
    none.org = HOME;
    enum err e = welcome(1, 5, 0);
    int answers = 0;
    for (; e == ERR_OK && answers < 100; answers++)
        e = take(FRAME_ENTRIES, &none.base, NOW);
    assert_int_equal(e, ERR_PROTOCOL);
    assert_int_equal(answers, 17);
}

static void a_gap_that_stays_ends(void **state)
{
    (void)state;
    struct arena arena;
    struct replica_outcome o;
    struct incarnation i;
    uint64_t n;
    Wire__Verdicts v = WIRE__VERDICTS__INIT;
    const struct kind *member = kind_by_name("member");
    arena_init(&arena, LIMIT_ARENA);
    ProtobufCMessage *m = record_new(member->descriptor, &arena);
    record_put_name(m, "name", cell_text("李梅"), &arena);
    struct replica_change c = {.op = OP_CREATE, .kind = member->number, .patch = m};
    assert_int_equal(replica_change(r, &c, NOW, &arena, &o), ERR_OK);
    assert_int_equal(outbox_current(r, &i, &n), ERR_OK);
    v.has_incarnation = v.has_stop = v.has_stop_n = 1;
    v.incarnation = (ProtobufCBinaryData){INCARNATION_SIZE, i.bytes};
    v.stop = WIRE__STOP__GAP;
    v.stop_n = 1;
    enum err e = welcome(1, 0, 0);
    int answers = 0;
    for (; e == ERR_OK && answers < 100; answers++)
        e = take(FRAME_VERDICTS, &v.base, NOW);
    assert_int_equal(e, ERR_PROTOCOL);
    assert_int_equal(answers, 17);
    arena_finish(&arena);
}

/* ---- when to come again ---- */

static void add_member(const char *name)
{
    struct arena arena;
    struct replica_outcome o;
    const struct kind *member = kind_by_name("member");
    arena_init(&arena, LIMIT_ARENA);
    ProtobufCMessage *m = record_new(member->descriptor, &arena);
    record_put_name(m, "name", cell_text(name), &arena);
    struct replica_change c = {.op = OP_CREATE, .kind = member->number, .patch = m};
    assert_int_equal(replica_change(r, &c, NOW, &arena, &o), ERR_OK);
    arena_finish(&arena);
}

static unsigned pushes_out(void)
{
    struct frame f;
    size_t used = 1;
    unsigned pushes = 0;
    for (size_t at = 0; used; at += used) {
        assert_int_equal(frame_take(slice_of(link_out(l)->data + at, link_out(l)->size - at), LIMIT_FRAME, &f, &used), ERR_OK);
        pushes += used && f.type == FRAME_PUSH;
    }
    return pushes;
}

/* A stop for the second of two changes, each of which was a push of its own; both answers begin there. What goes out stays in link_out. */
static void take_stop(Wire__Stop stop, uint64_t at, uint32_t retry_after_ms, int64_t now_ms)
{
    struct incarnation i;
    uint64_t n;
    struct buf packed = BUF_INIT;
    Wire__Verdicts v = WIRE__VERDICTS__INIT;
    assert_int_equal(outbox_current(r, &i, &n), ERR_OK);
    v.has_incarnation = v.has_stop = v.has_stop_n = 1;
    v.incarnation = (ProtobufCBinaryData){INCARNATION_SIZE, i.bytes};
    v.stop = stop;
    v.stop_n = at;
    v.has_retry_after_ms = retry_after_ms > 0;
    v.retry_after_ms = retry_after_ms;
    wire_pack(&v.base, &packed);
    link_out(l)->size = 0;
    assert_int_equal(link_take(l, FRAME_VERDICTS, buf_slice(&packed), now_ms), ERR_OK);
    buf_finish(&packed);
}

static void begin_two_pushes(void)
{
    add_member("李梅");
    add_member("王芳");
    changes_max = 1; /* of one push */
    assert_int_equal(welcome(1, 0, 0), ERR_OK);
}

/* The first is told to begin anew (another copy of the database sent that number), the second, behind it, that the server is busy for
 * ten seconds: that counts, though the place in the outbox is the first one's to say. */
static void a_busy_server_is_heard_behind_another_stop(void **state)
{
    (void)state;
    begin_two_pushes();
    take_stop(WIRE__STOP__FORKED, 1, 0, NOW);
    take_stop(WIRE__STOP__LATER, 2, 10000, NOW);
    assert_int_equal(pushes_out(), 0);
    assert_true(link_is_put_off(l));
    assert_int_equal(link_tick(l, NOW + 10000), ERR_OK);
    assert_int_equal(pushes_out(), 2);
}

/* The second answer to a server that is busy comes when the time that the first one told is over: it tells another one. One that comes
 * before it adds nothing. */
static void a_busy_server_is_heard_when_its_time_is_over(void **state)
{
    (void)state;
    begin_two_pushes();
    take_stop(WIRE__STOP__LATER, 1, 10000, NOW);
    take_stop(WIRE__STOP__LATER, 2, 10000, NOW + 12000);
    assert_int_equal(pushes_out(), 0);
    assert_int_equal(link_tick(l, NOW + 22000), ERR_OK);
    assert_int_equal(pushes_out(), 2);
    take_stop(WIRE__STOP__LATER, 1, 10000, NOW + 22000);
    take_stop(WIRE__STOP__LATER, 2, 10000, NOW + 25000);
    assert_int_equal(link_tick(l, NOW + 32000), ERR_OK);
    assert_int_equal(pushes_out(), 2);
}

static void pages_that_go_round_end(void **state)
{
    (void)state;
    uint8_t id[ID_SIZE] = {1}, chain[CHAIN_SIZE] = {2};
    Wire__SnapshotPage page = WIRE__SNAPSHOT_PAGE__INIT;
    Wire__SnapshotRow row = WIRE__SNAPSHOT_ROW__INIT, *rows[] = {&row};
    row.has_kind = row.has_id = row.has_seq = 1;
    row.kind = kind_by_name("member")->number;
    row.id = (ProtobufCBinaryData){ID_SIZE, id};
    row.seq = 5; /* a tombstone */
    page.has_org = page.has_seq = page.has_chain = 1;
    page.org = HOME;
    page.seq = 9;
    page.chain = (ProtobufCBinaryData){CHAIN_SIZE, chain};
    page.n_row = 1;
    page.row = rows;
    assert_int_equal(welcome(1, 9, 1000), ERR_OK);
    assert_int_equal(take(FRAME_SNAPSHOT_PAGE, &page.base, NOW), ERR_OK);
    assert_int_equal(take(FRAME_SNAPSHOT_PAGE, &page.base, NOW), ERR_PROTOCOL);
}

static void an_org_stands_once(void **state)
{
    (void)state;
    assert_int_equal(welcome(2, 5, 0), ERR_PROTOCOL);
}

/* ---- several orgs ---- */

/* News of one org while another's digests are on their way: both answers are taken. */
static void news_while_digests_are_compared(void **state)
{
    (void)state;
    Wire__Welcome w = WIRE__WELCOME__INIT;
    Wire__Head heads[2] = {WIRE__HEAD__INIT, WIRE__HEAD__INIT}, *list[2] = {&heads[0], &heads[1]};
    Wire__Org orgs[2] = {WIRE__ORG__INIT, WIRE__ORG__INIT};
    Wire__Digests digests = WIRE__DIGESTS__INIT;
    Wire__News news = WIRE__NEWS__INIT;
    assert_int_equal(link_start(l, NOW), ERR_OK);
    w.has_protocol = w.has_seat = 1;
    w.protocol = 1;
    w.seat = 7;
    w.n_head = 2;
    w.head = list;
    for (size_t i = 0; i < 2; i++) {
        orgs[i].has_number = orgs[i].has_parent = 1;
        orgs[i].number = i == 0 ? 1 : HOME;
        orgs[i].parent = i;
        orgs[i].code = i == 0 ? "QH" : "QH001";
        orgs[i].name = "青禾区";
        orgs[i].level = i == 0 ? "district" : "branch";
        orgs[i].state = "active";
        heads[i].org = &orgs[i];
    }
    assert_int_equal(take(FRAME_WELCOME, &w.base, NOW), ERR_OK); /* DIGEST_ASK for org 1 */
    news.has_org = news.has_seq = 1;
    news.org = HOME;
    news.seq = 1;
    assert_int_equal(take(FRAME_NEWS, &news.base, NOW), ERR_OK); /* PULL for the home */
    digests.has_org = 1;
    digests.org = 1;
    assert_int_equal(take(FRAME_DIGESTS, &digests.base, NOW), ERR_OK);
}

/* ---- is it level? ---- */

static enum frame_type sent(void)
{
    struct frame frame;
    size_t used = 0;
    struct buf *out = link_out(l);
    enum frame_type type = FRAME_NONE;
    if (frame_take(buf_slice(out), LIMIT_FRAME, &frame, &used) == ERR_OK && used)
        type = frame.type;
    out->size = 0;
    return type;
}

/* WELCOME, the digests, and nothing to do: level. */
static void reach_level(void)
{
    Wire__Digests digests = WIRE__DIGESTS__INIT;
    digests.has_org = 1;
    digests.org = HOME;
    assert_int_equal(welcome(1, 0, 0), ERR_OK);
    assert_int_equal(take(FRAME_DIGESTS, &digests.base, NOW), ERR_OK);
    assert_int_equal(link_progress(l), LINK_LEVEL);
}

/* A report or a comparison that is due waits behind a request. Were the link to name a time that has passed, its owner would call it
 * a thousand times a second until the answer comes. */
static void nothing_is_due_behind_a_request(void **state)
{
    (void)state;
    assert_int_equal(welcome(1, 0, 0), ERR_OK); /* DIGEST_ASK is under way, comparing was due at once */
    assert_int_equal(link_progress(l), LINK_WORKING);
    assert_int_equal(link_due(l), NOW + 60000);
    (void)sent();
    assert_int_equal(link_tick(l, NOW + 1), ERR_OK);
    assert_int_equal(sent(), FRAME_NONE);
    assert_int_equal(link_due(l), NOW + 60000);
}

static void who_asks_whether_it_is_level_is_not_told_of_before(void **state)
{
    (void)state;
    Wire__Entries none = WIRE__ENTRIES__INIT;
    none.has_org = 1;
    none.org = HOME;
    reach_level();
    assert_int_equal(link_check(l, NOW + 1000), ERR_OK);
    assert_int_equal(link_progress(l), LINK_WORKING);
    assert_int_equal(sent(), FRAME_PULL);
    assert_int_equal(link_due(l), NOW + 11000);
    /* Asked once more while the answer is on its way: that one does not count for it. */
    assert_int_equal(link_check(l, NOW + 2000), ERR_OK);
    assert_int_equal(sent(), FRAME_NONE);
    Wire__Entries *m = &none;
    struct buf packed = BUF_INIT;
    wire_pack(&m->base, &packed);
    assert_int_equal(link_take(l, FRAME_ENTRIES, buf_slice(&packed), NOW + 3000), ERR_OK);
    assert_int_equal(link_progress(l), LINK_WORKING);
    assert_int_equal(sent(), FRAME_PULL);
    assert_int_equal(link_take(l, FRAME_ENTRIES, buf_slice(&packed), NOW + 4000), ERR_OK);
    assert_int_equal(link_progress(l), LINK_LEVEL);
    buf_finish(&packed);
}

static void a_line_that_is_dead_is_found_out(void **state)
{
    (void)state;
    reach_level();
    assert_int_equal(link_check(l, NOW + 1000), ERR_OK);
    assert_int_equal(link_tick(l, NOW + 10999), ERR_OK);
    assert_int_equal(link_progress(l), LINK_WORKING);
    assert_int_equal(link_tick(l, NOW + 11000), ERR_OK);
    assert_int_equal(link_progress(l), LINK_FAILED);
    assert_int_equal(link_failure(l), ERR_TIMEOUT);
}

/* Nobody tells of a line that died: a minute without a frame, a ping, a minute without anything, and it is given up. */
static void a_dead_line_is_found_out_by_its_ping(void **state)
{
    (void)state;
    Wire__Pong pong = WIRE__PONG__INIT;
    reach_level();
    (void)sent();
    assert_int_equal(link_tick(l, NOW + 60000), ERR_OK);
    assert_int_equal(sent(), FRAME_PING);
    assert_int_equal(take(FRAME_PONG, &pong.base, NOW + 61000), ERR_OK);
    assert_int_equal(link_tick(l, NOW + 120000), ERR_OK);
    assert_int_equal(sent(), FRAME_PING);
    assert_int_equal(link_progress(l), LINK_LEVEL);
    assert_int_equal(link_local_changed(l, NOW + 130000), ERR_OK); /* somebody wrote, nothing to send: the line is still in doubt */
    assert_int_equal(link_tick(l, NOW + 179999), ERR_OK);
    assert_int_equal(link_progress(l), LINK_LEVEL);
    assert_int_equal(link_due(l), NOW + 180000);
    assert_int_equal(link_tick(l, NOW + 180000), ERR_OK);
    assert_int_equal(link_progress(l), LINK_FAILED);
    assert_int_equal(link_failure(l), ERR_TIMEOUT);
}

/* A PC's clock is found to be days ahead and set right: what is due comes when it would have, not days later. */
static void a_clock_that_is_set_back_puts_nothing_off(void **state)
{
    (void)state;
    const int64_t day = 86400000, then = NOW + 1000 - 30 * day;
    reach_level();
    assert_int_equal(link_due(l), NOW + 60000); /* a ping */
    assert_int_equal(link_tick(l, NOW + 1000), ERR_OK);
    assert_int_equal(link_tick(l, then), ERR_OK);
    assert_int_equal(link_due(l), then + 59000);
    (void)sent();
    assert_int_equal(link_tick(l, then + 59000), ERR_OK);
    assert_int_equal(sent(), FRAME_PING);
    assert_int_equal(link_due(l), then + 119000);
    assert_int_equal(link_local_changed(l, then - 5 * day), ERR_OK); /* the answer's time, too */
    assert_int_equal(link_due(l), then - 5 * day + 60000);
    assert_int_equal(link_tick(l, then - 5 * day + 60000), ERR_OK);
    assert_int_equal(link_progress(l), LINK_FAILED);
    assert_int_equal(link_failure(l), ERR_TIMEOUT);
}

/* Rule 32: whatever it is signed with, an order to wipe is the answer to a seat that has handed over, and to nothing else. */
static void an_order_to_wipe_out_of_turn_ends_the_session(void **state)
{
    (void)state;
    Wire__Wipe wipe = WIRE__WIPE__INIT;
    wipe.has_seat = 1;
    wipe.seat = 7;
    assert_int_equal(take(FRAME_WIPE, &wipe.base, NOW), ERR_PROTOCOL); /* before WELCOME */
    assert_int_equal(welcome(1, 0, 0), ERR_OK);
    assert_int_equal(take(FRAME_WIPE, &wipe.base, NOW), ERR_PROTOCOL); /* an active seat */
    assert_int_not_equal(link_progress(l), LINK_WIPE);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {T(pongs_are_no_answer), T(a_head_without_entries_ends), T(a_gap_that_stays_ends), T(a_busy_server_is_heard_behind_another_stop), T(a_busy_server_is_heard_when_its_time_is_over),
                                       T(pages_that_go_round_end), T(an_org_stands_once),
                                       T(an_order_to_wipe_out_of_turn_ends_the_session),
                                       T(news_while_digests_are_compared), T(nothing_is_due_behind_a_request), T(who_asks_whether_it_is_level_is_not_told_of_before), T(a_line_that_is_dead_is_found_out),
                                       T(a_dead_line_is_found_out_by_its_ping), T(a_clock_that_is_set_back_puts_nothing_off)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
