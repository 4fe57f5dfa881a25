#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

/* What the .proto files promise each other, the wire check and the tables: walked by descriptor, so that a message that breaks
 * a promise can't come in unseen. */
#include "base/limits.h"
#include "journal.pb-c.h"
#include "kinds/kind.h"
#include "wire/frame.h"
#include <dirent.h>
#include <stdio.h>
#include <string.h>

#define MOST 256u

static const ProtobufCMessageDescriptor *all[MOST];
static size_t all_count;

static void add(const ProtobufCMessageDescriptor *d)
{
    for (size_t i = 0; i < all_count; i++) {
        if (all[i] == d)
            return;
    }
    assert_true(all_count < MOST);
    all[all_count++] = d;
    for (unsigned i = 0; i < d->n_fields; i++) {
        if (d->fields[i].type == PROTOBUF_C_TYPE_MESSAGE)
            add(d->fields[i].descriptor);
    }
}

/* What stands by itself: lines of the server's journal. */
static const ProtobufCMessageDescriptor *const journal[] = {
    &journal__org__descriptor,        &journal__invitation__descriptor, &journal__seat__descriptor,
    &journal__renewal__descriptor,    &journal__seat_state__descriptor, &journal__epoch__descriptor,
    &journal__backup__descriptor,     &journal__keys__descriptor,       &journal__erasure__descriptor,
    &journal__seat_roles__descriptor, &journal__reading__descriptor,    &journal__jump__descriptor,
    &journal__adoption__descriptor};

/* All that travel or are kept: as a frame, as bytes inside of one, in a join code, as a record, in the journal. */
static int collect(void **state)
{
    (void)state;
    for (enum frame_type type = 1; type < FRAME_TYPES; type++)
        add(frame_descriptor(type));
    add(&wire__change__descriptor);
    add(&wire__effects__descriptor);
    add(&wire__join_code__descriptor);
    add(&wire__handover_head__descriptor);
    add(&wire__handover_entry__descriptor);
    add(&wire__handover_seal__descriptor);
    add(&wire__erasure__descriptor);
    for (size_t i = 0; i < sizeof journal / sizeof journal[0]; i++)
        add(journal[i]);
    size_t count;
    const struct kind *const *kinds = kind_all(&count);
    for (size_t i = 0; i < count; i++)
        add(kinds[i]->descriptor);
    return 0;
}

static bool is_collected(const char *package, const char *name)
{
    char full[128];
    snprintf(full, sizeof full, "%s.%s", package, name);
    for (size_t i = 0; i < all_count; i++) {
        if (strcmp(all[i]->name, full) == 0)
            return true;
    }
    return false;
}

static size_t look_through(const char *file_name)
{
    char path[512], line[1024], package[64] = "", name[64];
    size_t found = 0;
    snprintf(path, sizeof path, PROTO_DIR "/%s", file_name);
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    while (fgets(line, sizeof line, file)) {
        sscanf(line, "package %63[a-z];", package);
        if (sscanf(line, "message %63[A-Za-z0-9]", name) != 1)
            continue;
        if (!is_collected(package, name))
            fail_msg("%s: %s is neither frame, nor inside of one, nor a kind's record, nor in the journal: list it", file_name, name);
        found++;
    }
    fclose(file);
    return found;
}

static void every_message_in_the_files_is_walked_here(void **state)
{
    (void)state;
    DIR *folder = opendir(PROTO_DIR);
    assert_non_null(folder);
    size_t found = 0;
    for (struct dirent *entry; (entry = readdir(folder));) {
        const char *dot = strrchr(entry->d_name, '.');
        if (dot && strcmp(dot, ".proto") == 0)
            found += look_through(entry->d_name);
    }
    closedir(folder);
    assert_int_equal(found, all_count);
}

static bool has_field(const ProtobufCMessageDescriptor *d, const char *name)
{
    return protobuf_c_message_descriptor_get_field_by_name(d, name) != NULL;
}

static void no_field_has_a_default_a_oneof_or_a_bad_name(void **state)
{
    (void)state;
    for (size_t i = 0; i < all_count; i++) {
        for (unsigned j = 0; j < all[i]->n_fields; j++) {
            const ProtobufCFieldDescriptor *f = &all[i]->fields[j];
            char counter[128];
            snprintf(counter, sizeof counter, "n_%s", f->name);
            bool counted = f->label == PROTOBUF_C_LABEL_REPEATED && has_field(all[i], counter);
            snprintf(counter, sizeof counter, "has_%s", f->name);
            bool good = !f->default_value && !(f->flags & PROTOBUF_C_FIELD_FLAG_ONEOF) && !counted &&
                        f->label != PROTOBUF_C_LABEL_REQUIRED && f->label != PROTOBUF_C_LABEL_NONE &&
                        strcmp(f->name, "base") != 0 && strcmp(f->name, "linux") != 0 &&
                        strcmp(f->name, "descriptor") != 0 && !has_field(all[i], counter);
            if (!good)
                fail_msg("%s.%s", all[i]->name, f->name);
        }
    }
}

/* So that the fields of a newer build are the last, and packing them after ours is the canonical order. */
static void tags_have_no_holes(void **state)
{
    (void)state;
    for (size_t i = 0; i < all_count; i++) {
        for (unsigned j = 0; j < all[i]->n_fields; j++) {
            if (all[i]->fields[j].id != j + 1)
                fail_msg("%s.%s", all[i]->name, all[i]->fields[j].name);
        }
    }
}

/* 0 where there is a cycle. */
static unsigned depth(const ProtobufCMessageDescriptor *d, unsigned above)
{
    unsigned deepest = 1;
    if (above > LIMIT_DEPTH)
        return 0;
    for (unsigned i = 0; i < d->n_fields; i++) {
        if (d->fields[i].type != PROTOBUF_C_TYPE_MESSAGE)
            continue;
        unsigned below = depth(d->fields[i].descriptor, above + 1);
        if (below == 0)
            return 0;
        deepest = below + 1 > deepest ? below + 1 : deepest;
    }
    return deepest;
}

static void no_message_holds_itself_or_is_too_deep(void **state)
{
    (void)state;
    for (size_t i = 0; i < all_count; i++) {
        unsigned deep = depth(all[i], 1);
        if (deep == 0 || deep > LIMIT_DEPTH)
            fail_msg("%s", all[i]->name);
    }
    assert_int_equal(depth(&wire__push__descriptor, 1), 3);
    assert_int_equal(depth(&wire__overview__descriptor, 1), 3);
    assert_int_equal(depth(&wire__ping__descriptor, 1), 1);
}

static void an_unset_enum_is_none(void **state)
{
    (void)state;
    for (size_t i = 0; i < all_count; i++) {
        for (unsigned j = 0; j < all[i]->n_fields; j++) {
            if (all[i]->fields[j].type != PROTOBUF_C_TYPE_ENUM)
                continue;
            const ProtobufCEnumDescriptor *e = all[i]->fields[j].descriptor;
            assert_non_null(protobuf_c_enum_descriptor_get_value(e, 0));
            for (unsigned k = 0; k < e->n_values; k++)
                assert_true(e->values[k].value >= 0); /* negative ones don't pass the wire check */
        }
    }
}

static bool is_record_type(const ProtobufCFieldDescriptor *f)
{
    return f->type == PROTOBUF_C_TYPE_STRING || f->type == PROTOBUF_C_TYPE_BYTES || f->type == PROTOBUF_C_TYPE_INT64 ||
           f->type == PROTOBUF_C_TYPE_BOOL;
}

static void records_are_flat_and_leave_the_house_its_names(void **state)
{
    (void)state;
    static const char *const taken[] = {"id", "org", "seq", "sync", "dead"};
    size_t count;
    const struct kind *const *kinds = kind_all(&count);
    assert_true(count >= 6);
    for (size_t i = 0; i < count; i++) {
        const ProtobufCMessageDescriptor *d = kinds[i]->descriptor;
        assert_memory_equal(d->name, "record.", 7);
        for (size_t k = 0; k < sizeof taken / sizeof taken[0]; k++)
            assert_false(has_field(d, taken[k]));
        for (unsigned j = 0; j < d->n_fields; j++) {
            const ProtobufCFieldDescriptor *f = &d->fields[j];
            if (f->label != PROTOBUF_C_LABEL_OPTIONAL || !is_record_type(f) || f->name[0] == '_')
                fail_msg("%s.%s", d->name, f->name);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_message_in_the_files_is_walked_here),
        cmocka_unit_test(no_field_has_a_default_a_oneof_or_a_bad_name),
        cmocka_unit_test(tags_have_no_holes),
        cmocka_unit_test(no_message_holds_itself_or_is_too_deep),
        cmocka_unit_test(an_unset_enum_is_none),
        cmocka_unit_test(records_are_flat_and_leave_the_house_its_names),
    };
    return cmocka_run_group_tests(tests, collect, NULL);
}
