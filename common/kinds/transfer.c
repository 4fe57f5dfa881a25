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

/* What the record was made of, where that can be looked at. */
struct origin {
    const ProtobufCMessage *row; /* NULL: there is none */
    uint32_t org;
    const char *code; /* of org */
    const char *here; /* the code of the org that takes the member over */
};

static bool find_origin(const struct check_context *c, struct origin *out)
{
    const Record__Member *m = member_of(c->after);
    bool known;
    if (!m->has_from_member || m->from_member.len != ID_SIZE || !c->anywhere || !c->org_code)
        return false;
    struct id id = id_from(slice_of(m->from_member.data, m->from_member.len));
    out->row = c->anywhere(c->related_to, KIND_MEMBER, id, &out->org, &known);
    if (!known)
        return false;
    out->code = out->row ? c->org_code(c->related_to, out->org) : NULL;
    out->here = c->org_code(c->related_to, c->org);
    return out->here != NULL;
}

/* Nobody is taken over who was not sent here: an id alone, which others may know, gives no claim. Who comes back to the record here was
 * sent once; only to be sent elsewhere since then ends that. */
static void check_sent(const struct check_context *c, const struct origin *o, struct findings *out)
{
    const char *from = member_of(c->after)->from_branch;
    bool waits = o->row && o->org != c->org && transfer_waits(o->row, o->here);
    bool ended = !o->row || !is_in(o->row, "transferred_out");
    if (o->row && counts(o->row))
        findings_add(out, SEVERITY_BLOCK, "member.taken_back", NULL, from, NULL);
    else if (!waits && !(c->before && ended))
        findings_add(out, SEVERITY_BLOCK, "member.not_sent", NULL, NULL, NULL);
}

static void check_from_branch(const struct check_context *c, const struct origin *o, struct findings *out)
{
    const char *from = member_of(c->after)->from_branch;
    if (o->code && (!from || strcmp(from, o->code) != 0))
        findings_add(out, SEVERITY_BLOCK, "member.from_branch", "from_branch", o->code, NULL);
}

/* The branch that the member went to may have taken them over. Who has left there may come back here. */
static void check_successor(const struct check_context *c, struct findings *out)
{
    const char *to = member_of(c->after)->to_branch;
    Record__Member like = RECORD__MEMBER__INIT;
    bool known;
    uint32_t org = to && c->namesake && c->org_number ? c->org_number(c->related_to, to) : 0;
    if (!org)
        return;
    like.has_from_member = 1;
    like.from_member = (ProtobufCBinaryData){ID_SIZE, (uint8_t *)c->id.bytes};
    const ProtobufCMessage *next = c->namesake(c->related_to, KIND_MEMBER, org, &like.base, &known);
    if (known && next && !is_in(next, "withdrawn") && !is_in(next, "lapsed"))
        findings_add(out, SEVERITY_BLOCK, "member.taken_over", NULL, to, NULL);
}

/* A district's codes are of one make: letters, and as many digits. */
static bool looks_alike(const char *a, const char *b)
{
    for (; *a && *b; a++, b++) {
        bool digits = *a >= '0' && *a <= '9' && *b >= '0' && *b <= '9';
        if (!digits && *a != *b)
            return false;
    }
    return *a == *b;
}

/* Where a code is given it is one that there is, and another's: nobody else could take the member over. The server alone knows them
 * all; a device knows its own, and what codes look like here. */
static void check_to_branch(const struct check_context *c, struct findings *out)
{
    const char *to = member_of(c->after)->to_branch;
    const char *own = to && c->org_number && c->org_code ? c->org_code(c->related_to, c->org) : NULL;
    if (!own)
        return;
    uint32_t number = c->org_number(c->related_to, to);
    if (strcmp(to, own) == 0)
        findings_add(out, SEVERITY_BLOCK, "member.to_own_branch", "to_branch", to, NULL);
    else if (!number)
        findings_add(out, SEVERITY_BLOCK, "member.to_branch", "to_branch", to, NULL);
    else if (number == ORG_UNKNOWN && !looks_alike(to, own))
        findings_add(out, SEVERITY_WARN, "member.to_branch_odd", "to_branch", to, own);
}

/* ---- the order of days: dues are owed by them (kinds/dues.h) ---- */

/* SM-MEMBERSHIP: one person is never active in two branches, nor owes two of them a month. */
static void check_came(const struct check_context *c, const struct origin *o, struct findings *out)
{
    struct date came = check_date(c->after, "transferred_in_on"), left = {0};
    char text[DATE_TEXT_SIZE];
    if (o->row && is_in(o->row, "transferred_out"))
        left = check_date(o->row, "state_effective_on");
    if (!date_is_valid(came) || !date_is_valid(left) || date_compare(came, left) >= 0)
        return;
    date_text(left, text);
    findings_add(out, SEVERITY_BLOCK, "member.came_early", "transferred_in_on", c->arena ? arena_text(c->arena, slice_text(text)) : NULL, NULL);
}

static bool is_before(const struct check_context *c, const ProtobufCMessage *row, const char *field, struct date on)
{
    struct date other = row ? check_date(row, field) : (struct date){0};
    return date_is_valid(other) && date_compare(on, other) < 0 && (row != c->before || check_changed(c, field));
}

/* A step that is dated before what it follows on, or after today: it counts by its date all the same. */
static void check_order(const struct check_context *c, struct findings *out)
{
    static const char field[] = "state_effective_on";
    struct date on = check_date(c->after, field);
    if (!date_is_valid(on) || !check_changed(c, field))
        return;
    if (date_is_valid(c->today) && date_compare(on, c->today) > 0)
        findings_add(out, SEVERITY_WARN, "member.step_future", field, NULL, NULL);
    if (c->action && is_before(c, c->before, field, on))
        findings_add(out, SEVERITY_WARN, "member.step_order", field, ((const Record__Member *)c->before)->state_effective_on, NULL);
    else if (is_before(c, c->after, "joined_on", on) && !is_in(c->after, "applied"))
        findings_add(out, SEVERITY_WARN, "member.step_before_joining", field, member_of(c->after)->joined_on, NULL);
    else if (is_before(c, c->after, "transferred_in_on", on))
        findings_add(out, SEVERITY_WARN, "member.step_before_joining", field, member_of(c->after)->transferred_in_on, NULL);
}

void transfer_check(const struct check_context *c, struct findings *out)
{
    if (check_changed(c, "to_branch"))
        check_to_branch(c, out);
    bool begins = counts(c->after) && (!c->before || !counts(c->before)), named = check_changed(c, "from_branch");
    bool came = check_changed(c, "transferred_in_on");
    struct origin origin;
    check_order(c, out);
    if ((begins || named || came) && find_origin(c, &origin)) {
        if (came)
            check_came(c, &origin, out);
        if (begins)
            check_sent(c, &origin, out);
        if (named)
            check_from_branch(c, &origin, out);
    }
    if (begins && c->before)
        check_successor(c, out);
}
