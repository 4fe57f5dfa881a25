#pragma once
/* Inside of verify: what its files share. verify.c runs it, verify_finding.c keeps what is found, verify_history.c goes through the
 * logs, verify_rows.c through rows, verify_state.c through an org's packed row, verify_control.c through control data. */
#include "server/recovery/verify.h"
#include "server/store/store_audit.h"
#include "server/store/store_taken.h"
#include "sync/erase.h"
#include "server/writer/fold.h"

struct verify {
    struct store *store;
    struct control *control;
    struct verify_report *report;
    uint32_t org;        /* the one at hand */
    size_t of_org;       /* findings so far */
    size_t org_stripped; /* entries without content in its log */
    struct arena arena;  /* of one row or line */
    /* What the logs take in of others' changes, as they are gone through. */
    struct arena kept;
    struct store_taken *taken;
    size_t taken_count, taken_capacity;
};

/* What a finding is about; borrowed. */
struct verify_about {
    uint32_t kind;
    struct id id;
    const char *record, *name;
    uint64_t seq;
    const char *stored, *expected;
    /* What the next step hangs on, besides what it is. */
    bool in_history;   /* of a reference: its target is missing here alone */
    bool history_lost; /* the history ends before what follows from it */
    bool journal_lost; /* the control journal does */
};
/* about: NULL: nothing more can be said. */
void verify_find(struct verify *v, const char *what, const struct verify_about *about, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* After all findings: one next step an org where its history is doubted; none that rests on what is lost. */
void verify_agree(struct verify_report *r);

/* The kind's name, or "?". */
const char *verify_kind(uint32_t number);
/* verify_words.c: what they are called in people's language; in English the identifiers themselves. An unknown one as it is. */
const char *verify_kind_words(uint32_t number);
const char *verify_field_words(const struct kind *k, const char *name);
const char *verify_measure_words(const char *name, struct arena *arena);
const char *verify_number_words(const char *counter);
const char *verify_roles_words(const char *roles, struct arena *arena); /* separated by commas */
/* "work_plan 计划 (01993f...)": kind, what people call it, id. In the arena. record: NULL or a message of that kind. */
const char *verify_record(struct verify *v, uint32_t kind, struct id id, const ProtobufCMessage *record);

/* The org's log, line by line. *whole false: a link is broken, and what follows from the log can't be told. */
enum err verify_history(struct verify *v, bool *whole) MUST_CHECK;
/* After all logs: what is noted of changes taken in. */
enum err verify_taken(struct verify *v) MUST_CHECK;
/* The org's rows as its log makes them. */
enum err verify_rows(struct verify *v, const struct fold *fold) MUST_CHECK;
/* Its packed row. */
enum err verify_state(struct verify *v, const struct fold *fold) MUST_CHECK;
/* Control data as the journal makes them, and the places in the logs that backups have seen. */
enum err verify_control(struct verify *v, struct journal *journal) MUST_CHECK;
