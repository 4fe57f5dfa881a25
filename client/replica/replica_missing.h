#pragma once
/* What the rest of the replica has to do with what may be missing after a restore (rule 6). */
#include "client/replica/replica_inner.h"
#include "wire.pb-c.h"

/* The server's past is another one than it was: whether anything of this device went with it is to be asked. */
enum err missing_begin(struct replica *r) MUST_CHECK;
/* Incarnation, and what it was forked from, into a push. */
enum err push_name(struct replica *r, struct incarnation i, struct arena *arena, Wire__Push *out) MUST_CHECK;
