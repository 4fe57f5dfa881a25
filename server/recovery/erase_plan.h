#pragma once
/* What an erasure of a person takes, and where: a member's records in all branches (who was taken over has one in
 * each), what other records hold of the person (the kinds' rules say which fields, kind.h FIELD_PERSONAL,
 * FIELD_PERSON), and names in words (FIELD_NAMES). Worked out from the log, which knows removed and refused records
 * too. Nothing is written. */
#include "server/store/store.h"
#include "sync/erase.h"

struct erase_record {
    uint32_t org, kind;
    struct id id;
    struct erased_fields fields; /* that will be erased */
    bool in_log_alone;           /* there is no such row: it was removed, or never taken (erase_plan_look) */
};
struct erase_plan {
    struct arena arena;
    struct erase_record *list; /* by org, kind, id */
    size_t count, capacity;
    const char **names; /* that the person had, each once */
    size_t name_count;
    size_t in_log_alone; /* of those in list (erase_plan_look) */
};
/* member: an id of the kind member, of any org where it has a record. ERR_NOT_FOUND: of nobody; ERR_FULL: the person has
 * more records or names than are looked for. */
enum err erase_plan_make(struct store *store, struct id member, struct erase_plan *out) MUST_CHECK;
void erase_plan_finish(struct erase_plan *p);
/* The erasures that it comes to, packed, one after the other in list: of each org one, or some where they are many. */
enum err erase_plan_pack(struct erase_plan *p, int64_t at_ms, const char *reason,
                         void (*random)(void *out, size_t size), struct slice **out, size_t *count) MUST_CHECK;
/* True if a name of the person stands in the text, whatever is around it. */
bool erase_plan_told(const struct erase_plan *p, const char *text);

/* ---- erase_plan_known.c ---- */
/* Takes out what was erased before: records, and fields of those that stay. How many records went; none may be left. */
size_t erase_plan_leave_known(struct erase_plan *p, const struct control *control);
/* Fills in in_log_alone. */
enum err erase_plan_look(struct erase_plan *p, struct store *store) MUST_CHECK;
/* The first erasure by which that record went, in the arena; false: none. */
bool erase_plan_decision(const struct control *control, struct id member, struct arena *arena, const Wire__Erasure **out);
