/* Changes as somebody with bad intent or a broken disk might send them: good ones with bytes turned, run through
 * everything. Whatever opens gets a verdict, the log stays a chain that makes the rows, and nothing aborts (the
 * sanitizers watch). */
#include "base/limits.h"
#include "tests/unit/help_sync.h"
#include "conflict.pb-c.h"
#include "wire/wire.h"
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

static uint64_t random_state;

static unsigned roll(unsigned sides)
{
    random_state = random_state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (unsigned)(random_state >> 33) % sides;
}

static const struct {
    uint32_t kind;
    enum op op;
    const char *words;
} good[] = {
    {SHEET, OP_CREATE, "name=Li note=a mobile=1 #57=x"},
    {SHEET, OP_CREATE, "name=Wu group_id=@1"},
    {SHEET, OP_SET, "note=b campus=c"},
    {SHEET, OP_SET, "-note id_type=1 id_number=2"},
    {SHEET, OP_SET, "#57=y -#58"},
    {SHEET, OP_ACT, "!submitted joined_on=d"},
    {SHEET, OP_ACT, "!approved"},
    {SHEET, OP_REMOVE, ""},
    {SLIP, OP_CREATE, "name=a"},
    {1, OP_CREATE, "name=Li sex=2"},
    {1, OP_SET, "note=b"},
    {3, OP_CREATE, "title=a period=2026-1"},
    {4, OP_CREATE, "title=a plan_id=@2"},
    {KIND_CONFLICT, OP_ACT, "!resolved"},
    {3, OP_ACT, "!discussed"},
};

static struct change *turned(struct world *w, const struct change *c, bool *opened)
{
    struct change *out = arena_alloc(&w->arena, sizeof *out);
    uint8_t *bytes = arena_alloc(&w->arena, c->bytes.size);
    memcpy(bytes, c->bytes.data, c->bytes.size);
    for (unsigned i = roll(3); i > 0; i--)
        bytes[roll((unsigned)c->bytes.size)] = (uint8_t)roll(roll(2) ? 256 : 32);
    *opened = change_open(slice_of(bytes, c->bytes.size), &w->arena, out) == ERR_OK;
    return out;
}

static void turned_bytes(void **state)
{
    (void)state;
    size_t taken = 0, refused = 0;
    for (uint64_t seed = 1; seed <= 20; seed++) {
        struct world w;
        random_state = seed;
        world_init(&w);
        for (int i = 0; i < 250; i++) {
            size_t which = roll(sizeof good / sizeof good[0]);
            int seat = (int)roll(4), record = (int)roll(4);
            bool opened;
            uint64_t base = roll(2) ? seq_now(&w) : S(roll(20));
            struct scratch_row *conflict;
            struct id id = good[which].kind == KIND_CONFLICT && scratch_conflict_at(w.db, rid(record), 0, &conflict)
                               ? conflict->id
                               : rid(record);
            struct change *c = make_change_id(&w, seat, good[which].kind, good[which].op, id, base, good[which].words);
            struct change *t = turned(&w, c, &opened);
            if (!opened || t->org != c->org || t->n > (UINT64_C(1) << 62))
                continue;
            t->grouped = false; /* a group comes whole; sync_group_test has those that do not */
            const char *verdict = take_change(&w, seat, t);
            taken++;
            refused += strncmp(verdict, "REFUSED", 7) == 0;
        }
        assert_log_makes_rows(&w);
        world_finish(&w);
    }
    assert_true(taken > 2000 && refused > 500 && taken - refused > 500); /* it got somewhere */
}

static void fields_without_end(void **state)
{
    (void)state;
    struct world w;
    char words[4000] = "";
    world_init(&w);
    assert_string_equal(do_create(&w, 0, 1, "name=Li"), "APPLIED");
    /* as many unknown fields as one change may name, again and again, so that the row grows: over LIMIT_REPEATED no
     * message could hold it, and nobody could read it any more */
    for (unsigned round = 0; round < 20; round++) {
        size_t at = 0;
        for (unsigned i = 0; i < LIMIT_CHANGE_FIELDS; i++)
            at += (size_t)snprintf(words + at, sizeof words - at, "#%u=a ", 100 + round * LIMIT_CHANGE_FIELDS + i);
        bool fits = (round + 1) * LIMIT_CHANGE_FIELDS <= LIMIT_ROW_UNKNOWN;
        assert_string_equal(do_set(&w, 0, 1, seq_now(&w), words), fits ? "APPLIED" : "REFUSED TOO_LONG");
        if (fits)
            assert_string_equal(do_set(&w, 1, 1, S(1), words), "APPLIED without effect");
    }
    assert_int_equal(scratch_row(w.db, SHEET, rid(1))->stamps.count, LIMIT_ROW_UNKNOWN);
    assert_string_equal(do_set(&w, 0, 1, seq_now(&w), "note=n"), "APPLIED"); /* what is known goes on */
    /* and more clashes than an entry has room for effects */
    char clash[400] = "";
    for (unsigned i = 0; i < 40; i++)
        snprintf(clash + strlen(clash), sizeof clash - strlen(clash), "#%u=b ", 100 + i);
    assert_string_equal(do_set(&w, 1, 1, S(1), clash), "REFUSED TOO_LONG");
    assert_log_makes_rows(&w);
    world_finish(&w);
}

/* What was emptied again leaves a stamp: the row stays small, its stamps must, too. */
static void stamps_without_end(void **state)
{
    (void)state;
    struct world w;
    char words[40];
    size_t refused = 0;
    world_init(&w);
    assert_string_equal(do_create(&w, 0, 1, "name=Li"), "APPLIED");
    for (unsigned i = 0; i < LIMIT_ROW_UNKNOWN + 10; i++) {
        snprintf(words, sizeof words, "#%u=a -#%u", 100 + i, 99 + i);
        refused += strcmp(do_set(&w, 0, 1, seq_now(&w), words), "REFUSED TOO_LONG") == 0;
    }
    assert_true(refused > 0);
    assert_true(scratch_row(w.db, SHEET, rid(1))->stamps.count <= LIMIT_ROW_UNKNOWN + LIMIT_CHANGE_FIELDS);
    assert_string_equal(do_set(&w, 0, 1, seq_now(&w), "note=n"), "APPLIED");
    world_finish(&w);
}

/* Every set on a removed record looks at all its open conflicts: that must not cost what they hold, time and again. */
static void conflicts_without_end(void **state)
{
    (void)state;
    struct world w;
    char words[500] = "note=";
    world_init(&w);
    memset(words + 5, 'a', sizeof words - 6);
    assert_string_equal(do_create(&w, 0, 1, "name=Li"), "APPLIED");
    assert_string_equal(do_remove(&w, 0, 1, S(1)), "APPLIED");
    for (unsigned i = 0; i < LIMIT_CONFLICTS_OPEN - 1; i++)
        assert_string_equal(do_set(&w, 1, 1, S(1), words), "CONFLICT");
    size_t before = w.arena.used;
    assert_string_equal(do_set(&w, 1, 1, S(1), "note=b"), "CONFLICT");
    assert_true(w.arena.used - before < LIMIT_CONFLICTS_OPEN * sizeof words / 2);
    assert_string_equal(do_set(&w, 1, 1, S(1), "note=c"), "REFUSED CONFLICTS 200"); /* there is an end */
    world_finish(&w);
}

/* A conflict record handed back after a restore holds what its sender likes. */
static void a_conflict_of_garbage(void **state)
{
    (void)state;
    struct world w;
    static uint8_t garbage[] = {0x0a, 0xff, 0xff};
    world_init(&w);
    assert_string_equal(do_create(&w, 0, 1, "name=Li note=a"), "APPLIED");
    assert_string_equal(do_set(&w, 0, 1, S(1), "note=b"), "APPLIED");
    assert_string_equal(do_set(&w, 1, 1, S(1), "note=c"), "CONFLICT");
    Record__Conflict *c = (Record__Conflict *)conflict_at(&w, 1, 0)->message;
    c->mine = (ProtobufCBinaryData){sizeof garbage, garbage};
    assert_string_equal(do_set(&w, 1, 1, S(1), "note=d"), "CONFLICT");
    c = (Record__Conflict *)conflict_at(&w, 1, 0)->message;
    assert_memory_equal(c->mine.data + c->mine.len - 1, "d", 1);
    world_finish(&w);
}

enum { PLAN = 3, ITEM = 4 };

static const char *do_item(struct world *w, enum op op, int record, const char *words)
{
    return take_change(w, 0, make_change(w, 0, ITEM, op, record, op == OP_CREATE ? 0 : seq_now(w), words));
}

static void make_plans(struct world *w, int count)
{
    for (int i = 1; i <= count; i++)
        assert_string_equal(
            take_change(w, 0, make_change(w, 0, PLAN, OP_CREATE, i, 0, "title=x period_kind=year period=2026")),
            "APPLIED");
}

/* Items are due once their plan is adopted. */
static void adopt_plans(struct world *w, int count)
{
    for (int i = 1; i <= count; i++) {
        struct change *c = make_change(w, 0, PLAN, OP_SET, i, seq_now(w), "");
        record_put_name(scratch_row(w->db, PLAN, c->id)->message, "state", cell_text("adopted"), scratch_arena(w->db));
    }
}

/* Dates that a peer makes up: each would be a sum of its own in the row that all commits of the org write. */
static void sums_without_end(void **state)
{
    (void)state;
    struct world w;
    char words[80];
    world_init(&w);
    make_plans(&w, 99);
    adopt_plans(&w, 99);
    const char *verdict = "APPLIED";
    int last = 0;
    for (int i = 0; strcmp(verdict, "APPLIED") == 0; i++) {
        assert_true(i < 4000);
        snprintf(words, sizeof words, "title=x plan_id=@%d due_on=%04d-%02d-%02d", 1 + i % 99, 1850 + i / 28, 1,
                 i % 28 + 1);
        last = 100 + i - 1;
        verdict = do_item(&w, OP_CREATE, 100 + i, words);
    }
    assert_string_equal(verdict, "REFUSED MEASURES 2048");
    assert_int_equal(org_state_measures(w.state), 2048);
    assert_string_equal(do_item(&w, OP_SET, last, "due_on=1850-01-02"), "APPLIED"); /* one goes, none comes */
    assert_int_equal(org_state_measures(w.state), 2047);
    assert_string_equal(do_item(&w, OP_SET, last, "due_on=1849-01-02"),
                        "REFUSED MEASURES 2048");                                   /* a day, and a month */
    assert_string_equal(do_item(&w, OP_SET, last, "due_on=1850-01-28"), "APPLIED"); /* days that are there already */
    assert_string_equal(do_item(&w, OP_CREATE, 5000, "title=x plan_id=@1"), "APPLIED");
    assert_string_equal(do_item(&w, OP_REMOVE, 100, ""), "APPLIED");
    assert_string_equal(do_item(&w, OP_SET, last, "due_on=1849-01-02"), "APPLIED"); /* a way out */
    world_finish(&w);
}

static void put_items(struct world *w, int first, int count)
{
    for (int i = first; i < first + count; i++) {
        struct change *c = make_change(w, 0, ITEM, OP_CREATE, i, 0, "title=x plan_id=@1 state=planned");
        ProtobufCMessage *m = record_copy(c->patch, scratch_arena(w->db));
        scratch_add_row(w->db, &(struct scratch_row){.kind = ITEM, .id = c->id, .org = c->org, .seq = 1, .message = m});
    }
}

/* Records that belong to one: rules look at all of them. */
static void parts_without_end(void **state)
{
    (void)state;
    struct world w;
    world_init(&w);
    make_plans(&w, 2);
    put_items(&w, 100, 2047);
    assert_string_equal(do_item(&w, OP_CREATE, 10, "title=x plan_id=@1"), "APPLIED");
    assert_string_equal(do_item(&w, OP_CREATE, 11, "title=x plan_id=@1"), "REFUSED CHILDREN plan_id 2048");
    assert_string_equal(do_item(&w, OP_CREATE, 12, "title=x plan_id=@2"), "APPLIED");
    assert_string_equal(do_item(&w, OP_SET, 10, "title=y"), "APPLIED"); /* one of them */
    assert_string_equal(do_item(&w, OP_REMOVE, 10, ""), "APPLIED");
    assert_string_equal(do_item(&w, OP_CREATE, 11, "title=x plan_id=@1"), "APPLIED");
    world_finish(&w);
}

static void large_parts_without_end(void **state)
{
    (void)state;
    struct world w;
    char words[24100] = "plan_id=@1 title=";
    const char *verdict = "APPLIED";
    int count = 0;
    world_init(&w);
    make_plans(&w, 1);
    memset(words + 17, 'x', 24000);
    for (; strcmp(verdict, "APPLIED") == 0; count++) {
        assert_true(count < 200);
        verdict = do_item(&w, OP_CREATE, 100 + count, words);
    }
    assert_string_equal(verdict, "REFUSED CHILDREN plan_id 2048");
    assert_in_range(count, 80, 90);                                                   /* 2 MiB of 24 KB */
    assert_string_equal(do_item(&w, OP_CREATE, 99, "plan_id=@1 title=x"), "APPLIED"); /* what is small may still come */
    assert_string_equal(do_item(&w, OP_SET, 99, words + 11), "REFUSED CHILDREN plan_id 2048");
    assert_string_equal(do_item(&w, OP_SET, 100, "title=x"), "APPLIED"); /* and what gets smaller */
    assert_string_equal(do_item(&w, OP_SET, 99, words + 11), "APPLIED");
    world_finish(&w);
}

static void records_without_end(void **state)
{
    (void)state;
    struct world w;
    char words[25000] = "note=";
    world_init(&w);
    memset(words + 5, 'a', LIMIT_TEXT_LONG - 1000);
    assert_string_equal(do_create(&w, 0, 1, "name=Li"), "APPLIED");
    const char *last = "APPLIED";
    for (unsigned i = 0; i < 10 && strcmp(last, "APPLIED") == 0; i++) {
        char field[16];
        snprintf(field, sizeof field, "#%03u=", 100 + i);
        memcpy(words, field, 5);
        last = do_set(&w, 0, 1, seq_now(&w), words);
    }
    assert_string_equal(last, "REFUSED TOO_LONG"); /* the row would be over LIMIT_RECORD */
    world_finish(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(turned_bytes),          cmocka_unit_test(fields_without_end),
        cmocka_unit_test(stamps_without_end),    cmocka_unit_test(conflicts_without_end),
        cmocka_unit_test(a_conflict_of_garbage), cmocka_unit_test(sums_without_end),
        cmocka_unit_test(parts_without_end),     cmocka_unit_test(large_parts_without_end),
        cmocka_unit_test(records_without_end)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
