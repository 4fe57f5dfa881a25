#pragma once
/* `banyan add KIND --from WHAT`: a draft of a new record, made of what is on this device already; each kind's own file says of what.
 * Works without a network, but for a member, who comes from another branch (draft_member.c). The new id stands alone on stdout, what a person should look at on stderr. */
#include "client/command/field_words.h"

/* Answers an exit status. words: FIELD=VALUE of the command, which win over what is drafted. */
typedef int add_from_draft(struct seat *s, const char *from, const struct field_words *words);
/* NULL and said: of that kind nothing is drafted; *status is EXIT_USAGE. */
add_from_draft *add_from_find(const struct kind *k, int *status);

/* The record of the own branch that a draft is made from, as record_find finds it. False: said, *status is set. */
bool add_from_load(struct seat *s, const struct kind *k, const char *word, struct replica_row *out, int *status);
/* Writes a draft: all or nothing here, and in groups that succeed or fail together everywhere. Answers an exit status. */
int add_from_save(struct seat *s, const struct replica_change *changes, size_t count, struct arena *arena);
void add_from_print(struct id id);

/* Each in a file of its own, draft_KIND.c. */
add_from_draft draft_member, draft_work_plan, draft_work_summary, draft_dues_usage_report;
