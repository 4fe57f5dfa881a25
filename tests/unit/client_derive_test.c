/* Fields that are computed where they are read: over a device's rows, sent or not, and over a branch's that the
 * district has seen. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "client/replica/derive.h"
#include "help_district.h"
#include "help_errand.h"
#include "show/fields.h"
#include "show/record.h"
#include "wire/wire.h"

#include <jansson.h>
#include <string.h>

#define IS assert_string_equal

static struct district d;
static struct arena arena;
static struct id refs[8];

static int setup(void **state)
{
    (void)state;
    kind_register_extra(NULL);
    errand_register();
    arena_init(&arena, 4 * LIMIT_ARENA);
    district_make(&d);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    district_remove(&d);
    arena_finish(&arena);
    kind_register_extra(NULL);
    return 0;
}

static void change(struct device *v, enum op op, uint32_t kind, int at, const char *words)
{
    struct replica_outcome o = {0};
    struct replica_change c = {.op = op,
                               .kind = kind,
                               .id = op == OP_CREATE ? (struct id){{0}} : refs[at],
                               .patch = errand_message(kind, words, refs, &arena)};
    assert_int_equal(replica_change(v->r, &c, d.now_ms, &arena, &o), ERR_OK);
    refs[at] = o.id;
}

static void add(struct device *v, uint32_t kind, int at, const char *words)
{
    change(v, OP_CREATE, kind, at, words);
}

/* "state=part brought=4 late=1", in the order in which it was said. */
static const char *derived(struct derive *from, struct device *v, int at)
{
    struct replica_row row;
    const struct derived_value *list;
    size_t count;
    struct buf b = BUF_INIT;
    assert_int_equal(replica_load(v->r, ORDER, refs[at], d.now_ms, &arena, &row), ERR_OK);
    assert_int_equal(derive_row(from, &row, &arena, &list, &count), ERR_OK);
    for (size_t i = 0; i < count; i++)
        if (list[i].value.type == CELL_TEXT)
            buf_format(&b, "%s%s=%s", i ? " " : "", list[i].rule->name, (const char *)list[i].value.bytes.data);
        else
            buf_format(&b, "%s%s=%lld", i ? " " : "", list[i].rule->name, (long long)list[i].value.integer);
    const char *out = b.size ? arena_text(&arena, buf_slice(&b)) : "nothing";
    buf_finish(&b);
    return out;
}

static const char *derived_now(struct device *v, int at)
{
    struct derive *from;
    assert_int_equal(derive_open(v->r, d.now_ms, &from), ERR_OK);
    const char *out = derived(from, v, at);
    derive_close(from);
    return out;
}

/* Today is the 22nd. */
static struct device *with_orders(void)
{
    struct device *v = device_chair(&d);
    add(v, RUNNER, 1, "name=Li");
    add(v, ORDER, 2, "runner_id=@1 week=w1 amount=10");
    add(v, ORDER, 3, "runner_id=@1 week=w25 amount=3");
    return v;
}

static void as_things_stand_here(void **state)
{
    (void)state;
    struct device *v = with_orders();
    IS(derived_now(v, 2), "late=1 state=open brought=0");
    IS(derived_now(v, 3), "late=0 state=open brought=0");
    add(v, DELIVERY, 4, "runner_id=@1 week=w1 amount=4");
    IS(derived_now(v, 2), "late=1 state=part brought=4");
    assert_int_equal(device_sync(v, -1), LINK_DONE);
    IS(derived_now(v, 2), "late=1 state=part brought=4");
    add(v, DELIVERY, 5, "runner_id=@1 week=w1 amount=6");
    IS(derived_now(v, 2), "late=1 state=done brought=10");
    change(v, OP_REMOVE, DELIVERY, 4, "");
    IS(derived_now(v, 2), "late=1 state=part brought=6");
    struct derive *one;
    assert_int_equal(derive_open(v->r, d.now_ms, &one), ERR_OK); /* one walk over several rows */
    IS(derived(one, v, 2), "late=1 state=part brought=6");
    IS(derived(one, v, 3), "late=0 state=open brought=0");
    derive_close(one);
}

static void kinds_without_have_none(void **state)
{
    (void)state;
    struct device *v = with_orders();
    struct derive *from;
    struct replica_row row;
    const struct derived_value *list;
    size_t count = 7;
    assert_int_equal(derive_open(v->r, d.now_ms, &from), ERR_OK);
    assert_int_equal(replica_load(v->r, RUNNER, refs[1], d.now_ms, &arena, &row), ERR_OK);
    assert_int_equal(derive_row(from, &row, &arena, &list, &count), ERR_OK);
    assert_int_equal(count, 0);
    derive_close(from);
}

/* Of another branch's rows: what needs no looking up. */
static void rows_that_were_only_seen(void **state)
{
    (void)state;
    struct device *v = with_orders();
    struct replica_row row;
    add(v, DELIVERY, 4, "runner_id=@1 week=w1 amount=4");
    assert_int_equal(device_sync(v, -1), LINK_DONE);
    struct device *above = device_join(&d, 1, "district_officer");
    assert_int_equal(replica_load(v->r, ORDER, refs[2], d.now_ms, &arena, &row), ERR_OK);
    struct slice packed = wire_pack_arena(row.message, &arena);
    Wire__Rows rows = WIRE__ROWS__INIT;
    Wire__SnapshotRow one = WIRE__SNAPSHOT_ROW__INIT, *list[] = {&one};
    one.has_kind = one.has_id = one.has_seq = one.has_row = rows.has_org = 1;
    one.kind = ORDER;
    one.id = (ProtobufCBinaryData){ID_SIZE, refs[2].bytes};
    one.seq = row.seq;
    one.row = (ProtobufCBinaryData){packed.size, (uint8_t *)packed.data};
    rows.org = d.server.branch;
    rows.n_row = 1;
    rows.row = list;
    assert_int_equal(replica_see(above->r, &rows, d.now_ms), ERR_OK);
    IS(derived_now(above, 2), "late=1");
}

/* ---- as it is shown ---- */
static void in_place_of_what_is_stored(void **state)
{
    (void)state;
    struct device *v = with_orders();
    struct derive *from;
    struct replica_row row;
    struct show_fields fields;
    struct buf text = BUF_INIT;
    add(v, DELIVERY, 4, "runner_id=@1 week=w1 amount=4");
    assert_int_equal(derive_open(v->r, d.now_ms, &from), ERR_OK);
    assert_int_equal(replica_load(v->r, ORDER, refs[2], d.now_ms, &arena, &row), ERR_OK);
    struct show_record r = {
        .kind = kind_by_number(ORDER), .id = row.id, .sync = "queued", .message = row.message, .access = ACCESS_FULL};
    assert_int_equal(derive_row(from, &row, &arena, &r.derived, &r.derived_count), ERR_OK);
    json_t *json = show_record_json(&r);
    IS(json_string_value(json_object_get(json, "state")), "part");
    assert_int_equal(json_integer_value(json_object_get(json, "brought")), 4);
    assert_true(json_is_true(json_object_get(json, "late")));
    IS(json_string_value(json_object_get(json, "week")), "w1");
    json_decref(json);
    show_record_text(&r, LANGUAGE_ZH, VALUE_WHOLE, NULL, NULL, &text);
    assert_non_null(strstr(buf_c_string(&text), "送达情况: 部分\n"));
    assert_non_null(strstr(buf_c_string(&text), "已送数量: 4\n"));
    text.size = 0;
    show_field(&r, kind_field(r.kind, "state"), LANGUAGE_EN, VALUE_WHOLE, NULL, NULL,
               &text); /* asked for by the stored field */
    IS(buf_c_string(&text), "in part");
    buf_finish(&text);
    /* who may not read what it is made of */
    r.access = ACCESS_OPEN;
    json = show_record_json(&r);
    assert_null(json_object_get(json, "brought"));
    IS(json_string_value(json_object_get(json, "state")), "part");
    json_decref(json);
    show_fields_of(r.kind, &fields);
    IS(show_fields_find(&fields, "送达情况")->name, "state");
    assert_int_equal(show_fields_find(&fields, "late")->type, FIELD_BOOL);
    assert_null(show_fields_find(&fields, "no_such"));
    assert_int_equal(fields.count, r.kind->field_count + 2);
    derive_close(from);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {
        T(as_things_stand_here),
        T(kinds_without_have_none),
        T(rows_that_were_only_seen),
        T(in_place_of_what_is_stored),
    };
    return cmocka_run_group_tests_name("client_derive", tests, NULL, NULL);
}
