/* Rows that a district seat, or a command that needs the server, asks for: a list, or one record by its id or the
 * beginning of it. PROTOCOL.md "Questions". Invariant: an org outside the asker's reach does not exist for it, and no
 * answer holds a field that its roles may not read, not of the rows asked for and not of those that they name. */
#include "server/session/session_frames.h"
#include "base/limits.h"

#include <string.h>

#define FOUND_MAX 16        /* records that share the beginning of an id: the asker has to say more of it */
#define CANDIDATES_MAX 1024 /* such records of all orgs that are looked at */

struct asked {
    struct session *s;
    const Wire__RowsAsk *ask;
    const struct kind *kind;
    role_set roles;
    struct arena rows; /* of what is read from the store, emptied between two reads */
    struct named named;
    Wire__Rows wire;
};

/* ---- rows ---- */

static bool is_wanted(const struct asked *a, const struct row *row)
{
    const char *state = row->message ? kind_state_of(a->kind, row->message) : NULL;
    return row->message && (!a->ask->state || (state && strcmp(state, a->ask->state) == 0));
}

static enum err add_row(struct asked *a, const struct row *row)
{
    Wire__SnapshotRow *m;
    if (!is_wanted(a, row))
        return ERR_OK;
    enum err e = session_row_message(a->s, row, a->roles, &m);
    if (e != ERR_OK || !m)
        return e;
    a->wire.row[a->wire.n_row++] = m;
    return session_name_references(&a->named, a->kind, row->message);
}

/* Up to where rows were looked at, told by one that the asker may read if there is any. */
static void note_place(const struct asked *a, const struct row *rows, size_t count, struct id *place)
{
    size_t i = count;
    while (i > 0 && (!rows[i - 1].message || kind_access(a->kind, rows[i - 1].message, a->roles) < ACCESS_OPEN))
        i--;
    if (count > 0)
        *place = rows[i > 0 ? i - 1 : count - 1].id;
}

/* A page of the org's rows; where none of them is wanted the next, and so on for a while: the answer says up to where
 * was looked. */
static enum err fill_list(struct asked *a, uint32_t org)
{
    const Wire__RowsAsk *ask = a->ask;
    struct id after = {{0}};
    bool resumed = ask->has_after_id, more = true;
    if (resumed)
        after = id_from(slice_of(ask->after_id.data, ask->after_id.len));
    for (unsigned pages = 0; more && a->wire.n_row == 0 && pages < LIMIT_ROWS_SEARCHED; pages++) {
        struct row *rows;
        size_t count;
        arena_reset(&a->rows);
        enum err e = store_read_rows(a->s->serving->store, org, ask->kind, resumed ? &after : NULL, ask->kind,
                                     LIMIT_PAGE_SIZE, &a->rows, &rows, &count, &more);
        if (e == ERR_OK && !(a->wire.row = session_make(a->s, (count + 1) * sizeof *a->wire.row)))
            e = ERR_MEMORY;
        if (e == ERR_OK)
            note_place(a, rows, count, &after); /* before fields are taken out of them */
        for (size_t i = 0; e == ERR_OK && i < count; i++)
            e = add_row(a, &rows[i]);
        if (e != ERR_OK)
            return e;
        resumed = resumed || count > 0;
    }
    a->wire.done = !more;
    a->wire.has_after_id = more;
    a->wire.after_id = session_bytes(a->s, id_slice(&after));
    return !more || a->wire.after_id.len ? ERR_OK : ERR_MEMORY;
}

/* org 0: wherever the asker may look. */
static enum err add_found(struct asked *a, uint32_t org, struct id id)
{
    struct row row;
    arena_reset(&a->rows);
    enum err e = store_read_row(a->s->serving->store, a->ask->kind, id, &a->rows, &row);
    if (e != ERR_OK || (org && row.org != org) || !session_reaches(a->s, row.org, REACH_KEPT))
        return e;
    size_t before = a->wire.n_row;
    e = add_row(a, &row);
    if (a->wire.n_row > before)
        a->wire.org = row.org;
    return e;
}

static enum err fill_found(struct asked *a, uint32_t org)
{
    struct id found[CANDIDATES_MAX];
    size_t count;
    const Wire__RowsAsk *ask = a->ask;
    unsigned bits = ask->has_id_bits && ask->id_bits < ID_SIZE * 8 ? ask->id_bits : ID_SIZE * 8;
    a->wire.done = 1;
    a->wire.row = session_make(a->s, FOUND_MAX * sizeof *a->wire.row);
    if (!a->wire.row)
        return ERR_MEMORY;
    enum err e = store_find_prefix(a->s->serving->store, ask->kind, id_from(slice_of(ask->id.data, ask->id.len)), bits,
                                   found, CANDIDATES_MAX, &count);
    for (size_t i = 0; e == ERR_OK && i < count && a->wire.n_row < FOUND_MAX; i++)
        e = add_found(a, org, found[i]);
    return e;
}

static enum err fill(struct asked *a, uint32_t org)
{
    enum err e = ERR_MEMORY;
    bool room = session_name_begin(&a->named, a->s, &a->rows);
    arena_init(&a->rows, LIMIT_ARENA);
    if (room && a->ask->has_id)
        e = fill_found(a, a->ask->has_org || a->ask->org_code ? org : 0);
    else if (room)
        e = fill_list(a, org);
    arena_finish(&a->rows);
    a->wire.named = a->named.list;
    a->wire.n_named = a->named.count;
    return e;
}

void session_take_rows(struct session *s, const ProtobufCMessage *m, struct slice payload)
{
    const Wire__RowsAsk *ask = (const Wire__RowsAsk *)m;
    struct asked a = {.s = s, .ask = ask, .kind = kind_by_number(ask->kind), .wire = WIRE__ROWS__INIT};
    (void)payload;
    if (!session_id_is_whole(s, ask->has_id, ask->id) || !session_id_is_whole(s, ask->has_after_id, ask->after_id))
        return;
    const struct control_org *org = session_asked_org(s, ask->number, ask->org, ask->org_code, REACH_KEPT);
    if (!org)
        return;
    a.roles = session_who(s)->roles;
    if (!a.kind || kind_access(a.kind, NULL, a.roles) < ACCESS_OPEN) {
        session_answer_error(s, ask->number, "RIGHT", "this seat's roles may not read these records", NULL);
        return;
    }
    a.wire.has_number = a.wire.has_org = a.wire.has_done = 1;
    a.wire.number = ask->number;
    a.wire.org = org->number;
    enum err e = fill(&a, org->number);
    if (e != ERR_OK)
        session_fail(s, "rows", e);
    else
        session_answer(s, ask->number, FRAME_ROWS, &a.wire.base);
}
