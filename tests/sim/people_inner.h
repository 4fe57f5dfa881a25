#pragma once
/* Shared by people.c (when somebody sits down), people_acts.c (what is done then) and people_change.c (how it is given). */
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

/* What is new for all who keep the org: a district's limit, a chair's member; others say nothing. */
void person_says_something(struct person *p, struct replica *r);

/* ---- people_change.c ---- */
/* words: "name=Li amount_fen=#500 member_id=@0190... -note !active". */
void person_changes(struct person *p, struct replica *r, const char *kind, enum op op, struct id id, const char *words);
/* The same words for two records at once: both or none (rule 15). */
void person_changes_both(struct person *p, struct replica *r, const char *kind, enum op op, const struct id ids[2], const char *words);
/* What a command said; mark: of the outbox before it. */
void person_is_told(struct person *p, struct replica *r, enum err e, int64_t mark, const char *what);

/* A record that the person thinks of. */
struct pick {
    struct id id;
    unsigned left;
    bool found;
    char text[64]; /* what the caller wants to know of it */
    const char *field;
};
bool person_picks(struct person *p, struct replica *r, const char *kind, struct pick *out);
/* The one that has so many before it (left), or the last. */
bool person_takes(struct person *p, struct replica *r, const char *kind, struct pick *out);
const char *person_hex(struct id id); /* until the next call */
