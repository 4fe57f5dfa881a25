#pragma once
/* For tests of kinds: a branch's records in an array, looked up as a check does, and changes tried on them. */
#include "help_kinds.h"

#define BOOKS_ROWS 64

struct books {
    struct arena arena;
    struct books_row {
        const struct kind *kind;
        struct id id;
        ProtobufCMessage *message;
    } rows[BOOKS_ROWS];
    size_t count;
    struct date today; /* 2026-11-22 */
    uint32_t seat, for_seat;
    bool late;
    role_set roles; /* of union_chair */
    bool blind;     /* nothing can be looked up */
};

void books_make(struct books *w);
void books_finish(struct books *w);
/* The text of the id that record n of any kind has. */
const char *books_ref(struct books *w, unsigned n);
/* Field, value, ..., NULL as in help_record; a value "" empties the field. books_try: what the rules find in that change to record n
 * (made, if there is none; action NULL: set) as "BLOCK code field;WARN code -;". books_do: the same and the change stays, whatever
 * was found. books_put: no rule is asked. */
#define F(...) ((const char *const[]){__VA_ARGS__ __VA_OPT__(, ) NULL})
const char *books_try(struct books *w, const char *kind, unsigned n, const char *action, const char *const *change);
const char *books_do(struct books *w, const char *kind, unsigned n, const char *action, const char *const *change);
void books_put(struct books *w, const char *kind, unsigned n, const char *const *values);
/* NULL if there is none. */
ProtobufCMessage *books_row(struct books *w, const char *kind, unsigned n);
/* As a check sees it, of record n as it stands. */
struct check_context books_context(struct books *w, const char *kind, unsigned n);
/* What is derived of record n, as "name=value;" (bool: yes, no). */
const char *books_derived(struct books *w, const char *kind, unsigned n);
/* What the rows of the kind count, name by name in order: "state.draft=1;", and what the accounts of all rows do. */
const char *books_measures(struct books *w, const char *kind);
