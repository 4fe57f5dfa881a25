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

static const char *text_of(const ProtobufCMessage *m, const char *field)
{
    struct cell c = m ? record_get_name(m, field) : (struct cell){.type = CELL_ABSENT};
    return c.type == CELL_TEXT && c.bytes.size ? (const char *)c.bytes.data : NULL;
}

/* Number and name, for who decides: on the screen before it is done, and nowhere else. known: a name that the log had; NULL: none. */
static void put_person(const struct command_folder *f, struct id member, const char *known, struct buf *out)
{
    struct arena arena;
    struct row row = {.message = NULL};
    arena_init(&arena, LIMIT_ARENA);
    if (store_read_row(f->store, MEMBER, member, &arena, &row) != ERR_OK)
        row.message = NULL; /* removed: the log may know a name */
    const char *name = text_of(row.message, "name"), *number = text_of(row.message, "member_no");
    buf_text(out, name ? name : known ? known : _("(no name is known any more)"));
    if (number)
        buf_format(out, _(", member number %s"), number);
    arena_finish(&arena);
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
        struct buf said = BUF_INIT;
        char id[ID_TEXT_SIZE];
        id_text(m.list[i], id);
        put_person(f, m.list[i], NULL, &said);
        fprintf(stderr, "  %s  %s\n", id, buf_c_string(&said));
        buf_finish(&said);
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

static void tell_who(const struct command_folder *f, const struct control_org *org, struct id member, const struct erase_plan *plan)
{
    struct buf said = BUF_INIT;
    put_person(f, member, plan->name_count ? plan->names[0] : NULL, &said);
    command_say(_("the person: %s; %s (%s); %zu records"), buf_c_string(&said), org->name, org->code, plan->count);
    buf_finish(&said);
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

/* *records: that the erasures name, as devices are told; *count: rows and entries here that held something of it. */
static enum err write_down(struct command_folder *f, struct id member, const char *reason, size_t *records, size_t *count)
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
        *records = plan.count;
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

/* It is erased all the same, and noted that its file is to be scrubbed yet. */
static void tell_left(const struct command_folder *f, enum err e)
{
    if (e == ERR_BUSY)
        command_say("%s", _("somebody is reading the database: what was erased is wiped from its file by the server, or by the next erase"));
    else if (e != ERR_OK)
        command_say(_("what was erased may still stand in unused space of the database's file, which could not be wiped: %s; the server, or the next erase, tries again"),
                    store_detail(f->store));
}

static int erase(struct command_folder *f, struct id member, const char *reason)
{
    size_t records = 0, count = 0;
    enum err e = write_down(f, member, reason, &records, &count);
    if (e != ERR_OK)
        return fail(f, e);
    if (count)
        printf(_("erased: %zu records (%zu rows and log entries here held something of it); devices follow when they next "
                 "synchronise\n"),
               records, count);
    else
        printf(_("erased: %zu records; nothing was held here of it any more, and it is written down, so that nothing of it comes back\n"), records);
    tell_left(f, erase_scrub(f->store));
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

static int plan_and_erase(const struct options *o, struct command_folder *f, const struct control_org *org, struct id member)
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
    if (plan.count)
        tell_who(f, org, member, &plan);
    size_t records = plan.count, in_log_alone = plan.in_log_alone;
    bool told = reason && erase_plan_told(&plan, reason);
    erase_plan_finish(&plan);
    if (records == 0)
        return say_erased(f, member);
    if (known)
        command_say(_("%zu more records were erased before"), known);
    if (told)
        return command_fail(ERR_REFUSED, "--reason", _("it names the person; every seat is told it"));
    if (options_get(options, o, "dry-run"))
        return EXIT_DONE;
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
    return find_member(f, org, word, &member) ? plan_and_erase(o, f, org, member) : EXIT_FAILED;
}

static int run(const struct command *c, int argc, char **argv)
{
    static const struct command_form form = {COMMAND_WRITES, N_("--data is needed"), NULL};
    return command_with_folder(c, argc, argv, &form, work);
}

const struct command command_erase = {"erase", "--data DIR --branch CODE --member ID --reason TEXT [--dry-run] [--yes]",
                                      N_("erase a person's data by law"), options, run};
