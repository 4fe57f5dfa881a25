#pragma once
/* What the payments on this device say came in during a calendar year: what a statement draws up and the closing of the books
 * compares with it. */
#include "client/command/command.h"

struct dues_received {
    int64_t fen;
    size_t payments, reversals;
};
/* By the day of payment. A reversal counts in the year in which it was made, as money that went back then. */
enum err dues_received_in(struct seat *s, int year, struct dues_received *out) MUST_CHECK;
