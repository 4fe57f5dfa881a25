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

static void put_json(const struct verify_report *r, const struct control *control, struct buf *out)
{
    json_t *findings = json_array();
    for (size_t i = 0; i < r->count; i++)
        json_array_append_new(findings, finding_json(&r->list[i], control_org(control, r->list[i].org)));
    json_t *all =
        json_pack("{s:I, s:I, s:I, s:I, s:o}", "unions", (json_int_t)r->orgs, "entries", (json_int_t)r->entries,
                  "records", (json_int_t)r->rows, "stripped", (json_int_t)r->stripped, "findings", findings);
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
        buf_format(out, "%s%s%s %s: %s\n", org ? org->code : "-", org ? " " : "", org ? org->name : "", f->what,
                   f->text);
    }
    if (said)
        buf_format(out, _("next: %s\n"), _(said));
}

static int say(const struct verify_report *r, const struct command_folder *f)
{
    if (r->stripped)
        fprintf(stderr,
                _("%zu entries are kept without all of their content (erased by law, or come back so after a loss): "
                  "their place in "
                  "the chain is checked, what they say is not\n"),
                r->stripped);
    if (r->count)
        return command_fail(ERR_CORRUPT, f->dir, _("what differs stands above"));
    fprintf(stderr, _("everything fits: %zu unions, %zu entries, %zu records\n"), r->orgs, r->entries, r->rows);
    return EXIT_DONE;
}

/* EXIT_DONE, or said. */
static int look_at_heads(const char *path, struct command_folder *f, struct verify_report *report)
{
    struct authority *a;
    struct verify_head *list = NULL;
    size_t count = 0;
    enum err e = authority_open(f->dir, &a);
    if (e != ERR_OK)
        return command_fail(e, f->dir, "head.key");
    e = heads_file_read(path, a, &list, &count);
    authority_close(a);
    if (e != ERR_OK) {
        command_say(_("%s: cannot be read as what banyan heads --json writes"), path);
        return EXIT_FAILED;
    }
    e = verify_heads(f->store, f->control, list, count, report);
    free(list);
    return e == ERR_OK ? EXIT_DONE : command_fail(e, f->dir, store_detail(f->store));
}

static int verify(const struct command *c, const struct options *o, struct command_folder *f)
{
    struct verify_report report = {0};
    struct buf out = BUF_INIT;
    struct journal *journal = NULL;
    enum err lost = journal_open(f->dir, JOURNAL_READ, &journal);
    enum err e = verify_folder(f->store, f->control, journal, &report);
    journal_close(journal);
    if (e != ERR_OK)
        return command_fail(e, f->dir, store_detail(f->store));
    const char *heads = options_get(c->options, o, "heads");
    int looked = heads ? look_at_heads(heads, f, &report) : EXIT_DONE;
    if (options_get(c->options, o, "json"))
        put_json(&report, f->control, &out);
    else
        put_lines(&report, f->control, &out);
    command_print(&out);
    int status = say(&report, f);
    verify_report_finish(&report);
    if (looked != EXIT_DONE)
        return looked;
    return lost == ERR_OK ? status
                          : command_fail(lost == ERR_NOT_FOUND ? ERR_CORRUPT : lost, JOURNAL_NAME,
                                         _("control data could not be checked without it"));
}

static int run(const struct command *c, int argc, char **argv)
{
    static const struct command_form form = {COMMAND_READS, N_("--data is needed"), NULL};
    return command_with_folder(c, argc, argv, &form, verify);
}

const struct command command_verify = {
    "verify", "--data DIR [--heads FILE] [--json]",
    N_("recompute hashes, digests, measures, references and control data; say what differs"), options, run};
