/* GB 11643: every vector of id_number_vectors.tsv, through the field's own path (as written, normalised, checked), and
 * what is wrong with each invalid one, by name. */
#include "help_kinds.h"
#include "kinds/id_number.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

static const struct date today = {2026, 11, 22};

struct vector {
    char number[64], expected[32], birth[16], sex[4];
};

/* false at the end. Columns: id_number, expected, birth_date, sex, note. */
static bool next_vector(FILE *file, struct vector *out)
{
    char line[512], *rest = line, *columns[4];
    if (!fgets(line, sizeof line, file))
        return false;
    for (size_t i = 0; i < 4; i++)
        columns[i] = strsep(&rest, "\t");
    assert_non_null(columns[3]);
    snprintf(out->number, sizeof out->number, "%s", columns[0]);
    snprintf(out->expected, sizeof out->expected, "%s", columns[1]);
    snprintf(out->birth, sizeof out->birth, "%s", columns[2]);
    snprintf(out->sex, sizeof out->sex, "%s", columns[3]);
    return true;
}

static void check_valid(const struct vector *v, struct slice number)
{
    struct id_number_facts facts;
    char birth[DATE_TEXT_SIZE];
    if (id_number_read(number, today, &facts) != ID_NUMBER_VALID)
        fail_msg("%s is valid", v->number);
    date_text(facts.birth, birth);
    assert_string_equal(birth, v->birth);
    assert_string_equal(facts.sex, v->sex);
}

static void findings_of(struct cell number, struct findings *out, struct arena *arena)
{
    const struct kind *k = kind_by_name("member");
    ProtobufCMessage *m = record_new(k->descriptor, arena);
    record_put_name(m, "name", cell_text("云雀"), arena);
    record_put_name(m, "id_number", number, arena);
    struct check_context c = {.kind = k, .after = m, .today = today, .arena = arena};
    kind_check_result(&c, out);
}

static void check_vector(const struct vector *v)
{
    struct arena arena;
    arena_init(&arena, 1 << 16);
    const struct field_rule *f = kind_field(kind_by_name("member"), "id_number");
    struct cell cell;
    struct findings found = {.count = 0};
    bool valid = strncmp(v->expected, "valid", 5) == 0;
    assert_int_equal(value_parse(f, v->number, &arena, &cell), ERR_OK);
    findings_of(cell, &found, &arena);
    if (valid != (findings_block(&found) == NULL))
        fail_msg("%s: %s", v->number, valid ? findings_block(&found)->code : "not refused");
    if (valid)
        check_valid(v, cell.bytes);
    /* As it was written it is refused unless it is in the stored form already. */
    if (strcmp(v->expected, "valid_after_normalising") == 0) {
        struct findings raw = {.count = 0};
        findings_of(cell_text(v->number), &raw, &arena);
        assert_non_null(findings_block(&raw));
    }
    arena_finish(&arena);
}

static void test_vectors(void **state)
{
    (void)state;
    FILE *file = fopen(TEST_DATA "/id_number_vectors.tsv", "r");
    assert_non_null(file);
    struct vector v;
    assert_true(next_vector(file, &v)); /* the heading */
    size_t count = 0;
    for (; next_vector(file, &v); count++)
        check_vector(&v);
    fclose(file);
    assert_int_equal(count, 22);
}

static void check_code(const char *number, const char *code, enum severity severity)
{
    struct arena arena;
    struct findings found = {.count = 0};
    arena_init(&arena, 1 << 16);
    findings_of(cell_text(number), &found, &arena);
    assert_int_equal(found.count, code != NULL);
    if (code) {
        assert_string_equal(found.list[0].code, code);
        assert_string_equal(found.list[0].field, "id_number");
        assert_int_equal(found.list[0].severity, severity);
    }
    arena_finish(&arena);
}

static void test_reasons(void **state)
{
    (void)state;
    check_code("990102197409301030", "member.id_check", SEVERITY_BLOCK);
    check_code("990101199002300018", "member.id_date", SEVERITY_BLOCK);
    check_code("990101199513010020", "member.id_date", SEVERITY_BLOCK);
    check_code("990101219912310034", "member.id_future", SEVERITY_BLOCK);
    check_code("990101850612002", "member.id_old", SEVERITY_BLOCK);
    check_code("99010119850612002", "member.id_length", SEVERITY_BLOCK);
    check_code("99010119O506120024", "member.id_characters", SEVERITY_BLOCK);
    check_code("9901011985061200X4", "member.id_characters", SEVERITY_BLOCK);
    check_code("990101198506120024", "member.id_area", SEVERITY_WARN); /* the tests' own area */
    check_code("11010519491231002X", NULL, 0);                         /* area 11 is known */
    check_code("440524188001010014", "member.id_age", SEVERITY_WARN);
}

static void test_age(void **state)
{
    (void)state;
    assert_int_equal(id_number_age((struct date){1985, 6, 12}, today), 41);
    assert_int_equal(id_number_age((struct date){1985, 11, 22}, today), 41);
    assert_int_equal(id_number_age((struct date){1985, 11, 23}, today), 40);
    assert_int_equal(id_number_age((struct date){1985, 6, 12}, (struct date){0}), 0);
}

static void check_normal(void (*normalise)(struct slice, struct buf *), const char *written, const char *wanted)
{
    struct buf out = BUF_INIT;
    normalise(slice_text(written), &out);
    assert_string_equal(buf_c_string(&out), wanted);
    buf_finish(&out);
}

static void test_normalising(void **state)
{
    (void)state;
    check_normal(id_number_normalise, " 990101 1983 0507 008x ", "99010119830507008X");
    check_normal(id_number_normalise, "'99011019830507008ｘ", "99011019830507008X");
    check_normal(id_number_normalise, "９９０１０１-19850612-0024", "990101198506120024");
    check_normal(id_number_normalise_phone, "100-1234 5678", "10012345678");
    check_normal(id_number_normalise_phone, "+86 13900000000", "13900000000");
    check_normal(id_number_normalise_phone, "8613900000000", "13900000000");
    check_normal(id_number_normalise_phone, "（０２１）5555 0000", "02155550000");
    check_normal(id_number_normalise_phone, "+852 5555 0000", "+85255550000");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_vectors),
        cmocka_unit_test(test_reasons),
        cmocka_unit_test(test_age),
        cmocka_unit_test(test_normalising),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
