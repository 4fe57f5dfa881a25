/* What a seat keeps a copy of: the log after its cursor, rows in pages, digests. PROTOCOL.md "A round"; rules 22, 23,
 * 30, 31. Invariant: rows and entries leave only through entry_strip and kind_strip with the seat's own roles. */
#include "server/session/session_frames.h"
#include "base/limits.h"
#include "wire/wire.h"

#include <string.h>

static size_t page_size(uint32_t asked)
{
    return asked > 0 && asked < LIMIT_PAGE_SIZE ? asked : LIMIT_PAGE_SIZE;
}

/* The org's state as of now; NULL and answered if the seat does not keep the org, or it can't be read. */
static struct org_state *kept_org(struct session *s, uint32_t org, const char *where)
{
    struct org_state *state;
    if (!session_keeps(s, org)) {
        session_refuse(s, "ORG", "not an org whose records this seat keeps", ERR_PROTOCOL);
        return NULL;
    }
    enum err e = store_load_org(s->serving->store, org, session_epoch(s), &state);
    if (e == ERR_OK)
        return state;
    session_fail(s, where, e);
    return NULL;
}

/* ---- entries ---- */

void session_add_author(struct session *s, Wire__Author **list, size_t *count, uint32_t seat)
{
    const struct control_seat *who = control_seat(s->serving->control, seat);
    for (size_t i = 0; i < *count; i++)
        if (list[i]->seat == seat)
            return;
    Wire__Author *m = who ? session_make(s, sizeof *m) : NULL;
    if (!m)
        return;
    wire__author__init(m);
    m->has_seat = 1;
    m->seat = seat;
    m->person = (char *)who->person;
    struct buf roles = BUF_INIT;
    role_set_text(who->roles, &roles);
    m->roles = arena_text(session_arena(s), buf_slice(&roles));
    buf_finish(&roles);
    list[(*count)++] = m;
}

/* Of an author no more is told than the entry tells this reader. */
void session_add_authors(struct session *s, Wire__Author **list, size_t *count, const struct entry *e)
{
    uint32_t other = change_for_seat(e->change);
    if (e->identity.n)
        session_add_author(s, list, count, e->identity.seat);
    if (other)
        session_add_author(s, list, count, other);
}

static enum err fill_entries(struct session *s, const Wire__Pull *pull, Wire__Entries *answer)
{
    struct entry *entries;
    size_t count;
    bool more;
    role_set roles = session_who(s)->roles;
    struct arena *arena = session_arena(s);
    enum err e = store_read_entries(s->serving->store, pull->org, pull->after, page_size(pull->size_max), arena,
                                    &entries, &count, &more);
    if (e != ERR_OK)
        return e;
    answer->entry = session_make(s, (count + 1) * sizeof *answer->entry);
    answer->author = session_make(s, (2 * count + 1) * sizeof *answer->author);
    if (!answer->entry || !answer->author)
        return ERR_MEMORY;
    for (size_t i = 0; i < count; i++) {
        entry_strip(&entries[i], roles, arena);
        session_add_authors(s, answer->author, &answer->n_author, &entries[i]);
        Wire__Entry *m = answer->entry[answer->n_entry++] = entry_wire(&entries[i], arena);
        m->has_head_mac = 1;
        m->head_mac = session_head_mac(s, pull->org, m->seq, entries[i].chain);
    }
    return ERR_OK;
}

void session_take_pull(struct session *s, const ProtobufCMessage *m, struct slice payload)
{
    const Wire__Pull *pull = (const Wire__Pull *)m;
    Wire__Entries answer = WIRE__ENTRIES__INIT;
    (void)payload;
    struct org_state *state = kept_org(s, pull->org, "pull");
    if (!state)
        return;
    answer.has_org = answer.has_head = answer.has_promise = 1;
    answer.org = pull->org;
    answer.head = org_state_seq(state);
    answer.promise = store_promise(s->serving->store, pull->org);
    org_state_destroy(state);
    enum err e = fill_entries(s, pull, &answer);
    if (e != ERR_OK)
        session_fail(s, "pull", e);
    else
        session_send(s, FRAME_ENTRIES, &answer.base);
}

/* ---- rows ---- */

enum err session_row_message(struct session *s, const struct row *row, role_set roles, Wire__SnapshotRow **out)
{
    const struct kind *k = kind_by_number(row->kind);
    enum access access = k ? kind_access(k, row->message, roles) : ACCESS_NONE;
    *out = NULL;
    if (access < ACCESS_OPEN)
        return ERR_OK;
    Wire__SnapshotRow *m = session_make(s, sizeof *m);
    if (!m)
        return ERR_MEMORY;
    wire__snapshot_row__init(m);
    m->has_kind = m->has_id = m->has_seq = 1;
    m->kind = row->kind;
    m->id = session_bytes(s, id_slice(&row->id));
    m->seq = row->seq;
    if (row->message) {
        (void)kind_strip(k, row->message, access, session_arena(s)); /* whether anything went does not matter here */
        struct slice packed = wire_pack_arena(row->message, session_arena(s));
        if (!packed.data)
            return ERR_MEMORY;
        m->has_row = 1;
        m->row = (ProtobufCBinaryData){packed.size, (uint8_t *)packed.data};
    }
    *out = m;
    return m->id.len ? ERR_OK : ERR_MEMORY;
}

/* One page of a snapshot, kind by kind. Kinds that the seat may not read are passed over unread; the arena of what is
 * read from the store is emptied between two reads, so that hidden rows cost no memory however many they are. */
struct page {
    struct session *s;
    role_set roles;
    uint32_t org;
    size_t size, size_max;
    struct arena rows;
    Wire__SnapshotPage wire;
};

/* The readable kind with the smallest number from `from` on; NULL: none. */
static const struct kind *next_kind(role_set roles, uint32_t from)
{
    size_t count;
    const struct kind *next = NULL;
    const struct kind *const *kinds = kind_all(&count);
    for (size_t i = 0; i < count; i++)
        if (kinds[i]->number >= from && kind_access(kinds[i], NULL, roles) >= ACCESS_OPEN &&
            (!next || kinds[i]->number < next->number))
            next = kinds[i];
    return next;
}

static bool is_full(const struct page *p)
{
    return p->wire.n_row > 0 && (p->size >= p->size_max || p->wire.n_row >= LIMIT_REPEATED);
}

static enum err add_rows(struct page *p, struct row *rows, size_t count, struct id *last)
{
    for (size_t i = 0; i < count && p->wire.n_row < LIMIT_REPEATED; i++) {
        Wire__SnapshotRow *m;
        enum err e = session_row_message(p->s, &rows[i], p->roles, &m);
        if (e != ERR_OK)
            return e;
        *last = rows[i].id;
        if (!m)
            continue;
        p->wire.row[p->wire.n_row++] = m;
        p->size += 40 + m->row.len;
    }
    return ERR_OK;
}

/* Rows of one kind until the page is full (*more, even if it was so before: the next page may be empty then) or the
 * kind ends. after NULL: from its first row. */
static enum err fill_kind(struct page *p, uint32_t kind, const struct id *after, bool *more)
{
    struct id last = {{0}};
    enum err e = ERR_OK;
    *more = true;
    if (after)
        last = *after;
    while (e == ERR_OK && *more && !is_full(p)) {
        struct row *rows;
        size_t count;
        arena_reset(&p->rows);
        e = store_read_rows(p->s->serving->store, p->org, kind, after ? &last : NULL, kind, p->size_max - p->size,
                            &p->rows, &rows, &count, more);
        if (e == ERR_OK && count)
            e = add_rows(p, rows, count, &last);
        if (e == ERR_OK && count && !id_equal(last, rows[count - 1].id))
            *more = true; /* the message is full before the rows are */
        after = &last;
    }
    return e;
}

static enum err fill_page(struct page *p, const Wire__SnapshotAsk *ask)
{
    struct id resumed;
    bool more = false;
    const struct id *after = NULL;
    const struct kind *k = next_kind(p->roles, ask->only_kind ? ask->only_kind : ask->after_kind);
    if (ask->has_after_id) {
        resumed = id_from(slice_of(ask->after_id.data, ask->after_id.len));
        after = &resumed;
    }
    p->wire.row = session_make(p->s, LIMIT_REPEATED * sizeof *p->wire.row);
    if (!p->wire.row)
        return ERR_MEMORY;
    for (; k && !more && (!ask->only_kind || k->number == ask->only_kind); k = next_kind(p->roles, k->number + 1)) {
        enum err e = fill_kind(p, k->number, k->number == ask->after_kind ? after : NULL, &more);
        if (e != ERR_OK)
            return e;
    }
    p->wire.has_done = 1;
    p->wire.done = !more;
    return ERR_OK;
}

void session_take_snapshot(struct session *s, const ProtobufCMessage *m, struct slice payload)
{
    const Wire__SnapshotAsk *ask = (const Wire__SnapshotAsk *)m;
    struct page p = {.s = s, .org = ask->org, .size_max = page_size(ask->size_max), .wire = WIRE__SNAPSHOT_PAGE__INIT};
    (void)payload;
    if (!session_id_is_whole(s, ask->has_after_id, ask->after_id))
        return;
    struct org_state *state = kept_org(s, ask->org, "snapshot");
    if (!state)
        return;
    p.roles = session_who(s)->roles;
    p.wire.has_org = p.wire.has_seq = p.wire.has_chain = p.wire.has_total = 1;
    p.wire.org = ask->org;
    p.wire.seq = org_state_seq(state); /* before the rows: they may only be newer */
    p.wire.chain = session_bytes(s, slice_of(org_state_chain(state), CHAIN_SIZE));
    p.wire.total = org_state_rows(state);
    p.wire.has_head_mac = 1;
    p.wire.head_mac = session_head_mac(s, ask->org, p.wire.seq, org_state_chain(state));
    org_state_destroy(state);
    arena_init(&p.rows, LIMIT_ARENA);
    enum err e = fill_page(&p, ask);
    arena_finish(&p.rows);
    if (e != ERR_OK)
        session_fail(s, "snapshot", e);
    else
        session_send(s, FRAME_SNAPSHOT_PAGE, &p.wire.base);
}

/* ---- digests ---- */

static bool reads_class(uint32_t scope, enum field_class class, role_set roles)
{
    const struct kind *k = kind_by_number(scope >> 16 == KIND_CONFLICT ? scope & 0xffff : scope);
    enum access access = k ? kind_access(k, NULL, roles) : ACCESS_NONE;
    return access == ACCESS_FULL || (access == ACCESS_OPEN && class == CLASS_OPEN);
}

static enum err add_digest(struct session *s, uint32_t scope, enum field_class class, struct digest_sum sum,
                           Wire__Digests *answer)
{
    uint8_t packed[16];
    Wire__Digest *m = session_make(s, sizeof *m);
    if (!m)
        return ERR_MEMORY;
    digest_bytes(sum, packed);
    wire__digest__init(m);
    m->has_scope = m->has_class_ = m->has_sum = 1;
    m->scope = scope;
    m->class_ = class;
    m->sum = session_bytes(s, slice_of(packed, sizeof packed));
    const struct kind *k = kind_by_number(scope >= KIND_CONFLICT << 16 ? KIND_CONFLICT : scope);
    m->has_fields = k != NULL;
    m->fields = k ? k->descriptor->fields[k->descriptor->n_fields - 1].id : 0;
    answer->digest[answer->n_digest++] = m;
    return m->sum.len ? ERR_OK : ERR_MEMORY;
}

static enum err fill_digests(struct session *s, const struct org_state *state, Wire__Digests *answer)
{
    uint32_t scope;
    enum field_class class;
    struct digest_sum sum;
    size_t count = 0;
    enum err e = ERR_OK;
    role_set roles = session_who(s)->roles;
    while (org_state_digest_at(state, count, &scope, &class, &sum))
        count++;
    answer->digest = session_make(s, (count + 1) * sizeof *answer->digest);
    if (!answer->digest)
        return ERR_MEMORY;
    for (size_t i = 0; e == ERR_OK && org_state_digest_at(state, i, &scope, &class, &sum); i++)
        if (reads_class(scope, class, roles))
            e = add_digest(s, scope, class, sum, answer);
    return e;
}

void session_take_digest(struct session *s, const ProtobufCMessage *m, struct slice payload)
{
    const Wire__DigestAsk *ask = (const Wire__DigestAsk *)m;
    Wire__Digests answer = WIRE__DIGESTS__INIT;
    (void)payload;
    struct org_state *state = kept_org(s, ask->org, "digest");
    if (!state)
        return;
    answer.has_org = answer.has_seq = 1;
    answer.org = ask->org;
    answer.seq = org_state_seq(state);
    answer.erased = session_erased(s);
    answer.has_erased = answer.erased.len > 0;
    enum err e = fill_digests(s, state, &answer);
    org_state_destroy(state);
    if (e != ERR_OK)
        session_fail(s, "digest", e);
    else
        session_send(s, FRAME_DIGESTS, &answer.base);
}
