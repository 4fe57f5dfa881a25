#pragma once
/* Shared by the files of the agent. */
#include "client/agent/agent.h"
#include "client/agent/agent_words.h"
#include "client/agent/dial.h"
#include "client/replica/replica_sync.h"

/* How a session ended, in a result. end: of the dial; the link is asked. */
void agent_ended(struct replica *r, enum agent_errand errand, struct dial *d, const struct dial_end *end, struct agent_result *result);
void agent_failed(struct replica *r, enum agent_errand errand, enum err why, const char *detail, struct agent_result *result);
/* As agent_round, with the snapshot in one transaction: nobody else looks yet. */
void agent_first_round(struct replica *r, const struct agent_options *options, struct agent_result *result);
/* Checks the WIPE against the CA and destroys the folder (rule 32). */
void agent_wipe(struct replica *r, struct slice wipe, struct slice ca_pem, struct agent_result *result);

/* True where the certificate ends within LIMIT_RENEW_DAYS. */
bool agent_renewal_is_due(struct replica *r, int64_t now_ms);
/* RENEW with a request for the same key; packed, in csr. */
enum err agent_renew_message(const char *dir, struct buf *csr, Wire__Renew *out) MUST_CHECK;
/* The new certificate: checked for this seat, its key and its CA, written, facts renewed, old PSK dropped. */
enum err agent_take_renewed(struct replica *r, const Wire__Renewed *renewed) MUST_CHECK;

/* Until the next call after so many failures in a row: what the server asked for (an hour at most), and on top full jitter: anything
 * from now to a bound that doubles from 1 s to 5 min, so that a district that comes back together does not call together. */
uint64_t agent_pause_ms(unsigned failures, int64_t asked_ms, uint64_t random);
