/* See plan_draft.h. */
#include "client/command/plan_draft.h"
#include "base/limits.h"
#include "client/reader/plan_merge.h"
#include "plans.pb-c.h"

#include <stdlib.h>
#include <string.h>

struct known {
    struct id id;
    const ProtobufCMessage *message;
    struct plan_known_item item;
};
struct comparing {
    struct seat *seat;
    struct id plan;
    struct arena *arena;
    struct known *known;
    size_t known_count;
    struct buf ids; /* of what is here */
    struct plan_draft_item *items;
    struct plan_draft *draft;
};

/* ---- the document's items as records ---- */

ProtobufCMessage *plan_draft_item_patch(const struct plan_item *item, struct id plan, const struct period *period, struct arena *arena)
{
    ProtobufCMessage *p = record_new(&record__plan_item__descriptor, arena);
    struct date due;
    char text[DATE_TEXT_SIZE];
    if (!p)
        return NULL;
    record_put_name(p, "plan_id", cell_bytes(arena_copy(arena, id_slice(&plan))), arena);
    record_put_name(p, "position", cell_integer(item->position), arena);
    record_put_name(p, "title", cell_text(item->title), arena);
    record_put_name(p, "source_line", cell_integer(item->source_line), arena);
    if (item->when.month)
        record_put_name(p, "month", cell_integer(item->when.month), arena);
    if (item->when.month_to)
        record_put_name(p, "month_to", cell_integer(item->when.month_to), arena);
    if (item->when.quarter)
        record_put_name(p, "quarter", cell_integer(item->when.quarter), arena);
    if (plan_item_due(*period, &item->when, &due)) {
        date_text(due, text);
        record_put_name(p, "due_on", cell_text(text), arena);
    }
    return p;
}

/* ---- what is here ---- */

static int number_in(const ProtobufCMessage *m, const char *field)
{
    struct cell value = record_get_name(m, field);
    return value.type == CELL_INTEGER ? (int)value.integer : 0;
}

static bool is_planned(const ProtobufCMessage *m)
{
    const char *state = kind_state_of(kind_by_name("plan_item"), m);
    return state && strcmp(state, "planned") == 0;
}

/* Rows die with the scan: their ids are kept, and each is loaded. */
static bool add_id(void *to, const struct replica_row *row)
{
    struct comparing *c = to;
    struct cell plan = record_get_name(row->message, "plan_id");
    if (plan.type == CELL_BYTES && slice_equal(plan.bytes, id_slice(&c->plan)))
        buf_append(&c->ids, &row->id, sizeof row->id);
    return true;
}

static struct known known_of(const struct replica_row *row)
{
    const ProtobufCMessage *m = row->message;
    struct cell title = record_get_name(m, "title");
    return (struct known){.id = row->id, .message = m,
                          .item = {.title = title.type == CELL_TEXT ? (const char *)title.bytes.data : "",
                                   .position = (uint32_t)number_in(m, "position"), .month = number_in(m, "month"),
                                   .month_to = number_in(m, "month_to"), .quarter = number_in(m, "quarter"), .worked_on = !is_planned(m)}};
}

static enum err load_known(struct comparing *c)
{
    uint32_t kind = kind_by_name("plan_item")->number;
    enum err e = replica_scan(c->seat->replica, kind, c->seat->now_ms, add_id, c);
    size_t count = c->ids.size / sizeof(struct id);
    const struct id *ids = (const struct id *)(const void *)c->ids.data;
    c->known = arena_alloc(c->arena, (count + 1) * sizeof *c->known);
    if (e == ERR_OK && !c->known)
        e = ERR_MEMORY;
    for (size_t i = 0; e == ERR_OK && i < count; i++) {
        struct replica_row row;
        e = replica_load(c->seat->replica, kind, ids[i], c->seat->now_ms, c->arena, &row);
        if (e == ERR_OK)
            c->known[c->known_count++] = known_of(&row);
    }
    buf_finish(&c->ids);
    return e;
}

static int by_position(const void *a, const void *b)
{
    const struct known *x = a, *y = b;
    if (x->item.position != y->item.position)
        return x->item.position < y->item.position ? -1 : 1;
    return id_compare(x->id, y->id);
}

/* ---- differences ---- */

/* What a set has to say. */
struct difference {
    ProtobufCMessage *patch;
    uint32_t *cleared; /* tags, ascending */
    size_t cleared_count;
    size_t count;
};

static enum err difference_begin(struct difference *d, const ProtobufCMessage *known, struct arena *arena)
{
    *d = (struct difference){.patch = record_new(known->descriptor, arena)};
    d->cleared = arena_alloc(arena, known->descriptor->n_fields * sizeof *d->cleared);
    return d->patch && d->cleared ? ERR_OK : ERR_MEMORY;
}

static void add_cleared(struct difference *d, uint32_t tag)
{
    size_t at = d->cleared_count++;
    for (; at > 0 && d->cleared[at - 1] > tag; at--)
        d->cleared[at] = d->cleared[at - 1];
    d->cleared[at] = tag;
}

/* Takes fields over where they differ, or empties them. */
static void take_fields(struct difference *d, const ProtobufCMessage *wanted, const ProtobufCMessage *known, const char *const *fields,
                        struct arena *arena)
{
    for (; *fields; fields++) {
        struct cell to = record_get_name(wanted, *fields);
        if (cell_equal(to, record_get_name(known, *fields)))
            continue;
        if (to.type == CELL_ABSENT)
            add_cleared(d, record_field(known->descriptor, *fields)->id);
        else
            record_put_name(d->patch, *fields, to, arena);
        d->count++;
    }
}

static struct replica_change set_of(const struct difference *d, const char *kind, struct id id)
{
    return (struct replica_change){.op = OP_SET, .kind = kind_by_name(kind)->number, .id = id, .patch = d->patch,
                                   .cleared = d->cleared, .cleared_count = d->cleared_count};
}

/* A day that only follows from the month is the person's to set; one that the document names, or a new month, counts. */
static bool day_counts(const struct plan_item *item, const struct known *k)
{
    const char *state = kind_state_of(kind_by_name("plan_item"), k->message);
    bool moved = item->when.month != k->item.month || item->when.month_to != k->item.month_to || item->when.quarter != k->item.quarter;
    return (moved || item->when.day) && strcmp(state, "postponed") != 0;
}

static void put(struct comparing *c, struct plan_draft_item item)
{
    c->items[c->draft->item_count++] = item;
    c->draft->count[item.what]++;
}

static enum err compare_item(struct comparing *c, const struct plan_item *item, const struct known *k, const ProtobufCMessage *wanted)
{
    static const char *const words[] = {"month", "month_to", "quarter", "title", NULL};
    static const char *const day[] = {"due_on", NULL}, *const places[] = {"position", "source_line", NULL};
    struct plan_draft_item item_draft = {.what = PLAN_DRAFT_MOVED, .line = item->source_line, .title = item->title};
    struct difference d;
    enum err e = difference_begin(&d, k->message, c->arena);
    if (e != ERR_OK)
        return e;
    take_fields(&d, wanted, k->message, words, c->arena);
    if (day_counts(item, k))
        take_fields(&d, wanted, k->message, day, c->arena);
    if (d.count)
        item_draft.what = PLAN_DRAFT_CHANGED;
    else
        c->draft->same++;
    take_fields(&d, wanted, k->message, places, c->arena);
    item_draft.change = set_of(&d, "plan_item", k->id);
    if (d.count)
        put(c, item_draft);
    return ERR_OK;
}

/* Not in the document any more. An item that came by hand (without a line) is no part of it. */
static void compare_gone(struct comparing *c, const struct known *k)
{
    struct plan_draft_item d = {.what = PLAN_DRAFT_REMOVED, .title = k->item.title};
    if (!number_in(k->message, "source_line"))
        return;
    d.change = (struct replica_change){.op = OP_REMOVE, .kind = kind_by_name("plan_item")->number, .id = k->id};
    if (k->item.worked_on) {
        d.what = PLAN_DRAFT_LEFT;
        d.state = kind_state_of(kind_by_name("plan_item"), k->message);
    }
    put(c, d);
}

static enum err compare_items(struct comparing *c, const struct plan_part *part, const struct period *period)
{
    struct plan_known_item *known = arena_alloc(c->arena, (c->known_count + 1) * sizeof *known);
    size_t *match = arena_alloc(c->arena, (part->item_count + 1) * sizeof *match);
    bool *found = arena_alloc(c->arena, c->known_count + 1);
    c->items = arena_alloc(c->arena, (part->item_count + c->known_count + 1) * sizeof *c->items);
    if (!known || !match || !found || !c->items)
        return ERR_MEMORY;
    for (size_t i = 0; i < c->known_count; i++)
        known[i] = c->known[i].item;
    enum err e = plan_merge(part->items, part->item_count, known, c->known_count, c->arena, match);
    for (size_t i = 0; e == ERR_OK && i < part->item_count; i++) {
        const struct plan_item *item = &part->items[i];
        ProtobufCMessage *wanted = plan_draft_item_patch(item, c->plan, period, c->arena);
        if (!wanted) {
            e = ERR_MEMORY;
        } else if (match[i] == PLAN_MERGE_NONE) {
            put(c, (struct plan_draft_item){.what = PLAN_DRAFT_ADDED, .line = item->source_line, .title = item->title,
                                            .change = {.op = OP_CREATE, .kind = kind_by_name("plan_item")->number, .patch = wanted}});
        } else {
            found[match[i]] = true;
            e = compare_item(c, item, &c->known[match[i]], wanted);
        }
    }
    for (size_t i = 0; e == ERR_OK && i < c->known_count; i++)
        if (!found[i])
            compare_gone(c, &c->known[i]);
    return e;
}

/* Of the plan itself: its texts, and what else the document and the command's words say. */
static enum err compare_plan(struct comparing *c, const ProtobufCMessage *wanted, const ProtobufCMessage *known)
{
    static const char *const texts[] = {"guiding_text", "goals_text", "measures_text", "other_text", NULL};
    struct difference d;
    enum err e = difference_begin(&d, known, c->arena);
    if (e != ERR_OK)
        return e;
    for (unsigned i = 0; i < wanted->descriptor->n_fields; i++) {
        const char *const one[] = {wanted->descriptor->fields[i].name, NULL};
        bool is_text = false;
        for (const char *const *t = texts; *t; t++)
            is_text = is_text || strcmp(*t, *one) == 0;
        if (is_text || record_get_name(wanted, *one).type != CELL_ABSENT)
            take_fields(&d, wanted, known, one, c->arena);
    }
    c->draft->plan_differs = d.count > 0;
    c->draft->plan = set_of(&d, "work_plan", c->plan);
    return ERR_OK;
}

enum err plan_draft_compare(struct seat *s, struct id id, const ProtobufCMessage *plan, const struct plan_part *part,
                            const struct period *period, struct arena *arena, struct plan_draft *out)
{
    struct plan_draft draft = {.id = id};
    struct comparing c = {.seat = s, .plan = id, .arena = arena, .draft = &draft};
    struct replica_row row;
    enum err e = replica_load(s->replica, kind_by_name("work_plan")->number, id, s->now_ms, arena, &row);
    if (e == ERR_OK) {
        draft.message = row.message;
        draft.state = kind_state_of(kind_by_name("work_plan"), row.message);
        e = compare_plan(&c, plan, row.message);
    }
    if (e == ERR_OK)
        e = load_known(&c);
    if (e != ERR_OK)
        return e;
    if (c.known_count)
        qsort(c.known, c.known_count, sizeof *c.known, by_position);
    e = compare_items(&c, part, period);
    draft.items = c.items;
    if (e == ERR_OK)
        *out = draft;
    return e;
}

bool plan_draft_differs(const struct plan_draft *d)
{
    return d->plan_differs || d->count[PLAN_DRAFT_CHANGED] + d->count[PLAN_DRAFT_ADDED] + d->count[PLAN_DRAFT_REMOVED] > 0;
}

/* ---- replacing ---- */

enum err plan_draft_replace(struct seat *s, const struct plan_draft *d, struct arena *arena, const struct kind **kind,
                            struct replica_outcome *out)
{
    size_t count = 0;
    struct replica_change *changes = arena_alloc(arena, (d->item_count + 1) * sizeof *changes);
    enum err e = changes ? ERR_OK : ERR_MEMORY;
    if (changes && d->plan_differs)
        changes[count++] = d->plan;
    for (size_t i = 0; changes && i < d->item_count; i++)
        if (d->items[i].what != PLAN_DRAFT_LEFT)
            changes[count++] = d->items[i].change;
    for (size_t at = 0; e == ERR_OK && at < count; at += LIMIT_GROUP) {
        size_t size = count - at < LIMIT_GROUP ? count - at : LIMIT_GROUP;
        *kind = kind_by_number(changes[at].kind);
        e = replica_change_group(s->replica, changes + at, size, s->now_ms, arena, out);
    }
    return e;
}
