/* See oracle_late.h. A process may die before what it was given is decided: what was noted is that it came, and who sends it once more is
 * noted once more. */
#include "tests/sim/oracle_late.h"

#include "base/limits.h"
#include "client/replica/kept.h"
#include "client/replica/sql.h"
#include "server/store/store.h"
#include "server/writer/writer.h"
#include "tests/sim/disk.h"
#include "wire/frame.h"
#include "wire/wire.h"

#include <stdlib.h>
#include <string.h>
#include <uthash.h>

/* Where a change stood on a path that was given up; of two restores there may be two such places. */
struct place {
    uint32_t org;
    uint64_t seq;
    struct place *older;
};

struct came {
    uint8_t hash[HASH_SIZE];
    bool late, sent, refused; /* sent: and may have been decided by that */
    struct place *places;
    UT_hash_handle hh;
};
static struct came *all;

static struct came *came_of(struct slice hash)
{
    struct came *c = NULL;
    if (hash.size != HASH_SIZE)
        return NULL;
    HASH_FIND(hh, all, hash.data, HASH_SIZE, c);
    if (c)
        return c;
    c = calloc(1, sizeof *c);
    CHECK(c);
    memcpy(c->hash, hash.data, HASH_SIZE);
    HASH_ADD(hh, all, hash, HASH_SIZE, c);
    return c;
}

static bool stands(struct store *store, const uint8_t hash[HASH_SIZE])
{
    int64_t any = 0;
    CHECK(sql_integer(store_db(store), 0, &any, "SELECT EXISTS(SELECT 1 FROM history WHERE hash = ?1)", "b", slice_of(hash, HASH_SIZE)) == ERR_OK);
    return any;
}

/* What stands already was decided otherwise, where it did not come late before. */
static void note_entry(struct store *store, uint32_t org, const struct entry *e)
{
    struct came *c = e->identity.n ? came_of(slice_of(e->identity.hash, HASH_SIZE)) : NULL;
    if (!c)
        return;
    c->sent = c->sent || (!c->late && stands(store, c->hash));
    c->late = true;
    c->refused = c->refused || e->verdict == VERDICT_REFUSED;
    for (const struct place *p = c->places; p; p = p->older)
        if (p->org == org && p->seq == e->seq)
            return;
    struct place *p = malloc(sizeof *p);
    CHECK(p);
    *p = (struct place){org, e->seq, c->places};
    c->places = p;
}

static void note_handed_over(struct store *store, const struct job *j, struct arena *arena)
{
    ProtobufCMessage *m;
    CHECK(wire_open(frame_descriptor(FRAME_HAND_BACK), buf_slice(&j->request), arena, &m) == ERR_OK);
    const Wire__HandBack *back = (const Wire__HandBack *)m;
    for (size_t i = 0; back->late && i < back->n_entry; i++) {
        struct entry e;
        if (entry_open(back->entry[i], arena, &e) == ERR_OK)
            note_entry(store, back->org, &e);
    }
}

static void note_sent(struct store *store, const struct job *j, struct arena *arena)
{
    ProtobufCMessage *m;
    CHECK(wire_open(frame_descriptor(FRAME_PUSH), buf_slice(&j->request), arena, &m) == ERR_OK);
    const Wire__Push *push = (const Wire__Push *)m;
    for (size_t i = 0; i < push->n_sent; i++) {
        const Wire__Sent *s = push->sent[i];
        uint8_t hash[HASH_SIZE];
        change_hash(slice_of(s->change.data, s->change.len), hash);
        struct came *c = came_of(s->hash.len ? slice_of(s->hash.data, s->hash.len) : slice_of(hash, sizeof hash));
        if (c && !c->sent) /* who sends once more what came late hears of it, and changes nothing */
            c->sent = !c->late || !stands(store, c->hash);
    }
}

static void note_cut(struct store *store, struct arena *arena)
{
    struct db_statement *q;
    bool row;
    CHECK(sql_ask(store_db(store), &q, "SELECT org, entry FROM cut", "") == ERR_OK);
    while (db_step(q, &row) == ERR_OK && row) {
        struct entry e;
        arena_reset(arena);
        if (kept_open(db_blob(q, 1), arena, &e) == ERR_OK)
            note_entry(store, (uint32_t)db_integer(q, 0), &e);
    }
}

void oracle_late_note(struct store *store, const struct job *jobs)
{
    struct arena arena;
    int before = disk_enter(DISK_NOBODY);
    arena_init(&arena, LIMIT_ARENA);
    note_cut(store, &arena);
    for (const struct job *j = jobs; j; j = j->next) {
        arena_reset(&arena);
        if (j->type == JOB_HAND_BACK)
            note_handed_over(store, j, &arena);
        else if (j->type == JOB_PUSH)
            note_sent(store, j, &arena);
    }
    arena_finish(&arena);
    disk_enter(before);
}

void oracle_late_server_lost(struct store *store)
{
    struct came *c, *next;
    int before = disk_enter(DISK_NOBODY);
    HASH_ITER(hh, all, c, next)
        c->sent = c->sent && store && stands(store, c->hash);
    disk_enter(before);
}

/* ---- what is asked ---- */

static const struct came *find(const uint8_t hash[HASH_SIZE])
{
    struct came *c;
    HASH_FIND(hh, all, hash, HASH_SIZE, c);
    return c;
}

enum late_how oracle_late_how(const uint8_t hash[HASH_SIZE])
{
    const struct came *c = find(hash);
    return !c || !c->late ? LATE_NEVER : c->sent ? LATE_BESIDES : LATE_ALONE;
}

bool oracle_late_was_refused(const uint8_t hash[HASH_SIZE])
{
    const struct came *c = find(hash);
    return c && c->refused;
}

bool oracle_late_stood(uint32_t org, const uint8_t hash[HASH_SIZE], uint64_t behind, uint64_t base)
{
    const struct came *c = find(hash);
    for (const struct place *p = c ? c->places : NULL; p; p = p->older)
        if (p->org == org && p->seq > behind && p->seq <= base)
            return true;
    return false;
}

bool oracle_late_any(uint32_t org)
{
    struct came *c, *next;
    HASH_ITER(hh, all, c, next)
        for (const struct place *p = c->places; p; p = p->older)
            if (p->org == org)
                return true;
    return false;
}

void oracle_late_finish(void)
{
    struct came *c, *next;
    HASH_ITER(hh, all, c, next) {
        HASH_DEL(all, c);
        while (c->places) {
            struct place *p = c->places;
            c->places = p->older;
            free(p);
        }
        free(c);
    }
}
