/* What is approved has been seen as it is (rule 10): an audit does not pass figures, nor an adoption a text, that another device changed
 * meanwhile. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "dues.pb-c.h"
#include "help_recovery.h"
#include "sync/derived_id.h"

#include <string.h>

#define IS assert_string_equal
#define REFUSED(n) #n " REFUSED CHANGED_SINCE"

static struct help_server s;
static struct pen accountant, colleague, auditor, chair;
static uint32_t report, line;

static int setup(void **state)
{
    (void)state;
    server_make(&s);
    report = kind_by_name("dues_usage_report")->number;
    line = kind_by_name("dues_usage_line")->number;
    accountant = pen_of(&s, server_add_seat(&s, s.branch, "accountant"), s.branch, 1);
    colleague = pen_of(&s, server_add_seat(&s, s.branch, "accountant"), s.branch, 2);
    auditor = pen_of(&s, server_add_seat(&s, s.branch, "audit_member"), s.branch, 3);
    chair = pen_of(&s, s.chair, s.branch, 4);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    server_verify(&s);
    server_remove(&s);
    return 0;
}

static uint64_t now(void)
{
    return server_seq(&s, s.branch);
}

/* The statement of 2026, or a line of it: built here, since sums and references are no words. */
static struct change *create(struct pen *p, uint32_t kind, struct id id, ProtobufCMessage *patch)
{
    struct change *c = pen_write(p, OP_CREATE, kind, id, 0, "");
    c->patch = patch;
    assert_int_equal(change_pack(c, &s.arena), ERR_OK);
    return c;
}

static struct id statement(void)
{
    ProtobufCMessage *m = record_new(kind_by_number(report)->descriptor, &s.arena);
    struct id id;
    record_put_name(m, "period", cell_text("2026"), &s.arena);
    record_put_name(m, "opening_fen", cell_integer(1000), &s.arena);
    record_put_name(m, "received_fen", cell_integer(10000), &s.arena);
    record_put_name(m, "closing_fen", cell_integer(6000), &s.arena);
    assert_true(derived_id(kind_by_number(report), s.branch, m, &id));
    assert_non_null(strstr(push_one(&accountant, create(&accountant, report, id, m)), "APPLIED"));
    return id;
}

static struct change *spent(struct pen *p, enum op op, struct id of, int at, const char *category, int64_t fen)
{
    ProtobufCMessage *m = record_new(kind_by_number(line)->descriptor, &s.arena);
    if (op == OP_CREATE) {
        record_put_name(m, "report_id", cell_bytes(arena_copy(&s.arena, id_slice(&of))), &s.arena);
        record_put_name(m, "category", cell_text(category), &s.arena);
    }
    record_put_name(m, "amount_fen", cell_integer(fen), &s.arena);
    struct change *c = create(p, line, member_id(at), m);
    c->op = op;
    c->base = op == OP_CREATE ? 0 : now();
    assert_int_equal(change_pack(c, &s.arena), ERR_OK);
    return c;
}

static const char *act(struct pen *p, uint32_t kind, struct id id, uint64_t base, const char *words)
{
    return push_one(p, pen_write(p, OP_ACT, kind, id, base, words));
}

static void figures_that_changed(void **state)
{
    (void)state;
    struct id id = statement();
    uint64_t seen = now();
    struct change *c = pen_write(&colleague, OP_SET, report, id, seen, "");
    record_put_name((ProtobufCMessage *)c->patch, "received_fen", cell_integer(90000), &s.arena);
    assert_int_equal(change_pack(c, &s.arena), ERR_OK);
    assert_non_null(strstr(push_one(&colleague, c), "APPLIED"));
    IS(act(&auditor, report, id, seen, "!audited"), REFUSED(1));
    IS(act(&auditor, report, id, now(), "!audited"), "2 APPLIED");
}

/* The statement itself is as it was; what it adds up is not. */
static void lines_that_changed(void **state)
{
    (void)state;
    struct id id = statement();
    assert_non_null(strstr(push_one(&accountant, spent(&accountant, OP_CREATE, id, 21, "expense.rights.warmth", 5000)), "APPLIED"));
    uint64_t seen = now();
    assert_non_null(strstr(push_one(&colleague, spent(&colleague, OP_CREATE, id, 22, "expense.business.training", 100)), "APPLIED"));
    IS(act(&auditor, report, id, seen, "!audited"), REFUSED(1)); /* one came */
    seen = now();
    assert_non_null(strstr(push_one(&colleague, spent(&colleague, OP_SET, id, 21, NULL, 4900)), "APPLIED"));
    IS(act(&auditor, report, id, seen, "!audited"), REFUSED(2)); /* one changed */
    IS(act(&auditor, report, id, now(), "!audited"), "3 APPLIED");
}

/* What oneself wrote one has seen, and a state is rule 10's own matter: who discussed it meanwhile changed no word. */
static void own_words_and_the_state(void **state)
{
    (void)state;
    uint32_t plan = kind_by_name("work_plan")->number;
    struct id id = member_id(31);
    IS(push_one(&chair, pen_write(&chair, OP_CREATE, plan, id, 0, "title=a period=2026-1")), "1 APPLIED");
    uint64_t seen = now();
    IS(push_one(&chair, pen_write(&chair, OP_SET, plan, id, seen, "title=b")), "2 APPLIED");
    IS(act(&chair, plan, id, now(), "!discussed"), "3 APPLIED");
    IS(act(&chair, plan, id, seen, "!adopted"), "4 APPLIED");
}

static void a_text_that_changed(void **state)
{
    (void)state;
    uint32_t plan = kind_by_name("work_plan")->number;
    struct pen member = pen_of(&s, server_add_seat(&s, s.branch, "committee_member"), s.branch, 5);
    struct id id = member_id(31);
    IS(push_one(&chair, pen_write(&chair, OP_CREATE, plan, id, 0, "title=a period=2026-1")), "1 APPLIED");
    uint64_t seen = now();
    IS(act(&member, plan, id, seen, "!discussed"), "1 APPLIED");
    assert_non_null(strstr(push_one(&member, pen_write(&member, OP_SET, plan, id, seen, "title=b")), "APPLIED"));
    IS(act(&chair, plan, id, seen, "!adopted"), REFUSED(2));
    IS(act(&chair, plan, id, now(), "!adopted"), "3 APPLIED");
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {T(figures_that_changed), T(lines_that_changed), T(own_words_and_the_state), T(a_text_that_changed)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
