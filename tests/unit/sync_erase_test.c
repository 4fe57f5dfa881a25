/* Taking out what was erased by law (rule 29), pure: of rows, conflict records, changes and entries; and that the chain
 * holds. */
#include "sync/erase.h"
#include "conflict.pb-c.h"
#include "sync/effect.h"
#include "sync/fields.h"
#include "tests/unit/help_sync.h"
#include "tls/tls.h"
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

static struct world w;
static uint32_t from; /* every tag from there on is erased; 0: none */

static int setup(void **state)
{
    (void)state;
    world_init(&w);
    from = 0;
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    world_finish(&w);
    return 0;
}

static uint32_t tags[2]; /* name and note of the sheet */

/* Of record 1. */
static bool find(const void *to, uint32_t kind, struct id id, struct erased_fields *out)
{
    (void)to;
    *out = (struct erased_fields){tags, 2, from};
    return kind == SHEET && id_equal(id, rid(1));
}

static struct erasures known(void)
{
    const ProtobufCMessageDescriptor *sheet = kind_by_number(SHEET)->descriptor;
    uint32_t name = record_field(sheet, "name")->id, note = record_field(sheet, "note")->id;
    tags[0] = name < note ? name : note;
    tags[1] = name < note ? note : name;
    return (struct erasures){find, NULL};
}

static bool holds(struct slice bytes, const char *text)
{
    return bytes.size && memmem(bytes.data, bytes.size, text, strlen(text)) != NULL;
}

static void the_chain_holds_without_it(void **state)
{
    (void)state;
    static const uint8_t none[CHAIN_SIZE] = {0};
    struct erasures k = known();
    assert_string_equal(do_create(&w, 0, 1, "name=Secret note=old campus=here"), "APPLIED");
    assert_string_equal(do_create(&w, 0, 2, "name=Other"), "APPLIED");
    assert_string_equal(do_set(&w, 0, 1, S(1), "campus=there"), "APPLIED");
    assert_string_equal(do_set(&w, 0, 1, S(1), "-note"), "APPLIED");
    for (size_t i = 0; i < w.count; i++) {
        struct entry e = w.log[i];
        bool went = erase_entry(&k, &e, &w.arena);
        assert_int_equal(went, i == 0 || i == 3); /* an emptied field is told no more either */
        assert_int_equal(e.stripped, went);
        assert_true(entry_follows(&e, i ? w.log[i - 1].chain : none));
        assert_memory_equal(e.entry_hash, w.log[i].entry_hash, sizeof e.entry_hash);
        assert_memory_equal(&e.identity, &w.log[i].identity, sizeof e.identity);
        assert_false(holds(e.change, "Secret") || holds(e.effects, "Secret"));
        if (went)
            assert_int_equal(e.salt.size, 0);
        struct entry again = e;
        assert_false(erase_entry(&k, &again, &w.arena)); /* once is enough */
    }
    struct entry first = w.log[0];
    struct change c;
    (void)erase_entry(&k, &first, &w.arena);
    assert_true(holds(first.effects, "here") && holds(first.change, "here"));
    assert_int_equal(change_open(first.change, &w.arena, &c), ERR_OK);
    assert_int_equal(c.nonce.size, 0);
    assert_int_equal(c.n, 1);
}

static void a_change_keeps_its_hash(void **state)
{
    (void)state;
    struct erasures k = known();
    struct change *c = make_change(&w, 0, SHEET, OP_SET, 1, 0, "name=Secret campus=x"), was = *c;
    assert_true(erase_change(&k, c, NULL, &w.arena));
    assert_memory_equal(c->hash, was.hash, HASH_SIZE);
    assert_false(holds(c->bytes, "Secret"));
    assert_true(holds(c->bytes, "x") && slice_equal(c->made, was.made));
    assert_string_equal(c->erased_field, "name");
    assert_false(c->erased_whole);
    assert_int_equal(c->erased.count, 2);
    struct change *all = make_change(&w, 0, SHEET, OP_SET, 1, 0, "name=Secret -note");
    assert_true(erase_change(&k, all, NULL, &w.arena));
    assert_true(all->erased_whole);
    struct change *other = make_change(&w, 0, SHEET, OP_SET, 2, 0, "name=Secret");
    assert_false(erase_change(&k, other, NULL, &w.arena));
    assert_false(erased_any(other->erased));
}

/* What decide makes of it: the rest applies; nothing of it left is REFUSED(ERASED). */
static void decided_without(void **state)
{
    (void)state;
    struct erasures k = known();
    assert_string_equal(do_create(&w, 0, 1, "name=Li campus=here"), "APPLIED");
    struct change *part = make_change(&w, 1, SHEET, OP_SET, 1, S(1), "name=Secret campus=there");
    (void)erase_change(&k, part, NULL, &w.arena);
    assert_string_equal(take_change(&w, 1, part), "APPLIED");
    struct change *all = make_change(&w, 1, SHEET, OP_SET, 1, S(2), "note=Secret");
    (void)erase_change(&k, all, NULL, &w.arena);
    assert_string_equal(take_change(&w, 1, all), "REFUSED ERASED note");
}

static void a_conflict_holds_it_no_more(void **state)
{
    (void)state;
    struct erasures k = known();
    assert_string_equal(do_create(&w, 0, 1, "name=Li note=first"), "APPLIED");
    assert_string_equal(do_set(&w, 0, 1, S(1), "note=Secret1"), "APPLIED");
    assert_string_equal(do_set(&w, 1, 1, S(1), "note=Secret2"), "CONFLICT");
    struct entry e = w.log[2];
    assert_true(holds(e.effects, "Secret1") && holds(e.effects, "Secret2"));
    assert_true(erase_entry(&k, &e, &w.arena));
    assert_false(holds(e.effects, "Secret"));
    struct scratch_row *row = conflict_at(&w, 1, 0);
    ProtobufCMessage *m = record_copy(row->message, &w.arena);
    assert_true(erase_row(&k, KIND_CONFLICT, row->id, m, &w.arena));
    const Record__Conflict *c = (const Record__Conflict *)m;
    assert_true(c->has_mine && c->mine.len == 0 && c->has_theirs && c->theirs.len == 0); /* there, and empty */
    assert_false(erase_row(&k, KIND_CONFLICT, row->id, m, &w.arena));
}

static void sums_do_not_depend_on_the_order(void **state)
{
    (void)state;
    uint8_t a[ERASURE_SUM_SIZE], b[ERASURE_SUM_SIZE], one[ERASURE_SUM_SIZE] = {0}, two[ERASURE_SUM_SIZE] = {0},
                                                      whole[32];
    erasure_hash(slice_text("a"), a);
    erasure_hash(slice_text("b"), b);
    tls_sha256(slice_text("a"), whole);
    assert_memory_equal(a, whole, sizeof a);
    erasure_add(one, a);
    erasure_add(one, b);
    erasure_add(two, b);
    erasure_add(two, a);
    assert_memory_equal(one, two, sizeof one);
    static const uint8_t most[ERASURE_SUM_SIZE] = {255, 255, 255, 255, 255, 255, 255, 255, 0, 0, 0, 0, 0, 0, 0, 1},
                         unit[ERASURE_SUM_SIZE] = {[7] = 1, [15] = 1};
    uint8_t sum[ERASURE_SUM_SIZE] = {0};
    erasure_add(sum, most);
    erasure_add(sum, unit);
    static const uint8_t expected[ERASURE_SUM_SIZE] = {[15] = 2}; /* each half wraps by itself */
    assert_memory_equal(sum, expected, sizeof sum);
}

static void lists_are_joined(void **state)
{
    (void)state;
    static const uint32_t x[] = {2, 9}, y[] = {1, 9, 12};
    struct erased_fields both = erased_join((struct erased_fields){x, 2, 40}, (struct erased_fields){y, 3, 30}, &w.arena);
    static const uint32_t expected[] = {1, 2, 9, 12};
    assert_int_equal(both.count, 4);
    assert_memory_equal(both.tags, expected, sizeof expected);
    assert_true(erased_holds(both, 12));
    assert_false(erased_holds(both, 3));
    assert_int_equal(both.from, 30);
    assert_false(erased_holds(both, 29));
    assert_true(erased_holds(both, 30) && erased_holds(both, 1u << 28));
    assert_int_equal(erased_join(both, (struct erased_fields){x, 2, 0}, &w.arena).from, 30);
}

static void only_sound_ones_are_opened(void **state)
{
    (void)state;
    const Wire__Erasure *out;
    static const struct {
        const char *hex;
        enum err e;
    } cases[] = {
        {"", ERR_WIRE},
        {"0a10e0e1e2e3e4e5e6e7e8e9eaebecedeeef1002", ERR_WIRE}, /* of no record */
        {"0a10e0e1e2e3e4e5e6e7e8e9eaebecedeeef10022a17080112100102030405060708090a0b0c0d0e0f101a0102", ERR_OK},
        {"0a10e0e1e2e3e4e5e6e7e8e9eaebecedeeef10022a18080112100102030405060708090a0b0c0d0e0f101a020902",
         ERR_WIRE}, /* not ascending */
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        uint8_t bytes[64];
        size_t size = strlen(cases[i].hex) / 2;
        for (size_t k = 0; k < size; k++) {
            unsigned byte = 0;
            assert_int_equal(sscanf(cases[i].hex + 2 * k, "%2x", &byte), 1);
            bytes[k] = (uint8_t)byte;
        }
        assert_int_equal(erasure_open(slice_of(bytes, size), &w.arena, &out), cases[i].e);
    }
}

/* By its tag, though nothing else is known of it; what is not erased stays. */
static void what_a_newer_program_wrote(void **state)
{
    (void)state;
    struct erasures k = {find, NULL};
    uint8_t erased[] = {1, 'S'}, kept[] = {1, 'k'};
    ProtobufCMessageUnknownField fields[] = {{.tag = 400, .wire_type = PROTOBUF_C_WIRE_TYPE_LENGTH_PREFIXED, .len = 2, .data = erased},
                                             {.tag = 401, .wire_type = PROTOBUF_C_WIRE_TYPE_LENGTH_PREFIXED, .len = 2, .data = kept}};
    ProtobufCMessage *m = record_new(kind_by_number(SHEET)->descriptor, &w.arena);
    m->n_unknown_fields = 2;
    m->unknown_fields = fields;
    tags[0] = 1;
    tags[1] = 400;
    assert_true(erase_row(&k, SHEET, rid(1), m, &w.arena));
    assert_int_equal(m->n_unknown_fields, 1);
    assert_int_equal(m->unknown_fields[0].tag, 401);
    assert_false(erase_row(&k, SHEET, rid(1), m, &w.arena));
}

static ProtobufCMessage *of_newer(const uint32_t *list, size_t count)
{
    static uint8_t text[] = {1, 'S'};
    ProtobufCMessage *m = record_new(kind_by_number(SHEET)->descriptor, &w.arena);
    m->unknown_fields = arena_alloc(&w.arena, (count + 1) * sizeof *m->unknown_fields);
    for (size_t i = 0; i < count; i++)
        m->unknown_fields[m->n_unknown_fields++] = (ProtobufCMessageUnknownField){
            .tag = list[i], .wire_type = PROTOBUF_C_WIRE_TYPE_LENGTH_PREFIXED, .len = 2, .data = text};
    return m;
}

/* What nobody had written yet when it was decided, by a program that did not know of it: gone wherever it comes, set or
 * emptied, also on who knows the field. */
static void what_a_newer_program_writes_later(void **state)
{
    (void)state;
    static const uint32_t two[] = {399, 400}, one[] = {401};
    struct erasures k = known();
    from = 400;
    ProtobufCMessage *row = of_newer(two, 2);
    assert_true(erase_row(&k, SHEET, rid(1), row, &w.arena));
    assert_int_equal(row->n_unknown_fields, 1);
    assert_int_equal(row->unknown_fields[0].tag, 399);
    struct change *set = make_change(&w, 0, SHEET, OP_SET, 1, 0, ""), *emptied = make_change(&w, 0, SHEET, OP_SET, 1, 0, "");
    set->patch = of_newer(one, 1);
    emptied->cleared = one;
    emptied->cleared_count = 1;
    assert_true(erase_change(&k, set, NULL, &w.arena) && set->erased_whole);
    assert_true(erase_change(&k, emptied, NULL, &w.arena) && emptied->erased_whole);
    assert_int_equal(set->patch->n_unknown_fields, 0);
    assert_int_equal(emptied->cleared_count, 0);
    from = record_field(kind_by_number(SHEET)->descriptor, "campus")->id; /* who knows that field blanks it, too */
    struct change *campus = make_change(&w, 0, SHEET, OP_SET, 1, 0, "campus=Secret");
    assert_true(erase_change(&k, campus, NULL, &w.arena));
    assert_string_equal(campus->erased_field, "campus");
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {
        T(the_chain_holds_without_it),  T(a_change_keeps_its_hash),         T(decided_without),
        T(a_conflict_holds_it_no_more), T(sums_do_not_depend_on_the_order), T(lists_are_joined),
        T(only_sound_ones_are_opened),   T(what_a_newer_program_wrote), T(what_a_newer_program_writes_later)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
