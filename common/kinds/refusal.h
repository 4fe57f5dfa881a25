#pragma once
#include "kinds/kind.h"

/* The reasons of REFUSED that hold for every kind. A kind's own rules add codes of the form "plan.return_reason".
 *
 * Arguments that the sentences know, all optional (a sentence leaves out what it is not told):
 *   TOO_LONG      most characters        VALUE, CODE   what was written (never of a sensitive field)
 *   REFERENCE     name of the kind       UNKNOWN_KIND, UNKNOWN_FIELD, UNKNOWN_ACTION   what was asked for, the nearest right one
 *   RIGHT         add, set, remove or the action
 *   NOT_EDITABLE  state                  STATE_MOVED   state, who, when           CHANGED_SINCE, DELETED   who, when
 *   GROUP         which change (1 ...), its code      CONFLICTS, MEASURES, CHILDREN   how many there may be
 *   PARTS         name of the parts' kind      FUTURE   a warning alone, never a refusal
 * who: a seat's number, or a name in its place; when: milliseconds since 1970 in decimal, or a text.
 * The field of a finding is its own, beside the arguments. */
#define REFUSAL_LIST(X)                                                                                                \
    X(RIGHT) X(SEAT_REVOKED) X(SEAT_SUSPENDED) X(ORG) X(UNKNOWN_KIND) X(UNKNOWN_RECORD) X(UNKNOWN_FIELD)               \
    X(UNKNOWN_ACTION) X(FORM) X(TOO_LONG) X(VALUE) X(CODE) X(REQUIRED) X(IMMUTABLE_FIELD) X(SERVER_FIELD) X(STATE_FIELD) \
    X(SIDE_FIELD) X(REFERENCE) X(NOT_EDITABLE) X(STATE_MOVED) X(CHANGED_SINCE) X(EXISTS) X(IDENTITY) X(FOR_SEAT) X(ORIGIN) \
    X(IMMUTABLE) X(DELETED) X(GROUP) X(ERASED) X(SCHEMA) X(CONFLICTS) X(MEASURES) X(CHILDREN) X(PARTS) X(FUTURE)
#define X(name) extern const char REFUSAL_##name[];
REFUSAL_LIST(X)
#undef X

/* Of a step that is not open: from which states it is taken, and which steps are open in the state that the record is in (NULL: not
 * known). Nothing where the kind or the step is not known. */
void refusal_step(const struct kind *k, const char *action, const char *state, enum language language, struct buf *out);
/* What may help a change that was refused so, besides giving it up: nothing; the same again once its reason is gone; the same, if the
 * seat's roles have come to allow it; the same, if the record is in a state from which the step is taken; other values. */
enum refusal_way { REFUSAL_WAY_NONE, REFUSAL_WAY_AGAIN, REFUSAL_WAY_RIGHT, REFUSAL_WAY_STATE, REFUSAL_WAY_VALUES };
enum refusal_way refusal_way(const char *code);
/* All generic codes, NULL-ended. */
const char *const *refusal_codes(void);
