#pragma once
/* The inside of decide, for its files: the ladder (decide.c), create and remove (decide_life.c), set (decide_set.c, decide_fates.c),
 * act (decide_act.c), conflict records (decide_conflict.c), groups (decide_group.c), who wrote what (decide_stamps.c), the kind's
 * rules (decide_result.c).
 * A step answers true to go on; false when the verdict stands, or when something must be loaded first. */
#include "kinds/refusal.h"
#include "sync/decide.h"
#include "sync/org_state.h"
#include "sync/fields.h"

struct lookup;

struct deciding {
    const struct decide_context *c;
    const struct change *change;
    const struct kind *kind;
    struct scratch *scratch;
    struct arena *arena;
    struct decision *out;
    struct scratch_keys *missing;
    struct scratch_row *row;            /* of the record; message NULL: a tombstone (dead) or never known */
    uint64_t base;                      /* on the present path (rule 8) */
    const struct scratch_row *restores; /* the open conflict "*" of this record that the same group ends; NULL */
    const struct scratch_row *resolves; /* another open conflict of this record that the same group ends; NULL */
    bool only_adds;                     /* a create of a known record by somebody who may not set: what stands is not written over */
};

/* ---- decide.c ---- */
void decide_step(struct deciding *d); /* the ladder */
bool decide_refuse(struct deciding *d, const char *code, const char *field, const char *a0, const char *a1, const char *a2); /* false */
bool decide_is_editable(struct deciding *d); /* the living row's state lets fields be set; else refused */
/* By the roles, or by own_rights of a record that the seat entered itself (for that it is loaded). */
bool decide_may(struct deciding *d, enum right right);
bool decide_is_own(struct deciding *d, const struct kind *k, struct id id);
bool decide_is_author(const struct kind *k, uint32_t tag); /* the field that names who entered the record: it is never judged again */
bool decide_refuse_right(struct deciding *d, const char *field, const char *what);
bool decide_settle(struct deciding *d, enum verdict verdict); /* false */
bool decide_need(struct deciding *d, struct scratch_key key); /* true if it is there; else it is named missing */
bool decide_need_row(struct deciding *d, uint32_t kind, struct id id);
/* The row of a change (kind known), and those that its patch points to: one round of loading for all. */
void decide_name_rows(const struct change *change, struct scratch *scratch, struct scratch_keys *missing);
void *decide_alloc(struct deciding *d, size_t size);
const struct field_rule *decide_rule(const struct kind *k, const ProtobufCFieldDescriptor *field); /* NULL: the kind has no row for it */

struct effect *decide_effect(struct deciding *d, const struct kind *k, struct id id, enum life life, const ProtobufCMessage *patch,
                          const uint32_t *cleared, size_t cleared_count); /* NULL: refused, too many */

/* ---- decide_result.c ---- */
/* Nothing that the kind says keeps the record from being removed (kind.check_remove). False: refused, or rows are missing. */
bool decide_may_go(struct deciding *d);
/* The kind's rules on the result, and its size. */
bool decide_result_passes(struct deciding *d, const ProtobufCMessage *before, const ProtobufCMessage *after, const char *action);
/* What accept needs of the record's account (account.h), as the row is and as it will be, is loaded; else it is named missing. */
bool decide_account_is_here(struct deciding *d, struct row_side after);
/* The change's id follows from what the row is about, where the kind wants that (identity_key). */
bool decide_id_follows(const struct kind *k, const ProtobufCMessage *row); /* it is of those that have such an id */
bool decide_id_fits(const struct deciding *d, const ProtobufCMessage *row);
void decide_lookup(struct deciding *d, struct lookup *out); /* for rules that look up records; what is not here is named missing */
/* The form of values that will not be in the result (they clash): what could never be accepted is refused at once. */
bool decide_values_pass(struct deciding *d);

/* ---- decide_stamps.c ---- */
enum writer { WRITER_SEEN, WRITER_OWN, WRITER_OWN_LATER, WRITER_OTHER, WRITER_NOT_LOADED };
/* Whose stamp that is, as seen from the change (rule 8). *who: NULL where the entry is not known any more. */
enum writer decide_writer(struct deciding *d, uint64_t stamp, uint64_t base, const struct identity **who);
/* Of a field; 0 if nobody ever wrote it: then it is empty and has no stamp of its own. */
uint64_t decide_stamp(const struct scratch_row *row, uint32_t tag);
/* The newest stamp of the row that the change's author cannot have seen, of a field other than that (0: of any); *out 0: there is none.
 * False: something must be loaded first. */
bool decide_newest_unseen(struct deciding *d, const struct scratch_row *row, uint32_t other_than, uint64_t *out);
/* The texts of "by whom, when" of an entry; false if it must be loaded first. */
bool decide_author(struct deciding *d, uint64_t seq, const char **seat, const char **when);

/* ---- decide_life.c, decide_set.c, decide_act.c ---- */
bool decide_create(struct deciding *d);
bool decide_remove(struct deciding *d);
bool decide_set(struct deciding *d);
bool decide_act_form(struct deciding *d);
bool decide_act(struct deciding *d);

/* ---- decide_conflict.c ---- */
struct clash {
    const char *field;            /* the first of those that belong together; "*": the record was removed */
    const uint32_t *mine_tags;    /* of the change */
    size_t mine_count;
    const uint32_t *theirs_tags;
    size_t theirs_count;
    uint64_t theirs_seq;
    const struct identity *theirs; /* NULL: not known */
    bool sensitive;
};
/* Adds a conflict record, or this value to the one that is open (rules 9, 13). False: something must be loaded first, or refused. */
bool decide_conflict(struct deciding *d, const struct clash *clash);
/* The value that the change gives the field is one of the two that the conflict which it resolves holds. */
bool decide_is_offered(struct deciding *d, const char *field);
const char *decide_field_name(const struct kind *k, uint32_t tag, struct arena *arena); /* "#57" where it is not known */
bool decide_field_is_sensitive(const struct kind *k, uint32_t tag);                      /* what is not known counts as sensitive */

/* ---- decide_children.c ---- */
/* Nothing living is a part of the record (FIELD_PART): it may go. What goes before it in its group is gone. */
bool decide_has_no_parts(struct deciding *d);
/* Not too many records belong to one (LIMIT_CHILDREN), on the server. */
bool decide_children_stay_few(struct deciding *d, const ProtobufCMessage *before, const ProtobufCMessage *after);
/* As decide_newest_unseen, of all living records of that kind that belong to the record. */
bool decide_newest_unseen_of(struct deciding *d, const struct kind *k, uint64_t *out);
