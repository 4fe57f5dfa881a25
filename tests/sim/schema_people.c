/* What people do with that which only some versions know: an older program does not offer it. */
#include "tests/sim/people_inner.h"
#include "tests/sim/schema.h"

#include <stdio.h>

void person_uses_news(struct person *p, struct replica *r)
{
    static const struct id none;
    static const char *const steps[] = {"!withdrawn reason=adieu", "!" AHEAD_STATE, "!retained retained_reason=" AHEAD_CODE, "!retained retained_reason=study", "!active", "!deceased"};
    char words[96];
    struct pick m = {.left = 0};
    unsigned what = dice_below(&p->dice, 10), org = seat_options(p->seat)->org, token = ++p->token;
    if (what < 2) {
        snprintf(words, sizeof words, "held_on=2026-11-%02u place=q%03u-t%u-%u", 1 + dice_below(&p->dice, 20), org, p->index, token);
        person_changes(p, r, "committee_meeting", OP_CREATE, none, words);
    } else if (what == 2) {
        snprintf(words, sizeof words, "name=q%03u-t%u-%u", org, p->index, token);
        person_changes(p, r, AHEAD_KIND, OP_CREATE, none, words);
    } else if (what < 6 && person_picks(p, r, "member", &m)) {
        static const char *const fields[] = {AHEAD_FIELD, AHEAD_SENSITIVE, "note"};
        snprintf(words, sizeof words, "%s=q%03u-t%u-%u", fields[what - 3], org, p->index, token);
        if (what == 4) /* as sensitive as a mobile number, and known as such by who looks through the files */
            snprintf(words, sizeof words, AHEAD_SENSITIVE "=139%02u%06u", p->index % 100, token);
        if (dice_below(&p->dice, 4) == 0)
            snprintf(words, sizeof words, "-%s", fields[what - 3]);
        person_changes(p, r, "member", OP_SET, m.id, words);
    } else if (what >= 8 && person_picks(p, r, "member", &m)) { /* which the newest alone forbids */
        snprintf(words, sizeof words, "campus=q%03u-t%u-%u8", org, p->index, token);
        person_changes(p, r, "member", OP_SET, m.id, words);
    } else if (what >= 6 && person_picks(p, r, "member", &m)) {
        person_changes(p, r, "member", OP_ACT, m.id, steps[dice_below(&p->dice, 6)]);
    }
}
