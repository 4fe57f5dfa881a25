#pragma once
/* People and what they do in a day (scale.md 3, 5, 6): each sits down now and then, mostly at noon and after four, and gives a few
 * commands. They like to change the same records at the same time, look at what waits for them, and take payments back. */
#include "district.h"

struct people;
struct people *people_begin(struct district *d);
/* Once more, when all is quiet: whoever watches has to hear of it. */
void people_say_last(struct people *p);
void people_end(struct people *p);
void people_add(struct people *p, struct seat *seat); /* somebody works on that device, too */
/* Records that a run begins with. */
void people_found(struct people *p, unsigned records);
