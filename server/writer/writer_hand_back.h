#pragma once
/* Inside of writer_hand_back*.c: one HAND_BACK under way. */
#include "server/writer/writer_step.h"

struct hand_back {
    struct step *st;
    uint32_t org;
    struct known_org *log;
    struct lineage lineage;
    int64_t epoch_end; /* what this recovery ends in, if other orgs' has ended: the org has no entry of it yet; else 0 */
    struct entry *entries;
    size_t count;
    bool done;
    const Wire__HandBack *wire;
    bool proven;   /* all of it is what we gave once */
    uint32_t seat; /* who hands back */
    role_set roles;
    struct slice made; /* the change of the entry at hand, as it came */
    bool whole;        /* the entry at hand, as it came: its hash covers what it says */
    bool less;         /* erased values have gone from it */
    size_t followed;   /* erasures that it has brought */
    struct doubt doubt;
    size_t of_others, stripped, hidden; /* taken: entries that it did not write; of those, how many we can't check; without effects */
};

/* writer_hand_back_take.c: one entry that is believed. The author's incarnation, where the entry tells; its parent comes with its next push. */
enum err hand_back_author(struct step *st, const struct entry *e, struct known_incarnation **out) MUST_CHECK;
/* It follows the last one. ERR_FULL: it brings more erasures than one hand-back may. */
enum err hand_back_append(struct hand_back *h, const struct entry *e, struct known_incarnation *author) MUST_CHECK;
/* The server has it: a fuller copy fills what a stripped one left out. */
enum err hand_back_fill(struct hand_back *h, const struct entry *e) MUST_CHECK;
void hand_back_count(struct hand_back *h, const struct entry *e);
