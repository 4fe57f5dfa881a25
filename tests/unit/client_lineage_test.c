/* Which seqs a seat believes to lie on the line, from what WELCOME tells (rule 27): the same answer as the server's own. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/limits.h"
#include "client/replica/replica_inner.h"
#include "client/replica/replica_sync.h"
#include "help_folder.h"
#include "sync/org_state.h"

#define NOW 1795400000000
#define HOME 3

static struct folder folder;
static struct replica *r;
static struct arena arena;

static int setup(void **state)
{
    (void)state;
    struct replica_seat s = {.number = 7, .person = "林晓岚", .roles = "union_chair", .home = HOME, .home_code = "QH001",
                             .home_name = "第一幼儿园工会", .home_level = "branch", .district = "青禾区教育工会", .server = "127.0.0.1:7443"};
    folder_make(&folder);
    arena_init(&arena, LIMIT_ARENA);
    assert_int_equal(replica_create(folder.path, &s, NOW), ERR_OK);
    assert_int_equal(replica_open(folder.path, NOW, &r), ERR_OK);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    replica_close(r);
    arena_finish(&arena);
    folder_remove(&folder);
    return 0;
}

struct told { uint32_t epoch, parent; uint64_t last; bool named; };

static void welcome(const struct told *told, size_t count)
{
    Wire__Welcome w = WIRE__WELCOME__INIT;
    Wire__Epoch epochs[8], *list[8];
    Wire__Position lasts[8], *last[8];
    for (size_t i = 0; i < count; i++) {
        wire__epoch__init(&epochs[i]);
        wire__position__init(&lasts[i]);
        lasts[i].has_org = lasts[i].has_seq = 1;
        lasts[i].org = HOME;
        lasts[i].seq = told[i].last;
        last[i] = &lasts[i];
        epochs[i].has_epoch = epochs[i].has_parent = 1;
        epochs[i].epoch = told[i].epoch;
        epochs[i].parent = told[i].parent;
        epochs[i].n_last = told[i].named;
        epochs[i].last = &last[i];
        list[i] = &epochs[i];
    }
    w.has_protocol = w.has_seat = 1;
    w.protocol = 1;
    w.seat = 7;
    Wire__Org org = WIRE__ORG__INIT;
    Wire__Head head = WIRE__HEAD__INIT, *heads[] = {&head};
    org.has_number = 1;
    org.number = HOME;
    org.code = org.name = org.state = "";
    org.level = "branch";
    head.org = &org;
    w.n_head = 1;
    w.head = heads;
    w.n_lineage = count;
    w.lineage = list;
    assert_int_equal(replica_welcome(r, &w, NOW), ERR_OK);
}

static bool holds(uint32_t epoch, uint64_t counter)
{
    struct lineage l;
    assert_int_equal(lineage_load(r, HOME, &arena, &l), ERR_OK);
    return lineage_holds(&l, seq_make(epoch, counter));
}

static void one_restore(void **state)
{
    (void)state;
    welcome((struct told[]){{1, 0, 0, true}, {2, 1, seq_make(1, 41), true}}, 2);
    assert_true(holds(1, 41));
    assert_false(holds(1, 42));
    assert_true(holds(2, 900));
}

/* Five entries of epoch 2 were lost altogether: the org's last one is of epoch 1, so nothing of epoch 2 is on its line. */
static void an_epoch_without_survivors(void **state)
{
    (void)state;
    welcome((struct told[]){{1, 0, 0, true}, {2, 1, seq_make(1, 41), true}, {3, 2, seq_make(1, 41), true}}, 3);
    assert_true(holds(1, 41));
    assert_false(holds(1, 42));
    assert_false(holds(2, 5));
    assert_true(holds(3, 1));
}

/* Of an org that is not kept no survivor is named: all before the newest epoch is sent again. */
static void an_org_that_is_not_named(void **state)
{
    (void)state;
    welcome((struct told[]){{1, 0, 0, false}, {2, 1, 0, false}}, 2);
    assert_false(holds(1, 1));
    assert_true(holds(2, 1));
}

/* Half of the rows came as of 1:100; the restore kept 1:80, above the cursor: the other half would be of another past. */
static void a_snapshot_of_what_was_given_up(void **state)
{
    (void)state;
    struct position p = {.org = HOME, .seq = seq_make(1, 10), .log_seq = seq_make(1, 10), .snap = SNAP_ROWS, .snap_seq = seq_make(1, 100),
                         .snap_at_kind = 1};
    assert_int_equal(position_save(r, &p), ERR_OK);
    welcome((struct told[]){{1, 0, 0, true}}, 1);
    assert_int_equal(position_load(r, HOME, &p), ERR_OK);
    assert_int_equal(p.snap, SNAP_ROWS);
    welcome((struct told[]){{1, 0, 0, true}, {2, 1, seq_make(1, 80), true}}, 2);
    assert_int_equal(position_load(r, HOME, &p), ERR_OK);
    assert_int_equal(p.snap, SNAP_WANTED);
    assert_int_equal(p.seq, seq_make(1, 10));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(one_restore, setup, teardown),
        cmocka_unit_test_setup_teardown(an_epoch_without_survivors, setup, teardown),
        cmocka_unit_test_setup_teardown(an_org_that_is_not_named, setup, teardown),
        cmocka_unit_test_setup_teardown(a_snapshot_of_what_was_given_up, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
