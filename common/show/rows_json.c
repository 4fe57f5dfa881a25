/* See rows_json.h. */
#include "show/rows_json.h"
#include "base/text.h"

#include <string.h>

/* Two signs for those that JSON has a letter for, six for the other control characters. */
static void put_escaped(struct buf *out, uint8_t c)
{
    static const char signs[] = "\"\\\b\f\n\r\t", letters[] = "\"\\bfnrt";
    const char *sign = c ? strchr(signs, c) : NULL;
    if (!sign) {
        buf_format(out, "\\u%04X", c);
        return;
    }
    buf_byte(out, '\\');
    buf_byte(out, (uint8_t)letters[sign - signs]);
}

static void put_text(struct buf *out, struct slice text)
{
    size_t from = 0;
    buf_byte(out, '"');
    for (size_t i = 0; i < text.size; i++) {
        uint8_t c = text.data[i];
        if (c >= 0x20 && c != '"' && c != '\\')
            continue;
        buf_append(out, text.data + from, i - from);
        put_escaped(out, c);
        from = i + 1;
    }
    buf_append(out, text.data + from, text.size - from);
    buf_byte(out, '"');
}

static void put_integer(struct buf *out, int64_t value)
{
    char digits[24];
    size_t at = sizeof digits;
    uint64_t rest = value < 0 ? -(uint64_t)value : (uint64_t)value;
    do
        digits[--at] = (char)('0' + rest % 10);
    while (rest /= 10);
    if (value < 0)
        digits[--at] = '-';
    buf_append(out, digits + at, sizeof digits - at);
}

static void put_bytes(struct buf *out, const struct field_rule *f, struct slice bytes)
{
    char id[ID_TEXT_SIZE];
    if (f->type != FIELD_REFERENCE && f->type != FIELD_BYTES) {
        buf_text(out, "null");
    } else if (bytes.size == ID_SIZE) {
        id_text(id_from(bytes), id);
        put_text(out, slice_text(id));
    } else {
        buf_byte(out, '"');
        for (size_t i = 0; i < bytes.size; i++)
            buf_format(out, "%02x", bytes.data[i]);
        buf_byte(out, '"');
    }
}

static void put_cell(struct buf *out, const struct field_rule *f, struct cell value)
{
    switch (value.type) {
    case CELL_TEXT:
        put_text(out, value.bytes);
        break;
    case CELL_BYTES:
        put_bytes(out, f, value.bytes);
        break;
    case CELL_INTEGER:
        put_integer(out, value.integer);
        break;
    case CELL_BOOL:
        buf_text(out, value.integer ? "true" : "false");
        break;
    default:
        buf_text(out, "null");
    }
}

void show_rows_json_begin(struct show_rows_json *w, const struct show_fields *fields, struct buf *out)
{
    *w = (struct show_rows_json){.fields = fields, .out = out};
    buf_byte(out, '[');
    for (size_t i = 0; i < fields->count; i++) {
        buf_format(&w->keys, ",\n  \"%s\": ", fields->list[i].name);
        w->ends[i] = w->keys.size;
    }
}

void show_rows_json_add(struct show_rows_json *w, const struct show_record *r)
{
    char id[ID_TEXT_SIZE];
    id_text(r->id, id);
    buf_text(w->out, w->count++ ? ",\n {\n  \"id\": \"" : "\n {\n  \"id\": \"");
    buf_text(w->out, id);
    buf_text(w->out, "\",\n  \"seq\": ");
    put_integer(w->out, (int64_t)r->seq);
    buf_text(w->out, ",\n  \"sync\": ");
    put_text(w->out, slice_text(r->sync));
    for (size_t i = 0; i < w->fields->count; i++) {
        struct cell value = show_value_at(r, w->fields, i);
        size_t from = i ? w->ends[i - 1] : 0;
        if (!show_may(r, &w->fields->list[i]) || (value.type == CELL_TEXT && !text_is_clean(value.bytes)))
            continue; /* what is no text at all is nothing that JSON could hold */
        buf_append(w->out, w->keys.data + from, w->ends[i] - from);
        put_cell(w->out, &w->fields->list[i], value);
    }
    buf_text(w->out, "\n }");
}

void show_rows_json_end(struct show_rows_json *w)
{
    buf_text(w->out, w->count ? "\n]\n" : "]\n");
    buf_finish(&w->keys);
}
