#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

/* The golden vectors (proto/vectors/README.md): every .hex is decoded, held against its .txt line by line, and encoded to the same
 * bytes. Their chain is followed by the code that guards the log. */
#include "base/limits.h"
#include "kinds/kind.h"
#include "sync/chain.h"
#include "wire/frame.h"
#include "wire/record.h"
#include "wire/wire.h"
#include <dirent.h>
#include <stdio.h>
#include <string.h>

#define FOLDER PROTO_DIR "/vectors"
#define SEEN_MOST 128u

static struct arena arena;
static const char *vector_name; /* for messages of failure */

/* Which fields of which message have stood in a vector. */
static struct {
    const ProtobufCMessageDescriptor *descriptor;
    uint64_t fields;
} seen[SEEN_MOST];

static uint64_t *seen_fields(const ProtobufCMessageDescriptor *d)
{
    size_t i = 0;
    while (seen[i].descriptor && seen[i].descriptor != d)
        i++;
    assert_true(i < SEEN_MOST - 1);
    seen[i].descriptor = d;
    return &seen[i].fields;
}

static const ProtobufCMessageDescriptor *descriptor_named(const char *name)
{
    static const ProtobufCMessageDescriptor *const inner[] = {
        &wire__change__descriptor,         &wire__effects__descriptor,       &wire__join_code__descriptor, &wire__handover_head__descriptor,
        &wire__handover_entry__descriptor, &wire__handover_seal__descriptor, &wire__erasure__descriptor};
    for (size_t i = 0; i < sizeof inner / sizeof inner[0]; i++) {
        if (strcmp(inner[i]->name, name) == 0)
            return inner[i];
    }
    size_t count;
    const struct kind *const *kinds = kind_all(&count);
    for (size_t i = 0; i < count; i++) {
        if (strcmp(kinds[i]->descriptor->name, name) == 0)
            return kinds[i]->descriptor;
    }
    fail_msg("%s: what is %s?", vector_name, name);
    return NULL;
}


static void load(const char *file_name, struct buf *out)
{
    char path[512];
    snprintf(path, sizeof path, FOLDER "/%s", file_name);
    FILE *file = fopen(path, "rb");
    if (!file)
        fail_msg("%s is missing", path);
    for (int c; (c = fgetc(file)) != EOF;)
        buf_byte(out, (uint8_t)c);
    fclose(file);
}

static void load_hex(const char *name, struct buf *out)
{
    struct buf text = BUF_INIT;
    char file_name[128];
    snprintf(file_name, sizeof file_name, "%s.hex", name);
    load(file_name, &text);
    unsigned byte;
    int used;
    for (const char *at = buf_c_string(&text); sscanf(at, " %2x%n", &byte, &used) == 1; at += used)
        buf_byte(out, (uint8_t)byte);
    buf_finish(&text);
}

/* The next line that is no comment, without indent and end; NULL at the end. *at moves behind it. */
static char *next_line(char **at)
{
    while (**at) {
        char *line = *at + strspn(*at, " ");
        size_t size = strcspn(line, "\n");
        *at = line + size + (line[size] == '\n');
        line[size] = 0;
        if (*line && *line != '#')
            return line;
    }
    return NULL;
}

static void render_text(const char *text, struct buf *out)
{
    buf_byte(out, '"');
    for (; *text; text++) {
        if (*text == '\n') {
            buf_text(out, "\\n");
            continue;
        }
        if (*text == '"' || *text == '\\')
            buf_byte(out, '\\');
        buf_byte(out, (uint8_t)*text);
    }
    buf_byte(out, '"');
}

static void render_bytes(const ProtobufCBinaryData *data, struct buf *out)
{
    buf_byte(out, '<');
    for (size_t i = 0; i < data->len; i++)
        buf_format(out, "%02x", data->data[i]);
    buf_byte(out, '>');
}

static void render(const ProtobufCFieldDescriptor *f, const void *at, struct buf *out)
{
    switch (f->type) {
    case PROTOBUF_C_TYPE_UINT32:
        buf_format(out, "%lu", (unsigned long)*(const uint32_t *)at);
        break;
    case PROTOBUF_C_TYPE_UINT64:
        buf_format(out, "%llu", (unsigned long long)*(const uint64_t *)at);
        break;
    case PROTOBUF_C_TYPE_INT64:
        buf_format(out, "%lld", (long long)*(const int64_t *)at);
        break;
    case PROTOBUF_C_TYPE_ENUM:
        buf_text(out, protobuf_c_enum_descriptor_get_value(f->descriptor, *(const int *)at)->name);
        break;
    case PROTOBUF_C_TYPE_STRING:
        render_text(*(char *const *)at, out);
        break;
    case PROTOBUF_C_TYPE_BYTES:
        render_bytes(at, out);
        break;
    default:
        fail_msg("type %d of %s: teach the test", f->type, f->name);
    }
}

static size_t element_size(ProtobufCType type)
{
    if (type == PROTOBUF_C_TYPE_BYTES)
        return sizeof(ProtobufCBinaryData);
    return type == PROTOBUF_C_TYPE_UINT32 || type == PROTOBUF_C_TYPE_ENUM ? 4 : 8;
}

static size_t value_count(const ProtobufCMessage *m, const ProtobufCFieldDescriptor *f)
{
    const uint8_t *base = (const uint8_t *)m;
    if (f->label == PROTOBUF_C_LABEL_REPEATED)
        return *(const size_t *)(base + f->quantifier_offset);
    if (f->type == PROTOBUF_C_TYPE_STRING || f->type == PROTOBUF_C_TYPE_MESSAGE)
        return *(void *const *)(base + f->offset) != NULL;
    return *(const protobuf_c_boolean *)(base + f->quantifier_offset) != 0;
}

static const void *value_at(const ProtobufCMessage *m, const ProtobufCFieldDescriptor *f, size_t index)
{
    const uint8_t *at = (const uint8_t *)m + f->offset;
    return f->label == PROTOBUF_C_LABEL_REPEATED ? *(uint8_t *const *)at + index * element_size(f->type) : at;
}

static ProtobufCMessage *opened(const ProtobufCMessageDescriptor *d, struct slice bytes)
{
    ProtobufCMessage *m = NULL;
    enum err e = wire_open(d, bytes, &arena, &m);
    if (e != ERR_OK)
        fail_msg("%s: %s: %s", vector_name, d->name, err_name(e));
    struct slice again = wire_pack_arena(m, &arena);
    assert_true(slice_equal(again, bytes));
    return m;
}

static void match(const ProtobufCMessage *m, char **script);

/* rest: what stands behind the name: " {", ": Type {" or ": value". */
static void match_value(const ProtobufCFieldDescriptor *f, const void *value, char *rest, char **script)
{
    size_t size = strlen(rest);
    if (f->type == PROTOBUF_C_TYPE_MESSAGE) {
        assert_string_equal(rest, " {");
        match(*(ProtobufCMessage *const *)value, script);
        return;
    }
    assert_memory_equal(rest, ": ", 2);
    if (f->type == PROTOBUF_C_TYPE_BYTES && rest[size - 1] == '{') {
        const ProtobufCBinaryData *data = value;
        rest[size - 2] = 0;
        match(opened(descriptor_named(rest + 2), slice_of(data->data, data->len)), script);
        return;
    }
    struct buf text = BUF_INIT;
    render(f, value, &text);
    assert_string_equal(buf_c_string(&text), rest + 2);
    buf_finish(&text);
}

static void match(const ProtobufCMessage *m, char **script)
{
    const ProtobufCFieldDescriptor *last = NULL;
    size_t index = 0, lines = 0, values = 0;
    char *line;
    while ((line = next_line(script)) && strcmp(line, "}") != 0) {
        char name[64];
        int size;
        assert_int_equal(sscanf(line, "%63[a-z0-9_]%n", name, &size), 1);
        const ProtobufCFieldDescriptor *f = record_field(m->descriptor, name);
        if (!f)
            fail_msg("%s: %s has no field %s", vector_name, m->descriptor->name, name);
        index = f == last ? index + 1 : 0;
        if (index >= value_count(m, f) || (last && f < last))
            fail_msg("%s: %s.%s: more in the text than in the bytes, or out of order", vector_name, m->descriptor->name, name);
        match_value(f, value_at(m, f, index), line + size, script);
        *seen_fields(m->descriptor) |= UINT64_C(1) << (f->id - 1);
        last = f;
        lines++;
    }
    assert_non_null(line);
    for (unsigned i = 0; i < m->descriptor->n_fields; i++)
        values += value_count(m, &m->descriptor->fields[i]);
    if (values != lines || m->n_unknown_fields)
        fail_msg("%s: %s: more in the bytes than in the text", vector_name, m->descriptor->name);
}

static ProtobufCMessage *open_frame(struct slice bytes, const char *type_name)
{
    struct frame frame;
    size_t used = 0;
    assert_int_equal(frame_take(bytes, LIMIT_FRAME, &frame, &used), ERR_OK);
    assert_int_equal(used, bytes.size);
    assert_string_equal(frame_name(frame.type), type_name);
    ProtobufCMessage *m = opened(frame_descriptor(frame.type), frame.payload);
    struct buf again = BUF_INIT;
    assert_int_equal(frame_put(&again, frame.type, m), ERR_OK);
    assert_true(slice_equal(buf_slice(&again), bytes));
    buf_finish(&again);
    return m;
}

static void check_vector(const char *name)
{
    struct buf bytes = BUF_INIT, text = BUF_INIT;
    char file_name[128], type_name[64];
    vector_name = name;
    snprintf(file_name, sizeof file_name, "%s.txt", name);
    load_hex(name, &bytes);
    load(file_name, &text);
    buf_c_string(&text);
    char *script = (char *)text.data, *line = next_line(&script);
    assert_non_null(line);
    ProtobufCMessage *m;
    if (sscanf(line, "frame %63[A-Z_] {", type_name) == 1)
        m = open_frame(buf_slice(&bytes), type_name);
    else if (sscanf(line, "message %63[A-Za-z.] {", type_name) == 1)
        m = opened(descriptor_named(type_name), buf_slice(&bytes));
    else
        fail_msg("%s: neither frame nor message", name);
    match(m, &script);
    assert_null(next_line(&script));
    buf_finish(&bytes);
    buf_finish(&text);
    arena_reset(&arena);
}

static void every_vector_says_what_its_text_says(void **state)
{
    (void)state;
    DIR *folder = opendir(FOLDER);
    assert_non_null(folder);
    size_t count = 0;
    for (struct dirent *entry; (entry = readdir(folder)); ) {
        char name[64];
        const char *dot = strrchr(entry->d_name, '.');
        if (!dot || strcmp(dot, ".hex") != 0)
            continue;
        snprintf(name, sizeof name, "%.*s", (int)(dot - entry->d_name), entry->d_name);
        check_vector(name);
        count++;
    }
    closedir(folder);
    assert_true(count >= FRAME_TYPES - 1 + 5);
}

static void every_frame_type_has_a_vector(void **state)
{
    (void)state;
    for (enum frame_type type = 1; type < FRAME_TYPES; type++) {
        struct buf bytes = BUF_INIT;
        load_hex(frame_name(type), &bytes); /* fails if it is missing */
        assert_true(bytes.size >= FRAME_HEAD);
        assert_int_equal(bytes.data[4], type);
        buf_finish(&bytes);
    }
}

static void assert_all_seen(const ProtobufCMessageDescriptor *d)
{
    for (unsigned i = 0; i < d->n_fields; i++) {
        if (!(*seen_fields(d) >> (d->fields[i].id - 1) & 1))
            fail_msg("%s.%s stands in no vector", d->name, d->fields[i].name);
        if (d->fields[i].type == PROTOBUF_C_TYPE_MESSAGE)
            assert_all_seen(d->fields[i].descriptor);
    }
}

/* After the first test. A field that is added to wire.proto needs its place in a vector. */
static void every_field_stands_in_a_vector(void **state)
{
    (void)state;
    for (enum frame_type type = 1; type < FRAME_TYPES; type++)
        assert_all_seen(frame_descriptor(type));
    assert_all_seen(&wire__change__descriptor);
    assert_all_seen(&wire__effects__descriptor);
    assert_all_seen(&wire__join_code__descriptor);
}

static const Wire__Entries *entries_of(const char *name)
{
    struct buf bytes = BUF_INIT;
    vector_name = name;
    load_hex(name, &bytes);
    ProtobufCMessage *m = open_frame(buf_slice(&bytes), "ENTRIES");
    buf_finish(&bytes);
    return (const Wire__Entries *)m;
}

/* The hashes were made with Python's hashlib from the recipe. */
static void assert_chain_holds(const Wire__Entries *entries)
{
    uint8_t before[CHAIN_SIZE] = {0};
    assert_int_equal(entries->n_entry, 3);
    for (size_t i = 0; i < entries->n_entry; i++) {
        struct entry e;
        assert_int_equal(entry_open(entries->entry[i], &arena, &e), ERR_OK);
        assert_int_equal(e.seq, i + 1);
        assert_int_equal(e.stripped, entries->entry[i]->has_entry_hash);
        assert_true(entry_follows(&e, before));
        memcpy(before, e.chain, CHAIN_SIZE);
        e.entry_hash[31] ^= 1;
        e.received_ms ^= 1;
        memset(e.chain, 0, CHAIN_SIZE);
        assert_false(entry_follows(&e, before));
    }
}

static void the_chain_holds_whole_and_stripped(void **state)
{
    (void)state;
    const Wire__Entries *whole = entries_of("ENTRIES"), *stripped = entries_of("ENTRIES_stripped");
    assert_chain_holds(whole);
    assert_chain_holds(stripped);
    for (size_t i = 0; i < 3; i++)
        assert_memory_equal(whole->entry[i]->chain.data, stripped->entry[i]->chain.data, CHAIN_SIZE);
    assert_true(stripped->entry[0]->has_entry_hash && !stripped->entry[1]->has_entry_hash);
    arena_reset(&arena);
}

static void the_hash_of_a_change_is_of_its_bytes(void **state)
{
    (void)state;
    const Wire__Entries *entries = entries_of("ENTRIES");
    for (size_t i = 0; i < entries->n_entry; i++) {
        const Wire__Entry *e = entries->entry[i];
        uint8_t hash[HASH_SIZE];
        change_hash(slice_of(e->change.data, e->change.len), hash);
        assert_int_equal(e->hash.len, HASH_SIZE);
        assert_memory_equal(hash, e->hash.data, HASH_SIZE);
    }
    arena_reset(&arena);
}

/* What seals the log gives the hash that the vector has. */
static void sealing_gives_the_same_chain(void **state)
{
    (void)state;
    const Wire__Entries *entries = entries_of("ENTRIES");
    uint8_t before[CHAIN_SIZE] = {0};
    for (size_t i = 0; i < entries->n_entry; i++) {
        struct entry e;
        assert_int_equal(entry_open(entries->entry[i], &arena, &e), ERR_OK);
        memset(e.chain, 0, CHAIN_SIZE);
        entry_seal(&e, before);
        assert_memory_equal(e.chain, entries->entry[i]->chain.data, CHAIN_SIZE);
        memcpy(before, e.chain, CHAIN_SIZE);
    }
    arena_reset(&arena);
}

static int open_arena(void **state)
{
    (void)state;
    arena_init(&arena, LIMIT_ARENA);
    return 0;
}

static int close_arena(void **state)
{
    (void)state;
    arena_finish(&arena);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_vector_says_what_its_text_says),
        cmocka_unit_test(every_frame_type_has_a_vector),
        cmocka_unit_test(every_field_stands_in_a_vector),
        cmocka_unit_test(the_chain_holds_whole_and_stripped),
        cmocka_unit_test(the_hash_of_a_change_is_of_its_bytes),
        cmocka_unit_test(sealing_gives_the_same_chain),
    };
    return cmocka_run_group_tests(tests, open_arena, close_arena);
}
