#pragma once
/* What the branch's records on this device say of a period, as the paragraph on results of a summary (PLN-07): members, dues,
 * proposals. In Chinese, as records are. */
#include "client/command/command.h"

/* What is left out, as labels with 、 between: kinds that this seat may not read; what too few people stand behind, since the district
 * reads the summary whole (rules.md 8.2, as on its board: MEASURE_LEAST members and, of dues, who owe for each period; answers). */
struct summary_gaps {
    struct buf hidden, few;
};
/* Appends to results. period: of a plan. */
enum err summary_figures(struct seat *s, const char *period, struct arena *arena, struct buf *results, struct summary_gaps *gaps) MUST_CHECK;
void summary_gaps_finish(struct summary_gaps *g);
