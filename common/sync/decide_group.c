/* Changes that succeed or fail together (rules 15, 16): each is decided on rows that the ones before it have changed,
 * on a marked scratch that is put back in the end. */
#include "base/limits.h"
#include "conflict.pb-c.h"
#include "sync/carry.h"
#include "sync/decide_parts.h"
#include <string.h>

static void refuse_all(struct decision *out, size_t count, const char *which, const char *why, const char *field)
{
    for (size_t i = 0; i < count; i++) {
        memset(&out[i], 0, sizeof out[i]);
        out[i].verdict = VERDICT_REFUSED;
        out[i].code = REFUSAL_GROUP;
        out[i].argument[0] = which;
        out[i].argument[1] = why;
        out[i].argument[2] = field;
    }
}

static bool group_is_whole(const struct change *changes, size_t count)
{
    if (count == 0 || count > LIMIT_GROUP)
        return false;
    for (size_t i = 0; i < count; i++)
        if (!changes[i].grouped || !id_equal(changes[i].group, changes[0].group) || changes[i].group_size != count ||
            changes[i].group_position != i + 1 || changes[i].org != changes[0].org)
            return false;
    return true;
}

static bool is_open_about(const struct scratch_row *row, const struct change *set)
{
    const Record__Conflict *c = row ? (const Record__Conflict *)row->message : NULL;
    return c && scratch_conflict_is_open(row) && c->field && c->record_kind == set->kind_number &&
           c->record_id.len == ID_SIZE && memcmp(c->record_id.data, set->id.bytes, ID_SIZE) == 0;
}

/* The conflict of the record that its group ends: about the removal (rule 13: only so a set restores a record), or
 * another. */
static const struct scratch_row *ended_by(const struct change *changes, size_t count, const struct change *set,
                                          struct scratch *scratch, bool about_removal)
{
    for (size_t i = 0; set->op == OP_SET && i < count; i++) {
        if (changes[i].kind_number != KIND_CONFLICT || changes[i].op != OP_ACT ||
            strcmp(changes[i].action, "resolved") != 0)
            continue;
        const struct scratch_row *row = scratch_row(scratch, KIND_CONFLICT, changes[i].id);
        if (is_open_about(row, set) &&
            (strcmp(((const Record__Conflict *)row->message)->field, "*") == 0) == about_removal)
            return row;
    }
    return NULL;
}

static void carry_tentatively(const struct decide_context *c, const struct change *change, const struct decision *d,
                              struct scratch *scratch)
{
    struct identity who = {.seat = c->seat.number, .incarnation = c->incarnation, .n = change->n};
    memcpy(who.hash, change->hash, HASH_SIZE);
    carry_effects(&d->effects, change->org, c->seq, &who, c->received_ms, scratch, NULL);
}

/* The index of the first member that does not pass; count if all do, or if something is missing. */
static size_t decide_members(const struct decide_context *contexts, const struct change *changes, size_t count,
                             struct scratch *scratch, struct arena *arena, struct decision *out,
                             struct scratch_keys *missing)
{
    for (size_t i = 0; i < count; i++) {
        struct deciding d = {.c = &contexts[i],
                             .change = &changes[i],
                             .kind = changes[i].kind,
                             .scratch = scratch,
                             .arena = arena,
                             .out = &out[i],
                             .missing = missing,
                             .restores = ended_by(changes, count, &changes[i], scratch, true),
                             .resolves = ended_by(changes, count, &changes[i], scratch, false)};
        memset(&out[i], 0, sizeof out[i]);
        decide_step(&d);
        if (missing->count > 0)
            return count;
        if (out[i].verdict == VERDICT_REFUSED || out[i].verdict == VERDICT_CONFLICT)
            return i;
        carry_tentatively(&contexts[i], &changes[i], &out[i], scratch);
    }
    return count;
}

void decide_group(const struct decide_context *contexts, const struct change *changes, size_t count,
                  struct scratch *scratch, struct arena *arena, struct decision *out, struct scratch_keys *missing)
{
    if (!group_is_whole(changes, count)) {
        refuse_all(out, count, NULL, REFUSAL_FORM, NULL);
        return;
    }
    for (size_t i = 0; i < count; i++)
        if (changes[i].kind)
            decide_name_rows(&changes[i], scratch, missing);
    if (missing->count > 0)
        return;
    /* Rule 32: each is kept for those who can enter it anew, and found by its reason. */
    if (contexts[0].seat.state == SEAT_REVOKED) {
        for (size_t i = 0; i < count; i++)
            decide(&contexts[i], &changes[i], scratch, arena, &out[i], missing);
        return;
    }
    scratch_mark(scratch);
    size_t failed = decide_members(contexts, changes, count, scratch, arena, out, missing);
    scratch_back(scratch);
    if (failed == count)
        return;
    const char *which = arena_format(arena, "%u", (unsigned)changes[failed].group_position);
    CHECK(which);
    refuse_all(out, count, which, out[failed].verdict == VERDICT_CONFLICT ? "CONFLICT" : out[failed].code,
               out[failed].field);
}
