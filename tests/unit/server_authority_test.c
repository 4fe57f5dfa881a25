/* The authority's files, its certificates and pre-shared keys; joining and inviting are in server_session_seats_test.c.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "help_server.h"

#include "base/clock.h"
#include "base/key_file.h"
#include "base/limits.h"
#include "base/log.h"
#include "server/control/authority_inner.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define DAY_MS 86400000LL

static int setup(void **state)
{
    static struct folder dir;
    log_set_level(LOG_ERROR);
    folder_make(&dir);
    *state = &dir;
    return 0;
}

static int teardown(void **state)
{
    folder_remove(*state);
    return 0;
}

static const char *const files[] = {"ca.key", "ca.pem", "server.key", "server.pem", "psk.master", "head.key"};

static struct tls_cert_facts server_facts(struct folder *dir)
{
    struct buf pem = BUF_INIT, der = BUF_INIT;
    struct tls_cert_facts facts;
    assert_int_equal(key_file_read(dir->path, "server.pem", &pem), ERR_OK);
    assert_int_equal(tls_cert_to_der(buf_slice(&pem), &der), ERR_OK);
    assert_int_equal(tls_cert_facts(buf_slice(&der), &facts), ERR_OK);
    buf_finish(&pem);
    buf_finish(&der);
    return facts;
}

static void made_once(void **state)
{
    struct folder *dir = *state;
    struct authority *a;
    assert_int_equal(authority_init(dir->path, "青禾区教育工会", NOW_MS), ERR_OK);
    assert_int_equal(folder_count(dir), 6);
    for (size_t i = 0; i < 6; i++)
        assert_int_equal(folder_mode(dir, files[i]), 0600);
    struct tls_cert_facts facts = server_facts(dir);
    assert_int_equal(facts.usage, TLS_USAGE_SERVER);
    assert_int_equal(facts.ends_ms, NOW_MS + LIMIT_CERTIFICATE_DAYS * DAY_MS);
    assert_int_equal(authority_init(dir->path, "青禾区教育工会", NOW_MS), ERR_EXISTS);
    assert_memory_equal(server_facts(dir).serial, facts.serial, 16); /* nothing was touched */
    assert_int_equal(authority_open(dir->path, &a), ERR_OK);
    authority_close(a);
    authority_close(NULL);
}

/* A certificate's name has 64 characters at most; a union's name may be longer. */
static void a_long_name(void **state)
{
    struct folder *dir = *state;
    struct authority *a;
    struct buf name = BUF_INIT;
    for (int i = 0; i < 70; i++)
        buf_text(&name, "榕");
    assert_int_equal(authority_init(dir->path, buf_c_string(&name), NOW_MS), ERR_OK);
    assert_int_equal(authority_open(dir->path, &a), ERR_OK);
    authority_close(a);
    buf_finish(&name);
}

static void what_is_missing_or_broken(void **state)
{
    struct folder *dir = *state;
    struct authority *a = NULL;
    assert_int_equal(authority_open(dir->path, &a), ERR_NOT_FOUND);
    assert_int_equal(authority_init(dir->path, "qinghe", NOW_MS), ERR_OK);
    for (size_t i = 0; i < 4; i++) {
        struct buf kept = BUF_INIT;
        assert_int_equal(key_file_read(dir->path, files[i], &kept), ERR_OK);
        assert_int_equal(unlink(folder_file(dir, files[i])), 0);
        assert_int_equal(authority_open(dir->path, &a), ERR_NOT_FOUND);
        assert_int_equal(key_file_write(dir->path, files[i], buf_slice(&kept), KEY_FILE_NEW), ERR_OK);
        buf_finish(&kept);
    }
    assert_int_equal(unlink(folder_file(dir, "psk.master")), 0); /* made anew: PSKs fall back to certificates */
    assert_int_equal(authority_open(dir->path, &a), ERR_OK);
    authority_close(a);
    assert_int_equal(folder_mode(dir, "psk.master"), 0600);
    assert_int_equal(key_file_write(dir->path, "psk.master", slice_text("short"), KEY_FILE_REPLACE), ERR_OK);
    a = NULL;
    assert_int_equal(authority_open(dir->path, &a), ERR_CORRUPT);
    assert_null(a);
}

static void the_server_s_certificate_stays_fresh(void **state)
{
    struct folder *dir = *state;
    struct authority *a;
    struct tls_context *before, *after;
    bool renewed = true;
    int64_t due = NOW_MS + (int64_t)(LIMIT_CERTIFICATE_DAYS - LIMIT_RENEW_DAYS) * DAY_MS;
    assert_int_equal(authority_init(dir->path, "qinghe", NOW_MS), ERR_OK);
    assert_int_equal(authority_open(dir->path, &a), ERR_OK);
    struct tls_cert_facts first = server_facts(dir);
    assert_int_equal(authority_keep_fresh(a, due, &renewed), ERR_OK);
    assert_false(renewed);
    assert_memory_equal(server_facts(dir).serial, first.serial, 16);
    assert_int_equal(authority_tls(a, NULL, &before), ERR_OK);
    assert_int_equal(authority_keep_fresh(a, due + 1, &renewed), ERR_OK);
    assert_true(renewed);
    struct tls_cert_facts second = server_facts(dir);
    assert_memory_not_equal(second.serial, first.serial, 16);
    assert_memory_equal(second.key_hash, first.key_hash, 32); /* the same key */
    assert_int_equal(second.ends_ms, (due + 1) / 1000 * 1000 + LIMIT_CERTIFICATE_DAYS * DAY_MS);
    assert_int_equal(folder_mode(dir, "server.pem"), 0600);
    assert_int_equal(authority_tls(a, NULL, &after),
                     ERR_OK); /* with the new one; the old context may go while others use it */
    assert_int_equal(authority_keep_fresh(a, due + 2, NULL), ERR_OK);
    assert_memory_equal(server_facts(dir).serial, second.serial, 16);
    /* The clock stood ahead, and is right again: a day is left to it, no more. */
    assert_int_equal(authority_keep_fresh(a, due - DAY_MS + 1000, &renewed), ERR_OK);
    assert_false(renewed);
    assert_int_equal(authority_keep_fresh(a, due - DAY_MS - 1000, &renewed), ERR_OK);
    assert_true(renewed);
    assert_int_equal(server_facts(dir).ends_ms, (due - DAY_MS - 1000) / 1000 * 1000 + LIMIT_CERTIFICATE_DAYS * DAY_MS);
    tls_context_destroy(before);
    tls_context_destroy(after);
    authority_close(a);
}

/* ---- pre-shared keys ---- */

struct psk {
    struct buf identity;
    uint8_t key[32];
    int64_t expires_ms;
};

static struct psk give(struct authority *a, const struct control_seat *seat, int64_t now_ms)
{
    struct psk p = {.identity = BUF_INIT};
    authority_psk(a, seat, now_ms, &p.identity, p.key, &p.expires_ms);
    return p;
}

static bool finds(struct authority *a, const struct psk *p, uint32_t seat)
{
    uint8_t key[32];
    uint32_t found = 0;
    if (!authority_find_psk(a, buf_slice(&p->identity), key, &found))
        return false;
    assert_int_equal(found, seat);
    assert_memory_equal(key, p->key, 32);
    return true;
}

static void psks_live_and_die_with_their_seat(void **state)
{
    (void)state;
    static struct help_server s;
    struct authority *a;
    struct tls_context *tls;
    int64_t now = clock_now_ms();
    uint8_t key_hash[32] = {3}, serial[16] = {4};
    server_make(&s);
    assert_int_equal(authority_init(s.folder.path, "qinghe", now), ERR_OK);
    assert_int_equal(authority_open(s.folder.path, &a), ERR_OK);
    assert_int_equal(authority_tls(a, s.control, &tls), ERR_OK);
    assert_int_equal(control_renew_seat(s.control, s.chair, key_hash, serial, now + 100 * DAY_MS), ERR_OK);

    struct psk p = give(a, control_seat(s.control, s.chair), now);
    assert_int_equal(p.expires_ms, now + LIMIT_PSK_DAYS * DAY_MS);
    assert_true(finds(a, &p, s.chair));
    struct psk again = give(a, control_seat(s.control, s.chair), now);
    assert_false(slice_equal(buf_slice(&again.identity), buf_slice(&p.identity))); /* nobody follows a seat by it */
    assert_true(finds(a, &again, s.chair));
    for (size_t i = 0; i < again.identity.size; i++) { /* sealed: not a bit of it may change */
        again.identity.data[i] ^= 1;
        assert_false(finds(a, &again, s.chair));
        again.identity.data[i] ^= 1;
    }
    again.identity.size--;
    assert_false(finds(a, &again, s.chair));
    again.identity.size = 0;
    assert_false(finds(a, &again, s.chair));

    struct psk late = give(a, control_seat(s.control, s.chair), now - LIMIT_PSK_DAYS * DAY_MS - 1000);
    assert_false(finds(a, &late, s.chair));

    /* Suspended, resumed: counted up. */
    assert_int_equal(control_set_seat_state(s.control, s.chair, SEAT_SUSPENDED, 0), ERR_OK);
    assert_false(finds(a, &p, s.chair));
    assert_int_equal(control_set_seat_state(s.control, s.chair, SEAT_ACTIVE, 0), ERR_OK);
    assert_false(finds(a, &p, s.chair));
    struct psk fresh = give(a, control_seat(s.control, s.chair), now);
    assert_true(finds(a, &fresh, s.chair));
    /* Renewed. */
    serial[0]++;
    assert_int_equal(control_renew_seat(s.control, s.chair, key_hash, serial, now + 3 * DAY_MS), ERR_OK);
    assert_false(finds(a, &fresh, s.chair));
    struct psk brief = give(a, control_seat(s.control, s.chair), now);
    assert_int_equal(brief.expires_ms, now + 3 * DAY_MS); /* never beyond the certificate */
    assert_true(finds(a, &brief, s.chair));
    assert_int_equal(control_set_seat_state(s.control, s.chair, SEAT_REVOKED, 0), ERR_OK);
    assert_false(finds(a, &brief, s.chair));

    struct psk *all[] = {&p, &again, &late, &fresh, &brief};
    for (size_t i = 0; i < 5; i++)
        buf_finish(&all[i]->identity);
    tls_context_destroy(tls);
    authority_close(a);
    server_remove(&s);
}

/* Another master: what it did not seal it does not know. */
static void psks_of_another_master(void **state)
{
    struct folder *dir = *state;
    struct authority *a, *b;
    struct control_seat seat = {.number = 5, .state = SEAT_ACTIVE, .certificate_ends_ms = INT64_MAX};
    uint8_t key[32];
    uint32_t found = 0;
    assert_int_equal(authority_init(dir->path, "qinghe", NOW_MS), ERR_OK);
    assert_int_equal(authority_open(dir->path, &a), ERR_OK);
    assert_int_equal(unlink(folder_file(dir, "psk.master")), 0);
    assert_int_equal(authority_open(dir->path, &b), ERR_OK);
    struct psk p = give(a, &seat, clock_now_ms());
    assert_false(authority_find_psk(b, buf_slice(&p.identity), key, &found));
    assert_int_equal(found, 0);
    buf_finish(&p.identity);
    authority_close(a);
    authority_close(b);
}

/* PROTOCOL.md "Heads", from its words alone. */
static void said(const char *label, struct slice key, struct slice district, struct slice rest, uint8_t out[HEAD_MAC_SIZE])
{
    uint8_t whole[32];
    struct buf text = BUF_INIT;
    buf_text(&text, label);
    buf_append_slice(&text, district);
    buf_append_slice(&text, rest);
    tls_hmac_sha256(key, buf_slice(&text), whole);
    memcpy(out, whole, HEAD_MAC_SIZE);
    buf_finish(&text);
}

static void macs_of_heads_and_epochs(void **state)
{
    struct folder *dir = *state;
    struct authority *a;
    struct buf key = BUF_INIT, pem = BUF_INIT, der = BUF_INIT;
    uint8_t fingerprint[32], head[HEAD_MAC_SIZE], epoch[HEAD_MAC_SIZE], expected[HEAD_MAC_SIZE];
    uint8_t rest[44] = {0, 0, 0, 2, 0, 0, 1, 0, 0, 0, 0, 5, [12] = 0xc0, [43] = 0xcf}; /* org 2, seq 1:5, a chain hash */
    assert_int_equal(authority_init(dir->path, "qinghe", NOW_MS), ERR_OK);
    assert_int_equal(key_file_read(dir->path, "head.key", &key), ERR_OK);
    assert_int_equal(key_file_read(dir->path, "ca.pem", &pem), ERR_OK);
    assert_int_equal(tls_cert_to_der(buf_slice(&pem), &der), ERR_OK);
    tls_sha256(buf_slice(&der), fingerprint);
    assert_int_equal(authority_open(dir->path, &a), ERR_OK);
    authority_head_mac(a, 2, (uint64_t)1 << 40 | 5, rest + 12, head);
    said("banyan head", buf_slice(&key), slice_of(fingerprint, 16), slice_of(rest, 44), expected);
    assert_memory_equal(head, expected, HEAD_MAC_SIZE);
    authority_epoch_mac(a, 2, epoch);
    said("banyan epoch", buf_slice(&key), slice_of(fingerprint, 16), slice_of(rest, 4), expected);
    assert_memory_equal(epoch, expected, HEAD_MAC_SIZE);
    assert_true(authority_is_mac(slice_of(epoch, HEAD_MAC_SIZE), expected));
    assert_false(authority_is_mac(slice_of(epoch, HEAD_MAC_SIZE - 1), expected));
    assert_false(authority_is_mac((struct slice){0}, expected));
    assert_false(authority_is_mac(slice_of(head, HEAD_MAC_SIZE), expected));
    authority_close(a);

    assert_int_equal(unlink(folder_file(dir, "head.key")), 0); /* an older folder: made at the next start, once */
    for (int i = 0; i < 2; i++) {
        assert_int_equal(authority_open(dir->path, &a), ERR_OK);
        authority_head_mac(a, 2, (uint64_t)1 << 40 | 5, rest + 12, i ? expected : epoch);
        authority_close(a);
    }
    assert_int_equal(folder_mode(dir, "head.key"), 0600);
    assert_memory_equal(epoch, expected, HEAD_MAC_SIZE);
    assert_memory_not_equal(head, expected, HEAD_MAC_SIZE);
    assert_int_equal(key_file_write(dir->path, "head.key", slice_text("short"), KEY_FILE_REPLACE), ERR_OK);
    assert_int_equal(authority_open(dir->path, &a), ERR_CORRUPT);
    buf_finish(&key);
    buf_finish(&pem);
    buf_finish(&der);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(made_once, setup, teardown),
        cmocka_unit_test_setup_teardown(a_long_name, setup, teardown),
        cmocka_unit_test_setup_teardown(what_is_missing_or_broken, setup, teardown),
        cmocka_unit_test_setup_teardown(the_server_s_certificate_stays_fresh, setup, teardown),
        cmocka_unit_test(psks_live_and_die_with_their_seat),
        cmocka_unit_test_setup_teardown(psks_of_another_master, setup, teardown),
        cmocka_unit_test_setup_teardown(macs_of_heads_and_epochs, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
