#pragma once
/* What is saved comes out as it was typed: rule 9, "a value applies, or stands in a conflict", of contents, not of
 * verdicts. */
#include "tests/sim/district.h"
#include "tests/sim/oracle_model.h"

/* An accepted change, before the model takes it: what its effects put into its record and into conflicts about it is
 * what it says, and what a conflict calls the other side is what stood there. */
void values_expect_entry(const struct model *m, uint32_t org, const struct entry *e, const struct change *c,
                         const struct effects *effects);
/* Of a change that clashed: each value that clashes by the model stands in a conflict (rule 9: no value is lost). */
void values_expect_kept(uint32_t org, const struct entry *e, const struct change *c, const struct effects *effects,
                        const struct foresight *f);
/* In the end: the server's rows are what the model has of them. Only of an org whose whole history it took. */
void values_expect_rows(struct district *d, const struct model *m, uint32_t org);
