/* What verify found: kept in order, bounded an org, each with what the operator does next. */
#include "server/recovery/verify_parts.h"

#include "base/tr.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Where the log itself is not what it was nothing here can be trusted to mend it; all else follows from the log. */
static const char of_log[] = N_("keep this folder as it is; rehearse your backups from the newest on "
                                "(deploy/backup-drill.sh) and restore the first that verifies: handbook, section 4");
static const char of_rows[] = N_("the history is whole and says what is right: stop serving, restore the newest backup "
                                 "into this folder (handbook, section 4), and find out who can write to it");
static const char of_reference[] =
    N_("tell the branch: somebody has to set that field to a record that there is, or empty it");
static const char of_control[] = N_("the control journal says what is right: stop serving, restore the newest backup "
                                    "into this folder (handbook, section 4), and find out who can write to it");

static const char of_erased[] = N_("stop serving and give banyand erase that person once more: it goes on with what is left");

static const char of_heads[] = N_("whoever could write to this folder and read head.key did it: keep the folder, ask the branches for their heads, and restore the last backup from before that entry; what came after it is entered again");

static const char *next_of(const char *what)
{
    static const struct {
        const char *what, *next;
    } list[] = {{"chain", of_log},  {"entry", of_log},       {"database", of_log},
                {"backup", of_log}, {"control", of_control}, {"heads", of_heads}, {"erased", of_erased}, {"reference", of_reference}};
    for (size_t i = 0; i < sizeof list / sizeof *list; i++)
        if (strcmp(what, list[i].what) == 0)
            return list[i].next;
    return of_rows;
}

static char *copy(const char *text)
{
    char *out = text ? strdup(text) : NULL;
    CHECK(out || !text);
    return out;
}

void verify_find(struct verify *v, const char *what, const struct verify_about *about, const char *format, ...)
{
    static const struct verify_about nothing = {0};
    struct verify_report *r = v->report;
    char text[1024];
    va_list arguments;
    if (v->of_org++ >= VERIFY_FINDINGS_MAX)
        return;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    if (r->count == r->capacity) {
        r->capacity = r->capacity ? 2 * r->capacity : 16;
        r->list = realloc(r->list, r->capacity * sizeof *r->list);
        CHECK(r->list);
    }
    about = about ? about : &nothing;
    r->list[r->count++] = (struct verify_finding){.org = v->org,
                                                  .what = what,
                                                  .text = copy(text),
                                                  .next = next_of(what),
                                                  .kind = about->kind,
                                                  .id = about->id,
                                                  .record = copy(about->record),
                                                  .name = copy(about->name),
                                                  .seq = about->seq,
                                                  .stored = copy(about->stored),
                                                  .expected = copy(about->expected)};
}

void verify_report_finish(struct verify_report *r)
{
    for (size_t i = 0; i < r->count; i++) {
        free(r->list[i].text);
        free(r->list[i].record);
        free(r->list[i].name);
        free(r->list[i].stored);
        free(r->list[i].expected);
    }
    free(r->list);
    *r = (struct verify_report){0};
}
