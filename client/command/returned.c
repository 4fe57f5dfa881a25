/* See returned.h. A kind has it where it has a state `returned` and a field for its reason. */
#include "client/command/returned.h"

#include <string.h>

struct search {
    struct seat *seat;
    struct arena *arena;
    const struct kind *kind;
    struct returned_list *out;
    enum err failed;
};

static bool on_row(void *to, const struct replica_row *row)
{
    struct search *f = to;
    struct buf name = BUF_INIT;
    if (row->org != f->seat->facts.home || strcmp(kind_state_of(f->kind, row->message), "returned") != 0)
        return true;
    struct returned *list = arena_grow(f->arena, f->out->list, f->out->count, &f->out->capacity, sizeof *list);
    seat_name(f->seat, f->kind->number, row->id, &name);
    const char *title = arena_text(f->arena, buf_slice(&name));
    struct cell reason = record_get_name(row->message, "return_reason");
    const char *why = reason.type == CELL_TEXT ? arena_text(f->arena, reason.bytes) : NULL;
    buf_finish(&name);
    if (!list || !title || (reason.type == CELL_TEXT && !why)) {
        f->failed = ERR_MEMORY;
        return false;
    }
    f->out->list = list;
    list[f->out->count++] = (struct returned){f->kind, row->id, title, why};
    return true;
}

enum err returned_find(struct seat *s, struct arena *arena, struct returned_list *out)
{
    size_t count;
    const struct kind *const *all = kind_all(&count);
    *out = (struct returned_list){0};
    for (size_t i = 0; i < count; i++) {
        struct search f = {s, arena, all[i], out, ERR_OK};
        if (!kind_state(all[i], "returned") || !kind_field(all[i], "return_reason") || kind_access(all[i], NULL, s->facts.roles) < ACCESS_OPEN)
            continue;
        enum err e = replica_scan(s->replica, all[i]->number, s->now_ms, on_row, &f);
        if (e == ERR_OK)
            e = f.failed;
        if (e != ERR_OK)
            return e;
    }
    return ERR_OK;
}

void returned_next(const struct returned *r, struct buf *out)
{
    char id[ID_TEXT_SIZE];
    id_text(r->id, id);
    buf_format(out, _("work it over, then: banyan act %s %s submitted"), r->kind->name, id);
}

static bool holds(const struct returned_list *l, struct id id)
{
    for (size_t i = 0; i < l->count; i++)
        if (id_equal(l->list[i].id, id))
            return true;
    return false;
}

void returned_tell(const struct returned_list *before, const struct returned_list *now)
{
    for (size_t i = 0; i < now->count; i++) {
        const struct returned *r = &now->list[i];
        struct buf said = BUF_INIT;
        if (holds(before, r->id))
            continue;
        buf_format(&said, _("sent back: %s %s: %s; see: banyan due"), label_in(r->kind->label, command_language()), r->title,
                   r->reason ? r->reason : "");
        command_warn(buf_c_string(&said));
        buf_finish(&said);
    }
}
