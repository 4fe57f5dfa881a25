#pragma once
/* Invented kinds whose rules look at several records, for the tests of the engine: who runs errands (runner), what they
 * are to bring in a week (order; who entered one may file it), what they brought (delivery), customs of the orgs above,
 * and tallies, which are made once a week and set by nobody. In the world of help_sync. */
#include "errand.pb-c.h"
#include "tests/unit/help_sync.h"

#define RUNNER 910u
#define ORDER 911u
#define DELIVERY 912u
#define CUSTOM 913u
#define TALLY 914u

/* Lists them beside those of help_sync. */
void errand_register(void);

/* Of orders and deliveries: errand.ordered, errand.brought, and a week's accounts: errand.open.w1, errand.part.w1,
 * errand.done.w1. */
extern const struct account errand_account;
/* Orders and tallies have the id that follows from runner and week ("w1"). */
struct id errand_id(uint32_t kind, uint32_t org, struct id runner_id, const char *week);
/* "runner_id=@1 week=w1 amount=10": @i stands for refs[i]. */
ProtobufCMessage *errand_message(uint32_t kind, const char *words, const struct id *refs, struct arena *arena);
