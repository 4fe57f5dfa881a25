#pragma once
/* `banyand verify`: everything that can be worked out twice is: history hashes link by link, rows as what history says,
 * digests, measures and counts from the rows, runs of n, references between records, SQLite's own integrity. Reads only; works
 * while serve runs (one org at a time in one view). */
#include "server/store/store.h"

struct verify_finding {
    uint32_t org;      /* 0: the database as a whole */
    const char *what;  /* "chain" "rows" "state" "runs" "reference" "database" */
    char *text;        /* for people */
};
#define VERIFY_FINDINGS_MAX 100 /* of each org: the first few tell all */

struct verify_report {
    struct verify_finding *list;
    size_t count, capacity;
    size_t orgs, entries, rows; /* looked at */
};
/* ERR_OK even if there are findings: count says. */
enum err verify_run(struct store *store, struct control *control, struct verify_report *out) MUST_CHECK;
void verify_report_finish(struct verify_report *r);
