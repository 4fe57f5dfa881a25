/* Figures added up, and shown. */
#include "kinds/figure.h"
#include <string.h>

const struct figure *figure_find(const char *name)
{
    size_t count;
    const struct figure *all = figure_all(&count);
    for (size_t i = 0; i < count; i++)
        if (strcmp(all[i].name, name) == 0)
            return &all[i];
    return NULL;
}

bool figure_counts(const char *state)
{
    return !state || (strcmp(state, "merged") != 0 && strcmp(state, "dissolved") != 0);
}

static bool is_withheld(const struct figure *f, const struct figure_source *s)
{
    for (size_t i = 0; i < s->withheld_count; i++)
        for (const uint32_t *kind = f->kinds; *kind; kind++)
            if (*kind == s->withheld[i])
                return true;
    return false;
}

struct figure_value figure_of_branch(const struct figure *f, const struct figure_source *s, const char *period)
{
    struct figure_value v = {0};
    f->compute(s, period, &v);
    bool few = (f->flags & FIGURE_SMALL) && s->measure(s->of, "member.state.active") < FIGURE_LEAST;
    bool few_answers = (f->flags & FIGURE_ANSWERS) && v.denominator < FIGURE_LEAST;
    bool gone = f->flags && v.denominator == 0 && is_withheld(f, s);
    v.suppressed = gone || (v.denominator > 0 && (few || few_answers));
    return v;
}

void figure_add(struct figure_value *total, struct figure_value branch)
{
    total->numerator += branch.numerator;
    total->denominator += branch.denominator;
}

void figure_close(const struct figure *f, struct figure_value *total)
{
    total->suppressed = (f->flags & FIGURE_ANSWERS) && total->denominator > 0 && total->denominator < FIGURE_LEAST;
}

bool figure_is_known(const struct figure *f, struct figure_value v)
{
    return !v.suppressed && (f->unit == FIGURE_COUNT || v.denominator > 0);
}

int64_t figure_tenths(const struct figure *f, struct figure_value v)
{
    if (f->unit == FIGURE_COUNT)
        return v.numerator;
    int64_t scaled = v.numerator * (f->unit == FIGURE_PERCENT ? 1000 : 10); /* fen of a city's year are below 10^13 */
    int64_t half = v.denominator / 2;
    return (scaled + (scaled < 0 ? -half : half)) / v.denominator;
}

void figure_text(const struct figure *f, struct figure_value v, enum language language, struct buf *out)
{
    static const struct label few = {"不足 5，不公布", "fewer than 5, not shown"};
    if (v.suppressed) {
        buf_text(out, label_in(few, language));
    } else if (!figure_is_known(f, v)) {
        buf_text(out, "—");
    } else if (f->unit == FIGURE_COUNT) {
        buf_format(out, "%lld", (long long)v.numerator);
    } else {
        int64_t tenths = figure_tenths(f, v);
        long long size = tenths < 0 ? -tenths : tenths;
        buf_format(out, "%s%lld.%lld%s", tenths < 0 ? "−" : "", size / 10, size % 10,
                   f->unit == FIGURE_PERCENT ? " %" : "");
    }
}
