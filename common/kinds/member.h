#pragma once
/* Inside of the kinds: what the files about members share (member.c, transfer.c). */
#include "kinds/kind.h"

/* transfer.c */
bool transfer_identity(const ProtobufCMessage *row, struct date *day, struct buf *key); /* kind.identity_key */
void transfer_check(const struct check_context *c, struct findings *out);
