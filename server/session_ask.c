/* What a district seat, or a command that needs the server, asks: rows, history, the board. PROTOCOL.md "Questions".
 * Invariant: an org outside the asker's subtree does not exist for it, and no answer holds a field that its roles may not read. */
#include "base/limits.h"
#include "server/overview.h"
#include "server/session_frames.h"
#include "wire/wire.h"

#include <string.h>

#define NAMED_MAX 512

static void *make(struct session *s, size_t size)
{
    return arena_alloc(session_arena(s), size);
}

/* The seat's own org and all below, whose board is the asker's too, or also those above, whose rows it keeps. */
enum reach { REACH_SUBTREE, REACH_KEPT };

static bool reaches(struct session *s, uint32_t org, enum reach reach)
{
    return control_in_subtree(s->serving->control, session_who(s)->org, org) || (reach == REACH_KEPT && session_keeps(s, org));
}

/* The org that is meant, if the seat may ask about it; NULL and answered otherwise. number 0 and no code: its own. */
static const struct control_org *asked_org(struct session *s, uint32_t request, uint32_t number, const char *code, enum reach reach)
{
    struct control *control = s->serving->control;
    const struct control_org *org = code ? control_org_by_code(control, code)
                                         : control_org(control, number ? number : session_who(s)->org);
    if (org && reaches(s, org->number, reach))
        return org;
    session_answer_error(s, request, "ASK_ORG", "no such branch in this seat's part of the union", "branch");
    return NULL;
}

/* ---- rows ---- */

/* Leaves a row with the fields by which people name it. */
static void keep_naming(const struct kind *k, ProtobufCMessage *m, struct arena *arena)
{
    for (size_t i = 0; i < k->field_count; i++) {
        bool naming = false;
        for (size_t n = 0; k->naming && k->naming[n]; n++)
            naming = naming || strcmp(k->naming[n], k->fields[i].name) == 0;
        if (!naming)
            record_put_name(m, k->fields[i].name, (struct cell){.type = CELL_ABSENT}, arena);
    }
    m->n_unknown_fields = 0;
}

static bool named_already(const Wire__Rows *answer, struct id id)
{
    for (size_t i = 0; i < answer->n_named; i++)
        if (memcmp(answer->named[i]->id.data, id.bytes, ID_SIZE) == 0)
            return true;
    return false;
}

static void add_named(struct session *s, Wire__Rows *answer, uint32_t kind, struct id id, role_set roles)
{
    struct row row;
    if (answer->n_named == NAMED_MAX || named_already(answer, id) ||
        store_read_row(s->serving->store, kind, id, session_arena(s), &row) != ERR_OK || !row.message || !reaches(s, row.org, REACH_KEPT))
        return;
    keep_naming(kind_by_number(kind), row.message, session_arena(s));
    Wire__SnapshotRow *m = session_row_message(s, &row, roles);
    if (m)
        answer->named[answer->n_named++] = m;
}

/* The records that a row points to, so that a list can say names instead of numbers. */
static void add_references(struct session *s, Wire__Rows *answer, const struct row *row, role_set roles)
{
    const struct kind *k = kind_by_number(row->kind);
    for (size_t i = 0; row->message && i < k->field_count; i++) {
        struct cell cell = {.type = CELL_ABSENT};
        if (k->fields[i].reference)
            cell = record_get_name(row->message, k->fields[i].name);
        if (cell.type == CELL_BYTES && cell.bytes.size == ID_SIZE)
            add_named(s, answer, k->fields[i].reference, id_from(cell.bytes), roles);
    }
}

static void add_row(struct session *s, Wire__Rows *answer, const struct row *row, const Wire__RowsAsk *ask, role_set roles)
{
    const struct kind *k = kind_by_number(row->kind);
    const char *state = row->message ? kind_state_of(k, row->message) : NULL;
    if (!row->message || (ask->state && (!state || strcmp(state, ask->state) != 0)))
        return;
    add_references(s, answer, row, roles);
    if ((answer->row[answer->n_row] = session_row_message(s, row, roles)))
        answer->n_row++;
}

static enum err fill_list(struct session *s, const Wire__RowsAsk *ask, uint32_t org, role_set roles, Wire__Rows *answer)
{
    struct row *rows;
    size_t count;
    bool more;
    struct id after;
    bool resumed = ask->after_id.len == ID_SIZE;
    if (resumed)
        after = id_from(slice_of(ask->after_id.data, ask->after_id.len));
    do {
        enum err e = store_read_rows(s->serving->store, org, ask->kind, resumed ? &after : NULL, ask->kind, LIMIT_PAGE_SIZE,
                                     session_arena(s), &rows, &count, &more);
        if (e == ERR_OK && !(answer->row = make(s, (count + 1) * sizeof *answer->row)))
            e = ERR_MEMORY;
        if (e != ERR_OK)
            return e;
        for (size_t i = 0; i < count; i++)
            add_row(s, answer, &rows[i], ask, roles);
        if (count > 0) {
            after = rows[count - 1].id;
            resumed = true;
        }
    } while (more && answer->n_row == 0);
    answer->done = !more;
    return ERR_OK;
}

#define FOUND_MAX 16

static enum err fill_found(struct session *s, const Wire__RowsAsk *ask, uint32_t org, role_set roles, Wire__Rows *answer)
{
    struct id found[FOUND_MAX];
    size_t count;
    unsigned bits = ask->has_id_bits ? ask->id_bits : ID_SIZE * 8;
    answer->done = 1;
    answer->row = make(s, (FOUND_MAX + 1) * sizeof *answer->row);
    if (!answer->row)
        return ERR_MEMORY;
    enum err e = store_find_prefix(s->serving->store, ask->kind, id_from(slice_of(ask->id.data, ask->id.len)),
                                   bits > ID_SIZE * 8 ? ID_SIZE * 8 : bits, found, FOUND_MAX, &count);
    for (size_t i = 0; e == ERR_OK && i < count; i++) {
        struct row row;
        e = store_read_row(s->serving->store, ask->kind, found[i], session_arena(s), &row);
        if (e == ERR_OK && (!org || row.org == org) && reaches(s, row.org, REACH_KEPT)) {
            add_row(s, answer, &row, ask, roles);
            answer->org = row.org;
        }
    }
    return e;
}

static bool id_is_whole(struct session *s, protobuf_c_boolean has, ProtobufCBinaryData id)
{
    if (!has || id.len == ID_SIZE)
        return true;
    session_refuse(s, err_name(ERR_PROTOCOL), "an id that has not 16 bytes", ERR_PROTOCOL);
    return false;
}

void session_take_rows(struct session *s, const Wire__RowsAsk *ask)
{
    Wire__Rows answer = WIRE__ROWS__INIT;
    const struct kind *k = kind_by_number(ask->kind);
    if (!id_is_whole(s, ask->has_id, ask->id) || !id_is_whole(s, ask->has_after_id, ask->after_id))
        return;
    const struct control_org *org = asked_org(s, ask->number, ask->org, ask->org_code, REACH_KEPT);
    if (!org)
        return;
    role_set roles = session_who(s)->roles;
    if (!k || kind_access(k, NULL, roles) < ACCESS_OPEN) {
        session_answer_error(s, ask->number, "RIGHT", "this seat's roles may not read these records", NULL);
        return;
    }
    answer.has_number = answer.has_org = answer.has_done = 1;
    answer.number = ask->number;
    answer.org = org->number;
    answer.named = make(s, (NAMED_MAX + 1) * sizeof *answer.named);
    bool one = ask->id.len == ID_SIZE;
    bool named_org = ask->has_org || ask->org_code;
    enum err e = !answer.named ? ERR_MEMORY
                 : one         ? fill_found(s, ask, named_org ? org->number : 0, roles, &answer)
                               : fill_list(s, ask, org->number, roles, &answer);
    if (e != ERR_OK)
        session_fail(s, "rows", e);
    else
        session_answer(s, ask->number, FRAME_ROWS, &answer.base);
}

/* ---- history ---- */

#define HISTORY_MAX 1000
#define HISTORY_SIZE_MAX (3u * LIMIT_PAGE_SIZE) /* leaves room for the authors' names */

/* Where the newest begin that fit into one answer: a plan's text may have been rewritten often. */
static size_t first_that_fits(const struct entry *entries, size_t count)
{
    size_t size = 0;
    while (count > 0) {
        const struct entry *e = &entries[count - 1];
        size += 256 + e->change.size + e->effects.size;
        if (size > HISTORY_SIZE_MAX)
            break;
        count--;
    }
    return count;
}

/* Of an author no more is told than the entry itself tells this reader. */
static enum err fill_history(struct session *s, struct entry *entries, size_t count, Wire__History *answer)
{
    role_set roles = session_who(s)->roles;
    size_t first = first_that_fits(entries, count);
    answer->entry = make(s, (count + 1) * sizeof *answer->entry);
    answer->author = make(s, (count + 1) * sizeof *answer->author);
    if (!answer->entry || !answer->author)
        return ERR_MEMORY;
    answer->has_cut = 1;
    answer->cut = first > 0 || count == HISTORY_MAX;
    for (size_t i = first; i < count; i++) {
        entry_strip(&entries[i], roles, session_arena(s));
        if (entries[i].identity.n)
            session_add_author(s, answer->author, &answer->n_author, entries[i].identity.seat);
        answer->entry[answer->n_entry++] = entry_wire(&entries[i], session_arena(s));
    }
    return ERR_OK;
}

void session_take_history(struct session *s, const Wire__HistoryAsk *ask)
{
    struct entry *entries;
    size_t count;
    Wire__History answer = WIRE__HISTORY__INIT;
    const struct kind *k = kind_by_number(ask->kind);
    if (!id_is_whole(s, true, ask->id))
        return;
    const struct control_org *org = asked_org(s, ask->number, ask->org, NULL, REACH_KEPT);
    if (!org)
        return;
    role_set roles = session_who(s)->roles;
    if (!k || kind_access(k, NULL, roles) < ACCESS_OPEN) {
        session_answer_error(s, ask->number, "RIGHT", "this seat's roles may not read these records", NULL);
        return;
    }
    answer.has_number = 1;
    answer.number = ask->number;
    enum err e = store_read_record_history(s->serving->store, org->number, ask->kind, id_from(slice_of(ask->id.data, ask->id.len)),
                                           HISTORY_MAX, session_arena(s), &entries, &count);
    if (e == ERR_OK)
        e = fill_history(s, entries, count, &answer);
    if (e != ERR_OK)
        session_fail(s, "history", e);
    else
        session_answer(s, ask->number, FRAME_HISTORY, &answer.base);
}

/* ---- the board ---- */

void session_take_overview(struct session *s, const Wire__OverviewAsk *ask)
{
    Wire__Overview answer = WIRE__OVERVIEW__INIT;
    const struct control_org *org = asked_org(s, ask->number, 0, ask->org_code, REACH_SUBTREE);
    if (!org)
        return;
    int64_t now = s->serving->now_ms();
    answer.has_number = 1;
    answer.number = ask->number;
    enum err e = overview_make(s->serving->store, s->serving->control, org->number, session_who(s)->roles,
                               date_of_ms(now, 8 * 60), now, session_arena(s), &answer);
    if (e != ERR_OK)
        session_fail(s, "overview", e);
    else
        session_answer(s, ask->number, FRAME_OVERVIEW, &answer.base);
}
