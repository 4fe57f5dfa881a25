/* banyand invite: a one-time code for a seat, alone on stdout; on a terminal a QR code goes to stderr beside it. */
#include "base/clock.h"
#include "base/limits.h"
#include "base/text.h"
#include "base/tr.h"
#include "show/roles.h"
#include "server/command/command.h"

#include <qrencode.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const struct option_spec options[] = {
    {"data", OPTION_VALUE, "DIR", N_("the district's folder")},
    {"branch", OPTION_VALUE, "CODE", N_("whose seat; the root's code for a district seat")},
    {"role", OPTION_VALUE, "ROLE[,ROLE]", N_("union_chair, committee_member, accountant, district_officer ...")},
    {"name", OPTION_VALUE, "NAME", N_("the person's name")},
    {"days", OPTION_VALUE, "N", N_("how long the code is good; default 7")},
    {NULL, OPTION_FLAG, NULL, NULL},
};

/* Two modules a line: upper and lower half blocks. */
static void print_qr(const char *code)
{
    QRcode *qr = QRcode_encodeString8bit(code, 0, QR_ECLEVEL_L);
    if (!qr)
        return;
    for (int y = -1; y <= qr->width; y += 2) {
        for (int x = -1; x <= qr->width; x++) {
            bool inside = x >= 0 && x < qr->width;
            bool top = inside && y >= 0 && y < qr->width && (qr->data[y * qr->width + x] & 1);
            bool bottom = inside && y + 1 < qr->width && (qr->data[(y + 1) * qr->width + x] & 1);
            fputs(top && bottom ? " " : top ? "\u2584" : bottom ? "\u2580" : "\u2588", stderr);
        }
        fputc('\n', stderr);
    }
    QRcode_free(qr);
}

static const char *refusal_sentence(const char *code)
{
    if (strcmp(code, "INVITE_DISTRICT_ROLE") == 0)
        return _("a branch's seat cannot have a role of the district");
    if (strcmp(code, "INVITE_BRANCH_ROLE") == 0)
        return _("a district's seat cannot have a role of a branch");
    if (strcmp(code, "INVITE_DAYS") == 0)
        return _("--days is 1 to 30");
    if (strcmp(code, "INVITE_MANY") == 0)
        return _("so many invitations of it wait to be used already; use one of them, or wait until they expire");
    if (strcmp(code, "INVITE_ORG") == 0)
        return _("there is no branch with that code; see: banyand branch list");
    return _("a name of one line and up to 512 bytes is needed");
}

static bool days_good(const char *text)
{
    char *end;
    unsigned long days = strtoul(text, &end, 10);
    return *text >= '0' && *text <= '9' && !*end && days >= 1 && days <= LIMIT_INVITE_DAYS;
}

static int invite(const struct command *c, const struct options *o, struct command_folder *f)
{
    const char *branch = options_get(options, o, "branch"), *role = options_get(options, o, "role");
    const char *name = options_get(options, o, "name"), *days = options_get(options, o, "days"), *bad, *refusal;
    const struct control_org *org = control_org_by_code(f->control, branch);
    struct authority *a;
    struct buf code = BUF_INIT;
    role_set roles;
    int64_t ends;
    if (!org)
        return command_fail(ERR_REFUSED, branch, refusal_sentence("INVITE_ORG"));
    if (days && !days_good(days))
        return command_usage(c, refusal_sentence("INVITE_DAYS"));
    if (role_set_parse(role, &roles, &bad) != ERR_OK) {
        struct buf said = BUF_INIT;
        show_roles_wrong(bad, tr_language() == TR_EN ? LANGUAGE_EN : LANGUAGE_ZH, &said);
        int status = command_usage(c, buf_c_string(&said));
        buf_finish(&said);
        return status;
    }
    enum err e = authority_open(f->dir, &a);
    if (e != ERR_OK)
        return command_fail_folder(e, f->dir, "ca.key");
    e = authority_invite(a, f->control, org->number, name, roles, days ? (unsigned)strtoul(days, NULL, 10) : 7,
                         control_address(f->control), 0, clock_now_ms(), &code, &ends, &refusal);
    authority_close(a);
    if (e != ERR_OK)
        return command_fail(e, text_is_line(slice_text(name)) ? name : "--name", e == ERR_REFUSED ? refusal_sentence(refusal) : control_detail(f->control));
    if (isatty(STDERR_FILENO))
        print_qr(buf_c_string(&code));
    buf_byte(&code, '\n');
    command_print(&code);
    return EXIT_DONE;
}

static bool is_whole(const struct options *o, enum command_access *access)
{
    (void)access;
    return options_get(options, o, "branch") && options_get(options, o, "role") && options_get(options, o, "name") && o->argument_count == 0;
}

static int run(const struct command *c, int argc, char **argv)
{
    static const struct command_form form = {COMMAND_WRITES, N_("--data, --branch, --role and --name are needed"), is_whole};
    return command_with_folder(c, argc, argv, &form, invite);
}

const struct command command_invite = {"invite", "--data DIR --branch CODE --role ROLE[,ROLE] --name NAME [--days N]",
                                       N_("print a one-time code by which a person's device joins"), options, run};
