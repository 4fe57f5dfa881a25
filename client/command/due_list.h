#pragma once
/* What is due by a day: what was sent back, steps of plans, answers that are owed, dues in arrears, memberships that arrears endanger, the seat's own
 * certificate. From this device alone; what the seat may not read is not in it. */
#include "client/command/command.h"

enum due_type { DUE_RECORD, DUE_ARREARS, DUE_MEMBERSHIP, DUE_CERTIFICATE, DUE_RETURNED };
const char *due_type_name(enum due_type t); /* "record" "arrears" "membership" "certificate" "returned" */
struct due_line {
    enum due_type type;
    const struct kind *kind; /* NULL: of a certificate */
    struct id id;
    struct date on;          /* the day by which it is due; of RETURNED: today */
    bool overdue;
    const char *title;       /* what people call it, in the list's arena */
    int64_t amount_fen;      /* of ARREARS: what is owed */
    const char *reason;      /* of RETURNED: why it was sent back; NULL: not given */
    size_t months;           /* of MEMBERSHIP: in arrears one after the other */
};
struct due_list {
    struct due_line *list; /* by day, then kind */
    size_t count, capacity;
    struct arena arena;
};
/* All that is due on or before `until`. out is to be finished, whatever it answers. */
enum err due_list_make(struct seat *s, struct date today, struct date until, struct due_list *out) MUST_CHECK;
void due_list_finish(struct due_list *d);
