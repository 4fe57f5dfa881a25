#pragma once
/* Two people of one ID number are one person, or one number is miscopied: told, not forbidden. */
#include "client/command/command.h"

/* Says which other records on this device have a value of the patch that tells people apart (kind.identity, names excepted). self: the
 * record that was written. */
void twins_warn(struct seat *s, const struct kind *k, const ProtobufCMessage *patch, struct id self);
