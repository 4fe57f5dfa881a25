#pragma once
/* The few small files beside the database: read whole, written once, 0600, synced with their folder. */
#include "base/slice.h"

/* Appends the file's bytes. ERR_NOT_FOUND, ERR_IO. */
enum err key_file_read(const char *dir, const char *name, struct buf *out) MUST_CHECK;
/* Creates dir/name; replaces an old one in one step only if replace is KEY_FILE_REPLACE, else ERR_EXISTS. */
enum key_file_mode { KEY_FILE_NEW, KEY_FILE_REPLACE };
enum err key_file_write(const char *dir, const char *name, struct slice bytes, enum key_file_mode mode) MUST_CHECK;
