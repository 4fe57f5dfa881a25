#pragma once
/* Invented kinds whose rules look at several records, for the tests of the engine: who runs errands (runner), what they are to
 * bring in a week (order), what they brought (delivery), and customs of the orgs above. In the world of help_sync. */
#include "errand.pb-c.h"
#include "tests/unit/help_sync.h"

#define RUNNER 910u
#define ORDER 911u
#define DELIVERY 912u
#define CUSTOM 913u

/* Lists them beside those of help_sync. */
void errand_register(void);
/* Orders have the id that follows from runner and week ("w1"). */
struct id errand_order_id(uint32_t org, struct id runner_id, const char *week);
/* "runner_id=@1 week=w1 amount=10": @i stands for refs[i]. */
ProtobufCMessage *errand_message(uint32_t kind, const char *words, const struct id *refs, struct arena *arena);
