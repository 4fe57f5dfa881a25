#pragma once
/* Shared by people.c (when somebody sits down) and people_acts.c (what is done then). */
#include "people.h"
#include "kinds/kind.h"

struct person {
    struct district *district;
    struct seat *seat;
    struct dice dice;
    unsigned token;
    unsigned index;
    uint64_t sittings;
};

/* One command, as whoever has the database open. */
void person_acts(struct person *p, struct replica *r);
/* A member, for the beginning. */
void person_adds_member(struct person *p, struct replica *r);
