#pragma once
/* A real server, listener and TLS included, on a loop in a thread of its own, for tests of the agent, whose functions
 * run a loop themselves. What touches the server does so before it goes, after it was halted, or in `step`, which runs
 * in its thread. */
#include "help_session.h"
#include "net/stream.h"
#include "server/listener.h"

#include <pthread.h>
#include <stdatomic.h>

struct help_agent {
    struct help_serving h;
    struct net *net;
    struct tls_context *tls;
    struct listener *listener;
    struct net_timer *look;
    char address[32];
    pthread_t thread;
    bool runs;
    atomic_bool stop;
    void (*step)(struct help_agent *a); /* every few ms; may be NULL */
    struct folder folder;               /* the device's */
};

void help_agent_make(struct help_agent *a);
void help_agent_finish(struct help_agent *a);
void help_agent_go(struct help_agent *a);
void help_agent_halt(struct help_agent *a); /* the port stays open, and nobody answers */
/* A code for a seat of the branch; static. */
const char *help_agent_code(struct help_agent *a, role_set roles);
/* Ends agent_watch, from the server's thread. */
void help_agent_stop_watch(void);
