/* See handover_draft.h. What is drafted is a proposal to the people who sign: they check and amend it (state "drafted"). */
#include "client/command/handover_draft.h"
#include "base/limits.h"
#include "client/command/field_words.h"

#include <string.h>

static void put_text(struct seat *s, ProtobufCMessage *m, const char *field, const char *text)
{
    if (text && *text && record_get_name(m, field).type == CELL_ABSENT)
        record_put_name(m, field, cell_text(text), &s->arena);
}

static void put_number(struct seat *s, ProtobufCMessage *m, const char *field, int64_t number)
{
    if (record_get_name(m, field).type == CELL_ABSENT)
        record_put_name(m, field, cell_integer(number), &s->arena);
}

/* Of several roles the one that money goes with, else the first. */
static const char *main_role(struct seat *s, const char *roles)
{
    size_t first = strcspn(roles, ",");
    if (strstr(roles, "accountant"))
        return "accountant";
    return arena_text(&s->arena, slice_of(roles, first));
}

/* As many lines as the field holds; what is left out is said. */
static const char *open_text(struct seat *s, const struct handover_look *look)
{
    struct buf out = BUF_INIT;
    for (size_t i = 0; i < look->count; i++) {
        const struct handover_open *o = &look->list[i];
        if (out.size > LIMIT_TEXT_LONG - 2 * LIMIT_TEXT_SHORT) {
            buf_format(&out, _("and %zu more"), look->count - i);
            break;
        }
        buf_format(&out, "%s%s %s", i ? "\n" : "", label_in(o->kind->label, command_language()), o->title);
        if (o->state)
            buf_format(&out, " (%s)", label_in(o->state->label, command_language()));
    }
    const char *text = arena_text(&s->arena, buf_slice(&out));
    buf_finish(&out);
    return text;
}

static void fill(struct seat *s, const struct handover_look *look, ProtobufCMessage *m)
{
    put_text(s, m, "role", main_role(s, look->roles));
    put_number(s, m, "from_seat", look->seat);
    put_text(s, m, "from_name", look->person);
    if (look->reported)
        put_number(s, m, "unsent_count", (int64_t)(look->left ? look->left : look->queued));
    put_text(s, m, "open_text", open_text(s, look));
    if (look->money)
        put_text(s, m, "balances_text", handover_money(s, look));
}

int handover_draft(struct seat *s, const struct handover_look *look, char *const *words, int count)
{
    const struct kind *k = kind_by_name("handover");
    struct field_words given;
    struct replica_outcome o;
    struct buf out = BUF_INIT;
    char id[ID_TEXT_SIZE];
    int status = EXIT_DONE;
    if (!field_words_parse(s, k, words, count, FIELD_WORDS_ADD, &given, &status))
        return status;
    fill(s, look, given.patch);
    struct replica_change change = {.op = OP_CREATE, .kind = k->number, .patch = given.patch};
    enum err e = replica_change(s->replica, &change, s->now_ms, &s->arena, &o);
    if (e == ERR_REFUSED)
        return command_refused(k, &o);
    if (e != ERR_OK)
        return command_failed(s, e, k->name);
    command_warnings(k, &o.warnings);
    id_text(o.id, id);
    buf_format(&out, "%s\n", id);
    command_print(&out);
    return EXIT_DONE;
}
