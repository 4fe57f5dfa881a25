/* Records that follow a person who was erased by law while nobody here knew of them (rule 29): another record of the person that came back, or
 * one about the person that came to be afterwards. Each is erased, too, in the journal first, so that every holder hears of it and a
 * restore keeps it; what this commit has brought of it the next one takes out (writer.c). */
#include "server/writer/writer_step.h"

#include "base/log.h"
#include "wire/wire.h"

enum err follow_now(struct step *st, const struct followed *x)
{
    uint8_t id[ERASURE_ID_SIZE];
    Wire__Erasure m = WIRE__ERASURE__INIT;
    Wire__Erased one = WIRE__ERASED__INIT, *list[] = {&one};
    st->random(id, sizeof id);
    m.has_id = m.has_org = m.has_at_ms = 1;
    m.id = (ProtobufCBinaryData){sizeof id, id};
    m.org = x->org;
    m.at_ms = st->now_ms;
    m.n_erased = 1;
    m.erased = list;
    one.has_kind = one.has_id = 1;
    one.kind = x->kind;
    one.id = (ProtobufCBinaryData){ID_SIZE, (uint8_t *)x->id.bytes};
    one.n_field = x->fields.count;
    one.field = (uint32_t *)x->fields.tags;
    one.has_from = x->fields.from > 0;
    one.from = x->fields.from;
    log_warn("writer", "org %u: a record has come of a person who was erased by law: it is erased, too", x->org);
    return control_add_erasure(st->control, wire_pack_arena(&m.base, &st->arena), 0);
}

void follow_later(struct step *st, const struct followed *x)
{
    for (const struct followed *known = st->followed; known; known = known->next)
        if (known->kind == x->kind && id_equal(known->id, x->id))
            return;
    struct followed *copy = arena_alloc(&st->arena, sizeof *copy);
    CHECK(copy);
    *copy = *x;
    copy->next = st->followed;
    st->followed = copy;
}

enum err follow_all(struct step *st)
{
    enum err e = ERR_OK;
    for (const struct followed *x = st->followed; x && e == ERR_OK; x = x->next)
        e = follow_now(st, x);
    return e;
}
