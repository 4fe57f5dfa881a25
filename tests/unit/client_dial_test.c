/* One connection of a seat against a server in this process: who it says it is, keys of the last session, and how it
 * ends. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/clock.h"
#include "base/key_file.h"
#include "base/limits.h"
#include "client/agent/dial.h"
#include "client/replica/replica_sync.h"
#include "help_folder.h"
#include "help_net.h"
#include "wire/wire.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

static struct help_net w;
static struct folder folder;
static struct replica *r;
static struct dial_files files;
static struct dial *dial;

static const uint8_t identity[20] = "the seat, sealed";
static uint8_t server_key[32];
static bool server_knows;

static struct {
    int count;
    enum err why;
    char detail[200];
    bool was_up;
    enum link_progress progress;
    int64_t retry_after_ms;
} ended;

static bool find_psk(void *to, struct slice given, uint8_t key[32], uint32_t *seat)
{
    (void)to;
    if (!server_knows || !slice_equal(given, slice_of(identity, sizeof identity)))
        return false;
    memcpy(key, server_key, 32);
    *seat = HELP_SEAT;
    return true;
}

static void make_replica(const char *server)
{
    struct replica_seat s = {.number = HELP_SEAT,
                             .person = "林晓岚",
                             .roles = "union_chair",
                             .home = 3,
                             .home_code = "QH001",
                             .home_name = "青禾区小苗圃幼儿园工会",
                             .home_level = "branch",
                             .district = "青禾区教育工会",
                             .server = server};
    assert_int_equal(replica_create(folder.path, &s, clock_now_ms()), ERR_OK);
    assert_int_equal(replica_open(folder.path, clock_now_ms(), &r), ERR_OK);
}

static void make_files(void)
{
    const struct help_district *d = &w.district;
    assert_int_equal(key_file_write(folder.path, "ca.pem", buf_slice(&d->ca_cert), KEY_FILE_NEW), ERR_OK);
    assert_int_equal(key_file_write(folder.path, "cert.pem", buf_slice(&d->seat_cert), KEY_FILE_NEW), ERR_OK);
    assert_int_equal(dial_files_read(folder.path, &files), ERR_NOT_FOUND);
    assert_int_equal(key_file_write(folder.path, "key.pem", buf_slice(&d->seat_key), KEY_FILE_NEW), ERR_OK);
    assert_int_equal(dial_files_read(folder.path, &files), ERR_OK);
}

static int setup(void **state)
{
    (void)state;
    folder_make(&folder);
    memset(&ended, 0, sizeof ended);
    memset(server_key, 7, sizeof server_key);
    server_knows = true;
    dial = NULL;
    help_net_make(&w, find_psk, NULL);
    make_replica(w.address);
    make_files();
    return 0;
}

static bool is_over(struct help_net *n)
{
    (void)n;
    return ended.count > 0 && help_all_closed(&w);
}

static int teardown(void **state)
{
    (void)state;
    if (dial && !ended.count)
        dial_hang_up(dial);
    help_net_run(&w, is_over);
    dial_files_finish(&files);
    replica_close(r);
    r = NULL;
    folder_remove(&folder);
    help_net_finish(&w);
    return 0;
}

static void on_end(void *to, struct dial *d, const struct dial_end *end)
{
    (void)to;
    ended.count++;
    ended.why = end->why;
    ended.was_up = end->was_up;
    ended.progress = link_progress(dial_link(d));
    ended.retry_after_ms = link_retry_after_ms(dial_link(d));
    snprintf(ended.detail, sizeof ended.detail, "%s", end->detail);
    dial = NULL;
    if (w.is_done && w.is_done(&w))
        net_stop(w.net);
}

static void open_dial(void)
{
    struct dial_options options = {
        .net = w.net, .r = r, .files = &files, .on_end = on_end, .link = {.mode = LINK_WATCH, .version = "test"}};
    assert_int_equal(dial_open(&options, &dial), ERR_OK);
    assert_int_equal(ended.count, 0); /* nothing is told from within the call */
}

static size_t before; /* connections of earlier dials */

static bool has_hello(struct help_net *n)
{
    return ended.count > 0 || (n->accepted > before && n->server[n->accepted - 1].frames > 0);
}

/* Dials until HELLO came; the server's end. */
static struct help_end *say_hello(void)
{
    before = w.accepted;
    open_dial();
    help_net_run(&w, has_hello);
    assert_int_equal(ended.count, 0);
    struct help_end *e = &w.server[w.accepted - 1];
    assert_int_equal(e->type, FRAME_HELLO);
    return e;
}

static enum tls_peer peer_of(const struct help_end *e)
{
    uint32_t seat = 0;
    enum tls_peer peer = tls_peer(stream_tls(e->stream), &seat);
    assert_int_equal(seat, HELP_SEAT);
    return peer;
}

static void keep_psk(uint8_t first, int64_t expires_ms)
{
    Wire__Psk psk = WIRE__PSK__INIT;
    struct buf packed = BUF_INIT;
    uint8_t key[32];
    memset(key, first, sizeof key);
    psk.has_identity = psk.has_key = psk.has_expires_ms = 1;
    psk.identity = (ProtobufCBinaryData){sizeof identity, (uint8_t *)identity};
    psk.key = (ProtobufCBinaryData){sizeof key, key};
    psk.expires_ms = expires_ms;
    wire_pack(&psk.base, &packed);
    assert_int_equal(replica_meta_put(r, "psk", buf_slice(&packed)), ERR_OK);
    buf_finish(&packed);
}

static bool holds_psk(void)
{
    struct arena arena;
    struct slice packed;
    arena_init(&arena, LIMIT_FRAME_JOIN);
    bool held = replica_meta_get(r, "psk", &arena, &packed) == ERR_OK;
    arena_finish(&arena);
    return held;
}

/* ---- who it says it is ---- */

static void by_certificate(void **state)
{
    (void)state;
    assert_int_equal(peer_of(say_hello()), TLS_PEER_CERTIFICATE);
    assert_int_equal(w.accepted, 1);
}

static void by_the_key_of_the_last_session(void **state)
{
    (void)state;
    keep_psk(7, clock_now_ms() + 60000);
    assert_int_equal(peer_of(say_hello()), TLS_PEER_PSK);
    assert_int_equal(w.accepted, 1);
}

static void a_key_that_the_server_passes_over(void **state)
{
    (void)state;
    server_knows = false; /* expired there, suspended, renewed */
    keep_psk(7, clock_now_ms() + 60000);
    assert_int_equal(peer_of(say_hello()), TLS_PEER_CERTIFICATE);
    assert_int_equal(w.accepted, 1); /* in the same connection */
}

/* The server was restored: it knows the identity with another key. */
static void a_key_that_is_wrong_there(void **state)
{
    (void)state;
    keep_psk(8, clock_now_ms() + 60000);
    assert_int_equal(peer_of(say_hello()), TLS_PEER_CERTIFICATE);
    assert_int_equal(w.accepted, 2);
    assert_false(holds_psk()); /* it is not tried again */
}

static void a_key_that_is_over_is_not_offered(void **state)
{
    (void)state;
    keep_psk(8, clock_now_ms() - 1); /* wrong besides: offered, it would cost a connection */
    assert_int_equal(peer_of(say_hello()), TLS_PEER_CERTIFICATE);
    assert_int_equal(w.accepted, 1);
}

static void the_key_of_this_session_is_kept(void **state)
{
    (void)state;
    Wire__Welcome welcome = WIRE__WELCOME__INIT;
    Wire__Psk psk = WIRE__PSK__INIT;
    struct help_end *e = say_hello();
    assert_false(holds_psk());
    welcome.has_protocol = welcome.has_seat = 1;
    welcome.protocol = 1;
    welcome.seat = HELP_SEAT;
    psk.has_identity = psk.has_key = psk.has_expires_ms = 1;
    psk.identity = (ProtobufCBinaryData){sizeof identity, (uint8_t *)identity};
    psk.key = (ProtobufCBinaryData){sizeof server_key, server_key};
    psk.expires_ms = clock_now_ms() + 60000;
    welcome.psk = &psk;
    assert_int_equal(stream_send(e->stream, FRAME_WELCOME, &welcome.base), ERR_OK);
    stream_close(e->stream, ERR_OK, "");
    help_net_run(&w, is_over);
    assert_true(holds_psk());
    memset(&ended, 0, sizeof ended);
    assert_int_equal(peer_of(say_hello()), TLS_PEER_PSK);
}

/* ---- how it ends ---- */

static void hung_up_by_its_owner(void **state)
{
    (void)state;
    (void)say_hello();
    dial_hang_up(dial);
    help_net_run(&w, is_over);
    assert_int_equal(ended.count, 1);
    assert_int_equal(ended.why, ERR_OK);
    assert_true(ended.was_up);
}

static void hung_up_before_it_is_up(void **state)
{
    (void)state;
    open_dial();
    dial_hang_up(dial);
    help_net_run(&w, is_over);
    assert_int_equal(ended.why, ERR_OK);
    assert_false(ended.was_up);
}

static void cut_by_the_server(void **state)
{
    (void)state;
    struct help_end *e = say_hello();
    stream_close(e->stream, ERR_OK, "");
    help_net_run(&w, is_over);
    assert_int_equal(ended.why, ERR_CUT);
    assert_true(ended.was_up);
}

static void nobody_there(void **state)
{
    (void)state;
    assert_int_equal(replica_meta_put(r, "server", slice_text("127.0.0.1:1")), ERR_OK);
    open_dial();
    help_net_run(&w, is_over);
    assert_int_equal(ended.why, ERR_OFFLINE);
    assert_false(ended.was_up);
}

static void an_error_that_ends_it(void **state)
{
    (void)state;
    Wire__Error error = WIRE__ERROR__INIT;
    struct help_end *e = say_hello();
    error.code = "BUSY";
    error.text = "busy";
    error.has_fatal = error.has_retry_after_ms = 1;
    error.fatal = 1;
    error.retry_after_ms = 4000;
    assert_int_equal(stream_send(e->stream, FRAME_ERROR, &error.base), ERR_OK);
    help_net_run(&w, is_over);
    assert_int_equal(ended.why, ERR_OK); /* the link says how */
    assert_int_equal(ended.progress, LINK_FAILED);
    assert_int_equal(ended.retry_after_ms, 4000);
}

/* What does not unpack is the peer's fault, and the end. */
static void a_frame_that_is_none(void **state)
{
    (void)state;
    struct help_end *e = say_hello();
    static const uint8_t junk[] = {0, 0, 0, 3, FRAME_WELCOME, 0xff, 0xff};
    assert_int_equal(stream_send_packed(e->stream, slice_of(junk, sizeof junk)), ERR_OK);
    help_net_run(&w, is_over);
    assert_int_equal(ended.why, ERR_WIRE);
}

static void another_districts_server(void **state)
{
    (void)state;
    struct help_district other;
    help_district_make(&other, "another");
    files.ca.size = 0;
    buf_append_slice(&files.ca, buf_slice(&other.ca_cert));
    open_dial();
    help_net_run(&w, is_over);
    assert_true(ended.why == ERR_CERTIFICATE || ended.why == ERR_TLS);
    assert_false(ended.was_up);
    help_district_finish(&other);
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(by_certificate),
        T(by_the_key_of_the_last_session),
        T(a_key_that_the_server_passes_over),
        T(a_key_that_is_wrong_there),
        T(a_key_that_is_over_is_not_offered),
        T(the_key_of_this_session_is_kept),
        T(hung_up_by_its_owner),
        T(hung_up_before_it_is_up),
        T(cut_by_the_server),
        T(nobody_there),
        T(an_error_that_ends_it),
        T(a_frame_that_is_none),
        T(another_districts_server),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
