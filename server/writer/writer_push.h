#pragma once
/* One push under way, shared by the files that take it: writer_push_open.c (its form, its author), writer_push_answer.c (what is
 * known already, and how verdicts are told), writer_push_hole.c (what its client no longer holds), writer_push.c (its changes in order). */
#include "server/writer/writer_step.h"

#include "sync/intake.h"

struct push {
    struct step *st;
    const Wire__Push *wire;
    struct change *changes;
    size_t count;
    struct author author;
    struct incarnation_runs runs; /* as of the change at hand */
    struct store_hole hole;       /* in front of the first change, of what its client holds no longer (rule 6); last 0: none */
    Wire__Verdicts answer;
};

/* Everything that its peer may have made wrong; nothing is decided or written but a parent that has become known. */
enum err push_open(struct push *p, struct job *job) MUST_CHECK;

/* seq is that of the entry of this incarnation; the verdict is that of the change, wherever it was decided. */
void push_answer(struct push *p, const struct change *change, uint64_t seq, const struct entry *decided);
/* The verdict of a change that is processed under this incarnation. */
enum err push_answer_stored(struct push *p, const struct change *change) MUST_CHECK;
/* The entry of n under this incarnation. *forked: another change bears this n. */
enum err push_find_stored(struct push *p, const struct change *change, struct entry *out, bool *forked) MUST_CHECK;
/* The entry that decided the same change elsewhere. ERR_NOT_FOUND. Under another incarnation of the seat (rule 4, last sentence). And of
 * changes that went from one seat to another as a file (PROTOCOL.md "Handing over"): of one's own, handed in by a successor; of one that
 * is handed in here, sent by the seat that made it, or handed in before. What was refused there is decided here. */
enum err push_find_same(struct push *p, const struct change *change, struct entry *out) MUST_CHECK;
/* writer_push_hole.c: what of the changes before the first one is missing, and will never come. p->runs are looked at. */
enum err push_find_hole(struct push *p) MUST_CHECK;
/* The first change behind it was decided: the hole stands. */
enum err push_note_hole(struct push *p) MUST_CHECK;
/* From *n on: the first that is missing and not known to be lost. */
enum err push_missing(struct push *p, uint64_t *n) MUST_CHECK;
/* A push without changes that asks what is missing up to made_to (rule 6, after a restore): what its client gives up up to trimmed_to
 * stands as lost, the first that is missing behind that is the stop. */
enum err push_tell_missing(struct push *p) MUST_CHECK;
void push_stop(struct push *p, Wire__Stop why, uint64_t n);
