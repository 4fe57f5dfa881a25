/* What verify found: kept in order, bounded an org, each with what the operator does next. */
#include "server/recovery/verify_parts.h"

#include "base/tr.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Where the log itself is not what it was nothing here can be trusted to mend it; all else follows from the log. */
static const char of_log[] = N_("keep this folder as it is; rehearse your backups from the newest on "
                                "(deploy/backup-drill.sh) and restore the first that verifies (handbook, section 4); the clients hand back what came after it");
static const char of_rows[] = N_("the history is whole and says what is right: stop serving, make a backup and restore it into this folder "
                                 "(handbook, section 4), which works the records out anew, and find out who can write to it");
static const char of_reference[] =
    N_("tell the branch: somebody has to set that field to a record that there is, or empty it");
static const char of_control[] = N_("the control journal says what is right: rehearse your backups from the newest on (deploy/backup-drill.sh), "
                                    "stop serving, restore the first that verifies into this folder (handbook, section 4), and find out who can write to it");

const char verify_lost_journal[] =
    N_("the end of the control journal is lost; the database, or the newest backup, says what is right: stop serving, restore the newest "
       "backup into this folder (handbook, section 4; where it says that the journal is damaged, move control.journal away first), then "
       "look through banyand seat list: revocations may be among what is lost, give them again");

static const char of_erased[] = N_("stop serving and give banyand erase that person once more: it goes on with what is left");

static const char of_heads[] = N_("whoever could write to this folder and read head.key did it: keep the folder, ask the branches for their heads, and restore the last backup from before that entry; what came after it is entered again");

static const char *next_of(const char *what, const struct verify_about *about)
{
    if (about->in_history)
        return of_rows;
    if (about->history_lost)
        return of_log;
    if (about->journal_lost)
        return verify_lost_journal;
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
    about = about ? about : &nothing;
    if (v->of_org++ >= VERIFY_FINDINGS_MAX) {
        r->left_out++;
        return;
    }
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    if (r->count == r->capacity) {
        r->capacity = r->capacity ? 2 * r->capacity : 16;
        r->list = realloc(r->list, r->capacity * sizeof *r->list);
        CHECK(r->list);
    }
    r->list[r->count++] = (struct verify_finding){.org = v->org,
                                                  .what = what,
                                                  .text = copy(text),
                                                  .next = next_of(what, about),
                                                  .kind = about->kind,
                                                  .id = about->id,
                                                  .record = copy(about->record),
                                                  .name = copy(about->name),
                                                  .seq = about->seq,
                                                  .stored = copy(about->stored),
                                                  .expected = copy(about->expected)};
}

/* Is it of a history that can't say what is right any more? */
static bool is_of_log(const struct verify_finding *f)
{
    return f->next == of_log || f->next == of_heads;
}

/* One for all findings of the org: where its history is another one, nothing follows from it. The heads' names the entry. */
static const char *doubt_of(const struct verify_report *r, uint32_t org)
{
    const char *next = NULL;
    for (size_t i = 0; i < r->count; i++)
        if (r->list[i].org == org && is_of_log(&r->list[i]) && next != of_heads)
            next = r->list[i].next;
    return next;
}

/* More was decided than there are entries, wherever they are missing. */
static bool entries_lost(const struct verify_report *r)
{
    for (size_t i = 0; i < r->count; i++)
        if (r->list[i].org == 0 && strcmp(r->list[i].what, "runs") == 0 && r->list[i].next == of_log)
            return true;
    return false;
}

static bool any_has(const struct verify_report *r, const char *next)
{
    for (size_t i = 0; i < r->count; i++)
        if (r->list[i].next == next)
            return true;
    return false;
}

bool verify_history_is_right(const struct verify_finding *f)
{
    return f->next == of_rows;
}

bool verify_log_is_damaged(const struct verify_finding *f)
{
    return is_of_log(f);
}

void verify_agree(struct verify_report *r)
{
    bool journal_lost = any_has(r, verify_lost_journal), doubted = any_has(r, of_log) || any_has(r, of_heads);
    bool lost = entries_lost(r);
    uint32_t org = 0;
    const char *doubt = NULL;
    for (size_t i = 0; i < r->count; i++) {
        struct verify_finding *f = &r->list[i];
        if (i == 0 || f->org != org)
            doubt = doubt_of(r, f->org);
        org = f->org;
        if (journal_lost && f->next == of_control)
            f->next = verify_lost_journal;
        else if (doubt && f->next != verify_lost_journal && f->next != of_control && f->next != of_erased)
            f->next = doubt;
        else if ((lost || (doubted && f->org == 0)) && f->next == of_rows)
            f->next = of_log; /* of all logs together, and one of them is doubted */
    }
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
    free(r->unknown_seats);
    *r = (struct verify_report){0};
}
