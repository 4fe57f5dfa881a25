/* `banyan import work_plan FILE.txt`; see command_import.h. Each part that is a plan becomes a draft with its items. A plan of the
 * same file, part and period that is here already is left as it is, with what differs and what to do; --replace puts the document
 * in the draft's place (plan_draft.h). What belongs to no plan is told, line by line. */
#include "client/command/command_import.h"
#include "base/limits.h"
#include "base/text.h"
#include "client/command/field_words.h"
#include "client/command/import_known.h"
#include "client/reader/plan_reader.h"
#include "plans.pb-c.h"

#include <string.h>

struct import {
    struct seat *seat;
    const struct import_wish *wish;
    const struct plan_document *document;
    const ProtobufCMessage *constants;
    struct arena *arena;
    struct buf out;
    size_t plans, items;
    struct import_known known;
};

static struct cell text_or_absent(const char *text)
{
    return text && *text ? cell_text(text) : (struct cell){.type = CELL_ABSENT};
}

static bool is_wanted(const struct import *m, const struct plan_part *part)
{
    return m->wish->part ? part->number == m->wish->part : part->kind == PLAN_PART_PLAN;
}

/* ---- what the document lacks ---- */

static const char *period_note(const struct import *m, const struct plan_part *part)
{
    for (size_t i = 0; i < m->document->note_count; i++) {
        const struct plan_note *n = &m->document->notes[i];
        if (n->part == part->number && n->code <= PLAN_NOTE_PERIOD_MISSING)
            return plan_note_text(n->code);
    }
    return plan_note_text(PLAN_NOTE_PERIOD_MISSING);
}

/* False: some wanted part has no period, said for each. */
static bool periods_known(struct import *m)
{
    bool good = true;
    if (record_get_name(m->constants, "period").type != CELL_ABSENT)
        return true;
    for (size_t i = 0; i < m->document->part_count; i++) {
        const struct plan_part *part = &m->document->parts[i];
        if (!is_wanted(m, part) || part->has_period)
            continue;
        struct buf said = BUF_INIT;
        buf_format(&said, _("%s, part %u (line %u): %s"), m->wish->name, part->number, part->first_line, period_note(m, part));
        command_warn(buf_c_string(&said));
        buf_finish(&said);
        good = false;
    }
    if (!good)
        (void)command_say(NULL, _("for example: banyan import work_plan FILE.txt --part 1 period=2026-1 (the first term of the academic year that begins in 2026)")); /* status follows */
    return good;
}

/* ---- one part ---- */

static void name_source(struct import *m, const struct plan_part *part, struct buf *out)
{
    buf_text(out, m->wish->name);
    if (m->document->part_count > 1)
        buf_format(out, " #%u", part->number);
}

/* The period that the draft says; false: none, or not one (the rules then say so). */
static bool plan_period(const ProtobufCMessage *plan, struct period *out)
{
    struct cell text = record_get_name(plan, "period");
    return text.type == CELL_TEXT && period_read(text.bytes, out);
}

/* of_known: a plan that is here keeps its title where the document has none. */
static ProtobufCMessage *plan_patch(struct import *m, const struct plan_part *part, bool of_known)
{
    struct period written;
    ProtobufCMessage *p = record_new(&record__work_plan__descriptor, m->arena);
    char period[PERIOD_TEXT_SIZE];
    struct buf name = BUF_INIT, title = BUF_INIT;
    CHECK(p);
    name_source(m, part, &name);
    if (*part->title)
        buf_text(&title, part->title);
    else if (!of_known)
        buf_format(&title, _("Work plan (%s)"), buf_c_string(&name));
    record_put_name(p, "title", text_or_absent(buf_c_string(&title)), m->arena);
    record_put_name(p, "source_name", cell_text(buf_c_string(&name)), m->arena);
    record_put_name(p, "guiding_text", text_or_absent(part->guiding_text), m->arena);
    record_put_name(p, "goals_text", text_or_absent(part->goals_text), m->arena);
    record_put_name(p, "measures_text", text_or_absent(part->measures_text), m->arena);
    record_put_name(p, "other_text", text_or_absent(part->other_text), m->arena);
    if (part->has_period) {
        plan_period_text(part->period, period);
        record_put_name(p, "period", cell_text(period), m->arena);
    }
    record_overlay(p, m->constants, NULL, 0, m->arena);
    if (plan_period(p, &written))
        record_put_name(p, "period_kind", cell_text(period_kind_name(written.kind)), m->arena);
    buf_finish(&name);
    buf_finish(&title);
    return p;
}

/* A plan for the same period with the same value in a field; of several the first, *count of them. */
static enum err find_plan(struct import *m, const ProtobufCMessage *plan, const char *field, struct id *out, size_t *count)
{
    struct id found[64];
    size_t room = 0;
    *count = 0;
    enum err e = replica_find_value(m->seat->replica, kind_by_name("work_plan")->number, field, record_get_name(plan, field), m->seat->now_ms,
                                    found, 64, &room);
    for (size_t i = 0; e == ERR_OK && i < room; i++) {
        struct replica_row row;
        e = replica_load(m->seat->replica, kind_by_name("work_plan")->number, found[i], m->seat->now_ms, m->arena, &row);
        if (e == ERR_OK && cell_equal(record_get_name(row.message, "period"), record_get_name(plan, "period")) && (*count)++ == 0)
            *out = found[i];
    }
    return e == ERR_OK && *count == 0 ? ERR_NOT_FOUND : e;
}

/* The same document under another file's name would come in twice, items and all: told. */
static void say_twin(struct import *m, struct id twin, uint32_t line)
{
    char text[ID_TEXT_SIZE];
    id_text(twin, text);
    buf_format(&m->out, _("line %u: please check: a plan of this title and period is here already: %s\n"), line, text);
}

static enum err create(struct import *m, const char *kind, ProtobufCMessage *patch, uint32_t line, struct id *id)
{
    struct replica_outcome outcome = {0};
    const struct kind *k = kind_by_name(kind);
    struct replica_change change = {.op = OP_CREATE, .kind = k->number, .patch = patch};
    enum err e = replica_change(m->seat->replica, &change, m->seat->now_ms, m->arena, &outcome);
    if (e == ERR_REFUSED) {
        struct buf said = BUF_INIT;
        buf_format(&said, _("%s, line %u"), m->wish->name, line);
        command_warn(buf_c_string(&said));
        buf_finish(&said);
        (void)command_refused(k, &outcome); /* the caller's status */
    }
    *id = outcome.id;
    return e;
}

static void say_part(struct import *m, const struct plan_part *part, const struct id *id, const ProtobufCMessage *plan)
{
    import_known_head(*id, plan, &m->out);
    buf_format(&m->out, _("  (part %u, lines %u-%u: %zu items, %zu without a month)\n"), part->number, part->first_line, part->last_line, part->item_count, part->lost_count);
}

/* The draft that came from this part before; to be replaced also one that came from a file of another name. */
static enum err find_known(struct import *m, const ProtobufCMessage *plan, struct id *out, struct id *twin, size_t *twins)
{
    size_t count;
    enum err e = find_plan(m, plan, "source_name", out, &count);
    if (e != ERR_NOT_FOUND)
        return e;
    e = find_plan(m, plan, "title", twin, twins);
    if (e != ERR_OK || !m->wish->replace || *twins != 1)
        return e == ERR_OK ? ERR_NOT_FOUND : e;
    *out = *twin;
    return ERR_OK;
}

static enum err create_all(struct import *m, const struct plan_part *part, ProtobufCMessage *plan, const struct period *period, struct id *id)
{
    struct id item_id;
    enum err e = create(m, "work_plan", plan, part->first_line, id);
    for (size_t i = 0; e == ERR_OK && i < part->item_count; i++, m->items++) {
        ProtobufCMessage *item = plan_draft_item_patch(&part->items[i], *id, period, m->arena);
        e = item ? create(m, "plan_item", item, part->items[i].source_line, &item_id) : ERR_MEMORY;
    }
    return e;
}

static enum err take_part(struct import *m, const struct plan_part *part)
{
    struct id id, twin;
    struct period period = part->period;
    size_t twins = 0;
    ProtobufCMessage *plan = plan_patch(m, part, false);
    (void)plan_period(plan, &period); /* else the part's own, if it has one; without any the rules refuse it */
    enum err e = find_known(m, plan, &id, &twin, &twins);
    if (e == ERR_OK)
        return import_known_take(&m->known, id, plan_patch(m, part, true), part, m->document->part_count, &period);
    if (e == ERR_NOT_FOUND)
        e = create_all(m, part, plan, &period, &id);
    if (e != ERR_OK)
        return e;
    m->plans++;
    say_part(m, part, &id, plan);
    if (twins) {
        say_twin(m, twin, part->first_line);
        import_known_twin(&m->known, twin, id, part, m->document->part_count);
    }
    return ERR_OK;
}

/* ---- what belongs to no plan, and notes ---- */

static void say_rest(struct import *m)
{
    for (size_t i = 0; i < m->document->note_count; i++) {
        const struct plan_note *n = &m->document->notes[i];
        if (n->code > PLAN_NOTE_PERIOD_MISSING)
            buf_format(&m->out, _("line %u: %s%s%s\n"), n->line, plan_note_text(n->code), *n->words ? ": " : "", n->words);
    }
    for (size_t i = 0; i < m->document->leftover_count; i++) {
        const struct plan_leftover *l = &m->document->leftovers[i];
        buf_format(&m->out, l->first_line == l->last_line ? _("line %u: ") : _("lines %u-%u: "), l->first_line, l->last_line);
        buf_format(&m->out, _("not taken, %s: %s\n"), plan_reason_text(l->reason), l->text);
    }
}

static enum err take_all(struct import *m, size_t *wanted)
{
    enum err e = ERR_OK;
    *wanted = 0;
    for (size_t i = 0; e == ERR_OK && i < m->document->part_count; i++)
        if (is_wanted(m, &m->document->parts[i])) {
            ++*wanted;
            e = take_part(m, &m->document->parts[i]);
        }
    return e;
}

static int sum_up(struct import *m, size_t wanted)
{
    struct buf said = BUF_INIT;
    buf_format(&said, _("%zu plans with %zu items, %zu known already"), m->plans, m->items, m->known.same);
    if (m->known.replaced)
        buf_format(&said, _(", %zu replaced"), m->known.replaced);
    command_warn(buf_c_string(&said));
    buf_finish(&said);
    if (m->known.next.size)
        command_warn(buf_c_string(&m->known.next));
    if (!wanted)
        return command_say(m->wish->part ? _("the document has no such part") : _("the document holds no plan"), m->wish->part ? NULL : _("take a part of it anyway with --part N"));
    if (m->known.stuck)
        return command_say(_("nothing was written"), NULL);
    if (m->wish->dry_run)
        command_warn(_("a dry run: nothing was written"));
    return EXIT_DONE;
}

static int write_parts(struct import *m)
{
    size_t wanted;
    if (!periods_known(m))
        return EXIT_FAILED;
    enum err e = replica_batch_begin(m->seat->replica);
    if (e != ERR_OK)
        return command_failed(m->seat, e, m->wish->name);
    e = take_all(m, &wanted);
    if (e == ERR_OK && !m->wish->dry_run && wanted && !m->known.stuck)
        e = replica_batch_commit(m->seat->replica);
    else
        replica_batch_rollback(m->seat->replica);
    if (e == ERR_REFUSED)
        return command_say(_("nothing was written"), NULL);
    if (e != ERR_OK)
        return command_failed(m->seat, e, m->wish->name);
    say_rest(m);
    command_print(&m->out);
    return sum_up(m, wanted);
}

int import_plan(struct seat *s, const struct import_wish *wish, struct slice bytes)
{
    struct arena arena;
    struct buf text = BUF_INIT;
    struct plan_document document;
    struct field_words constants;
    int status = EXIT_DONE;
    if (!field_words_parse(s, wish->kind, wish->words, wish->word_count, FIELD_WORDS_ADD, &constants, &status))
        return status;
    arena_init(&arena, 2 * PLAN_READ_ARENA);
    enum err e = text_decode(bytes, &text);
    if (e == ERR_OK)
        e = plan_read(buf_slice(&text), &arena, &document);
    if (e != ERR_OK) {
        struct buf said = BUF_INIT;
        buf_format(&said, e == ERR_TEXT ? _("%s: this is neither UTF-8 nor GB18030 text") : _("%s: the document is too long"), wish->name);
        status = command_say(buf_c_string(&said), e == ERR_TEXT ? _("save it as plain text (UTF-8) from the word processor") : NULL);
        buf_finish(&said);
    } else {
        struct import m = {.seat = s, .wish = wish, .document = &document, .constants = constants.patch, .arena = &arena};
        m.known = (struct import_known){.seat = s, .wish = wish, .arena = &arena, .out = &m.out};
        status = write_parts(&m);
        buf_finish(&m.out);
        buf_finish(&m.known.next);
    }
    buf_finish(&text);
    arena_finish(&arena);
    return status;
}
