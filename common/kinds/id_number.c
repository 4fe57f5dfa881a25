/* GB 11643-1999: 6 digits area (GB/T 2260), 8 birth date, 3 sequence (odd: male), 1 check character. */
#include "kinds/id_number.h"
#include "base/text.h"
#include <string.h>

#define NUMBER_SIZE 18
#define OLD_SIZE 15

static bool all_digits(struct slice s)
{
    for (size_t i = 0; i < s.size; i++)
        if (s.data[i] < '0' || s.data[i] > '9')
            return false;
    return true;
}

static int number_at(const uint8_t *digits, size_t count)
{
    int n = 0;
    for (size_t i = 0; i < count; i++)
        n = n * 10 + (digits[i] - '0');
    return n;
}

/* Weights and characters as in the standard: the sum modulo 11 names the check character. */
static uint8_t check_character(const uint8_t digits[NUMBER_SIZE - 1])
{
    static const int weights[NUMBER_SIZE - 1] = {7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2};
    int sum = 0;
    for (size_t i = 0; i < NUMBER_SIZE - 1; i++)
        sum += weights[i] * (digits[i] - '0');
    return (uint8_t) "10X98765432"[sum % 11];
}

/* Provinces of GB/T 2260, and 81 to 83: residence permits of people from Hong Kong, Macao and Taiwan. */
static bool area_is_known(int province)
{
    static const int provinces[] = {11, 12, 13, 14, 15, 21, 22, 23, 31, 32, 33, 34, 35, 36, 37, 41, 42, 43,
                                    44, 45, 46, 50, 51, 52, 53, 54, 61, 62, 63, 64, 65, 71, 81, 82, 83};
    for (size_t i = 0; i < sizeof provinces / sizeof provinces[0]; i++)
        if (provinces[i] == province)
            return true;
    return false;
}

enum id_number_defect id_number_read(struct slice number, struct date today, struct id_number_facts *facts)
{
    if (number.size == OLD_SIZE && all_digits(number))
        return ID_NUMBER_OLD;
    if (number.size != NUMBER_SIZE)
        return ID_NUMBER_LENGTH;
    const uint8_t *c = number.data;
    if (!all_digits(slice_of(c, NUMBER_SIZE - 1)) || (c[17] != 'X' && (c[17] < '0' || c[17] > '9')))
        return ID_NUMBER_CHARACTERS;
    struct date birth = {(int16_t)number_at(c + 6, 4), (int8_t)number_at(c + 10, 2), (int8_t)number_at(c + 12, 2)};
    if (!date_is_valid(birth))
        return ID_NUMBER_DATE;
    if (date_is_valid(today) && date_compare(birth, today) > 0)
        return ID_NUMBER_FUTURE;
    if (check_character(c) != c[17])
        return ID_NUMBER_CHECK;
    facts->birth = birth;
    facts->sex[0] = (c[16] - '0') % 2 ? '1' : '2';
    facts->sex[1] = '\0';
    facts->area_known = area_is_known(number_at(c, 2));
    return ID_NUMBER_VALID;
}

int id_number_age(struct date birth, struct date today)
{
    if (!date_is_valid(today))
        return 0;
    int years = today.year - birth.year;
    bool before_birthday = today.month < birth.month || (today.month == birth.month && today.day < birth.day);
    return years - before_birthday;
}

/* Folded, without the characters in drop. */
static void fold_without(struct slice written, const char *drop, struct buf *out)
{
    struct buf folded = BUF_INIT;
    text_fold(written, &folded);
    for (size_t i = 0; i < folded.size; i++)
        if (!strchr(drop, folded.data[i]))
            buf_byte(out, folded.data[i]);
    buf_finish(&folded);
}

void id_number_normalise(struct slice written, struct buf *out)
{
    size_t from = out->size;
    /* A leading apostrophe is how spreadsheets keep a number from becoming 9.9E+17. */
    fold_without(written, " \t\r\n-'", out);
    for (size_t i = from; i < out->size; i++)
        if (out->data[i] == 'x')
            out->data[i] = 'X';
}

void id_number_normalise_phone(struct slice written, struct buf *out)
{
    struct buf plain = BUF_INIT;
    fold_without(written, " \t\r\n-'()", &plain);
    struct slice s = buf_slice(&plain);
    size_t plus = s.size > 0 && s.data[0] == '+';
    if (s.size == plus + 13 && memcmp(s.data + plus, "861", 3) == 0)
        s = slice_of(s.data + plus + 2, 11);
    buf_append_slice(out, s);
    buf_finish(&plain);
}
