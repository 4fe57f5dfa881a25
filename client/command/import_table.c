/* `banyan import KIND FILE.csv`; see command_import.h. A row is known already by the kind's identity fields, in their order: then
 * it updates the record, in the fields that differ alone. A name alone tells only where nothing before it says otherwise. */
#include "base/limits.h"
#include "client/command/field_words.h"
#include "client/command/import_inner.h"
#include "client/command/item_due.h"
#include "client/command/record_find.h"
#include "client/reader/roster.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- a row's record ---- */

/* What is no more than a name can be added at once. */
static void say_first(struct import *m, const struct kind *k, const char *name)
{
    struct buf line = BUF_INIT;
    if (k->state_count || !k->naming || !*k->naming)
        return;
    buf_format(&line, "  banyan add %s %s=%s\n", k->name, k->naming[0], name);
    if (!m->missing.size || !strstr(buf_c_string(&m->missing), buf_c_string(&line)))
        buf_append_slice(&m->missing, buf_slice(&line));
    buf_finish(&line);
}

/* ERR_NOT_FOUND, ERR_AMBIGUOUS. */
static void say_reference(struct import *m, const struct roster_row *row, const struct roster_cell *cell, enum err e)
{
    const struct kind *k = kind_by_number(cell->field->reference);
    const char *near = e == ERR_AMBIGUOUS ? NULL : record_find_near(m->seat, k, cell->written);
    struct buf text = BUF_INIT;
    buf_format(&text, e == ERR_AMBIGUOUS ? _("wrong: more than one %s is called %s") : _("wrong: there is no %s called %s"),
               label_in(k->label, command_language()), cell->written);
    if (near)
        buf_format(&text, _("; did you mean %s?"), near);
    import_verdict(m, row->line, label_in(cell->field->label, command_language()), buf_c_string(&text));
    buf_finish(&text);
    if (e != ERR_AMBIGUOUS)
        say_first(m, k, cell->written);
}

static bool take_cell(struct import *m, const struct roster_row *row, const struct roster_cell *cell, ProtobufCMessage *patch)
{
    struct cell value = cell->value;
    if (cell->field->flags & FIELD_SERVER || (m->payroll && import_payroll_names(cell->field)))
        return true; /* only to find a record by */
    if (cell->field->reference) {
        enum err e = field_words_value(m->seat, cell->field, cell->written, &value);
        if (e != ERR_OK) {
            say_reference(m, row, cell, e);
            return false;
        }
    }
    record_put_name(patch, cell->field->name, value, &m->row_arena);
    return true;
}

/* NULL: said, or *idle: nothing to take. */
static ProtobufCMessage *row_patch(struct import *m, const struct roster_row *row, bool *idle)
{
    ProtobufCMessage *patch = record_copy(m->constants, &m->row_arena);
    bool good = patch != NULL;
    for (size_t i = 0; patch && i < row->cell_count; i++)
        good = take_cell(m, row, &row->cells[i], patch) && good;
    if (good && m->payroll)
        good = import_payroll_row(m, row, patch, idle);
    return good ? patch : NULL;
}

/* The value of a field in the row, numbers given by the server too. */
static struct cell row_value(const struct roster_row *row, const ProtobufCMessage *patch, const char *field)
{
    for (size_t i = 0; i < row->cell_count; i++)
        if (strcmp(row->cells[i].field->name, field) == 0 && !row->cells[i].field->reference)
            return row->cells[i].value;
    return record_get_name(patch, field);
}

/* True if an identity field before `upto` has a value on both sides and they differ. */
static bool contradicts(struct import *m, const struct roster_row *row, const ProtobufCMessage *patch, const ProtobufCMessage *known, size_t upto)
{
    for (size_t i = 0; i < upto; i++) {
        struct cell mine = row_value(row, patch, m->kind->identity[i]), theirs = record_get_name(known, m->kind->identity[i]);
        if (mine.type != CELL_ABSENT && theirs.type != CELL_ABSENT && !cell_equal(mine, theirs))
            return true;
    }
    return false;
}

/* The record that a row is about, if there is one already. ERR_AMBIGUOUS where more than one fits. */
static enum err find_known(struct import *m, const struct roster_row *row, const ProtobufCMessage *patch, struct replica_row *out)
{
    if (m->payroll)
        return import_payroll_known(m, row, patch, out);
    if (row->has_id)
        return replica_load(m->seat->replica, m->kind->number, row->id, m->seat->now_ms, &m->row_arena, out);
    for (size_t i = 0; m->kind->identity && m->kind->identity[i]; i++) {
        struct cell value = row_value(row, patch, m->kind->identity[i]);
        struct id found[16];
        size_t count = 0, fits = 0, left = 0;
        struct replica_row fitting, gone;
        if (value.type == CELL_ABSENT)
            continue;
        enum err e = replica_find_value(m->seat->replica, m->kind->number, m->kind->identity[i], value, m->seat->now_ms, found, 16, &count);
        if (e != ERR_OK && e != ERR_NOT_FOUND)
            return e;
        for (size_t k = 0; k < count; k++) {
            struct replica_row known;
            e = replica_load(m->seat->replica, m->kind->number, found[k], m->seat->now_ms, &m->row_arena, &known);
            if (e != ERR_OK)
                return e;
            if (contradicts(m, row, patch, known.message, i))
                continue;
            if (record_find_has_left(m->kind, known.message)) { /* meant only where nobody who is here fits (record_find.h) */
                gone = known;
                left++;
            } else {
                fitting = known;
                fits++;
            }
        }
        if (!fits && left) {
            fitting = gone;
            fits = left;
        }
        if (fits > 1)
            return ERR_AMBIGUOUS;
        if (fits == 1) {
            *out = fitting;
            return ERR_OK;
        }
    }
    return ERR_NOT_FOUND;
}

/* ---- writing ---- */

static const char *entry_state(const struct kind *k)
{
    for (size_t i = 1; i < k->state_count; i++)
        if (k->states[i].flags & STATE_ENTRY)
            return k->states[i].name;
    return NULL;
}

/* A roster lists what already is: without a word about its state a record comes in as that. */
static enum err add(struct import *m, ProtobufCMessage *patch, struct replica_outcome *o)
{
    const char *state = entry_state(m->kind);
    if (state && record_get_name(patch, "state").type == CELL_ABSENT)
        record_put_name(patch, "state", cell_text(state), &m->row_arena);
    item_due_fill(m->seat, m->kind, patch, &m->row_arena);
    struct replica_change change = {.op = OP_CREATE, .kind = m->kind->number, .patch = patch};
    return replica_change(m->seat->replica, &change, m->seat->now_ms, &m->row_arena, o);
}

/* Leaves in patch what differs from the record; names it in text. False: nothing differs. */
static bool keep_differences(struct import *m, const struct roster_row *row, ProtobufCMessage *patch, const ProtobufCMessage *known, struct buf *text)
{
    bool any = false;
    for (size_t i = 0; i < m->kind->field_count; i++) {
        const struct field_rule *f = &m->kind->fields[i];
        struct cell mine = record_get_name(patch, f->name);
        if (mine.type == CELL_ABSENT)
            continue;
        bool same = cell_equal(mine, record_get_name(known, f->name));
        if (!same && strcmp(f->name, "state") == 0) {
            import_verdict(m, row->line, label_in(f->label, command_language()), _("please check: another state than here; states move by: banyan act"));
            same = true;
        }
        if (same) {
            record_put_name(patch, f->name, (struct cell){.type = CELL_ABSENT}, &m->row_arena);
        } else {
            buf_format(text, "%s%s", any ? ", " : "", label_in(f->label, command_language()));
            any = true;
        }
    }
    return any;
}

static enum err update(struct import *m, const struct roster_row *row, ProtobufCMessage *patch, const struct replica_row *known, struct replica_outcome *o)
{
    struct buf fields = BUF_INIT, text = BUF_INIT;
    enum err e = ERR_OK;
    if (m->payroll) { /* payments stand as they were entered */
        import_verdict(m, row->line, NULL, _("known already"));
        m->same++;
    } else if (!keep_differences(m, row, patch, known->message, &fields)) {
        import_verdict(m, row->line, NULL, _("known already, nothing differs"));
        m->same++;
    } else {
        struct replica_change change = {.op = OP_SET, .kind = m->kind->number, .id = known->id, .patch = patch};
        e = replica_change(m->seat->replica, &change, m->seat->now_ms, &m->row_arena, o);
        if (e == ERR_OK) {
            buf_format(&text, _("known already, updated: %s"), buf_c_string(&fields));
            import_verdict(m, row->line, NULL, buf_c_string(&text));
            m->updated++;
        }
    }
    buf_finish(&fields);
    buf_finish(&text);
    return e;
}

/* One row. Failures other than a refusal end the import. */
static enum err take_row(struct import *m, const struct roster_row *row)
{
    struct replica_outcome outcome = {0};
    struct replica_row known;
    import_say_row(m, row);
    bool idle = false;
    ProtobufCMessage *patch = row->wrong ? NULL : row_patch(m, row, &idle);
    enum err e = patch ? find_known(m, row, patch, &known) : ERR_EXISTS;
    if (e == ERR_EXISTS) { /* said */
        m->wrong += !idle;
        return ERR_OK;
    }
    if (e == ERR_AMBIGUOUS) {
        import_verdict(m, row->line, NULL, _("wrong: more than one record here could be meant; add the ID number or the id"));
        m->wrong++;
        return ERR_OK;
    }
    if (e == ERR_OK) {
        e = update(m, row, patch, &known, &outcome);
    } else if (e == ERR_NOT_FOUND) {
        e = add(m, patch, &outcome);
        if (e == ERR_OK) {
            import_verdict(m, row->line, NULL, _("added"));
            m->added++;
        }
    }
    if (e == ERR_REFUSED) {
        import_say_refusal(m, row->line, &outcome);
        m->wrong++;
        return ERR_OK;
    }
    if (e == ERR_OK)
        import_say_warnings(m, row->line, &outcome.warnings);
    return e;
}

static enum err take_rows(struct import *m)
{
    enum err e = ERR_OK;
    for (size_t i = 0; e == ERR_OK && i < m->roster->row_count; i++) {
        e = take_row(m, &m->roster->rows[i]);
        arena_reset(&m->row_arena);
    }
    return e;
}

static int sum_up(struct import *m, bool written)
{
    struct buf said = BUF_INIT;
    buf_format(&said, _("%zu added, %zu updated, %zu known already, %zu wrong"), m->added, m->updated, m->same, m->wrong);
    if (m->payroll && m->payroll->idle)
        buf_format(&said, _(", %zu without dues"), m->payroll->idle);
    command_warn(buf_c_string(&said));
    buf_finish(&said);
    if (m->missing.size) {
        command_warn(_("to be added first, unless they are miswritten in the file:"));
        fputs(buf_c_string(&m->missing), stderr);
    }
    if (m->wish->dry_run)
        return command_say(_("a dry run: nothing was written"), NULL), m->wrong && !m->wish->skip_bad ? EXIT_FAILED : EXIT_DONE;
    if (written)
        return EXIT_DONE;
    return command_say(_("nothing was written, because rows are wrong"), _("mend the file, or take the right rows alone with --skip-bad"));
}

static int write_rows(struct import *m)
{
    enum err e = replica_batch_begin(m->seat->replica);
    if (e != ERR_OK)
        return command_failed(m->seat, e, m->wish->name);
    import_say_table(m);
    e = take_rows(m);
    if (e == ERR_OK && m->payroll)
        import_payroll_totals(m);
    command_print(&m->out);
    bool write = e == ERR_OK && !m->wish->dry_run && (!m->wrong || m->wish->skip_bad);
    if (!write)
        replica_batch_rollback(m->seat->replica);
    else
        e = replica_batch_commit(m->seat->replica);
    return e != ERR_OK ? command_failed(m->seat, e, m->wish->name) : sum_up(m, write);
}

/* ---- the file ---- */

/* False: said, *status is set. */
static bool take_maps(const struct import_wish *wish, const struct kind *sheet, struct arena *arena, struct roster_map **out, size_t *count, int *status)
{
    *out = arena_alloc(arena, OPTIONS_GIVEN * sizeof **out);
    CHECK(*out);
    *count = 0;
    for (const char *word; (word = options_nth(wish->specs, wish->options, "map", (int)*count)); ++*count) {
        const char *equals = strchr(word, '=');
        const struct field_rule *f = field_words_field(sheet, word, equals ? (size_t)(equals - word) : strlen(word), status);
        if (!f)
            return false;
        (*out)[*count] = (struct roster_map){.field = f->name, .column = equals ? equals + 1 : ""};
    }
    return true;
}

static int read_failed(const struct import_wish *wish, enum err e, const struct roster_fault *fault)
{
    struct buf said = BUF_INIT, next = BUF_INIT;
    if (e == ERR_TEXT)
        buf_format(&said, _("%s: this is neither UTF-8 nor GB18030 text"), wish->name);
    else if (e == ERR_TOO_LONG)
        buf_format(&said, _("%s: more than 8 MiB, 20000 rows or 512 columns"), wish->name);
    else if (fault->field)
        buf_format(&said, _("--map: %s has no field %s, or it is named twice"), wish->kind->name, fault->field);
    else if (fault->column)
        buf_format(&said, _("--map: the table has no column %s, or it is named twice"), fault->column);
    else
        buf_format(&said, _("%s: no line names columns of %s"), wish->name, label_in(wish->kind->label, command_language()));
    if (e == ERR_TEXT)
        buf_text(&next, _("save it as CSV UTF-8 from the spreadsheet"));
    else if (!fault->field && !fault->column && e == ERR_NOT_FOUND)
        buf_format(&next, _("the first line should name them; see: banyan describe %s"), wish->kind->name);
    int status = command_say(buf_c_string(&said), buf_c_string(&next));
    buf_finish(&said);
    buf_finish(&next);
    return status;
}

int import_table(struct seat *s, const struct import_wish *wish, struct slice bytes)
{
    struct arena arena;
    struct csv_table table;
    struct roster roster;
    struct roster_fault fault = {0};
    struct roster_map *maps;
    struct field_words constants;
    int status = EXIT_DONE;
    if (!field_words_parse(s, wish->kind, wish->words, wish->word_count, FIELD_WORDS_ADD, &constants, &status))
        return status;
    arena_init(&arena, CSV_READ_ARENA + ROSTER_ARENA);
    size_t map_count;
    bool payments = strcmp(wish->kind->name, "dues_payment") == 0;
    const struct kind *sheet = payments ? &payroll_sheet : wish->kind;
    if (!take_maps(wish, sheet, &arena, &maps, &map_count, &status)) {
        arena_finish(&arena);
        return status;
    }
    enum err e = csv_read(bytes, &arena, &table);
    if (e == ERR_OK && payments)
        e = payroll_join_headings(&table, &arena);
    if (e == ERR_OK)
        e = roster_read(sheet, &table, maps, map_count, &arena, &roster, &fault);
    if (e != ERR_OK) {
        status = read_failed(wish, e, &fault);
    } else {
        struct import m = {.seat = s, .wish = wish, .kind = wish->kind, .sheet = sheet, .roster = &roster, .constants = constants.patch};
        struct import_payroll payroll;
        arena_init(&m.row_arena, LIMIT_ARENA);
        if (!payments || import_payroll_begin(&m, &payroll, &table, &status))
            status = write_rows(&m);
        buf_finish(&m.missing);
        arena_finish(&m.row_arena);
    }
    arena_finish(&arena);
    return status;
}
