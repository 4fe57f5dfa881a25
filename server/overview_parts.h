#pragma once
/* Inside of the board, shared by the files that make it. */
#include "base/date.h"
#include "server/overview_sums.h"
#include "server/store/store.h"

#define OVERVIEW_NAME_SIZE 96

/* Who looks, and when. */
struct overview_view {
    struct store *store;
    const struct control *control;
    role_set roles; /* 0: all may be seen */
    struct date today;
};

/* The measures of one org that the reader may see, dated families as what lies before today. overview_org.c */
enum err overview_add_org(const struct overview_view *v, uint32_t org, struct sums *to) MUST_CHECK;
/* Those of all orgs from top down, and how many branches lack a plan of each period that any has. overview_totals.c */
enum err overview_add_totals(const struct overview_view *v, uint32_t top, struct sums *to) MUST_CHECK;
