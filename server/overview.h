#pragma once
/* The district's board: measures that the commits kept, added up the tree, never a scan of records. Dated families
 * ("due.DATE") become what lies before today. Names: KIND.NAME, e.g. member.state.active, work_plan.2026-1.submitted,
 * plan_item.overdue. */
#include "base/date.h"
#include "server/store/store.h"

struct overview_ask {
    uint32_t org;
    role_set roles;    /* 0: the server's own command: sums of all kinds, of few people as little as the district sees */
    struct date today; /* China's day */
    int64_t now_ms;
    /* Where a page goes on: behind the total of that name, or, once the totals are over, behind that branch. */
    const char *after_total; /* NULL: from the front */
    uint32_t after_branch;   /* 0: from the front */
    size_t size_max;         /* of a page, in bytes; 0: everything at once */
};

/* Totals of all orgs from org down, those above branches too, by name; then all leaf orgs, one row each, in the order
 * of control_org_at; done with the last of them. A page holds at least one of either, and is as of now. Where somebody
 * has a plan of a period, totals also say how many branches have none of it: work_plan.PERIOD.missing; merged and
 * dissolved branches owe none. Reports are those of the branch's seats that are not revoked: queued and refused added
 * up, the most conflicts that any of them sees. Of orgs in recovery, whom they wait for. Measures of kinds that roles may not even see as sums, and of kinds
 * that this build does not know, are left out; so is, for those who see sums alone, what tells of few people
 * (overview_few.h). In arena. */
enum err overview_make(struct store *store, const struct control *control, const struct overview_ask *ask,
                       struct arena *arena, Wire__Overview *out) MUST_CHECK;
