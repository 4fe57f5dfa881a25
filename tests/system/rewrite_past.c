/* What somebody with all of a server's files could do to the past: in the log of a folder that nobody serves, the value
 * of an integer field is made another one in the entry that made a record, the hashes of that entry and of all behind
 * it are worked out anew, and rows, digests and sums are made of the log as it is now. rewrite_past DIR KIND FIELD OLD
 * NEW: the first such record. */
#include "base/limits.h"
#include "server/store/store_cut.h"
#include "server/writer/fold.h"
#include "sync/effect.h"
#include "wire/wire.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct wanted {
    const struct kind *kind;
    const char *field;
    int64_t old, new;
};

static struct arena arena;

static ProtobufCMessage *changed(const struct wanted *w, const ProtobufCMessage *m)
{
    ProtobufCMessage *out = record_copy(m, &arena);
    CHECK(out);
    record_put_name(out, w->field, cell_integer(w->new), &arena);
    return out;
}

static bool holds(const struct wanted *w, const struct kind *k, const ProtobufCMessage *m)
{
    struct cell c = k == w->kind && m ? record_get_name(m, w->field) : (struct cell){.type = CELL_ABSENT};
    return c.type == CELL_INTEGER && c.integer == w->old;
}

/* False: it is not the one. */
static bool rewrite(const struct wanted *w, struct entry *e)
{
    struct change c;
    struct effects effects;
    bool found = false;
    if (change_open(e->change, &arena, &c) != ERR_OK || c.op != OP_CREATE || !holds(w, c.kind, c.patch))
        return false;
    CHECK(effects_open(e->effects, &arena, &effects) == ERR_OK);
    for (size_t i = 0; i < effects.count; i++)
        if (holds(w, effects.list[i].kind, effects.list[i].patch)) {
            effects.list[i].patch = changed(w, effects.list[i].patch);
            effects.list[i].patch_bytes = wire_pack_arena(effects.list[i].patch, &arena);
            found = true;
        }
    c.patch = changed(w, c.patch);
    CHECK(found && change_pack(&c, &arena) == ERR_OK);
    e->change = c.bytes;
    e->effects = effects_pack(&effects, &arena);
    memcpy(e->identity.hash, c.hash, HASH_SIZE);
    return true;
}

static enum err put(struct store *s, uint32_t org, const struct entry *e)
{
    struct db_statement *q;
    enum err failed = db_prepare(
        store_db(s), "UPDATE history SET change=$1, effects=$2, hash=$3, chain=$4 WHERE org=$5 AND seq=$6", &q);
    CHECK(failed == ERR_OK);
    db_bind_blob(q, 1, e->change);
    if (e->effects.size)
        db_bind_blob(q, 2, e->effects);
    else
        db_bind_null(q, 2);
    db_bind_blob(q, 3, slice_of(e->identity.hash, HASH_SIZE));
    db_bind_blob(q, 4, slice_of(e->chain, CHAIN_SIZE));
    db_bind_integer(q, 5, org);
    db_bind_integer(q, 6, (int64_t)e->seq);
    return db_run(q);
}

/* The seq of the entry that was rewritten; 0: none. */
static uint64_t rewrite_log(struct store *s, uint32_t org, const struct wanted *w)
{
    struct entry *list;
    size_t count;
    bool more;
    uint64_t at = 0;
    uint8_t before[CHAIN_SIZE] = {0};
    CHECK(store_read_entries(s, org, 0, SIZE_MAX, &arena, &list, &count, &more) == ERR_OK && !more);
    for (size_t i = 0; i < count; i++) {
        if (!at && rewrite(w, &list[i]))
            at = list[i].seq;
        if (at) {
            entry_seal(&list[i], before);
            CHECK(put(s, org, &list[i]) == ERR_OK);
        }
        memcpy(before, list[i].chain, CHAIN_SIZE);
    }
    return at;
}

static void remake(struct store *s, uint32_t org)
{
    struct fold fold;
    CHECK(store_erase_rows(s, org) == ERR_OK && fold_org(s, org, 0, &fold) == ERR_OK && !fold.broken);
    CHECK(store_put_rows(s, fold.scratch) == ERR_OK && store_put_org(s, fold.state) == ERR_OK);
    fold_finish(&fold);
}

int main(int argc, char **argv)
{
    struct store *s;
    uint32_t *orgs;
    size_t count;
    uint64_t at = 0;
    if (argc != 6 || !kind_by_name(argv[2]))
        return 2;
    struct wanted w = {kind_by_name(argv[2]), argv[3], strtoll(argv[4], NULL, 10), strtoll(argv[5], NULL, 10)};
    arena_init(&arena, (size_t)1 << 30);
    CHECK(store_open(argv[1], STORE_WRITE, &s) == ERR_OK && store_begin(s) == ERR_OK);
    CHECK(store_orgs_with_history(s, &arena, &orgs, &count) == ERR_OK);
    for (size_t i = 0; i < count && !at; i++) {
        at = rewrite_log(s, orgs[i], &w);
        if (at)
            remake(s, orgs[i]);
    }
    CHECK(store_commit(s) == ERR_OK);
    store_close(s);
    arena_finish(&arena);
    printf("%llu\n", (unsigned long long)at);
    return at ? 0 : 1;
}
