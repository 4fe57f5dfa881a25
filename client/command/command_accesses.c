/* banyan accesses: who is not of this branch and was given sensitive values of its records, as the server recorded it
 * before it gave them. */
#include "client/command/command.h"
#include "show/board.h"
#include "show/grid.h"
#include "show/roles.h"

#include <jansson.h>
#include <string.h>

static const struct option_spec options[] = {DATA_OPTION, {"json", OPTION_FLAG, NULL, N_("as JSON")}, END_OPTION};

struct listing {
    struct seat *seat;
    struct grid *grid;
    json_t *list;
    size_t count;
};

static void add_record(struct listing *l, const struct replica_reading *x)
{
    const struct kind *k = kind_by_number(x->kind);
    struct buf cell = BUF_INIT;
    buf_text(&cell, k ? label_in(k->label, command_language()) : "?");
    buf_byte(&cell, ' ');
    if (id_is_zero(x->id))
        buf_format(&cell, _("(%llu records)"), (unsigned long long)x->records);
    else
        seat_name(l->seat, x->kind, x->id, &cell);
    grid_take(l->grid, &cell);
}

/* Labels where the fields are known here. */
static void add_fields(struct listing *l, const struct replica_reading *x)
{
    const struct kind *k = kind_by_number(x->kind);
    struct buf cell = BUF_INIT;
    for (const char *word = x->fields; *word;) {
        size_t size = strcspn(word, ",");
        const char *name = arena_text(&l->seat->arena, slice_of(word, size));
        const struct field_rule *f = k && name ? kind_field(k, name) : NULL;
        buf_format(&cell, "%s%s", cell.size ? ", " : "",
                   f      ? label_in(f->label, command_language())
                   : name ? name
                          : "?");
        word += size + (word[size] == ',');
    }
    grid_take(l->grid, &cell);
}

static bool add_row(void *to, const struct replica_reading *x)
{
    struct listing *l = to;
    struct buf cell = BUF_INIT, unknown = BUF_INIT;
    l->count++;
    show_moment(x->at_ms, &cell);
    grid_take(l->grid, &cell);
    buf_format(&cell, "%s (", x->person);
    show_role_labels(role_set_known(x->roles, &unknown), command_language(), &cell);
    buf_format(&cell, "%s%s)", unknown.size ? " " : "", unknown.size ? buf_c_string(&unknown) : "");
    grid_take(l->grid, &cell);
    buf_finish(&unknown);
    grid_format(l->grid, "%s %s", x->branch, x->branch_name);
    add_record(l, x);
    add_fields(l, x);
    return true;
}

static bool add_json(void *to, const struct replica_reading *x)
{
    struct listing *l = to;
    char id[ID_TEXT_SIZE];
    const struct kind *k = kind_by_number(x->kind);
    id_text(x->id, id);
    json_array_append_new(l->list, json_pack("{s:I, s:o, s:I, s:s, s:s, s:s, s:s?, s:s?, s:I, s:s, s:b}", "number",
                                             (json_int_t)x->number, "at", show_time_json(x->at_ms), "seat",
                                             (json_int_t)x->seat, "person", x->person, "roles", x->roles, "branch",
                                             x->branch, "kind", k ? k->name : NULL, "id", id_is_zero(x->id) ? NULL : id,
                                             "records", (json_int_t)x->records, "fields", x->fields, "new", !x->noted));
    return true;
}

/* False: all of it is there, as far as this seat was told. */
static bool lost_words(struct seat *s, struct buf *out)
{
    struct buf when = BUF_INIT;
    int64_t lost_ms = replica_readings_lost_ms(s->replica);
    if (!lost_ms)
        return false;
    show_moment(lost_ms, &when);
    buf_format(out, _("The server was restored on %s, and its record of readings since the backup before that is lost: what was read until then and is not listed here, nobody can tell."),
               buf_c_string(&when));
    buf_finish(&when);
    return true;
}

static enum err put_words(struct listing *l, struct buf *out)
{
    const char *const heads[] = {_("when"), _("who"), _("of"), _("what"), _("fields")};
    l->grid = grid_create(sizeof heads / sizeof *heads);
    for (size_t i = 0; i < sizeof heads / sizeof *heads; i++)
        grid_cell(l->grid, heads[i]);
    enum err e = replica_readings(l->seat->replica, add_row, l);
    bool lost = lost_words(l->seat, out);
    if (lost)
        buf_byte(out, '\n');
    if (l->count)
        grid_print(l->grid, out);
    else if (!(l->seat->facts.roles & ROLES(union_chair)))
        buf_format(out, "%s\n", _("Only the branch's chair is told who else was given sensitive values; this seat is not told, so nothing can be said here. Next: ask the chair."));
    else if (lost)
        buf_format(out, "%s\n", _("Since then nobody else was given sensitive values of this branch, as far as this device was told."));
    else
        buf_format(out, "%s\n",
                   _("Nobody else was given sensitive values of this branch, as far as this device was told."));
    grid_destroy(l->grid);
    return e;
}

static int accesses(struct seat *s, const struct kind *k, const struct options *o)
{
    struct listing l = {.seat = s};
    struct buf out = BUF_INIT;
    enum err e;
    (void)k;
    if (options_get(options, o, "json")) {
        l.list = json_array();
        e = replica_readings(s->replica, add_json, &l);
        show_json(l.list, &out);
        json_decref(l.list);
        struct buf lost = BUF_INIT;
        if (lost_words(s, &lost)) /* no line of the list; a program finds it in status */
            command_warn(buf_c_string(&lost));
        buf_finish(&lost);
    } else {
        e = put_words(&l, &out);
    }
    if (e == ERR_OK)
        e = replica_readings_noted(s->replica);
    command_print(&out);
    return e == ERR_OK ? EXIT_DONE : command_failed(s, e, "accesses");
}

static int run(const struct command *c, int argc, char **argv)
{
    static const struct command_form form = {.problem = N_("accesses takes no further words")};
    return command_with_seat(c, argc, argv, &form, accesses);
}

const struct command command_accesses = {
    "accesses", "[--json]", N_("who else was given sensitive values of this branch's records (to its chair)"), options,
    run};
