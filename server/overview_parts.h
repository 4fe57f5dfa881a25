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
    const int64_t *twins; /* by org number: members who share their ID number with another record, of those that the reader may hear of */
    uint32_t twins_max;   /* the last number in it */
};

/* What one org's measures are to the reader, dated families as what lies before today. */
struct overview_told {
    struct sums shown;
    struct sums withheld; /* of too few people or answers (overview_few.h) */
    int64_t members;      /* active */
};

/* The kind that a measure belongs to; *rest is its name there. NULL: none that this build knows. overview_org.c */
const struct kind *overview_kind_of(const char *measure, const char **rest);
enum err overview_org(const struct overview_view *v, uint32_t org, struct arena *arena, struct overview_told *out) MUST_CHECK;
/* *out stays as it was where the org does not recover. overview_recovery.c */
enum err overview_recovery(const struct overview_view *v, uint32_t org, struct arena *arena, Wire__Recovery **out) MUST_CHECK;
/* Those of all orgs from top down, and how many branches lack a plan of each period that any has. kept: what stands in no total
 * since it would tell of few people. overview_totals.c */
enum err overview_add_totals(const struct overview_view *v, uint32_t top, struct sums *to, struct sums *kept) MUST_CHECK;
