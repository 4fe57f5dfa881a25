/* Effects on rows. Invariant: afterwards the row's seq is that of the entry, and the stamp of every field that the
 * effect names. */
#include "sync/carry.h"
#include "sync/account.h"
#include "sync/fields.h"

struct row_side carry_side(const struct scratch_row *row)
{
    return (struct row_side){
        .exists = row->message || row->dead, .dead = row->dead, .seq = row->seq, .message = row->message};
}

static void stamp_all(struct scratch_row *row, const struct effect *e, const ProtobufCMessage *patch, uint64_t seq,
                      struct arena *arena)
{
    const uint32_t *tags;
    size_t count = fields_touched(patch, e->cleared, e->cleared_count, arena, &tags);
    for (size_t i = 0; i < count; i++)
        stamps_set(&row->stamps, tags[i], seq, arena);
}

static void carry_tombstone(struct scratch_row *row, uint64_t seq)
{
    if (!row->dead)
        row->removed = row->message;
    row->message = NULL;
    row->dead = true;
    row->stamps = (struct stamps){.first = seq};
}

/* The patch is unpacked anew: a row outlives the batch whose bytes changed it. */
static void carry_values(struct scratch_row *row, const struct effect *e, uint64_t seq, struct arena *arena)
{
    ProtobufCMessage *patch = fields_unpack(e->kind->descriptor, e->patch_bytes, arena);
    CHECK(patch);
    bool from_nothing = !row->message || e->life == LIFE_REVIVE;
    if (from_nothing) {
        row->message = patch;
        row->stamps = (struct stamps){.first = seq};
    } else {
        ProtobufCMessage *message = record_copy(row->message, arena);
        CHECK(message);
        record_overlay(message, patch, e->cleared, e->cleared_count, arena);
        row->message = message;
        stamp_all(row, e, patch, seq, arena);
    }
    row->dead = false;
    row->removed = NULL;
}

static void carry_one(const struct effect *e, uint32_t org, uint64_t seq, struct scratch *scratch,
                      struct org_state *state)
{
    struct scratch_row *row = scratch_row(scratch, e->kind_number, e->id);
    CHECK(row);
    struct row_side before = carry_side(row);
    scratch_touch(scratch, row);
    if (e->life == LIFE_TOMBSTONE)
        carry_tombstone(row, seq);
    else if (!row->dead || e->life == LIFE_REVIVE)
        carry_values(row, e, seq, scratch_arena(scratch));
    row->org = org;
    row->seq = seq;
    scratch_list(scratch, row);
    if (!state)
        return;
    org_state_row(state, e->kind, e->id, before, carry_side(row));
    account_change(state, scratch, e->kind, org, e->id, before, carry_side(row));
}

void carry_effects(const struct effects *effects, uint32_t org, uint64_t seq, const struct identity *who,
                   int64_t received_ms, struct scratch *scratch, struct org_state *state)
{
    for (size_t i = 0; i < effects->count; i++)
        if (effects->list[i].kind)
            carry_one(&effects->list[i], org, seq, scratch, state);
    scratch_add_identity(scratch, org, seq, who);
    scratch_add_time(scratch, org, seq, received_ms);
}
