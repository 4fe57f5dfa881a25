/* The client's side (rules 2, 19): what it shows is what the server will make of it where nobody else interferes. */
#include "sync/replay.h"
#include "kinds/rules.h"
#include "tests/unit/help_sync.h"
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
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

static const ProtobufCMessage *row(const char *words)
{
    return words ? make_change(&w, 0, SHEET, OP_SET, 1, 0, words)->patch : NULL;
}

static const char *replayed(uint32_t kind, enum op op, const char *words, const ProtobufCMessage *shown)
{
    return message_text(&w, replay_over(make_change(&w, 0, kind, op, 1, 0, words), shown, &w.arena));
}

static void each_op_over_a_row(void **state)
{
    (void)state;
    const ProtobufCMessage *shown = row("name=Li state=draft note=a");
    assert_string_equal(replayed(SHEET, OP_CREATE, "name=Li", NULL), "name=Li state=draft");
    assert_string_equal(replayed(SHEET, OP_CREATE, "name=Li state=approved", NULL), "name=Li state=approved");
    assert_string_equal(replayed(SHEET, OP_CREATE, "note=b", shown), "name=Li state=draft note=b");
    assert_string_equal(replayed(SHEET, OP_SET, "campus=c -note", shown), "name=Li campus=c state=draft");
    assert_string_equal(replayed(SHEET, OP_SET, "campus=c", NULL), "none");
    assert_string_equal(replayed(SHEET, OP_ACT, "!submitted joined_on=d", shown),
                        "name=Li joined_on=d state=submitted note=a");
    assert_string_equal(replayed(SHEET, OP_ACT, "!approved", shown),
                        "name=Li state=draft note=a"); /* will be refused */
    assert_string_equal(replayed(SHEET, OP_ACT, "!submitted joined_on=d", NULL), "none");
    assert_string_equal(replayed(SHEET, OP_REMOVE, "", shown), "none");
    assert_string_equal(message_text(&w, shown), "name=Li state=draft note=a");
    const ProtobufCMessage *slip = make_change(&w, 0, SLIP, OP_CREATE, 1, 0, "name=a")->patch;
    assert_string_equal(replayed(SLIP, OP_SET, "name=b", slip), "name=a"); /* append-only */
    assert_string_equal(replayed(SLIP, OP_CREATE, "name=b", slip), "name=a");
    assert_string_equal(replayed(SLIP, OP_CREATE, "name=b", NULL), "name=b");
}

/* What the server will make of a step is shown at once: the decision that it gives, and what the state that is left was for. */
static void a_step_gives_and_ends(void **state)
{
    (void)state;
    const ProtobufCMessage *approved = row("name=Li state=approved state_effective_on=d note=a");
    assert_string_equal(replayed(SHEET, OP_ACT, "!draft", approved), "name=Li state=draft note=a");
    assert_string_equal(replayed(SHEET, OP_ACT, "!draft", row("name=Li state=submitted")), "name=Li state=draft");
    const ProtobufCMessage *retained = make_change(&w, 0, KIND_MEMBER, OP_SET, 1, 0, "name=Li state=retained retained_reason=study")->patch;
    assert_string_equal(replayed(KIND_MEMBER, OP_ACT, "!active", retained), "name=Li state=active");
    assert_string_equal(replayed(KIND_MEMBER, OP_ACT, "!withdrawn", retained), "name=Li state=withdrawn retained_reason=study");
    assert_string_equal(replayed(KIND_MEMBER, OP_ACT, "!active retained_reason=abroad", retained), "name=Li state=active retained_reason=abroad");
    const ProtobufCMessage *review = make_change(&w, 0, KIND_PROPOSAL, OP_SET, 1, 0, "title=Li state=under_review")->patch;
    assert_string_equal(replayed(KIND_PROPOSAL, OP_ACT, "!converted", review), "title=Li decision=converted state=converted");
}

static void rule_02_the_base(void **state)
{
    (void)state;
    struct change pending[3] = {*make_change(&w, 0, SHEET, OP_SET, 1, S(5), "note=a"),
                                *make_change(&w, 0, SHEET, OP_SET, 1, S(3), "note=b -campus"),
                                *make_change(&w, 0, SHEET, OP_ACT, 1, S(4), "!submitted joined_on=d")};
    const struct change *c = make_change(&w, 0, SHEET, OP_SET, 1, 0, "sex=1");
#define BASE(change, count)                                                                                            \
    replay_base(S(9), pending, count, change->op, change->patch, change->cleared, change->cleared_count)
    assert_true(BASE(c, 3) == S(9)); /* no field in common */
    c = make_change(&w, 0, SHEET, OP_SET, 1, 0, "note=c");
    assert_true(BASE(c, 0) == S(9));
    assert_true(BASE(c, 1) == S(5));
    assert_true(BASE(c, 3) == S(3)); /* of several the lowest */
    c = make_change(&w, 0, SHEET, OP_SET, 1, 0, "campus=c");
    assert_true(BASE(c, 3) == S(3)); /* an emptied field is a pending one */
    c = make_change(&w, 0, SHEET, OP_SET, 1, 0, "-note");
    assert_true(BASE(c, 1) == S(5));
    c = make_change(&w, 0, SHEET, OP_ACT, 1, 0, "!approved");
    assert_true(BASE(c, 2) == S(9));
    assert_true(BASE(c, 3) == S(4)); /* both move the state */
    c = make_change(&w, 0, SHEET, OP_REMOVE, 1, 0, "");
    assert_true(BASE(c, 3) == S(3)); /* remove looks at all */
}

/* ---- property: one client alone ---- */
static uint64_t random_state;

static unsigned roll(unsigned sides)
{
    random_state = random_state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (unsigned)(random_state >> 33) % sides;
}

static struct change *random_change(uint64_t base, const struct change *pending, size_t count)
{
    static const char *const sets[] = {"note=?",         "campus=?", "-note",   "-campus", "post=?",
                                       "note=? -campus", "-name",    "note=X?", "#57=?"};
    static const char *const acts[] = {"!submitted joined_on=?", "!approved state_effective_on=?", "!draft", "!submitted"};
    char words[64], digit = (char)('0' + roll(4));
    unsigned what = roll(12);
    enum op op = what < 2 ? OP_CREATE : what < 8 ? OP_SET : what < 11 ? OP_ACT : OP_REMOVE;
    const char *form = op == OP_CREATE ? "name=Li note=?"
                       : op == OP_SET  ? sets[roll(9)]
                       : op == OP_ACT  ? acts[roll(4)]
                                       : "";
    snprintf(words, sizeof words, "%s", form);
    if (strchr(words, '?'))
        *strchr(words, '?') = digit;
    struct change *c = make_change(&w, 0, SHEET, op, 1, 0, words);
    c->base = op == OP_CREATE ? 0 : replay_base(base, pending, count, op, c->patch, c->cleared, c->cleared_count);
    assert_int_equal(change_pack(c, &w.arena), ERR_OK);
    return c;
}

static const char *without_number(const char *text)
{
    return strncmp(text, "member_no=", 10) == 0 ? strchr(text, ' ') + 1 : text;
}

static void a_client_alone_sees_what_the_server_makes(void **state)
{
    (void)state;
    size_t taken = 0;
    for (random_state = 1; random_state < 200; taken++) {
        uint64_t seed = random_state;
        world_finish(&w);
        world_init(&w);
        for (int round = 0; round < 4; round++) {
            struct scratch_row *r = scratch_row(w.db, SHEET, rid(1));
            ProtobufCMessage *shown = r ? r->message : NULL;
            struct change pending[8];
            size_t count = 0, kept = 0;
            bool gone = r && r->dead;
            while (count < 8 && !gone)
                pending[count] = *random_change(r ? r->seq : 0, pending, count), count++;
            for (size_t i = 0; i < count; i++) { /* refused ones leave the replay (rule 20) */
                const char *verdict = take_change(&w, 0, &pending[i]);
                assert_null(strstr(verdict, "MERGED"));
                if (strncmp(verdict, "REFUSED", 7) == 0 || strncmp(verdict, "CONFLICT", 8) == 0)
                    continue;
                shown = replay_over(&pending[i], shown, &w.arena);
                kept++;
            }
            r = scratch_row(w.db, SHEET, rid(1));
            assert_string_equal(without_number(message_text(&w, shown)),
                                without_number(message_text(&w, r ? r->message : NULL)));
            assert_true(kept <= count);
        }
        random_state = seed + 1;
    }
    assert_true(taken > 150);
}

#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
int main(void)
{
    const struct CMUnitTest tests[] = {T(each_op_over_a_row), T(a_step_gives_and_ends), T(rule_02_the_base),
                                       T(a_client_alone_sees_what_the_server_makes)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
