#pragma once
/* One connection of this seat: TLS with the PSK of the last session or with certificates, and a link (or a join) over it. The
 * owner waits for on_end; it may dial again from there. */
#include "client/agent/link.h"
#include "net/stream.h"

struct dial;

/* The seat's own files, for the connections to come. ERR_NOT_FOUND: one of them is missing. */
struct dial_files { struct buf ca, cert, key; };
enum err dial_files_read(const char *dir, struct dial_files *out) MUST_CHECK;
void dial_files_finish(struct dial_files *files);

struct dial_end {
    enum err why;            /* ERR_OK: the link is over (link_progress says how), or the owner hung up */
    const char *detail;      /* of TLS or the network, English; "" */
    bool was_up;
};
struct dial_options {
    struct net *net;
    struct replica *r;
    const struct dial_files *files;
    struct link_options link;
    /* Once, last; the link may still be asked from here, the dial is gone afterwards. */
    void (*on_end)(void *to, struct dial *d, const struct dial_end *end);
    /* After frames were taken: something may have moved. May be NULL. */
    void (*on_moved)(void *to, struct dial *d);
    void *to;
};
/* Failures to connect come by on_end. */
enum err dial_open(const struct dial_options *options, struct dial **out) MUST_CHECK;
void dial_hang_up(struct dial *d);               /* on_end comes with ERR_OK */
struct link *dial_link(struct dial *d);
/* After link_ask or link_local_changed: sends what the link put out. */
void dial_flush(struct dial *d);
void dial_local_changed(struct dial *d);
void dial_check(struct dial *d);                 /* link_check */
