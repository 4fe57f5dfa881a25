#pragma once
/* An answer that came in pages, kept as one. Each page goes through the wire's check by itself: together they may be
 * longer than a frame. */
#include "base/arena.h"
#include "base/err.h"
#include "base/slice.h"

#include <protobuf-c/protobuf-c.h>

void pages_add(struct buf *kept, const ProtobufCMessage *page);
/* The first page with what the repeated messages of all of them hold; in the arena. ERR_CORRUPT: they were not kept so;
 * ERR_MEMORY. */
enum err pages_open(const ProtobufCMessageDescriptor *type, struct slice kept, struct arena *arena,
                    ProtobufCMessage **out) MUST_CHECK;
