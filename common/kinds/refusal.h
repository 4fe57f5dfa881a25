#pragma once
/* The reasons of REFUSED that hold for every kind. A kind's own rules add codes of the form "plan.return_reason". */
#define REFUSAL_LIST(X)                                                                                                \
    X(RIGHT) X(SEAT_REVOKED) X(SEAT_SUSPENDED) X(ORG) X(UNKNOWN_KIND) X(UNKNOWN_RECORD) X(UNKNOWN_FIELD)               \
    X(UNKNOWN_ACTION) X(FORM) X(TOO_LONG) X(VALUE) X(CODE) X(REQUIRED) X(IMMUTABLE_FIELD) X(SERVER_FIELD) X(STATE_FIELD) \
    X(SIDE_FIELD) X(REFERENCE) X(NOT_EDITABLE) X(STATE_MOVED) X(CHANGED_SINCE) X(EXISTS) X(IMMUTABLE) X(DELETED)       \
    X(GROUP) X(ERASED) X(SCHEMA)
#define X(name) extern const char REFUSAL_##name[];
REFUSAL_LIST(X)
#undef X
