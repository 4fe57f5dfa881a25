/* Readings: that somebody who is not of a branch was given sensitive values of its records (architecture 6: audited).
 * The branch's chair is told with each WELCOME what came since the last. Invariant: an answer with such values goes
 * only once its reading is in the control journal (session_answer_read), so it outlives kill -9 and a restore, like a
 * revocation. Rights give such values to no district role; the file of a member who was transferred out gives them to
 * the branch that takes the member over. */
#include "server/session/session_frames.h"
#include "server/control/messages.h"
#include "server/store/store_control.h"

#define READINGS_MAX 256 /* of a WELCOME; the rest with the next */

static enum err add_one(struct session *s, struct db_statement *q, Wire__Welcome *welcome)
{
    Wire__Reading *m = session_make(s, sizeof *m);
    if (!m)
        return ERR_MEMORY;
    wire__reading__init(m);
    struct arena *arena = session_arena(s);
    const struct control_seat *who = control_seat(s->serving->control, (uint32_t)db_integer(q, 2));
    const struct control_org *of = who ? control_org(s->serving->control, who->org) : NULL;
    struct slice id = db_blob(q, 5);
    m->has_number = m->has_at_ms = m->has_seat = m->has_kind = m->has_records = 1;
    m->number = (uint64_t)db_integer(q, 0);
    m->at_ms = db_integer(q, 1);
    m->seat = (uint32_t)db_integer(q, 2);
    m->person = who ? (char *)who->person : NULL;
    m->roles = arena_text(arena, db_text(q, 3));
    m->org = of ? message_org(of, arena) : NULL;
    m->kind = (uint32_t)db_integer(q, 4);
    m->has_id = id.size == ID_SIZE;
    m->id = m->has_id ? session_bytes(s, id) : (ProtobufCBinaryData){0};
    m->records = (uint32_t)db_integer(q, 6);
    m->fields = arena_text(arena, db_text(q, 7));
    welcome->reading[welcome->n_reading++] = m;
    return m->roles && m->fields && (m->org || !of) && (m->id.data || !m->has_id) ? ERR_OK : ERR_MEMORY;
}

/* A restore that took the backup's journal knows of no reading since that backup. */
static enum err add_lost(struct session *s, Wire__Welcome *welcome)
{
    struct control_jump jump;
    enum err e = store_control_jumps(store_db(s->serving->store), &jump);
    if (e == ERR_NOT_FOUND)
        return ERR_OK;
    welcome->has_readings_lost_ms = e == ERR_OK;
    welcome->readings_lost_ms = e == ERR_OK ? jump.at_ms : 0;
    return e;
}

enum err session_add_readings(struct session *s, const Wire__Hello *hello, Wire__Welcome *welcome)
{
    struct db_statement *q;
    bool row = true;
    const struct control_seat *who = session_who(s);
    if (!(who->roles & ROLES(union_chair)) || who->state != SEAT_ACTIVE)
        return ERR_OK;
    welcome->reading = session_make(s, READINGS_MAX * sizeof *welcome->reading);
    enum err e = welcome->reading
                     ? store_control_readings(store_db(s->serving->store), who->org, hello->reading_number, hello->reading_ms, READINGS_MAX, &q)
                     : ERR_MEMORY;
    if (e != ERR_OK)
        return e;
    while (e == ERR_OK && (e = db_step(q, &row)) == ERR_OK && row)
        e = add_one(s, q, welcome);
    db_reset(q);
    return e == ERR_OK ? add_lost(s, welcome) : e;
}
