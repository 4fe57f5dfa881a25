/* Refused changes: how they come to wait for a person, and how a person ends them (rule 20).
 * Invariant: a refusal stands once, by the hash of its change, whatever told of it first: a verdict, or the pulled entry. What a
 * person has ended stays ended, however often its entry is pulled. */
#include "client/replica/attention.h"
#include "client/replica/outbox.h"
#include "base/limits.h"
#include "kinds/refusal.h"
#include "wire/wire.h"

#include <stdlib.h>
#include <string.h>

static char *text_of(const char *s)
{
    return (char *)(s ? s : "");
}

struct slice refusal_pack(const char *code, const char *field, const char *text, const char *const argument[3], struct arena *arena)
{
    Wire__Refusal m = WIRE__REFUSAL__INIT;
    char *arguments[3];
    m.code = text_of(code);
    m.field = (char *)field;
    m.text = (char *)text;
    m.argument = arguments;
    while (m.n_argument < 3 && argument && argument[m.n_argument]) {
        arguments[m.n_argument] = (char *)argument[m.n_argument];
        m.n_argument++;
    }
    return wire_pack_arena(&m.base, arena);
}

/* The server names seats; people know each other by name and office. */
void refusal_persons(struct replica *r, const char *code, const char *argument[3], struct arena *arena)
{
    size_t who = strcmp(code, REFUSAL_STATE_MOVED) == 0                                          ? 1
                 : strcmp(code, REFUSAL_CHANGED_SINCE) == 0 || strcmp(code, REFUSAL_DELETED) == 0 ? 0
                                                                                                  : 3;
    char *end = "";
    unsigned long seat = who < 3 && argument[who] ? strtoul(argument[who], &end, 10) : 0;
    const char *person = seat && !*end ? replica_person_title(r, (uint32_t)seat, arena) : NULL;
    if (person)
        argument[who] = person;
}

/* ---- coming ---- */

static enum err put(struct replica *r, const struct change *c, struct slice refusal, int64_t now_ms)
{
    struct db_statement *s;
    int64_t handled;
    struct slice hash = slice_of(c->hash, HASH_SIZE);
    struct id id = inner_id(r, now_ms);
    enum err e = sql_integer(r->db, 0, &handled, "SELECT EXISTS(SELECT 1 FROM handled WHERE hash = ?1)", "b", hash);
    if (e != ERR_OK || handled)
        return e;
    e = sql_ask(r->db, &s, "INSERT INTO attention(id, hash, org, kind, record, n, bytes, refusal, at_ms, grp)"
                           " VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10) ON CONFLICT(hash) DO NOTHING", "dbiidibbi", &id, hash,
                (int64_t)c->org, (int64_t)c->kind_number, &c->id, (int64_t)c->n, c->bytes, refusal, now_ms);
    if (e != ERR_OK)
        return e;
    if (c->grouped)
        db_bind_id(s, 10, &c->group);
    return db_run(s);
}

enum err refusal_note(struct replica *r, const struct outbox_entry *entry, struct slice refusal, int64_t now_ms)
{
    struct arena arena;
    struct change c;
    arena_init(&arena, LIMIT_ARENA);
    enum err e = change_open(entry->bytes, &arena, &c);
    e = e == ERR_OK ? put(r, &c, refusal, now_ms) : ERR_CORRUPT;
    arena_finish(&arena);
    return e;
}

enum err refusal_of_entry(struct replica *r, uint32_t org, const struct entry *entry, int64_t now_ms)
{
    struct arena arena;
    struct change c;
    (void)org;
    if (entry->verdict == VERDICT_SAME)
        return ERR_OK;
    if (entry->verdict != VERDICT_REFUSED)
        return sql_run(r->db, "DELETE FROM attention WHERE hash = ?1", "b", slice_of(entry->identity.hash, HASH_SIZE));
    arena_init(&arena, LIMIT_ARENA);
    enum err e = ERR_OK;
    /* Stripped: the seat no longer reads the kind, so there is nothing that it could do about it. */
    if (entry->change.size > 0 && change_open(entry->change, &arena, &c) == ERR_OK)
        e = put(r, &c, refusal_pack(entry->code, entry->field, NULL, entry->argument, &arena), now_ms);
    arena_finish(&arena);
    return e;
}

/* ---- going ---- */

#define MEMBERS "SELECT bytes, hash FROM attention WHERE id = ?1 OR grp = (SELECT grp FROM attention WHERE id = ?1) ORDER BY n"

/* The refused change and, if it was in a group, all of that group, in order. */
static enum err load_members(struct replica *r, struct id id, struct arena *arena, struct change *out, size_t *count)
{
    struct db_statement *s;
    bool row;
    size_t n = 0;
    enum err e = sql_ask(r->db, &s, MEMBERS, "d", &id);
    while (e == ERR_OK && (e = db_step(s, &row)) == ERR_OK && row && n < LIMIT_GROUP) {
        struct slice bytes = arena_copy(arena, db_blob(s, 0));
        e = bytes.data ? change_open(bytes, arena, &out[n]) : ERR_MEMORY;
        n++;
    }
    if (e != ERR_OK)
        return e == ERR_WIRE ? ERR_CORRUPT : e;
    db_reset(s);
    *count = n;
    return n > 0 ? ERR_OK : ERR_NOT_FOUND;
}

static enum err end_members(struct replica *r, const struct change *list, size_t count)
{
    enum err e = ERR_OK;
    for (size_t i = 0; e == ERR_OK && i < count; i++) {
        struct slice hash = slice_of(list[i].hash, HASH_SIZE);
        e = sql_run(r->db, "INSERT OR IGNORE INTO handled(hash) VALUES(?1)", "b", hash);
        if (e == ERR_OK)
            e = sql_run(r->db, "DELETE FROM attention WHERE hash = ?1", "b", hash);
    }
    return e;
}

/* What came in a handover file and was given up by mistake can be taken out of that file again. */
static enum err forget_taken(struct replica *r, const struct change *list, size_t count)
{
    enum err e = ERR_OK;
    for (size_t i = 0; e == ERR_OK && i < count; i++)
        if (list[i].origin.given)
            e = sql_run(r->db, "DELETE FROM taken_in WHERE hash = ?1", "b", slice_of(list[i].origin.hash, HASH_SIZE));
    return e;
}

static enum err refuse_conflict(struct replica *r, struct id id, enum err e)
{
    int64_t conflict = 0;
    if (e == ERR_NOT_FOUND &&
        sql_integer(r->db, 0, &conflict, "SELECT EXISTS(SELECT 1 FROM conflict WHERE id = ?1)", "d", &id) == ERR_OK && conflict)
        return ERR_USAGE;
    return e;
}

enum err attention_discard(struct replica *r, struct id id)
{
    struct arena arena;
    struct change list[LIMIT_GROUP];
    size_t count;
    enum err e = inner_begin(r);
    if (e != ERR_OK)
        return e;
    arena_init(&arena, LIMIT_ARENA);
    e = load_members(r, id, &arena, list, &count);
    if (e == ERR_OK)
        e = end_members(r, list, count);
    if (e == ERR_OK)
        e = forget_taken(r, list, count);
    arena_finish(&arena);
    return inner_end(r, refuse_conflict(r, id, e));
}

/* With further or other values, but without those that patch or cleared replace. */
static enum err amend(struct change *c, const ProtobufCMessage *patch, const uint32_t *cleared, size_t cleared_count, struct arena *arena)
{
    ProtobufCMessage *with = record_copy(c->patch, arena);
    uint32_t *tags = arena_alloc(arena, (c->cleared_count + cleared_count + 1) * sizeof *tags);
    size_t count = 0, a = 0, b = 0;
    if (!with || !tags)
        return ERR_MEMORY;
    if (patch)
        record_overlay(with, patch, cleared, cleared_count, arena);
    else
        record_overlay(with, record_new(with->descriptor, arena), cleared, cleared_count, arena);
    while (a < c->cleared_count || b < cleared_count) { /* both ascend */
        bool from_a = b == cleared_count || (a < c->cleared_count && c->cleared[a] <= cleared[b]);
        uint32_t tag = from_a ? c->cleared[a++] : cleared[b++];
        const ProtobufCFieldDescriptor *f = record_field_tag(with->descriptor, tag);
        bool given = f && record_get(with, f).type != CELL_ABSENT;
        if (!given && (count == 0 || tags[count - 1] != tag))
            tags[count++] = tag;
    }
    c->patch = with;
    c->cleared = tags;
    c->cleared_count = count;
    return ERR_OK;
}

enum err attention_retry(struct replica *r, struct id id, const ProtobufCMessage *patch, const uint32_t *cleared, size_t cleared_count,
                         int64_t now_ms, struct arena *arena, struct replica_outcome *out)
{
    struct change list[LIMIT_GROUP];
    struct replica_change again[LIMIT_GROUP];
    uint64_t base_max[LIMIT_GROUP];
    size_t count;
    enum err e = inner_begin(r);
    if (e != ERR_OK)
        return e;
    e = load_members(r, id, arena, list, &count);
    for (size_t i = 0; e == ERR_OK && i < count; i++) {
        bool amended = i == 0 && (patch || cleared_count > 0);
        /* Values as they were go with what was seen then; whoever gives new ones, or insists on a step, has seen what stands. */
        base_max[i] = list[i].op == OP_SET && !amended ? list[i].base : UINT64_MAX;
        if (!list[i].kind)
            e = ERR_USAGE;
        else if (amended)
            e = patch && patch->descriptor != list[i].kind->descriptor ? ERR_USAGE : amend(&list[i], patch, cleared, cleared_count, arena);
        again[i] = (struct replica_change){.op = list[i].op, .kind = list[i].kind_number, .id = list[i].id, .org = list[i].org,
                                           .patch = list[i].patch, .cleared = list[i].cleared, .cleared_count = list[i].cleared_count,
                                           .action = list[i].action, .for_seat = list[i].for_seat};
        if (amended && list[i].op == OP_CREATE && list[i].kind && list[i].kind->identity_key && !list[i].kind->identity_some)
            again[i].id = (struct id){{0}}; /* it may be about something else now */
    }
    if (e == ERR_OK)
        e = change_again(r, again, base_max, count, now_ms, arena, out);
    if (e == ERR_OK)
        e = end_members(r, list, count);
    return inner_end(r, refuse_conflict(r, id, e));
}
