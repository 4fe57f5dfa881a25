/* banyand verify: is the district what its history says. A line a finding, with what to do next; or all of it as JSON.
 */
#include "base/tr.h"
#include "server/command/command.h"
#include "server/command/heads_file.h"
#include "server/control/journal.h"
#include "server/recovery/verify.h"
#include "show/board.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct option_spec options[] = {
    {"data", OPTION_VALUE, "DIR", N_("the district's folder")},
    {"heads", OPTION_VALUE, "FILE", N_("besides, heads that a client saw: its banyan heads --json")},
    {"json", OPTION_FLAG, NULL, N_("as JSON")},
    {NULL, OPTION_FLAG, NULL, NULL},
};

static json_t *finding_json(const struct verify_finding *f, const struct control_org *org)
{
    static const struct id none;
    char id[ID_TEXT_SIZE];
    const struct kind *k = kind_by_number(f->kind);
    id_text(f->id, id);
    return json_pack("{s:s?, s:s?, s:s, s:s*, s:s*, s:s*, s:s*, s:o*, s:s*, s:s*, s:s, s:s}", "org",
                     org ? org->code : NULL, "org_name", org ? org->name : NULL, "what", f->what, "kind",
                     k ? k->name : NULL, "id", id_equal(f->id, none) ? NULL : id, "record", f->record, "name", f->name,
                     "seq", f->seq ? json_integer((json_int_t)f->seq) : NULL, "stored", f->stored, "expected",
                     f->expected, "text", f->text, "next", _(f->next));
}

static void put_json(const struct verify_report *r, const struct control *control, bool heads, struct buf *out)
{
    json_t *findings = json_array();
    for (size_t i = 0; i < r->count; i++)
        json_array_append_new(findings, finding_json(&r->list[i], control_org(control, r->list[i].org)));
    json_t *all =
        json_pack("{s:I, s:I, s:I, s:I, s:o}", "unions", (json_int_t)r->orgs, "entries", (json_int_t)r->entries,
                  "records", (json_int_t)r->rows, "stripped", (json_int_t)r->stripped, "findings", findings);
    if (heads) {
        json_object_set_new(all, "heads", json_integer((json_int_t)r->heads));
        json_object_set_new(all, "heads_not_believed", json_integer((json_int_t)r->heads_foreign));
    }
    json_t *unknown = json_array();
    for (size_t i = 0; i < r->unknown_count; i++)
        json_array_append_new(unknown, json_integer((json_int_t)r->unknown_seats[i]));
    json_object_set_new(all, "unknown_seats", unknown);
    if (r->left_out)
        json_object_set_new(all, "findings_left_out", json_integer((json_int_t)r->left_out));
    show_json(all, out);
    json_decref(all);
}

/* "QH001 青禾区小苗圃幼儿园工会 rows: ..."; what to do is said where it is another thing than for the line before. */
static void put_lines(const struct verify_report *r, const struct control *control, struct buf *out)
{
    const char *said = NULL;
    for (size_t i = 0; i < r->count; i++) {
        const struct verify_finding *f = &r->list[i];
        const struct control_org *org = control_org(control, f->org);
        if (said && f->next != said)
            buf_format(out, _("next: %s\n"), _(said));
        said = f->next;
        buf_format(out, "%s%s%s %s: %s\n", org ? org->code : "-", org ? " " : "", org ? org->name : "", verify_words(f->what),
                   f->text);
    }
    if (said)
        buf_format(out, _("next: %s\n"), _(said));
    if (r->left_out)
        buf_format(out, _("and at least %zu more: of each union the first %d are shown\n"), r->left_out, VERIFY_FINDINGS_MAX);
}

/* Heads that are not believed say nothing of the database, either way. */
static void say_heads(const struct verify_report *r)
{
    size_t wrong = 0;
    for (size_t i = 0; i < r->count; i++)
        wrong += strcmp(r->list[i].what, "heads") == 0;
    if (r->heads == 0 && r->heads_foreign && !wrong)
        fprintf(stderr, "%s\n", _("none of these heads is this server's: nothing was compared"));
    else
        fprintf(stderr,
            wrong ? _("%zu heads were compared, and not all of them fit\n") : _("%zu heads were compared, and they fit\n"),
            r->heads);
    if (r->heads_foreign)
        fprintf(stderr,
                _("%zu heads bear no mac of this server's head.key (it did not give them, somebody changed them, or the "
                  "key was replaced since): they are not believed, and prove nothing about the database\n"),
                r->heads_foreign);
}

static int say_lost(const char *dir, enum err lost)
{
    const char *unchecked = _("control data could not be checked without it");
    if (lost == ERR_CORRUPT) {
        command_say("%s: %s", JOURNAL_NAME, _("the control journal can't be read to its end"));
        fprintf(stderr, "  %s\n", _(verify_lost_journal));
        return EXIT_FAILED;
    }
    if (lost != ERR_NOT_FOUND)
        return command_fail(lost, JOURNAL_NAME, unchecked);
    fprintf(stderr, "%s: %s\n", JOURNAL_NAME, unchecked);
    return command_fail_folder(lost, dir, "");
}

/* lost: why control data could not be checked; ERR_OK: they were. */
static int say(const struct verify_report *r, const struct command_folder *f, enum err lost)
{
    if (r->stripped)
        fprintf(stderr,
                _("%zu entries are kept without all of their content (erased by law, or come back so after a loss): "
                  "their place in "
                  "the chain is checked, what they say is not\n"),
                r->stripped);
    for (size_t i = 0; i < r->unknown_count; i++)
        fprintf(stderr, _("entries of seat %u are here, and the seat is not known since a restore: banyand seat list says how to take it in again\n"),
                r->unknown_seats[i]);
    if (lost != ERR_OK)
        (void)say_lost(f->dir, lost);
    if (r->count) {
        command_say("%s: %s", f->dir, _("not all of it fits; what differs stands above, with what to do next"));
        return EXIT_FAILED;
    }
    if (lost != ERR_OK)
        return EXIT_FAILED;
    fprintf(stderr, _("everything fits: %zu unions, %zu entries, %zu records\n"), r->orgs, r->entries, r->rows);
    return EXIT_DONE;
}

struct heads {
    const char *path; /* NULL: none were given */
    struct verify_head *list;
    size_t count;
};

/* Before the long look: EXIT_DONE, or said. */
static int read_heads(const struct command_folder *f, struct heads *heads)
{
    struct authority *a;
    enum err e = authority_open(f->dir, &a);
    if (e != ERR_OK)
        return command_fail(e, f->dir, "head.key");
    e = heads_file_read(heads->path, a, &heads->list, &heads->count);
    authority_close(a);
    if (e == ERR_NOT_FOUND)
        command_say("%s: %s", heads->path, _("there is no such file"));
    else if (e != ERR_OK)
        command_say(_("%s: cannot be read as what banyan heads --json writes"), heads->path);
    return e == ERR_OK ? EXIT_DONE : EXIT_FAILED;
}

static void print_report(const struct verify_report *r, const struct control *control, bool heads, bool json)
{
    struct buf out = BUF_INIT;
    if (json)
        put_json(r, control, heads, &out);
    else
        put_lines(r, control, &out);
    command_print(&out);
}

static int look(const struct command_folder *f, const struct heads *heads, bool json)
{
    struct verify_report report = {0};
    struct journal *journal = NULL;
    enum err lost = journal_open(f->dir, JOURNAL_READ, &journal);
    enum err e = verify_folder(f->store, f->control, journal, &report);
    journal_close(journal);
    if (e == ERR_OK && heads->path)
        e = verify_heads(f->store, f->control, heads->list, heads->count, &report);
    if (e != ERR_OK) {
        verify_report_finish(&report);
        return command_fail(e, f->dir, store_detail(f->store));
    }
    print_report(&report, f->control, heads->path, json);
    if (heads->path)
        say_heads(&report);
    int status = say(&report, f, lost);
    verify_report_finish(&report);
    return status;
}

static int verify(const struct command *c, const struct options *o, struct command_folder *f)
{
    struct heads heads = {.path = options_get(c->options, o, "heads")};
    int status = heads.path ? read_heads(f, &heads) : EXIT_DONE;
    if (status == EXIT_DONE)
        status = look(f, &heads, options_get(c->options, o, "json"));
    free(heads.list);
    return status;
}

static int run(const struct command *c, int argc, char **argv)
{
    static const struct command_form form = {COMMAND_READS, N_("--data is needed"), NULL};
    return command_with_folder(c, argc, argv, &form, verify);
}

const struct command command_verify = {
    "verify", "--data DIR [--heads FILE] [--json]",
    N_("recompute hashes, digests, measures, references and control data; say what differs"), options, run};
