/* What waits for a person, as a list: refusals with the values that were not taken beside those that stand, then open conflicts
 * with both values. See attention.h. */
#include "client/replica/attention_inner.h"
#include "client/replica/outbox.h"
#include "client/replica/replica_sync.h"
#include "base/limits.h"
#include "conflict.pb-c.h"
#include "wire/wire.h"

#include <stdlib.h>
#include <string.h>

static void add_field(struct attention_entry *a, const struct field_rule *f, struct cell mine, struct cell theirs, bool cleared)
{
    if (f && a->field_count < ATTENTION_FIELDS)
        a->fields[a->field_count++] = (struct attention_field){.field = f, .mine = mine, .theirs = theirs, .mine_cleared = cleared};
}

static struct cell cell_of(const ProtobufCMessage *m, const char *name)
{
    return m ? record_get_name(m, name) : (struct cell){.type = CELL_ABSENT};
}

/* ---- refusals ---- */

static void fill_change(struct attention_entry *a, const struct change *c, const ProtobufCMessage *shown)
{
    for (unsigned i = 0; i < c->patch->descriptor->n_fields; i++) {
        const ProtobufCFieldDescriptor *d = &c->patch->descriptor->fields[i];
        struct cell mine = record_get(c->patch, d);
        if (mine.type != CELL_ABSENT)
            add_field(a, kind_field(c->kind, d->name), mine, cell_of(shown, d->name), false);
    }
    for (size_t i = 0; i < c->cleared_count; i++) {
        const ProtobufCFieldDescriptor *d = record_field_tag(c->patch->descriptor, c->cleared[i]);
        if (d)
            add_field(a, kind_field(c->kind, d->name), (struct cell){.type = CELL_ABSENT}, cell_of(shown, d->name), true);
    }
}

static enum err fill_refusal(struct replica *r, const struct change *c, struct slice packed, struct arena *arena, struct attention_entry *a)
{
    ProtobufCMessage *m, *shown = NULL;
    struct confirmed confirmed;
    enum err e = wire_open(&wire__refusal__descriptor, packed, arena, &m);
    if (e != ERR_OK)
        return e == ERR_WIRE ? ERR_CORRUPT : e;
    const Wire__Refusal *refusal = (const Wire__Refusal *)m;
    a->type = ATTENTION_REFUSAL;
    a->kind = c->kind;
    a->kind_number = c->kind_number;
    a->record = c->id;
    a->org = c->org;
    a->code = refusal->code ? refusal->code : "";
    a->field = refusal->field && *refusal->field ? refusal->field : NULL;
    a->text = refusal->text;
    for (size_t i = 0; i < refusal->n_argument && i < 3; i++)
        a->argument[i] = refusal->argument[i];
    refusal_persons(r, a->code, a->argument, arena);
    a->op = c->op;
    a->action = c->action;
    a->grouped = c->grouped;
    if (!c->kind)
        return ERR_OK;
    e = rows_shown(r, c->kind, c->id, arena, &confirmed, &shown);
    if (e == ERR_OK)
        fill_change(a, c, shown);
    return e;
}

#define REFUSALS "SELECT id, bytes, refusal, at_ms, n FROM attention a WHERE "
/* A group stands once, by its first change. */
#define FIRST_OF_GROUP "(grp IS NULL OR n = (SELECT min(n) FROM attention b WHERE b.grp = a.grp))"

static enum err read_refusal(struct replica *r, struct db_statement *s, struct arena *arena, struct attention_entry *a)
{
    struct change c;
    *a = (struct attention_entry){.id = db_id(s, 0), .at_ms = db_integer(s, 3)};
    struct slice bytes = arena_copy(arena, db_blob(s, 1)), refusal = arena_copy(arena, db_blob(s, 2));
    struct replica_facts f;
    enum err e = bytes.data ? change_open(bytes, arena, &c) : ERR_MEMORY;
    if (e == ERR_OK)
        e = fill_refusal(r, &c, refusal, arena, a);
    if (e == ERR_OK)
        e = replica_facts(r, &f);
    if (e == ERR_OK) {
        a->mine_by = f.person;
        a->mine_seat = f.seat;
        a->mine_at_ms = c.made_ms;
        a->may_resolve = true;
    }
    return e == ERR_WIRE ? ERR_CORRUPT : e;
}

/* ---- conflicts ---- */

const ProtobufCMessage *attention_side(const struct kind *k, bool has, ProtobufCBinaryData packed, struct arena *arena)
{
    ProtobufCMessage *m;
    if (!has || wire_open(k->descriptor, slice_of(packed.data, packed.len), arena, &m) != ERR_OK)
        return NULL;
    return m;
}

struct sides {
    const ProtobufCMessage *mine[2], *theirs[2];
    const char *cleared;
};

bool attention_names(const char *list, const char *name)
{
    size_t size = strlen(name);
    for (const char *at = list; at && *at; at += strcspn(at, ","), at += *at == ',')
        if (strcspn(at, ",") == size && strncmp(at, name, size) == 0)
            return true;
    return false;
}

/* What stands: as the record is now; what it was when the conflict arose where the record is not there. */
static struct cell standing_cell(const struct sides *s, const ProtobufCMessage *shown, const char *name)
{
    if (shown)
        return record_get_name(shown, name);
    struct cell c = cell_of(s->theirs[0], name);
    return c.type != CELL_ABSENT ? c : cell_of(s->theirs[1], name);
}

/* Nothing may be shown of what stands (a removal, what was erased): then it is whose it was. */
static bool stands_by(const struct attention_entry *a, uint32_t seat)
{
    for (size_t i = 0; i < a->field_count; i++)
        if (a->fields[i].theirs_seat != seat)
            return false;
    return a->field_count > 0 || a->theirs_seat == seat;
}

static enum attention_whose whose(const struct attention_entry *a, uint32_t seat)
{
    return a->mine_seat == seat ? ATTENTION_WHOSE_LATER : stands_by(a, seat) ? ATTENTION_WHOSE_STANDING : ATTENTION_WHOSE_OTHERS;
}

/* To the person whose value stands, "mine" is that value and "theirs" the one that came later. */
static void reverse(struct attention_entry *a)
{
    struct attention_entry was = *a;
    const struct attention_field *stands = a->field_count ? &was.fields[0] : NULL; /* the reader's, in all of them */
    a->mine_by = stands ? stands->theirs_by : was.theirs_by;
    a->mine_seat = stands ? stands->theirs_seat : was.theirs_seat;
    a->mine_at_ms = stands ? stands->theirs_at_ms : was.theirs_at_ms;
    a->theirs_by = was.mine_by;
    a->theirs_seat = was.mine_seat;
    a->theirs_at_ms = was.mine_at_ms;
    for (size_t i = 0; i < a->field_count; i++) {
        a->fields[i].mine = was.fields[i].theirs;
        a->fields[i].theirs = was.fields[i].mine;
        a->fields[i].mine_cleared = false;
        a->fields[i].theirs_by = a->theirs_by;
        a->fields[i].theirs_seat = a->theirs_seat;
        a->fields[i].theirs_at_ms = a->theirs_at_ms;
    }
}

static void fill_sides(struct attention_entry *a, const struct sides *s, const ProtobufCMessage *shown)
{
    for (unsigned i = 0; i < a->kind->descriptor->n_fields; i++) {
        const char *name = a->kind->descriptor->fields[i].name;
        bool cleared = attention_names(s->cleared, name);
        struct cell mine = cell_of(s->mine[0], name);
        if (mine.type == CELL_ABSENT)
            mine = cell_of(s->mine[1], name);
        if (mine.type != CELL_ABSENT || cleared)
            add_field(a, kind_field(a->kind, name), mine, standing_cell(s, shown, name), cleared);
    }
}

/* A removed record is in no list any more: the conflict itself knows what it was called. */
static const char *name_before(const struct kind *k, const Record__Conflict *c, struct arena *arena)
{
    const ProtobufCMessage *row = attention_side(k, c->has_row, c->row, arena);
    for (size_t i = 0; row && k->naming && k->naming[i]; i++) {
        struct cell value = record_get_name(row, k->naming[i]);
        if (value.type == CELL_TEXT && value.bytes.size)
            return arena_text(arena, value.bytes);
    }
    return NULL;
}

static enum err fill_conflict(struct replica *r, struct id id, const Record__Conflict *c, struct arena *arena, struct attention_entry *a)
{
    struct replica_facts f;
    struct confirmed confirmed;
    ProtobufCMessage *shown = NULL;
    *a = (struct attention_entry){.id = id, .type = ATTENTION_CONFLICT, .kind_number = (uint32_t)c->record_kind,
                                  .kind = kind_by_number((uint32_t)c->record_kind), .code = "CONFLICT", .field = c->field,
                                  .at_ms = c->mine_at_ms, .mine_seat = (uint32_t)c->mine_seat, .theirs_seat = (uint32_t)c->theirs_seat,
                                  .mine_at_ms = c->mine_at_ms, .theirs_at_ms = c->theirs_at_ms};
    if (c->record_id.len == ID_SIZE)
        a->record = id_from(slice_of(c->record_id.data, ID_SIZE));
    a->mine_by = replica_person(r, a->mine_seat, arena);
    a->theirs_by = replica_person(r, a->theirs_seat, arena);
    if (c->field && strcmp(c->field, "*") == 0) {
        a->code = "DELETED";
        a->field = NULL;
    }
    enum err e = replica_facts(r, &f);
    if (e != ERR_OK)
        return e;
    a->whose = whose(a, f.seat);
    if (!a->kind)
        return ERR_OK;
    a->may_resolve = kind_may_resolve(a->kind, f.roles, c->field);
    a->removed_name = a->field ? NULL : name_before(a->kind, c, arena);
    struct sides sides = {
        .mine = {attention_side(a->kind, c->has_mine, c->mine, arena), attention_side(a->kind, c->has_mine_sensitive, c->mine_sensitive, arena)},
        .theirs = {attention_side(a->kind, c->has_theirs, c->theirs, arena),
                   attention_side(a->kind, c->has_theirs_sensitive, c->theirs_sensitive, arena)},
        .cleared = c->mine_cleared};
    e = rows_shown(r, a->kind, a->record, arena, &confirmed, &shown);
    if (e == ERR_OK) {
        a->org = confirmed.org;
        a->may_resolve = a->may_resolve ||
                         (kind_may_resolve_own(a->kind, f.roles, c->field) && kind_author(a->kind, shown) == f.seat);
        fill_sides(a, &sides, shown);
        e = attention_stands(r, c, shown, confirmed.seq, a);
    }
    for (size_t i = 0; i < a->field_count; i++)
        a->fields[i].theirs_by = replica_person(r, a->fields[i].theirs_seat, arena);
    a->whose = whose(a, f.seat);
    a->overtaken = a->whose == ATTENTION_WHOSE_OTHERS && a->theirs_seat == f.seat;
    if (a->whose == ATTENTION_WHOSE_STANDING)
        reverse(a);
    return e;
}

/* ---- the list ---- */

static enum err each_refusal(struct replica *r, attention_each_entry *each, void *to, struct arena *arena, bool *go)
{
    struct db_statement *s;
    bool row = true;
    int64_t at = INT64_MIN;
    struct id after = {{0}};
    enum err e = ERR_OK;
    /* One at a time: what is read for an entry uses other statements, and the caller may change things in between. */
    while (e == ERR_OK && row && *go) {
        struct attention_entry *a;
        arena_reset(arena);
        a = arena_alloc(arena, sizeof *a);
        e = sql_ask(r->db, &s, REFUSALS FIRST_OF_GROUP " AND (at_ms, id) > (?1, ?2) ORDER BY at_ms, id LIMIT 1", "id", at, &after);
        if (e == ERR_OK)
            e = db_step(s, &row);
        if (e != ERR_OK || !row)
            break;
        e = read_refusal(r, s, arena, a);
        db_reset(s);
        if (e != ERR_OK)
            break;
        at = a->at_ms;
        after = a->id;
        *go = each(to, a);
    }
    return e;
}

static enum err each_conflict(struct replica *r, attention_each_entry *each, void *to, struct arena *arena, bool *go)
{
    struct db_statement *s;
    struct buf ids = BUF_INIT;
    bool row;
    enum err e = sql_ask(r->db, &s, "SELECT id FROM conflict WHERE state = 'open' ORDER BY mine_at_ms, id", "");
    while (e == ERR_OK && (e = db_step(s, &row)) == ERR_OK && row) {
        struct id id = db_id(s, 0);
        buf_append(&ids, &id, sizeof id);
    }
    if (e == ERR_OK)
        db_reset(s);
    for (size_t at = 0; e == ERR_OK && *go && at < ids.size; at += sizeof(struct id)) {
        struct id id;
        struct row conflict;
        struct attention_entry *a;
        memcpy(&id, ids.data + at, sizeof id);
        arena_reset(arena);
        a = arena_alloc(arena, sizeof *a);
        e = table_load(r->tables, KIND_CONFLICT, id, arena, &conflict);
        if (e == ERR_OK)
            e = fill_conflict(r, id, (const Record__Conflict *)conflict.message, arena, a);
        if (e == ERR_OK)
            *go = each(to, a);
    }
    buf_finish(&ids);
    return e;
}

enum err attention_each(struct replica *r, int64_t now_ms, attention_each_entry *each, void *to)
{
    struct arena arena;
    bool go = true;
    enum err e = inner_lease(r, now_ms);
    if (e != ERR_OK)
        return e;
    arena_init(&arena, LIMIT_ARENA);
    e = each_refusal(r, each, to, &arena, &go);
    if (e == ERR_OK && go)
        e = each_conflict(r, each, to, &arena, &go);
    arena_finish(&arena);
    return e;
}

struct waiting {
    uint64_t refused, conflicts;
};

static bool count_waiting(void *to, const struct attention_entry *a)
{
    struct waiting *w = to;
    w->refused += a->type == ATTENTION_REFUSAL;
    w->conflicts += a->type == ATTENTION_CONFLICT && a->may_resolve;
    return true;
}

enum err attention_waits(struct replica *r, int64_t now_ms, uint64_t *refused, uint64_t *conflicts)
{
    struct waiting w = {0};
    enum err e = attention_each(r, now_ms, count_waiting, &w);
    if (e != ERR_OK)
        return e;
    *refused = w.refused;
    *conflicts = w.conflicts;
    return ERR_OK;
}

/* ---- one of them ---- */

static enum err find_in(struct replica *r, const char *sql, struct id prefix, unsigned bits, enum attention_type type, struct id *out,
                        enum attention_type *type_out, size_t *count)
{
    struct db_statement *s;
    bool row;
    enum err e = sql_ask(r->db, &s, sql, "d", &prefix);
    while (e == ERR_OK && (e = db_step(s, &row)) == ERR_OK && row && id_has_prefix(db_id(s, 0), prefix, bits)) {
        *out = db_id(s, 0);
        *type_out = type;
        ++*count;
    }
    if (e == ERR_OK)
        db_reset(s);
    return e;
}

enum err attention_find(struct replica *r, const char *text, struct id *out, enum attention_type *type)
{
    struct id prefix, found;
    enum attention_type found_type = ATTENTION_REFUSAL;
    unsigned bits;
    size_t count = 0;
    enum err e = id_parse_prefix(text, &prefix, &bits);
    if (e == ERR_OK)
        e = find_in(r, "SELECT id FROM attention a WHERE id >= ?1 AND " FIRST_OF_GROUP " ORDER BY id", prefix, bits, ATTENTION_REFUSAL,
                    &found, &found_type, &count);
    if (e == ERR_OK)
        e = find_in(r, "SELECT id FROM conflict WHERE id >= ?1 AND state = 'open' ORDER BY id", prefix, bits, ATTENTION_CONFLICT, &found,
                    &found_type, &count);
    if (e != ERR_OK)
        return e;
    if (count != 1)
        return count == 0 ? ERR_NOT_FOUND : ERR_AMBIGUOUS;
    *out = found;
    *type = found_type;
    return ERR_OK;
}

enum err attention_get(struct replica *r, struct id id, struct arena *arena, struct attention_entry *out)
{
    struct db_statement *s;
    struct row conflict;
    bool row;
    enum err e = sql_ask(r->db, &s, REFUSALS "id = ?1", "d", &id);
    if (e == ERR_OK)
        e = db_step(s, &row);
    if (e != ERR_OK)
        return e;
    if (row) {
        e = read_refusal(r, s, arena, out);
        db_reset(s);
        return e;
    }
    e = table_load(r->tables, KIND_CONFLICT, id, arena, &conflict);
    if (e == ERR_OK && !conflict.message)
        e = ERR_NOT_FOUND;
    return e == ERR_OK ? fill_conflict(r, id, (const Record__Conflict *)conflict.message, arena, out) : e;
}
