/* What of a given up path goes into one frame (rule 27). Invariant: it fits, whatever was set aside: what can't be handed over is passed over
 * and counted, since all that was made here waits behind it. */
#include "client/replica/kept.h"
#include "client/replica/replica_late.h"
#include "client/replica/replica_sync.h"
#include "base/limits.h"
#include "base/log.h"
#include "sync/late.h"
#include "wire/wire.h"

#define ENTRIES_MAX 1024
#define ENTRY_HEAD 8u    /* bytes of its tag and size in the frame */
#define FRAME_REST 1024u /* all that is in the frame once */
#define FORK_SIZE 64u    /* a LateFork */

struct gathered {
    Wire__Entry **wire;
    struct entry *entries;
    size_t count, size;
    uint64_t last, passed; /* seq; how many were passed over */
    bool ends;             /* the path */
};

static enum err add_entry(struct gathered *g, struct slice packed, struct arena *arena)
{
    ProtobufCMessage *m;
    enum err e = wire_open(&wire__entry__descriptor, packed, arena, &m);
    if (e == ERR_OK)
        e = entry_open((const Wire__Entry *)m, arena, &g->entries[g->count]);
    if (e != ERR_OK)
        return e;
    g->wire[g->count++] = (Wire__Entry *)m;
    g->size += packed.size + ENTRY_HEAD;
    return ERR_OK;
}

/* True: this one begins the next portion. What does not fit a frame even alone, or can't be read, is passed over where a portion begins. */
static enum err take_line(struct gathered *g, uint64_t seq, struct slice packed, size_t size_max, size_t most, struct arena *arena, bool *full)
{
    *full = g->count == ENTRIES_MAX || (g->count > 0 && g->size + packed.size + ENTRY_HEAD > size_max);
    if (*full)
        return ERR_OK;
    enum err e = packed.size + ENTRY_HEAD > most ? ERR_WIRE : add_entry(g, packed, arena);
    if (e != ERR_WIRE && e != ERR_OK)
        return e;
    *full = e == ERR_WIRE && g->count > 0;
    g->passed += e == ERR_WIRE && !*full;
    if (!*full)
        g->last = seq;
    if (e == ERR_WIRE)
        log_warn("replica", "entry %llu of a past that was given up can't be handed over", (unsigned long long)seq);
    return ERR_OK;
}

/* It does not follow the one before: another path begins with it. */
static bool is_torn(const struct gathered *g)
{
    return g->count > 1 && !entry_follows(&g->entries[g->count - 1], g->entries[g->count - 2].chain);
}

static enum err read_lines(struct replica *r, const struct replica_late_place *at, size_t size_max, size_t most, struct arena *arena, struct gathered *g)
{
    struct db_statement *s;
    bool row = false;
    *g = (struct gathered){.wire = arena_alloc(arena, ENTRIES_MAX * sizeof *g->wire),
                           .entries = arena_alloc(arena, ENTRIES_MAX * sizeof *g->entries),
                           .last = at->seq};
    if (!g->wire || !g->entries)
        return ERR_MEMORY;
    enum err e = sql_ask(r->db, &s, "SELECT seq, entry FROM late_entry WHERE path = ?1 AND seq > ?2 AND dealt = " LATE_WAITS " ORDER BY seq", "ii", at->path,
                         (int64_t)at->seq);
    if (e != ERR_OK)
        return e;
    while ((e = db_step(s, &row)) == ERR_OK && row) {
        bool full;
        e = take_line(g, (uint64_t)db_integer(s, 0), db_blob(s, 1), size_max, most, arena, &full);
        if (e != ERR_OK || full)
            break;
        if (is_torn(g)) {
            g->last = g->entries[--g->count - 1].seq;
            g->ends = true;
            break;
        }
    }
    g->ends = g->ends || !row;
    db_reset(s); /* also after a failure: what stays open keeps the file's log from being taken in */
    return e;
}

static void cut_to(struct gathered *g, size_t count)
{
    g->count = count;
    g->last = g->entries[count - 1].seq;
}

/* Groups whole where a frame holds them. What it can't hold whole goes in parts: the server knows it, or leaves it. */
static enum err read_portion(struct replica *r, const struct replica_late_place *at, size_t size_max, size_t most, struct arena *arena, struct gathered *g)
{
    for (;; size_max *= 4) {
        bool widest = size_max >= most;
        enum err e = read_lines(r, at, widest ? most : size_max, most, arena, g);
        if (e != ERR_OK || g->ends)
            return e;
        size_t whole = late_whole(g->entries, g->count, arena);
        if (whole > 0)
            cut_to(g, whole);
        if (whole > 0 || widest)
            return ERR_OK;
    }
}

/* Of the entry before the first, whatever the server has of it. None: the path begins with the log. */
static enum err chain_before(struct replica *r, int64_t path, uint64_t first, struct arena *arena, Wire__HandBack *out)
{
    struct db_statement *s;
    struct entry before;
    bool row;
    enum err e = sql_ask(r->db, &s, "SELECT entry FROM late_entry WHERE path = ?1 AND seq < ?2 ORDER BY seq DESC LIMIT 1", "ii", path, (int64_t)first);
    if (e == ERR_OK)
        e = db_step(s, &row);
    if (e != ERR_OK || !row)
        return e;
    e = kept_open(db_blob(s, 0), arena, &before);
    db_reset(s);
    if (e != ERR_OK)
        return e == ERR_CORRUPT ? ERR_OK : e; /* the server may know it */
    struct slice chain = arena_copy(arena, slice_of(before.chain, CHAIN_SIZE));
    out->has_chain_before = chain.size == CHAIN_SIZE;
    out->chain_before = (ProtobufCBinaryData){chain.size, (uint8_t *)chain.data};
    return ERR_OK;
}

static enum err find_path(struct replica *r, uint32_t org, int64_t *path)
{
    return sql_integer(r->db, 0, path, "SELECT min(path) FROM late_entry WHERE org = ?1 AND dealt = " LATE_WAITS, "i", (int64_t)org);
}

enum err replica_hand_over(struct replica *r, uint32_t org, const struct replica_late_place *after, size_t size_max, size_t forks, struct arena *arena,
                           Wire__HandBack *out, struct replica_late_portion *portion)
{
    struct gathered g = {0};
    struct replica_late_place at = *after;
    size_t most = LIMIT_FRAME - FRAME_REST - forks * FORK_SIZE;
    wire__hand_back__init(out);
    enum err e = at.path ? ERR_OK : find_path(r, org, &at.path);
    if (e == ERR_OK && at.path)
        e = read_portion(r, &at, size_max, most, arena, &g);
    if (e == ERR_OK && g.count > 0)
        e = chain_before(r, at.path, g.entries[0].seq, arena, out);
    if (e != ERR_OK)
        return e;
    out->has_org = out->has_late = out->has_done = 1;
    out->org = org;
    out->late = 1;
    out->done = g.ends;
    out->entry = g.wire;
    out->n_entry = g.count;
    *portion = (struct replica_late_portion){.to = {at.path, g.last}, .passed = g.passed, .ends = g.ends};
    return ERR_OK;
}
