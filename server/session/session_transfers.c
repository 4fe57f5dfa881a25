/* Members whom other branches transferred out to the asker's own: who waits, and one member's file, which goes along.
 * PROTOCOL.md, TRANSFER_ASK and "Taking a member over". Invariant: a branch reads of another one nothing but rows that stand as transferred out to itself and that
 * nobody has taken over, of these what goes along (kinds/transfer.h), and of that what the asker's roles may read at home. Every file
 * that is given out is logged. */
#include "server/session/session_frames.h"
#include "base/limits.h"
#include "base/log.h"
#include "kinds/transfer.h"
#include "server/control/messages.h"
#include "sync/derived_id.h"
#include "wire/wire.h"

#include <string.h>

#define IDS_A_LOOK 128 /* candidates that are looked up at once */

struct transfers {
    struct control_reading *reading; /* of one file with sensitive values; NULL: nothing of that kind is given */
    struct session *s;
    const struct kind *kind;
    const struct control_org *home;
    role_set roles;
    struct arena rows; /* of what is read from the store, emptied between two reads */
    size_t size;
    Wire__Transfers wire;
};

/* ---- one row ---- */

/* Somebody of the asker's branch has made the record that follows from this one, and it lives. Another branch that had the member
 * before, by mistake, is no matter here: while its record lived on, the member could not have been sent here. */
static enum err is_taken(struct transfers *t, struct id id, bool *taken)
{
    struct row row;
    struct id next;
    ProtobufCMessage *m = record_new(t->kind->descriptor, &t->rows);
    if (!m)
        return ERR_MEMORY;
    record_put_name(m, "from_member", cell_bytes(id_slice(&id)), &t->rows);
    CHECK(derived_id(t->kind, t->home->number, m, &next));
    enum err e = store_read_row(t->s->serving->store, t->kind->number, next, &t->rows, &row);
    *taken = e == ERR_OK && row.message;
    return e == ERR_NOT_FOUND ? ERR_OK : e;
}

/* Why the asker may not have it; NULL: it may. Of a row that was never sent this way nothing is told, not that it is there. */
static enum err look(struct transfers *t, struct id id, struct row *row, const char **why)
{
    bool taken = false;
    enum err e = store_read_row(t->s->serving->store, t->kind->number, id, &t->rows, row);
    *why = "TRANSFER_UNKNOWN";
    if (e == ERR_NOT_FOUND)
        return ERR_OK;
    if (e != ERR_OK || !row->message || row->org == t->home->number)
        return e;
    struct erased_fields erased;
    struct erasures known = control_erasures(t->s->serving->control);
    if (known.find(known.to, t->kind->number, id, &erased))
        return ERR_OK; /* by law: nothing of it goes along */
    struct cell to = record_get_name(row->message, "to_branch");
    if (!cell_equal(to, cell_text(t->home->code)))
        return ERR_OK;
    e = is_taken(t, id, &taken);
    *why = taken ? "TRANSFER_TAKEN" : transfer_waits(row->message, t->home->code) ? NULL : "TRANSFER_BACK";
    return e;
}

/* Who waits is known by name; the rest comes with the file. */
static ProtobufCMessage *named_file(const struct transfers *t, const ProtobufCMessage *row, struct arena *arena)
{
    ProtobufCMessage *file = record_new(t->kind->descriptor, arena);
    if (file)
        record_put_name(file, "name", record_get_name(row, "name"), arena);
    return file;
}

static ProtobufCMessage *whole_file(const struct transfers *t, const ProtobufCMessage *row, struct arena *arena)
{
    ProtobufCMessage *file = transfer_file(row, arena);
    if (file)
        (void)kind_strip(t->kind, file, kind_access(t->kind, NULL, t->roles), arena); /* whether anything went does not matter */
    return file;
}

static enum err add(struct transfers *t, const struct row *row, ProtobufCMessage *file)
{
    struct arena *arena = session_arena(t->s);
    struct cell left = record_get_name(row->message, "state_effective_on");
    Wire__Transfer *m = session_make(t->s, sizeof *m);
    struct slice packed = m && file ? wire_pack_arena(file, arena) : slice_of(NULL, 0);
    if (!m || !packed.data)
        return ERR_MEMORY;
    wire__transfer__init(m);
    m->has_id = m->has_file = 1;
    m->id = session_bytes(t->s, id_slice(&row->id));
    m->from = message_org(control_org(t->s->serving->control, row->org), arena);
    m->left_on = left.type == CELL_TEXT ? arena_text(arena, left.bytes) : NULL;
    m->file = (ProtobufCBinaryData){packed.size, (uint8_t *)packed.data};
    if (!m->id.len || !m->from || (left.type == CELL_TEXT && !m->left_on))
        return ERR_MEMORY;
    t->wire.transfer[t->wire.n_transfer++] = m;
    t->size += packed.size + 128;
    return ERR_OK;
}

/* ---- the list ---- */

static enum err add_waiting(struct transfers *t, struct id id)
{
    struct row row;
    const char *why;
    arena_reset(&t->rows);
    enum err e = look(t, id, &row, &why);
    return e != ERR_OK || why ? e : add(t, &row, named_file(t, row.message, session_arena(t->s)));
}

static bool is_full(const struct transfers *t)
{
    return t->size >= LIMIT_PAGE_SIZE || t->wire.n_transfer == LIMIT_REPEATED;
}

static enum err fill_list(struct transfers *t, struct id after)
{
    struct id ids[IDS_A_LOOK];
    size_t count = IDS_A_LOOK;
    enum err e = ERR_OK;
    struct cell code = cell_text(t->home->code);
    for (unsigned looks = 0; e == ERR_OK && count == IDS_A_LOOK && !is_full(t) && looks < LIMIT_ROWS_SEARCHED; looks++) {
        e = store_find_value(t->s->serving->store, t->kind->number, "to_branch", code, &after, ids, IDS_A_LOOK, &count);
        size_t i = 0;
        for (; e == ERR_OK && i < count && !is_full(t); i++) {
            e = add_waiting(t, ids[i]);
            after = ids[i];
        }
        t->wire.done = i == count && count < IDS_A_LOOK;
    }
    t->wire.has_after_id = !t->wire.done;
    t->wire.after_id = session_bytes(t->s, id_slice(&after));
    return e != ERR_OK || t->wire.after_id.len ? e : ERR_MEMORY;
}

/* ---- one file ---- */

static void log_read(struct transfers *t, const struct row *row)
{
    char id[ID_TEXT_SIZE];
    const struct control_org *from = control_org(t->s->serving->control, row->org);
    id_text(row->id, id);
    log_info("transfer", "seat %u of %s read the file of member %s of %s", t->s->seat, t->home->code, id, from ? from->code : "?");
}

/* Which of the file's fields are sensitive; the branch that sent the member hears that they were given, and to whom. */
static enum err note_reading(struct transfers *t, const struct row *row, const ProtobufCMessage *file)
{
    struct buf fields = BUF_INIT, roles = BUF_INIT;
    struct control_reading *r = session_make(t->s, sizeof *r);
    for (size_t i = 0; i < t->kind->field_count; i++)
        if (t->kind->fields[i].flags & FIELD_SENSITIVE && record_get_name(file, t->kind->fields[i].name).type != CELL_ABSENT)
            buf_format(&fields, "%s%s", fields.size ? "," : "", t->kind->fields[i].name);
    if (r && fields.size) {
        role_set_text(t->roles, &roles);
        *r = (struct control_reading){.org = row->org, .at_ms = t->s->serving->now_ms(), .seat = t->s->seat, .kind = t->kind->number, .id = row->id, .records = 1};
        r->roles = arena_text(session_arena(t->s), buf_slice(&roles));
        r->fields = arena_text(session_arena(t->s), buf_slice(&fields));
        t->reading = r;
    }
    bool noted = r && (!t->reading || (r->roles && r->fields));
    buf_finish(&fields);
    buf_finish(&roles);
    return noted ? ERR_OK : ERR_MEMORY;
}

static enum err fill_file(struct transfers *t, struct id id, const char **why)
{
    struct row row;
    t->wire.done = 1;
    enum err e = look(t, id, &row, why);
    if (e != ERR_OK || *why)
        return e;
    ProtobufCMessage *file = whole_file(t, row.message, session_arena(t->s));
    e = add(t, &row, file);
    if (e == ERR_OK)
        e = note_reading(t, &row, file);
    if (e == ERR_OK)
        log_read(t, &row);
    return e;
}

static const char *text_of(const char *why)
{
    return strcmp(why, "TRANSFER_TAKEN") == 0  ? "this member has been taken over already"
           : strcmp(why, "TRANSFER_BACK") == 0 ? "the branch before has the member back"
                                               : "no branch has transferred such a member out to this one";
}

/* ---- both ---- */

static bool may_ask(struct transfers *t, uint32_t number)
{
    if (t->home && t->home->leaf && kind_may(t->kind, t->roles, RIGHT_ADD))
        return true;
    session_answer_error(t->s, number, "RIGHT", "this seat's roles may not take members over", NULL);
    return false;
}

void session_take_transfers(struct session *s, const ProtobufCMessage *m, struct slice payload)
{
    const Wire__TransferAsk *ask = (const Wire__TransferAsk *)m;
    struct transfers t = {.s = s, .kind = kind_by_number(TRANSFER_KIND), .wire = WIRE__TRANSFERS__INIT};
    const char *why = NULL;
    (void)payload;
    if (!session_id_is_whole(s, ask->has_id, ask->id) || !session_id_is_whole(s, ask->has_after_id, ask->after_id))
        return;
    t.home = control_org(s->serving->control, session_who(s)->org);
    t.roles = session_who(s)->roles;
    if (!may_ask(&t, ask->number))
        return;
    struct id after = ask->has_after_id ? id_from(slice_of(ask->after_id.data, ask->after_id.len)) : (struct id){{0}};
    t.wire.has_number = t.wire.has_done = 1;
    t.wire.number = ask->number;
    t.wire.transfer = session_make(s, LIMIT_REPEATED * sizeof *t.wire.transfer);
    arena_init(&t.rows, LIMIT_ARENA);
    enum err e = !t.wire.transfer ? ERR_MEMORY
                 : ask->has_id    ? fill_file(&t, id_from(slice_of(ask->id.data, ask->id.len)), &why)
                                  : fill_list(&t, after);
    arena_finish(&t.rows);
    if (e != ERR_OK)
        session_fail(s, "transfers", e);
    else if (why)
        session_answer_error(s, ask->number, why, text_of(why), "id");
    else if (t.reading)
        session_answer_read(s, FRAME_TRANSFERS, &t.wire.base, t.reading);
    else
        session_answer(s, ask->number, FRAME_TRANSFERS, &t.wire.base);
}
