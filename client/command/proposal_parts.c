/* See proposal_parts.h. */
#include "client/command/proposal_parts.h"
#include "client/command/row_list.h"
#include "wire/wire.h"

#include <jansson.h>
#include <string.h>

/* ---- collecting ---- */

struct search {
    struct seat *seat;
    const char *field;
    struct id proposal;
    struct part_rows *rows;
    enum err failed;
};

static enum err keep(struct search *w, const struct replica_row *row)
{
    struct part_rows *rows = w->rows;
    ProtobufCMessage *copy;
    enum err e = wire_copy(row->message, &w->seat->arena, &copy);
    if (e != ERR_OK)
        return e;
    struct replica_row *list = arena_grow(&w->seat->arena, rows->list, rows->count, &rows->capacity, sizeof *list);
    if (!list)
        return ERR_MEMORY;
    rows->list = list;
    rows->list[rows->count] = *row;
    rows->list[rows->count++].message = copy;
    return ERR_OK;
}

static bool on_row(void *to, const struct replica_row *row)
{
    struct search *w = to;
    struct cell of = record_get_name(row->message, w->field);
    if (of.type == CELL_BYTES && slice_equal(of.bytes, id_slice(&w->proposal)))
        w->failed = keep(w, row);
    return w->failed == ERR_OK;
}

static enum err collect(struct seat *s, struct id proposal, const char *kind, const char *field, struct part_rows *out)
{
    struct search w = {.seat = s, .field = field, .proposal = proposal, .rows = out};
    const struct kind *k = kind_by_name(kind);
    if (!k || kind_access(k, NULL, s->facts.roles) < ACCESS_OPEN)
        return ERR_OK;
    out->kind = k;
    enum err e = replica_scan(s->replica, k->number, s->now_ms, on_row, &w);
    return e == ERR_OK ? w.failed : e;
}

enum err proposal_parts_load(struct seat *s, const struct kind *k, struct id id, struct proposal_parts *out)
{
    struct proposal_parts p = {.supports.kind = NULL};
    if (s->branch || strcmp(k->name, "proposal") != 0) {
        *out = p;
        return ERR_OK;
    }
    enum err e = collect(s, id, "proposal_support", "proposal_id", &p.supports);
    if (e == ERR_OK)
        e = collect(s, id, "proposal", "merged_into", &p.merged);
    if (e == ERR_OK)
        e = collect(s, id, "proposal_reply", "proposal_id", &p.replies);
    if (e == ERR_OK)
        *out = p;
    return e;
}

static bool is_void(const struct replica_row *support)
{
    return record_get_name(support->message, "voided_on").type != CELL_ABSENT;
}

/* ---- for programs ---- */

static void put_person(struct seat *s, json_t *record, const struct kind *k, const struct replica_row *row,
                       const char *field, const char *as)
{
    struct cell who = record_get_name(row->message, field);
    struct buf name = BUF_INIT;
    if (who.type == CELL_BYTES && who.bytes.size == ID_SIZE)
        seat_name(s, kind_field(k, field)->reference, id_from(who.bytes), &name);
    json_object_set_new(record, as, name.size ? json_string(buf_c_string(&name)) : json_null());
    buf_finish(&name);
}

static void put_rows(struct seat *s, const struct part_rows *rows, const char *name, const char *field, const char *as,
                     json_t *proposal)
{
    if (!rows->kind)
        return;
    json_t *list = json_array();
    for (size_t i = 0; i < rows->count; i++) {
        struct show_record record = row_list_record(s, rows->kind, &rows->list[i]);
        json_t *o = show_record_json(&record);
        if (field)
            put_person(s, o, rows->kind, &rows->list[i], field, as);
        if (kind_field(rows->kind, "voided_on"))
            json_object_set_new(o, "void", json_boolean(is_void(&rows->list[i])));
        json_array_append_new(list, o);
    }
    json_object_set_new(proposal, name, list);
}

void proposal_parts_json(struct seat *s, const struct proposal_parts *p, json_t *proposal)
{
    put_rows(s, &p->supports, "supports", "member_id", "member", proposal);
    put_rows(s, &p->merged, "merged", "proposer_id", "proposer", proposal);
    put_rows(s, &p->replies, "replies", NULL, NULL, proposal);
}

/* ---- for people ---- */

/* A field's words behind what stands on the line already; nothing if it is empty. */
static void add_words(struct seat *s, const struct show_record *r, const char *field, struct buf *out)
{
    struct buf words = BUF_INIT;
    show_field(r, kind_field(r->kind, field), command_language(), VALUE_WHOLE, seat_name, s, &words);
    if (words.size)
        buf_format(out, "  %s", buf_c_string(&words));
    buf_finish(&words);
}

static void add_indented(struct seat *s, const struct show_record *r, const char *field, struct buf *out)
{
    struct buf words = BUF_INIT;
    show_field(r, kind_field(r->kind, field), command_language(), VALUE_WHOLE, seat_name, s, &words);
    for (const char *at = buf_c_string(&words); *at;) {
        size_t size = strcspn(at, "\n");
        buf_format(out, "        %.*s\n", (int)size, at);
        at += size + (at[size] == '\n');
    }
    buf_finish(&words);
}

static void support_line(struct seat *s, const struct show_record *r, struct buf *out)
{
    struct buf since = BUF_INIT;
    add_words(s, r, "member_id", out);
    add_words(s, r, "signed_on", out);
    show_field(r, kind_field(r->kind, "voided_on"), command_language(), VALUE_WHOLE, seat_name, s, &since);
    if (since.size) {
        buf_text(out, "  ");
        buf_format(out, _("(void since %s)"), buf_c_string(&since));
    }
    buf_text(out, "\n");
    buf_finish(&since);
}

static void merged_line(struct seat *s, const struct show_record *r, struct buf *out)
{
    add_words(s, r, "no", out);
    add_words(s, r, "title", out);
    add_words(s, r, "proposer_id", out);
    add_words(s, r, "state", out);
    buf_text(out, "\n");
}

static void reply_line(struct seat *s, const struct show_record *r, struct buf *out)
{
    add_words(s, r, "mode", out);
    add_words(s, r, "replied_on", out);
    add_words(s, r, "replied_by", out);
    buf_text(out, "\n");
    add_indented(s, r, "text", out);
}

static void put_lines(struct seat *s, const struct part_rows *rows, const char *heading,
                      void (*line)(struct seat *s, const struct show_record *r, struct buf *out), struct buf *out)
{
    if (rows->count)
        buf_format(out, "%s:\n", heading);
    for (size_t i = 0; i < rows->count; i++) {
        struct show_record record = row_list_record(s, rows->kind, &rows->list[i]);
        buf_text(out, "  ");
        line(s, &record, out);
    }
}

void proposal_parts_text(struct seat *s, const struct proposal_parts *p, struct buf *out)
{
    put_lines(s, &p->supports, _("Signed by"), support_line, out);
    put_lines(s, &p->merged, _("Merged into it"), merged_line, out);
    put_lines(s, &p->replies, _("Replies"), reply_line, out);
}
