#pragma once
/* Which version of the program runs where: each machine has one installed, a process runs what was installed when it began, and
 * whoever looks from outside (nobody's process) reads as the server does. The versions are tests/versions'. */
#include "tests/versions/versions.h"

struct district;
struct seat;
struct replica;
struct person;

/* ---- for disk.c and who opens what ---- */
void schema_started(int process, int machine);
void schema_entered(int process);
void schema_end(void);

/* ---- what is installed: today's version everywhere, or (sim --versions) others too, drawn by seed ---- */
void schema_want(void);
bool schema_is_mixed(void);
enum version schema_installed(int machine);
const char *schema_of(int machine); /* its name */
void schema_copy(int from_machine, int to_machine); /* a clone runs what its original does */
bool schema_is_late(uint32_t kind); /* a kind that some programs of this run do not know */
uint32_t schema_fields(uint32_t kind); /* the highest tag of the kind that the server knows; 0: it does not know the kind */

/* ---- renewals: one version up; nothing where the newest is installed ---- */
/* What waits to be sent stays as it is, to the byte. */
void schema_renew_device(struct seat *s, bool agent_goes_on);
void schema_renew_server(struct district *d);

/* ---- what only some versions know ---- */
void person_uses_news(struct person *p, struct replica *r);

/* After healing: what holds between different versions; then all are renewed to the newest, people send again what only the newer
 * server takes, and it heals once more. */
void schema_finish(struct district *d);
