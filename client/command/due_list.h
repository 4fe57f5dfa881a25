#pragma once
/* What is due by a day: what was sent back, steps of plans, answers that are owed, dues in arrears, payments that may have been entered
 * twice, memberships that arrears endanger, the seat's own certificate. From this device alone; what the seat may not read is not in it. */
#include "client/command/command.h"

enum due_type { DUE_RECORD, DUE_ARREARS, DUE_DOUBLE, DUE_MEMBERSHIP, DUE_CERTIFICATE, DUE_RETURNED };
const char *due_type_name(enum due_type t); /* "record" "arrears" "double" "membership" "certificate" "returned" */
struct due_line {
    enum due_type type;
    const struct kind *kind; /* NULL: of a certificate */
    struct id id;
    struct date on;          /* the day by which it is due; of RETURNED: today */
    bool overdue;
    const char *title;       /* what people call it, in the list's arena */
    int64_t amount_fen;      /* of ARREARS: what is owed; of DOUBLE: the sum of each */
    const char *period;      /* of DOUBLE, else NULL; id is the later of the two payments */
    const char *reason;      /* of RETURNED: why it was sent back; NULL: not given */
    size_t months;           /* of MEMBERSHIP: in arrears one after the other */
};
struct due_list {
    struct due_line *list; /* by day, then kind */
    size_t count, capacity;
    struct arena arena;
};
/* All that is due on or before `until`; possible doubles of whatever day, until one of the two is taken back. out is to be finished, whatever it answers. */
enum err due_list_make(struct seat *s, struct date today, struct date until, struct due_list *out) MUST_CHECK;
void due_list_finish(struct due_list *d);
