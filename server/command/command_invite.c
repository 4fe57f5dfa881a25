/* banyand invite: a one-time code for a seat, alone on stdout; on a terminal a QR code goes to stderr beside it. */
#include "base/clock.h"
#include "base/limits.h"
#include "base/text.h"
#include "base/tr.h"
#include "show/roles.h"
#include "server/command/command.h"
#include "server/command/seat_words.h"

#include <qrencode.h>
#include <stdio.h>
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

static int invite(const struct command *c, const struct options *o, struct command_folder *f)
{
    const char *branch = options_get(options, o, "branch"), *role = options_get(options, o, "role");
    const char *name = options_get(options, o, "name"), *days = options_get(options, o, "days"), *bad, *refusal;
    const struct control_org *org = control_org_by_code(f->control, branch);
    struct authority *a;
    struct buf code = BUF_INIT;
    role_set roles;
    uint32_t valid = 7;
    int64_t ends;
    if (!org)
        return command_fail(ERR_REFUSED, branch, seat_words("INVITE_ORG"));
    if (days && (!command_number(days, &valid) || valid < 1 || valid > LIMIT_INVITE_DAYS))
        return command_usage(c, seat_words("INVITE_DAYS"));
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
    e = authority_invite(a, f->control, org->number, name, roles, valid, control_address(f->control), 0, clock_now_ms(), &code, &ends,
                         &refusal);
    authority_close(a);
    if (e != ERR_OK)
        return command_fail(e, text_is_line(slice_text(name)) ? name : "--name", e == ERR_REFUSED ? seat_words(refusal) : control_detail(f->control));
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
