#pragma once
/* Records that a new one resembles (kind.similar), pointed out when it is added; nothing is held up by it. */
#include "client/command/command.h"

/* Says on stderr which records of the kind, the one just made aside, have a text like its own, the most alike first. */
void similar_say(struct seat *s, const struct kind *k, struct id made, const ProtobufCMessage *patch);
