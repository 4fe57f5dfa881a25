#pragma once
/* Rows for list, show and export: from this device or, of a branch below (branch_rows.h), from the server. */
#include "client/command/command.h"

/* What rows are wanted. */
struct row_wish {
    const struct kind *kind;
    const char *state;    /* NULL: any */
    char *const *filters; /* FIELD=VALUE */
    int filter_count;
    bool names;           /* people read it: of a branch below, records that its columns name are asked, too */
};
/* Calls each for every row, by id. age_ms: of an answer that was kept because the server cannot be reached, else -1.
 * False: said, *status is set. */
typedef void row_list_each(void *to, const struct show_record *row);
bool row_list(struct seat *s, const struct row_wish *wish, row_list_each *each, void *to, int64_t *age_ms, int *status);
/* As this seat may see it. */
struct show_record row_list_record(struct seat *s, const struct kind *k, const struct replica_row *row);
