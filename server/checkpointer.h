#pragma once
/* The WAL's checkpoint off the acknowledging path (pitfalls of checkpointing, measured): once the WAL is long, a thread drains it
 * by PASSIVE passes until few frames are left, then the writer itself runs one PASSIVE between two groups. Both are needed: the
 * thread alone never catches the last frames, so the WAL would never restart and grow without end; the writer alone would keep
 * acknowledgements waiting for all of it. Invariant: between two groups the writer waits for at most what the thread left. */
#include "base/err.h"
#include "db/db.h"

struct checkpointer;
/* dir: of the database. pages_max: where draining starts (LIMIT_WAL_PAGES). */
enum err checkpointer_start(const char *dir, int64_t pages_max, struct checkpointer **out) MUST_CHECK;
void checkpointer_stop(struct checkpointer *c); /* NULL ok */
/* By the writer, after a commit whose answers are out: asks the thread to drain, or finishes what it drained. */
void checkpointer_between(struct checkpointer *c, struct db *writer);
/* True while the thread drains: an idle writer should call between again when it is told (wait, bounded). */
bool checkpointer_is_draining(struct checkpointer *c);
/* The longest that a finishing pass took, in ms; how many there were. For the board of a test. */
void checkpointer_facts(struct checkpointer *c, int64_t *longest_ms, int64_t *passes);
