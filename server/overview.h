#pragma once
/* The district's board: measures that the commits kept, added up the tree, never a scan of records. Dated families ("due.DATE")
 * become what lies before today. Names: KIND.NAME, e.g. member.state.active, work_plan.2026-1.submitted, plan_item.overdue. */
#include "base/date.h"
#include "server/store.h"

/* The org and all leaf orgs below it, one row each; totals of all. Where a period has plans at all, totals also say how many
 * branches have none of it: work_plan.PERIOD.missing. Measures of kinds that roles may not even see as sums are left out
 * (roles 0: the server's own command, all). In arena. */
enum err overview_make(struct store *store, const struct control *control, uint32_t org, role_set roles, struct date today,
                       int64_t now_ms, struct arena *arena, Wire__Overview *out) MUST_CHECK;
