/* Which encoding a file is in, found out by its content: people's rosters and plans come from many programs. Clean UTF-8 is
 * taken for UTF-8, all else must be clean as GB18030; neither a BOM nor mostly good UTF-8 may turn out as something else. */
#include "base/text.h"
#include <iconv.h>

/* A damaged UTF-8 file often passes as GB18030 and would come out as other characters. Chinese in GB18030 seldom forms
 * three-byte sequences of UTF-8; where most of the foreign bytes do, it is UTF-8 with a fault. */
static bool is_damaged_utf8(struct slice s)
{
    size_t foreign = 0, in_sequences = 0;
    for (size_t at = 0; at < s.size;) {
        size_t before = at;
        text_next(s, &at);
        size_t size = at - before; /* of what is malformed: 1 */
        if (s.data[before] >= 0x80)
            foreign += size;
        if (size >= 3)
            in_sequences += size;
    }
    return in_sequences > foreign / 4 * 3;
}

static bool from_gb18030(struct slice s, struct buf *out)
{
    iconv_t converter = iconv_open("UTF-8", "GB18030");
    if (converter == (iconv_t)-1)
        return false;
    size_t room = s.size * 2 + 4; /* two bytes become three, four become four at most */
    buf_reserve(out, room);
    char *in = (char *)(uintptr_t)s.data, *to = (char *)out->data;
    size_t in_left = s.size, room_left = room;
    size_t result = iconv(converter, &in, &in_left, &to, &room_left);
    iconv_close(converter);
    if (result == (size_t)-1 || in_left)
        return false;
    out->size = room - room_left;
    return text_is_clean(buf_slice(out));
}

enum err text_decode(struct slice file, struct buf *out)
{
    static const uint8_t bom[] = {0xEF, 0xBB, 0xBF};
    bool has_bom = slice_equal(slice_of(file.data, file.size < 3 ? file.size : 3), slice_of(bom, 3));
    if (has_bom)
        file = slice_of(file.data + 3, file.size - 3);
    if (text_is_clean(file)) {
        buf_append_slice(out, file);
        return ERR_OK;
    }
    if (has_bom || is_damaged_utf8(file))
        return ERR_TEXT;
    struct buf converted = BUF_INIT;
    bool good = from_gb18030(file, &converted);
    if (good)
        buf_append_slice(out, buf_slice(&converted));
    buf_finish(&converted);
    return good ? ERR_OK : ERR_TEXT;
}
