/* Which language to speak, and gettext set up for it. Chinese unless somebody asks for English: the house is Chinese, and a
 * bare machine says C, POSIX or C.UTF-8. gettext ignores LANGUAGE in the C locale, and C.UTF-8 is the only other one sure
 * to exist: it carries the sentences, LANGUAGE picks the catalogue. Numbers stay in C form whatever the locale. */
#include "base/tr.h"
#include "base/slice.h"
#include <libintl.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define DOMAIN "banyan"
#define PATH_SIZE 4096u

static enum tr_language language = TR_ZH;

static bool begins(const char *text, const char *with)
{
    return strncmp(text, with, strlen(with)) == 0;
}

/* True if the name says Chinese or English. */
static bool language_named(const char *name, enum tr_language *out)
{
    if (!name || (!begins(name, "zh") && !begins(name, "en")))
        return false;
    *out = begins(name, "en") ? TR_EN : TR_ZH;
    return true;
}

/* POSIX: the first of these that is set and not empty decides. */
static const char *locale_named(void)
{
    static const char *const variables[] = {"LC_ALL", "LC_MESSAGES", "LANG"};
    for (size_t i = 0; i < sizeof variables / sizeof variables[0]; i++) {
        const char *value = getenv(variables[i]);
        if (value && *value)
            return value;
    }
    return NULL;
}

static enum tr_language language_wanted(void)
{
    enum tr_language wanted = TR_ZH;
    if (!language_named(getenv("BANYAN_LANG"), &wanted))
        language_named(locale_named(), &wanted);
    return wanted;
}

static void leave_c(int category)
{
    const char *name = setlocale(category, NULL);
    if (!name || strcmp(name, "C") == 0 || strcmp(name, "POSIX") == 0)
        setlocale(category, "C.UTF-8");
}

/* Where the programs stand, with a catalogue beside them as installed: PREFIX/bin and PREFIX/share/locale. */
static bool installed_folder(struct buf *out)
{
    char path[PATH_SIZE];
    ssize_t size = readlink("/proc/self/exe", path, sizeof path - 1);
    if (size <= 0)
        return false;
    path[size] = 0;
    char *slash = strrchr(path, '/');
    if (!slash)
        return false;
    *slash = 0;
    struct buf catalogue = BUF_INIT;
    buf_format(&catalogue, "%s/../share/locale/zh_CN/LC_MESSAGES/" DOMAIN ".mo", path);
    bool there = access(buf_c_string(&catalogue), R_OK) == 0;
    buf_finish(&catalogue);
    if (there)
        buf_format(out, "%s/../share/locale", path);
    return there;
}

static void bind_catalogue(void)
{
    struct buf folder = BUF_INIT;
    const char *named = getenv("BANYAN_LOCALE");
    if (named && *named)
        buf_text(&folder, named);
    else if (!installed_folder(&folder))
        buf_text(&folder, BANYAN_LOCALE_DIR);
    bindtextdomain(DOMAIN, buf_c_string(&folder));
    bind_textdomain_codeset(DOMAIN, "UTF-8");
    buf_finish(&folder);
}

void tr_init(void)
{
    language = language_wanted();
    setlocale(LC_ALL, "");
    leave_c(LC_MESSAGES);
    leave_c(LC_CTYPE);
    setlocale(LC_NUMERIC, "C");
    setenv("LANGUAGE", language == TR_EN ? "en" : "zh_CN", 1);
    bind_catalogue();
}

enum tr_language tr_language(void)
{
    return language;
}

const char *tr(const char *msgid)
{
    return *msgid ? dgettext(DOMAIN, msgid) : msgid; /* the empty msgid is the catalogue's header */
}
