/* See writer_scrub.h. */
#include "server/writer/writer_scrub.h"

#include "base/limits.h"
#include "base/log.h"

#define AGAIN_MS 60000 /* the whole file is read for it */
#define AGAIN_MS_MAX 3600000

static void put_off(struct writer_scrub *s, int64_t now_ms)
{
    s->wait_ms = s->wait_ms == 0 ? AGAIN_MS : s->wait_ms * 2;
    s->wait_ms = s->wait_ms > AGAIN_MS_MAX ? AGAIN_MS_MAX : s->wait_ms;
    s->not_before_ms = now_ms + s->wait_ms;
}

/* Not for long where the clock was set back meanwhile. */
static bool is_put_off(const struct writer_scrub *s, int64_t now_ms)
{
    return now_ms < s->not_before_ms && s->not_before_ms - now_ms <= AGAIN_MS_MAX;
}

void writer_scrub_run(struct writer_scrub *s, struct store *store, int64_t now_ms)
{
    bool more = false;
    int64_t version = db_data_version(store_db(store));
    if (version != s->version)
        s->due = true; /* another process may have carried out an erasure, and not wiped the file */
    s->version = version;
    if (!s->due || is_put_off(s, now_ms))
        return;
    enum err e = erase_scrub_turn(store, &s->turns, LIMIT_SCRUB_PAGES, &more);
    if (e == ERR_OK) {
        s->not_before_ms = 0;
        s->due = more;
        if (!more)
            s->wait_ms = 0;
        return;
    }
    put_off(s, now_ms);
    s->turns = (struct erase_scrub){0};
    log_warn("writer", "what was erased may stand in free pages still, tried again in %lld minutes: %s (%s)",
             (long long)(s->wait_ms / 60000), err_text(e), store_detail(store));
}
