#pragma once
/* Rows for list, show and export: from this device, or (district seats, --branch) from the server with the device's own
 * waiting changes on top. */
#include "client/command/command.h"

/* What rows are wanted. */
struct row_wish {
    const struct kind *kind;
    const char *state;    /* NULL: any */
    const char *branch;   /* code; NULL: this device */
    char *const *filters; /* FIELD=VALUE */
    int filter_count;
};
/* Calls each for every row, by id. age_ms: of an answer that was kept because the server cannot be reached, else -1.
 * False: said, *status is set. */
typedef void row_list_each(void *to, const struct show_record *row);
bool row_list(struct seat *s, const struct row_wish *wish, row_list_each *each, void *to, int64_t *age_ms, int *status);
/* One record of a branch by id or prefix, asked from the server and kept on this device; then it is found like any
 * other. */
bool row_list_fetch(struct seat *s, const struct kind *k, const char *branch, const char *word, int *status);
/* As this seat may see it. */
struct show_record row_list_record(struct seat *s, const struct kind *k, const struct replica_row *row);
