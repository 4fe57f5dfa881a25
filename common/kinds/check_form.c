/* The form of one value: the right type, within its limits, in the one form that is stored, and no characters that would break a
 * list or a terminal. No finding about a sensitive field carries its value: refusals stand in the history for all to read. */
#include "base/limits.h"
#include "base/text.h"
#include "kinds/rules.h"
#include <string.h>

#define BYTES_PER_CHARACTER 3 /* of Chinese text in UTF-8 */
#define QUOTE_MAX 60          /* bytes of a value that a finding quotes */

bool check_date_cell(struct cell value, struct date *out)
{
    return value.type == CELL_TEXT && date_read(value.bytes, out);
}

/* Control characters break lists and terminals; a long text may have its lines and tabs. */
static bool has_controls(struct slice text, bool lines_allowed)
{
    size_t at = 0;
    for (uint32_t c = text_next(text, &at); c != 0; c = text_next(text, &at)) {
        bool line = c == '\n' || c == '\r' || c == '\t';
        if ((c < 0x20 && !(lines_allowed && line)) || (c >= 0x7f && c <= 0x9f))
            return true;
    }
    return false;
}

/* The value for a sentence: NULL for sensitive fields, for what is no clean text and where there is no arena. */
static const char *quote(const struct check_context *c, const struct field_rule *f, struct slice text)
{
    if ((f->flags & FIELD_SENSITIVE) || !c->arena || !text_is_clean(text) || has_controls(text, false))
        return NULL;
    size_t size = 0, at = 0;
    while (text_next(text, &at) != 0 && at <= QUOTE_MAX)
        size = at;
    return arena_text(c->arena, slice_of(text.data, size));
}

bool check_is_blank(struct slice text)
{
    size_t at = 0;
    uint32_t c = text_next(text, &at);
    while (c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == 0xa0 || c == 0x3000)
        c = text_next(text, &at);
    return c == 0;
}

static bool is_normalised(const struct field_rule *f, struct slice text)
{
    if (!f->normalise)
        return true;
    struct buf normal = BUF_INIT;
    f->normalise(text, &normal);
    bool same = slice_equal(buf_slice(&normal), text);
    buf_finish(&normal);
    return same;
}

static void check_text(const struct check_context *c, const struct field_rule *f, struct slice text,
                       struct findings *out)
{
    bool is_long = f->type == FIELD_LONG_TEXT;
    size_t limit = is_long ? LIMIT_TEXT_LONG : LIMIT_TEXT_SHORT;
    if (text.size > limit) {
        const char *most = c->arena ? arena_format(c->arena, "%zu", limit / BYTES_PER_CHARACTER) : NULL;
        findings_add(out, SEVERITY_BLOCK, REFUSAL_TOO_LONG, f->name, most, NULL);
    } else if (!text_is_clean(text) || check_is_blank(text) || has_controls(text, is_long) || !is_normalised(f, text)) {
        findings_add(out, SEVERITY_BLOCK, REFUSAL_VALUE, f->name, quote(c, f, text), NULL);
    }
}

static void check_integer(const struct check_context *c, const struct field_rule *f, int64_t value,
                          struct findings *out)
{
    bool ranged = f->min != 0 || f->max != 0;
    if (!ranged || (value >= f->min && value <= f->max))
        return;
    bool told = c->arena && !(f->flags & FIELD_SENSITIVE);
    findings_add(out, SEVERITY_BLOCK, REFUSAL_VALUE, f->name,
                 told ? arena_format(c->arena, "%lld", (long long)value) : NULL, NULL);
}

/* A code of the list; a state's are those of the kind. */
static bool is_code(const struct check_context *c, const struct field_rule *f, struct slice text)
{
    char name[64];
    if (text.size == 0 || text.size >= sizeof name)
        return false;
    memcpy(name, text.data, text.size);
    name[text.size] = '\0';
    if (strlen(name) != text.size)
        return false;
    if (strcmp(f->name, "state") == 0 && c->kind->state_count)
        return kind_state(c->kind, name) != NULL;
    return f->codes && code_find(f->codes, name) != NULL;
}

static enum cell_type cell_type_of(enum field_type t)
{
    switch (t) {
    case FIELD_TEXT:
    case FIELD_LONG_TEXT:
    case FIELD_DATE:
    case FIELD_CODE:
        return CELL_TEXT;
    case FIELD_REFERENCE:
    case FIELD_BYTES:
        return CELL_BYTES;
    case FIELD_BOOL:
        return CELL_BOOL;
    case FIELD_INTEGER:
    case FIELD_FEN:
    case FIELD_TIME_MS:
        break;
    }
    return CELL_INTEGER;
}

void check_form(const struct check_context *c, const struct field_rule *f, struct cell value, struct findings *out)
{
    struct date date;
    if (value.type != cell_type_of(f->type)) {
        findings_add(out, SEVERITY_BLOCK, REFUSAL_VALUE, f->name, NULL, NULL);
        return;
    }
    switch (f->type) {
    case FIELD_TEXT:
    case FIELD_LONG_TEXT:
        check_text(c, f, value.bytes, out);
        break;
    case FIELD_DATE:
        if (!check_date_cell(value, &date) || date.year < LIMIT_YEAR_FIRST || date.year > LIMIT_YEAR_LAST)
            findings_add(out, SEVERITY_BLOCK, REFUSAL_VALUE, f->name, quote(c, f, value.bytes), NULL);
        break;
    case FIELD_CODE:
        if (!is_code(c, f, value.bytes))
            findings_add(out, SEVERITY_BLOCK, REFUSAL_CODE, f->name, quote(c, f, value.bytes), NULL);
        break;
    case FIELD_REFERENCE:
        if (value.bytes.size != ID_SIZE)
            findings_add(out, SEVERITY_BLOCK, REFUSAL_VALUE, f->name, NULL, NULL);
        break;
    case FIELD_BYTES:
        if (value.bytes.size > LIMIT_RECORD)
            findings_add(out, SEVERITY_BLOCK, REFUSAL_TOO_LONG, f->name, NULL, NULL);
        break;
    case FIELD_INTEGER:
    case FIELD_FEN:
    case FIELD_TIME_MS:
        check_integer(c, f, value.integer, out);
        break;
    case FIELD_BOOL:
        break;
    }
}
