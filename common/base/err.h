#pragma once
/* Everything that can fail, and whose fault it is.
 * PEER: the other side broke the protocol: say so, close.   REFUSED: a rule, a right or a wrong value: answer, go on.
 * LATER: no network, busy, full: try again.   SELF: disk, memory, a bug: concealed on the wire.
 * Detail text for people lives in the owner of the object that failed, never here. */
#include <stdnoreturn.h>

#define ERR_LIST(X)                                                                                                    \
    X(OK, SELF, "ok")                                                                                                  \
    X(FRAME_TOO_LARGE, PEER, "a frame over the limit")                                                                 \
    X(FRAME_TYPE, PEER, "a frame of unknown type")                                                                     \
    X(FRAME_TORN, PEER, "the connection ended inside a frame")                                                         \
    X(WIRE, PEER, "a malformed message")                                                                               \
    X(PROTOCOL, PEER, "a message out of turn")                                                                         \
    X(TLS, PEER, "the TLS handshake failed")                                                                           \
    X(PIN, PEER, "not the server that the code names")                                                                 \
    X(CERTIFICATE, PEER, "a certificate that is not accepted")                                                         \
    X(VERSION, PEER, "a protocol version that is not spoken here")                                                     \
    X(SEAT_WORN, PEER, "a device whose numbers are used up")                                                           \
    X(CHAIN, PEER, "history that does not fit its hashes")                                                             \
    X(REFUSED, REFUSED, "refused by a rule or a right")                                                                \
    X(VALUE, REFUSED, "a value of the wrong form")                                                                     \
    X(USAGE, REFUSED, "wrong usage")                                                                                   \
    X(NOT_FOUND, REFUSED, "not found")                                                                                 \
    X(AMBIGUOUS, REFUSED, "more than one fits")                                                                        \
    X(EXISTS, REFUSED, "exists already")                                                                               \
    X(TOO_LONG, REFUSED, "too long")                                                                                   \
    X(TEXT, REFUSED, "text that is not UTF-8 or holds a zero byte")                                                    \
    X(LEASE, REFUSED, "hidden until the server has been reached")                                                      \
    X(OFFLINE, LATER, "the server cannot be reached")                                                                  \
    X(CUT, LATER, "the connection was cut")                                                                            \
    X(TIMEOUT, LATER, "no answer in time")                                                                             \
    X(BUSY, LATER, "busy")                                                                                             \
    X(FULL, LATER, "a queue is full")                                                                                  \
    X(LOCKED, LATER, "another process uses this folder")                                                               \
    X(MEMORY, SELF, "out of memory")                                                                                   \
    X(IO, SELF, "a file could not be read or written")                                                                 \
    X(DISK_FULL, SELF, "the disk is full")                                                                             \
    X(CORRUPT, SELF, "the database is damaged")                                                                        \
    X(FOREIGN, SELF, "not a file of this program")                                                                     \
    X(NEWER, SELF, "made by a newer version")                                                                          \
    X(OLDER, SELF, "made by an older version, whose layout is not read any more")                                      \
    X(BUG, SELF, "an internal error")

enum err {
#define X(name, class, text) ERR_##name,
    ERR_LIST(X)
#undef X
};

enum err_class { ERR_CLASS_PEER, ERR_CLASS_REFUSED, ERR_CLASS_LATER, ERR_CLASS_SELF };

#define MUST_CHECK __attribute__((warn_unused_result))

enum err_class err_class(enum err e);
/* Identifier ("DISK_FULL") and English sentence; static storage. */
const char *err_name(enum err e);
const char *err_text(enum err e);

/* The impossible. On in release too: prints the place to stderr and aborts. Never for input. */
noreturn void check_failed(const char *file, int line, const char *expression);
#define CHECK(x) ((x) ? (void)0 : check_failed(__FILE__, __LINE__, #x))
