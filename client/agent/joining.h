#pragma once
/* Joining as a machine of steps: a code and frames go in, a frame and a seat's folder come out. No sockets, no TLS, no
 * clock; agent_join.c carries it on a stream, the simulator on its lines.
 * Order: joining_open; the connection that it names is up: joining_up; a frame came: joining_take; if it was JOINED:
 * joining_keep; joining_close, whatever came.
 * A key is written before anything is sent, so that a lost answer can be asked for again with the same code and key;
 * the database comes last, so that a folder is a seat only when all of it is there. */
#include "client/agent/agent.h"
#include "wire/frame.h"

struct joining;

/* Reads the code, takes the folder (one at a time joins there) and has a key in it. dir and out must live as long;
 * out->arena is begun. ERR_VALUE, ERR_VERSION: no code that can be read (why says so to people); ERR_EXISTS: somebody
 * has joined there; ERR_LOCKED: somebody does so now. Else of the disk; *out_j is untouched. */
enum err joining_open(const char *dir, const char *text, struct agent_joined *out, struct joining **out_j,
                      struct buf *why) MUST_CHECK;
/* Where to, and whose certificate it must be. */
const char *joining_server(const struct joining *j);
const uint8_t *joining_pin(const struct joining *j); /* 16 bytes */
/* Connected to the server whose chain ended in that CA. Appends the frame that is to be sent. */
enum err joining_up(struct joining *j, struct slice ca_pem, int64_t now_ms, struct buf *frame) MUST_CHECK;
/* A frame came; the connection is over then, with this error. Later ones mean nothing. */
enum err joining_take(struct joining *j, enum frame_type type, struct slice payload, int64_t now_ms) MUST_CHECK;
/* JOINED came: what it says stands in agent_joined. */
bool joining_is_answered(const struct joining *j);
/* ERR_OK: the server has not said no. ERR_REFUSED: of this code for ever, ERR_BUSY: for now; text, for people, may be
 * NULL. */
enum err joining_refusal(const struct joining *j, struct buf *text);
/* After JOINED: CA, certificate, database. */
enum err joining_keep(struct joining *j) MUST_CHECK;
/* Lets the folder go; a key that was made for a code that is refused goes with it. NULL: nothing. */
void joining_close(struct joining *j);
