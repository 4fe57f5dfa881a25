#pragma once
/* Folders whose being there is durable: a name is on the disk when the folder that holds it has been synced. */
#include "base/err.h"

/* Names that came and went in dir are durable when it returns ERR_OK. ERR_NOT_FOUND, ERR_DISK_FULL, ERR_IO. */
enum err dir_sync(const char *dir) MUST_CHECK;
/* Makes path and what is missing above it, 0700, durable; ERR_OK also where it is there already. ERR_NOT_FOUND,
 * ERR_DISK_FULL, ERR_IO. */
enum err dir_make(const char *path) MUST_CHECK;
