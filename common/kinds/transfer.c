/* See transfer.h. */
#include "kinds/transfer.h"
#include "kinds/member.h"
#include "kinds/rules.h"
#include "membership.pb-c.h"
#include <string.h>

static const Record__Member *member_of(const ProtobufCMessage *m)
{
    return (const Record__Member *)m;
}

static bool is_in(const ProtobufCMessage *m, const char *state)
{
    const char *now = kind_state_of(&kind_member, m);
    return now && strcmp(now, state) == 0;
}

bool transfer_waits(const ProtobufCMessage *m, const char *code)
{
    const char *to = member_of(m)->to_branch;
    return is_in(m, "transferred_out") && to && strcmp(to, code) == 0;
}

ProtobufCMessage *transfer_file(const ProtobufCMessage *m, struct arena *arena)
{
    static const char *const along[] = {"name",   "sex",  "birth_date", "ethnicity",       "education",     "political_status", "id_type",
                                        "id_number", "mobile", "post",  "title", "employment_type", "work_start_on", "joined_on"};
    ProtobufCMessage *file = record_new(m->descriptor, arena);
    for (size_t i = 0; file && i < COUNT(along); i++)
        record_put_name(file, along[i], record_get_name(m, along[i]), arena);
    return file;
}

ProtobufCMessage *transfer_record(const ProtobufCMessage *file, struct id from, const char *branch, struct date on, struct arena *arena)
{
    ProtobufCMessage *m = transfer_file(file, arena);
    char *day = arena_alloc(arena, DATE_TEXT_SIZE), *code = arena_text(arena, slice_text(branch));
    struct slice id = arena_copy(arena, id_slice(&from));
    if (!m || !day || !code || !id.data)
        return NULL;
    date_text(on, day);
    record_put_name(m, "from_member", cell_bytes(id), arena);
    record_put_name(m, "from_branch", cell_text(code), arena);
    record_put_name(m, "transferred_in_on", cell_text(day), arena);
    record_put_name(m, "state", cell_text("active"), arena);
    record_put_name(m, "state_effective_on", cell_text(day), arena);
    return m;
}

/* ---- the record that is made follows from the one that it was made of ---- */

#define MS_BYTES 6 /* an id begins with the milliseconds in which it was made */

bool transfer_identity(const ProtobufCMessage *row, struct date *day, struct buf *key)
{
    const Record__Member *m = member_of(row);
    int64_t ms = 0;
    if (!m->has_from_member || m->from_member.len != ID_SIZE)
        return false;
    for (size_t i = 0; i < MS_BYTES; i++)
        ms = ms << 8 | m->from_member.data[i];
    *day = date_of_ms(ms, 0);
    buf_append(key, m->from_member.data, ID_SIZE);
    return true;
}

/* ---- what holds between two branches ---- */

/* The record says that the person is a member now, or wishes to be. */
static bool counts(const ProtobufCMessage *m)
{
    return is_in(m, "applied") || is_in(m, "active") || is_in(m, "retained");
}

/* The branch that the member came from may have taken them back. */
static void check_origin(const struct check_context *c, struct findings *out)
{
    const Record__Member *m = member_of(c->after);
    bool known;
    if (!m->has_from_member || m->from_member.len != ID_SIZE || !c->anywhere)
        return;
    const ProtobufCMessage *old =
        c->anywhere(c->related_to, KIND_MEMBER, id_from(slice_of(m->from_member.data, m->from_member.len)), &known);
    if (known && old && counts(old))
        findings_add(out, SEVERITY_BLOCK, "member.taken_back", NULL, m->from_branch, NULL);
}

/* The branch that the member went to may have taken them over. Who has left there may come back here. */
static void check_successor(const struct check_context *c, struct findings *out)
{
    Record__Member like = RECORD__MEMBER__INIT;
    bool known;
    if (!c->namesake)
        return;
    like.has_from_member = 1;
    like.from_member = (ProtobufCBinaryData){ID_SIZE, (uint8_t *)c->id.bytes};
    const ProtobufCMessage *next = c->namesake(c->related_to, KIND_MEMBER, &like.base, &known);
    if (known && next && !is_in(next, "withdrawn") && !is_in(next, "lapsed"))
        findings_add(out, SEVERITY_BLOCK, "member.taken_over", NULL, member_of(c->after)->to_branch, NULL);
}

void transfer_check(const struct check_context *c, struct findings *out)
{
    bool begins = counts(c->after) && (!c->before || !counts(c->before));
    if (!begins)
        return;
    check_origin(c, out);
    if (c->before)
        check_successor(c, out);
}
