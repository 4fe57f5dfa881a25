/* `banyan add dues_usage_report --from YEAR`: the yearly statement on dues (FIN-03) as far as the year's records tell it: what was
 * received, the balance that last year's statement closed with and, once lines of spending are there, the balance that is left. Run
 * again it brings a statement that is still a draft up to date. */
#include "client/command/add_from.h"
#include "client/command/dues_received.h"
#include "dues.pb-c.h"
#include "kinds/dues.h"

#include <string.h>

struct drafting {
    struct seat *seat;
    struct dues_period year;
    char year_text[DUES_PERIOD_SIZE], year_before[DUES_PERIOD_SIZE];
    const ProtobufCMessage *given;
    const ProtobufCMessage *known; /* the year's statement, if it is here */
    struct id id;                  /* its id */
    bool has_opening;
    int64_t opening_fen;           /* what the year before closed with, published */
    struct dues_received received;
    int64_t spent_fen;
    size_t lines;
};

/* ---- what is here ---- */

static bool on_report(void *to, const struct replica_row *row)
{
    struct drafting *d = to;
    const Record__DuesUsageReport *m = (const Record__DuesUsageReport *)row->message;
    if (row->org != d->seat->facts.home || !m->period)
        return true;
    bool published = strcmp(kind_state_of(kind_by_name("dues_usage_report"), row->message), "published") == 0;
    if (strcmp(m->period, d->year_before) == 0 && published && m->has_closing_fen) {
        d->has_opening = true;
        d->opening_fen = m->closing_fen;
    }
    if (strcmp(m->period, d->year_text) == 0)
        d->id = row->id;
    return true;
}

static bool on_line(void *to, const struct replica_row *row)
{
    struct drafting *d = to;
    struct cell report = record_get_name(row->message, "report_id");
    if (report.type != CELL_BYTES || !slice_equal(report.bytes, id_slice(&d->id)))
        return true;
    d->spent_fen += ((const Record__DuesUsageLine *)row->message)->amount_fen;
    d->lines++;
    return true;
}

static enum err gather(struct drafting *d)
{
    struct replica *r = d->seat->replica;
    struct replica_row row;
    enum err e = replica_scan(r, kind_by_name("dues_usage_report")->number, d->seat->now_ms, on_report, d);
    if (e == ERR_OK)
        e = dues_received_in(d->seat, d->year.year, &d->received);
    if (e != ERR_OK || id_is_zero(d->id))
        return e;
    e = replica_load(r, kind_by_name("dues_usage_report")->number, d->id, d->seat->now_ms, &d->seat->arena, &row);
    d->known = e == ERR_OK ? row.message : NULL;
    return e == ERR_OK ? replica_scan(r, kind_by_name("dues_usage_line")->number, d->seat->now_ms, on_line, d) : e;
}

/* ---- the statement ---- */

static struct cell value_of(const struct drafting *d, const ProtobufCMessage *patch, const char *field)
{
    struct cell value = record_get_name(patch, field);
    return value.type == CELL_ABSENT && d->known ? record_get_name(d->known, field) : value;
}

static ProtobufCMessage *make(const struct drafting *d)
{
    struct arena *arena = &d->seat->arena;
    ProtobufCMessage *p = record_new(&record__dues_usage_report__descriptor, arena);
    CHECK(p);
    if (d->has_opening)
        record_put_name(p, "opening_fen", cell_integer(d->opening_fen), arena);
    record_put_name(p, "received_fen", cell_integer(d->received.fen), arena);
    record_overlay(p, d->given, NULL, 0, arena);
    record_put_name(p, "period", cell_text(d->year_text), arena);
    struct cell opening = value_of(d, p, "opening_fen"), received = value_of(d, p, "received_fen");
    if (d->lines && opening.type == CELL_INTEGER && record_get_name(p, "closing_fen").type == CELL_ABSENT)
        record_put_name(p, "closing_fen", cell_integer(opening.integer + received.integer - d->spent_fen), arena);
    return p;
}

/* ---- what is told ---- */

static void say_received(const struct drafting *d)
{
    struct buf said = BUF_INIT, yuan = BUF_INIT;
    fen_text(d->received.fen, &yuan);
    if (d->known)
        buf_format(&said, _("the statement of %s is here already as a draft: brought up to date"), d->year_text);
    else
        buf_format(&said, _("drafted: the statement of %s"), d->year_text);
    buf_format(&said, _("; received %s yuan in %zu payments, %zu taken back"), buf_c_string(&yuan), d->received.payments, d->received.reversals);
    command_warn(buf_c_string(&said));
    buf_finish(&said);
    buf_finish(&yuan);
}

static void say_missing(const struct drafting *d, const ProtobufCMessage *patch)
{
    struct buf said = BUF_INIT;
    char id[ID_TEXT_SIZE];
    id_text(d->id, id);
    buf_text(&said, _("still to be entered:"));
    if (value_of(d, patch, "opening_fen").type == CELL_ABSENT) {
        buf_text(&said, "\n  ");
        buf_format(&said, _("the opening balance, for no statement of %s was published here: banyan set dues_usage_report %s opening_fen=YUAN"),
                   d->year_before, id);
    }
    if (!d->lines) {
        buf_text(&said, "\n  ");
        buf_format(&said, _("what was spent, a line a category: banyan add dues_usage_line report_id=%s category=CODE amount_fen=YUAN"), id);
    }
    if (value_of(d, patch, "closing_fen").type == CELL_ABSENT) {
        buf_text(&said, "\n  ");
        buf_format(&said, _("the closing balance: worked out by the same command, once that is there: banyan add dues_usage_report --from %s"),
                   d->year_text);
    }
    if (strchr(buf_c_string(&said), '\n'))
        command_warn(buf_c_string(&said));
    buf_finish(&said);
}

static int say_done(const struct drafting *d, const char *state)
{
    struct buf said = BUF_INIT, next = BUF_INIT;
    const struct kind *k = kind_by_name("dues_usage_report");
    char id[ID_TEXT_SIZE];
    id_text(d->id, id);
    buf_format(&said, _("the statement of %s is “%s” already: %s"), d->year_text, label_in(kind_state(k, state)->label, command_language()), id);
    if (strcmp(state, "audited") == 0)
        buf_format(&next, _("to change it, the audit member or the chair sends it back first: banyan act dues_usage_report %s drafted"), id);
    int status = command_say(buf_c_string(&said), buf_c_string(&next));
    buf_finish(&said);
    buf_finish(&next);
    return status;
}

static int write(struct drafting *d)
{
    const struct kind *k = kind_by_name("dues_usage_report");
    struct replica_outcome outcome = {0};
    ProtobufCMessage *patch = make(d);
    struct replica_change change = {.op = d->known ? OP_SET : OP_CREATE, .kind = k->number, .id = d->id, .patch = patch};
    if (d->known)
        record_put_name(patch, "period", (struct cell){.type = CELL_ABSENT}, &d->seat->arena);
    enum err e = replica_change(d->seat->replica, &change, d->seat->now_ms, &d->seat->arena, &outcome);
    if (e == ERR_REFUSED)
        return command_refused(k, &outcome);
    if (e != ERR_OK)
        return command_failed(d->seat, e, k->name);
    d->id = outcome.id;
    add_from_print(d->id);
    say_received(d);
    command_warnings(k, &outcome.warnings);
    say_missing(d, patch);
    return EXIT_DONE;
}

int draft_dues_usage_report(struct seat *s, const char *from, const struct field_words *words)
{
    struct drafting d = {.seat = s, .given = words->patch};
    struct buf year = BUF_INIT;
    dues_period_normalise(slice_text(from), &year);
    bool good = dues_period_read(buf_c_string(&year), &d.year) && d.year.kind == DUES_YEAR;
    buf_finish(&year);
    if (!good)
        return (void)command_say(_("--from: a statement on dues is drafted from a year, such as 2026"), NULL), EXIT_USAGE;
    dues_period_text(d.year, d.year_text);
    dues_period_text((struct dues_period){DUES_YEAR, d.year.year - 1, 0}, d.year_before);
    enum err e = gather(&d);
    if (e != ERR_OK)
        return command_failed(s, e, "dues_usage_report");
    const char *state = d.known ? kind_state_of(kind_by_name("dues_usage_report"), d.known) : "drafted";
    return strcmp(state, "drafted") == 0 ? write(&d) : say_done(&d, state);
}
