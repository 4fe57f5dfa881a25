#pragma once
/* A draft against the document that it came from: which of its items stay, change, come and go when the document is put in its
 * place. What people entered by hand stays: items of their own, what is worked on, who is in charge, a day that they set.
 * Everything lives in the arena that was given. */
#include "client/command/command.h"
#include "client/reader/plan_reader.h"

enum plan_draft_what { PLAN_DRAFT_CHANGED, PLAN_DRAFT_MOVED, PLAN_DRAFT_ADDED, PLAN_DRAFT_REMOVED, PLAN_DRAFT_LEFT };
struct plan_draft_item {
    enum plan_draft_what what;     /* MOVED: another place or line alone; LEFT: gone from the document, but worked on */
    struct replica_change change;  /* of LEFT: id alone */
    uint32_t line;                 /* of the document; REMOVED, LEFT: 0 */
    const char *title;
    const char *state;             /* LEFT: its name */
};
struct plan_draft {
    struct id id;
    const ProtobufCMessage *message; /* the plan as it is here */
    const char *state;
    bool plan_differs;
    struct replica_change plan;    /* if it does */
    const struct plan_draft_item *items; /* what is not as it was */
    size_t item_count;
    size_t count[PLAN_DRAFT_LEFT + 1];
    size_t same;
};
/* plan: as the document would have it, made anew. period: its period, for days. */
enum err plan_draft_compare(struct seat *s, struct id id, const ProtobufCMessage *plan, const struct plan_part *part,
                            const struct period *period, struct arena *arena, struct plan_draft *out) MUST_CHECK;
bool plan_draft_differs(const struct plan_draft *d); /* apart from places and lines */
/* In the batch that the caller has begun, in groups that succeed or fail together. ERR_REFUSED: *kind is what out is about. */
enum err plan_draft_replace(struct seat *s, const struct plan_draft *d, struct arena *arena, const struct kind **kind,
                            struct replica_outcome *out) MUST_CHECK;
/* An item of the document as a record of its plan. NULL: no memory. */
ProtobufCMessage *plan_draft_item_patch(const struct plan_item *item, struct id plan, const struct period *period, struct arena *arena);
