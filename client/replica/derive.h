#pragma once
/* Fields that are computed where they are read (kind.derive), of shown rows, with what they look up on this device. Of
 * another branch's rows, and where not all is here, only what needs no looking up. */
#include "client/replica/replica.h"

/* Over many rows: what was looked up for one is there for the next; changes made meanwhile are not seen. */
struct derive;
enum err derive_open(struct replica *r, int64_t now_ms, struct derive **out) MUST_CHECK;
void derive_close(struct derive *d); /* NULL ok */
/* What is derived of the row, in the order in which it was said; in arena. Nothing for most kinds. */
enum err derive_row(struct derive *d, const struct replica_row *row, struct arena *arena,
                    const struct derived_value **out, size_t *count) MUST_CHECK;
/* A setting (policy_limit) as a whole number, for the seat's own org: of the nearest org above that has one in force on that day, else
 * what is shipped; fallback where that is no number. ERR_BUSY: the settings of those above are not all here yet. */
enum err derive_setting(struct derive *d, const char *rule_code, struct date on, int64_t fallback, int64_t *out) MUST_CHECK;
