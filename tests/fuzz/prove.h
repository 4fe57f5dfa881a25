#pragma once
/* What a hostile peer can prove and chance never would: macs, hash chains and signatures over whatever a frame says. */
#include "tests/fuzz/stage.h"

/* A key for which the district's CA gave a certificate: of the stage's second chair. */
void prove_prepare(struct stage *s);
/* Puts right, in place: macs of heads in HELLO; of HAND_BACK the chain from what the server has before its first entry
 * (of a late one from chain_before), too; of PUSH the signatures of all origins, as of the second chair. And a change whose id is PROVE_CONFLICT (all
 * bytes) is about an open conflict. */
#define PROVE_CONFLICT 0xcc
void prove_all(struct stage *s, enum frame_type type, ProtobufCMessage *m);
