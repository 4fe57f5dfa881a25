/* What goes along with a member, and what holds between two branches where both can be looked at. */
#include "help_books.h"
#include "kinds/transfer.h"
#include "membership.pb-c.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

enum { OLD = 1, NEW = 2 };

static struct books w;

static int set_up(void **state)
{
    (void)state;
    books_make(&w);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    books_finish(&w);
    return 0;
}

static void member(const char *state, const char *to)
{
    books_put(&w, "member", OLD,
              F("name", "林晓岚", "state", state, "to_branch", to, "sex", "2", "id_number", "990101198506120024", "mobile", "10012345678", "post",
                "teacher", "joined_on", "2006-09-01", "campus", "总园", "note", "内部备注", "reason", "调动", "state_effective_on", "2026-10-31"));
}

static void test_who_waits(void **state)
{
    (void)state;
    member("transferred_out", "QH002");
    assert_true(transfer_waits(books_row(&w, "member", OLD), "QH002"));
    assert_false(transfer_waits(books_row(&w, "member", OLD), "QH003"));
    member("transferred_out", "");
    assert_false(transfer_waits(books_row(&w, "member", OLD), "QH002"));
    member("active", "QH002");
    assert_false(transfer_waits(books_row(&w, "member", OLD), "QH002"));
}

static void test_what_goes_along(void **state)
{
    (void)state;
    struct id from = {{1, 0x9a, 0xa8, 0xe0, 0xd1, 0xc8}};
    member("transferred_out", "QH002");
    ProtobufCMessage *file = transfer_file(books_row(&w, "member", OLD), &w.arena);
    const Record__Member *m = (const Record__Member *)transfer_record(file, from, "QH001", (struct date){2026, 11, 2}, &w.arena);
    assert_string_equal(m->name, "林晓岚");
    assert_string_equal(m->id_number, "990101198506120024");
    assert_string_equal(m->mobile, "10012345678");
    assert_string_equal(m->joined_on, "2006-09-01");
    assert_null(m->campus);
    assert_null(m->note);
    assert_null(m->reason);
    assert_null(m->to_branch);
    assert_string_equal(m->state, "active");
    assert_string_equal(m->from_branch, "QH001");
    assert_string_equal(m->transferred_in_on, "2026-11-02");
    assert_string_equal(m->state_effective_on, "2026-11-02");
    assert_memory_equal(m->from_member.data, from.bytes, ID_SIZE);
}

/* The day in whose milliseconds the old id was made. */
static void test_identity(void **state)
{
    (void)state;
    const struct kind *k = kind_by_number(TRANSFER_KIND);
    struct buf key = BUF_INIT;
    struct date day = {0};
    Record__Member m = RECORD__MEMBER__INIT;
    uint8_t id[ID_SIZE] = {0x01, 0x9b, 0x76, 0xda, 0xa8, 0x00}; /* 2026-01-01 00:00 */
    assert_false(k->identity_key(&m.base, &day, &key));
    m.has_from_member = 1;
    m.from_member = (ProtobufCBinaryData){3, id};
    assert_false(k->identity_key(&m.base, &day, &key));
    m.from_member.len = ID_SIZE;
    assert_true(k->identity_key(&m.base, &day, &key));
    assert_int_equal(date_compare(day, (struct date){2026, 1, 1}), 0);
    assert_int_equal(key.size, ID_SIZE);
    buf_finish(&key);
}

/* ---- between two branches ---- */

static const ProtobufCMessage *other_row; /* at the other branch */
static bool can_look;

enum { HERE_ORG = 7, OTHER_ORG = 9 };

static const ProtobufCMessage *anywhere(const void *to, uint32_t kind, struct id id, uint32_t *of, bool *known)
{
    (void)to;
    (void)kind;
    (void)id;
    *known = can_look;
    *of = OTHER_ORG;
    return can_look ? other_row : NULL;
}

static const ProtobufCMessage *namesake(const void *to, uint32_t kind, uint32_t org, const ProtobufCMessage *like, bool *known)
{
    uint32_t of;
    assert_int_equal(org, OTHER_ORG);
    assert_true(((const Record__Member *)like)->has_from_member);
    return anywhere(to, kind, (struct id){{0}}, &of, known);
}

static const char *org_code(const void *to, uint32_t org)
{
    (void)to;
    return org == HERE_ORG ? "QH002" : "QH001";
}

static uint32_t org_number(const void *to, const char *code)
{
    (void)to;
    return strcmp(code, "QH001") == 0 ? OTHER_ORG : 0;
}

/* Record NEW as it stands, with the other branch to be asked; from_member is set where it came. */
static struct check_context between(bool came)
{
    static const char from[] = "0123456789abcdef";
    struct check_context c = books_context(&w, "member", NEW);
    struct cell origin = came ? cell_bytes(slice_of(from, ID_SIZE)) : (struct cell){.type = CELL_ABSENT};
    record_put_name((ProtobufCMessage *)c.after, "from_member", origin, &w.arena);
    c.anywhere = anywhere;
    c.namesake = namesake;
    c.org_code = org_code;
    c.org_number = org_number;
    c.org = HERE_ORG;
    return c;
}

/* The first code that blocks; "": none. */
static const char *first_block(const struct check_context *c)
{
    struct findings list = {.count = 0};
    kind_check_result(c, &list);
    const struct finding *f = findings_block(&list);
    return f ? f->code : "";
}

static const char *sent_to = "QH002"; /* where the other record was sent */

/* What blocks the record's becoming `after` from `before`. */
static const char *blocked(const char *before, const char *after, bool came, const char *other)
{
    books_put(&w, "member", OLD, F("name", "林晓岚", "state", other ? other : "active", "to_branch", sent_to));
    other_row = other ? books_row(&w, "member", OLD) : NULL;
    books_put(&w, "member", NEW, F("name", "林晓岚", "state", after, "from_branch", came ? "QH001" : "", "to_branch", came ? "" : "QH001"));
    struct check_context c = between(came);
    if (before) {
        c.before = record_copy(c.after, &w.arena);
        record_put_name((ProtobufCMessage *)c.before, "state", cell_text(before), &w.arena);
    }
    return first_block(&c);
}

static void test_the_branch_before(void **state)
{
    (void)state;
    can_look = true;
    assert_string_equal(blocked(NULL, "active", true, "transferred_out"), "");
    assert_string_equal(blocked(NULL, "active", true, "active"), "member.taken_back");
    assert_string_equal(blocked(NULL, "active", true, "retained"), "member.taken_back");
    assert_string_equal(blocked(NULL, "active", true, "withdrawn"), "member.not_sent");
    assert_string_equal(blocked(NULL, "active", true, NULL), "member.not_sent");
    assert_string_equal(blocked("lapsed", "active", true, "transferred_out"), "");
    assert_string_equal(blocked("lapsed", "active", true, "withdrawn"), ""); /* was sent here once, and is nowhere else */
    assert_string_equal(blocked("lapsed", "active", true, NULL), "");
    assert_string_equal(blocked("lapsed", "active", true, "active"), "member.taken_back");
    sent_to = "QH003";
    assert_string_equal(blocked(NULL, "active", true, "transferred_out"), "member.not_sent");
    assert_string_equal(blocked("lapsed", "active", true, "transferred_out"), "member.not_sent");
    sent_to = "QH002";
    assert_string_equal(blocked(NULL, "active", false, "active"), ""); /* came from nowhere */
    assert_string_equal(blocked("active", "retained", true, "active"), ""); /* was a member before this change */
    can_look = false;
    assert_string_equal(blocked(NULL, "active", true, "active"), "");
}

static void test_the_branch_after(void **state)
{
    (void)state;
    can_look = true;
    assert_string_equal(blocked("transferred_out", "active", false, "active"), "member.taken_over");
    assert_string_equal(blocked("transferred_out", "active", false, "transferred_out"), "member.taken_over");
    assert_string_equal(blocked("transferred_out", "active", false, "deceased"), "member.taken_over");
    assert_string_equal(blocked("transferred_out", "active", false, "lapsed"), "");
    assert_string_equal(blocked("transferred_out", "active", false, "withdrawn"), "");
    assert_string_equal(blocked("transferred_out", "active", false, NULL), "");
    assert_string_equal(blocked("applied", "active", false, "active"), ""); /* had begun before */
    can_look = false;
    assert_string_equal(blocked("transferred_out", "active", false, "active"), "");
}

/* ---- days and codes ---- */

static const char *came_on(const char *left, const char *came)
{
    books_put(&w, "member", OLD, F("name", "林晓岚", "state", "transferred_out", "to_branch", "QH002", "state_effective_on", left));
    other_row = books_row(&w, "member", OLD);
    books_put(&w, "member", NEW, F("name", "林晓岚", "state", "active", "from_branch", "QH001", "transferred_in_on", came));
    struct check_context c = between(true);
    return first_block(&c);
}

/* Before the other branch lets the member go nobody comes: the months between would be owed twice. */
static void test_the_day_of_coming(void **state)
{
    (void)state;
    can_look = true;
    assert_string_equal(came_on("2026-10-31", "2026-10-31"), "");
    assert_string_equal(came_on("2026-10-31", "2026-10-30"), "member.came_early");
    assert_string_equal(came_on("", "2026-10-30"), "");
    can_look = false;
    assert_string_equal(came_on("2026-10-31", "2026-10-30"), "");
}

static uint32_t knows_own(const void *to, const char *code)
{
    (void)to;
    return strcmp(code, "QH002") == 0 ? HERE_ORG : ORG_UNKNOWN;
}

static const char *sent(const char *to, uint32_t (*number)(const void *, const char *))
{
    struct findings list = {.count = 0};
    books_put(&w, "member", NEW, F("name", "林晓岚", "state", "transferred_out", "to_branch", to));
    struct check_context c = books_context(&w, "member", NEW);
    c.org_code = org_code;
    c.org_number = number;
    c.org = HERE_ORG;
    kind_check_result(&c, &list);
    return list.count ? list.list[0].code : "";
}

static void test_where_to(void **state)
{
    (void)state;
    assert_string_equal(sent("QH001", org_number), "");
    assert_string_equal(sent("QH002", org_number), "member.to_own_branch");
    assert_string_equal(sent("QH003", org_number), "member.to_branch");
    assert_string_equal(sent("QH002", knows_own), "member.to_own_branch"); /* a device */
    assert_string_equal(sent("QH003", knows_own), "");
    assert_string_equal(sent("QH-003", knows_own), "member.to_branch_odd");
    assert_string_equal(sent("QH03", knows_own), "member.to_branch_odd");
    assert_string_equal(sent("云雀幼儿园", knows_own), "member.to_branch_odd");
}

int main(void)
{
#define T(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        T(test_who_waits), T(test_what_goes_along), T(test_identity), T(test_the_branch_before), T(test_the_branch_after), T(test_the_day_of_coming), T(test_where_to),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
