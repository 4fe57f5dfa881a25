#pragma once
/* Who joins in the course of a run: a code is given out, one device or two try it, on lines that are cut, in processes that die at any
 * write, beside a server that does; what becomes a seat works on as the others do. And certificates that were given long ago. */
#include <stdbool.h>
#include <stdint.h>

struct district;
struct fault;

/* Somebody is invited, and begins. */
void newcomer_happens(struct district *d, const struct fault *f);
/* A branch is founded: two are invited to it, and begin. */
void newcomer_founds(struct district *d, const struct fault *f);
/* The certificate of a device that has joined is one that ends soon, or has ended. */
void newcomer_ages(struct district *d, const struct fault *f);
/* The server was put back, and what it knew of codes and seats since may be lost: who is unknown now is taken in again (stranger.h). */
void newcomer_journal_lost(struct district *d);
/* Everybody has joined, or was told why not. */
bool newcomer_all_settled(const struct district *d);
/* In the end: a code made one seat at most, and its device is what the server knows of it. */
void newcomer_expect(struct district *d);
void newcomer_finish(struct district *d);
