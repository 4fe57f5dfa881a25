#pragma once
/* The unified social credit code of a union as legal person (GB 32100-2015; rules.md 9.3 [K]). */
#include "base/slice.h"

enum credit_code_defect {
    CREDIT_CODE_VALID,
    CREDIT_CODE_FORM,     /* not 18 of 0-9 A-H J-N P Q R T U W X Y */
    CREDIT_CODE_CHECK,    /* the last character does not fit */
    CREDIT_CODE_NO_UNION  /* sound, but of another sort of organisation than 81 */
};
enum credit_code_defect credit_code_read(struct slice code);
/* Width folded, letters upper, spaces and hyphens out. */
void credit_code_normalise(struct slice written, struct buf *out);
