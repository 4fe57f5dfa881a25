/* See heads_file.h. Whose the file is does not matter: each head bears the server's own mac, or is not believed. */
#include "server/command/heads_file.h"

#include "base/date.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define HEADS_MAX 100000u /* of a file; a device keeps some hundred */
#define FILE_MAX (64 << 20)

/* Exactly size bytes in hex. */
static bool read_hex(const char *text, uint8_t *out, size_t size)
{
    if (!text || strlen(text) != 2 * size)
        return false;
    for (size_t i = 0; i < size; i++) {
        char pair[3] = {text[2 * i], text[2 * i + 1], 0}, *end;
        out[i] = (uint8_t)strtoul(pair, &end, 16);
        if (end != pair + 2)
            return false;
    }
    return true;
}

static bool read_head(const json_t *from, const struct authority *a, struct verify_head *out)
{
    json_int_t org, seq;
    const char *chain, *mac = NULL, *seen = "";
    uint8_t said[HEAD_MAC_SIZE], right[HEAD_MAC_SIZE];
    if (json_unpack((json_t *)from, "{s:I, s:I, s:s, s?s, s?s}", "org", &org, "seq", &seq, "chain", &chain, "mac", &mac,
                    "seen_at", &seen) != 0 ||
        org <= 0 || org > UINT32_MAX || seq <= 0 || !read_hex(chain, out->chain, CHAIN_SIZE))
        return false;
    out->org = (uint32_t)org;
    out->seq = (uint64_t)seq;
    snprintf(out->seen, sizeof out->seen, "%s", seen ? seen : "");
    authority_head_mac(a, out->org, out->seq, out->chain, right);
    out->given = read_hex(mac, said, sizeof said) && authority_is_mac(slice_of(said, sizeof said), right);
    return true;
}

static enum err read_list(const json_t *document, const struct authority *a, struct verify_head **out, size_t *count)
{
    const json_t *heads = json_object_get(document, "heads");
    size_t n = json_array_size(heads);
    if (!json_is_array(heads) || n > HEADS_MAX)
        return ERR_VALUE;
    struct verify_head *list = calloc(n + 1, sizeof *list);
    CHECK(list);
    for (size_t i = 0; i < n; i++)
        if (!read_head(json_array_get(heads, i), a, &list[i])) {
            free(list);
            return ERR_VALUE;
        }
    *out = list;
    *count = n;
    return ERR_OK;
}

enum err heads_file_read(const char *path, const struct authority *a, struct verify_head **out, size_t *count)
{
    json_error_t error;
    FILE *file = fopen(path, "re");
    if (!file)
        return ERR_NOT_FOUND;
    enum err e = fseek(file, 0, SEEK_END) != 0   ? ERR_IO
                 : ftell(file) > FILE_MAX        ? ERR_TOO_LONG
                 : fseek(file, 0, SEEK_SET) != 0 ? ERR_IO
                                                 : ERR_OK;
    json_t *document = e == ERR_OK ? json_loadf(file, 0, &error) : NULL;
    fclose(file);
    if (e == ERR_OK)
        e = document ? read_list(document, a, out, count) : ERR_VALUE;
    json_decref(document);
    return e;
}
