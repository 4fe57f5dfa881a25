#pragma once
/* `banyand verify`: everything that can be worked out twice is: history hashes link by link, rows as what history says,
 * digests, measures, counts and numbers from the rows, runs of n, changes taken in, references between records, control data from the
 * control journal, SQLite's own integrity. Reads only; works while serve runs (one org at a time in one view).
 * What it cannot see: a past that somebody with all keys rewrote from end to end. That the clients see (PROTOCOL.md "Heads"). */
#include "server/store/store.h"

struct verify_finding {
    uint32_t org;      /* 0: the database as a whole */
    const char *what;  /* "chain" "entry" "rows" "state" "measure" "runs" "taken" "reference" "persons" "control" "backup" "erased" "database" */
    char *text;        /* for people */
    const char *next;  /* msgid: what the operator does now */
    /* What it is about, as far as it is about one thing. Texts are the finding's; NULL: none, or not to be shown. */
    uint32_t kind;     /* 0: none */
    struct id id;      /* zero: none */
    char *record;      /* as people name it */
    char *name;        /* of the field, the measure, the table */
    uint64_t seq;      /* of the entry; 0: none */
    char *stored, *expected;
};
/* The history of its union is whole and says what is right: a restore works the rows out anew (restore_rows.h). */
bool verify_history_is_right(const struct verify_finding *f);
/* Nothing can be mended from the log that is here: a restore of this state brings the damage back. */
bool verify_log_is_damaged(const struct verify_finding *f);
/* What a finding's `what`, and a table or column of control data, is called in people's language. */
const char *verify_words(const char *identifier);
/* The msgid of the next step where the control journal or its end is lost. */
extern const char verify_lost_journal[];
#define VERIFY_FOUND "verify_found" /* in meta: how many findings there were behind the last backup; for the board */
#define VERIFY_FINDINGS_MAX 100 /* of each org: the first few tell all; the rest is counted */

struct verify_report {
    struct verify_finding *list;
    size_t count, capacity;
    size_t left_out;            /* findings beyond VERIFY_FINDINGS_MAX, as far as they were looked for */
    size_t orgs, entries, rows; /* looked at */
    size_t stripped;            /* of the entries: without their content (lost and come back so, or erased), which no hash vouches for */
    uint32_t *unknown_seats;    /* with entries here: a restore lost them (no finding) */
    size_t unknown_count, unknown_capacity;
    size_t heads;               /* of those given: compared with the logs */
    size_t heads_foreign;       /* without this server's mac: not believed, no finding */
};
/* ERR_OK even if there are findings: count says. */
enum err verify_run(struct store *store, struct control *control, struct verify_report *out) MUST_CHECK;
/* The same, and control data as the folder's journal has them. */
enum err verify_folder(struct store *store, struct control *control, struct journal *journal, struct verify_report *out) MUST_CHECK;
/* A chain head that a client saw (`banyan heads`). */
struct verify_head {
    uint32_t org;
    uint64_t seq;
    uint8_t chain[32];
    bool given;      /* its mac is this server's own: nobody has to take the client's word */
    char seen[32];   /* when, by the client's word; "" */
};
/* Adds to the report: of each org the first head that its log contradicts, how many were compared, how many were not given here. */
enum err verify_heads(struct store *store, struct control *control, struct verify_head *list, size_t count, struct verify_report *report) MUST_CHECK;
void verify_report_finish(struct verify_report *r);
