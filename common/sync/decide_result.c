/* The last step of rule 7: the kind's rules on what a change makes of a record, and on values that wait in a conflict.
 */
#include "base/limits.h"
#include "sync/account.h"
#include "sync/carry.h"
#include "sync/decide_parts.h"
#include "sync/derived_id.h"
#include "sync/erase.h"
#include "sync/lookup.h"
#include "sync/org_state.h"
#include <string.h>

static enum lookup_need name_missing(void *to, const struct scratch_key *key)
{
    struct deciding *d = to;
    struct scratch_key named = *key;
    /* A rule may have made it on its stack: it is loaded later. */
    if (named.value.type == CELL_TEXT || named.value.type == CELL_BYTES) {
        named.value.bytes = arena_copy(d->arena, named.value.bytes);
        CHECK(named.value.bytes.data);
    }
    scratch_keys_add(d->missing, named);
    return LOOKUP_LATER;
}

void decide_lookup(struct deciding *d, struct lookup *out)
{
    *out = (struct lookup){.scratch = d->scratch,
                           .org = d->change->org,
                           .leaf = d->c->org.leaf,
                           .above = d->c->above,
                           .above_count = d->c->above_count,
                           .held = d->c->held,
                           .held_count = d->c->held_count,
                           .roles = d->c->seat.roles,
                           .codes = d->c->codes,
                           .need = name_missing,
                           .to = d};
}

/* What no build here knows no check bounds. A row with more of it than a message may hold could not be read again. */
static bool unknown_stays_small(struct deciding *d, const ProtobufCMessage *after)
{
    if (!fields_name_unknown(d->change->patch, d->change->cleared, d->change->cleared_count))
        return true;
    return after->n_unknown_fields <= LIMIT_ROW_UNKNOWN && d->row->stamps.count <= LIMIT_ROW_UNKNOWN;
}

#define MEASURES_OF_ROW 32 /* more than a row makes: far below the limit nothing is worked out */

/* A whole may bring what all its parts make: then it is worked out. */
static bool counts_for_parts(const struct kind *k)
{
    return k->account && k->account->whole == k->number;
}

/* Only what adds to them is refused: one over the limit (a group may go some over it) can still be brought down. */
static bool measures_stay_few(struct deciding *d, struct row_side after)
{
    struct row_side before = carry_side(d->row);
    const struct org_state *state = d->c->numbers;
    size_t had = state ? org_state_measures(state) : 0;
    if (!state || (had + MEASURES_OF_ROW <= LIMIT_MEASURES && !counts_for_parts(d->kind)))
        return true;
    size_t has = org_state_measures_with(state, d->kind, before, after);
    has += account_measures_with(state, d->scratch, d->kind, d->change->org, d->change->id, before, after) - had;
    if (has <= LIMIT_MEASURES || has <= had)
        return true;
    const char *most = arena_format(d->arena, "%u", LIMIT_MEASURES);
    CHECK(most);
    return decide_refuse(d, REFUSAL_MEASURES, NULL, most, NULL, NULL);
}

bool decide_account_is_here(struct deciding *d, struct row_side after)
{
    if (d->c->held)
        return true; /* a client keeps no sums */
    account_keys(d->kind, d->change->org, &d->change->id, carry_side(d->row), d->scratch, d->missing);
    account_keys(d->kind, d->change->org, &d->change->id, after, d->scratch, d->missing);
    return d->missing->count == 0;
}

bool decide_id_follows(const struct kind *k, const ProtobufCMessage *row)
{
    struct id id;
    return k->identity_key && (!k->identity_some || derived_id(k, 0, row, &id));
}

bool decide_id_fits(const struct deciding *d, const ProtobufCMessage *row)
{
    struct id id;
    if (!decide_id_follows(d->kind, row))
        return true;
    return derived_id(d->kind, d->change->org, row, &id) && id_equal(id, d->change->id);
}

static struct check_context context_of(const struct deciding *d, const ProtobufCMessage *before, const ProtobufCMessage *after,
                                       const char *action)
{
    return (struct check_context){.kind = d->kind,
                                  .id = d->change->id,
                                  .before = before,
                                  .after = after,
                                  .action = action,
                                  .seat = d->c->seat.number,
                                  .for_seat = d->c->for_seat.revoked ? d->change->for_seat : 0,
                                  .roles = d->c->seat.roles,
                                  .erased = d->change->erased.tags,
                                  .erased_count = d->change->erased.count,
                                  .late = d->c->late,
                                  .today = d->c->today,
                                  .arena = d->arena};
}

/* Rule 29: a field that was erased by law is wanted no more. */
static bool is_erased(const struct deciding *d, const struct finding *f)
{
    const ProtobufCFieldDescriptor *field = f->field ? record_field(d->kind->descriptor, f->field) : NULL;
    return strcmp(f->code, REFUSAL_REQUIRED) == 0 && field && erased_holds(d->change->erased, field->id);
}

/* The first that blocks is the reason. */
static bool findings_pass(struct deciding *d, const struct findings *findings)
{
    struct findings left = *findings;
    left.count = 0;
    for (size_t i = 0; i < findings->count; i++)
        if (!is_erased(d, &findings->list[i]))
            left.list[left.count++] = findings->list[i];
    const struct finding *f = findings_block(&left);
    return !f || decide_refuse(d, f->code, f->field, f->argument[0], f->argument[1], f->argument[2]);
}

bool decide_may_go(struct deciding *d)
{
    struct findings findings;
    struct check_context c = context_of(d, d->row->message, d->row->message, NULL);
    struct lookup l;
    decide_lookup(d, &l);
    lookup_check_remove(&l, &c, &findings);
    return d->missing->count == 0 && findings_pass(d, &findings);
}

bool decide_result_passes(struct deciding *d, const ProtobufCMessage *before, const ProtobufCMessage *after,
                          const char *action)
{
    struct findings findings;
    struct check_context c = context_of(d, before, after, action);
    struct lookup l;
    decide_lookup(d, &l);
    lookup_check(&l, &c, &findings);
    if (d->missing->count > 0 || !findings_pass(d, &findings))
        return false;
    if (!decide_id_fits(d, after))
        return decide_refuse(d, REFUSAL_IDENTITY, NULL, NULL, NULL, NULL);
    struct row_side side = {.exists = true, .message = after};
    if (!decide_children_stay_few(d, before, after) || !decide_account_is_here(d, side) || !measures_stay_few(d, side))
        return false;
    if (protobuf_c_message_get_packed_size(after) > LIMIT_RECORD || !unknown_stays_small(d, after))
        return decide_refuse(d, REFUSAL_TOO_LONG, NULL, NULL, NULL, NULL);
    return true;
}

bool decide_values_pass(struct deciding *d)
{
    const ProtobufCMessageDescriptor *m = d->kind->descriptor;
    struct findings findings;
    findings.count = 0;
    for (unsigned i = 0; i < m->n_fields; i++) {
        struct cell value = record_get(d->change->patch, &m->fields[i]);
        const struct field_rule *f = decide_rule(d->kind, &m->fields[i]);
        if (value.type != CELL_ABSENT && f)
            kind_check_value(d->kind, f, value, &findings);
    }
    return findings_pass(d, &findings);
}
