#pragma once
/* Signatures by keys that are parsed already, for the files of this folder. */
#include "base/slice.h"

struct x509_st;

/* By the certificate's key, as tls_sign makes them. cert NULL: no. Leaves OpenSSL's error queue empty. */
bool sign_holds(struct x509_st *cert, struct slice text, struct slice signature);
