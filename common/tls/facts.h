#pragma once
#include "tls/tls.h"

struct x509_st;
/* As tls_cert_facts, of a parsed certificate. */
enum err facts_of(struct x509_st *cert, struct tls_cert_facts *out) MUST_CHECK;
