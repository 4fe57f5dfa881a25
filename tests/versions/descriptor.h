#pragma once
/* A message's descriptor with fields fewer or more than protoc-c gave it. */
#include <protobuf-c/protobuf-c.h>

/* gone: fields that are left out; their place in the message stays, and is zero. more: text fields behind all others, with the tags
 * after the highest. Both NULL-ended. The same descriptor where nothing differs. Lives as long as the program. */
const ProtobufCMessageDescriptor *descriptor_make(const ProtobufCMessageDescriptor *d, const char *const *gone, const char *const *more);
