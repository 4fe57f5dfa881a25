#pragma once
/* What a member is held by who is about to leave: dues that are owed or were paid, a group that is led, proposals that are open. People
 * are asked before such a member goes (--yes), and told where the step is right all the same. From this device; what the seat may not
 * read is not in it. */
#include "client/command/command.h"

struct member_ties {
    size_t owed;          /* periods of which something is owed, late or not */
    int64_t owed_fen;
    size_t months;        /* in arrears one after the other (rules.md 3) */
    size_t payments;
    size_t groups, proposals;
    const char *group;    /* one that the member leads, a proposal that waits: as people name them; in the seat's arena, "" if none */
    const char *proposal;
};
enum err member_ties_find(struct seat *s, struct id member, struct member_ties *out) MUST_CHECK;
bool member_ties_any(const struct member_ties *t); /* payments that are settled hold nobody */

/* Before a step or (action NULL) a removal; of other kinds, and of steps that end no membership, nothing is asked. False: said, and
 * *status set; not if yes. Of a death it is only told. */
bool member_ties_ask(struct seat *s, const struct kind *k, struct id id, const char *action, bool yes, int *status);

/* For who looks at the member: lines behind the record's own, and the same in JSON. */
struct json_t;
void member_ties_text(const struct member_ties *t, struct buf *out);
void member_ties_json(const struct member_ties *t, struct json_t *document);
