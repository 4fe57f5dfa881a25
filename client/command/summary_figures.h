#pragma once
/* What the branch's records on this device say of a period, as the paragraph on results of a summary (PLN-07): members, dues,
 * proposals. In Chinese, as records are. */
#include "client/command/command.h"

/* Appends to results; to hidden the labels of kinds that this seat may not read, with 、 between. period: of a plan. */
enum err summary_figures(struct seat *s, const char *period, struct arena *arena, struct buf *results, struct buf *hidden) MUST_CHECK;
