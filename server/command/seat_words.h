#pragma once
/* Why there can be no such seat, as commands tell it. */

/* The sentence for a refusal of authority.h (INVITE_..., SEAT_...), in the language of the process. */
const char *seat_words(const char *refusal);
