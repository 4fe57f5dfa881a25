/* banyan print: a record, or what there is of a period, as a page to be printed and signed. HTML into a file or a pipe, from what
 * this device holds: it works without a network. A terminal gets no HTML: the page goes into a file of this folder then. */
#include "client/command/command.h"
#include "client/command/new_file.h"
#include "client/command/record_find.h"
#include "client/command/row_list.h"
#include "client/print/print.h"
#include "client/replica/derive.h"

#include <string.h>
#include <unistd.h>

#define NAMES_MAX 99 /* pages of one record or period in a folder */

static const struct option_spec options[] = {
    DATA_OPTION,
    {"output", OPTION_VALUE, "FILE", N_("write the page into this new file; else to stdout or, at a terminal, into a file of this folder")},
    END_OPTION,
};

/* ---- what the forms ask of the device ---- */

struct paper {
    struct seat *seat;
    struct derive *derive;
    bool told; /* that something could not be read */
};

static void tell_incomplete(struct paper *p)
{
    if (!p->told)
        command_warn(_("some records could not be read: the page is not complete"));
    p->told = true;
}

static enum access access_of(void *to, const struct kind *k, const ProtobufCMessage *row)
{
    const struct paper *p = to;
    return kind_access(k, row, p->seat->facts.roles);
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
    struct paper *p = to;
    struct walk w = {.org = p->seat->facts.home, .field = field, .value = value, .each = each, .to = each_to};
    if (replica_scan(p->seat->replica, kind, p->seat->now_ms, on_row, &w) != ERR_OK)
        tell_incomplete(p);
}

static const struct derived_value *derive_of(void *to, const struct kind *k, struct id id, const ProtobufCMessage *message, size_t *count)
{
    struct paper *p = to;
    struct replica_row row = {.id = id, .kind = k->number, .org = p->seat->facts.home, .message = message};
    const struct derived_value *values = NULL;
    *count = 0;
    if (p->derive && derive_row(p->derive, &row, &p->seat->arena, &values, count) != ERR_OK)
        tell_incomplete(p);
    return values;
}

static void name_of(void *to, uint32_t kind, struct id id, struct buf *out)
{
    seat_name(((struct paper *)to)->seat, kind, id, out);
}

static struct print_source source_of(struct paper *p, const char *branch)
{
    return (struct print_source){.language = command_language(), .branch = branch, .access = access_of, .each = each_row,
                                 .derive = derive_of, .today = seat_today(p->seat), .name = name_of, .to = p};
}

/* ---- where it goes ---- */

/* "会费应缴-2026-10.html", "-2" where there is one: what a file cannot be called becomes a dash. */
static void file_name(const struct kind *k, const char *word, struct buf *out)
{
    size_t before = out->size;
    for (int i = 1; i <= NAMES_MAX; i++) {
        out->size = before;
        buf_format(out, "%s-%s", label_in(k->label, command_language()), word);
        if (i > 1)
            buf_format(out, "-%d", i);
        buf_text(out, ".html");
        for (size_t at = before; at < out->size; at++)
            if (out->data[at] < ' ' || out->data[at] == 0x7f || strchr("/\\:*?\"<>|", out->data[at]))
                out->data[at] = '-';
        if (access(buf_c_string(out), F_OK) != 0)
            return;
    }
}

static int deliver(struct buf *page, const struct kind *k, const char *word, const char *path)
{
    struct buf name = BUF_INIT, said = BUF_INIT;
    if (!path && !isatty(STDOUT_FILENO)) {
        command_print(page);
        return EXIT_DONE;
    }
    if (!path)
        file_name(k, word, &name);
    const char *to = path ? path : buf_c_string(&name);
    int status = new_file_write(to, buf_slice(page));
    if (status == EXIT_DONE) {
        buf_format(&said, _("the page is in %s: open it in a browser and print it there; it is readable by you alone"), to);
        command_note(buf_c_string(&said));
    }
    buf_finish(&name);
    buf_finish(&said);
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

static int say_empty(const struct kind *k, const char *word)
{
    struct buf said = BUF_INIT;
    buf_format(&said, _("%s: there are no records of %s on this device"), label_in(k->label, command_language()), word);
    int status = command_say(buf_c_string(&said), strcmp(k->name, "dues_assessment") == 0 ? _("The accountant assesses a period with: banyan assess PERIOD")
                                                                                           : _("See what there is: banyan list KIND"));
    buf_finish(&said);
    return status;
}

/* A period where the kind has something of one; else a record. */
static int print_page(struct seat *s, const struct kind *k, const char *word, struct buf *page)
{
    struct replica_org org;
    struct paper paper = {.seat = s};
    int status = EXIT_DONE;
    enum err e = replica_org(s->replica, s->facts.home, &s->arena, &org);
    if (e == ERR_OK)
        e = derive_open(s->replica, s->now_ms, &paper.derive);
    if (e != ERR_OK)
        return command_failed(s, e, k->name);
    struct print_source source = source_of(&paper, org.name);
    enum print_found found = print_period(&source, k, word, page);
    if (found == PRINT_EMPTY)
        status = say_empty(k, word);
    else if (found == PRINT_NONE)
        status = print_one(s, &source, k, word, page);
    derive_close(paper.derive);
    return status;
}

static int print(struct seat *s, const struct kind *k, const struct options *o)
{
    struct buf page = BUF_INIT;
    if (kind_access(k, NULL, s->facts.roles) < ACCESS_OPEN)
        return command_say(_("this seat's roles may not read these records"), NULL);
    int status = print_page(s, k, o->arguments[1], &page);
    if (status == EXIT_DONE)
        status = deliver(&page, k, o->arguments[1], options_get(options, o, "output"));
    buf_finish(&page);
    return status;
}

static int run(const struct command *c, int argc, char **argv)
{
    static const struct command_form form = {.least = 2, .most = 2, .problem = N_("a kind, and an id or a period are needed"), .first = COMMAND_FIRST_KIND};
    return command_with_seat(c, argc, argv, &form, print);
}

const struct command command_print_page = {"print", "KIND ID|PERIOD [--output FILE]", N_("a page to print and sign (HTML)"), options, run};
