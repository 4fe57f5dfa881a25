/* A fuller copy of an entry that came stripped (rule 25), laid under what came after it: a field takes the older entry's value
 * only where no later writer's stamp stands. The order in which copies come makes no difference. */
#include "server/writer/writer_step.h"

#include "sync/accept.h"
#include "sync/account.h"
#include "sync/carry.h"

#include <string.h>

/* The row began with a later entry than this one: what it has is that entry's, what it lacks may be filled. */
static void begin_earlier(struct scratch_row *row, const struct kind *kind, uint64_t seq, struct arena *arena)
{
    uint64_t first = row->stamps.first;
    if (first <= seq)
        return;
    for (unsigned i = 0; i < kind->descriptor->n_fields; i++) {
        const ProtobufCFieldDescriptor *f = &kind->descriptor->fields[i];
        if (record_get(row->message, f).type != CELL_ABSENT && stamps_get(&row->stamps, f->id) == first)
            stamps_set(&row->stamps, f->id, first, arena);
    }
    row->stamps.first = seq;
}

/* The effect's values and clearings that no later entry has written over. */
static void fill_fields(struct scratch_row *row, const struct effect *e, uint64_t seq, struct arena *arena)
{
    const ProtobufCMessageDescriptor *d = e->kind->descriptor;
    ProtobufCMessage *message = record_copy(row->message, arena);
    CHECK(message);
    for (unsigned i = 0; i < d->n_fields; i++) {
        struct cell value = record_get(e->patch, &d->fields[i]);
        bool cleared = false;
        for (size_t k = 0; k < e->cleared_count; k++)
            cleared |= e->cleared[k] == d->fields[i].id;
        uint64_t stamp = stamps_get(&row->stamps, d->fields[i].id);
        if ((value.type == CELL_ABSENT && !cleared) || stamp > seq)
            continue;
        record_put(message, &d->fields[i], value, arena);
        if (stamp < seq)
            stamps_set(&row->stamps, d->fields[i].id, seq, arena);
    }
    row->message = message;
}

static void fill_row(struct scratch_row *row, const struct effect *e, uint64_t seq, uint32_t org, struct arena *arena)
{
    bool known = row->message || row->dead;
    if (e->life == LIFE_TOMBSTONE) {
        if (row->seq < seq) {
            row->message = NULL;
            row->dead = true;
            row->stamps = (struct stamps){.first = seq};
        }
    } else if (!known || (row->dead && e->life == LIFE_REVIVE && row->seq < seq)) {
        row->message = effect_over(e, NULL, arena);
        row->dead = false;
        row->stamps = (struct stamps){.first = seq};
    } else if (row->message) {
        begin_earlier(row, e->kind, seq, arena);
        fill_fields(row, e, seq, arena);
    }
    row->org = org;
    if (row->seq < seq)
        row->seq = seq;
}

enum err fill_rows_from(struct step *st, const struct entry *fuller, uint32_t org, struct org_state *state)
{
    struct effects effects;
    enum err e = effects_open(fuller->effects, &st->arena, &effects);
    if (e == ERR_OK)
        accept_numbers(&effects, state, &st->arena); /* the copy of before did not tell them: they may not be given again */
    for (size_t i = 0; i < effects.count && e == ERR_OK; i++) {
        const struct effect *effect = &effects.list[i];
        struct scratch_row *row = effect->kind ? scratch_row(st->scratch, effect->kind_number, effect->id) : NULL;
        if (!row)
            continue;
        struct row_side before = carry_side(row);
        scratch_touch(st->scratch, row);
        fill_row(row, effect, fuller->seq, org, scratch_arena(st->scratch));
        scratch_list(st->scratch, row);
        org_state_row(state, effect->kind, effect->id, before, carry_side(row));
        account_change(state, st->scratch, effect->kind, org, effect->id, before, carry_side(row));
    }
    return e;
}
