#pragma once
/* A second telling of rules 8 to 14 for records as they are in life: fields with values and stamps. Written from sync.md alone. */
#include "sync/chain.h"
#include "sync/effect.h"

struct model;
/* Of one server: incarnations and their forks are known beforehand. */
struct model *model_create(void);
void model_destroy(struct model *m);
void model_incarnation(struct model *m, struct incarnation i, struct incarnation parent, uint64_t fork_n);

enum foretold { FORETOLD_APPLIED, FORETOLD_MERGED, FORETOLD_CONFLICT, FORETOLD_REFUSED };
struct foresight {
    enum foretold verdict;
    const char *code;            /* of a refusal */
    uint32_t applies[64];        /* tags of the change that come through */
    size_t apply_count;
    uint32_t clashes[64];        /* and of those that stand in a conflict */
    size_t clash_count;
};
/* How the change came (rule 27). late: as an entry of a path that was given up; was_refused: and refused there. seen: had its author seen
 * what stands now as the change of that hash, on a path that was left since (rule 8, last sentence)? NULL: none. */
struct circumstances {
    bool late, was_refused;
    bool (*seen)(void *to, const uint8_t hash[HASH_SIZE]);
    void *to;
};
/* What rules 8 to 14 say of the change, by which seat and in which incarnation it was made. */
void model_foretell(struct model *m, const struct entry *e, const struct change *c, const struct circumstances *now, struct foresight *out);
bool model_is_dead(struct model *m, struct id id);
bool model_holds(const struct model *m, struct id id, uint32_t tag, struct cell value); /* does that stand there? absent: nothing */
/* Rule 7: may a seat with these roles do that? author: it entered the record. */
enum model_right { MODEL_MAY, MODEL_MAY_NOT, MODEL_NOT_TOLD };
enum model_right model_right(const struct change *c, role_set roles, bool author);
bool model_made(struct model *m, struct id id, uint32_t seat); /* did that seat enter the record? */
/* What happened then. */
void model_take(struct model *m, const struct entry *e, const struct effects *effects);
