/* See roles.h. */
#include "show/roles.h"
#include "base/tr.h"

void show_roles(enum language language, struct buf *out)
{
    static const role_set sides[] = {ROLES_BRANCH, ROLES_DISTRICT};
    const char *const heads[] = {_("Roles of a branch"), _("Roles of the district")};
    for (size_t i = 0; i < sizeof sides / sizeof *sides; i++) {
        buf_format(out, "\n  %s:", heads[i]);
        for (int r = 0; r < ROLE_COUNT; r++)
            if (sides[i] & 1u << r)
                buf_format(out, " %s (%s)", role_name((enum role)r), label_in(role_label((enum role)r), language));
    }
}

void show_roles_wrong(const char *bad, enum language language, struct buf *out)
{
    const char *near = bad ? role_nearest(bad) : NULL;
    buf_text(out, bad ? _("an unknown role") : _("these roles cannot be held together"));
    if (near)
        buf_format(out, _("; did you mean %s?"), near);
    show_roles(language, out);
}

void show_role_labels(role_set roles, enum language language, struct buf *out)
{
    const char *between = "";
    for (int r = 0; r < ROLE_COUNT; r++)
        if (roles & 1u << r) {
            buf_format(out, "%s%s", between, label_in(role_label((enum role)r), language));
            between = " ";
        }
}
