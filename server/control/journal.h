#pragma once
/* The control journal (sync rule 33): DIR/control.journal, append-only, synced before anything follows from it. What must
 * outlive a restore of the database stands here first: orgs, seats, invitations, revocations, epochs, erasures.
 * One record: u32 BE size | u8 type | u64 BE number | packed body | first 8 bytes of SHA-256 of all before. A torn tail is cut off when the
 * journal is opened for writing; a broken record in the middle is ERR_CORRUPT. Several processes append under flock. */
#include "base/slice.h"

#define JOURNAL_NAME "control.journal"

struct journal;
/* create: the file must not be there yet. */
enum journal_mode { JOURNAL_CREATE, JOURNAL_OPEN, JOURNAL_READ };
enum err journal_open(const char *dir, enum journal_mode mode, struct journal **out) MUST_CHECK;
/* A journal of any name: a backup's copy. JOURNAL_READ alone. */
enum err journal_open_copy(const char *path, struct journal **out) MUST_CHECK;
void journal_close(struct journal *j);
/* Appends and syncs. type is control's (control.h); *number gets the record's, counted from 1. */
enum err journal_append(struct journal *j, uint8_t type, struct slice body, uint64_t *number) MUST_CHECK;
/* Reads the record after `number` (0: the first). *more false at the end. body lives until the next call. */
enum err journal_next(struct journal *j, uint64_t after, uint64_t *number, uint8_t *type, struct slice *body, bool *more) MUST_CHECK;
/* The journal's bytes as they stand in the file: appends at most size_max of them, from offset at. Whole records alone: fewer than
 * size_max is the end, for now. */
enum err journal_read(struct journal *j, uint64_t at, size_t size_max, struct buf *out) MUST_CHECK;
/* Copies the whole journal to path, synced. */
enum err journal_copy(struct journal *j, const char *path) MUST_CHECK;
