#pragma once
/* The inside of a scratch, for its two files: scratch.c keeps rows, identities and conflicts, scratch_children.c finds
 * rows by what their fields hold. */
#include "sync/scratch.h"
#define uthash_fatal(message) check_failed(__FILE__, __LINE__, message)
#include <uthash.h>

#define ROW_KEY_SIZE 20u

/* Rows of a kind and org that hold, or once held, a value in a field: each once. Who left is passed over when it is
 * read, so that going back to a mark has nothing to undo here. */
struct scratch_set {
    uint8_t *key; /* in the arena; see set_key */
    const ProtobufCFieldDescriptor *field;
    uint32_t org;
    struct cell value;
    bool loaded;
    struct scratch_row **list;
    size_t count, capacity;
    UT_hash_handle hh;
};
/* The sets that a row is listed in. */
struct scratch_membership {
    const struct scratch_set *set;
    struct scratch_membership *next;
};
/* The fields by which rows of a kind are found. */
struct kind_lookups {
    uint32_t kind;
    const ProtobufCFieldDescriptor **fields;
    size_t count;
    struct kind_lookups *next;
};

struct row_node {
    struct scratch_row row; /* first: a row is its node */
    uint8_t key[ROW_KEY_SIZE];
    bool listed; /* among its record's conflicts */
    bool saved;  /* as it was at the mark */
    struct scratch_membership *sets;
    UT_hash_handle hh;
};

struct scratch {
    struct arena arena;
    struct row_node *rows;
    struct seq_node *seqs;
    unsigned late_generation;
    struct record_node *records;
    struct scratch_set *sets;
    struct kind_lookups *lookups;
    struct scratch_row **dirty;
    size_t dirty_count, dirty_capacity;
    bool marked;
    size_t dirty_at_mark;
    struct saved_row *saved;
    size_t saved_count, saved_capacity;
};

void *scratch_alloc(struct scratch *s, size_t size); /* CHECKs the cap */
/* ---- scratch_children.c ---- */
bool children_are_loaded(const struct scratch *s, const struct scratch_key *key);
void children_list_row(struct scratch *s, struct scratch_row *row); /* in the sets of what it holds now */
void children_finish(struct scratch *s);
