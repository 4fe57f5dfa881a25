#pragma once
/* The inside of the table room. Positions: house columns first (id, _org, _seq, _stamps, _extra), then the fields in
 * the descriptor's order, both in what is bound (from 1) and in what is read (from 0). */
#include "table/table.h"

enum table_column { COLUMN_ID, COLUMN_ORG, COLUMN_SEQ, COLUMN_STAMPS, COLUMN_EXTRA, COLUMN_FIELDS };

struct table {
    const struct table_spec *spec;
    struct db_statement *load, *save, *move, *remove; /* kept by the connection; NULL until first needed */
};

struct table_set {
    struct db *db;
    struct table *tables;
    size_t count;
    struct db_statement *load_dead, *save_dead, *remove_dead;
    struct buf extra; /* of the row being saved */
    struct buf own_words; /* keeper.c; empty until first needed */
};

/* ---- set.c ---- */
struct table *table_of(struct table_set *set, uint32_t kind); /* NULL */
/* Prepares text(spec) into *slot unless it is there. */
typedef void table_sql(const struct table_spec *spec, struct buf *out);
enum err table_statement(struct table_set *set, struct db_statement **slot, table_sql *text,
                         const struct table_spec *spec) MUST_CHECK;

/* ---- sql.c ---- */
void table_sql_columns(const struct table_spec *spec, struct buf *out); /* all, named, separated by commas */
void table_sql_create(const struct table_spec *spec, struct buf *out);
void table_sql_add_column(const struct table_spec *spec, const ProtobufCFieldDescriptor *f, struct buf *out);
void table_sql_index(const struct table_spec *spec, const char *field, struct buf *out); /* NULL: the one by org */
void table_sql_lookup(const struct table_spec *spec, const char *field, struct buf *out); /* the one by org and field */
void table_sql_load(const struct table_spec *spec, struct buf *out);
void table_sql_save(const struct table_spec *spec, struct buf *out);
void table_sql_move(const struct table_spec *spec, struct buf *out);
void table_sql_remove(const struct table_spec *spec, struct buf *out);
extern const char table_sql_common[];

/* ---- schema.c ---- */
/* ERR_BUG if a spec can't be a table: a name that is not an identifier or the house's, a field of another type. */
enum err table_schema_check(const struct table_spec *spec) MUST_CHECK;
/* complete: nothing is to be made. has_keeper: there is a table of who keeps the file, which older programs did not make. */
enum err table_schema_complete(struct table_set *set, bool *complete, bool *has_keeper) MUST_CHECK;
/* Inside the caller's transaction. */
enum err table_schema_make(struct table_set *set) MUST_CHECK;

/* ---- keeper.c ---- */
/* Of the program that keeps the file. MORE_KINDS: no field of our kinds is new to us. Who goes back to such a program may open the
 * file, and keeps it from then on; but what runs beside it may not go on. */
enum table_keeper { KEEPER_NONE, KEEPER_SAME, KEEPER_OLDER, KEEPER_MORE_KINDS, KEEPER_NEWER };
enum err table_keeper_look(struct table_set *set, enum table_keeper *out) MUST_CHECK;
/* Inside the caller's transaction; leaves a newer one's. */
enum err table_keeper_take(struct table_set *set) MUST_CHECK;

/* ---- rows.c ---- */
/* Begins a transaction unless the caller has one; table_leave ends it as e says. */
enum err table_enter(struct table_set *set, bool *own) MUST_CHECK;
enum err table_leave(struct table_set *set, bool own, enum err e) MUST_CHECK;
void table_bind_house(struct db_statement *s, const struct row *row); /* row lives until the step */
void table_bind_extra(struct db_statement *s, const struct buf *extra);
/* Runs t->save, all bound, and ends the id's tombstone. */
enum err table_save_bound(struct table_set *set, struct table *t, const struct id *id, uint32_t org) MUST_CHECK;

/* ---- cells.c ---- */
/* NULL where the field is absent. */
void table_cell_bind(struct db_statement *s, int at, struct cell cell);
/* The living row that s stands on, into the arena. */
enum err table_row_read(const struct table *t, struct db_statement *s, struct arena *arena, struct row *out) MUST_CHECK;

/* ---- extra.c ---- */
/* Unknown fields, packed by ascending tag. */
void table_extra_pack(const ProtobufCMessage *m, struct buf *out);
/* A message with the fields that extra holds: unknown ones as such, ones that the descriptor has come to know as
 * fields. */
enum err table_extra_open(const ProtobufCMessageDescriptor *d, struct slice extra, struct arena *arena,
                          ProtobufCMessage **out) MUST_CHECK;
