/* Who wrote what stands in the fields of a conflict. A copy has no stamps: the conflict record names who had written it when it arose;
 * since then a third person may have, or this seat, whose change waits. The log as far as it is held here tells it, and the queue. Where
 * the value is not the one that the last known writer gave, nobody is named. */
#include "client/replica/attention_inner.h"
#include "client/replica/outbox.h"
#include "client/replica/replica_inner.h"
#include "sync/chain.h"
#include "sync/effect.h"
#include "sync/fields.h"
#include "base/limits.h"

struct search {
    const Record__Conflict *c;
    const ProtobufCMessage *shown;
    struct attention_entry *a;
    struct arena *arena; /* of an entry's effects; reset with each */
    enum err failed;
};

static void wrote(struct search *s, const ProtobufCMessage *patch, const uint32_t *cleared, size_t cleared_count, uint32_t seat, int64_t at_ms)
{
    for (size_t i = 0; patch && i < s->a->field_count; i++) {
        struct attention_field *f = &s->a->fields[i];
        struct cell value = record_get_name(patch, f->field->name);
        const ProtobufCFieldDescriptor *d = record_field(patch->descriptor, f->field->name);
        if (value.type == CELL_ABSENT && !(d && fields_hold(cleared, cleared_count, d->id)))
            continue;
        bool stands = cell_equal(value, f->theirs);
        f->theirs_seat = stands ? seat : 0;
        f->theirs_at_ms = stands ? at_ms : 0;
    }
}

/* What is older than the value of which the conflict tells the author says nothing new. */
static bool on_entry(void *to, uint32_t org, const struct entry *entry, const struct change *pending)
{
    struct search *s = to;
    struct effects effects;
    (void)org;
    (void)pending;
    if (entry->verdict == VERDICT_REFUSED || entry->verdict == VERDICT_SAME || entry->seq < (uint64_t)s->c->theirs_seq)
        return true;
    arena_reset(s->arena);
    s->failed = effects_open(entry->effects, s->arena, &effects);
    for (size_t i = 0; s->failed == ERR_OK && i < effects.count; i++)
        if (effects.list[i].kind_number == s->a->kind_number && id_equal(effects.list[i].id, s->a->record))
            wrote(s, effects.list[i].patch, effects.list[i].cleared, effects.list[i].cleared_count, entry->identity.seat, entry->received_ms);
    return s->failed == ERR_OK;
}

static enum err own_waiting(struct search *s, struct replica *r, uint64_t confirmed_seq)
{
    struct replica_facts f;
    struct change *waiting;
    size_t count = 0;
    arena_reset(s->arena);
    enum err e = replica_facts(r, &f);
    if (e == ERR_OK)
        e = outbox_waiting(r, s->a->record, confirmed_seq, s->arena, &waiting, &count);
    for (size_t i = 0; e == ERR_OK && i < count; i++)
        wrote(s, waiting[i].patch, waiting[i].cleared, waiting[i].cleared_count, f.seat, waiting[i].made_ms);
    return e;
}

/* As it was when the conflict arose: of a value that is another one now nobody is known yet. */
static void begin(struct search *s, const ProtobufCMessage *open, const ProtobufCMessage *sensitive)
{
    for (size_t i = 0; i < s->a->field_count; i++) {
        struct attention_field *f = &s->a->fields[i];
        const ProtobufCMessage *side = open ? open : sensitive;
        struct cell was = side ? record_get_name(side, f->field->name) : (struct cell){.type = CELL_ABSENT};
        bool stands = !s->shown || cell_equal(was, f->theirs);
        f->theirs_seat = stands ? (uint32_t)s->c->theirs_seat : 0;
        f->theirs_at_ms = stands ? s->c->theirs_at_ms : 0;
    }
}

enum err attention_stands(struct replica *r, const Record__Conflict *c, const ProtobufCMessage *shown, uint64_t confirmed_seq,
                          struct attention_entry *a)
{
    struct arena arena, entries;
    struct search s = {.c = c, .shown = shown, .a = a, .arena = &arena, .failed = ERR_OK};
    bool go = true;
    arena_init(&arena, LIMIT_ARENA);
    arena_init(&entries, LIMIT_ARENA);
    begin(&s, attention_side(a->kind, c->has_theirs, c->theirs, &arena),
          attention_side(a->kind, c->has_theirs_sensitive, c->theirs_sensitive, &arena));
    enum err e = shown ? inner_each_entry(r, a->record, on_entry, &s, &entries, &go) : ERR_OK;
    if (e == ERR_OK)
        e = s.failed;
    if (e == ERR_OK && shown)
        e = own_waiting(&s, r, confirmed_seq);
    arena_finish(&entries);
    arena_finish(&arena);
    return e;
}
