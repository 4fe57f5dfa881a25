/* See add_from.h. */
#include "client/command/add_from.h"
#include "base/limits.h"
#include "client/command/record_find.h"

#include <string.h>

static const struct {
    const char *kind;
    add_from_draft *draft;
} drafts[] = {{"member", draft_member}, {"work_plan", draft_work_plan}, {"work_summary", draft_work_summary}, {"dues_usage_report", draft_dues_usage_report}};

add_from_draft *add_from_find(const struct kind *k, int *status)
{
    struct buf said = BUF_INIT, next = BUF_INIT;
    for (size_t i = 0; i < sizeof drafts / sizeof *drafts; i++)
        if (strcmp(drafts[i].kind, k->name) == 0)
            return drafts[i].draft;
    buf_format(&said, _("--from: of a %s nothing is drafted"), label_in(k->label, command_language()));
    buf_text(&next, _("kinds that are:"));
    for (size_t i = 0; i < sizeof drafts / sizeof *drafts; i++)
        buf_format(&next, " %s", drafts[i].kind);
    (void)command_say(buf_c_string(&said), buf_c_string(&next)); /* usage */
    buf_finish(&said);
    buf_finish(&next);
    *status = EXIT_USAGE;
    return NULL;
}

/* ---- what it is made from ---- */

/* The word may be the id of something else: then that is said rather than that there is none. */
static bool is_of_another_kind(struct seat *s, const struct kind *k, const char *word)
{
    struct buf said = BUF_INIT;
    struct id id;
    uint32_t number = 0;
    enum err e = replica_find(s->replica, 0, word, &id, &number);
    const struct kind *other = e == ERR_OK && number != k->number ? kind_by_number(number) : NULL;
    if (!other)
        return false;
    buf_format(&said, _("%s is a %s, not a %s"), word, label_in(other->label, command_language()), label_in(k->label, command_language()));
    (void)command_say(buf_c_string(&said), NULL); /* the caller's status */
    buf_finish(&said);
    return true;
}

static int say_foreign(const struct kind *k)
{
    struct buf said = BUF_INIT;
    buf_format(&said, _("this %s is another branch's: a draft is made from one of the own branch"), label_in(k->label, command_language()));
    int status = command_say(buf_c_string(&said), NULL);
    buf_finish(&said);
    return status;
}

bool add_from_load(struct seat *s, const struct kind *k, const char *word, struct replica_row *out, int *status)
{
    struct id id;
    struct replica_row row;
    if (record_find(s, k, word, &id) == ERR_NOT_FOUND && is_of_another_kind(s, k, word)) {
        *status = EXIT_FAILED;
        return false;
    }
    if (!record_find_or_say(s, k, word, &id, status))
        return false;
    enum err e = replica_load(s->replica, k->number, id, s->now_ms, &s->arena, &row);
    if (e != ERR_OK)
        *status = command_failed(s, e, word);
    else if (row.org != s->facts.home)
        *status = say_foreign(k);
    if (e != ERR_OK || row.org != s->facts.home)
        return false;
    *out = row;
    return true;
}

/* ---- writing ---- */

int add_from_save(struct seat *s, const struct replica_change *changes, size_t count, struct arena *arena)
{
    struct replica_outcome outcome = {0};
    const struct kind *k = kind_by_number(changes[0].kind);
    enum err e = replica_batch_begin(s->replica);
    if (e != ERR_OK)
        return command_failed(s, e, k->name);
    for (size_t at = 0; e == ERR_OK && at < count; at += LIMIT_GROUP) {
        k = kind_by_number(changes[at].kind);
        e = replica_change_group(s->replica, changes + at, count - at < LIMIT_GROUP ? count - at : LIMIT_GROUP, s->now_ms, arena, &outcome);
    }
    if (e == ERR_OK)
        e = replica_batch_commit(s->replica);
    else
        replica_batch_rollback(s->replica);
    if (e == ERR_REFUSED)
        return command_refused(k, &outcome);
    return e == ERR_OK ? EXIT_DONE : command_failed(s, e, k->name);
}

void add_from_print(struct id id)
{
    struct buf out = BUF_INIT;
    char text[ID_TEXT_SIZE];
    id_text(id, text);
    buf_format(&out, "%s\n", text);
    command_print(&out);
}
