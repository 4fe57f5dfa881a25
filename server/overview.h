#pragma once
/* The district's board: measures that the commits kept, added up the tree, never a scan of records. Dated families
 * ("due.DATE") become what lies before today. Names: KIND.NAME, e.g. member.state.active, work_plan.2026-1.submitted,
 * plan_item.overdue. */
#include "base/date.h"
#include "server/store/store.h"

/* All leaf orgs from org down, one row each, in the order of control_org_at; totals of all orgs, those above branches
 * too. Where somebody has a plan of a period, totals also say how many branches have none of it:
 * work_plan.PERIOD.missing; merged and dissolved branches owe none. Reports are those of the branch's seats that are
 * not revoked: queued and refused added up, the most conflicts that any of them sees. Measures of kinds that roles may
 * not even see as sums, and of kinds that this build does not know, are left out (roles 0: the server's own command,
 * all). today: China's day. In arena. */
enum err overview_make(struct store *store, const struct control *control, uint32_t org, role_set roles,
                       struct date today, int64_t now_ms, struct arena *arena, Wire__Overview *out) MUST_CHECK;
