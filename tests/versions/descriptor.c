/* See descriptor.h. message_init is told nothing but the message, so each descriptor has a function of its own. */
#include "tests/versions/descriptor.h"

#include "base/err.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define SLOTS(X) X(0) X(1) X(2) X(3) X(4) X(5) X(6) X(7) X(8) X(9) X(10) X(11) X(12) X(13) X(14) X(15)
#define SLOTS_MAX 16

static const ProtobufCMessageDescriptor *made[SLOTS_MAX];
static unsigned made_count;

/* No field of a record has a default of its own. */
static void init(unsigned slot, ProtobufCMessage *m)
{
    memset(m, 0, made[slot]->sizeof_message);
    m->descriptor = made[slot];
}

#define X(n)                                                                                                           \
    static void init_##n(ProtobufCMessage *m)                                                                          \
    {                                                                                                                  \
        init(n, m);                                                                                                    \
    }
SLOTS(X)
#undef X
static const ProtobufCMessageInit inits[SLOTS_MAX] = {
#define X(n) init_##n,
    SLOTS(X)
#undef X
};

static void *grab(size_t size)
{
    void *p = calloc(1, size);
    CHECK(p);
    return p;
}

static bool is_in(const char *const *list, const char *name)
{
    for (; *list; list++)
        if (strcmp(*list, name) == 0)
            return true;
    return false;
}

static const ProtobufCFieldDescriptor *sorted_of;
static int by_name(const void *a, const void *b)
{
    return strcmp(sorted_of[*(const unsigned *)a].name, sorted_of[*(const unsigned *)b].name);
}

static void sort_names(ProtobufCMessageDescriptor *d)
{
    unsigned *sorted = grab((d->n_fields + 1) * sizeof *sorted);
    for (unsigned i = 0; i < d->n_fields; i++)
        sorted[i] = i;
    sorted_of = d->fields;
    qsort(sorted, d->n_fields, sizeof *sorted, by_name);
    d->fields_sorted_by_name = sorted;
}

/* Runs of tags without a hole; behind the last one an end that says how many fields there are. */
static void find_ranges(ProtobufCMessageDescriptor *d)
{
    ProtobufCIntRange *ranges = grab((d->n_fields + 1) * sizeof *ranges);
    d->n_field_ranges = 0;
    for (unsigned i = 0; i < d->n_fields; i++)
        if (i == 0 || d->fields[i].id != d->fields[i - 1].id + 1)
            ranges[d->n_field_ranges++] = (ProtobufCIntRange){(int)d->fields[i].id, i};
    ranges[d->n_field_ranges] = (ProtobufCIntRange){0, d->n_fields};
    d->field_ranges = ranges;
}

static ProtobufCFieldDescriptor *fields_of(const ProtobufCMessageDescriptor *d, const char *const *gone, const char *const *more,
                                           ProtobufCMessageDescriptor *out)
{
    unsigned count = d->n_fields, tag = d->fields[d->n_fields - 1].id;
    for (const char *const *m = more; *m; m++)
        count++;
    ProtobufCFieldDescriptor *fields = grab(count * sizeof *fields);
    out->n_fields = 0;
    for (unsigned i = 0; i < d->n_fields; i++)
        if (!is_in(gone, d->fields[i].name))
            fields[out->n_fields++] = d->fields[i];
    for (; *more; more++) {
        fields[out->n_fields++] = (ProtobufCFieldDescriptor){
            .name = *more, .id = ++tag, .label = PROTOBUF_C_LABEL_OPTIONAL, .type = PROTOBUF_C_TYPE_STRING, .offset = (unsigned)out->sizeof_message};
        out->sizeof_message += sizeof(char *);
    }
    return fields;
}

const ProtobufCMessageDescriptor *descriptor_make(const ProtobufCMessageDescriptor *d, const char *const *gone, const char *const *more)
{
    if (!*gone && !*more)
        return d;
    CHECK(made_count < SLOTS_MAX);
    ProtobufCMessageDescriptor *out = grab(sizeof *out);
    *out = *d;
    out->fields = fields_of(d, gone, more, out);
    sort_names(out);
    find_ranges(out);
    out->message_init = inits[made_count];
    made[made_count++] = out;
    return out;
}
