#pragma once
/* A district's keys and certificates, made in memory, for tests of TLS and streams. */
#include "base/slice.h"
#include "tls/tls.h"

struct help_district {
    struct buf ca_key, ca_cert, server_key, server_cert, seat_key, seat_cert; /* PEM */
};

#define HELP_SEAT 7u

void help_district_make(struct help_district *d, const char *name);
void help_district_finish(struct help_district *d);
/* A certificate by the district's CA, PEM, of a key of its own; made as if the clock stood at now_ms. */
void help_issue(const struct help_district *d, struct slice key_pem, enum tls_usage usage, uint32_t seat,
                int64_t now_ms, unsigned days, struct buf *cert_pem);
void help_pin(const struct help_district *d, uint8_t pin[16]);
struct tls_context *help_context_server(const struct help_district *d, tls_psk_find *find, void *to);
struct tls_context *help_context_seat(const struct help_district *d);
