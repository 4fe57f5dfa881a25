/* See agent_words.h. */
#include "client/agent/agent_words.h"
#include "base/text.h"
#include "base/tr.h"
#include "show/board.h"

#include <string.h>

/* A certificate that is not valid yet, or no longer, on a device whose date is wrong is what people meet most. */
static bool is_about_time(const char *detail)
{
    return strstr(detail, "not yet valid") || strstr(detail, "expired");
}

/* What has to be set right on one of the two sides first, whatever the contact was for. False: it is not about that. */
static bool explain_obstacle(enum err why, const char *detail, const char *server, struct buf *out)
{
    switch (why) {
    case ERR_PIN:
        buf_format(out, _("%s is not the server that the code names: somebody may be in between. Nothing was sent. Next: ask who gave you the code."),
                   server);
        return true;
    case ERR_TLS:
    case ERR_CERTIFICATE:
        if (is_about_time(detail))
            buf_format(out, _("The server %s could not prove who it is: %s. Next: compare date and time of this device with a phone; if they are right, tell the district, else set them right, then try again."), server,
                       _(detail));
        else
            buf_format(out, _("The server %s and this device do not accept each other: %s. Next: check that this is the server of your district."),
                       server, *detail ? _(detail) : _(err_text(why)));
        return true;
    case ERR_LOCKED:
        buf_text(out, _("An agent keeps this folder connected already. Next: nothing; or stop it first."));
        return true;
    case ERR_DISK_FULL:
        buf_text(out, _("The disk of this device is full. Next: make room, then banyan sync"));
        return true;
    case ERR_CORRUPT:
        buf_text(out, _("The database on this device is damaged. Next: give the command again; what can be read is then carried over."));
        return true;
    case ERR_NEWER:
        buf_text(out, _("A newer version of this program keeps the data of this seat now; this one stops. Nothing is lost. Next: banyan sync --watch"));
        return true;
    case ERR_VERSION:
        buf_text(out, _("The server speaks another version of the protocol. Next: renew this program."));
        return true;
    default:
        return false;
    }
}

static void explain_round(enum err why, const char *detail, const char *server, struct buf *out)
{
    switch (why) {
    case ERR_OFFLINE:
        buf_format(out, _("The server %s cannot be reached. What was entered stays queued on this device. Next: check the network, then banyan sync"),
                   server);
        return;
    case ERR_CUT:
    case ERR_FRAME_TORN:
        buf_text(out, _("The connection to the server was cut. What was entered stays queued on this device. Next: banyan sync"));
        return;
    case ERR_TIMEOUT:
        buf_format(out, _("The server %s does not answer. What was entered stays queued on this device. Next: try again later."), server);
        return;
    default:
        buf_format(out, _("The contact with the server failed: %s. What was entered stays queued on this device."),
                   *detail ? _(detail) : _(err_text(why)));
    }
}

/* Nothing was entered that could stay queued. */
static void explain_question(enum err why, const char *detail, const char *server, struct buf *out)
{
    switch (why) {
    case ERR_OFFLINE:
        buf_format(out, _("The server %s cannot be reached; nothing was done there. Next: check the network, then give the command again."), server);
        return;
    case ERR_CUT:
    case ERR_FRAME_TORN:
        buf_text(out, _("The connection to the server was cut before it answered. Next: give the command again."));
        return;
    case ERR_TIMEOUT:
        buf_format(out, _("The server %s does not answer. Next: give the command again later."), server);
        return;
    default:
        buf_format(out, _("The contact with the server failed: %s. Next: give the command again later."), *detail ? _(detail) : _(err_text(why)));
    }
}

#define WORDS_MAX 1000 /* bytes: more than any sentence of ours, with a server's own in it */

/* A server's words, in a sentence, are for a terminal: one line, nothing that moves the cursor, no more than people read. */
static void put_words(struct buf *out, struct buf *words)
{
    struct slice all = buf_slice(words);
    if (text_is_clean(all))
        text_put_line(out, slice_of(all.data, text_fit(all, WORDS_MAX, WORDS_MAX)));
    buf_finish(words);
}

static void explain(enum agent_errand errand, enum err why, const char *detail, const char *server, struct buf *out)
{
    if (explain_obstacle(why, detail, server, out))
        return;
    if (errand == AGENT_QUESTION)
        explain_question(why, detail, server, out);
    else
        explain_round(why, detail, server, out);
}

void agent_explain(enum agent_errand errand, enum err why, const char *detail, const char *server, struct buf *out)
{
    struct buf words = BUF_INIT;
    explain(errand, why, text_is_clean(slice_text(detail)) ? detail : "", server, &words);
    put_words(out, &words);
}

void agent_explain_put_off(int64_t until_ms, struct buf *out)
{
    struct buf until = BUF_INIT;
    if (until_ms) {
        show_moment(until_ms, &until);
        buf_format(out, _("The server takes no changes now; they stay queued. It was put back to a backup and is collecting from all devices what it lost, until %s at the latest; nothing has to be entered again. Next: banyan sync later."),
                   buf_c_string(&until));
    } else {
        buf_text(out, _("The server takes no changes now; they stay queued. It may still be collecting from all devices what it "
                        "lost, a day at most; nothing has to be entered again. Next: banyan sync later."));
    }
    buf_finish(&until);
}

static void explain_error(const Wire__Error *error, struct buf *out)
{
    const char *code = error->code ? error->code : "";
    if (strcmp(code, "JOIN_USED") == 0)
        buf_text(out, _("This code was used already. Next: ask for a new invitation."));
    else if (strcmp(code, "JOIN_EXPIRED") == 0)
        buf_text(out, _("This code has expired. Next: ask for a new invitation."));
    else if (strcmp(code, "JOIN_UNKNOWN") == 0)
        buf_text(out, _("The server does not know this code. Next: check it, or ask for a new invitation."));
    else if (strcmp(code, "ASK_ORG") == 0)
        buf_text(out, _("There is no such branch in your part of the union. Next: banyan overview lists them."));
    else if (strcmp(code, "RIGHT") == 0)
        buf_text(out, _("Your roles may not do that. Next: ask the chair or the district."));
    else if (strcmp(code, "INVITE_ROLES") == 0)
        buf_text(out, _("These roles cannot be given together, or do not exist. Next: check --role."));
    else if (strcmp(code, "INVITE_DISTRICT_ROLE") == 0)
        buf_text(out, _("A role of the district cannot be given in a branch. Next: check --role and --branch."));
    else if (strcmp(code, "INVITE_BRANCH_ROLE") == 0)
        buf_text(out, _("A role of a branch cannot be given in the district. Next: name the branch with --branch."));
    else if (strcmp(code, "INVITE_ORG") == 0)
        buf_text(out, _("There is no such branch in your part of the union. Next: check --branch."));
    else if (strcmp(code, "INVITE_DAYS") == 0)
        buf_text(out, _("An invitation may be valid for 1 to 30 days. Next: check --days."));
    else if (strcmp(code, "INVITE_PERSON") == 0)
        buf_text(out, _("The person's name is missing or too long. Next: check --name."));
    else if (strcmp(code, "INVITE_MANY") == 0)
        buf_text(out, _("So many invitations of this branch wait to be used already. Next: use one of them, or wait until they expire."));
    else if (strcmp(code, "SEAT_UNKNOWN") == 0)
        buf_text(out, _("There is no such seat in your part of the union. Next: banyan seat list shows them."));
    else if (strcmp(code, "SEAT_OWN") == 0)
        buf_text(out, _("This is your own seat; somebody else has to do that. Next: ask the district; for a seat of the district itself, whoever runs the server."));
    else if (strcmp(code, "SEAT_REVOKED") == 0)
        buf_text(out, _("That seat has been revoked; it cannot come back. Next: send a new invitation."));
    else if (strcmp(code, "SEAT_LAST") == 0)
        buf_text(out, _("Nobody would be left there who answers for the seats. Next: give that role to another seat first, or say --yes."));
    else if (strcmp(code, "TRANSFER_UNKNOWN") == 0)
        buf_text(out, _("No branch has transferred such a member out to this one. Next: banyan list member --incoming; or ask the branch before."));
    else if (strcmp(code, "TRANSFER_BACK") == 0)
        buf_text(out, _("The branch before has taken this member back. Next: talk to that branch."));
    else if (strcmp(code, "TRANSFER_TAKEN") == 0)
        buf_text(out, _("This member has been taken over already. Next: banyan sync, then banyan list member."));
    else if (strcmp(code, "BUSY") == 0 || strcmp(code, "SERVER") == 0)
        buf_text(out, _("The server is busy. Next: try again later."));
    else if (strcmp(code, "SERVER_DISK") == 0)
        buf_text(out, _("The server cannot write to its disk, which is full or failing. What was entered stays here and is sent when it can. Next: tell whoever runs the district's server."));
    else
        buf_format(out, _("The server says no: %s (%s)."), error->text ? error->text : "", code);
}

void agent_explain_error(const Wire__Error *error, struct buf *out)
{
    struct buf words = BUF_INIT;
    explain_error(error, &words);
    put_words(out, &words);
}
