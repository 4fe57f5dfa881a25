/* The chain: its hashes byte by byte, and every tampering found. */
#include "sync/chain.h"
#include "tests/unit/help_sync.h"
#include "wire/wire.h"
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

static struct world w;

static int setup(void **state)
{
    (void)state;
    world_init(&w);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    world_finish(&w);
    return 0;
}

static struct entry example(void)
{
    struct entry e = {.seq = S(5),
                      .identity = {.seat = 3, .n = 9},
                      .verdict = VERDICT_REFUSED,
                      .code = "RIGHT",
                      .field = "note",
                      .argument = {"x", NULL, "z"},
                      .received_ms = 123456789};
    memset(e.identity.incarnation.bytes, 0x11, INCARNATION_SIZE);
    memset(e.identity.hash, 0x22, HASH_SIZE);
    e.change = slice_text("change");
    e.effects = slice_text("");
    e.salt = slice_text("0123456789abcdef");
    return e;
}

static void hashes_are_those_of_the_protocol(void **state)
{
    (void)state;
    /* computed apart from this program, from the text in chain.h */
    static const uint8_t hash[32] = {0x53, 0xdb, 0x19, 0x6e, 0x56, 0x3b, 0x48, 0xaf, 0x5a, 0x89, 0x21,
                                     0x4e, 0xa3, 0xd1, 0xb6, 0x5b, 0x4f, 0x0a, 0x03, 0x32, 0x7a, 0x57,
                                     0x49, 0x2a, 0xe9, 0x47, 0x1e, 0x95, 0xa5, 0x97, 0x94, 0x2b},
                         chain[32] = {0xf7, 0x4a, 0x7e, 0x40, 0x49, 0x22, 0xb3, 0x14, 0xc8, 0x15, 0x69,
                                      0x0a, 0x1d, 0x04, 0xa4, 0xc8, 0x0a, 0xc5, 0xe0, 0x2e, 0x61, 0xbe,
                                      0xb7, 0x13, 0xaa, 0x3d, 0x27, 0x72, 0x64, 0xe2, 0x4e, 0xe0};
    uint8_t before[CHAIN_SIZE] = {0};
    struct entry e = example();
    entry_seal(&e, before);
    assert_memory_equal(e.entry_hash, hash, 32);
    assert_memory_equal(e.chain, chain, 32);
    assert_true(entry_follows(&e, before));
}

static void every_tampering_is_found(void **state)
{
    (void)state;
    uint8_t before[CHAIN_SIZE] = {0}, other[CHAIN_SIZE] = {1};
    struct entry e = example(), t;
    entry_seal(&e, before);
    assert_false(entry_follows(&e, other));
#define TAMPER(change)                                                                                                 \
    t = e;                                                                                                             \
    change;                                                                                                            \
    assert_false(entry_follows(&t, before))
    TAMPER(t.seq++);
    TAMPER(t.identity.seat++);
    TAMPER(t.identity.incarnation.bytes[15]++);
    TAMPER(t.identity.n++);
    TAMPER(t.identity.hash[0]++);
    TAMPER(t.verdict = VERDICT_APPLIED);
    TAMPER(t.code = "ORG");
    TAMPER(t.received_ms++);
    TAMPER(t.change = slice_text("chance"));
    TAMPER(t.effects = slice_text("x"));
    TAMPER(t.salt = slice_text("0123456789abcdeF"));
    TAMPER((t.change = slice_text("chang"), t.effects = slice_text("e"))); /* sizes keep the parts apart */
    TAMPER(t.chain[0]++);
    t = e; /* erased or left out: its hash stands for it */
    t.change = t.effects = t.salt = (struct slice){0};
    t.stripped = true;
    assert_true(entry_follows(&t, before));
    TAMPER((t.stripped = true, t.entry_hash[3]++));
}

static struct entry over_the_wire(const struct entry *e)
{
    ProtobufCMessage *m;
    struct entry out;
    struct slice bytes = wire_pack_arena(&entry_wire(e, &w.arena)->base, &w.arena);
    assert_int_equal(wire_open(&wire__entry__descriptor, bytes, &w.arena, &m), ERR_OK);
    assert_int_equal(entry_open((const Wire__Entry *)m, &w.arena, &out), ERR_OK);
    return out;
}

static void an_entry_travels(void **state)
{
    (void)state;
    uint8_t before[CHAIN_SIZE] = {0};
    struct entry e = example();
    entry_seal(&e, before);
    struct entry out = over_the_wire(&e);
    assert_true(entry_follows(&out, before) && !out.stripped && out.seq == e.seq && out.received_ms == e.received_ms);
    assert_memory_equal(&out.identity, &e.identity, sizeof e.identity);
    assert_memory_equal(out.entry_hash, e.entry_hash, 32);
    assert_string_equal(out.code, "RIGHT");
    assert_string_equal(out.field, "note");
    assert_string_equal(out.argument[0], "x");
    assert_null(out.argument[1]);
    assert_string_equal(out.argument[2], "z"); /* places count */
    assert_true(slice_equal(out.change, e.change) && slice_equal(out.salt, e.salt) && out.effects.size == 0);
}

static void an_emptied_entry_travels(void **state)
{
    (void)state;
    uint8_t before[CHAIN_SIZE] = {0};
    struct entry e = example(), bare = {.seq = e.seq, .stripped = true};
    entry_seal(&e, before);
    memcpy(bare.chain, e.chain, sizeof bare.chain);
    memcpy(bare.entry_hash, e.entry_hash, sizeof bare.entry_hash);
    struct entry out = over_the_wire(&bare);
    assert_true(out.stripped && out.identity.n == 0 && !out.code && entry_follows(&out, before));
}

static void malformed(void **state)
{
    (void)state;
    uint8_t before[CHAIN_SIZE] = {0};
    struct entry e = example(), out = {.seq = 77};
    entry_seal(&e, before);
#define FAULT(change)                                                                                                  \
    m = entry_wire(&e, &w.arena);                                                                                      \
    change;                                                                                                            \
    assert_int_equal(entry_open(m, &w.arena, &out), ERR_WIRE);                                                         \
    assert_true(out.seq == 77)
    Wire__Entry *m;
    FAULT(m->seq = 0);
    FAULT(m->has_chain = 0);
    FAULT(m->chain.len = 31);
    FAULT(m->has_incarnation = 0);
    FAULT(m->incarnation.len = 15);
    FAULT(m->has_hash = 0);
    FAULT(m->n = 0);
    FAULT(m->verdict = 0);
    FAULT(m->verdict = 6);
    FAULT(m->refusal = NULL); /* refused without a reason */
    FAULT((m->has_entry_hash = 1, m->entry_hash.len = 31));
}

static void a_log_that_was_made_is_a_chain(void **state)
{
    (void)state;
    uint8_t before[CHAIN_SIZE] = {0};
    do_create(&w, 0, 1, "name=Li");
    do_set(&w, 0, 1, S(1), "note=a");
    do_set(&w, 1, 1, S(1), "note=b");
    do_set(&w, 3, 1, S(1), "mobile=1"); /* refused: in the log all the same */
    assert_int_equal(w.count, 4);
    for (size_t i = 0; i < 4; i++) {
        assert_true(w.log[i].seq == S(i + 1) && entry_follows(&w.log[i], before));
        memcpy(before, w.log[i].chain, sizeof before);
    }
    assert_memory_equal(org_state_chain(w.state), before, CHAIN_SIZE);
    assert_false(entry_follows(&w.log[3], w.log[1].chain)); /* one left out */
}

#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
int main(void)
{
    const struct CMUnitTest tests[] = {
        T(hashes_are_those_of_the_protocol),
        T(every_tampering_is_found),
        T(an_entry_travels),
        T(an_emptied_entry_travels),
        T(malformed),
        T(a_log_that_was_made_is_a_chain),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
