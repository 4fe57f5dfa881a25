#pragma once
/* Frames: u32 big-endian size of what follows, u8 type, then the packed message of that type. PROTOCOL.md "Framing".
 * Invariant: bytes of a peer reach protobuf-c only through wire_open, which checks them first. */
#include "base/arena.h"
#include "base/slice.h"
#include "wire.pb-c.h"

/* number, NAME, message of wire.proto (C name in protobuf-c), who sends it: C client, S server */
#define FRAME_LIST(X)                                                                                                  \
    X(1, HELLO, hello, Hello)                                                                                          \
    X(2, WELCOME, welcome, Welcome)                                                                                    \
    X(3, PUSH, push, Push)                                                                                             \
    X(4, VERDICTS, verdicts, Verdicts)                                                                                 \
    X(5, PULL, pull, Pull)                                                                                             \
    X(6, ENTRIES, entries, Entries)                                                                                    \
    X(7, SNAPSHOT_ASK, snapshot_ask, SnapshotAsk)                                                                      \
    X(8, SNAPSHOT_PAGE, snapshot_page, SnapshotPage)                                                                   \
    X(9, DIGEST_ASK, digest_ask, DigestAsk)                                                                            \
    X(10, DIGESTS, digests, Digests)                                                                                   \
    X(11, NEWS, news, News)                                                                                            \
    X(12, HAND_BACK, hand_back, HandBack)                                                                              \
    X(13, TAKEN, taken, Taken)                                                                                         \
    X(14, REPORT, report, Report)                                                                                      \
    X(15, ROWS_ASK, rows_ask, RowsAsk)                                                                                 \
    X(16, ROWS, rows, Rows)                                                                                            \
    X(17, HISTORY_ASK, history_ask, HistoryAsk)                                                                        \
    X(18, HISTORY, history, History)                                                                                   \
    X(19, OVERVIEW_ASK, overview_ask, OverviewAsk)                                                                     \
    X(20, OVERVIEW, overview, Overview)                                                                                \
    X(21, SEAT_ASK, seat_ask, SeatAsk)                                                                                 \
    X(22, SEATS, seats, Seats)                                                                                         \
    X(23, INVITE_ASK, invite_ask, InviteAsk)                                                                           \
    X(24, INVITED, invited, Invited)                                                                                   \
    X(25, JOIN, join, Join)                                                                                            \
    X(26, JOINED, joined, Joined)                                                                                      \
    X(27, RENEW, renew, Renew)                                                                                         \
    X(28, RENEWED, renewed, Renewed)                                                                                   \
    X(29, WIPE, wipe, Wipe)                                                                                            \
    X(30, PING, ping, Ping)                                                                                            \
    X(31, PONG, pong, Pong)                                                                                            \
    X(32, ERROR, error, Error)                                                                                         \
    X(33, TRANSFER_ASK, transfer_ask, TransferAsk)                                                                     \
    X(34, TRANSFERS, transfers, Transfers)                                                                             \
    X(35, ERASURES_ASK, erasures_ask, ErasuresAsk)                                                                     \
    X(36, ERASURES, erasures, Erasures)

enum frame_type {
    FRAME_NONE = 0,
#define X(number, name, lower, message) FRAME_##name = number,
    FRAME_LIST(X)
#undef X
        FRAME_TYPES
};

#define FRAME_HEAD 5u /* bytes before the payload */

const char *frame_name(enum frame_type type); /* "HELLO"; "?" for unknown */
/* NULL for an unknown type. */
const ProtobufCMessageDescriptor *frame_descriptor(enum frame_type type);

struct frame {
    enum frame_type type;
    struct slice payload; /* borrowed from the input */
};

/* Takes the first whole frame from the front of in. *used gets the bytes that it took, 0 if more are needed (then out is
 * untouched and ERR_OK is returned). ERR_FRAME_TOO_LARGE, ERR_FRAME_TYPE: the peer is to be told and cut. */
enum err frame_take(struct slice in, size_t size_max, struct frame *out, size_t *used) MUST_CHECK;
/* Appends a whole frame to out. message must be of frame_descriptor(type) (CHECKed). ERR_FRAME_TOO_LARGE over LIMIT_FRAME. */
enum err frame_put(struct buf *out, enum frame_type type, const ProtobufCMessage *message) MUST_CHECK;
