#pragma once
/* Keys and certificates between OpenSSL's objects and bytes. Whatever fails leaves OpenSSL's error queue empty, since
 * the queue is the thread's and the next connection would read our leftovers as its own. */
#include "base/slice.h"

struct bio_st;
struct evp_pkey_st;
struct X509_req_st;
struct x509_st;

/* PEM or DER, one object and nothing behind it (DER). NULL if it is none. The caller frees. */
struct x509_st *parse_cert(struct slice bytes);
struct evp_pkey_st *parse_key(struct slice pem);
struct X509_req_st *parse_csr(struct slice der);
bool parse_is_p256(struct evp_pkey_st *key);
/* Appends what a memory BIO holds. */
void parse_put(struct bio_st *memory, struct buf *out);
/* Appends DER. */
void parse_put_cert(struct x509_st *cert, struct buf *out);
