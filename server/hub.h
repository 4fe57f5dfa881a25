#pragma once
/* Who hears of which org, and how a finished job finds its session. News only says "org advanced to S": each session's
 * peer reads the log from its own position, so that nothing overtakes (rule 22). One frame is packed and shared by all
 * who hear it. */
#include "server/session/session.h"

struct hub;
struct hub *hub_create(void);
void hub_destroy(struct hub *h);
void hub_add(struct hub *h, struct session *s);
void hub_remove(struct hub *h, struct session *s);
struct session *hub_find(struct hub *h, uint64_t id); /* NULL: gone */
size_t hub_count(const struct hub *h);
void hub_news(struct hub *h, uint32_t org, uint64_t seq);
/* After control changed: every session looks at its seat's standing. */
void hub_check_all(struct hub *h);
