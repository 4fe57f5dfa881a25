/* Rule 27 from end to end: devices that come when recovery has ended and hold what others wrote on the path that was given up. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "client/replica/replica_inner.h"
#include "help_district.h"
#include "wire/wire.h"

#include <string.h>

static struct district d;

static int setup(void **state)
{
    (void)state;
    district_make(&d);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    server_verify(&d.server);
    district_remove(&d);
    return 0;
}

static struct device *third(void)
{
    return device_join(&d, d.server.branch, "union_chair");
}

/* How often the seat's accepted changes stand in the branch's log. */
static size_t entries_of(uint32_t seat)
{
    struct entry *list;
    size_t found = 0, count = server_entries(&d.server, d.server.branch, &list);
    for (size_t i = 0; i < count; i++)
        found += list[i].identity.seat == seat && list[i].verdict != VERDICT_SAME;
    return found;
}

/* How often a change was found to stand there under another number already. */
static size_t said_twice(void)
{
    struct entry *list;
    size_t found = 0, count = server_entries(&d.server, d.server.branch, &list);
    for (size_t i = 0; i < count; i++)
        found += list[i].verdict == VERDICT_SAME;
    return found;
}

static int64_t set_aside(struct device *v)
{
    int64_t count;
    assert_int_equal(sql_integer(v->r->db, 0, &count, "SELECT count(*) FROM late_entry", ""), ERR_OK);
    return count;
}

/* What the district sees. */
static uint32_t told_queued(struct device *v)
{
    struct arena arena;
    Wire__Report report;
    arena_init(&arena, 1u << 20);
    assert_int_equal(replica_report(v->r, REPLICA_WAITING_ALL, &arena, &report), ERR_OK);
    arena_finish(&arena);
    return report.queued;
}

static uint64_t left_of(struct device *v)
{
    struct replica_late_told told;
    assert_int_equal(replica_take_late_told(v->r, &told), ERR_OK);
    return told.left;
}

/* b's device is gone; what a and c hold of it, overlapping stretches, stands once, whoever comes first and wherever the line breaks. */
static void a_lost_colleague(void **state)
{
    (void)state;
    struct device *a = device_chair(&d), *b = device_second(&d), *c = third();
    struct id one = device_add(a, "name=李梅");
    device_sync(a, -1);
    device_sync(b, -1);
    district_backup(&d, "one");
    struct id two = device_add(b, "name=甲");
    assert_int_equal(device_set(b, one, "note=x"), ERR_OK);
    device_sync(b, -1);
    device_sync(c, -1); /* holds two of them */
    assert_int_equal(device_set(b, two, "note=y"), ERR_OK);
    device_sync(b, -1);
    device_sync(a, -1); /* holds three */
    assert_int_equal(device_set(a, two, "campus=east"), ERR_OK); /* on top of what is lost, not sent yet */
    district_restore(&d, "one");
    district_end_recovery(&d);
    for (int frames = 1; frames < 6; frames++) /* cut off again and again */
        device_sync(c, frames);
    assert_int_equal(device_sync(c, -1), LINK_DONE);
    assert_int_equal(entries_of(d.server.second), 2);
    for (int frames = 1; frames < 6; frames++)
        device_sync(a, frames);
    assert_int_equal(device_sync(a, -1), LINK_DONE);
    assert_int_equal(device_sync(c, -1), LINK_DONE);
    assert_int_equal(entries_of(d.server.second), 3);
    assert_int_equal(set_aside(a) + set_aside(c), 0);
    struct device *both[] = {a, c};
    for (int i = 0; i < 2; i++) {
        assert_string_equal(device_words(both[i], one), "name=李梅 note=x");
        assert_string_equal(device_words(both[i], two), "name=甲 campus=east note=y");
        device_expect_level(both[i]);
    }
    assert_int_equal(device_sync(b, -1), LINK_DONE); /* it is found after all: its own are known */
    assert_int_equal(entries_of(d.server.second), 3);
    device_expect_level(b);
}

/* Two restores, one after the other: what was set aside at the first waits while the second recovers. */
static void two_restores(void **state)
{
    (void)state;
    struct device *a = device_chair(&d), *b = device_second(&d);
    struct id one = device_add(a, "name=李梅");
    device_sync(a, -1);
    device_sync(b, -1);
    district_backup(&d, "one");
    assert_int_equal(device_set(b, one, "note=x"), ERR_OK);
    device_sync(b, -1);
    device_sync(a, -1);
    district_restore(&d, "one");
    district_end_recovery(&d);
    district_restore(&d, "one");
    assert_int_equal(device_sync(a, -1), LINK_PUT_OFF); /* nothing made here waits for it, but it may be nowhere else */
    assert_int_equal(set_aside(a), 2); /* with the one before, which proves it */
    assert_int_equal(told_queued(a), 1);
    struct id two = device_add(a, "name=甲");
    assert_int_equal(device_sync(a, -1), LINK_PUT_OFF);
    district_end_recovery(&d);
    assert_int_equal(device_sync(a, -1), LINK_DONE);
    assert_int_equal(entries_of(d.server.second), 1);
    assert_string_equal(device_words(a, one), "name=李梅 note=x");
    assert_string_equal(device_words(a, two), "name=甲");
    assert_int_equal(set_aside(a), 0);
    device_expect_level(a);
}

/* The server had dealt with it, and is restored again before anybody pulled what came of it. */
static void restored_again_before_it_was_pulled(void **state)
{
    (void)state;
    struct device *a = device_chair(&d), *b = device_second(&d);
    struct id one = device_add(a, "name=李梅");
    device_sync(a, -1);
    device_sync(b, -1);
    district_backup(&d, "one");
    assert_int_equal(device_set(b, one, "note=x"), ERR_OK);
    device_sync(b, -1);
    device_sync(a, -1);
    size_t decided = 0;
    for (int frames = 1; frames < 16; frames++) { /* cut off behind each of them, also behind the answer */
        district_restore(&d, "one");
        district_end_recovery(&d);
        device_sync(a, frames);
        decided += entries_of(d.server.second);
    }
    assert_true(decided > 1); /* it was there, and went with the next restore */
    assert_int_equal(device_sync(a, -1), LINK_DONE);
    assert_int_equal(entries_of(d.server.second), 1);
    assert_string_equal(device_words(a, one), "name=李梅 note=x");
    assert_int_equal(set_aside(a), 0);
    device_expect_level(a);
}

/* The colleague's device is a copy of an older state that went on by itself: both of its pasts stand. */
static void a_copy_that_went_on(void **state)
{
    (void)state;
    struct device *a = device_chair(&d), *b = device_second(&d);
    struct id one = device_add(b, "name=李梅");
    device_sync(b, -1);
    struct device *copy = device_clone(b);
    device_sync(a, -1);
    district_backup(&d, "one");
    assert_int_equal(device_set(b, one, "note=b"), ERR_OK);
    struct id two = device_add(b, "name=甲");
    device_sync(b, -1);
    device_sync(a, -1);
    district_restore(&d, "one");
    district_end_recovery(&d);
    assert_int_equal(device_set(copy, one, "campus=east"), ERR_OK);
    assert_int_equal(device_sync(copy, -1), LINK_DONE);
    assert_int_equal(device_sync(a, -1), LINK_DONE);
    assert_string_equal(device_words(a, one), "name=李梅 campus=east note=b");
    assert_string_equal(device_words(a, two), "name=甲");
    assert_int_equal(entries_of(d.server.second), 4);
    assert_int_equal(device_sync(b, -1), LINK_DONE);
    assert_int_equal(device_sync(copy, -1), LINK_DONE);
    assert_int_equal(entries_of(d.server.second), 4);
    device_expect_level(b);
    device_expect_level(copy);
    struct id three = device_add(b, "name=乙");
    assert_int_equal(device_sync(b, -1), LINK_DONE);
    assert_int_equal(device_sync(a, -1), LINK_DONE);
    assert_string_equal(device_words(a, three), "name=乙");
}

/* Rule 32: who is revoked hands over what it holds of others, too, before it is wiped. */
static void a_revoked_holder(void **state)
{
    (void)state;
    struct device *a = device_chair(&d), *b = device_second(&d), *c = third();
    struct id one = device_add(b, "name=李梅");
    district_backup(&d, "none");
    device_sync(b, -1);
    device_sync(a, -1);
    district_restore(&d, "none");
    district_end_recovery(&d);
    assert_int_equal(control_set_seat_state(d.server.control, d.server.chair, SEAT_REVOKED, 0), ERR_OK);
    district_refresh(&d);
    assert_int_equal(device_sync(a, -1), LINK_WIPE);
    assert_int_equal(device_sync(c, -1), LINK_DONE);
    assert_string_equal(device_words(c, one), "name=李梅");
    assert_int_equal(entries_of(d.server.second), 1);
}

/* It is revoked while a second restore recovers: what was set aside at the first is asked for again (LATER), so it is not wiped yet. */
static void a_revoked_holder_in_recovery(void **state)
{
    (void)state;
    struct device *a = device_chair(&d), *b = device_second(&d), *c = third();
    struct id one = device_add(b, "name=李梅");
    district_backup(&d, "none");
    device_sync(b, -1);
    device_sync(a, -1);
    district_restore(&d, "none");
    district_end_recovery(&d);
    district_restore(&d, "none"); /* recovers */
    assert_int_equal(control_set_seat_state(d.server.control, d.server.chair, SEAT_REVOKED, 0), ERR_OK);
    district_refresh(&d);
    assert_int_equal(device_sync(a, -1), LINK_PUT_OFF);
    district_end_recovery(&d);
    assert_int_equal(device_sync(a, -1), LINK_WIPE);
    assert_int_equal(device_sync(c, -1), LINK_DONE);
    assert_string_equal(device_words(c, one), "name=李梅");
}

#define LONG 15000
#define MANY 10

/* A group that went in one push: MANY plans of four long texts each. Its entries bear each change and its effects. */
static void add_large_group(struct device *v)
{
    static const char *const texts[] = {"guiding_text", "goals_text", "measures_text", "other_text"};
    static char words[LONG + 1];
    struct replica_change list[MANY];
    struct replica_outcome out[MANY];
    struct arena a;
    const struct kind *k = kind_by_name("work_plan");
    arena_init(&a, 64u << 20);
    memset(words, 'a', LONG);
    for (int i = 0; i < MANY; i++) {
        ProtobufCMessage *m = record_new(k->descriptor, &a);
        record_put_name(m, "title", cell_text("plan"), &a);
        record_put_name(m, "period", cell_text(arena_format(&a, "%d", 2030 + i)), &a);
        for (size_t t = 0; t < 4; t++)
            record_put_name(m, texts[t], cell_text(words), &a);
        list[i] = (struct replica_change){.op = OP_CREATE, .kind = k->number, .patch = m};
    }
    enum err e = replica_change_group(v->r, list, MANY, v->d->now_ms, &a, out);
    assert_int_equal(e, ERR_OK);
    arena_finish(&a);
}

/* A portion has to go into one frame, with a group in it, too; else the device that holds it sends nothing any more. */
static void a_large_group(void **state)
{
    (void)state;
    struct device *a = device_chair(&d), *b = device_second(&d);
    device_sync(a, -1);
    district_backup(&d, "one");
    add_large_group(b);
    assert_int_equal(device_sync(b, -1), LINK_DONE);
    assert_int_equal(entries_of(d.server.second), MANY);
    assert_int_equal(device_sync(a, -1), LINK_DONE);
    district_restore(&d, "one");
    district_end_recovery(&d);
    struct id one = device_add(a, "name=李梅");
    assert_int_equal(device_sync(a, -1), LINK_DONE);
    assert_string_equal(device_words(a, one), "name=李梅");
    assert_int_equal(entries_of(d.server.chair), 1);
    assert_int_equal(left_of(a), MANY); /* told, and left to their author */
    assert_int_equal(device_sync(b, -1), LINK_DONE);
    assert_int_equal(entries_of(d.server.second), MANY);
    assert_int_equal(device_sync(a, -1), LINK_DONE);
    assert_int_equal(set_aside(a), 0);
}

/* A member made under n 1 by two copies of one device, before and after a restore. a held both pasts when a third restore took the second,
 * too: what it is told of the first one's forks is not said of the second, whose author goes on with it. */
static void two_paths_of_one_incarnation(void **state)
{
    (void)state;
    struct device *a = device_chair(&d), *b = device_second(&d), *copy = device_clone(b);
    device_sync(a, -1);
    district_backup(&d, "none");
    device_add(b, "name=李梅");
    device_sync(b, -1);
    device_sync(a, -1);
    district_restore(&d, "none");
    district_end_recovery(&d);
    device_sync(a, 1); /* cut off when it has set the first past aside */
    struct id two = device_add(copy, "name=甲");
    struct device *third_copy = device_clone(copy); /* knows n 1 alone */
    device_sync(copy, -1);
    assert_int_equal(device_set(copy, two, "note=a"), ERR_OK);
    device_sync(copy, -1);
    district_backup(&d, "two");
    district_restore(&d, "two"); /* recovers: nothing is handed over, but the second past is pulled */
    assert_int_equal(device_sync(a, -1), LINK_PUT_OFF);
    district_restore(&d, "none");
    district_end_recovery(&d);
    assert_int_equal(device_set(copy, two, "note=b"), ERR_OK); /* n 3, on top of its own n 2 */
    device_sync(third_copy, -1);
    assert_int_equal(device_sync(a, -1), LINK_DONE);
    assert_int_equal(said_twice(), 0); /* 甲 stands under its own number, and what follows it, too */
    assert_int_equal(device_sync(copy, -1), LINK_DONE);
    assert_string_equal(device_words(copy, two), "name=甲 note=b");
    assert_int_equal(device_status(copy).conflicts, 0);
    assert_int_equal(entries_of(d.server.second), 4); /* 李梅, 甲, a, b: none of them twice */
    assert_int_equal(device_sync(a, -1), LINK_DONE);
    assert_int_equal(set_aside(a), 0);
    device_expect_level(a);
}

/* The server's control journal went with its disk, twice, and each time it gave the same seqs again: two pasts whose entries have the same
 * names. A holder of both hands both over; neither takes the other's place. */
static void the_same_seqs_twice(void **state)
{
    (void)state;
    struct device *a = device_chair(&d), *b = device_second(&d), *c = third(), *e = third();
    struct id one = device_add(a, "name=李梅");
    device_sync(a, -1);
    device_sync(b, -1);
    device_sync(c, -1);
    district_backup(&d, "one");
    district_restore(&d, "one");
    district_end_recovery(&d);
    assert_int_equal(device_set(b, one, "note=x"), ERR_OK);
    device_sync(b, -1);
    device_sync(a, -1);
    assert_int_equal(device_status(a).cursor, seq_make(2, 1));
    district_restore_without_journal(&d, "one");
    district_end_recovery(&d); /* epoch 2 again */
    assert_int_equal(device_set(c, one, "campus=east"), ERR_OK);
    device_sync(c, -1);
    assert_int_equal(device_sync(a, -1), LINK_DONE); /* another past: the first is set aside, to be handed over at the next contact */
    assert_int_equal(device_status(a).cursor, seq_make(2, 1));
    assert_true(set_aside(a) > 0);
    district_restore_without_journal(&d, "one");
    district_end_recovery(&d); /* epoch 2, for the third time */
    device_add(e, "name=甲");
    assert_int_equal(device_sync(e, -1), LINK_DONE);
    assert_int_equal(device_status(e).cursor, seq_make(2, 1));
    assert_int_equal(device_sync(a, -1), LINK_DONE);
    assert_int_equal(device_sync(a, -1), LINK_DONE);
    assert_string_equal(device_words(a, one), "name=李梅 campus=east note=x");
    assert_int_equal(entries_of(d.server.second), 1);
    assert_int_equal(set_aside(a), 0);
    device_expect_level(a);
}

/* Memory that does not reach ends a portion: what was begun to read does not stay open, or the file's log could not be taken in any more. */
static void a_portion_that_fails_leaves_nothing_open(void **state)
{
    (void)state;
    struct device *a = device_chair(&d), *b = device_second(&d);
    bool failed = false;
    district_backup(&d, "none");
    for (int i = 0; i < 20; i++)
        device_add(b, "name=李梅");
    device_sync(b, -1);
    device_sync(a, -1);
    district_restore(&d, "none");
    district_end_recovery(&d);
    for (int frames = 1; !set_aside(a) && frames < 6; frames++) /* cut off when it has set them aside */
        device_sync(a, frames);
    assert_int_equal(set_aside(a), 20);
    for (size_t cap = 1 << 10;; cap += 1 << 12) {
        struct arena small;
        Wire__HandBack out;
        struct replica_late_place front = {0};
        struct replica_late_portion portion;
        arena_init(&small, cap);
        enum err e = replica_hand_over(a->r, d.server.branch, &front, LIMIT_FRAME, 0, &small, &out, &portion);
        arena_finish(&small);
        assert_true(e == ERR_OK || e == ERR_MEMORY);
        if (e == ERR_OK)
            break;
        failed = true;
        assert_int_equal(db_exec(a->r->db, "VACUUM"), ERR_OK); /* it refuses while any statement is under way */
    }
    assert_true(failed);
}

/* The same of a path's end: here by an entry that unpacking takes more for than it may. */
static void an_end_that_fails_leaves_nothing_open(void **state)
{
    (void)state;
    struct device *a = device_chair(&d);
    static uint8_t large[LIMIT_ARENA];
    Wire__Entry m = WIRE__ENTRY__INIT;
    struct buf packed = BUF_INIT;
    struct replica_late_place to = {1, 1};
    struct late_fork fork = {.n = 1};
    m.has_seq = m.has_change = 1;
    m.seq = 1;
    m.change = (ProtobufCBinaryData){sizeof large, large};
    wire_pack(&m.base, &packed);
    device_sync(a, -1);
    assert_int_equal(sql_run(a->r->db, "INSERT INTO late_entry(path, seq, org, entry, dealt) VALUES(1, 1, ?1, ?2, 0)", "ib",
                             (int64_t)d.server.branch, buf_slice(&packed)), ERR_OK);
    buf_finish(&packed);
    assert_int_equal(replica_late_end(a->r, d.server.branch, &to, 0, &fork, 1), ERR_MEMORY);
    assert_int_equal(db_exec(a->r->db, "VACUUM"), ERR_OK);
}

#define SCENARIO(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        SCENARIO(a_lost_colleague), SCENARIO(two_restores), SCENARIO(restored_again_before_it_was_pulled), SCENARIO(a_copy_that_went_on),
        SCENARIO(a_revoked_holder), SCENARIO(a_revoked_holder_in_recovery), SCENARIO(a_large_group), SCENARIO(two_paths_of_one_incarnation),
        SCENARIO(the_same_seqs_twice), SCENARIO(a_portion_that_fails_leaves_nothing_open),
        SCENARIO(an_end_that_fails_leaves_nothing_open),
    };
    return cmocka_run_group_tests_name("client_late", tests, NULL, NULL);
}
