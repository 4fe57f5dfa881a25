#pragma once
/* Numbers of identity cards by GB 11643-1999 (rules.md 9.3): form, birth date, check character, and what they tell.
 * An unknown area code is told, never held against anybody: old codes are abolished, and area 99 is for tests. */
#include "base/date.h"

enum id_number_defect {
    ID_NUMBER_VALID,
    ID_NUMBER_LENGTH,
    ID_NUMBER_OLD, /* 15 digits, void since 2013 */
    ID_NUMBER_CHARACTERS,
    ID_NUMBER_DATE,
    ID_NUMBER_FUTURE,
    ID_NUMBER_CHECK
};

struct id_number_facts {
    struct date birth;
    char sex[2];     /* "1" male, "2" female: codes of GB/T 2261.1 */
    bool area_known; /* the province exists */
};

/* number: normalised. today: an invalid date skips the test for the future. facts are filled for VALID alone. */
enum id_number_defect id_number_read(struct slice number, struct date today, struct id_number_facts *facts);
/* Full years from birth to today; 0 if today is no date. */
int id_number_age(struct date birth, struct date today);

/* Width folded, spaces and hyphens dropped, x to X. */
void id_number_normalise(struct slice written, struct buf *out);
/* Width folded, spaces, hyphens and brackets dropped, a leading 86 or +86 of a mainland mobile too. */
void id_number_normalise_phone(struct slice written, struct buf *out);
