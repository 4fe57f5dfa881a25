#pragma once
/* The three files by which a seat proves itself (ca.pem, cert.pem, key.pem): are they there, and do they fit together? Without them
 * what is kept here can be read, but nothing can be sent. */
#include "base/slice.h"

/* Appends what is missing or damaged in dir, what is not lost, and what to do next. False, and nothing appended, where all is well. */
bool key_files_explain(const char *dir, struct buf *out);
