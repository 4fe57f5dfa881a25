#pragma once
/* Records and kinds as people and programs read them (cli.md "JSON shapes"). What a seat may not read is left out in
 * every form; on a terminal what is sensitive is masked besides. */
#include "base/id.h"
#include "kinds/kind.h"

struct json_t;
struct show_record {
    const struct kind *kind;
    struct id id;
    uint64_t seq;
    const char *sync; /* queued confirmed refused conflict */
    const ProtobufCMessage *message;
    enum access access;
    const struct derived_value *derived; /* shown in place of fields of their names, and besides */
    size_t derived_count;
};
/* What is shown in that field, derived or stored; absent if nothing. */
struct cell show_value(const struct show_record *r, const char *field);
/* The same of the at-th of the kind's fields (show/fields.h), found once for many records. */
struct show_fields;
struct cell show_value_at(const struct show_record *r, const struct show_fields *fields, size_t at);
/* The words for a record that is pointed to: appends its name, or nothing. kind SHOW_SEAT: the person of the seat
 * show_seat_of(id). */
#define SHOW_SEAT UINT32_MAX
uint32_t show_seat_of(struct id id);
typedef void show_name(void *to, uint32_t kind, struct id id, struct buf *out);

struct json_t *show_record_json(const struct show_record *r);
/* Label and value a line. */
void show_record_text(const struct show_record *r, enum language language, enum value_mask mask, show_name *name,
                      void *to, struct buf *out);
/* One field for a cell of a list or CSV. */
void show_field(const struct show_record *r, const struct field_rule *f, enum language language, enum value_mask mask,
                show_name *name, void *to, struct buf *out);
void show_field_at(const struct show_record *r, const struct show_fields *fields, size_t at, enum language language,
                   enum value_mask mask, show_name *name, void *to, struct buf *out);
/* A value alone, as in show_record_json. */
struct json_t *show_cell_json(const struct field_rule *f, struct cell value);
/* False: this seat may not read the field. */
bool show_may(const struct show_record *r, const struct field_rule *f);

/* A number that the server gives and has not given yet: there will be one, or there may (a step on which it is given
 * was taken). */
bool show_is_pending(const struct show_record *r, const struct field_rule *f);

struct json_t *show_kind_json(const struct kind *k, enum language language);
void show_kind_text(const struct kind *k, enum language language, struct buf *out);
