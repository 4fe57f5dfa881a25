/* Roles: names, labels, and which may sit on one seat together.
 * Invariant: a set that role_set_parse gives is of one side (branch or district) and keeps accounts and their audit
 * apart (rights.md, first paragraph). */
#include "kinds/rules.h"
#include "base/text.h"
#include <string.h>

static const struct {
    const char *name;
    struct label label;
} roles[ROLE_COUNT] = {
#define X(role, zh_text, en_text) {#role, L(zh_text, en_text)},
    ROLE_LIST(X)
#undef X
};

const char *role_name(enum role r)
{
    CHECK((unsigned)r < ROLE_COUNT);
    return roles[r].name;
}

struct label role_label(enum role r)
{
    CHECK((unsigned)r < ROLE_COUNT);
    return roles[r].label;
}

static bool word_is(struct slice word, const char *text)
{
    return slice_equal(word, slice_text(text));
}

/* ROLE_COUNT if none. */
static enum role role_find(struct slice word)
{
    struct buf folded = BUF_INIT;
    text_fold(word, &folded);
    enum role r = 0;
    while (r < ROLE_COUNT && !word_is(buf_slice(&folded), roles[r].name) &&
           !word_is(buf_slice(&folded), roles[r].label.zh) && !word_is(buf_slice(&folded), roles[r].label.en))
        r++;
    buf_finish(&folded);
    return r;
}

const char *role_nearest(const char *bad)
{
    const char *names[ROLE_COUNT + 1];
    struct buf word = BUF_INIT;
    for (enum role r = 0; r < ROLE_COUNT; r++)
        names[r] = roles[r].name;
    names[ROLE_COUNT] = NULL;
    text_fold(slice_of(bad, strcspn(bad, ",")), &word);
    const char *near = text_nearest(buf_c_string(&word), names);
    buf_finish(&word);
    return near;
}

static bool roles_go_together(role_set set)
{
    bool both_sides = (set & ROLES_DISTRICT) && (set & ROLES_BRANCH);
    bool own_auditor = (set & ROLES(accountant)) && (set & ROLES(audit_member));
    return !both_sides && !own_auditor;
}

enum err role_set_parse(const char *text, role_set *out, const char **bad)
{
    role_set set = 0;
    for (const char *word = text;; word++) {
        size_t size = strcspn(word, ",");
        enum role r = role_find(slice_of(word, size));
        if (r == ROLE_COUNT) {
            *bad = word;
            return ERR_VALUE;
        }
        set |= 1u << r;
        word += size;
        if (*word == '\0')
            break;
    }
    if (!roles_go_together(set)) {
        *bad = NULL;
        return ERR_VALUE;
    }
    *out = set;
    return ERR_OK;
}

void role_set_text(role_set set, struct buf *out)
{
    const char *between = "";
    for (enum role r = 0; r < ROLE_COUNT; r++) {
        if (!(set & (1u << r)))
            continue;
        buf_text(out, between);
        buf_text(out, roles[r].name);
        between = ",";
    }
}
