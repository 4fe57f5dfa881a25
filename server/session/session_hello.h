#pragma once
/* One hello under way, shared by the files that answer it: session_hello.c (where the client stands, whether it may
 * come in), session_heads.c (what WELCOME says of the orgs that it keeps), session_lineage.c (epochs and promises of
 * all logs in which its changes may stand), session_welcome.c (the seat itself). Order: all standings first, since one
 * entry that we gave and no longer have puts every org in recovery; then the heads that say so. */
#include "server/session/session_frames.h"
#include "server/session/standing.h"

struct hello {
    struct session *s;
    const Wire__Hello *wire;
    const struct control_seat *who;
    Wire__Welcome welcome;
    Wire__Head *heads[SESSION_ORGS_MAX];
    enum standing standings[SESSION_ORGS_MAX];
    bool rolled_back; /* some org STANDS_NOWHERE: recovery begins with this hello */
    uint32_t heard[SESSION_ORGS_MAX]; /* orgs that recover, of which it is asked for nothing */
    size_t heard_count;
    uint32_t epoch_seen;
};

/* The client's position in the org; NULL: it holds nothing of it. */
const Wire__Position *hello_position(const struct hello *h, uint32_t org);
/* session_heads.c: one for each org that the seat keeps. */
enum err hello_add_heads(struct hello *h) MUST_CHECK;
/* session_lineage.c */
enum err hello_add_logs(struct hello *h) MUST_CHECK;
/* session_welcome.c */
enum err hello_add_seat(struct hello *h) MUST_CHECK;
enum err hello_add_authors(struct hello *h) MUST_CHECK;
enum err hello_add_psk(struct hello *h) MUST_CHECK;
