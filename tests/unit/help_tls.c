#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include "help_tls.h"
#include "base/clock.h"
#include <string.h>

void help_issue(const struct help_district *d, struct slice key_pem, enum tls_usage usage, uint32_t seat,
                int64_t now_ms, unsigned days, struct buf *cert_pem)
{
    struct buf der = BUF_INIT;
    uint8_t serial[16];
    random_fill(serial, sizeof serial);
    assert_int_equal(tls_issue(buf_slice(&d->ca_key), buf_slice(&d->ca_cert), (struct slice){0}, key_pem, usage, seat,
                               serial, now_ms, days, &der),
                     ERR_OK);
    assert_int_equal(tls_cert_to_pem(buf_slice(&der), cert_pem), ERR_OK);
    buf_finish(&der);
}

void help_district_make(struct help_district *d, const char *name)
{
    memset(d, 0, sizeof *d);
    int64_t now = clock_now_ms();
    assert_int_equal(tls_ca_make(name, now, &d->ca_key, &d->ca_cert), ERR_OK);
    assert_int_equal(tls_key_make(&d->server_key), ERR_OK);
    assert_int_equal(tls_key_make(&d->seat_key), ERR_OK);
    help_issue(d, buf_slice(&d->server_key), TLS_USAGE_SERVER, 0, now, 365, &d->server_cert);
    help_issue(d, buf_slice(&d->seat_key), TLS_USAGE_SEAT, HELP_SEAT, now, 365, &d->seat_cert);
}

void help_district_finish(struct help_district *d)
{
    struct buf *all[] = {&d->ca_key, &d->ca_cert, &d->server_key, &d->server_cert, &d->seat_key, &d->seat_cert};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        buf_finish(all[i]);
}

void help_pin(const struct help_district *d, uint8_t pin[16])
{
    struct buf der = BUF_INIT;
    uint8_t hash[32];
    assert_int_equal(tls_cert_to_der(buf_slice(&d->ca_cert), &der), ERR_OK);
    tls_sha256(buf_slice(&der), hash);
    memcpy(pin, hash, 16);
    buf_finish(&der);
}

struct tls_context *help_context_server(const struct help_district *d, tls_psk_find *find, void *to)
{
    struct tls_context *c = NULL;
    assert_int_equal(
        tls_context_server(buf_slice(&d->ca_cert), buf_slice(&d->server_cert), buf_slice(&d->server_key), find, to, &c),
        ERR_OK);
    return c;
}

struct tls_context *help_context_seat(const struct help_district *d)
{
    struct tls_context *c = NULL;
    assert_int_equal(
        tls_context_client(buf_slice(&d->ca_cert), buf_slice(&d->seat_cert), buf_slice(&d->seat_key), NULL, &c),
        ERR_OK);
    return c;
}
