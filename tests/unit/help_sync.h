#pragma once
/* A server in memory for the tests of common/sync: rows, log and org state of one org, and seats that make changes. Every decision
 * loads what it names into a fresh scratch, as the server does. */
#include "sync/accept.h"
#include "sync/replay.h"

#define SHEET 900u /* a kind with every sort of field and right; below: in help_sync_kinds.c */
#define SLIP 901u  /* append-only */
#define WORLD_LOG 8192

struct world_seat {
    uint32_t number;
    role_set roles;
    enum seat_state state;
    struct incarnation incarnation;
    uint64_t n; /* of the last change */
    struct ancestor ancestors[4];
    size_t ancestor_count;
};
struct world {
    struct arena arena; /* changes, entries and texts of the test */
    struct scratch *db;
    struct org_state *state;
    struct entry *log;
    size_t count;
    struct world_seat seats[4]; /* 0, 1: chairs; 2: a committee member; 3: a group leader, who reads no sensitive fields */
    struct decide_org org;
    uint32_t above[4]; /* orgs above it, the nearest first */
    size_t above_count;
    struct lineage lineage;
    bool late; /* the next changes are handed over late (rule 27) */
    struct decide_for for_seat; /* of changes that name one */
    int64_t now_ms;
    size_t rounds;            /* of loading, in the last decision */
    struct decision last[16]; /* of the last change or group */
};

void world_init(struct world *w);
void world_finish(struct world *w);

struct id rid(int i); /* a record's id */
/* "name=Li -note group_id=@3": fields of the kind set (numbers by their type), emptied, and a reference to rid(3). For act the first word is the action,
 * "!submitted". "#57=x" sets a field that no build here knows. n is the seat's next. */
struct change *make_change(struct world *w, int seat, uint32_t kind, enum op op, int record, uint64_t base, const char *words);
struct change *make_change_id(struct world *w, int seat, uint32_t kind, enum op op, struct id id, uint64_t base, const char *words);
/* Handed in for that seat; packed again. */
struct change *make_for(struct world *w, struct change *c, uint32_t for_seat);
/* Makes them members of one group, in this order, and packs them again. */
void make_group(struct world *w, struct change **members, size_t count);

/* Decides and carries out; the verdict in words: "APPLIED", "MERGED", "CONFLICT", "REFUSED RIGHT note set" (code, field,
 * arguments), with " without effect" behind it where it has none. */
const char *take_change(struct world *w, int seat, struct change *c);
const char *take_group(struct world *w, int seat, struct change **members, size_t count);
/* make_change and take in one, on the sheet. */
const char *do_create(struct world *w, int seat, int record, const char *words);
const char *do_set(struct world *w, int seat, int record, uint64_t base, const char *words);
const char *do_act(struct world *w, int seat, int record, uint64_t base, const char *words);
const char *do_remove(struct world *w, int seat, int record, uint64_t base);

#define S(counter) seq_make(1, counter) /* of epoch 1 */
uint64_t seq_now(const struct world *w);
/* "name=Li note=x state=draft", by tag; "removed"; "unknown". */
const char *row_text(struct world *w, uint32_t kind, struct id id);
const char *sheet_row(struct world *w, int record); /* of the sheet */
const char *message_text(struct world *w, const ProtobufCMessage *m);
/* All conflict records of a record in the order in which they were made, joined by " | ":
 * "open note: mine note=b by 2, theirs note=a by 1"; sensitive parts in braces. */
const char *sheet_conflicts(struct world *w, int record);
struct scratch_row *conflict_at(struct world *w, int record, size_t index);
/* The rows of the world are what its log makes of an empty org, and the state too. */
void assert_log_makes_rows(struct world *w);
