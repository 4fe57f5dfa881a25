/* Values for people's eyes: labels for codes, yuan for fen; sensitive ones masked so that a screen seen over a shoulder
 * tells little: the last four of a number, month and day of a birth date (rules.md 8.2). */
#include "base/text.h"
#include "kinds/rules.h"
#include <inttypes.h>
#include <string.h>

static void code_text(const struct field_rule *f, struct slice name, enum language language, struct buf *out)
{
    char key[64];
    const struct code *c = NULL;
    if (f->codes && name.size < sizeof key) {
        memcpy(key, name.data, name.size);
        key[name.size] = '\0';
        c = code_find(f->codes, key);
    }
    /* A code of a newer version is shown as it is. */
    if (c)
        buf_text(out, label_in(c->label, language));
    else
        buf_append_slice(out, name);
}

void fen_text(int64_t fen, struct buf *out)
{
    uint64_t size = fen < 0 ? 0 - (uint64_t)fen : (uint64_t)fen;
    buf_format(out, "%s%" PRIu64 ".%02u", fen < 0 ? "-" : "", size / 100, (unsigned)(size % 100));
}

static void bytes_text(const struct field_rule *f, struct slice bytes, struct buf *out)
{
    if (f->type == FIELD_REFERENCE && bytes.size == ID_SIZE) {
        char text[ID_TEXT_SIZE];
        id_text(id_from(bytes), text);
        buf_text(out, text);
        return;
    }
    for (size_t i = 0; i < bytes.size; i++)
        buf_format(out, "%02x", bytes.data[i]);
}

static void bool_text(bool value, enum language language, struct buf *out)
{
    static const struct label yes = L("是", "yes"), no = L("否", "no");
    buf_text(out, label_in(value ? yes : no, language));
}

static void integer_text(const struct field_rule *f, int64_t value, struct buf *out)
{
    char text[TIME_TEXT_SIZE];
    if (f->type == FIELD_FEN) {
        fen_text(value, out);
    } else if (f->type == FIELD_TIME_MS) {
        time_text(value, text);
        buf_text(out, text);
    } else {
        buf_format(out, "%" PRId64, value);
    }
}

static void whole_text(const struct field_rule *f, struct cell value, enum language language, struct buf *out)
{
    switch (value.type) {
    case CELL_ABSENT:
        break;
    case CELL_TEXT:
        if (f->type == FIELD_CODE)
            code_text(f, value.bytes, language, out);
        else
            buf_append_slice(out, value.bytes);
        break;
    case CELL_BYTES:
        bytes_text(f, value.bytes, out);
        break;
    case CELL_BOOL:
        bool_text(value.integer != 0, language, out);
        break;
    case CELL_INTEGER:
        integer_text(f, value.integer, out);
        break;
    }
}

/* Of long numbers three in front and four at the end stay, of short words the first, of dates month and day. */
static void mask_text(const struct field_rule *f, struct slice text, struct buf *out)
{
    size_t count = text_codepoints(text);
    size_t front = count >= 11 ? 3 : count >= 2, back = count >= 11 ? 4 : 0;
    if (f->type == FIELD_DATE && count == DATE_TEXT_SIZE - 1)
        front = 0, back = 6;
    size_t at = 0;
    for (size_t i = 0; i < count; i++) {
        uint32_t c = text_next(text, &at);
        text_put(out, i < front || i >= count - back ? c : '*');
    }
}

void value_text(const struct field_rule *f, struct cell value, enum language language, enum value_mask mask,
                struct buf *out)
{
    if (mask == VALUE_WHOLE || !(f->flags & FIELD_SENSITIVE)) {
        whole_text(f, value, language, out);
        return;
    }
    struct buf whole = BUF_INIT;
    whole_text(f, value, language, &whole);
    mask_text(f, buf_slice(&whole), out);
    buf_finish(&whole);
}
