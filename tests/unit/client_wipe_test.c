/* The order to wipe: only with the district's signature, and what cannot be destroyed is said. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "client/agent/agent_inner.h"
#include "help_folder.h"
#include "help_tls.h"
#include "wire/wire.h"

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
    struct replica_seat s = {.number = 7, .person = "林晓岚", .roles = "union_chair", .home = 3, .home_code = "QH001",
                             .home_name = "第一幼儿园工会", .home_level = "branch", .district = "青禾区教育工会", .server = "127.0.0.1:7443"};
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(what_the_district_signed_is_done, setup, teardown),
        cmocka_unit_test_setup_teardown(what_others_signed_is_not, setup, teardown),
        cmocka_unit_test_setup_teardown(what_stays_is_said, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
