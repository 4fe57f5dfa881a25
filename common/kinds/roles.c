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

/* People leave the union out: 主席 for 工会主席. */
static bool is_short_for(struct slice word, const char *label)
{
    static const char in_front[] = "工会";
    size_t size = sizeof in_front - 1;
    return strncmp(label, in_front, size) == 0 && word_is(word, label + size);
}

/* ROLE_COUNT if none. */
static enum role role_find(struct slice word)
{
    struct buf folded = BUF_INIT;
    text_fold(word, &folded);
    enum role r = 0;
    while (r < ROLE_COUNT && !word_is(buf_slice(&folded), roles[r].name) &&
           !word_is(buf_slice(&folded), roles[r].label.zh) && !is_short_for(buf_slice(&folded), roles[r].label.zh) && !word_is(buf_slice(&folded), roles[r].label.en))
        r++;
    buf_finish(&folded);
    return r < ROLE_COUNT && role_all() & 1u << r ? r : ROLE_COUNT;
}

/* Bytes up to what separates it from the next one: a comma, also as Chinese keyboards have it, or a pause mark. */
static size_t word_size(const char *text)
{
    size_t size = 0;
    while (text[size] && text[size] != ',' && strncmp(text + size, "，", 3) != 0 && strncmp(text + size, "、", 3) != 0)
        size++;
    return size;
}

static size_t separator_size(const char *text)
{
    return *text == 0 ? 0 : *text == ',' ? 1 : 3;
}

/* People shorten in other ways, too. */
static const char *label_around(const char *word)
{
    for (enum role r = 0; *word && r < ROLE_COUNT; r++)
        if (strstr(roles[r].label.zh, word))
            return roles[r].label.zh;
    return NULL;
}

const char *role_nearest(const char *bad)
{
    const char *names[2 * ROLE_COUNT + 1];
    struct buf word = BUF_INIT;
    for (enum role r = 0; r < ROLE_COUNT; r++) {
        names[r] = roles[r].name;
        names[ROLE_COUNT + r] = roles[r].label.zh;
    }
    names[2 * ROLE_COUNT] = NULL;
    text_fold(slice_of(bad, word_size(bad)), &word);
    const char *near = label_around(buf_c_string(&word));
    if (!near)
        near = text_nearest(buf_c_string(&word), names);
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
    for (const char *word = text;; word += separator_size(word)) {
        size_t size = word_size(word);
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

role_set role_set_known(const char *text, struct buf *unknown)
{
    role_set set = 0;
    for (const char *word = text; *word; word += separator_size(word)) {
        size_t size = word_size(word);
        enum role r = role_find(slice_of(word, size));
        if (r < ROLE_COUNT)
            set |= 1u << r;
        else if (size > 0)
            buf_format(unknown, "%s%.*s", unknown->size ? "," : "", (int)size, word);
        word += size;
    }
    return set;
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
