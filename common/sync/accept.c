/* From a decision to what is written (rules 17, 18, 25). Invariant: what the entry says is what happens to the rows,
 * numbers that the server gives included, so that every copy of the log comes to the same rows. */
#include "sync/accept.h"
#include "sync/account.h"
#include "sync/carry.h"
#include "sync/fields.h"
#include <stdlib.h>
#include <string.h>

/* The counter's name: "member.member_no". */
static const char *counter_name(const struct kind *k, const struct field_rule *f, struct arena *arena)
{
    const char *name = arena_format(arena, "%s.%s", k->name, f->name);
    CHECK(name);
    return name;
}

static struct cell number_cell(const struct field_rule *f, int64_t number, struct arena *arena)
{
    if (f->type == FIELD_INTEGER || f->type == FIELD_FEN)
        return cell_integer(number);
    const char *text = arena_format(arena, "%04lld", (long long)number);
    CHECK(text);
    return cell_text(text);
}

/* A number is given when the record is made, or when it comes to the state that the number goes with; once. */
static bool is_due(const struct effect *e, const struct scratch_row *row, const struct field_rule *f)
{
    bool makes = !row || !row->message;
    if (!makes && !f->given_at)
        return false;
    if (record_get_name(e->patch, f->name).type != CELL_ABSENT ||
        (!makes && record_get_name(row->message, f->name).type != CELL_ABSENT))
        return false;
    struct cell state = f->given_at ? record_get_name(e->patch, "state") : (struct cell){.type = CELL_ABSENT};
    return !f->given_at || (state.type == CELL_TEXT && slice_equal(state.bytes, slice_text(f->given_at)));
}

/* Rule 18: the numbers that the server gives. */
static void give_numbers(struct effect *e, struct scratch *scratch, struct org_state *state, struct arena *arena)
{
    ProtobufCMessage *patch = NULL;
    const struct scratch_row *row = e->kind ? scratch_row(scratch, e->kind_number, e->id) : NULL;
    bool lives = e->kind && e->life != LIFE_TOMBSTONE;
    for (size_t i = 0; lives && i < e->kind->field_count; i++) {
        const struct field_rule *f = &e->kind->fields[i];
        if (!(f->flags & FIELD_SERVER) || !is_due(e, row, f))
            continue;
        if (!patch)
            patch = record_copy(e->patch, arena);
        CHECK(patch);
        record_put_name(patch, f->name, number_cell(f, org_state_number(state, counter_name(e->kind, f, arena)), arena),
                        arena);
    }
    if (!patch)
        return;
    e->patch = patch;
    e->patch_bytes = fields_pack(patch, arena);
}

static void see_number(const struct effect *e, struct org_state *state, struct arena *arena)
{
    for (size_t i = 0; e->kind && i < e->kind->field_count; i++) {
        const struct field_rule *f = &e->kind->fields[i];
        if (!(f->flags & FIELD_SERVER))
            continue;
        struct cell c = record_get_name(e->patch, f->name);
        int64_t number = c.type == CELL_TEXT ? strtoll((const char *)c.bytes.data, NULL, 10) : c.integer;
        if (number > 0)
            org_state_number_seen(state, counter_name(e->kind, f, arena), number);
    }
}

void accept_numbers(const struct effects *effects, struct org_state *state, struct arena *arena)
{
    for (size_t i = 0; i < effects->count; i++)
        see_number(&effects->list[i], state, arena);
}

void accept_decision(const struct decision *d, const struct change *change, const struct identity *who,
                     int64_t received_ms, const uint8_t salt[SALT_SIZE], struct scratch *scratch,
                     struct org_state *state, struct arena *arena, struct entry *out)
{
    struct effects effects;
    effects.count = d->effects.count;
    memcpy(effects.list, d->effects.list, effects.count * sizeof effects.list[0]);
    for (size_t i = 0; i < effects.count; i++)
        give_numbers(&effects.list[i], scratch, state, arena);
    struct entry e = {
        .seq = org_state_next(state), .identity = *who, .verdict = d->verdict, .received_ms = received_ms};
    e.code = d->code;
    e.field = d->field;
    memcpy(e.argument, d->argument, sizeof e.argument);
    e.change = change->bytes;
    e.effects = effects_pack(&effects, arena);
    e.salt = arena_copy(arena, slice_of(salt, SALT_SIZE));
    CHECK(e.salt.size == SALT_SIZE);
    entry_seal(&e, org_state_chain(state));
    carry_effects(&effects, change->org, e.seq, who, received_ms, scratch, state);
    org_state_advance(state, e.seq, e.chain);
    *out = e;
}

/* The row; once it is here, what stands in accounts with what it is and may become: every value of `by` that it can have
 * meanwhile is its own or one of a patch. Keys borrow the row's own id: they outlive the effects that are opened here. */
static void effect_keys(const struct effect *e, uint32_t org, struct scratch *scratch, struct scratch_keys *missing)
{
    struct scratch_key key = {.type = SCRATCH_ROW, .kind = e->kind_number, .id = e->id};
    const struct scratch_row *row = scratch_row(scratch, e->kind_number, e->id);
    if (!row) {
        scratch_keys_add(missing, key);
        return;
    }
    bool goes = e->life == LIFE_TOMBSTONE;
    account_keys(e->kind, org, &row->id, carry_side(row), scratch, missing);
    account_keys(e->kind, org, &row->id, (struct row_side){.exists = true, .dead = goes, .message = goes ? NULL : e->patch}, scratch, missing);
}

void accept_keys(const struct entry *e, uint32_t org, struct scratch *scratch, struct arena *arena,
                 struct scratch_keys *missing)
{
    struct effects effects;
    if (effects_open(e->effects, arena, &effects) != ERR_OK)
        return;
    for (size_t i = 0; i < effects.count; i++)
        if (effects.list[i].kind)
            effect_keys(&effects.list[i], org, scratch, missing);
}

enum err accept_verbatim(const struct entry *e, uint32_t org, struct scratch *scratch, struct org_state *state,
                         struct arena *arena)
{
    struct effects effects;
    if (e->seq <= org_state_seq(state) || !entry_follows(e, org_state_chain(state)))
        return ERR_CHAIN;
    enum err failed = effects_open(e->effects, arena, &effects);
    if (failed != ERR_OK)
        return failed;
    if (seq_epoch(e->seq) > seq_epoch(org_state_next(state)))
        org_state_begin_epoch(state, seq_epoch(e->seq)); /* before the numbers that were given in it */
    accept_numbers(&effects, state, arena);
    carry_effects(&effects, org, e->seq, e->identity.n ? &e->identity : NULL, e->received_ms, scratch, state);
    org_state_advance(state, e->seq, e->chain);
    return ERR_OK;
}
