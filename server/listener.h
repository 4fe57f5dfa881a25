#pragma once
/* Accepts connections and carries frames between streams and sessions: the only place of the server that knows sockets.
 */
#include "net/stream.h"
#include "server/serving.h"

struct listener;
/* address: "127.0.0.1:0". *port gets the real one. ERR_EXISTS: the port is in use. */
enum err listener_open(struct net *net, const char *address, struct tls_context *tls, struct serving *serving,
                       uint16_t *port, struct listener **out) MUST_CHECK;
/* Later connections use this context (the server's certificate was renewed); it must outlive the listener. */
void listener_use(struct listener *l, struct tls_context *tls);
/* Closes the port and every connection; their sessions end as their streams close. */
void listener_close(struct listener *l);
size_t listener_connections(const struct listener *l);
void listener_destroy(struct listener *l); /* once no connection is left */
