/* banyand erase: a person's data go by law (rule 29, personal information law art. 47): in all branches and records
 * that hold them, for good. What stays and why: deploy/HANDBOOK.md. */
#include "base/clock.h"
#include "base/limits.h"
#include "base/text.h"
#include "server/command/command.h"
#include "server/recovery/erase.h"
#include "server/recovery/erase_plan.h"

#include <dirent.h>
#include <stdio.h>
#include <string.h>

static const struct option_spec options[] = {
    {"data", OPTION_VALUE, "DIR", N_("the district's folder")},
    {"branch", OPTION_VALUE, "CODE", N_("the union that the member is, or was, of")},
    {"member", OPTION_VALUE, "ID", N_("the member: record's id or its first digits, member number, or name")},
    {"reason", OPTION_VALUE, "TEXT", N_("the decision, without the person's data: every seat is told")},
    {"dry-run", OPTION_FLAG, NULL, N_("say what would be erased, and where; write nothing")},
    {"yes", OPTION_FLAG, NULL, N_("do not ask")},
    {NULL, OPTION_FLAG, NULL, NULL},
};

#define MATCHES_MAX 8
#define MEMBER 1u

/* ---- who is meant ---- */

struct matches {
    struct id list[MATCHES_MAX];
    size_t count;
};

static void add_match(struct matches *m, struct id id)
{
    for (size_t i = 0; i < m->count; i++)
        if (id_equal(m->list[i], id))
            return;
    if (m->count < MATCHES_MAX)
        m->list[m->count++] = id;
}

static bool is_named(const struct row *row, const char *word)
{
    struct slice w = slice_text(word);
    return row->message && (slice_equal(record_get_name(row->message, "name").bytes, w) ||
                            slice_equal(record_get_name(row->message, "member_no").bytes, w));
}

static enum err find_by_words(struct command_folder *f, uint32_t org, const char *word, struct matches *out)
{
    struct arena arena;
    struct id after = {{0}};
    uint32_t after_kind = 0;
    bool more = true;
    enum err e = ERR_OK;
    arena_init(&arena, LIMIT_ARENA);
    while (more && e == ERR_OK) {
        struct row *rows;
        size_t count;
        arena_reset(&arena);
        e = store_read_rows(f->store, org, after_kind, after_kind ? &after : NULL, MEMBER, 1u << 20, &arena, &rows,
                            &count, &more);
        for (size_t i = 0; e == ERR_OK && i < count; i++) {
            if (is_named(&rows[i], word))
                add_match(out, rows[i].id);
            after = rows[i].id;
            after_kind = MEMBER;
        }
    }
    arena_finish(&arena);
    return e;
}

/* Removed ones have no name any more: they are found by their id alone. */
static enum err find_by_id(struct command_folder *f, uint32_t org, const char *word, struct matches *out)
{
    struct id prefix, found[MATCHES_MAX];
    unsigned bits;
    size_t count;
    struct arena arena;
    if (id_parse_prefix(word, &prefix, &bits) != ERR_OK)
        return ERR_OK;
    arena_init(&arena, LIMIT_ARENA);
    enum err e = store_find_prefix(f->store, MEMBER, prefix, bits, found, MATCHES_MAX, &count);
    for (size_t i = 0; e == ERR_OK && i < count; i++) {
        struct row row;
        e = store_read_row(f->store, MEMBER, found[i], &arena, &row);
        if (e == ERR_OK && row.org == org)
            add_match(out, found[i]);
    }
    arena_finish(&arena);
    return e;
}

/* False: said. */
static bool find_member(struct command_folder *f, const struct control_org *org, const char *word, struct id *out)
{
    struct matches m = {.count = 0};
    enum err e = find_by_words(f, org->number, word, &m);
    if (e == ERR_OK && m.count == 0)
        e = find_by_id(f, org->number, word, &m);
    if (e != ERR_OK) {
        (void)command_fail(e, f->dir, store_detail(f->store));
        return false;
    }
    if (m.count == 1) {
        *out = m.list[0];
        return true;
    }
    command_say(m.count ? _("several members fit; name one by its id:") : _("%s has no such member"), org->code);
    for (size_t i = 0; i < m.count; i++) {
        char id[ID_TEXT_SIZE];
        id_text(m.list[i], id);
        fprintf(stderr, "  %s\n", id);
    }
    return false;
}

/* ---- what it comes to ---- */

static void put_fields(const struct erase_record *r, struct buf *out)
{
    const struct kind *k = kind_by_number(r->kind);
    bool first = true;
    for (size_t i = 0; k && k->number != KIND_CONFLICT && i < r->fields.count; i++) {
        const ProtobufCFieldDescriptor *field = record_field_tag(k->descriptor, r->fields.tags[i]);
        const struct field_rule *f = field ? kind_field(k, field->name) : NULL;
        buf_text(out, first ? " " : tr_language() == TR_EN ? ", " : "、");
        buf_text(out, f ? label_in(f->label, tr_language() == TR_EN ? LANGUAGE_EN : LANGUAGE_ZH) : "?");
        first = false;
    }
}

static void print_plan(const struct command_folder *f, const struct erase_plan *plan)
{
    struct buf out = BUF_INIT;
    for (size_t i = 0; i < plan->count; i++) {
        const struct erase_record *r = &plan->list[i];
        const struct control_org *org = control_org(f->control, r->org);
        const struct kind *k = kind_by_number(r->kind);
        char id[ID_TEXT_SIZE];
        id_text(r->id, id);
        buf_format(&out, "%s  %s  %s", org ? org->code : "?",
                   k ? label_in(k->label, tr_language() == TR_EN ? LANGUAGE_EN : LANGUAGE_ZH) : "?", id);
        put_fields(r, &out);
        if (r->in_log_alone)
            buf_text(&out, _("  (in the log alone: removed, or never taken)"));
        buf_byte(&out, '\n');
    }
    command_print(&out);
}

static bool agrees(size_t records, size_t in_log_alone)
{
    char answer[16];
    if (in_log_alone)
        fprintf(stderr, _("%zu of these stand in the log alone.\n"), in_log_alone);
    fprintf(stderr,
            _("This erases what these %zu records say of the person, here and on every device, for good. Type yes to "
              "go on: "),
            records);
    return fgets(answer, sizeof answer, stdin) && (strcmp(answer, "yes\n") == 0 || strcmp(answer, "yes") == 0);
}

/* ---- doing it ---- */

static enum err write_down(struct command_folder *f, struct id member, const char *reason, size_t *count)
{
    struct erase_plan plan;
    struct slice *list = NULL;
    size_t erasures = 0;
    enum err e = store_begin(f->store);
    if (e != ERR_OK)
        return e;
    e = control_refresh(f->control, NULL);
    if (e == ERR_OK)
        e = erase_plan_make(f->store, member, &plan);
    if (e == ERR_OK) {
        (void)erase_plan_leave_known(&plan, f->control); /* shown before; what came meanwhile is in it */
        e = erase_plan_pack(&plan, clock_now_ms(), reason, random_fill, &list, &erasures);
        for (size_t i = 0; e == ERR_OK && i < erasures; i++)
            e = control_add_erasure(f->control, list[i], 0);
        erase_plan_finish(&plan);
    }
    if (e == ERR_OK)
        e = erase_carry_out(f->store, f->control, count);
    if (e == ERR_OK)
        return store_commit(f->store);
    store_rollback(f->store);
    return e;
}

/* Databases that a restore set aside are nobody's records any more, but they hold them. */
static void tell_of_others(const char *dir)
{
    DIR *d = opendir(dir);
    for (struct dirent *f; d && (f = readdir(d));)
        if (strncmp(f->d_name, STORE_FILE ".before-", strlen(STORE_FILE ".before-")) == 0)
            command_say(_("%s/%s was set aside by a restore and may hold it still: delete it"), dir, f->d_name);
    if (d)
        closedir(d);
    command_say("%s", _("backups made before hold it still: keep them no longer than the handbook says (section 7)"));
}

static int fail(const struct command_folder *f, enum err e)
{
    if (e == ERR_FULL)
        return command_fail(ERR_REFUSED, "--member",
                            _("the person's record has more names, or more records that follow it, than one erasure "
                              "looks for; nothing was erased"));
    return command_fail(e, f->dir, store_detail(f->store));
}

static int erase(struct command_folder *f, struct id member, const char *reason)
{
    size_t count = 0;
    enum err e = write_down(f, member, reason, &count);
    if (e != ERR_OK)
        return fail(f, e);
    if (count)
        printf(_("erased: %zu records and log entries hold nothing of it any more; devices follow when they next "
                 "synchronise\n"),
               count);
    else
        printf("%s\n", _("nothing was held here of it any more; it is written down, so that nothing of it comes back"));
    e = erase_scrub(f->store);
    if (e != ERR_OK)
        command_say(
            "%s", _("somebody is reading the database: its file is written anew by the server, or by the next erase"));
    tell_of_others(f->dir);
    return EXIT_DONE;
}

/* Who held an office is named in the control journal, for what was done in it. */
static void tell_of_seats(const struct command_folder *f, const struct erase_plan *plan)
{
    const struct control_seat *seat;
    for (size_t i = 0; (seat = control_seat_at(f->control, i)); i++)
        if (erase_plan_told(plan, seat->person))
            command_say(_("seat %u bears this name; names of officers stay (handbook, section 7)"), seat->number);
}

/* Asked for again: nobody is told anew, and nothing is written. */
static int say_erased(const struct command_folder *f, struct id member)
{
    struct arena arena;
    const Wire__Erasure *x;
    char day[DATE_TEXT_SIZE];
    arena_init(&arena, 64u << 20);
    command_say("%s", _("nothing was erased: all that is known of this person was erased before"));
    if (erase_plan_decision(f->control, member, &arena, &x)) {
        date_text(date_of_ms(x->at_ms, DATE_CHINA_MINUTES), day);
        command_say(_("on %s, by this decision: %s"), day, x->reason ? x->reason : "");
    }
    arena_finish(&arena);
    return EXIT_DONE;
}

static int plan_and_erase(const struct options *o, struct command_folder *f, struct id member)
{
    struct erase_plan plan;
    const char *reason = options_get(options, o, "reason");
    enum err e = erase_plan_make(f->store, member, &plan);
    size_t known = e == ERR_OK ? erase_plan_leave_known(&plan, f->control) : 0;
    if (e == ERR_OK && (e = erase_plan_look(&plan, f->store)) != ERR_OK)
        erase_plan_finish(&plan);
    if (e != ERR_OK)
        return fail(f, e);
    print_plan(f, &plan);
    tell_of_seats(f, &plan);
    size_t records = plan.count, in_log_alone = plan.in_log_alone;
    bool told = reason && erase_plan_told(&plan, reason);
    erase_plan_finish(&plan);
    if (records == 0)
        return say_erased(f, member);
    if (known)
        command_say(_("%zu more records were erased before"), known);
    if (options_get(options, o, "dry-run"))
        return EXIT_DONE;
    if (told)
        return command_fail(ERR_REFUSED, "--reason", _("it names the person; every seat is told it"));
    if (!options_get(options, o, "yes") && !agrees(records, in_log_alone)) {
        command_say("%s", _("nothing was erased"));
        return EXIT_FAILED;
    }
    return erase(f, member, reason);
}

static int work(const struct command *c, const struct options *o, struct command_folder *f)
{
    const char *branch = options_get(options, o, "branch"), *word = options_get(options, o, "member"),
               *reason = options_get(options, o, "reason");
    struct id member;
    bool reasoned = reason && *reason && strlen(reason) <= LIMIT_TEXT_SHORT && text_is_clean(slice_text(reason));
    if (!branch || !word || !*word || (!reasoned && !options_get(options, o, "dry-run")))
        return command_usage(c, _("--branch, --member and --reason (a line) are needed"));
    const struct control_org *org = control_org_by_code(f->control, branch);
    if (!org)
        return command_fail(ERR_REFUSED, branch, _("there is no such union; see: banyand branch list"));
    return find_member(f, org, word, &member) ? plan_and_erase(o, f, member) : EXIT_FAILED;
}

static int run(const struct command *c, int argc, char **argv)
{
    static const struct command_form form = {COMMAND_WRITES, N_("--data is needed"), NULL};
    return command_with_folder(c, argc, argv, &form, work);
}

const struct command command_erase = {"erase", "--data DIR --branch CODE --member ID --reason TEXT [--dry-run] [--yes]",
                                      N_("erase a person's data by law"), options, run};
