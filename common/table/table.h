#pragma once
/* Descriptor <-> SQL table: the only room that knows both. One table a kind, named as the kind, a column a field (string:
 * TEXT, bytes: BLOB, int64 and bool: INTEGER), and five of the house: id BLOB PRIMARY KEY (WITHOUT ROWID), _org, _seq,
 * _stamps, _extra (unknown fields, packed). Columns are always named in SQL; columns of a newer schema are left alone.
 * Tombstones of all kinds stand in one table `tombstone` (id and kind PRIMARY KEY, _org, _seq).
 * When a column is added, fields that _extra held move into it in the same transaction.
 * A kind that the set does not have gives ERR_NOT_FOUND, a seq over INT64_MAX ERR_VALUE, a message over the arena's cap
 * ERR_MEMORY. Saves join the connection's transaction or, outside one, make their own. */
#include "base/id.h"
#include "db/db.h"
#include "wire/record.h"

struct table; /* prepared knowledge of one kind's table on one connection; borrowed from the set */
struct table_set;

struct table_spec {
    const char *name;                             /* the kind's */
    uint32_t number;
    const ProtobufCMessageDescriptor *descriptor;
    const char *const *indexes; /* names of fields to index, NULL-ended; NULL: none. By _org there always is one. */
    const char *const *lookups; /* names of fields to index behind _org (table_scan_value), NULL-ended; NULL: none */
};

struct row {
    struct id id;
    uint32_t kind;
    uint32_t org;
    uint64_t seq;
    struct slice stamps;        /* packed, see sync/stamp.h; empty on a client */
    ProtobufCMessage *message;  /* NULL: a tombstone */
};

/* Creates or migrates the tables of all specs; runs inside its own transaction. specs must outlive the set. Fields must be
 * optional string, bytes, int64 or bool, not named "id" or beginning with "_": ERR_BUG otherwise. Close before the db. */
enum err table_set_open(struct db *db, const struct table_spec *specs, size_t count, struct table_set **out) MUST_CHECK;
/* For a connection that only reads: no creating, no migrating. ERR_NOT_FOUND if tables or columns are missing. */
enum err table_set_open_read(struct db *db, const struct table_spec *specs, size_t count, struct table_set **out) MUST_CHECK;
/* ERR_NEWER: a program that knows more of the kinds has opened the file; who knows less may not write to it any more, for its
 * rows would lack what has moved into columns that it does not know. To be asked in each transaction that writes; cheap. Not
 * of a set that only reads. */
enum err table_set_is_kept(struct table_set *set) MUST_CHECK;
void table_set_close(struct table_set *set);

/* Loads into the arena. ERR_NOT_FOUND if there is neither row nor tombstone. */
enum err table_load(struct table_set *set, uint32_t kind, struct id id, struct arena *arena, struct row *out) MUST_CHECK;
/* Inserts or replaces; a row with message NULL becomes a tombstone (the living row goes), a living one ends its tombstone. */
enum err table_save(struct table_set *set, const struct row *row) MUST_CHECK;
/* As table_save of a living row, straight from its packed bytes (they passed wire_check): for snapshots. */
enum err table_save_packed(struct table_set *set, uint32_t kind, struct id id, uint32_t org, uint64_t seq, struct slice packed) MUST_CHECK;
/* Removes row and tombstone altogether. */
enum err table_erase(struct table_set *set, uint32_t kind, struct id id) MUST_CHECK;

/* Walks the rows of a kind by id. org 0: all. tombstones: TABLE_LIVING, TABLE_DEAD or both. after: NULL or the last id seen. */
enum table_which { TABLE_LIVING = 1, TABLE_DEAD = 2 };
struct table_cursor;
enum err table_scan(struct table_set *set, uint32_t kind, uint32_t org, const struct id *after, unsigned which,
                    struct table_cursor **out) MUST_CHECK;
/* Living rows of a kind and org whose field holds value (not absent; it lives as long as the cursor), by id; with an index where
 * the field is among the lookups. One such walk of a kind and field at a time. */
enum err table_scan_value(struct table_set *set, uint32_t kind, uint32_t org, const char *field, struct cell value,
                          struct table_cursor **out) MUST_CHECK;
/* *more false at the end. The row lives in arena, which the caller resets when it likes; after ERR_MEMORY the same row comes
 * again. Don't save into the kind while walking it; an open cursor holds its view, and with it the WAL: walk in pages. */
enum err table_next(struct table_cursor *c, struct arena *arena, struct row *out, bool *more) MUST_CHECK;
void table_scan_close(struct table_cursor *c);

/* Ids of a kind's living rows whose field equals value (absent: has none), by id, at most max (count gets how many were found,
 * up to max). ERR_BUG if there is no such field. Without an index in the spec it reads the whole table. */
enum err table_find(struct table_set *set, uint32_t kind, const char *field, struct cell value, struct id *out, size_t max,
                    size_t *count) MUST_CHECK;
/* The same behind an id. */
enum err table_find_after(struct table_set *set, uint32_t kind, const char *field, struct cell value, const struct id *after,
                          struct id *out, size_t max, size_t *count) MUST_CHECK;
/* The same, of however many. The list is the caller's, who frees it; NULL on failure. */
enum err table_find_all(struct table_set *set, uint32_t kind, const char *field, struct cell value, struct id **out,
                        size_t *count) MUST_CHECK;
/* Ids (living and dead) whose first bits equal prefix, of a kind or (0) of all. kinds may be NULL. */
enum err table_find_prefix(struct table_set *set, uint32_t kind, struct id prefix, unsigned bits, struct id *out, uint32_t *kinds,
                           size_t max, size_t *count) MUST_CHECK;
enum err table_count(struct table_set *set, uint32_t kind, uint32_t org, unsigned which, uint64_t *out) MUST_CHECK;
