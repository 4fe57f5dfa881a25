/* See credit_code.h. */
#include "kinds/credit_code.h"
#include "base/text.h"
#include <ctype.h>
#include <string.h>

#define SIZE 18
#define BASE 31 /* characters, and the modulus of the check */

static const char alphabet[] = "0123456789ABCDEFGHJKLMNPQRTUWXY";

static int value_of(uint8_t character)
{
    const char *at = character ? memchr(alphabet, character, BASE) : NULL;
    return at ? (int)(at - alphabet) : -1;
}

enum credit_code_defect credit_code_read(struct slice code)
{
    int sum = 0, weight = 1; /* of place i: 3 to the power of i, modulo 31 */
    if (code.size != SIZE)
        return CREDIT_CODE_FORM;
    for (size_t i = 0; i < SIZE; i++) {
        int value = value_of(code.data[i]);
        if (value < 0)
            return CREDIT_CODE_FORM;
        sum += i < SIZE - 1 ? value * weight : 0;
        weight = weight * 3 % BASE;
    }
    if (value_of(code.data[SIZE - 1]) != (BASE - sum % BASE) % BASE)
        return CREDIT_CODE_CHECK;
    return memcmp(code.data, "81", 2) == 0 ? CREDIT_CODE_VALID : CREDIT_CODE_NO_UNION;
}

void credit_code_normalise(struct slice written, struct buf *out)
{
    struct buf folded = BUF_INIT;
    text_fold(written, &folded);
    for (size_t i = 0; i < folded.size; i++)
        if (folded.data[i] != ' ' && folded.data[i] != '-')
            buf_byte(out, (uint8_t)toupper(folded.data[i]));
    buf_finish(&folded);
}
