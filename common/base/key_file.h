#pragma once
/* The few small files beside the database: read whole, written once, 0600, synced with their folder. A file is there
 * whole or not at all: it is written as NAME.part and gets its name when it is on the disk. */
#include "base/slice.h"

#define KEY_FILE_SIZE_MAX (1u << 20)

/* Appends the file's bytes; nothing of them on failure. ERR_NOT_FOUND, ERR_TOO_LONG over KEY_FILE_SIZE_MAX (or of the
 * path), ERR_IO. */
enum err key_file_read(const char *dir, const char *name, struct buf *out) MUST_CHECK;
/* Creates dir/name; replaces an old one in one step only if mode is KEY_FILE_REPLACE, else ERR_EXISTS. ERR_DISK_FULL,
 * ERR_NOT_FOUND (no such folder), ERR_IO. */
enum key_file_mode { KEY_FILE_NEW, KEY_FILE_REPLACE };
enum err key_file_write(const char *dir, const char *name, struct slice bytes, enum key_file_mode mode) MUST_CHECK;
