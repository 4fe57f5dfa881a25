/* banyan print: a record, or the list of a period, as a page to be printed and signed. HTML on stdout (or into a file), from what
 * this device holds: it works without a network. */
#include "client/command/command.h"
#include "client/command/record_find.h"
#include "client/command/row_list.h"
#include "client/print/print.h"
#include "base/limits.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static const struct option_spec options[] = {
    DATA_OPTION,
    {"output", OPTION_VALUE, "FILE", N_("write the page into this file instead of to stdout")},
    END_OPTION,
};

/* ---- what the forms ask of the device ---- */

static enum access access_of(void *to, const struct kind *k, const ProtobufCMessage *row)
{
    const struct seat *s = to;
    return kind_access(k, row, s->facts.roles);
}

struct walk {
    uint32_t org;
    const char *field;
    struct cell value;
    kind_each *each;
    void *to;
};

static bool on_row(void *to, const struct replica_row *row)
{
    struct walk *w = to;
    bool wanted = row->org == w->org && (!w->field || cell_equal(record_get_name(row->message, w->field), w->value));
    return !wanted || w->each(w->to, row->id, row->message);
}

static void each_row(void *to, uint32_t kind, const char *field, struct cell value, kind_each *each, void *each_to)
{
    struct seat *s = to;
    struct walk w = {.org = s->facts.home, .field = field, .value = value, .each = each, .to = each_to};
    if (replica_scan(s->replica, kind, s->now_ms, on_row, &w) != ERR_OK) /* what can't be read is missing on the page: said */
        command_warn(_("some records could not be read: the page is not complete"));
}

static struct print_source source_of(struct seat *s, const char *branch)
{
    return (struct print_source){.language = command_language(), .branch = branch, .access = access_of, .each = each_row,
                                 .today = seat_today(s), .name = seat_name, .to = s};
}

/* ---- where it goes ---- */

static int deliver(struct buf *page, const char *path)
{
    if (!path) {
        command_print(page);
        return EXIT_DONE;
    }
    struct buf said = BUF_INIT;
    FILE *f = fopen(path, "wb");
    bool written = f && fwrite(page->data, 1, page->size, f) == page->size;
    int status = EXIT_DONE;
    if ((f && fclose(f) != 0) || !written) {
        buf_format(&said, "%s: %s", path, strerror(errno));
        status = command_say(buf_c_string(&said), NULL);
    }
    buf_finish(&said);
    buf_finish(page);
    return status;
}

static int print_one(struct seat *s, const struct print_source *source, const struct kind *k, const char *word, struct buf *page)
{
    struct replica_row row;
    struct id id;
    int status = EXIT_DONE;
    if (!record_find_or_say(s, k, word, &id, &status))
        return status;
    enum err e = replica_load(s->replica, k->number, id, s->now_ms, &s->arena, &row);
    if (e != ERR_OK)
        return command_failed(s, e, word);
    struct show_record record = row_list_record(s, k, &row);
    print_record(source, &record, page);
    return EXIT_DONE;
}

/* A period where the kind has a list of one; else a record. */
static int print_page(struct seat *s, const struct kind *k, const char *word, struct buf *page)
{
    struct replica_org org;
    enum err e = replica_org(s->replica, s->facts.home, &s->arena, &org);
    if (e != ERR_OK)
        return command_failed(s, e, k->name);
    struct print_source source = source_of(s, org.name);
    e = print_period(&source, k, word, page);
    return e == ERR_OK ? EXIT_DONE : print_one(s, &source, k, word, page);
}

static int print(struct seat *s, const struct kind *k, const struct options *o)
{
    struct buf page = BUF_INIT;
    int status = print_page(s, k, o->arguments[1], &page);
    if (status == EXIT_DONE)
        status = deliver(&page, options_get(options, o, "output"));
    buf_finish(&page);
    return status;
}

static int run(const struct command *c, int argc, char **argv)
{
    static const struct command_form form = {.least = 2, .most = 2, .problem = N_("a kind, and an id or a period are needed"), .first = COMMAND_FIRST_KIND};
    return command_with_seat(c, argc, argv, &form, print);
}

const struct command command_print_page = {"print", "KIND ID|PERIOD [--output FILE]", N_("a page to print and sign (HTML)"), options, run};
