/* The certificate of a device that has joined by itself: what it shows at the door, and when it asks for a new one. client/agent/agent.c's
 * renew for who makes a round, agent_watch.c's ask_renewal for who stays connected; what is asked and taken is agent_renew.c's. */
#include "tests/sim/seat_inner.h"

#include "base/key_file.h"
#include "client/agent/agent_inner.h"
#include "tls/tls.h"

#define RENEW_GAP_MS DAY_MS /* between attempts to renew */
#define AT_ONCE_MS 1

void cert_load(struct seat *s)
{
    struct buf pem = BUF_INIT;
    int before = disk_enter(DISK_NOBODY);
    s->cert.size = 0;
    if (key_file_read(disk_path(s->machine), "cert.pem", &pem) == ERR_OK && tls_cert_to_der(buf_slice(&pem), &s->cert) != ERR_OK)
        world_fail("device %u: its certificate cannot be read", s->index);
    buf_finish(&pem);
    disk_enter(before);
}

bool cert_knock(struct seat *s, struct line *line)
{
    return s->cert.size ? server_accept_certificate(s->options.server, line, buf_slice(&s->cert))
                        : server_accept(s->options.server, line, s->options.number);
}

static void on_answer(void *to, enum frame_type type, const ProtobufCMessage *m)
{
    struct seat *s = to;
    if (type != FRAME_RENEWED || disk_is_dead(s->agent))
        return;
    enum err e = agent_take_renewed(s->r, (const Wire__Renewed *)m);
    world_tell("device %u: its certificate is renewed: %s", s->index, err_name(e));
    if (e == ERR_CERTIFICATE)
        world_fail("device %u is given a certificate that is not its own", s->index);
    s->counts.renewals += e == ERR_OK;
    cert_load(s);
}

struct link_options renew_options(struct seat *s)
{
    static const enum link_mode modes[] = {[ERRAND_RENEW_FIRST] = LINK_RENEW, [ERRAND_RENEW_AFTER] = LINK_ASK};
    enum link_mode usual = s->staying ? LINK_WATCH : LINK_ROUND, mode = s->errand == ERRAND_USUAL ? usual : modes[s->errand];
    return (struct link_options){.mode = mode, .version = "sim", .snapshot_at_once = s->fresh && mode == LINK_ROUND, .on_answer = on_answer, .to = s};
}

static enum err ask(struct seat *s)
{
    struct buf csr = BUF_INIT;
    Wire__Renew message;
    s->renew_after_ms = world_now_ms() + RENEW_GAP_MS;
    enum err e = agent_renew_message(disk_path(s->machine), &csr, &message);
    if (e == ERR_OK)
        e = link_ask(s->link, FRAME_RENEW, &message.base);
    buf_finish(&csr);
    return s->errand == ERRAND_USUAL ? ERR_OK : e; /* it hinders nothing else */
}

enum err renew_begin(struct seat *s)
{
    return s->errand == ERRAND_USUAL ? ERR_OK : ask(s);
}

enum err renew_when_due(struct seat *s)
{
    bool may = s->cert.size && s->staying && link_progress(s->link) == LINK_LEVEL && world_now_ms() >= s->renew_after_ms;
    return may && agent_renewal_is_due(s->r, seat_now_ms(s)) ? ask(s) : ERR_OK;
}

enum errand renew_next(struct seat *s, enum link_progress p, enum err why, int64_t asked_ms)
{
    if (!s->cert.size || (s->errand != ERRAND_USUAL && !s->staying))
        return ERRAND_USUAL;
    if (why == ERR_CERTIFICATE && asked_ms == AT_ONCE_MS)
        return ERRAND_RENEW_FIRST;
    return p == LINK_DONE && !s->staying && agent_renewal_is_due(s->r, seat_now_ms(s)) ? ERRAND_RENEW_AFTER : ERRAND_USUAL;
}
