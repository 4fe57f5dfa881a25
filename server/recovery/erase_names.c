/* See erase_names.h. Bytes of UTF-8; what is no Chinese character is a mark. */
#include "server/recovery/erase_names.h"

#include <string.h>

/* U+4000 to U+9FFF: the first byte tells. */
static bool is_ideograph(const char *at)
{
    const unsigned char *b = (const unsigned char *)at;
    return b[0] >= 0xe4 && b[0] <= 0xe9;
}

static bool ends_name(const char *at)
{
    static const char *const titles[] = {"老师", "同志", "主席", "园长", "委员", "会计", "组长"};
    if (!is_ideograph(at))
        return true;
    for (size_t i = 0; i < sizeof titles / sizeof *titles; i++)
        if (strncmp(at, titles[i], strlen(titles[i])) == 0)
            return true;
    return false;
}

static bool holds_name(const char *text, const char *name)
{
    for (const char *at = text; (at = strstr(at, name)); at++) {
        bool begins = at == text || (at - text < 3) || !is_ideograph(at - 3);
        if (begins && ends_name(at + strlen(name)))
            return true;
    }
    return false;
}

bool erase_names_hold(const char *const *names, size_t count, const char *text)
{
    for (size_t i = 0; i < count; i++)
        if (holds_name(text, names[i]))
            return true;
    return false;
}
