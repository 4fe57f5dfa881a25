#pragma once
/* What a branch's measures must be, added up from its rows by plain questions to the database. */
#include "tests/sim/oracle_parts.h"

#define TALLY_NAME 80
struct tally {
    struct {
        char name[TALLY_NAME];
        int64_t value;
    } list[512];
    size_t count;
    int64_t dropped; /* assessments that were not paid up of persons who were erased: owed no more */
};
void tally_add(struct tally *t, const char *name, int64_t value);
int64_t tally_value(const struct tally *t, const char *name); /* 0: there is none */
/* Is it of a family that is added up here? */
bool tally_knows(const char *name);
void tally_rows(struct tally *t, struct db *db, uint32_t org);
/* Members that are active, who hide each other in sums. */
int64_t tally_members(const struct tally *t);
/* People who owe dues for that period. */
int64_t tally_owing(const struct tally *t, const char *period);

/* oracle_board_told.c: what the board tells of that to each who may look, and what it must not. */
void oracle_expect_told(struct district *d, const struct tally *of_branches, const struct tally *of_district);
