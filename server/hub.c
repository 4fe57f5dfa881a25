/* See hub.h. */
#include "server/hub.h"
#include "server/session/session_frames.h"

#include <stdlib.h>
#include <uthash.h>

struct hub_session {
    uint64_t id;
    struct session *session;
    UT_hash_handle hh;
};

struct hub {
    struct hub_session *sessions;
};

struct hub *hub_create(void)
{
    struct hub *h = calloc(1, sizeof *h);
    CHECK(h);
    return h;
}

void hub_destroy(struct hub *h)
{
    if (!h)
        return;
    CHECK(!h->sessions);
    free(h);
}

void hub_add(struct hub *h, struct session *s)
{
    struct hub_session *entry = calloc(1, sizeof *entry);
    CHECK(entry);
    entry->id = session_id(s);
    entry->session = s;
    HASH_ADD(hh, h->sessions, id, sizeof entry->id, entry);
}

static struct hub_session *find(struct hub *h, uint64_t id)
{
    struct hub_session *entry = NULL;
    HASH_FIND(hh, h->sessions, &id, sizeof id, entry);
    return entry;
}

void hub_remove(struct hub *h, struct session *s)
{
    struct hub_session *entry = find(h, session_id(s));
    CHECK(entry);
    HASH_DEL(h->sessions, entry);
    free(entry);
}

struct session *hub_find(struct hub *h, uint64_t id)
{
    struct hub_session *entry = find(h, id);
    return entry ? entry->session : NULL;
}

size_t hub_count(const struct hub *h)
{
    return HASH_COUNT(h->sessions);
}

static bool hears(const struct session *s, uint32_t org)
{
    return s->state == SESSION_OPEN && s->watching && session_keeps(s, org);
}

void hub_news(struct hub *h, uint32_t org, uint64_t seq)
{
    struct buf frame = BUF_INIT;
    struct hub_session *entry, *next;
    Wire__News news = WIRE__NEWS__INIT;
    news.has_org = news.has_seq = 1;
    news.org = org;
    news.seq = seq;
    enum err e = frame_put(&frame, FRAME_NEWS, &news.base);
    CHECK(e == ERR_OK); /* twenty bytes */
    HASH_ITER(hh, h->sessions, entry, next)
    {
        if (hears(entry->session, org))
            (void)entry->session->out->send_packed(entry->session->to,
                                                   buf_slice(&frame)); /* a full or cut stream closes itself */
    }
    buf_finish(&frame);
}

void hub_check_all(struct hub *h)
{
    struct hub_session *entry, *next;
    HASH_ITER(hh, h->sessions, entry, next)
    session_check(entry->session);
}
