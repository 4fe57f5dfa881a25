/* See oracle_live.h. What a link says of itself is held against what stands in its device's tables. */
#include "tests/sim/oracle_live.h"

#include "base/limits.h"
#include "client/agent/link_inner.h"
#include "client/replica/replica_inner.h"
#include "tests/sim/district.h"
#include "tests/sim/seat_inner.h"

#define DUE_MS_MAX (LIMIT_PING_MS + LINK_REQUEST_MS) /* a line that says nothing is asked after a minute, and given up a minute later */
#define ORGS 4

/* Where a device's log stood when it was looked at last. */
struct seen {
    unsigned lives, calls;
    uint64_t path, path_of_call; /* as it was when the session began: WELCOME told it */
    struct {
        uint32_t org;
        uint64_t seq;
    } list[ORGS];
    size_t count;
    uint64_t push;        /* the last one's hash */
    int64_t push_minute;  /* when, and how often in that minute */
    unsigned push_count;
};
static struct seen all[DEVICES_MAX];
static uint64_t path = 1;
static bool two_pasts;

void oracle_live_path_left(void)
{
    path++;
    two_pasts = false;
}

void oracle_live_two_pasts(void)
{
    path++;
    two_pasts = true;
}

/* ---- rule 34 ---- */

static bool anything_waits(struct seat *s)
{
    int64_t waits = 0;
    CHECK(sql_integer(s->r->db, 0, &waits, "SELECT EXISTS(SELECT 1 FROM outbox WHERE state = 0)", "") == ERR_OK);
    return waits;
}

/* Level: all was sent that was there when it looked, or the server takes nothing for a while; all heads that it heard of are here. */
static void expect_level(struct seat *s, int64_t now)
{
    const struct link *l = s->link;
    bool put_off = l->put_off && l->push_after_ms - now <= HOUR_MS, told_soon = replica_data_version(s->r) != s->data_version || s->polling;
    if (!put_off && !told_soon && anything_waits(s))
        world_fail("device %u says that it is level, but changes wait to be sent and nothing is under way", s->index);
    for (size_t i = 0; i < l->org_count; i++) {
        struct replica_cursor c;
        if (replica_cursor(s->r, l->orgs[i].number, &c) == ERR_OK && (c.log_seq < l->orgs[i].head || c.snapshot || c.filling))
            world_fail("device %u says that it is level, but org %u is behind and nothing is under way", s->index, l->orgs[i].number);
    }
}

static void expect_moving(struct seat *s)
{
    const struct link *l = s->link;
    int64_t now = seat_now_ms(s), due = link_due(l);
    enum link_progress p = link_progress(l);
    if (due == INT64_MAX || due - now > DUE_MS_MAX)
        world_fail("device %u: nothing of its session is due for %lld s", s->index, due == INT64_MAX ? -1LL : (long long)(due - now) / 1000);
    if (line_dead_ms(s->line) > DUE_MS_MAX + 10 * SECOND_MS)
        world_fail("device %u takes a line for alive that died %lld s ago", s->index, (long long)line_dead_ms(s->line) / 1000);
    if (p == LINK_WORKING && !l->answer_due_ms)
        world_fail("device %u is at work, but no request is under way", s->index);
    if (p == LINK_LEVEL)
        expect_level(s, now);
}

#define PUSHES_ALIKE_MAX 100 /* in a minute; LINK_IDLE_MAX a session */

void oracle_live_push(struct seat *s, struct slice push)
{
    struct seen *seen = &all[s->index];
    uint64_t hash = UINT64_C(14695981039346656037);
    for (size_t i = 0; i < push.size; i++)
        hash = (hash ^ push.data[i]) * UINT64_C(1099511628211);
    if (seen->push != hash || seen->push_minute != world_now_ms() / MINUTE_MS)
        seen->push_count = 0;
    seen->push = hash;
    seen->push_minute = world_now_ms() / MINUTE_MS;
    if (++seen->push_count > PUSHES_ALIKE_MAX)
        world_fail("device %u sends the same push for ever", s->index);
}

/* ---- cursors ---- */

static uint64_t *place_of(struct seen *seen, uint32_t org)
{
    for (size_t i = 0; i < seen->count; i++)
        if (seen->list[i].org == org)
            return &seen->list[i].seq;
    if (seen->count == ORGS)
        return NULL;
    seen->list[seen->count].org = org;
    seen->list[seen->count].seq = 0;
    return &seen->list[seen->count++].seq;
}

static void expect_growing(struct seat *s)
{
    struct seen *seen = &all[s->index];
    struct db_statement *q;
    bool row, level = link_progress(s->link) == LINK_LEVEL;
    bool other = seen->lives != s->counts.lives || seen->path != path || two_pasts; /* its disk, or the past, is not what it was */
    CHECK(sql_ask(s->r->db, &q, "SELECT org, log_seq FROM position WHERE snap = 0", "") == ERR_OK);
    while (db_step(q, &row) == ERR_OK && row) {
        uint64_t *at = place_of(seen, (uint32_t)db_integer(q, 0)), seq = (uint64_t)db_integer(q, 1);
        if (at && seq < *at && !other)
            world_fail("device %u: its log of org %lld goes back from %llu.%llu to %llu.%llu", s->index, (long long)db_integer(q, 0),
                       (unsigned long long)(*at >> 40), (unsigned long long)(*at & 0xffffffffff), (unsigned long long)(seq >> 40),
                       (unsigned long long)(seq & 0xffffffffff));
        if (at)
            *at = seq;
    }
    if (level) {
        seen->lives = s->counts.lives;
        seen->path = seen->path_of_call;
    }
}

void oracle_live_step(struct seat *s)
{
    if (s->faulty)
        return; /* its disk answers as it likes */
    int before = disk_enter(DISK_NOBODY);
    if (all[s->index].calls != s->counts.calls) {
        all[s->index].calls = s->counts.calls;
        all[s->index].path_of_call = path;
    }
    expect_moving(s);
    expect_growing(s);
    disk_enter(before);
}
