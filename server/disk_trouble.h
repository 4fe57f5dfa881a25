#pragma once
/* A server that can't write: what its board and `overview` know of it. On a full disk nothing goes into the database, so it stands in a file
 * of fixed size beside it, made while there was room, and written over in place. */
#include "base/err.h"

#include <stdint.h>

#define DISK_TROUBLE_FILE "serve.disk"

struct disk_trouble;
/* That of the folder, made where it is not there. Never fails: without it only the log tells. */
struct disk_trouble *disk_trouble_open(const char *dir);
void disk_trouble_close(struct disk_trouble *t); /* NULL ok */
/* writer_trouble: ERR_OK, or why nothing can be written. Written down where it is another thing than before. */
void disk_trouble_note(struct disk_trouble *t, enum err e, int64_t now_ms);
/* Since when nothing can be written; 0: all is well, as far as anybody said. */
int64_t disk_trouble_since(const char *dir);
