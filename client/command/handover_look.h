#pragma once
/* What is known of an office that goes to somebody else (REQ-12): what its seat has not sent, as it last reported; what it left
 * after it was revoked; what is not finished, of the records on this device that name the seat or the one member who bears its
 * person's name (no record ties a seat to a member); of an accountant's seat, where the branch's dues stand. What cannot be known is
 * left out and said so. */
#include "client/command/command.h"

struct handover_open {
    const char *why;         /* "leads", "entered", "owns", "handles", "supervises", "conflict": how it is this person's */
    const struct kind *kind;
    struct id id;
    const char *title;
    const struct state_rule *state; /* NULL: of kinds without */
};
struct handover_look {
    uint32_t seat;
    const char *person;      /* NULL: not known here */
    const char *roles;       /* identifiers with commas; "" */
    const char *state;       /* active, suspended, revoked; "" */
    bool fetched;  /* the records here were brought up to date for it */
    bool reported;           /* the server answered, or it is this very seat: the next four are known */
    int64_t last_contact_ms; /* 0: never */
    uint32_t queued, refused, conflicts;
    size_t left;             /* handed over after it was revoked, and taken in by nobody */
    bool named;              /* exactly one member bears the person's name */
    struct handover_open *list;
    size_t count, capacity;
    bool money;              /* the seat keeps accounts, and this one may read them */
    int year;
    int64_t received_fen, owed_fen; /* paid in that year; still owed of all assessments */
    size_t owing;
    struct id record;        /* the newest handover record of the seat; zero: none */
};
/* Of another seat: synchronises first, since what is open is read from the records here; asks the server where this seat may ask.
 * False: said, *status is set. In the seat's arena. */
bool handover_look(struct seat *s, uint32_t seat, struct handover_look *out, int *status);
/* "Dues: 320.00 yuan received in 2026; 40.00 yuan still owed by 2 assessments", in the seat's arena. */
const char *handover_money(struct seat *s, const struct handover_look *look);
/* "banyan handover show": in words or as JSON. */
void handover_print(struct seat *s, const struct handover_look *look, bool json);
/* How an open record is the person's, in words. */
const char *handover_why(const char *why);
