/* `banyan add member --from ID`: takes a member over whom another branch transferred out to this one. The file is asked from the
 * server; from then on it is a change like any other, which waits here until it is sent. Unlike other drafts this one needs the
 * network. */
#include "base/limits.h"
#include "client/command/add_from.h"
#include "client/command/incoming.h"
#include "client/command/twins.h"
#include "kinds/transfer.h"
#include "wire/wire.h"

static enum err open_file(struct seat *s, const Wire__Transfer *t, ProtobufCMessage **out)
{
    const struct kind *k = kind_by_number(TRANSFER_KIND);
    return wire_open(k->descriptor, slice_of(t->file.data, t->file.len), &s->arena, out);
}

/* The words win over the file; who comes on another day is a member here from that day. */
static void lay_over(struct seat *s, const struct field_words *words, ProtobufCMessage *m)
{
    struct cell came = record_get_name(words->patch, "transferred_in_on");
    if (came.type != CELL_ABSENT)
        record_put_name(m, "state_effective_on", came, &s->arena);
    for (unsigned i = 0; i < m->descriptor->n_fields; i++) {
        struct cell value = record_get(words->patch, &m->descriptor->fields[i]);
        if (value.type != CELL_ABSENT)
            record_put(m, &m->descriptor->fields[i], value, &s->arena);
    }
}

/* Who left one branch is a member of the other from that day, so that no month is owed to nobody; not from today, which may be weeks
 * later. */
static struct date day_of_coming(struct seat *s, const Wire__Transfer *t)
{
    struct date left;
    return t->left_on && date_read(slice_text(t->left_on), &left) ? left : seat_today(s);
}

static void say_day(const ProtobufCMessage *m)
{
    struct cell day = record_get_name(m, "transferred_in_on");
    if (day.type == CELL_TEXT)
        command_tell(_("a member here from %s on, and owes dues from then; another day: transferred_in_on=DATE\n"), (const char *)day.bytes.data);
}

/* What the server would refuse: the branch before is known here for this moment alone. */
static bool came_early(const Wire__Transfer *t, const ProtobufCMessage *m)
{
    struct date left, came = {0};
    struct cell day = record_get_name(m, "transferred_in_on");
    bool given = day.type == CELL_TEXT && date_read(day.bytes, &came);
    return given && t->left_on && date_read(slice_text(t->left_on), &left) && date_compare(came, left) < 0;
}

static int say_early(const struct kind *k, const Wire__Transfer *t)
{
    return command_refused(k, &(struct replica_outcome){.code = "member.came_early", .field = "transferred_in_on", .argument = {t->left_on}});
}

static int save(struct seat *s, const struct kind *k, ProtobufCMessage *m)
{
    struct replica_outcome outcome = {0};
    struct replica_change change = {.op = OP_CREATE, .kind = k->number, .patch = m};
    enum err e = replica_change(s->replica, &change, s->now_ms, &s->arena, &outcome);
    if (e == ERR_REFUSED)
        return command_refused(k, &outcome);
    if (e != ERR_OK)
        return command_failed(s, e, k->name);
    add_from_print(outcome.id);
    say_day(m);
    if (!outcome.changed)
        command_warn(_("nothing to change: it is so already"));
    command_warnings(k, &outcome.warnings);
    twins_warn(s, k, m, outcome.id);
    command_note(_("saved on this device; banyan sync sends it"));
    return EXIT_DONE;
}

int draft_member(struct seat *s, const char *from, const struct field_words *words)
{
    const struct kind *k = kind_by_number(TRANSFER_KIND);
    const Wire__Transfer *t;
    ProtobufCMessage *file, *m = NULL;
    int status = EXIT_DONE;
    if (!incoming_file(s, from, &t, &status))
        return status;
    enum err e = open_file(s, t, &file);
    struct id id = id_from(slice_of(t->id.data, t->id.len));
    if (e == ERR_OK && !(m = transfer_record(file, id, t->from->code ? t->from->code : "", day_of_coming(s, t), &s->arena)))
        e = ERR_MEMORY;
    if (e != ERR_OK)
        return command_failed(s, e, from);
    lay_over(s, words, m);
    return came_early(t, m) ? say_early(k, t) : save(s, k, m);
}
