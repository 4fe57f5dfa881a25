#pragma once
/* A client's heads (`banyan heads --json`) as banyand verify takes them. */
#include "server/control/authority.h"
#include "server/recovery/verify.h"

/* The list is the caller's, who frees it. ERR_VALUE: it is no such file; ERR_NOT_FOUND, ERR_IO, ERR_TOO_LONG. */
enum err heads_file_read(const char *path, const struct authority *a, struct verify_head **out,
                         size_t *count) MUST_CHECK;
