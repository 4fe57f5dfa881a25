#pragma once
/* Other roles for a seat in the course of a run (rule 31): the fault, what was changed when, and what must hold of it. */
#include "kinds/kind.h"

struct district;
struct seat;
struct server;

/* A round of the device begins, and somewhere in it its seat is given other roles. */
void roles_happen(struct district *d, unsigned device, uint64_t number);
/* An office for the device's seat, by that number. */
const char *roles_other(const struct seat *s, uint64_t number);
/* A seat that was lost was taken in again, with that office. */
void roles_taken_in(struct district *d, const struct seat *s, const char *office);
role_set roles_parse(const char *text);
void roles_finish(struct district *d);
role_set roles_given(const struct district *d, uint32_t seat); /* now, whatever its device was told */
bool roles_were_changed(const struct district *d, uint32_t seat);
/* Those by which an entry of the seat's was decided. Told beforehand: those of its invitation. */
role_set roles_at(const struct district *d, uint32_t seat, uint32_t org, uint64_t seq);

/* What a device was told last. False: it cannot be asked now, and they were changed. */
bool roles_told(const struct district *d, struct seat *s, role_set *out);
/* Its tables, shadows and kept entries hold nothing that the roles which it was told do not give. */
void roles_expect_rows(struct seat *s);
/* In the end: who is left was told what the server has, and nothing of it is left to be done. */
void roles_expect(struct district *d);
