/* Records and kinds as programs and people read them, and what a seat may not read in neither. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/tr.h"
#include "help_kinds.h"
#include "show/record.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

static struct arena arena;
static struct id id;

#define ID_TEXT "0199a0f2-0000-7000-8000-0000000000aa"
#define GROUP_TEXT "0199a0f2-0000-7000-8000-0000000000bb"
#define ID_NUMBER "110101199003070038"

static int setup(void **state)
{
    (void)state;
    setenv("BANYAN_LANG", "en", 1);
    tr_init();
    arena_init(&arena, 1u << 20);
    assert_int_equal(id_parse(ID_TEXT, &id), ERR_OK);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    arena_finish(&arena);
    return 0;
}

static struct show_record member(enum access access)
{
    static const char *const words[] = {"name",     "李四",  "sex",    "2",    "id_number", ID_NUMBER, "group_id",
                                        GROUP_TEXT, "state", "active", "note", "one\ntwo",  NULL};
    const struct kind *k = kind_by_name("member");
    return (struct show_record){
        .kind = k, .id = id, .seq = 7, .sync = "confirmed", .message = help_record(k, &arena, words), .access = access};
}

static const char *text_at(json_t *o, const char *key)
{
    return json_string_value(json_object_get(o, key));
}

static void a_record_as_json(void **state)
{
    (void)state;
    struct show_record r = member(ACCESS_FULL);
    json_t *o = show_record_json(&r);
    assert_string_equal(text_at(o, "id"), ID_TEXT);
    assert_int_equal(json_integer_value(json_object_get(o, "seq")), 7);
    assert_string_equal(text_at(o, "sync"), "confirmed");
    assert_string_equal(text_at(o, "state"), "active");
    assert_string_equal(text_at(o, "name"), "李四");
    assert_string_equal(text_at(o, "sex"), "2"); /* as stored */
    assert_string_equal(text_at(o, "id_number"), ID_NUMBER);
    assert_string_equal(text_at(o, "group_id"), GROUP_TEXT);
    assert_string_equal(text_at(o, "note"), "one\ntwo");
    assert_true(json_is_null(json_object_get(o, "birth_date"))); /* empty, but there: programs find every field */
    assert_int_equal(json_object_size(o), 3 + r.kind->field_count + r.kind->derived_count); /* empty where nothing was computed */
    json_decref(o);
}

static void what_may_not_be_read_is_not_there(void **state)
{
    (void)state;
    static const char *const sensitive[] = {"id_type", "id_number", "mobile", "birth_date"};
    struct show_record r = member(ACCESS_OPEN);
    struct buf out = BUF_INIT;
    json_t *o = show_record_json(&r);
    for (size_t i = 0; i < 4; i++)
        assert_null(json_object_get(o, sensitive[i]));
    assert_int_equal(json_object_size(o), 3 + r.kind->field_count - 4);
    json_decref(o);
    show_record_text(&r, LANGUAGE_EN, VALUE_WHOLE, NULL, NULL, &out);
    assert_null(strstr(buf_c_string(&out), "1101"));
    buf_finish(&out);
    r.access = ACCESS_SUM;
    o = show_record_json(&r);
    assert_int_equal(json_object_size(o), 3);
    json_decref(o);
}

static void name_group(void *to, uint32_t kind, struct id which, struct buf *out)
{
    (void)to;
    assert_int_equal(kind, kind_by_name("union_group")->number);
    if (which.bytes[15] == 0xbb)
        buf_text(out, "Group One");
}

static void a_record_as_text(void **state)
{
    (void)state;
    struct show_record r = member(ACCESS_FULL);
    struct buf out = BUF_INIT;
    show_record_text(&r, LANGUAGE_EN, VALUE_MASKED, name_group, NULL, &out);
    const char *text = buf_c_string(&out);
    assert_int_equal(strncmp(text, "member  " ID_TEXT "\n", 8 + 36 + 1), 0);
    assert_non_null(strstr(text, "\nname: 李四\n"));
    assert_non_null(strstr(text, "\nsex: female\n")); /* in words */
    assert_non_null(strstr(text, "Group One\n"));
    assert_non_null(strstr(text, ":\n    one\n    two\n")); /* a long text below its label */
    assert_non_null(strstr(text, "\nmembership: active\n"));
    assert_null(strstr(text, ID_NUMBER)); /* masked */
    assert_non_null(strstr(text, "member number: (given by the server)\n"));
    assert_non_null(strstr(text, "\nSync: confirmed by the server\n"));
    buf_finish(&out);
    show_record_text(&r, LANGUAGE_EN, VALUE_WHOLE, NULL, NULL, &out);
    assert_non_null(strstr(buf_c_string(&out), ID_NUMBER));
    assert_non_null(strstr(buf_c_string(&out), GROUP_TEXT)); /* without a name its id */
    buf_finish(&out);
}

static void every_state_of_syncing_has_its_words(void **state)
{
    (void)state;
    static const char *const cases[][2] = {{"confirmed", "confirmed by the server"},
                                           {"queued", "saved here, not sent yet"},
                                           {"refused", "refused, see: banyan attention"},
                                           {"conflict", "in conflict, see: banyan attention"}};
    for (size_t i = 0; i < 4; i++) {
        struct show_record r = member(ACCESS_FULL);
        struct buf out = BUF_INIT;
        r.sync = cases[i][0];
        show_record_text(&r, LANGUAGE_EN, VALUE_MASKED, NULL, NULL, &out);
        assert_non_null(strstr(buf_c_string(&out), cases[i][1]));
        buf_finish(&out);
    }
}

static void cells(void **state)
{
    (void)state;
    const struct kind *k = kind_by_name("member"), *c = kind_by_name("conflict");
    static const uint8_t bytes[] = {0x0a, 0xff};
    json_t *v = show_cell_json(kind_field(k, "name"), cell_text("x"));
    assert_string_equal(json_string_value(v), "x");
    json_decref(v);
    v = show_cell_json(kind_field(c, "n"), cell_integer(INT64_C(1) << 62));
    assert_int_equal(json_integer_value(v), INT64_C(1) << 62);
    json_decref(v);
    v = show_cell_json(kind_field(c, "mine"), cell_bytes(slice_of(bytes, 2)));
    assert_string_equal(json_string_value(v), "0aff");
    json_decref(v);
    v = show_cell_json(kind_field(c, "record_id"), cell_bytes(id_slice(&id)));
    assert_string_equal(json_string_value(v), ID_TEXT);
    json_decref(v);
    assert_true(json_is_null(show_cell_json(kind_field(k, "name"), (struct cell){.type = CELL_ABSENT})));
}

/* cli.md: {kind, label, fields:[{name, type, label, required, sensitive, values?}], states:[{name, label}],
 * actions:[{name, from:[...], roles:[...], requires:[...]}]}, of every kind. */
static void kinds_as_json(void **state)
{
    (void)state;
    size_t count, i, at;
    json_t *one;
    const struct kind *const *all = kind_all(&count);
    for (i = 0; i < count; i++) {
        const struct kind *k = all[i];
        json_t *o = show_kind_json(k, LANGUAGE_ZH);
        assert_string_equal(text_at(o, "kind"), k->name);
        assert_string_equal(text_at(o, "label"), k->label.zh);
        assert_int_equal(json_array_size(json_object_get(o, "fields")), k->field_count);
        json_array_foreach(json_object_get(o, "fields"), at, one)
        {
            const struct field_rule *f = &k->fields[at];
            assert_string_equal(text_at(one, "name"), f->name);
            assert_string_equal(text_at(one, "type"), field_type_name(f->type));
            assert_string_equal(text_at(one, "label"), f->label.zh);
            assert_int_equal(json_is_true(json_object_get(one, "required")), (f->flags & FIELD_REQUIRED) != 0);
            assert_int_equal(json_is_true(json_object_get(one, "sensitive")), (f->flags & FIELD_SENSITIVE) != 0);
            assert_int_equal(json_array_size(json_object_get(one, "values")), f->codes ? f->codes->count : 0);
        }
        assert_int_equal(json_array_size(json_object_get(o, "states")), k->state_count);
        assert_int_equal(json_array_size(json_object_get(o, "actions")), k->action_count);
        json_decref(o);
    }
    json_t *plan = show_kind_json(kind_by_name("work_plan"), LANGUAGE_EN);
    one = json_array_get(json_object_get(plan, "actions"), 4);
    assert_string_equal(text_at(one, "name"), "returned");
    assert_int_equal(json_array_size(json_object_get(one, "from")), 2);
    assert_int_equal(json_array_size(json_object_get(one, "roles")), 1);
    assert_string_equal(json_string_value(json_array_get(json_object_get(one, "roles"), 0)), "district_officer");
    assert_string_equal(json_string_value(json_array_get(json_object_get(one, "requires"), 0)), "return_reason");
    json_decref(plan);
}

static void kinds_as_text(void **state)
{
    (void)state;
    struct buf out = BUF_INIT;
    size_t count;
    const struct kind *const *all = kind_all(&count);
    for (size_t i = 0; i < count; i++) {
        show_kind_text(all[i], LANGUAGE_EN, &out);
        for (size_t f = 0; f < all[i]->field_count; f++)
            assert_non_null(strstr(buf_c_string(&out), all[i]->fields[f].name));
        buf_finish(&out);
    }
    show_kind_text(kind_by_name("work_plan"), LANGUAGE_EN, &out);
    assert_non_null(
        strstr(buf_c_string(&out),
               "  returned (return)  from: submitted acknowledged  who: district_officer  needs: return_reason\n"));
    buf_finish(&out);
    show_kind_text(kind_by_name("union_group"), LANGUAGE_EN, &out); /* without states */
    assert_null(strstr(buf_c_string(&out), "States"));
    buf_finish(&out);
}

static void kinds_as_chinese_text(void **state)
{
    (void)state;
    struct buf out = BUF_INIT;
    setenv("BANYAN_LANG", "zh", 1);
    tr_init();
    show_kind_text(kind_by_name("work_plan"), LANGUAGE_ZH, &out);
    const char *text = buf_c_string(&out);
    assert_non_null(strstr(text, "  returned (退改)"));
    assert_non_null(strstr(text, ": 已上报 上级已阅"));           /* states by their labels */
    assert_non_null(strstr(text, ": 区教育工会干部"));            /* roles, too */
    assert_non_null(strstr(text, ": 退改原因(return_reason)\n")); /* what is to be typed keeps its name */
    for (int r = 0; r < ROLE_COUNT; r++)
        assert_null(strstr(text, role_name((enum role)r)));
    buf_finish(&out);
    show_kind_text(kind_by_name("plan_item"), LANGUAGE_ZH, &out);
    text = buf_c_string(&out);
    static const char *const english[] = {"long_text", "reference", " date ", " integer ", " code "};
    for (size_t i = 0; i < 5; i++)
        assert_null(strstr(text, english[i]));
    assert_non_null(strstr(text, "长文字"));
    assert_non_null(strstr(text, "工作计划")); /* what plan_id points to */
    buf_finish(&out);
}

static void names_of_two(void *to, uint32_t kind, struct id which, struct buf *out)
{
    (void)to;
    if (kind == SHOW_SEAT && show_seat_of(which) == 70000)
        buf_text(out, "吕静");
    else if (kind == 1 && id_equal(which, id))
        buf_text(out, "李四");
}

static void expect_shown(const struct show_record *r, const char *field, enum language language, const char *text)
{
    struct buf out = BUF_INIT;
    show_field(r, kind_field(r->kind, field), language, VALUE_MASKED, names_of_two, NULL, &out);
    assert_string_equal(buf_c_string(&out), text);
    buf_finish(&out);
}

static void a_conflict_in_words(void **state)
{
    (void)state;
    const struct kind *k = kind_by_name("conflict");
    ProtobufCMessage *m = record_new(k->descriptor, &arena);
    struct show_record r = {.kind = k, .id = id, .sync = "confirmed", .message = m, .access = ACCESS_FULL};
    record_put_name(m, "record_kind", cell_integer(1), &arena);
    record_put_name(m, "record_id", cell_bytes(id_slice(&id)), &arena);
    record_put_name(m, "field", cell_text("note"), &arena);
    record_put_name(m, "mine_seat", cell_integer(70000), &arena);
    record_put_name(m, "theirs_seat", cell_integer(3), &arena);
    record_put_name(m, "mine_at_ms", cell_integer(INT64_C(1795314600000)), &arena);
    expect_shown(&r, "record_kind", LANGUAGE_ZH, "会员");
    expect_shown(&r, "record_kind", LANGUAGE_EN, "member");
    expect_shown(&r, "record_id", LANGUAGE_ZH, "李四");
    expect_shown(&r, "field", LANGUAGE_ZH, "备注");
    expect_shown(&r, "mine_seat", LANGUAGE_ZH, "吕静");
    expect_shown(&r, "theirs_seat", LANGUAGE_EN, "seat 3");
    expect_shown(&r, "mine_at_ms", LANGUAGE_ZH, "2026-11-22 10:30");
    record_put_name(m, "field", cell_text("*"), &arena);
    expect_shown(&r, "field", LANGUAGE_EN, "(removed)");
    record_put_name(m, "field", cell_text("#57"), &arena); /* of a newer build */
    expect_shown(&r, "field", LANGUAGE_EN, "#57");
    record_put_name(m, "record_kind", cell_integer(999), &arena);
    expect_shown(&r, "record_kind", LANGUAGE_EN, "999");
    expect_shown(&r, "record_id", LANGUAGE_EN, ID_TEXT);
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(a_record_as_json),
        T(what_may_not_be_read_is_not_there),
        T(a_record_as_text),
        T(every_state_of_syncing_has_its_words),
        T(cells),
        T(kinds_as_json),
        T(kinds_as_text),
        T(kinds_as_chinese_text),
        T(a_conflict_in_words),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
