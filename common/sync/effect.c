/* Effects: the only way in which rows change. Invariant: what was packed opens to the same effects on every side,
 * whatever kinds that side knows. */
#include "sync/effect.h"
#include "sync/fields.h"
#include "wire/wire.h"
#include <string.h>

struct slice effects_pack(const struct effects *e, struct arena *arena)
{
    Wire__Effect list[EFFECTS_MAX], *pointers[EFFECTS_MAX];
    Wire__Effects m = WIRE__EFFECTS__INIT;
    if (e->count == 0)
        return (struct slice){0};
    for (size_t i = 0; i < e->count; i++) {
        const struct effect *from = &e->list[i];
        wire__effect__init(&list[i]);
        list[i].has_kind = list[i].has_id = 1;
        list[i].kind = from->kind_number;
        list[i].id = (ProtobufCBinaryData){.len = ID_SIZE, .data = (uint8_t *)from->id.bytes};
        list[i].has_patch = from->patch_bytes.size > 0;
        list[i].patch = (ProtobufCBinaryData){.len = from->patch_bytes.size, .data = (uint8_t *)from->patch_bytes.data};
        list[i].n_cleared = from->cleared_count;
        list[i].cleared = (uint32_t *)from->cleared;
        list[i].has_life = from->life != LIFE_KEEP;
        list[i].life = (Wire__Life)from->life;
        pointers[i] = &list[i];
    }
    m.n_effect = e->count;
    m.effect = pointers;
    struct slice out = wire_pack_arena(&m.base, arena);
    CHECK(out.size > 0);
    return out;
}

static enum err open_one(const Wire__Effect *in, struct arena *arena, struct effect *out)
{
    struct effect e = {.kind_number = in->kind, .kind = kind_by_number(in->kind)};
    if (!in->kind || !in->has_id || in->id.len != ID_SIZE || (int)in->life < LIFE_KEEP || (int)in->life > LIFE_REVIVE)
        return ERR_WIRE;
    memcpy(e.id.bytes, in->id.data, ID_SIZE);
    e.life = (enum life)in->life;
    e.patch_bytes = in->has_patch ? slice_of(in->patch.data, in->patch.len) : (struct slice){0};
    e.cleared = in->cleared;
    e.cleared_count = in->n_cleared;
    if (e.kind) {
        ProtobufCMessage *patch = NULL;
        enum err failed = ERR_OK;
        if (e.patch_bytes.size > 0)
            failed = wire_open(e.kind->descriptor, e.patch_bytes, arena, &patch);
        else if (!(patch = record_new(e.kind->descriptor, arena)))
            failed = ERR_MEMORY;
        if (failed != ERR_OK)
            return failed;
        e.patch = patch;
    }
    *out = e;
    return ERR_OK;
}

enum err effects_open(struct slice packed, struct arena *arena, struct effects *out)
{
    ProtobufCMessage *m;
    struct effects effects;
    effects.count = 0;
    if (packed.size > 0) {
        enum err e = wire_open(&wire__effects__descriptor, packed, arena, &m);
        if (e != ERR_OK)
            return e;
        const Wire__Effects *in = (const Wire__Effects *)m;
        if (in->n_effect > EFFECTS_MAX)
            return ERR_WIRE;
        for (size_t i = 0; i < in->n_effect; i++)
            if ((e = open_one(in->effect[i], arena, &effects.list[i])) != ERR_OK)
                return e;
        effects.count = in->n_effect;
    }
    out->count = effects.count;
    memcpy(out->list, effects.list, effects.count * sizeof effects.list[0]);
    return ERR_OK;
}

ProtobufCMessage *effect_over(const struct effect *e, const ProtobufCMessage *message, struct arena *arena)
{
    if (e->life == LIFE_TOMBSTONE || !e->kind)
        return NULL;
    bool from_nothing = !message || e->life == LIFE_REVIVE;
    ProtobufCMessage *out = from_nothing ? record_new(e->kind->descriptor, arena) : record_copy(message, arena);
    CHECK(out);
    record_overlay(out, e->patch, e->cleared, e->cleared_count, arena);
    return out;
}
