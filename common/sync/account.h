#pragma once
/* Sums that several records make together (kind.account): which rows must be in a scratch before one of them changes,
 * and what the change does to the sums. An account is all living rows of its kinds, of one org, with the same `by` and
 * `key`; of a whole and its parts (account.whole) it is one part, with the whole that it names. Where the row that `by`
 * names is gone (account.about: erased, or removed) that is said of the account; all accounts of it turn when it goes.
 * Cost: account_keys looks at one row; the other two look at all living rows of the kinds that have the same `by`, whatever
 * their `key` (of a whole: at all its parts; of a part: at its whole), at most LIMIT_CHILDREN of a kind, and at the sums of
 * the org, at most LIMIT_MEASURES. */
#include "sync/org_state.h"
#include "sync/scratch.h"

/* Names the sets (CHILDREN) with the rows that stand in accounts with this one as it was or as it will be, its whole or who they are about
 * (ROW). Nothing for kinds without account. id: of the row; the keys borrow it. */
void account_keys(const struct kind *k, uint32_t org, const struct id *id, struct row_side row,
                  const struct scratch *scratch, struct scratch_keys *missing);
/* After the row of that id was changed in scratch: the account that it left and the one that it came to, before and
 * after. All sets that account_keys names for either are loaded. */
void account_change(struct org_state *state, const struct scratch *scratch, const struct kind *k, uint32_t org,
                    struct id id, struct row_side before, struct row_side after);
/* How many different sums there would be; the row is still as it was. */
size_t account_measures_with(const struct org_state *state, const struct scratch *scratch, const struct kind *k,
                             uint32_t org, struct id id, struct row_side before, struct row_side after);
