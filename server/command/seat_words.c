/* See seat_words.h. One list, as inviting, other roles and taking in again refuse by the same rules. */
#include "server/command/seat_words.h"

#include "base/tr.h"

#include <string.h>

const char *seat_words(const char *refusal)
{
    static const struct {
        const char *code, *text;
    } list[] = {
        {"INVITE_ORG", N_("there is no branch with that code; see: banyand branch list")},
        {"INVITE_DAYS", N_("--days is 1 to 30")},
        {"INVITE_PERSON", N_("a name of one line and up to 512 bytes is needed")},
        {"INVITE_ROLES", N_("--role is needed")},
        {"INVITE_DISTRICT_ROLE", N_("a branch's seat cannot have a role of the district")},
        {"INVITE_BRANCH_ROLE", N_("a district's seat cannot have a role of a branch")},
        {"INVITE_MANY", N_("so many invitations of it wait to be used already; use one of them, or wait until they expire")},
        {"SEAT_UNKNOWN", N_("there is no such seat; see: banyand seat list")},
        {"SEAT_REVOKED", N_("this seat was revoked; invite the person again")},
        {"SEAT_LAST", N_("nobody would be left there who answers for the seats; give that role to another seat first, or say --yes")},
        {"SEAT_KNOWN", N_("this seat is known here; see: banyand seat list")},
        {"SEAT_SILENT", N_("no device with a certificate of that seat has called; let that person run banyan sync first, then look at banyand seat list")},
        {"SEAT_KEYS", N_("not one device, and one alone, called with that number and key; banyand seat list shows them: say --key and its digits")},
        {"SEAT_BRANCH", N_("its device is of another branch; banyand seat list shows of which")},
    };
    for (size_t i = 0; i < sizeof list / sizeof *list; i++)
        if (strcmp(refusal, list[i].code) == 0)
            return _(list[i].text);
    return refusal;
}
