#pragma once
/* Sentences about the network, for people: what happened, what it means for what they entered, what to do next. */
#include "base/slice.h"
#include "wire.pb-c.h"

/* What the contact was for: sending and fetching what is kept here, or one thing that was asked of the server. */
enum agent_errand { AGENT_ROUND, AGENT_QUESTION };
/* Why a contact failed. detail: of TLS or the network, English; may be "". */
void agent_explain(enum agent_errand errand, enum err why, const char *detail, const char *server, struct buf *out);
/* Changes are put off (rule 26). until_ms: when recovery ends at the latest, by the server's clock; 0: nothing is known of one. */
void agent_explain_put_off(int64_t until_ms, struct buf *out);
/* What the server said no to (Wire__Error to an ask or a join). */
void agent_explain_error(const Wire__Error *error, struct buf *out);
