/* The order to wipe: only with the district's signature, and what cannot be destroyed is said. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/limits.h"
#include "client/agent/agent_inner.h"
#include "client/replica/replica_inner.h"
#include "help_folder.h"
#include "help_tls.h"
#include "wire/wire.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#define NOW 1795400000000

static struct folder folder;
static struct replica *r;
static struct help_district d;
static struct agent_result result;

static int setup(void **state)
{
    (void)state;
    struct replica_seat s = {.number = 7,
                             .person = "林晓岚",
                             .roles = "union_chair",
                             .home = 3,
                             .home_code = "QH001",
                             .home_name = "第一幼儿园工会",
                             .home_level = "branch",
                             .district = "青禾区教育工会",
                             .server = "127.0.0.1:7443"};
    folder_make(&folder);
    help_district_make(&d, "青禾区教育工会");
    assert_int_equal(replica_create(folder.path, &s, NOW), ERR_OK);
    assert_int_equal(replica_open(folder.path, NOW, &r), ERR_OK);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    replica_close(r);
    agent_result_finish(&result);
    help_district_finish(&d);
    folder_remove(&folder);
    return 0;
}

/* Signed with that key for that seat. */
static void order(uint32_t seat, struct slice key)
{
    Wire__Wipe wipe = WIRE__WIPE__INIT;
    struct buf text = BUF_INIT, signature = BUF_INIT, packed = BUF_INIT;
    buf_format(&text, "banyan wipe %u 1795400000000", seat);
    assert_int_equal(tls_sign(key, buf_slice(&text), &signature), ERR_OK);
    wipe.has_seat = wipe.has_at_ms = wipe.has_signature = 1;
    wipe.seat = seat;
    wipe.at_ms = NOW;
    wipe.signature = (ProtobufCBinaryData){signature.size, signature.data};
    wire_pack(&wipe.base, &packed);
    agent_wipe(r, buf_slice(&packed), buf_slice(&d.ca_cert), &result);
    buf_finish(&text);
    buf_finish(&signature);
    buf_finish(&packed);
}

static void what_the_district_signed_is_done(void **state)
{
    (void)state;
    order(7, buf_slice(&d.ca_key));
    assert_true(result.wiped);
    assert_int_equal(result.why, ERR_REFUSED);
    assert_false(folder_has(&folder, "banyan.db"));
}

static void what_others_signed_is_not(void **state)
{
    (void)state;
    struct replica_facts f;
    order(7, buf_slice(&d.server_key));
    assert_false(result.wiped);
    assert_int_equal(result.why, ERR_CERTIFICATE);
    order(8, buf_slice(&d.ca_key)); /* another seat's */
    assert_false(result.wiped);
    assert_int_equal(replica_facts(r, &f), ERR_OK);
}

/* A folder stands where a file should: the rest goes, the person is told, and nothing touches the closed replica. */
static void what_stays_is_said(void **state)
{
    (void)state;
    assert_int_equal(mkdir(folder_file(&folder, "banyan.db.damaged-1"), 0700), 0);
    order(7, buf_slice(&d.ca_key));
    assert_true(result.wiped);
    assert_int_equal(result.why, ERR_IO);
    assert_true(result.text.size > 0);
    assert_false(folder_has(&folder, "banyan.db"));
    assert_int_equal(rmdir(folder_file(&folder, "banyan.db.damaged-1")), 0);
}

/* ---- what was said to be saved, and crashes ---- */

static struct arena arena;

static enum err add(struct replica *at)
{
    struct replica_outcome o;
    const struct kind *member = kind_by_name("member");
    ProtobufCMessage *patch = record_new(member->descriptor, &arena);
    record_put_name(patch, "name", cell_text("李梅"), &arena);
    struct replica_change c = {.op = OP_CREATE, .kind = member->number, .patch = patch};
    return replica_change(at, &c, NOW, &arena, &o);
}

static int setup_arena(void **state)
{
    arena_init(&arena, LIMIT_ARENA);
    return setup(state);
}

static int teardown_arena(void **state)
{
    arena_finish(&arena);
    return teardown(state);
}

/* Entered between the last push and the order: it goes to the district first. */
static void what_waits_is_handed_over_first(void **state)
{
    (void)state;
    struct replica_status s;
    assert_int_equal(add(r), ERR_OK);
    order(7, buf_slice(&d.ca_key));
    assert_false(result.wiped);
    assert_int_equal(result.why, ERR_BUSY);
    assert_int_equal(replica_status(r, &s), ERR_OK);
    assert_int_equal(s.queued, 1);
    assert_int_equal(sql_run(r->db, "UPDATE outbox SET state = 2, seq = 9", ""),
                     ERR_OK); /* refused, and kept for the district */
    order(7, buf_slice(&d.ca_key));
    assert_true(result.wiped);
    assert_false(folder_has(&folder, "banyan.db"));
}

static void who_has_it_open_saves_nothing_more(void **state)
{
    (void)state;
    struct replica *other;
    assert_int_equal(replica_open(folder.path, NOW, &other), ERR_OK);
    order(7, buf_slice(&d.ca_key));
    assert_true(result.wiped);
    assert_int_not_equal(add(other), ERR_OK);
    replica_close(other);
    assert_int_equal(replica_open(folder.path, NOW, &other), ERR_NOT_FOUND);
}

static void who_is_writing_is_waited_for(void **state)
{
    (void)state;
    struct replica *other;
    assert_int_equal(replica_open(folder.path, NOW, &other), ERR_OK);
    assert_int_equal(replica_batch_begin(other), ERR_OK);
    assert_int_equal(add(other), ERR_OK);
    order(7, buf_slice(&d.ca_key)); /* 5 s, SQLite's patience */
    assert_false(result.wiped);
    assert_int_equal(result.why, ERR_BUSY);
    assert_int_equal(replica_batch_commit(other), ERR_OK);
    replica_close(other);
    assert_true(folder_has(&folder, "banyan.db"));
}

static void touch(const char *name)
{
    int fd = open(folder_file(&folder, name), O_CREAT | O_WRONLY, 0600);
    assert_true(fd >= 0);
    close(fd);
}

/* Killed when the key was gone and the data still there: no server could be asked any more. */
static void a_crash_in_between_is_no_way_out(void **state)
{
    (void)state;
    struct replica *other;
    struct replica_seat again = {.number = 8,
                                 .person = "陈晨",
                                 .roles = "accountant",
                                 .home = 3,
                                 .home_code = "QH001",
                                 .home_name = "青禾区小苗圃幼儿园工会",
                                 .home_level = "branch",
                                 .district = "青禾区教育工会",
                                 .server = "127.0.0.1:7443"};
    touch("banyan.wipe");
    touch("cert.pem");
    touch("banyan.db.damaged-1");
    assert_int_equal(replica_open(folder.path, NOW, &other), ERR_NOT_FOUND);
    assert_false(folder_has(&folder, "banyan.db"));
    assert_false(folder_has(&folder, "cert.pem"));
    assert_false(folder_has(&folder, "banyan.db.damaged-1"));
    assert_false(folder_has(&folder, "banyan.wipe"));
    assert_int_equal(replica_create(folder.path, &again, NOW), ERR_LOCKED); /* r is still open */
    order(7, buf_slice(&d.ca_key));
    assert_false(result.wiped); /* done already, and the folder may be another's */
    replica_close(r);
    assert_int_equal(replica_create(folder.path, &again, NOW), ERR_OK);
    assert_int_equal(replica_open(folder.path, NOW, &r), ERR_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(what_the_district_signed_is_done, setup, teardown),
        cmocka_unit_test_setup_teardown(what_others_signed_is_not, setup, teardown),
        cmocka_unit_test_setup_teardown(what_stays_is_said, setup, teardown),
        cmocka_unit_test_setup_teardown(what_waits_is_handed_over_first, setup_arena, teardown_arena),
        cmocka_unit_test_setup_teardown(who_has_it_open_saves_nothing_more, setup_arena, teardown_arena),
        cmocka_unit_test_setup_teardown(who_is_writing_is_waited_for, setup_arena, teardown_arena),
        cmocka_unit_test_setup_teardown(a_crash_in_between_is_no_way_out, setup_arena, teardown_arena),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
