#pragma once
/* The rows that a batch of changes touches, in memory: loaded before, changed by what is accepted, written at the commit.
 * decide reads it and names what is missing; nothing here does I/O. */
#include "sync/effect.h"
#include "sync/stamps.h"

struct scratch_row {
    uint32_t kind;
    struct id id;
    uint32_t org;
    uint64_t seq;
    ProtobufCMessage *message;   /* NULL: a tombstone, or never known */
    bool dead;                   /* a tombstone */
    const ProtobufCMessage *removed; /* of a tombstone: the row as it was before its removal (folded from its history), in scratch_arena;
                                      * NULL if the loader cannot tell. A conflict "*" keeps it, so that restoring has all fields (rule 13) */
    struct stamps stamps;
    bool dirty;
};

enum scratch_key_type {
    SCRATCH_ROW,        /* kind, id: the row, tombstone, or that it is not known */
    SCRATCH_CONFLICTS,  /* id: all open conflict records of that record (their rows are added, too) */
    SCRATCH_IDENTITY,   /* org, seq: whose entry that is */
    SCRATCH_LATE,       /* org, seq: under which seqs of given up paths the change of that entry was handed over (rules 8, 27) */
    SCRATCH_CHILDREN    /* org, kind, tag, value: every living row of that org whose field (FIELD_LOOKUP) holds the value */
};
struct scratch_key {
    enum scratch_key_type type;
    uint32_t kind;
    struct id id;
    uint32_t org;
    uint64_t seq;
    uint32_t tag;
    struct cell value; /* borrowed: lives as long as the key */
};
#define SCRATCH_KEYS_MAX 64
struct scratch_keys { struct scratch_key list[SCRATCH_KEYS_MAX]; size_t count; };
void scratch_keys_add(struct scratch_keys *k, struct scratch_key key); /* once each */

struct scratch; /* heap; its rows live in its own arena */
/* cap: what a commit's rows may take; going over it aborts, so it has to hold LIMIT_GROUP_COMMIT rows of LIMIT_RECORD some times. */
struct scratch *scratch_create(size_t cap);
void scratch_destroy(struct scratch *s);
struct arena *scratch_arena(struct scratch *s);
bool scratch_has(const struct scratch *s, const struct scratch_key *key);
/* What a loader found. For rows: row->message must live in scratch_arena; not known: message NULL, dead false, seq 0. */
void scratch_add_row(struct scratch *s, const struct scratch_row *row);
void scratch_add_conflicts_loaded(struct scratch *s, struct id record);
void scratch_add_children_loaded(struct scratch *s, const struct scratch_key *key); /* after their rows were added */
/* Rows and sets of rows that the loader did not find: they are not there. */
void scratch_add_absent(struct scratch *s, const struct scratch_keys *keys);
void scratch_add_identity(struct scratch *s, uint32_t org, uint64_t seq, const struct identity *who); /* NULL: no such entry */
/* When that entry was received, if the loader knows: for people ("by whom, when"). May be left out. */
void scratch_add_time(struct scratch *s, uint32_t org, uint64_t seq, int64_t received_ms);
int64_t scratch_time(const struct scratch *s, uint32_t org, uint64_t seq); /* 0: not known */
void scratch_add_late(struct scratch *s, uint32_t org, uint64_t seq, const uint64_t *old, size_t count);
/* Another one was noted: what is known of any is loaded anew. */
void scratch_forget_late(struct scratch *s);
const uint64_t *scratch_late(const struct scratch *s, uint32_t org, uint64_t seq, size_t *count);
struct scratch_row *scratch_row(struct scratch *s, uint32_t kind, struct id id); /* NULL if not loaded */
const struct scratch_row *scratch_look(const struct scratch *s, uint32_t kind, struct id id); /* the same, to look at alone */
/* Before a row is changed by anybody: it becomes dirty, and a mark remembers it as it was. */
void scratch_touch(struct scratch *s, struct scratch_row *row);
const struct identity *scratch_identity(const struct scratch *s, uint32_t org, uint64_t seq);
/* Open conflict records of a record, as rows of KIND_CONFLICT; false at the end. */
bool scratch_conflict_at(struct scratch *s, struct id record, size_t index, struct scratch_row **out);
bool scratch_conflict_is_open(const struct scratch_row *row);
/* All conflict records known of it, whatever their state: borrowed until the next change. */
size_t scratch_conflicts(struct scratch *s, struct id record, struct scratch_row *const **out);
/* After a row was changed: it is found by what it holds now (a conflict record by its record). */
void scratch_list(struct scratch *s, struct scratch_row *row);
/* The rows that a key of CHILDREN names, as far as they are here: all of them if scratch_has the key. NULL: none was ever here.
 * Rows that are added while one walks come at the end. */
struct scratch_set;
const struct scratch_set *scratch_children(const struct scratch *s, const struct scratch_key *key);
struct scratch_row *scratch_child(const struct scratch_set *set, size_t *at); /* the next, from *at = 0 on; NULL at the end */
/* Dirty rows in the order in which they became so; false at the end. */
bool scratch_dirty_at(struct scratch *s, size_t index, struct scratch_row **out);
/* A mark to go back to (groups, rule 15): rows, stamps and dirt as they were then. One level. */
void scratch_mark(struct scratch *s);
void scratch_back(struct scratch *s);
void scratch_release(struct scratch *s);
