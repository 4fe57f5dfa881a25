/* banyan import: finds out which way, reads the file. See command_import.h. */
#include "client/command/command_import.h"
#include "base/key_file.h"
#include "base/limits.h"

#include <stdlib.h>
#include <string.h>

static const struct option_spec options[] = {
    DATA_OPTION,
    {"dry-run", OPTION_FLAG, NULL, N_("say what would be done, write nothing")},
    {"skip-bad", OPTION_FLAG, NULL, N_("leave wrong rows out and take the others")},
    {"map", OPTION_VALUE, "FIELD=COLUMN", N_("take a field from that column; may be given several times")},
    {"part", OPTION_VALUE, "N", N_("of a plan document: that part alone")},
    {"replace", OPTION_FLAG, NULL, N_("a plan document that was changed: put it in the place of its draft, items and all")},
    END_OPTION,
};

static int file_failed(const char *path, enum err e)
{
    struct buf said = BUF_INIT;
    buf_format(&said, "%s: %s", path,
               e == ERR_NOT_FOUND ? _("there is no such file") : e == ERR_TOO_LONG ? _("the file is larger than 8 MiB") : _("the file cannot be read"));
    int status = command_say(buf_c_string(&said), e == ERR_TOO_LONG ? _("split it into several files") : NULL);
    buf_finish(&said);
    return status;
}

static bool ends_with(const char *text, const char *end)
{
    size_t size = strlen(text), end_size = strlen(end);
    return size >= end_size && strcasecmp(text + size - end_size, end) == 0;
}

/* What people take for a table or a document, and is one to their office program alone. */
static bool is_office_file(struct slice bytes)
{
    static const struct slice starts[] = {{(const uint8_t *)"PK\3\4", 4}, {(const uint8_t *)"\xD0\xCF\x11\xE0", 4}, {(const uint8_t *)"%PDF", 4}};
    for (size_t i = 0; i < sizeof starts / sizeof *starts; i++)
        if (bytes.size >= starts[i].size && memcmp(bytes.data, starts[i].data, starts[i].size) == 0)
            return true;
    return false;
}

static int office_failed(const struct import_wish *wish, bool document)
{
    struct buf said = BUF_INIT;
    buf_format(&said, _("%s: this is a file of an office program, not plain text"), wish->name);
    int status = command_say(buf_c_string(&said), document ? _("in Word or WPS save it as plain text (.txt), or copy its text into such a file")
                                                           : _("save it as CSV UTF-8 from the spreadsheet"));
    buf_finish(&said);
    return status;
}

static bool is_empty(struct slice bytes)
{
    if (bytes.size >= 3 && memcmp(bytes.data, "\xef\xbb\xbf", 3) == 0)
        bytes = slice_of(bytes.data + 3, bytes.size - 3);
    for (size_t i = 0; i < bytes.size; i++)
        if (!strchr(" \t\r\n", bytes.data[i]) || !bytes.data[i])
            return false;
    return true;
}

static int empty_failed(const struct import_wish *wish)
{
    struct buf said = BUF_INIT;
    buf_format(&said, _("%s: the file is empty"), wish->name);
    int status = command_say(buf_c_string(&said), _("was it saved from the other program?"));
    buf_finish(&said);
    return status;
}

static int run(const struct command *c, int argc, char **argv)
{
    struct options o;
    struct seat s;
    struct buf bytes = BUF_INIT;
    char *end = NULL;
    int status = EXIT_DONE;
    if (!command_parse(c, argc, argv, &o, &status))
        return status;
    if (o.argument_count < 2)
        return command_usage(c, _("a kind and a file are needed"));
    const char *path = o.arguments[1], *slash = strrchr(path, '/'), *part = options_get(options, &o, "part");
    struct import_wish wish = {.kind = command_kind(o.arguments[0], &status), .path = path, .name = slash ? slash + 1 : path,
                               .dry_run = options_get(options, &o, "dry-run"), .skip_bad = options_get(options, &o, "skip-bad"),
                               .replace = options_get(options, &o, "replace"),
                               .part = part ? (uint32_t)strtoul(part, &end, 10) : 0, .words = o.arguments + 2,
                               .word_count = o.argument_count - 2, .specs = options, .options = &o};
    if (!wish.kind)
        return status;
    if (part && (*end || !wish.part))
        return command_usage(c, _("--part takes a number from 1"));
    bool document = strcmp(wish.kind->name, "work_plan") == 0 && !ends_with(path, ".csv");
    if (!document && (part || wish.replace))
        return command_usage(c, _("--part and --replace are for plan documents; a table's rows update the records that are known"));
    if (!seat_open(options_get(options, &o, "data"), &s, &status))
        return status;
    enum err e = key_file_read(path[0] == '/' ? "" : ".", path, &bytes);
    if (e == ERR_OK && bytes.size > LIMIT_IMPORT_FILE)
        e = ERR_TOO_LONG;
    if (e != ERR_OK)
        status = file_failed(path, e);
    else if (is_empty(buf_slice(&bytes)))
        status = empty_failed(&wish);
    else if (is_office_file(buf_slice(&bytes)))
        status = office_failed(&wish, strcmp(wish.kind->name, "work_plan") == 0 && !ends_with(path, ".xlsx") && !ends_with(path, ".xls"));
    else if (document)
        status = import_plan(&s, &wish, buf_slice(&bytes));
    else
        status = import_table(&s, &wish, buf_slice(&bytes));
    buf_finish(&bytes);
    seat_close(&s);
    return status;
}

const struct command command_import = {"import", "KIND FILE.csv [--dry-run] [--skip-bad] [--map FIELD=COLUMN] [FIELD=VALUE ...] | work_plan FILE.txt [--dry-run] [--part N] [--replace] [FIELD=VALUE ...]",
                                       N_("take in a roster or a plan document"), options, run};
