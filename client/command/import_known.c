/* See import_known.h. */
#include "client/command/import_known.h"

#include <string.h>

/* ---- words for a shell ---- */

/* In quotes where a shell would not take it as it stands. */
static void shell_word(const char *word, struct buf *out)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./=:,+@%";
    bool bare = *word != '\0';
    for (const char *at = word; *at; at++)
        bare = bare && ((unsigned char)*at >= 0x80 || strchr(plain, *at));
    if (bare) {
        buf_format(out, " %s", word);
        return;
    }
    buf_text(out, " '");
    for (const char *at = word; *at; at++)
        if (*at == '\'')
            buf_text(out, "'\\''");
        else
            buf_byte(out, (uint8_t)*at);
    buf_byte(out, '\'');
}

static void replace_command(const struct import_known *k, const struct plan_part *part, size_t parts, struct buf *out)
{
    const char *dir = options_get(k->wish->specs, k->wish->options, "data");
    buf_text(out, "banyan import work_plan");
    shell_word(k->wish->path, out);
    if (parts > 1)
        buf_format(out, " --part %u", part->number);
    buf_text(out, " --replace");
    for (int i = 0; i < k->wish->word_count; i++)
        shell_word(k->wish->words[i], out);
    if (dir) {
        buf_text(out, " --data");
        shell_word(dir, out);
    }
}

/* ---- what differs ---- */

/* Drafted or returned: nobody but the branch counts on it as it is. */
static bool is_open(const char *state)
{
    return strcmp(state, "drafted") == 0 || strcmp(state, "returned") == 0;
}

void import_known_head(struct id id, const ProtobufCMessage *plan, struct buf *out)
{
    char text[ID_TEXT_SIZE];
    struct cell period = record_get_name(plan, "period"), title = record_get_name(plan, "title");
    id_text(id, text);
    buf_format(out, "%s  ", text);
    buf_append_slice(out, period.bytes);
    buf_text(out, "  ");
    buf_append_slice(out, title.bytes);
}

static void say_counts(const struct plan_draft *d, bool replaced, struct buf *out)
{
    size_t changed = d->count[PLAN_DRAFT_CHANGED], added = d->count[PLAN_DRAFT_ADDED], removed = d->count[PLAN_DRAFT_REMOVED];
    if (replaced)
        buf_format(out, _("  (replaced: %zu items changed, %zu added, %zu removed, %zu as they were)\n"), changed, added, removed, d->same);
    else if (!plan_draft_differs(d))
        buf_format(out, "  (%s)\n", _("known already, nothing differs"));
    else
        buf_format(out, _("  (known already, left as it is; in the document %zu items are changed, %zu new, %zu gone)\n"), changed, added, removed);
    if (d->plan_differs)
        buf_format(out, "  %s\n", replaced ? _("the plan's own texts are the document's now") : _("the plan's own texts differ"));
}

static void say_item(const struct plan_draft_item *item, struct buf *out)
{
    const struct kind *k = kind_by_name("plan_item");
    char id[ID_TEXT_SIZE];
    if (item->what == PLAN_DRAFT_CHANGED)
        buf_format(out, _("line %u: changed: %s\n"), item->line, item->title);
    else if (item->what == PLAN_DRAFT_ADDED)
        buf_format(out, _("line %u: new: %s\n"), item->line, item->title);
    else if (item->what == PLAN_DRAFT_REMOVED)
        buf_format(out, _("gone: %s\n"), item->title);
    if (item->what != PLAN_DRAFT_LEFT)
        return;
    id_text(item->change.id, id);
    buf_format(out, _("gone, but kept, since it is “%s”: %s (to remove it: banyan remove plan_item %s)\n"),
               label_in(kind_state(k, item->state)->label, command_language()), item->title, id);
}

/* For one more thing to do, on a line of its own. */
static struct buf *next_line(struct import_known *k)
{
    if (k->next.size)
        buf_byte(&k->next, '\n');
    return &k->next;
}

void import_known_twin(struct import_known *k, struct id twin, struct id made, const struct plan_part *part, size_t parts)
{
    const struct kind *plan = kind_by_name("work_plan");
    struct replica_row row;
    char id[ID_TEXT_SIZE];
    if (replica_load(k->seat->replica, plan->number, twin, k->seat->now_ms, k->arena, &row) != ERR_OK || !is_open(kind_state_of(plan, row.message)))
        return;
    id_text(made, id);
    buf_text(next_line(k), _("if it is the same plan: "));
    if (!k->wish->dry_run)
        buf_format(&k->next, _("banyan remove work_plan %s, then "), id);
    replace_command(k, part, parts, &k->next);
}

static void say_standing(const struct plan_draft *d, struct buf *next)
{
    char id[ID_TEXT_SIZE];
    id_text(d->id, id);
    buf_format(next, _("the plan is “%s”: only a draft or a returned plan is replaced by its document"),
               label_in(kind_state(kind_by_name("work_plan"), d->state)->label, command_language()));
    buf_text(next, "\n  ");
    buf_format(next, _("single items: banyan list plan_item plan_id=%s, then banyan set plan_item ID FIELD=VALUE"), id);
    if (strcmp(d->state, "submitted") != 0 && strcmp(d->state, "acknowledged") != 0)
        return;
    buf_text(next, "\n  ");
    buf_format(next, _("all of it: once the district has returned it: banyan act work_plan %s returned return_reason=..."), id);
}

enum err import_known_take(struct import_known *k, struct id id, const ProtobufCMessage *plan, const struct plan_part *part, size_t parts,
                           const struct period *period)
{
    struct plan_draft d;
    const struct kind *kind = NULL;
    struct replica_outcome outcome = {0};
    enum err e = plan_draft_compare(k->seat, id, plan, part, period, k->arena, &d);
    if (e != ERR_OK)
        return e;
    bool differs = plan_draft_differs(&d), open = is_open(d.state), replace = k->wish->replace && open;
    import_known_head(id, d.message, k->out);
    say_counts(&d, replace && differs, k->out);
    for (size_t i = 0; i < d.item_count; i++)
        say_item(&d.items[i], k->out);
    k->replaced += replace && differs;
    k->same += !(replace && differs);
    k->stuck = k->stuck || (k->wish->replace && differs && !open);
    if (differs && !open) {
        say_standing(&d, next_line(k));
    } else if (differs && !replace) {
        buf_text(next_line(k), _("to put the document in the place of the draft: "));
        replace_command(k, part, parts, &k->next);
    }
    if (replace)
        e = plan_draft_replace(k->seat, &d, k->arena, &kind, &outcome);
    if (e == ERR_REFUSED)
        (void)command_refused(kind, &outcome); /* the caller's status */
    return e;
}
