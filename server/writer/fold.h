#pragma once
/* An org's rows and state worked out anew from its history alone: what verify compares with, and what a restore that has to cut
 * a path back puts in place. All of the org's rows are in memory meanwhile. */
#include "server/store/store.h"

struct fold {
    struct scratch *scratch;   /* all rows that the org ever had are dirty in it */
    struct org_state *state;   /* epoch and numbers as far as the entries tell */
    size_t entries;
    bool broken;               /* the entry after the last one counted does not follow it */
    uint64_t broken_seq;
};
/* Entries up to and with last (0: all). ERR_CORRUPT only for what can't be read at all. */
enum err fold_org(struct store *store, uint32_t org, uint64_t last, struct fold *out) MUST_CHECK;
void fold_finish(struct fold *f);
