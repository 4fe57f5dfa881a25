#pragma once
/* The three files by which a seat proves itself (ca.pem, cert.pem, key.pem): are they there, and do they fit together? Without them
 * what is kept here can be read, but nothing can be sent. */
#include "base/slice.h"
#include "tls/tls.h"

/* Appends what is missing or damaged in dir, what is not lost, and what to do next. False, and nothing appended, where all is well. */
bool key_files_explain(const char *dir, struct buf *out);
/* Before a certificate that came is kept: is it of that key, and by that CA? With another one no server would let the seat in. ERR_PROTOCOL:
 * of another key. ERR_CERTIFICATE: no seat's, or by another CA. */
enum err key_files_fit(struct slice key_pem, struct slice ca_pem, struct slice cert) MUST_CHECK;
/* What people compare of this seat's key (tls_key_text), as its certificate bears it. */
enum err key_files_own_key(const char *dir, char out[TLS_KEY_TEXT_SIZE]) MUST_CHECK;
